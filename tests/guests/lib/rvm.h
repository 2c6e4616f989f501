// The RVM interface (docs/abi.md) for guests at EL1: hypercall wrappers, statuses, console lines, checks, exceptions.
#ifndef RVM_H
#define RVM_H
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t i64;
typedef uint32_t u32;
typedef uint8_t u8;

#define PAGE 4096UL

// ---- hypercall numbers (0xC6000000 + n) ----
#define RVM_CALL(n)          (0xC6000000UL + (n))
#define FN_CAP_GRANT         RVM_CALL(1)
#define FN_REGION_MAP        RVM_CALL(2)
#define FN_QUEUE_SEND        RVM_CALL(3)
#define FN_QUEUE_RECV        RVM_CALL(4)
#define FN_TIMER_WAIT        RVM_CALL(5)
#define FN_PARTITION_CREATE  RVM_CALL(12)
#define FN_COMMEDGE_CREATE   RVM_CALL(17)
#define FN_COMMEDGE_DESTROY  RVM_CALL(18)
#define FN_DEVICE_LEASE_ACQUIRE RVM_CALL(19)
#define FN_DEVICE_LEASE_REVOKE RVM_CALL(20)
#define FN_WITNESS_READ      RVM_CALL(21)
#define FN_NOTIFY_SIGNAL     RVM_CALL(22)
#define FN_NOTIFY_WAIT       RVM_CALL(23)
#define FN_CAP_REVOKE        RVM_CALL(64)
#define FN_YIELD             RVM_CALL(65)
#define FN_EXIT              RVM_CALL(66)
#define FN_CONSOLE_WRITE     RVM_CALL(67)
#define FN_LEASE_RENEW       RVM_CALL(71)
#define FN_WITNESS_ACK       RVM_CALL(72)
#define FN_PARTITION_START   RVM_CALL(73)
#define FN_PARTITION_SUSPEND RVM_CALL(74)
#define FN_PARTITION_TERMINATE RVM_CALL(75)
#define FN_REGION_UNMAP      RVM_CALL(76)
#define FN_PROOF_SUBMIT      RVM_CALL(77)
#define FN_CAP_DROP          RVM_CALL(78)
#define FN_POLICY_ACTIVATE   RVM_CALL(79)
#define FN_PROOF_STATUS      RVM_CALL(80)
#define FN_SMCCC_VERSION     0x80000000UL
#define FN_VENDOR_UID        0x8600FF01UL
#define FN_PSCI_VERSION      0x84000000UL
#define FN_PSCI_FEATURES     0x8400000AUL
#define FN_SYSTEM_OFF        0x84000008UL
#define FN_SYSTEM_RESET      0x84000009UL

// ---- statuses ----
#define OK 0
enum status {
    Unsupported = -1, PartitionNotFound = -2, InvalidPartitionState = -3, PartitionLimitExceeded = -4,
    InsufficientCapability = -10, StaleCapability = -11, CapabilityTypeMismatch = -12, DelegationDepthExceeded = -13,
    CapabilityConsumed = -14, WitnessLogFull = -17, ProofInvalid = -18, MemoryOverlap = -23, AlignmentError = -24, OutOfMemory = -26,
    DeviceLeaseNotFound = -27, DeviceLeaseExpired = -28, DeviceLeaseConflict = -29, ResourceLimitExceeded = -33, InternalError = -34, LAST_STATUS = -34,
};
const char *status_name(i64 status);      // "OK", "StaleCapability", …; "?" outside the table

// ---- rights, permissions, handles ----
enum right { R_READ = 1, R_WRITE = 2, R_GRANT = 4, R_GRANT_ONCE = 8, R_PROVE = 0x10, R_REVOKE = 0x20, R_LEASE = 0x400, R_WITNESS = 0x800, R_ALL = 0xFFF };
enum permission { PERM_R = 0, PERM_RW = 1, PERM_RX = 2, PERM_DEVICE = 3 };

typedef u64 handle;
#define HANDLE(slot)         (0x100000000UL | (slot))        // the slot-th capability of the system description
#define SLOT_OF(h)           ((u32)(h))
#define GEN_OF(h)            ((u32)((h) >> 32))
#define CSLOTS               32
#define QDEPTH               16
#define MAXLINE              104
#define CONSOLE              HANDLE(0)                       // by our own convention the first capability of every partition
extern u64 console;                                          // where say() writes: CONSOLE unless a guest changes it
#define PENDING_MESSAGE      (1UL << 63)

// ---- the call itself: regs[0..18] are x0..x18 before and after ----
typedef struct { u64 x[19]; } regs;
void hvc_raw(regs *r);                    // lib/start.S
void smc_raw(regs *r);
void hvc_imm1_raw(regs *r);               // HVC #1
extern u64 refused_calls;                 // calls through hvc() that came back negative, WitnessLogFull not counted

i64 hvc(u64 fn, regs *r);                 // arguments in r->x[1..]; returns x0
i64 call(u64 fn, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5);

// ---- proof tokens (docs/abi.md): x8..x12 of a call that needs one. The library makes a good one for partition_create, commedge_create,
// commedge_destroy, leases of devices and policy_activate; others (a guest that tests refusals) make their own.
typedef struct { u64 digest, claim, until, nonce, object; } token;
#define TIER_P2              2UL
#define TIER_P3              3UL
#define TOKEN_WINDOW         62500000UL                      // counts that a token may be valid from now on: one second
extern u64 my_id;                                            // this partition's number; start.S keeps it
token prove(const regs *r, u64 depth, u64 object);           // for the call in r->x[0..7], with a new nonce
i64 hvc_with(u64 fn, regs *r, const token *t);
i64 hvc_proved(u64 fn, regs *r, u64 depth, u64 object);      // hvc() with a good token, if depth and object are right

