using System.Text.Json;
using Rvm.Diagnostics;
using Rvm.Tool.Mutants;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

/// <summary><c>rvm mutants</c> in a small checkout, with the real prover.</summary>
public sealed class MutantRunTests : IDisposable
{
    private const string Spec = "spec/Stack.dfy";
    private readonly TestCheckout checkout = new();
    private readonly StringWriter output = new(), errors = new();

    public MutantRunTests()
    {
        checkout.Write(Spec, "module Stack {\n  function Push(s: seq<int>, x: int): seq<int> { [x] + s }\n  predicate Full(s: seq<int>) { |s| >= 8 }\n}\n");
        checkout.Write("proofs/Stack.dfy", "include \"../spec/Stack.dfy\"\nmodule StackProofs {\n  import opened Stack\n" +
            "  lemma Last_in_first_out(s: seq<int>, x: int) ensures Push(s, x)[0] == x { }\n  lemma Grows(s: seq<int>, x: int) ensures |Push(s, x)| > 0 { }\n}\n");
    }

    public void Dispose() => checkout.Dispose();

    private int Mutants(string list, params string[] ids)
    {
        checkout.Write("tests/mutants/list.yaml", "layer: spec\nmutants:\n" + list);
        return MutantCommands.Run(checkout.Checkout, ids, json: false, output, errors, CancellationToken.None);
    }

    private static string Mutant(string id, string find, string put, string symbol = "StackProofs.Last_in_first_out", string filter = "") =>
        $"  - {{ id: {id}, says: It is wrong., file: {Spec}, find: '{find}', put: '{put}', " +
        $"refuted: [{{ file: proofs/Stack.dfy, symbol: {symbol}{(filter == "" ? "" : $", filter: {filter}")} }}] }}\n";

    [Fact]
    public void RefutesAMistakeAndKeepsTheResult()
    {
        Assert.True(ExitCodes.Good == Mutants(Mutant("other-end", "[x] + s", "s + [x]")), output.ToString());
        Assert.Contains("1 mutants: 1 refuted, 0 survived", output.ToString());
        using var json = JsonDocument.Parse(File.ReadAllText(checkout.Checkout.Path("artifacts/mutants/mutants.json")));
        var mutant = json.RootElement.GetProperty("mutants")[0];
        Assert.Equal(("other-end", "refuted", 2), (mutant.GetProperty("id").GetString(), mutant.GetProperty("outcome").GetString(), mutant.GetProperty("line").GetInt32()));
        Assert.StartsWith("proofs/Stack.dfy:4:", mutant.GetProperty("proofs")[0].GetProperty("where").GetString());
        Assert.Contains("| other-end | spec |", File.ReadAllText(checkout.Checkout.Path("artifacts/mutants/mutants.md")));
        Assert.DoesNotContain("s + [x]", File.ReadAllText(checkout.Checkout.Path(Spec)));     // only copies are changed
    }

    [Fact]
    public void ASurvivorIsAFinding()
    {
        Assert.Equal(ExitCodes.Finding, Mutants(Mutant("nobody-cares", "|s| >= 8", "|s| > 8") + Mutant("other-end", "[x] + s", "s + [x]")));
        Assert.Contains("tests/mutants/list.yaml:3:5: survived: mutant `nobody-cares`", output.ToString());
        Assert.Contains("2 mutants: 1 refuted, 1 survived", output.ToString());
    }

    [Fact]
    public void AFailureElsewhereIsAFinding()
    {
        Assert.Equal(ExitCodes.Finding, Mutants(Mutant("other-end", "[x] + s", "s + [x]", "StackProofs.Grows", "StackProofs")));
        Assert.Contains("elsewhere", output.ToString());
        Assert.Contains("StackProofs.Last_in_first_out fails instead", output.ToString());
    }

    [Fact]
    public void AMutantMustBeAProgram()
    {
        Assert.Equal(ExitCodes.Usage, Mutants(Mutant("no-program", "[x] + s", "[x] + nothing")));
        Assert.Contains("it is not a Dafny program", output.ToString());
    }

    [Fact]
    public void WithoutTheMistakeItMustBeProved()
    {
        checkout.Write("proofs/Stack.dfy", File.ReadAllText(checkout.Checkout.Path("proofs/Stack.dfy")).Replace("[0] == x", "[0] > x", StringComparison.Ordinal));
        Assert.Equal(ExitCodes.Finding, Mutants(Mutant("other-end", "[x] + s", "s + [x]")));
        Assert.Contains("no-baseline", output.ToString());
    }

    [Theory]
    [InlineData("[y] + s", "StackProofs.Last_in_first_out", "its text does not stand in spec/Stack.dfy (any more): [y] + s")]
    [InlineData("seq<int>", "StackProofs.Last_in_first_out", "its text stands 3 times in spec/Stack.dfy, in lines 2, 2, 3")]
    [InlineData("[x] + s", "StackProofs.Last_in_first_ou", "proofs/Stack.dfy declares no `StackProofs.Last_in_first_ou`")]
    public void AListThatDoesNotFitIsAnErrorWithPlaceAndMend(string find, string symbol, string message)
    {
        Assert.Equal(ExitCodes.Usage, Mutants(Mutant("other-end", find, "s + [x]", symbol)));
        Assert.Contains($"tests/mutants/list.yaml:3:5: error: mutant `other-end`: {message}", errors.ToString());
        Assert.Contains("mend: ", errors.ToString());
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public void AnUnknownMutantIsWrongUse()
    {
        var error = Assert.Throws<UserErrorException>(() => Mutants(Mutant("other-end", "[x] + s", "s + [x]"), "other-and"));
        Assert.Contains("did you mean `other-end`?", error.Mend);
    }

    [Fact]
    public void OutOfResourceIsNotARefutation()
    {
        var refutation = new Refutation("a.dfy", "A.L", "A.L.");
        Batch Ended(string outcome) => new("A.L", "correctness", 0, outcome, 7, default, [new Assertion(new Rvm.Tool.Proof.Place("a.dfy", 1, 1), "claim")]);
        Fate Of(params string[] outcomes) => MutantRun.Read(refutation, [], [.. outcomes.Select(Ended)]).Fate;
        Assert.Equal(Fate.NotProved, Of("Valid", "OutOfResource"));
        Assert.Equal(Fate.NotProved, Of("TimeOut"));
        Assert.Equal(Fate.Refuted, Of("OutOfResource", "Invalid"));
        Assert.Equal(Fate.Survived, Of("Valid"));
        Assert.Equal(Fate.Wrong, Of());
    }
}
