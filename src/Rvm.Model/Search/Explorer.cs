using System.Diagnostics;
using Rvm.Model.Checks;
using Rvm.Model.Configurations;

namespace Rvm.Model.Search;

/// <summary>
/// Breadth first: every state that the core reaches, in the order of the fewest events that lead to it, so that what is found wrong is found with the
/// shortest events. The result does not depend on the number of workers.
/// </summary>
public sealed class Explorer(Configuration configuration, int workers)
{
    private const int Block = 128, Batch = 256;         // states that a worker takes at once; blocks between two moments of bookkeeping

    private readonly Judgements _judgements = new();
    private readonly Visited _visited = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<int> _layers = [];
    private Worker[] _workers = [];
    private long _transitions, _compared;

    /// <summary>Called after each layer with its depth, its states and all states.</summary>
    public Action<int, int, int>? Progress { get; init; }

    /// <summary>Stops when so many states have been found.</summary>
    public int MostStates { get; init; } = int.MaxValue;

    public Outcome Run()
    {
        _workers = [.. Enumerable.Range(0, Math.Max(1, workers)).Select(_ => new Worker(configuration, _judgements))];
        if (_workers.Select(w => w.Origin).Distinct().Count() != 1) throw new InvalidOperationException($"configuration {configuration.Name}: two cores differ after the same boot");
        var (first, wrong) = _workers[0].First();
        _visited.Add(first.Key, 0, 0);
        _layers.Add(1);
        if (wrong is not null) return Outcome(complete: false, new(wrong, []));
        List<byte[]> layer = [first.State];
        var number = 0;
        while (layer.Count > 0 && _layers.Count <= configuration.MostDepth && _visited.Count < MostStates)
        {
            List<byte[]> next = [];
            var violation = Expand(layer, number, next);
            if (violation is not null) return Outcome(complete: false, violation);
            number += layer.Count;
            layer = next;
            if (layer.Count == 0) break;
            _layers.Add(layer.Count);
            Progress?.Invoke(_layers.Count - 1, layer.Count, _visited.Count);
        }

        foreach (var w in _workers)
            if (w.Escaped() is { } word) return Outcome(complete: false, new($"The core has changed a word that it must not: {word}", []));
        return Outcome(complete: layer.Count == 0, null);
    }

    private Violation? Expand(List<byte[]> layer, int number, List<byte[]> next)
    {
        var states = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(layer).ToArray();
        for (var from = 0; from < states.Length; from += Block * Batch)
        {
            var blocks = (Math.Min(states.Length - from, Block * Batch) + Block - 1) / Block;
            var results = new Expansion[blocks];
            var (taken, start) = (-1, from);
            Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, w =>
            {
                for (int b; (b = System.Threading.Interlocked.Increment(ref taken)) < blocks;)
                {
                    var at = start + b * Block;
                    results[b] = _workers[w].Expand(states.AsSpan(at, Math.Min(Block, states.Length - at)), number + at, _visited);
                }
            });
            foreach (var r in results)
            {
                (_transitions, _compared) = (_transitions + r.Transitions, _compared + r.Compared);
                if (r.Wrong is { } wrong) return new(wrong.What, Replay.Steps(configuration, _visited.Way(wrong.Parent).Append(wrong.Event).Select(n => (Func<List<Happening>, int>)(_ => n))));
                foreach (var s in r.Successors)
                    if (_visited.Add(s.Key, s.Parent, s.Event)) next.Add(s.State);
            }
        }

        return null;
    }

    private Outcome Outcome(bool complete, Violation? violation) =>
        new(configuration, _visited.Count, _transitions, _layers.Count - 1, complete, _compared, _judgements.Counts, _watch.Elapsed, violation) { Layers = _layers, Succeeded = _workers.Aggregate(UInt128.Zero, (all, w) => all | w.Succeeded) };
}
