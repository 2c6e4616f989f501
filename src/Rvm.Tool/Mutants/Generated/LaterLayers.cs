using System.Diagnostics;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants.Generated;

/// <summary>
/// What a mutant meets that every proof lets through: the differential run of tests/Rvm.Spec.Tests (core and specification side by side on random events), and the boot of
/// systems in QEMU. Both work on a copy of the checkout with the mistake, built from there.
/// </summary>
internal sealed class LaterLayers(Checkout checkout, Layers layers)
{
    private const int DifferentialMinutes = 30, BootMinutes = 30;

    private static readonly string[] Folders = ["src", "tests", "spec", "proofs", "systems", "policies", "docs", "tools", ".config"];

    private static readonly string[] Systems = ["systems/hello.yaml", "systems/lifecycle.yaml", "systems/mapper.yaml", "systems/intruder.yaml"];

    public (Killer, string) Try(Candidate candidate, MutantTree tree, List<string> tried, CancellationToken cancel)
    {
        if (!layers.Differential && !layers.Boot) return (Killer.Survived, "everything is still proved; no later layer was asked");
        var folder = Directory.CreateTempSubdirectory("rvm-mutant-");
        try
        {
            Copy(checkout.Root, folder.FullName);
            foreach (var file in tree.Sources.Files) File.WriteAllText(Path.Combine(folder.FullName, file), tree.Sources.Source(file));
            File.WriteAllText(Path.Combine(folder.FullName, candidate.File), candidate.Apply(tree.Sources.Source(candidate.File)));
            return (layers.Differential ? Differential(folder.FullName, tried, cancel) : null)
                ?? (layers.Boot && candidate.Layer == "core" ? Boot(folder.FullName, tried, cancel) : null)
                ?? (Killer.Survived, "everything is still proved, and no test fails");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (Killer, string)? Differential(string folder, List<string> tried, CancellationToken cancel)
    {
        tried.Add("tests/Rvm.Spec.Tests: DifferentialTests");
        var (status, output) = Run(folder, DifferentialMinutes, cancel, "dotnet", "test", "tests/Rvm.Spec.Tests", "--nologo", "--filter", "FullyQualifiedName~.DifferentialTests|FullyQualifiedName~.MirrorTests");
        return status == 0 ? null : (Killer.Differential, Told(output, "Error Message", "error "));
    }

    private static (Killer, string)? Boot(string folder, List<string> tried, CancellationToken cancel)
    {
        tried.AddRange(Systems);
        var (built, log) = Run(folder, BootMinutes, cancel, "make", "-s", "image", "guests");
        if (built != 0) return (Killer.Boot, "the image is not built: " + Told(log, "error"));
        foreach (var system in Systems)
        {
            var witness = Path.Combine(folder, "mutant.bin");
            var (status, output) = Run(folder, BootMinutes, cancel, "./rvm", "run", system, "--witness", witness, "--timeout", "120");
            if (status != 0 || output.Contains("FAILED", StringComparison.Ordinal)) return (Killer.Boot, $"{system}: {Told(output, "FAILED", "FAULT", "rvm: ", "breach")}");
            var (verified, findings) = Run(folder, BootMinutes, cancel, "./rvm", "witness", "replay", witness);
            if (verified != 0) return (Killer.Boot, $"{system}: {Told(findings, "record")}");
        }

        return null;
    }

    /// <summary>The line after the first one that has one of the words, or that line.</summary>
    private static string Told(string output, params string[] words)
    {
        var lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var at = Array.FindIndex(lines, l => words.Any(w => l.Contains(w, StringComparison.Ordinal)));
        return at < 0 ? "it fails" : lines[at].EndsWith("Message:", StringComparison.Ordinal) && at + 1 < lines.Length ? lines[at + 1] : lines[at];
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Folders.Where(f => Directory.Exists(Path.Combine(from, f))))
            foreach (var file in new Checkout(from).Files(folder, ""))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, file))!);
                File.Copy(Path.Combine(from, file), Path.Combine(to, file));
            }
    }

    private static (int Status, string Output) Run(string folder, int minutes, CancellationToken cancel, string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program.StartsWith('.') ? Path.Combine(folder, program) : program, arguments)
            { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        info.Environment["RVM_ROOT"] = folder;
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        using var stop = cancel.Register(() => Kill(process));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        if (!process.WaitForExit(minutes * 60_000))
        {
            Kill(process);
            return (-1, $"error: {program} {arguments[0]} did not end within {minutes} minutes");
        }

        cancel.ThrowIfCancellationRequested();
        return (process.ExitCode, output.Result + errors.Result);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // it has ended
        }
    }
}
