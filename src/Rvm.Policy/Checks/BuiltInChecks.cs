using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>The built-in checks on one policy, with what its author overrides.</summary>
internal sealed class BuiltInChecks(CheckRun run, PolicyEncoding encoding, SystemFacts system)
{
    /// <summary>Checks them all; each is looked at even when it is overridden.</summary>
    public IReadOnlyList<ClaimReport> Run()
    {
        foreach (var allow in encoding.Policy.Allows)
            if (BuiltIns.Find(allow.Check) is null)
                run.Report("unknown-allow", Severity.Error, allow.Place, $"there is no built-in check `{allow.Check}`",
                    Suggest.OneOf(allow.Check, [.. BuiltIns.All.Select(b => b.Name)]));
        return [.. BuiltIns.All.Select(Check)];
    }

    private ClaimReport Check(BuiltIn check, int number)
    {
        run.Progress(number, BuiltIns.All.Count, $"built-in check {check.Name}");
        var allow = encoding.Policy.Allows.FirstOrDefault(a => a.Check == check.Name);
        var (status, request) = Violation(check);
        var place = allow?.Place ?? Place.Whole(encoding.Policy.File);
        if (status == ClaimStatus.Fails && allow is null) Violated(check, request!);
        if (status is ClaimStatus.Holds or ClaimStatus.NotApplicable or ClaimStatus.NotCovered && allow is not null)
            run.Report("unneeded-allow", Severity.Warning, place, $"the policy does not violate `{check.Name}`",
                "remove the `allow`: it would hide a later mistake");
        if (status == ClaimStatus.Fails && allow is not null) status = ClaimStatus.Overridden;
        return new(check.Name, "built-in", allow?.Reason ?? check.Reason, status, request);
    }

    private (ClaimStatus Status, PolicyRequest? Request) Violation(BuiltIn check)
    {
        var (settled, asked) = (true, false);
        foreach (var call in check.Calls)
        {
            if (check.Forbidden(system, call) is not { } forbidden) return (ClaimStatus.NotApplicable, null);
            if (encoding.Of(call) is not { } terms) continue;
            asked = true;
            switch (run.Ask($"built-in-{check.Name}-{call.Name}", Place.Whole(encoding.Policy.File),
                $"Which permitted {call.Name} violates the built-in check {check.Name}?",
                call, forbidden, terms.Permitted))
            {
                case Outcome.Found(var request): return (ClaimStatus.Fails, request);
                case Outcome.Unsettled: settled = false; break;
            }
        }

        return (!settled ? ClaimStatus.Unsettled : asked ? ClaimStatus.Holds : ClaimStatus.NotCovered, null);
    }

    private void Violated(BuiltIn check, PolicyRequest request)
    {
        var rule = encoding.Policy.Rules[encoding.Of(request.Call)!.Decide(request).Rule];
        run.Report($"built-in/{check.Name}", Severity.Error, rule.Place,
            $"permit `{rule.Name}` lets a {request.Call.Name} pass that no policy should: {check.Reason}",
            $"narrow the permit, add a forbid, or write `allow {check.Name} \"why\"`", request);
    }
}
