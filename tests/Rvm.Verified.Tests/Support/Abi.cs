namespace Rvm.Verified.Tests;

/// <summary>Statuses of docs/abi.md §2 that this kernel gives.</summary>
public static class Code
{
    public const long Ok = 0, Unsupported = -1, PartitionNotFound = -2, InvalidPartitionState = -3, PartitionLimitExceeded = -4,
        InsufficientCapability = -10, StaleCapability = -11, CapabilityTypeMismatch = -12, DelegationDepthExceeded = -13, CapabilityConsumed = -14,
        WitnessLogFull = -17, ProofInvalid = -18, MemoryOverlap = -23, AlignmentError = -24, OutOfMemory = -26, DeviceLeaseNotFound = -27,
        DeviceLeaseExpired = -28, DeviceLeaseConflict = -29, ResourceLimitExceeded = -33;

    /// <summary>Is it 0, or a documented error?</summary>
    public static bool IsKnown(ulong status) => (long)status is <= 0 and >= -34;
}

/// <summary>Numbers of RVM's own calls.</summary>
public static class Fn
{
    public const uint CapGrant = 1, RegionMap = 2, QueueSend = 3, QueueRecv = 4, TimerWait = 5, PartitionCreate = 12, EdgeCreate = 17, EdgeDestroy = 18,
        LeaseAcquire = 19, LeaseRevoke = 20, WitnessRead = 21, NotifySignal = 22, NotifyWait = 23, CapRevoke = 64, Yield = 65, Exit = 66, ConsoleWrite = 67, LeaseRenew = 71, WitnessAck = 72,
        PartitionStart = 73, PartitionSuspend = 74, PartitionTerminate = 75, RegionUnmap = 76, ProofSubmit = 77, CapDrop = 78,
        PolicyActivate = 79, ProofStatus = 80;

    public const ulong Base = 0xC600_0000, SmcccVersion = 0x8000_0000, VendorUid = 0x8600_FF01, PsciVersion = 0x8400_0000,
        SystemOff = 0x8400_0008, SystemReset = 0x8400_0009, PsciFeatures = 0x8400_000A;

    public static readonly uint[] All =
        [CapGrant, RegionMap, QueueSend, QueueRecv, TimerWait, PartitionCreate, EdgeCreate, EdgeDestroy, LeaseAcquire, LeaseRevoke, WitnessRead, NotifySignal, NotifyWait,
         CapRevoke, Yield, Exit, ConsoleWrite, LeaseRenew, WitnessAck, PartitionStart, PartitionSuspend, PartitionTerminate, RegionUnmap, ProofSubmit, CapDrop,
         PolicyActivate, ProofStatus];

    /// <summary>The calls that need a proof token.</summary>
    public static readonly uint[] Sealed = [PartitionCreate, EdgeCreate, EdgeDestroy, LeaseAcquire, LeaseRevoke, LeaseRenew, PolicyActivate];
}

/// <summary>Rights, one bit each.</summary>
public static class Right
{
    public const ulong Read = 1, Write = 2, Grant = 4, GrantOnce = 8, Prove = 0x10, Revoke = 0x20, Lease = 0x400, Witness = 0x800, All = 0xFFF;
}

/// <summary>Object kinds, region policies and map permissions.</summary>
public static class Kind
{
    public const uint Region = 1, Partition = 6, Edge = 7, Lease = 8, WitnessLog = 9, Pool = 10, Console = 11, Policy = 12;
    public const uint Immutable = 0, AppendOnly = 1, Slab = 2, Device = 3, Shared = 4;
    public const uint Everybody = 128;
    public const ulong R = 0, Rw = 1, Rx = 2, Dev = 3;
}

/// <summary>Kinds of witness records.</summary>
public static class Rec
{
    public const byte PartitionCreate = 0x01, PartitionStart = 0x07, PartitionSuspend = 0x08, PartitionQuota = 0x09, CapGrant = 0x10, CapRevoke = 0x11,
        CapDelegate = 0x12, RegionCreate = 0x20, RegionMap = 0x25, RegionUnmap = 0x26, EdgeCreate = 0x30, EdgeDestroy = 0x31, Signal = 0x33, Send = 0x34,
        Proved = 0x40, Rejected = 0x41, Fault = 0x42, LeaseGrant = 0x50, LeaseEnd = 0x51, TaskSpawn = 0x70, Terminate = 0x71, Attest = 0x80, BootComplete = 0x82, Drain = 0x85, PolicyActivate = 0x86, SystemEnd = 0x8F;
}

/// <summary>Kinds of effects.</summary>
public static class Fx
{
    public const ulong Console = 1, Zero = 2, Copy = 3, CodeSync = 4, TlbiRange = 5, TlbiVmid = 6, Inject = 7, Name = 8, Reset = 9, Halt = 10, MapSync = 11;
}
