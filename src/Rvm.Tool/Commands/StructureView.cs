using Rvm.Tool.Replay;
using Rvm.Tool.SystemDescription;
using Rvm.Tool.Witness;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rvm.Tool.Commands;

/// <summary>The structural state as a tree for people and as JSON for programs.</summary>
internal sealed class StructureView
{
    private readonly Structure _s;
    private readonly Accounts _accounts;
    private readonly ILookup<int, int> _children;

    private StructureView(ReplayResult result)
    {
        (_s, _accounts) = (result.Structure, result.Accounts);
        _children = Enumerable.Range(0, _s.Capabilities.Length).Where(i => Used(i) && _s.Capabilities[i].Depth > 0).ToLookup(i => (int)_s.Capabilities[i].Parent);
    }

    /// <summary>Prints the tree.</summary>
    public static void Print(string title, ReplayResult result, ulong? limit)
    {
        var view = new StructureView(result);
        var tree = new Tree(Markup.Escape(title)) { Guide = TreeGuide.Line };
        foreach (var p in view.Partitions) view.Partition(tree, p);
        foreach (var (r, region) in view._s.Regions.Index().Where(r => r.Item.Owner == Abi.Everybody)) view.Shared(tree, r, region);
        var free = view._s.Regions.Index().Where(r => r.Item is { Owner: 0, Pages: > 0 }).ToList();
        if (free.Count > 0) Add(tree, "memory that waits to be used again", free.Select(r => $"region {r.Index}: {r.Item.Pages} pages from frame 0x{r.Item.Frame:x}"));
        tree.AddNode($"memory never given out: from frame 0x{view._s.Next:x}{(limit is null ? " on" : $" to 0x{limit - 1:x}")}");
        tree.AddNode(view.Policy);
        tree.AddNode($"log: {result.Applied} records, drained up to record {view._accounts.Drained}; hypervisor {view.Quota(0)}");
        Output.Print(tree);
    }

    /// <summary>The state as a program reads it.</summary>
    public static object ToJson(ReplayResult result, ulong? limit)
    {
        var view = new StructureView(result);
        return new
        {
            Partitions = view.Partitions.Select(view.PartitionJson), Regions = view.RegionsJson(), Edges = view.EdgesJson(),
            Policy = view._s.Policy == 0 ? null : new { Active = view._s.Policy, Digest = $"0x{view._s.Origins.Policy.Digest:x16}", ActivatedBy = view._s.Origins.Policy.By, view._s.Origins.Policy.Record },
            Memory = new { NextFrame = view._s.Next, EndFrame = limit },
            Log = new { Records = result.Applied, view._accounts.Drained, Quota = view._accounts.Quota[0], Used = view._accounts.Used[0] },
        };
    }

    private IEnumerable<int> Partitions => Enumerable.Range(1, Structure.Partitions - 1).Where(p => _s.Parts[p].Life != Life.Free);

    private string Policy => _s.Policy == 0 ? "no policy: nothing that needs a permit is permitted"
        : $"policy {_s.Policy} is active, FNV 0x{_s.Origins.Policy.Digest:x16} {By(_s.Origins.Policy.Record, _s.Origins.Policy.By)}";

    private bool Used(int entry) => _s.Capabilities[entry].Kind != 0;

    private string Quota(int p) => $"{_accounts.Used[p]} of {_accounts.Quota[p]} undrained records used";

    private void Partition(IHasTreeNodes tree, int p)
    {
        var (row, origin) = (_s.Parts[p], _s.Origins.Partitions[p]);
        var budget = origin.Budget == 0 ? "" : $", budget {origin.Budget} slices";
        var node = tree.AddNode($"[bold]partition {p}[/] {$"{row.Life}".ToLowerInvariant()}, generation {row.Generation}, image {origin.Image}, "
            + $"slice {Units.ShowCounts(row.Slice)}, deadline {Units.ShowCounts(row.Deadline)}{budget} {By(origin.Record, origin.By)}");
        node.AddNode(Quota(p));
        if (_s.Nonces[p] != 0) node.AddNode($"last nonce {_s.Nonces[p]}");
        if (_s.Leases[p] is { Until: not 0 } lease) node.AddNode($"lease: region {lease.Region} at 0x{(ulong)lease.Page << 12:x} until {RecordTable.Microseconds(lease.Until)} {By(_s.Origins.Leases[p])}");
        Add(node, "capabilities", Slots(p).Select(Capability));
        var regions = _s.Regions.Index().Where(r => r.Item.Owner == p).ToList();
        if (regions.Count > 0)
        {
            var all = node.AddNode("regions");
            foreach (var (r, region) in regions) Region(all, p, r, region);
        }

        Add(node, "edges", _s.Edges.Index().Where(e => e.Item.Capacity != 0 && (e.Item.Source == p || e.Item.Destination == p)).Select(e => Edge(p, e.Index, e.Item)));
    }

    private IEnumerable<int> Slots(int p) => Enumerable.Range(p * Structure.Slots, Structure.Slots).Where(Used);

