using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>Every rule can fire, every call can be permitted; permits and forbids that contradict each other are listed.</summary>
/// <param name="mostPairs">Contradictions that are listed for one forbid.</param>
internal sealed class RuleChecks(CheckRun run, PolicyEncoding encoding, int mostPairs)
{
    private readonly List<Contradiction> _contradictions = [];
    private readonly List<BoundRule> _more = [];

    public IReadOnlyList<Contradiction> Contradictions => _contradictions;

    public IReadOnlyList<BoundRule> MoreContradictions => _more;

    /// <summary>Looks for a permitted request of each call.</summary>
    public IReadOnlyList<CallReport> Calls() => [.. encoding.Calls.Select(CallOf)];

    /// <summary>Looks for a request that each rule decides.</summary>
    public IReadOnlyList<RuleReport> Rules()
    {
        var rules = encoding.Policy.Rules;
        List<RuleReport> reports = [];
        foreach (var rule in rules)
        {
            run.Progress(reports.Count, rules.Count, $"rule {rule.Name}");
            reports.Add(rule.Effect == Effect.Forbid ? Forbid(rule) : Permit(rule));
        }

        return reports;
    }

    private CallReport CallOf(CallEncoding call)
    {
        var policy = encoding.Policy;
        var chosen = policy.Governed.Contains(call.Call);
        var outcome = run.Ask($"call-{call.Call.Name}", Place.Whole(policy.File), $"Is any {call.Call.Name} permitted?", call.Call, call.Permitted);
        if (outcome is Outcome.None)
            run.Report("default-deny-only", chosen ? Severity.Warning : Severity.Note, Place.Whole(policy.File), $"no {call.Call.Name} is ever permitted",
                chosen ? $"add a permit for {call.Call.Name}, or stop governing it" : "nothing to do if this is meant: the policy always decides this call");
        var status = outcome switch { Outcome.Found => CallStatus.SomePermitted, Outcome.None => CallStatus.NeverPermitted, _ => CallStatus.Unsettled };
        return new(call.Call, chosen, call.Permits.Count, call.Forbids.Count, status, (outcome as Outcome.Found)?.Request);
    }

    /// <summary>A forbid matters when it decides what some permit would otherwise let pass.</summary>
    private RuleReport Forbid(BoundRule rule)
    {
        var settled = true;
        PolicyRequest? shown = null;
        foreach (var (call, terms) in Places(rule))
            if (Overruled(rule, call, terms, ref settled) is { } request) shown ??= request;
        if (shown is not null) return new(rule, RuleStatus.Fires, shown);
        var (decided, request2) = First(rule, "decides", (c, t) => c.Decides(t), ref settled);
        if (decided && settled)
            run.Report("idle-forbid", Severity.Warning, rule.Place, $"forbid `{rule.Name}` decides only requests that no rule would permit",
                "default deny refuses them already: remove it, or keep it for the day when a permit is added", request2);
        return decided ? new(rule, settled ? RuleStatus.Idle : RuleStatus.Unsettled, request2) : Never(rule, settled);
    }

    private RuleReport Permit(BoundRule rule)
    {
        var settled = true;
        var (fires, request) = First(rule, "decides", (c, t) => c.Decides(t), ref settled);
        return fires ? new(rule, RuleStatus.Fires, request) : Never(rule, settled);
    }

    /// <summary>Says why a rule never decides.</summary>
    private RuleReport Never(BoundRule rule, bool settled)
    {
        var (matches, _) = First(rule, "matches", (_, t) => t.Match, ref settled);
        var (first, request) = matches ? First(rule, "is-first", (_, t) => CallEncoding.First(t), ref settled) : (false, null);
        if (!settled) return new(rule, RuleStatus.Unsettled, null);
        var word = rule.Effect == Effect.Forbid ? "forbid" : "permit";
        if (!matches)
        {
            run.Report("dead-rule", Severity.Error, rule.Place, $"{word} `{rule.Name}` matches no request of a call that the policy decides",
                "its conditions exclude each other, or its calls are not governed: mend or remove it");
            return new(rule, RuleStatus.Dead, null);
        }

        if (first)
        {
            run.Report("shadowed-permit", Severity.Error, rule.Place, $"permit `{rule.Name}` never decides: forbids beat it on every request that earlier permits leave",
                "narrow the forbids, or remove the permit", request);
            return new(rule, RuleStatus.Shadowed, request);
        }

        run.Report("redundant-rule", Severity.Warning, rule.Place, $"{word} `{rule.Name}` never decides: earlier {word}s match all that it matches", "remove it, or move it up");
        return new(rule, RuleStatus.Redundant, null);
    }

    private (bool Found, PolicyRequest? Request) First(BoundRule rule, string what, Func<CallEncoding, RuleTerms, Term> goal, ref bool settled)
    {
        foreach (var (call, terms) in Places(rule))
        {
            var outcome = run.Seek($"rule-{rule.Id}-{what}-{call.Call.Name}", rule.Place, $"Which {call.Call.Name} shows that rule {rule.Name} {what}?", call.Call, goal(call, terms));
            if (outcome is Outcome.Found found) return (true, found.Request);
            settled &= outcome is Outcome.None;
        }

        return (false, null);
    }

    /// <summary>Lists the permits that a forbid overrules in one call; the result is a request, if there is one.</summary>
    private PolicyRequest? Overruled(BoundRule rule, CallEncoding call, RuleTerms forbid, ref bool settled)
    {
        List<Term> goals = [call.Decides(forbid), call.AnyPermit];
        PolicyRequest? shown = null;
        for (var pairs = 0; ; pairs++)
        {
            var outcome = run.Seek($"rule-{rule.Id}-overrules-{call.Call.Name}", rule.Place,
                $"Which {call.Call.Name} does forbid {rule.Name} decide that a permit would let pass (without the {pairs} permits found)?", call.Call, [.. goals]);
            settled &= outcome is not Outcome.Unsettled;
            if (outcome is not Outcome.Found(var request)) return shown;
            shown ??= request;
            if (pairs == mostPairs)
            {
                _more.Add(rule);
                return shown;
            }

            var permit = CallEncoding.FirstMatch(call.Permits, RequestSpace.Interpreter(request))!;
            if (!_contradictions.Exists(c => c.Forbid.Id == rule.Id && c.Permit.Id == permit.Rule.Id)) _contradictions.Add(new(rule, permit.Rule, request));
            goals.Add(Terms.Not(CallEncoding.First(permit)));
        }
    }

    private IEnumerable<(CallEncoding Call, RuleTerms Terms)> Places(BoundRule rule) =>
        from call in encoding.Calls let terms = call.Find(rule.Id) where terms is not null select (call, terms);
}
