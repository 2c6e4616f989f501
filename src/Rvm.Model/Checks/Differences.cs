using Dafny;
using Rvm.Spec.State;

namespace Rvm.Model.Checks;

/// <summary>Compares states of the specification, fast when they are equal and in words when they are not.</summary>
public static class Differences
{
    public static string? Of(_IStructure spec, _IStructure core) =>
        Rows("partition", spec.dtor_parts, core.dtor_parts) ?? Rows("capability", spec.dtor_caps, core.dtor_caps) ?? Rows("edge", spec.dtor_edges, core.dtor_edges)
        ?? Rows("region", spec.dtor_memory.dtor_regions, core.dtor_memory.dtor_regions)
        ?? One("the next free frame", spec.dtor_memory.dtor_next, core.dtor_memory.dtor_next) ?? One("the end of RAM", spec.dtor_memory.dtor_limit, core.dtor_memory.dtor_limit)
        ?? Rows("map", spec.dtor_maps, core.dtor_maps)
        ?? One("the active policy", spec.dtor_policy, core.dtor_policy) ?? Rows("nonce", spec.dtor_nonces, core.dtor_nonces) ?? Rows("lease", spec.dtor_leases, core.dtor_leases);

    public static string? Of(_IVolatile spec, _IVolatile core) =>
        Rows("task", spec.dtor_sched.dtor_tasks, core.dtor_sched.dtor_tasks) ?? Rows("place in the ready list", spec.dtor_sched.dtor_ready, core.dtor_sched.dtor_ready)
        ?? One("the running partition", spec.dtor_sched.dtor_cur, core.dtor_sched.dtor_cur) ?? One("the slice's end", spec.dtor_sched.dtor_sliceEnd, core.dtor_sched.dtor_sliceEnd)
        ?? One("the next wake", spec.dtor_sched.dtor_nextWake, core.dtor_sched.dtor_nextWake) ?? Rows("queue", spec.dtor_queues, core.dtor_queues)
        ?? Rows("register", spec.dtor_regs, core.dtor_regs) ?? One("failed", spec.dtor_failed, core.dtor_failed) ?? One("halted", spec.dtor_halted, core.dtor_halted);

    public static string? One<T>(string what, T spec, T core) => EqualityComparer<T>.Default.Equals(spec, core) ? null : $"{what}: the specification has {spec}, the core {core}";

    public static string? Rows<T>(string what, ISequence<T> spec, ISequence<T> core)
    {
        if (ReferenceEquals(spec, core)) return null;
        if (spec.Count != core.Count) return $"the number of {what}s: the specification has {spec.Count}, the core {core.Count}";
        var (a, b) = (spec.CloneAsArray(), core.CloneAsArray());
        for (var i = 0; i < a.Length; i++)
            if (!ReferenceEquals(a[i], b[i]) && !EqualityComparer<T>.Default.Equals(a[i], b[i])) return One($"{what} {i}", a[i], b[i]);
        return null;
    }
}
