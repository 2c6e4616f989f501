using Dafny;
using Rvm.Spec.State;
using Rvm.Spec.Step;

namespace Rvm.Spec.Tests;

/// <summary>What an event is.</summary>
public enum Sort { Begin, Command, Hypercall, Trap, Tick, Ran }

/// <summary>
/// One event, for the specification and for the core. <paramref name="Words"/>: the bundle (Begin), a command's eight words (Command), esr, far,
/// ipa and vbar (Trap), or the registers (Ran). <paramref name="Size"/>: the bundle's length in words (Command). <paramref name="Writes"/>: what the
/// running partition has put into its registers since the last event; for the specification that is an event of its own, Ran.
/// </summary>
public sealed record Happening(Sort Sort, ulong Now, ulong[] Words, int Size, (int Register, ulong Value)[] Writes)
{
    /// <summary>x0–x30, PC and PSTATE.</summary>
    public const int Saved = 33;

    public static Happening Begin(ulong[] bundle, ulong now) => new(Sort.Begin, now, bundle, 0, []);

    public static Happening Command(ulong[] words, int size, ulong now) => new(Sort.Command, now, words, size, []);

    public static Happening Call(ulong now, params IEnumerable<ulong> x) => new(Sort.Hypercall, now, [], 0, [.. x.Select((value, i) => (i, value))]);

    public static Happening Trap(ulong now, ulong esr, ulong far, ulong ipa, ulong vbar, ulong pc) => new(Sort.Trap, now, [esr, far, ipa, vbar], 0, [(31, pc)]);

    public static Happening Tick(ulong now) => new(Sort.Tick, now, [], 0, []);

    public static Happening Ran(ulong now, params IEnumerable<ulong> saved) => new(Sort.Ran, now, [.. saved], 0, []);

    /// <summary>The call with a good proof token, if it needs one and x1 names a capability at all.</summary>
    public Happening Proved(_IKernel k)
    {
        if (Number is not { } number || !Fn.Sealed.Contains(number) || k.dtor_vol.dtor_sched.dtor_cur is 0) return this;
        ulong[] x = [.. Writes.Take(8).Select(w => w.Value), .. new ulong[Math.Max(0, 8 - Writes.Length)]];
        return Call(Now, [.. x, .. Proofs.Good(k, x, Now).Words]);
    }

    /// <summary>The number of a call in RVM's own range.</summary>
    public uint? Number => Sort == Sort.Hypercall && (Writes[0].Value & 0xFFFF_FFFF) - Fn.Base <= 80 ? (uint)((Writes[0].Value & 0xFFFF_FFFF) - Fn.Base) : null;

    /// <summary>
    /// The events of the specification: that the running partition has run, if it has put something into its registers, and then the event itself.
    /// </summary>
    public IEnumerable<_IEvent> Events(_IKernel k)
    {
        var me = (int)k.dtor_vol.dtor_sched.dtor_cur;
        if (me != 0 && Writes.Length != 0)
        {
            var saved = k.dtor_vol.dtor_regs.Subsequence(me * States.Registers, me * States.Registers + Saved).CloneAsArray();
            foreach (var (register, value) in Writes) saved[register] = value;
            yield return Event.create_Ran(Sequence<ulong>.FromArray(saved), Now);
        }

        yield return Sort switch
        {
            Sort.Begin => Event.create_Begin(Sequence<ulong>.FromArray(Words), Now),
            Sort.Command => Event.create_Boot(Sequence<ulong>.FromArray(Words), (ulong)Size, Now),
            Sort.Hypercall => Event.create_Hypercall(Now),
            Sort.Trap => Event.create_Trap(Words[0], Words[1], Words[2], Words[3], Now),
            Sort.Ran => Event.create_Ran(Sequence<ulong>.FromArray(Words), Now),
            _ => Event.create_Tick(Now),
        };
    }

    /// <summary>What the specification makes of it.</summary>
    public _IResult Step(_IKernel k) =>
        Events(k).Aggregate(Result.create(k, States.Seq<Common._IEffect>(), 0), (r, e) => Spec.Step.__default.Step(r.dtor_k, e));

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
            case Sort.Ran: Save(core); return 0;
            case Sort.Trap: RvmKernel.__default.Trap(core, Words[0], Words[1], Words[2], Words[3], Now); return 0;
            default: RvmKernel.__default.Tick(core, Now); return 0;
        }
    }

    /// <summary>What the platform does when the running partition has run (proofs/Entries.dfy).</summary>
    private void Save(CoreState.Core core)
    {
        RvmKernel.__default.Open(core);
        if (core.sched.cur != 0 && Words.Length == Saved) Words.CopyTo(core.ctx, core.sched.cur * States.Registers);
    }

    public override string ToString() =>
        $"{Sort} at {Now}{(Number is { } n ? $", call {n}" : "")}{(Size == 0 ? "" : $", bundle of {Size} words")}: {string.Join(' ', Words.Select(w => $"0x{w:x}"))}"
        + string.Join(' ', Writes.Select(w => $"x{w.Register}=0x{w.Value:x}"));
}
