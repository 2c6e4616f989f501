namespace Rvm.Verified.Tests;

/// <summary>A page that the hardware would let a partition reach.</summary>
public readonly record struct MappedPage(ulong IpaPage, ulong Frame, bool Read, bool Write, bool Execute, bool Device);

/// <summary>
/// Walks stage-2 tables as the Armv8-A architecture does (VMSAv8-64, 4 KiB granule, 39-bit IPA, start at level 1), written from the
/// architecture manual and not from the kernel:
///
///     bits 1:0  x0 invalid, 11 table (levels 1, 2) or page (level 3), 01 block (levels 1, 2)
///     bits 5:2 MemAttr   7:6 S2AP (6 read, 7 write)   9:8 SH   10 AF   47:12 address   54:53 XN[1:0]
/// </summary>
public static class Stage2Walker
{
    private const int Entries = 512, TablesOfPartition = 16;

    /// <summary>Every page that the walk from a partition's root reaches; fails when a table lies outside the partition's own.</summary>
    public static List<MappedPage> Walk(CoreState.Core k, uint partition)
    {
        List<MappedPage> pages = [];
        Table(k, partition, (int)partition * TablesOfPartition, level: 1, ipa: 0, pages);
        return pages;
    }

    private static void Table(CoreState.Core k, uint partition, int table, int level, ulong ipa, List<MappedPage> pages)
    {
        var entries = k.stage2.pool.AsSpan(table * Entries, Entries);
        for (var i = 0; i < Entries; i++)
        {
            var d = entries[i];
            if ((d & 1) == 0) continue;
            var page = ipa | (ulong)i << (9 * (3 - level));
            if (level == 3 && (d & 2) == 0) Assert.Fail($"partition {partition}: reserved descriptor 0x{d:x} at level 3");
            if (level < 3 && (d & 2) == 0) Assert.Fail($"partition {partition}: a block descriptor 0x{d:x} at level {level}, RVM writes none");
            if (level == 3) pages.Add(Page(partition, page, d));
            else Table(k, partition, Below(k, partition, d), level + 1, page, pages);
        }
    }

    private static int Below(CoreState.Core k, uint partition, ulong d)
    {
        var table = (long)(Frame(d) - Heap.__default.TablesFrame());
        var first = (long)partition * TablesOfPartition;
        if (table <= first || table >= first + k.stage2.tables[partition]) Assert.Fail($"partition {partition}: descriptor 0x{d:x} leads to table {table}, its own are {first} + 1 … {k.stage2.tables[partition] - 1}");
        return (int)table;
    }

    private static MappedPage Page(uint partition, ulong page, ulong d)
    {
        if ((d >> 10 & 1) == 0) Assert.Fail($"partition {partition}: page 0x{page:x} without the access flag");
        var attribute = d >> 2 & 0xF;
        if (attribute is not (0xF or 0x1)) Assert.Fail($"partition {partition}: page 0x{page:x} has memory attribute {attribute}");
        return new(page, Frame(d), (d >> 6 & 1) != 0, (d >> 7 & 1) != 0, (d >> 53 & 3) == 0, attribute == 1);
    }

    private static ulong Frame(ulong d) => (d & 0x0000_FFFF_FFFF_F000) >> 12;
}
