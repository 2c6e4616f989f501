include "ConfidentialityLinks.dfy"

/** What a change of the capability table or of an object does to what a slot shows. */
module {:compile false} ConfidentialityHeld {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Observation
  import opened ConfidentialityLinks
  import T = CapabilityTheorems
  import C = Capabilities
  import M = Memory
  import E = Edges
  import Kinds

  // ---- capabilities are not older than their objects ------------------------------------------------------------------------------

  /** A capability carries a generation that its object has had; one for a region that nobody owns carries an earlier one. */
  ghost predicate Dated(s: Structure, c: Cap)
    requires Tables(s)
  {
    c.kind != Kinds.None ==>
      && c.ogen < Limits.NOGEN
      && (c.kind == Kinds.Region && c.obj < NREGION ==> c.ogen <= s.memory.regions[c.obj].gen && (s.memory.regions[c.obj].owner == 0 ==> c.ogen < s.memory.regions[c.obj].gen))
      && (c.kind == Kinds.Partition && c.obj < NPART ==> c.ogen <= s.parts[c.obj].gen)
      && (c.kind == Kinds.CommEdge && c.obj < NEDGE ==> c.ogen <= s.edges[c.obj].gen)
  }
  ghost predicate AllDated(s: Structure) requires Tables(s) { forall i: int {:trigger Dated(s, s.caps[i])} :: 0 <= i < NCAP as int ==> Dated(s, s.caps[i]) }
  /** No link and no capability is from the future. */
  opaque ghost predicate Aged(s: Structure) { Tables(s) && T.LinksOk(s.caps) && C.Bounded(s.caps) && AllDated(s) }
  lemma OneDated(s: Structure, i: u32)
    requires Aged(s) && Tables(s) && i < NCAP
    ensures Dated(s, s.caps[i]) && C.SlotOk(s.caps[i])
  {
    reveal Aged();
    assert Dated(s, s.caps[i as int]) && C.SlotOk(s.caps[i as int]);
  }
  lemma Linked(s: Structure)
    requires Aged(s) && Tables(s)
    ensures T.LinksOk(s.caps) && C.Bounded(s.caps)
  {
    reveal Aged();
  }

  // ---- what a slot shows after a change ---------------------------------------------------------------------------------------------

  ghost function Dead(h: Held): Held { h.(live := false, path := [], present := false, ends := (0, 0)) }
  ghost function Gone(h: Held): Held { h.(present := false, ends := (0, 0)) }
  ghost function Cut(h: Held, i: u32): Held { if h.live && i in h.path then Dead(h) else h }
  ghost function CutAll(h: Held, r: u32): Held { if h.live && Crosses(h.path, r, 0) then Dead(h) else h }

  lemma Bump(s: Structure, u: seq<Cap>, i: u32, j: u32)
    requires Aged(s) && Tables(s) && C.Table(u) && i < NCAP && j < NCAP && i != j && u == s.caps[i as int := u[i]] && s.caps[i].gen < u[i].gen
    ensures HeldIn(s.(caps := u), j) == Cut(HeldIn(s, j), i)
  {
    Linked(s);
    Bumped(s.caps, u, i, j, s.caps[j].gen, MAXDEPTH);
  }
  lemma Reweigh(s: Structure, u: seq<Cap>, i: u32, j: u32)
    requires Tables(s) && C.Table(u) && i < NCAP && j < NCAP && u == s.caps[i as int := s.caps[i].(rights := u[i].rights)]
    ensures HeldIn(s.(caps := u), j) == if i == j then HeldIn(s, j).(rights := u[i].rights) else HeldIn(s, j)
  {
    Reweighted(s.caps, u, i, j, s.caps[j].gen, MAXDEPTH);
  }
  /** A capability of the highest kind: minted. */
  ghost function Minted(s: Structure, gen: u32, kind: u32, obj: u32, rights: u32): Held
    requires Tables(s)
  {
    var on := kind != Kinds.None;
    Held(gen, kind, obj, rights, 0, on, [], on, if on then Owners(s, EmptyCap.(kind := kind, obj := obj)) else (0, 0))
  }
  lemma Mint(s: Structure, i: u32, kind: u32, obj: u32, rights: u32, j: u32)
    requires Aged(s) && Tables(s) && i < NCAP && j < NCAP && s.caps[i].gen < GENMAX
    ensures var t := s.(caps := C.Mint(s.caps, i, kind, obj, ObjectGen(s, kind, obj), rights));
      HeldIn(t, j) == if j == i then Minted(s, s.caps[i].gen + 1, kind, obj, rights) else Cut(HeldIn(s, j), i)
  {
    var u := C.Mint(s.caps, i, kind, obj, ObjectGen(s, kind, obj), rights);
    if j != i { Bump(s, u, i, j); }
  }
  /** What the receiver of a granted capability sees. */
  ghost function Sprout(h: Held, gen: u32, asked: u32, src: u32): Held {
    if h.live && |h.path| < MAXDEPTH as int then h.(gen := gen, rights := C.ChildRights(h.rights, asked), depth := if h.depth < MAXDEPTH then h.depth + 1 else 0, path := [src] + h.path)
    else Held(gen, h.kind, h.obj, C.ChildRights(h.rights, asked), if h.depth < MAXDEPTH then h.depth + 1 else 0, false, [], false, (0, 0))
  }
  lemma Derive(s: Structure, i: u32, src: u32, asked: u32, j: u32)
    requires Aged(s) && Tables(s) && i < NCAP && src < NCAP && i != src && j < NCAP && s.caps[i].gen < GENMAX && s.caps[src].depth < MAXDEPTH
    requires s.caps[i].kind == Kinds.None && s.caps[src].kind != Kinds.None
    ensures var t, h := s.(caps := C.Derive(s.caps, i, src, asked)), HeldIn(s, j);
      HeldIn(t, j) == if j == i then Sprout(HeldIn(s, src), s.caps[i].gen + 1, asked, src) else if j == src then h.(rights := C.ParentRights(h.rights)) else h
  {
    var c := s.caps[src];
    var v := s.caps[src as int := c.(rights := C.ParentRights(c.rights))];
    var r := s.(caps := v);
    var u := C.Derive(s.caps, i, src, asked);
    assert u == v[i as int := u[i]];
    Linked(s);
    Reweigh(s, v, src, j);
    Reweigh(s, v, src, src);
    assert Aged(r) by { ReweighedAges(s, src, C.ParentRights(c.rights)); }
    if j != i {
      Bump(r, u, i, j);
      if C.Live(v, j, v[j].gen) && i in Path(v, j, MAXDEPTH) { Used(v, j, v[j].gen, MAXDEPTH, i); }
    } else {
      assert v[src].gen == c.gen && u[src] == v[src];
      Linked(r);
      Bumped(v, u, i, src, c.gen, MAXDEPTH - 1);
      Shorter(v, src, c.gen, MAXDEPTH - 1, MAXDEPTH);
      if C.LiveAt(v, src, c.gen, MAXDEPTH - 1) && i in Path(v, src, MAXDEPTH - 1) { Used(v, src, c.gen, MAXDEPTH - 1, i); }
      assert C.Live(u, i, u[i].gen) == C.LiveAt(u, src, c.gen, MAXDEPTH - 1);
      assert Path(u, i, MAXDEPTH) == [src] + Path(u, src, MAXDEPTH - 1);
    }
  }
  lemma ReweighedAges(s: Structure, i: u32, rights: u32)
    requires Aged(s) && Tables(s) && i < NCAP
    ensures Aged(s.(caps := s.caps[i as int := s.caps[i].(rights := rights)]))
  {
    var r := s.(caps := s.caps[i as int := s.caps[i].(rights := rights)]);
    reveal Aged();
    forall j: int {:trigger Dated(r, r.caps[j])} | 0 <= j < NCAP as int ensures Dated(r, r.caps[j]) { assert Dated(s, s.caps[j]); }
    forall j: int {:trigger C.SlotOk(r.caps[j])} | 0 <= j < NCAP as int ensures C.SlotOk(r.caps[j]) { assert C.SlotOk(s.caps[j]); }
    forall j: int {:trigger T.LinkOk(r.caps, j)} | 0 <= j < NCAP as int ensures T.LinkOk(r.caps, j) { assert T.LinkOk(s.caps, j); }
  }
  lemma Revoke(s: Structure, i: u32, j: u32)
    requires Aged(s) && Tables(s) && i < NCAP && j < NCAP && s.caps[i].gen < GENMAX && C.Live(s.caps, i, s.caps[i].gen)
    ensures var t, h := s.(caps := C.Revoke(s.caps, i)), HeldIn(s, j);
      HeldIn(t, j) == if j == i then h.(gen := s.caps[i].gen + 1) else Cut(h, i)
  {
    var u := C.Revoke(s.caps, i);
    if j != i { Bump(s, u, i, j); }
    else {
      Linked(s);
      assert T.LinkOk(s.caps, i as int);
      var c := s.caps[i];
      if c.depth != 0 {
        Bumped(s.caps, u, i, c.parent, c.pgen, MAXDEPTH - 1);
        Bumped(s.caps, u, i, i, c.gen, MAXDEPTH);
        NoLoop(s.caps, i, c.gen, MAXDEPTH);
      }
    }
  }
  /** A live entry is not on its own path. */
  lemma NoLoop(t: seq<Cap>, i: u32, g: u32, links: u32)
    requires C.Table(t) && i < NCAP && C.LiveAt(t, i, g, links)
    ensures i !in Path(t, i, links)
  {
    if i in Path(t, i, links) { Loops(t, i, g, i, links, links); }
  }
  /** If j's path comes to i, then i is live with fewer links. */
  lemma Loops(t: seq<Cap>, j: u32, g: u32, i: u32, links: u32, all: u32)
    requires C.Table(t) && i < NCAP && j < NCAP && C.LiveAt(t, j, g, links) && i in Path(t, j, links) && links <= all
    requires C.LiveAt(t, i, t[i].gen, all) && i in Path(t, i, all)
    ensures false
    decreases all, links
  {
    var p := t[j].parent;
    if p == i {
      assert C.LiveAt(t, i, t[j].pgen, links - 1);
      Shorter(t, i, t[i].gen, links - 1, all);
      Loops(t, i, t[i].gen, i, links - 1, links - 1);
    } else {
      Loops(t, p, t[j].pgen, i, links - 1, all);
    }
  }
  lemma Drop(s: Structure, i: u32, j: u32)
    requires Aged(s) && Tables(s) && i < NCAP && j < NCAP && s.caps[i].kind != Kinds.None
    ensures var t, h := s.(caps := C.Drop(s.caps, i)), HeldIn(s, j);
      && s.caps[i].gen <= GENMAX
      && HeldIn(t, j) == if j == i then Held(s.caps[i].gen + 1, 0, 0, 0, 0, false, [], false, (0, 0)) else Cut(h, i)
  {
    OneDated(s, i);
    if j != i { Bump(s, C.Drop(s.caps, i), i, j); }
  }
}
