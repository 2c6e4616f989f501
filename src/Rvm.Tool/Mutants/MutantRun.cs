using System.Collections.Concurrent;
using System.Diagnostics;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants;

/// <summary>What became of a mutant, the best first.</summary>
public enum Fate
{
    /// <summary>The proof that must fail does: the solver found that it does not follow.</summary>
    Refuted,

    /// <summary>The proof fails for want of resources only: nobody knows whether it follows.</summary>
    NotProved,

    /// <summary>Another proof fails than the list says.</summary>
    Elsewhere,

    /// <summary>Everything is still proved.</summary>
    Survived,

    /// <summary>The proof does not hold without the mistake either.</summary>
    NoBaseline,

    /// <summary>The mutant is no Dafny program, or the proof does not exist.</summary>
    Wrong,
}

/// <summary>One proof of a mutant.</summary>
/// <param name="Where">the failing claim or program point, if there is one</param>
/// <param name="Related">what it belongs to, such as the postcondition that fails</param>
/// <param name="Units">resource units of the solver</param>
public sealed record Verdict(Refutation Refutation, Fate Fate, string Message, Place? Where, Place? Related, long Units);

/// <summary>A mutant and what its proofs say; the worst of them counts.</summary>
public sealed record MutantResult(Mutant Mutant, IReadOnlyList<Verdict> Verdicts, TimeSpan Time)
{
    public Fate Fate => Verdicts.Max(v => v.Fate);

    /// <summary>The verdict that decides.</summary>
    public Verdict Decisive => Verdicts.First(v => v.Fate == Fate);
}

/// <summary>Proves mutants, two at a time at most. What is proved of a mutant must hold without the mistake: that is looked up, or proved once.</summary>
public sealed class MutantRun(Checkout checkout, MutantTree tree, ProverOptions options)
{
    private static readonly int Processes = Math.Min(2, Environment.ProcessorCount);

    private readonly ProofStore store = new(checkout, tree.Sources, options.Fingerprint);
    private readonly ConcurrentDictionary<Refutation, Lazy<string?>> baselines = new();

    public IReadOnlyList<MutantResult> Prove(IReadOnlyList<Mutant> mutants, Action<MutantResult> finished, CancellationToken cancel)
    {
        var results = new MutantResult[mutants.Count];
        var queue = new ConcurrentQueue<int>(Enumerable.Range(0, mutants.Count));
        Directory.CreateDirectory(store.QueryCache);
        Parallel.For(0, Processes, new ParallelOptions { CancellationToken = cancel }, _ =>
        {
            while (queue.TryDequeue(out var i))
            {
                results[i] = ProveOne(mutants[i], cancel);
                finished(results[i]);
            }
        });
        return results;
    }

    private MutantResult ProveOne(Mutant mutant, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var copy = tree.With(mutant);
        var verdicts = mutant.Refutations.Select(r => Judge(copy, r, cancel)).ToList();
        Directory.Delete(copy.Root, recursive: true);
        return new MutantResult(mutant, verdicts, clock.Elapsed);
    }

    private Verdict Judge(Checkout copy, Refutation refutation, CancellationToken cancel)
    {
        if (baselines.GetOrAdd(refutation, r => new(() => Baseline(r, cancel))).Value is { } problem)
            return new Verdict(refutation, Fate.NoBaseline, problem, null, null, 0);
        var (outcome, batches) = Run(copy, refutation, null, cancel);
        return Read(refutation, outcome.Findings, batches);
    }

    /// <summary>Null when the symbol is proved without the mistake, else what is wrong.</summary>
    private string? Baseline(Refutation r, CancellationToken cancel)
    {
        if (store.IsProved(r.File) && store.Batches(r.File).Any(b => b.Symbol == r.Symbol)) return null;
        var (outcome, batches) = Run(tree.Original, r, QueryCache.Build(checkout), cancel);
        if (outcome.Findings.Count > 0) return $"it is not proved without the mistake either: {outcome.Findings[0].Place}: {outcome.Findings[0].Message}";
        return batches.Any(b => b.Symbol == r.Symbol) ? null : $"nothing is proved under this name in {r.File}";
    }

    private (DafnyOutcome Outcome, IReadOnlyList<Batch> Batches) Run(Checkout at, Refutation r, string? queryCache, CancellationToken cancel)
    {
        var narrow = options with { Arguments = [.. options.Arguments, "--error-limit", "1", "--filter-symbol", r.Filter] };
        var log = at.Path($"{Guid.NewGuid():N}.json");
        var outcome = new DafnyRun(at, narrow, queryCache, store.QueryCache, false).Verify(r.File, log, (_, _) => { }, cancel);
        return (outcome, File.Exists(log) ? ProofLog.Read(log, r.File, tree.Sources.Closure(r.File)) : []);
    }

    /// <summary>What a run on a mutant says of the symbol that must fail.</summary>
    public static Verdict Read(Refutation r, IReadOnlyList<Finding> findings, IReadOnlyList<Batch> batches)
    {
        var own = batches.Where(b => b.Symbol == r.Symbol).ToList();
        var units = batches.Sum(b => b.Resources);
        var claim = findings.FirstOrDefault(f => f.Rule == "not-proved");
        Verdict Say(Fate fate, string message, Finding? finding = null) =>
            new(r, fate, message, finding?.Place, finding?.Related is [var first, ..] ? first.Place : null, units);

        if (own.Count == 0)
            return findings.FirstOrDefault(f => f.Rule != "not-proved") is { } error
                ? Say(Fate.Wrong, $"it is not a Dafny program: {error.Message}", error)
                : Say(Fate.Wrong, $"nothing is proved under the name {r.Symbol}");
        if (own.Any(b => b.Outcome == "Invalid")) return Say(Fate.Refuted, claim?.Message ?? "the proof fails", claim);
        if (own.FirstOrDefault(b => !b.Proved) is { } open) return Say(Fate.NotProved, claim?.Message ?? open.Outcome, claim);
        return batches.FirstOrDefault(b => !b.Proved) is { } other
            ? Say(Fate.Elsewhere, $"{other.Symbol} fails instead: {claim?.Message ?? other.Outcome}", claim)
            : Say(Fate.Survived, "everything is still proved");
    }
}
