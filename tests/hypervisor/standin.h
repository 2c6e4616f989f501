// A stand-in for Apple's Hypervisor.framework on Linux: the same C ABI, with an AArch64 processor out of libunicorn behind it.
// Types, values and rules are those of Apple's documentation of the framework for Apple silicon; MACOS is the version that is played.
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <unicorn/unicorn.h>

#ifndef MACOS
#define MACOS 26
#endif
#define API __attribute__((visibility("default")))

typedef int32_t hv_return_t;
#define HV_SUCCESS             ((hv_return_t)0)
#define HV_ERROR               ((hv_return_t)0xfae94001)
#define HV_BUSY                ((hv_return_t)0xfae94002)
#define HV_BAD_ARGUMENT        ((hv_return_t)0xfae94003)
#define HV_ILLEGAL_GUEST_STATE ((hv_return_t)0xfae94004)
#define HV_NO_RESOURCES        ((hv_return_t)0xfae94005)
#define HV_NO_DEVICE           ((hv_return_t)0xfae94006)
#define HV_DENIED              ((hv_return_t)0xfae94007)
#define HV_UNSUPPORTED         ((hv_return_t)0xfae9400f)

typedef uint64_t hv_ipa_t, hv_memory_flags_t, hv_vcpu_t;
typedef uint32_t hv_reg_t, hv_simd_fp_reg_t, hv_interrupt_type_t, hv_exit_reason_t, hv_feature_reg_t, hv_ipa_granule_t;
typedef uint16_t hv_sys_reg_t;
enum { HV_MEMORY_READ = 1, HV_MEMORY_WRITE = 2, HV_MEMORY_EXEC = 4 };
enum { HV_EXIT_REASON_CANCELED, HV_EXIT_REASON_EXCEPTION, HV_EXIT_REASON_VTIMER_ACTIVATED, HV_EXIT_REASON_UNKNOWN };
enum { HV_REG_PC = 31, HV_REG_FPCR, HV_REG_FPSR, HV_REG_CPSR };
enum { HV_IPA_GRANULE_4KB, HV_IPA_GRANULE_16KB };
#ifdef __aarch64__
typedef uint8_t hv_simd_fp_uchar16_t __attribute__((vector_size(16)));
#else   // Apple has these calls on arm64 only. Elsewhere .NET passes sixteen bytes of a vector in memory, as C does a structure with members out of line.
typedef struct __attribute__((packed)) { uint8_t first; uint64_t middle; uint8_t rest[7]; } hv_simd_fp_uchar16_t;
#endif

typedef struct { uint64_t syndrome, virtual_address; hv_ipa_t physical_address; } hv_vcpu_exit_exception_t;
typedef struct { hv_exit_reason_t reason; hv_vcpu_exit_exception_t exception; } hv_vcpu_exit_t;
_Static_assert(sizeof(hv_vcpu_exit_t) == 32 && offsetof(hv_vcpu_exit_t, exception) == 8, "layout of the exit information");

// Physical addresses of the emulated machine, 44 bits of them: 64 GiB in the middle stand for chunks of this process's memory.
#define CHUNK (1UL << 30)
#define CHUNKS 64
#define PHYSICAL (10UL << 40)

// How the framework names system registers: the five fields of an MRS.
#define SYS(op0, op1, crn, crm, op2) ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

typedef struct vcpu {
    hv_vcpu_t id;
    pthread_t owner;
    hv_vcpu_exit_t exit;
    uc_engine *uc;
    uc_context *context;
    size_t pc_at, exception_at;      // where the emulator's saved context has the PC, and what the last exception was
    uint32_t el3_flags;              // the emulator's cached flags for EL3, from where every entry starts
    uint64_t pc, cpsr, sp[2];        // sp[0]: SP_EL0
    uint64_t cntv_ctl, cntv_cval, offset, exec_ns;
    uint64_t *shadow;                // system registers that the emulated processor does not have
    bool vtimer_mask, trap_debug, trap_debug_registers, pending[2];
    atomic_bool cancel, kick, flush, inside;
    uint64_t entry, block, blocks, vmid;      // entry: where the ERET is; block: the one that runs
    int number;                      // of the exception that ended the emulation; −1: none
    uint64_t number_pc, trapped, unreachable;     // trapped: a syndrome that a hook has made
    int chunks, notes, changes;      // how many chunks of host memory, noted instructions and changes of code the engine knows
} vcpu;

#define MAX_VCPUS 64
extern pthread_mutex_t standin_lock;
extern vcpu *standin_vcpus[MAX_VCPUS];

// vm.c
bool vm_exists(void);
uint64_t vm_root(void);              // physical address of the stage-2 root
unsigned vm_ipa_bits(void);
uint64_t vm_physical(const void *host);   // where an address of this process lies in the emulated machine
void *vm_chunk(int i);               // NULL: there is none
int vm_note(int i, uint64_t *address);
void vm_change_code(void *host, uint64_t bytes);
int vm_changed_code(int i, void **host, uint64_t *bytes);
uint32_t vm_instruction(uint64_t ipa);    // 0: not mapped
#define ERET 0xd69f03e0u
static inline bool is_by_set_and_way(uint32_t i) { return (i & ~31u) == 0xd5087640 || (i & ~31u) == 0xd5087a40 || (i & ~31u) == 0xd5087e40; }
static inline bool is_noted(uint32_t i) { return i == ERET || is_by_set_and_way(i); }
// machine.c
hv_return_t machine_open(vcpu *v);
void machine_close(vcpu *v);
void machine_run(vcpu *v);
hv_return_t machine_sys_reg(vcpu *v, hv_sys_reg_t reg, uint64_t *value, bool write);
void machine_debug(vcpu *v);
// time.c
uint64_t mach_absolute_time(void);
uint64_t standin_hertz(void);
