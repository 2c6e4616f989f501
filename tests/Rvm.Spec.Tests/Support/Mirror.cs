using Dafny;
using Rvm.Spec.PageTable;
using Rvm.Spec.State;
using PT = Rvm.Spec.PageTable.__default;

namespace Rvm.Spec.Tests;

/// <summary>
/// The abstraction of the core's arrays, written from the table layouts and not from the core's code: what state of the specification they stand for.
/// Rows are read again only when their words have changed.
/// </summary>
public sealed class Mirror(CoreState.Core core)
{
    private const int Pool = 16 * 512;      // words of one partition's tables

    private readonly Rows<uint, _ICap> _caps = new(core.caps.tab, 8, w => Cap.create(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]));
    private readonly Rows<ulong, _IRegion> _regions = new(core.regions.tab, 8, w => Region.create(Low(w[0]), Low(w[1]), Low(w[2]), w[3], w[4]));
    private readonly Rows<uint, _IEdge> _edges = new(core.edges.edges, 4, w => Edge.create(w[0], w[1], w[2], w[3]));
    private readonly Rows<ulong, _IPart> _parts = new(core.sched.tab, 8, w => Part.create(Low(w[0]), Low(w[1]), w[2], w[3]));
    private readonly Rows<ulong, _ITask> _tasks = new(core.sched.tab, 8, w => State.Task.create(Low(w[4]), w[5], w[6], w[7]));
    private readonly _IMap?[] _maps = new _IMap?[States.Partitions];
    private readonly ulong[][] _tables = new ulong[States.Partitions][];
    private readonly uint[] _used = new uint[States.Partitions];
    private readonly LivePool _pool = new(core.stage2.pool);
    private readonly ulong[] _heads = new ulong[core.edges.heads.Length];
    private readonly ulong[] _ring = new ulong[core.edges.queues.Length];
    private ISequence<_IQueue>? _queues;
    private ISequence<_IRegion>? _mapped;

    public ISequence<_ICap> Caps => _caps.Now();

    public ISequence<_IRegion> Regions => _regions.Now();

    public ISequence<_IEdge> Edges => _edges.Now();

    public ISequence<_IPart> Parts => _parts.Now();

    public ISequence<_ITask> Tasks => _tasks.Now();

    public IEnumerable<uint> Ready => Enumerable.Range(0, (int)core.sched.count).Select(i => core.sched.queue[(core.sched.first + i) % 128]);

    public ISequence<_IQueue> Queues
    {
        get
        {
            var (heads, ring) = (core.edges.heads, core.edges.queues);
            if (_queues is not null && heads.AsSpan().SequenceEqual(_heads) && ring.AsSpan().SequenceEqual(_ring)) return _queues;
            heads.CopyTo(_heads, 0);
            ring.CopyTo(_ring, 0);
            return _queues = States.Seq(Enumerable.Range(0, States.Edges).Select(e => Queue(e, heads.AsSpan(4 * e, 4), ring.AsSpan(64 * e, 64))));
        }
    }

    /// <summary>heads: the first message's place, the number of messages, the bits; ring: 16 messages of four words.</summary>
    private static _IQueue Queue(int e, ReadOnlySpan<ulong> head, ReadOnlySpan<ulong> ring)
    {
        if (head[0] >= 16 || head[1] > 16) throw new DifferenceException($"queue {e} begins at {head[0]} and has {head[1]} messages");
        var messages = new _IMsg[head[1]];
        for (var n = 0; n < messages.Length; n++)
        {
            var m = ring[(4 * (((int)head[0] + n) % 16))..];
            messages[n] = Msg.create(m[0], m[1], m[2], m[3]);
        }

        return messages.Length == 0 && head[2] == 0 ? Spec.Edges.__default.EmptyQueue : State.Queue.create(Sequence<_IMsg>.FromArray(messages), head[2]);
    }

    public IEnumerable<_IImage> Images => core.img.Chunk(8).Take((int)core.nimg).Select(w => Image.create(w[0], w[1], w[2], w[3], w[4], w[5]));

    public IEnumerable<_IDevice> Devices => core.gate.leases.list.Chunk(2).Take((int)core.gate.leases.count).Select(w => Device.create(w[0], w[1]));

    /// <summary>What each partition slot has leased.</summary>
    public ISequence<_ILease> Leases => States.Seq(core.gate.leases.ends.Zip(core.gate.leases.place.Chunk(2), (end, place) => Lease.create(place[0], place[1], end)));

    /// <summary>The policies that came with the bundle, without their text.</summary>
    public ISequence<_IRuleset> Policies => States.Seq(new[] { (core.gate.first, core.gate.digest1), (core.gate.second, core.gate.digest2) }
        .Take((int)core.gate.count).Select(p => Ruleset.create(States.Seq(p.Item1.tab.Take((int)p.Item1.used)), p.Item2)));

    public _IMachine Machine => State.Machine.create(core.ram, core.lo, core.uart, core.gicd, core.gicr, core.gicrPages);

    /// <summary>The record at this number's place in the ring.</summary>
    public ReadOnlySpan<ulong> Record(ulong number) => core.log.ring.AsSpan((int)(number % 65536) * 8, 8);

    /// <summary>Partition p's map as the hardware finds it: every page is walked by the specification's own walk, and every descriptor is the one that it prescribes.</summary>
    public _IMap Map(int p)
    {
        if (!ReferenceEquals(_mapped, Regions))
        {
            _mapped = Regions;
            Array.Clear(_maps);
        }

        var words = core.stage2.pool.AsSpan(p * Pool, Pool);
        if (_maps[p] is { } map && core.stage2.tables[p] == _used[p] && words.SequenceEqual(_tables[p])) return map;
        (_tables[p], _used[p]) = (words.ToArray(), core.stage2.tables[p]);
        return _maps[p] = Walked(p);
    }

    private _IMap Walked(int p)
    {
        if (core.stage2.tables[p] == 0) return Memory.__default.EmptyMap;       // its tables have never been cleared, and nothing points to them
        var keys = new uint[core.stage2.tables[p] - 1];
        List<IPair<uint, _IPte>> pages = [];
        for (uint i = 0; i < 512; i++)
        {
            if (Below(p, 0, i, keys) is not { } second) { Faults(p, i << 18, 1); continue; }
            keys[second - 1] = 0x4_0000 + i;
            for (uint j = 0; j < 512; j++)
            {
                if (Below(p, second, j, keys) is not { } third) { Faults(p, i << 18 | j << 9, 2); continue; }
                keys[third - 1] = i << 9 | j;
                for (uint n = 0; n < 512; n++)
                {
                    var v = i << 18 | j << 9 | n;
                    var d = core.stage2.pool[p * Pool + (int)(third * 512 + n)];
                    if (Walk(p, v) is { is_Fault: false } page) pages.Add(new Pair<uint, _IPte>(v, Entry(p, page, d)));
                    else if (d != 0) throw new DifferenceException($"partition {p}: descriptor 0x{d:x} of page 0x{v:x}, which is not mapped");
                }
            }
        }

        return State.Map.create(Sequence<uint>.FromArray(keys), Map<uint, _IPte>.FromCollection(pages));
    }

    /// <summary>The number, among p's tables, of the one that an entry leads to.</summary>
    private uint? Below(int p, uint table, uint entry, uint[] keys)
    {
        var d = core.stage2.pool[p * Pool + (int)(table * 512 + entry)];
        if (d == 0) return null;
        var below = PT.FrameOf(d) - core.stage2.@base - (ulong)p * 16;
        if (d != PT.TableDescriptor(PT.FrameOf(d)) || below - 1 >= (ulong)keys.Length) throw new DifferenceException($"partition {p}: descriptor 0x{d:x} leads to table {below}");
        return (uint)below;
    }

    private _IOutcome Walk(int p, uint v) => PT.Walk(_pool, core.stage2.@base, core.stage2.@base + (ulong)p * 16, 1, v);

    private void Faults(int p, uint v, uint level)
    {
        if (!Walk(p, v).Equals(Outcome.create_Fault(level))) throw new DifferenceException($"partition {p}: page 0x{v:x} gives {Walk(p, v)}");
    }

    /// <summary>The map entry of a page that the walk found. Its region: the one of p's, or shared, that the frame belongs to.</summary>
    private _IPte Entry(int p, _IOutcome page, ulong descriptor)
    {
        var perm = (uint)(page.dtor_device ? Kind.Dev : page.dtor_executable ? Kind.Rx : page.dtor_writable ? Kind.Rw : Kind.R);
        var frame = page.dtor_frame;
        var region = Array.FindIndex(Regions.CloneAsArray(), r => (r.dtor_owner == p || r.dtor_owner == Kind.Everybody) && r.dtor_frame <= frame && frame - r.dtor_frame < r.dtor_pages);
        var entry = Pte.create(frame, perm, (uint)region);
        if (PT.Shown(entry).Equals(page) && descriptor == PT.PageDescriptor(frame, perm)) return entry;
        throw new DifferenceException($"partition {p}: the descriptor 0x{descriptor:x} is none of RVM's, the walk gives {page}");
    }

    /// <summary>The whole state; only before the first record, for what the log's records were is not in the arrays.</summary>
    public _IKernel Kernel()
    {
        if (core.log.head != 0) throw new InvalidOperationException("records have been written");
        return State.Kernel.create(Machine, States.Seq(Images), States.Seq(Devices), Policies,
            Structure.create(Parts, Caps, State.Memory.create(Regions, core.regions.next, core.regions.limit), States.Seq(Enumerable.Range(0, States.Partitions).Select(Map)), Edges,
                core.gate.active, States.Seq(core.gate.nonces), Leases),
            Volatile.create(Sched.create(Tasks, States.Seq(Ready), core.sched.cur, core.sched.sliceEnd, core.sched.nextWake),
                Queues, States.Seq(core.ctx), core.failed, core.halted),
            State.Log.create(States.Seq<_IRecord>(), core.log.drained, States.Seq(core.log.quota), States.Seq(core.log.used)), core.booting);
    }

    private static uint Low(ulong word) => checked((uint)word);

    /// <summary>A table of the core as a sequence of rows.</summary>
    private sealed class Rows<TWord, TRow>(TWord[] words, int width, Func<ReadOnlySpan<TWord>, TRow> read) where TWord : unmanaged, IEquatable<TWord>
    {
        private readonly TWord[] _seen = new TWord[words.Length];
        private readonly TRow[] _rows = new TRow[words.Length / width];
        private ISequence<TRow>? _all;

        public ISequence<TRow> Now()
        {
            if (_all is not null && words.AsSpan().SequenceEqual(_seen)) return _all;
            for (var i = 0; i < _rows.Length; i++)
            {
                var row = words.AsSpan(i * width, width);
                if (_all is null || !row.SequenceEqual(_seen.AsSpan(i * width, width))) _rows[i] = read(row);
            }

            words.CopyTo(_seen, 0);
            return _all = Sequence<TRow>.FromArray(_rows);
        }
    }
}
