using Rvm.Tool.Mutants;

namespace Rvm.Tool.Proof;

/// <summary>
/// Preconditions that nothing needs: the claim says less than is proved. Dafny names those that a proof did not use; of these many are needed to make
/// sense of the claim (an index in its range), so each is left out, and counts only if the declaration is proved without it.
/// </summary>
public sealed class IdlePremises(Checkout checkout, ProverOptions options)
{
    public const string Rule = "idle-premise";

    /// <summary>What Dafny says of a premise that the proof does not use.</summary>
    public const string Message = "unnecessary requires clause";

    /// <summary>The folders whose claims are looked at: the specification and the core.</summary>
    private static readonly string[] Folders = ["spec/", "src/Rvm.Verified/"];

    /// <param name="unused">what Dafny found</param>
    /// <param name="output">gets a line for each premise that is tried</param>
    public IReadOnlyList<Finding> Among(IEnumerable<Finding> unused, TextWriter output, CancellationToken cancel)
    {
        var places = unused.Select(f => f.Place).Where(p => Folders.Any(folder => p.File.StartsWith(folder, StringComparison.Ordinal))).Distinct().ToList();
        var kept = KeptPremises.Read(checkout);
        if (places.Count == 0 && kept.Count == 0) return [];
        using var tree = new MutantTree(checkout);
        var tried = (from place in places
                     let source = tree.Sources.Source(place.File)
                     let premise = Premise.At(source, place)
                     where premise != null && !kept.Any(k => k.Is(premise))
                     select (Premise: premise, Mutant: Left(premise, source))).ToList();
        if (places.Count > 0) output.WriteLine($"{places.Count} premises that no proof used; {tried.Count} of them can be left out by themselves, which is tried");
        var results = new MutantRun(checkout, tree, options).Prove([.. tried.Select(t => t.Mutant)], _ => { }, cancel);
        var idle = tried.Zip(results).Where(r => r.Second.Fate == Fate.Survived).Select(r => r.First.Premise);
        return [.. kept.Where(k => !Stands(k, tree.Sources)).Select(Gone), .. idle.Select(Idle)];
    }

    private static Mutant Left(Premise premise, string source) => new(
        $"{premise.Symbol}-{premise.Offset}", "A premise is left out.", "core", premise.File, source, premise.Without(source),
        [new Refutation(premise.File, premise.Symbol, premise.Symbol + ".")], new Diagnostics.Place(premise.File, premise.Place.Line, premise.Place.Column));

    private static bool Stands(KeptPremise kept, SourceGraph sources) => sources.Files.SelectMany(file => DafnyOutline.Of(sources.Source(file)).Declarations)
        .Any(d => d.Name == kept.Symbol && d.Head.Contains(kept.Premise, StringComparison.Ordinal));

    private static Finding Gone(KeptPremise kept) =>
        new(Rule, kept.Place, $"{kept.Symbol} has no premise {kept.Premise} (any more)", "write what stands there now, or leave the entry out");

    private static Finding Idle(Premise premise) => new(Rule, premise.Place, $"{premise.Symbol} is proved without this premise: {premise.Text}",
        $"leave it out; if it is there for the reader, say why in {KeptPremises.File}");
}
