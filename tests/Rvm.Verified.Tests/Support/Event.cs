namespace Rvm.Verified.Tests;

/// <summary>An event that the platform delivers.</summary>
public enum EventKind { Hypercall, Trap, Tick }

/// <summary>One event. Hypercall: <paramref name="Words"/> are x0–x7 of the caller, or x0–x12 with a proof token; Trap: esr, far, ipa, vbar.</summary>
public readonly record struct Event(EventKind Kind, ulong Now, ulong[] Words)
{
    /// <summary>The function number among RVM's own calls; null: another function, or no call.</summary>
    public uint? Number => Kind == EventKind.Hypercall && (Words[0] & 0xFFFF_FFFF) - Fn.Base < 100 ? (uint)((Words[0] & 0xFFFF_FFFF) - Fn.Base) : null;

    public void Deliver(CoreState.Core core)
    {
        switch (Kind)
        {
            case EventKind.Hypercall:
                if (core.sched.cur != 0) Words.CopyTo(core.ctx, core.sched.cur * 64);
                RvmKernel.__default.Hypercall(core, Now);
                break;
            case EventKind.Trap: RvmKernel.__default.Trap(core, Words[0], Words[1], Words[2], Words[3], Now); break;
            default: RvmKernel.__default.Tick(core, Now); break;
        }
    }

    public override string ToString() => $"{Kind} {(Number is { } n ? n.ToString() : "")} at {Now}: {string.Join(' ', Words.Select(w => $"0x{w:x}"))}";
}

/// <summary>Makes events for a kernel in its present state: mostly calls that could succeed, and some that are wild.</summary>
public sealed class EventSource(CoreState.Core core, Random random)
{
    private ulong Due => RvmKernel.__default.Timer(core);

    private readonly List<ulong> _oldHandles = [];
    private ulong _now = 1000;

    private static readonly (uint Number, int Weight)[] Weights =
    [
        (Fn.CapGrant, 12), (Fn.RegionMap, 12), (Fn.QueueSend, 10), (Fn.QueueRecv, 10), (Fn.TimerWait, 4), (Fn.PartitionCreate, 6), (Fn.EdgeCreate, 5),
        (Fn.EdgeDestroy, 2), (Fn.WitnessRead, 4), (Fn.NotifySignal, 8), (Fn.NotifyWait, 4), (Fn.CapRevoke, 4), (Fn.Yield, 12), (Fn.Exit, 1), (Fn.ConsoleWrite, 4),
        (Fn.WitnessAck, 6), (Fn.PartitionStart, 8), (Fn.PartitionSuspend, 3), (Fn.PartitionTerminate, 2), (Fn.RegionUnmap, 6), (Fn.CapDrop, 5), (Fn.PolicyActivate, 3),
        (Fn.ProofSubmit, 4), (Fn.ProofStatus, 2), (Fn.LeaseAcquire, 5), (Fn.LeaseRevoke, 2), (Fn.LeaseRenew, 3),
    ];

    private static readonly int TotalWeight = Weights.Sum(w => w.Weight);

    /// <summary>The next event; hardly ever one that would leave fewer than three partitions to go on.</summary>
    public Event Next()
    {
        var e = Any();
        for (var tries = 0; tries < 100 && IsDeadly(e) && random.Next(200) != 0; tries++) e = Any();
        return e;
    }

    private bool IsDeadly(Event e) => core.sched.count < 3 && core.sched.cur != 0
        && (e.Number is Fn.Exit or Fn.PartitionTerminate or Fn.PartitionSuspend or Fn.NotifyWait || (e.Kind == EventKind.Trap && Ends(e)) || (e.Words.Length > 0 && e.Words[0] is Fn.SystemOff or Fn.SystemReset));

    private bool Ends(Event trap) => core.log.used[core.sched.cur] + 1 >= core.log.quota[core.sched.cur] || core.ctx[core.sched.cur * 64 + 31] - trap.Words[3] < 0x800;

    /// <summary>The next event, whatever comes of it.</summary>
    public Event Any()
    {
        Advance();
        if (core.sched.cur == 0) return new(EventKind.Tick, _now = Math.Max(_now, Due == ulong.MaxValue ? _now : Due), []);
        return random.Next(100) switch
        {
            < 80 => Call(),
            < 86 => Trap(),
            < 95 => new(EventKind.Tick, _now, []),
            _ => new(EventKind.Hypercall, _now, [Function(), .. Wild(7)]),
        };
    }

