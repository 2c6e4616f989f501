using System.Collections.Concurrent;
using System.Diagnostics;

namespace Rvm.Tool.Proof;

/// <summary>Result of proving a set of files.</summary>
/// <param name="Files">files looked at</param>
/// <param name="Proved">how many of them were run now; the rest had not changed</param>
public sealed record ProofResult(IReadOnlyList<string> Files, int Proved, IReadOnlyList<Finding> Findings, IReadOnlyList<Batch> Batches, TimeSpan Time)
{
    public bool Good => Findings.Count == 0;

    public int Assertions => Batches.Sum(b => b.Assertions.Count);

    public long Resources => Batches.Sum(b => b.Resources);

    public Batch? MostExpensive => Batches.MaxBy(b => b.Resources);
}

/// <summary>What a run does: prove what changed, prove everything from nothing, or look for claims that hold only because nothing satisfies their premises.</summary>
public enum ProofMode { Changed, All, Vacuity }

/// <summary>Proves files: those without a valid stamp, the largest first, two at a time.</summary>
public sealed class ProofRun(Checkout checkout, SourceGraph sources, ProverOptions options, ProofMode mode)
{
    private const int Processes = 2;

    private readonly ProofStore store = new(checkout, sources, options.Fingerprint, mode == ProofMode.Vacuity ? "vacuity" : "log");
    private readonly ConcurrentQueue<Finding> findings = new();

    public ProofResult Prove(IReadOnlyList<string> files, TextWriter output, bool terminal, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        foreach (var finding in Scan(files)) findings.Enqueue(finding);
        var stale = files.Where(file => mode != ProofMode.Changed || !store.IsProved(file)).OrderByDescending(Cost).ToList();
        var queue = new ConcurrentQueue<string>(stale);
        var progress = new ProofProgress(output, terminal, stale.Count);
        var dafny = new DafnyRun(checkout, options, mode != ProofMode.Changed || stale.Count == 0 ? null : QueryCache.Build(checkout), store.QueryCache,
            mode == ProofMode.Vacuity);
        Directory.CreateDirectory(store.QueryCache);
        Parallel.For(0, Processes, new ParallelOptions { CancellationToken = cancel }, _ =>
        {
            while (queue.TryDequeue(out var file)) ProveOne(dafny, file, progress, cancel);
        });
        var sorted = findings.DistinctBy(f => (f.Rule, f.Place, f.Message)).OrderBy(f => f.Place.File, StringComparer.Ordinal).ThenBy(f => f.Place.Line).ThenBy(f => f.Place.Column);
        return new ProofResult(files, stale.Count, [.. sorted], [.. files.SelectMany(store.Batches)], clock.Elapsed);
    }

    private IEnumerable<Finding> Scan(IReadOnlyList<string> files) =>
        sources.Findings.Where(f => files.Contains(f.Place.File))
            .Concat(files.SelectMany(file => ForbiddenConstructs.In(file, sources.Source(file))));

    /// <summary>What the file cost last time, or a guess from its length.</summary>
    private long Cost(string file)
    {
        try { return store.Batches(file).Sum(b => b.Resources) is var spent and > 0 ? spent : sources.Source(file).Length * 50L; }
        catch (System.Text.Json.JsonException) { return long.MaxValue; }
    }

    private void ProveOne(DafnyRun dafny, string file, ProofProgress progress, CancellationToken cancel)
    {
        var key = store.Key(file);
        store.Begin(file);
        var outcome = dafny.Verify(file, store.Log(file), (done, total) => progress.Symbols(file, done, total), cancel);
        var batches = store.Batches(file);
        var bad = outcome.Findings.Concat(Doubts(file, outcome, batches)).ToList();
        if (bad.Count == 0 && new ProofStore(checkout, new SourceGraph(checkout), options.Fingerprint).Key(file) != key)
            bad.Add(new Finding("changed", new Place(file, 0, 0), "the file, or one that it includes, changed while it was being proved", "run it again"));
        if (bad.Count == 0) store.Accept(file, key);
        foreach (var finding in bad) findings.Enqueue(finding);
        var spent = $"{batches.Count,5} obligations {batches.Sum(b => b.Resources),12:N0} units {outcome.Time.TotalSeconds,6:0.0} s";
        progress.Finish(file, spent + (bad.Count == 0 ? "" : $"   {bad.Count} failed"));
    }

    /// <summary>Batches that Dafny lets pass, or does not place, although they are no proof.</summary>
    private IEnumerable<Finding> Doubts(string file, DafnyOutcome outcome, IReadOnlyList<Batch> batches)
    {
        if (outcome.ExitCode == 0 && !File.Exists(store.Log(file)))
            yield return new Finding("no-log", new Place(file, 0, 0), "Dafny left no log of its proof");
        foreach (var batch in batches.Where(b => !b.Proved))
        {
            var place = PlaceOf(file, batch);
            if (batch.Outcome == "Valid")
                yield return new Finding("empty-proof", place, $"{batch.Symbol} ({batch.Kind}) counts as proved, but nothing was asserted",
                    "an attribute may have switched its checks off");
            else if (outcome.ExitCode == 0 || outcome.Findings.Count == 0)
                yield return new Finding("not-proved", place, $"{batch.Symbol} ({batch.Kind}): {batch.Outcome}", Hints.For(batch.Outcome));
        }
    }

    private Place PlaceOf(string file, Batch batch)
    {
        if (batch.Assertions.Count > 0) return batch.Assertions[0].Place;
        var declaration = DafnyOutline.Of(sources.Source(file)).Declarations.FirstOrDefault(d => d.Name == batch.Symbol);
        return declaration == null ? new Place(file, 0, 0) : new Place(file, declaration.Line, declaration.Column);
    }
}
