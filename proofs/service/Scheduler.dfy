include "../invariant/SchedulerOk.dfy"

/** What the scheduler promises. */
module {:compile false} SchedulerTheorems {
  import opened Types
  import opened Limits
  import opened State
  import opened Scheduler
  import opened SchedulerOk
  import Kinds

  /** Everything that can happen to the scheduler. */
  datatype Move =
    | Ready(p: u32, now: u64)
    | Again(p: u32)
    | Next(now: u64)
    | Yield(now: u64)
    | Preempt(now: u64)
    | Wait(run: u32, wake: u64, now: u64)
    | End(p: u32)
    | Tick(now: u64)
    | Budget(p: u32, left: u64)

  ghost predicate Possible(parts: seq<Part>, s: Sched, m: Move)
    requires Good(parts, s)
  {
    match m
    case Ready(p, _)       => 0 < p < NPART && p != s.cur && s.tasks[p].run != Kinds.Ready && parts[p].life == Kinds.Started
    case Again(p)          => 0 < p < NPART && p != s.cur && s.tasks[p].run != Kinds.Ready && parts[p].life == Kinds.Started
    case Next(_)           => s.cur == 0
    case Yield(_)          => s.cur != 0
    case Preempt(_)        => s.cur != 0
    case Wait(run, wake, _) => s.cur != 0 && (run == Kinds.Sleeping || run == Kinds.Stopped || (run == Kinds.Waiting && wake < NEDGE as u64))
    case End(p)            => 0 < p < NPART
    case Tick(_)           => true
    case Budget(p, _)      => p < NPART
  }
  ghost function After(parts: seq<Part>, s: Sched, m: Move): Sched
    requires Good(parts, s) && Possible(parts, s, m)
  {
    match m
    case Ready(p, now)     => MakeReady(s, p, parts[p].rel, now)
    case Again(p)          => Requeue(s, p)
    case Next(now)         => Dispatch(s, parts, now)
    case Yield(now)        => YieldCurrent(s, parts, now)
    case Preempt(now)      => PreemptCurrent(s, parts, now)
    case Wait(run, wake, now) => BlockCurrent(s, parts, run, wake, now)
    case End(p)            => Stop(s, p)
    case Tick(now)         => Wake(s, parts, now)
    case Budget(p, left)   => SetLeft(s, p, left)
  }

  // ---- order --------------------------------------------------------------------------------------------------------------------

  /** The ready queue is in order of deadline and holds exactly the ready partitions, whatever happens. */
  lemma The_ready_queue_stays_in_order(parts: seq<Part>, s: Sched, m: Move)
    requires Good(parts, s) && Possible(parts, s, m)
    ensures Good(parts, After(parts, s, m))
  {
    match m
    case Ready(p, now)     => EnterKeeps(parts, s, p, Later(now, parts[p].rel));
    case Again(p)          => EnterKeeps(parts, s, p, s.tasks[p].deadline); SameDeadline(s, p);
    case Next(now)         => DispatchKeeps(parts, s, now);
    case Yield(now)        => ReplaceKeeps(parts, s, Later(now, parts[s.cur].rel), now);
    case Preempt(now)      => ReplaceKeeps(parts, s, s.tasks[s.cur].deadline, now); SameDeadline(s.(cur := 0), s.cur);
    case Wait(run, wake, now) => BlockKeeps(parts, s, run, wake); DispatchKeeps(parts, Block(s, run, wake), now);
    case End(p)            => StopKeeps(parts, s, p);
    case Tick(now)         => WakeKeeps(parts, s, now);
    case Budget(p, left)   => SetLeftKeeps(parts, s, p, left);
  }
  /** No ready partition is due before the one that runs. */
  ghost predicate EarliestRuns(s: Sched)
    requires Shape(s)
  {
    forall q: u32 :: q < NPART && s.tasks[q].run == Kinds.Ready ==> s.cur != 0 && s.tasks[s.cur].deadline <= s.tasks[q].deadline
  }
  /** Whenever the processor is given away, the ready partition with the earliest deadline gets it, and nobody only if none is ready. */
  lemma The_earliest_deadline_runs_first(parts: seq<Part>, s: Sched, m: Move)
    requires Good(parts, s) && Possible(parts, s, m) && (m.Next? || m.Yield? || m.Preempt? || m.Wait?)
    ensures EarliestRuns(After(parts, s, m))
  {
    match m
    case Next(now)         => DispatchFirst(parts, s, now);
    case Yield(now)        => ReplaceFirst(parts, s, Later(now, parts[s.cur].rel), now);
    case Preempt(now)      => ReplaceFirst(parts, s, s.tasks[s.cur].deadline, now); SameDeadline(s.(cur := 0), s.cur);
    case Wait(run, wake, now) => BlockKeeps(parts, s, run, wake); DispatchFirst(parts, Block(s, run, wake), now);
  }
  lemma DispatchFirst(parts: seq<Part>, s: Sched, now: u64)
    requires Good(parts, s) && s.cur == 0
    ensures EarliestRuns(Dispatch(s, parts, now))
  {
    reveal Placed(), Sorted();
    var s' := Dispatch(s, parts, now);
    forall q: u32 | q < NPART && s'.tasks[q].run == Kinds.Ready ensures s'.cur != 0 && s'.tasks[s'.cur].deadline <= s'.tasks[q].deadline {
      assert InPlace(s, q) && q in s.ready;
      assert InPlace(s, s.ready[0]);
    }
  }
  lemma ReplaceFirst(parts: seq<Part>, s: Sched, deadline: u64, now: u64)
    requires Good(parts, s) && s.cur != 0
    ensures EarliestRuns(Dispatch(Entered(s.(cur := 0), s.cur, deadline), parts, now))
  {
    var p, left := s.cur, Left(s);
    Leaving(parts, s, deadline);
    DispatchFirst(parts, Entered(left, p, deadline), now);
  }

  // ---- waiting for the processor ------------------------------------------------------------------------------------------------

  ghost predicate Queued(s: Sched, q: u32) requires Shape(s) && q < NPART { q in s.ready && s.tasks[q].run == Kinds.Ready }
  ghost predicate Runs(s: Sched, q: u32) requires Shape(s) && q < NPART { q == s.cur && s.tasks[q].run == Kinds.Running }
  /** A ready partition stays in the queue with its deadline until it gets the processor or somebody stops it. */
  lemma A_ready_partition_stays_ready_until_it_runs_or_is_stopped(parts: seq<Part>, s: Sched, m: Move, q: u32)
    requires Good(parts, s) && Possible(parts, s, m) && q < NPART && s.tasks[q].run == Kinds.Ready && m != End(q)
    ensures Shape(After(parts, s, m)) && After(parts, s, m).tasks[q].deadline == s.tasks[q].deadline
    ensures Queued(After(parts, s, m), q) || Runs(After(parts, s, m), q)
  {
    The_ready_queue_stays_in_order(parts, s, m);
    var s' := After(parts, s, m);
    assert InPlace(s, q) && InPlace(s', q) by { reveal Placed(); }
    if m.Tick? && m.now >= s.nextWake {
      WakeBegins(parts, s);
      WakeLeavesReady(parts, s.(nextWake := TIMEMAX), m.now, 0, q);
    }
  }
  lemma WakeLeavesReady(parts: seq<Part>, s: Sched, now: u64, i: u32, q: u32)
    requires i <= NPART && Awake(parts, s, i) && q < NPART && s.tasks[q].run == Kinds.Ready
    ensures WakeFrom(s, parts, now, i).tasks[q] == s.tasks[q]
    decreases NPART - i
  {
    if i < NPART {
      WakeStep(parts, s, now, i);
      WakeLeavesReady(parts, Looked(parts, s, now, i), now, i + 1, q);
    }
  }

  // ---- sleeping -----------------------------------------------------------------------------------------------------------------

  /** The timer is never set later than the time at which some sleeper wants to wake. */
  lemma The_timer_ticks_in_time_for_every_sleeper(parts: seq<Part>, s: Sched, q: u32)
    requires Good(parts, s) && q < NPART && s.tasks[q].run == Kinds.Sleeping
    ensures Timer(s) <= s.tasks[q].wake
  {
    reveal AlarmSet();
  }
  /** After a tick nobody sleeps on whose time has come. */
  lemma A_tick_wakes_every_sleeper_whose_time_has_come(parts: seq<Part>, s: Sched, now: u64, q: u32)
    requires Good(parts, s) && q < NPART && Wake(s, parts, now).tasks[q].run == Kinds.Sleeping
    ensures now < Wake(s, parts, now).tasks[q].wake
  {
    reveal AlarmSet();
    if now >= s.nextWake {
      WakeBegins(parts, s);
      WakesAll(parts, s.(nextWake := TIMEMAX), now, 0, q);
    }
  }
  lemma WakesAll(parts: seq<Part>, s: Sched, now: u64, i: u32, q: u32)
    requires i <= NPART && Awake(parts, s, i) && q < NPART
    requires q < i ==> s.tasks[q].run != Kinds.Sleeping || now < s.tasks[q].wake
    ensures var t := WakeFrom(s, parts, now, i).tasks[q]; t.run != Kinds.Sleeping || now < t.wake
    decreases NPART - i
  {
    if i < NPART {
      WakeStep(parts, s, now, i);
      WakesAll(parts, Looked(parts, s, now, i), now, i + 1, q);
    }
  }

  // ---- the claims are about something -------------------------------------------------------------------------------------------

  lemma Two(s: Sched, p: u32, deadline: u64)
    requires Shape(s) && |s.ready| == 1 && p < NPART && p != s.ready[0] && deadline < s.tasks[s.ready[0]].deadline
    ensures Entered(s, p, deadline).ready == [p, s.ready[0]]
  {
    EnteredIs(s, p, deadline);
    var tasks := s.tasks[p as int := Task(Kinds.Ready, s.tasks[p].left, deadline, 0)];
    assert |s.ready[..0]| == 0;
    assert InsertByDeadline(tasks, s.ready[..0], p) == [p];
  }
  /** Two started partitions can be ready, one after the other by deadline, and the earlier one then runs: an example. */
  lemma Two_partitions_take_turns()
    ensures var parts := NoParts[1 := Part(1, Kinds.Started, 10, 500)][2 := Part(1, Kinds.Started, 10, 100)];
            var one := MakeReady(EmptySched, 1, 500, 0);
            var two := MakeReady(one, 2, 100, 0);
            Good(parts, two) && two.ready == [2, 1] && Dispatch(two, parts, 0).cur == 2 && YieldCurrent(Dispatch(two, parts, 0), parts, 450).cur == 1
  {
    var parts := NoParts[1 := Part(1, Kinds.Started, 10, 500)][2 := Part(1, Kinds.Started, 10, 100)];
    assert Good(parts, EmptySched) by { InitialOk(); reveal OnlyStartedRun(); }
    var one := MakeReady(EmptySched, 1, 500, 0);
    EnterKeeps(parts, EmptySched, 1, 500);
    assert one.ready == [1];
    EnterKeeps(parts, one, 2, 100);
    var two := MakeReady(one, 2, 100, 0);
    assert one.tasks[1].deadline == 500;
    Two(one, 2, 100);
    var run := Dispatch(two, parts, 0);
    assert run.ready == [1];
  }
  /** A queue out of order, and a queue that holds a stopped partition, violate the invariant. */
  lemma A_schedule_can_be_wrong()
    ensures var tasks := EmptySched.tasks[1 := Task(Kinds.Ready, 0, 500, 0)][2 := Task(Kinds.Ready, 0, 100, 0)];
            !SchedOk(EmptySched.(tasks := tasks, ready := [1, 2])) && !SchedOk(EmptySched.(ready := [1]))
  {
    reveal Sorted(), Placed();
    var tasks := EmptySched.tasks[1 := Task(Kinds.Ready, 0, 500, 0)][2 := Task(Kinds.Ready, 0, 100, 0)];
    var s := EmptySched.(tasks := tasks, ready := [1, 2]);
    assert s.tasks[s.ready[0]].deadline > s.tasks[s.ready[1]].deadline;
    var t := EmptySched.(ready := [1]);
    assert t.ready[0] in t.ready;
    assert !(Shape(t) && InPlace(t, 1));
  }
}
