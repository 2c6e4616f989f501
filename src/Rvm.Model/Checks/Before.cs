using Rvm.Model.Subject;

namespace Rvm.Model.Checks;

/// <summary>What the checks of a transition need to know of the state that it begins in.</summary>
public sealed class Before(Testbed testbed)
{
    private readonly int _rows = (testbed.Configuration.Size.Partitions + 1) * States.Slots;

    public uint[] Generations { get; } = new uint[(testbed.Configuration.Size.Partitions + 1) * States.Slots];

    public bool[] Usable { get; } = new bool[(testbed.Configuration.Size.Partitions + 1) * States.Slots];

    /// <summary>The rows of the capability table.</summary>
    public uint[] Caps { get; } = new uint[(testbed.Configuration.Size.Partitions + 1) * States.Slots * 8];

    /// <summary>The last nonce that each partition slot has used.</summary>
    public ulong[] Nonces { get; } = new ulong[testbed.Configuration.Size.Partitions + 1];

    public uint Policy { get; private set; }

    /// <summary>When the running partition's lease ends, 0: it has none; and its region.</summary>
    public (ulong End, uint Region) Lease { get; private set; }

    public ulong Head { get; private set; }

    public ulong Chain { get; private set; }

    public ulong Drained { get; private set; }

    public uint Current { get; private set; }

    /// <summary>Has the running partition a record to spare, besides the one for its end?</summary>
    public bool HasRoom { get; private set; }

    public bool Halted { get; private set; }

    /// <summary>The state of the core is the one before.</summary>
    public void Look()
    {
        var core = testbed.Core;
        (Head, Chain, Drained, Current, Halted) = (core.log.head, core.log.chain, core.log.drained, core.sched.cur, core.halted);
        Policy = core.gate.active;
        Lease = (core.gate.leases.ends[Current], core.gate.leases.place[2 * Current]);
        core.caps.tab.AsSpan(0, Caps.Length).CopyTo(Caps);
        core.gate.nonces.AsSpan(0, Nonces.Length).CopyTo(Nonces);
        HasRoom = core.log.used[Current] + 1 < core.log.quota[Current];
        for (var i = 0; i < _rows; i++)
        {
            Generations[i] = core.caps.tab[8 * i];
            Usable[i] = Liveness.IsUsable(core, i);
        }
    }
}

/// <summary>When a capability counts, from docs/abi.md and not from the core's code: every slot on its way has the generation that it had when it was
/// passed on, and so has its object, which exists.</summary>
public static class Liveness
{
    public const int Longest = 8;

    public static bool IsLive(CoreState.Core core, int slot)
    {
        var tab = core.caps.tab;
        for (var links = 0; ; links++)
        {
            var c = tab.AsSpan(8 * slot, 8);
            if (c[1] == 0) return false;
            if (c[5] == 0) return true;
            if (links == Longest || c[6] >= States.Partitions * States.Slots || tab[8 * (int)c[6]] != c[7]) return false;
            slot = (int)c[6];
        }
    }

    public static bool IsUsable(CoreState.Core core, int slot)
    {
        var c = core.caps.tab.AsSpan(8 * slot, 8);
        return c[1] != 0 && IsLive(core, slot) && c[3] == (c[1], c[2]) switch
        {
            (Kind.Region, < States.Regions) => core.regions.tab[8 * (int)c[2] + 1] == 0 ? uint.MaxValue : (uint)core.regions.tab[8 * (int)c[2]],
            (Kind.Partition, < States.Partitions) => core.sched.tab[8 * (int)c[2] + 1] == 0 ? uint.MaxValue : (uint)core.sched.tab[8 * (int)c[2]],
            (Kind.Edge, < States.Edges) => core.edges.edges[4 * (int)c[2] + 3] == 0 ? uint.MaxValue : core.edges.edges[4 * (int)c[2]],
            _ => 0,
        };
    }
}
