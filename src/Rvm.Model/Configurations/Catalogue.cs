using Rvm.Model.Subject;

namespace Rvm.Model.Configurations;

/// <summary>The configurations that are explored.</summary>
public static class Catalogue
{
    private const ulong Read = Right.Read, Write = Right.Write, Grant = Right.Grant, Once = Right.GrantOnce, Revoke = Right.Revoke;

    /// <summary>Two partitions, three frames, four slots each, an edge, and six records for each.</summary>
    public static Configuration Pair(ulong quota, string name = "pair") => new(name, "everything a little: memory, grants, an edge, lifecycle", new(2, 4, 4, 1), Frames: 3,
        new Systems().Image().Partition(quota).Partition(quota).Region(1, Kind.Slab, 1, Right.All).Cap(1, Kind.Partition, 2, Right.All).Edge(1, 2, 1).Start(1, 2),
        new Alphabet
        {
            Calls = [Fn.Yield, Fn.CapGrant, Fn.CapRevoke, Fn.CapDrop, Fn.RegionMap, Fn.RegionUnmap, Fn.QueueSend, Fn.QueueRecv, Fn.NotifySignal, Fn.NotifyWait,
                Fn.EdgeDestroy, Fn.EdgeCreate, Fn.PartitionStart, Fn.PartitionSuspend, Fn.PartitionTerminate, Fn.Exit],
            Rights = [Read, Read | Write | Once],
            Pages = [0x50000],
            Permissions = [Kind.Rw],
        });

    public static IReadOnlyList<Configuration> All { get; } = [Pair(3), Pair(4, "pair-4")];
}
