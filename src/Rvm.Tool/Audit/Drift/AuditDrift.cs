using Rvm.Tool.Audit.Claims;
using Rvm.Tool.Closure;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit.Drift;

/// <summary>One difference between two audits.</summary>
/// <param name="Rule">short name: new-assumption, lost-theorem, weakened-statement, budget, or note</param>
/// <param name="Name">what differs</param>
/// <param name="Fails">whether a comparison fails by it</param>
public sealed record Change(string Rule, string Name, string Message, Place Place, bool Fails, string? Before = null, string? After = null);

/// <summary>
/// What has changed since an earlier audit. It fails by a new or changed assumption, a theorem that is gone or no longer proved, a statement that says something else
/// (its own text, or that of a definition that its meaning rests on), and a budget that is exceeded, raised or given up. Whether a new text is weaker no program
/// can tell, so every change of one counts.
/// </summary>
public sealed class AuditDrift
{
    private const string Assumption = "new-assumption", Lost = "lost-theorem", Weakened = "weakened-statement", OverBudget = "budget", Note = "note";
    private const int Named = 3;

    private readonly AuditDocument before, now;
    private readonly List<Change> changes = [];

    private AuditDrift(AuditDocument before, AuditDocument now) => (this.before, this.now) = (before, now);

    /// <summary>The changes, those that fail first.</summary>
    public static IReadOnlyList<Change> Between(AuditDocument before, AuditDocument now)
    {
        var drift = new AuditDrift(before, now);
        drift.Assumptions();
        drift.Theorems();
        drift.Statements();
        drift.Definitions();
        drift.Budgets();
        drift.Notes();
        return [.. drift.changes.OrderBy(c => !c.Fails)];
    }

    private void Add(string rule, string name, string message, string file, int line, string? was = null, string? isNow = null) =>
        changes.Add(new Change(rule, name, message, new Place(file, line, 0), rule != Note, was, isNow));

    private void Assumptions()
    {
        var known = before.Trusted.ToLookup(Key);
        foreach (var t in now.Trusted)
            if (!known[Key(t)].Any()) Add(Assumption, t.Name, $"{t.Kind} {t.Name} is trusted and was not before", t.File, t.Line, null, t.Contract ?? t.Reason);
            else if (known[Key(t)].First() is var old && Differ(old.Contract, t.Contract))
                Add(Assumption, t.Name, $"the contract of {t.Kind} {t.Name} says something else", t.File, t.Line, old.Contract, t.Contract);
        foreach (var (old, claim) in Pairs(before.Claims, now.Claims))
            foreach (var name in claim.Trusted.Select(t => t.Name).Except(old.Trusted.Select(t => t.Name)))
                Add(Assumption, $"{claim.Name}: {name}", $"{claim.Name} rests on {name}, and did not before", claim.Closure.File, claim.Closure.Line);
        var present = now.Trusted.Select(Key).ToHashSet();
        foreach (var t in before.Trusted.Where(t => !present.Contains(Key(t)))) Add(Note, t.Name, $"{t.Kind} {t.Name} is no longer trusted", t.File, t.Line);
    }

    /// <summary>Files are known by their path, declarations by their name, which may move.</summary>
    private static string Key(Trusted t) => t.Kind is "extern" or "axiom" ? $"{t.Kind} {t.Name}" : $"{t.Kind} {t.File}";

    private void Theorems()
    {
        var claims = now.Claims.Select(c => c.Name).ToHashSet();
        foreach (var c in before.Claims.Where(c => !claims.Contains(c.Name))) Add(Lost, c.Name, $"{c.Name} is no longer claimed: {c.Closure.Sentence}", c.Closure.File, c.Closure.Line, DafnyText.Of(c.Closure.Statement));
        foreach (var (_, c) in Pairs(before.Claims, now.Claims).Where(p => p.Old.IsProved && !p.Now.IsProved))
            Add(Lost, c.Name, $"{c.Name} was proved and is not now", c.Closure.File, c.Closure.Line);
        var known = before.Claims.Select(c => c.Name).ToHashSet();
        foreach (var c in now.Claims.Where(c => !known.Contains(c.Name))) Add(Note, c.Name, $"{c.Name} is claimed anew: {c.Closure.Sentence}", c.Closure.File, c.Closure.Line);
    }

    private void Statements()
    {
        foreach (var (old, claim) in Pairs(before.Claims, now.Claims))
        {
            if (old.Closure.Digest != claim.Closure.Digest)
                Add(Weakened, claim.Name, $"the statement of {claim.Name} has changed", claim.Closure.File, claim.Closure.Line, DafnyText.Of(old.Closure.Statement), DafnyText.Of(claim.Closure.Statement));
            if (old.Closure.Sentence != claim.Closure.Sentence)
                Add(Note, claim.Name, $"the sentence about {claim.Name} has changed", claim.Closure.File, claim.Closure.Line, old.Closure.Sentence, claim.Closure.Sentence);
        }
    }

