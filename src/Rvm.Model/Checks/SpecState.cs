using System.IO.Hashing;
using System.Runtime.InteropServices;
using Dafny;
using Rvm.Model.Subject;
using Rvm.Spec.State;

namespace Rvm.Model.Checks;

/// <summary>The specification's state that the machine's arrays stand for. Of the log only the last record is real: the others are as many well-chained ones.</summary>
public sealed class SpecState(Testbed testbed)
{
    private static readonly List<ISequence<_IRecord>> Chains = [States.Seq<_IRecord>()];

    private readonly CoreState.Core _core = testbed.Core;
    private readonly Mirror _mirror = new(testbed.Core);
    private readonly _IMap[] _maps = [.. Enumerable.Repeat(Rvm.Spec.Memory.__default.EmptyMap, States.Partitions)];
    private readonly Dictionary<UInt128, _IMap> _walked = [];
    private ISequence<_IMap>? _allMaps;
    private ISequence<_IRuleset>? _policies;                     // the same for ever: Rest watches their words

    public Mirror Mirror => _mirror;

    public ISequence<_IMap> Maps
    {
        get
        {
            var same = _allMaps is not null;
            for (var p = 0; p <= testbed.Configuration.Size.Partitions; p++)
            {
                var map = Map(p);
                same &= ReferenceEquals(map, _maps[p]);
                _maps[p] = map;
            }

            return same ? _allMaps! : _allMaps = States.Seq<_IMap>(_maps);
        }
    }

    /// <summary>The abstraction of a map, walked once for each contents of its tables and of the regions.</summary>
    private _IMap Map(int p)
    {
        var pool = _core.stage2.pool.AsSpan(p * CoreWindows.PoolWords, (int)Math.Min(_core.stage2.tables[p], 16) * CoreWindows.TableWords);
        var regions = _core.regions.tab.AsSpan(0, 8 * testbed.Configuration.Size.Regions);
        var key = XxHash128.HashToUInt128(MemoryMarshal.AsBytes(pool), p) ^ XxHash128.HashToUInt128(MemoryMarshal.AsBytes(regions), 1000);
        if (!_walked.TryGetValue(key, out var map)) _walked[key] = map = _mirror.Map(p);
        return map;
    }

    /// <summary>The rows of the capability table that may change, of all partitions.</summary>
    public IEnumerable<_ICap> ChangingCaps
    {
        get
        {
            for (var i = 0; i < (testbed.Configuration.Size.Partitions + 1) * States.Slots; i++)
            {
                var w = _core.caps.tab.AsSpan(8 * i, 8);
                yield return Cap.create(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
            }
        }
    }

    /// <summary>The structure without its capabilities and maps: for judgements of single capabilities.</summary>
    public _IStructure Objects => Rvm.Spec.State.Structure.create(_mirror.Parts, NoCaps, Memory, NoMaps, _mirror.Edges, _core.gate.active, Nonces, _mirror.Leases);

    private static readonly ISequence<_ICap> NoCaps = States.Seq(Enumerable.Repeat(Rvm.Spec.State.__default.EmptyCap, States.Partitions * States.Slots));

    private static readonly ISequence<_IMap> NoMaps = States.Seq(Enumerable.Repeat(Rvm.Spec.Memory.__default.EmptyMap, States.Partitions));

    public _IMemory Memory => Rvm.Spec.State.Memory.create(_mirror.Regions, _core.regions.next, _core.regions.limit);

    public _IStructure Structure => Rvm.Spec.State.Structure.create(_mirror.Parts, _mirror.Caps, Memory, Maps, _mirror.Edges, _core.gate.active, Nonces, _mirror.Leases);

    private ISequence<ulong> Nonces => States.Seq(_core.gate.nonces);

    public _ISched Sched => Rvm.Spec.State.Sched.create(_mirror.Tasks, States.Seq(_mirror.Ready), _core.sched.cur, _core.sched.sliceEnd, _core.sched.nextWake);

    public _IVolatile Volatile => Rvm.Spec.State.Volatile.create(Sched, _mirror.Queues, States.Seq(_core.ctx), _core.failed, _core.halted);

    /// <summary>A log of as many records as the core's, whose last one is the core's; with <paramref name="chained"/> it is a made-up one, too, so that all are chained.</summary>
    public _ILog Log(bool chained)
    {
        var head = (int)_core.log.head;
        var records = Chained(chained ? head : head - 1);
        if (!chained) records = Sequence<_IRecord>.Concat(records, States.Seq(LogRecord.Read(LogRecord.Words(_core, _core.log.head - 1)).ForSpec));
        return Rvm.Spec.State.Log.create(records, _core.log.drained, States.Seq(_core.log.quota), States.Seq(_core.log.used));
    }

    private static ISequence<_IRecord> Chained(int count)
    {
        lock (Chains)
        {
            while (Chains.Count <= count)
            {
                var log = Rvm.Spec.State.Log.create(Chains[^1], 0, States.Seq<ulong>(), States.Seq<ulong>());
                Chains.Add(Sequence<_IRecord>.FromArray([.. Chains[^1].CloneAsArray(), Rvm.Spec.Witness.__default.Make(log, 0, 0x41, 1, 0, 0, 0)]));
            }

            return Chains[count];
        }
    }

    public _IKernel Kernel(bool chained) =>
        Rvm.Spec.State.Kernel.create(_mirror.Machine, States.Seq(_mirror.Images), States.Seq(_mirror.Devices), _policies ??= _mirror.Policies, Structure, Volatile, Log(chained), _core.booting);
}
