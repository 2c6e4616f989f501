using Rvm.Model.Configurations;
using Rvm.Model.Reports;

namespace Rvm.Model.Search;

/// <summary>What is wrong, and the shortest events that show it.</summary>
/// <param name="What">The theorem or conjunct that does not hold, and where.</param>
/// <param name="Steps">From the state after the boot; the last one shows it. Empty: it shows after the boot.</param>
public sealed record Violation(string What, IReadOnlyList<Step> Steps);

/// <summary>What a search has found.</summary>
/// <param name="States">Different states, by their canonical keys.</param>
/// <param name="Transitions">Events delivered, each in the state that it belongs to.</param>
/// <param name="Depth">The most events that the shortest way to a state has.</param>
/// <param name="Complete">No state was left unexplored.</param>
/// <param name="Compared">Transitions on which the specification's Step was compared with the core.</param>
/// <param name="Judged">Judgements of the specification: asked for, and different ones.</param>
public sealed record Outcome(
    Configuration Configuration, int States, long Transitions, int Depth, bool Complete, long Compared, (long Asked, long Made) Judged, TimeSpan Time, Violation? Violation)
{
    /// <summary>How many states are first reached after 0, 1, 2, … events.</summary>
    public IReadOnlyList<int> Layers { get; init; } = [];

    /// <summary>The calls that have succeeded somewhere, a bit each.</summary>
    public UInt128 Succeeded { get; init; }

    /// <summary>The calls of the alphabet that never succeeded: then the search shows less than it seems to.</summary>
    public IEnumerable<uint> NeverSucceeded => Configuration.Alphabet.Calls.Where(n => (Succeeded >> (int)n & 1) == 0);

    /// <summary>How many random walks there were, and from which seed; null: all states were explored.</summary>
    public (int Number, ulong Seed)? Walks { get; init; }
}
