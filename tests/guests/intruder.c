// A hostile partition. Every attempt is a function of the table below; each of its probes must end in one of the expected ways.
// A line at the end says how many probes the hypervisor must have witnessed as ProofRejected and (at least) as FaultInjected. Then, if nothing
// went through, an endless loop: the budget in systems/intruder.yaml ends it. Otherwise the intruder exits with status 1.
#include "intruder.h"

const attempt ATTEMPTS[] = {
    { "read the neighbour's memory",            neighbour_read,     DATA_ABORT },
    { "write the neighbour's memory",           neighbour_write,    DATA_ABORT },
    { "reach devices",                          device_access,      DATA_ABORT },
    { "reach the guests' physical frames",      frames_access,      DATA_ABORT },
    { "read the kernel's memory and image",     kernel_read,        DATA_ABORT },
    { "write the kernel's memory and image",    kernel_write,       DATA_ABORT },
    { "unmapped IPA below 2 GiB",               unmapped_low,       DATA_ABORT },
    { "unmapped IPA up to 2^39",                unmapped_high,      DATA_ABORT },
    { "addresses beyond 2^39",                  beyond_ipa_space,   DATA_ABORT },
    { "just outside my own image",              own_edges,          DATA_ABORT },
    { "write my own code",                      write_code,         DATA_ABORT },
    { "execute data",                           execute_data,       INSN_ABORT },
    { "execute the neighbour and the kernel",   execute_elsewhere,  INSN_ABORT },
    { "forged capability handles",              forged_handles,     DEAD_HANDLE },
    { "a revoked capability",                   revoked_capability, ST(StaleCapability) },
    { "a handle whose slot is used again",      reused_slot,        ST(StaleCapability) },
    { "descendants of a dropped capability",    dropped_parent,     ST(StaleCapability) },
    { "more rights than held",                  extra_rights,       ST(InsufficientCapability) | DATA_ABORT },
    { "delegation deeper than 8",               deep_delegation,    ST(DelegationDepthExceeded) },
    { "GRANT_ONCE twice",                       grant_once,         ST(CapabilityConsumed) | ST(InsufficientCapability) },
    { "calls without the right",                wrong_right,        ST(InsufficientCapability) | ST(CapabilityConsumed) | ST(ProofInvalid) },
    { "handles of the wrong kind",              wrong_kind,         ST(CapabilityTypeMismatch) | ST(ProofInvalid) },
    { "the edge in the other direction",        other_direction,    ANY_STATUS },
    { "undefined numbers of RVM's range",       undefined_rvm,      ST(Unsupported) },
    { "undefined SMCCC and PSCI numbers",       undefined_smccc,    ST(Unsupported) },
    { "random function ids",                    undefined_random,   ST(Unsupported) },
    { "region_map with wild arguments",         wild_map,           (ANY_STATUS & ~ST(Unsupported)) | DATA_ABORT },
    { "region_unmap with wild arguments",       wild_unmap,         (ANY_STATUS & ~ST(Unsupported)) | DATA_ABORT },
    { "console_write with wild lengths",        wild_console,       ANY_STATUS & ~ST(Unsupported) },
    { "other calls with wild arguments",        wild_other,         ANY_STATUS & ~ST(Unsupported) },
    { "SMC",                                    smc_calls,          ST(Unsupported) },
    { "HVC with another immediate",             hvc_immediate,      ST(Unsupported) | UNDEFINED },
    { "interrupt controller registers",         reg_gic,            UNDEFINED | NO_EFFECT },
    { "physical timer registers",               reg_timer,          UNDEFINED },
    { "performance monitor registers",          reg_pmu,            UNDEFINED },
    { "debug registers",                        reg_debug,          UNDEFINED },
    { "auxiliary control register",             reg_auxiliary,      UNDEFINED },
    { "cache maintenance by set and way",       cache_by_set,       UNDEFINED },
    { "EL2 and EL3 registers",                  reg_el2,            UNDEFINED },
    { "EL2 translation maintenance",            tlb_el2,            UNDEFINED },
    { "exception return to EL2",                el2_return,         ILLEGAL },
};
const u64 N_ATTEMPTS = sizeof ATTEMPTS / sizeof ATTEMPTS[0];

static struct {
    u64 probes, seen, expected, breaches;    // of the attempt under way
    u64 refused, breached, odd;              // attempts
    u64 faults, direct;                      // exceptions so far, and those of them that never left EL1
} run;

