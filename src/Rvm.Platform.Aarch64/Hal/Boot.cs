namespace Rvm.Platform.Aarch64;

using System.Runtime;
using Kernel = CoreState.Core;

/// <summary>From reset to the first partition.</summary>
internal static unsafe class Boot
{
    private const ulong Magic = 0x314C_444E_424D_5652, Header = 8, MostWords = 64 << 20 >> 3, TwoMegabytes = 0x20_0000;
    private const ulong FreeRam = 0x4600_0000, MostRam = 1UL << 39;

    //                         RW         TACR      TSW       TIDCP     TSC       TWE       TWI       BSU inner  FB       AMO      IMO      FMO     PTW     SWIO    VM
    private const ulong Hcr = 1UL << 31 | 1 << 21 | 1 << 22 | 1 << 20 | 1 << 19 | 1 << 14 | 1 << 13 | 1 << 10 | 1 << 9 | 1 << 5 | 1 << 4 | 1 << 3 | 1 << 2 | 1 << 1 | 1;
    //                         RES1        SH0 inner  ORGN0 WB  IRGN0 WB  SL0 level 1  T0SZ
    private const ulong Vtcr = 1UL << 31 | 3 << 12 |  1 << 10 | 1 << 8 |  1 << 6 |     25;

    [RuntimeExport("rvm_boot")]
    public static ulong Run(ulong tree)
    {
        if (!DeviceTree.IsAt(tree))
            tree = 0x4000_0000;         // QEMU leaves it at the start of RAM when it loads an ELF file
        Machine machine = default;
        if (!DeviceTree.IsAt(tree) || !DeviceTree.Read(tree, ref machine))
            Cpu.Panic(Fault.Machine, tree);
        if (machine.RamEnd > MostRam)
            machine.RamEnd = MostRam;
        Uart.Address = machine.Uart;
        ulong[] bundle = Bundle(machine, out ulong end);
        Mmu.Enable(machine, end);
        Gic.Start(machine);
        Banner(machine);
        Cpu.GuestSetup(Hcr, Vtcr | Mmu.PhysicalRange() << 16);
        return Start(machine, bundle, end < FreeRam ? FreeRam : end);
    }

    private static ulong Start(in Machine machine, ulong[] bundle, ulong free)
    {
        Kernel kernel = Core.New(free >> 12, machine.RamEnd >> 12, machine);
        Processor* p = Cpu.Processor();
        Cpu.SetKernel(p, kernel);
        p->Contexts = Cpu.AddressOf(Core.Contexts(kernel)) + 16;
        p->Saves = Cpu.At(Layout.SaveAreas);
        p->Tables = Heap.__default.TablesFrame() << 12;
        p->Timer = ulong.MaxValue;
        ulong status = Core.Begin(kernel, bundle, Cpu.Counter());
        for (ulong index = 0; status == 0 && Core.Booting(kernel); index++)
        {
            status = Core.Command(kernel, bundle, index, Cpu.Counter());
            if (status != 0)
                Refuse(status, index);
            Effects.Run(kernel);
        }
        if (status != 0)
            RefuseHeader(status);
        Cpu.SealHeap();
        return Entry.Next(kernel, p);
    }

    /// <summary>The boot bundle as an array, where it lies: its first sixteen bytes, zero in the file, become the array's header.</summary>
    private static ulong[] Bundle(in Machine machine, out ulong end)
    {
        ulong address = Cpu.At(Layout.Bundle);
        ulong* words = (ulong*)(address + 16);
        ulong length = Header;
        if (words[0] == Magic && words[3] is >= Header and <= MostWords && words[3] * 8 <= machine.RamEnd - address - 16)
            length = words[3];
        end = (address + 16 + length * 8 + TwoMegabytes - 1) & ~(TwoMegabytes - 1);
        *(ulong*)address = *(ulong*)Cpu.AddressOf(new ulong[0]);
        *(ulong*)(address + 8) = length;
        return Cpu.ArrayAt(address);
    }

    private static void Banner(in Machine machine)
    {
        Uart.Text("RVM 0.1 at EL2, memory "); Uart.Decimal((machine.RamEnd - machine.RamStart) >> 20);
        Uart.Text(" MiB at "); Uart.Hex(machine.RamStart);
        Uart.Text(", GICv3 at "); Uart.Hex(machine.Distributor);
        Uart.Text(", "); Uart.Decimal(machine.Processors);
        Uart.Text(" cpus, "); Uart.Decimal(Cpu.CounterFrequency());
        Uart.Text(" Hz\n");
    }

    private static void RefuseHeader(ulong status)
    {
        Uart.Text("RVM BOOT REFUSED header");
        Reason(status);
    }

    private static void Refuse(ulong status, ulong index)
    {
        Uart.Text("RVM BOOT REFUSED command "); Uart.Decimal(index);
        Reason(status);
    }

    private static void Reason(ulong status)
    {
        Uart.Text(" status "); Uart.Signed(status);
        Uart.Text(" ("); Uart.Text(StatusNames.Of(status)); Uart.Text(")\n");
        Cpu.PowerOff();
    }
}
