using System.CommandLine;
using Rvm.Diagnostics;
using Rvm.Policy.Table;
using Rvm.Tool.Bundle;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm policy decompile</c>: a table, or the one in a bundle, as a policy's source.</summary>
public static class PolicyDecompileCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("TABLE|BUNDLE") { Description = "A table of `rvm policy compile`, or a boot bundle that carries one" };
        var output = new Option<string?>("--output", "-o") { Description = "The source to write (default: standard output)", HelpName = "FILE.rvmp" };
        var format = CommandLine.Format();
        var command = new Command("decompile", "Write a policy's table as source that compiles to the same table.") { file, output, format };
        command.SetAction(r => Run(r.GetValue(file)!, r.GetValue(output), r.GetValue(format) == "json"));
        return command.WithHelp(
            "Constants, comments and assertions are not in a table.\n"
            + "Exit status: 0 written; 1 the language cannot say what is in the table; 2 the file is none.",
            "rvm policy decompile tenants.policy", "rvm policy decompile artifacts/systems/tenants/tenants.bundle -o tenants.rvmp");
    }

    private static int Run(string file, string? output, bool json)
    {
        var bag = new DiagnosticBag();
        var table = Read(file, bag);
        var text = table is null ? null : Decompiler.Write(table, file, bag);
        if (!json) Output.Diagnostics(bag);
        if (text is not null && output is not null) PolicyCommands.Write(output, System.Text.Encoding.UTF8.GetBytes(text));
        if (json) Output.Json(new { Ok = text is not null, Source = text, Diagnostics = Output.ToJson(bag) });
        else if (text is not null && output is null) Console.Out.Write(text);
        return text is not null ? ExitCodes.Good : table is null ? ExitCodes.Usage : ExitCodes.Finding;
    }

    private static PolicyTable? Read(string file, DiagnosticBag bag)
    {
        ulong[] words;
        try
        {
            words = TableCodec.ToWords(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bag.Error(Place.Whole(file), File.Exists(file) ? $"cannot be read: {e.Message}" : "the file does not exist", "name a table or a bundle");
            return null;
        }

        var reason = "";
        if (words is not [BundleCodec.Magic, ..])
        {
            if (TableCodec.Decode(words, out reason) is { } table) return table;
            bag.Error(Place.Whole(file), $"this is no policy table: {reason}", "make one with `rvm policy compile`");
            return null;
        }

        if (BundleCodec.Decode(words, out reason) is not { } bundle)
        {
            bag.Error(Place.Whole(file), $"this is no boot bundle: {reason}", "make one with `rvm build`");
            return null;
        }

        if (InPayload(bundle.Payload) is { } found) return found;
        bag.Error(Place.Whole(file), "the bundle carries no policy", "name a policy in the system's description: policy: FILE.rvmp");
        return null;
    }

    /// <summary>The first table among a bundle's images; a table begins at a whole word.</summary>
    private static PolicyTable? InPayload(ulong[] payload)
    {
        for (var at = Array.IndexOf(payload, TableCodec.Magic); at >= 0; at = Array.IndexOf(payload, TableCodec.Magic, at + 1))
            if (TableCodec.Decode(payload.AsSpan(at), out _) is { } table)
                return table;
        return null;
    }
}
