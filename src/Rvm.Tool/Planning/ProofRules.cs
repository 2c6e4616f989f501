using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>Warns of capabilities for calls that the kernel will deny: those that need a proof, where no policy permits them or no right to prove is held.</summary>
public static class ProofRules
{
    /// <summary>The calls that nobody can make without a policy and a proof token.</summary>
    public const string Calls = "partition_create, commedge_create, commedge_destroy, leases of devices and policy_activate";

    /// <summary>Checks all partitions of a system.</summary>
    public static void Check(SystemEntry system, DiagnosticBag bag)
    {
        foreach (var partition in system.Partitions)
            foreach (var capability in partition.Capabilities)
                if (system.Policy is null && (IsOnlyForProofs(capability) || capability.Rights.HasFlag(Rights.Prove)))
                    bag.Warn(capability.Place, $"without a policy the kernel denies {Calls}: this capability is for one of them",
                        "name a policy that permits what the guest needs: policy: FILE.rvmp (docs/policy.md)");
                else if (IsOnlyForProofs(capability) && !capability.Rights.HasFlag(Rights.Prove))
                    bag.Warn(capability.Place, $"the kernel denies {Calls} to a capability without the right `prove`", "add `prove` to its rights");
    }

    /// <summary>All calls that its rights allow need a proof.</summary>
    private static bool IsOnlyForProofs(CapabilityEntry capability) =>
        capability.Kind is ObjectKind.PhysMemPool or ObjectKind.Policy && capability.Rights.HasFlag(Rights.Write)
        || capability.Kind is ObjectKind.DeviceLease && capability.Rights.HasFlag(Rights.Lease);
}
