include "../../spec/Declassification.dfy"
include "Isolation.dfy"
include "../reachable/Reachable.dfy"
include "../reachable/Traces.dfy"

/** What is shared never changes: no event alters a shared region, and only boot makes one. */
module {:compile false} SharedRegions {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Orderly
  import M = Memory
  import V = Valid
  import PT = PageTable
  import Kinds
  import Step
  import Authority
  import Declassification
  import Isolation
  import OrderlyEvents
  import Reachable
  import Replay
  import StepPreservesValid
  import Traces

  // ---- actions ----------------------------------------------------------------------------------------------------------------------

  /** What is shared in s is the same in t. */
  ghost predicate Stay(s: Structure, t: Structure) requires Tables(s) && Tables(t) {
    forall r: u32 {:trigger s.memory.regions[r]} {:trigger t.memory.regions[r]} :: r < NREGION && s.memory.regions[r].owner == EVERYBODY ==>
      t.memory.regions[r] == s.memory.regions[r]
  }
  ghost predicate Opens(a: Action) { a.RegionCreate? && a.owner == EVERYBODY }
  ghost predicate NoneOpens(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> !Opens(acts[i]) }

  lemma One(s: Structure, a: Action)
    requires Tables(s) && Proper(s, a)
    ensures Stay(s, A.Apply(s, a)) && (!Opens(a) ==> Stay(A.Apply(s, a), s))
  {
    if a.PartitionEnd? && 0 < a.p < NPART { Reachable.Ended(s, a.p); }
    hide A.End;
    hide M.MapRange;
    hide M.UnmapRange;
  }
  lemma All(s: Structure, acts: seq<Action>)
    requires Tables(s) && AllProper(s, acts)
    ensures Stay(s, ApplyAll(s, acts)) && (NoneOpens(acts) ==> Stay(ApplyAll(s, acts), s))
    decreases |acts|
  {
    hide A.Apply;
    hide Proper;
    hide Opens;
    if |acts| > 0 {
      var s1, t := A.Apply(s, acts[0]), ApplyAll(s, acts);
      One(s, acts[0]);
      All(s1, acts[1..]);
      forall r: u32 {:trigger s.memory.regions[r]} {:trigger t.memory.regions[r]} | r < NREGION && s.memory.regions[r].owner == EVERYBODY
        ensures t.memory.regions[r] == s.memory.regions[r] { assert s1.memory.regions[r] == s.memory.regions[r]; }
      if NoneOpens(acts) {
        forall i | 0 <= i < |acts[1..]| ensures !Opens(acts[1..][i]) { assert acts[1..][i] == acts[i + 1]; }
        forall r: u32 {:trigger s.memory.regions[r]} {:trigger t.memory.regions[r]} | r < NREGION && t.memory.regions[r].owner == EVERYBODY
          ensures s.memory.regions[r] == t.memory.regions[r] { assert s1.memory.regions[r] == t.memory.regions[r]; }
      }
    }
  }

  // ---- events -----------------------------------------------------------------------------------------------------------------------

  /** After boot nobody makes a shared region. */
  lemma OnlyBootOpens(k: Kernel, e: Step.Event)
    requires V.Valid(k) && (k.booting ==> !e.Begin? && !e.Boot?)
    ensures NoneOpens(Replay.Acts(k, e))
  {
    var acts := Replay.Acts(k, e);
    forall i | 0 <= i < |acts| ensures !Opens(acts[i]) {
      if e.Hypercall? && k.vol.sched.cur != 0 { Authority.No_structural_change_without_a_capability(k, e.now, i); }
      else if e.Trap? || e.Tick? || e.Ran? { Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, acts[i]); }
      hide V.Valid;
      hide Step.Call;
    }
  }
  lemma OneEvent(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Reachable.Inv(k.st)
    ensures Tables(Step.Step(k, e).k.st) && Stay(k.st, Step.Step(k, e).k.st)
    ensures (k.booting ==> !e.Begin? && !e.Boot?) ==> Stay(Step.Step(k, e).k.st, k.st)
  {
    OrderlyEvents.Every_event_is_in_order(k, e);
    Replay.StepIs(k, e);
    if k.booting ==> !e.Begin? && !e.Boot? { OnlyBootOpens(k, e); }
    hide *;
    reveal OrderlyEvents.EventInOrder, Reachable.Inv;
    All(k.st, Replay.Acts(k, e));
  }
  lemma Events(k: Kernel, es: seq<Step.Event>)
    requires V.Valid(k) && Reachable.Inv(k.st)
    ensures Tables(k.st) && Tables(StepPreservesValid.After(k, es).st) && Stay(k.st, StepPreservesValid.After(k, es).st)
    decreases |es|
  {
    hide *;
    reveal StepPreservesValid.After;
    assert Tables(k.st) by { reveal Reachable.Inv; }
    if |es| == 0 { reveal Stay; }
    else {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      var n := Step.Step(k, es[0]).k;
      OneEvent(k, es[0]);
      Reachable.OneEvent(k, es[0]);
      Events(n, es[1..]);
      Chain(k.st, n.st, StepPreservesValid.After(n, es[1..]).st);
    }
  }
  lemma Chain(s: Structure, t: Structure, u: Structure)
    requires Tables(s) && Tables(t) && Tables(u) && Stay(s, t) && Stay(t, u)
    ensures Stay(s, u)
  {
    forall r: u32 {:trigger s.memory.regions[r]} {:trigger u.memory.regions[r]} | r < NREGION && s.memory.regions[r].owner == EVERYBODY
      ensures u.memory.regions[r] == s.memory.regions[r] { assert t.memory.regions[r] == s.memory.regions[r]; }
  }
  /** After boot the same regions are shared before and after every event. */
  lemma Same_regions_are_shared(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Reachable.Inv(k.st) && (k.booting ==> !e.Begin? && !e.Boot?)
    ensures Declassification.SameShared(k.st.memory, Step.Step(k, e).k.st.memory)
  {
    OneEvent(k, e);
    hide V.Valid;
    hide Step.Step;
    hide Reachable.Peopled;
    hide Dated;
    var s, t := k.st, Step.Step(k, e).k.st;
    forall r: int | 0 <= r < NREGION as int && (s.memory.regions[r].owner == EVERYBODY || t.memory.regions[r].owner == EVERYBODY)
      ensures s.memory.regions[r] == t.memory.regions[r] { assert s.memory.regions[r as u32] == s.memory.regions[r]; }
  }

  // ---- the claim --------------------------------------------------------------------------------------------------------------------

  /** Nobody's map shows a frame of region r with write or execute permission. */
  ghost predicate OnlyRead(s: Structure, r: u32) requires Tables(s) && r < NREGION {
    forall p: u32, v: u32 {:trigger s.maps[p].pages[v]} :: p < NPART && v in s.maps[p].pages && Isolation.In(s.memory.regions[r], s.maps[p].pages[v].frame) ==>
      var o := PT.Shown(s.maps[p].pages[v]); !o.writable && !o.executable
  }
  /** What is shared never changes: a shared region is the same region, of the same frames, in every later state, and nobody's map shows one of its
      frames with write or execute permission. */
  lemma A_shared_region_never_changes(k: Kernel, es: seq<Step.Event>, fs: seq<Step.Event>, r: u32)
    requires StepPreservesValid.First(k) && r < NREGION
    ensures V.Valid(k)
    ensures var s, t := StepPreservesValid.After(k, es).st, StepPreservesValid.After(k, es + fs).st;
      Tables(s) && Tables(t) && (s.memory.regions[r].owner == EVERYBODY ==> t.memory.regions[r] == s.memory.regions[r] && OnlyRead(t, r))
  {
    Reachable.In_every_reachable_state(k, es);
    Traces.Split(k, es, fs);
    var a, b := StepPreservesValid.After(k, es), StepPreservesValid.After(k, es + fs);
    Events(a, fs);
    hide StepPreservesValid.After;
    if a.st.memory.regions[r].owner == EVERYBODY {
      assert b.st.memory.regions[r] == a.st.memory.regions[r];
      forall p: u32, v: u32 | p < NPART && v in b.st.maps[p].pages && Isolation.In(b.st.memory.regions[r], b.st.maps[p].pages[v].frame)
        ensures var o := PT.Shown(b.st.maps[p].pages[v]); !o.writable && !o.executable { Isolation.What_is_shared_can_only_be_read(b, r, p, v); }
    }
    hide V.Valid;
  }
}
