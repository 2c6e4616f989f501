using System.Numerics;
using Rvm.Diagnostics;
using Rvm.Policy.Language;

namespace Rvm.Policy.Binding;

/// <summary>An expression's meaning: a field plus a constant, or a constant, in units of the source.</summary>
public sealed record Operand(FieldType Type, Field? Field, BigInteger Offset)
{
    /// <summary>The operand as a term of the bound model.</summary>
    public BoundTerm Term => new(Field, (Int128)Offset);
}

/// <summary>Gives expressions their types and values. Every method returns null after a report.</summary>
public sealed class ExpressionBinder(Declarations names, DiagnosticBag bag)
{
    /// <summary>The type of the field that occurs in an expression, the call's included; null when none occurs.</summary>
    public static FieldType? TypeOf(Expression expression) => expression switch
    {
        NameExpression { Quoted: false, Name: "call" } => FieldType.Call,
        NameExpression { Quoted: false } name when Fields.ByName.TryGetValue(name.Name, out var field) => field.Type,
        BinaryExpression binary => TypeOf(binary.Left) ?? TypeOf(binary.Right),
        _ => null,
    };

    /// <summary>The operand that an expression stands for where a value of type <paramref name="expected"/> belongs.</summary>
    public Operand? Bind(Expression expression, FieldType? expected) => expression switch
    {
        NumberExpression number => Number(number),
        NameExpression name => Name(name, expected),
        BinaryExpression binary => Binary(binary, expected),
        RangeExpression range => Error(range.Place, "a range does not belong here", "write x in low..high"),
        _ => Error(expression.Place, "a set does not belong here", "write x in {a, b}, or rights has {read, write}"),
    };

    /// <summary>A constant of a type that a field of type <paramref name="type"/> can be compared with.</summary>
    public BigInteger? Constant(Expression expression, FieldType type)
    {
        if (Bind(expression, type) is not { } operand) return null;
        if (operand.Field is null) return Fits(type, operand, expression.Place) ? operand.Offset : null;
        Error(expression.Place, $"the field `{operand.Field.Name}` does not belong here", "write a constant");
        return null;
    }

    /// <summary>Whether an operand can be compared with a value of type <paramref name="type"/>; a report when not.</summary>
    public bool Fits(FieldType type, Operand operand, Place place)
    {
        if (operand.Type == type) return true;
        var bare = operand is { Field: null, Type: FieldType.Number };
        if (type == FieldType.Address && operand is { Field: null, Type: FieldType.Size or FieldType.Number }) return true;
        if (bare && operand.Offset.IsZero && type is FieldType.Size or FieldType.Time) return true;
        if (bare && type is FieldType.Size) Error(place, "a size without a unit", $"write {operand.Offset}B, or a multiple of 4KiB");
        else if (bare && type is FieldType.Time) Error(place, "a time without a unit", $"write {operand.Offset}us or {operand.Offset}ms");
        else Error(place, $"{TypeNames.Describe(type)} is compared with {TypeNames.Describe(operand.Type)}", TypeNames.Example(type));
        return false;
    }

    private Operand? Number(NumberExpression number)
    {
        if (Quantity.Read(number.Source, out var mend) is not { } read) return Error(number.Place, $"`{number.Source}` is not a number", mend);
        return Bounded(new(read.Type, null, read.Value), number.Place);
    }

    private Operand? Name(NameExpression name, FieldType? expected)
    {
        if (!name.Quoted)
        {
            if (name.Name == "call")
                return Error(name.Place, "`call` is compared with calls only", "write call = cap_grant, or call in {cap_grant, region_map}");
            if (Fields.ByName.TryGetValue(name.Name, out var field)) return new(field.Type, field, 0);
            if (expected == FieldType.Rights && name.Name == "none") return new(FieldType.Rights, null, 0);
            if (expected is { } type && Enumerators.Of(type).TryGetValue(name.Name, out var value)) return new(type, null, value);
            if (names.Constants.TryGetValue(name.Name, out var constant)) return new(constant.Type, null, constant.Value);
        }

        if (names.Partitions.TryGetValue(name.Name, out var id)) return new(FieldType.Partition, null, id);
        return names.IsBroken(name.Name) ? null : Unknown(name, expected);
    }

