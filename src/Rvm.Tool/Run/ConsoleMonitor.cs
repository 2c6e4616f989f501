using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Rvm.Tool.Run;

/// <summary>The kernel's last line: <c>RVM HALT status=S records=N ring=0xPA first=F capacity=C</c>.</summary>
/// <param name="Status">0 when every partition ended and the kernel is content.</param>
/// <param name="Records">Records appended during the run.</param>
/// <param name="Ring">Physical address of the witness ring, in bytes.</param>
/// <param name="First">Sequence number of the oldest record still in the ring.</param>
/// <param name="Capacity">Records that the ring holds.</param>
public sealed record HaltLine(long Status, ulong Records, ulong Ring, ulong First, ulong Capacity);

/// <summary>The kernel's refusal to boot: <c>RVM BOOT REFUSED command I status S</c>, or <c>… header status S</c>.</summary>
/// <param name="Command">Index of the command; null: the bundle's header.</param>
public sealed record RefusalLine(int? Command, long Status);

/// <summary>A line of the console, taken apart.</summary>
/// <param name="Partition">The partition that wrote it; null: the kernel or the firmware.</param>
public sealed record ConsoleLine(string? Partition, string Text);

/// <summary>Reads the console line by line and remembers how the run ended.</summary>
public sealed partial class ConsoleMonitor
{
    private const int TailLines = 8;
    private readonly Queue<string> _tail = [];

    /// <summary>The halt line, once seen.</summary>
    public HaltLine? Halt { get; private set; }

    /// <summary>The boot refusal, once seen.</summary>
    public RefusalLine? Refusal { get; private set; }

    /// <summary>The first line of a kernel fault's report, once seen.</summary>
    public string? Fault { get; private set; }

    /// <summary>True once the kernel has said how the run ends.</summary>
    public bool Ended => Halt is not null || Refusal is not null || Fault is not null;

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyCollection<string> Tail => _tail;

    /// <summary>Takes one line, without its line end; never throws.</summary>
    public ConsoleLine Take(string raw)
    {
        var text = Printable(raw.TrimEnd('\r'));
        _tail.Enqueue(text);
        if (_tail.Count > TailLines) _tail.Dequeue();
        if (GuestLine().Match(text) is { Success: true } guest) return new(guest.Groups[1].Value, guest.Groups[2].Value);
        if (text.StartsWith("RVM KERNEL FAULT", StringComparison.Ordinal) || text.StartsWith("RVM DEADLOCK", StringComparison.Ordinal)) Fault ??= text;
        if (RefusedLine().Match(text) is { Success: true } refused)
            Refusal ??= new(int.TryParse(refused.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var command) ? command : null,
                long.TryParse(refused.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var status) ? status : 0);
        if (text.StartsWith("RVM HALT ", StringComparison.Ordinal)) Halt ??= ParseHalt(text);
        return new(null, text);
    }

    /// <summary>The text with control characters shown as <c>\xNN</c>, so that a guest cannot steer the user's terminal.</summary>
    public static string Printable(string text)
    {
        if (!text.Any(c => char.IsControl(c) && c != '\t')) return text;
        var shown = new StringBuilder(text.Length + 8);
        foreach (var c in text)
            if (char.IsControl(c) && c != '\t') shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else shown.Append(c);
        return shown.ToString();
    }

    private static HaltLine? ParseHalt(string text)
    {
        var fields = text["RVM HALT ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(f => f.Split('=', 2)).Where(f => f.Length == 2).DistinctBy(f => f[0]).ToDictionary(f => f[0], f => f[1]);
        if (!fields.TryGetValue("status", out var s) || !long.TryParse(s, CultureInfo.InvariantCulture, out var status)) return null;
        return new(status, Number(fields, "records"), Number(fields, "ring"), Number(fields, "first"), Number(fields, "capacity"));
    }

    private static ulong Number(Dictionary<string, string> fields, string key) =>
        fields.TryGetValue(key, out var text) && SystemDescription.Units.Integer(text) is { } value ? value : 0;

    [GeneratedRegex(@"^([a-z0-9-]{1,15})\| ?(.*)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex GuestLine();

    [GeneratedRegex(@"^RVM BOOT REFUSED (?:command (\d+)|header) status (-?\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex RefusedLine();
}
