using System.Globalization;
using System.Text.Json;
using Rvm.Tool.Audit;

namespace Rvm.Tool.Proof;

/// <summary>Writes the result of a stability run for people or for programs.</summary>
public static class StabilityReport
{
    public static void Text(TextWriter output, StabilityResult result)
    {
        output.WriteLine(new TextTable(result.Seeds == 0 ? "Asked of another solver, in its units" : $"Under {result.Seeds} random seeds, in units of the solver", ["obligation", "where", "lowest", "mean", "highest", "variation", "outcome"],
            result.Obligations.Select(o => new[]
            {
                $"{o.Symbol} ({o.Kind}, {o.Number})", $"{o.Place}", $"{o.Units.DefaultIfEmpty().Min():N0}", $"{o.Mean:N0}", $"{o.Units.DefaultIfEmpty().Max():N0}",
                $"{o.Variation:0.0} %", o.Proved ? "proved" : string.Join(", ", o.Outcomes.Distinct()),
            })).Text());
        foreach (var finding in result.Findings) ProofReport.Write(output, finding);
        output.WriteLine(result.Findings.Count == 0
            ? $"{result.Obligations.Count} obligations {(result.Seeds == 0 ? "get the same answer" : "are steady")}, {result.Time.TotalSeconds:0} s"
            : $"{(result.Seeds == 0 ? "SOLVERS DISAGREE" : "NOT STEADY")}: {result.Findings.Count} findings, {result.Time.TotalSeconds:0} s");
    }

    /// <param name="solver">name and version of who was asked</param>
    /// <param name="sources">digest of what was proved</param>
    public static string Json(StabilityResult result, string solver, string sources, DateTimeOffset now) => JsonSerializer.Serialize(new
    {
        Solver = solver,
        Measured = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        SourceDigest = sources,
        Verdict = result.Findings.Count == 0 ? "steady" : "not-steady",
        result.Seeds,
        Limit = StabilityRun.MostVariation,
        Obligations = result.Obligations.Select(o => new
        {
            o.Symbol, o.Kind, Batch = o.Number, o.Place.File, o.Place.Line, o.Units, o.Outcomes, Mean = Math.Round(o.Mean), Variation = Math.Round(o.Variation, 1),
        }),
        result.Findings,
    }, ProofReport.Json) + "\n";
}
