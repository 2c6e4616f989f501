using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>
/// Every call can be permitted and every rule can fire. Requests are guessed first; what no guess shows is asked of the solvers for all rules
/// of a call at once, until they say that there is nothing more.
/// </summary>
internal sealed class RuleChecks(CheckRun run, PolicyEncoding encoding)
{
    private readonly Dictionary<int, PolicyRequest> _decided = [];
    private readonly HashSet<int> _unsettled = [];

    /// <summary>What is known of each call.</summary>
    public IReadOnlyList<RuleFacts> Facts { get; } = [.. encoding.Calls.Select(c => new RuleFacts(c))];

    /// <summary>Looks for a permitted request of each call.</summary>
    public IReadOnlyList<CallReport> Calls() => [.. Facts.Select((f, i) => CallOf(f.Call, i))];

    /// <summary>Looks for a request that each rule decides.</summary>
    public IReadOnlyList<RuleReport> Rules()
    {
        foreach (var (facts, number) in Facts.Select((f, i) => (f, i)))
        {
            run.Progress(number, Facts.Count, $"rules for {facts.Call.Call.Name}");
            facts.Sample();
            Complete(facts);
        }

        List<RuleReport> reports = [];
        foreach (var rule in encoding.Policy.Rules)
        {
            run.Progress(reports.Count, encoding.Policy.Rules.Count, $"rule {rule.Name}");
            reports.Add(_decided.TryGetValue(rule.Id, out var request) ? new(rule, RuleStatus.Fires, request) : Silent(rule));
        }

        return reports;
    }

    private CallReport CallOf(CallEncoding call, int number)
    {
        run.Progress(number, Facts.Count, $"call {call.Call.Name}");
        var policy = encoding.Policy;
        var chosen = policy.Governed.Contains(call.Call);
        var outcome = run.Ask($"call-{call.Call.Name}", Place.Whole(policy.File), $"Is any {call.Call.Name} permitted?", call.Call, call.Permitted);
        if (outcome is Outcome.None)
            run.Report("default-deny-only", chosen ? Severity.Warning : Severity.Note, Place.Whole(policy.File),
                $"no {call.Call.Name} is ever permitted",
                chosen ? $"add a permit for {call.Call.Name}, or stop governing it"
                    : "nothing to do if this is meant: the policy always decides this call");
        var status = outcome is Outcome.Found ? CallStatus.SomePermitted : outcome is Outcome.None ? CallStatus.NeverPermitted : CallStatus.Unsettled;
        return new(call.Call, chosen, call.Permits.Count, call.Forbids.Count, status, (outcome as Outcome.Found)?.Request);
    }

    /// <summary>Asks for requests that show rules deciding, all rules in one question, until there is none.</summary>
    private void Complete(RuleFacts facts)
    {
        var call = facts.Call;
        var open = call.Forbids.Concat(call.Permits).Where(r => !Shown(facts, r.Rule)).ToList();
        for (var round = 0; open.Count > 0; round++)
        {
            var goal = Terms.Or(open.Select(r => Matters(call, r)));
            var outcome = run.Ask($"rules-{call.Call.Name}-{round}", open[0].Rule.Place,
                $"Which {call.Call.Name} does one of these rules decide: {string.Join(", ", open.Select(r => r.Rule.Name))}?", call.Call, goal);
            if (outcome is Outcome.Unsettled) _unsettled.UnionWith(open.Select(r => r.Rule.Id));
            if (outcome is not Outcome.Found(var request)) return;
            facts.Add(request);
            open.RemoveAll(r => Shown(facts, r.Rule));
        }
    }

    /// <summary>A permit matters when it decides; a forbid, when it decides what a permit would let pass.</summary>
    private static Term Matters(CallEncoding call, RuleTerms rule) =>
        rule.Rule.Effect == Effect.Permit ? call.Decides(rule) : Terms.And(call.Decides(rule), call.AnyPermit);

    private bool Shown(RuleFacts facts, BoundRule rule)
    {
        if (_decided.ContainsKey(rule.Id)) return true;
        if (facts.Decided(rule) is not { } request) return false;
        run.Replay(request);
        return _decided.TryAdd(rule.Id, request);
    }

    /// <summary>Says why a rule decides nothing that matters.</summary>
    private RuleReport Silent(BoundRule rule)
    {
        if (_unsettled.Contains(rule.Id)) return new(rule, RuleStatus.Unsettled, null);
        var word = rule.Effect == Effect.Forbid ? "forbid" : "permit";
        var settled = true;
        var (first, request) = Find(rule, "is-first", (_, t) => CallEncoding.First(t), ref settled);
        var matches = first || Find(rule, "matches", (_, t) => t.Match, ref settled).Found;
        if (!settled) return new(rule, RuleStatus.Unsettled, null);
        if (!matches)
        {
            run.Report("dead-rule", Severity.Error, rule.Place, $"{word} `{rule.Name}` matches no request of a call that the policy decides",
                "its conditions exclude each other, or its calls are not governed: mend or remove it");
            return new(rule, RuleStatus.Dead, null);
        }

        if (!first)
        {
            run.Report("redundant-rule", Severity.Warning, rule.Place,
                $"{word} `{rule.Name}` never decides: earlier {word}s match all that it matches", "remove it, or move it up");
            return new(rule, RuleStatus.Redundant, null);
        }

        if (rule.Effect == Effect.Forbid)
        {
            run.Report("idle-forbid", Severity.Warning, rule.Place, $"forbid `{rule.Name}` decides only requests that no rule would permit",
                "default deny refuses them already: remove it, or keep it for the day when a permit is added", request);
            return new(rule, RuleStatus.Idle, request);
        }

        run.Report("shadowed-permit", Severity.Error, rule.Place,
            $"permit `{rule.Name}` never decides: forbids beat it on every request that earlier permits leave",
            "narrow the forbids, or remove the permit", request);
        return new(rule, RuleStatus.Shadowed, request);
    }

    private (bool Found, PolicyRequest? Request) Find(BoundRule rule, string what, Func<CallEncoding, RuleTerms, Term> goal, ref bool settled)
    {
        foreach (var call in encoding.Calls)
        {
            if (call.Find(rule.Id) is not { } terms) continue;
            var outcome = run.Seek($"rule-{rule.Id}-{what}-{call.Call.Name}", rule.Place,
                $"Which {call.Call.Name} shows that rule {rule.Name} {what}?", call.Call, goal(call, terms));
            if (outcome is Outcome.Found found) return (true, found.Request);
            settled &= outcome is Outcome.None;
        }

        return (false, null);
    }
}
