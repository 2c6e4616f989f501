include "State.dfy"

/** Capability tables: liveness along the derivation path, the P1 check, minting, derivation, constant-time revocation.
    One table holds all partitions: partition p's slot s is entry p * CSLOTS + s. */
module Capabilities {
  import opened Types
  import opened Limits
  import opened State
  import Kinds
  import Status
  import Rights

  predicate Table(t: seq<Cap>) { |t| == NCAP as int }

  /** Entry i with generation g is live: it is in use and every link of its derivation path, at most `links` long, is live. */
  predicate LiveAt(t: seq<Cap>, i: u32, g: u32, links: u32)
    requires Table(t) && i < NCAP
    decreases links
  {
    && t[i].kind != Kinds.None
    && t[i].gen == g
    && (t[i].depth == 0 || (links > 0 && t[i].parent < NCAP && LiveAt(t, t[i].parent, t[i].pgen, links - 1)))
  }
  predicate Live(t: seq<Cap>, i: u32, g: u32) requires Table(t) && i < NCAP { LiveAt(t, i, g, MAXDEPTH) }

  function Slot(handle: u64): u64 { handle % LO32 }
  function Gen(handle: u64): u32 { (handle / LO32) as u32 }
  function Handle(slot: u32, gen: u32): u64 requires slot < CSLOTS { gen as u64 * LO32 + slot as u64 }

  /** P1: partition p's handle names a live capability of this kind (None: of any kind) with all of these rights. OK or the reason why not. */
  function Check(t: seq<Cap>, p: u32, handle: u64, kind: u32, rights: u32): u64
    requires Table(t) && p < NPART
  {
    if Slot(handle) >= CSLOTS as u64 then Status.InsufficientCapability
    else
      var i := p * CSLOTS + Slot(handle) as u32;
      if !Live(t, i, Gen(handle)) then Status.StaleCapability
      else if kind != Kinds.None && t[i].kind != kind then Status.CapabilityTypeMismatch
      else if !Rights.Subset(rights, t[i].rights) then Status.InsufficientCapability
      else Status.OK
  }
  function Index(p: u32, handle: u64): u32 requires p < NPART && Slot(handle) < CSLOTS as u64 { p * CSLOTS + Slot(handle) as u32 }

  /** The first slot of p from s on that can take a new capability; CSLOTS if there is none. */
  function FreeFrom(t: seq<Cap>, p: u32, s: u32): u32
    requires Table(t) && p < NPART && s <= CSLOTS
    ensures s <= FreeFrom(t, p, s) <= CSLOTS
    ensures FreeFrom(t, p, s) < CSLOTS ==> var c := t[p * CSLOTS + FreeFrom(t, p, s)]; c.kind == Kinds.None && c.gen < GENMAX
    decreases CSLOTS - s
  {
    if s == CSLOTS then CSLOTS
    else if t[p * CSLOTS + s].kind == Kinds.None && t[p * CSLOTS + s].gen < GENMAX then s
    else FreeFrom(t, p, s + 1)
  }
  function FreeSlot(t: seq<Cap>, p: u32): u32 requires Table(t) && p < NPART { FreeFrom(t, p, 0) }

  /** A new root capability in entry i. */
  function Mint(t: seq<Cap>, i: u32, kind: u32, obj: u32, ogen: u32, rights: u32): seq<Cap>
    requires Table(t) && i < NCAP && t[i].gen < GENMAX
  {
    t[i as int := Cap(t[i].gen + 1, kind, obj, ogen, rights, 0, 0, 0)]
  }

  predicate CanDelegate(rights: u32) { Rights.Subset(Rights.GRANT, rights) || Rights.Subset(Rights.GRANT_ONCE, rights) }
  /** What the derived capability may do: what was asked for; one that comes from GRANT_ONCE cannot be passed on. */
  function ChildRights(parent: u32, asked: u32): u32 {
    if Rights.Subset(Rights.GRANT, parent) then asked else Rights.Without(asked, Rights.GRANT + Rights.GRANT_ONCE)
  }
  /** GRANT_ONCE is used up by the first grant. */
  function ParentRights(parent: u32): u32 {
    if Rights.Subset(Rights.GRANT, parent) then parent else Rights.Without(parent, Rights.GRANT_ONCE)
  }
  /** Why entry src may not pass on `asked`: OK if it may. */
  function DeriveCheck(t: seq<Cap>, src: u32, asked: u32): u64
    requires Table(t) && src < NCAP
  {
    if !CanDelegate(t[src].rights) then Status.CapabilityConsumed
    else if !Rights.Subset(asked, t[src].rights) then Status.InsufficientCapability
    else if t[src].depth >= MAXDEPTH then Status.DelegationDepthExceeded
    else Status.OK
  }
  /** Entry i becomes a capability derived from entry src. */
  function Derive(t: seq<Cap>, i: u32, src: u32, asked: u32): seq<Cap>
    requires Table(t) && i < NCAP && src < NCAP && i != src && t[i].gen < GENMAX && t[src].depth < MAXDEPTH
  {
    var c := t[src];
    t[src as int := c.(rights := ParentRights(c.rights))]
     [i as int := Cap(t[i].gen + 1, c.kind, c.obj, c.ogen, ChildRights(c.rights, asked), c.depth + 1, src, c.gen)]
  }
  /** Entry i gets the next generation: everything derived from it dies at once. */
  function Revoke(t: seq<Cap>, i: u32): seq<Cap>
    requires Table(t) && i < NCAP && t[i].gen < GENMAX
  {
    t[i as int := t[i].(gen := t[i].gen + 1)]
  }
  /** Entry i is empty, and everything derived from it is dead. */
  function Drop(t: seq<Cap>, i: u32): seq<Cap>
    requires Table(t) && i < NCAP
  {
    t[i as int := EmptyCap.(gen := if t[i].gen <= GENMAX then t[i].gen + 1 else t[i].gen)]
  }
  /** Partition p's slots from s on are empty. */
  function DropFrom(t: seq<Cap>, p: u32, s: u32): seq<Cap>
    requires Table(t) && p < NPART && s <= CSLOTS
    ensures |DropFrom(t, p, s)| == |t|
    decreases CSLOTS - s
  {
    if s == CSLOTS then t
    else DropFrom(if t[p * CSLOTS + s].kind == Kinds.None then t else Drop(t, p * CSLOTS + s), p, s + 1)
  }
  /** Partition p has lost every capability. */
  function DropAll(t: seq<Cap>, p: u32): seq<Cap> requires Table(t) && p < NPART { DropFrom(t, p, 0) }

  predicate ObjectInRange(c: Cap) {
    && (c.kind == Kinds.Region ==> c.obj < NREGION)
    && (c.kind == Kinds.Partition ==> c.obj < NPART)
    && (c.kind == Kinds.CommEdge ==> c.obj < NEDGE)
  }
  predicate SlotOk(c: Cap) { ObjectInRange(c) && c.depth <= MAXDEPTH && (c.kind != Kinds.None ==> c.gen <= GENMAX) }
  /** Every used slot is well-formed. */
  predicate Bounded(t: seq<Cap>) { forall i: int {:trigger SlotOk(t[i])} :: 0 <= i < |t| ==> SlotOk(t[i]) }
}
