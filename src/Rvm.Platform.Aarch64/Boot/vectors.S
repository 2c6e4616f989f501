// Exceptions, the switch between partitions, and idling.
// While a guest runs, SP_EL2 is its context block and TPIDR_EL2 the processor block, which is also the top of the kernel's stack.
    .include "common.inc"

// x0–x15 or x0–x17, in pairs from \base on; likewise x19–x28, and q0–q31
    .macro PAIRS op, bank, base, offset, size, numbers:vararg
    .irp    n, \numbers
    PAIR    \op, \bank, \base, \offset, \size, \n
    .endr
    .endm
    .macro PAIR op, bank, base, offset, size, n
    .altmacro
    PAIR_   \op, \bank, \base, \offset, \size, \n, %(\n + 1)
    .noaltmacro
    .endm
    .macro PAIR_ op, bank, base, offset, size, n, m
    \op     \bank\n, \bank\m, [\base, #\offset + \n * \size]
    .endm
    .macro EACH_Q op, base
    PAIRS   \op, q, \base, S_FP, 16, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
    .endm

    .macro SAVE_CALLER_REGISTERS
    PAIRS   stp, x, sp, 0, 8, 0, 2, 4, 6, 8, 10, 12, 14, 16
    str     x18, [sp, #144]
    stp     x29, x30, [sp, #232]
    mrs     x9, elr_el2
    mrs     x10, spsr_el2
    mrs     x2, tpidr_el2
    stp     x9, x10, [sp, #C_PC]
    mov     sp, x2
    .endm

// The call of an entry in C#: x0 kernel, x1 now, x2 processor block
    .macro ENTER_KERNEL entry
    mov     x2, sp
    ldr     x0, [sp, #P_KERNEL]
    mrs     x1, cntpct_el0
    bl      \entry
    b       resume
    .endm

    .macro KERNEL_FAULT class
    .balign 128
    mov     x0, #\class
    b       kernel_fault
    .endm

    .macro SAVE_REGISTERS first, second, offset
    mrs     x2, \first
    mrs     x3, \second
    stp     x2, x3, [x1, #\offset]
    .endm
    .macro LOAD_REGISTERS first, second, offset
    ldp     x2, x3, [x1, #\offset]
    msr     \first, x2
    msr     \second, x3
    .endm

    .section .text.vectors, "ax"
    .balign 2048
    .global vectors
vectors:
    .irp    class, 0, 0, 0, 0, 1, 2, 3, 4       // current level: SP_EL0, never in use; SP_EL2: synchronous, IRQ, FIQ, SError
    KERNEL_FAULT \class
    .endr

    .rept   2                           // from a guest in AArch64 state, in AArch32 state
    .balign 128                         // synchronous
    SAVE_CALLER_REGISTERS
    mrs     x3, esr_el2
    mov     w4, #0x5a000000             // HVC #0 from AArch64
    cmp     w3, w4
    b.ne    trap
    ENTER_KERNEL rvm_hypercall
    .balign 128                         // IRQ
    SAVE_CALLER_REGISTERS
    b       interrupt
    KERNEL_FAULT 3                      // FIQ
    KERNEL_FAULT 5                      // SError
    .endr

// x0: the partition to run.
resume:
    ldp     x1, x9, [sp, #P_LOADED]     // and its context block
    cmp     x0, x1
    b.ne    switch
enter:
    mov     sp, x9
    ldp     x9, x10, [sp, #C_PC]
    msr     elr_el2, x9
    msr     spsr_el2, x10
    ldp     x29, x30, [sp, #232]
    ldr     x18, [sp, #144]
    PAIRS   ldp, x, sp, 0, 8, 16, 14, 12, 10, 8, 6, 4, 2, 0
    eret
    dsb     nsh                         // nothing behind is speculated
    isb

// Traps other than HVC #0. x3: ESR_EL2. A stage-2 abort comes with its IPA, anything else with its PC.
// HPFAR_EL2 holds the IPA except after a permission fault outside a stage-1 walk; then stage 1 is asked again.
trap:
    lsr     w7, w3, #26
    cmp     w7, #0x07
    b.eq    claim_fp
    mrs     x4, far_el2
    mrs     x5, elr_el2
    cmp     w7, #0x24
    mov     w8, #0x20
    ccmp    w7, w8, #4, ne
    b.ne    2f
    mrs     x5, hpfar_el2
    ubfx    x5, x5, #4, #40
    tbnz    w3, #7, 1f
    and     w8, w3, #0x3c
    cmp     w8, #0x0c
    b.ne    1f
    mrs     x9, par_el1
    at      s1e1r, x4
    isb
    mrs     x8, par_el1
    msr     par_el1, x9
    ubfx    x9, x8, #12, #36
    tst     x8, #1
    csel    x5, x9, x5, eq
1:  lsl     x5, x5, #12
    bfxil   x5, x4, #0, #12
2:  mrs     x6, vbar_el1
    ENTER_KERNEL rvm_trap

// The kernel's own timer is the only interrupt that is enabled; anything else is acknowledged and dropped.
interrupt:
    mrs     x9, icc_iar1_el1
    and     w9, w9, #0xffffff
    ldr     x0, [sp, #P_LOADED]
    cmp     w9, #1020
    b.hs    1f
    msr     icc_eoir1_el1, x9
    cmp     w9, #26
    b.eq    2f
1:  cbnz    x0, resume
    b       idle
2:  ENTER_KERNEL rvm_tick

// x0: the partition to run, other than the loaded one; 0: none, wait for the timer.
    .global switch
switch:
    ldr     x3, [sp, #P_LOADED]
    cbz     x3, 1f
    ldp     x9, x1, [sp, #P_CONTEXT]
    PAIRS   stp, x, x9, 0, 8, 19, 21, 23, 25, 27
    SYSREGS SAVE_REGISTERS
1:  str     x0, [sp, #P_LOADED]
    cbz     x0, idle
    ldp     x9, x1, [sp, #P_CONTEXTS]
    add     x9, x9, x0, lsl #9
    add     x1, x1, x0, lsl #10
    stp     x9, x1, [sp, #P_CONTEXT]
    SYSREGS LOAD_REGISTERS
    ldr     x3, [sp, #P_FPOWNER]
    mov     w4, #CPTR_FP_ON
    mov     w5, #CPTR_FP_OFF
    cmp     x3, x0
    csel    x4, x4, x5, eq
    msr     cptr_el2, x4
    PAIRS   ldp, x, x9, 0, 8, 19, 21, 23, 25, 27
    b       enter

idle:
    mov     x0, sp
    bl      rvm_idle
    dsb     sy
    wfi
    b       interrupt

// The loaded partition uses FP/SIMD registers that hold another one's state, or nobody's.
claim_fp:
    WRITE   cptr_el2, CPTR_FP_ON
    isb
    ldr     x2, [sp, #P_SAVES]
    ldr     x0, [sp, #P_FPOWNER]
    cbz     x0, 1f
    add     x1, x2, x0, lsl #10
    EACH_Q  stp, x1
    mrs     x3, fpcr
    mrs     x4, fpsr
    add     x1, x1, #S_FPCR
    stp     x3, x4, [x1]
1:  ldr     x0, [sp, #P_LOADED]
    str     x0, [sp, #P_FPOWNER]
    add     x1, x2, x0, lsl #10
    EACH_Q  ldp, x1
    add     x1, x1, #S_FPCR
    ldp     x3, x4, [x1]
    msr     fpcr, x3
    msr     fpsr, x4
    b       resume

// x0: class (Hal/Fault.cs). Never returns: the stack may be what broke, so another one is taken.
kernel_fault:
    mrs     x1, esr_el2
    mrs     x2, far_el2
    mrs     x3, elr_el2
fault_report:
    mov     x4, x30
    mov     x5, x29
    mov     x6, sp
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
    b       fault_report

    .global rvm_power_off
rvm_power_off:
    ldr     x0, =0x84000008             // PSCI SYSTEM_OFF
    smc     #0
1:  wfi
    b       1b
    .pool

// The processor block on top of the kernel's stack, below which lies a page that is never mapped; and the stack of fault reports.
    .section .stack, "aw", %nobits
    .balign 4096
    .global stack_guard, processor
stack_guard:
    .skip   4096 + 16384
processor:
    .skip   P_SIZE + 4096
    .balign 16
fault_stack_top:
    .balign 4096
