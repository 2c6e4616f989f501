namespace Rvm.Policy.Binding;

/// <summary>A hypercall that a policy can decide.</summary>
/// <param name="Number">Its number (docs/abi.md).</param>
/// <param name="Name">Its name in the language.</param>
/// <param name="AlwaysDecided">The policy decides it even when it does not govern it.</param>
public sealed record Call(int Number, string Name, bool AlwaysDecided);

/// <summary>The calls that a policy can decide, in the order of their numbers.</summary>
public static class Calls
{
    /// <summary>Call numbers are below this.</summary>
    public const int Count = 128;

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<Call> All =
    [
        new(1, "cap_grant", false), new(2, "region_map", false), new(6, "rvf_mount", true), new(7, "attest_emit", true),
        new(9, "vector_put_proved", true), new(10, "graph_apply_proved", true), new(12, "partition_create", true), new(13, "partition_split", true),
        new(14, "partition_merge", true), new(15, "partition_hibernate", true), new(16, "partition_reconstruct", true),
        new(17, "commedge_create", true),
        new(18, "commedge_destroy", true), new(19, "device_lease_acquire", true), new(20, "device_lease_revoke", true), new(64, "cap_revoke", false),
        new(68, "region_share", false), new(69, "region_unshare", false), new(70, "region_transfer", false), new(71, "lease_renew", true),
        new(73, "partition_start", false), new(74, "partition_suspend", false), new(75, "partition_terminate", false), new(76, "region_unmap", false),
        new(79, "policy_activate", true),
    ];

    /// <summary>All of them by name.</summary>
    public static readonly IReadOnlyDictionary<string, Call> ByName = All.ToDictionary(c => c.Name);

    /// <summary>All of them by number.</summary>
    public static readonly IReadOnlyDictionary<int, Call> ByNumber = All.ToDictionary(c => c.Number);

    /// <summary>The calls that need a proof token: they change what others hold.</summary>
    public static readonly IReadOnlyList<Call> Sealed = [.. All.Where(c => c.Number is 12 or (>= 17 and <= 20) or 71 or 79)];

    /// <summary>The call of this name, which must exist.</summary>
    public static Call Named(string name) => ByName[name];
}
