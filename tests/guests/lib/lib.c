#include <stdarg.h>
#include "rvm.h"

u64 refused_calls, failures, console = CONSOLE, my_id;
volatile catcher caught;

void *memset(void *to, int byte, size_t n) { u8 *p = to; while (n--) *p++ = (u8)byte; return to; }
void *memcpy(void *to, const void *from, size_t n)
{
    u8 *p = to; const u8 *q = from;
    while (n--) *p++ = *q++;
    return to;
}

// ---- hypercalls ----
i64 hvc(u64 fn, regs *r)
{
    r->x[0] = fn;
    hvc_raw(r);
    i64 status = (i64)r->x[0];
    if (status < 0 && status != WitnessLogFull) refused_calls++;
    return status;
}
i64 call(u64 fn, u64 x1, u64 x2, u64 x3, u64 x4, u64 x5)
{
    regs r = { .x = { fn, x1, x2, x3, x4, x5 } };
    return hvc(fn, &r);
}

// ---- proof tokens ----
token prove(const regs *r, u64 depth, u64 object)
{
    static u64 last;
    u64 t = now();
    if (t <= last) t = last + 1;         // strictly increasing, whatever the counter does
    last = t;
    u64 digest = fnv1a(fnv1a(FNV_BASIS, &my_id, 8), r->x, 64);
    return (token){ digest, depth << 8 | TIER_P2, t + TOKEN_WINDOW, t, object };
}
i64 hvc_with(u64 fn, regs *r, const token *t)
{
    r->x[8] = t->digest;
    r->x[9] = t->claim;
    r->x[10] = t->until;
    r->x[11] = t->nonce;
    r->x[12] = t->object;
    return hvc(fn, r);
}
i64 hvc_proved(u64 fn, regs *r, u64 depth, u64 object)
{
    r->x[0] = fn;
    token t = prove(r, depth, object);
    return hvc_with(fn, r, &t);
}

