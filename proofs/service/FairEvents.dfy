include "FairCalls.dfy"
include "../invariant/GateKept.dfy"

/** What each event does to the schedule. */
module {:compile false} FairEvents {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import opened FairSteps
  import opened FairTurns
  import opened FairCalls
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DR = DecideRegion
  import DL = DecideLease
  import L = Leases
  import CallsKept
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import G = DecidePolicy
  import DF = DecideProof
  import Step
  import Kinds
  import Status
  import SchedulerOk
  import GateKept
  import JobsKept

  lemma StandardCall(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures Moves(k, Step.StandardCall(k, f, now), now)
  {
    hide *;
    reveal Runs, Calm, Step.StandardCall;
    Answers(k);
    CalmOthers(k);
    Exiting(k, 0, now);
    var v := Step.StandardCall(k, f, now);
    if Calm(k, v) { Unchanged(k, v, now); }
  }
  lemma CalmLeases(k: Kernel, now: u64)
    requires Runs(k)
    ensures Calm(k, DL.DeviceLeaseAcquire(k, now)) && Calm(k, DL.DeviceLeaseRevoke(k)) && Calm(k, DL.LeaseRenew(k, now))
  {
    Answers(k);
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK { CallsKept.Placed(k, DL.Shown(k), Arg(k, 3)); }
    hide V.Valid;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide L.Pages;
    hide M.DeviceFree;
    hide M.VirginFrom;
    hide Refuse;
    hide Answer;
    hide W.Room;
  }
  lemma PolicyActivating(k: Kernel)
    requires Runs(k)
    ensures Calm(k, G.PolicyActivate_(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
  }
  /** Actions that neither start nor stop anybody. */
  ghost predicate Tame(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> !acts[i].PartitionStart? && !acts[i].PartitionSuspend? && !acts[i].PartitionEnd? }
  lemma SealedAreTame(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Sealed(n) && n < LO32 - CALLS
    ensures Tame(Step.Row(k, n, now).acts)
  {
    GateKept.SealedActs(k, n, now);
    hide *;
    reveal Tame, GateKept.AllSeal, GateKept.Seals;
  }
  /** The gate does to the schedule what the call does, or nothing. */
  lemma Gated(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Runs(k) && G.Decidable(n) && Moves(k, v, now) && (G.Sealed(n) ==> Tame(v.acts))
    ensures Moves(k, G.Gate(k, n, now, v), now)
  {
    Answers(k);
    hide *;
    reveal Runs, Calm;
    GateKept.Cases(k, n, now, v);
    reveal GateKept.Stopped, GateKept.WithProof, GateKept.Proof;
    Longer(k, v, GateKept.Proof(k, n, now), now);
    Spends(k, n, v.(acts := v.acts + [GateKept.Proof(k, n, now)]), now);
    var w := G.Gate(k, n, now, v);
    if Calm(k, w) { Unchanged(k, w, now); }
  }
  lemma Longer(k: Kernel, v: Verdict, a: Action, now: u64)
    requires Runs(k) && Moves(k, v, now) && a.Proved?
    ensures G.Acted(v) && Tame(v.acts) ==> Moves(k, v.(acts := v.acts + [a]), now)
  {
    hide *;
    reveal Runs, Moves, Sober, Victim, Tame, G.Acted;
  }
  lemma Spends(k: Kernel, n: u64, v: Verdict, now: u64)
    requires Runs(k) && G.Decidable(n)
    ensures Moves(k, v, now) ==> Moves(k, v.(vol := G.Spend(k, n, v.vol)), now)
  {
    JobsKept.Spends(k, n, v.vol);
    hide *;
    reveal Runs, Moves, Sober;
  }
  lemma Call(k: Kernel, now: u64)
    requires Runs(k)
    ensures Moves(k, Step.Call(k, now), now)
  {
    hide *;
    reveal Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS;
    var f := Arg(k, 0) % LO32;
    if f < CALLS || f > CALLS + 80 {
      StandardCall(k, f, now);
    } else {
      var n := f - CALLS;
      Row(k, n, now);
      if G.Governed(k, n) {
        assert G.Decidable(n) by { reveal G.Governed; }
        if G.Sealed(n) { SealedAreTame(k, n, now); }
        Gated(k, n, now, Step.Row(k, n, now));
      }
    }
  }
  lemma Row(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS
    ensures Moves(k, Step.Row(k, n, now), now)
  {
    hide *;
    reveal Runs, Calm, Arg, Step.Row, Limits.LO32, CALLS;
    Answers(k);
    PolicyActivating(k);
    CalmLeases(k, now);
    CalmCapabilities(k);
    CalmRegions(k);
    CalmOthers(k);
    Sending(k, now);
    Destroying(k, now);
    Waiting(k, now);
    Yielding(k, now);
    Creating(k, now);
    StartingAndSuspending(k, now);
    Terminating(k, now);
    forall status: u64 ensures Moves(k, DT.Exit(k, status, now), now) { Exiting(k, status, now); }
    var v := Step.Row(k, n, now);
    if Calm(k, v) { Unchanged(k, v, now); }
  }
  lemma Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)
    requires Runs(k)
    ensures Moves(k, DT.Trap(k, esr, far, ipa, vbar, now), now)
  {
    Answers(k);
    InOrder(k);
    Same(k.st.parts, k.vol.sched, now, Me(k));
    EndingMoves(k, k.vol, Me(k), Me(k), DT.BY_FAULT + esr % DT.BY_FAULT, now);
    assert k.(vol := k.vol) == k;
    var v := DT.Trap(k, esr, far, ipa, vbar, now);
    if v.vol.sched == k.vol.sched { Unchanged(k, v, now); }
    Yields(k.st.parts, k.vol.sched, now, 0);
    hide V.Valid;
    hide DT.End;
    hide Refuse;
    hide DT.Skip;
    hide W.Room;
    hide S.YieldCurrent;
  }
  /** A guest that only runs dispatches nobody and stops nobody. */
  lemma Left(k: Kernel, saved: seq<u64>, now: u64)
    requires Runs(k)
    ensures Step.Left(k, saved).vol.sched == k.vol.sched && Moves(k, Step.Left(k, saved), now)
  {
    Unchanged(k, Step.Left(k, saved), now);
    hide V.Valid;
  }
  /** A tick; or nothing at all, when the system has ended and nobody runs. */
  lemma Turn(k: Kernel, now: u64)
    requires V.Valid(k) && (k.vol.halted ==> k.vol.sched.cur != 0)
    ensures Moves(k, DT.Turn(k, now), now)
  {
    InOrder(k);
    var parts, s := k.st.parts, k.vol.sched;
    var w := S.Wake(s, parts, now);
    var v := DT.Turn(k, now);
    var x := Victim(v.acts);
    Wakes(parts, s, now, x);
    assert Orderly(w) by { reveal Still(); }
    if w.cur == 0 {
      Dispatches(parts, s, w, now, x);
    } else if now >= w.sliceEnd && w.tasks[w.cur].left == 1 {
      Wakes(parts, s, now, w.cur);
      EndingMoves(k, k.vol.(sched := w), w.cur, w.cur, DT.BY_BUDGET, now);
    } else if now >= w.sliceEnd {
      var left := if w.tasks[w.cur].left == 0 then 0 else w.tasks[w.cur].left - 1;
      var l := S.SetLeft(w, w.cur, left);
      Unmoved(parts, w, w.cur, left, w.nextWake, now, x);
      Then(parts, s, w, l, now, x);
      assert Orderly(l) by { reveal Still(); }
      Yields(parts, l, now, x);
      After(parts, s, l, S.YieldCurrent(l, parts, now), now, x);
    } else if |w.ready| > 0 && w.tasks[w.ready[0]].deadline < w.tasks[w.cur].deadline {
      Preempts(parts, w, now, x);
      After(parts, s, w, S.PreemptCurrent(w, parts, now), now, x);
    } else {
      RunsOn(parts, s, w, now, x);
    }
    hide V.Valid;
    hide DT.End;
    hide S.Wake;
    hide S.Dispatch;
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
  }
  lemma Tick(k: Kernel, now: u64)
    requires V.Valid(k) && (k.vol.halted ==> k.vol.sched.cur != 0)
    ensures Moves(k, DT.Tick(k, now), now)
  {
    JobsKept.Worked(k, now);
    Lapse(DT.Worked(k, now), now);
    hide V.Valid, DT.Lapse, DT.Worked, Onward;
  }
  lemma Lapse(k: Kernel, now: u64)
    requires V.Valid(k) && (k.vol.halted ==> k.vol.sched.cur != 0)
    ensures Moves(k, DT.Lapse(k, now), now)
  {
    Turn(k, now);
    InOrder(k);
    var parts, s, c, v := k.st.parts, k.vol.sched, k.vol.sched.cur, DT.Turn(k, now);
    var w := S.Wake(s, parts, now);
    assert |k.st.leases| == NPART as int && c < NPART;
    if c != 0 && L.Over(k.st, c, now) {
      Wakes(parts, s, now, c);
      assert Orderly(w) && w.cur == c by { reveal Still(); }
      EndingMoves(k, k.vol.(sched := w), c, c, DT.BY_LEASE, now);
      if v.acts == [] { Ending(k, v, c, now); }
    }
    hide V.Valid;
    hide DT.Turn;
    hide DT.End;
    hide S.Wake;
    hide W.Room;
    hide DL.Ending;
  }
  /** The end of a lease moves nobody. */
  lemma Ending(k: Kernel, v: Verdict, c: u32, now: u64)
    requires V.Valid(k) && Tables(k.st) && c < NPART && Moves(k, v, now) && v.acts == []
    ensures Moves(k, Verdict(DL.Ending(k.st, c, DL.EXPIRED), v.vol, DL.Flush(k.st, c)), now)
  {
    hide *;
    reveal Moves, Sober, Victim, DL.Ending;
  }
}
