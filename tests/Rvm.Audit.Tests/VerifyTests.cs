using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

/// <summary>Runs with the real prover.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly TestCheckout checkout = new();

    public void Dispose() => checkout.Dispose();

    [Fact]
    public void ProvesOnlyWhatChanged()
    {
        checkout.Write("spec/a.dfy", "module A { function F(x: int): int { x + 1 } }\n");
        checkout.Write("proofs/b.dfy", "include \"../spec/a.dfy\"\nmodule B { import opened A\n lemma Up(x: int) ensures F(x) > x { } }\n");
        checkout.Write("proofs/c.dfy", "lemma Halves(x: int) requires x > 1 ensures x / 2 < x { }\n");
        var first = checkout.Verify();
        Assert.True(first.Good, string.Join('\n', first.Findings));
        Assert.Equal((3, 3), (first.Files.Count, first.Proved));
        Assert.True(first.Assertions > 0 && first.Resources > 0);

        Assert.Equal(0, checkout.Verify().Proved);

        checkout.Write("spec/a.dfy", "module A { function F(x: int): int { x + 2 } }\n");
        var changed = checkout.Verify();
        Assert.True(changed.Good);
        Assert.Equal(2, changed.Proved);

        var all = checkout.Verify(ProofMode.All);
        Assert.Equal((3, changed.Resources), (all.Proved, all.Resources));    // remembered answers keep their resource counts
    }

    [Fact]
    public void NamesEachFailureWithPlaceReasonAndHint()
    {
        checkout.Write("spec/bad.dfy", "lemma Claim(x: int)\n  requires x > 2\n  ensures x > 3\n{ }\n");
        var output = new StringWriter();
        var result = checkout.Verify(output: output);
        var finding = Assert.Single(result.Findings);
        Assert.Equal(("not-proved", "spec/bad.dfy", 4), (finding.Rule, finding.Place.File, finding.Place.Line));
        Assert.Equal(3, Assert.Single(finding.Related!).Place.Line);
        Assert.NotNull(finding.Hint);
        Assert.Contains("1 failed", output.ToString());
        Assert.Equal(1, checkout.Verify().Proved);      // a failure leaves no stamp
    }

    [Fact]
    public void RefusesAProofWithoutAssertions()
    {
        checkout.Write("spec/hole.dfy", "method {:selective_checking} M() ensures false { assert 1 == 2; }\n");
        var rules = checkout.Verify().Findings.Select(f => f.Rule).Order();
        Assert.Equal(["attribute", "empty-proof"], rules);
    }

    [Theory]
    [InlineData("error", "const X: int := Unknown\n")]
    [InlineData("error", "lemma L( {\n")]
    [InlineData("warning", "method M(x: int) { if x > 0 { var x := 2; } }\n")]
    [InlineData("not-proved", "method {:isolate_assertions} M(a: array<int>) returns (r: int) { r := a[0]; }\n")]
    public void RefusesErrorsAndWarnings(string rule, string source)
    {
        checkout.Write("spec/bad.dfy", source);
        Assert.Contains(checkout.Verify().Findings, f => f.Rule == rule && f.Place is { File: "spec/bad.dfy", Line: 1 });
    }

    [Fact]
    public void FindsClaimsWithoutContent()
    {
        checkout.Write("spec/vacuous.dfy", "lemma Empty(x: int)\n  requires x > 3 && x < 2\n  ensures x == 7\n{ }\nlemma Full(x: int) requires x > 3 ensures x > 2 { }\n");
        Assert.True(checkout.Verify().Good);
        var result = checkout.Verify(ProofMode.Vacuity);
        Assert.All(result.Findings, f => Assert.Equal("vacuous", f.Rule));
        Assert.Contains(result.Findings, f => f.Place.Line <= 4);
        Assert.DoesNotContain(result.Findings, f => f.Place.Line == 5);
        Assert.Equal(0, checkout.Verify().Proved);
    }

    [Fact]
    public void FindsPremisesThatNoClaimNeeds()
    {
        const string used = "lemma Used(x: int) requires x > 3 ensures x > 2 { }\n";
        const string sense = "lemma Sense(s: seq<int>, i: int) requires 0 <= i < |s| ensures s[i] == s[i] { }\n";       // no proof uses it: it says what s[i] is
        const string idle = "lemma Idle(x: int, y: int) requires x > 3 && (y == 9 || y == 8) && x < y ensures x < y { }\n";
        checkout.Write("spec/idle.dfy", used + sense + idle);
        checkout.Write("proofs/elsewhere.dfy", "module Elsewhere { lemma Idle(x: int) requires x > 3 ensures x < x + 1 { } }\n");
        var result = checkout.Verify(ProofMode.Vacuity);
        Assert.Equal([("idle-premise", 3, 37), ("idle-premise", 3, 47)], result.Findings.Select(f => (f.Rule, f.Place.Line, f.Place.Column)));
        Assert.EndsWith("Idle is proved without this premise: x > 3", result.Findings[0].Message);
        Assert.EndsWith("(y == 9 || y == 8)", result.Findings[1].Message);

        const string list = "premises:\n- { symbol: Idle, premise: x > 3, why: It says which numbers there are. }\n" +
            "- { symbol: Idle, premise: (y == 9 || y == 8), why: And these. }\n";
        checkout.Write(KeptPremises.File, list);
        Assert.True(checkout.Verify(ProofMode.Vacuity).Good);
        checkout.Write("spec/idle.dfy", used + sense + idle.Replace("x > 3 && ", "", StringComparison.Ordinal));
        var gone = Assert.Single(checkout.Verify(ProofMode.Vacuity).Findings);
        Assert.Equal((KeptPremises.File, 2), (gone.Place.File, gone.Place.Line));
    }

    [Theory]
    [InlineData("x > 3", 10, "x > 3")]
    [InlineData("x > 3 && F(x && y) && z", 19, "F(x && y)")]
    [InlineData("x > 3 && F(x) && z ensures z && y", 27, "z")]
    [InlineData("x > 3 ==> F(x) && z", 10, "x > 3 ==> F(x) && z")]
    [InlineData("forall i :: i > 3 && z", 10, "forall i :: i > 3 && z")]
    [InlineData("x > 3 && (y == 9 || y == 8)", 20, "(y == 9 || y == 8)")]
    [InlineData("z && b !in s && !x", 15, "b !in s")]
    [InlineData("0 <= x < y && z", 10, "0 <= x < y")]
    [InlineData("0 <= x < y && z", 15, null)]                 // the second half of a chain
    [InlineData("x > 3 ==> F(x) && z", 28, null)]
    public void FindsWhereAPremiseEnds(string clause, int column, string? premise)
    {
        var source = $"lemma L()\nrequires {clause}\n{{ assert z && y; }}\n";
        var found = Premise.At(source, new Place("spec/a.dfy", 2, column));
        Assert.Equal(premise, found?.Text);
        if (found != null) Assert.Equal(source.Length - premise!.Length + "true".Length, found.Without(source).Length);
    }

    [Fact]
    public void RefusesProofsBeyondTheLimit()
    {
        checkout.Write(Checkout.OptionsFile, File.ReadAllText(TestCheckout.Real.Path(Checkout.OptionsFile)).Replace("5000000", "2000", StringComparison.Ordinal));
        checkout.Write("spec/hard.dfy", "lemma Hard(a: int, b: int, c: int) requires a > 0 && b > 0 && a*a*a + b*b*b == c*c*c ensures a*b*c % 7 == (c*b) % 9 { }\n");
        var finding = Assert.Single(checkout.Verify().Findings);
        Assert.Contains("out of resource", finding.Message);
        Assert.Contains("split", finding.Hint);
    }

    [Fact]
    public void FailsInAGroupExactlyWhatFailsAlone()
    {
        for (var i = 0; i < 20; i++) checkout.Write($"spec/good{i}.dfy", $"module Good{i} {{ lemma L(x: int) ensures x < x + {i + 1} {{ }} }}\n");
        checkout.Write("spec/false.dfy", "module False { lemma L(x: int) ensures x < x { } lemma M(x: int) ensures x == x { } }\n");
        checkout.Write("proofs/uses.dfy", "include \"../spec/false.dfy\"\nmodule Uses { import False lemma L(x: int) ensures false { False.L(x); } }\n");
        checkout.Write("spec/warns.dfy", "module Warns { method M(x: int) { if x > 0 { var x := 2; } } }\n");
        var result = checkout.Verify();
        Assert.Equal(["not-proved spec/false.dfy", "warning spec/warns.dfy"], result.Findings.Select(f => $"{f.Rule} {f.Place.File}").Order());
        Assert.Equal(2, checkout.Verify().Proved);
    }

    [Fact]
    public void FailsWithABrokenIncludeAllThatNeedIt()
    {
        checkout.Write("spec/a.dfy", "module A { const X := 1 }\n");
        for (var i = 0; i < 9; i++) checkout.Write($"spec/b{i}.dfy", $"include \"a.dfy\"\nmodule B{i} {{ import A lemma L() ensures A.X == 1 {{ }} }}\n");
        for (var i = 0; i < 9; i++) checkout.Write($"spec/c{i}.dfy", $"module C{i} {{ lemma L() ensures 1 + {i} == {i + 1} {{ }} }}\n");
        Assert.True(checkout.Verify().Good);
        checkout.Write("spec/a.dfy", "module A { const X := Unknown }\n");
        var result = checkout.Verify();
        Assert.Equal(("error", "spec/a.dfy"), (Assert.Single(result.Findings).Rule, result.Findings[0].Place.File));
        checkout.Write("spec/a.dfy", "module A { const X := 1 }\n");
        Assert.Equal(10, checkout.Verify().Proved);
    }

    [Fact]
    public void ProvesTogetherFilesThatContradictEachOther()
    {
        for (var i = 0; i < 9; i++) checkout.Write($"spec/a{i}.dfy", $"module Same {{ lemma L(x: int) ensures x < x + {i + 1} {{ }} }}\n");
        Assert.True(checkout.Verify().Good);
        Assert.Equal(0, checkout.Verify().Proved);
    }

    [Fact]
    public void AsksTheSameQuestionsInAnyCompany()
    {
        checkout.Write("spec/a.dfy", "module A { datatype D = D(x: int) function F(d: D): int { d.x + 1 } class K { var f: int } }\n");
        checkout.Write("spec/b.dfy", "include \"a.dfy\"\nmodule B { import opened A function G(d: D): int { F(d) + 1 } lemma L(d: D) ensures G(d) > F(d) { } }\n");
        checkout.Write("spec/c.dfy", "include \"b.dfy\"\ninclude \"a.dfy\"\nmodule C { import opened B import opened A method M(k: K, d: D) modifies k ensures k.f < G(d) { k.f := F(d); } }\n");
        checkout.Write("spec/Alone.dfy", "module Alone { lemma L(x: int) ensures x < x + 1 { } }\n");
        string Units() => string.Join(' ', checkout.Verify(ProofMode.All).Batches.Select(b => $"{b.Symbol}:{b.Resources}"));
        var together = Units();
        var sources = new SourceGraph(checkout.Checkout);
        var alone = sources.Files.SelectMany(file =>
            new ProofRun(checkout.Checkout, sources, ProverOptions.Read(checkout.Checkout), ProofMode.All).Prove([file], TextWriter.Null, false, CancellationToken.None).Batches);
        Assert.Equal(together, string.Join(' ', alone.Select(b => $"{b.Symbol}:{b.Resources}")));
    }
}
