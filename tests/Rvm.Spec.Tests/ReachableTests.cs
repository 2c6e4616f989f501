using Rvm.Spec.State;
using Rvm.Spec.Step;
using A = Rvm.Spec.Apply.__default;
using C = Rvm.Spec.Capabilities.__default;
using K = Rvm.Spec.Kinds.__default;
using S = Rvm.Spec.Step.__default;
using W = Rvm.Spec.Witness.__default;

namespace Rvm.Spec.Tests;

/// <summary>
/// The reachable states, of which the theorems speak, are those of guests that call: from the first state, by events alone, every call succeeds.
/// Nothing here changes a state; a guest's registers come with the event Ran.
/// </summary>
public class ReachableTests
{
    private const int One = 1, Two = 2, Made = 3;

    private const ulong Begun = 1000, Ipa = 0x5000_0000;

    private const uint Page = (uint)(Ipa / 4096);

    /// <summary>Partition 1's capabilities, by their slots, and the first one of partition 2.</summary>
    private const ulong Memory = 0, ToTwo = 1, Pool = 2, Witness = 3, Partition2 = 4, Console = 5, Policy = 6, Spare = 7, Device = 8, FromOne = 0, FromOneSpare = 1;

    private readonly List<_IEvent> _events = [];
    private readonly SortedSet<uint> _succeeded = [];
    private readonly Twins _twins = new(RvmKernel.__default.New(0x40000, 0x9000, 0x8000, 0x80A0, 0xF60, 0x46000, 0x80000));
    private ulong _now = Begun;

    private _IKernel Now => _twins.Spec;

    private _IStructure St => Now.dtor_st;

    private int Runs => (int)Now.dtor_vol.dtor_sched.dtor_cur;

    [Fact]
    [Trait("Theorem", "Every_event_has_one_outcome")]
    [Trait("Theorem", "Boot_starts_valid_and_stays_so")]
    [Trait("Theorem", "A_guest_revokes_in_a_reachable_state")]
    public void Every_call_succeeds_in_a_reachable_state()
    {
        Assert.Equal(RichState.First, Now);
        Boots();
        MapsAndUnmaps();
        GrantsRevokesAndDrops();
        ConnectsAndSends();
        MakesAndEndsAnother();
        ReadsAndDrainsTheLog();
        OthersReceiveAndWait();
        LeasesADevice();
        ChangesThePolicy();
        EverybodyEnds();

        Assert.Equal(Fn.All.Order(), _succeeded);
        var k = After(_events);
        Assert.Equal(Now, k);
        Assert.Equal(OfCalls, SinceBoot(k).Distinct().Order());
        Assert.All(SinceBoot(After(_events.Where(e => !e.is_Ran))), kind => Assert.Equal(Rec.Rejected, kind));
    }

    /// <summary>The kinds of the records that calls leave when none is refused, with the actions that make a partition.</summary>
    private static readonly byte[] OfCalls =
        [Rec.PartitionCreate, Rec.PartitionStart, Rec.PartitionSuspend, Rec.PartitionQuota, Rec.CapGrant, Rec.CapRevoke, Rec.CapDelegate, Rec.RegionCreate,
         Rec.RegionMap, Rec.RegionUnmap, Rec.EdgeCreate, Rec.EdgeDestroy, Rec.Signal, Rec.Send, Rec.Proved, Rec.LeaseGrant, Rec.LeaseEnd, Rec.TaskSpawn, Rec.Terminate, Rec.Drain, Rec.PolicyActivate, Rec.SystemEnd];

    private static IEnumerable<byte> SinceBoot(_IKernel k) =>
        k.dtor_log.dtor_records.Select(r => (byte)r.dtor_kind).SkipWhile(kind => kind != Rec.BootComplete).Skip(1);

    /// <summary>StepPreservesValid.After, from the first state.</summary>
    private static _IKernel After(IEnumerable<_IEvent> events) => events.Aggregate(RichState.First, (k, e) => S.Step(k, e).dtor_k);

