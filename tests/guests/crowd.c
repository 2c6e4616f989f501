// One of 64: says who it is, works a little and yields, eight times, and ends.
#include "lib/rvm.h"

void guest_main(u64 id)
{
    static u64 table[256];
    say("partition %u of the crowd is here", id);
    for (u64 round = 0; round < 8; round++) {
        for (u64 i = 0; i < 256; i++) table[i] += mix64(id << 32 | round << 16 | i);
        CHECK_EQ("yield", yield(), OK);
    }
    for (u64 i = 0; i < 256; i++) {
        u64 sum = 0;
        for (u64 round = 0; round < 8; round++) sum += mix64(id << 32 | round << 16 | i);
        CHECK("my table holds what I put there", table[i] == sum);
    }
    if (failures) finish("crowd");
    exit_with(0);                        // one line for each of 64 is enough
}
