namespace Rvm.Platform.Aarch64;

/// <summary>
/// Names of the image's functions, made from its own first link (Boot/symbols.awk).
///
///     u32 count, then count × (u32 offset from the start of the image, u32 offset of the name in the table), then the names, each ended by NUL
/// </summary>
internal static unsafe class Symbols
{
    /// <summary>The function in which an address lies, or null.</summary>
    public static byte* Of(ulong address, out ulong offset)
    {
        uint* table = (uint*)Cpu.At(Layout.Symbols);
        ulong start = Cpu.At(Layout.ImageStart);
        offset = address - start;
        if (address < start || address >= Cpu.At(Layout.Rodata) || *table == 0)
            return null;
        uint low = 0, high = *table;
        while (high - low > 1)
        {
            uint middle = (low + high) / 2;
            if (table[1 + 2 * middle] <= offset)
                low = middle;
            else
                high = middle;
        }
        offset -= table[1 + 2 * low];
        return (byte*)table + table[2 + 2 * low];
    }
}
