namespace Rvm.Verified.Tests;

/// <summary>partition_create, partition_start, partition_suspend, partition_terminate.</summary>
public class PartitionCallTests
{
    private const ulong Name = 0x646c_6968_63;

    private readonly Rig _rig = Trio.Boot();

    private static ulong H(uint slot) => Trio.H(slot);

    private ulong Create(ulong image = 0, ulong quota = 20)
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.PartitionCreate, H(Trio.Pool), image, Name, quota, 3));
        return _rig.X(1, 1);
    }

    [Fact]
    public void Create_makes_a_partition_filled_from_its_image()
    {
        var head = _rig.Core.log.head;
        _rig.SetX(4, 7, 0xDEAD);
        Assert.Equal(H(Trio.FirstFree), Create());
        Assert.Equal((PartRow.Created, 3UL), (PartRow.Read(_rig.Core, 4).Life, PartRow.Read(_rig.Core, 4).Left));
        Assert.Equal((4UL, 0UL, Trio.ImagePage * 4096, 0x3C5UL), (_rig.X(4, 0), _rig.X(4, 7), _rig.X(4, 31), _rig.X(4, 32)));
        var pages = Stage2Walker.Walk(_rig.Core, 4);
        Assert.Equal([(Trio.ImagePage, false, true), (Trio.ImagePage + 1, true, false)], pages.Select(p => (p.IpaPage, p.Write, p.Execute)));
        Assert.Equal([Rec.PartitionCreate, Rec.TaskSpawn, Rec.PartitionQuota, Rec.RegionCreate, Rec.RegionMap, Rec.RegionCreate, Rec.RegionMap, Rec.CapGrant, Rec.Proved],
            _rig.Log.From(head).Select(r => r.Kind));
        Assert.All(_rig.Log.From(head), r => Assert.Equal(1UL, r.Subject));
        Assert.Equal(20UL << 32 | 3, _rig.Log.Read(head + 2).Aux);
        Assert.Equal((20UL, Trio.Quota - 20), (_rig.Core.log.quota[4], _rig.Core.log.quota[1]));
    }

    [Fact]
    [Trait("Theorem", "Nothing_remains_in_memory")]
    [Trait("Theorem", "A_new_partition_finds_its_image")]
    public void Memory_is_zeroed_before_it_is_filled_and_synchronised_before_it_runs()
    {
        Create();
        var (code, data) = (_rig.Core.regions.tab[11 * 8 + 4], _rig.Core.regions.tab[12 * 8 + 4]);
        var offset = _rig.Core.img[0];
        Assert.Equal(
            [new(Fx.Reset, 4, 0, 0), new(Fx.Name, 4, Name, 0), new(Fx.Zero, code, 1, 0), new(Fx.Copy, code, offset, 16), new(Fx.CodeSync, code, 1, 0),
             new(Fx.Zero, data, 1, 0), new(Fx.Copy, data, offset + 16, 0), new Effect(Fx.MapSync, 4, 0, 0)],
            _rig.Effects);
    }

    [Fact]
    public void An_image_without_data_has_one_region()
    {
        Create(image: 1);
        Assert.Equal([(0x1000UL, true), (0x1001UL, true)], Stage2Walker.Walk(_rig.Core, 4).Select(p => (p.IpaPage, p.Execute)));
    }

    [Fact]
    public void Create_is_refused()
    {
        _rig.Refused(Code.CapabilityTypeMismatch, Fn.PartitionCreate, H(Trio.Console), 0, Name, 20, 0);
        _rig.Refused(Code.StaleCapability, Fn.PartitionCreate, 0x5_0000_0003, 0, Name, 20, 0);
        _rig.Refused(Code.PartitionNotFound, Fn.PartitionCreate, H(Trio.Pool), 2, Name, 20, 0);
        _rig.Refused(Code.PartitionNotFound, Fn.PartitionCreate, H(Trio.Pool), ~0UL, Name, 20, 0);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.PartitionCreate, H(Trio.Pool), 0, Name, 0, 0);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.PartitionCreate, H(Trio.Pool), 0, Name, 65_537, 0);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.PartitionCreate, H(Trio.Pool), 0, Name, ~0UL, 0);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.PartitionCreate, H(Trio.Pool), 0, Name, 20, 1UL << 32);
        _rig.Silent(Code.WitnessLogFull, Fn.PartitionCreate, H(Trio.Pool), 0, Name, Trio.Quota, 0);
        _rig.Silent(Code.WitnessLogFull, Fn.PartitionCreate, H(Trio.Pool), 0, Name, 65_536, 0);
    }

    [Fact]
    public void Create_without_a_free_slot_is_refused()
    {
        for (var slot = Trio.FirstFree; slot < Caps.Slots; slot++) Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), 0, Right.Read));
        _rig.Refused(Code.ResourceLimitExceeded, Fn.PartitionCreate, H(Trio.Pool), 0, Name, 20, 0);
    }

    [Fact]
    public void Create_without_memory_is_refused_and_takes_none()
    {
        var rig = Rig.Boot(new BootScript().Image(code: 4000).Partition(quota: 1000).Cap(1, Kind.Pool, 0, Right.Write | Right.Prove).Start(1).Policy(PolicyWords.Open.Build()));
        rig.Core.regions.limit = rig.Core.regions.next + 4000;                   // room for the code, not for the data
        rig.Refused(Code.OutOfMemory, Fn.PartitionCreate, H(0), 0, Name, 20, 0);
        rig.Core.regions.limit = rig.Core.regions.next;
        rig.Refused(Code.OutOfMemory, Fn.PartitionCreate, H(0), 0, Name, 20, 0);
    }

    [Fact]
    public void Partitions_run_out_at_127()
    {
        var rig = Rig.Boot(new BootScript().Image().Partition(quota: 8000).Cap(1, Kind.Pool, 0, Right.Write | Right.Prove).Start(1).Policy(PolicyWords.Open.Build()));
        for (var i = 2; i < 128; i++)
        {
            Assert.Equal(Code.Ok, rig.Call(Fn.PartitionCreate, H(0), 0, Name, 4, 0));
            Assert.Equal(Code.Ok, rig.Call(Fn.CapDrop, rig.X(1, 1)));
        }

        rig.Refused(Code.PartitionLimitExceeded, Fn.PartitionCreate, H(0), 0, Name, 4, 0);
    }

    [Fact]
    public void Start_suspend_and_start_again()
    {
        var child = Create();
        _rig.Refused(Code.InvalidPartitionState, Fn.PartitionSuspend, child);
        foreach (var (call, kind, life) in new[] { (Fn.PartitionStart, Rec.PartitionStart, PartRow.Started), (Fn.PartitionSuspend, Rec.PartitionSuspend, PartRow.Suspended), (Fn.PartitionStart, Rec.PartitionStart, PartRow.Started) })
        {
            var head = _rig.Core.log.head;
            Assert.Equal(Code.Ok, _rig.Call(call, child));
            Assert.Equal((kind, 1UL, 4UL), (_rig.Log.Read(head).Kind, _rig.Log.Read(head).Subject, _rig.Log.Read(head).Object));
            Assert.Equal(life, PartRow.Read(_rig.Core, 4).Life);
            _rig.Refused(Code.InvalidPartitionState, call, child);
        }

        Assert.Equal(4u, _rig.As(4).Current);
    }

    [Fact]
    public void A_suspended_partition_never_runs_and_its_sleep_is_over()
    {
        _rig.As(2).Call(Fn.TimerWait, _rig.Now + 500);
        Assert.Equal(Code.Ok, _rig.As(1).Call(Fn.PartitionSuspend, H(Trio.Neighbour)));
        Assert.Equal(Code.InvalidPartitionState, (long)_rig.X(2, 0));
        for (var i = 0; i < 20; i++)
        {
            _rig.Now += 600;
            _rig.Tick();
            Assert.NotEqual(2u, _rig.Current);
        }
    }

    [Fact]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    public void Nobody_starts_suspends_or_ends_itself_or_acts_without_the_right()
    {
        foreach (var call in new[] { Fn.PartitionStart, Fn.PartitionSuspend, Fn.PartitionTerminate })
        {
            _rig.Refused(Code.InvalidPartitionState, call, H(Trio.Self));
            _rig.Refused(Code.CapabilityTypeMismatch, call, H(Trio.Slab));
            _rig.Refused(Code.StaleCapability, call, H(30));
        }

        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Neighbour), 0, Right.Read));
        foreach (var call in new[] { Fn.PartitionStart, Fn.PartitionSuspend, Fn.PartitionTerminate })
            _rig.Refused(Code.InsufficientCapability, call, H(Trio.FirstFree));
    }

    [Fact]
    [Trait("Theorem", "Every_channel_can_be_used")]
    public void Terminate_takes_everything_the_partition_had()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), H(Trio.Neighbour), Right.Read));
        var (head, quota) = (_rig.Core.log.head, _rig.Core.log.quota[0]);
        Assert.Equal(Code.Ok, _rig.Call(Fn.PartitionTerminate, H(Trio.Neighbour)));
        var record = Assert.Single(_rig.Log.From(head));
        Assert.Equal((Rec.Terminate, 1UL, 2UL, 3UL << 56), (record.Kind, record.Subject, record.Object, record.Aux));
        Assert.Equal([new Effect(Fx.TlbiVmid, 2, 0, 0)], _rig.Effects);
        Assert.Equal(PartRow.Free, PartRow.Read(_rig.Core, 2).Life);
        Assert.DoesNotContain(RegionRow.All(_rig.Core), r => r.Owner == 2);
        Assert.All(Enumerable.Range(0, 32), s => Assert.Equal(0u, Caps.KindOf(_rig.Core, 2, (uint)s)));
        Assert.Equal(quota + Trio.Quota - 1, _rig.Core.log.quota[0]);
        _rig.Refused(Code.StaleCapability, Fn.PartitionTerminate, H(Trio.Neighbour));
        _rig.Refused(Code.StaleCapability, Fn.QueueSend, H(Trio.ToTwo), 1);
        _rig.Refused(Code.StaleCapability, Fn.CapGrant, H(Trio.Slab), H(Trio.Neighbour), Right.Read);
    }

    [Fact]
    [Trait("Theorem", "Who_waits_can_be_woken")]
    public void Who_waits_for_a_partition_that_ends_learns_it()
    {
        _rig.Call(Fn.NotifyWait, H(Trio.FromTwo));
        _rig.As(2).Call(Fn.Exit, 0);
        Assert.Equal(Code.PartitionNotFound, (long)_rig.X(1, 0));
        Assert.Equal(1u, _rig.As(1).Current);
    }

    [Fact]
    [Trait("Theorem", "No_old_handle_revives")]
    public void Ids_and_memory_are_used_again_under_new_handles()
    {
        var child = Create();
        var frames = Stage2Walker.Walk(_rig.Core, 4).Select(p => p.Frame).Order().ToList();
        Assert.Equal(Code.Ok, _rig.Call(Fn.PartitionTerminate, child));
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapDrop, child));
        var next = Create();
        Assert.NotEqual(child, next);
        Assert.Equal(frames, Stage2Walker.Walk(_rig.Core, 4).Select(p => p.Frame).Order());
        Assert.Contains(_rig.Effects, e => e.Kind == Fx.Zero && e.A == frames[0]);
        _rig.Refused(Code.StaleCapability, Fn.PartitionStart, child);
    }

    [Fact]
    public void A_partition_in_a_used_slot_has_the_quota_it_was_given_and_no_more()
    {
        var child = Create(quota: 50);
        Assert.Equal(Code.Ok, _rig.Call(Fn.PartitionStart, child));
        _rig.As(4);
        for (var i = 0; i < 30; i++) Assert.Equal(Code.Unsupported, _rig.Call(200));       // 30 records of its quota
        Assert.Equal(Code.Ok, _rig.As(1).Call(Fn.PartitionTerminate, child));
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapDrop, child));
        Assert.Equal(Code.Ok, _rig.Call(Fn.WitnessAck, H(Trio.Log), _rig.Core.log.head));
        Create(quota: 20);
        Assert.Equal(20UL, _rig.Core.log.quota[4] - _rig.Core.log.used[4]);
    }

    [Fact]
    public void Without_quota_nobody_is_started_or_suspended_but_an_end_is_always_witnessed()
    {
        var rig = Trio.Exhausted();
        rig.Silent(Code.WitnessLogFull, Fn.PartitionSuspend, H(Trio.Neighbour));
        rig.Silent(Code.WitnessLogFull, Fn.PartitionCreate, H(Trio.Pool), 0, Name, 20, 0);
        Assert.Equal(Code.Ok, rig.Call(Fn.PartitionTerminate, H(Trio.Neighbour)));
        var head = rig.Core.log.head;
        rig.Call(Fn.Exit, 5);
        Assert.Equal((Rec.Terminate, 5UL), (rig.Log.Read(head).Kind, rig.Log.Read(head).Aux));
    }
}
