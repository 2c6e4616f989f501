namespace Rvm.Platform.Aarch64;

using System.Runtime;
using System.Runtime.CompilerServices;

/// <summary>The processor's own words, at the top of the kernel stack. Boot/common.inc gives assembly the same offsets.</summary>
internal struct Processor
{
    public ulong Loaded;        // partition whose registers are in the hardware; 0: none
    public ulong Context;       // its context block
    public ulong Save;          // and its save area
    public ulong Kernel;        // the Kernel object
    public ulong FpOwner;       // partition whose FP/SIMD registers are in the hardware; 0: none
    public ulong Contexts;      // context block of partition 0
    public ulong Saves;         // save area of partition 0
    public ulong Tables;        // physical address of the stage-2 table pool
    public ulong Timer;         // the count for which CNTHP is set
}

internal enum Layout { ImageStart, Rodata, Data, StackGuard, PageTables, SaveAreas, Bundle, Symbols }

/// <summary>Instructions that C# cannot express (Boot/*.S).</summary>
internal static unsafe class Cpu
{
    public static ulong At(Layout what) => LayoutAt((ulong)what);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_layout")] private static extern ulong LayoutAt(ulong i);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_processor")] public static extern Processor* Processor();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_set_kernel")] public static extern void SetKernel(Processor* p, object kernel);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_address_of")] public static extern ulong AddressOf(object o);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_array_at")] public static extern ulong[] ArrayAt(ulong address);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_heap_seal")] public static extern ulong SealHeap();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_read32")] public static extern uint Read32(ulong device);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_write32")] public static extern void Write32(ulong device, uint value);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_counter")] public static extern ulong Counter();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_counter_frequency")] public static extern ulong CounterFrequency();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_affinity")] public static extern ulong Affinity();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_memory_features")] public static extern ulong MemoryFeatures();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_set_timer")] public static extern void SetTimer(ulong count);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_mmu_on")] public static extern void MmuOn(ulong ttbr, ulong tcr, ulong mair, ulong sctlr);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_guest_setup")] public static extern void GuestSetup(ulong hcr, ulong vtcr);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_interrupts_on")] public static extern void InterruptsOn();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_zero")] public static extern void Zero(ulong address, ulong bytes);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_copy")] public static extern void Copy(ulong to, ulong from, ulong bytes);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_code_sync")] public static extern void CodeSync(ulong address, ulong bytes);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_map_sync")] public static extern void MapSync();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_tlbi_range")] public static extern void TlbiRange(ulong vttbr, ulong page, ulong pages);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_tlbi_vmid")] public static extern void TlbiVmid(ulong vttbr);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_vector_base")] public static extern ulong VectorBase();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_set_exception")] public static extern void SetException(ulong esr, ulong far, ulong elr, ulong spsr);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_panic")] public static extern void Panic(ulong fault, ulong detail);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_power_off")] public static extern void PowerOff();
}
