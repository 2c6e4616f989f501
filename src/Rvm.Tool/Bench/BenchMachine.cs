using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Bench;

/// <summary>A bench run could not be made; the message says why.</summary>
public sealed class BenchFailure(string message) : Exception(message);

/// <summary>Events of a run and what the console said.</summary>
public sealed record BenchRun(IReadOnlyList<CountEvent> Events, string Console)
{
    private const double CountsPerInstruction = 100;

    /// <summary>Instructions a round, by the guest's own reading of the counter (<c>RES name … per_op_x100=N</c>).</summary>
    public double? Report(string name)
    {
        var match = Regex.Match(Console, $@"RES {Regex.Escape(name)}\b.* per_op_x100=(\d+)");
        return match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) / CountsPerInstruction : null;
    }
}

/// <summary>The measuring machine: the same QEMU flags for every system and every peer.</summary>
public sealed class BenchMachine(Checkout checkout)
{
    public const string Kernel = "artifacts/kernel/kernel.elf";
    private const string Folder = "artifacts/bench", PluginSource = "tools/icount-plugin/icount.c";
    private const string GuestRange = "guest=0x60000000:0x70000000", Uart = "uart=0x9000000";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly string[] Flags =
        ["-machine", "virt,virtualization=on,gic-version=3", "-cpu", "cortex-a72", "-m", "1G", "-smp", "4", "-icount", "shift=0,sleep=off",
         "-nographic", "-monitor", "none", "-nic", "none", "-no-reboot"];

    private string Plugin => checkout.Path($"{Folder}/icount.so");

    public static string Description(string system) => $"systems/bench/{system}.yaml";

    /// <summary>Builds the counting plugin.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(checkout.Path(Folder));
        File.Delete(Plugin);
        Tools.Output("gcc", ["-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", Plugin, checkout.Path(PluginSource)]);
        if (!File.Exists(Plugin)) throw new BenchFailure($"gcc cannot build {PluginSource}");
    }

    /// <summary>Builds and runs one bench system. A guest that complains has measured nothing.</summary>
    public BenchRun Run(string system, IReadOnlyList<string> points)
    {
        var image = checkout.Path($"{Folder}/{system}.elf");
        var events = checkout.Path($"{Folder}/{system}.csv");
        File.Delete(image);
        var (status, said) = Start(Self(["build", Description(system), "-o", image]), checkout.Root);
        if (status != 0 || !File.Exists(image)) throw new BenchFailure($"rvm build {Description(system)} failed: {Last(said)}");
        var plugin = string.Join(',', [$"{Plugin},out={events}", GuestRange, Uart, .. points]);
        (status, said) = Start(["qemu-system-aarch64", .. Flags, "-plugin", plugin, "-kernel", image], checkout.Root);
        File.WriteAllText(Path.ChangeExtension(events, ".log"), said);
        if (status != 0) throw new BenchFailure($"{system}: QEMU ended with {status}, see {Folder}/{system}.log: {Last(said)}");
        var complaint = said.Split('\n').FirstOrDefault(line => line.Contains("FAILED", StringComparison.Ordinal));
        if (complaint != null) throw new BenchFailure(complaint.Trim());
        return new BenchRun(CountLog.Parse(File.ReadLines(events)), said);
    }

    /// <summary>This program itself, with other arguments.</summary>
    private static string[] Self(string[] arguments)
    {
        var host = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? [host, Path.Combine(AppContext.BaseDirectory, "rvm.dll"), .. arguments]
            : [host, .. arguments];
    }

    private static (int Status, string Said) Start(string[] command, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        }) ?? throw new BenchFailure($"cannot start {command[0]}");
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill(true);
            return (-1, $"{output.Result}{errors.Result}\nnot finished after {Patience.TotalSeconds} s");
        }
        return (process.ExitCode, output.Result + errors.Result);
    }

    private static string Last(string said) => said.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it said nothing";
}
