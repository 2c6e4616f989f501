include "IntegrityEvents.dfy"
include "../reachable/Reachable.dfy"

/** What a partition sees stays as it is while others run who have no channel to it. */
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
  import IntegrityLeases
  import opened IntegrityDeeds
  import LS = Leases
  import DL = DecideLease
  import W = Witness
  import Orderly
  import Reachable
  import StepPreservesValid
  import CapabilityTheorems
  import E = Edges
  import S = Scheduler
  import V = Valid
  import DT = DecideTask
  import DF = DecideProof
  import JobsKept
  import Step
  import Declassification
  import Kinds

  // ---- the tick -------------------------------------------------------------------------------------------------------------------

  /** The state in which a tick turns to the schedule: the running partition's job has had its steps, and sleepers whose time has come are awake. */
  ghost function Early(k: Kernel, now: u64): Kernel requires V.Valid(k) { k.(vol := DT.Worked(k, now).vol.(sched := S.Wake(k.vol.sched, k.st.parts, now))) }
  /** Another's job. */
  lemma Jobs(k: Kernel, now: u64, p: u32)
    requires V.Valid(k) && p < NPART && k.vol.sched.cur != p
    ensures |k.st.edges| == NEDGE as int && Sorts(k.vol) && SameRun(k.st.edges, k.vol, DT.Worked(k, now).vol, p)
  {
    var q := k.vol.sched.cur;
    assert |k.st.edges| == NEDGE as int && Sorts(k.vol) && q < NPART && |k.log.records| <= TIMEMAX as int;
    Unchanged(k.st.edges, k.vol, p);
    Progressed(k.st.edges, k.vol, q, DF.Checks(k.log, DF.JobOf(k.vol, q), DF.JOBSTEPS), p);
    hide V.Valid;
    hide DF.SetProgress, DF.Checks, DF.JobOf, SameRun;
  }
  lemma EarlyView(k: Kernel, now: u64, p: u32)
    requires V.Valid(k) && p < NPART && k.vol.sched.cur != p
    ensures var l := Early(k, now);
      && Sized(k) && Sized(l) && Lined(l.vol.sched) && See(l, p) == Observation.Woken(See(k, p), now) && l.vol.sched.cur == k.vol.sched.cur
  {
    ValidLine(k);
    assert S.AlarmSet(k.vol.sched, NPART) && |k.st.parts| == NPART as int;
    IntegrityRun.Woken(k.vol.sched, k.st.parts, now, p);
    Jobs(k, now, p);
    JobsKept.Worked(k, now);
    var l := Early(k, now);
    assert Sized(k) && Sized(l);
    RegsSlice(k.vol.regs, l.vol.regs, p) by { hide V.Valid; hide S.Wake; hide DT.Worked; }
    hide DT.Worked;
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
    && Unfelt(v.effects, p)
  }
  lemma NoActs(k: Kernel, p: u32)
    requires Tables(k.st) && p < NPART
    ensures SameStructure(k.st, ApplyAll(k.st, []), p) && NoneHis([], p)
  {
    hide HeldIn;
  }
  lemma Over(k: Kernel, reason: u64, now: u64, p: u32)
    requires Apart(k, p) && Tables(k.st) && Sane(k.st) && k.vol.sched.cur != 0
    ensures var l, c := Early(k, now), k.vol.sched.cur;
      Sized(l) && S.Shape(l.vol.sched) && c < NPART && SparesFrom(k, l, DT.End(l, c, c, reason, now), p)
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
    IntegrityRun.Ended(l, c, c, reason, now, p);
    IntegrityEvents.EndStructure(k, l.vol, c, c, reason, now, p);
    IntegrityEvents.EndNone(l, c, c, reason, now, p);
    reveal SparesFrom;
  }
  lemma TurnSpares(k: Kernel, now: u64, p: u32)
    requires Apart(k, p) && Tables(k.st) && Sane(k.st)
    ensures SparesFrom(k, Early(k, now), DT.Turn(DT.Worked(k, now), now), p)
  {
    JobsKept.Worked(k, now);
    EarlyView(k, now, p);
    NoActs(k, p);
    if k.vol.sched.cur != 0 { Over(k, DT.BY_BUDGET, now, p); }
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
    var v := DT.Turn(DT.Worked(k, now), now);
    hide DT.Worked;
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
    assert l.vol == DT.Worked(k, now).vol.(sched := w);
    if v.acts == [] { reveal SparesFrom; }
  }
  lemma TickSpares(k: Kernel, now: u64, p: u32)
    requires Apart(k, p) && Tables(k.st) && Sane(k.st)
    ensures SparesFrom(k, Early(k, now), DT.Tick(k, now), p)
  {
    TurnSpares(k, now, p);
    EarlyView(k, now, p);
    JobsKept.Worked(k, now);
    var c := k.vol.sched.cur;
    if c != 0 && LS.Over(k.st, c, now) {
      Over(k, DT.BY_LEASE, now, p);
      IntegrityLeases.LeaseIs(k, c);
      assert !Tied(k, c, p);
      assert CapabilityTheorems.LinksOk(k.st.caps) by { hide V.Valid; }
      IntegrityLeases.LeaseGone(k.st, c, DL.EXPIRED, p);
      Expires(k, c, DT.Turn(DT.Worked(k, now), now), now, p);
    }
    assert Early(k, now) == DT.Worked(k, now).(vol := DT.Worked(k, now).vol.(sched := S.Wake(k.vol.sched, k.st.parts, now))) by { reveal Early; hide V.Valid; }
    hide DT.Worked;
    hide V.Valid;
    hide DT.Turn;
    hide DT.End;
    hide DL.Ending;
    hide DL.Flush;
    hide S.Wake;
    hide Sane;
    hide Channel;
    hide SparesFrom;
    hide W.Room;
  }
  lemma Expires(k: Kernel, c: u32, v: Verdict, now: u64, p: u32)
    requires Apart(k, p) && Tables(k.st) && Sane(k.st) && 0 < c < NPART && c != p && !Tied(k, c, p) && SparesFrom(k, Early(k, now), v, p)
    requires Follows(k.st, ApplyAll(k.st, DL.Ending(k.st, c, DL.EXPIRED)), p, c, NEDGE)
    ensures SparesFrom(k, Early(k, now), Verdict(DL.Ending(k.st, c, DL.EXPIRED), v.vol, DL.Flush(k.st, c)), p)
  {
    hide *;
    reveal Apart, SparesFrom, NoneHis, NotHis, Charged, Encode, Unfelt, DL.Ending, DL.Flush, Limits.NPART, Declassification.IsFelt;
    IntegrityDeeds.Same(k, ApplyAll(k.st, DL.Ending(k.st, c, DL.EXPIRED)), p, c, NEDGE);
  }
  lemma Tick(k: Kernel, now: u64, p: u32)
    requires Apart(k, p) && Tables(k.st) && Sane(k.st)
    ensures var m := Step.Commit(k, DT.Tick(k, now), now); Sized(m) && See(m, p) == Observation.Woken(See(k, p), now)
    ensures Declassification.Felt(DT.Tick(k, now).effects, p) == []
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
    NothingFelt(v.effects, p);
    SameView(l, Step.Commit(k, v, now), p);
  }

  // ---- a guest runs ---------------------------------------------------------------------------------------------------------------

  lemma Left(k: Kernel, saved: seq<u64>, p: u32)
    requires Runs(k) && Tables(k.st) && 0 < p < NPART && Me(k) != p
    ensures Spares(k, Step.Left(k, saved), p)
  {
    NoActs(k, p);
    assert Sorts(k.vol) && |k.st.edges| == NEDGE as int && Me(k) < NPART;
    hide *;
    reveal Spares, Unfelt, Step.Left, Step.Nothing, Limits.NPART;
    Unchanged(k.st.edges, k.vol, p);
    if |saved| == SAVED as int { Computed(k.st.edges, k.vol, Me(k), saved, p); }
  }
  /** Whatever another partition computes, and through whatever channels it could disturb p: as long as it only runs, p sees what it saw, and the
      hardware is told nothing. */
  lemma What_another_computes_is_not_seen(k: Kernel, saved: seq<u64>, now: u64, p: u32)
    requires V.Valid(k) && 0 < p < NPART && k.vol.sched.cur != p
    ensures var r := Step.Step(k, Step.Ran(saved, now)); Sized(k) && Sized(r.k) && See(r.k, p) == See(k, p) && r.effects == []
  {
    var v := if k.vol.sched.cur == 0 then Step.Nothing(k) else Step.Left(k, saved);
    assert Sized(k) && Tables(k.st) by { reveal V.Valid; }
    hide *;
    reveal Runs, Limits.NPART;
    if k.vol.sched.cur == 0 { Idle(k, now, p); } else {
      Left(k, saved, p);
      Unnoticed(k, v, now, p);
    }
    reveal Step.Step, Step.Decide, Step.Nothing, Step.Left;
  }

  // ---- the claims -----------------------------------------------------------------------------------------------------------------

  /** The event is none of boot's, or comes after boot has ended. */
  ghost predicate Ordinary(k: Kernel, e: Step.Event) { k.booting ==> !e.Begin? && !e.Boot? }
  lemma InOrder(k: Kernel)
    requires V.Valid(k) && Reachable.Inv(k.st)
    ensures Tables(k.st) && Sane(k.st)
  {
    reveal V.Aged();
    forall i: u32 | i < NCAP ensures CapFresh(k.st, k.st.caps[i]) {
      assert Orderly.CapDated(k.st, k.st.caps[i]) && V.Older(k.st, k.st.caps[i as int]);
    }
    hide V.Valid;
    hide CapabilityTheorems.LinksOk;
  }
  /** What partition p sees does not change when another partition runs, calls, traps or is interrupted that has no channel to p, nor when nobody
      runs: only a tick ends p's own sleep when its time has come. And the hardware is told nothing about p. */
  lemma No_step_disturbs_a_partition_without_a_channel(k: Kernel, e: Step.Event, p: u32)
    requires Apart(k, p) && Ordinary(k, e) && Reachable.Inv(k.st)
    ensures Sized(Step.Step(k, e).k) && See(Step.Step(k, e).k, p) == Passed(See(k, p), [e])
    ensures Declassification.Felt(Step.Step(k, e).effects, p) == []
  {
    InOrder(k);
    assert Sized(k) by { reveal V.Valid; }
    assert [e][1..] == [];
    var v := See(k, p);
    assert Passed(v, [e]) == if e.Tick? then Observation.Woken(v, e.now) else v;
    hide *;
    reveal Apart, Ordinary, Limits.NPART;
    match e
    case Tick(now) =>
      Tick(k, now, p);
      reveal Step.Step, Step.Decide;
    case Begin(bundle, now) => reveal Declassification.Felt, Step.Step, Step.BeginStep, Step.Settle;
    case Boot(w, size, now) => reveal Declassification.Felt, Step.Step, Step.BootStep, Step.Settle;
    case Hypercall(now) =>
      if k.vol.sched.cur == 0 { Idle(k, now, p); }
      else {
        assert Bystander(k, p) by { reveal Bystander, Runs; }
        IntegrityEvents.Call(k, now, p);
        Unnoticed(k, Step.Call(k, now), now, p);
      }
      reveal Step.Step, Step.Decide;
    case Trap(esr, far, ipa, vbar, now) =>
      if k.vol.sched.cur == 0 { Idle(k, now, p); }
      else {
        assert Bystander(k, p) by { reveal Bystander, Runs; }
        IntegrityEvents.Trap(k, esr, far, ipa, vbar, now, p);
        Unnoticed(k, DT.Trap(k, esr, far, ipa, vbar, now), now, p);
      }
      reveal Step.Step, Step.Decide;
    case Ran(saved, now) =>
      What_another_computes_is_not_seen(k, saved, now, p);
      reveal Declassification.Felt;
  }
  lemma Idle(k: Kernel, now: u64, p: u32)
    requires V.Valid(k) && Tables(k.st) && 0 < p < NPART
    ensures var m := Step.Commit(k, Step.Nothing(k), now); Sized(k) && Sized(m) && See(m, p) == See(k, p)
    ensures Declassification.Felt(Step.Nothing(k).effects, p) == []
  {
    NoActs(k, p);
    assert Sorts(k.vol);
    Unchanged(k.st.edges, k.vol, p);
    hide *;
    reveal Limits.NPART, Step.Nothing, Spares, Unfelt;
    Unnoticed(k, Step.Nothing(k), now, p);
    assert Sized(k) by { reveal V.Valid; }
  }

  // ---- runs -----------------------------------------------------------------------------------------------------------------------

  /** All along the events p does not run, and nobody runs who has a channel to p. */
  ghost predicate LeftAlone(k: Kernel, es: seq<Step.Event>, p: u32)
    requires V.Valid(k)
    decreases |es|
  {
    if |es| == 0 then true
    else
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      Apart(k, p) && Ordinary(k, es[0]) && LeftAlone(Step.Step(k, es[0]).k, es[1..], p)
  }
  lemma PassedOn(v: View, es: seq<Step.Event>)
    requires |es| > 0
    ensures Passed(v, es) == Passed(Passed(v, [es[0]]), es[1..])
  {
    assert [es[0]][1..] == [];
  }
  /** As long as a partition does not run, and nobody runs who has a channel to it, it sees nothing change but the end of its own sleep. */
  lemma Nothing_disturbs_a_partition_that_is_left_alone(k: Kernel, es: seq<Step.Event>, p: u32)
    requires V.Valid(k) && p < NPART && LeftAlone(k, es, p) && Reachable.Inv(k.st)
    ensures Sized(k) && Sized(StepPreservesValid.After(k, es)) && See(StepPreservesValid.After(k, es), p) == Passed(See(k, p), es)
    decreases |es|
  {
    assert Sized(k) by { reveal V.Valid; }
    hide *;
    reveal LeftAlone, StepPreservesValid.After, Limits.NPART;
    if |es| == 0 {
      reveal Passed;
    } else {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      var m := Step.Step(k, es[0]).k;
      No_step_disturbs_a_partition_without_a_channel(k, es[0], p);
      Reachable.OneEvent(k, es[0]);
      Nothing_disturbs_a_partition_that_is_left_alone(m, es[1..], p);
      PassedOn(See(k, p), es);
    }
  }

  // ---- in every state that can be reached -----------------------------------------------------------------------------------------

  /** In every reachable state: what another partition that exists sees does not change, but for the end of its own sleep, when one runs that has no
      channel to it; and the hardware is told nothing about it. */
  lemma Nobody_disturbs_another_without_a_channel(k: Kernel, before: seq<Step.Event>, e: Step.Event, p: u32)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k)
    ensures var l := StepPreservesValid.After(k, before);
      Apart(l, p) && Ordinary(l, e) ==> Sized(l) && Sized(Step.Step(l, e).k) && See(Step.Step(l, e).k, p) == Passed(See(l, p), [e])
                                        && Declassification.Felt(Step.Step(l, e).effects, p) == []
  {
    Reachable.In_every_reachable_state(k, before);
    hide *;
    reveal Apart, Limits.NPART;
    var l := StepPreservesValid.After(k, before);
    if Apart(l, p) && Ordinary(l, e) {
      assert Sized(l) by { reveal V.Valid; }
      No_step_disturbs_a_partition_without_a_channel(l, e, p);
    }
  }
  /** In every reachable state: as long as a partition is left alone, it sees nothing change but the end of its own sleep. */
  lemma A_partition_left_alone_sees_nothing_change(k: Kernel, before: seq<Step.Event>, es: seq<Step.Event>, p: u32)
    requires StepPreservesValid.First(k) && p < NPART
    ensures V.Valid(k)
    ensures var l := StepPreservesValid.After(k, before);
      LeftAlone(l, es, p) ==> Sized(l) && Sized(StepPreservesValid.After(l, es)) && See(StepPreservesValid.After(l, es), p) == Passed(See(l, p), es)
  {
    Reachable.In_every_reachable_state(k, before);
    hide *;
    var l := StepPreservesValid.After(k, before);
    if LeftAlone(l, es, p) { Nothing_disturbs_a_partition_that_is_left_alone(l, es, p); }
  }
}
