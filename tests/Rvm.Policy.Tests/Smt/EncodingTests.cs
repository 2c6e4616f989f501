using Rvm.Policy.Binding;
using Rvm.Policy.Checks;
using Rvm.Policy.Smt;
using Rvm.Policy.Tests.Support;

namespace Rvm.Policy.Tests.Smt;

/// <summary>The encoding means what the source means: against the reference evaluator, by interpreting terms and by asking the solvers.</summary>
public sealed class EncodingTests
{
    private static PolicyRequest Admissible(RandomPolicy random)
    {
        while (true)
            if (random.Request() is var request && Fields.All.All(f => f.Admits(request[f]))) return request;
    }

    [Fact]
    public void A_hundred_thousand_random_requests_are_decided_as_the_source_says()
    {
        var permitted = 0;
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new RandomPolicy(seed);
            var policy = Sample.Bound(random.Source(2 + seed % 9, seed % 4));
            var encoding = new PolicyEncoding(policy);
            for (var i = 0; i < 200; i++)
            {
                var request = Admissible(random);
                var ruling = encoding.Of(request.Call)!.Decide(request);
                Assert.Equal(ReferenceEvaluator.Decide(policy, request), ruling);
                Assert.Equal(ruling.Permitted, RequestSpace.Interpreter(request).Holds(encoding.Allows(request.Call)));
                if (ruling.Permitted) permitted++;
            }
        }

        Assert.InRange(permitted, 5_000, 95_000);
    }

    [Theory]
    [InlineData("z3")]
    [InlineData("cvc5")]
    public void Both_solvers_decide_single_requests_as_the_source_says(string name)
    {
        using var solver = Checking.Solver(name);
        var permitted = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new RandomPolicy(1000 + seed);
            var policy = Sample.Bound(random.Source(6, 2));
            var encoding = new PolicyEncoding(policy, $"p{seed}_");
            for (var i = 0; i < 5; i++)
            {
                var request = Admissible(random);
                var expected = ReferenceEvaluator.Decide(policy, request).Permitted;
                Term[] goals = [encoding.Allows(request.Call), .. Fields.All.Select(f => Terms.Equal(RequestSpace.Of(f), Terms.Number(request[f])))];
                Assert.Equal(expected ? "sat" : "unsat", solver.Decide(new($"q{seed}-{i}", goals, []), default).Word);
                if (expected) permitted++;
            }
        }

        Assert.InRange(permitted, 20, 280);
    }

    /// <summary>Conditions over depth, mode and kind: 9 · 3 · 12 requests are all there are.</summary>
    [Theory]
    [InlineData("z3")]
    [InlineData("cvc5")]
    public void Over_small_domains_a_solver_finds_a_request_exactly_when_there_is_one(string name)
    {
        using var solver = Checking.Solver(name);
        var (random, found) = (new Random(7), 0);
        for (var round = 0; round < 150; round++)
        {
            var policy = Sample.Bound(Checking.Head + "govern cap_grant\n"
                + $"permit a \"\" when call = cap_grant and depth {Sign(random)} {random.Next(9)} and mode in {{{Mode(random)}, {Mode(random)}}}\n"
                + $"permit b \"\" when call = cap_grant and kind = {(random.Next(2) == 0 ? "queue" : "edge")} and not mode = {Mode(random)}\n"
                + $"forbid c \"\" when call = cap_grant and (depth {Sign(random)} {random.Next(9)} "
                + $"or depth + {random.Next(4)} {Sign(random)} {random.Next(9)})\n"
                + $"forbid d \"\" when call = cap_grant and kind != {(random.Next(2) == 0 ? "queue" : "lease")} and mode = {Mode(random)}\n");
            var call = Calls.Named("cap_grant");
            var encoding = new PolicyEncoding(policy, $"p{round}_").Of(call)!;
            var all = from depth in Enumerable.Range(0, 9) from mode in Enumerable.Range(0, 3) from kind in Enumerable.Range(0, 12)
                      select PolicyRequest.UsualOf(call).With(Fields.Depth, (ulong)depth).With(Fields.Mode, (ulong)mode)
                          .With(Fields.Kind, (ulong)kind);
            var decided = all.Select(r => ReferenceEvaluator.Decide(policy, r)).ToHashSet();
            foreach (var rule in encoding.Forbids.Concat(encoding.Permits))
            {
                var expected = decided.Contains(new(rule.Rule.Effect == Effect.Permit, rule.Rule.Id));
                Term[] goals = [encoding.Decides(rule), .. RequestSpace.Limits([encoding.Decides(rule)])];
                Assert.Equal(expected ? "sat" : "unsat", solver.Decide(new($"r{round}-{rule.Rule.Id}", goals, []), default).Word);
                found += expected ? 1 : 0;
            }
        }

        Assert.InRange(found, 100, 590);
    }

    [Fact]
    public void Time_and_epoch_belong_together()
    {
        Term[] apart = [Terms.Equal(RequestSpace.Of(Fields.Epoch), Terms.Number(3)),
            Terms.Below(RequestSpace.Of(Fields.Now), Terms.Number(3 * 62_500))];
        Term[] together = [Terms.Equal(RequestSpace.Of(Fields.Epoch), Terms.Number(3)),
            Terms.Below(RequestSpace.Of(Fields.Now), Terms.Number(3 * 62_500 + 1))];
        foreach (var name in Checking.Solvers)
        {
            using var solver = Checking.Solver(name);
            Assert.IsType<Answer.Unsat>(solver.Decide(new("apart", [.. apart, .. RequestSpace.Limits(apart)], []), default));
            var sat = Assert.IsType<Answer.Sat>(solver.Decide(new("together", [.. together, .. RequestSpace.Limits(together)],
                [RequestSpace.Of(Fields.Now)]), default));
            Assert.Equal(187_500u, (uint)sat.Model[RequestSpace.Of(Fields.Now)]);
        }
    }

    private static string Sign(Random random) => new[] { "=", "!=", "<", "<=", ">", ">=" }[random.Next(6)];

    private static string Mode(Random random) => new[] { "reflex", "flow", "recovery" }[random.Next(3)];
}
