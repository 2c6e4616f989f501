namespace Rvm.Tool.Audit.Drift;

/// <summary>Shows what has changed on the console.</summary>
public static class DriftText
{
    public static void Write(TextWriter output, string before, IReadOnlyList<Change> changes)
    {
        output.WriteLine($"Since {before}:");
        foreach (var change in changes)
        {
            var place = change.Place.File.Length == 0 ? "" : $"{change.Place}: ";
            output.WriteLine($"  {place}{(change.Fails ? "error" : "note")}: {change.Rule}: {change.Message}");
            Text(output, "before", change.Before);
            Text(output, "now   ", change.After);
        }
        output.WriteLine($"  {changes.Count(c => c.Fails)} of {changes.Count} changes make the comparison fail");
    }

    private static void Text(TextWriter output, string label, string? text)
    {
        if (text is null) return;
        var lines = text.Split('\n');
        output.WriteLine($"    {label}: {lines[0]}");
        foreach (var line in lines.Skip(1)) output.WriteLine($"            {line}");
    }
}
