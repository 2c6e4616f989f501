using System.Globalization;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants.Generated;

/// <summary>A place of a source where an operator applies, and what it puts there.</summary>
/// <param name="From">Offset of the first character that is replaced.</param>
/// <param name="To">Offset after the last one.</param>
public sealed record Edit(string Operator, int From, int To, string Put, int Line);

/// <summary>
/// The systematic mistakes: what can be wrong about one token, condition, statement or call. Whether the outcome is a Dafny program, Dafny says;
/// edits that cannot be one (a comparison's sign within a type, two logical operators of different kinds side by side) are left out as far as tokens tell.
/// </summary>
public sealed class MutationOperators(string source, IReadOnlyList<Token> tokens)
{
    private static readonly Dictionary<string, string> Relations = new()
        { ["<"] = "<=", ["<="] = "<", [">"] = ">=", [">="] = ">", ["=="] = "!=", ["!="] = "==" };

    private static readonly Dictionary<string, string> Sums = new() { ["+"] = "-", ["-"] = "+", ["*"] = "+", ["/"] = "%", ["%"] = "/" };

    private static readonly Dictionary<string, string> Connectives = new() { ["&&"] = "||", ["||"] = "&&" };

    private static readonly HashSet<string> Generic = ["seq", "set", "map", "array", "iset", "imap", "multiset"];

    private static readonly HashSet<string> Breaks = [";", "{", "}", ",", ":=", "=>", "::", "==>", "<==>", "then", "else", "if", "while", "var", "return", "case", "requires", "ensures", "invariant"];

    /// <summary>All edits of the tokens from <paramref name="from"/> on, before <paramref name="to"/>, for which <paramref name="open"/> holds.</summary>
    public IEnumerable<Edit> Of(int from, int to, Func<int, bool> open)
    {
        for (var i = from; i < to; i++)
            if (open(i))
                foreach (var edit in At(i, to, open)) yield return edit;
    }

    private IEnumerable<Edit> At(int i, int to, Func<int, bool> open)
    {
        var t = tokens[i];
        if (t.Kind == TokenKind.Symbol && Relations.TryGetValue(t.Text, out var relation) && !InType(i)) yield return Replace("relation", i, relation);
        if (t.Kind == TokenKind.Symbol && Sums.TryGetValue(t.Text, out var sum) && Ends(tokens[i - 1])) yield return Replace("arithmetic", i, sum);
        if (t.Kind == TokenKind.Symbol && Connectives.TryGetValue(t.Text, out var connective) && Alone(i)) yield return Replace("connective", i, connective);
        if (t.Kind == TokenKind.Number && !tokens[i - 1].Is(".."))
        {
            foreach (var other in Near(t.Text)) yield return Replace("constant", i, other);
        }

        if ((t.Is("if") || t.Is("while")) && Condition(i, to) is var end and > 0) yield return Negate(i + 1, end);
        if (t.Kind == TokenKind.Word && tokens[i - 1].Text is ";" or "{" or "}" && Statement(i, to, open) is { } gone) yield return gone;
        if (t.Is("(") && tokens[i - 1].Kind == TokenKind.Word && Swap(i) is { } swapped) yield return swapped;
    }

    private Edit Replace(string name, int i, string put) => new(name, tokens[i].Offset, tokens[i].EndOffset, put, tokens[i].Line);

    private Edit Negate(int from, int end) =>
        new("condition", tokens[from].Offset, tokens[end - 1].EndOffset, $"!({source[tokens[from].Offset..tokens[end - 1].EndOffset]})", tokens[from].Line);

    /// <summary>The index of the token that ends the condition after an if or while: its brace or `then`.</summary>
    private int Condition(int at, int to)
    {
        if (tokens[at + 1].Is("{") || tokens[at + 1].Is("case") || tokens[at + 1].Is("*")) return 0;
        for (var i = at + 1; i < to; i++)
        {
            if (tokens[i].Text is "{" or "then" or "invariant" or "decreases" or "modifies") return i > at + 1 ? i : 0;
            if (tokens[i].Text is "(" or "[") i = DafnyOutline.Matching(tokens, i);
            if (tokens[i].Text is ":|" or ";" or "forall" or "exists") return 0;
        }

        return 0;
    }

