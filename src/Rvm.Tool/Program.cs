using System.CommandLine;
using Rvm.Tool.Commands;
using Rvm.Diagnostics;
using Spectre.Console;

namespace Rvm.Tool;

/// <summary>The <c>rvm</c> command.</summary>
public static class Program
{
    /// <summary>Runs the command line; the exit statuses are those of <see cref="ExitCodes"/>.</summary>
    public static async Task<int> Main(string[] args)
    {
        try
        {
            var result = Root().Parse(args.Length == 0 ? ["--help"] : args);
            if (result.Errors.Count == 0)
                return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            foreach (var error in result.Errors) Output.ErrorLine($"rvm: [red]{Markup.Escape(error.Message)}[/]");
            Output.ErrorLine($"    [green]mend[/]: see `{Markup.Escape(PathOf(result))} --help`");
            return ExitCodes.Usage;
        }
        catch (UserErrorException e)
        {
            Output.ErrorLine($"rvm: [red]{Markup.Escape(e.Message)}[/]");
            if (e.Mend != "") Output.ErrorLine($"    [green]mend[/]: {Markup.Escape(e.Mend)}");
            return e.ExitCode;
        }
        catch (Exception e)
        {
            Output.ErrorLine($"rvm: [red]{Markup.Escape(e.Message.ReplaceLineEndings(" "))}[/] ({e.GetType().Name}; set RVM_TRACE=1 for the trace)");
            if (Environment.GetEnvironmentVariable("RVM_TRACE") == "1") Console.Error.WriteLine(e);
            return ExitCodes.Usage;
        }
    }

    /// <summary>The whole command tree.</summary>
    public static RootCommand Root() =>
        new RootCommand("RVM: builds, boots and checks systems on the verified AArch64 microhypervisor.")
        {
            BuildCommand.Create(), RunCommand.Create(), SelfTestCommand.Create(), WitnessCommands.Create(), PolicyCommands.Create(),
            Proof.ProofCommands.Create().WithHelp("", "rvm verify", "rvm verify --all"),
            Mutants.MutantCommands.Create().WithHelp("", "rvm mutants", "rvm mutants cap-rights-inverted"),
            Audit.AuditCommands.Create(), Release.ReleaseCommands.Create(), Inspect.InspectCommand.Create(),
            Theorems.TheoremCommands.Create().WithHelp("", "rvm theorems", "rvm theorems --check"),
            Coverage.CoverageCommands.Create().WithHelp("", "rvm coverage core", "rvm coverage kernel --system systems/hello.yaml"),
            Bench.BenchCommands.Create().WithHelp("", "rvm bench", "rvm bench --format json"),
        }.WithHelp("Exit status of every command: 0 good, 1 finding, 2 wrong usage.",
            "rvm build systems/hello.yaml", "rvm run systems/hello.yaml --witness w.bin", "rvm witness verify w.bin").WithEpilogues();

    private static string PathOf(ParseResult result)
    {
        List<string> names = [];
        for (System.CommandLine.Parsing.SymbolResult? c = result.CommandResult; c is System.CommandLine.Parsing.CommandResult { Command: var command }; c = c.Parent)
            names.Insert(0, command is RootCommand ? "rvm" : command.Name);
        return string.Join(' ', names);
    }
}
