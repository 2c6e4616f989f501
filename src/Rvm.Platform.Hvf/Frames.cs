namespace Rvm.Platform.Hvf;

/// <summary>The memory of partitions: the core's frames as one range of this process, from the framework, zero at first.</summary>
internal sealed unsafe class Frames : IDisposable
{
    private const int Shift = 12;
    private readonly byte* _start;
    private readonly ulong _first, _end;

    /// <summary>Frames <paramref name="first"/> to <paramref name="end"/> − 1. The first is a multiple of 4, so that units of 16 KiB lie on such boundaries.</summary>
    public Frames(ulong first, ulong end)
    {
        (_first, _end) = (first, (end + 3) & ~3UL);
        HypervisorException.Check(Native.hv_vm_allocate(out var start, (nuint)((_end - _first) << Shift), 0), "hv_vm_allocate");
        _start = (byte*)start;
    }

    /// <summary>Where frames lie in this process.</summary>
    /// <exception cref="Seam.PlatformFaultException">They are not all the partitions'.</exception>
    public byte* At(ulong frame, ulong frames) =>
        frame >= _first && frame <= _end && frames <= _end - frame ? _start + ((frame - _first) << Shift)
        : throw new Seam.PlatformFaultException($"frames 0x{frame:x} to 0x{frame + frames:x} are not the partitions'");

    public Span<byte> Bytes(ulong frame, ulong frames) => new(At(frame, frames), checked((int)(frames << Shift)));

    public void Dispose() => Native.hv_vm_deallocate(_start, (nuint)((_end - _first) << Shift));
}
