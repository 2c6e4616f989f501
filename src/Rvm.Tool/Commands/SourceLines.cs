using Rvm.Diagnostics;

namespace Rvm.Tool.Commands;

/// <summary>The lines that diagnostics point at.</summary>
public sealed class SourceLines
{
    private readonly Dictionary<string, string[]> _files = [];

    /// <summary>The line of a place; null when there is none.</summary>
    public string? Find(Place place)
    {
        if (place.Line == 0 || place.Column == 0) return null;
        if (!_files.TryGetValue(place.File, out var lines)) _files[place.File] = lines = Read(place.File);
        return place.Line <= lines.Length ? new([.. lines[place.Line - 1].Select(c => char.IsControl(c) && c != '\t' ? '\uFFFD' : c)]) : null;
    }

    private static string[] Read(string file)
    {
        try
        {
            return [.. File.ReadAllText(file).Split('\n').Select(l => l.TrimEnd('\r'))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
