namespace Rvm.Platform.Hvf.Framework;

/// <summary>The VM of this process: an intermediate physical address space. The framework allows one at a time.</summary>
public sealed unsafe class VirtualMachine : SafeHandle
{
    private VirtualMachine(ulong granule, uint ipaBits) : base(0, ownsHandle: true)
    {
        (Granule, IpaBits) = (granule, ipaBits);
        SetHandle(1);
    }

    /// <summary>Bytes: addresses and sizes of maps are multiples of it. 16 KiB, or 4 KiB where macOS 26 can be asked for it.</summary>
    public ulong Granule { get; }

    /// <summary>Width of an intermediate physical address.</summary>
    public uint IpaBits { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes the VM, with the smallest granule and, up to <paramref name="ipaBits"/>, the widest addresses that the system offers.</summary>
    /// <param name="coarse">True: 16 KiB granule even where 4 KiB can be had.</param>
    /// <exception cref="HypervisorException">Busy: there is one already. Denied: the program lacks the entitlement.</exception>
    public static VirtualMachine Create(uint ipaBits, bool coarse = false)
    {
        FrameworkLibrary.Load();
        var (config, bits) = (Native.hv_vm_config_create(), 36U);
        if (FrameworkLibrary.Has(nameof(Native.hv_vm_config_get_max_ipa_size)))
        {
            HypervisorException.Check(Native.hv_vm_config_get_max_ipa_size(out var most), "hv_vm_config_get_max_ipa_size");
            HypervisorException.Check(Native.hv_vm_config_set_ipa_size(config, bits = Math.Min(most, ipaBits)), "hv_vm_config_set_ipa_size");
        }

        var fine = !coarse && FrameworkLibrary.Has(nameof(Native.hv_vm_config_set_ipa_granule)) && Native.hv_vm_config_set_ipa_granule(config, 0) == HvReturn.Success;
        var made = Native.hv_vm_create(config);
        Native.os_release(config);
        HypervisorException.Check(made, "hv_vm_create");
        return new(fine ? 4096UL : 16384, bits);
    }

    /// <summary>Most vCPUs of a VM.</summary>
    public static uint MostVcpus => Native.hv_vm_get_max_vcpu_count(out var count) == HvReturn.Success ? count : 0;

    public void Map(void* host, ulong ipa, ulong bytes, MemoryFlags flags) => HypervisorException.Check(Native.hv_vm_map(host, ipa, (nuint)bytes, flags), "hv_vm_map");

    public void Unmap(ulong ipa, ulong bytes) => HypervisorException.Check(Native.hv_vm_unmap(ipa, (nuint)bytes), "hv_vm_unmap");

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Native.hv_vm_destroy() == HvReturn.Success;
}
