// A hostile guest: hypercalls with seeded random arguments, some structured (handles it has or had, addresses and numbers next to the limits), some
// wild, in any order; with the proofs that they need, most of them good. It never asks for its own end, and it yields when the log is full; otherwise it holds nothing back. Whatever it calls, the status
// must be documented and the registers that are no results must keep their values.
// Slots: 0 console, 1 memory pool, 2 the other fuzzer (write, grant), 3 the policy, 4 and 5 devices to be leased, 6–8 regions, then edges. Image 0 is this program: a partition that a fuzzer
// creates and starts makes a few calls, too.
#include "lib/rvm.h"

#ifndef CALLS
#define CALLS        500000UL            // each of the two
#endif
#define CHILD_CALLS  300UL
#define FIRST        3UL                 // partitions 3 and 4 are the fuzzers of the description
#define CREATES      60UL                // what a new partition does not use of its quota is gone: so many, then none
#define LATE         (CALLS / 10 * 9)    // until then it keeps what it has from boot, but for the edges
#define KEPT         9UL
#define IMAGES       4UL                 // of which only this program's may become a further partition
#define CANARY       0xCA4A47FACADE0000UL

static u64 state, me, made, creates, statuses[35], succeeded, proved, wild_calls;
static handle old[64], children[CREATES];
static u32 generation[CSLOTS];

static u64 random(void) { return mix64(state++); }
static u64 below(u64 n) { return random() % n; }

static const u64 edges[] = { 0, 1, 2, 31, 32, 127, 128, 255, 256, 511, 512, 4095, 4096, 4097, 65535, 65536, 0x7FFFFFF, 0x8000000, 0xFFFFFFFF,
    0x100000000, 0x40000000, 0x40200000, 0x50000000, 0x7FFFFFF000, 0x8000000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF };
static u64 edge(void) { return edges[below(sizeof edges / sizeof *edges)] + below(3) - 1; }
static u64 wild(void)
{
    switch (below(4)) {
    case 0: return random();
    case 1: return 1UL << below(64);
    case 2: return below(64);
    default: return edge();
    }
}
static handle some_handle(u64 low, u64 high)             // of a slot in [low, high)
{
    u64 slot = low + below(high - low);
    switch (below(16)) {
    case 0: return wild();
    case 1: return old[below(64)];
    case 2: return (u64)(generation[slot] + (u32)below(3) - 1) << 32 | slot;
    default: return (u64)generation[slot] << 32 | slot;
    }
}
static handle any(void) { return some_handle(0, CSLOTS); }
static handle region(void) { return below(6) ? some_handle(6, 9) : any(); }
static handle an_edge(void) { return below(6) ? some_handle(9, 12) : any(); }
static handle a_device(void) { return below(6) ? some_handle(4, 6) : any(); }
static u64 duration(void) { return below(6) ? 1 + below(1UL << 17) : wild(); }
static u64 ipa(void) { return below(8) ? 0x50000000UL + below(48) * PAGE : edge(); }
static u64 pages(void) { return below(8) ? 1 + below(5) : edge(); }
static u64 rights(void) { return below(4) ? below(64) : below(0x2000); }

