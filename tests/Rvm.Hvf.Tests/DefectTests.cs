using Rvm.Hosting;

namespace Rvm.Hvf.Tests;

/// <summary>The eight defects of the public µH-iOS code, each tried here, and that nothing remains of a VM.</summary>
public sealed class DefectTests : IAsyncLifetime
{
    private VirtualMachineHost _host = null!;

    public async Task InitializeAsync() => _host = await VirtualMachineHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact] // 1 and 2: pages of one VM in another; one address space for all
    public async Task Two_VMs_use_the_same_addresses_and_see_only_their_own_memory()
    {
        await using var first = await Made(Guests.WritesAndReads(0x10000, 0x1111));
        await using var second = await Made(Guests.WritesAndReads(0x10000, 0x2222));
        var both = await Task.WhenAll(first.RunAsync(), second.RunAsync());
        Assert.Equal([new(ExitKind.Exited, 0x1111), new(ExitKind.Exited, 0x2222)], both);
    }

    [Fact] // 3: mappings surviving destroy, and their contents
    public async Task Nothing_of_a_destroyed_VM_is_mapped_or_readable()
    {
        var first = await Made(Guests.WritesAndReads(0x10000, 0xBEEF));
        await first.RunAsync();
        Assert.Equal(0UL, Standin.Mapped().Bytes);
        Assert.Empty(first.Mappings);
        await first.DisposeAsync();
        for (var i = 0; i < 3; i++)
        {
            await using var next = await Made(Guests.Reads(0x10000));
            Assert.Equal(new ExitReason(ExitKind.Exited, 0), await next.RunAsync());
        }
    }

    [Fact] // 4: halted VMs resurrected
    public async Task A_halted_VM_never_runs_again()
    {
        var vm = await Made(Guests.Exits(1));
        await vm.RunAsync();
        Assert.Equal(VmState.Halted, vm.State);
        await Assert.ThrowsAsync<InvalidOperationException>(() => vm.RunAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => vm.InitializeAsync(Guests.Exits(1)));
        var started = await Assert.ThrowsAsync<KernelRefusalException>(() => _host.Call("partition_start", 73, [vm.Capability.Handle]));      // past the API's own check
        Assert.Equal(-11, started.Status);
        await vm.DisposeAsync();
    }

    [Fact] // 5: an isolation check that is always true
    public async Task Reaching_beyond_its_own_memory_ends_a_VM_by_a_fault()
    {
        await using var good = await Made(Guests.Reads(0x1000));
        Assert.Equal(ExitKind.Exited, (await good.RunAsync()).Kind);
        foreach (var address in new uint[] { 0x2000_0000, 0x10_0000, 0x4600_0000 })
        {
            await using var vm = await Made(Guests.Reads(address));
            var end = await vm.RunAsync();
            Assert.Equal(ExitKind.Fault, end.Kind);
            Assert.Equal(0x24UL, end.Value >> 26 & 63);
        }
    }

    [Fact] // 6: injected vectors dropped
    public async Task An_injected_exception_arrives_at_the_vector_and_with_the_syndrome_that_belong_to_it()
    {
        // msr vbar_el1, x2 (0x2000); a load from nowhere; at 0x2200: exit(ESR_EL1 >> 26)
        var program = new byte[0x1400];
        Guests.Code([.. Guests.Set(2, 0x2000), 0xd518_c002, .. Guests.Set(3, 0x2000_0000), 0xf940_0064]).CopyTo(program, 0);
        Guests.Code([0xd538_5201, 0xd35a_fc21, .. Guests.Exit]).CopyTo(program, 0x1200);
        await using var vm = await Made(program);
        Assert.Equal(new ExitReason(ExitKind.Exited, 0x25), await vm.RunAsync());
    }

    [Fact] // 7: mappings of others listed
    public async Task A_VM_lists_its_own_mappings_only()
    {
        await using var small = await Made(Guests.Exits(0), 128 << 10);
        await using var large = await Made(Guests.Exits(0), 4 << 20);
        Assert.Equal([new(0, 0x10000, false, true), new(0x10000, 0x10000, true, false)], small.Mappings);
        Assert.Equal([new(0, 0x10000, false, true), new(0x10000, (4 << 20) - 0x10000, true, false)], large.Mappings);
    }

    [Fact] // 8: transfer to self losing the capability
    public async Task A_capability_given_to_oneself_leaves_the_first_one_alive()
    {
        await using var vm = await Made(Guests.Loops);
        var second = await vm.DuplicateAsync();
        Assert.NotEqual(vm.Capability, second);
        await vm.DropAsync(second);
        await Assert.ThrowsAsync<KernelRefusalException>(() => vm.DropAsync(second));
        await vm.HaltAsync();
        Assert.Equal(VmState.Halted, vm.State);
    }

    [Fact]
    public async Task Without_a_live_capability_nothing_is_made()
    {
        await using var vm = _host.CreateVm(new());
        var records = _host.Info.Records;
        var refused = await Assert.ThrowsAsync<KernelRefusalException>(() => vm.InitializeAsync(Guests.Exits(0), pool: new(0x7_0000_0000)));
        Assert.Equal(-11, refused.Status);
        Assert.Equal(VmState.Created, vm.State);
        Assert.Equal(records + 1, _host.Info.Records);                       // the refusal is witnessed
    }

    [Fact]
    public async Task A_thousand_VMs_leave_nothing_behind()
    {
        async Task One(uint i)
        {
            await using var vm = await Made(Guests.Exits(i), 128 << 10);
            Assert.Equal(new ExitReason(ExitKind.Exited, i), await vm.RunAsync());
        }

        for (uint i = 0; i < 100; i++) await One(i);
        GC.Collect();
        var before = Environment.WorkingSet;
        for (uint i = 100; i < 1000; i++) await One(i);
        GC.Collect();
        Assert.Equal((0UL, 0UL), Standin.Mapped());
        Assert.Equal(0, _host.Info.Vms);
        Assert.True(Environment.WorkingSet - before < 64 << 20, $"{(Environment.WorkingSet - before) >> 20} MiB more");
        var log = Path.GetTempFileName();
        await File.WriteAllBytesAsync(log, _host.WitnessLog());
        Assert.True(_host.Info.Records > 9000);
        Assert.Equal((ulong)new FileInfo(log).Length / 64, _host.Info.Records);
        File.Delete(log);
    }

    [Fact]
    public async Task A_cancelled_run_halts_the_VM()
    {
        await using var vm = await Made(Guests.Loops);
        using var soon = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vm.RunAsync(soon.Token));
        Assert.Equal(VmState.Halted, vm.State);
    }

    [Fact]
    public void What_the_kernel_cannot_give_is_refused_with_the_reason()
    {
        Assert.Contains("at most 16 MiB", Assert.Throws<ArgumentException>(() => _host.CreateVm(new(512UL << 20))).Message, StringComparison.Ordinal);
        Assert.Contains("a partition has one", Assert.Throws<ArgumentException>(() => _host.CreateVm(new(1 << 20, 2))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _host.CreateVm(new(1 << 20, 1, "")));
    }

    private async Task<Vm> Made(byte[] program, ulong memory = 128 << 10)
    {
        var vm = _host.CreateVm(new(memory, 1, "test"));
        await vm.InitializeAsync(program);
        return vm;
    }
}
