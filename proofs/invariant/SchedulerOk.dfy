include "../../spec/Scheduler.dfy"

/** The scheduler's invariant: true at first, and kept by every function of spec/Scheduler.dfy. */
module {:compile false} SchedulerOk {
  import opened Types
  import opened Limits
  import opened State
  import opened Scheduler
  import Kinds

  ghost predicate Good(parts: seq<Part>, s: Sched) { |parts| == NPART as int && SchedOk(s) && OnlyStartedRun(parts, s) }

  lemma InitialOk()
    ensures Good(NoParts, EmptySched)
  {
    reveal Placed(), Sorted(), AlarmSet(), OnlyStartedRun();
  }

  // ---- at most 127 partitions are ready -----------------------------------------------------------------------------------------

  /** The pigeonhole principle: different numbers in 1 … n are at most n. */
  lemma Pigeonhole(r: seq<u32>, n: int)
    requires n >= 0 && Distinct(r) && forall i: int :: 0 <= i < |r| ==> 1 <= r[i] as int <= n
    ensures |r| <= n
  {
    if n == 0 {
      assert |r| > 0 ==> 1 <= r[0] as int <= 0;
    } else {
      if i: int :| 0 <= i < |r| && r[i] as int == n {
        var rest := r[..i] + r[i + 1..];
        Pigeonhole(rest, n - 1);
      } else {
        Pigeonhole(r, n - 1);
      }
    }
  }
  lemma FewReady(s: Sched)
    requires Shape(s) && Placed(s)
    ensures |s.ready| <= 127
  {
    reveal Placed();
    forall i: int | 0 <= i < |s.ready| ensures 1 <= s.ready[i] as int <= 127 {
      assert InPlace(s, s.ready[i]);
    }
    Pigeonhole(s.ready, 127);
  }

  // ---- insertion ----------------------------------------------------------------------------------------------------------------

  /** p is ready with this deadline. */
  ghost function Entered(s: Sched, p: u32, deadline: u64): Sched
    requires Shape(s) && p < NPART
    ensures Shape(Entered(s, p, deadline))
  {
    Requeue(s.(tasks := s.tasks[p as int := s.tasks[p].(deadline := deadline)]), p)
  }
  lemma EnteredIs(s: Sched, p: u32, deadline: u64)
    requires Shape(s) && p < NPART
    ensures var tasks := s.tasks[p as int := Task(Kinds.Ready, s.tasks[p].left, deadline, 0)];
            Entered(s, p, deadline) == s.(tasks := tasks, ready := InsertByDeadline(tasks, s.ready, p))
  {}
  /** Behind a queue whose last is due no later. */
  lemma EnteredLast(s: Sched, p: u32, deadline: u64)
    requires Shape(s) && p < NPART && |s.ready| > 0 && s.tasks[s.ready[|s.ready| - 1]].deadline <= deadline
    ensures Entered(s, p, deadline) == s.(tasks := s.tasks[p as int := Task(Kinds.Ready, s.tasks[p].left, deadline, 0)], ready := s.ready + [p])
  {
    EnteredIs(s, p, deadline);
  }
  lemma SameDeadline(s: Sched, p: u32)
    requires Shape(s) && p < NPART
    ensures Entered(s, p, s.tasks[p].deadline) == Requeue(s, p)
  {
    assert s.tasks[p as int := s.tasks[p]] == s.tasks;
  }
  /** Where InsertByDeadline puts p. */
  ghost function Place(tasks: seq<Task>, ready: seq<u32>, p: u32): (k: int)
    requires |tasks| == NPART as int && p < NPART && InRange(ready)
    ensures 0 <= k <= |ready| && InsertByDeadline(tasks, ready, p) == ready[..k] + [p] + ready[k..]
    ensures 0 < k ==> tasks[ready[k - 1]].deadline <= tasks[p].deadline
    ensures k < |ready| ==> tasks[p].deadline < tasks[ready[k]].deadline
    decreases |ready|
  {
    if |ready| == 0 then 0
    else if tasks[ready[|ready| - 1]].deadline <= tasks[p].deadline then |ready|
    else
      var k := Place(tasks, ready[..|ready| - 1], p);
      assert ready == ready[..|ready| - 1] + [ready[|ready| - 1]];
      k
  }
  lemma EnterSorts(s: Sched, p: u32, deadline: u64)
    requires Shape(s) && p < NPART && p !in s.ready && Sorted(s)
    ensures Sorted(Entered(s, p, deadline))
  {
    reveal Sorted();
    EnteredIs(s, p, deadline);
    var tasks := s.tasks[p as int := Task(Kinds.Ready, s.tasks[p].left, deadline, 0)];
    var k := Place(tasks, s.ready, p);
  }
  lemma EnterPlaces(s: Sched, p: u32, deadline: u64)
    requires Shape(s) && 0 < p < NPART && p != s.cur && s.tasks[p].run != Kinds.Ready && Placed(s)
    ensures p !in s.ready && Placed(Entered(s, p, deadline))
  {
    reveal Placed();
    assert InPlace(s, p);
    EnteredIs(s, p, deadline);
    var s' := Entered(s, p, deadline);
    var k := Place(s'.tasks, s.ready, p);
    forall q: u32 | q < NPART ensures InPlace(s', q) {
      assert InPlace(s, q);
      assert s.ready == s.ready[..k] + s.ready[k..];
      assert q in s'.ready <==> q == p || q in s.ready;
    }
  }
  lemma EnterWakes(s: Sched, p: u32, deadline: u64, i: u32)
    requires Shape(s) && p < NPART && i <= NPART && AlarmSet(s, i)
    ensures AlarmSet(Entered(s, p, deadline), i)
  {
    reveal AlarmSet();
  }
  lemma EnterStarted(parts: seq<Part>, s: Sched, p: u32, deadline: u64)
    requires |parts| == NPART as int && Shape(s) && p < NPART && parts[p].life == Kinds.Started && OnlyStartedRun(parts, s)
    ensures OnlyStartedRun(parts, Entered(s, p, deadline))
  {
    reveal OnlyStartedRun();
  }
  lemma EnterKeeps(parts: seq<Part>, s: Sched, p: u32, deadline: u64)
    requires Good(parts, s) && 0 < p < NPART && p != s.cur && s.tasks[p].run != Kinds.Ready && parts[p].life == Kinds.Started
    ensures Good(parts, Entered(s, p, deadline)) && Entered(s, p, deadline).cur == s.cur
  {
    EnterPlaces(s, p, deadline);
    EnterSorts(s, p, deadline);
    EnterWakes(s, p, deadline, NPART);
    EnterStarted(parts, s, p, deadline);
  }

  // ---- dispatching --------------------------------------------------------------------------------------------------------------

  lemma DispatchKeeps(parts: seq<Part>, s: Sched, now: u64)
    requires Good(parts, s) && s.cur == 0
    ensures Good(parts, Dispatch(s, parts, now))
  {
    reveal Placed(), Sorted(), AlarmSet(), OnlyStartedRun();
    var s' := Dispatch(s, parts, now);
    if |s.ready| > 0 {
      assert InPlace(s, s.ready[0]);
      forall q: u32 | q < NPART ensures InPlace(s', q) {
        assert InPlace(s, q);
        assert s.ready == [s.ready[0]] + s.ready[1..];
      }
    } else {
      forall q: u32 | q < NPART ensures InPlace(s', q) { assert InPlace(s, q); }
    }
  }
  /** The running partition given run and wake, and the processor free. */
  lemma LeaveKeeps(parts: seq<Part>, s: Sched, run: u32, wake: u64, nextWake: u64)
    requires Good(parts, s) && s.cur != 0 && nextWake <= s.nextWake
    requires run == Kinds.Stopped || (run == Kinds.Sleeping && nextWake <= wake) || (run == Kinds.Waiting && wake < NEDGE as u64)
    ensures Good(parts, s.(tasks := s.tasks[s.cur as int := s.tasks[s.cur].(run := run, wake := wake)], cur := 0, nextWake := nextWake))
  {
    reveal Placed(), Sorted(), AlarmSet(), OnlyStartedRun();
    var s' := s.(tasks := s.tasks[s.cur as int := s.tasks[s.cur].(run := run, wake := wake)], cur := 0, nextWake := nextWake);
    assert InPlace(s, s.cur);
    forall q: u32 | q < NPART ensures InPlace(s', q) { assert InPlace(s, q); }
  }
  lemma BlockKeeps(parts: seq<Part>, s: Sched, run: u32, wake: u64)
    requires Good(parts, s) && s.cur != 0
    requires run == Kinds.Sleeping || run == Kinds.Stopped || (run == Kinds.Waiting && wake < NEDGE as u64)
    ensures Good(parts, Block(s, run, wake))
  {
    LeaveKeeps(parts, s, run, wake, Block(s, run, wake).nextWake);
  }
  /** The scheduler as if the running partition had just stopped. */
  ghost function Left(s: Sched): Sched
    requires Shape(s)
    ensures Shape(Left(s))
  {
    s.(tasks := s.tasks[s.cur as int := s.tasks[s.cur].(run := Kinds.Stopped, wake := 0)], cur := 0)
  }
  /** To make the running partition ready is to stop it first. */
  lemma Leaving(parts: seq<Part>, s: Sched, deadline: u64)
    requires Good(parts, s) && s.cur != 0
    ensures Good(parts, Entered(Left(s), s.cur, deadline)) && Entered(Left(s), s.cur, deadline).cur == 0
    ensures Entered(s.(cur := 0), s.cur, deadline) == Entered(Left(s), s.cur, deadline) == Entered(s, s.cur, deadline).(cur := 0)
  {
    var p, left := s.cur, Left(s);
    LeaveKeeps(parts, s, Kinds.Stopped, 0, s.nextWake);
    assert parts[p].life == Kinds.Started by { reveal OnlyStartedRun(), Placed(); assert InPlace(s, p); }
    EnterKeeps(parts, left, p, deadline);
    EnteredIs(left, p, deadline);
    EnteredIs(s, p, deadline);
    EnteredIs(s.(cur := 0), p, deadline);
    var t := Task(Kinds.Ready, s.tasks[p].left, deadline, 0);
    assert left.tasks[p as int := t] == s.tasks[p as int := t];
  }
  /** The running partition becomes ready with this deadline, and the earliest runs. */
  lemma ReplaceKeeps(parts: seq<Part>, s: Sched, deadline: u64, now: u64)
    requires Good(parts, s) && s.cur != 0
    ensures Good(parts, Dispatch(Entered(s.(cur := 0), s.cur, deadline), parts, now))
    ensures Dispatch(Entered(s, s.cur, deadline), parts, now) == Dispatch(Entered(s.(cur := 0), s.cur, deadline), parts, now)
  {
    Leaving(parts, s, deadline);
    DispatchKeeps(parts, Entered(Left(s), s.cur, deadline), now);
  }

  // ---- stopping -----------------------------------------------------------------------------------------------------------------

  lemma Removed(ready: seq<u32>, p: u32)
    requires Distinct(ready)
    ensures Distinct(Remove(ready, p)) && forall q: u32 :: q in Remove(ready, p) <==> q in ready && q != p
  {
    if |ready| > 0 {
      Removed(ready[1..], p);
      assert ready == [ready[0]] + ready[1..];
      assert ready[0] !in ready[1..] && ready[0] !in Remove(ready[1..], p);
    }
  }
  ghost predicate InOrder(tasks: seq<Task>, ready: seq<u32>)
    requires |tasks| == NPART as int && InRange(ready)
  {
    forall i: int, j: int :: 0 <= i < j < |ready| ==> tasks[ready[i]].deadline <= tasks[ready[j]].deadline
  }
  lemma RemoveSorts(tasks: seq<Task>, ready: seq<u32>, p: u32)
    requires |tasks| == NPART as int && InRange(ready) && InOrder(tasks, ready)
    ensures (forall q: u32 :: q in Remove(ready, p) ==> q in ready) && InOrder(tasks, Remove(ready, p))
  {
    if |ready| > 0 {
      RemoveSorts(tasks, ready[1..], p);
      var r := Remove(ready[1..], p);
      assert forall j: int :: 0 <= j < |r| ==> r[j] in ready[1..];
    }
  }
  lemma StopKeeps(parts: seq<Part>, s: Sched, p: u32)
    requires Good(parts, s) && 0 < p < NPART
    ensures Good(parts, Stop(s, p))
  {
    var s' := Stop(s, p);
    assert Distinct(s.ready) by { reveal Placed(); }
    Removed(s.ready, p);
    assert Placed(s') by {
      reveal Placed();
      forall q: u32 | q < NPART ensures InPlace(s', q) { assert InPlace(s, q); }
    }
    assert Sorted(s') by {
      reveal Sorted();
      RemoveSorts(s.tasks, s.ready, p);
      var r := s'.ready;
      forall i: int, j: int | 0 <= i < j < |r| ensures s'.tasks[r[i]].deadline <= s'.tasks[r[j]].deadline {
        assert r[i] in r && r[j] in r;
        assert s.tasks[r[i]].deadline <= s.tasks[r[j]].deadline;
      }
    }
    assert AlarmSet(s', NPART) && OnlyStartedRun(parts, s') by { reveal AlarmSet(), OnlyStartedRun(); }
  }

  // ---- waking -------------------------------------------------------------------------------------------------------------------

  /** The invariant while sleepers from i on are still to be looked at. */
  ghost predicate Awake(parts: seq<Part>, s: Sched, i: u32)
    requires i <= NPART
  {
    |parts| == NPART as int && Shape(s) && Placed(s) && Sorted(s) && AlarmSet(s, i) && OnlyStartedRun(parts, s)
  }
  lemma WakeBegins(parts: seq<Part>, s: Sched)
    requires Good(parts, s)
    ensures Awake(parts, s.(nextWake := TIMEMAX), 0)
  {
    reveal Placed(), Sorted(), AlarmSet(), OnlyStartedRun();
    var s' := s.(nextWake := TIMEMAX);
    forall q: u32 | q < NPART ensures InPlace(s', q) { assert InPlace(s, q); }
  }
  /** The scheduler after sleeper i has been looked at. */
  ghost function Looked(parts: seq<Part>, s: Sched, now: u64, i: u32): Sched
    requires |parts| == NPART as int && Shape(s) && i < NPART
    ensures Shape(Looked(parts, s, now, i))
  {
    if s.tasks[i].run != Kinds.Sleeping then s
    else if s.tasks[i].wake <= now then MakeReady(s, i, parts[i].rel, now)
    else if s.tasks[i].wake < s.nextWake then s.(nextWake := s.tasks[i].wake) else s
  }
  lemma AlarmStep(s: Sched, i: u32)
    requires Shape(s) && i < NPART && AlarmSet(s, i) && (s.tasks[i].run == Kinds.Sleeping ==> s.nextWake <= s.tasks[i].wake)
    ensures AlarmSet(s, i + 1)
  {
    reveal AlarmSet();
  }
  lemma AlarmEarlier(s: Sched, i: u32, nextWake: u64)
    requires Shape(s) && i <= NPART && nextWake <= s.nextWake && Placed(s) && Sorted(s) && AlarmSet(s, i)
    ensures var s' := s.(nextWake := nextWake); Placed(s') && Sorted(s') && AlarmSet(s', i)
  {
    reveal Placed(), Sorted(), AlarmSet();
    var s' := s.(nextWake := nextWake);
    forall q: u32 | q < NPART ensures InPlace(s', q) { assert InPlace(s, q); }
  }
  lemma WakeStep(parts: seq<Part>, s: Sched, now: u64, i: u32)
    requires i < NPART && Awake(parts, s, i)
    ensures Awake(parts, Looked(parts, s, now, i), i + 1)
    ensures WakeFrom(Looked(parts, s, now, i), parts, now, i + 1) == WakeFrom(s, parts, now, i)
  {
    var s' := Looked(parts, s, now, i);
    assert InPlace(s, i) && s.tasks[0].run == Kinds.Stopped by { reveal Placed(); }
    if s.tasks[i].run == Kinds.Sleeping && s.tasks[i].wake <= now {
      assert parts[i].life == Kinds.Started by { reveal OnlyStartedRun(); }
      var d := Later(now, parts[i].rel);
      EnterPlaces(s, i, d);
      EnterSorts(s, i, d);
      EnterWakes(s, i, d, i);
      EnterStarted(parts, s, i, d);
      EnteredIs(s, i, d);
    } else if s.tasks[i].run == Kinds.Sleeping && s.tasks[i].wake < s.nextWake {
      AlarmEarlier(s, i, s.tasks[i].wake);
      assert OnlyStartedRun(parts, s') by { reveal OnlyStartedRun(); }
    }
    AlarmStep(s', i);
  }

  lemma WakeFromKeeps(parts: seq<Part>, s: Sched, now: u64, i: u32)
    requires i <= NPART && Awake(parts, s, i)
    ensures Good(parts, WakeFrom(s, parts, now, i))
    decreases NPART - i
  {
    if i < NPART {
      WakeStep(parts, s, now, i);
      WakeFromKeeps(parts, Looked(parts, s, now, i), now, i + 1);
    }
  }
  lemma WakeKeeps(parts: seq<Part>, s: Sched, now: u64)
    requires Good(parts, s)
    ensures Good(parts, Wake(s, parts, now))
  {
    WakeBegins(parts, s);
    if now >= s.nextWake { WakeFromKeeps(parts, s.(nextWake := TIMEMAX), now, 0); }
  }

  // ---- slots --------------------------------------------------------------------------------------------------------------------

  lemma SetLeftKeeps(parts: seq<Part>, s: Sched, p: u32, left: u64)
    requires Good(parts, s) && p < NPART
    ensures Good(parts, SetLeft(s, p, left))
  {
    reveal Placed(), Sorted(), AlarmSet(), OnlyStartedRun();
    var s' := SetLeft(s, p, left);
    forall q: u32 | q < NPART ensures InPlace(s', q) { assert InPlace(s, q); }
  }
  lemma PartKeeps(parts: seq<Part>, s: Sched, p: u32, x: Part)
    requires Good(parts, s) && p < NPART && (x.life == Kinds.Started || s.tasks[p].run == Kinds.Stopped)
    ensures Good(parts[p as int := x], s)
  {
    reveal OnlyStartedRun();
  }
}
