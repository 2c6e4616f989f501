include "Service.dfy"
include "FairEvents.dfy"
include "../log/Replay.dfy"

/** What is so in every state of a run: the processor is busy, slices are short, deadlines are near. */
module {:compile false} FairStates {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened FairSteps
  import opened FairTurns
  import FairCalls
  import FairEvents
  import E = Edges
  import C = Capabilities
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DP = DecidePartition
  import DT = DecideTask
  import Step
  import Kinds
  import Authority
  import Replay
  import StepPreservesValid
  import StructureKept

  // ---- partitions keep their slice and their relative deadline --------------------------------------------------------------------

  ghost predicate Gentle(parts: seq<Part>, a: Action) requires |parts| == NPART as int {
    && (a.PartitionCreate? && a.p < NPART ==> parts[a.p].life == Kinds.Free)
    && (a.TaskSpawn? && a.p < NPART ==> parts[a.p].life == Kinds.Free)
    && ((a.PartitionStart? || a.PartitionSuspend?) && a.p < NPART ==> parts[a.p].life != Kinds.Free)
  }
  /** All are gentle, and who is started or suspended is so by the only action. */
  ghost predicate AllGentle(parts: seq<Part>, acts: seq<Action>) requires |parts| == NPART as int {
    forall i :: 0 <= i < |acts| ==> Gentle(parts, acts[i]) && (acts[i].PartitionStart? || acts[i].PartitionSuspend? ==> |acts| == 1)
  }
  ghost predicate NoneLonger(acts: seq<Action>, slice: u64) { forall i :: 0 <= i < |acts| && acts[i].TaskSpawn? ==> acts[i].slice <= slice }
  ghost predicate AsBefore(a: Part, b: Part) {
    (a.life == Kinds.Free ==> b.life != Kinds.Started) && (a.life != Kinds.Free ==> b.life == Kinds.Free || (b.slice == a.slice && b.rel == a.rel))
  }
  /** Whoever is started existed before, with the slice and the relative deadline it has. */
  ghost predicate Constant(before: seq<Part>, parts: seq<Part>) {
    |before| == |parts| == NPART as int && forall q: u32 {:trigger parts[q]} :: q < NPART ==> AsBefore(before[q], parts[q])
  }
  ghost predicate Short(parts: seq<Part>, slice: u64) {
    |parts| == NPART as int && forall q: u32 {:trigger parts[q]} :: q < NPART ==> parts[q].slice <= slice
  }
  lemma OneAction(before: seq<Part>, s: Structure, a: Action, slice: u64)
    requires Tables(s) && Constant(before, s.parts) && Gentle(before, a) && (a.PartitionStart? || a.PartitionSuspend? ==> before == s.parts)
    ensures Constant(before, A.Apply(s, a).parts)
    ensures Short(s.parts, slice) && (a.TaskSpawn? ==> a.slice <= slice) ==> Short(A.Apply(s, a).parts, slice)
  {
    hide C.Mint;
    hide C.Derive;
    hide C.Revoke;
    hide C.Drop;
    hide C.DropFrom;
    hide M.MapRange;
    hide M.UnmapRange;
    hide M.Create;
    hide M.Release;
    hide E.DestroyFrom;
    var t := A.Apply(s, a).parts;
    forall q: u32 | q < NPART ensures AsBefore(before[q], t[q]) { assert AsBefore(before[q], s.parts[q]); }
  }
  lemma SeveralActions(before: seq<Part>, s: Structure, acts: seq<Action>, slice: u64)
    requires Tables(s) && Constant(before, s.parts)
    requires forall i :: 0 <= i < |acts| ==> Gentle(before, acts[i]) && !acts[i].PartitionStart? && !acts[i].PartitionSuspend?
    ensures Constant(before, ApplyAll(s, acts).parts)
    ensures Short(s.parts, slice) && NoneLonger(acts, slice) ==> Short(ApplyAll(s, acts).parts, slice)
    decreases |acts|
  {
    hide A.Apply;
    hide Constant;
    hide Short;
    hide Gentle;
    if |acts| > 0 {
      OneAction(before, s, acts[0], slice);
      SeveralActions(before, A.Apply(s, acts[0]), acts[1..], slice);
    }
  }
  lemma AllActions(s: Structure, acts: seq<Action>, slice: u64)
    requires Tables(s) && AllGentle(s.parts, acts)
    ensures Constant(s.parts, ApplyAll(s, acts).parts)
    ensures Short(s.parts, slice) && NoneLonger(acts, slice) ==> Short(ApplyAll(s, acts).parts, slice)
  {
    assert Constant(s.parts, s.parts);
    if |acts| == 1 {
      assert acts == [acts[0]];
      StructureKept.One(s, acts[0]);
      OneAction(s.parts, s, acts[0], slice);
    } else {
      SeveralActions(s.parts, s, acts, slice);
    }
    hide Constant;
    hide Short;
    hide Gentle;
    hide ApplyAll;
    hide A.Apply;
  }

  // ---- states -----------------------------------------------------------------------------------------------------------------------

  /** q, if ready or running, is due at most its relative deadline from now. */
  ghost predicate Due(parts: seq<Part>, s: Sched, now: u64, q: u32)
    requires |parts| == NPART as int && S.Tables(s) && q < NPART
  {
    Active(s.tasks[q]) ==> s.tasks[q].deadline as int <= now as int + parts[q].rel as int
  }
  ghost predicate NoneLeft(parts: seq<Part>) {
    |parts| == NPART as int && forall q: u32 {:trigger parts[q]} :: 0 < q < NPART ==> parts[q].life == Kinds.Free
  }
  /** The processor is idle only if nobody is ready, and the system has ended only if nobody is left; in boot nobody runs yet. */
  ghost predicate Busy(k: Kernel) requires V.Valid(k) {
    if k.booting then k.vol.sched.cur == 0 && !k.vol.halted
    else (k.vol.sched.cur == 0 ==> k.vol.sched.ready == []) && (k.vol.halted ==> NoneLeft(k.st.parts))
  }
  /** What is so at time now. */
  opaque ghost predicate Timed(k: Kernel, now: u64) requires V.Valid(k) {
    var s, parts := k.vol.sched, k.st.parts;
    && Busy(k) && (s.cur != 0 ==> s.sliceEnd as int <= now as int + parts[s.cur].slice as int)
    && forall q: u32 {:trigger Due(parts, s, now, q)} :: q < NPART ==> Due(parts, s, now, q)
  }
  lemma FirstTimed(k: Kernel, now: u64)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k) && Timed(k, now)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    hide V.Valid;
    reveal Timed();
  }
  /** Only who is started is active. */
  lemma ActiveIsStarted(k: Kernel, q: u32)
    requires V.Valid(k) && q < NPART && Active(k.vol.sched.tasks[q])
    ensures |k.st.parts| == NPART as int && k.st.parts[q].life == Kinds.Started && q != 0
  {
    FairCalls.InOrder(k);
    hide V.Valid;
    reveal S.OnlyStartedRun();
    InQueue(k.vol.sched, q);
  }
  /** Deadlines and slices after an event. */
  lemma Later(k: Kernel, k': Kernel, was: u64, now: u64)
    requires V.Valid(k) && V.Valid(k') && Timed(k, was) && was <= now && Busy(k') && Constant(k.st.parts, k'.st.parts)
    requires Slices(k.st.parts, k.vol.sched, k'.vol.sched, now)
    requires forall q: u32 {:trigger DueSoon(k.st.parts, k.vol.sched, k'.vol.sched, now, q)} ::
               q < NPART ==> DueSoon(k.st.parts, k.vol.sched, k'.vol.sched, now, q)
    ensures Timed(k', now)
  {
    reveal Timed();
    var s, t, parts, parts' := k.vol.sched, k'.vol.sched, k.st.parts, k'.st.parts;
    FairCalls.InOrder(k);
    FairCalls.InOrder(k');
    forall q: u32 | q < NPART && Active(t.tasks[q]) ensures parts'[q].slice == parts[q].slice && parts'[q].rel == parts[q].rel {
      ActiveIsStarted(k', q);
      assert AsBefore(parts[q], parts'[q]);
    }
    InQueue(t, t.cur);
    hide V.Valid;
    forall q: u32 | q < NPART ensures Due(parts', t, now, q) {
      assert Due(parts, s, was, q) && DueSoon(parts, s, t, now, q);
    }
  }
  lemma NobodyLeft(k: Kernel)
    requires V.Valid(k) && NoneLeft(k.st.parts)
    ensures k.vol.sched.cur == 0 && k.vol.sched.ready == []
  {
    FairCalls.InOrder(k);
    InQueue(k.vol.sched, k.vol.sched.cur);
    if k.vol.sched.cur != 0 { ActiveIsStarted(k, k.vol.sched.cur); }
    if |k.vol.sched.ready| > 0 {
      var q := k.vol.sched.ready[0];
      assert q in k.vol.sched.ready;
      InQueue(k.vol.sched, q);
      ActiveIsStarted(k, q);
    }
  }

  // ---- after boot -------------------------------------------------------------------------------------------------------------------

  lemma CallIsGentle(k: Kernel, now: u64, slice: u64)
    requires V.Valid(k) && k.vol.sched.cur != 0 && FairCalls.Moves(k, Step.Call(k, now), now)
    ensures AllGentle(k.st.parts, Step.Call(k, now).acts) && (Short(k.st.parts, slice) ==> NoneLonger(Step.Call(k, now).acts, slice))
  {
    var acts := Step.Call(k, now).acts;
    assert Step.Decide(k, Step.Hypercall(now)) == Step.Call(k, now) by { hide Step.Call; }
    forall i | 0 <= i < |acts| ensures Gentle(k.st.parts, acts[i]) && (Short(k.st.parts, slice) && acts[i].TaskSpawn? ==> acts[i].slice <= slice) {
      assert Runs(k);
      Authority.No_structural_change_without_a_capability(k, now, i);
      hide Step.Call;
      hide Step.Decide;
      hide Authority.Holds;
      hide Authority.HoldsIn;
      hide Authority.HoldsAny;
      hide Onward;
      if Short(k.st.parts, slice) { assert k.st.parts[Me(k)].slice <= slice; }
    }
    hide Step.Call;
    hide Gentle;
    hide Onward;
  }
  /** The verdict of an event other than of boot, when the system has not ended. */
  lemma Decided(k: Kernel, e: Step.Event, slice: u64)
    requires V.Valid(k) && (e.Tick? || k.vol.sched.cur != 0) && !e.Begin? && !e.Boot? && (k.vol.halted ==> k.vol.sched.cur != 0)
    ensures FairCalls.Moves(k, Step.Decide(k, e), e.now) && AllGentle(k.st.parts, Step.Decide(k, e).acts)
    ensures Short(k.st.parts, slice) ==> NoneLonger(Step.Decide(k, e).acts, slice)
  {
    var acts := Step.Decide(k, e).acts;
    if e.Hypercall? {
      assert Runs(k);
      FairEvents.Call(k, e.now);
      assert Step.Decide(k, e) == Step.Call(k, e.now) by { hide Step.Call; }
      CallIsGentle(k, e.now, slice);
    } else {
      forall i | 0 <= i < |acts| ensures !acts[i].PartitionCreate? && !acts[i].TaskSpawn? && !acts[i].PartitionStart? && !acts[i].PartitionSuspend? {
        Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, acts[i]);
      }
      if e.Tick? { FairEvents.Tick(k, e.now); assert Step.Decide(k, e) == DT.Tick(k, e.now) by { hide DT.Tick; } }
      else if e.Ran? {
        FairEvents.Left(k, e.saved, e.now);
        assert Step.Decide(k, e) == Step.Left(k, e.saved) by { hide Step.Left; }
      }
      else {
        assert Runs(k);
        FairEvents.Trap(k, e.esr, e.far, e.ipa, e.vbar, e.now);
        assert Step.Decide(k, e) == DT.Trap(k, e.esr, e.far, e.ipa, e.vbar, e.now) by { hide DT.Trap; }
      }
    }
    hide V.Valid;
    hide Step.Decide;
    hide FairCalls.Moves;
    hide Short;
  }
  /** What a tick, a call, a trap or a guest that runs leaves, when the system has not ended. */
  lemma Decisive(k: Kernel, e: Step.Event, was: u64, slice: u64)
    requires V.Valid(k) && !k.booting && Timed(k, was) && was <= e.now && Short(k.st.parts, slice)
    requires (e.Tick? || k.vol.sched.cur != 0) && !e.Begin? && !e.Boot? && (k.vol.halted ==> k.vol.sched.cur != 0)
    ensures var k', x := Step.Step(k, e).k, FairCalls.Victim(Step.Decide(k, e).acts);
      V.Valid(k') && Timed(k', e.now) && !k'.booting && Short(k'.st.parts, slice) && Onward(k.st.parts, k.vol.sched, k'.vol.sched, e.now, x)
  {
    hide *;
    reveal FairCalls.Moves;
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    Decided(k, e, slice);
    Replay.HasTables(k);
    var v, k' := Step.Decide(k, e), Step.Step(k, e).k;
    AllActions(k.st, v.acts, slice);
    assert k'.st == ApplyAll(k.st, v.acts) && k'.vol == v.vol && !k'.booting by { reveal Step.Step, Step.Commit; }
    assert Busy(k') by { Halting(k, v, k', e.now, was); }
    FairCalls.InOrder(k);
    Soon(k, k', e.now, FairCalls.Victim(v.acts));
    Later(k, k', was, e.now);
  }
  lemma Soon(k: Kernel, k': Kernel, now: u64, x: u32)
    requires V.Valid(k) && V.Valid(k') && Onward(k.st.parts, k.vol.sched, k'.vol.sched, now, x)
    ensures Slices(k.st.parts, k.vol.sched, k'.vol.sched, now)
    ensures forall q: u32 {:trigger DueSoon(k.st.parts, k.vol.sched, k'.vol.sched, now, q)} ::
               q < NPART ==> DueSoon(k.st.parts, k.vol.sched, k'.vol.sched, now, q)
  {
    FairCalls.InOrder(k);
    hide V.Valid;
    hide Nearer;
    reveal Onward();
    forall q: u32 | q < NPART ensures DueSoon(k.st.parts, k.vol.sched, k'.vol.sched, now, q) {
      assert Served(k.st.parts, k.vol.sched, k'.vol.sched, now, x, q);
    }
  }
  lemma Halting(k: Kernel, v: Verdict, k': Kernel, now: u64, was: u64)
    requires V.Valid(k) && !k.booting && Timed(k, was) && FairCalls.Moves(k, v, now) && V.Valid(k') && Tables(k.st)
    requires k.vol.halted ==> k.vol.sched.cur != 0
    requires k'.st == ApplyAll(k.st, v.acts) && k'.vol == v.vol && !k'.booting
    ensures Busy(k')
  {
    reveal Timed();
    if k.vol.halted { NobodyLeft(k); }
    reveal Onward();
    if v.vol.halted {
      var p := v.acts[0].p;
      LastEnds(k.st, v.acts, p);
    }
  }
  lemma LastEnds(s: Structure, acts: seq<Action>, p: u32)
    requires Tables(s) && |acts| == 2 && acts[0].PartitionEnd? && acts[1].SystemEnd? && 0 < acts[0].p == p < NPART && DT.Last(s.parts, p)
    ensures NoneLeft(ApplyAll(s, acts).parts)
  {
    assert acts == [acts[0], acts[1]];
    StructureKept.Two(s, acts[0], acts[1]);
    hide C.DropFrom;
    hide M.Release;
    hide E.DestroyFrom;
    hide ApplyAll;
    var e := A.End(s, p);
    assert A.Apply(s, acts[0]) == e && A.Apply(e, acts[1]) == e;
    forall q: u32 | 0 < q < NPART ensures e.parts[q].life == Kinds.Free { assert q != p ==> s.parts[q].life == Kinds.Free; }
  }
}
