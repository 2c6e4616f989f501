using Rvm.Diagnostics;
using Rvm.Policy.Language;

namespace Rvm.Policy.Binding;

/// <summary>Gives conditions their meaning. Every method returns null after a report; the parts of a condition are all looked at.</summary>
public sealed class ConditionBinder(Declarations names, DiagnosticBag bag)
{
    private readonly ExpressionBinder _expressions = new(names, bag);

    private static readonly IReadOnlyDictionary<string, Comparison> Operators = new Dictionary<string, Comparison>
    {
        ["="] = Comparison.Equal, ["!="] = Comparison.NotEqual, ["<"] = Comparison.Less, ["<="] = Comparison.LessOrEqual,
        [">"] = Comparison.Greater, [">="] = Comparison.GreaterOrEqual,
    };

    /// <summary>The meaning of a condition.</summary>
    public BoundCondition? Bind(Condition condition) => condition switch
    {
        TruthCondition truth => new BoundConstant(truth.Value, truth.Place),
        NotCondition not => Bind(not.Inner) is { } inner ? new BoundNot(inner, not.Place) : null,
        AndCondition and => Parts(and.Parts) is { } parts ? new BoundAnd(parts, and.Place) : null,
        OrCondition or => Parts(or.Parts) is { } parts ? new BoundOr(parts, or.Place) : null,
        CompareCondition compare => Compare(compare),
        InCondition member => Member(member),
        HasCondition has => Has(has),
        _ => null,
    };

    private List<BoundCondition>? Parts(IReadOnlyList<Condition> parts)
    {
        var bound = parts.Select(Bind).ToList();
        return bound.Contains(null) ? null : [.. bound.OfType<BoundCondition>()];
    }

    private BoundCondition? Compare(CompareCondition compare)
    {
        var expected = ExpressionBinder.TypeOf(compare.Left) ?? ExpressionBinder.TypeOf(compare.Right);
        if (expected is { } type && !TypeNames.IsOrdered(type) && compare.Operator is not ("=" or "!="))
            return Error(compare.Place, $"{TypeNames.Describe(type)} has no order", "compare with = or !=, or with `in {…}`");
        if (expected == FieldType.Call) return CompareCall(compare);
        if (compare.Left is RangeExpression || compare.Right is RangeExpression)
            return Error(compare.Place, "a value is compared with a range", "write x in low..high");
        if (compare.Left is SetExpression || compare.Right is SetExpression) return CompareRights(compare, expected);
        var (left, right) = (_expressions.Bind(compare.Left, expected), _expressions.Bind(compare.Right, expected));
        if (left is null || right is null) return null;
        var fits = left.Field is not null || right.Field is null
            ? _expressions.Fits(left.Type, right, compare.Right.Place) : _expressions.Fits(right.Type, left, compare.Left.Place);
        if (!fits) return null;
        var bound = new BoundComparison(left.Term, Operators[compare.Operator], right.Term, compare.Place);
        if (left.Field is not null && right.Field is null)
            Weigh(left.Field, WordSet.Of(left.Field, (Int128)left.Offset, bound.Operator, (Int128)right.Offset), compare.Place);
        return bound;
    }

    private BoundComparison? CompareRights(CompareCondition compare, FieldType? expected)
    {
        if (expected != FieldType.Rights || (compare.Left is SetExpression && compare.Right is SetExpression))
            return (BoundComparison?)Error(compare.Place, "a value is compared with a set", "write x in {a, b}; only `rights` is a set itself");
        var (field, set) = compare.Left is SetExpression ? (compare.Right, compare.Left) : (compare.Left, compare.Right);
        if (_expressions.Bind(field, FieldType.Rights) is not { Field: { } rights } || Mask(set) is not { } mask) return null;
        return new(new(rights, 0), Operators[compare.Operator], new(null, mask), compare.Place);
    }

    private BoundCondition? CompareCall(CompareCondition compare)
    {
        var other = IsCall(compare.Left) ? compare.Right : compare.Left;
        if ((!IsCall(compare.Left) && !IsCall(compare.Right)) || Call(other) is not { } call)
            return IsCall(compare.Left) || IsCall(compare.Right)
                ? null : Error(compare.Place, "`call` does not stand in a sum", "write call = cap_grant");
        var bound = new BoundCall([call], compare.Place);
        return compare.Operator == "=" ? bound : new BoundNot(bound, compare.Place);
    }

    private static bool IsCall(Expression expression) => expression is NameExpression { Quoted: false, Name: "call" };

    private Call? Call(Expression expression)
    {
        if (expression is NameExpression { Quoted: false } name && Calls.ByName.TryGetValue(name.Name, out var call)) return call;
        var shown = expression is NameExpression wrong ? $"`{wrong.Name}` is not a call" : "this is not a call";
        Error(expression.Place, shown, Suggest.OneOf((expression as NameExpression)?.Name ?? "", [.. Calls.ByName.Keys]));
        return null;
    }

