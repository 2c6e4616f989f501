using System.CommandLine;
using System.Text;
using Rvm.Diagnostics;
using Rvm.Policy;
using Rvm.Policy.Language;
using Spectre.Console;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm policy format</c>: lays a policy's source out.</summary>
public static class PolicyFormatCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = PolicyCommands.File();
        var check = new Option<bool>("--check") { Description = "Change nothing; say whether the file is formatted" };
        var format = CommandLine.Format();
        var command = new Command("format", "Format a policy's source in place; comments stay.") { file, check, format };
        command.SetAction(r => Run(r.GetValue(file)!, r.GetValue(check), r.GetValue(format) == "json"));
        return command.WithHelp(
            "Exit status: 0 formatted; 1 with --check, not formatted; 2 the file has errors of syntax or cannot be read or written.",
            "rvm policy format policies/tenants.rvmp", "rvm policy format policies/tenants.rvmp --check");
    }

    private static int Run(string file, bool check, bool json)
    {
        var bag = new DiagnosticBag();
        var text = PolicyFile.ReadText(file, bag);
        var tree = text is null ? null : Parser.Read(file, text, bag);
        var formatted = tree is null || bag.HasErrors ? null : Formatter.Format(tree);
        var changed = formatted is not null && formatted != text;
        if (changed && !check) PolicyCommands.Write(file, Encoding.UTF8.GetBytes(formatted!));
        var done = formatted is not null && !(check && changed);
        if (json) Output.Json(new { Ok = formatted is not null, Formatted = done, Changed = changed && !check, Diagnostics = Output.ToJson(bag) });
        else if (formatted is null) Output.Diagnostics(bag, quote: true);
        else if (check && changed)
        {
            Output.ErrorLine($"{Markup.Escape(file)}: [red]error[/]: the file is not formatted");
            Output.ErrorLine($"    [green]mend[/]: rvm policy format {Markup.Escape(file)}");
        }
        else Output.Line($"{Markup.Escape(file)}: {(changed ? "formatted" : "formatted already")}");
        return formatted is null ? ExitCodes.Usage : check && changed ? ExitCodes.Finding : ExitCodes.Good;
    }
}
