using Rvm.Spec.State;
using C = Rvm.Spec.Capabilities.__default;

namespace Rvm.Spec.Tests;

/// <summary>Plays the guests: makes events for a state of the specification, mostly such as could succeed, and some wild ones.</summary>
public sealed class Caller(Random random)
{
    private readonly List<ulong> _old = [];
    private ulong _now = 1000;
    private int _idle;

    /// <summary>Are pages mapped so far from each other that the tables run out?</summary>
    private readonly bool _scatter = random.Next(4) == 0;

    /// <summary>After so many events, everybody wants to end.</summary>
    private int _left = random.Next(3) == 0 ? random.Next(50, 300) : int.MaxValue;

    private static readonly (uint Number, int Weight)[] Weights =
    [
        (Fn.CapGrant, 14), (Fn.RegionMap, 14), (Fn.QueueSend, 10), (Fn.QueueRecv, 8), (Fn.TimerWait, 4), (Fn.PartitionCreate, 6), (Fn.EdgeCreate, 5),
        (Fn.EdgeDestroy, 4), (Fn.WitnessRead, 4), (Fn.NotifySignal, 8), (Fn.NotifyWait, 8), (Fn.CapRevoke, 4), (Fn.Yield, 12), (Fn.Exit, 1), (Fn.ConsoleWrite, 4),
        (Fn.WitnessAck, 4), (Fn.PartitionStart, 8), (Fn.PartitionSuspend, 5), (Fn.PartitionTerminate, 2), (Fn.RegionUnmap, 7), (Fn.CapDrop, 6), (Fn.PolicyActivate, 5),
        (Fn.ProofSubmit, 4), (Fn.ProofStatus, 2), (Fn.LeaseAcquire, 6), (Fn.LeaseRevoke, 3), (Fn.LeaseRenew, 6),
    ];

    private static readonly int TotalWeight = Weights.Sum(w => w.Weight);

    /// <summary>The next event; null when nothing can happen any more. Hardly ever one that leaves fewer than three partitions to go on.</summary>
    public Happening? Next(_IKernel k)
    {
        Advance();
        var s = k.dtor_vol.dtor_sched;
        if (s.dtor_cur == 0) return Idle(k);
        _idle = 0;
        if (--_left < 0) return random.Next(3) == 0 ? Any(k) : Last(k);
        var e = Any(k);
        for (var tries = 0; tries < 100 && s.dtor_ready.Count < 3 && IsDeadly(k, e) && random.Next(200) != 0; tries++) e = Any(k);
        return e;
    }

    /// <summary>Nobody runs: the timer ticks, or (a platform must not do it) something else happens.</summary>
    private Happening? Idle(_IKernel k)
    {
        if (++_idle > 6) return null;
        var timer = Leases.__default.Timer(k);
        if (timer != ulong.MaxValue) _now = Math.Max(_now, timer);
        return random.Next(8) switch
        {
            0 => Happening.Call(_now, Wild(8)),
            1 => Happening.Trap(_now, Wild(), Wild(), Wild(), Wild(), Wild()),
            2 => Run(),
            _ => Happening.Tick(_now),
        };
    }

    /// <summary>Who has leased a device and has few records left uses them up, and then the lease ends.</summary>
    private Happening Starved(_IKernel k, ulong until) => Witness.__default.Room(k.dtor_log, Me(k), 2)
        ? Happening.Call(_now, [Fn.Base + 90, .. Wild(7)]) : Happening.Tick(_now = Math.Max(_now, until));

    private Happening Any(_IKernel k) => random.Next(100) switch
    {
        < 50 when k.dtor_st.dtor_leases.Select(Me(k)).dtor_until is var until && until != 0 && !Witness.__default.Room(k.dtor_log, Me(k), 20) => Starved(k, until),
        < 80 => Call(k),
        < 86 => Trap(k),
        < 95 => Tick(k),
        < 97 => Run(),
        _ => Happening.Call(_now, [Function(), .. Wild(7)]),
    };

    /// <summary>A guest runs and leaves anything in its registers; sometimes (a platform must not do it) in more or fewer than there are.</summary>
    private Happening Run() => Happening.Ran(_now, Wild(random.Next(8) == 0 ? random.Next(64) : Happening.Saved));

