using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>The regions that several partitions read, in the order of the file: their contents, and who maps them at boot.</summary>
public sealed class SharedTable
{
    private sealed record Loaded(SharedEntry Entry, ulong Bytes, byte[] Contents);

    private readonly List<Loaded> _all = [];
    private readonly DiagnosticBag _bag;

    private SharedTable(DiagnosticBag bag) => _bag = bag;

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>Pages of all of them together.</summary>
    public ulong Pages => _all.Aggregate(0UL, (sum, s) => sum + Abi.Pages(s.Bytes));

    /// <summary>Reads the files that <paramref name="system"/> names, relative to <paramref name="directory"/>; what does not fit is reported.</summary>
    public static SharedTable Of(SystemEntry system, string directory, DiagnosticBag bag)
    {
        var table = new SharedTable(bag);
        foreach (var entry in system.Shared)
        {
            if (system.Shared.First(s => s.Name.Value == entry.Name.Value) is var first && first != entry)
                bag.Error(entry.Name.Place, $"a second shared region `{entry.Name.Value}`", $"rename it; the first is in line {first.Name.Place.Line}");
            table.Load(entry, directory, system.Memory.Value);
        }

        return table;
    }

    /// <summary>The number of a shared region, from 0; null after reporting that there is none of this name.</summary>
    public int? Find(Located<string> name)
    {
        if (_all.FindIndex(s => s.Entry.Name.Value == name.Value) is >= 0 and var index) return index;
        _bag.Error(name.Place, $"unknown shared region `{name.Value}`",
            _all.Count == 0 ? "describe it: shared: [{ name: NAME, file: FILE }]" : Suggest.OneOf(name.Value, [.. _all.Select(s => s.Entry.Name.Value)]));
        return null;
    }

    /// <summary>The shared region that a capability names as windows on it see it; null when it names none.</summary>
    public RegionEntry? Seen(CapabilityEntry capability) =>
        capability is { Kind: ObjectKind.Region, Target: { } name } && _all.Find(s => s.Entry.Name.Value == name.Value) is { } found
            ? new(name, RegionPolicy.Shared, new(found.Bytes, found.Entry.Place), null, capability.Rights, false, capability.Maps, capability.Place)
            : null;

    /// <summary>The regions with their numbers, the first one being <paramref name="first"/>.</summary>
    public IReadOnlyList<PlannedShared> Plan(int first) =>
        [.. _all.Select((s, i) => new PlannedShared(first + i, s.Entry.Name.Value, Abi.Pages(s.Bytes), s.Contents, s.Entry.Place))];

    private void Load(SharedEntry entry, string directory, ulong memory)
    {
        var (name, file) = (entry.Name.Value, entry.File);
        var path = Path.GetFullPath(Path.Combine(directory, file.Value));
        byte[] contents = [];
        try
        {
            if (file.Value != "" && !File.Exists(path))
                _bag.Error(file.Place, $"the file `{file.Value}` of the shared region `{name}` does not exist", $"the path is relative to the description; looked for {path}");
            else if (file.Value != "") contents = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _bag.Error(file.Place, $"`{file.Value}` cannot be read: {e.Message}", "mend the path or the file's permissions");
        }

        var bytes = entry.Size?.Value ?? Abi.Pages((ulong)contents.Length) * Abi.Page;
        var place = entry.Size?.Place ?? file.Place;
        if (bytes == 0 && (entry.Size is not null || File.Exists(path)))
            _bag.Error(place, $"the shared region `{name}` is empty", "give it a size such as 64KiB, or a file with contents");
        else if (bytes % Abi.Page != 0)
            _bag.Error(place, $"the size of `{name}` is {bytes} bytes, not a multiple of 4 KiB", bytes < ulong.MaxValue - Abi.Page ? $"round it up to {Abi.Pages(bytes) * 4}KiB" : "write a size such as 64KiB");
        else if (bytes > memory)
            _bag.Error(place, $"the shared region `{name}` ({Units.Show(bytes)}) is larger than the memory ({Units.Show(memory)})", "shrink it, or enlarge `memory`");
        else if (bytes / Abi.Page > Abi.MaxRegionPages)
            _bag.Error(place, $"the shared region `{name}` ({Units.Show(bytes)}) is larger than a region may be", $"divide it into regions of at most {Units.Show(Abi.MaxRegionPages * Abi.Page)}");
        else if ((ulong)contents.Length > bytes)
            _bag.Error(place, $"`{file.Value}` has {contents.Length} bytes, more than the {bytes} of the shared region `{name}`", $"enlarge `size` to {Abi.Pages((ulong)contents.Length) * 4}KiB, or leave it out");
        _all.Add(new(entry, bytes, contents));
    }
}
