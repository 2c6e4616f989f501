using System.Collections.Immutable;
using Rvm.Policy.Binding;

namespace Rvm.Policy.Table;

/// <summary>Two fields compared: x ≤ y + a, or x &gt; y + a when not <paramref name="AtMost"/>.</summary>
internal sealed record Pair(int X, bool AtMost, int Y, ulong A);

/// <summary>The bits <paramref name="Mask"/> of the rights are <paramref name="Value"/>.</summary>
internal readonly record struct BitTest(ulong Mask, ulong Value);

/// <summary>Conditions of which all hold, however they were written: one set for each field, one test of bits.</summary>
internal sealed class Conjunction : IEquatable<Conjunction>
{
    /// <summary>No condition.</summary>
    public static readonly Conjunction True = new();

    private int? _hash;

    /// <summary>The values that each field may have; fields without a restriction are absent.</summary>
    public ImmutableSortedDictionary<int, WordSet> Sets { get; private init; } = ImmutableSortedDictionary<int, WordSet>.Empty;

    /// <summary>What the rights must be.</summary>
    public BitTest Bits { get; private init; }

    /// <summary>What the rights must not be, each with two bits or more.</summary>
    public ImmutableSortedSet<(ulong Mask, ulong Value)> NotBits { get; private init; } = [];

    /// <summary>Comparisons of two fields.</summary>
    public ImmutableHashSet<Pair> Pairs { get; private init; } = [];

    /// <summary>The values that a field may have.</summary>
    public WordSet this[int field] => Sets.GetValueOrDefault(field, WordSet.Full);

    /// <summary>A field has a value of a set; null: it cannot.</summary>
    public static Conjunction? Of(int field, WordSet set) => set.IsEmpty ? null : True.With(field, set);

    /// <summary>The rights pass a test.</summary>
    public static Conjunction Of(BitTest test) => new() { Bits = test };

    /// <summary>The rights do not pass a test; null: they always do.</summary>
    public static Conjunction? NotOf(BitTest test) =>
        test.Mask == 0 ? null
        : ulong.IsPow2(test.Mask) ? Of(test with { Value = test.Value ^ test.Mask })
        : new() { NotBits = [(test.Mask, test.Value)] };

    /// <summary>Two fields compare so.</summary>
    public static Conjunction Of(Pair pair) => new() { Pairs = [pair] };

    /// <summary>The same with other values for a field.</summary>
    public Conjunction With(int field, WordSet set) => Copy(set.IsFull ? Sets.Remove(field) : Sets.SetItem(field, set), Pairs);

    /// <summary>The same without one comparison of two fields.</summary>
    public Conjunction Without(Pair pair) => Copy(Sets, Pairs.Remove(pair));

    /// <summary>All conditions of both; null: they cannot all hold.</summary>
    public Conjunction? And(Conjunction other)
    {
        var common = Bits.Mask & other.Bits.Mask;
        if (((Bits.Value ^ other.Bits.Value) & common) != 0) return null;
        var sets = Sets;
        foreach (var (field, set) in other.Sets)
        {
            var both = this[field].Intersect(set);
            if (both.IsEmpty) return null;
            sets = sets.SetItem(field, both);
        }

        var pairs = other.Pairs.IsEmpty ? Pairs : Strongest(Pairs.Union(other.Pairs));
        return pairs.Any(p => !p.AtMost && pairs.Any(q => Contradict(p, q))) ? null : new()
        {
            Sets = sets, Bits = new(Bits.Mask | other.Bits.Mask, Bits.Value | other.Bits.Value), NotBits = NotBits.Union(other.NotBits), Pairs = pairs,
        };
    }

    /// <inheritdoc/>
    public bool Equals(Conjunction? other) =>
        other is not null && Bits == other.Bits && Sets.SequenceEqual(other.Sets) && NotBits.SetEquals(other.NotBits) && Pairs.SetEquals(other.Pairs);

    /// <inheritdoc/>
    public override bool Equals(object? other) => Equals(other as Conjunction);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash ??=
        Sets.Aggregate(HashCode.Combine(Bits, NotBits.Count, Pairs.Aggregate(0, (sum, p) => sum + p.GetHashCode())),
            (hash, s) => HashCode.Combine(hash, s.Key, s.Value));

    /// <summary>Of the comparisons of the same fields in the same direction, the one that says most.</summary>
    private static ImmutableHashSet<Pair> Strongest(ImmutableHashSet<Pair> pairs) =>
        [.. pairs.GroupBy(p => p with { A = 0 }).Select(g => g.Key with { A = g.Key.AtMost ? g.Min(p => p.A) : g.Max(p => p.A) })];

    /// <summary>x &gt; y + a contradicts x ≤ y + b for b ≤ a, and y &gt; x + b for every b.</summary>
    private static bool Contradict(Pair above, Pair other) =>
        other.AtMost ? (other.X, other.Y) == (above.X, above.Y) && other.A <= above.A : (other.X, other.Y) == (above.Y, above.X);

    private Conjunction Copy(ImmutableSortedDictionary<int, WordSet> sets, ImmutableHashSet<Pair> pairs) =>
        new() { Sets = sets, Bits = Bits, NotBits = NotBits, Pairs = pairs };
}
