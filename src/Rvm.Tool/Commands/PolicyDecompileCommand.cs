using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Policy.Table;
using Rvm.Tool.Policies;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm policy decompile</c>: a table, or one in a bundle or an image, as a policy's source.</summary>
public static class PolicyDecompileCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("TABLE|BUNDLE|IMAGE") { Description = "A table of `rvm policy compile`, or a boot bundle or image that carries one" };
        var output = new Option<string?>("--output", "-o") { Description = "The source to write (default: standard output)", HelpName = "FILE.rvmp" };
        var number = new Option<int>("--number") { Description = "Which one of several: 1 the policy, 2 the one that stands by", DefaultValueFactory = _ => 1, HelpName = "N" };
        var format = CommandLine.Format();
        var command = new Command("decompile", "Write a policy's table as source that compiles to the same table.") { file, output, number, format };
        command.SetAction(r => Run(r.GetValue(file)!, r.GetValue(output), r.GetValue(number), r.GetValue(format) == "json"));
        return command.WithHelp(
            "Constants, comments and assertions are not in a table.\n"
            + "Exit status: 0 written; 1 the language cannot say what is in the table; 2 the file is none.",
            "rvm policy decompile tenants.policy", "rvm policy decompile artifacts/systems/tenants/tenants.elf -o tenants.rvmp");
    }

    private static int Run(string file, string? output, int number, bool json)
    {
        var bag = new DiagnosticBag();
        var table = Read(file, number, bag);
        var text = table is null ? null : Decompiler.Write(table, file, bag);
        if (!json) Output.Diagnostics(bag);
        if (text is not null && output is not null) PolicyCommands.Write(output, System.Text.Encoding.UTF8.GetBytes(text));
        if (json) Output.Json(new { Ok = text is not null, Source = text, Diagnostics = Output.ToJson(bag) });
        else if (text is not null && output is null) Console.Out.Write(text);
        return text is not null ? ExitCodes.Good : table is null ? ExitCodes.Usage : ExitCodes.Finding;
    }

    private static PolicyTable? Read(string file, int number, DiagnosticBag bag)
    {
        if (PolicyTables.Read(file, bag) is not { } tables) return null;
        if (number > 0 && number <= tables.Count) return TableCodec.Decode(tables[number - 1], out _);
        bag.Error(Place.Whole(file), $"there is no policy {number} in it", $"choose one from 1 to {tables.Count} with --number");
        return null;
    }
}
