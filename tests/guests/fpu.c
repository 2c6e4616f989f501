// Two partitions with different patterns in every register that a switch has to keep apart: v0–v31, FPCR, FPSR, x1–x30, NZCV, SP and the
// EL1 system registers. Before its first use each must be zero (or the reset value); after every yield it must be what this one wrote.
#include "fpu.h"

#define YIELDS 1000UL

static u64 seed, other;
static u64 pattern(u64 who, u64 round, u64 i) { return mix64(who << 48 | round << 16 | i); }

// Registers whose content is the guest's alone and means nothing while the MMU is off.
#define SYSREGS(X) X(tpidr_el0) X(tpidrro_el0) X(tpidr_el1) X(contextidr_el1) X(ttbr0_el1) X(ttbr1_el1) X(tcr_el1) X(mair_el1) X(amair_el1) \
                   X(afsr0_el1) X(afsr1_el1) X(esr_el1) X(far_el1) X(elr_el1) X(spsr_el1) X(sp_el0) X(cntkctl_el1) X(par_el1) X(csselr_el1)
enum {
#define X(r) I_##r,
    SYSREGS(X)
#undef X
    N_SYSREGS
};
static const char *const SYSREG_NAMES[] = {
#define X(r) #r,
    SYSREGS(X)
#undef X
};
static void read_all(u64 *v)
{
#define X(r) v[I_##r] = READ_SYSREG(r);
    SYSREGS(X)
#undef X
}
static void write_all(u64 round)
{
#define X(r) WRITE_SYSREG(r, (I_##r == I_csselr_el1 ? 0x3 : ~0UL) & pattern(seed, round, 200 + I_##r));
    SYSREGS(X)
#undef X
    __asm__ volatile("isb");
}
static void check_fp(const u64 *expected, u64 fpcr, u64 fpsr, u64 round)
{
    u64 v[64];
    fp_store(v);
    for (u64 i = 0; i < 64; i++) {
        if (v[i] == expected[i]) continue;
        fail("half of a V register", (i64)i, (i64)round);
        for (u64 k = 0; k < 64; k++) if (v[i] == pattern(other, round, k) || v[i] == pattern(other, round + 1, k)) fail("it is the other partition's", (i64)k, 0);
    }
    CHECK_EQ("FPCR", READ_SYSREG(S3_3_C4_C4_0), fpcr);
    CHECK_EQ("FPSR", READ_SYSREG(S3_3_C4_C4_1), fpsr);
}
static void fp_round(u64 round)
{
    u64 v[64];
    for (u64 i = 0; i < 64; i++) v[i] = pattern(seed, round, i);
    fp_load(v);
    u64 fpcr = pattern(seed, round, 100) & FPCR_BITS, fpsr = pattern(seed, round, 101) & FPSR_BITS;
    WRITE_SYSREG(S3_3_C4_C4_0, fpcr);
    WRITE_SYSREG(S3_3_C4_C4_1, fpsr);
    CHECK_EQ("yield", yield(), OK);
    check_fp(v, fpcr, fpsr, round);
    if (round % 3 == 0) CHECK_EQ("a second yield", yield(), OK);
    check_fp(v, fpcr, fpsr, round);
}
static void gpr_round(u64 round)
{
    u64 in[31], out[31];
    for (u64 i = 0; i < 31; i++) in[i] = pattern(seed, round, 300 + i);
    in[0] &= 0xF0000000;
    u64 nzcv = gpr_yield(in, out);
    CHECK_EQ("status of yield", out[0], OK);
    CHECK_EQ("NZCV", nzcv, in[0]);
    for (u64 i = 1; i < 31; i++) if (out[i] != in[i]) fail("a general register", (i64)i, (i64)round);
}
static void sysreg_round(u64 round)
{
    u64 before[N_SYSREGS], after[N_SYSREGS];
    write_all(round);
    read_all(before);
    CHECK_EQ("yield", yield(), OK);
    read_all(after);
    for (u64 i = 0; i < N_SYSREGS; i++) if (before[i] != after[i]) fail(SYSREG_NAMES[i], (i64)after[i], (i64)before[i]);
    CHECK_EQ("CPACR_EL1", READ_SYSREG(cpacr_el1), 3UL << 20);
    CHECK_EQ("SCTLR_EL1.M", READ_SYSREG(sctlr_el1) & 1, 0);
}
static void at_reset(void)
{
    u64 v[N_SYSREGS];
    read_all(v);
    CHECK_EQ("TPIDR_EL0 at the start", v[I_tpidr_el0], 0);
    CHECK_EQ("TPIDRRO_EL0 at the start", v[I_tpidrro_el0], 0);
    CHECK_EQ("TPIDR_EL1 at the start", v[I_tpidr_el1], 0);
    CHECK_EQ("SP_EL0 at the start", v[I_sp_el0], 0);
    CHECK_EQ("TTBR0_EL1 at the start", v[I_ttbr0_el1], 0);
    CHECK_EQ("CONTEXTIDR_EL1 at the start", v[I_contextidr_el1], 0);
    CHECK_EQ("CPACR_EL1.FPEN at the start", READ_SYSREG(cpacr_el1) >> 20 & 3, 0);
    CHECK_EQ("SCTLR_EL1.M at the start", READ_SYSREG(sctlr_el1) & 1, 0);
    CHECK_EQ("MPIDR_EL1 affinity", READ_SYSREG(mpidr_el1) & 0xFFFFFF, 0);
}
void guest_main(u64 id)
{
    seed = id;
    other = 3 - id;
    at_reset();
    for (u64 i = 0; i < 4 * (id - 1); i++) CHECK_EQ("yield", yield(), OK);    // partition 2 looks when 1 has filled everything
    fp_on();
    CHECK_EQ("FP words that are not zero before the first use", fp_nonzero(), 0);
    for (u64 round = 0; round < YIELDS && failures < 20; round++) { fp_round(round); gpr_round(round); sysreg_round(round); }
    say("fpu: partition %u, %u rounds of v0-v31, FPCR, FPSR, x1-x30, NZCV, %u system registers", id, YIELDS, (u64)N_SYSREGS);
    finish("fpu");
}
