// The processor: a Cortex-A72 of libunicorn with EL2 and EL3. Its own stage-2 walk and its own traps to EL2 are in force; the emulator calls a
// hook where it would take an exception, and this file takes it: those to EL2 end hv_vcpu_run, those to EL1 go to the guest's vectors.
//
// Every entry into the guest is an ERET from EL3, because that makes the emulator work out its cached flags (exception level, FP access, endianness)
// anew. What the emulator knows of an exception (syndrome, address, target) is in its saved context; where, is found out with a call of known number.
#include "standin.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { MARK_IMMEDIATE = 0x1234, EL3H = 0x3cd, EL1H = 0x3c5, IL = 1 << 20 };
enum { NO_EXCEPTION = -1, FORCED = -2, ILLEGAL = -3, UNREACHABLE = -4, BROKEN = -5, STOPPED = -6 };      // v->number beside the emulator's exception numbers
static const uint32_t NOP = 0xd503201f, HVC_MARK = 0xd4000002 | MARK_IMMEDIATE << 5;

static uint32_t *page;               // of instructions: ERET, NOP, HVC #0x1234

// The emulator wants memory at a virtual address before it translates it. This is what it finds there: addresses that no process has. They are
// never reached, since stage 2 leads elsewhere or faults.
static void *nothing(uint64_t address) { return (void *)(1UL << 60 | address); }

static uint64_t *word(vcpu *v, size_t at) { return (uint64_t *)((char *)v->context + at); }
static uint32_t half(vcpu *v, size_t at) { return *(uint32_t *)((char *)v->context + at); }

static uc_arm64_cp_reg coded(hv_sys_reg_t r) { return (uc_arm64_cp_reg){ .op0 = r >> 14, .op1 = r >> 11 & 7, .crn = r >> 7 & 15, .crm = r >> 3 & 15, .op2 = r & 7 }; }
static bool get(vcpu *v, hv_sys_reg_t r, uint64_t *value)
{
    uc_arm64_cp_reg c = coded(r);
    bool ok = uc_reg_read(v->uc, UC_ARM64_REG_CP_REG, &c) == UC_ERR_OK;
    *value = c.val;
    return ok;
}
static bool set(vcpu *v, hv_sys_reg_t r, uint64_t value)
{
    uc_arm64_cp_reg c = coded(r);
    c.val = value;
    return uc_reg_write(v->uc, UC_ARM64_REG_CP_REG, &c) == UC_ERR_OK;
}
enum {
    SCTLR_EL1 = SYS(3, 0, 1, 0, 0), CPACR_EL1 = SYS(3, 0, 1, 0, 2), SPSR_EL1 = SYS(3, 0, 4, 0, 0), ELR_EL1 = SYS(3, 0, 4, 0, 1), ESR_EL1 = SYS(3, 0, 5, 2, 0),
    FAR_EL1 = SYS(3, 0, 6, 0, 0), VBAR_EL1 = SYS(3, 0, 12, 0, 0), SP_EL0 = SYS(3, 0, 4, 1, 0), SP_EL1 = SYS(3, 4, 4, 1, 0), MPIDR = SYS(3, 0, 0, 0, 5), MIDR = SYS(3, 0, 0, 0, 0),
    HCR_EL2 = SYS(3, 4, 1, 1, 0), MDCR_EL2 = SYS(3, 4, 1, 1, 1), CPTR_EL2 = SYS(3, 4, 1, 1, 2), VTTBR_EL2 = SYS(3, 4, 2, 1, 0), VTCR_EL2 = SYS(3, 4, 2, 1, 2),
    HPFAR_EL2 = SYS(3, 4, 6, 0, 4), CNTHCTL_EL2 = SYS(3, 4, 14, 1, 0), VPIDR_EL2 = SYS(3, 4, 0, 0, 0), VMPIDR_EL2 = SYS(3, 4, 0, 0, 5),
    SCR_EL3 = SYS(3, 6, 1, 1, 0), CPTR_EL3 = SYS(3, 6, 1, 1, 2), SPSR_EL3 = SYS(3, 6, 4, 0, 0), ELR_EL3 = SYS(3, 6, 4, 0, 1),
    CNTFRQ = SYS(3, 3, 14, 0, 0), CNTVCT = SYS(3, 3, 14, 0, 2), CNTV_TVAL = SYS(3, 3, 14, 3, 0), CNTV_CTL = SYS(3, 3, 14, 3, 1), CNTV_CVAL = SYS(3, 3, 14, 3, 2),
};

