using Rvm.Tool.Proof;
using Rvm.Tool.Theorems;

namespace Rvm.Audit.Tests;

/// <summary>docs/theorems.md is what the sources say, and the generator finds what it should.</summary>
public sealed class TheoremPageTests : IDisposable
{
    /// <summary>In two pieces, so that it is no trait of a test here.</summary>
    private const string Trait = "[Tr" + "ait(\"Theorem\", ";

    private readonly TestCheckout checkout = new();

    public TheoremPageTests()
    {
        checkout.Write("spec/State.dfy", "module State {\n  datatype Door = Open | Shut(key: int)\n  predicate Safe(d: Door) { d.Shut? && Strong(d.key) }\n  predicate Strong(k: int) { k > 1 }\n}\n");
        checkout.Write("proofs/Doors.dfy",
            "include \"../spec/State.dfy\"\nmodule Doors {\n  import opened State\n  lemma Helper(k: int) requires Strong(k) ensures k > 0 { }\n" +
            "  lemma Safe_doors_are_shut(d: Door)\n    requires Safe(d)\n    ensures d.Shut?\n  {\n    Helper(d.key);\n  }\n}\n");
        checkout.Write(TheoremRun.TheoremFile,
            "include \"../proofs/Doors.dfy\"\nmodule Theorem {\n  import S = State\n  import Doors\n  // 1. Doors\n" +
            "  /** A safe door is shut. */\n  lemma Safe_means_shut(d: S.Door) requires S.Safe(d) ensures d.Shut? { Doors.Safe_doors_are_shut(d); }\n}\n");
        checkout.Write("docs/proofs.md", "# Proofs\n");
        checkout.Write("docs/trust.md", "# Trust\n");
        checkout.Write("spec/Step.dfy", "module Step { }\n");
        checkout.Write("tests/A/DoorTests.cs", $"public class DoorTests\n{{\n    private sealed class Key;\n    [Fact]\n    {Trait}\"Safe_means_shut\")]\n    public void A_shut_door_is_shut() {{ }}\n}}\n");
    }

    public void Dispose() => checkout.Dispose();

    private (int Status, string Output) Run(bool check)
    {
        var output = new StringWriter();
        return (TheoremCommands.Run(checkout.Checkout, check, json: false, output), output.ToString());
    }

    private string Page => File.ReadAllText(checkout.Checkout.Path(TheoremPage.File));

    [Fact]
    public void ThePageOfThisCheckoutIsWhatItsSourcesSay()
    {
        var output = new StringWriter();
        var status = TheoremCommands.Run(TestCheckout.Real, check: true, json: false, output);
        Assert.True(status == 0, $"run `make theorems`, and mend what it finds:\n{output}");
    }

    [Fact]
    public void SaysWhereAClaimStandsWhatItMeansAndWhatItRestsOn()
    {
        Assert.Equal((0, $"written: {TheoremPage.File}, 1 claims, 0 findings\n  all figures for 0 claims: the others rest on files without a current proof (`make verify`)\n"),
            Run(check: false));
        Assert.Contains("### 1. Doors\n\n#### Safe means shut\n\nA safe door is shut.\n", Page);
        Assert.Contains("```dafny\nlemma Safe_means_shut(d: S.Door)\n  requires S.Safe(d)\n  ensures d.Shut?\n```", Page);
        Assert.Contains("[`Theorem.Safe_means_shut`](../spec/Theorem.dfy#L7); **proof**: [`Doors.Safe_doors_are_shut`](../proofs/Doors.dfy#L5)\n", Page);
        Assert.Contains("[`State.Door`](../spec/State.dfy#L2), [`State.Safe`](../spec/State.dfy#L3)\n- With what they are defined by: 3 definitions (`spec/`: [State](../spec/State.dfy) 3)\n", Page);
        Assert.Contains("**Rests on** 2 lemmas (`proofs/`: [Doors](../proofs/Doors.dfy) 2) and 3 definitions\n", Page);
        Assert.Contains("**axioms**: none\n", Page);
        Assert.Contains("- **Resource units**: no current proof\n", Page);
        Assert.Contains("- **Tests**: [`DoorTests.A_shut_door_is_shut`](../tests/A/DoorTests.cs#L6)\n", Page);
        Assert.Equal(0, Run(check: true).Status);
    }

    [Fact]
    public void HasTheUnitsOfTheLastProofButComparesWithoutThem()
    {
        Run(check: false);
        Assert.True(checkout.Verify().Good);
        Assert.Equal(0, Run(check: true).Status);
        Run(check: false);
        Assert.Matches(@"- \*\*Resource units\*\*: [\d,]+ at the statement; [\d,]+ for everything it rests on \(\d+ obligations\), the heaviest [\d,]+ \(`\w+\.\w+`\)\n", Page);
        Assert.Equal(0, Run(check: true).Status);
    }

