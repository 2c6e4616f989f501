using System.Diagnostics;
using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>Requests of one call whose decision changes, and that the same two rules decide.</summary>
/// <param name="OldRule">The rule of the old policy; null: by default, or the call is not decided.</param>
/// <param name="NewRule">The rule of the new policy; null as above.</param>
/// <param name="MorePermissive">The new policy lets them pass, the old one did not.</param>
public sealed record DecisionChange(Call Call, BoundRule? OldRule, bool OldDecides, BoundRule? NewRule, bool NewDecides, bool MorePermissive,
    PolicyRequest Request);

/// <summary>The result of <c>rvm policy diff</c>.</summary>
/// <param name="Incomplete">Calls with more changes than are listed.</param>
public sealed record DiffReport(
    BoundPolicy Old, BoundPolicy New, IReadOnlyList<DecisionChange> Changes, IReadOnlyList<Call> Incomplete, IReadOnlyList<PolicyFinding> Findings,
    int Replays, string? Evaluator, int Questions, IReadOnlyList<SolverUse> Solvers, double Seconds)
{
    /// <summary>Calls that needed a deep proof and no longer do.</summary>
    public IReadOnlyList<Call> Shallower { get; } = [.. Old.Deep.Except(New.Deep)];

    /// <summary>True when some request passes that did not, or with less proof, or when that is not settled.</summary>
    public bool MorePermissive => Changes.Any(c => c.MorePermissive) || Shallower.Count > 0 || Findings.Count > 0 || Incomplete.Count > 0;
}

/// <summary>Compares two policies request by request.</summary>
/// <param name="mostChanges">Changes that are listed for one call.</param>
public sealed class PolicyDiff(PolicyEncoding before, PolicyEncoding after, CheckRun run, int mostChanges = 64)
{
    private readonly List<DecisionChange> _changes = [];
    private readonly List<Call> _incomplete = [];

    /// <summary>The requests that the two policies decide differently.</summary>
    /// <param name="tables">The evaluator and the compiled tables; null: models are not replayed.</param>
    public static DiffReport Compare(
        BoundPolicy old, BoundPolicy @new, (IEvaluator Evaluator, ulong[] Old, ulong[] New)? tables, SolverPanel panel,
        Action<int, int, string> progress, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var (before, after) = (new PolicyEncoding(old, "old_"), new PolicyEncoding(@new, "new_"));
        var run = new CheckRun(panel, [new(before, tables?.Evaluator.Load(tables.Value.Old)), new(after, tables?.Evaluator.Load(tables.Value.New))],
            progress, cancel);
        var diff = new PolicyDiff(before, after, run);
        diff.Run();
        return new(old, @new, diff._changes, diff._incomplete, run.Findings, run.Replays, tables?.Evaluator.Name, panel.Questions, panel.Use,
            Math.Round(clock.Elapsed.TotalSeconds, 3));
    }

    private void Run()
    {
        foreach (var (call, number) in Calls.All.Select((c, i) => (c, i)))
        {
            run.Progress(number, Calls.All.Count, call.Name);
            if (before.Of(call) is not null || after.Of(call) is not null) Changes(call, before.Of(call), after.Of(call));
        }
    }

    private void Changes(Call call, CallEncoding? old, CallEncoding? now)
    {
        List<Term> goals = [Differ(before.Allows(call), after.Allows(call))];
        for (var found = 0; ; found++)
        {
            var outcome = run.Ask($"diff-{call.Name}-{found}", Place.Whole(after.Policy.File),
                $"Which {call.Name} is decided otherwise (without the {found} classes found)?", call, [.. goals]);
            if (outcome is not Outcome.Found(var request)) return;
            if (found == mostChanges)
            {
                _incomplete.Add(call);
                return;
            }

            var (oldRule, oldDecides) = Deciding(before, old, request);
            var (newRule, newDecides) = Deciding(after, now, request);
            var permitted = now is null || newRule?.Effect == Effect.Permit;
            _changes.Add(new(call, oldRule, old is not null, newRule, now is not null, permitted, request));
            goals.Add(Terms.Not(Terms.And(oldDecides, newDecides)));
        }
    }

    private static Term Differ(Term x, Term y) => Terms.Or(Terms.And(x, Terms.Not(y)), Terms.And(Terms.Not(x), y));

    /// <summary>The rule that decides a request, and the requests that it decides.</summary>
    private static (BoundRule? Rule, Term Decides) Deciding(PolicyEncoding policy, CallEncoding? call, PolicyRequest request)
    {
        if (call is null) return (null, Terms.True);
        var ruling = call.Decide(request);
        if (ruling.Rule == Ruling.NoRule) return (null, Terms.And(Terms.Not(call.AnyForbid), Terms.Not(call.AnyPermit)));
        return (policy.Policy.Rules[ruling.Rule], call.Decides(call.Find(ruling.Rule)!));
    }
}
