using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Tool.Commands;

namespace Rvm.Tool.Policies;

/// <summary><c>rvm policy check</c>: proves what can be proved about a policy before it boots.</summary>
internal static class PolicyCheckCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var (file, system, format, timeout) = (PolicyCommands.File(), PolicyCommands.System(), PolicyInputs.Format("text", "json", "sarif"),
            PolicyInputs.Timeout());
        var command = new Command("check",
            "Check a policy with two solvers: every rule can fire, every assertion and every built-in check holds.")
        {
            file, system, format, timeout,
        };
        command.SetAction(r => Run(r.GetValue(file)!, r.GetValue(system), r.GetValue(format)!, r.GetValue(timeout)));
        return command.WithHelp(
            "Every question and both answers are kept under artifacts/policy/NAME.\n"
            + "Exit status: 0 good, perhaps with warnings; 1 errors were found, or the solvers do not agree; 2 the policy or the command line "
            + "is wrong.",
            "rvm policy check tenants.rvmp", "rvm policy check tenants.rvmp --system systems/tenants.yaml",
            "rvm policy check tenants.rvmp --format sarif > tenants.sarif");
    }

    private static int Run(string file, string? system, string format, double timeout)
    {
        var bag = new DiagnosticBag();
        if (PolicyCommands.Load(file, system, bag) is not { } policy) return PolicyInputs.Refused(bag, format);
        var (others, words) = (Others(policy, system, bag), PolicyInputs.Words(policy, bag));
        if (words is null || bag.HasErrors) return PolicyInputs.Refused(bag, format);
        if (format == "text") Output.Diagnostics(bag, quote: true);
        var folder = PolicyInputs.Folder(policy.Name);
        var input = new CheckInput(SystemFacts.Of(policy, PolicyInputs.WithVirtio(system)), others, VerifiedEvaluator.Find(), words);
        using var interruption = new Interruption();
        using var panel = PolicyInputs.Solvers(timeout, folder);
        CheckReport report;
        try
        {
            report = PolicyChecker.Check(policy, input, panel, PolicyInputs.Progress(), interruption.Token);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }

        File.WriteAllText(Path.Combine(folder, "report.json"), Output.JsonText(CheckWriter.Json(report)) + "\n");
        if (format == "json") Output.Json(CheckWriter.Json(report));
        else if (format == "sarif") Console.Out.WriteLine(PolicySarif.Of(report));
        else CheckWriter.Print(report, folder);
        return report.Passed ? ExitCodes.Good : ExitCodes.Finding;
    }

    private static Dictionary<string, BoundPolicy> Others(BoundPolicy policy, string? system, DiagnosticBag bag)
    {
        Dictionary<string, BoundPolicy> others = [];
        foreach (var assertion in policy.Assertions.OfType<UnchangedAssertion>().DistinctBy(a => a.Path))
            if (PolicyCommands.Load(assertion.Path, system, bag) is { } other) others[assertion.Path] = other;
            else bag.Error(assertion.Place, $"the policy {assertion.Path} cannot be compared with", "mend it, or name another");
        return others;
    }
}
