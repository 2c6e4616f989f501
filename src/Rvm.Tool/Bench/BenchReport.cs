using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Tool.Audit;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Bench;

public sealed record PeerFigure(string Peer, string Version, double Instructions, string Conditions);

/// <summary>A row with its figure.</summary>
/// <param name="Unit">instructions, or bytes</param>
/// <param name="Counter">the same by the guest's own reading of the counter</param>
/// <param name="Problem">why there is no figure</param>
public sealed record BenchFigure(
    string Id, string Title, string Unit, Distribution? Measured, double? Counter, double? Bound, double? Floor, IReadOnlyList<PeerFigure> Peers, string? Problem)
{
    public bool Met => Bound == null || Measured?.Mode <= Bound;
}

/// <summary>The figures of peers (<c>tools/peers.csv</c>).</summary>
public static class Peers
{
    private const string FileName = "tools/peers.csv", FloorName = "floor";

    public static ILookup<string, PeerFigure> Read(Checkout checkout) =>
        File.ReadLines(checkout.Path(FileName)).Where(l => !l.StartsWith('#')).Skip(1).Select(l => l.Split(',', 5))
            .ToLookup(f => f[2], f => new PeerFigure(f[0], f[1], double.Parse(f[3], CultureInfo.InvariantCulture), f[4]));

    public static bool IsFloor(PeerFigure figure) => figure.Peer == FloorName;
}

/// <summary>Writes the figures for people and for programs.</summary>
public static class BenchReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Json(IReadOnlyList<BenchFigure> figures) => JsonSerializer.Serialize(new
    {
        Version = 1,
        Machine = "QEMU virt, cortex-a72, 4 processors, -icount shift=0,sleep=off; figures are retired instructions, the guest's loop included",
        Verdict = figures.All(f => f.Met && f.Problem == null) ? "met" : "missed",
        Rows = figures,
    }, Options) + "\n";

    public static string Text(IReadOnlyList<BenchFigure> figures) =>
        new TextTable("Retired instructions (mode of the samples)", ["what", "mode", "median", "max", "counter", "bound", "", "floor", "peers"], figures.Select(Row)).Text();

    private static string[] Row(BenchFigure f) =>
    [
        f.Unit == "instructions" ? f.Title : $"{f.Title} ({f.Unit})",
        Number(f.Measured?.Mode), Number(f.Measured?.Median), Number(f.Measured?.Max), Number(f.Counter), Number(f.Bound),
        f.Problem != null ? f.Problem : f.Bound == null ? "" : f.Met ? "met" : "MISSED",
        Number(f.Floor), string.Join(", ", f.Peers.Select(p => $"{p.Peer} {Number(p.Instructions)}")),
    ];

    private static string Number(double? value) => value?.ToString("#,0.##", CultureInfo.InvariantCulture) ?? "–";
}
