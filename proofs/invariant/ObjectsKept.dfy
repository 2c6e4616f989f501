include "../../spec/Decide/Task.dfy"
include "../../spec/Decide/Edge.dfy"
include "../../src/Rvm.Verified/capabilities/CapLemmas.dfy"
include "../../src/Rvm.Verified/edges/EdgeLemmas.dfy"
include "SchedulerOk.dfy"

/** Capability tables, edges with their queues, and the schedule: each kept in order by what the kernel does to it. */
module {:compile false} ObjectsKept {
  import opened Types
  import opened Limits
  import opened State
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import T = DecideTask
  import D = DecideEdge
  import Kinds
  import Status
  import CapLemmas
  import EdgeLemmas
  import SchedulerOk

  // ---- capabilities -------------------------------------------------------------------------------------------------------------

  opaque ghost predicate Caps(t: seq<Cap>) { C.Table(t) && C.Bounded(t) }
  lemma SlotIs(t: seq<Cap>, i: u32)
    requires C.Table(t) && C.Bounded(t) && i < NCAP
    ensures C.SlotOk(t[i])
  {
    assert C.SlotOk(t[i as int]);
  }
  lemma Minted(t: seq<Cap>, i: u32, kind: u32, obj: u32, ogen: u32, rights: u32)
    requires Caps(t) && C.Table(t) && i < NCAP && t[i].gen < GENMAX && C.ObjectInRange(EmptyCap.(kind := kind, obj := obj))
    ensures Caps(C.Mint(t, i, kind, obj, ogen, rights))
  {
    reveal Caps();
    CapLemmas.BoundedStore(t, i as int, Cap(t[i].gen + 1, kind, obj, ogen, rights, 0, 0, 0));
  }
  lemma Derived(t: seq<Cap>, i: u32, src: u32, asked: u32)
    requires Caps(t) && C.Table(t) && i < NCAP && src < NCAP && i != src && t[i].gen < GENMAX && t[src].depth < MAXDEPTH
    ensures Caps(C.Derive(t, i, src, asked))
  {
    reveal Caps();
    var c := t[src];
    SlotIs(t, src);
    var less := c.(rights := C.ParentRights(c.rights));
    CapLemmas.BoundedStore(t, src as int, less);
    CapLemmas.BoundedStore(t[src as int := less], i as int, Cap(t[i].gen + 1, c.kind, c.obj, c.ogen, C.ChildRights(c.rights, asked), c.depth + 1, src, c.gen));
  }
  lemma Revoked(t: seq<Cap>, i: u32)
    requires Caps(t) && C.Table(t) && i < NCAP && t[i].gen < GENMAX
    ensures Caps(C.Revoke(t, i))
  {
    reveal Caps();
    SlotIs(t, i);
    CapLemmas.BoundedStore(t, i as int, t[i].(gen := t[i].gen + 1));
  }
  lemma Dropped(t: seq<Cap>, i: u32)
    requires Caps(t) && C.Table(t) && i < NCAP
    ensures Caps(C.Drop(t, i))
  {
    reveal Caps();
    CapLemmas.BoundedStore(t, i as int, C.Drop(t, i)[i]);
  }
  lemma DroppedFrom(t: seq<Cap>, p: u32, s: u32)
    requires Caps(t) && C.Table(t) && p < NPART && s <= CSLOTS
    ensures Caps(C.DropFrom(t, p, s))
    decreases CSLOTS - s
  {
    if s < CSLOTS {
      var i := p * CSLOTS + s;
      if t[i].kind == Kinds.None {
        DroppedFrom(t, p, s + 1);
      } else {
        Dropped(t, i);
        DroppedFrom(C.Drop(t, i), p, s + 1);
      }
    }
  }

  // ---- edges --------------------------------------------------------------------------------------------------------------------

  opaque ghost predicate Edg(es: seq<Edge>, qs: seq<Queue>) { E.EdgesOk(es, qs) }
  lemma OneEdge(es: seq<Edge>, qs: seq<Queue>, e: u32)
    requires Edg(es, qs) && E.Tables(es, qs) && e < NEDGE
    ensures E.EdgeOk(es[e], qs[e])
  {
    reveal Edg();
    assert E.EdgeOk(es[e as int], qs[e as int]);
  }
  /** Queue e becomes q. */
  lemma Queued(es: seq<Edge>, qs: seq<Queue>, e: u32, q: Queue)
    requires Edg(es, qs) && E.Tables(es, qs) && e < NEDGE && E.EdgeOk(es[e], q)
    ensures Edg(es, qs[e as int := q])
  {
    reveal Edg();
    EdgeLemmas.StillOk(es, qs, e as int, es[e], q);
    assert es[e as int := es[e]] == es;
  }
  lemma EdgeMade(es: seq<Edge>, qs: seq<Queue>, e: u32, src: u32, dst: u32, cap: u32)
    requires Edg(es, qs) && E.Tables(es, qs) && e < NEDGE && es[e].cap == 0 && es[e].gen < GENMAX && src < NPART && dst < NPART && 0 < cap <= QDEPTH
    ensures Edg(E.Create(es, e, src, dst, cap), qs)
  {
    OneEdge(es, qs, e);
    reveal Edg();
    EdgeLemmas.StillOk(es, qs, e as int, Edge(es[e].gen + 1, src, dst, cap), qs[e]);
    assert qs[e as int := qs[e]] == qs;
  }
  lemma EdgeGone(es: seq<Edge>, qs: seq<Queue>, e: u32)
    requires Edg(es, qs) && E.Tables(es, qs) && e < NEDGE
    ensures Edg(E.Destroy(es, e), E.Clear(qs, e))
  {
    OneEdge(es, qs, e);
    reveal Edg();
    EdgeLemmas.StillOk(es, qs, e as int, Edge(es[e].gen, 0, 0, 0), E.EmptyQueue);
  }
  /** es0 is the table before, es the half-done one. */
  lemma AllGone(es0: seq<Edge>, es: seq<Edge>, qs: seq<Queue>, p: u32, i: u32)
    requires |es0| == NEDGE as int && Edg(es, qs) && E.Tables(es, qs) && i <= NEDGE && forall j: int :: i as int <= j < NEDGE as int ==> es[j] == es0[j]
    ensures Edg(E.DestroyFrom(es, p, i), E.ClearFrom(es0, qs, p, i))
    decreases NEDGE - i
  {
    if i < NEDGE {
      EdgeLemmas.ClearStep(es0, es, qs, p, i);
      if E.Touches(es[i], p) {
        EdgeGone(es, qs, i);
        AllGone(es0, E.Destroy(es, i), E.Clear(qs, i), p, i + 1);
      } else {
        AllGone(es0, es, qs, p, i + 1);
      }
    }
  }

  // ---- the schedule -------------------------------------------------------------------------------------------------------------

  opaque ghost predicate Sch(parts: seq<Part>, s: Sched) { SchedulerOk.Good(parts, s) }
  lemma Running(parts: seq<Part>, s: Sched)
    requires Sch(parts, s)
    ensures |parts| == NPART as int && S.Shape(s) && (s.cur != 0 ==> s.tasks[s.cur].run == Kinds.Running && parts[s.cur].life == Kinds.Started)
  {
    reveal Sch();
    reveal S.Placed(), S.OnlyStartedRun();
    assert S.InPlace(s, s.cur);
  }
  /** A partition that is not started does not run. */
  lemma Idle(parts: seq<Part>, s: Sched, p: u32)
    requires Sch(parts, s) && |parts| == NPART as int && S.Tables(s) && p < NPART && parts[p].life != Kinds.Started
    ensures s.tasks[p].run == Kinds.Stopped
  {
    reveal Sch();
    reveal S.OnlyStartedRun();
  }
  lemma Changed(parts: seq<Part>, s: Sched, p: u32, x: Part)
    requires Sch(parts, s) && |parts| == NPART as int && S.Tables(s) && p < NPART && (x.life == Kinds.Started || s.tasks[p].run == Kinds.Stopped)
    ensures Sch(parts[p as int := x], s)
  {
    reveal Sch();
    SchedulerOk.PartKeeps(parts, s, p, x);
  }
  /** A started partition that waits becomes ready, or one that is stopped. */
  lemma Readied(parts: seq<Part>, s: Sched, d: u32, rel: u64, now: u64)
    requires Sch(parts, s) && |parts| == NPART as int && S.Shape(s) && 0 < d < NPART && parts[d].life == Kinds.Started
    requires s.tasks[d].run != Kinds.Ready && s.tasks[d].run != Kinds.Running
    ensures Sch(parts, S.MakeReady(s, d, rel, now))
    ensures var s' := S.MakeReady(s, d, rel, now); s'.cur == s.cur && forall q: u32 :: q < NPART && q != d ==> s'.tasks[q] == s.tasks[q]
  {
    reveal Sch();
    assert d != s.cur by {
      reveal S.Placed();
      assert S.InPlace(s, d);
    }
    SchedulerOk.EnterKeeps(parts, s, d, S.Later(now, rel));
    SchedulerOk.EnteredIs(s, d, S.Later(now, rel));
  }
  lemma Waiter(parts: seq<Part>, s: Sched, d: u32)
    requires Sch(parts, s) && |parts| == NPART as int && S.Shape(s) && d < NPART && s.tasks[d].run != Kinds.Stopped
    ensures 0 < d && parts[d].life == Kinds.Started
  {
    reveal Sch();
    reveal S.Placed(), S.OnlyStartedRun();
  }
  lemma Dispatched(parts: seq<Part>, s: Sched, now: u64)
    requires Sch(parts, s) && |parts| == NPART as int && S.Shape(s) && s.cur == 0
    ensures Sch(parts, S.Dispatch(s, parts, now))
    ensures forall q: u32 :: q < NPART && s.tasks[q].run == Kinds.Stopped ==> S.Dispatch(s, parts, now).tasks[q].run == Kinds.Stopped
  {
    reveal Sch();
    SchedulerOk.DispatchKeeps(parts, s, now);
    reveal S.Placed();
    if |s.ready| > 0 { assert S.InPlace(s, s.ready[0]); assert s.ready[0] in s.ready; }
  }
  lemma StoppedOne(parts: seq<Part>, s: Sched, p: u32)
    requires Sch(parts, s) && |parts| == NPART as int && S.Tables(s) && 0 < p < NPART
    ensures Sch(parts, S.Stop(s, p)) && S.Stop(s, p).tasks[p].run == Kinds.Stopped
  {
    reveal Sch();
    SchedulerOk.StopKeeps(parts, s, p);
  }
  /** Everybody who waits on an edge from p is ready. */
  lemma Broken(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32)
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE && Sch(parts, v.sched)
    ensures var w := T.BreakFrom(v, es, parts, p, now, e);
      Sch(parts, w.sched) && w.queues == v.queues && w.halted == v.halted && w.sched.cur == v.sched.cur && w.sched.tasks[p] == v.sched.tasks[p]
    decreases NEDGE - e
  {
    if e < NEDGE {
      if T.Orphans(es, v.sched, p, e) {
        var d := es[e].dst;
        Waiter(parts, v.sched, d);
        Readied(parts, v.sched, d, parts[d].rel, now);
        hide S.MakeReady;
        Broken(T.Break(v, parts, d, Status.PartitionNotFound, now), es, parts, p, now, e + 1);
      } else {
        Broken(v, es, parts, p, now, e + 1);
      }
    }
  }

  // ---- what happens to the running partition ------------------------------------------------------------------------------------

  lemma Yielded(parts: seq<Part>, s: Sched, now: u64)
    requires Sch(parts, s) && |parts| == NPART as int && S.Shape(s) && s.cur != 0
    ensures Sch(parts, S.YieldCurrent(s, parts, now))
  {
    reveal Sch();
    SchedulerOk.ReplaceKeeps(parts, s, S.Later(now, parts[s.cur].rel), now);
  }
  lemma Preempted(parts: seq<Part>, s: Sched, now: u64)
    requires Sch(parts, s) && |parts| == NPART as int && S.Shape(s) && s.cur != 0
    ensures Sch(parts, S.PreemptCurrent(s, parts, now))
  {
    reveal Sch();
    SchedulerOk.ReplaceKeeps(parts, s, s.tasks[s.cur].deadline, now);
    SchedulerOk.SameDeadline(s.(cur := 0), s.cur);
  }
  lemma Blocked(parts: seq<Part>, s: Sched, run: u32, wake: u64, now: u64)
    requires Sch(parts, s) && |parts| == NPART as int && S.Shape(s) && s.cur != 0 && (run == Kinds.Sleeping || (run == Kinds.Waiting && wake < NEDGE as u64))
    ensures Sch(parts, S.BlockCurrent(s, parts, run, wake, now))
  {
    reveal Sch();
    SchedulerOk.BlockKeeps(parts, s, run, wake);
    SchedulerOk.DispatchKeeps(parts, S.Block(s, run, wake), now);
  }
  lemma Woken(parts: seq<Part>, s: Sched, now: u64)
    requires Sch(parts, s) && |parts| == NPART as int && S.Shape(s)
    ensures Sch(parts, S.Wake(s, parts, now))
  {
    reveal Sch();
    SchedulerOk.WakeKeeps(parts, s, now);
  }
  lemma Budgeted(parts: seq<Part>, s: Sched, p: u32, left: u64)
    requires Sch(parts, s) && |parts| == NPART as int && S.Shape(s) && p < NPART
    ensures Sch(parts, S.SetLeft(s, p, left)) && S.SetLeft(s, p, left).tasks[p].run == s.tasks[p].run
  {
    reveal Sch();
    SchedulerOk.SetLeftKeeps(parts, s, p, left);
  }
}
