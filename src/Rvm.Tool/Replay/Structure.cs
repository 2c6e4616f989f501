using Rvm.Tool.Witness;

namespace Rvm.Tool.Replay;

/// <summary>
/// The kernel's structural state (spec/State.dfy: Structure), changed by nothing but the methods below; each is a case of spec/Apply.dfy's Apply. They
/// return why the action is not applicable here, having changed nothing, or null. No running kernel witnesses an action that is not applicable.
/// </summary>
public sealed partial class Structure
{
    /// <summary>Partition slots, the hypervisor's included.</summary>
    public const int Partitions = Abi.MaxPartitions + 1;

    /// <summary>Capability slots of one partition.</summary>
    public const int Slots = Abi.MaxSlots;

    private const uint LastGeneration = 0xFFFF_FFFE;        // the last one that a used slot may have
    private const uint NoGeneration = 0xFFFF_FFFF;          // one that no capability carries
    private const ulong IpaPages = 1UL << (Abi.IpaBits - 12);
    private const ulong Frames = 1UL << 36;                 // 48 bits of physical address
    private const ulong NamedFrames = 1UL << 40;            // frame numbers that fit a record

    /// <param name="next">The first frame that partitions can own.</param>
    /// <param name="limit">The frame after the machine's last one; null: not known, and taken to be as large as physical addresses are.</param>
    public Structure(ulong next = Abi.FirstFreeFrame / Abi.Page, ulong? limit = null) => (Next, Limit) = (next, limit ?? Frames);

    /// <summary>Partition slots by partition id.</summary>
    public PartitionRow[] Parts { get; } = new PartitionRow[Partitions];

    /// <summary>Capability slots: slot s of partition p is entry p · 32 + s.</summary>
    public CapabilityRow[] Capabilities { get; } = new CapabilityRow[Partitions * Slots];

    /// <summary>Regions.</summary>
    public RegionRow[] Regions { get; } = new RegionRow[Abi.MaxRegions];

    /// <summary>Stage-2 maps by partition id.</summary>
    public PageMap[] Maps { get; } = [.. Enumerable.Range(0, Partitions).Select(_ => new PageMap())];

    /// <summary>Communication edges.</summary>
    public EdgeRow[] Edges { get; } = new EdgeRow[Abi.MaxEdges];

    /// <summary>The number of the active policy, from 1; 0: none.</summary>
    public ulong Policy { get; private set; }

    /// <summary>The last nonce that each partition slot's proofs have used up.</summary>
    public ulong[] Nonces { get; } = new ulong[Partitions];

    /// <summary>What each partition slot has leased.</summary>
    public LeaseRow[] Leases { get; } = new LeaseRow[Partitions];

    /// <summary>The frames from Next to Limit have never been given out.</summary>
    public ulong Next { get; private set; }

    /// <summary>The frame after the last one for partitions.</summary>
    public ulong Limit { get; }

    /// <summary>Which records made what there is.</summary>
    public Origins Origins { get; } = new();

    // ---- partitions ---------------------------------------------------------------------------------------------------------------

    internal string? Create(ulong p, ulong image, WitnessRecord by)
    {
        if (NoPartition(p) is { } reason) return reason;
        if (Parts[p].Generation >= LastGeneration) return $"partition slot {p} is worn out";
        Parts[p] = new(Parts[p].Generation + 1, Replay.Life.Created, 0, 0);
        Maps[p].Clear();
        Origins.Partitions[p] = (by.Sequence, by.Subject, image, 0);
        return null;
    }

    internal string? Live(ulong p, Life life)
    {
        if (NoPartition(p) is { } reason) return reason;
        Parts[p] = Parts[p] with { Life = life };
        return null;
    }

    internal string? Spawn(ulong p, ulong slice, ulong deadline)
    {
        if (NoPartition(p) is { } reason) return reason;
        Parts[p] = Parts[p] with { Slice = slice, Deadline = deadline };
        return null;
    }

    /// <summary>Budgets are volatile; the record is only remembered.</summary>
    internal string? Budget(ulong p, ulong slices)
    {
        if (p < Partitions) Origins.Partitions[p].Budget = slices;
        return null;
    }

    /// <summary>The partition's memory, map, edges, capabilities and lease are gone and its slot is free.</summary>
    internal string? End(ulong p)
    {
        if (NoPartition(p) is { } reason) return reason;
        Parts[p] = new(Parts[p].Generation, Replay.Life.Free, 0, 0);
        for (var i = (int)p * Slots; i < ((int)p + 1) * Slots; i++)
            if (Capabilities[i].Kind != 0) Drop(i);
        Release((uint)p);
        Maps[p].Clear();
        Leases[p] = default;
        for (var e = 0; e < Edges.Length; e++)
            if (Edges[e].Capacity != 0 && (Edges[e].Source == p || Edges[e].Destination == p)) DestroyEdge((ulong)e);
        return null;
    }

    private static string? NoPartition(ulong p) => p is > 0 and < Partitions ? null : $"there is no partition {p}";

    // ---- proofs and policies -------------------------------------------------------------------------------------------------------

    internal string? Prove(ulong p, ulong nonce)
    {
        if (p >= Partitions) return $"there is no partition {p}";
        Nonces[p] = nonce;
        return null;
    }

    internal string? Activate(ulong policy, ulong digest, WitnessRecord by)
    {
        Policy = policy;
        Origins.Policy = (by.Sequence, by.Subject, digest);
        return null;
    }

    // ---- edges --------------------------------------------------------------------------------------------------------------------

    internal string? CreateEdge(ulong e, ulong source, ulong destination, ulong capacity, WitnessRecord by)
    {
        if (e >= Abi.MaxEdges) return $"there is no edge {e}";
        if (Edges[e].Generation >= LastGeneration) return $"edge slot {e} is worn out";
        Edges[e] = new(Edges[e].Generation + 1, (uint)source, (uint)destination, (uint)capacity);
        Origins.Edges[e] = by.Sequence;
        return null;
    }

    internal string? DestroyEdge(ulong e)
    {
        if (e >= Abi.MaxEdges) return $"there is no edge {e}";
        Edges[e] = new(Edges[e].Generation, 0, 0, 0);
        return null;
    }
}
