namespace Rvm.Platform.Aarch64;

/// <summary>
/// The hypervisor's own translation: identity, 39-bit addresses, 4 KiB granule, no page both writable and executable.
///
///     device blocks of 2 MiB          UART, interrupt controller     nGnRE, RW, never executable
///     kernel image, pages of 4 KiB    text RX | rodata RO | data RW | stack guard absent
///     boot bundle, blocks of 2 MiB    RO
///     all other RAM, blocks           RW
/// </summary>
internal static unsafe class Mmu
{
    private const ulong Page = 0x1000, Block = 0x20_0000, Gigabyte = 0x4000_0000;
    private const int Entries = 512;
    private const ulong Table = 3, BlockEntry = 1, PageEntry = 3;

    //                          AF         SH inner   AP[1]     AttrIndx
    private const ulong Normal = 1 << 10 | 3 << 8 |   1 << 6 |  1 << 2;
    private const ulong Device = 1 << 10 |            1 << 6 |  0 << 2;
    private const ulong ReadOnly = 1 << 7, NeverExecute = 1UL << 54;

    private const ulong Attributes = 0xff_04;       // MAIR_EL2: 0 device nGnRE, 1 normal write-back
    //                               RES1                  SH0 inner  ORGN0 WB  IRGN0 WB  T0SZ
    private const ulong Translation = 1UL << 31 | 1 << 23 | 3 << 12 |  1 << 10 | 1 << 8 |  25;
    private const ulong Control = 0x30c5_0830 | 1 << 19 | 1 << 12 | 1 << 3 | 1 << 2 | 1;   // RES1, WXN, I, SA, C, M

    /// <summary>ID_AA64MMFR0_EL1.PARange, no more than the 40 bits that a table with three levels uses.</summary>
    public static ulong PhysicalRange()
    {
        ulong range = Cpu.MemoryFeatures() & 15;
        return range > 2 ? 2 : range;
    }

    public static void Enable(in Machine machine, ulong bundleEnd)
    {
        ulong* root = (ulong*)Cpu.At(Layout.PageTables);
        ulong* free = root + Entries;
        ulong bundle = Cpu.At(Layout.Bundle);
        Map(root, ref free, machine.RamStart, machine.RamEnd, Normal | NeverExecute);
        Map(root, ref free, bundle, bundleEnd, Normal | NeverExecute | ReadOnly);
        MapKernel(Slot(root, ref free, Cpu.At(Layout.ImageStart)), ref free);
        Map(root, ref free, machine.Uart, machine.Uart + Page, Device | NeverExecute);
        Map(root, ref free, machine.Distributor, machine.Distributor + 0x1_0000, Device | NeverExecute);
        Map(root, ref free, machine.Redistributors, machine.RedistributorsEnd, Device | NeverExecute);
        Cpu.MmuOn((ulong)root, Translation | PhysicalRange() << 16, Attributes, Control);
    }

    /// <summary>Identity blocks for [from, to); a gigabyte at a time where nothing else is to go into it.</summary>
    private static void Map(ulong* root, ref ulong* free, ulong from, ulong to, ulong attributes)
    {
        ulong at = from & ~(Block - 1);
        while (at < to)
        {
            bool whole = at % Gigabyte == 0 && to - at >= Gigabyte && at > Cpu.At(Layout.Bundle);
            if (whole)
            {
                root[at / Gigabyte] = at | attributes | BlockEntry;
                at += Gigabyte;
                continue;
            }
            ulong end = (at | Gigabyte - 1) < to ? (at | Gigabyte - 1) + 1 : to;
            for (ulong* slot = Slot(root, ref free, at); at < end; at += Block)
                *slot++ = at | attributes | BlockEntry;
        }
    }

    private static void MapKernel(ulong* slot, ref ulong* free)
    {
        ulong start = Cpu.At(Layout.ImageStart), rodata = Cpu.At(Layout.Rodata), data = Cpu.At(Layout.Data);
        MapPages(free, start, start, rodata, ReadOnly);
        MapPages(free, start, rodata, data, ReadOnly | NeverExecute);
        MapPages(free, start, data, start + Block, NeverExecute);
        free[(Cpu.At(Layout.StackGuard) - start) / Page] = 0;
        *slot = (ulong)free | Table;
        free += Entries;
    }

    private static void MapPages(ulong* table, ulong start, ulong from, ulong to, ulong attributes)
    {
        ulong* slot = table + (from - start) / Page;
        for (ulong at = from; at < to; at += Page)
            *slot++ = at | attributes | Normal | PageEntry;
    }

    /// <summary>The level-2 entry of an address; its table is taken from the image's zeroed pages if it is the first in its gigabyte.</summary>
    private static ulong* Slot(ulong* root, ref ulong* free, ulong address)
    {
        ulong* slot = root + address / Gigabyte;
        if (*slot == 0)
        {
            if ((ulong)free == Cpu.At(Layout.SaveAreas))
                Cpu.Panic(Fault.Machine, address);
            *slot = (ulong)free | Table;
            free += Entries;
        }
        return (ulong*)(*slot & ~0xfffUL) + address / Block % Entries;
    }
}