// ---- hooks ----------------------------------------------------------------------------------------------------------------------

static void exception(uc_engine *uc, uint32_t number, void *user)
{
    vcpu *v = user;
    v->number = (int)number;
    uc_reg_read(uc, UC_ARM64_REG_PC, &v->number_pc);
    uc_context_save(uc, v->context);
    uc_emu_stop(uc);
}
static uint64_t count(vcpu *v) { return mach_absolute_time() - v->offset; }
static uint64_t cntv_ctl(vcpu *v) { return (v->cntv_ctl & 3) | (v->cntv_ctl & 1 && count(v) >= v->cntv_cval ? 4 : 0); }
static bool timer_fires(vcpu *v) { return (v->cntv_ctl & 3) == 1 && !v->vtimer_mask && count(v) >= v->cntv_cval; }
// Is one pending that the guest does not mask? 0: IRQ, masked by PSTATE.I; 1: FIQ, by PSTATE.F.
static bool interrupts(vcpu *v)
{
    uint64_t state;
    if (!v->pending[0] && !v->pending[1]) return false;
    uc_reg_read(v->uc, UC_ARM64_REG_PSTATE, &state);
    return (v->pending[0] && !(state & 1 << 7)) || (v->pending[1] && !(state & 1 << 6));
}

static void block(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)size;
    vcpu *v = user;
    if (address == v->entry) return;
    v->block = address;              // when this stops the emulation, the emulator does not know where it is
    if (v->kick || interrupts(v) || (v->cntv_ctl & 1 && (++v->blocks & 63) == 0 && timer_fires(v))) {
        v->number = STOPPED;
        uc_emu_stop(uc);
    }
}
// Beyond those: an address that no translation reaches, as an address size fault of level 0 (or, with the MMU on, a translation fault).
static bool unmapped(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *user)
{
    (void)size, (void)value;
    vcpu *v = user;
    uint64_t control;
    get(v, SCTLR_EL1, &control);
    uc_reg_read(uc, UC_ARM64_REG_PC, &v->number_pc);
    v->unreachable = address;
    if (address >= PHYSICAL && address < PHYSICAL + CHUNKS * CHUNK && !(control & 1)) {          // within what the processor can address: stage 2
        v->trapped = (type == UC_MEM_FETCH_UNMAPPED ? 0x20UL : 0x24UL) << 26 | 1 << 25 | (type == UC_MEM_WRITE_UNMAPPED ? 1 << 6 : 0) | 4;
        return false;
    }
    v->trapped = (type == UC_MEM_FETCH_UNMAPPED ? 0x21UL : 0x25UL) << 26 | 1 << 25 | (type == UC_MEM_WRITE_UNMAPPED ? 1 << 6 : 0) | (control & 1 ? 4 : 0);
    return false;
}
// The virtual timer and the counter, which Apple's hardware gives the guest directly.
static uint32_t mrs(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *r, void *user)
{
    vcpu *v = user;
    uint64_t value;
    switch (SYS(r->op0, r->op1, r->crn, r->crm, r->op2)) {
    case CNTFRQ: value = standin_hertz(); break;
    case CNTVCT: value = count(v); break;
    case CNTV_CTL: value = cntv_ctl(v); break;
    case CNTV_CVAL: value = v->cntv_cval; break;
    case CNTV_TVAL: value = (uint32_t)(v->cntv_cval - count(v)); break;
    default: return 0;
    }
    uc_reg_write(uc, reg, &value);
    return 1;
}
static uint32_t msr(uc_engine *uc, uc_arm64_reg reg, const uc_arm64_cp_reg *r, void *user)
{
    (void)uc, (void)reg;
    vcpu *v = user;
    switch (SYS(r->op0, r->op1, r->crn, r->crm, r->op2)) {
    case CNTV_CTL: v->cntv_ctl = r->val & 3; return 1;
    case CNTV_CVAL: v->cntv_cval = r->val; return 1;
    case CNTV_TVAL: v->cntv_cval = count(v) + (uint64_t)(int64_t)(int32_t)r->val; return 1;
    default: return 0;
    }
}
// Two things that the emulator does not know; vm.c notes where such instructions have been mapped. Cache maintenance by set and way traps
// (HCR_EL2.TSW). A return to a level that EL1 may not return to sets PSTATE.IL, and the next instruction takes an exception.
static bool illegal(uint64_t state) { return state & 0x10 ? (state & 0xf) != 0 : (state & 0xc) > 4 || state & 2 || (state & 0xf) == 1; }
static void noted(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)size;
    vcpu *v = user;
    uint32_t instruction = vm_instruction(address);
    uint64_t state, now;
    if (is_by_set_and_way(instruction)) {
        v->trapped = 0x18UL << 26 | 1 << 25 | 1 << 20 | 2 << 17 | 7 << 10 | (instruction & 31) << 5 | (instruction >> 8 & 15) << 1;
        v->number = FORCED;
    } else if (instruction == ERET) {
        get(v, SPSR_EL1, &state);
        if (!illegal(state)) return;
        uc_reg_read(uc, UC_ARM64_REG_PSTATE, &now);
        v->trapped = (state & 0xf00003c0) | (now & ~0xf00003c0UL) | IL;
        v->number = ILLEGAL;
    } else return;
    v->number_pc = address;
    uc_emu_stop(uc);
}
static void learn_notes(vcpu *v)
{
    uint64_t address;
    uc_hook hook;
    for (; vm_note(v->notes, &address); v->notes++) {
        uc_hook_add(v->uc, &hook, UC_HOOK_CODE, noted, v, address, address);
    }
}
// ---- opening --------------------------------------------------------------------------------------------------------------------

