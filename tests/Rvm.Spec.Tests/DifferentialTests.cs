using System.Diagnostics;
using Xunit.Abstractions;

namespace Rvm.Spec.Tests;

/// <summary>
/// The specification's Step and the core of the image, side by side on random events. RVM_SEED=n, RVM_SEQUENCES=n and RVM_EVENTS=n (after the boot)
/// choose others; a failure prints its seed and the shortest events that show it.
/// </summary>
public class DifferentialTests(ITestOutputHelper output)
{
    private const int DefaultSeed = 20_261_124, DefaultSequences = 90, ValidEvery = 100, LeastEvents = 20_000;

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out var n) ? n : otherwise;

    [Fact]
    [Trait("Theorem", "Every_event_has_one_outcome")]
    [Trait("Theorem", "The_core_computes_exactly_Step")]
    public void The_core_does_what_the_specification_says()
    {
        var (seed, sequences, length) = (Setting("RVM_SEED", DefaultSeed), Setting("RVM_SEQUENCES", DefaultSequences), Setting("RVM_EVENTS", 450));
        output.WriteLine($"seeds from {seed}: {sequences} sequences of {length} events after the boot");
        var watch = Stopwatch.StartNew();
        var coverage = new Coverage();
        var (events, valid, together) = (0, 0, new object());
        List<string> failures = [];
        Parallel.For(0, sequences, new ParallelOptions { MaxDegreeOfParallelism = 2 }, (i, state) =>
        {
            var sequence = new EventSequence(seed + i);
            var failure = sequence.Run(length, ValidEvery);
            lock (together)
            {
                coverage.Add(sequence.Coverage);
                (events, valid) = (events + sequence.Events, valid + sequence.ValidStates);
                if (failure is null) return;
                failures.Add(failure);
                state.Stop();
            }
        });
        var processors = Process.GetCurrentProcess().TotalProcessorTime;
        output.WriteLine($"{events} events in {watch.Elapsed.TotalSeconds:f1} s ({processors.TotalSeconds:f1} s of the processors), the invariant checked in {valid} states");
        foreach (var (what, count) in coverage.Counts) output.WriteLine($"{count,8}  {what}");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        if (seed != DefaultSeed || sequences < DefaultSequences) return;
        var missing = Coverage.Everything().Except(coverage.Counts.Keys).ToArray();
        Assert.True(missing.Length == 0, $"never happened: {string.Join("; ", missing)}");
        Assert.True(events >= LeastEvents, $"only {events} events");
    }
}
