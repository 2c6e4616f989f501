using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>The author's assertions, over the requests of all calls that the policy decides.</summary>
/// <param name="others">The policies that «unchanged-from» names, by path.</param>
internal sealed class AssertionChecks(CheckRun run, PolicyEncoding encoding, IReadOnlyDictionary<string, PolicyEncoding> others)
{
    /// <summary>Checks them all.</summary>
    public IReadOnlyList<ClaimReport> Run()
    {
        List<ClaimReport> reports = [];
        foreach (var assertion in encoding.Policy.Assertions)
        {
            run.Progress(reports.Count, encoding.Policy.Assertions.Count, $"assertion {assertion.Name}");
            reports.Add(assertion switch
            {
                NeverAssertion n => Claim(n, "never", n.Condition, permitted: true),
                AlwaysAssertion a => Claim(a, "always", a.Condition, permitted: false),
                UnchangedAssertion u => Unchanged(u),
                _ => throw new InvalidOperationException($"unknown assertion {assertion.GetType().Name}"),
            });
        }

        return reports;
    }

    /// <summary>Looks for a request that satisfies the condition and is decided against the claim.</summary>
    private ClaimReport Claim(BoundAssertion assertion, string kind, BoundCondition condition, bool permitted)
    {
        ClaimReport Report(ClaimStatus status, PolicyRequest? request = null) => new(assertion.Name, kind, assertion.Reason, status, request);
        var (settled, inhabited) = (true, false);
        foreach (var call in encoding.Calls)
        {
            var meant = ConditionEncoder.Encode(condition, call.Call);
            var decided = permitted ? call.Permitted : Terms.Not(call.Permitted);
            switch (run.Ask($"assert-{kind}-{assertion.Name}-{call.Call.Name}", assertion.Place,
                $"Which {call.Call.Name} refutes «assert {kind} {assertion.Name}»?", call.Call, meant, decided))
            {
                case Outcome.Found(var request):
                    run.Report($"assert-{kind}", Severity.Error, assertion.Place, $"assertion `{assertion.Name}` fails: {Said(call, request)}",
                        permitted ? "add a forbid, or narrow the permit" : "add a permit, or narrow the forbid", request);
                    return Report(ClaimStatus.Fails, request);
                case Outcome.Unsettled: settled = false; break;
            }

            if (!inhabited)
                switch (run.Seek($"assert-{kind}-{assertion.Name}-{call.Call.Name}-inhabited", assertion.Place,
                    $"Which {call.Call.Name} is «{assertion.Name}» about?", call.Call, meant))
                {
                    case Outcome.Found: inhabited = true; break;
                    case Outcome.Unsettled: settled = false; break;
                }
        }

        if (!settled) return Report(ClaimStatus.Unsettled);
        Ungoverned(assertion, condition);
        if (inhabited) return Report(ClaimStatus.Holds);
        run.Report("vacuous-assertion", Severity.Error, assertion.Place, $"assertion `{assertion.Name}` is about no request that the policy decides",
            "mend its condition, or govern the call that it means");
        return Report(ClaimStatus.Vacuous);
    }

    /// <summary>A claim that names a call must not seem to hold of a call that the policy does not decide.</summary>
    private void Ungoverned(BoundAssertion assertion, BoundCondition condition)
    {
        if (!MentionsCall(condition)) return;
        var silent = Calls.All.Where(c => encoding.Of(c) is null && !Terms.Is(ConditionEncoder.Encode(condition, c), false))
            .Select(c => c.Name).ToList();
        var them = silent.Count == 1 ? "it" : "them";
        if (silent.Count > 0)
            run.Report("ungoverned-assertion", Severity.Warning, assertion.Place,
                $"assertion `{assertion.Name}` says nothing about {string.Join(", ", silent)}: the policy does not decide {them}",
                $"add `govern {string.Join(", ", silent)}`, or exclude {them} from the assertion");
    }

    private static bool MentionsCall(BoundCondition condition) => condition switch
    {
        BoundCall => true,
        BoundNot n => MentionsCall(n.Inner),
        BoundAnd a => a.Parts.Any(MentionsCall),
        BoundOr o => o.Parts.Any(MentionsCall),
        _ => false,
    };

    private ClaimReport Unchanged(UnchangedAssertion assertion)
    {
        ClaimReport Report(ClaimStatus status, PolicyRequest? request = null) =>
            new(assertion.Name, "unchanged-from", assertion.Reason, status, request);
        var other = others[assertion.Path];
        var settled = true;
        foreach (var call in Calls.All.Where(c => encoding.Of(c) is not null || other.Of(c) is not null))
        {
            var excepted = assertion.Except is { } except ? ConditionEncoder.Encode(except, call) : Terms.False;
            var (now, before) = (encoding.Allows(call), other.Allows(call));
            var changed = Terms.Or(Terms.And(now, Terms.Not(before)), Terms.And(Terms.Not(now), before));
            switch (run.Ask($"assert-unchanged-{call.Name}", assertion.Place, $"Which {call.Name} is decided otherwise than by {assertion.Path}?",
                call, Terms.Not(excepted), changed))
            {
                case Outcome.Found(var request):
                    run.Report("assert-unchanged", Severity.Error, assertion.Place, $"a {call.Name} is decided otherwise than by {assertion.Path}",
                        $"`rvm policy diff {assertion.Path} {encoding.Policy.File}` shows all changes; add an exception, or undo the change",
                        request);
                    return Report(ClaimStatus.Fails, request);
                case Outcome.Unsettled: settled = false; break;
            }
        }

        return Report(settled ? ClaimStatus.Holds : ClaimStatus.Unsettled);
    }

    private string Said(CallEncoding call, PolicyRequest request)
    {
        var ruling = call.Decide(request);
        var word = ruling.Permitted ? "permitted" : "denied";
        return ruling.Rule == Ruling.NoRule ? $"a request is {word} because no rule matches it"
            : $"a request is {word} by `{encoding.Policy.Rules[ruling.Rule].Name}`";
    }
}
