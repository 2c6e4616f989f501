namespace Rvm.Tests.Image;

using Kernel = CoreState.Core;

/// <summary>
/// Every word of the core's state, and the digests that a trace holds; the image and the tests on the host compile this same file. A test compares
/// these lists with the fields of the core's classes, so that none is forgotten.
/// </summary>
internal static class Live
{
    public const int Scalars = 39, Arrays = 32;

    public static ulong Scalar(Kernel k, int i) => i switch
    {
        0 => k.sched.cur, 1 => k.sched.first, 2 => k.sched.count, 3 => k.sched.sliceEnd, 4 => k.sched.nextWake,
        5 => k.log.head, 6 => k.log.drained, 7 => k.log.chain, 8 => k.regions.next, 9 => k.regions.limit,
        10 => k.neff, 11 => k.nimg, 12 => k.gate.active, 13 => k.gate.low, 14 => k.gate.high,
        Failed => k.failed ? 1UL : 0, Halted => k.halted ? 1UL : 0, Booting => k.booting ? 1UL : 0,
        18 => k.gate.count, 19 => k.gate.digest1, 20 => k.gate.digest2, 21 => k.gate.first.used, 22 => k.gate.second.used,
        23 => k.ram, 24 => k.lo, 25 => k.uart, 26 => k.gicd, 27 => k.gicr, 28 => k.gicrPages,
        TablesFrame => k.stage2.@base, 30 => k.log.basis, 31 => k.log.p1, 32 => k.log.p3, 33 => k.log.p4, 34 => k.log.p5, 35 => k.log.p6, 36 => k.log.p8, 37 => k.gate.leases.count,
        38 => k.gate.leasing ? 1UL : 0,
        _ => 0,
    };

    /// <summary>Does array <paramref name="i"/> have 32-bit words (<see cref="Short"/>), or 64-bit ones (<see cref="Long"/>)?</summary>
    public static bool IsShort(int i) => i > Pool;

    public static ulong[]? Long(Kernel k, int i) => i switch
    {
        0 => k.ctx, 1 => k.eff, 2 => k.img, 3 => k.regions.tab, 4 => k.edges.heads, 5 => k.edges.queues, 6 => k.sched.tab, 7 => k.log.quota, 8 => k.log.used,
        9 => k.gate.nonces, 10 => k.gate.request, 11 => k.gate.leases.ends,
        12 => k.gate.leases.list, 13 => k.gate.first.tab, 14 => k.gate.second.tab, 15 => k.gate.first.powers, 16 => k.gate.second.powers,
        17 => k.gate.first.index.fields, 18 => k.gate.first.index.rows, 19 => k.gate.first.index.heads, 20 => k.gate.first.index.pool,
        21 => k.gate.second.index.fields, 22 => k.gate.second.index.rows, 23 => k.gate.second.index.heads, 24 => k.gate.second.index.pool,
        Ring => k.log.ring, Pool => k.stage2.pool,
        _ => null,
    };

    public static uint[]? Short(Kernel k, int i) => i switch
    {
        27 => k.caps.tab, 28 => k.edges.edges, 29 => k.sched.queue, 30 => k.stage2.tables, 31 => k.gate.leases.place,
        _ => null,
    };

    /// <summary>Those of <see cref="Long"/> from here on are large, or the same since the boot: compared once, at the end.</summary>
    private const int Late = 12;

    public const int Ring = 25, Pool = 26;

    /// <summary>Array 0: the context blocks. TablesFrame: where the translation tables lie, which differs between image and host.</summary>
    public const int Registers = 0, TablesFrame = 29;

    private const int Changing = 15, Failed = 15, Halted = 16, Booting = 17;

    /// <summary>x19–x28, which the platform saves at a switch and the core does not touch, in a context block of 64 words.</summary>
    public static bool IsPlatforms(int word) => word % 64 is >= 19 and <= 28;

    private const ulong Basis = 0xcbf2_9ce4_8422_2325, Prime = 0x100_0000_01b3;

    private static ulong Mix(ulong digest, ulong word) => ((digest ^ word) * Prime) ^ (digest >> 29);

    public static ulong Effects(Kernel k)
    {
        var (digest, effects) = (Basis, k.eff);
        for (var i = 0; i < 4 * (int)k.neff; i++) digest = Mix(digest, effects[i]);
        return digest;
    }

    /// <summary>The registers of the partition that ran before the event and of the one that runs after it.</summary>
    public static ulong Contexts(Kernel k, ulong before, ulong after) => Context(k, after, Context(k, before, Basis));

    private static ulong Context(Kernel k, ulong partition, ulong digest)
    {
        var block = (int)partition * 64;
        for (var i = 0; i < 64; i++)
            if (!IsPlatforms(i)) digest = Mix(digest, k.ctx[block + i]);
        return digest;
    }

    /// <summary>The scalars that events change; every 1,024th time all tables but the policies, the ring and the translation tables, too.</summary>
    public static ulong State(Kernel k, ulong count)
    {
        var digest = Basis;
        for (var i = 0; i < Changing; i++) digest = Mix(digest, Scalar(k, i));
        if (count % 1024 != 0) return digest;
        for (var i = 2; i < Late; i++)
        {
            var words = Long(k, i)!;
            for (var n = 0; n < words.Length; n++) digest = Mix(digest, words[n]);
        }

        for (var i = Pool + 1; i < Arrays; i++)
        {
            var words = Short(k, i)!;
            for (var n = 0; n < words.Length; n++) digest = Mix(digest, words[n]);
        }

        return digest;
    }

    /// <summary>Word <paramref name="i"/> of an event's trace. before: the partition that ran; count: events so far, with this one.</summary>
    public static ulong TraceWord(Kernel k, int i, ulong before, ulong count) => i switch
    {
        0 => before | (ulong)k.sched.cur << 8 | (ulong)k.neff << 16 | Scalar(k, Failed) << 48 | Scalar(k, Halted) << 49 | Scalar(k, Booting) << 50,
        1 => RvmKernel.__default.Timer(k),
        2 => k.log.head,
        3 => k.log.chain,
        4 => Effects(k),
        5 => Contexts(k, before, k.sched.cur),
        6 => k.log.drained,
        _ => State(k, count),
    };

    /// <summary>What a trace's words are called.</summary>
    public static string TraceName(int i) => i switch
    {
        0 => "running before and after, effects, failed, halted, booting", 1 => "timer", 2 => "records", 3 => "chain", 4 => "digest of the effects",
        5 => "digest of the registers", 6 => "first undrained record", _ => "digest of the state",
    };
}
