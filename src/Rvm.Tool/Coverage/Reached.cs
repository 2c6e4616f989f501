namespace Rvm.Tool.Coverage;

/// <summary>How much of one symbol was reached.</summary>
/// <param name="Reached">Branches taken, or instructions executed.</param>
/// <param name="All">Those that there are, without <paramref name="Guards"/>.</param>
/// <param name="Guards">Instructions that only a failed range check executes, which the proof excludes.</param>
/// <param name="Places">Where the rest is: line numbers, or offsets.</param>
/// <param name="Why">Why the rest need not be reached; null: nobody says so.</param>
public sealed record Reached(string Symbol, int Count, int All, int Guards, IReadOnlyList<string> Places, string? Why)
{
    /// <summary>Instructions of <see cref="CheckedCopies"/>: not reached, and explained by what they are. Part of <see cref="All"/>, without place.</summary>
    public int Copies { get; init; }

    /// <summary>Something is not reached that only a reason can explain.</summary>
    public bool NeedsReason => Count + Copies < All;

    /// <summary>Something is not reached, and nothing says why.</summary>
    public bool IsFinding => NeedsReason && Why is null;
}

/// <summary>The result of one measurement.</summary>
/// <param name="Part"><c>core</c> or <c>kernel</c>.</param>
/// <param name="Least">Percentage that has to be reached.</param>
/// <param name="Stale">Reasons that fit nothing, or only what is reached.</param>
public sealed record CoverageResult(string Part, string Unit, double Least, IReadOnlyList<Reached> Symbols, IReadOnlyList<Reason> Stale)
{
    public int Count => Symbols.Sum(s => s.Count);

    public int All => Symbols.Sum(s => s.All);

    public int Guards => Symbols.Sum(s => s.Guards);

    public int Copies => Symbols.Sum(s => s.Copies);

    public double Percent => All == 0 ? 0 : 100.0 * Count / All;

    public IEnumerable<Reached> Findings => Symbols.Where(s => s.IsFinding);

    public bool IsGood => Percent >= Least && !Findings.Any() && Stale.Count == 0;

    /// <summary>Gives every symbol its reason, and finds the reasons that nothing needs.</summary>
    public static CoverageResult Of(string part, string unit, double least, IEnumerable<Reached> symbols, IReadOnlyList<Reason> reasons)
    {
        var ours = reasons.Where(r => r.Part == part).ToList();
        List<Reached> all = [.. symbols.Select(s => s with { Why = ours.FirstOrDefault(r => r.Is(s))?.Why }).OrderBy(s => s.Symbol, StringComparer.Ordinal)];
        return new(part, unit, least, all, [.. ours.Where(r => !all.Any(r.Is))]);
    }
}
