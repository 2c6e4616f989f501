using Rvm.Model.Subject;

namespace Rvm.Model.Configurations;

/// <summary>The configurations that are explored.</summary>
public static class Catalogue
{
    private const ulong Read = Right.Read, Write = Right.Write, Grant = Right.Grant, Once = Right.GrantOnce, Revoke = Right.Revoke, Page = 0x50000;

    /// <summary>Small enough for the specification's Step to be compared on every transition.</summary>
    public static IReadOnlyList<Configuration> Compared { get; } =
    [
        new("calls", "every call, with good and bad arguments, and every trap; all transitions compared", new(2, 11, 7, 2), Frames: 6,
            new Systems().Image(data: 1).Device(0x9010, 1).Partition(quota: 12).Partition(quota: 2).Region(1, Kind.Slab, 1, Right.All).Cap(1, Kind.Partition, 2, Right.All).Cap(1, Kind.Pool, 0, Right.All)
                .Cap(1, Kind.WitnessLog, 0, Right.All).Cap(1, Kind.Console, 0, Right.All).Cap(1, Kind.Policy, 0, Right.All).Cap(1, Kind.Lease, 0, Right.All).Edge(1, 2, 1).Edge(2, 1, 1).Start(1, 2),
            Everything(new() { Calls = Fn.All, Wild = true, Traps = true })) { AgreementEvery = 1, MostDepth = 2 },
        new("tokens", "grants, revocations and drops between two; all transitions compared", new(2, 3, 2, 0), Frames: 2,
            new Systems().Image().Partition(quota: 3).Partition(quota: 2).Cap(1, Kind.Partition, 2, Right.All).Cap(2, Kind.Console, 0, Read | Once).Start(1, 2),
            new() { Calls = [Fn.Yield, Fn.CapGrant, Fn.CapRevoke, Fn.CapDrop], Rights = [Read, Read | Write | Grant], Ticks = false, Wild = true }) { AgreementEvery = 1 },
        new("letters", "one edge: messages, signals, waiting, its end; all transitions compared", new(2, 2, 2, 1), Frames: 2,
            new Systems().Image().Partition(quota: 4).Partition(quota: 3).Edge(1, 2, 2).Start(1, 2),
            new() { Calls = [Fn.Yield, Fn.QueueSend, Fn.QueueRecv, Fn.NotifySignal, Fn.NotifyWait, Fn.EdgeDestroy, Fn.Exit], Messages = [1, 2] }) { AgreementEvery = 1 },
        new("leases", "two take turns with a device of two pages: leases, renewals, their ends in time and before, sleep; all transitions compared", new(2, 3, 4, 1), Frames: 2,
            new Systems().Image().Device(0x9010, 2).Partition(quota: 10, budget: 3).Partition(quota: 6).Cap(1, Kind.Lease, 0, Right.All).Cap(1, Kind.Lease, 0, Right.All & ~Right.Lease)
                .Cap(2, Kind.Lease, 0, Right.Lease | Right.Prove).Cap(2, Kind.Partition, 1, Right.All).Edge(2, 1, 1).Start(1, 2),
            new() { Calls = [Fn.Yield, Fn.LeaseAcquire, Fn.LeaseRevoke, Fn.LeaseRenew, Fn.TimerWait, Fn.NotifyWait, Fn.PartitionTerminate], Leases = [600, 1500], Pages = [Page], Sleeps = [1000] }) { AgreementEvery = 1, MostDepth = 8 },
    ];

    /// <summary>Two partitions, three frames, four slots each, an edge, and so many records for each, one of them for its end.</summary>
    public static Configuration Pair(string name, ulong quota, int compare) => new(name, $"two partitions do everything, with {quota} records each; a sample of transitions compared", new(2, 4, 4, 1), Frames: 3,
        new Systems().Image().Partition(quota).Partition(quota).Region(1, Kind.Slab, 1, Right.All).Cap(1, Kind.Partition, 2, Right.All).Edge(1, 2, 1).Start(1, 2),
        new()
        {
            Calls = [Fn.Yield, Fn.CapGrant, Fn.CapRevoke, Fn.CapDrop, Fn.RegionMap, Fn.RegionUnmap, Fn.QueueSend, Fn.QueueRecv, Fn.NotifySignal, Fn.NotifyWait,
                Fn.EdgeDestroy, Fn.PartitionStart, Fn.PartitionSuspend, Fn.PartitionTerminate, Fn.Exit],
            Rights = [Read | Grant, Read | Write | Once],
            Pages = [Page],
            Permissions = [Kind.Rw],
        }) { AgreementEvery = compare };

    private static Configuration Schedule(string name, int compare) => new(name, "three partitions share the processor: slices, deadlines, budgets, sleep, suspension", new(3, 2, 4, 0), Frames: 3,
        new Systems().Image().Partition(4, deadline: 1000, budget: 3).Partition(3, deadline: 2000, slice: 2000).Partition(2, deadline: 2000, budget: 2)
            .Cap(1, Kind.Partition, 2, Write).Cap(2, Kind.Partition, 3, Write).Start(1, 2, 3),
        new()
        {
            Calls = [Fn.Yield, Fn.TimerWait, Fn.PartitionStart, Fn.PartitionSuspend, Fn.Exit],
            Sleeps = [1000, 3000],
        }) { AgreementEvery = compare };

