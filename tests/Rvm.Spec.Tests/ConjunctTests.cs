using Dafny;
using Rvm.Spec.State;
using K = Rvm.Spec.Tests.Conjuncts;
using R = Rvm.Spec.Tests.RichState;

namespace Rvm.Spec.Tests;

/// <summary>
/// The invariant is not empty and none of its conjuncts is idle: a state that a boot leads to satisfies all of them, and for each of them, and
/// for each of its parts, there is a small change of that state which violates exactly it.
/// </summary>
public class ConjunctTests
{
    /// <summary>Conjuncts that no change violates alone, and why.</summary>
    private static readonly Dictionary<string, string> Implied = new()
    {
        [K.Length] = "no computer holds a log of 2^64 records",
        [K.Small] = "W.LogOk says it too",
    };

    private static readonly List<Violation> Violations =
    [
        new("one partition slot less", [K.Sized], [], k => k.Parts(Shorter)),
        new("one capability less", [K.Sized], [], k => k.Caps(Shorter)),
        new("one region less", [K.Sized], [], k => k.Memory(m => State.Memory.create(Shorter(m.dtor_regions), m.dtor_next, m.dtor_limit))),
        new("one map less", [K.Sized], [], k => k.Maps(Shorter)),
        new("one edge less", [K.Sized], [], k => k.EdgesOf(Shorter)),
        new("one queue less", [K.Sized], [], k => k.Queues(Shorter)),
        new("one task less", [K.Sized], [], k => k.Sched(s => Sched.create(Shorter(s.dtor_tasks), s.dtor_ready, s.dtor_cur, s.dtor_sliceEnd, s.dtor_nextWake))),
        new("one register less", [K.Sized], [], k => k.Regs(Shorter(k.dtor_vol.dtor_regs))),
        new("one quota less", [K.Sized], [], k => k.Quotas(Shorter, u => u)),
        new("one count of records less", [K.Sized], [], k => k.Quotas(q => q, Shorter)),
        new("one nonce less", [K.Sized], [], k => k.Nonces(Shorter)),
        new("three policies", [K.Sized], [], k => k.Policies(p => States.Seq([.. p, p.Select(0)]))),
        new("one lease less", [K.Sized], [], k => k.Leases(Shorter)),
        new("33 devices", [K.Sized], [], k => k.Devices(d => States.Seq(Enumerable.Repeat(d.Select(0), 33)))),
        new("65 images", [K.Sized], [], k => k.Images(i => States.Seq(Enumerable.Repeat(i.Select(0), 65)))),

        new("a capability for region 512", [K.Caps], ["caps: object"], k => k.Caps(t => t.With(41, Cap.create(1, Kind.Region, 512, 0, 1, 0, 0, 0)))),
        new("a capability for partition 128", [K.Caps], ["caps: object"], k => k.Caps(t => t.With(41, Cap.create(1, Kind.Partition, 128, 0, 1, 0, 0, 0)))),
        new("a capability for edge 256", [K.Caps], ["caps: object"], k => k.Caps(t => t.With(41, Cap.create(1, Kind.Edge, 256, 0, 1, 0, 0, 0)))),
        new("a derivation path of nine", [K.Caps], ["caps: depth"],
            k => k.Caps(t => t.With(32, c => Cap.create(c.dtor_gen, c.dtor_kind, c.dtor_obj, c.dtor_ogen, c.dtor_rights, 9, 33, 1)))),
        new("a used slot with the last generation of all", [K.Caps], ["caps: generation"],
            k => k.Caps(t => t.With(32, c => Cap.create(~0u, c.dtor_kind, c.dtor_obj, c.dtor_ogen, c.dtor_rights, 0, 0, 0)))),

        new("free RAM that ends before it begins", [K.Regions], ["regions: RAM"],
            k => k.Memory(m => State.Memory.create(m.dtor_regions, m.dtor_next, m.dtor_next - 1))),
        new("RAM beyond 48 bits of address", [K.Regions], ["regions: RAM"], k => k.Memory(m => State.Memory.create(m.dtor_regions, m.dtor_next, (1UL << 36) + 1))),
        new("a region of partition 128", [K.Regions], ["regions: each"],
            k => k.Region(R.Unmapped, r => Region.create(r.dtor_gen, 128, r.dtor_policy, r.dtor_pages, r.dtor_frame))),
        new("a region beyond 48 bits of address", [K.Regions, K.Placed], ["regions: each", "placed: each"],
            k => k.Region(511, r => Region.create(0, 0, 0, 1, 1UL << 36))),
        new("no pages beyond 48 bits of address", [K.Regions], ["regions: each"], k => k.Region(511, r => Region.create(0, 0, 0, 0, (1UL << 36) + 1))),
        new("a region with an owner and without pages", [K.Regions], ["regions: each"],
            k => k.Region(R.Unmapped, r => Region.create(r.dtor_gen, r.dtor_owner, r.dtor_policy, 0, r.dtor_frame))),
        new("a region of a fifth policy", [K.Regions], ["regions: each"],
            k => k.Region(R.Unmapped, r => Region.create(r.dtor_gen, r.dtor_owner, 4, r.dtor_pages, r.dtor_frame))),
        new("a region of frames that are still to be given out", [K.Regions, K.Placed], ["regions: free frames", "placed: each"],
            k => k.Region(511, r => Region.create(0, 0, 0, 1, k.dtor_st.dtor_memory.dtor_next))),
        new("a frame in two regions", [K.Regions], ["regions: apart"],
            k => k.Region(511, r => Region.create(0, 0, 0, 1, k.dtor_st.dtor_memory.dtor_regions.Select(R.Slab).dtor_frame + 3))),
        new("an owned region with the last generation of all", [K.Regions], ["regions: each"],
            k => k.Region(R.Unmapped, r => Region.create(~0u, r.dtor_owner, r.dtor_policy, r.dtor_pages, r.dtor_frame))),

        new("RAM for partitions from below RAM", [K.Placed], ["placed: machine"], k => k.Machine(Machine.create(0x46001, 0x46000, 0x9000, 0x8000, 0x80A0, 0xF60))),
        new("a console in RAM", [K.Placed], ["placed: machine"], k => k.Machine(Machine.create(0x40000, 0x46000, 0x40000, 0x8000, 0x80A0, 0xF60))),
        new("an interrupt distributor in RAM", [K.Placed], ["placed: machine"], k => k.Machine(Machine.create(0x40000, 0x46000, 0x9000, 0x3FFF1, 0x80A0, 0xF60))),
        new("interrupt redistributors in RAM", [K.Placed], ["placed: machine"], k => k.Machine(Machine.create(0x40000, 0x46000, 0x9000, 0x8000, 0x3FFF0, 17))),
        new("RAM given out from before the RAM for partitions", [K.Placed], ["placed: free frames", "placed: each"],
            k => k.Machine(Machine.create(0x40000, k.dtor_st.dtor_memory.dtor_next + 1, 0x9000, 0x8000, 0x80A0, 0xF60))),
        new("a region in the hypervisor's own RAM", [K.Placed], ["placed: each"], k => k.Region(511, r => Region.create(0, 0, 0, 1, 0x45FFF))),
        new("a device in RAM", [K.Placed], ["placed: each"],
            k => k.Region(R.Unmapped, r => Region.create(r.dtor_gen, r.dtor_owner, Kind.Device, r.dtor_pages, r.dtor_frame))),
        new("a lease of the console", [K.Placed], ["placed: each"], k => k.Region(511, r => Region.create(0, 1, Kind.Device, 1, 0x9000))),
        new("a lease of the interrupt distributor", [K.Placed], ["placed: each"], k => k.Region(511, r => Region.create(0, 1, Kind.Device, 1, 0x800F))),
        new("a lease of an interrupt redistributor", [K.Placed], ["placed: each"], k => k.Region(511, r => Region.create(0, 1, Kind.Device, 1, 0x80A0))),

        new("a capability for a region that is still to come", [K.Aged], ["aged: capabilities"],
            k => k.Caps(t => t.With(41, Cap.create(1, Kind.Region, 0, 1, 1, 0, 0, 0)))),
        new("a capability for a partition that is still to come", [K.Aged], ["aged: capabilities"],
            k => k.Caps(t => t.With(41, Cap.create(1, Kind.Partition, R.Ended, 2, 1, 0, 0, 0)))),
        new("a capability for an edge that is still to come", [K.Aged], ["aged: capabilities"],
            k => k.Caps(t => t.With(41, Cap.create(1, Kind.Edge, R.NoEdge, 1, 1, 0, 0, 0)))),
        new("a partition slot with the last generation of all", [K.Aged], ["aged: partitions"], k => k.Parts(p => p.With(127, Part.create(~0u, 0, 0, 0)))),

        new("a lease of the hypervisor", [K.Leased], ["leases: holder", "leases: region"], k => k.Leases(l => l.With(0, l.Select(1)))),
        new("a lease of a partition that has ended", [K.Leased], ["leases: holder", "leases: region"], k => k.Leases(l => l.With(R.Ended, l.Select(1)))),
        new("a lease of what another has leased", [K.Leased], ["leases: region"], k => k.Leases(l => l.With(2, l.Select(1)))),
        new("a lease of region 512", [K.Leased], ["leases: region"], k => ALease(k, l => Lease.create(512, l.dtor_page, l.dtor_until))),
        new("a lease of memory", [K.Leased], ["leases: region", "leases: pages"], k => ALease(k, l => Lease.create(R.Slab, l.dtor_page, l.dtor_until))),
        new("a lease beyond 39 bits of address", [K.Leased], ["leases: addresses", "leases: pages"], k => ALease(k, l => Lease.create(l.dtor_region, 0x7FF_FFFF, l.dtor_until))),
        new("a page of the device before its lease", [K.Leased], ["leases: pages"], k => ALease(k, l => Lease.create(l.dtor_region, l.dtor_page + 1, l.dtor_until))),
        new("a page of the device behind its lease", [K.Leased], ["leases: pages"], k => ALease(k, l => Lease.create(l.dtor_region, l.dtor_page - 1, l.dtor_until))),
        new("16 tables below a root", [K.Maps], ["maps: tables"],
            k => k.Maps(m => m.With(1, x => Map.create(States.Seq(Enumerable.Range(0, 16).Select(i => (uint)i)), x.dtor_pages)))),
        new("a page beyond 39 bits of address", [K.Maps], ["maps: addresses"], k => Page(k, 0x800_0000, e => e)),
        new("a page of region 512", [K.Maps], ["maps: pages"], k => Page(k, 0x50000, e => Pte.create(e.dtor_frame, e.dtor_perm, 512))),
        new("a page of another partition's region", [K.Maps], ["maps: pages"], k => k.Maps(m => m.With(2, m.Select(1)))),
        new("a page before its region", [K.Maps], ["maps: pages"], k => Page(k, 0x50000, e => Pte.create(e.dtor_frame - 2, e.dtor_perm, e.dtor_region))),
        new("a page behind its region", [K.Maps], ["maps: pages"], k => Page(k, 0x50000, e => Pte.create(e.dtor_frame + 3, e.dtor_perm, e.dtor_region))),
        new("code that can be written", [K.Maps], ["maps: pages"], k => Page(k, 0x40000, e => Pte.create(e.dtor_frame, Kinds.__default.PermRW, e.dtor_region))),
        new("data that can be executed", [K.Maps], ["maps: pages"], k => Page(k, 0x50000, e => Pte.create(e.dtor_frame, Kinds.__default.PermRX, e.dtor_region))),
        new("append-only memory that can be written", [K.Maps], ["maps: pages"],
            k => Page(k, 0x50010, e => Pte.create(e.dtor_frame, Kinds.__default.PermRW, e.dtor_region))),
        new("a device as ordinary memory", [K.Maps], ["maps: pages"], k => Page(k, 0x50020, e => Pte.create(e.dtor_frame, Kinds.__default.PermRW, e.dtor_region))),
        new("tables of a partition that has ended", [K.Maps], ["maps: nobody's"],
            k => k.Maps(m => m.With(R.Ended, Map.create(States.Seq(5u), Map<uint, _IPte>.Empty)))),
        new("tables of the hypervisor", [K.Maps], ["maps: nobody's"], k => k.Maps(m => m.With(0, Map.create(States.Seq(5u), Map<uint, _IPte>.Empty)))),

        new("an edge from partition 128", [K.Edges], [], k => AnEdge(k, R.Talk, e => Edge.create(e.dtor_gen, 128, e.dtor_dst, e.dtor_cap))),
        new("an edge to partition 128", [K.Edges], [], k => AnEdge(k, R.Talk, e => Edge.create(e.dtor_gen, e.dtor_src, 128, e.dtor_cap))),
        new("an edge for 17 messages", [K.Edges], [], k => AnEdge(k, R.Talk, e => Edge.create(e.dtor_gen, e.dtor_src, e.dtor_dst, 17))),
        new("more messages than the edge allows", [K.Edges], [], k => AnEdge(k, R.Talk, e => Edge.create(e.dtor_gen, e.dtor_src, e.dtor_dst, 1))),
        new("an edge with the last generation of all", [K.Edges], [], k => AnEdge(k, R.Talk, e => Edge.create(~0u, e.dtor_src, e.dtor_dst, e.dtor_cap))),
        new("a free edge with a source", [K.Edges], [], k => AnEdge(k, R.NoEdge, e => Edge.create(0, 1, 0, 0))),
        new("a free edge with pending bits", [K.Edges], [], k => k.Queues(q => q.With(R.NoEdge, Queue.create(States.Seq<_IMsg>(), 1)))),

        new("partition 128 runs", [K.Sched], ["sched: shape", "sched: places"], k => Cur(k, 128)),
        new("partition 128 is ready", [K.Sched], ["sched: shape"], k => k.Ready(R.ReadyFirst, R.ReadyThen, 128)),
        new("a partition twice in the ready list", [K.Sched], ["sched: distinct"], k => k.Ready(R.ReadyFirst, R.ReadyFirst, R.ReadyThen)),
        new("the hypervisor's slot sleeps", [K.Sched], ["sched: task 0"],
            k => k.Task(0, t => State.Task.create(Kinds.__default.Sleeping, 0, 0, ~0UL)).Parts(p => p.With(0, x => Part.create(0, Kinds.__default.Started, 0, 0)))),
        new("a ready partition that is not in the list", [K.Sched], ["sched: places"], k => k.Ready(R.ReadyFirst)),
        new("a sleeper in the ready list", [K.Sched], ["sched: places"], k => Deadline(k, R.Sleeps, 0).Ready(R.Sleeps, R.ReadyFirst, R.ReadyThen)),
        new("a running partition without the processor", [K.Sched], ["sched: places"], k => Cur(k, 0)),
        new("a sleeper on the processor", [K.Sched], ["sched: places"], k => Cur(k, R.Sleeps)),
        new("a wait for edge 256", [K.Sched], ["sched: places"], k => k.Task(R.Waits, t => State.Task.create(t.dtor_run, 0, 0, 256))),
        new("a sixth way not to run", [K.Sched], ["sched: places"], k => k.Task(R.Waits, t => State.Task.create(5, 0, 0, 0))),
        new("a ready list out of order", [K.Sched], ["sched: sorted"], k => k.Ready(R.ReadyThen, R.ReadyFirst)),
        new("an alarm that is too late", [K.Sched], ["sched: alarm"],
            k => k.Sched(s => Sched.create(s.dtor_tasks, s.dtor_ready, s.dtor_cur, s.dtor_sliceEnd, s.dtor_tasks.Select(R.Sleeps).dtor_wake + 1))),
        new("a suspended partition runs", [K.Started], [], k => Life(k, R.Runs, Kinds.__default.Suspended)),
        new("a partition is ready that was never started", [K.Started], [], k => Life(k, R.ReadyThen, Kinds.__default.Created)),
        new("a suspended partition waits", [K.Started], [], k => Life(k, R.Waits, Kinds.__default.Suspended)),

        new("a record's hash changed", [K.Log], ["log: chain"], k => ARecord(k, ^1, r => Rec(r, hash: r.dtor_hash ^ 1))),
        new("a record's time changed", [K.Log], ["log: chain"], k => ARecord(k, 5, r => Rec(r, time: r.dtor_time + 1))),
        new("a record's number changed", [K.Log], ["log: chain"], k => ARecord(k, ^1, r => Rehashed(Rec(r, seqno: r.dtor_seqno + 1)))),
        new("a record that does not carry the hash before it", [K.Log], ["log: chain"], k => ARecord(k, ^1, r => Rehashed(Rec(r, before: r.dtor_before ^ 1)))),
        new("a record left out", [K.Log], ["log: chain", "log: undrained"], k => k.Records(r => Sequence<_IRecord>.Concat(r.Take(5L), r.Drop(6L)))),
        new("more drained than there is", [K.Log], ["log: drained", "log: undrained"],
            k => k.Log(l => Log.create(l.dtor_records, (ulong)l.dtor_records.Count + 1, l.dtor_quota, l.dtor_used))),
        new("quotas beyond the ring", [K.Log], ["log: quotas"], k => k.Quotas(q => q.With(0, n => n + 1), u => u)),
        new("a record that nobody is charged with", [K.Log], ["log: undrained"], k => k.Quotas(q => q, u => u.With(1, n => n - 1))),
        new("records beyond a partition's quota", [K.Log], ["log: within quota"], k => k.Quotas(q => q, u => u.With(1, n => n - 1).With(127, 1UL))),

        new("no record for a partition's end", [K.Ends], ["ends: a partition's"], k => k.Quotas(q => q.With(1, k.dtor_log.dtor_used.Select(1)), u => u)),
        new("no record for the end of one that was only created", [K.Ends], ["ends: a partition's"], k => k.Quotas(q => q.With(R.IsCreated, 0UL), u => u)),
        new("no record for the system's end", [K.Ends], ["ends: the system's"], k => k.Quotas(q => q.With(0, k.dtor_log.dtor_used.Select(0)), u => u)),
        new("a record of kind 256", [K.Small, K.Log], ["log: chain"], k => ARecord(k, ^1, r => Rec(r, kind: 256))),

        new("a device that is the console", [K.Devices], [], k => ADevice(k, 0x9000, 1)),
        new("a device to be leased in RAM", [K.Devices], [], k => ADevice(k, 0x40000, 1)),
        new("a device without pages", [K.Devices], [], k => ADevice(k, 0x9030, 0)),
        new("a device of 4097 pages", [K.Devices], [], k => ADevice(k, 0x10000, 4097)),
        new("an image without code", [K.Images], [], k => AnImage(k, i => Image.create(i.dtor_offset, 64, i.dtor_page, 0, 1, 0))),
        new("an image of 4097 pages", [K.Images], [], k => AnImage(k, i => Image.create(i.dtor_offset, 64, i.dtor_page, 4096, 1, 0))),
        new("an image beyond 39 bits of address", [K.Images], [], k => AnImage(k, i => Image.create(i.dtor_offset, 64, 0x7FF_FFFF, 1, 1, 0))),
        new("an image that does not fit its pages", [K.Images], [], k => AnImage(k, i => Image.create(i.dtor_offset, 4 * 4096 + 1, i.dtor_page, 2, 2, 0))),
        new("an image beyond 4 GiB of bundle", [K.Images], [], k => AnImage(k, i => Image.create((1UL << 32) - 63, 64, i.dtor_page, 2, 2, 0))),
    ];

