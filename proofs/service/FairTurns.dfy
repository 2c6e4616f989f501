include "FairSteps.dfy"

/** What one event makes of everybody's turn: it comes nearer, or at least no further off. */
module {:compile false} FairTurns {
  import opened Types
  import opened Limits
  import opened State
  import opened Scheduler
  import opened SchedulerOk
  import opened FairSteps
  import Kinds

  /** q, if ready, runs now; or it keeps its deadline, and if that has come, its turn is no further off, and nearer if somebody was dispatched. */
  ghost predicate Nearer(s: Sched, t: Sched, now: u64, q: u32)
    requires Shape(s) && Shape(t) && q < NPART
  {
    q in s.ready ==>
      || (t.cur == q && t.tasks[q].run == Kinds.Running)
      || (q in t.ready && t.tasks[q].deadline == s.tasks[q].deadline && t.cur != 0
          && (s.tasks[q].deadline <= now ==>
                Turns(t, q) <= Turns(s, q) && ((t.cur == s.cur && t.sliceEnd == s.sliceEnd) || Turns(t, q) < Turns(s, q))))
  }
  /** What an event makes of partition q, and of its turn unless q is x. */
  ghost predicate Served(parts: seq<Part>, s: Sched, t: Sched, now: u64, x: u32, q: u32)
    requires |parts| == NPART as int && Shape(s) && Shape(t) && q < NPART
  {
    DueSoon(parts, s, t, now, q) && (q != x ==> Nearer(s, t, now, q))
  }
  /** The running partition runs on to the end of its slice, or one begins a slice now, or the processor is idle. */
  ghost predicate Slices(parts: seq<Part>, s: Sched, t: Sched, now: u64)
    requires |parts| == NPART as int && Shape(t)
  {
    t.cur == 0 || (t.cur == s.cur && t.sliceEnd == s.sliceEnd) || t.sliceEnd == Later(now, parts[t.cur].slice)
  }
  /** From s to t, at one event, nobody but x loses anything, and the processor is idle only if nobody is ready. */
  opaque ghost predicate Onward(parts: seq<Part>, s: Sched, t: Sched, now: u64, x: u32) {
    && |parts| == NPART as int && Orderly(s) && Orderly(t) && Slices(parts, s, t, now) && (t.cur == 0 ==> t.ready == [])
    && forall q: u32 {:trigger Served(parts, s, t, now, x, q)} :: q < NPART ==> Served(parts, s, t, now, x, q)
  }
  lemma RunsOn(parts: seq<Part>, s: Sched, t: Sched, now: u64, x: u32)
    requires Still(parts, s, t, now, x) && t.cur != 0
    ensures Onward(parts, s, t, now, x)
  {
    reveal Still(), Onward();
    hide Turns;
    forall q: u32 | q < NPART ensures Served(parts, s, t, now, x, q) { assert Fair(parts, s, t, now, x, q); }
  }
  lemma DispatchOrderly(s: Sched, parts: seq<Part>, now: u64)
    requires |parts| == NPART as int && Orderly(s) && s.cur == 0
    ensures var t := Dispatch(s, parts, now); Orderly(t) && (t.cur == 0 ==> t.ready == [])
    ensures |s.ready| > 0 ==> s.ready[0] != 0
  {
    var t := Dispatch(s, parts, now);
    reveal Placed(), Sorted();
    if |s.ready| > 0 { assert InPlace(s, s.ready[0]); }
    forall q: u32 | q < NPART ensures InPlace(t, q) {
      assert InPlace(s, q);
      assert |s.ready| > 0 ==> s.ready == [s.ready[0]] + s.ready[1..];
    }
  }
  lemma DispatchTurns(s: Sched, parts: seq<Part>, now: u64, q: u32)
    requires |parts| == NPART as int && Orderly(s) && s.cur == 0 && q in s.ready && q < NPART
    ensures var t := Dispatch(s, parts, now);
      Orderly(t) && if s.ready[0] == q then t.cur == q && t.tasks[q].run == Kinds.Running
                    else q in t.ready && t.tasks[q] == s.tasks[q] && t.cur != 0 && Turns(t, q) < Turns(s, q)
  {
    DispatchOrderly(s, parts, now);
    InQueue(s, q);
    var t := Dispatch(s, parts, now);
    InQueue(t, q);
    if s.ready[0] != q {
      var i := Index(s.ready, q);
      assert t.ready[i - 1] == q;
      IndexIs(t.ready, i - 1);
      assert s.tasks[s.ready[0]].deadline <= s.tasks[s.ready[1]].deadline by { reveal Sorted(); }
    }
  }
  /** The processor is free after m, and the earliest gets it. */
  lemma Dispatches(parts: seq<Part>, s: Sched, m: Sched, now: u64, x: u32)
    requires Still(parts, s, m, now, x) && m.cur == 0
    ensures |parts| == NPART as int && Shape(m) && Onward(parts, s, Dispatch(m, parts, now), now, x)
  {
    reveal Still(), Onward();
    DispatchOrderly(m, parts, now);
    var t := Dispatch(m, parts, now);
    forall q: u32 | q < NPART ensures Served(parts, s, t, now, x, q) {
      assert Fair(parts, s, m, now, x, q);
      InQueue(m, q);
      InQueue(s, q);
      if q in m.ready { DispatchTurns(m, parts, now, q); }
      hide Turns;
    }
  }
  lemma EntersLeft(s: Sched, deadline: u64)
    requires Orderly(s) && s.cur != 0
    ensures Orderly(Left(s)) && Entered(s.(cur := 0), s.cur, deadline) == Entered(Left(s), s.cur, deadline)
  {
    Leaves(NoParts, s, Kinds.Stopped, 0, s.nextWake, 0, 0);
    reveal Still();
    EnteredIs(Left(s), s.cur, deadline);
    EnteredIs(s.(cur := 0), s.cur, deadline);
    var t := Task(Kinds.Ready, s.tasks[s.cur].left, deadline, 0);
    assert Left(s).tasks[s.cur as int := t] == s.tasks[s.cur as int := t];
  }
  lemma Yields(parts: seq<Part>, s: Sched, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s) && s.cur != 0
    ensures Onward(parts, s, YieldCurrent(s, parts, now), now, x)
  {
    var p, left := s.cur, Left(s);
    Leaves(parts, s, Kinds.Stopped, 0, s.nextWake, now, x);
    EntersLeft(s, Later(now, parts[p].rel));
    Enters(parts, left, p, now, x);
    var m := MakeReady(left, p, parts[p].rel, now);
    Then(parts, s, left, m, now, x);
    Dispatches(parts, s, m, now, x);
  }
  /** The running partition goes back into the queue with the deadline it has, because another is due before it. */
  lemma Requeued(parts: seq<Part>, s: Sched, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s) && s.cur != 0 && |s.ready| > 0 && s.tasks[s.ready[0]].deadline < s.tasks[s.cur].deadline
    ensures Still(parts, s, Entered(Left(s), s.cur, s.tasks[s.cur].deadline), now, x)
  {
    var p, left, d := s.cur, Left(s), s.tasks[s.cur].deadline;
    EntersLeft(s, d);
    EnterPlaces(left, p, d);
    EnterSorts(left, p, d);
    EnteredIs(left, p, d);
    var m := Entered(left, p, d);
    InQueue(s, p);
    reveal Still();
    forall q: u32 | q < NPART ensures Fair(parts, s, m, now, x, q) {
      if q in s.ready { EnterTurns(left, p, d, q); }
    }
  }
  lemma Preempts(parts: seq<Part>, s: Sched, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s) && s.cur != 0 && |s.ready| > 0 && s.tasks[s.ready[0]].deadline < s.tasks[s.cur].deadline
    ensures Onward(parts, s, PreemptCurrent(s, parts, now), now, x)
  {
    var d := s.tasks[s.cur].deadline;
    EntersLeft(s, d);
    SameDeadline(s.(cur := 0), s.cur);
    Requeued(parts, s, now, x);
    Dispatches(parts, s, Entered(Left(s), s.cur, d), now, x);
  }
  lemma Blocks(parts: seq<Part>, s: Sched, run: u32, wake: u64, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s) && s.cur != 0 && (run == Kinds.Sleeping || (run == Kinds.Waiting && wake < NEDGE as u64))
    ensures Onward(parts, s, BlockCurrent(s, parts, run, wake, now), now, x)
  {
    Leaves(parts, s, run, wake, Block(s, run, wake).nextWake, now, x);
    Dispatches(parts, s, Block(s, run, wake), now, x);
  }
  /** What is so after one step and then an event's, is so after both. */
  lemma After(parts: seq<Part>, s: Sched, m: Sched, t: Sched, now: u64, x: u32)
    requires Still(parts, s, m, now, x) && m.cur == s.cur && Onward(parts, m, t, now, x)
    ensures Onward(parts, s, t, now, x)
  {
    reveal Still(), Onward();
    hide Turns;
    forall q: u32 | q < NPART ensures Served(parts, s, t, now, x, q) {
      assert Fair(parts, s, m, now, x, q) && Served(parts, m, t, now, x, q);
      InQueue(m, q);
      InQueue(t, q);
      InQueue(s, q);
    }
  }
}
