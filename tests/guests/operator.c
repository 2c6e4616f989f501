// The operator of three tenants: makes and starts them at run time, within what policies/tenants.rvmp permits, lends each of them the model, and tries
// what the policy does not permit. Slots: 0 console (write, grant), 1 memory pool (write, prove), 2 the model: a shared region (read, grant).
// Image 0 is tenant.elf, image 1 hello.elf, which no tenant may be made of.
#include "lib/rvm.h"

#define POOL    HANDLE(1)
#define MODEL   HANDLE(2)
#define QUOTA   64UL
#define BUDGET  100UL
#define TENANTS 3

static u64 refused;

static void forbidden(const char *what, i64 s)
{
    if (s == ProofInvalid) { refused++; say("%s: refused (%s)", what, status_name(s)); }
    else fail(what, s, ProofInvalid);
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
    }
    forbidden("a fourth tenant", partition_create(POOL, 0, "dave", QUOTA, 101, &h));
    forbidden("ending a tenant", partition_terminate(tenant[0]));
    for (int i = 0; i < TENANTS; i++) expect_status("partition_start", partition_start(tenant[i]), OK);
    for (u64 i = 0; i < 50; i++) CHECK_EQ("yield", yield(), OK);
    say("operator: %u requests refused", refused);
    finish("operator");
}
