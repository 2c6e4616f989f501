include "IntegrityView.dfy"

/** What a partition sees of its capabilities and objects stays the same while others' come and go, if it is not tied to what goes. */
module {:compile false} IntegrityHeld {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Observation
  import opened IntegrityView
  import opened CapabilityTheorems
  import C = Capabilities
  import V = Valid
  import Kinds

  // ---- derivation paths -----------------------------------------------------------------------------------------------------------

  /** The same but for the rights. */
  ghost predicate Like(c: Cap, d: Cap) { d == c.(rights := d.rights) }
  ghost predicate OnPath(t: seq<Cap>, j: u32, links: u32, x: u32) requires C.Table(t) && j < NCAP { x in Path(t, j, links) }
  lemma Onwards(t: seq<Cap>, j: u32, links: u32, x: u32)
    requires C.Table(t) && j < NCAP && t[j].depth != 0 && links > 0 && t[j].parent < NCAP
    ensures OnPath(t, j, links, x) <==> x == t[j].parent || OnPath(t, t[j].parent, links - 1, x)
  {}
  /** The path of a live capability goes through used slots. */
  lemma LivePath(t: seq<Cap>, j: u32, g: u32, links: u32, x: u32)
    requires C.Table(t) && j < NCAP && C.LiveAt(t, j, g, links) && OnPath(t, j, links, x)
    ensures x < NCAP && t[x].kind != Kinds.None
    decreases links
  {
    if t[j].depth != 0 && x != t[j].parent {
      Onwards(t, j, links, x);
      LivePath(t, t[j].parent, t[j].pgen, links - 1, x);
    }
  }
  lemma PathStays(t: seq<Cap>, u: seq<Cap>, j: u32, g: u32, links: u32)
    requires C.Table(t) && C.Table(u) && j < NCAP && C.LiveAt(t, j, g, links) && Like(t[j], u[j])
    requires forall x: u32 {:trigger OnPath(t, j, links, x)} :: x < NCAP && OnPath(t, j, links, x) ==> Like(t[x], u[x])
    ensures C.LiveAt(u, j, g, links) && Path(u, j, links) == Path(t, j, links)
    decreases links
  {
    if t[j].depth != 0 {
      var i := t[j].parent;
      Onwards(t, j, links, i);
      forall x: u32 | x < NCAP && OnPath(t, i, links - 1, x) ensures Like(t[x], u[x]) { Onwards(t, j, links, x); }
      PathStays(t, u, i, t[j].pgen, links - 1);
    }
  }

  // ---- what may come and go -------------------------------------------------------------------------------------------------------

  /** Every used slot but partition r's is as it was, rights aside, and generations only grow. */
  ghost predicate CapsFollow(t: seq<Cap>, u: seq<Cap>, r: u32) {
    Older(t, u) && forall x: u32 {:trigger Spared(t, u, r, x)} :: x < NCAP ==> Spared(t, u, r, x)
  }
  ghost predicate Spared(t: seq<Cap>, u: seq<Cap>, r: u32, x: u32) requires C.Table(t) && C.Table(u) && x < NCAP {
    t[x].kind != Kinds.None && x / CSLOTS != r ==> Like(t[x], u[x])
  }
  ghost predicate OwnSlots(t: seq<Cap>, u: seq<Cap>, p: u32) requires C.Table(t) && C.Table(u) && p < NPART {
    forall n: u32 {:trigger OwnSlot(t, u, p, n)} :: n < CSLOTS ==> OwnSlot(t, u, p, n)
  }
  ghost predicate OwnSlot(t: seq<Cap>, u: seq<Cap>, p: u32, n: u32) requires C.Table(t) && C.Table(u) && p < NPART && n < CSLOTS {
    u[p * CSLOTS + n] == t[p * CSLOTS + n]
  }
  /** A partition stays what it is, a free slot takes a new generation. */
  ghost predicate PartGrows(a: Part, b: Part) {
    && a.gen <= b.gen && (a.life != Kinds.Free ==> b.life != Kinds.Free && b.gen == a.gen)
    && (a.life == Kinds.Free && b.life != Kinds.Free ==> a.gen < b.gen)
  }
  ghost predicate RegionGrows(a: Region, b: Region, p: u32) { if a.owner != 0 then b == a else b.gen == a.gen && b.owner != p }
  ghost predicate EdgeGrows(a: Edge, b: Edge, p: u32) {
    if a.cap != 0 then b == a else a.gen <= b.gen && (b.cap != 0 ==> a.gen < b.gen && b.src != p && b.dst != p)
  }
  ghost predicate PartsFollow(a: seq<Part>, b: seq<Part>, r: u32) requires |a| == |b| == NPART as int {
    forall x: u32 {:trigger b[x]} :: x < NPART ==> PartGrows(a[x], b[x]) || (x == r && b[x].life == Kinds.Free)
  }
  ghost predicate RegionsFollow(a: seq<Region>, b: seq<Region>, p: u32, r: u32) requires |a| == |b| == NREGION as int {
    forall x: u32 {:trigger b[x]} :: x < NREGION ==> RegionGrows(a[x], b[x], p) || (a[x].owner == r && b[x].owner == 0)
  }
  ghost predicate EdgesFollow(a: seq<Edge>, b: seq<Edge>, p: u32, r: u32, e: u32) requires |a| == |b| == NEDGE as int {
    forall x: u32 {:trigger b[x]} :: x < NEDGE ==> EdgeGrows(a[x], b[x], p) || ((x == e || IsEnd(a[x], r)) && b[x].cap == 0)
  }
  /** What follows s is new, or what it was, or it was partition r's or edge e; nothing of p's own is touched. */
  ghost predicate Follows(s: Structure, t: Structure, p: u32, r: u32, e: u32) requires p < NPART {
    && Tables(s) && Tables(t) && t.parts[p] == s.parts[p] && t.maps[p] == s.maps[p] && t.nonces[p] == s.nonces[p] && t.leases[p] == s.leases[p]
    && CapsFollow(s.caps, t.caps, r) && OwnSlots(s.caps, t.caps, p)
    && PartsFollow(s.parts, t.parts, r) && RegionsFollow(s.memory.regions, t.memory.regions, p, r) && EdgesFollow(s.edges, t.edges, p, r, e)
  }

  // ---- objects --------------------------------------------------------------------------------------------------------------------

  /** A capability's generation is one that its object has had, and not the coming one. */
  ghost predicate CapFresh(s: Structure, c: Cap) requires Tables(s) {
    c.kind != Kinds.None ==>
      && c.ogen != A.NOGEN
      && (c.kind == Kinds.Partition && c.obj < NPART ==> c.ogen <= s.parts[c.obj].gen)
      && (c.kind == Kinds.CommEdge && c.obj < NEDGE ==> c.ogen <= s.edges[c.obj].gen)
      && (c.kind == Kinds.Region && c.obj < NREGION ==>
            c.ogen <= s.memory.regions[c.obj].gen && (s.memory.regions[c.obj].owner == 0 ==> c.ogen < s.memory.regions[c.obj].gen))
  }
  /** Links and generations of capabilities are in order. */
  ghost predicate Sane(s: Structure) requires Tables(s) {
    LinksOk(s.caps) && forall i: u32 {:trigger CapFresh(s, s.caps[i])} :: i < NCAP ==> CapFresh(s, s.caps[i])
  }
  ghost predicate SameObject(s: Structure, t: Structure, c: Cap) requires Tables(s) && Tables(t) {
    Present(s, c) == Present(t, c) && (Present(s, c) ==> Owners(s, c) == Owners(t, c))
  }
  /** The object is r's or the edge e. */
  ghost predicate Goes(s: Structure, c: Cap, r: u32, e: u32) requires Tables(s) {
    || (c.kind == Kinds.Partition && c.obj == r) || Owners(s, c).0 == r || Owners(s, c).1 == r || (c.kind == Kinds.CommEdge && c.obj == e)
  }
  lemma ObjectStays(s: Structure, t: Structure, p: u32, r: u32, e: u32, c: Cap)
    requires Tables(s) && Tables(t) && 0 < r && CapFresh(s, c) && c.kind != Kinds.None
    requires PartsFollow(s.parts, t.parts, r) && RegionsFollow(s.memory.regions, t.memory.regions, p, r) && EdgesFollow(s.edges, t.edges, p, r, e)
    requires Present(s, c) ==> !Goes(s, c, r, e)
    ensures SameObject(s, t, c)
  {
    if c.kind == Kinds.Partition && c.obj < NPART {
      var a, b := s.parts[c.obj], t.parts[c.obj];
    } else if c.kind == Kinds.Region && c.obj < NREGION {
      var a, b := s.memory.regions[c.obj], t.memory.regions[c.obj];
    } else if c.kind == Kinds.CommEdge && c.obj < NEDGE {
      var a, b := s.edges[c.obj], t.edges[c.obj];
    }
  }

  // ---- what p holds ---------------------------------------------------------------------------------------------------------------

  /** p's capability in slot n did not come through r's slots, nor is it for r, an object of r's or edge e. */
  ghost predicate Untied(s: Structure, p: u32, n: u32, r: u32, e: u32) requires Tables(s) && p < NPART && n < CSLOTS {
    var i := p * CSLOTS + n;
    C.Live(s.caps, i, s.caps[i].gen) ==>
      && (forall x: u32 {:trigger OnPath(s.caps, i, MAXDEPTH, x)} :: OnPath(s.caps, i, MAXDEPTH, x) ==> x / CSLOTS != r)
      && (Present(s, s.caps[i]) ==> !Goes(s, s.caps[i], r, e))
  }
  lemma LiveStays(t: seq<Cap>, u: seq<Cap>, i: u32, r: u32)
    requires CapsFollow(t, u, r) && LinksOk(t) && i < NCAP && u[i] == t[i]
    requires C.Live(t, i, t[i].gen) ==> forall x: u32 {:trigger OnPath(t, i, MAXDEPTH, x)} :: OnPath(t, i, MAXDEPTH, x) ==> x / CSLOTS != r
    ensures C.Live(u, i, t[i].gen) == C.Live(t, i, t[i].gen)
    ensures C.Live(t, i, t[i].gen) ==> Path(u, i, MAXDEPTH) == Path(t, i, MAXDEPTH)
  {
    var g := t[i].gen;
    if C.Live(t, i, g) {
      forall x: u32 | x < NCAP && OnPath(t, i, MAXDEPTH, x) ensures Like(t[x], u[x]) {
        LivePath(t, i, g, MAXDEPTH, x);
        assert Spared(t, u, r, x);
      }
      PathStays(t, u, i, g, MAXDEPTH);
    } else {
      Dead_capability_never_lives_again(t, u, i, g);
    }
  }
  lemma SlotStays(s: Structure, t: Structure, p: u32, r: u32, e: u32, n: u32)
    requires p < NPART && 0 < r && Follows(s, t, p, r, e) && Sane(s) && n < CSLOTS && Untied(s, p, n, r, e)
    ensures SameSlot(s, t, p, n)
  {
    var i := p * CSLOTS + n;
    hide C.LiveAt;
    hide Path;
    hide Older;
    hide LinksOk;
    hide Goes;
    assert OwnSlot(s.caps, t.caps, p, n);
    LiveStays(s.caps, t.caps, i, r) by { reveal Older; }
    assert CapFresh(s, s.caps[i]);
    if C.Live(s.caps, i, s.caps[i].gen) {
      assert s.caps[i].kind != Kinds.None by { reveal C.LiveAt; }
      ObjectStays(s, t, p, r, e, s.caps[i]);
    }
    hide CapsFollow;
    hide PartsFollow;
    hide RegionsFollow;
    hide EdgesFollow;
    hide Owners;
    hide Present;
  }
  /** p sees no difference between s and what follows it, if it is not tied to what goes. */
  lemma Unseen(s: Structure, t: Structure, p: u32, r: u32, e: u32)
    requires 0 < p < NPART && 0 < r && r != p && Follows(s, t, p, r, e) && Sane(s)
    requires forall n: u32 {:trigger Untied(s, p, n, r, e)} :: n < CSLOTS ==> Untied(s, p, n, r, e)
    requires forall x: u32 {:trigger s.edges[x]} :: x < NEDGE && IsEnd(s.edges[x], p) ==> x != e && !IsEnd(s.edges[x], r)
    ensures SameStructure(s, t, p)
  {
    forall n: u32 | n < CSLOTS ensures SameSlot(s, t, p, n) {
      assert Untied(s, p, n, r, e);
      SlotStays(s, t, p, r, e, n);
    }
    hide SameSlot;
    hide Untied;
    hide CapsFollow;
    hide OwnSlots;
    hide PartsFollow;
    hide Sane;
  }
}
