using System.Runtime.InteropServices;
using Rvm.Tool.Witness;

namespace Rvm.ImageTests;

/// <summary>The image's run beside the model's: the log, what the trace holds of every event, and all words of the last state.</summary>
public static class Comparison
{
    /// <summary>The first difference, by the event at which it shows; null: there is none.</summary>
    /// <param name="events">The events after the boot.</param>
    /// <param name="recorded">The guests' own registers changed between the events: what the core never reads of them (x19–x28) is not compared.</param>
    public static string? First(Model model, ImageRun image, IReadOnlyList<TapeEvent> events, bool recorded) =>
        Records(model, image, events) ?? Traces(model, image, events) ?? States(model, image, recorded);

    private static string? Records(Model model, ImageRun image, IReadOnlyList<TapeEvent> events)
    {
        var ours = MemoryMarshal.AsBytes(model.Log);
        ReadOnlySpan<byte> theirs = MemoryMarshal.AsBytes(image.Log.AsSpan());
        if (ours.SequenceEqual(theirs)) return null;
        var n = ours.CommonPrefixLength(theirs) / 64;
        var field = n * 64 < Math.Min(ours.Length, theirs.Length) ? WitnessRecord.FieldAt(ours.CommonPrefixLength(theirs) % 64) : "is missing";
        return $"record {n} differs ({field}):\n  image {Record(theirs, n)}\n  model {Record(ours, n)}\n  at {Event(events, Appender(model, n))}";
    }

    private static string Record(ReadOnlySpan<byte> log, int n) => n * 64 < log.Length ? WitnessRecord.Read(log[(n * 64)..]).ToString() : "none";

    /// <summary>The event that appended a record, in the model; −1: the boot.</summary>
    private static int Appender(Model model, int record)
    {
        for (var e = 0; e < model.Events; e++)
            if (model.Trace[e * Tape.TraceWords + 2] > (ulong)record) return record < BootRecords(model) ? -1 : e;
        return model.Events;
    }

    private static int BootRecords(Model model)
    {
        for (var i = 0; i < model.Log.Length / 8; i++)
            if ((model.Log[8 * i + 2] & 0xff) == 0x82) return i + 1;
        return 0;
    }

    private static string? Traces(Model model, ImageRun image, IReadOnlyList<TapeEvent> events)
    {
        var same = model.Trace.CommonPrefixLength(image.Trace);
        if (same == model.Trace.Length && same == image.Trace.Length) return null;
        var (e, word) = (same / Tape.TraceWords, same % Tape.TraceWords);
        if (e >= Math.Min(model.Events, image.Events)) return $"the image had {image.Events} events, the model {model.Events}: {Event(events, e)}";
        return $"{Live.TraceName(word)} differs: the image has 0x{image.Trace[same]:x}, the model 0x{model.Trace[same]:x}, after {model.Trace[e * Tape.TraceWords + 2]} records, at {Event(events, e)}";
    }

    private static string Event(IReadOnlyList<TapeEvent> events, int e) => e < 0 ? "the boot" : e < events.Count ? $"event {e}: {events[e]}" : $"event {e}, which is none";

    private static string? States(Model model, ImageRun image, bool recorded)
    {
        for (var i = 0; i < Live.Scalars; i++)
            if (i != Live.TablesFrame && image.Report[Tape.FirstScalar + i] != Live.Scalar(model.Core, i))
                return $"word {i} of the last state differs: the image has 0x{image.Report[Tape.FirstScalar + i]:x}, the model 0x{Live.Scalar(model.Core, i):x}";
        for (var i = 0; i < Live.Arrays; i++)
        {
            var ours = Live.IsShort(i) ? Array.ConvertAll(Live.Short(model.Core, i)!, w => (ulong)w) : Live.Long(model.Core, i)!;
            if (ours.Length != image.Arrays[i].Length) return $"array {i} has {image.Arrays[i].Length} words in the image, {ours.Length} in the model";
            for (var n = 0; n < ours.Length; n++)
                if (Normal(i, image.Arrays[i][n], image.Report[Tape.FirstScalar + Live.TablesFrame]) != Normal(i, ours[n], model.Core.stage2.@base) && !(recorded && i == Live.Registers && Live.IsPlatforms(n)))
                    return $"word {n} of array {i} of the last state differs: the image has 0x{image.Arrays[i][n]:x}, the model 0x{ours[n]:x}";
        }

        return null;
    }

    /// <summary>A descriptor that leads to one of the pool's own tables, whose place in memory differs, leads to the same table.</summary>
    private static ulong Normal(int array, ulong word, ulong pool)
    {
        var table = (word >> 12 & 0xf_ffff_ffff) - pool;
        return array == Live.Pool && table < 128 * 16 ? word & 0xffff_0000_0000_0fff | table << 12 : word;
    }
}