i64 cap_grant(handle h, handle to, u64 rights, handle *out)
{
    regs r = { .x = { 0, h, to, rights } };
    i64 s = hvc(FN_CAP_GRANT, &r);
    if (s == OK && out) *out = r.x[1];
    return s;
}
i64 cap_revoke(handle h, handle *out)
{
    regs r = { .x = { 0, h } };
    i64 s = hvc(FN_CAP_REVOKE, &r);
    if (s == OK && out) *out = r.x[1];
    return s;
}
i64 cap_drop(handle h) { return call(FN_CAP_DROP, h, 0, 0, 0, 0); }
i64 region_map(handle h, u64 ipa, u64 first, u64 pages, u64 permission) { return call(FN_REGION_MAP, h, ipa, first, pages, permission); }
i64 region_unmap(handle h, u64 ipa, u64 pages) { return call(FN_REGION_UNMAP, h, ipa, pages, 0, 0); }
i64 queue_send(handle h, const message *m) { return call(FN_QUEUE_SEND, h, m->w[0], m->w[1], m->w[2], m->w[3]); }
i64 queue_recv(handle h, message *m, u64 *got)
{
    regs r = { .x = { 0, h } };
    i64 s = hvc(FN_QUEUE_RECV, &r);
    *got = s == OK ? r.x[1] : 0;
    if (*got) for (int i = 0; i < 4; i++) m->w[i] = r.x[2 + i];
    return s;
}
i64 notify_signal(handle h, u64 bits) { return call(FN_NOTIFY_SIGNAL, h, bits, 0, 0, 0); }
i64 notify_wait(handle h, u64 *bits)
{
    regs r = { .x = { 0, h } };
    i64 s = hvc(FN_NOTIFY_WAIT, &r);
    *bits = s == OK ? r.x[1] : 0;
    return s;
}
i64 timer_wait(u64 until) { return call(FN_TIMER_WAIT, until, 0, 0, 0, 0); }
i64 partition_create(handle pool, u64 image, const char *name, u64 quota, u64 budget, handle *out)
{
    u64 n = 0;
    for (int i = 0; i < 8 && name[i]; i++) n |= (u64)(u8)name[i] << (8 * i);
    regs r = { .x = { 0, pool, image, n, quota, budget } };
    i64 s = hvc_proved(FN_PARTITION_CREATE, &r, 0, 0);
    if (s == OK) *out = r.x[1];
    return s;
}
i64 partition_start(handle h) { return call(FN_PARTITION_START, h, 0, 0, 0, 0); }
i64 partition_suspend(handle h) { return call(FN_PARTITION_SUSPEND, h, 0, 0, 0, 0); }
i64 partition_terminate(handle h) { return call(FN_PARTITION_TERMINATE, h, 0, 0, 0, 0); }
i64 commedge_create(handle destination, u64 partition, u64 capacity, handle *near, handle *far)
{
    regs r = { .x = { 0, destination, capacity } };
    i64 s = hvc_proved(FN_COMMEDGE_CREATE, &r, 0, partition);
    if (s == OK) { *near = r.x[1]; *far = r.x[2]; }
    return s;
}
i64 commedge_destroy(handle h, u64 edge)
{
    regs r = { .x = { 0, h } };
    return hvc_proved(FN_COMMEDGE_DESTROY, &r, 0, edge);
}
i64 policy_activate(handle h, u64 number)
{
    regs r = { .x = { 0, h, number } };
    return hvc_proved(FN_POLICY_ACTIVATE, &r, 0, 0);
}
i64 device_lease_acquire(const device *d, u64 duration, u64 ipa, u64 *until)
{
    regs r = { .x = { 0, d->cap, duration, ipa } };
    i64 s = hvc_proved(FN_DEVICE_LEASE_ACQUIRE, &r, d->depth, d->number);
    if (s == OK && until) *until = r.x[1];
    return s;
}
i64 device_lease_revoke(const device *d)
{
    regs r = { .x = { 0, d->cap } };
    return hvc_proved(FN_DEVICE_LEASE_REVOKE, &r, d->depth, d->number);
}
i64 lease_renew(const device *d, u64 duration, u64 *until)
{
    regs r = { .x = { 0, d->cap, duration } };
    i64 s = hvc_proved(FN_LEASE_RENEW, &r, d->depth, d->number);
    if (s == OK && until) *until = r.x[1];
    return s;
}
i64 proof_submit(handle log, u64 from, u64 upto, u64 before, u64 claim, u64 digest)
{
    regs r = { .x = { 0, log, from, upto, before, claim, digest } };
    return hvc(FN_PROOF_SUBMIT, &r);
}
i64 proof_status(u64 *state, u64 *left)
{
    regs r = { .x = { 0 } };
    i64 s = hvc(FN_PROOF_STATUS, &r);
    *state = r.x[1];
    *left = r.x[2];
    return s;
}
i64 witness_read(handle h, u64 sequence, u64 record[8], u64 *next, u64 *drained)
{
    regs r = { .x = { 0, h, sequence } };
    i64 s = hvc(FN_WITNESS_READ, &r);
    if (s == OK) for (int i = 0; i < 8; i++) record[i] = r.x[1 + i];
    *next = r.x[9];
    *drained = r.x[10];
    return s;
}
i64 witness_ack(handle h, u64 next) { return call(FN_WITNESS_ACK, h, next, 0, 0, 0); }
i64 console_write(handle h, const void *bytes, u64 length)
{
    regs r = { .x = { 0, h, length } };
    for (u64 i = 0; i < length && i < MAXLINE; i++) r.x[3 + i / 8] |= (u64)((const u8 *)bytes)[i] << (8 * (i % 8));
    return hvc(FN_CONSOLE_WRITE, &r);
}
i64 yield(void) { return call(FN_YIELD, 0, 0, 0, 0, 0); }
_Noreturn void exit_with(u64 status)
{
    for (;;) call(FN_EXIT, status, 0, 0, 0, 0);
}

static const char *const STATUS[35] = {
    "OK", "Unsupported", "PartitionNotFound", "InvalidPartitionState", "PartitionLimitExceeded", "SplitPreconditionFailed",
    "MergePreconditionFailed", "MigrationTimeout", "VcpuNotFound", "VcpuLimitReached", "InsufficientCapability",
    "StaleCapability", "CapabilityTypeMismatch", "DelegationDepthExceeded", "CapabilityConsumed", "WitnessVerificationFailed",
    "WitnessChainBroken", "WitnessLogFull", "ProofInvalid", "ProofTierInsufficient", "ProofBudgetExceeded",
    "CoherenceBelowThreshold", "MinCutBudgetExceeded", "MemoryOverlap", "AlignmentError", "InvalidTierTransition",
    "OutOfMemory", "DeviceLeaseNotFound", "DeviceLeaseExpired", "DeviceLeaseConflict", "CheckpointNotFound",
    "CheckpointCorrupted", "FailureEscalated", "ResourceLimitExceeded", "InternalError",
};
const char *status_name(i64 s) { return s <= 0 && s >= LAST_STATUS ? STATUS[-s] : "?"; }

