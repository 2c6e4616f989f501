using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>What one rule says to a request.</summary>
/// <param name="Matches">Its condition holds.</param>
/// <param name="Decides">It is the rule that decided.</param>
/// <param name="Why">The first part of the condition that fails, with values; or what came before it.</param>
public sealed record RuleExplanation(BoundRule Rule, bool Matches, bool Decides, string Why);

/// <summary>The decision on a request with every rule's part in it.</summary>
/// <param name="Decided">False: the policy does not decide this call, so the kernel does not ask.</param>
/// <param name="Ruling">The decision.</param>
public sealed record Explanation(PolicyRequest Request, bool Decided, Ruling Ruling, IReadOnlyList<RuleExplanation> Rules);

/// <summary>Explains decisions.</summary>
public static class PolicyExplanation
{
    /// <summary>Says which rule decides a request and why each other one does not.</summary>
    public static Explanation Explain(BoundPolicy policy, PolicyRequest request)
    {
        var encoding = new PolicyEncoding(policy).Of(request.Call);
        var ruling = encoding?.Decide(request) ?? new Ruling(true, Ruling.NoRule);
        return new(request, encoding is not null, ruling, [.. policy.Rules.Select(r => Of(policy, r, request, ruling))]);
    }

    private static RuleExplanation Of(BoundPolicy policy, BoundRule rule, PolicyRequest request, Ruling ruling)
    {
        var failed = FirstFailure(rule.Condition, request);
        if (failed is not null) return new(rule, false, false, Failure(failed, policy, request));
        if (rule.Id == ruling.Rule) return new(rule, true, true, "all its conditions hold");
        var winner = ruling.Rule == Ruling.NoRule ? null : policy.Rules[ruling.Rule];
        return new(rule, true, false, winner is null ? "the policy does not decide this call"
            : winner.Effect != rule.Effect ? $"forbid `{winner.Name}` beats it" : $"`{winner.Name}` stands before it");
    }

    /// <summary>The first part of a conjunction that fails, however deep; null when the condition holds.</summary>
    private static BoundCondition? FirstFailure(BoundCondition condition, PolicyRequest request)
    {
        if (Holds(condition, request)) return null;
        return condition is BoundAnd and ? and.Parts.Select(p => FirstFailure(p, request)).First(p => p is not null) : condition;
    }

    private static string Failure(BoundCondition failed, BoundPolicy policy, PolicyRequest request)
    {
        var values = ConditionText.FieldsOf(failed).Select(f => $"{f.Name} is {ValueText.Of(f, request[f], policy)}").ToList();
        if (CallView.Named(failed).Any()) values.Insert(0, $"call is {request.Call.Name}");
        return ConditionText.Of(failed, policy) + (values.Count == 0 ? " never holds" : $" fails: {string.Join(", ", values)}");
    }

    private static bool Holds(BoundCondition condition, PolicyRequest request) =>
        RequestSpace.Interpreter(request).Holds(ConditionEncoder.Encode(condition, request.Call));
}
