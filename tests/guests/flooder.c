// Uses up its witness quota although nobody drains the log. From then on every privileged call must be refused with WitnessLogFull and
// change nothing, every unprivileged one must go on working, and its end must still find its reserved record.
// Slots: 0 console, 1 region (slab, 4 pages), 2 edge to calm (source), 3 edge from calm (destination).
#include "lib/rvm.h"

#define REGION    HANDLE(1)
#define TO_CALM   HANDLE(2)
#define FROM_CALM HANDLE(3)
#define WINDOW    0x60000000UL
#define LIMIT     100000UL               // far more than any quota in systems/flood*.yaml
#define DONE      1UL

static void privileged(void)
{
    handle h;
    message m = { { 0xF100D } };
    CHECK_EQ("queue_send", queue_send(TO_CALM, &m), WitnessLogFull);
    CHECK_EQ("notify_signal", notify_signal(TO_CALM, 1), WitnessLogFull);
    CHECK_EQ("cap_grant", cap_grant(REGION, 0, R_READ, &h), WitnessLogFull);
    CHECK_EQ("cap_revoke", cap_revoke(REGION, &h), WitnessLogFull);
    CHECK_EQ("cap_drop", cap_drop(REGION), WitnessLogFull);
    CHECK_EQ("region_map", region_map(REGION, WINDOW + PAGE, 1, 1, PERM_RW), WitnessLogFull);
    CHECK_EQ("region_unmap", region_unmap(REGION, WINDOW, 1), WitnessLogFull);
    CHECK_EQ("commedge_destroy", commedge_destroy(TO_CALM, 0), WitnessLogFull);
}
static void unprivileged(void)
{
    message m;
    u64 got;
    CHECK_EQ("yield", yield(), OK);
    CHECK_EQ("queue_recv", queue_recv(FROM_CALM, &m, &got), OK);
    CHECK_EQ("timer_wait", timer_wait(now() + 1000), OK);
    CHECK_EQ("SMCCC_VERSION", call(FN_SMCCC_VERSION, 0, 0, 0, 0, 0), 0x10002);
    // refused as ever, only without a record
    CHECK_EQ("an undefined call", call(RVM_CALL(200), 0, 0, 0, 0, 0), Unsupported);
    CHECK_EQ("a stale handle", region_map(0x700000001UL, WINDOW, 0, 1, PERM_RW), StaleCapability);
}
void guest_main(u64 id)
{
    u64 signals = 0, bits = 0;
    (void)id;
    CHECK_EQ("map a page", region_map(REGION, WINDOW, 0, 1, PERM_RW), OK);
    i64 s = OK;
    for (; s == OK && signals < LIMIT; signals += s == OK) s = notify_signal(TO_CALM, 2);
    CHECK_EQ("the call after the last record", s, WitnessLogFull);
    CHECK("a good number of calls before that", signals >= 64);
    say("flooder: %u signals, then %s", signals, status_name(s));
    for (u64 round = 0; round < 20; round++) { privileged(); unprivileged(); }
    // Nothing of what was refused has happened: the page is still mapped, its neighbour is not, the region's handle is alive (in vain).
    *(volatile u64 *)WINDOW = 0x57A7E;
    CHECK("the page is still mapped", *(volatile u64 *)WINDOW == 0x57A7E);
    CHECK_EQ("the handle is still alive", region_map(REGION, WINDOW + PAGE, 1, 1, PERM_RW), WitnessLogFull);
    say("flooder: 20 rounds of 8 privileged calls refused, 6 others answered");
    while (!(bits & DONE)) {
        s = notify_wait(FROM_CALM, &bits);
        CHECK_EQ("notify_wait", s, OK);
        if (s != OK) break;
    }
    finish("flooder");
}
