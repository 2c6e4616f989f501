include "Capabilities.dfy"
include "Memory.dfy"
include "Edges.dfy"
include "Scheduler.dfy"
include "Witness.dfy"

/** Actions: the only things that change structural state. Each is witnessed by one record; Apply is what it does. */
module Apply {
  import opened Types
  import opened Limits
  import opened State
  import C = Capabilities
  import M = Memory
  import E = Edges
  import W = Witness
  import Kinds

  datatype Action =
    | PartitionCreate(who: u32, p: u32, image: u64)
    | TaskSpawn(who: u32, p: u32, slice: u64, rel: u64)
    | PartitionQuota(who: u32, p: u32, quota: u64, budget: u64)
    | PartitionStart(who: u32, p: u32)
    | PartitionSuspend(who: u32, p: u32)
    | PartitionEnd(who: u32, p: u32, reason: u64)
    | CapGrant(who: u32, to: u32, slot: u32, kind: u32, target: u32, rights: u32)
    | CapDelegate(who: u32, to: u32, slot: u32, src: u32, rights: u32)
    | CapRevoke(who: u32, slot: u32, gen: u32)
    | CapDrop(who: u32, slot: u32)
    | RegionCreate(who: u32, r: u32, owner: u32, policy: u32, pages: u64, frame: u64)
    | RegionMap(who: u32, p: u32, r: u32, page: u32, first: u64, count: u32, perm: u32)
    | RegionUnmap(p: u32, r: u32, page: u32, count: u32)
    | EdgeCreate(who: u32, e: u32, src: u32, dst: u32, cap: u32)
    | EdgeDestroy(who: u32, e: u32)
    | LeaseGrant(who: u32, r: u32, page: u32, until: u64)
    | LeaseEnd(who: u32, r: u32, reason: u64)
    | Signal(who: u32, e: u32, bits: u64)
    | Send(who: u32, e: u32, queued: u64)
    | Proved(who: u32, nonce: u64, row: u32, rule: u32, deep: bool)
    | Reject(who: u32, call: u64, status: u64)
    | Fault(p: u32, place: u64, esr: u64)
    | Attest(words: u64, hash: u64)
    | BootComplete(parts: u64)
    | Drain(who: u32, upto: u64)
    | PolicyActivate(who: u32, which: u32, digest: u64)
    | SystemEnd

  /** What a record says of an action, in the fields of docs/abi.md §6. */
  datatype Fields = Fields(kind: u64, tier: u64, subject: u32, obj: u64, aux: u64)
  function Pair(hi: u32, lo: u32): u64 { hi as u64 * LO32 + lo as u64 }

  function Encode(a: Action): Fields {
    match a
    case PartitionCreate(who, p, image)            => Fields(0x01, 1, who, p as u64, image)
    case PartitionStart(who, p)                    => Fields(0x07, 1, who, p as u64, 0)
    case PartitionSuspend(who, p)                  => Fields(0x08, 1, who, p as u64, 0)
    case PartitionQuota(who, p, quota, budget)     => Fields(0x09, 1, who, p as u64, quota % LO32 * LO32 + budget % LO32)
    case CapGrant(who, to, slot, kind, obj, rights) => Fields(0x10, 1, who, Pair(to, slot), kind as u64 % 256 * 0x100_0000_0000_0000 + obj as u64 % 0x100_0000 * LO32 + rights as u64)
    case CapRevoke(who, slot, gen)                 => Fields(0x11, 1, who, slot as u64, gen as u64)
    case CapDrop(who, slot)                        => Fields(0x11, 1, who, slot as u64, 0x8000_0000_0000_0000)
    case CapDelegate(who, to, slot, src, rights)   => Fields(0x12, 1, who, Pair(to, slot), Pair(src, rights))
    case RegionCreate(who, r, owner, policy, pages, frame) =>
      Fields(0x20, 1, who, Pair(owner, r), policy as u64 % 16 * 0x1000_0000_0000_0000 + pages % 0x10_0000 * 0x100_0000_0000 + frame % 0x100_0000_0000)
    case RegionMap(who, p, r, page, first, pages, perm) =>
      Fields(0x25, 1, who, Pair(r, page), perm as u64 % 16 * 0x1000_0000_0000_0000 + p as u64 % 256 * 0x10_0000_0000_0000 + first % 0x10_0000 * LO32 + pages as u64)
    case RegionUnmap(p, r, page, pages)            => Fields(0x26, 1, p, Pair(r, page), pages as u64)
    case EdgeCreate(who, e, src, dst, cap)         => Fields(0x30, 1, who, e as u64, src as u64 * LO32 + dst as u64 % 0x1_0000 * 0x1_0000 + cap as u64 % 0x1_0000)
    case EdgeDestroy(who, e)                       => Fields(0x31, 1, who, e as u64, 0)
    case Signal(who, e, bits)                      => Fields(0x33, 1, who, e as u64, bits)
    case Send(who, e, queued)                      => Fields(0x34, 1, who, e as u64, queued)
    case Proved(who, nonce, row, rule, deep)       => Fields(0x40, if deep then 3 else 2, who, nonce, Pair(row, rule))
    case Reject(who, call, status)                 => Fields(0x41, 1, who, call, status)
    case Fault(p, place, esr)                      => Fields(0x42, 0, p, place, esr)
    case LeaseGrant(who, r, page, until)           => Fields(0x50, 1, who, Pair(r, page), until)
    case LeaseEnd(who, r, reason)                  => Fields(0x51, 1, who, r as u64, reason)
    case TaskSpawn(who, p, slice, rel)             => Fields(0x70, 1, who, p as u64, slice % LO32 * LO32 + rel % LO32)
    case PartitionEnd(who, p, reason)              => Fields(0x71, 0, who, p as u64, reason)
    case Attest(words, hash)                       => Fields(0x80, 0, 0, words, hash)
    case BootComplete(parts)                       => Fields(0x82, 0, 0, parts, 0)
    case Drain(who, upto)                          => Fields(0x85, 1, who, upto, 0)
    case PolicyActivate(who, which, digest)        => Fields(0x86, 1, who, which as u64, digest)
    case SystemEnd()                               => Fields(0x8F, 0, 0, 0, 0)
  }

