using System.Text;
using Rvm.Tool.Proof;
using Rvm.Tool.Theorems;

namespace Rvm.Tool.Audit.Claims;

/// <summary>The text of a declaration: as written, but without comments.</summary>
public static class SourceText
{
    public static string Of(Symbol symbol, string source)
    {
        var text = new StringBuilder();
        for (var i = 0; i < symbol.Tokens.Count; i++)
        {
            if (i > 0) text.Append(Gap(source, symbol.Tokens[i - 1], symbol.Tokens[i]));
            text.Append(symbol.Tokens[i].Text);
        }
        return Outdented(text.ToString());
    }

    /// <summary>The same for two texts that differ in layout only.</summary>
    public static string Normal(string text) => string.Join(' ', DafnyLexer.Tokens(text).Select(t => t.Text)).Trim();

    private static string Gap(string source, Token before, Token after)
    {
        if (after.Offset < before.EndOffset) return "\n";      // a field that stands elsewhere in its type
        var gap = source[before.EndOffset..after.Offset];
        var line = gap.LastIndexOf('\n');
        return line < 0 ? gap.Length == 0 ? "" : " " : "\n" + gap[(line + 1)..].Replace("*/", "", StringComparison.Ordinal).Where(char.IsWhiteSpace).Aggregate("", (s, c) => s + c);
    }

    private static string Outdented(string text)
    {
        var lines = text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).ToList();
        if (lines.Count < 2) return string.Join('\n', lines);
        var indent = lines.Skip(1).Min(l => l.Length - l.TrimStart().Length);
        return string.Join('\n', lines.Select((l, i) => i == 0 ? l : l[Math.Min(indent, l.Length)..]));
    }
}
