include "IntegrityEvents.dfy"
include "Reachable.dfy"

/** Nobody is disturbed without a channel: what a partition sees stays as it is while others run who have none to it. */
module {:compile false} Integrity {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened IntegrityView
  import opened IntegrityHeld
  import opened IntegrityRun
  import opened IntegrityCalls
  import IntegrityEvents
  import CapabilityTheorems
  import E = Edges
  import S = Scheduler
  import V = Valid
  import DT = DecideTask
  import Step
  import Kinds

  // ---- the tick -------------------------------------------------------------------------------------------------------------------

  /** The state as a tick finds it: sleepers whose time has come are awake. */
  ghost function Early(k: Kernel, now: u64): Kernel requires V.Valid(k) { k.(vol := k.vol.(sched := S.Wake(k.vol.sched, k.st.parts, now))) }
  lemma EarlyView(k: Kernel, now: u64, p: u32)
    requires V.Valid(k) && p < NPART
    ensures var l := Early(k, now);
      && Sized(k) && Sized(l) && Lined(l.vol.sched) && See(l, p) == Observation.Woken(See(k, p), now) && l.vol.sched.cur == k.vol.sched.cur
  {
    ValidLine(k);
    assert S.AlarmSet(k.vol.sched, NPART) && |k.st.parts| == NPART as int;
    IntegrityRun.Woken(k.vol.sched, k.st.parts, now, p);
    var l := Early(k, now);
    assert Sized(k) && Sized(l);
    hide V.Valid;
    hide S.Wake;
    hide Lined;
    SeeIs(k, p);
    SeeIs(l, p);
    hide See;
    hide Slots;
    hide Regions;
    hide IntegrityView.Ends;
  }
  /** Whoever runs, if anybody, is not p and has no channel to p, who exists. */
  ghost predicate Apart(k: Kernel, p: u32) {
    && V.Valid(k) && 0 < p < NPART && k.st.parts[p].life != Kinds.Free && k.vol.sched.cur != p
    && (k.vol.sched.cur != 0 ==> !Channel(k, k.vol.sched.cur, p))
  }
  /** The verdict changes nothing that p sees in state l, which differs from k in the volatile part only. */
  ghost predicate SparesFrom(k: Kernel, l: Kernel, v: Verdict, p: u32) requires p < NPART {
    Tables(k.st) && SameStructure(k.st, ApplyAll(k.st, v.acts), p) && SameRun(k.st.edges, l.vol, v.vol, p) && NoneHis(v.acts, p)
  }
  lemma NoActs(k: Kernel, p: u32)
    requires Tables(k.st) && p < NPART
    ensures SameStructure(k.st, ApplyAll(k.st, []), p) && NoneHis([], p)
  {
    hide HeldIn;
  }
  lemma BudgetOver(k: Kernel, now: u64, p: u32)
    requires Apart(k, p) && Tables(k.st) && Sane(k.st) && k.vol.sched.cur != 0
    ensures var l, c := Early(k, now), k.vol.sched.cur;
      Sized(l) && S.Shape(l.vol.sched) && c < NPART && SparesFrom(k, l, DT.End(l, c, c, DT.BY_BUDGET, now), p)
  {
    EarlyView(k, now, p);
    var l, c := Early(k, now), k.vol.sched.cur;
    assert c < NPART && !Tied(k, c, p);
    hide *;
    reveal Limits.NPART, Apart;
    assert S.Shape(l.vol.sched) by { reveal Lined; }
    assert l == k.(vol := l.vol) && l.st == k.st by { reveal Early; }
    assert |k.st.edges| == NEDGE as int by { reveal Tables; }
    IntegrityEvents.NoEdgeTo(k, c, p);
    IntegrityRun.Ended(l, c, c, DT.BY_BUDGET, now, p);
    IntegrityEvents.EndStructure(k, l.vol, c, c, DT.BY_BUDGET, now, p);
    IntegrityEvents.EndNone(l, c, c, DT.BY_BUDGET, now, p);
    reveal SparesFrom;
  }
  lemma TickSpares(k: Kernel, now: u64, p: u32)
    requires Apart(k, p) && Tables(k.st) && Sane(k.st)
    ensures SparesFrom(k, Early(k, now), DT.Tick(k, now), p)
  {
    EarlyView(k, now, p);
    NoActs(k, p);
    if k.vol.sched.cur != 0 { BudgetOver(k, now, p); }
    var l := Early(k, now);
    var w, es, parts := l.vol.sched, k.st.edges, k.st.parts;
    assert Sorts(l.vol);
    hide V.Valid;
    hide S.Wake;
    hide SparesFrom;
    hide Sane;
    hide Channel;
    hide SameStructure;
    hide See;
    Unchanged(es, l.vol, p);
    Dispatched(w, parts, now, p);
    Rescheduled(es, l.vol, S.Dispatch(w, parts, now), p);
    var v := DT.Tick(k, now);
    if w.cur != 0 {
      Preempted(w, parts, now, p);
      Rescheduled(es, l.vol, S.PreemptCurrent(w, parts, now), p);
      var left := if w.tasks[w.cur].left == 0 then 0 else w.tasks[w.cur].left - 1;
      Budgeted(w, w.cur, left, p);
      var b := S.SetLeft(w, w.cur, left);
      Yielded(b, parts, now, p);
      assert SameTask(w, S.YieldCurrent(b, parts, now), p);
      Rescheduled(es, l.vol, S.YieldCurrent(b, parts, now), p);
    }
    hide S.Dispatch;
    hide S.PreemptCurrent;
    hide S.YieldCurrent;
    hide S.SetLeft;
    hide DT.End;
    hide Lined;
    hide SameRun;
    hide NoneHis;
    hide ApplyAll;
    assert l.vol == k.vol.(sched := w);
    if v.acts == [] { reveal SparesFrom; }
  }
  lemma Tick(k: Kernel, now: u64, p: u32)
    requires Apart(k, p) && Tables(k.st) && Sane(k.st)
    ensures var m := Step.Commit(k, DT.Tick(k, now), now); Sized(m) && See(m, p) == Observation.Woken(See(k, p), now)
  {
    TickSpares(k, now, p);
    EarlyView(k, now, p);
    var l, v := Early(k, now), DT.Tick(k, now);
    assert l.st == k.st && l.log == k.log;
    hide V.Valid;
    hide ApplyAll;
    hide NoteAll;
    hide See;
    hide DT.Tick;
    hide Early;
    hide Channel;
    hide Sane;
    AllNoted(k.log, v.acts, now, p);
    SameView(l, Step.Commit(k, v, now), p);
  }
}
