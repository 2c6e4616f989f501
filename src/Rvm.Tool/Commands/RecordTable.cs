using System.Globalization;
using Rvm.Diagnostics;
using Rvm.Tool.Witness;

namespace Rvm.Tool.Commands;

/// <summary>How the witness commands read log files and print records and times.</summary>
internal static class RecordTable
{
    /// <summary>Records as a table, one a line.</summary>
    public static void Print(IEnumerable<WitnessRecord> records) => Print(records.Select(r => (r, WitnessText.Explain(r))));

    /// <summary>Records with what is said of them, one a line.</summary>
    public static void Print(IEnumerable<(WitnessRecord Record, string Text)> records)
    {
        Console.Out.WriteLine($"{"record",8}  {"time",14}  {"by",4}  {"kind",-18}  {"tier",-4}  what");
        foreach (var (r, text) in records)
            Console.Out.WriteLine($"{r.Sequence,8}  {Microseconds(r.Timestamp),14}  {By(r.Subject),4}  {WitnessKind.Name(r.Kind),-18}  {(r.Tier == 0 ? "-" : "P" + r.Tier),-4}  {text}");
    }

    /// <summary>A record as a program reads it.</summary>
    public static object ToJson(WitnessRecord r) => ToJson(r, WitnessText.Explain(r));

    /// <summary>A record, and what is said of it, as a program reads it.</summary>
    public static object ToJson(WitnessRecord r, string text) => new
    {
        r.Sequence, r.Timestamp, Kind = WitnessKind.Name(r.Kind), KindNumber = r.Kind, r.Tier, r.Subject, Object = Hex(r.Object), Aux = Hex(r.Aux),
        ChainHashBefore = Hex(r.Before), RecordHash = Hex(r.Hash), r.Flags, Text = text,
    };

    /// <summary>A time as the tables print it.</summary>
    public static string Microseconds(ulong counts) => $"{counts / (Abi.TimerHertz / 1_000_000.0):0.000} us";

    /// <summary>A word in full.</summary>
    public static string? Hex(ulong? value) => value is null ? null : $"0x{value:x16}";

    /// <summary>A time that a user wrote: a duration since the machine's start, such as 81.088us, or counts of the timer.</summary>
    /// <param name="up">Whether a time between two counts becomes the later one.</param>
    public static ulong Time(string text, string option, bool up)
    {
        (string Suffix, decimal Seconds)[] units = [("ns", 1e-9m), ("us", 1e-6m), ("µs", 1e-6m), ("ms", 1e-3m), ("s", 1m)];
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var counts)) return counts;
        foreach (var (suffix, seconds) in units)
            if (text.EndsWith(suffix, StringComparison.Ordinal) && decimal.TryParse(text[..^suffix.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                && value < 1_000_000_000_000 && value * seconds * Abi.TimerHertz is var exact and < ulong.MaxValue)
                return (ulong)(up ? Math.Ceiling(exact) : Math.Floor(exact));
        throw new UserErrorException($"{option} {text} is not a time", "write a time since the machine's start, such as 81.088us, 5ms or 2s, or counts of the timer, such as 5068");
    }

    /// <summary>A file's bytes.</summary>
    /// <exception cref="UserErrorException">It cannot be read.</exception>
    public static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file} cannot be read: {e.Message}", "name a log that `rvm run --witness FILE` saved, or a bundle that `rvm build` wrote");
        }
    }

    /// <summary>The kinds that a user named.</summary>
    public static byte Kind(string text) =>
        WitnessKind.Parse(text) ?? throw new UserErrorException($"unknown kind `{text}`", Suggest.OneOf(text, WitnessKind.All));

    private static string By(ulong subject) => subject == 0 ? "rvm" : $"{subject}";
}
