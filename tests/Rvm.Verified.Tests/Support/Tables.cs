namespace Rvm.Verified.Tests;

/// <summary>Reads the core's capability table: 8 words a slot: generation, kind, object, its generation, rights, depth, parent, parent's generation.</summary>
public static class Caps
{
    public const uint Slots = 32, Partitions = 128;

    public static uint Generation(CoreState.Core k, uint p, uint slot) => Word(k, p, slot, 0);

    public static uint KindOf(CoreState.Core k, uint p, uint slot) => Word(k, p, slot, 1);

    public static uint Object(CoreState.Core k, uint p, uint slot) => Word(k, p, slot, 2);

    public static uint ObjectGeneration(CoreState.Core k, uint p, uint slot) => Word(k, p, slot, 3);

    public static uint Rights(CoreState.Core k, uint p, uint slot) => Word(k, p, slot, 4);

    public static uint Depth(CoreState.Core k, uint p, uint slot) => Word(k, p, slot, 5);

    private static uint Word(CoreState.Core k, uint p, uint slot, uint n) => k.caps.tab[(p * Slots + slot) * 8 + n];
}

/// <summary>A region as the core's table holds it.</summary>
public readonly record struct RegionRow(int Index, ulong Generation, ulong Owner, ulong Policy, ulong Pages, ulong Frame)
{
    public const int Count = 512;

    public static RegionRow Read(CoreState.Core k, int i)
    {
        var w = k.regions.tab;
        return new(i, w[8 * i], w[8 * i + 1], w[8 * i + 2], w[8 * i + 3], w[8 * i + 4]);
    }

    public static IEnumerable<RegionRow> All(CoreState.Core k) => Enumerable.Range(0, Count).Select(i => Read(k, i)).Where(r => r.Pages != 0);

    /// <summary>Docs/abi.md §2: may a region of this policy be mapped so?</summary>
    public bool Permits(bool write, bool execute, bool device) => Policy switch
    {
        0 => !write && !device,
        1 => !write && !execute && !device,
        2 => !execute && !device,
        4 => !write && !execute && !device,
        _ => write && !execute && device,
    };
}

/// <summary>A partition as the core's scheduler holds it.</summary>
public readonly record struct PartRow(ulong Generation, ulong Life, ulong Slice, ulong Deadline, ulong Run, ulong Left, ulong Due, ulong Wake)
{
    public const ulong Free = 0, Created = 1, Started = 2, Suspended = 3;
    public const ulong Stopped = 0, Ready = 1, Running = 2, Sleeping = 3, Waiting = 4;

    public static PartRow Read(CoreState.Core k, uint p)
    {
        var (w, i) = (k.sched.tab, (int)p * 8);
        return new(w[i], w[i + 1], w[i + 2], w[i + 3], w[i + 4], w[i + 5], w[i + 6], w[i + 7]);
    }
}
