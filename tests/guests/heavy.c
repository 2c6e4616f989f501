// What the dearest calls cost, read from the counter: one count is 16 ns, which is 16 instructions under `rvm run --icount`.
// Slots: 0 console (write), 1 memory pool (write), 2 a slab region of 4,096 pages. Image 0 is child.elf.
#include "lib/rvm.h"

enum { PAGES = 4096, TIMES = 3 };
#define POOL   HANDLE(1)
#define REGION HANDLE(2)
// The last page before a border between two level-1 entries: the run needs nine level-3 tables below two level-2 tables.
#define WINDOW (0x80000000UL - PAGE)

static void report(const char *name, u64 from, u64 to) { say("RES %s instructions=%u", name, (to - from) * 16); }

void guest_main(u64 id)
{
    (void)id;
    for (int i = 0; i < TIMES; i++) {
        u64 t0 = now();
        i64 mapped = region_map(REGION, WINDOW, 0, PAGES, PERM_RW);
        u64 t1 = now();
        i64 unmapped = region_unmap(REGION, WINDOW, PAGES);
        u64 t2 = now();
        CHECK_EQ("region_map", mapped, OK);
        CHECK_EQ("region_unmap", unmapped, OK);
        report(i == 0 ? "map_with_new_tables" : "map", t0, t1);
        report("unmap", t1, t2);

        handle child;
        CHECK_EQ("partition_create", partition_create(POOL, 0, "child", 8, 0, &child), OK);
        CHECK_EQ("partition_start", partition_start(child), OK);
        u64 t3 = now();
        i64 ended = partition_terminate(child);
        u64 t4 = now();
        CHECK_EQ("partition_terminate", ended, OK);
        CHECK_EQ("cap_drop", cap_drop(child), OK);
        report("terminate", t3, t4);
    }
    finish("heavy");
}
