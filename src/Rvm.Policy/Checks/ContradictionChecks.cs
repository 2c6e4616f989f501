using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>Lists the forbids and permits that match the same request: there the forbid decides.</summary>
/// <param name="mostPairs">Permits that are listed for one forbid and call.</param>
/// <param name="mostQuestions">Questions for one call with few rules; fewer for a call with many, whose questions are large.</param>
internal sealed class ContradictionChecks(CheckRun run, int mostPairs, int mostQuestions)
{
    private const int LargeCall = 512;

    private readonly HashSet<int> _more = [];

    /// <summary>Ids of the forbids whose list may lack permits.</summary>
    public IReadOnlySet<int> Incomplete => _more;

    /// <summary>The contradictions of all calls, by forbid and permit; one request for each pair.</summary>
    public IReadOnlyList<Contradiction> Run(IReadOnlyList<RuleFacts> calls, IReadOnlyList<BoundRule> rules)
    {
        Dictionary<(int, int), PolicyRequest> pairs = [];
        foreach (var (facts, number) in calls.Select((f, i) => (f, i)))
        {
            run.Progress(number, calls.Count, $"contradictions of {facts.Call.Call.Name}");
            foreach (var (pair, request) in PairsOf(facts)) pairs.TryAdd(pair, request);
        }

        List<Contradiction> list = [];
        foreach (var ((forbid, permit), request) in pairs.OrderBy(p => p.Key))
        {
            run.Replay(request);
            list.Add(new(rules[forbid], rules[permit], request));
        }

        return list;
    }

    private IEnumerable<KeyValuePair<(int Forbid, int Permit), PolicyRequest>> PairsOf(RuleFacts facts)
    {
        if (facts.Call.Forbids.Count == 0 || facts.Call.Permits.Count == 0) return [];
        var most = Math.Clamp(LargeCall / (facts.Call.Forbids.Count + facts.Call.Permits.Count), 2, mostQuestions);
        for (var asked = 0; ; asked++)
        {
            var listed = Pairs(facts).ToLookup(p => p.Key.Forbid);
            var full = listed.Where(g => g.Count() >= mostPairs).Select(g => g.Key).ToHashSet();
            _more.UnionWith(full);
            if (asked == most) _more.UnionWith(facts.Call.Forbids.Select(f => f.Rule.Id));
            if (asked == most || !Another(facts, listed, full, asked))
                return Pairs(facts).GroupBy(p => p.Key.Forbid).SelectMany(g => g.Take(mostPairs));
        }
    }

    /// <summary>Asks for a request that a forbid and a permit match that are not listed together.</summary>
    private bool Another(RuleFacts facts, ILookup<int, KeyValuePair<(int Forbid, int Permit), PolicyRequest>> listed, HashSet<int> full, int asked)
    {
        var call = facts.Call;
        var goal = Terms.Or(call.Forbids.Where(f => !full.Contains(f.Rule.Id)).Select(f => Terms.And(
            [CallEncoding.First(f), call.AnyPermit, .. listed[f.Rule.Id].Select(p => Terms.Not(CallEncoding.First(call.Find(p.Key.Permit)!)))])));
        var outcome = run.Ask($"contradiction-{call.Call.Name}-{asked}", call.Forbids[0].Rule.Place,
            $"Which {call.Call.Name} do a forbid and a permit match that are not listed as a contradiction yet?", call.Call, goal);
        if (outcome is Outcome.Unsettled) _more.UnionWith(call.Forbids.Select(f => f.Rule.Id));
        return outcome is Outcome.Found(var request) && facts.Add(request);
    }

    private static IEnumerable<KeyValuePair<(int Forbid, int Permit), PolicyRequest>> Pairs(RuleFacts facts) =>
        facts.Known.Where(k => k.Key.Forbid != Ruling.NoRule && k.Key.Permit != Ruling.NoRule);
}
