include "Made.dfy"
include "../reachable/Traces.dfy"

/** Nothing remains: no partition ever finds data of another one, or of a predecessor in its slot, in its memory, registers, edges or capabilities. */
module {:compile false} ResidueProof {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Residue
  import opened Orderly
  import opened Reachable
  import opened Made
  import E = Edges
  import M = Memory
  import V = Valid
  import Step
  import Kinds
  import Replay
  import StepPreservesValid
  import Traces
  import PT = PageTable

  // ---- the invariant ------------------------------------------------------------------------------------------------------------------

  /** What may hold only p's own data does; what is everybody's holds nobody's. */
  ghost predicate Owned(k: Kernel, p: u32, t: Trace) requires Sized(k) && p <= EVERYBODY { t == Clean || (p != EVERYBODY && t == Now(k, p)) }
  ghost predicate In(g: Region, f: u64) { g.frame as int <= f as int < g.frame as int + g.pages as int }
  /** A region of RAM that somebody owns holds nothing but its owner's data, a shared one nobody's. (What a leased device keeps is the lease's business.) */
  ghost predicate RegionOwned(k: Kernel, r: Remains, g: Region) requires Sized(k) && g.owner <= EVERYBODY {
    g.owner != 0 && g.policy != Kinds.Device ==> forall f: u64 :: In(g, f) ==> Owned(k, g.owner, r.frames(f))
  }
  ghost predicate MemoryOwned(k: Kernel, r: Remains) requires V.Valid(k) {
    forall i: u32 {:trigger k.st.memory.regions[i]} :: i < NREGION ==>
      k.st.memory.regions[i].owner <= EVERYBODY && RegionOwned(k, r, k.st.memory.regions[i])
  }
  /** The save area of a slot that has been used holds nothing but data of the last partition there. */
  ghost predicate SavedOwned(k: Kernel, r: Remains) requires V.Valid(k) {
    forall p: u32 {:trigger k.st.parts[p]} :: p < NPART && k.st.parts[p].gen > 0 ==> Owned(k, p, r.saved(p))
  }
  ghost predicate NothingForeign(k: Kernel, r: Remains) requires V.Valid(k) { MemoryOwned(k, r) && SavedOwned(k, r) }

  // ---- partitions write -----------------------------------------------------------------------------------------------------------------

  lemma OnlyTheOwnerWrites(k: Kernel, p: u32, i: u32, f: u64)
    requires V.Valid(k) && p < NPART && i < NREGION && CanWrite(k, p, f) && In(k.st.memory.regions[i], f)
    ensures k.st.memory.regions[i].owner == p
  {
    var v: u32 :| v in k.st.maps[p].pages && k.st.maps[p].pages[v].frame == f && PT.Shown(k.st.maps[p].pages[v]).writable;
    var rs, m := k.st.memory.regions, k.st.maps[p];
    assert M.MapOk(k.st.memory, p, m);
    assert M.PteOk(k.st.memory, p, m.pages[v]);
    var j := m.pages[v].region;
    assert M.RegionsOk(k.st.memory) && M.RegionOk(k.st.memory, rs[j as int]);
    hide V.Valid;
    if j < i { assert M.Apart(rs[j as int], rs[i as int].frame, rs[i as int].pages); }
    if i < j { assert M.Apart(rs[i as int], rs[j as int].frame, rs[j as int].pages); }
  }
  lemma WrittenKeeps(k: Kernel, r: Remains, r': Remains)
    requires V.Valid(k) && NothingForeign(k, r) && Written(k, r, r')
    ensures NothingForeign(k, r')
  {
    forall i: u32 | i < NREGION ensures k.st.memory.regions[i].owner <= EVERYBODY && RegionOwned(k, r', k.st.memory.regions[i]) {
      var g := k.st.memory.regions[i];
      assert g.owner <= EVERYBODY && RegionOwned(k, r, g);
      hide V.Valid;
      if g.owner != 0 && g.policy != Kinds.Device {
        forall f: u64 | In(g, f) ensures Owned(k, g.owner, r'.frames(f)) {
          if r'.frames(f) != r.frames(f) {
            var p: u32 :| p < NPART && CanWrite(k, p, f) && r'.frames(f) == Now(k, p);
            OnlyTheOwnerWrites(k, p, i, f);
          }
        }
      }
    }
    hide V.Valid;
    hide MemoryOwned;
  }

  // ---- effects clear ----------------------------------------------------------------------------------------------------------------------

  lemma EffectsOnlyClear(r: Remains, es: seq<Effect>)
    ensures forall f: u64 :: AllDone(r, es).frames(f) == r.frames(f) || AllDone(r, es).frames(f) == Clean
    ensures forall p: u32 :: AllDone(r, es).saved(p) == r.saved(p) || AllDone(r, es).saved(p) == Clean
    decreases |es|
  {
    if |es| > 0 { EffectsOnlyClear(Done(r, es[0]), es[1..]); }
  }
  lemma Zeroed(r: Remains, es: seq<Effect>, f: u64, n: u64, x: u64)
    requires Effect(ZERO, f, n, 0) in es && f as int <= x as int < f as int + n as int
    ensures AllDone(r, es).frames(x) == Clean
    decreases |es|
  {
    if es[0] == Effect(ZERO, f, n, 0) { EffectsOnlyClear(Done(r, es[0]), es[1..]); } else { Zeroed(Done(r, es[0]), es[1..], f, n, x); }
  }
  lemma SaveAreaCleared(r: Remains, es: seq<Effect>, p: u32)
    requires Effect(RESET, p as u64, 0, 0) in es
    ensures AllDone(r, es).saved(p) == Clean
    decreases |es|
  {
    if es[0] == Effect(RESET, p as u64, 0, 0) { EffectsOnlyClear(Done(r, es[0]), es[1..]); } else { SaveAreaCleared(Done(r, es[0]), es[1..], p); }
  }

  // ---- events -------------------------------------------------------------------------------------------------------------------------------

  lemma RegionKept(k: Kernel, e: Step.Event, r: Remains, i: u32)
    requires V.Valid(k) && Inv(k.st) && MemoryOwned(k, r) && V.Valid(Step.Step(k, e).k) && i < NREGION
    ensures var n := Step.Step(k, e); n.k.st.memory.regions[i].owner <= EVERYBODY && RegionOwned(n.k, AllDone(r, n.effects), n.k.st.memory.regions[i])
  {
    Changed(k, e);
    var n, acts := Step.Step(k, e), Replay.Acts(k, e);
    var g, fx := n.k.st.memory.regions[i], n.effects;
    assert M.RegionOk(n.k.st.memory, n.k.st.memory.regions[i as int]);
    assert SameOwner(k.st, n.k.st, i) || Makes(acts, g);
    assert RegionOwned(k, r, k.st.memory.regions[i]);
    hide V.Valid;
    hide Step.Step;
    hide Replay.Acts;
    hide Inv;
    hide AllProper;
    hide AllDone;
    EffectsOnlyClear(r, fx);
    if g.owner != 0 && g.policy != Kinds.Device {
      forall f: u64 | In(g, f) ensures Owned(n.k, g.owner, AllDone(r, fx).frames(f)) {
        if Makes(acts, g) {
          var j :| 0 <= j < |acts| && acts[j].RegionCreate? && acts[j].policy == g.policy && acts[j].pages == g.pages && acts[j].frame == g.frame;
          assert Blank(k, acts[j], n.k.vol, fx);
          Zeroed(r, fx, g.frame, g.pages, f);
        }
      }
    }
  }
  lemma SavedKept(k: Kernel, e: Step.Event, r: Remains, p: u32)
    requires V.Valid(k) && Inv(k.st) && SavedOwned(k, r) && V.Valid(Step.Step(k, e).k) && p < NPART
    ensures var n := Step.Step(k, e); n.k.st.parts[p].gen > 0 ==> Owned(n.k, p, AllDone(r, n.effects).saved(p))
  {
    Changed(k, e);
    var n, acts := Step.Step(k, e), Replay.Acts(k, e);
    assert n.k.st.parts[p].gen == k.st.parts[p].gen || MakesPart(acts, p);
    assert k.st.parts[p].gen > 0 ==> Owned(k, p, r.saved(p));
    hide V.Valid;
    hide Step.Step;
    hide Replay.Acts;
    hide Inv;
    hide AllProper;
    hide AllDone;
    EffectsOnlyClear(r, n.effects);
    if MakesPart(acts, p) {
      var j :| 0 <= j < |acts| && acts[j].PartitionCreate? && acts[j].p == p;
      assert Blank(k, acts[j], n.k.vol, n.effects);
      SaveAreaCleared(r, n.effects, p);
    }
  }
  lemma EventKeeps(k: Kernel, e: Step.Event, r: Remains)
    requires V.Valid(k) && Inv(k.st) && NothingForeign(k, r) && V.Valid(Step.Step(k, e).k)
    ensures NothingForeign(Step.Step(k, e).k, AllDone(r, Step.Step(k, e).effects))
  {
    var n := Step.Step(k, e);
    hide Step.Step;
    hide Inv;
    hide AllDone;
    hide RegionOwned;
    hide Owned;
    forall i: u32 | i < NREGION ensures n.k.st.memory.regions[i].owner <= EVERYBODY &&
      RegionOwned(n.k, AllDone(r, n.effects), n.k.st.memory.regions[i]) { RegionKept(k, e, r, i); }
    forall p: u32 | p < NPART ensures n.k.st.parts[p].gen > 0 ==> Owned(n.k, p, AllDone(r, n.effects).saved(p)) { SavedKept(k, e, r, p); }
    hide V.Valid;
  }
  lemma LeadsKeeps(k: Kernel, r: Remains, es: seq<Step.Event>, r': Remains)
    requires V.Valid(k) && Inv(k.st) && NothingForeign(k, r) && Leads(k, r, es, r')
    ensures NothingForeign(StepPreservesValid.After(k, es), r')
    decreases |es|
  {
    hide *;
    reveal StepPreservesValid.After, Leads;
    assert Sized(k) by { reveal V.Valid; }
    if |es| == 0 { WrittenKeeps(k, r, r'); }
    else {
      var n := Step.Step(k, es[0]);
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      var m: Remains :| Written(k, r, m) && (V.Valid(n.k) ==> Leads(n.k, AllDone(m, n.effects), es[1..], r'));
      WrittenKeeps(k, r, m);
      OneEvent(k, es[0]);
      EventKeeps(k, es[0], m);
      LeadsKeeps(n.k, AllDone(m, n.effects), es[1..], r');
    }
  }
  lemma FirstIsEmpty(k: Kernel, r: Remains)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k) && Inv(k.st) && NothingForeign(k, r)
  {
    Initially(k);
    hide V.Valid;
    hide Inv;
  }

  /** Nothing keeps events and writes from happening: every run leaves some remains. */
  lemma Something_always_follows(k: Kernel, r: Remains, es: seq<Step.Event>)
    requires V.Valid(k)
    ensures exists r': Remains :: Leads(k, r, es, r')
    decreases |es|
  {
    assert Written(k, r, r);
    hide V.Valid;
    hide Step.Step;
    if |es| == 0 { assert Leads(k, r, es, r); }
    else {
      var n := Step.Step(k, es[0]);
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      Something_always_follows(n.k, AllDone(r, n.effects), es[1..]);
      var r': Remains :| Leads(n.k, AllDone(r, n.effects), es[1..], r');
      assert Leads(k, r, es, r');
    }
  }
  /** Where a partition can write, its data may remain. */
  lemma What_is_written_remains(k: Kernel, r: Remains, p: u32, f: u64)
    requires V.Valid(k) && p < NPART && CanWrite(k, p, f)
    ensures exists r': Remains :: Leads(k, r, [], r') && r'.frames(f) == Now(k, p)
  {
    var r' := r.(frames := (g: u64) => if g == f then Of(p, k.st.parts[p].gen) else r.frames(g));
    assert Written(k, r, r');
    assert Leads(k, r, [], r') && r'.frames(f) == Now(k, p);
  }

  // ---- the claims -----------------------------------------------------------------------------------------------------------------------------

  /** Whatever RAM held before boot, whatever events come and whatever partitions write: a frame of RAM in a partition's map holds zeros, bytes of the
      boot bundle, or what this partition itself wrote there. */
  lemma No_frame_holds_what_another_left(k: Kernel, r: Remains, es: seq<Step.Event>, r': Remains, p: u32, v: u32)
    requires StepPreservesValid.First(k) && p < NPART
    ensures V.Valid(k)
    ensures var t := StepPreservesValid.After(k, es);
      Leads(k, r, es, r') && v in t.st.maps[p].pages ==>
        && t.st.maps[p].pages[v].region < NREGION
        && (t.st.memory.regions[t.st.maps[p].pages[v].region].policy != Kinds.Device ==>
             var x := r'.frames(t.st.maps[p].pages[v].frame); x == Clean || x == Now(t, p))
  {
    FirstIsEmpty(k, r);
    var t := StepPreservesValid.After(k, es);
    if Leads(k, r, es, r') && v in t.st.maps[p].pages {
      LeadsKeeps(k, r, es, r');
      hide Leads;
      hide StepPreservesValid.After;
      var e := t.st.maps[p].pages[v];
      assert M.MapOk(t.st.memory, p, t.st.maps[p]) && (p == 0 ==> t.st.maps[p] == M.EmptyMap);
      assert M.PteOk(t.st.memory, p, e);
      hide V.Valid;
      var g := t.st.memory.regions[e.region];
      assert RegionOwned(t, r', g) && In(g, e.frame);
    }
  }
  /** The area where an existing partition's EL1 and FP/SIMD registers are saved holds nothing of another partition, nor of a predecessor. */
  lemma No_save_area_holds_what_another_left(k: Kernel, r: Remains, es: seq<Step.Event>, r': Remains, p: u32)
    requires StepPreservesValid.First(k) && p < NPART
    ensures V.Valid(k)
    ensures var t := StepPreservesValid.After(k, es); Leads(k, r, es, r') && t.st.parts[p].life != Kinds.Free ==>
      r'.saved(p) == Clean || r'.saved(p) == Now(t, p)
  {
    FirstIsEmpty(k, r);
    var t := StepPreservesValid.After(k, es);
    if Leads(k, r, es, r') {
      LeadsKeeps(k, r, es, r');
      In_every_reachable_state(k, es);
      hide Leads;
      hide StepPreservesValid.After;
      hide V.Valid;
      assert t.st.parts[p].life == Kinds.Free || t.st.parts[p].gen > 0;
      assert t.st.parts[p].gen > 0 ==> Owned(t, p, r'.saved(p));
    }
  }
  /** A partition that an event makes has a generation that none in its slot had before, and the registers of a new partition. */
  lemma A_new_partition_begins_with_clear_registers(k: Kernel, es: seq<Step.Event>, e: Step.Event, p: u32)
    requires StepPreservesValid.First(k) && p < NPART
    ensures V.Valid(k)
    ensures var t := StepPreservesValid.After(k, es); var t' := StepPreservesValid.After(k, es + [e]);
      && t.st.parts[p].gen <= t'.st.parts[p].gen
      && (t.st.parts[p].life == Kinds.Free && t'.st.parts[p].life != Kinds.Free ==> t.st.parts[p].gen < t'.st.parts[p].gen)
      && (t.st.parts[p].gen != t'.st.parts[p].gen ==> exists i: int :: 0 <= i < |t.images| && NewRegisters(t'.vol.regs, p, t.images[i].entry))
  {
    In_every_reachable_state(k, es);
    var t := StepPreservesValid.After(k, es);
    Traces.Snoc(k, es, e);
    OneEvent(t, e);
    hide StepPreservesValid.After;
    if Step.Step(t, e).k.st.parts[p].gen != t.st.parts[p].gen { NewPart(t, e, p); }
    hide V.Valid;
    hide Step.Step;
    hide Inv;
    assert LaterPart(t.st.parts[p], Step.Step(t, e).k.st.parts[p]);
  }
  /** When an edge comes to exist its generation is new, its queue is empty and no notification is pending. */
  lemma A_new_edge_begins_empty(k: Kernel, es: seq<Step.Event>, e: Step.Event, i: u32)
    requires StepPreservesValid.First(k) && i < NEDGE
    ensures V.Valid(k)
    ensures var t := StepPreservesValid.After(k, es); var t' := StepPreservesValid.After(k, es + [e]);
      && t.st.edges[i].gen <= t'.st.edges[i].gen
      && (t.st.edges[i].cap == 0 && t'.st.edges[i].cap != 0 ==> t.st.edges[i].gen < t'.st.edges[i].gen)
      && (t.st.edges[i].gen != t'.st.edges[i].gen ==> t'.vol.queues[i] == E.EmptyQueue)
  {
    In_every_reachable_state(k, es);
    var t := StepPreservesValid.After(k, es);
    Traces.Snoc(k, es, e);
    OneEvent(t, e);
    hide StepPreservesValid.After;
    if Step.Step(t, e).k.st.edges[i].gen != t.st.edges[i].gen { NewEdge(t, e, i); }
    hide V.Valid;
    hide Step.Step;
    hide Inv;
    assert LaterEdge(t.st.edges[i], Step.Step(t, e).k.st.edges[i]);
  }
  /** When a partition has ended nothing is left to whoever comes next in its slot: no page, no region, no edge, no capability. */
  lemma A_free_slot_has_nothing(k: Kernel, es: seq<Step.Event>, p: u32)
    requires StepPreservesValid.First(k) && 0 < p < NPART
    ensures V.Valid(k)
    ensures var s := StepPreservesValid.After(k, es).st;
      s.parts[p].life == Kinds.Free ==>
        && s.maps[p] == M.EmptyMap
        && (forall i: u32 :: i < NREGION ==> s.memory.regions[i].owner != p)
        && (forall i: u32 :: i < NEDGE ==> !E.Touches(s.edges[i], p))
        && (forall i: u32 :: i < NCAP && i / CSLOTS == p ==> s.caps[i].kind == Kinds.None)
  {
    In_every_reachable_state(k, es);
    var s := StepPreservesValid.After(k, es).st;
    hide StepPreservesValid.After;
    if s.parts[p].life == Kinds.Free {
      assert s.maps[p] == s.maps[p];
      hide V.Valid;
      forall i: u32 | i < NREGION ensures s.memory.regions[i].owner != p {
        assert s.memory.regions[i].owner == 0 || MayOwn(s, s.memory.regions[i].owner); }
      forall i: u32 | i < NEDGE ensures !E.Touches(s.edges[i], p) { assert s.edges[i].cap == 0 || (Lives(s, s.edges[i].src) &&
        Lives(s, s.edges[i].dst)); }
      forall i: u32 | i < NCAP && i / CSLOTS == p ensures s.caps[i].kind == Kinds.None {
        assert s.caps[i].kind == Kinds.None || Lives(s, i / CSLOTS); }
    }
  }
  /** With a partition end its regions and its edges: their generations are over when it has gone. */
  lemma With_a_partition_end_its_regions_and_edges(k: Kernel, es: seq<Step.Event>, e: Step.Event, p: u32, i: u32)
    requires StepPreservesValid.First(k) && 0 < p < NPART
    ensures V.Valid(k)
    ensures var s, t := StepPreservesValid.After(k, es).st, StepPreservesValid.After(k, es + [e]).st;
      t.parts[p].life == Kinds.Free ==>
        && (i < NREGION && s.memory.regions[i].owner == p ==> s.memory.regions[i].gen < t.memory.regions[i].gen)
        && (i < NEDGE && E.Touches(s.edges[i], p) ==> t.edges[i].cap == 0 || s.edges[i].gen < t.edges[i].gen)
  {
    In_every_reachable_state(k, es);
    In_every_reachable_state(k, es + [e]);
    Traces.Snoc(k, es, e);
    var a := StepPreservesValid.After(k, es);
    OneEvent(a, e);
    var s, t := a.st, StepPreservesValid.After(k, es + [e]).st;
    hide StepPreservesValid.After;
    if i < NREGION {
      assert M.RegionOk(s.memory, s.memory.regions[i as int]);
      assert LaterRegion(s.memory.regions[i], t.memory.regions[i]);
      assert t.memory.regions[i].owner == 0 || MayOwn(t, t.memory.regions[i].owner);
    }
    hide V.Valid;
    if i < NEDGE {
      assert LaterEdge(s.edges[i], t.edges[i]);
      assert t.edges[i].cap == 0 || (Lives(t, t.edges[i].src) && Lives(t, t.edges[i].dst));
    }
  }
}
