namespace Rvm.Platform.Hvf;

/// <summary>What the walk gives for a page: a frame and what may be done with it, or a fault, and the level of the table that says so.</summary>
public readonly record struct Translation(ulong Frame, MemoryFlags Flags, int Level)
{
    public bool IsFault => Flags == MemoryFlags.None;

    /// <summary>The fault status of a syndrome, for an access that is refused: a translation fault, or a permission fault.</summary>
    public ulong Status => (IsFault ? 0x04UL : 0x0cUL) | (uint)Level;
}

/// <summary>The walk over the core's stage-2 tables, as the hardware does it at EL2 (spec/PageTable.dfy: Walk). A device page counts as a fault: there are no devices.</summary>
public static class TableWalk
{
    /// <summary>Pages of the intermediate physical address space.</summary>
    public const ulong Pages = 1UL << 27;

    private const int TablesOfPartition = 16, Entries = 512;

    /// <summary>The translation of an IPA page of a partition.</summary>
    public static Translation Of(ulong[] pool, uint partition, ulong page)
    {
        if (page >= Pages) return default;                // level 0: beyond the tables
        ulong table = partition * (ulong)TablesOfPartition, at, entry = 0;
        for (var level = 1; level <= 3; level++)
        {
            at = table * Entries + (page >> (9 * (3 - level))) % Entries;
            entry = at < (ulong)pool.Length ? pool[at] : 0;
            if ((entry & 3) != 3) return new(0, MemoryFlags.None, level);         // invalid, a block, which the core never makes, or reserved
            table = Frame(entry) - Heap.__default.TablesFrame();
        }

        var normal = (entry & 0x30) != 0 && (entry & 0x400) != 0;
        var flags = ((entry & 0x40) != 0 ? MemoryFlags.Read : 0) | ((entry & 0x80) != 0 ? MemoryFlags.Write : 0) | ((entry >> 53 & 3) == 0 ? MemoryFlags.Execute : 0);
        return normal ? new(Frame(entry), flags, 3) : new(0, MemoryFlags.None, 3);
    }

    private static ulong Frame(ulong entry) => entry >> 12 & 0xF_FFFF_FFFF;
}
