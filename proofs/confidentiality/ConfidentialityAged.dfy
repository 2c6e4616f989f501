include "ConfidentialityFace.dfy"

/** No link and no capability is from the future, after any action. */
module {:compile false} ConfidentialityAged {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened ConfidentialityHeld
  import L = ConfidentialityLinks
  import T = CapabilityTheorems
  import C = Capabilities
  import M = Memory
  import E = Edges
  import Kinds

  // ---- what ends with a partition -----------------------------------------------------------------------------------------------------

  lemma Freed(rs: seq<Region>, p: u32, i: u32, r: u32)
    requires |rs| == NREGION as int && i <= NREGION && r < NREGION && p != 0
    ensures M.ReleaseFrom(rs, p, i)[r] == if r >= i && rs[r].owner == p then M.Freed(rs[r]) else rs[r]
    decreases NREGION - i
  {
    if i < NREGION { Freed(if rs[i].owner == p then rs[i as int := M.Freed(rs[i])] else rs, p, i + 1, r); }
  }
  lemma Destroyed(es: seq<Edge>, p: u32, i: u32, e: u32)
    requires |es| == NEDGE as int && i <= NEDGE && e < NEDGE
    ensures E.DestroyFrom(es, p, i)[e] == if e >= i && E.Touches(es[e], p) then Edge(es[e].gen, 0, 0, 0) else es[e]
    decreases NEDGE - i
  {
    if i < NEDGE { Destroyed(if E.Touches(es[i], p) then E.Destroy(es, i) else es, p, i + 1, e); }
  }
  lemma Cleared(es: seq<Edge>, qs: seq<Queue>, p: u32, i: u32, e: u32)
    requires E.Tables(es, qs) && i <= NEDGE && e < NEDGE
    ensures E.ClearFrom(es, qs, p, i)[e] == if e >= i && E.Touches(es[e], p) then E.EmptyQueue else qs[e]
    decreases NEDGE - i
  {
    if i < NEDGE { Cleared(es, if E.Touches(es[i], p) then E.Clear(qs, i) else qs, p, i + 1, e); }
  }

  // ---- actions ----------------------------------------------------------------------------------------------------------------------

  /** A capability is for something that exists, and a new region was nobody's. */
  ghost predicate Sound(s: Structure, a: Action)
    requires Tables(s)
  {
    match a
    case CapGrant(_, _, _, kind, obj, _) => ObjectGen(s, kind, obj) < Limits.NOGEN
    case RegionCreate(_, r, owner, _, _, _) => r < NREGION ==> s.memory.regions[r].owner == 0
    case _ => true
  }
  lemma Bounded(t: seq<Cap>, i: u32, c: Cap)
    requires C.Table(t) && C.Bounded(t) && i < NCAP && C.SlotOk(c)
    ensures C.Bounded(t[i as int := c])
  {
    var u := t[i as int := c];
    forall j: int {:trigger C.SlotOk(u[j])} | 0 <= j < |u| ensures C.SlotOk(u[j]) { assert j != i as int ==> C.SlotOk(t[j]); }
  }
  lemma OneCap(s: Structure, i: u32, c: Cap)
    requires Tables(s) && AllDated(s) && i < NCAP && Dated(s, c)
    ensures AllDated(s.(caps := s.caps[i as int := c]))
  {
    var t := s.(caps := s.caps[i as int := c]);
    forall j: int {:trigger Dated(t, t.caps[j])} | 0 <= j < NCAP as int ensures Dated(t, t.caps[j]) { assert Dated(s, s.caps[j]); }
  }
  lemma Mint(s: Structure, i: u32, kind: u32, obj: u32, rights: u32)
    requires Aged(s) && Tables(s) && i < NCAP && s.caps[i].gen < GENMAX && ObjectGen(s, kind, obj) < Limits.NOGEN
    requires C.ObjectInRange(EmptyCap.(kind := kind, obj := obj))
    ensures Aged(s.(caps := C.Mint(s.caps, i, kind, obj, ObjectGen(s, kind, obj), rights)))
  {
    reveal Aged();
    T.Minting_ages_the_table(s.caps, i, kind, obj, ObjectGen(s, kind, obj), rights);
    var c := Cap(s.caps[i].gen + 1, kind, obj, ObjectGen(s, kind, obj), rights, 0, 0, 0);
    Bounded(s.caps, i, c);
    OneCap(s, i, c);
  }
  lemma Derive(s: Structure, i: u32, src: u32, asked: u32)
    requires Aged(s) && Tables(s) && i < NCAP && src < NCAP && i != src && s.caps[i].gen < GENMAX && s.caps[src].depth < MAXDEPTH
    ensures Aged(s.(caps := C.Derive(s.caps, i, src, asked)))
  {
    OneDated(s, src);
    reveal Aged();
    T.Delegation_ages_the_table(s.caps, i, src, asked);
    var c := s.caps[src];
    var parent := c.(rights := C.ParentRights(c.rights));
    var child := Cap(s.caps[i].gen + 1, c.kind, c.obj, c.ogen, C.ChildRights(c.rights, asked), c.depth + 1, src, c.gen);
    Bounded(s.caps, src, parent);
    OneCap(s, src, parent);
    var r := s.(caps := s.caps[src as int := parent]);
    Bounded(r.caps, i, child);
    OneCap(r, i, child);
  }
  lemma Revoke(s: Structure, i: u32)
    requires Aged(s) && Tables(s) && i < NCAP && s.caps[i].gen < GENMAX
    ensures Aged(s.(caps := C.Revoke(s.caps, i)))
  {
    OneDated(s, i);
    reveal Aged();
    T.Revocation_ages_the_table(s.caps, i);
    Bounded(s.caps, i, s.caps[i].(gen := s.caps[i].gen + 1));
    OneCap(s, i, s.caps[i].(gen := s.caps[i].gen + 1));
  }
  lemma Drop(s: Structure, i: u32)
    requires Aged(s) && Tables(s) && i < NCAP
    ensures Aged(s.(caps := C.Drop(s.caps, i)))
  {
    reveal Aged();
    T.Dropping_ages_the_table(s.caps, i);
    Bounded(s.caps, i, C.Drop(s.caps, i)[i]);
    OneCap(s, i, C.Drop(s.caps, i)[i]);
  }
  ghost predicate Older(r: Region, n: Region) { n == r || (r.owner == 0 && n.gen == r.gen) || n == M.Freed(r) }
  /** Objects only get older. */
  lemma Objects(s: Structure, t: Structure)
    requires Aged(s) && Tables(s) && Tables(t) && t.caps == s.caps
    requires forall r: u32 {:trigger t.memory.regions[r]} :: r < NREGION ==> Older(s.memory.regions[r], t.memory.regions[r])
    requires forall q: u32 {:trigger t.parts[q]} :: q < NPART ==> s.parts[q].gen <= t.parts[q].gen
    requires forall e: u32 {:trigger t.edges[e]} :: e < NEDGE ==> s.edges[e].gen <= t.edges[e].gen
    ensures Aged(t)
  {
    reveal Aged();
    forall j: int {:trigger Dated(t, t.caps[j])} | 0 <= j < NCAP as int ensures Dated(t, t.caps[j]) { assert Dated(s, s.caps[j]); }
  }
  lemma End(s: Structure, p: u32)
    requires Aged(s) && Tables(s) && 0 < p < NPART
    ensures Aged(A.End(s, p))
  {
    Linked(s);
    T.Ending_a_partition_ages_the_table(s.caps, p, 0);
    var d := s.(caps := C.DropAll(s.caps, p));
    assert Aged(d) by {
      reveal Aged();
      forall j: int {:trigger Dated(d, d.caps[j])} | 0 <= j < NCAP as int ensures Dated(d, d.caps[j]) { assert Dated(s, s.caps[j]); L.Emptied(s.caps, p, 0, j as u32); }
      forall j: int {:trigger C.SlotOk(d.caps[j])} | 0 <= j < NCAP as int ensures C.SlotOk(d.caps[j]) { assert C.SlotOk(s.caps[j]); L.Emptied(s.caps, p, 0, j as u32); }
    }
    var t := A.End(s, p);
    forall r: u32 | r < NREGION ensures Older(d.memory.regions[r], t.memory.regions[r]) { Freed(s.memory.regions, p, 0, r); }
    forall e: u32 | e < NEDGE ensures t.edges[e].gen == d.edges[e].gen { Destroyed(s.edges, p, 0, e); }
    Objects(d, t);
  }
  lemma OneAction(s: Structure, a: Action)
    requires Aged(s) && Tables(s) && Sound(s, a)
    ensures Aged(Apply(s, a))
  {
    hide C.Mint;
    hide C.Derive;
    hide C.Revoke;
    hide C.Drop;
    hide C.DropFrom;
    hide M.MapRange;
    hide M.ReleaseFrom;
    hide A.End;
    if Applicable(s, a) {
      match a
      case CapGrant(_, to, slot, kind, obj, rights) => Mint(s, to * CSLOTS + slot, kind, obj, rights);
      case CapDelegate(who, to, slot, src, rights) => Derive(s, to * CSLOTS + slot, who * CSLOTS + src, rights);
      case CapRevoke(who, slot, _) => Revoke(s, who * CSLOTS + slot);
      case CapDrop(who, slot) => Drop(s, who * CSLOTS + slot);
      case PartitionEnd(_, p, _) => End(s, p);
      case _ => Objects(s, Apply(s, a));
    }
  }
}
