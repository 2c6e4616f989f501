using Rvm.Spec.State;
using C = Rvm.Spec.Capabilities.__default;
using E = Rvm.Spec.Edges.__default;
using L = Rvm.Spec.Limits.__default;
using M = Rvm.Spec.Memory.__default;
using S = Rvm.Spec.Scheduler.__default;
using V = Rvm.Spec.Valid.__default;
using W = Rvm.Spec.Witness.__default;

namespace Rvm.Spec.Tests;

/// <summary>The conjuncts of Valid.Valid, by their text in spec/Valid.dfy, and the parts that they are made of.</summary>
public static class Conjuncts
{
    public const string Sized = "Sized(k)", Caps = "C.Bounded(k.st.caps)", Regions = "M.RegionsOk(k.st.memory)", Placed = "M.Placed(k.machine, k.st.memory)", Aged = "Aged(k.st)", Leased = "L.LeasesOk(k.st)",
        Maps = "MapsOk(k.st.parts, k.st.memory, k.st.maps)", Edges = "E.EdgesOk(k.st.edges, k.vol.queues)", Sched = "S.SchedOk(k.vol.sched)",
        Started = "S.OnlyStartedRun(k.st.parts, k.vol.sched)", Log = "W.LogOk(k.log)", Ends = "EndsCanBeWitnessed(k.st.parts, k.log, k.vol.halted)",
        Length = "|k.log.records| <= TIMEMAX as int", Small = "(forall i: int :: 0 <= i < |k.log.records| ==> W.Small(k.log.records[i]))",
        Devices = "(forall i: int :: 0 <= i < |k.devices| ==> DeviceOk(k.machine, k.devices[i]))",
        Images = "(forall i: int :: 0 <= i < |k.images| ==> ImageOk(k.images[i]))";

    public static readonly Dictionary<string, Func<_IKernel, bool>> Top = new()
    {
        [Sized] = State.__default.Sized,
        [Caps] = k => C.Bounded(k.dtor_st.dtor_caps),
        [Regions] = k => M.RegionsOk(k.dtor_st.dtor_memory),
        [Placed] = k => M.Placed(k.dtor_machine, k.dtor_st.dtor_memory),
        [Aged] = k => V.Aged(k.dtor_st),
        [Leased] = k => Leases.__default.LeasesOk(k.dtor_st),
        [Maps] = k => V.MapsOk(k.dtor_st.dtor_parts, k.dtor_st.dtor_memory, k.dtor_st.dtor_maps),
        [Edges] = k => E.EdgesOk(k.dtor_st.dtor_edges, k.dtor_vol.dtor_queues),
        [Sched] = k => S.SchedOk(k.dtor_vol.dtor_sched),
        [Started] = k => S.OnlyStartedRun(k.dtor_st.dtor_parts, k.dtor_vol.dtor_sched),
        [Log] = k => W.LogOk(k.dtor_log),
        [Ends] = k => V.EndsCanBeWitnessed(k.dtor_st.dtor_parts, k.dtor_log, k.dtor_vol.dtor_halted),
        [Length] = k => (ulong)k.dtor_log.dtor_records.Count <= L.TIMEMAX,
        [Small] = k => k.dtor_log.dtor_records.All(W.Small),
        [Images] = k => k.dtor_images.All(V.ImageOk),
        [Devices] = k => k.dtor_devices.All(d => V.DeviceOk(k.dtor_machine, d)),
    };

