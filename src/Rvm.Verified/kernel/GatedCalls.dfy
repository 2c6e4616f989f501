include "CapabilityCalls.dfy"
include "RegionCalls.dfy"
include "EdgeCalls.dfy"
include "PartitionCalls.dfy"
include "TaskCalls.dfy"
include "PolicyCalls.dfy"
include "LeaseCalls.dfy"
include "GatedFacts.dfy"

/** The calls that a policy can govern, and the gate before them: such a call is refused, or does what its row does and, if it needs a token, leaves one
    record more. */
module GatedCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import PolicyLimits
  import Status
  import Kinds
  import State
  import Apply
  import Common
  import Step
  import Valid
  import G = DecidePolicy
  import D = DecideProof
  import Policy
  import Caps = Capabilities
  import Wit = Witness
  import A = Actions
  import C = CapabilityCalls
  import R = RegionCalls
  import E = EdgeCalls
  import P = PartitionCalls
  import T = TaskCalls
  import Q = PolicyCalls
  import L = LeaseCalls
  import GatedFacts
  import SchedulerLemmas

  const CALLS: u64 := 0xC600_0000

  // Most steps of work (spec/Cost.dfy). Making a partition is the dearest row.
  ghost const ROW_WORK: nat := 1 + P.PARTITION_CREATE_WORK
  ghost const ACT_WORK: nat := 1 + ROW_WORK
  ghost const GATED_WORK: nat := 1 + GUARD_WORK + Q.SAYS_WORK + ACT_WORK
  lemma RowsAreLess()
    ensures C.CAP_GRANT_WORK <= P.PARTITION_CREATE_WORK && R.REGION_MAP_WORK <= P.PARTITION_CREATE_WORK && E.COMM_EDGE_CREATE_WORK <= P.PARTITION_CREATE_WORK
    ensures E.COMM_EDGE_DESTROY_WORK <= P.PARTITION_CREATE_WORK && C.CAP_REVOKE_WORK <= P.PARTITION_CREATE_WORK
    ensures P.PARTITION_START_WORK <= P.PARTITION_CREATE_WORK && P.PARTITION_SUSPEND_WORK <= P.PARTITION_CREATE_WORK
    ensures T.PARTITION_TERMINATE_WORK <= P.PARTITION_CREATE_WORK && R.REGION_UNMAP_WORK <= P.PARTITION_CREATE_WORK
    ensures L.ACQUIRE_WORK <= P.PARTITION_CREATE_WORK && L.REVOKE_WORK <= P.PARTITION_CREATE_WORK && L.RENEW_WORK <= P.PARTITION_CREATE_WORK
    ensures Q.POLICY_ACTIVATE_WORK <= P.PARTITION_CREATE_WORK
  {
    reveal SchedulerLemmas.Filling();
  }

  /** The call by its own row. */
  method Row(k: Core, n: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && G.Decidable(n)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), Step.Row(old(k.Abs()), n, now), now)
    ensures work <= ROW_WORK
  {
    hide *;
    work := 1;
    reveal Step.Row, G.Decidable, ROW_WORK;
    RowsAreLess();
    ghost var w;
    if      n == 12 { w := P.PartitionCreate(k, now); work := work + w; }
    else if n == 17 { w := E.CommEdgeCreate(k, now); work := work + w; }
    else if n == 18 { w := E.CommEdgeDestroy(k, now); work := work + w; }
    else if n == 19 { w := L.Acquire(k, now); work := work + w; }
    else if n == 20 { w := L.Revoke(k, now); work := work + w; }
    else if n == 71 { w := L.Renew(k, now); work := work + w; }
    else if n == 1  { w := C.CapGrant(k, now); work := work + w; }
    else if n == 2  { w := R.RegionMap(k, now); work := work + w; }
    else if n == 64 { w := C.CapRevoke(k, now); work := work + w; }
    else if n == 73 { w := P.PartitionStart(k, now); work := work + w; }
    else if n == 74 { w := P.PartitionSuspend(k, now); work := work + w; }
    else if n == 75 { w := T.PartitionTerminate(k, now); work := work + w; }
    else if n == 76 { w := R.RegionUnmap(k, now); work := work + w; }
    else            { w := Q.PolicyActivate(k, now); work := work + w; }
  }
  /** A call that the policy governs. */
  method Gated(k: Core, n: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && G.Decidable(n)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), G.Gate(old(k.Abs()), n, now, Step.Row(old(k.Abs()), n, now)), now)
    ensures work <= GATED_WORK
  {
    hide *;
    work := 1;
    reveal GatedFacts.Acted, G.Gate, G.P1, G.Named, G.RuleOf, G.Sealed, G.Decidable, CALLS, Common.CALLS, Limits.LO32, Limits.CTXW, Limits.RING, PolicyLimits.NORULE, Status.OK;
    reveal GATED_WORK, ACT_WORK;
    var g := Guard(k, Arg(k, 1), Kinds.None, 0);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + n, g, now); return; }
    var permitted, rule;
    ghost var w;
    permitted, rule, w := Q.Says(k, n, now);
    work := work + w;
    if !permitted { Refuse(k, CALLS + n + (rule as u64 + 1) * LO32, Status.ProofInvalid, now); return; }
    if n != 12 && !(17 <= n <= 20) && n != 71 && n != 79 {
      w := Row(k, n, now);
      work := work + w;
      return;
    }
    if !Q.ProofOk(k, n, now) { Refuse(k, CALLS + n, Status.ProofInvalid, now); return; }
    if !Room(k, Q.Needs(k, n) + 1) { Answer(k, Status.WitnessLogFull, now); return; }
    w := Act(k, n, rule, Q.Deep(k, n), now);
    work := work + w;
  }
  /** A call with a good token: its row, and the record of the proof if it did something. */
  method Act(k: Core, n: u64, rule: u32, deep: bool, now: u64) returns (ghost work: nat)
    requires k.Called() && G.Decidable(n) && G.Sealed(n) && Wit.Room(k.Abs().log, Common.Me(k.Abs()), G.Needs(k.Abs(), n) + 1)
    requires deep == G.Deep(k.Abs(), n)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), GatedFacts.Acted(old(k.Abs()), n, rule, now), now)
    ensures work <= ACT_WORK
  {
    hide *;
    work := 1;
    reveal GatedFacts.Acted, G.Nonce, Limits.CTXW, Limits.NPART, ACT_WORK;
    ghost var s := k.Abs();
    var me, nonce := Me(k), Arg(k, 11);
    ghost var w := Row(k, n, now);
    work := work + w;
    GatedFacts.Did(k, s, n, now);
    if k.ctx[me * CTXW] == Status.OK {
      if deep { Prove(k, s, me, nonce, n, rule, 3, now); } else { Prove(k, s, me, nonce, n, rule, 2, now); }
    }
  }
  lemma RegsSized(k: Core)
    requires k.Inv()
    ensures |k.Abs().vol.regs| == NCTX as int
  {}
  /** The record of a proof, after what the row did; a deep one is used up. */
  method Prove(k: Core, ghost s: State.Kernel, me: u32, nonce: u64, n: u64, rule: u32, tier: u64, now: u64)
    requires Common.Runs(s) && me == Common.Me(s) && nonce == G.Nonce(s) && G.Decidable(n) && G.Sealed(n)
    requires k.Done(s, Step.Row(s, n, now), now) && G.Acted(Step.Row(s, n, now)) && Wit.Room(s.log, me, G.Needs(s, n) + 1)
    requires tier == if G.Deep(s, n) then 3 else 2
    modifies k.Repr()
    ensures k.Done(s, GatedFacts.Acted(s, n, rule, now), now)
  {
    hide *;
    reveal k.Done, GatedFacts.Acted, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, A.Do, A.DoAll, A.WithVol;
    reveal G.Decidable, Common.Runs, Common.CALLS, Limits.NPART, Limits.LO32;
    ghost var v := Step.Row(s, n, now);
    ghost var a := Apply.Proved(me, nonce, n as u32, rule, G.Deep(s, n));
    GatedFacts.Roomy(k, s, n, now);
    RegsSized(k);
    A.CommitIs(s, v, now);
    A.CommitIs(s, GatedFacts.Acted(s, n, rule, now), now);
    A.More(s, v.acts, a, now);
    k.Record(a, me, 0x40, tier, me, nonce, n * LO32 + rule as u64, now);
    k.Use(me, nonce);
    reveal G.Spend, D.Spent, D.STATE, D.NONE, Limits.CTXW;
    if tier == 3 { k.Set(me, 40, 0); }
  }
}
