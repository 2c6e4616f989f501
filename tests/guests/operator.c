// The operator of three tenants: makes and starts them at run time, within what policies/tenants.rvmp permits, lends each of them the model and lets each of
// them lease the clock, and tries what the policy does not permit. Slots: 0 console (write, grant), 1 memory pool (write, prove), 2 the model: a shared region
// (read, grant), 3 the clock: device 0 (lease, prove, grant). When it ends, what it has passed on is dead: it waits for the tenants' ends.
// Image 0 is tenant.elf, image 1 hello.elf, which no tenant may be made of.
#include "lib/rvm.h"

#define POOL    HANDLE(1)
#define MODEL   HANDLE(2)
#define CLOCK   HANDLE(3)
#define CLOCK_AT 0x60000000UL
#define NAP     (20 * 62500UL)
#define NAPS    1000
#define QUOTA   64UL
#define BUDGET  100UL
#define TENANTS 3

static u64 refused;

static void forbidden(const char *what, i64 s)
{
    if (s == ProofInvalid) { refused++; say("%s: refused (%s)", what, status_name(s)); }
    else fail(what, s, ProofInvalid);
}
static void lease_nothing(void)
{
    device clock = { CLOCK, 0, 0 };
    forbidden("a lease of the operator's own", device_lease_acquire(&clock, 1, CLOCK_AT, 0));
}
// Who runs cannot be started; who has ended is not there any more.
static void wait_for_the_end_of(handle tenant)
{
    i64 s = InvalidPartitionState;
    for (u64 i = 0; i < NAPS && s == InvalidPartitionState; i++) {
        CHECK_EQ("timer_wait", timer_wait(now() + NAP), OK);
        s = partition_start(tenant);
    }
    CHECK("its end", s == StaleCapability || s == PartitionNotFound);
}
void guest_main(u64 id)
{
    static const char *const NAMES[TENANTS] = { "alice", "bob", "carol" };
    handle tenant[TENANTS], h;
    (void)id;
    forbidden("a tenant with 65 records", partition_create(POOL, 0, "greedy", QUOTA + 1, BUDGET, &h));
    forbidden("a tenant without a budget", partition_create(POOL, 0, "endless", QUOTA, 0, &h));
    forbidden("a tenant of another image", partition_create(POOL, 1, "strange", QUOTA, BUDGET, &h));
    for (int i = 0; i < TENANTS; i++) {
        expect_status("partition_create", partition_create(POOL, 0, NAMES[i], QUOTA, BUDGET, &tenant[i]), OK);
        forbidden("the console with the right to pass it on", cap_grant(CONSOLE, tenant[i], R_WRITE | R_GRANT, &h));
        expect_status("cap_grant of the console", cap_grant(CONSOLE, tenant[i], R_WRITE, &h), OK);
        forbidden("the model with the right to write", cap_grant(MODEL, tenant[i], R_READ | R_WRITE, &h));
        expect_status("cap_grant of the model", cap_grant(MODEL, tenant[i], R_READ, &h), OK);
        forbidden("the clock with the right to pass it on", cap_grant(CLOCK, tenant[i], R_PROVE | R_LEASE | R_GRANT, &h));
        expect_status("cap_grant of the clock", cap_grant(CLOCK, tenant[i], R_PROVE | R_LEASE, &h), OK);
    }
    forbidden("a fourth tenant", partition_create(POOL, 0, "dave", QUOTA, 101, &h));
    lease_nothing();
    forbidden("ending a tenant", partition_terminate(tenant[0]));
    for (int i = 0; i < TENANTS; i++) expect_status("partition_start", partition_start(tenant[i]), OK);
    for (int i = 0; i < TENANTS; i++) wait_for_the_end_of(tenant[i]);
    say("operator: %u requests refused", refused);
    finish("operator");
}