    /// <summary>A change of the rich state, the conjuncts and the parts of conjuncts that it violates.</summary>
    private sealed record Violation(string What, string[] Conjuncts, string[] Parts, Func<_IKernel, _IKernel> Change);

    public static TheoryData<string> Names => [.. Violations.Select(v => v.What)];

    [Fact]
    public void The_list_here_is_the_invariant_of_the_specification() => Assert.Equal(K.InTheFile(), K.Top.Keys);

    [Fact]
    public void Every_conjunct_and_every_part_has_a_violation()
    {
        Assert.Empty(K.Top.Keys.Except(Implied.Keys).Except(Violations.Where(v => v.Conjuncts.Length == 1).SelectMany(v => v.Conjuncts)));
        Assert.Empty(K.Parts.Keys.Except(Violations.SelectMany(v => v.Parts)));
    }

    [Fact]
    [Trait("Theorem", "Boot_starts_valid_and_stays_so")]
    public void The_first_state_satisfies_every_conjunct() => AssertValid(R.First);

    [Fact]
    [Trait("Theorem", "Boot_starts_valid_and_stays_so")]
    public void A_state_that_a_boot_leads_to_satisfies_every_conjunct() => AssertValid(R.State);

    private static readonly string[] Runs = ["Stopped", "Ready", "Running", "Sleeping", "Waiting"];

