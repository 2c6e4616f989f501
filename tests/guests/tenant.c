// A tenant, made at run time by the operator. Its slot 0 is the console, its slot 1 the model; their generations are found by trying.
// It reads the model, tries to change it and what only the operator may do, and leaves.
#include "lib/rvm.h"

#define MODEL_PAGES 16UL
#define MODEL_AT    0x50000000UL

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

void guest_main(u64 id)
{
    console = 0;
    for (u64 g = 1; g < 100 && !console; g++) if (console_write(g << 32, "tenant: a console", 17) == OK) console = g << 32;
    if (!console) exit_with(95);
    read_model(id);
    handle h;
    CHECK_EQ("partition_create without a pool", partition_create(HANDLE(2), 0, "grandchild", 4, 1, &h), StaleCapability);
    CHECK_EQ("partition_create with the console", partition_create(console, 0, "grandchild", 4, 1, &h), ProofInvalid);
    CHECK_EQ("passing the console on", cap_grant(console, 0, R_WRITE, &h), ProofInvalid);
    say("tenant: partition %u has worked", id);
    exit_with(failures ? 1 : 0);
}
