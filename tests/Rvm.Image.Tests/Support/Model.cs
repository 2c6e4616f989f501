using System.Runtime.InteropServices;
using Kernel = RvmKernel.__default;

namespace Rvm.ImageTests;

/// <summary>
/// The verified core on the host, given the events of a tape, and what the platform does to the state that the core and it share: an injected
/// exception changes PC and PSTATE (docs/abi.md §4). Writes the same trace and log as the image's driver.
/// </summary>
public sealed class Model
{
    private const ulong Inject = 7;

    private readonly List<ulong> _log = [];
    private readonly List<ulong> _trace = [];

    /// <summary>A core on QEMU's <c>virt</c> with 3 GiB, before its first event.</summary>
    public Model()
    {
        Core = Kernel.New(Frames.Ram, Frames.Uart, Frames.Distributor, Frames.Redistributors, Frames.RedistributorPages, Frames.FirstFree, Frames.End);
        Array.Clear(Core.log.ring);                     // the contract lets these begin with anything; in the image they begin with zeros
        Array.Clear(Core.stage2.pool);
        Array.Clear(Core.edges.queues);
    }

    public CoreState.Core Core { get; }

    /// <summary>Events after the boot.</summary>
    public int Events => _trace.Count / Tape.TraceWords;

    public ReadOnlySpan<ulong> Trace => CollectionsMarshal.AsSpan(_trace);

    /// <summary>Every record's eight words.</summary>
    public ReadOnlySpan<ulong> Log => CollectionsMarshal.AsSpan(_log);

    /// <summary>Executes the bundle as Hal/Boot.cs does, at these times: the first for Begin, then one for each command. How many it took.</summary>
    public int Boot(ulong[] bundle, IReadOnlyList<ulong> times)
    {
        var used = 0;
        Assert.Equal(0UL, Kernel.Begin(Core, bundle, times[used++]));
        for (var i = 0; Core.booting; i++) Assert.Equal(0UL, Kernel.Command(Core, bundle, (uint)(8 + 8 * i), times[used++]));
        Catch();
        return used;
    }

    public void Deliver(TapeEvent e)
    {
        var before = Core.sched.cur;
        if (before != 0) e.Store(Core.ctx.AsSpan((int)before * 64, 64));
        switch (e.Kind)
        {
            case Tape.Hypercall: Kernel.Hypercall(Core, e.Now); break;
            case Tape.Trap: Kernel.Trap(Core, e.Arguments[0], e.Arguments[1], e.Arguments[2], e.Arguments[3], e.Now); break;
            default: Kernel.Tick(Core, e.Now); break;
        }

        for (var i = 0; i < Core.neff; i++)
            if (Core.eff[4 * i] == Inject) Raise(Core.eff[4 * i + 1], e.Arguments[3]);
        var count = (ulong)Events + 1;
        for (var i = 0; i < Tape.TraceWords; i++) _trace.Add(Live.TraceWord(Core, i, before, count));
        Catch();
    }

    /// <summary>Takes the exception to EL1: the vector depends on where it came from.</summary>
    private void Raise(ulong partition, ulong vectors)
    {
        var state = Core.ctx[partition * 64 + 32];
        var offset = (state & 0xc) == 0 ? (state & 0x10) != 0 ? 0x600UL : 0x400UL : (state & 1) != 0 ? 0x200UL : 0UL;
        Core.ctx[partition * 64 + 31] = vectors + offset;
        Core.ctx[partition * 64 + 32] = 0x3c5;
    }

    private void Catch()
    {
        for (var n = (ulong)_log.Count / Tape.RecordWords; n < Core.log.head; n++)
            _log.AddRange(Core.log.ring.AsSpan((int)(n % Tape.RingRecords) * Tape.RecordWords, Tape.RecordWords));
    }
}

/// <summary>QEMU's <c>virt</c> with 3 GiB, in frames of 4 KiB.</summary>
public static class Frames
{
    public const ulong Ram = 0x40000, FirstFree = 0x46000, End = 0x100000, Uart = 0x9000, Distributor = 0x8000, Redistributors = 0x80A0, RedistributorPages = 0xF60;

    public const ulong Memory = (End - Ram) << 12;
}