static void learn_chunks(vcpu *v)
{
    for (void *host; (host = vm_chunk(v->chunks)) != NULL; v->chunks++) {
        uint64_t at = PHYSICAL + (uint64_t)v->chunks * CHUNK;
        if (uc_mem_map_ptr(v->uc, at, CHUNK, UC_PROT_ALL, host)) abort();
    }
}
// Every virtual address of a guest whose MMU is off, and more: 56 bits, and the upper half's 2⁴⁸. Not those that the chunks may get.
static bool fill(vcpu *v)
{
    uint64_t end = PHYSICAL + CHUNKS * CHUNK, high = ~0UL << 48;
    return !uc_mem_map_ptr(v->uc, 0, PHYSICAL, UC_PROT_ALL, nothing(0)) && !uc_mem_map_ptr(v->uc, end, (1UL << 56) - end, UC_PROT_ALL, nothing(end))
        && !uc_mem_map_ptr(v->uc, high, (1UL << 48) - CHUNK, UC_PROT_ALL, nothing(1UL << 57));
}
// The emulator forgets what it translated of code that has changed. It takes addresses as the level that it is at sees them, and EL3 sees physical
// ones. (Its call that forgets everything clears a GiB.)
static void forget_code(vcpu *v)
{
    void *host;
    uint64_t bytes;
    for (; vm_changed_code(v->changes, &host, &bytes); v->changes++)
        for (uint64_t at = vm_physical(host) & ~4095UL, end = vm_physical(host) + bytes; at < end; at += 4096) uc_ctl_remove_cache(v->uc, at, at + 4096);
}
// Runs in EL3 or leaves it by ERET, with this return state; the saved context is up to date afterwards.
static uc_err start(vcpu *v, uint64_t pc, uint64_t pstate)
{
    uc_context_save(v->uc, v->context);
    memcpy(word(v, v->pc_at + 16), &v->el3_flags, 4);
    uc_context_restore(v->uc, v->context);
    uint64_t el3h = EL3H;
    uc_reg_write(v->uc, UC_ARM64_REG_PSTATE, &el3h);
    forget_code(v);
    set(v, SPSR_EL3, pstate);
    set(v, ELR_EL3, pc);
    return uc_emu_start(v->uc, v->entry, ~0UL, 0, 0);
}
// Finds where the context has the PC: two words behind x30.
static bool find_pc(vcpu *v)
{
    uint64_t mark = 0x1122334455667788;
    uc_reg_write(v->uc, UC_ARM64_REG_X30, &mark);
    uc_context_save(v->uc, v->context);
    for (size_t at = 0; at + 64 <= uc_context_size(v->uc); at += 8)
        if (*word(v, at) == mark) { v->pc_at = at + 16; break; }
    mark = 0;
    uc_reg_write(v->uc, UC_ARM64_REG_X30, &mark);
    return v->pc_at != 0;
}
static bool find_exception(vcpu *v)
{
    for (size_t at = 0; at + 24 <= uc_context_size(v->uc); at += 4)
        if (half(v, at) == (0x5a000000 | MARK_IMMEDIATE) && half(v, at + 16) == 2) { v->exception_at = at; return true; }
    return false;
}
// The engine begins in secure EL1. From there it goes to EL3 once, and the flags of EL3 are kept.
static bool climb(vcpu *v)
{
    uint64_t p = EL3H, next = vm_physical(page + 1);
    uc_reg_write(v->uc, UC_ARM64_REG_PSTATE, &p);
    set(v, SPSR_EL3, EL3H);
    set(v, ELR_EL1, next);
    set(v, ELR_EL3, next);
    if (uc_emu_start(v->uc, vm_physical(page), next + 4, 0, 0)) return false;
    uc_context_save(v->uc, v->context);
    v->el3_flags = half(v, v->pc_at + 16);
    return (half(v, v->pc_at + 8) & 0xc) == 0xc;
}
static void reset(vcpu *v)
{
    unsigned bits = vm_ipa_bits();
    set(v, SCR_EL3, 0x501);          // non-secure, HVC, AArch64 below
    set(v, CPTR_EL3, 0);
    set(v, CPTR_EL2, 0x33ff);
    set(v, VTCR_EL2, 1UL << 31 | 4 << 16 | 3 << 12 | 1 << 10 | 1 << 8 | 1 << 6 | (64 - bits));
    set(v, VTTBR_EL2, vm_root());
    //               RW         TACR      TSW       TIDCP     TSC       TWE       TWI       AMO      IMO      FMO      SWIO     VM
    set(v, HCR_EL2, 1UL << 31 | 1 << 21 | 1 << 22 | 1 << 20 | 1 << 19 | 1 << 14 | 1 << 13 | 1 << 5 | 1 << 4 | 1 << 3 | 1 << 1 | 1);
    set(v, CNTHCTL_EL2, 0);          // the physical counter and timer trap
    set(v, VMPIDR_EL2, 0x80000000 | v->id);
    set(v, SCTLR_EL1, 0x30d00800);
    set(v, CPACR_EL1, 0);
    machine_debug(v);
}
void machine_debug(vcpu *v) { set(v, MDCR_EL2, 0xc60 | (v->trap_debug_registers ? 1 << 9 : 0) | (v->trap_debug ? 1 << 8 : 0)); }

