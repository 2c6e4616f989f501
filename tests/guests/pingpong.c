// 10,000 messages each way over two edges, in bursts of 1 to 16. Partition 1 sends a burst and takes the replies; partition 2 replies to
// every message with its complement. Both know what every word must be, so loss, doubling, reordering and corruption all show.
// Expected checksums: `python3 tests/guests/expected.py pingpong`.
#include "lib/rvm.h"

#define COUNT    10000UL
#define CHECKSUM_PING 0x298318c6e8f08d78UL         // FNV-1a over the words of all messages 1 → 2, in order
#define CHECKSUM_PONG 0xe59283255a1c0bacUL         // … 2 → 1

// Slots: 0 console, then the edges in file order (1 → 2 first).
#define TO_BOB     HANDLE(1)             // of partition 1
#define FROM_BOB   HANDLE(2)
#define FROM_ALICE HANDLE(1)             // of partition 2
#define TO_ALICE   HANDLE(2)

static u64 sleeps;

static message ping(u64 n) { return (message){ { n, mix64(n), mix64(~n), n << 48 | 0x70696e67 } }; }
static message pong(u64 n)
{
    message m = ping(n);
    for (int i = 0; i < 4; i++) m.w[i] = ~m.w[i];
    return m;
}
static u64 burst(u64 round) { return 1 + round % QDEPTH; }

static int same(const message *a, const message *b)
{
    for (int i = 0; i < 4; i++) if (a->w[i] != b->w[i]) return 0;
    return 1;
}
// Takes one message, sleeping in notify_wait while the queue is empty.
static message take(handle edge)
{
    message m = { { 0 } };
    for (;;) {
        u64 got, bits;
        i64 s = queue_recv(edge, &m, &got);
        if (s != OK) { fail("queue_recv", s, OK); finish("pingpong"); }
        if (got) return m;
        s = notify_wait(edge, &bits);
        if (s != OK) { fail("notify_wait", s, OK); finish("pingpong"); }
        if (!(bits & PENDING_MESSAGE)) fail("notify_wait came back with", (i64)bits, (i64)PENDING_MESSAGE);
        sleeps++;
    }
}
static void send(handle edge, message m)
{
    i64 s = queue_send(edge, &m);
    if (s != OK) { fail("queue_send", s, OK); finish("pingpong"); }
}
static u64 check(u64 sum, message got, message expected, u64 n)
{
    if (!same(&got, &expected)) fail("content of message", (i64)got.w[0], (i64)n);
    return fnv1a(sum, &got, sizeof got);
}
// An edge ends with either of its partitions, and so do the messages in it: bob stays until alice has taken the last.
static void farewell(void)
{
    u64 bits = 0;
    i64 s = OK;
    while (s == OK && !(bits & 1)) s = notify_wait(FROM_ALICE, &bits);
    if (s != OK && s != PartitionNotFound && s != StaleCapability && s != InsufficientCapability) fail("notify_wait at the end", s, OK);
}
static void summary(const char *who, u64 taken, u64 sum, u64 expected)
{
    CHECK_EQ("messages", taken, COUNT);
    CHECK_EQ("checksum", sum, expected);
    say("%s: sent %u, received %u, checksum 0x%016x, slept %u times: %s", who, COUNT, taken, sum, sleeps, failures ? "FAILED" : "ok");
    exit_with(failures ? 1 : 0);
}
static void alice(void)
{
    u64 sent = 0, taken = 0, sum = FNV_BASIS;
    for (u64 round = 0; sent < COUNT; round++) {
        for (u64 n = burst(round); n && sent < COUNT; n--, sent++) send(TO_BOB, ping(sent));
        for (; taken < sent; taken++) sum = check(sum, take(FROM_BOB), pong(taken), taken);
    }
    CHECK_EQ("farewell", notify_signal(TO_BOB, 1), OK);
    summary("alice", taken, sum, CHECKSUM_PONG);
}
static void bob(void)
{
    u64 taken = 0, sum = FNV_BASIS;
    for (; taken < COUNT; taken++) {
        message m = take(FROM_ALICE);
        sum = check(sum, m, ping(taken), taken);
        for (int i = 0; i < 4; i++) m.w[i] = ~m.w[i];
        send(TO_ALICE, m);
    }
    farewell();
    summary("bob", taken, sum, CHECKSUM_PING);
}
void guest_main(u64 id)
{
    if (id == 1) alice();
    else if (id == 2) bob();
    fail("partition id", (i64)id, 1);
    finish("pingpong");
}
