using System.CommandLine;
using System.CommandLine.Parsing;
using Rvm.Tool.Bundle;
using Rvm.Diagnostics;
using Rvm.Tool.Image;
using Rvm.Tool.Policies;
using Rvm.Tool.Run;
using Rvm.Tool.Run.Hvf;
using Rvm.Tool.SystemDescription;
using Rvm.Tool.Witness;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm run</c>: boots a system in QEMU, or runs it on Hypervisor.framework.</summary>
public sealed class RunCommand
{
    private readonly Argument<string> _system = new("SYSTEM.yaml|IMAGE.elf") { Description = "A system description, which is built first, or a built image" };
    private readonly Option<int> _smp = new("--smp") { Description = "Cores of the machine, 1 to 8", DefaultValueFactory = _ => 1, HelpName = "N" };
    private readonly Option<double> _timeout = new("--timeout") { Description = "Seconds that the run may take", DefaultValueFactory = _ => 60, HelpName = "SECONDS" };
    private readonly Option<string?> _witness = new("--witness") { Description = "Save the witness log here, and the system's policies in FILE.policies", HelpName = "FILE" };
    private readonly Option<string?> _memory = new("--memory") { Description = "RAM of the machine (default: what the description says, or 1GiB)", HelpName = "SIZE" };
    private readonly Option<bool> _icount = new("--icount") { Description = "Let time follow executed instructions (QEMU -icount shift=0): runs repeat exactly" };
    private readonly HvfOptions _hvf = new();
    private readonly Option<string?> _kernel = CommandLine.Kernel();
    private readonly Option<string> _format = CommandLine.Format();
    private readonly Argument<string[]> _extra = new("qemu-arguments") { HelpName = "-- qemu-arguments", Description = "After `--`: further arguments for QEMU", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new RunCommand();
        var command = new Command("run", "Boot a system in QEMU, or run it on Apple's Hypervisor.framework, with a live console; ends when all partitions have ended.")
        {
            run._system, run._hvf.Platform, run._hvf.Library, run._hvf.Granule, run._smp, run._timeout, run._witness, run._memory, run._icount, run._kernel, run._format, run._extra,
        };
        command.SetAction((result, cancel) => run.Run(result, cancel));
        return command.WithHelp(
            "Each console line is prefixed by its partition; lines that begin with RVM are the kernel's.\n"
            + "Exit status: 0 all partitions ended; 1 kernel fault, refused boot, other halt, time-out, QEMU missing or dead;\n2 errors in the description or the command line; 130 interrupted.",
            "rvm run systems/hello.yaml", "rvm run systems/pingpong.yaml --witness w.bin && rvm witness verify w.bin",
            "rvm run systems/crowd.yaml --smp 4 --timeout 120",
            "rvm run systems/hello.yaml --platform hvf", "rvm run artifacts/systems/hello/hello.elf -- -d int -D qemu.log");
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancel)
    {
        CheckUsage(result);
        var bag = new DiagnosticBag();
        var json = result.GetValue(_format) == "json";
        var path = result.GetValue(_system)!;
        if (_hvf.Host(result) is { } host) return await OnHvf(result, host, path, bag, json, cancel);
        var (image, memory) = Prepare(path, result.GetValue(_kernel), bag);
        if (!json || image is null) Output.Diagnostics(bag);
        if (image is null) return Mistakes(bag, json);
        memory = Memory(result) ?? memory;
        var options = new QemuOptions(image, result.GetValue(_smp), memory, TimeSpan.FromSeconds(result.GetValue(_timeout)),
            result.GetValue(_witness), result.GetValue(_icount), result.GetValue(_extra) ?? []);
        var outcome = await Follow(json, cancel, (show, stop) => QemuRun.Start(options, show, stop));
        if (outcome.Saved is not null) ActivePolicy.Keep(options.Witness!, PolicyTables.OfImage(image));
        Report(outcome, options.Witness, outcome is { End: RunEnd.BootRefused, Refusal: { } r } ? BuildService.Companion(image)?.Commands.FirstOrDefault(c => c.Index == r.Command) : null, json);
        return outcome.ExitCode;
    }

