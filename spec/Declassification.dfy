include "Observation.dfy"

/** What a partition's own call may tell it about the others. Nothing else reaches it but through a channel (spec/Observation.dfy).

      what                      told by                       to whom                              why
      -----------------------  ----------------------------  -----------------------------------  ---------------------------------------------
      images, policies,         boot                          everybody                            the boot bundle is public
      devices, what is shared
      what the policy says      a call that it governs        the caller                           its author decides what a rule looks at
      the schedule, the clock   when it runs, CNTVCT          everybody                            a partition always knows the time
      is its slice over?        the tick                      the running partition                the schedule: it decides who runs next
      a free slot of another    cap_grant, commedge_create    holder of WRITE on that partition    the handle of what it put there
      which objects are free    partition_create, _edge_…     holder of the pool; of WRITE         allocation is global: objects have numbers
      is there memory?          partition_create              holder of the pool                   memory is shared; where it lies is not told
      is a device free?         device_lease_acquire          holder of LEASE on it                a device has one holder at most; where its region is numbered
      another's life            partition_start, _suspend     holder of WRITE on it                it acts on that life
      the log                   witness_read, witness_ack     holder of WITNESS                    that is what the right is for
      may a job check it?       proof_submit                  holder of WITNESS                    that is what the right is for
      what its job has found    the tick                      the running partition                it held WITNESS, and could have read those records
      is the log at its end?    every witnessed call          everybody                            after 2^64 records nothing is possible (Lasts)
*/
module Declassification {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import M = Memory
  import DL = DecideLease
  import S = Scheduler
  import W = Witness
  import V = Valid
  import P = DecidePartition
  import D = DecideProof
  import T = DecideTask
  import Kinds
  import Status
  import Rights
  import Step
  import G = DecidePolicy
  import Policy
  import PolicyLimits

  datatype Told =
    | Nothing
    | Is(yes: bool)
    | Found(over: bool, job: D.Job)
    | Slot(slot: u32, gen: u32)
    | Place(part: u32, status: u64)
    | Joined(edge: u32, slot: u32, gen: u32)
    | Numbers(head: int, drained: u64)
    | Contents(head: int, drained: u64, words: seq<u64>)
    | Ruled(ruling: Policy.Ruling, deep: bool, more: Told)

  /** Both kernels have the same images, policies, devices and shared regions, and neither log is at the end of its numbers. */
  predicate SamePublic(a: Kernel, b: Kernel) { a.images == b.images && a.policies == b.policies && a.devices == b.devices && SameShared(a.st.memory, b.st.memory) && Lasts(a) && Lasts(b) }
  predicate SameShared(a: Memory, b: Memory) {
    |a.regions| == |b.regions| && forall r: int {:trigger a.regions[r]} {:trigger b.regions[r]} :: 0 <= r < |a.regions| && (a.regions[r].owner == EVERYBODY || b.regions[r].owner == EVERYBODY) ==> a.regions[r] == b.regions[r]
  }
  /** The log has numbers left. */
  predicate Lasts(k: Kernel) { |k.log.records| < TIMEMAX as int - 2 * RING as int - 16 }

  /** What event e tells the running partition beside what it sees anyway. Who only computes is told nothing. */
  function Tells(k: Kernel, e: Step.Event): Told
    requires Runs(k)
  {
    match e
    case Tick(now) => Found(now >= k.vol.sched.sliceEnd, D.JobOf(T.Worked(k, now).vol, Me(k)))
    case Hypercall(now) => if Arg(k, 0) % LO32 < CALLS then Nothing else GateTells(k, Arg(k, 0) % LO32 - CALLS, now)
    case _ => Nothing
  }
  /** A call that the policy governs tells what the policy says, and the rest only if it gets through. */
  function GateTells(k: Kernel, n: u64, now: u64): Told
    requires Runs(k)
  {
    if !G.Governed(k, n) then CallTells(k, n)
    else if G.P1(k) != Status.OK then Ruled(Policy.Deny(PolicyLimits.NORULE as u64), false, Nothing)
    else
      var s := G.Says(k, n, now);
      Ruled(s, s.Permit? && G.Sealed(n) && G.Deep(k, n),
        if s.Permit? && (!G.Sealed(n) || (G.ProofOk(k, n, now) && W.Room(k.log, Me(k), G.Needs(k, n) + 1))) then CallTells(k, n) else Nothing)
  }
  function CallTells(k: Kernel, n: u64): Told
    requires Runs(k)
  {
    if      n == 1  then GrantTells(k)
    else if n == 12 then MakingTells(k)
    else if n == 17 then JoiningTells(k)
    else if n == 19 then LeasingTells(k)
    else if n == 21 then ReadingTells(k)
    else if n == 72 then (if Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK then Is(Arg(k, 2) as int == |k.log.records|) else Nothing)
    else if n == 73 then (if P.Other(k, Arg(k, 1), Rights.WRITE) == Status.OK then Is(Life(k) == Kinds.Created || Life(k) == Kinds.Suspended) else Nothing)
    else if n == 77 then (if Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK then Is(D.Checkable(k.log, Arg(k, 2), Arg(k, 3))) else Nothing)
    else if n == 74 then (if P.Other(k, Arg(k, 1), Rights.WRITE) == Status.OK then Is(Life(k) == Kinds.Started) else Nothing)
    else Nothing
  }
  /** The life of the partition that the first argument names. */
  function Life(k: Kernel): u32 requires Runs(k) && C.Slot(Arg(k, 1)) < CSLOTS as u64 && Object(k, Arg(k, 1)) < NPART { k.st.parts[Object(k, Arg(k, 1))].life }

