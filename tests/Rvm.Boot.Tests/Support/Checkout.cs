namespace Rvm.Boot.Tests;

/// <summary>The checkout under test and what has to be built in it.</summary>
public static class Checkout
{
    public static string Root { get; } = Find();

    public static string Path_(string relative) => Path.Combine(Root, relative);

    /// <summary>Fails, never skips, when something that <c>make build</c> makes is missing.</summary>
    public static void MustBeBuilt()
    {
        string[] needed =
        [
            "rvm", "artifacts/kernel/kernel.elf",
            .. new[] { "calm", "child", "crash", "crowd", "flooder", "fpu", "heavy", "hello", "intruder", "lifecycle", "monitor", "operator", "pingpong", "prover", "reader", "tenant", "victim", "worker" }.Select(g => $"artifacts/guests/{g}.elf"),
        ];
        var missing = needed.Where(f => !File.Exists(Path_(f))).ToList();
        if (missing.Count > 0) Assert.Fail($"not built: {string.Join(", ", missing)}; run `make build`");
    }

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "docs", "abi.md"))) directory = directory.Parent;
        return directory.FullName;
    }
}
