using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Tool.Commands;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Coverage;

/// <summary><c>rvm coverage</c>: what the tests reach of the core and of the kernel, and why not the rest.</summary>
public static class CoverageCommands
{
    private const string Result = "artifacts/coverage/coverage.json";
    private const double LeastBranches = 95, LeastInstructions = 80;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Create()
    {
        var part = new Argument<string>("part") { Description = "core: branches of the generated core in the host tests; kernel: instructions of the image in boots; all", DefaultValueFactory = _ => "all" };
        part.AcceptOnlyFromAmong("core", "kernel", "all");
        var systems = new Option<string[]>("--system") { Description = "Systems to boot (default: all of systems/)", HelpName = "SYSTEM.yaml", AllowMultipleArgumentsPerToken = true };
        var format = CommandLine.Format();
        var command = new Command("coverage", "Measure which branches of the core and which instructions of the kernel the tests reach.") { part, systems, format };
        command.SetAction(parsed => Run(parsed.GetValue(part)!, parsed.GetValue(systems) ?? [], parsed.GetValue(format) == "json"));
        return command;
    }

    /// <returns>0 enough is reached and the rest is explained in tests/unreached.yaml, 1 it is not</returns>
    private static int Run(string part, string[] systems, bool json)
    {
        var checkout = Checkout.Find() ?? throw new UserErrorException($"no {Checkout.OptionsFile} here or above", "run rvm inside a checkout");
        var reasons = Unreached.Read(checkout);
        if (systems.Length == 0) systems = [.. checkout.Files("systems", ".yaml").Where(f => f.Count(c => c == '/') == 1)];
        List<CoverageResult> results = [];
        if (part != "kernel") results.Add(CoverageResult.Of("core", "branches", LeastBranches, new HostCoverage(checkout).Measure(), reasons));
        if (part != "core") results.Add(CoverageResult.Of("kernel", "instructions", LeastInstructions, new ImageCoverage(checkout).Measure(systems), reasons));
        File.WriteAllText(checkout.Path(Result), JsonSerializer.Serialize(results, Json));
        Console.Out.WriteLine(json ? JsonSerializer.Serialize(results, Json) : string.Join('\n', results.Select(Text)));
        return results.All(r => r.IsGood) ? ExitCodes.Good : ExitCodes.Finding;
    }

    /// <summary>The figure, then what is not reached, with its reason.</summary>
    public static string Text(CoverageResult result)
    {
        List<string> lines = [string.Create(CultureInfo.InvariantCulture, $"{result.Part}: {result.Count} of {result.All} {result.Unit}, {result.Percent:f2} % (at least {result.Least} %), in {result.Symbols.Count} symbols")
            + (result.Guards > 0 ? $"; besides {result.Guards} that only a failed range check executes, which the proof excludes" : "")];
        if (result.Copies > 0) lines.Add($"  {result.Copies} of those not reached are copies of code that the compiler makes for a joint check of indices that fails, which the proof excludes");
        foreach (var s in result.Symbols.Where(s => s.NeedsReason))
            lines.Add($"  {(s.IsFinding ? "FINDING " : "")}{s.Symbol}: {s.Count} of {s.All}, not {string.Join(", ", s.Places.Take(6))}{(s.Places.Count > 6 ? ", …" : "")}: {s.Why ?? "nothing says why: reach it, or add it to " + Unreached.File}");
        lines.AddRange(result.Stale.Select(r => $"  FINDING {Unreached.File}:{r.Line}: {r.Symbol} is reached, or does not exist: remove the entry"));
        return string.Join('\n', lines);
    }
}
