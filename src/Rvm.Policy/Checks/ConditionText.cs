using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>Conditions as the language writes them, for explanations.</summary>
public static class ConditionText
{
    /// <summary>One condition.</summary>
    public static string Of(BoundCondition condition, BoundPolicy policy) => condition switch
    {
        BoundConstant c => c.Value ? "true" : "false",
        BoundNot n => $"not {Inner(n.Inner, policy)}",
        BoundAnd a => string.Join(" and ", a.Parts.Select(p => Inner(p, policy))),
        BoundOr o => string.Join(" or ", o.Parts.Select(p => Inner(p, policy))),
        BoundCall { Calls: [var one] } => $"call = {one.Name}",
        BoundCall c => $"call in {{{string.Join(", ", c.Calls.Select(x => x.Name))}}}",
        BoundComparison c => $"{Term(c.Left, c.Right, policy)} {Sign(c.Operator)} {Term(c.Right, c.Left, policy)}",
        BoundMember m => Member(m, policy),
        BoundHas h => $"rights has {(h.Any ? "any " : "")}{ValueText.Rights(h.Mask)}",
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition.GetType().Name, "unknown condition"),
    };

    /// <summary>The fields that a condition looks at, each once, in the order of the request.</summary>
    public static IReadOnlyList<Field> FieldsOf(BoundCondition condition) => [.. Occurring(condition).Distinct().OrderBy(f => f.Index)];

    private static IEnumerable<Field> Occurring(BoundCondition condition) => condition switch
    {
        BoundNot n => Occurring(n.Inner),
        BoundAnd a => a.Parts.SelectMany(Occurring),
        BoundOr o => o.Parts.SelectMany(Occurring),
        BoundComparison c => new[] { c.Left.Field, c.Right.Field }.OfType<Field>(),
        BoundMember { Term.Field: { } field } => [field],
        BoundHas => [Fields.Rights],
        _ => [],
    };

    private static string Inner(BoundCondition condition, BoundPolicy policy) =>
        condition is BoundAnd or BoundOr ? $"({Of(condition, policy)})" : Of(condition, policy);

    private static string Sign(Comparison op) => op switch
    {
        Comparison.Equal => "=",
        Comparison.NotEqual => "!=",
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Greater => ">",
        _ => ">=",
    };

    private static string Term(BoundTerm term, BoundTerm other, BoundPolicy policy)
    {
        if ((term.Field ?? other.Field) is not { } field) return $"{term.Offset}";
        var offset = ValueText.OfSource(field, term.Field is null ? term.Offset : Int128.Abs(term.Offset), policy);
        if (term.Field is null) return offset;
        return term.Offset == 0 ? term.Field.Name : $"{term.Field.Name} {(term.Offset < 0 ? '-' : '+')} {offset}";
    }

    private static string Member(BoundMember member, BoundPolicy policy)
    {
        string Value(Int128 v) => member.Term.Field is { } field ? ValueText.OfSource(field, v, policy) : $"{v}";
        var items = member.Intervals.Select(i => i.Low == i.High ? Value(i.Low) : $"{Value(i.Low)}..{Value(i.High)}").ToList();
        var range = items.Count == 1 && member.Intervals[0].Low != member.Intervals[0].High;
        return $"{Term(member.Term, member.Term, policy)} in {(range ? items[0] : $"{{{string.Join(", ", items)}}}")}";
    }
}