  /** Whose quota the record counts against: the actor's; for an ending the ended partition's, which always keeps one in reserve. */
  function Charged(a: Action): u32 {
    match a
    case PartitionEnd(_, p, _) => p
    case _ => Encode(a).subject
  }

  predicate Tables(s: Structure) {
    && |s.parts| == NPART as int && C.Table(s.caps) && M.Table(s.memory) && |s.maps| == NPART as int && |s.edges| == NEDGE as int && |s.nonces| == NPART as int
    && |s.leases| == NPART as int
  }

  /** The action names objects that exist, and is one that Decide may emit in this state. */
  predicate Applicable(s: Structure, a: Action)
    requires Tables(s)
  {
    match a
    case PartitionCreate(_, p, _)          => 0 < p < NPART && s.parts[p].gen < GENMAX
    case TaskSpawn(_, p, _, _)             => 0 < p < NPART
    case PartitionStart(_, p)              => 0 < p < NPART
    case PartitionSuspend(_, p)            => 0 < p < NPART
    case PartitionEnd(_, p, _)             => 0 < p < NPART
    case CapGrant(_, to, slot, kind, obj, _) => to < NPART && slot < CSLOTS && s.caps[to * CSLOTS + slot].gen < GENMAX && C.ObjectInRange(EmptyCap.(kind := kind, obj := obj))
    case CapDelegate(who, to, slot, src, _)  => who < NPART && to < NPART && slot < CSLOTS && src < CSLOTS && who * CSLOTS + src != to * CSLOTS + slot
                                              && s.caps[to * CSLOTS + slot].gen < GENMAX && s.caps[who * CSLOTS + src].depth < MAXDEPTH
    case CapRevoke(who, slot, _)           => who < NPART && slot < CSLOTS && s.caps[who * CSLOTS + slot].gen < GENMAX
    case CapDrop(who, slot)                => who < NPART && slot < CSLOTS
    case RegionCreate(_, r, _, _, _, _)    => r < NREGION
    case RegionMap(_, p, r, page, first, pages, _) => p < NPART && r < NREGION && page as int + pages as int <= IPAPAGES as int
                                              && s.memory.regions[r].frame as int + first as int + pages as int <= LO32 as int * 256
    case RegionUnmap(p, _, _, _)           => p < NPART
    case EdgeCreate(_, e, _, _, _)         => e < NEDGE && s.edges[e].gen < GENMAX
    case EdgeDestroy(_, e)                 => e < NEDGE
    case LeaseGrant(who, _, _, _)          => who < NPART
    case LeaseEnd(who, r, _)               => who < NPART && r < NREGION && s.leases[who].until != 0 && s.leases[who].region == r && s.memory.regions[r].owner == who
    case Proved(who, _, _, _, _)           => who < NPART
    case _ => true
  }
  const NOGEN: u32 := Limits.NOGEN
  /** The generation that capabilities on this object carry; NOGEN if there is no such object now. */
  function ObjectGen(s: Structure, kind: u32, obj: u32): u32
    requires Tables(s)
  {
    if kind == Kinds.Region && obj < NREGION then if s.memory.regions[obj].owner != 0 then s.memory.regions[obj].gen else NOGEN
    else if kind == Kinds.Partition && obj < NPART then if s.parts[obj].life != Kinds.Free then s.parts[obj].gen else NOGEN
    else if kind == Kinds.CommEdge && obj < NEDGE then if s.edges[obj].cap != 0 then s.edges[obj].gen else NOGEN
    else 0
  }

