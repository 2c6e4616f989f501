using Dafny;
using Rvm.Spec.State;
using P = Rvm.Spec.Policy.__default;
using W = Rvm.Spec.Witness.__default;

namespace Rvm.Spec.Tests;

/// <summary>The specification's state and the core, side by side. After every event the abstraction of the core's arrays must be the state.</summary>
public sealed class Twins
{
    private const int Thorough = 50, Few = 12;

    private readonly Mirror _mirror;
    private readonly Dictionary<string, (object Spec, object Core)> _same = [];
    private ISequence<_IMap>? _maps;
    private int _records;
    private int _events;

    /// <param name="core">A core that has had no event yet; its state, whatever it is, is where the specification starts.</param>
    public Twins(CoreState.Core core)
    {
        (Core, _mirror) = (core, new Mirror(core));
        Spec = _mirror.Kernel();
    }

    public CoreState.Core Core { get; }

    public _IKernel Spec { get; private set; }

    /// <summary>The effects of the last event.</summary>
    public ISequence<Common._IEffect> Effects { get; private set; } = States.Seq<Common._IEffect>();

    /// <summary>Delivers the event to both and compares everything that can have changed. The status.</summary>
    /// <exception cref="DifferenceException">Something differs.</exception>
    public ulong Deliver(Happening e)
    {
        var result = e.Step(Spec);
        var status = e.Deliver(Core);
        (Spec, Effects) = (result.dtor_k, result.dtor_effects);
        Same("the status", result.dtor_status, status);
        Same("the number of effects", (uint)Effects.Count, Core.neff);
        for (var i = 0; i < Core.neff; i++)
            Same($"effect {i}", Effects.Select(i), Common.Effect.create(Core.eff[4 * i], Core.eff[4 * i + 1], Core.eff[4 * i + 2], Core.eff[4 * i + 3]));
        Compare(everything: ++_events % Thorough == 0);
        return status;
    }

    /// <summary>Compares the state with the arrays: every time the maps that have changed
    /// and those of the first partitions, and the new records; sometimes everything.</summary>
    public void Compare(bool everything = true)
    {
        var (st, vol) = (Spec.dtor_st, Spec.dtor_vol);
        Words("register", vol.dtor_regs, Core.ctx);
        Rows("partition", st.dtor_parts, _mirror.Parts);
        Rows("task", vol.dtor_sched.dtor_tasks, _mirror.Tasks);
        Rows("place in the ready list", vol.dtor_sched.dtor_ready, States.Seq(_mirror.Ready));
        Same("the running partition", vol.dtor_sched.dtor_cur, Core.sched.cur);
        Same("the slice's end", vol.dtor_sched.dtor_sliceEnd, Core.sched.sliceEnd);
        Same("the next wake", vol.dtor_sched.dtor_nextWake, Core.sched.nextWake);
        Same("the timer", Leases.__default.Timer(Spec), RvmKernel.__default.Timer(Core));
        Rows("capability", st.dtor_caps, _mirror.Caps);
        Rows("region", st.dtor_memory.dtor_regions, _mirror.Regions);
        Same("the next free frame", st.dtor_memory.dtor_next, Core.regions.next);
        Same("the end of RAM", st.dtor_memory.dtor_limit, Core.regions.limit);
        Rows("edge", st.dtor_edges, _mirror.Edges);
        Rows("queue", vol.dtor_queues, _mirror.Queues);
        var maps = st.dtor_maps;
        for (var p = 0; p < States.Partitions; p++)
        {
            var changed = !ReferenceEquals(maps.Select(p), _maps?.Select(p));
            if (everything || changed || (p < Few && st.dtor_parts.Select(p).dtor_life != Kinds.__default.Free)) Same($"map {p}", maps.Select(p), _mirror.Map(p));
        }

        _maps = maps;
        Same("failed", vol.dtor_failed, Core.failed);
        Same("halted", vol.dtor_halted, Core.halted);
        Same("booting", Spec.dtor_booting, Core.booting);
        Rows("image", Spec.dtor_images, States.Seq(_mirror.Images));
        Same("the active policy", st.dtor_policy, Core.gate.active);
        Rows("device", Spec.dtor_devices, States.Seq(_mirror.Devices));
        Rows("lease", st.dtor_leases, _mirror.Leases);
        Words("nonce", st.dtor_nonces, Core.gate.nonces);
        if (everything) Rows("policy", Spec.dtor_policies, _mirror.Policies);
        var active = DecidePolicy.__default.Active(Spec);
        Same("the calls that the policy governs", (P.Word(active, 4), P.Word(active, 5)), (Core.gate.low, Core.gate.high));
        Same("the machine", Spec.dtor_machine, _mirror.Machine);
        CompareLog(Spec.dtor_log, everything ? Math.Max(0, Spec.dtor_log.dtor_records.Count - 65536) : _records);
        _records = Spec.dtor_log.dtor_records.Count;
    }

    private void CompareLog(_ILog log, int from)
    {
        Same("the number of records", (ulong)log.dtor_records.Count, Core.log.head);
        Same("the first undrained record", log.dtor_drained, Core.log.drained);
        Same("the chain", W.Chain(log), Core.log.chain);
        Words("quota", log.dtor_quota, Core.log.quota);
        Words("count of records", log.dtor_used, Core.log.used);
        for (var n = from; n < log.dtor_records.Count; n++)
        {
            var spec = log.dtor_records.Select(n);
            var core = _mirror.Record((ulong)n);
            if (W.Pack(spec).CloneAsArray().AsSpan().SequenceEqual(core)) continue;
            throw new DifferenceException($"record {n}: the specification has {spec}, the core {string.Join(' ', core.ToArray().Select(w => $"0x{w:x}"))}");
        }
    }

    private void Rows<T>(string what, ISequence<T> spec, ISequence<T> core)
    {
        if (_same.TryGetValue(what, out var last) && ReferenceEquals(last.Spec, spec) && ReferenceEquals(last.Core, core)) return;
        var (s, c) = (spec.CloneAsArray(), core.CloneAsArray());
        Same($"the number of {what}s", s.Length, c.Length);
        for (var i = 0; i < s.Length; i++) Same($"{what} {i}", s[i], c[i]);
        _same[what] = (spec, core);
    }

    private static void Words(string what, ISequence<ulong> spec, ulong[] core)
    {
        var s = spec.CloneAsArray();
        if (s.AsSpan().SequenceEqual(core)) return;
        var i = s.AsSpan().CommonPrefixLength(core);
        Same($"the number of {what}s", s.Length, core.Length);
        var place = what == "register" ? $" (x{i % States.Registers} of partition {i / States.Registers})" : "";
        throw new DifferenceException($"{what} {i}{place}: the specification has 0x{s[i]:x}, the core 0x{core[i]:x}");
    }

    private static void Same<T>(string what, T spec, T core)
    {
        if (!EqualityComparer<T>.Default.Equals(spec, core)) throw new DifferenceException($"{what}: the specification has {spec}, the core {core}");
    }
}
