using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>The answer to a question about requests of one call.</summary>
public abstract record Outcome
{
    private Outcome() { }

    /// <summary>This request satisfies the question.</summary>
    public sealed record Found(PolicyRequest Request) : Outcome;

    /// <summary>No request does; all solvers say so.</summary>
    public sealed record None : Outcome;

    /// <summary>Nobody knows; a finding was reported.</summary>
    public sealed record Unsettled : Outcome;
}

/// <summary>A policy with its table in the evaluator, against which models are replayed.</summary>
/// <param name="Decider">Null: there is no evaluator.</param>
public sealed record Replayed(PolicyEncoding Encoding, IDecider? Decider);

/// <summary>
/// What all checks share: it asks the solvers, turns models into requests, replays each through the evaluator, and collects findings.
/// </summary>
/// <param name="panel">The solvers.</param>
/// <param name="policies">The policies under question; each decides every model.</param>
/// <param name="progress">Told what is being checked: done, of how many, what.</param>
public sealed class CheckRun(SolverPanel panel, IReadOnlyList<Replayed> policies, Action<int, int, string> progress, CancellationToken cancel)
{
    private readonly Dictionary<int, List<PolicyRequest>> _seen = [];
    private readonly List<PolicyFinding> _findings = [];

    /// <summary>Everything found so far.</summary>
    public IReadOnlyList<PolicyFinding> Findings => _findings;

    /// <summary>Requests that the evaluator decided as the terms do.</summary>
    public int Replays { get; private set; }

    /// <summary>Tells how far the run is.</summary>
    public void Progress(int done, int all, string what) => progress(done, all, what);

    /// <summary>Reports a finding.</summary>
    public void Report(string check, Severity severity, Place place, string message, string mend, PolicyRequest? request = null) =>
        _findings.Add(new(check, severity, place, message, mend, request));

    /// <summary>Asks for a request of a call that satisfies the goals.</summary>
    /// <param name="name">For the file that is kept.</param>
    /// <param name="place">Where a finding belongs when the solvers do not settle it.</param>
    /// <param name="meaning">What is asked, in English.</param>
    public Outcome Ask(string name, Place place, string meaning, Call call, params Term[] goals)
    {
        var goal = Terms.And(goals);
        if (Terms.Is(goal, false)) return new Outcome.None();
        Term[] asked = [goal, .. RequestSpace.Limits([goal])];
        return Settled(panel.Ask(new Query(name, asked, [.. Fields.All.Select(RequestSpace.Of)]), meaning, cancel), place, meaning, call, asked);
    }

    /// <summary>As <see cref="Ask"/>, but a request that was seen before also does: a request proves by itself that there is one.</summary>
    public Outcome Seek(string name, Place place, string meaning, Call call, params Term[] goals)
    {
        var goal = Terms.And(goals);
        foreach (var request in _seen.GetValueOrDefault(call.Number) ?? [])
            if (RequestSpace.Interpreter(request).Holds(goal)) return new Outcome.Found(request);
        return Ask(name, place, meaning, call, goal);
    }

    private Outcome Settled(Verdict verdict, Place place, string meaning, Call call, IReadOnlyList<Term> goals)
    {
        switch (verdict)
        {
            case Verdict.Impossible: return new Outcome.None();
            case Verdict.Unsettled u: return Doubt(place, $"{u.Reason}; the question was: {meaning}");
        }

        PolicyRequest? shown = null;
        foreach (var model in ((Verdict.Possible)verdict).Models)
        {
            var request = FromModel(call, model);
            if (!RequestSpace.Admits(request) || !Satisfies(request, goals))
                return Doubt(place, $"a solver's model does not satisfy the question: {meaning}");
            Replay(request);
            shown ??= RequestReduction.Reduce(request, r => Satisfies(r, goals));
        }

        Replay(shown!);
        if (!_seen.TryGetValue(call.Number, out var seen)) _seen[call.Number] = seen = [];
        seen.Add(shown!);
        return new Outcome.Found(shown!);
    }

    private Outcome Doubt(Place place, string message)
    {
        Report("unsettled", Severity.Error, place, message, "no verdict is no pass: simplify the rule, or give the solvers more time with --timeout");
        return new Outcome.Unsettled();
    }

    private static bool Satisfies(PolicyRequest request, IReadOnlyList<Term> goals)
    {
        var interpreter = RequestSpace.Interpreter(request);
        return goals.All(interpreter.Holds);
    }

    private static PolicyRequest FromModel(Call call, IReadOnlyDictionary<Variable, UInt128> model)
    {
        var request = PolicyRequest.UsualOf(call);
        foreach (var field in Fields.All)
            if (model.TryGetValue(RequestSpace.Of(field), out var value)
                && !(field == Fields.Epoch && model.ContainsKey(RequestSpace.Of(Fields.Now))))
                request = request.With(field, (ulong)value);
        return request;
    }

    /// <summary>Lets the evaluator decide a request; a decision that differs from the terms' is a finding.</summary>
    public void Replay(PolicyRequest request)
    {
        foreach (var (encoding, decider) in policies)
        {
            if (decider is null || encoding.Of(request.Call) is not { } terms) continue;
            var (expected, actual) = (terms.Decide(request), decider.Decide(request.Call.Number, [.. request.Values]));
            Replays++;
            if (expected != actual)
                Report("replay", Severity.Error, Place.Whole(encoding.Policy.File),
                    $"the evaluator decides {Show(actual)}, the checks {Show(expected)}",
                    "this is a defect of rvm: report it with the policy and the request", request);
        }
    }

    private static string Show(Ruling ruling) =>
        (ruling.Permitted ? "permit" : "deny") + (ruling.Rule == Ruling.NoRule ? " by default" : $" by rule {ruling.Rule}");
}
