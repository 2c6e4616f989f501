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

/// <summary>What a run does: prove what changed, prove everything from nothing, or look for claims whose premises nothing satisfies, or nothing needs.</summary>
public enum ProofMode { Changed, All, Vacuity }

/// <summary>Proves files: those without a valid stamp, several in a process, two processes at a time.</summary>
public sealed class ProofRun(Checkout checkout, SourceGraph sources, ProverOptions options, ProofMode mode)
{
    private const int Processes = 2;

    /// <summary>What an obligation costs in Dafny itself, and what a file does whose cost is not known, in units of the solver.</summary>
    private const long ObligationCost = 40_000, CharacterCost = 50;

    private readonly ProofStore store = new(checkout, sources, options.Fingerprint, mode == ProofMode.Vacuity ? "vacuity" : "log");
    private readonly ModuleOrder order = new(checkout, sources);
    private readonly ConcurrentQueue<Finding> findings = new(), unused = new();

    public ProofResult Prove(IReadOnlyList<string> files, TextWriter output, bool terminal, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        foreach (var finding in Scan(files)) findings.Enqueue(finding);
        var stale = files.Where(file => mode != ProofMode.Changed || !store.IsProved(file)).ToList();
        var warm = mode == ProofMode.Changed && stale.All(file => File.Exists(store.Log(file)));
        var groups = new ConcurrentQueue<IReadOnlyList<string>>(ProofGroups.Of(stale, Cost, warm ? ProofGroups.Warm : ProofGroups.Cold));
        var progress = new ProofProgress(output, terminal, stale.Count);
        var dafny = new DafnyRun(checkout, options, mode != ProofMode.Changed || stale.Count == 0 ? null : QueryCache.Build(checkout), store.QueryCache,
            mode == ProofMode.Vacuity);
        Directory.CreateDirectory(store.QueryCache);
        Parallel.For(0, Processes, new ParallelOptions { CancellationToken = cancel }, _ =>
        {
            while (groups.TryDequeue(out var group)) Prove(dafny, group, progress, cancel);
        });
        foreach (var idle in new IdlePremises(checkout, options).Among(unused, output, cancel)) findings.Enqueue(idle);
        var sorted = findings.DistinctBy(f => (f.Rule, f.Place, f.Message)).OrderBy(f => f.Place.File, StringComparer.Ordinal).ThenBy(f => f.Place.Line).ThenBy(f => f.Place.Column);
        return new ProofResult(files, stale.Count, [.. sorted], [.. files.SelectMany(store.Batches)], clock.Elapsed);
    }

    private IEnumerable<Finding> Scan(IReadOnlyList<string> files) =>
        sources.Findings.Where(f => files.Contains(f.Place.File))
            .Concat(files.SelectMany(file => ForbiddenConstructs.In(file, sources.Source(file))));

    /// <summary>What the file cost last time, or a guess from its length.</summary>
    private long Cost(string file) =>
        store.Batches(file).Sum(b => b.Resources + ObligationCost) is var spent and > 0 ? spent : sources.Source(file).Length * CharacterCost;

    /// <summary>Proves files in one process.</summary>
    /// <returns>what was found</returns>
    private IReadOnlyList<Finding> Prove(DafnyRun dafny, IReadOnlyList<string> files, ProofProgress progress, CancellationToken cancel)
    {
        var group = order.Sorted(files);
        var keys = group.ToDictionary(file => file, store.Key);
        foreach (var file in group) store.Begin(file);
        var name = group.Count == 1 ? group[0] : $"{group[^1]} and {group.Count - 1} more";
        var log = group.Count == 1 ? store.Log(group[0]) : store.GroupLog(group[0]);
        var outcome = dafny.Verify(order.Write(group), group, log, (done, total) => progress.Symbols(name, done, total), cancel);
        progress.End(name);
        foreach (var finding in outcome.Findings.Where(f => f.Rule == IdlePremises.Rule)) unused.Enqueue(finding);
        outcome = outcome with { Findings = [.. outcome.Findings.Where(f => f.Rule != IdlePremises.Rule)] };
        if (!Divide(group, log, outcome)) return Again(dafny, group, outcome, progress, cancel);
        var now = new ProofStore(checkout, new SourceGraph(checkout), options.Fingerprint);
        var strays = outcome.Findings.Where(f => !group.Any(file => Concerns(f, file, group))).ToList();
        List<Finding> Own(string file) => [.. strays, .. outcome.Findings.Where(f => Concerns(f, file, group))];
        return [.. group.SelectMany(file => Settle(file, [.. Own(file), .. Doubts(file, group.Count == 1, outcome, Own(file).Count > 0), .. Changes(file, keys[file], now)], keys[file], progress))];
    }

