// Entry, vectors and the raw calls of every guest. EL1h, MMU off, x0 = partition id.
    .section .text.start, "ax"
    .global _start
_start:
#ifdef BENCH
    hint    #(64 + 20)                  // marker: first guest instruction
#endif
    adr     x1, vectors
    msr     vbar_el1, x1
    isb
    adrp    x1, stack_top
    add     x1, x1, :lo12:stack_top
    mov     sp, x1
    adrp    x1, my_id
    str     x0, [x1, :lo12:my_id]
    bl      guest_main
    mov     x1, x0                      // guest_main should have ended by itself: 97
    mov     x1, #97
    movz    x0, #0xC600, lsl #16
    movk    x0, #66
    hvc     #0
1:  wfi
    b       1b

    .macro VECTOR
    .balign 128
    b       exception_entry
    .endm
    .balign 2048
    .global vectors
vectors:
    .rept 16
    VECTOR
    .endr
    .balign 128

// Builds a `frame` (rvm.h) on the stack, calls guest_exception(frame *), restores it.
exception_entry:
    sub     sp, sp, #288
    stp     x0, x1, [sp, #0]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x1, elr_el1
    stp     x30, x1, [sp, #240]
    mrs     x1, esr_el1
    mrs     x2, far_el1
    stp     x1, x2, [sp, #256]
    mrs     x1, spsr_el1
    str     x1, [sp, #272]
    mov     x0, sp
    bl      guest_exception
    ldr     x1, [sp, #272]
    msr     spsr_el1, x1
    ldp     x30, x1, [sp, #240]
    msr     elr_el1, x1
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldp     x0, x1, [sp, #0]
    add     sp, sp, #288
    eret

// void NAME(regs *r): x0..x18 from r, the instruction, x0..x18 back to r
    .macro RAW name, insn:vararg
    .global \name
    .type \name, %function
\name:
    stp     x29, x30, [sp, #-32]!
    str     x19, [sp, #16]
    mov     x19, x0
    ldp     x0, x1, [x19, #0]
    ldp     x2, x3, [x19, #16]
    ldp     x4, x5, [x19, #32]
    ldp     x6, x7, [x19, #48]
    ldp     x8, x9, [x19, #64]
    ldp     x10, x11, [x19, #80]
    ldp     x12, x13, [x19, #96]
    ldp     x14, x15, [x19, #112]
    ldp     x16, x17, [x19, #128]
    ldr     x18, [x19, #144]
    \insn
    stp     x0, x1, [x19, #0]
    stp     x2, x3, [x19, #16]
    stp     x4, x5, [x19, #32]
    stp     x6, x7, [x19, #48]
    stp     x8, x9, [x19, #64]
    stp     x10, x11, [x19, #80]
    stp     x12, x13, [x19, #96]
    stp     x14, x15, [x19, #112]
    stp     x16, x17, [x19, #128]
    str     x18, [x19, #144]
    ldr     x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret
    .endm
    RAW hvc_raw, hvc #0
    RAW hvc_imm1_raw, hvc #1
    RAW smc_raw, smc #0

    .section .stack, "aw", %nobits
    .balign 16
    .skip STACK_SIZE
stack_top:
