using System.Text;

namespace Rvm.Policy.Language;

/// <summary>Lays a policy's text out: the same tokens and comments, one space between them, conditions on lines of their own.</summary>
public static class Formatter
{
    /// <summary>Lines are broken when they would be longer.</summary>
    public const int MaxColumns = 110;

    private const string Step = "  ";

    /// <summary>The text of a tree without syntax errors.</summary>
    public static string Format(SyntaxTree tree)
    {
        var text = new StringBuilder();
        Token? last = null;
        foreach (var part in Parts(tree.Tokens))
        {
            if (last is not null && part[0].Place.Line > last.Place.Line + 1) text.Append('\n');
            foreach (var line in part[0].Kind == TokenKind.Comment ? [part[0].Source] : Statement(part)) text.Append(line).Append('\n');
            last = part[^1];
        }

        return text.ToString();
    }

    /// <summary>Statements with the comments inside them, and each comment between statements by itself.</summary>
    private static List<List<Token>> Parts(IReadOnlyList<Token> tokens)
    {
        List<List<Token>> parts = [];
        List<Token> waiting = [];
        foreach (var token in tokens)
            if (token is { Kind: TokenKind.Comment, FirstOnLine: true }) waiting.Add(token);
            else
            {
                var begins = token.Kind != TokenKind.Comment && (parts.Count == 0 || token.AtMargin);
                if (begins) parts.AddRange([.. waiting.Select(c => new List<Token> { c }), [token]]);
                else if (parts.Count == 0) parts.Add([token]);
                else parts[^1].AddRange([.. waiting, token]);
                waiting = [];
            }

        parts.AddRange(waiting.Select(c => new List<Token> { c }));
        return parts;
    }

    private static IEnumerable<string> Statement(List<Token> tokens)
    {
        var condition = tokens.FindIndex(t => t.Is("when") || t.Is("except"));
        if (condition < 0 || tokens[0].Source is not ("permit" or "forbid" or "assert")) return Lines(tokens, "");
        if (tokens[condition].Is("except") && tokens.TrueForAll(t => t.Kind != TokenKind.Comment) && Join(tokens) is { Length: <= MaxColumns } line)
            return [line];
        return Lines(tokens[..condition], "").Concat(Lines(tokens[condition..], Step));
    }

    /// <summary>The lines of some tokens; a comment ends its line.</summary>
    private static List<string> Lines(List<Token> tokens, string indent)
    {
        List<string> lines = [];
        var start = 0;
        for (var i = 0; i <= tokens.Count; i++)
        {
            if (i < tokens.Count && tokens[i].Kind != TokenKind.Comment) continue;
            var inner = start == 0 ? indent : indent + Step;
            if (i > start) lines.AddRange(Break(tokens[start..i], inner));
            if (i < tokens.Count && tokens[i].FirstOnLine) lines.Add(indent + Step + tokens[i].Source);
            else if (i < tokens.Count) lines[^1] += Step + tokens[i].Source;
            start = i + 1;
        }

        return lines;
    }

    /// <summary>Breaks before the outermost <c>or</c>, else before the outermost <c>and</c>, else after commas.</summary>
    private static IEnumerable<string> Break(List<Token> tokens, string indent)
    {
        var line = indent + Join(tokens);
        if (line.Length <= MaxColumns) return [line];
        foreach (var word in Breaks(tokens))
        {
            var pieces = Split(tokens, word);
            if (pieces.Count > 1) return pieces.SelectMany((p, i) => Break(p, i == 0 ? indent : indent + Step));
        }

        return Fill(tokens, indent);
    }

    private static IEnumerable<(string Word, int Depth)> Breaks(List<Token> tokens)
    {
        var depths = Depths(tokens);
        var words = tokens.Zip(depths).Skip(1).Where(t => t.First.Is("or") || t.First.Is("and")).ToList();
        if (words.Count == 0) yield break;
        var least = words.Min(w => w.Second);
        yield return ("or", least);
        yield return ("and", least);
    }

    private static List<List<Token>> Split(List<Token> tokens, (string Word, int Depth) at)
    {
        List<List<Token>> pieces = [[]];
        foreach (var (token, depth) in tokens.Zip(Depths(tokens)))
        {
            if (depth == at.Depth && token.Is(at.Word) && pieces[^1].Count > 0) pieces.Add([]);
            pieces[^1].Add(token);
        }

        return pieces;
    }

    private static List<string> Fill(List<Token> tokens, string indent)
    {
        List<string> lines = [];
        List<Token> current = [];
        foreach (var piece in Pieces(tokens))
        {
            if (current.Count > 0 && (lines.Count == 0 ? indent : indent + Step).Length + Join([.. current, .. piece]).Length > MaxColumns)
            {
                lines.Add((lines.Count == 0 ? indent : indent + Step) + Join(current));
                current = [];
            }

            current.AddRange(piece);
        }

        lines.Add((lines.Count == 0 ? indent : indent + Step) + Join(current));
        return lines;
    }

    private static IEnumerable<List<Token>> Pieces(List<Token> tokens)
    {
        var start = 0;
        for (var i = 0; i < tokens.Count; i++)
            if (tokens[i].Is(",") || i == tokens.Count - 1)
            {
                yield return tokens[start..(i + 1)];
                start = i + 1;
            }
    }

    private static List<int> Depths(List<Token> tokens)
    {
        List<int> depths = [];
        var depth = 0;
        foreach (var token in tokens)
        {
            if (token.Is(")") || token.Is("}")) depth--;
            depths.Add(depth);
            if (token.Is("(") || token.Is("{")) depth++;
        }

        return depths;
    }

    private static string Join(List<Token> tokens)
    {
        var text = new StringBuilder();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && Spaced(tokens[i - 1], tokens[i])) text.Append(' ');
            text.Append(tokens[i].Source);
        }

        return text.ToString();
    }

    private static bool Spaced(Token left, Token right) =>
        !(left.Is("(") || left.Is("{") || left.Is("..") || right.Is(",") || right.Is(")") || right.Is("}") || right.Is(".."));
}
