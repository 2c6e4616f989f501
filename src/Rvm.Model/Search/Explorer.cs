using System.Diagnostics;
using Rvm.Model.Checks;
using Rvm.Model.Configurations;
using Rvm.Model.Reports;

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
                if (r.Wrong is { } wrong) return new(wrong.What, Steps(wrong.Parent, wrong.Event));
                foreach (var s in r.Successors)
                    if (_visited.Add(s.Key, s.Parent, s.Event)) next.Add(s.State);
            }
        }

        return null;
    }

    /// <summary>The events that lead to a state, and one more, done once again.</summary>
    private List<Step> Steps(int state, int last)
    {
        var machine = new Subject.Testbed(configuration);
        List<Step> steps = [];
        foreach (var number in _visited.Way(state).Append(last))
        {
            var (core, head) = (machine.Core, machine.Core.log.head);
            var (runs, e) = (core.sched.cur, configuration.Alphabet.Of(core, machine.Now, configuration.Size.Slots)[number]);
            try
            {
                machine.Deliver(e);
            }
            catch (Exception x) when (Worker.IsFailure(x))
            {
                steps.Add(new(runs, e, null, []));      // that is the violation
                break;
            }

            var records = Enumerable.Range(0, (int)Math.Min(core.log.head - head, 16)).Select(i => LogRecord.Read(LogRecord.Words(core, head + (ulong)i)));
            steps.Add(new(runs, e, e.Sort == Sort.Hypercall && runs != 0 ? (long)core.ctx[runs * States.Registers] : null, [.. records]));
        }

        return steps;
    }

    private Outcome Outcome(bool complete, Violation? violation) =>
        new(configuration, _visited.Count, _transitions, _layers.Count - 1, complete, _compared, _judgements.Counts, _watch.Elapsed, violation) { Layers = _layers };
}
