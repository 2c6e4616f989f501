namespace Rvm.Verified.Tests;

/// <summary>Three partitions: 1 holds one capability of every kind, 2 its neighbour, 3 nearly nothing.</summary>
public static class Trio
{
    // Slots of partition 1.
    public const uint Console = 0, Neighbour = 1, Log = 2, Pool = 3, MuteConsole = 4, Self = 5, Slab = 6, Immutable = 7, AppendOnly = 8, Device = 9, Once = 10,
        ToTwo = 11, FromTwo = 12, ReadOnlySource = 13, FirstFree = 14;

    // Slots of partitions 2 and 3.
    public const uint TwoFromOne = 1, TwoToOne = 2, ThreeFromOne = 0;

    public const ulong Quota = 400, ImagePage = 0x40000, FreePage = 0x50000, DeviceFrame = 0x9010, SlabPages = 8;

    /// <summary>Regions: every partition has two for its image, then those of partition 1.</summary>
    public const ulong SlabRegion = 6, ImmutableRegion = 7, AppendOnlyRegion = 8, DeviceRegion = 9, OnceRegion = 10;

    public static BootScript Script(ulong quota = Quota, ulong budget = 0) => new BootScript()
        .Image().Image(page: 0x1000, code: 2, data: 0)
        .Partition(quota: quota, budget: budget).Partition(quota: Quota).Partition(quota: Quota)
        .Cap(1, Kind.Console, 0, Right.Write | Right.Grant | Right.Prove)
        .Cap(1, Kind.Partition, 2, Right.Read | Right.Write | Right.Grant | Right.Revoke | Right.Prove)
        .Cap(1, Kind.WitnessLog, 0, Right.Witness)
        .Cap(1, Kind.Pool, 0, Right.Write | Right.Prove)
        .Cap(1, Kind.Console, 0, Right.Read)
        .Cap(1, Kind.Partition, 1, Right.Write | Right.Revoke | Right.Prove)
        .Cap(2, Kind.Console, 0, Right.Write)
        .Region(1, Kind.Slab, SlabPages, Right.All)
        .Region(1, Kind.Immutable, 2, Right.Read | Right.Grant)
        .Region(1, Kind.AppendOnly, 2, Right.Read | Right.Write)
        .Region(1, Kind.Device, 1, Right.Read | Right.Write, DeviceFrame)
        .Region(1, Kind.Slab, 4, Right.Read | Right.Write | Right.GrantOnce)
        .Edge(1, 2, 2).Edge(2, 1, 2).Edge(1, 3, 1, sourceRights: Right.Read)
        .Start(1, 2, 3).Policy(PolicyWords.Open.Build());

    /// <summary>The booted system with partition 1 running.</summary>
    public static Rig Boot(ulong quota = Quota, ulong budget = 0)
    {
        var rig = Rig.Boot(Script(quota, budget));
        Assert.Equal(1u, rig.Current);
        return rig;
    }

    /// <summary>The handle that boot gave.</summary>
    public static ulong H(uint slot) => 0x1_0000_0000UL | slot;

    /// <summary>Signals until partition 1 has no quota left for another record.</summary>
    public static Rig Exhausted()
    {
        var rig = Boot(quota: 20);
        for (var i = 0; rig.Call(Fn.NotifySignal, H(ToTwo), 1) == Code.Ok; i++) Assert.True(i < 20);
        return rig;
    }
}
