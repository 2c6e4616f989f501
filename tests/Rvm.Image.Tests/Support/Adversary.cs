namespace Rvm.ImageTests;

/// <summary>
/// Events that no sensible guest or platform makes: every register any value, mostly next to a boundary; calls of numbers next to real ones; every
/// exception class; time that stands, jumps and runs back. Only the few calls that end the caller are rare, so that there is somebody left.
/// </summary>
public sealed class Adversary(CoreState.Core core, Random random)
{
    private static readonly ulong[] Edges = [0, 1, 2, 31, 32, 127, 128, 255, 256, 511, 512, 4095, 4096, 65535, 65536, 0x7FF_FFFF, 0x800_0000, 0xFFFF_FFFF, 0x1_0000_0000,
        0x4000_0000, 0x7F_FFFF_F000, 0x80_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue];

    private const ulong All = (1UL << Tape.Registers) - 1;

    private ulong _now = 2000;

    public TapeEvent Next()
    {
        _now = random.Next(50) switch { 0 => Word(), 1 => _now - Math.Min(_now, (ulong)random.Next(1000)), < 20 => _now, _ => _now < ulong.MaxValue / 2 ? _now + (ulong)random.Next(500) : 2000 };
        var values = Registers();
        return random.Next(10) switch
        {
            < 6 => new(Tape.Hypercall, _now, [], All, values),
            < 9 => new(Tape.Trap, _now, [(ulong)random.Next(64) << 26 | (uint)random.Next(1 << 26), Word(), Word(), Vectors()], All, values),
            _ => new(Tape.Tick, _now, [], All, values),
        };
    }

    /// <summary>x0–x30, PC and PSTATE.</summary>
    private ulong[] Registers()
    {
        var all = new ulong[Tape.Registers];
        for (var i = 0; i < all.Length; i++) all[i] = Word();
        all[0] = Function();
        if (core.sched.cur != 0 && random.Next(3) == 0) all[1] = (ulong)Caps.Generation(core, core.sched.cur, (uint)random.Next(32)) << 32 | (uint)random.Next(33);
        return all;
    }

    private ulong Function()
    {
        ulong[] near = [Fn.SmcccVersion, Fn.PsciVersion, Fn.PsciFeatures, Fn.VendorUid];
        while (true)
        {
            var f = random.Next(8) switch { 0 => Word(), 1 => near[random.Next(4)] + (ulong)random.Next(-1, 2), 2 => Fn.Base + (ulong)random.Next(-2, 90), _ => Fn.Base + Fn.All[random.Next(Fn.All.Length)] };
            if (random.Next(500) == 0 || (uint)f is not (uint)(Fn.Base + Fn.Exit) and not (uint)Fn.SystemOff and not (uint)Fn.SystemReset) return f;
        }
    }

    private ulong Vectors() => core.sched.cur != 0 && random.Next(40) == 0 ? core.ctx[core.sched.cur * 64 + 31] - (ulong)random.Next(0x810) : Word();

    private ulong Word() => random.Next(4) switch
    {
        0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        1 => (ulong)random.Next(64),
        2 => 1UL << random.Next(64),
        _ => Edges[random.Next(Edges.Length)] + (ulong)random.Next(-1, 2),
    };
}
