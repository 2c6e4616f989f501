using Rvm.Policy.Binding;
using Rvm.Policy.Language;

namespace Rvm.Policy.Table;

/// <summary>Something in a table that the language cannot say.</summary>
internal sealed class UnwritableException(string message) : Exception(message);

/// <summary>Writes conjunctions as conditions of the language.</summary>
internal sealed class ConditionWriter(ConditionNames names)
{
    private static readonly Diagnostics.Place Nowhere = ConditionNames.Nowhere;
    private static readonly (int Caller, int Target) Partitions = (Fields.Caller.Index, Fields.Target.Index);

    /// <summary>Conditions joined with <c>and</c>; <c>true</c> when there are none.</summary>
    public static Condition All(IEnumerable<Condition> parts) =>
        parts.Where(p => p is not TruthCondition { Value: true }).SelectMany(p => p is AndCondition and ? and.Parts : [p]).ToList() switch
        {
            [] => new TruthCondition(true, Nowhere), [var one] => one, var many => new AndCondition(many, Nowhere),
        };

    /// <summary>Conditions joined with <c>or</c>; <c>false</c> when there are none.</summary>
    public static Condition Any(IReadOnlyList<Condition> parts) =>
        parts switch { [] => new TruthCondition(false, Nowhere), [var one] => one, _ => new OrCondition(parts, Nowhere) };

    /// <summary>The calls as a condition.</summary>
    public static Condition CallIn(IReadOnlyList<Call> calls) => calls.Count == 1
        ? new CompareCondition(Name("call"), "=", Name(calls[0].Name), Nowhere)
        : new InCondition(Name("call"), new SetExpression([.. calls.Select(c => Name(c.Name))], Nowhere), Nowhere);

    /// <summary>One of the conjunctions holds.</summary>
    public Condition Write(IReadOnlyList<Conjunction> terms)
    {
        List<Condition> parts = [];
        HashSet<Conjunction> done = [];
        foreach (var term in terms)
        {
            if (!done.Add(term)) continue;
            if (term.Pairs.FirstOrDefault(IsUnordered) is not { AtMost: false, A: 0 } pair) parts.Add(All(Parts(term)));
            else
            {
                var rest = term.Without(pair);
                if (rest.And(Conjunction.Of(pair with { X = pair.Y, Y = pair.X })) is not { } other || !terms.Contains(other))
                    throw new UnwritableException("partitions compared by their numbers");
                done.Add(other);
                parts.Add(All([.. Parts(rest), Compare(Name(Fields.Target.Name), "!=", Name(Fields.Caller.Name))]));
            }
        }

        return Any(parts);
    }

    private static NameExpression Name(string name) => new(name, false, Nowhere);

    private static CompareCondition Compare(Expression left, string symbol, Expression right) => new(left, symbol, right, Nowhere);

    private static bool IsUnordered(Pair pair) => (pair.X, pair.Y) == Partitions || (pair.Y, pair.X) == Partitions;

    private IEnumerable<Condition> Parts(Conjunction term)
    {
        foreach (var (field, set) in term.Sets) yield return Set(Fields.All[field], set);
        foreach (var condition in Bits(term.Bits)) yield return condition;
        foreach (var (mask, value) in term.NotBits) yield return Not(All(Bits(new(mask, value))));
        foreach (var pair in term.Pairs.OrderBy(p => (p.X, p.Y, p.AtMost, p.A)))
        {
            if (!IsUnordered(pair)) yield return Write(pair);
            else if (!pair.AtMost || pair.A != 0 || !term.Pairs.Contains(pair with { X = pair.Y, Y = pair.X }))
                throw new UnwritableException("partitions compared by their numbers");
            else if (pair.X == Partitions.Caller) yield return Compare(Name(Fields.Target.Name), "=", Name(Fields.Caller.Name));
        }
    }

    private static CompareCondition Write(Pair pair)
    {
        var (x, y) = (Fields.All[pair.X], Fields.All[pair.Y]);
        if (x.Type != y.Type || !TypeNames.IsOrdered(x.Type)) throw new UnwritableException($"`{x.Name}` compared with `{y.Name}`");
        Expression right = pair.A == 0 ? Name(y.Name) : new BinaryExpression(Name(y.Name), '+', Number(y, pair.A), Nowhere);
        return Compare(Name(x.Name), pair.AtMost ? "<=" : ">", right);
    }

