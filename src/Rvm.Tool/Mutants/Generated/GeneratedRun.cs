using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants.Generated;

/// <summary>The layer that stopped a generated mutant, the first that is asked first.</summary>
public enum Killer
{
    /// <summary>A proof fails: the solver found that it does not follow.</summary>
    Proof,

    /// <summary>A proof fails for want of resources: the mutant cannot be released, though nobody showed that it is wrong.</summary>
    ProofGaveUp,

    /// <summary>The core and the specification differ on a random event.</summary>
    Differential,

    /// <summary>A system that is booted with it does not run as it should.</summary>
    Boot,

    /// <summary>Nothing stopped it.</summary>
    Survived,
}

/// <summary>What became of a generated mutant.</summary>
/// <param name="By">The proof or test that stopped it, with what it says.</param>
/// <param name="Tried">The files that were proved, and the tests that ran.</param>
public sealed record GeneratedResult(Candidate Candidate, Killer Killer, string By, IReadOnlyList<string> Tried, TimeSpan Time);

/// <summary>Which layers a mutant that is proved meets after that.</summary>
public sealed record Layers(bool Differential, bool Boot);

/// <summary>Tries generated mutants: first the proof of what is mutated, then of its file and all that depends on it, then the tests.</summary>
public sealed class GeneratedRun(Checkout checkout, MutantTree tree, ProverOptions options, Layers layers, Attempts attempts)
{
    private static readonly TimeSpan ProofLimit = TimeSpan.FromMinutes(20);

    private readonly ProofStore _store = new(checkout, tree.Sources, options.Fingerprint);
    private readonly string? _cache = QueryCache.Build(checkout);

    /// <summary>Mutants that were drawn and are no Dafny programs: others took their places.</summary>
    public ConcurrentBag<Candidate> NoPrograms { get; } = [];

    /// <summary>Tries one, or says what became of it before; null: it is no program.</summary>
    public GeneratedResult? Try(Candidate candidate, CancellationToken cancel)
    {
        var known = attempts.Of(candidate);
        var result = known is null ? TryNow(candidate, cancel) : known.Result(candidate);
        if (known is null) attempts.Keep(candidate, result);
        if (result is null) NoPrograms.Add(candidate);
        return result;
    }

    private GeneratedResult? TryNow(Candidate candidate, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        List<string> tried = [];
        var copy = tree.With(candidate.File, candidate.Apply(tree.Sources.Source(candidate.File)));
        try
        {
            var (killer, by) = Prove(copy, candidate, tried, cancel) ?? (Killer.Survived, "everything is still proved");
            if (killer == Killer.Survived) (killer, by) = new LaterLayers(checkout, layers).Try(candidate, tree, tried, cancel);
            return new(candidate, killer, by, tried, clock.Elapsed);
        }
        catch (NoProgram)
        {
            return null;
        }
        finally
        {
            Directory.Delete(copy.Root, recursive: true);
        }
    }

    private (Killer, string)? Prove(Checkout copy, Candidate candidate, List<string> tried, CancellationToken cancel)
    {
        var graph = new SourceGraph(copy);
        var order = new ModuleOrder(copy, graph);
        if (!candidate.File.StartsWith(Checkout.ContractFolder, StringComparison.Ordinal) && Run(copy, null, [candidate.File], $"{candidate.Symbol}.", tried, cancel) is { } first) return first;
        var mutated = new ProofStore(copy, graph, options.Fingerprint);
        var affected = order.Sorted(graph.Files.Where(f => f == candidate.File || mutated.Key(f) != _store.Key(f)));
        var near = affected.Where(f => Mentions(graph.Source(f), candidate)).ToList();
        foreach (var files in new[] { near, [.. affected.Except(near)] })
            if (files.Count > 0 && Run(copy, order.Write(files), files, null, tried, cancel) is { } found) return found;
        return null;
    }

    /// <summary>Files that name what is mutated are the first to notice.</summary>
    private static bool Mentions(string source, Candidate candidate) => Regex.IsMatch(source, $@"\b{Regex.Escape(candidate.Symbol.Split('.')[^1])}\b");

    private (Killer, string)? Run(Checkout copy, string? order, IReadOnlyList<string> files, string? filter, List<string> tried, CancellationToken cancel)
    {
        tried.AddRange(files.Except(tried));
        var narrow = options with { Arguments = [.. options.Arguments, "--error-limit", "1", .. filter is null ? Array.Empty<string>() : ["--filter-symbol", filter]] };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ProofLimit);
        DafnyOutcome outcome;
        try
        {
            outcome = new DafnyRun(copy, narrow, _cache, _store.QueryCache, false).Verify(order, files, copy.Path($"{Guid.NewGuid():N}.json"), (_, _) => { }, limit.Token, firstOnly: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (Killer.ProofGaveUp, $"no proof within {ProofLimit.TotalMinutes:0} minutes");
        }

        if (outcome.Findings.FirstOrDefault() is not { } finding) return null;
        if (finding.Rule is "error" or "dafny") throw new NoProgram(finding.Message);
        var gaveUp = finding.Message.Contains("out of resource", StringComparison.OrdinalIgnoreCase) || finding.Message.Contains("timed out", StringComparison.OrdinalIgnoreCase);
        return (gaveUp ? Killer.ProofGaveUp : Killer.Proof, $"{finding.Place}: {finding.Message}");
    }

    private sealed class NoProgram(string message) : Exception(message);
}
