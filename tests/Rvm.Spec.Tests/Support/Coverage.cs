using Rvm.Spec.State;

namespace Rvm.Spec.Tests;

/// <summary>What the sequences have reached, counted.</summary>
public sealed class Coverage
{
    private static readonly ulong[] Standard = [Fn.SmcccVersion, Fn.PsciVersion, Fn.PsciFeatures, Fn.VendorUid, Fn.SystemOff, Fn.SystemReset];

    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    public void Add(Coverage other)
    {
        foreach (var (what, count) in other.Counts) Counts[what] = Counts.GetValueOrDefault(what) + count;
    }

    private void Count(string what) => Counts[what] = Counts.GetValueOrDefault(what) + 1;

    /// <summary>Counts an event between the states before and after it.</summary>
    public void Event(Happening e, _IKernel before, _IKernel after, ulong status, IEnumerable<Common._IEffect> effects)
    {
        var caller = before.dtor_vol.dtor_sched.dtor_cur;
        var (was, now) = (before.dtor_vol.dtor_sched, after.dtor_vol.dtor_sched);
        var ended = caller != 0 && before.dtor_st.dtor_parts.Select(caller).dtor_life != 0 && after.dtor_st.dtor_parts.Select(caller).dtor_life == 0;
        var x0 = (long)after.dtor_vol.dtor_regs.Select(caller * States.Registers);
        var records = after.dtor_log.dtor_records.Count - before.dtor_log.dtor_records.Count;
        switch (e.Sort)
        {
            case Sort.Begin: Count($"begin: {(long)status}"); break;
            case Sort.Command: Count($"command {(e.Words[0] is >= 1 and <= 10 ? e.Words[0].ToString() : "?")}: {(long)status}"); break;
            case Sort.Hypercall or Sort.Trap when caller == 0: Count($"{e.Sort} while nobody runs"); break;
            case Sort.Hypercall:
                var f = e.Writes[0].Value % (1UL << 32);
                var what = e.Number is { } n && Fn.All.Contains(n) ? $"call {n}" : Standard.Contains(f) ? $"call 0x{f:x}" : "another call";
                Count($"{what}: {(ended ? "ends the caller" : now.dtor_tasks.Select(caller).dtor_run >= Kinds.__default.Sleeping ? "blocks the caller" : x0)}");
                if (!ended && x0 < 0 && records == 0 && x0 is Code.InsufficientCapability or Code.StaleCapability) Count("a refusal that the caller's quota has no record for");
                break;
            case Sort.Trap: Count($"trap: {(ended ? "ends the partition" : effects.Any() ? $"is injected as {effects.First().dtor_b}" : records != 0 ? "is refused" : "other")}"); break;
            case Sort.Ran: Count($"run: {(caller == 0 ? "while nobody runs" : e.Words.Length == Happening.Saved ? "other registers" : "of another length")}"); break;
            case Sort.Tick:
                var over = caller != 0 && before.dtor_st.dtor_leases.Select(caller).dtor_until is var until && until != 0 && until <= e.Now;
                if (ended) Count(records == 0 || after.dtor_log.dtor_records.Last().dtor_aux >> 56 != 4 ? "tick: ends the partition, its budget is used up" : "tick: ends the partition with its lease");
                else if (over) Count(caller != now.dtor_cur ? "tick: ends the lease and the slice" : "tick: ends the lease");
                else if (caller == 0) Count(now.dtor_cur == 0 ? "tick: nobody is ready" : "tick: somebody is ready again");
                else Count(e.Now >= was.dtor_sliceEnd ? "tick: end of the slice" : caller != now.dtor_cur ? "tick: an earlier deadline" : "tick: nothing");
                break;
        }

        for (var p = 1u; p < States.Partitions; p++)
        {
            if (p == caller || was.dtor_tasks.Select(p).dtor_run is var run && run < Kinds.__default.Sleeping || now.dtor_tasks.Select(p).dtor_run >= Kinds.__default.Sleeping) continue;
            if (run == Kinds.__default.Sleeping) Count(after.dtor_st.dtor_parts.Select(p).dtor_life == Kinds.__default.Started ? "a sleeper wakes" : "a sleeper is stopped");
            else Count(after.dtor_st.dtor_parts.Select(p).dtor_life == 0 ? "a waiting partition ends" : $"a wait ends: {(long)after.dtor_vol.dtor_regs.Select(p * States.Registers)}");
        }

        foreach (var effect in effects) Count($"effect {effect.dtor_kind}");
        for (var i = before.dtor_log.dtor_records.Count; i < after.dtor_log.dtor_records.Count; i++)
        {
            var r = after.dtor_log.dtor_records.Select(i);
            if (r.dtor_kind == Rec.Rejected && (long)r.dtor_aux == Code.ProofInvalid)
                Count((r.dtor_obj >> 32) switch { 0 => "the token is refused", 4096 => "no rule permits", _ => "a rule forbids" });
            Count($"record 0x{r.dtor_kind:x2}{(r.dtor_kind == Rec.CapRevoke && r.dtor_aux >> 63 != 0 ? ", a drop" : "")}");
        }
    }

