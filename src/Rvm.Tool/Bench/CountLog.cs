using System.Globalization;

namespace Rvm.Tool.Bench;

/// <summary>An event of the counting plugin.</summary>
/// <param name="Total">instructions executed before it, on all processors</param>
/// <param name="Guest">those of them in guests</param>
public sealed record CountEvent(string Name, int Id, long Total, long Guest);

/// <summary>What the counting plugin (<c>tools/icount-plugin</c>) wrote during one run.</summary>
public static class CountLog
{
    private const int Columns = 5;

    public static IReadOnlyList<CountEvent> Parse(IEnumerable<string> lines) =>
        [.. lines.Skip(1).Select(line => line.Split(',')).Where(fields => fields.Length == Columns)
            .Select(f => new CountEvent(f[0], (int)Number(f[1]), Number(f[3]), Number(f[4])))];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
