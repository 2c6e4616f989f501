// Two partitions greet, each with its own text; a third id would be a mistake of the system description.
#include "lib/rvm.h"

void guest_main(u64 id)
{
    switch (id) {
    case 1: say("hello, this is partition %u: I can see my own memory and nothing else", id); break;
    case 2: say("good day from partition %u: nobody can read this before I say it", id); break;
    default: fail("partition id", (i64)id, 1);
    }
    CHECK_EQ("first status of yield", yield(), OK);
    say("partition %u says goodbye", id);
    finish("hello");
}