    private Happening Last(_IKernel k) => random.Next(6) switch
    {
        0 => Happening.Call(_now, Fn.SystemOff),
        1 => Happening.Call(_now, Fn.SystemReset),
        2 or 3 => Happening.Call(_now, Fn.Base + Fn.Exit, (ulong)random.Next(2)),
        _ => Happening.Call(_now, Fn.Base + Fn.PartitionTerminate, Handle(k, Kind.Partition)),
    };

    private static bool IsDeadly(_IKernel k, Happening e)
    {
        var room = Witness.__default.Room(k.dtor_log, Me(k), 1);
        return e.Number is Fn.Exit or Fn.PartitionTerminate or Fn.NotifyWait
            || e.Number == Fn.PartitionSuspend && room
            || e.Sort == Sort.Hypercall && (e.Writes[0].Value & 0xFFFF_FFFF) is Fn.SystemOff or Fn.SystemReset
            || e.Sort == Sort.Trap && (!room || e.Writes[0].Value - e.Words[3] < 0x800);
    }

    private Happening Tick(_IKernel k)
    {
        var s = k.dtor_vol.dtor_sched;
        var (end, wake) = (s.dtor_sliceEnd, s.dtor_nextWake);
        var lease = k.dtor_st.dtor_leases.Select(s.dtor_cur).dtor_until;
        if (random.Next(2) == 0 && lease != 0 && lease < end) _now = Math.Max(_now, lease);
        else if (random.Next(2) == 0 && wake != ulong.MaxValue && wake < end) _now = Math.Max(_now, wake);
        else if (random.Next(2) == 0 && end < ulong.MaxValue - 1000) _now = Math.Max(_now, end);
        return Happening.Tick(_now);
    }

    private Happening Call(_IKernel k)
    {
        var number = Pick();
        for (var tries = 0; tries < 4 && Needs(number) is var kind && kind != 0 && !AllSlots.Any(s => Cap(k, s).dtor_kind == kind && IsLive(k, s)); tries++) number = Pick();
        var x = new ulong[8];
        x[0] = Fn.Base + number;
        Arguments(k, number).CopyTo(x, 1);
        if (random.Next(12) == 0) x[1 + random.Next(5)] = Wild();
        if (random.Next(40) == 0) x[1] = Handle(k, (uint)random.Next(13));
        return Fn.Sealed.Contains(number) ? Happening.Call(_now, [.. x, .. Proof(k, x)]) : Happening.Call(_now, x);
    }

    private ulong[] _lastProof = new ulong[5];

    /// <summary>A good token; sometimes one with a wrong word, one that is only just good or no more, or the last one again.</summary>
    private ulong[] Proof(_IKernel k, ulong[] x)
    {
        var good = Proofs.Good(k, x, _now);
        var token = (random.Next(16) switch
        {
            0 => good with { Nonce = good.Nonce - 1 },
            1 => good with { Until = _now > 0 ? _now - 1 : 0 },
            2 => good with { Until = unchecked(_now + Token.Window + (ulong)random.Next(2)) },
            3 => good with { Claim = good.Claim ^ (1UL << random.Next(12)) },
            4 => good with { Object = good.Object ^ 1 },
            5 => good with { Digest = Wild() },
            6 => good with { Nonce = good.Until + (ulong)random.Next(2) },
            _ => good,
        }).Words;
        return random.Next(40) == 0 ? _lastProof : _lastProof = token;
    }

    private uint Pick()
    {
        var (pick, i) = (random.Next(TotalWeight), 0);
        while (pick >= Weights[i].Weight) pick -= Weights[i++].Weight;
        return Weights[i].Number;
    }

    /// <summary>The kind of capability that a call is about.</summary>
    private static uint Needs(uint number) => number switch
    {
        Fn.RegionMap or Fn.RegionUnmap => Kind.Region,
        Fn.QueueSend or Fn.QueueRecv or Fn.NotifySignal or Fn.NotifyWait or Fn.EdgeDestroy => Kind.Edge,
        Fn.PartitionStart or Fn.PartitionSuspend or Fn.PartitionTerminate or Fn.EdgeCreate => Kind.Partition,
        Fn.PartitionCreate => Kind.Pool,
        Fn.LeaseAcquire or Fn.LeaseRevoke or Fn.LeaseRenew => Kind.Lease,
        Fn.PolicyActivate => Kind.Policy,
        Fn.WitnessRead or Fn.WitnessAck or Fn.ProofSubmit => Kind.WitnessLog,
        Fn.ConsoleWrite => Kind.Console,
        _ => 0,
    };

