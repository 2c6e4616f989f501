// Created by lifecycle at run time. Nothing of an earlier partition with the same id may be left: memory, FP state, system registers.
// It cannot be told its handles: its slot 0 is the console, the generation is found by trying (refusals are harmless).
// Then it beats: a call that is refused leaves a record, by which the parent sees in the log that it runs. It never yields.
#include "fpu.h"

#define GENERATIONS 400UL
#define BEATS       300UL
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
static handle find_console(void)
{
    for (u64 g = 1; g < GENERATIONS; g++)
        if (console_write(g << 32, "child: a console", 16) == OK) return g << 32;
    exit_with(95);
}
void guest_main(u64 id)
{
    console = 0;
    // Before there is a console, a failed check ends the child with status 99 (say() without console).
    fresh();
    leave_traces();
    console = find_console();
    say("child: partition %u, fresh memory and registers", id);
    for (u64 beat = 0; beat < BEATS; beat++) {
        for (u64 i = 0; i < 20000; i++) __asm__ volatile("");
        CHECK_EQ("a call that does not exist", call(RVM_CALL(255), 0, 0, 0, 0, 0), Unsupported);
    }
    say("child: %u beats, leaving", BEATS);
    exit_with(failures ? 93 : 0);
}
