using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Policy.Smt;
using Rvm.Tool.Commands;
using Spectre.Console;

namespace Rvm.Tool.Policies;

/// <summary>Prints the result of <c>rvm policy check</c> as tables or as JSON.</summary>
internal static class CheckWriter
{
    /// <summary>The tables, then the findings.</summary>
    public static void Print(CheckReport report, string folder)
    {
        Table(["call", "governed", "forbids", "permits", "permitted, for example"],
            report.Calls.Where(c => c.ByChoice || c.Permits + c.Forbids > 0).Select(c => new[]
            {
                c.Call.Name, c.Call.AlwaysDecided ? "always" : "by choice", $"{c.Forbids}", $"{c.Permits}",
                c.Request is not null ? Text(c.Request, report.Policy) : c.Status == CallStatus.NeverPermitted ? "nothing" : "unsettled",
            }));
        Table(["rule", "effect", "status", "decides, for example"],
            report.Rules.Select(r => new[] { r.Rule.Name, Lower(r.Rule.Effect), Lower(r.Status), Text(r.Request, report.Policy) }));
        Table(["forbid", "beats permit", "for example"],
            report.Contradictions.Select(c => new[] { c.Forbid.Name, c.Permit.Name, Text(c.Request, report.Policy) }));
        if (report.MoreContradictions.Count > 0)
            Output.Line("not all permits are listed that these beat: "
                + $"{Markup.Escape(string.Join(", ", report.MoreContradictions.Select(r => r.Name)))}\n");
        Table(["assertion", "kind", "status", "reason"], report.Assertions.Select(a => new[] { a.Name, a.Kind, Lower(a.Status), a.Reason }));
        Table(["built-in check", "status", "reason"], report.BuiltIns.Select(b => new[] { b.Name, Lower(b.Status), b.Reason }));
        foreach (var finding in report.Findings.Where(f => f.Severity != Severity.Note)) Print(finding, report.Policy);
        Summary(report, folder);
    }

    /// <summary>The report as a program reads it (docs/policy.md, «The report»).</summary>
    public static object Json(CheckReport report) => new
    {
        Ok = report.Passed, Version = 1, report.Policy.File, Policy = report.Policy.Name,
        Calls = report.Calls.Select(c => new { Call = c.Call.Name, AlwaysDecided = c.Call.AlwaysDecided, c.Forbids, c.Permits, c.Status,
            Request = Request(c.Request, report.Policy) }),
        Rules = report.Rules.Select(r => new { r.Rule.Id, r.Rule.Name, r.Rule.Effect, r.Rule.Place.Line, r.Status,
            Request = Request(r.Request, report.Policy) }),
        Contradictions = report.Contradictions.Select(c => new { Forbid = c.Forbid.Name, Permit = c.Permit.Name,
            Request = Request(c.Request, report.Policy) }),
        IncompleteContradictions = report.MoreContradictions.Select(r => r.Name),
        Assertions = report.Assertions.Select(a => Claim(a, report.Policy)),
        BuiltIn = report.BuiltIns.Select(a => Claim(a, report.Policy)),
        Findings = report.Findings.Select(f => Finding(f, report.Policy)),
        report.Sums, report.Questions, Solvers = report.Solvers.Select(Solver), report.Evaluator, report.Replays, report.Seconds,
    };

    /// <summary>A request as a program reads it: the text that <c>rvm policy explain</c> takes, and all values.</summary>
    public static object? Request(PolicyRequest? request, BoundPolicy policy) => request is null ? null : new
    {
        Text = RequestText.Of(request, policy), Call = request.Call.Number, Values = request.Values,
    };

    /// <summary>A finding as a program reads it.</summary>
    public static object Finding(PolicyFinding f, BoundPolicy policy) => new
    {
        f.Check, f.Severity, f.Place.File, f.Place.Line, f.Place.Column, f.Message, f.Mend, Request = Request(f.Request, policy),
    };

    /// <summary>What a solver did, as a program reads it.</summary>
    public static object Solver(SolverUse use) => new { use.Solver, use.Sat, use.Unsat, use.Undecided, use.Seconds,
        ProcessorSeconds = use.Processor };

    /// <summary>A finding with its request and mend.</summary>
    public static void Print(PolicyFinding f, BoundPolicy policy)
    {
        var (word, colour) = f.Severity switch
        {
            Severity.Error => ("error", "red"),
            Severity.Warning => ("warning", "yellow"),
            _ => ("note", "blue"),
        };
        Output.Line($"{Markup.Escape(f.Place.ToString())}: [{colour}]{word}[/]: {Markup.Escape(f.Message)} [dim]({Markup.Escape(f.Check)})[/]");
        if (f.Request is not null) Output.Line($"    request: {Markup.Escape(RequestText.Of(f.Request, policy))}");
        Output.Line($"    [green]mend[/]: {Markup.Escape(f.Mend)}");
    }

    /// <summary>A table and an empty line; nothing when there are no rows.</summary>
    public static void Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = Output.Table(columns);
        var any = false;
        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
            any = true;
        }

        if (!any) return;
        Output.Print(table);
        Output.Line("");
    }

    /// <summary>A request in words; empty for none.</summary>
    public static string Text(PolicyRequest? request, BoundPolicy policy) => request is null ? "" : RequestText.Of(request, policy);

    private static void Summary(CheckReport report, string folder)
    {
        var (errors, warnings) = (report.Findings.Count(f => f.Severity == Severity.Error),
            report.Findings.Count(f => f.Severity == Severity.Warning));
        Output.Line($"[bold]{Markup.Escape(report.Policy.Name)}[/]: {(report.Passed ? "[green]good[/]" : "[red]not good[/]")}: " +
            $"{errors} errors, {warnings} warnings; " +
            $"{report.Rules.Count} rules, {report.Questions} questions to " +
            $"{string.Join(" and ", report.Solvers.Select(s => s.Solver))} in {report.Seconds:0.0} s, " +
            $"{report.Replays} requests replayed{(report.Evaluator is null ? "" : $" through {report.Evaluator}")}");
        Output.Line($"questions and answers: {Markup.Escape(Workspace.Show(folder))}");
    }

    private static object Claim(ClaimReport claim, BoundPolicy policy) =>
        new { claim.Name, claim.Kind, claim.Reason, claim.Status, Request = Request(claim.Request, policy) };

    private static string Lower(Enum value) =>
        string.Concat($"{value}".Select((c, i) => (char.IsUpper(c) && i > 0 ? " " : "") + char.ToLowerInvariant(c)));
}
