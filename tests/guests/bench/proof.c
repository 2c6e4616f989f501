// The checks before a call that needs a proof: P1 (a handle that nothing is behind; marker 21), and P2 up to the policy's denial (marker 22), 2,000 times.
#include "bench.h"

#define POOL HANDLE(1)

void guest_main(u64 id)
{
    const u64 iterations = 2000;
    (void)id;
    empty_loop();
    CHECK_EQ("P1", fast(FN_COMMEDGE_DESTROY, HANDLE(31), 0, 0, 0, 0).x0, (u64)StaleCapability);
    CHECK_EQ("P2", fast(FN_PARTITION_CREATE, POOL, 0, 0, 1, 0).x0, (u64)ProofInvalid);
    u64 t0 = now();
    for (u64 i = 0; i < iterations; i++) { MARK(21); fast(FN_COMMEDGE_DESTROY, HANDLE(31), 0, 0, 0, 0); }
    report("p1", iterations, t0, now());
    t0 = now();
    for (u64 i = 0; i < iterations; i++) { MARK(22); fast(FN_PARTITION_CREATE, POOL, 0, 0, 1, 0); }
    report("p2", iterations, t0, now());
    finish("bench proof");
}
