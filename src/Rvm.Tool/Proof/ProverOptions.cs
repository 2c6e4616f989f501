using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Rvm.Tool.Proof;

/// <summary>The prover as this checkout pins it: Dafny's options, the solver, and the versions of both.</summary>
public sealed partial record ProverOptions(IReadOnlyList<string> Arguments, long ResourceLimit, string Solver, string SolverVersion, string DafnyVersion)
{
    /// <summary>Debian's Z3: it proves this project fastest, and resource counts compare only within one version.</summary>
    public const string PinnedSolver = "4.8.12";

    /// <summary>A solver that is compiled to WebAssembly is several times slower.</summary>
    private const string PatientSeconds = "600";

    /// <summary>Text that changes whenever a proof has to be run again although no source changed.</summary>
    public string Fingerprint => string.Join('\n', [.. Arguments, SolverVersion, DafnyVersion]);

    /// <summary>Name and version of the solver, without the date of its build.</summary>
    public string SolverName => VersionNumber().Match(SolverVersion) is { Success: true } number ? $"Z3 {number.Value}" : SolverVersion;

    /// <summary>The same verifier with another solver, which may take four times as many of its own units: those of two versions do not compare.</summary>
    /// <exception cref="ProverMissing">the program is not there, does not say its version, or is the pinned one</exception>
    public ProverOptions Other(string solver)
    {
        var version = File.Exists(solver) ? Tools.Output(solver, ["-version"]).Trim() : throw new ProverMissing($"--cross-check: {solver} does not exist; `make cross-check` installs one");
        if (version.Length == 0) throw new ProverMissing($"--cross-check: {solver} does not answer -version");
        if (version == SolverVersion) throw new ProverMissing($"--cross-check: {solver} is {version}, the solver that everything is proved with");
        var limit = Arguments.ToList().IndexOf("--resource-limit") + 1;
        var time = Arguments.ToList().IndexOf("--verification-time-limit") + 1;
        return this with
        {
            Solver = solver,
            SolverVersion = version,
            ResourceLimit = 4 * ResourceLimit,
            Arguments = [.. Arguments.Select((argument, i) => i == 0 ? argument : i == limit ? $"{4 * ResourceLimit}" : i == time ? PatientSeconds : argument)],
        };
    }


    /// <exception cref="ProverMissing">a tool is missing or has another version</exception>
    public static ProverOptions Read(Checkout checkout)
    {
        var options = File.ReadAllLines(checkout.Path(Checkout.OptionsFile))
            .SkipWhile(line => line.Trim() != "[options]").Skip(1)
            .TakeWhile(line => !line.StartsWith('['))
            .Select(line => OptionLine().Match(line))
            .Where(match => match.Success)
            .Select(match => (Name: match.Groups["name"].Value, Value: match.Groups["value"].Value.Trim()))
            .ToList();
        var limit = options.Find(option => option.Name == "resource-limit").Value;
        var solver = FindSolver();
        return new ProverOptions([.. options.SelectMany(option => Flag(option.Name, option.Value))],
            long.TryParse(limit, out var units) ? units : throw new ProverMissing($"{Checkout.OptionsFile}: no resource-limit under [options]"),
            solver, SolverVersionOf(solver), DafnyVersionOf(checkout));
    }

    private static IEnumerable<string> Flag(string name, string value) => value switch
    {
        "true" => [$"--{name}"],
        "false" => [$"--{name}:false"],
        ['[', ..] => value.Trim('[', ']').Split(',').SelectMany(item => new[] { $"--{name}", item.Trim().Trim('"') }),
        _ => [$"--{name}", value.Trim('"')],
    };

    private static string FindSolver() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, "z3"))
            .FirstOrDefault(File.Exists)
        ?? throw new ProverMissing("z3 is not on the path; `make setup` installs it");

    private static string SolverVersionOf(string solver)
    {
        var version = Tools.Output(solver, ["-version"]).Trim();
        return version.Contains($"version {PinnedSolver} ", StringComparison.Ordinal)
            ? version
            : throw new ProverMissing($"{solver} says «{version}»; this project is proved with Z3 {PinnedSolver} (Debian's package z3), put that one first on the path");
    }

    private static string DafnyVersionOf(Checkout checkout)
    {
        var manifest = checkout.Path(".config/dotnet-tools.json");
        var version = File.Exists(manifest) ? DafnyVersionLine().Match(File.ReadAllText(manifest)) : Match.Empty;
        return version.Success ? version.Groups[1].Value : throw new ProverMissing(".config/dotnet-tools.json does not name a version of Dafny");
    }

    [GeneratedRegex("""^(?<name>[a-z-]+)\s*=\s*(?<value>\[.*\]|"[^"]*"|[^#]+)""")]
    private static partial Regex OptionLine();

    [GeneratedRegex(@"\d+\.\d+\.\d+")]
    private static partial Regex VersionNumber();

    [GeneratedRegex("\"dafny\"\\s*:\\s*\\{\\s*\"version\"\\s*:\\s*\"([^\"]+)\"")]
    private static partial Regex DafnyVersionLine();
}

/// <summary>The prover is not there as pinned; the message says how to mend it.</summary>
public sealed class ProverMissing(string message) : Exception(message);

/// <summary>Small helpers to run other programs.</summary>
public static class Tools
{
    /// <summary>Standard output of a program, or an empty text when it cannot be run.</summary>
    public static string Output(string program, IEnumerable<string> arguments, string? folder = null)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
                WorkingDirectory = folder ?? "",
            })!;
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }
}
