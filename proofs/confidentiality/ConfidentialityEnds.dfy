include "ConfidentialityAged.dfy"

/** What partition p sees of the structure when an edge, another partition or p itself ends. */
module {:compile false} ConfidentialityEnds {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Observation
  import opened ConfidentialityHeld
  import opened ConfidentialityFace
  import L = ConfidentialityLinks
  import Aging = ConfidentialityAged
  import C = Capabilities
  import M = Memory
  import E = Edges
  import Kinds

  // ---- an edge ----------------------------------------------------------------------------------------------------------------------

  ghost function EdgeLost(h: Held, e: u32): Held { if h.present && h.kind == Kinds.CommEdge && h.obj == e then Gone(h) else h }
  lemma EdgeLoses(s: Structure, e: u32, j: u32)
    requires Aged(s) && Tables(s) && e < NEDGE && j < NCAP
    ensures HeldIn(s.(edges := E.Destroy(s.edges, e)), j) == EdgeLost(HeldIn(s, j), e)
  {
    if s.caps[j].kind != Kinds.None { OneDated(s, j); }
  }
  lemma EdgeDestroyed(s: Structure, t: Structure, e: u32, p: u32)
    requires SameSt(s, t, p) && Aged(s) && Aged(t) && e < NEDGE
    ensures SameSt(s.(edges := E.Destroy(s.edges, e)), t.(edges := E.Destroy(t.edges, e)), p)
  {
    var u, v := s.(edges := E.Destroy(s.edges, e)), t.(edges := E.Destroy(t.edges, e));
    assert SameHeld(u, v, p) by {
      forall x: u32 {:trigger SameSlot(u, v, p, x)} | x < CSLOTS ensures SameSlot(u, v, p, x) {
        OneSlot(s, t, p, x);
        EdgeLoses(s, e, Entry(p, x));
        EdgeLoses(t, e, Entry(p, x));
      }
      reveal SameHeld();
    }
  }

  // ---- another partition --------------------------------------------------------------------------------------------------------------

  /** What a slot that is not r's shows when r has ended. */
  ghost function Bereft(h: Held, r: u32): Held {
    if h.live && L.Crosses(h.path, r, 0) then Dead(h)
    else if h.present && ((h.kind == Kinds.Partition && h.obj == r)
      || ((h.kind == Kinds.Region || h.kind == Kinds.CommEdge) && (h.ends.0 == r || h.ends.1 == r))) then Gone(h)
    else h
  }
  lemma Bereaves(s: Structure, r: u32, j: u32)
    requires Aged(s) && Tables(s) && 0 < r < NPART && j < NCAP && j / CSLOTS != r
    ensures HeldIn(A.End(s, r), j) == Bereft(HeldIn(s, j), r)
  {
    Linked(s);
    var t := A.End(s, r);
    L.Emptied(s.caps, r, 0, j);
    L.Dropped(s.caps, r, 0, j, s.caps[j].gen, MAXDEPTH);
    var c := s.caps[j];
    assert t.caps[j] == c;
    if C.Live(s.caps, j, c.gen) && !L.Crosses(Path(s.caps, j, MAXDEPTH), r, 0) {
      OneDated(s, j);
      if c.kind == Kinds.Region { Aging.Freed(s.memory.regions, r, 0, c.obj); }
      if c.kind == Kinds.CommEdge { Aging.Destroyed(s.edges, r, 0, c.obj); }
    }
  }
  lemma RegionsKept(s: Structure, r: u32, p: u32)
    requires Tables(s) && 0 < r < NPART && 0 < p < NPART && p != r
    ensures SameRegions(s.memory, M.Release(s.memory, r), p)
  {
    reveal SameRegions();
    forall x: u32 | x < NREGION ensures SameRegion(s.memory.regions[x], M.Release(s.memory, r).regions[x], p) { Aging.Freed(s.memory.regions, r, 0, x); }
  }
  lemma SameRegionsAround(m: State.Memory, m': State.Memory, n: State.Memory, n': State.Memory, p: u32)
    requires M.Table(m) && M.Table(n) && M.Table(m') && M.Table(n') && SameRegions(m, n, p) && SameRegions(m, m', p) && SameRegions(n, n', p)
    ensures SameRegions(m', n', p)
  {
    reveal SameRegions();
    forall x: u32 | x < NREGION ensures SameRegion(m'.regions[x], n'.regions[x], p) {
      assert SameRegion(m.regions[x], n.regions[x], p) && SameRegion(m.regions[x], m'.regions[x], p) && SameRegion(n.regions[x], n'.regions[x], p);
    }
  }
  lemma OtherEnded(s: Structure, t: Structure, r: u32, p: u32)
    requires SameSt(s, t, p) && Aged(s) && Aged(t) && 0 < r < NPART && 0 < p && p != r
    ensures SameSt(A.End(s, r), A.End(t, r), p)
  {
    var u, v := A.End(s, r), A.End(t, r);
    RegionsKept(s, r, p);
    RegionsKept(t, r, p);
    SameRegionsAround(s.memory, u.memory, t.memory, v.memory, p);
    assert SameHeld(u, v, p) by {
      forall x: u32 {:trigger SameSlot(u, v, p, x)} | x < CSLOTS ensures SameSlot(u, v, p, x) {
        OneSlot(s, t, p, x);
        Bereaves(s, r, Entry(p, x));
        Bereaves(t, r, Entry(p, x));
      }
      reveal SameHeld();
    }
  }

  // ---- p itself -----------------------------------------------------------------------------------------------------------------------

  lemma SelfEnded(s: Structure, t: Structure, p: u32)
    requires SameSt(s, t, p) && Aged(s) && Aged(t) && 0 < p
    ensures SameSt(A.End(s, p), A.End(t, p), p)
  {
    var u, v := A.End(s, p), A.End(t, p);
    assert SameHeld(u, v, p) by {
      forall x: u32 {:trigger SameSlot(u, v, p, x)} | x < CSLOTS ensures SameSlot(u, v, p, x) {
        OneSlot(s, t, p, x);
        Linked(s);
        Linked(t);
        L.Emptied(s.caps, p, 0, Entry(p, x));
        L.Emptied(t.caps, p, 0, Entry(p, x));
      }
      reveal SameHeld();
    }
    assert SameRegions(u.memory, v.memory, p) by {
      reveal SameRegions();
      forall x: u32 | x < NREGION ensures SameRegion(u.memory.regions[x], v.memory.regions[x], p) {
        Aging.Freed(s.memory.regions, p, 0, x);
        Aging.Freed(t.memory.regions, p, 0, x);
      }
    }
  }
}
