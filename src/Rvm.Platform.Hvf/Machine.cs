namespace Rvm.Platform.Hvf;

/// <summary>How a machine ended.</summary>
public enum MachineEnd { Halted, BootRefused, Deadlock, Stopped }

/// <summary>The end of a machine.</summary>
/// <param name="Status">Halted: 0 or 1 as at EL2. BootRefused: the core's status.</param>
/// <param name="Command">BootRefused: the boot command; −1: the header.</param>
public sealed record MachineOutcome(MachineEnd End, long Status, int Command = -1);

/// <summary>A partition whose work the host does instead of a guest: it is called when the partition runs, and lets it make hypercalls.</summary>
public interface IResident
{
    /// <summary>The partition has the processor. Must either call <see cref="Kernel.Hypercall"/> or wait for <paramref name="longest"/> at most.</summary>
    void Turn(Kernel kernel, TimeSpan longest);
}

/// <summary>
/// The core on Hypervisor.framework: one vCPU, on the thread that calls <see cref="Run"/>, which also runs the core; so the core needs no other lock.
/// The partitions take turns on the vCPU; at a switch the registers are exchanged and the VM's map becomes the other partition's.
/// </summary>
public sealed unsafe class Machine : IPlatform
{
    private const ulong FirstFrame = 0x46000, RamFrame = 0x40000, HvcZero = 0x5a00_0000, CntpctRead = 0x0032_f801, CntpctMask = 0xffff_fc1f;
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(50);
    private readonly ulong _endFrame;
    private readonly bool _coarse;
    private readonly Action<string, byte[]> _line;
    private readonly Clock _clock = new();
    private readonly Registers[] _registers = new Registers[128];
    private readonly string[] _names = new string[128];
    private Frames _frames = null!;
    private Translations _translations = null!;
    private Pacemaker _pacemaker = null!;
    private VirtualProcessor _cpu = null!;
    private uint _loaded;
    private long? _halted;
    private volatile bool _stop;

    /// <summary>A machine with this RAM, of which partitions own the same frames as at EL2. <paramref name="line"/> gets console lines: name and bytes.</summary>
    /// <param name="coarse">True: the 16 KiB granule even where 4 KiB can be had.</param>
    public Machine(ulong[] bundle, ulong memory, Action<string, byte[]> line, bool coarse = false)
    {
        (_endFrame, _line, _coarse) = (RamFrame + (memory >> 12), line, coarse);
        for (var i = 0; i < 128; i++) (_registers[i], _names[i]) = (new(), "");
        Kernel = new(this, bundle, FirstFrame, _endFrame);
    }

    /// <summary>The widest intermediate physical address that is of use: one bit more than the core's, so that what lies beyond faults at stage 2.</summary>
    public const uint IpaBits = 40;

    public Kernel Kernel { get; }

    /// <summary>The framework's granule in bytes, once the machine runs.</summary>
    public ulong Granule { get; private set; }

    /// <summary>The partition that the host itself stands for, and its work.</summary>
    public (uint Partition, IResident Work)? Resident { get; init; }

    /// <summary>Called once the bundle has been executed.</summary>
    public Action<Machine>? Booted { get; init; }

    /// <inheritdoc/>
    public ulong Now => _clock.Now;

    /// <summary>From any thread: the machine ends soon.</summary>
    public void Stop() { _stop = true; Interrupt(); }

    /// <summary>From any thread: the vCPU leaves the guest soon, so that the core decides anew.</summary>
    public void Interrupt()
    {
        try { if (Volatile.Read(ref _cpu) is { IsClosed: false } cpu) cpu.Interrupt(); }
        catch (HypervisorException) when (_halted is not null || _stop) { }          // it has just ended
    }

