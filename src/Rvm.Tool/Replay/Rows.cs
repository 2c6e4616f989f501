namespace Rvm.Tool.Replay;

/// <summary>Lifecycle of a partition slot.</summary>
public enum Life { Free, Created, Started, Suspended }

/// <summary>A partition slot (spec/State.dfy: Part). Slice and deadline in counts.</summary>
public readonly record struct PartitionRow(uint Generation, Life Life, ulong Slice, ulong Deadline);

/// <summary>
/// A capability slot (spec/State.dfy: Cap). Kind 0: empty. Parent is the index of the slot that it was derived from, ParentGeneration that slot's generation
/// then; depth 0 is a root. ObjectGeneration is the object's when the root was made.
/// </summary>
public readonly record struct CapabilityRow(
    uint Generation, uint Kind, uint Object, uint ObjectGeneration, uint Rights, uint Depth, uint Parent, uint ParentGeneration);

/// <summary>A region slot (spec/State.dfy: Region). Owner 0: nobody's; with pages it keeps its frames for whoever comes next. Owner 128: shared.</summary>
public readonly record struct RegionRow(uint Generation, uint Owner, uint Policy, ulong Pages, ulong Frame);

/// <summary>A communication edge (spec/State.dfy: Edge). Capacity 0: the slot is free.</summary>
public readonly record struct EdgeRow(uint Generation, uint Source, uint Destination, uint Capacity);

/// <summary>What a partition has leased (spec/State.dfy: Lease). Until: a count of the timer; 0: it has leased nothing.</summary>
/// <param name="Page">The first of the IPA pages that show the device.</param>
public readonly record struct LeaseRow(uint Region, uint Page, ulong Until);

/// <summary>Pages of a partition's map, one after the other, that show frames of one region one after the other.</summary>
/// <param name="Page">The first IPA page.</param>
public readonly record struct MapRun(ulong Page, ulong Pages, ulong Frame, uint Permission, uint Region)
{
    /// <summary>The page after the last.</summary>
    public ulong End => Page + Pages;

    internal MapRun From(ulong page) => this with { Page = page, Pages = End - page, Frame = Frame + (page - Page) };

    internal MapRun To(ulong page) => this with { Pages = page - Page };
}

/// <summary>
/// Where things of the structure come from: sequence numbers of the records that made them, who made a partition and of what, and its budget.
/// Nothing of it is structure; it helps a reader.
/// </summary>
public sealed class Origins
{
    /// <summary>For each partition slot: the record that created it, its creator, its image and its budget in slices (0: none).</summary>
    public (ulong Record, ulong By, ulong Image, ulong Budget)[] Partitions { get; } = new (ulong, ulong, ulong, ulong)[Structure.Partitions];

    /// <summary>For each capability slot the record that filled it.</summary>
    public ulong[] Capabilities { get; } = new ulong[Structure.Partitions * Structure.Slots];

    /// <summary>For each region the record that gave it to its owner.</summary>
    public ulong[] Regions { get; } = new ulong[Abi.MaxRegions];

    /// <summary>For each partition slot the record that told until when it has leased what.</summary>
    public ulong[] Leases { get; } = new ulong[Structure.Partitions];

    /// <summary>For each edge the record that made it.</summary>
    public ulong[] Edges { get; } = new ulong[Abi.MaxEdges];

    /// <summary>The record that made the active policy so, by whom, and what FNV-1a gives over the policy's words.</summary>
    public (ulong Record, ulong By, ulong Digest) Policy { get; internal set; }
}
