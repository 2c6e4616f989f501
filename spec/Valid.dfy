include "Apply.dfy"

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

  /** Every partition's map shows only its own regions, as their policies permit; a free partition slot has none. */
  predicate MapsOk(parts: seq<Part>, m: State.Memory, maps: seq<Map>)
    requires |parts| == NPART as int && M.Table(m) && |maps| == NPART as int
  {
    forall p: u32 {:trigger maps[p]} :: p < NPART ==> M.MapOk(m, p, maps[p]) && (p == 0 || parts[p].life == Kinds.Free ==> maps[p] == M.EmptyMap)
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
  predicate Valid(k: Kernel) {
    && Sized(k)
    && C.Bounded(k.st.caps)
    && M.RegionsOk(k.st.memory) && k.machine.ram <= k.st.memory.next
    && MapsOk(k.st.parts, k.st.memory, k.st.maps)
    && E.EdgesOk(k.st.edges, k.vol.queues)
    && S.SchedOk(k.vol.sched)
    && S.OnlyStartedRun(k.st.parts, k.vol.sched)
    && W.LogOk(k.log)
    && EndsCanBeWitnessed(k.st.parts, k.log, k.vol.halted)
    && |k.log.records| <= TIMEMAX as int && (forall i: int :: 0 <= i < |k.log.records| ==> W.Small(k.log.records[i]))
    && (forall i: int :: 0 <= i < |k.images| ==> ImageOk(k.images[i]))
  }
}
