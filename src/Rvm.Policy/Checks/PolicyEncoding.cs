using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>A rule as it stands for one call.</summary>
/// <param name="Match">Its condition holds.</param>
/// <param name="Earlier">A rule with the same effect that stands before it matches.</param>
public sealed record RuleTerms(BoundRule Rule, Term Match, Term Earlier);

/// <summary>What a policy says about one call. Rules that cannot match this call are left out.</summary>
public sealed class CallEncoding
{
    internal CallEncoding(BoundPolicy policy, Call call, string prefix)
    {
        Call = call;
        (Forbids, AnyForbid) = Chain(policy, Effect.Forbid, $"{prefix}{call.Name}_forbid");
        (Permits, AnyPermit) = Chain(policy, Effect.Permit, $"{prefix}{call.Name}_permit");
        Permitted = Terms.And(Terms.Not(AnyForbid), AnyPermit);
    }

    /// <summary>The call.</summary>
    public Call Call { get; }

    /// <summary>Its forbids, in the order of the source.</summary>
    public IReadOnlyList<RuleTerms> Forbids { get; }

    /// <summary>Its permits, in the order of the source.</summary>
    public IReadOnlyList<RuleTerms> Permits { get; }

    /// <summary>One of the forbids matches.</summary>
    public Term AnyForbid { get; }

    /// <summary>One of the permits matches.</summary>
    public Term AnyPermit { get; }

    /// <summary>The request is permitted.</summary>
    public Term Permitted { get; }

    /// <summary>The rule with this id; null when it cannot match this call.</summary>
    public RuleTerms? Find(int id) => Forbids.FirstOrDefault(r => r.Rule.Id == id) ?? Permits.FirstOrDefault(r => r.Rule.Id == id);

    /// <summary>This rule decides: it is the first forbid that matches, or no forbid matches and it is the first permit that does.</summary>
    public Term Decides(RuleTerms rule) => rule.Rule.Effect == Effect.Forbid
        ? First(rule)
        : Terms.And(First(rule), Terms.Not(AnyForbid));

    /// <summary>This rule is the first of its effect that matches.</summary>
    public static Term First(RuleTerms rule) => Terms.And(rule.Match, Terms.Not(rule.Earlier));

    /// <summary>The decision on one request, computed from the terms.</summary>
    public Ruling Decide(PolicyRequest request)
    {
        var interpreter = RequestSpace.Interpreter(request);
        if (FirstMatch(Forbids, interpreter) is { } forbid) return new(false, forbid.Rule.Id);
        return FirstMatch(Permits, interpreter) is { } permit ? new(true, permit.Rule.Id) : new(false, Ruling.NoRule);
    }

    /// <summary>The first rule that matches; null when none does.</summary>
    public static RuleTerms? FirstMatch(IReadOnlyList<RuleTerms> rules, TermInterpreter interpreter)
    {
        foreach (var rule in rules)
            if (interpreter.Holds(rule.Match)) return rule;
        return null;
    }

    private (IReadOnlyList<RuleTerms> Rules, Term Any) Chain(BoundPolicy policy, Effect effect, string name)
    {
        List<RuleTerms> rules = [];
        var any = Terms.False;
        foreach (var rule in policy.Rules)
        {
            if (rule.Effect != effect || ConditionEncoder.Encode(rule.Condition, Call) is var match && Terms.Is(match, false)) continue;
            var named = Named($"{name}_{rule.Id}", match);
            rules.Add(new(rule, named, any));
            any = Named($"{name}_upto_{rule.Id}", Terms.Or(any, named));
        }

        return (rules, any);
    }

    private static Term Named(string name, Term body) => body is Smt.Constant or Definition ? body : new Definition(name, body);
}

/// <summary>A policy as terms, one part for each call that it decides.</summary>
/// <param name="policy">The policy.</param>
/// <param name="prefix">Before every name, so that two policies can stand in one question.</param>
public sealed class PolicyEncoding(BoundPolicy policy, string prefix = "")
{
    private readonly Dictionary<int, CallEncoding> _calls = policy.Decided.ToDictionary(c => c.Number, c => new CallEncoding(policy, c, prefix));

    /// <summary>The policy.</summary>
    public BoundPolicy Policy { get; } = policy;

    /// <summary>The calls that the policy decides, ascending.</summary>
    public IEnumerable<CallEncoding> Calls => _calls.Values;

    /// <summary>What it says about a call; null when it does not decide it.</summary>
    public CallEncoding? Of(Call call) => _calls.GetValueOrDefault(call.Number);

    /// <summary>The policy lets the request pass. A call that it does not decide passes: the kernel does not ask.</summary>
    public Term Allows(Call call) => Of(call)?.Permitted ?? Terms.True;
}
