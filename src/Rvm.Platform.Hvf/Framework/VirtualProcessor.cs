namespace Rvm.Platform.Hvf.Framework;

/// <summary>A vCPU. It belongs to the thread that made it: everything but <see cref="Interrupt"/> happens there, its end too.</summary>
public sealed unsafe class VirtualProcessor : SafeHandle
{
    private readonly ulong _id;
    private readonly VcpuExit* _exit;

    private VirtualProcessor(ulong id, VcpuExit* exit) : base(-1, ownsHandle: true)
    {
        _id = id;
        _exit = exit;
        SetHandle((nint)id);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>Why the last <see cref="Run"/> came back.</summary>
    public ref readonly VcpuExit Exit => ref *_exit;

    /// <summary>Makes a vCPU of this thread.</summary>
    public static VirtualProcessor Create()
    {
        HypervisorException.Check(Native.hv_vcpu_create(out var id, out var exit, 0), "hv_vcpu_create");
        return new(id, exit);
    }

    /// <summary>Runs the guest until it needs the host.</summary>
    public void Run() => HypervisorException.Check(Native.hv_vcpu_run(_id), "hv_vcpu_run");

    /// <summary>From any thread: makes <see cref="Run"/> come back with <see cref="ExitReason.Canceled"/>, now or, when it is not inside, the next time.</summary>
    public void Interrupt()
    {
        var id = _id;
        HypervisorException.Check(Native.hv_vcpus_exit(&id, 1), "hv_vcpus_exit");
    }

    public ulong this[Register register]
    {
        get { ulong value; HypervisorException.Check(Native.hv_vcpu_get_reg(_id, register, &value), "hv_vcpu_get_reg"); return value; }
        set => HypervisorException.Check(Native.hv_vcpu_set_reg(_id, register, value), "hv_vcpu_set_reg");
    }

    public ulong this[SystemRegister register]
    {
        get { ulong value; HypervisorException.Check(Native.hv_vcpu_get_sys_reg(_id, register, &value), "hv_vcpu_get_sys_reg"); return value; }
        set => HypervisorException.Check(Native.hv_vcpu_set_sys_reg(_id, register, value), "hv_vcpu_set_sys_reg");
    }

    /// <summary>Register Q<paramref name="n"/>.</summary>
    public SimdValue Simd(uint n)
    {
        SimdValue value;
        HypervisorException.Check(Native.hv_vcpu_get_simd_fp_reg(_id, n, &value), "hv_vcpu_get_simd_fp_reg");
        return value;
    }

    public void Simd(uint n, SimdValue value) => HypervisorException.Check(Native.hv_vcpu_set_simd_fp_reg(_id, n, value), "hv_vcpu_set_simd_fp_reg");

    /// <summary>Debug registers trap to the host; debug exceptions stay with the guest.</summary>
    public void TrapDebugRegisters()
    {
        HypervisorException.Check(Native.hv_vcpu_set_trap_debug_exceptions(_id, false), "hv_vcpu_set_trap_debug_exceptions");
        HypervisorException.Check(Native.hv_vcpu_set_trap_debug_reg_accesses(_id, true), "hv_vcpu_set_trap_debug_reg_accesses");
    }

    /// <summary>The guest's counter is the host's minus this.</summary>
    public ulong CounterOffset { set => HypervisorException.Check(Native.hv_vcpu_set_vtimer_offset(_id, value), "hv_vcpu_set_vtimer_offset"); }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Native.hv_vcpu_destroy(_id) == HvReturn.Success;
}
