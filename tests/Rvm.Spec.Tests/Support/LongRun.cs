using Rvm.Tool.Replay;

namespace Rvm.Spec.Tests;

/// <summary>
/// A long run of the core of the image: a partition that creates, starts and ends others, passes on and revokes capabilities, maps memory, makes edges, shows proofs, changes the policy and drains the
/// log; the others do what their capabilities let them. Everything comes from one seed. Its log is kept although the ring goes round many times.
/// </summary>
public sealed class LongRun
{
    private const uint Chief = 1;
    private const int BootSlots = 16;           // the chief's capabilities from boot, which it never drops
    private const uint LastOfBoot = 6;          // partitions up to this one are never ended: their quotas would not come back
    private const int PoolSlot = 11, LogSlot = 12;    // slots of the chief's
    private const ulong Quota = 20_000, DrainAt = 5000, Keep = 600;
    private const int Lives = 600;              // partitions that the chief may create: each takes a part of its quota for good

    private readonly CoreState.Core _core = RvmKernel.__default.New(0x40000, 0x9000, 0x8000, 0x80A0, 0xF60, 0x46000, 0x80000);
    private readonly Random _random;
    private readonly byte[] _log;
    private int _created;
    private ulong _copied;
    private ulong _now = 2000;

    /// <param name="records">How many records to make, besides those of the end.</param>
    public LongRun(int seed, int records)
    {
        (_random, _log, Total) = (new(seed), new byte[(records + 1000) * 64], (ulong)records);
        Boot();
        while (_copied < (ulong)records) Next();
        (Running, RunningRecords) = (new Mirror(_core), (int)_copied);
    }

    /// <summary>The core's arrays as they stand.</summary>
    public Mirror Running { get; }

    /// <summary>How many records there were before the end.</summary>
    public int RunningRecords { get; }

    private ulong Total { get; }

    public CoreState.Core Core => _core;

    /// <summary>The log so far.</summary>
    public byte[] Log => _log[..((int)_copied * 64)];

    /// <summary>Ends every partition; the log gets its SystemEnd.</summary>
    public void Finish()
    {
        for (var slot = 0; slot < 32; slot++)
            if (Cap(Chief, slot).Kind == Kind.Partition) As(Chief, Fn.PartitionTerminate, Handle(Chief, slot));
        for (var i = 0; i < 300 && !_core.halted; i++) Call(Fn.Exit, 0);
        Assert.True(_core.halted);
    }

    private void Boot()
    {
        void Do(params ulong[] words) => Assert.Equal(0UL, Deliver(Happening.Command([.. words, .. new ulong[8 - words.Length]], 400, 1000)));
        Assert.Equal(0UL, Deliver(Happening.Begin(Proofs.Bundle(PolicyWords.Open.Build(), PolicyWords.Narrow.Build()), 1000)));
        Do(1, 8, 64, 0x40000, 2, 2, 0x4000_0000);
        for (ulong p = 1; p <= 6; p++) Do(2, 0, 5000, 10_000 * p, 0, p == Chief ? Quota : 7000, 0, 0);
        Do(3, Chief, Kind.Slab, 600, 0, Right.All);
        Do(3, Chief, Kind.Immutable, 64, 0, Right.All);
        Do(3, Chief, Kind.AppendOnly, 8, 0, Right.All);
        for (ulong p = 2; p <= 4; p++) Do(3, p, Kind.Slab, 40, 0, Right.All);
        for (ulong p = 2; p <= 4; p++) Do(5, Chief, p, 16, Right.All, Right.All);
        for (ulong p = 2; p <= 6; p++) Do(6, Chief, Kind.Partition, p, Right.All);
        Do(6, Chief, Kind.Pool, 0, Right.All);
        Do(6, Chief, Kind.WitnessLog, 0, Right.All);
        Do(6, Chief, Kind.Console, 0, Right.All);
        Do(6, Chief, Kind.Policy, 0, Right.All);
        Do(10, 0x9010, 2);
        Do(6, Chief, Kind.Lease, 0, Right.All);
        for (var n = 0; n < 4; n++)             // an edge made at run time ends with one of its partitions only
            foreach (var (p, q) in new[] { (2UL, 3UL), (3UL, 4UL), (4UL, 2UL) }) { Do(5, p, q, 4, Right.All, Right.All); Do(5, q, p, 4, Right.All, Right.All); }
        for (ulong p = 1; p <= 5; p++) Do(7, p);
        Do(8);
    }

    private void Next()
    {
        _now += (ulong)_random.Next(60);
        var me = _core.sched.cur;
        if (me == Chief && (_core.log.head - _core.log.drained > DrainAt || _core.log.used[Chief] + Keep > _core.log.quota[Chief])) Call(Fn.WitnessAck, Handle(Chief, LogSlot), _core.log.head);
        else if (_random.Next(20) == 0) Call(Fn.Yield);
        else if (_random.Next(40) == 0) Deliver(Happening.Tick(_now));
        else Act(me);
    }

