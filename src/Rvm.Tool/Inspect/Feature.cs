namespace Rvm.Tool.Inspect;

/// <summary>Something that a system may use, and whether a theorem speaks of it.</summary>
/// <param name="Used">whether the inspected system uses it; null when that is not known</param>
public sealed record Feature(string Name, bool InTheorems, bool? Used, string Text)
{
    public static IReadOnlyList<Feature> All(InitialState? state, int cores, InspectedSystem? system)
    {
        bool? Has(ObjectKind kind, Rights rights = Rights.None) => state?.Capabilities.Any(c => c.Kind == kind && c.Has(rights));
        return
        [
            new("memory, maps and translation", true, state is null ? null : true, "theorems 3 to 6"),
            new("regions that several partitions read", true, state?.Regions.Any(r => r.Policy == RegionPolicy.Shared), "theorem 3: nobody can write or execute them, and they never change; what is in them is public, like images"),
            new("capabilities and revocation", true, state is null ? null : true, "theorems 7 and 8"),
            new("witness log", true, state is null ? null : true, "theorem 9; the chain of hashes shows damage, not an attacker who recomputes it"),
            new("messages and notifications", true, state?.Edges.Count > 0, "theorem 10 says over which channels who can be seen"),
            new("partitions made at run time", true, Has(ObjectKind.PhysMemPool, Rights.Write), "theorems 6, 7 and 10; the pairs below are those of the boot"),
            new("scheduling", true, state is null ? null : true, "theorem 12, for a timer that ticks in time; a guest that gives up the processor just before its slice ends uses up no budget"),
            new("devices that do no DMA", true, state is null ? null : state.Regions.Any(r => r.Policy == RegionPolicy.Device && r.Master is null) || state.Devices.Any(d => d.Master is null), "theorem 3: no frame of a device is in two maps; what the device itself does is outside"),
            new("devices leased for a time", true, Has(ObjectKind.DeviceLease, Rights.Lease), "theorem 15: a lease ends with its time, and a device has one holder at most; what one leaves in its registers the next one finds"),
            new("devices that do DMA", false, state?.Masters.Any(), "no SMMU is driven: such a device reaches all memory"),
            new("more than one core", false, cores > 1, "other cores are parked"),
            new("timing, caches", false, state is null ? null : true, "when a partition runs is public; caches are not modelled"),
            new("policies and proofs", true, system is null ? null : system.Policies > 0, "theorem 13: a policy only takes away, and nothing that changes what others hold happens without a proof; what the rules permit is their author's decision"),
        ];
    }
}
