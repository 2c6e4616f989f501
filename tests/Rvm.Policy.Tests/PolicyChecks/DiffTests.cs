using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Policy.Smt;
using Rvm.Policy.Table;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.PolicyChecks;

/// <summary>Differences of two policies, explanations, and requests as text.</summary>
public sealed class DiffTests
{
    private static DiffReport Diff(BoundPolicy old, BoundPolicy now)
    {
        using var panel = new SolverPanel([Checking.Solver("z3"), Checking.Solver("cvc5")], null);
        var tables = (new Checking.TableEvaluator(), TableCodec.Encode(Sample.Table(old)), TableCodec.Encode(Sample.Table(now)));
        return PolicyDiff.Compare(old, now, tables, panel, (_, _, _) => { }, default);
    }

    private static DiffReport Diff(string old, string now) => Diff(Sample.Bound(Checking.Head + old), Sample.Bound(Checking.Head + now));

    [Fact]
    public void Changes_come_in_classes_of_call_and_rules()
    {
        var report = Diff(
            "permit p \"\" when call = commedge_create and count in 10..20\n",
            "permit p \"\" when call = commedge_create and count in 15..30\n"
                + "forbid f \"\" when call = commedge_create and count = 17\npermit r \"\" when call = commedge_destroy\n");
        Assert.Equal(
            [("commedge_create", "", "p", true), ("commedge_create", "p", "", false), ("commedge_create", "p", "f", false),
                ("commedge_destroy", "", "r", true)],
            report.Changes.Select(c => (c.Call.Name, c.OldRule?.Name ?? "", c.NewRule?.Name ?? "", c.MorePermissive)).Order());
        Assert.True(report.MorePermissive);
        Assert.True(report.Replays >= 8);
        foreach (var change in report.Changes)
        {
            Assert.Equal(!change.MorePermissive, ReferenceEvaluator.Decide(report.Old, change.Request).Permitted);
            Assert.Equal(change.MorePermissive, ReferenceEvaluator.Decide(report.New, change.Request).Permitted);
        }
    }

    [Fact]
    public void Stricter_is_not_more_permissive_and_the_same_meaning_is_no_change()
    {
        const string Rule = "permit p \"\" when call = commedge_create and count < 10\n";
        var stricter = Diff(Rule, Rule + "forbid f \"\" when call = commedge_create and depth = 3\ngovern cap_grant\n");
        Assert.False(stricter.MorePermissive);
        Assert.Equal(2, stricter.Changes.Count);
        Assert.Empty(Diff(Rule, "permit q \"\" when call = commedge_create and not count >= 10 and true\n").Changes);
        Assert.True(Diff(Rule + "govern cap_grant\n", Rule).MorePermissive);
    }

    [Fact]
    public void No_random_request_changes_outside_the_classes()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var random = new RandomPolicy(seed);
            var (old, now) = (Sample.Bound(random.Source(5, 2)), Sample.Bound(random.Source(5, 2)));
            var report = Diff(old, now);
            Assert.Empty(report.Findings);
            Assert.Empty(report.Incomplete);
            for (var i = 0; i < 2_000; i++)
            {
                if (random.Request() is var request && !RequestSpace.Admits(request)) continue;
                var (x, y) = (ReferenceEvaluator.Decide(old, request), ReferenceEvaluator.Decide(now, request));
                if (x.Permitted == y.Permitted) continue;
                Assert.Contains(report.Changes, c => c.Call == request.Call && (c.OldRule?.Id ?? Ruling.NoRule) == x.Rule
                    && (c.NewRule?.Id ?? Ruling.NoRule) == y.Rule);
            }
        }
    }

    [Fact]
    public void An_explanation_names_the_first_condition_that_fails()
    {
        var policy = Sample.Bound(Sample.Tenants);
        var explanation = PolicyExplanation.Explain(policy, Request(policy, "call=partition_create caller=alice count=65 budget=4 now=700s"));
        Assert.Equal(new(false, 1), explanation.Ruling);
        Assert.Equal("count <= 64 fails: count is 65", explanation.Rules[0].Why);
        Assert.True(explanation.Rules[1].Decides);
        Assert.Equal("call = cap_grant fails: call is partition_create", explanation.Rules[2].Why);
        var beaten = PolicyExplanation.Explain(policy, Request(policy, "call=partition_create caller=alice count=4 budget=4 now=700s"));
        Assert.Equal((true, "forbid `late` beats it"), (beaten.Rules[0].Matches, beaten.Rules[0].Why));
        Assert.False(PolicyExplanation.Explain(policy, Request(policy, "call=region_share")).Decided);
    }

    [Fact]
    public void Explanations_agree_with_the_source_on_random_requests()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new RandomPolicy(seed);
            var policy = Sample.Bound(random.Source(6, 3));
            for (var i = 0; i < 20; i++)
            {
                if (random.Request() is var request && !Fields.All.All(f => f.Admits(request[f]))) continue;
                var explanation = PolicyExplanation.Explain(policy, request);
                Assert.Equal(ReferenceEvaluator.Decide(policy, request), explanation.Ruling);
                Assert.All(explanation.Rules, r => Assert.Equal(ReferenceEvaluator.Holds(r.Rule.Condition, request), r.Matches));
                Assert.All(explanation.Rules, r => Assert.NotEqual("", r.Why));
            }
        }
    }

    [Fact]
    public void Requests_read_back_as_they_were_written()
    {
        var policy = Sample.Bound(Sample.Tenants);
        var random = new RandomPolicy(5);
        for (var i = 0; i < 5_000; i++)
        {
            if (random.Request() is var request && !RequestSpace.Admits(request)) continue;
            Assert.Equal(request.Values, Request(policy, RequestText.Of(request, policy)).Values);
        }
    }

    [Theory]
    [InlineData("call=partition_creat", "did you mean `partition_create`")]
    [InlineData("call=region_map permision=r", "did you mean `permission`")]
    [InlineData("call=region_map permission=x", "known: ")]
    [InlineData("call=region_map size=5000B", "multiple of 4KiB")]
    [InlineData("call=region_map size", "call=partition_create caller=1")]
    [InlineData("call=region_map size=4KiB size=4KiB", "each field once")]
    [InlineData("call=region_map depth=9", "from 0 to 8")]
    [InlineData("call=region_map now=1s epoch=5", "one of them")]
    [InlineData("caller=alice", "call=NAME")]
    public void A_wrong_request_says_how_to_mend_it(string text, string mend)
    {
        var bag = new DiagnosticBag();
        Assert.Null(RequestText.Parse(text.Split(' '), Sample.Bound(Sample.Tenants), bag));
        Assert.Contains(mend, Assert.Single(bag.All).Mend, StringComparison.Ordinal);
    }

    private static PolicyRequest Request(BoundPolicy policy, string text)
    {
        var bag = new DiagnosticBag();
        var request = RequestText.Parse(text.Split(' '), policy, bag);
        Assert.True(request is not null, string.Join('\n', bag.All) + text);
        return request;
    }
}
