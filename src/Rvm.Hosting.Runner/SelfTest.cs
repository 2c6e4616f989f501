using System.Runtime.Intrinsics;
using Rvm.Platform.Hvf;
using Rvm.Platform.Hvf.Framework;
using HvExit = Rvm.Platform.Hvf.Framework.ExitReason;

namespace Rvm.Hosting.Runner;

/// <summary>Tries what the platform relies on, on the machine at hand. Prints a line for each; 0 if all hold.</summary>
public static class SelfTest
{
    private static int failed;

    /// <summary>mov x0, #66 (exit) with the function id, mov x1, #status, hvc #0.</summary>
    public static byte[] Exits(ushort status) => Code(0xd2b8_c000, 0xf280_0840, 0xd280_0001 | (uint)status << 5, 0xd400_0002);

    public static byte[] Code(params uint[] words) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(words.AsSpan()).ToArray();

    public static int Run()
    {
        failed = 0;
        Framework();
        Vms().GetAwaiter().GetResult();
        Console.Out.WriteLine(failed == 0 ? "selftest: all good" : $"selftest: {failed} FAILED");
        return failed == 0 ? 0 : 1;
    }

    private static unsafe void Framework()
    {
        using var vm = VirtualMachine.Create(Machine.IpaBits);
        Line($"the framework makes a VM: granule {vm.Granule >> 10} KiB, {vm.IpaBits}-bit addresses, {new Clock().Hertz} Hz", true);
        Refused<HypervisorBusyException>("a second VM", () => VirtualMachine.Create(Machine.IpaBits));
        using var memory = new HostPages(vm.Granule * 4);
        vm.Map(memory.Start, 0x4000_0000, vm.Granule, MemoryFlags.Read | MemoryFlags.Execute);
        Refused<HypervisorErrorException>("a map over another", () => vm.Map(memory.Start, 0x4000_0000, vm.Granule, MemoryFlags.Read));
        Refused<HypervisorBadArgumentException>("a map that is not aligned", () => vm.Map(memory.Start, 0x5000_0400, vm.Granule, MemoryFlags.Read));
        using var cpu = VirtualProcessor.Create();
        var value = Vector128.Create(0x0123_4567_89ab_cdefUL, 0xfedc_ba98_7654_3210UL).AsByte();
        cpu.Simd(7, new() { Value = value });
        Line("a SIMD register keeps all 128 bits", cpu.Simd(7).Value == value);
        Exception? elsewhere = null;
        var other = new Thread(() => { try { cpu.Run(); } catch (HypervisorException e) { elsewhere = e; } });
        other.Start();
        other.Join();
        Line($"a vCPU on another thread: {elsewhere?.GetType().Name ?? "went through"}", elsewhere is HypervisorException);
        Step(cpu, memory, 0xd400_0002, "HVC #0", e => e.Syndrome >> 26 == 0x16, after: 4);
        Step(cpu, memory, 0xd503_207f, "WFI", e => e.Syndrome >> 26 == 0x01, after: 0);
        Step(cpu, memory, 0xd400_0003, "SMC #0", e => e.Syndrome >> 26 == 0x17, after: 0);
        Step(cpu, memory, 0xd53b_9c00, "MRS PMCR_EL0", e => e.Syndrome >> 26 == 0x18, after: 0);
        Step(cpu, memory, 0xf940_0021, "a load from an address that is not mapped", e => e.Syndrome >> 26 == 0x24 && e.PhysicalAddress == 0x7000_0008, after: 0);
        Step(cpu, memory, 0xf900_0041, "a store to read-only memory", e => e.Syndrome >> 26 == 0x24 && (e.Syndrome & 0x40) != 0, after: 0);
        cpu.Interrupt();
        cpu.Run();
        Line("a vCPU that is told to leave before it runs comes back at once", cpu.Exit.Reason == HvExit.Canceled);
        vm.Unmap(0x4000_0000, vm.Granule);
        cpu[Register.Pc] = 0x4000_0000;
        cpu.Run();
        Line("memory that is unmapped is gone", cpu.Exit.Reason == HvExit.Exception && cpu.Exit.Exception.Syndrome >> 26 == 0x20);
    }

    private static unsafe void Step(VirtualProcessor cpu, HostPages memory, uint instruction, string what, Func<ExitException, bool> fits, ulong after)
    {
        *(uint*)memory.Start = instruction;
        Native.sys_icache_invalidate(memory.Start, 4);
        (cpu[Register.Pc], cpu[Register.Cpsr], cpu[(Register)1], cpu[(Register)2]) = (0x4000_0000, 0x3c5, 0x7000_0008, 0x4000_0000);
        cpu.Run();
        var exit = cpu.Exit;
        Line($"{what}: syndrome 0x{exit.Exception.Syndrome:x}, PC {(long)(cpu[Register.Pc] - 0x4000_0000):+0;-0;+0}", exit.Reason == HvExit.Exception && fits(exit.Exception) && cpu[Register.Pc] == 0x4000_0000 + after);
    }

    private static async Task Vms()
    {
        await using var host = await VirtualMachineHost.StartAsync();
        await using var first = host.CreateVm(new(Name: "first"));
        await using var second = host.CreateVm(new(Name: "second"));
        await first.InitializeAsync(Exits(7));
        await second.InitializeAsync(Exits(8));
        Line("two VMs have code at 0x1000", first.Mappings[0].Address == 0 && second.Mappings[0].Address == 0);
        Line("the first VM exits with its status", await first.RunAsync() == new ExitReason(ExitKind.Exited, 7));
        Line("the second VM exits with its status", await second.RunAsync() == new ExitReason(ExitKind.Exited, 8));
        await using var third = host.CreateVm(new(Name: "third"));
        await third.InitializeAsync(Code(0xd2ae_0001, 0xf940_0020));
        var met = await third.RunAsync();
        Line($"a VM that reads what is not its own, and has no vectors, ends: {met.Kind}", met.Kind == ExitKind.Fault);
        await using var loop = host.CreateVm(new(Name: "loop"));
        await loop.InitializeAsync(Code(0x1400_0000));
        using var soon = new CancellationTokenSource(200);
        try
        {
            await loop.RunAsync(soon.Token);
        }
        catch (OperationCanceledException) { }
        Line("an endless VM is halted when it is cancelled", loop.State == VmState.Halted);
    }

    private static void Refused<T>(string what, Action action) where T : HypervisorException
    {
        Exception? met = null;
        try { action(); } catch (HypervisorException e) { met = e; }
        Line($"{what}: {met?.GetType().Name ?? "went through"}", met is T);
    }

    private static void Line(string what, bool good)
    {
        if (!good) failed++;
        Console.Out.WriteLine($"{(good ? "  ok     " : "  FAILED ")} {what}");
    }
}

/// <summary>Memory from the framework.</summary>
internal sealed unsafe class HostPages : IDisposable
{
    private readonly nuint _bytes;

    public HostPages(ulong bytes)
    {
        _bytes = (nuint)((bytes + 16383) & ~16383UL);
        HypervisorException.Check(Native.hv_vm_allocate(out var start, _bytes, 0), "hv_vm_allocate");
        Start = start;
    }

    public void* Start { get; }

    public void Dispose() => Native.hv_vm_deallocate(Start, _bytes);
}
