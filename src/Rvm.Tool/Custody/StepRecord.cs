using Rvm.Tool.Proof;

namespace Rvm.Tool.Custody;

/// <summary>What a step of the build was given and what it made of it, as tools/custody.sh recorded it: digests by path.</summary>
public sealed record StepRecord(string Step, IReadOnlyDictionary<string, string> In, IReadOnlyDictionary<string, string> Out)
{
    private const string Folder = "artifacts/custody";

    /// <summary>The record of a step; null when it has not run, or its record is damaged.</summary>
    public static StepRecord? Read(Checkout checkout, string step)
    {
        var path = checkout.Path($"{Folder}/{step}.txt");
        if (!File.Exists(path)) return null;
        var lines = File.ReadAllLines(path).Select(line => line.Split(' ', 3)).ToList();
        return lines.Count > 0 && lines.All(l => l.Length == 3 && l[0] is "in" or "out" && l[1].Length == 64) ? new StepRecord(step, Of("in"), Of("out")) : null;

        Dictionary<string, string> Of(string kind) => lines.Where(l => l[0] == kind).DistinctBy(l => l[2]).ToDictionary(l => l[2], l => l[1], StringComparer.Ordinal);
    }

    /// <summary>Assemblies of the image that have been compiled, in ordinal order.</summary>
    public static IReadOnlyList<string> Compiled(Checkout checkout) =>
        Directory.Exists(checkout.Path(Folder))
            ? [.. Directory.EnumerateFiles(checkout.Path(Folder), "compile-*-Release.txt").Select(f => System.IO.Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)]
            : [];
}
