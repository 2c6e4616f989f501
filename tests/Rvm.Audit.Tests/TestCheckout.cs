using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

/// <summary>A small checkout in a folder of its own, with this project's options and tools.</summary>
public sealed class TestCheckout : IDisposable
{
    public static readonly Checkout Real = Checkout.Find()!;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rvm-audit-");

    public TestCheckout()
    {
        foreach (var file in new[] { Checkout.OptionsFile, "global.json", ".config/dotnet-tools.json", "tools/query-cache/query-cache.c" })
            Write(file, File.ReadAllText(Real.Path(file)));
        Checkout = new Checkout(folder.FullName);
    }

    public Checkout Checkout { get; }

    public void Write(string path, string text)
    {
        var full = Path.Combine(folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    public ProofResult Verify(ProofMode mode = ProofMode.Changed, TextWriter? output = null)
    {
        var sources = new SourceGraph(Checkout);
        return new ProofRun(Checkout, sources, ProverOptions.Read(Checkout), mode)
            .Prove(sources.Files, output ?? TextWriter.Null, terminal: false, CancellationToken.None);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
