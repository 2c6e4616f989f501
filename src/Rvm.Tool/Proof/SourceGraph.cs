namespace Rvm.Tool.Proof;

/// <summary>The Dafny files to prove and what each includes.</summary>
public sealed class SourceGraph
{
    private readonly Dictionary<string, IReadOnlyList<string>> includes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> tokens = new(StringComparer.Ordinal);
    private readonly List<Finding> findings = [];

    public SourceGraph(Checkout checkout)
    {
        Files = checkout.DafnyFiles();
        foreach (var file in Files) sources[file] = File.ReadAllText(checkout.Path(file));
        foreach (var file in Files) includes[file] = Includes(checkout, file);
        foreach (var file in Files) tokens[file] = ProofStore.Hash(string.Join('\0', DafnyLexer.Tokens(sources[file]).Select(t => t.Text)));
    }

    public IReadOnlyList<string> Files { get; }

    /// <summary>Includes that lead out of the proved folders, or nowhere.</summary>
    public IReadOnlyList<Finding> Findings => findings;

    public string Source(string file) => sources[file];

    /// <summary>A digest of the file's tokens: the same when only comments or layout differ.</summary>
    public string Tokens(string file) => tokens[file];

    /// <summary>The file and everything it includes, directly or not, in ordinal order.</summary>
    public IReadOnlyList<string> Closure(string file)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([file]);
        while (open.TryPop(out var next))
            if (seen.Add(next))
                foreach (var include in includes[next]) open.Push(include);
        return [.. seen];
    }

    private List<string> Includes(Checkout checkout, string file)
    {
        var proved = new List<string>();
        foreach (var (path, line, column) in DafnyOutline.Of(sources[file]).Includes)
        {
            var target = checkout.Relative(System.IO.Path.Combine(checkout.Path(System.IO.Path.GetDirectoryName(file)!), path));
            if (sources.ContainsKey(target)) proved.Add(target);
            else findings.Add(new Finding("include", new Place(file, line, column), $"include \"{path}\" is not one of the proved files",
                $"Dafny trusts what a file includes; proved are {string.Join(", ", Checkout.ProofFolders)}"));
        }
        return proved;
    }
}
