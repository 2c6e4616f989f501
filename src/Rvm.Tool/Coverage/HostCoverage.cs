using System.Text.Json;
using System.Text.RegularExpressions;
using Rvm.Diagnostics;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Coverage;

/// <summary>
/// Which branches of the generated core the host tests take, by coverlet. The tests run against a copy of the core that is compiled from the same C#
/// with debug information, in a copy of their output folders: the assembly that the image is made from stays as it is.
/// </summary>
public sealed class HostCoverage(Checkout checkout)
{
    private const string Folder = "artifacts/coverage", Core = Folder + "/core", Settings = "tests/coverage.runsettings", Version = "10.0.1";

    // The first look at the assembly's own bytes and references, which counting changes; the others test the specification and hardly enter the core.
    private const string Filter = "FullyQualifiedName!~AssemblyTests&FullyQualifiedName!~ConjunctTests";

    public static readonly string[] Projects = ["Rvm.Verified.Tests", "Rvm.Spec.Tests"];

    /// <summary>Runs the tests and reads what coverlet wrote.</summary>
    /// <exception cref="UserErrorException">Something cannot be built, or a test fails.</exception>
    public IReadOnlyList<Reached> Measure()
    {
        Run(["build", "src/Rvm.Verified/Rvm.Verified.csproj", "-c", "Coverage", "-p:DebugType=portable", "-p:PathMap=", "-o", Core, "-nologo", "-v", "quiet"]);
        foreach (var project in Projects) One(project);
        return Read(checkout.Files($"{Folder}/results", "coverage.json").Select(f => File.ReadAllText(checkout.Path(f))));
    }

    private void One(string project)
    {
        Run(["build", $"tests/{project}", "-nologo", "-v", "quiet"]);
        var (from, to, results) = (checkout.Path($"tests/{project}/bin/Debug/net10.0"), checkout.Path($"{Folder}/{project}"), checkout.Path($"{Folder}/results/{project}"));
        foreach (var old in new[] { to, results }.Where(Directory.Exists)) Directory.Delete(old, recursive: true);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)) Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        foreach (var file in new[] { "Rvm.Verified.dll", "Rvm.Verified.pdb" }) Copy(checkout.Path($"{Core}/{file}"), Path.Combine(to, file));
        Run(["test", Path.Combine(to, project + ".dll"), "--filter", Filter, "--collect", "XPlat Code Coverage", "--settings", Settings,
            "--test-adapter-path", Collector(), "--results-directory", results]);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to, overwrite: true);
    }

    private static string Collector()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var folder = Path.Combine(packages, "coverlet.collector", Version, "build", "net10.0");
        return Directory.Exists(folder) ? folder : throw new UserErrorException($"coverlet.collector {Version} is not restored", "dotnet restore tests/Rvm.Image.Tests");
    }

    private void Run(string[] arguments)
    {
        var (status, said) = Processes.Run("dotnet", arguments, checkout.Root, []);
        if (status != 0) throw new UserErrorException($"dotnet {string.Join(' ', arguments.Take(2))} failed:\n{said}", "see the messages above");
    }

    /// <summary>Joins coverlet's reports: a branch is taken when a test of any project takes it. Symbols are <c>Class.Method</c>.</summary>
    public static IReadOnlyList<Reached> Read(IEnumerable<string> reports)
    {
        Dictionary<string, Dictionary<(int Line, int Offset, int Path, int Ordinal), long>> methods = [];
        foreach (var report in reports)
        {
            using var json = JsonDocument.Parse(report);
            foreach (var method in from module in json.RootElement.EnumerateObject() from file in module.Value.EnumerateObject()
                                   from type in file.Value.EnumerateObject() from method in type.Value.EnumerateObject() select method)
            {
                var name = Name(method.Name);
                if (!methods.TryGetValue(name, out var branches)) methods[name] = branches = [];
                foreach (var b in method.Value.GetProperty("Branches").EnumerateArray())
                {
                    int I(string field) => b.GetProperty(field).GetInt32();
                    var key = (I("Line"), I("Offset"), I("Path"), I("Ordinal"));
                    branches[key] = branches.GetValueOrDefault(key) + b.GetProperty("Hits").GetInt64();
                }
            }
        }

        return [.. methods.Where(m => m.Value.Count > 0).Select(m => new Reached(m.Key, m.Value.Count(b => b.Value > 0), m.Value.Count, 0,
            [.. m.Value.Where(b => b.Value == 0).Select(b => $"line {b.Key.Line}").Distinct()], null))];
    }

    /// <summary><c>System.UInt64 EdgeCalls.__default::NotifySignal(…)</c> is <c>EdgeCalls.NotifySignal</c>.</summary>
    private static string Name(string signature) =>
        Regex.Replace(signature, @"^\S+ (.+)::([^(]+)\(.*$", "$1.$2").Replace(".__default", "", StringComparison.Ordinal);
}
