using System.Runtime.InteropServices;
using Dafny;
using Rvm.Spec.State;
using Rvm.Tool.Witness;

namespace Rvm.ImageTests;

/// <summary>
/// What state of the specification the words in the image's memory stand for: they are put into the arrays of a core on the host, and Mirror, which
/// tests/Rvm.Spec.Tests holds against the specification, reads that: every map by the specification's own walk over the image's translation tables,
/// at their physical address. The records are those of the whole log.
/// </summary>
public static class LiveState
{
    public static _IKernel Of(ImageRun image)
    {
        var core = Core(image);
        var mirror = new Mirror(core);
        return Kernel.create(mirror.Machine, States.Seq(mirror.Images), States.Seq(mirror.Devices), mirror.Policies,
            Structure.create(mirror.Parts, mirror.Caps, Memory.create(mirror.Regions, core.regions.next, core.regions.limit),
                States.Seq(Enumerable.Range(0, States.Partitions).Select(mirror.Map)), mirror.Edges,
                core.gate.active, States.Seq(core.gate.nonces), mirror.Leases),
            Volatile.create(Sched.create(mirror.Tasks, States.Seq(mirror.Ready), core.sched.cur, core.sched.sliceEnd, core.sched.nextWake),
                mirror.Queues, States.Seq(core.ctx), core.failed, core.halted),
            Log.create(States.Seq(Records(image.Log)), core.log.drained, States.Seq(core.log.quota), States.Seq(core.log.used)), core.booting);
    }

    /// <summary>A core on the host with every word of the image's.</summary>
    private static CoreState.Core Core(ImageRun image)
    {
        var core = new Model().Core;
        for (var i = 0; i < Live.Arrays; i++)
            if (Live.IsShort(i)) Array.ConvertAll(image.Arrays[i], w => checked((uint)w)).CopyTo(Live.Short(core, i)!, 0);
            else image.Arrays[i].CopyTo(Live.Long(core, i)!, 0);
        ulong S(int i) => image.Report[Tape.FirstScalar + i];
        (core.sched.cur, core.sched.first, core.sched.count, core.sched.sliceEnd, core.sched.nextWake) = ((uint)S(0), (uint)S(1), (uint)S(2), S(3), S(4));
        (core.log.head, core.log.drained, core.log.chain, core.regions.next, core.regions.limit) = (S(5), S(6), S(7), S(8), S(9));
        (core.neff, core.nimg, core.failed, core.halted, core.booting) = ((uint)S(10), (uint)S(11), S(15) != 0, S(16) != 0, S(17) != 0);
        (core.gate.active, core.gate.low, core.gate.high, core.gate.count) = ((uint)S(12), S(13), S(14), (uint)S(18));
        (core.gate.digest1, core.gate.digest2, core.gate.first.used, core.gate.second.used) = (S(19), S(20), (uint)S(21), (uint)S(22));
        (core.gate.leases.count, core.gate.leasing) = ((uint)S(37), S(38) != 0);
        core.stage2._base = S(Live.TablesFrame);
        for (var i = 0; i < Live.Scalars; i++) Assert.True(Live.Scalar(core, i) == S(i), $"scalar {i} of the image was not taken over");
        return core;
    }

    private static IEnumerable<_IRecord> Records(ulong[] log) => Enumerable.Range(0, log.Length / 8).Select(i =>
    {
        var r = WitnessRecord.Read(MemoryMarshal.AsBytes(log.AsSpan(8 * i, 8)));
        return Spec.State.Record.create(r.Sequence, r.Timestamp, r.Kind, r.Tier, r.Subject, r.Object, r.Aux, r.Before, r.Hash);
    });
}
