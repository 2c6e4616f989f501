using Rvm.Tool.Closure;

namespace Rvm.Tool.Audit.Claims;

/// <summary>A claim of <c>spec/Theorem.dfy</c> as an audit has it.</summary>
/// <param name="Outcome">proved: it and everything that it rests on; else not-proved, or stale when a log is older than its source</param>
/// <param name="Meaning">the definitions that settle what it says</param>
/// <param name="Trusted">what of all that it rests on is believed</param>
public sealed record AuditClaim(TheoremClosure Closure, string Outcome, IReadOnlyList<ClosureSymbol> Meaning, IReadOnlyList<ClosureSymbol> Trusted)
{
    public const string Proved = "proved", NotProved = "not-proved", Stale = "stale";

    /// <summary>The name without its module.</summary>
    public string Name => Closure.Theorem[(Closure.Theorem.LastIndexOf('.') + 1)..];

    public bool IsProved => Outcome == Proved;

    public static AuditClaim Of(TheoremClosure closure, AuditDocument audit)
    {
        var own = audit.Theorems.FirstOrDefault(t => t.Name == closure.Theorem)?.Outcome ?? NotProved;
        return new AuditClaim(closure, own != Proved ? own : closure.Unproved > 0 ? audit.Findings.Any(f => f.Rule == Stale) ? Stale : NotProved : Proved,
            [.. closure.Meaning.Select(i => audit.Symbols[i])], [.. closure.Trusted.Select(i => audit.Symbols[i])]);
    }

    /// <summary>The definitions that the statement itself names. Of several with one name those count whose type or module it names too, if there are any.</summary>
    public IEnumerable<ClosureSymbol> Named
    {
        get
        {
            var tokens = Closure.Statement.Split(' ');
            var parameters = tokens.Zip(tokens.Skip(1)).Where(t => t.Second == ":").Select(t => t.First).ToHashSet();
            var words = tokens.Except(parameters).ToHashSet();
            return Meaning.GroupBy(s => Last(s.Name)).Where(g => words.Contains(g.Key))
                .SelectMany(g => g.Any(s => words.Contains(Last(Scope(s.Name)))) ? g.Where(s => words.Contains(Last(Scope(s.Name)))) : g);
        }
    }

    private static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static string Scope(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];
}