    private BoundCondition? Member(InCondition member)
    {
        if (ExpressionBinder.TypeOf(member.Left) is not { } type)
            return Error(member.Left.Place, "no field stands left of `in`", "write a field such as caller, or compare with =");
        IReadOnlyList<Expression> items = member.Set is SetExpression set ? set.Items : [member.Set];
        if (type == FieldType.Rights)
            return Error(member.Place, "`rights` is a set itself", "write rights has {read, write}, rights has any {…} or rights = {…}");
        if (type == FieldType.Call)
        {
            var calls = items.Select(Call).ToList();
            return calls.Contains(null) ? null : new BoundCall([.. calls.OfType<Call>().Distinct().OrderBy(c => c.Number)], member.Place);
        }

        if (member.Set is NameExpression { Quoted: false } single && !(type == FieldType.Partition && names.Groups.ContainsKey(single.Name))
            && !names.IsBroken(single.Name))
            return Error(single.Place, $"`{single.Name}` is no group",
                type == FieldType.Partition && names.Groups.Count > 0 && !names.Partitions.ContainsKey(single.Name)
                ? Suggest.OneOf(single.Name, [.. names.Groups.Keys]) : $"write in {{{single.Name}}}, or compare with =");
        var intervals = items.Select(i => Item(i, type)).ToList();
        if (_expressions.Bind(member.Left, type) is not { Field: { } field } left || intervals.Contains(null)) return null;
        var bound = new BoundMember(left.Term, [.. intervals.OfType<List<Interval>>().SelectMany(i => i)], member.Place);
        Weigh(field, bound.Intervals.Aggregate(WordSet.Empty, (sum, i) => sum.Union(WordSet.Of(field, bound.Term.Offset, i))), member.Place);
        return bound;
    }

    /// <summary>The values that one item of a set stands for.</summary>
    private List<Interval>? Item(Expression item, FieldType type)
    {
        if (type == FieldType.Partition && item is NameExpression { Quoted: false } name && names.Groups.TryGetValue(name.Name, out var group))
            return [.. group.Select(id => new Interval(id, id))];
        if (item is not RangeExpression range)
            return _expressions.Constant(item, type) is { } value ? [new((Int128)value, (Int128)value)] : null;
        if (!TypeNames.IsOrdered(type))
        {
            Error(range.Place, $"{TypeNames.Describe(type)} has no order, so there is no range", "list the values: {a, b}");
            return null;
        }

        var (low, high) = (_expressions.Constant(range.Low, type), _expressions.Constant(range.High, type));
        if (low is null || high is null) return null;
        if (low > high)
        {
            Error(range.Place, "the range is empty: its low end is above its high end", "write low..high; both ends belong to it");
            return null;
        }

        return [new((Int128)low, (Int128)high)];
    }

    private BoundHas? Has(HasCondition has)
    {
        if (has.Left is not NameExpression { Quoted: false, Name: "rights" })
            return (BoundHas?)Error(has.Left.Place, "only `rights` has rights", "write rights has write");
        return Mask(has.Set) is { } mask ? new(mask, has.Any, has.Place) : null;
    }

    /// <summary>The bits of one right or of a set of rights.</summary>
    private ulong? Mask(Expression set)
    {
        ulong? mask = 0;
        foreach (var item in set is SetExpression many ? many.Items : [set])
            mask = _expressions.Constant(item, FieldType.Rights) is { } bit ? mask | (ulong)bit : null;
        return mask;
    }

    /// <summary>Warns of a comparison that says nothing, because no value or every value of the field satisfies it.</summary>
    private void Weigh(Field field, WordSet set, Place place)
    {
        var domain = field.Values is { } values
            ? values.Aggregate(WordSet.Empty, (sum, v) => sum.Union(WordSet.Between(v, v))) : WordSet.Between(field.Least, field.Most);
        if (set.Intersect(domain).IsEmpty) bag.Warn(place, "this never holds", $"`{field.Name}` {Domain(field)}");
        else if (set.Complement().Intersect(domain).IsEmpty) bag.Warn(place, "this always holds", $"`{field.Name}` {Domain(field)}");
    }

    private static string Domain(Field field) => field.Type switch
    {
        FieldType.Size or FieldType.Address => $"is a multiple of 4KiB, at most {Quantity.Bytes((Int128)field.Most * field.Scale)}",
        FieldType.Time => "is a multiple of 16ns below 2^68ns",
        FieldType.Number => $"lies in {field.Least}..{field.Most}",
        _ => "is one of " + string.Join(", ", Enumerators.Of(field.Type).Keys) + (field.Type == FieldType.Partition ? " and the partitions" : ""),
    };

    private BoundCondition? Error(Place place, string message, string mend)
    {
        bag.Error(place, message, mend);
        return null;
    }
}
