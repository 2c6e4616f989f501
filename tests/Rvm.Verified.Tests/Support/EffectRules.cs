namespace Rvm.Verified.Tests;

/// <summary>Effects name what the platform can do safely: RAM that has been given out, bytes of the bundle, partitions that exist.</summary>
public static class EffectRules
{
    public static void Check(CoreState.Core core)
    {
        if (core.neff > 16) Assert.Fail($"{core.neff} effects");
        for (var i = 0; i < core.neff; i++)
        {
            var (kind, a, b, c) = (core.eff[4 * i], core.eff[4 * i + 1], core.eff[4 * i + 2], core.eff[4 * i + 3]);
            var good = kind switch
            {
                Fx.Console => IsPartition(a) && b <= 104,
                Fx.Zero or Fx.CodeSync => IsRam(core, a, b),
                Fx.Copy => IsRam(core, a, (c + 4095) / 4096) && b % 8 == 0 | c == 0,
                Fx.TlbiRange => IsPartition(a) && b < 1UL << 27 && c is > 0 and <= 4096,
                Fx.TlbiVmid or Fx.Name or Fx.Reset or Fx.MapSync => IsPartition(a),
                Fx.Inject => a == core.sched.cur && b <= 2,
                Fx.Halt => a <= 1 && core.halted,
                _ => false,
            };
            if (!good) Assert.Fail($"effect {kind} (0x{a:x}, 0x{b:x}, 0x{c:x})");
        }
    }

    private static bool IsPartition(ulong p) => p is > 0 and < 128;

    private static bool IsRam(CoreState.Core core, ulong frame, ulong frames) => frame >= Rig.FirstFrame && frames <= core.regions.next - frame && frame <= core.regions.next;
}
