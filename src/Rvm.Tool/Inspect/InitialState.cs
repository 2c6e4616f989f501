using System.Text;
using Rvm.Tool.Bundle;
using Rvm.Tool.Planning;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Inspect;

/// <summary>A partition after boot.</summary>
public sealed record BootedPartition(int Id, string Name);

/// <summary>A capability slot after boot: a root, live, and its object is there.</summary>
/// <param name="Object">number of the partition, region, edge or device; 0 for the other kinds</param>
public sealed record BootedCapability(int Holder, int Slot, ObjectKind Kind, int Object, Rights Rights)
{
    public bool Has(Rights rights) => (Rights & rights) == rights;
}

/// <summary>A device that can be leased.</summary>
/// <param name="Master">what in it can reach all memory by itself; null when nothing can</param>
public sealed record BootedDevice(int Id, ulong FirstFrame, ulong Pages, string? Master)
{
    public bool Overlaps(BootedDevice other) => FirstFrame < other.FirstFrame + other.Pages && other.FirstFrame < FirstFrame + Pages;

    public override string ToString() => $"device {Id} ({Units.Show(Pages * Abi.Page)} at 0x{FirstFrame * Abi.Page:x})";
}

/// <summary>A device that can reach all memory by itself, and who has it or may lease it.</summary>
public sealed record BootedMaster(int Holder, ulong FirstFrame, string What);

/// <param name="Owner">number of a partition, or 128: the region is shared</param>
/// <param name="Master">what in it can reach all memory by itself; null when nothing can</param>
public sealed record BootedRegion(int Id, int Owner, RegionPolicy Policy, ulong FirstFrame, ulong Pages, string? Master);

public sealed record BootedEdge(int Id, int From, int To)
{
    public bool Joins(int p) => From == p || To == p;
}

/// <summary>
/// What the structural state is when a bundle has been booted, as far as channels and devices ask for it: every capability is then a root, and every object exists.
/// The kernel refuses a bundle that does not fit its limits; this reads one that it accepts.
/// </summary>
public sealed class InitialState
{
    private readonly List<BootedPartition> partitions = [];
    private readonly List<BootedCapability> capabilities = [];
    private readonly List<BootedRegion> regions = [];
    private readonly List<BootedEdge> edges = [];
    private readonly List<BootedDevice> devices = [];
    private readonly List<BootCommand> images = [];

    private InitialState()
    {
    }

    public IReadOnlyList<BootedPartition> Partitions => partitions;

    public IReadOnlyList<BootedCapability> Capabilities => capabilities;

    public IReadOnlyList<BootedRegion> Regions => regions;

    public IReadOnlyList<BootedEdge> Edges => edges;

    public IReadOnlyList<BootedDevice> Devices => devices;

    public static InitialState Of(BundleContent bundle)
    {
        var state = new InitialState();
        foreach (var command in bundle.Commands) state.Take(command);
        return state;
    }

    /// <summary>Who holds a capability for a shared region, by its number.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<int>> Readers => regions.Where(r => r.Owner == Abi.Everybody)
        .ToDictionary(r => r.Id, r => (IReadOnlyList<int>)[.. capabilities.Where(c => c.Kind == ObjectKind.Region && c.Object == r.Id).Select(c => c.Holder).Distinct().Order()]);

    /// <summary>The partitions that may lease a device; with <paramref name="also"/>, those of them whose capability has these rights, too.</summary>
    public IEnumerable<int> Lessees(BootedDevice device, Rights also = Rights.None) =>
        capabilities.Where(c => c.Kind == ObjectKind.DeviceLease && c.Object == device.Id && c.Has(Rights.Lease | also)).Select(c => c.Holder).Distinct().Order();

    /// <summary>Devices that reach all memory by themselves, each with every partition that has it or may lease it.</summary>
    public IEnumerable<BootedMaster> Masters =>
        [.. from r in regions where r.Master is not null select new BootedMaster(r.Owner, r.FirstFrame, r.Master!),
            .. from d in devices where d.Master is not null from p in Lessees(d) select new BootedMaster(p, d.FirstFrame, d.Master!)];

    public string Name(int partition) => partitions.FirstOrDefault(p => p.Id == partition)?.Name ?? $"partition {partition}";

    private void Take(BootCommand c)
    {
        switch ((Operation)c.Operation)
        {
            case Operation.Image: images.Add(c); break;
            case Operation.Partition: Create(c); break;
            case Operation.Region: Region(c); break;
            case Operation.Shared: AddRegion(Abi.Everybody, RegionPolicy.Shared, 0, c.A1); break;
            case Operation.Device: devices.Add(new BootedDevice(devices.Count, c.A1, c.A2, DeviceRules.MasterIn(c.A1, c.A2))); break;
            case Operation.Edge: Edge(c); break;
            case Operation.Cap: Give((int)c.A1, (ObjectKind)c.A2, (int)c.A3, (Rights)c.A4); break;
            default: break;      // maps, starts and the end give nobody anything
        }
    }

    /// <summary>Its image's code and data are regions without a capability.</summary>
    private void Create(BootCommand c)
    {
        var id = partitions.Count + 1;
        partitions.Add(new BootedPartition(id, NameOf(c.A6, c.A7) is { Length: > 0 } name ? name : $"partition {id}"));
        if (c.A1 >= (ulong)images.Count) return;
        var image = images[(int)c.A1];
        AddRegion(id, RegionPolicy.Immutable, 0, image.A4);
        if (image.A5 > 0) AddRegion(id, RegionPolicy.Slab, 0, image.A5);
    }

    private void Region(BootCommand c) => Give((int)c.A1, ObjectKind.Region, AddRegion((int)c.A1, (RegionPolicy)c.A2, c.A4, c.A3), (Rights)c.A5);

    private int AddRegion(int owner, RegionPolicy policy, ulong frame, ulong pages)
    {
        regions.Add(new BootedRegion(regions.Count, owner, policy, frame, pages, policy == RegionPolicy.Device ? DeviceRules.MasterIn(frame, pages) : null));
        return regions.Count - 1;
    }

    private void Edge(BootCommand c)
    {
        var edge = new BootedEdge(edges.Count, (int)c.A1, (int)c.A2);
        edges.Add(edge);
        Give(edge.From, ObjectKind.CommEdge, edge.Id, (Rights)c.A4);
        Give(edge.To, ObjectKind.CommEdge, edge.Id, (Rights)c.A5);
    }

    private void Give(int holder, ObjectKind kind, int what, Rights rights) =>
        capabilities.Add(new BootedCapability(holder, capabilities.Count(c => c.Holder == holder), kind, what, rights));

    private static string NameOf(ulong low, ulong high) => Encoding.ASCII.GetString(BundleCodec.ToBytes([low, high])).TrimEnd('\0');
}
