using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Rvm.Tool.Commands;

/// <summary>Options that several commands share.</summary>
public static class CommandLine
{
    /// <summary><c>--format table|json</c>.</summary>
    public static Option<string> Format()
    {
        var option = new Option<string>("--format") { Description = "How to print the result", DefaultValueFactory = _ => "table" };
        option.AcceptOnlyFromAmong("table", "json");
        return option;
    }

    /// <summary><c>--kernel FILE</c>.</summary>
    public static Option<string?> Kernel() =>
        new("--kernel") { Description = "The kernel to attach the bundle to (default: artifacts/kernel/kernel.elf)", HelpName = "FILE" };

    /// <summary>Adds to a command's help what its one-line description leaves out.</summary>
    /// <param name="command">The command.</param>
    /// <param name="details">What its exit statuses mean, and what else is worth knowing.</param>
    /// <param name="examples">Command lines that work.</param>
    public static T WithHelp<T>(this T command, string details, params string[] examples) where T : Command
    {
        Epilogues[command] = string.Join('\n', [.. details == "" ? (string[])[] : [details, ""], "Examples:", .. examples.Select(e => "  " + e)]);
        return command;
    }

    /// <summary>Lets <c>--help</c> print the details and examples of <see cref="WithHelp"/> after the usual text.</summary>
    public static RootCommand WithEpilogues(this RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>()) option.Action = new HelpWithExamples((HelpAction)option.Action!);
        return root;
    }

    private static readonly Dictionary<Command, string> Epilogues = [];

    private sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult result)
        {
            var status = usual.Invoke(result);
            if (Epilogues.TryGetValue(result.CommandResult.Command, out var text)) result.InvocationConfiguration.Output.WriteLine(text);
            return status;
        }
    }
}
