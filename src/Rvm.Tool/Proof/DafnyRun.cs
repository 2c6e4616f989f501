using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rvm.Tool.Proof;

/// <summary>How one run of Dafny went.</summary>
/// <param name="Complete">it went through all conditions, whatever their answers</param>
/// <param name="Verified">how many conditions hold, as it says at its end; -1 when it does not</param>
public sealed record DafnyOutcome(int ExitCode, bool Complete, int Verified, IReadOnlyList<Finding> Findings, TimeSpan Time);

/// <summary>Runs Dafny on files; what they include is trusted there, because each file is named in a run.</summary>
/// <param name="vacuity">ask which claims follow from contradictory assumptions, and which premises no proof uses, instead of heeding warnings</param>
public sealed partial class DafnyRun(
    Checkout checkout, ProverOptions options, string? queryCacheProgram, string queryCacheFolder, bool vacuity)
{
    /// <summary>Severity of a diagnostic: 1 error, 2 warning; the rest informs.</summary>
    private const int Warning = 2;

    /// <summary>Exit statuses of Dafny.</summary>
    private const int ExitWarnings = 2, ExitNotProved = 4;

    /// <summary>Settings of the .NET runtime that shorten Dafny's front end by about a fifth; they change nothing else.</summary>
    private static readonly (string Name, string Value)[] Fast =
        [("DOTNET_TieredPGO", "0"), ("DOTNET_gcConcurrent", "0"), ("DOTNET_GCgen0size", "0x8000000"), ("DOTNET_EnableWriteXorExecute", "0")];

    /// <summary>The file of a finding that Dafny does not place, when several files share a run.</summary>
    public const string Nowhere = "";

    private const string Contradiction = "contradictory assumptions";

    /// <summary>One file in a run of its own, in the order of its includes.</summary>
    public DafnyOutcome Verify(string file, string log, Action<int, int> progress, CancellationToken cancel) => Verify(null, [file], log, progress, cancel);

    /// <param name="order">the file that Dafny reads first: <see cref="ModuleOrder"/></param>
    /// <param name="progress">symbols done and symbols in the files, as they come</param>
    /// <param name="firstOnly">stop at the first finding</param>
    public DafnyOutcome Verify(
        string? order, IReadOnlyList<string> files, string log, Action<int, int> progress, CancellationToken cancel, bool firstOnly = false)
    {
        var (findings, errors, clock, verified) = (new List<Finding>(), new ConcurrentQueue<string>(), Stopwatch.StartNew(), -1);
        var file = files.Count == 1 ? files[0] : Nowhere;
        using var process = Start("verify", [.. order == null ? Array.Empty<string>() : [order], .. files], log, ["--progress", "Symbol", .. vacuity ? ["--analyze-proofs"] : Array.Empty<string>()]);
        using var registration = cancel.Register(() => { try { process.Kill(true); } catch (InvalidOperationException) { } });
        process.ErrorDataReceived += (_, e) => { if (e.Data != null) errors.Enqueue(e.Data); };
        process.BeginErrorReadLine();
        while (process.StandardOutput.ReadLine() is { } line && !(firstOnly && findings.Count > 0)) Take(line, file, findings, errors, progress, ref verified);
        if (firstOnly && findings.Count > 0) process.Kill(true);
        process.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        var expected = vacuity && process.ExitCode == ExitWarnings;
        if (process.ExitCode != 0 && findings.Count == 0 && !expected)
            findings.Add(new Finding("dafny", new Place(file, 0, 0), $"Dafny ended with {process.ExitCode}: {string.Join(" / ", errors.Take(4))}"));
        var complete = process.ExitCode is 0 or ExitNotProved || expected;
        return new DafnyOutcome(process.ExitCode, complete && verified >= 0, verified, findings, clock.Elapsed);
    }

    /// <summary>Proves one symbol under several seeds, each of which follows from the one before; what comes of it stands in the log.</summary>
    public void Vary(string order, string file, string symbol, int firstSeed, int seeds, string log, CancellationToken cancel)
    {
        Silently("measure-complexity", [order, file], log, ["--filter-symbol", $"{symbol}.", "--mutations", $"{seeds}", "--random-seed", $"{firstSeed}"], cancel);
    }

    /// <summary>Proves one symbol; what comes of it stands in the log.</summary>
    public void Ask(string order, string file, string symbol, string log, CancellationToken cancel) =>
        Silently("verify", [order, file], log, ["--filter-symbol", $"{symbol}."], cancel);

    private void Silently(string command, IReadOnlyList<string> files, string log, IReadOnlyList<string> extra, CancellationToken cancel)
    {
        using var process = Start(command, files, log, extra);
        using var registration = cancel.Register(() => { try { process.Kill(true); } catch (InvalidOperationException) { } });
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancel.ThrowIfCancellationRequested();
    }

    private Process Start(string command, IReadOnlyList<string> files, string log, IReadOnlyList<string> extra)
    {
        string[] arguments = ["dafny", command, .. files, .. options.Arguments, "--solver-path", queryCacheProgram ?? options.Solver,
            "--json-output", "--log-format", $"json;LogFileName={log}", .. extra];
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

    private void Take(string line, string file, List<Finding> findings, ConcurrentQueue<string> errors, Action<int, int> progress, ref int verified)
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
        else if (Verdict().Match(value.GetString() ?? "") is { Success: true } verdict)
        {
            verified = Number(verdict.Groups[1]);
        }
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    private Finding Diagnostic(JsonElement value, string file)
    {
        var warning = value.GetProperty("severity").GetInt32() == Warning;
        var rule = (warning, value.GetProperty("source").GetString()) switch
        {
            (true, _) when vacuity && Message(value).Contains(Contradiction, StringComparison.Ordinal) => "vacuous",
            (true, _) when vacuity && Message(value).Contains(IdlePremises.Message, StringComparison.Ordinal) => IdlePremises.Rule,
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

    [GeneratedRegex(@"Dafny program verifier finished with (\d+) verified")]
    private static partial Regex Verdict();

    [GeneratedRegex(@"^Verified (\d+)/(\d+) symbols")]
    private static partial Regex Progress();
}
