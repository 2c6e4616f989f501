using Rvm.Diagnostics;
using Rvm.Tool.Proof;
using Rvm.Tool.SystemDescription;
using Place = Rvm.Diagnostics.Place;

namespace Rvm.Tool.Mutants;

/// <summary>The list of mutants: the YAML files of <c>tests/mutants</c>. Whatever is wrong with it is reported with place and mend.</summary>
public sealed class MutantList(Checkout checkout, DiagnosticBag bag)
{
    public const string Folder = "tests/mutants";

    public static readonly IReadOnlyList<string> Layers = ["core", "spec", "platform"];

    private static readonly string[] FileKeys = ["layer", "mutants"];
    private static readonly string[] MutantKeys = ["id", "says", "file", "find", "put", "refuted"];
    private static readonly string[] RefutationKeys = ["file", "symbol", "filter"];

    /// <summary>The mutants in the order of their files, as written.</summary>
    public IReadOnlyList<Mutant> Read() => [.. checkout.Files(Folder, ".yaml").Where(file => file != Generated.Explanations.File).SelectMany(FromFile)];

    /// <summary>Every mutant must fit the sources: its text is there once, and the proofs that refute it exist and depend on its file.</summary>
    public void Check(IReadOnlyList<Mutant> mutants, SourceGraph sources)
    {
        var outlines = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        HashSet<string> Declared(string file) => outlines.TryGetValue(file, out var names) ? names
            : outlines[file] = [.. DafnyOutline.Of(sources.Source(file)).Declarations.Where(d => d.HasBody).Select(d => d.Name)];

        foreach (var twins in mutants.GroupBy(m => m.Id).Where(g => g.Count() > 1))
            bag.Error(twins.ElementAt(1).Place, $"the id `{twins.Key}` stands twice", $"rename one; the first is at {twins.First().Place}");
        foreach (var mutant in mutants)
        {
            if (!Known(mutant, mutant.File, sources)) continue;
            CheckText(mutant, sources.Source(mutant.File));
            foreach (var (file, symbol, _) in mutant.Refutations)
            {
                if (!Known(mutant, file, sources)) continue;
                if (!Declared(file).Contains(symbol))
                    bag.Error(mutant.Place, $"mutant `{mutant.Id}`: {file} declares no `{symbol}`", Suggest.OneOf(symbol, Declared(file)));
                if (!sources.Closure(file).Contains(mutant.File))
                    bag.Error(mutant.Place, $"mutant `{mutant.Id}`: {file} does not include {mutant.File}", "name a proof that depends on the mutated file");
            }
        }
    }

    private bool Known(Mutant mutant, string file, SourceGraph sources)
    {
        if (sources.Files.Contains(file)) return true;
        bag.Error(mutant.Place, $"mutant `{mutant.Id}`: {file} is not one of the proved files", Suggest.OneOf(file, [.. sources.Files]));
        return false;
    }

    private void CheckText(Mutant mutant, string source)
    {
        var lines = mutant.LinesIn(source);
        if (lines.Count == 0)
            bag.Error(mutant.Place, $"mutant `{mutant.Id}`: its text does not stand in {mutant.File} (any more): {FirstLine(mutant.Find)}",
                "write into `find` what stands there now, or remove the mutant if what it breaks is gone");
        if (lines.Count > 1)
            bag.Error(mutant.Place, $"mutant `{mutant.Id}`: its text stands {lines.Count} times in {mutant.File}, in lines {string.Join(", ", lines)}",
                "make `find` longer until it stands there once");
        if (mutant.Put == mutant.Find) bag.Error(mutant.Place, $"mutant `{mutant.Id}` changes nothing", "write another text into `put`");
    }

    private static string FirstLine(string text) => text.Split('\n')[0] + (text.Contains('\n', StringComparison.Ordinal) ? " …" : "");

    private IEnumerable<Mutant> FromFile(string file)
    {
        if (YamlTree.Read(file, File.ReadAllText(checkout.Path(file)), bag) is not { } root) return [];
        if (MappingReader.Open(root, "a list of mutants", FileKeys, bag) is not { } top) return [];
        if (top.Choice("layer", Layers.Select((name, i) => (name, i)).ToDictionary(l => l.name, l => l.i), required: true) is not { } layer) return [];
        return top.List("mutants").Select(node => One(node, Layers[layer])).OfType<Mutant>().ToList();
    }

    private Mutant? One(Node node, string layer)
    {
        if (MappingReader.Open(node, "a mutant", MutantKeys, bag) is not { } entry) return null;
        var (id, says, file, find) = (entry.Text("id", "rights-inverted"), entry.Text("says", "The check lets through what it must refuse."),
            entry.Text("file", "spec/Capabilities.dfy"), entry.Text("find", "a <= b"));
        var put = entry.Text("put", "a < b");
        if (id == null || says == null || file == null || find == null || put == null) return null;
        var refutations = entry.List("refuted").Select(item => Refuted(item, file.Value)).OfType<Refutation>().ToList();
        if (refutations.Count == 0)
            bag.Error(entry.PlaceOf("refuted"), $"mutant `{id.Value}` names no proof that refutes it", "add `refuted:` with at least one `- symbol: Module.Lemma`");
        return new Mutant(id.Value, says.Value, layer, file.Value, find.Value, put.Value, refutations, entry.Place);
    }

    private Refutation? Refuted(Node node, string mutated)
    {
        if (MappingReader.Open(node, "a refutation", RefutationKeys, bag) is not { } entry) return null;
        if (entry.Text("symbol", "Module.Lemma") is not { } symbol) return null;
        return new Refutation(entry.OptionalText("file", mutated)?.Value ?? mutated, symbol.Value, entry.OptionalText("filter", "Lemma.")?.Value ?? symbol.Value + ".");
    }
}
