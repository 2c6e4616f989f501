include "ConfidentialityBetween.dfy"
include "ConfidentialityObjects.dfy"

/** Messages, signals and the end of an edge: what their receiver sees depends on what it and the caller saw. */
module {:compile false} ConfidentialityAcross {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityBetween
  import Calls = ConfidentialityCalls
  import Messages = ConfidentialityMessages
  import Objects = ConfidentialityObjects
  import N = ConfidentialityEnds
  import I = IntegrityView
  import R = IntegrityRun
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DE = DecideEdge
  import Kinds
  import Status
  import Rights

  // ---- waking -----------------------------------------------------------------------------------------------------------------------------

  /** Who is made ready can run; for the others nothing changes. */
  lemma Ready3(s: Sched, x: u32, rel: u64, now: u64, p: u32)
    requires S.Shape(s) && x < NPART && p < NPART
    ensures var t := S.MakeReady(s, x, rel, now);
      S.Shape(t) && t.tasks[p].left == s.tasks[p].left && (if x == p then DoingOf(t.tasks[p]) == Runnable else t.tasks[p] == s.tasks[p])
  {}
  /** Queue e, with the same number of messages, and the same queue if partition d is p. */
  ghost predicate Near(v: Volatile, v': Volatile, w: Volatile, w': Volatile, d: u32, e: u32, p: u32) {
    && e < NEDGE && |v.queues| == |w.queues| == |v'.queues| == |w'.queues| == NEDGE as int
    && v'.queues == v.queues[e as int := v'.queues[e]] && w'.queues == w.queues[e as int := w'.queues[e]]
    && |v'.queues[e].msgs| == |v.queues[e].msgs| && |w'.queues[e].msgs| == |w.queues[e].msgs| && (d == p ==> v'.queues[e] == w'.queues[e])
  }
  lemma Taken3(v: Volatile, w: Volatile, d: u32, e: u32, p: u32)
    requires SameVol(v, w, p) && d < NPART && e < NEDGE && (d == p ==> v.queues[e] == w.queues[e])
    ensures SameVol(DE.Taken(v, d, e), DE.Taken(w, d, e), p) && DE.Taken(v, d, e).sched == v.sched && DE.Taken(w, d, e).sched == w.sched
  {
    Reg3(v, w, p, d, 0, Status.OK, Status.OK);
    Reg3(SetReg(v, d, 0, Status.OK), SetReg(w, d, 0, Status.OK), p, d, 1, v.queues[e].bits, w.queues[e].bits);
    hide I.SameRegs;
  }
  /** One side alone: the receiver is not p. */
  lemma Away3(v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64, p: u32)
    requires I.Sorts(v) && S.Shape(v.sched) && |parts| == NPART as int && d < NPART && p < NPART && d != p && e < NEDGE
    ensures var v' := DE.Deliver(v, parts, d, e, now); SameVol(v, v', p) && v'.queues == v.queues[e as int := v'.queues[e]] && |v'.queues[e].msgs| == |v.queues[e].msgs|
  {
    Ready3(v.sched, d, parts[d].rel, now, p);
    hide S.MakeReady;
    var v' := DE.Deliver(v, parts, d, e, now);
    forall n: u32 | n < CTXW ensures I.SameReg(v.regs, v'.regs, p, n) { assert p * CTXW + n != d * CTXW && p * CTXW + n != d * CTXW + 1; }
  }
  lemma Deliver3(v: Volatile, ps: seq<Part>, w: Volatile, qs: seq<Part>, d: u32, e: u32, now: u64, p: u32)
    requires SameVol(v, w, p) && S.Shape(v.sched) && S.Shape(w.sched) && |ps| == |qs| == NPART as int && d < NPART && e < NEDGE
    requires (d == p ==> v.queues[e] == w.queues[e])
    ensures var v', w' := DE.Deliver(v, ps, d, e, now), DE.Deliver(w, qs, d, e, now); SameVol(v', w', p) && Near(v, v', w, w', d, e, p)
  {
    if d != p {
      Away3(v, ps, d, e, now, p);
      Away3(w, qs, d, e, now, p);
      hide DE.Deliver;
      Messages.VolChain(v, DE.Deliver(v, ps, d, e, now), w, DE.Deliver(w, qs, d, e, now), p);
    } else {
      assert (v.sched.tasks[p].run == Kinds.Waiting) == DoingOf(v.sched.tasks[p]).Waiting? == DoingOf(w.sched.tasks[p]).Waiting?;
      Ready3(v.sched, d, ps[d].rel, now, p);
      Ready3(w.sched, d, qs[d].rel, now, p);
      hide S.MakeReady;
      Taken3(v, w, d, e, p);
    }
  }
  lemma Disappoint3(v: Volatile, ps: seq<Part>, w: Volatile, qs: seq<Part>, d: u32, d': u32, e: u32, now: u64, p: u32)
    requires SameVol(v, w, p) && S.Shape(v.sched) && S.Shape(w.sched) && |ps| == |qs| == NPART as int && d < NPART && d' < NPART
    requires (d == p <==> d' == p)
    ensures var v', w' := DE.Disappoint(v, ps, d, e, now), DE.Disappoint(w, qs, d', e, now); SameVol(v', w', p) && v'.queues == v.queues && w'.queues == w.queues
  {
    Ready3(v.sched, d, ps[d].rel, now, p);
    Ready3(w.sched, d', qs[d'].rel, now, p);
    hide S.MakeReady;
    var v', w' := DE.Disappoint(v, ps, d, e, now), DE.Disappoint(w, qs, d', e, now);
    assert (v.sched.tasks[p].run == Kinds.Waiting) == DoingOf(v.sched.tasks[p]).Waiting? == DoingOf(w.sched.tasks[p]).Waiting?;
    forall n: u32 | n < CTXW ensures I.SameReg(v'.regs, w'.regs, p, n) {
      assert I.SameReg(v.regs, w.regs, p, n);
      assert d != p ==> p * CTXW + n != d * CTXW;
      assert d' != p ==> p * CTXW + n != d' * CTXW;
    }
  }

  // ---- messages and signals -----------------------------------------------------------------------------------------------------------------

  /** p's end of an edge shows the same when both queues are changed alike. */
  lemma End3(x: Edge, q: Queue, q': Queue, y: Edge, r: Queue, r': Queue, p: u32)
    requires SameEnd(x, q, y, r, p) && (IsEnd(x, p) ==> |q'.msgs| == |r'.msgs|) && (x.dst == p ==> q' == r')
    ensures SameEnd(x, q', y, r', p)
  {}
  /** The queue of edge e becomes q and r; then its receiver is woken if it waits. */
  lemma Dispatches3(a: Kernel, x: Action, q: Queue, b: Kernel, y: Action, r: Queue, e: u32, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && e < NEDGE && E.Tables(a.st.edges, a.vol.queues) && E.Tables(b.st.edges, b.vol.queues)
    requires I.Sorts(a.vol) && I.Sorts(b.vol)
    requires |a.st.parts| == |b.st.parts| == NPART as int && S.Shape(a.vol.sched) && S.Shape(b.vol.sched)
    requires Note1(x) && Note1(y) && I.NotHis(x, p) && I.NotHis(y, p) && a.st.edges[e].dst == b.st.edges[e].dst < NPART
    requires (IsEnd(a.st.edges[e], p) ==> |q.msgs| == |r.msgs|) && (a.st.edges[e].dst == p ==> q == r)
    ensures var v, w := SetReg(a.vol.(queues := a.vol.queues[e as int := q]), Me(a), 0, Status.OK), SetReg(b.vol.(queues := b.vol.queues[e as int := r]), Me(b), 0, Status.OK);
      Agree3(a, Verdict([x], DE.Deliver(v, a.st.parts, a.st.edges[e].dst, e, now), []), b, Verdict([y], DE.Deliver(w, b.st.parts, b.st.edges[e].dst, e, now), []), now, p)
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide SameSt;
    hide R.Lined;
    var d := a.st.edges[e].dst;
    var a1, b1 := a.vol.(queues := a.vol.queues[e as int := q]), b.vol.(queues := b.vol.queues[e as int := r]);
    Reg3(a1, b1, p, Me(a), 0, Status.OK, Status.OK);
    var v, w := SetReg(a1, Me(a), 0, Status.OK), SetReg(b1, Me(a), 0, Status.OK);
    assert S.Shape(v.sched) && S.Shape(w.sched);
    hide SetReg;
    Deliver3(v, a.st.parts, w, b.st.parts, d, e, now, p);
    var v', w' := DE.Deliver(v, a.st.parts, d, e, now), DE.Deliver(w, b.st.parts, d, e, now);
    hide DE.Deliver;
    Calls.OneEnd(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, e);
    End3(a.st.edges[e], a.vol.queues[e], v'.queues[e], b.st.edges[e], b.vol.queues[e], w'.queues[e], p);
    Calls.Queued(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, e, v'.queues[e], w'.queues[e]);
    assert v'.queues == a.vol.queues[e as int := v'.queues[e]] && w'.queues == b.vol.queues[e as int := w'.queues[e]];
    hide SameVol;
    hide Note1;
    hide I.NotHis;
    Slightly(a, Verdict([x], v', []), b, Verdict([y], w', []), now, p);
  }
  /** What the caller, edge e's source, and p know of its queue. */
  lemma Outbox3(a: Kernel, b: Kernel, e: u32, p: u32)
    requires Both(a, b, p) && Runs(a) && e < NEDGE && E.Tables(a.st.edges, a.vol.queues) && E.Tables(b.st.edges, b.vol.queues)
    requires (IsEnd(a.st.edges[e], Me(a)) || IsEnd(b.st.edges[e], Me(a)))
    ensures a.st.edges[e].src == b.st.edges[e].src && a.st.edges[e].dst == b.st.edges[e].dst < NPART && a.st.edges[e].cap == b.st.edges[e].cap
    ensures |a.vol.queues[e].msgs| == |b.vol.queues[e].msgs|
    ensures (a.st.edges[e].dst == p || a.st.edges[e].dst == Me(a) ==> a.vol.queues[e] == b.vol.queues[e])
    ensures E.EdgeOk(a.st.edges[e], a.vol.queues[e]) && E.EdgeOk(b.st.edges[e], b.vol.queues[e])
  {
    BothIs(a, b, p);
    Parts(a, b);
    Messages.EdgesThere(a);
    Messages.EdgesThere(b);
    Calls.OneEnd(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, e);
    Calls.OneEnd(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, Me(a), e);
    hide V.Valid;
  }
  lemma QueueSend(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DE.QueueSend(a, now), b, DE.QueueSend(b, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Ends(a, b, Arg(a, 1));
    Refusals3(a, b, now, p);
    Rooms(a, b);
    if DE.Source(a, Arg(a, 1)) == Status.OK { Outbox3(a, b, Object(a, Arg(a, 1)), p); }
    hide V.Valid;
    hide DE.Source;
    hide DE.Destination;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide DE.Deliver;
    hide SetReg;
    hide SameSt;
    hide SameVol;
    hide R.Lined;
    if DE.Source(a, Arg(a, 1)) == Status.OK {
      var e, q := Object(a, Arg(a, 1)), Me(a);
      if !E.Full(a.st.edges, a.vol.queues, e) && W.Room(a.log, q, 1) {
        var m := Msg(Arg(a, 2), Arg(a, 3), Arg(a, 4), Arg(a, 5));
        var x := Send(q, e, |a.vol.queues[e].msgs| as u64 + 1);
        Dispatches3(a, x, E.Send(a.vol.queues, e, m)[e], b, x, E.Send(b.vol.queues, e, m)[e], e, now, p);
      }
    }
  }
  lemma NotifySignal(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DE.NotifySignal(a, now), b, DE.NotifySignal(b, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Ends(a, b, Arg(a, 1));
    Refusals3(a, b, now, p);
    Rooms(a, b);
    if DE.Source(a, Arg(a, 1)) == Status.OK { Outbox3(a, b, Object(a, Arg(a, 1)), p); }
    hide V.Valid;
    hide DE.Source;
    hide DE.Destination;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide DE.Deliver;
    hide SameSt;
    hide SameVol;
    hide R.Lined;
    if DE.Source(a, Arg(a, 1)) == Status.OK && W.Room(a.log, Me(a), 1) {
      var e, q := Object(a, Arg(a, 1)), Me(a);
      var x := Signal(q, e, Arg(a, 2));
      Dispatches3(a, x, E.Signal(a.vol.queues, e, Arg(a, 2))[e], b, x, E.Signal(b.vol.queues, e, Arg(a, 2))[e], e, now, p);
    }
  }
  lemma Emptied3(a: Kernel, v: Volatile, b: Kernel, w: Volatile, e: u32, q: Queue, now: u64, p: u32)
    requires Both(a, b, p) && e < NEDGE && E.Tables(a.st.edges, a.vol.queues) && E.Tables(b.st.edges, b.vol.queues) && SameVol(v, w, p)
    requires v.queues == a.vol.queues[e as int := q] && w.queues == b.vol.queues[e as int := q]
    ensures Agree3(a, Verdict([], v, []), b, Verdict([], w, []), now, p)
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide SameSt;
    hide R.Lined;
    Calls.OneEnd(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, e);
    End3(a.st.edges[e], a.vol.queues[e], q, b.st.edges[e], b.vol.queues[e], q, p);
    Calls.Queued(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, e, q, q);
    hide SameVol;
    Slightly(a, Verdict([], v, []), b, Verdict([], w, []), now, p);
  }
  lemma Received3(v: Volatile, q: u32, e: u32, p: u32)
    requires I.Sorts(v) && q < NPART && p < NPART && q != p && e < NEDGE
    ensures SameVol(v, DE.Received(v, q, e), p)
    ensures DE.Received(v, q, e).queues == if |v.queues[e].msgs| == 0 then v.queues else E.Receive(v.queues, e)
  {
    var w := DE.Received(v, q, e);
    forall m: u32 | m < CTXW ensures I.SameReg(v.regs, w.regs, p, m) {}
  }
  lemma QueueRecv(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DE.QueueRecv(a), b, DE.QueueRecv(b), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Ends(a, b, Arg(a, 1));
    Refusals3(a, b, now, p);
    var h := Arg(a, 1);
    if DE.Destination(a, h) == Status.OK {
      Messages.Inbox(a, b, h);
      hide V.Valid;
      hide DE.Destination;
      hide Refuse;
      hide SameSt;
      hide R.Lined;
      var e, q := Object(a, h), Me(a);
      Received3(a.vol, q, e, p);
      Received3(b.vol, q, e, p);
      hide DE.Received;
      var v, w := DE.Received(a.vol, q, e), DE.Received(b.vol, q, e);
      Messages.VolChain(a.vol, v, b.vol, w, p);
      var x := if |a.vol.queues[e].msgs| == 0 then a.vol.queues[e] else E.Receive(a.vol.queues, e)[e];
      assert v.queues == a.vol.queues[e as int := x] && w.queues == b.vol.queues[e as int := x];
      hide SameVol;
      Emptied3(a, v, b, w, e, x, now, p);
    }
  }
  lemma NotifyWait(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DE.NotifyWait(a, now), b, DE.NotifyWait(b, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Ends(a, b, Arg(a, 1));
    Refusals3(a, b, now, p);
    var h := Arg(a, 1);
    Parts(a, b);
    assert a.st.leases[Me(a)] == b.st.leases[Me(a)];
    if DE.Destination(a, h) == Status.OK {
      Messages.Inbox(a, b, h);
      hide V.Valid;
      hide DE.Destination;
      hide Refuse;
      hide SameSt;
      var e, q := Object(a, h), Me(a);
      if a.vol.queues[e].bits == 0 && a.st.leases[q].until != 0 { }
      else if a.vol.queues[e].bits == 0 {
        R.Blocked(a.vol.sched, a.st.parts, Kinds.Waiting, e as u64, now, p);
        R.Blocked(b.vol.sched, b.st.parts, Kinds.Waiting, e as u64, now, p);
        hide S.BlockCurrent;
        hide R.Lined;
        Sched3(a.vol, b.vol, S.BlockCurrent(a.vol.sched, a.st.parts, Kinds.Waiting, e as u64, now), S.BlockCurrent(b.vol.sched, b.st.parts, Kinds.Waiting, e as u64, now), p);
        hide SameVol;
        Rest3(a, DE.NotifyWait(a, now).vol, b, DE.NotifyWait(b, now).vol, [], [], now, p);
      } else {
        hide S.BlockCurrent;
        hide R.Lined;
        Taken3(a.vol, b.vol, q, e, p);
        var x := a.vol.queues[e].(bits := 0);
        assert DE.Taken(a.vol, q, e).queues == a.vol.queues[e as int := x] && DE.Taken(b.vol, q, e).queues == b.vol.queues[e as int := x];
        hide SameVol;
        hide DE.Taken;
        Emptied3(a, DE.Taken(a.vol, q, e), b, DE.Taken(b.vol, q, e), e, x, now, p);
      }
    }
  }
}
