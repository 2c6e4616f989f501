using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>Checks a description and numbers everything in it.</summary>
public sealed class Planner
{
    private readonly SystemEntry _system;
    private readonly Expansion _partitions;
    private readonly ImageTable _images;
    private readonly SharedTable _shared;
    private readonly DeviceTable _devices;
    private readonly SystemNames _names;
    private readonly DiagnosticBag _bag;

    private Planner(SystemEntry system, string directory, DiagnosticBag bag)
    {
        (_system, _bag) = (system, bag);
        _partitions = Expansion.Of(system, bag);
        _images = ImageTable.Of(system, directory, bag);
        _shared = SharedTable.Of(system, directory, bag);
        _devices = DeviceTable.Of(system, bag);
        _names = PolicyNames.Of(system, _partitions, bag);
    }

    /// <summary>Reads, checks and plans the system in <paramref name="file"/>; null when errors were reported.</summary>
    public static SystemPlan? FromFile(string file, DiagnosticBag bag)
    {
        var system = DescriptionReader.FromFile(file, bag);
        return system is null ? null : Plan(system, Path.GetDirectoryName(Path.GetFullPath(file))!, bag);
    }

    /// <summary>Checks and plans <paramref name="system"/>; guest files are relative to <paramref name="directory"/>. Null when errors were reported.</summary>
    public static SystemPlan? Plan(SystemEntry system, string directory, DiagnosticBag bag)
    {
        var planner = new Planner(system, directory, bag);
        var edges = planner.Edges();
        planner.Check();
        var policies = PolicyNames.Policies(system, directory, planner._names, bag);
        ProofRules.Check(system, bag);
        var quotas = RecordBudget.Quotas(system, planner._partitions, bag);
        if (bag.HasErrors) return null;
        var regions = planner.Regions();
        var partitions = planner._partitions.All.Select((p, i) => planner.Partition(p, quotas[i], regions, edges)).ToList();
        return new(system.Name.Value, system.Memory.Value, planner._images.Images, partitions, regions, edges, planner._names, policies)
        {
            Shared = planner._shared.Plan(planner.ImageRegions()),
            Devices = planner._devices.Plan(),
        };
    }

    private void Check()
    {
        CapabilityRules.Check(_partitions, _shared, _devices, _bag);
        foreach (var entry in _system.Partitions) MemoryRules.Check(entry, _images.Find(entry.Image)?.Image, _shared, _system.Memory.Value, _bag);
        DeviceRules.CheckDisjoint([.. _partitions.All.SelectMany(p => p.Entry.Regions.Select(r => ($"of `{p.Name}`", r))), .. _system.Devices.Select(d => ("that can be leased", d.Region))], _bag);
        MemoryRules.CheckTotal(_system, _partitions, _images, _shared, _bag);
        if (_system.Partitions.Count > 0 && !_system.Partitions.Any(p => p.Start))
            _bag.Error(_system.Partitions[0].Name.Place, "no partition starts at boot", "remove `start: false` from one of them");
        CheckSlots();
        CheckRegionCount();
    }

    private void CheckSlots()
    {
        foreach (var p in _partitions.All)
        {
            var edges = _system.Edges.Sum(e => (e.From.Value == p.Name ? 1 : 0) + (e.To.Value == p.Name ? 1 : 0));
            var slots = p.Entry.Capabilities.Count + p.Entry.Regions.Count + edges;
            if (slots > Abi.MaxSlots)
                _bag.Error(p.Entry.Name.Place, $"`{p.Entry.Name.Value}` needs {slots} capability slots (capabilities, regions, ends of edges)", $"a partition has {Abi.MaxSlots}");
        }
    }

    private void CheckRegionCount()
    {
        var total = ImageRegions() + _shared.Count + _partitions.All.Sum(p => p.Entry.Regions.Count);
        if (total > Abi.MaxRegions)
            _bag.Error(_system.Place, $"{total} regions are too many (every image counts for its code and its data)", $"the kernel has {Abi.MaxRegions}");
    }

    private int ImageRegions() => _partitions.All.Sum(p => _images.Find(p.Entry.Image) is { } i && i.Image.DataPages > 0 ? 2 : 1);

