// Attempts on system registers and instructions that are not a guest's.
#include "intruder.h"

// One suspicious instruction; x0 is its operand.
#define PROBE(instruction) probe_fault(ATTEMPT(__asm__ volatile("mov x0, xzr\n" instruction ::: "x0", "memory")), __LINE__)
#define READ(reg)  PROBE("mrs x0, " reg)
#define WRITE(reg) PROBE("msr " reg ", x0")
#define BOTH(reg)  do { READ(reg); WRITE(reg); } while (0)

// ICC_SRE_EL1: QEMU 7.2 never traps it and lets nobody change it.
static void sre(void)
{
    u64 before = 0, after = 0;
    if (ATTEMPT(__asm__ volatile("mrs %0, S3_0_C12_C12_5" : "=r"(before)))) { probe_fault(1, __LINE__); direct(1); }
    if (ATTEMPT(__asm__ volatile("msr S3_0_C12_C12_5, %0; isb" ::"r"(before ^ 7)))) { probe_fault(1, __LINE__); direct(1); }
    if (!ATTEMPT(__asm__ volatile("mrs %0, S3_0_C12_C12_5" : "=r"(after)))) probe_no_effect(after != before, before);
}
// ICC_*: with the system register interface off they are undefined at EL1 by themselves, else they trap: `direct` either way.
void reg_gic(void)
{
    READ("S3_0_C12_C12_0");  WRITE("S3_0_C12_C12_1");  READ("S3_0_C12_C12_2");  BOTH("S3_0_C12_C12_3");    // IAR1 EOIR1 HPPIR1 BPR1
    BOTH("S3_0_C12_C12_4");  BOTH("S3_0_C12_C12_6");   BOTH("S3_0_C12_C12_7");  BOTH("S3_0_C4_C6_0");      // CTLR IGRPEN0 IGRPEN1 PMR
    READ("S3_0_C12_C8_0");   WRITE("S3_0_C12_C8_1");   BOTH("S3_0_C12_C8_4");   WRITE("S3_0_C12_C11_1");   // IAR0 EOIR0 AP0R0 DIR
    WRITE("S3_0_C12_C11_5"); WRITE("S3_0_C12_C11_6");  WRITE("S3_0_C12_C11_7"); READ("S3_0_C12_C11_3");    // SGI1R ASGI1R SGI0R RPR
    direct(22);
    sre();
}
void reg_timer(void)
{
    BOTH("cntp_ctl_el0"); BOTH("cntp_cval_el0"); BOTH("cntp_tval_el0");
    BOTH("S3_7_C14_C2_1"); direct(2);    // CNTPS_CTL_EL1
}
void reg_pmu(void)
{
    BOTH("pmcr_el0");      BOTH("pmcntenset_el0"); BOTH("pmcntenclr_el0"); BOTH("pmovsclr_el0");   WRITE("pmswinc_el0");  BOTH("pmselr_el0");
    READ("pmceid0_el0");   READ("pmceid1_el0");    BOTH("pmccntr_el0");    BOTH("pmxevtyper_el0"); BOTH("pmxevcntr_el0"); BOTH("pmuserenr_el0");
    BOTH("pmintenset_el1"); BOTH("pmintenclr_el1"); BOTH("pmovsset_el0");  BOTH("pmevcntr0_el0");  BOTH("pmevtyper0_el0"); BOTH("pmccfiltr_el0");
}
void reg_debug(void)
{
    BOTH("mdscr_el1");   BOTH("dbgbvr0_el1"); BOTH("dbgbcr0_el1"); BOTH("dbgwvr0_el1"); BOTH("dbgwcr0_el1");
    WRITE("oslar_el1");  READ("oslsr_el1");   BOTH("osdlr_el1");   READ("mdrar_el1");
}
void reg_auxiliary(void) { BOTH("actlr_el1"); }
void cache_by_set(void)  { PROBE("dc isw, x0"); PROBE("dc csw, x0"); PROBE("dc cisw, x0"); }

void reg_el2(void)
{
    BOTH("hcr_el2");    BOTH("vttbr_el2"); BOTH("vtcr_el2");  BOTH("sctlr_el2");   BOTH("vbar_el2");     BOTH("elr_el2");        BOTH("spsr_el2");
    BOTH("sp_el1");     BOTH("cptr_el2");  BOTH("mdcr_el2");  BOTH("cnthctl_el2"); BOTH("cntvoff_el2");  BOTH("cnthp_ctl_el2");  BOTH("cnthp_cval_el2");
    BOTH("tpidr_el2");  BOTH("ttbr0_el2"); BOTH("tcr_el2");   BOTH("mair_el2");    BOTH("esr_el2");      BOTH("far_el2");        BOTH("hpfar_el2");
    BOTH("vmpidr_el2"); BOTH("vpidr_el2"); BOTH("hstr_el2");  BOTH("actlr_el2");   BOTH("S3_4_C12_C9_5"); BOTH("S3_4_C12_C11_0"); // ICC_SRE_EL2 ICH_HCR_EL2
    BOTH("scr_el3");    BOTH("sctlr_el3"); BOTH("vbar_el3");  BOTH("elr_el3");     BOTH("spsr_el3");     BOTH("sp_el2");
    direct(66);
}
void tlb_el2(void)
{
    PROBE("tlbi alle2");      PROBE("tlbi alle2is");      PROBE("tlbi vae2, x0");       PROBE("tlbi vae2is, x0");   PROBE("tlbi alle1");   PROBE("tlbi alle1is");
    PROBE("tlbi vmalls12e1"); PROBE("tlbi vmalls12e1is"); PROBE("tlbi ipas2e1, x0");    PROBE("tlbi ipas2e1is, x0"); PROBE("tlbi ipas2le1is, x0");
    PROBE("tlbi alle3");      PROBE("at s1e2r, x0");      PROBE("at s12e1r, x0");       PROBE("at s12e1w, x0");     PROBE("at s12e0r, x0");
    direct(16);
}
// ERET with a mode above EL1 (or AArch32) in SPSR_EL1 is an illegal return: PSTATE.IL is set, the next instruction takes an exception at EL1.
static void return_to(u64 mode)
{
    u64 level;
    probe_fault(ATTEMPT(__asm__ volatile("adr x0, 1f; msr elr_el1, x0; msr spsr_el1, %0; isb; eret; 1: nop" ::"r"(mode) : "x0", "cc", "memory")), mode);
    __asm__ volatile("mrs %0, currentel" : "=r"(level));
    if (level != 1 << 2) breach("running at another exception level", level);
    direct(1);
}
void el2_return(void)
{
    return_to(0x3C9); return_to(0x3C8); return_to(0x3CD); return_to(0x3CC);   // EL2h EL2t EL3h EL3t
    return_to(0x1D3); return_to(0x1DA);                                       // AArch32 SVC, HYP
}
