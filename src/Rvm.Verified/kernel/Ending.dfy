include "CoreTasks.dfy"

/** The end of a partition, whatever brings it about. */
module Ending {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import T = CoreTasks
  import Status
  import Kinds
  import State
  import Apply
  import Common
  import Step
  import Valid
  import D = DecideTask
  import Wit = Witness
  import Sch = Scheduler
  import Edg = Edges
  import K = SchedulerOk
  import L = SchedulerLemmas

  // Most steps of work (spec/Cost.dfy). Waking those who wait is charged to the growth of the ready queue.
  ghost const BREAK_WORK: nat := 1 + 6 * NEDGE as nat + L.Filling(NPART as nat - 1)
  ghost const LAST_WORK: nat := NPART as nat
  ghost const TAKE_OFF_WORK: nat := 1 + T.STOP_WORK + BREAK_WORK
  ghost const END_WORK: nat := 1 + LAST_WORK + TAKE_OFF_WORK + T.FORGET_WORK

  const TLBIVMID: u64 := 6                  // effects
  const HALT: u64 := 10

  // ---- what it means, for a state that need not be the one the event found ----------------------------------------------------

  /** State s with verdict v carried out. */
  ghost function After(s: State.Kernel, v: Common.Verdict, now: u64): State.Kernel
    requires Apply.Tables(s.st) && Wit.Tables(s.log)
  {
    s.(st := Apply.ApplyAll(s.st, v.acts), vol := v.vol, log := Apply.NoteAll(s.log, v.acts, now))
  }
  /** p can end in state s, and its end, and the system's if p is the last, can be witnessed. */
  ghost predicate Ends(s: State.Kernel, who: u32, p: u32) {
    && State.Sized(s) && Sch.Shape(s.vol.sched) && who < NPART && 0 < p < NPART
    && Wit.Spare(s.log, p) && (D.Ending(s, p) ==> Wit.Spare(s.log, 0))
  }
  lemma EndsTables(s: State.Kernel)
    requires State.Sized(s)
    ensures Apply.Tables(s.st) && Wit.Tables(s.log) && Edg.Tables(s.st.edges, s.vol.queues)
  {
  }

  // ---- who waits for an edge from p -------------------------------------------------------------------------------------------

