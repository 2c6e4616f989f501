include "SchedulerLemmas.dfy"
include "../../../proofs/invariant/SchedulerOk.dfy"
include "../platform/Heap.dfy"

/** Partition slots and the deadline scheduler: one table and one circular queue. Their layout is in SchedulerLemmas.dfy. */
module Schedulers {
  import opened Types
  import opened Limits
  import Kinds
  import Heap
  import State
  import S = Scheduler
  import L = SchedulerLemmas
  import K = SchedulerOk

  opaque ghost predicate NoAlias(a: object, b: object) { a != b }

  // Most steps of work (spec/Cost.dfy). At most 127 partitions are in the queue. Entering is also charged to the queue's growth (L.Filling): what
  // wakes many at once costs less than as many times the longest way through the queue.
  ghost const FREE_PART_WORK: nat := NPART as nat
  ghost const INSERT_WORK: nat := NPART as nat
  ghost const EXTRACT_WORK: nat := NPART as nat
  ghost const ENTER_WORK: nat := 1 + INSERT_WORK
  ghost const ENTER_THEN_TAKE_WORK: nat := 1 + ENTER_WORK
  ghost const REPLACE_WORK: nat := 1 + ENTER_THEN_TAKE_WORK
  ghost const MAKE_READY_WORK: nat := 1 + ENTER_WORK
  ghost const NOTIFY_WORK: nat := 1 + MAKE_READY_WORK
  ghost const REQUEUE_WORK: nat := 1 + ENTER_WORK
  ghost const YIELD_WORK: nat := 1 + REPLACE_WORK
  ghost const STOP_WORK: nat := 1 + EXTRACT_WORK
  ghost const WAKE_WORK: nat := 1 + 3 * NPART as nat + L.Filling(NPART as nat - 1)

  class Scheduler {
    const tab: array<u64>
    const queue: array<u32>
    var first: u32
    var count: u32
    var cur: u32
    var sliceEnd: u64
    var nextWake: u64
    ghost var parts: seq<State.Part>
    ghost var s: State.Sched

    ghost function Repr(): set<object> { {this, tab, queue} }
    ghost function Parts(): seq<State.Part> reads this { parts }
    ghost function Abs(): State.Sched reads this { s }

    /** The arrays hold what the ghost fields say. */
    ghost predicate Stored()
      reads this, tab, queue
    {
      && tab.Length == 1024 && queue.Length == 128 && NoAlias(tab, queue)
      && |parts| == NPART as int && S.Shape(s)
      && first < NPART && count as int == |s.ready| && cur == s.cur && sliceEnd == s.sliceEnd && nextWake == s.nextWake
      && L.TabOk(tab[..], parts, s.tasks) && L.QueueOk(queue[..], first, s.ready)
    }
    ghost predicate Valid()
      reads this, tab, queue
    {
      Stored() && S.SchedOk(s) && S.OnlyStartedRun(parts, s)
    }

    constructor ()
      ensures Valid() && fresh(this) && fresh(tab) && fresh(queue) && fresh(Repr())
      ensures Parts() == S.NoParts && Abs() == S.EmptySched
    {
      var a := Heap.NewU64(1024);
      var b := Heap.NewU32(128);
      tab, queue := a, b;
      first, count, cur, sliceEnd, nextWake := 0, 0, 0, TIMEMAX, TIMEMAX;
      parts, s := S.NoParts, S.EmptySched;
      new;
      reveal NoAlias(), L.TabOk(), L.QueueOk();
      K.InitialOk();
    }

    // ---- reading ----------------------------------------------------------------------------------------------------------------

