namespace Rvm.Tool.Tests.Support;

/// <summary>Finds files of the checkout.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    public static string File(string path) => Path.Combine(Root, path);

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(directory!.FullName, "docs", "abi.md"))) directory = directory.Parent;
        return directory.FullName;
    }
}