    /// <summary>Two edges between two partitions: everything that can be in the queues, pending and waited for, while a reader drains the log.</summary>
    private static Configuration Crossing(string name, ulong quota, ulong capacity, int compare) => new(name, "an edge each way: messages, signals, waiting, in every order, with a drain", new(2, 3, 2, 2), Frames: 2,
        new Systems().Image().Partition(quota).Partition(quota).Edge(1, 2, capacity).Edge(2, 1, capacity).Cap(2, Kind.WitnessLog, 0, Right.Witness).Start(1, 2),
        new()
        {
            Calls = [Fn.Yield, Fn.QueueSend, Fn.QueueRecv, Fn.NotifySignal, Fn.NotifyWait, Fn.WitnessAck],
            Messages = [1, 2],
            Ticks = false,
        }) { AgreementEvery = compare };

    /// <summary>Four partitions with all there is, good and bad arguments, and every trap.</summary>
    private static Configuration Wide(string name, int walks, int compare) => new(name, "four partitions, every call with good and bad arguments, every trap: random walks", new(4, 17, 19, 6), Frames: 25,
        FourPartitions(), Everything(new() { Calls = Fn.All, Wild = true, Traps = true })) { AgreementEvery = compare, Walks = walks };

    private static IReadOnlyList<Happening> FourPartitions()
    {
        var s = new Systems().Image(data: 1);
        for (var p = 1; p <= 4; p++) s.Partition(quota: 300, deadline: 1000 * (ulong)p, budget: p == 4 ? 200UL : 0);
        s.Shared(1).Device(0x9010, 1).Device(0x9020, 2);
        for (ulong p = 1; p <= 4; p++)
        {
            s.Cap(p, Kind.Region, 8, Read | Grant | Revoke).Region(p, Kind.Slab, 2, Right.All).Region(p, Kind.Immutable, 1, Read | Grant | Revoke).Cap(p, Kind.Partition, p % 4 + 1, Right.All);
            s.Cap(p, Kind.Lease, p % 2, Right.Lease | Right.Prove).Cap(p, Kind.WitnessLog, 0, Right.Witness | Once).Cap(p, Kind.Console, 0, Right.All).Cap(p, Kind.Pool, 0, Write | Revoke | Right.Prove).Cap(p, Kind.Policy, 0, Right.All);
        }

        return s.Edge(1, 2, 2).Edge(2, 1, 1).Edge(3, 4, 3).Edge(4, 1, 1).Start(1, 2, 3);
    }

    private static Configuration Memory(string name, ulong quota, int compare) => new(name, "partitions are made, filled, ended and made again out of the same frames", new(2, 4, 5, 1), Frames: 5,
        new Systems().Image(data: 1).Partition(quota).Partition(2).Cap(1, Kind.Pool, 0, Write | Right.Prove).Cap(1, Kind.Partition, 2, Right.All).Region(1, Kind.Slab, 1, Right.All).Start(1),
        new()
        {
            Calls = [Fn.Yield, Fn.PartitionCreate, Fn.PartitionStart, Fn.PartitionTerminate, Fn.CapGrant, Fn.CapDrop, Fn.RegionMap, Fn.RegionUnmap, Fn.EdgeCreate, Fn.Exit],
            Rights = [Read | Write], Makes = [(2, 0)], Pages = [Page, Page + 512], Permissions = [Kind.R, Kind.Rw], Traps = true,
        }) { AgreementEvery = compare };

    private static Configuration Drained(string name, int compare) => new(name, "a reader drains the log, so that quotas come back and nothing ever ends", new(2, 3, 2, 1), Frames: 2,
        new Systems().Image().Partition(quota: 3).Partition(quota: 4).Edge(1, 2, 1).Cap(2, Kind.WitnessLog, 0, Right.Witness | Grant).Start(1, 2),
        new()
        {
            Calls = [Fn.Yield, Fn.QueueSend, Fn.QueueRecv, Fn.NotifySignal, Fn.NotifyWait, Fn.WitnessAck, Fn.WitnessRead, Fn.CapGrant, Fn.CapRevoke, Fn.CapDrop],
            Rights = [Read, Write | Read],
        }) { AgreementEvery = compare };

    private static Alphabet Everything(Alphabet a) => a with
    {
        Rights = [Read, Read | Write | Grant | Revoke, 0x1000], Pages = [Page, 0x40000, 0x800_0000], Permissions = [Kind.R, Kind.Rw, 9], Sleeps = [0, 500], Makes = [(2, 0), (3, 1), (0, 0)],
        Messages = [0, 7], Leases = [0, 500, 2000], Exits = [0, 3],
    };

    /// <summary>The configuration of `make test` that has a million states.</summary>
    public const string Million = "million";

    public static IReadOnlyList<Configuration> All { get; } =
    [
        .. Compared, Pair("pair", 3, 1000), Schedule("schedule", 1000), Memory("memory", 24, 200) with { MostDepth = 6 }, Drained("drained", 5000), Crossing(Million, 6, 3, 3_000), Wide("wide", 20, 50),
        Memory("memory-8", 24, 2000) with { MostDepth = 8, InTests = false }, Pair("pair-4", 4, 10_000) with { InTests = false }, Crossing("crossing", 9, 3, 100_000) with { InTests = false },
    ];
}