    /// <summary>Partition 1 has the earlier deadline, and the later one as soon as it yields.</summary>
    private void Boots()
    {
        void Boot(params ulong[] words) => Deliver(Happening.Command([.. words, .. new ulong[8 - words.Length]], 400, _now));
        Deliver(Happening.Begin(Proofs.Bundle(PolicyWords.Open.Build(), PolicyWords.Narrow.Build()), _now));
        Boot(1, 8, 64, 0x40000, 2, 2, 0x4000_0000);
        Boot(2, 0, 100_000, 10_000, 0, 200, 0, 0);
        Boot(2, 0, 100_000, 10_500, 0, 200, 0, 0);
        Boot(3, One, Kind.Slab, 4, 0, Right.All);
        Boot(5, One, Two, 3, Right.All, Right.All);
        Boot(6, One, Kind.Pool, 0, Right.All);
        Boot(6, One, Kind.WitnessLog, 0, Right.Witness);
        Boot(6, One, Kind.Partition, Two, Right.All);
        Boot(6, One, Kind.Console, 0, Right.All);
        Boot(6, One, Kind.Policy, 0, Right.All);
        Boot(5, One, Two, 1, Right.All, Right.All);
        Boot(10, 0x9010, 2);
        Boot(6, One, Kind.Lease, 0, Right.All);
        Boot(7, One);
        Boot(7, Two);
        Boot(8);
        _now += Begun;
        Assert.Equal(One, Runs);
    }

    private void MapsAndUnmaps()
    {
        Call(Fn.RegionMap, Handle(Memory), Ipa, 1, 2, Kind.Rw);
        var pages = St.dtor_maps.Select(One).dtor_pages;
        Assert.True(pages.Contains(Page) && pages.Contains(Page + 1));
        Call(Fn.RegionUnmap, Handle(Memory), Ipa, 1);
        pages = St.dtor_maps.Select(One).dtor_pages;
        Assert.True(!pages.Contains(Page) && pages.Contains(Page + 1));
    }

    private void GrantsRevokesAndDrops()
    {
        Call(Fn.CapGrant, Handle(Memory), Handle(Partition2), Right.Read);
        var given = X(1);
        Assert.True(IsLive(Two, given));
        Call(Fn.CapRevoke, Handle(Memory));
        var again = X(1);
        Assert.False(IsLive(One, Handle(Memory)));
        Assert.False(IsLive(Two, given));
        Assert.True(IsLive(One, again));
        Call(Fn.CapGrant, again, 0, Right.Read);
        var own = X(1);
        Assert.True(IsLive(One, own));
        Call(Fn.CapDrop, own);
        Assert.False(IsLive(One, own));
    }

    private void ConnectsAndSends()
    {
        Call(Fn.QueueSend, Handle(ToTwo), 11, 12, 13, 14);
        Call(Fn.NotifySignal, Handle(ToTwo), 0x50);
        var queue = Now.dtor_vol.dtor_queues.Select(0);
        Assert.Equal((1, 1UL << 63 | 0x50), (queue.dtor_msgs.Count, queue.dtor_bits));
        Call(Fn.EdgeCreate, Handle(Partition2), 2);
        var (mine, its) = (X(1), X(2));
        Assert.True(IsLive(One, mine) && IsLive(Two, its));
        Assert.Equal((One, Two, 2), Ends(St.dtor_edges.Select(2)));
        Assert.True(ObjectLives(Two, Handle(FromOneSpare)));
        Call(Fn.EdgeDestroy, Handle(Spare));
        Assert.False(ObjectLives(Two, Handle(FromOneSpare)));
    }

    private void MakesAndEndsAnother()
    {
        Call(Fn.PartitionCreate, Handle(Pool), 0, 0x6e65_77, 20, 0);
        var handle = X(1);
        Assert.Equal(K.Created, Life(Made));
        Call(Fn.PartitionStart, handle);
        Assert.Equal(K.Started, Life(Made));
        Call(Fn.PartitionSuspend, handle);
        Assert.Equal(K.Suspended, Life(Made));
        Call(Fn.PartitionTerminate, handle);
        Assert.Equal(K.Free, Life(Made));
    }

    private void ReadsAndDrainsTheLog()
    {
        var log = Now.dtor_log;
        var last = (ulong)log.dtor_records.Count - 1;
        Call(Fn.WitnessRead, Handle(Witness), last);
        Assert.Equal(W.Pack(log.dtor_records.Select(last)).CloneAsArray(), Enumerable.Range(1, 8).Select(X));
        Assert.Equal(last + 1, X(9));
        Call(Fn.ProofSubmit, Handle(Witness), last, last + 1, log.dtor_records.Select(last).dtor_before, log.dtor_records.Select(last).dtor_hash, 0);
        Call(Fn.ProofStatus);
        Assert.Equal((1UL, 1UL), (X(1), X(2)));
        Call(Fn.WitnessAck, Handle(Witness), last + 1);
        Assert.Equal(last + 1, Now.dtor_log.dtor_drained);
        Call(Fn.ConsoleWrite, Handle(Console), 5, 0x6f_6c6c_6568);
        Assert.Equal(Common.Effect.create(Fx.Console, One, 5, 0), Assert.Single(_twins.Effects));
    }

