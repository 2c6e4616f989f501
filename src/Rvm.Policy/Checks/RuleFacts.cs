using Rvm.Policy.Binding;

namespace Rvm.Policy.Checks;

/// <summary>What is known of one call from requests alone: which forbid and which permit are the first that match each of them.</summary>
internal sealed class RuleFacts(CallEncoding call)
{
    private const int MostSteps = 12;

    /// <summary>Rules that the guesses may look at: for each rule alone, and for pairs.</summary>
    private const long RuleEffort = 8_000_000, PairEffort = 2_000_000;

    private long _effort;

    private readonly Dictionary<(int Forbid, int Permit), PolicyRequest> _known = [];

    /// <summary>The call.</summary>
    public CallEncoding Call { get; } = call;

    /// <summary>Pairs of rule ids (<see cref="Ruling.NoRule"/>: none matches), each with a request.</summary>
    public IReadOnlyDictionary<(int Forbid, int Permit), PolicyRequest> Known => _known;

    /// <summary>Adds a request; false when it tells nothing new.</summary>
    public bool Add(PolicyRequest request)
    {
        var (forbid, permit) = FirstOf(request);
        return _known.TryAdd((forbid?.Rule.Id ?? Ruling.NoRule, permit?.Rule.Id ?? Ruling.NoRule), request);
    }

    /// <summary>Guesses requests that each rule decides, and requests that pairs of a forbid and a permit match.</summary>
    public void Sample()
    {
        var random = new Random(Call.Call.Number);
        _effort = RuleEffort;
        foreach (var permit in Call.Permits) Steer(null, permit, random);
        foreach (var forbid in Call.Forbids.Where(_ => Call.Permits.Count > 0)) Steer(forbid, null, random);
        _effort = PairEffort;
        foreach (var forbid in Call.Forbids)
            foreach (var permit in Call.Permits)
                if (!_known.ContainsKey((forbid.Rule.Id, permit.Rule.Id))) Steer(forbid, permit, random);
    }

    /// <summary>A request that the rule decides; null when none is known. A forbid counts only when a permit would let the request pass.</summary>
    public PolicyRequest? Decided(BoundRule rule) => _known
        .Where(k => rule.Effect == Effect.Permit ? k.Key == (Ruling.NoRule, rule.Id) : k.Key.Forbid == rule.Id && k.Key.Permit != Ruling.NoRule)
        .Select(k => k.Value).FirstOrDefault();

    /// <summary>
    /// Walks to a request of which the given forbid and permit are the first that match: makes their conditions hold, then breaks the condition
    /// of the rule that matches earlier, and so on. No forbid given: none may match; no permit given: any.
    /// </summary>
    private void Steer(RuleTerms? forbid, RuleTerms? permit, Random random)
    {
        var request = PolicyRequest.UsualOf(Call.Call);
        for (var step = 0; step < MostSteps && _effort > 0; step++)
        {
            if (step == MostSteps / 2) request = RequestSampler.Random(Call.Call, random);
            permit ??= forbid is null ? null : Call.Permits[random.Next(Call.Permits.Count)];
            foreach (var wanted in new[] { forbid, permit })
                if (wanted is not null) request = RequestSampler.Toward(request, wanted.Rule.Condition, true, step);
            if (!RequestSpace.Admits(request)) continue;
            var (foundForbid, foundPermit) = FirstOf(request);
            _known.TryAdd((foundForbid?.Rule.Id ?? Ruling.NoRule, foundPermit?.Rule.Id ?? Ruling.NoRule), request);
            if (ReferenceEquals(foundForbid, forbid) && ReferenceEquals(foundPermit, permit)) return;
            var blocker = ReferenceEquals(foundForbid, forbid) ? foundPermit : foundForbid;
            request = blocker is null ? RequestSampler.Random(Call.Call, random)
                : RequestSampler.Toward(request, blocker.Rule.Condition, false, step);
        }
    }

    private (RuleTerms? Forbid, RuleTerms? Permit) FirstOf(PolicyRequest request)
    {
        _effort -= Call.Forbids.Count + Call.Permits.Count;
        var interpreter = RequestSpace.Interpreter(request);
        return (CallEncoding.FirstMatch(Call.Forbids, interpreter), CallEncoding.FirstMatch(Call.Permits, interpreter));
    }
}
