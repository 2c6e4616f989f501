using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Rvm.Policy.Smt;

/// <summary>A solver that is not there; the message says how to mend it.</summary>
public sealed class SolverMissingException(string message) : Exception(message);

/// <summary>A solver as a program that reads SMT-LIB from its standard input.</summary>
/// <param name="Name">The solver's name.</param>
/// <param name="Path">The program.</param>
/// <param name="Arguments">What makes it read standard input and answer many questions.</param>
/// <param name="Version">As it says itself.</param>
public sealed partial record SolverProgram(string Name, string Path, IReadOnlyList<string> Arguments, string Version)
{
    /// <summary>Z3 of the path.</summary>
    /// <exception cref="SolverMissingException">It is not there.</exception>
    public static SolverProgram Z3() => Find("z3", "-in", "-smt2");

    /// <summary>cvc5 of the path.</summary>
    /// <exception cref="SolverMissingException">It is not there.</exception>
    public static SolverProgram Cvc5() => Find("cvc5", "--lang=smt2", "--incremental", "--produce-models", "--quiet");

    private static SolverProgram Find(string name, params string[] arguments)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
            .Where(folder => folder.Length > 0)
            .Select(folder => System.IO.Path.Combine(folder, name))
            .FirstOrDefault(File.Exists) ?? throw new SolverMissingException($"{name} is not on the path; `make setup` installs it");
        var version = VersionNumber().Match(FirstOutput(path));
        return version.Success
            ? new SolverProgram(name, path, arguments, version.Value)
            : throw new SolverMissingException($"{path} does not tell its version; install Debian's package {name} anew");
    }

    private static string FirstOutput(string path)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(path, ["--version"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            })!;
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text;
        }
        catch (Win32Exception)
        {
            return "";
        }
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex VersionNumber();
}
