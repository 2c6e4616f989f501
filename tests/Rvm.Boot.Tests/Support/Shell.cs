using System.Diagnostics;

namespace Rvm.Boot.Tests;

/// <summary>What a finished command printed.</summary>
public sealed record Finished(int ExitCode, string Output, string Errors, double Seconds)
{
    public string All => Output + Errors;

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>Runs <c>./rvm</c> of the checkout.</summary>
public static class Shell
{
    public static Finished Rvm(int limitSeconds, params string[] arguments)
    {
        Checkout.MustBeBuilt();
        var info = new ProcessStartInfo(Checkout.Path_("rvm")) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Checkout.Root };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(limitSeconds * 1000))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"rvm {string.Join(' ', arguments)} did not end within {limitSeconds} s:\n{output.Result}{errors.Result}");
        }

        return new(process.ExitCode, output.Result, errors.Result, clock.Elapsed.TotalSeconds);
    }
}
