using System.Diagnostics;

namespace Rvm.Tool.Coverage;

/// <summary>Programs that a measurement runs.</summary>
public static class Processes
{
    /// <summary>Runs to the end. Exit status, and what was printed.</summary>
    /// <param name="environment">Variables to add.</param>
    public static (int Status, string Said) Run(string program, IEnumerable<string> arguments, string folder, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        return (process.ExitCode, output.Result + errors.Result);
    }
}
