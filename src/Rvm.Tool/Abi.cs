namespace Rvm.Tool;

/// <summary>The numbers of <c>docs/abi.md</c> that the tool shares with the kernel.</summary>
public static class Abi
{
    /// <summary>Bytes of one page.</summary>
    public const ulong Page = 4096;

    /// <summary>Partition slots, id 0 being the hypervisor's.</summary>
    public const int MaxPartitions = 127;

    /// <summary>Who owns a shared region: no partition.</summary>
    public const int Everybody = 128;

    /// <summary>Capability slots of one partition.</summary>
    public const int MaxSlots = 32;

    /// <summary>Regions of the whole system, the partitions' images included.</summary>
    public const int MaxRegions = 512;

    /// <summary>Communication edges of the whole system.</summary>
    public const int MaxEdges = 256;

    /// <summary>Guest images in a bundle.</summary>
    public const int MaxImages = 64;

    /// <summary>Devices that can be leased.</summary>
    public const int MaxDevices = 32;

    /// <summary>Most messages in one edge's queue.</summary>
    public const int MaxQueue = 16;

    /// <summary>Stage-2 tables of one partition besides its level-1 root.</summary>
    public const int MaxTables = 15;

    /// <summary>Records that the witness ring holds.</summary>
    public const int RingRecords = 65_536;

    /// <summary>Most pages in one region_map call or MAP command.</summary>
    public const ulong MaxMapPages = 4096;

    /// <summary>Most pages of a region.</summary>
    public const ulong MaxRegionPages = 16 * MaxMapPages;

    /// <summary>Longest derivation path of a capability.</summary>
    public const int MaxDelegationDepth = 8;

    /// <summary>Bits of an intermediate physical address.</summary>
    public const int IpaBits = 39;

    /// <summary>Counts per second of the generic timer (QEMU <c>virt</c>).</summary>
    public const ulong TimerHertz = 62_500_000;

    /// <summary>Shortest slice of a partition, in counts: 10 µs.</summary>
    public const ulong LeastSlice = 625;

    /// <summary>Physical address where RAM begins.</summary>
    public const ulong RamBase = 0x4000_0000;

    /// <summary>Physical address of the bundle's segment.</summary>
    public const ulong BundleBase = 0x4200_0000;

    /// <summary>Physical address of the first frame that partitions can own.</summary>
    public const ulong FirstFreeFrame = 0x4600_0000;

    /// <summary>Bytes before the bundle's first word in its segment: the array header of the kernel's run time.</summary>
    public const int BundleHeaderBytes = 16;

    /// <summary>Policies that a bundle can carry; the first is active at the beginning.</summary>
    public const int MaxPolicies = 2;

    /// <summary>Bytes of one witness record.</summary>
    public const int RecordBytes = 64;

    /// <summary>The handle of the n-th boot capability (from 0) of a partition.</summary>
    public static ulong Handle(int slot) => 0x1_0000_0000UL | (uint)slot;

    /// <summary>Pages that hold <paramref name="bytes"/> bytes.</summary>
    public static ulong Pages(ulong bytes) => bytes / Page + (bytes % Page == 0 ? 0UL : 1UL);
}

/// <summary>What a capability allows: one bit each.</summary>
[Flags]
public enum Rights : uint
{
    None = 0, Read = 1 << 0, Write = 1 << 1, Grant = 1 << 2, GrantOnce = 1 << 3, Prove = 1 << 4, Revoke = 1 << 5,
    Split = 1 << 6, Merge = 1 << 7, Migrate = 1 << 8, Hibernate = 1 << 9, Lease = 1 << 10, Witness = 1 << 11,
}

/// <summary>What a capability names.</summary>
public enum ObjectKind : byte
{
    Task = 0, Region = 1, Queue = 2, Timer = 3, VectorStore = 4, GraphStore = 5, Partition = 6, CommEdge = 7,
    DeviceLease = 8, WitnessLog = 9, PhysMemPool = 10, Console = 11, Policy = 12,
}

/// <summary>How a region may be used.</summary>
public enum RegionPolicy : byte { Immutable = 0, AppendOnly = 1, Slab = 2, Device = 3, Shared = 4 }

