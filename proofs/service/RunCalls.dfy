include "RunExample.dfy"
include "Fairness.dfy"
include "../invariant/Examples.dfy"

/** A run in which a guest computes and calls: it yields, and the one who waits for the processor gets it. */
module {:compile false} RunCalls {
  import opened Types
  import opened Limits
  import opened State
  import opened Service
  import opened Common
  import S = Scheduler
  import V = Valid
  import T = DecideTask
  import Step
  import G = DecidePolicy
  import Kinds
  import Status
  import Examples
  import RunExample
  import FairBoot
  import FairStates
  import FairCalls
  import FairSteps
  import Runs
  import StepPreservesValid

  /** What a guest leaves in its registers to call yield. */
  const Yields: seq<u64> := [CALLS + 65] + seq(32, _ => 0)

  /** Of two partitions one runs, and q, the other, waits for the processor. */
  ghost predicate OneWaits(k: Kernel, q: u32)
    requires V.Valid(k)
  {
    && RunExample.Two(k.st.parts, Kinds.Started, Kinds.Started) && FairStates.Timed(k, 0) && WantsToRun(k, q)
  }
  lemma Line(k: Kernel, q: u32)
    requires V.Valid(k) && OneWaits(k, q)
    ensures var s := k.vol.sched; Common.Runs(k) && S.Shape(s) && s.ready == [q] && s.tasks[q].deadline <= 500 && k.st.parts[s.cur].rel == 500
  {
    var s := k.vol.sched;
    FairCalls.InOrder(k);
    assert s.cur != 0 && FairStates.Due(k.st.parts, s, 0, q) by { reveal FairStates.Timed(); FairSteps.InQueue(s, q); }
    hide V.Valid;
    FairSteps.InQueue(s, q);
    FairSteps.InQueue(s, s.cur);
    FairStates.ActiveIsStarted(k, s.cur);
    forall i | 0 <= i < |s.ready| ensures s.ready[i] == q {
      assert s.ready[i] in s.ready;
      FairSteps.InQueue(s, s.ready[i]);
      FairStates.ActiveIsStarted(k, s.ready[i]);
      FairStates.ActiveIsStarted(k, q);
    }
    assert S.Distinct(s.ready);
    if |s.ready| > 1 { assert s.ready[0] == s.ready[1]; }
  }
  /** Who runs, computes. */
  lemma Computes(k: Kernel, q: u32)
    requires V.Valid(k) && OneWaits(k, q)
    ensures var k' := Step.Step(k, Step.Ran(Yields, 0)).k;
      V.Valid(k') && Common.Runs(k') && Arg(k', 0) == CALLS + 65 && k'.st == k.st && k'.vol.sched == k.vol.sched && k'.booting == k.booting
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, Step.Ran(Yields, 0));
    Line(k, q);
    FairCalls.InOrder(k);
    hide V.Valid;
    assert k.vol.sched.cur < NPART;
  }
  lemma GivesWay(s: Sched, parts: seq<Part>, q: u32)
    requires S.Shape(s) && |parts| == NPART as int && q < NPART && q != s.cur && s.ready == [q]
    requires parts[s.cur].rel == 500 && s.tasks[q].deadline <= 500
    ensures S.YieldCurrent(s, parts, 0).cur == q
  {
    var m := S.MakeReady(s.(cur := 0), s.cur, 500, 0);
    assert m.ready == [q, s.cur];
  }
  /** Then it calls yield, and q runs. */
  lemma Calls(k: Kernel, q: u32)
    requires V.Valid(k) && OneWaits(k, q) && Common.Runs(k) && Arg(k, 0) == CALLS + 65
    ensures Service.Runs(Step.Step(k, Step.Hypercall(0)).k, q)
  {
    Line(k, q);
    FairCalls.InOrder(k);
    FairSteps.InQueue(k.vol.sched, q);
    FairSteps.InQueue(k.vol.sched, k.vol.sched.cur);
    GivesWay(k.vol.sched, k.st.parts, q);
    hide *;
    reveal Common.Runs, CALLS, Limits.LO32, Limits.CTXW, OneWaits, WantsToRun;
    assert Step.Decide(k, Step.Hypercall(0)) == T.Yield(k, 0) by { reveal Step.Decide, Step.Call, Step.Row, G.Governed, G.Decidable; }
    assert Step.Step(k, Step.Hypercall(0)).k.vol == T.Yield(k, 0).vol by { reveal Step.Step, Step.Commit; }
    assert T.Yield(k, 0).vol.sched == S.YieldCurrent(k.vol.sched, k.st.parts, 0) by { reveal T.Yield, SetReg; }
    reveal Service.Runs, FairSteps.Orderly, S.Placed, S.InPlace;
  }
  /** After 7 events at time 0, in a run that has lasted so long, q waits. */
  ghost predicate Led(k: Kernel, es: seq<Step.Event>, q: u32) {
    Run(k, es, 1) && |es| == 7 && es[6].now == 0 && OneWaits(At(k, es, 7), q)
  }
  /** One more event: who runs, computes. */
  lemma OneComputes(k: Kernel, es: seq<Step.Event>, q: u32)
    requires Led(k, es, q)
    ensures var more := es + [Step.Ran(Yields, 0)];
      Run(k, more, 1) && var c := At(k, more, 8); OneWaits(c, q) && Common.Runs(c) && Arg(c, 0) == CALLS + 65
  {
    var b, e := At(k, es, 7), Step.Ran(Yields, 0);
    hide *;
    reveal Led, OneWaits;
    assert FairBoot.Clock(es, 7) == 0 by { reveal FairBoot.Clock; }
    Line(b, q);
    Computes(b, q);
    Runs.InTime(k, es, 1);
    Runs.Longer(k, es, e, 1);
    FairBoot.AllAlong(k, es + [e], 8) by { reveal Run; }
    assert FairBoot.Clock(es + [e], 8) == 0 by { reveal FairBoot.Clock; }
    assert WantsToRun(At(k, es + [e], 8), q) by { reveal WantsToRun; }
  }
  /** And one more: it calls, and q is served. */
  lemma OneCalls(k: Kernel, es: seq<Step.Event>, q: u32)
    requires Led(k, es, q)
    ensures var more := es + [Step.Ran(Yields, 0), Step.Hypercall(0)]; Run(k, more, 1) && Service.Runs(At(k, more, 9), q)
  {
    var more, e := es + [Step.Ran(Yields, 0)], Step.Hypercall(0);
    OneComputes(k, es, q);
    hide *;
    reveal Led;
    assert FairBoot.Clock(more, 8) == 0 by { reveal FairBoot.Clock; }
    Calls(At(k, more, 8), q);
    Runs.InTime(k, more, 1);
    Runs.Longer(k, more, e, 1);
    assert more + [e] == es + [Step.Ran(Yields, 0), e];
  }
  /** Everything that the theorem on service assumes is so in some run, in which guests compute and call and the one who waits is served: so the theorem
      says something. */
  lemma There_is_a_run_in_which_somebody_waits_and_is_served() returns (es: seq<Step.Event>, q: u32)
    ensures var k := Examples.First(); var latest := Latest(0, 500, 1000, 1);
      && Run(k, es, 1) && 9 <= |es| && es[6].now == 0 && WantsToRun(At(k, es, 7), q) && Longest(At(k, es, 7), 1000)
      && At(k, es, 7).st.parts[q].rel == 500
      && es[7] == Step.Ran(Yields, 0) && es[8] == Step.Hypercall(0) && ServedAt(k, es, 8, q, latest)
      && es[|es| - 1].now as int > latest
  {
    var k := Examples.First();
    Examples.A_valid_state_exists();
    var start;
    start, q := RunExample.Boot_leaves_one_who_wants_to_run(k) by { assert RunExample.Fresh(k); }
    FairBoot.AllAlong(k, start, 7);
    hide *;
    reveal Limits.TIMEMAX, Latest, Limits.NPART;
    assert Led(k, start, q) by { reveal Led, OneWaits, FairBoot.Clock; }
    OneCalls(k, start, q);
    var served := start + [Step.Ran(Yields, 0), Step.Hypercall(0)];
    assert FairBoot.Clock(served, 9) == 0 by { reveal FairBoot.Clock; }
    es := Runs.Every_run_can_go_on(k, served, 1, Latest(0, 500, 1000, 1) as u64);
    assert es[..7] == start[..7] && es[..9] == served[..9];
    reveal At, ServedAt;
  }
}
