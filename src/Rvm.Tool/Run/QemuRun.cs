using System.ComponentModel;
using System.Diagnostics;

namespace Rvm.Tool.Run;

/// <summary>Boots an image in QEMU, follows its console, and fetches the witness log when the machine has shut down.</summary>
public sealed class QemuRun
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Control = TimeSpan.FromSeconds(20);
    private readonly QemuOptions _options;
    private readonly Action<ConsoleLine> _show;
    private readonly ConsoleMonitor _monitor = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _errors = [];

    private QemuRun(QemuOptions options, Action<ConsoleLine> show) => (_options, _show) = (options, show);

    /// <summary>Runs to the end; <paramref name="show"/> gets every console line as it comes. Cancelling kills QEMU.</summary>
    public static async Task<RunOutcome> Start(QemuOptions options, Action<ConsoleLine> show, CancellationToken cancel)
    {
        var run = new QemuRun(options, show);
        var directory = Directory.CreateTempSubdirectory("rvm-");
        try
        {
            return await run.Run(directory.FullName, cancel);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private async Task<RunOutcome> Run(string directory, CancellationToken cancel)
    {
        var socket = Path.Combine(directory, "qmp");
        using var qemu = new Process { StartInfo = StartInfo(socket) };
        try
        {
            qemu.Start();
        }
        catch (Win32Exception e)
        {
            return Outcome(RunEnd.QemuMissing, $"cannot start {QemuOptions.Program} ({e.Message}): install it with `apt-get install qemu-system-arm`");
        }

        try
        {
            qemu.StandardInput.Close();
            var console = Follow(qemu.StandardOutput);
            var errors = CollectErrors(qemu.StandardError);
            var outcome = await Supervise(qemu, socket, Path.Combine(directory, "ring"), cancel);
            await Kill(qemu);
            await Task.WhenAny(Task.WhenAll(console, errors), Task.Delay(Grace, CancellationToken.None));
            return outcome is { End: RunEnd.QemuDied, Message: "" } ? Died(qemu) : outcome with { LastLines = [.. _monitor.Tail] };
        }
        finally
        {
            await Kill(qemu);
        }
    }

    private async Task<RunOutcome> Supervise(Process qemu, string socket, string ringFile, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var exited = qemu.WaitForExitAsync(stop.Token);
        var timeout = Task.Delay(_options.Timeout, stop.Token);
        var connecting = QmpClient.Connect(socket, stop.Token);
        try
        {
            if (await Task.WhenAny(connecting, exited, timeout) != connecting) return Unfinished(exited, cancel);
            using var qmp = await connecting;
            await qmp.Send("cont", null, stop.Token);
            var first = await Task.WhenAny(qmp.Shutdown, _ended.Task, exited, timeout);
            if (first == _ended.Task) await Task.WhenAny(qmp.Shutdown, exited, Task.Delay(Grace, stop.Token));
            else if (first == qmp.Shutdown) await Task.WhenAny(_ended.Task, Task.Delay(TimeSpan.FromMilliseconds(300), stop.Token));
            cancel.ThrowIfCancellationRequested();
            if (!_monitor.Ended && first != qmp.Shutdown) return Unfinished(exited, cancel);
            return await Finish(qmp, ringFile);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return Outcome(RunEnd.Interrupted, "interrupted");
        }
        catch (IOException e)
        {
            await Task.WhenAny(exited, Task.Delay(Grace, CancellationToken.None));
            return Outcome(RunEnd.QemuDied, exited.IsCompleted ? "" : e.Message);
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private RunOutcome Unfinished(Task exited, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return Outcome(RunEnd.Interrupted, "interrupted");
        if (exited.IsCompleted) return Outcome(RunEnd.QemuDied, "");
        return Outcome(RunEnd.Timeout, $"the run did not end within {_options.Timeout.TotalSeconds:0.#} s: the kernel printed no RVM HALT line; "
            + (_monitor.Tail.Count == 0 ? "the console stayed silent" : "its last lines are below") + "; allow more with --timeout");
    }

    private async Task<RunOutcome> Finish(QmpClient qmp, string ringFile)
    {
        if (_monitor.Fault is { } fault) return Outcome(RunEnd.KernelFault, (fault.StartsWith("RVM DEADLOCK", StringComparison.Ordinal) ? "nobody can ever run again: " : "kernel fault: ") + fault);
        if (_monitor.Refusal is { } refusal)
            return Outcome(RunEnd.BootRefused, $"the kernel refused {(refusal.Command is { } i ? $"boot command {i}" : "the bundle's header")}: {Names.Status(refusal.Status)} ({refusal.Status})");
        if (_monitor.Halt is not { } halt) return Outcome(RunEnd.QemuDied, "the machine shut down without an RVM HALT line");
        ulong? saved = null;
        if (_options.Witness is { } file)
        {
            if (WitnessRing.Refuse(halt) is { } reason) return Outcome(RunEnd.WitnessUnreadable, $"the witness log was not saved: {reason}");
            using var limit = new CancellationTokenSource(Control);
            await qmp.SaveMemory(halt.Ring, halt.Capacity * Abi.RecordBytes, ringFile, limit.Token);
            await File.WriteAllBytesAsync(file, WitnessRing.Unroll(await File.ReadAllBytesAsync(ringFile, limit.Token), halt), limit.Token);
            saved = halt.Records - halt.First;
        }

        return Outcome(RunEnd.Halted, halt.Status == 0 ? "all partitions ended" : $"the kernel halted with status {halt.Status}") with { Saved = saved };
    }

    private async Task Follow(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            _show(_monitor.Take(line));
            if (_monitor.Ended) _ended.TrySetResult();
        }
    }

    private async Task CollectErrors(StreamReader errors)
    {
        while (await errors.ReadLineAsync() is { } line)
            lock (_errors) _errors.Add(line);
    }

    private RunOutcome Died(Process qemu)
    {
        string[] said;
        lock (_errors) said = [.. _errors.TakeLast(4)];
        var status = qemu.HasExited ? $" with status {qemu.ExitCode}" : "";
        return Outcome(RunEnd.QemuDied, $"QEMU ended by itself{status} before the kernel halted" + (said.Length > 0 ? ": " + string.Join("; ", said) : ""));
    }

    private RunOutcome Outcome(RunEnd end, string message) =>
        new(end, message, _clock.Elapsed.TotalSeconds, _monitor.Halt, _monitor.Refusal, [.. _monitor.Tail], null);

    private static async Task Kill(Process qemu)
    {
        try
        {
            if (!qemu.HasExited) qemu.Kill(entireProcessTree: true);
            await qemu.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or Win32Exception)
        {
            // It has ended meanwhile.
        }
    }

    private ProcessStartInfo StartInfo(string socket)
    {
        var info = new ProcessStartInfo(QemuOptions.Program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var argument in _options.Arguments(socket)) info.ArgumentList.Add(argument);
        return info;
    }
}
