using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Rvm.Model.Checks;
using Rvm.Model.Configurations;
using Rvm.Model.Subject;

namespace Rvm.Model.Search;

/// <summary>
/// Long random sequences in configurations that are too large to explore, judged like those that are explored. FsCheck makes the walks and shortens one
/// that fails; the same seed gives the same walks.
/// </summary>
/// <param name="configuration">Where to walk.</param>
/// <param name="seed">Of FsCheck's random numbers.</param>
/// <param name="walks">How many.</param>
/// <param name="length">Events of each, unless the system ends before.</param>
public sealed class RandomWalks(Configuration configuration, ulong seed, int walks, int length)
{
    private const int DeadlyEvery = 64;         // how rarely an event that ends a partition is taken

    private readonly Judgements _judgements = new();
    private readonly HashSet<UInt128> _states = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private Judge _judge = null!;
    private CanonicalKey _key = null!;
    private byte[] _first = [];
    private long _transitions, _compared;
    private int _longest;
    private (int[] Choices, string What)? _smallest;

    public Outcome Run()
    {
        _judge = new Judge(new Testbed(configuration), _judgements);
        _key = new CanonicalKey(_judge.Testbed);
        if (_judge.First() is { } wrong) return Outcome(new(wrong, []));
        _first = _judge.Vector.ToArray();
        try
        {
            var choices = Arb.From(Gen.Choose(0, int.MaxValue).ArrayOf(length), Shorter);
            Prop.ForAll(choices, c => Walk(c) is null).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(walks).WithReplay(seed, 1UL));
        }
        catch (Exception) when (_smallest is not null)
        {
            // FsCheck tells of the numbers; what they mean is told below.
        }

        if (_smallest is { } s) return Outcome(new(s.What, Replay.Steps(configuration, s.Choices.Select(c => (Func<List<Happening>, int>)(events => Choose(events, c))))));
        return Outcome(_judge.Testbed.Escaped() is { } word ? new($"The core has changed a word that it must not: {word}", []) : null);
    }

    private Outcome Outcome(Violation? violation) =>
        new(configuration, _states.Count, _transitions, _longest, false, _compared, _judgements.Counts, _watch.Elapsed, violation) { Walks = (walks, seed), Succeeded = _judge.Succeeded };

    /// <summary>What is wrong on a walk; null: nothing. Notes the last one that failed, which is the shortest when FsCheck is done.</summary>
    private string? Walk(int[] choices)
    {
        var state = _first;
        for (var n = 0; n < choices.Length; n++)
        {
            _judge.Enter(state);
            var core = _judge.Testbed.Core;
            if (core.halted) break;
            var events = configuration.Alphabet.Of(core, _judge.Testbed.Now, configuration.Size.Slots);
            var compare = configuration.AgreementEvery > 0 && ((uint)choices[n] * 2_654_435_761u >> 8) % (uint)configuration.AgreementEvery == 0;
            _transitions++;
            if (compare) _compared++;
            var wrong = _judge.Deliver(events[Choose(events, choices[n])], compare);
            if (wrong is null)
            {
                _states.Add(_key.Now());
                state = _judge.Vector.ToArray();
                wrong = _judge.Arrived(isNew: true);
            }

            _longest = Math.Max(_longest, n + 1);
            if (wrong is null) continue;
            _smallest = (choices[..(n + 1)], wrong);
            return wrong;
        }

        return null;
    }

    private static int Choose(List<Happening> events, int choice)
    {
        var n = choice % events.Count;
        for (var tries = 0; tries < events.Count && IsDeadly(events[n]) && choice / events.Count % DeadlyEvery != 0; tries++) n = (n + 1) % events.Count;
        return n;
    }

    private static bool IsDeadly(Happening e) => e.Number is Fn.Exit or Fn.PartitionTerminate || (e.Sort == Sort.Hypercall && e.Writes[0].Value is Fn.SystemOff or Fn.SystemReset)
        || (e.Sort == Sort.Trap && e.Writes[0].Value - e.Words[3] < 0x800);

    /// <summary>A walk without what comes after its failure, then without a half, a quarter, … of its events.</summary>
    private IEnumerable<int[]> Shorter(int[] walk)
    {
        if (_smallest is { } s && s.Choices.Length < walk.Length) yield return s.Choices;
        for (var chunk = walk.Length / 2; chunk > 0; chunk /= 2)
            for (var at = 0; at + chunk <= walk.Length; at += chunk) yield return [.. walk[..at], .. walk[(at + chunk)..]];
    }
}
