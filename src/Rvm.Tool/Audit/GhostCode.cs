using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit;

/// <summary>
/// Tells the lines of a Dafny file that run from those that only prove. Ghost are: lemmas, ghost declarations, modules that are not compiled, contracts
/// and loop specifications, assertions, calculations, reveals, ghost variables, the counting of work and calls of lemmas. A line runs when anything else stands on it.
/// </summary>
public static class GhostCode
{
    private static readonly HashSet<string> Clauses = ["requires", "ensures", "modifies", "reads", "decreases"];

    private static readonly HashSet<string> LoopClauses = ["invariant", "decreases", "modifies"];

    private static readonly HashSet<string> None = [];

    /// <param name="lemmas">names of lemmas, without their modules: a statement that calls one is ghost</param>
    public static (int Runs, int Ghost) Lines(string source, IReadOnlySet<string> lemmas)
    {
        var tokens = DafnyLexer.Tokens(source);
        var ghost = Tokens(source, tokens, lemmas);
        var (runs, all) = (new HashSet<int>(), new HashSet<int>());
        for (var i = 0; i < tokens.Count - 1; i++)
            for (var line = 0; line <= tokens[i].Text.Count(c => c == '\n'); line++)
            {
                all.Add(tokens[i].Line + line);
                if (!ghost[i]) runs.Add(tokens[i].Line + line);
            }
        return (runs.Count, all.Count - runs.Count);
    }

    /// <summary>For each token of a file whether it is ghost.</summary>
    internal static bool[] Tokens(string source, IReadOnlyList<Token> tokens, IReadOnlySet<string> lemmas)
    {
        var ghost = new bool[tokens.Count];
        void Mark(int from, int to) => Array.Fill(ghost, true, from, Math.Max(0, Math.Min(to, tokens.Count) - from));
        foreach (var d in DafnyOutline.Of(source).Declarations)
        {
            if (d.Ghost || d.Attributes.Any(a => a is { Name: "compile", Arguments: "false" })) Mark(d.Tokens.First, d.Tokens.End);
            else if (d.NeedsBody)
            {
                if (Clause(tokens, d) is var clause and >= 0) Mark(clause, d.Tokens.Body);
                foreach (var (from, to) in Statements(source, tokens, d.Tokens.Body, d.Tokens.End, lemmas)) Mark(from, to);
            }
        }
        return ghost;
    }

    private static int Clause(IReadOnlyList<Token> tokens, Declaration d)
    {
        for (var i = d.Tokens.First; i < d.Tokens.Body; i++)
            if (tokens[i].Kind == TokenKind.Word && Clauses.Contains(tokens[i].Text)) return i;
        return -1;
    }

    /// <summary>The ghost statements of a body, as ranges of tokens.</summary>
    private static IEnumerable<(int From, int To)> Statements(string source, IReadOnlyList<Token> tokens, int from, int to, IReadOnlySet<string> lemmas)
    {
        for (var i = from; i < to; i++)
        {
            if (tokens[i].Kind != TokenKind.Word) continue;
            var begins = tokens[i - 1].Text is ";" or "{" or "}" or "=>" or ":";
            var end = LoopClauses.Contains(tokens[i].Text) ? HeadReader.Read(source, tokens, i, None, _ => { }).End
                : !begins ? i
                : tokens[i].Text switch
                {
                    "ghost" when CountsWork(tokens, i, to) => i,
                    "assert" or "reveal" or "hide" or "ghost" => Statement(tokens, i, to),
                    "work" when tokens[i + 1].Is(":=") => Statement(tokens, i, to),
                    "calc" => Block(source, tokens, i),
                    "forall" => Block(source, tokens, i),
                    _ => CallsLemma(tokens, i, lemmas) ? Statement(tokens, i, to) : i,
                };
            if (end <= i) continue;
            yield return (i, end);
            i = end - 1;
        }
    }

    /// <summary>The index after a statement: after its semicolon, or after the braces of its <c>by</c>.</summary>
    private static int Statement(IReadOnlyList<Token> tokens, int at, int to)
    {
        for (var proof = false; at < to; at++)
        {
            if (tokens[at].Is(";")) return at + 1;
            proof |= tokens[at].Is("by");
            if (!(tokens[at].Is("(") || tokens[at].Is("[") || tokens[at].Is("{"))) continue;
            var braces = tokens[at].Is("{");
            at = DafnyOutline.Matching(tokens, at);
            if (proof && braces) return at + 1;
        }
        return to;
    }

    /// <summary>Whether <c>ghost var w := M(…);</c> is a call that runs: its only result is the work that the next statement adds.</summary>
    private static bool CountsWork(IReadOnlyList<Token> tokens, int at, int to)
    {
        var next = Statement(tokens, at, to);
        string[] adds = ["work", ":=", "work", "+", tokens[at + 2].Text, ";"];
        return tokens[at + 1].Is("var") && tokens[at + 3].Is(":=") && next + adds.Length <= to && adds.Select((text, n) => tokens[next + n].Is(text)).All(b => b);
    }

    /// <summary>The index after the braces of a calculation or of a forall statement.</summary>
    private static int Block(string source, IReadOnlyList<Token> tokens, int at)
    {
        var open = HeadReader.Read(source, tokens, at + 1, None, _ => { }).End;
        return tokens[open].Is("{") ? DafnyOutline.Matching(tokens, open) + 1 : at;
    }

    private static bool CallsLemma(IReadOnlyList<Token> tokens, int at, IReadOnlySet<string> lemmas)
    {
        while (tokens[at].Kind == TokenKind.Word && tokens[at + 1].Is(".") && tokens[at + 2].Kind == TokenKind.Word) at += 2;
        return lemmas.Contains(tokens[at].Text) && (tokens[at + 1].Is("(") || tokens[at + 1].Is("<"));
    }
}
