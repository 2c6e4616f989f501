namespace Rvm.Verified.Tests;

/// <summary>After boot the core allocates nothing.</summary>
public class AllocationTests
{
    private const int Systems = 25, Events = 4000;

    [Fact]
    public void A_hundred_thousand_mixed_events_allocate_nothing()
    {
        var (allocated, records) = (0L, 0UL);
        for (var seed = 0; seed <= Systems; seed++)
        {
            // Events are chosen on one kernel and replayed on another that begins in the same state, so that choosing them does not count.
            var (events, chosen) = Choose(seed);
            var core = Boot();
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var e in events) e.Deliver(core);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal((chosen.log.head, chosen.log.chain), (core.log.head, core.log.chain));
            if (seed > 0) (allocated, records) = (allocated + bytes, records + core.log.head);           // the first system warms up
        }

        Assert.Equal(0, allocated);
        Assert.True(records > 10_000, $"only {records} records: the events do too little");
    }

    private static CoreState.Core Boot()
    {
        var core = Rig.Fresh();
        Assert.Equal((Code.Ok, -1), Rig.Load(core, Crossroads.Words(quota: 10_000), 1000));
        return core;
    }

    private static (Event[] Events, CoreState.Core Core) Choose(int seed)
    {
        var core = Boot();
        var source = new EventSource(core, new Random(seed));
        var events = new Event[Events];
        for (var i = 0; i < Events; i++) (events[i] = source.Next()).Deliver(core);
        return (events, core);
    }
}