    private ulong[] Arguments(_IKernel k, uint number) => number switch
    {
        Fn.CapGrant => random.Next(2) == 0 ? Deepest(k) : [Handle(k, (uint)random.Next(13)), random.Next(2) == 0 ? 0 : Handle(k, Kind.Partition), Mask()],
        Fn.RegionMap => NewMapping(k),
        Fn.RegionUnmap => Mapping(k),
        Fn.QueueSend => [Handle(k, Kind.Edge, source: true), Wild(), Wild(), Wild(), Wild()],
        Fn.NotifySignal => [Handle(k, Kind.Edge, source: true), Wild()],
        Fn.QueueRecv or Fn.NotifyWait => [Handle(k, Kind.Edge, source: false)],
        Fn.TimerWait => [random.Next(3) == 0 ? _now : _now + (ulong)random.Next(3000)],
        Fn.PartitionCreate => [Handle(k, Kind.Pool), (ulong)random.Next(k.dtor_images.Count + (random.Next(6) == 0 ? 1 : 0)), Wild(), (ulong)random.Next(40), (ulong)random.Next(3)],
        Fn.EdgeCreate => [Handle(k, Kind.Partition), (ulong)random.Next(1, 4)],
        Fn.WitnessRead => [Handle(k, Kind.WitnessLog), k.dtor_log.dtor_drained + (ulong)random.Next(50)],
        Fn.WitnessAck => [Handle(k, Kind.WitnessLog), (ulong)k.dtor_log.dtor_records.Count - (random.Next(6) == 0 ? 1UL : 0)],
        Fn.Exit => [(ulong)random.Next(2)],
        Fn.LeaseAcquire => [Handle(k, Kind.Lease), Duration(), Ipa()],
        Fn.LeaseRenew => [Leased(k), Duration()],
        Fn.LeaseRevoke => [Leased(k)],
        Fn.ConsoleWrite => [Handle(k, Kind.Console), (ulong)random.Next(110)],
        Fn.PartitionStart or Fn.PartitionSuspend or Fn.PartitionTerminate => [Handle(k, Kind.Partition)],
        Fn.CapDrop => [random.Next(2) == 0 ? Dead(k) : Handle(k, (uint)random.Next(13))],
        Fn.Yield or Fn.ProofStatus => [],
        Fn.ProofSubmit => Certificate(k),
        Fn.PolicyActivate => [Handle(k, Kind.Policy), random.Next(8) == 0 ? Wild() : (ulong)random.Next(1, 3)],
        _ => [Handle(k, number == Fn.EdgeDestroy ? Kind.Edge : (uint)random.Next(13))],
    };

    /// <summary>What proof_submit is to check: some of the last records, mostly with the hash before them and the one that they lead to.</summary>
    private ulong[] Certificate(_IKernel k)
    {
        var records = k.dtor_log.dtor_records;
        var (handle, upto) = (Handle(k, Kind.WitnessLog), (ulong)records.Count + (random.Next(8) == 0 ? 1UL : 0));
        var from = upto - Math.Min(upto, (ulong)random.Next(40));
        if (random.Next(3) == 0 || from >= (ulong)records.Count || upto > (ulong)records.Count) return [handle, from, upto, Wild(), Wild(), Wild()];
        return [handle, from, upto, records.Select((int)from).dtor_before, records.Select((int)upto - 1).dtor_hash, Wild()];
    }

    private static uint Me(_IKernel k) => k.dtor_vol.dtor_sched.dtor_cur;

    private static _ICap Cap(_IKernel k, uint slot) => k.dtor_st.dtor_caps.Select(Me(k) * States.Slots + slot);

    private static ulong HandleOf(_IKernel k, uint slot) => C.Handle(slot, Cap(k, slot).dtor_gen);

