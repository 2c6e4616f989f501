using Rvm.Diagnostics;
using Rvm.Tool.Proof;
using Rvm.Tool.SystemDescription;

namespace Rvm.Tool.Mutants.Generated;

/// <summary>Why a generated mutant survives: it means the same, or only proves.</summary>
/// <param name="Text">What it changes, as <see cref="Candidate.Text"/>: notices that the place has moved.</param>
public sealed record Explanation(string Id, string Text, string Why, Rvm.Diagnostics.Place Place);

/// <summary>The file that explains the survivors. An explanation of no mutant, of another text, or of a mutant that is stopped, is a finding.</summary>
public sealed class Explanations(Checkout checkout, DiagnosticBag bag)
{
    public const string File = "tests/mutants/survivors.yaml";

    private static readonly string[] FileKeys = ["survivors"], Keys = ["id", "text", "why"];

    /// <summary>The explanations in the order of the file.</summary>
    public IReadOnlyList<Explanation> Read()
    {
        if (!System.IO.File.Exists(checkout.Path(File))) return [];
        if (YamlTree.Read(File, System.IO.File.ReadAllText(checkout.Path(File)), bag) is not { } root) return [];
        return MappingReader.Open(root, "the explained survivors", FileKeys, bag) is { } top ? [.. top.List("survivors").Select(One).OfType<Explanation>()] : [];
    }

    /// <summary>Each must fit a mutant that can be generated.</summary>
    public void Check(IReadOnlyList<Explanation> explanations, Candidates candidates)
    {
        var all = candidates.All.ToLookup(c => c.Id);
        foreach (var e in explanations)
        {
            if (!all.Contains(e.Id)) bag.Error(e.Place, $"no mutant `{e.Id}` can be generated (any more)", "remove the explanation, or write the id that `rvm mutants --generate` prints");
            else if (all[e.Id].All(c => c.Text != e.Text)) bag.Error(e.Place, $"mutant `{e.Id}` is now: {all[e.Id].First().Text}", "see whether the explanation still holds, then correct `text`");
        }

        foreach (var twins in explanations.GroupBy(e => e.Id).Where(g => g.Count() > 1)) bag.Error(twins.ElementAt(1).Place, $"`{twins.Key}` is explained twice", "remove one");
    }

    private Explanation? One(Node node)
    {
        if (MappingReader.Open(node, "an explained survivor", Keys, bag) is not { } entry) return null;
        var (id, text, why) = (entry.Text("id", "CapTables.CapTable.Check/constant/1"), entry.Text("text", "1 → 2"), entry.Text("why", "The table never has so many entries."));
        return id is null || text is null || why is null ? null : new(id.Value, text.Value, why.Value, entry.Place);
    }
}
