using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>Divides the witness ring among the partitions, after what boot, faults and ends need.</summary>
public static class RecordBudget
{
    /// <summary>Least number of records that stay with the hypervisor (BOOTQUOTA of the specification).</summary>
    public const ulong HypervisorShare = 8192;

    private const ulong Reserve = 512;

    private const ulong PerPartition = 9;

    /// <summary>Records that stay with the hypervisor: at least its share, and all that booting and ending can cause.</summary>
    public static ulong Kept(SystemEntry system, Expansion partitions) => Math.Max(HypervisorShare, BootRecords(system, partitions));

    /// <summary>Most records that booting the system and ending every partition can cause.</summary>
    private static ulong BootRecords(SystemEntry system, Expansion partitions)
    {
        var total = Reserve + 3UL * (ulong)system.Edges.Count;
        foreach (var p in partitions.All)
        {
            var maps = p.Entry.Regions.Sum(r => r.Maps.Count + (decimal)(r.Size.Value / Abi.Page / Abi.MaxMapPages) * r.Maps.Count);
            total += PerPartition + (ulong)p.Entry.Capabilities.Count + 2UL * (ulong)p.Entry.Regions.Count + (ulong)Math.Min(maps, Abi.RingRecords);
        }

        return total;
    }

    /// <summary>The quota of each partition in order, in records; quotas that the ring cannot hold are reported.</summary>
    public static IReadOnlyList<ulong> Quotas(SystemEntry system, Expansion partitions, DiagnosticBag bag)
    {
        var kept = Kept(system, partitions);
        var free = kept > Abi.RingRecords ? 0 : Abi.RingRecords - kept;
        var fixedOnes = partitions.All.Where(p => p.Entry.WitnessQuota is not null).ToList();
        var asked = fixedOnes.Aggregate(0UL, (sum, p) => sum + p.Entry.WitnessQuota!.Value);
        if (asked > free)
            bag.Error(fixedOnes[^1].Entry.WitnessQuota!.Place, $"the witness quotas add up to {asked} records",
                $"the ring holds {Abi.RingRecords} of which {kept} stay with the hypervisor: lower them to {free} in all");
        var sharers = (ulong)(partitions.All.Count - fixedOnes.Count);
        var share = sharers == 0 || asked > free ? 0 : (free - asked) / sharers;
        if (sharers > 0 && share == 0 && asked <= free)
            bag.Error(partitions.All.First(p => p.Entry.WitnessQuota is null).Entry.Place, "no witness records are left for partitions without `witness_quota`", "lower the others' quotas");
        return [.. partitions.All.Select(p => p.Entry.WitnessQuota?.Value ?? share)];
    }
}
