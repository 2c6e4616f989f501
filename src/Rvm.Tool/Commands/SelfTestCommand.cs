using System.CommandLine;
using System.Diagnostics;
using Rvm.Diagnostics;

namespace Rvm.Tool.Commands;

/// <summary><c>rvm selftest</c>: tries on the machine at hand what a platform relies on.</summary>
public static class SelfTestCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var hvf = new HvfOptions();
        var command = new Command("selftest", "Try on this machine what a platform relies on; for Hypervisor.framework on a Mac.") { hvf.Platform, hvf.Library, hvf.Granule };
        command.SetAction((result, cancel) => Run(hvf, result, cancel));
        return command.WithHelp("One line for each check. Exit status: 0 all good; 1 a check failed, or no framework; 2 wrong usage.",
            "rvm selftest --platform hvf", "rvm selftest --platform hvf --library artifacts/hypervisor/macos26/libHypervisor.so");
    }

    private static async Task<int> Run(HvfOptions options, ParseResult result, CancellationToken cancel)
    {
        var host = options.Host(result) ?? throw new UserErrorException("there is a self-test for hvf only", "add --platform hvf; QEMU's platform is tried by `make run`");
        using var process = Process.Start(host.Command("selftest"))!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancel);
        while (await process.StandardOutput.ReadLineAsync(cancel) is { } line) Console.Out.WriteLine(line);
        await process.WaitForExitAsync(cancel);
        if (await errors is { Length: > 0 } said) Console.Error.Write(said);
        return process.ExitCode == ExitCodes.Good ? ExitCodes.Good : ExitCodes.Finding;
    }
}
