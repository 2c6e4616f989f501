using System.Text;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit.Claims;

/// <summary>
/// Sets Dafny for people. An audit keeps a declaration as its tokens with one space between them, so that layout does not count as a change;
/// here each clause and each branch gets a line of its own.
/// </summary>
public sealed class DafnyText
{
    private const int Inline = 90;

    private static readonly HashSet<string> Generic = ["seq", "set", "map", "iset", "imap", "multiset", "array"];

    private static readonly HashSet<string> Clauses = ["requires", "ensures", "modifies", "decreases", "reads", "invariant"];

    private readonly string[] tokens;
    private readonly StringBuilder text = new();
    private int depth, nested, angles;

    private DafnyText(string[] tokens) => this.tokens = tokens;

    /// <param name="tokens">tokens with one space between them</param>
    public static string Of(string tokens)
    {
        var words = tokens.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new DafnyText(words).Lines();
    }

    /// <summary>The tokens of a text with one space between them, without its comments: the same for two texts that differ in layout only.</summary>
    public static string Tokens(string dafny) => string.Join(' ', DafnyLexer.Tokens(dafny).Select(t => t.Text)).Trim();

    /// <param name="dafny">a text as it was written</param>
    public static string Set(string dafny) => Of(Tokens(dafny));

    private string Lines()
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            var (token, before) = (tokens[i], i > 0 ? tokens[i - 1] : "");
            if (token == "<" && Generic.Contains(before)) { angles++; text.Append('<'); continue; }
            if (token is ">" or ">>" && angles > 0) { angles -= Math.Min(angles, token.Length); text.Append(token); continue; }
            if (token is "(" or "[") nested++;
            if (token is ")" or "]") nested--;
            if (token == "{" && (before != ":" && IsBody(i)) && Length(i) > Inline) { Put(token, before); depth++; Break(); continue; }
            if (token == "}" && depth > 0 && Opens(i)) { depth--; Break(); Put(token, ""); continue; }
            if (StartsLine(i)) Break(Clauses.Contains(token) ? 1 : 0);
            Put(token, before);
        }
        return string.Join('\n', text.ToString().Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0));
    }

    private bool StartsLine(int i) =>
        (Clauses.Contains(tokens[i]) && depth == 0 && nested == 0)
        || (depth > 0 && nested == 0 && (tokens[i] is "else" or "&&" or "||" or "case" && LineIsLong(i) || (i > 0 && tokens[i - 1] == ";")))
        || (depth == 0 && nested == 0 && tokens[i] == "|" && LineIsLong(i));

    /// <summary>Whether the line would be long up to the next place where it could be broken.</summary>
    private bool LineIsLong(int i) => text.Length - (text.ToString().LastIndexOf('\n') + 1) + (tokens[i] is "else" or "case" ? Inline : 0) > Inline / 2;

    private void Break(int more = 0)
    {
        if (text.Length > 0 && text[^1] != '\n') text.Append('\n');
        text.Append(' ', 2 * (depth + more));
    }

    private void Put(string token, string before)
    {
        var fresh = text.Length == 0 || text[^1] is '\n' or ' ' || (text[^1] == '<' && angles > 0);
        if (!fresh && !Glued(before, token)) text.Append(' ');
        text.Append(token);
    }

    private static bool Glued(string before, string token) =>
        token is "," or ";" or ")" or "]" or "." or "?" or ":" || before is "(" or "[" or "." or "!"
        || (token is "(" or "[" && before.Length > 0 && (char.IsLetterOrDigit(before[^1]) || before[^1] is '_' or '?' or '\'' or ']' or ')') && !IsKeyword(before))
        || (before == "{" && token == ":") || token == ".." || before == "..";

    private static bool IsKeyword(string word) => word is "if" or "then" or "else" or "in" or "returns" or "requires" or "ensures" or "decreases" or "modifies" or "reads" or "var" or "case" or "match" or "as" or "forall" or "exists" or "assert";

    /// <summary>A brace that opens a body, not a set.</summary>
    private bool IsBody(int i) => i > 0 && i + 1 < tokens.Length && tokens[i + 1] != ":" && tokens[i - 1] is not ("=" or "==" or "+" or "-" or "in" or "(" or "," or "!!" or ":=" or "&&" or "||" or "==>" or "requires" or "ensures");

    private int Length(int open) => Enumerable.Range(open, Close(open) - open).Sum(i => tokens[i].Length + 1);

    private int Close(int open)
    {
        var level = 0;
        for (var i = open; i < tokens.Length; i++)
            if (tokens[i] == "{") level++;
            else if (tokens[i] == "}" && --level == 0) return i;
        return tokens.Length;
    }

    /// <summary>Whether the brace that this one closes was set on a line of its own.</summary>
    private bool Opens(int close)
    {
        var level = 0;
        for (var i = close; i >= 0; i--)
            if (tokens[i] == "}") level++;
            else if (tokens[i] == "{" && --level == 0) return i > 0 && tokens[i - 1] != ":" && IsBody(i) && Length(i) > Inline;
        return false;
    }
}