  function Orphans(k: Core, p: u32, e: u32): (b: bool)
    requires k.Inv() && e < NEDGE
    reads k.Repr()
    ensures b == D.Orphans(k.Abs().st.edges, k.Abs().vol.sched, p, e)
  {
    && k.edges.Cap(e) != 0 && k.edges.Src(e) == p && k.edges.Dst(e) != p
    && k.sched.Run(k.edges.Dst(e)) == Kinds.Waiting && k.sched.WakeOf(k.edges.Dst(e)) == e as u64
  }
  function Dst(k: Core, e: u32): (q: u32)
    requires k.Inv() && e < NEDGE
    reads k.Repr()
    ensures q == k.Abs().st.edges[e].dst && q < NPART
  {
    k.edges.Dst(e)
  }
  lemma FewReady(k: Core)
    requires k.Inv()
    ensures L.Filling(|k.Abs().vol.sched.ready|) <= L.Filling(NPART as nat - 1)
  {
    K.FewReady(k.Abs().vol.sched);
    L.Grows(|k.Abs().vol.sched.ready|, 127);
  }
  /** Everybody who waits on an edge from p learns that p has ended; p has stopped. */
  method Break(k: Core, p: u32, now: u64) returns (ghost work: nat)
    requires k.Inv() && p < NPART && State.Sized(k.Abs()) && Sch.Shape(k.Abs().vol.sched) && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := D.BreakFrom(old(k.Abs()).vol, old(k.Abs()).st.edges, old(k.Abs()).st.parts, p, now, 0))
    ensures k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    ensures work <= BREAK_WORK
  {
    hide *;
    work := 1;
    reveal D.BreakFrom, Limits.NEDGE, Limits.NPART, State.Sized, Sch.Shape, Sch.Tables;
    ghost var s := k.Abs();
    var e: u32 := 0;
    while e < NEDGE
      invariant e <= NEDGE && k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
      invariant State.Sized(k.Abs()) && Sch.Shape(k.Abs().vol.sched) && k.Abs() == s.(vol := k.Abs().vol)
      invariant D.BreakFrom(s.vol, s.st.edges, s.st.parts, p, now, 0) == D.BreakFrom(k.Abs().vol, s.st.edges, s.st.parts, p, now, e)
      invariant k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
      invariant work <= 1 + 6 * e as int + L.Filling(|k.Abs().vol.sched.ready|)
    {
      work := work + 1;
      if Orphans(k, p, e) {
        ghost var w := BreakOne(k, p, e, now);
        work := work + w;
      }
      e := e + 1;
    }
    FewReady(k);
    assert 1 + 6 * NEDGE as nat + L.Filling(NPART as nat - 1) == BREAK_WORK by { reveal BREAK_WORK; }
  }
  method BreakOne(k: Core, ghost p: u32, e: u32, now: u64) returns (ghost work: nat)
    requires k.Inv() && p < NPART && e < NEDGE && State.Sized(k.Abs()) && Sch.Shape(k.Abs().vol.sched) && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    requires D.Orphans(k.Abs().st.edges, k.Abs().vol.sched, p, e)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures State.Sized(k.Abs()) && Sch.Shape(k.Abs().vol.sched) && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    ensures k.Abs() == old(k.Abs()).(vol := D.Break(old(k.Abs()).vol, old(k.Abs()).st.parts, old(k.Abs()).st.edges[e].dst, Status.PartitionNotFound, now))
    ensures work + L.Filling(|old(k.Abs()).vol.sched.ready|) <= 5 + L.Filling(|k.Abs().vol.sched.ready|)
  {
    hide *;
    work := 1;
    reveal D.Break, D.Orphans, Common.SetReg, Limits.NPART, Limits.NEDGE, Limits.CTXW, State.Sized, Sch.Shape, Sch.Tables;
    var q := Dst(k, e);
    k.Set(q, 0, Status.PartitionNotFound);
    ghost var w := T.Notify(k, p, q, now);
    work := work + w;
    T.Sized(k);
  }

  // ---- the last one -----------------------------------------------------------------------------------------------------------

  function Last(k: Core, p: u32): (b: bool)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures b == D.Last(k.Abs().st.parts, p)
  {
    D.Last(k.Abs().st.parts, p)
  } by method {
    hide *;
    ghost var work := 1;
    reveal D.Last, Limits.NPART, LAST_WORK;
    T.Sized(k);
    assert |k.Abs().st.parts| == NPART as int by { reveal State.Sized; }
    var q: u32 := 1;
    while q < NPART
      invariant 0 < q <= NPART && work == q as int
      invariant forall r: u32 :: 0 < r < q && r != p ==> k.Abs().st.parts[r].life == Kinds.Free
    {
      work := work + 1;
      if q != p && T.Life(k, q) != Kinds.Free {
        assert work <= LAST_WORK;
        return false;
      }
      q := q + 1;
    }
    assert work <= LAST_WORK;
    return true;
  }

  // ---- the end ----------------------------------------------------------------------------------------------------------------

  /** Queues have no part in who waits. */
  lemma BreakQueues(v: State.Volatile, qs: seq<State.Queue>, es: seq<State.Edge>, parts: seq<State.Part>, p: u32, now: u64, e: u32)
    requires |v.regs| == NCTX as int && Sch.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    ensures D.BreakFrom(v.(queues := qs), es, parts, p, now, e) == D.BreakFrom(v, es, parts, p, now, e).(queues := qs)
    ensures D.BreakFrom(v, es, parts, p, now, e).(failed := v.failed, halted := v.halted) == D.BreakFrom(v, es, parts, p, now, e)
    ensures D.BreakFrom(v, es, parts, p, now, e).queues == v.queues
    decreases NEDGE - e
  {
    if e < NEDGE {
      if D.Orphans(es, v.sched, p, e) {
        var q := es[e].dst;
        assert D.Break(v.(queues := qs), parts, q, Status.PartitionNotFound, now) == D.Break(v, parts, q, Status.PartitionNotFound, now).(queues := qs);
        BreakQueues(D.Break(v, parts, q, Status.PartitionNotFound, now), qs, es, parts, p, now, e + 1);
      } else {
        BreakQueues(v, qs, es, parts, p, now, e + 1);
      }
    }
  }

  /** p is off the schedule, who waited for it is ready, and somebody runs. */
  ghost function Off(s: State.Kernel, p: u32, now: u64): State.Volatile
    requires State.Sized(s) && Sch.Shape(s.vol.sched) && 0 < p < NPART
  {
    var v := D.BreakFrom(s.vol.(sched := Sch.Stop(s.vol.sched, p)), s.st.edges, s.st.parts, p, now, 0);
    v.(sched := if v.sched.cur == 0 then Sch.Dispatch(v.sched, s.st.parts, now) else v.sched)
  }
  method TakeOff(k: Core, p: u32, now: u64) returns (ghost work: nat)
    requires k.Inv() && State.Sized(k.Abs()) && Sch.Shape(k.Abs().vol.sched) && 0 < p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := Off(old(k.Abs()), p, now)) && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    ensures work <= TAKE_OFF_WORK
  {
    hide *;
    work := 1;
    reveal TAKE_OFF_WORK;
    reveal Off, Limits.NPART, State.Sized;
    ghost var w := T.Stop(k, p);
    work := work + w;
    T.Sized(k);
    w := Break(k, p, now);
    work := work + w;
    if T.Cur(k) == 0 { T.Dispatch(k, p, now); }
  }
  ghost function Acts(who: u32, p: u32, reason: u64, last: bool): seq<Apply.Action> {
    [Apply.PartitionEnd(who, p, reason)] + (if last then [Apply.SystemEnd] else [])
  }
  ghost function Orders(p: u32, last: bool, failed: bool): seq<Common.Effect> {
    [Common.Effect(Common.TLBIVMID, p as u64, 0, 0)] + (if last then [Common.Effect(Common.HALT, if failed then 1 else 0, 0, 0)] else [])
  }
  /** What the actions of an end come to. */
  lemma ActsMean(s: State.Structure, l: State.Log, who: u32, p: u32, reason: u64, last: bool, now: u64)
    requires Apply.Tables(s) && Wit.Tables(l) && 0 < p < NPART
    ensures Apply.ApplyAll(s, Acts(who, p, reason, last)) == Apply.End(s, p)
    ensures var m := Apply.Note(l, Apply.PartitionEnd(who, p, reason), now); Apply.NoteAll(l, Acts(who, p, reason, last), now) == if last then Apply.Note(m, Apply.SystemEnd, now) else m
  {
    var a := Apply.PartitionEnd(who, p, reason);
    if last {
      assert Acts(who, p, reason, last)[1..] == [Apply.SystemEnd];
      assert [Apply.SystemEnd][1..] == [];
    } else {
      assert Acts(who, p, reason, last)[1..] == [];
    }
  }
  /** The hypervisor gains by the end of a partition. */
  lemma StillSpare(l: State.Log, who: u32, p: u32, reason: u64, now: u64)
    requires Wit.Tables(l) && 0 < p < NPART && Wit.Spare(l, 0)
    ensures Wit.Spare(Apply.Note(l, Apply.PartitionEnd(who, p, reason), now), 0)
  {
  }
  method Witness(k: Core, who: u32, p: u32, reason: u64, last: bool, now: u64)
    requires k.Inv() && Wit.Tables(k.Abs().log) && who < NPART && 0 < p < NPART && Wit.Spare(k.Abs().log, p) && (last ==> Wit.Spare(k.Abs().log, 0))
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures var m := Apply.Note(old(k.Abs()).log, Apply.PartitionEnd(who, p, reason), now); k.Abs() == old(k.Abs()).(log := if last then Apply.Note(m, Apply.SystemEnd, now) else m)
  {
    hide *;
    reveal Apply.Encode, Apply.Charged, Limits.NPART;
    k.RecordEnd(Apply.PartitionEnd(who, p, reason), who, p, reason, now);
    if last {
      StillSpare(old(k.Abs()).log, who, p, reason, now);
      k.Record(Apply.SystemEnd, 0, 0x8F, 0, 0, 0, 0, now);
    }
  }
  function Failed(k: Core): (b: bool)
    requires k.Inv()
    reads k.Repr()
    ensures b == k.Abs().vol.failed
  {
    k.failed
  }
  function Halted(k: Core): (b: bool)
    requires k.Inv()
    reads k.Repr()
    ensures b == k.Abs().vol.halted
  {
    k.halted
  }
  method Order(k: Core, p: u32, last: bool, failed: bool)
    requires k.Inv() && k.Effects() == []
    modifies k.Repr()
    ensures k.Inv() && k.Abs() == old(k.Abs()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Effects() == Orders(p, last, failed)
  {
    hide *;
    reveal Orders, TLBIVMID, HALT, Common.TLBIVMID, Common.HALT;
    NoEffects(k);
    k.Emit(TLBIVMID, p as u64, 0, 0);
    if last { k.Emit(HALT, if failed then 1 else 0, 0, 0); }
  }
  lemma NoEffects(k: Core)
    requires k.Inv()
    ensures k.Effects() == [] ==> k.neff == 0
  {
    assert |k.Effects()| == k.neff as int;
  }
  /** The specification's end, in the order of the steps here. */
  lemma EndIs(s: State.Kernel, who: u32, p: u32, reason: u64, now: u64)
    requires State.Sized(s) && Sch.Shape(s.vol.sched) && who < NPART && 0 < p < NPART
    ensures var last := D.Ending(s, p);
      D.End(s, who, p, reason, now)
      == Common.Verdict(Acts(who, p, reason, last), Off(s, p, now).(queues := Edg.ClearAll(s.st.edges, s.vol.queues, p), halted := s.vol.halted || last), Orders(p, last, s.vol.failed))
    ensures Off(s, p, now).queues == s.vol.queues && Off(s, p, now).failed == s.vol.failed
  {
    hide *;
    reveal D.End, Acts, Orders, Off, State.Sized, Edg.Tables, Sch.Shape, Sch.Tables, Limits.NPART, Limits.NEDGE, Limits.NCTX;
    var qs := Edg.ClearAll(s.st.edges, s.vol.queues, p);
    var v := s.vol.(sched := Sch.Stop(s.vol.sched, p));
    BreakQueues(v, qs, s.st.edges, s.st.parts, p, now, 0);
    assert v.(queues := qs) == s.vol.(sched := Sch.Stop(s.vol.sched, p), queues := qs);
  }
  method End(k: Core, who: u32, p: u32, reason: u64, now: u64) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && k.Effects() == [] && Ends(k.Abs(), who, p)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && Ended(old(k.Abs()), k.Abs(), k.Effects(), who, p, reason, now)
    ensures work <= END_WORK
  {
    hide *;
    work := 1;
    reveal END_WORK;
    reveal Ends, Ended, After, D.Ending, Limits.NPART, T.Gone, State.Sized;
    ghost var s := k.Abs();
    EndsTables(s);
    EndIs(s, who, p, reason, now);
    var halted := Halted(k);
    var last := Last(k, p) && !halted;
    work := work + LAST_WORK;
    ActsMean(s.st, s.log, who, p, reason, last, now);
    ghost var w := TakeOff(k, p, now);
    work := work + w;
    T.SetHalted(k, halted || last);
    w := T.Forget(k, p);
    work := work + w;
    Witness(k, who, p, reason, last, now);
    Order(k, p, last, Failed(k));
  }
  /** t is s after the end of p, and the hardware has been told what it must be. */
  ghost predicate Ended(s: State.Kernel, t: State.Kernel, effects: seq<Common.Effect>, who: u32, p: u32, reason: u64, now: u64)
    requires State.Sized(s) && Sch.Shape(s.vol.sched) && who < NPART && 0 < p < NPART
  {
    t == After(s, D.End(s, who, p, reason, now), now) && effects == D.End(s, who, p, reason, now).effects
  }

  // ---- who ends ---------------------------------------------------------------------------------------------------------------

  /** Whoever runs exists, and every end can be witnessed. */
  lemma MayEnd(s: State.Kernel, p: u32)
    requires Valid.Valid(s) && 0 < p < NPART && (s.st.parts[p].life != Kinds.Free || p == s.vol.sched.cur)
    ensures State.Sized(s) && Wit.Spare(s.log, p) && (!s.vol.halted ==> Wit.Spare(s.log, 0))
  {
    if p == s.vol.sched.cur {
      reveal Sch.Placed(), Sch.OnlyStartedRun();
      assert Sch.InPlace(s.vol.sched, p);
    }
    assert s.st.parts[p].life != Kinds.Free;
  }
  /** The end of p in state s, whose volatile part alone differs from the event's first state s0, is what verdict says of s0. */
  lemma EndDone(k: Core, s0: State.Kernel, s: State.Kernel, who: u32, p: u32, reason: u64, now: u64)
    requires Valid.Valid(s0) && State.Sized(s) && Sch.Shape(s.vol.sched) && who < NPART && 0 < p < NPART && s == s0.(vol := s.vol)
    requires k.Inv() && k.Rooted() && Ended(s, k.Abs(), k.Effects(), who, p, reason, now)
    ensures k.Done(s0, D.End(s, who, p, reason, now), now)
  {
    hide *;
    reveal Ended, k.Done, Step.Commit, After, State.Sized;
  }
}