    private async Task<int> OnHvf(ParseResult result, HvfHost host, string path, DiagnosticBag bag, bool json, CancellationToken cancel)
    {
        if (result.GetResult(_icount)?.Implicit == false || result.GetResult(_smp)?.Implicit == false || result.GetValue(_kernel) is not null || result.GetValue(_extra) is { Length: > 0 })
            throw new UserErrorException("--smp, --icount, --kernel and arguments for QEMU go with --platform qemu", "leave them out");
        if (IsImage(path)) throw new UserErrorException($"{path} is an image for EL2", "name the system description");
        var facts = host.Facts();
        var plan = Planning.Planner.FromFile(path, bag);
        if (plan is not null) HvfRules.Check(plan, facts, bag);
        if (!json || plan is null || bag.HasErrors) Output.Diagnostics(bag);
        if (plan is null || bag.HasErrors) return Mistakes(bag, json);
        var bundle = BundleBuilder.Build(HvfRules.Scale(plan, facts.Hertz));
        var file = Path.Combine(Workspace.SystemDirectory(plan.Name), plan.Name + ".hvf.bundle");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, BundleCodec.ToBytes(bundle.Words), cancel);
        var witness = result.GetValue(_witness);
        var timeout = TimeSpan.FromSeconds(result.GetValue(_timeout));
        var outcome = await Follow(json, cancel, (show, stop) => HvfRun.Start(host, file, Memory(result) ?? plan.Memory, timeout, witness, show, stop));
        Report(outcome, witness, outcome is { End: RunEnd.BootRefused, Refusal: { } r } ? bundle.Origins.FirstOrDefault(c => c.Index == r.Command) : null, json);
        return outcome.ExitCode;
    }

    private ulong? Memory(ParseResult result) =>
        result.GetValue(_memory) is not { } size ? null
        : Units.Size(size, out var mend) is { } bytes and >= 1 << 20 ? bytes : throw new UserErrorException($"--memory {size} is not a size", mend);

    private static int Mistakes(DiagnosticBag bag, bool json)
    {
        if (json) Output.Json(new { Ok = false, Diagnostics = Output.ToJson(bag) });
        return ExitCodes.Usage;
    }

    private void CheckUsage(ParseResult result)
    {
        var extra = result.GetValue(_extra)?.Length ?? 0;
        var after = result.Tokens.SkipWhile(t => t.Type != TokenType.DoubleDash).Count() - 1;
        if (extra > Math.Max(after, 0)) throw new UserErrorException($"unknown argument `{result.GetValue(_extra)![0]}`", "see `rvm run --help`; arguments for QEMU go after `--`");
        if (result.GetValue(_smp) is < 1 or > 8) throw new UserErrorException($"--smp {result.GetValue(_smp)} is out of range", "write a number between 1 and 8");
        if (result.GetValue(_timeout) is not (> 0 and <= 1_000_000)) throw new UserErrorException("--timeout must be a positive number of seconds", "write, for example, --timeout 60");
        if (result.GetValue(_witness) is { } file && Path.GetDirectoryName(Path.GetFullPath(file)) is { } directory && !Directory.Exists(directory))
            throw new UserErrorException($"the directory of --witness {file} does not exist", $"create it: mkdir -p {directory}");
    }

    private static (string? Image, ulong Memory) Prepare(string path, string? kernel, DiagnosticBag bag)
    {
        if (!IsImage(path))
            return BuildService.Build(path, null, kernel, bag) is { } built ? (built.ImagePath, built.Plan.Memory) : (null, 0);
        if (kernel is not null) throw new UserErrorException("--kernel goes with a description, not with a built image", "leave it out, or name the description");
        try
        {
            ElfFile.Parse(File.ReadAllBytes(path));
        }
        catch (ImageException e)
        {
            bag.Error(Place.Whole(path), e.Message, e.Mend);
            return (null, 0);
        }

        return (path, BuildService.Companion(path)?.Memory ?? 1UL << 30);
    }

    private static bool IsImage(string path)
    {
        if (!File.Exists(path)) return false;
        Span<byte> magic = stackalloc byte[4];
        using var file = File.OpenRead(path);
        return file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && ElfFile.IsElf(magic);
    }

    private static async Task<RunOutcome> Follow(bool json, CancellationToken cancel, Func<Action<ConsoleLine>, CancellationToken, Task<RunOutcome>> start)
    {
        using var stop = new Interruption(cancel);
        var console = new ConsolePrinter(json ? Console.Error : Console.Out, colours: !json && !Console.IsOutputRedirected);
        return await start(console.Print, stop.Token);
    }

    private static void Report(RunOutcome outcome, string? witness, CommandOrigin? origin, bool json)
    {
        if (json)
        {
            Output.Json(new
            {
                Ok = outcome.ExitCode == ExitCodes.Good, outcome.End, outcome.Message, outcome.Seconds, Status = outcome.Halt?.Status,
                Records = outcome.Halt?.Records, WitnessFile = outcome.Saved is null ? null : witness, WitnessRecords = outcome.Saved,
                RefusedCommand = outcome.Refusal?.Command, RefusedStatus = outcome.Refusal?.Status, RefusedAt = origin?.Place, RefusedWhat = origin?.Text, outcome.LastLines,
            });
            return;
        }

        if (outcome.Saved is { } saved) Output.ErrorLine($"rvm: {saved} witness records in {Markup.Escape(witness!)}");
        if (outcome.ExitCode == ExitCodes.Good) return;
        Output.ErrorLine($"rvm: [red]{Markup.Escape(outcome.Message)}[/]");
        if (origin is not null) Output.ErrorLine($"{Markup.Escape(origin.Place.ToString())}: [red]error[/]: the kernel refused the {Markup.Escape(origin.Text)}: {Names.Status(outcome.Refusal!.Status)}");
        if (outcome.End is RunEnd.Timeout or RunEnd.QemuDied or RunEnd.HostDied)
            foreach (var line in outcome.LastLines) Output.ErrorLine("    " + Markup.Escape(line));
    }
}
