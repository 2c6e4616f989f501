using Rvm.Diagnostics;
using Rvm.Policy.Binding;
using Rvm.Policy.Smt;

namespace Rvm.Policy.Checks;

/// <summary>Something that the checks found.</summary>
/// <param name="Check">Short stable name: the rule id of SARIF (docs/policy.md, «What is checked»).</param>
/// <param name="Severity">An error fails the check; warnings and notes do not.</param>
/// <param name="Request">A request that shows it; null when there is none.</param>
public sealed record PolicyFinding(string Check, Severity Severity, Place Place, string Message, string Mend, PolicyRequest? Request = null);

/// <summary>How a call fares.</summary>
public enum CallStatus
{
    /// <summary>Some request is permitted.</summary>
    SomePermitted,

    /// <summary>Nothing is ever permitted.</summary>
    NeverPermitted,

    /// <summary>The solvers did not settle it.</summary>
    Unsettled,
}

/// <summary>A call that the policy decides.</summary>
public sealed record CallReport(Call Call, bool ByChoice, int Permits, int Forbids, CallStatus Status, PolicyRequest? Request);

/// <summary>What becomes of a rule.</summary>
public enum RuleStatus
{
    /// <summary>Some request is decided by it; for a forbid, one that a permit would let pass.</summary>
    Fires,

    /// <summary>Its condition holds of no request.</summary>
    Dead,

    /// <summary>A permit that forbids always beat.</summary>
    Shadowed,

    /// <summary>Earlier rules of the same effect decide all that it matches.</summary>
    Redundant,

    /// <summary>A forbid that decides only what nothing would permit.</summary>
    Idle,

    /// <summary>The solvers did not settle it.</summary>
    Unsettled,
}

/// <summary>A rule with a request that it decides, if there is one.</summary>
public sealed record RuleReport(BoundRule Rule, RuleStatus Status, PolicyRequest? Request);

/// <summary>A permit and a forbid that match the same request, which the forbid decides.</summary>
public sealed record Contradiction(BoundRule Forbid, BoundRule Permit, PolicyRequest Request);

/// <summary>How a claim fares.</summary>
public enum ClaimStatus { Holds, Fails, Vacuous, Overridden, NotApplicable, NotCovered, Unsettled }

/// <summary>An assertion of the author or a built-in check.</summary>
/// <param name="Request">A request that refutes it, if there is one.</param>
public sealed record ClaimReport(string Name, string Kind, string Reason, ClaimStatus Status, PolicyRequest? Request);

/// <summary>The result of <c>rvm policy check</c>.</summary>
/// <param name="Sums">Sums of a field and a constant that were shown not to overflow.</param>
/// <param name="MoreContradictions">Forbids that may contradict further permits, which are not listed.</param>
/// <param name="Replays">Models that the evaluator decided as the solvers' terms do.</param>
/// <param name="Evaluator">Name of the evaluator; null when there was none.</param>
public sealed record CheckReport(
    BoundPolicy Policy, IReadOnlyList<PolicyFinding> Findings, IReadOnlyList<CallReport> Calls, IReadOnlyList<RuleReport> Rules,
    IReadOnlyList<Contradiction> Contradictions, IReadOnlyList<BoundRule> MoreContradictions, IReadOnlyList<ClaimReport> Assertions,
    IReadOnlyList<ClaimReport> BuiltIns, int Sums, int Replays, string? Evaluator, int Questions, IReadOnlyList<SolverUse> Solvers, double Seconds)
{
    /// <summary>True when nothing stands against the policy.</summary>
    public bool Passed => Findings.All(f => f.Severity != Severity.Error);
}
