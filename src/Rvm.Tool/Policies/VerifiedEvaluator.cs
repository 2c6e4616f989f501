using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using Rvm.Diagnostics;
using Rvm.Policy.Checks;
using Rvm.Tool.Commands;

namespace Rvm.Tool.Policies;

/// <summary>
/// The evaluator that the kernel runs, on the host: <c>src/Rvm.Policy.Evaluation</c> around <c>Rvm.Verified.dll</c>. It is built when it is needed,
/// because the tool itself has to run before anything is translated.
/// </summary>
internal sealed class VerifiedEvaluator : IEvaluator
{
    private const string Project = "src/Rvm.Policy.Evaluation", Dll = "Rvm.Policy.Evaluation.dll", Class = "Rvm.Policy.Evaluation.VerifiedPolicy";

    private static readonly string[] Sources = [Project, "src/Rvm.Verified", "src/Rvm.Heap", "spec"];

    private readonly MethodInfo _admit, _decide;

    private VerifiedEvaluator(Type type)
    {
        _admit = type.GetMethod("Admit", [typeof(ulong[])])!;
        _decide = type.GetMethod("Decide", [typeof(uint), typeof(ulong[])])!;
    }

    /// <inheritdoc/>
    public string Name => "Rvm.Verified";

    /// <summary>The evaluator of this checkout; null when the checkout has none.</summary>
    public static VerifiedEvaluator? Find()
    {
        if (!Directory.Exists(Path.Combine(Workspace.Root, Project))) return null;
        var dll = Path.Combine(Workspace.Root, "artifacts", "evaluator", Dll);
        if (!File.Exists(dll) || Sources.Any(s => Newer(s, File.GetLastWriteTimeUtc(dll)))) Build(dll);
        var context = new AssemblyLoadContext("evaluator");
        context.Resolving += (c, name) => Path.Combine(Path.GetDirectoryName(dll)!, name.Name + ".dll") is var path && File.Exists(path)
            ? c.LoadFromAssemblyPath(path) : null;
        return new VerifiedEvaluator(context.LoadFromAssemblyPath(dll).GetType(Class, throwOnError: true)!);
    }

    /// <inheritdoc/>
    public IDecider? Load(ulong[] words) => _admit.Invoke(null, [words]) is { } policy ? new Decider(_decide, policy) : null;

    private static bool Newer(string folder, DateTime than) =>
        Directory.Exists(Path.Combine(Workspace.Root, folder))
        && Directory.EnumerateFiles(Path.Combine(Workspace.Root, folder), "*", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Any(f => File.GetLastWriteTimeUtc(f) > than);

    private static void Build(string dll)
    {
        if (!Console.IsErrorRedirected) Console.Error.WriteLine("rvm: building the verified evaluator …");
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

    private sealed class Decider(MethodInfo decide, object policy) : IDecider
    {
        public Ruling Decide(int call, ulong[] values)
        {
            var ruling = decide.Invoke(policy, [(uint)call, values])!;
            object Property(string name) => ruling.GetType().GetProperty(name)!.GetValue(ruling)!;
            return new Ruling((bool)Property("Permitted"), (int)(uint)Property("Rule"));
        }
    }
}
