include "FairBoot.dfy"

/** Everybody is served: who is ready runs, at the latest when every other one has had a turn after his deadline. */
module {:compile false} Fairness {
  import opened Types
  import opened Limits
  import opened State
  import opened FairSteps
  import opened FairTurns
  import opened FairStates
  import opened FairBoot
  import opened Service
  import F = FairTurns
  import FairCalls
  import Authority
  import V = Valid
  import S = Scheduler
  import SchedulerOk
  import Step
  import Common
  import Kinds
  import Rights
  import StepPreservesValid

  // ---- one event --------------------------------------------------------------------------------------------------------------------

  ghost predicate Ready(k: Kernel, q: u32)
    requires V.Valid(k)
  {
    q < NPART && !k.booting && q in k.vol.sched.ready && k.vol.sched.tasks[q].run == Kinds.Ready
  }
  lemma IsReady(k: Kernel, q: u32)
    requires V.Valid(k) && q < NPART && !k.booting
    ensures Ready(k, q) <==> k.vol.sched.tasks[q].run == Kinds.Ready
  {
    FairCalls.InOrder(k);
    hide V.Valid;
    InQueue(k.vol.sched, q);
  }
  /** While q is ready somebody runs. */
  lemma SomebodyRuns(k: Kernel, now: u64, q: u32)
    requires V.Valid(k) && Timed(k, now) && Ready(k, q)
    ensures k.vol.sched.cur != 0
  {
    reveal Timed();
  }
  /** The one whom a call stops has been stopped by somebody who may. */
  lemma StoppedByRight(k: Kernel, e: Step.Event, q: u32)
    requires V.Valid(k) && Ready(k, q) && !e.Begin? && !e.Boot? && (e.Tick? || k.vol.sched.cur != 0) && q != 0
      && FairCalls.Victim(Step.Decide(k, e).acts) == q
    ensures Stops(k, e, q)
  {
    FairCalls.InOrder(k);
    InQueue(k.vol.sched, k.vol.sched.cur);
    var acts := Step.Decide(k, e).acts;
    if e.Hypercall? {
      assert Common.Runs(k);
      Authority.No_structural_change_without_a_capability(k, e.now, 0);
    } else {
      Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, acts[0]);
    }
    hide V.Valid;
    hide Step.Decide;
    hide Authority.Holds;
  }
  /** q is still ready, with its deadline, and if that has come its turn is no further off, and nearer if somebody was dispatched. */
  ghost predicate StillWaits(k: Kernel, k': Kernel, now: u64, q: u32)
    requires V.Valid(k) && V.Valid(k') && Ready(k, q)
  {
    var s, t := k.vol.sched, k'.vol.sched;
    && Ready(k', q) && t.tasks[q].deadline == s.tasks[q].deadline && t.cur != 0
    && (s.tasks[q].deadline <= now ==> Turns(t, q) <= Turns(s, q) && ((t.cur == s.cur && t.sliceEnd == s.sliceEnd) || Turns(t, q) < Turns(s, q)))
  }
  /** At every event a ready partition gets the processor, or somebody who may stops it, or it keeps its deadline and its place: once its deadline
      has come, nobody gets ahead of it, and with every turn that begins its own comes nearer. */
  lemma Nobody_gets_ahead_of_a_partition_whose_deadline_has_come(k: Kernel, e: Step.Event, was: u64, q: u32)
    requires V.Valid(k) && Timed(k, was) && was <= e.now && Ready(k, q)
    ensures V.Valid(Step.Step(k, e).k) && (Runs(Step.Step(k, e).k, q) || Stops(k, e, q) || StillWaits(k, Step.Step(k, e).k, e.now, q))
  {
    SomebodyRuns(k, was, q);
    FairCalls.InOrder(k);
    InQueue(k.vol.sched, q);
    InQueue(k.vol.sched, k.vol.sched.cur);
    if e.Begin? || e.Boot? {
      Booted(k, e, was);
    } else {
      assert Short(k.st.parts, TIMEMAX);
      hide V.Valid;
      Decisive(k, e, was, TIMEMAX);
      var k', x := Step.Step(k, e).k, FairCalls.Victim(Step.Decide(k, e).acts);
      if x == q {
        StoppedByRight(k, e, q);
      } else {
        assert Nearer(k.vol.sched, k'.vol.sched, e.now, q) by {
          reveal Onward();
          hide Nearer;
          assert F.Served(k.st.parts, k.vol.sched, k'.vol.sched, e.now, x, q);
        }
        FairCalls.InOrder(k');
        InQueue(k'.vol.sched, q);
      }
    }
    hide V.Valid;
    hide Step.Step;
    hide Step.Decide;
    hide Turns;
  }

  // ---- counting ---------------------------------------------------------------------------------------------------------------------

  /** At most 126 turns begin before q's: there are 127 partitions, one of them q. */
  lemma FewTurns(k: Kernel, q: u32)
    requires V.Valid(k) && Ready(k, q) && k.vol.sched.cur != 0
    ensures 0 <= Turns(k.vol.sched, q) <= NPART as int - 2
  {
    var s := k.vol.sched;
    FairCalls.InOrder(k);
    hide V.Valid;
    var all := s.ready + [s.cur];
    InQueue(s, s.cur);
    assert s.cur !in s.ready;
    forall i: int | 0 <= i < |all| ensures 1 <= all[i] as int <= 127 {
      if i < |s.ready| { assert s.ready[i] in s.ready; InQueue(s, s.ready[i]); }
    }
    assert S.Distinct(all);
    SchedulerOk.Pigeonhole(all, 127);
  }
  /** The time at which q's turn comes if everybody before it takes the longest slice. */
  ghost function TurnAt(k: Kernel, q: u32, slice: u64, lag: nat): int
    requires V.Valid(k) && Ready(k, q)
  {
    k.vol.sched.sliceEnd as int + lag + Turns(k.vol.sched, q) * (slice as int + lag)
  }
  lemma Fewer(a: int, b: int, n: nat) requires a <= b ensures a * n <= b * n {}
  /** At time now q's turn comes soon. */
  lemma TurnComes(k: Kernel, now: u64, q: u32, slice: u64, lag: nat)
    requires V.Valid(k) && Timed(k, now) && Ready(k, q) && Short(k.st.parts, slice)
    ensures TurnAt(k, q, slice, lag) <= now as int + (NPART as int - 1) * (slice as int + lag)
  {
    SomebodyRuns(k, now, q);
    FewTurns(k, q);
    Fewer(Turns(k.vol.sched, q), NPART as int - 2, slice as int + lag);
    FairCalls.InOrder(k);
    assert k.vol.sched.sliceEnd as int <= now as int + slice as int by {
      reveal Timed();
      assert k.st.parts[k.vol.sched.cur].slice <= slice;
    }
    hide V.Valid;
  }
  /** Somebody else was dispatched. */
  lemma TurnPassed(s: Sched, t: Sched, now: int, a: int, b: int, slice: u64, lag: nat)
    requires b <= a - 1 && t.sliceEnd as int <= now + slice as int && now <= s.sliceEnd as int + lag
    ensures t.sliceEnd as int + lag + b * (slice as int + lag) <= s.sliceEnd as int + lag + a * (slice as int + lag)
  {
    Fewer(b, a - 1, slice as int + lag);
    assert (a - 1) * (slice as int + lag) == a * (slice as int + lag) - (slice as int + lag);
  }
  /** Whoever is dispatched at an event runs one slice at most. */
  lemma SliceBegins(k: Kernel, e: Step.Event, was: u64, slice: u64)
    requires V.Valid(k) && !k.booting && Timed(k, was) && was <= e.now && k.vol.sched.cur != 0 && Short(k.st.parts, slice)
    ensures var k' := Step.Step(k, e).k; var s, t := k.vol.sched, k'.vol.sched;
      && V.Valid(k') && Short(k'.st.parts, slice)
      && (t.cur == 0 || (t.cur == s.cur && t.sliceEnd == s.sliceEnd) || t.sliceEnd as int <= e.now as int + slice as int)
  {
    FairCalls.InOrder(k);
    if e.Begin? || e.Boot? {
      Booted(k, e, was);
    } else {
      Decisive(k, e, was, slice);
      var k' := Step.Step(k, e).k;
      FairCalls.InOrder(k');
      Soon(k, k', e.now, FairCalls.Victim(Step.Decide(k, e).acts));
      assert k.st.parts[k'.vol.sched.cur].slice <= slice;
    }
    hide V.Valid;
    hide Step.Step;
    hide Step.Decide;
    hide Onward;
  }
  /** While q waits, its turn does not move away. */
  lemma TurnStays(k: Kernel, e: Step.Event, was: u64, q: u32, slice: u64, lag: nat, latest: int)
    requires V.Valid(k) && Timed(k, was) && was <= e.now && Ready(k, q) && Short(k.st.parts, slice) && TurnAt(k, q, slice, lag) <= latest
    requires e.now as int <= k.vol.sched.sliceEnd as int + lag
    requires k.vol.sched.tasks[q].deadline as int + (NPART as int - 1) * (slice as int + lag) <= latest
    ensures V.Valid(Step.Step(k, e).k)
    ensures Runs(Step.Step(k, e).k, q) || Stops(k, e, q)
            || (StillWaits(k, Step.Step(k, e).k, e.now, q) && Short(Step.Step(k, e).k.st.parts, slice)
                && TurnAt(Step.Step(k, e).k, q, slice, lag) <= latest)
  {
    Nobody_gets_ahead_of_a_partition_whose_deadline_has_come(k, e, was, q);
    SomebodyRuns(k, was, q);
    SliceBegins(k, e, was, slice);
    Onwards(k, e, was);
    var k' := Step.Step(k, e).k;
    hide *;
    reveal StillWaits;
    if StillWaits(k, k', e.now, q) {
      if e.now < k.vol.sched.tasks[q].deadline {
        TurnComes(k', e.now, q, slice, lag);
      } else {
        TurnMoves(k, k', e.now, q, slice, lag);
      }
    }
  }
  /** From k to k' at time now, when q's deadline has come. */
  lemma TurnMoves(k: Kernel, k': Kernel, now: u64, q: u32, slice: u64, lag: nat)
    requires V.Valid(k) && V.Valid(k') && Ready(k, q) && StillWaits(k, k', now, q) && k.vol.sched.tasks[q].deadline <= now
    requires now as int <= k.vol.sched.sliceEnd as int + lag
    requires var s, t := k.vol.sched, k'.vol.sched; ((t.cur == s.cur && t.sliceEnd == s.sliceEnd) || t.sliceEnd as int <= now as int + slice as int)
    ensures TurnAt(k', q, slice, lag) <= TurnAt(k, q, slice, lag)
  {
    var s, t := k.vol.sched, k'.vol.sched;
    FairCalls.InOrder(k);
    FairCalls.InOrder(k');
    assert S.Shape(s) && S.Shape(t) && q in s.ready && q in t.ready by { hide V.Valid; }
    hide *;
    reveal TurnAt, StillWaits;
    if t.cur == s.cur && t.sliceEnd == s.sliceEnd {
      Fewer(Turns(t, q), Turns(s, q), slice as int + lag);
    } else {
      TurnPassed(s, t, now as int, Turns(s, q), Turns(t, q), slice, lag);
    }
  }

  // ---- a run ------------------------------------------------------------------------------------------------------------------------

  lemma ServedFrom(k: Kernel, es: seq<Step.Event>, i: int, q: u32, slice: u64, lag: nat, latest: int) returns (j: int)
    requires Run(k, es, lag) && 0 <= i <= |es| && var b := At(k, es, i);
      && Ready(b, q) && Short(b.st.parts, slice) && TurnAt(b, q, slice, lag) <= latest
      && b.vol.sched.tasks[q].deadline as int + (NPART as int - 1) * (slice as int + lag) <= latest
    requires (if i < |es| then es[|es| - 1].now else Clock(es, i)) as int > latest
    requires Clock(es, i) as int <= latest
    ensures i <= j < |es| && ServedAt(k, es, j, q, latest)
    decreases |es| - i
  {
    hide V.Valid;
    hide At;
    hide Step.Step;
    hide StepPreservesValid.First;
    var b := At(k, es, i);
    AllAlong(k, es, i);
    FairCalls.InOrder(b);
    SomebodyRuns(b, Clock(es, i), q);
    FewTurns(b, q);
    Fewer(0, Turns(b.vol.sched, q), slice as int + lag);
    Next(k, es, i);
    var e := es[i];
    assert e.now as int <= b.vol.sched.sliceEnd as int + lag <= latest;
    TurnStays(b, e, Clock(es, i), q, slice, lag, latest);
    var b' := At(k, es, i + 1);
    if Runs(b', q) || Stops(b, e, q) {
      j := i;
    } else {
      j := ServedFrom(k, es, i + 1, q, slice, lag, latest);
    }
  }
  /** A partition that is ready gets the processor by the time `Latest` names, in every run that lasts until then, unless another partition that holds
      a capability to do so stops it. */
  lemma Everybody_who_is_ready_is_served(k: Kernel, es: seq<Step.Event>, i: int, q: u32, slice: u64, lag: nat)
    requires Run(k, es, lag) && 0 < i <= |es| && WantsToRun(At(k, es, i), q) && Longest(At(k, es, i), slice)
    requires es[|es| - 1].now as int > Latest(es[i - 1].now, At(k, es, i).st.parts[q].rel, slice, lag)
    ensures Service.Served(k, es, i, q, Latest(es[i - 1].now, At(k, es, i).st.parts[q].rel, slice, lag))
  {
    var b, now := At(k, es, i), es[i - 1].now;
    var latest := Latest(now, b.st.parts[q].rel, slice, lag);
    IsReady(b, q);
    AllAlong(k, es, i);
    TurnComes(b, now, q, slice, lag);
    assert b.vol.sched.tasks[q].deadline as int <= now as int + b.st.parts[q].rel as int by {
      reveal Timed();
      assert Due(b.st.parts, b.vol.sched, now, q);
    }
    var j := ServedFrom(k, es, i, q, slice, lag, latest);
  }
}
