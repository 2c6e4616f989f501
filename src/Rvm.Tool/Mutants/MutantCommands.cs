using System.CommandLine;
using System.Diagnostics;
using Rvm.Tool.Commands;
using Rvm.Diagnostics;
using Rvm.Tool.Mutants.Generated;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants;

/// <summary><c>rvm mutants</c>: does the proof notice when the kernel, its specification or a platform contract is wrong?</summary>
public static class MutantCommands
{
    private const string Results = "artifacts/mutants";

    public static Command Create()
    {
        var ids = new Argument<string[]>("id") { Description = "Mutants to try; none: the whole list. A name with slashes is that of a generated one", Arity = ArgumentArity.ZeroOrMore };
        var generate = new Option<int>("--generate") { Description = "Draw so many generated mutants instead: systematic mistakes in the core, the specification and the platform's contracts", HelpName = "N" };
        var seed = new Option<int>("--seed") { Description = "Which ones are drawn", DefaultValueFactory = _ => 1, HelpName = "S" };
        var layers = new Option<string>("--layers") { Description = "What a generated mutant meets that is still proved", DefaultValueFactory = _ => "all" };
        layers.AcceptOnlyFromAmong("proof", "differential", "all");
        var jobs = new Option<int>("--jobs") { Description = "Generated mutants tried at a time", DefaultValueFactory = _ => Math.Min(2, Environment.ProcessorCount), HelpName = "N" };
        var limit = new Option<double?>("--minutes") { Description = "Begin no generated mutant after so many minutes", HelpName = "M" };
        var list = new Option<bool>("--list") { Description = "With --generate: only print what would be tried" };
        var format = CommandLine.Format();
        var command = new Command("mutants", $"Try the deliberate mistakes of {MutantList.Folder}, or generated ones: the proof has to refute each of them.")
        {
            ids, generate, seed, layers, jobs, limit, list, format,
        };
        command.SetAction(parsed =>
        {
            var (named, count, json) = (parsed.GetValue(ids) ?? [], parsed.GetValue(generate), parsed.GetValue(format) == "json");
            if (count < 0 || parsed.GetValue(jobs) is < 1 or > 64) throw new UserErrorException("--generate and --jobs are numbers of mutants", "write, for example, --generate 200 --jobs 2");
            if (count == 0 && !named.Any(id => id.Contains('/', StringComparison.Ordinal))) return RunHere((c, stop) => Run(c, named, json, Console.Out, Console.Error, stop));
            if (count > 0 && named.Length > 0) throw new UserErrorException("--generate draws mutants, and names choose them", "leave out the one or the other");
            var which = parsed.GetValue(layers);
            var request = new GenerationRequest(count, parsed.GetValue(seed), named, new(which != "proof", which == "all"), parsed.GetValue(jobs), parsed.GetValue(list),
                parsed.GetValue(limit) is { } m ? TimeSpan.FromMinutes(m) : null);
            return RunHere((c, stop) => GeneratedCommand.Run(c, request, json, Console.Out, Console.Error, stop));
        });
        return command;
    }

    private static int RunHere(Func<Checkout, CancellationToken, int> run)
    {
        using var stop = new Interruption();
        try
        {
            var checkout = Checkout.Find() ?? throw new ProverMissing($"no {Checkout.OptionsFile} here or above: run rvm inside a checkout");
            return run(checkout, stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("rvm mutants: interrupted");
            return ExitCodes.Interrupted;
        }
        catch (ProverMissing missing)
        {
            throw new UserErrorException(missing.Message, "");
        }
    }

    /// <returns>0 every mutant is refuted or at least not proved, 1 some are, 2 the list does not fit the sources, or a mutant is no program</returns>
    public static int Run(Checkout checkout, IReadOnlyList<string> ids, bool json, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        using var tree = new MutantTree(checkout);
        var bag = new DiagnosticBag();
        var list = new MutantList(checkout, bag);
        var all = list.Read();
        if (all.Count == 0 && !bag.HasErrors) throw new UserErrorException($"{MutantList.Folder} holds no mutants", "run rvm inside a checkout that has the list");
        foreach (var id in ids.Where(id => all.All(m => m.Id != id)))
            throw new UserErrorException($"no mutant is called `{id}`", Suggest.OneOf(id, [.. all.Select(m => m.Id)]));
        List<Mutant> chosen = [.. all.Where(m => ids.Count == 0 || ids.Contains(m.Id))];
        list.Check(ids.Count == 0 ? all : chosen, tree.Sources);
        if (bag.HasErrors)
        {
            foreach (var d in bag.All) errors.WriteLine($"{d.Place}: error: {d.Message}\n    mend: {d.Mend}");
            return ExitCodes.Usage;
        }

        var (clock, done, progress) = (Stopwatch.StartNew(), 0, json ? errors : output);
        var results = new MutantRun(checkout, tree, ProverOptions.Read(checkout)).Prove(chosen, result =>
        {
            lock (progress) progress.WriteLine(MutantReport.Line(result, ++done, chosen.Count));
        }, cancel);
        if (json) output.Write(MutantReport.Json(results, tree.Sources));
        else MutantReport.Text(output, results, clock.Elapsed);
        if (ids.Count == 0) Keep(checkout, results, tree.Sources, json ? errors : output);
        return results.Max(r => r.Fate) switch { <= Fate.NotProved => ExitCodes.Good, Fate.Wrong => ExitCodes.Usage, _ => ExitCodes.Finding };
    }

    private static void Keep(Checkout checkout, IReadOnlyList<MutantResult> results, SourceGraph sources, TextWriter output)
    {
        Directory.CreateDirectory(checkout.Path(Results));
        File.WriteAllText(checkout.Path($"{Results}/mutants.json"), MutantReport.Json(results, sources));
        File.WriteAllText(checkout.Path($"{Results}/mutants.md"), MutantReport.Markdown(results));
        output.WriteLine($"written: {Results}/mutants.json, {Results}/mutants.md");
    }
}