    private static bool IsLive(_IKernel k, uint slot) =>
        Cap(k, slot) is var c && C.Live(k.dtor_st.dtor_caps, Me(k) * States.Slots + slot, c.dtor_gen) && Apply.__default.ObjectGen(k.dtor_st, c.dtor_kind, c.dtor_obj) == c.dtor_ogen;

    /// <summary>A handle out of the running partition's table: of this kind, live and (of an edge) for this end if there is one; sometimes an old or a wrong one.</summary>
    private ulong Handle(_IKernel k, uint kind, bool? source = null)
    {
        var start = (uint)random.Next(States.Slots);
        var slot = start;
        for (uint i = 0; i < States.Slots; i++)
        {
            var at = (start + i) % States.Slots;
            if (Cap(k, at).dtor_kind == 0 || (kind != 0 && Cap(k, at).dtor_kind != kind) || !IsLive(k, at)) continue;
            if (kind == Kind.Partition && random.Next(4) == 0 && Cap(k, at).dtor_obj != Me(k)) continue;
            if (source is { } s && random.Next(16) != 0 && k.dtor_st.dtor_edges.Select(Cap(k, at).dtor_obj) is var e && (s ? e.dtor_src : e.dtor_dst) != Me(k)) continue;
            slot = at;
            break;
        }

        var handle = HandleOf(k, slot);
        if (random.Next(16) == 0) _old.Add(handle);
        return random.Next(24) switch
        {
            0 => Wild(),
            1 => handle - 0x1_0000_0000,
            2 => handle + 0x1_0000_0000,
            3 when _old.Count > 0 => _old[random.Next(_old.Count)],
            _ => handle,
        };
    }

    private static IEnumerable<uint> AllSlots => Enumerable.Range(0, States.Slots).Select(i => (uint)i);

    /// <summary>The live capability with the longest derivation path, passed on to its owner with all of its rights.</summary>
    private ulong[] Deepest(_IKernel k)
    {
        var all = AllSlots.Where(s => Cap(k, s) is var c && c.dtor_kind != 0 && IsLive(k, s) && C.CanDelegate(c.dtor_rights)).OrderByDescending(s => Cap(k, s).dtor_depth).ToArray();
        return all.Length == 0 ? [Wild(), 0, Mask()] : [HandleOf(k, all[0]), 0, Cap(k, all[0]).dtor_rights];
    }

    /// <summary>Pages of one of the regions, somewhere, mostly as its policy permits.</summary>
    private ulong[] NewMapping(_IKernel k)
    {
        var handle = Handle(k, Kind.Region);
        var region = C.Slot(handle) < States.Slots && Cap(k, (uint)C.Slot(handle)) is { dtor_kind: Kind.Region, dtor_obj: < States.Regions } c
            ? k.dtor_st.dtor_memory.dtor_regions.Select(c.dtor_obj)
            : null;
        var permission = region?.dtor_policy switch
        {
            Kind.Immutable => random.Next(2) == 0 ? Kind.R : Kind.Rx,
            Kind.Slab => (ulong)random.Next(2),
            Kind.Device => Kind.Dev,
            _ => Kind.R,
        };
        var first = (ulong)random.Next((int)Math.Min(region?.dtor_pages ?? 3, 6));
        return [handle, _scatter ? (ulong)random.Next(1 << 27) << 12 : Ipa(), first, (ulong)random.Next(1, 3), random.Next(12) == 0 ? (ulong)random.Next(5) : permission];
    }

    /// <summary>A dead capability, to make room.</summary>
    private ulong Dead(_IKernel k) => AllSlots.Where(s => Cap(k, s).dtor_kind != 0 && !IsLive(k, s)).Select(s => HandleOf(k, s)).FirstOrDefault(Wild());

    /// <summary>Handle, address and number of pages of a mapping that exists, if there is one.</summary>
    private ulong[] Mapping(_IKernel k)
    {
        var pages = k.dtor_st.dtor_maps.Select(Me(k)).dtor_pages;
        if (pages.Count == 0 || random.Next(5) == 0) return [Handle(k, Kind.Region), Ipa(), (ulong)random.Next(4)];
        var page = pages.ItemEnumerable.ElementAt(random.Next(pages.Count));
        var handles = AllSlots.Where(s => Cap(k, s) is { dtor_kind: Kind.Region } c && c.dtor_obj == page.Cdr.dtor_region && IsLive(k, s)).Select(s => HandleOf(k, s));
        return [handles.FirstOrDefault(Handle(k, Kind.Region)), (ulong)page.Car << 12, (ulong)random.Next(1, 3)];
    }

