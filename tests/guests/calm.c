// Lives beside the flooder: while that one can do nothing privileged any more, this one's witnessed calls all work.
// Slots: 0 console, 1 edge from flooder (destination), 2 edge to flooder (source).
#include "lib/rvm.h"

#define FROM_FLOODER HANDLE(1)
#define TO_FLOODER   HANDLE(2)
#define CALLS        500UL
#define DONE         1UL

void guest_main(u64 id)
{
    u64 bits;
    message m;
    (void)id;
    CHECK_EQ("the flooder's first signal", notify_wait(FROM_FLOODER, &bits), OK);
    CHECK_EQ("its bits", bits, 2);
    for (u64 i = 0; i < 40; i++) CHECK_EQ("yield", yield(), OK);          // by now it has run dry
    for (u64 i = 0; i < CALLS; i++) {
        CHECK_EQ("notify_signal", notify_signal(TO_FLOODER, 4), OK);
        if (i % 10 == 0) CHECK_EQ("yield", yield(), OK);
    }
    u64 got;
    CHECK_EQ("queue_recv", queue_recv(FROM_FLOODER, &m, &got), OK);
    CHECK_EQ("messages that were refused and came all the same", got, 0);
    say("calm: %u witnessed calls while the flooder was refused", CALLS);
    CHECK_EQ("the last signal", notify_signal(TO_FLOODER, DONE), OK);
    i64 s = OK;                                                           // an edge ends with its source: let the flooder read first
    while (s == OK) s = notify_wait(FROM_FLOODER, &bits);
    CHECK("the wait ends with the flooder", s == PartitionNotFound || s == StaleCapability);
    finish("calm");
}
