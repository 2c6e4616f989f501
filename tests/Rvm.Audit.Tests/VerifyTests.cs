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
        checkout.Write("spec/vacuous.dfy", "lemma Empty(x: int)\n  requires x > 3 && x < 2\n  ensures x == 7\n{ }\nlemma Full(x: int) requires x > 3 requires x != 9 ensures x > 2 { }\n");
        Assert.True(checkout.Verify().Good);
        var result = checkout.Verify(ProofMode.Vacuity);
        Assert.All(result.Findings, f => Assert.Equal("vacuous", f.Rule));
        Assert.Contains(result.Findings, f => f.Place.Line <= 4);
        Assert.DoesNotContain(result.Findings, f => f.Place.Line == 5);
        Assert.Equal(0, checkout.Verify().Proved);
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
}