    /// <summary>What the larger conjuncts consist of.</summary>
    public static readonly Dictionary<string, Func<_IKernel, bool>> Parts = new()
    {
        ["caps: object"] = k => k.dtor_st.dtor_caps.All(C.ObjectInRange),
        ["caps: depth"] = k => k.dtor_st.dtor_caps.All(c => c.dtor_depth <= L.MAXDEPTH),
        ["caps: generation"] = k => k.dtor_st.dtor_caps.All(c => c.dtor_kind == 0 || c.dtor_gen <= L.GENMAX),
        ["regions: RAM"] = k => k.dtor_st.dtor_memory.dtor_next <= k.dtor_st.dtor_memory.dtor_limit && k.dtor_st.dtor_memory.dtor_limit <= L.FRAMES,
        ["regions: each"] = k => k.dtor_st.dtor_memory.dtor_regions.All(r => M.RegionOk(k.dtor_st.dtor_memory, r)),
        ["regions: free frames"] = k => k.dtor_st.dtor_memory is var m && m.dtor_regions.All(r => M.Apart(r, m.dtor_next, m.dtor_limit - m.dtor_next)),
        ["regions: apart"] = k => k.dtor_st.dtor_memory.dtor_regions.CloneAsArray() is var all
            && Enumerable.Range(0, all.Length).All(i => all[i].dtor_pages == 0 || Enumerable.Range(0, i).All(j => M.Apart(all[i], all[j].dtor_frame, all[j].dtor_pages))),
        ["placed: machine"] = k => M.Sane(k.dtor_machine),
        ["placed: free frames"] = k => k.dtor_machine.dtor_lo <= k.dtor_st.dtor_memory.dtor_next,
        ["placed: each"] = k => k.dtor_st.dtor_memory.dtor_regions.All(r => M.RegionPlaced(k.dtor_machine, k.dtor_st.dtor_memory.dtor_next, r)),
        ["aged: capabilities"] = k => k.dtor_st.dtor_caps.All(c => V.Older(k.dtor_st, c)),
        ["aged: partitions"] = k => k.dtor_st.dtor_parts.All(p => p.dtor_gen <= L.GENMAX),
        ["leases: holder"] = k => All(k, (p, l) => p != 0 && k.dtor_st.dtor_parts.Select(p).dtor_life != 0),
        ["leases: region"] = k => All(k, (p, l) => l.dtor_region < L.NREGION && k.dtor_st.dtor_memory.dtor_regions.Select(l.dtor_region) is var r
            && r.dtor_owner == p && r.dtor_policy == Kind.Device && r.dtor_pages > 0 && r.dtor_pages <= L.MAXMAP),
        ["leases: addresses"] = k => All(k, (p, l) => l.dtor_page + Pages(k, l) <= L.IPAPAGES),
        ["leases: pages"] = k => All(k, (p, l) => k.dtor_st.dtor_maps.Select(p).dtor_pages.ItemEnumerable.All(e => e.Cdr.dtor_region != l.dtor_region
            || (l.dtor_page <= e.Car && e.Car < l.dtor_page + Pages(k, l)))),
        ["maps: tables"] = k => k.dtor_st.dtor_maps.All(m => m.dtor_keys.Count < L.NTAB),
        ["maps: addresses"] = k => k.dtor_st.dtor_maps.All(m => m.dtor_pages.Keys.Elements.All(v => v < L.IPAPAGES)),
        ["maps: pages"] = k => Enumerable.Range(0, States.Partitions).All(p => k.dtor_st.dtor_maps.Select(p).dtor_pages.Values.Elements.All(e => M.PteOk(k.dtor_st.dtor_memory, (uint)p, e))),
        ["maps: nobody's"] = k => Enumerable.Range(0, States.Partitions).All(p => p != 0 && k.dtor_st.dtor_parts.Select(p).dtor_life != 0 || k.dtor_st.dtor_maps.Select(p).Equals(M.EmptyMap)),
        ["sched: shape"] = k => S.Shape(k.dtor_vol.dtor_sched),
        ["sched: distinct"] = k => S.Distinct(k.dtor_vol.dtor_sched.dtor_ready),
        ["sched: task 0"] = k => k.dtor_vol.dtor_sched.dtor_tasks.Select(0).dtor_run == Kinds.__default.Stopped,
        ["sched: places"] = k => Enumerable.Range(0, States.Partitions).All(q => S.InPlace(k.dtor_vol.dtor_sched, (uint)q)),
        ["sched: sorted"] = k => !S.Shape(k.dtor_vol.dtor_sched) || S.Sorted(k.dtor_vol.dtor_sched),
        ["sched: alarm"] = k => S.AlarmSet(k.dtor_vol.dtor_sched, L.NPART),
        ["log: chain"] = k => W.Chained(k.dtor_log.dtor_records),
        ["log: drained"] = k => k.dtor_log.dtor_drained <= (ulong)k.dtor_log.dtor_records.Count && k.dtor_log.dtor_drained <= L.TIMEMAX - L.RING,
        ["log: quotas"] = k => W.Sum(k.dtor_log.dtor_quota) <= L.RING,
        ["log: undrained"] = k => W.Sum(k.dtor_log.dtor_used) == k.dtor_log.dtor_records.Count - (System.Numerics.BigInteger)k.dtor_log.dtor_drained,
        ["log: within quota"] = k => Enumerable.Range(0, States.Partitions).All(p => k.dtor_log.dtor_used.Select(p) <= k.dtor_log.dtor_quota.Select(p)),
        ["ends: the system's"] = k => k.dtor_vol.dtor_halted || W.Spare(k.dtor_log, 0),
        ["ends: a partition's"] = k => Enumerable.Range(1, States.Partitions - 1).All(p => k.dtor_st.dtor_parts.Select(p).dtor_life == 0 || W.Spare(k.dtor_log, (uint)p)),
    };

    private static bool All(_IKernel k, Func<int, _ILease, bool> good) =>
        Enumerable.Range(0, States.Partitions).All(p => k.dtor_st.dtor_leases.Select(p) is var l && (l.dtor_until == 0 || good(p, l)));

    private static ulong Pages(_IKernel k, _ILease l) => l.dtor_region < L.NREGION ? k.dtor_st.dtor_memory.dtor_regions.Select(l.dtor_region).dtor_pages : 0;

    /// <summary>The conjuncts as spec/Valid.dfy has them now.</summary>
    public static List<string> InTheFile()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Rvm.sln"))) root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("Rvm.sln not found");
        var text = File.ReadAllText(Path.Combine(root, "spec", "Valid.dfy"));
        var start = text.IndexOf("predicate Valid(k: Kernel) {", StringComparison.Ordinal);
        var body = text[(text.IndexOf('{', start) + 1)..text.IndexOf("\n  }", start, StringComparison.Ordinal)];
        List<string> all = [];
        var (depth, from) = (0, 0);
        for (var i = 0; i <= body.Length; i++)
        {
            if (i < body.Length && body[i] is '(' or '[') depth++;
            if (i < body.Length && body[i] is ')' or ']') depth--;
            if (i != body.Length && !(depth == 0 && body[i..].StartsWith("&&", StringComparison.Ordinal))) continue;
            if (body[from..i].Trim() is { Length: > 0 } conjunct) all.Add(conjunct);
            from = i + 2;
        }

        return all;
    }
}
