using System.Text.Json;
using System.Text.Json.Serialization;
using Rvm.Tool.Audit;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants;

/// <summary>Writes what became of the mutants, for people and for programs.</summary>
public static class MutantReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Dictionary<Fate, string> Names = new()
    {
        [Fate.Refuted] = "refuted", [Fate.NotProved] = "not-proved", [Fate.Elsewhere] = "elsewhere", [Fate.Survived] = "survived",
        [Fate.NoBaseline] = "no-baseline", [Fate.Wrong] = "wrong",
    };

    private static readonly Dictionary<Fate, string> Mends = new()
    {
        [Fate.NotProved] = "the proof gave up before it found out; prefer a proof that fails for certain",
        [Fate.Elsewhere] = "name in `refuted` the proof that fails",
        [Fate.Survived] = "either the proof does not say what it should, or the mutant is no mistake: strengthen the one or drop the other",
        [Fate.NoBaseline] = "`make verify` shows what does not hold; mend that first",
        [Fate.Wrong] = "mend `put` or `symbol`: a mutant must be a Dafny program, and its proof must exist",
    };

    /// <summary>The line for a mutant whose proofs have just run.</summary>
    public static string Line(MutantResult result, int done, int all) =>
        $"  {$"{done}/{all}",7}  {Names[result.Fate],-11}  {result.Mutant.Layer,-8}  {result.Mutant.Id,-34}  {result.Time.TotalSeconds,5:0.0} s  {By(result.Decisive)}";

    public static void Text(TextWriter output, IReadOnlyList<MutantResult> results, TimeSpan time)
    {
        foreach (var finding in Findings(results)) ProofReport.Write(output, finding);
        output.WriteLine($"{Summary(results)}; {time.TotalSeconds:0} s");
    }

    /// <summary>Mutants that were not refuted, each at its place in the list.</summary>
    public static IEnumerable<Finding> Findings(IEnumerable<MutantResult> results) =>
        from result in results
        where result.Fate != Fate.Refuted
        let place = result.Mutant.Place
        let verdict = result.Decisive
        select new Finding(Names[result.Fate], new Place(place.File, place.Line, place.Column),
            $"mutant `{result.Mutant.Id}` ({result.Mutant.Says}) {verdict.Refutation.File}: {verdict.Refutation.Symbol}: {verdict.Message}", Mends[result.Fate],
            verdict.Where == null ? null : [new Related(verdict.Where, verdict.Message)]);

    /// <summary>One row for each mutant.</summary>
    public static string Markdown(IReadOnlyList<MutantResult> results) =>
        $"# Mutants\n\n{Summary(results)}.\n\n" + new TextTable("Mutants", ["mutant", "layer", "mistake", "outcome", "by", "units"],
            results.Select(r => new[]
            {
                r.Mutant.Id, r.Mutant.Layer, r.Mutant.Says, Names[r.Fate], string.Join("; ", r.Verdicts.Select(By)), $"{r.Verdicts.Sum(v => v.Units):N0}",
            })).Markdown();

    /// <summary>The same sources give the same bytes: no times, no paths of the machine.</summary>
    /// <param name="sources">the file, without a mistake</param>
    public static string Json(IReadOnlyList<MutantResult> results, SourceGraph sources) => JsonSerializer.Serialize(new
    {
        Version = 1,
        Verdict = results.All(r => r.Fate == Fate.Refuted) ? "refuted" : "findings",
        Totals = Names.ToDictionary(n => n.Value, n => results.Count(r => r.Fate == n.Key)),
        Mutants = results.Select(r => new
        {
            r.Mutant.Id, r.Mutant.Says, r.Mutant.Layer, r.Mutant.File, Line = r.Mutant.LinesIn(sources.Source(r.Mutant.File)).FirstOrDefault(),
            r.Mutant.Find, r.Mutant.Put, Outcome = Names[r.Fate],
            Proofs = r.Verdicts.Select(v => new
            {
                v.Refutation.File, v.Refutation.Symbol, Outcome = Names[v.Fate], v.Message, Where = v.Where?.ToString(), Related = v.Related?.ToString(), v.Units,
            }),
        }),
        Findings = Findings(results),
    }, Options) + "\n";

    public static string Summary(IReadOnlyList<MutantResult> results) =>
        $"{results.Count} mutants: " + string.Join(", ", Names.Select(n => (n.Value, Count: results.Count(r => r.Fate == n.Key)))
            .Where(n => n.Count > 0 || n.Value is "refuted" or "survived").Select(n => $"{n.Count} {n.Value}"));

    private static string By(Verdict v) => $"{v.Refutation.Symbol}: {v.Message} ({v.Related ?? v.Where ?? new Place(v.Refutation.File, 0, 0)})";
}
