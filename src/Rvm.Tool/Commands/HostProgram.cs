using System.Diagnostics;
using Rvm.Diagnostics;

namespace Rvm.Tool.Commands;

/// <summary>A program or library of this checkout that contains the verified core. It is built when it is needed, because the tool has to run before anything is translated.</summary>
/// <param name="Project">Its folder.</param>
/// <param name="Output">Its folder under <c>artifacts/</c>.</param>
/// <param name="Dll">Its file.</param>
/// <param name="Sources">The folders that it is made of.</param>
public sealed record HostProgram(string Project, string Output, string Dll, IReadOnlyList<string> Sources)
{
    /// <summary>True when the checkout has its sources.</summary>
    public bool Exists => Directory.Exists(Path.Combine(Workspace.Root, Project));

    /// <summary>The file, built anew when a source is newer.</summary>
    /// <param name="what">What it is called while it is being built.</param>
    public string Built(string what)
    {
        var dll = Path.Combine(Workspace.Root, "artifacts", Output, Dll);
        if (!File.Exists(dll) || Sources.Any(s => Newer(s, File.GetLastWriteTimeUtc(dll)))) Build(dll, what);
        return dll;
    }

    private static bool Newer(string folder, DateTime than) =>
        Directory.Exists(Path.Combine(Workspace.Root, folder))
        && Directory.EnumerateFiles(Path.Combine(Workspace.Root, folder), "*", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Any(f => File.GetLastWriteTimeUtc(f) > than);

    private void Build(string dll, string what)
    {
        if (!Console.IsErrorRedirected) Console.Error.WriteLine($"rvm: building {what} …");
        using var process = Process.Start(new ProcessStartInfo("dotnet",
            ["build", Path.Combine(Workspace.Root, Project), "-c", "Release", "-o", Path.GetDirectoryName(dll)!, "-v", "quiet", "--nologo"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        })!;
        process.StandardInput.Close();
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var error = said.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal));
        if (process.ExitCode != 0) throw new UserErrorException($"{Project} does not build: {error}", "run `make setup`, then `make build`");
        File.SetLastWriteTimeUtc(dll, DateTime.UtcNow);
    }
}
