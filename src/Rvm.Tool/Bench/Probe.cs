namespace Rvm.Tool.Bench;

/// <summary>How a figure is read from the events of a run: each sample is a number of executed instructions.</summary>
public abstract record Probe
{
    protected const string MarkName = "mark";

    public abstract IEnumerable<double> Samples(IReadOnlyList<CountEvent> events);

    /// <summary>Steps that one round of the guest's loop makes.</summary>
    public virtual int Steps => 1;

    /// <summary>From each passing of a marker to its next, divided by the steps that lie between.</summary>
    public sealed record Period(int Mark, int Parts = 1) : Probe
    {
        public override int Steps => Parts;

        public override IEnumerable<double> Samples(IReadOnlyList<CountEvent> events)
        {
            var totals = events.Where(e => e.Name == MarkName && e.Id == Mark).Select(e => e.Total).ToList();
            return totals.Zip(totals.Skip(1), (a, b) => (double)(b - a) / Steps);
        }
    }

    /// <summary>From a marker to the next event, which has to be the second marker.</summary>
    public sealed record Between(int First, int Second) : Probe
    {
        public override IEnumerable<double> Samples(IReadOnlyList<CountEvent> events)
        {
            var marks = events.Where(e => e.Name == MarkName).ToList();
            return marks.Zip(marks.Skip(1)).Where(p => p.First.Id == First && p.Second.Id == Second).Select(p => (double)(p.Second.Total - p.First.Total));
        }
    }

    /// <summary>From reset to the first event of a name, without what guests executed.</summary>
    public sealed record FromReset(string Name, int Id = 0) : Probe
    {
        public override IEnumerable<double> Samples(IReadOnlyList<CountEvent> events) =>
            events.Where(e => e.Name == Name && e.Id == Id).Take(1).Select(e => (double)(e.Total - e.Guest));
    }

    /// <summary>From the first instruction of a kernel function to its return, callees included.</summary>
    public sealed record Inside(string Function) : Probe
    {
        /// <summary>Name of the events at the function's return instructions.</summary>
        public static string ReturnOf(string function) => function + "-return";

        public override IEnumerable<double> Samples(IReadOnlyList<CountEvent> events)
        {
            var entered = -1L;
            foreach (var e in events)
            {
                if (e.Name == Function) entered = e.Total;
                if (e.Name != ReturnOf(Function) || entered < 0) continue;
                yield return e.Total + 1 - entered;
                entered = -1;
            }
        }
    }
}

/// <summary>The distribution of samples.</summary>
public sealed record Distribution(double Mode, double Median, double Min, double Max, int Samples)
{
    public static Distribution? Of(IEnumerable<double> samples)
    {
        var sorted = samples.Order().ToList();
        if (sorted.Count == 0) return null;
        var mode = sorted.GroupBy(x => x).MaxBy(g => g.Count())!.Key;
        return new Distribution(mode, sorted[sorted.Count / 2], sorted[0], sorted[^1], sorted.Count);
    }
}