    /// <summary>Boots and runs until every partition has ended, nobody can ever run again, or <see cref="Stop"/>. On one thread, once.</summary>
    /// <exception cref="HypervisorException">The framework refuses.</exception>
    /// <exception cref="PlatformFaultException">Something that must not happen.</exception>
    public MachineOutcome Run()
    {
        using var vm = VirtualMachine.Create(IpaBits, _coarse);
        Granule = vm.Granule;
        using var frames = _frames = new(FirstFrame, _endFrame);
        _translations = new(vm, frames, Kernel.Core.stage2.pool);
        using var cpu = VirtualProcessor.Create();
        cpu.TrapDebugRegisters();
        cpu.CounterOffset = 0;
        cpu[SystemRegister.MpidrEl1] = 0x8000_0000;
        Volatile.Write(ref _cpu, cpu);
        var (status, command) = Kernel.Boot();
        if (status != 0) return new(MachineEnd.BootRefused, status, command);
        Booted?.Invoke(this);
        using var pacemaker = _pacemaker = new(_clock, cpu);
        var outcome = Loop();
        _translations.Load(0);
        return outcome;
    }

    private MachineOutcome Loop()
    {
        while (!_stop)
        {
            if (_halted is { } halted) return new(MachineEnd.Halted, halted);
            var (current, timer, now) = (Kernel.Current, Kernel.Timer, Now);
            if (now >= timer) Kernel.Tick(now);
            else if (current == 0 && timer == ulong.MaxValue) return new(MachineEnd.Deadlock, 1);
            else if (current == 0) Thread.Sleep(_clock.Left(timer) is var left && left < Nap ? left : Nap);
            else if (Resident is { } r && r.Partition == current) r.Work.Turn(Kernel, _clock.Left(timer));
            else Guest(current, timer);
        }

        return new(MachineEnd.Stopped, 1);
    }

    // ---- events -----------------------------------------------------------------------------------------------------------------

    private void Guest(uint current, ulong timer)
    {
        _pacemaker.Arm(timer);
        if (current != _loaded) Switch(current);
        var context = Kernel.Context(current);
        for (var i = 0u; i < 31; i++) _cpu[(Register)i] = context[(int)i];
        (_cpu[Register.Pc], _cpu[Register.Cpsr]) = (context[Kernel.Pc], context[Kernel.Pstate]);
        _cpu.Run();
        for (var i = 0u; i < 31; i++) context[(int)i] = _cpu[(Register)i];
        (context[Kernel.Pc], context[Kernel.Pstate]) = (_cpu[Register.Pc], _cpu[Register.Cpsr]);
        var exit = _cpu.Exit;
        switch (exit.Reason)
        {
            case ExitReason.Exception: Exception(exit.Exception, context); break;
            case ExitReason.Canceled: _pacemaker.Beaten(); break;      // the loop looks at the time, and whether to stop
            case ExitReason.VtimerActivated: break;                    // masked by the framework from here on; as at EL2, its interrupt reaches nobody
            default: throw new PlatformFaultException($"hv_vcpu_run came back for reason {(uint)exit.Reason}");
        }
    }

    /// <summary>Every exception class has an outcome: a translation is filled in, HVC #0 is a hypercall, and the core decides about all others.</summary>
    private void Exception(in ExitException e, Span<ulong> context)
    {
        var kind = e.Syndrome >> 26 & 63;
        if (kind is 0x20 or 0x24)
        {
            var access = kind == 0x20 ? MemoryFlags.Execute : (e.Syndrome >> 6 & 1) != 0 && (e.Syndrome >> 8 & 1) == 0 ? MemoryFlags.Write : MemoryFlags.Read;
            if (_translations.Fill(e.PhysicalAddress >> 12, access)) return;
            var status = TableWalk.Of(Kernel.Core.stage2.pool, Kernel.Current, e.PhysicalAddress >> 12).Status;       // the core's tables tell, not the framework's
            var syndrome = (e.Syndrome & 0x3f) is >= 4 and < 16 ? e.Syndrome & ~0x3fUL | status : e.Syndrome;
            Kernel.Trap(syndrome, e.VirtualAddress, e.PhysicalAddress, _cpu[SystemRegister.VbarEl1]);
        }
        else if ((e.Syndrome & 0xffff_ffff) == HvcZero) Kernel.Hypercall();
        else if (kind == 0x18 && (e.Syndrome & 0x1ff_ffff & CntpctMask) == CntpctRead) ReadCounter(e.Syndrome, context);
        else Kernel.Trap(e.Syndrome, 0, context[Kernel.Pc], _cpu[SystemRegister.VbarEl1]);
    }