    /** What the invariant says of partition p. */
    lemma Facts(p: u32)
      requires Valid() && p < NPART
      ensures S.InPlace(Abs(), p) && Abs().tasks[0].run == Kinds.Stopped
      ensures Abs().tasks[p].run != Kinds.Stopped ==> Parts()[p].life == Kinds.Started
    {
      reveal S.Placed(), S.OnlyStartedRun();
      assert S.InPlace(s, p);
    }
    function Gen(p: u32): (gen: u32)
      requires Valid() && p < NPART
      reads this, tab, queue
      ensures gen == Parts()[p].gen
    {
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8] as u32
    }
    function Life(p: u32): (life: u32)
      requires Valid() && p < NPART
      reads this, tab, queue
      ensures life == Parts()[p].life
    {
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 1] as u32
    }
    function Slice(p: u32): (slice: u64)
      requires Valid() && p < NPART
      reads this, tab, queue
      ensures slice == Parts()[p].slice
    {
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 2]
    }
    function Rel(p: u32): (rel: u64)
      requires Valid() && p < NPART
      reads this, tab, queue
      ensures rel == Parts()[p].rel
    {
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 3]
    }
    function Run(p: u32): (run: u32)
      requires Valid() && p < NPART
      reads this, tab, queue
      ensures run == Abs().tasks[p].run <= Kinds.Waiting
    {
      L.Row(tab[..], parts, s.tasks, p);
      Facts(p);
      tab[p * 8 + 4] as u32
    }
    function Left(p: u32): (left: u64)
      requires Valid() && p < NPART
      reads this, tab, queue
      ensures left == Abs().tasks[p].left
    {
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 5]
    }
    function Deadline(p: u32): (deadline: u64)
      requires Valid() && p < NPART
      reads this, tab, queue
      ensures deadline == Abs().tasks[p].deadline
    {
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 6]
    }
    /** A time for a sleeper, an edge for a partition that waits. */
    function WakeOf(p: u32): (wake: u64)
      requires Valid() && p < NPART
      reads this, tab, queue
      ensures wake == Abs().tasks[p].wake && (Abs().tasks[p].run == Kinds.Waiting ==> wake < NEDGE as u64)
    {
      L.Row(tab[..], parts, s.tasks, p);
      Facts(p);
      tab[p * 8 + 7]
    }
    function HeadDeadline(): (deadline: u64)
      requires Valid()
      reads this, tab, queue
      ensures deadline == S.HeadDeadline(Abs())
    {
      if count == 0 then TIMEMAX
      else
        L.QueueAt(queue[..], first, s.ready, 0);
        L.Row(tab[..], parts, s.tasks, s.ready[0]);
        tab[queue[first] * 8 + 6]
    }
    function Timer(): (time: u64)
      requires Valid()
      reads this, tab, queue
      ensures time == S.Timer(Abs())
    {
      if sliceEnd < nextWake then sliceEnd else nextWake
    }
    /** The first slot for a new partition, NPART if there is none; 0 is the hypervisor's. */
    method FreePart() returns (p: u32, ghost work: nat)
      requires Valid()
      ensures p == S.FreeFrom(Parts(), 1) && 0 < p <= NPART
      ensures work <= FREE_PART_WORK
    {
      work := 1;
      p := 1;
      while p < NPART && (Life(p) != Kinds.Free || Gen(p) >= GENMAX)
        invariant 0 < p <= NPART && work == p as int
        invariant S.FreeFrom(parts, 1) == S.FreeFrom(parts, p)
      {
        work := work + 1;
        p := p + 1;
      }
    }

    // ---- the queue --------------------------------------------------------------------------------------------------------------

    static function Later(a: u64, b: u64): (c: u64)
      ensures c == S.Later(a, b)
    {
      if a <= TIMEMAX - b then a + b else TIMEMAX
    }
    /** p enters the ready queue behind everything that is due no later. */
    method Insert(p: u32, deadline: u64) returns (ghost work: nat)
      requires Stored() && p < NPART && |s.ready| < 128 && s.tasks[p].deadline == deadline
      modifies this`count, this`s, queue
      ensures Stored() && s == old(s).(ready := S.InsertByDeadline(old(s).tasks, old(s).ready, p))
      ensures work <= INSERT_WORK && work + L.Filling(|old(s).ready|) <= L.Filling(|s.ready|)
    {
      hide INSERT_WORK, L.Slot;
      work := 1;
      reveal NoAlias();
      ghost var ready, tasks := s.ready, s.tasks;
      var k := count;
      var at := (first + k) % NPART;
      L.SlotAt(first, k);
      L.GapAtEnd(queue[..], first, ready);
      assert ready[..k] == ready;
      while k > 0
        modifies queue
        invariant k <= count && at as int == L.Slot(first, k as int)
        invariant work + k as int == 1 + |ready|
        invariant L.Gap(queue[..], first, ready, k as int)
        invariant S.InsertByDeadline(tasks, ready, p) == S.InsertByDeadline(tasks, ready[..k], p) + ready[k..]
      {
        work := work + 1;
        L.GapAt(queue[..], first, ready, k as int);
        var before := (at + 127) % NPART;
        L.SlotBefore(first, at, k);
        var q := queue[before];
        L.Row(tab[..], parts, tasks, q);
        if tab[q * 8 + 6] <= deadline { break; }
        L.GapDown(queue[..], first, ready, k as int);
        L.InsertStep(tasks, ready, k as int, p);
        queue[at] := q;
        at := before;
        k := k - 1;
      }
      L.FillGap(queue[..], first, ready, k as int, p);
      L.InsertHere(tasks, ready, k as int, p);
      queue[at] := p;
      count := count + 1;
      s := s.(ready := ready[..k] + [p] + ready[k..]);
      assert work <= INSERT_WORK && work + L.Filling(|ready|) <= L.Filling(|s.ready|) by {
        reveal INSERT_WORK;
        L.OneMore(|ready|);
      }
    }
    /** p leaves the ready queue. */
    method Extract(p: u32) returns (ghost work: nat)
      requires Stored() && p < NPART && p in s.ready && S.Distinct(s.ready)
      modifies this`count, this`s, queue
      ensures Stored() && s == old(s).(ready := S.Remove(old(s).ready, p))
      ensures work <= EXTRACT_WORK
    {
      work := 1;
      reveal NoAlias();
      ghost var ready := s.ready;
      ghost var place := L.Find(ready, p);
      L.QueueAt(queue[..], first, ready, place);
      var k := 0;
      var at := first;
      while queue[at] != p
        invariant k as int <= place && at as int == L.Slot(first, k as int) && work == 1 + k as int
        decreases place - k as int
      {
        work := work + 1;
        k := k + 1;
        at := (at + 1) % NPART;
      }
      L.QueueAt(queue[..], first, ready, k as int);
      assert k as int == place;
      L.RemoveAt(ready, place, p);
      L.MakeGap(queue[..], first, ready, place);
      s := s.(ready := S.Remove(ready, p));
      count := count - 1;
      while k < count
        modifies queue
        invariant k <= count && at as int == L.Slot(first, k as int) && work == 1 + k as int
        invariant L.Gap(queue[..], first, s.ready, k as int)
      {
        work := work + 1;
        L.GapAt(queue[..], first, s.ready, k as int);
        L.GapUp(queue[..], first, s.ready, k as int);
        var after := (at + 1) % NPART;
        queue[at] := queue[after];
        at := after;
        k := k + 1;
      }
      L.GapAtEnd(queue[..], first, s.ready);
    }
    /** p is ready with this deadline. */
    method Enter(p: u32, deadline: u64) returns (ghost work: nat)
      requires Stored() && p < NPART && |s.ready| < 128
      modifies this`count, this`s, tab, queue
      ensures Stored() && s == K.Entered(old(s), p, deadline)
      ensures work <= ENTER_WORK && work + L.Filling(|old(s).ready|) <= 1 + L.Filling(|s.ready|)
    {
      work := 1;
      reveal NoAlias();
      ghost var t := State.Task(Kinds.Ready, s.tasks[p].left, deadline, 0);
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 4] := Kinds.Ready as u64;
      tab[p * 8 + 6] := deadline;
      tab[p * 8 + 7] := 0;
      L.SetTask(old(tab[..]), tab[..], parts, s.tasks, p, t);
      K.EnteredIs(s, p, deadline);
      s := s.(tasks := s.tasks[p as int := t]);
      ghost var w := Insert(p, deadline);
      work := work + w;
    }
    /** The head of the queue gets the processor; with an empty queue nobody. */
    method Take(now: u64)
      requires Stored()
      modifies this`first, this`count, this`cur, this`sliceEnd, this`s, tab
      ensures Stored() && s == S.Dispatch(old(s), parts, now)
    {
      reveal NoAlias();
      ghost var s0 := s;
      if count == 0 {
        cur := 0;
        sliceEnd := TIMEMAX;
        s := S.Dispatch(s0, parts, now);
      } else {
        var p := queue[first];
        L.QueueAt(queue[..], first, s.ready, 0);
        L.QueueTail(queue[..], first, s.ready);
        L.Row(tab[..], parts, s.tasks, p);
        var slice := tab[p * 8 + 2];
        tab[p * 8 + 4] := Kinds.Running as u64;
        L.SetTask(old(tab[..]), tab[..], parts, s.tasks, p, s.tasks[p].(run := Kinds.Running));
        first := (first + 1) % NPART;
        count := count - 1;
        cur := p;
        sliceEnd := Later(now, slice);
        s := S.Dispatch(s0, parts, now);
      }
    }

    method EnterThenTake(p: u32, deadline: u64, now: u64) returns (ghost work: nat)
      requires Stored() && p < NPART && |s.ready| < 128
      modifies this`first, this`count, this`cur, this`sliceEnd, this`s, tab, queue
      ensures Stored() && s == S.Dispatch(K.Entered(old(s), p, deadline), parts, now)
      ensures work <= ENTER_THEN_TAKE_WORK
    {
      work := 1;
      ghost var w := Enter(p, deadline);
      work := work + w;
      Take(now);
    }
    /** p gives the processor to the head of the queue; one that is due last of all moves nobody in the queue. */
    method Replace(p: u32, deadline: u64, now: u64) returns (ghost work: nat)
      requires Stored() && p < NPART && |s.ready| < 128
      modifies this`first, this`count, this`cur, this`sliceEnd, this`s, tab, queue
      ensures Stored() && s == S.Dispatch(K.Entered(old(s), p, deadline), parts, now)
      ensures work <= REPLACE_WORK
    {
      hide REPLACE_WORK, ENTER_THEN_TAKE_WORK;
      work := 1;
      assert 1 + ENTER_THEN_TAKE_WORK == REPLACE_WORK by { reveal REPLACE_WORK; }
      reveal NoAlias();
      var k := count;
      var at := (first + k) % NPART;
      ghost var s0, tab0, queue0 := s, tab[..], queue[..];
      var late := false;
      if k > 0 {
        L.QueueAt(queue0, first, s.ready, k as int - 1);
        var last := queue[(at + 127) % NPART];
        L.Row(tab0, parts, s.tasks, last);
        late := tab[last * 8 + 6] <= deadline;
      }
      if !late {
        ghost var w := EnterThenTake(p, deadline, now);
        work := work + w;
        return;
      }

      opaque
        modifies this`s, tab, queue
        ensures |parts| == NPART as int && s == K.Entered(s0, p, deadline) && |s.ready| == k as int + 1
        ensures L.TabOk(tab[..], parts, s.tasks) && L.QueueOk(queue[..], first, s.ready)
      {
        K.EnteredLast(s, p, deadline);
        L.ReadiedOk(tab0, parts, s.tasks, p, deadline);
        L.QueueAppend(queue0, first, s.ready, p);
        tab[p * 8 + 4] := Kinds.Ready as u64;
        tab[p * 8 + 6] := deadline;
        tab[p * 8 + 7] := 0;
        assert tab[..] == L.Readied(tab0, p, deadline);
        queue[at] := p;
        s := s.(tasks := s.tasks[p as int := State.Task(Kinds.Ready, s.tasks[p].left, deadline, 0)], ready := s.ready + [p]);
      }
      ghost var s1, tab1 := s, tab[..];
      var q := queue[first];
      L.QueueAt(queue[..], first, s1.ready, 0);
      L.QueueTail(queue[..], first, s1.ready);
      L.Row(tab1, parts, s1.tasks, q);
      L.GivenOk(tab1, parts, s1.tasks, q);
      var slice := tab[q * 8 + 2];
      tab[q * 8 + 4] := Kinds.Running as u64;
      assert tab[..] == L.Given(tab1, q);
      first := (first + 1) % NPART;
      cur := q;
      sliceEnd := Later(now, slice);
      s := S.Dispatch(s1, parts, now);
    }

    // ---- scheduling -------------------------------------------------------------------------------------------------------------

    /** p becomes ready; its deadline is its relative deadline from now. */
    method MakeReady(p: u32, now: u64) returns (ghost work: nat)
      requires Valid() && 0 < p < NPART && p != Abs().cur && Abs().tasks[p].run != Kinds.Ready && Parts()[p].life == Kinds.Started
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.MakeReady(old(Abs()), p, Parts()[p].rel, now)
      ensures work <= MAKE_READY_WORK && work + L.Filling(|old(Abs()).ready|) <= 2 + L.Filling(|Abs().ready|)
    {
      work := 1;
      K.FewReady(s);
      K.EnterKeeps(parts, s, p, S.Later(now, parts[p].rel));
      ghost var w := Enter(p, Later(now, Rel(p)));
      work := work + w;
    }
    /** A partition that waits becomes ready. */
    method Notify(p: u32, now: u64) returns (ghost work: nat)
      requires Valid() && p < NPART && Abs().tasks[p].run == Kinds.Waiting
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.MakeReady(old(Abs()), p, Parts()[p].rel, now)
      ensures work <= NOTIFY_WORK && work + L.Filling(|old(Abs()).ready|) <= 3 + L.Filling(|Abs().ready|)
    {
      work := 1;
      Facts(p);
      ghost var w := MakeReady(p, now);
      work := work + w;
    }
    /** p becomes ready with the deadline it has. */
    method Requeue(p: u32) returns (ghost work: nat)
      requires Valid() && 0 < p < NPART && p != Abs().cur && Abs().tasks[p].run != Kinds.Ready && Parts()[p].life == Kinds.Started
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.Requeue(old(Abs()), p)
      ensures work <= REQUEUE_WORK
    {
      work := 1;
      K.FewReady(s);
      K.EnterKeeps(parts, s, p, s.tasks[p].deadline);
      K.SameDeadline(s, p);
      ghost var w := Enter(p, Deadline(p));
      work := work + w;
    }
    /** The earliest ready partition gets the idle processor. */
    method Dispatch(now: u64)
      requires Valid() && Abs().cur == 0
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.Dispatch(old(Abs()), Parts(), now)
    {
      K.DispatchKeeps(parts, s, now);
      Take(now);
    }
    /** The running partition is ready again, due later; the earliest runs. */
    method YieldCurrent(now: u64) returns (ghost work: nat)
      requires Valid() && Abs().cur != 0
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.YieldCurrent(old(Abs()), Parts(), now)
      ensures work <= YIELD_WORK
    {
      work := 1;
      K.FewReady(s);
      K.ReplaceKeeps(parts, s, S.Later(now, parts[s.cur].rel), now);
      ghost var w := Replace(cur, Later(now, Rel(cur)), now);
      work := work + w;
    }
    /** The running partition is ready again, due as before; the earliest runs. */
    method PreemptCurrent(now: u64) returns (ghost work: nat)
      requires Valid() && Abs().cur != 0
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.PreemptCurrent(old(Abs()), Parts(), now)
      ensures work <= YIELD_WORK
    {
      work := 1;
      K.FewReady(s);
      K.ReplaceKeeps(parts, s, s.tasks[s.cur].deadline, now);
      K.SameDeadline(s.(cur := 0), s.cur);
      ghost var w := Replace(cur, Deadline(cur), now);
      work := work + w;
    }
    /** The running partition sleeps until wake or waits on edge wake; the earliest runs. */
    method BlockCurrent(run: u32, wake: u64, now: u64)
      requires Valid() && Abs().cur != 0
      requires run == Kinds.Sleeping || run == Kinds.Stopped || (run == Kinds.Waiting && wake < NEDGE as u64)
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.BlockCurrent(old(Abs()), Parts(), run, wake, now)
    {
      reveal NoAlias();
      K.BlockKeeps(parts, s, run, wake);
      K.DispatchKeeps(parts, S.Block(s, run, wake), now);
      L.Row(tab[..], parts, s.tasks, cur);
      tab[cur * 8 + 4] := run as u64;
      tab[cur * 8 + 7] := wake;
      L.SetTask(old(tab[..]), tab[..], parts, s.tasks, cur, s.tasks[cur].(run := run, wake := wake));
      if run == Kinds.Sleeping && wake < nextWake { nextWake := wake; }
      s := S.Block(s, run, wake);
      cur := 0;
      Take(now);
    }
    /** p runs no more, whatever it was doing. If it was running, nobody runs until the next dispatch. */
    method StopTask(p: u32) returns (ghost work: nat)
      requires Valid() && 0 < p < NPART
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.Stop(old(Abs()), p)
      ensures work <= STOP_WORK
    {
      work := 1;
      reveal NoAlias();
      Facts(p);
      K.StopKeeps(parts, s, p);
      ghost var s0 := s;
      if Run(p) == Kinds.Ready {
        reveal S.Placed();
        ghost var w := Extract(p);
        work := work + w;
      } else {
        L.RemoveAbsent(s.ready, p);
      }
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 4] := Kinds.Stopped as u64;
      tab[p * 8 + 6] := 0;
      tab[p * 8 + 7] := 0;
      L.SetTask(old(tab[..]), tab[..], parts, s.tasks, p, State.Task(Kinds.Stopped, s.tasks[p].left, 0, 0));
      if cur == p { cur := 0; }
      s := S.Stop(s0, p);
    }
    /** Sleepers whose time has come are ready. */
    method WakeSleepers(now: u64) returns (ghost work: nat)
      requires Valid()
      modifies this, tab, queue
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.Wake(old(Abs()), Parts(), now)
      ensures work <= WAKE_WORK
    {
      work := 1;
      if now < nextWake { return; }
      ghost var s0 := s.(nextWake := TIMEMAX);
      nextWake := TIMEMAX;
      s := s0;
      K.WakeBegins(parts, old(s));
      var i := 0;
      while i < NPART
        invariant i <= NPART && parts == old(parts)
        invariant Stored() && K.Awake(parts, s, i)
        invariant S.WakeFrom(s0, parts, now, 0) == S.WakeFrom(s, parts, now, i)
        invariant work <= 1 + 3 * i as int + L.Filling(|s.ready|)
      {
        work := work + 1;
        ghost var w := WakeOne(i, now);
        work := work + w;
        i := i + 1;
      }
      K.FewReady(s);
      L.Grows(|s.ready|, 127);
    }
    /** One step of waking. */
    method WakeOne(i: u32, now: u64) returns (ghost work: nat)
      requires Stored() && i < NPART && K.Awake(parts, s, i)
      modifies this`count, this`nextWake, this`s, tab, queue
      ensures Stored() && K.Awake(parts, s, i + 1) && S.WakeFrom(s, parts, now, i + 1) == S.WakeFrom(old(s), parts, now, i)
      ensures work + L.Filling(|old(s).ready|) <= 2 + L.Filling(|s.ready|)
    {
      work := 1;
      reveal NoAlias();
      K.FewReady(s);
      K.WakeStep(parts, s, now, i);
      L.Row(tab[..], parts, s.tasks, i);
      if tab[i * 8 + 4] == Kinds.Sleeping as u64 {
        var wake := tab[i * 8 + 7];
        if wake <= now {
          ghost var w := Enter(i, Later(now, tab[i * 8 + 3]));
          work := work + w;
        } else if wake < nextWake {
          nextWake := wake;
          s := s.(nextWake := wake);
        }
      }
    }

    // ---- partition slots --------------------------------------------------------------------------------------------------------

    /** p may use `left` full slices more; 0: any number. */
    method SetLeft(p: u32, left: u64)
      requires Valid() && p < NPART
      modifies this, tab
      ensures Valid() && Parts() == old(Parts()) && Abs() == S.SetLeft(old(Abs()), p, left)
    {
      reveal NoAlias();
      K.SetLeftKeeps(parts, s, p, left);
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 5] := left;
      L.SetTask(old(tab[..]), tab[..], parts, s.tasks, p, s.tasks[p].(left := left));
      s := S.SetLeft(s, p, left);
    }
    /** A new partition in slot p. */
    method CreatePart(p: u32, slice: u64, rel: u64, left: u64)
      requires Valid() && p < NPART && Abs().tasks[p].run == Kinds.Stopped && Parts()[p].gen < GENMAX
      modifies this, tab
      ensures Valid() && Parts() == S.CreatePart(old(Parts()), p, slice, rel) && Abs() == S.SetLeft(old(Abs()), p, left)
    {
      reveal NoAlias();
      K.SetLeftKeeps(parts, s, p, left);
      K.PartKeeps(parts, S.SetLeft(s, p, left), p, S.CreatePart(parts, p, slice, rel)[p]);
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8] := tab[p * 8] + 1;
      tab[p * 8 + 1] := Kinds.Created as u64;
      tab[p * 8 + 2] := slice;
      tab[p * 8 + 3] := rel;
      tab[p * 8 + 5] := left;
      L.SetRow(old(tab[..]), tab[..], parts, s.tasks, p, S.CreatePart(parts, p, slice, rel)[p], s.tasks[p].(left := left));
      parts, s := S.CreatePart(parts, p, slice, rel), S.SetLeft(s, p, left);
    }
    method SetLife(p: u32, life: u32)
      requires Valid() && p < NPART && (life != Kinds.Started ==> Abs().tasks[p].run == Kinds.Stopped)
      modifies this, tab
      ensures Valid() && Parts() == S.SetLife(old(Parts()), p, life) && Abs() == old(Abs())
    {
      reveal NoAlias();
      K.PartKeeps(parts, s, p, parts[p].(life := life));
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 1] := life as u64;
      L.SetRow(old(tab[..]), tab[..], parts, s.tasks, p, parts[p].(life := life), s.tasks[p]);
      assert s.tasks[p as int := s.tasks[p]] == s.tasks;
      parts := S.SetLife(parts, p, life);
    }
    /** Slot p is free again. */
    method EndPart(p: u32)
      requires Valid() && p < NPART && Abs().tasks[p].run == Kinds.Stopped
      modifies this, tab
      ensures Valid() && Parts() == S.EndPart(old(Parts()), p) && Abs() == old(Abs())
    {
      reveal NoAlias();
      K.PartKeeps(parts, s, p, S.EndPart(parts, p)[p]);
      L.Row(tab[..], parts, s.tasks, p);
      tab[p * 8 + 1] := Kinds.Free as u64;
      tab[p * 8 + 2] := 0;
      tab[p * 8 + 3] := 0;
      L.SetRow(old(tab[..]), tab[..], parts, s.tasks, p, S.EndPart(parts, p)[p], s.tasks[p]);
      assert s.tasks[p as int := s.tasks[p]] == s.tasks;
      parts := S.EndPart(parts, p);
    }
  }
}
