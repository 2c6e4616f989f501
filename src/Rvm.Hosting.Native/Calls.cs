using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Rvm.Platform.Hvf.Framework;

[assembly: DisableRuntimeMarshalling]

namespace Rvm.Hosting.Native;

/// <summary>The calls of rvm_hosting.h, which documents them. No exception leaves one: it becomes a status, and its text that of rvm_last_error.</summary>
internal static unsafe class Calls
{
    /// <summary>RVM_HOSTING_VERSION.</summary>
    public const int Version = 1;

    private const ulong DefaultMemory = 1UL << 30;
    private static readonly Lock Gate = new(), Starting = new();
    private static readonly Dictionary<ulong, Vm> Vms = [];
    private static VirtualMachineHost? host;
    private static ulong made;
    [ThreadStatic] private static string? error;

    [UnmanagedCallersOnly(EntryPoint = "rvm_version")]
    public static int LibraryVersion() => Version;

    [UnmanagedCallersOnly(EntryPoint = "rvm_start")]
    public static int Start(ulong memory) => Try(() =>
    {
        lock (Starting)
        {
            if (host is not null) throw new InvalidOperationException("the host has been started");
            var started = VirtualMachineHost.StartAsync(memory == 0 ? DefaultMemory : memory).GetAwaiter().GetResult();
            lock (Gate) host = started;
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_stop")]
    public static int Stop() => Try(() =>
    {
        lock (Starting)
        {
            var ending = Host();
            ending.Dispose();
            lock (Gate) (host, _) = (null, Cleared());
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_create")]
    public static int Create(Config* config, ulong* vm) => Try(() =>
    {
        Given(vm, "vm");
        *vm = 0;
        if (config is not null && config->Reserved != 0) throw new ArgumentException($"rvm_config.reserved is {config->Reserved}, not 0");
        var wanted = config is null ? new VmConfig() : new VmConfig(config->Memory, config->Vcpus, config->Name is null ? "vm" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(config->Name)));
        var created = Host().CreateVm(wanted);
        lock (Gate) Vms[*vm = ++made] = created;
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_initialize")]
    public static int Initialize(ulong vm, byte* program, nuint bytes, ulong entry) => Try(() =>
    {
        Given(program, "program");
        if (bytes > VmLayout.MostCode) throw new ArgumentException($"a program of {bytes} bytes: 1 to {VmLayout.MostCode}");
        Find(vm).InitializeAsync(new ReadOnlySpan<byte>(program, (int)bytes).ToArray(), entry == 0 ? VmLayout.Code : entry).GetAwaiter().GetResult();
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_run")]
    public static int Run(ulong vm, Exit* exit) => Try(() =>
    {
        Given(exit, "exit");
        *exit = default;
        var reason = Find(vm).RunAsync().GetAwaiter().GetResult();
        (exit->Kind, exit->Value) = ((uint)reason.Kind, reason.Value);
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_halt")]
    public static int Halt(ulong vm) => Try(() => Find(vm).HaltAsync().GetAwaiter().GetResult());

    [UnmanagedCallersOnly(EntryPoint = "rvm_destroy")]
    public static int Destroy(ulong vm) => Try(() =>
    {
        Find(vm).Dispose();
        lock (Gate) Vms.Remove(vm);
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_state")]
    public static int State(ulong vm, uint* state) => Try(() =>
    {
        Given(state, "state");
        *state = (uint)Find(vm).State;
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_system_info")]
    public static int SystemInfo(Info* info) => Try(() =>
    {
        Given(info, "info");
        var now = Host().Info;
        *info = new() { Hertz = now.Hertz, Granule = now.Granule, Records = now.Records, MostVcpus = now.MostVcpus, Vms = (uint)now.Vms };
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_witness_log")]
    public static int WitnessLog(byte* buffer, nuint capacity, nuint* bytes) => Try(() =>
    {
        Given(bytes, "bytes");
        if (buffer is null && capacity != 0) throw new ArgumentException("buffer is NULL and capacity is not 0");
        var log = Host().WitnessLog();
        *bytes = (nuint)log.Length;
        log.AsSpan(0, (int)Math.Min((nuint)log.Length, capacity / 64 * 64)).CopyTo(new Span<byte>(buffer, (int)Math.Min(capacity, int.MaxValue)));
    });

    [UnmanagedCallersOnly(EntryPoint = "rvm_last_error")]
    public static nuint LastError(byte* buffer, nuint capacity)
    {
        var text = Encoding.UTF8.GetBytes(error ?? "");
        if (buffer is null || capacity == 0) return (nuint)text.Length;
        var copied = (int)Math.Min((nuint)text.Length, capacity - 1);
        text.AsSpan(0, copied).CopyTo(new Span<byte>(buffer, copied));
        buffer[copied] = 0;
        return (nuint)text.Length;
    }

    private static VirtualMachineHost Host()
    {
        lock (Gate) return host ?? throw new NotStartedException();
    }

    private static Vm Find(ulong vm)
    {
        lock (Gate) return host is null ? throw new NotStartedException() : Vms.TryGetValue(vm, out var there) ? there : throw new UnknownVmException(vm);
    }

    private static int Cleared()
    {
        Vms.Clear();
        return 0;
    }

    private static void Given(void* pointer, string name)
    {
        if (pointer is null) throw new ArgumentException($"{name} is NULL");
    }

    private static int Try(Action call)
    {
        try
        {
            call();
            error = null;
            return (int)Status.Ok;
        }
        catch (Exception e)
        {
            error = e.Message;
            return e switch
            {
                KernelRefusalException { Status: < 0 and > -1000 } refused => (int)refused.Status,
                NotStartedException => (int)Status.NotStarted,
                UnknownVmException => (int)Status.Handle,
                ObjectDisposedException => (int)Status.Ended,
                PlatformNotSupportedException => (int)Status.NoFramework,
                HypervisorException => (int)Status.Hypervisor,
                ArgumentException => (int)Status.Argument,
                InvalidOperationException => (int)Status.State,
                _ => (int)Status.Internal,
            };
        }
    }

    private sealed class NotStartedException() : Exception("there is no host; call rvm_start");

    private sealed class UnknownVmException(ulong vm) : Exception($"{vm} is not the handle of a VM: rvm_create did not return it, or rvm_destroy or rvm_stop has ended it");
}
