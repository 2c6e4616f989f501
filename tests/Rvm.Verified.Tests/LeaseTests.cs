using static Rvm.Verified.Tests.PolicyWords;

namespace Rvm.Verified.Tests;

/// <summary>Devices for a time: device_lease_acquire, device_lease_revoke, lease_renew, and the tick that takes a device away (spec/Decide/Lease.dfy).</summary>
public class LeaseTests
{
    // Slots of partition 1, and of partition 2 that of its edge; partition 2 has the clock in slot 0 and partition 1 in slot 1.
    private const uint Clock = 0, Wide = 1, Taken = 2, Mute = 3, Unproved = 4, Console = 5, FromTwo = 7, ToOne = 4;

    private const ulong ClockFrame = 0x9010, WideFrame = 0x9020, TakenFrame = 0x9030, Page = 0x50000, Ipa = Page * 4096, Time = 400, Longest = 1UL << 48, Slice = 1000;
    private const ulong Returned = 0, Expired = 1;
    private const uint Duration = 17, Kinds = 2, Object = 3, Address = 6, Size = 7;

    private static ulong H(uint slot) => Trio.H(slot);

    private static BootScript Script(ulong quota = 400, ulong budget = 0, PolicyWords? policy = null) => new BootScript().Image()
        .Device(ClockFrame, 1).Device(WideFrame, 3).Device(TakenFrame, 2)
        .Partition(slice: Slice, quota: quota, budget: budget).Partition(slice: Slice, quota: 400)
        .Cap(1, Kind.Lease, 0, Right.Lease | Right.Prove).Cap(1, Kind.Lease, 1, Right.Lease | Right.Prove | Right.Revoke).Cap(1, Kind.Lease, 2, Right.Lease | Right.Prove)
        .Cap(1, Kind.Lease, 0, Right.All & ~Right.Lease).Cap(1, Kind.Lease, 0, Right.All & ~Right.Prove).Cap(1, Kind.Console, 0, Right.All)
        .Cap(2, Kind.Lease, 0, Right.Lease | Right.Prove).Cap(2, Kind.Partition, 1, Right.All)
        .Region(2, Kind.Device, 1, Right.All, TakenFrame + 1).Edge(1, 2, 2).Edge(2, 1, 2).Start(1, 2).Policy((policy ?? PolicyWords.Open).Build());

    private static Rig Boot(ulong quota = 400, ulong budget = 0, PolicyWords? policy = null)
    {
        var rig = Rig.Boot(Script(quota, budget, policy));
        Assert.Equal(1u, rig.Current);
        return rig;
    }

    private readonly Rig _rig = Boot();

    /// <summary>The running partition leases a device; when the lease ends.</summary>
    private static ulong Acquire(Rig rig, uint slot = Clock, ulong time = Time)
    {
        var me = rig.Current;
        Assert.Equal(Code.Ok, rig.Call(Fn.LeaseAcquire, H(slot), time, Ipa));
        Assert.Equal(rig.Now + time, rig.X(me, 1));
        return rig.X(me, 1);
    }

    private static IEnumerable<MappedPage> Devices(Rig rig, uint partition) => Stage2Walker.Walk(rig.Core, partition).Where(m => m.Device);

    /// <summary>The partition has no lease, no device in its map, and the frames of both devices are nobody's.</summary>
    private static void IsOver(Rig rig, uint partition)
    {
        var l = rig.Core.gate.leases;
        Assert.Equal((0UL, 0u, 0u), (l.ends[partition], l.place[2 * partition], l.place[2 * partition + 1]));
        Assert.Empty(Devices(rig, partition));
        Assert.DoesNotContain(RegionRow.All(rig.Core), r => r.Frame is ClockFrame or WideFrame);
        new Invariants(rig.Core).Thorough();
    }

    private static void Is(LogRecord record, byte kind, ulong subject, ulong what, ulong aux) =>
        Assert.Equal((kind, subject, what, aux), (record.Kind, record.Subject, record.Object, record.Aux));

