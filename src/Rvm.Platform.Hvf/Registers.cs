namespace Rvm.Platform.Hvf;

/// <summary>A partition's registers beside its context block: every one of EL1 and EL0 that a guest can write and that does not trap, and FP/SIMD.</summary>
internal sealed class Registers
{
    private const ulong SctlrReset = 0x30d0_0800;

    /// <summary>All that <see cref="SystemRegister"/> names but the processor's number.</summary>
    private static readonly SystemRegister[] Switched = [.. Enum.GetValues<SystemRegister>().Where(r => r != SystemRegister.MpidrEl1)];

    private readonly ulong[] _system = new ulong[Switched.Length];
    private readonly SimdValue[] _simd = new SimdValue[32];
    private ulong _fpcr, _fpsr;

    /// <summary>The reset values: all zero, but SCTLR_EL1 with MMU and caches off.</summary>
    public Registers() => _system[Array.IndexOf(Switched, SystemRegister.SctlrEl1)] = SctlrReset;

    public void Save(VirtualProcessor cpu)
    {
        for (var i = 0; i < Switched.Length; i++) _system[i] = cpu[Switched[i]];
        for (uint i = 0; i < 32; i++) _simd[i] = cpu.Simd(i);
        (_fpcr, _fpsr) = (cpu[Register.Fpcr], cpu[Register.Fpsr]);
    }

    public void Load(VirtualProcessor cpu)
    {
        for (var i = 0; i < Switched.Length; i++) cpu[Switched[i]] = _system[i];
        for (uint i = 0; i < 32; i++) cpu.Simd(i, _simd[i]);
        (cpu[Register.Fpcr], cpu[Register.Fpsr]) = (_fpcr, _fpsr);
    }
}
