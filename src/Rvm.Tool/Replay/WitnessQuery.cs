using Rvm.Tool.Witness;

namespace Rvm.Tool.Replay;

/// <summary>What records somebody looks for; what is null or empty leaves all through.</summary>
/// <param name="Partition">Partitions that act or are acted on.</param>
/// <param name="Since">The earliest time, in counts, inclusive.</param>
/// <param name="Until">The latest time, inclusive.</param>
/// <param name="Refused">Only records of calls that were refused.</param>
public sealed record WitnessFilter(
    IReadOnlyList<ulong> Partition, IReadOnlyList<ObjectName> Object, IReadOnlyList<byte> Kind, ulong? Since = null, ulong? Until = null, bool Refused = false)
{
    /// <summary>Whether the state that a record meets has to be known to answer.</summary>
    public bool NeedsState => Partition.Count > 0 || Object.Count > 0;
}

/// <summary>Records found, and why not all of them could be looked at (null: they could).</summary>
/// <param name="Stateless">From this record on the state is not known: what a record acts on is what its own fields name. Null: it is known throughout.</param>
public sealed record WitnessAnswer(IReadOnlyList<WitnessRecord> Found, int Looked, WitnessFinding? Damage, ulong? Stateless);

/// <summary>
/// Looks for records. What a record is about is read from its fields and, as far as the log can be replayed, from the state that it meets: a message on an edge
/// is about the edge's ends, a call on a capability about the capability's object, an ending about everything that ends with the partition.
/// </summary>
public sealed class WitnessQuery
{
    private readonly WitnessFilter _filter;
    private readonly Structure _structure = new();
    private readonly WitnessReplay _replay;
    private ulong? _stateless;

    private WitnessQuery(WitnessFilter filter) => (_filter, _replay) = (filter, new(_structure));

    /// <summary>Looks through a log as far as its records can be relied on.</summary>
    public static WitnessAnswer Ask(byte[] log, WitnessFilter filter) => new WitnessQuery(filter).Run(log);

    private WitnessAnswer Run(byte[] log)
    {
        var report = WitnessChain.Verify(log);
        List<WitnessRecord> found = [];
        if (report.First is > 0 and var first) _stateless = first;
        for (var i = 0; i < report.Vouched; i++)
        {
            var r = WitnessRecord.Read(log.AsSpan(i * Abi.RecordBytes));
            if (Fits(r)) found.Add(r);
            if (_stateless is null && _filter.NeedsState && _replay.Apply(r) is not null) _stateless = r.Sequence;
        }

        return new(found, report.Vouched, report.Findings.Where(f => f.Record > 0 || report.First is null or 0).OrderBy(f => f.Record).FirstOrDefault(), _filter.NeedsState ? _stateless : null);
    }

    private bool Fits(WitnessRecord r)
    {
        if (r.Timestamp < (_filter.Since ?? 0) || r.Timestamp > (_filter.Until ?? ulong.MaxValue)) return false;
        if (_filter.Kind.Count > 0 && !_filter.Kind.Contains(r.Kind)) return false;
        if (_filter.Refused && RecordKinds.Find(r.Kind)?.Refused != true) return false;
        if (!_filter.NeedsState) return true;
        var about = About(r);
        return (_filter.Partition.Count == 0 || _filter.Partition.Any(p => about.Contains(new(ObjectSort.Partition, p))))
            && (_filter.Object.Count == 0 || _filter.Object.Any(about.Contains));
    }

    /// <summary>Everything that a record is about, its actor included.</summary>
    private HashSet<ObjectName> About(WitnessRecord r)
    {
        HashSet<ObjectName> about = [new(ObjectSort.Partition, r.Subject)];
        if (RecordKinds.Find(r.Kind) is not { } kind) return about;
        foreach (var field in kind.Fields) about.UnionWith(Named(kind, field, r));
        if (_stateless is null) Extend(about, kind, r);
        return about;
    }

