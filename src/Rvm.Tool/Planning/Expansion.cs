using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>One partition after `count` was expanded.</summary>
/// <param name="Id">Its number, from 1.</param>
public sealed record Instance(int Id, string Name, PartitionEntry Entry);

/// <summary>The partitions of a system by name and number.</summary>
public sealed class Expansion
{
    private readonly Dictionary<string, Instance> _byName = [];
    private readonly Dictionary<string, ulong> _counted = [];
    private readonly DiagnosticBag _bag;

    private Expansion(DiagnosticBag bag) => _bag = bag;

    /// <summary>All partitions in order of their numbers.</summary>
    public List<Instance> All { get; } = [];

    /// <summary>Expands `count` and gives numbers; doubled and overlong names and too many partitions are reported.</summary>
    public static Expansion Of(SystemEntry system, DiagnosticBag bag)
    {
        var expansion = new Expansion(bag);
        foreach (var entry in system.Partitions) expansion.Add(entry);
        if (expansion.All.Count > Abi.MaxPartitions)
            bag.Error(expansion.All[Abi.MaxPartitions].Entry.Place, $"{expansion.All.Count} partitions are too many",
                $"the kernel has slots for {Abi.MaxPartitions}: remove some or lower `count`");
        return expansion;
    }

    /// <summary>The partition of a name; null after reporting that there is none.</summary>
    public Instance? Find(Located<string> name)
    {
        if (_byName.TryGetValue(name.Value, out var found)) return found;
        var mend = _counted.TryGetValue(name.Value, out var count)
            ? $"`{name.Value}` has `count: {count}`: name one of {name.Value}-1 … {name.Value}-{count}"
            : Suggest.OneOf(name.Value, _byName.Keys);
        _bag.Error(name.Place, $"unknown partition `{name.Value}`", mend);
        return null;
    }

    /// <summary>The partition of a name, or all that a name with `count` stands for; none after reporting that there are none.</summary>
    public IReadOnlyList<Instance> FindAll(Located<string> name) =>
        _counted.ContainsKey(name.Value) && !_byName.ContainsKey(name.Value) ? [.. All.Where(p => p.Entry.Name.Value == name.Value)]
        : Find(name) is { } one ? [one] : [];

    private void Add(PartitionEntry entry)
    {
        if (entry.Name.Value == "") return;
        if (entry.Count is not { } count)
        {
            Add(entry.Name.Value, entry);
            return;
        }

        _counted[entry.Name.Value] = count.Value;
        if ($"{entry.Name.Value}-{count.Value}".Length > 15)
            _bag.Error(entry.Name.Place, $"`{entry.Name.Value}-{count.Value}` is longer than 15 characters", "shorten the name");
        for (var i = 1UL; i <= count.Value; i++) Add($"{entry.Name.Value}-{i}", entry);
    }

    private void Add(string name, PartitionEntry entry)
    {
        var instance = new Instance(All.Count + 1, name, entry);
        if (_byName.TryAdd(name, instance)) All.Add(instance);
        else _bag.Error(entry.Name.Place, $"a second partition `{name}`", $"rename it; the first is in line {_byName[name].Entry.Name.Place.Line}");
    }
}
