namespace Rvm.Platform.Hvf;

/// <summary>A partition's registers beside its context block: every one of EL1 and EL0 that a guest can write and that does not trap, and FP/SIMD.</summary>
internal sealed class Registers
{
    private const ulong SctlrReset = 0x30d0_0800;

    private static readonly SystemRegister[] Switched =
    [
        SystemRegister.SctlrEl1, SystemRegister.CpacrEl1, SystemRegister.Ttbr0El1, SystemRegister.Ttbr1El1, SystemRegister.TcrEl1, SystemRegister.MairEl1,
        SystemRegister.AmairEl1, SystemRegister.ContextidrEl1, SystemRegister.VbarEl1, SystemRegister.SpEl1, SystemRegister.SpEl0, SystemRegister.ElrEl1,
        SystemRegister.SpsrEl1, SystemRegister.EsrEl1, SystemRegister.FarEl1, SystemRegister.Afsr0El1, SystemRegister.Afsr1El1, SystemRegister.ParEl1,
        SystemRegister.TpidrEl1, SystemRegister.TpidrEl0, SystemRegister.TpidrroEl0, SystemRegister.CsselrEl1, SystemRegister.CntkctlEl1,
        SystemRegister.CntvCvalEl0, SystemRegister.CntvCtlEl0, SystemRegister.ApiaKeyLo, SystemRegister.ApiaKeyHi, SystemRegister.ApibKeyLo,
        SystemRegister.ApibKeyHi, SystemRegister.ApdaKeyLo, SystemRegister.ApdaKeyHi, SystemRegister.ApdbKeyLo, SystemRegister.ApdbKeyHi,
        SystemRegister.ApgaKeyLo, SystemRegister.ApgaKeyHi,
    ];

    private readonly ulong[] _system = new ulong[Switched.Length];
    private readonly SimdValue[] _simd = new SimdValue[32];
    private ulong _fpcr, _fpsr;

    /// <summary>The reset values: all zero, but SCTLR_EL1 with MMU and caches off.</summary>
    public Registers() => _system[0] = SctlrReset;

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
