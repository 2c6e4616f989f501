namespace Rvm.Tool.Proof;

/// <summary>The checkout that a command works on. Paths inside it are relative, with forward slashes.</summary>
public sealed class Checkout(string root)
{
    public const string OptionsFile = "dfyconfig.toml";

    /// <summary>Folders whose Dafny files are proved.</summary>
    public static readonly IReadOnlyList<string> ProofFolders = ["spec", "proofs", "src/Rvm.Verified"];

    /// <summary>The one folder whose declarations may be trusted instead of proved: contracts of the platform.</summary>
    public const string ContractFolder = "src/Rvm.Verified/platform/";

    public string Root { get; } = System.IO.Path.GetFullPath(root);

    /// <summary>The checkout whose <c>./rvm</c> runs, else the one around the current folder, else the one that the tool was built in.</summary>
    public static Checkout? Find() =>
        Above(Environment.GetEnvironmentVariable("RVM_ROOT") is { Length: > 0 } named ? named : Directory.GetCurrentDirectory())
        ?? Above(AppContext.BaseDirectory);

    public string Path(string relative) => System.IO.Path.Combine(Root, relative);

    public string Relative(string path) =>
        System.IO.Path.GetRelativePath(Root, System.IO.Path.GetFullPath(path, Root)).Replace('\\', '/');

    /// <summary>Files under a folder whose name ends with one of the suffixes, in ordinal order; build output is left out.</summary>
    public IReadOnlyList<string> Files(string folder, params string[] suffixes)
    {
        if (!Directory.Exists(Path(folder))) return [];
        return Directory.EnumerateFiles(Path(folder), "*", SearchOption.AllDirectories)
            .Select(Relative)
            .Where(file => suffixes.Any(suffix => file.EndsWith(suffix, StringComparison.Ordinal)))
            .Where(file => !file.Split('/').Any(part => part is "obj" or "bin"))
            .Order(StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>Every Dafny file that has to be proved.</summary>
    public IReadOnlyList<string> DafnyFiles() => ProofFolders.SelectMany(folder => Files(folder, ".dfy")).ToList();

    private static Checkout? Above(string folder)
    {
        for (var at = new DirectoryInfo(folder); at != null; at = at.Parent)
            if (File.Exists(System.IO.Path.Combine(at.FullName, OptionsFile))) return new Checkout(at.FullName);
        return null;
    }
}
