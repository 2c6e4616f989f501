using System.Globalization;

namespace Rvm.Tool.SystemDescription;

/// <summary>Parses the quantities of a system description. Every method returns null and a reason instead of throwing.</summary>
public static class Units
{
    private static readonly (string Suffix, ulong Factor)[] SizeUnits = [("KiB", 1UL << 10), ("MiB", 1UL << 20), ("GiB", 1UL << 30), ("B", 1)];

    private static readonly (string Suffix, ulong Nanoseconds)[] TimeUnits =
        [("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

    /// <summary>An unsigned integer: decimal or <c>0x…</c> hexadecimal, <c>_</c> between digits allowed.</summary>
    public static ulong? Integer(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var hexadecimal = plain.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(hexadecimal ? plain[2..] : plain, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary>A size in bytes: an integer, alone (bytes) or with B, KiB, MiB or GiB.</summary>
    public static ulong? Size(string text, out string mend)
    {
        mend = "write a size such as 4096, 64KiB, 1MiB or 1GiB";
        if (Integer(text) is { } bytes) return bytes;
        foreach (var (suffix, factor) in SizeUnits)
            if (text.EndsWith(suffix, StringComparison.Ordinal) && Integer(text[..^suffix.Length].TrimEnd()) is { } value)
                return Scale(value, factor, ref mend);
        if (Suffix(text) is "K" or "k" or "KB" or "kB" or "kb" or "Kib" or "kib" or "kiB") mend = $"units are binary: write {Digits(text)}KiB";
        if (Suffix(text) is "M" or "MB" or "mb" or "Mib" or "mib") mend = $"units are binary: write {Digits(text)}MiB";
        if (Suffix(text) is "G" or "GB" or "gb" or "Gib" or "gib") mend = $"units are binary: write {Digits(text)}GiB";
        return null;
    }

    /// <summary>A duration in timer counts (62.5 MHz), rounded down; at least 1 and below 2³² (68 s).</summary>
    public static ulong? Counts(string text, out string mend)
    {
        mend = "write a duration with its unit, such as 500us, 1ms or 2s";
        foreach (var (suffix, nanoseconds) in TimeUnits)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal) || Integer(text[..^suffix.Length].TrimEnd()) is not { } value) continue;
            if (Scale(value, nanoseconds, ref mend) is not { } total) return null;
            var counts = (ulong)((UInt128)total * Abi.TimerHertz / 1_000_000_000);
            if (counts is >= 1 and <= uint.MaxValue) return counts;
            mend = "durations lie between 16ns (one count of the timer) and 68s";
            return null;
        }

        if (Integer(text) is not null) mend = $"the unit is missing: write {text}us or {text}ms";
        return null;
    }

    /// <summary>A size as a person reads it: 4 KiB, 1.5 MiB.</summary>
    public static string Show(ulong bytes) => bytes switch
    {
        >= 1UL << 30 when bytes % (1UL << 30) == 0 => $"{bytes >> 30} GiB",
        >= 1UL << 20 when bytes % (1UL << 20) == 0 => $"{bytes >> 20} MiB",
        >= 1UL << 10 when bytes % (1UL << 10) == 0 => $"{bytes >> 10} KiB",
        _ => $"{bytes} B",
    };

    /// <summary>A duration in counts as a person reads it.</summary>
    public static string ShowCounts(ulong counts)
    {
        var nanoseconds = (UInt128)counts * 1_000_000_000 / Abi.TimerHertz;
        foreach (var (suffix, factor) in TimeUnits.Where(u => u.Suffix != "us").OrderByDescending(u => u.Nanoseconds))
            if (nanoseconds >= factor && nanoseconds % factor == 0)
                return $"{nanoseconds / factor} {suffix}";
        return $"{nanoseconds} ns";
    }

    private static ulong? Scale(ulong value, ulong factor, ref string mend)
    {
        if (value <= ulong.MaxValue / factor) return value * factor;
        mend = "the number does not fit into 64 bits";
        return null;
    }

    private static string Digits(string text) => new([.. text.TakeWhile(c => char.IsAsciiDigit(c))]);

    private static string Suffix(string text) => text[Digits(text).Length..].Trim();
}