    private Operand? Unknown(NameExpression name, FieldType? expected)
    {
        if (names.Groups.ContainsKey(name.Name)) return Error(name.Place, $"`{name.Name}` is a group", $"write `in {name.Name}`");
        if (expected is not { } type)
            return Error(name.Place, $"unknown name `{name.Name}`",
                Suggest.OneOf(name.Name, [.. Fields.ByName.Keys, .. names.Constants.Keys, .. names.Partitions.Keys]));
        if (Enumerators.With(name.Name).Cast<FieldType?>().FirstOrDefault(t => t != type) is { } other)
            return Error(name.Place, $"`{name.Name}` is {TypeNames.Describe(other)}, not {TypeNames.Describe(type)}", TypeNames.Example(type));
        return type == FieldType.Partition
            ? Error(name.Place, $"unknown partition `{name.Name}`", names.MendPartition(name.Name))
            : Error(name.Place, $"`{name.Name}` is not {TypeNames.Describe(type)}",
                Enumerators.Of(type).Count > 0 ? Suggest.OneOf(name.Name, [.. Enumerators.Of(type).Keys])
                    : Suggest.OneOf(name.Name, [.. names.Constants.Keys, .. Fields.ByName.Keys]));
    }

    private Operand? Binary(BinaryExpression binary, FieldType? expected)
    {
        var (left, right) = (Bind(binary.Left, expected), Bind(binary.Right, expected));
        if (left is null || right is null) return null;
        if (binary.Operator == '*') return Product(left, right, binary);
        if (left.Field is not null && right.Field is not null)
            return Error(binary.Right.Place, $"two fields on one side: `{left.Field.Name}` and `{right.Field.Name}`",
                "move one of them to the other side of the comparison");
        if (binary.Operator == '-' && right.Field is not null)
            return Error(binary.Right.Place, "a field is subtracted", $"add `{right.Field.Name}` to the other side of the comparison");
        var type = left.Field?.Type ?? right.Field?.Type ?? left.Type;
        foreach (var (operand, place) in new[] { (left, binary.Left.Place), (right, binary.Right.Place) })
        {
            if (!TypeNames.IsOrdered(operand.Type))
                return Error(place, $"{TypeNames.Describe(operand.Type)} in a sum", "sums are made of numbers, sizes, addresses and times");
            if (!Fits(type, operand, place)) return null;
        }

        return Bounded(new(type, left.Field ?? right.Field, binary.Operator == '+' ? left.Offset + right.Offset : left.Offset - right.Offset),
            binary.Place);
    }

    private Operand? Product(Operand left, Operand right, BinaryExpression binary)
    {
        if ((left.Field ?? right.Field) is { } field)
            return Error(binary.Place, $"the field `{field.Name}` is multiplied", "multiply constants only");
        if (left.Type != FieldType.Number && right.Type != FieldType.Number)
            return Error(binary.Right.Place, "two values with units are multiplied", "one factor is a plain number");
        var type = left.Type == FieldType.Number ? right.Type : left.Type;
        return TypeNames.IsOrdered(type) ? Bounded(new(type, null, left.Offset * right.Offset), binary.Place)
            : Error(binary.Place, $"{TypeNames.Describe(type)} in a product", "products are made of numbers, sizes and times");
    }

    private Operand? Bounded(Operand operand, Place place) =>
        BigInteger.Abs(operand.Offset) < Quantity.Bound ? operand : Error(place, "the number is too large", "no value of a request reaches 2^68");

    private Operand? Error(Place place, string message, string mend)
    {
        bag.Error(place, message, mend);
        return null;
    }
}
