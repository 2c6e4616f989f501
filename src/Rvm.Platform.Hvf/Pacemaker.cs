using Rvm.Platform.Hvf.Framework;

namespace Rvm.Platform.Hvf;

/// <summary>Brings the vCPU out of the guest when a tick is due: a thread that sleeps until then. It may come early or late; the machine looks at the time itself.</summary>
internal sealed class Pacemaker : IDisposable
{
    private readonly Clock _clock;
    private readonly VirtualProcessor _cpu;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private ulong _due = ulong.MaxValue, _target = ulong.MaxValue;
    private bool _over;

    public Pacemaker(Clock clock, VirtualProcessor cpu)
    {
        (_clock, _cpu) = (clock, cpu);
        _thread = new(Beat) { IsBackground = true, Name = "rvm pacemaker" };
        _thread.Start();
    }

    /// <summary>The next tick is due at this count. Wakes the thread only when that is sooner than what it waits for.</summary>
    public void Arm(ulong due)
    {
        if (Volatile.Read(ref _due) == due) return;
        Volatile.Write(ref _due, due);
        if (due < Volatile.Read(ref _target)) lock (_gate) Monitor.Pulse(_gate);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _over = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Beat()
    {
        lock (_gate)
            while (!_over)
            {
                var due = Volatile.Read(ref _due);
                var left = _clock.Left(due);
                Volatile.Write(ref _target, due);
                if (left > TimeSpan.Zero && Volatile.Read(ref _due) == due) Monitor.Wait(_gate, left);
                else if (left <= TimeSpan.Zero && Interlocked.CompareExchange(ref _due, ulong.MaxValue, due) == due) _cpu.Interrupt();
            }
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
    public TimeSpan Left(ulong count)
    {
        var now = Now;
        return count <= now ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(3600, (count - now) / (double)Hertz)) + TimeSpan.FromTicks(1);
    }
}
