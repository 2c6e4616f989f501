namespace Rvm.Tool.Proof;

/// <summary>Divides files among processes of Dafny: each costs seconds to begin, because it reads and resolves everything that its files include.</summary>
public static class ProofGroups
{
    /// <summary>Groups when most answers are remembered: as many as run at a time.</summary>
    public const int Warm = 2;

    /// <summary>Groups when the solver has to work: an interruption or a crash loses one of them at most.</summary>
    public const int Cold = 8;

    /// <summary>Groups of about equal cost, the most expensive first.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(IEnumerable<string> files, Func<string, long> cost, int most)
    {
        var sorted = files.Select(file => (File: file, Cost: cost(file))).OrderByDescending(f => f.Cost).ThenBy(f => f.File, StringComparer.Ordinal).ToList();
        var groups = Enumerable.Range(0, Math.Min(most, sorted.Count)).Select(_ => (Files: new List<string>(), Cost: new long[1])).ToList();
        foreach (var (file, price) in sorted)
        {
            var group = groups.MinBy(g => g.Cost[0]);
            group.Files.Add(file);
            group.Cost[0] += price;
        }
        return [.. groups.OrderByDescending(g => g.Cost[0]).Select(g => g.Files)];
    }
}
