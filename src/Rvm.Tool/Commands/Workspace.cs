namespace Rvm.Tool.Commands;

/// <summary>Where things are in the checkout.</summary>
public static class Workspace
{
    /// <summary>The checkout: <c>RVM_ROOT</c>, or the nearest directory above the current one, or above the tool, that holds <c>docs/abi.md</c>; else the current one.</summary>
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("RVM_ROOT") is { Length: > 0 } given ? Path.GetFullPath(given)
        : Above(Environment.CurrentDirectory) ?? Above(AppContext.BaseDirectory) ?? Environment.CurrentDirectory;

    /// <summary>The kernel that images are made of unless the user names another.</summary>
    public static string Kernel => Path.Combine(Root, "artifacts", "kernel", "kernel.elf");

    /// <summary>Where the files of a built system go.</summary>
    public static string SystemDirectory(string name) => Path.Combine(Root, "artifacts", "systems", name);

    /// <summary>The path as the user would write it: relative to the current directory when that is shorter.</summary>
    public static string Show(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.Length < path.Length ? relative : path;
    }

    private static string? Above(string start)
    {
        for (var d = new DirectoryInfo(start); d is not null; d = d.Parent)
            if (File.Exists(Path.Combine(d.FullName, "docs", "abi.md")))
                return d.FullName;
        return null;
    }
}
