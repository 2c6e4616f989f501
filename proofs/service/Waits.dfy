include "FairCalls.dfy"
include "../invariant/StructureKept.dfy"

/** Nobody waits in vain, one decision at a time: each call, trap and tick keeps every wait on a live edge from a partition that exists. */
module {:compile false} Waits {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DR = DecideRegion
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DF = DecideProof
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import FairSteps
  import StructureKept

  ghost predicate Alive(parts: seq<Part>, p: u32) { |parts| == NPART as int && 0 < p < NPART && parts[p].life != Kinds.Free }
  /** A free edge has no destination, a live one a source that exists, and another one than its destination. */
  ghost predicate Ends(parts: seq<Part>, e: Edge) { if e.cap == 0 then e.dst == 0 else Alive(parts, e.src) && e.src != e.dst }
  ghost predicate Linked(parts: seq<Part>, es: seq<Edge>) {
    |parts| == NPART as int && |es| == NEDGE as int && forall e: u32 {:trigger es[e]} :: e < NEDGE ==> Ends(parts, es[e])
  }
  /** If p waits, then for the notification bits of a live edge to it, none of which is pending. */
  ghost predicate Hears(es: seq<Edge>, qs: seq<Queue>, s: Sched, p: u32)
    requires E.Tables(es, qs) && S.Tables(s) && p < NPART
  {
    s.tasks[p].run == Kinds.Waiting ==>
      s.tasks[p].wake < NEDGE as u64 && var e := s.tasks[p].wake as u32; es[e].cap != 0 && es[e].dst == p && qs[e].bits == 0
  }
  opaque ghost predicate Kept(parts: seq<Part>, es: seq<Edge>, qs: seq<Queue>, s: Sched) {
    Linked(parts, es) && E.Tables(es, qs) && S.Tables(s) && forall p: u32 {:trigger Hears(es, qs, s, p)} :: p < NPART ==> Hears(es, qs, s, p)
  }
  ghost predicate Good(k: Kernel) { Kept(k.st.parts, k.st.edges, k.vol.queues, k.vol.sched) }
  ghost predicate Leaves(k: Kernel, v: Verdict) requires V.Valid(k) {
    var s := ApplyAll(k.st, v.acts);
    Kept(s.parts, s.edges, v.vol.queues, v.vol.sched)
  }

  // ---- the schedule: who waits, waited before ---------------------------------------------------------------------------------------

  ghost predicate WaitedSo(s: Task, t: Task) { t.run == Kinds.Waiting ==> s.run == Kinds.Waiting && t.wake == s.wake }
  ghost predicate NoNewWait(s: Sched, t: Sched) {
    S.Tables(s) && S.Tables(t) && forall q: u32 {:trigger t.tasks[q]} :: q < NPART ==> WaitedSo(s.tasks[q], t.tasks[q])
  }
  lemma Wakes(s: Sched, parts: seq<Part>, now: u64, i: u32)
    requires S.Shape(s) && |parts| == NPART as int && i <= NPART
    ensures NoNewWait(s, S.WakeFrom(s, parts, now, i))
    decreases NPART - i
  {
    if i < NPART {
      if s.tasks[i].run != Kinds.Sleeping { Wakes(s, parts, now, i + 1); }
      else if s.tasks[i].wake <= now { Wakes(S.MakeReady(s, i, parts[i].rel, now), parts, now, i + 1); }
      else { Wakes(if s.tasks[i].wake < s.nextWake then s.(nextWake := s.tasks[i].wake) else s, parts, now, i + 1); }
    }
  }
  lemma Moving(s: Sched, parts: seq<Part>, now: u64)
    requires S.Shape(s) && |parts| == NPART as int
    ensures NoNewWait(s, S.Dispatch(s, parts, now)) && NoNewWait(s, S.YieldCurrent(s, parts, now)) && NoNewWait(s, S.PreemptCurrent(s, parts, now))
    ensures NoNewWait(s, S.Wake(s, parts, now))
    ensures forall wake: u64 :: NoNewWait(s, S.BlockCurrent(s, parts, Kinds.Sleeping, wake, now))
  {
    if now >= s.nextWake { Wakes(s.(nextWake := TIMEMAX), parts, now, 0); }
    hide S.WakeFrom;
    hide S.InsertByDeadline;
  }

  // ---- verdicts that leave edges alone ----------------------------------------------------------------------------------------------

  ghost predicate Apart(a: Action) { !a.PartitionEnd? && !a.EdgeCreate? && !a.EdgeDestroy? }
  lemma OneApart(s: Structure, a: Action)
    requires Tables(s) && Apart(a) && Linked(s.parts, s.edges)
    ensures A.Apply(s, a).edges == s.edges && Linked(A.Apply(s, a).parts, s.edges)
  {
    hide C.Mint;
    hide C.Derive;
    hide C.Revoke;
    hide C.Drop;
    hide M.MapRange;
    hide M.UnmapRange;
    hide M.Create;
    var t := A.Apply(s, a);
    forall e: u32 | e < NEDGE ensures Ends(t.parts, s.edges[e]) { assert Ends(s.parts, s.edges[e]); }
  }
  lemma AllApart(s: Structure, acts: seq<Action>)
    requires Tables(s) && Linked(s.parts, s.edges) && forall i :: 0 <= i < |acts| ==> Apart(acts[i])
    ensures ApplyAll(s, acts).edges == s.edges && Linked(ApplyAll(s, acts).parts, s.edges)
    decreases |acts|
  {
    hide A.Apply;
    hide Linked;
    if |acts| > 0 {
      OneApart(s, acts[0]);
      AllApart(A.Apply(s, acts[0]), acts[1..]);
    }
  }
  /** No notification is added, and nobody begins to wait. */
  ghost predicate Fewer(qs: seq<Queue>, rs: seq<Queue>) {
    |qs| == |rs| == NEDGE as int && forall e: u32 {:trigger rs[e]} :: e < NEDGE ==> rs[e].bits == qs[e].bits || rs[e].bits == 0
  }
  ghost predicate Quiet(k: Kernel, v: Verdict) requires V.Valid(k) {
    Fewer(k.vol.queues, v.vol.queues) && NoNewWait(k.vol.sched, v.vol.sched) && forall i :: 0 <= i < |v.acts| ==> Apart(v.acts[i])
  }
  lemma StillHears(es: seq<Edge>, qs: seq<Queue>, s: Sched, rs: seq<Queue>, t: Sched, parts: seq<Part>, parts': seq<Part>)
    requires Kept(parts, es, qs, s) && Fewer(qs, rs) && NoNewWait(s, t) && Linked(parts', es)
    ensures Kept(parts', es, rs, t)
  {
    reveal Kept();
    forall p: u32 | p < NPART ensures Hears(es, rs, t, p) { assert Hears(es, qs, s, p) && WaitedSo(s.tasks[p], t.tasks[p]); }
  }
  lemma HasTables(k: Kernel) requires V.Valid(k) ensures Tables(k.st) && Sized(k) && E.Tables(k.st.edges, k.vol.queues) && S.Shape(k.vol.sched) {}
  lemma Quietly(k: Kernel, v: Verdict)
    requires V.Valid(k) && Good(k) && Quiet(k, v)
    ensures Leaves(k, v)
  {
    HasTables(k);
    hide V.Valid;
    hide ApplyAll;
    assert Linked(k.st.parts, k.st.edges) by { reveal Kept(); }
    AllApart(k.st, v.acts);
    StillHears(k.st.edges, k.vol.queues, k.vol.sched, v.vol.queues, v.vol.sched, k.st.parts, ApplyAll(k.st, v.acts).parts);
  }
  lemma Answers(k: Kernel)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Quiet(k, Refuse(k, call, status))
    ensures forall status: u64 {:trigger Answer(k, status)} :: Quiet(k, Answer(k, status))
  {}
  lemma QuietCapabilities(k: Kernel)
    requires Runs(k)
    ensures Quiet(k, DC.CapGrant(k)) && Quiet(k, DC.CapRevoke(k)) && Quiet(k, DC.CapDrop(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide C.FreeFrom;
    hide C.DeriveCheck;
    hide W.Room;
  }
  lemma QuietRegions(k: Kernel)
    requires Runs(k)
    ensures Quiet(k, DR.RegionMap(k)) && Quiet(k, DR.RegionUnmap(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DR.MapCheck;
    hide M.MappedTo;
    hide W.Room;
  }
  lemma QuietOthers(k: Kernel)
    requires Runs(k)
    ensures Quiet(k, DE.QueueRecv(k)) && Quiet(k, DN.WitnessRead(k)) && Quiet(k, DN.WitnessAck(k)) && Quiet(k, DN.ConsoleWrite(k))
      && Quiet(k, Step.Uid(k)) && Quiet(k, DF.ProofSubmit(k)) && Quiet(k, DF.ProofStatus(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide W.Room;
  }
  lemma QuietSchedule(k: Kernel, now: u64)
    requires Runs(k)
    ensures Quiet(k, DT.TimerWait(k, now)) && Quiet(k, DT.Yield(k, now))
  {
    HasTables(k);
    hide V.Valid;
    Moving(k.vol.sched, k.st.parts, now);
    hide S.YieldCurrent;
    hide S.BlockCurrent;
  }
  lemma MakingApart(who: u32, x: DP.Plan, i: Image, w: DP.Places)
    requires V.ImageOk(i)
    ensures forall a :: a in DP.Making(who, x, i, w) ==> Apart(a)
  {
    hide M.Fits;
  }
  lemma QuietCreation(k: Kernel)
    requires Runs(k)
    ensures Quiet(k, DP.PartitionCreate_(k))
  {
    Answers(k);
    HasTables(k);
    var v := DP.PartitionCreate_(k);
    var p := S.FreeFrom(k.st.parts, 1);
    var image := Arg(k, 2);
    if image < |k.images| as u64 && p < NPART {
      var i := k.images[image];
      assert V.ImageOk(i);
      var x := DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, Arg(k, 4), Arg(k, 5), Arg(k, 3), 0);
      MakingApart(Me(k), x, i, DP.Place(k.st.memory, i, p));
    }
    hide V.Valid;
    hide Guard;
    hide DP.Place;
    hide DP.Making;
    hide DP.Filling;
    hide S.FreeFrom;
    hide C.FreeFrom;
    hide W.Room;
    hide DP.ClearRegs;
    hide Refuse;
    hide Answer;
  }
  lemma QuietStart(k: Kernel, now: u64)
    requires Runs(k)
    ensures Quiet(k, DP.PartitionStart_(k, now)) && Quiet(k, DP.PartitionSuspend_(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide S.InsertByDeadline;
    hide S.Remove;
  }
}
