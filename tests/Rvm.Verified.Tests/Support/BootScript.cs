using Rvm.Tool.Bundle;

namespace Rvm.Verified.Tests;

/// <summary>Writes a boot bundle command by command, through the tool's own bundle code.</summary>
public sealed class BootScript
{
    private readonly List<BootCommand> _commands = [];
    private readonly List<ulong> _payload = [];
    private readonly List<(int Command, int Offset)> _images = [];
    private readonly List<(int Command, int Offset)> _shared = [];
    private readonly List<ulong[]> _policies = [];

    public BootScript Image(ulong page = 0x40000, ulong code = 1, ulong data = 1, ulong? entry = null, params ulong[] words)
    {
        if (words.Length == 0) words = [0xd503201f_d503201f, 0x1400_0000];
        _images.Add((_commands.Count, _payload.Count));
        _payload.AddRange(words);
        return Add(1, 0, (ulong)words.Length * 8, page, code, data, entry ?? page * 4096);
    }

    public BootScript Partition(ulong image = 0, ulong slice = 1000, ulong deadline = 10_000, ulong budget = 0, ulong quota = 400) =>
        Add(2, image, slice, deadline, budget, quota, 0x6c61_6974_7261_7000, 0x31);

    public BootScript Region(ulong owner, ulong policy, ulong pages, ulong rights, ulong frame = 0) => Add(3, owner, policy, pages, frame, rights);

    public BootScript Shared(ulong pages, params ulong[] words)
    {
        _shared.Add((_commands.Count, _payload.Count));
        _payload.AddRange(words);
        return Add(9, pages, 0, (ulong)words.Length * 8);
    }

    public BootScript Map(ulong partition, ulong region, ulong page, ulong first, ulong pages, ulong permission) => Add(4, partition, region, page, first, pages, permission);

    /// <summary>A device that can be leased.</summary>
    public BootScript Device(ulong frame, ulong pages) => Add(10, frame, pages);

    public BootScript Edge(ulong source, ulong destination, ulong capacity, ulong sourceRights = Right.All, ulong destinationRights = Right.All) =>
        Add(5, source, destination, capacity, sourceRights, destinationRights);

    public BootScript Cap(ulong partition, ulong kind, ulong what, ulong rights) => Add(6, partition, kind, what, rights);

    public BootScript Start(params ulong[] partitions)
    {
        foreach (var p in partitions) Add(7, p);
        return this;
    }

    /// <summary>The bundle carries this policy, too.</summary>
    public BootScript Policy(ulong[] table)
    {
        _policies.Add(table);
        return this;
    }

    public BootScript Add(ulong operation, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0, ulong a6 = 0, ulong a7 = 0)
    {
        _commands.Add(new(operation, a1, a2, a3, a4, a5, a6, a7));
        return this;
    }

    /// <summary>The bundle's words; an END command is added.</summary>
    public ulong[] Words()
    {
        List<BootCommand> all = [.. _commands, new(8)];
        var start = (ulong)(BundleCodec.HeaderWords + all.Count * BootCommand.Words);
        foreach (var (command, offset) in _images) all[command] = all[command] with { A1 = start + (ulong)offset };
        foreach (var (command, offset) in _shared) all[command] = all[command] with { A2 = start + (ulong)offset };
        return BundleCodec.Encode(new(all, [.. _payload]) { Policies = _policies });
    }
}
