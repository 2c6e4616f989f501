// The control partition: reads the witness log, makes every record's hash again (docs/abi.md §6), checks sequence, chain and layout,
// and acknowledges, so that the log never fills. Ends when the worker (partition 2) has ended.
// Slots: 0 console, 1 witness log, 2 edge from the worker (destination).
#include "lib/rvm.h"

#define LOG          HANDLE(1)
#define WORKER       2UL
#define SIGNALS      70000UL
#define KIND(r)      ((r)[2] & 0xFF)
#define SUBJECT(r)   ((r)[2] >> 32 | (r)[3] << 32)
#define OBJECT(r)    ((r)[3] >> 32 | (r)[4] << 32)
#define AUX(r)       ((r)[4] >> 32 | (r)[5] << 32)
#define BEFORE(r)    ((r)[5] >> 32 | (r)[6] << 32)
#define HASH(r)      ((r)[6] >> 32 | (r)[7] << 32)
enum { K_START = 0x80, K_SIGNAL = 0x33, K_END = 0x71, K_DRAIN = 0x85 };

static u64 next, chain = FNV_BASIS, time, signals, drains, worker_ended, worker_status;

static void take(const u64 r[8])
{
    CHECK_EQ("sequence", r[0], next);
    CHECK("time does not run back", r[1] >= time);
    CHECK("reserved bytes are zero", (r[2] & 0xFFFF0000) == 0);
    CHECK("flags are zero", r[7] >> 32 == 0);
    CHECK("hash before is the chain", BEFORE(r) == chain);
    CHECK("record hash", HASH(r) == fnv1a(fnv1a(FNV_BASIS, r, 52), (const u8 *)r + 60, 4));
    if (next == 0) CHECK_EQ("first record", KIND(r), K_START);
    chain = HASH(r);
    time = r[1];
    next++;
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
        i64 s = witness_read(LOG, next, record, &head, &drained);
        CHECK_EQ("the first undrained record", drained, acknowledged);
        if (s == OK) { take(record); continue; }
        CHECK_EQ("witness_read at the end", s, ResourceLimitExceeded);
        CHECK_EQ("the next sequence number", head, next);
        if (head != next) break;
        if (next - acknowledged > 32 && !worker_ended) {
            s = witness_ack(LOG, next);
            if (s == OK) acknowledged = next;
            else { CHECK("an acknowledgement comes late, not wrong", s == ResourceLimitExceeded); late++; }
        }
        CHECK_EQ("yield", yield(), OK);
    }
    CHECK_EQ("signals in the log", signals, SIGNALS);
    CHECK_EQ("the worker's end", worker_status, 0);
    CHECK("the ring has gone round", next > 65536);
    say("monitor: %u records, chain intact, %u drains (%u late), last hash 0x%016x", next, drains, late, chain);
    finish("monitor");
}
