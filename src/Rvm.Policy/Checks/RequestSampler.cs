using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>
/// Guesses requests that satisfy a condition, part by part, at the limits of each. A guess may fail; one that succeeds spares the solvers a question.
/// </summary>
internal static class RequestSampler
{
    /// <summary>Changes a request so that a condition may hold, or may not hold.</summary>
    /// <param name="variant">Chooses among alternatives.</param>
    public static PolicyRequest Toward(PolicyRequest request, BoundCondition condition, bool wanted, int variant) =>
        Make(request, condition, wanted, variant);

    /// <summary>A request with random values, the same for the same <paramref name="random"/>; half of the fields are as usual.</summary>
    public static PolicyRequest Random(Call call, Random random)
    {
        var request = PolicyRequest.UsualOf(call);
        foreach (var field in Fields.All.Where(_ => random.Next(2) == 0))
            request = request.With(field, field.Values is { } values ? values[random.Next(values.Count)]
                : field.Least + (ulong)((UInt128)(ulong)random.NextInt64() * (field.Most - field.Least) >> 63));
        return request;
    }

    private static PolicyRequest Make(PolicyRequest request, BoundCondition condition, bool wanted, int variant) => condition switch
    {
        BoundNot n => Make(request, n.Inner, !wanted, variant),
        BoundAnd a => wanted ? a.Parts.Aggregate(request, (r, p) => Make(r, p, true, variant))
            : Make(request, a.Parts[variant % a.Parts.Count], false, variant),
        BoundOr o => wanted ? Make(request, o.Parts[variant % o.Parts.Count], true, variant)
            : o.Parts.Aggregate(request, (r, p) => Make(r, p, false, variant)),
        BoundConstant or BoundCall => request,
        _ => RequestSpace.Interpreter(request).Holds(ConditionEncoder.Encode(condition, request.Call)) == wanted ? request
            : Leaf(request, condition, wanted, variant),
    };

    private static PolicyRequest Leaf(PolicyRequest request, BoundCondition leaf, bool wanted, int variant) => leaf switch
    {
        BoundHas h => request.With(Fields.Rights, wanted ? request[Fields.Rights] | h.Mask : request[Fields.Rights] & ~h.Mask),
        BoundMember { Term.Field: { } field } m when m.Intervals.Count > 0 =>
            Near(request, field, End(m.Intervals, wanted, variant) - m.Term.Offset, wanted && variant % 2 == 0),
        BoundComparison { Left.Field: { } field } c => Near(request, field, Value(request, c.Right) - c.Left.Offset + Step(c.Operator, wanted, field),
            Up(c.Operator, wanted)),
        BoundComparison { Right.Field: { } field } c => Near(request, field,
            Value(request, c.Left) - c.Right.Offset - Step(c.Operator, wanted, field), !Up(c.Operator, wanted)),
        _ => request,
    };

    /// <summary>An end of an interval, or the value just outside of it.</summary>
    private static Int128 End(IReadOnlyList<Interval> intervals, bool inside, int variant) =>
        variant % 2 == 0 ? intervals[variant % intervals.Count].Low - (inside ? 0 : 1) : intervals[^1].High + (inside ? 0 : 1);

    /// <summary>How far from the other side the left side has to be.</summary>
    private static Int128 Step(Comparison op, bool wanted, Field field) => (op, wanted) switch
    {
        (Comparison.Less, true) or (Comparison.GreaterOrEqual, false) => -1,
        (Comparison.Greater, true) or (Comparison.LessOrEqual, false) => 1,
        (Comparison.NotEqual, true) or (Comparison.Equal, false) => field.Scale,
        _ => 0,
    };

    /// <summary>Whether a value between two units of the field has to be rounded up.</summary>
    private static bool Up(Comparison op, bool wanted) => op is Comparison.Greater or Comparison.GreaterOrEqual == wanted;

    private static Int128 Value(PolicyRequest request, BoundTerm term) =>
        (term.Field is { } field ? (Int128)request[field] * field.Scale : 0) + term.Offset;

    private static PolicyRequest Near(PolicyRequest request, Field field, Int128 value, bool up)
    {
        var units = (value + (up ? field.Scale - 1 : 0)) / field.Scale;
        return request.With(field, (ulong)Int128.Clamp(units, field.Least, field.Most));
    }
}
