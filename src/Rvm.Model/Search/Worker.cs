using Rvm.Model.Checks;
using Rvm.Model.Configurations;
using Rvm.Model.Subject;

namespace Rvm.Model.Search;

/// <summary>A state that nobody had found when it was: its key, how it was reached, itself.</summary>
public readonly record struct Successor(UInt128 Key, int Parent, int Event, byte[] State);

/// <summary>What came of a row of states. <paramref name="Wrong"/>: the first thing that is, with the state and the number of the event.</summary>
public sealed record Expansion(List<Successor> Successors, long Transitions, long Compared, (int Parent, int Event, string What)? Wrong);

/// <summary>Delivers every event that may happen to each state that it is given.</summary>
public sealed class Worker
{
    private readonly Configuration _configuration;
    private readonly Judge _judge;
    private readonly CanonicalKey _key;
    private readonly HashSet<UInt128> _here = [];
    private long _transitions, _compared;

    public Worker(Configuration configuration, Judgements judgements)
    {
        _configuration = configuration;
        _judge = new Judge(new Testbed(configuration), judgements);
        _key = new CanonicalKey(_judge.Testbed);
    }

    /// <summary>The state after the boot, and what is wrong with it.</summary>
    public (Successor State, string? Wrong) First()
    {
        var wrong = _judge.First();
        return (new(_key.Now(), -1, 0, _judge.Vector.ToArray()), wrong);
    }

    /// <inheritdoc cref="Testbed.Origin"/>
    public UInt128 Origin => _judge.Testbed.Origin;

    /// <summary>The calls that have succeeded somewhere, a bit each.</summary>
    public UInt128 Succeeded => _judge.Succeeded;

    /// <summary>A word outside the configuration that has changed.</summary>
    public string? Escaped() => _judge.Testbed.Escaped();

    /// <summary>All events of all of these states, which have the numbers from <paramref name="number"/> on.</summary>
    public Expansion Expand(ReadOnlySpan<byte[]> states, int number, Visited visited)
    {
        List<Successor> found = [];
        (_transitions, _compared) = (0, 0);
        _here.Clear();
        foreach (var state in states)
        {
            if (Expand(state, number, visited, found) is { } wrong) return new(found, _transitions, _compared, (number, wrong.Event, wrong.What));
            number++;
        }

        return new(found, _transitions, _compared, null);
    }

    private (int Event, string What)? Expand(byte[] state, int number, Visited visited, List<Successor> found)
    {
        _judge.Enter(state);
        var events = _configuration.Alphabet.Of(_judge.Testbed.Core, _judge.Testbed.Now, _configuration.Size.Slots);
        for (var n = 0; n < events.Count; n++)
        {
            if (n > 0) _judge.Testbed.Put(state);
            var compare = Sampled(number, n);
            _transitions++;
            if (compare) _compared++;
            if (_judge.Deliver(events[n], compare) is { } wrong) return (n, wrong);
            var key = _key.Now();
            var isNew = !visited.Contains(key) && _here.Add(key);
            if (isNew) found.Add(new(key, number, n, _judge.Vector.ToArray()));
            if (_judge.Arrived(isNew) is { } bad) return (n, bad);
        }

        return null;
    }

    /// <summary>A fixed sample: the same transitions in every run.</summary>
    private bool Sampled(int state, int number) => _configuration.AgreementEvery switch
    {
        0 => false,
        var every => ((uint)state * 2_654_435_761u + (uint)number * 40_503u) % (uint)every == 0,
    };
}