    /// <summary>An assignment or call that is left out: up to its semicolon.</summary>
    private Edit? Statement(int at, int to, Func<int, bool> open)
    {
        var (i, name, assigned) = (at, "", false);
        for (; i < to && !tokens[i].Is(";"); i++)
        {
            if (!open(i) || (i == at && tokens[i].Text is "if" or "while" or "return" or "var" or "match" or "new" or "else" or "label" or "break")) return null;
            if (tokens[i].Is("{") || tokens[i].Is("}") || tokens[i].Text is "then" or "=>") return null;
            assigned |= tokens[i].Is(":=");
            if (tokens[i].Is("(") && tokens[i - 1].Kind == TokenKind.Word && name == "") name = tokens[i - 1].Text;
            if (tokens[i].Text is "(" or "[") i = DafnyOutline.Matching(tokens, i);
        }

        if (i >= to || i == at + 1 || (!assigned && name == "")) return null;
        // `ghost var w := M(…);` runs M and keeps the work that it says: without the call there is none.
        if (tokens[at].Is("ghost")) return new("call dropped", tokens[at].Offset, tokens[i].EndOffset, $"ghost var {tokens[at + 2].Text} := 0;", tokens[at].Line);
        var what = name.StartsWith("Record", StringComparison.Ordinal) || name == "Append" ? "record dropped" : name == "Emit" ? "effect dropped" : assigned ? "assignment dropped" : "call dropped";
        return new(what, tokens[at].Offset, tokens[i].EndOffset, "", tokens[at].Line);
    }

    /// <summary>The first two arguments of a call that differ, exchanged.</summary>
    private Edit? Swap(int open)
    {
        if (tokens[open - 1].Text is "if" or "while" or "returns" or "requires" or "ensures" or "method" or "function" or "in" or "then" or "else" or "match" or "return" or "old") return null;
        var close = DafnyOutline.Matching(tokens, open);
        List<(int From, int To)> arguments = [];
        for (int i = open + 1, first = open + 1; i <= close; i++)
        {
            if (tokens[i].Text is "(" or "[" or "{") { i = DafnyOutline.Matching(tokens, i); continue; }
            if (tokens[i].Text is ":=" or "::" or "|") return null;
            if (i < close && !tokens[i].Is(",")) continue;
            if (first < i) arguments.Add((tokens[first].Offset, tokens[i - 1].EndOffset));
            first = i + 1;
        }

        for (var n = 0; n + 1 < arguments.Count; n++)
        {
            var (a, b) = (source[arguments[n].From..arguments[n].To], source[arguments[n + 1].From..arguments[n + 1].To]);
            if (a != b) return new("arguments swapped", arguments[n].From, arguments[n + 1].To, $"{b}, {a}", tokens[open].Line);
        }

        return null;
    }

    /// <summary>Whether no other connective stands beside this one, where the two could not be mixed.</summary>
    private bool Alone(int i) => !Beside(i, -1) && !Beside(i, 1) && !Breaks.Contains(tokens[i - 1].Text) && !tokens[i - 1].Is("(");

    private bool Beside(int at, int step)
    {
        var depth = 0;
        for (var i = at + step; i > 0 && i < tokens.Count; i += step)
        {
            var text = tokens[i].Text;
            if (text is "(" or "[" or "{") depth += step;
            else if (text is ")" or "]" or "}") depth -= step;
            if (depth < 0 || (depth == 0 && Breaks.Contains(text) && text is not "}")) return false;
            if (depth == 0 && text is "&&" or "||") return true;
        }

        return false;
    }

    private bool InType(int i) => tokens[i].Text is "<" or ">" &&
        (Generic.Contains(tokens[i - 1].Text) || (tokens[i].Is(">") && i >= 3 && tokens[i - 2].Is("<") && Generic.Contains(tokens[i - 3].Text)));

    private static bool Ends(Token before) => before.Kind is TokenKind.Word or TokenKind.Number ? !HeadReader.IsPrefix(before) : before.Text is ")" or "]" or "|";

    /// <summary>The number one more and one less, written alike.</summary>
    private static IEnumerable<string> Near(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var hexadecimal = plain.StartsWith("0x", StringComparison.Ordinal);
        if (!UInt128.TryParse(hexadecimal ? plain[2..] : plain, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var n)) yield break;
        string Write(UInt128 x) => hexadecimal ? $"0x{x:x}" : x.ToString(CultureInfo.InvariantCulture);
        yield return Write(n + 1);
        if (n > 0) yield return Write(n - 1);
    }
}
