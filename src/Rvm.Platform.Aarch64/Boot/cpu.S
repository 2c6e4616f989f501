// Instructions that C# cannot express, one function each (Hal/Cpu.cs declares them).
    .include "common.inc"
    .text
    .macro READ name, register
EXPORT \name
    mrs     x0, \register
    ret
    .endm

    READ    rvm_processor, tpidr_el2
    READ    rvm_counter, cntpct_el0
    READ    rvm_counter_frequency, cntfrq_el0
    READ    rvm_affinity, mpidr_el1
    READ    rvm_memory_features, id_aa64mmfr0_el1
    READ    rvm_vector_base, vbar_el1

EXPORT rvm_read32
    ldr     w0, [x0]
    ret
EXPORT rvm_write32
    str     w1, [x0]
    ret
EXPORT rvm_set_timer
    msr     cnthp_cval_el2, x0
    ret
EXPORT rvm_address_of                   // an object's address, the object at an address: the same word
EXPORT rvm_array_at
    ret
EXPORT rvm_set_kernel                   // (processor block, kernel object)
    str     x1, [x0, #P_KERNEL]
    ret

EXPORT rvm_layout                       // (i): the i-th address of the image's layout, Hal/Cpu.cs: enum Layout
    adr     x1, layout
    ldr     x0, [x1, x0, lsl #3]
    ret
    .balign 8
layout:
    .quad   image_start, rodata_start, data_start, stack_guard, page_tables, save_areas, bundle, symbols

EXPORT rvm_mmu_on                       // (TTBR0_EL2, TCR_EL2, MAIR_EL2, SCTLR_EL2)
    msr     ttbr0_el2, x0
    msr     tcr_el2, x1
    msr     mair_el2, x2
    isb
    tlbi    alle2
    ic      iallu
    dsb     sy
    isb
    msr     sctlr_el2, x3
    isb
    ret

// (HCR_EL2, VTCR_EL2): what guests may do. Physical timer, GIC, debug and performance registers trap; the virtual counter is the physical one.
EXPORT rvm_guest_setup
    msr     hcr_el2, x0
    msr     vtcr_el2, x1
    msr     hstr_el2, xzr
    msr     cntvoff_el2, xzr
    WRITE   cnthctl_el2, 1
    mrs     x2, midr_el1
    msr     vpidr_el2, x2
    WRITE   vmpidr_el2, 0x80000000
    mrs     x2, mdcr_el2
    and     x2, x2, #0x1f               // HPMN stays
    mov     x3, #0xe60                  // TDRA, TDOSA, TDA, TPM, TPMCR
    orr     x2, x2, x3
    msr     mdcr_el2, x2
    isb
    dsb     ishst
    tlbi    alle1
    dsb     sy
    isb
    ret

// The processor interface of the GIC and the hypervisor's timer.
EXPORT rvm_interrupts_on
    mrs     x0, icc_sre_el2
    orr     x0, x0, #7                  // system registers, no bypass
    msr     icc_sre_el2, x0
    isb
    WRITE   ich_hcr_el2, 0x7c00         // TC, TALL0, TALL1, TSEI, TDIR: guests' accesses trap
    WRITE   icc_pmr_el1, 0xf0
    WRITE   icc_igrpen1_el1, 1
    WRITE   cnthp_cval_el2, -1
    WRITE   cnthp_ctl_el2, 1
    isb
    ret

// (address, bytes), multiples of 64. Guests start with their caches off, so the lines leave the cache.
EXPORT rvm_zero
    add     x1, x0, x1
    b       2f
1:  stp     xzr, xzr, [x0]
    stp     xzr, xzr, [x0, #16]
    stp     xzr, xzr, [x0, #32]
    stp     xzr, xzr, [x0, #48]
    dc      civac, x0
    add     x0, x0, #64
2:  cmp     x0, x1
    b.lo    1b
    dsb     sy
    ret

// (to, from, bytes), both on 8-byte boundaries, bytes rounded up to 8; then the lines leave the cache.
EXPORT rvm_copy
    mov     x4, x0
    add     x2, x1, x2
    b       2f
1:  ldr     x3, [x1], #8
    str     x3, [x0], #8
2:  cmp     x1, x2
    b.lo    1b
3:  dc      civac, x4
    add     x4, x4, #64
    cmp     x4, x0
    b.lo    3b
    dsb     sy
    ret

// (address, bytes): data cache to the point of unification, instruction cache invalid.
EXPORT rvm_code_sync
    add     x1, x0, x1
    b       2f
1:  dc      cvau, x0
    add     x0, x0, #64
2:  cmp     x0, x1
    b.lo    1b
    dsb     ish
    ic      ialluis
    dsb     ish
    isb
    ret

EXPORT rvm_map_sync
    dsb     ishst
    isb
    ret

    .macro UNDER_VMID                   // x3: the loaded partition's VTTBR_EL2
    mrs     x3, vttbr_el2
    dsb     ish
    msr     vttbr_el2, x0
    isb
    .endm

// (the partition's VTTBR_EL2, first IPA page, pages); at the end the loaded partition's VTTBR_EL2 is back.
EXPORT rvm_tlbi_range
    UNDER_VMID
    add     x2, x1, x2
    b       2f
1:  tlbi    ipas2e1is, x1
    add     x1, x1, #1
2:  cmp     x1, x2
    b.lo    1b
    dsb     ish
    tlbi    vmalle1is
    b       restore_vttbr

// (the partition's VTTBR_EL2)
EXPORT rvm_tlbi_vmid
    UNDER_VMID
    tlbi    vmalls12e1is
restore_vttbr:
    dsb     ish
    msr     vttbr_el2, x3
    isb
    ret

EXPORT rvm_set_exception                // (ESR_EL1, FAR_EL1, ELR_EL1, SPSR_EL1) of the loaded partition
    msr     esr_el1, x0
    msr     far_el1, x1
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ret
