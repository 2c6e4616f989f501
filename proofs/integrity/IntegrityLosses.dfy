include "IntegrityDeeds.dfy"

/** What is taken away is nothing to those who are not tied to it. */
module {:compile false} IntegrityLosses {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Observation
  import opened IntegrityView
  import opened IntegrityHeld
  import opened IntegrityDeeds
  import opened CapabilityTheorems
  import C = Capabilities
  import M = Memory
  import E = Edges
  import Kinds

  // ---- one capability, one edge ---------------------------------------------------------------------------------------------------

  /** Nothing but capabilities of q's has changed. */
  lemma OnlyCaps(s: Structure, u: seq<Cap>, p: u32, q: u32)
    requires Tables(s) && C.Table(u) && 0 < p < NPART && CapsFollow(s.caps, u, q) && OwnSlots(s.caps, u, p)
    ensures Follows(s, s.(caps := u), p, q, NEDGE)
  {
    hide CapsFollow;
    hide OwnSlots;
  }
  lemma OneOf(t: seq<Cap>, i: u32, c: Cap, p: u32, q: u32)
    requires C.Table(t) && i < NCAP && p < NPART && i / CSLOTS == q && q != p && Older(t, t[i as int := c])
    ensures CapsFollow(t, t[i as int := c], q) && OwnSlots(t, t[i as int := c], p)
  {
    var u := t[i as int := c];
    hide Older;
    forall x: u32 | x < NCAP ensures Spared(t, u, q, x) {}
    forall n: u32 | n < CSLOTS ensures OwnSlot(t, u, p, n) { assert p * CSLOTS + n != i; }
  }
  lemma Revoked(s: Structure, q: u32, slot: u32, gen: u32, p: u32)
    requires Tables(s) && LinksOk(s.caps) && 0 < p < NPART && q < NPART && q != p && slot < CSLOTS && s.caps[q * CSLOTS + slot].gen < GENMAX
    ensures Follows(s, A.Apply(s, CapRevoke(q, slot, gen)), p, q, NEDGE)
  {
    var i := q * CSLOTS + slot;
    Revocation_ages_the_table(s.caps, i);
    hide Older;
    hide LinksOk;
    OneOf(s.caps, i, s.caps[i].(gen := s.caps[i].gen + 1), p, q);
    hide CapsFollow;
    hide OwnSlots;
    hide Follows;
    OnlyCaps(s, C.Revoke(s.caps, i), p, q);
  }
  lemma Dropped(s: Structure, q: u32, slot: u32, p: u32)
    requires Tables(s) && LinksOk(s.caps) && 0 < p < NPART && q < NPART && q != p && slot < CSLOTS
    ensures Follows(s, A.Apply(s, CapDrop(q, slot)), p, q, NEDGE)
  {
    var i := q * CSLOTS + slot;
    Dropping_ages_the_table(s.caps, i);
    hide Older;
    hide LinksOk;
    OneOf(s.caps, i, C.Drop(s.caps, i)[i], p, q);
    hide CapsFollow;
    hide OwnSlots;
    hide Follows;
    OnlyCaps(s, C.Drop(s.caps, i), p, q);
  }
  lemma SameCaps(t: seq<Cap>, p: u32, q: u32)
    requires C.Table(t) && p < NPART
    ensures CapsFollow(t, t, q) && OwnSlots(t, t, p)
  {
    OlderItself(t);
  }
  lemma Destroyed(s: Structure, who: u32, e: u32, p: u32, q: u32)
    requires Tables(s) && 0 < p < NPART && e < NEDGE
    ensures Follows(s, A.Apply(s, EdgeDestroy(who, e)), p, q, e)
  {
    SameCaps(s.caps, p, q);
    hide CapsFollow;
    hide OwnSlots;
  }

  // ---- a whole partition ----------------------------------------------------------------------------------------------------------

  lemma DropsOwn(t: seq<Cap>, r: u32, n: u32, x: u32)
    requires C.Table(t) && r < NPART && n <= CSLOTS && x < NCAP && x / CSLOTS != r
    ensures C.DropFrom(t, r, n)[x] == t[x]
    decreases CSLOTS - n
  {
    if n < CSLOTS {
      var i := r * CSLOTS + n;
      assert i / CSLOTS == r;
      DropsOwn(if t[i].kind == Kinds.None then t else C.Drop(t, i), r, n + 1, x);
    }
  }
  lemma AllDropped(t: seq<Cap>, r: u32, p: u32)
    requires LinksOk(t) && r < NPART && p < NPART && p != r
    ensures CapsFollow(t, C.DropAll(t, r), r) && OwnSlots(t, C.DropAll(t, r), p)
  {
    var u := C.DropAll(t, r);
    Ending_a_partition_ages_the_table(t, r, 0);
    hide Older;
    forall x: u32 | x < NCAP ensures Spared(t, u, r, x) { if x / CSLOTS != r { DropsOwn(t, r, 0, x); } }
    forall n: u32 | n < CSLOTS ensures OwnSlot(t, u, p, n) { DropsOwn(t, r, 0, p * CSLOTS + n); }
  }
  lemma Released(rs: seq<Region>, r: u32, i: u32, x: u32)
    requires |rs| == NREGION as int && i <= NREGION && x < NREGION && 0 < r
    ensures var b := M.ReleaseFrom(rs, r, i)[x]; if x < i || rs[x].owner != r then b == rs[x] else b.owner == 0
    decreases NREGION - i
  {
    if i < NREGION { Released(if rs[i].owner == r then rs[i as int := M.Freed(rs[i])] else rs, r, i + 1, x); }
  }
  lemma EdgesGone(es: seq<Edge>, r: u32, i: u32, x: u32)
    requires |es| == NEDGE as int && i <= NEDGE && x < NEDGE
    ensures var b := E.DestroyFrom(es, r, i)[x]; if x < i || !E.Touches(es[x], r) then b == es[x] else b.cap == 0
    decreases NEDGE - i
  {
    if i < NEDGE { EdgesGone(if E.Touches(es[i], r) then E.Destroy(es, i) else es, r, i + 1, x); }
  }
  lemma RegionsAfter(m: State.Memory, r: u32, p: u32)
    requires M.Table(m) && 0 < p && 0 < r && p != r
    ensures RegionsFollow(m.regions, M.Release(m, r).regions, p, r)
  {
    forall x: u32 | x < NREGION ensures var a, b := m.regions[x], M.Release(m, r).regions[x]; RegionGrows(a, b, p) || (a.owner == r && b.owner == 0) {
      Released(m.regions, r, 0, x);
    }
  }
  lemma EdgesAfter(es: seq<Edge>, r: u32, p: u32)
    requires |es| == NEDGE as int
    ensures EdgesFollow(es, E.DestroyAll(es, r), p, r, NEDGE)
  {
    forall x: u32 | x < NEDGE ensures var a, b := es[x], E.DestroyAll(es, r)[x]; EdgeGrows(a, b, p) || (IsEnd(a, r) && b.cap == 0) {
      EdgesGone(es, r, 0, x);
    }
  }
  lemma Ended(s: Structure, r: u32, p: u32)
    requires Tables(s) && LinksOk(s.caps) && 0 < p < NPART && 0 < r < NPART && r != p
    ensures Follows(s, A.End(s, r), p, r, NEDGE)
  {
    AllDropped(s.caps, r, p);
    RegionsAfter(s.memory, r, p);
    EdgesAfter(s.edges, r, p);
    hide LinksOk;
    hide CapsFollow;
    hide OwnSlots;
    hide RegionsFollow;
    hide EdgesFollow;
    hide C.DropFrom;
    hide M.ReleaseFrom;
    hide E.DestroyFrom;
  }
}
