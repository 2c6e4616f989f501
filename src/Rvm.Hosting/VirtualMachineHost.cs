using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rvm.Platform.Hvf;
using Rvm.Platform.Hvf.Framework;
using Rvm.Platform.Hvf.Seam;

namespace Rvm.Hosting;

/// <summary>
/// Runs VMs on Hypervisor.framework, each a partition of the verified kernel. The framework gives a process one VM, so a process has one host.
/// All methods can be called from any thread; the kernel runs on a thread of the host's own.
/// </summary>
public sealed partial class VirtualMachineHost : IAsyncDisposable, IDisposable
{
    private const ulong VmQuota = 16, HostQuota = 57_000, DrainAt = 2_000;       // records; what a VM leaves of its quota goes back to the kernel, not to the host
    private readonly ILogger _log;
    private readonly HostBundle _bundle;
    private readonly HostPartition _partition;
    private readonly Machine _machine;
    private readonly Clock _clock;
    private readonly TaskCompletionSource _booted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<uint, Vm> _vms = [];
    private readonly MemoryStream _records = new();
    private readonly Lock _gate = new();
    private ulong _seen;
    private bool _draining;

    private VirtualMachineHost(ulong memory, ILogger log)
    {
        (_log, _clock) = (log, new());
        _bundle = new(_clock.Hertz, HostQuota, VmQuota);
        _partition = new(Look);
        _machine = new(_bundle.Words, memory, (name, bytes) => { }) { Resident = (HostPartition.Id, _partition), Booted = _ => _booted.TrySetResult() };
    }

    /// <summary>The host's capability to make VMs.</summary>
    public Capability MemoryPool { get; } = new(HostBundle.MemoryPool);

    /// <summary>Boots the kernel.</summary>
    /// <param name="memory">Memory for all VMs together and the kernel's share of addresses, in bytes: 128 MiB to 4 GiB.</param>
    /// <param name="log">Gets every privileged step.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="PlatformNotSupportedException">No framework here.</exception>
    /// <exception cref="HypervisorException">The framework refuses: Busy, if the process has a host already; Denied, without the entitlement.</exception>
    public static async Task<VirtualMachineHost> StartAsync(ulong memory = 1UL << 30, ILogger? log = null, CancellationToken cancel = default)
    {
        if (memory < 128 << 20 || memory > 4UL << 30) throw new ArgumentOutOfRangeException(nameof(memory), memory, "between 128 MiB and 4 GiB");
        var host = new VirtualMachineHost(memory, log ?? NullLogger.Instance);
        new Thread(host.Machine) { IsBackground = true, Name = "rvm machine" }.Start();
        await host._booted.Task.WaitAsync(cancel);
        host.Log("boot", "host", 0);
        return host;
    }

    /// <summary>What the machine offers and holds.</summary>
    public HostInfo Info
    {
        get { lock (_gate) return new(_clock.Hertz, _machine.Granule, VirtualMachine.MostVcpus, _machine.Kernel.Records, _vms.Count); }
    }

    /// <summary>The witness log so far, in the format of the EL2 kernel: <c>rvm witness verify</c> reads it.</summary>
    public byte[] WitnessLog()
    {
        lock (_gate) return _records.ToArray();
    }

    /// <summary>How long the core took for each start of a VM, in µs: the decision, its record and its effects.</summary>
    public IReadOnlyList<double> CoreTimes() => [.. _partition.Times.Where(t => t.Number == 73).Select(t => t.Microseconds)];