    /// <summary>
    /// All that can happen, read off spec/Decide. Not here, because no sequence of this length can reach it: IMAGE with OutOfMemory (the tables always
    /// suffice for 4096 pages), a log of 2^64 records, and an edge or partition capability of an object out of range.
    /// </summary>
    public static IEnumerable<string> Everything()
    {
        const long ok = Code.Ok, right = Code.InsufficientCapability, stale = Code.StaleCapability, type = Code.CapabilityTypeMismatch, full = Code.WitnessLogFull,
            limit = Code.ResourceLimitExceeded, state = Code.InvalidPartitionState, none = Code.PartitionNotFound, memory = Code.OutOfMemory, overlap = Code.MemoryOverlap,
            align = Code.AlignmentError, parts = Code.PartitionLimitExceeded, device = Code.DeviceLeaseConflict, noLease = Code.DeviceLeaseNotFound, over = Code.DeviceLeaseExpired, unsupported = Code.Unsupported, proof = Code.ProofInvalid;
        long[] guard = [right, stale, type];
        (string What, long[] Statuses)[] all =
        [
            ("begin", [ok, unsupported, state, proof]),
            ("command 1", [ok, limit, overlap, state]),
            ("command 2", [ok, none, parts, limit, memory, full, state]),
            ("command 3", [ok, none, type, limit, memory, device, full]),
            ("command 4", [ok, none, right, align, limit, overlap, memory, full]),
            ("command 5", [ok, none, limit, full]),
            ("command 6", [ok, none, type, limit, full]),
            ("command 7", [ok, state, full]),
            ("command 8", [ok, state, full]),
            ("command 9", [ok, limit, memory, full]),
            ("command 10", [ok, limit, device]),
            ("command ?", [unsupported]),
            ($"call {Fn.CapGrant}", [ok, .. guard, Code.CapabilityConsumed, Code.DelegationDepthExceeded, limit, full, proof]),
            ($"call {Fn.RegionMap}", [ok, .. guard, align, limit, overlap, memory, full, proof]),
            ($"call {Fn.RegionUnmap}", [ok, .. guard, align, limit, full, proof]),
            ($"call {Fn.QueueSend}", [ok, .. guard, limit, full]),
            ($"call {Fn.QueueRecv}", [ok, .. guard]),
            ($"call {Fn.NotifySignal}", [ok, .. guard, full]),
            ($"call {Fn.NotifyWait}", [ok, .. guard, device]),
            ($"call {Fn.TimerWait}", [ok]),
            ($"call {Fn.Yield}", [ok]),
            ($"call {Fn.PartitionCreate}", [ok, .. guard, none, parts, limit, memory, full, proof]),
            ($"call {Fn.PartitionStart}", [ok, .. guard, state, full, proof]),
            ($"call {Fn.PartitionSuspend}", [ok, .. guard, state, full, proof]),
            ($"call {Fn.PartitionTerminate}", [ok, .. guard, state, proof]),
            ($"call {Fn.EdgeCreate}", [ok, .. guard, state, limit, full, proof]),
            ($"call {Fn.EdgeDestroy}", [ok, .. guard, full, proof]),
            ($"call {Fn.LeaseAcquire}", [ok, .. guard, limit, device, align, overlap, memory, full, proof]),
            ($"call {Fn.LeaseRevoke}", [ok, .. guard, noLease, full, proof]),
            ($"call {Fn.LeaseRenew}", [ok, .. guard, noLease, over, limit, full, proof]),
            ($"call {Fn.PolicyActivate}", [ok, .. guard, limit, full, proof]),
            ($"call {Fn.WitnessRead}", [ok, .. guard, limit]),
            ($"call {Fn.WitnessAck}", [ok, .. guard, limit, full]),
            ($"call {Fn.ConsoleWrite}", [ok, .. guard, limit]),
            ($"call {Fn.ProofSubmit}", [ok, .. guard, limit]),
            ($"call {Fn.ProofStatus}", [ok]),
            ($"call {Fn.CapRevoke}", [ok, right, stale, limit, full, proof]),
            ($"call {Fn.CapDrop}", [ok, right, stale, full]),
            ("another call", [unsupported]),
            ("call 0x84000000", [0x1_0001]), ("call 0x80000000", [0x1_0002]), ("call 0x8400000a", [ok, unsupported]), ("call 0x8600ff01", [0x4d_5652]),
            ("a wait ends", [ok, stale, none, state]),
        ];
        foreach (var (what, statuses) in all)
            foreach (var s in statuses) yield return $"{what}: {s}";
        foreach (var what in new[]
        {
            $"call {Fn.NotifyWait}: blocks the caller", $"call {Fn.TimerWait}: blocks the caller",
            $"call {Fn.Exit}: ends the caller", "call 0x84000008: ends the caller", "call 0x84000009: ends the caller",
            "Hypercall while nobody runs", "Trap while nobody runs", "a refusal that the caller's quota has no record for",
            "a sleeper wakes", "a sleeper is stopped", "a waiting partition ends",
            "trap: ends the partition", "trap: is injected as 0", "trap: is injected as 1", "trap: is injected as 2", "trap: is refused", "trap: other",
            "tick: ends the partition, its budget is used up", "tick: nobody is ready", "tick: ends the partition with its lease", "tick: ends the lease", "tick: ends the lease and the slice",
            "tick: somebody is ready again",
            "tick: end of the slice", "tick: an earlier deadline", "tick: nothing",
            "run: other registers", "run: of another length", "run: while nobody runs",
        }) yield return what;
        byte[] kinds = [0x01, 0x07, 0x08, 0x09, 0x10, 0x11, 0x12, 0x20, 0x25, 0x26, 0x30, 0x31, 0x33, 0x34, 0x40, 0x41, 0x42, 0x50, 0x51, 0x70, 0x71, 0x80, 0x82, 0x85, 0x86, 0x8F];
        foreach (var kind in kinds) yield return $"record 0x{kind:x2}";
        foreach (var why in new[] { "a rule forbids", "no rule permits", "the token is refused" }) yield return why;
        yield return "record 0x11, a drop";
        for (var effect = 1; effect <= 11; effect++) yield return $"effect {effect}";
    }
}
