// Maps and unmaps one 4 KiB page, its tables being present: markers 7 and 12 split the two; CNTVCT gives the sum and, from 256 maps in a
// row and 256 unmaps in a row, each alone. Slots: 0 console, 1 a slab region of 256 pages.
#include "bench.h"

#define REGION HANDLE(1)
#define WINDOW 0x70000000UL
#define PAGES  256UL

void guest_main(u64 id)
{
    const u64 iterations = 2048;
    (void)id;
    empty_loop();
    need("tables", region_map(REGION, WINDOW, 0, PAGES, PERM_RW));
    need("empty again", region_unmap(REGION, WINDOW, PAGES));
    u64 t0 = now();
    for (u64 i = 0; i < iterations; i++) {
        u64 page = i % PAGES;
        MARK(7);
        u64 s = fast_map(REGION, WINDOW + page * PAGE, page);
        MARK(12);
        s |= fast_unmap(REGION, WINDOW + page * PAGE);
        if (s != OK) need("map and unmap", (i64)s);
    }
    report("map_unmap", iterations, t0, now());
    for (int round = 0; round < 2; round++) {
        t0 = now();
        for (u64 i = 0; i < PAGES; i++) need("map", fast_map(REGION, WINDOW + i * PAGE, i));
        u64 t1 = now();
        for (u64 i = 0; i < PAGES; i++) *(volatile u64 *)(WINDOW + i * PAGE) = i;
        u64 t2 = now();
        for (u64 i = 0; i < PAGES; i++) need("unmap", fast_unmap(REGION, WINDOW + i * PAGE));
        u64 t3 = now();
        if (round) { report("map", PAGES, t0, t1); report("unmap", PAGES, t2, t3); }
    }
    finish("bench map");
}
