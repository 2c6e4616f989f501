include "IntegrityView.dfy"

/** Registers, queues and schedule: what others do leaves a partition's own alone. */
module {:compile false} IntegrityRun {
  import opened Types
  import opened Limits
  import opened State
  import opened Observation
  import opened Common
  import opened IntegrityView
  import E = Edges
  import S = Scheduler
  import V = Valid
  import DE = DecideEdge
  import DP = DecidePartition
  import DT = DecideTask
  import DF = DecideProof
  import Kinds
  import Status

  // ---- the schedule ---------------------------------------------------------------------------------------------------------------

  /** Whoever is in line for the processor is ready. */
  ghost predicate Lined(s: Sched) {
    S.Shape(s) && forall i: int {:trigger s.ready[i]} :: 0 <= i < |s.ready| ==> s.tasks[s.ready[i]].run == Kinds.Ready
  }
  lemma ValidLine(k: Kernel)
    requires V.Valid(k)
    ensures Lined(k.vol.sched) && (k.vol.sched.cur != 0 ==> k.vol.sched.tasks[k.vol.sched.cur].run == Kinds.Running)
  {
    var s := k.vol.sched;
    assert S.SchedOk(s);
    hide V.Valid;
    reveal S.Placed();
    assert S.InPlace(s, s.cur);
    forall i: int | 0 <= i < |s.ready| ensures s.tasks[s.ready[i]].run == Kinds.Ready {
      assert s.ready[i] in s.ready;
      assert S.InPlace(s, s.ready[i]);
    }
  }
  lemma Inserted(tasks: seq<Task>, ready: seq<u32>, x: u32, q: u32)
    requires |tasks| == NPART as int && x < NPART && S.InRange(ready) && q in S.InsertByDeadline(tasks, ready, x)
    ensures q == x || q in ready
    decreases |ready|
  {
    if |ready| > 0 && tasks[ready[|ready| - 1]].deadline > tasks[x].deadline && q != ready[|ready| - 1] {
      Inserted(tasks, ready[..|ready| - 1], x, q);
    }
  }
  lemma Requeued(s: Sched, x: u32, p: u32)
    requires Lined(s) && x < NPART && p < NPART && x != p
    ensures Lined(S.Requeue(s, x)) && SameTask(s, S.Requeue(s, x), p) && S.Requeue(s, x).cur == s.cur
  {
    var t := S.Requeue(s, x);
    forall i: int | 0 <= i < |t.ready| ensures t.tasks[t.ready[i]].run == Kinds.Ready {
      Inserted(t.tasks, s.ready, x, t.ready[i]);
      if t.ready[i] != x { var j :| 0 <= j < |s.ready| && s.ready[j] == t.ready[i]; }
    }
  }
  lemma Readied(s: Sched, x: u32, rel: u64, now: u64, p: u32)
    requires Lined(s) && x < NPART && p < NPART && x != p
    ensures Lined(S.MakeReady(s, x, rel, now)) && SameTask(s, S.MakeReady(s, x, rel, now), p) && S.MakeReady(s, x, rel, now).cur == s.cur
  {
    var t := s.(tasks := s.tasks[x as int := s.tasks[x].(deadline := S.Later(now, rel))]);
    assert Lined(t);
    Requeued(t, x, p);
    hide S.Requeue;
  }
  lemma Dispatched(s: Sched, parts: seq<Part>, now: u64, p: u32)
    requires Lined(s) && |parts| == NPART as int && p < NPART
    ensures S.Shape(S.Dispatch(s, parts, now)) && SameTask(s, S.Dispatch(s, parts, now), p)
  {}
  lemma Yielded(s: Sched, parts: seq<Part>, now: u64, p: u32)
    requires Lined(s) && |parts| == NPART as int && p < NPART && s.cur != p
    ensures S.Shape(S.YieldCurrent(s, parts, now)) && SameTask(s, S.YieldCurrent(s, parts, now), p)
  {
    Readied(s.(cur := 0), s.cur, parts[s.cur].rel, now, p);
    Dispatched(S.MakeReady(s.(cur := 0), s.cur, parts[s.cur].rel, now), parts, now, p);
    hide S.MakeReady;
    hide S.Dispatch;
  }
  lemma Preempted(s: Sched, parts: seq<Part>, now: u64, p: u32)
    requires Lined(s) && |parts| == NPART as int && p < NPART && s.cur != p
    ensures S.Shape(S.PreemptCurrent(s, parts, now)) && SameTask(s, S.PreemptCurrent(s, parts, now), p)
  {
    Requeued(s.(cur := 0), s.cur, p);
    Dispatched(S.Requeue(s.(cur := 0), s.cur), parts, now, p);
    hide S.Requeue;
    hide S.Dispatch;
  }
  lemma Blocked(s: Sched, parts: seq<Part>, run: u32, wake: u64, now: u64, p: u32)
    requires Lined(s) && |parts| == NPART as int && p < NPART && s.cur != p && s.tasks[s.cur].run != Kinds.Ready
    ensures S.Shape(S.BlockCurrent(s, parts, run, wake, now)) && SameTask(s, S.BlockCurrent(s, parts, run, wake, now), p)
  {
    assert Lined(S.Block(s, run, wake));
    Dispatched(S.Block(s, run, wake), parts, now, p);
    hide S.Dispatch;
  }
  lemma Remaining(ready: seq<u32>, x: u32, q: u32)
    requires q in S.Remove(ready, x)
    ensures q in ready && q != x
  {
    if |ready| > 0 && q != ready[0] { Remaining(ready[1..], x, q); }
    else if |ready| > 0 && ready[0] == x { Remaining(ready[1..], x, q); }
  }
  lemma Stopped(s: Sched, x: u32, p: u32)
    requires Lined(s) && x < NPART && p < NPART && x != p
    ensures Lined(S.Stop(s, x)) && SameTask(s, S.Stop(s, x), p)
  {
    var t := S.Stop(s, x);
    forall i: int | 0 <= i < |t.ready| ensures t.tasks[t.ready[i]].run == Kinds.Ready {
      Remaining(s.ready, x, t.ready[i]);
      var j :| 0 <= j < |s.ready| && s.ready[j] == t.ready[i];
    }
  }
  lemma Budgeted(s: Sched, x: u32, left: u64, p: u32)
    requires Lined(s) && x < NPART && p < NPART && x != p
    ensures Lined(S.SetLeft(s, x, left)) && SameTask(s, S.SetLeft(s, x, left), p) && S.SetLeft(s, x, left).cur == s.cur
  {}

  /** What a tick alone makes of what p does. */
  ghost function WokenDoing(d: Doing, now: u64): Doing { if d.Sleeping? && d.until <= now then Runnable else d }
  lemma WokenFrom(s: Sched, parts: seq<Part>, now: u64, i: u32, p: u32)
    requires Lined(s) && |parts| == NPART as int && i <= NPART && p < NPART
    ensures var t := S.WakeFrom(s, parts, now, i);
      && Lined(t) && t.tasks[p].left == s.tasks[p].left
      && DoingOf(t.tasks[p]) == if p < i then DoingOf(s.tasks[p]) else WokenDoing(DoingOf(s.tasks[p]), now)
    decreases NPART - i
  {
    if i < NPART {
      if s.tasks[i].run == Kinds.Sleeping && s.tasks[i].wake <= now {
        var other := if p == 0 then 1 else 0;
        if i != p { Readied(s, i, parts[i].rel, now, p); } else { Readied(s, i, parts[i].rel, now, other); }
        var t := S.MakeReady(s, i, parts[i].rel, now);
        assert t.tasks[i].run == Kinds.Ready && t.tasks[i].left == s.tasks[i].left;
        hide S.MakeReady;
        WokenFrom(t, parts, now, i + 1, p);
      } else {
        var t := if s.tasks[i].run == Kinds.Sleeping && s.tasks[i].wake < s.nextWake then s.(nextWake := s.tasks[i].wake) else s;
        WokenFrom(t, parts, now, i + 1, p);
      }
    }
  }
  lemma Woken(s: Sched, parts: seq<Part>, now: u64, p: u32)
    requires Lined(s) && |parts| == NPART as int && p < NPART && S.AlarmSet(s, NPART)
    ensures var t := S.Wake(s, parts, now);
      Lined(t) && t.tasks[p].left == s.tasks[p].left && DoingOf(t.tasks[p]) == WokenDoing(DoingOf(s.tasks[p]), now)
  {
    if now < s.nextWake { reveal S.AlarmSet(); } else { WokenFrom(s.(nextWake := TIMEMAX), parts, now, 0, p); }
  }

  // ---- registers ------------------------------------------------------------------------------------------------------------------

  lemma Unchanged(es: seq<Edge>, v: Volatile, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v)
    ensures SameRun(es, v, v, p)
  {}
  lemma RunOn(es: seq<Edge>, u: Volatile, v: Volatile, w: Volatile, p: u32)
    requires |es| == NEDGE as int && p < NPART && SameRun(es, u, v, p) && SameRun(es, v, w, p)
    ensures SameRun(es, u, w, p)
  {
    forall n: u32 | n < CTXW ensures SameReg(u.regs, w.regs, p, n) { assert SameReg(u.regs, v.regs, p, n) && SameReg(v.regs, w.regs, p, n); }
    forall e: u32 | e < NEDGE && IsEnd(es[e], p) ensures w.queues[e] == u.queues[e] { assert v.queues[e] == u.queues[e]; }
  }
  lemma Registered(es: seq<Edge>, v: Volatile, q: u32, n: u32, x: u64, p: u32)
    requires |es| == NEDGE as int && p < NPART && q < NPART && q != p && n < CTXW && Sorts(v)
    ensures SameRun(es, v, SetReg(v, q, n, x), p)
  {
    var w := SetReg(v, q, n, x);
    forall m: u32 | m < CTXW ensures SameReg(v.regs, w.regs, p, m) { assert p * CTXW + m != q * CTXW + n; }
  }
  /** Another's job. */
  lemma Jobbed(es: seq<Edge>, v: Volatile, q: u32, j: DF.Job, p: u32)
    requires |es| == NEDGE as int && p < NPART && q < NPART && q != p && Sorts(v)
    ensures SameRun(es, v, DF.SetProgress(v, q, j), p) && SameRun(es, v, DF.SetJob(v, q, j), p)
  {
    Progressed(es, v, q, j, p);
    var u1 := SetReg(v, q, DF.FROM, j.from);
    var u2 := SetReg(u1, q, DF.BEFORE, j.before);
    var u3 := SetReg(u2, q, DF.UPTO, j.upto);
    var u4 := SetReg(u3, q, DF.CLAIM, j.claim);
    var u5 := SetReg(u4, q, DF.FOR, j.goal);
    Registered(es, v, q, DF.FROM, j.from, p);
    Registered(es, u1, q, DF.BEFORE, j.before, p);
    RunOn(es, v, u1, u2, p);
    Registered(es, u2, q, DF.UPTO, j.upto, p);
    RunOn(es, v, u2, u3, p);
    Registered(es, u3, q, DF.CLAIM, j.claim, p);
    RunOn(es, v, u3, u4, p);
    Registered(es, u4, q, DF.FOR, j.goal, p);
    RunOn(es, v, u4, u5, p);
    Progressed(es, u5, q, j, p);
    RunOn(es, v, u5, DF.SetProgress(u5, q, j), p);
    hide SameRun, SetReg, DF.SetProgress;
  }
  lemma Progressed(es: seq<Edge>, v: Volatile, q: u32, j: DF.Job, p: u32)
    requires |es| == NEDGE as int && p < NPART && q < NPART && q != p && Sorts(v)
    ensures SameRun(es, v, DF.SetProgress(v, q, j), p)
  {
    var u1 := SetReg(v, q, DF.AT, j.at);
    var u2 := SetReg(u1, q, DF.HASH, j.hash);
    Registered(es, v, q, DF.AT, j.at, p);
    Registered(es, u1, q, DF.HASH, j.hash, p);
    RunOn(es, v, u1, u2, p);
    Registered(es, u2, q, DF.STATE, j.state, p);
    RunOn(es, v, u2, DF.SetProgress(v, q, j), p);
    hide SameRun, SetReg;
  }
  /** What another guest left in its registers. */
  lemma Computed(es: seq<Edge>, v: Volatile, q: u32, saved: seq<u64>, p: u32)
    requires |es| == NEDGE as int && p < NPART && q < NPART && q != p && Sorts(v) && |saved| == SAVED as int
    ensures var b := (q * CTXW) as int; SameRun(es, v, v.(regs := v.regs[..b] + saved + v.regs[b + SAVED as int..]), p)
  {
    var b := (q * CTXW) as int;
    var w := v.(regs := v.regs[..b] + saved + v.regs[b + SAVED as int..]);
    assert |w.regs| == |v.regs|;
    forall m: u32 | m < CTXW ensures SameReg(v.regs, w.regs, p, m) {
      var i := (p * CTXW + m) as int;
      assert i < b || i >= b + SAVED as int;
    }
  }
  /** Another schedule that is the same to p. */
  lemma Rescheduled(es: seq<Edge>, v: Volatile, s: Sched, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && S.Tables(s) && SameTask(v.sched, s, p)
    ensures SameRun(es, v, v.(sched := s), p)
  {}
  /** Another queue of an edge that is not p's. */
  lemma Queued(es: seq<Edge>, v: Volatile, e: u32, q: Queue, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && e < NEDGE && !IsEnd(es[e], p)
    ensures SameRun(es, v, v.(queues := v.queues[e as int := q]), p)
  {}
  lemma Cleared(regs: seq<u64>, q: u32, n: u32, p: u32)
    requires |regs| == NCTX as int && p < NPART && q < NPART && q != p && n <= CTXW
    ensures SameRegs(regs, DP.ClearRegs(regs, q, n), p)
    decreases n
  {
    if n > 0 {
      Cleared(regs, q, n - 1, p);
      forall m: u32 | m < CTXW ensures SameReg(regs, DP.ClearRegs(regs, q, n), p, m) {
        assert SameReg(regs, DP.ClearRegs(regs, q, n - 1), p, m);
        assert p * CTXW + m != q * CTXW + n - 1;
      }
    }
  }
  /** A new partition's registers and budget. */
  lemma Prepared(es: seq<Edge>, v: Volatile, x: DP.Plan, entry: u64, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && x.p < NPART && x.p != p
    ensures SameRun(es, v, DP.Prepared(v, x, entry), p)
  {
    Cleared(v.regs, x.p, CTXW, p);
    hide DP.ClearRegs;
    var a := v.(regs := DP.ClearRegs(v.regs, x.p, CTXW), sched := S.SetLeft(v.sched, x.p, x.budget));
    assert SameRun(es, v, a, p);
    hide SetReg;
    Registered(es, a, x.p, 0, x.p as u64, p);
    var b := SetReg(a, x.p, 0, x.p as u64);
    RunOn(es, v, a, b, p);
    Registered(es, b, x.p, PC, entry, p);
    var c := SetReg(b, x.p, PC, entry);
    RunOn(es, v, b, c, p);
    Registered(es, c, x.p, PSTATE, DP.EL1H_MASKED, p);
    RunOn(es, v, c, SetReg(c, x.p, PSTATE, DP.EL1H_MASKED), p);
    reveal SetReg;
    hide SameRun;
  }

  // ---- the other end of an edge ---------------------------------------------------------------------------------------------------

  lemma Readies(es: seq<Edge>, v: Volatile, parts: seq<Part>, d: u32, x: u64, now: u64, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && Lined(v.sched) && |parts| == NPART as int && d < NPART && d != p
    ensures var w := SetReg(v, d, 0, x).(sched := S.MakeReady(v.sched, d, parts[d].rel, now));
      SameRun(es, v, w, p) && Lined(w.sched) && w.sched.cur == v.sched.cur
  {
    Registered(es, v, d, 0, x, p);
    Readied(v.sched, d, parts[d].rel, now, p);
    hide S.MakeReady;
  }
  lemma TakenBy(es: seq<Edge>, v: Volatile, d: u32, e: u32, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && d < NPART && d != p && e < NEDGE && !IsEnd(es[e], p)
    ensures SameRun(es, v, DE.Taken(v, d, e), p) && DE.Taken(v, d, e).sched == v.sched
  {
    Registered(es, v, d, 0, Status.OK, p);
    var a := SetReg(v, d, 0, Status.OK);
    Registered(es, a, d, 1, v.queues[e].bits, p);
    var b := SetReg(a, d, 1, v.queues[e].bits);
    RunOn(es, v, a, b, p);
    Queued(es, b, e, v.queues[e].(bits := 0), p);
    RunOn(es, v, b, DE.Taken(v, d, e), p);
    hide SameRun;
  }
  lemma Delivered(es: seq<Edge>, v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && Lined(v.sched) && |parts| == NPART as int
    requires d < NPART && d != p && e < NEDGE && !IsEnd(es[e], p)
    ensures SameRun(es, v, DE.Deliver(v, parts, d, e, now), p)
  {
    TakenBy(es, v, d, e, p);
    Readied(v.sched, d, parts[d].rel, now, p);
    hide S.MakeReady;
    hide DE.Taken;
  }
  lemma Disappointed(es: seq<Edge>, v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && Lined(v.sched) && |parts| == NPART as int && d < NPART && d != p
    ensures SameRun(es, v, DE.Disappoint(v, parts, d, e, now), p)
  {
    Readies(es, v, parts, d, Status.StaleCapability, now, p);
    hide S.MakeReady;
    hide SetReg;
  }

  // ---- the end of a partition -----------------------------------------------------------------------------------------------------

  lemma QueuesCleared(es: seq<Edge>, qs: seq<Queue>, r: u32, i: u32, e: u32)
    requires E.Tables(es, qs) && i <= NEDGE && e < NEDGE && !IsEnd(es[e], r)
    ensures E.ClearFrom(es, qs, r, i)[e] == qs[e]
    decreases NEDGE - i
  {
    if i < NEDGE { QueuesCleared(es, if E.Touches(es[i], r) then E.Clear(qs, i) else qs, r, i + 1, e); }
  }
  /** No edge joins p and r. */
  ghost predicate NoEdge(es: seq<Edge>, r: u32, p: u32) requires |es| == NEDGE as int {
    forall e: u32 {:trigger es[e]} :: e < NEDGE && IsEnd(es[e], p) ==> !IsEnd(es[e], r)
  }
  lemma Broken(v: Volatile, es: seq<Edge>, parts: seq<Part>, r: u32, now: u64, e: u32, p: u32)
    requires |es| == NEDGE as int && p < NPART && Sorts(v) && Lined(v.sched) && |parts| == NPART as int && r < NPART && e <= NEDGE && NoEdge(es, r, p)
    ensures var w := DT.BreakFrom(v, es, parts, r, now, e); SameRun(es, v, w, p) && Lined(w.sched)
    decreases NEDGE - e
  {
    hide SameRun;
    hide S.MakeReady;
    if e < NEDGE {
      if DT.Orphans(es, v.sched, r, e) {
        var d := es[e].dst;
        Readies(es, v, parts, d, Status.PartitionNotFound, now, p);
        var w := DT.Break(v, parts, d, Status.PartitionNotFound, now);
        assert Sorts(w) by { reveal SameRun; }
        Broken(w, es, parts, r, now, e + 1, p);
        RunOn(es, v, w, DT.BreakFrom(w, es, parts, r, now, e + 1), p);
      } else {
        Broken(v, es, parts, r, now, e + 1, p);
      }
    } else {
      Unchanged(es, v, p);
    }
  }
  lemma Ended(k: Kernel, who: u32, r: u32, reason: u64, now: u64, p: u32)
    requires Sized(k) && Lined(k.vol.sched) && who < NPART && 0 < r < NPART && p < NPART && r != p && NoEdge(k.st.edges, r, p)
    ensures SameRun(k.st.edges, k.vol, DT.End(k, who, r, reason, now).vol, p)
  {
    var es, parts := k.st.edges, k.st.parts;
    Stopped(k.vol.sched, r, p);
    var v := k.vol.(sched := S.Stop(k.vol.sched, r), queues := E.ClearAll(es, k.vol.queues, r));
    hide S.Stop;
    forall e: u32 | e < NEDGE && IsEnd(es[e], p) ensures v.queues[e] == k.vol.queues[e] { QueuesCleared(es, k.vol.queues, r, 0, e); }
    hide E.ClearFrom;
    assert SameRun(es, k.vol, v, p);
    Broken(v, es, parts, r, now, 0, p);
    var w := DT.BreakFrom(v, es, parts, r, now, 0);
    hide DT.BreakFrom;
    RunOn(es, k.vol, v, w, p);
    Dispatched(w.sched, parts, now, p);
    hide S.Dispatch;
    hide DT.Last;
    hide SameRegs;
    hide SameQueues;
  }
}
