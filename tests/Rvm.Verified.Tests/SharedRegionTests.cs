namespace Rvm.Verified.Tests;

/// <summary>Regions that several partitions read: filled at boot, mapped by whoever holds a capability, written by nobody, there as long as the machine.</summary>
public class SharedRegionTests
{
    private const uint Own = 0, Second = 1;
    private const ulong Model = 4, Page = 0x50000, Ipa = Page * 4096;

    /// <summary>Two partitions with all rights to one shared region, and the second with a capability for the first.</summary>
    private static BootScript Script() => new BootScript().Image().Partition().Partition().Shared(2, 7, 8, 9)
        .Cap(1, Kind.Region, Model, Right.All).Cap(2, Kind.Region, Model, Right.Read).Cap(2, Kind.Partition, 1, Right.All).Start(1, 2);

    private readonly Rig _rig = Rig.Boot(Script());

    private static MappedPage? At(Rig rig, uint partition, ulong page) =>
        Stage2Walker.Walk(rig.Core, partition).Select(m => (MappedPage?)m).FirstOrDefault(m => m!.Value.IpaPage == page);

    [Fact]
    public void Boot_zeroes_its_frames_and_copies_the_bundles_bytes_to_them()
    {
        var (rig, words) = (new Rig(), new BootScript().Shared(2, 7, 8, 9).Words());
        Assert.Equal(0UL, RvmKernel.__default.Begin(rig.Core, words, rig.Now));
        Assert.Equal(0UL, RvmKernel.__default.Command(rig.Core, words, 8, rig.Now));
        var region = RegionRow.Read(rig.Core, 0);
        Assert.Equal((Kind.Everybody, Kind.Shared, 2UL), ((uint)region.Owner, (uint)region.Policy, region.Pages));
        Assert.Equal([new Effect(Fx.Zero, region.Frame, 2, 0), new Effect(Fx.Copy, region.Frame, 24 * 8, 24)], rig.Effects);
        var record = rig.Log.From(1)[0];
        Assert.Equal((Rec.RegionCreate, 0UL, (ulong)Kind.Everybody << 32, (ulong)Kind.Shared << 60 | 2UL << 40 | region.Frame), (record.Kind, record.Subject, record.Object, record.Aux));
    }

    [Fact]
    [Trait("Theorem", "No_partition_reaches_anothers_memory")]
    [Trait("Theorem", "The_hardware_keeps_partitions_apart")]
    public void Two_partitions_read_the_same_frames_and_neither_can_write_them()
    {
        var frame = RegionRow.Read(_rig.Core, (int)Model).Frame;
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, Trio.H(Own), Ipa, 0, 2, Kind.R));
        _rig.As(2);
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, Trio.H(Own), Ipa, 1, 1, Kind.R));
        Assert.Equal(new MappedPage(Page, frame, true, false, false, false), At(_rig, 1, Page));
        Assert.Equal(new MappedPage(Page + 1, frame + 1, true, false, false, false), At(_rig, 1, Page + 1));
        Assert.Equal(new MappedPage(Page, frame + 1, true, false, false, false), At(_rig, 2, Page));
    }

    [Theory]
    [InlineData(Kind.Rw)]
    [InlineData(Kind.Rx)]
    [InlineData(Kind.Dev)]
    [InlineData(4UL)]
    [Trait("Theorem", "What_is_shared_never_changes")]
    public void No_right_makes_it_writable_or_executable(ulong permission)
    {
        _rig.Refused(Code.InsufficientCapability, Fn.RegionMap, Trio.H(Own), Ipa, 0, 1, permission);
        _rig.As(2);
        _rig.Refused(Code.InsufficientCapability, Fn.RegionMap, Trio.H(Own), Ipa, 0, 1, permission);
    }

    [Fact]
    public void It_is_taken_away_page_by_page_and_a_capability_is_needed()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, Trio.H(Own), Ipa, 0, 2, Kind.R));
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionUnmap, Trio.H(Own), Ipa, 1));
        Assert.Null(At(_rig, 1, Page));
        Assert.NotNull(At(_rig, 1, Page + 1));
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapDrop, Trio.H(Own)));
        _rig.Refused(Code.StaleCapability, Fn.RegionUnmap, Trio.H(Own), Ipa + 4096, 1);
        _rig.Refused(Code.StaleCapability, Fn.RegionMap, Trio.H(Own), Ipa, 0, 1, Kind.R);
    }

    [Fact]
    [Trait("Theorem", "What_is_shared_never_changes")]
    public void It_outlives_its_readers()
    {
        var before = RegionRow.Read(_rig.Core, (int)Model);
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, Trio.H(Own), Ipa, 0, 2, Kind.R));
        _rig.As(2);
        Assert.Equal(Code.Ok, _rig.Call(Fn.PartitionTerminate, Trio.H(Second)));
        Assert.Equal(before, RegionRow.Read(_rig.Core, (int)Model));
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, Trio.H(Own), Ipa, 0, 2, Kind.R));
        Assert.Equal(before.Frame, At(_rig, 2, Page)!.Value.Frame);
    }

    [Fact]
    public void A_granted_capability_maps_it_too_and_dies_with_its_parent()
    {
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapGrant, Trio.H(Own), 0, Right.Read));
        var child = _rig.X(1, 1);
        Assert.Equal(Code.Ok, _rig.Call(Fn.RegionMap, child, Ipa, 0, 1, Kind.R));
        Assert.Equal(Code.Ok, _rig.Call(Fn.CapRevoke, Trio.H(Own)));
        _rig.Refused(Code.StaleCapability, Fn.RegionMap, child, Ipa + 4096, 0, 1, Kind.R);
    }
}
