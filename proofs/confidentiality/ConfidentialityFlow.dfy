include "ConfidentialityTurns.dfy"
include "ConfidentialityGifts.dfy"
include "Confidentiality.dfy"

/** What flows from one partition to another is what the one saw: nothing of a third flows through it unseen. */
module {:compile false} ConfidentialityFlow {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import opened Observation
  import opened Declassification
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityBetween
  import Confidentiality
  import Calls = ConfidentialityCalls
  import I = IntegrityView
  import R = IntegrityRun
  import Across = ConfidentialityAcross
  import Hands = ConfidentialityHands
  import Things = ConfidentialityThings
  import Gifts = ConfidentialityGifts
  import Partings = ConfidentialityPartings
  import Turns = ConfidentialityTurns
  import Leases = ConfidentialityLeases
  import Gate = ConfidentialityGate
  import Jobs = ConfidentialityJobs
  import G = DecidePolicy
  import A = Apply
  import Integrity
  import StepPreservesValid
  import V = Valid
  import DT = DecideTask
  import Step
  import Kinds

  ghost predicate CallAgrees(a: Kernel, b: Kernel, now: u64, p: u32) requires Runs(a) && Runs(b) { Agree3(a, Step.Call(a, now), b, Step.Call(b, now), now, p) }
  ghost predicate RowAgrees(a: Kernel, b: Kernel, n: u64, now: u64, p: u32) requires Runs(a) && Runs(b) && n < LO32 - CALLS {
    Agree3(a, Step.Row(a, n, now), b, Step.Row(b, n, now), now, p)
  }
  lemma LowRows(a: Kernel, b: Kernel, n: u64, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && n < LO32 - CALLS && (n < 5 || n > 78) && CallTells(a, n) == CallTells(b, n)
    ensures RowAgrees(a, b, n, now, p)
  {
    hide *;
    reveal Step.Row, CallTells, Limits.LO32, CALLS, RowAgrees;
    Refusals3(a, b, now, p);
    if n == 1 { Hands.CapGrant(a, b, now, p); }
    else if n == 2 { Hands.RegionMap(a, b, now, p); }
    else if n == 3 { Across.QueueSend(a, b, now, p); }
    else if n == 4 { Across.QueueRecv(a, b, now, p); }
    else if n == 79 { Gate.PolicyActivate3(a, b, now, p); }
    else if n == 80 { Jobs.Proofs3(a, b, now, p); }
  }
  lemma MiddleRows(a: Kernel, b: Kernel, n: u64, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && 5 <= n < 64 && n < LO32 - CALLS && CallTells(a, n) == CallTells(b, n)
    ensures RowAgrees(a, b, n, now, p)
  {
    hide *;
    reveal Step.Row, CallTells, Limits.LO32, CALLS, RowAgrees;
    Refusals3(a, b, now, p);
    if n == 5 { TimerWait(a, b, now, p); }
    else if n == 12 { Gifts.PartitionCreate(a, b, now, p); }
    else if n == 17 { Gifts.CommEdgeCreate(a, b, now, p); }
    else if n == 18 { Things.CommEdgeDestroy(a, b, now, p); }
    else if n == 19 { Leases.DeviceLeaseAcquire3(a, b, now, p); }
    else if n == 20 { Leases.DeviceLeaseRevoke3(a, b, now, p); }
    else if n == 21 { WitnessRead(a, b, now, p); }
    else if n == 22 { Across.NotifySignal(a, b, now, p); }
    else if n == 23 { Across.NotifyWait(a, b, now, p); }
  }
  lemma HighRows(a: Kernel, b: Kernel, n: u64, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && 64 <= n <= 78 && n < LO32 - CALLS && CallTells(a, n) == CallTells(b, n)
    ensures RowAgrees(a, b, n, now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    hide *;
    reveal Step.Row, Limits.LO32, CALLS, RowAgrees;
    Refusals3(a, b, now, p);
    if n == 64 { Hands.CapRevoke(a, b, now, p); }
    else if n == 65 { Yield(a, b, now, p); }
    else if n == 66 { assert Arg(a, 1) == Arg(b, 1) by { reveal Limits.CTXW; } Partings.Exit(a, b, Arg(a, 1), now, p); }
    else if n == 67 { ConsoleWrite(a, b, now, p); }
    else if n == 71 { Leases.LeaseRenew3(a, b, now, p); }
    else if n == 72 { Things.WitnessAck(a, b, now, p); }
    else if n == 73 { Things.PartitionStart(a, b, now, p); }
    else if n == 74 { Things.PartitionSuspend(a, b, now, p); }
    else if n == 75 { Partings.PartitionTerminate(a, b, now, p); }
    else if n == 76 { Hands.RegionUnmap(a, b, now, p); }
    else if n == 77 { Jobs.Proofs3(a, b, now, p); }
    else if n == 78 { Hands.CapDrop(a, b, now, p); }
  }
  lemma Rows(a: Kernel, b: Kernel, n: u64, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && n < LO32 - CALLS && CallTells(a, n) == CallTells(b, n)
    ensures RowAgrees(a, b, n, now, p)
  {
    hide *;
    if n < 5 || n > 78 { LowRows(a, b, n, now, p); } else if n < 64 { MiddleRows(a, b, n, now, p); } else { HighRows(a, b, n, now, p); }
  }
  /** A call, with the gate before it. */
  lemma Called(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Confidentiality.Number(a) == Confidentiality.Number(b)
    requires var f := Confidentiality.Number(a); CALLS <= f ==> GateTells(a, f - CALLS, now) == GateTells(b, f - CALLS, now)
    ensures CallAgrees(a, b, now, p)
  {
    BothIs(a, b, p);
    hide *;
    reveal Confidentiality.Number, Limits.LO32, CALLS, CallAgrees, RowAgrees, Confidentiality.RowAgrees;
    var f := Confidentiality.Number(a);
    if f < CALLS || f > CALLS + 80 {
      Turns.StandardCall(a, b, f, now, p);
      reveal Step.Call;
    } else {
      var n := f - CALLS;
      assert n < LO32 - CALLS;
      Confidentiality.Governs(a, b, n, now);
      if G.Governed(a, n) {
        if Gate.Open(a, n, now) {
          Gate.Rules(a, b, n, now) by { reveal Gate.Ruled2; }
          Confidentiality.Rows(a, b, n, now);
          Rows(a, b, n, now, p);
        }
        Gate.Gated3(a, b, n, now, p) by { reveal Gate.Ruled2; }
      } else {
        assert CallTells(a, n) == CallTells(b, n) by { reveal GateTells; }
        Rows(a, b, n, now, p);
      }
      reveal Step.Call, G.Governed;
    }
  }
  lemma Left(a: Kernel, b: Kernel, saved: seq<u64>, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b)
    ensures Agree3(a, Step.Left(a, saved), b, Step.Left(b, saved), now, p)
  {
    BothIs(a, b, p);
    var v, w := Step.Left(a, saved), Step.Left(b, saved);
    hide *;
    reveal Same, Step.Left, Step.Nothing, I.Sorts, A.Tables, Limits.NPART;
    R.Unchanged(a.st.edges, a.vol, p);
    R.Unchanged(b.st.edges, b.vol, p);
    if |saved| == SAVED as int {
      R.Computed(a.st.edges, a.vol, Me(a), saved, p);
      R.Computed(b.st.edges, b.vol, Me(b), saved, p);
    }
    Calls.RunAround(a.st.edges, a.vol, v.vol, b.st.edges, b.vol, w.vol, p);
    Rest3(a, v.vol, b, w.vol, [], [], now, p);
  }
  lemma Decided(a: Kernel, b: Kernel, e: Step.Event, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Tells(a, e) == Tells(b, e) && !e.Begin? && !e.Boot?
    ensures Agree3(a, Step.Decide(a, e), b, Step.Decide(b, e), e.now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    hide *;
    reveal Step.Decide, Runs;
    match e
    case Tick(now) => Leases.Tick3(a, b, now, p);
    case Trap(esr, far, ipa, vbar, now) => Turns.Trap(a, b, esr, far, ipa, vbar, now, p);
    case Hypercall(now) =>
      assert Confidentiality.Number(a) == Confidentiality.Number(b) by { reveal Confidentiality.Number, Limits.CTXW; }
      assert Confidentiality.Number(a) >= CALLS ==>
        GateTells(a, Confidentiality.Number(a) - CALLS, now) == GateTells(b, Confidentiality.Number(b) - CALLS, now) by { reveal Tells, Confidentiality.Number; }
      reveal CallAgrees;
      Called(a, b, now, p);
    case Ran(saved, now) => Left(a, b, saved, now, p);
    case _ =>
  }
  lemma Committed(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64, p: u32)
    requires Agree3(a, v, b, w, now, p) && V.Valid(a) && V.Valid(b) && V.Valid(Step.Commit(a, v, now)) && V.Valid(Step.Commit(b, w, now))
    ensures p < NPART && Sized(Step.Commit(a, v, now)) && Sized(Step.Commit(b, w, now))
    ensures See(Step.Commit(a, v, now), p) == See(Step.Commit(b, w, now), p)
  {
    reveal Agree3();
    var x, y := Step.Commit(a, v, now), Step.Commit(b, w, now);
    assert Sized(x) && Sized(y);
    assert Same(x, y, p) by { hide V.Valid; hide A.ApplyAll; hide A.NoteAll; }
    hide *;
    Together(x, y, p);
  }
  /** Two states that look the same to the partition that runs and to another one, p, which exists. */
  ghost predicate LooksTheSameToBoth(a: Kernel, b: Kernel, e: Step.Event, p: u32) {
    Confidentiality.LooksTheSame(a, b, e) && Sized(a) && Sized(b) && 0 < p < NPART && p != Me(a) && a.st.parts[p].life != Kinds.Free && See(a, p) == See(b, p)
  }
  /** What another partition sees after the one that runs has computed, called, trapped or been interrupted depends only on what those two saw before
      and on what the event may tell: through whatever channel, nothing flows but what its source knows. */
  lemma Nothing_flows_but_what_its_source_knows(a: Kernel, b: Kernel, e: Step.Event, p: u32)
    requires LooksTheSameToBoth(a, b, e, p)
    ensures Sized(Step.Step(a, e).k) && Sized(Step.Step(b, e).k) && See(Step.Step(a, e).k, p) == See(Step.Step(b, e).k, p)
  {
    assert Confidentiality.LooksTheSame(a, b, e);
    Integrity.InOrder(a);
    Integrity.InOrder(b);
    StepPreservesValid.Every_event_leaves_a_valid_state(a, e);
    StepPreservesValid.Every_event_leaves_a_valid_state(b, e);
    assert Sized(Step.Step(a, e).k) && Sized(Step.Step(b, e).k) && Sized(a) && Sized(b);
    hide *;
    reveal LooksTheSameToBoth, Confidentiality.LooksTheSame, Runs;
    AreAlike(a, b) by { reveal Twins; }
    if !e.Begin? && !e.Boot? {
      Apart(a, b, p);
      assert Both(a, b, p) by { reveal Both(); }
      Decided(a, b, e, p);
      reveal Step.Step;
      Committed(a, Step.Decide(a, e), b, Step.Decide(b, e), e.now, p);
    } else {
      reveal Step.Step, Step.BeginStep, Step.BootStep, Step.Settle, Integrity.Ordinary;
    }
  }
}
