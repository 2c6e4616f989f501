namespace Rvm.Tool.Audit.Digests;

/// <summary>Names what differs between the image that an audit speaks of and another one.</summary>
public static class ImageComparison
{
    private const int Shown = 20;

    /// <summary>A sentence for each difference, the finest first: symbols, else sections, else the file around them. Empty when the files are the same.</summary>
    public static IReadOnlyList<string> Between(ImageDigest stated, ImageDigest found)
    {
        if (stated.Sha256 == found.Sha256) return [];
        List<string> all = [.. Sections(stated, found), .. Symbols(stated, found)];
        if (all.Count == 0) all.Add("something differs outside of the loaded sections: in the headers, the symbol table or after them");
        return all.Count <= Shown ? all : [.. all.Take(Shown), $"{all.Count - Shown} more differ"];
    }

    private static IEnumerable<string> Sections(ImageDigest stated, ImageDigest found)
    {
        foreach (var s in stated.Sections)
            if (found.Sections.FirstOrDefault(f => f.Name == s.Name) is not { } other) yield return $"section {s.Name} is missing";
            else if (other.Address != s.Address || other.Size != s.Size) yield return $"section {s.Name} is at {other.Address} with {other.Size} bytes, proved was {s.Address} with {s.Size}";
            else if (other.Sha256 != s.Sha256) yield return $"section {s.Name} at {s.Address} differs";
        foreach (var name in found.Sections.Select(s => s.Name).Except(stated.Sections.Select(s => s.Name))) yield return $"section {name} is too many";
    }

    private static IEnumerable<string> Symbols(ImageDigest stated, ImageDigest found)
    {
        var others = found.Symbols.ToLookup(s => s.Address);
        foreach (var s in stated.Symbols)
            if (others[s.Address].FirstOrDefault(o => o.Section == s.Section && o.Size == s.Size) is not { } other) yield return $"{s.Name} in {s.Section} is not at {s.Address} with {s.Size} bytes";
            else if (other.Sha256 != s.Sha256) yield return $"{s.Name} in {s.Section} at {s.Address} differs";
    }
}