    private void OthersReceiveAndWait()
    {
        Call(Fn.Yield);
        Assert.Equal(Two, Runs);
        Call(Fn.QueueRecv, Handle(FromOne));
        Assert.Equal([1, 11, 12, 13, 14], Enumerable.Range(1, 5).Select(X));
        Call(Fn.NotifyWait, Handle(FromOne));
        Assert.Equal(1UL << 63 | 0x50, X(1));
        Call(Fn.TimerWait, _now + 500);
        Assert.Equal(One, Runs);
        _now += 500;
        Deliver(Happening.Tick(_now));
        Assert.Equal(K.Ready, Now.dtor_vol.dtor_sched.dtor_tasks.Select(Two).dtor_run);
    }

    private void LeasesADevice()
    {
        Call(Fn.LeaseAcquire, Handle(Device), 300, Ipa + 0x10000);
        Assert.Equal((_now + 300, X(1)), (X(1), St.dtor_leases.Select(One).dtor_until));
        Call(Fn.LeaseRenew, Handle(Device), 200);
        Assert.True(St.dtor_maps.Select(One).dtor_pages.Contains(Page + 17));
        Call(Fn.LeaseRevoke, Handle(Device));
        Assert.False(St.dtor_maps.Select(One).dtor_pages.Contains(Page + 17));
        Call(Fn.LeaseAcquire, Handle(Device), 100, Ipa + 0x20000);
        _now += 100;
        Assert.Equal(_now, Leases.__default.Timer(Now));
        Deliver(Happening.Tick(_now));
        Assert.Equal((One, State.__default.EmptyLease), (Runs, St.dtor_leases.Select(One)));
        Assert.False(St.dtor_maps.Select(One).dtor_pages.Contains(Page + 32));
    }

    private void ChangesThePolicy()
    {
        Call(Fn.PolicyActivate, Handle(Policy), 2);
        Assert.Equal(2u, St.dtor_policy);
        Assert.Equal(8UL, St.dtor_nonces.Select(One));
    }

    private void EverybodyEnds()
    {
        Call(Fn.Exit, 0);
        Assert.Equal((K.Free, Two), (Life(One), Runs));
        Call(Fn.Exit, 0);
        Assert.Equal((K.Free, 0), (Life(Two), Runs));
        Assert.True(Now.dtor_vol.dtor_halted);
    }

    /// <summary>The running partition has put a call into its registers, and makes it; it must succeed, if it returns.</summary>
    private void Call(uint number, params ulong[] arguments)
    {
        var me = Runs;
        Deliver(Happening.Call(_now, [Fn.Base + number, .. arguments]).Proved(Now));
        if (number != Fn.Exit) Assert.Equal(0UL, Now.dtor_vol.dtor_regs.Select(me * States.Registers));
        _succeeded.Add(number);
    }

    private void Deliver(Happening e)
    {
        _events.AddRange(e.Events(Now));
        Assert.Equal(0UL, _twins.Deliver(e));
        Assert.True(Valid.__default.Valid(Now));
    }

    /// <summary>The handle of what boot has put into this slot.</summary>
    private static ulong Handle(ulong slot) => 1UL << 32 | slot;

    private ulong X(int register) => Now.dtor_vol.dtor_regs.Select(Runs * States.Registers + register);

    private uint Life(int p) => St.dtor_parts.Select(p).dtor_life;

    private static (int, int, int) Ends(_IEdge e) => ((int)e.dtor_src, (int)e.dtor_dst, (int)e.dtor_cap);

    private bool IsLive(uint p, ulong handle) => C.Live(St.dtor_caps, p * States.Slots + (uint)handle, (uint)(handle >> 32));

    private bool ObjectLives(uint p, ulong handle) =>
        St.dtor_caps.Select(p * States.Slots + (uint)handle) is var c && A.ObjectGen(St, c.dtor_kind, c.dtor_obj) == c.dtor_ogen;
}
