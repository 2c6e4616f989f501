// FP/SIMD state of a guest: switched on by itself, filled with a pattern, compared. Compiled without FP: nothing else touches it.
#ifndef FPU_H
#define FPU_H
#include "lib/rvm.h"
void fp_load(const u64 v[64]);
void fp_store(u64 v[64]);
u64 gpr_yield(const u64 in[31], u64 out[31]);

#define FPCR_BITS 0x07C00000UL           // AHP DN FZ RMode
#define FPSR_BITS 0x0800009FUL           // QC IDC IXC UFC OFC DZC IOC
static inline void fp_on(void)
{
    WRITE_SYSREG(cpacr_el1, 3UL << 20);
    __asm__ volatile("isb");
}
static inline u64 fp_nonzero(void)       // words of the state that are not zero
{
    u64 v[64], n = 0;
    fp_store(v);
    for (int i = 0; i < 64; i++) n += v[i] != 0;
    return n + (READ_SYSREG(S3_3_C4_C4_0) != 0) + (READ_SYSREG(S3_3_C4_C4_1) != 0);   // FPCR FPSR
}
#endif
