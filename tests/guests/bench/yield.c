// Two partitions yield to each other; one round trip is two switches. Partition 1 measures while partition 2 is sure to take part.
#include "bench.h"

void guest_main(u64 id)
{
    const u64 iterations = 2000;
    if (id != 1) {
        for (u64 i = 0; i < iterations + 200; i++) { MARK(10); __asm__ volatile("mov x0, %0; hvc #0" ::"r"(FN_YIELD) : "x0", "memory"); }
        finish("bench yield, partner");
    }
    empty_loop();
    for (u64 i = 0; i < 100; i++) need("yield", yield());
    u64 t0 = now();
    for (u64 i = 0; i < iterations; i++) { MARK(8); __asm__ volatile("mov x0, %0; hvc #0" ::"r"(FN_YIELD) : "x0", "memory"); }
    report("yield_roundtrip(2 switches)", iterations, t0, now());
    finish("bench yield");
}