typedef struct { u64 w[4]; } message;

i64 cap_grant(handle h, handle to, u64 rights, handle *out);
i64 cap_revoke(handle h, handle *out);
i64 cap_drop(handle h);
i64 region_map(handle h, u64 ipa, u64 first, u64 pages, u64 permission);
i64 region_unmap(handle h, u64 ipa, u64 pages);
i64 queue_send(handle h, const message *m);
i64 queue_recv(handle h, message *m, u64 *got);
i64 notify_signal(handle h, u64 bits);
i64 notify_wait(handle h, u64 *bits);
i64 timer_wait(u64 until);
i64 partition_create(handle pool, u64 image, const char *name, u64 quota, u64 budget, handle *out);
i64 partition_start(handle h);
i64 partition_suspend(handle h);
i64 partition_terminate(handle h);
i64 commedge_create(handle destination, u64 partition, u64 capacity, handle *near, handle *far);   // partition: its number
i64 commedge_destroy(handle h, u64 edge);                    // of a capability from boot (depth 0); edge: its number
i64 policy_activate(handle h, u64 number);
// Leases of devices: a capability for one with the rights to lease it and to prove, its derivation depth (0 from boot), the device's number.
typedef struct { handle cap; u64 depth, number; } device;
i64 device_lease_acquire(const device *d, u64 duration, u64 ipa, u64 *until);   // until: out, in counts; untouched when refused
i64 device_lease_revoke(const device *d);
i64 lease_renew(const device *d, u64 duration, u64 *until);
// Deep proofs: the kernel checks that records [from, upto) of the log chain from `before` to `claim`, for the call with this digest.
enum { JOB_NONE, JOB_RUNNING, JOB_GOOD, JOB_BAD };
i64 proof_submit(handle log, u64 from, u64 upto, u64 before, u64 claim, u64 digest);
i64 proof_status(u64 *state, u64 *left);
i64 witness_read(handle h, u64 sequence, u64 record[8], u64 *next, u64 *drained);
i64 witness_ack(handle h, u64 next);
i64 console_write(handle h, const void *bytes, u64 length);
i64 yield(void);
_Noreturn void exit_with(u64 status);

// ---- console lines: %s %d (i64) %u (u64) %x (u64, hex) %02d, %%; longer than MAXLINE goes on in a further line ----
void say(const char *format, ...);

// ---- checks: fail loudly, go on, and make finish() exit with 1 ----
extern u64 failures;
void fail(const char *what, i64 got, i64 expected);
#define CHECK_EQ(what, got, expected) \
    do { i64 g_ = (i64)(got), e_ = (i64)(expected); if (g_ != e_) fail(what, g_, e_); } while (0)
#define CHECK(what, condition) do { if (!(condition)) fail(what, 0, 1); } while (0)
void expect_status(const char *what, i64 got, i64 expected);   // one line "<what>: ok (<status>)" or a failure
_Noreturn void finish(const char *name);                       // "<name>: ok" / "<name>: FAILED (n checks)"; exit 0 / 1

// ---- exceptions ----
enum { EC_UNKNOWN = 0x00, EC_ILLEGAL_STATE = 0x0E, EC_SYSREG = 0x18, EC_INSTRUCTION_ABORT = 0x21, EC_PC_ALIGN = 0x22, EC_DATA_ABORT = 0x25 };
typedef struct { u64 x[31], elr, esr, far, spsr; } frame;
// While on, an exception is recorded, and execution goes on after the instruction (after the call, for an instruction abort).
// CAUGHT_CALL: always after the call, for branches to what may be no instruction.
enum { CAUGHT_CALL = 2 };
typedef struct { u64 on, taken, esr, far, elr; } catcher;
extern volatile catcher caught;
#define ATTEMPT(statement) ({ u64 before_ = caught.taken; caught.on = 1; statement; caught.on = 0; (u64)(caught.taken != before_); })
const char *class_name(u64 ec);
u64 try_read32(u64 address, u32 *value);  // as try_read, of a register of 32 bits
u64 try_read(u64 address, u64 *value);    // 1: an exception was taken, 0: it went through
u64 try_write(u64 address, u64 value);
u64 try_call(u64 address);                // branches there, returns when that returns or faults

// ---- registers, time, arithmetic ----
#define READ_SYSREG(name) ({ u64 v_; __asm__ volatile("mrs %0, " #name : "=r"(v_)); v_; })
#define WRITE_SYSREG(name, value) __asm__ volatile("msr " #name ", %0" ::"r"((u64)(value)) : "memory")
static inline u64 now(void) { u64 v; __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(v)::"memory"); return v; }
#define FNV_BASIS 0xcbf29ce484222325UL
u64 fnv1a(u64 h, const void *bytes, u64 length);
u64 mix64(u64 x);                         // splitmix64's output function: a value per index that a checker can make again
void sha256(const void *bytes, u64 length, u8 digest[32], void (*between)(u64 done));

extern u8 image_start[], code_end[], data_start[], image_end[];   // link script
void guest_main(u64 id);
#endif
