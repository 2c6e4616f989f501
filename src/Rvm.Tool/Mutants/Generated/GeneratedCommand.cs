using System.Collections.Concurrent;
using Rvm.Diagnostics;
using Rvm.Tool.Proof;

namespace Rvm.Tool.Mutants.Generated;

/// <summary>What <c>rvm mutants --generate</c> is asked for.</summary>
/// <param name="Count">How many mutants to draw; 0: those of <paramref name="Ids"/>.</param>
/// <param name="Seed">Which ones: the same seed and sources draw the same.</param>
/// <param name="Jobs">How many at a time.</param>
public sealed record GenerationRequest(int Count, int Seed, IReadOnlyList<string> Ids, Layers Layers, int Jobs, bool List, TimeSpan? Limit);

/// <summary>Draws generated mutants, tries them and keeps the result.</summary>
public static class GeneratedCommand
{
    private const string Results = "artifacts/mutants";

    /// <returns>0 every mutant is stopped or its survival explained, 1 some are not, 2 the explanations do not fit the sources</returns>
    public static int Run(Checkout checkout, GenerationRequest request, bool json, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        using var tree = new MutantTree(checkout);
        var (bag, candidates) = (new DiagnosticBag(), new Candidates(tree.Sources));
        var file = new Explanations(checkout, bag);
        var explanations = file.Read();
        file.Check(explanations, candidates);
        if (bag.HasErrors)
        {
            foreach (var d in bag.All) errors.WriteLine($"{d.Place}: error: {d.Message}\n    mend: {d.Mend}");
            return ExitCodes.Usage;
        }

        if (request.List) return List(candidates, request, output);
        var progress = json ? errors : output;
        var options = ProverOptions.Read(checkout);
        var attempts = new Attempts(checkout.Path($"{Results}/tried.jsonl"), Attempts.KeyOf(tree.Sources, options));
        if (attempts.Count > 0) progress.WriteLine($"{attempts.Count} mutants of these sources were tried before: {Results}/tried.jsonl");
        var run = new GeneratedRun(checkout, tree, options, request.Layers, attempts);
        var results = Try(run, Queues(candidates, request), request, progress, cancel);
        var report = new GeneratedReport(results, explanations, run.NoPrograms.Count, candidates.All.Count, request.Seed);
        Keep(checkout, report, progress);
        if (json) output.Write(report.Json());
        else
        {
            foreach (var finding in report.Findings()) ProofReport.Write(output, finding);
            output.WriteLine(report.Summary());
        }

        return report.Findings().Any() ? ExitCodes.Finding : ExitCodes.Good;
    }

    /// <summary>For each layer its mutants in the order in which they are drawn, and how many of them are wanted.</summary>
    private static List<(Queue<Candidate> From, int Wanted)> Queues(Candidates candidates, GenerationRequest request)
    {
        if (request.Ids.Count > 0) return [.. request.Ids.Select(id => (new Queue<Candidate>([Named(candidates, id)]), 1))];
        var (shuffled, shares) = (candidates.Shuffled(request.Seed), Candidates.Shares(request.Count));
        return [.. Candidates.Layers.Select(layer => (new Queue<Candidate>(shuffled[layer]), shares[layer]))];
    }

    private static Candidate Named(Candidates candidates, string id) =>
        candidates.All.FirstOrDefault(c => c.Id == id) ?? throw new UserErrorException($"no generated mutant is called `{id}`", Suggest.OneOf(id, [.. candidates.All.Select(c => c.Id)]));

    private static List<GeneratedResult> Try(GeneratedRun run, List<(Queue<Candidate> From, int Wanted)> queues, GenerationRequest request, TextWriter progress, CancellationToken cancel)
    {
        var (results, all, until) = (new ConcurrentQueue<GeneratedResult>(), queues.Sum(q => q.Wanted), DateTime.UtcNow + request.Limit);
        var open = new ConcurrentQueue<int>(Interleaved(queues));
        Parallel.For(0, request.Jobs, new ParallelOptions { MaxDegreeOfParallelism = request.Jobs, CancellationToken = cancel }, _ =>
        {
            while (!(DateTime.UtcNow > until) && open.TryDequeue(out var layer))
            {
                Candidate candidate;
                lock (queues)
                    if (!queues[layer].From.TryDequeue(out candidate!)) continue;
                if (run.Try(candidate, cancel) is not { } result)
                {
                    open.Enqueue(layer);
                    continue;
                }

                results.Enqueue(result);
                lock (progress) progress.WriteLine(GeneratedReport.Line(result, results.Count, all));
                progress.Flush();
            }
        });
        return [.. results];
    }

    /// <summary>The layers' turns, so that a run that is cut short has tried something of each.</summary>
    private static IEnumerable<int> Interleaved(List<(Queue<Candidate> From, int Wanted)> queues) =>
        queues.SelectMany((q, layer) => Enumerable.Range(0, q.Wanted).Select(n => (At: (n + 0.5) / q.Wanted, layer))).OrderBy(t => t.At).ThenBy(t => t.layer).Select(t => t.layer);

    private static int List(Candidates candidates, GenerationRequest request, TextWriter output)
    {
        foreach (var layer in Candidates.Layers) output.WriteLine($"{candidates.All.Count(c => c.Layer == layer),6} {layer}");
        foreach (var group in candidates.All.GroupBy(c => c.Edit.Operator).OrderByDescending(g => g.Count())) output.WriteLine($"{group.Count(),6} {group.Key}");
        foreach (var (from, wanted) in Queues(candidates, request))
            foreach (var c in from.Take(wanted)) output.WriteLine($"{c.Layer,-12}  {c.File}:{c.Edit.Line}  {c.Id}: {c.Text}");
        return ExitCodes.Good;
    }

    private static void Keep(Checkout checkout, GeneratedReport report, TextWriter output)
    {
        Directory.CreateDirectory(checkout.Path(Results));
        File.WriteAllText(checkout.Path($"{Results}/generated.json"), report.Json());
        File.WriteAllText(checkout.Path($"{Results}/generated.md"), report.Markdown());
        output.WriteLine($"written: {Results}/generated.json, {Results}/generated.md");
    }
}
