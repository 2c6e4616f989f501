// Two partitions take turns with the real-time clock (PL031): alice (1) leases it, bob (2) does not get it meanwhile; she renews and gives it back, he gets it
// and lets it expire; she gets it and would sleep beyond its end, but wakes with it, and he has it; she gets it again and ends with it, and he has it once more.
// Whoever has it waits for nobody: notify_wait is refused.
// What one leaves in its registers the next one finds.
// Slots: 0 console, 1 the clock (lease, prove), 2 the pins (lease, prove), 3 the clock (prove), 4 edge alice to bob, 5 edge bob to alice.
// policies/lease.rvmp permits leases of 10 s at most.
#include "lib/rvm.h"

#define AT        0x60000000UL                           // where it is asked for
#define MATCH     (AT + 4)                               // its match register: nothing comes of it while its interrupt is masked
#define ID        (AT + 0xFE0)
#define SECOND    62500000UL
#define LONG      (10 * SECOND)
#define SHORT     (SECOND / 50)
#define LEFT_THERE 0x5EA1ED00U

static const device CLOCK = { HANDLE(1), 0, 0 }, PINS = { HANDLE(2), 0, 1 }, ONLY_PROVED = { HANDLE(3), 0, 0 };
static u64 me;

static handle out(void) { return HANDLE(me == 1 ? 4 : 5); }
static handle in(void) { return HANDLE(me == 1 ? 5 : 4); }
static void tell(void) { CHECK_EQ("notify_signal", notify_signal(out(), 1), OK); }
static void hear(void)
{
    u64 bits;
    CHECK_EQ("notify_wait", notify_wait(in(), &bits), OK);
}
// With the clock in her hands she does not wait, but looks now and then.
static void look(void)
{
    u64 bits;
    i64 s = DeviceLeaseConflict;
    for (int i = 0; i < 100 && s == DeviceLeaseConflict; i++) {
        CHECK_EQ("timer_wait", timer_wait(now() + SECOND / 20), OK);
        s = notify_wait(in(), &bits);
    }
    CHECK_EQ("what bob signals", s, OK);
}
// Eight registers of a byte each tell what it is; the first one tells the time in seconds.
static void is_the_clock(void)
{
    static const u8 expected[8] = { 0x31, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1 };
    u32 value, seconds;
    for (u64 i = 0; i < 8; i++) {
        CHECK("a register of it can be read", !try_read32(ID + 4 * i, &value));
        CHECK_EQ("what it is", value & 0xFF, expected[i]);
    }
    CHECK("it tells the time", !try_read32(AT, &seconds) && seconds != 0);
    say("the clock is there");
}
static void is_gone(const char *when)
{
    u32 value = 0;
    if (!try_read32(AT, &value)) fail(when, value, 0);
    CHECK_EQ("what faulted", caught.far, AT);
    say("%s: an access faults", when);
}
static u64 acquire(const char *what, u64 duration)
{
    u64 until = 0, before = now();
    expect_status(what, device_lease_acquire(&CLOCK, duration, AT, &until), OK);
    CHECK("until when", before + duration <= until && until <= now() + duration);
    return until;
}
static void refusals(void)
{
    expect_status("no time at all", device_lease_acquire(&CLOCK, 0, AT, 0), ResourceLimitExceeded);
    expect_status("longer than the policy permits", device_lease_acquire(&CLOCK, LONG + 1, AT, 0), ProofInvalid);
    expect_status("half a page off", device_lease_acquire(&CLOCK, LONG, AT + PAGE / 2, 0), AlignmentError);
    expect_status("where the program is", device_lease_acquire(&CLOCK, LONG, (u64)image_start, 0), MemoryOverlap);
    expect_status("without the right to lease it", device_lease_acquire(&ONLY_PROVED, LONG, AT, 0), InsufficientCapability);
    expect_status("without a token", call(FN_DEVICE_LEASE_ACQUIRE, CLOCK.cap, LONG, AT, 0, 0), ProofInvalid);
    expect_status("renewing what is not leased", lease_renew(&CLOCK, LONG, 0), DeviceLeaseNotFound);
    expect_status("returning what is not leased", device_lease_revoke(&CLOCK), DeviceLeaseNotFound);
    is_gone("before the lease");
}
// It has leased the clock: what else it may not.
static void refusals_of_the_holder(u64 until)
{
    u64 later = 0, bits;
    expect_status("the clock once more", device_lease_acquire(&CLOCK, LONG, AT + PAGE, 0), DeviceLeaseConflict);
    expect_status("a second device", device_lease_acquire(&PINS, LONG, AT + PAGE, 0), DeviceLeaseConflict);
    expect_status("waiting for the other one", notify_wait(in(), &bits), DeviceLeaseConflict);
    expect_status("returning another device", device_lease_revoke(&PINS), DeviceLeaseNotFound);
    expect_status("renewing for longer than the policy permits", lease_renew(&CLOCK, LONG + 1, 0), ProofInvalid);
    expect_status("lease_renew", lease_renew(&CLOCK, LONG, &later), OK);
    CHECK("it ends later", later > until);
}
static void alice(void)
{
    refusals();
    refusals_of_the_holder(acquire("device_lease_acquire", LONG));
    is_the_clock();
    *(volatile u32 *)MATCH = LEFT_THERE;
    tell();
    look();                                              // bob has found it taken
    is_the_clock();
    expect_status("device_lease_revoke", device_lease_revoke(&CLOCK), OK);
    is_gone("after it was returned");
    tell();
    hear();                                              // bob's lease has expired
    acquire("after it expired", LONG);
    is_the_clock();
    u64 until = 0;
    CHECK_EQ("renewing it for less", lease_renew(&CLOCK, SECOND, &until), OK);
    tell();
    u64 far = until + 60 * SECOND;
    CHECK_EQ("timer_wait", timer_wait(far), OK);
    CHECK("she sleeps until its end and no longer", until <= now() && now() < far);
    is_gone("after it expired in her sleep");
    hear();                                              // bob has had it
    acquire("after her sleep", LONG);
}
static void let_it_expire(void)
{
    u64 until = 0, reads = 0;
    u32 value;
    expect_status("renewing it for less", lease_renew(&CLOCK, SHORT, &until), OK);
    while (!try_read32(AT, &value)) reads++;
    CHECK("not before its time", now() >= until);
    say("it expired after %u reads", reads);
    is_gone("after it expired");
    expect_status("renewing what has expired", lease_renew(&CLOCK, LONG, 0), DeviceLeaseNotFound);
}
static void bob(void)
{
    u32 left = 0;
    u64 bits;
    hear();
    expect_status("while the other one has it", device_lease_acquire(&CLOCK, LONG, AT, 0), DeviceLeaseConflict);
    is_gone("while the other one has it");
    tell();
    hear();
    acquire("after it was returned", LONG);
    is_the_clock();
    CHECK("a register", !try_read32(MATCH, &left));
    CHECK_EQ("what the other one has left", left, LEFT_THERE);
    let_it_expire();
    tell();
    hear();
    CHECK_EQ("timer_wait", timer_wait(now() + SECOND + SHORT), OK);
    acquire("after it expired in the other one's sleep", LONG);
    is_the_clock();
    expect_status("device_lease_revoke", device_lease_revoke(&CLOCK), OK);
    tell();
    i64 s = notify_wait(in(), &bits);                    // until alice has ended
    CHECK("her end", s == PartitionNotFound || s == StaleCapability);
    acquire("after its holder has ended", LONG);
    is_the_clock();
    expect_status("device_lease_revoke", device_lease_revoke(&CLOCK), OK);
}
void guest_main(u64 id)
{
    me = id;
    if (id == 1) alice();
    else bob();
    finish("lease");
}
