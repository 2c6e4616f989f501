// Ends that are not exit, by id: 2 a fault in its own vectors, 3 faults until the witness quota is used up, 4 PSCI SYSTEM_OFF,
// 5 PSCI SYSTEM_RESET, 6 a wild branch with a wild stack. Whoever outlives its end fails loudly. Partition 1 is hello's and must not notice.
#include "lib/rvm.h"

static void bad_vectors(void)
{
    WRITE_SYSREG(vbar_el1, 0x7000000000UL);
    __asm__ volatile("isb");
    __asm__ volatile("ldr x0, [%0]" ::"r"(0x10000000UL) : "x0", "memory");
}
static void faults_for_ever(void)
{
    for (u64 i = 0; i < 100000; i++) try_read(0x10000000UL, 0);
}
static void wild_branch(void) { __asm__ volatile("mov sp, %0; br %1" ::"r"(0x123456780UL), "r"(0x666660000UL) : "memory"); }

void guest_main(u64 id)
{
    yield();
    switch (id) {
    case 2: say("crash: a fault in my own vectors"); bad_vectors(); break;
    case 3: say("crash: faults until my quota is used up"); faults_for_ever(); break;
    case 4: say("crash: SYSTEM_OFF"); call(FN_SYSTEM_OFF, 0, 0, 0, 0, 0); break;
    case 5: say("crash: SYSTEM_RESET"); call(FN_SYSTEM_RESET, 0, 0, 0, 0, 0); break;
    case 6: say("crash: a wild branch with a wild stack"); wild_branch(); break;
    }
    say("crash: FAILED, partition %u is still there", id);
    exit_with(1);
}
