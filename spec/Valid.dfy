include "Leases.dfy"

/** The invariant of the kernel. Everything the theorems say is said of states that satisfy it, and Step preserves it. */
module Valid {
  import opened Types
  import opened Limits
  import opened State
  import C = Capabilities
  import M = Memory
  import E = Edges
  import S = Scheduler
  import W = Witness
  import Kinds
  import A = Apply
  import L = Leases

  /** Every partition's map shows only its own regions and shared ones, as their policies permit; a free partition slot has none. */
  predicate MapsOk(parts: seq<Part>, m: State.Memory, maps: seq<Map>)
    requires |parts| == NPART as int && M.Table(m) && |maps| == NPART as int
  {
    forall p: u32 {:trigger maps[p]} :: p < NPART ==> M.MapOk(m, p, maps[p]) && (p == 0 || parts[p].life == Kinds.Free ==> maps[p] == M.EmptyMap)
  }
  /** The generation that an object has, or had last. */
  function Counter(s: Structure, kind: u32, obj: u32): u32
    requires A.Tables(s)
  {
    if kind == Kinds.Region && obj < NREGION then s.memory.regions[obj].gen
    else if kind == Kinds.Partition && obj < NPART then s.parts[obj].gen
    else if kind == Kinds.CommEdge && obj < NEDGE then s.edges[obj].gen
    else 0
  }
  predicate Older(s: Structure, c: Cap) requires A.Tables(s) { c.kind == Kinds.None || (c.ogen <= GENMAX && c.ogen <= Counter(s, c.kind, c.obj)) }
  /** No capability is for a generation of its object that is still to come, so none comes to life again with a new object in an old place. */
  opaque predicate Aged(s: Structure)
    requires A.Tables(s)
  {
    && (forall i: int {:trigger s.caps[i]} :: 0 <= i < NCAP as int ==> Older(s, s.caps[i]))
    && (forall p: int {:trigger s.parts[p]} :: 0 <= p < NPART as int ==> s.parts[p].gen <= GENMAX)
  }
  /** Every partition that exists can still have its end witnessed, and so can the system, until it has. */
  predicate EndsCanBeWitnessed(parts: seq<Part>, l: Log, halted: bool)
    requires |parts| == NPART as int && W.Tables(l)
  {
    (halted || W.Spare(l, 0)) && forall p: u32 {:trigger parts[p]} :: 0 < p < NPART && parts[p].life != Kinds.Free ==> W.Spare(l, p)
  }
  /** An image fits the address space, its tables and its pages. */
  predicate ImageOk(i: Image) {
    && i.code > 0 && i.code as int + i.data as int <= MAXMAP as int && i.page as int + i.code as int + i.data as int <= IPAPAGES as int
    && i.bytes as int <= (i.code as int + i.data as int) * 4096 && i.offset as int + i.bytes as int <= LO32 as int
    && M.Fits(M.EmptyMap, i.page as u32, (i.code + i.data) as u32)
  }
  /** A device that can be leased lies where devices may lie. */
  predicate DeviceOk(c: Machine, d: Device) { 0 < d.pages <= MAXMAP && M.DeviceAllowed(c, d.frame, d.pages) }
  predicate Valid(k: Kernel) {
    && Sized(k)
    && C.Bounded(k.st.caps)
    && M.RegionsOk(k.st.memory) && M.Placed(k.machine, k.st.memory)
    && Aged(k.st)
    && L.LeasesOk(k.st)
    && MapsOk(k.st.parts, k.st.memory, k.st.maps)
    && E.EdgesOk(k.st.edges, k.vol.queues)
    && S.SchedOk(k.vol.sched)
    && S.OnlyStartedRun(k.st.parts, k.vol.sched)
    && W.LogOk(k.log)
    && EndsCanBeWitnessed(k.st.parts, k.log, k.vol.halted)
    && |k.log.records| <= TIMEMAX as int && (forall i: int :: 0 <= i < |k.log.records| ==> W.Small(k.log.records[i]))
    && (forall i: int :: 0 <= i < |k.images| ==> ImageOk(k.images[i]))
    && (forall i: int :: 0 <= i < |k.devices| ==> DeviceOk(k.machine, k.devices[i]))
  }
}
