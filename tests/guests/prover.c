// Every way in which a proof token can be wrong, one after the other, around one call that is right: each must be refused with the one status
// ProofInvalid and one record, and change nothing. Then the policy's own refusals, and a change of the policy.
// Slots: 0 console, 1 memory pool (write, prove), 2 memory pool (write), 3 the policy (write, prove). Image 0 is child.elf.
// systems/proof.yaml: policy 1 permits partitions with at most 64 records (rule small), policy 2 permits nothing but a change of the policy.
#include "lib/rvm.h"

#define POOL      HANDLE(1)
#define WEAK_POOL HANDLE(2)
#define POLICY    HANDLE(3)
#define QUOTA     8UL

static u64 refused;

static regs asks(handle pool, u64 quota) { return (regs){ .x = { FN_PARTITION_CREATE, pool, 0, 0x646c696863, quota, 0 } }; }
static i64 make(regs r, const token *t, handle *made)
{
    i64 s = hvc_with(FN_PARTITION_CREATE, &r, t);
    if (s == OK) *made = r.x[1];
    return s;
}
static void wrong(const char *what, regs r, token t)
{
    handle none;
    i64 s = make(r, &t, &none);
    if (s == ProofInvalid) { refused++; say("%s: refused (%s)", what, status_name(s)); }
    else fail(what, s, ProofInvalid);
}
static void end(handle h)
{
    CHECK_EQ("partition_terminate", partition_terminate(h), OK);
    CHECK_EQ("cap_drop", cap_drop(h), OK);
}
static void tokens(void)
{
    handle h = 0;
    regs r = asks(POOL, QUOTA);
    token used = prove(&r, 0, 0);
    expect_status("a good token", make(r, &used, &h), OK);
    end(h);
    wrong("the same token again", r, used);
    token t = used;
    t.nonce--;
    wrong("an earlier nonce", r, t);
    t = prove(&r, 0, 0);
    t.until = now() - 1;
    t.nonce = used.nonce + 1;
    wrong("a token that has expired", r, t);
    t = prove(&r, 0, 0);
    t.until = now() + 2 * TOKEN_WINDOW;
    wrong("a token that would be valid for too long", r, t);
    t = prove(&r, 0, 0);
    t.nonce = t.until + 1;
    wrong("a nonce beyond the end of validity", r, t);
    wrong("a token for another object", r, prove(&r, 0, 1));
    wrong("a token for another depth", r, prove(&r, 1, 0));
    t = prove(&r, 0, 0);
    t.claim--;
    wrong("a token of tier 1", r, t);
    for (u64 i = 0; i < 5; i++) {
        if (i == 4) continue;                            // the object's number is 0
        token cut = prove(&r, 0, 0);
        ((u64 *)&cut)[i] = 0;
        wrong("a token with a register missing", r, cut);
    }
    for (u64 i = 2; i < 8; i++) {
        regs other = r;
        other.x[i] ^= i == 4 ? 1 : 1UL << (i * 8);       // a quota that the policy permits
        wrong("a token for other arguments", other, prove(&r, 0, 0));
    }
    r = asks(WEAK_POOL, QUOTA);
    wrong("a capability without the right to prove", r, prove(&r, 0, 0));
    r = asks(POOL, QUOTA);
    t = prove(&r, 0, 0);
    expect_status("a good token after all that", make(r, &t, &h), OK);
    end(h);
}
static void policies(void)
{
    handle h = 0;
    regs r = asks(POOL, 65);
    wrong("more records than rule `small` permits", r, prove(&r, 0, 0));
    r = asks(POOL, 0);
    wrong("no records: rule `mute` forbids it", r, prove(&r, 0, 0));
    expect_status("a policy that does not exist", policy_activate(POLICY, 3), ResourceLimitExceeded);
    expect_status("a policy that does not exist", policy_activate(POLICY, 0), ResourceLimitExceeded);
    expect_status("policy_activate without a token", call(FN_POLICY_ACTIVATE, POLICY, 2, 0, 0, 0), ProofInvalid);
    expect_status("policy_activate with the pool: no rule permits it", policy_activate(POOL, 2), ProofInvalid);
    r = asks(POOL, QUOTA);
    expect_status("policy_activate", policy_activate(POLICY, 2), OK);
    wrong("what the new policy does not permit", r, prove(&r, 0, 0));
    expect_status("back to the first policy", policy_activate(POLICY, 1), OK);
    expect_status("what the first policy permits", partition_create(POOL, 0, "child", QUOTA, 0, &h), OK);
    end(h);
}
void guest_main(u64 id)
{
    (void)id;
    CHECK_EQ("timer_wait", timer_wait(now() + 1000), OK);
    tokens();
    policies();
    say("prover: %u proofs refused", refused);
    finish("prover");
}