// x1… of a call that could succeed
static void structured(u64 number, regs *r)
{
    u64 *x = r->x;
    switch (number) {
    case 1:  x[1] = below(2) ? region() : any(); x[2] = below(2) ? 0 : some_handle(2, 3); x[3] = rights(); break;
    case 2:  x[1] = region(); x[2] = ipa(); x[3] = below(8); x[4] = pages(); x[5] = below(5); break;
    case 76: x[1] = region(); x[2] = ipa(); x[3] = pages(); break;
    case 3:  case 4: case 18: case 22: x[1] = an_edge(); break;
    case 5:  x[1] = below(64) ? now() + below(2000) - 1000 : wild(); break;
    case 12: x[1] = some_handle(1, 2); x[2] = below(8) ? 0 : edge(); x[4] = 20 + below(20); x[5] = below(4); break;
    case 17: x[1] = below(2) ? some_handle(2, 3) : any(); x[2] = below(18); break;
    case 19: x[1] = a_device(); x[2] = duration(); x[3] = ipa(); break;
    case 20: x[1] = a_device(); break;
    case 71: x[1] = a_device(); x[2] = duration(); break;
    case 21: case 72: x[1] = any(); break;
    case 77: x[1] = any(); x[2] = below(64); x[3] = x[2] + below(64); x[4] = wild(); x[5] = wild(); break;
    case 79: x[1] = below(8) ? some_handle(3, 4) : any(); x[2] = below(4); break;
    case 67: x[1] = CONSOLE; x[2] = below(105); break;
    case 73: case 74: case 75: x[1] = creates && below(4) ? children[below(creates < CREATES ? creates : CREATES)] : below(4) ? any() : some_handle(2, 3); break;
    default: x[1] = any(); break;
    }
}
// The number of the object that the slot's capability from boot names: of the other fuzzer, of a device, or of an edge (systems/fuzz.yaml).
static u64 object(u64 slot)
{
    static const u8 edge_numbers[2][3] = { { 1, 2, 3 }, { 1, 2, 4 } };
    if (slot == 2) return 2 * FIRST + 1 - me;
    if (slot == 4 || slot == 5) return slot - 4;
    if (slot >= 9 && slot < 12 && me < FIRST + 2) return edge_numbers[me - FIRST][slot - 9];
    return below(16) ? 0 : below(260);
}
// A proof for the call, most often a good one.
static void attest(regs *r)
{
    static token last;
    token t = prove(r, below(16) ? 0 : below(10), object(SLOT_OF(r->x[1])));
    if (below(16) == 0) ((u64 *)&t)[below(5)] = wild();
    if (below(32) == 0) t = last;
    last = t;
    r->x[8] = t.digest;
    r->x[9] = t.claim;
    r->x[10] = t.until;
    r->x[11] = t.nonce;
    r->x[12] = t.object;
}
static int sealed(u64 n) { return n == 12 || (n >= 17 && n <= 20) || n == 71 || n == 79; }
static u64 number(void)
{
    static const u8 often[] = { 1, 1, 2, 2, 2, 3, 3, 4, 12, 17, 18, 19, 20, 21, 22, 22, 64, 65, 71, 72, 73, 73, 74, 75, 76, 76, 77, 78, 78, 79, 80 };
    switch (below(100)) {
    case 0: return 67;
    case 1: return 5;
    case 2: return below(8) ? 65 : 23;                   // notify_wait sleeps until somebody wakes it
    default: return often[below(sizeof often)];
    }
}
static u64 function(void)
{
    static const u64 standard[] = { FN_SMCCC_VERSION, FN_VENDOR_UID, FN_PSCI_VERSION, FN_PSCI_FEATURES };
    switch (below(5)) {
    case 0: return standard[below(4)] + below(3) - 1;
    case 1: return wild();
    case 2: return wild() << 32 | RVM_CALL(below(90));
    default: return RVM_CALL(below(300)) - 2;
    }
}
// Calls that would end this program, take away its voice, or lose what it has to clean up.
static int forbidden(const regs *r)
{
    u32 f = (u32)r->x[0];
    if (f == (u32)FN_EXIT || f == (u32)FN_SYSTEM_OFF || f == (u32)FN_SYSTEM_RESET) return 1;
    if (f == (u32)FN_PARTITION_CREATE && (creates == CREATES || r->x[4] > 64 || (r->x[2] > 0 && r->x[2] < IMAGES))) return 1;
    if (f != (u32)FN_CAP_DROP && f != (u32)FN_CAP_REVOKE) return 0;
    for (u64 i = 0; i < creates; i++) if (r->x[1] == children[i]) return 1;
    return r->x[1] == CONSOLE || (SLOT_OF(r->x[1]) < KEPT && f == (u32)FN_CAP_DROP && made < LATE);
}
static void compose(regs *r)
{
    do {
        for (int i = 0; i < 19; i++) r->x[i] = below(3) ? edge() : wild();
        if (below(4)) {
            u64 n = number();
            r->x[0] = RVM_CALL(n);
            structured(n, r);
            if (below(12) == 0) r->x[1 + below(5)] = wild();
            if (sealed(n)) attest(r);
        } else r->x[0] = function();
    } while (forbidden(r));
    for (int i = 16; i < 19; i++) r->x[i] = CANARY + (u64)i;
}
static void remember(handle h)
{
    old[below(64)] = h;
    if (SLOT_OF(h) < CSLOTS) generation[SLOT_OF(h)] = GEN_OF(h);
}
static void learn(u32 f, i64 s, const regs *asked, const regs *r)
{
    if (s != OK) return;
    succeeded++;
    proved += sealed(f - (u32)RVM_CALL(0));
    if (f == (u32)FN_CAP_REVOKE || f == (u32)FN_COMMEDGE_CREATE || f == (u32)FN_PARTITION_CREATE) remember(r->x[1]);
    if (f == (u32)FN_CAP_GRANT && asked->x[2] == 0) remember(r->x[1]);
    if (f == (u32)FN_PARTITION_CREATE && creates < CREATES) children[creates++] = r->x[1];
}
// A child has no console: its exit status says what was wrong.
static void must(u64 problem, const char *what, int holds)
{
    if (holds) return;
    if (me >= FIRST + 2) exit_with(problem);
    fail(what, 0, 1);
}
static void one(void)
{
    regs r, asked;
    made++;
    compose(&r);
    asked = r;
    hvc_raw(&r);
    u32 f = (u32)asked.x[0];
    i64 s = (i64)r.x[0];
    for (int i = 16; i < 19; i++) must(2, "a register that is no result", r.x[i] == CANARY + (u64)i);
    if (f - (u32)RVM_CALL(0) < 256) {
        must(3, "the status is documented", s <= 0 && s >= LAST_STATUS);
        statuses[s <= 0 && s >= LAST_STATUS ? -s : 34]++;
        learn(f, s, &asked, &r);
    } else wild_calls++;
    if (s == WitnessLogFull) yield();
}
void guest_main(u64 id)
{
    me = id;
    state = mix64(0xF022ULL << 32 | id);
    int child = id >= FIRST + 2;
    for (u64 i = 0; i < CSLOTS; i++) generation[i] = 1;
    for (u64 i = 0; i < (child ? CHILD_CALLS : CALLS); i++) one();
    for (u64 i = 0; i < creates; i++) {
        i64 s;
        while ((s = partition_terminate(children[i])) == WitnessLogFull) yield();
        must(4, "what it created has ended", s == OK || s == StaleCapability || s == InsufficientCapability || s == PartitionNotFound || s == InvalidPartitionState);
    }
    if (child) exit_with(0);
    say("fuzzer: %u calls: %u succeeded, %u of them with a proof, %u refused for want of a capability, %u stale, %u for want of a proof or a permit,", CALLS,
        succeeded, proved, statuses[-InsufficientCapability], statuses[-StaleCapability], statuses[-ProofInvalid]);
    say("fuzzer: %u log full, %u outside RVM's own", statuses[-WitnessLogFull], wild_calls);
    finish("fuzzer");
}