    /// <summary>A handle out of the running partition's table, of this kind if there is one; sometimes an old or a wrong one.</summary>
    public ulong Handle(uint kind)
    {
        var me = core.sched.cur;
        var slot = (uint)random.Next((int)Caps.Slots);
        for (var i = 0u; i < Caps.Slots && kind != 0; i++)
            if (Caps.KindOf(core, me, (slot + i) % Caps.Slots) == kind && IsLive(me, (slot + i) % Caps.Slots)) { slot = (slot + i) % Caps.Slots; break; }
        var handle = Now(me, slot);
        if (random.Next(16) == 0) _oldHandles.Add(handle);
        return random.Next(24) switch
        {
            0 => WildWord(),
            1 => handle - 0x1_0000_0000,
            2 => handle + 0x1_0000_0000,
            3 when _oldHandles.Count > 0 => _oldHandles[random.Next(_oldHandles.Count)],
            _ => handle,
        };
    }

    /// <summary>A dead capability of the running partition, to make room; any slot when there is none.</summary>
    private ulong Dead()
    {
        var me = core.sched.cur;
        for (var slot = 0u; slot < Caps.Slots; slot++)
            if (Caps.KindOf(core, me, slot) != 0 && !IsLive(me, slot)) return Now(me, slot);
        return random.Next(4) == 0 ? Handle(0) : WildWord();
    }

    private ulong Now(uint p, uint slot) => (ulong)Caps.Generation(core, p, slot) << 32 | slot;

    private bool IsLive(uint p, uint slot)
    {
        core.caps.Check(p, Now(p, slot), 0, 0, out var status, out _);
        var what = Caps.Object(core, p, slot);
        return status == 0 && Caps.KindOf(core, p, slot) switch
        {
            Kind.Partition => PartRow.Read(core, what).Life != PartRow.Free && (uint)PartRow.Read(core, what).Generation == Caps.ObjectGeneration(core, p, slot),
            Kind.Edge => core.edges.edges[what * 4 + 3] != 0 && core.edges.edges[what * 4] == Caps.ObjectGeneration(core, p, slot),
            _ => true,
        };
    }

    private Event Call()
    {
        var (pick, i) = (random.Next(TotalWeight), 0);
        while (pick >= Weights[i].Weight) pick -= Weights[i++].Weight;
        var words = new ulong[8];
        words[0] = Fn.Base + Weights[i].Number;
        Arguments(Weights[i].Number).CopyTo(words, 1);
        if (random.Next(12) == 0) words[1 + random.Next(7)] = WildWord();
        return new(EventKind.Hypercall, _now, Fn.Sealed.Contains(Weights[i].Number) ? [.. words, .. Proof(words)] : words);
    }

    /// <summary>A good token; sometimes one with a wrong word, or another's, or one that has been used.</summary>
    private ulong[] Proof(ulong[] x)
    {
        var token = Token.Good(core, x, _now).Words;
        if (random.Next(8) == 0) token[random.Next(5)] = WildWord();
        if (random.Next(16) == 0) token[3]--;
        return random.Next(16) == 0 ? _lastProof : _lastProof = token;
    }

    private ulong[] _lastProof = new ulong[5];

    private ulong[] Arguments(uint number) => number switch
    {
        Fn.CapGrant => [Handle(random.Next(2) == 0 ? Kind.Region : (uint)random.Next(13)), random.Next(3) == 0 ? 0 : Handle(Kind.Partition), RightsMask()],
        Fn.RegionMap => [Handle(Kind.Region), Ipa(), (ulong)random.Next(6), (ulong)random.Next(1, 5), (ulong)random.Next(4)],
        Fn.RegionUnmap => [Handle(Kind.Region), Ipa(), (ulong)random.Next(1, 4)],
        Fn.QueueSend or Fn.NotifySignal => [Handle(Kind.Edge), (ulong)random.Next(256), WildWord(), WildWord(), WildWord()],
        Fn.TimerWait => [_now + (ulong)random.Next(3000)],
        Fn.PartitionCreate => [Handle(Kind.Pool), (ulong)random.Next(3), WildWord(), (ulong)random.Next(1, 200), (ulong)random.Next(4)],
        Fn.EdgeCreate => [Handle(Kind.Partition), (ulong)random.Next(1, 17)],
        Fn.WitnessRead => [Handle(Kind.WitnessLog), core.log.drained + (ulong)random.Next(50)],
        Fn.WitnessAck => [Handle(Kind.WitnessLog), core.log.head - (random.Next(8) == 0 ? 1UL : 0)],
        Fn.Exit => [(ulong)random.Next(2)],
        Fn.ConsoleWrite => [Handle(Kind.Console), (ulong)random.Next(110)],
        Fn.PartitionStart or Fn.PartitionSuspend or Fn.PartitionTerminate => [Handle(Kind.Partition)],
        Fn.Yield or Fn.ProofStatus => [],
        Fn.ProofSubmit => [Handle(Kind.WitnessLog), core.log.drained, core.log.head + (random.Next(8) == 0 ? 1UL : 0), WildWord(), WildWord(), WildWord()],
        Fn.PolicyActivate => [Handle(Kind.Policy), (ulong)random.Next(random.Next(6) == 0 ? 4 : 3)],
        Fn.CapRevoke => [Handle((uint)random.Next(13))],
        Fn.CapDrop => [Dead()],
        Fn.LeaseAcquire => [Handle(Kind.Lease), Duration(), Ipa()],
        Fn.LeaseRenew => [Leased(), Duration()],
        Fn.LeaseRevoke => [Leased()],
        _ => [Handle(Kind.Edge)],
    };

