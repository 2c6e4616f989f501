using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Rvm.Platform.Hvf;
using Rvm.Platform.Hvf.Framework;

namespace Rvm.Hvf.Tests;

/// <summary>The binding, and the framework's rules: what is misuse on a Mac is misuse here.</summary>
public sealed unsafe class FrameworkTests
{
    [Fact]
    public void Structures_have_Apples_layout()
    {
        Assert.Equal(32, sizeof(VcpuExit));
        Assert.Equal(8, (int)Marshal.OffsetOf<VcpuExit>(nameof(VcpuExit.Exception)));
        Assert.Equal(24, sizeof(ExitException));
        Assert.Equal(16, sizeof(SimdValue));
        foreach (var register in Enum.GetValues<SystemRegister>()) Assert.True((ushort)register >> 14 == 3, $"{register}: op0 is 3");
    }

    [Fact]
    public void Every_return_code_has_its_own_error()
    {
        var types = Enum.GetValues<HvReturn>().Where(c => c != HvReturn.Success).Select(c => HypervisorException.Of(c, "call")).ToList();
        Assert.Equal(types.Count, types.Select(t => t.GetType()).Distinct().Count());
        Assert.DoesNotContain(types, t => t.GetType() == typeof(HypervisorException));
        Assert.All(types, t => Assert.Contains($"0x{(uint)t.Code:x}", t.Message, StringComparison.Ordinal));
        Assert.Equal(typeof(HypervisorException), HypervisorException.Of((HvReturn)0xfae940ff, "call").GetType());
        HypervisorException.Check(HvReturn.Success, "call");
    }

    [Fact]
    public void A_process_has_one_VM_at_a_time()
    {
        using (VirtualMachine.Create(Machine.IpaBits)) Assert.Throws<HypervisorBusyException>(() => VirtualMachine.Create(Machine.IpaBits));
        using (VirtualMachine.Create(Machine.IpaBits)) { }
    }

    [Theory, InlineData(false, 4096UL), InlineData(true, 16384UL)]
    public void Maps_keep_to_the_granule_and_do_not_overlap(bool coarse, ulong granule)
    {
        using var vm = VirtualMachine.Create(Machine.IpaBits, coarse);
        Assert.Equal(granule, vm.Granule);
        var host = (byte*)NativeMemory.AlignedAlloc(65536, 16384);
        vm.Map(host, 0x4000_0000, granule, MemoryFlags.Read);
        Assert.Throws<HypervisorErrorException>(() => vm.Map(host, 0x4000_0000, granule, MemoryFlags.Read));
        Assert.Throws<HypervisorBadArgumentException>(() => vm.Map(host, 0x5000_0000 + granule / 2, granule, MemoryFlags.Read));
        Assert.Throws<HypervisorBadArgumentException>(() => vm.Map(host, 0x5000_0000, granule / 2, MemoryFlags.Read));
        Assert.Throws<HypervisorBadArgumentException>(() => vm.Map(host + 2048, 0x5000_0000, granule, MemoryFlags.Read));
        Assert.Throws<HypervisorBadArgumentException>(() => vm.Map(host, 1UL << 40, granule, MemoryFlags.Read));
        Assert.Throws<HypervisorErrorException>(() => vm.Unmap(0x5000_0000, granule));
        Assert.Equal((1UL, granule), Standin.Mapped());
        vm.Unmap(0x4000_0000, granule);
        Assert.Equal((0UL, 0UL), Standin.Mapped());
        NativeMemory.AlignedFree(host);
    }

    [Fact]
    public void A_vCPU_belongs_to_its_thread_and_keeps_the_VM_alive()
    {
        var vm = VirtualMachine.Create(Machine.IpaBits);
        var cpu = VirtualProcessor.Create();
        Assert.Throws<HypervisorBusyException>(() => VirtualProcessor.Create());
        Exception? run = null, read = null;
        var other = new Thread(() => { run = Record.Exception(cpu.Run); read = Record.Exception(() => cpu[Register.Pc]); });
        other.Start();
        other.Join();
        Assert.IsType<HypervisorBadArgumentException>(run);
        Assert.IsType<HypervisorBadArgumentException>(read);
        Assert.Equal(HvReturn.Busy, Native.hv_vm_destroy());
        cpu.Dispose();
        vm.Dispose();
        Assert.Throws<HypervisorNoDeviceException>(() => VirtualProcessor.Create());
    }

    [Fact]
    public void Registers_keep_what_is_written()
    {
        using var vm = VirtualMachine.Create(Machine.IpaBits);
        using var cpu = VirtualProcessor.Create();
        for (uint i = 0; i <= 30; i++) cpu[(Register)i] = 0x1000 + i;
        for (uint i = 0; i <= 30; i++) Assert.Equal(0x1000UL + i, cpu[(Register)i]);
        for (uint i = 0; i < 32; i++) cpu.Simd(i, new() { Value = Vector128.Create(i, 0xFFUL - i).AsByte() });
        for (uint i = 0; i < 32; i++) Assert.Equal(Vector128.Create(i, 0xFFUL - i).AsByte(), cpu.Simd(i).Value);
        ulong next = 0x10000;
        foreach (var r in new[] { SystemRegister.VbarEl1, SystemRegister.SpEl0, SystemRegister.SpEl1, SystemRegister.ElrEl1, SystemRegister.TpidrEl0, SystemRegister.ApiaKeyLo, SystemRegister.CntvCvalEl0 })
        {
            cpu[r] = next += 0x1000;
            Assert.Equal(next, cpu[r]);
        }

        Assert.Throws<HypervisorBadArgumentException>(() => cpu[(SystemRegister)0xe088]);          // HCR_EL2: not for a VM without EL2
    }

    [Fact]
    public void A_vCPU_leaves_when_it_is_told_to_wherever_it_is()
    {
        using var vm = VirtualMachine.Create(Machine.IpaBits);
        var host = (uint*)NativeMemory.AlignedAlloc(16384, 16384);
        host[0] = 0x1400_0000;                                               // b .
        vm.Map(host, 0x4000_0000, vm.Granule, MemoryFlags.Read | MemoryFlags.Execute);
        using var cpu = VirtualProcessor.Create();
        cpu[Register.Pc] = 0x4000_0000;
        cpu.Interrupt();
        cpu.Run();
        Assert.Equal(ExitReason.Canceled, cpu.Exit.Reason);
        var later = new Thread(() => { Thread.Sleep(50); cpu.Interrupt(); });
        later.Start();
        cpu.Run();
        later.Join();
        Assert.Equal(ExitReason.Canceled, cpu.Exit.Reason);
        Assert.Equal(0x4000_0000UL, cpu[Register.Pc]);
        cpu[SystemRegister.CntvCvalEl0] = Native.mach_absolute_time() + 1000;
        cpu[SystemRegister.CntvCtlEl0] = 1;
        cpu.Run();
        Assert.Equal(ExitReason.VtimerActivated, cpu.Exit.Reason);
    }
}
