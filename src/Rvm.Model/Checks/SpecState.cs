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
    private ISequence<_IMap>? _allMaps;

    public Mirror Mirror => _mirror;

    public ISequence<_IMap> Maps
    {
        get
        {
            var same = _allMaps is not null;
            for (var p = 0; p <= testbed.Configuration.Size.Partitions; p++)
            {
                var map = _mirror.Map(p);
                same &= ReferenceEquals(map, _maps[p]);
                _maps[p] = map;
            }

            return same ? _allMaps! : _allMaps = States.Seq<_IMap>(_maps);
        }
    }

    public _IMemory Memory => Rvm.Spec.State.Memory.create(_mirror.Regions, _core.regions.next, _core.regions.limit);

    public _IStructure Structure => Rvm.Spec.State.Structure.create(_mirror.Parts, _mirror.Caps, Memory, Maps, _mirror.Edges);

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
        Rvm.Spec.State.Kernel.create(_mirror.Machine, States.Seq(_mirror.Images), Structure, Volatile, Log(chained), _core.booting);
}
