using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>No sum in a condition overflows the bits that it is computed in, whatever the request: so no condition can fail to be
/// evaluated.</summary>
internal static class ArithmeticCheck
{
    /// <summary>Number of different sums, each shown to be exact.</summary>
    public static int Run(CheckRun run, BoundPolicy policy)
    {
        var conditions = policy.Rules.Select(r => (r.Condition, r.Place)).Concat(policy.Assertions.SelectMany(Conditions));
        HashSet<(int, UInt128)> done = [];
        foreach (var (condition, place) in conditions)
            foreach (var (field, added) in ConditionEncoder.Sums(condition))
                if (done.Add((field.Index, added))) Check(run, field, added, place, done.Count);
        return done.Count;
    }

    private static void Check(CheckRun run, Field field, UInt128 added, Place place, int number)
    {
        var sum = ConditionEncoder.Sum(field, added);
        var exact = Terms.Add(Terms.Extend(RequestSpace.Scaled(field), sum.Width + 1), Terms.Number(added));
        var outcome = run.Ask($"sum-{number}-{field.Name}", place, $"Can {field.Name} plus {added} overflow {sum.Width} bits?", Calls.All[0],
            Terms.Not(Terms.Equal(sum, exact)));
        if (outcome is Outcome.Found found)
            run.Report("arithmetic", Severity.Error, place, $"{field.Name} plus {added} overflows", "add a smaller constant", found.Request);
    }

    private static IEnumerable<(BoundCondition, Place)> Conditions(BoundAssertion assertion) => assertion switch
    {
        NeverAssertion n => [(n.Condition, n.Place)],
        AlwaysAssertion a => [(a.Condition, a.Place)],
        UnchangedAssertion { Except: { } except } u => [(except, u.Place)],
        _ => [],
    };
}
