using Rvm.Model.Checks;
using Rvm.Model.Configurations;
using Rvm.Model.Subject;
using Rvm.Spec.State;

namespace Rvm.Model.Search;

/// <summary>A state that nobody had found when it was: its key, how it was reached, itself.</summary>
public readonly record struct Successor(UInt128 Key, int Parent, int Event, byte[] State);

/// <summary>What came of a row of states. <paramref name="Wrong"/>: the first thing that is, with the state and the number of the event.</summary>
public sealed record Expansion(List<Successor> Successors, long Transitions, long Compared, (int Parent, int Event, string What)? Wrong);

/// <summary>One core with everything that judges it; delivers every event that may happen to each state that it is given.</summary>
public sealed class Worker
{
    private readonly Testbed _testbed;
    private readonly CanonicalKey _key;
    private readonly StateVector _vector = new();
    private readonly SpecState _spec;
    private readonly SpecChecks _specification;
    private readonly Agreement _agreement;
    private readonly Before _before;
    private readonly TransitionChecks _transition;
    private readonly StateChecks _state;
    private readonly Configuration _configuration;
    private readonly HashSet<UInt128> _here = [];

    public Worker(Configuration configuration, Judgements judgements)
    {
        _configuration = configuration;
        _testbed = new Testbed(configuration);
        _key = new CanonicalKey(_testbed);
        _spec = new SpecState(_testbed);
        _specification = new SpecChecks(_testbed, _spec, judgements);
        _agreement = new Agreement(_testbed, _spec);
        _before = new Before(_testbed);
        _transition = new TransitionChecks(_testbed, _before);
        _state = new StateChecks(_testbed);
    }

    /// <summary>The state after the boot, and what is wrong with it.</summary>
    public (Successor State, string? Wrong) First()
    {
        _testbed.Read(_vector);
        var first = new Successor(_key.Now(), -1, 0, _vector.ToArray());
        return (first, _state.Check() ?? _specification.Valid(_vector, whole: true));
    }

    /// <summary>A word outside the configuration that has changed.</summary>
    public string? Escaped() => _testbed.Escaped();

    /// <summary>All events of all of these states, which have the numbers from <paramref name="number"/> on.</summary>
    public Expansion Expand(ReadOnlySpan<byte[]> states, int number, Visited visited)
    {
        List<Successor> found = [];
        var (transitions, compared) = (0L, 0L);
        _here.Clear();
        foreach (var state in states)
        {
            _testbed.Put(state);
            _testbed.Read(_vector);
            var structure = _vector.Hash(Parts.Structure);
            _before.Look();
            var events = _configuration.Alphabet.Of(_testbed.Core, _testbed.Now, _configuration.Size.Slots);
            (_IKernel? kernel, _IStructure? was) = (null, null);
            for (var n = 0; n < events.Count; n++)
            {
                if (n > 0) _testbed.Put(state);
                transitions++;
                var compare = _configuration.AgreementEvery is > 0 and var every && Sampled(number, n, every);
                if (compare)
                {
                    compared++;
                    kernel ??= _spec.Kernel(chained: false);
                }

                if (Wrong(events[n], kernel, compare) is { } wrong) return new(found, transitions, compared, (number, n, wrong));
                _testbed.Read(_vector);
                var head = _before.Head;
                var (key, now) = (_key.Now(), _vector.Hash(Parts.Structure));
                var isNew = !visited.Contains(key) && _here.Add(key);
                if (isNew)
                {
                    if ((_state.Check() ?? _specification.Valid(_vector)) is { } bad) return new(found, transitions, compared, (number, n, bad));
                    found.Add(new(key, number, n, _vector.ToArray()));
                }

                if (_specification.Fold(structure, now, head, () => was ??= StructureOf(state)) is { } untold) return new(found, transitions, compared, (number, n, untold));
            }

            number++;
        }

        return new(found, transitions, compared, null);
    }

    /// <summary>A fixed sample: the same transitions in every run.</summary>
    private static bool Sampled(int state, int number, int every) => every == 1 || ((uint)state * 2_654_435_761u + (uint)number * 40_503u) % (uint)every == 0;

    private string? Wrong(Happening e, _IKernel? before, bool compare)
    {
        try
        {
            _testbed.Deliver(e);
        }
        catch (Exception x) when (IsFailure(x))
        {
            return $"Every_event_has_one_outcome: the core fails with {x.GetType().Name}: {x.Message}";
        }

        return _transition.Check(e) ?? (compare ? _agreement.Check(before!, e) : null);
    }

    /// <summary>Is it a failure of the core?</summary>
    public static bool IsFailure(Exception x) => x is IndexOutOfRangeException or OverflowException or DivideByZeroException or NullReferenceException or InvalidOperationException;

    private _IStructure StructureOf(byte[] state)
    {
        _testbed.Put(state);
        return _spec.Structure;
    }
}
