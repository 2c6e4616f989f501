using Rvm.Diagnostics;

namespace Rvm.Policy.Language;

/// <summary>Walks through the tokens of one statement.</summary>
public class TokenCursor
{
    private readonly IReadOnlyList<Token> _tokens;
    private readonly Token _end;
    private int _at;

    /// <summary>A cursor on the first of <paramref name="tokens"/>, of which there is at least one.</summary>
    protected TokenCursor(IReadOnlyList<Token> tokens, DiagnosticBag bag)
    {
        (_tokens, Bag) = (tokens, bag);
        var last = tokens[^1];
        _end = new(TokenKind.End, "", last.Place with { Column = last.Place.Column + last.Source.Length }, false);
    }

    /// <summary>Where errors go.</summary>
    protected DiagnosticBag Bag { get; }

    /// <summary>The token to be read next; the end token after the last.</summary>
    protected Token Current => PeekAt(0);

    /// <summary>Where the current token begins.</summary>
    protected Place Here => Current.Place;

    /// <summary>True when all tokens are read.</summary>
    protected bool AtEnd => Current.Kind == TokenKind.End;

    /// <summary>A token further on.</summary>
    protected Token PeekAt(int ahead) => _at + ahead < _tokens.Count ? _tokens[_at + ahead] : _end;

    /// <summary>Reads the current token.</summary>
    protected Token Take()
    {
        var token = Current;
        if (_at < _tokens.Count) _at++;
        return token;
    }

    /// <summary>Reads the current token if it is this one.</summary>
    protected bool Accept(string text)
    {
        if (!Current.Is(text)) return false;
        Take();
        return true;
    }

    /// <summary>Reports what stands here instead of what should; the result is null.</summary>
    protected object? Expected(string what, string mend)
    {
        Bag.Error(Here, $"{what} is missing before {Current.Describe}", mend);
        return null;
    }

    /// <summary>The text that a token in quotes stands for.</summary>
    protected static string Unquote(string source)
    {
        var inner = source.AsSpan(1);
        if (source.Length > 1 && source[^1] == '"') inner = inner[..^1];
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length && inner[i + 1] is '"' or '\\') i++;
            text.Append(inner[i]);
        }

        return text.ToString();
    }
}
