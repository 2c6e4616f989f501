namespace Rvm.Verified.Tests;

/// <summary>A copy of everything a core holds but the witness ring and the table pool, to compare with or to go back to.</summary>
public sealed class Frozen
{
    private readonly ulong[][] _wide;
    private readonly uint[][] _narrow;
    private readonly ulong[] _scalars;
    private readonly ulong[] _log;
    private readonly ulong[]? _pool;

    private static readonly string[] WideNames = ["ctx", "regions", "heads", "queues", "sched", "img", "nonces", "lease ends", "devices"];
    private static readonly string[] NarrowNames = ["caps", "tables", "edges", "leases"];

    private Frozen(CoreState.Core k, bool pool)
    {
        _wide = [.. Wide(k).Select(a => (ulong[])a.Clone())];
        _narrow = [.. Narrow(k).Select(a => (uint[])a.Clone())];
        _scalars = Scalars(k);
        _log = [k.log.head, k.log.drained, k.log.chain, .. k.log.quota, .. k.log.used];
        _pool = pool ? (ulong[])k.stage2.pool.Clone() : null;
    }

    /// <summary>A copy with the table pool, for comparison.</summary>
    public static Frozen Of(CoreState.Core k) => new(k, pool: true);

    /// <summary>A copy without the pool, to restore a core that has not booted yet: its pool and ring are as good as any.</summary>
    public static Frozen Unbooted(CoreState.Core k) => new(k, pool: false);

    /// <summary>Fails unless the core's structure, pool and registers are as they were, but for these registers.</summary>
    public void AssertSame(CoreState.Core k, params (uint Partition, int Register)[] exceptRegisters)
    {
        var wide = Wide(k);
        for (var n = 0; n < wide.Length; n++)
            for (var i = 0; i < wide[n].Length; i++)
                if (wide[n][i] != _wide[n][i] && !(n == 0 && exceptRegisters.Contains(((uint)i / 64, i % 64))))
                    Assert.Fail($"{WideNames[n]}[{i}] was 0x{_wide[n][i]:x}, is 0x{wide[n][i]:x}");
        var narrow = Narrow(k);
        for (var n = 0; n < narrow.Length; n++) Assert.True(narrow[n].AsSpan().SequenceEqual(_narrow[n]), $"{NarrowNames[n]} changed");
        Assert.True(_scalars.SequenceEqual(Scalars(k)), "a counter changed");
        Assert.True(_pool is null || _pool.AsSpan().SequenceEqual(k.stage2.pool), "the stage-2 tables changed");
    }

    /// <summary>Fails unless the log, too, is as it was.</summary>
    public void AssertSameLog(CoreState.Core k) => Assert.True(_log.SequenceEqual([k.log.head, k.log.drained, k.log.chain, .. k.log.quota, .. k.log.used]), "the log changed");

    /// <summary>Puts the core back.</summary>
    public void Restore(CoreState.Core k)
    {
        foreach (var (from, to) in _wide.Zip(Wide(k))) from.CopyTo(to, 0);
        foreach (var (from, to) in _narrow.Zip(Narrow(k))) from.CopyTo(to, 0);
        Array.Copy(_log, 3, k.log.quota, 0, 128);
        Array.Copy(_log, 131, k.log.used, 0, 128);
        (k.log.head, k.log.drained, k.log.chain) = (_log[0], _log[1], _log[2]);
        var s = _scalars;
        (k.nimg, k.failed, k.halted, k.booting) = ((uint)s[0], s[1] != 0, s[2] != 0, s[3] != 0);
        (k.regions.next, k.regions.limit) = (s[4], s[5]);
        (k.sched.first, k.sched.count, k.sched.cur, k.sched.sliceEnd, k.sched.nextWake) = ((uint)s[6], (uint)s[7], (uint)s[8], s[9], s[10]);
        for (var i = 0; i < 128; i++) k.sched.queue[i] = (uint)s[11 + i];
        (k.gate.count, k.gate.active, k.gate.low, k.gate.high, k.gate.digest1, k.gate.digest2) = ((uint)s[139], (uint)s[140], s[141], s[142], s[143], s[144]);
        (k.gate.leases.count, k.gate.leasing) = ((uint)s[145], s[146] != 0);
    }

    private static ulong[][] Wide(CoreState.Core k) => [k.ctx, k.regions.tab, k.edges.heads, k.edges.queues, k.sched.tab, k.img, k.gate.nonces, k.gate.leases.ends, k.gate.leases.list];

    private static uint[][] Narrow(CoreState.Core k) => [k.caps.tab, k.stage2.tables, k.edges.edges, k.gate.leases.place];

    private static ulong[] Scalars(CoreState.Core k) =>
    [
        k.nimg, k.failed ? 1UL : 0, k.halted ? 1UL : 0, k.booting ? 1UL : 0, k.regions.next, k.regions.limit,
        k.sched.first, k.sched.count, k.sched.cur, k.sched.sliceEnd, k.sched.nextWake, .. k.sched.queue.Select(q => (ulong)q),
        k.gate.count, k.gate.active, k.gate.low, k.gate.high, k.gate.digest1, k.gate.digest2, k.gate.leases.count,
        k.gate.leasing ? 1UL : 0,
    ];
}
