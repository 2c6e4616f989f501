// A parent with a memory pool creates, starts, suspends, resumes and terminates partitions at run time; ids, memory and slots are used
// again, and dead handles stay dead. Whether a child runs shows in the log: each of its beats is a record (child.c).
// Slots: 0 console (write, grant), 1 memory pool (write, prove), 2 the parent itself (write, revoke), 3 the log (witness), 4 the partner
// (write, revoke, prove), 5 edge 0 to the partner (write, revoke, prove). Image 0 is child.elf. The partner, partition 2, is never started.
#include "lib/rvm.h"

#define POOL       HANDLE(1)
#define MYSELF     HANDLE(2)
#define LOG        HANDLE(3)
#define PARTNER    HANDLE(4)
#define PARTNER_ID 2UL
#define SPARE      HANDLE(5)
#define SPARE_ID   0UL
#define OWN_SLOTS  6
#define IMAGE      0UL

typedef struct { handle partition, console; u64 id; } child;

// ---- what the log tells ----
static u64 cursor, made, beats[128], ended[128];     // ended: how many partitions with this id have ended

static void look(void)
{
    u64 r[8], next, drained;
    for (; witness_read(LOG, cursor, r, &next, &drained) == OK; cursor++) {
        u64 kind = r[2] & 0xFF, subject = r[2] >> 32, object = r[3] >> 32 | r[4] << 32;
        if (kind == 0x41 && subject < 128) beats[subject]++;
        if (kind == 0x01) made = object;
        if (kind == 0x71 && object < 128) ended[object]++;
    }
}

