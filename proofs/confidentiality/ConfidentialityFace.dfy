include "ConfidentialityHeld.dfy"

/** What partition p sees of the structure, and the actions that change nothing of it. */
module {:compile false} ConfidentialityFace {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Observation
  import opened ConfidentialityHeld
  import C = Capabilities
  import M = Memory
  import E = Edges
  import Kinds

  ghost function Entry(p: u32, x: u32): u32 requires p < NPART && x < CSLOTS { p * CSLOTS + x }
  ghost predicate SameSlot(s: Structure, t: Structure, p: u32, x: u32) requires Tables(s) && Tables(t) && p < NPART && x < CSLOTS { HeldIn(s, Entry(p, x)) == HeldIn(t, Entry(p, x)) }
  /** p's slots show the same. */
  opaque ghost predicate SameHeld(s: Structure, t: Structure, p: u32)
    requires Tables(s) && Tables(t) && p < NPART
  {
    forall x: u32 {:trigger SameSlot(s, t, p, x)} :: x < CSLOTS ==> SameSlot(s, t, p, x)
  }
  ghost predicate SameRegion(m: Region, n: Region, p: u32) { (m.owner == p <==> n.owner == p) && (m.owner == p ==> m == n) }
  /** p owns the same regions. */
  opaque ghost predicate SameRegions(m: State.Memory, n: State.Memory, p: u32)
    requires M.Table(m) && M.Table(n)
  {
    forall r: u32 {:trigger m.regions[r]} {:trigger n.regions[r]} :: r < NREGION ==> SameRegion(m.regions[r], n.regions[r], p)
  }
  /** Everything in the structure but edges. */
  ghost predicate SameSt(s: Structure, t: Structure, p: u32) {
    && Tables(s) && Tables(t) && p < NPART && s.parts[p] == t.parts[p] && s.maps[p] == t.maps[p] && s.nonces[p] == t.nonces[p] && s.leases[p] == t.leases[p]
    && SameHeld(s, t, p) && SameRegions(s.memory, t.memory, p)
  }
  lemma Itself(s: Structure, p: u32)
    requires Tables(s) && p < NPART
    ensures SameSt(s, s, p)
  {
    reveal SameHeld(), SameRegions();
  }
  lemma Through(s: Structure, t: Structure, u: Structure, p: u32)
    requires SameSt(s, t, p) && SameSt(t, u, p)
    ensures SameSt(s, u, p)
  {
    reveal SameHeld(), SameRegions();
    forall x: u32 {:trigger SameSlot(s, u, p, x)} | x < CSLOTS ensures SameSlot(s, u, p, x) { assert SameSlot(s, t, p, x) && SameSlot(t, u, p, x); }
    forall r: u32 | r < NREGION ensures SameRegion(s.memory.regions[r], u.memory.regions[r], p) {
      assert SameRegion(s.memory.regions[r], t.memory.regions[r], p) && SameRegion(t.memory.regions[r], u.memory.regions[r], p);
    }
  }
  lemma Back(s: Structure, t: Structure, p: u32)
    requires SameSt(s, t, p)
    ensures SameSt(t, s, p)
  {
    reveal SameHeld(), SameRegions();
    forall x: u32 {:trigger SameSlot(t, s, p, x)} | x < CSLOTS ensures SameSlot(t, s, p, x) { assert SameSlot(s, t, p, x); }
  }
  /** What happens unseen to both leaves them the same. */
  lemma Around(s: Structure, s': Structure, t: Structure, t': Structure, p: u32)
    requires SameSt(s, t, p) && SameSt(s, s', p) && SameSt(t, t', p)
    ensures SameSt(s', t', p)
  {
    Back(s, s', p);
    Through(s', s, t, p);
    Through(s', t, t', p);
  }

  // ---- objects ----------------------------------------------------------------------------------------------------------------------

  /** Objects have changed, but not whether the capability's is there. */
  ghost predicate Unmoved(s: Structure, t: Structure, c: Cap)
    requires Tables(s) && Tables(t)
  {
    Present(s, c) == Present(t, c) && (Present(s, c) ==> Owners(s, c) == Owners(t, c))
  }
  lemma Unseen(s: Structure, t: Structure, p: u32)
    requires Tables(s) && Tables(t) && p < NPART && t == s.(parts := t.parts, memory := t.memory, edges := t.edges, maps := t.maps)
    requires forall i: u32 {:trigger s.caps[i]} :: i < NCAP && s.caps[i].kind != Kinds.None ==> Unmoved(s, t, s.caps[i])
    ensures SameHeld(s, t, p)
  {
    reveal SameHeld();
    forall x: u32 {:trigger SameSlot(s, t, p, x)} | x < CSLOTS ensures SameSlot(s, t, p, x) { assert s.caps[Entry(p, x)] == s.caps[Entry(p, x)]; }
  }
  lemma NoRegions(s: Structure, p: u32)
    requires Tables(s)
    ensures SameRegions(s.memory, s.memory, p)
  {
    reveal SameRegions();
  }
  /** A change in partition slot x that is not p's own. */
  lemma PartUnseen(s: Structure, x: u32, n: Part, m: Map, p: u32)
    requires Aged(s) && Tables(s) && x < NPART && p < NPART && x != p
    requires (s.parts[x].gen == n.gen && ((s.parts[x].life == Kinds.Free) == (n.life == Kinds.Free))) || (s.parts[x].life == Kinds.Free && s.parts[x].gen < n.gen)
    ensures SameSt(s, s.(parts := s.parts[x as int := n]), p) && SameSt(s, s.(parts := s.parts[x as int := n], maps := s.maps[x as int := m]), p)
  {
    var t := s.(parts := s.parts[x as int := n]);
    var u := t.(maps := s.maps[x as int := m]);
    forall i: u32 | i < NCAP && s.caps[i].kind != Kinds.None ensures Unmoved(s, t, s.caps[i]) && Unmoved(s, u, s.caps[i]) { OneDated(s, i); }
    Unseen(s, t, p);
    Unseen(s, u, p);
    NoRegions(s, p);
  }
  lemma MapUnseen(s: Structure, x: u32, m: Map, p: u32)
    requires Tables(s) && x < NPART && p < NPART && x != p
    ensures SameSt(s, s.(maps := s.maps[x as int := m]), p)
  {
    Itself(s, p);
    Unseen(s, s.(maps := s.maps[x as int := m]), p);
  }
  /** Region r, which was nobody's, is another's. */
  lemma RegionUnseen(s: Structure, r: u32, owner: u32, policy: u32, pages: u64, frame: u64, p: u32)
    requires Aged(s) && Tables(s) && r < NREGION && p < NPART && s.memory.regions[r].owner == 0 && owner != p && owner != 0 && p != 0
    ensures SameSt(s, s.(memory := M.Create(s.memory, r, owner, policy, pages, frame)), p)
  {
    var t := s.(memory := M.Create(s.memory, r, owner, policy, pages, frame));
    forall i: u32 | i < NCAP && s.caps[i].kind != Kinds.None ensures Unmoved(s, t, s.caps[i]) { OneDated(s, i); }
    Unseen(s, t, p);
    reveal SameRegions();
  }
  /** A new edge, as far as capabilities go. */
  lemma EdgeUnseen(s: Structure, e: u32, src: u32, dst: u32, cap: u32, p: u32)
    requires Aged(s) && Tables(s) && e < NEDGE && p < NPART && s.edges[e].cap == 0 && s.edges[e].gen < GENMAX
    ensures SameSt(s, s.(edges := E.Create(s.edges, e, src, dst, cap)), p)
  {
    var t := s.(edges := E.Create(s.edges, e, src, dst, cap));
    forall i: u32 | i < NCAP && s.caps[i].kind != Kinds.None ensures Unmoved(s, t, s.caps[i]) { OneDated(s, i); }
    Unseen(s, t, p);
    Itself(s, p);
  }

  // ---- capabilities -----------------------------------------------------------------------------------------------------------------

  lemma OneSlot(s: Structure, t: Structure, p: u32, x: u32)
    requires SameSt(s, t, p) && x < CSLOTS
    ensures HeldIn(s, Entry(p, x)) == HeldIn(t, Entry(p, x))
    ensures s.caps[Entry(p, x)].gen == t.caps[Entry(p, x)].gen && s.caps[Entry(p, x)].kind == t.caps[Entry(p, x)].kind
    ensures s.caps[Entry(p, x)].depth == t.caps[Entry(p, x)].depth
    ensures s.caps[Entry(p, x)].obj == t.caps[Entry(p, x)].obj && s.caps[Entry(p, x)].rights == t.caps[Entry(p, x)].rights
  {
    reveal SameHeld();
    assert SameSlot(s, t, p, x);
  }
  lemma CapsOnly(s: Structure, t: Structure, u: seq<Cap>, v: seq<Cap>, p: u32)
    requires SameSt(s, t, p) && C.Table(u) && C.Table(v)
    requires forall x: u32 {:trigger Entry(p, x)} :: x < CSLOTS ==> HeldIn(s.(caps := u), Entry(p, x)) == HeldIn(t.(caps := v), Entry(p, x))
    ensures SameSt(s.(caps := u), t.(caps := v), p)
  {
    reveal SameHeld();
    forall x: u32 {:trigger SameSlot(s.(caps := u), t.(caps := v), p, x)} | x < CSLOTS ensures SameSlot(s.(caps := u), t.(caps := v), p, x) {
      assert Entry(p, x) == Entry(p, x);
    }
  }
  lemma Granted(s: Structure, t: Structure, i: u32, kind: u32, obj: u32, rights: u32, p: u32)
    requires SameSt(s, t, p) && Aged(s) && Aged(t) && i < NCAP && s.caps[i].gen < GENMAX && t.caps[i].gen < GENMAX
    requires (i / CSLOTS == p ==> s.caps[i].gen == t.caps[i].gen)
    requires i / CSLOTS == p && kind != Kinds.None ==> Owners(s, EmptyCap.(kind := kind, obj := obj)) == Owners(t, EmptyCap.(kind := kind, obj := obj))
    ensures SameSt(s.(caps := C.Mint(s.caps, i, kind, obj, ObjectGen(s, kind, obj), rights)), t.(caps := C.Mint(t.caps, i, kind, obj, ObjectGen(t, kind, obj), rights)), p)
  {
    var u, v := C.Mint(s.caps, i, kind, obj, ObjectGen(s, kind, obj), rights), C.Mint(t.caps, i, kind, obj, ObjectGen(t, kind, obj), rights);
    forall x: u32 {:trigger Entry(p, x)} | x < CSLOTS ensures HeldIn(s.(caps := u), Entry(p, x)) == HeldIn(t.(caps := v), Entry(p, x)) {
      OneSlot(s, t, p, x);
      Mint(s, i, kind, obj, rights, Entry(p, x));
      Mint(t, i, kind, obj, rights, Entry(p, x));
    }
    CapsOnly(s, t, u, v, p);
  }
  /** p passes on what it has in slot y, to entry i. */
  lemma Delegated(s: Structure, t: Structure, i: u32, y: u32, asked: u32, p: u32)
    requires SameSt(s, t, p) && Aged(s) && Aged(t) && i < NCAP && y < CSLOTS && i != Entry(p, y) && s.caps[Entry(p, y)].kind != Kinds.None
    requires s.caps[Entry(p, y)].depth < MAXDEPTH
    requires s.caps[i].gen < GENMAX && t.caps[i].gen < GENMAX && (i / CSLOTS == p ==> s.caps[i].gen == t.caps[i].gen)
    requires s.caps[i].kind == Kinds.None && t.caps[i].kind == Kinds.None
    ensures t.caps[Entry(p, y)].depth < MAXDEPTH
    ensures SameSt(s.(caps := C.Derive(s.caps, i, Entry(p, y), asked)), t.(caps := C.Derive(t.caps, i, Entry(p, y), asked)), p)
  {
    OneSlot(s, t, p, y);
    var src := Entry(p, y);
    var u, v := C.Derive(s.caps, i, src, asked), C.Derive(t.caps, i, src, asked);
    forall x: u32 {:trigger Entry(p, x)} | x < CSLOTS ensures HeldIn(s.(caps := u), Entry(p, x)) == HeldIn(t.(caps := v), Entry(p, x)) {
      OneSlot(s, t, p, x);
      Derive(s, i, src, asked, Entry(p, x));
      Derive(t, i, src, asked, Entry(p, x));
    }
    CapsOnly(s, t, u, v, p);
  }
  lemma Revoked(s: Structure, t: Structure, y: u32, p: u32)
    requires SameSt(s, t, p) && Aged(s) && Aged(t) && y < CSLOTS && s.caps[Entry(p, y)].gen < GENMAX && HeldIn(s, Entry(p, y)).live
    ensures t.caps[Entry(p, y)].gen < GENMAX && SameSt(s.(caps := C.Revoke(s.caps, Entry(p, y))), t.(caps := C.Revoke(t.caps, Entry(p, y))), p)
  {
    OneSlot(s, t, p, y);
    var i := Entry(p, y);
    forall x: u32 {:trigger Entry(p, x)} | x < CSLOTS
      ensures HeldIn(s.(caps := C.Revoke(s.caps, i)), Entry(p, x)) == HeldIn(t.(caps := C.Revoke(t.caps, i)), Entry(p, x)) {
      OneSlot(s, t, p, x);
      Revoke(s, i, Entry(p, x));
      Revoke(t, i, Entry(p, x));
    }
    CapsOnly(s, t, C.Revoke(s.caps, i), C.Revoke(t.caps, i), p);
  }
  lemma Dropped(s: Structure, t: Structure, y: u32, p: u32)
    requires SameSt(s, t, p) && Aged(s) && Aged(t) && y < CSLOTS && s.caps[Entry(p, y)].kind != Kinds.None
    ensures SameSt(s.(caps := C.Drop(s.caps, Entry(p, y))), t.(caps := C.Drop(t.caps, Entry(p, y))), p)
  {
    OneSlot(s, t, p, y);
    var i := Entry(p, y);
    forall x: u32 {:trigger Entry(p, x)} | x < CSLOTS
      ensures HeldIn(s.(caps := C.Drop(s.caps, i)), Entry(p, x)) == HeldIn(t.(caps := C.Drop(t.caps, i)), Entry(p, x)) {
      OneSlot(s, t, p, x);
      Drop(s, i, Entry(p, x));
      Drop(t, i, Entry(p, x));
    }
    CapsOnly(s, t, C.Drop(s.caps, i), C.Drop(t.caps, i), p);
  }
}