    /// <summary>What is meant by a definition that is mentioned, was mentioned, or both: a change of its text, or of what a name in it stands for.</summary>
    private void Definitions()
    {
        var meant = before.Claims.SelectMany(c => c.Meaning.Select(m => (m.Name, Claim: c.Name))).ToLookup(m => m.Name, m => m.Claim);
        var old = Meant(before);
        foreach (var (name, d) in Meant(now))
            if (old.TryGetValue(name, out var was) && was.Digest != d.Digest)
                Add(Weakened, name, $"the definition of {name} has changed; it decides what is said by {Some([.. meant[name]])}", d.File, d.Line, DafnyText.Of(was.Text ?? ""), DafnyText.Of(d.Text ?? ""));
    }

    private static Dictionary<string, ClosureSymbol> Meant(AuditDocument audit) =>
        audit.Claims.SelectMany(c => c.Meaning).DistinctBy(m => m.Name).ToDictionary(m => m.Name);

    private void Budgets()
    {
        foreach (var old in before.Budgets)
            if (now.Budgets.FirstOrDefault(b => b.Name == old.Name) is not { } budget) Over(old.Name, $"the budget «{old.Name}» is no longer kept", null);
            else if (budget.Limit > old.Limit) Over(budget.Name, $"the limit of «{budget.Name}» was raised from {old.Limit:N0} to {budget.Limit:N0}", budget);
            else if (old.Binding && !budget.Binding) Over(budget.Name, $"the limit of «{budget.Name}» no longer binds", budget);
        foreach (var budget in now.Budgets.Where(b => !b.Met))
            if (budget.Binding) Over(budget.Name, $"{budget.Name}: {budget.Value:N0}, allowed are {budget.Limit:N0}", budget);
            else if (before.Budgets.Any(b => b.Name == budget.Name && b.Met)) Over(budget.Name, $"{budget.Name}: {budget.Value:N0} are more than {budget.Limit:N0}, and were not before", budget);

        void Over(string name, string message, Budget? budget) => Add(OverBudget, name, message, "docs/proofs.md", 0, null, budget is null ? null : $"{budget.Value:N0} of {budget.Limit:N0}");
    }

    private void Notes()
    {
        foreach (var tool in now.Tools)
            if (before.Tools.FirstOrDefault(t => t.Name == tool.Name) is { } old && old.Version != tool.Version)
                Add(Note, tool.Name, $"{tool.Name} is another version", "", 0, old.Version, tool.Version);
        foreach (var size in now.Sizes)
            if (before.Sizes.FirstOrDefault(s => s.Part == size.Part) is { } old && old.Code != size.Code)
                Add(Note, $"lines of {size.Part}", $"{size.Part}: {size.Code - old.Code:+#,0;-#,0} lines of code", "", 0, $"{old.Code:N0}", $"{size.Code:N0}");
        if (before.Totals.Units != now.Totals.Units)
            Add(Note, "units", $"the proofs cost {100.0 * (now.Totals.Units - before.Totals.Units) / Math.Max(1, before.Totals.Units):+0.0;-0.0} % of the units", "", 0, $"{before.Totals.Units:N0}", $"{now.Totals.Units:N0}");
        if (before.Kernel is { } image && now.Kernel is { } other && image.Sha256 != other.Sha256)
            Add(Note, "image", "the image is another one", other.File, 0, image.Sha256, other.Sha256);
        var lemmas = now.Theorems.Select(t => t.Name).ToHashSet();
        foreach (var t in before.Theorems.Where(t => !lemmas.Contains(t.Name) && !t.Name.StartsWith("Theorem.", StringComparison.Ordinal)))
            Add(Note, t.Name, $"the lemma {t.Name} is gone: {t.Sentence}", t.File, t.Line);
    }

    private static IEnumerable<(AuditClaim Old, AuditClaim Now)> Pairs(IEnumerable<AuditClaim> before, IEnumerable<AuditClaim> now)
    {
        var old = before.ToDictionary(c => c.Name);
        return now.Where(c => old.ContainsKey(c.Name)).Select(c => (old[c.Name], c));
    }

    private static bool Differ(string? a, string? b) => DafnyText.Tokens(a ?? "") != DafnyText.Tokens(b ?? "");

    private static string Some(IReadOnlyList<string> names) =>
        names.Count <= Named ? string.Join(", ", names) : $"{string.Join(", ", names.Take(Named))} and {names.Count - Named} more theorems";
}
