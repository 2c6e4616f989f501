using Rvm.Tool.Witness;

namespace Rvm.Tool.Replay;

/// <summary>Regions, stage-2 maps and leases of devices (spec/Memory.dfy, spec/Leases.dfy).</summary>
public sealed partial class Structure
{
    internal string? CreateRegion(ulong r, ulong owner, ulong policy, ulong pages, ulong frame, WitnessRecord by)
    {
        if (r >= Abi.MaxRegions) return $"there is no region {r}";
        Regions[r] = new(Regions[r].Generation, (uint)owner, (uint)policy, pages, frame);
        if (frame == Next && Next <= Limit && pages <= Limit - Next && policy != (ulong)RegionPolicy.Device) Next += pages;
        Origins.Regions[r] = by.Sequence;
        return null;
    }

    internal string? Map(ulong p, ulong r, ulong page, ulong first, ulong pages, ulong permission)
    {
        if (p >= Partitions) return $"there is no partition {p}";
        if (r >= Abi.MaxRegions) return $"there is no region {r}";
        if (page + pages > IpaPages) return $"the pages go beyond the last IPA page 0x{IpaPages - 1:x}";
        if (Regions[r].Frame + first + pages > NamedFrames) return "the frames go beyond the last one";
        Maps[p].Map(new(page, pages, Regions[r].Frame + first, (uint)permission, (uint)r));
        return null;
    }

    internal string? Unmap(ulong p, ulong page, ulong pages)
    {
        if (p >= Partitions) return $"there is no partition {p}";
        Maps[p].Unmap(page, pages);
        return null;
    }

    internal string? Lease(ulong p, ulong r, ulong page, ulong until, WitnessRecord by)
    {
        if (p >= Partitions) return $"there is no partition {p}";
        Leases[p] = new((uint)r, (uint)page, until);
        Origins.Leases[p] = by.Sequence;
        return null;
    }

    /// <summary>The device is nobody's; its pages were unmapped before.</summary>
    internal string? EndLease(ulong p, ulong r)
    {
        if (p >= Partitions) return $"there is no partition {p}";
        if (r >= Abi.MaxRegions) return $"there is no region {r}";
        if (Leases[p].Until == 0 || Leases[p].Region != r || Regions[r].Owner != p) return $"partition {p} has not leased region {r}";
        Free((int)r);
        Leases[p] = default;
        return null;
    }

    /// <summary>The partition owns nothing any more: RAM waits to be used again, a device's slot is as if never used.</summary>
    private void Release(uint p)
    {
        for (var i = 0; i < Regions.Length; i++)
            if (Regions[i].Owner == p) Free(i);
    }

    private void Free(int i)
    {
        var r = Regions[i];
        var generation = r.Generation < uint.MaxValue ? r.Generation + 1 : r.Generation;
        Regions[i] = r.Policy == (uint)RegionPolicy.Device ? new(generation, 0, 0, 0, 0) : new(generation, 0, 0, r.Pages, r.Frame);
    }
}
