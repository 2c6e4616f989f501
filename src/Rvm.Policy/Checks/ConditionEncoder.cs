using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>
/// What a condition means, as a term. The call is known, the fields are variables. Values are natural numbers in units of the source,
/// with as many bits as they need: nothing overflows, nothing is rounded.
/// </summary>
public static class ConditionEncoder
{
    /// <summary>The condition for requests of one call.</summary>
    public static Term Encode(BoundCondition condition, Call call) => condition switch
    {
        BoundConstant c => Terms.Bool(c.Value),
        BoundNot n => Terms.Not(Encode(n.Inner, call)),
        BoundAnd a => Terms.And(a.Parts.Select(p => Encode(p, call))),
        BoundOr o => Terms.Or(o.Parts.Select(p => Encode(p, call))),
        BoundCall c => Terms.Bool(c.Calls.Any(x => x.Number == call.Number)),
        BoundComparison c => Compare(c.Left, c.Operator, c.Right),
        BoundMember m => Terms.Or(m.Intervals.Select(i => In(m.Term, i))),
        BoundHas h => Has(h.Mask, h.Any),
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition.GetType().Name, "unknown condition"),
    };

    /// <summary>The sums that a condition computes: field and what is added to it, in units of the source.</summary>
    public static IEnumerable<(Field Field, UInt128 Added)> Sums(BoundCondition condition) => condition switch
    {
        BoundNot n => Sums(n.Inner),
        BoundAnd a => a.Parts.SelectMany(Sums),
        BoundOr o => o.Parts.SelectMany(Sums),
        BoundComparison c => SumsOf(c.Left, c.Right),
        BoundMember m => m.Intervals.SelectMany(i => SumsOf(m.Term, new(null, i.Low)).Concat(SumsOf(m.Term, new(null, i.High)))),
        _ => [],
    };

    /// <summary>field · scale + added, as a natural number.</summary>
    public static Term Sum(Field? field, UInt128 added) =>
        field is null ? Terms.Number(added)
        : added == 0 ? RequestSpace.Scaled(field)
        : Terms.Add(RequestSpace.Scaled(field), Terms.Number(added));

    private static IEnumerable<(Field, UInt128)> SumsOf(BoundTerm left, BoundTerm right)
    {
        var (l, r) = Balance(left, right);
        if (left.Field is { } x && l > 0) yield return (x, l);
        if (right.Field is { } y && r > 0) yield return (y, r);
    }

    /// <summary>Moves the difference of the offsets to the side where it is positive, so that no number is negative.</summary>
    private static (UInt128 Left, UInt128 Right) Balance(BoundTerm left, BoundTerm right)
    {
        var difference = checked(left.Offset - right.Offset);
        return difference >= 0 ? ((UInt128)difference, 0) : (0, (UInt128)(-difference));
    }

    private static Term Compare(BoundTerm left, Comparison op, BoundTerm right)
    {
        var (l, r) = Balance(left, right);
        var (x, y) = (Sum(left.Field, l), Sum(right.Field, r));
        return op switch
        {
            Comparison.Equal => Terms.Equal(x, y),
            Comparison.NotEqual => Terms.Not(Terms.Equal(x, y)),
            Comparison.Less => Terms.Below(x, y),
            Comparison.LessOrEqual => Terms.AtMost(x, y),
            Comparison.Greater => Terms.Below(y, x),
            Comparison.GreaterOrEqual => Terms.AtMost(y, x),
            _ => throw new ArgumentOutOfRangeException(nameof(op), op, "unknown comparison"),
        };
    }

    private static Term In(BoundTerm term, Interval interval) =>
        interval.Low == interval.High
            ? Compare(term, Comparison.Equal, new(null, interval.Low))
            : Terms.And(Compare(term, Comparison.GreaterOrEqual, new(null, interval.Low)),
                Compare(term, Comparison.LessOrEqual, new(null, interval.High)));

    private static Term Has(ulong mask, bool any)
    {
        var bits = Terms.Mask(RequestSpace.Of(Fields.Rights), mask);
        return any ? Terms.Not(Terms.Equal(bits, Terms.Number(0))) : Terms.Equal(bits, Terms.Number(mask));
    }
}
