namespace Rvm.Tool.Proof;

/// <summary>The Dafny files to prove and what each includes.</summary>
public sealed class SourceGraph
{
    private readonly Dictionary<string, IReadOnlyList<string>> includes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceSlices> slices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> modules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> depths = new(StringComparer.Ordinal);
    private readonly List<Finding> findings = [];

    public SourceGraph(Checkout checkout)
    {
        Files = checkout.DafnyFiles();
        foreach (var file in Files) sources[file] = File.ReadAllText(checkout.Path(file));
        foreach (var file in Files) Read(checkout, file, DafnyOutline.Of(sources[file]));
        foreach (var file in Files) depths[file] = Measure(file);
        foreach (var file in Files) slices[file] = new SourceSlices(sources[file]);
    }

    public IReadOnlyList<string> Files { get; }

    /// <summary>Includes that lead out of the proved folders, or nowhere.</summary>
    public IReadOnlyList<Finding> Findings => findings;

    /// <summary>SHA-256 of all proved sources, names included.</summary>
    public string Digest => ProofStore.Hash(string.Join('\n', Files.Select(file => $"{file} {ProofStore.Hash(sources[file])}")));

    public string Source(string file) => sources[file];

    /// <summary>What a file may depend on in each file that it includes, directly or not: the same when only comments, layout or unrelated declarations differ.</summary>
    public IEnumerable<(string File, string Text)> Needed(string file)
    {
        var included = Closure(file).Where(f => f != file).ToList();
        return included.Zip(SourceSlices.Needed([.. included.Select(f => slices[f])], slices[file]));
    }

    /// <summary>Qualified names of what a file declares.</summary>
    public IReadOnlyList<string> Names(string file) => names[file];

    /// <summary>Names of the modules that stand in a file, without those inside others.</summary>
    public IReadOnlyList<string> Modules(string file) => modules[file];

    /// <summary>Length of the longest chain of includes that ends in a file: 1 for one that includes nothing.</summary>
    public int Depth(string file) => depths[file];

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

    private int Measure(string file)
    {
        if (depths.TryGetValue(file, out var known)) return known;
        depths[file] = 0;       // ends a cycle
        return depths[file] = 1 + includes[file].Select(Measure).DefaultIfEmpty(0).Max();
    }

    private void Read(Checkout checkout, string file, DafnyOutline outline)
    {
        names[file] = [.. outline.Declarations.Select(d => d.Name).Distinct()];
        modules[file] = [.. outline.Declarations.Where(d => d.Kind == "module").Select(d => d.Name.Split('.')[0]).Distinct()];
        includes[file] = Includes(checkout, file, outline);
    }

    private List<string> Includes(Checkout checkout, string file, DafnyOutline outline)
    {
        var proved = new List<string>();
        foreach (var (path, line, column) in outline.Includes)
        {
            var target = checkout.Relative(System.IO.Path.Combine(checkout.Path(System.IO.Path.GetDirectoryName(file)!), path));
            if (sources.ContainsKey(target)) proved.Add(target);
            else findings.Add(new Finding("include", new Place(file, line, column), $"include \"{path}\" is not one of the proved files",
                $"Dafny trusts what a file includes; proved are {string.Join(", ", Checkout.ProofFolders)}"));
        }
        return proved;
    }
}