    private static IEnumerable<Condition> Bits(BitTest test)
    {
        var has = Name(Fields.Rights.Name);
        if (test.Value != 0) yield return new HasCondition(has, false, Rights(test.Value), Nowhere);
        if ((test.Mask & ~test.Value) is not 0 and var absent)
            yield return new NotCondition(new HasCondition(has, !ulong.IsPow2(absent), Rights(absent), Nowhere), Nowhere);
    }

    private static Expression Rights(ulong mask)
    {
        if (mask == 0) return Name("none");
        if (mask > Fields.Rights.Most) throw new UnwritableException($"rights 0x{mask:x}");
        List<Expression> words = [.. Enumerators.Of(FieldType.Rights).Where(w => (w.Value & mask) != 0).Select(w => Name(w.Key))];
        return words.Count == 1 ? words[0] : new SetExpression(words, Nowhere);
    }

    private Condition Set(Field field, WordSet set)
    {
        if (field.Type == FieldType.Rights) return set.Most > Fields.Rights.Most ? Not(RightsIn(set.Complement())) : RightsIn(set);
        if (!TypeNames.IsOrdered(field.Type)) return set.Most >= 128 ? Not(Words(field, set.Complement())) : Words(field, set);
        if (set.Ranges is not [var (low, high)])
        {
            var small = set.Complement();
            return small.Ranges.Count < set.Ranges.Count ? Not(Set(field, small))
                : new InCondition(Name(field.Name), new SetExpression([.. set.Ranges.Select(r => Range(field, r))], Nowhere), Nowhere);
        }

        if (low == high) return Compare(Name(field.Name), "=", Number(field, low));
        if (low == 0) return Compare(Name(field.Name), "<=", Number(field, high));
        if (high < ulong.MaxValue) return new InCondition(Name(field.Name), Range(field, (low, high)), Nowhere);
        var (above, least) = (Number(field, low - 1), Number(field, low));
        return above.Source.Length < least.Source.Length ? Compare(Name(field.Name), ">", above) : Compare(Name(field.Name), ">=", least);
    }

    private static Condition Not(Condition condition) => condition switch
    {
        CompareCondition { Operator: "=" } equal => equal with { Operator = "!=" },
        NotCondition not => not.Inner,
        _ => new NotCondition(condition, Nowhere),
    };

    private static Condition RightsIn(WordSet set)
    {
        var values = Values(set, 64);
        return Any([.. values.Select(v => Compare(Name(Fields.Rights.Name), "=", Rights(v)))]);
    }

    private Condition Words(Field field, WordSet set)
    {
        var values = Values(set, 128);
        if (field.Type == FieldType.Partition && values.Count > 1 && names.Group(values) is { } group)
            return new InCondition(Name(field.Name), group, Nowhere);
        List<Expression> words = [.. values.Select(v => Word(field.Type, v))];
        return words.Count == 1
            ? Compare(Name(field.Name), "=", words[0]) : new InCondition(Name(field.Name), new SetExpression(words, Nowhere), Nowhere);
    }

    private Expression Word(FieldType type, ulong value) =>
        Enumerators.Word(type, value) is { } word ? Name(word)
        : type == FieldType.Partition && value <= 127 ? names.Partition((int)value)
        : throw new UnwritableException($"{TypeNames.Describe(type)} with the number {value}");

    private static List<ulong> Values(WordSet set, int most)
    {
        List<ulong> values = [];
        foreach (var (low, high) in set.Ranges)
            for (var value = low; value <= high && value >= low; value++)
            {
                if (values.Count == most) throw new UnwritableException($"more than {most} values by their numbers");
                values.Add(value);
            }

        return values;
    }

    private static Expression Range(Field field, (ulong Low, ulong High) range) =>
        range.Low == range.High ? Number(field, range.Low) : new RangeExpression(Number(field, range.Low), Number(field, range.High), Nowhere);

    private static NumberExpression Number(Field field, ulong value)
    {
        var scaled = (Int128)value * field.Scale;
        return new(field.Type switch
        {
            FieldType.Size => Quantity.Bytes(scaled), FieldType.Time => Quantity.Time(scaled),
            FieldType.Address => $"0x{(UInt128)scaled:x}", _ => $"{value}",
        }, Nowhere);
    }
}
