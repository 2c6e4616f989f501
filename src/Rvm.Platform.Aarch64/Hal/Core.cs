namespace Rvm.Platform.Aarch64;

using System.Runtime.CompilerServices;
using RvmKernel;

/// <summary>The one place that knows what the verified core's classes and members are called.</summary>
internal static class Core
{
    /// <summary>The kernel for this bundle; frames [first, end) are free RAM.</summary>
    public static Kernel New(ulong[] bundle, ulong first, ulong end, in Machine machine)
    {
        Kernel kernel = new Kernel();
        kernel.__ctor(bundle, first, end);
        return kernel;
    }

    /// <summary>Executes commands of the bundle and leaves their effects; true: the last one is done. status: 0, or why the command at index was refused.</summary>
    public static bool Boot(Kernel kernel, ulong now, out ulong status, out ulong index)
    {
        kernel.Boot(now, out status, out index);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Hypercall(Kernel kernel, ulong now) => kernel.Hypercall(now);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Tick(Kernel kernel, ulong now) => kernel.Tick(now);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Trap(Kernel kernel, ulong esr, ulong far, ulong ipa, ulong vectorBase, ulong now) => kernel.Trap(esr, far, ipa, vectorBase, now);

    /// <summary>The partition that runs next; 0: none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong Current(Kernel kernel) => kernel.cur;

    /// <summary>The count at which the next tick is due.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong Timer(Kernel kernel) => kernel.timer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint EffectCount(Kernel kernel) => kernel.neff;

    public static ulong[] Effects(Kernel kernel) => kernel.eff;

    public static ulong[] Contexts(Kernel kernel) => kernel.ctx;

    /// <summary>Witness records so far.</summary>
    public static ulong Records(Kernel kernel) => 0;
}
