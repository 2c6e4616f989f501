using Rvm.Model.Checks;
using Rvm.Model.Configurations;
using Rvm.Model.Search;
using Rvm.Model.Subject;
using Rvm.Spec.Tests;
using Xunit.Abstractions;

namespace Rvm.Model.Tests;

/// <summary>
/// The reductions lose nothing: without them, up to some depth, exactly the same reduced states are found after the same number of events, and
/// states with the same key have successors with the same keys. And the key loses nothing else: what the specification calls different has different keys.
/// </summary>
public class ReductionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("pair", 4)]
    [InlineData("drained", 7)]
    [InlineData("schedule", 7)]
    [InlineData("letters", 6)]
    [InlineData("leases", 6)]
    [InlineData("memory", 3)]
    public void The_same_states_are_found_with_and_without(string name, int depth)
    {
        var configuration = Catalogue.All.Single(c => c.Name == name);
        var exact = new Walk(configuration with { Reductions = Reductions.None });
        var reduced = new Walk(configuration);
        for (var d = 0; d < depth; d++)
        {
            exact.Step(reduced);
            output.WriteLine($"depth {d + 1}: {exact.All.Count} states, reduced {exact.Reduced.Count} and {reduced.All.Count}");
            Assert.Equal(reduced.All.Count, exact.Reduced.Count);
            Assert.Subset(reduced.All, exact.Reduced);
        }

        Assert.True(exact.All.Count > exact.Reduced.Count, "nothing is reduced here: the test shows nothing");
    }

    /// <summary>Goes one layer further at a time, keeping whole states.</summary>
    private sealed class Walk
    {
        private readonly Testbed _machine, _other;
        private readonly CanonicalKey _key, _reducedKey;
        private readonly StateVector _vector = new();
        private readonly Configuration _configuration;
        private List<byte[]> _layer;

        /// <summary>For each reduced key the reduced keys of the successors, in the order of the events.</summary>
        private readonly Dictionary<UInt128, List<UInt128>> _successors = [];

        public Walk(Configuration configuration)
        {
            _configuration = configuration;
            _machine = new Testbed(configuration);
            _other = new Testbed(configuration with { Reductions = Reductions.All });
            (_key, _reducedKey) = (new CanonicalKey(_machine), new CanonicalKey(_other));
            _machine.Read(_vector);
            _layer = [_vector.ToArray()];
            All.Add(_key.Now());
            Reduced.Add(ReducedKey());
        }

        public HashSet<UInt128> All { get; } = [];

        public HashSet<UInt128> Reduced { get; } = [];

        private UInt128 ReducedKey()
        {
            _other.Put(_vector.ToArray());
            return _reducedKey.Now();
        }

        public void Step(Walk? reduced)
        {
            List<byte[]> next = [];
            foreach (var state in _layer)
            {
                _machine.Put(state);
                _machine.Read(_vector);
                var from = ReducedKey();
                List<UInt128> to = [];
                foreach (var e in _configuration.Alphabet.Of(_machine.Core, _machine.Now, _configuration.Size.Slots))
                {
                    _machine.Put(state);
                    _machine.Deliver(e);
                    _machine.Read(_vector);
                    to.Add(ReducedKey());
                    Reduced.Add(to[^1]);
                    if (All.Add(_key.Now())) next.Add(_vector.ToArray());
                }

                if (_successors.TryAdd(from, to)) continue;
                Assert.Equal(_successors[from], to);
            }

            _layer = next;
            reduced?.Step(null);
        }
    }

    /// <summary>A state that is put back is the state that was read, also into another core, and it goes on as the first one did.</summary>
    [Theory]
    [InlineData("pair")]
    [InlineData("memory")]
    [InlineData("drained")]
    public void A_state_that_is_put_back_is_the_state_that_was_read(string name)
    {
        var configuration = Catalogue.All.Single(c => c.Name == name);
        var (random, one, other) = (new Random(1), new Testbed(configuration), new Testbed(configuration));
        var (here, there) = (new StateVector(), new StateVector());
        for (var n = 0; n < 3000; n++)
        {
            one.Read(here);
            var events = configuration.Alphabet.Of(one.Core, one.Now, configuration.Size.Slots);
            if (events.Count == 0 || n % 60 == 0)
            {
                one = new Testbed(configuration);
                continue;
            }

            other.Put(here.ToArray());
            var e = events[random.Next(events.Count)];
            one.Deliver(e);
            other.Deliver(e);
            one.Read(here);
            other.Read(there);
            Assert.Equal(here.ToArray(), there.ToArray());
            Assert.Null(Differences.Of(new SpecState(one).Structure, new SpecState(other).Structure));
        }

        Assert.Null(other.Escaped());
    }
}
