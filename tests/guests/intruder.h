// What an attempt of the intruder is and how its probes are judged.
#ifndef INTRUDER_H
#define INTRUDER_H
#include "lib/rvm.h"

// Slots of the intruder in systems/intruder.yaml.
#define VICTIM_READ  HANDLE(1)           // partition: victim, rights [read]
#define SECRET_LOG   HANDLE(2)           // console with [read] only: the wrong right
#define LOOT         HANDLE(3)           // slab, 64 KiB: read, write, grant, revoke
#define PICTURE      HANDLE(4)           // slab, 16 KiB: read, grant
#define ONCE         HANDLE(5)           // slab, 16 KiB: read, write, grant_once
#define LETTERBOX    HANDLE(6)           // edge to the victim: write only
#define OWN_SLOTS    7
#define WINDOW       0x60000000UL        // where the intruder may map what is its own
#define VICTIM_CODE  0x48000000UL
#define VICTIM_DATA  0x50000000UL

// A probe's result is a bit: statuses 1..34 (negated), then the classes of exception, then "it went through".
#define ST(s)        (1UL << -(s))
enum { B_UNDEFINED = 40, B_DATA, B_INSTRUCTION, B_ILLEGAL, B_NO_EFFECT, B_OTHER_EXCEPTION, B_ODD_STATUS };
#define UNDEFINED    (1UL << B_UNDEFINED)
#define DATA_ABORT   (1UL << B_DATA)
#define INSN_ABORT   (1UL << B_INSTRUCTION)
#define ILLEGAL      (1UL << B_ILLEGAL)
#define NO_EFFECT    (1UL << B_NO_EFFECT)
#define ANY_STATUS   (((1UL << 35) - 2) & ~ST(WitnessLogFull))
#define DEAD_HANDLE  (ST(StaleCapability) | ST(InsufficientCapability))

typedef struct { const char *name; void (*run)(void); u64 expected; } attempt;
extern const attempt ATTEMPTS[];
extern const u64 N_ATTEMPTS;

void probe_status(i64 status, u64 detail);          // a hypercall's status; >= 0 is a breach
void probe_fault(u64 taken, u64 detail);            // 0: no exception, a breach
void probe_fault_at(u64 taken, u64 address);        // … and FAR must be the address
void ask_for(u64 rights);
void probe_no_effect(u64 changed, u64 detail);       // a register that a machine may let be read: nothing must change
void breach(const char *why, u64 detail);
void must(const char *what, i64 status, i64 expected);   // a step that is the intruder's right and has to work
void direct(u64 probes);                             // these exceptions never leave EL1: no witness

// attempts in intruder_*.c
void neighbour_read(void), neighbour_write(void), device_access(void), frames_access(void), kernel_read(void), kernel_write(void),
    unmapped_low(void), unmapped_high(void), beyond_ipa_space(void), own_edges(void), write_code(void), execute_data(void), execute_elsewhere(void);
void forged_handles(void), revoked_capability(void), reused_slot(void), dropped_parent(void), extra_rights(void), deep_delegation(void), grant_once(void),
    wrong_right(void), wrong_kind(void), other_direction(void);
void undefined_rvm(void), undefined_smccc(void), undefined_random(void), wild_map(void), wild_unmap(void), wild_console(void),
    wild_other(void), smc_calls(void), hvc_immediate(void);
void reg_gic(void), reg_timer(void), reg_pmu(void), reg_debug(void), reg_auxiliary(void), cache_by_set(void), reg_el2(void), tlb_el2(void),
    el2_return(void);
#endif
