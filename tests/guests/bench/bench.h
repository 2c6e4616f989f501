// Measuring: markers for the counting plugin (hint #(64+n), one instruction) and CNTVCT around the loop.
// One count is 16 ns, which is 16 instructions at -icount shift=0. Markers: 1 null hypercall, 5/6 notification A/B, 7 map, 8/10 yield A/B,
// 11 witnessed hypercall, 12 unmap, 13/14 message A/B, 20 first guest instruction (start.S).
#ifndef BENCH_H
#define BENCH_H
#include "lib/rvm.h"

#define MARK(n) __asm__ volatile("hint #(64+%c0)" ::"i"(n) : "memory")
#define CALLER_SAVED "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "cc", "memory"

static inline void report(const char *name, u64 iterations, u64 t0, u64 t1)
{
    u64 ticks = t1 - t0;
    say("RES %s iters=%u ticks=%u per_op_x100=%u", name, iterations, ticks, ticks * 1600 / iterations);
}
// Calibration: 100,000 x (subs; b.ne) must report 200 (2.00 instructions an iteration).
static inline void empty_loop(void)
{
    u64 n = 100000, t0 = now();
    __asm__ volatile("1: subs %0, %0, #1; b.ne 1b" : "+r"(n)::"cc");
    report("empty_loop", 100000, t0, now());
}
// A hypercall without the library's register array around it: what is measured is the call. a[0] is x1 … a[4] is x5, in and out.
typedef struct { u64 x0, a[5]; } quick;
static inline __attribute__((always_inline)) quick fast(u64 fn, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    register u64 x0 __asm__("x0") = fn;
    register u64 x1 __asm__("x1") = a1;
    register u64 x2 __asm__("x2") = a2;
    register u64 x3 __asm__("x3") = a3;
    register u64 x4 __asm__("x4") = a4;
    register u64 x5 __asm__("x5") = a5;
    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)::"memory");
    return (quick){ x0, { x1, x2, x3, x4, x5 } };
}
static inline u64 fast_signal(handle h, u64 bits) { return fast(FN_NOTIFY_SIGNAL, h, bits, 0, 0, 0).x0; }
static inline u64 fast_wait(handle h, u64 *bits)
{
    quick q = fast(FN_NOTIFY_WAIT, h, 0, 0, 0, 0);
    *bits = q.a[0];
    return q.x0;
}
static inline u64 fast_map(handle h, u64 ipa, u64 first) { return fast(FN_REGION_MAP, h, ipa, first, 1, PERM_RW).x0; }
static inline u64 fast_unmap(handle h, u64 ipa) { return fast(FN_REGION_UNMAP, h, ipa, 1, 0, 0).x0; }

static inline void need(const char *what, i64 status)
{
    if (__builtin_expect(status != OK, 0)) { fail(what, status, OK); finish("bench"); }
}
#endif
