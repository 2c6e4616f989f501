using System.CommandLine;
using Rvm.Tool.Commands;

namespace Rvm.Tool.Proof;

/// <summary><c>rvm verify</c>: proves the specification, the proofs and the core.</summary>
public static class ProofCommands
{
    public const string StabilityFile = "artifacts/proof/stability.json", CrossCheckFile = "artifacts/proof/cross-check.json";

    public static Command Create()
    {
        var all = new Option<bool>("--all") { Description = "prove everything from nothing, without stamps and without remembered queries" };
        var vacuity = new Option<bool>("--vacuity") { Description = "instead, look for claims proved from contradictory assumptions, and for premises that no claim needs" };
        var seeds = new Option<int?>("--seeds") { Description = "instead, prove the most expensive obligations under N random seeds", HelpName = "N" };
        var crossCheck = new Option<string?>("--cross-check") { Description = "instead, ask another solver about the most expensive obligations: a program that speaks SMT-LIB 2 and answers -version", HelpName = "PROGRAM" };
        var heaviest = new Option<int>("--heaviest") { Description = "how many of them", HelpName = "M", DefaultValueFactory = _ => 20 };
        seeds.Validators.Add(result => { if (result.GetValueOrDefault<int?>() < 2) result.AddError("--seeds: at least 2"); });
        heaviest.Validators.Add(result => { if (result.GetValueOrDefault<int>() < 1) result.AddError("--heaviest: at least 1"); });
        var format = new Option<string>("--format") { Description = "text, or json for programs", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var paths = new Argument<string[]>("path") { Description = "Dafny files or folders to prove; none: everything", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("verify", "Prove everything that changed: specification, proofs and core.") { all, vacuity, seeds, crossCheck, heaviest, format, paths };
        command.SetAction(parsed => Run(
            parsed.GetValue(paths) ?? [],
            parsed.GetValue(seeds), parsed.GetValue(crossCheck), parsed.GetValue(heaviest),
            parsed.GetValue(vacuity) ? ProofMode.Vacuity : parsed.GetValue(all) ? ProofMode.All : ProofMode.Changed,
            parsed.GetValue(format) == "json"));
        return command;
    }

    /// <returns>0 proved, 1 not proved, 2 wrong use, 130 interrupted</returns>
    private static int Run(string[] paths, int? seeds, string? other, int heaviest, ProofMode mode, bool json)
    {
        using var stop = new Interruption();
        try
        {
            var checkout = Checkout.Find() ?? throw new ProverMissing($"no {Checkout.OptionsFile} here or above: run rvm inside a checkout");
            var sources = new SourceGraph(checkout);
            var files = Chosen(checkout, sources, paths);
            var options = ProverOptions.Read(checkout);
            var (log, terminal) = json ? (Console.Error, !Console.IsErrorRedirected) : (Console.Out, !Console.IsOutputRedirected);
            if (seeds != null || other != null)
            {
                var run = new StabilityRun(checkout, sources, options);
                var second = other == null ? null : options.Other(Path.GetFullPath(other));
                var steady = second == null ? run.Measure(files, seeds!.Value, heaviest, log, stop.Token) : run.CrossCheck(second, files, heaviest, log, stop.Token);
                var text = StabilityReport.Json(steady, (second ?? options).SolverName, sources.Digest, DateTimeOffset.UtcNow);
                File.WriteAllText(checkout.Path(second == null ? StabilityFile : CrossCheckFile), text);
                if (json) Console.Out.Write(text);
                else StabilityReport.Text(Console.Out, steady);
                return steady.Findings.Count == 0 ? 0 : 1;
            }
            var result = new ProofRun(checkout, sources, options, mode).Prove(files, log, terminal, stop.Token);
            if (json) ProofReport.Program(Console.Out, result);
            else ProofReport.Text(Console.Out, result);
            return result.Good ? 0 : 1;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("rvm verify: interrupted; what was proved so far stays proved");
            return Diagnostics.ExitCodes.Interrupted;
        }
        catch (ProverMissing missing)
        {
            Console.Error.WriteLine($"rvm verify: {missing.Message}");
            return 2;
        }
    }

    private static IReadOnlyList<string> Chosen(Checkout checkout, SourceGraph sources, string[] paths)
    {
        if (paths.Length == 0) return sources.Files;
        var chosen = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var relative = checkout.Relative(Path.GetFullPath(path));
            var found = sources.Files.Where(f => f == relative || f.StartsWith(relative + "/", StringComparison.Ordinal)).ToList();
            if (found.Count == 0) throw new ProverMissing($"{path}: no Dafny file of {string.Join(", ", Checkout.ProofFolders)}");
            chosen.UnionWith(found);
        }
        return [.. chosen];
    }
}
