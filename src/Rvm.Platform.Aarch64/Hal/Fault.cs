namespace Rvm.Platform.Aarch64;

using System.Runtime;

/// <summary>A fault of the kernel itself: one report, then power off.</summary>
internal static unsafe class Fault
{
    public const ulong Vector = 0, Synchronous = 1, Irq = 2, Fiq = 3, SystemError = 4, GuestSystemError = 5;
    public const ulong Index = 6, Arithmetic = 7, Allocation = 8, Reference = 9, Cast = 10, Effect = 11, Machine = 12;

    private static ulong reports;

    /// <param name="detail">The offending value, where there is one; otherwise FAR_EL2.</param>
    [RuntimeExport("rvm_fault")]
    public static void Report(ulong fault, ulong esr, ulong detail, ulong pc, ulong caller, ulong* frame, ulong sp)
    {
        if (reports++ != 0)
        {
            Uart.Text("\nRVM KERNEL FAULT while reporting one\n");
            return;
        }
        Uart.Text("\nRVM KERNEL FAULT ");
        Uart.Text(Name(fault));
        bool hardware = fault <= GuestSystemError;
        if (hardware)
        {
            Uart.Text(": "); Uart.Text(Cause(esr >> 26));
            Uart.Text("\n  ESR  "); Uart.Hex(esr);
        }
        Uart.Text(hardware ? "\n  FAR  " : "\n  DATA "); Uart.Hex(detail);
        Uart.Text("\n  SP   "); Uart.Hex(sp);
        Uart.Text("\n  ELR  "); Place(pc);
        Uart.Text("\n  LR   "); Place(caller);
        Trace(frame);
        Uart.Text("\n  partition "); Uart.Decimal(Cpu.Processor()->Loaded);
        Uart.Text("\n");
    }

    /// <summary>The chain of frames: caller's frame pointer, return address.</summary>
    private static void Trace(ulong* frame)
    {
        ulong low = Cpu.At(Layout.StackGuard), high = (ulong)Cpu.Processor();
        for (int depth = 0; depth < 12 && (ulong)frame > low && (ulong)frame < high - 8 && (ulong)frame % 8 == 0; depth++)
        {
            if (frame[1] == 0)
                return;
            Uart.Text("\n  from "); Place(frame[1]);
            frame = (ulong*)frame[0];
        }
    }

    /// <summary>address symbol+offset</summary>
    private static void Place(ulong address)
    {
        Uart.Hex(address);
        byte* name = Symbols.Of(address, out ulong offset);
        if (name == null)
            return;
        Uart.Put((byte)' ');
        for (; *name != 0; name++)
            Uart.Put(*name);
        Uart.Text("+"); Uart.Hex(offset);
    }

    private static string Name(ulong fault) => fault switch
    {
        Vector => "exception on a stack that is never used",
        Synchronous => "exception in the kernel",
        Irq => "unmasked interrupt in the kernel",
        Fiq => "fast interrupt",
        SystemError => "system error in the kernel",
        GuestSystemError => "system error while a partition ran",
        Index => "index out of range",
        Arithmetic => "division by zero or overflow",
        Allocation => "allocation refused: the heap is sealed or full",
        Reference => "null reference",
        Cast => "array store or cast of the wrong type",
        Effect => "effect that the platform does not know",
        Machine => "machine without what the kernel needs",
        _ => "of unknown class",
    };

    /// <summary>ESR_EL2.EC</summary>
    private static string Cause(ulong exceptionClass) => exceptionClass switch
    {
        0x00 => "unknown instruction",
        0x07 => "FP or SIMD instruction",
        0x0e => "illegal execution state",
        0x18 => "system register",
        0x21 => "instruction abort",
        0x22 => "PC alignment",
        0x25 => "data abort",
        0x26 => "SP alignment",
        0x2f => "SError",
        0x3c => "BRK",
        _ => "other class",
    };
}
