include "IntegrityCalls.dfy"

/** No call on regions, edges or partitions changes what a partition sees to which the caller has no channel. */
module {:compile false} IntegrityObjects {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened IntegrityView
  import opened IntegrityHeld
  import opened IntegrityDeeds
  import opened IntegrityRun
  import opened IntegrityCalls
  import L = IntegrityLosses
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DR = DecideRegion
  import DE = DecideEdge
  import Kinds
  import Status
  import Rights

  // ---- regions --------------------------------------------------------------------------------------------------------------------

  lemma Regions(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DR.RegionMap(k), p) && Spares(k, DR.RegionUnmap(k), p)
  {
    Answers(k, p);
    TwoRegs(k, Status.OK, 1, 0, p);
    assert Guard(k, Arg(k, 1), Kinds.Region, DR.Needs(Arg(k, 5))) == Status.OK ==> C.Slot(Arg(k, 1)) < CSLOTS as u64;
    assert Guard(k, Arg(k, 1), Kinds.Region, Rights.READ) == Status.OK ==> C.Slot(Arg(k, 1)) < CSLOTS as u64;
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Guard;
    hide Answer;
    hide Refuse;
    hide Spares;
    hide SetReg;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide M.MappedTo;
    hide W.Room;
    var v, w := DR.RegionMap(k), DR.RegionUnmap(k);
    if v.acts != [] && v.acts[0].RegionMap? { Adding1(k, v, v.acts[0], p); }
    if w.acts != [] && w.acts[0].RegionUnmap? { Adding1(k, w, w.acts[0], p); }
  }

  // ---- edges ----------------------------------------------------------------------------------------------------------------------

  /** An edge of the caller's is not p's. */
  lemma NotHisEdge(k: Kernel, e: u32, p: u32)
    requires Bystander(k, p) && e < NEDGE && k.st.edges[e].cap != 0 && (k.st.edges[e].src == Me(k) || k.st.edges[e].dst == Me(k))
    ensures !IsEnd(k.st.edges[e], p) && k.st.edges[e].dst != p && k.st.edges[e].dst < NPART
  {
    Ties(k, p);
    assert E.EdgeOk(k.st.edges[e as int], k.vol.queues[e as int]);
    hide V.Valid;
    hide Sane;
    hide Channel;
    assert IsEnd(k.st.edges[e], p) ==> !IsEnd(k.st.edges[e], Me(k));
  }
  lemma Sent(k: Kernel, e: u32, now: u64, p: u32)
    requires Bystander(k, p) && e < NEDGE && k.st.edges[e].cap != 0 && k.st.edges[e].src == Me(k)
    ensures Spares(k, DE.Sent(k, e, now), p) && Spares(k, DE.Signalled(k, e, now), p)
  {
    Ties(k, p);
    NotHisEdge(k, e, p);
    TwoRegs(k, Status.OK, 1, 0, p);
    var es, d := k.st.edges, k.st.edges[e].dst;
    var a := SetReg(k.vol, Me(k), 0, Status.OK);
    assert E.EdgeOk(k.st.edges[e as int], k.vol.queues[e as int]);
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Spares;
    hide E.EdgeOk;
    var q := E.Send(k.vol.queues, e, Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5)));
    Queued(es, a, e, q[e], p);
    var b := SetReg(k.vol.(queues := q), Me(k), 0, Status.OK);
    assert b == a.(queues := q);
    RunOn(es, k.vol, a, b, p);
    Delivered(es, b, k.st.parts, d, e, now, p);
    RunOn(es, k.vol, b, DE.Deliver(b, k.st.parts, d, e, now), p);
    var r := E.Signal(k.vol.queues, e, Arg(k, 2));
    Queued(es, a, e, r[e], p);
    var c := a.(queues := r);
    RunOn(es, k.vol, a, c, p);
    Delivered(es, c, k.st.parts, d, e, now, p);
    RunOn(es, k.vol, c, DE.Deliver(c, k.st.parts, d, e, now), p);
    hide DE.Deliver;
    hide SameRun;
    hide SetReg;
    hide E.Send;
    hide E.Signal;
    Adding1(k, DE.Sent(k, e, now), Send(Me(k), e, |k.vol.queues[e].msgs| as u64 + 1), p);
    Adding1(k, DE.Signalled(k, e, now), Signal(Me(k), e, Arg(k, 2)), p);
  }
  lemma Sending(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DE.QueueSend(k, now), p) && Spares(k, DE.NotifySignal(k, now), p)
  {
    Answers(k, p);
    var h := Arg(k, 1);
    if DE.Source(k, h) == Status.OK {
      EdgeThere(k, h, Rights.WRITE, p);
      Sent(k, Object(k, h), now, p);
    }
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Answer;
    hide Refuse;
    hide Spares;
    hide DE.Source;
    hide DE.Sent;
    hide DE.Signalled;
    hide W.Room;
    hide E.Full;
  }
  lemma Received(k: Kernel, e: u32, now: u64, p: u32)
    requires Bystander(k, p) && e < NEDGE && k.st.edges[e].cap != 0 && k.st.edges[e].dst == Me(k)
    ensures SameRun(k.st.edges, k.vol, DE.Received(k.vol, Me(k), e), p)
    ensures SameRun(k.st.edges, k.vol, DE.Taken(k.vol, Me(k), e), p)
    ensures S.Shape(k.vol.sched)
    ensures SameRun(k.st.edges, k.vol, k.vol.(sched := S.BlockCurrent(k.vol.sched, k.st.parts, Kinds.Waiting, e as u64, now)), p)
  {
    Ties(k, p);
    NotHisEdge(k, e, p);
    var es, v, me := k.st.edges, k.vol, Me(k);
    assert |k.st.parts| == NPART as int;
    hide V.Valid;
    hide Sane;
    hide Channel;
    TakenBy(es, v, me, e, p);
    Blocked(v.sched, k.st.parts, Kinds.Waiting, e as u64, now, p);
    Rescheduled(es, v, S.BlockCurrent(v.sched, k.st.parts, Kinds.Waiting, e as u64, now), p);
    hide S.BlockCurrent;
    hide DE.Taken;
    Words(es, v, me, e, p);
  }
  lemma Words(es: seq<Edge>, v: Volatile, q: u32, e: u32, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && q < NPART && q != p && e < NEDGE && !IsEnd(es[e], p)
    ensures SameRun(es, v, DE.Received(v, q, e), p)
  {
    hide SetReg;
    var w := DE.Received(v, q, e);
    assert |w.regs| == NCTX as int by { reveal SetReg; }
    assert w.queues == v.queues || w.queues == v.queues[e as int := w.queues[e]] by { reveal SetReg; }
    assert w.sched == v.sched by { reveal SetReg; }
    assert SameRegs(v.regs, w.regs, p) by {
      reveal SetReg;
      forall m: u32 | m < CTXW ensures SameReg(v.regs, w.regs, p, m) {}
    }
  }
  lemma Receiving(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DE.QueueRecv(k), p) && Spares(k, DE.NotifyWait(k, now), p)
  {
    Answers(k, p);
    var h := Arg(k, 1);
    if DE.Destination(k, h) == Status.OK {
      EdgeThere(k, h, Rights.READ, p);
      Received(k, Object(k, h), now, p);
      Silent(k, DE.QueueRecv(k), p) by { hide V.Valid; hide Sane; hide Channel; hide DE.Received; hide SameRun; hide Guard; }
      if k.vol.queues[Object(k, h)].bits != 0 || k.st.leases[Me(k)].until == 0 { Silent(k, DE.NotifyWait(k, now), p) by { hide V.Valid; hide Sane; hide Channel; hide DE.Taken; hide SameRun; hide Guard; hide S.BlockCurrent; } }
    }
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Refuse;
    hide Spares;
    hide DE.Destination;
    hide DE.Received;
    hide DE.Taken;
    hide S.BlockCurrent;
  }
  lemma Destroyed(k: Kernel, e: u32, now: u64, p: u32)
    requires Bystander(k, p) && e < NEDGE && k.st.edges[e].cap != 0 && !Concerns(k, e, p)
    ensures Spares(k, DE.Destroyed(k, e, now), p)
  {
    Ties(k, p);
    TwoRegs(k, Status.OK, 1, 0, p);
    var es, d := k.st.edges, k.st.edges[e].dst;
    assert !IsEnd(es[e], p);
    assert E.EdgeOk(es[e as int], k.vol.queues[e as int]);
    assert d < NPART && d != p;
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Spares;
    hide E.EdgeOk;
    hide Tied;
    hide Concerns;
    var a := SetReg(k.vol, Me(k), 0, Status.OK);
    Queued(es, a, e, E.EmptyQueue, p);
    var b := a.(queues := E.Clear(a.queues, e));
    RunOn(es, k.vol, a, b, p);
    Disappointed(es, b, k.st.parts, d, e, now, p);
    RunOn(es, k.vol, b, DE.Disappoint(b, k.st.parts, d, e, now), p);
    hide DE.Disappoint;
    hide SameRun;
    hide SetReg;
    hide E.Clear;
    L.Destroyed(k.st, Me(k), e, p, Me(k));
    hide A.Apply;
    hide Follows;
    Losing(k, DE.Destroyed(k, e, now), EdgeDestroy(Me(k), e), p, Me(k), e);
  }
  lemma CommEdgeDestroy(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DE.CommEdgeDestroy(k, now), p)
  {
    Answers(k, p);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.CommEdge, Rights.REVOKE) == Status.OK {
      EdgeThere(k, h, Rights.REVOKE, p);
      Destroyed(k, Object(k, h), now, p);
    }
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Concerns;
    hide Answer;
    hide Refuse;
    hide Spares;
    hide Guard;
    hide DE.Destroyed;
    hide W.Room;
  }
  lemma Cons(s: Structure, a: Action, acts: seq<Action>, p: u32)
    requires Tables(s) && Adds(s, a, p) && AllAdd(A.Apply(s, a), acts, p)
    ensures AllAdd(s, [a] + acts, p)
  {
    hide A.Apply;
    hide Adds;
    assert ([a] + acts)[1..] == acts;
  }
  /** A new edge, and a capability for each of its ends. */
  lemma Connects(k: Kernel, who: u32, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32, p: u32)
    requires Tables(k.st) && e < NEDGE && k.st.edges[e].cap == 0 && src < NPART && dst < NPART
    requires src != p && dst != p && src != dst && ss < CSLOTS && ds < CSLOTS
    requires k.st.caps[src * CSLOTS + ss].kind == Kinds.None && k.st.caps[dst * CSLOTS + ds].kind == Kinds.None
    ensures AllAdd(k.st, DE.Connect(k, who, e, src, ss, dst, ds, cap, rs, rd), p)
  {
    var a, b, c := EdgeCreate(who, e, src, dst, cap), CapGrant(who, src, ss, Kinds.CommEdge, e, rs), CapGrant(who, dst, ds, Kinds.CommEdge, e, rd);
    var s := k.st;
    assert DE.Connect(k, who, e, src, ss, dst, ds, cap, rs, rd) == [a] + ([b] + [c]);
    var t := A.Apply(s, a);
    assert t.caps == s.caps;
    var u := A.Apply(t, b);
    assert u.caps[dst * CSLOTS + ds] == s.caps[dst * CSLOTS + ds];
    assert Adds(s, a, p) && Adds(t, b, p) && Adds(u, c, p);
    hide A.Apply;
    hide Adds;
    OneAdds(u, c, p);
    Cons(t, b, [c], p);
    Cons(s, a, [b] + [c], p);
  }
  lemma ConnectedNone(k: Kernel, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32, p: u32)
    requires src != p
    ensures NoneHis(DE.Connect(k, src, e, src, ss, dst, ds, cap, rs, rd), p)
  {}
  lemma ThreeRegs(k: Kernel, x: u64, y: u64, p: u32)
    requires Bystander(k, p)
    ensures SameRun(k.st.edges, k.vol, SetReg(SetReg(SetReg(k.vol, Me(k), 0, Status.OK), Me(k), 1, x), Me(k), 2, y), p)
  {
    TwoRegs(k, Status.OK, 1, x, p);
    hide *;
    reveal Bystander, Runs, Limits.NPART, Limits.CTXW;
    var w := SetReg(SetReg(k.vol, Me(k), 0, Status.OK), Me(k), 1, x);
    assert Sorts(w) by { reveal SameRun; }
    Registered(k.st.edges, w, Me(k), 2, y, p);
    RunOn(k.st.edges, k.vol, w, SetReg(w, Me(k), 2, y), p);
  }
  lemma Joined(k: Kernel, e: u32, ss: u32, dst: u32, ds: u32, cap: u32, p: u32)
    requires Bystander(k, p) && dst < NPART && dst != p && dst != Me(k) && e == E.FreeFrom(k.st.edges, 0) && e != NEDGE
    requires ss == C.FreeSlot(k.st.caps, Me(k)) && ss != CSLOTS && ds == C.FreeSlot(k.st.caps, dst) && ds != CSLOTS
    ensures Spares(k, DE.Connected(k, e, ss, dst, ds, cap), p)
  {
    Ties(k, p);
    hide *;
    reveal Bystander, Runs, Me, Limits.NPART, Limits.NCAP, Limits.NEDGE, Limits.CSLOTS, DE.Connected, C.FreeSlot, Unfelt;
    Connects(k, Me(k), e, Me(k), ss, dst, ds, cap, DE.SOURCE_RIGHTS, DE.DESTINATION_RIGHTS, p);
    ConnectedNone(k, e, Me(k), ss, dst, ds, cap, DE.SOURCE_RIGHTS, DE.DESTINATION_RIGHTS, p);
    ThreeRegs(k, C.Handle(ss, k.st.caps[Me(k) * CSLOTS + ss].gen + 1), C.Handle(ds, k.st.caps[dst * CSLOTS + ds].gen + 1), p);
    Adding(k, DE.Connected(k, e, ss, dst, ds, cap), p);
  }
  lemma CommEdgeCreate(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DE.CommEdgeCreate(k), p)
  {
    Answers(k, p);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.Partition, Rights.WRITE) == Status.OK {
      NotOver(k, h, Rights.WRITE, p);
      var dst, e, ss := Object(k, h), E.FreeFrom(k.st.edges, 0), C.FreeSlot(k.st.caps, Me(k));
      var ds := C.FreeSlot(k.st.caps, dst);
      if dst != Me(k) && e != NEDGE && ss != CSLOTS && ds != CSLOTS { forall cap: u32 ensures Spares(k, DE.Connected(k, e, ss, dst, ds, cap), p) { Joined(k, e, ss, dst, ds, cap, p); } }
    }
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Guard;
    hide Answer;
    hide Refuse;
    hide Spares;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide W.Room;
    hide DE.Connected;
  }
}
