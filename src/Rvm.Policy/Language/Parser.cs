using Rvm.Diagnostics;

namespace Rvm.Policy.Language;

/// <summary>Reads a policy's text. Reports every error: neither a broken statement nor a broken condition hides the next one.</summary>
public static class Parser
{
    /// <summary>The tree of a text; what cannot be read is reported and is a <see cref="BrokenStatement"/> or <see cref="BrokenCondition"/>.</summary>
    public static SyntaxTree Read(string file, string text, DiagnosticBag bag)
    {
        var tokens = Lexer.Read(file, text, bag);
        return new(file, text, tokens, [.. Split(tokens, bag).ToList().Select(part => new StatementParser(part, bag).Statement())]);
    }

    /// <summary>The tokens of each statement, without comments.</summary>
    private static IEnumerable<List<Token>> Split(IReadOnlyList<Token> tokens, DiagnosticBag bag)
    {
        List<Token> current = [];
        var all = tokens.Where(t => t.Kind != TokenKind.Comment).ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var token = all[i];
            var begins = token.AtMargin || IsIndentedStatement(token, i + 1 < all.Count ? all[i + 1] : null);
            var continues = token.Kind != TokenKind.Word || Keywords.Conditions.Contains(token.Source);
            if (token.AtMargin && continues && current.Count > 0)
                bag.Error(token.Place, $"{token.Describe} does not begin a statement", "indent the line: it continues the statement above");
            else if (begins && current.Count > 0)
            {
                yield return current;
                current = [];
            }

            if (current.Count == 0 && !token.AtMargin)
                bag.Error(token.Place, "a statement that does not begin in column 1", "remove the blanks before it");
            current.Add(token);
        }

        if (current.Count > 0) yield return current;
    }

    private static bool IsIndentedStatement(Token token, Token? next) =>
        token is { Kind: TokenKind.Word, FirstOnLine: true } && Keywords.Statements.Contains(token.Source)
        && next is { Kind: TokenKind.Word, AtMargin: false } && !Keywords.Conditions.Contains(next.Source);
}
