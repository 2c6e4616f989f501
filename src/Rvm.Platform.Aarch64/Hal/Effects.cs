namespace Rvm.Platform.Aarch64;

using Kernel = CoreState.Core;

/// <summary>Carries out what the core decided (docs/abi.md, section 4), in order, before any guest runs again.</summary>
internal static unsafe class Effects
{
    private const ulong Console = 1, Zero = 2, Copy = 3, CodeSync = 4, TlbiRange = 5, TlbiVmid = 6,
                        Inject = 7, Name = 8, Reset = 9, Halt = 10, MapSync = 11;

    public const ulong SaveBytes = 1024, NameOffset = 784;
    private const ulong SctlrReset = 0x30d0_0800;

    public static void Run(Kernel kernel)
    {
        ulong[] e = Core.Effects(kernel);
        if (Core.EffectCount(kernel) == 1 && e.Length >= 4 && e[0] == MapSync)             // region_map and region_unmap have this one effect
            Cpu.MapSync();
        else if (Core.EffectCount(kernel) == 1 && e.Length >= 4 && e[0] == TlbiRange)
            Cpu.TlbiRange(Vttbr(e[1]), e[2], e[3]);
        else
            RunAll(kernel, e);
    }

    private static void RunAll(Kernel kernel, ulong[] e)
    {
        for (uint i = 0; i < Core.EffectCount(kernel); i++)
            Do(kernel, e[(int)(4 * i)], e[(int)(4 * i + 1)], e[(int)(4 * i + 2)], e[(int)(4 * i + 3)]);
    }

    private static void Do(Kernel kernel, ulong kind, ulong a, ulong b, ulong c)
    {
        switch (kind)
        {
            case Console: Print(a, b); break;
            case Zero: Cpu.Zero(a << 12, b << 12); break;
            case Copy: Cpu.Copy(a << 12, Cpu.At(Layout.Bundle) + 16 + b, c); break;
            case CodeSync: Cpu.CodeSync(a << 12, b << 12); break;
            case TlbiRange: Cpu.TlbiRange(Vttbr(a), b, c); break;
            case TlbiVmid: Cpu.TlbiVmid(Vttbr(a)); break;
            case Inject: Raise(kernel, a, b, c); break;
            case Name: Remember(a, b, c); break;
            case Reset: ResetPartition(a); break;
            case Halt: Stop(kernel, a); break;
            case MapSync: Cpu.MapSync(); break;
            default: Cpu.Panic(Fault.Effect, kind); break;
        }
    }

    /// <summary>Stage 2 of a partition: its VMID and its sixteen tables of the pool, the first of which is the root.</summary>
    private static ulong Vttbr(ulong partition) => Cpu.Processor()->Tables + (partition << 16) | partition << 48;

    private static ulong* Save(ulong partition) => (ulong*)(Cpu.Processor()->Saves + partition * SaveBytes);

    private static void Print(ulong partition, ulong bytes)
    {
        byte* name = (byte*)Save(partition) + NameOffset;
        ulong length = 0;
        while (length < 16 && name[length] != 0)
            length++;
        Uart.Foreign(name, length);
        Uart.Text("| ");
        Uart.Foreign((byte*)(Cpu.Processor()->Contexts + partition * 512 + 3 * 8), bytes);
        Uart.Put((byte)'\n');
    }

    private static void Remember(ulong partition, ulong first, ulong second)
    {
        ulong* name = (ulong*)((byte*)Save(partition) + NameOffset);
        name[0] = first;
        name[1] = second;
    }

    /// <summary>All registers zero but VTTBR_EL2 and SCTLR_EL1, whose reset value has the MMU and the caches off.</summary>
    private static void ResetPartition(ulong partition)
    {
        ulong* save = Save(partition);
        for (ulong i = 0; i < NameOffset / 8; i++)
            save[i] = 0;
        save[0] = Vttbr(partition);
        save[1] = SctlrReset;
        Processor* p = Cpu.Processor();
        if (p->FpOwner == partition)
            p->FpOwner = 0;
        if (p->Loaded == partition)
            p->Loaded = 0;
    }

    /// <summary>
    /// Takes a synchronous exception to the loaded partition's EL1, as the architecture does. ESR_EL1.EC tells whether it came from EL0 or EL1:
    ///
    ///     vector offset   0x000 EL1 with SP_EL0   0x200 EL1 with SP_EL1   0x400 EL0, AArch64   0x600 EL0, AArch32
    /// </summary>
    private static void Raise(Kernel kernel, ulong partition, ulong kind, ulong address)
    {
        if (partition != Cpu.Processor()->Loaded)
            Cpu.Panic(Fault.Effect, partition);
        ulong[] context = Core.Contexts(kernel);
        int block = (int)(64 * partition);
        ulong state = context[block + 32];
        bool user = (state & 0xc) == 0;
        ulong exceptionClass = kind == 2 ? 0x00UL : (kind == 0 ? 0x24UL : 0x20UL) + (user ? 0UL : 1UL);
        ulong syndrome = exceptionClass << 26 | 1 << 25 | (kind == 2 ? 0UL : 0x10UL);     // 0x10: synchronous external abort
        ulong offset = user ? ((state & 0x10) != 0 ? 0x600UL : 0x400UL) : (state & 1) != 0 ? 0x200UL : 0x000UL;
        Cpu.SetException(syndrome, address, context[block + 31], state);
        context[block + 31] = Cpu.VectorBase() + offset;
        context[block + 32] = 0x3c5;
    }

    private static void Stop(Kernel kernel, ulong status)
    {
        Uart.Text("RVM HALT status="); Uart.Signed(status);
        Uart.Text(" records="); Uart.Decimal(Core.Records(kernel));
        Uart.Text(" ring="); Uart.Hex(Cpu.AddressOf(Core.Ring(kernel)) + 16);
        Uart.Text(" first="); Uart.Decimal(Core.FirstRecord(kernel));
        Uart.Text(" capacity="); Uart.Decimal(Core.RingCapacity);
        Uart.Put((byte)'\n');
        Cpu.PowerOff();
    }
}
