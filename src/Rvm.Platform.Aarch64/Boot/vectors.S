// Exceptions, the switch between partitions, and idling.
// While a guest runs, SP_EL2 is its context block and TPIDR_EL2 the processor block, which is also the top of the kernel's stack.
    .include "layout.inc"

    .macro SAVE_CALLER_REGISTERS
    stp     x0, x1, [sp]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    str     x18, [sp, #144]
    stp     x29, x30, [sp, #232]
    mrs     x9, elr_el2
    mrs     x10, spsr_el2
    mrs     x11, tpidr_el2
    stp     x9, x10, [sp, #C_PC]
    mov     sp, x11
    .endm

    .macro KERNEL_FAULT class
    .balign 128
    msr     tpidr_el1, x0
    mov     x0, #\class
    b       kernel_fault
    .endm

    .macro SAVE_REGISTER reg, offset
    mrs     x2, \reg
    str     x2, [x1, #\offset]
    .endm

    .macro LOAD_REGISTER reg, offset
    ldr     x2, [x1, #\offset]
    msr     \reg, x2
    .endm

    .macro EACH_Q_PAIR op, base
    .irp    n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
    Q_PAIR  \op, \n, \base
    .endr
    .endm
    .macro Q_PAIR op, n, base
    .altmacro
    Q_PAIR_ \op, \n, %(\n + 1), \base
    .noaltmacro
    .endm
    .macro Q_PAIR_ op, n, m, base
    \op     q\n, q\m, [\base, #S_FP + \n * 16]
    .endm

    .section .text.vectors, "ax"
    .balign 2048
    .global vectors
vectors:
    KERNEL_FAULT 0                      // current level, SP_EL0: never in use
    KERNEL_FAULT 0
    KERNEL_FAULT 0
    KERNEL_FAULT 0
    KERNEL_FAULT 1                      // current level: synchronous, IRQ, FIQ, SError
    KERNEL_FAULT 2
    KERNEL_FAULT 3
    KERNEL_FAULT 4

    .balign 128                         // from a guest: synchronous
    SAVE_CALLER_REGISTERS
    mrs     x1, esr_el2
    mov     w3, #0x5a000000             // HVC #0 from AArch64
    cmp     w1, w3
    b.ne    trap
    ldr     x0, [sp, #P_KERNEL]
    mrs     x1, cntpct_el0
    bl      rvm_hypercall
    b       resume

    .balign 128                         // from a guest: IRQ
    SAVE_CALLER_REGISTERS
    b       interrupt
    KERNEL_FAULT 3                      // from a guest: FIQ, SError
    KERNEL_FAULT 5

    .balign 128                         // from a guest in AArch32 state at EL0
    SAVE_CALLER_REGISTERS
    mrs     x1, esr_el2
    b       trap
    .balign 128
    SAVE_CALLER_REGISTERS
    b       interrupt
    KERNEL_FAULT 3
    KERNEL_FAULT 5

// x0: the partition to run.
resume:
    ldr     x1, [sp, #P_LOADED]
    cmp     x0, x1
    b.ne    switch
    ldr     x9, [sp, #P_CONTEXT]
enter:
    mov     sp, x9
    ldp     x9, x10, [sp, #C_PC]
    msr     elr_el2, x9
    msr     spsr_el2, x10
    ldp     x29, x30, [sp, #232]
    ldr     x18, [sp, #144]
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp]
    eret

// Traps other than HVC #0. x1: ESR_EL2.
trap:
    lsr     w6, w1, #26
    cmp     w6, #0x07
    b.eq    claim_fp
    mrs     x2, far_el2
    mrs     x3, elr_el2
    cmp     w6, #0x24
    mov     w7, #0x20
    ccmp    w6, w7, #4, ne
    b.ne    2f
    // A stage-2 abort: its IPA. HPFAR_EL2 holds it except after a permission fault outside a stage-1 walk; then stage 1 is asked again.
    mrs     x3, hpfar_el2
    ubfx    x3, x3, #4, #40
    tbnz    w1, #7, 1f
    and     w7, w1, #0x3c
    cmp     w7, #0x0c
    b.ne    1f
    mrs     x8, par_el1
    at      s1e1r, x2
    isb
    mrs     x7, par_el1
    msr     par_el1, x8
    ubfx    x8, x7, #12, #36
    tst     x7, #1
    csel    x3, x8, x3, eq
1:  lsl     x3, x3, #12
    bfxil   x3, x2, #0, #12
2:  ldr     x0, [sp, #P_KERNEL]
    mrs     x4, vbar_el1
    mrs     x5, cntpct_el0
    bl      rvm_trap
    b       resume

// The kernel's own timer is the only interrupt that is enabled; anything else is acknowledged and dropped.
interrupt:
    mrs     x9, icc_iar1_el1
    and     w9, w9, #0xffffff
    ldr     x0, [sp, #P_LOADED]
    cmp     w9, #1020
    b.hs    resume
    msr     icc_eoir1_el1, x9
    cmp     w9, #26
    b.ne    resume
    ldr     x0, [sp, #P_KERNEL]
    mrs     x1, cntpct_el0
    bl      rvm_tick
    b       resume

// x0: the partition to run, other than the loaded one; 0: none, wait for the timer.
    .global switch
switch:
    ldr     x3, [sp, #P_LOADED]
    cbz     x3, 1f
    ldp     x9, x1, [sp, #P_CONTEXT]
    stp     x19, x20, [x9, #152]
    stp     x21, x22, [x9, #168]
    stp     x23, x24, [x9, #184]
    stp     x25, x26, [x9, #200]
    stp     x27, x28, [x9, #216]
    SYSREGS SAVE_REGISTER
1:  str     x0, [sp, #P_LOADED]
    cbz     x0, idle
    ldp     x9, x1, [sp, #P_CONTEXTS]
    add     x9, x9, x0, lsl #9
    add     x1, x1, x0, lsl #10
    stp     x9, x1, [sp, #P_CONTEXT]
    ldr     x3, [sp, #P_TABLES]
    add     x3, x3, x0, lsl #16         // 16 tables of 4 KiB each
    orr     x3, x3, x0, lsl #48         // the VMID is the partition
    msr     vttbr_el2, x3
    SYSREGS LOAD_REGISTER
    ldr     x3, [sp, #P_FPOWNER]
    mov     w4, #CPTR_FP_ON
    mov     w5, #CPTR_FP_OFF
    cmp     x3, x0
    csel    x4, x4, x5, eq
    msr     cptr_el2, x4
    ldp     x27, x28, [x9, #216]
    ldp     x25, x26, [x9, #200]
    ldp     x23, x24, [x9, #184]
    ldp     x21, x22, [x9, #168]
    ldp     x19, x20, [x9, #152]
    b       enter

idle:
    dsb     sy
    wfi
    b       interrupt

// The loaded partition uses FP/SIMD registers that hold another one's state, or nobody's.
claim_fp:
    mov     w0, #CPTR_FP_ON
    msr     cptr_el2, x0
    isb
    ldr     x2, [sp, #P_SAVES]
    ldr     x0, [sp, #P_FPOWNER]
    cbz     x0, 1f
    add     x1, x2, x0, lsl #10
    EACH_Q_PAIR stp, x1
    mrs     x3, fpcr
    mrs     x4, fpsr
    add     x1, x1, #S_FPCR
    stp     x3, x4, [x1]
1:  ldr     x0, [sp, #P_LOADED]
    str     x0, [sp, #P_FPOWNER]
    add     x1, x2, x0, lsl #10
    EACH_Q_PAIR ldp, x1
    add     x1, x1, #S_FPCR
    ldp     x3, x4, [x1]
    msr     fpcr, x3
    msr     fpsr, x4
    b       resume

// x0: class (Hal/Fault.cs); the faulting x0 is in TPIDR_EL1. Never returns: the stack may be what broke, so another one is taken.
kernel_fault:
    mrs     x1, esr_el2
    mrs     x2, far_el2
    mrs     x3, elr_el2
    mov     x4, x30
    mov     x5, x29
    mov     x6, sp
fault_report:
    ldr     x7, =fault_stack_top
    mov     sp, x7
    mov     x29, xzr
    bl      rvm_fault
    b       rvm_power_off

// C#: Cpu.Panic(class, detail). Reported at the caller.
    .global rvm_panic
rvm_panic:
    mov     x2, x1
    mov     x1, xzr
    mov     x3, x30
    mov     x4, x30
    mov     x5, x29
    mov     x6, sp
    b       fault_report

    .global rvm_power_off
rvm_power_off:
    ldr     x0, =0x84000008             // PSCI SYSTEM_OFF
    smc     #0
1:  wfi
    b       1b
    .pool

// The processor block on top of the kernel's stack, below which lies a page that is never mapped; and what a fault needs of its own.
    .section .stack, "aw", %nobits
    .balign 4096
    .global stack_guard, processor
stack_guard:
    .skip   4096 + 16384
processor:
    .skip   P_SIZE
    .balign 16
    .skip   2048 + 2048
fault_stack_top:
    .balign 4096
