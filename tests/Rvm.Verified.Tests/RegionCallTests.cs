namespace Rvm.Verified.Tests;

/// <summary>region_map and region_unmap, seen through the hardware's walk.</summary>
public class RegionCallTests
{
    private readonly Rig _rig = Trio.Boot();

    private static ulong H(uint slot) => Trio.H(slot);

    private MappedPage? At(ulong page) => Stage2Walker.Walk(_rig.Core, 1).Select(m => (MappedPage?)m).FirstOrDefault(m => m!.Value.IpaPage == page);

    private ulong FrameOf(ulong region) => RegionRow.Read(_rig.Core, (int)region).Frame;

    [Theory]
    [InlineData(Trio.Slab, Trio.SlabRegion, Kind.Rw, true, false, false)]
    [InlineData(Trio.Slab, Trio.SlabRegion, Kind.R, false, false, false)]
    [InlineData(Trio.Immutable, Trio.ImmutableRegion, Kind.R, false, false, false)]
    [InlineData(Trio.Immutable, Trio.ImmutableRegion, Kind.Rx, false, true, false)]
    [InlineData(Trio.AppendOnly, Trio.AppendOnlyRegion, Kind.R, false, false, false)]
    [InlineData(Trio.Device, Trio.DeviceRegion, Kind.Dev, true, false, true)]
    [Trait("Theorem", "The_hardware_sees_what_the_map_says")]
    [Trait("Theorem", "The_walk_reads_these_descriptors")]
    public void A_mapped_page_is_what_the_walk_finds(uint slot, ulong region, ulong permission, bool write, bool execute, bool device)
    {
        var head = _rig.Core.log.head;
        var last = RegionRow.Read(_rig.Core, (int)region).Pages - 1;
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(slot), 0x5000_0000, last, 1, permission));
        Assert.Equal(new MappedPage(0x50000, FrameOf(region) + last, true, write, execute, device), At(0x50000));
        Assert.Equal([new Effect(Fx.MapSync, 1, 0, 0)], _rig.Effects);
        var record = Assert.Single(_rig.Log.From(head));
        Assert.Equal((Rec.RegionMap, region << 32 | 0x50000, permission << 60 | 1UL << 52 | last << 32 | 1), (record.Kind, record.Object, record.Aux));
    }

    [Fact]
    [Trait("Theorem", "The_hardware_sees_what_the_map_says")]
    public void Several_pages_across_a_table_border_are_mapped_in_order()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(Trio.Slab), 0x501F_C000, 0, 8, Kind.Rw));
        for (ulong i = 0; i < 8; i++) Assert.Equal(FrameOf(Trio.SlabRegion) + i, At(0x501FC + i)!.Value.Frame);
        Assert.Null(At(0x501FB));
        Assert.Null(At(0x50204));
    }

    [Fact]
    public void The_highest_page_can_be_mapped_and_nothing_beyond()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(Trio.Slab), 0x7F_FFFF_F000, 0, 1, Kind.Rw));
        _rig.Refused(Code.AlignmentError, Fn.RegionMap, H(Trio.Slab), 0x7F_FFFF_E000, 0, 3, Kind.Rw);
        _rig.Refused(Code.AlignmentError, Fn.RegionMap, H(Trio.Slab), 0x80_0000_0000, 0, 1, Kind.Rw);
        _rig.Refused(Code.AlignmentError, Fn.RegionMap, H(Trio.Slab), ~0xFFFUL, 0, 1, Kind.Rw);
    }

    [Theory]
    [InlineData(Trio.Slab, Kind.Rx)]
    [InlineData(Trio.Slab, Kind.Dev)]
    [InlineData(Trio.Immutable, Kind.Rw)]
    [InlineData(Trio.AppendOnly, Kind.Rw)]
    [InlineData(Trio.AppendOnly, Kind.Rx)]
    [InlineData(Trio.Device, Kind.R)]
    [InlineData(Trio.Device, Kind.Rw)]
    [InlineData(Trio.Slab, 4UL)]
    [InlineData(Trio.Slab, ~0UL)]
    [Trait("Theorem", "Nothing_is_writable_and_executable")]
    public void The_policy_decides_the_permission(uint slot, ulong permission) =>
        _rig.Refused(Code.InsufficientCapability, Fn.RegionMap, H(slot), 0x5000_0000, 0, 1, permission);

    [Fact]
    [Trait("Theorem", "Break_before_make")]
    public void Map_is_refused()
    {
        _rig.Refused(Code.AlignmentError, Fn.RegionMap, H(Trio.Slab), 0x5000_0001, 0, 1, Kind.Rw);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionMap, H(Trio.Slab), 0x5000_0000, 0, 0, Kind.Rw);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionMap, H(Trio.Slab), 0x5000_0000, 0, 9, Kind.Rw);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionMap, H(Trio.Slab), 0x5000_0000, 8, 1, Kind.Rw);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionMap, H(Trio.Slab), 0x5000_0000, ~0UL, 2, Kind.Rw);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionMap, H(Trio.Slab), 0x5000_0000, 0, 4097, Kind.Rw);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionMap, H(Trio.Slab), 0x5000_0000, 0, ~0UL, Kind.Rw);
        _rig.Refused(Code.CapabilityTypeMismatch, Fn.RegionMap, H(Trio.Console), 0x5000_0000, 0, 1, Kind.R);
        _rig.Refused(Code.StaleCapability, Fn.RegionMap, H(20), 0x5000_0000, 0, 1, Kind.R);
        _rig.Refused(Code.MemoryOverlap, Fn.RegionMap, H(Trio.Slab), 0x4000_0000, 0, 1, Kind.Rw);
    }

    [Fact]
    [Trait("Theorem", "Nothing_happens_without_a_capability")]
    public void Mapping_writable_needs_the_write_right()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), 0, Right.Read));
        var readable = _rig.X(1, 1);
        _rig.Refused(Code.InsufficientCapability, Fn.RegionMap, readable, 0x5000_0000, 0, 1, Kind.Rw);
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, readable, 0x5000_0000, 0, 1, Kind.R));
    }

    [Fact]
    [Trait("Theorem", "No_partition_reaches_anothers_memory")]
    public void Only_the_owner_maps_even_with_a_capability()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, H(Trio.Slab), H(Trio.Neighbour), Right.Read | Right.Write));
        var handle = _rig.X(1, 1);
        _rig.As(2).Refused(Code.InsufficientCapability, Fn.RegionMap, handle, 0x5000_0000, 0, 1, Kind.Rw);
        _rig.Refused(Code.InsufficientCapability, Fn.RegionUnmap, handle, 0x5000_0000, 1);
    }

    [Fact]
    public void Tables_run_out_before_they_overflow()
    {
        // Sixteen tables: the root, two for the image, and two for every further gigabyte.
        for (ulong gigabyte = 2; gigabyte < 8; gigabyte++) Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(Trio.Slab), gigabyte << 30, 0, 1, Kind.R));
        _rig.Refused(Code.OutOfMemory, Fn.RegionMap, H(Trio.Slab), 8UL << 30, 0, 1, Kind.R);
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(Trio.Slab), 7UL << 30 | 0x20_0000, 0, 1, Kind.R));
        _rig.Refused(Code.OutOfMemory, Fn.RegionMap, H(Trio.Slab), 7UL << 30 | 0x40_0000, 0, 1, Kind.R);
    }

    [Fact]
    [Trait("Theorem", "The_hardware_sees_what_the_map_says")]
    [Trait("Theorem", "No_stale_translation_survives")]
    public void Unmap_takes_the_pages_away_and_invalidates_them()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(Trio.Slab), 0x5000_0000, 0, 8, Kind.Rw));
        var head = _rig.Core.log.head;
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionUnmap, H(Trio.Slab), 0x5000_2000, 3));
        Assert.Equal([new Effect(Fx.TlbiRange, 1, 0x50002, 3)], _rig.Effects);
        Assert.Equal([true, true, false, false, false, true, true, true], Enumerable.Range(0, 8).Select(i => At(0x50000 + (ulong)i) is not null));
        var record = Assert.Single(_rig.Log.From(head));
        Assert.Equal((Rec.RegionUnmap, Trio.SlabRegion << 32 | 0x50002, 3UL), (record.Kind, record.Object, record.Aux));
    }

    [Fact]
    public void Unmap_is_refused()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(Trio.Slab), 0x5000_0000, 0, 2, Kind.Rw));
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, H(Trio.Once), 0x5000_2000, 0, 2, Kind.Rw));
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionUnmap, H(Trio.Slab), 0x5000_0000, 0);
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionUnmap, H(Trio.Slab), 0x5000_0000, 3);           // the third page is another region's
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionUnmap, H(Trio.Slab), 0x5000_4000, 1);           // not mapped
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionUnmap, H(Trio.Slab), 0x4000_0000, 1);           // its code
        _rig.Refused(Code.ResourceLimitExceeded, Fn.RegionUnmap, H(Trio.Slab), 0x5000_0000, 4097);
        _rig.Refused(Code.AlignmentError, Fn.RegionUnmap, H(Trio.Slab), 0x5000_0800, 1);
        _rig.Refused(Code.AlignmentError, Fn.RegionUnmap, H(Trio.Slab), 0x80_0000_0000, 1);
        _rig.Refused(Code.AlignmentError, Fn.RegionUnmap, H(Trio.Slab), 0x5000_0000, ~0UL);
        _rig.Refused(Code.CapabilityTypeMismatch, Fn.RegionUnmap, H(Trio.Neighbour), 0x5000_0000, 1);
    }

    [Fact]
    public void Without_quota_the_map_stays()
    {
        var rig = Trio.Exhausted();
        rig.Silent(Code.WitnessLogFull, Fn.RegionMap, H(Trio.Slab), 0x5000_0000, 0, 1, Kind.Rw);
    }
}
