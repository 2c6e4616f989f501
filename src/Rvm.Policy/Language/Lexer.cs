using Rvm.Diagnostics;

namespace Rvm.Policy.Language;

/// <summary>Cuts a policy's text into tokens. Any text will do: what is no token is reported and skipped.</summary>
public sealed class Lexer
{
    private static readonly string[] Symbols = ["!=", "<=", ">=", "..", "=", "<", ">", ",", "(", ")", "{", "}", "+", "-", "*"];

    /// <summary>What other languages write, what to write here, and the token that it is taken for; none: it is skipped.</summary>
    private static readonly (string Text, string Mend, TokenKind Kind, string Meant)[] Strangers =
    [
        ("==", "write `=`", TokenKind.Symbol, "="), ("&&", "write `and`", TokenKind.Word, "and"), ("||", "write `or`", TokenKind.Word, "or"),
        ("!", "write `not`", TokenKind.Word, "not"), ("≤", "write `<=`", TokenKind.Symbol, "<="), ("≥", "write `>=`", TokenKind.Symbol, ">="),
        ("≠", "write `!=`", TokenKind.Symbol, "!="), ("…", "write `..`", TokenKind.Symbol, ".."),
        ("[", "a set stands in braces: {a, b}", TokenKind.Symbol, "{"), ("]", "a set stands in braces: {a, b}", TokenKind.Symbol, "}"),
        (";", "a statement ends with its lines: remove `;`", TokenKind.End, ""), (":", "remove it", TokenKind.End, ""),
        ("'", "a text stands in \"double quotes\"", TokenKind.End, ""), ("/", "a comment begins with `#`; there is no division", TokenKind.End, ""),
    ];

    private readonly string _file;
    private readonly string _text;
    private readonly DiagnosticBag _bag;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _lineStart;
    private bool _first = true;

    private Lexer(string file, string text, DiagnosticBag bag) => (_file, _text, _bag) = (file, text, bag);

    /// <summary>All tokens of a text, comments included, without an end token.</summary>
    public static IReadOnlyList<Token> Read(string file, string text, DiagnosticBag bag)
    {
        var lexer = new Lexer(file, text, bag);
        while (lexer._at < text.Length) lexer.Next();
        return lexer._tokens;
    }

    private Place Here => new(_file, _line, _at - _lineStart + 1);

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private void Next()
    {
        var c = _text[_at];
        if (c == '\n') NewLine();
        else if (c is ' ' or '\t' or '\r' or '\uFEFF') _at++;
        else if (c == '#') Take(TokenKind.Comment, LengthWhile(0, x => x != '\n'));
        else if (c == '"') Text();
        else if (char.IsAsciiDigit(c)) Take(TokenKind.Number, LengthWhile(0, x => char.IsAsciiLetterOrDigit(x) || x is '_' or 'µ'));
        else if (char.IsAsciiLetter(c) || c == '_') Word();
        else if (Array.Find(Strangers, s => Begins(s.Text)) is { Text: { } text } stranger && !Begins("!="))
            Replace(text, stranger.Mend, stranger.Kind, stranger.Meant);
        else if (Array.Find(Symbols, Begins) is { } symbol) Take(TokenKind.Symbol, symbol.Length);
        else Skip();
    }

    private void NewLine()
    {
        _at++;
        _line++;
        (_lineStart, _first) = (_at, true);
    }

    private int LengthWhile(int from, Func<char, bool> holds)
    {
        while (_at + from < _text.Length && holds(_text[_at + from])) from++;
        return from;
    }

    private void Take(TokenKind kind, int length)
    {
        var source = _text.Substring(_at, length);
        _tokens.Add(new(kind, kind == TokenKind.Comment ? source.TrimEnd() : source, Here, _first));
        _at += length;
        _first = false;
    }

    private void Word()
    {
        var length = LengthWhile(0, x => char.IsAsciiLetterOrDigit(x) || x == '_');
        while (Peek(length) == '-' && char.IsAsciiLetterOrDigit(Peek(length + 1)))
            length = LengthWhile(length + 1, x => char.IsAsciiLetterOrDigit(x) || x == '_');
        Take(TokenKind.Word, length);
        if (_tokens[^1].Source == "unchanged-from") Path();
    }

    private void Path()
    {
        while (Peek(0) is ' ' or '\t') _at++;
        var length = LengthWhile(0, x => x > ' ' && x is not ('#' or '"' or '\uFFFD'));
        if (length > 0) Take(TokenKind.Path, length);
    }

    private void Text()
    {
        var length = 1;
        while (Peek(length) is not ('"' or '\n' or '\r' or '\0')) length += Peek(length) == '\\' && Peek(length + 1) is '"' or '\\' ? 2 : 1;
        if (Peek(length) == '"') length++;
        else _bag.Error(Here, "a text without an end", "close it with `\"` in the same line");
        Take(TokenKind.Text, Math.Min(length, _text.Length - _at));
        var token = _tokens[^1];
        for (var i = 1; i < token.Source.Length; i++)
            if (char.IsControl(token.Source[i]))
            {
                _bag.Error(token.Place with { Column = token.Place.Column + i }, "a control character in a text", "write blanks, not tabs");
                return;
            }
    }

    private bool Begins(string text) => string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0;

    private void Replace(string text, string mend, TokenKind kind, string meant)
    {
        _bag.Error(Here, $"`{text}` is not part of the language", mend);
        if (kind != TokenKind.End) _tokens.Add(new(kind, meant, Here, _first));
        _at += text == "/" ? LengthWhile(0, c => c == '/') : text.Length;
        _first = false;
    }

    private void Skip()
    {
        var length = Math.Max(1,
            LengthWhile(0, x => x > ' ' && x is not ('#' or '"') && !char.IsAsciiLetterOrDigit(x) && !Symbols.Any(s => s[0] == x)));
        var shown = new string([.. _text.Substring(_at, Math.Min(length, 12)).Select(x => char.IsControl(x) || char.IsSurrogate(x) ? '\uFFFD' : x)]);
        _bag.Error(Here, $"`{shown}` is not part of the language", "remove it; names are made of a-z, 0-9, `_` and `-`");
        _at += length;
        _first = false;
    }
}
