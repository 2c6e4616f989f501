namespace Rvm.Verified.Tests;

/// <summary>Queues, notifications, and edges made and destroyed at run time.</summary>
public class EdgeCallTests
{
    private readonly Rig _rig = Trio.Boot();

    private static ulong H(uint slot) => Trio.H(slot);

    [Fact]
    [Trait("Theorem", "Nothing_flows_but_what_its_source_knows")]
    public void Messages_arrive_in_order_and_the_queue_ends_empty()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.QueueSend, H(Trio.ToTwo), 1, 2, 3, 4));
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.QueueSend, H(Trio.ToTwo), 5, 6, 7, ~0UL));
        var record = Assert.Single(_rig.Log.From(head));
        Assert.Equal((Rec.Send, 1UL, 0UL, 2UL), (record.Kind, record.Subject, record.Object, record.Aux));
        _rig.As(2);
        foreach (var message in new ulong[][] { [1, 2, 3, 4], [5, 6, 7, ~0UL] })
        {
            Assert.Equal(Code.Ok, _rig.Call(Fn.QueueRecv, H(Trio.TwoFromOne)));
            Assert.Equal([1, .. message], Enumerable.Range(1, 5).Select(i => _rig.X(2, i)));
        }

        Assert.Equal(Code.Ok, _rig.Call(Fn.QueueRecv, H(Trio.TwoFromOne), 9, 9, 9, 9));
        Assert.Equal([0UL, 9, 9, 9, 9], Enumerable.Range(1, 5).Select(i => _rig.X(2, i)));
    }

    [Fact]
    public void A_full_queue_takes_nothing_more()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.QueueSend, H(Trio.ToTwo), 1, 2, 3, 4));
        Assert.Equal(Code.Ok, _rig.Call(Fn.QueueSend, H(Trio.ToTwo), 1, 2, 3, 4));
        _rig.Silent(Code.ResourceLimitExceeded, Fn.QueueSend, H(Trio.ToTwo), 1, 2, 3, 4);
    }

    [Fact]
    public void Send_receive_signal_and_wait_are_refused_at_the_wrong_end_and_without_the_right()
    {
        foreach (var call in new[] { Fn.QueueSend, Fn.NotifySignal })
        {
            _rig.Refused(Code.InsufficientCapability, call, H(Trio.FromTwo), 1, 1, 1, 1);
            _rig.Refused(Code.InsufficientCapability, call, H(Trio.ReadOnlySource), 1, 1, 1, 1);
        }

        foreach (var call in new[] { Fn.QueueRecv, Fn.NotifyWait }) _rig.Refused(Code.InsufficientCapability, call, H(Trio.ToTwo));
        foreach (var call in new[] { Fn.QueueSend, Fn.QueueRecv, Fn.NotifySignal, Fn.NotifyWait, Fn.EdgeDestroy })
        {
            _rig.Refused(Code.CapabilityTypeMismatch, call, H(Trio.Slab), 1);
            _rig.Refused(Code.StaleCapability, call, 0x2_0000_000B, 1);
            _rig.Refused(Code.InsufficientCapability, call, 0xFFFF_FFFF, 1);
        }
    }

    [Fact]
    public void Bits_add_up_and_are_taken_at_once()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.NotifySignal, H(Trio.ToTwo), 0b101));
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.NotifySignal, H(Trio.ToTwo), 0b110));
        Assert.Equal((Rec.Signal, 0UL, 0b110UL), (_rig.Log.Read(head).Kind, _rig.Log.Read(head).Object, _rig.Log.Read(head).Aux));
        Assert.Equal(Code.Ok, _rig.As(2).Call(Fn.NotifyWait, H(Trio.TwoFromOne)));
        Assert.Equal(0b111UL, _rig.X(2, 1));
        _rig.Call(Fn.NotifyWait, H(Trio.TwoFromOne));
        Assert.Equal(PartRow.Waiting, PartRow.Read(_rig.Core, 2).Run);
    }

    [Theory]
    [InlineData(Fn.NotifySignal, 6UL, 6UL)]
    [InlineData(Fn.QueueSend, 1UL, 1UL << 63)]
    public void A_waiting_destination_gets_its_bits_and_runs_again(uint call, ulong argument, ulong bits)
    {
        _rig.As(2).Call(Fn.NotifyWait, H(Trio.TwoFromOne));
        Assert.NotEqual(2u, _rig.Current);
        Assert.Equal(Code.Ok, _rig.As(1).Call(call, H(Trio.ToTwo), argument, 0, 0, 0));
        Assert.Equal(((ulong)Code.Ok, bits), (_rig.X(2, 0), _rig.X(2, 1)));
        Assert.Equal(PartRow.Ready, PartRow.Read(_rig.Core, 2).Run);
        _rig.As(2).Call(Fn.NotifyWait, H(Trio.TwoFromOne));
        Assert.Equal(PartRow.Waiting, PartRow.Read(_rig.Core, 2).Run);
    }

    [Fact]
    public void No_bits_wake_nobody()
    {
        _rig.As(2).Call(Fn.NotifyWait, H(Trio.TwoFromOne));
        Assert.Equal(Code.Ok, _rig.As(1).Call(Fn.NotifySignal, H(Trio.ToTwo), 0));
        Assert.Equal(PartRow.Waiting, PartRow.Read(_rig.Core, 2).Run);
    }

    [Fact]
    public void An_edge_made_at_run_time_carries_messages()
    {
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.EdgeCreate, H(Trio.Neighbour), 16));
        var (mine, theirs) = (_rig.X(1, 1), _rig.X(1, 2));
        Assert.Equal((H(Trio.FirstFree), H(3)), (mine, theirs));
        Assert.Equal([Rec.EdgeCreate, Rec.CapGrant, Rec.CapGrant, Rec.Proved], _rig.Log.From(head).Select(r => r.Kind));
        Assert.Equal((3UL, 1UL << 32 | 2UL << 16 | 16), (_rig.Log.Read(head).Object, _rig.Log.Read(head).Aux));
        for (ulong i = 0; i < 16; i++) Assert.Equal(Code.Ok, _rig.Call(Fn.QueueSend, mine, i, 0, 0, 0));
        _rig.Silent(Code.ResourceLimitExceeded, Fn.QueueSend, mine, 16, 0, 0, 0);
        _rig.As(2);
        for (ulong i = 0; i < 16; i++)
        {
            Assert.Equal(Code.Ok, _rig.Call(Fn.QueueRecv, theirs));
            Assert.Equal((1UL, i), (_rig.X(2, 1), _rig.X(2, 2)));
        }
    }

    [Fact]
    public void Create_is_refused()
    {
        _rig.Refused(Code.ResourceLimitExceeded, Fn.EdgeCreate, H(Trio.Neighbour), 0);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.EdgeCreate, H(Trio.Neighbour), 17);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.EdgeCreate, H(Trio.Neighbour), 0x1_0000_0001);
        _rig.Refused(Code.InvalidPartitionState, Fn.EdgeCreate, H(Trio.Self), 1);
        _rig.Refused(Code.CapabilityTypeMismatch, Fn.EdgeCreate, H(Trio.Console), 1);
        _rig.Refused(Code.StaleCapability, Fn.EdgeCreate, 0x3_0000_0001, 1);
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Neighbour), 0, Right.Read | Right.Prove));
        _rig.Refused(Code.InsufficientCapability, Fn.EdgeCreate, H(Trio.FirstFree), 1);
    }

    [Fact]
    public void Create_needs_a_free_slot_at_both_ends()
    {
        for (var slot = Trio.FirstFree; slot < Caps.Slots; slot++) Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), 0, Right.Read));
        _rig.Refused(Code.ResourceLimitExceeded, Fn.EdgeCreate, H(Trio.Neighbour), 1);
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapDrop, H(31)));
        for (var slot = 3; slot < Caps.Slots; slot++) Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), H(Trio.Neighbour), Right.Read));
        _rig.Refused(Code.ResourceLimitExceeded, Fn.EdgeCreate, H(Trio.Neighbour), 1);
    }

    [Fact]
    [Trait("Theorem", "Who_waits_can_be_woken")]
    public void Destroying_an_edge_ends_both_handles_and_the_wait_on_it()
    {
        _rig.As(2).Call(Fn.NotifyWait, H(Trio.TwoFromOne));
        var head = _rig.As(1).Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.EdgeDestroy, H(Trio.ToTwo)));
        Assert.Equal((Rec.EdgeDestroy, 0UL), (_rig.Log.Read(head).Kind, _rig.Log.Read(head).Object));
        Assert.Equal(Code.StaleCapability, (long)_rig.X(2, 0));
        _rig.Refused(Code.StaleCapability, Fn.QueueSend, H(Trio.ToTwo), 1);
        _rig.Refused(Code.StaleCapability, Fn.EdgeDestroy, H(Trio.ToTwo));
        _rig.As(2).Refused(Code.StaleCapability, Fn.QueueRecv, H(Trio.TwoFromOne));
    }

    [Fact]
    public void The_record_of_a_destroyed_edge_names_the_edge()
    {
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.EdgeDestroy, H(Trio.ToTwo)));
        var record = _rig.Log.Read(head);
        Assert.Equal((0x31UL, 1UL, (ulong)Caps.Object(_rig.Core, 1, Trio.ToTwo), 0UL), ((ulong)record.Kind, (ulong)record.Subject, record.Object, record.Aux));
    }

    [Fact]
    [Trait("Theorem", "A_capability_ends_with_its_object")]
    public void A_new_edge_in_an_old_place_is_empty_and_old_handles_stay_dead()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.QueueSend, H(Trio.ToTwo), 1, 2, 3, 4));
        Assert.Equal(Code.Ok, _rig.Call(Fn.EdgeDestroy, H(Trio.ToTwo)));
        Assert.Equal(Code.Ok, _rig.Call(Fn.EdgeCreate, H(Trio.Neighbour), 2));
        var theirs = _rig.X(1, 2);
        Assert.Equal(0u, Caps.Object(_rig.Core, 1, Trio.FirstFree));
        _rig.Refused(Code.StaleCapability, Fn.QueueSend, H(Trio.ToTwo), 1);
        Assert.Equal(Code.Ok, _rig.As(2).Call(Fn.QueueRecv, theirs));
        Assert.Equal(0UL, _rig.X(2, 1));
        _rig.Refused(Code.StaleCapability, Fn.QueueRecv, H(Trio.TwoFromOne));
    }

    [Fact]
    [Trait("Theorem", "A_full_log_refuses_before_any_change")]
    public void Without_quota_nothing_is_sent_signalled_made_or_destroyed()
    {
        var rig = Trio.Exhausted();
        rig.Silent(Code.WitnessLogFull, Fn.QueueSend, H(Trio.ToTwo), 1, 2, 3, 4);
        rig.Silent(Code.WitnessLogFull, Fn.NotifySignal, H(Trio.ToTwo), 1);
        rig.Silent(Code.WitnessLogFull, Fn.EdgeCreate, H(Trio.Neighbour), 1);
        rig.Silent(Code.WitnessLogFull, Fn.EdgeDestroy, H(Trio.ToTwo));
        rig.Silent(Code.StaleCapability, Fn.QueueSend, 0x9_0000_000B, 1);
        Assert.Equal(Code.Ok, rig.Call(Fn.QueueRecv, H(Trio.FromTwo)));
    }
}