    private List<PlannedEdge> Edges()
    {
        List<PlannedEdge> edges = [];
        Dictionary<string, Place> names = [];
        foreach (var e in _system.Edges)
        {
            if (!names.TryAdd(e.Name.Value, e.Name.Place))
                _bag.Error(e.Name.Place, $"a second edge `{e.Name.Value}`", $"rename it; the first is in line {names[e.Name.Value].Line}");
            var (from, to) = (_partitions.Find(e.From), _partitions.Find(e.To));
            if (from is not null && from == to)
                _bag.Error(e.To.Place, $"the edge `{e.Name.Value}` leads from `{from.Name}` to itself", "connect two different partitions");
            if (from is not null && to is not null)
                edges.Add(new(edges.Count, e.Name.Value, from.Id, to.Id, e.Capacity.Value, e.FromRights, e.ToRights, e.Place));
        }

        if (_system.Edges.Count > Abi.MaxEdges)
            _bag.Error(_system.Edges[Abi.MaxEdges].Place, $"{_system.Edges.Count} edges are too many", $"the kernel has {Abi.MaxEdges}");
        return edges;
    }

    private List<PlannedRegion> Regions()
    {
        List<PlannedRegion> regions = [];
        var first = ImageRegions() + _shared.Count;
        foreach (var p in _partitions.All)
            foreach (var r in p.Entry.Regions)
                regions.Add(new(first + regions.Count, r.Name.Value, p.Id, r.Policy, r.Size.Value / Abi.Page,
                    (r.Address?.Value ?? 0) / Abi.Page, r.Rights, [.. r.Maps.SelectMany(m => Windows(r, m))], r.Place));
        return regions;
    }

    private static IEnumerable<PlannedMap> Windows(RegionEntry region, MapEntry map)
    {
        var pages = (map.Size?.Value ?? region.Size.Value - map.Offset.Value) / Abi.Page;
        var permission = map.Permission ?? Names.Allowed(region.Policy)[0];
        for (var done = 0UL; done < pages; done += Abi.MaxMapPages)
            yield return new(map.Ipa.Value / Abi.Page + done, map.Offset.Value / Abi.Page + done, Math.Min(pages - done, Abi.MaxMapPages), permission, map.Place);
    }

    private int Object(CapabilityEntry c) => c switch
    {
        { Target: null } => 0,
        { Kind: ObjectKind.Region } => ImageRegions() + _shared.Find(c.Target)!.Value,
        { Kind: ObjectKind.DeviceLease } => _devices.Find(c.Target)!.Value,
        _ => _partitions.Find(c.Target)!.Id,
    };

    private PlannedPartition Partition(Instance p, ulong quota, List<PlannedRegion> regions, List<PlannedEdge> edges)
    {
        var capabilities = p.Entry.Capabilities
            .Select(c => new PlannedCapability(c.Kind, Object(c), c.Rights, c.Place)
            {
                Maps = _shared.Seen(c) is { } region ? [.. c.Maps.SelectMany(m => Windows(region, m))] : [],
            }).ToList();
        List<PlannedSlot> slots = [];
        foreach (var (c, entry) in capabilities.Zip(p.Entry.Capabilities)) slots.Add(new(slots.Count, c.Kind, entry.Target?.Value ?? "", c.Rights));
        foreach (var r in regions.Where(r => r.Owner == p.Id)) slots.Add(new(slots.Count, ObjectKind.Region, r.Name, r.Rights));
        foreach (var e in edges)
        {
            if (e.From == p.Id) slots.Add(new(slots.Count, ObjectKind.CommEdge, e.Name + " (out)", e.FromRights));
            if (e.To == p.Id) slots.Add(new(slots.Count, ObjectKind.CommEdge, e.Name + " (in)", e.ToRights));
        }

        var image = _images.Find(p.Entry.Image)!.Index;
        return new(p.Id, p.Name, image, p.Entry.Slice.Value, p.Entry.Deadline.Value, p.Entry.Budget.Value, quota, p.Entry.Start, capabilities, slots, p.Entry.Place);
    }
}
