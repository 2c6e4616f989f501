using Rvm.Tool.Audit;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants.Generated;

/// <summary>A generated mutant.</summary>
/// <param name="Id">Declaration, operator and the number of the place among those of the operator in the declaration: stays the same while the declaration does.</param>
/// <param name="Layer">core, spec, precondition (a requires of the specification) or platform.</param>
/// <param name="Symbol">The declaration that is mutated.</param>
public sealed record Candidate(string Id, string Layer, string File, string Symbol, Edit Edit, string Before)
{
    /// <summary>What stands there and what is put there, on one line.</summary>
    public string Text => $"{Flat(Before)} → {(Edit.Put == "" ? "(nothing)" : Flat(Edit.Put))}";

    public string Apply(string source) => source[..Edit.From] + Edit.Put + source[Edit.To..];

    private static string Flat(string text) => string.Join(' ', text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>
/// Where mistakes can be made: code of the core that runs, definitions and preconditions of the specification, contracts of the platform. Left out are lemmas and
/// everything else that only proves, and spec/Cost.dfy and spec/Theorem.dfy: a bound that is larger by one is weaker and no mistake, and a claim is not what is tried here.
/// </summary>
public sealed class Candidates
{
    public static readonly IReadOnlyList<string> Layers = ["core", "spec", "precondition", "platform"];

    private static readonly string[] LeftOut = ["spec/Cost.dfy", "spec/Theorem.dfy"];

    private const string Contracts = "spec/Translation.dfy";        // what the platform executes for an effect

    private readonly SourceGraph _sources;
    private readonly HashSet<string> _lemmas;

    public Candidates(SourceGraph sources)
    {
        _sources = sources;
        _lemmas = [.. sources.Files.SelectMany(f => DafnyOutline.Of(sources.Source(f)).Declarations).Where(d => d.Kind == "lemma").Select(d => d.Name.Split('.')[^1])];
        All = [.. sources.Files.Where(f => !LeftOut.Contains(f) && !f.StartsWith("proofs/", StringComparison.Ordinal)).SelectMany(Of)];
    }

    /// <summary>All of them, in the order of files and places.</summary>
    public IReadOnlyList<Candidate> All { get; }

    /// <summary>For each layer a random order in which the operators take turns: without that, nearly all would be about constants.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Candidate>> Shuffled(int seed) => Layers.ToDictionary(layer => layer, layer =>
    {
        var random = new Random(seed);
        var turns = All.Where(c => c.Layer == layer).GroupBy(c => c.Edit.Operator).OrderBy(g => g.Key, StringComparer.Ordinal).SelectMany(g =>
        {
            var own = g.ToArray();
            random.Shuffle(own);
            return own.Index();
        });
        return (IReadOnlyList<Candidate>)[.. turns.OrderBy(t => t.Index).Select(t => t.Item)];
    });

    /// <summary>How many of so many mutants each layer gives.</summary>
    public static IReadOnlyDictionary<string, int> Shares(int count)
    {
        var (spec, precondition, platform) = (count / 4, count / 10, count / 20);
        return new Dictionary<string, int> { ["core"] = count - spec - precondition - platform, ["spec"] = spec, ["precondition"] = precondition, ["platform"] = platform };
    }

    private IEnumerable<Candidate> Of(string file)
    {
        var source = _sources.Source(file);
        var tokens = DafnyLexer.Tokens(source);
        var operators = new MutationOperators(source, tokens);
        var ghost = GhostCode.Tokens(source, tokens, _lemmas);
        foreach (var d in DafnyOutline.Of(source).Declarations.Where(d => d.NeedsBody && d.Kind != "lemma"))
            foreach (var (layer, from, to, open) in Parts(file, d, tokens, ghost))
                foreach (var group in operators.Of(from, to, open).Concat(layer is "precondition" || file.StartsWith(Checkout.ContractFolder, StringComparison.Ordinal) ? Dropped(d, tokens, open) : []).GroupBy(e => e.Operator))
                    foreach (var (n, edit) in group.Index())
                        yield return new($"{d.Name}/{(layer == "precondition" ? "requires " : "")}{group.Key}/{n + 1}".Replace(' ', '-'), layer, file, d.Name, edit, source[edit.From..edit.To]);
    }

    private static IEnumerable<(string Layer, int From, int To, Func<int, bool> Open)> Parts(string file, Declaration d, IReadOnlyList<Token> tokens, bool[] ghost)
    {
        if (file.StartsWith(Checkout.ContractFolder, StringComparison.Ordinal)) yield return ("platform", d.Tokens.First, d.Tokens.Body, Clauses(d, tokens, "ensures", "requires"));
        else if (file == Contracts) yield return ("platform", d.Tokens.Body + 1, d.Tokens.End, _ => true);
        else if (file.StartsWith("spec/", StringComparison.Ordinal))
        {
            yield return ("spec", d.Tokens.Body + 1, d.Tokens.End, i => d.Ghost || !ghost[i]);
            yield return ("precondition", d.Tokens.First, d.Tokens.Body, Clauses(d, tokens, "requires"));
        }
        else if (!d.Ghost) yield return ("core", d.Tokens.Body + 1, d.Tokens.End, i => !ghost[i]);
    }

    /// <summary>Each clause left out as a whole.</summary>
    private static IEnumerable<Edit> Dropped(Declaration d, IReadOnlyList<Token> tokens, Func<int, bool> open)
    {
        for (var i = d.Tokens.First + 1; i < d.Tokens.Body; i++)
        {
            if (!open(i) || open(i - 1)) continue;
            var end = i;
            while (open(end)) end++;
            yield return new("clause dropped", tokens[i - 1].Offset, tokens[end - 1].EndOffset, "", tokens[i - 1].Line);
        }
    }

    /// <summary>Which tokens of a head stand in such clauses.</summary>
    private static Func<int, bool> Clauses(Declaration d, IReadOnlyList<Token> tokens, params string[] which)
    {
        var within = new HashSet<int>();
        var inside = false;
        for (var i = d.Tokens.First; i < d.Tokens.Body; i++)
        {
            if (tokens[i].Kind == TokenKind.Word && tokens[i].Text is "requires" or "ensures" or "reads" or "modifies" or "decreases") inside = which.Contains(tokens[i].Text);
            else if (inside) within.Add(i);
        }

        return within.Contains;
    }
}
