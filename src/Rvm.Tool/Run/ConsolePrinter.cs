namespace Rvm.Tool.Run;

/// <summary>Prints console lines; on a terminal each partition's prefix has its own colour.</summary>
/// <param name="output">Where to print.</param>
/// <param name="colours">True on a terminal.</param>
public sealed class ConsolePrinter(TextWriter output, bool colours)
{
    private static readonly int[] Palette = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
    private readonly Dictionary<string, int> _colour = [];

    /// <summary>Prints one line.</summary>
    public void Print(ConsoleLine line)
    {
        if (line.Partition is not { } partition) output.WriteLine(colours ? $"\e[1m{line.Text}\e[0m" : line.Text);
        else output.WriteLine(colours ? $"\e[{ColourOf(partition)}m{partition}|\e[0m {line.Text}" : $"{partition}| {line.Text}");
        output.Flush();
    }

    private int ColourOf(string partition)
    {
        if (!_colour.TryGetValue(partition, out var colour)) _colour[partition] = colour = Palette[_colour.Count % Palette.Length];
        return colour;
    }
}
