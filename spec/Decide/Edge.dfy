include "Common.dfy"

/** queue_send, queue_recv, notify_signal, notify_wait, commedge_create, commedge_destroy. */
module DecideEdge {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import Kinds
  import Status
  import Rights

  /** The guard of the source's end (WRITE) or the destination's (READ) of an edge. */
  function Source(k: Kernel, h: u64): u64
    requires Runs(k)
  {
    var g := Guard(k, h, Kinds.CommEdge, Rights.WRITE);
    if g != Status.OK then g else if Object(k, h) >= NEDGE || k.st.edges[Object(k, h)].src != Me(k) then Status.InsufficientCapability else Status.OK
  }
  function Destination(k: Kernel, h: u64): u64
    requires Runs(k)
  {
    var g := Guard(k, h, Kinds.CommEdge, Rights.READ);
    if g != Status.OK then g else if Object(k, h) >= NEDGE || k.st.edges[Object(k, h)].dst != Me(k) then Status.InsufficientCapability else Status.OK
  }
  /** If edge e's destination d waits for it, its notify_wait ends with the pending bits. */
  function Deliver(v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64): Volatile
    requires |v.regs| == NCTX as int && |v.queues| == NEDGE as int && S.Shape(v.sched) && |parts| == NPART as int && d < NPART && e < NEDGE
  {
    if v.sched.tasks[d].run != Kinds.Waiting || v.sched.tasks[d].wake != e as u64 || v.queues[e].bits == 0 then v
    else Taken(v, d, e).(sched := S.MakeReady(v.sched, d, parts[d].rel, now))
  }
  function QueueSend(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Source(k, h);
    if g != Status.OK then Refuse(k, CALLS + 3, g)
    else
      var e := Object(k, h);
      if E.Full(k.st.edges, k.vol.queues, e) then Answer(k, Status.ResourceLimitExceeded)
      else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
      else Sent(k, e, now)
  }
  /** The message in x2–x5 goes on edge e. */
  function Sent(k: Kernel, e: u32, now: u64): Verdict
    requires Runs(k) && e < NEDGE
  {
    assert E.EdgeOk(k.st.edges[e], k.vol.queues[e]);
    var q := E.Send(k.vol.queues, e, Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5)));
    Verdict([Send(Me(k), e, |k.vol.queues[e].msgs| as u64 + 1)],
            Deliver(SetReg(k.vol.(queues := q), Me(k), 0, Status.OK), k.st.parts, k.st.edges[e].dst, e, now), [])
  }
  function QueueRecv(k: Kernel): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Destination(k, h);
    if g != Status.OK then Refuse(k, CALLS + 4, g)
    else Verdict([], Received(k.vol, Me(k), Object(k, h)), [])
  }
  /** Partition p gets the first message of edge e, if there is one, in x2–x5, and in x1 how many it got. */
  function Received(v: Volatile, p: u32, e: u32): Volatile
    requires |v.regs| == NCTX as int && |v.queues| == NEDGE as int && p < NPART && e < NEDGE
  {
    var ok := SetReg(v, p, 0, Status.OK);
    if |v.queues[e].msgs| == 0 then SetReg(ok, p, 1, 0)
    else
      var m := v.queues[e].msgs[0];
      SetWords(SetReg(ok, p, 1, 1), p, m.a, m.b, m.c, m.d).(queues := E.Receive(v.queues, e))
  }
  function SetWords(v: Volatile, p: u32, a: u64, b: u64, c: u64, d: u64): Volatile
    requires |v.regs| == NCTX as int && p < NPART
  {
    SetReg(SetReg(SetReg(SetReg(v, p, 2, a), p, 3, b), p, 4, c), p, 5, d)
  }
  function NotifySignal(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Source(k, h);
    if g != Status.OK then Refuse(k, CALLS + 22, g)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Signalled(k, Object(k, h), now)
  }
  /** The bits in x2 are pending on edge e. */
  function Signalled(k: Kernel, e: u32, now: u64): Verdict
    requires Runs(k) && e < NEDGE
  {
    assert E.EdgeOk(k.st.edges[e], k.vol.queues[e]);
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    Verdict([Signal(Me(k), e, Arg(k, 2))],
            Deliver(v.(queues := E.Signal(v.queues, e, Arg(k, 2))), k.st.parts, k.st.edges[e].dst, e, now), [])
  }
  /** Whoever has a lease does not wait for others, who may take longer than it lasts. */
  function NotifyWait(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Destination(k, h);
    if g != Status.OK then Refuse(k, CALLS + 23, g)
    else
      var e := Object(k, h);
      if k.vol.queues[e].bits == 0 && k.st.leases[Me(k)].until != 0 then Refuse(k, CALLS + 23, Status.DeviceLeaseConflict)
      else if k.vol.queues[e].bits == 0 then Verdict([], k.vol.(sched := S.BlockCurrent(k.vol.sched, k.st.parts, Kinds.Waiting, e as u64, now)), [])
      else Verdict([], Taken(k.vol, Me(k), e), [])
  }
  /** Partition p gets the pending bits of edge e in x1. */
  function Taken(v: Volatile, p: u32, e: u32): Volatile
    requires |v.regs| == NCTX as int && |v.queues| == NEDGE as int && p < NPART && e < NEDGE
  {
    SetReg(SetReg(v, p, 0, Status.OK), p, 1, v.queues[e].bits).(queues := E.TakeBits(v.queues, e))
  }

  const SOURCE_RIGHTS: u32 := 0x26             // WRITE, GRANT, REVOKE
  const DESTINATION_RIGHTS: u32 := 0x25        // READ, GRANT, REVOKE

  /** The three actions that make an edge and give each end its capability. */
  function Connect(k: Kernel, who: u32, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32): seq<Action> {
    [EdgeCreate(who, e, src, dst, cap), CapGrant(who, src, ss, Kinds.CommEdge, e, rs), CapGrant(who, dst, ds, Kinds.CommEdge, e, rd)]
  }
  function CommEdgeCreate(k: Kernel): Verdict
    requires Runs(k)
  {
    var h, cap := Arg(k, 1), Arg(k, 2);
    var g := Guard(k, h, Kinds.Partition, Rights.WRITE);
    if g != Status.OK then Refuse(k, CALLS + 17, g)
    else
      var dst, e, ss := Object(k, h), E.FreeFrom(k.st.edges, 0), C.FreeSlot(k.st.caps, Me(k));
      if dst >= NPART || dst == Me(k) then Refuse(k, CALLS + 17, Status.InvalidPartitionState)
      else
        var ds := C.FreeSlot(k.st.caps, dst);
        if cap == 0 || cap > QDEPTH as u64 || e == NEDGE || ss == CSLOTS || ds == CSLOTS then Refuse(k, CALLS + 17, Status.ResourceLimitExceeded)
        else if !W.Room(k.log, Me(k), 3) then Answer(k, Status.WitnessLogFull)
        else Connected(k, e, ss, dst, ds, cap as u32)
  }
  /** The caller is connected to dst by edge e, and gets both handles: its own in x1, dst's in x2. */
  function Connected(k: Kernel, e: u32, ss: u32, dst: u32, ds: u32, cap: u32): Verdict
    requires Runs(k) && ss < CSLOTS && dst < NPART && ds < CSLOTS
    requires k.st.caps[Me(k) * CSLOTS + ss].gen < GENMAX && k.st.caps[dst * CSLOTS + ds].gen < GENMAX
  {
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    var hs, hd := C.Handle(ss, k.st.caps[Me(k) * CSLOTS + ss].gen + 1), C.Handle(ds, k.st.caps[dst * CSLOTS + ds].gen + 1);
    Verdict(Connect(k, Me(k), e, Me(k), ss, dst, ds, cap, SOURCE_RIGHTS, DESTINATION_RIGHTS),
            SetReg(SetReg(v, Me(k), 1, hs), Me(k), 2, hd), [])
  }
  function CommEdgeDestroy(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Guard(k, h, Kinds.CommEdge, Rights.REVOKE);
    if g != Status.OK then Refuse(k, CALLS + 18, g)
    else if Object(k, h) >= NEDGE then Refuse(k, CALLS + 18, Status.InsufficientCapability)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Destroyed(k, Object(k, h), now)
  }
  /** Edge e is gone, and a partition that waits on it waits no more. */
  function Destroyed(k: Kernel, e: u32, now: u64): Verdict
    requires Runs(k) && e < NEDGE
  {
    assert E.EdgeOk(k.st.edges[e], k.vol.queues[e]);
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    Verdict([EdgeDestroy(Me(k), e)], Disappoint(v.(queues := E.Clear(v.queues, e)), k.st.parts, k.st.edges[e].dst, e, now), [])
  }
  /** If partition d waits on edge e, its notify_wait fails. */
  function Disappoint(v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64): Volatile
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && d < NPART
  {
    if v.sched.tasks[d].run != Kinds.Waiting || v.sched.tasks[d].wake != e as u64 then v
    else SetReg(v, d, 0, Status.StaleCapability).(sched := S.MakeReady(v.sched, d, parts[d].rel, now))
  }
}