    /// <summary>
    /// Proves files whose common run did not get through. For each error one file is run alone; if the error is there again, it fails all that include the
    /// place. The rest has another run together, or in halves when nothing says where it failed.
    /// </summary>
    private IReadOnlyList<Finding> Again(DafnyRun dafny, IReadOnlyList<string> group, DafnyOutcome outcome, ProofProgress progress, CancellationToken cancel)
    {
        var (rest, found) = (group.ToList(), new List<Finding>());
        foreach (var finding in outcome.Findings.Where(f => !found.Any(g => g.Place == f.Place)))
            if ((rest.Find(file => file == finding.Place.File) ?? rest.Find(file => Concerns(finding, file, group))) is { } file)
            {
                rest.Remove(file);
                found.AddRange(Prove(dafny, [file], progress, cancel));
            }
        foreach (var file in rest.ToList())
            if (found.Where(f => f.Rule == "error" && Concerns(f, file, group)).ToList() is { Count: > 0 } errors)
            {
                rest.Remove(file);
                found.AddRange(Settle(file, errors, "", progress));
            }
        if (rest.Count == 0) return found;
        foreach (var part in rest.Count < group.Count ? [[.. rest]] : rest.Chunk((rest.Count + 1) / 2)) found.AddRange(Prove(dafny, part, progress, cancel));
        return found;
    }

    /// <summary>Gives each file its part of the log; true: the run has decided every file.</summary>
    private bool Divide(IReadOnlyList<string> group, string log, DafnyOutcome outcome)
    {
        if (group.Count == 1) return true;      // its findings are its own; a log that says too little is one of them
        var owners = new SymbolOwners(sources, group);
        var held = outcome.Complete ? ProofLog.Divide(log, group, owners.Of, store.Log) : null;
        File.Delete(log);
        return held == outcome.Verified;
    }

    /// <summary>Whether a finding fails a file: one about a proof fails the file where it stands, an error also those that include it.</summary>
    private bool Concerns(Finding finding, string file, IReadOnlyList<string> group) =>
        group.Count == 1 || finding.Place.File == file
        || (finding.Rule == "error" || !group.Contains(finding.Place.File)) && sources.Closure(file).Contains(finding.Place.File);

    private IReadOnlyList<Finding> Settle(string file, IReadOnlyList<Finding> bad, string key, ProofProgress progress)
    {
        var batches = store.Batches(file);
        if (bad.Count == 0) store.Accept(file, key);
        foreach (var finding in bad) findings.Enqueue(finding);
        var spent = $"{batches.Count,5} obligations {batches.Sum(b => b.Resources),12:N0} units {batches.Sum(b => b.Time.TotalSeconds),6:0.0} s";
        progress.Finish(file, spent + (bad.Count == 0 ? "" : $"   {bad.Count} failed"));
        return bad;
    }

    private static IEnumerable<Finding> Changes(string file, string key, ProofStore now)
    {
        if (now.Key(file) != key)
            yield return new Finding("changed", new Place(file, 0, 0), "the file, or one that it includes, changed while it was being proved", "run it again");
    }

    /// <summary>Batches that Dafny lets pass, or does not place, although they are no proof.</summary>
    private IEnumerable<Finding> Doubts(string file, bool alone, DafnyOutcome outcome, bool explained)
    {
        if (!explained && !File.Exists(store.Log(file)))
            yield return new Finding("no-log", new Place(file, 0, 0), "Dafny left no log of its proof");
        var batches = store.Batches(file);
        if (alone && outcome.ExitCode == 0 && outcome.Verified != batches.Count)
            yield return new Finding("no-log", new Place(file, 0, 0), $"Dafny says that {outcome.Verified} conditions hold, its log has {batches.Count}");
        foreach (var batch in batches.Where(b => !b.Proved))
        {
            var place = PlaceOf(file, batch);
            if (batch.Outcome == "Valid")
                yield return new Finding("empty-proof", place, $"{batch.Symbol} ({batch.Kind}) counts as proved, but nothing was asserted",
                    "an attribute may have switched its checks off");
            else if (!explained)
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
