using Rvm.Tool.Audit;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Closure;

/// <summary>Closures of the theorems over the resolved program.</summary>
public sealed class ClosureRun
{
    private const string TheoremFile = "spec/Theorem.dfy";

    private readonly ResolvedProgram program;
    private readonly string[] digests;
    private readonly ILookup<string, Obligation> obligations;
    private readonly IReadOnlyDictionary<string, (string Sentence, string Group)> sentences;

    /// <param name="sentences">docstring and group of each theorem, by its name</param>
    public ClosureRun(ResolvedProgram program, IEnumerable<Obligation> obligations, IReadOnlyDictionary<string, (string Sentence, string Group)> sentences)
    {
        (this.program, this.sentences) = (program, sentences);
        this.obligations = obligations.ToLookup(o => Owner(o.Symbol), StringComparer.Ordinal);
        digests = [.. program.Symbols.Select(s => Short(ProofStore.Hash(string.Join('\n', [s.Kind, s.Text, .. s.Statement.Select(i => program.Symbols[i].Name).Order(StringComparer.Ordinal)]))))];
        Theorems = [.. Enumerable.Range(0, program.Symbols.Count).Where(IsTheorem).Select(Close)];
        var meant = Theorems.SelectMany(t => t.Meaning).ToHashSet();
        Symbols = [.. program.Symbols.Select((s, i) => new ClosureSymbol(s.Name, s.Kind, s.File, s.Line, s.Ghost, digests[i], meant.Contains(i) ? s.Text : null, Trust(s)))];
    }

    public IReadOnlyList<TheoremClosure> Theorems { get; }

    public IReadOnlyList<ClosureSymbol> Symbols { get; }

    private bool IsTheorem(int i) => program.Symbols[i] is { File: TheoremFile, Kind: "lemma" or "method" };

    private TheoremClosure Close(int theorem)
    {
        var symbol = program.Symbols[theorem];
        var meaning = Reach(symbol.Statement, s => s.Statement);
        var all = Reach([theorem], s => s.Statement.Concat(s.Proof));
        var proof = all.Where(i => i != theorem && !meaning.Contains(i)).ToList();
        var costs = all.SelectMany(i => obligations[program.Symbols[i].Name]).ToList();
        var (sentence, group) = sentences.GetValueOrDefault(symbol.Name, ("", ""));
        return new TheoremClosure(symbol.Name, sentence, group, symbol.File, symbol.Line, symbol.Text, digests[theorem],
            Short(ProofStore.Hash(string.Join('\n', [digests[theorem], .. meaning.Select(i => $"{program.Symbols[i].Name} {digests[i]}").Order(StringComparer.Ordinal)]))),
            [.. meaning], proof, [.. all.Where(i => program.Symbols[i].IsTrusted)], proof.Count(i => program.Symbols[i].Kind.Contains("lemma", StringComparison.Ordinal)),
            costs.Count, costs.Count(o => o.Outcome != "proved"), costs.Sum(o => o.Resources), costs.MaxBy(o => o.Resources)?.Symbol);
    }

    private SortedSet<int> Reach(IEnumerable<int> start, Func<ResolvedSymbol, IEnumerable<int>> next)
    {
        var seen = new SortedSet<int>();
        var open = new Stack<int>(start);
        while (open.TryPop(out var i))
            if (seen.Add(i))
                foreach (var j in next(program.Symbols[i])) open.Push(j);
        return seen;
    }

    /// <summary>The log adds «(by method)» and the like to a name.</summary>
    private static string Owner(string symbol) => symbol.Split(' ')[0];

    private static string? Trust(ResolvedSymbol s) => s.IsExtern ? "extern" : s.Has("axiom") ? "axiom" : s.Body == false ? "no-body" : null;

    private static string Short(string digest) => digest[..32];
}
