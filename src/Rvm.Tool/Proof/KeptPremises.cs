using Rvm.Diagnostics;
using Rvm.Tool.SystemDescription;
using Place = Rvm.Tool.Proof.Place;

namespace Rvm.Tool.Proof;

/// <summary>A premise that no proof needs and that stays, and why.</summary>
/// <param name="Place">where the list says so</param>
public sealed record KeptPremise(string Symbol, string Premise, string Why, Place Place)
{
    public bool Is(Premise premise) => premise.Symbol == Symbol && premise.Text == Premise;
}

/// <summary>The list of premises that stay although no proof needs them. Each entry says why.</summary>
public static class KeptPremises
{
    public const string File = "proofs/premises.yaml";

    private static readonly string[] FileKeys = ["premises"], Keys = ["symbol", "premise", "why"];

    /// <exception cref="UserErrorException">the list cannot be read</exception>
    public static IReadOnlyList<KeptPremise> Read(Checkout checkout)
    {
        if (!System.IO.File.Exists(checkout.Path(File))) return [];
        var bag = new DiagnosticBag();
        var root = YamlTree.Read(File, System.IO.File.ReadAllText(checkout.Path(File)), bag);
        var top = root == null ? null : MappingReader.Open(root, "a list of premises", FileKeys, bag);
        List<KeptPremise> kept = top == null ? [] : [.. top.List("premises").Select(node => One(node, bag)).OfType<KeptPremise>()];
        if (bag.All.FirstOrDefault() is { } wrong) throw new UserErrorException($"{wrong.Place}: {wrong.Message}", wrong.Mend);
        return kept;
    }

    private static KeptPremise? One(Node node, DiagnosticBag bag)
    {
        if (MappingReader.Open(node, "a premise", Keys, bag) is not { } entry) return null;
        var (symbol, premise) = (entry.Text("symbol", "Module.Lemma"), entry.Text("premise", "p < NPART"));
        var why = entry.Text("why", "It says which slots there are.");
        if (symbol == null || premise == null || why == null) return null;
        return new KeptPremise(symbol.Value, premise.Value, why.Value, new Place(File, entry.Place.Line, entry.Place.Column));
    }
}
