namespace Rvm.Tool.Proof;

/// <summary>The remembering solver (<c>tools/query-cache</c>), built when it is missing or older than its source.</summary>
public static class QueryCache
{
    private const string Source = "tools/query-cache/query-cache.c";

    /// <summary>Path of the program, or null when it cannot be built: then the solver is asked directly.</summary>
    public static string? Build(Checkout checkout)
    {
        var (source, program) = (checkout.Path(Source), checkout.Path("artifacts/proof/query-cache"));
        if (!File.Exists(source)) return null;
        if (File.Exists(program) && File.GetLastWriteTimeUtc(program) >= File.GetLastWriteTimeUtc(source)) return program;
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        var fresh = $"{program}.{Environment.ProcessId}";
        Tools.Output("gcc", ["-O2", "-Wall", "-Wextra", "-o", fresh, source, "-pthread"]);
        if (!File.Exists(fresh)) return null;
        File.Move(fresh, program, overwrite: true);
        return program;
    }
}
