include "OrderlyEvents.dfy"
include "../authority/Confinement.dfy"

/** What holds in every state that the kernel can reach, beyond Valid, and what one state has to do with every later one. */
module {:compile false} Reachable {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Orderly
  import C = Capabilities
  import E = Edges
  import M = Memory
  import V = Valid
  import D = CapabilityTheorems
  import OrderlyEvents
  import ObjectsKept
  import Replay
  import StepPreservesValid
  import Step
  import Kinds

  // ---- the invariant ------------------------------------------------------------------------------------------------------------------

  /** Regions belong to partitions that exist or to everybody, edges join such partitions, who exists has a generation, and only those that exist hold capabilities. */
  ghost predicate Peopled(s: Structure) requires Tables(s) {
    && (forall r: u32 {:trigger s.memory.regions[r]} :: r < NREGION ==> s.memory.regions[r].owner == 0 || MayOwn(s, s.memory.regions[r].owner))
    && (forall p: u32 {:trigger s.parts[p]} :: p < NPART ==> s.parts[p].life == Kinds.Free || s.parts[p].gen > 0)
    && (forall i: u32 {:trigger s.caps[i]} :: i < NCAP ==> s.caps[i].kind == Kinds.None || Lives(s, i / CSLOTS))
    && (forall e: u32 {:trigger s.edges[e]} :: e < NEDGE ==> s.edges[e].cap == 0 || (Lives(s, s.edges[e].src) && Lives(s, s.edges[e].dst)))
  }
  ghost predicate Inv(s: Structure) { Tables(s) && Dated(s) && Peopled(s) && D.LinksOk(s.caps) }

  /** Generations only grow, and only with a new one does a partition or an edge come to exist; no slot of capabilities is filled twice under one
      generation. */
  ghost predicate Later(s: Structure, s': Structure) {
    && Tables(s) && Tables(s')
    && (forall p: u32 {:trigger s.parts[p]} {:trigger s'.parts[p]} :: p < NPART ==> LaterPart(s.parts[p], s'.parts[p]))
    && (forall r: u32 {:trigger s.memory.regions[r]} {:trigger s'.memory.regions[r]} :: r < NREGION ==>
         LaterRegion(s.memory.regions[r], s'.memory.regions[r]))
    && (forall e: u32 {:trigger s.edges[e]} {:trigger s'.edges[e]} :: e < NEDGE ==> LaterEdge(s.edges[e], s'.edges[e]))
    && D.Older(s.caps, s'.caps)
  }
  ghost predicate LaterPart(a: Part, b: Part) { a.gen <= b.gen && (a.gen == b.gen && a.life == Kinds.Free ==> b.life == Kinds.Free) }
  ghost predicate LaterRegion(a: Region, b: Region) { a.gen <= b.gen && (a.gen == b.gen != A.NOGEN && a.owner != 0 ==> b == a) }
  ghost predicate LaterEdge(a: Edge, b: Edge) { a.gen <= b.gen && (a.gen == b.gen && b.cap != 0 ==> b == a) }

  lemma LaterItself(s: Structure) requires Tables(s) ensures Later(s, s) { D.OlderItself(s.caps); }
  lemma LaterChain(s: Structure, t: Structure, u: Structure)
    requires Later(s, t) && Later(t, u)
    ensures Later(s, u)
  {
    D.OlderChain(s.caps, t.caps, u.caps);
    hide D.Older;
    forall p: u32 | p < NPART ensures LaterPart(s.parts[p], u.parts[p]) { assert LaterPart(s.parts[p], t.parts[p]); }
    forall e: u32 | e < NEDGE ensures LaterEdge(s.edges[e], u.edges[e]) { assert LaterEdge(s.edges[e], t.edges[e]); }
    forall r: u32 | r < NREGION ensures LaterRegion(s.memory.regions[r], u.memory.regions[r]) {
      assert LaterRegion(s.memory.regions[r], t.memory.regions[r]); }
  }

  // ---- the end of a partition ---------------------------------------------------------------------------------------------------------

  lemma Released(rs: seq<Region>, p: u32, i: u32)
    requires |rs| == NREGION as int && i <= NREGION && p != 0
    ensures forall j: int :: 0 <= j < NREGION as int ==> M.ReleaseFrom(rs, p, i)[j] == if j >= i as int && rs[j].owner == p
      then M.Freed(rs[j]) else rs[j]
    decreases NREGION - i
  {
    if i < NREGION { Released(if rs[i].owner == p then rs[i as int := M.Freed(rs[i])] else rs, p, i + 1); }
  }
  lemma Destroyed(es: seq<Edge>, p: u32, i: u32)
    requires |es| == NEDGE as int && i <= NEDGE
    ensures forall j: int :: 0 <= j < NEDGE as int ==> E.DestroyFrom(es, p, i)[j] == if j >= i as int && E.Touches(es[j], p)
      then Edge(es[j].gen, 0, 0, 0) else es[j]
    decreases NEDGE - i
  {
    if i < NEDGE { Destroyed(if E.Touches(es[i], p) then E.Destroy(es, i) else es, p, i + 1); }
  }
  lemma Dropped(t: seq<Cap>, p: u32, n: u32)
    requires C.Table(t) && p < NPART && n <= CSLOTS
    ensures forall j: int :: 0 <= j < NCAP as int ==>
      C.DropFrom(t, p, n)[j] == if (p * CSLOTS + n) as int <= j < (p * CSLOTS + CSLOTS) as int && t[j].kind != Kinds.None
        then C.Drop(t, j as u32)[j] else t[j]
    decreases CSLOTS - n
  {
    if n < CSLOTS {
      var i := p * CSLOTS + n;
      Dropped(if t[i].kind == Kinds.None then t else C.Drop(t, i), p, n + 1);
    }
  }
  /** What is left after the end of partition p: every object one by one. */
  lemma Ended(s: Structure, p: u32)
    requires Tables(s) && 0 < p < NPART
    ensures var t := A.End(s, p);
      && Tables(t) && t.parts == s.parts[p as int := Part(s.parts[p].gen, Kinds.Free, 0, 0)]
      && (forall r: u32 {:trigger t.memory.regions[r]} :: r < NREGION ==> t.memory.regions[r] == if s.memory.regions[r].owner == p
           then M.Freed(s.memory.regions[r]) else s.memory.regions[r])
      && (forall e: u32 {:trigger t.edges[e]} :: e < NEDGE ==> t.edges[e] == if E.Touches(s.edges[e], p) then Edge(s.edges[e].gen, 0, 0, 0)
           else s.edges[e])
      && (forall i: u32 {:trigger t.caps[i]} :: i < NCAP ==> t.caps[i] == if i / CSLOTS == p && s.caps[i].kind != Kinds.None
           then C.Drop(s.caps, i)[i] else s.caps[i])
  {
    Released(s.memory.regions, p, 0);
    Destroyed(s.edges, p, 0);
    Dropped(s.caps, p, 0);
    hide M.ReleaseFrom;
    hide E.DestroyFrom;
    hide C.DropFrom;
    hide C.Drop;
    hide M.Freed;
    hide E.Touches;
  }
  lemma EndKeeps(s: Structure, p: u32)
    requires Inv(s) && 0 < p < NPART
    ensures Inv(A.End(s, p)) && Later(s, A.End(s, p))
  {
    Ended(s, p);
    D.Ending_a_partition_ages_the_table(s.caps, p, 0);
    var t := A.End(s, p);
    assert t.caps == C.DropAll(s.caps, p);
    hide A.End;
    hide C.DropFrom;
    hide C.DropAll;
    hide D.LinksOk;
    hide D.Older;
    hide Exists;
    EndPeopled(s, t, p);
    EndDated(s, t, p);
    hide Peopled;
    hide CapDated;
  }
  lemma EndDated(s: Structure, t: Structure, p: u32)
    requires Tables(s) && Tables(t) && Dated(s) && 0 < p < NPART && t.parts == s.parts[p as int := Part(s.parts[p].gen, Kinds.Free, 0, 0)]
    requires forall r: u32 {:trigger t.memory.regions[r]} :: r < NREGION ==> t.memory.regions[r] == if s.memory.regions[r].owner == p
      then M.Freed(s.memory.regions[r]) else s.memory.regions[r]
    requires forall e: u32 {:trigger t.edges[e]} :: e < NEDGE ==> t.edges[e].gen == s.edges[e].gen
    requires forall i: u32 {:trigger t.caps[i]} :: i < NCAP ==> t.caps[i].kind == Kinds.None || t.caps[i] == s.caps[i]
    ensures Dated(t)
  {
    forall i: u32 | i < NCAP ensures CapDated(t, t.caps[i]) { assert CapDated(s, s.caps[i]); }
  }
  lemma EndPeopled(s: Structure, t: Structure, p: u32)
    requires Tables(s) && Tables(t) && Peopled(s) && 0 < p < NPART && t.parts == s.parts[p as int := Part(s.parts[p].gen, Kinds.Free, 0, 0)]
    requires forall r: u32 {:trigger t.memory.regions[r]} :: r < NREGION ==> t.memory.regions[r] == if s.memory.regions[r].owner == p
      then M.Freed(s.memory.regions[r]) else s.memory.regions[r]
    requires forall i: u32 {:trigger t.caps[i]} :: i < NCAP ==> t.caps[i] == if i / CSLOTS == p && s.caps[i].kind != Kinds.None
      then C.Drop(s.caps, i)[i] else s.caps[i]
    requires forall e: u32 {:trigger t.edges[e]} :: e < NEDGE ==> t.edges[e] == if E.Touches(s.edges[e], p) then Edge(s.edges[e].gen, 0, 0, 0)
      else s.edges[e]
    ensures Peopled(t)
  {
    forall e: u32 | e < NEDGE ensures t.edges[e].cap == 0 || (Lives(t, t.edges[e].src) && Lives(t, t.edges[e].dst)) {
      assert s.edges[e].cap == 0 || (Lives(s, s.edges[e].src) && Lives(s, s.edges[e].dst));
    }
    forall i: u32 | i < NCAP ensures t.caps[i].kind == Kinds.None || Lives(t, i / CSLOTS) {
      assert s.caps[i].kind == Kinds.None || Lives(s, i / CSLOTS); }
    forall r: u32 | r < NREGION ensures t.memory.regions[r].owner == 0 || MayOwn(t, t.memory.regions[r].owner) {
      assert s.memory.regions[r].owner == 0 || MayOwn(s, s.memory.regions[r].owner);
    }
  }

  // ---- the other actions --------------------------------------------------------------------------------------------------------------

  ghost predicate OfCaps(a: Action) { a.CapGrant? || a.CapDelegate? || a.CapRevoke? || a.CapDrop? }
  /** Who lives lives on, who owns a region keeps it. */
  ghost predicate Goes(s: Structure, t: Structure) requires Tables(s) && Tables(t) {
    && (forall p: u32 {:trigger t.parts[p]} :: p < NPART && s.parts[p].life != Kinds.Free ==> t.parts[p].life != Kinds.Free)
    && (forall r: u32 {:trigger t.memory.regions[r]} :: r < NREGION && s.memory.regions[r].owner != 0 ==>
         t.memory.regions[r].owner == s.memory.regions[r].owner)
  }
  /** The region of a lease is nobody's any more. */
  lemma LeaseEnded(s: Structure, a: Action)
    requires Inv(s) && a.LeaseEnd?
    ensures Inv(A.Apply(s, a)) && Later(s, A.Apply(s, a))
  {
    D.OlderItself(s.caps);
    hide D.LinksOk;
    hide D.Older;
    var t := A.Apply(s, a);
    assert t.caps == s.caps && t.parts == s.parts && t.edges == s.edges;
    forall r: u32 | r < NREGION ensures LaterRegion(s.memory.regions[r], t.memory.regions[r]) &&
      (t.memory.regions[r].owner == 0 || MayOwn(t, t.memory.regions[r].owner)) {
      assert s.memory.regions[r] == s.memory.regions[r];
    }
    forall i: u32 | i < NCAP ensures CapDated(t, t.caps[i]) && (t.caps[i].kind == Kinds.None || Lives(t, i / CSLOTS)) {
      assert CapDated(s, s.caps[i]);
      assert s.caps[i].kind == Kinds.None || Lives(s, i / CSLOTS);
    }
    forall e: u32 | e < NEDGE ensures t.edges[e].cap == 0 || (Lives(t, t.edges[e].src) && Lives(t, t.edges[e].dst)) {
      assert s.edges[e].cap == 0 || (Lives(s, s.edges[e].src) && Lives(s, s.edges[e].dst));
    }
    hide A.Apply;
  }
  /** Capabilities do not change. */
  lemma ObjectChanged(s: Structure, a: Action)
    requires Inv(s) && Proper(s, a) && !a.PartitionEnd? && !a.LeaseEnd? && !OfCaps(a)
    ensures Inv(A.Apply(s, a)) && Later(s, A.Apply(s, a))
  {
    hide M.MapRange;
    hide M.UnmapRange;
    D.OlderItself(s.caps);
    hide D.LinksOk;
    hide D.Older;
    var t := A.Apply(s, a);
    assert t.caps == s.caps;
    forall p: u32 | p < NPART ensures LaterPart(s.parts[p], t.parts[p]) && (t.parts[p].life == Kinds.Free || t.parts[p].gen > 0) {
      assert s.parts[p] == s.parts[p]; }
    assert Goes(s, t);
    forall r: u32 | r < NREGION ensures LaterRegion(s.memory.regions[r], t.memory.regions[r]) &&
      (t.memory.regions[r].owner == 0 || MayOwn(t, t.memory.regions[r].owner)) {
      assert s.memory.regions[r] == s.memory.regions[r];
    }
    forall e: u32 | e < NEDGE ensures LaterEdge(s.edges[e], t.edges[e]) && (t.edges[e].cap == 0 || (Lives(t, t.edges[e].src) &&
      Lives(t, t.edges[e].dst))) {
      assert s.edges[e].cap == 0 || (Lives(s, s.edges[e].src) && Lives(s, s.edges[e].dst));
    }
    assert forall p: u32 {:trigger t.parts[p]} :: p < NPART ==> t.parts[p].gen <= GENMAX;
    hide A.Apply;
    forall i: u32 | i < NCAP ensures CapDated(t, t.caps[i]) && (t.caps[i].kind == Kinds.None || Lives(t, i / CSLOTS)) {
      assert CapDated(s, s.caps[i]);
      assert s.caps[i].kind == Kinds.None || Lives(s, i / CSLOTS);
    }
  }
  /** Slot i of the table becomes c. */
  lemma CapChanged(s: Structure, i: u32, c: Cap)
    requires Inv(s) && i < NCAP && CapDated(s, c) && (c.kind == Kinds.None || Lives(s, i / CSLOTS))
    requires D.LinksOk(s.caps[i as int := c])
    ensures Inv(s.(caps := s.caps[i as int := c]))
  {
    hide D.LinksOk;
    var t := s.(caps := s.caps[i as int := c]);
    forall j: u32 | j < NCAP ensures CapDated(t, t.caps[j]) && (t.caps[j].kind == Kinds.None || Lives(t, j / CSLOTS)) {
      assert CapDated(s, s.caps[j]);
      assert s.caps[j].kind == Kinds.None || Lives(s, j / CSLOTS);
    }
  }
  /** Only capabilities have changed, and have aged. */
  lemma CapsLater(s: Structure, t: seq<Cap>)
    requires Tables(s) && D.Older(s.caps, t)
    ensures Later(s, s.(caps := t))
  {
    assert C.Table(t);
    hide D.Older;
  }
  lemma Granted(s: Structure, a: Action)
    requires Inv(s) && Proper(s, a) && a.CapGrant? && Applicable(s, a)
    ensures Inv(A.Apply(s, a)) && Later(s, A.Apply(s, a))
  {
    var i, g := a.to * CSLOTS + a.slot, ObjectGen(s, a.kind, a.target);
    D.Minting_ages_the_table(s.caps, i, a.kind, a.target, g, a.rights);
    var c := Cap(s.caps[i].gen + 1, a.kind, a.target, g, a.rights, 0, 0, 0);
    assert A.Apply(s, a) == s.(caps := s.caps[i as int := c]);
    assert CapDated(s, c);
    hide A.Apply;
    hide Inv;
    CapChanged(s, i, c);
    CapsLater(s, s.caps[i as int := c]);
  }
  lemma Delegated(s: Structure, a: Action)
    requires Inv(s) && Proper(s, a) && a.CapDelegate? && Applicable(s, a)
    ensures Inv(A.Apply(s, a)) && Later(s, A.Apply(s, a))
  {
    var i, j := a.to * CSLOTS + a.slot, a.who * CSLOTS + a.src;
    var p := s.caps[j];
    D.Delegation_ages_the_table(s.caps, i, j, a.rights);
    var t := C.Derive(s.caps, i, j, a.rights);
    assert A.Apply(s, a) == s.(caps := t);
    CapsLater(s, t);
    assert CapDated(s, p) && (p.kind == Kinds.None || Lives(s, j / CSLOTS));
    assert D.LinkOk(s.caps, j as int);
    var less := p.(rights := C.ParentRights(p.rights));
    D.OneEntry(s.caps, j, less);
    hide A.Apply;
    hide D.LinksOk;
    CapChanged(s, j, less);
    CapChanged(s.(caps := s.caps[j as int := less]), i, t[i]);
    assert t == s.caps[j as int := less][i as int := t[i]];
  }
  lemma RevokedOrDropped(s: Structure, a: Action)
    requires Inv(s) && (a.CapRevoke? || a.CapDrop?) && Applicable(s, a)
    ensures Inv(A.Apply(s, a)) && Later(s, A.Apply(s, a))
  {
    var i := a.who * CSLOTS + a.slot;
    if a.CapRevoke? { D.Revocation_ages_the_table(s.caps, i); } else { D.Dropping_ages_the_table(s.caps, i); }
    var t := A.Apply(s, a).caps;
    assert A.Apply(s, a) == s.(caps := t) && t == s.caps[i as int := t[i]];
    assert CapDated(s, s.caps[i]) && (s.caps[i].kind == Kinds.None || Lives(s, i / CSLOTS));
    assert CapDated(s, t[i]) && (t[i].kind == Kinds.None || Lives(s, i / CSLOTS));
    hide A.Apply;
    hide Inv;
    CapChanged(s, i, t[i]);
    CapsLater(s, t);
  }
  lemma OneAction(s: Structure, a: Action)
    requires Inv(s) && Proper(s, a)
    ensures Inv(A.Apply(s, a)) && Later(s, A.Apply(s, a))
  {
    LaterItself(s);
    hide Later;
    hide Proper;
    hide Peopled;
    hide Dated;
    hide A.End;
    hide D.LinksOk;
    if !Applicable(s, a) {}
    else if a.PartitionEnd? { EndKeeps(s, a.p); }
    else {
      hide A.Apply;
      if a.CapGrant? { Granted(s, a); }
      else if a.CapDelegate? { Delegated(s, a); }
      else if OfCaps(a) { RevokedOrDropped(s, a); }
      else if a.LeaseEnd? { LeaseEnded(s, a); }
      else { ObjectChanged(s, a); }
    }
  }

  // ---- events -------------------------------------------------------------------------------------------------------------------------

  lemma Several(s: Structure, acts: seq<Action>)
    requires Inv(s) && AllProper(s, acts)
    ensures Inv(ApplyAll(s, acts)) && Later(s, ApplyAll(s, acts))
    decreases |acts|
  {
    hide A.Apply;
    hide Later;
    hide Proper;
    hide Peopled;
    hide Dated;
    LaterItself(s);
    if |acts| > 0 {
      var s1 := A.Apply(s, acts[0]);
      OneAction(s, acts[0]);
      Several(s1, acts[1..]);
      LaterChain(s, s1, ApplyAll(s1, acts[1..]));
    }
  }
  lemma OneEvent(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Inv(k.st)
    ensures Inv(Step.Step(k, e).k.st) && Later(k.st, Step.Step(k, e).k.st)
  {
    OrderlyEvents.Every_event_is_in_order(k, e);
    Replay.StepIs(k, e);
    hide V.Valid;
    hide Step.Step;
    hide Replay.Acts;
    Several(k.st, Replay.Acts(k, e));
  }
  /** The invariant holds after any events, and the state after them is a later one. */
  lemma Events(k: Kernel, es: seq<Step.Event>)
    requires V.Valid(k) && Inv(k.st)
    ensures Inv(StepPreservesValid.After(k, es).st) && Later(k.st, StepPreservesValid.After(k, es).st)
    decreases |es|
  {
    hide *;
    reveal StepPreservesValid.After;
    assert Tables(k.st) by { reveal Inv; }
    LaterItself(k.st);
    if |es| > 0 {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      var n := Step.Step(k, es[0]).k;
      OneEvent(k, es[0]);
      Events(n, es[1..]);
      LaterChain(k.st, n.st, StepPreservesValid.After(n, es[1..]).st);
    }
  }
  lemma Initially(k: Kernel)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k) && Inv(k.st)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    D.Empty_table_has_links();
    Replay.HasTables(k);
    hide V.Valid;
    hide D.LinksOk;
  }
  /** The invariant holds in every state that the kernel can reach. */
  lemma In_every_reachable_state(k: Kernel, es: seq<Step.Event>)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k) && Inv(StepPreservesValid.After(k, es).st)
  {
    Initially(k);
    hide *;
    Events(k, es);
  }
}
