using System.Text.RegularExpressions;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit;

/// <summary>The programs that proofs and image rest on, with the versions found here.</summary>
public static partial class ToolVersions
{
    private const string Absent = "not found";

    public static IReadOnlyList<ToolVersion> Of(Checkout checkout, ProverOptions prover) =>
    [
        new("Dafny", prover.DafnyVersion),
        new("Z3", prover.SolverVersion),
        new(".NET SDK", First(Tools.Output("dotnet", ["--version"], checkout.Root))),
        new("ILCompiler", Compiler(checkout)),
        new("binutils", First(Tools.Output("aarch64-linux-gnu-ld", ["--version"]))),
        new("gcc", First(Tools.Output("aarch64-linux-gnu-gcc", ["--version"]))),
        new("QEMU", First(Tools.Output("qemu-system-aarch64", ["--version"]))),
    ];

    private static string First(string output) => output.Split('\n')[0].Trim() is { Length: > 0 } line ? line : Absent;

    /// <summary>The version of the ahead-of-time compiler, as the build files pin it.</summary>
    private static string Compiler(Checkout checkout) =>
        checkout.Files("src", ".csproj", ".proj", ".props", ".targets").Append("Directory.Build.props")
            .Where(file => File.Exists(checkout.Path(file)))
            .Select(file => CompilerVersion().Match(File.ReadAllText(checkout.Path(file))))
            .FirstOrDefault(match => match.Success)?.Groups[1].Value ?? Absent;

    [GeneratedRegex("ILCompiler\"\\s+Version=\"\\[?([^\"\\]]+)", RegexOptions.IgnoreCase)]
    private static partial Regex CompilerVersion();
}
