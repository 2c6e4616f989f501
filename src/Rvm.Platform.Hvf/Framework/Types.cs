namespace Rvm.Platform.Hvf.Framework;

/// <summary><c>hv_return_t</c>.</summary>
public enum HvReturn : uint
{
    Success = 0, Error = 0xfae94001, Busy = 0xfae94002, BadArgument = 0xfae94003, IllegalGuestState = 0xfae94004,
    NoResources = 0xfae94005, NoDevice = 0xfae94006, Denied = 0xfae94007, Fault = 0xfae94008, Unsupported = 0xfae9400f,
}

/// <summary><c>hv_memory_flags_t</c>.</summary>
[Flags]
public enum MemoryFlags : ulong { None = 0, Read = 1, Write = 2, Execute = 4 }

/// <summary><c>hv_exit_reason_t</c>.</summary>
public enum ExitReason : uint { Canceled, Exception, VtimerActivated, Unknown }

/// <summary><c>hv_interrupt_type_t</c>.</summary>
public enum InterruptType : uint { Irq, Fiq }

/// <summary><c>hv_reg_t</c>: X0 to X30 are 0 to 30.</summary>
public enum Register : uint { X0 = 0, X30 = 30, Pc = 31, Fpcr = 32, Fpsr = 33, Cpsr = 34 }

/// <summary><c>hv_vcpu_exit_exception_t</c>: the syndrome as in ESR_EL2, and for aborts the faulting virtual and intermediate physical address.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ExitException { public ulong Syndrome, VirtualAddress, PhysicalAddress; }

/// <summary><c>hv_vcpu_exit_t</c>, 32 bytes: the reason, four bytes nothing, the exception.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VcpuExit
{
    [FieldOffset(0)] public ExitReason Reason;
    [FieldOffset(8)] public ExitException Exception;
}

/// <summary><c>hv_simd_fp_uchar16_t</c>. A structure around the vector, which .NET passes to native code in a vector register on arm64; a bare vector it refuses.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SimdValue { public Vector128<byte> Value; }

/// <summary><c>hv_sys_reg_t</c>: op0 &lt;&lt; 14 | op1 &lt;&lt; 11 | CRn &lt;&lt; 7 | CRm &lt;&lt; 3 | op2 of the MRS. Those that the platform names.</summary>
public enum SystemRegister : ushort
{
    MpidrEl1 = 0xc005, SctlrEl1 = 0xc080, CpacrEl1 = 0xc082, Ttbr0El1 = 0xc100, Ttbr1El1 = 0xc101, TcrEl1 = 0xc102,
    ApiaKeyLo = 0xc108, ApiaKeyHi = 0xc109, ApibKeyLo = 0xc10a, ApibKeyHi = 0xc10b, ApdaKeyLo = 0xc110, ApdaKeyHi = 0xc111,
    ApdbKeyLo = 0xc112, ApdbKeyHi = 0xc113, ApgaKeyLo = 0xc118, ApgaKeyHi = 0xc119,
    SpsrEl1 = 0xc200, ElrEl1 = 0xc201, SpEl0 = 0xc208, Afsr0El1 = 0xc288, Afsr1El1 = 0xc289, EsrEl1 = 0xc290, FarEl1 = 0xc300, ParEl1 = 0xc3a0,
    MairEl1 = 0xc510, AmairEl1 = 0xc518, VbarEl1 = 0xc600, ContextidrEl1 = 0xc681, TpidrEl1 = 0xc684, CntkctlEl1 = 0xc708, CsselrEl1 = 0xd000,
    TpidrEl0 = 0xde82, TpidrroEl0 = 0xde83, CntvCtlEl0 = 0xdf19, CntvCvalEl0 = 0xdf1a, SpEl1 = 0xe208,
}
