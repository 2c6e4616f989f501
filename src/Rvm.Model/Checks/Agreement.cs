using Dafny;
using Rvm.Model.Subject;
using Rvm.Spec.State;
using D = Rvm.Spec.Declassification.__default;
using O = Rvm.Spec.Observation.__default;

namespace Rvm.Model.Checks;

/// <summary>The core's transition is the specification's Step: state, effects, registers and records; and nobody without a channel is disturbed.</summary>
public sealed class Agreement(Testbed testbed, SpecState spec)
{
    private readonly CoreState.Core _core = testbed.Core;

    /// <param name="before">The state before the event, as <see cref="SpecState.Kernel"/> gives it.</param>
    /// <param name="e">The event; the core has had it.</param>
    public string? Check(_IKernel before, Happening e)
    {
        try
        {
            var result = e.Step(before);
            var after = result.dtor_k;
            var wrong = Effects(result.dtor_effects) ?? Differences.Of(after.dtor_vol, spec.Volatile) ?? Differences.Of(after.dtor_st, spec.Structure) ?? Log(before.dtor_log, after.dtor_log);
            return wrong is null ? Undisturbed(before, after, e, result.dtor_effects) : $"The_core_computes_exactly_Step: {wrong}";
        }
        catch (DifferenceException x)
        {
            return $"The_core_computes_exactly_Step: {x.Message}";
        }
    }

    private string? Effects(ISequence<Rvm.Spec.Common._IEffect> effects)
    {
        if (effects.Count != _core.neff) return $"the number of effects: the specification has {effects.Count}, the core {_core.neff}";
        for (var i = 0; i < _core.neff; i++)
        {
            var core = Rvm.Spec.Common.Effect.create(_core.eff[4 * i], _core.eff[4 * i + 1], _core.eff[4 * i + 2], _core.eff[4 * i + 3]);
            if (Differences.One($"effect {i}", effects.Select(i), core) is { } wrong) return wrong;
        }

        return null;
    }

    private string? Log(_ILog before, _ILog after)
    {
        for (var n = before.dtor_records.Count; n < after.dtor_records.Count; n++)
            if (!Rvm.Spec.Witness.__default.Pack(after.dtor_records.Select(n)).CloneAsArray().AsSpan().SequenceEqual(LogRecord.Words(_core, (ulong)n)))
                return $"record {n}: the specification has {after.dtor_records.Select(n)}, the core {LogRecord.Read(LogRecord.Words(_core, (ulong)n))}";
        return Differences.One("the number of records", (ulong)after.dtor_records.Count, _core.log.head) ?? Differences.One("the first undrained record", after.dtor_drained, _core.log.drained)
            ?? Differences.Rows("quota", after.dtor_quota, States.Seq(_core.log.quota)) ?? Differences.Rows("count of records", after.dtor_used, States.Seq(_core.log.used))
            ?? Differences.One("the chain", Rvm.Spec.Witness.__default.Chain(after), _core.log.chain);
    }

    /// <summary>Nobody_disturbs_another_without_a_channel.</summary>
    private string? Undisturbed(_IKernel before, _IKernel after, Happening e, ISequence<Rvm.Spec.Common._IEffect> effects)
    {
        var q = before.dtor_vol.dtor_sched.dtor_cur;
        for (uint p = 1; p <= testbed.Configuration.Size.Partitions; p++)
        {
            if (p == q || before.dtor_st.dtor_parts.Select(p).dtor_life == 0 || (q != 0 && O.Channel(before, q, p))) continue;
            if (!O.See(after, p).Equals(O.Passed(O.See(before, p), States.Seq(e.Events(before))))) return $"Nobody_disturbs_another_without_a_channel: {q} has none to {p}, which sees something else now";
            if (D.Felt(effects, p).Count != 0) return $"Nobody_disturbs_another_without_a_channel: {q} has none to {p}, and an effect concerns {p}";
        }

        return null;
    }
}
