using Rvm.Spec.State;
using K = Rvm.Spec.Kinds.__default;
using N = Rvm.Spec.Tests.Neighbours;

namespace Rvm.Spec.Tests;

/// <summary>
/// One way in which the running partition is told something: two systems that look the same to it and differ in nothing but what the row of the table
/// names, and an event after which they do not look the same any more.
/// </summary>
/// <param name="Row">what is told, as the table in spec/Declassification.dfy says</param>
/// <param name="By">by what</param>
/// <param name="Which">what about it</param>
/// <param name="Event">the same for both</param>
/// <param name="One">the one system</param>
/// <param name="Another">the other one, different in what the row names</param>
/// <param name="NotTold">one that differs from the first too, but not in what is told</param>
public sealed record Telling(
    string Row, string By, string Which, Happening Event,
    Func<_IKernel, _IKernel> One, Func<_IKernel, _IKernel> Another, Func<_IKernel, _IKernel> NotTold)
{
    /// <summary>When it happens to the other system, if not at the same time.</summary>
    public ulong? Later { get; init; }

    /// <summary>Is it something that everybody may know, so that the theorem supposes it to be the same?</summary>
    public bool Public { get; init; }

    /// <summary>Who is not told: a partition that lacks the right and does the same, or one that does not run.</summary>
    public int Untold { get; init; } = N.Lacks;

    /// <summary>What is seen: the partition's view, unless it is whether the partition runs.</summary>
    public Func<_IKernel, int, object> Seen { get; init; } = View;

    public string Name => $"{Row}: {By}, {Which}";

    public static object View(_IKernel k, int p) => Observation.__default.See(k, (uint)p);

    private static object Runs(_IKernel k, int p) => k.dtor_vol.dtor_sched.dtor_cur == p;

    private static Happening Call(uint number, params ulong[] arguments) => Happening.Call(N.Now, [Fn.Base + number, .. arguments]);

    private static _IKernel Same(_IKernel k) => k;

    public static readonly IReadOnlyList<Telling> All =
    [
        new("images, policies, devices, what is shared", "boot", "how many images there are", Call(Fn.PartitionCreate, N.Pool, 1, 0, 20, 0),
            Same, N.MoreImages, k => k.Free(n => n + 16, (_, l) => l)) { Public = true },

        new("images, policies, devices, what is shared", "boot", "what the policy permits", Call(Fn.CapGrant, N.Region, 0, Right.Read),
            Same, k => k.Ruled(N.Policy(first: N.Lacks)), k => k.Free(n => n + 0x200, (_, l) => l)) { Public = true },

        new("images, policies, devices, what is shared", "boot", "where a device is", Call(Fn.LeaseAcquire, N.Device, 500, 0x5000_0000),
            k => k.DeviceTaken(0x9012), k => k.DeviceTaken(0x9012).Devices(all => all.With(0, Device.create(0x9012, 1))), k => k.DeviceTaken(0x9013)) { Public = true },

        new("what the policy says", "a call that it governs", "may a region be passed on that lies there?", Call(Fn.CapGrant, N.Loan, 0, Right.Read),
            N.Lent, k => k.Lent().RegionMoved(beyond: true), k => k.Lent().RegionMoved(beyond: false)),

        new("the schedule, the clock", "when it runs", "who has the earliest deadline", Call(Fn.Yield),
            k => k.Deadline(N.Lacks, 11_000), Same, k => k.Deadline(N.Lacks, 11_001))
            { Seen = Runs, Untold = N.Rests },
        new("the schedule, the clock", "CNTVCT", "has the time come?", Call(Fn.TimerWait, N.Now + 3000),
            Same, Same, k => k.SliceEnds(N.Now + 1)) { Later = N.Now + 3000 },

        new("is its slice over?", "the tick", "the end of the slice", Happening.Tick(N.Now),
            k => k.SliceEnds(N.Now), k => k.SliceEnds(N.Now + 1), k => k.SliceEnds(N.Now - 1)),

        new("a free slot of another", "cap_grant", "which", Call(Fn.CapGrant, N.Region, N.ToOther, Right.Read),
            Same, k => k.OthersSlotsTaken(0, 1), k => k.OthersSlotsTaken(1, 32)),
        new("a free slot of another", "cap_grant", "is there one?", Call(Fn.CapGrant, N.Region, N.ToOther, Right.Read),
            Same, k => k.OthersSlotsTaken(0, 32), k => k.OthersSlotsTaken(1, 32)),
        new("a free slot of another", "commedge_create", "which", Call(Fn.EdgeCreate, N.ToOther, 2),
            Same, k => k.OthersSlotsTaken(0, 1), k => k.OthersSlotsTaken(1, 32)),
        new("a free slot of another", "commedge_create", "is there one?", Call(Fn.EdgeCreate, N.ToOther, 2),
            Same, k => k.OthersSlotsTaken(0, 32), k => k.OthersSlotsTaken(1, 32)),

        new("which objects are free", "partition_create", "which partition slot", Call(Fn.PartitionCreate, N.Pool, 0, 0, 20, 0),
            Same, k => k.PartitionsUsedUp(5, 6), k => k.PartitionsUsedUp(6, 128)),
        new("which objects are free", "partition_create", "is there a partition slot?", Call(Fn.PartitionCreate, N.Pool, 0, 0, 20, 0),
            Same, k => k.PartitionsUsedUp(5, 128), k => k.PartitionsUsedUp(6, 128)),
        new("which objects are free", "commedge_create", "which edge", Call(Fn.EdgeCreate, N.ToOther, 2),
            Same, k => k.EdgesUsedUp(0, 1), k => k.EdgesUsedUp(1, 256)),
        new("which objects are free", "commedge_create", "is there an edge?", Call(Fn.EdgeCreate, N.ToOther, 2),
            Same, k => k.EdgesUsedUp(0, 256), k => k.EdgesUsedUp(1, 256)),

        new("is there memory?", "partition_create", "enough of it", Call(Fn.PartitionCreate, N.Pool, 0, 0, 20, 0),
            Same, k => k.Free(n => n, (n, _) => n + 3), k => k.Free(n => n + 16, (_, l) => l)),

        new("is a device free?", "device_lease_acquire", "is it?", Call(Fn.LeaseAcquire, N.Device, 500, 0x5000_0000),
            Same, k => k.DeviceTaken(0x9011), k => k.DeviceTaken(0x9012)),
        new("is a device free?", "device_lease_acquire", "which region", Call(Fn.LeaseAcquire, N.Device, 500, 0x5000_0000),
            Same, k => k.RegionsUsedUp(N.FreshRegion, N.FreshRegion + 1), k => k.RegionsUsedUp(N.FreshRegion + 1, States.Regions)),

        new("another's life", "partition_start", "may it be started?", Call(Fn.PartitionStart, N.ToOther),
            k => k.OtherRests(K.Suspended), Same, k => k.OtherRests(K.Created)),
        new("another's life", "partition_suspend", "may it be suspended?", Call(Fn.PartitionSuspend, N.ToOther),
            Same, k => k.OtherRests(K.Suspended), k => k.Deadline(N.Other, 40_000)),

        new("the log", "witness_read", "a record", Call(Fn.WitnessRead, N.Log, N.Records),
            k => k.Recorded(1), k => k.Recorded(2), k => k.Recorded(1).QuotaLess()),
        new("the log", "witness_read", "how many records", Call(Fn.WitnessRead, N.Log, 0),
            k => k.Recorded(1), k => k.Recorded(1).Recorded(1), k => k.Recorded(2)),
        new("the log", "witness_ack", "how many records", Call(Fn.WitnessAck, N.Log, N.Records + 1),
            k => k.Recorded(1), k => k.Recorded(1).Recorded(1), k => k.Recorded(2)),
        new("may a job check it?", "proof_submit", "is the record there?", Call(Fn.ProofSubmit, N.Log, N.Records, N.Records + 1, 0, 0, 0),
            k => k.Recorded(1), Same, k => k.Recorded(2)),
        new("what its job has found", "the tick", "which record it was", Happening.Tick(N.Now),
            k => k.SliceEnds(N.Now).Submitted().Recorded(1), k => k.SliceEnds(N.Now).Submitted().Recorded(2),
            k => k.SliceEnds(N.Now).Submitted().Recorded(1).QuotaLess()),
    ];

    /// <summary>Does the specification's Tells say it? Not of the schedule and the clock: no view has when a partition runs, and the time is the event's.</summary>
    public bool IsSaid => Row != "the schedule, the clock";
}
