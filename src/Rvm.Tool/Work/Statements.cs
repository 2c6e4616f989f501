using Rvm.Tool.Proof;

namespace Rvm.Tool.Work;

/// <summary>A statement of a body, by its place among the tokens of the file.</summary>
public abstract record Statement(int From, int To);

/// <summary>A statement without blocks: tokens up to its semicolon.</summary>
public sealed record Plain(int From, int To) : Statement(From, To);

/// <summary>An <c>if</c> with all its arms, or a block; the heads are its conditions.</summary>
public sealed record Branch(int From, int To, IReadOnlyList<(int From, int To)> Heads, IReadOnlyList<IReadOnlyList<Statement>> Arms) : Statement(From, To);

public sealed record Loop(int From, int To, (int From, int To) Condition, IReadOnlyList<Statement> Body) : Statement(From, To);

/// <summary>Proof without blocks that run: calculations, forall statements, assertions with a proof.</summary>
public sealed record Proof(int From, int To) : Statement(From, To);

/// <summary>Divides the body of a method into statements.</summary>
public sealed class StatementReader
{
    private static readonly HashSet<string> LoopClauses = ["invariant", "decreases", "modifies"];

    private static readonly HashSet<string> None = [];

    private readonly string source;
    private readonly IReadOnlyList<Token> tokens;
    private int at;

    private StatementReader(string source, IReadOnlyList<Token> tokens, int at) => (this.source, this.tokens, this.at) = (source, tokens, at);

    /// <param name="open">index of the brace that opens the body</param>
    public static IReadOnlyList<Statement> Read(string source, IReadOnlyList<Token> tokens, int open) => new StatementReader(source, tokens, open).Block();

    private List<Statement> Block()
    {
        var (end, found) = (DafnyOutline.Matching(tokens, at), new List<Statement>());
        at++;
        while (at < end)
            if (tokens[at].Is("label")) at += 3;      // label NAME: before the statement that it names
            else found.Add(Next());
        at = end + 1;
        return found;
    }

    private Statement Next() => tokens[at].Text switch
    {
        "if" => If(),
        "while" or "for" => While(),
        "{" => Arm(at),
        "opaque" => Opaque(),
        "calc" or "forall" => Proving(),
        _ => UpToSemicolon(),
    };

    private Branch Arm(int from)
    {
        var block = Block();
        return new Branch(from, at, [], [block]);
    }

    private Branch Opaque()
    {
        var from = at;
        at = Brace(at + 1);
        return Arm(from);
    }

    private Branch If()
    {
        var (from, heads, arms) = (at, new List<(int, int)>(), new List<IReadOnlyList<Statement>>());
        while (true)
        {
            var brace = Brace(at + 1);
            heads.Add((at + 1, brace));
            at = brace;
            arms.Add(Block());
            if (!tokens[at].Is("else")) break;
            at++;
            if (tokens[at].Is("if")) continue;
            arms.Add(Block());
            break;
        }
        return new Branch(from, at, heads, arms);
    }

    private Loop While()
    {
        var (from, brace) = (at, Brace(at + 1));
        var clause = at + 1;
        while (clause < brace && !LoopClauses.Contains(tokens[clause].Text)) clause = After(clause);
        at = brace;
        return new Loop(from, DafnyOutline.Matching(tokens, brace) + 1, (from + 1, clause), Block());
    }

    /// <summary>A forall statement that ensures nothing assigns, element by element.</summary>
    private Statement Proving()
    {
        var (from, brace) = (at, Brace(at + 1));
        at = DafnyOutline.Matching(tokens, brace) + 1;
        var assigns = tokens[from].Is("forall") && !Enumerable.Range(from, brace - from).Any(i => tokens[i].Is("ensures"));
        return assigns ? new Plain(from, at) : new Proof(from, at);
    }

    private Statement UpToSemicolon()
    {
        var (from, proof) = (at, false);
        for (; !tokens[at].Is(";") && tokens[at].Kind != TokenKind.End; at = After(at))
        {
            if (proof && tokens[at].Is("{"))
            {
                at = After(at);
                return new Proof(from, at);
            }
            proof |= tokens[at].Is("by");
        }
        at++;
        return new Plain(from, at - 1);
    }

    /// <summary>The brace that opens the block after a condition or a loop's specification.</summary>
    private int Brace(int from) => HeadReader.Read(source, tokens, from, None, _ => { }).End;

    private int After(int index) => tokens[index].Text is "(" or "[" or "{" && tokens[index].Kind == TokenKind.Symbol ? DafnyOutline.Matching(tokens, index) + 1 : index + 1;
}
