namespace Rvm.Verified.Tests;

/// <summary>cap_grant, cap_revoke, cap_drop.</summary>
public class CapabilityCallTests
{
    private readonly Rig _rig = Trio.Boot();

    private static ulong H(uint slot) => Trio.H(slot);

    [Fact]
    [Trait("Theorem", "Authority_only_shrinks")]
    [Trait("Theorem", "A_partition_holds_only_what_it_was_given")]
    public void Grant_gives_the_neighbour_a_weaker_capability_and_witnesses_it()
    {
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), H(Trio.Neighbour), Right.Read));
        Assert.Equal(0x1_0000_0003UL, _rig.X(1, 1));
        Assert.Equal((Kind.Region, (uint)Trio.SlabRegion, (uint)Right.Read, 1u),
            (Caps.KindOf(_rig.Core, 2, 3), Caps.Object(_rig.Core, 2, 3), Caps.Rights(_rig.Core, 2, 3), Caps.Depth(_rig.Core, 2, 3)));
        var record = Assert.Single(_rig.Log.From(head));
        Assert.Equal((Rec.CapDelegate, 1UL, 2UL << 32 | 3, (ulong)Trio.Slab << 32 | Right.Read), (record.Kind, record.Subject, record.Object, record.Aux));
    }

    [Fact]
    public void Grant_to_oneself_takes_the_first_free_slot()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Console), 0, Right.Write));
        Assert.Equal(H(Trio.FirstFree), _rig.X(1, 1));
        Assert.Equal(Code.Ok, _rig.Call(Fn.ConsoleWrite, H(Trio.FirstFree), 1, 'x'));
    }

    [Fact]
    [Trait("Theorem", "Authority_only_shrinks")]
    [Trait("Theorem", "Granting_once_is_once")]
    public void Grant_once_works_once_and_its_child_cannot_be_passed_on()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Once), 0, Right.Read | Right.GrantOnce));
        Assert.Equal((uint)Right.Read, Caps.Rights(_rig.Core, 1, Trio.FirstFree));
        _rig.Refused(Code.CapabilityConsumed, Fn.CapGrant, H(Trio.Once), 0, Right.Read);
        _rig.Refused(Code.CapabilityConsumed, Fn.CapGrant, H(Trio.FirstFree), 0, Right.Read);
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(Trio.Once), 0x5000_0000, 0, 1, Kind.Rw));
    }

    [Fact]
    [Trait("Theorem", "Authority_only_shrinks")]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    [Trait("Theorem", "Every_refused_call_leaves_a_record")]
    public void Grant_is_refused()
    {
        _rig.Refused(Code.InsufficientCapability, Fn.CapGrant, 0x1_0000_0020, 0, Right.Read);                         // no such slot
        _rig.Refused(Code.StaleCapability, Fn.CapGrant, 0x2_0000_0006, 0, Right.Read);                               // another generation
        _rig.Refused(Code.StaleCapability, Fn.CapGrant, H(Trio.FirstFree), 0, Right.Read);                           // empty slot
        _rig.Refused(Code.CapabilityTypeMismatch, Fn.CapGrant, H(Trio.Slab), H(Trio.Console), Right.Read);           // receiver is no partition
        _rig.Refused(Code.StaleCapability, Fn.CapGrant, H(Trio.Slab), 0x9_0000_0001, Right.Read);                    // receiver's handle is stale
        _rig.Refused(Code.CapabilityConsumed, Fn.CapGrant, H(Trio.Pool), 0, Right.Write);                            // no GRANT
        _rig.Refused(Code.InsufficientCapability, Fn.CapGrant, H(Trio.Immutable), 0, Right.Read | Right.Write);      // more than it has
        _rig.Refused(Code.InsufficientCapability, Fn.CapGrant, H(Trio.Slab), 0, 0x1000);                             // no such right
        _rig.Refused(Code.InsufficientCapability, Fn.CapGrant, H(Trio.Slab), 0, 0x1_0000_0001);                      // high bits are not cut off
    }

    [Fact]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    public void Grant_to_a_partition_needs_write_on_it()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Neighbour), 0, Right.Read));
        _rig.Refused(Code.InsufficientCapability, Fn.CapGrant, H(Trio.Slab), H(Trio.FirstFree), Right.Read);
    }

    [Fact]
    public void Derivation_ends_at_depth_eight()
    {
        var handle = H(Trio.Slab);
        for (var depth = 1; depth <= 8; depth++)
        {
            Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, handle, 0, Right.Read | Right.Grant));
            handle = _rig.X(1, 1);
        }

        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, handle, 0x5000_0000, 0, 1, Kind.R));
        _rig.Refused(Code.DelegationDepthExceeded, Fn.CapGrant, handle, 0, Right.Read);
    }

    [Fact]
    public void Grant_into_a_full_table_is_refused()
    {
        for (var slot = Trio.FirstFree; slot < Caps.Slots; slot++) Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), 0, Right.Read));
        _rig.Refused(Code.ResourceLimitExceeded, Fn.CapGrant, H(Trio.Slab), 0, Right.Read);
    }

    [Fact]
    [Trait("Theorem", "Revocation_is_complete_for_ever")]
    public void Revoke_kills_every_descendant_and_keeps_the_capability_under_a_new_handle()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), 0, Right.Read | Right.Grant));
        var child = _rig.X(1, 1);
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, child, 0, Right.Read));
        var grandchild = _rig.X(1, 1);
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapRevoke, H(Trio.Slab)));
        Assert.Equal(0x2_0000_0000UL | Trio.Slab, _rig.X(1, 1));
        var record = Assert.Single(_rig.Log.From(head));
        Assert.Equal((Rec.CapRevoke, (ulong)Trio.Slab, 2UL), (record.Kind, record.Object, record.Aux));
        foreach (var dead in new[] { H(Trio.Slab), child, grandchild })
            _rig.Refused(Code.StaleCapability, Fn.RegionMap, dead, 0x5000_0000, 0, 1, Kind.R);
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, 0x2_0000_0000 | Trio.Slab, 0x5000_0000, 0, 1, Kind.R));
    }

    [Fact]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    public void Revoke_is_refused()
    {
        _rig.Refused(Code.InsufficientCapability, Fn.CapRevoke, H(Trio.Console));
        _rig.Refused(Code.StaleCapability, Fn.CapRevoke, 0x7_0000_0006);
        _rig.Refused(Code.InsufficientCapability, Fn.CapRevoke, ~0UL);
    }

    [Fact]
    public void Drop_empties_a_slot_whose_next_capability_has_another_handle()
    {
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapDrop, H(Trio.Immutable)));
        var record = Assert.Single(_rig.Log.From(head));
        Assert.Equal((Rec.CapRevoke, (ulong)Trio.Immutable, 1UL << 63), (record.Kind, record.Object, record.Aux));
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), 0, Right.Read));
        Assert.Equal(Trio.Immutable, (uint)_rig.X(1, 1));
        _rig.Refused(Code.StaleCapability, Fn.RegionMap, H(Trio.Immutable), 0x5000_0000, 0, 1, Kind.R);
    }

    [Fact]
    public void A_dead_capability_can_be_dropped()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), 0, Right.Read));
        var child = _rig.X(1, 1);
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapRevoke, H(Trio.Slab)));
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapDrop, child));
        _rig.Refused(Code.StaleCapability, Fn.CapDrop, child);
    }

    [Fact]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    public void Drop_is_refused()
    {
        _rig.Refused(Code.InsufficientCapability, Fn.CapDrop, 32);
        _rig.Refused(Code.StaleCapability, Fn.CapDrop, H(Trio.FirstFree));
        _rig.Refused(Code.StaleCapability, Fn.CapDrop, 0x2_0000_0006);
    }

    [Fact]
    public void Without_quota_nothing_is_granted_revoked_or_dropped()
    {
        var rig = Trio.Exhausted();
        rig.Silent(Code.WitnessLogFull, Fn.CapGrant, H(Trio.Slab), 0, Right.Read);
        rig.Silent(Code.WitnessLogFull, Fn.CapRevoke, H(Trio.Slab));
        rig.Silent(Code.WitnessLogFull, Fn.CapDrop, H(Trio.Slab));
    }
}
