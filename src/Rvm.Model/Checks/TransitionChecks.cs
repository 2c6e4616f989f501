using Rvm.Model.Subject;

namespace Rvm.Model.Checks;

/// <summary>
/// What must hold of every transition, written from docs/abi.md and the theorems' English and not from the core's code. Each answers with what is
/// wrong; null: nothing.
/// </summary>
public sealed class TransitionChecks(Testbed testbed, Before before)
{
    private readonly CoreState.Core _core = testbed.Core;

    public string? Check(Happening e) => LogGrows() ?? NoOldHandleRevives() ?? RefusalIsWitnessed(e) ?? NothingWithoutProof(e) ?? LeasesEnd(e) ?? EffectsSuffice();

    /// <summary>Every new record has the next number, the time, the hash of the one before and its own.</summary>
    private string? LogGrows()
    {
        var chain = before.Chain;
        if (_core.log.head < before.Head || _core.log.head > before.Head + 16) return $"The_log_only_grows: there were {before.Head} records and are {_core.log.head}";
        for (var n = before.Head; n < _core.log.head; n++)
        {
            var words = LogRecord.Words(_core, n);
            var r = LogRecord.Read(words);
            if (r.Sequence != n || r.Time != testbed.Now || r.Before != chain || r.Hash != LogRecord.Computed(words) || r.Reserved != 0 || r.Flags != 0 || r.Tier > 2)
                return $"The_log_only_grows: {r}, at {r.Time}, tier {r.Tier}, before 0x{r.Before:x}, hash 0x{r.Hash:x} does not continue 0x{chain:x} at {testbed.Now}";
            chain = r.Hash;
        }

        return chain == _core.log.chain ? null : $"The_log_only_grows: the chain is 0x{_core.log.chain:x}, the last record's hash 0x{chain:x}";
    }

    /// <summary>Generations only grow, and a handle that was given out and does not pass never passes again.</summary>
    private string? NoOldHandleRevives()
    {
        for (var i = 0; i < before.Usable.Length; i++)
        {
            var generation = _core.caps.tab[8 * i];
            if (generation < before.Generations[i]) return $"No_old_handle_revives: the generation of {Slot(i)} was {before.Generations[i]} and is {generation}";
            if (generation == before.Generations[i] && !before.Usable[i] && Liveness.IsUsable(_core, i))
                return $"No_old_handle_revives: the handle of {Slot(i)} with generation {generation} did not pass and does now";
        }

        return null;
    }

    private static string Slot(int i) => $"partition {i / States.Slots}'s slot {i % States.Slots}";

    /// <summary>Who has a record to spare and finds an error in x0 has left exactly one, of the refusal; who has none has changed nothing.</summary>
    private string? RefusalIsWitnessed(Happening e)
    {
        if (before.Current == 0) return _core.log.head == before.Head || e.Sort == Sort.Tick ? null : "Nothing_happens_without_a_capability: nobody runs, and there is a record";
        if (e.Sort != Sort.Hypercall || _core.sched.tab[8 * before.Current + 1] == 0) return null;
        var (call, status, records) = (e.Writes[0].Value & 0xFFFF_FFFF, _core.ctx[before.Current * States.Registers], _core.log.head - before.Head);
        if (status < unchecked((ulong)-34L)) return null;
        if (NotRefused(call, (long)status)) return records == 0 ? null : $"Every_refused_call_leaves_a_record: {(long)status} left {records} records";
        if (records != (before.HasRoom ? 1UL : 0)) return $"Every_refused_call_leaves_a_record: {(long)status} left {records} records, and the caller had {(before.HasRoom ? "" : "none ")}to spare";
        if (records == 0) return null;
        var r = LogRecord.Read(LogRecord.Words(_core, before.Head));
        return r.Kind == Rec.Rejected && r.Subject == before.Current && (r.Object == call || NamesRule(r, call)) && r.Aux == status ? null : $"Every_refused_call_leaves_a_record: {(long)status} left {r}";
    }

    /// <summary>The refusal names the rule that denies, or that no rule permits.</summary>
    private static bool NamesRule(LogRecord r, ulong call) => (uint)r.Object == call && r.Aux == unchecked((ulong)Code.ProofInvalid) && r.Object >> 32 <= NoRule + 1;

    private const ulong NoRule = 4095;

    /// <summary>
    /// A call that changes what others hold does so only with a good token, and then its last record is that of the proof. Nonces and the policy
    /// change by nothing else.
    /// </summary>
    private string? NothingWithoutProof(Happening e)
    {
        var proved = false;
        for (var n = before.Head; n < _core.log.head; n++)
        {
            var r = LogRecord.Read(LogRecord.Words(_core, n));
            if (r.Kind != Rec.Proved) continue;
            if (proved || n != _core.log.head - 1 || r.Tier != 2 || r.Subject != before.Current || e.Number is not { } number || r.Aux >> 32 != number || r.Object != e.Writes[11].Value
                || !IsGood(e)) return $"No_mutation_without_proof: {r}";
            proved = true;
        }

        if (e.Number is { } call && Fn.Sealed.Contains(call) && before.Current != 0 && _core.log.head != before.Head && !proved && LogRecord.Read(LogRecord.Words(_core, before.Head)).Kind != Rec.Rejected)
            return $"No_mutation_without_proof: call {call} did something";
        for (var p = 0; p < before.Nonces.Length; p++)
            if (_core.gate.nonces[p] != (proved && p == before.Current ? e.Writes[11].Value : before.Nonces[p]) || _core.gate.nonces[p] < before.Nonces[p])
                return $"A_nonce_is_never_accepted_twice: that of partition {p} was {before.Nonces[p]} and is {_core.gate.nonces[p]}";
        return _core.gate.active == before.Policy || (proved && e.Number == Fn.PolicyActivate) ? null : $"Nothing_else_changes_the_policy: it was {before.Policy} and is {_core.gate.active}";
    }

