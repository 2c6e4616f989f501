include "Fairness.dfy"

/** Runs of the machine as the theorems assume them: the processor is never idle in vain, and every run can go on. */
module {:compile false} Runs {
  import opened Types
  import opened Limits
  import opened State
  import opened FairSteps
  import opened FairTurns
  import opened FairStates
  import opened FairBoot
  import opened Service
  import FairCalls
  import V = Valid
  import JobsKept
  import S = Scheduler
  import E = Edges
  import DL = DecideLease
  import W = Witness
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import StepPreservesValid

  /** After boot the processor is idle only when nobody is ready to run. */
  lemma The_processor_is_idle_only_if_nobody_is_ready(k: Kernel, es: seq<Step.Event>, i: int, q: u32)
    requires StepPreservesValid.First(k) && Ordered(es) && Masked(k, es) && 0 <= i <= |es| && WantsToRun(At(k, es, i), q)
    ensures At(k, es, i).vol.sched.cur != 0
  {
    AllAlong(k, es, i);
    var b := At(k, es, i);
    FairCalls.InOrder(b);
    hide V.Valid;
    hide At;
    InQueue(b.vol.sched, q);
    reveal Timed();
  }

  // ---- every run can go on ----------------------------------------------------------------------------------------------------------

  lemma FirstIsIdle(k: Kernel, es: seq<Step.Event>)
    requires StepPreservesValid.First(k)
    ensures At(k, es, 0).vol.sched.cur == 0
  {
    assert es[..0] == [];
    hide V.Valid;
  }
  /** The last event did not come too late for whoever runs now. */
  lemma InTime(k: Kernel, es: seq<Step.Event>, lag: nat)
    requires Run(k, es, lag)
    ensures var b := At(k, es, |es|); b.vol.sched.cur != 0 ==> Clock(es, |es|) as int <= b.vol.sched.sliceEnd as int + lag
  {
    if |es| == 0 { FirstIsIdle(k, es); } else {
      var i := |es| - 1;
      var a := At(k, es, i);
      AllAlong(k, es, i);
      Next(k, es, i);
      hide V.Valid;
      hide At;
      hide Step.Step;
      hide StepPreservesValid.First;
      assert a.booting ==> !es[i].Tick?;
      Onwards(a, es[i], Clock(es, i));
    }
  }
  /** One more event. */
  lemma Longer(k: Kernel, es: seq<Step.Event>, e: Step.Event, lag: nat)
    requires Run(k, es, lag) && Clock(es, |es|) <= e.now
    requires var b := At(k, es, |es|); (b.booting ==> !e.Tick?) && (b.vol.sched.cur != 0 ==> e.now as int <= b.vol.sched.sliceEnd as int + lag)
    ensures Run(k, es + [e], lag) && At(k, es + [e], |es|) == At(k, es, |es|) && At(k, es + [e], |es| + 1) == Step.Step(At(k, es, |es|), e).k
  {
    var more := es + [e];
    assert forall i :: 0 <= i <= |es| ==> more[..i] == es[..i];
    assert forall i :: 0 <= i <= |es| ==> At(k, more, i) == At(k, es, i);
    Next(k, more, |es|);
    hide V.Valid;
    hide At;
    hide Step.Step;
    hide StepPreservesValid.First;
  }
  lemma TurnTurns(k: Kernel, now: u64)
    requires V.Valid(k) && k.vol.sched.cur != 0 && k.vol.sched.sliceEnd <= now
    ensures var t := DT.Turn(k, now).vol.sched; t.cur == 0 || now <= t.sliceEnd
  {
    FairCalls.InOrder(k);
    var parts, s := k.st.parts, k.vol.sched;
    var w := S.Wake(s, parts, now);
    Wakes(parts, s, now, 0);
    assert w.cur == s.cur && w.sliceEnd == s.sliceEnd by { reveal Still(); }
    assert Sized(k);
    var v := DT.Turn(k, now);
    if w.tasks[w.cur].left == 1 {
      EndTurns(k.(vol := k.vol.(sched := w)), w.cur, DT.BY_BUDGET, now);
      hide V.Valid;
      hide DT.End;
      hide S.Wake;
      hide S.YieldCurrent;
      assert v == DT.End(k.(vol := k.vol.(sched := w)), w.cur, w.cur, DT.BY_BUDGET, now);
    } else {
      hide V.Valid;
      hide DT.End;
      hide S.Wake;
      hide S.MakeReady;
      hide S.Dispatch;
      var left := if w.tasks[w.cur].left == 0 then 0 else w.tasks[w.cur].left - 1;
      var l := S.SetLeft(w, w.cur, left);
      assert v.vol.sched == S.YieldCurrent(l, parts, now);
      var m := S.MakeReady(l.(cur := 0), l.cur, parts[l.cur].rel, now);
      assert v.vol.sched == S.Dispatch(m, parts, now);
      DispatchTurns(m, parts, now);
    }
    hide DT.Turn;
  }
  lemma LapseTurns(k: Kernel, now: u64)
    requires V.Valid(k) && k.vol.sched.cur != 0 && k.vol.sched.sliceEnd <= now
    ensures var t := DT.Lapse(k, now).vol.sched; t.cur == 0 || now <= t.sliceEnd
  {
    TurnTurns(k, now);
    FairCalls.InOrder(k);
    var parts, s := k.st.parts, k.vol.sched;
    var w := S.Wake(s, parts, now);
    Wakes(parts, s, now, 0);
    assert w.cur == s.cur by { reveal Still(); }
    assert Sized(k);
    EndTurns(k.(vol := k.vol.(sched := w)), w.cur, DT.BY_LEASE, now);
    hide V.Valid;
    hide DT.Turn;
    hide DT.End;
    hide S.Wake;
    hide W.Room;
    hide DL.Ending;
  }
  /** The tick at the end of a slice begins another one. */
  lemma TickTurns(k: Kernel, now: u64)
    requires V.Valid(k) && k.vol.sched.cur != 0 && k.vol.sched.sliceEnd <= now
    ensures var t := Step.Step(k, Step.Tick(now)).k.vol.sched; t.cur == 0 || now <= t.sliceEnd
  {
    JobsKept.Worked(k, now);
    LapseTurns(DT.Worked(k, now), now);
    hide *;
    reveal Step.Step, Step.Decide, Step.Commit, DT.Tick;
  }
  lemma DispatchTurns(s: Sched, parts: seq<Part>, now: u64)
    requires S.Shape(s) && |parts| == NPART as int
    ensures var t := S.Dispatch(s, parts, now); t.cur == 0 || now <= t.sliceEnd
  {}
  lemma EndTurns(k: Kernel, p: u32, reason: u64, now: u64)
    requires Sized(k) && S.Shape(k.vol.sched) && 0 < p < NPART && k.vol.sched.cur == p
    ensures var t := DT.End(k, p, p, reason, now).vol.sched; t.cur == 0 || now <= t.sliceEnd
  {
    var v0 := k.vol.(sched := S.Stop(k.vol.sched, p), queues := E.ClearAll(k.st.edges, k.vol.queues, p));
    Unbroken(v0, k.st.edges, k.st.parts, p, now, 0);
    var v := DT.BreakFrom(v0, k.st.edges, k.st.parts, p, now, 0);
    assert v0.sched.cur == 0 by { hide S.Remove; hide E.ClearFrom; }
    DispatchTurns(v.sched, k.st.parts, now);
    hide DT.BreakFrom;
    hide S.Stop;
    hide S.Dispatch;
    hide E.ClearFrom;
    hide DT.Ending;
  }
  lemma Unbroken(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32)
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    ensures DT.BreakFrom(v, es, parts, p, now, e).sched.cur == v.sched.cur
    decreases NEDGE - e
  {
    if e < NEDGE {
      if DT.Orphans(es, v.sched, p, e) { Unbroken(DT.Break(v, parts, es[e].dst, Status.PartitionNotFound, now), es, parts, p, now, e + 1); }
      else { Unbroken(v, es, parts, p, now, e + 1); }
    }
    hide S.InsertByDeadline;
  }
  /** When the next event is due. */
  ghost function Due(k: Kernel, es: seq<Step.Event>, lag: nat, until: u64): int
    requires StepPreservesValid.First(k) && until < TIMEMAX
  {
    var s := At(k, es, |es|).vol.sched;
    if s.cur != 0 && s.sliceEnd as int + lag <= until as int then s.sliceEnd as int + lag else until as int + 1
  }
  /** What the theorems assume of a run does not contradict itself: every run can go on in the same way for as long as one likes. */
  lemma Every_run_can_go_on(k: Kernel, es: seq<Step.Event>, lag: nat, until: u64) returns (more: seq<Step.Event>)
    requires Run(k, es, lag) && lag > 0 && Clock(es, |es|) <= until < TIMEMAX
    ensures es <= more && Run(k, more, lag) && |more| > 0 && more[|more| - 1].now > until
    decreases until as int + 1 - Due(k, es, lag, until)
  {
    var b := At(k, es, |es|);
    InTime(k, es, lag);
    AllAlong(k, es, |es|);
    assert b.vol.sched.cur != 0 ==> !b.booting by { reveal Timed(); }
    var due := Due(k, es, lag, until) as u64;
    hide At;
    hide Step.Step;
    hide StepPreservesValid.First;
    var e := if b.vol.sched.cur == 0 then Step.Hypercall(due) else Step.Tick(due);
    Longer(k, es, e, lag);
    if due > until {
      more := es + [e];
    } else {
      TickTurns(b, due);
      more := Every_run_can_go_on(k, es + [e], lag, until);
    }
  }
}
