using Rvm.Model.Subject;

namespace Rvm.Model.Configurations;

/// <summary>Which differences between states do not matter (docs/testing.md says why); registers and what the log's records say never do.</summary>
[Flags]
public enum Reductions
{
    None = 0,

    /// <summary>Times count from now on.</summary>
    Time = 1,

    /// <summary>Generations count only as equal to or older than what they are compared with.</summary>
    Generations = 2,

    /// <summary>Where in its circular array a queue begins, and which of its tables a partition uses for what.</summary>
    Places = 4,

    /// <summary>How many records have been written and drained.</summary>
    Length = 8,

    /// <summary>Which nonces have been used, as long as they are past.</summary>
    Nonces = 16,

    All = 31,
}

/// <summary>A small system whose states are all explored: the machine, its boot, and what may happen.</summary>
public sealed record Configuration(string Name, string Shows, Size Size, ulong Frames, IReadOnlyList<Happening> Boot, Alphabet Alphabet)
{
    /// <summary>What memory holds that nobody has written; as a descriptor it would be valid.</summary>
    public const ulong Arbitrary = 0xBADB_ADBA_DBAD_BAD1;

    public const ulong Start = 1000, Slice = 1000, FirstFrame = 0x46000;

    /// <summary>Where the search stops; by default only when there is no further state.</summary>
    public int MostDepth { get; init; } = int.MaxValue;

    public Reductions Reductions { get; init; } = Reductions.All;

    /// <summary>The specification's Step is compared with the core on every so many transitions: 1 all, 0 none.</summary>
    public int AgreementEvery { get; init; }

    /// <summary>How many random walks are taken, because there are too many states to explore; 0: it is explored.</summary>
    public int Walks { get; init; }

    /// <summary>Is it explored in `make test`?</summary>
    public bool InTests { get; init; } = true;

    /// <summary>The time when the boot is over.</summary>
    public ulong Began => Start;

    /// <summary>A core on a machine of this size: what lies beyond it has used up its generations, as slots do after 2^32 uses.</summary>
    public CoreState.Core Fresh()
    {
        var core = RvmKernel.__default.New(0x40000, 0x9000, 0x8000, 0x80A0, 0xF60, FirstFrame, FirstFrame + Frames);
        Array.Fill(core.edges.queues, Arbitrary);
        Array.Fill(core.log.ring, Arbitrary);
        core.stage2.pool.AsSpan(CoreWindows.PoolWords).Fill(Arbitrary);        // the tables of partition 0 are in use already
        const uint last = 0xFFFF_FFFE;
        for (var slot = 0; slot < States.Partitions * States.Slots; slot++)
            if (slot % States.Slots >= Size.Slots || slot / States.Slots > Size.Partitions) core.caps.tab[8 * slot] = last;
        for (var p = Size.Partitions + 1; p < States.Partitions; p++) core.sched.tab[8 * p] = last;
        for (var r = Size.Regions; r < States.Regions; r++) core.regions.tab[8 * r] = last + 1;
        for (var e = Size.Edges; e < States.Edges; e++) core.edges.edges[4 * e] = last;
        return core;
    }
}
