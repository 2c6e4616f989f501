include "Common.dfy"
include "../../../spec/Decide/Policy.dfy"

/** What stands before the governed calls: the proof token and what the policy says. Also policy_activate. */
module PolicyCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import PolicyLimits
  import Status
  import Kinds
  import Rights
  import Hash
  import State
  import Apply
  import Common
  import Step
  import Valid
  import G = DecidePolicy
  import D = DecideProof
  import Policy
  import Gates
  import Caps = Capabilities
  import Wit = Witness

  const CALLS: u64 := 0xC600_0000
  const TIER: u64 := 2
  const DEEP: u64 := 3
  const WINDOW: u64 := 62_500_000
  const COUNTS: u64 := 62_500
  const UNSAID: u64 := 15
  const FLOW: u64 := 1

  // Most steps of work (spec/Cost.dfy).
  ghost const TARGET_WORK: nat := 1 + GUARD_WORK
  ghost const ASK_WORK: nat := 1 + TARGET_WORK
  ghost const SAYS_WORK: nat := 1 + ASK_WORK + DECIDED_WORK
  ghost const DECIDED_WORK: nat := 1 + Gates.DECIDE_WORK
  ghost const POLICY_ACTIVATE_WORK: nat := 1 + GUARD_WORK

  /** Does the policy govern this call? */
  function Governed(k: Core, n: u64): (b: bool)
    requires k.Called() && G.Decidable(n)
    reads k.Repr()
    ensures b == G.Governed(k.Abs(), n)
  {
    k.gate.Governs(n as u32)
  }

  /** A call that needs a token is governed by every policy. */
  lemma SealedIsGoverned(s: State.Kernel, n: u64)
    requires G.Sealed(n)
    ensures G.Governed(s, n)
  {}

  // ---- the token --------------------------------------------------------------------------------------------------------------

  function Digest(k: Core): (h: u64)
    requires k.Called()
    reads k.Repr()
    ensures h == G.Digest(k.Abs(), 8)
  {
    G.Digest(k.Abs(), 8)
  } by method {
    h := Hash.Fnv8(Hash.BASIS, k.sched.cur as u64);
    h := Hash.Fnv8(h, Arg(k, 0));
    h := Hash.Fnv8(h, Arg(k, 1));
    h := Hash.Fnv8(h, Arg(k, 2));
    h := Hash.Fnv8(h, Arg(k, 3));
    h := Hash.Fnv8(h, Arg(k, 4));
    h := Hash.Fnv8(h, Arg(k, 5));
    h := Hash.Fnv8(h, Arg(k, 6));
    h := Hash.Fnv8(h, Arg(k, 7));
    DigestIs(k.Abs());
  }
  lemma DigestIs(s: State.Kernel)
    requires Common.Runs(s)
    ensures G.Digest(s, 4) == Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.BASIS, Common.Me(s) as u64),
      Common.Arg(s, 0)), Common.Arg(s, 1)), Common.Arg(s, 2)), Common.Arg(s, 3))
    ensures G.Digest(s, 8) == Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(G.Digest(s, 4),
      Common.Arg(s, 4)), Common.Arg(s, 5)), Common.Arg(s, 6)), Common.Arg(s, 7))
  {
    hide Common.Runs, Common.Arg;
    assert G.Digest(s, 0) == Hash.Fnv8(Hash.BASIS, Common.Me(s) as u64);
    assert G.Digest(s, 1) == Hash.Fnv8(G.Digest(s, 0), Common.Arg(s, 0));
    assert G.Digest(s, 2) == Hash.Fnv8(G.Digest(s, 1), Common.Arg(s, 1));
    assert G.Digest(s, 3) == Hash.Fnv8(G.Digest(s, 2), Common.Arg(s, 2));
    assert G.Digest(s, 4) == Hash.Fnv8(G.Digest(s, 3), Common.Arg(s, 3));
    assert G.Digest(s, 5) == Hash.Fnv8(G.Digest(s, 4), Common.Arg(s, 4));
    assert G.Digest(s, 6) == Hash.Fnv8(G.Digest(s, 5), Common.Arg(s, 5));
    assert G.Digest(s, 7) == Hash.Fnv8(G.Digest(s, 6), Common.Arg(s, 6));
    assert G.Digest(s, 8) == Hash.Fnv8(G.Digest(s, 7), Common.Arg(s, 7));
  }
  /** Whether a test fails, as a number. */
  function Fails(passed: bool): (n: u32) ensures n == if passed then 0 else 1 { if passed then 0 else 1 }
  /** All tests of the token are made, whatever comes of each: how long that takes tells nothing of the token. */
  function TokenOk(k: Core, now: u64): (ok: bool)
    requires k.Called() && Guarded(k, Common.Arg(k.Abs(), 1))
    reads k.Repr()
    ensures ok == G.TokenOk(k.Abs(), now)
  {
    G.TokenOk(k.Abs(), now)
  } by method {
    hide *;
    reveal G.TokenOk, G.Shown, G.Nonce, TIER, WINDOW, G.TIER, G.WINDOW, k.Abs, k.Structure, k.Inv, Caps.Slot, Caps.Index, Limits.CTXW, Limits.MAXDEPTH;
    var i := Entry(k, Arg(k, 1));
    var rights, depth, obj := k.caps.RightsOf(i), k.caps.DepthOf(i), k.caps.ObjectOf(i);
    var digest, last := Digest(k), k.gate.Nonce(k.sched.cur);
    var claim, until, nonce := Arg(k, 9), Arg(k, 10), Arg(k, 11);
    var ahead := if now <= until then until - now else 0;
    var n := Fails(Rights.Subset(Rights.PROVE, rights)) + Fails(Arg(k, 8) == digest) + Fails(claim % 256 >= TIER) + Fails(claim / 256 == depth as u64)
      + Fails(depth <= MAXDEPTH) + Fails(now <= until) + Fails(ahead <= WINDOW) + Fails(last < nonce) + Fails(nonce <= until)
      + Fails(Arg(k, 12) == obj as u64);
    ok := n == 0;
  }

  /** Does the active policy want a deep proof of this call? */
  function Deep(k: Core, n: u64): (deep: bool)
    requires k.Called() && G.Decidable(n)
    reads k.Repr()
    ensures deep == G.Deep(k.Abs(), n)
  {
    ActiveIs(k);
    k.gate.Deep(n as u32)
  }
  /** The tests of a deep proof, all of them made. */
  function DeepOk(k: Core): (ok: bool)
    requires k.Called()
    reads k.Repr()
    ensures ok == G.DeepOk(k.Abs())
  {
    G.DeepOk(k.Abs())
  } by method {
    hide *;
    reveal G.DeepOk, G.DEEP, DEEP, D.GOOD, Limits.CTXW;
    JobWords(k);
    var n := Fails(Arg(k, 9) % 256 >= DEEP) + Fails(Arg(k, 40) == 2) + Fails(Arg(k, 47) == Arg(k, 8));
    ok := n == 0;
  }
  lemma JobWords(k: Core)
    requires k.Called()
    ensures |k.Abs().vol.regs| == NCTX as int
    ensures var j := D.JobOf(k.Abs().vol, Common.Me(k.Abs())); j.state == Common.Arg(k.Abs(), 40) && j.goal == Common.Arg(k.Abs(), 47)
  {}
  /** The proof that the call needs is there. All tests are made, whether the call needs a deep one or not. */
  function ProofOk(k: Core, n: u64, now: u64): (ok: bool)
    requires k.Called() && G.Decidable(n) && Guarded(k, Common.Arg(k.Abs(), 1))
    reads k.Repr()
    ensures ok == G.ProofOk(k.Abs(), n, now)
  {
    G.ProofOk(k.Abs(), n, now)
  } by method {
    hide *;
    reveal G.ProofOk, Guarded;
    var token, deep, good := TokenOk(k, now), Deep(k, n), DeepOk(k);
    ok := token && (!deep || good);
  }

  // ---- the request ------------------------------------------------------------------------------------------------------------

  /** The partition that the call is about. */
  function Target(k: Core, n: u64): (p: u64)
    requires k.Called() && Guarded(k, Common.Arg(k.Abs(), 1))
    reads k.Repr()
    ensures p == G.Target(k.Abs(), n)
  {
    G.Target(k.Abs(), n)
  } by method {
    hide *;
    reveal G.Target, G.Shown, k.Abs, k.Structure, k.Inv, Caps.Slot, Caps.Index, Limits.CTXW, Limits.NEDGE, TARGET_WORK;
    ghost var work := 1;
    var to := Arg(k, 2);
    var i := Entry(k, Arg(k, 1));
    var kind, obj := k.caps.KindOf(i), k.caps.ObjectOf(i);
    if n == 1 {
      if to == 0 {
        p := k.sched.cur as u64;
      } else {
        var g := Guard(k, to, Kinds.Partition, Rights.WRITE);
        work := work + GUARD_WORK;
        p := 0;
        if g == Status.OK { p := Object(k, to) as u64; }
      }
    } else if kind == Kinds.Partition {
      p := obj as u64;
    } else if kind == Kinds.CommEdge && obj < NEDGE {
      var src := k.edges.Src(obj);
      p := if src == k.sched.cur then k.edges.Dst(obj) as u64 else src as u64;
    } else {
      p := 0;
    }
    assert work <= TARGET_WORK;
  }
  /** The gate's request has the values of this call's fields. */
  method Ask(k: Core, n: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && Guarded(k, Common.Arg(k.Abs(), 1)) && G.Decidable(n)
    modifies k.Repr()
    ensures k.Called() && k.Abs() == old(k.Abs()) && k.gate.request[..] == G.Asked(k.Abs(), n, now)
    ensures work <= ASK_WORK
  {
    hide *;
    work := 1;
    reveal G.Asked, G.Shown, k.Abs, k.Structure, k.Inv, k.gate.Devices, COUNTS, UNSAID, FLOW, G.COUNTS, G.UNSAID, G.FLOW, Caps.Slot, Caps.Index, Limits.CTXW, Limits.NREGION, Kinds.Region, Kinds.DeviceLease, ASK_WORK;
    var target := Target(k, n);
    work := work + TARGET_WORK;
    var i := Entry(k, Arg(k, 1));
    var kind, obj, depth := k.caps.KindOf(i), k.caps.ObjectOf(i), k.caps.DepthOf(i);
    var policy, frame, pages := UNSAID, 0, 0;
    if kind == Kinds.Region && obj < NREGION { policy, frame, pages := k.regions.Policy(obj) as u64, k.regions.Frame(obj), k.regions.Pages(obj); }
    if kind == Kinds.DeviceLease && obj < k.gate.leases.Count() { frame, pages := k.gate.leases.Frame(obj), k.gate.leases.Pages(obj); }
    var x2, x3, x4, x5 := Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    var perm, rights := if n == 2 then x5 else UNSAID, if n == 1 then x3 else 0;
    var amount := if n == 12 then x4 else if n == 17 then x2 else 0;
    var budget, image := if n == 12 then x5 else 0, if n == 12 then x2 else 0;
    Fill(k, k.sched.cur as u64, target, kind as u64, obj as u64, policy, frame, pages, perm, rights, depth as u64, amount, budget, image, now, now / COUNTS,
         if n == 19 || n == 71 then x2 else 0);
  }
  method Fill(k: Core, caller: u64, target: u64, kind: u64, obj: u64, policy: u64, address: u64, size: u64, perm: u64, rights: u64, depth: u64,
              amount: u64, budget: u64, image: u64, now: u64, epoch: u64, duration: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Called() && k.Abs() == old(k.Abs())
    ensures k.gate.request[..] == [caller, target, kind, obj, policy, 0, address, size, perm, rights, depth, amount, budget, image, now, epoch, FLOW, duration]
  {
    reveal k.Called(), k.Separate();
    k.gate.Ask(caller, target, kind, obj, policy, address, size, perm, rights, depth, amount, budget, image, now, epoch, FLOW, duration);
  }
  method Says(k: Core, n: u64, now: u64) returns (permitted: bool, rule: u32, ghost work: nat)
    requires k.Called() && Guarded(k, Common.Arg(k.Abs(), 1)) && G.Decidable(n)
    modifies k.Repr()
    ensures k.Called() && k.Abs() == old(k.Abs()) && rule <= PolicyLimits.NORULE
    ensures Caps.Slot(Common.Arg(k.Abs(), 1)) < CSLOTS as u64 && Guarded(k, Common.Arg(k.Abs(), 1))
    ensures G.Says(k.Abs(), n, now) == if permitted then Policy.Permit(rule as u64) else Policy.Deny(rule as u64)
    ensures work <= SAYS_WORK
  {
    hide *;
    work := 1;
    reveal G.Says, G.Decidable, Guarded, Limits.CTXW, SAYS_WORK;
    ghost var w := Ask(k, n, now);
    work := work + w;
    permitted, rule, w := Decided(k, n as u32);
    work := work + w;
  }
  method Decided(k: Core, n: u32) returns (permitted: bool, rule: u32, ghost work: nat)
    requires k.Called()
    ensures k.Called() && k.Abs() == old(k.Abs()) && rule <= PolicyLimits.NORULE
    ensures Policy.Decision(G.Active(k.Abs()), n, k.gate.request[..]) == if permitted then Policy.Permit(rule as u64) else Policy.Deny(rule as u64)
    ensures work <= DECIDED_WORK
  {
    hide Policy.Decision;
    work := 1;
    reveal k.Called();
    ghost var w;
    permitted, rule, w := k.gate.Decide(n);
    work := work + w;
    ActiveIs(k);
  }
  /** The words that decide are the gate's. */
  lemma ActiveIs(k: Core)
    requires k.Called()
    ensures G.Active(k.Abs()) == k.gate.Words()
  {}

  /** Records that the call needs besides that of its proof. */
  function Needs(k: Core, n: u64): (r: u64)
    requires k.Called()
    reads k.Repr()
    ensures r == G.Needs(k.Abs(), n) && r <= RING + 8
  {
    if n == 12 then (if Arg(k, 4) <= RING then Arg(k, 4) + 8 else 0) else if n == 17 || n == 19 then 3 else if n == 20 then 2 else 1
  }

  // ---- policy_activate --------------------------------------------------------------------------------------------------------

  method PolicyActivate(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), G.PolicyActivate_(old(k.Abs())), now)
    ensures work <= POLICY_ACTIVATE_WORK
  {
    hide *;
    work := 1;
    reveal G.PolicyActivate_, k.Abs, CALLS, Common.CALLS, Limits.CTXW, Limits.NPOLICY, Status.OK, POLICY_ACTIVATE_WORK;
    var i := Arg(k, 2);
    var g := Guard(k, Arg(k, 1), Kinds.Policy, Rights.WRITE);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 79, g, now); return; }
    if i == 0 || i > k.gate.Count() as u64 { Refuse(k, CALLS + 79, Status.ResourceLimitExceeded, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    Activate(k, i as u32, now);
  }
  method Activate(k: Core, i: u32, now: u64)
    requires k.Called() && 0 < i as int <= |k.Abs().policies| && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    modifies k.Repr()
    ensures var s := old(k.Abs());
      k.Done(s, Common.Verdict([Apply.PolicyActivate(Common.Me(s), i, s.policies[i - 1].digest)], Common.SetReg(s.vol, Common.Me(s), 0, Status.OK), []), now)
  {
    hide *;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Wit.Room, Wit.Spare;
    reveal k.Abs, Limits.NPART, Limits.CTXW, Status.OK;
    var me, digest := k.sched.cur, k.gate.Digest(i);
    ghost var a := Apply.PolicyActivate(me, i, digest);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x86, 1, me, i as u64, digest, now);
    k.Activate(i);
    k.Set(me, 0, Status.OK);
  }
}
