include "ConfidentialityCalls.dfy"

/** Messages, signals and the log tell their caller the same in twins. */
module {:compile false} ConfidentialityMessages {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityCalls
  import opened Declassification
  import I = IntegrityView
  import R = IntegrityRun
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DE = DecideEdge
  import DN = DecideWitness
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import Rights

  // ---- sending ------------------------------------------------------------------------------------------------------------------------------

  /** To the sender it is the same whether the receiver waited: of the queue it sees the length, unless it is its own. */
  ghost predicate Handed(qs: seq<Queue>, rs: seq<Queue>, d: u32, e: u32, p: u32) {
    |qs| == |rs| == NEDGE as int && e < NEDGE && (rs == qs || (d != p && rs == qs[e as int := qs[e].(bits := 0)]))
  }
  lemma Delivers(v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64, p: u32)
    requires I.Sorts(v) && R.Lined(v.sched) && |parts| == NPART as int && d < NPART && e < NEDGE && p < NPART && v.sched.tasks[p].run == Kinds.Running
    ensures var w := DE.Deliver(v, parts, d, e, now); SameVol(v, w, p) && Handed(v.queues, w.queues, d, e, p)
  {
    if d != p {
      R.Readied(v.sched, d, parts[d].rel, now, p);
      hide S.MakeReady;
      var w := DE.Deliver(v, parts, d, e, now);
      forall n: u32 | n < CTXW ensures I.SameReg(v.regs, w.regs, p, n) { assert p * CTXW + n != d * CTXW && p * CTXW + n != d * CTXW + 1; }
    }
  }
  lemma VolChain(v: Volatile, v': Volatile, w: Volatile, w': Volatile, p: u32)
    requires SameVol(v, w, p) && SameVol(v, v', p) && SameVol(w, w', p)
    ensures SameVol(v', w', p)
  {
    forall m: u32 | m < CTXW ensures I.SameReg(v'.regs, w'.regs, p, m) {
      assert I.SameReg(v.regs, w.regs, p, m) && I.SameReg(v.regs, v'.regs, p, m) && I.SameReg(w.regs, w'.regs, p, m);
    }
  }
  /** p's edge e has got queue q in a and r in b, as far as p sees; then the receiver was woken or not. */
  lemma Hands(es: seq<Edge>, qs: seq<Queue>, qs': seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, rs': seq<Queue>, e: u32, q: Queue, r: Queue, p: u32)
    requires SameEnds(es, qs, fs, rs, p) && e < NEDGE && E.Tables(es, qs) && E.Tables(fs, rs) && SameEnd(es[e], q, fs[e], r, p) && IsEnd(es[e], p)
    requires Handed(qs[e as int := q], qs', es[e].dst, e, p) && Handed(rs[e as int := r], rs', fs[e].dst, e, p)
    ensures SameEnds(es, qs', fs, rs', p)
  {
    assert qs' == qs[e as int := qs'[e]] && rs' == rs[e as int := rs'[e]];
    assert SameEnd(es[e], qs'[e], fs[e], rs'[e], p);
    Queued(es, qs, fs, rs, p, e, qs'[e], rs'[e]);
  }
  /** The caller's record x, and then the receiver of edge e is woken if it waits. */
  lemma Dispatches(a: Kernel, x: Action, q: Queue, b: Kernel, r: Queue, e: u32, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && W.Tables(a.log) && W.Tables(b.log) && W.Room(a.log, Me(a), 1) && e < NEDGE
    requires E.Tables(a.st.edges, a.vol.queues) && E.Tables(b.st.edges, b.vol.queues)
    requires I.Sorts(a.vol) && I.Sorts(b.vol) && R.Lined(a.vol.sched) && R.Lined(b.vol.sched) && |a.st.parts| == |b.st.parts| == NPART as int
    requires Note1(x) && Charged(x) == Me(a) && IsEnd(a.st.edges[e], Me(a)) && SameEnd(a.st.edges[e], q, b.st.edges[e], r, Me(a))
    requires a.st.edges[e].dst < NPART && b.st.edges[e].dst < NPART
    ensures var v, w := SetReg(a.vol.(queues := a.vol.queues[e as int := q]), Me(a), 0, Status.OK), SetReg(b.vol.(queues := b.vol.queues[e as int := r]), Me(b), 0, Status.OK);
      Agree(a, Verdict([x], DE.Deliver(v, a.st.parts, a.st.edges[e].dst, e, now), []), b, Verdict([x], DE.Deliver(w, b.st.parts, b.st.edges[e].dst, e, now), []), now)
  {
    Parts(a, b);
    Rooms(a, b);
    hide V.Valid;
    hide W.Room;
    hide SameSt;
    var p := Me(a);
    var a1, b1 := a.vol.(queues := a.vol.queues[e as int := q]), b.vol.(queues := b.vol.queues[e as int := r]);
    Register(a1, b1, p, 0, Status.OK);
    var v, w := SetReg(a1, p, 0, Status.OK), SetReg(b1, p, 0, Status.OK);
    Delivers(v, a.st.parts, a.st.edges[e].dst, e, now, p);
    Delivers(w, b.st.parts, b.st.edges[e].dst, e, now, p);
    var v', w' := DE.Deliver(v, a.st.parts, a.st.edges[e].dst, e, now), DE.Deliver(w, b.st.parts, b.st.edges[e].dst, e, now);
    hide DE.Deliver;
    hide SetReg;
    VolChain(v, v', w, w', p);
    assert v.queues == a1.queues && w.queues == b1.queues by { reveal SetReg; }
    Hands(a.st.edges, a.vol.queues, v'.queues, b.st.edges, b.vol.queues, w'.queues, e, q, r, p);
    hide SameVol;
    hide Note1;
    hide Charged;
    assert EndsKept.Plain(x) by { reveal Note1; }
    Noted(a, Verdict([x], v', []), b, Verdict([x], w', []), now);
  }
  lemma EdgesThere(a: Kernel)
    requires V.Valid(a)
    ensures E.Tables(a.st.edges, a.vol.queues) && forall e: u32 {:trigger a.st.edges[e]} :: e < NEDGE ==> E.EdgeOk(a.st.edges[e], a.vol.queues[e])
  {
    forall e: u32 | e < NEDGE ensures E.EdgeOk(a.st.edges[e], a.vol.queues[e]) { assert E.EdgeOk(a.st.edges[e as int], a.vol.queues[e as int]); }
  }
  lemma QueueSend(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DE.QueueSend(a, now), b, DE.QueueSend(b, now), now)
  {
    Args(a, b);
    Ends(a, b, Arg(a, 1));
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    EdgesThere(a);
    EdgesThere(b);
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
    if DE.Source(a, Arg(a, 1)) == Status.OK {
      var e, p := Object(a, Arg(a, 1)), Me(a);
      OneEnd(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, e);
      assert E.EdgeOk(a.st.edges[e], a.vol.queues[e]) && E.EdgeOk(b.st.edges[e], b.vol.queues[e]);
      if !E.Full(a.st.edges, a.vol.queues, e) && W.Room(a.log, p, 1) {
        var m := Msg(Arg(a, 2), Arg(a, 3), Arg(a, 4), Arg(a, 5));
        var q, r := E.Send(a.vol.queues, e, m)[e], E.Send(b.vol.queues, e, m)[e];
        Dispatches(a, Send(p, e, |a.vol.queues[e].msgs| as u64 + 1), q, b, r, e, now);
      }
    }
  }
  lemma NotifySignal(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DE.NotifySignal(a, now), b, DE.NotifySignal(b, now), now)
  {
    Args(a, b);
    Ends(a, b, Arg(a, 1));
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    EdgesThere(a);
    EdgesThere(b);
    hide V.Valid;
    hide DE.Source;
    hide DE.Destination;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide DE.Deliver;
    hide SameSt;
    hide SameVol;
    if DE.Source(a, Arg(a, 1)) == Status.OK {
      var e, p := Object(a, Arg(a, 1)), Me(a);
      OneEnd(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, e);
      assert E.EdgeOk(a.st.edges[e], a.vol.queues[e]) && E.EdgeOk(b.st.edges[e], b.vol.queues[e]);
      if W.Room(a.log, p, 1) {
        var q, r := E.Signal(a.vol.queues, e, Arg(a, 2))[e], E.Signal(b.vol.queues, e, Arg(a, 2))[e];
        Dispatches(a, Signal(p, e, Arg(a, 2)), q, b, r, e, now);
      }
    }
  }

  // ---- receiving ------------------------------------------------------------------------------------------------------------------------------

  /** The caller is the destination of edge e: both see its whole queue. */
  lemma Inbox(a: Kernel, b: Kernel, h: u64)
    requires Alike(a, b) && Runs(a) && DE.Destination(a, h) == Status.OK
    ensures C.Slot(h) < CSLOTS as u64 && Runs(b) && Object(a, h) < NEDGE && Object(b, h) == Object(a, h) && E.Tables(a.st.edges, a.vol.queues)
    ensures E.Tables(b.st.edges, b.vol.queues)
    ensures var e := Object(a, h); a.vol.queues[e] == b.vol.queues[e] && forall q: Queue :: SameEnd(a.st.edges[e], q, b.st.edges[e], q, Me(a))
  {
    Ends(a, b, h);
    Parts(a, b);
    EdgesThere(a);
    EdgesThere(b);
    hide V.Valid;
    OneEnd(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, Me(a), Object(a, h));
  }
  /** Registers that are the same, and another queue of edge e. */
  lemma Emptied(a: Kernel, v: Volatile, b: Kernel, w: Volatile, e: u32, q: Queue, now: u64)
    requires Alike(a, b) && Runs(a) && e < NEDGE && E.Tables(a.st.edges, a.vol.queues) && E.Tables(b.st.edges, b.vol.queues)
    requires SameEnd(a.st.edges[e], q, b.st.edges[e], q, Me(a)) && SameVol(v, w, Me(a))
    requires v.queues == a.vol.queues[e as int := q] && w.queues == b.vol.queues[e as int := q]
    ensures Agree(a, Verdict([], v, []), b, Verdict([], w, []), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide SameSt;
    hide SameVol;
    Queued(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, Me(a), e, q, q);
    Noted(a, Verdict([], v, []), b, Verdict([], w, []), now);
  }
  lemma Words(v: Volatile, w: Volatile, p: u32, m: Msg)
    requires SameVol(v, w, p)
    ensures var v', w' := DE.SetWords(v, p, m.a, m.b, m.c, m.d), DE.SetWords(w, p, m.a, m.b, m.c, m.d); SameVol(v', w', p) && v'.queues == v.queues && w'.queues == w.queues
  {
    Register(v, w, p, 2, m.a);
    var v1, w1 := SetReg(v, p, 2, m.a), SetReg(w, p, 2, m.a);
    Register(v1, w1, p, 3, m.b);
    var v2, w2 := SetReg(v1, p, 3, m.b), SetReg(w1, p, 3, m.b);
    Register(v2, w2, p, 4, m.c);
    var v3, w3 := SetReg(v2, p, 4, m.c), SetReg(w2, p, 4, m.c);
    Register(v3, w3, p, 5, m.d);
    hide I.SameRegs;
  }
  lemma QueueRecv(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DE.QueueRecv(a), b, DE.QueueRecv(b), now)
  {
    Args(a, b);
    Ends(a, b, Arg(a, 1));
    Refusals(a, b, now);
    Parts(a, b);
    Line(a);
    Line(b);
    var h := Arg(a, 1);
    if DE.Destination(a, h) == Status.OK {
      Inbox(a, b, h);
      hide V.Valid;
      hide DE.Destination;
      hide Refuse;
      hide SameSt;
      var e, p := Object(a, h), Me(a);
      var q := a.vol.queues[e];
      Register(a.vol, b.vol, p, 0, Status.OK);
      var v, w := SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK);
      assert w.queues == b.vol.queues && w.queues[e] == q;
      hide SameVol;
      if |q.msgs| == 0 {
        Register(v, w, p, 1, 0);
        Voiced(a, SetReg(v, p, 1, 0), b, SetReg(w, p, 1, 0), [], now);
      } else {
        Register(v, w, p, 1, 1);
        var v1, w1 := SetReg(v, p, 1, 1), SetReg(w, p, 1, 1);
        Words(v1, w1, p, q.msgs[0]);
        hide DE.SetWords;
        Requeued(a, v1, b, w1, e, q.msgs[0], now);
        assert v1.queues == a.vol.queues && w1.queues == b.vol.queues;
      }
    }
  }
  lemma Requeued(a: Kernel, v: Volatile, b: Kernel, w: Volatile, e: u32, m: Msg, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && e < NEDGE && SameVol(v, w, Me(a)) && v.queues == a.vol.queues && w.queues == b.vol.queues
    requires E.Tables(a.st.edges, a.vol.queues) && E.Tables(b.st.edges, b.vol.queues)
    requires a.vol.queues[e] == b.vol.queues[e] && |a.vol.queues[e].msgs| > 0 && forall q: Queue :: SameEnd(a.st.edges[e], q, b.st.edges[e], q, Me(a))
    ensures var p := Me(a);
      var x, y := DE.SetWords(v, p, m.a, m.b, m.c, m.d), DE.SetWords(w, p, m.a, m.b, m.c, m.d);
      Agree(a, Verdict([], x.(queues := E.Receive(a.vol.queues, e)), []), b, Verdict([], y.(queues := E.Receive(b.vol.queues, e)), []), now)
  {
    Words(v, w, Me(a), m);
    hide DE.SetWords;
    hide V.Valid;
    var x, y := DE.SetWords(v, Me(a), m.a, m.b, m.c, m.d), DE.SetWords(w, Me(a), m.a, m.b, m.c, m.d);
    var q := E.Receive(a.vol.queues, e)[e];
    assert q == E.Receive(b.vol.queues, e)[e];
    Emptied(a, x.(queues := E.Receive(a.vol.queues, e)), b, y.(queues := E.Receive(b.vol.queues, e)), e, q, now);
  }
  lemma NotifyWait(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DE.NotifyWait(a, now), b, DE.NotifyWait(b, now), now)
  {
    Args(a, b);
    Ends(a, b, Arg(a, 1));
    Refusals(a, b, now);
    Parts(a, b);
    Line(a);
    Line(b);
    var h := Arg(a, 1);
    assert a.st.leases[Me(a)] == b.st.leases[Me(a)];
    if DE.Destination(a, h) == Status.OK {
      Inbox(a, b, h);
      hide V.Valid;
      hide DE.Destination;
      hide Refuse;
      hide SameSt;
      hide S.BlockCurrent;
      var e, p := Object(a, h), Me(a);
      var q := a.vol.queues[e];
      if q.bits == 0 && a.st.leases[p].until != 0 { }
      else if q.bits == 0 { Blocks(a, a.vol, b, b.vol, Kinds.Waiting, e as u64, now); }
      else {
        Register(a.vol, b.vol, p, 0, Status.OK);
        var v, w := SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK);
        Register(v, w, p, 1, q.bits);
        var v1, w1 := SetReg(v, p, 1, q.bits), SetReg(w, p, 1, q.bits);
        assert v1.queues == a.vol.queues && w1.queues == b.vol.queues;
        Emptied(a, v1.(queues := E.TakeBits(v1.queues, e)), b, w1.(queues := E.TakeBits(w1.queues, e)), e, q.(bits := 0), now);
      }
    }
  }
}
