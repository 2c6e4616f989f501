namespace Rvm.Platform.Aarch64;

using System.Runtime;
using System.Runtime.CompilerServices;
using Rvm.Tests.Image;
using Kernel = CoreState.Core;

/// <summary>
/// The only code that the test image has beside the shipped one. The linker (`--wrap`) leads reset's call of rvm_boot, the vectors' calls of
/// rvm_hypercall, rvm_trap and rvm_tick, and the boot's readings of the counter through here.
///
///     with a tape     boots as ever, at the tape's times, then calls the entry points of Hal/Entry.cs with its events, as the vectors would, and stops
///     without one     boots and runs as ever, and writes down every event as it comes
///
/// After each event comes its trace, and the records that it appended are copied before the ring can go round.
/// </summary>
internal static unsafe class Driver
{
    private static ulong playing, next, vectorBase, events, records, running, entered, mask;

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "__real_rvm_boot")] private static extern ulong RealBoot(ulong tree);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "__real_rvm_counter")] private static extern ulong RealCounter();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "__real_rvm_vector_base")] private static extern ulong RealVectorBase();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "__real_rvm_power_off")] private static extern void RealPowerOff();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_array_at")] private static extern Kernel KernelAt(ulong address);

    private static ulong* Words => (ulong*)Tape.Address;

    private static Kernel Core => KernelAt(Cpu.Processor()->Kernel);

    [RuntimeExport("__wrap_rvm_boot")]
    public static ulong Boot(ulong tree)
    {
        playing = Words[0] == Tape.Mark ? 1UL : 0;
        next = Tape.HeaderWords;
        ulong first = RealBoot(tree);
        Catch(Core);
        Leave(Core);
        if (playing != 0)
            Play(Cpu.Processor(), first);
        return first;
    }

    [RuntimeExport("__wrap_rvm_counter")]
    public static ulong Counter()
    {
        if (playing == 0)
        {
            ulong now = RealCounter();
            Write(Tape.Time);
            Write(now);
            return now;
        }
        next += 2;
        return Words[next - 1];
    }

    [RuntimeExport("__wrap_rvm_vector_base")]
    public static ulong VectorBase() => playing != 0 ? vectorBase : RealVectorBase();

    [RuntimeExport("__wrap_rvm_power_off")]
    public static void PowerOff()
    {
        Stop();
        RealPowerOff();
    }

    // ---- record ---------------------------------------------------------------------------------------------------------------------

    [RuntimeExport("__wrap_rvm_hypercall")]
    public static ulong Hypercall(Kernel kernel, ulong now, Processor* p)
    {
        Record(Tape.Hypercall, now, kernel);
        Registers(kernel);
        return After(kernel, Entry.Hypercall(kernel, now, p));
    }

    [RuntimeExport("__wrap_rvm_trap")]
    public static ulong Trap(Kernel kernel, ulong now, Processor* p, ulong esr, ulong far, ulong ipa, ulong vbar)
    {
        Record(Tape.Trap, now, kernel);
        Write(esr);
        Write(far);
        Write(ipa);
        Write(vbar);
        Registers(kernel);
        return After(kernel, Entry.Trap(kernel, now, p, esr, far, ipa, vbar));
    }

    [RuntimeExport("__wrap_rvm_tick")]
    public static ulong Tick(Kernel kernel, ulong now, Processor* p)
    {
        Record(Tape.Tick, now, kernel);
        Registers(kernel);
        return After(kernel, Entry.Tick(kernel, now, p));
    }

    private static ulong* Shadow => (ulong*)Tape.Shadow;

    /// <summary>Which registers of the partition have changed while it ran; then those.</summary>
    private static void Record(ulong kind, ulong now, Kernel kernel)
    {
        Before(kernel);
        mask = 0;
        for (int i = 0; i < Tape.Registers && running != 0; i++)
            if (kernel.ctx[(int)running * 64 + i] != Shadow[i])
                mask |= 1UL << i;
        Write(kind | mask << 8);
        Write(now);
    }

    private static void Registers(Kernel kernel)
    {
        for (int i = 0; i < Tape.Registers; i++)
            if ((mask >> i & 1) != 0)
                Write(kernel.ctx[(int)running * 64 + i]);
    }

    /// <summary>The partition that runs now is left with these registers.</summary>
    private static void Leave(Kernel kernel)
    {
        for (int i = 0; i < Tape.Registers && playing == 0; i++)
            Shadow[i] = kernel.ctx[(int)kernel.sched.cur * 64 + i];
    }

    private static void Write(ulong word)
    {
        if (Tape.Address + 8 * next >= Tape.Report)
            Cpu.Panic(Fault.Machine, next);
        Words[next++] = word;
    }

    // ---- play -----------------------------------------------------------------------------------------------------------------------

    private static void Play(Processor* p, ulong first)
    {
        Kernel kernel = Core;
        p->Loaded = first;
        while (next < Words[1])
        {
            ulong head = Words[next], now = Words[next + 1], kind = head & 0xff;
            ulong* arguments = Words + next + 2;
            ulong* registers = kind == Tape.Trap ? arguments + 4 : arguments;
            Before(kernel);
            for (int i = 0; i < Tape.Registers; i++)
            {
                if ((head >> 8 >> i & 1) == 0)
                    continue;
                if (running != 0)
                    kernel.ctx[(int)running * 64 + i] = *registers;
                registers++;
            }
            next = (ulong)(registers - Words);
            p->Loaded = After(kernel, Deliver(kernel, p, kind, now, arguments));
        }
        Cpu.PowerOff();
    }

    private static ulong Deliver(Kernel kernel, Processor* p, ulong kind, ulong now, ulong* arguments)
    {
        if (kind == Tape.Hypercall)
            return Entry.Hypercall(kernel, now, p);
        if (kind != Tape.Trap)
            return Entry.Tick(kernel, now, p);
        vectorBase = arguments[3];
        return Entry.Trap(kernel, now, p, arguments[0], arguments[1], arguments[2], arguments[3]);
    }

    // ---- both -----------------------------------------------------------------------------------------------------------------------

    private static void Before(Kernel kernel)
    {
        running = kernel.sched.cur;
        entered = 1;
    }

    private static ulong After(Kernel kernel, ulong result)
    {
        ulong* trace = (ulong*)Tape.Trace + Tape.TraceWords * events;
        if ((ulong)trace >= Tape.Log)
            Cpu.Panic(Fault.Machine, events);
        events++;
        for (int i = 0; i < Tape.TraceWords; i++)
            trace[i] = Live.TraceWord(kernel, i, running, events);
        Catch(kernel);
        Leave(kernel);
        entered = 0;
        return result;
    }

    /// <summary>Copies the records that are new.</summary>
    private static void Catch(Kernel kernel)
    {
        ulong* log = (ulong*)Tape.Log + Tape.RecordWords * records;
        if ((ulong)(log + Tape.RecordWords * (kernel.log.head - records)) >= Tape.End)
            Cpu.Panic(Fault.Machine, records);
        for (; records < kernel.log.head; records++)
        {
            int at = (int)(records % Tape.RingRecords) * Tape.RecordWords;
            for (int i = 0; i < Tape.RecordWords; i++)
                *log++ = kernel.log.ring[at + i];
        }
    }

    /// <summary>The machine is about to be switched off, perhaps within an event.</summary>
    private static void Stop()
    {
        Kernel kernel = Core;
        if (entered != 0)
            After(kernel, 0);
        Catch(kernel);
        ulong* report = (ulong*)Tape.Report;
        report[Tape.Events] = events;
        report[Tape.Records] = records;
        report[Tape.Used] = next;
        for (int i = 0; i < Live.Scalars; i++)
            report[Tape.FirstScalar + i] = Live.Scalar(kernel, i);
        for (int i = 0; i < Live.Arrays; i++)
        {
            report[Tape.FirstArray + 2 * i] = Address(kernel, i) + 16;
            report[Tape.FirstArray + 2 * i + 1] = *(uint*)(Address(kernel, i) + 8);
        }
        if (playing == 0)
        {
            Words[0] = Tape.Mark;
            Words[1] = next;
        }
        report[0] = Tape.Finished;
    }

    /// <summary>Where array <paramref name="i"/> lies: its method table, its length at 8, its elements at 16.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Address(Kernel kernel, int i) => Live.IsShort(i) ? ShortAt(Live.Short(kernel, i)) : LongAt(Live.Long(kernel, i));

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_address_of")] private static extern ulong LongAt(ulong[]? words);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "rvm_address_of")] private static extern ulong ShortAt(uint[]? words);
}
