using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Policy.Language;

namespace Rvm.Policy.Tests.Support;

/// <summary>Random policies and requests that go well with <see cref="Sample.Head"/>; the same seed gives the same ones.</summary>
public sealed class RandomPolicy(int seed)
{
    private static readonly Place Nowhere = new("", 0, 0);
    private static readonly string[] CallNames = ["cap_grant", "region_map", "region_share", "partition_create", "commedge_create",
        "device_lease_acquire", "lease_renew"];
    private static readonly Field[] Numeric = [Fields.Count, Fields.Budget, Fields.Size, Fields.Address, Fields.Now, Fields.Duration, Fields.Depth,
        Fields.Object];
    private static readonly Field[] Words = [Fields.Kind, Fields.RegionPolicy, Fields.Tier, Fields.Permission, Fields.Mode];
    private readonly Random _random = new(seed);

    /// <summary>The source of a whole policy.</summary>
    public string Source(int rules, int depth) =>
        Sample.Head + SyntaxWriter.Write(Enumerable.Range(0, rules)
            .Select(i => new RuleStatement(_random.Next(2) == 0, new($"r{i}", Nowhere), $"Reason \"{i}\" \\.", Condition(depth), Nowhere)));

    /// <summary>A condition without type errors.</summary>
    public Condition Condition(int depth) => depth == 0 ? Leaf() : _random.Next(6) switch
    {
        0 or 1 => new AndCondition(Several(depth), Nowhere),
        2 or 3 => new OrCondition(Several(depth), Nowhere),
        4 => new NotCondition(Condition(depth - 1), Nowhere),
        _ => Leaf(),
    };

    /// <summary>A request, most often within the domains of the fields, often at the edges of what conditions compare with.</summary>
    public PolicyRequest Request() => new(Calls.Named(Pick(CallNames)), [.. Fields.All.Select(Value)]);

    private List<Condition> Several(int depth) => [.. Enumerable.Range(0, _random.Next(2, 4)).Select(_ => Condition(depth - 1))];

    private Condition Leaf() => _random.Next(10) switch
    {
        0 => new TruthCondition(_random.Next(2) == 0, Nowhere),
        1 => new CompareCondition(Name("call"), Pick("=", "!="), Name(Pick(CallNames)), Nowhere),
        2 => new InCondition(Name("call"), Set(() => Name(Pick(CallNames))), Nowhere),
        3 => Partition(),
        4 => Rights(),
        5 => TwoFields(),
        6 => Pick(Words) is var field && _random.Next(2) == 0
            ? new CompareCondition(Name(field.Name), Pick("=", "!="), Word(field.Type), Nowhere)
                : new InCondition(Name(field.Name), Set(() => Word(field.Type)), Nowhere),
        7 => Pick(Numeric) is var field && _random.Next(2) == 0
            ? new InCondition(Sum(field), Set(() => Item(field)), Nowhere) : new InCondition(Name(field.Name), Range(field), Nowhere),
        _ => Pick(Numeric) is var field && _random.Next(2) == 0
            ? new CompareCondition(Sum(field), Symbol(), Number(field), Nowhere)
                : new CompareCondition(Number(field), Symbol(), Name(field.Name), Nowhere),
    };

    private Condition Partition() => _random.Next(4) switch
    {
        0 => new InCondition(Name(Pick("caller", "target")), Name("some"), Nowhere),
        1 => new CompareCondition(Name("caller"), Pick("=", "!="), Name("target"), Nowhere),
        2 => new InCondition(Name("target"), Set(PartitionName), Nowhere),
        _ => new CompareCondition(Name(Pick("caller", "target")), Pick("=", "!="), PartitionName(), Nowhere),
    };

    private Condition Rights() => _random.Next(3) == 0
        ? new CompareCondition(Name("rights"), Pick("=", "!="), Set(() => Word(FieldType.Rights)), Nowhere)
        : new HasCondition(Name("rights"), _random.Next(2) == 0, _random.Next(2) == 0
            ? Word(FieldType.Rights) : Set(() => Word(FieldType.Rights)), Nowhere);

    private CompareCondition TwoFields()
    {
        var (x, y) = _random.Next(4) == 0 ? (Fields.Duration, Fields.Now)
            : (Pick(Fields.Count, Fields.Budget, Fields.Depth), Pick(Fields.Count, Fields.Budget, Fields.Object));
        return new(Sum(x), Symbol(), Sum(y), Nowhere);
    }

    private Expression Sum(Field field) => _random.Next(3) switch
    {
        0 => new BinaryExpression(Name(field.Name), Pick('+', '-'), Number(field), Nowhere),
        1 => new BinaryExpression(Number(field), '+', Name(field.Name), Nowhere),
        _ => Name(field.Name),
    };

    private Expression Item(Field field) => _random.Next(2) == 0 ? Number(field) : Range(field);

    private RangeExpression Range(Field field)
    {
        var (low, high) = (_random.Next(0, 40), _random.Next(0, 40));
        var unit = _random.Next(3);
        return new(Literal(field, Math.Min(low, high), unit), Literal(field, Math.Max(low, high), unit), Nowhere);
    }

    private Expression Number(Field field) =>
        field.Type == FieldType.Number && _random.Next(5) == 0
            ? new BinaryExpression(Name("k"), Pick('*', '+'), Literal(field, _random.Next(0, 5)), Nowhere) : Literal(field, _random.Next(0, 40));

    private NumberExpression Literal(Field field, int number) => Literal(field, number, _random.Next(3));

    private static NumberExpression Literal(Field field, int number, int unit) => new(field.Type switch
    {
        FieldType.Size => new[] { $"{number}KiB", $"{number * 1000}B", $"{number}MiB" }[unit],
        FieldType.Address => new[] { $"0x{number * 0x800:x}", $"{number}KiB", $"{number * 4096}" }[unit],
        FieldType.Time => new[] { $"{number}ns", $"{number * 3}us", $"{number}s" }[unit],
        _ => $"{number}",
    }, Nowhere);

    private SetExpression Set(Func<Expression> item) => new([.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => item())], Nowhere);

    private static NameExpression Name(string name) => new(name, false, Nowhere);

    private NameExpression PartitionName() => _random.Next(5) == 0 ? new("9p", true, Nowhere) : Name(Pick("a", "b", "c", "none"));

    private NameExpression Word(FieldType type) => Name(Pick<string>([.. Enumerators.Of(type).Keys]));

    private string Symbol() => Pick("=", "!=", "<", "<=", ">", ">=");

    private T Pick<T>(params T[] values) => values[_random.Next(values.Length)];

    private ulong Value(Field field)
    {
        if (_random.Next(40) == 0) return Pick(0UL, 1UL, ulong.MaxValue, 1UL << 63, (ulong)_random.NextInt64());
        if (field.Values is { } values) return Pick<ulong>([.. values]);
        if (field == Fields.Caller || field == Fields.Target) return Pick(0UL, 1UL, 2UL, 7UL, 127UL, 5UL);
        if (field == Fields.Rights) return (ulong)_random.Next(0x1000) & (ulong)_random.Next(0x1000);
        if (field.Type == FieldType.Time) return _random.Next(2) == 0 ? (ulong)_random.Next(8) : (ulong)_random.NextInt64(40L * 62_500_000);
        if (field == Fields.Size && _random.Next(2) == 0) return (ulong)_random.Next(40 * 256);
        return (ulong)_random.NextInt64((long)Math.Min(field.Most, 45) + 1);
    }
}