    private string Capability(int entry)
    {
        var c = _s.Capabilities[entry];
        var from = c.Depth == 0 ? "" : $", from {Slot((int)c.Parent)} generation {c.ParentGeneration}, depth {c.Depth}";
        var to = _children[entry].Any() ? $", passed on to {string.Join(", ", _children[entry].Select(i => Slot(i) + (_s.StateOf(i) == Liveness.Live ? "" : " (dead)")))}" : "";
        var state = _s.StateOf(entry) switch { Liveness.Live => "", Liveness.Revoked => ", [red]dead: revoked[/]", _ => ", [red]dead: its object is gone[/]" };
        return $"slot {entry % Structure.Slots}: {WitnessText.KindOf(c.Kind)} {c.Object} {Markup.Escape($"[{WitnessText.RightsOf(c.Rights)}]")}, generation {c.Generation}{from}{to}{state} {By(_s.Origins.Capabilities[entry])}";
    }

    private static string Slot(int entry) => $"{entry / Structure.Slots}.{entry % Structure.Slots}";

    private void Region(IHasTreeNodes node, int p, int r, RegionRow region) =>
        Add(node, $"region {r}: {WitnessText.PolicyOf(region.Policy)}, {region.Pages} pages from frame 0x{region.Frame:x}, generation {region.Generation} {By(_s.Origins.Regions[r])}",
            Runs(p, r).Select(m => $"mapped at 0x{m.Page << 12:x}: {WitnessText.PermissionOf(m.Permission)}, {m.Pages} pages from page {m.Frame - region.Frame}"), always: true);

    private void Shared(IHasTreeNodes tree, int r, RegionRow region) =>
        Add(tree, $"region {r}: shared, {region.Pages} pages from frame 0x{region.Frame:x} {By(_s.Origins.Regions[r])}",
            Partitions.SelectMany(p => Runs(p, r).Select(m => $"partition {p}: mapped at 0x{m.Page << 12:x}: {WitnessText.PermissionOf(m.Permission)}, {m.Pages} pages from page {m.Frame - region.Frame}")), always: true);

    private IEnumerable<MapRun> Runs(int p, int r) => _s.Maps[p].Runs.Where(m => m.Region == r);

    private string Edge(int p, int e, EdgeRow edge) =>
        $"edge {e}: {(edge.Source == p ? $"to partition {edge.Destination}" : $"from partition {edge.Source}")}, capacity {edge.Capacity}, generation {edge.Generation} {By(_s.Origins.Edges[e])}";

    private static string By(ulong record, ulong? creator = null) => $"[grey](record {record}{(creator is > 0 and var who ? $", by partition {who}" : "")})[/]";

    private static void Add(IHasTreeNodes tree, string title, IEnumerable<string> lines, bool always = false)
    {
        var all = lines.ToList();
        if (all.Count == 0 && !always) return;
        var node = tree.AddNode(title);
        foreach (var line in all) node.AddNode(line);
    }

    private object PartitionJson(int p)
    {
        var (row, origin) = (_s.Parts[p], _s.Origins.Partitions[p]);
        return new
        {
            Id = p, State = row.Life, row.Generation, origin.Image, row.Slice, row.Deadline, origin.Budget, Quota = _accounts.Quota[p], Used = _accounts.Used[p], LastNonce = _s.Nonces[p],
            CreatedBy = origin.By, origin.Record, TableKeys = _s.Maps[p].Keys,
            Capabilities = Slots(p).Select(CapabilityJson),
            Lease = _s.Leases[p] is { Until: not 0 } lease ? new { lease.Region, IpaPage = lease.Page, lease.Until, Record = _s.Origins.Leases[p] } : null,
            Map = _s.Maps[p].Runs.Select(m => new { IpaPage = m.Page, m.Pages, m.Frame, Permission = WitnessText.PermissionOf(m.Permission), m.Region }),
        };
    }

    private object CapabilityJson(int entry)
    {
        var c = _s.Capabilities[entry];
        return new
        {
            Slot = entry % Structure.Slots, c.Generation, Kind = WitnessText.KindOf(c.Kind), c.Object, c.ObjectGeneration, Rights = $"0x{c.Rights:x}", RightNames = WitnessText.RightsOf(c.Rights),
            c.Depth, From = c.Depth == 0 ? null : new { Partition = c.Parent / Structure.Slots, Slot = c.Parent % Structure.Slots, Generation = c.ParentGeneration },
            State = _s.StateOf(entry), Record = _s.Origins.Capabilities[entry],
        };
    }

    private IEnumerable<object> RegionsJson() => _s.Regions.Index().Where(r => r.Item != default).Select(r => new
    {
        Id = r.Index, r.Item.Owner, Policy = WitnessText.PolicyOf(r.Item.Policy), r.Item.Pages, r.Item.Frame, r.Item.Generation, Record = _s.Origins.Regions[r.Index],
    });

    private IEnumerable<object> EdgesJson() => _s.Edges.Index().Where(e => e.Item.Capacity != 0).Select(e => new
    {
        Id = e.Index, e.Item.Source, e.Item.Destination, e.Item.Capacity, e.Item.Generation, Record = _s.Origins.Edges[e.Index],
    });
}
