include "ConfidentialityGuards.dfy"
include "../../spec/Step.dfy"

/** Calls that change no structure: answers, refusals, waiting, messages and signals tell their caller the same in twins. */
module {:compile false} ConfidentialityCalls {
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
  import Kinds
  import Status
  import Rights

  // ---- registers, schedule, queues ------------------------------------------------------------------------------------------------------

  lemma Register(v: Volatile, w: Volatile, p: u32, n: u32, x: u64)
    requires SameVol(v, w, p) && n < CTXW
    ensures SameVol(SetReg(v, p, n, x), SetReg(w, p, n, x), p) && SetReg(v, p, n, x).queues == v.queues && SetReg(w, p, n, x).queues == w.queues
  {
    var v', w' := SetReg(v, p, n, x), SetReg(w, p, n, x);
    forall m: u32 | m < CTXW ensures I.SameReg(v'.regs, w'.regs, p, m) { assert I.SameReg(v.regs, w.regs, p, m); }
  }
  /** The schedules are the same to p. */
  lemma Scheduled(v: Volatile, w: Volatile, s: Sched, t: Sched, p: u32)
    requires SameVol(v, w, p) && S.Tables(s) && S.Tables(t) && I.SameTask(s, t, p)
    ensures SameVol(v.(sched := s), w.(sched := t), p)
  {}
  /** What happens unseen to both leaves them the same. */
  lemma RunAround(es: seq<Edge>, v: Volatile, v': Volatile, fs: seq<Edge>, w: Volatile, w': Volatile, p: u32)
    requires |es| == |fs| == NEDGE as int && SameVol(v, w, p) && I.SameRun(es, v, v', p) && I.SameRun(fs, w, w', p)
    ensures SameVol(v', w', p)
    ensures SameEnds(es, v.queues, fs, w.queues, p) ==> SameEnds(es, v'.queues, fs, w'.queues, p)
  {
    forall m: u32 | m < CTXW ensures I.SameReg(v'.regs, w'.regs, p, m) {
      assert I.SameReg(v.regs, w.regs, p, m) && I.SameReg(v.regs, v'.regs, p, m) && I.SameReg(w.regs, w'.regs, p, m);
    }
    reveal SameEnds();
    if SameEnds(es, v.queues, fs, w.queues, p) {
      forall e: u32 | e < NEDGE ensures SameEnd(es[e], v'.queues[e], fs[e], w'.queues[e], p) {
        assert SameEnd(es[e], v.queues[e], fs[e], w.queues[e], p);
        assert IsEnd(es[e], p) ==> v'.queues[e] == v.queues[e];
        assert IsEnd(fs[e], p) ==> w'.queues[e] == w.queues[e];
      }
    }
  }
  lemma Queued(es: seq<Edge>, qs: seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, p: u32, e: u32, q: Queue, r: Queue)
    requires SameEnds(es, qs, fs, rs, p) && e < NEDGE && |es| == |fs| == |qs| == |rs| == NEDGE as int && SameEnd(es[e], q, fs[e], r, p)
    ensures SameEnds(es, qs[e as int := q], fs, rs[e as int := r], p)
  {
    reveal SameEnds();
  }
  lemma OneEnd(es: seq<Edge>, qs: seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, p: u32, e: u32)
    requires SameEnds(es, qs, fs, rs, p) && e < NEDGE
    ensures |es| == |fs| == |qs| == |rs| == NEDGE as int && SameEnd(es[e], qs[e], fs[e], rs[e], p)
  {
    reveal SameEnds();
  }
  /** Who runs and yields can run again. */
  lemma Yielding(s: Sched, parts: seq<Part>, now: u64, p: u32)
    requires S.Shape(s) && |parts| == NPART as int && p == s.cur
    ensures var t := S.YieldCurrent(s, parts, now); S.Tables(t) && DoingOf(t.tasks[p]) == Runnable && t.tasks[p].left == s.tasks[p].left
  {}
  lemma Preempting(s: Sched, parts: seq<Part>, now: u64, p: u32)
    requires S.Shape(s) && |parts| == NPART as int && p == s.cur
    ensures var t := S.PreemptCurrent(s, parts, now); S.Tables(t) && DoingOf(t.tasks[p]) == Runnable && t.tasks[p].left == s.tasks[p].left
  {}
  lemma Blocking(s: Sched, parts: seq<Part>, run: u32, wake: u64, now: u64, p: u32)
    requires R.Lined(s) && |parts| == NPART as int && p == s.cur && s.tasks[p].run == Kinds.Running
    ensures var t := S.BlockCurrent(s, parts, run, wake, now);
      S.Tables(t) && DoingOf(t.tasks[p]) == DoingOf(Task(run, 0, 0, wake))
    ensures S.BlockCurrent(s, parts, run, wake, now).tasks[p].left == s.tasks[p].left
  {
    if |s.ready| > 0 { assert s.tasks[s.ready[0]].run == Kinds.Ready; }
  }
  lemma Line(a: Kernel)
    requires Runs(a)
    ensures R.Lined(a.vol.sched) && S.Shape(a.vol.sched) && |a.st.parts| == NPART as int && I.Sorts(a.vol) && |a.st.edges| == NEDGE as int
    ensures W.Tables(a.log) && Tables(a.st)
    ensures a.vol.sched.tasks[Me(a)].run == Kinds.Running
  {
    R.ValidLine(a);
  }

  // ---- answers ----------------------------------------------------------------------------------------------------------------------------

  lemma Voiced(a: Kernel, v: Volatile, b: Kernel, w: Volatile, fx: seq<Effect>, now: u64)
    requires Alike(a, b) && Runs(a) && SameVol(v, w, Me(a)) && v.queues == a.vol.queues && w.queues == b.vol.queues
    ensures Agree(a, Verdict([], v, fx), b, Verdict([], w, fx), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide SameSt;
    hide SameVol;
    Noted(a, Verdict([], v, fx), b, Verdict([], w, fx), now);
  }
  lemma Answers(a: Kernel, b: Kernel, status: u64, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, Answer(a, status), b, Answer(b, status), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    Register(a.vol, b.vol, Me(a), 0, status);
    Voiced(a, SetReg(a.vol, Me(a), 0, status), b, SetReg(b.vol, Me(b), 0, status), [], now);
  }
  lemma Refuses(a: Kernel, b: Kernel, call: u64, status: u64, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, Refuse(a, call, status), b, Refuse(b, call, status), now)
  {
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide W.Room;
    Register(a.vol, b.vol, Me(a), 0, status);
    Noted(a, Refuse(a, call, status), b, Refuse(b, call, status), now) by { hide SameSt; hide SameVol; }
  }
  lemma Refusals(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b)
    ensures forall call: u64, status: u64 {:trigger Refuse(a, call, status)} :: Agree(a, Refuse(a, call, status), b, Refuse(b, call, status), now)
    ensures forall status: u64 {:trigger Answer(a, status)} :: Agree(a, Answer(a, status), b, Answer(b, status), now)
  {
    Parts(a, b);
    hide *;
    forall call: u64, status: u64 ensures Agree(a, Refuse(a, call, status), b, Refuse(b, call, status), now) { Refuses(a, b, call, status, now); }
    forall status: u64 ensures Agree(a, Answer(a, status), b, Answer(b, status), now) { Answers(a, b, status, now); }
  }
  lemma Uid(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, Step.Uid(a), b, Step.Uid(b), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    var p := Me(a);
    Register(a.vol, b.vol, p, 0, 0x004d_5652);
    var v, w := SetReg(a.vol, p, 0, 0x004d_5652), SetReg(b.vol, p, 0, 0x004d_5652);
    Register(v, w, p, 1, 0x0080_0100);
    var v1, w1 := SetReg(v, p, 1, 0x0080_0100), SetReg(w, p, 1, 0x0080_0100);
    Register(v1, w1, p, 2, 0x6d76_7280);
    var v2, w2 := SetReg(v1, p, 2, 0x6d76_7280), SetReg(w1, p, 2, 0x6d76_7280);
    Register(v2, w2, p, 3, 0x766e_6876);
    Voiced(a, SetReg(v2, p, 3, 0x766e_6876), b, SetReg(w2, p, 3, 0x766e_6876), [], now) by { hide SameVol; }
  }
  lemma ConsoleWrite(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DN.ConsoleWrite(a), b, DN.ConsoleWrite(b), now)
  {
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.Console, Rights.WRITE);
    Refusals(a, b, now);
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    Register(a.vol, b.vol, Me(a), 0, Status.OK);
    Voiced(a, DN.Written(a, Arg(a, 2)).vol, b, DN.Written(b, Arg(a, 2)).vol, [Effect(CONSOLE, Me(a) as u64, Arg(a, 2), 0)], now);
  }

  // ---- waiting ------------------------------------------------------------------------------------------------------------------------------

  lemma Yield(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DT.Yield(a, now), b, DT.Yield(b, now), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    var p := Me(a);
    Register(a.vol, b.vol, p, 0, Status.OK);
    Yielding(a.vol.sched, a.st.parts, now, p);
    Yielding(b.vol.sched, b.st.parts, now, p);
    hide S.YieldCurrent;
    Scheduled(SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK), S.YieldCurrent(a.vol.sched, a.st.parts, now), S.YieldCurrent(b.vol.sched, b.st.parts, now), p);
    Voiced(a, DT.Yield(a, now).vol, b, DT.Yield(b, now).vol, [], now);
  }
  lemma Blocks(a: Kernel, v: Volatile, b: Kernel, w: Volatile, run: u32, wake: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && SameVol(v, w, Me(a)) && v == a.vol.(regs := v.regs) && w == b.vol.(regs := w.regs)
    requires |a.st.parts| == |b.st.parts| == NPART as int && S.Shape(v.sched) && S.Shape(w.sched) && run != Kinds.Ready
    ensures Agree(a, Verdict([], v.(sched := S.BlockCurrent(v.sched, a.st.parts, run, wake, now)), []),
                  b, Verdict([], w.(sched := S.BlockCurrent(w.sched, b.st.parts, run, wake, now)), []), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    Blocking(v.sched, a.st.parts, run, wake, now, Me(a));
    Blocking(w.sched, b.st.parts, run, wake, now, Me(a));
    hide S.BlockCurrent;
    var s, t := S.BlockCurrent(v.sched, a.st.parts, run, wake, now), S.BlockCurrent(w.sched, b.st.parts, run, wake, now);
    Scheduled(v, w, s, t, Me(a));
    Voiced(a, v.(sched := s), b, w.(sched := t), [], now);
  }
  lemma TimerWait(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DT.TimerWait(a, now), b, DT.TimerWait(b, now), now)
  {
    Args(a, b);
    Parts(a, b);
    Line(a);
    Line(b);
    assert a.st.leases[Me(a)] == b.st.leases[Me(a)];
    hide V.Valid;
    var p := Me(a);
    Register(a.vol, b.vol, p, 0, Status.OK);
    var v, w := SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK);
    hide S.BlockCurrent;
    var wake := L.NoLater(a.st, p, Arg(a, 1));
    if wake <= now { Voiced(a, v, b, w, [], now); } else { Blocks(a, v, b, w, Kinds.Sleeping, wake, now); }
  }

  // ---- what a guest computes ----------------------------------------------------------------------------------------------------------------

  /** A guest that leaves the same in its registers sees the same. */
  lemma Left(a: Kernel, b: Kernel, saved: seq<u64>, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, Step.Left(a, saved), b, Step.Left(b, saved), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    var v, w := Step.Left(a, saved).vol, Step.Left(b, saved).vol;
    if |saved| == SAVED as int { Computed(a.vol, b.vol, Me(a), saved); }
    Voiced(a, v, b, w, [], now);
  }
  lemma Computed(v: Volatile, w: Volatile, p: u32, saved: seq<u64>)
    requires SameVol(v, w, p) && |saved| == SAVED as int
    ensures var b := (p * CTXW) as int; var c := b + SAVED as int;
      SameVol(v.(regs := v.regs[..b] + saved + v.regs[c..]), w.(regs := w.regs[..b] + saved + w.regs[c..]), p)
  {
    var b := (p * CTXW) as int;
    var c := b + SAVED as int;
    var x, y := v.regs[..b] + saved + v.regs[c..], w.regs[..b] + saved + w.regs[c..];
    assert |x| == |y| == NCTX as int;
    forall m: u32 | m < CTXW ensures I.SameReg(x, y, p, m) {
      assert I.SameReg(v.regs, w.regs, p, m);
      var i := (p * CTXW + m) as int;
      assert i == b + m as int;
      if m >= SAVED { assert x[i] == v.regs[i] && y[i] == w.regs[i]; } else { assert x[i] == saved[m] == y[i]; }
    }
  }
}
