using System.Diagnostics;
using Rvm.Diagnostics;

namespace Rvm.Tool.Run.Hvf;

/// <summary>Runs a bundle with <c>rvm-hvf</c> and follows its console, which speaks like the EL2 kernel's.</summary>
public static class HvfRun
{
    /// <summary>Runs to the end; <paramref name="show"/> gets every console line as it comes.</summary>
    /// <param name="bundle">The file of boot words.</param>
    /// <param name="memory">RAM in bytes.</param>
    /// <param name="witness">File for the witness log; null: not saved.</param>
    public static async Task<RunOutcome> Start(HvfHost host, string bundle, ulong memory, TimeSpan timeout, string? witness, Action<ConsoleLine> show, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var monitor = new ConsoleMonitor();
        string[] arguments = ["run", bundle, "--memory", $"{memory}", .. witness is null ? (string[])[] : ["--witness", Path.GetFullPath(witness)]];
        using var process = Process.Start(host.Command(arguments))!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        RunOutcome Outcome(RunEnd end, string message, ulong? saved = null) =>
            new(end, message, clock.Elapsed.TotalSeconds, monitor.Halt, monitor.Refusal, [.. monitor.Tail], saved);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line) show(monitor.Take(line));
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return cancel.IsCancellationRequested ? Outcome(RunEnd.Interrupted, "interrupted")
                : Outcome(RunEnd.Timeout, $"the run did not end within {timeout.TotalSeconds:0.#} s; its last lines are below; allow more with --timeout");
        }

        if (monitor.Fault is { } fault) return Outcome(RunEnd.KernelFault, "kernel fault: " + fault);
        if (monitor.Refusal is { } refusal)
            return Outcome(RunEnd.BootRefused, $"the kernel refused {(refusal.Command is { } i ? $"boot command {i}" : "the bundle's header")}: {Names.Status(refusal.Status)} ({refusal.Status})");
        if (monitor.Halt is not { } halt) return Outcome(RunEnd.HostDied, $"rvm-hvf ended with status {process.ExitCode} before the kernel halted: {(await errors).Trim()}");
        return Outcome(RunEnd.Halted, halt.Status == 0 ? "all partitions ended" : $"the kernel halted with status {halt.Status}", witness is null ? null : halt.Records - halt.First);
    }
}
