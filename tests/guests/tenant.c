// A tenant, made at run time by the operator. Its slot 0 is the console, its slot 1 the model, its slot 2 the clock; their generations are found by trying.
// It reads the model, tries to change it and what only the operator may do, takes its turn with the clock, and leaves. The first one (alice) asks for the clock
// for longer than the policy permits, and gives it back early; the second one (bob) lets his lease expire; the third one (carol) ends while she has it.
#include "lib/rvm.h"

#define MODEL_PAGES 16UL
#define MODEL_AT    0x50000000UL
#define CLOCK_AT    0x60000000UL
#define SECOND      62500000UL
#define TURN        (5 * SECOND)                         // what the policy permits
#define NAP         (SECOND / 20)
#define TRIES       20                                   // each refusal costs a record of the quota

enum { ALICE = 2, BOB, CAROL };

static void read_model(u64 id)
{
    handle model = 0;
    for (u64 g = 1; g < 100 && !model; g++) if (region_map(g << 32 | 1, MODEL_AT, 0, MODEL_PAGES, PERM_R) == OK) model = g << 32 | 1;
    CHECK("the model is mapped", model != 0);
    say("tenant %u: model 0x%x", id, fnv1a(FNV_BASIS, (const void *)MODEL_AT, MODEL_PAGES * PAGE));
    CHECK("a store to the model faults", try_write(MODEL_AT, id));
    CHECK_EQ("mapping it to write", region_map(model, MODEL_AT + MODEL_PAGES * PAGE, 0, 1, PERM_RW), InsufficientCapability);
    handle h;
    CHECK_EQ("passing the model on", cap_grant(model, 0, R_READ, &h), ProofInvalid);
}
// While another tenant has it, it is not to be had.
static i64 my_turn(device *clock, u64 *until)
{
    i64 s = DeviceLeaseConflict;
    for (int i = 0; i < TRIES && s == DeviceLeaseConflict; i++) {
        if (i) CHECK_EQ("timer_wait", timer_wait(now() + NAP), OK);
        s = device_lease_acquire(clock, TURN, CLOCK_AT, until);
    }
    return s;
}
static void read_clock(u64 id)
{
    u32 seconds = 0, kind = 0;
    CHECK("the clock can be read", !try_read32(CLOCK_AT, &seconds) && !try_read32(CLOCK_AT + 0xFE0, &kind));
    CHECK("it tells the time", seconds != 0 && kind == 0x31);
    say("tenant %u: has the clock", id);
    CHECK_EQ("a nap, with it", timer_wait(now() + NAP / 2), OK);
}
static void take_a_turn(u64 id)
{
    u64 until = 0;
    u32 seconds;
    device clock = { 0, 1, 0 };                          // one link from the operator's capability
    for (u64 g = 1; g < 100; g++) {
        clock.cap = g << 32 | 2;
        if (device_lease_revoke(&clock) != StaleCapability) break;
    }
    handle h;
    CHECK_EQ("passing the clock on", cap_grant(clock.cap, 0, R_PROVE | R_LEASE, &h), ProofInvalid);
    if (id == ALICE) expect_status("the clock for too long", device_lease_acquire(&clock, TURN + 1, CLOCK_AT, 0), ProofInvalid);
    CHECK_EQ("device_lease_acquire", my_turn(&clock, &until), OK);
    read_clock(id);
    if (id == CAROL) return;
    if (id == ALICE) {
        expect_status("renewing it for too long", lease_renew(&clock, TURN + 1, 0), ProofInvalid);
        expect_status("lease_renew", lease_renew(&clock, TURN, &until), OK);
        expect_status("device_lease_revoke", device_lease_revoke(&clock), OK);
    } else {
        CHECK_EQ("renewing it for less", lease_renew(&clock, NAP, &until), OK);
        CHECK_EQ("timer_wait", timer_wait(until), OK);
    }
    CHECK("it is gone", try_read32(CLOCK_AT, &seconds) && caught.far == CLOCK_AT);
    say("tenant %u: has the clock no more", id);
}

void guest_main(u64 id)
{
    console = 0;
    for (u64 g = 1; g < 100 && !console; g++) if (console_write(g << 32, "tenant: a console", 17) == OK) console = g << 32;
    if (!console) exit_with(95);
    read_model(id);
    take_a_turn(id);
    handle h;
    CHECK_EQ("partition_create without a pool", partition_create(HANDLE(3), 0, "grandchild", 4, 1, &h), StaleCapability);
    CHECK_EQ("partition_create with the console", partition_create(console, 0, "grandchild", 4, 1, &h), ProofInvalid);
    CHECK_EQ("passing the console on", cap_grant(console, 0, R_WRITE, &h), ProofInvalid);
    say("tenant: partition %u has worked", id);
    exit_with(failures ? 1 : 0);
}