    [Fact]
    public void That_state_has_one_of_everything()
    {
        var (st, sched, log) = (R.State.dtor_st, R.State.dtor_vol.dtor_sched, R.State.dtor_log);
        Assert.Equal((uint)R.Runs, sched.dtor_cur);
        Assert.Equal([(uint)R.ReadyFirst, (uint)R.ReadyThen], sched.dtor_ready.CloneAsArray());
        Assert.Equal("Sleeping Waiting Running Ready Ready Stopped Stopped", string.Join(' ', Enumerable.Range(1, 7).Select(p => Runs[sched.dtor_tasks.Select(p).dtor_run])));
        Assert.Equal((ulong)R.Quiet, sched.dtor_tasks.Select(R.Waits).dtor_wake);
        Assert.Equal((Kinds.__default.Created, Kinds.__default.Free), (st.dtor_parts.Select(R.IsCreated).dtor_life, st.dtor_parts.Select(R.Ended).dtor_life));
        Assert.Equal([0u, 1, 2, 3], st.dtor_maps.Select(1).dtor_pages.Values.Elements.Select(e => e.dtor_perm).Distinct().Order().ToArray());
        Assert.Equal([0u, 1, 2, 3], st.dtor_memory.dtor_regions.Where(r => r.dtor_owner != 0).Select(r => r.dtor_policy).Distinct().Order().ToArray());
        Assert.Contains(st.dtor_memory.dtor_regions, r => r.dtor_owner == 0 && r.dtor_pages != 0);
        Assert.Contains(st.dtor_caps, c => c.dtor_depth == 1);
        Assert.Equal(Lease.create(R.Leased, R.LeasedPage, 1_002_000), st.dtor_leases.Select(1));
        Assert.Equal(2, R.State.dtor_vol.dtor_queues.Select(R.Talk).dtor_msgs.Count);
        Assert.Equal(1UL << 63 | 0x10, R.State.dtor_vol.dtor_queues.Select(R.Talk).dtor_bits);
        Assert.InRange(log.dtor_drained, 1UL, (ulong)log.dtor_records.Count - 4);
        Assert.Equal(0UL, st.dtor_edges.Select(R.NoEdge).dtor_cap);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Violated(string what)
    {
        var violation = Violations.Single(v => v.What == what);
        var k = violation.Change(R.State);
        Assert.False(Valid.__default.Valid(k));
        if (violation.Conjuncts.Contains(K.Sized))
        {
            Assert.False(State.__default.Sized(k));      // the other conjuncts are only defined for tables of the right size
            return;
        }

        Assert.Equal(violation.Conjuncts.Order(), K.Top.Where(c => !c.Value(k)).Select(c => c.Key).Order());
        Assert.Equal(violation.Parts.Order(), K.Parts.Where(c => !c.Value(k)).Select(c => c.Key).Order());
    }

    [Fact]
    public void A_system_that_has_ended_needs_no_record_for_its_end() =>
        AssertValid(R.State.Quotas(q => q.With(0, R.State.dtor_log.dtor_used.Select(0)), u => u)
            .Vol(v => Volatile.create(v.dtor_sched, v.dtor_queues, v.dtor_regs, v.dtor_failed, true)));

    private static void AssertValid(_IKernel k)
    {
        Assert.All(K.Top, c => Assert.True(c.Value(k), c.Key));
        Assert.All(K.Parts, c => Assert.True(c.Value(k), c.Key));
        Assert.True(Valid.__default.Valid(k));
    }

    private static ISequence<T> Shorter<T>(ISequence<T> all) => all.Take(all.LongCount - 1);

    private static _IKernel Page(_IKernel k, uint page, Func<_IPte, _IPte> change) => k.Maps(m => m.With(1, x =>
        Map.create(x.dtor_keys, Map<uint, _IPte>.Update(x.dtor_pages, page, change(Map<uint, _IPte>.Select(x.dtor_pages, page == 0x800_0000 ? 0x50000 : page))))));

    private static _IKernel AnEdge(_IKernel k, int e, Func<_IEdge, _IEdge> change) => k.EdgesOf(all => all.With(e, change));

    private static _IKernel ALease(_IKernel k, Func<_ILease, _ILease> change) => k.Leases(all => all.With(1, change));

    private static _IKernel ADevice(_IKernel k, ulong frame, ulong pages) => k.Devices(all => all.With(1, Device.create(frame, pages)));

    private static _IKernel AnImage(_IKernel k, Func<_IImage, _IImage> change) => k.Images(all => all.With(0, change));

    private static _IKernel Cur(_IKernel k, uint p) => k.Sched(s => Sched.create(s.dtor_tasks, s.dtor_ready, p, s.dtor_sliceEnd, s.dtor_nextWake));

    private static _IKernel Deadline(_IKernel k, int p, ulong deadline) => k.Task(p, t => State.Task.create(t.dtor_run, t.dtor_left, deadline, t.dtor_wake));

    private static _IKernel Life(_IKernel k, int p, uint life) => k.Parts(all => all.With(p, x => Part.create(x.dtor_gen, life, x.dtor_slice, x.dtor_rel)));

    private static _IKernel ARecord(_IKernel k, Index i, Func<_IRecord, _IRecord> change) => k.Records(all => all.With(i.GetOffset(all.Count), change));

    private static _IRecord Rec(_IRecord r, ulong? seqno = null, ulong? time = null, ulong? kind = null, ulong? before = null, ulong? hash = null) =>
        State.Record.create(seqno ?? r.dtor_seqno, time ?? r.dtor_time, kind ?? r.dtor_kind, r.dtor_tier, r.dtor_subject, r.dtor_obj, r.dtor_aux,
            before ?? r.dtor_before, hash ?? r.dtor_hash);

    private static _IRecord Rehashed(_IRecord r) => Rec(r, hash: Witness.__default.HashOf(r));
}
