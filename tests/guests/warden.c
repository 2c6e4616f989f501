// Beside the fuzzers (fuzzer.c, partitions 3 and 4): reads and acknowledges the witness log so that it never fills, checks every record, and gets
// them going again when they have put themselves or each other to sleep. When both have ended it tells the bystander (partition 2) to stop.
// Slots: 0 console, 1 witness log, 2 and 3 the fuzzers (write), 4 the edge to the bystander (source).
#include "lib/chain.h"

#define LOG        HANDLE(1)
#define FUZZER(i)  HANDLE(2 + (i))
#define TO_OTHER   HANDLE(4)
#define OTHER      2UL
#define FIRST      3UL                   // partition of the first fuzzer
#define FUZZERS    2UL
#define PATIENCE   200UL                 // turns without a record before somebody is woken

static chain log = CHAIN_START;
static u64 booted, alive, ended[FUZZERS + FIRST], drains, wakes, acknowledged;

static void take(const u64 r[8])
{
    chain_take(&log, r);
    drains += KIND(r) == K_DRAIN;
    booted |= KIND(r) == K_BOOTED;
    alive += KIND(r) == K_CREATE;
    alive -= KIND(r) == K_END;
    if (KIND(r) == K_END && OBJECT(r) < FUZZERS + FIRST) {
        ended[OBJECT(r)] = 1;
        CHECK_EQ("how a partition of the description ends", AUX(r), 0);
    }
}
// The call in which a partition waits fails, and it runs on.
static void wake(void)
{
    for (u64 i = 0; i < FUZZERS; i++) {
        if (ended[FIRST + i]) continue;
        i64 s = partition_suspend(FUZZER(i));
        CHECK("partition_suspend", s == OK || s == InvalidPartitionState);
        CHECK_EQ("partition_start", partition_start(FUZZER(i)), OK);
        wakes++;
    }
}
static void dismiss(void)
{
    static int done;
    message m = { { 0x4c4554544552, ~0x4c4554544552UL } };
    if (done || !ended[FIRST] || !ended[FIRST + 1]) return;
    CHECK_EQ("the letter to the bystander", queue_send(TO_OTHER, &m), OK);
    done = 1;
}
void guest_main(u64 id)
{
    u64 record[8], head, drained, idle = 0;
    (void)id;
    while (failures < 20 && !(booted && alive == 1)) {
        i64 s = witness_read(LOG, log.next, record, &head, &drained);
        CHECK_EQ("the first undrained record", drained, acknowledged);
        if (s == OK) { take(record); idle = 0; continue; }
        CHECK_EQ("witness_read at the end", s, ResourceLimitExceeded);
        CHECK_EQ("the next sequence number", head, log.next);
        if (head != log.next) break;
        if (log.next - acknowledged > 32) {
            s = witness_ack(LOG, log.next);
            if (s == OK) acknowledged = log.next;
            else CHECK_EQ("an acknowledgement comes late, not wrong", s, ResourceLimitExceeded);
        }
        dismiss();
        if (++idle > PATIENCE) { wake(); idle = 0; }
        CHECK_EQ("yield", yield(), OK);
    }
    CHECK("everybody else has ended", alive == 1 && ended[OTHER] && ended[FIRST] && ended[FIRST + 1]);
    say("warden: %u records, chain intact, %u drains, %u wakes, last hash 0x%016x", log.next, drains, wakes, log.last);
    finish("warden");
}
