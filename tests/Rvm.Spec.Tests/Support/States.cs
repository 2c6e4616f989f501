using Dafny;
using Rvm.Spec.State;

namespace Rvm.Spec.Tests;

/// <summary>Words to read and change states of the specification with.</summary>
public static class States
{
    public const int Partitions = 128, Slots = 32, Regions = 512, Edges = 256, Registers = 64;

    public static ISequence<T> Seq<T>(params IEnumerable<T> items) => Sequence<T>.FromArray([.. items]);

    /// <summary>The sequence with item <paramref name="i"/> replaced.</summary>
    public static ISequence<T> With<T>(this ISequence<T> all, int i, T item) => Sequence<T>.Update(all, i, item);

    /// <summary>The sequence with item <paramref name="i"/> changed.</summary>
    public static ISequence<T> With<T>(this ISequence<T> all, int i, Func<T, T> change) => all.With(i, change(all.Select(i)));

    public static _IKernel St(this _IKernel k, Func<_IStructure, _IStructure> change) =>
        Kernel.create(k.dtor_machine, k.dtor_images, k.dtor_devices, k.dtor_policies, change(k.dtor_st), k.dtor_vol, k.dtor_log, k.dtor_booting);

    public static _IKernel Vol(this _IKernel k, Func<_IVolatile, _IVolatile> change) =>
        Kernel.create(k.dtor_machine, k.dtor_images, k.dtor_devices, k.dtor_policies, k.dtor_st, change(k.dtor_vol), k.dtor_log, k.dtor_booting);

    public static _IKernel Log(this _IKernel k, Func<_ILog, _ILog> change) =>
        Kernel.create(k.dtor_machine, k.dtor_images, k.dtor_devices, k.dtor_policies, k.dtor_st, k.dtor_vol, change(k.dtor_log), k.dtor_booting);

    public static _IKernel Images(this _IKernel k, Func<ISequence<_IImage>, ISequence<_IImage>> change) =>
        Kernel.create(k.dtor_machine, change(k.dtor_images), k.dtor_devices, k.dtor_policies, k.dtor_st, k.dtor_vol, k.dtor_log, k.dtor_booting);

    public static _IKernel Policies(this _IKernel k, Func<ISequence<_IRuleset>, ISequence<_IRuleset>> change) =>
        Kernel.create(k.dtor_machine, k.dtor_images, k.dtor_devices, change(k.dtor_policies), k.dtor_st, k.dtor_vol, k.dtor_log, k.dtor_booting);

    public static _IKernel Devices(this _IKernel k, Func<ISequence<_IDevice>, ISequence<_IDevice>> change) =>
        Kernel.create(k.dtor_machine, k.dtor_images, change(k.dtor_devices), k.dtor_policies, k.dtor_st, k.dtor_vol, k.dtor_log, k.dtor_booting);

    public static _IKernel Leases(this _IKernel k, Func<ISequence<_ILease>, ISequence<_ILease>> change) =>
        k.St(s => Structure.create(s.dtor_parts, s.dtor_caps, s.dtor_memory, s.dtor_maps, s.dtor_edges, s.dtor_policy, s.dtor_nonces, change(s.dtor_leases)));

    public static _IKernel Nonces(this _IKernel k, Func<ISequence<ulong>, ISequence<ulong>> change) =>
        k.St(s => Structure.create(s.dtor_parts, s.dtor_caps, s.dtor_memory, s.dtor_maps, s.dtor_edges, s.dtor_policy, change(s.dtor_nonces), s.dtor_leases));

    public static _IKernel Machine(this _IKernel k, _IMachine machine) => Kernel.create(machine, k.dtor_images, k.dtor_devices, k.dtor_policies, k.dtor_st, k.dtor_vol, k.dtor_log, k.dtor_booting);

    public static _IKernel Parts(this _IKernel k, Func<ISequence<_IPart>, ISequence<_IPart>> change) =>
        k.St(s => Structure.create(change(s.dtor_parts), s.dtor_caps, s.dtor_memory, s.dtor_maps, s.dtor_edges, s.dtor_policy, s.dtor_nonces, s.dtor_leases));

    public static _IKernel Caps(this _IKernel k, Func<ISequence<_ICap>, ISequence<_ICap>> change) =>
        k.St(s => Structure.create(s.dtor_parts, change(s.dtor_caps), s.dtor_memory, s.dtor_maps, s.dtor_edges, s.dtor_policy, s.dtor_nonces, s.dtor_leases));

