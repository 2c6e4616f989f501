// Created by lifecycle at run time. Nothing of an earlier partition with the same id may be left: memory, FP state, system registers.
// It does not know its handles: its slot 1 is the edge from the parent, the generation is found by trying (refusals are harmless);
// the first message brings the console's handle.
#include "fpu.h"
#include "child.h"

#define GENERATIONS 400UL
static u64 poison[512], in_data = 0x1234;

static void fresh(void)
{
    u64 dirty = 0;
    for (u64 i = 0; i < 512; i++) dirty += poison[i] != 0;
    CHECK_EQ("words of .bss that are not zero", dirty, 0);
    CHECK_EQ(".data", in_data, 0x1234);
    CHECK_EQ("TPIDR_EL1", READ_SYSREG(tpidr_el1), 0);
    CHECK_EQ("TPIDR_EL0", READ_SYSREG(tpidr_el0), 0);
    CHECK_EQ("CPACR_EL1.FPEN", READ_SYSREG(cpacr_el1) >> 20 & 3, 0);
    fp_on();
    CHECK_EQ("FP words that are not zero", fp_nonzero(), 0);
}
static void leave_traces(void)
{
    u64 v[64];
    for (u64 i = 0; i < 64; i++) v[i] = 0xDEADDEADDEADDEADUL;
    fp_load(v);
    for (u64 i = 0; i < 512; i++) poison[i] = ~i;
    in_data = 0x666;
    WRITE_SYSREG(tpidr_el1, ~0UL);
    WRITE_SYSREG(tpidr_el0, ~0UL);
}
static handle find_edge(message *m)
{
    for (u64 g = 1; g < GENERATIONS; g++) {
        u64 got;
        if (queue_recv(g << 32 | 1, m, &got) != OK) continue;
        while (!got) { yield(); if (queue_recv(g << 32 | 1, m, &got) != OK) exit_with(96); }
        return g << 32 | 1;
    }
    exit_with(95);
}
void guest_main(u64 id)
{
    message m;
    console = 0;
    // Before there is a console, a failed check ends the child with status 99 (say() without console).
    fresh();
    leave_traces();
    handle edge = find_edge(&m);
    if (m.w[0] != SAY_CONSOLE) exit_with(94);
    console = m.w[1];
    say("child: partition %u, fresh memory and registers, edge found", id);
    for (u64 count = 0;;) {
        u64 got, bits;
        i64 s = queue_recv(edge, &m, &got);
        if (s == OK && !got) s = notify_wait(edge, &bits);
        if (s == InvalidPartitionState) continue;            // was suspended while it waited
        if (s != OK) { fail("the edge from the parent", s, OK); finish("child"); }
        if (!got) continue;
        if (m.w[0] == SAY_COUNT) CHECK_EQ("count", m.w[1], count++);
        else if (m.w[0] == SAY_SPIN) for (;;) __asm__ volatile("");
        else if (m.w[0] == SAY_EXIT) { say("child: %u messages, leaving with %u", count, m.w[1]); exit_with(failures ? 93 : m.w[1]); }
        else fail("an unknown message", (i64)m.w[0], SAY_COUNT);
    }
}
