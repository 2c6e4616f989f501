// Notification ping-pong: signal, then wait, both sides. One round trip is two one-way notifications with the switch to the waiter.
// Slots: 0 console; partition 1: 1 edge to 2, 2 edge from 2; partition 2: 1 edge from 1, 2 edge to 1.
#include "bench.h"

void guest_main(u64 id)
{
    const u64 iterations = 2000;
    u64 bits, wrong = 0;
    if (id != 1) {
        for (u64 i = 0; i < iterations + 100; i++) {
            need("notify_wait", fast_wait(HANDLE(1), &bits));
            MARK(6);
            wrong += bits != 1;
            need("notify_signal", fast_signal(HANDLE(2), 2));
        }
        CHECK_EQ("rounds with wrong bits", wrong, 0);
        finish("bench notify, partner");
    }
    empty_loop();
    u64 t0 = 0;
    for (u64 i = 0; i < iterations + 100; i++) {
        if (i == 100) t0 = now();
        MARK(5);
        need("notify_signal", fast_signal(HANDLE(1), 1));
        need("notify_wait", fast_wait(HANDLE(2), &bits));
        wrong += bits != 2;
    }
    report("notify_roundtrip(2 one-way)", iterations, t0, now());
    CHECK_EQ("rounds with wrong bits", wrong, 0);
    finish("bench notify");
}
