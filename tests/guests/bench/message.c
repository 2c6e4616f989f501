// Message ping-pong: send, switch to the waiter, receive; both sides. One round trip is two messages one way. Slots as in notify.
#include "bench.h"

static void exchange(handle in, u64 expected)
{
    u64 bits;
    need("notify_wait", fast_wait(in, &bits));
    quick q = fast(FN_QUEUE_RECV, in, 0, 0, 0, 0);
    if (__builtin_expect(q.x0 != OK || q.a[0] != 1 || q.a[1] != expected || q.a[4] != ~expected, 0)) { fail("message", (i64)q.a[1], (i64)expected); finish("bench"); }
}
static void post(handle out, u64 word) { need("queue_send", fast(FN_QUEUE_SEND, out, word, 2, 3, ~word).x0); }

void guest_main(u64 id)
{
    const u64 iterations = 2000;
    if (id != 1) {
        for (u64 i = 0; i < iterations + 100; i++) {
            exchange(HANDLE(1), i);
            MARK(14);
            post(HANDLE(2), i);
        }
        u64 bits;
        while (fast_wait(HANDLE(1), &bits) == OK) ;      // an edge ends with its partitions: stay until the other one has read
        finish("bench message, partner");
    }
    empty_loop();
    u64 t0 = 0;
    for (u64 i = 0; i < iterations + 100; i++) {
        if (i == 100) t0 = now();
        MARK(13);
        post(HANDLE(1), i);
        exchange(HANDLE(2), i);
    }
    report("message_roundtrip(2 one-way)", iterations, t0, now());
    finish("bench message");
}
