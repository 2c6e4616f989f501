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
        ulong next = (ulong)root + Page;
        MapRam(root, ref next, machine.RamStart, machine.RamEnd);
        for (ulong at = Cpu.At(Layout.Bundle); at < bundleEnd; at += Block)
            *Entry(root, ref next, at) |= ReadOnly;
        MapKernel(Entry(root, ref next, Cpu.At(Layout.ImageStart)), (ulong*)next);
        next += Page;
        MapDevice(root, ref next, machine.Uart, machine.Uart + Page);
        MapDevice(root, ref next, machine.Distributor, machine.Distributor + 0x1_0000);
        MapDevice(root, ref next, machine.Redistributors, machine.RedistributorsEnd);
        Cpu.MmuOn((ulong)root, Translation | PhysicalRange() << 16, Attributes, Control);
    }

    private static void MapRam(ulong* root, ref ulong next, ulong from, ulong to)
    {
        ulong image = Cpu.At(Layout.ImageStart);
        for (ulong at = from & ~(Block - 1); at < to;)
        {
            bool whole = at % Gigabyte == 0 && to - at >= Gigabyte && (image < at || image >= at + Gigabyte);
            if (whole)
                root[at / Gigabyte] = at | Normal | NeverExecute | BlockEntry;
            else
                *Entry(root, ref next, at) = at | Normal | NeverExecute | BlockEntry;
            at += whole ? Gigabyte : Block;
        }
    }

    private static void MapDevice(ulong* root, ref ulong next, ulong from, ulong to)
    {
        for (ulong at = from & ~(Block - 1); at < to; at += Block)
            *Entry(root, ref next, at) = at | Device | NeverExecute | BlockEntry;
    }

    private static void MapKernel(ulong* entry, ulong* pages)
    {
        ulong rodata = Cpu.At(Layout.Rodata), data = Cpu.At(Layout.Data), guard = Cpu.At(Layout.StackGuard);
        ulong start = Cpu.At(Layout.ImageStart);
        for (ulong i = 0; i < 512; i++)
        {
            ulong at = start + i * Page;
            ulong kind = at < rodata ? ReadOnly : at < data ? ReadOnly | NeverExecute : NeverExecute;
            pages[i] = at == guard ? 0 : at | Normal | kind | PageEntry;
        }
        *entry = (ulong)pages | Table;
    }

    /// <summary>The level-2 entry of an address; its table is taken from the image's zeroed pages if it is the first in its gigabyte.</summary>
    private static ulong* Entry(ulong* root, ref ulong next, ulong address)
    {
        ulong* slot = root + address / Gigabyte;
        if (*slot == 0)
        {
            if (next == Cpu.At(Layout.SaveAreas))
                Cpu.Panic(Fault.Machine, address);
            *slot = next | Table;
            next += Page;
        }
        return (ulong*)(*slot & ~0xfffUL) + address / Block % 512;
    }
}
