// FP/SIMD and general registers from and to memory.
// void fp_load(const u64 v[64]), void fp_store(u64 v[64]): v0..v31
    .arch armv8-a+fp+simd
    .global fp_load, fp_store, gpr_yield
    .macro ALL op
    \op     q0, q1, [x0, #0]
    \op     q2, q3, [x0, #32]
    \op     q4, q5, [x0, #64]
    \op     q6, q7, [x0, #96]
    \op     q8, q9, [x0, #128]
    \op     q10, q11, [x0, #160]
    \op     q12, q13, [x0, #192]
    \op     q14, q15, [x0, #224]
    \op     q16, q17, [x0, #256]
    \op     q18, q19, [x0, #288]
    \op     q20, q21, [x0, #320]
    \op     q22, q23, [x0, #352]
    \op     q24, q25, [x0, #384]
    \op     q26, q27, [x0, #416]
    \op     q28, q29, [x0, #448]
    \op     q30, q31, [x0, #480]
    .endm
fp_load:
    ALL     ldp
    ret
fp_store:
    ALL     stp
    ret

// u64 gpr_yield(const u64 in[31], u64 out[31]): loads x1..x30 from in, sets NZCV from in[0], yields, stores x0..x30 to out (x0 the
// status), returns the NZCV seen afterwards. `out` is kept below the stack pointer of the call, so that SP is tested as well.
gpr_yield:
    stp     x19, x20, [sp, #-128]!
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    str     x1, [sp, #96]
    ldr     x1, [x0]
    msr     nzcv, x1
    ldr     x1, [x0, #8]
    ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x18, x19, [x0, #144]
    ldp     x20, x21, [x0, #160]
    ldp     x22, x23, [x0, #176]
    ldp     x24, x25, [x0, #192]
    ldp     x26, x27, [x0, #208]
    ldp     x28, x29, [x0, #224]
    ldr     x30, [x0, #240]
    movz    x0, #0xC600, lsl #16
    movk    x0, #65
    hvc     #0
    str     x30, [sp, #104]
    ldr     x30, [sp, #96]
    str     x0, [x30]
    stp     x1, x2, [x30, #8]
    stp     x3, x4, [x30, #24]
    stp     x5, x6, [x30, #40]
    stp     x7, x8, [x30, #56]
    stp     x9, x10, [x30, #72]
    stp     x11, x12, [x30, #88]
    stp     x13, x14, [x30, #104]
    stp     x15, x16, [x30, #120]
    stp     x17, x18, [x30, #136]
    stp     x19, x20, [x30, #152]
    stp     x21, x22, [x30, #168]
    stp     x23, x24, [x30, #184]
    stp     x25, x26, [x30, #200]
    stp     x27, x28, [x30, #216]
    str     x29, [x30, #232]
    ldr     x0, [sp, #104]
    str     x0, [x30, #240]
    mrs     x0, nzcv
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     x29, x30, [sp, #80]
    ldp     x19, x20, [sp], #128
    ret
