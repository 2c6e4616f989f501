using System.IO.Hashing;
using System.Runtime.InteropServices;
using Rvm.Model.Configurations;
using Rvm.Model.Subject;

namespace Rvm.Model.Search;

/// <summary>
/// What makes a state different from another one. Two states with the same key have the same futures: to every event of one belongs an event of the
/// other, and the states after them have the same key again. docs/testing.md gives the reason for each thing that is left out.
/// </summary>
public sealed class CanonicalKey(Testbed testbed)
{
    private readonly CoreState.Core _core = testbed.Core;
    private readonly Size _size = testbed.Configuration.Size;
    private readonly Reductions _reductions = testbed.Configuration.Reductions;
    private readonly List<ulong> _words = new(512);

    private bool Leaves(Reductions reduction) => (_reductions & reduction) != 0;

    public UInt128 Now()
    {
        _words.Clear();
        Add(Bit(_core.failed), Bit(_core.halted) | Bit(_core.booting) << 1, _core.nimg, _core.regions.next, _core.regions.limit);
        Tasks();
        Capabilities();
        Regions();
        for (var p = 1; p <= _size.Partitions; p++) Map(p);
        Edges();
        Log();
        Gate();
        if (!Leaves(Reductions.Time)) Add(testbed.Now);
        return XxHash128.HashToUInt128(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_words)));
    }

    private static ulong Bit(bool b) => b ? 1UL : 0;

    private void Add(params ReadOnlySpan<ulong> words)
    {
        foreach (var w in words) _words.Add(w);
    }

    /// <summary>A time, as long as it is not the end of time, from now on.</summary>
    private ulong Time(ulong t) => t != ulong.MaxValue && Leaves(Reductions.Time) ? t - testbed.Now : t;

    private void Tasks()
    {
        var (s, tab) = (_core.sched, _core.sched.tab);
        for (var p = 0; p <= _size.Partitions; p++)
        {
            var row = tab.AsSpan(8 * p, 8);
            var (run, due, wake) = (row[4], row[6], row[7]);
            if (Leaves(Reductions.Time) && run is not (Kinds_Ready or Kinds_Running)) due = 0;      // set anew before it is asked for
            else due = Time(due);
            if (run == Kinds_Sleeping) wake = Time(wake);
            Add(row[1] | run << 8, row[2], row[3], row[5], due, wake);
            if (!Leaves(Reductions.Generations)) Add(row[0]);
        }

        Add(s.cur, Time(s.sliceEnd), Time(s.nextWake), s.count);
        for (uint i = 0; i < s.count; i++) Add(s.queue[(s.first + i) % 128]);
        if (!Leaves(Reductions.Places)) Add(s.first);
    }

    private const ulong Kinds_Ready = 1, Kinds_Running = 2, Kinds_Sleeping = 3;

    /// <summary>A link is alive or dead for ever, for generations only grow; and so is a capability's tie to its object.</summary>
    private void Capabilities()
    {
        for (var p = 0; p <= _size.Partitions; p++)
            for (var slot = 0; slot < _size.Slots; slot++)
            {
                var c = _core.caps.tab.AsSpan(8 * (p * States.Slots + slot), 8);
                if (!Leaves(Reductions.Generations)) Add(c[0], c[3], c[7]);
                if (c[1] == 0) { Add(0UL); continue; }
                var linked = c[5] == 0 || (c[6] < States.Partitions * States.Slots && _core.caps.tab[8 * (int)c[6]] == c[7]);
                Add(c[1] | (ulong)c[2] << 8 | (ulong)c[5] << 24 | Bit(linked) << 32 | Bit(ObjectGeneration(c[1], c[2]) == c[3]) << 33, c[4] | (ulong)c[6] << 32);
            }
    }

    private uint ObjectGeneration(uint kind, uint what) => kind switch
    {
        Kind.Region when what < States.Regions => _core.regions.tab[8 * what + 1] != 0 ? (uint)_core.regions.tab[8 * what] : uint.MaxValue,
        Kind.Partition when what < States.Partitions => _core.sched.tab[8 * what + 1] != 0 ? (uint)_core.sched.tab[8 * what] : uint.MaxValue,
        Kind.Edge when what < States.Edges => _core.edges.edges[4 * what + 3] != 0 ? _core.edges.edges[4 * what] : uint.MaxValue,
        _ => 0,
    };

    private void Regions()
    {
        for (var r = 0; r < _size.Regions; r++)
        {
            var row = _core.regions.tab.AsSpan(8 * r, 8);
            Add(row[1] | row[2] << 8 | row[3] << 16, row[4]);
            if (!Leaves(Reductions.Generations)) Add(row[0]);
        }
    }

    /// <summary>The entries in the order of the addresses that lead to them, whichever tables they are in.</summary>
    private void Map(int p)
    {
        Add(_core.stage2.tables[p]);
        if (_core.stage2.tables[p] != 0) Table(p, 0, 1);
    }

    private void Table(int p, ulong table, int level)
    {
        var words = _core.stage2.pool.AsSpan((p * 16 + (int)table) * CoreWindows.TableWords, CoreWindows.TableWords);
        for (int at = 0, next; (next = words[at..].IndexOfAnyExcept(0UL)) >= 0; at++)
        {
            at += next;
            var below = (words[at] >> 12 & 0xF_FFFF_FFFF) - _core.stage2.@base - (ulong)p * 16;
            var leads = level < 3 && below < _core.stage2.tables[p];
            Add((uint)at | (ulong)level << 16, leads && Leaves(Reductions.Places) ? words[at] & 0xFFF : words[at]);
            if (leads) Table(p, below, level + 1);
        }
    }

    private void Edges()
    {
        for (var e = 0; e < _size.Edges; e++)
        {
            var row = _core.edges.edges.AsSpan(4 * e, 4);
            var head = _core.edges.heads.AsSpan(4 * e, 4);
            Add(row[1] | (ulong)row[2] << 16 | (ulong)row[3] << 32, head[1], head[2]);
            for (ulong m = 0; m < Math.Min(head[1], 16); m++) Add(_core.edges.queues.AsSpan(64 * e + 4 * (int)((head[0] + m) % 16), 4));
            if (!Leaves(Reductions.Places)) Add(head[0]);
            if (!Leaves(Reductions.Generations)) Add(row[0]);
        }
    }

    /// <summary>Who has used a nonce that is past, or none, can show a token with a greater one at any time. A lease that is over is over, however long.</summary>
    private void Gate()
    {
        Add(_core.gate.active);
        for (var p = 1; p <= _size.Partitions; p++)
            if (_core.gate.nonces[p] is var nonce) Add(!Leaves(Reductions.Nonces) ? nonce : nonce < testbed.Now ? 0 : nonce - testbed.Now + 1);
        for (var p = 1; p <= _size.Partitions; p++)
        {
            var (end, region, page) = (_core.gate.leases.ends[p], _core.gate.leases.place[2 * p], _core.gate.leases.place[2 * p + 1]);
            Add(end == 0 ? 0 : Leaves(Reductions.Time) ? Math.Max(end, testbed.Now) - testbed.Now + 1 : end, region | (ulong)page << 32);
        }
    }

    private void Log()
    {
        Add(_core.log.quota.AsSpan(0, _size.Partitions + 1));
        Add(_core.log.used.AsSpan(0, _size.Partitions + 1));
        if (!Leaves(Reductions.Length)) Add(_core.log.head, _core.log.drained);
    }
}
