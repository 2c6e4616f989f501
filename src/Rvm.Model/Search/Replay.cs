using Rvm.Model.Checks;
using Rvm.Model.Configurations;
using Rvm.Model.Reports;

namespace Rvm.Model.Search;

/// <summary>Does events once again, to tell what they answered and recorded.</summary>
public static class Replay
{
    /// <param name="choose">The number of the next event among those that may happen; null: that was all.</param>
    public static List<Step> Steps(Configuration configuration, IEnumerable<Func<List<Happening>, int>> choose)
    {
        var testbed = new Subject.Testbed(configuration);
        var core = testbed.Core;
        List<Step> steps = [];
        foreach (var choice in choose)
        {
            var (events, head, runs) = (configuration.Alphabet.Of(core, testbed.Now, configuration.Size.Slots), core.log.head, core.sched.cur);
            var e = events[choice(events)];
            try
            {
                testbed.Deliver(e);
            }
            catch (Exception x) when (Judge.IsFailure(x))
            {
                steps.Add(new(runs, e, null, []));      // that is the violation
                break;
            }

            var records = Enumerable.Range(0, (int)Math.Min(core.log.head - head, 16)).Select(i => LogRecord.Read(LogRecord.Words(core, head + (ulong)i)));
            steps.Add(new(runs, e, e.Sort == Sort.Hypercall && runs != 0 ? (long)core.ctx[runs * States.Registers] : null, [.. records]));
        }

        return steps;
    }
}
