// Reset to C#. Entry: EL2, MMU off, x0 = device tree or anything. The loader has zeroed .bss (ELF).
    .include "common.inc"
    .section .text.start, "ax"
    .global _start
_start:
    msr     daifset, #0xf
    mrs     x1, mpidr_el1
    ldr     x2, =0xff00ffffff
    tst     x1, x2
    b.ne    park
    mrs     x1, currentel
    cmp     x1, #(2 << 2)
    b.ne    wrong_level
    ldr     x1, =vectors
    msr     vbar_el2, x1
    ldr     x1, =0x30c50830             // SCTLR_EL2 with the MMU off: the bits that are one
    msr     sctlr_el2, x1
    WRITE   cptr_el2, CPTR_FP_ON        // constructors may use vector registers
    isb
    ldr     x1, =processor
    mov     sp, x1
    msr     tpidr_el2, x1
    mov     x29, xzr
    bl      rvm_boot
    b       switch                      // x0: the first partition

park:
    wfi
    b       park

wrong_level:
    mov     x2, #0x09000000             // the board's PL011: nothing has been read yet that could say otherwise
    adr     x3, wrong_level_text
1:  ldrb    w4, [x3], #1
    cbz     w4, 2f
    str     w4, [x2]
    b       1b
2:  ldr     x0, =0x84000008             // PSCI SYSTEM_OFF; below EL2 its conduit is HVC
    cmp     x1, #(1 << 2)
    b.ne    park
    hvc     #0
    b       park

    .pool
wrong_level_text:
    .asciz  "RVM needs EL2 (QEMU: -machine virt,virtualization=on,gic-version=3)\n"
