using Rvm.Tool.Proof;
using Rvm.Tool.Theorems;

namespace Rvm.Tool.Work;

/// <summary>A call that runs.</summary>
/// <param name="At">index of the last word of the callee's path</param>
public sealed record Call(Unit Callee, int At);

/// <summary>What a piece of code does by itself.</summary>
/// <param name="Accesses">how often it names an element of an array</param>
/// <param name="HiddenLoops">where an expression stands that goes over many elements</param>
/// <param name="Unknown">where something is called and nobody can tell what</param>
public sealed record Deeds(IReadOnlyList<Call> Calls, int Accesses, IReadOnlyList<int> HiddenLoops, IReadOnlyList<int> Unknown);

/// <summary>A method or function of the core that runs.</summary>
public sealed class Unit
{
    private readonly HashSet<string> ghosts;

    /// <param name="tokens">of the whole file</param>
    /// <param name="fields">ghost fields of the class around it</param>
    public Unit(Symbol symbol, string source, IReadOnlyList<Token> tokens, IEnumerable<string> fields)
    {
        (Symbol, Tokens) = (symbol, tokens);
        var (first, body, end) = symbol.Declaration.Tokens;
        IsFunction = symbol.Declaration.Kind is "function" or "predicate";
        var byMethod = IsFunction && tokens[end].Is("by") && tokens[end + 1].Is("method");
        Open = byMethod ? end + 2 : body;
        HasStatements = !IsFunction || byMethod;
        Body = HasStatements ? StatementReader.Read(source, tokens, Open) : [new Plain(Open + 1, DafnyOutline.Matching(tokens, Open))];
        (Parameters, Results) = Signature(first, body);
        ghosts = [.. fields, .. Parameters.Concat(Results).Where(p => p.Ghost).Select(p => p.Name)];
        for (var i = Open; HasStatements && i < DafnyOutline.Matching(tokens, Open); i++)
            if (tokens[i].Is("ghost") && tokens[i + 1].Is("var")) ghosts.UnionWith(Names(i + 2));
    }

    public Symbol Symbol { get; }

    public IReadOnlyList<Token> Tokens { get; }

    public bool IsFunction { get; }

    /// <summary>A method, or a function with a method for its body.</summary>
    public bool HasStatements { get; }

    /// <summary>Index of the brace that opens what runs.</summary>
    public int Open { get; }

    public IReadOnlyList<Statement> Body { get; }

    public IReadOnlyList<(string Name, string Type, bool Ghost)> Parameters { get; }

    public IReadOnlyList<(string Name, string Type, bool Ghost)> Results { get; }

    public string Name => Symbol.Name;

    public bool IsGhost(string name) => ghosts.Contains(name);

    public Place Place(int index) => new(Symbol.File, Tokens[index].Line, Tokens[index].Column);

    private (IReadOnlyList<(string, string, bool)>, IReadOnlyList<(string, string, bool)>) Signature(int first, int body)
    {
        var open = first;
        while (open < body && !Tokens[open].Is("(")) open++;
        if (open == body) return ([], []);
        var next = DafnyOutline.Matching(Tokens, open) + 1;
        var results = Tokens[next].Is("returns") ? next + 1 : -1;
        return (List(open), results < 0 ? [] : List(results));
    }

    private List<(string, string, bool)> List(int open)
    {
        var (close, found, ghost) = (DafnyOutline.Matching(Tokens, open), new List<(string, string, bool)>(), false);
        for (var i = open + 1; i < close; i++)
        {
            if (Tokens[i].Is("ghost")) ghost = true;
            else if (Tokens[i + 1].Is(":"))
            {
                found.Add((Tokens[i].Text, Tokens[i + 2].Text, ghost));
                ghost = false;
            }
        }
        return found;
    }

    /// <summary>The names that a <c>var</c> declares, from the first one on.</summary>
    public IEnumerable<string> Names(int at)
    {
        for (; Tokens[at].Kind == TokenKind.Word; at += 2)
        {
            yield return Tokens[at].Text;
            if (Tokens[at + 1].Is(":"))
                while (!(Tokens[at + 1].Is(",") || Tokens[at + 1].Is(":=") || Tokens[at + 1].Is(";"))) at++;
            if (!Tokens[at + 1].Is(",")) yield break;
        }
    }
}
