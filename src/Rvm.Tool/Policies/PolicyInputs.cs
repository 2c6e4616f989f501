using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Policy;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Policy.Smt;
using Rvm.Policy.Table;
using Rvm.Tool.Commands;
using Rvm.Tool.Planning;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Policies;

/// <summary>What the policy commands have in common: options, files, solvers, progress.</summary>
internal static class PolicyInputs
{
    private const double LongestQuestion = 3600;

    /// <summary><c>--format</c> with the given words; the first is the default.</summary>
    public static Option<string> Format(params string[] formats)
    {
        var option = new Option<string>("--format") { Description = "How to print the result", DefaultValueFactory = _ => formats[0] };
        option.AcceptOnlyFromAmong(formats);
        return option;
    }

    /// <summary><c>--timeout SECONDS</c> for one question.</summary>
    public static Option<double> Timeout()
    {
        var option = new Option<double>("--timeout")
        {
            Description = "Seconds that a solver may think about one question", DefaultValueFactory = _ => 60, HelpName = "SECONDS",
        };
        option.Validators.Add(r =>
        {
            if (r.Tokens.Count == 1 && double.TryParse(r.Tokens[0].Value, global::System.Globalization.CultureInfo.InvariantCulture, out var seconds)
                && seconds is <= 0 or > LongestQuestion)
                r.AddError($"--timeout is a number of seconds above 0 and at most {LongestQuestion}");
        });
        return option;
    }

    /// <summary>Partitions that own a device region among the virtio registers; null without a system.</summary>
    public static IReadOnlyCollection<int>? WithVirtio(string? system)
    {
        var unused = new DiagnosticBag();
        if (system is null || DescriptionReader.FromFile(system, unused) is not { } description) return null;
        return [.. Expansion.Of(description, unused).All.Where(p => p.Entry.Regions.Any(IsVirtio)).Select(p => p.Id)];
    }

    private static bool IsVirtio(RegionEntry region) =>
        region is { Policy: RegionPolicy.Device, Address: { } address }
        && address.Value <= SystemFacts.VirtioLast && address.Value + region.Size.Value > SystemFacts.VirtioFirst;

    /// <summary>The words that the kernel gets; null when errors were reported.</summary>
    public static ulong[]? Words(BoundPolicy policy, DiagnosticBag bag) =>
        TableCompiler.Compile(policy, bag) is { } table ? TableCodec.Encode(table) : null;

    /// <summary>Where questions and answers about a policy are kept.</summary>
    public static string Folder(string name) =>
        Path.Combine(Workspace.Root, "artifacts", "policy",
            string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')));

    /// <summary>Both solvers.</summary>
    public static SolverPanel Solvers(double timeout, string folder)
    {
        var limit = TimeSpan.FromSeconds(timeout);
        try
        {
            return new SolverPanel([new SolverProcess(SolverProgram.Z3(), limit), new SolverProcess(SolverProgram.Cvc5(), limit)], folder);
        }
        catch (SolverMissingException e)
        {
            throw new UserErrorException(e.Message, "run `make setup`");
        }
    }

    /// <summary>Shows on a terminal what is being checked.</summary>
    public static Action<int, int, string> Progress() => Console.IsErrorRedirected
        ? (_, _, _) => { }
        : (done, all, what) =>
        {
            var text = $"[{done}/{all}] {what}";
            Console.Error.Write("\r\x1b[K" + (done + 1 >= all ? "" : text[..Math.Min(text.Length, Math.Max(20, Console.WindowWidth - 1))]));
        };

    /// <summary>Prints what stands in the way of a command.</summary>
    public static int Refused(DiagnosticBag bag, string format)
    {
        if (format == "json") Output.Json(new { Ok = false, Diagnostics = Output.ToJson(bag) });
        else if (format == "sarif") Console.Out.WriteLine(PolicySarif.Of(bag.All));
        else Output.Diagnostics(bag, quote: true);
        return ExitCodes.Usage;
    }
}
