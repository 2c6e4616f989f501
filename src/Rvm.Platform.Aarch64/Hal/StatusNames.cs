namespace Rvm.Platform.Aarch64;

/// <summary>The names of ADR-148 for the statuses of docs/abi.md, section 2.</summary>
internal static class StatusNames
{
    public static string Of(ulong status) => (long)status switch
    {
        -1 => "Unsupported",
        -2 => "PartitionNotFound",
        -3 => "InvalidPartitionState",
        -4 => "PartitionLimitExceeded",
        -5 => "SplitPreconditionFailed",
        -6 => "MergePreconditionFailed",
        -7 => "MigrationTimeout",
        -8 => "VcpuNotFound",
        -9 => "VcpuLimitReached",
        -10 => "InsufficientCapability",
        -11 => "StaleCapability",
        -12 => "CapabilityTypeMismatch",
        -13 => "DelegationDepthExceeded",
        -14 => "CapabilityConsumed",
        -15 => "WitnessVerificationFailed",
        -16 => "WitnessChainBroken",
        -17 => "WitnessLogFull",
        -18 => "ProofInvalid",
        -19 => "ProofTierInsufficient",
        -20 => "ProofBudgetExceeded",
        -21 => "CoherenceBelowThreshold",
        -22 => "MinCutBudgetExceeded",
        -23 => "MemoryOverlap",
        -24 => "AlignmentError",
        -25 => "InvalidTierTransition",
        -26 => "OutOfMemory",
        -27 => "DeviceLeaseNotFound",
        -28 => "DeviceLeaseExpired",
        -29 => "DeviceLeaseConflict",
        -30 => "CheckpointNotFound",
        -31 => "CheckpointCorrupted",
        -32 => "FailureEscalated",
        -33 => "ResourceLimitExceeded",
        -34 => "InternalError",
        _ => "unknown status",
    };
}
