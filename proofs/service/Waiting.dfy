include "Service.dfy"
include "WaitCalls.dfy"
include "Scheduler.dfy"

/** Who waits can be woken, and who sleeps wakes in time. */
module {:compile false} Waiting {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Waits
  import opened WaitCalls
  import opened Standard
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
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
  import Hash
  import Authority
  import FairCalls
  import GateKept
  import JobsKept
  import FairSteps
  import SchedulerTheorems
  import Service
  import StepPreservesValid

  // ---- every event ------------------------------------------------------------------------------------------------------------------

  lemma Exiting(k: Kernel, status: u64, now: u64)
    requires Runs(k) && Good(k)
    ensures Leaves(k, DT.Exit(k, status, now))
  {
    HasTables(k);
    Ending(k, k.vol.(failed := k.vol.failed || status != 0), Me(k), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now);
    hide V.Valid;
    hide DT.End;
    hide Leaves;
  }
  lemma Terminating(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Leaves(k, DP.PartitionTerminate(k, now))
  {
    Answers(k);
    HasTables(k);
    var p := FairCalls.Named(k);
    var v := DP.PartitionTerminate(k, now);
    if Quiet(k, v) { Quietly(k, v); } else {
      assert 0 < p < NPART && v == DT.End(k.(vol := SetReg(k.vol, Me(k), 0, Status.OK)), Me(k), p, DT.BY_OTHER, now) by {
        hide Guard; hide Refuse; hide Answer; hide DT.End; hide Quiet;
      }
      Ending(k, SetReg(k.vol, Me(k), 0, Status.OK), Me(k), p, DT.BY_OTHER, now);
    }
    hide Guard;
    hide DP.PartitionTerminate;
    hide DT.End;
    hide Leaves;
    hide Quiet;
  }
  lemma StandardCall(k: Kernel, f: u64, now: u64)
    requires Runs(k) && Good(k)
    ensures Leaves(k, Step.StandardCall(k, f, now))
  {
    hide *;
    reveal Runs, Step.StandardCall;
    Answers(k);
    QuietOthers(k);
    Exiting(k, 0, now);
    var v := Step.StandardCall(k, f, now);
    if Quiet(k, v) { Quietly(k, v); }
  }
  lemma QuietLeases(k: Kernel, now: u64)
    requires Runs(k)
    ensures Quiet(k, DL.DeviceLeaseAcquire(k, now)) && Quiet(k, DL.DeviceLeaseRevoke(k)) && Quiet(k, DL.LeaseRenew(k, now))
  {
    Answers(k);
    HasTables(k);
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
  lemma QuietPolicy(k: Kernel)
    requires Runs(k)
    ensures Quiet(k, G.PolicyActivate_(k))
  {
    Answers(k);
    HasTables(k);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
  }
  lemma Gated(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Runs(k) && Good(k) && G.Decidable(n) && Leaves(k, v)
    ensures Leaves(k, G.Gate(k, n, now, v))
  {
    Answers(k);
    HasTables(k);
    assert W.Tables(k.log);
    hide *;
    reveal Runs, Leaves;
    GateKept.Cases(k, n, now, v);
    reveal GateKept.Stopped, GateKept.WithProof, GateKept.Proof;
    GateKept.Onward(k.st, k.log, v.acts, GateKept.Proof(k, n, now), now);
    JobsKept.Spends(k, n, v.vol);
    var g := G.Gate(k, n, now, v);
    if Quiet(k, g) { Quietly(k, g); }
    assert A.Apply(ApplyAll(k.st, v.acts), GateKept.Proof(k, n, now)) == ApplyAll(k.st, v.acts).(nonces := A.Apply(ApplyAll(k.st, v.acts), GateKept.Proof(k, n, now)).nonces) by {
      reveal A.Apply, Applicable;
    }
  }
  lemma Call(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Leaves(k, Step.Call(k, now))
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
        Gated(k, n, now, Step.Row(k, n, now));
      }
    }
  }
  lemma Row(k: Kernel, n: u64, now: u64)
    requires Runs(k) && Good(k) && n < LO32 - CALLS
    ensures Leaves(k, Step.Row(k, n, now))
  {
    hide *;
    reveal Runs, Arg, Step.Row, Limits.LO32, CALLS;
    Answers(k);
    QuietPolicy(k);
    QuietLeases(k, now);
    QuietCapabilities(k);
    QuietRegions(k);
    QuietOthers(k);
    QuietSchedule(k, now);
    QuietCreation(k);
    QuietStart(k, now);
    Sending(k, now);
    WaitCalls.Waiting(k, now);
    Connecting(k);
    Destroying(k, now);
    Terminating(k, now);
    forall status: u64 ensures Leaves(k, DT.Exit(k, status, now)) { Exiting(k, status, now); }
    var v := Step.Row(k, n, now);
    if Quiet(k, v) { Quietly(k, v); }
  }
  lemma Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)
    requires Runs(k) && Good(k)
    ensures Leaves(k, DT.Trap(k, esr, far, ipa, vbar, now))
  {
    Answers(k);
    HasTables(k);
    Moving(k.vol.sched, k.st.parts, now);
    Ending(k, k.vol, Me(k), Me(k), DT.BY_FAULT + esr % DT.BY_FAULT, now);
    assert k.(vol := k.vol) == k;
    var v := DT.Trap(k, esr, far, ipa, vbar, now);
    if Quiet(k, v) { Quietly(k, v); }
    hide V.Valid;
    hide Leaves;
    hide DT.End;
    hide W.Room;
    hide S.YieldCurrent;
  }
  lemma Left(k: Kernel, saved: seq<u64>)
    requires Runs(k) && Good(k)
    ensures Leaves(k, Step.Left(k, saved))
  {
    HasTables(k);
    assert Quiet(k, Step.Left(k, saved)) by { hide V.Valid; }
    Quietly(k, Step.Left(k, saved));
    hide *;
  }
  lemma NoNewWaits(s: Sched, m: Sched, t: Sched)
    requires NoNewWait(s, m) && NoNewWait(m, t)
    ensures NoNewWait(s, t)
  {
    forall q: u32 | q < NPART ensures WaitedSo(s.tasks[q], t.tasks[q]) { assert WaitedSo(s.tasks[q], m.tasks[q]) && WaitedSo(m.tasks[q], t.tasks[q]); }
  }
  /** The slice has ended, and there is another one. */
  lemma SliceOver(w: Sched, parts: seq<Part>, left: u64, now: u64)
    requires S.Shape(w) && |parts| == NPART as int
    ensures S.Shape(S.SetLeft(w, w.cur, left)) && NoNewWait(w, S.YieldCurrent(S.SetLeft(w, w.cur, left), parts, now))
  {
    var l := S.SetLeft(w, w.cur, left);
    assert NoNewWait(w, l) && l.cur == w.cur;
    hide S.YieldCurrent;
    hide S.SetLeft;
    Moving(l, parts, now);
    NoNewWaits(w, l, S.YieldCurrent(l, parts, now));
  }
  /** A tick that ends nobody. */
  lemma QuietTurn(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures var w := S.Wake(k.vol.sched, k.st.parts, now); (w.cur != 0 && now >= w.sliceEnd && w.tasks[w.cur].left == 1) || Quiet(k, DT.Turn(k, now))
  {
    HasTables(k);
    FairCalls.InOrder(k);
    var parts := k.st.parts;
    var w := S.Wake(k.vol.sched, parts, now);
    var v := DT.Turn(k, now);
    hide V.Valid;
    hide DT.End;
    hide S.Wake;
    hide S.Dispatch;
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
    if !(w.cur != 0 && now >= w.sliceEnd && w.tasks[w.cur].left == 1) {
      var left := if w.tasks[w.cur].left == 0 then 0 else w.tasks[w.cur].left - 1;
      SliceOver(w, parts, left, now);
      hide S.SetLeft;
      Moving(k.vol.sched, parts, now);
      Moving(w, parts, now);
      assert NoNewWait(w, v.vol.sched) by { hide S.Shape; }
      hide DT.Turn;
      NoNewWaits(k.vol.sched, w, v.vol.sched);
      assert v.acts == [] && v.vol.queues == k.vol.queues by { reveal DT.Turn; }
    }
  }
  lemma Turn(k: Kernel, now: u64)
    requires V.Valid(k) && Good(k)
    ensures Leaves(k, DT.Turn(k, now))
  {
    HasTables(k);
    FairCalls.InOrder(k);
    QuietTurn(k, now);
    var parts := k.st.parts;
    var w := S.Wake(k.vol.sched, parts, now);
    hide S.Wake;
    if w.cur != 0 && now >= w.sliceEnd && w.tasks[w.cur].left == 1 {
      assert DT.Turn(k, now) == DT.End(k.(vol := k.vol.(sched := w)), w.cur, w.cur, DT.BY_BUDGET, now) by { hide V.Valid; hide DT.End; }
      hide V.Valid;
      hide DT.Turn;
      Moving(k.vol.sched, parts, now);
      assert Linked(parts, k.st.edges) by { reveal Kept(); }
      StillHears(k.st.edges, k.vol.queues, k.vol.sched, k.vol.queues, w, parts, parts);
      Ending(k, k.vol.(sched := w), w.cur, w.cur, DT.BY_BUDGET, now);
    } else {
      hide V.Valid;
      hide DT.Turn;
      Quietly(k, DT.Turn(k, now));
    }
  }
  lemma Tick(k: Kernel, now: u64)
    requires V.Valid(k) && Good(k)
    ensures Leaves(k, DT.Tick(k, now))
  {
    JobsKept.Worked(k, now);
    Lapse(DT.Worked(k, now), now);
    hide V.Valid, DT.Lapse, DT.Worked;
  }
  lemma Lapse(k: Kernel, now: u64)
    requires V.Valid(k) && Good(k)
    ensures Leaves(k, DT.Lapse(k, now))
  {
    Turn(k, now);
    HasTables(k);
    FairCalls.InOrder(k);
    var c, v := k.vol.sched.cur, DT.Turn(k, now);
    if c != 0 && L.Over(k.st, c, now) {
      Evicted(k, c, now);
      if v.acts == [] {
        QuietTurn(k, now);
        assert Quiet(k, v) by { EndsBySlice(k, now); }
        var u := Verdict(DL.Ending(k.st, c, DL.EXPIRED), v.vol, DL.Flush(k.st, c));
        assert Quiet(k, u) by { hide V.Valid; hide DT.Turn; }
        Quietly(k, u);
      }
    }
    hide V.Valid;
    hide Leaves;
    hide DT.Turn;
    hide DT.End;
    hide S.Wake;
    hide W.Room;
    hide DL.Ending;
  }
  /** Who ends by its slice acts. */
  lemma EndsBySlice(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures var w := S.Wake(k.vol.sched, k.st.parts, now); w.cur != 0 && now >= w.sliceEnd && w.tasks[w.cur].left == 1 ==> DT.Turn(k, now).acts != []
  {
    hide S.Wake;
    hide DT.BreakFrom;
    hide S.Stop;
    hide S.Dispatch;
  }
  lemma Evicted(k: Kernel, c: u32, now: u64)
    requires V.Valid(k) && Good(k) && c == k.vol.sched.cur && 0 < c
    ensures c < NPART && Sized(k.(vol := k.vol.(sched := S.Wake(k.vol.sched, k.st.parts, now)))) && Leaves(k, DT.End(k.(vol := k.vol.(sched := S.Wake(k.vol.sched, k.st.parts, now))), c, c, DT.BY_LEASE, now))
  {
    HasTables(k);
    FairCalls.InOrder(k);
    var parts := k.st.parts;
    var w := S.Wake(k.vol.sched, parts, now);
    assert w.cur == c;
    hide V.Valid;
    hide S.Wake;
    Moving(k.vol.sched, parts, now);
    assert Linked(parts, k.st.edges) by { reveal Kept(); }
    StillHears(k.st.edges, k.vol.queues, k.vol.sched, k.vol.queues, w, parts, parts);
    Ending(k, k.vol.(sched := w), c, c, DT.BY_LEASE, now);
  }
  lemma Decided(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Good(k)
    ensures Leaves(k, Step.Decide(k, e))
  {
    assert Quiet(k, Step.Nothing(k)) by { HasTables(k); }
    Quietly(k, Step.Nothing(k));
    match e
    case Tick(now) => Tick(k, now);
    case Hypercall(now) => if k.vol.sched.cur != 0 { Call(k, now); }
    case Trap(esr, far, ipa, vbar, now) => if k.vol.sched.cur != 0 { Trap(k, esr, far, ipa, vbar, now); }
    case Ran(saved, _) => if k.vol.sched.cur != 0 { Left(k, saved); }
    case _ =>
    hide V.Valid;
    hide Leaves;
    hide Step.Call;
    hide DT.Tick;
    hide DT.Trap;
    hide Step.Left;
    hide Step.Nothing;
  }

  // ---- boot -------------------------------------------------------------------------------------------------------------------------

  ghost predicate Answered(k: Kernel, a: B.Answer) requires V.Valid(k) { a.Done? || a.Begun? || a.Over? ==> Leaves(k, a.v) }
  ghost predicate QuietAnswer(k: Kernel, a: B.Answer) requires V.Valid(k) { a.Done? || a.Begun? || a.Over? ==> Quiet(k, a.v) }
  lemma QuietCommands(k: Kernel, w: B.Words, size: u64, now: u64, b: seq<u64>)
    requires V.Valid(k)
    ensures QuietAnswer(k, B.RegionCommand(k, w)) && QuietAnswer(k, B.MapCommand(k, w)) && QuietAnswer(k, B.ImageCommand(k, w, size))
    ensures QuietAnswer(k, B.CapCommand(k, w)) && QuietAnswer(k, B.Begin(k, b)) && QuietAnswer(k, B.StartCommand(k, w, now))
      && QuietAnswer(k, B.EndCommand(k, now)) && QuietAnswer(k, B.SharedCommand(k, w, size)) && QuietAnswer(k, B.DeviceCommand(k, w))
    ensures forall s: u64 {:trigger B.No(s)} :: QuietAnswer(k, B.No(s))
  {
    hide M.Pick;
    hide M.PickFrame;
    hide M.ReuseFrom;
    hide M.DeviceFree;
    hide DR.MapCheck;
    hide M.Fits;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide S.InsertByDeadline;
    hide W.Room;
    hide B.HashOf;
    hide B.NoTable;
    hide B.Ruled;
  }
  lemma QuietPartition(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures QuietAnswer(k, B.PartitionCommand(k, w))
  {
    HasTables(k);
    var p := S.FreeFrom(k.st.parts, 1);
    if w[1] < |k.images| as u64 && p < NPART {
      var i := k.images[w[1]];
      assert V.ImageOk(i);
      MakingApart(0, DP.Plan(p, w[1], w[2], w[3], w[5], w[4], w[6], w[7]), i, DP.Place(k.st.memory, i, p));
    }
    hide V.Valid;
    hide DP.Place;
    hide DP.Making;
    hide DP.Filling;
    hide S.FreeFrom;
    hide W.Room;
    hide DP.ClearRegs;
  }
  lemma Edge(k: Kernel, w: B.Words)
    requires V.Valid(k) && Good(k)
    ensures Answered(k, B.EdgeCommand(k, w))
  {
    HasTables(k);
    var a := B.EdgeCommand(k, w);
    if a.Done? {
      var acts := a.v.acts;
      assert acts == [acts[0]] + acts[1..];
      assert |acts| == 3 && a.v.vol == k.vol && acts[0] == EdgeCreate(0, E.FreeFrom(k.st.edges, 0), w[1] as u32, w[2] as u32, w[3] as u32)
        && Apart(acts[1]) && Apart(acts[2]);
      hide V.Valid;
      hide B.EdgeCommand;
      hide E.FreeFrom;
      Created(k, a.v, acts[0], acts[1..]);
    }
    hide V.Valid;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide W.Room;
    hide Leaves;
  }
  lemma Command(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k) && Good(k)
    ensures Answered(k, B.Command(k, w, size, now))
  {
    hide *;
    reveal B.Command, Answered, QuietAnswer;
    QuietCommands(k, w, size, now, []);
    QuietPartition(k, w);
    Edge(k, w);
    var a := B.Command(k, w, size, now);
    if QuietAnswer(k, a) && (a.Done? || a.Begun? || a.Over?) { Quietly(k, a.v); }
  }
  /** Every event keeps every wait on a live edge. */
  lemma Every_event_keeps_waits_alive(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Good(k)
    ensures V.Valid(Step.Step(k, e).k) && Good(Step.Step(k, e).k)
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    HasTables(k);
    if e.Boot? { Command(k, e.words, e.size, e.now); }
    else if e.Begin? {
      QuietCommands(k, [0, 0, 0, 0, 0, 0, 0, 0], 0, e.now, e.bundle); if B.Begin(k, e.bundle).Begun? { Quietly(k, B.Begin(k, e.bundle).v); }
    }
    else { Decided(k, e); }
    hide V.Valid;
    hide Step.Decide;
    hide B.Command;
    hide Quiet;
    hide ApplyAll;
  }

  // ---- the claims -------------------------------------------------------------------------------------------------------------------

  lemma FirstIsGood(k: Kernel)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k) && Good(k)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    hide V.Valid;
    reveal Kept();
  }
  lemma Onwards(k: Kernel, events: seq<Step.Event>)
    requires V.Valid(k) && Good(k)
    ensures Good(StepPreservesValid.After(k, events))
    decreases |events|
  {
    hide *;
    reveal StepPreservesValid.After;
    if |events| > 0 {
      Every_event_keeps_waits_alive(k, events[0]);
      Onwards(Step.Step(k, events[0]).k, events[1..]);
    }
  }
  /** In every state that the kernel can reach, a partition that waits waits on a live edge from another partition, which exists, and has not
      overlooked a notification. */
  lemma Who_waits_can_be_woken(k: Kernel, events: seq<Step.Event>, p: u32)
    requires StepPreservesValid.First(k) && p < NPART
    ensures V.Valid(k)
    ensures var b := StepPreservesValid.After(k, events);
      b.vol.sched.tasks[p].run == Kinds.Waiting ==>
        exists e: u32 {:trigger Service.CanWake(b, e, p)} :: Service.WaitsOn(b, p, e) && Service.CanWake(b, e, p)
  {
    FirstIsGood(k);
    hide StepPreservesValid.After;
    Onwards(k, events);
    var b := StepPreservesValid.After(k, events);
    reveal Kept();
    HasTables(b);
    assert Hears(b.st.edges, b.vol.queues, b.vol.sched, p);
    if b.vol.sched.tasks[p].run == Kinds.Waiting {
      var e := b.vol.sched.tasks[p].wake as u32;
      assert Ends(b.st.parts, b.st.edges[e]);
      assert Service.CanWake(b, e, p);
    }
  }
}
