include "Observation.dfy"

/** What a partition's own call may tell it about the others. Nothing else reaches it but through a channel (spec/Observation.dfy).

      what                      told by                       to whom                              why
      -----------------------  ----------------------------  -----------------------------------  ---------------------------------------------
      machine, images           boot                          everybody                            the boot bundle is public
      the schedule, the clock   when it runs, CNTVCT          everybody                            a partition always knows the time
      is its slice over?        the tick                      the running partition                the schedule: it decides who runs next
      a free slot of another    cap_grant, commedge_create    holder of WRITE on that partition    the handle of what it put there
      which objects are free    partition_create, _edge_…     holder of the pool; of WRITE         allocation is global: objects have numbers
      another's life            partition_start, …            holder of WRITE or REVOKE on it      it acts on that life
      the log                   witness_read, witness_ack     holder of WITNESS                    that is what the right is for
      the log's last number     every witnessed call          everybody                            after 2^64 records nothing is possible
*/
module Declassification {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import P = DecidePartition
  import Kinds
  import Status
  import Rights
  import Step

  datatype Told =
    | Nothing
    | Slice(over: bool)
    | Slot(slot: u32, gen: u32)                                        // gen 0 with slot CSLOTS: none is free
    | Place(part: u32, places: P.Places)
    | Joined(edge: u32, slot: u32, gen: u32)
    | Life(life: u32)
    | Numbers(head: int, drained: u64)
    | Contents(head: int, drained: u64, words: seq<u64>)

  /** Both kernels run on the same machine with the same images, and neither log is at its end. */
  predicate SamePublic(a: Kernel, b: Kernel) { a.machine == b.machine && a.images == b.images && !LogEnds(a) && !LogEnds(b) }
  predicate LogEnds(k: Kernel) { |k.log.records| as int >= TIMEMAX as int - 2 * RING as int - 16 }

  /** The slot of partition q that the next capability gets. */
  function NextSlot(k: Kernel, q: u32): Told
    requires V.Valid(k)
  {
    if q >= NPART then Slot(CSLOTS, 0)
    else
      var s := C.FreeSlot(k.st.caps, q);
      if s == CSLOTS then Slot(CSLOTS, 0) else Slot(s, k.st.caps[q * CSLOTS + s].gen)
  }
  /** What event e tells the running partition beside what it sees anyway. */
  function Tells(k: Kernel, e: Step.Event): Told
    requires Runs(k)
  {
    match e
    case Tick(now) => Slice(now >= k.vol.sched.sliceEnd)
    case Hypercall(_) => if Arg(k, 0) % LO32 < CALLS then Nothing else CallTells(k, Arg(k, 0) % LO32 - CALLS)
    case _ => Nothing
  }
  function CallTells(k: Kernel, n: u64): Told
    requires Runs(k)
  {
    if n == 1 then
      if Arg(k, 2) != 0 && Guard(k, Arg(k, 2), Kinds.Partition, Rights.WRITE) == Status.OK then NextSlot(k, Object(k, Arg(k, 2))) else Nothing
    else if n == 12 then
      var p := S.FreeFrom(k.st.parts, 1);
      if Guard(k, Arg(k, 1), Kinds.PhysMemPool, Rights.WRITE) == Status.OK && Arg(k, 2) < |k.images| as u64
      then Place(p, P.Place(k.st.memory, k.images[Arg(k, 2)], p)) else Nothing
    else if n == 17 then
      if Guard(k, Arg(k, 1), Kinds.Partition, Rights.WRITE) == Status.OK then
        var s := NextSlot(k, Object(k, Arg(k, 1)));
        Joined(E.FreeFrom(k.st.edges, 0), s.slot, s.gen)
      else Nothing
    else if n == 73 || n == 74 then (if P.Other(k, Arg(k, 1), Rights.WRITE) == Status.OK then Life(k.st.parts[Object(k, Arg(k, 1))].life) else Nothing)
    else if n == 75 then (if P.Other(k, Arg(k, 1), Rights.REVOKE) == Status.OK then Life(k.st.parts[Object(k, Arg(k, 1))].life) else Nothing)
    else if n == 21 then
      if Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) != Status.OK then Nothing
      else if k.log.drained <= Arg(k, 2) && Arg(k, 2) as int < |k.log.records| then Contents(|k.log.records|, k.log.drained, W.Pack(k.log.records[Arg(k, 2)]))
      else Numbers(|k.log.records|, k.log.drained)
    else if n == 72 then
      if Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK then Numbers(|k.log.records|, k.log.drained) else Nothing
    else Nothing
  }
}
