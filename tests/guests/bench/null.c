// The null hypercall: SMCCC_VERSION in the peers' loop.
#include "bench.h"

#define HVC_ASM "mov x0, #0x80000000; hvc #0"

void guest_main(u64 id)
{
    const u64 iterations = 10000;
    (void)id;
    empty_loop();
    CHECK_EQ("SMCCC_VERSION", call(FN_SMCCC_VERSION, 0, 0, 0, 0, 0), 0x10002);
    u64 n = iterations, t0 = now();
    __asm__ volatile("1: hint #(64+%c1)\n" HVC_ASM "\n subs %0, %0, #1; b.ne 1b" : "+r"(n) : "i"(1) : "x0", "x1", CALLER_SAVED);
    report("hvc_null", iterations, t0, now());
    finish("bench null");
}
