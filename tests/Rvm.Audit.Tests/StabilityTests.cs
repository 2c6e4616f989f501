using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public class StabilityTests
{
    private static Steadiness Of(long[] units, string outcome = "Valid", int missing = 0) =>
        new("M.L", "correctness", 1, new Place("a.dfy", 1, 1), units, [.. Enumerable.Repeat("Valid", units.Length - 1 - missing), .. missing > 0 ? [] : new[] { outcome }]);

    [Fact]
    public void MeasuresVariation()
    {
        Assert.Equal(0, Of([100, 100, 100]).Variation);
        Assert.Equal(10, Of([90, 100, 110]).Variation, 6);      // the deviation of the sample: 10
        Assert.Equal(100, Of([90, 100, 110]).Mean);
    }

    [Fact]
    public void FindsWhatFailsVariesOrIsMissing()
    {
        Assert.Empty(StabilityRun.Judge(Of([80, 100, 120]), 3));
        Assert.Contains("21.0 %", Assert.Single(StabilityRun.Judge(Of([79, 100, 121]), 3)).Message);
        Assert.Contains("fails under 1 of 3", Assert.Single(StabilityRun.Judge(Of([100, 100, 100], "OutOfResource"), 3)).Message);
        Assert.Equal("not-measured", Assert.Single(StabilityRun.Judge(Of([100, 100, 100], missing: 1), 3)).Rule);
    }

    [Fact]
    public void ProvesTheMostExpensiveUnderEachSeed()
    {
        using var checkout = new TestCheckout();
        checkout.Write("spec/a.dfy", "module A {\n  lemma Easy(x: int) ensures x < x + 1 { }\n  lemma Sums(s: set<int>, t: set<int>) requires |s| > 2 ensures s - t <= s && |s + t| >= 0 { }\n}\n");
        Assert.True(checkout.Verify().Good);
        var sources = new SourceGraph(checkout.Checkout);
        var result = new StabilityRun(checkout.Checkout, sources, ProverOptions.Read(checkout.Checkout)).Measure(sources.Files, 3, 1, TextWriter.Null, CancellationToken.None);
        var steady = Assert.Single(result.Obligations);
        Assert.Equal(("A.Sums", 3, 3, true, 3), (steady.Symbol, steady.Units.Count, steady.Place.Line, steady.Proved, steady.Outcomes.Count));
        Assert.Contains("\"verdict\": \"", StabilityReport.Json(result, "Z3 4.8.12", sources.Digest, DateTimeOffset.UnixEpoch));
        var text = new StringWriter();
        StabilityReport.Text(text, result);
        Assert.Contains("A.Sums (correctness, 1)", text.ToString());
    }
}
