namespace Rvm.Platform.Aarch64;

using System.Runtime;
using System.Runtime.CompilerServices;
using RvmKernel;

/// <summary>Where the exception vectors (Boot/vectors.S) enter C#. Each returns the partition that runs next; 0: none.</summary>
internal static unsafe class Entry
{
    [RuntimeExport("rvm_hypercall")]
    public static ulong Hypercall(Kernel kernel, ulong now, Processor* p)
    {
        kernel.Hypercall(now);
        return Finish(kernel, p);
    }

    [RuntimeExport("rvm_trap")]
    public static ulong Trap(Kernel kernel, ulong now, Processor* p, ulong esr, ulong far, ulong ipa, ulong vectorBase)
    {
        kernel.Trap(esr, far, ipa, vectorBase, now);
        return Finish(kernel, p);
    }

    [RuntimeExport("rvm_tick")]
    public static ulong Tick(Kernel kernel, ulong now, Processor* p)
    {
        kernel.Tick(now);
        return Finish(kernel, p);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Finish(Kernel kernel, Processor* p)
    {
        if (kernel.neff != 0)
            Effects.Run(kernel);
        if (kernel.timer != p->Timer)
            SetTimer(kernel, p);
        return kernel.cur;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetTimer(Kernel kernel, Processor* p)
    {
        p->Timer = kernel.timer;
        Cpu.SetTimer(kernel.timer);
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
