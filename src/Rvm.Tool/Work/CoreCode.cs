using Rvm.Tool.Proof;
using Rvm.Tool.Theorems;

namespace Rvm.Tool.Work;

/// <summary>The code of the core that runs, with exact calls: ghost code, which Dafny erases, is left out.</summary>
public sealed class CoreCode
{
    private const string Folder = "src/Rvm.Verified/", Numbers = "spec/Machine.dfy";

    private static readonly HashSet<string> Proving = ["assert", "reveal", "hide"];

    /// <summary>Words that may stand before a parenthesis without being called.</summary>
    private static readonly HashSet<string> NotCalled =
        ["if", "then", "else", "while", "for", "return", "in", "as", "is", "old", "fresh", "unchanged", "var", "assert", "match", "case", "new"];

    /// <summary>Words before a bracket that opens a sequence and not an element.</summary>
    private static readonly HashSet<string> NotIndexed = ["if", "then", "else", "while", "return", "in", "case", "is"];

    /// <summary>Expressions over many elements, what clears new memory, and loops in statements that <see cref="StatementReader"/> does not take apart.</summary>
    private static readonly HashSet<string> Loops =
        ["forall", "exists", "set", "iset", "map", "imap", "multiset", "seq", "new", "while", "for"];

    private readonly Dictionary<string, Unit> units = new(StringComparer.Ordinal);
    private readonly Dictionary<(Unit, int, int), Deeds> deeds = [];

    public CoreCode(SourceGraph sources)
    {
        Table = new SymbolTable(sources);
        foreach (var file in sources.Files.Where(Holds)) Read(file, sources.Source(file));
    }

    public SymbolTable Table { get; }

    /// <summary>Whether a file has code that runs.</summary>
    public static bool Holds(string file) => file == Numbers || file.StartsWith(Folder, StringComparison.Ordinal);

    public IEnumerable<Unit> Units => units.Values;

    private void Read(string file, string source)
    {
        var tokens = DafnyLexer.Tokens(source);
        var declarations = DafnyOutline.Of(source).Declarations;
        var erased = declarations.Where(d => d.Attributes.Any(a => a is { Name: "compile", Arguments: "false" })).Select(d => d.Name).ToHashSet();
        foreach (var d in declarations.Where(d => d is { NeedsBody: true, HasBody: true, Ghost: false } && !erased.Contains(d.Name.Split('.')[0])))
        {
            var scope = d.Name[..Math.Max(0, d.Name.LastIndexOf('.'))];
            var fields = declarations.Where(f => f.Ghost && f.Kind is "var" or "const" && f.Name.StartsWith(scope + ".", StringComparison.Ordinal)).Select(f => f.Name[(scope.Length + 1)..]);
            if (Table.Find(d.Name) is { } symbol && symbol.File == file) units[d.Name] = new Unit(symbol, source, tokens, fields);
        }
    }

    /// <summary>Whether a statement only proves: assertions, calls of lemmas, and assignments to what is ghost, unless a method that runs is called for them.</summary>
    public bool IsGhost(Unit unit, Plain statement)
    {
        var (tokens, first) = (unit.Tokens, statement.From);
        if (!unit.HasStatements) return false;
        if (Proving.Contains(tokens[first].Text)) return true;
        var assignment = Assignment(unit, statement);
        if (assignment < 0) return tokens[first].Is("ghost") || Target(unit, first) is { Declaration.Ghost: true };
        if (Target(unit, assignment + 1) is { } target && units.TryGetValue(target.Name, out var called) && !called.IsFunction) return false;
        return tokens[first].Is("ghost") || Left(unit, statement).All(unit.IsGhost);
    }

    /// <summary>Index of the <c>:=</c> of an assignment, or -1.</summary>
    public static int Assignment(Unit unit, Plain statement)
    {
        for (var i = statement.From; i < statement.To; i++)
        {
            if (unit.Tokens[i].Is(":=")) return i;
            if (unit.Tokens[i].Text is "(" or "[" or "{") i = DafnyOutline.Matching(unit.Tokens, i);
        }
        return -1;
    }

    /// <summary>What an assignment sets: a name, or nothing for an element or a field of another object.</summary>
    public static IReadOnlyList<string> Left(Unit unit, Plain statement)
    {
        var (tokens, at, end, found) = (unit.Tokens, statement.From, Assignment(unit, statement), new List<string>());
        if (tokens[at].Is("ghost")) at++;
        if (tokens[at].Is("var")) return [.. unit.Names(at + 1)];
        while (at < end)
        {
            found.Add(tokens[at].Kind == TokenKind.Word && (at + 1 == end || tokens[at + 1].Is(",")) ? tokens[at].Text : "");
            for (; at < end && !tokens[at].Is(","); at++)
                if (tokens[at].Text is "(" or "[") at = DafnyOutline.Matching(tokens, at);
            at++;
        }
        return found;
    }

