// P3: a certificate over 2,000 records of the log, checked 16 steps at the end of each slice. Slots: 0 console, 1 the witness log.
#include "bench.h"

#define LOG     HANDLE(1)
#define RECORDS 2000UL

void guest_main(u64 id)
{
    u64 first[8], last[8], next, drained, state = JOB_RUNNING, left;
    (void)id;
    empty_loop();
    for (u64 i = 0; i < RECORDS; i++) CHECK_EQ("a refusal, for the log", region_unmap(LOG, 0, 1), CapabilityTypeMismatch);
    need("witness_read", witness_read(LOG, 0, first, &next, &drained));
    need("witness_read", witness_read(LOG, next - RECORDS, first, &next, &drained));
    need("witness_read", witness_read(LOG, next - 1, last, &next, &drained));
    need("proof_submit", proof_submit(LOG, next - RECORDS, next, first[5] >> 32 | first[6] << 32, last[6] >> 32 | last[7] << 32, 0));
    while (state == JOB_RUNNING) need("proof_status", proof_status(&state, &left));
    CHECK_EQ("the verdict", state, JOB_GOOD);
    finish("bench deep");
}