    private void Act(uint me)
    {
        var slot = Slot(me);
        var (kind, target) = Cap(me, slot);
        var handle = Handle(me, slot);
        switch (_random.Next(12))
        {
            case 0: Call(Fn.CapGrant, handle, 0, Some()); return;
            case 1 when me != Chief || slot >= BootSlots: if (!Ends(me, slot)) Call(Fn.CapDrop, handle); return;
            case 2: Call(Fn.CapRevoke, handle); return;
            case 3: Call(Fn.CapGrant, handle, Handle(me, Find(me, Kind.Partition)), Some()); return;
            case 4 when me == Chief && _copied * Lives >= (ulong)_created * Total: Create(); return;
        }

        if (kind == Kind.Region) Memory(handle, target);
        else if (kind == Kind.Edge) Call(_random.Next(me == Chief ? 30 : 8) == 0 ? Fn.EdgeDestroy : _random.Next(2) == 0 ? Fn.NotifySignal : Fn.QueueSend, handle, 1UL << _random.Next(60), 2, 3, 4);
        else if (kind == Kind.Partition)
            Call(_random.Next(8) switch { 0 or 4 or 5 when target > LastOfBoot => Fn.PartitionTerminate, 0 or 1 => Fn.PartitionSuspend, 2 or 3 => Fn.EdgeCreate, _ => Fn.PartitionStart }, handle, 1 + (ulong)_random.Next(16));
        else if (kind == Kind.Lease) Call(_random.Next(3) switch { 0 => Fn.LeaseAcquire, 1 => Fn.LeaseRenew, _ => Fn.LeaseRevoke }, handle, (ulong)_random.Next(1, 4000), 0x6000_0000);
        else if (kind == Kind.Policy) Call(Fn.PolicyActivate, handle, _random.Next(4) == 0 ? 2UL : 1);
        else Call(Fn.QueueRecv, handle);
    }

    private void Create()
    {
        _created++;
        for (var slot = BootSlots; slot < 32; slot++)
            if (Cap(Chief, slot).Kind != 0 && !Ends(Chief, slot))
                Call(Fn.CapDrop, Handle(Chief, slot));
        Call(Fn.PartitionCreate, Handle(Chief, PoolSlot), 0, 0x6162, 20, 0);
    }

    private void Memory(ulong handle, uint region)
    {
        var policy = _core.regions.tab[region * 8 + 2];
        var page = 0x50000UL + (ulong)_random.Next(12) * 40;
        var pages = 1 + (ulong)_random.Next(_random.Next(4) == 0 ? 400 : 30);
        if (_random.Next(2) == 0) Call(Fn.RegionUnmap, handle, page << 12, pages);
        else Call(Fn.RegionMap, handle, page << 12, (ulong)_random.Next(8), pages, policy == Kind.Slab ? (ulong)_random.Next(2) : 0);
    }

    /// <summary>Does the slot hold what ends a partition that was made at run time?</summary>
    private bool Ends(uint me, int slot) => Cap(me, slot) is { Kind: Kind.Partition, Object: > LastOfBoot and var target } && !Gone(target, me, slot);

    private bool Gone(uint partition, uint me, int slot) =>
        _core.sched.tab[partition * 8 + 1] == 0 || _core.sched.tab[partition * 8] != _core.caps.tab[(me * 32 + slot) * 8 + 3];

    private ulong Some() => _random.Next(3) == 0 ? (ulong)_random.Next(0x1000) : Right.Read | Right.Write | Right.Grant | Right.Revoke;

    private int Slot(uint me)
    {
        for (var i = 0; i < 6; i++)
            if (_random.Next(32) is var slot && Cap(me, slot).Kind != 0) return slot;
        return _random.Next(32);
    }

    private int Find(uint me, uint kind) => Enumerable.Range(0, 32).Where(s => Cap(me, s).Kind == kind).DefaultIfEmpty(31).ElementAt(0) is var first && _random.Next(2) == 0 ? first : Slot(me);

    private (uint Kind, uint Object) Cap(uint p, int slot) => (_core.caps.tab[(p * 32 + slot) * 8 + 1], _core.caps.tab[(p * 32 + slot) * 8 + 2]);

    private ulong Handle(uint p, int slot) => (ulong)_core.caps.tab[(p * 32 + slot) * 8] << 32 | (uint)slot;

    private void As(uint p, uint call, params ulong[] arguments)
    {
        for (var i = 0; i < 300 && _core.sched.cur != p; i++) Call(Fn.Yield);
        Call(call, arguments);
    }

    private void Call(uint number, params ulong[] arguments)
    {
        ulong[] x = [Fn.Base + number, .. arguments];
        if (Fn.Sealed.Contains(number) && _core.sched.cur != 0) x = [.. x, .. new ulong[8 - x.Length], .. Token.Good(_core, [.. x, .. new ulong[8 - x.Length]], _now).Words];
        Deliver(Happening.Call(_now, x));
    }

    private ulong Deliver(Happening e)
    {
        var status = e.Deliver(_core);
        for (; _copied < _core.log.head; _copied++) LogFile.Write(_log.AsSpan((int)_copied * 64), _core.log.ring.AsSpan((int)(_copied % 65536) * 8, 8));
        return status;
    }
}
