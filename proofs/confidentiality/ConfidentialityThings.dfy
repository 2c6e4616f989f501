include "ConfidentialityHands.dfy"
include "ConfidentialityCreate.dfy"

/** Calls that make, start, suspend and destroy: what a third sees depends on what it and the caller saw and on what the call tells. */
module {:compile false} ConfidentialityThings {
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
  import opened ConfidentialityAcross
  import opened Declassification
  import Calls = ConfidentialityCalls
  import Objects = ConfidentialityObjects
  import Messages = ConfidentialityMessages
  import StructureKept
  import Making = ConfidentialityMaking
  import Create = ConfidentialityCreate
  import ConfidentialityAged
  import H = ConfidentialityHeld
  import N = ConfidentialityEnds
  import I = IntegrityView
  import R = IntegrityRun
  import EndsKept
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import Kinds
  import Status
  import Rights

  // ---- commedge_destroy -----------------------------------------------------------------------------------------------------------------------

  lemma Destroys3(a: Kernel, b: Kernel, e: u32, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && e < NEDGE && |a.st.edges| == |b.st.edges| == NEDGE as int
    requires a.st.edges[e].dst == b.st.edges[e].dst
    ensures Agree3(a, DE.Destroyed(a, e, now), b, DE.Destroyed(b, e, now), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    assert E.EdgeOk(a.st.edges[e], a.vol.queues[e]) && E.EdgeOk(b.st.edges[e], b.vol.queues[e]) by {
      Messages.EdgesThere(a);
      Messages.EdgesThere(b);
    }
    hide V.Valid;
    hide R.Lined;
    var q, x := Me(a), EdgeDestroy(Me(a), e);
    assert A.Apply(a.st, x) == a.st.(edges := E.Destroy(a.st.edges, e)) && A.Apply(b.st, x) == b.st.(edges := E.Destroy(b.st.edges, e));
    N.EdgeDestroyed(a.st, b.st, e, p);
    Objects.EdgesDestroyed(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, e, p);
    hide SameSt;
    hide A.Apply;
    Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
    var v, w := SetReg(a.vol, q, 0, Status.OK).(queues := E.Clear(a.vol.queues, e)), SetReg(b.vol, q, 0, Status.OK).(queues := E.Clear(b.vol.queues, e));
    assert SameVol(v, w, p);
    Calls.OneEnd(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, e);
    Disappoint3(v, a.st.parts, w, b.st.parts, a.st.edges[e].dst, b.st.edges[e].dst, e, now, p);
    hide DE.Disappoint;
    hide SameVol;
    Single3(a, DE.Destroyed(a, e, now), x, b, DE.Destroyed(b, e, now), x, now, p);
  }

  // ---- witness_ack ------------------------------------------------------------------------------------------------------------------------------

  lemma DrainOther(l: Log, who: u32, upto: u64, now: u64, p: u32)
    requires W.Tables(l) && who < NPART && p < NPART && p != who && W.Room(l, who, 1)
    ensures var m := NoteAll(l, [Drain(who, upto)], now); m.quota[p] == l.quota[p] && m.used[p] == 0
  {
    EndsKept.NoteOne(l, Drain(who, upto), now);
    EndsKept.EncodeSmall(Drain(who, upto));
    assert Charged(Drain(who, upto)) == who;
    hide Encode;
    hide Charged;
    hide W.RecordHash;
  }
  lemma WitnessAck(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && CallTells(a, 72) == CallTells(b, 72)
    ensures Agree3(a, DN.WitnessAck(a), b, DN.WitnessAck(b), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.WitnessLog, Rights.WITNESS);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    hide V.Valid;
    hide R.Lined;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    var q := Me(a);
    if Guard(a, Arg(a, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK && Arg(a, 2) as int == |a.log.records| && W.Room(a.log, q, 1) {
      var x := Drain(q, Arg(a, 2));
      Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
      hide SameVol;
      DrainOther(a.log, q, Arg(a, 2), now, p);
      DrainOther(b.log, q, Arg(a, 2), now, p);
      StructureKept.One(a.st, x);
      StructureKept.One(b.st, x);
      assert A.Apply(a.st, x) == a.st && A.Apply(b.st, x) == b.st;
      hide ApplyAll;
      hide NoteAll;
      hide SameSt;
      assert Agree3(a, DN.Drained(a, Arg(a, 2)), b, DN.Drained(b, Arg(a, 2)), now, p) by { reveal Agree3(); }
    }
  }

  // ---- another's life -----------------------------------------------------------------------------------------------------------------------------

  ghost function WithLife(s: Structure, r: u32, life: u32): Structure requires Tables(s) && r < NPART { s.(parts := s.parts[r as int := s.parts[r].(life := life)]) }
  lemma LifeUnseen(s: Structure, r: u32, life: u32, p: u32)
    requires H.Aged(s) && Tables(s) && r < NPART && p < NPART && s.parts[r].life != Kinds.Free && life != Kinds.Free
    ensures SameHeld(s, WithLife(s, r, life), p)
  {
    var t := WithLife(s, r, life);
    forall i: u32 | i < NCAP && s.caps[i].kind != Kinds.None ensures Unmoved(s, t, s.caps[i]) { H.OneDated(s, i); }
    Unseen(s, t, p);
  }
  lemma Lives3(s: Structure, t: Structure, r: u32, life: u32, p: u32)
    requires SameSt(s, t, p) && H.Aged(s) && H.Aged(t) && r < NPART && s.parts[r].life != Kinds.Free && t.parts[r].life != Kinds.Free
    requires life != Kinds.Free
    ensures SameSt(WithLife(s, r, life), WithLife(t, r, life), p)
  {
    var u, v := WithLife(s, r, life), WithLife(t, r, life);
    LifeUnseen(s, r, life, p);
    LifeUnseen(t, r, life, p);
    assert SameHeld(u, v, p) by {
      reveal SameHeld();
      forall x: u32 {:trigger SameSlot(u, v, p, x)} | x < CSLOTS ensures SameSlot(u, v, p, x) {
        assert SameSlot(s, t, p, x) && SameSlot(s, u, p, x) && SameSlot(t, v, p, x);
      }
    }
  }
  lemma PartitionStart(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && CallTells(a, 73) == CallTells(b, 73)
    ensures Agree3(a, DP.PartitionStart_(a, now), b, DP.PartitionStart_(b, now), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Args(a, b);
    Objects.Others(a, b, Arg(a, 1), Rights.WRITE);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    hide V.Valid;
    hide R.Lined;
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide W.Room;
    if DP.Other(a, Arg(a, 1), Rights.WRITE) == Status.OK {
      var r := Object(a, Arg(a, 1));
      assert Life(a) == a.st.parts[r].life && Life(b) == b.st.parts[r].life;
      if (Life(a) == Kinds.Created || Life(a) == Kinds.Suspended) && W.Room(a.log, Me(a), 1) {
        var q, x := Me(a), Action.PartitionStart(Me(a), r);
        Lives3(a.st, b.st, r, Kinds.Started, p);
        assert A.Apply(a.st, x) == WithLife(a.st, r, Kinds.Started) && A.Apply(b.st, x) == WithLife(b.st, r, Kinds.Started);
        hide SameSt;
        hide A.Apply;
        Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
        Ready3(a.vol.sched, r, a.st.parts[r].rel, now, p);
        Ready3(b.vol.sched, r, b.st.parts[r].rel, now, p);
        hide S.MakeReady;
        assert SameVol(DP.StartOther(a, r, now).vol, DP.StartOther(b, r, now).vol, p);
        hide SameVol;
        Single3(a, DP.StartOther(a, r, now), x, b, DP.StartOther(b, r, now), x, now, p);
      }
    }
  }
  lemma Suspended3(a: Kernel, b: Kernel, r: u32, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && 0 < r < NPART && r != Me(a)
    ensures var v, w := DP.SuspendOther(a, r).vol, DP.SuspendOther(b, r).vol; SameVol(v, w, p) && v.queues == a.vol.queues && w.queues == b.vol.queues
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide R.Lined;
    hide SameSt;
    var q := Me(a);
    Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
    var v, w := SetReg(a.vol, q, 0, Status.OK), SetReg(b.vol, q, 0, Status.OK);
    var x, y := DP.SuspendOther(a, r).vol, DP.SuspendOther(b, r).vol;
    forall n: u32 | n < CTXW ensures I.SameReg(x.regs, y.regs, p, n) {
      assert I.SameReg(v.regs, w.regs, p, n);
      assert r != p ==> p * CTXW + n != r * CTXW;
    }
    assert v.sched == a.vol.sched && w.sched == b.vol.sched;
    hide SetReg;
    assert I.SameTask(x.sched, y.sched, p);
  }
  lemma PartitionSuspend(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && CallTells(a, 74) == CallTells(b, 74)
    ensures Agree3(a, DP.PartitionSuspend_(a), b, DP.PartitionSuspend_(b), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Args(a, b);
    Objects.Others(a, b, Arg(a, 1), Rights.WRITE);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    hide V.Valid;
    hide R.Lined;
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide W.Room;
    if DP.Other(a, Arg(a, 1), Rights.WRITE) == Status.OK {
      var r := Object(a, Arg(a, 1));
      assert Life(a) == a.st.parts[r].life && Life(b) == b.st.parts[r].life;
      if Life(a) == Kinds.Started && W.Room(a.log, Me(a), 1) {
        var x := Action.PartitionSuspend(Me(a), r);
        Lives3(a.st, b.st, r, Kinds.Suspended, p);
        assert A.Apply(a.st, x) == WithLife(a.st, r, Kinds.Suspended) && A.Apply(b.st, x) == WithLife(b.st, r, Kinds.Suspended);
        Suspended3(a, b, r, p);
        hide SameSt;
        hide A.Apply;
        hide SameVol;
        Single3(a, DP.SuspendOther(a, r), x, b, DP.SuspendOther(b, r), x, now, p) by { hide S.Stop; hide SetReg; }
      }
    }
  }
  /** The ends of an edge that the caller holds a capability for. */
  lemma Shown(a: Kernel, b: Kernel, h: u64)
    requires Alike(a, b) && Runs(a) && Guard(a, h, Kinds.CommEdge, Rights.REVOKE) == Status.OK
    ensures C.Slot(h) < CSLOTS as u64 && Runs(b) && Object(a, h) == Object(b, h) && Tables(a.st) && Tables(b.st)
    ensures Object(a, h) < NEDGE ==> a.st.edges[Object(a, h)].dst == b.st.edges[Object(a, h)].dst
  {
    Guards(a, b, h, Kinds.CommEdge, Rights.REVOKE);
    Slots(a, b, h);
    Calls.Line(a);
    Calls.Line(b);
    hide V.Valid;
    hide Guard;
    hide C.LiveAt;
    hide Path;
    var i := C.Index(Me(a), h);
    assert HeldIn(a.st, i).ends == HeldIn(b.st, i).ends && HeldIn(b.st, i).present;
  }
  lemma CommEdgeDestroy(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DE.CommEdgeDestroy(a, now), b, DE.CommEdgeDestroy(b, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.CommEdge, Rights.REVOKE);
    if Guard(a, Arg(a, 1), Kinds.CommEdge, Rights.REVOKE) == Status.OK { Shown(a, b, Arg(a, 1)); }
    Refusals3(a, b, now, p);
    Rooms(a, b);
    hide V.Valid;
    hide R.Lined;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide Same;
    hide DE.Destroyed;
    if Guard(a, Arg(a, 1), Kinds.CommEdge, Rights.REVOKE) == Status.OK && Object(a, Arg(a, 1)) < NEDGE && W.Room(a.log, Me(a), 1) {
      Destroys3(a, b, Object(a, Arg(a, 1)), now, p);
    }
  }
}
