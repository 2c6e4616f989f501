include "../../spec/Valid.dfy"

/** No capability is younger than its object: kept by whatever actions do to capabilities and to the generations of objects. */
module {:compile false} AgesKept {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import C = Capabilities
  import M = Memory
  import E = Edges
  import V = Valid
  import Kinds

  /** Slot i holds c now. */
  lemma Stored(s: Structure, i: u32, c: Cap)
    requires Tables(s) && V.Aged(s) && i < NCAP && V.Older(s, c)
    ensures V.Aged(s.(caps := s.caps[i as int := c]))
  {
    reveal V.Aged();
    var s' := s.(caps := s.caps[i as int := c]);
    forall j: int | 0 <= j < NCAP as int ensures V.Older(s', s'.caps[j]) { assert V.Older(s, s.caps[j]); }
    forall p: int | 0 <= p < NPART as int ensures s'.parts[p].gen <= GENMAX { assert s.parts[p].gen <= GENMAX; }
  }
  lemma One(s: Structure, i: u32)
    requires Tables(s) && V.Aged(s) && i < NCAP
    ensures V.Older(s, s.caps[i])
  {
    reveal V.Aged();
    assert V.Older(s, s.caps[i as int]);
  }
  lemma Bound(s: Structure, p: u32)
    requires Tables(s) && V.Aged(s) && p < NPART
    ensures s.parts[p].gen <= GENMAX
  {
    reveal V.Aged();
    assert s.parts[p as int].gen <= GENMAX;
  }
  /** The object exists, in a generation that a capability can carry. */
  ghost predicate Exists(s: Structure, kind: u32, obj: u32) requires Tables(s) { ObjectGen(s, kind, obj) <= GENMAX }
  lemma Minted(s: Structure, i: u32, kind: u32, obj: u32, rights: u32)
    requires Tables(s) && V.Aged(s) && i < NCAP && s.caps[i].gen < GENMAX && Exists(s, kind, obj)
    ensures V.Aged(s.(caps := C.Mint(s.caps, i, kind, obj, ObjectGen(s, kind, obj), rights)))
  {
    Stored(s, i, Cap(s.caps[i].gen + 1, kind, obj, ObjectGen(s, kind, obj), rights, 0, 0, 0));
  }
  lemma Derived(s: Structure, i: u32, src: u32, asked: u32)
    requires Tables(s) && V.Aged(s) && i < NCAP && src < NCAP && i != src && s.caps[i].gen < GENMAX && s.caps[src].depth < MAXDEPTH
    ensures V.Aged(s.(caps := C.Derive(s.caps, i, src, asked)))
  {
    One(s, src);
    var c := s.caps[src];
    var less := c.(rights := C.ParentRights(c.rights));
    Stored(s, src, less);
    var child := Cap(s.caps[i].gen + 1, c.kind, c.obj, c.ogen, C.ChildRights(c.rights, asked), c.depth + 1, src, c.gen);
    Stored(s.(caps := s.caps[src as int := less]), i, child);
    assert s.(caps := s.caps[src as int := less]).(caps := s.caps[src as int := less][i as int := child]) == s.(caps := C.Derive(s.caps, i, src, asked));
  }
  lemma Revoked(s: Structure, i: u32)
    requires Tables(s) && V.Aged(s) && i < NCAP && s.caps[i].gen < GENMAX
    ensures V.Aged(s.(caps := C.Revoke(s.caps, i)))
  {
    One(s, i);
    Stored(s, i, s.caps[i].(gen := s.caps[i].gen + 1));
  }
  lemma Dropped(s: Structure, i: u32)
    requires Tables(s) && V.Aged(s) && i < NCAP
    ensures V.Aged(s.(caps := C.Drop(s.caps, i)))
  {
    Stored(s, i, C.Drop(s.caps, i)[i]);
  }
  lemma DroppedFrom(s: Structure, p: u32, n: u32)
    requires Tables(s) && V.Aged(s) && p < NPART && n <= CSLOTS
    ensures V.Aged(s.(caps := C.DropFrom(s.caps, p, n)))
    decreases CSLOTS - n
  {
    hide C.Drop;
    if n == CSLOTS { assert s.(caps := s.caps) == s; }
    else {
      var i := p * CSLOTS + n;
      if s.caps[i].kind == Kinds.None {
        DroppedFrom(s, p, n + 1);
      } else {
        Dropped(s, i);
        assert |C.Drop(s.caps, i)| == |s.caps| by { reveal C.Drop; }
        DroppedFrom(s.(caps := C.Drop(s.caps, i)), p, n + 1);
      }
    }
  }
  /** Generations only grow, and those of partitions not too far. */
  ghost predicate Grown(s: Structure, t: Structure)
    requires Tables(s) && Tables(t)
  {
    && (forall r: u32 {:trigger t.memory.regions[r]} :: r < NREGION ==> s.memory.regions[r].gen <= t.memory.regions[r].gen)
    && (forall p: u32 {:trigger t.parts[p]} :: p < NPART ==> s.parts[p].gen <= t.parts[p].gen <= GENMAX)
    && (forall e: u32 {:trigger t.edges[e]} :: e < NEDGE ==> s.edges[e].gen <= t.edges[e].gen)
  }
  lemma Older(s: Structure, t: Structure)
    requires Tables(s) && Tables(t) && V.Aged(s) && s.caps == t.caps && Grown(s, t)
    ensures V.Aged(t)
  {
    reveal V.Aged();
    forall i: int | 0 <= i < NCAP as int ensures V.Older(t, t.caps[i]) { assert V.Older(s, s.caps[i]); }
    forall p: int | 0 <= p < NPART as int ensures t.parts[p].gen <= GENMAX { assert t.parts[p as u32].gen <= GENMAX; }
  }
  /** One partition's slot changes. */
  lemma PartChanged(s: Structure, p: u32, x: Part)
    requires Tables(s) && V.Aged(s) && p < NPART && s.parts[p].gen <= x.gen <= GENMAX
    ensures V.Aged(s.(parts := s.parts[p as int := x]))
  {
    forall q: u32 | q < NPART ensures s.parts[q].gen <= GENMAX { Bound(s, q); }
    Older(s, s.(parts := s.parts[p as int := x]));
  }
  /** Maps do not matter. */
  lemma MapsChanged(s: Structure, maps: seq<Map>)
    requires Tables(s) && V.Aged(s) && |maps| == |s.maps|
    ensures V.Aged(s.(maps := maps))
  {
    forall q: u32 | q < NPART ensures s.parts[q].gen <= GENMAX { Bound(s, q); }
    Older(s, s.(maps := maps));
  }
  /** Neither does which policy is active and which nonces have been used. */
  lemma Aside(s: Structure, policy: u32, nonces: seq<u64>)
    requires Tables(s) && V.Aged(s) && |nonces| == |s.nonces|
    ensures V.Aged(s.(policy := policy, nonces := nonces))
  {
    forall q: u32 | q < NPART ensures s.parts[q].gen <= GENMAX { Bound(s, q); }
    Older(s, s.(policy := policy, nonces := nonces));
  }
  lemma RegionMade(s: Structure, r: u32, owner: u32, policy: u32, pages: u64, frame: u64)
    requires Tables(s) && V.Aged(s) && r < NREGION
    ensures V.Aged(s.(memory := M.Create(s.memory, r, owner, policy, pages, frame)))
  {
    forall q: u32 | q < NPART ensures s.parts[q].gen <= GENMAX { Bound(s, q); }
    Older(s, s.(memory := M.Create(s.memory, r, owner, policy, pages, frame)));
  }
  /** A region belongs to nobody any more, and leases change. */
  lemma Freed(s: Structure, r: u32, leases: seq<Lease>)
    requires Tables(s) && V.Aged(s) && r < NREGION && |leases| == |s.leases|
    ensures V.Aged(s.(memory := M.Free(s.memory, r), leases := leases))
  {
    forall q: u32 | q < NPART ensures s.parts[q].gen <= GENMAX { Bound(s, q); }
    Older(s, s.(memory := M.Free(s.memory, r), leases := leases));
  }
  lemma LeasesChanged(s: Structure, leases: seq<Lease>)
    requires Tables(s) && V.Aged(s) && |leases| == |s.leases|
    ensures V.Aged(s.(leases := leases))
  {
    forall q: u32 | q < NPART ensures s.parts[q].gen <= GENMAX { Bound(s, q); }
    Older(s, s.(leases := leases));
  }
  lemma EdgeChanged(s: Structure, e: u32, x: Edge)
    requires Tables(s) && V.Aged(s) && e < NEDGE && s.edges[e].gen <= x.gen
    ensures V.Aged(s.(edges := s.edges[e as int := x]))
  {
    forall q: u32 | q < NPART ensures s.parts[q].gen <= GENMAX { Bound(s, q); }
    Older(s, s.(edges := s.edges[e as int := x]));
  }
  lemma RegionsReleased(rs: seq<Region>, p: u32, i: u32)
    requires |rs| == NREGION as int && i <= NREGION
    ensures forall j: u32 {:trigger M.ReleaseFrom(rs, p, i)[j]} :: j < NREGION ==> rs[j].gen <= M.ReleaseFrom(rs, p, i)[j].gen
    decreases NREGION - i
  {
    if i < NREGION { RegionsReleased(if rs[i].owner == p then rs[i as int := M.Freed(rs[i])] else rs, p, i + 1); }
  }
  lemma EdgesDestroyed(es: seq<Edge>, p: u32, i: u32)
    requires |es| == NEDGE as int && i <= NEDGE
    ensures forall e: u32 {:trigger E.DestroyFrom(es, p, i)[e]} :: e < NEDGE ==> es[e].gen == E.DestroyFrom(es, p, i)[e].gen
    decreases NEDGE - i
  {
    if i < NEDGE { EdgesDestroyed(if E.Touches(es[i], p) then E.Destroy(es, i) else es, p, i + 1); }
  }
  lemma Ended(s: Structure, p: u32)
    requires Tables(s) && V.Aged(s) && 0 < p < NPART
    ensures V.Aged(End(s, p))
  {
    DroppedFrom(s, p, 0);
    var a := s.(caps := C.DropAll(s.caps, p));
    RegionsReleased(s.memory.regions, p, 0);
    EdgesDestroyed(s.edges, p, 0);
    forall q: u32 | q < NPART ensures s.parts[q].gen <= GENMAX { Bound(s, q); }
    hide C.DropFrom;
    hide M.ReleaseFrom;
    hide E.DestroyFrom;
    Older(a, End(s, p));
  }
}