    public static _IKernel Memory(this _IKernel k, Func<_IMemory, _IMemory> change) =>
        k.St(s => Structure.create(s.dtor_parts, s.dtor_caps, change(s.dtor_memory), s.dtor_maps, s.dtor_edges, s.dtor_policy, s.dtor_nonces, s.dtor_leases));

    public static _IKernel Region(this _IKernel k, int i, Func<_IRegion, _IRegion> change) =>
        k.Memory(m => State.Memory.create(m.dtor_regions.With(i, change), m.dtor_next, m.dtor_limit));

    public static _IKernel Maps(this _IKernel k, Func<ISequence<_IMap>, ISequence<_IMap>> change) =>
        k.St(s => Structure.create(s.dtor_parts, s.dtor_caps, s.dtor_memory, change(s.dtor_maps), s.dtor_edges, s.dtor_policy, s.dtor_nonces, s.dtor_leases));

    public static _IKernel EdgesOf(this _IKernel k, Func<ISequence<_IEdge>, ISequence<_IEdge>> change) =>
        k.St(s => Structure.create(s.dtor_parts, s.dtor_caps, s.dtor_memory, s.dtor_maps, change(s.dtor_edges), s.dtor_policy, s.dtor_nonces, s.dtor_leases));

    public static _IKernel Queues(this _IKernel k, Func<ISequence<_IQueue>, ISequence<_IQueue>> change) =>
        k.Vol(v => Volatile.create(v.dtor_sched, change(v.dtor_queues), v.dtor_regs, v.dtor_failed, v.dtor_halted));

    public static _IKernel Sched(this _IKernel k, Func<_ISched, _ISched> change) =>
        k.Vol(v => Volatile.create(change(v.dtor_sched), v.dtor_queues, v.dtor_regs, v.dtor_failed, v.dtor_halted));

    public static _IKernel Task(this _IKernel k, int p, Func<_ITask, _ITask> change) =>
        k.Sched(s => State.Sched.create(s.dtor_tasks.With(p, change), s.dtor_ready, s.dtor_cur, s.dtor_sliceEnd, s.dtor_nextWake));

    public static _IKernel Ready(this _IKernel k, params IEnumerable<uint> ready) =>
        k.Sched(s => State.Sched.create(s.dtor_tasks, Seq(ready), s.dtor_cur, s.dtor_sliceEnd, s.dtor_nextWake));

    public static _IKernel Regs(this _IKernel k, ISequence<ulong> regs) =>
        k.Vol(v => Volatile.create(v.dtor_sched, v.dtor_queues, regs, v.dtor_failed, v.dtor_halted));

    public static _IKernel Records(this _IKernel k, Func<ISequence<_IRecord>, ISequence<_IRecord>> change) =>
        k.Log(l => State.Log.create(change(l.dtor_records), l.dtor_drained, l.dtor_quota, l.dtor_used));

    public static _IKernel Quotas(this _IKernel k, Func<ISequence<ulong>, ISequence<ulong>> quota, Func<ISequence<ulong>, ISequence<ulong>> used) =>
        k.Log(l => State.Log.create(l.dtor_records, l.dtor_drained, quota(l.dtor_quota), used(l.dtor_used)));

    /// <summary>The state before the first event, as proofs/invariant/Examples.dfy writes it.</summary>
    public static _IKernel First(_IMachine machine, ulong free, ulong end) => Kernel.create(machine, Seq<_IImage>(), Seq<_IDevice>(), Seq<_IRuleset>(),
        Structure.create(Scheduler.__default.NoParts, Seq(Enumerable.Repeat(State.__default.EmptyCap, Partitions * Slots)),
            State.Memory.create(Seq(Enumerable.Repeat(State.Region.create(0, 0, 0, 0, 0), Regions)), free, end),
            Seq(Enumerable.Repeat(Spec.Memory.__default.EmptyMap, Partitions)), Seq(Enumerable.Repeat(Edge.create(0, 0, 0, 0), Edges)), 0,
            Seq(Enumerable.Repeat(0UL, Partitions)), Seq(Enumerable.Repeat(State.__default.EmptyLease, Partitions))),
        Volatile.create(Scheduler.__default.EmptySched, Seq(Enumerable.Repeat(Spec.Edges.__default.EmptyQueue, Edges)), Seq(Enumerable.Repeat(0UL, Partitions * Registers)), false, false),
        Witness.__default.Start, true);
}