void breach(const char *why, u64 detail)
{
    if (run.breaches++ < 4) say("  BREACH: %s (0x%x)", why, detail);
}
static void seen(u64 bit, u64 detail)
{
    run.probes++;
    run.seen |= bit;
    if (!(bit & run.expected)) say("  unexpected outcome at 0x%x", detail);
}
void probe_status(i64 s, u64 detail)
{
    if (s >= 0) { run.probes++; breach("the call went through", detail); }
    else seen(s >= LAST_STATUS ? ST(s) : 1UL << B_ODD_STATUS, detail);
}
void probe_fault(u64 taken, u64 detail)
{
    if (!taken) { run.probes++; breach("no exception", detail); return; }
    run.faults++;
    switch (caught.esr >> 26) {
    case EC_UNKNOWN: seen(UNDEFINED, detail); break;
    case EC_DATA_ABORT: seen(DATA_ABORT, detail); break;
    case EC_INSTRUCTION_ABORT: seen(INSN_ABORT, detail); break;
    case EC_ILLEGAL_STATE: seen(ILLEGAL, detail); break;
    default: say("  ESR 0x%x", caught.esr); seen(1UL << B_OTHER_EXCEPTION, detail);
    }
}
void probe_fault_at(u64 taken, u64 address)
{
    probe_fault(taken, address);
    if (taken && caught.far != address) { say("  FAR 0x%x is not the address", caught.far); seen(1UL << B_OTHER_EXCEPTION, address); }
}
void probe_no_effect(u64 changed, u64 detail)
{
    if (changed) { run.probes++; breach("it took effect", detail); }
    else seen(NO_EFFECT, detail);
}
void must(const char *what, i64 s, i64 expected)
{
    if (s != expected) { say("  %s: %s instead of %s", what, status_name(s), status_name(expected)); run.seen |= 1UL << B_ODD_STATUS; }
}
void direct(u64 n) { run.direct += n; }

static const char *bit_name(int bit)
{
    switch (bit) {
    case B_UNDEFINED: return "undefined instruction";
    case B_DATA: return "data abort";
    case B_INSTRUCTION: return "instruction abort";
    case B_ILLEGAL: return "illegal state";
    case B_NO_EFFECT: return "no effect";
    case B_OTHER_EXCEPTION: return "another exception";
    case B_ODD_STATUS: return "a wrong step";
    default: return status_name(-bit);
    }
}
// The names of the set bits, as many as fit into `room` characters; the rest as a number.
static void names(u64 bits, char *out, u64 room)
{
    u64 n = 0, left = 0;
    for (int b = 1; b < 64; b++) {
        if (!(bits >> b & 1)) continue;
        u64 length = 0;
        for (const char *s = bit_name(b); *s; s++) length++;
        if (left || n + (n ? 2 : 0) + length + (bits >> b > 1 ? 4 : 0) > room) { left++; continue; }
        if (n) { out[n++] = ','; out[n++] = ' '; }
        for (const char *s = bit_name(b); *s; s++) out[n++] = *s;
    }
    if (left) { out[n++] = ','; out[n++] = ' '; out[n++] = '+'; out[n++] = (char)('0' + left % 10); }
    out[n] = 0;
}
static void attempt_number(u64 i)
{
    const attempt *a = &ATTEMPTS[i];
    char ways[MAXLINE];
    u64 title = 0;
    run.probes = run.seen = run.breaches = 0;
    run.expected = a->expected;
    a->run();
    yield();                             // lets the neighbour suffer between two attempts
    while (a->name[title]) title++;
    names(run.seen, ways, MAXLINE - 36 - title);
    if (run.breaches) {
        run.breached++;
        say("attempt %02u %s: BREACH (%u of %u probes)", i + 1, a->name, run.breaches, run.probes);
    } else if (!run.probes || run.seen & ~a->expected) {
        run.odd++;
        say("attempt %02u %s: UNEXPECTED (%s)", i + 1, a->name, ways);
    } else {
        run.refused++;
        say("attempt %02u %s: refused (%s), %u probes", i + 1, a->name, ways, run.probes);
    }
}
void guest_main(u64 id)
{
    say("intruder: partition %u, %u attempts", id, N_ATTEMPTS + 1);
    refused_calls = 0;
    for (u64 i = 0; i < N_ATTEMPTS; i++) attempt_number(i);
    say("intruder: %u attempts refused, %u breaches, %u unexpected", run.refused, run.breached, run.odd);
    say("intruder: witnessed must be %u rejections and at least %u faults", refused_calls, run.faults - run.direct);
    if (run.breached || run.odd) exit_with(1);
    say("attempt %02u an endless loop without yielding: the budget has to end it", N_ATTEMPTS + 1);
    for (;;) __asm__ volatile("");
}
