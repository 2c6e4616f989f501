// A parent with a memory pool creates, starts, suspends, resumes and terminates partitions at run time; ids, memory and slots are used
// again, and dead handles stay dead. Whether a child runs shows in its queue: it drains what the parent sends.
// Slots: 0 console (write, grant), 1 memory pool (write), 2 the parent itself (write, revoke). Image 0 is child.elf.
#include "lib/rvm.h"
#include "child.h"

#define POOL     HANDLE(1)
#define MYSELF   HANDLE(2)
#define IMAGE    0UL
#define CAPACITY 4UL

typedef struct { handle partition, console, edge, far; u64 count; } child;

static void expect_refused(const char *what, i64 s)
{
    if (s < 0 && s >= LAST_STATUS && s != WitnessLogFull) say("%s: refused (%s)", what, status_name(s));
    else { say("FAILED: %s: got %d (%s), expected a refusal", what, s, status_name(s)); failures++; }
}
static void give_way(u64 n) { while (n--) CHECK_EQ("yield", yield(), OK); }
static i64 tell(child *c, u64 what, u64 argument)
{
    message m = { { what, argument, 0, 0 } };
    return queue_send(c->edge, &m);
}
// Sends counted messages until one is refused or n went through.
static u64 tell_count(child *c, u64 n)
{
    u64 sent = 0;
    while (sent < n && tell(c, SAY_COUNT, c->count) == OK) { c->count++; sent++; }
    return sent;
}
static child create(const char *name, u64 quota)
{
    child c = { 0 };
    expect_status("partition_create", partition_create(POOL, IMAGE, name, quota, 0, &c.partition), OK);
    expect_status("cap_grant of the console", cap_grant(CONSOLE, c.partition, R_WRITE, &c.console), OK);
    expect_status("commedge_create", commedge_create(c.partition, CAPACITY, &c.edge, &c.far), OK);
    CHECK_EQ("slot of the console in the child", SLOT_OF(c.console), 0);
    CHECK_EQ("slot of the edge in the child", SLOT_OF(c.far), 1);
    expect_status("first message", tell(&c, SAY_CONSOLE, c.console), OK);
    return c;
}
static void lives(child *c, const char *what)
{
    give_way(8);
    CHECK_EQ(what, tell_count(c, CAPACITY), CAPACITY);
    give_way(8);
    CHECK_EQ(what, tell_count(c, CAPACITY), CAPACITY);
    give_way(8);
    say("%s: it took %u messages in all", what, c->count);
}
static void forget(child *c)
{
    CHECK_EQ("cap_drop of the partition", cap_drop(c->partition), OK);
    CHECK_EQ("cap_drop of the edge", cap_drop(c->edge), OK);
}
static child first(void)
{
    child c = create("first", 600);
    expect_refused("suspend before the start", partition_suspend(c.partition));
    expect_status("partition_start", partition_start(c.partition), OK);
    expect_refused("start twice", partition_start(c.partition));
    lives(&c, "started");
    expect_status("partition_suspend", partition_suspend(c.partition), OK);
    expect_refused("suspend twice", partition_suspend(c.partition));
    CHECK_EQ("messages that fit while it is suspended", tell_count(&c, 10), CAPACITY);
    give_way(20);
    CHECK_EQ("messages that fit later", tell_count(&c, 10), 0);
    expect_status("resume", partition_start(c.partition), OK);
    lives(&c, "resumed");
    // The child spins now: only the slice's end and the parent's hand can stop it.
    expect_status("make it spin", tell(&c, SAY_SPIN, 0), OK);
    give_way(4);
    expect_status("partition_terminate", partition_terminate(c.partition), OK);
    expect_refused("terminate twice", partition_terminate(c.partition));
    expect_refused("start the dead", partition_start(c.partition));
    expect_refused("suspend the dead", partition_suspend(c.partition));
    expect_refused("send to the dead", tell(&c, SAY_COUNT, 0));
    expect_refused("grant to the dead", cap_grant(CONSOLE, c.partition, R_WRITE, 0));
    handle near, far;
    expect_refused("an edge to the dead", commedge_create(c.partition, 1, &near, &far));
    return c;
}
static void second(child *dead)
{
    child c = create("second", 900), spare = c;
    CHECK("a new handle", c.partition != dead->partition);
    expect_refused("the old handle on the new partition", partition_start(dead->partition));
    expect_refused("the old edge", tell(dead, SAY_COUNT, 0));
    expect_refused("grant to the old handle", cap_grant(CONSOLE, dead->partition, R_WRITE, 0));
    expect_status("partition_start", partition_start(c.partition), OK);
    expect_status("a second edge", commedge_create(c.partition, 1, &spare.edge, &spare.far), OK);
    expect_status("one message fits", tell(&spare, SAY_COUNT, 0), OK);
    expect_refused("a second does not", tell(&spare, SAY_COUNT, 1));
    expect_status("commedge_destroy", commedge_destroy(spare.edge), OK);
    expect_refused("send on a destroyed edge", tell(&spare, SAY_COUNT, 2));
    expect_refused("destroy it twice", commedge_destroy(spare.edge));
    CHECK_EQ("cap_drop", cap_drop(spare.edge), OK);
    lives(&c, "started again");
    expect_status("ask it to leave", tell(&c, SAY_EXIT, 0), OK);
    give_way(8);
    expect_refused("start after it left", partition_start(c.partition));
    forget(&c);
    forget(dead);
}
// More partitions one after the other than there are ids and capability slots: everything is given back.
static void many(void)
{
    u64 made = 0;
    for (handle h; made < 150; made++) {
        i64 s = partition_create(POOL, IMAGE, "many", 4, 0, &h);
        if (s != OK) { fail("partition_create", s, OK); break; }
        CHECK_EQ("partition_terminate", partition_terminate(h), OK);
        CHECK_EQ("cap_drop", cap_drop(h), OK);
    }
    say("created and terminated %u partitions", made);
}
// As many at the same time as the parent's capability table holds.
static void crowd(void)
{
    static handle all[CSLOTS + 1];
    u64 n = 0;
    i64 s = OK;
    while (n <= CSLOTS && (s = partition_create(POOL, IMAGE, "crowd", 4, 0, &all[n])) == OK) n++;
    expect_refused("one more than fits", s);
    CHECK_EQ("partitions at the same time", n, CSLOTS - 3);
    for (u64 i = 0; i < n; i++) for (u64 j = 0; j < i; j++) CHECK("different handles", all[i] != all[j]);
    for (u64 i = 0; i < n; i++) { CHECK_EQ("terminate", partition_terminate(all[i]), OK); CHECK_EQ("drop", cap_drop(all[i]), OK); }
}
void guest_main(u64 id)
{
    handle h;
    (void)id;
    expect_refused("an image that does not exist", partition_create(POOL, 99, "none", 8, 0, &h));
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
    many();
    crowd();
    finish("lifecycle");
}
