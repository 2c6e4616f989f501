[assembly: DisableRuntimeMarshalling]

namespace Rvm.Platform.Hvf.Framework;

/// <summary>The calls of Hypervisor.framework for Apple silicon, and four of libSystem. <see cref="FrameworkLibrary"/> says where they are.</summary>
internal static unsafe partial class Native
{
    public const string Hv = "Hypervisor", System = "libSystem";

    [LibraryImport(Hv)] public static partial nint hv_vm_config_create();
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_config_get_max_ipa_size(out uint bits);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_config_set_ipa_size(nint config, uint bits);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_config_set_ipa_granule(nint config, uint granule);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_create(nint config);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_destroy();
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_get_max_vcpu_count(out uint count);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_allocate(out void* address, nuint bytes, ulong flags);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_deallocate(void* address, nuint bytes);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_map(void* address, ulong ipa, nuint bytes, MemoryFlags flags);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_unmap(ulong ipa, nuint bytes);
    [LibraryImport(Hv)] public static partial HvReturn hv_vm_protect(ulong ipa, nuint bytes, MemoryFlags flags);

    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_create(out ulong vcpu, out VcpuExit* exit, nint config);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_destroy(ulong vcpu);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_run(ulong vcpu);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpus_exit(ulong* vcpus, uint count);
    [LibraryImport(Hv), SuppressGCTransition] public static partial HvReturn hv_vcpu_get_reg(ulong vcpu, Register register, ulong* value);
    [LibraryImport(Hv), SuppressGCTransition] public static partial HvReturn hv_vcpu_set_reg(ulong vcpu, Register register, ulong value);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_get_simd_fp_reg(ulong vcpu, uint register, SimdValue* value);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_set_simd_fp_reg(ulong vcpu, uint register, SimdValue value);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_get_sys_reg(ulong vcpu, SystemRegister register, ulong* value);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_set_sys_reg(ulong vcpu, SystemRegister register, ulong value);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_get_pending_interrupt(ulong vcpu, InterruptType type, bool* pending);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_set_pending_interrupt(ulong vcpu, InterruptType type, [MarshalAs(UnmanagedType.U1)] bool pending);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_set_trap_debug_exceptions(ulong vcpu, [MarshalAs(UnmanagedType.U1)] bool value);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_set_trap_debug_reg_accesses(ulong vcpu, [MarshalAs(UnmanagedType.U1)] bool value);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_get_vtimer_mask(ulong vcpu, bool* masked);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_set_vtimer_mask(ulong vcpu, [MarshalAs(UnmanagedType.U1)] bool masked);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_get_vtimer_offset(ulong vcpu, ulong* offset);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_set_vtimer_offset(ulong vcpu, ulong offset);
    [LibraryImport(Hv)] public static partial HvReturn hv_vcpu_get_exec_time(ulong vcpu, ulong* nanoseconds);

    [LibraryImport(Hv)] public static partial nint hv_gic_config_create();
    [LibraryImport(Hv)] public static partial HvReturn hv_gic_config_set_distributor_base(nint config, ulong ipa);
    [LibraryImport(Hv)] public static partial HvReturn hv_gic_config_set_redistributor_base(nint config, ulong ipa);
    [LibraryImport(Hv)] public static partial HvReturn hv_gic_create(nint config);
    [LibraryImport(Hv)] public static partial HvReturn hv_gic_set_spi(uint interrupt, [MarshalAs(UnmanagedType.U1)] bool level);

    [LibraryImport(System)] public static partial void os_release(nint thing);
    [LibraryImport(System), SuppressGCTransition] public static partial ulong mach_absolute_time();
    [LibraryImport(System)] public static partial int mach_timebase_info(out Timebase info);
    [LibraryImport(System)] public static partial void sys_icache_invalidate(void* start, nuint bytes);
    [LibraryImport(System)] public static partial void sys_dcache_flush(void* start, nuint bytes);

    public struct Timebase { public uint Numerator, Denominator; }
}
