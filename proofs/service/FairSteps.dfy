include "../invariant/SchedulerOk.dfy"

/** How long a ready partition waits, in turns of others: no step of the scheduler lets anybody in ahead of a partition whose deadline has come. */
module {:compile false} FairSteps {
  import opened Types
  import opened Limits
  import opened State
  import opened Scheduler
  import opened SchedulerOk
  import Kinds

  ghost predicate Orderly(s: Sched) { Shape(s) && Placed(s) && Sorted(s) }
  /** q's place in the queue: how many are before it. */
  ghost function Index(ready: seq<u32>, q: u32): (i: int)
    requires q in ready
    ensures 0 <= i < |ready| && ready[i] == q
  {
    var i :| 0 <= i < |ready| && ready[i] == q;
    i
  }
  lemma IndexIs(ready: seq<u32>, i: int)
    requires Distinct(ready) && 0 <= i < |ready|
    ensures Index(ready, ready[i]) == i
  {
    var j := Index(ready, ready[i]);
  }
  /** The running partition is due before q, but another ready one is due before both: it may be preempted, and come back ahead of q. */
  ghost predicate Returns(s: Sched, q: u32)
    requires Shape(s) && q < NPART && |s.ready| > 0
  {
    s.cur != 0 && s.tasks[s.ready[0]].deadline < s.tasks[s.cur].deadline < s.tasks[q].deadline
  }
  /** How many turns of others may begin before the ready partition q's, once its deadline has come. */
  ghost function Turns(s: Sched, q: u32): int
    requires Shape(s) && q < NPART && q in s.ready
  {
    Index(s.ready, q) + if Returns(s, q) then 1 else 0
  }
  lemma InQueue(s: Sched, q: u32)
    requires Orderly(s) && q < NPART
    ensures q in s.ready <==> s.tasks[q].run == Kinds.Ready
    ensures Distinct(s.ready) && s.tasks[0].run == Kinds.Stopped
    ensures s.tasks[q].run == Kinds.Running <==> q == s.cur && q != 0
  {
    reveal Placed();
    assert InPlace(s, q);
  }

  // ---- one step -----------------------------------------------------------------------------------------------------------------

  ghost predicate Active(t: Task) { t.run == Kinds.Ready || t.run == Kinds.Running }
  /** q is active with the deadline it had, or with a new one that is at most its relative deadline from now. */
  ghost predicate DueSoon(parts: seq<Part>, s: Sched, m: Sched, now: u64, q: u32)
    requires |parts| == NPART as int && Tables(s) && Tables(m) && q < NPART
  {
    Active(m.tasks[q]) ==> || (Active(s.tasks[q]) && m.tasks[q].deadline == s.tasks[q].deadline)
                           || m.tasks[q].deadline as int <= now as int + parts[q].rel as int
  }
  /** q, if ready, stays ready with its deadline, and with no more turns before its own if its deadline has come. */
  ghost predicate KeepsPlace(s: Sched, m: Sched, now: u64, q: u32)
    requires Shape(s) && Shape(m) && q < NPART
  {
    q in s.ready ==> && q in m.ready && m.tasks[q].deadline == s.tasks[q].deadline
                     && (s.tasks[q].deadline <= now ==> Turns(m, q) <= Turns(s, q))
  }
  /** What holds of partition q, and of its place unless q is x. */
  ghost predicate Fair(parts: seq<Part>, s: Sched, m: Sched, now: u64, x: u32, q: u32)
    requires |parts| == NPART as int && Shape(s) && Shape(m) && q < NPART
  {
    DueSoon(parts, s, m, now, q) && (q != x ==> KeepsPlace(s, m, now, q))
  }
  /** From s to m nobody got the processor, though it may have become free, and every partition but x keeps its place. */
  opaque ghost predicate Still(parts: seq<Part>, s: Sched, m: Sched, now: u64, x: u32) {
    && |parts| == NPART as int && Orderly(s) && Orderly(m) && (m.cur == s.cur || m.cur == 0) && m.sliceEnd == s.sliceEnd
    && forall q: u32 {:trigger Fair(parts, s, m, now, x, q)} :: q < NPART ==> Fair(parts, s, m, now, x, q)
  }
  lemma Same(parts: seq<Part>, s: Sched, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s)
    ensures Still(parts, s, s, now, x)
  {
    reveal Still();
  }
  lemma Then(parts: seq<Part>, s: Sched, m: Sched, t: Sched, now: u64, x: u32)
    requires Still(parts, s, m, now, x) && Still(parts, m, t, now, x)
    ensures Still(parts, s, t, now, x)
  {
    reveal Still();
    hide Turns;
    forall q: u32 | q < NPART ensures Fair(parts, s, t, now, x, q) {
      assert Fair(parts, s, m, now, x, q) && Fair(parts, m, t, now, x, q);
    }
  }
  /** p comes in with a deadline, not ahead of those whose deadline is not later. */
  lemma EnterTurns(s: Sched, p: u32, deadline: u64, q: u32)
    requires Orderly(s) && 0 < p < NPART && p != s.cur && s.tasks[p].run != Kinds.Ready && q in s.ready && q < NPART
    ensures Orderly(Entered(s, p, deadline)) && q != p
    ensures var m := Entered(s, p, deadline);
      && q in m.ready && m.tasks[q] == s.tasks[q] && m.cur == s.cur && m.sliceEnd == s.sliceEnd
      && (s.tasks[q].deadline <= deadline ==> Turns(m, q) == Turns(s, q)) && (s.cur == 0 ==> Turns(m, q) <= Index(s.ready, q) + 1)
  {
    InQueue(s, q);
    EnterPlaces(s, p, deadline);
    EnterSorts(s, p, deadline);
    EnteredIs(s, p, deadline);
    var m := Entered(s, p, deadline);
    InQueue(m, q);
    var k, i := Place(m.tasks, s.ready, p), Index(s.ready, q);
    assert m.ready == s.ready[..k] + [p] + s.ready[k..];
    if k <= i {
      assert m.ready[i + 1] == q;
      IndexIs(m.ready, i + 1);
      assert s.tasks[s.ready[k]].deadline <= s.tasks[q].deadline by { reveal Sorted(); }
      assert m.tasks[s.ready[k]] == s.tasks[s.ready[k]];
    } else {
      assert m.ready[i] == q;
      IndexIs(m.ready, i);
      assert m.ready[0] == s.ready[0];
      assert m.tasks[s.ready[0]] == s.tasks[s.ready[0]];
    }
  }
  lemma Enters(parts: seq<Part>, s: Sched, p: u32, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s) && 0 < p < NPART && p != s.cur && s.tasks[p].run != Kinds.Ready
    ensures Still(parts, s, MakeReady(s, p, parts[p].rel, now), now, x)
  {
    reveal Still();
    hide Turns;
    var d := Later(now, parts[p].rel);
    EnterPlaces(s, p, d);
    EnterSorts(s, p, d);
    EnteredIs(s, p, d);
    var m := Entered(s, p, d);
    assert m == MakeReady(s, p, parts[p].rel, now);
    forall q: u32 | q < NPART ensures Fair(parts, s, m, now, x, q) {
      if q in s.ready { EnterTurns(s, p, d, q); }
    }
  }
  /** The processor is free. */
  lemma Leaves(parts: seq<Part>, s: Sched, run: u32, wake: u64, nextWake: u64, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s) && s.cur != 0
    requires run == Kinds.Stopped || run == Kinds.Sleeping || (run == Kinds.Waiting && wake < NEDGE as u64)
    ensures Still(parts, s, s.(tasks := s.tasks[s.cur as int := s.tasks[s.cur].(run := run, wake := wake)], cur := 0, nextWake := nextWake), now, x)
  {
    reveal Still();
    var m := s.(tasks := s.tasks[s.cur as int := s.tasks[s.cur].(run := run, wake := wake)], cur := 0, nextWake := nextWake);
    InQueue(s, s.cur);
    assert Placed(m) && Sorted(m) by {
      reveal Placed(), Sorted();
      assert InPlace(s, s.cur);
      forall q: u32 | q < NPART ensures InPlace(m, q) { assert InPlace(s, q); }
    }
    forall q: u32 | q < NPART ensures Fair(parts, s, m, now, x, q) {}
  }
  /** Only `left` of p and the alarm change. */
  lemma Unmoved(parts: seq<Part>, s: Sched, p: u32, left: u64, nextWake: u64, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s) && p < NPART
    ensures Still(parts, s, SetLeft(s, p, left).(nextWake := nextWake), now, x)
  {
    reveal Still();
    var m := SetLeft(s, p, left).(nextWake := nextWake);
    assert Placed(m) && Sorted(m) by {
      reveal Placed(), Sorted();
      forall q: u32 | q < NPART ensures InPlace(m, q) { assert InPlace(s, q); }
    }
    forall q: u32 | q < NPART ensures Fair(parts, s, m, now, x, q) {}
  }
  lemma RemovedIndex(ready: seq<u32>, p: u32, q: u32)
    requires Distinct(ready) && q in ready && q != p
    ensures q in Remove(ready, p) && Index(Remove(ready, p), q) <= Index(ready, q)
    ensures Distinct(Remove(ready, p))
  {
    Removed(ready, p);
    var r := Remove(ready, p);
    if ready[0] == q {
      IndexIs(ready, 0);
      assert r[0] == q;
      IndexIs(r, 0);
    } else {
      assert ready == [ready[0]] + ready[1..];
      RemovedIndex(ready[1..], p, q);
      var i, j := Index(ready[1..], q), Index(Remove(ready[1..], p), q);
      assert ready[i + 1] == q;
      IndexIs(ready, i + 1);
      if ready[0] == p {
        Removed(ready[1..], p);
      } else {
        assert r[j + 1] == q;
        IndexIs(r, j + 1);
      }
    }
  }
  /** x is stopped. */
  lemma Halts(parts: seq<Part>, s: Sched, x: u32, now: u64)
    requires |parts| == NPART as int && Orderly(s) && 0 < x < NPART
    ensures Still(parts, s, Stop(s, x), now, x)
  {
    var m := Stop(s, x);
    InQueue(s, x);
    Removed(s.ready, x);
    assert Placed(m) by {
      reveal Placed();
      forall q: u32 | q < NPART ensures InPlace(m, q) { assert InPlace(s, q); }
    }
    assert InOrder(s.tasks, s.ready) by { reveal Sorted(); }
    RemoveSorts(s.tasks, s.ready, x);
    var r := m.ready;
    assert Sorted(m) by {
      reveal Sorted();
      forall i: int, j: int | 0 <= i < j < |r| ensures m.tasks[r[i]].deadline <= m.tasks[r[j]].deadline {
        assert r[i] in r && r[j] in r;
        assert s.tasks[r[i]].deadline <= s.tasks[r[j]].deadline;
      }
    }
    reveal Still();
    forall q: u32 | q < NPART ensures Fair(parts, s, m, now, x, q) {
      if q != x && q in s.ready {
        RemovedIndex(s.ready, x, q);
        assert m.ready[0] in m.ready;
        var h := Index(s.ready, m.ready[0]);
        assert s.tasks[s.ready[0]].deadline <= s.tasks[m.ready[0]].deadline by { reveal Sorted(); }
        assert m.cur != 0 ==> m.cur == s.cur && m.cur != x;
      }
    }
  }
  /** Sleepers from i on wake. */
  lemma WakesFrom(parts: seq<Part>, s: Sched, now: u64, i: u32, x: u32)
    requires |parts| == NPART as int && Orderly(s) && i <= NPART
    ensures Still(parts, s, WakeFrom(s, parts, now, i), now, x)
    decreases NPART - i
  {
    if i == NPART {
      Same(parts, s, now, x);
    } else {
      var m := Looked(parts, s, now, i);
      InQueue(s, i);
      if s.tasks[i].run == Kinds.Sleeping && s.tasks[i].wake <= now {
        Enters(parts, s, i, now, x);
      } else if s.tasks[i].run == Kinds.Sleeping && s.tasks[i].wake < s.nextWake {
        Unmoved(parts, s, i, s.tasks[i].left, s.tasks[i].wake, now, x);
        assert SetLeft(s, i, s.tasks[i].left).tasks == s.tasks;
      } else {
        Same(parts, s, now, x);
      }
      assert Orderly(m) by { reveal Still(); }
      WakesFrom(parts, m, now, i + 1, x);
      Then(parts, s, m, WakeFrom(m, parts, now, i + 1), now, x);
    }
  }
  lemma Wakes(parts: seq<Part>, s: Sched, now: u64, x: u32)
    requires |parts| == NPART as int && Orderly(s)
    ensures Still(parts, s, Wake(s, parts, now), now, x)
  {
    if now < s.nextWake {
      Same(parts, s, now, x);
    } else {
      var m := s.(nextWake := TIMEMAX);
      Unmoved(parts, s, 0, s.tasks[0].left, TIMEMAX, now, x);
      assert SetLeft(s, 0, s.tasks[0].left).tasks == s.tasks;
      assert Orderly(m) by { reveal Still(); }
      WakesFrom(parts, m, now, 0, x);
      Then(parts, s, m, Wake(s, parts, now), now, x);
    }
  }
}
