using Rvm.Spec.State;

namespace Rvm.Spec.Tests;

/// <summary>One system and its events, all from one seed: what happened, what differed, and the shortest events that still differ.</summary>
public sealed class EventSequence(int seed)
{
    private readonly List<Happening> _events = [];

    public static readonly int Profiles = Enum.GetValues<Profile>().Length;

    public Profile Profile { get; } = (Profile)(seed % Profiles);

    public Coverage Coverage { get; } = new();

    public int Events => _events.Count;

    public int ValidStates { get; private set; }

    /// <summary>Boots and runs for so many events, checking the invariant after every <paramref name="validEvery"/>th. What went wrong; null: nothing.</summary>
    public string? Run(int length, int validEvery)
    {
        var random = new Random(seed);
        var twins = Fresh();
        var (loader, caller) = (new Loader(random, Profile), new Caller(random));
        try
        {
            twins.Compare();
            CheckValid(twins.Spec);
            Happening? e;
            while ((e = loader.Next(twins.Spec)) is not null) Deliver(twins, e, validEvery);
            if (!twins.Spec.dtor_booting)
                for (var n = 0; n < length && (e = caller.Next(twins.Spec)) is not null; n++) Deliver(twins, e, validEvery);
            twins.Compare();
            CheckValid(twins.Spec);
            return null;
        }
        catch (Exception e)
        {
            var shortest = Shrink([.. _events], TimeSpan.FromSeconds(30));
            return $"seed {seed} ({Profile}), event {_events.Count}: {e.Message}\nReplay it with RVM_SEED={seed} RVM_SEQUENCES=1 RVM_EVENTS={length}.\n"
                + $"{shortest.Count} events suffice:\n{string.Join('\n', shortest)}\n{Failure(shortest)?.Message}\n{e.StackTrace}";
        }
    }

    private Twins Fresh() => new(Loader.Core(new Random(seed), Profile));

    private void Deliver(Twins twins, Happening e, int validEvery)
    {
        _events.Add(e);
        var before = twins.Spec;
        var status = twins.Deliver(e);
        Coverage.Event(e, before, twins.Spec, status, twins.Effects);
        if (_events.Count % validEvery == 0) CheckValid(twins.Spec);
    }

    private void CheckValid(_IKernel k)
    {
        if (!Valid.__default.Valid(k)) throw new DifferenceException("the state is not valid");
        ValidStates++;
    }

    /// <summary>What goes wrong when a fresh system gets just these events.</summary>
    private Exception? Failure(List<Happening> events)
    {
        try
        {
            var twins = Fresh();
            foreach (var e in events) twins.Deliver(e);
            twins.Compare();
            return Valid.__default.Valid(twins.Spec) ? null : new DifferenceException("the state is not valid");
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Leaves out events, many at a time at first, as long as something still goes wrong.</summary>
    private List<Happening> Shrink(List<Happening> events, TimeSpan limit)
    {
        var until = DateTime.UtcNow + limit;
        for (var chunk = events.Count / 2; chunk > 0; chunk = chunk == 1 ? 0 : chunk / 2)
            for (var at = Math.Max(0, events.Count - chunk - 1); at >= 0 && DateTime.UtcNow < until; at -= chunk)
            {
                List<Happening> fewer = [.. events[..at], .. events[Math.Min(at + chunk, events.Count)..]];
                if (Failure(fewer) is not null) events = fewer;
                at = Math.Min(at, events.Count);
                if (at == 0) break;
                if (at < chunk) at = chunk;
            }

        return events;
    }
}
