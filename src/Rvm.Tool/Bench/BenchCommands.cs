using System.Collections.Concurrent;
using System.CommandLine;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Bench;

/// <summary><c>rvm bench</c>: measures the kernel in retired instructions, beside its bounds and its peers.</summary>
public static class BenchCommands
{
    private const string Result = "artifacts/bench.json";
    private const int Processes = 2;
    private const double Tolerance = 0.02;

    public static Command Create()
    {
        var allow = new Option<bool>("--allow-miss") { Description = "report figures beyond their bound without failing" };
        var format = new Option<string>("--format") { Description = "text, or json for programs", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var hvf = new Commands.HvfOptions();
        var command = new Command("bench", "Measure hypercalls, switches, boot and witness log in retired instructions on QEMU; with --platform hvf, operations in µs.") { allow, format, hvf.Platform, hvf.Library, hvf.Granule };
        command.SetAction(parsed => hvf.Host(parsed) is { } host ? HvfBench.Run(host, parsed.GetValue(format) == "json") : Run(parsed.GetValue(allow), parsed.GetValue(format) == "json"));
        return command;
    }

    /// <returns>0 every bound met, 1 a bound missed or a run failed, 2 wrong use</returns>
    private static int Run(bool allowMiss, bool json)
    {
        try
        {
            var checkout = Checkout.Find() ?? throw new BenchFailure($"no {Checkout.OptionsFile} here or above: run rvm inside a checkout");
            if (!File.Exists(checkout.Path(BenchMachine.Kernel))) throw new BenchFailure($"{BenchMachine.Kernel} is missing; `make build` makes it");
            var figures = Measure(checkout);
            File.WriteAllText(checkout.Path(Result), BenchReport.Json(figures));
            Console.Out.WriteLine(json ? BenchReport.Json(figures) : BenchReport.Text(figures));
            if (!json) Console.Out.WriteLine($"written: {Result}");
            return figures.Any(f => f.Problem != null) || (!allowMiss && figures.Any(f => !f.Met)) ? 1 : 0;
        }
        catch (BenchFailure failure)
        {
            Console.Error.WriteLine($"rvm bench: {failure.Message}");
            return 2;
        }
    }

    private static List<BenchFigure> Measure(Checkout checkout)
    {
        var (machine, peers) = (new BenchMachine(checkout), Peers.Read(checkout));
        machine.Prepare();
        var symbols = new KernelSymbols(checkout.Path(BenchMachine.Kernel));
        var points = BenchRows.Functions.SelectMany(symbols.Points).ToList();
        var runs = RunAll(checkout, machine, points);
        var rows = BenchRows.All.Select(row => Figure(row, runs[row.System], peers));
        return [.. rows, TextSize(symbols)];
    }

    private static ConcurrentDictionary<string, (BenchRun Run, string? Problem)> RunAll(
        Checkout checkout, BenchMachine machine, List<string> points)
    {
        var runs = new ConcurrentDictionary<string, (BenchRun, string?)>();
        var systems = BenchRows.All.Select(r => r.System).Distinct();
        Parallel.ForEach(systems, new ParallelOptions { MaxDegreeOfParallelism = Processes }, system =>
        {
            try
            {
                var there = File.Exists(checkout.Path(BenchMachine.Description(system)));
                runs[system] = there ? (machine.Run(system, points), null) : (new BenchRun([], ""), $"{BenchMachine.Description(system)} is missing");
            }
            catch (BenchFailure failure)
            {
                runs[system] = (new BenchRun([], ""), failure.Message);
            }
        });
        return runs;
    }

    private static BenchFigure Figure(BenchRow row, (BenchRun Run, string? Problem) run, ILookup<string, PeerFigure> peers)
    {
        var measured = Distribution.Of(row.Probe.Samples(run.Run.Events));
        var counter = row.Report == null ? null : run.Run.Report(row.Report) / row.Probe.Steps;
        var figures = row.PeerMetric == null ? [] : peers[row.PeerMetric].ToList();
        var problem = run.Problem ?? (measured == null ? "the run did not reach it" : Disagreement(row, measured, counter));
        return new BenchFigure(row.Id, row.Title, "instructions", measured, counter, row.Bound,
            figures.Find(Peers.IsFloor)?.Instructions, [.. figures.Where(f => !Peers.IsFloor(f))], problem);
    }

    /// <summary>Two independent ways to count have to give the same: a difference is hidden work, or a wrong probe.</summary>
    private static string? Disagreement(BenchRow row, Distribution measured, double? counter) =>
        row.Report == null ? null
        : counter == null ? "the guest did not report it"
        : Math.Abs(counter.Value - measured.Mode) > Math.Max(1, measured.Mode * Tolerance) ? "the guest's own clock disagrees"
        : null;

    private static BenchFigure TextSize(KernelSymbols symbols)
    {
        var bytes = symbols.TextBytes();
        var size = bytes is { } n ? new Distribution(n, n, n, n, 1) : null;
        return new BenchFigure("text", "image .text", "bytes", size, null, BenchRows.TextBytes, null, [], size == null ? "no section .text" : null);
    }
}