    /// <summary>MRS of CNTPCT_EL0, which Apple traps and EL2 does not: the guest gets the count.</summary>
    private void ReadCounter(ulong syndrome, Span<ulong> context)
    {
        var register = (int)(syndrome >> 5 & 31);
        if (register < 31) context[register] = Now;
        context[Kernel.Pc] += 4;
    }

    private void Switch(uint partition)
    {
        if (_loaded != 0) _registers[_loaded].Save(_cpu);
        _registers[partition].Load(_cpu);
        _translations.Load(partition);
        _loaded = partition;
    }

    // ---- effects ----------------------------------------------------------------------------------------------------------------

    void IPlatform.Console(uint partition, ReadOnlySpan<byte> bytes) => _line(_names[partition], bytes.ToArray());

    void IPlatform.Zero(ulong frame, ulong frames)
    {
        _frames.Bytes(frame, frames).Clear();
        Native.sys_dcache_flush(_frames.At(frame, frames), (nuint)(frames << 12));
    }

    void IPlatform.Copy(ulong frame, ReadOnlySpan<byte> bytes)
    {
        var frames = ((ulong)bytes.Length + 4095) >> 12;
        bytes.CopyTo(_frames.Bytes(frame, frames));
        Native.sys_dcache_flush(_frames.At(frame, frames), (nuint)bytes.Length);
    }

    void IPlatform.CodeSync(ulong frame, ulong frames) => Native.sys_icache_invalidate(_frames.At(frame, frames), (nuint)(frames << 12));

    void IPlatform.ForgetRange(uint partition, ulong page, ulong pages) => _translations.Forget(partition, page, pages);

    void IPlatform.ForgetAll(uint partition) => _translations.Forget(partition, 0, TableWalk.Pages);

    void IPlatform.MapSync(uint partition) { }                // a walk finds what is new

    void IPlatform.Inject(uint partition, ulong kind, ulong address)
    {
        if (partition != _loaded) throw new PlatformFaultException($"an exception for partition {partition}, which is not loaded");
        var context = Kernel.Context(partition);
        var state = context[Kernel.Pstate];
        var user = (state & 0xc) == 0;
        var exceptionClass = kind == 2 ? 0UL : (kind == 0 ? 0x24UL : 0x20UL) + (user ? 0UL : 1UL);
        _cpu[SystemRegister.EsrEl1] = exceptionClass << 26 | 1 << 25 | (kind == 2 ? 0UL : 0x10UL);      // 0x10: synchronous external abort
        _cpu[SystemRegister.FarEl1] = address;
        _cpu[SystemRegister.ElrEl1] = context[Kernel.Pc];
        _cpu[SystemRegister.SpsrEl1] = state;
        context[Kernel.Pc] = _cpu[SystemRegister.VbarEl1] + (user ? (state & 0x10) != 0 ? 0x600UL : 0x400UL : (state & 1) != 0 ? 0x200UL : 0UL);
        context[Kernel.Pstate] = 0x3c5;
    }

    void IPlatform.Name(uint partition, ulong first, ulong second) =>
        _names[partition] = System.Text.Encoding.ASCII.GetString(MemoryMarshal.AsBytes<ulong>([first, second])).TrimEnd('\0');

    void IPlatform.Reset(uint partition)
    {
        _registers[partition] = new();
        if (_loaded == partition) _translations.Load(_loaded = 0);
    }

    void IPlatform.Halt(ulong status) => _halted = (long)status;
}
