using Rvm.Policy.Table;

namespace Rvm.Tool.Witness;

/// <summary>Says in words what a record holds.</summary>
public static class WitnessText
{
    /// <summary>The record's object and aux in words.</summary>
    /// <param name="policy">The table of the policy that was active then; null: unknown, and rules have only their numbers.</param>
    public static string Explain(WitnessRecord r, PolicyTable? policy = null) =>
        RecordKinds.Find(r.Kind)?.Explain(r, policy) ?? $"object 0x{r.Object:x}, aux 0x{r.Aux:x}";

    /// <summary>True when the record's actor, or a partition that its fields name, is the partition.</summary>
    public static bool Concerns(WitnessRecord r, ulong partition) =>
        r.Subject == partition || (RecordKinds.Find(r.Kind)?.Fields.Any(f => f.Meaning == FieldMeaning.Partition && f.Of(r) == partition) ?? false);

    /// <summary>The name of a function id.</summary>
    public static string Call(ulong id) => id switch
    {
        0xFFFF_FFFF => "SMC",
        0x8000_0000 => "SMCCC_VERSION",
        0x8600_FF01 => "vendor UID",
        >= 0xC600_0000 and < 0xC600_0100 => Calls.TryGetValue(id - 0xC600_0000, out var name) ? name : $"call {id - 0xC600_0000}",
        _ => $"function 0x{id:x}",
    };

    private static readonly Dictionary<ulong, string> Calls = new()
    {
        [1] = "cap_grant", [2] = "region_map", [3] = "queue_send", [4] = "queue_recv", [5] = "timer_wait", [12] = "partition_create",
        [17] = "commedge_create", [18] = "commedge_destroy", [19] = "device_lease_acquire", [20] = "device_lease_revoke", [21] = "witness_read", [22] = "notify_signal", [23] = "notify_wait",
        [64] = "cap_revoke", [65] = "yield", [66] = "exit", [67] = "console_write", [71] = "lease_renew", [72] = "witness_ack", [73] = "partition_start",
        [74] = "partition_suspend", [75] = "partition_terminate", [76] = "region_unmap", [77] = "proof_submit", [78] = "cap_drop",
        [79] = "policy_activate", [80] = "proof_status",
    };

    /// <summary>How a record names a denial by the policy: 0 no denial, else 1 + the rule's number.</summary>
    internal static string Denial(ulong named, PolicyTable? policy) => named switch
    {
        0 => "", 1 + NoRule => ", no rule permits it", _ => $", {RuleOf(named - 1, policy)} denies",
    };

    private const ulong NoRule = 4095;

    internal static string RuleOf(ulong number, PolicyTable? policy) =>
        policy?.Text.Rule((int)number) is { } rule ? $"rule {number} `{rule.Name}`" : $"rule {number}";

    internal static string End(ulong reason, ulong detail) => reason switch
    {
        0 => $"exit status {detail}",
        1 => $"fault, ESR 0x{detail:x} ({ExceptionClass(detail)})",
        2 => "budget used up",
        3 => "ended by another partition",
        4 => "lease over, and no record left to tell of it",
        _ => $"reason {reason}, 0x{detail:x}",
    };

    internal static string LeaseEnd(ulong reason) => reason switch { 0 => "returned", 1 => "expired", _ => $"reason {reason}" };

    internal static string ExceptionClass(ulong esr) => ((esr >> 26) & 0x3F) switch
    {
        0x00 => "unknown instruction", 0x01 => "WFI or WFE", 0x07 => "FP/SIMD access", 0x0E => "illegal execution state",
        0x16 => "HVC", 0x17 => "SMC", 0x18 => "system register", 0x20 => "instruction abort", 0x22 => "PC alignment",
        0x24 => "data abort", 0x26 => "SP alignment", 0x30 or 0x31 => "breakpoint", 0x3C => "BRK",
        var c => $"exception class 0x{c:x}",
    };

    internal static string Slices(ulong slices) => slices == 0 ? "no budget" : $"budget {slices} slices";

    internal static string RightsOf(ulong rights) => Names.Of((Rights)(uint)rights);

    internal static string KindOf(ulong kind) => Enum.IsDefined((ObjectKind)(byte)kind) ? ((ObjectKind)(byte)kind).ToString() : $"kind {kind}";

    internal static string PolicyOf(ulong policy) => policy <= 4 ? Names.Of((RegionPolicy)(byte)policy) : $"policy {policy}";

    internal static string PermissionOf(ulong permission) => permission <= 3 ? Names.Of((MapPermission)(byte)permission) : $"permission {permission}";
}
