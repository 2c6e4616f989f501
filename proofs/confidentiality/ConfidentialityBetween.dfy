include "ConfidentialityCapability.dfy"
include "ConfidentialityMessages.dfy"

/** What one partition does to another's view: two kernels that look the same to both of them, and calls that leave the other alone. */
module {:compile false} ConfidentialityBetween {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened Declassification
  import Calls = ConfidentialityCalls
  import Messages = ConfidentialityMessages
  import H = ConfidentialityHeld
  import I = IntegrityView
  import R = IntegrityRun
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import L = Leases
  import DE = DecideEdge
  import DN = DecideWitness
  import DT = DecideTask
  import Step
  import EndsKept
  import StructureKept
  import Kinds
  import Status
  import Rights

  /** Another partition runs in both; it sees the same, and so does p, which exists. */
  opaque ghost predicate Both(a: Kernel, b: Kernel, p: u32) {
    Alike(a, b) && Runs(a) && 0 < p < NPART && p != Me(a) && Same(a, b, p) && a.st.parts[p].life != Kinds.Free
  }
  lemma BothIs(a: Kernel, b: Kernel, p: u32)
    requires Both(a, b, p)
    ensures Alike(a, b) && Runs(a) && Runs(b) && 0 < p < NPART && p != Me(a) && Me(a) == Me(b) && Same(a, b, p) && a.st.parts[p].life != Kinds.Free
    ensures b.st.parts[p].life != Kinds.Free
    ensures I.Sorts(a.vol) && I.Sorts(b.vol) && R.Lined(a.vol.sched) && R.Lined(b.vol.sched) && |a.st.parts| == |b.st.parts| == NPART as int
    ensures W.Tables(a.log) && W.Tables(b.log)
    ensures E.Tables(a.st.edges, a.vol.queues) && E.Tables(b.st.edges, b.vol.queues) && Tables(a.st) && Tables(b.st) && S.Shape(a.vol.sched)
    ensures S.Shape(b.vol.sched)
    ensures a.vol.sched.tasks[Me(a)].run == Kinds.Running && b.vol.sched.tasks[Me(a)].run == Kinds.Running
    ensures a.vol.sched.cur == b.vol.sched.cur == Me(a)
  {
    reveal Both();
    Parts(a, b);
    Calls.Line(a);
    Calls.Line(b);
    Messages.EdgesThere(a);
    Messages.EdgesThere(b);
  }
  /** After these verdicts p sees the same. */
  opaque ghost predicate Agree3(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64, p: u32) {
    && Both(a, b, p) && Tables(a.st) && Tables(b.st) && W.Tables(a.log) && W.Tables(b.log) && p < NPART
    && var s, t := ApplyAll(a.st, v.acts), ApplyAll(b.st, w.acts);
    && SameSt(s, t, p) && SameVol(v.vol, w.vol, p) && SameEnds(s.edges, v.vol.queues, t.edges, w.vol.queues, p)
    && I.SameAccount(NoteAll(a.log, v.acts, now), NoteAll(b.log, w.acts, now), p)
  }
  /** At most one record, which is not p's and changes no structure. */
  ghost predicate Slight(v: Verdict, p: u32) { |v.acts| <= 1 && (|v.acts| == 1 ==> Note1(v.acts[0]) && I.NotHis(v.acts[0], p)) }
  lemma Slightly(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && |a.st.edges| == NEDGE as int && |b.st.edges| == NEDGE as int && Slight(v, p) && Slight(w, p)
    requires SameVol(v.vol, w.vol, p) && SameEnds(a.st.edges, v.vol.queues, b.st.edges, w.vol.queues, p)
    ensures Agree3(a, v, b, w, now, p)
  {
    BothIs(a, b, p);
    Unstructured(a, v.acts);
    Unstructured(b, w.acts);
    I.AllNoted(a.log, v.acts, now, p);
    I.AllNoted(b.log, w.acts, now, p);
    hide *;
    reveal Same, I.SameAccount;
    reveal Agree3();
  }
  /** One action of each, neither p's affair in the log. */
  lemma Single3(a: Kernel, v: Verdict, x: Action, b: Kernel, w: Verdict, y: Action, now: u64, p: u32)
    requires Both(a, b, p) && Tables(a.st) && Tables(b.st) && v.acts == [x] && w.acts == [y] && I.NotHis(x, p) && I.NotHis(y, p)
    requires var s, t := A.Apply(a.st, x), A.Apply(b.st, y); SameSt(s, t, p) && SameVol(v.vol, w.vol, p) && SameEnds(s.edges, v.vol.queues, t.edges, w.vol.queues, p)
    ensures Agree3(a, v, b, w, now, p)
  {
    BothIs(a, b, p);
    StructureKept.One(a.st, x);
    StructureKept.One(b.st, y);
    I.AllNoted(a.log, v.acts, now, p);
    I.AllNoted(b.log, w.acts, now, p);
    hide *;
    reveal Same, I.SameAccount;
    reveal Agree3();
  }

  // ---- registers and schedule ---------------------------------------------------------------------------------------------------------------

  /** A register of anybody's, if it is p's with the same value. */
  lemma Reg3(v: Volatile, w: Volatile, p: u32, q: u32, n: u32, x: u64, y: u64)
    requires SameVol(v, w, p) && n < CTXW && q < NPART && (q == p ==> x == y)
    ensures SameVol(SetReg(v, q, n, x), SetReg(w, q, n, y), p) && SetReg(v, q, n, x).queues == v.queues && SetReg(w, q, n, y).queues == w.queues
    ensures SetReg(v, q, n, x).sched == v.sched && SetReg(w, q, n, y).sched == w.sched
  {
    var v', w' := SetReg(v, q, n, x), SetReg(w, q, n, y);
    forall m: u32 | m < CTXW ensures I.SameReg(v'.regs, w'.regs, p, m) {
      assert I.SameReg(v.regs, w.regs, p, m);
      assert q != p ==> p * CTXW + m != q * CTXW + n;
    }
  }
  lemma Sched3(v: Volatile, w: Volatile, s: Sched, t: Sched, p: u32)
    requires SameVol(v, w, p) && S.Tables(s) && S.Tables(t) && I.SameTask(v.sched, s, p) && I.SameTask(w.sched, t, p)
    ensures SameVol(v.(sched := s), w.(sched := t), p)
  {}
  lemma Rest3(a: Kernel, v: Volatile, b: Kernel, w: Volatile, fx: seq<Effect>, gx: seq<Effect>, now: u64, p: u32)
    requires Both(a, b, p) && SameVol(v, w, p) && v.queues == a.vol.queues && w.queues == b.vol.queues
    ensures Agree3(a, Verdict([], v, fx), b, Verdict([], w, gx), now, p)
  {
    BothIs(a, b, p);
    Slightly(a, Verdict([], v, fx), b, Verdict([], w, gx), now, p) by { hide V.Valid; hide SameSt; hide SameVol; }
  }
  lemma Refusals3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b)
    ensures forall call: u64, status: u64 {:trigger Refuse(a, call, status)} :: Agree3(a, Refuse(a, call, status), b, Refuse(b, call, status), now, p)
    ensures forall status: u64 {:trigger Answer(a, status)} :: Agree3(a, Answer(a, status), b, Answer(b, status), now, p)
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide W.Room;
    hide SameSt;
    hide R.Lined;
    var q := Me(a);
    forall call: u64, status: u64 ensures Agree3(a, Refuse(a, call, status), b, Refuse(b, call, status), now, p) {
      Reg3(a.vol, b.vol, p, q, 0, status, status);
      Slightly(a, Refuse(a, call, status), b, Refuse(b, call, status), now, p) by { hide SameVol; }
    }
    forall status: u64 ensures Agree3(a, Answer(a, status), b, Answer(b, status), now, p) {
      Reg3(a.vol, b.vol, p, q, 0, status, status);
      Slightly(a, Answer(a, status), b, Answer(b, status), now, p) by { hide SameVol; }
    }
  }

  // ---- calls that leave p alone ---------------------------------------------------------------------------------------------------------------

  lemma Uid(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, Step.Uid(a), b, Step.Uid(b), now, p)
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide R.Lined;
    hide SameSt;
    var q := Me(a);
    Reg3(a.vol, b.vol, p, q, 0, 0x004d_5652, 0x004d_5652);
    var v, w := SetReg(a.vol, q, 0, 0x004d_5652), SetReg(b.vol, q, 0, 0x004d_5652);
    Reg3(v, w, p, q, 1, 0x0080_0100, 0x0080_0100);
    var v1, w1 := SetReg(v, q, 1, 0x0080_0100), SetReg(w, q, 1, 0x0080_0100);
    Reg3(v1, w1, p, q, 2, 0x6d76_7280, 0x6d76_7280);
    var v2, w2 := SetReg(v1, q, 2, 0x6d76_7280), SetReg(w1, q, 2, 0x6d76_7280);
    Reg3(v2, w2, p, q, 3, 0x766e_6876, 0x766e_6876);
    Rest3(a, SetReg(v2, q, 3, 0x766e_6876), b, SetReg(w2, q, 3, 0x766e_6876), [], [], now, p) by { hide SameVol; }
  }
  lemma Record3(v: Volatile, q: u32, s: seq<u64>, p: u32)
    requires I.Sorts(v) && q < NPART && p < NPART && q != p && |s| == 8
    ensures SameVol(v, DN.SetRecord(v, q, s), p) && DN.SetRecord(v, q, s).queues == v.queues
  {
    var w := DN.SetRecord(v, q, s);
    forall m: u32 | m < CTXW ensures I.SameReg(v.regs, w.regs, p, m) {}
  }
  lemma Bounds3(k: Kernel, status: u64, p: u32)
    requires Runs(k) && I.Sorts(k.vol) && p < NPART && p != Me(k) && |k.log.records| <= TIMEMAX as int
    ensures SameVol(k.vol, DN.Bounds(k, status), p) && DN.Bounds(k, status).queues == k.vol.queues
  {
    var q := Me(k);
    var w := DN.Bounds(k, status);
    forall m: u32 | m < CTXW ensures I.SameReg(k.vol.regs, w.regs, p, m) {}
  }
  /** Reading the log changes nothing that p sees. */
  lemma Reads3(k: Kernel, p: u32)
    requires Runs(k) && I.Sorts(k.vol) && 0 < p < NPART && p != Me(k)
    ensures var v := DN.WitnessRead(k); SameVol(k.vol, v.vol, p) && v.vol.queues == k.vol.queues && Slight(v, p)
  {
    if Arg(k, 2) as int < |k.log.records| { assert W.Small(k.log.records[Arg(k, 2) as int]); }
    assert |k.log.records| <= TIMEMAX as int;
    hide V.Valid;
    hide Guard;
    hide W.Room;
    hide W.Pack;
    Bounds3(k, Status.ResourceLimitExceeded, p);
    Bounds3(k, Status.OK, p);
    hide DN.Bounds;
    hide DN.SetRecord;
    var n, q := Arg(k, 2), Me(k);
    if n as int < |k.log.records| && n >= k.log.drained {
      var s := W.Pack(k.log.records[n]);
      Record3(DN.Bounds(k, Status.OK), q, s, p);
      Chain3(k.vol, DN.Bounds(k, Status.OK), DN.SetRecord(DN.Bounds(k, Status.OK), q, s), p);
    }
    var g := Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS);
    Itself3(k.vol, p);
    Reg3(k.vol, k.vol, p, q, 0, g, g);
    Other3(k.vol, q, 0, g, p);
    hide SameVol;
    hide SetReg;
  }
  lemma Itself3(v: Volatile, p: u32) requires I.Sorts(v) && p < NPART ensures SameVol(v, v, p) {}
  lemma Other3(v: Volatile, q: u32, n: u32, x: u64, p: u32)
    requires I.Sorts(v) && q < NPART && p < NPART && q != p && n < CTXW
    ensures SameVol(v, SetReg(v, q, n, x), p)
  {
    forall m: u32 | m < CTXW ensures I.SameReg(v.regs, SetReg(v, q, n, x).regs, p, m) {}
  }
  lemma Chain3(u: Volatile, v: Volatile, w: Volatile, p: u32)
    requires SameVol(u, v, p) && SameVol(v, w, p)
    ensures SameVol(u, w, p)
  {
    forall m: u32 | m < CTXW ensures I.SameReg(u.regs, w.regs, p, m) { assert I.SameReg(u.regs, v.regs, p, m) && I.SameReg(v.regs, w.regs, p, m); }
  }
  lemma WitnessRead(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DN.WitnessRead(a), b, DN.WitnessRead(b), now, p)
  {
    BothIs(a, b, p);
    Reads3(a, p);
    Reads3(b, p);
    hide V.Valid;
    hide R.Lined;
    hide SameSt;
    hide DN.WitnessRead;
    Messages.VolChain(a.vol, DN.WitnessRead(a).vol, b.vol, DN.WitnessRead(b).vol, p);
    hide SameVol;
    Slightly(a, DN.WitnessRead(a), b, DN.WitnessRead(b), now, p);
  }
  lemma ConsoleWrite(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DN.ConsoleWrite(a), b, DN.ConsoleWrite(b), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.Console, Rights.WRITE);
    Refusals3(a, b, now, p);
    hide V.Valid;
    hide R.Lined;
    hide SameSt;
    hide Guard;
    hide Refuse;
    Reg3(a.vol, b.vol, p, Me(a), 0, Status.OK, Status.OK);
    hide SameVol;
    var fx := [Effect(CONSOLE, Me(a) as u64, Arg(a, 2), 0)];
    Rest3(a, DN.Written(a, Arg(a, 2)).vol, b, DN.Written(b, Arg(a, 2)).vol, fx, fx, now, p);
  }
  lemma Yield(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DT.Yield(a, now), b, DT.Yield(b, now), now, p)
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide SameSt;
    var q := Me(a);
    Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
    R.Yielded(a.vol.sched, a.st.parts, now, p);
    R.Yielded(b.vol.sched, b.st.parts, now, p);
    hide S.YieldCurrent;
    hide R.Lined;
    Sched3(SetReg(a.vol, q, 0, Status.OK), SetReg(b.vol, q, 0, Status.OK), S.YieldCurrent(a.vol.sched, a.st.parts, now), S.YieldCurrent(b.vol.sched, b.st.parts, now), p);
    hide SameVol;
    Rest3(a, DT.Yield(a, now).vol, b, DT.Yield(b, now).vol, [], [], now, p);
  }
  lemma TimerWait(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DT.TimerWait(a, now), b, DT.TimerWait(b, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Parts(a, b);
    assert a.st.leases[Me(a)] == b.st.leases[Me(a)];
    hide V.Valid;
    hide SameSt;
    var q := Me(a);
    var t := L.NoLater(a.st, q, Arg(a, 1));
    Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
    R.Blocked(a.vol.sched, a.st.parts, Kinds.Sleeping, t, now, p);
    R.Blocked(b.vol.sched, b.st.parts, Kinds.Sleeping, t, now, p);
    hide S.BlockCurrent;
    hide R.Lined;
    var v, w := SetReg(a.vol, q, 0, Status.OK), SetReg(b.vol, q, 0, Status.OK);
    Sched3(v, w, S.BlockCurrent(a.vol.sched, a.st.parts, Kinds.Sleeping, t, now), S.BlockCurrent(b.vol.sched, b.st.parts, Kinds.Sleeping, t, now), p);
    hide SameVol;
    Rest3(a, DT.TimerWait(a, now).vol, b, DT.TimerWait(b, now).vol, [], [], now, p);
  }
}
