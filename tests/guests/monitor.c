// The control partition: reads the witness log, makes every record's hash again (docs/abi.md §6), checks sequence, chain and layout,
// and acknowledges, so that the log never fills. Ends when the worker (partition 2) has ended.
// Slots: 0 console, 1 witness log, 2 edge from the worker (destination).
#include "lib/chain.h"

#define LOG          HANDLE(1)
#define WORKER       2UL
#define SIGNALS      70000UL
static chain log = CHAIN_START;
static u64 signals, drains, worker_ended, worker_status;

static void take(const u64 r[8])
{
    chain_take(&log, r);
    if (KIND(r) == K_SIGNAL && SUBJECT(r) == WORKER) {
        CHECK_EQ("bits of a signal", AUX(r), 1UL << (signals % 62));
        signals++;
    }
    drains += KIND(r) == K_DRAIN;
    if (KIND(r) == K_END && OBJECT(r) == WORKER) { worker_ended = 1; worker_status = AUX(r); }
}
void guest_main(u64 id)
{
    u64 record[8], head, drained, acknowledged = 0, late = 0;
    (void)id;
    while (!worker_ended && failures < 20) {
        i64 s = witness_read(LOG, log.next, record, &head, &drained);
        CHECK_EQ("the first undrained record", drained, acknowledged);
        if (s == OK) { take(record); continue; }
        CHECK_EQ("witness_read at the end", s, ResourceLimitExceeded);
        CHECK_EQ("the next sequence number", head, log.next);
        if (head != log.next) break;
        if (log.next - acknowledged > 32 && !worker_ended) {
            s = witness_ack(LOG, log.next);
            if (s == OK) acknowledged = log.next;
            else { CHECK("an acknowledgement comes late, not wrong", s == ResourceLimitExceeded); late++; }
        }
        CHECK_EQ("yield", yield(), OK);
    }
    CHECK_EQ("signals in the log", signals, SIGNALS);
    CHECK_EQ("the worker's end", worker_status, 0);
    CHECK("the ring has gone round", log.next > 65536);
    say("monitor: %u records, chain intact, %u drains (%u late), last hash 0x%016x", log.next, drains, late, log.last);
    finish("monitor");
}
