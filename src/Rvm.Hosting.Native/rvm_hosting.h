/*
 * Virtual machines on Apple's Hypervisor.framework, each a partition of RVM's verified kernel: Rvm.Hosting for C, Swift and Python.
 * The library is librvm_hosting.so, or librvm_hosting.dylib on a Mac: `make hosting-native`. docs/platforms.md says what it rests on.
 *
 * Process.    The framework gives a process one VM, so a process has one host (rvm_start), whose partitions the VMs of this interface are. On a Mac the
 *             program that loads the library must be signed with the entitlement com.apple.security.hypervisor. Where there is no framework, the
 *             environment's RVM_HYPERVISOR, set before rvm_start, names a library with the same calls. The library has .NET's runtime in it: it
 *             installs signal handlers and cannot be unloaded (dlclose does nothing), and it does not survive fork without exec.
 * Threads.    Every call can be made on any thread, at the same time as others. rvm_initialize, rvm_run, rvm_halt, rvm_destroy, rvm_start and rvm_stop
 *             block until it is done; rvm_run blocks as long as the guest runs, and ends when another thread calls rvm_halt or rvm_destroy for the VM.
 * Ownership.  The library keeps no pointer that it is given: what is passed is read or written before the call returns, and belongs to the caller.
 *             It returns no memory. A handle is valid from rvm_create until rvm_destroy or rvm_stop; its number is never used again in the process.
 * Results.    A status: RVM_OK; RVM_E_…; or a status of the kernel, between -1 and -999 (docs/abi.md, "Hypercalls"; -11 is StaleCapability, -26
 *             OutOfMemory). With RVM_E_ARGUMENT, RVM_E_STATE or RVM_E_HANDLE nothing has changed, save that outputs may be
 *             zeroed. rvm_last_error has the reason.
 * Units.      Sizes are in bytes; addresses are the guest's own (intermediate physical) ones.
 */
#ifndef RVM_HOSTING_H
#define RVM_HOSTING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this interface; rvm_version() is that of the library. Equal, or do not use it. */
#define RVM_HOSTING_VERSION 1

typedef int32_t rvm_status;

#define RVM_OK 0
#define RVM_E_ARGUMENT (-1001)     /* NULL, a size, an address, a name or a number of vCPUs that cannot be */
#define RVM_E_STATE (-1002)        /* not in this state of the VM; rvm_start: the host has been started */
#define RVM_E_HANDLE (-1003)       /* no VM has this handle, or no longer */
#define RVM_E_NOT_STARTED (-1004)  /* rvm_start comes first */
#define RVM_E_NO_FRAMEWORK (-1005) /* not a Mac, and RVM_HYPERVISOR names no library that can be loaded */
#define RVM_E_HYPERVISOR (-1006)   /* the framework refused; HV_DENIED: the program lacks the entitlement */
#define RVM_E_ENDED (-1007)        /* the host ended while the call waited */
#define RVM_E_INTERNAL (-1099)     /* a defect of the library: report the text */

/* Where things are in a VM: code, read and execute; memory, read and write, zero at first. */
#define RVM_CODE UINT64_C(0x1000)              /* first byte of the program */
#define RVM_DATA UINT64_C(0x10000)             /* first byte of the memory */
#define RVM_MOST_CODE (RVM_DATA - RVM_CODE)    /* most bytes of a program */
#define RVM_MOST_MEMORY (UINT64_C(16) << 20)   /* most bytes of a VM, code included */

/* A VM. 0 is none. */
typedef uint64_t rvm_vm;

/* What a VM shall have. */
typedef struct rvm_config {
    uint64_t memory;      /* bytes, 1 to RVM_MOST_MEMORY, code included; rounded up to 128 KiB, 1 MiB, 4 MiB or 16 MiB */
    const char *name;     /* 1 to 8 ASCII letters, digits or dashes, ended by 0; NULL: "vm". It goes to the witness log */
    int32_t vcpus;        /* 1 */
    int32_t reserved;     /* 0 */
} rvm_config;

