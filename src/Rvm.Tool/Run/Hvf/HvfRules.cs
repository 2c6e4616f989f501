using Rvm.Diagnostics;
using Rvm.Tool.Planning;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Run.Hvf;

/// <summary>What Hypervisor.framework can carry of a plan: no devices, addresses of its width, and its granule between neighbours that must be kept apart.</summary>
public static class HvfRules
{
    private sealed record Window(ulong First, ulong End, ulong Phase, string Permission, string What, Place Place);

    /// <summary>Reports what cannot be carried.</summary>
    public static void Check(SystemPlan plan, HvfFacts facts, DiagnosticBag bag)
    {
        foreach (var r in plan.Regions.Where(r => r.Policy == RegionPolicy.Device))
            bag.Error(r.Place, $"`{r.Name}` is a device, and this platform has none to give", "remove the region, or run the system at EL2 (`--platform qemu`)");
        foreach (var d in plan.Devices)
            bag.Error(d.Place, $"`{d.Name}` is a device to be leased, and this platform has none to give", "remove it, or run the system at EL2 (`--platform qemu`)");
        foreach (var p in plan.Partitions) Check(p, plan, facts, bag);
    }

    /// <summary>The plan with slices and deadlines in this machine's counts.</summary>
    public static SystemPlan Scale(SystemPlan plan, ulong hertz) => plan with
    {
        Partitions = [.. plan.Partitions.Select(p => p with { Slice = Math.Max(Counts(p.Slice, hertz), Abi.LeastSlice), Deadline = Math.Max(Counts(p.Deadline, hertz), 1) })],
    };

    private static ulong Counts(ulong counts, ulong hertz) => (ulong)((UInt128)counts * hertz / Abi.TimerHertz);

    private static void Check(PlannedPartition partition, SystemPlan plan, HvfFacts facts, DiagnosticBag bag)
    {
        var unit = facts.Granule / Abi.Page;
        var windows = Windows(partition, plan).ToList();
        foreach (var w in windows.Where(w => w.End > 1UL << (facts.IpaBits - 12)))
            bag.Error(w.Place, $"{w.What} of `{partition.Name}` ends at 0x{w.End * Abi.Page:x}, and this machine has {facts.IpaBits}-bit addresses", $"choose an ipa below 0x{1UL << facts.IpaBits:x}");
        if (unit == 1) return;
        var ordered = windows.OrderBy(w => w.First).ToList();
        for (var i = 1; i < ordered.Count; i++)
            if (ordered[i - 1].End > ordered[i].First / unit * unit && (ordered[i - 1].End + unit - 1) / unit > ordered[i].First / unit && ordered[i - 1].Permission != ordered[i].Permission)
                bag.Error(ordered[i].Place, $"{ordered[i - 1].What} ({ordered[i - 1].Permission}) and {ordered[i].What} ({ordered[i].Permission}) of `{partition.Name}` meet at 0x{ordered[i].First * Abi.Page:x}, inside one {Units.Show(facts.Granule)} unit: "
                    + $"this machine protects memory only in such units, so they cannot be kept apart", $"align them to {Units.Show(facts.Granule)} (for a guest's ELF file, link its data there), or use macOS 26 or newer, which offers 4 KiB");
        foreach (var w in windows.Where(w => w.First % unit != 0 || w.End % unit != 0 || w.Phase % unit != 0))
            if (!bag.All.Any(d => d.Place == w.Place))
                bag.Error(w.Place, $"{w.What} of `{partition.Name}` (0x{w.First * Abi.Page:x}–0x{w.End * Abi.Page - 1:x}) does not begin and end on {Units.Show(facts.Granule)} boundaries of its address and of its memory: "
                    + $"the rest of the unit would be a neighbour's", $"align and pad it to {Units.Show(facts.Granule)}, or use macOS 26 or newer, which offers 4 KiB");
    }

    private static IEnumerable<Window> Windows(PlannedPartition partition, SystemPlan plan)
    {
        var image = plan.Images[partition.Image].Image;
        var first = image.Base / Abi.Page;
        var place = plan.Images[partition.Image].Place;
        yield return new(first, first + image.CodePages, 0, "rx", "the image's code", place);
        if (image.DataPages > 0) yield return new(first + image.CodePages, first + image.Pages, 0, "rw", "the image's data", place);
        foreach (var r in plan.Regions.Where(r => r.Owner == partition.Id && r.Policy != RegionPolicy.Device))
            foreach (var m in r.Maps)
                yield return new(m.IpaPage, m.IpaPage + m.Pages, m.FirstPage | r.Pages, Names.Of(m.Permission), $"the region `{r.Name}`", m.Place);
        foreach (var c in partition.Capabilities)
            foreach (var m in c.Maps)
                yield return new(m.IpaPage, m.IpaPage + m.Pages, m.FirstPage | plan.Shared.First(s => s.Id == c.Object).Pages, Names.Of(m.Permission), "the shared region", m.Place);
    }
}
