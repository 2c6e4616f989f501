using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.PolicyChecks;

/// <summary>The author's assertions: what holds, what fails with a request, and what says nothing.</summary>
public sealed class AssertionTests
{
    private static ClaimReport Only(CheckReport report) => Assert.Single(report.Assertions);

    [Theory]
    [InlineData("z3")]
    [InlineData("cvc5")]
    public void Never_fails_with_a_permitted_request(string solver)
    {
        var report = Checking.Check("permit p \"\" when call = commedge_create and count <= 64\nassert never big \"\" when count > 63\n", solver);
        Assert.Equal(ClaimStatus.Fails, Only(report).Status);
        Assert.Equal(64UL, Only(report).Request![Fields.Count]);
        Assert.True(ReferenceEvaluator.Decide(report.Policy, Only(report).Request!).Permitted);
        Assert.False(report.Passed);
        Assert.Equal(ClaimStatus.Holds,
            Only(Checking.Check("permit p \"\" when call = commedge_create and count <= 64\nassert never big \"\" when count > 64\n", solver))
            .Status);
    }

    [Theory]
    [InlineData("z3")]
    [InlineData("cvc5")]
    public void Always_fails_with_a_denied_request(string solver)
    {
        const string Rules = "permit p \"\" when call = commedge_create and count <= 64\nforbid late \"\" when call = commedge_create and now > 5s\n";
        var report = Checking.Check(Rules + "assert always small \"\" when call = commedge_create and count <= 10\n", solver);
        Assert.Equal(ClaimStatus.Fails, Only(report).Status);
        Assert.Equal(new(false, 1), ReferenceEvaluator.Decide(report.Policy, Only(report).Request!));
        Assert.Equal(312_500_001UL, Only(report).Request![Fields.Now]);
        Assert.Equal(ClaimStatus.Holds, Only(Checking.Check(Rules
            + "assert always small \"\" when call = commedge_create and count <= 10 and epoch < 5000\n", solver)).Status);
    }

    [Fact]
    public void A_claim_about_nothing_is_an_error()
    {
        var vacuous = Checking.Check("permit p \"\" when call = commedge_create\n"
            + "assert never a \"\" when call = commedge_create and depth > 5 and depth < 5\n");
        Assert.Equal(ClaimStatus.Vacuous, Only(vacuous).Status);
        Assert.False(vacuous.Passed);
        var ungoverned = Checking.Check("permit p \"\" when call = commedge_create\nassert never a \"\" when call = cap_grant\n");
        Assert.Equal(ClaimStatus.Vacuous, Only(ungoverned).Status);
        Assert.Single(ungoverned.Of("vacuous-assertion"));
    }

    [Fact]
    public void A_claim_about_a_call_that_is_not_decided_is_warned_of()
    {
        var report = Checking.Check("permit p \"\" when call = commedge_create and count < 5\n"
            + "assert never a \"\" when call in {commedge_create, region_share} and count > 5\n");
        Assert.Equal(ClaimStatus.Holds, Only(report).Status);
        Assert.Contains("region_share", Assert.Single(report.Of("ungoverned-assertion")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unchanged_from_finds_each_kind_of_change_outside_the_exception()
    {
        const string Old = "permit p \"\" when call = commedge_create and count <= 64\n";
        Assert.Equal(ClaimStatus.Holds, Unchanged(Old, "permit q \"\" when call = commedge_create and count < 65\nassert unchanged-from old.rvmp\n")
            .Status);
        Assert.Equal(ClaimStatus.Fails, Unchanged(Old, "permit q \"\" when call = commedge_create and count < 64\nassert unchanged-from old.rvmp\n")
            .Status);
        Assert.Equal(ClaimStatus.Fails, Unchanged(Old, "permit q \"\" when call = commedge_create and count < 66\nassert unchanged-from old.rvmp\n")
            .Status);
        Assert.Equal(ClaimStatus.Holds,
            Unchanged(Old, "permit q \"\" when call = commedge_create and count < 66\nassert unchanged-from old.rvmp except count = 65\n").Status);
        var governed = Unchanged(Old, Old + "govern region_unshare\nassert unchanged-from old.rvmp\n");
        Assert.Equal((ClaimStatus.Fails, "region_unshare"), (governed.Status, governed.Request!.Call.Name));
    }

    private static ClaimReport Unchanged(string old, string @new) => Only(Checking.Check(
        Sample.Bound(Checking.Head + @new), [Checking.Solver("z3"), Checking.Solver("cvc5")], new Checking.TableEvaluator(),
        new Dictionary<string, BoundPolicy> { ["old.rvmp"] = Sample.Bound(Checking.Head + old) }));
}
