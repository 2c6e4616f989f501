namespace Rvm.Tool.Inspect;

/// <summary>
/// <c>Observation.Channel</c> of spec/Observation.dfy on the state after boot, with the reason for each: by what may partition q change what p sees? Where there is no
/// channel, theorem 10 says that p sees nothing of what q does. A test compares each clause with the specification itself, run as a program.
/// After boot the capabilities of an edge are its ends' and those of a partition's region its owner's, so neither ties anybody else; a shared region is nobody's and never changes, so a
/// capability for one ties nobody (theorem 3). Devices that both may lease are no channel of the specification, which says nothing of what a device keeps: <see cref="Devices"/>.
/// </summary>
public sealed class ChannelTable(InitialState state)
{
    /// <summary>Why there is a channel from q to p; empty when there is none.</summary>
    public IReadOnlyList<string> Between(int q, int p) => [.. Controls(q, p), .. Ties(q, p), .. Endings(q, p), .. Destructions(q, p), .. Drains(q)];

    /// <summary>A way from q to p over others, when there is no channel from one to the other; null when there is none.</summary>
    public IReadOnlyList<int>? Detour(int q, int p)
    {
        var from = new Dictionary<int, int> { [q] = 0 };
        var open = new Queue<int>([q]);
        while (open.TryDequeue(out var at))
            foreach (var next in state.Partitions.Select(x => x.Id).Where(x => !from.ContainsKey(x) && (Reaches(at, x) || Devices(at, x).Any())))
            {
                from[next] = at;
                open.Enqueue(next);
            }
        if (!from.ContainsKey(p)) return null;
        List<int> way = [];
        for (var at = from[p]; at != q && at != 0; at = from[at]) way.Insert(0, at);
        return way.Count == 0 ? null : way;
    }

    private readonly Dictionary<(int, int), bool> reached = [];

    public bool Reaches(int q, int p) => reached.TryGetValue((q, p), out var known) ? known : reached[(q, p)] = Between(q, p).Count > 0;

    private readonly ILookup<(int Holder, ObjectKind Kind), BootedCapability> held = state.Capabilities.ToLookup(c => (c.Holder, c.Kind));

    private IEnumerable<BootedCapability> Of(int holder, ObjectKind kind) => held[(holder, kind)];

    /// <summary>q's authority over p itself.</summary>
    public IEnumerable<string> Controls(int q, int p) =>
        from c in Of(q, ObjectKind.Partition)
        where c.Object == p && (c.Has(Rights.Write) || c.Has(Rights.Revoke))
        select $"{N(q)} may {(c.Has(Rights.Write) ? "start and suspend it and delegate to it" : "")}{(c.Has(Rights.Write) && c.Has(Rights.Revoke) ? ", and " : "")}{(c.Has(Rights.Revoke) ? "end it" : "")}: {Slot(c)}";

    /// <summary>p has to do with r: whatever r's end does to it, p sees.</summary>
    public IEnumerable<string> Ties(int r, int p) =>
        state.Edges.Where(e => e.Joins(r) && e.Joins(p)).Select(e => $"edge {e.Id} from {N(e.From)} to {N(e.To)}")
            .Concat(Of(p, ObjectKind.Partition).Where(c => c.Object == r).Select(c => $"{N(p)} holds a capability for {N(r)} and sees its end: {Slot(c)}"));

    /// <summary>q may end somebody else than p whom p has to do with.</summary>
    public IEnumerable<string> Endings(int q, int p) =>
        from c in Of(q, ObjectKind.Partition)
        where c.Has(Rights.Revoke) && c.Object != p
        from tie in Ties(c.Object, p).Take(1)
        select $"{N(q)} may end {N(c.Object)} ({Slot(c)}), which {N(p)} sees: {tie}";

    /// <summary>q may destroy an edge of p's.</summary>
    public IEnumerable<string> Destructions(int q, int p) =>
        from c in Of(q, ObjectKind.CommEdge)
        where c.Has(Rights.Revoke) && state.Edges[c.Object].Joins(p)
        select $"{N(q)} may destroy edge {c.Object}: {Slot(c)}";

    /// <summary>q may drain the log.</summary>
    public IEnumerable<string> Drains(int q) =>
        from c in Of(q, ObjectKind.WitnessLog)
        where c.Has(Rights.Witness)
        select $"{N(q)} may drain the log, which gives everybody its quota anew: {Slot(c)}";

    /// <summary>A device that both may lease, one after the other: what one leaves in it the other finds, and whether it is free is told (spec/Declassification.dfy).</summary>
    public IEnumerable<string> Devices(int q, int p) =>
        from d in state.Devices
        where state.Lessees(d).Contains(q)
        from e in state.Devices
        where d.Overlaps(e) && state.Lessees(e).Contains(p)
        select $"both may lease {(d == e ? $"{d}" : $"{d} and {e}, which overlap")}: whether it is free {N(p)} learns, and what {N(q)} leaves in its registers {N(p)} finds";

    private string N(int partition) => state.Name(partition);

    private string Slot(BootedCapability c) => $"slot {c.Slot} of {N(c.Holder)}, {Text(c)} [{Names.Of(c.Rights)}]";

    private string Text(BootedCapability c) => c.Kind switch
    {
        ObjectKind.Partition => $"partition {N(c.Object)}",
        ObjectKind.Region => $"region {c.Object}",
        ObjectKind.CommEdge => $"edge {c.Object}",
        ObjectKind.WitnessLog => "witness_log",
        ObjectKind.PhysMemPool => "memory_pool",
        ObjectKind.Console => "console",
        _ => $"{c.Kind}",
    };
}
