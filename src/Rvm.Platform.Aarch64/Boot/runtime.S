// What compiled C# calls: allocation and reference stores. There is no collector: objects are taken from a heap that the loader zeroed, until it is sealed.
    .include "common.inc"
    .text

// x0: method table. Its base size (u32 at 4) counts the header word in front of an object.
EXPORT RhpNewFast
    ldr     w2, [x0, #4]
    sub     x2, x2, #8
    mov     x6, x30
    b       allocate

// x0: method table, x1: elements. Element size: u16 at 0 of the method table.
EXPORT RhpNewArrayFast
EXPORT RhpNewPtrArrayFast
    ldrh    w2, [x0]
    mov     x3, #16
    umaddl  x2, w2, w1, x3
    mov     w5, w1
    adr     x6, 1f
    b       allocate
1:  str     w5, [x0, #8]
    ret

allocate:
    add     x2, x2, #15
    and     x2, x2, #~15
    ldr     x3, =heap
    ldp     x4, x7, [x3]                // next free byte, end
    sub     x8, x7, x4
    cmp     x2, x8
    b.hi    1f
    add     x2, x4, x2
    str     x2, [x3]
    str     x0, [x4]
    mov     x0, x4
    br      x6
1:  mov     x1, x2
    mov     x0, #8                      // Hal/Fault.cs: allocation refused
    b       rvm_panic

// C#: moves on so that the elements of the next array begin a page; returns its address.
EXPORT rvm_heap_align
    ldr     x3, =heap
    ldr     x4, [x3]
    add     x4, x4, #16
    add     x4, x4, #4095
    and     x0, x4, #~4095
    sub     x4, x0, #16
    str     x4, [x3]
    ret

// C#: no allocation after this. Returns the first free byte.
EXPORT rvm_heap_seal
    ldr     x3, =heap
    ldr     x0, [x3]
    str     x0, [x3, #8]
    ret

// x14: where, x15: what; x14 moves on.
EXPORT RhpAssignRefArm64
EXPORT RhpCheckedAssignRefArm64
    str     x15, [x14], #8
    ret

// Only the start-up function that the compiler adds and nothing calls refers to these.
EXPORT RhpReversePInvoke
EXPORT RhpReversePInvokeReturn
    brk     #0

    .pool
    .data
    .balign 16
heap:
    .quad   heap_start, heap_end
