namespace Rvm.Tool.Bench;

/// <summary>One figure to measure.</summary>
/// <param name="System">name of the bench system, <c>systems/bench/NAME.yaml</c></param>
/// <param name="Bound">what the project asks for; null: for comparison only</param>
/// <param name="PeerMetric">name in <c>tools/peers.csv</c></param>
/// <param name="Report">what the guest calls its own measurement by the counter, which has to agree</param>
public sealed record BenchRow(
    string Id, string Title, string System, Probe Probe, double? Bound, string? PeerMetric = null, string? Report = null);

/// <summary>A kernel function that is timed from entry to return.</summary>
/// <param name="Pattern">regular expression that its symbol in the image matches</param>
public sealed record TimedFunction(string Name, string Pattern);

/// <summary>The rows of the performance budget.</summary>
public static class BenchRows
{
    //                    hypercall  witnessed  yield      notify     message     map      unmap      first guest instruction
    private const int     Null = 1,  Call = 11, Yield = 8, Notify = 5, Message = 13, Map = 7, Unmap = 12, FirstGuest = 20, Proof = 21;
    private const string  Append = "append", Check = "check", Steps = "steps";

    public const double TextBytes = 128 * 1024;

    public static readonly IReadOnlyList<TimedFunction> Functions =
    [
        new(Append, "(WitnessRing|WitnessLog|Ring|Log|Witness)_*__Append$"),
        new(Check, "CapTable__Check$"),
        new(Steps, "JobCalls___default__Checks$"),
    ];

    public static readonly IReadOnlyList<BenchRow> All =
    [
        new("hypercall", "hypercall round trip (null)", "null", new Probe.Period(Null), 150, "hypercall_roundtrip", "hvc_null"),
        new("hypercall-witnessed", "hypercall with P1 check and witness record", "witnessed", new Probe.Period(Call), 400, null, "notify_signal"),
        new("switch", "partition switch, one way", "yield", new Probe.Period(Yield, 2), 300, "vcpu_switch_one_way", "yield_roundtrip"),
        new("notify", "notification, steady, one way, same core", "notify", new Probe.Period(Notify, 2), 700, "notify_steady_one_way", "notify_roundtrip"),
        new("message", "message send + switch + receive", "message", new Probe.Period(Message, 2), 1200, "vm_to_vm_call_reply_roundtrip", "message_roundtrip"),
        new("map", "stage-2 map of one 4 KiB page", "map", new Probe.Between(Map, Unmap), 400, "stage2_map_4k_single"),
        new("unmap", "stage-2 unmap of one 4 KiB page", "map", new Probe.Between(Unmap, Map), null, "stage2_unmap_4k_single"),
        new("boot-uart", "reset to first UART store", "null", new Probe.FromReset("uart"), null, "boot_to_first_uart_store"),
        new("boot-witness", "reset to first witness record", "null", new Probe.FromReset(Append), 100_000),
        new("boot-guest", "reset to first guest instruction", "null", new Probe.FromReset("mark", FirstGuest), 400_000, "boot_to_first_guest_insn"),
        new("append", "witness append", "witnessed", new Probe.Inside(Append), 150),
        new("p1", "P1 capability check", "witnessed", new Probe.Inside(Check), 60),
        new("p2-1", "hypercall with P2: token, policy of 1 rule, record", "proof-1", new Probe.Period(Proof), null, null, "p2"),
        new("p2-16", "the same with 16 rules", "proof-16", new Probe.Period(Proof), null, null, "p2"),
        new("p2-256", "the same with 256 rules", "proof-256", new Probe.Period(Proof), 3000, null, "p2"),
        new("p2-256-asked", "the same, all rules asked: they look at the time", "proof-256-asked", new Probe.Period(Proof), null, null, "p2"),
        new("p3-steps", "the 16 steps of a deep proof at the end of a slice", "deep", new Probe.Inside(Steps), null),
    ];
}
