using Rvm.Tool.Proof;
using Rvm.Tool.Theorems;

namespace Rvm.Tool.Audit.Claims;

/// <summary>A claim of <c>spec/Theorem.dfy</c>: what it says, and what it rests on.</summary>
/// <param name="Outcome">proved, or what keeps it from that in anything that it rests on: not-proved, or stale when a log is older than its source</param>
/// <param name="Group">the subject that it belongs to, e.g. «3. No partition can reach another's memory»</param>
/// <param name="Statement">the claim in Dafny, with a line for each clause</param>
/// <param name="Proofs">the lemmas that its proof calls</param>
/// <param name="Mentions">the definitions that the statement names</param>
/// <param name="Meaning">those, and what they are defined by, and so on: what settles what the claim means</param>
/// <param name="Lemmas">how many lemmas it rests on, directly or not</param>
/// <param name="Trusted">the contracts and axioms among what it rests on</param>
/// <param name="Tests">the tests that exercise it, as <c>Class.Method</c></param>
public sealed record AuditClaim(
    string Name, string Group, string Sentence, string Statement, string File, int Line, string Outcome, IReadOnlyList<string> Proofs, IReadOnlyList<string> Mentions,
    IReadOnlyList<string> Meaning, int Lemmas, IReadOnlyList<string> Trusted, IReadOnlyList<string> Tests);

/// <summary>A definition that the meaning of a claim rests on.</summary>
/// <param name="Text">as written, without comments</param>
public sealed record AuditDefinition(string Name, string Kind, string File, int Line, string Text);

/// <summary>The claims of a checkout and every definition that one of them means something by.</summary>
public sealed record ClaimList(IReadOnlyList<AuditClaim> Claims, IReadOnlyList<AuditDefinition> Definitions)
{
    public static readonly ClaimList None = new([], []);

    /// <param name="stale">whether a file has no proof of its present text</param>
    public static ClaimList Of(Checkout checkout, SourceGraph sources, IReadOnlyList<Obligation> obligations, Func<string, bool> stale)
    {
        if (!sources.Files.Contains(TheoremRun.TheoremFile)) return None;
        var claims = new TheoremRun(checkout).Collect(measure: false).Claims;
        var meaning = claims.SelectMany(c => c.Meaning).DistinctBy(s => s.Name)
            .OrderBy(s => s.File, StringComparer.Ordinal).ThenBy(s => s.Declaration.Line).ThenBy(s => s.Name, StringComparer.Ordinal);
        var open = obligations.Where(o => o.Outcome != "proved").Select(o => o.Symbol).ToHashSet();
        var known = obligations.Select(o => o.Symbol).ToHashSet();
        return new ClaimList([.. claims.Select(c => Read(c, Outcome(c)))],
            [.. meaning.Select(s => new AuditDefinition(s.Name, s.Declaration.Kind, s.File, s.Declaration.Line, SourceText.Of(s, sources.Source(s.File))))]);

        string Outcome(Claim c) =>
            c.RestsOn.Any(s => stale(s.File)) ? "stale"
            : c.RestsOn.Any(s => open.Contains(s.Name)) || !known.Contains(c.Statement.Name) ? "not-proved" : "proved";
    }

    private static AuditClaim Read(Claim c, string outcome) => new(
        c.Name, c.Group, c.Sentence, TheoremPage.Statement(c.Statement.Declaration.Head), c.Statement.File, c.Statement.Declaration.Line,
        outcome, Names(c.Proofs), Names(c.Mentioned), Names(c.Meaning), c.Lemmas.Count(), Names(c.Trusted), [.. c.Tests.Select(t => t.Test).Distinct()]);

    private static List<string> Names(IEnumerable<Symbol> symbols) => [.. symbols.Select(s => s.Name)];
}
