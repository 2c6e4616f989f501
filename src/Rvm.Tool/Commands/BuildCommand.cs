using System.CommandLine;
using Rvm.Diagnostics;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm build</c>: checks a system description and makes a bootable image.</summary>
public static class BuildCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var system = new Argument<string>("SYSTEM.yaml") { Description = "The system description (docs/system.md)" };
        var output = new Option<string?>("--output", "-o") { Description = "The image to write (default: artifacts/systems/NAME/NAME.elf)", HelpName = "FILE.elf" };
        var (kernel, format) = (CommandLine.Kernel(), CommandLine.Format());
        var command = new Command("build", "Check a system description and make a bootable image: the kernel with the system's boot bundle.")
        {
            system, output, kernel, format,
        };
        command.SetAction(r => Run(r.GetValue(system)!, r.GetValue(output), r.GetValue(kernel), r.GetValue(format) == "json"));
        return command.WithHelp(
            "Exit status: 0 built; 2 errors in the description or the command line.",
            "rvm build systems/hello.yaml", "rvm build systems/hello.yaml -o /tmp/hello.elf", "rvm build systems/hello.yaml --format json | jq '.partitions[].capabilities'");
    }

    private static int Run(string system, string? output, string? kernel, bool json)
    {
        var bag = new DiagnosticBag();
        var built = BuildService.Build(system, output, kernel, bag);
        if (json) Output.Json(built is null ? new { Ok = false, Diagnostics = Output.ToJson(bag) } : SystemReport.ToJson(built, bag));
        else
        {
            Output.Diagnostics(bag);
            if (built is not null) SystemReport.Print(built);
        }

        return built is null ? ExitCodes.Usage : ExitCodes.Good;
    }
}
