using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit;

/// <summary>Writes an audit as json (<c>docs/audit.schema.json</c>), as Markdown, and as text for the console.</summary>
public static class AuditWriter
{
    private const int Shown = 10;

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The same sources and logs give the same bytes: no times, no paths of the machine.</summary>
    public static string Json(AuditReport report) => JsonSerializer.Serialize(new
    {
        Version = 1,
        Verdict = Verdict(report),
        Totals = new { Theorems = report.Theorems.Count, Obligations = report.Obligations.Count, report.Unproved, Units = report.Resources },
        report.Findings,
        report.Theorems,
        report.Obligations,
        report.Trusted,
        report.Sizes,
        report.Budgets,
        report.Tools,
        report.Verifier,
        report.Closures,
        report.Custody,
        report.Image,
        report.Kernel,
        report.Steadiness,
        report.Symbols,
    }, Options) + "\n";

    public static string Markdown(AuditReport report) =>
        "# Audit\n\n" + Summary(report) + "\n\n" +
        string.Join("\n", Tables(report, int.MaxValue).Select(t => $"## {t.Title}\n\n{t.Markdown()}"));

    public static void Console(TextWriter output, AuditReport report)
    {
        foreach (var table in Tables(report, Shown)) output.WriteLine(table.Text());
        foreach (var finding in report.Findings) ProofReport.Write(output, finding);
        output.WriteLine(Summary(report));
    }

    private static string Verdict(AuditReport report) => report.Clean ? "clean" : "findings";

    private static string Summary(AuditReport report) =>
        $"Verdict: {(report.Clean ? "clean" : $"{report.Findings.Count} findings")}. {report.Theorems.Count} theorems, " +
        $"{report.Obligations.Count:N0} obligations, {report.Unproved} unproved, {report.Resources:N0} units; " +
        $"{report.Trusted.Count(t => t.Kind == "extern")} externs, {report.Trusted.Count(t => t.Kind == "axiom")} axioms.";

    private static IEnumerable<TextTable> Tables(AuditReport report, int most)
    {
        yield return new TextTable("Theorems", ["theorem", "claim", "where", "outcome", "units"],
            report.Theorems.Select(t => new[] { t.Name, t.Sentence, $"{t.File}:{t.Line}", t.Outcome, $"{t.Resources:N0}" }));
        yield return new TextTable("What each theorem rests on", ["theorem", "meaning", "proof", "lemmas", "trusted", "obligations", "units", "meaning's digest"],
            report.Closures.Select(c => new[] { c.Theorem, $"{c.Meaning.Count}", $"{c.Proof.Count}", $"{c.Lemmas}", string.Join(", ", c.Trusted.Select(i => report.Symbols[i].Name)), $"{c.Obligations:N0}", $"{c.Units:N0}", c.MeaningDigest[..12] }));
        yield return new TextTable("From the sources to the image", ["stage", "state", "what", "SHA-256", "note"],
            (report.Custody?.Links ?? []).Select(l => new[] { l.Stage, l.State, l.Name, l.Digest.Length > 12 ? l.Digest[..12] : "", l.Note }));
        if (report.Custody?.Reproduction is { } r)
            yield return new TextTable("Reproduced from clean clones", ["reproduced", "clones", "SHA-256", "commit", "built", "note"],
                [[r.State, string.Join(", ", r.Clones.Select(c => c.Folder)), string.Join(", ", r.Clones.Select(c => c.Digest[..12]).Distinct()), r.Commit is { } commit ? commit[..Math.Min(12, commit.Length)] : "", r.Built ?? "", r.Note]]);
        yield return new TextTable("The image", ["check", "holds", "value", "limit", "detail"],
            report.Image.Select(c => new[] { c.Name, c.Holds ? "yes" : "NO", $"{c.Value:N0}", $"{c.Limit:N0}", c.Detail }));
        yield return new TextTable("Steadiness", ["kind", "solver", "seeds", "obligations", "unsteady", "measured", "of"],
            report.Steadiness.Select(s => new[] { s.Kind, s.Solver, $"{s.Seeds}", $"{s.Obligations}", $"{s.Unsteady}", s.Measured, s.Current ? "the present sources" : "older sources" }));
        yield return new TextTable("Trusted", ["kind", "name", "where", "lines", "reason"],
            report.Trusted.Select(t => new[] { t.Kind, t.Name, $"{t.File}:{t.Line}", t.Lines == 0 ? "" : $"{t.Lines}", t.Reason }));
        yield return new TextTable("Sizes", ["part", "files", "code", "lines"],
            report.Sizes.Select(s => new[] { s.Part, $"{s.Files}", $"{s.Code}", $"{s.Lines}" }));
        yield return new TextTable("Budgets", ["what", "value", "limit", "met"],
            report.Budgets.Select(b => new[] { b.Name, $"{b.Value:N0}", $"{b.Limit:N0}", b.Met ? "yes" : b.Binding ? "NO" : "no, not binding yet" }));
        yield return new TextTable("Tools", ["tool", "version"], report.Tools.Select(t => new[] { t.Name, t.Version }));
        yield return new TextTable(most < report.Obligations.Count ? $"Obligations (the {most} most expensive)" : "Obligations",
            ["symbol", "kind", "where", "outcome", "assertions", "units"],
            report.Obligations.OrderByDescending(o => o.Resources).Take(most)
                .Select(o => new[] { o.Symbol, o.Kind, $"{o.File}:{o.Line}", o.Outcome, $"{o.Assertions}", $"{o.Resources:N0}" }));
    }
}
