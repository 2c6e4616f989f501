using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Tool.Commands;
using Spectre.Console;

namespace Rvm.Tool.Policies;

/// <summary><c>rvm policy diff</c>: the requests that two policies decide differently.</summary>
internal static class PolicyDiffCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var (old, changed) = (new Argument<string>("OLD") { Description = "The policy before" },
            new Argument<string>("NEW") { Description = "The policy after" });
        var (system, format, timeout) = (PolicyCommands.System(), PolicyInputs.Format("text", "json"), PolicyInputs.Timeout());
        var command = new Command("diff", "Show the requests whose decision changes, one of each class: call, rule before, rule after.")
        {
            old, changed, system, format, timeout,
        };
        command.SetAction(r => Run(r.GetValue(old)!, r.GetValue(changed)!, r.GetValue(system), r.GetValue(format)!, r.GetValue(timeout)));
        return command.WithHelp(
            "Exit status: 0 nothing became more permissive; 1 something did, or the solvers do not agree; 2 a policy or the command line is wrong.",
            "rvm policy diff old.rvmp new.rvmp", "rvm policy diff old.rvmp new.rvmp --format json | jq '.changes[].request.text'");
    }

    private static int Run(string oldFile, string newFile, string? system, string format, double timeout)
    {
        var bag = new DiagnosticBag();
        var (old, changed) = (PolicyCommands.Load(oldFile, system, bag), PolicyCommands.Load(newFile, system, bag));
        if (old is null || changed is null) return PolicyInputs.Refused(bag, format);
        var (oldWords, newWords) = (PolicyInputs.Words(old, bag), PolicyInputs.Words(changed, bag));
        if (oldWords is null || newWords is null) return PolicyInputs.Refused(bag, format);
        using var interruption = new Interruption();
        using var panel = PolicyInputs.Solvers(timeout, PolicyInputs.Folder(changed.Name + "-diff"));
        DiffReport report;
        try
        {
            var tables = VerifiedEvaluator.Find() is { } evaluator ? ((IEvaluator, ulong[], ulong[])?)(evaluator, oldWords, newWords) : null;
            report = PolicyDiff.Compare(old, changed, tables, panel, PolicyInputs.Progress(), interruption.Token);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }

        if (format == "json") Output.Json(Json(report));
        else Print(report);
        return report.MorePermissive ? ExitCodes.Finding : ExitCodes.Good;
    }

    private static void Print(DiffReport report)
    {
        CheckWriter.Table(["call", "before", "after", "", "for example"], report.Changes.Select(c => new[]
        {
            c.Call.Name, Side(c.OldRule, c.OldDecides), Side(c.NewRule, c.NewDecides), c.MorePermissive ? "more permissive" : "stricter",
            CheckWriter.Text(c.Request, report.New),
        }));
        foreach (var call in report.Shallower) Output.Line($"[red]{call.Name}[/]: needed a deep proof, and needs none now");
        foreach (var finding in report.Findings) CheckWriter.Print(finding, report.New);
        foreach (var call in report.Incomplete) Output.Line($"[red]{call.Name}[/]: there are more classes of changes than are listed");
        var more = report.Changes.Count(c => c.MorePermissive);
        Output.Line(report.Changes.Count == 0 && report.Shallower.Count == 0 && report.Findings.Count == 0 ? "both policies decide every request alike"
            : $"{report.Changes.Count} classes of changed decisions, {more} more permissive; "
                + $"{report.Questions} questions to {string.Join(" and ", report.Solvers.Select(s => s.Solver))} in {report.Seconds:0.0} s");
    }

    private static string Side(BoundRule? rule, bool decides) =>
        !decides ? "not governed" : rule is null ? "deny by default" : $"{(rule.Effect == Effect.Permit ? "permit" : "deny")} by {rule.Name}";

    private static object Json(DiffReport report) => new
    {
        Ok = !report.MorePermissive, Version = 1, Old = report.Old.File, New = report.New.File,
        Changes = report.Changes.Select(c => new
        {
            Call = c.Call.Name, Before = Written(c.OldRule, c.OldDecides), After = Written(c.NewRule, c.NewDecides), c.MorePermissive,
            Request = CheckWriter.Request(c.Request, report.New),
        }),
        Shallower = report.Shallower.Select(c => c.Name), Incomplete = report.Incomplete.Select(c => c.Name), Findings = report.Findings.Select(f => CheckWriter.Finding(f, report.New)),
        report.Questions, Solvers = report.Solvers.Select(CheckWriter.Solver), report.Evaluator, report.Replays, report.Seconds,
    };

    private static object Written(BoundRule? rule, bool decides) =>
        new { Governed = decides, Permitted = !decides || rule?.Effect == Effect.Permit, Rule = rule?.Name };
}
