namespace Rvm.Tool.Run;

/// <summary>How a run ended.</summary>
public enum RunEnd { Halted, KernelFault, BootRefused, Timeout, QemuMissing, QemuDied, HostDied, WitnessUnreadable, Interrupted }

/// <summary>The end of a run.</summary>
/// <param name="Message">One sentence for people.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Saved">Witness records saved; null: none were asked for.</param>
public sealed record RunOutcome(
    RunEnd End, string Message, double Seconds, HaltLine? Halt, RefusalLine? Refusal, IReadOnlyList<string> LastLines, ulong? Saved)
{
    /// <summary>The process's exit status: 0 only after a halt with status 0.</summary>
    public int ExitCode => End switch
    {
        RunEnd.Halted when Halt!.Status == 0 => Diagnostics.ExitCodes.Good,
        RunEnd.Interrupted => Diagnostics.ExitCodes.Interrupted,
        _ => Diagnostics.ExitCodes.Finding,
    };
}