hv_return_t machine_open(vcpu *v)
{
    if (!page) {
        page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        page[0] = ERET, page[1] = NOP, page[2] = HVC_MARK;
    }
    v->entry = vm_physical(page);
    vm_root();
    v->shadow = calloc(65536, 8);
    if (!v->shadow || uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &v->uc)) return HV_NO_RESOURCES;
    uc_ctl_set_cpu_model(v->uc, UC_CPU_ARM64_A72);
    uc_hook hook;
    uc_hook_add(v->uc, &hook, UC_HOOK_INTR, exception, v, 1, 0);
    uc_hook_add(v->uc, &hook, UC_HOOK_MEM_UNMAPPED, unmapped, v, 1, 0);
    uc_hook_add(v->uc, &hook, UC_HOOK_BLOCK, block, v, 1, 0);
    uc_hook_add(v->uc, &hook, UC_HOOK_INSN, mrs, v, 1, 0, UC_ARM64_INS_MRS);
    uc_hook_add(v->uc, &hook, UC_HOOK_INSN, msr, v, 1, 0, UC_ARM64_INS_MSR);
    uc_context_alloc(v->uc, &v->context);
    if (!fill(v)) return HV_NO_RESOURCES;
    learn_chunks(v);
    v->number = NO_EXCEPTION;
    bool ok = find_pc(v) && climb(v);
    set(v, SCR_EL3, 0x501);
    // With stage 2 still off, EL1 reaches the page by its physical address.
    ok = ok && start(v, vm_physical(page + 2), EL1H) == UC_ERR_OK && v->number == 11 && find_exception(v);
    reset(v);
    if (!ok) machine_close(v);
    return ok ? HV_SUCCESS : HV_UNSUPPORTED;      // another version of libunicorn?
}
void machine_close(vcpu *v)
{
    if (v->context) uc_context_free(v->context);
    if (v->uc) uc_close(v->uc);
    free(v->shadow);
    v->uc = NULL;
    v->context = NULL;
}

