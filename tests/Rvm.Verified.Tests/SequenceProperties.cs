using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace Rvm.Verified.Tests;

/// <summary>
/// Long random event sequences. The base seed is fixed so that runs repeat; RVM_SEED=n explores others. A failure names the system's seed,
/// the event's number and the events before it.
/// </summary>
[Trait("Theorem", "Every_event_has_one_outcome")]
[Trait("Theorem", "No_partition_reaches_anothers_memory")]
[Trait("Theorem", "The_hardware_keeps_partitions_apart")]
[Trait("Theorem", "The_log_only_grows")]
public class SequenceProperties(ITestOutputHelper output)
{
    private const int Sequences = 120, Length = 4000, ThoroughEvery = 100;

    private readonly Dictionary<string, int> _outcomes = [];
    private int _events;

    private static int? Seed => int.TryParse(Environment.GetEnvironmentVariable("RVM_SEED"), out var s) ? s : null;

    [Fact]
    public void Nothing_ever_throws_escapes_its_registers_or_breaks_an_invariant()
    {
        var seed = Seed ?? 20_261_121;
        output.WriteLine($"base seed {seed}: {Sequences} sequences of {Length} events");
        var first = new Random(seed);
        List<int> seeds = [.. Enumerable.Range(0, Sequences).Select(_ => first.Next())];
        foreach (var one in seeds) Run(one);
        foreach (var (what, count) in _outcomes.OrderBy(o => o.Key)) output.WriteLine($"{count,8}  {what}");
        output.WriteLine($"{_events} events in all");
        Assert.True(_events > Sequences * Length / 2, $"only {_events} events: the systems end too early");
        foreach (var number in Fn.All.Except([Fn.Exit]))
            Assert.True(_outcomes.ContainsKey($"call {number,2}: 0"), $"call {number} never succeeded: the sequences prove too little");
        foreach (var what in new[] { $"call {Fn.LeaseAcquire,2}: {Code.DeviceLeaseConflict}", $"call {Fn.NotifyWait,2}: {Code.DeviceLeaseConflict}", $"call {Fn.LeaseRenew,2}: {Code.DeviceLeaseExpired}",
            $"call {Fn.LeaseRenew,2}: {Code.DeviceLeaseNotFound}", "leases returned", "leases expired", "leases that took their holder along" })
            Assert.True(_outcomes.ContainsKey(what), $"{what}: never");
    }

    /// <summary>FsCheck chooses the seeds and how long the sequence is, from RVM_SEED, and shortens a sequence that fails.</summary>
    [Fact]
    public void Short_sequences_of_any_seed_and_length()
    {
        var replay = (ulong)(uint)(Seed ?? 1);
        output.WriteLine($"FsCheck from seed {replay}: replay with RVM_SEED={replay}");
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Arb.From(Gen.Choose(1, 400), n => n > 1 ? [n / 2, n - 1] : []), (seed, length) => { Run(seed, length); return true; })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(120).WithReplay(replay, 1UL));
    }

    private void Run(int seed, int length = Length)
    {
        var core = Rig.Fresh();
        Assert.Equal((Code.Ok, -1), Rig.Load(core, Crossroads.Words(quota: seed % 3 == 0 ? 60UL : 2000UL), 1000));
        var (source, invariants, footprint) = (new EventSource(core, new Random(seed)), new Invariants(core), new Footprint(core));
        Queue<Event> recent = [];
        var n = 0;
        try
        {
            invariants.AfterEvent();
            for (; n < length && !core.halted; n++)
            {
                var e = source.Next();
                if (e.Kind == EventKind.Tick && core.sched.cur == 0 && RvmKernel.__default.Timer(core) == ulong.MaxValue) break;      // everybody waits for ever
                recent.Enqueue(e);
                if (recent.Count > 12) recent.Dequeue();
                var (caller, head) = (core.sched.cur, core.log.head);
                footprint.Before(e);
                e.Deliver(core);
                footprint.Check(e);
                EffectRules.Check(core);
                invariants.AfterEvent();
                foreach (var record in new Witness(core).From(head))
                    if (record.Kind == Rec.LeaseEnd) Count($"leases {(record.Aux == 0 ? "returned" : "expired")}");
                    else if (record.Kind == Rec.Terminate && record.Aux >> 56 == 4) Count("leases that took their holder along");
                if (n % ThoroughEvery == 0) invariants.Thorough();
                if (e.Number is { } number && caller != 0 && Fn.All.Contains(number)) Count($"call {number,2}: {(long)core.ctx[caller * 64]}");
            }

            invariants.Thorough();
            _events += n;
            Count(core.halted ? "sequences that ended with every partition" : n == length ? "sequences that ran to their length" : "sequences that ended in a deadlock");
        }
        catch (Exception e)
        {
            throw new Xunit.Sdk.XunitException($"seed {seed}, event {n}: {e.Message}\nlast events:\n{string.Join('\n', recent)}\n{e.StackTrace}");
        }
    }

    private void Count(string what) => _outcomes[what] = _outcomes.GetValueOrDefault(what) + 1;
}
