using System.Text.Json;
using Rvm.Tool.Audit;
using Rvm.Tool.Proof;
using Place = Rvm.Tool.Proof.Place;

namespace Rvm.Tool.Mutants.Generated;

/// <summary>What became of generated mutants, as a table of layers, for people and for programs.</summary>
public sealed class GeneratedReport(IReadOnlyList<GeneratedResult> results, IReadOnlyList<Explanation> explanations, int noPrograms, int candidates, int seed)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly (Killer Killer, string Name)[] Names =
        [(Killer.Proof, "proof"), (Killer.ProofGaveUp, "proof, out of resources"), (Killer.Differential, "differential run"), (Killer.Boot, "boot test"), (Killer.Survived, "survived")];

    private int Count(Killer killer) => results.Count(r => r.Killer == killer);

    private Explanation? Why(GeneratedResult r) => explanations.FirstOrDefault(e => e.Id == r.Candidate.Id);

    /// <summary>Survivors without an explanation, and explanations of mutants that were stopped.</summary>
    public IEnumerable<Finding> Findings() => results.SelectMany(r => (r.Killer, Why(r)) switch
    {
        (Killer.Survived, null) => (Finding[])[new("survived", new Place(r.Candidate.File, r.Candidate.Edit.Line, 1), $"mutant `{r.Candidate.Id}` ({r.Candidate.Text}): {r.By}",
            $"strengthen the claims, or explain in {Explanations.File} why it is no mistake")],
        (not Killer.Survived, { } e) => [new("explained", new Place(e.Place.File, e.Place.Line, e.Place.Column), $"mutant `{e.Id}` does not survive: {Name(r.Killer)}: {r.By}", "remove the explanation")],
        _ => [],
    });

    public static string Line(GeneratedResult r, int done, int all) =>
        $"  {$"{done}/{all}",7}  {Name(r.Killer),-23}  {r.Candidate.Layer,-12}  {r.Time.TotalSeconds,6:0.0} s  {r.Candidate.Id}: {r.Candidate.Text}: {r.By}";

    public string Summary()
    {
        var (proof, explained) = (Count(Killer.Proof) + Count(Killer.ProofGaveUp), results.Count(r => r.Killer == Killer.Survived && Why(r) is not null));
        return $"{results.Count} generated mutants of {candidates} (seed {seed}; {noPrograms} more were no programs): {proof} stopped by proof ({Percent(proof)}), {Count(Killer.Proof)} of them refuted, "
            + $"{Count(Killer.Differential)} by the differential run, {Count(Killer.Boot)} by a boot; {Count(Killer.Survived)} survived, {explained} of them explained";
    }

    public string Markdown() =>
        $"# Generated mutants\n\n{Summary()}.\n\n"
        + new TextTable("Layers", ["where the mistake is", "mutants", .. Names.Select(n => n.Name)], results.GroupBy(r => r.Candidate.Layer).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new[] { g.Key, $"{g.Count()}" }.Concat(Names.Select(n => $"{g.Count(r => r.Killer == n.Killer)}")).ToArray())).Markdown() + "\n"
        + new TextTable("Mutants", ["mutant", "where", "change", "stopped by", "what it says"], results.OrderBy(r => r.Candidate.Id, StringComparer.Ordinal).Select(r => new[]
        {
            r.Candidate.Id, $"{r.Candidate.File}:{r.Candidate.Edit.Line}", $"`{r.Candidate.Text}`", Name(r.Killer), Why(r)?.Why ?? r.By,
        })).Markdown();

    public string Json() => JsonSerializer.Serialize(new
    {
        Version = 1, Seed = seed, Candidates = candidates, NoPrograms = noPrograms, Totals = Names.ToDictionary(n => n.Name, n => Count(n.Killer)),
        Mutants = results.OrderBy(r => r.Candidate.Id, StringComparer.Ordinal).Select(r => new
        {
            r.Candidate.Id, r.Candidate.Layer, r.Candidate.File, r.Candidate.Edit.Line, r.Candidate.Edit.Operator, Change = r.Candidate.Text, StoppedBy = Name(r.Killer), r.By, r.Tried, Explanation = Why(r)?.Why,
        }),
        Findings = Findings(),
    }, Options) + "\n";

    private string Percent(int n) => results.Count == 0 ? "none" : $"{100.0 * n / results.Count:0.0} %";

    private static string Name(Killer killer) => Names.First(n => n.Killer == killer).Name;
}
