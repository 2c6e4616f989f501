// Two readers of one model, which came with the boot bundle: both find the same bytes, neither can change them, and they stay when one has ended.
// handles: 0 console, 1 the model (shared, MODEL_PAGES pages: [read, grant] for the first reader, [read] for the second)
#include "lib/rvm.h"

enum { MODEL_PAGES = 4, PIECE = 0 };
#define MODEL  HANDLE(1)
#define MAPPED 0x50000000UL              // the first reader's from boot on, the second's by its own call
#define AGAIN  0x60000000UL

static u64 digest(u64 address) { return fnv1a(FNV_BASIS, (const void *)address, MODEL_PAGES * PAGE); }
// Whatever it holds and asks for, nobody gets to write or to execute it.
static void refused_writes(handle h)
{
    expect_status("mapping it to write", region_map(h, AGAIN, 0, MODEL_PAGES, PERM_RW), InsufficientCapability);
    expect_status("mapping it to execute", region_map(h, AGAIN, 0, MODEL_PAGES, PERM_RX), InsufficientCapability);
    expect_status("mapping it as a device", region_map(h, AGAIN, 0, MODEL_PAGES, PERM_DEVICE), InsufficientCapability);
    CHECK("a store to it faults", try_write(MAPPED, 0xBAD));
    CHECK("a store to its last word faults", try_write(MAPPED + MODEL_PAGES * PAGE - 8, 0xBAD));
}
// A second window, on a part of it, with another capability; then without.
static void second_window(handle h)
{
    u64 there, here;
    CHECK_EQ("a second window", region_map(h, AGAIN, PIECE, 1, PERM_R), OK);
    CHECK("it can be read", !try_read(AGAIN, &there) && !try_read(MAPPED + PIECE * PAGE, &here));
    CHECK_EQ("it shows the same", there, here);
    expect_status("beyond its end", region_map(h, AGAIN + PAGE, MODEL_PAGES - 1, 2, PERM_R), ResourceLimitExceeded);
    CHECK_EQ("the window taken away", region_unmap(h, AGAIN, 1), OK);
    CHECK("there is nothing any more", try_read(AGAIN, &there));
}
void guest_main(u64 id)
{
    handle own = MODEL;
    if (id == 1)
        CHECK_EQ("a capability to pass on", cap_grant(MODEL, 0, R_READ, &own), OK);
    else {
        expect_status("passing it on without the right", cap_grant(MODEL, 0, R_READ, &own), CapabilityConsumed);
        own = MODEL;
        CHECK_EQ("mapping it", region_map(MODEL, MAPPED, 0, MODEL_PAGES, PERM_R), OK);
    }
    u64 first = digest(MAPPED);
    say("reader %u: %u bytes, digest 0x%x", id, MODEL_PAGES * PAGE, first);
    refused_writes(own);
    second_window(own);
    if (id == 1)                         // the other one has ended by then
        CHECK_EQ("a nap", timer_wait(now() + 20 * 62500), OK);
    CHECK_EQ("the same bytes as before", digest(MAPPED), first);
    finish("reader");
}
