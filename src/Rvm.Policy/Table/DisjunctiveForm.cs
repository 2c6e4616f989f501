using Rvm.Policy.Binding;

namespace Rvm.Policy.Table;

/// <summary>A condition for one call as a list of conjunctions of which one holds. Values are in units of the request from here on.</summary>
internal static class DisjunctiveForm
{
    /// <summary>More conjunctions are not made.</summary>
    public const int MaxTerms = PolicyTable.MaxRulesOfCall;

    private const int MaxProduct = 4 * MaxTerms;
    private static readonly List<Conjunction> Always = [Conjunction.True];

    /// <summary>The conjunctions; none when the condition never holds, null when there are too many.</summary>
    public static List<Conjunction>? Of(BoundCondition condition, Call call) =>
        Of(condition, call, true) is { } terms && Merge(terms) is { Count: <= MaxTerms } merged ? merged : null;

    private static List<Conjunction>? Of(BoundCondition condition, Call call, bool wanted) => condition switch
    {
        BoundConstant constant => Truth(constant.Value == wanted),
        BoundCall calls => Truth(calls.Calls.Contains(call) == wanted),
        BoundNot not => Of(not.Inner, call, !wanted),
        BoundAnd and => Join(and.Parts, call, wanted, wanted),
        BoundOr or => Join(or.Parts, call, wanted, !wanted),
        BoundHas has => Has(has, wanted),
        BoundMember member => Member(member, wanted),
        BoundComparison comparison => Compare(wanted ? comparison : comparison with { Operator = Opposite(comparison.Operator) }),
        _ => throw new ArgumentException($"no such condition: {condition}"),
    };

    private static List<Conjunction> Truth(bool value) => value ? Always : [];

    private static List<Conjunction> One(Conjunction? term) => term is null ? [] : [term];

    private static List<Conjunction>? Join(IReadOnlyList<BoundCondition> parts, Call call, bool wanted, bool all)
    {
        List<Conjunction> sum = all ? Always : [];
        foreach (var part in parts)
        {
            if (Of(part, call, wanted) is not { } terms) return null;
            if ((all ? (long)sum.Count * terms.Count : sum.Count + terms.Count) > MaxProduct) return null;
            sum = all ? [.. sum.SelectMany(s => terms.Select(s.And)).OfType<Conjunction>().Distinct()] : Merge([.. sum, .. terms]);
        }

        return sum;
    }

    /// <summary>Joins conjunctions that differ in the values of one field only, until there are none.</summary>
    private static List<Conjunction> Merge(List<Conjunction> terms)
    {
        for (var before = -1; before != terms.Count;)
        {
            before = terms.Count;
            terms = [.. terms.Distinct()];
            foreach (var field in terms.SelectMany(t => t.Sets.Keys).Distinct().Order().ToList())
                terms = [.. terms.GroupBy(t => t.With(field, WordSet.Full))
                    .Select(g => g.Key.With(field, g.Aggregate(WordSet.Empty, (sum, t) => sum.Union(t[field]))))];
        }

        return terms;
    }

    private static List<Conjunction> Has(BoundHas has, bool wanted)
    {
        var test = has.Any ? new BitTest(has.Mask, 0) : new BitTest(has.Mask, has.Mask);
        return has.Any == wanted ? One(Conjunction.NotOf(test)) : One(Conjunction.Of(test));
    }

    private static List<Conjunction> Member(BoundMember member, bool wanted)
    {
        if (member.Term.Field is not { } field)
            return Truth(member.Intervals.Any(i => i.Low <= member.Term.Offset && member.Term.Offset <= i.High) == wanted);
        var set = member.Intervals.Aggregate(WordSet.Empty, (sum, i) => sum.Union(WordSet.Of(field, member.Term.Offset, i)));
        return One(Conjunction.Of(field.Index, wanted ? set : set.Complement()));
    }

    private static List<Conjunction> Compare(BoundComparison c) => (c.Left.Field, c.Right.Field) switch
    {
        (null, null) => Truth(Holds(c.Left.Offset, c.Operator, c.Right.Offset)),
        ({ } field, null) => One(Conjunction.Of(field.Index, WordSet.Of(field, c.Left.Offset, c.Operator, c.Right.Offset))),
        (null, { } field) => One(Conjunction.Of(field.Index, WordSet.Of(field, c.Right.Offset, Mirror(c.Operator), c.Left.Offset))),
        ({ } left, { } right) when left == right => Truth(Holds(c.Left.Offset, c.Operator, c.Right.Offset)),
        ({ } left, { } right) => Compare(left, c.Operator, right, c.Right.Offset - c.Left.Offset),
    };

    /// <summary>x compared with y + d, where x and y have the same scale.</summary>
    private static List<Conjunction> Compare(Field x, Comparison comparison, Field y, Int128 d)
    {
        Int128 scale = x.Scale;
        var (below, above) = (WordSet.Floor(d, scale), -WordSet.Floor(-d, scale));
        return comparison switch
        {
            Comparison.LessOrEqual => AtMost(x, y, below),
            Comparison.Less => AtMost(x, y, above - 1),
            Comparison.GreaterOrEqual => AtMost(y, x, -above),
            Comparison.Greater => AtMost(y, x, -below - 1),
            Comparison.Equal => below != above
                ? [] : [.. AtMost(x, y, below).SelectMany(t => AtMost(y, x, -below).Select(t.And)).OfType<Conjunction>()],
            _ => below != above ? Always : [.. AtMost(x, y, below - 1), .. AtMost(y, x, -below - 1)],
        };
    }

    /// <summary>x ≤ y + d in units of the request. A negative d turns it round: y &gt; x + (−d − 1).</summary>
    private static List<Conjunction> AtMost(Field x, Field y, Int128 d)
    {
        if (d >= ulong.MaxValue) return Always;
        if (d < -(Int128)ulong.MaxValue) return [];
        return One(Conjunction.Of(d >= 0 ? new Pair(x.Index, true, y.Index, (ulong)d) : new Pair(y.Index, false, x.Index, (ulong)(-d - 1))));
    }

    private static bool Holds(Int128 left, Comparison comparison, Int128 right) => comparison switch
    {
        Comparison.Equal => left == right, Comparison.NotEqual => left != right, Comparison.Less => left < right,
        Comparison.LessOrEqual => left <= right, Comparison.Greater => left > right, _ => left >= right,
    };

    private static Comparison Opposite(Comparison comparison) => comparison switch
    {
        Comparison.Equal => Comparison.NotEqual, Comparison.NotEqual => Comparison.Equal, Comparison.Less => Comparison.GreaterOrEqual,
        Comparison.LessOrEqual => Comparison.Greater, Comparison.Greater => Comparison.LessOrEqual, _ => Comparison.Less,
    };

    private static Comparison Mirror(Comparison comparison) => comparison switch
    {
        Comparison.Less => Comparison.Greater, Comparison.LessOrEqual => Comparison.GreaterOrEqual,
        Comparison.Greater => Comparison.Less, Comparison.GreaterOrEqual => Comparison.LessOrEqual, _ => comparison,
    };
}
