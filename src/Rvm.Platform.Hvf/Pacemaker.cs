namespace Rvm.Platform.Hvf;

/// <summary>Brings the vCPU out of the guest when a tick is due. It may come a little late, or early; the machine looks at the time itself.</summary>
internal sealed class Pacemaker(Clock clock, VirtualProcessor cpu) : IDisposable
{
    private readonly Timer _timer = new(_ => cpu.Interrupt());
    private ulong _due = ulong.MaxValue;

    /// <summary>The next tick is due at this count.</summary>
    public void Arm(ulong due)
    {
        if (_due == due) return;
        _due = due;
        _timer.Change((long)clock.Left(due).TotalMilliseconds + 1, Timeout.Infinite);
    }

    /// <summary>The vCPU has come out: what is due is armed again.</summary>
    public void Beaten() => _due = ulong.MaxValue;

    /// <summary>The vCPU is not touched any more after this.</summary>
    public void Dispose()
    {
        using var over = new ManualResetEvent(false);
        if (_timer.Dispose(over)) over.WaitOne();
    }
}

/// <summary>The host's counter, which is the guests' too.</summary>
public sealed class Clock
{
    /// <summary>The framework must be loadable.</summary>
    public Clock()
    {
        FrameworkLibrary.Load();
        Native.mach_timebase_info(out var timebase);
        Hertz = 1_000_000_000UL * timebase.Denominator / timebase.Numerator;
    }

    /// <summary>Counts in a second: 24 million on Apple's M1 to M3.</summary>
    public ulong Hertz { get; }

    public ulong Now => Native.mach_absolute_time();

    /// <summary>How long until a count; at most an hour, so that waits stay within their bounds.</summary>
    public TimeSpan Left(ulong count) => Now is var now && count <= now ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(3600, (count - now) / (double)Hertz));
}