  /** The structural state after the action; one that is not applicable changes nothing. */
  function Apply(s: Structure, a: Action): Structure
    requires Tables(s)
    ensures Tables(Apply(s, a))
  {
    if !Applicable(s, a) then s else
    match a
    case PartitionCreate(_, p, _)          => s.(parts := s.parts[p as int := Part(s.parts[p].gen + 1, Kinds.Created, 0, 0)], maps := s.maps[p as int := M.EmptyMap])
    case TaskSpawn(_, p, slice, rel)       => s.(parts := s.parts[p as int := s.parts[p].(slice := slice, rel := rel)])
    case PartitionStart(_, p)              => s.(parts := s.parts[p as int := s.parts[p].(life := Kinds.Started)])
    case PartitionSuspend(_, p)            => s.(parts := s.parts[p as int := s.parts[p].(life := Kinds.Suspended)])
    case PartitionEnd(_, p, _)             => End(s, p)
    case CapGrant(_, to, slot, kind, obj, rights) => s.(caps := C.Mint(s.caps, to * CSLOTS + slot, kind, obj, ObjectGen(s, kind, obj), rights))
    case CapDelegate(who, to, slot, src, rights)  => s.(caps := C.Derive(s.caps, to * CSLOTS + slot, who * CSLOTS + src, rights))
    case CapRevoke(who, slot, _)           => s.(caps := C.Revoke(s.caps, who * CSLOTS + slot))
    case CapDrop(who, slot)                => s.(caps := C.Drop(s.caps, who * CSLOTS + slot))
    case RegionCreate(_, r, owner, policy, pages, frame) => s.(memory := M.Create(s.memory, r, owner, policy, pages, frame))
    case RegionMap(_, p, r, page, first, pages, perm) => s.(maps := s.maps[p as int := M.MapRange(s.maps[p], page, pages, s.memory.regions[r].frame + first, perm, r)])
    case RegionUnmap(p, _, page, pages)    => s.(maps := s.maps[p as int := M.UnmapRange(s.maps[p], page, pages)])
    case EdgeCreate(_, e, src, dst, cap)   => s.(edges := E.Create(s.edges, e, src, dst, cap))
    case EdgeDestroy(_, e)                 => s.(edges := E.Destroy(s.edges, e))
    case LeaseGrant(who, r, page, until)   => s.(leases := s.leases[who as int := Lease(r, page, until)])
    case LeaseEnd(who, r, _)               => s.(memory := M.Free(s.memory, r), leases := s.leases[who as int := EmptyLease])
    case Proved(who, nonce, _, _, _)       => s.(nonces := s.nonces[who as int := nonce])
    case PolicyActivate(_, which, _)       => s.(policy := which)
    case _ => s
  }
  /** Partition p has ended: its memory, map, edges, capabilities and lease are gone and its slot is free. */
  function End(s: Structure, p: u32): Structure
    requires Tables(s) && 0 < p < NPART
  {
    Structure(s.parts[p as int := Part(s.parts[p].gen, Kinds.Free, 0, 0)], C.DropAll(s.caps, p), M.Release(s.memory, p),
              s.maps[p as int := M.EmptyMap], E.DestroyAll(s.edges, p), s.policy, s.nonces,
              s.leases[p as int := EmptyLease])
  }

  function ApplyAll(s: Structure, acts: seq<Action>): Structure
    requires Tables(s)
    ensures Tables(ApplyAll(s, acts))
    decreases |acts|
  {
    if |acts| == 0 then s else ApplyAll(Apply(s, acts[0]), acts[1..])
  }

  /** The record of an action fits the log. */
  predicate Notable(l: Log, a: Action)
    requires W.Tables(l)
  {
    && Charged(a) < NPART && l.used[Charged(a)] < TIMEMAX && |l.records| < TIMEMAX as int
    && match a
       case PartitionQuota(who, p, q, _) => who < NPART && 0 < p < NPART && who != p && q <= l.quota[who] && l.used[p] <= l.quota[p]
                                            && l.quota[0] as int + l.quota[p] as int <= TIMEMAX as int && l.used[p] as int + q as int <= TIMEMAX as int
       case PartitionEnd(_, p, _)        => 0 < p && l.used[p] < l.quota[p] && l.quota[0] as int + l.quota[p] as int <= TIMEMAX as int
       case _ => true
  }
  function Record(l: Log, a: Action, now: u64): Log
    requires W.Tables(l) && Charged(a) < NPART && l.used[Charged(a)] < TIMEMAX && |l.records| < TIMEMAX as int
  {
    var f := Encode(a);
    W.Append(l, Charged(a), now, f.kind, f.tier, f.subject as u64, f.obj, f.aux)
  }
  /** The log after the action: its record, and what it does to the quotas. */
  function Note(l: Log, a: Action, now: u64): Log
    requires W.Tables(l)
    ensures W.Tables(Note(l, a, now))
  {
    if !Notable(l, a) then l else
    match a
    case PartitionQuota(who, p, q, _) => W.Grant(W.Return(Record(l, a, now), p), who, p, q)       // what a predecessor left is not p's
    case PartitionEnd(_, p, _)        => W.Return(Record(l, a, now), p)
    case Drain(_, _)                  => Record(W.Drain(l), a, now)
    case _                            => Record(l, a, now)
  }
  function NoteAll(l: Log, acts: seq<Action>, now: u64): Log
    requires W.Tables(l)
    ensures W.Tables(NoteAll(l, acts, now))
    decreases |acts|
  {
    if |acts| == 0 then l else NoteAll(Note(l, acts[0], now), acts[1..], now)
  }
}