    [Theory]
    [InlineData("spec/Theorem.dfy", "A safe door is shut.", "A safe door is shut and green.", "should be: A safe door is shut and green.")]
    [InlineData("proofs/Doors.dfy", "lemma Helper", "\n  lemma Helper", "#L6)")]
    [InlineData("tests/A/DoorTests.cs", "[Fact]", "\n    [Fact]", "DoorTests.cs#L7)")]
    [InlineData(TheoremPage.File, "# What is proved", "# What is not proved", "should be: # What is proved")]
    public void APageThatIsOutOfDateIsAFinding(string file, string find, string put, string message)
    {
        Run(check: false);
        checkout.Write(file, File.ReadAllText(checkout.Checkout.Path(file)).Replace(find, put));
        var (status, output) = Run(check: true);
        Assert.Equal(1, status);
        Assert.Contains($"{TheoremPage.File}:", output);
        Assert.Contains("out-of-date: ", output);
        Assert.Contains(message, output);
    }

    [Fact]
    public void AClaimWithoutATestAndATestOfNoClaimAreFindings()
    {
        checkout.Write("tests/A/DoorTests.cs", $"{Trait}\"Safe_means_shout\")]\npublic class DoorTests\n{{\n}}\n{Trait}\"Safe_means_shut\")]\n");
        var (status, output) = Run(check: false);
        Assert.Equal(1, status);
        Assert.Contains("spec/Theorem.dfy:7: no-test: ", output);
        Assert.Contains("tests/A/DoorTests.cs:1:2: unknown-theorem: DoorTests names Safe_means_shout", output);
        Assert.Contains("did you mean `Safe_means_shut`?", output);
        Assert.Contains("tests/A/DoorTests.cs:5:2: trait-without-test: ", output);
    }

    [Fact]
    public void AnAxiomAnywhereInAProofIsAFinding()
    {
        checkout.Write("proofs/Doors.dfy", File.ReadAllText(checkout.Checkout.Path("proofs/Doors.dfy")).Replace("ensures k > 0 { }", "ensures k > 0"));
        var (status, output) = Run(check: false);
        Assert.Equal(1, status);
        Assert.Contains("axiom: Safe_means_shut rests on Doors.Helper, which is not proved", output);
        Assert.Contains("**axioms**: [`Doors.Helper`](../proofs/Doors.dfy#L4)", Page);
    }

    [Theory]
    [InlineData("[`Doors.Helper`](../proofs/Doors.dfy#L4) and [`State.Safe`](../spec/State.dfy#L3)", null)]
    [InlineData("[`Doors.Helper`](../proofs/Doors.dfy#L5)", "proofs/Doors.dfy:5 does not declare Helper")]
    [InlineData("[`Doors.Helper`](../proofs/Doors.dfy#L500)", "proofs/Doors.dfy:500 does not declare Helper")]
    [InlineData("[`Doors.Help`](../proofs/Doors.dfy#L4)", "proofs/Doors.dfy:4 does not declare Help")]
    [InlineData("[Doors](../proofs/Door.dfy)", "proofs/Door.dfy does not exist")]
    [InlineData("# A b\n[there](#a-b)", null)]
    [InlineData("# A b\n[there](#a-c)", "no heading #a-c")]
    public void BrokenLinksAreFound(string text, string? problem) =>
        Assert.Equal(problem, LinkCheck.Broken(checkout.Checkout, TheoremPage.File, text).Select(f => f.Message).SingleOrDefault());

    [Fact]
    public void ResolvesNamesThroughImportsTypesAndParameters()
    {
        checkout.Write("spec/A.dfy", """
            module A {
              class C { var n: int  predicate Good() reads this { n == Low }  constructor () { n := Made(); } }
              class D { predicate Good() { true } }
              const Low := 1
              function Made(): int { Low }
              datatype T = One | Two(x: int)
            }
            module B {
              import opened A
              import Alias = A
              predicate OfParameter(c: C, low: int) reads c { c.Good() && low == 0 }
              predicate OfAnother(s: seq<C>) reads s { |s| > 0 && s[0].Good() }
              function Constructor(): bool { var t := Alias.One; true }
              function Shadow(Low: int): int { Low }
              method Makes() { var c := new Alias.C(); }
            }
            """);
        var table = new SymbolTable(new SourceGraph(checkout.Checkout));
        string Of(string name) => table.Find(name) is { } s ? string.Join(' ', table.Mentioned(s, s.Tokens).Select(m => m.Name)) : "unknown";
        Assert.Equal("A.C A.C.Good", Of("B.OfParameter"));
        Assert.Equal("A.C A.C.Good A.D.Good", Of("B.OfAnother"));
        Assert.Equal("A.T", Of("B.Constructor"));
        Assert.Equal("", Of("B.Shadow"));
        Assert.Equal("A.C A.C._ctor", Of("B.Makes"));
        Assert.Equal("A.Made", Of("A.C._ctor"));
        Assert.Equal("A.Low", Of("A.C.Good"));
    }
}
