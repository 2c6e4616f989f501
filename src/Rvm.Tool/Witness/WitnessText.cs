using Rvm.Policy.Table;

namespace Rvm.Tool.Witness;

/// <summary>Says in words what a record holds.</summary>
public static class WitnessText
{
    /// <summary>The record's object and aux in words.</summary>
    /// <param name="policy">The table of the policy that was active then; null: unknown, and rules have only their numbers.</param>
    public static string Explain(WitnessRecord r, PolicyTable? policy = null) => r.Kind switch
    {
        0x01 => $"partition {r.Object} from image {r.Aux}",
        0x09 => $"partition {r.Object}: {r.Aux >> 32} records, {Budget(r.Aux & 0xFFFF_FFFF)}",
        0x07 or 0x08 => $"partition {r.Object}",
        0x10 => $"partition {r.Object >> 32} slot {Low(r.Object)}: {Kind(r.Aux >> 56)} {(r.Aux >> 32) & 0xFF_FFFF} [{Names.Of((Rights)(uint)r.Aux)}]",
        0x11 => (r.Aux & 1UL << 63) != 0 ? $"slot {r.Object} dropped" : $"slot {r.Object}: generation {r.Aux}",
        0x12 => $"partition {r.Object >> 32} slot {Low(r.Object)} from slot {r.Aux >> 32} [{Names.Of((Rights)(uint)r.Aux)}]",
        0x20 => $"region {Low(r.Object)} of partition {r.Object >> 32}: {Policy(r.Aux >> 60)}, {(r.Aux >> 40) & 0xF_FFFF} pages from frame 0x{r.Aux & 0xFF_FFFF_FFFF:x}",
        0x25 => $"region {r.Object >> 32} at IPA 0x{Low(r.Object) << 12:x} of partition {(r.Aux >> 52) & 0xFF}: {Permission(r.Aux >> 60)}, {Low(r.Aux)} pages from page {(r.Aux >> 32) & 0xF_FFFF}",
        0x26 => $"region {r.Object >> 32} at IPA 0x{Low(r.Object) << 12:x}: {r.Aux} pages",
        0x30 => $"edge {r.Object}: {r.Aux >> 32} to {(r.Aux >> 16) & 0xFFFF}, capacity {r.Aux & 0xFFFF}",
        0x31 => $"edge {r.Object}",
        0x33 => $"edge {r.Object}: bits 0x{r.Aux:x}",
        0x34 => $"edge {r.Object}: {r.Aux} in the queue",
        0x40 => $"{Call(0xC600_0000 + (r.Aux >> 32))} with nonce {r.Object}: {Rule(Low(r.Aux), policy)} permits",
        0x41 => $"{Call(Low(r.Object))}: {Names.Status((long)r.Aux)}{Denial(r.Object >> 32, policy)}",
        0x42 => $"at 0x{r.Object:x}, ESR 0x{r.Aux:x} ({ExceptionClass(r.Aux)})",
        0x70 => $"partition {r.Object}: slice {SystemDescription.Units.ShowCounts(r.Aux >> 32)}, deadline {SystemDescription.Units.ShowCounts(Low(r.Aux))}",
        0x71 => $"partition {r.Object}: {End(r.Aux)}",
        0x80 => $"bundle of {r.Object} words, FNV 0x{r.Aux:x16}",
        0x82 => $"{r.Object} partitions",
        0x85 => $"up to record {r.Object}",
        0x86 => $"policy {r.Object}, FNV 0x{r.Aux:x16}",
        0x8F => "all partitions have ended",
        _ => $"object 0x{r.Object:x}, aux 0x{r.Aux:x}",
    };

    /// <summary>True when the record's actor, or what it acts on, is the partition.</summary>
    public static bool Concerns(WitnessRecord r, ulong partition) => r.Subject == partition || r.Kind switch
    {
        0x01 or 0x07 or 0x08 or 0x09 or 0x70 or 0x71 => r.Object == partition,
        0x10 or 0x12 or 0x20 => r.Object >> 32 == partition,
        0x25 => ((r.Aux >> 52) & 0xFF) == partition,
        0x30 => r.Aux >> 32 == partition || ((r.Aux >> 16) & 0xFFFF) == partition,
        _ => false,
    };

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
        [17] = "commedge_create", [18] = "commedge_destroy", [21] = "witness_read", [22] = "notify_signal", [23] = "notify_wait",
        [64] = "cap_revoke", [65] = "yield", [66] = "exit", [67] = "console_write", [72] = "witness_ack", [73] = "partition_start",
        [74] = "partition_suspend", [75] = "partition_terminate", [76] = "region_unmap", [78] = "cap_drop", [79] = "policy_activate",
    };

    /// <summary>How a record names a denial by the policy: 0 no denial, else 1 + the rule's number.</summary>
    private static string Denial(ulong named, PolicyTable? policy) => named switch
    {
        0 => "", 1 + NoRule => ", no rule permits it", _ => $", {Rule(named - 1, policy)} denies",
    };

    private const ulong NoRule = 4095;

    private static string Rule(ulong number, PolicyTable? policy) =>
        policy?.Text.Rule((int)number) is { } rule ? $"rule {number} `{rule.Name}`" : $"rule {number}";

    private static string End(ulong aux) => (aux >> 56) switch
    {
        0 => $"exit status {aux & 0xFF_FFFF_FFFF_FFFF}",
        1 => $"fault, ESR 0x{aux & 0xFF_FFFF_FFFF_FFFF:x} ({ExceptionClass(aux)})",
        2 => "budget used up",
        3 => "ended by another partition",
        var reason => $"reason {reason}, 0x{aux & 0xFF_FFFF_FFFF_FFFF:x}",
    };

    private static string ExceptionClass(ulong esr) => ((esr >> 26) & 0x3F) switch
    {
        0x00 => "unknown instruction", 0x01 => "WFI or WFE", 0x07 => "FP/SIMD access", 0x0E => "illegal execution state",
        0x16 => "HVC", 0x17 => "SMC", 0x18 => "system register", 0x20 => "instruction abort", 0x22 => "PC alignment",
        0x24 => "data abort", 0x26 => "SP alignment", 0x30 or 0x31 => "breakpoint", 0x3C => "BRK",
        var c => $"exception class 0x{c:x}",
    };

    private static string Budget(ulong slices) => slices == 0 ? "no budget" : $"budget {slices} slices";

    private static string Kind(ulong kind) => Enum.IsDefined((ObjectKind)(byte)kind) ? ((ObjectKind)(byte)kind).ToString() : $"kind {kind}";

    private static string Policy(ulong policy) => policy <= 3 ? Names.Of((RegionPolicy)(byte)policy) : $"policy {policy}";

    private static string Permission(ulong permission) => permission <= 3 ? Names.Of((MapPermission)(byte)permission) : $"permission {permission}";

    private static ulong Low(ulong word) => word & 0xFFFF_FFFF;
}