    // ---- acquire ---------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_lease_gives_the_device_and_is_witnessed()
    {
        var (head, l) = (_rig.Core.log.head, _rig.Core.gate.leases);
        var until = Acquire(_rig, Wide);
        var region = Assert.Single(RegionRow.All(_rig.Core), r => r.Frame == WideFrame);
        var (r, log) = ((ulong)region.Index, _rig.Log.From(head));
        Assert.Equal((1UL, (ulong)Kind.Device, 3UL), (region.Owner, region.Policy, region.Pages));
        Assert.Equal((until, (uint)r, (uint)Page), (l.ends[1], l.place[2], l.place[3]));
        Assert.Equal([new(Page, WideFrame, true, true, false, true), new(Page + 1, WideFrame + 1, true, true, false, true), new(Page + 2, WideFrame + 2, true, true, false, true)], Devices(_rig, 1));
        Assert.Equal([new Effect(Fx.MapSync, 1, 0, 0)], _rig.Effects);
        Assert.Equal(4, log.Count);
        Is(log[0], Rec.RegionCreate, 1, 1UL << 32 | r, (ulong)Kind.Device << 60 | 3UL << 40 | WideFrame);
        Is(log[1], Rec.RegionMap, 1, r << 32 | Page, Kind.Dev << 60 | 1UL << 52 | 3);
        Is(log[2], Rec.LeaseGrant, 1, r << 32 | Page, until);
        Is(log[3], Rec.Proved, 1, _rig.Core.gate.nonces[1], (ulong)Fn.LeaseAcquire << 32 | Fn.LeaseAcquire);
        Assert.Equal(1, log[2].Tier);
        Assert.Equal(1u, _rig.Current);
        new Invariants(_rig.Core).Thorough();
        _rig.Log.Check(0, Witness.Basis);
    }

    [Fact]
    public void Nobody_gets_a_capability_for_what_is_leased()
    {
        var before = (uint[])_rig.Core.caps.tab.Clone();
        Acquire(_rig);
        Assert.Equal(before, _rig.Core.caps.tab);
    }

