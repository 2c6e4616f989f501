namespace Rvm.Policy.Binding;

/// <summary>A set of 64-bit words as disjoint ranges in ascending order, no two of them adjacent.</summary>
public sealed class WordSet : IEquatable<WordSet>
{
    private readonly (ulong Low, ulong High)[] _ranges;

    private WordSet(params (ulong, ulong)[] ranges) => _ranges = ranges;

    /// <summary>No word.</summary>
    public static readonly WordSet Empty = new();

    /// <summary>Every word.</summary>
    public static readonly WordSet Full = new((0, ulong.MaxValue));

    /// <summary>The ranges, ascending, ends included.</summary>
    public IReadOnlyList<(ulong Low, ulong High)> Ranges => _ranges;

    /// <summary>True when no word is in the set.</summary>
    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>True when every word is in the set.</summary>
    public bool IsFull => _ranges is [(0, ulong.MaxValue)];

    /// <summary>The least word of a set that is not empty.</summary>
    public ulong Least => _ranges[0].Low;

    /// <summary>The greatest word of a set that is not empty.</summary>
    public ulong Most => _ranges[^1].High;

    /// <summary>The words from <paramref name="low"/> to <paramref name="high"/>, both included, as far as they are words.</summary>
    public static WordSet Between(Int128 low, Int128 high) =>
        low > high || high < 0 || low > ulong.MaxValue ? Empty : new(((ulong)Int128.Max(low, 0), (ulong)Int128.Min(high, ulong.MaxValue)));

    /// <summary>The words of a field whose value plus <paramref name="offset"/>, in source units, lies in <paramref name="interval"/>.</summary>
    public static WordSet Of(Field field, Int128 offset, Interval interval) =>
        Between(-Floor(offset - interval.Low, field.Scale), Floor(interval.High - offset, field.Scale));

    /// <summary>The words of a field whose value plus <paramref name="offset"/> compares so with <paramref name="value"/>, in source units.</summary>
    public static WordSet Of(Field field, Int128 offset, Comparison comparison, Int128 value)
    {
        var most = Floor(value - offset, field.Scale);
        var least = -Floor(offset - value, field.Scale);
        return comparison switch
        {
            Comparison.Equal => Between(least, most),
            Comparison.NotEqual => Between(least, most).Complement(),
            Comparison.LessOrEqual => Between(0, most),
            Comparison.Greater => Between(0, most).Complement(),
            Comparison.GreaterOrEqual => Between(least, ulong.MaxValue),
            _ => Between(least, ulong.MaxValue).Complement(),
        };
    }

    /// <summary>The greatest integer at most <paramref name="value"/> divided by <paramref name="scale"/>.</summary>
    public static Int128 Floor(Int128 value, Int128 scale) => value / scale - (value % scale < 0 ? 1 : 0);

    /// <summary>The words that are not in the set.</summary>
    public WordSet Complement()
    {
        List<(ulong, ulong)> gaps = [];
        Int128 next = 0;
        foreach (var (low, high) in _ranges)
        {
            if (low > next) gaps.Add(((ulong)next, low - 1));
            next = (Int128)high + 1;
        }

        if (next <= ulong.MaxValue) gaps.Add(((ulong)next, ulong.MaxValue));
        return new([.. gaps]);
    }

    /// <summary>The words that are in one of the two sets.</summary>
    public WordSet Union(WordSet other)
    {
        List<(ulong Low, ulong High)> merged = [];
        foreach (var (low, high) in _ranges.Concat(other._ranges).OrderBy(r => r.Low))
            if (merged.Count > 0 && (merged[^1].High == ulong.MaxValue || low <= merged[^1].High + 1))
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, high));
            else merged.Add((low, high));
        return new([.. merged]);
    }

    /// <summary>The words that are in both sets.</summary>
    public WordSet Intersect(WordSet other) => Complement().Union(other.Complement()).Complement();

    /// <summary>True when the word is in the set.</summary>
    public bool Contains(ulong word) => Array.Exists(_ranges, r => r.Low <= word && word <= r.High);

    /// <inheritdoc/>
    public bool Equals(WordSet? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    /// <inheritdoc/>
    public override bool Equals(object? other) => Equals(other as WordSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _ranges.Aggregate(17, HashCode.Combine);
}
