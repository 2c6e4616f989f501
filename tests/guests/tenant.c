// A tenant, made at run time by the operator. Its slot 0 is the console; the generation is found by trying.
// It says what it is, tries what only the operator may do, and leaves.
#include "lib/rvm.h"

void guest_main(u64 id)
{
    console = 0;
    for (u64 g = 1; g < 100 && !console; g++) if (console_write(g << 32, "tenant: a console", 17) == OK) console = g << 32;
    if (!console) exit_with(95);
    handle h;
    CHECK_EQ("partition_create without a pool", partition_create(HANDLE(1), 0, "grandchild", 4, 1, &h), StaleCapability);
    CHECK_EQ("partition_create with the console", partition_create(console, 0, "grandchild", 4, 1, &h), ProofInvalid);
    CHECK_EQ("passing the console on", cap_grant(console, 0, R_WRITE, &h), ProofInvalid);
    say("tenant: partition %u has worked", id);
    exit_with(failures ? 1 : 0);
}
