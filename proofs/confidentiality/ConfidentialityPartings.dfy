include "ConfidentialityAcross.dfy"
include "ConfidentialityTime.dfy"

/** Ends, traps and ticks: what a third sees depends on what it and the running partition saw. */
module {:compile false} ConfidentialityPartings {
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
  import Messages = ConfidentialityMessages
  import Objects = ConfidentialityObjects
  import Endings = ConfidentialityEndings
  import Time = ConfidentialityTime
  import N = ConfidentialityEnds
  import I = IntegrityView
  import R = IntegrityRun
  import CommitKept
  import CallsKept
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DP = DecidePartition
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import Rights

  // ---- waiting on somebody who ends -------------------------------------------------------------------------------------------------------------

  /** The same edges lead from r to p. */
  ghost predicate FromTo(es: seq<Edge>, fs: seq<Edge>, r: u32, p: u32) {
    |es| == |fs| == NEDGE as int && forall e: u32 {:trigger es[e]} {:trigger fs[e]} :: e < NEDGE ==> (Leads(es[e], r, p) <==> Leads(fs[e], r, p))
  }
  ghost predicate Leads(e: Edge, r: u32, p: u32) { e.cap != 0 && e.src == r && e.dst == p }
  lemma SameLeads(es: seq<Edge>, qs: seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, r: u32, p: u32)
    requires SameEnds(es, qs, fs, rs, p)
    ensures FromTo(es, fs, r, p)
  {
    reveal SameEnds();
    forall e: u32 | e < NEDGE ensures Leads(es[e], r, p) <==> Leads(fs[e], r, p) { assert SameEnd(es[e], qs[e], fs[e], rs[e], p); }
  }
  /** The state after edge e of r has been looked at. */
  ghost function OneBreak(v: Volatile, es: seq<Edge>, ps: seq<Part>, r: u32, now: u64, e: u32): Volatile
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |ps| == NPART as int && |es| == NEDGE as int && e < NEDGE
  {
    if DT.Orphans(es, v.sched, r, e) then DT.Break(v, ps, es[e].dst, Status.PartitionNotFound, now) else v
  }
  lemma LineKept(s: Sched, x: u32, rel: u64, now: u64)
    requires R.Lined(s) && x < NPART
    ensures R.Lined(S.MakeReady(s, x, rel, now))
  {
    R.Readied(s, x, rel, now, if x == 0 then 1 else 0);
  }
  lemma OneKept(v: Volatile, es: seq<Edge>, ps: seq<Part>, r: u32, now: u64, e: u32)
    requires I.Sorts(v) && R.Lined(v.sched) && |ps| == NPART as int && |es| == NEDGE as int && e < NEDGE
    ensures var w := OneBreak(v, es, ps, r, now, e); I.Sorts(w) && R.Lined(w.sched) && w.queues == v.queues && w.sched.cur == v.sched.cur
  {
    if DT.Orphans(es, v.sched, r, e) { LineKept(v.sched, es[e].dst, ps[es[e].dst].rel, now); Ready3(v.sched, es[e].dst, ps[es[e].dst].rel, now, 0); }
    hide R.Lined;
  }
  lemma OneBreak3(v: Volatile, es: seq<Edge>, ps: seq<Part>, w: Volatile, fs: seq<Edge>, qs: seq<Part>, r: u32, now: u64, e: u32, p: u32)
    requires SameVol(v, w, p) && S.Shape(v.sched) && S.Shape(w.sched) && |ps| == |qs| == NPART as int && FromTo(es, fs, r, p) && e < NEDGE && p != r
    ensures SameVol(OneBreak(v, es, ps, r, now, e), OneBreak(w, fs, qs, r, now, e), p)
  {
    var v', w' := OneBreak(v, es, ps, r, now, e), OneBreak(w, fs, qs, r, now, e);
    assert (v.sched.tasks[p].run == Kinds.Waiting) == DoingOf(v.sched.tasks[p]).Waiting? == DoingOf(w.sched.tasks[p]).Waiting?;
    assert Leads(es[e], r, p) <==> Leads(fs[e], r, p);
    var x, y := es[e].dst, fs[e].dst;
    if DT.Orphans(es, v.sched, r, e) { Ready3(v.sched, x, ps[x].rel, now, p); }
    if DT.Orphans(fs, w.sched, r, e) { Ready3(w.sched, y, qs[y].rel, now, p); }
    hide S.MakeReady;
    forall n: u32 | n < CTXW ensures I.SameReg(v'.regs, w'.regs, p, n) {
      assert I.SameReg(v.regs, w.regs, p, n);
      assert x != p && x < NPART ==> p * CTXW + n != x * CTXW;
      assert y != p && y < NPART ==> p * CTXW + n != y * CTXW;
    }
  }
  lemma Breaks3(v: Volatile, es: seq<Edge>, ps: seq<Part>, w: Volatile, fs: seq<Edge>, qs: seq<Part>, r: u32, now: u64, e: u32, p: u32)
    requires SameVol(v, w, p) && R.Lined(v.sched) && R.Lined(w.sched) && |ps| == |qs| == NPART as int && FromTo(es, fs, r, p) && e <= NEDGE
    requires p != r && r < NPART
    ensures var v', w' := DT.BreakFrom(v, es, ps, r, now, e), DT.BreakFrom(w, fs, qs, r, now, e);
      && SameVol(v', w', p) && R.Lined(v'.sched) && R.Lined(w'.sched) && v'.queues == v.queues && w'.queues == w.queues
      && v'.sched.cur == v.sched.cur && w'.sched.cur == w.sched.cur
    decreases NEDGE - e
  {
    hide FromTo;
    hide SameVol;
    if e < NEDGE {
      assert |es| == |fs| == NEDGE as int by { reveal FromTo; }
      assert I.Sorts(v) && I.Sorts(w) by { reveal SameVol; }
      OneKept(v, es, ps, r, now, e);
      OneKept(w, fs, qs, r, now, e);
      OneBreak3(v, es, ps, w, fs, qs, r, now, e, p);
      var v1, w1 := OneBreak(v, es, ps, r, now, e), OneBreak(w, fs, qs, r, now, e);
      assert DT.BreakFrom(v, es, ps, r, now, e) == DT.BreakFrom(v1, es, ps, r, now, e + 1);
      assert DT.BreakFrom(w, fs, qs, r, now, e) == DT.BreakFrom(w1, fs, qs, r, now, e + 1);
      hide OneBreak;
      hide R.Lined;
      Breaks3(v1, es, ps, w1, fs, qs, r, now, e + 1, p);
    }
  }
  /** Registers and schedule after r's end. */
  lemma EndVol3(k: Kernel, l: Kernel, who: u32, r: u32, reason: u64, now: u64, p: u32)
    requires Sized(k) && Sized(l) && R.Lined(k.vol.sched) && R.Lined(l.vol.sched) && who < NPART && 0 < r < NPART && 0 < p < NPART && p != r
    requires SameVol(k.vol, l.vol, p) && FromTo(k.st.edges, l.st.edges, r, p)
    ensures var v, w := DT.End(k, who, r, reason, now).vol, DT.End(l, who, r, reason, now).vol;
      SameVol(v, w, p) && v.queues == E.ClearAll(k.st.edges, k.vol.queues, r) && w.queues == E.ClearAll(l.st.edges, l.vol.queues, r)
  {
    hide DT.Last;
    R.Stopped(k.vol.sched, r, p);
    R.Stopped(l.vol.sched, r, p);
    var v := k.vol.(sched := S.Stop(k.vol.sched, r), queues := E.ClearAll(k.st.edges, k.vol.queues, r));
    var w := l.vol.(sched := S.Stop(l.vol.sched, r), queues := E.ClearAll(l.st.edges, l.vol.queues, r));
    hide S.Stop;
    hide E.ClearFrom;
    assert SameVol(v, w, p);
    Breaks3(v, k.st.edges, k.st.parts, w, l.st.edges, l.st.parts, r, now, 0, p);
    var v', w' := DT.BreakFrom(v, k.st.edges, k.st.parts, r, now, 0), DT.BreakFrom(w, l.st.edges, l.st.parts, r, now, 0);
    hide DT.BreakFrom;
    R.Dispatched(v'.sched, k.st.parts, now, p);
    R.Dispatched(w'.sched, l.st.parts, now, p);
    hide S.Dispatch;
    hide I.SameRegs;
  }
  lemma NotLast(k: Kernel, r: u32, p: u32)
    requires Sized(k) && 0 < p < NPART && r != p && k.st.parts[p].life != Kinds.Free
    ensures !DT.Ending(k, r)
  {}
  /** The end of r, who is not p. */
  lemma Ends3(a: Kernel, v: Volatile, b: Kernel, w: Volatile, r: u32, reason: u64, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Me(a) == Me(b) && 0 < r < NPART && r != p && SameVol(v, w, p) && v.queues == a.vol.queues
    requires w.queues == b.vol.queues
    requires Sized(a.(vol := v)) && Sized(b.(vol := w)) && R.Lined(v.sched) && R.Lined(w.sched)
    ensures Agree3(a, DT.End(a.(vol := v), Me(a), r, reason, now), b, DT.End(b.(vol := w), Me(b), r, reason, now), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    hide V.Valid;
    var q, a', b' := Me(a), a.(vol := v), b.(vol := w);
    NotLast(a', r, p);
    NotLast(b', r, p);
    N.OtherEnded(a.st, b.st, r, p);
    hide SameSt;
    SameLeads(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, r, p);
    EndVol3(a', b', q, r, reason, now, p);
    hide R.Lined;
    hide FromTo;
    CommitKept.EndActs(a.st, a.log, q, r, reason, false, now);
    CommitKept.EndActs(b.st, b.log, q, r, reason, false, now);
    Endings.OtherCounted(a, q, r, reason, now, p);
    Endings.OtherCounted(b, q, r, reason, now, p);
    Endings.EdgesEnded(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, r, p);
    assert [PartitionEnd(q, r, reason)] + [] == [PartitionEnd(q, r, reason)];
    hide SameVol;
    assert A.End(a.st, r).edges == E.DestroyAll(a.st.edges, r) && A.End(b.st, r).edges == E.DestroyAll(b.st.edges, r);
    hide A.End;
    hide ApplyAll;
    hide NoteAll;
    hide DT.Ending;
    hide DT.BreakFrom;
    var x, y := DT.End(a', q, r, reason, now), DT.End(b', q, r, reason, now);
    assert x.acts == [PartitionEnd(q, r, reason)] && y.acts == [PartitionEnd(q, r, reason)];
    hide DT.End;
    reveal Agree3();
  }
  /** The end of p by another. */
  lemma Ended3(a: Kernel, v: Volatile, b: Kernel, w: Volatile, reason: u64, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Me(a) == Me(b) && 0 < p && SameVol(v, w, p) && v.queues == a.vol.queues
    requires w.queues == b.vol.queues
    requires Sized(a.(vol := v)) && Sized(b.(vol := w)) && S.Shape(v.sched) && S.Shape(w.sched)
    ensures Agree3(a, DT.End(a.(vol := v), Me(a), p, reason, now), b, DT.End(b.(vol := w), Me(b), p, reason, now), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    CallsKept.Mine(a);
    CallsKept.Mine(b);
    var q, a', b' := Me(a), a.(vol := v), b.(vol := w);
    Endings.SelfCounted(a, q, p, reason, false, now);
    Endings.SelfCounted(b, q, p, reason, false, now);
    hide V.Valid;
    hide R.Lined;
    NotLast(a', p, q);
    NotLast(b', p, q);
    N.SelfEnded(a.st, b.st, p);
    hide SameSt;
    Endings.SelfVol(a', q, p, reason, now);
    Endings.SelfVol(b', q, p, reason, now);
    CommitKept.EndActs(a.st, a.log, q, p, reason, false, now);
    CommitKept.EndActs(b.st, b.log, q, p, reason, false, now);
    Endings.EdgesEnded(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, p);
    var x, y := DT.End(a', q, p, reason, now), DT.End(b', q, p, reason, now);
    forall n: u32 | n < CTXW ensures I.SameReg(x.vol.regs, y.vol.regs, p, n) {
      assert I.SameReg(v.regs, w.regs, p, n) && I.SameReg(v.regs, x.vol.regs, p, n) && I.SameReg(w.regs, y.vol.regs, p, n);
    }
    assert SameVol(x.vol, y.vol, p);
    hide SameVol;
    assert A.End(a.st, p).edges == E.DestroyAll(a.st.edges, p) && A.End(b.st, p).edges == E.DestroyAll(b.st.edges, p);
    hide A.End;
    hide ApplyAll;
    hide NoteAll;
    hide DT.Ending;
    hide DT.BreakFrom;
    assert [PartitionEnd(q, p, reason)] + [] == [PartitionEnd(q, p, reason)];
    assert x.acts == [PartitionEnd(q, p, reason)] && y.acts == [PartitionEnd(q, p, reason)];
    hide DT.End;
    reveal Agree3();
  }
  lemma PartitionTerminate(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DP.PartitionTerminate(a, now), b, DP.PartitionTerminate(b, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Objects.Others(a, b, Arg(a, 1), Rights.REVOKE);
    Refusals3(a, b, now, p);
    assert Sized(a) && Sized(b);
    hide V.Valid;
    hide DP.Other;
    hide Refuse;
    hide DT.End;
    hide SameSt;
    if DP.Other(a, Arg(a, 1), Rights.REVOKE) == Status.OK {
      var r := Object(a, Arg(a, 1));
      Reg3(a.vol, b.vol, p, Me(a), 0, Status.OK, Status.OK);
      hide SameVol;
      var v, w := SetReg(a.vol, Me(a), 0, Status.OK), SetReg(b.vol, Me(b), 0, Status.OK);
      if r == p { Ended3(a, v, b, w, DT.BY_OTHER, now, p); } else { Ends3(a, v, b, w, r, DT.BY_OTHER, now, p); }
    }
  }
  lemma Exit(a: Kernel, b: Kernel, status: u64, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DT.Exit(a, status, now), b, DT.Exit(b, status, now), now, p)
  {
    BothIs(a, b, p);
    assert Sized(a) && Sized(b);
    hide V.Valid;
    hide DT.End;
    hide SameSt;
    CallsKept.Remainder(status);
    Ends3(a, a.vol.(failed := a.vol.failed || status != 0), b, b.vol.(failed := b.vol.failed || status != 0), Me(a), DT.BY_EXIT + status % DT.BY_FAULT, now, p);
  }
}
