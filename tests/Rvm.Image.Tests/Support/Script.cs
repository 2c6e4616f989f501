namespace Rvm.ImageTests;

/// <summary>A bundle and the events that follow its boot, chosen while the model executes them.</summary>
public sealed class Script
{
    private const ulong BootTime = 1000;

    private readonly List<TapeEvent> _events = [];

    private Script(string name, ulong[] bundle)
    {
        (Name, Bundle) = (name, bundle);
        var times = Enumerable.Range(0, 1 + (bundle.Length - 8) / 8).Select(i => BootTime + (ulong)i).ToArray();
        var used = Model.Boot(bundle, times);
        _events.AddRange(times.Take(used).Select(TapeEvent.Time));
        Boot = used;
    }

    public string Name { get; }

    public ulong[] Bundle { get; }

    public Model Model { get; } = new();

    private int Boot { get; }

    public ulong[] Words => TapeEvent.Write(_events);

    public IReadOnlyList<TapeEvent> AfterBoot => _events[Boot..];

    /// <summary>
    /// Four kinds of scripts, by the seed: guests that mostly ask what could succeed, the same on a quota that is always short, guests that end
    /// whom they can, and adversaries that put wild words into every register and take any exception.
    /// </summary>
    public static Script Random(int seed, int length)
    {
        var (random, kind) = (new Random(seed), seed % 4);
        var script = new Script(new[] { "sensible", "thrifty", "deadly", "wild" }[kind], Crossroads.Words(quota: kind == 1 ? 60UL : 4000UL));
        var core = script.Model.Core;
        var (source, adversary) = (new EventSource(core, random), new Adversary(core, random));
        for (var n = 0; n < length && !core.halted && !(core.sched.cur == 0 && RvmKernel.__default.Timer(core) == ulong.MaxValue); n++)
            script.Add(kind == 3 && random.Next(4) != 0 ? adversary.Next() : TapeEvent.Of(kind == 2 ? source.Any() : source.Next()));
        return script;
    }

    private void Add(TapeEvent e)
    {
        _events.Add(e);
        Model.Deliver(e);
    }
}
