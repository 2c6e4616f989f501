using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants;

/// <summary>Copies of the proved sources in temporary folders: one as the checkout was at the beginning, and one for each mutant.</summary>
public sealed class MutantTree : IDisposable
{
    private static readonly string[] Settings = [Checkout.OptionsFile, "global.json", ".config/dotnet-tools.json"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rvm-mutants-");
    private readonly IReadOnlyList<string> files;
    private int copies;

    public MutantTree(Checkout checkout)
    {
        files = [.. checkout.DafnyFiles(), .. Settings.Where(file => File.Exists(checkout.Path(file)))];
        Original = Copy(checkout);
        Sources = new SourceGraph(Original);
    }

    /// <summary>The sources without a mistake; other work on the checkout does not change them.</summary>
    public Checkout Original { get; }

    public SourceGraph Sources { get; }

    /// <summary>A new copy with the mistake.</summary>
    public Checkout With(Mutant mutant) => With(mutant.File, mutant.Apply(Sources.Source(mutant.File)));

    /// <summary>A new copy in which a file has another text.</summary>
    public Checkout With(string file, string text)
    {
        var copy = Copy(Original);
        File.WriteAllText(copy.Path(file), text);
        return copy;
    }

    public void Dispose() => folder.Delete(recursive: true);

    private Checkout Copy(Checkout from)
    {
        var to = new Checkout(Path.Combine(folder.FullName, $"{Interlocked.Increment(ref copies)}"));
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to.Path(file))!);
            File.Copy(from.Path(file), to.Path(file));
        }
        return to;
    }
}
