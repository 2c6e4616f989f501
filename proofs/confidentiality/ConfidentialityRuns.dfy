include "Confidentiality.dfy"
include "../isolation/Shared.dfy"

/** Whole runs: what a partition goes through depends only on what it may observe, whatever others do who have no channel to it. */
module {:compile false} ConfidentialityRuns {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import opened Observation
  import opened Declassification
  import Confidentiality
  import Integrity
  import IntegrityRun
  import Reachable
  import Replay
  import SharedRegions
  import StepPreservesValid
  import V = Valid
  import Step
  import Kinds

  /** One of p's own events, what it computes among them, and what it is told by it. */
  datatype Turn = Turn(event: Step.Event, told: Told)
  /** What p sees before and after one of its own events, and what happens to its processor and its console. */
  datatype Moment = Moment(before: View, after: View, felt: seq<Effect>)

  /** The events of a run that are p's own, with what they tell it. */
  ghost function Turns(k: Kernel, es: seq<Step.Event>, p: u32): seq<Turn>
    requires V.Valid(k) && 0 < p < NPART
    decreases |es|
  {
    hide V.Valid;
    if |es| == 0 then []
    else
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      (if k.vol.sched.cur == p then [Turn(es[0], Tells(k, es[0]))] else []) + Turns(Step.Step(k, es[0]).k, es[1..], p)
  }
  lemma Sizes(k: Kernel) requires V.Valid(k) ensures Sized(k) {}
  ghost function MomentOf(k: Kernel, e: Step.Event, p: u32): Moment
    requires V.Valid(k) && p < NPART
  {
    Sizes(k);
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    Sizes(Step.Step(k, e).k);
    Moment(See(k, p), See(Step.Step(k, e).k, p), Felt(Step.Step(k, e).effects, p))
  }
  /** What p sees of a run. */
  ghost function Moments(k: Kernel, es: seq<Step.Event>, p: u32): seq<Moment>
    requires V.Valid(k) && 0 < p < NPART
    decreases |es|
  {
    hide V.Valid;
    if |es| == 0 then []
    else
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      (if k.vol.sched.cur == p then [MomentOf(k, es[0], p)] else []) + Moments(Step.Step(k, es[0]).k, es[1..], p)
  }
  /** All along the events p exists and boot is over, and nobody runs but p and those who have no channel to p. */
  ghost predicate Undisturbed(k: Kernel, es: seq<Step.Event>, p: u32)
    requires V.Valid(k) && 0 < p < NPART
    decreases |es|
  {
    hide V.Valid;
    if |es| == 0 then true
    else
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      (k.vol.sched.cur == p || Integrity.Apart(k, p)) && Integrity.Ordinary(k, es[0]) && Undisturbed(Step.Step(k, es[0]).k, es[1..], p)
  }
  /** A view without the end of p's own sleep: p does not know of it before it runs. */
  ghost function Asleep(v: View): View { if v.doing.Sleeping? then v.(doing := Runnable) else v }

  /** The same images, policies, devices and shared regions; the logs may be at their end. */
  ghost predicate SameBoot(a: Kernel, b: Kernel) { a.images == b.images && a.policies == b.policies && a.devices == b.devices && SameShared(a.st.memory, b.st.memory) }

  lemma Unchanged(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Integrity.Ordinary(k, e) && Reachable.Inv(k.st)
    ensures SameBoot(k, Step.Step(k, e).k)
  {
    SharedRegions.Same_regions_are_shared(k, e);
    hide V.Valid;
    hide Step.Decide;
  }
  lemma StillLasts(k: Kernel, es: seq<Step.Event>)
    requires V.Valid(k) && Lasts(StepPreservesValid.After(k, es))
    ensures Lasts(k)
    decreases |es|
  {
    hide *;
    reveal StepPreservesValid.After, Lasts;
    if |es| > 0 {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      StillLasts(Step.Step(k, es[0]).k, es[1..]);
      Replay.The_log_only_grows(k, es[0]);
    }
  }
  /** Who runs does not sleep. */
  lemma NotAsleep(k: Kernel, p: u32)
    requires V.Valid(k) && 0 < p < NPART && k.vol.sched.cur == p
    ensures Sized(k) && Runs(k) && Me(k) == p && Asleep(See(k, p)) == See(k, p)
  {
    IntegrityRun.ValidLine(k);
    hide HeldIn;
    hide EndOf;
  }
  /** Where p's run has come to in two runs. */
  ghost predicate Level(a: Kernel, b: Kernel, p: u32) {
    V.Valid(a) && V.Valid(b) && 0 < p < NPART && Sized(a) && Sized(b) && Asleep(See(a, p)) == Asleep(See(b, p)) && SameBoot(a, b)
    && Reachable.Inv(a.st) && Reachable.Inv(b.st)
  }
  ghost predicate SameRuns(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32) {
    Level(a, b, p) && Undisturbed(a, es, p) && Undisturbed(b, fs, p) && Turns(a, es, p) == Turns(b, fs, p)
    && Lasts(StepPreservesValid.After(a, es)) && Lasts(StepPreservesValid.After(b, fs))
  }
  /** Somebody else's event, in one of the runs. */
  lemma Elsewhere(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32)
    requires SameRuns(a, es, b, fs, p) && |es| > 0 && a.vol.sched.cur != p
    ensures var m := Step.Step(a, es[0]).k;
      V.Valid(m) && SameRuns(m, es[1..], b, fs, p) && Moments(a, es, p) == Moments(m, es[1..], p)
      && StepPreservesValid.After(a, es) == StepPreservesValid.After(m, es[1..])
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(a, es[0]);
    var m := Step.Step(a, es[0]).k;
    hide *;
    reveal SameRuns, Level, Undisturbed, Turns, Moments, StepPreservesValid.After, SameBoot, SameShared;
    Sizes(m);
    Integrity.No_step_disturbs_a_partition_without_a_channel(a, es[0], p);
    Reachable.OneEvent(a, es[0]);
    Unchanged(a, es[0]);
    assert Asleep(See(m, p)) == Asleep(See(a, p)) by {
      assert [es[0]][1..] == [];
      reveal Passed, Woken, Asleep;
    }
  }
  lemma Swapped(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32)
    requires SameRuns(a, es, b, fs, p)
    ensures SameRuns(b, fs, a, es, p)
  {
    hide *;
    reveal SameRuns, Level, SameBoot, SameShared;
  }
  /** p's own event, in both. */
  lemma Own(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32)
    requires SameRuns(a, es, b, fs, p) && |es| > 0 && |fs| > 0 && a.vol.sched.cur == p && b.vol.sched.cur == p
    ensures var m, n := Step.Step(a, es[0]).k, Step.Step(b, fs[0]).k;
      && V.Valid(m) && V.Valid(n) && SameRuns(m, es[1..], n, fs[1..], p) && MomentOf(a, es[0], p) == MomentOf(b, fs[0], p)
      && Moments(a, es, p) == [MomentOf(a, es[0], p)] + Moments(m, es[1..], p) && Moments(b, fs, p) == [MomentOf(b, fs[0], p)] + Moments(n, fs[1..], p)
      && StepPreservesValid.After(a, es) == StepPreservesValid.After(m, es[1..]) && StepPreservesValid.After(b, fs) == StepPreservesValid.After(n, fs[1..])
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(a, es[0]);
    StepPreservesValid.Every_event_leaves_a_valid_state(b, fs[0]);
    StillLasts(a, es);
    StillLasts(b, fs);
    NotAsleep(a, p);
    NotAsleep(b, p);
    var m, n := Step.Step(a, es[0]).k, Step.Step(b, fs[0]).k;
    hide *;
    reveal SameRuns, Level, Undisturbed, Turns, Moments, StepPreservesValid.After, SameBoot, SameShared, SamePublic, Confidentiality.LooksTheSame, Limits.NPART;
    Heads(Turn(es[0], Tells(a, es[0])), Turns(m, es[1..], p), Turn(fs[0], Tells(b, fs[0])), Turns(n, fs[1..], p));
    Confidentiality.A_partition_learns_only_what_it_may(a, b, es[0]);
    Reachable.OneEvent(a, es[0]);
    Reachable.OneEvent(b, fs[0]);
    Unchanged(a, es[0]);
    Unchanged(b, fs[0]);
    reveal MomentOf;
  }
  lemma Heads<T>(x: T, s: seq<T>, y: T, t: seq<T>)
    requires [x] + s == [y] + t
    ensures x == y && s == t
  {
    assert ([x] + s)[0] == ([y] + t)[0];
    assert ([x] + s)[1..] == s && ([y] + t)[1..] == t;
  }
  lemma Both(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32)
    requires SameRuns(a, es, b, fs, p)
    ensures V.Valid(a) && V.Valid(b) && 0 < p < NPART && Moments(a, es, p) == Moments(b, fs, p)
    ensures Level(StepPreservesValid.After(a, es), StepPreservesValid.After(b, fs), p)
    decreases |es| + |fs|
  {
    assert V.Valid(a) && V.Valid(b) && 0 < p < NPART && Level(a, b, p) by { hide *; reveal SameRuns, Level, Limits.NPART; }
    hide *;
    reveal Limits.NPART;
    if |es| > 0 && a.vol.sched.cur != p {
      Elsewhere(a, es, b, fs, p);
      Both(Step.Step(a, es[0]).k, es[1..], b, fs, p);
    } else if |fs| > 0 && b.vol.sched.cur != p {
      Swapped(a, es, b, fs, p);
      Elsewhere(b, fs, a, es, p);
      var n := Step.Step(b, fs[0]).k;
      Swapped(n, fs[1..], a, es, p);
      Both(a, es, n, fs[1..], p);
    } else if |es| > 0 && |fs| > 0 {
      Own(a, es, b, fs, p);
      Both(Step.Step(a, es[0]).k, es[1..], Step.Step(b, fs[0]).k, fs[1..], p);
    } else {
      assert Turns(a, es, p) == Turns(b, fs, p) by { reveal SameRuns; }
      assert |es| == 0 && |fs| == 0 by { reveal Turns; }
      reveal Moments, StepPreservesValid.After;
    }
  }
  /** Two runs in which a partition begins with the same view and in which others, whoever and however many they are, do whatever they like without a
      channel to it: as long as its own events are the same and tell it the same, everything that it sees is the same, to its end. */
  lemma What_others_do_without_a_channel_is_not_observed(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32)
    requires V.Valid(a) && V.Valid(b) && 0 < p < NPART && Reachable.Inv(a.st) && Reachable.Inv(b.st)
    requires See(a, p) == See(b, p) && SameBoot(a, b)
    requires Undisturbed(a, es, p) && Undisturbed(b, fs, p) && Turns(a, es, p) == Turns(b, fs, p)
    requires Lasts(StepPreservesValid.After(a, es)) && Lasts(StepPreservesValid.After(b, fs))
    ensures Moments(a, es, p) == Moments(b, fs, p)
    ensures var x, y := StepPreservesValid.After(a, es), StepPreservesValid.After(b, fs); Sized(x) && Sized(y) && Asleep(See(x, p)) == Asleep(See(y, p))
  {
    Sizes(a);
    Sizes(b);
    hide *;
    reveal SameRuns, Level, SameBoot;
    Both(a, es, b, fs, p);
  }
  /** The hypotheses about two runs: p begins with the same view, is disturbed in neither, and goes through the same events, which tell it the same. */
  ghost predicate LookTheSame(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32)
    requires V.Valid(a) && V.Valid(b) && 0 < p < NPART
  {
    && Sized(a) && Sized(b) && See(a, p) == See(b, p) && SameBoot(a, b)
    && Undisturbed(a, es, p) && Undisturbed(b, fs, p) && Turns(a, es, p) == Turns(b, fs, p)
    && Lasts(StepPreservesValid.After(a, es)) && Lasts(StepPreservesValid.After(b, fs))
  }
  /** The same from whatever states two kernels have reached, on whatever machines and from whatever bundles. */
  lemma What_others_do_is_not_observed_in_any_reachable_states(k: Kernel, before: seq<Step.Event>, es: seq<Step.Event>,
                                                               l: Kernel, earlier: seq<Step.Event>, fs: seq<Step.Event>, p: u32)
    requires StepPreservesValid.First(k) && StepPreservesValid.First(l) && 0 < p < NPART
    ensures V.Valid(k) && V.Valid(l)
    ensures var a, b := StepPreservesValid.After(k, before), StepPreservesValid.After(l, earlier);
      LookTheSame(a, es, b, fs, p) ==> Moments(a, es, p) == Moments(b, fs, p)
  {
    Reachable.In_every_reachable_state(k, before);
    Reachable.In_every_reachable_state(l, earlier);
    hide *;
    reveal LookTheSame;
    var a, b := StepPreservesValid.After(k, before), StepPreservesValid.After(l, earlier);
    if LookTheSame(a, es, b, fs, p) { What_others_do_without_a_channel_is_not_observed(a, es, b, fs, p); }
  }
}