    /// <summary>The tick at the end of the running partition's lease takes the device away: its region is nobody's, and so no map shows it. An earlier one does not.</summary>
    private string? LeasesEnd(Happening e)
    {
        if (e.Sort != Sort.Tick || before.Current == 0 || before.Lease.End == 0) return null;
        var (has, owner) = (_core.gate.leases.ends[before.Current], _core.regions.tab[8 * before.Lease.Region + 1]);
        if (before.Lease.End <= e.Now) return has == 0 && owner == 0 ? null : $"A_lease_ends_with_its_time: partition {before.Current} still has a lease until {has}, its region belongs to {owner}";
        return has == before.Lease.End || _core.sched.tab[8 * before.Current + 1] == 0 ? null : $"A lease ends before its time: that of partition {before.Current}, at {e.Now} instead of {before.Lease.End}";
    }

    /// <summary>The eight tests of a token (docs/abi.md §2).</summary>
    private bool IsGood(Happening e)
    {
        var x = e.Writes.Select(w => w.Value).ToArray();
        var shown = before.Caps.AsSpan(8 * (int)(before.Current * States.Slots + x[1] % States.Slots), 8);
        return (shown[4] & Right.Prove) != 0 && x[8] == Token.Fnv(x.Take(8).Prepend(before.Current)) && (x[9] & 0xff) >= Token.Tier && x[9] >> 8 == shown[5]
            && e.Now <= x[10] && x[10] <= e.Now + Token.Window && before.Nonces[before.Current] < x[11] && x[11] <= x[10] && x[12] == shown[2];
    }

    private static bool NotRefused(ulong call, long status) => status == Code.WitnessLogFull || call == Fn.PsciFeatures
        || (status == Code.ResourceLimitExceeded && call is Fn.Base + Fn.QueueSend or Fn.Base + Fn.WitnessRead or Fn.Base + Fn.WitnessAck);

    /// <summary>Memory that changes hands is emptied before anything else; translations that end are forgotten; a new partition's registers are reset.</summary>
    private string? EffectsSuffice()
    {
        for (var n = before.Head; n < _core.log.head; n++)
        {
            var r = LogRecord.Read(LogRecord.Words(_core, n));
            var missing = r.Kind switch
            {
                Rec.RegionCreate when r.Aux >> 60 != Kind.Device => Zeroed(r.Aux & 0xFF_FFFF_FFFF, r.Aux >> 40 & 0xF_FFFF) ? null : "Nothing_remains_in_memory: no zero effect comes first for the frames of",
                Rec.PartitionCreate => Has(Fx.Reset, r.Object) ? null : "Nothing_remains_in_save_areas: no reset effect for",
                Rec.RegionMap => Has(Fx.MapSync, r.Aux >> 52 & 0xFF) ? null : "The_hardware_sees_what_the_map_says: no effect makes descriptors visible for",
                Rec.RegionUnmap => Has(Fx.TlbiRange, r.Subject, r.Object & 0xFFFF_FFFF, r.Aux) ? null : "No_stale_translation_survives: no effect forgets the translations of",
                Rec.Terminate => Has(Fx.TlbiVmid, r.Object) ? null : "No_stale_translation_survives: no effect forgets the translations of",
                Rec.SystemEnd => Has(Fx.Halt) ? null : "Boot and end: no halt effect for",
                _ => null,
            };
            if (missing is not null) return $"{missing} {r}";
        }

        return null;
    }

    private bool Has(ulong kind, params ReadOnlySpan<ulong> start)
    {
        for (var i = 0; i < _core.neff; i++)
            if (_core.eff[4 * i] == kind && _core.eff.AsSpan(4 * i + 1, start.Length).SequenceEqual(start)) return true;
        return false;
    }

    /// <summary>The first effect that touches these frames fills all of them with zeros.</summary>
    private bool Zeroed(ulong frame, ulong pages)
    {
        for (var i = 0; i < _core.neff; i++)
        {
            var (kind, a, b, c) = (_core.eff[4 * i], _core.eff[4 * i + 1], _core.eff[4 * i + 2], _core.eff[4 * i + 3]);
            if (kind == Fx.Zero && a <= frame && frame + pages <= a + b) return true;
            if (kind == Fx.Copy && a < frame + pages && frame < a + (c + 4095) / 4096) return false;
        }

        return false;
    }
}
