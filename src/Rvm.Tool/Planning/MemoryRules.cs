using Rvm.Diagnostics;
using Rvm.Tool.Image;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Planning;

/// <summary>Checks the memory of partitions: windows within bounds, apart from each other, with tables and frames enough.</summary>
public static class MemoryRules
{
    private const int PagesPerLevel3 = 9;
    private const int PagesPerLevel2 = 18;

    private sealed record Window(ulong First, ulong End, string Name, Place Place);

    /// <summary>Checks the regions and windows of one partition entry; <paramref name="image"/> null: it could not be loaded.</summary>
    public static void Check(PartitionEntry partition, FlatImage? image, SharedTable shared, ulong memory, DiagnosticBag bag)
    {
        List<Window> windows = [];
        if (image is not null)
        {
            var code = image.Base / Abi.Page;
            windows.Add(new(code, code + image.CodePages, "the image's code", partition.Image.Path.Place));
            if (image.DataPages > 0)
                windows.Add(new(code + image.CodePages, code + image.Pages, "the image's data", partition.Image.Path.Place));
        }

        foreach (var region in partition.Regions)
        {
            if (partition.Regions.First(r => r.Name.Value == region.Name.Value) is var first && first != region)
                bag.Error(region.Name.Place, $"a second region `{region.Name.Value}`", $"rename it; the first is in line {first.Name.Place.Line}");
            CheckSize(region, memory, bag);
            DeviceRules.Check(region, bag);
        }

        foreach (var region in partition.Regions.Concat(partition.Capabilities.Select(shared.Seen).OfType<RegionEntry>()))
            foreach (var map in region.Maps)
                if (CheckMap(region, map, bag) is { } window)
                    windows.Add(window);

        CheckApart(windows, bag);
        CheckTables(partition, windows, bag);
    }

    /// <summary>Checks that the frames from 0x4600_0000 to the end of RAM suffice for all partitions.</summary>
    public static void CheckTotal(SystemEntry system, Expansion partitions, ImageTable images, SharedTable shared, DiagnosticBag bag)
    {
        var end = Abi.RamBase + system.Memory.Value;
        if (end < Abi.FirstFreeFrame + (1UL << 20) || system.Memory.Value % (1 << 20) != 0 || system.Memory.Value > 4UL << 30)
        {
            bag.Error(system.Memory.Place, $"a machine with {Units.Show(system.Memory.Value)} of memory", "write between 128MiB and 4GiB, in whole MiB");
            return;
        }

        var free = (end - Abi.FirstFreeFrame) / Abi.Page;
        UInt128 needed = shared.Pages;
        foreach (var partition in partitions.All)
        {
            needed += images.Find(partition.Entry.Image)?.Image.Pages ?? 0;
            foreach (var region in partition.Entry.Regions.Where(r => r.Policy != RegionPolicy.Device)) needed += Abi.Pages(region.Size.Value);
        }

        var reported = system.Partitions.Any(p => p.Regions.Any(r => r.Policy != RegionPolicy.Device && r.Size.Value > system.Memory.Value));
        if (needed > free && !reported)
            bag.Error(system.Memory.Place, $"the partitions need {needed} pages, and {Units.Show(system.Memory.Value)} of memory leave {free}",
                $"enlarge `memory` by at least {Units.Show((ulong)Math.Min((double)(needed - free) * Abi.Page, 1UL << 50) / (1 << 20) * (1 << 20) + (1 << 20))} or shrink regions");
    }

    private static void CheckSize(RegionEntry region, ulong memory, DiagnosticBag bag)
    {
        var size = region.Size;
        if (size.Value == 0 || size.Value % Abi.Page != 0)
            bag.Error(size.Place, $"the size of `{region.Name.Value}` is {size.Value} bytes, not a positive multiple of 4 KiB",
                size.Value < ulong.MaxValue - Abi.Page ? $"round it up to {Math.Max(1, Abi.Pages(size.Value)) * 4}KiB" : "write a size such as 64KiB");
        else if (region.Policy != RegionPolicy.Device && size.Value > memory)
            bag.Error(size.Place, $"the region `{region.Name.Value}` ({Units.Show(size.Value)}) is larger than the memory ({Units.Show(memory)})", "shrink it, or enlarge `memory`");
        else if (size.Value / Abi.Page > Abi.MaxRegionPages)
            bag.Error(size.Place, $"the region `{region.Name.Value}` ({Units.Show(size.Value)}) is larger than a region may be", $"divide it into regions of at most {Units.Show(Abi.MaxRegionPages * Abi.Page)}");
    }

