using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>Values of fields as the language writes them.</summary>
public static class ValueText
{
    /// <summary>A value in units of the request.</summary>
    public static string Of(Field field, ulong value, BoundPolicy policy) => OfSource(field, (Int128)value * field.Scale, policy);

    /// <summary>A value in units of the source: bytes, nanoseconds, or the plain number.</summary>
    public static string OfSource(Field field, Int128 value, BoundPolicy policy) => field.Type switch
    {
        FieldType.Size => Quantity.Bytes(value),
        FieldType.Address => value < 0 ? $"{value}" : $"0x{value:x8}",
        FieldType.Time => Quantity.Time(value),
        FieldType.Partition when value is { } id && id >= 0 && id <= 127 => policy.PartitionName((ulong)id),
        FieldType.Rights when value >= 0 => Rights((ulong)value),
        _ => value >= 0 && value <= ulong.MaxValue && Enumerators.Word(field.Type, (ulong)value) is { } word ? word : $"{value}",
    };

    /// <summary>A set of rights.</summary>
    public static string Rights(ulong mask)
    {
        var names = Enumerable.Range(0, 64).Where(i => (mask >> i & 1) != 0).Select(i => Enumerators.Word(FieldType.Rights, 1UL << i) ?? $"bit{i}");
        return "{" + string.Join(",", names) + "}";
    }

    /// <summary>The value in units of the request that a text stands for; null and a mend when it is none.</summary>
    public static ulong? Parse(Field field, string text, BoundPolicy policy, out string mend)
    {
        mend = "";
        switch (field.Type)
        {
            case FieldType.Rights:
                return ParseRights(text, out mend);
            case FieldType.Partition when policy.Partitions.TryGetValue(text, out var id):
                return (ulong)id;
        }

        var words = Enumerators.Of(field.Type);
        if (words.TryGetValue(text, out var value)) return value;
        if (Quantity.Read(text, out var numberMend) is not { } read)
        {
            mend = words.Count > 0 || field.Type == FieldType.Partition
                ? Diagnostics.Suggest.OneOf(text, [.. words.Keys, .. field.Type == FieldType.Partition ? policy.Partitions.Keys : []]) : numberMend;
            return null;
        }

        var fits = read.Type == FieldType.Number || read.Type == field.Type || (read.Type == FieldType.Size && field.Type == FieldType.Address);
        var units = read.Value / field.Scale;
        if (fits && units * field.Scale == read.Value && units <= ulong.MaxValue && field.Admits((ulong)units)) return (ulong)units;
        mend = field.Scale == 1 ? $"{field.Name} is {TypeNames.Describe(field.Type)} from {field.Least} to {field.Most}"
            : $"{field.Name} is a multiple of {OfSource(field, field.Scale, policy)} up to {Of(field, field.Most, policy)}";
        return null;
    }

    private static ulong? ParseRights(string text, out string mend)
    {
        mend = "";
        var (sum, known) = (0UL, Enumerators.Of(FieldType.Rights));
        foreach (var name in text.Trim('{', '}').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!known.TryGetValue(name, out var bit))
            {
                mend = Diagnostics.Suggest.OneOf(name, [.. known.Keys]);
                return null;
            }

            sum |= bit;
        }

        return sum;
    }
}
