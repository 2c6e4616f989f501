using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Closure;

/// <summary>Lets Dafny resolve all proved files as one program and reads what its declarations refer to. The same sources are resolved once.</summary>
public sealed class ProgramResolver(Checkout checkout, SourceGraph sources, string dafnyVersion)
{
    private const string Folder = "artifacts/audit/resolved";
    private const string Plugin = "Rvm.Closure.dll";

    /// <summary>Options that decide what a text means; the others are the verifier's.</summary>
    private static readonly string[] Front = ["--enforce-determinism", "--allow-warnings", "--ignore-indentation"];

    /// <returns>the program, or why there is none</returns>
    public (ResolvedProgram? Program, Finding? Problem) Resolve()
    {
        if (sources.Files.Count == 0) return (new ResolvedProgram(1, [], []), null);
        var plugin = Path.Combine(AppContext.BaseDirectory, Plugin);
        if (!File.Exists(plugin)) throw new ProverMissing($"{Plugin} is not beside the tool; build src/Rvm.Tool again");
        var output = checkout.Path($"{Folder}/{Key(plugin)}.json");
        if (!File.Exists(output) && Run(plugin, output) is { } problem) return (null, problem);
        try { return (ResolvedProgram.Read(File.ReadAllText(output), checkout), null); }
        catch (JsonException) { File.Delete(output); throw; }
    }

    private string Key(string plugin) => ProofStore.Hash(string.Join('\n',
        [dafnyVersion, checkout.Root, Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(plugin))), .. Front, .. sources.Files.Select(f => $"{f} {ProofStore.Hash(sources.Source(f))}"), .. Outside()]))[..32];

    /// <summary>Files that are included although they are not among the proved ones.</summary>
    private IEnumerable<string> Outside() => sources.Findings.Select(f => f.Message);

    private Finding? Run(string plugin, string output)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        foreach (var old in Directory.EnumerateFiles(Path.GetDirectoryName(output)!, "*.json")) File.Delete(old);
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["dafny", "resolve", .. sources.Files, .. Front, "--plugin", $"{plugin},\"{output}\""])
        {
            WorkingDirectory = checkout.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            Environment = { ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcConcurrent"] = "0", ["DOTNET_ROLL_FORWARD"] = "LatestMajor" },
        })!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        if (process.ExitCode == 0 && File.Exists(output)) return null;
        var lines = text.Split('\n').Select(l => l.Trim()).Where(l => l.Contains("Error", StringComparison.Ordinal)).Take(3).ToList();
        return new Finding("unresolved", new Place("spec", 0, 0), $"Dafny does not resolve the program: {(lines.Count > 0 ? string.Join(" / ", lines) : $"exit status {process.ExitCode}")}",
            "`make verify` shows all errors with their places");
    }
}
