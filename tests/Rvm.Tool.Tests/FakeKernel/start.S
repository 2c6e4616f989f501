.section .text.start, "ax"
.globl _start
_start:
    adr x0, stack_top
    mov sp, x0
    bl fake_main
1:  wfi
    b 1b
