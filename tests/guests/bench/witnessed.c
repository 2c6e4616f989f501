// A hypercall with a capability check (P1) and a witness record: notify_signal to a partition that does not wait.
// Partition 1 measures; partition 2 exists only as the edge's other end. Slots: 0 console, 1 the edge's end.
#include "bench.h"

void guest_main(u64 id)
{
    const u64 iterations = 10000;
    if (id != 1) {                       // waits for the first signal; ready after that, it runs again when all is measured
        u64 bits;
        need("notify_wait", notify_wait(HANDLE(1), &bits));
        CHECK_EQ("bits", bits, 1);
        finish("bench witnessed, receiver");
    }
    empty_loop();
    need("yield", yield());
    need("notify_signal", notify_signal(HANDLE(1), 1));
    u64 n = iterations, bad = 0, t0 = now();
    register u64 x1 __asm__("x1") = HANDLE(1);
    register u64 x2 __asm__("x2") = 1;
    __asm__ volatile("1: hint #(64+%c2)\n mov x0, %3\n hvc #0\n orr %1, %1, x0\n subs %0, %0, #1; b.ne 1b"
                     : "+r"(n), "+r"(bad) : "i"(11), "r"(FN_NOTIFY_SIGNAL), "r"(x1), "r"(x2) : "x0", "cc", "memory");
    report("notify_signal", iterations, t0, now());
    CHECK_EQ("statuses", bad, OK);
    finish("bench witnessed");
}
