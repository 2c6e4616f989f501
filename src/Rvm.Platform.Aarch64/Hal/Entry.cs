namespace Rvm.Platform.Aarch64;

using System.Runtime;
using RvmKernel;

/// <summary>Where the exception vectors (Boot/vectors.S) enter C#. Each returns the partition that runs next; 0: none.</summary>
internal static unsafe class Entry
{
    [RuntimeExport("rvm_hypercall")]
    public static ulong Hypercall(Kernel kernel, ulong now)
    {
        kernel.Hypercall(now);
        return Finish(kernel);
    }

    [RuntimeExport("rvm_trap")]
    public static ulong Trap(Kernel kernel, ulong esr, ulong far, ulong ipa, ulong vectorBase, ulong now)
    {
        kernel.Trap(esr, far, ipa, vectorBase, now);
        return Finish(kernel);
    }

    [RuntimeExport("rvm_tick")]
    public static ulong Tick(Kernel kernel, ulong now)
    {
        kernel.Tick(now);
        return Finish(kernel);
    }

    public static ulong Finish(Kernel kernel)
    {
        if (kernel.neff != 0)
            Effects.Run(kernel);
        Processor* p = Cpu.Processor();
        if (kernel.timer != p->Timer)
            SetTimer(kernel, p);
        return kernel.cur;
    }

    private static void SetTimer(Kernel kernel, Processor* p)
    {
        if (kernel.cur == 0 && kernel.timer == ulong.MaxValue)
            Cpu.Panic(Fault.Deadlock, 0);
        p->Timer = kernel.timer;
        Cpu.SetTimer(kernel.timer);
    }
}
