using System.Text.Json;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit;

/// <summary>The newest results of <c>make stability</c> and <c>make cross-check</c>: what was measured, when, and on which sources.</summary>
public sealed class SteadinessFiles
{
    private sealed record Asked(string Symbol, string Kind, int Batch, IReadOnlyList<string> Outcomes);

    private sealed record Stored(string Solver, string Measured, string SourceDigest, int Seeds, IReadOnlyList<Asked> Obligations, IReadOnlyList<Finding> Findings);

    private readonly Dictionary<(string, string, int), (int Seeds, List<string> Agree)> asked = [];
    private readonly List<SteadinessResult> results = [];
    private readonly List<Finding> findings = [];

    public SteadinessFiles(Checkout checkout, string sources)
    {
        Read(checkout, ProofCommands.StabilityFile, "seeds", sources);
        Read(checkout, ProofCommands.CrossCheckFile, "solver", sources);
    }

    public IReadOnlyList<SteadinessResult> Results => results;

    /// <summary>What was found on the present sources; what was found on older ones is only shown.</summary>
    public IReadOnlyList<Finding> Findings => findings;

    /// <summary>The obligation with the seeds that it was tried with and the solvers that agree.</summary>
    public Obligation Marked(Obligation o) =>
        asked.TryGetValue((o.Symbol, o.Kind, o.Batch), out var known) ? o with { Seeds = known.Seeds, Solver = string.Join(" + ", [o.Solver, .. known.Agree]) } : o;

    private void Read(Checkout checkout, string file, string kind, string sources)
    {
        if (!File.Exists(checkout.Path(file))) return;
        Stored? stored;
        try { stored = JsonSerializer.Deserialize<Stored>(File.ReadAllText(checkout.Path(file)), ProofReport.Json); }
        catch (JsonException) { stored = null; }
        if (stored?.SourceDigest == null)
        {
            findings.Add(new Finding("steadiness", new Place(file, 0, 0), "it does not say what was measured", $"`make {(kind == "seeds" ? "stability" : "cross-check")}` measures again"));
            return;
        }
        var current = stored.SourceDigest == sources;
        var unsteady = stored.Findings.Count(f => f.Rule != "stale");
        results.Add(new SteadinessResult(kind, stored.Solver, stored.Seeds, stored.Measured, stored.SourceDigest, current, stored.Obligations.Count, unsteady));
        if (!current) return;
        findings.AddRange(stored.Findings);
        foreach (var o in stored.Obligations)
        {
            var (seeds, agree) = asked.GetValueOrDefault((o.Symbol, o.Kind, o.Batch), (0, []));
            if (kind == "solver" && o.Outcomes.Count > 0 && o.Outcomes.All(x => x == Batch.Holds)) agree.Add(stored.Solver);
            asked[(o.Symbol, o.Kind, o.Batch)] = (Math.Max(seeds, stored.Seeds), agree);
        }
    }
}
