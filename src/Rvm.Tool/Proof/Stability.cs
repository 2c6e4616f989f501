using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Rvm.Tool.Proof;

/// <summary>An obligation under several random seeds: names, order of declarations and the solver's choices differ, the meaning does not.</summary>
/// <param name="Units">what each seed cost, in the order of the seeds</param>
/// <param name="Outcomes">the verifier's word for each seed</param>
public sealed record Steadiness(string Symbol, string Kind, int Number, Place Place, IReadOnlyList<long> Units, IReadOnlyList<string> Outcomes)
{
    public double Mean => Units.Count == 0 ? 0 : Units.Average();

    /// <summary>Coefficient of variation: the standard deviation of the sample, in per cent of the mean.</summary>
    public double Variation => Units.Count < 2 || Mean == 0 ? 0 : 100 * Math.Sqrt(Units.Sum(u => (u - Mean) * (u - Mean)) / (Units.Count - 1)) / Mean;

    public bool Proved => Outcomes.Count > 0 && Outcomes.All(o => o == Batch.Holds);
}

/// <param name="Obligations">the most expensive ones, the least steady first</param>
public sealed record StabilityResult(int Seeds, IReadOnlyList<Steadiness> Obligations, IReadOnlyList<Finding> Findings, TimeSpan Time);

/// <summary>Proves the most expensive obligations again under random seeds. One that fails or varies much is luck: the next edit nearby may break it.</summary>
public sealed class StabilityRun(Checkout checkout, SourceGraph sources, ProverOptions options)
{
    /// <summary>Highest coefficient of variation in per cent.</summary>
    public const double MostVariation = 20;

    private const int Processes = 2, FirstSeed = 1;

    private readonly ProofStore store = new(checkout, sources, options.Fingerprint);

    /// <summary>Under random seeds.</summary>
    public StabilityResult Measure(IReadOnlyList<string> files, int seeds, int heaviest, TextWriter output, CancellationToken cancel)
    {
        var dafny = new DafnyRun(checkout, options, null, store.QueryCache, vacuity: false);
        return Try(files, seeds, heaviest, (order, file, symbol, log) => dafny.Vary(order, file, symbol, FirstSeed, seeds, log, cancel), r => Judge(r, seeds), output, cancel);
    }

    /// <summary>With another solver, once.</summary>
    public StabilityResult CrossCheck(ProverOptions other, IReadOnlyList<string> files, int heaviest, TextWriter output, CancellationToken cancel)
    {
        var dafny = new DafnyRun(checkout, other, null, store.QueryCache, vacuity: false);
        return Try(files, 0, heaviest, (order, file, symbol, log) => dafny.Ask(order, file, symbol, log, cancel), r => Judge(r, other.SolverName), output, cancel);
    }

    private StabilityResult Try(
        IReadOnlyList<string> files, int seeds, int heaviest, Action<string, string, string, string> prove, Func<Steadiness, IEnumerable<Finding>> judge, TextWriter output, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var stale = files.Where(file => !store.IsProved(file))
            .Select(file => new Finding("stale", new Place(file, 0, 0), "no proof of the present text: its obligations are chosen from an older one", "`make verify` proves what changed"));
        var chosen = files.SelectMany(file => store.Batches(file).Select(batch => (File: file, Batch: batch)))
            .OrderByDescending(o => o.Batch.Resources).ThenBy(o => o.Batch.Symbol, StringComparer.Ordinal).ThenBy(o => o.Batch.Number).Take(heaviest).ToList();
        var symbols = new ConcurrentQueue<(string File, string Symbol)>(chosen.Select(o => (o.File, o.Batch.Symbol)).Distinct());
        var (results, done, count) = (new ConcurrentBag<Steadiness>(), 0, symbols.Count);
        Parallel.For(0, Processes, new ParallelOptions { CancellationToken = cancel }, _ =>
        {
            while (symbols.TryDequeue(out var next))
            {
                var runs = Run(prove, next.File, next.Symbol);
                foreach (var (_, batch) in chosen.Where(o => (o.File, o.Batch.Symbol) == next)) results.Add(Of(next.File, batch, runs));
                lock (output) output.WriteLine($"  [{++done}/{count}] {next.Symbol}");
            }
        });
        var sorted = results.OrderByDescending(r => r.Variation).ThenBy(r => r.Symbol, StringComparer.Ordinal).ThenBy(r => r.Number).ToList();
        return new StabilityResult(seeds, sorted, [.. stale, .. sorted.SelectMany(judge)], clock.Elapsed);
    }

    private IReadOnlyList<Batch> Run(Action<string, string, string, string> prove, string file, string symbol)
    {
        var log = store.GroupLog(symbol);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        prove(new ModuleOrder(checkout, sources).Write([file]), file, symbol, log);
        try { return File.Exists(log) ? ProofLog.Read(log, file, sources.Closure(file)) : []; }
        catch (JsonException) { return []; }
        finally { File.Delete(log); }
    }

    private Steadiness Of(string file, Batch batch, IReadOnlyList<Batch> runs)
    {
        var own = runs.Where(r => (r.Symbol, r.Kind, r.Number) == (batch.Symbol, batch.Kind, batch.Number)).ToList();
        var declaration = DafnyOutline.Of(sources.Source(file)).Declarations.FirstOrDefault(d => d.Name == batch.Symbol);
        return new Steadiness(batch.Symbol, batch.Kind, batch.Number, new Place(file, declaration?.Line ?? 0, declaration?.Column ?? 0),
            [.. own.Select(r => r.Resources)], [.. own.Select(r => r.Outcome)]);
    }

    /// <summary>What is wrong with the answer of another solver: there is none, or it is another one.</summary>
    public static IEnumerable<Finding> Judge(Steadiness s, string solver)
    {
        var name = $"{s.Symbol} ({s.Kind}, {s.Number})";
        if (s.Outcomes.Count == 0) yield return new Finding("not-measured", s.Place, $"{name}: {solver} was asked and no answer is in the log");
        else if (!s.Proved)
            yield return new Finding("disagreement", s.Place, $"{name}: {solver} says {string.Join(", ", s.Outcomes.Distinct())}",
                "out of resource: restructure the proof; anything else: one of the two solvers is wrong");
    }

    /// <summary>What is wrong with an obligation: it fails, it was not tried, or its price jumps.</summary>
    public static IEnumerable<Finding> Judge(Steadiness s, int seeds)
    {
        const string hint = "what costs is not what the proof needs: hide definitions, reveal few, name quantified bodies with triggers, split the lemma";
        var name = $"{s.Symbol} ({s.Kind}, {s.Number})";
        if (s.Outcomes.Count < seeds)
            yield return new Finding("not-measured", s.Place, $"{name}: {s.Outcomes.Count} of {seeds} seeds have a result");
        else if (!s.Proved)
            yield return new Finding("unstable", s.Place, $"{name} fails under {s.Outcomes.Count(o => o != Batch.Holds)} of {seeds} seeds: {string.Join(", ", s.Outcomes.Where(o => o != Batch.Holds).Distinct())}", hint);
        else if (s.Variation > MostVariation)
            yield return new Finding("unstable", s.Place, $"{name}: its price varies by {s.Variation:0.0} %, allowed are {MostVariation:0} %", hint);
    }
}
