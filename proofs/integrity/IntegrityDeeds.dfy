include "IntegrityHeld.dfy"

/** What each action does to those whom it is not about. */
module {:compile false} IntegrityDeeds {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Observation
  import opened IntegrityView
  import opened IntegrityHeld
  import opened CapabilityTheorems
  import C = Capabilities
  import M = Memory
  import E = Edges
  import V = Valid
  import Kinds

  // ---- without a channel ----------------------------------------------------------------------------------------------------------

  lemma UntiedSlot(k: Kernel, p: u32, n: u32, r: u32, e: u32)
    requires V.Valid(k) && p < NPART && n < CSLOTS && !TiedBy(k, p, n, r) && e <= NEDGE && (e < NEDGE ==> !HoldsEdge(k, p, n, e))
    ensures Tables(k.st) && Untied(k.st, p, n, r, e)
  {
    var i := p * CSLOTS + n;
    assert C.SlotOk(k.st.caps[i as int]);
    hide V.Valid;
    hide C.LiveAt;
    hide C.Bounded;
    var h := HeldIn(k.st, i);
    if C.Live(k.st.caps, i, k.st.caps[i].gen) {
      forall x: u32 | OnPath(k.st.caps, i, MAXDEPTH, x) ensures x / CSLOTS != r {
        var j :| 0 <= j < |h.path| && h.path[j] == x;
      }
    }
  }
  /** Where there is no tie to r, and e does not concern p, nothing that p holds is r's or e. */
  lemma Apart(k: Kernel, p: u32, r: u32, e: u32)
    requires V.Valid(k) && p < NPART && !Tied(k, r, p) && e <= NEDGE && (e < NEDGE ==> !Concerns(k, e, p))
    ensures Tables(k.st) && forall n: u32 {:trigger Untied(k.st, p, n, r, e)} :: n < CSLOTS ==> Untied(k.st, p, n, r, e)
    ensures forall x: u32 {:trigger k.st.edges[x]} :: x < NEDGE && IsEnd(k.st.edges[x], p) ==> x != e && !IsEnd(k.st.edges[x], r)
  {
    forall n: u32 | n < CSLOTS ensures Untied(k.st, p, n, r, e) {
      assert !TiedBy(k, p, n, r);
      assert e < NEDGE ==> !HoldsEdge(k, p, n, e);
      UntiedSlot(k, p, n, r, e);
    }
    hide V.Valid;
    hide TiedBy;
    hide HoldsEdge;
    hide Untied;
  }
  /** What follows k's structure, but for partition r and edge e, looks the same to p. */
  lemma Same(k: Kernel, t: Structure, p: u32, r: u32, e: u32)
    requires V.Valid(k) && Tables(k.st) && Sane(k.st) && 0 < p < NPART && 0 < r && r != p
    requires !Tied(k, r, p) && e <= NEDGE && (e < NEDGE ==> !Concerns(k, e, p))
    requires Follows(k.st, t, p, r, e)
    ensures SameStructure(k.st, t, p)
  {
    Apart(k, p, r, e);
    hide *;
    reveal Limits.NPART;
    Unseen(k.st, t, p, r, e);
  }

  // ---- what is added --------------------------------------------------------------------------------------------------------------

  ghost predicate CapsGrow(t: seq<Cap>, u: seq<Cap>) {
    Older(t, u) && forall x: u32 {:trigger CapGrows(t, u, x)} :: x < NCAP ==> CapGrows(t, u, x)
  }
  ghost predicate CapGrows(t: seq<Cap>, u: seq<Cap>, x: u32) requires C.Table(t) && C.Table(u) && x < NCAP {
    t[x].kind != Kinds.None ==> Like(t[x], u[x])
  }
  ghost predicate PartsGrow(a: seq<Part>, b: seq<Part>) requires |a| == |b| == NPART as int {
    forall x: u32 {:trigger b[x]} :: x < NPART ==> PartGrows(a[x], b[x])
  }
  ghost predicate RegionsGrow(a: seq<Region>, b: seq<Region>, p: u32) requires |a| == |b| == NREGION as int {
    forall x: u32 {:trigger b[x]} :: x < NREGION ==> RegionGrows(a[x], b[x], p)
  }
  ghost predicate EdgesGrow(a: seq<Edge>, b: seq<Edge>, p: u32) requires |a| == |b| == NEDGE as int {
    forall x: u32 {:trigger b[x]} :: x < NEDGE ==> EdgeGrows(a[x], b[x], p)
  }
  /** Everything is as it was, or is new and not p's. */
  ghost predicate Grows(s: Structure, t: Structure, p: u32) requires p < NPART {
    && Tables(s) && Tables(t) && t.parts[p] == s.parts[p] && t.maps[p] == s.maps[p] && t.nonces[p] == s.nonces[p] && t.leases[p] == s.leases[p]
    && CapsGrow(s.caps, t.caps) && OwnSlots(s.caps, t.caps, p)
    && PartsGrow(s.parts, t.parts) && RegionsGrow(s.memory.regions, t.memory.regions, p) && EdgesGrow(s.edges, t.edges, p)
  }
  lemma GrowsFollows(s: Structure, t: Structure, p: u32, r: u32)
    requires p < NPART && Grows(s, t, p)
    ensures Follows(s, t, p, r, NEDGE)
  {
    forall x: u32 | x < NCAP ensures Spared(s.caps, t.caps, r, x) { assert CapGrows(s.caps, t.caps, x); }
  }
  lemma NothingGrows(t: seq<Cap>)
    requires C.Table(t)
    ensures CapsGrow(t, t)
  {
    OlderItself(t);
  }
  lemma CapsGrowOn(t: seq<Cap>, u: seq<Cap>, v: seq<Cap>, p: u32)
    requires CapsGrow(t, u) && CapsGrow(u, v) && p < NPART && OwnSlots(t, u, p) && OwnSlots(u, v, p)
    ensures CapsGrow(t, v) && OwnSlots(t, v, p)
  {
    OlderChain(t, u, v);
    forall x: u32 | x < NCAP ensures CapGrows(t, v, x) { assert CapGrows(t, u, x) && CapGrows(u, v, x); }
    forall n: u32 | n < CSLOTS ensures OwnSlot(t, v, p, n) { assert OwnSlot(t, u, p, n) && OwnSlot(u, v, p, n); }
  }
  lemma GrowsOn(s: Structure, t: Structure, u: Structure, p: u32)
    requires p < NPART && Grows(s, t, p) && Grows(t, u, p)
    ensures Grows(s, u, p)
  {
    CapsGrowOn(s.caps, t.caps, u.caps, p);
    hide CapsGrow;
    hide OwnSlots;
    forall x: u32 | x < NPART ensures PartGrows(s.parts[x], u.parts[x]) {
      assert PartGrows(s.parts[x], t.parts[x]) && PartGrows(t.parts[x], u.parts[x]);
    }
    forall x: u32 | x < NREGION ensures RegionGrows(s.memory.regions[x], u.memory.regions[x], p) {
      assert RegionGrows(s.memory.regions[x], t.memory.regions[x], p) && RegionGrows(t.memory.regions[x], u.memory.regions[x], p);
    }
    forall x: u32 | x < NEDGE ensures EdgeGrows(s.edges[x], u.edges[x], p) {
      assert EdgeGrows(s.edges[x], t.edges[x], p) && EdgeGrows(t.edges[x], u.edges[x], p);
    }
  }

  /** The action takes what is free, gives nothing to p and takes nothing away. */
  ghost predicate Adds(s: Structure, a: Action, p: u32) requires Tables(s) {
    match a
    case PartitionCreate(_, x, _)           => x != p && x < NPART && s.parts[x].life == Kinds.Free
    case TaskSpawn(_, x, _, _)              => x != p
    case PartitionStart(_, x)               => x != p && x < NPART && s.parts[x].life != Kinds.Free
    case PartitionSuspend(_, x)             => x != p && x < NPART && s.parts[x].life != Kinds.Free
    case CapGrant(_, to, slot, _, _, _)     => to != p && to < NPART && slot < CSLOTS && s.caps[to * CSLOTS + slot].kind == Kinds.None
    case CapDelegate(who, to, slot, _, _)   => who != p && to != p && to < NPART && slot < CSLOTS && s.caps[to * CSLOTS + slot].kind == Kinds.None
    case RegionCreate(_, r, owner, _, _, _) => owner != p && r < NREGION && s.memory.regions[r].owner == 0
    case RegionMap(_, x, _, _, _, _, _)     => x != p
    case RegionUnmap(x, _, _, _)            => x != p
    case EdgeCreate(_, e, src, dst, _)      => src != p && dst != p && e < NEDGE && s.edges[e].cap == 0
    case CapRevoke(_, _, _)                 => false
    case CapDrop(_, _)                      => false
    case EdgeDestroy(_, _)                  => false
    case PartitionEnd(_, _, _)              => false
    case LeaseGrant(who, _, _, _)           => who != p
    case LeaseEnd(_, _, _)                  => false
    case Proved(who, _, _, _, _)            => who != p
    case _                                  => true
  }
  lemma OneSlot(t: seq<Cap>, i: u32, c: Cap, p: u32)
    requires C.Table(t) && i < NCAP && p < NPART && i / CSLOTS != p && Older(t, t[i as int := c]) && (t[i].kind == Kinds.None || Like(t[i], c))
    ensures CapsGrow(t, t[i as int := c]) && OwnSlots(t, t[i as int := c], p)
  {
    var u := t[i as int := c];
    hide Older;
    forall x: u32 | x < NCAP ensures CapGrows(t, u, x) {}
    forall n: u32 | n < CSLOTS ensures OwnSlot(t, u, p, n) { assert p * CSLOTS + n != i; }
  }
  lemma MintGrows(t: seq<Cap>, i: u32, kind: u32, obj: u32, ogen: u32, rights: u32, p: u32)
    requires LinksOk(t) && i < NCAP && p < NPART && i / CSLOTS != p && t[i].gen < GENMAX && t[i].kind == Kinds.None
    ensures var u := C.Mint(t, i, kind, obj, ogen, rights); CapsGrow(t, u) && OwnSlots(t, u, p) && LinksOk(u)
  {
    Minting_ages_the_table(t, i, kind, obj, ogen, rights);
    hide Older;
    hide LinksOk;
    OneSlot(t, i, Cap(t[i].gen + 1, kind, obj, ogen, rights, 0, 0, 0), p);
  }
  lemma DeriveGrows(t: seq<Cap>, i: u32, src: u32, asked: u32, p: u32)
    requires LinksOk(t) && i < NCAP && src < NCAP && i != src && t[i].gen < GENMAX && t[src].depth < MAXDEPTH && p < NPART
    requires i / CSLOTS != p && src / CSLOTS != p && t[i].kind == Kinds.None
    ensures var u := C.Derive(t, i, src, asked); CapsGrow(t, u) && OwnSlots(t, u, p) && LinksOk(u)
  {
    Delegation_ages_the_table(t, i, src, asked);
    var u := C.Derive(t, i, src, asked);
    hide Older;
    hide LinksOk;
    forall x: u32 | x < NCAP ensures CapGrows(t, u, x) {}
    forall n: u32 | n < CSLOTS ensures OwnSlot(t, u, p, n) { assert p * CSLOTS + n != i && p * CSLOTS + n != src; }
  }
  lemma OneAdded(s: Structure, a: Action, p: u32)
    requires Tables(s) && LinksOk(s.caps) && 0 < p < NPART && Adds(s, a, p)
    ensures Grows(s, A.Apply(s, a), p) && LinksOk(A.Apply(s, a).caps)
  {
    NothingGrows(s.caps);
    hide CapsGrow;
    hide LinksOk;
    hide C.Mint;
    hide C.Derive;
    hide ObjectGen;
    hide M.MapRange;
    hide M.UnmapRange;
    if Applicable(s, a) {
      match a
      case CapGrant(_, to, slot, kind, obj, rights) => MintGrows(s.caps, to * CSLOTS + slot, kind, obj, ObjectGen(s, kind, obj), rights, p);
      case CapDelegate(who, to, slot, src, rights) => DeriveGrows(s.caps, to * CSLOTS + slot, who * CSLOTS + src, rights, p);
      case _ =>
    }
  }
  ghost predicate AllAdd(s: Structure, acts: seq<Action>, p: u32)
    requires Tables(s)
    decreases |acts|
  {
    |acts| == 0 || (Adds(s, acts[0], p) && AllAdd(A.Apply(s, acts[0]), acts[1..], p))
  }
  lemma AllAdded(s: Structure, acts: seq<Action>, p: u32)
    requires Tables(s) && LinksOk(s.caps) && 0 < p < NPART && AllAdd(s, acts, p)
    ensures Grows(s, ApplyAll(s, acts), p) && LinksOk(ApplyAll(s, acts).caps)
    decreases |acts|
  {
    hide A.Apply;
    hide Adds;
    hide Grows;
    hide LinksOk;
    if |acts| > 0 {
      var t := A.Apply(s, acts[0]);
      OneAdded(s, acts[0], p);
      AllAdded(t, acts[1..], p);
      GrowsOn(s, t, ApplyAll(s, acts), p);
    } else {
      assert Grows(s, s, p) by { reveal Grows; NothingGrows(s.caps); }
    }
  }
}