    private static Window? CheckMap(RegionEntry region, MapEntry map, DiagnosticBag bag)
    {
        var offset = map.Offset.Value;
        if (map.Ipa.Value % Abi.Page != 0 || offset % Abi.Page != 0 || map.Size?.Value % Abi.Page is > 0)
        {
            bag.Error(map.Place, "`ipa`, `offset` or `size` of the map is not a multiple of 4 KiB", "round them to pages of 4096 bytes");
            return null;
        }

        if (offset >= region.Size.Value || map.Size?.Value is { } asked && (asked == 0 || asked > region.Size.Value - offset))
        {
            bag.Error(map.Place, $"the map lies outside of the region `{region.Name.Value}` of {Units.Show(region.Size.Value)}", "mend `offset` and `size` of the map");
            return null;
        }

        CheckPermission(region, map, bag);
        var size = map.Size?.Value ?? region.Size.Value - offset;
        if (map.Ipa.Value >> Abi.IpaBits != 0 || size > (1UL << Abi.IpaBits) - map.Ipa.Value)
        {
            bag.Error(map.Ipa.Place, $"the map of `{region.Name.Value}` ends beyond the {Abi.IpaBits}-bit address space", "choose an ipa below 0x8000000000");
            return null;
        }

        return new(map.Ipa.Value / Abi.Page, (map.Ipa.Value + size) / Abi.Page, $"the region `{region.Name.Value}`", map.Ipa.Place);
    }

    private static void CheckPermission(RegionEntry region, MapEntry map, DiagnosticBag bag)
    {
        var allowed = Names.Allowed(region.Policy);
        var permission = map.Permission ?? allowed[0];
        if (!allowed.Contains(permission))
        {
            bag.Error(map.Place, $"{Names.Of(region.Policy)} regions cannot be mapped `{Names.Of(permission)}`", $"allowed: {string.Join(", ", allowed.Select(Names.Of))}");
            return;
        }

        var needed = permission is MapPermission.Rw or MapPermission.Device ? Rights.Read | Rights.Write : Rights.Read;
        if ((needed & ~region.Rights) is not Rights.None and var missing)
            bag.Error(map.Place, $"the map of `{region.Name.Value}` needs the right {Names.Of(missing)}", $"add {Names.Of(missing)} to `rights` of the region");
    }

    private static void CheckApart(List<Window> windows, DiagnosticBag bag)
    {
        var ordered = windows.OrderBy(w => w.First).ToList();
        var reach = ordered.FirstOrDefault();
        foreach (var window in ordered.Skip(1))
        {
            if (window.First < reach!.End)
            {
                var later = window.Place.Line >= reach.Place.Line ? window : reach;
                bag.Error(later.Place, $"overlapping memory: {reach.Name} (IPA {Show(reach)}) and {window.Name} (IPA {Show(window)})",
                    $"move one; 0x{ordered.Max(w => w.End) * Abi.Page:x} is free");
            }

            if (window.End > reach.End) reach = window;
        }
    }

    private static void CheckTables(PartitionEntry partition, List<Window> windows, DiagnosticBag bag)
    {
        HashSet<ulong> level2 = [], level3 = [];
        foreach (var window in windows)
            for (var page = window.First; page < window.End; page = ((page >> PagesPerLevel3) + 1) << PagesPerLevel3)
            {
                level2.Add(page >> PagesPerLevel2);
                level3.Add(page >> PagesPerLevel3);
            }

        if (level2.Count + level3.Count > Abi.MaxTables)
            bag.Error(partition.Name.Place, $"`{partition.Name.Value}` needs {level2.Count + level3.Count} stage-2 tables ({level2.Count} for each GiB and {level3.Count} for each 2 MiB that it uses), the kernel has {Abi.MaxTables}",
                "map less memory, or place windows next to each other");
    }

    private static string Show(Window w) => $"0x{w.First * Abi.Page:x}–0x{w.End * Abi.Page - 1:x}";
}
