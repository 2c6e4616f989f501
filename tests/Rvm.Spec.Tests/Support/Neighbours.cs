using Rvm.Spec.State;
using S = Rvm.Spec.Scheduler.__default;
using W = Rvm.Spec.Witness.__default;

namespace Rvm.Spec.Tests;

/// <summary>
/// A system that a boot leads to, for the tests of what calls tell. Partition 1 holds every right on its region, the pool, the log and partition 2.
/// Partition 3 holds the same in the same slots, but for the rights that the calls need; partition 4 was never started.
/// </summary>
public static class Neighbours
{
    public const int Asks = 1, Other = 2, Lacks = 3, Rests = 4;

    public const ulong Now = 2000;

    private const ulong Slice = 5000, Budget = 3, Quota = 200, Begun = 1000;

    private static readonly ulong[][] Boot =
    [
        [1, 8, 64, 0x40000, 2, 2, 0x4000_0000],
        [2, 0, Slice, 10_000, Budget, Quota], [2, 0, Slice, 30_000, Budget, Quota],
        [2, 0, Slice, 20_000, Budget, Quota], [2, 0, Slice, 40_000, Budget, Quota],
        [3, Asks, Kind.Slab, 4, 0, Right.All], [3, Lacks, Kind.Slab, 4, 0, Right.All], [3, Rests, Kind.Slab, 4, 0, Right.All],
        [6, Asks, Kind.Pool, 0, Right.All], [6, Lacks, Kind.Pool, 0, Right.All & ~Right.Write],
        [6, Asks, Kind.WitnessLog, 0, Right.All], [6, Lacks, Kind.WitnessLog, 0, Right.All & ~Right.Witness],
        [6, Asks, Kind.Partition, Other, Right.All], [6, Lacks, Kind.Partition, Other, Right.All & ~Right.Write],
        [10, 0x9010, 2], [10, 0x9020, 1],
        [6, Asks, Kind.Lease, 0, Right.All], [6, Lacks, Kind.Lease, 0, Right.All & ~Right.Lease],
        [7, Asks], [7, Other], [7, Lacks],
        [8],
    ];

    /// <summary>Handles of partitions 1 and 3, each for its own table.</summary>
    public static readonly ulong Region = Handle(0), Pool = Handle(1), Log = Handle(2), ToOther = Handle(3), Device = Handle(4);

    /// <summary>What <see cref="Lent"/> gives to partition 1.</summary>
    public static readonly ulong Loan = Handle(5);

    public static readonly IReadOnlyList<Happening> Events =
        [Happening.Begin(Proofs.Bundle(Policy()), Begun),
         .. Boot.Select(w => Happening.Command([.. w, .. new ulong[8 - w.Length]], 400, Begun))];

    /// <summary>Partition 1 runs.</summary>
    public static readonly _IKernel Start = Events.Aggregate(RichState.First, Play);

    /// <summary>Partition 1 sleeps, and partition 3 runs.</summary>
    public static readonly _IKernel LaterStart = Play(Start, Happening.Call(Now, Fn.Base + Fn.TimerWait, 1_000_000));

    public static ulong Records => (ulong)Start.dtor_log.dtor_records.Count;

    /// <summary>A rule looks at where the region lies that is to be passed on.</summary>
    public static ulong[] Policy(ulong first = 1)
    {
        const uint caller = 0, address = 6;
        return PolicyWords.Open.Govern(Fn.CapGrant)
            .Permit(Fn.CapGrant, 50, PolicyWords.If(caller, Ask.Range, first, Lacks), PolicyWords.If(address, Ask.Range, 0, MostFrame)).Build();
    }

    private const ulong MostFrame = 0x46100;

    private static ulong Handle(ulong slot) => 1UL << 32 | slot;

    private static _IKernel Play(_IKernel k, Happening e)
    {
        var result = e.Step(k);
        Assert.Equal(0UL, result.dtor_status);
        return result.dtor_k;
    }

    // ---- one difference each --------------------------------------------------------------------------------------------------------

    /// <summary>There is an image more.</summary>
    public static _IKernel MoreImages(this _IKernel k) => k.Images(all => States.Seq([.. all, all.Select(0)]));

    public static _IKernel SliceEnds(this _IKernel k, ulong end) =>
        k.Sched(s => Sched.create(s.dtor_tasks, s.dtor_ready, s.dtor_cur, end, s.dtor_nextWake));

    public static _IKernel Deadline(this _IKernel k, int p, ulong deadline) =>
        k.Task(p, t => State.Task.create(t.dtor_run, t.dtor_left, deadline, t.dtor_wake));

