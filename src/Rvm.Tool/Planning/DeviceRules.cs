using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>Checks that device regions give away neither the kernel's own devices, nor RAM, nor a way around stage 2.</summary>
public static class DeviceRules
{
    private sealed record Range(ulong Start, ulong End, string Name, string Mend);

    private static readonly Range[] Kernel =
    [
        new(0x0800_0000, 0x0900_0000, "the interrupt controller", "the kernel owns it; choose another device"),
        new(0x0900_0000, 0x0900_1000, "the console UART", "the kernel owns it; use a console capability"),
    ];

    private const string DmaMend = "there is no SMMU: add `dma: allow` if its owner is as trusted as the kernel";

    private static readonly Range[] Masters =
    [
        new(0x0902_0000, 0x0902_1000, "fw_cfg", DmaMend),
        new(0x0a00_0000, 0x0a00_4000, "virtio-mmio", DmaMend),
        new(0x1000_0000, 0x4000_0000, "PCI Express", DmaMend),
    ];

    /// <summary>Checks one region's address; also that memory regions have none.</summary>
    public static void Check(RegionEntry region, DiagnosticBag bag)
    {
        if (region.Policy != RegionPolicy.Device)
        {
            if (region.Address is { } stray) bag.Error(stray.Place, "only a device has an address", "remove `address`, or set policy: device");
            if (region.AllowsDma) bag.Error(region.Place, "only a device can do DMA", "remove `dma`");
            return;
        }

        if (region.Address is not { } address)
        {
            bag.Error(region.Place, $"the device `{region.Name.Value}` has no `address`", "add its physical address, such as address: 0x09030000");
            return;
        }

        if (address.Value % Abi.Page != 0)
            bag.Error(address.Place, $"the device address 0x{address.Value:x} is not a multiple of 4 KiB", $"the page that holds it begins at 0x{address.Value & ~(Abi.Page - 1):x}");
        if (address.Value >= Abi.RamBase || region.Size.Value > Abi.RamBase - address.Value)
        {
            bag.Error(address.Place, $"the device `{region.Name.Value}` does not lie below RAM", $"devices of the `virt` machine end before 0x{Abi.RamBase:x}: mend `address` or `size`");
            return;
        }

        var here = new Range(address.Value, address.Value + region.Size.Value, region.Name.Value, "");
        foreach (var range in Kernel.Where(r => Overlap(here, r)))
            bag.Error(address.Place, $"the device `{region.Name.Value}` covers {range.Name} at 0x{range.Start:x}", range.Mend);
        foreach (var range in Masters.Where(r => Overlap(here, r) && !region.AllowsDma))
            bag.Error(address.Place, $"the device `{region.Name.Value}` covers {range.Name}, which can read and write all memory", range.Mend);
    }

    /// <summary>What among these frames can read and write all memory by itself; null when nothing can.</summary>
    public static string? MasterIn(ulong firstFrame, ulong pages)
    {
        var here = new Range(firstFrame * Abi.Page, (firstFrame + pages) * Abi.Page, "", "");
        return Masters.FirstOrDefault(r => Overlap(here, r))?.Name;
    }

    /// <summary>Checks that no device is there twice, with two partitions or to be leased. Owner: whose it is, in words.</summary>
    public static void CheckDisjoint(IReadOnlyList<(string Owner, RegionEntry Region)> regions, DiagnosticBag bag)
    {
        var devices = regions.Where(r => r.Region is { Policy: RegionPolicy.Device, Address: not null })
            .OrderBy(r => r.Region.Address!.Value).ToList();
        foreach (var (low, high) in devices.Zip(devices.Skip(1)))
            if (high.Region.Address!.Value - low.Region.Address!.Value < low.Region.Size.Value)
                bag.Error(high.Region.Address.Place, $"the devices `{low.Region.Name.Value}` {low.Owner} and `{high.Region.Name.Value}` {high.Owner} overlap",
                    "a device has one owner, or is leased: remove one of them");
    }

    private static bool Overlap(Range a, Range b) => a.Start < b.End && b.Start < a.End;
}