    private ulong Duration() => random.Next(12) == 0 ? Wild() : (ulong)random.Next(1, 3000);

    /// <summary>A capability for the device that the running partition has leased; any device's when it has none.</summary>
    private ulong Leased(_IKernel k)
    {
        var lease = k.dtor_st.dtor_leases.Select(Me(k));
        if (lease.dtor_until == 0 || random.Next(8) == 0) return Handle(k, random.Next(6) == 0 ? 0 : Kind.Lease);
        var frame = k.dtor_st.dtor_memory.dtor_regions.Select(lease.dtor_region).dtor_frame;
        return AllSlots.Where(s => Cap(k, s) is { dtor_kind: Kind.Lease } c && k.dtor_devices.Select(c.dtor_obj).dtor_frame == frame && IsLive(k, s))
            .Select(s => HandleOf(k, s)).FirstOrDefault(Handle(k, Kind.Lease));
    }

    private Happening Trap(_IKernel k)
    {
        ulong[] classes = [0x00, 0x01, 0x01, 0x01, 0x07, 0x16, 0x17, 0x17, 0x18, 0x20, 0x24, 0x24, 0x3C, (ulong)random.Next(64)];
        var pc = random.Next(3) == 0 ? k.dtor_vol.dtor_regs.Select(Me(k) * 64 + 31) : Wild();
        var vectors = random.Next(20) == 0 ? pc - (ulong)random.Next(0x810) : Wild();
        var esr = classes[random.Next(classes.Length)] << 26 | (ulong)(uint)random.Next(1 << 25) | (random.Next(10) == 0 ? Wild() << 32 : 0);
        return Happening.Trap(_now, esr, Wild(), Wild(), vectors, pc);
    }

    private static readonly ulong[] Standard = [Fn.SmcccVersion, Fn.PsciVersion, Fn.PsciFeatures, Fn.VendorUid, Fn.SystemOff, Fn.SystemReset];

    private ulong Function() => random.Next(5) switch
    {
        0 => Fn.Base + (ulong)random.Next(90),
        1 or 2 => Standard[random.Next(random.Next(8) == 0 ? 6 : 4)],
        3 => Wild(),
        _ => Fn.Base + Fn.All[random.Next(Fn.All.Length)],
    };

    private ulong Ipa() => random.Next(10) switch
    {
        0 => Wild(),
        1 or 2 => (ulong)random.Next(1 << 27) << 12,
        3 => 0x4000_0000UL + (ulong)random.Next(4) * 4096,
        4 => (0x800_0000UL - (ulong)random.Next(1, 3)) << 12,
        _ => 0x5000_0000UL + (ulong)random.Next(16) * 4096,
    };

    private ulong Mask() => random.Next(4) switch
    {
        0 => (ulong)random.Next(0x1000),
        1 => Right.Read | Right.GrantOnce,
        _ => (ulong)(uint)random.Next(8) | (random.Next(2) == 0 ? Right.Revoke : 0),
    };

    private IEnumerable<ulong> Wild(int count) => [.. Enumerable.Range(0, count).Select(_ => Wild())];

    private ulong Wild() => random.Next(9) switch
    {
        0 => 0,
        1 => ~0UL,
        2 => 1UL << random.Next(64),
        3 => (1UL << random.Next(64)) - 1,
        4 => (ulong)random.Next(64),
        5 => (ulong)random.Next(4) << 32 | (uint)random.Next(40),
        6 => Fn.SmcccVersion,
        _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
    };

    /// <summary>Time goes on; sometimes, as no platform may do, it runs back or comes to its end.</summary>
    private void Advance() => _now = random.Next(2000) switch
    {
        0 => (ulong)random.Next(2000),
        1 when random.Next(20) == 0 => ulong.MaxValue - (ulong)random.Next(3),
        _ => _now > ulong.MaxValue / 2 ? 1000 : _now + (ulong)random.Next(200),
    };
}
