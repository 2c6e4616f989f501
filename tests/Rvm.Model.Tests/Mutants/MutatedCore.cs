using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Rvm.Model.Tests.Mutants;

/// <summary>What the model checker said about a core with a mistake.</summary>
public sealed record Finding(int ExitCode, string What, int Events, string Output);

/// <summary>
/// Compiles an edited copy of the C# that Dafny made of the core into another Rvm.Verified.dll, and runs the model checker, unchanged, with that one.
/// The real one is left alone.
/// </summary>
public static class MutatedCore
{
    private static readonly string Root = FindRoot();

    /// <summary>The texts of the generated core, and of the module's own attribute file.</summary>
    private static readonly Lazy<string[]> Sources = new(() => [.. new[] { "obj/generated/Machine.cs", "obj/generated/Kernel.cs", "Module.cs" }.Select(f => File.ReadAllText(Path.Combine(Root, "src/Rvm.Verified", f)))]);

    private static string FindRoot()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Rvm.sln"))) root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("Rvm.sln not found");
        return root;
    }

    /// <summary>Explores with a core in which <paramref name="text"/>, which must occur exactly once within <paramref name="within"/>, is replaced.</summary>
    /// <param name="within">The beginning of the method; its end is the next line that closes one.</param>
    public static Finding Explore(string within, string text, string replacement, params string[] arguments)
    {
        using var output = new StringWriter();
        var context = new CoreContext(Compile([.. Sources.Value.Select(s => Replace(s, within, text, replacement))]));
        var program = context.LoadFromAssemblyPath(typeof(Program).Assembly.Location).GetType(typeof(Program).FullName!)!;
        var exit = (int)program.GetMethod(nameof(Program.Run))!.Invoke(null, [(string[])[.. arguments, "--format", "json"], output, output])!;
        context.Unload();
        if (exit == 2) throw new InvalidOperationException(output.ToString());
        var violation = JsonDocument.Parse(output.ToString()).RootElement[0] is var row && row.TryGetProperty("violation", out var v) ? v : default;
        return violation.ValueKind == JsonValueKind.Object
            ? new(exit, violation.GetProperty("what").GetString()!, violation.GetProperty("steps").GetArrayLength(), string.Join('\n', violation.GetProperty("steps").EnumerateArray()))
            : new(exit, "", 0, output.ToString());
    }

    private static string Replace(string source, string within, string text, string replacement)
    {
        if (source.IndexOf(within, StringComparison.Ordinal) is var start && start < 0) return source;
        var end = source.IndexOf("\n    }\n", start, StringComparison.Ordinal);
        var at = source.IndexOf(text, start, StringComparison.Ordinal);
        if (at < 0 || at >= end || source.IndexOf(text, at + 1, StringComparison.Ordinal) is >= 0 and var again && again < end)
            throw new InvalidOperationException($"`{text}` does not occur exactly once in `{within}` of the generated core: the mutant has to follow the core");
        return source[..at] + replacement + source[(at + text.Length)..];
    }

    private static byte[] Compile(string[] sources)
    {
        if (sources.SequenceEqual(Sources.Value)) throw new InvalidOperationException("the mutant changes nothing: its method is not in the generated core");
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(p) is "Rvm.Heap.dll" or "netstandard.dll").Select(p => MetadataReference.CreateFromFile(p));
        var compilation = CSharpCompilation.Create("Rvm.Verified", sources.Select(s => CSharpSyntaxTree.ParseText(s)), references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success) throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        return image.ToArray();
    }

    /// <summary>Loads everything anew, with the mutated core in the place of the real one.</summary>
    private sealed class CoreContext(byte[] core) : AssemblyLoadContext(isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName name)
        {
            if (name.Name == "Rvm.Verified") return LoadFromStream(new MemoryStream(core));
            var file = Path.Combine(AppContext.BaseDirectory, name.Name + ".dll");
            return name.Name is "Rvm.Spec" or "Rvm.Heap" or "rvm-model" && File.Exists(file) ? LoadFromAssemblyPath(file) : null;
        }
    }
}
