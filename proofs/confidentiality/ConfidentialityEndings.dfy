include "ConfidentialityMessages.dfy"
include "ConfidentialityCapability.dfy"
include "../invariant/CommitKept.dfy"
include "../invariant/CallsKept.dfy"

/** Ending another partition and ending oneself tell their caller the same in twins. */
module {:compile false} ConfidentialityEndings {
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
  import H = ConfidentialityHeld
  import I = IntegrityView
  import R = IntegrityRun
  import N = ConfidentialityEnds
  import ConfidentialityAged
  import ConfidentialityMessages
  import CommitKept
  import CallsKept
  import EndsKept
  import WitnessLemmas
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DP = DecidePartition
  import DT = DecideTask
  import Kinds
  import Status
  import Rights

  // ---- edges, registers, schedule -----------------------------------------------------------------------------------------------------------

  lemma EdgesEnded(es: seq<Edge>, qs: seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, r: u32, p: u32)
    requires SameEnds(es, qs, fs, rs, p) && E.Tables(es, qs) && E.Tables(fs, rs)
    ensures SameEnds(E.DestroyAll(es, r), E.ClearAll(es, qs, r), E.DestroyAll(fs, r), E.ClearAll(fs, rs, r), p)
  {
    reveal SameEnds();
    var es', qs', fs', rs' := E.DestroyAll(es, r), E.ClearAll(es, qs, r), E.DestroyAll(fs, r), E.ClearAll(fs, rs, r);
    forall e: u32 | e < NEDGE ensures SameEnd(es'[e], qs'[e], fs'[e], rs'[e], p) {
      assert SameEnd(es[e], qs[e], fs[e], rs[e], p);
      ConfidentialityAged.Destroyed(es, r, 0, e);
      ConfidentialityAged.Destroyed(fs, r, 0, e);
      ConfidentialityAged.Cleared(es, qs, r, 0, e);
      ConfidentialityAged.Cleared(fs, rs, r, 0, e);
    }
  }
  lemma Readied(s: Sched, x: u32, rel: u64, now: u64, p: u32)
    requires S.Shape(s) && x < NPART && p < NPART && x != p
    ensures var t := S.MakeReady(s, x, rel, now); S.Shape(t) && t.tasks[p] == s.tasks[p] && t.cur == s.cur && t.sliceEnd == s.sliceEnd && (p in t.ready ==> p in s.ready)
  {
    var u := s.(tasks := s.tasks[x as int := s.tasks[x].(deadline := S.Later(now, rel))]);
    var tasks := u.tasks[x as int := u.tasks[x].(run := Kinds.Ready, wake := 0)];
    if p in S.InsertByDeadline(tasks, u.ready, x) { R.Inserted(tasks, u.ready, x, p); }
  }
  /** Whoever is woken by r's end, it is not p, which does not wait. */
  lemma Breaks(v: Volatile, es: seq<Edge>, parts: seq<Part>, r: u32, now: u64, e: u32, p: u32)
    requires I.Sorts(v) && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && r < NPART && e <= NEDGE && p < NPART
    requires v.sched.tasks[p].run != Kinds.Waiting
    ensures var w := DT.BreakFrom(v, es, parts, r, now, e);
      SameVol(v, w, p) && w.queues == v.queues && w.sched.tasks[p] == v.sched.tasks[p] && w.sched.cur == v.sched.cur && (p in w.sched.ready ==> p in v.sched.ready)
    decreases NEDGE - e
  {
    hide S.MakeReady;
    if e < NEDGE {
      if DT.Orphans(es, v.sched, r, e) {
        var d := es[e].dst;
        Readied(v.sched, d, parts[d].rel, now, p);
        var w := DT.Break(v, parts, d, Status.PartitionNotFound, now);
        forall n: u32 | n < CTXW ensures I.SameReg(v.regs, w.regs, p, n) { assert p * CTXW + n != d * CTXW; }
        Breaks(w, es, parts, r, now, e + 1, p);
        var x := DT.BreakFrom(w, es, parts, r, now, e + 1);
        forall n: u32 | n < CTXW ensures I.SameReg(v.regs, x.regs, p, n) { assert I.SameReg(v.regs, w.regs, p, n) && I.SameReg(w.regs, x.regs, p, n); }
      } else {
        Breaks(v, es, parts, r, now, e + 1, p);
      }
    }
  }
  /** Another's end leaves the running partition's registers and task alone. */
  lemma OtherVol(k: Kernel, who: u32, r: u32, reason: u64, now: u64, p: u32)
    requires Sized(k) && S.Shape(k.vol.sched) && who < NPART && 0 < r < NPART && 0 < p < NPART && p != r && k.vol.sched.cur == p
    requires k.vol.sched.tasks[p].run == Kinds.Running
    ensures var v := DT.End(k, who, r, reason, now).vol; SameVol(k.vol, v, p) && v.queues == E.ClearAll(k.st.edges, k.vol.queues, r)
  {
    var s := S.Stop(k.vol.sched, r);
    var v := k.vol.(sched := s, queues := E.ClearAll(k.st.edges, k.vol.queues, r));
    assert s.tasks[p] == k.vol.sched.tasks[p] && s.cur == p;
    hide S.Stop;
    hide E.ClearFrom;
    hide DT.Last;
    Breaks(v, k.st.edges, k.st.parts, r, now, 0, p);
    var w := DT.BreakFrom(v, k.st.edges, k.st.parts, r, now, 0);
    hide DT.BreakFrom;
    forall n: u32 | n < CTXW ensures I.SameReg(k.vol.regs, w.regs, p, n) { assert I.SameReg(v.regs, w.regs, p, n); }
  }
  /** Its own end stops it and leaves its registers. */
  lemma SelfVol(k: Kernel, who: u32, p: u32, reason: u64, now: u64)
    requires Sized(k) && S.Shape(k.vol.sched) && who < NPART && 0 < p < NPART
    ensures var v := DT.End(k, who, p, reason, now).vol;
      && I.Sorts(v) && I.SameRegs(k.vol.regs, v.regs, p) && v.queues == E.ClearAll(k.st.edges, k.vol.queues, p)
      && v.sched.tasks[p] == Task(Kinds.Stopped, k.vol.sched.tasks[p].left, 0, 0)
  {
    var s := S.Stop(k.vol.sched, p);
    var v := k.vol.(sched := s, queues := E.ClearAll(k.st.edges, k.vol.queues, p));
    assert s.tasks[p] == Task(Kinds.Stopped, k.vol.sched.tasks[p].left, 0, 0);
    assert p !in s.ready by { if p in s.ready { R.Remaining(k.vol.sched.ready, p, p); } }
    hide S.Stop;
    hide E.ClearFrom;
    hide DT.Last;
    Breaks(v, k.st.edges, k.st.parts, p, now, 0, p);
    var w := DT.BreakFrom(v, k.st.edges, k.st.parts, p, now, 0);
    assert p !in w.sched.ready && w.sched.tasks[p] == s.tasks[p];
    hide DT.BreakFrom;
    forall n: u32 | n < CTXW ensures I.SameReg(k.vol.regs, w.regs, p, n) { assert I.SameReg(v.regs, w.regs, p, n); }
    var d := if w.sched.cur == 0 then S.Dispatch(w.sched, k.st.parts, now) else w.sched;
    if |w.sched.ready| > 0 { assert w.sched.ready[0] in w.sched.ready; }
    assert d.tasks[p] == s.tasks[p] && |d.tasks| == NPART as int;
    hide S.Dispatch;
  }

  // ---- accounts -------------------------------------------------------------------------------------------------------------------------------

  lemma SelfCounted(k: Kernel, who: u32, p: u32, reason: u64, last: bool, now: u64)
    requires V.Valid(k) && Tables(k.st) && W.Tables(k.log) && 0 < p < NPART && k.st.parts[p].life != Kinds.Free
    ensures var acts := [PartitionEnd(who, p, reason)] + if last then [SystemEnd] else [];
      var m := NoteAll(k.log, acts, now); m.used[p] as int == k.log.used[p] as int + 1 && m.quota[p] == m.used[p]
  {
    var l, a := k.log, PartitionEnd(who, p, reason);
    CommitKept.EndActs(k.st, k.log, who, p, reason, last, now);
    assert k.st.parts[p] == k.st.parts[p];
    assert W.Spare(l, p);
    EndsKept.Recorded(l, a, now);
    WitnessLemmas.Fits(l, 0, p);
    assert l.used[p] < l.quota[p];
    hide V.Valid;
    hide W.LogOk;
    hide W.Append;
    hide Encode;
    hide NoteAll;
    var m := Note(l, a, now);
    assert m == W.Return(A.Record(l, a, now), p);
    assert SystemEnd.SystemEnd? && Charged(SystemEnd) == 0 by { reveal Encode; }
    if last { I.OneNoted(m, SystemEnd, now, p); }
  }
  lemma OtherCounted(k: Kernel, who: u32, r: u32, reason: u64, now: u64, p: u32)
    requires W.Tables(k.log) && 0 < p < NPART && p != r
    ensures I.SameAccount(k.log, NoteAll(k.log, [PartitionEnd(who, r, reason)], now), p)
  {
    EndsKept.NoteOne(k.log, PartitionEnd(who, r, reason), now);
    I.OneNoted(k.log, PartitionEnd(who, r, reason), now, p);
  }

  // ---- verdicts -------------------------------------------------------------------------------------------------------------------------------

  lemma NotLast(k: Kernel, r: u32, p: u32)
    requires Sized(k) && 0 < p < NPART && r != p && k.st.parts[p].life != Kinds.Free
    ensures !DT.Ending(k, r)
  {}
  lemma OtherEnds(a: Kernel, b: Kernel, r: u32, reason: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Me(a) == Me(b) && 0 < r < NPART && r != Me(a) && Sized(a) && Sized(b) && S.Shape(a.vol.sched)
    requires S.Shape(b.vol.sched)
    ensures var a', b' := a.(vol := SetReg(a.vol, Me(a), 0, Status.OK)), b.(vol := SetReg(b.vol, Me(b), 0, Status.OK));
      Agree(a, DT.End(a', Me(a), r, reason, now), b, DT.End(b', Me(b), r, reason, now), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    CallsKept.Mine(a);
    CallsKept.Mine(b);
    hide V.Valid;
    var p := Me(a);
    NotLast(a, r, p);
    NotLast(b, r, p);
    N.OtherEnded(a.st, b.st, r, p);
    hide SameSt;
    Register(a.vol, b.vol, p, 0, Status.OK);
    var a', b' := a.(vol := SetReg(a.vol, p, 0, Status.OK)), b.(vol := SetReg(b.vol, p, 0, Status.OK));
    OtherVol(a', p, r, reason, now, p);
    OtherVol(b', p, r, reason, now, p);
    var v, w := DT.End(a', p, r, reason, now), DT.End(b', p, r, reason, now);
    CommitKept.EndActs(a.st, a.log, p, r, reason, false, now);
    CommitKept.EndActs(b.st, b.log, p, r, reason, false, now);
    OtherCounted(a, p, r, reason, now, p);
    OtherCounted(b, p, r, reason, now, p);
    EdgesEnded(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, r, p);
    ConfidentialityMessages.VolChain(a'.vol, v.vol, b'.vol, w.vol, p);
    assert [PartitionEnd(p, r, reason)] + [] == [PartitionEnd(p, r, reason)];
    hide SameVol;
    assert A.End(a.st, r).edges == E.DestroyAll(a.st.edges, r) && A.End(b.st, r).edges == E.DestroyAll(b.st.edges, r);
    hide A.End;
    hide ApplyAll;
    hide NoteAll;
    hide DT.Last;
    hide DT.BreakFrom;
    assert v.acts == [PartitionEnd(p, r, reason)] && w.acts == [PartitionEnd(p, r, reason)];
    assert v.effects == w.effects;
    hide DT.End;
    reveal Agree();
  }
  /** Both end themselves, with volatile states that are the same to them. */
  lemma SelfEnds(a: Kernel, v: Volatile, b: Kernel, w: Volatile, reason: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Me(a) == Me(b) && SameVol(v, w, Me(a)) && v.queues == a.vol.queues && w.queues == b.vol.queues
    requires Sized(a.(vol := v)) && Sized(b.(vol := w)) && S.Shape(v.sched) && S.Shape(w.sched)
    ensures Agree(a, DT.End(a.(vol := v), Me(a), Me(a), reason, now), b, DT.End(b.(vol := w), Me(b), Me(b), reason, now), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    CallsKept.Mine(a);
    CallsKept.Mine(b);
    var p, a', b' := Me(a), a.(vol := v), b.(vol := w);
    SelfCounted(a, p, p, reason, DT.Ending(a', p), now);
    SelfCounted(b, p, p, reason, DT.Ending(b', p), now);
    hide V.Valid;
    N.SelfEnded(a.st, b.st, p);
    hide SameSt;
    SelfVol(a', p, p, reason, now);
    SelfVol(b', p, p, reason, now);
    CommitKept.EndActs(a.st, a.log, p, p, reason, DT.Ending(a', p), now);
    CommitKept.EndActs(b.st, b.log, p, p, reason, DT.Ending(b', p), now);
    EdgesEnded(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p, p);
    var x, y := DT.End(a', p, p, reason, now), DT.End(b', p, p, reason, now);
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
    OwnEffects(p, DT.Ending(a', p), if a'.vol.failed then 1 else 0);
    OwnEffects(p, DT.Ending(b', p), if b'.vol.failed then 1 else 0);
    assert Felt(x.effects, p) == Felt(y.effects, p);
    hide DT.End;
    hide Felt;
    reveal Agree();
  }
  lemma OwnEffects(p: u32, last: bool, failed: u64)
    ensures Felt([Effect(TLBIVMID, p as u64, 0, 0)] + (if last then [Effect(HALT, failed, 0, 0)] else []), p) == [Effect(TLBIVMID, p as u64, 0, 0)]
  {
    var t := Effect(TLBIVMID, p as u64, 0, 0);
    var rest := if last then [Effect(HALT, failed, 0, 0)] else [];
    assert ([t] + rest)[1..] == rest;
    assert Felt(rest, p) == [] by { if last { assert rest[1..] == []; } }
  }
}
