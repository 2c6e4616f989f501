// A deep proof (docs/abi.md §4): the policy wants one of partition_create. A certificate that is wrong, one for another call, and one that is right; the call
// before any verdict, after each of them, with a token of the lower tier, and once more after it went through.
// Slots: 0 console, 1 memory pool (write, prove), 2 the witness log (witness), 3 the witness log (read). Image 0 is child.elf.
#include "lib/rvm.h"

#define POOL    HANDLE(1)
#define LOG     HANDLE(2)
#define NO_LOG  HANDLE(3)
#define RECORDS 20UL                                     // more than one slice's steps

static u64 from, upto, before, claim, refused;

static regs asks(void) { return (regs){ .x = { FN_PARTITION_CREATE, POOL, 0, 0x646c696863, 8, 0 } }; }
static i64 make(u64 tier, handle *made)
{
    regs r = asks();
    token t = prove(&r, 0, 0);
    t.claim = tier;                                      // depth 0
    i64 s = hvc_with(FN_PARTITION_CREATE, &r, &t);
    if (s == OK) *made = r.x[1];
    return s;
}
static void wrong(const char *what, u64 tier)
{
    handle none;
    i64 s = make(tier, &none);
    if (s == ProofInvalid) { refused++; say("%s: refused (%s)", what, status_name(s)); }
    else fail(what, s, ProofInvalid);
}
static void certificate(void)
{
    u64 first[8], last[8], drained;
    CHECK_EQ("witness_read", witness_read(LOG, 0, first, &upto, &drained), OK);
    CHECK("enough records", upto >= RECORDS && drained == 0);
    from = upto - RECORDS;
    CHECK_EQ("witness_read", witness_read(LOG, from, first, &upto, &drained), OK);
    CHECK_EQ("witness_read", witness_read(LOG, from + RECORDS - 1, last, &upto, &drained), OK);
    upto = from + RECORDS;
    before = first[5] >> 32 | first[6] << 32;
    claim = last[6] >> 32 | last[7] << 32;
}
// Submits a certificate, tries the call while it is being checked, and waits for the verdict: time passes for it only where slices end.
static u64 verdict(const char *what, u64 value, u64 digest)
{
    u64 state = JOB_RUNNING, left = 0, least = RECORDS, seen = 0;
    CHECK_EQ("proof_submit", proof_submit(LOG, from, upto, before, value, digest), OK);
    CHECK_EQ("proof_status", proof_status(&state, &left), OK);
    CHECK("the job runs", state == JOB_RUNNING && left == RECORDS);
    wrong("the call before the verdict", TIER_P3);
    while (state == JOB_RUNNING) {
        CHECK_EQ("proof_status", proof_status(&state, &left), OK);
        if (left > least) fail("fewer records with time", (i64)left, (i64)least);
        if (left < least) { seen++; least = left; }
    }
    CHECK("more than one slice", seen >= 2);
    say("%s: %s", what, state == JOB_GOOD ? "good" : state == JOB_BAD ? "bad" : "?");
    return state;
}
static void ranges(u64 digest)
{
    expect_status("no records", proof_submit(LOG, from, from, before, claim, digest), ResourceLimitExceeded);
    expect_status("records that are not there yet", proof_submit(LOG, from, upto + 1000, before, claim, digest), ResourceLimitExceeded);
    expect_status("a capability without the right", proof_submit(NO_LOG, from, upto, before, claim, digest), InsufficientCapability);
    expect_status("a capability for something else", proof_submit(POOL, from, upto, before, claim, digest), CapabilityTypeMismatch);
}
void guest_main(u64 id)
{
    handle h = 0;
    u64 state, left;
    (void)id;
    regs r = asks();
    u64 digest = prove(&r, 0, 0).digest;
    CHECK_EQ("proof_status", proof_status(&state, &left), OK);
    CHECK("no job yet", state == JOB_NONE && left == 0);
    for (u64 i = 0; i < RECORDS; i++) CHECK_EQ("a refusal, for the log", region_unmap(POOL, 0, 1), CapabilityTypeMismatch);
    wrong("the call without a certificate", TIER_P3);
    certificate();
    ranges(digest);
    CHECK_EQ("a wrong claim", verdict("a wrong claim", claim ^ 1, digest), JOB_BAD);
    wrong("the call after a bad verdict", TIER_P3);
    CHECK_EQ("another call", verdict("a certificate for another call", claim, digest ^ 1), JOB_GOOD);
    wrong("the call after a verdict for another", TIER_P3);
    CHECK_EQ("the right claim", verdict("the right claim", claim, digest), JOB_GOOD);
    wrong("the call with a token of tier 2", TIER_P2);
    expect_status("the call after its verdict", make(TIER_P3, &h), OK);
    CHECK_EQ("proof_status", proof_status(&state, &left), OK);
    CHECK("the verdict is used up", state == JOB_NONE);
    wrong("the same call once more", TIER_P3);
    CHECK_EQ("partition_terminate", partition_terminate(h), OK);
    say("deep: %u calls refused", refused);
    finish("deep");
}