    /// <summary>A VM to be. The kernel knows of it once it is initialised.</summary>
    /// <exception cref="ArgumentException">A configuration that the kernel cannot give.</exception>
    public Vm CreateVm(VmConfig config)
    {
        if (config.Vcpus != 1) throw new ArgumentException($"{config.Vcpus} vCPUs: a partition has one", nameof(config));
        if (config.Memory == 0 || HostBundle.Image(config.Memory) is not { } image)
            throw new ArgumentException($"{config.Memory} bytes of memory: a VM has at most {VmLayout.MostMemory >> 20} MiB", nameof(config));
        if (config.Name.Length is 0 or > 8 || config.Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
            throw new ArgumentException($"the name `{config.Name}`: 1 to 8 letters, digits or dashes", nameof(config));
        return new(this, config, image);
    }

    /// <summary>Ends the host. VMs that still run end with it.</summary>
    public async ValueTask DisposeAsync()
    {
        _machine.Stop();
        await _ended.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    // ---- calls ------------------------------------------------------------------------------------------------------------------

    internal async Task<ulong[]> Call(string name, ulong number, ulong[] arguments, Action? before = null)
    {
        var call = _partition.Call(number, arguments, before);
        _machine.Interrupt();
        if (await Task.WhenAny(call, _ended.Task) != call) throw new ObjectDisposedException(nameof(VirtualMachineHost));
        var results = await call;
        Log(name, $"0x{arguments[0]:x}", (long)results[0]);
        return (long)results[0] >= 0 ? results : throw new KernelRefusalException(name, (long)results[0]);
    }

    internal async Task<(uint Partition, Capability Capability)> Create(Capability pool, VmConfig config, ulong image, byte[] program, ulong entry, Vm vm)
    {
        ulong name = 0;
        for (var i = 0; i < config.Name.Length; i++) name |= (ulong)config.Name[i] << (8 * i);
        var results = await Call("partition_create", HostPolicy.PartitionCreate, [pool.Handle, image, name, VmQuota, 0], () => _bundle.Fill(program, entry));
        var handle = results[1];
        var partition = _machine.Kernel.Core.caps.tab[(HostPartition.Id * 32 + (uint)handle) * 8 + 2];
        lock (_gate) _vms[partition] = vm;
        return (partition, new(handle));
    }

    internal IReadOnlyList<VmMapping> Mappings(uint partition)
    {
        List<VmMapping> maps = [];
        for (ulong page = 0; page < VmLayout.MostMemory / 4096; page++)
        {
            var t = TableWalk.Of(_machine.Kernel.Core.stage2.pool, partition, page);
            if (t.IsFault) continue;
            var (write, execute) = ((t.Flags & MemoryFlags.Write) != 0, (t.Flags & MemoryFlags.Execute) != 0);
            if (maps is [.., var last] && last.Address + last.Bytes == page * 4096 && (last.Write, last.Execute) == (write, execute)) maps[^1] = last with { Bytes = last.Bytes + 4096 };
            else maps.Add(new(page * 4096, 4096, write, execute));
        }

        return maps;
    }

    internal void Forget(Vm vm)
    {
        lock (_gate)
            if (_vms.TryGetValue(vm.Partition, out var there) && there == vm) _vms.Remove(vm.Partition);
    }

    // ---- the machine's thread -----------------------------------------------------------------------------------------------------

    private void Machine()
    {
        try
        {
            var outcome = _machine.Run();
            Look(_machine.Kernel);
            if (outcome.End != MachineEnd.Stopped) _booted.TrySetException(new InvalidOperationException($"the kernel ended: {outcome}"));
        }
        catch (Exception e)
        {
            _booted.TrySetException(e);
            Fault(_log, e);
        }
        finally
        {
            _ended.TrySetResult();
            lock (_gate)
                foreach (var vm in _vms.Values) vm.Lost();
        }
    }

    /// <summary>Takes the new records out of the ring, tells VMs of their end, and lets the kernel forget what has been taken.</summary>
    private void Look(Kernel kernel)
    {
        if (kernel.Records == _seen) return;
        lock (_gate)
        {
            for (; _seen < kernel.Records; _seen++)
            {
                var record = kernel.Record(_seen);
                _records.Write(record);
                var (kind, about, aux) = (record[16], BitConverter.ToUInt64(record[28..36]), BitConverter.ToUInt64(record[36..44]));
                if (kind == 0x71 && _vms.TryGetValue((uint)about, out var vm)) vm.Ended(new((ExitKind)(aux >> 56), aux & 0xff_ffff_ffff_ffff));
            }
        }

        if (_seen - kernel.Core.log.drained < DrainAt || _draining) return;
        _draining = true;
        _partition.Call(72, [HostBundle.WitnessLog, _seen]).ContinueWith(_ => _draining = false, TaskScheduler.Default);
    }

    private void Log(string step, string about, long status) => Step(_log, step, about, status, _machine.Kernel.Records);

    [LoggerMessage(1, LogLevel.Information, "{Step} {About}: {Status}, {Records} records")]
    private static partial void Step(ILogger log, string step, string about, long status, ulong records);

    [LoggerMessage(2, LogLevel.Critical, "the machine ended by a fault")]
    private static partial void Fault(ILogger log, Exception e);
}