    private static IEnumerable<ObjectName> Named(RecordKind kind, RecordField field, WitnessRecord r)
    {
        var value = field.Of(r);
        var name = field.Meaning switch
        {
            FieldMeaning.Partition => new ObjectName(ObjectSort.Partition, value),
            FieldMeaning.ReceiversSlot => new(ObjectSort.Slot, kind.Fields.First(f => f.Meaning == FieldMeaning.Partition).Of(r), value),
            FieldMeaning.OwnSlot => new(ObjectSort.Slot, r.Subject, value),
            FieldMeaning.Region => new(ObjectSort.Region, value),
            FieldMeaning.Edge => new(ObjectSort.Edge, value),
            FieldMeaning.Image => new(ObjectSort.Image, value),
            FieldMeaning.Policy => new(ObjectSort.Policy, 0),
            FieldMeaning.ObjectOfKind => ObjectName.Of(kind.Fields.First(f => f.Meaning == FieldMeaning.ObjectKind).Of(r), value),
            _ => null,
        };
        return name is null ? [] : [name.Value];
    }

    /// <summary>Adds what the state says of the objects named: a slot's object, an edge's ends, and what goes with a revoked capability or an ended partition.</summary>
    private void Extend(HashSet<ObjectName> about, RecordKind kind, WitnessRecord r)
    {
        foreach (var name in about.ToArray())
            if (name.Sort == ObjectSort.Slot && name is { Number: < Structure.Partitions, Slot: < Structure.Slots }) about.UnionWith(Held(Structure.Entry(name.Number, name.Slot), kind, r));
            else if (name.Sort == ObjectSort.Edge && name.Number < Abi.MaxEdges) about.UnionWith(Ends((int)name.Number));
        if (kind.Charge == Charge.Ending && (r.Object & uint.MaxValue) is < Structure.Partitions and var p) about.UnionWith(Lost((uint)p));
    }

    private IEnumerable<ObjectName> Held(int entry, RecordKind kind, WitnessRecord r)
    {
        var c = _structure.Capabilities[entry];
        var acts = kind.Fields.Any(f => f.Meaning == FieldMeaning.OwnSlot && Structure.Entry(r.Subject, f.Of(r)) == entry);
        if (c.Kind == 0 || !acts) yield break;
        if (ObjectName.Of(c.Kind, c.Object) is { } name) yield return name;
        if (!kind.EndsDerived) yield break;
        foreach (var i in _structure.DerivedFrom(i => i == entry))
            foreach (var end in Slot(i)) yield return end;
    }

    private IEnumerable<ObjectName> Ends(int e) =>
        _structure.Edges[e].Capacity == 0 ? [] : [new(ObjectSort.Partition, _structure.Edges[e].Source), new(ObjectSort.Partition, _structure.Edges[e].Destination)];

    private IEnumerable<ObjectName> Lost(uint p)
    {
        var slots = Enumerable.Range((int)p * Structure.Slots, Structure.Slots).Where(i => _structure.Capabilities[i].Kind != 0).ToArray();
        var edges = Enumerable.Range(0, Abi.MaxEdges).Where(e => Ends(e).Any(end => end.Number == p));
        return [.. slots.SelectMany(Slot), .. _structure.DerivedFrom(i => i / Structure.Slots == p).SelectMany(Slot),
                .. edges.SelectMany(e => Ends(e).Prepend(new(ObjectSort.Edge, (ulong)e))),
                .. _structure.Regions.Index().Where(r => r.Item.Owner == p).Select(r => new ObjectName(ObjectSort.Region, (ulong)r.Index))];
    }

    private static IEnumerable<ObjectName> Slot(int entry) =>
        [new(ObjectSort.Slot, (ulong)(entry / Structure.Slots), (ulong)(entry % Structure.Slots)), new(ObjectSort.Partition, (ulong)(entry / Structure.Slots))];
}