// ---- system registers -----------------------------------------------------------------------------------------------------------

// What hv_sys_reg_t lists for EL1 and EL0. EL2's are there only for a VM with EL2.
static bool listed(hv_sys_reg_t r)
{
    unsigned op0 = r >> 14, op1 = r >> 11 & 7;
    if (r == SP_EL1) return true;
    return op0 >= 2 && op1 != 4 && op1 <= 5;
}
hv_return_t machine_sys_reg(vcpu *v, hv_sys_reg_t r, uint64_t *value, bool write)
{
    if (!listed(r)) return HV_BAD_ARGUMENT;
    uint64_t *own = r == SP_EL0 ? &v->sp[0] : r == SP_EL1 ? &v->sp[1] : r == CNTV_CTL ? &v->cntv_ctl : r == CNTV_CVAL ? &v->cntv_cval : NULL;
    if (own) {
        if (write) *own = *value; else *value = r == CNTV_CTL ? cntv_ctl(v) : *own;
        return HV_SUCCESS;
    }
    if (r == MPIDR || r == MIDR) {
        if (write) set(v, r == MPIDR ? VMPIDR_EL2 : VPIDR_EL2, *value); else get(v, r == MPIDR ? VMPIDR_EL2 : VPIDR_EL2, value);
        return HV_SUCCESS;
    }
    if (write) {
        if (!set(v, r, *value)) v->shadow[r] = *value;
        v->flush = true;                              // it may be one that stage 1 depends on
    } else if (!get(v, r, value)) *value = v->shadow[r];
    return HV_SUCCESS;
}

// ---- running --------------------------------------------------------------------------------------------------------------------

