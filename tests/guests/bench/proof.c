// P2 as far as it goes for a call whose token is wrong: the policy's last rule permits it, all tests of the token are made (marker 21), 2,000 times.
#include "bench.h"

#define POOL HANDLE(1)

void guest_main(u64 id)
{
    const u64 iterations = 2000;
    (void)id;
    empty_loop();
    CHECK_EQ("P2", fast(FN_PARTITION_CREATE, POOL, 0, 0, 1, 0).x0, (u64)ProofInvalid);
    u64 t0 = now();
    for (u64 i = 0; i < iterations; i++) { MARK(21); fast(FN_PARTITION_CREATE, POOL, 0, 0, 1, 0); }
    report("p2", iterations, t0, now());
    finish("bench proof");
}