/* Why a VM ended. */
#define RVM_EXITED 0       /* the guest's exit call; value: its status, 56 bits */
#define RVM_FAULT 1        /* an exception that the kernel does not let pass; value: the syndrome (ESR_EL2) */
#define RVM_BUDGET_USED 2  /* its time was used up */
#define RVM_HALTED 3       /* rvm_halt or rvm_destroy */

typedef struct rvm_exit {
    uint32_t kind;        /* RVM_EXITED … RVM_HALTED */
    uint32_t reserved;    /* 0 */
    uint64_t value;
} rvm_exit;

/* Where a VM stands; never backwards. (RVM_STATE_DESTROYED: for as long as rvm_destroy takes.) */
#define RVM_STATE_CREATED 0
#define RVM_STATE_RUNNABLE 1  /* initialised */
#define RVM_STATE_RUNNING 2
#define RVM_STATE_HALTED 3
#define RVM_STATE_DESTROYED 4

/* What the machine offers and holds. */
typedef struct rvm_info {
    uint64_t hertz;       /* counts per second of the times in the witness log */
    uint64_t granule;     /* bytes of the smallest piece that can be mapped: 4,096 or 16,384 */
    uint64_t records;     /* witness records so far */
    uint32_t most_vcpus;  /* that the framework offers; the kernel uses one */
    uint32_t vms;         /* VMs that have been initialised and not destroyed */
} rvm_info;

/* RVM_HOSTING_VERSION of the library. */
int32_t rvm_version(void);

/* Boots the kernel. memory: bytes for all VMs together and the kernel, 128 MiB to 4 GiB; 0: 1 GiB.
   RVM_E_STATE if it has been started, RVM_E_NO_FRAMEWORK, RVM_E_HYPERVISOR. */
rvm_status rvm_start(uint64_t memory);

/* Ends the host and every VM with it; their handles are dead. A call that waits on another thread fails with RVM_E_ENDED. rvm_start can follow. */
rvm_status rvm_stop(void);

/* A VM to be; the kernel knows of it once it is initialised. config: NULL for 1 MiB and the name "vm". *vm: its handle, 0 on failure. */
rvm_status rvm_create(const rvm_config *config, rvm_vm *vm);

/* Makes the partition: memory zeroed, the program copied to RVM_CODE, registers reset. Once for a VM.
   program: AArch64 instructions, 1 to RVM_MOST_CODE bytes. entry: address of its first instruction, a multiple of 4; 0: RVM_CODE. */
rvm_status rvm_initialize(rvm_vm vm, const void *program, size_t bytes, uint64_t entry);

/* Runs it to its end and says why it ended. Once for a VM. */
rvm_status rvm_run(rvm_vm vm, rvm_exit *exit);

/* Ends it, for ever. Nothing to do if it has ended; RVM_E_STATE before rvm_initialize. */
rvm_status rvm_halt(rvm_vm vm);

/* Halts it if need be, gives its capability up and makes the handle invalid. The kernel's count of VMs: docs/platforms.md, "Rvm.Hosting". */
rvm_status rvm_destroy(rvm_vm vm);

/* *state: RVM_STATE_… */
rvm_status rvm_state(rvm_vm vm, uint32_t *state);

rvm_status rvm_system_info(rvm_info *info);

/* The witness log so far, 64 bytes a record; `rvm witness verify` reads it (and misses the end of the log, since
   the host still runs). *bytes: its size. Copies whole records from the first on, as many as fit
   in capacity; the log may grow between two calls. buffer NULL with capacity 0 asks for the size. */
rvm_status rvm_witness_log(void *buffer, size_t capacity, size_t *bytes);

/* Why the last call of this thread that returns a status failed; empty if it did not. UTF-8, cut to capacity - 1 bytes and ended by 0.
   Returns the length of the whole text without the 0; buffer NULL asks for it. */
size_t rvm_last_error(char *buffer, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
