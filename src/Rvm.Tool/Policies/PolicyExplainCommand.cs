using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Tool.Commands;
using Spectre.Console;

namespace Rvm.Tool.Policies;

/// <summary><c>rvm policy explain</c>: why a request is decided as it is.</summary>
internal static class PolicyExplainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var request = new Argument<string[]>("REQUEST")
        {
            Description = "call=NAME and the fields that matter, as NAME=VALUE; the others are as usual", Arity = ArgumentArity.OneOrMore,
        };
        var (file, system, format) = (PolicyCommands.File(), PolicyCommands.System(), PolicyInputs.Format("text", "json"));
        var command = new Command("explain", "Say which rule decides a request, and why each other rule does not.") { file, request, system, format };
        command.SetAction(r => Run(r.GetValue(file)!, r.GetValue(request)!, r.GetValue(system), r.GetValue(format)!));
        return command.WithHelp("Exit status: 0 permitted; 1 denied; 2 the policy, the request or the command line is wrong.",
            "rvm policy explain tenants.rvmp call=partition_create caller=alice count=4 budget=10",
            "rvm policy explain tenants.rvmp call=region_map size=64KiB 'rights={read,write}'");
    }

    private static int Run(string file, string[] words, string? system, string format)
    {
        var bag = new DiagnosticBag();
        if (PolicyCommands.Load(file, system, bag) is not { } policy) return PolicyInputs.Refused(bag, format);
        words = [.. words.SelectMany(w => w.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        if (RequestText.Parse(words, policy, bag) is not { } request) return PolicyInputs.Refused(bag, format);
        var explanation = PolicyExplanation.Explain(policy, request);
        if (format == "json") Output.Json(Json(explanation, policy));
        else Print(explanation, policy);
        return explanation.Ruling.Permitted ? ExitCodes.Good : ExitCodes.Finding;
    }

    private static void Print(Explanation e, BoundPolicy policy)
    {
        Output.Line(Markup.Escape(RequestText.Of(e.Request, policy)));
        var by = e.Ruling.Rule == Ruling.NoRule ? "no rule matches"
            : $"by `{policy.Rules[e.Ruling.Rule].Name}`: {policy.Rules[e.Ruling.Rule].Reason}";
        Output.Line(!e.Decided ? $"[bold]not governed[/]: the kernel does not ask this policy about {e.Request.Call.Name}"
            : $"[bold]{(e.Ruling.Permitted ? "permitted" : "denied")}[/] {Markup.Escape(by)}");
        Output.Line("");
        CheckWriter.Table(["rule", "effect", "line", "", "why"], e.Rules.Select(r => new[]
        {
            r.Rule.Name, r.Rule.Effect == Effect.Permit ? "permit" : "forbid", $"{r.Rule.Place.Line}", 
            r.Decides ? "decides" : r.Matches ? "matches" : "", r.Why,
        }));
    }

    private static object Json(Explanation e, BoundPolicy policy) => new
    {
        Version = 1, policy.File, Request = CheckWriter.Request(e.Request, policy), Governed = e.Decided, e.Ruling.Permitted,
        Rule = e.Ruling.Rule == Ruling.NoRule ? null : policy.Rules[e.Ruling.Rule].Name,
        Rules = e.Rules.Select(r => new { r.Rule.Id, r.Rule.Name, r.Rule.Effect, r.Rule.Place.Line, r.Matches, r.Decides, r.Why }),
    };
}
