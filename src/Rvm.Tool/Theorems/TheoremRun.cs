using System.Text.RegularExpressions;
using Rvm.Diagnostics;
using Rvm.Tool.Proof;
using Place = Rvm.Tool.Proof.Place;

namespace Rvm.Tool.Theorems;

/// <summary>A claim of <c>spec/Theorem.dfy</c> and everything that a reader of it may ask for.</summary>
/// <param name="Group">the comment <c>// N. Title</c> above it, or empty</param>
/// <param name="Proofs">the lemmas that its proof calls</param>
/// <param name="Mentioned">the definitions that the statement names</param>
/// <param name="Meaning">those, and what they are defined by, and so on</param>
/// <param name="RestsOn">every lemma and definition that statement or proof mention, directly or not, the claim included</param>
/// <param name="Own">cost of the obligations at the statement</param>
/// <param name="Whole">cost of everything it rests on</param>
public sealed record Claim(
    Symbol Statement, string Sentence, string Group, IReadOnlyList<Symbol> Proofs, IReadOnlyList<Symbol> Mentioned, IReadOnlyList<Symbol> Meaning,
    IReadOnlyList<Symbol> RestsOn, Cost Own, Cost Whole, IReadOnlyList<TestTrait> Tests)
{
    public string Name => Statement.Name[(Statement.Name.LastIndexOf('.') + 1)..];

    public IEnumerable<Symbol> Lemmas => RestsOn.Where(s => s.IsLemma && s != Statement);

    public IEnumerable<Symbol> Trusted => RestsOn.Where(s => s.IsTrusted);
}

/// <summary>The core that runs.</summary>
/// <param name="Entries">the methods that the platform calls</param>
/// <param name="Claimed">what their contracts name</param>
/// <param name="RestsOn">what their proofs mention, directly or not</param>
public sealed record RunningCore(IReadOnlyList<Symbol> Entries, IReadOnlyList<Symbol> Claimed, IReadOnlyList<Symbol> RestsOn, Cost Whole)
{
    public IEnumerable<Symbol> Trusted => RestsOn.Where(s => s.IsTrusted);
}

public sealed record TheoremReport(IReadOnlyList<Claim> Claims, RunningCore Core, IReadOnlyList<Finding> Findings);

/// <summary>Collects the claims from the sources, the tests and the logs of the last proof run; it proves nothing itself.</summary>
public sealed partial class TheoremRun(Checkout checkout)
{
    public const string TheoremFile = "spec/Theorem.dfy";
    private const string Hal = "src/Rvm.Platform.Aarch64/Hal";
    private const string CoreModule = "RvmKernel";

    private readonly SourceGraph sources = new(checkout);

    /// <param name="measure">whether to read what the proofs cost, which takes the logs</param>
    public TheoremReport Collect(bool measure)
    {
        var table = new SymbolTable(sources);
        var reader = new TraitReader(checkout);
        var tests = reader.All();
        var units = measure ? UnitTable.Of(checkout, sources) : new UnitTable();
        var claims = table.All.Where(s => s.File == TheoremFile && s.Declaration.Kind is ("lemma" or "method")).Select(s => Read(s, table, units, tests)).ToList();
        var core = Core(table, units);
        return new TheoremReport(claims, core, [.. reader.Findings, .. Findings(claims, tests)]);
    }

    private Claim Read(Symbol statement, SymbolTable table, UnitTable units, IReadOnlyList<TestTrait> tests)
    {
        var head = DafnyLexer.Tokens(statement.Declaration.Head);
        var mentioned = table.Mentioned(statement, head).Where(s => !s.IsLemma).ToList();
        var all = InOrder(table.Closure([statement], _ => true));
        return new Claim(
            statement, statement.Declaration.Doc ?? "", Group(statement),
            [.. table.Mentioned(statement, statement.Tokens).Where(s => s.IsLemma || (s.Declaration.Kind == "method" && s != statement))],
            mentioned, InOrder(table.Closure(mentioned, s => !s.IsLemma)), all, units.Of([statement]), units.Of(all),
            [.. tests.Where(t => $"Theorem.{t.Theorem}" == statement.Name || t.Theorem == statement.Name)]);
    }

    /// <summary>The methods of the core that the platform's C# calls.</summary>
    private RunningCore Core(SymbolTable table, UnitTable units)
    {
        var entries =
            from file in checkout.Files(Hal, ".cs")
            let text = File.ReadAllText(checkout.Path(file))
            let alias = CoreAlias().Match(text)
            where alias.Success
            from Match call in Regex.Matches(text, $@"\b{alias.Groups[1].Value}\.(\w+)\(")
            let method = table.Find($"{CoreModule}.{call.Groups[1].Value}")
            where method != null
            select method;
        var called = InOrder(entries.Distinct());
        var all = InOrder(table.Closure(called, _ => true));
        return new RunningCore(called, [.. called.SelectMany(e => table.Mentioned(e, DafnyLexer.Tokens(e.Declaration.Head))).Distinct()], all, units.Of(all));
    }

    /// <summary>The last numbered comment line above a claim.</summary>
    private string Group(Symbol statement) => Group(sources.Source(TheoremFile), statement.Declaration.Line);

    internal static string Group(string source, int line) =>
        source.Split('\n').Take(line).Select(l => GroupLine().Match(l)).LastOrDefault(m => m.Success)?.Groups[1].Value.Trim() ?? "";

    private static IEnumerable<Finding> Findings(List<Claim> claims, IReadOnlyList<TestTrait> tests)
    {
        if (claims.Count == 0) yield return new Finding("empty", new Place(TheoremFile, 0, 0), "there is no claim: no lemma");
        foreach (var claim in claims)
        {
            var place = new Place(claim.Statement.File, claim.Statement.Declaration.Line, 0);
            if (claim.Sentence.Length == 0) yield return new Finding("no-sentence", place, $"{claim.Name} has no docstring", "say in one sentence what it claims");
            if (claim.Tests.Count == 0)
                yield return new Finding("no-test", place, $"no test says that it exercises {claim.Name}",
                    $"put [Trait(\"Theorem\", \"{claim.Name}\")] before a test that would fail if the claim were false");
            foreach (var axiom in claim.Trusted.Where(t => !t.Declaration.Has("extern")))
                yield return new Finding("axiom", place, $"{claim.Name} rests on {axiom.Name}, which is not proved", $"it stands in {axiom.File}:{axiom.Declaration.Line}");
        }
        foreach (var test in tests.Where(t => claims.All(c => !c.Tests.Contains(t))))
            yield return new Finding("unknown-theorem", test.Trait, $"{test.Test} names {test.Theorem}, which {TheoremFile} does not claim",
                Suggest.OneOf(test.Theorem, [.. claims.Select(c => c.Name)]));
    }

    private static List<Symbol> InOrder(IEnumerable<Symbol> symbols) =>
        [.. symbols.Where(s => !s.IsModule).OrderBy(s => s.File, StringComparer.Ordinal).ThenBy(s => s.Declaration.Line).ThenBy(s => s.Name, StringComparer.Ordinal)];

    [GeneratedRegex("""^\s*//\s*(\d+\.\s+\S.*)$""")]
    private static partial Regex GroupLine();

    [GeneratedRegex("""using\s+(\w+)\s*=\s*RvmKernel\.__default\s*;""")]
    private static partial Regex CoreAlias();
}
