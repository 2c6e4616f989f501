using System.Diagnostics;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>What a check works with.</summary>
/// <param name="System">What the built-in checks may know.</param>
/// <param name="Others">Policies that «unchanged-from» names, by path.</param>
/// <param name="Evaluator">The evaluator of the kernel; null: models are not replayed, which is a finding.</param>
/// <param name="Words">The compiled table that it gets.</param>
/// <param name="MostPairs">Contradictions that are listed for one forbid and call.</param>
/// <param name="MostQuestions">Questions about contradictions of one call, besides those that are guessed.</param>
public sealed record CheckInput(
    SystemFacts System, IReadOnlyDictionary<string, BoundPolicy> Others, IEvaluator? Evaluator, ulong[] Words, int MostPairs = 8,
    int MostQuestions = 32);

/// <summary>All checks on one policy.</summary>
public static class PolicyChecker
{
    /// <summary>Checks a policy that parsed and bound without errors.</summary>
    public static CheckReport Check(BoundPolicy policy, CheckInput input, SolverPanel panel, Action<int, int, string> progress,
        CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var encoding = new PolicyEncoding(policy);
        var decider = input.Evaluator?.Load(input.Words);
        var run = new CheckRun(panel, [new Replayed(encoding, decider)], progress, cancel);
        if (input.Evaluator is null)
            run.Report("no-evaluator", Severity.Error, Place.Whole(policy.File), "there is no verified evaluator, so no request was replayed",
                "run this in a checkout with src/Rvm.Policy.Evaluation");
        else if (decider is null)
            run.Report("table-refused", Severity.Error, Place.Whole(policy.File), "the evaluator refuses the compiled table",
                "this is a defect of rvm: report it with the policy");
        CostCheck.Run(run, policy, decider);
        var sums = ArithmeticCheck.Run(run, policy);
        var rules = new RuleChecks(run, encoding);
        var calls = rules.Calls();
        var reports = rules.Rules();
        var contradictions = new ContradictionChecks(run, input.MostPairs, input.MostQuestions);
        var pairs = contradictions.Run(rules.Facts, policy.Rules);
        var others = input.Others.Select((o, i) => (o.Key, Encoding: new PolicyEncoding(o.Value, $"other{i}_")))
            .ToDictionary(o => o.Key, o => o.Encoding);
        var assertions = new AssertionChecks(run, encoding, others).Run();
        var builtIns = new BuiltInChecks(run, encoding, input.System).Run();
        var findings = run.Findings.OrderBy(f => f.Severity).ThenBy(f => f.Place.Line).ThenBy(f => f.Place.Column).ToList();
        return new(policy, findings, calls, reports, pairs, [.. policy.Rules.Where(r => contradictions.Incomplete.Contains(r.Id))], assertions,
            builtIns, sums, run.Replays, decider is null ? null : input.Evaluator!.Name, panel.Questions, panel.Use,
            Math.Round(clock.Elapsed.TotalSeconds, 3));
    }
}
