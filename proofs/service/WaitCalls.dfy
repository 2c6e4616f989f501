include "Waits.dfy"

/** Calls that make, end or signal edges, and the ends of partitions, keep every wait on a live edge. */
module {:compile false} WaitCalls {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Waits
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DE = DecideEdge
  import DP = DecidePartition
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import FairCalls
  import FairSteps
  import StructureKept

  // ---- notifications ----------------------------------------------------------------------------------------------------------------

  /** Only queue e has changed, and either nobody waits for it now, or nothing is pending. */
  lemma Told(es: seq<Edge>, qs: seq<Queue>, s: Sched, rs: seq<Queue>, t: Sched, parts: seq<Part>, parts': seq<Part>, e: u32)
    requires Kept(parts, es, qs, s) && NoNewWait(s, t) && Linked(parts', es) && e < NEDGE && |rs| == |qs| == NEDGE as int
    requires forall f: u32 {:trigger rs[f]} :: f < NEDGE && f != e ==> rs[f] == qs[f]
    requires rs[e].bits == 0 || (|es| == NEDGE as int && es[e].dst < NPART ==>
                                   t.tasks[es[e].dst].run != Kinds.Waiting || t.tasks[es[e].dst].wake != e as u64)
    ensures Kept(parts', es, rs, t)
  {
    reveal Kept();
    forall p: u32 | p < NPART ensures Hears(es, rs, t, p) {
      assert Hears(es, qs, s, p) && WaitedSo(s.tasks[p], t.tasks[p]);
    }
  }
  lemma Delivered(k: Kernel, v: Verdict, w: Volatile, e: u32, now: u64)
    requires Runs(k) && Good(k) && e < NEDGE && |w.regs| == NCTX as int && |w.queues| == NEDGE as int && w.sched == k.vol.sched
    requires |k.st.edges| == NEDGE as int && k.st.edges[e].dst < NPART && |k.st.parts| == NPART as int
    requires v.vol == DE.Deliver(w, k.st.parts, k.st.edges[e].dst, e, now)
    requires forall f: u32 {:trigger w.queues[f]} :: f < NEDGE && f != e ==> w.queues[f] == k.vol.queues[f]
    requires forall i :: 0 <= i < |v.acts| ==> Apart(v.acts[i])
    ensures Leaves(k, v)
  {
    HasTables(k);
    hide V.Valid;
    hide ApplyAll;
    assert Linked(k.st.parts, k.st.edges) by { reveal Kept(); }
    AllApart(k.st, v.acts);
    hide Linked;
    hide S.InsertByDeadline;
    Told(k.st.edges, k.vol.queues, k.vol.sched, v.vol.queues, v.vol.sched, k.st.parts, ApplyAll(k.st, v.acts).parts, e);
  }
  lemma Sending(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Leaves(k, DE.QueueSend(k, now)) && Leaves(k, DE.NotifySignal(k, now))
  {
    Answers(k);
    HasTables(k);
    var e := FairCalls.Named(k);
    var v, u := DE.QueueSend(k, now), DE.NotifySignal(k, now);
    if Quiet(k, v) { Quietly(k, v); } else {
      FairCalls.EndsInRange(k, e);
      var w := SetReg(k.vol.(queues := E.Send(k.vol.queues, e, Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5)))), Me(k), 0, Status.OK);
      Delivered(k, v, w, e, now) by { hide DE.Deliver; hide Guard; hide Leaves; hide Quiet; hide Refuse; hide Answer; }
    }
    if Quiet(k, u) { Quietly(k, u); } else {
      FairCalls.EndsInRange(k, e);
      var w := SetReg(k.vol, Me(k), 0, Status.OK);
      w := w.(queues := E.Signal(w.queues, e, Arg(k, 2)));
      Delivered(k, u, w, e, now) by { hide DE.Deliver; hide Guard; hide Leaves; hide Quiet; hide Refuse; hide Answer; }
    }
    hide Guard;
    hide DE.QueueSend;
    hide DE.NotifySignal;
    hide Leaves;
    hide Quiet;
  }
  /** A wait begins only on a live edge to the caller, when nothing is pending. */
  lemma Begins(k: Kernel, v: Verdict, e: u32, now: u64)
    requires Runs(k) && Good(k) && |k.st.parts| == NPART as int && S.Shape(k.vol.sched) && e < NEDGE
    requires |k.st.edges| == |k.vol.queues| == NEDGE as int && k.st.edges[e].dst == Me(k) && k.vol.queues[e].bits == 0
    requires v == Verdict([], k.vol.(sched := S.BlockCurrent(k.vol.sched, k.st.parts, Kinds.Waiting, e as u64, now)), [])
    ensures Leaves(k, v)
  {
    HasTables(k);
    hide V.Valid;
    reveal Kept();
    var s, t := k.vol.sched, v.vol.sched;
    Moving(S.Block(s, Kinds.Waiting, e as u64), k.st.parts, now);
    hide S.Dispatch;
    assert Ends(k.st.parts, k.st.edges[e]);
    forall p: u32 | p < NPART ensures Hears(k.st.edges, k.vol.queues, t, p) {
      assert Hears(k.st.edges, k.vol.queues, s, p) && WaitedSo(S.Block(s, Kinds.Waiting, e as u64).tasks[p], t.tasks[p]);
    }
  }
  lemma Waiting(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Leaves(k, DE.NotifyWait(k, now))
  {
    Answers(k);
    HasTables(k);
    var e := FairCalls.Named(k);
    var v := DE.NotifyWait(k, now);
    if Quiet(k, v) { Quietly(k, v); } else {
      Begins(k, v, e, now) by { hide S.BlockCurrent; hide Guard; hide Leaves; }
    }
    hide Guard;
    hide Refuse;
    hide Leaves;
    hide S.BlockCurrent;
  }

  // ---- edges ------------------------------------------------------------------------------------------------------------------------

  /** Edge e is new; nobody can have waited for it. */
  lemma Created(k: Kernel, v: Verdict, a: Action, rest: seq<Action>)
    requires V.Valid(k) && Good(k) && v.acts == [a] + rest && (forall i :: 0 <= i < |rest| ==> Apart(rest[i]))
    requires a.EdgeCreate? && Alive(k.st.parts, a.src) && a.src != a.dst && a.cap != 0 && a.e < NEDGE && |k.st.edges| == NEDGE as int
      && k.st.edges[a.e].cap == 0 && k.st.edges[a.e].gen < GENMAX
    requires Fewer(k.vol.queues, v.vol.queues) && NoNewWait(k.vol.sched, v.vol.sched)
    ensures Leaves(k, v)
  {
    HasTables(k);
    hide V.Valid;
    reveal Kept();
    var s := A.Apply(k.st, a);
    var parts, es := k.st.parts, E.Create(k.st.edges, a.e, a.src, a.dst, a.cap);
    assert s == k.st.(edges := es);
    forall e: u32 | e < NEDGE ensures Ends(parts, es[e]) { assert Ends(parts, k.st.edges[e]); }
    forall p: u32 | p < NPART ensures Hears(es, k.vol.queues, k.vol.sched, p) { assert Hears(k.st.edges, k.vol.queues, k.vol.sched, p); }
    assert Kept(parts, es, k.vol.queues, k.vol.sched);
    hide Kept;
    StructureKept.First(k.st, a, rest);
    hide ApplyAll;
    AllApart(s, rest);
    StillHears(es, k.vol.queues, k.vol.sched, v.vol.queues, v.vol.sched, parts, ApplyAll(s, rest).parts);
  }
  lemma Connecting(k: Kernel)
    requires Runs(k) && Good(k)
    ensures Leaves(k, DE.CommEdgeCreate(k))
  {
    Answers(k);
    HasTables(k);
    var v := DE.CommEdgeCreate(k);
    if Quiet(k, v) { Quietly(k, v); } else {
      var dst, e, ss := FairCalls.Named(k), E.FreeFrom(k.st.edges, 0), C.FreeSlot(k.st.caps, Me(k));
      var ds := if dst < NPART then C.FreeSlot(k.st.caps, dst) else CSLOTS;
      var cap := Arg(k, 2);
      assert cap <= QDEPTH as u64 && e < NEDGE && 0 < cap && dst != Me(k) && v == DE.Connected(k, e, ss, dst, ds, cap as u32) by {
        hide Guard;
        hide C.FreeFrom;
        hide E.FreeFrom;
        hide W.Room;
        hide DE.Connected;
        hide Refuse;
        hide Answer;
        hide Quiet;
      }
      var acts := DE.Connect(k, Me(k), e, Me(k), ss, dst, ds, cap as u32, DE.SOURCE_RIGHTS, DE.DESTINATION_RIGHTS);
      assert Alive(k.st.parts, Me(k)) by { FairSteps.InQueue(k.vol.sched, Me(k)); reveal S.OnlyStartedRun; }
      hide V.Valid;
      assert v.acts == [acts[0]] + acts[1..];
      Created(k, v, acts[0], acts[1..]);
    }
    hide Guard;
    hide DE.CommEdgeCreate;
    hide Leaves;
    hide Quiet;
  }
  lemma Destroyed(k: Kernel, v: Verdict, w: Volatile, e: u32, who: u32, now: u64)
    requires Runs(k) && Good(k) && e < NEDGE && |w.regs| == NCTX as int && w.queues == E.Clear(k.vol.queues, e) && w.sched == k.vol.sched
    requires |k.st.edges| == NEDGE as int && k.st.edges[e].dst < NPART && |k.st.parts| == NPART as int && S.Shape(k.vol.sched)
    requires v.vol == DE.Disappoint(w, k.st.parts, k.st.edges[e].dst, e, now) && v.acts == [EdgeDestroy(who, e)]
    ensures Leaves(k, v)
  {
    HasTables(k);
    hide V.Valid;
    reveal Kept();
    var parts, es, t := k.st.parts, E.Destroy(k.st.edges, e), v.vol.sched;
    StructureKept.One(k.st, v.acts[0]);
    assert A.Apply(k.st, v.acts[0]) == k.st.(edges := es);
    hide ApplyAll;
    hide S.InsertByDeadline;
    forall f: u32 | f < NEDGE ensures Ends(parts, es[f]) { assert Ends(parts, k.st.edges[f]); }
    forall p: u32 | p < NPART ensures Hears(es, v.vol.queues, t, p) { assert Hears(k.st.edges, k.vol.queues, k.vol.sched, p); }
  }
  lemma Destroying(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Leaves(k, DE.CommEdgeDestroy(k, now))
  {
    Answers(k);
    HasTables(k);
    var e := FairCalls.Named(k);
    var v := DE.CommEdgeDestroy(k, now);
    if Quiet(k, v) { Quietly(k, v); } else {
      FairCalls.EndsInRange(k, e);
      var w := SetReg(k.vol, Me(k), 0, Status.OK);
      Destroyed(k, v, w.(queues := E.Clear(w.queues, e)), e, Me(k), now) by {
        hide DE.Disappoint; hide Guard; hide Leaves; hide Quiet; hide Refuse; hide Answer;
      }
    }
    hide Guard;
    hide DE.CommEdgeDestroy;
    hide Leaves;
    hide Quiet;
  }

  // ---- ends -------------------------------------------------------------------------------------------------------------------------

  lemma Gone(es: seq<Edge>, p: u32, i: u32)
    requires |es| == NEDGE as int && i <= NEDGE
    ensures forall e: u32 :: e < NEDGE ==> E.DestroyFrom(es, p, i)[e] == if i <= e && E.Touches(es[e], p) then Edge(es[e].gen, 0, 0, 0) else es[e]
    decreases NEDGE - i
  {
    if i < NEDGE { Gone(if E.Touches(es[i], p) then E.Destroy(es, i) else es, p, i + 1); }
  }
  lemma Cleared(es: seq<Edge>, qs: seq<Queue>, p: u32, i: u32)
    requires E.Tables(es, qs) && i <= NEDGE
    ensures forall e: u32 :: e < NEDGE ==> E.ClearFrom(es, qs, p, i)[e] == if i <= e && E.Touches(es[e], p) then E.EmptyQueue else qs[e]
    decreases NEDGE - i
  {
    if i < NEDGE { Cleared(es, if E.Touches(es[i], p) then E.Clear(qs, i) else qs, p, i + 1); }
  }
  /** Nobody waits on an edge from p any more. */
  lemma Broken(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32)
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    ensures var w := DT.BreakFrom(v, es, parts, p, now, e);
      w.queues == v.queues && NoNewWait(v.sched, w.sched) && forall f: u32 {:trigger es[f]} :: e <= f < NEDGE ==> !DT.Orphans(es, w.sched, p, f)
    decreases NEDGE - e
  {
    if e < NEDGE {
      var b := if DT.Orphans(es, v.sched, p, e) then DT.Break(v, parts, es[e].dst, Status.PartitionNotFound, now) else v;
      assert NoNewWait(v.sched, b.sched) && b.queues == v.queues && !DT.Orphans(es, b.sched, p, e) by { hide S.InsertByDeadline; }
      hide DT.Break;
      Broken(b, es, parts, p, now, e + 1);
      var w := DT.BreakFrom(b, es, parts, p, now, e + 1);
      assert w == DT.BreakFrom(v, es, parts, p, now, e);
      forall q: u32 | q < NPART ensures WaitedSo(v.sched.tasks[q], w.sched.tasks[q]) {
        assert WaitedSo(v.sched.tasks[q], b.sched.tasks[q]) && WaitedSo(b.sched.tasks[q], w.sched.tasks[q]);
      }
      forall f: u32 | e <= f < NEDGE ensures !DT.Orphans(es, w.sched, p, f) {
        if f > e { assert es[f] == es[f]; }
        else if es[e].dst < NPART { assert WaitedSo(b.sched.tasks[es[e].dst], w.sched.tasks[es[e].dst]); }
      }
    }
  }
  /** What the end of p leaves of edges, queues and waits. */
  lemma Ended(parts: seq<Part>, es: seq<Edge>, qs: seq<Queue>, s: Sched, t: Sched, p: u32, x: Part)
    requires 0 < p < NPART && S.Tables(s) && Kept(parts, es, qs, s) && NoNewWait(S.Stop(s, p), t) && x.life == Kinds.Free
    requires |es| == NEDGE as int && forall f: u32 {:trigger es[f]} :: f < NEDGE ==> !DT.Orphans(es, t, p, f)
    ensures |parts| == NPART as int && |qs| == NEDGE as int && Kept(parts[p as int := x], E.DestroyAll(es, p), E.ClearAll(es, qs, p), t)
  {
    reveal Kept();
    Gone(es, p, 0);
    Cleared(es, qs, p, 0);
    var parts', es', qs' := parts[p as int := x], E.DestroyAll(es, p), E.ClearAll(es, qs, p);
    hide E.DestroyFrom;
    hide E.ClearFrom;
    hide S.Remove;
    forall e: u32 | e < NEDGE ensures Ends(parts', es'[e]) { assert Ends(parts, es[e]); }
    forall q: u32 | q < NPART ensures Hears(es', qs', t, q) {
      assert Hears(es, qs, s, q) && WaitedSo(S.Stop(s, p).tasks[q], t.tasks[q]);
      if t.tasks[q].run == Kinds.Waiting {
        var e := t.tasks[q].wake as u32;
        assert q != p && es[e].dst == q && !DT.Orphans(es, t, p, e);
      }
    }
  }
  lemma Ending(k: Kernel, vol: Volatile, who: u32, p: u32, reason: u64, now: u64)
    requires V.Valid(k) && Kept(k.st.parts, k.st.edges, vol.queues, vol.sched) && |vol.regs| == NCTX as int && |vol.queues| == NEDGE as int
      && S.Shape(vol.sched)
    requires who < NPART && 0 < p < NPART
    ensures Sized(k.(vol := vol)) && Leaves(k, DT.End(k.(vol := vol), who, p, reason, now))
  {
    HasTables(k);
    hide V.Valid;
    var l := k.(vol := vol);
    var parts, es := k.st.parts, k.st.edges;
    var stopped := S.Stop(vol.sched, p);
    var v0 := vol.(sched := stopped, queues := E.ClearAll(es, vol.queues, p));
    Broken(v0, es, parts, p, now, 0);
    var b := DT.BreakFrom(v0, es, parts, p, now, 0);
    Moving(b.sched, parts, now);
    var v := DT.End(l, who, p, reason, now);
    var t := v.vol.sched;
    assert t == if b.sched.cur == 0 then S.Dispatch(b.sched, parts, now) else b.sched by {
      hide S.Stop; hide E.ClearAll; hide DT.BreakFrom; hide S.Dispatch; hide DT.Ending;
    }
    assert v.vol.queues == b.queues && v.acts == [PartitionEnd(who, p, reason)] + (if DT.Ending(l, p) then [SystemEnd] else []) by {
      hide S.Stop; hide E.ClearAll; hide DT.BreakFrom; hide S.Dispatch; hide DT.Ending;
    }
    hide S.Stop;
    hide S.Dispatch;
    hide DT.BreakFrom;
    hide DT.End;
    assert NoNewWait(stopped, t) by {
      forall q: u32 | q < NPART ensures WaitedSo(stopped.tasks[q], t.tasks[q]) {
        assert WaitedSo(stopped.tasks[q], b.sched.tasks[q]) && WaitedSo(b.sched.tasks[q], t.tasks[q]);
      }
    }
    forall f: u32 | f < NEDGE ensures !DT.Orphans(es, t, p, f) {
      if es[f].dst < NPART { assert !DT.Orphans(es, b.sched, p, f); assert WaitedSo(b.sched.tasks[es[f].dst], t.tasks[es[f].dst]); }
    }
    Ended(parts, es, vol.queues, vol.sched, t, p, Part(parts[p].gen, Kinds.Free, 0, 0));
    EndApplied(k.st, v.acts, who, p, reason, DT.Ending(l, p));
  }
  lemma EndApplied(s: Structure, acts: seq<Action>, who: u32, p: u32, reason: u64, last: bool)
    requires Tables(s) && 0 < p < NPART && acts == [PartitionEnd(who, p, reason)] + (if last then [SystemEnd] else [])
    ensures ApplyAll(s, acts) == A.End(s, p)
  {
    assert A.Apply(s, acts[0]) == A.End(s, p) && A.Apply(A.End(s, p), SystemEnd) == A.End(s, p) by { hide A.End; }
    hide A.End;
    hide A.Apply;
    if last {
      assert acts == [acts[0], SystemEnd];
      StructureKept.Two(s, acts[0], SystemEnd);
    } else {
      assert acts == [acts[0]];
      StructureKept.One(s, acts[0]);
    }
  }
}
