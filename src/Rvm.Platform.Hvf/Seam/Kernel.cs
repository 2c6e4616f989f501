using Verified = RvmKernel.__default;

namespace Rvm.Platform.Hvf.Seam;

/// <summary>The verified core with a platform: every event goes in here, and its effects are carried out before the method returns. One thread at a time.</summary>
public sealed class Kernel
{
    /// <summary>Words of a context block; the words of PC and PSTATE.</summary>
    public const int Block = 64, Pc = 31, Pstate = 32;

    /// <summary>Records that the witness ring holds, and bytes of one.</summary>
    public const int RingRecords = 65536, RecordBytes = 64;

    // Where the board that the EL2 image runs on has RAM and its own devices: the same numbers give the same log.
    private const ulong RamFrame = 0x40000, Uart = 0x9000, Distributor = 0x8000, Redistributors = 0x80A0, RedistributorPages = 0xF60;

    private readonly IPlatform _platform;
    private readonly ulong[] _bundle;

    /// <summary>A kernel whose partitions own the frames <paramref name="first"/> to <paramref name="end"/> − 1.</summary>
    public Kernel(IPlatform platform, ulong[] bundle, ulong first, ulong end)
    {
        (_platform, _bundle) = (platform, bundle);
        Core = Verified.New(RamFrame, Uart, Distributor, Redistributors, RedistributorPages, first, end);
    }

    /// <summary>The state. Only for reading.</summary>
    public CoreState.Core Core { get; }

    /// <summary>The partition that runs next; 0: none.</summary>
    public uint Current => Core.sched.cur;

    /// <summary>The count at which the next tick is due; <see cref="ulong.MaxValue"/>: never.</summary>
    public ulong Timer => RvmKernel.__default.Timer(Core);

    public ulong Records => Core.log.head;

    /// <summary>The time, in counts.</summary>
    public ulong Now => _platform.Now;

    /// <summary>The context block of a partition: x0 to x30, PC, PSTATE.</summary>
    public Span<ulong> Context(uint partition) => Core.ctx.AsSpan((int)partition * Block, Block);

    /// <summary>Executes the boot bundle. 0, or why it is refused, and by which command (−1: its header).</summary>
    public (long Status, int Command) Boot()
    {
        var status = (long)Verified.Begin(Core, _bundle, _platform.Now);
        for (var i = 0; status == 0 && Core.booting; i++)
        {
            status = (long)Verified.Command(Core, _bundle, (uint)(8 + 8 * i), _platform.Now);
            if (status != 0) return (status, i);
            Effects();
        }

        return (status, -1);
    }

    /// <summary>HVC #0 of the current partition.</summary>
    public void Hypercall() { Verified.Hypercall(Core, _platform.Now); Effects(); }

    /// <summary>Any other synchronous exception of the current partition.</summary>
    public void Trap(ulong syndrome, ulong address, ulong ipa, ulong vectors) { Verified.Trap(Core, syndrome, address, ipa, vectors, _platform.Now); Effects(); }

    public void Tick(ulong now) { Verified.Tick(Core, now); Effects(); }

    /// <summary>A record that the ring still holds.</summary>
    public ReadOnlySpan<byte> Record(ulong sequence) => MemoryMarshal.AsBytes(Core.log.ring.AsSpan()).Slice((int)(sequence % RingRecords) * RecordBytes, RecordBytes);

    private void Effects()
    {
        for (var i = 0; i < Core.neff; i++) Do(Core.eff[4 * i], Core.eff[4 * i + 1], Core.eff[4 * i + 2], Core.eff[4 * i + 3]);
    }

    private void Do(ulong kind, ulong a, ulong b, ulong c)
    {
        switch (kind)
        {
            case 1: _platform.Console((uint)a, MemoryMarshal.AsBytes(Context((uint)a))[24..][..(int)b]); break;
            case 2: _platform.Zero(a, b); break;
            case 3: _platform.Copy(a, MemoryMarshal.AsBytes(_bundle.AsSpan()).Slice((int)b, (int)c)); break;
            case 4: _platform.CodeSync(a, b); break;
            case 5: _platform.ForgetRange((uint)a, b, c); break;
            case 6: _platform.ForgetAll((uint)a); break;
            case 7: _platform.Inject((uint)a, b, c); break;
            case 8: _platform.Name((uint)a, b, c); break;
            case 9: _platform.Reset((uint)a); break;
            case 10: _platform.Halt(a); break;
            case 11: _platform.MapSync((uint)a); break;
            default: throw new PlatformFaultException($"the core asks for an effect of kind {kind}, which this platform does not know");
        }
    }
}
