using Rvm.Diagnostics;
using Rvm.Tool.Mutants;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

/// <summary>The list in <c>tests/mutants</c> fits the sources. Whether the proof refutes it is for <c>make mutants</c>.</summary>
public sealed class MutantListTests
{
    private static readonly DiagnosticBag Bag = new();
    private static readonly MutantList List = new(TestCheckout.Real, Bag);
    private static readonly IReadOnlyList<Mutant> Mutants = List.Read();

    [Fact]
    public void EveryMutantFitsTheSources()
    {
        List.Check(Mutants, new SourceGraph(TestCheckout.Real));
        Assert.True(Bag.All.Count == 0, string.Join('\n', Bag.All.Select(d => $"{d.Place}: {d.Message} ({d.Mend})")));
    }

    [Fact]
    public void ThereAreMutantsOfEveryLayer()
    {
        Assert.True(Mutants.Count >= 30, $"{Mutants.Count} mutants");
        Assert.Equal(MutantList.Layers.Order(), Mutants.Select(m => m.Layer).Distinct().Order());
        Assert.Equal(Mutants.Count, Mutants.Select(m => m.Id).Distinct().Count());
    }

    [Fact]
    public void EveryMutantSaysInASentenceWhatIsWrong() => Assert.All(Mutants, m =>
    {
        Assert.Matches("^[a-z][a-z0-9-]*$", m.Id);
        Assert.Matches(@"^[A-Z].*\.$", m.Says);
    });

    /// <summary>The platform's contracts are those of its methods, and what spec/Translation.dfy says that it executes for an effect.</summary>
    [Fact]
    public void LayersAreFolders() => Assert.All(Mutants, m =>
    {
        var contract = m.File.StartsWith(Checkout.ContractFolder, StringComparison.Ordinal) || m.File == "spec/Translation.dfy";
        Assert.Equal(m.Layer, contract ? "platform" : m.File.StartsWith("spec/", StringComparison.Ordinal) ? "spec" : "core");
    });
}
