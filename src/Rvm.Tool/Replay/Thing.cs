using Rvm.Tool.SystemDescription;
using Rvm.Tool.Witness;

namespace Rvm.Tool.Replay;

/// <summary>One thing of the structure in words: the active policy, a partition, a capability slot, a region, a run of mapped pages, an edge.</summary>
/// <param name="Name">Which it is: «partition 3», «slot 4 of partition 3».</param>
/// <param name="Fields">What it is like, name by name, in a fixed order.</param>
public sealed record Thing(string Name, IReadOnlyList<(string Name, string Value)> Fields)
{
    /// <summary>All things of a structure, in a fixed order. Two structures with the same things are the same structure.</summary>
    public static IReadOnlyList<Thing> All(Structure s)
    {
        List<Thing> all = [new("memory", [("next free frame", $"0x{s.Next:x}")]), new("policy", [("active", $"{s.Policy}")])];
        for (var p = 0; p < Structure.Partitions; p++)
        {
            if (s.Parts[p] != default) all.Add(Partition(p, s.Parts[p]));
            for (var slot = 0; slot < Structure.Slots; slot++)
                if (s.Capabilities[p * Structure.Slots + slot] is var c && c != default) all.Add(new(SlotName(p * Structure.Slots + slot), [.. Capability(c)]));
            if (s.Nonces[p] != 0) all.Add(new($"proofs of partition {p}", [("last nonce", $"{s.Nonces[p]}")]));
            if (s.Leases[p] is var lease && lease != default)
                all.Add(new($"lease of partition {p}", [("region", $"{lease.Region}"), ("at", $"0x{(ulong)lease.Page << 12:x}"), ("until", Commands.RecordTable.Microseconds(lease.Until))]));
            if (s.Maps[p].Keys.Count > 0) all.Add(new($"tables of partition {p}", [("keys", string.Join(' ', s.Maps[p].Keys.Select(k => $"0x{k:x}")))]));
            all.AddRange(s.Maps[p].Runs.Select(run => Run(p, run)));
        }

        all.AddRange(s.Regions.Index().Where(r => r.Item != default).Select(r => Region(r.Index, r.Item)));
        all.AddRange(s.Edges.Index().Where(e => e.Item != default).Select(e => Edge(e.Index, e.Item)));
        return all;
    }

    /// <summary>«slot 4 of partition 3».</summary>
    public static string SlotName(int entry) => $"slot {entry % Structure.Slots} of partition {entry / Structure.Slots}";

    private static Thing Partition(int p, PartitionRow row) => new($"partition {p}", row.Life == Life.Free
        ? [("state", "free"), ("generation", $"{row.Generation}")]
        : [("state", $"{row.Life}".ToLowerInvariant()), ("generation", $"{row.Generation}"), ("slice", Units.ShowCounts(row.Slice)), ("deadline", Units.ShowCounts(row.Deadline))]);

    private static IEnumerable<(string, string)> Capability(CapabilityRow c)
    {
        if (c.Kind == 0) yield return ("object", "empty");
        else yield return ("object", $"{WitnessText.KindOf(c.Kind)} {c.Object}");
        yield return ("generation", $"{c.Generation}");
        if (c.Kind == 0) yield break;
        yield return ("rights", $"[{WitnessText.RightsOf(c.Rights)}]");
        yield return ("object's generation", $"{c.ObjectGeneration}");
        if (c.Depth == 0) yield break;
        yield return ("from", $"{SlotName((int)c.Parent)}, generation {c.ParentGeneration}");
        yield return ("depth", $"{c.Depth}");
    }

    private static Thing Region(int r, RegionRow row) => new($"region {r}", row.Owner == 0
        ? [("owner", "nobody"), ("generation", $"{row.Generation}"), ("frames", Frames(row))]
        : [("owner", row.Owner == Abi.Everybody ? "everybody" : $"partition {row.Owner}"), ("generation", $"{row.Generation}"), ("policy", WitnessText.PolicyOf(row.Policy)), ("frames", Frames(row))]);

    private static string Frames(RegionRow row) => row.Pages == 0 ? "none" : $"{row.Pages} from 0x{row.Frame:x}";

    private static Thing Run(int p, MapRun run) => new($"map of partition {p} at 0x{run.Page << 12:x}",
        [("pages", $"{run.Pages}"), ("permission", WitnessText.PermissionOf(run.Permission)), ("region", $"{run.Region}"), ("first frame", $"0x{run.Frame:x}")]);

    private static Thing Edge(int e, EdgeRow row) => new($"edge {e}", row.Capacity == 0
        ? [("state", "free"), ("generation", $"{row.Generation}")]
        : [("state", "open"), ("generation", $"{row.Generation}"), ("source", $"{row.Source}"), ("destination", $"{row.Destination}"), ("capacity", $"{row.Capacity}")]);
}

/// <summary>What has happened to a thing between two structures.</summary>
public enum Change { Added, Removed, Changed }

/// <summary>A difference between two structures.</summary>
/// <param name="Fields">The fields that differ; of what is only on one side, all of them. Null: no such field there.</param>
public sealed record Difference(Change Change, string Name, IReadOnlyList<(string Field, string? Before, string? After)> Fields)
{
    /// <summary>The differences between two structures, in the order of <see cref="Thing.All"/>; none exactly when they are the same.</summary>
    public static IReadOnlyList<Difference> Between(Structure before, Structure after)
    {
        var (old, now) = (Thing.All(before), Thing.All(after));
        var (olds, nows) = (old.ToDictionary(t => t.Name), now.ToDictionary(t => t.Name));
        return [.. old.Select(t => Of(t, nows.GetValueOrDefault(t.Name))).OfType<Difference>(),
                .. now.Where(t => !olds.ContainsKey(t.Name)).Select(t => Of(null, t)!)];
    }

    private static Difference? Of(Thing? before, Thing? after)
    {
        var (old, now) = (before?.Fields.ToDictionary(f => f.Name, f => f.Value) ?? [], after?.Fields.ToDictionary(f => f.Name, f => f.Value) ?? []);
        var names = old.Keys.Union(now.Keys).Where(n => old.GetValueOrDefault(n) != now.GetValueOrDefault(n));
        List<(string, string?, string?)> fields = [.. names.Select(n => (n, old.GetValueOrDefault(n), now.GetValueOrDefault(n)))];
        return fields.Count == 0 ? null : new(before is null ? Change.Added : after is null ? Change.Removed : Change.Changed, (before ?? after)!.Name, fields);
    }
}
