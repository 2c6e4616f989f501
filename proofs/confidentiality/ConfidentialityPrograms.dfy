include "ConfidentialityRuns.dfy"

/** Whole runs of a partition with a program: what it does next depends on what it has seen, and so on nothing that it may not observe. */
module {:compile false} ConfidentialityPrograms {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import opened Observation
  import opened Declassification
  import opened ConfidentialityRuns
  import Reachable
  import StepPreservesValid
  import V = Valid
  import Step

  /** What a guest does next, by all that it has seen until now and the time: what it leaves in its registers, whether it calls, and where it faults.
      Its code and its memory, which holds nothing of others (theorems 3 and 6), are in the function, which may be any. */
  type Program = (seq<Moment>, u64) -> Step.Event

  /** The event is the running partition's doing. */
  ghost predicate Done(e: Step.Event) { e.Ran? || e.Hypercall? || e.Trap? }
  /** Along the events p does what program g says; `past` is what it has seen before. */
  ghost predicate Follows(k: Kernel, es: seq<Step.Event>, p: u32, g: Program, past: seq<Moment>)
    requires V.Valid(k) && 0 < p < NPART
    decreases |es|
  {
    hide V.Valid;
    if |es| == 0 then true
    else
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      var own := k.vol.sched.cur == p;
      && (own && Done(es[0]) ==> es[0] == g(past, es[0].now))
      && Follows(Step.Step(k, es[0]).k, es[1..], p, g, if own then past + [MomentOf(k, es[0], p)] else past)
  }
  /** A turn without what p does in it. */
  ghost function Bare(t: Turn): Turn { if Done(t.event) then t.(event := Step.Ran([], t.event.now)) else t }
  ghost function Bares(ts: seq<Turn>): seq<Turn> { if |ts| == 0 then [] else [Bare(ts[0])] + Bares(ts[1..]) }

  /** Where two runs of p with the same program have come to. */
  ghost predicate SameProgram(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32, g: Program, past: seq<Moment>) {
    && Level(a, b, p) && Undisturbed(a, es, p) && Undisturbed(b, fs, p) && Follows(a, es, p, g, past) && Follows(b, fs, p, g, past)
    && Bares(Turns(a, es, p)) == Bares(Turns(b, fs, p)) && Lasts(StepPreservesValid.After(a, es)) && Lasts(StepPreservesValid.After(b, fs))
  }
  /** The first event of a run, taken alone. */
  lemma Alone(k: Kernel, es: seq<Step.Event>, p: u32)
    requires V.Valid(k) && 0 < p < NPART && |es| > 0 && Undisturbed(k, es, p) && Lasts(StepPreservesValid.After(k, es))
    ensures var m, own := Step.Step(k, es[0]).k, k.vol.sched.cur == p;
      && V.Valid(m) && Undisturbed(k, [es[0]], p) && Undisturbed(m, es[1..], p) && (own ==> Runs(k))
      && Turns(k, [es[0]], p) == (if own then [Turn(es[0], Tells(k, es[0]))] else []) && Turns(k, es, p) == Turns(k, [es[0]], p) + Turns(m, es[1..], p)
      && StepPreservesValid.After(k, [es[0]]) == m && StepPreservesValid.After(k, es) == StepPreservesValid.After(m, es[1..]) && Lasts(m)
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
    hide *;
    reveal Undisturbed, Turns, StepPreservesValid.After, Runs, Limits.NPART;
    assert [es[0]][1..] == [];
    StillLasts(Step.Step(k, es[0]).k, es[1..]);
  }
  /** Somebody else's event, in one of the runs. */
  lemma Elsewhere(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32, g: Program, past: seq<Moment>)
    requires SameProgram(a, es, b, fs, p, g, past) && |es| > 0 && a.vol.sched.cur != p
    ensures var m := Step.Step(a, es[0]).k;
      V.Valid(a) && V.Valid(m) && 0 < p < NPART && SameProgram(m, es[1..], b, fs, p, g, past) && Turns(a, es, p) == Turns(m, es[1..], p)
  {
    assert V.Valid(a) && V.Valid(b) && 0 < p < NPART by { hide *; reveal SameProgram, Level, Limits.NPART; }
    hide *;
    reveal SameProgram, Limits.NPART;
    Alone(a, es, p);
    StillLasts(b, fs);
    assert ConfidentialityRuns.SameRuns(a, [es[0]], b, [], p) by { reveal SameRuns, Undisturbed, Turns, StepPreservesValid.After; }
    ConfidentialityRuns.Elsewhere(a, [es[0]], b, [], p);
    var m := Step.Step(a, es[0]).k;
    assert Level(m, b, p) by { reveal SameRuns; }
    assert Follows(m, es[1..], p, g, past) by { reveal Follows; }
    assert Turns(a, es, p) == Turns(m, es[1..], p);
  }
  lemma Swapped(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32, g: Program, past: seq<Moment>)
    requires SameProgram(a, es, b, fs, p, g, past)
    ensures SameProgram(b, fs, a, es, p, g, past)
  {
    hide *;
    reveal SameProgram, Level, SameBoot, SameShared;
  }
  lemma BareHeads(x: Turn, s: seq<Turn>, y: Turn, t: seq<Turn>)
    requires Bares([x] + s) == Bares([y] + t)
    ensures Bare(x) == Bare(y) && Bares(s) == Bares(t)
  {
    assert ([x] + s)[1..] == s && ([y] + t)[1..] == t;
    Heads(Bare(x), Bares(s), Bare(y), Bares(t));
  }
  /** p's own event, in both: it is the same. */
  lemma Own(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32, g: Program, past: seq<Moment>)
    requires SameProgram(a, es, b, fs, p, g, past) && |es| > 0 && |fs| > 0 && a.vol.sched.cur == p && b.vol.sched.cur == p
    ensures V.Valid(a) && V.Valid(b) && 0 < p < NPART && Runs(a) && Runs(b) && es[0] == fs[0] && Tells(a, es[0]) == Tells(b, fs[0])
    ensures var m, n := Step.Step(a, es[0]).k, Step.Step(b, fs[0]).k;
      && V.Valid(m) && V.Valid(n) && SameProgram(m, es[1..], n, fs[1..], p, g, past + [MomentOf(a, es[0], p)])
      && Turns(a, es, p) == [Turn(es[0], Tells(a, es[0]))] + Turns(m, es[1..], p) && Turns(b, fs, p) == [Turn(fs[0], Tells(b, fs[0]))] + Turns(n, fs[1..], p)
  {
    assert V.Valid(a) && V.Valid(b) && 0 < p < NPART by { hide *; reveal SameProgram, Level, Limits.NPART; }
    hide *;
    reveal SameProgram, Limits.NPART;
    Alone(a, es, p);
    Alone(b, fs, p);
    var m, n := Step.Step(a, es[0]).k, Step.Step(b, fs[0]).k;
    BareHeads(Turn(es[0], Tells(a, es[0])), Turns(m, es[1..], p), Turn(fs[0], Tells(b, fs[0])), Turns(n, fs[1..], p));
    assert es[0] == fs[0] by { reveal Bare, Done, Follows; }
    assert Tells(a, es[0]) == Tells(b, fs[0]) by { reveal Bare; }
    assert SameRuns(a, [es[0]], b, [fs[0]], p) by { reveal SameRuns; }
    ConfidentialityRuns.Own(a, [es[0]], b, [fs[0]], p);
    assert Level(m, n, p) by { reveal SameRuns; }
    reveal Follows;
  }
  lemma Both(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32, g: Program, past: seq<Moment>)
    requires SameProgram(a, es, b, fs, p, g, past)
    ensures V.Valid(a) && V.Valid(b) && 0 < p < NPART && Turns(a, es, p) == Turns(b, fs, p)
    decreases |es| + |fs|
  {
    assert V.Valid(a) && V.Valid(b) && 0 < p < NPART by { hide *; reveal SameProgram, Level, Limits.NPART; }
    hide *;
    reveal Limits.NPART;
    if |es| > 0 && a.vol.sched.cur != p {
      Elsewhere(a, es, b, fs, p, g, past);
      Both(Step.Step(a, es[0]).k, es[1..], b, fs, p, g, past);
    } else if |fs| > 0 && b.vol.sched.cur != p {
      Swapped(a, es, b, fs, p, g, past);
      Elsewhere(b, fs, a, es, p, g, past);
      var n := Step.Step(b, fs[0]).k;
      Swapped(n, fs[1..], a, es, p, g, past);
      Both(a, es, n, fs[1..], p, g, past);
    } else if |es| > 0 && |fs| > 0 {
      Own(a, es, b, fs, p, g, past);
      Both(Step.Step(a, es[0]).k, es[1..], Step.Step(b, fs[0]).k, fs[1..], p, g, past + [MomentOf(a, es[0], p)]);
    } else {
      assert Bares(Turns(a, es, p)) == Bares(Turns(b, fs, p)) by { reveal SameProgram; }
      reveal Turns, Bares;
    }
  }
  /** The hypotheses about two runs: p begins with the same view and the same program and is disturbed in neither; its own events come at the same
      times, ticks among them, and tell it the same. What it computes, whether and for what it calls, and where it faults is not presupposed. */
  ghost predicate ProgramsAlike(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32, g: Program)
    requires V.Valid(a) && V.Valid(b) && 0 < p < NPART
  {
    && Sized(a) && Sized(b) && See(a, p) == See(b, p) && ConfidentialityRuns.SameBoot(a, b)
    && Undisturbed(a, es, p) && Undisturbed(b, fs, p) && Follows(a, es, p, g, []) && Follows(b, fs, p, g, [])
    && Bares(Turns(a, es, p)) == Bares(Turns(b, fs, p)) && Lasts(StepPreservesValid.After(a, es)) && Lasts(StepPreservesValid.After(b, fs))
  }
  /** Two runs, of any kernels from any states that they have reached, in which a partition begins with the same view and runs the same program,
      whatever it is, and others do whatever they like without a channel to it: what it does and what it sees is the same in both. */
  lemma What_a_program_does_does_not_depend_on_others(k: Kernel, before: seq<Step.Event>, es: seq<Step.Event>,
                                                      l: Kernel, earlier: seq<Step.Event>, fs: seq<Step.Event>, p: u32, g: Program)
    requires StepPreservesValid.First(k) && StepPreservesValid.First(l) && 0 < p < NPART
    ensures V.Valid(k) && V.Valid(l)
    ensures var a, b := StepPreservesValid.After(k, before), StepPreservesValid.After(l, earlier);
      ProgramsAlike(a, es, b, fs, p, g) ==> Turns(a, es, p) == Turns(b, fs, p) && Moments(a, es, p) == Moments(b, fs, p)
  {
    Reachable.In_every_reachable_state(k, before);
    Reachable.In_every_reachable_state(l, earlier);
    hide *;
    reveal ProgramsAlike, Limits.NPART;
    var a, b := StepPreservesValid.After(k, before), StepPreservesValid.After(l, earlier);
    if ProgramsAlike(a, es, b, fs, p, g) {
      assert SameProgram(a, es, b, fs, p, g, []) by { reveal SameProgram, Level, SameBoot; }
      Both(a, es, b, fs, p, g, []);
      What_others_do_without_a_channel_is_not_observed(a, es, b, fs, p);
    }
  }

  // ---- every run is one of some program -----------------------------------------------------------------------------------------------------

  /** The program that does what these turns are. */
  ghost function Script(ts: seq<Turn>): Program {
    (past: seq<Moment>, now: u64) => if |past| < |ts| then ts[|past|].event else Step.Hypercall(now)
  }
  lemma Scripted(k: Kernel, es: seq<Step.Event>, p: u32, ts: seq<Turn>, past: seq<Moment>)
    requires V.Valid(k) && 0 < p < NPART && |past| <= |ts| && Turns(k, es, p) == ts[|past|..]
    ensures Follows(k, es, p, Script(ts), past)
    decreases |es|
  {
    hide *;
    reveal Follows, Turns, Limits.NPART;
    if |es| > 0 {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      var m := Step.Step(k, es[0]).k;
      if k.vol.sched.cur == p {
        var more := past + [MomentOf(k, es[0], p)];
        var rest := Turns(m, es[1..], p);
        assert Runs(k) by { reveal Runs; }
        var own := Turn(es[0], Tells(k, es[0]));
        assert ts[|past|..] == [own] + rest;
        assert ts[|past|] == ts[|past|..][0] == own;
        assert ts[|more|..] == ts[|past|..][1..] == rest;
        Scripted(m, es[1..], p, ts, more);
        reveal Script;
      } else {
        Scripted(m, es[1..], p, ts, past);
      }
    }
  }
  /** No two runs that the claim about equal turns is about are left out: in them p runs one program. */
  lemma Equal_turns_come_of_one_program(a: Kernel, es: seq<Step.Event>, b: Kernel, fs: seq<Step.Event>, p: u32)
    requires V.Valid(a) && V.Valid(b) && 0 < p < NPART && LookTheSame(a, es, b, fs, p)
    ensures ProgramsAlike(a, es, b, fs, p, Script(Turns(a, es, p)))
  {
    var ts := Turns(a, es, p);
    hide *;
    reveal LookTheSame, ProgramsAlike, Limits.NPART;
    var none: seq<Moment> := [];
    assert ts[|none|..] == ts;
    Scripted(a, es, p, ts, none);
    Scripted(b, fs, p, ts, none);
  }
}
