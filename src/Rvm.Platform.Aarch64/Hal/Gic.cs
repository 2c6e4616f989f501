namespace Rvm.Platform.Aarch64;

/// <summary>GICv3: the boot processor's redistributor delivers the hypervisor timer (PPI 26); nothing else is enabled.</summary>
internal static class Gic
{
    private const uint Timer = 26;
    private const ulong Control = 0x0, Type = 0x8, Waker = 0x14, Private = 0x1_0000;
    private const ulong Group0 = 0x80, Enable = 0x100, Disable = 0x180, Priority = 0x400;
    private const ulong Stride = 0x2_0000;
    private const uint Last = 1 << 4, ProcessorSleep = 1 << 1, ChildrenAsleep = 1 << 2;

    public static void Start(in Machine machine)
    {
        Cpu.Write32(machine.Distributor + Control, 1 << 4 | 1 << 1);        // affinity routing, group 1
        ulong redistributor = Own(machine);
        Cpu.Write32(redistributor + Waker, Cpu.Read32(redistributor + Waker) & ~ProcessorSleep);
        while ((Cpu.Read32(redistributor + Waker) & ChildrenAsleep) != 0) { }
        ulong ppis = redistributor + Private;
        Cpu.Write32(ppis + Disable, ~0u);
        Cpu.Write32(ppis + Group0, ~0u);
        Cpu.Write32(ppis + Priority + (Timer & ~3u), 0xa0a0_a0a0);
        Cpu.Write32(ppis + Enable, 1u << (int)Timer);
        Cpu.InterruptsOn();
    }

    /// <summary>The redistributor whose affinity is this processor's.</summary>
    private static ulong Own(in Machine machine)
    {
        ulong affinity = Cpu.Affinity();
        uint own = (uint)(affinity & 0xff_ffff | affinity >> 8 & 0xff00_0000);
        for (ulong at = machine.Redistributors; at < machine.RedistributorsEnd; at += Stride)
        {
            if (Cpu.Read32(at + Type + 4) == own)
                return at;
            if ((Cpu.Read32(at + Type) & Last) != 0)
                break;
        }
        Cpu.Panic(Fault.Machine, own);
        return 0;
    }
}
