include "TranslationEvents.dfy"

/** After an event's effects nothing is cached that the maps do not hold, and no descriptor is changed while it may be cached. */
module {:compile false} NoStaleTranslation {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Descriptors
  import opened TranslationCalls
  import T = Translation
  import R = TranslationRuns
  import M = Memory
  import PT = PageTable
  import V = Valid
  import CoreState
  import Kinds
  import Step
  import StepPreservesValid
  import Isolation
  import PageTableFacts
  import Replay
  import TranslationEvents

  // ---- what the tables go through -------------------------------------------------------------------------------------------------

  lemma StageEnds(s: Structure, acts: seq<Action>)
    requires Tables(s)
    ensures var t := T.Stages(s, acts); |t| == |acts| + 1 && t[0] == s.maps && t[|acts|] == ApplyAll(s, acts).maps
    decreases |acts|
  {
    hide A.Apply;
    if |acts| > 0 { StageEnds(A.Apply(s, acts[0]), acts[1..]); }
  }
  lemma StagesAdd(s: Structure, acts: seq<Action>, i: int, j: int)
    requires Tables(s) && Adds(s, acts) && 0 <= i <= j <= |acts|
    ensures var t := T.Stages(s, acts); |t| == |acts| + 1 && AllGrow(t[i], t[j])
    decreases |acts|
  {
    hide A.Apply;
    StageEnds(s, acts);
    if |acts| > 0 && j > 0 {
      var r := A.Apply(s, acts[0]);
      StageEnds(r, acts[1..]);
      if i > 0 { StagesAdd(r, acts[1..], i - 1, j - 1); }
      else {
        StagesAdd(r, acts[1..], 0, j - 1);
        AllGrowOn(s.maps, r.maps, T.Stages(r, acts[1..])[j - 1]);
      }
    }
  }
  lemma StagesTame(s: Structure, acts: seq<Action>, i: int)
    requires Tables(s) && AllTame(acts) && 0 <= i <= |acts|
    ensures var t := T.Stages(s, acts); |t| == |acts| + 1 && t[i] == s.maps
    decreases |acts|
  {
    hide A.Apply;
    StageEnds(s, acts);
    if i > 0 {
      TranslationEvents.TameGrows(s, acts[0]);
      StagesTame(A.Apply(s, acts[0]), acts[1..], i - 1);
    }
  }
  lemma StagesUnmap(s: Structure, acts: seq<Action>, effects: seq<Effect>, i: int)
    requires Tables(s) && Unmaps(s, acts, effects) && 0 <= i <= |acts|
    ensures var q := acts[0].p; var t := T.Stages(s, acts);
      |t| == |acts| + 1 && t[i] == if i == 0 then s.maps else s.maps[q as int := M.UnmapRange(s.maps[q], acts[0].page, acts[0].count)]
  {
    hide M.UnmapRange;
    var r := A.Apply(s, acts[0]);
    assert Applicable(s, acts[0]);
    hide A.Apply;
    StageEnds(s, acts);
    if i > 0 { StagesTame(r, acts[1..], i - 1); }
  }
  lemma StagesEnd(s: Structure, acts: seq<Action>, effects: seq<Effect>, i: int)
    requires Tables(s) && Ends(s, acts, effects) && 0 <= i <= |acts|
    ensures var t := T.Stages(s, acts); |t| == |acts| + 1 && t[i] == if i == 0 then s.maps else s.maps[acts[0].p as int := M.EmptyMap]
  {
    var r := A.Apply(s, acts[0]);
    assert r.maps == s.maps[acts[0].p as int := M.EmptyMap];
    hide A.Apply;
    StageEnds(s, acts);
    if i > 0 { StagesTame(r, acts[1..], i - 1); }
  }

  // ---- one event ------------------------------------------------------------------------------------------------------------------

  /** The hardware when an event begins: so far no walk need have seen any of its stores. */
  ghost function Hardware(k: Kernel, e: Step.Event, base: u64, tlb: set<T.Entry>): T.Hw
    requires V.Valid(k)
  {
    Replay.HasTables(k);
    T.Hw(base, T.Stages(k.st, Replay.Acts(k, e)), false, {}, tlb)
  }
  ghost function Code(k: Kernel, e: Step.Event): seq<T.Instruction> requires V.Valid(k) { T.Program(Step.Step(k, e).effects) }

  /** Begun(s, acts): the same for a structural state. */
  ghost function Begun(s: Structure, acts: seq<Action>, base: u64, tlb: set<T.Entry>): T.Hw requires Tables(s) {
    T.Hw(base, T.Stages(s, acts), false, {}, tlb)
  }
  ghost predicate Clean(h: T.Hw, x: T.Hw) { x.base == h.base && x.stages == h.stages && R.AllFresh(x) && T.Settled(x) }

  lemma AfterAdding(s: Structure, acts: seq<Action>, effects: seq<Effect>, base: u64, tlb: set<T.Entry>, ts: seq<set<T.Entry>>)
    requires Tables(s) && (AllTame(acts) || Maps(s, acts, effects)) && T.Coherent(s.maps, base, tlb)
    requires T.Possible(Begun(s, acts, base, tlb), T.Program(effects), ts)
    ensures var h := Begun(s, acts, base, tlb); Clean(h, T.End(h, T.Program(effects), ts))
  {
    var h := Begun(s, acts, base, tlb);
    StageEnds(s, acts);
    var last := T.Now(h);
    if AllTame(acts) {
      TranslationEvents.TameAdds(s, acts);
      forall i | 0 <= i < |h.stages| ensures h.stages[i] == last { StagesTame(s, acts, i); StagesTame(s, acts, |acts|); }
    }
    forall i, p, v, level | 0 <= i < |h.stages| && 1 <= level <= 3 ensures R.Kept(h, i, p, v, level) {
      StagesAdd(s, acts, i, |acts|);
      WordKept(h.stages[i], last, base, p, v, level);
    }
    forall e | e in tlb ensures R.Fresh(h, e) { assert R.Kept(h, 0, e.vmid, e.page, T.Level(e)); }
    R.Added(h, effects, ts);
  }
  lemma AfterUnmapping(s: Structure, acts: seq<Action>, effects: seq<Effect>, base: u64, tlb: set<T.Entry>, ts: seq<set<T.Entry>>)
    requires Tables(s) && Unmaps(s, acts, effects) && T.Coherent(s.maps, base, tlb)
    requires T.Possible(Begun(s, acts, base, tlb), T.Program(effects), ts)
    ensures var h := Begun(s, acts, base, tlb); Clean(h, T.End(h, T.Program(effects), ts))
  {
    var h := Begun(s, acts, base, tlb);
    var q, v, n := acts[0].p, acts[0].page, acts[0].count;
    StagesUnmap(s, acts, effects, 0);
    StagesUnmap(s, acts, effects, |acts|);
    forall i, p, w, level | 0 <= i < |h.stages| && 1 <= level <= 3 && !(p == q && level == 3 && M.InRun(w, v, n)) ensures R.Kept(h, i, p, w, level) {
      StagesUnmap(s, acts, effects, i);
      WordUnmapped(s.maps, base, q, v, n, p, w, level);
    }
    forall e | e in tlb ensures R.Fresh(h, e) || R.Stale(e, q, v, n) {
      if !R.Stale(e, q, v, n) { assert R.Kept(h, 0, e.vmid, e.page, T.Level(e)); }
    }
    R.Unmapped(h, effects, ts, q, v, n);
  }
  lemma AfterEnding(s: Structure, acts: seq<Action>, effects: seq<Effect>, base: u64, tlb: set<T.Entry>, ts: seq<set<T.Entry>>)
    requires Tables(s) && Ends(s, acts, effects) && T.Coherent(s.maps, base, tlb)
    requires T.Possible(Begun(s, acts, base, tlb), T.Program(effects), ts)
    ensures var h := Begun(s, acts, base, tlb); Clean(h, T.End(h, T.Program(effects), ts))
  {
    var h := Begun(s, acts, base, tlb);
    var q := acts[0].p;
    StagesEnd(s, acts, effects, 0);
    StagesEnd(s, acts, effects, |acts|);
    forall i, p, v, level | 0 <= i < |h.stages| && 1 <= level <= 3 && p != q ensures R.Kept(h, i, p, v, level) {
      StagesEnd(s, acts, effects, i);
      WordEmptied(s.maps, base, q, p, v, level);
    }
    forall e | e in tlb ensures R.Fresh(h, e) || e.vmid == q {
      if e.vmid != q { assert R.Kept(h, 0, e.vmid, e.page, T.Level(e)); }
    }
    R.Ended(h, effects, ts, q);
  }
  /** Whatever was cached when an event began and whatever is cached while its effects are executed, in the end nothing is cached but what the maps
      after the event hold, and every walk sees these maps. */
  lemma No_stale_translation_survives_an_event(k: Kernel, e: Step.Event, base: u64, tlb: set<T.Entry>, ts: seq<set<T.Entry>>)
    requires V.Valid(k) && T.Coherent(k.st.maps, base, tlb) && T.Possible(Hardware(k, e, base, tlb), Code(k, e), ts)
    ensures var x := T.End(Hardware(k, e, base, tlb), Code(k, e), ts);
      T.Settled(x) && T.Now(x) == Step.Step(k, e).k.st.maps && T.Coherent(T.Now(x), base, x.tlb)
  {
    hide *;
    reveal Hardware, Code, Begun, Handled, Clean;
    var acts, effects := Replay.Acts(k, e), Step.Step(k, e).effects;
    TranslationEvents.Every_event_is_handled(k, e);
    Replay.StepIs(k, e);
    if AllTame(acts) || Maps(k.st, acts, effects) { AfterAdding(k.st, acts, effects, base, tlb, ts); }
    else if Unmaps(k.st, acts, effects)           { AfterUnmapping(k.st, acts, effects, base, tlb, ts); }
    else                                          { AfterEnding(k.st, acts, effects, base, tlb, ts); }
    StageEnds(k.st, acts);
    reveal R.AllFresh, R.Fresh, T.Coherent, T.Now;
  }
  /** What a descriptor is at two of these times is the same, if both are valid. */
  ghost predicate Unbroken(t: seq<seq<Map>>, base: u64, p: u32, v: u32, level: u32, i: int, j: int) requires 0 <= i <= j < |t| {
    var a, b := T.Word(t[i], base, p, v, level), T.Word(t[j], base, p, v, level);
    PT.IsValid(a) && PT.IsValid(b) ==> a == b
  }
  /** Break before make: of all that a descriptor is in the course of one event, whatever is valid is the same. */
  lemma No_descriptor_goes_from_valid_to_valid(k: Kernel, e: Step.Event, base: u64, p: u32, v: u32, level: u32, i: int, j: int)
    requires V.Valid(k) && 1 <= level <= 3 && 0 <= i <= j <= |Replay.Acts(k, e)|
    ensures Tables(k.st) && |T.Stages(k.st, Replay.Acts(k, e))| == |Replay.Acts(k, e)| + 1
    ensures Unbroken(T.Stages(k.st, Replay.Acts(k, e)), base, p, v, level, i, j)
  {
    hide *;
    reveal Handled, Maps, Unmaps, Ends, PT.IsValid, Unbroken;
    TranslationEvents.Every_event_is_handled(k, e);
    var acts, effects := Replay.Acts(k, e), Step.Step(k, e).effects;
    var t := T.Stages(k.st, acts);
    StageEnds(k.st, acts);
    if AllTame(acts) { TranslationEvents.TameAdds(k.st, acts); }
    if Adds(k.st, acts) {
      StagesAdd(k.st, acts, i, j);
      WordKept(t[i], t[j], base, p, v, level);
    } else if Unmaps(k.st, acts, effects) {
      StagesUnmap(k.st, acts, effects, i);
      StagesUnmap(k.st, acts, effects, j);
      assert Tables(k.st) && |k.st.maps| == NPART as int by { reveal Tables, NPART; }
      WordUnmapped(k.st.maps, base, acts[0].p, acts[0].page, acts[0].count, p, v, level);
    } else {
      StagesEnd(k.st, acts, effects, i);
      StagesEnd(k.st, acts, effects, j);
      assert |k.st.maps| == NPART as int by { reveal Tables, NPART; }
      WordEmptied(k.st.maps, base, acts[0].p, p, v, level);
    }
  }

  // ---- every reachable state ------------------------------------------------------------------------------------------------------

  /** A history of the hardware: runs[i] is what the TLBs hold in the course of event i and of the guests' execution after it. */
  ghost predicate History(k: Kernel, events: seq<Step.Event>, base: u64, tlb: set<T.Entry>, runs: seq<seq<set<T.Entry>>>)
    requires V.Valid(k)
    decreases |events|
  {
    |runs| == |events| && (|events| > 0 ==>
      var h := Hardware(k, events[0], base, tlb);
      T.Possible(h, Code(k, events[0]), runs[0]) &&
      (StepPreservesValid.Every_event_leaves_a_valid_state(k, events[0]);
       History(Step.Step(k, events[0]).k, events[1..], base, T.End(h, Code(k, events[0]), runs[0]).tlb, runs[1..])))
  }
  /** What the TLBs hold at the end of a history. */
  ghost function Cached(k: Kernel, events: seq<Step.Event>, base: u64, tlb: set<T.Entry>, runs: seq<seq<set<T.Entry>>>): set<T.Entry>
    requires V.Valid(k) && History(k, events, base, tlb, runs)
    decreases |events|
  {
    if |events| == 0 then tlb
    else
      StepPreservesValid.Every_event_leaves_a_valid_state(k, events[0]);
      Cached(Step.Step(k, events[0]).k, events[1..], base, T.End(Hardware(k, events[0], base, tlb), Code(k, events[0]), runs[0]).tlb, runs[1..])
  }
  lemma Onwards(k: Kernel, events: seq<Step.Event>, base: u64, tlb: set<T.Entry>, runs: seq<seq<set<T.Entry>>>)
    requires V.Valid(k) && T.Coherent(k.st.maps, base, tlb) && History(k, events, base, tlb, runs)
    ensures T.Coherent(StepPreservesValid.After(k, events).st.maps, base, Cached(k, events, base, tlb, runs))
    decreases |events|
  {
    hide *;
    reveal History, Cached, StepPreservesValid.After, T.Possible;
    if |events| > 0 {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, events[0]);
      No_stale_translation_survives_an_event(k, events[0], base, tlb, runs[0]);
      Onwards(Step.Step(k, events[0]).k, events[1..], base, T.End(Hardware(k, events[0], base, tlb), Code(k, events[0]), runs[0]).tlb, runs[1..]);
    }
  }
  /** The entry gives exactly what the maps hold: one of the last level gives the frame and the permissions of a page that is mapped, one of another
      level leads where the tables lead. */
  ghost predicate Right(maps: seq<Map>, base: u64, e: T.Entry) {
    && T.Current(maps, base, e)
    && (T.Level(e) == 3 ==> e.vmid as int < |maps| && e.page in maps[e.vmid].pages && T.Given(e) == PT.Shown(maps[e.vmid].pages[e.page]))
  }
  lemma CurrentIsRight(k: Kernel, base: u64, e: T.Entry)
    requires V.Valid(k) && T.Current(k.st.maps, base, e)
    ensures Right(k.st.maps, base, e)
  {
    if T.Level(e) == 3 {
      reveal T.Word();
      var m := k.st.maps[e.vmid];
      assert e.page in m.pages;
      Isolation.OnePage(k, e.vmid, e.page);
      hide V.Valid;
      PageTableFacts.Page(m.pages[e.page].frame, m.pages[e.page].perm, e.page);
    }
  }
  /** In the running kernel every cached descriptor is, word for word, the one that the hardware would read in memory if it walked now. */
  lemma Cached_descriptors_are_those_in_memory(k: CoreState.Core, e: T.Entry)
    requires k.Good() && T.Current(k.Abs().st.maps, k.stage2.base, e)
    ensures e.vmid < NPART && e.vmid in k.stage2.rooted
    ensures e.word == Fetched(k.stage2.pool[..], k.stage2.base, k.stage2.Root(e.vmid), 1, e.page, T.Level(e))
  {
    var s := k.Abs();
    assert V.Valid(s);
    SomebodysDescriptor(s, k.stage2.base, e);
    assert e.vmid in k.stage2.rooted;
    hide V.Valid;
    The_walk_reads_these_descriptors(k, e.vmid, e.page, T.Level(e));
  }
  lemma SomebodysDescriptor(k: Kernel, base: u64, e: T.Entry)
    requires V.Valid(k) && T.Current(k.st.maps, base, e)
    ensures e.vmid < NPART && k.st.parts[e.vmid].life != Kinds.Free
  {
    reveal T.Word();
    assert k.st.maps[e.vmid] != M.EmptyMap;
  }
  /** In every state that the kernel can reach, whatever the hardware has cached since the beginning, every cached descriptor is the one that the
      tables hold now, and a cached translation gives exactly the frame and the permissions of the map. */
  lemma No_stale_translation_survives(k: Kernel, events: seq<Step.Event>, base: u64, runs: seq<seq<set<T.Entry>>>, e: T.Entry)
    requires StepPreservesValid.First(k)
    requires V.Valid(k) && History(k, events, base, {}, runs) && e in Cached(k, events, base, {}, runs)
    ensures Right(StepPreservesValid.After(k, events).st.maps, base, e)
  {
    Onwards(k, events, base, {}, runs);
    hide History;
    hide Cached;
    hide StepPreservesValid.First;
    CurrentIsRight(StepPreservesValid.After(k, events), base, e);
  }
  /** The entry was cached of this descriptor. */
  ghost predicate Of(e: T.Entry, p: u32, v: u32, level: u32) { e.vmid == p && T.Level(e) == level && 1 <= level <= 3 && T.Near(e.page, v, level) }
  lemma OneDescriptor(maps: seq<Map>, base: u64, e: T.Entry, p: u32, v: u32, level: u32)
    requires T.Current(maps, base, e) && Of(e, p, v, level)
    ensures PT.IsValid(T.Word(maps, base, p, v, level))
  {
    reveal T.Word(), M.Key2(), M.Key3();
  }
  /** Break before make, in every state that the kernel can reach: in the course of the next event no descriptor goes from one valid value to another,
      and of one that is a fault when the event begins nothing is cached that it was before. */
  lemma Break_before_make(k: Kernel, events: seq<Step.Event>, base: u64, runs: seq<seq<set<T.Entry>>>, next: Step.Event,
                          p: u32, v: u32, level: u32, i: int, j: int)
    requires StepPreservesValid.First(k) && 1 <= level <= 3
    requires V.Valid(k) && History(k, events, base, {}, runs)
    requires 0 <= i <= j <= |Replay.Acts(StepPreservesValid.After(k, events), next)|
    ensures var s, acts := StepPreservesValid.After(k, events).st, Replay.Acts(StepPreservesValid.After(k, events), next);
      Tables(s) && |T.Stages(s, acts)| == |acts| + 1 && T.Stages(s, acts)[0] == s.maps && Unbroken(T.Stages(s, acts), base, p, v, level, i, j)
    ensures !PT.IsValid(T.Word(StepPreservesValid.After(k, events).st.maps, base, p, v, level)) ==>
      forall e :: e in Cached(k, events, base, {}, runs) ==> !Of(e, p, v, level)
  {
    hide *;
    reveal T.Coherent, Unbroken;
    var k' := StepPreservesValid.After(k, events);
    assert T.Coherent(k.st.maps, base, {});
    Onwards(k, events, base, {}, runs);
    No_descriptor_goes_from_valid_to_valid(k', next, base, p, v, level, i, j);
    StageEnds(k'.st, Replay.Acts(k', next));
    forall e | e in Cached(k, events, base, {}, runs) && Of(e, p, v, level) ensures PT.IsValid(T.Word(k'.st.maps, base, p, v, level)) {
      OneDescriptor(k'.st.maps, base, e, p, v, level);
    }
  }
}
