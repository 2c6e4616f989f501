using System.Diagnostics;

namespace Rvm.Tool.Tests.Support;

/// <summary>What a finished process printed.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Errors)
{
    public string All => Output + Errors;
}

/// <summary>Runs the built tool as users do.</summary>
public static class RvmProcess
{
    public static ProcessResult Run(string root, params string[] arguments) => Run(root, [], arguments);

    public static ProcessResult Run(string root, (string Name, string Value)[] environment, params string[] arguments) =>
        Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "rvm.dll"), .. arguments], [("RVM_ROOT", root), .. environment], root);

    public static ProcessResult Start(string program, string[] arguments, (string Name, string Value)[] environment, string directory)
    {
        var info = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(60_000))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end");
        }

        return new(process.ExitCode, output.Result, errors.Result);
    }
}
