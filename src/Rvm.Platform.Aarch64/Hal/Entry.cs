namespace Rvm.Platform.Aarch64;

using System.Runtime;
using System.Runtime.CompilerServices;
using Kernel = CoreState.Core;

/// <summary>Where the exception vectors (Boot/vectors.S) enter C#. Each returns the partition that runs next; 0: none.</summary>
internal static unsafe class Entry
{
    [RuntimeExport("rvm_hypercall")]
    public static ulong Hypercall(Kernel kernel, ulong now, Processor* p)
    {
        Core.Hypercall(kernel, now);
        return Finish(kernel, p);
    }

    [RuntimeExport("rvm_trap")]
    public static ulong Trap(Kernel kernel, ulong now, Processor* p, ulong esr, ulong far, ulong ipa, ulong vectorBase)
    {
        Core.Trap(kernel, esr, far, ipa, vectorBase, now);
        return Finish(kernel, p);
    }

    [RuntimeExport("rvm_tick")]
    public static ulong Tick(Kernel kernel, ulong now, Processor* p)
    {
        Core.Tick(kernel, now);
        return Finish(kernel, p);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Finish(Kernel kernel, Processor* p)
    {
        if (Core.EffectCount(kernel) != 0)
            Effects.Run(kernel);
        return Next(kernel, p);
    }

    /// <summary>Sets the timer if the core has moved it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Next(Kernel kernel, Processor* p)
    {
        ulong timer = Core.Timer(kernel);
        if (timer != p->Timer)
        {
            p->Timer = timer;
            Cpu.SetTimer(timer);
        }
        return Core.Current(kernel);
    }

    /// <summary>Nobody can run now. Without a timer nobody ever will.</summary>
    [RuntimeExport("rvm_idle")]
    public static void Idle(Processor* p)
    {
        if (p->Timer != ulong.MaxValue)
            return;
        Uart.Text("RVM DEADLOCK every partition waits for another one\n");
        Cpu.PowerOff();
    }
}