    /// <summary>In these slots the other partition holds the right to write to the console.</summary>
    public static _IKernel OthersSlotsTaken(this _IKernel k, int from, int to) =>
        k.Caps(all => Enumerable.Range(from, to - from).Aggregate(all,
            (t, s) => t.With(Other * States.Slots + s, Cap.create(1, Kind.Console, 0, 0, (uint)Right.Write, 0, 0, 0))));

    /// <summary>These partition slots are used up: they have had their last generation.</summary>
    public static _IKernel PartitionsUsedUp(this _IKernel k, int from, int to) =>
        k.Parts(all => Enumerable.Range(from, to - from).Aggregate(all, (t, p) => t.With(p, Part.create(Limits.__default.GENMAX, 0, 0, 0))));

    public static _IKernel EdgesUsedUp(this _IKernel k, int from, int to) =>
        k.EdgesOf(all => Enumerable.Range(from, to - from).Aggregate(all, (t, e) => t.With(e, Edge.create(Limits.__default.GENMAX, 0, 0, 0))));

    /// <summary>The asking partition holds a capability for the region of the partition that was never started; it does not see where that lies.</summary>
    public static _IKernel Lent(this _IKernel k) =>
        k.Caps(all => all.With(Asks * States.Slots + 5, Cap.create(1, Kind.Region, (uint)RestingRegion(k.dtor_st.dtor_memory), 0, (uint)Right.All, 0, 0, 0)));

    private static int RestingRegion(_IMemory m) => Array.FindIndex(m.dtor_regions.CloneAsArray(), r => r.dtor_owner == Rests && r.dtor_pages == 4);

    /// <summary>That region lies elsewhere: where the rule permits it to be passed on, or beyond.</summary>
    public static _IKernel RegionMoved(this _IKernel k, bool beyond) => k.Memory(m => State.Memory.create(m.dtor_regions.With(RestingRegion(m),
        r => State.Region.create(r.dtor_gen, r.dtor_owner, r.dtor_policy, r.dtor_pages, beyond ? MostFrame + 1 : MostFrame - 8)), MostFrame + 100, m.dtor_limit));

    /// <summary>The active policy is another one.</summary>
    public static _IKernel Ruled(this _IKernel k, ulong[] words) => k.Policies(_ => States.Seq(State.Ruleset.create(States.Seq(words), Token.Fnv(words))));

    /// <summary>The RAM that has never been given out lies here.</summary>
    public static _IKernel Free(this _IKernel k, Func<ulong, ulong> next, Func<ulong, ulong, ulong> end) =>
        k.Memory(m => State.Memory.create(m.dtor_regions, next(m.dtor_next), end(m.dtor_next, m.dtor_limit)));

    /// <summary>The other partition does not run and leads this life.</summary>
    public static _IKernel OtherRests(this _IKernel k, uint life) =>
        k.Sched(s => S.Stop(s, Other)).Parts(all => S.SetLife(all, Other, life));

    /// <summary>The log has a record more, charged to the partition that was never started.</summary>
    public static _IKernel Recorded(this _IKernel k, ulong aux) => k.Log(l => W.Append(l, Rests, Now, Rec.Rejected, 1, Rests, 0, aux));

    /// <summary>The asking partition's job is to check the record after the last one.</summary>
    public static _IKernel Submitted(this _IKernel k)
    {
        (int Word, ulong Value)[] job = [(40, 1), (41, Records), (43, Records), (45, Records + 1)];
        return job.Aggregate(k, (s, w) => s.Regs(s.dtor_vol.dtor_regs.With((Asks * (int)States.Registers) + w.Word, w.Value)));
    }

    /// <summary>The partition that was never started holds this device.</summary>
    public static _IKernel DeviceTaken(this _IKernel k, ulong frame) => k.Region(400, r => State.Region.create(r.dtor_gen, Rests, Kind.Device, 1, frame));

    /// <summary>These regions have had their last generation.</summary>
    public static _IKernel RegionsUsedUp(this _IKernel k, int from, int to) =>
        Enumerable.Range(from, to - from).Aggregate(k, (s, r) => s.Region(r, _ => State.Region.create(uint.MaxValue, 0, 0, 0, 0)));

    /// <summary>The first region that has never been used.</summary>
    public static int FreshRegion => Array.FindIndex(Start.dtor_st.dtor_memory.dtor_regions.CloneAsArray(), r => r.dtor_pages == 0);

    public static _IKernel QuotaLess(this _IKernel k) => k.Quotas(q => q.With(Rests, n => n - 1), u => u);
}