  /** cap_grant to another partition: whether it has a free slot; which, if it gets the capability. */
  function GrantTells(k: Kernel): Told
    requires Runs(k)
  {
    var h, to, asked := Arg(k, 1), Arg(k, 2), Arg(k, 3);
    if Guard(k, h, Kinds.None, 0) != Status.OK || to == 0 || Guard(k, to, Kinds.Partition, Rights.WRITE) != Status.OK || asked > Rights.ALL as u64 then Nothing
    else if C.DeriveCheck(k.st.caps, C.Index(Me(k), h), asked as u32) != Status.OK || Object(k, to) >= NPART then Nothing
    else
      var q := Object(k, to);
      var s := C.FreeSlot(k.st.caps, q);
      if s == CSLOTS || !W.Room(k.log, Me(k), 1) then Is(s == CSLOTS) else Slot(s, k.st.caps[q * CSLOTS + s].gen)
  }
  /** partition_create: whether there is a free partition slot and memory; which slot, if the partition is made. */
  function MakingTells(k: Kernel): Told
    requires Runs(k)
  {
    var image, quota, budget := Arg(k, 2), Arg(k, 4), Arg(k, 5);
    if Guard(k, Arg(k, 1), Kinds.PhysMemPool, Rights.WRITE) != Status.OK || image >= |k.images| as u64 then Nothing
    else
      var p := S.FreeFrom(k.st.parts, 1);
      if p == NPART then Place(0, Status.PartitionLimitExceeded)
      else if C.FreeSlot(k.st.caps, Me(k)) == CSLOTS || quota == 0 || quota > RING || budget >= LO32 then Place(0, Status.OK)
      else
        var w := P.Place(k.st.memory, k.images[image], p);
        if w.status != Status.OK || !W.Room(k.log, Me(k), quota + P.RECORDS) then Place(0, w.status) else Place(p, Status.OK)
  }
  /** commedge_create: whether there is a free edge and the other partition has a free slot; which, if they are connected. */
  function JoiningTells(k: Kernel): Told
    requires Runs(k)
  {
    var h, cap := Arg(k, 1), Arg(k, 2);
    if Guard(k, h, Kinds.Partition, Rights.WRITE) != Status.OK || Object(k, h) >= NPART || Object(k, h) == Me(k) then Nothing
    else if cap == 0 || cap > QDEPTH as u64 || C.FreeSlot(k.st.caps, Me(k)) == CSLOTS then Nothing
    else
      var q, e := Object(k, h), E.FreeFrom(k.st.edges, 0);
      var s := C.FreeSlot(k.st.caps, q);
      if e == NEDGE || s == CSLOTS || !W.Room(k.log, Me(k), 3) then Is(e < NEDGE && s < CSLOTS) else Joined(e, s, k.st.caps[q * CSLOTS + s].gen)
  }
  /** device_lease_acquire: whether the device is free, and a slot for its region; which, if the caller gets it. */
  function LeasingTells(k: Kernel): Told
    requires Runs(k)
  {
    if DL.Named(k) != Status.OK || !DL.Lasts(Arg(k, 2)) || DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) != Status.OK then Nothing
    else if !M.DeviceFree(k.st.memory, DL.Shown(k).frame, DL.Shown(k).pages) then Place(0, Status.DeviceLeaseConflict)
    else
      var r := M.VirginFrom(k.st.memory, 0);
      if r == NREGION || !W.Room(k.log, Me(k), 3) then Place(0, if r == NREGION then Status.OutOfMemory else Status.OK) else Slot(r, k.st.memory.regions[r].gen)
  }
  /** witness_read: the log's numbers, and the record that was asked for. */
  function ReadingTells(k: Kernel): Told
    requires Runs(k)
  {
    var n := Arg(k, 2);
    if Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) != Status.OK then Nothing
    else if n < k.log.drained || n as int >= |k.log.records| then Numbers(|k.log.records|, k.log.drained)
    else Contents(|k.log.records|, k.log.drained, W.Pack(k.log.records[n]))
  }

  /** The effects on partition p's own processor state, translations and console lines. Its memory is nobody else's, and what is shared never changes (theorem 3). */
  function Felt(es: seq<Effect>, p: u32): seq<Effect> {
    if |es| == 0 then [] else (if IsFelt(es[0], p) then [es[0]] else []) + Felt(es[1..], p)
  }
  predicate IsFelt(e: Effect, p: u32) {
    && e.a == p as u64
    && (e.kind == CONSOLE || e.kind == INJECT || e.kind == MAPSYNC || e.kind == TLBIRANGE || e.kind == TLBIVMID || e.kind == NAME || e.kind == RESET)
  }
}
