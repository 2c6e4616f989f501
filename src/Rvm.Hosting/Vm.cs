namespace Rvm.Hosting;

/// <summary>A VM: Created, then Runnable (initialised), Running, Halted, Destroyed, never backwards.</summary>
public sealed class Vm : IAsyncDisposable, IDisposable
{
    private const ulong Grant = 1, Start = 73, Terminate = 75, Drop = 78, Share = 68, Map = 2;
    private readonly VirtualMachineHost _host;
    private readonly ulong _image;
    private readonly TaskCompletionSource<ExitReason> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private VmState _state = VmState.Created;

    internal Vm(VirtualMachineHost host, VmConfig config, ulong image) => (_host, Config, _image) = (host, config, image);

    public VmConfig Config { get; }

    /// <summary>Its partition, once initialised.</summary>
    public uint Partition { get; private set; }

    /// <summary>The host's capability on it: start, suspend, terminate, grant.</summary>
    public Capability Capability { get; private set; }

    /// <summary>How it ended, once it has.</summary>
    public Task<ExitReason> Ending => _end.Task;

    public VmState State { get { lock (_gate) return _state; } }

    /// <summary>Makes the partition: memory zeroed, the program copied, registers reset.</summary>
    /// <param name="program">AArch64 instructions, placed at <see cref="VmLayout.Code"/>.</param>
    /// <param name="entry">Where it starts.</param>
    /// <param name="pool">The capability to make VMs; null: the host's own.</param>
    public async Task InitializeAsync(byte[] program, ulong entry = VmLayout.Code, Capability? pool = null, CancellationToken cancel = default)
    {
        if (program.Length is 0 or > VmLayout.MostCode) throw new ArgumentException($"a program of {program.Length} bytes: 1 to {VmLayout.MostCode}", nameof(program));
        if (entry < VmLayout.Code || entry >= VmLayout.Code + (ulong)program.Length || entry % 4 != 0) throw new ArgumentOutOfRangeException(nameof(entry), entry, "not an instruction of the program");
        Move(VmState.Created, VmState.Runnable);
        try
        {
            cancel.ThrowIfCancellationRequested();
            (Partition, Capability) = await _host.Create(pool ?? _host.MemoryPool, Config, _image, program, entry, this);
        }
        catch
        {
            lock (_gate) _state = VmState.Created;
            throw;
        }
    }

    /// <summary>Runs it to its end. Cancelling halts it.</summary>
    public async Task<ExitReason> RunAsync(CancellationToken cancel = default)
    {
        Move(VmState.Runnable, VmState.Running);
        await _host.Call("partition_start", Start, [Capability.Handle]);
        try
        {
            return await _end.Task.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            await HaltAsync();
            throw;
        }
    }

    /// <summary>Ends it, for ever.</summary>
    public async Task HaltAsync()
    {
        lock (_gate)
        {
            if (_state is VmState.Halted) return;
            if (_state is not (VmState.Runnable or VmState.Running)) throw new InvalidOperationException($"the VM is {_state}");
        }

        try
        {
            await _host.Call("partition_terminate", Terminate, [Capability.Handle]);
        }
        catch (KernelRefusalException) when (_end.Task.IsCompleted) { }          // it has just ended by itself
        await _end.Task;
    }

    /// <summary>A second capability on it, with the same rights; the first stays.</summary>
    public async Task<Capability> DuplicateAsync() => new((await _host.Call("cap_grant", Grant, [Capability.Handle, 0, 0x22]))[1]);

    /// <summary>Gives a capability up.</summary>
    public Task DropAsync(Capability capability) => _host.Call("cap_drop", Drop, [capability.Handle]);

    /// <summary>Memory of one VM for another: the kernel has no such thing yet and refuses, with a record.</summary>
    public Task ShareAsync(Vm other) => _host.Call("region_share", Share, [Capability.Handle, other.Capability.Handle]);

    /// <summary>Maps pages of a region: only its owner can, so the kernel refuses the host, with a record.</summary>
    public Task MapAsync(ulong address, ulong pages) => _host.Call("region_map", Map, [Capability.Handle, address, 0, pages, 0]);

    /// <summary>Its own maps, and nobody else's; none once it has ended.</summary>
    public IReadOnlyList<VmMapping> Mappings => State is VmState.Runnable or VmState.Running ? _host.Mappings(Partition) : [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (State is VmState.Destroyed) return;
        try
        {
            if (State is VmState.Runnable or VmState.Running) await HaltAsync();
            if (State is VmState.Halted) await DropAsync(Capability);
        }
        catch (ObjectDisposedException) { }                                       // the host went first
        _host.Forget(this);
        lock (_gate) _state = VmState.Destroyed;
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    internal void Ended(ExitReason reason)
    {
        lock (_gate) _state = VmState.Halted;
        _end.TrySetResult(reason);
    }

    /// <summary>The host has ended: who waits for the end of this VM waits no longer.</summary>
    internal void Lost() => _end.TrySetException(new ObjectDisposedException(nameof(VirtualMachineHost), "the host has ended, and the VM with it"));

    private void Move(VmState from, VmState to)
    {
        lock (_gate) _state = _state == from ? to : throw new InvalidOperationException($"the VM is {_state}, not {from}");
    }
}
