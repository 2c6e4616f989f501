using Dafny;
using Rvm.Spec.State;
using Rvm.Spec.Step;

namespace Rvm.Spec.Tests;

/// <summary>What an event is.</summary>
public enum Sort { Begin, Command, Hypercall, Trap, Tick }

/// <summary>
/// One event, for the specification and for the core. <paramref name="Words"/>: the bundle (Begin), a command's eight words (Command), or
/// esr, far, ipa and vbar (Trap). <paramref name="Size"/>: the bundle's length in words (Command). <paramref name="Writes"/>: what the running
/// partition has put into its registers since the last event.
/// </summary>
public sealed record Happening(Sort Sort, ulong Now, ulong[] Words, int Size, (int Register, ulong Value)[] Writes)
{
    public static Happening Begin(ulong[] bundle, ulong now) => new(Sort.Begin, now, bundle, 0, []);

    public static Happening Command(ulong[] words, int size, ulong now) => new(Sort.Command, now, words, size, []);

    public static Happening Call(ulong now, params IEnumerable<ulong> x) => new(Sort.Hypercall, now, [], 0, [.. x.Select((value, i) => (i, value))]);

    public static Happening Trap(ulong now, ulong esr, ulong far, ulong ipa, ulong vbar, ulong pc) => new(Sort.Trap, now, [esr, far, ipa, vbar], 0, [(31, pc)]);

    public static Happening Tick(ulong now) => new(Sort.Tick, now, [], 0, []);

    /// <summary>The number of a call in RVM's own range.</summary>
    public uint? Number => Sort == Sort.Hypercall && (Writes[0].Value & 0xFFFF_FFFF) - Fn.Base <= 78 ? (uint)((Writes[0].Value & 0xFFFF_FFFF) - Fn.Base) : null;

    /// <summary>The state in which the event finds the specification.</summary>
    public _IKernel Written(_IKernel k)
    {
        var me = (int)k.dtor_vol.dtor_sched.dtor_cur;
        if (me == 0 || Writes.Length == 0) return k;
        var regs = k.dtor_vol.dtor_regs.CloneAsArray();
        foreach (var (register, value) in Writes) regs[me * States.Registers + register] = value;
        return k.Regs(Sequence<ulong>.FromArray(regs));
    }

    public _IResult Step(_IKernel k) => Spec.Step.__default.Step(Written(k), Sort switch
    {
        Sort.Begin => Event.create_Begin(Sequence<ulong>.FromArray(Words), Now),
        Sort.Command => Event.create_Boot(Sequence<ulong>.FromArray(Words), (ulong)Size, Now),
        Sort.Hypercall => Event.create_Hypercall(Now),
        Sort.Trap => Event.create_Trap(Words[0], Words[1], Words[2], Words[3], Now),
        _ => Event.create_Tick(Now),
    });

    /// <summary>Delivers the event to the core. The status of a boot command; 0 for other events.</summary>
    public ulong Deliver(CoreState.Core core)
    {
        foreach (var (register, value) in Writes)
            if (core.sched.cur != 0) core.ctx[core.sched.cur * States.Registers + register] = value;
        switch (Sort)
        {
            case Sort.Begin: return RvmKernel.__default.Begin(core, Words, Now);
            case Sort.Command:
                var bundle = new ulong[Size];
                Words.CopyTo(bundle, Size - 8);
                return RvmKernel.__default.Command(core, bundle, (uint)Size - 8, Now);
            case Sort.Hypercall: RvmKernel.__default.Hypercall(core, Now); return 0;
            case Sort.Trap: RvmKernel.__default.Trap(core, Words[0], Words[1], Words[2], Words[3], Now); return 0;
            default: RvmKernel.__default.Tick(core, Now); return 0;
        }
    }

    public override string ToString() =>
        $"{Sort} at {Now}{(Number is { } n ? $", call {n}" : "")}{(Size == 0 ? "" : $", bundle of {Size} words")}: {string.Join(' ', Words.Select(w => $"0x{w:x}"))}"
        + string.Join(' ', Writes.Select(w => $"x{w.Register}=0x{w.Value:x}"));
}