static void clean(vcpu *v)
{
    if (v->flush) {
        v->flush = false;
        set(v, VTTBR_EL2, vm_root() | (++v->vmid & 0xff) << 48);              // a changed VTTBR_EL2 empties the emulator's TLB of EL1 and EL0
    }
}
static void enter(vcpu *v)
{
    pthread_mutex_lock(&standin_lock);
    learn_chunks(v);
    learn_notes(v);
    clean(v);
    v->inside = true;
    pthread_mutex_unlock(&standin_lock);
    uc_reg_write(v->uc, UC_ARM64_REG_SP_EL0, &v->sp[0]);
    uc_reg_write(v->uc, UC_ARM64_REG_SP_EL1, &v->sp[1]);
    v->number = NO_EXCEPTION;
    uc_err e = start(v, v->pc, v->cpsr);
    uint64_t sp;
    uc_reg_read(v->uc, UC_ARM64_REG_PSTATE, &v->cpsr);
    uc_reg_read(v->uc, UC_ARM64_REG_PC, &v->pc);
    if (v->number >= 0 || v->number == FORCED) v->pc = v->number_pc;
    if (v->number == ILLEGAL) { get(v, ELR_EL1, &v->pc); v->cpsr = v->trapped; }
    if (v->number == STOPPED) { v->pc = v->block; v->number = NO_EXCEPTION; }
    uc_reg_read(v->uc, UC_ARM64_REG_SP, &sp);
    uc_reg_read(v->uc, UC_ARM64_REG_SP_EL0, &v->sp[0]);
    uc_reg_read(v->uc, UC_ARM64_REG_SP_EL1, &v->sp[1]);
    v->sp[v->cpsr & 1] = sp;
    v->inside = false;
    if (e) v->number = e == UC_ERR_READ_UNMAPPED || e == UC_ERR_WRITE_UNMAPPED || e == UC_ERR_FETCH_UNMAPPED ? UNREACHABLE : BROKEN;
}
static void take(vcpu *v, uint64_t kind, uint64_t syndrome, uint64_t address)
{
    uint64_t vectors, state = v->cpsr;
    get(v, VBAR_EL1, &vectors);
    if (kind == 0) {
        set(v, ESR_EL1, syndrome);
        uint64_t class = syndrome >> 26;
        if (class == 0x20 || class == 0x21 || class == 0x22 || class == 0x24 || class == 0x25 || class == 0x34 || class == 0x35) set(v, FAR_EL1, address);
    }
    set(v, ELR_EL1, v->pc);
    set(v, SPSR_EL1, state);
    v->pc = vectors + kind + ((state & 0xc) == 0 ? (state & 0x10 ? 0x600 : 0x400) : state & 1 ? 0x200 : 0);
    v->cpsr = EL1H;
}
static bool to_guest(vcpu *v) { return half(v, v->exception_at + 16) == 1; }
static void leave(vcpu *v, hv_exit_reason_t reason, uint64_t syndrome, uint64_t address, uint64_t physical)
{
    v->exit = (hv_vcpu_exit_t){ reason, { syndrome, address, physical } };
}
// Registers of the interrupt controller, which the emulated processor does not have, trap as on a processor that has one (ICC_SRE_EL1 excepted).
static bool is_gic(uint32_t i)
{
    uint32_t r = (i >> 5 & 0x7fff) | 1 << 15;         // as hv_sys_reg_t; op0 is 2 or 3
    if ((i & 0xffd00000) != 0xd5100000) return false;
    return r != SYS(3, 0, 12, 12, 5) && (r == SYS(3, 0, 4, 6, 0) || (r >= SYS(3, 0, 12, 8, 0) && r <= SYS(3, 0, 12, 12, 7)));
}
static uint64_t trap_of(uint32_t i)
{
    return 0x18UL << 26 | 1 << 25 | (uint64_t)(2 | (i >> 19 & 1)) << 20 | (i >> 5 & 7) << 17 | (i >> 16 & 7) << 14 | (i >> 12 & 15) << 10 | (i & 31) << 5 | (i >> 8 & 15) << 1 | (i >> 21 & 1);
}
// An exception ended the emulation. True: the guest goes on with it.
static bool handle(vcpu *v)
{
    if (v->number == FORCED) { leave(v, HV_EXIT_REASON_EXCEPTION, v->trapped, 0, 0); return false; }
    if (v->number == UNREACHABLE && !(v->trapped >> 26 & 1)) { leave(v, HV_EXIT_REASON_EXCEPTION, v->trapped, v->unreachable, v->unreachable); return false; }
    if (v->number == UNREACHABLE) { take(v, 0, v->trapped, v->unreachable); return true; }
    if (v->number == ILLEGAL) { take(v, 0, 0x0eUL << 26 | 1 << 25, 0); return true; }
    if (v->number < NO_EXCEPTION) { leave(v, HV_EXIT_REASON_UNKNOWN, 0, 0, 0); return false; }
    uint64_t syndrome = half(v, v->exception_at), address, class = syndrome >> 26, physical = 0;
    memcpy(&address, (char *)v->context + v->exception_at + 8, 8);
    if (to_guest(v) && class == 0x18 && v->cpsr & 0xc) syndrome = 1 << 25;      // there is no such trap from EL1 to EL1: undefined
    if (to_guest(v) && class == 0 && v->cpsr & 0xc && is_gic(vm_instruction(v->pc))) {
        leave(v, HV_EXIT_REASON_EXCEPTION, trap_of(vm_instruction(v->pc)), 0, 0);
        return false;
    }
    if (to_guest(v)) { take(v, 0, syndrome, address); return true; }
    bool abort = class == 0x20 || class == 0x24;
    if (abort) {
        get(v, HPFAR_EL2, &physical);
        physical = physical << 8 | (address & 0xfff);
    }
    leave(v, HV_EXIT_REASON_EXCEPTION, syndrome, abort ? address : 0, physical);
    return false;
}
static uint64_t nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}
void machine_run(vcpu *v)
{
    uint64_t before = nanoseconds();
    for (;;) {
        v->kick = false;
        if (atomic_exchange(&v->cancel, false)) { leave(v, HV_EXIT_REASON_CANCELED, 0, 0, 0); break; }
        if (timer_fires(v)) { v->vtimer_mask = true; leave(v, HV_EXIT_REASON_VTIMER_ACTIVATED, 0, 0, 0); break; }
        if (v->pending[1] && !(v->cpsr & 1 << 6)) { v->pending[1] = false; take(v, 0x100, 0, 0); }
        else if (v->pending[0] && !(v->cpsr & 1 << 7)) { v->pending[0] = false; take(v, 0x80, 0, 0); }
        enter(v);
        if (v->number != NO_EXCEPTION && !handle(v)) break;
    }
    v->exec_ns += nanoseconds() - before;
}
