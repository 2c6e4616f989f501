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

    /// <summary>The definitions that the statement itself names.</summary>
    public IEnumerable<ClosureSymbol> Named
    {
        get
        {
            var words = Closure.Statement.Split(' ').Select(w => w.TrimEnd('?')).ToHashSet();
            return Meaning.Where(s => words.Contains(s.Name[(s.Name.LastIndexOf('.') + 1)..]));
        }
    }
}
