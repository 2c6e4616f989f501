using System.Globalization;
using System.Numerics;

namespace Rvm.Policy.Binding;

/// <summary>Numbers with units, as the language writes them.</summary>
public static class Quantity
{
    private static readonly (string Unit, FieldType Type, ulong Factor)[] Units =
    [
        ("KiB", FieldType.Size, 1UL << 10), ("MiB", FieldType.Size, 1UL << 20), ("GiB", FieldType.Size, 1UL << 30), ("B", FieldType.Size, 1),
        ("ns", FieldType.Time, 1), ("us", FieldType.Time, 1_000), ("µs", FieldType.Time, 1_000), ("ms", FieldType.Time, 1_000_000),
        ("s", FieldType.Time, 1_000_000_000),
    ];

    private static readonly IReadOnlyDictionary<string, string> Mistaken = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["k"] = "KiB", ["kb"] = "KiB", ["kib"] = "KiB", ["m"] = "MiB", ["mb"] = "MiB", ["mib"] = "MiB", ["g"] = "GiB", ["gb"] = "GiB",
        ["gib"] = "GiB",
        ["b"] = "B", ["bytes"] = "B", ["sec"] = "s", ["msec"] = "ms", ["usec"] = "us", ["nsec"] = "ns", ["ms"] = "ms", ["us"] = "us", ["ns"] = "ns",
    };

    /// <summary>Magnitudes from here on are refused.</summary>
    public static readonly BigInteger Bound = BigInteger.One << 80;

    /// <summary>The number that <paramref name="source"/> writes: in bytes, in nanoseconds or plain. Null and a mend when it is none.</summary>
    public static (FieldType Type, BigInteger Value)? Read(string source, out string mend)
    {
        mend = "write a number such as 64, 0x40 or 1_000, or one with a unit: 4KiB, 10ms";
        if (Integer(source) is { } plain) return (FieldType.Number, plain);
        foreach (var (unit, type, factor) in Units)
            if (source.EndsWith(unit, StringComparison.Ordinal) && Integer(source[..^unit.Length]) is { } number)
                return (type, number * factor);
        var digits = new string([.. source.TakeWhile(c => char.IsAsciiDigit(c) || c == '_')]);
        if (Mistaken.TryGetValue(source[digits.Length..], out var right))
            mend = right.EndsWith("iB", StringComparison.Ordinal) ? $"sizes are binary: write {digits}{right}" : $"write {digits}{right}";
        else if (digits.Length is > 0 and < 30 && digits.Length < source.Length && !source.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            mend = $"the units are {string.Join(", ", Units.Select(u => u.Unit).Where(u => u != "µs"))}";
        return null;
    }

    /// <summary>Bytes with the greatest unit that fits.</summary>
    public static string Bytes(Int128 bytes)
    {
        foreach (var (unit, shift) in new[] { ("GiB", 30), ("MiB", 20), ("KiB", 10) })
            if (bytes > 0 && bytes % (Int128.One << shift) == 0)
                return $"{bytes >> shift}{unit}";
        return $"{bytes}B";
    }

    /// <summary>Nanoseconds with the greatest unit that fits.</summary>
    public static string Time(Int128 nanoseconds)
    {
        foreach (var (unit, factor) in new[] { ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000) })
            if (nanoseconds > 0 && nanoseconds % factor == 0)
                return $"{nanoseconds / factor}{unit}";
        return $"{nanoseconds}ns";
    }

    private static BigInteger? Integer(string text)
    {
        if (text.Length > 60) return null;
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var hexadecimal = plain.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return BigInteger.TryParse(hexadecimal ? "0" + plain[2..] : plain, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out var value) && plain.Length > (hexadecimal ? 2 : 0) ? value : null;
    }
}
