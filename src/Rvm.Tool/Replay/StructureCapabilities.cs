using Rvm.Tool.Witness;

namespace Rvm.Tool.Replay;

/// <summary>Why a capability gives no access; <see cref="Live"/>: it does.</summary>
public enum Liveness
{
    /// <summary>It can be used.</summary>
    Live,

    /// <summary>A capability that it was derived from, at any distance, has been revoked or dropped.</summary>
    Revoked,

    /// <summary>Its object is gone, or another one has its number now.</summary>
    ObjectGone,
}

/// <summary>Capabilities (spec/Capabilities.dfy).</summary>
public sealed partial class Structure
{
    private const uint Grants = (uint)Rights.Grant, GrantsOnce = (uint)Rights.GrantOnce;

    /// <summary>Entry of a partition's slot.</summary>
    public static int Entry(ulong partition, ulong slot) => (int)(partition * Slots + slot);

    /// <summary>Whether the capability in a used entry can be used.</summary>
    public Liveness StateOf(int entry)
    {
        if (!IsLive(entry, Capabilities[entry].Generation, Abi.MaxDelegationDepth)) return Liveness.Revoked;
        var (kind, number, generation) = (Capabilities[entry].Kind, Capabilities[entry].Object, Capabilities[entry].ObjectGeneration);
        return GenerationOf(kind, number) == generation ? Liveness.Live : Liveness.ObjectGone;
    }

    /// <summary>Entries whose capabilities are derived, over any number of links, from one in such an entry.</summary>
    public IEnumerable<int> DerivedFrom(Func<int, bool> such) => Enumerable.Range(0, Capabilities.Length).Where(i => Capabilities[i].Kind != 0 && Path(i).Any(such));

    /// <summary>The entries over which a capability was derived, as far as they still hold what it was derived from.</summary>
    private IEnumerable<int> Path(int entry)
    {
        var c = Capabilities[entry];
        for (var links = Abi.MaxDelegationDepth; c.Depth != 0 && links > 0 && c.Parent < Capabilities.Length; links--)
        {
            var parent = Capabilities[c.Parent];
            if (parent.Kind == 0 || parent.Generation != c.ParentGeneration) yield break;
            yield return (int)c.Parent;
            c = parent;
        }
    }

    private bool IsLive(int entry, uint generation, int links)
    {
        var c = Capabilities[entry];
        return c.Kind != 0 && c.Generation == generation
            && (c.Depth == 0 || (links > 0 && c.Parent < Capabilities.Length && IsLive((int)c.Parent, c.ParentGeneration, links - 1)));
    }

    internal string? Grant(ulong to, ulong slot, ulong kind, ulong number, ulong rights, WitnessRecord by)
    {
        if (NoSlot(to, slot) is { } reason) return reason;
        var i = Entry(to, slot);
        if (Capabilities[i].Generation >= LastGeneration) return $"slot {slot} of partition {to} is worn out";
        if (!InRange((ObjectKind)kind, number)) return $"there is no {(ObjectKind)kind} {number}";
        Capabilities[i] = new(Capabilities[i].Generation + 1, (uint)kind, (uint)number, GenerationOf((uint)kind, (uint)number), (uint)rights, 0, 0, 0);
        Origins.Capabilities[i] = by.Sequence;
        return null;
    }

    internal string? Delegate(ulong from, ulong source, ulong to, ulong slot, ulong asked, WitnessRecord by)
    {
        if ((NoSlot(from, source) ?? NoSlot(to, slot)) is { } reason) return reason;
        var (s, i) = (Entry(from, source), Entry(to, slot));
        if (s == i) return "a capability cannot be derived into its own slot";
        if (Capabilities[i].Generation >= LastGeneration) return $"slot {slot} of partition {to} is worn out";
        var parent = Capabilities[s];
        if (parent.Depth >= Abi.MaxDelegationDepth) return $"slot {source} of partition {from} is derived over {parent.Depth} links already";
        var mayGrant = (parent.Rights & Grants) != 0;
        Capabilities[s] = parent with { Rights = mayGrant ? parent.Rights : parent.Rights & ~GrantsOnce };
        Capabilities[i] = new(Capabilities[i].Generation + 1, parent.Kind, parent.Object, parent.ObjectGeneration,
            mayGrant ? (uint)asked : (uint)asked & ~(Grants | GrantsOnce), parent.Depth + 1, (uint)s, parent.Generation);
        Origins.Capabilities[i] = by.Sequence;
        return null;
    }

    /// <summary>The slot gets its next generation: everything derived from it is dead.</summary>
    internal string? Revoke(ulong p, ulong slot)
    {
        if (NoSlot(p, slot) is { } reason) return reason;
        var i = Entry(p, slot);
        if (Capabilities[i].Generation >= LastGeneration) return $"slot {slot} of partition {p} is worn out";
        Capabilities[i] = Capabilities[i] with { Generation = Capabilities[i].Generation + 1 };
        return null;
    }

    internal string? Drop(ulong p, ulong slot)
    {
        if (NoSlot(p, slot) is { } reason) return reason;
        Drop(Entry(p, slot));
        return null;
    }

    /// <summary>The entry is empty, and everything derived from it is dead.</summary>
    private void Drop(int entry)
    {
        var generation = Capabilities[entry].Generation;
        Capabilities[entry] = new(generation <= LastGeneration ? generation + 1 : generation, 0, 0, 0, 0, 0, 0, 0);
    }

    private static string? NoSlot(ulong p, ulong slot) => p >= Partitions ? $"there is no partition {p}" : slot >= Slots ? $"there is no slot {slot}" : null;

    private static bool InRange(ObjectKind kind, ulong number) => number < kind switch
    {
        ObjectKind.Region => Abi.MaxRegions,
        ObjectKind.Partition => Partitions,
        ObjectKind.CommEdge => Abi.MaxEdges,
        _ => ulong.MaxValue,
    };

    /// <summary>The generation that capabilities on this object carry; one that none carries if there is no such object now.</summary>
    private uint GenerationOf(uint kind, uint number) => (ObjectKind)kind switch
    {
        ObjectKind.Region when number < Abi.MaxRegions => Regions[number].Owner != 0 ? Regions[number].Generation : NoGeneration,
        ObjectKind.Partition when number < Partitions => Parts[number].Life != Replay.Life.Free ? Parts[number].Generation : NoGeneration,
        ObjectKind.CommEdge when number < Abi.MaxEdges => Edges[number].Capacity != 0 ? Edges[number].Generation : NoGeneration,
        _ => 0,
    };
}