    private Event Trap()
    {
        ulong[] classes = [0x00, 0x01, 0x01, 0x01, 0x07, 0x16, 0x17, 0x17, 0x18, 0x20, 0x24, 0x24, 0x3C, (ulong)random.Next(64)];
        var pc = core.ctx[core.sched.cur * 64 + 31];
        var vectors = random.Next(30) == 0 ? pc - (ulong)random.Next(0x810) : WildWord();
        return new(EventKind.Trap, _now, [classes[random.Next(classes.Length)] << 26 | (ulong)(uint)random.Next(1 << 25) | (random.Next(10) == 0 ? WildWord() << 32 : 0), WildWord(), WildWord(), vectors]);
    }

    private ulong Function() => random.Next(4) switch
    {
        0 => Fn.Base + (ulong)random.Next(90),
        1 => new[] { Fn.SmcccVersion, Fn.PsciVersion, Fn.PsciFeatures, Fn.VendorUid }[random.Next(4)],
        2 => WildWord(),
        _ => Fn.Base + Fn.All[random.Next(Fn.All.Length)],
    };

    private ulong Ipa() => random.Next(10) switch
    {
        0 => WildWord(),
        1 => (ulong)random.Next(1 << 27) << 12,
        2 => 0x4000_0000UL + (ulong)random.Next(4) * 4096,
        _ => 0x5000_0000UL + (ulong)random.Next(16) * 4096,
    };

    private ulong Duration() => random.Next(16) == 0 ? WildWord() : (ulong)random.Next(1, 3000);

    /// <summary>A capability for the device that the running partition has leased; any device's when it has none.</summary>
    private ulong Leased()
    {
        var (me, leases) = (core.sched.cur, core.gate.leases);
        for (var slot = 0u; slot < Caps.Slots && leases.ends[me] != 0 && random.Next(8) != 0; slot++)
            if (Caps.KindOf(core, me, slot) == Kind.Lease && IsLive(me, slot)
                && leases.list[2 * Caps.Object(core, me, slot)] == RegionRow.Read(core, (int)leases.place[2 * me]).Frame) return Now(me, slot);
        return Handle(Kind.Lease);
    }

    private ulong RightsMask() => random.Next(3) == 0 ? (ulong)random.Next(0x1000) : (ulong)(uint)random.Next(8) | (random.Next(2) == 0 ? Right.Revoke : 0);

    private ulong[] Wild(int count) => [.. Enumerable.Range(0, count).Select(_ => WildWord())];

    private ulong WildWord() => random.Next(8) switch
    {
        0 => 0,
        1 => ~0UL,
        2 => 1UL << random.Next(64),
        3 => (1UL << random.Next(64)) - 1,
        4 => (ulong)random.Next(64),
        5 => (ulong)random.Next(4) << 32 | (ulong)(uint)random.Next(40),
        _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
    };

    private void Advance()
    {
        _now = random.Next(2000) switch
        {
            0 => (ulong)random.Next(2000),                                   // time runs back: a platform must not do it, the core must bear it
            1 when random.Next(20) == 0 => ulong.MaxValue - (ulong)random.Next(3),
            _ => _now > ulong.MaxValue / 2 ? 1000 : _now + (ulong)random.Next(200),
        };
    }
}
