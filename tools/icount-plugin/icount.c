// QEMU TCG plugin (API version 1): counts executed instructions and notes the count at events.
//
// Exact with `-icount`, where one thread runs all processors in turn. Debian's QEMU has plugins but no header for them: the
// prototypes stand below. Arguments:
//   out=FILE            where the events go: one line `event,id,cpu,total,guest` each; the counts exclude the event's own instruction
//   guest=LO:HI         virtual addresses of guests; `guest` counts what is executed there, `total` everything
//   pc=NAME:ADDRESS     an event NAME each time this address is executed (repeatable)
//   uart=PHYSICAL       an event `uart` at the first store to this device's first page
// Always: an event `mark` with id n at each HINT #(64+n), which the architecture defines as a NOP.
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
typedef void (*vcpu_udata_cb)(unsigned cpu, void *data);
typedef void (*vcpu_mem_cb)(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data);
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
struct qemu_info_t;
enum { CB_NO_REGS = 0, MEM_WRITES = 2, INLINE_ADD_U64 = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, vcpu_udata_cb, int flags, void *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *, uint64_t);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, vcpu_mem_cb, int flags, int rw, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t, uint64_t);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *);

EXPORT int qemu_plugin_version = 1;

enum { MOST_POINTS = 128, PAGE = 0xfff, HINT = 0xd503201f, HINT_FIELD = 0xfe0, FIRST_MARK = 64 };

static uint64_t inGuest, elsewhere;
static uint64_t guestLow, guestHigh;
static struct { const char *name; uint64_t address; } points[MOST_POINTS];
static unsigned npoints;
static uint64_t uart;
static bool uartWanted;
static FILE *out;

static void event(const char *name, unsigned id, unsigned cpu) {
    fprintf(out, "%s,%u,%u,%" PRIu64 ",%" PRIu64 "\n", name, id, cpu, inGuest + elsewhere, inGuest);
}

static void atMark(unsigned cpu, void *number) { event("mark", (unsigned)(uintptr_t)number, cpu); }

static void atPoint(unsigned cpu, void *index) { event(points[(uintptr_t)index].name, 0, cpu); }

// For devices QEMU 7.2 gives the offset in the device, later ones the physical address.
static void atStore(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *unused) {
    (void)unused;
    if (!uartWanted) return;
    struct qemu_plugin_hwaddr *where = qemu_plugin_get_hwaddr(info, address);
    if (!where || !qemu_plugin_hwaddr_is_io(where)) return;
    uint64_t physical = qemu_plugin_hwaddr_phys_addr(where);
    if (physical > PAGE ? (physical & ~(uint64_t)PAGE) != uart : (address & ~(uint64_t)PAGE) != uart) return;
    uartWanted = false;
    event("uart", 0, cpu);
}

static void instrument(struct qemu_plugin_insn *instruction) {
    uint64_t address = qemu_plugin_insn_vaddr(instruction);
    uint32_t code;
    memcpy(&code, qemu_plugin_insn_data(instruction), sizeof code);
    unsigned hint = (code & HINT_FIELD) >> 5;
    if ((code & ~(uint32_t)HINT_FIELD) == HINT && hint >= FIRST_MARK)
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, atMark, CB_NO_REGS, (void *)(uintptr_t)(hint - FIRST_MARK));
    for (unsigned i = 0; i < npoints; i++)
        if (points[i].address == address)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, atPoint, CB_NO_REGS, (void *)(uintptr_t)i);
    bool guest = address >= guestLow && address < guestHigh;
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, guest ? &inGuest : &elsewhere, 1);
    if (uartWanted) qemu_plugin_register_vcpu_mem_cb(instruction, atStore, CB_NO_REGS, MEM_WRITES, NULL);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0, n = qemu_plugin_tb_n_insns(block); i < n; i++) instrument(qemu_plugin_tb_get_insn(block, i));
}

static void finish(qemu_plugin_id_t id, void *unused) {
    (void)id, (void)unused;
    event("end", 0, 0);
    fclose(out);
}

static bool addPoint(const char *text) {
    char *copy = strdup(text), *colon = strrchr(copy, ':');
    if (!colon || npoints == MOST_POINTS) return false;
    *colon = 0;
    points[npoints].name = copy;
    points[npoints++].address = strtoull(colon + 1, NULL, 0);
    return true;
}

static bool setGuest(const char *text) {
    char *end;
    guestLow = strtoull(text, &end, 0);
    if (*end != ':') return false;
    guestHigh = strtoull(end + 1, NULL, 0);
    return true;
}

static bool setUart(const char *text) {
    uart = strtoull(text, NULL, 0);
    return uartWanted = true;
}

static bool setOut(const char *text) { return (out = fopen(text, "w")) != NULL; }

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv) {
    static const struct { const char *name; bool (*set)(const char *); } options[] = {
        {"out=", setOut}, {"guest=", setGuest}, {"pc=", addPoint}, {"uart=", setUart}};
    (void)info;
    for (int i = 0; i < argc; i++) {
        bool good = false;
        for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
            size_t n = strlen(options[k].name);
            if (strncmp(argv[i], options[k].name, n) == 0) good = options[k].set(argv[i] + n);
        }
        if (!good) return fprintf(stderr, "icount: cannot use argument %s\n", argv[i]), 1;
    }
    if (!out) return fputs("icount: out=FILE is missing\n", stderr), 1;
    fputs("event,id,cpu,total,guest\n", out);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