static void expect_refused(const char *what, i64 s)
{
    if (s < 0 && s >= LAST_STATUS && s != WitnessLogFull) say("%s: refused (%s)", what, status_name(s));
    else { say("FAILED: %s: got %d (%s), expected a refusal", what, s, status_name(s)); failures++; }
}
static void give_way(u64 n) { while (n--) CHECK_EQ("yield", yield(), OK); }
static child create(const char *name, u64 quota)
{
    child c = { 0 };
    expect_status("partition_create", partition_create(POOL, IMAGE, name, quota, 0, &c.partition), OK);
    look();
    c.id = made;
    expect_status("cap_grant of the console", cap_grant(CONSOLE, c.partition, R_WRITE, &c.console), OK);
    CHECK_EQ("slot of the console in the child", SLOT_OF(c.console), 0);
    return c;
}
static void lives(const child *c, const char *what)
{
    look();
    u64 before = beats[c->id];
    for (u64 i = 0; i < 2000 && beats[c->id] < before + 3; i++) { give_way(1); look(); }
    CHECK(what, beats[c->id] >= before + 3);
    say("%s: it beats", what);
}
static void rests(const child *c, const char *what)
{
    look();
    u64 before = beats[c->id];
    give_way(20);
    CHECK_EQ("timer_wait", timer_wait(now() + 200000), OK);
    look();
    CHECK_EQ(what, beats[c->id], before);
    say("%s: it rests", what);
}
static child first(void)
{
    child c = create("first", 600);
    handle near, far, none;
    message m = { { 1, 2, 3, 4 } };
    // Who makes a partition has the right to prove for it.
    expect_status("an edge to what was made at run time", commedge_create(c.partition, c.id, 1, &near, &far), OK);
    expect_status("a message to it", queue_send(near, &m), OK);
    expect_refused("suspend before the start", partition_suspend(c.partition));
    rests(&c, "created");
    expect_status("partition_start", partition_start(c.partition), OK);
    expect_refused("start twice", partition_start(c.partition));
    lives(&c, "started");
    expect_status("partition_suspend", partition_suspend(c.partition), OK);
    expect_refused("suspend twice", partition_suspend(c.partition));
    rests(&c, "suspended");
    expect_status("resume", partition_start(c.partition), OK);
    lives(&c, "resumed");
    // It does not yield: only the slice's end and the parent's hand can stop it.
    expect_status("partition_terminate", partition_terminate(c.partition), OK);
    rests(&c, "terminated");
    expect_refused("terminate twice", partition_terminate(c.partition));
    expect_refused("start the dead", partition_start(c.partition));
    expect_refused("suspend the dead", partition_suspend(c.partition));
    expect_refused("grant to the dead", cap_grant(CONSOLE, c.partition, R_WRITE, 0));
    expect_refused("a message to the dead", queue_send(near, &m));
    expect_status("an edge to the dead", commedge_create(c.partition, c.id, 1, &none, &far), StaleCapability);
    CHECK_EQ("cap_drop", cap_drop(near), OK);
    return c;
}
static void second(const child *dead)
{
    child c = create("second", 900);
    CHECK_EQ("the id of the dead one", c.id, dead->id);
    CHECK("a new handle", c.partition != dead->partition);
    expect_refused("the old handle on the new partition", partition_start(dead->partition));
    expect_refused("grant to the old handle", cap_grant(CONSOLE, dead->partition, R_WRITE, 0));
    u64 before = ended[c.id];
    expect_status("partition_start", partition_start(c.partition), OK);
    lives(&c, "started again");
    for (u64 i = 0; i < 100000 && ended[c.id] == before; i++) { give_way(1); look(); }
    CHECK_EQ("it left by itself", ended[c.id], before + 1);
    expect_refused("start after it left", partition_start(c.partition));
    CHECK_EQ("cap_drop", cap_drop(c.partition), OK);
    CHECK_EQ("cap_drop", cap_drop(dead->partition), OK);
}
// An edge made at run time, and one from boot: only for that one there is the right to prove.
static void edges(void)
{
    message m = { { 1, 2, 3, 4 } };
    handle near, far;
    expect_status("commedge_create", commedge_create(PARTNER, PARTNER_ID, 1, &near, &far), OK);
    expect_status("one message fits", queue_send(near, &m), OK);
    expect_refused("a second does not", queue_send(near, &m));
    expect_status("destroy it: no right to prove", commedge_destroy(near, 1), ProofInvalid);
    expect_status("send on the edge from boot", queue_send(SPARE, &m), OK);
    expect_status("destroy it with a token for another edge", commedge_destroy(SPARE, SPARE_ID + 1), ProofInvalid);
    expect_status("commedge_destroy", commedge_destroy(SPARE, SPARE_ID), OK);
    expect_refused("send on a destroyed edge", queue_send(SPARE, &m));
    expect_status("destroy it twice", commedge_destroy(SPARE, SPARE_ID), StaleCapability);
    expect_status("terminate the partner", partition_terminate(PARTNER), OK);
    expect_refused("send to the dead", queue_send(near, &m));
    CHECK_EQ("cap_drop", cap_drop(near), OK);
}
// More partitions one after the other than there are ids and capability slots: everything is given back.
static void many(void)
{
    u64 n = 0;
    for (handle h; n < 150; n++) {
        i64 s = partition_create(POOL, IMAGE, "many", 4, 0, &h);
        if (s != OK) { fail("partition_create", s, OK); break; }
        CHECK_EQ("partition_terminate", partition_terminate(h), OK);
        CHECK_EQ("cap_drop", cap_drop(h), OK);
    }
    say("created and terminated %u partitions", n);
}
// As many at the same time as the parent's capability table holds.
static void crowd(void)
{
    static handle all[CSLOTS + 1];
    u64 n = 0;
    i64 s = OK;
    while (n <= CSLOTS && (s = partition_create(POOL, IMAGE, "crowd", 4, 0, &all[n])) == OK) n++;
    expect_refused("one more than fits", s);
    CHECK_EQ("partitions at the same time", n, CSLOTS - OWN_SLOTS);
    for (u64 i = 0; i < n; i++) for (u64 j = 0; j < i; j++) CHECK("different handles", all[i] != all[j]);
    for (u64 i = 0; i < n; i++) { CHECK_EQ("terminate", partition_terminate(all[i]), OK); CHECK_EQ("drop", cap_drop(all[i]), OK); }
}
void guest_main(u64 id)
{
    handle h;
    (void)id;
    expect_status("an image that does not exist", partition_create(POOL, 99, "none", 8, 0, &h), PartitionNotFound);
    expect_refused("a quota that I do not have", partition_create(POOL, IMAGE, "greedy", 1UL << 40, 0, &h));
    expect_refused("a quota of 2^64-1", partition_create(POOL, IMAGE, "greedy", ~0UL, 0, &h));
    expect_status("a quota of which I do not have that much", partition_create(POOL, IMAGE, "greedy", 60000, 0, &h), WitnessLogFull);
    expect_refused("a quota of nothing", partition_create(POOL, IMAGE, "greedy", 0, 0, &h));
    expect_refused("without a pool", partition_create(CONSOLE, IMAGE, "none", 8, 0, &h));
    expect_refused("suspend myself", partition_suspend(MYSELF));
    expect_refused("terminate myself", partition_terminate(MYSELF));
    expect_refused("start myself", partition_start(MYSELF));
    child dead = first();
    second(&dead);
    edges();
    many();
    crowd();
    finish("lifecycle");
}
