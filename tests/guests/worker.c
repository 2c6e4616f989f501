// Causes more records than the whole ring holds, on a small quota: the monitor drains. WitnessLogFull means "wait for the drain".
// Slots: 0 console, 1 edge to the monitor (source).
#include "lib/rvm.h"

#define TO_MONITOR HANDLE(1)
#define SIGNALS    70000UL               // RING is 65,536
#define PATIENCE   1000UL

void guest_main(u64 id)
{
    u64 waits = 0, patience = 0;
    (void)id;
    for (u64 done = 0; done < SIGNALS;) {
        i64 s = notify_signal(TO_MONITOR, 1UL << (done % 62));
        if (s == OK) { done++; patience = 0; continue; }
        if (s != WitnessLogFull || ++patience > PATIENCE) { fail("notify_signal", s, OK); finish("worker"); }
        waits++;
        CHECK_EQ("yield", yield(), OK);
    }
    CHECK("the quota ran out at least once", waits > 0);
    say("worker: %u signals, waited for the drain %u times", SIGNALS, waits);
    finish("worker");
}
