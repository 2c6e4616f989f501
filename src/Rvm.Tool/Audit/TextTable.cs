using System.Text;

namespace Rvm.Tool.Audit;

/// <summary>A small table, as Markdown or as aligned text.</summary>
public sealed class TextTable(string title, string[] heads, IEnumerable<string[]> rows)
{
    /// <summary>Wider cells are cut on the console; Markdown has all of the text.</summary>
    private const int Widest = 64;

    private readonly List<string[]> rows = [.. rows];

    public string Title => title;

    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine(Line(heads)).AppendLine(Line([.. heads.Select(_ => "---")]));
        foreach (var row in rows) text.AppendLine(Line(row));
        return text.ToString();
    }

    public string Text()
    {
        var cells = rows.Prepend(heads).Select(row => row.Select(Cut).ToArray()).ToList();
        var widths = heads.Select((_, i) => cells.Max(row => row[i].Length)).ToArray();
        var text = new StringBuilder().AppendLine(title);
        foreach (var row in cells)
            text.AppendLine("  " + string.Join("  ", row.Select((cell, i) => IsNumber(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
        return text.ToString();
    }

    private bool IsNumber(int column) => rows.Count > 0 && rows.All(row => row[column].Length == 0 || char.IsAsciiDigit(row[column][0])) && rows.Any(row => row[column].Length > 0);

    private static string Line(string[] cells) => "| " + string.Join(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))) + " |";

    private static string Cut(string cell) => cell.Length <= Widest ? cell : cell[..(Widest - 1)] + "…";
}
