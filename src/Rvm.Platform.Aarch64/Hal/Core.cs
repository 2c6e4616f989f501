namespace Rvm.Platform.Aarch64;

using System.Runtime.CompilerServices;
using Kernel = CoreState.Core;
using Verified = RvmKernel.__default;

/// <summary>The one place that knows what the verified core's classes and members are called.</summary>
internal static class Core
{
    private const ulong CommandWords = 8, RingRecords = 65536;

    /// <summary>The kernel before its first event; frames [first, end) are free RAM. The platform's own devices are never leased.</summary>
    public static Kernel New(ulong first, ulong end, in Machine machine) =>
        Verified.New(machine.RamStart >> 12, machine.Uart >> 12, machine.Distributor >> 12, machine.Redistributors >> 12,
            (machine.RedistributorsEnd - machine.Redistributors) >> 12, first, end);

    /// <summary>Witnesses the bundle. 0, or why its header is refused.</summary>
    public static ulong Begin(Kernel kernel, ulong[] bundle, ulong now) => Verified.Begin(kernel, bundle, now);

    /// <summary>One command of the bundle, by its index. 0, or why it is refused.</summary>
    public static ulong Command(Kernel kernel, ulong[] bundle, ulong index, ulong now) =>
        Verified.Command(kernel, bundle, (uint)(CommandWords + index * CommandWords), now);

    /// <summary>Is there a further command?</summary>
    public static bool Booting(Kernel kernel) => kernel.booting;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Hypercall(Kernel kernel, ulong now) => Verified.Hypercall(kernel, now);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Tick(Kernel kernel, ulong now) => Verified.Tick(kernel, now);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Trap(Kernel kernel, ulong esr, ulong far, ulong ipa, ulong vectorBase, ulong now) => Verified.Trap(kernel, esr, far, ipa, vectorBase, now);

    /// <summary>The partition that runs next; 0: none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong Current(Kernel kernel) => kernel.sched.cur;

    /// <summary>The count at which the next tick is due.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong Timer(Kernel kernel) => Verified.Timer(kernel);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint EffectCount(Kernel kernel) => kernel.neff;

    public static ulong[] Effects(Kernel kernel) => kernel.eff;

    public static ulong[] Contexts(Kernel kernel) => kernel.ctx;

    /// <summary>Witness records so far, and the first that the ring still holds.</summary>
    public static ulong Records(Kernel kernel) => kernel.log.head;

    public static ulong FirstRecord(Kernel kernel) => kernel.log.head < RingRecords ? 0 : kernel.log.head - RingRecords;

    public static ulong RingCapacity => RingRecords;

    public static ulong[] Ring(Kernel kernel) => kernel.log.ring;
}