    [Fact]
    public void Who_may_not_is_refused()
    {
        _rig.Refused(Code.InsufficientCapability, Fn.LeaseAcquire, H(Mute), Time, Ipa);
        _rig.Refused(Code.CapabilityTypeMismatch, Fn.LeaseAcquire, H(Console), Time, Ipa);
        _rig.Refused(Code.StaleCapability, Fn.LeaseAcquire, 0x9_0000_0000, Time, Ipa);
        _rig.Refused(Code.ProofInvalid, Fn.LeaseAcquire, H(Unproved), Time, Ipa);
        _rig.Proves = false;
        foreach (var number in new[] { Fn.LeaseAcquire, Fn.LeaseRevoke, Fn.LeaseRenew }) _rig.Refused(Code.ProofInvalid, number, H(Clock), Time, Ipa);
        _rig.Proves = true;
        _rig.Core.gate.leases.count = 0;                                         // the number is that of no device
        foreach (var number in new[] { Fn.LeaseAcquire, Fn.LeaseRevoke, Fn.LeaseRenew }) _rig.Refused(Code.DeviceLeaseNotFound, number, H(Clock), Time, Ipa);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(Longest + 1)]
    [InlineData(ulong.MaxValue)]
    public void It_lasts_from_a_count_to_52_days(ulong duration)
    {
        _rig.Refused(Code.ResourceLimitExceeded, Fn.LeaseAcquire, H(Clock), duration, Ipa);
        Acquire(_rig, time: 1);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.LeaseRenew, H(Clock), duration);
        Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseRenew, H(Clock), Longest));
        Assert.Equal(_rig.Now + Longest, _rig.X(1, 1));
    }

    [Fact]
    public void It_ends_no_later_than_time()
    {
        _rig.Now = ulong.MaxValue - 10;
        Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseAcquire, H(Clock), Time, Ipa));
        Assert.Equal(ulong.MaxValue, _rig.X(1, 1));
    }

    [Theory]
    [InlineData(Clock, Ipa + 1, Code.AlignmentError)]
    [InlineData(Clock, 1UL << 39, Code.AlignmentError)]
    [InlineData(Clock, ulong.MaxValue << 12, Code.AlignmentError)]
    [InlineData(Wide, (1UL << 39) - 0x2000, Code.AlignmentError)]
    [InlineData(Wide, (Trio.ImagePage - 2) << 12, Code.MemoryOverlap)]
    public void Where_there_is_no_place_for_it(uint slot, ulong ipa, long status)
    {
        _rig.Refused(status, Fn.LeaseAcquire, H(slot), Time, ipa);
        if (slot == Wide) Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseAcquire, H(slot), Time, ipa - 0x1000));
    }

    [Fact]
    public void Without_translation_tables_there_is_none()
    {
        _rig.Core.stage2.tables[1] = 16;
        _rig.Refused(Code.OutOfMemory, Fn.LeaseAcquire, H(Clock), Time, 0);
    }

    [Fact]
    public void Without_a_region_there_is_none()
    {
        var script = Script();
        for (var i = 0; i < RegionRow.Count - 5; i++) script.Shared(1);
        var rig = Rig.Boot(script);
        Assert.Equal(RegionRow.Count, RegionRow.All(rig.Core).Count());
        rig.Refused(Code.OutOfMemory, Fn.LeaseAcquire, H(Clock), Time, Ipa);
    }

    [Fact]
    [Trait("Theorem", "A_device_has_one_holder")]
    public void A_device_has_one_holder_and_a_holder_one_device()
    {
        _rig.Refused(Code.DeviceLeaseConflict, Fn.LeaseAcquire, H(Taken), Time, Ipa);             // a region of partition 2 has one of its frames
        Acquire(_rig);
        _rig.Refused(Code.DeviceLeaseConflict, Fn.LeaseAcquire, H(Clock), Time, Ipa + 0x10000);
        _rig.Refused(Code.DeviceLeaseConflict, Fn.LeaseAcquire, H(Wide), Time, Ipa + 0x10000);
        _rig.As(2).Refused(Code.DeviceLeaseConflict, Fn.LeaseAcquire, H(Clock), Time, Ipa);
        _rig.As(1);
        Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseRevoke, H(Clock)));
        Acquire(_rig.As(2));
        _rig.As(1).Refused(Code.DeviceLeaseConflict, Fn.LeaseAcquire, H(Clock), Time, Ipa);
    }

    [Theory]
    [InlineData(Fn.LeaseAcquire, 4UL)]
    [InlineData(Fn.LeaseRevoke, 3UL)]
    [InlineData(Fn.LeaseRenew, 2UL)]
    public void Every_record_needs_room(uint number, ulong records)
    {
        if (number != Fn.LeaseAcquire) Acquire(_rig);
        Leave(_rig, records);
        _rig.Silent(Code.WitnessLogFull, number, H(Clock), Time, Ipa);
        Leave(_rig, records + 1);
        Assert.Equal(Code.Ok, _rig.Call(number, H(Clock), Time, Ipa));
        Assert.Equal(1UL, _rig.Core.log.quota[1] - _rig.Core.log.used[1]);
    }

    /// <summary>Leaves the running partition room for so many records, one of which is for its end.</summary>
    private static void Leave(Rig rig, ulong records) => rig.Core.log.quota[rig.Current] = rig.Core.log.used[rig.Current] + records;

    [Fact]
    public void The_policy_knows_the_device_and_the_duration()
    {
        ulong[][] device = [If(Kinds, Ask.Range, Kind.Lease, Kind.Lease), If(Object, Ask.Range, 1, 1), If(Address, Ask.Range, WideFrame, WideFrame), If(Size, Ask.Range, 3, 3)];
        var rig = Boot(policy: new PolicyWords().Forbid(Fn.LeaseAcquire, 7, If(Duration, Ask.Outside, 0, 500)).Permit(Fn.LeaseAcquire, 8, device)
            .Permit(Fn.LeaseRenew, 9, [.. device, If(Duration, Ask.Range, 0, 300)]));
        rig.Denied(7, Fn.LeaseAcquire, H(Wide), 501, Ipa);
        rig.Denied(4095, Fn.LeaseAcquire, H(Clock), 500, Ipa);
        Acquire(rig, Wide, 500);
        rig.Denied(4095, Fn.LeaseRenew, H(Wide), 301);
        Assert.Equal(Code.Ok, rig.Call(Fn.LeaseRenew, H(Wide), 300));
        rig.Denied(4095, Fn.LeaseRevoke, H(Wide));
    }

    // ---- give back, renew ------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_device_that_is_given_back_is_gone_at_once()
    {
        Acquire(_rig, Wide);
        var (r, head) = ((ulong)_rig.Core.gate.leases.place[2], _rig.Core.log.head);
        _rig.Refused(Code.DeviceLeaseNotFound, Fn.LeaseRevoke, H(Clock));
        Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseRevoke, H(Wide)));
        var log = _rig.Log.From(head + 1);
        Assert.Equal(3, log.Count);
        Is(log[0], Rec.RegionUnmap, 1, r << 32 | Page, 3);
        Is(log[1], Rec.LeaseEnd, 1, r, Returned);
        Is(log[2], Rec.Proved, 1, _rig.Core.gate.nonces[1], (ulong)Fn.LeaseRevoke << 32 | Fn.LeaseRevoke);
        Assert.Equal([new Effect(Fx.TlbiRange, 1, Page, 3)], _rig.Effects);
        IsOver(_rig, 1);
        _rig.Refused(Code.DeviceLeaseNotFound, Fn.LeaseRevoke, H(Wide));
        _rig.Refused(Code.DeviceLeaseNotFound, Fn.LeaseRenew, H(Wide), Time);
        _rig.Refused(Code.InsufficientCapability, Fn.LeaseRevoke, H(Mute));
    }

    [Fact]
    public void A_lease_is_renewed_from_now_on_also_for_less()
    {
        Acquire(_rig);
        _rig.Now += 100;
        foreach (var time in new[] { 2 * Time, 5UL })
        {
            var (head, place) = (_rig.Core.log.head, (ulong)_rig.Core.gate.leases.place[2] << 32 | Page);
            Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseRenew, H(Clock), time));
            Assert.Equal((_rig.Now + time, _rig.Now + time), (_rig.X(1, 1), _rig.Core.gate.leases.ends[1]));
            var log = _rig.Log.From(head);
            Assert.Equal(2, log.Count);
            Is(log[0], Rec.LeaseGrant, 1, place, _rig.Now + time);
            Is(log[1], Rec.Proved, 1, _rig.Core.gate.nonces[1], (ulong)Fn.LeaseRenew << 32 | Fn.LeaseRenew);
            Assert.Empty(_rig.Effects);
        }

        _rig.Refused(Code.DeviceLeaseNotFound, Fn.LeaseRenew, H(Wide), Time);
        _rig.Refused(Code.InsufficientCapability, Fn.LeaseRenew, H(Mute), Time);
        Assert.Equal(new(Page, ClockFrame, true, true, false, true), Assert.Single(Devices(_rig, 1)));
    }

    [Fact]
    public void A_lease_that_is_over_is_not_renewed()
    {
        _rig.Now = Acquire(_rig) - 1;
        Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseRenew, H(Clock), 10));
        _rig.Now += 10;
        _rig.Refused(Code.DeviceLeaseExpired, Fn.LeaseRenew, H(Clock), Time);
    }

    // ---- the end ---------------------------------------------------------------------------------------------------------------

    [Fact]
    [Trait("Theorem", "A_lease_ends_with_its_time")]
    public void The_tick_at_its_end_takes_the_device_away_and_no_tick_before()
    {
        var until = Acquire(_rig, Wide);
        var (r, head) = ((ulong)_rig.Core.gate.leases.place[2], _rig.Core.log.head);
        _rig.Tick(until - 1);
        Assert.Equal((until, head, 3), (_rig.Core.gate.leases.ends[1], _rig.Core.log.head, Devices(_rig, 1).Count()));
        _rig.Tick(until);
        var log = _rig.Log.From(head);
        Assert.Equal(2, log.Count);
        Is(log[0], Rec.RegionUnmap, 1, r << 32 | Page, 3);
        Is(log[1], Rec.LeaseEnd, 1, r, Expired);
        Assert.Equal([new Effect(Fx.TlbiRange, 1, Page, 3)], _rig.Effects);
        Assert.Equal(1u, _rig.Current);
        IsOver(_rig, 1);
        _rig.Refused(Code.DeviceLeaseNotFound, Fn.LeaseRenew, H(Wide), Time);
        _rig.Log.Check(0, Witness.Basis);
    }

    [Fact]
    [Trait("Theorem", "A_lease_ends_with_its_time")]
    public void It_can_be_leased_again_by_either()
    {
        _rig.Tick(Acquire(_rig));
        _rig.Now = Acquire(_rig.As(2)) - 1;
        _rig.As(1).Refused(Code.DeviceLeaseConflict, Fn.LeaseAcquire, H(Clock), Time, Ipa);
        _rig.As(2).Tick(_rig.Now + 1);
        IsOver(_rig, 2);
        Acquire(_rig.As(1));
    }

    [Fact]
    [Trait("Theorem", "A_lease_ends_with_its_time")]
    public void The_tick_that_ends_the_slice_ends_the_lease_too()
    {
        var end = _rig.Core.sched.sliceEnd;
        Acquire(_rig, time: end - _rig.Now);
        _rig.Tick(end);
        Assert.Equal(2u, _rig.Current);
        Assert.Equal([new Effect(Fx.TlbiRange, 1, Page, 1)], _rig.Effects);
        IsOver(_rig, 1);
    }

    [Theory]
    [InlineData(Time + 300, Time)]
    [InlineData(Time, Time)]
    [InlineData(Time - 1, Time - 1)]
    [Trait("Theorem", "No_lease_is_slept_past")]
    public void Nobody_sleeps_past_the_end_of_its_lease(ulong time, ulong sleeps)
    {
        var began = _rig.Now;
        Acquire(_rig);
        _rig.Call(Fn.TimerWait, began + time);
        Assert.Equal((2u, PartRow.Sleeping, began + sleeps), (_rig.Current, PartRow.Read(_rig.Core, 1).Run, PartRow.Read(_rig.Core, 1).Wake));
    }

    [Fact]
    [Trait("Theorem", "No_lease_is_slept_past")]
    public void The_tick_that_ends_it_comes_before_its_holders_next_instruction()
    {
        var until = Acquire(_rig);
        _rig.Call(Fn.TimerWait, until + 300);
        Assert.Equal(2u, _rig.Current);
        _rig.Tick(until);
        Assert.Equal(2u, _rig.Current);
        _rig.Refused(Code.DeviceLeaseConflict, Fn.LeaseAcquire, H(Clock), Time, Ipa);
        Assert.Equal(until, _rig.Core.gate.leases.ends[1]);
        _rig.As(1);
        Assert.True(RvmKernel.__default.Timer(_rig.Core) <= _rig.Now);
        _rig.Tick();
        Assert.Equal(1u, _rig.Current);
        IsOver(_rig, 1);
    }

    [Fact]
    [Trait("Theorem", "No_lease_is_slept_past")]
    public void Who_has_a_lease_waits_for_nobody()
    {
        Acquire(_rig);
        _rig.Refused(Code.DeviceLeaseConflict, Fn.NotifyWait, H(FromTwo));
        Assert.Equal(Code.Ok, _rig.As(2).Call(Fn.NotifySignal, H(ToOne), 6));
        Assert.Equal(Code.Ok, _rig.As(1).Call(Fn.NotifyWait, H(FromTwo)));
        Assert.Equal(6UL, _rig.X(1, 1));
        Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseRevoke, H(Clock)));
        _rig.Call(Fn.NotifyWait, H(FromTwo));
        Assert.Equal((2u, PartRow.Waiting), (_rig.Current, PartRow.Read(_rig.Core, 1).Run));
    }

    [Fact]
    [Trait("Theorem", "The_timer_is_not_later_than_the_end_of_the_lease")]
    public void The_timer_ticks_no_later_than_the_lease_ends()
    {
        static ulong Timer(Rig rig) => RvmKernel.__default.Timer(rig.Core);
        var slice = _rig.Core.sched.sliceEnd;
        Assert.Equal(slice, Timer(_rig));
        var until = Acquire(_rig);
        Assert.Equal((until, true), (Timer(_rig), until < slice));
        Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseRenew, H(Clock), 3 * Slice));
        Assert.Equal(slice, Timer(_rig));
        _rig.As(2);
        Assert.Equal(_rig.Core.sched.sliceEnd, Timer(_rig));                     // it is the running partition's lease that counts
        _rig.Now = _rig.Core.gate.leases.ends[1] - 7;
        Assert.Equal(_rig.Now + 7, Timer(_rig.As(1)));
        Assert.Equal(Code.Ok, _rig.Call(Fn.LeaseRevoke, H(Clock)));
        Assert.Equal(_rig.Core.sched.sliceEnd, Timer(_rig));
    }

    [Theory]
    [InlineData(2UL, true)]
    [InlineData(3UL, false)]
    [Trait("Theorem", "A_lease_ends_with_its_time")]
    public void Without_room_for_the_records_the_partition_ends(ulong records, bool ends)
    {
        var until = Acquire(_rig);
        Leave(_rig, records);
        var head = _rig.Core.log.head;
        _rig.Tick(until);
        IsOver(_rig, 1);
        Assert.Equal(ends ? PartRow.Free : PartRow.Started, PartRow.Read(_rig.Core, 1).Life);
        if (!ends) return;
        Is(Assert.Single(_rig.Log.From(head)), Rec.Terminate, 1, 1, 4UL << 56);
        Assert.Equal([new Effect(Fx.TlbiVmid, 1, 0, 0)], _rig.Effects);
        Assert.Equal((2u, false), (_rig.Current, _rig.Core.failed));
        Acquire(_rig);
    }

    [Fact]
    [Trait("Theorem", "A_lease_ends_with_its_time")]
    public void Whoever_ends_leaves_the_device()
    {
        Action<Rig>[] ends = [rig => rig.Call(Fn.Exit, 0), rig => rig.Smccc(Fn.SystemOff), rig => rig.Trap(0x24UL << 26, vectors: 0x4000_0000),
            rig => rig.As(2).Call(Fn.PartitionTerminate, H(1)), rig => rig.Tick(rig.Core.sched.sliceEnd)];
        foreach (var end in ends)
        {
            var rig = Boot(budget: 1);
            Acquire(rig, time: rig.Core.sched.sliceEnd - rig.Now);
            var head = rig.Core.log.head;
            end(rig);
            Assert.Equal(PartRow.Free, PartRow.Read(rig.Core, 1).Life);
            Is(Assert.Single(rig.Log.From(head)) with { Aux = 0 }, Rec.Terminate, rig.Log.From(head)[0].Subject, 1, 0);
            IsOver(rig, 1);
            Acquire(rig.As(2));
        }
    }

    // ---- boot ------------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(Rig.UartFrame, 1UL, Code.DeviceLeaseConflict)]
    [InlineData(Rig.UartFrame - 1, 2UL, Code.DeviceLeaseConflict)]
    [InlineData(Rig.GicdFrame + 15, 1UL, Code.DeviceLeaseConflict)]
    [InlineData(Rig.GicrFrame + Rig.GicrPages - 1, 1UL, Code.DeviceLeaseConflict)]
    [InlineData(Rig.RamFrame - 1, 2UL, Code.DeviceLeaseConflict)]
    [InlineData(Rig.FirstFrame, 1UL, Code.DeviceLeaseConflict)]
    [InlineData(ulong.MaxValue, 1UL, Code.DeviceLeaseConflict)]
    [InlineData(ClockFrame, 0UL, Code.ResourceLimitExceeded)]
    [InlineData(ClockFrame, 4097UL, Code.ResourceLimitExceeded)]
    [InlineData(ClockFrame, ulong.MaxValue, Code.ResourceLimitExceeded)]
    [Trait("Theorem", "No_partition_reaches_the_hypervisor")]
    public void The_hypervisors_devices_and_ram_are_not_leased(ulong frame, ulong pages, long status)
    {
        Assert.Equal((status, 0), new Rig().Load(new BootScript().Device(frame, pages).Words()));
    }

    [Fact]
    public void There_are_32_devices_and_a_capability_names_one_of_them()
    {
        static BootScript Full()
        {
            var script = new BootScript().Image().Partition();
            for (ulong i = 0; i < 32; i++) script.Device(0x9010 + i, 1);
            return script;
        }

        Assert.Equal((Code.ResourceLimitExceeded, 34), new Rig().Load(Full().Device(0x9100, 1).Words()));
        Assert.Equal((Code.CapabilityTypeMismatch, 34), new Rig().Load(Full().Cap(1, Kind.Lease, 32, Right.Lease).Words()));
        var rig = Rig.Boot(Full().Cap(1, Kind.Lease, 31, Right.Lease | Right.Prove).Start(1).Policy(PolicyWords.Open.Build()));
        Acquire(rig);
        Assert.Equal(0x9010UL + 31, Assert.Single(Devices(rig, 1)).Frame);
    }
}
