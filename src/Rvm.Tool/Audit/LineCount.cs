using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit;

/// <summary>Counts lines of code: a line counts when something stands on it besides comments.</summary>
public static class LineCount
{
    public static int Code(string path, string source) =>
        Path.GetExtension(path) switch { ".dfy" => Dafny(source), ".sh" or ".awk" or ".list" => source.Split('\n').Count(IsCommand), _ => CLike(source) };

    public static int All(string source) => source.Length == 0 ? 0 : source.TrimEnd('\n').Count(c => c == '\n') + 1;

    private static bool IsCommand(string line) => line.Trim() is { Length: > 0 } text && text[0] != '#';

    private static int Dafny(string source)
    {
        var lines = new HashSet<int>();
        foreach (var token in DafnyLexer.Tokens(source).Where(t => t.Kind != TokenKind.End))
            for (var i = 0; i <= token.Text.Count(c => c == '\n'); i++) lines.Add(token.Line + i);
        return lines.Count;
    }

    /// <summary>C#, C, GNU assembly and link scripts: <c>//</c> and <c>/* … */</c>, strings within a line.</summary>
    private static int CLike(string source)
    {
        var (count, comment) = (0, false);
        foreach (var line in source.Split('\n'))
            if (HasCode(line, ref comment)) count++;
        return count;
    }

    private static bool HasCode(string line, ref bool comment)
    {
        var (code, text) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            var pair = i + 1 < line.Length ? line.Substring(i, 2) : "";
            if (comment) { if (pair == "*/") { comment = false; i++; } }
            else if (text) { if (line[i] == '\\') i++; else if (line[i] == '"') text = false; }
            else if (pair == "//") return code;
            else if (pair == "/*") { comment = true; i++; }
            else if (!char.IsWhiteSpace(line[i])) { code = true; text = line[i] == '"'; }
        }
        return code;
    }
}