// ---- console ----
static u8 line[MAXLINE];
static u64 used;

static void flush(void)
{
    i64 s = console_write(console, line, used);
    used = 0;
    if (s != OK) exit_with(99);          // a guest that cannot report has failed
}
static void put(char c)
{
    if (used == MAXLINE) flush();
    line[used++] = (u8)c;
}
static void put_number(u64 v, u64 base, int width)
{
    char digits[24];
    int n = 0;
    do { digits[n++] = "0123456789abcdef"[v % base]; v /= base; } while (v || n < width);
    while (n) put(digits[--n]);
}
void say(const char *f, ...)
{
    va_list a;
    va_start(a, f);
    for (; *f; f++) {
        if (*f != '%') { put(*f); continue; }
        int width = 0;
        for (f++; *f >= '0' && *f <= '9'; f++) width = width * 10 + (*f - '0');
        if (*f == 's') { for (const char *s = va_arg(a, const char *); *s; s++) put(*s); }
        else if (*f == 'u') put_number(va_arg(a, u64), 10, width);
        else if (*f == 'x') put_number(va_arg(a, u64), 16, width);
        else if (*f == 'd') {
            i64 v = va_arg(a, i64);
            if (v < 0) { put('-'); v = -v; }
            put_number((u64)v, 10, width);
        } else put(*f);
    }
    va_end(a);
    flush();
}

// ---- checks ----
void fail(const char *what, i64 got, i64 expected)
{
    if (failures++ < 20) say("FAILED: %s: got %d (%s, 0x%x), expected %d (%s)", what, got, status_name(got), (u64)got, expected, status_name(expected));
}
void expect_status(const char *what, i64 got, i64 expected)
{
    if (got == expected) say("%s: ok (%s)", what, status_name(got));
    else fail(what, got, expected);
}
_Noreturn void finish(const char *name)
{
    if (failures) say("%s: FAILED (%u checks)", name, failures);
    else say("%s: ok", name);
    exit_with(failures ? 1 : 0);
}

// ---- exceptions ----
const char *class_name(u64 ec)
{
    switch (ec) {
    case EC_UNKNOWN:           return "undefined instruction";
    case EC_ILLEGAL_STATE:     return "illegal state";
    case EC_SYSREG:            return "trapped register";
    case EC_INSTRUCTION_ABORT: return "instruction abort";
    case EC_PC_ALIGN:          return "misaligned PC";
    case EC_DATA_ABORT:        return "data abort";
    default:                   return "other exception";
    }
}
void guest_exception(frame *f)
{
    u64 ec = f->esr >> 26;
    if (!caught.on) {
        caught.on = 1;                   // a fault in the report itself is skipped, not taken again and again
        say("FAILED: unexpected exception (%s): ESR 0x%x ELR 0x%x FAR 0x%x", class_name(ec), f->esr, f->elr, f->far);
        exit_with(98);
    }
    caught.taken++;
    caught.esr = f->esr;
    caught.far = f->far;
    caught.elr = f->elr;
    f->elr = caught.on == CAUGHT_CALL || ec == EC_INSTRUCTION_ABORT || ec == EC_PC_ALIGN ? f->x[30] : ec == EC_ILLEGAL_STATE ? f->elr : f->elr + 4;
    f->spsr &= ~(1UL << 20);             // PSTATE.IL
}
u64 try_read(u64 address, u64 *value)
{
    u64 v = 0, faulted = ATTEMPT(__asm__ volatile("ldr %0, [%1]" : "+r"(v) : "r"(address) : "memory"));
    if (value) *value = v;
    return faulted;
}
u64 try_read32(u64 address, u32 *value)
{
    u32 v = 0;
    u64 faulted = ATTEMPT(__asm__ volatile("ldr %w0, [%1]" : "+r"(v) : "r"(address) : "memory"));
    if (value) *value = v;
    return faulted;
}
u64 try_write(u64 address, u64 value) { return ATTEMPT(__asm__ volatile("str %0, [%1]" ::"r"(value), "r"(address) : "memory")); }
u64 try_call(u64 address) { return ATTEMPT(((void (*)(void))address)()); }

// ---- arithmetic ----
u64 fnv1a(u64 h, const void *bytes, u64 length)
{
    for (const u8 *p = bytes; length--; p++) h = (h ^ *p) * 0x100000001b3UL;
    return h;
}
u64 mix64(u64 x)
{
    x += 0x9e3779b97f4a7c15UL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9UL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebUL;
    return x ^ (x >> 31);
}
