using System.Numerics;

namespace Rvm.ImageTests;

/// <summary>One event of a tape (Driver/Tape.cs).</summary>
/// <param name="Arguments">ESR, FAR, IPA, VBAR of a trap; nothing otherwise.</param>
/// <param name="Mask">A bit for each word of the context block that one of <paramref name="Values"/> goes to.</param>
public sealed record TapeEvent(ulong Kind, ulong Now, ulong[] Arguments, ulong Mask, ulong[] Values)
{
    public static TapeEvent Time(ulong now) => new(Tape.Time, now, [], 0, []);

    public static TapeEvent Of(Event e) => e.Kind switch
    {
        EventKind.Hypercall => new(Tape.Hypercall, e.Now, [], (1UL << e.Words.Length) - 1, e.Words),
        EventKind.Trap => new(Tape.Trap, e.Now, e.Words, 0, []),
        _ => new(Tape.Tick, e.Now, [], 0, []),
    };

    /// <summary>A tape's words.</summary>
    public static ulong[] Write(IReadOnlyCollection<TapeEvent> events)
    {
        List<ulong> words = [.. new ulong[Tape.HeaderWords]];
        foreach (var e in events)
        {
            words.Add(e.Kind | e.Mask << 8);
            words.Add(e.Now);
            words.AddRange(e.Arguments);
            words.AddRange(e.Values);
        }

        (words[0], words[1]) = (Tape.Mark, (ulong)words.Count);
        return [.. words];
    }

    /// <summary>The events of a tape.</summary>
    public static List<TapeEvent> Read(ReadOnlySpan<ulong> words)
    {
        Assert.Equal((Tape.Mark, (ulong)words.Length), (words[0], words[1]));
        List<TapeEvent> events = [];
        for (var at = Tape.HeaderWords; at < words.Length;)
        {
            var (head, now) = (words[at], words[at + 1]);
            var count = BitOperations.PopCount(head >> 8);
            var arguments = (head & 0xff) == Tape.Trap ? words.Slice(at + 2, 4).ToArray() : [];
            at += 2 + arguments.Length;
            events.Add(new(head & 0xff, now, arguments, head >> 8, words.Slice(at, count).ToArray()));
            at += count;
        }

        return events;
    }

    /// <summary>Puts the values into a context block.</summary>
    public void Store(Span<ulong> block)
    {
        var next = 0;
        for (var rest = Mask; rest != 0; rest &= rest - 1) block[BitOperations.TrailingZeroCount(rest)] = Values[next++];
    }

    public override string ToString()
    {
        var name = Kind switch { Tape.Hypercall => "Hypercall", Tape.Trap => "Trap", Tape.Tick => "Tick", _ => "Time" };
        return $"{name} at {Now}{Show(" of", Arguments)}{Show($", words 0x{Mask:x} of the context:", Values)}";
    }

    private static string Show(string what, ulong[] words) => words.Length == 0 ? "" : $"{what} {string.Join(' ', words.Select(w => $"0x{w:x}"))}";
}
