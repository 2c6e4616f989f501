using System.CommandLine;

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

    /// <summary>A description with examples below it.</summary>
    public static string Help(string text, params string[] examples) => text + "\n\nExamples:\n" + string.Join("\n", examples.Select(e => "  " + e));
}
