using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rvm.Tool.Proof;

/// <summary>How one run of Dafny went.</summary>
public sealed record DafnyOutcome(int ExitCode, IReadOnlyList<Finding> Findings, TimeSpan Time);

/// <summary>Runs Dafny on one file; what it includes is trusted there, because each file has its own run.</summary>
/// <param name="vacuity">ask which claims follow from contradictory assumptions, instead of heeding warnings</param>
public sealed partial class DafnyRun(
    Checkout checkout, ProverOptions options, string? queryCacheProgram, string queryCacheFolder, bool vacuity)
{
    /// <summary>Severity of a diagnostic: 1 error, 2 warning; the rest informs.</summary>
    private const int Warning = 2;

    private const int ExitWarnings = 2;

    /// <summary>Settings of the .NET runtime that shorten Dafny's front end by about a fifth; they change nothing else.</summary>
    private static readonly (string Name, string Value)[] Fast =
        [("DOTNET_TieredPGO", "0"), ("DOTNET_gcConcurrent", "0"), ("DOTNET_GCgen0size", "0x8000000")];

    private const string Contradiction = "contradictory assumptions";

    /// <param name="progress">symbols done and symbols in the file, as they come</param>
    public DafnyOutcome Verify(string file, string log, Action<int, int> progress, CancellationToken cancel)
    {
        var (findings, errors, clock) = (new List<Finding>(), new ConcurrentQueue<string>(), Stopwatch.StartNew());
        using var process = Start(file, log);
        using var registration = cancel.Register(() => { try { process.Kill(true); } catch (InvalidOperationException) { } });
        process.ErrorDataReceived += (_, e) => { if (e.Data != null) errors.Enqueue(e.Data); };
        process.BeginErrorReadLine();
        while (process.StandardOutput.ReadLine() is { } line) Take(line, file, findings, errors, progress);
        process.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        var expected = vacuity && process.ExitCode == ExitWarnings;
        if (process.ExitCode != 0 && findings.Count == 0 && !expected)
            findings.Add(new Finding("dafny", new Place(file, 0, 0), $"Dafny ended with {process.ExitCode}: {string.Join(" / ", errors.Take(4))}"));
        return new DafnyOutcome(process.ExitCode, findings, clock.Elapsed);
    }

    private Process Start(string file, string log)
    {
        string[] arguments = ["dafny", "verify", file, .. options.Arguments, "--solver-path", queryCacheProgram ?? options.Solver,
            "--json-output", "--progress", "Symbol", "--log-format", $"json;LogFileName={log}", .. vacuity ? ["--analyze-proofs"] : Array.Empty<string>()];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = checkout.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in Fast) start.Environment[name] = value;
        start.Environment["RVM_SOLVER"] = options.Solver;
        start.Environment["RVM_SOLVER_VERSION"] = options.SolverVersion;
        start.Environment["RVM_QUERY_CACHE"] = queryCacheFolder;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    private void Take(string line, string file, List<Finding> findings, ConcurrentQueue<string> errors, Action<int, int> progress)
    {
        if (!line.StartsWith('{')) { errors.Enqueue(line); return; }
        using var message = JsonDocument.Parse(line);
        var value = message.RootElement.GetProperty("value");
        if (message.RootElement.GetProperty("type").GetString() == "diagnostic")
        {
            var finding = Diagnostic(value, file);
            if (value.GetProperty("severity").GetInt32() <= Warning && !(vacuity && finding.Rule == "warning")) findings.Add(finding);
        }
        else if (Progress().Match(value.GetString() ?? "") is { Success: true } match)
        {
            progress(Number(match.Groups[1]), Number(match.Groups[2]));
        }
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    private Finding Diagnostic(JsonElement value, string file)
    {
        var warning = value.GetProperty("severity").GetInt32() == Warning;
        var rule = (warning, value.GetProperty("source").GetString()) switch
        {
            (true, _) when vacuity && Message(value).Contains(Contradiction, StringComparison.Ordinal) => "vacuous",
            (true, _) => "warning",
            (_, "Verifier") => "not-proved",
            _ => "error",
        };
        var message = Message(value);
        var related = value.GetProperty("relatedInformation").EnumerateArray().Select(r => new Related(At(r, file), Message(r))).ToList();
        return new Finding(rule, At(value, file), message, Hints.For(message), related);
    }

    private static string Message(JsonElement value)
    {
        var text = value.GetProperty("defaultFormatMessage").GetString() ?? "";
        var arguments = value.GetProperty("arguments").EnumerateArray().Select(a => a.ToString()).ToArray();
        for (var i = 0; i < arguments.Length; i++) text = text.Replace($"{{{i}}}", arguments[i], StringComparison.Ordinal);
        return text.Replace("\nRelated message: ", ": ", StringComparison.Ordinal).Trim();
    }

    private Place At(JsonElement value, string file)
    {
        var location = value.GetProperty("location");
        var start = location.GetProperty("range").GetProperty("start");
        var (line, column) = (start.GetProperty("line").GetInt32(), start.GetProperty("character").GetInt32() + 1);
        if (line < 1) return new Place(file, 0, 0);
        var uri = new Uri(location.GetProperty("uri").GetString()!);
        return new Place(uri.IsFile ? checkout.Relative(uri.LocalPath) : file, line, column);
    }

    [GeneratedRegex(@"^Verified (\d+)/(\d+) symbols")]
    private static partial Regex Progress();
}