    /// <summary>What the path that begins at an index names, if an argument list follows it.</summary>
    private Symbol? Target(Unit unit, int index)
    {
        if (unit.Tokens[index].Kind != TokenKind.Word || NotCalled.Contains(unit.Tokens[index].Text)) return null;
        var i = index;
        if (Table.Resolve(unit.Symbol, unit.Tokens, ref i) is not { } symbol) return null;
        if (unit.Tokens[i + 1].Is("@")) i += 2;      // Lemma@Label(…)
        return unit.Tokens[i + 1].Is("(") ? symbol : null;
    }

    /// <summary>What a range of tokens does, its ghost parts left out.</summary>
    public Deeds Of(Unit unit, int from, int to)
    {
        if (deeds.TryGetValue((unit, from, to), out var known)) return known;
        var (tokens, calls, hidden, unknown, accesses) = (unit.Tokens, new List<Call>(), new List<int>(), new List<int>(), 0);
        var (skipped, told) = (new List<(int From, int To)>(), -1);
        for (var i = from; i < to; i++)
        {
            if (skipped.FirstOrDefault(s => s.From <= i && i < s.To) is { To: > 0 } ghost) i = ghost.To - 1;
            else if (tokens[i].Is("[") && i > from && Indexed(tokens, i)) Bracket(i);
            else if (tokens[i].Kind == TokenKind.Word && !tokens[i - 1].Is(".")) Word(ref i);
            else if (tokens[i].Is("(") && i > from && told != i - 1 && tokens[i - 1].Kind == TokenKind.Word && tokens[i - 2].Is(".")) unknown.Add(i - 1);
        }
        return deeds[(unit, from, to)] = new Deeds(calls, accesses, hidden, unknown);

        void Bracket(int open)
        {
            for (var i = open + 1; i < DafnyOutline.Matching(tokens, open); i++)
            {
                if (tokens[i].Is(":=")) return;
                if (tokens[i].Is("..")) { hidden.Add(open); return; }
                if (tokens[i].Text is "(" or "[") i = DafnyOutline.Matching(tokens, i);
            }
            accesses++;
        }

        void Word(ref int i)
        {
            if (Proving.Contains(tokens[i].Text)) { i = Semicolon(tokens, i, to); return; }
            if (tokens[i].Is("old")) { i = DafnyOutline.Matching(tokens, i + 1); return; }
            if (Loops.Contains(tokens[i].Text) && !tokens[i + 1].Is("<")) { hidden.Add(i); return; }
            if (Target(unit, i) is not { } symbol)
            {
                if (tokens[i + 1].Is("(") && !NotCalled.Contains(tokens[i].Text)) unknown.Add(i);
                return;
            }
            while (!tokens[i + 1].Is("(")) i++;
            told = i;
            if (symbol.Declaration.Ghost) { i = DafnyOutline.Matching(tokens, i + 1); return; }
            if (!units.TryGetValue(symbol.Name, out var callee))
            {
                if (symbol.Declaration.NeedsBody && Holds(symbol.File)) unknown.Add(i);     // an extern
                return;
            }
            calls.Add(new Call(callee, i));
            skipped.AddRange(GhostArguments(tokens, i + 1, callee));
        }
    }

    private static bool Indexed(IReadOnlyList<Token> tokens, int open) =>
        tokens[open - 1] is { Kind: TokenKind.Word } word ? !NotIndexed.Contains(word.Text) : tokens[open - 1].Text is ")" or "]";

    private static int Semicolon(IReadOnlyList<Token> tokens, int from, int to)
    {
        for (; from < to && !tokens[from].Is(";"); from++)
            if (tokens[from].Text is "(" or "[" or "{") from = DafnyOutline.Matching(tokens, from);
        return from;
    }

    private static IEnumerable<(int From, int To)> GhostArguments(IReadOnlyList<Token> tokens, int open, Unit callee)
    {
        var (close, from, n) = (DafnyOutline.Matching(tokens, open), open + 1, 0);
        for (var i = open + 1; i <= close; i++)
            if (i == close || tokens[i].Is(","))
            {
                if (n < callee.Parameters.Count && callee.Parameters[n].Ghost) yield return (from, i);
                (from, n) = (i + 1, n + 1);
            }
            else if (tokens[i].Text is "(" or "[" or "{") i = DafnyOutline.Matching(tokens, i);
    }
}