/// <summary>How pages are mapped at stage 2.</summary>
public enum MapPermission : byte { R = 0, Rw = 1, Rx = 2, Device = 3 }

/// <summary>Names of the interface as users write and read them.</summary>
public static class Names
{
    /// <summary>Rights by their name in a system description.</summary>
    public static readonly IReadOnlyDictionary<string, Rights> RightByName = new Dictionary<string, Rights>
    {
        ["read"] = Rights.Read, ["write"] = Rights.Write, ["grant"] = Rights.Grant, ["grant_once"] = Rights.GrantOnce,
        ["prove"] = Rights.Prove, ["revoke"] = Rights.Revoke, ["split"] = Rights.Split, ["merge"] = Rights.Merge,
        ["migrate"] = Rights.Migrate, ["hibernate"] = Rights.Hibernate, ["lease"] = Rights.Lease, ["witness"] = Rights.Witness,
    };

    /// <summary>Policies of a partition's own regions by their name in a system description.</summary>
    public static readonly IReadOnlyDictionary<string, RegionPolicy> PolicyByName = new Dictionary<string, RegionPolicy>
    {
        ["immutable"] = RegionPolicy.Immutable, ["append-only"] = RegionPolicy.AppendOnly,
        ["slab"] = RegionPolicy.Slab, ["device"] = RegionPolicy.Device,
    };

    /// <summary>Map permissions by their name in a system description.</summary>
    public static readonly IReadOnlyDictionary<string, MapPermission> PermissionByName = new Dictionary<string, MapPermission>
    {
        ["r"] = MapPermission.R, ["rw"] = MapPermission.Rw, ["rx"] = MapPermission.Rx, ["device"] = MapPermission.Device,
    };

    /// <summary>The permissions that a region's policy allows (docs/abi.md §2).</summary>
    public static IReadOnlyList<MapPermission> Allowed(RegionPolicy policy) => policy switch
    {
        RegionPolicy.Immutable => [MapPermission.R, MapPermission.Rx],
        RegionPolicy.AppendOnly or RegionPolicy.Shared => [MapPermission.R],
        RegionPolicy.Slab => [MapPermission.Rw, MapPermission.R],
        _ => [MapPermission.Device],
    };

    /// <summary>Rights as a system description writes them, separated by commas.</summary>
    public static string Of(Rights rights) =>
        rights == Rights.None ? "none" : string.Join(", ", RightByName.Where(r => rights.HasFlag(r.Value)).Select(r => r.Key));

    /// <summary>A policy as a system description writes it.</summary>
    public static string Of(RegionPolicy policy) => policy == RegionPolicy.Shared ? "shared" : PolicyByName.First(p => p.Value == policy).Key;

    /// <summary>A permission as a system description writes it.</summary>
    public static string Of(MapPermission permission) => PermissionByName.First(p => p.Value == permission).Key;

    /// <summary>A status by the name of ADR-148: 0 «Ok», −1 «Unsupported» … −34 «InternalError».</summary>
    public static string Status(long status) =>
        status == 0 ? "Ok" : status is < 0 and >= -34 ? Statuses[(int)-status - 1] : $"unknown status {status}";

    private static readonly string[] Statuses =
    [
        "Unsupported", "PartitionNotFound", "InvalidPartitionState", "PartitionLimitExceeded", "SplitPreconditionFailed",
        "MergePreconditionFailed", "MigrationTimeout", "VcpuNotFound", "VcpuLimitReached", "InsufficientCapability",
        "StaleCapability", "CapabilityTypeMismatch", "DelegationDepthExceeded", "CapabilityConsumed", "WitnessVerificationFailed",
        "WitnessChainBroken", "WitnessLogFull", "ProofInvalid", "ProofTierInsufficient", "ProofBudgetExceeded",
        "CoherenceBelowThreshold", "MinCutBudgetExceeded", "MemoryOverlap", "AlignmentError", "InvalidTierTransition",
        "OutOfMemory", "DeviceLeaseNotFound", "DeviceLeaseExpired", "DeviceLeaseConflict", "CheckpointNotFound",
        "CheckpointCorrupted", "FailureEscalated", "ResourceLimitExceeded", "InternalError",
    ];
}
