using System.Runtime.InteropServices;

namespace Rvm.Model.Subject;

/// <summary>What a part of a state belongs to; a judgement is remembered by the parts that it depends on.</summary>
[Flags]
public enum Parts
{
    None = 0, Caps = 1, Memory = 2, Maps = 4, Partitions = 8, Edges = 16, Gate = 32, Queues = 64, Tasks = 128, Log = 256, Flags = 512, Chain = 1024, Clock = 2048,

    /// <summary>spec/State.dfy's Structure.</summary>
    Structure = Caps | Memory | Maps | Partitions | Edges | Gate,

    All = 4095,
}

/// <summary>A piece of one of the core's arrays, as 64-bit words, that may change in a configuration. <paramref name="First"/>: its number among all such words.</summary>
public sealed record Window(Parts Part, CoreArray Array, int Start, int Words, int First)
{
    public Span<ulong> Span => Array.Wide is { } wide ? wide.AsSpan(Start, Words) : MemoryMarshal.Cast<uint, ulong>(Array.Narrow.AsSpan(2 * Start, 2 * Words));
}

/// <summary>How big a configuration is: partitions besides the hypervisor, capability slots of each, region slots, edges.</summary>
public sealed record Size(int Partitions, int Slots, int Regions, int Edges);

/// <summary>
/// The words of the core that may change in a machine of some size. All others must keep their value for ever, which <see cref="Rest"/> watches:
/// nothing ever puts them back, so a word that an event changed by mistake shows later.
/// </summary>
public static class CoreWindows
{
    public const int SlotsOfPartition = 32, TableWords = 512, PoolWords = 16 * TableWords;

    public static List<Window> Of(CoreFields fields, Size size)
    {
        List<Window> all = [];
        var people = size.Partitions + 1;
        Add(Parts.Caps, "caps.tab", 0, people * SlotsOfPartition * 4);
        Add(Parts.Memory, "regions.tab", 0, size.Regions * 8);
        Add(Parts.Maps, "stage2.tables", 0, (people + 1) / 2);
        for (var p = 0; p < people; p++) Add(Parts.Partitions, "sched.tab", 8 * p, 4);
        Add(Parts.Edges, "edges.edges", 0, size.Edges * 2);
        Add(Parts.Gate, "gate.nonces", 0, people);
        Add(Parts.Gate, "gate.leases.ends", 0, people);
        Add(Parts.Gate, "gate.leases.place", 0, people);
        Add(Parts.Queues, "edges.heads", 0, size.Edges * 4);
        Add(Parts.Queues, "edges.queues", 0, size.Edges * 64);
        for (var p = 0; p < people; p++) Add(Parts.Tasks, "sched.tab", 8 * p + 4, 4);
        Add(Parts.Tasks, "sched.queue", 0, 64);
        Add(Parts.Log, "log.quota", 0, people);
        Add(Parts.Log, "log.used", 0, people);
        return all;

        void Add(Parts part, string path, int start, int words)
        {
            var array = fields.Arrays.FirstOrDefault(a => a.Path == path)
                ?? throw new NotSupportedException($"the core has no array {path} any more: src/Rvm.Model/Subject/CoreWindows.cs has to follow");
            if (words > 0) all.Add(new(part, array, start, words, all.Count == 0 ? 0 : all[^1].First + all[^1].Words));
        }
    }

    /// <summary>The part that a number or flag of the core belongs to.</summary>
    public static Parts PartOf(string number) => number switch
    {
        "regions.next" or "regions.limit" => Parts.Memory,
        "log.chain" => Parts.Chain,
        _ when number.StartsWith("gate.", StringComparison.Ordinal) => Parts.Gate,
        _ when number.StartsWith("sched.", StringComparison.Ordinal) => Parts.Tasks,
        _ when number.StartsWith("log.", StringComparison.Ordinal) => Parts.Log,
        _ => Parts.Flags,
    };
}
