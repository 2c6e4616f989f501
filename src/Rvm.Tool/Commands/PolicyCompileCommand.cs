using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Table;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm policy compile</c>: a policy's source becomes the table that the kernel reads.</summary>
public static class PolicyCompileCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var (file, system, format) = (PolicyCommands.File(), PolicyCommands.System(), CommandLine.Format());
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The table to write (default: artifacts/policies/NAME.policy)", HelpName = "TABLE",
        };
        var command = new Command("compile", "Compile a policy to the table that a boot bundle carries.") { file, output, system, format };
        command.SetAction(r => Run(r.GetValue(file)!, r.GetValue(output), r.GetValue(system), r.GetValue(format) == "json"));
        return command.WithHelp(
            "This does not check the policy: see `rvm policy check`.\n"
            + "Exit status: 0 compiled; 2 errors in the policy, the system or the command line.",
            "rvm policy compile policies/tenants.rvmp -o tenants.policy", "rvm policy compile policies/tenants.rvmp --system systems/tenants.yaml");
    }

    private static int Run(string file, string? output, string? system, bool json)
    {
        var bag = new DiagnosticBag();
        var policy = PolicyCommands.Load(file, system, bag);
        var table = policy is null ? null : TableCompiler.Compile(policy, bag);
        if (!json) Output.Diagnostics(bag, quote: true);
        if (policy is null || table is null)
        {
            if (json) Output.Json(new { Ok = false, Diagnostics = Output.ToJson(bag) });
            return ExitCodes.Usage;
        }

        var words = TableCodec.Encode(table);
        var path = output ?? Path.Combine(Workspace.Root, "artifacts", "policies", policy.Name + ".policy");
        PolicyCommands.Write(path, TableCodec.ToBytes(words));
        if (json) Output.Json(ToJson(policy, table, words, path, bag));
        else Print(policy, table, words, path);
        return ExitCodes.Good;
    }

    private static object ToJson(BoundPolicy policy, PolicyTable table, ulong[] words, string path, DiagnosticBag bag) => new
    {
        Ok = true, policy.Name, Table = path, Words = words.Length, KernelWords = TableCodec.KernelWords(table), PolicyTable.MaxWords,
        Rules = policy.Rules.Count,
        Calls = policy.Decided.Select(c =>
            new { Call = c.Name, c.Number, Forbids = table.Calls[c.Number].Forbids.Count, Permits = table.Calls[c.Number].Permits.Count }),
        Diagnostics = Output.ToJson(bag),
    };

    private static void Print(BoundPolicy policy, PolicyTable table, ulong[] words, string path)
    {
        Output.Line($"[bold]{Markup.Escape(policy.Name)}[/]: {Markup.Escape(policy.Text)}");
        Output.Line("");
        var grid = Output.Table("call", "number", "forbids", "permits");
        foreach (var call in policy.Decided.Where(c => table.Calls[c.Number].All.Any()))
            grid.AddRow(call.Name, $"{call.Number}", $"{table.Calls[call.Number].Forbids.Count}", $"{table.Calls[call.Number].Permits.Count}");
        Output.Print(grid);
        Output.Line("");
        var denied = policy.Decided.Where(c => !table.Calls[c.Number].Permits.Any()).Select(c => c.Name).ToList();
        if (denied.Count > 0) Output.Line($"always denied: {string.Join(", ", denied)}");
        var kernel = TableCodec.KernelWords(table);
        Output.Line($"table {Markup.Escape(Workspace.Show(path))}: {policy.Rules.Count} rules in {kernel} of {PolicyTable.MaxWords} words, "
            + $"{words.Length - kernel} words of text");
    }
}
