using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Model.Configurations;
using Rvm.Model.Reports;
using Rvm.Model.Search;

namespace Rvm.Model;

/// <summary>The model checker's command line. Exit status: 0 everything holds, 1 a violation, 2 wrong usage.</summary>
public static class Program
{
    public static int Main(string[] args) => Run(args, Console.Out, Console.Error);

    public static int Run(string[] args, TextWriter output, TextWriter errors)
    {
        try
        {
            var result = Root(output, errors).Parse(args);
            return result.Errors.Count == 0
                ? result.Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false })
                : throw new UserErrorException(result.Errors[0].Message, "see --help");
        }
        catch (UserErrorException e)
        {
            errors.WriteLine($"rvm-model: {e.Message}{(e.Mend == "" ? "" : $"\n    mend: {e.Mend}")}");
            return e.ExitCode;
        }
    }

    private static RootCommand Root(TextWriter output, TextWriter errors)
    {
        Argument<string[]> names = new("configuration") { Description = "which to explore; default: all", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> list = new("--list") { Description = "say what there is, and explore nothing" };
        Option<int> workers = new("--workers") { Description = "cores to use", DefaultValueFactory = _ => Math.Min(2, Environment.ProcessorCount) };
        Option<int> depth = new("--depth") { Description = "explore only what so many events reach", DefaultValueFactory = _ => int.MaxValue };
        Option<int> states = new("--states") { Description = "stop after the layer in which so many states are found", DefaultValueFactory = _ => int.MaxValue };
        Option<int?> compare = new("--compare") { Description = "compare the specification's Step with the core on every N-th transition; 0: never" };
        Option<bool> exact = new("--exact") { Description = "without reductions: states that differ only in time, generations or places count apart (needs --depth)" };
        Option<int?> random = new("--random") { Description = "take so many random walks instead of exploring" };
        Option<int> length = new("--length") { Description = "most events of a walk", DefaultValueFactory = _ => 1000 };
        Option<ulong> seed = new("--seed") { Description = "of the random walks; the same seed gives the same walks", DefaultValueFactory = _ => 20_261_128 };
        Option<string> format = new("--format") { Description = "text or json", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        RootCommand root = new("Explores every state that the verified core reaches in small configurations (docs/testing.md).") { names, list, workers, depth, states, compare, exact, random, length, seed, format };
        root.SetAction(r =>
        {
            var chosen = Chosen(r.GetValue(names) ?? []);
            if (r.GetValue(list)) return List(chosen, output);
            if (r.GetValue(exact) && r.GetValue(depth) == int.MaxValue) throw new UserErrorException("--exact without --depth would never end: time goes on for ever", "add --depth 6 or so");
            if (r.GetValue(workers) < 1) throw new UserErrorException("--workers must be at least 1", "use --workers 2");
            var all = chosen.Select(c => c with
            {
                MostDepth = Math.Min(c.MostDepth, r.GetValue(depth)),
                AgreementEvery = r.GetValue(compare) ?? c.AgreementEvery,
                Reductions = r.GetValue(exact) ? Reductions.None : c.Reductions,
            });
            return Search(all, c => (r.GetValue(random) ?? c.Walks) is > 0 and var walks
                ? new RandomWalks(c, r.GetValue(seed), walks, r.GetValue(length)).Run()
                : new Explorer(c, r.GetValue(workers)) { MostStates = r.GetValue(states), Progress = Progress(c, errors) }.Run(), r.GetValue(format) == "json", output);
        });
        return root;
    }

    private static List<Configuration> Chosen(string[] names)
    {
        foreach (var name in names.Where(n => Catalogue.All.All(c => c.Name != n)))
            throw new UserErrorException($"there is no configuration `{name}`", Suggest.OneOf(name, [.. Catalogue.All.Select(c => c.Name)]));
        return [.. Catalogue.All.Where(c => names.Length == 0 || names.Contains(c.Name))];
    }

    private static int List(IEnumerable<Configuration> all, TextWriter output)
    {
        foreach (var c in all)
            output.WriteLine($"{c.Name,-14}{c.Size.Partitions} partitions, {c.Frames} frames, {c.Size.Slots} slots each, {c.Size.Edges} edges: {c.Shows}");
        return ExitCodes.Good;
    }

    /// <summary>Says on a terminal how far the search is.</summary>
    private static Action<int, int, int>? Progress(Configuration c, TextWriter errors) =>
        ReferenceEquals(errors, Console.Error) && !Console.IsErrorRedirected ? (depth, _, found) => errors.Write($"\r{c.Name}: depth {depth}, {found:n0} states \e[K\r") : null;

    private static int Search(IEnumerable<Configuration> all, Func<Configuration, Outcome> search, bool json, TextWriter output)
    {
        List<Outcome> outcomes = [];
        if (!json) output.WriteLine(Report.Header);
        foreach (var c in all)
        {
            outcomes.Add(search(c));
            if (json) continue;
            output.WriteLine(Report.Row(outcomes[^1]));
            output.Flush();
        }

        if (json) output.WriteLine(Report.AsJson(outcomes));
        else
            foreach (var line in outcomes.SelectMany(o => Report.Counterexample(o).Concat(Report.Warnings(o)))) output.WriteLine(line);
        return outcomes.Exists(o => o.Violation is not null) ? ExitCodes.Finding : ExitCodes.Good;
    }
}
