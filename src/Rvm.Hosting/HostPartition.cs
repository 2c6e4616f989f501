using System.Collections.Concurrent;
using System.Diagnostics;
using Rvm.Platform.Hvf;
using Rvm.Platform.Hvf.Seam;

namespace Rvm.Hosting;

/// <summary>
/// The host as partition 1 of the kernel: what it wants done it does by hypercalls, under the capabilities that the boot bundle gives it, like any
/// guest; the kernel decides and witnesses. Its calls run on the machine's thread when the kernel has given it the processor.
/// </summary>
internal sealed class HostPartition(Action<Kernel> looked) : IResident
{
    public const uint Id = 1;
    private const ulong Calls = 0xC600_0000, Yield = 65;
    private const int MostTimes = 10_000;
    private readonly ConcurrentQueue<Action<Kernel>> _wanted = [];
    private readonly SemaphoreSlim _signal = new(0);
    private ulong _proofs;

    /// <summary>How long the core took for the host's first calls, in µs. Read when nothing is under way.</summary>
    public List<(ulong Number, double Microseconds)> Times { get; } = [];

    /// <summary>A call of the host's, soon. Its results: x0 … x10.</summary>
    /// <param name="before">Done just before it, on the machine's thread.</param>
    public Task<ulong[]> Call(ulong number, ulong[] arguments, Action? before = null)
    {
        var done = new TaskCompletionSource<ulong[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wanted.Enqueue(kernel =>
        {
            try
            {
                before?.Invoke();
                done.SetResult(Hypercall(kernel, number, arguments));
            }
            catch (Exception e)
            {
                done.SetException(e);
                throw;
            }
        });
        _signal.Release();
        return done.Task;
    }

    public void Turn(Kernel kernel, TimeSpan longest)
    {
        looked(kernel);
        if (_wanted.IsEmpty && kernel.Core.sched.count == 0) _signal.Wait(longest < TimeSpan.FromMilliseconds(100) ? longest : TimeSpan.FromMilliseconds(100));
        if (_wanted.TryDequeue(out var wanted)) wanted(kernel);
        else if (kernel.Core.sched.count != 0) Hypercall(kernel, Yield, []);
        looked(kernel);
    }

    private ulong[] Hypercall(Kernel kernel, ulong number, ulong[] arguments)
    {
        var context = kernel.Context(Id);
        context[0] = Calls + number;
        for (var i = 0; i < 18; i++) context[i + 1] = i < arguments.Length ? arguments[i] : 0;
        if (number == HostPolicy.PartitionCreate) HostPolicy.Proof(context, kernel.Now, ++_proofs).CopyTo(context[8..]);
        var at = Stopwatch.GetTimestamp();
        kernel.Hypercall();
        if (number != Yield && Times.Count < MostTimes) Times.Add((number, Stopwatch.GetElapsedTime(at).TotalMicroseconds));
        return context[..11].ToArray();
    }
}
