include "CoreEdges.dfy"
include "LeaseEnding.dfy"

/** queue_send, queue_recv, notify_signal, notify_wait, commedge_create, commedge_destroy. */
module EdgeCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import CE = CoreEdges
  import LE = LeaseEnding
  import Status
  import Kinds
  import Rights
  import State
  import Apply
  import Common
  import Step
  import Valid
  import D = DecideEdge
  import Caps = Capabilities
  import Edg = Edges
  import Wit = Witness

  const CALLS: u64 := 0xC600_0000

  // Most steps of work (spec/Cost.dfy).
  ghost const QUEUE_SEND_WORK: nat := 1 + CLAIM_WORK + SEND_WORK
  ghost const SEND_WORK: nat := 1 + CE.DELIVER_WORK
  ghost const NOTIFY_SIGNAL_WORK: nat := 1 + CLAIM_WORK + SIGNAL_WORK
  ghost const SIGNAL_WORK: nat := 1 + CE.DELIVER_WORK
  ghost const QUEUE_RECV_WORK: nat := 1 + CLAIM_WORK
  ghost const NOTIFY_WAIT_WORK: nat := 1 + CLAIM_WORK
  ghost const COMM_EDGE_CREATE_WORK: nat := 1 + GUARD_WORK + CE.FREE_EDGE_WORK + FREE_SLOT_WORK + FREE_SLOT_WORK
  ghost const COMM_EDGE_DESTROY_WORK: nat := 1 + GUARD_WORK + DESTROY_WORK
  ghost const DESTROY_WORK: nat := 1 + CE.DISAPPOINT_WORK

  // ---- queue_send, notify_signal --------------------------------------------------------------------------------------------

  method QueueSend(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.QueueSend(old(k.Abs()), now), now)
    ensures work <= QUEUE_SEND_WORK
  {
    hide *;
    work := 1;
    reveal D.QueueSend, REFUSED, Limits.LO32, D.Source, Edg.Full, CALLS, Common.CALLS, Limits.CTXW, Limits.NEDGE, Status.OK, Status.InsufficientCapability;
    reveal QUEUE_SEND_WORK;
    var h := Arg(k, 1);
    var c := Claim(k, h, Kinds.CommEdge, Rights.WRITE);
    work := work + CLAIM_WORK;
    if c >= REFUSED { Refuse(k, CALLS + 3, c, now); return; }
    var e := c as u32;
    if e >= NEDGE || CE.Source(k, e) != Me(k) { Refuse(k, CALLS + 3, Status.InsufficientCapability, now); return; }
    var n := CE.Count(k, e);
    if n >= CE.Capacity(k, e) as u64 { Answer(k, Status.ResourceLimitExceeded, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Send(k, e, n + 1, now);
    work := work + w;
  }
  method Send(k: Core, e: u32, n: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && e < NEDGE && !Edg.Full(k.Abs().st.edges, k.Abs().vol.queues, e) && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    requires n as int == |k.Abs().vol.queues[e].msgs| + 1
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Sent(old(k.Abs()), e, now), now)
    ensures work <= SEND_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Encode, Apply.Charged, Common.SetReg, Wit.Room, Wit.Spare;
    reveal SEND_WORK;
    reveal D.Sent, Limits.NEDGE, Limits.NPART, Limits.CTXW, Status.OK;
    var me := k.sched.cur;
    ghost var a := Apply.Send(me, e, n);
    One(k.Abs(), a, now);
    CE.Send(k, e, Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5));
    k.Set(me, 0, Status.OK);
    k.Record(a, me, 0x34, 1, me, e as u64, n, now);
    ghost var w := CE.Deliver(k, CE.Destination(k, e), e, now);
    work := work + w;
  }
  method NotifySignal(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.NotifySignal(old(k.Abs()), now), now)
    ensures work <= NOTIFY_SIGNAL_WORK
  {
    hide *;
    work := 1;
    reveal D.NotifySignal, REFUSED, Limits.LO32, D.Source, CALLS, Common.CALLS, Limits.CTXW, Limits.NEDGE, Status.OK, Status.InsufficientCapability, Common.Me;
    reveal NOTIFY_SIGNAL_WORK;
    var h := Arg(k, 1);
    var c := Claim(k, h, Kinds.CommEdge, Rights.WRITE);
    work := work + CLAIM_WORK;
    if c >= REFUSED { Refuse(k, CALLS + 22, c, now); return; }
    var e := c as u32;
    if e >= NEDGE || CE.Source(k, e) != Me(k) { Refuse(k, CALLS + 22, Status.InsufficientCapability, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Signal(k, e, now);
    work := work + w;
  }
  method Signal(k: Core, e: u32, now: u64) returns (ghost work: nat)
    requires k.Called() && e < NEDGE && k.Abs().st.edges[e].cap != 0 && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Signalled(old(k.Abs()), e, now), now)
    ensures work <= SIGNAL_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Encode, Apply.Charged, Common.SetReg, Wit.Room, Wit.Spare;
    reveal SIGNAL_WORK;
    reveal D.Signalled, Limits.NEDGE, Limits.NPART, Limits.CTXW, Status.OK;
    var me, bits := k.sched.cur, Arg(k, 2);
    ghost var a := Apply.Signal(me, e, bits);
    One(k.Abs(), a, now);
    CE.Signal(k, e, bits);
    k.Set(me, 0, Status.OK);
    k.Record(a, me, 0x33, 1, me, e as u64, bits, now);
    ghost var w := CE.Deliver(k, CE.Destination(k, e), e, now);
    work := work + w;
  }

  // ---- queue_recv, notify_wait ----------------------------------------------------------------------------------------------

  method QueueRecv(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.QueueRecv(old(k.Abs())), now)
    ensures work <= QUEUE_RECV_WORK
  {
    hide *;
    work := 1;
    reveal D.QueueRecv, REFUSED, Limits.LO32, D.Destination, CALLS, Common.CALLS, Limits.CTXW, Limits.NEDGE, Status.OK, Status.InsufficientCapability, Common.Me;
    reveal QUEUE_RECV_WORK;
    reveal k.Done, Step.Commit, Apply.ApplyAll, Apply.NoteAll;
    var h := Arg(k, 1);
    var c := Claim(k, h, Kinds.CommEdge, Rights.READ);
    work := work + CLAIM_WORK;
    if c >= REFUSED { Refuse(k, CALLS + 4, c, now); return; }
    var e := c as u32;
    if e >= NEDGE || CE.Destination(k, e) != Me(k) { Refuse(k, CALLS + 4, Status.InsufficientCapability, now); return; }
    CE.Receive(k, k.sched.cur, e);
  }
  method NotifyWait(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.NotifyWait(old(k.Abs()), now), now)
    ensures work <= NOTIFY_WAIT_WORK
  {
    hide *;
    work := 1;
    reveal D.NotifyWait, REFUSED, Limits.LO32, D.Destination, CALLS, Common.CALLS, Limits.CTXW, Limits.NEDGE, Status.OK, Status.InsufficientCapability, Common.Me;
    reveal NOTIFY_WAIT_WORK;
    reveal k.Done, Step.Commit, Apply.ApplyAll, Apply.NoteAll;
    var h := Arg(k, 1);
    var c := Claim(k, h, Kinds.CommEdge, Rights.READ);
    work := work + CLAIM_WORK;
    if c >= REFUSED { Refuse(k, CALLS + 23, c, now); return; }
    var e := c as u32;
    if e >= NEDGE || CE.Destination(k, e) != Me(k) { Refuse(k, CALLS + 23, Status.InsufficientCapability, now); return; }
    if CE.Bits(k, e) == 0 {
      if LE.Has(k, k.sched.cur) { Refuse(k, CALLS + 23, Status.DeviceLeaseConflict, now); return; }
      k.Block(Kinds.Waiting, e as u64, now);
    } else {
      CE.Take(k, k.sched.cur, e);
    }
  }

  // ---- commedge_create ------------------------------------------------------------------------------------------------------

  method CommEdgeCreate(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.CommEdgeCreate(old(k.Abs())), now)
    ensures work <= COMM_EDGE_CREATE_WORK
  {
    hide *;
    work := 1;
    reveal D.CommEdgeCreate, CALLS, Common.CALLS, Limits.CTXW, Limits.NPART, Limits.CSLOTS, Limits.NEDGE, Limits.QDEPTH, Status.OK, Caps.FreeSlot, Connectable;
    reveal COMM_EDGE_CREATE_WORK;
    var h, cap, me := Arg(k, 1), Arg(k, 2), Me(k);
    var g := Guard(k, h, Kinds.Partition, Rights.WRITE);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 17, g, now); return; }
    var dst := Object(k, h);
    if dst >= NPART || dst == me { Refuse(k, CALLS + 17, Status.InvalidPartitionState, now); return; }
    var e, ss, ds := CE.FreeEdge(k), FreeSlot(k, me), FreeSlot(k, dst);
    work := work + CE.FREE_EDGE_WORK + FREE_SLOT_WORK + FREE_SLOT_WORK;
    if cap == 0 || cap > QDEPTH as u64 || e == NEDGE || ss == CSLOTS || ds == CSLOTS {
      Refuse(k, CALLS + 17, Status.ResourceLimitExceeded, now);
      return;
    }
    if !Room(k, 3) { Answer(k, Status.WitnessLogFull, now); return; }
    Connect(k, e, ss, dst, ds, cap as u32, now);
  }
  /** The caller may be connected to dst: the edge and both slots are free. */
  ghost predicate Connectable(s: State.Kernel, e: u32, ss: u32, dst: u32, ds: u32, cap: u32)
    requires Common.Runs(s)
  {
    && e < NEDGE && s.st.edges[e].cap == 0 && s.st.edges[e].gen < GENMAX && 1 <= cap <= QDEPTH
    && ss < CSLOTS && dst < NPART && ds < CSLOTS && dst != Common.Me(s)
    && s.st.caps[Common.Me(s) * CSLOTS + ss].gen < GENMAX && s.st.caps[dst * CSLOTS + ds].gen < GENMAX
    && Wit.Room(s.log, Common.Me(s), 3)
  }
  method Connect(k: Core, e: u32, ss: u32, dst: u32, ds: u32, cap: u32, now: u64)
    requires k.Called() && Connectable(k.Abs(), e, ss, dst, ds, cap)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Connected(old(k.Abs()), e, ss, dst, ds, cap), now)
  {
    hide *;
    reveal k.Done, Step.Commit, D.Connected, Connectable, Caps.Handle, Common.SetReg, D.SOURCE_RIGHTS, D.DESTINATION_RIGHTS;
    reveal Limits.CSLOTS, Limits.NCAP, Limits.NPART, Limits.LO32, Limits.GENMAX, Limits.CTXW, Status.OK;
    var me := k.sched.cur;
    var gs, gd := SlotGen(k, me * CSLOTS + ss), SlotGen(k, dst * CSLOTS + ds);
    CE.Connect(k, me, e, me, ss, dst, ds, cap, 0x26, 0x25, now);
    k.Set(me, 0, Status.OK);
    k.Set(me, 1, (gs + 1) as u64 * LO32 + ss as u64);
    k.Set(me, 2, (gd + 1) as u64 * LO32 + ds as u64);
  }

  // ---- commedge_destroy -----------------------------------------------------------------------------------------------------

  method CommEdgeDestroy(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.CommEdgeDestroy(old(k.Abs()), now), now)
    ensures work <= COMM_EDGE_DESTROY_WORK
  {
    hide *;
    work := 1;
    reveal D.CommEdgeDestroy, CALLS, Common.CALLS, Limits.CTXW, Limits.NEDGE, Status.OK, COMM_EDGE_DESTROY_WORK;
    var h := Arg(k, 1);
    var g := Guard(k, h, Kinds.CommEdge, Rights.REVOKE);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 18, g, now); return; }
    var e := Object(k, h);
    if e >= NEDGE { Refuse(k, CALLS + 18, Status.InsufficientCapability, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Destroy(k, e, now);
    work := work + w;
  }
  method Destroy(k: Core, e: u32, now: u64) returns (ghost work: nat)
    requires k.Called() && e < NEDGE && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Destroyed(old(k.Abs()), e, now), now)
    ensures work <= DESTROY_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Common.SetReg, Wit.Room, Wit.Spare;
    reveal DESTROY_WORK;
    reveal D.Destroyed, Limits.NEDGE, Limits.NPART, Limits.CTXW, Status.OK;
    var me, d := k.sched.cur, CE.Destination(k, e);
    ghost var a := Apply.EdgeDestroy(me, e);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x31, 1, me, e as u64, 0, now);
    CE.DestroyEdge(k, e);
    k.Set(me, 0, Status.OK);
    ghost var w := CE.Disappoint(k, d, e, now);
    work := work + w;
  }
}
