namespace Rvm.Tool.Proof;

public enum TokenKind { Word, Number, Text, Symbol, End }

/// <param name="Doc">text of the docstring (<c>/** … */</c>) that stands directly before the token</param>
/// <param name="Adjacent">no white space or comment between this token and the one before</param>
/// <param name="Offset">index of the first character in the source</param>
public sealed record Token(TokenKind Kind, string Text, int Line, int Column, int Offset, string? Doc, bool Adjacent)
{
    public bool Is(string text) => Kind is TokenKind.Word or TokenKind.Symbol && Text == text;

    public int EndOffset => Offset + Text.Length;
}

/// <summary>Splits Dafny source into tokens: comments nest, strings may be verbatim, names may contain ' and ?.</summary>
public sealed class DafnyLexer
{
    private static readonly string[] Symbols =
        ["<==>", "==>", "<==", "-->", "~>", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "::", ":=", ":|", ":-", ".."];

    private readonly string source;
    private int at, line = 1, lineStart;
    private string? doc;
    private bool adjacent;

    private DafnyLexer(string source) => this.source = source;

    /// <summary>The tokens of a source text; the last one is <see cref="TokenKind.End"/>.</summary>
    public static IReadOnlyList<Token> Tokens(string source)
    {
        var lexer = new DafnyLexer(source);
        var tokens = new List<Token>();
        do tokens.Add(lexer.Next()); while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private char Ahead(int n = 0) => at + n < source.Length ? source[at + n] : '\0';

    private bool Sees(string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    private void Step(int n = 1)
    {
        for (; n > 0 && at < source.Length; n--)
            if (source[at++] == '\n') { line++; lineStart = at; }
    }

    private Token Next()
    {
        adjacent = true;
        doc = null;
        while (SkipSpace() || SkipComment()) adjacent = false;
        var (start, startLine, startColumn) = (at, line, at - lineStart + 1);
        var kind = Scan();
        return new Token(kind, source[start..at], startLine, startColumn, start, doc, adjacent);
    }

    private bool SkipSpace()
    {
        if (at >= source.Length || !char.IsWhiteSpace(Ahead())) return false;
        while (at < source.Length && char.IsWhiteSpace(Ahead())) Step();
        return true;
    }

    private bool SkipComment()
    {
        if (Sees("//"))
        {
            while (at < source.Length && Ahead() != '\n') Step();
            return true;
        }
        if (!Sees("/*")) return false;
        var start = at;
        var depth = 0;
        do
        {
            if (Sees("/*")) { depth++; Step(2); }
            else if (Sees("*/")) { depth--; Step(2); }
            else Step();
        } while (depth > 0 && at < source.Length);
        var comment = source[start..at];
        if (comment.StartsWith("/**", StringComparison.Ordinal) && comment.Length > 4) doc = DocText(comment);
        return true;
    }

    private static string DocText(string comment) =>
        string.Join(' ', comment[3..^2].Split('\n').Select(l => l.Trim().TrimStart('*').Trim()).Where(l => l.Length > 0));

    private TokenKind Scan()
    {
        if (at >= source.Length) return TokenKind.End;
        var c = Ahead();
        if (c == '@' && Ahead(1) == '"') { Step(); return Verbatim(); }
        if (c == '"') return Quoted();
        if (c == '\'' && CharacterLength() is var length and > 0) { Step(length); return TokenKind.Text; }
        if (char.IsDigit(c)) return Run(TokenKind.Number, x => char.IsAsciiHexDigit(x) || x is '_' or 'x');
        if (IsName(c)) return Run(TokenKind.Word, x => IsName(x) || char.IsDigit(x));
        Step(Symbols.FirstOrDefault(Sees)?.Length ?? 1);
        return TokenKind.Symbol;
    }

    private static bool IsName(char c) => char.IsLetter(c) || c is '_' or '\'' or '?';

    private TokenKind Run(TokenKind kind, Func<char, bool> more)
    {
        while (at < source.Length && more(Ahead())) Step();
        return kind;
    }

    private TokenKind Quoted()
    {
        Step();
        while (at < source.Length && Ahead() is not ('"' or '\n')) Step(Ahead() == '\\' ? 2 : 1);
        Step();
        return TokenKind.Text;
    }

    private TokenKind Verbatim()
    {
        Step();
        while (at < source.Length && (Ahead() != '"' || Ahead(1) == '"')) Step(Ahead() == '"' ? 2 : 1);
        Step();
        return TokenKind.Text;
    }

    private int CharacterLength()
    {
        if (Ahead(1) != '\\') return Ahead(2) == '\'' ? 3 : char.IsSurrogate(Ahead(1)) && Ahead(3) == '\'' ? 4 : 0;
        for (var n = 3; n < 14; n++)
            if (Ahead(n) == '\'') return n + 1;
        return 0;
    }
}
