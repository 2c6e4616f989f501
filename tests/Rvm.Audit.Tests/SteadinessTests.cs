using Rvm.Tool.Audit;
using Rvm.Tool.Proof;

namespace Rvm.Audit.Tests;

public sealed class SteadinessTests : IDisposable
{
    private static readonly Steadiness Steady = new("M.L", "correctness", 1, new Place("spec/M.dfy", 2, 3), [100, 101], ["Valid", "Valid"]);
    private static readonly Obligation Asked = new("M.L", "spec/M.dfy", 2, "correctness", 1, "proved", 4, 100, Solver: "Z3 4.8.12");

    private readonly TestCheckout checkout = new();

    public void Dispose() => checkout.Dispose();

    private void Store(string file, int seeds, string solver, string sources, Steadiness s, params Finding[] findings) =>
        checkout.Write(file, StabilityReport.Json(new StabilityResult(seeds, [s], findings, default), solver, sources, DateTimeOffset.UnixEpoch));

    [Fact]
    public void The_newest_results_are_shown_with_their_age_and_sources()
    {
        Store(ProofCommands.StabilityFile, 10, "Z3 4.8.12", "now", Steady);
        Store(ProofCommands.CrossCheckFile, 0, "Z3 4.16.0", "then", Steady with { Outcomes = ["Invalid"] }, [.. StabilityRun.Judge(Steady with { Outcomes = ["Invalid"] }, "Z3 4.16.0")]);
        var files = new SteadinessFiles(checkout.Checkout, "now");
        Assert.Equal([new("seeds", "Z3 4.8.12", 10, "1970-01-01T00:00:00Z", "now", true, 1, 0), new("solver", "Z3 4.16.0", 0, "1970-01-01T00:00:00Z", "then", false, 1, 1)], files.Results);
        Assert.Empty(files.Findings);
        Assert.Equal(Asked with { Seeds = 10 }, files.Marked(Asked));
    }

    [Fact]
    public void A_solver_that_agrees_is_named_and_one_that_does_not_is_a_finding()
    {
        Store(ProofCommands.CrossCheckFile, 0, "Z3 4.16.0", "now", Steady);
        Assert.Equal("Z3 4.8.12 + Z3 4.16.0", new SteadinessFiles(checkout.Checkout, "now").Marked(Asked).Solver);
        Store(ProofCommands.CrossCheckFile, 0, "Z3 4.16.0", "now", Steady with { Outcomes = ["Invalid"] }, [.. StabilityRun.Judge(Steady with { Outcomes = ["Invalid"] }, "Z3 4.16.0")]);
        var files = new SteadinessFiles(checkout.Checkout, "now");
        Assert.Equal("M.L (correctness, 1): Z3 4.16.0 says Invalid", Assert.Single(files.Findings, f => f.Rule == "disagreement").Message);
        Assert.Equal("Z3 4.8.12", files.Marked(Asked).Solver);
        checkout.Write(ProofCommands.StabilityFile, "{}");
        Assert.Contains(new SteadinessFiles(checkout.Checkout, "now").Findings, f => f.Rule == "steadiness");
    }
}
