using Rvm.Tool.Audit.Digests;
using Rvm.Tool.Closure;
using Rvm.Tool.Custody;
using Rvm.Tool.Image.Structure;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Audit;

/// <summary>A claim for people: a lemma with a sentence that needs no knowledge of Dafny.</summary>
/// <param name="Outcome">proved, not-proved, or stale when the log is older than the source</param>
public sealed record Theorem(string Name, string Sentence, string File, int Line, string Outcome, long Resources);

/// <summary>One question to the solver and its answer.</summary>
/// <param name="Seeds">how many random seeds it was tried with, besides the proof itself</param>
/// <param name="Solver">the solver that answered; more than one when others agree</param>
public sealed record Obligation(string Symbol, string File, int Line, string Kind, int Batch, string Outcome, int Assertions, long Resources, int Seeds = 0, string Solver = "");

/// <summary>Something that is believed instead of proved.</summary>
/// <param name="Kind">extern, axiom, assembly, core-library, facade, hal, link-script or translation</param>
/// <param name="Lines">lines of code, for files; 0 for declarations</param>
/// <param name="Contract">what the proofs assume about it, for externs and axioms</param>
public sealed record Trusted(string Kind, string Name, string File, int Line, int Lines, string Reason, string? Contract);

/// <param name="Code">lines without blank lines and comments</param>
public sealed record PartSize(string Part, int Files, int Code, int Lines);

/// <summary>A limit of the design. One that is not binding yet is shown in the table, but is no finding when it is exceeded.</summary>
public sealed record Budget(string Name, long Value, long Limit, bool Binding = true)
{
    public bool Met => Value <= Limit;
}

public sealed record ToolVersion(string Name, string Version);

/// <summary>How everything was proved: the solver, and the verifier with its options.</summary>
public sealed record Verifier(string Dafny, string Solver, long ResourceLimit, IReadOnlyList<string> Arguments);

/// <summary>Everything that a release of the kernel rests on.</summary>
public sealed record AuditReport(
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<Theorem> Theorems,
    IReadOnlyList<Obligation> Obligations,
    IReadOnlyList<Trusted> Trusted,
    IReadOnlyList<PartSize> Sizes,
    IReadOnlyList<Budget> Budgets,
    IReadOnlyList<ToolVersion> Tools)
{
    public Verifier? Verifier { get; init; }

    /// <summary>What each theorem of spec/Theorem.dfy rests on; the numbers in it are indices into <see cref="Symbols"/>.</summary>
    public IReadOnlyList<TheoremClosure> Closures { get; init; } = [];

    /// <summary>Every declaration of the resolved program.</summary>
    public IReadOnlyList<ClosureSymbol> Symbols { get; init; } = [];

    /// <summary>From the sources to what boots.</summary>
    public CustodyChain? Custody { get; init; }

    /// <summary>Structural properties of the kernel image; empty when there is none.</summary>
    public IReadOnlyList<ImageCheck> Image { get; init; } = [];

    /// <summary>The newest results under other seeds and other solvers.</summary>
    public IReadOnlyList<SteadinessResult> Steadiness { get; init; } = [];

    /// <summary>Digests of the kernel image, down to the symbol; null when none has been built.</summary>
    public ImageDigest? Kernel { get; init; }

    public bool Clean => Findings.Count == 0;

    public int Unproved => Obligations.Count(o => o.Outcome != "proved");

    public long Resources => Obligations.Sum(o => o.Resources);
}
