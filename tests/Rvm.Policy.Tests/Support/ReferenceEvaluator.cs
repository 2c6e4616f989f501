using Rvm.Policy.Binding;
using Rvm.Policy.Checks;

namespace Rvm.Policy.Tests.Support;

/// <summary>What the source means, written down as plainly as possible: the measure for the compiler, the encoding and the kernel's
/// evaluator.</summary>
public static class ReferenceEvaluator
{
    /// <summary>The first forbid that matches, otherwise the first permit that matches, otherwise denial.</summary>
    public static Ruling Decide(BoundPolicy policy, PolicyRequest request)
    {
        foreach (var rule in policy.Rules)
            if (rule.Effect == Effect.Forbid && Holds(rule.Condition, request)) return new(false, rule.Id);
        foreach (var rule in policy.Rules)
            if (rule.Effect == Effect.Permit && Holds(rule.Condition, request)) return new(true, rule.Id);
        return new(false, Ruling.NoRule);
    }

    /// <summary>Whether a condition holds of a request.</summary>
    public static bool Holds(BoundCondition condition, PolicyRequest request) => condition switch
    {
        BoundConstant constant => constant.Value,
        BoundNot not => !Holds(not.Inner, request),
        BoundAnd and => and.Parts.All(p => Holds(p, request)),
        BoundOr or => or.Parts.Any(p => Holds(p, request)),
        BoundCall calls => calls.Calls.Contains(request.Call),
        BoundComparison comparison => Compare(Value(comparison.Left, request), comparison.Operator, Value(comparison.Right, request)),
        BoundMember member => member.Intervals.Any(i => i.Low <= Value(member.Term, request) && Value(member.Term, request) <= i.High),
        BoundHas { Any: true } has => (request[Fields.Rights] & has.Mask) != 0,
        BoundHas has => (request[Fields.Rights] & has.Mask) == has.Mask,
        _ => throw new ArgumentException($"no such condition: {condition}"),
    };

    private static Int128 Value(BoundTerm term, PolicyRequest request) =>
        (term.Field is { } field ? (Int128)request[field] * field.Scale : 0) + term.Offset;

    private static bool Compare(Int128 left, Comparison comparison, Int128 right) => comparison switch
    {
        Comparison.Equal => left == right,
        Comparison.NotEqual => left != right,
        Comparison.Less => left < right,
        Comparison.LessOrEqual => left <= right,
        Comparison.Greater => left > right,
        _ => left >= right,
    };
}
