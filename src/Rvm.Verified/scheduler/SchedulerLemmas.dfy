include "../../../spec/Scheduler.dfy"

/** What the scheduler's two arrays hold, as facts about sequences.

    tab, word 8p + i:   0 gen   1 life   2 slice   3 rel   4 run   5 left   6 deadline   7 wake
    queue:              ready[k] is at (first + k) % 128 */
module {:compile false} SchedulerLemmas {
  import opened Types
  import opened Limits
  import opened State
  import S = Scheduler
  import Kinds

  // ---- work ---------------------------------------------------------------------------------------------------------------------

  /** Most steps of work to fill the queue, from empty, with n partitions one by one: the next costs at most one more than those that are there. */
  opaque ghost function Filling(n: nat): nat { n * (n + 1) / 2 }
  lemma OneMore(n: nat)
    ensures Filling(n + 1) == Filling(n) + n + 1
  {
    reveal Filling();
    assert (n + 1) * (n + 2) == n * (n + 1) + 2 * (n + 1);
  }
  lemma Grows(m: nat, n: nat)
    requires m <= n
    ensures Filling(m) <= Filling(n)
  {
    if m < n {
      Grows(m, n - 1);
      OneMore(n - 1);
    }
  }

  // ---- the table ----------------------------------------------------------------------------------------------------------------

  ghost predicate RowOk(tab: seq<u64>, p: u32, x: Part, t: Task)
    requires |tab| == 1024 && p < NPART
  {
    var b := p as int * 8;
    && tab[b] == x.gen as u64 && tab[b + 1] == x.life as u64 && tab[b + 2] == x.slice && tab[b + 3] == x.rel
    && tab[b + 4] == t.run as u64 && tab[b + 5] == t.left && tab[b + 6] == t.deadline && tab[b + 7] == t.wake
  }
  opaque ghost predicate TabOk(tab: seq<u64>, parts: seq<Part>, tasks: seq<Task>)
    requires |tab| == 1024 && |parts| == |tasks| == NPART as int
  {
    forall p: u32 {:trigger parts[p]} {:trigger tasks[p]} :: p < NPART ==> RowOk(tab, p, parts[p], tasks[p])
  }
  lemma Row(tab: seq<u64>, parts: seq<Part>, tasks: seq<Task>, p: u32)
    requires |tab| == 1024 && |parts| == |tasks| == NPART as int && p < NPART && TabOk(tab, parts, tasks)
    ensures RowOk(tab, p, parts[p], tasks[p])
  {
    reveal TabOk();
  }
  lemma SetRow(tab: seq<u64>, tab': seq<u64>, parts: seq<Part>, tasks: seq<Task>, p: u32, x: Part, t: Task)
    requires |tab| == |tab'| == 1024 && |parts| == |tasks| == NPART as int && p < NPART && TabOk(tab, parts, tasks)
    requires forall i: int :: 0 <= i < 1024 && !(p as int * 8 <= i < p as int * 8 + 8) ==> tab'[i] == tab[i]
    requires RowOk(tab', p, x, t)
    ensures TabOk(tab', parts[p as int := x], tasks[p as int := t])
  {
    reveal TabOk();
    var parts', tasks' := parts[p as int := x], tasks[p as int := t];
    forall q: u32 | q < NPART ensures RowOk(tab', q, parts'[q], tasks'[q]) {
      if q != p {
        assert RowOk(tab, q, parts[q], tasks[q]);
        assert q as int * 8 + 8 <= p as int * 8 || p as int * 8 + 8 <= q as int * 8;
      }
    }
  }
  lemma SetTask(tab: seq<u64>, tab': seq<u64>, parts: seq<Part>, tasks: seq<Task>, p: u32, t: Task)
    requires |tab| == |tab'| == 1024 && |parts| == |tasks| == NPART as int && p < NPART && TabOk(tab, parts, tasks)
    requires forall i: int :: 0 <= i < 1024 && !(p as int * 8 <= i < p as int * 8 + 8) ==> tab'[i] == tab[i]
    requires RowOk(tab', p, parts[p], t)
    ensures TabOk(tab', parts, tasks[p as int := t])
  {
    SetRow(tab, tab', parts, tasks, p, parts[p], t);
    assert parts[p as int := parts[p]] == parts;
  }

  /** The table with partition p ready, and with partition p running. */
  ghost function Readied(tab: seq<u64>, p: u32, deadline: u64): seq<u64>
    requires |tab| == 1024 && p < NPART
  {
    tab[p as int * 8 + 4 := Kinds.Ready as u64][p as int * 8 + 6 := deadline][p as int * 8 + 7 := 0]
  }
  ghost function Given(tab: seq<u64>, p: u32): seq<u64>
    requires |tab| == 1024 && p < NPART
  {
    tab[p as int * 8 + 4 := Kinds.Running as u64]
  }
  lemma ReadiedOk(tab: seq<u64>, parts: seq<Part>, tasks: seq<Task>, p: u32, deadline: u64)
    requires |tab| == 1024 && |parts| == |tasks| == NPART as int && p < NPART && TabOk(tab, parts, tasks)
    ensures TabOk(Readied(tab, p, deadline), parts, tasks[p as int := Task(Kinds.Ready, tasks[p].left, deadline, 0)])
  {
    Row(tab, parts, tasks, p);
    SetTask(tab, Readied(tab, p, deadline), parts, tasks, p, Task(Kinds.Ready, tasks[p].left, deadline, 0));
  }
  lemma GivenOk(tab: seq<u64>, parts: seq<Part>, tasks: seq<Task>, p: u32)
    requires |tab| == 1024 && |parts| == |tasks| == NPART as int && p < NPART && TabOk(tab, parts, tasks)
    ensures TabOk(Given(tab, p), parts, tasks[p as int := tasks[p].(run := Kinds.Running)])
  {
    Row(tab, parts, tasks, p);
    SetTask(tab, Given(tab, p), parts, tasks, p, tasks[p].(run := Kinds.Running));
  }

  // ---- the circular queue -------------------------------------------------------------------------------------------------------

  ghost function Slot(first: u32, k: int): int
    requires first < NPART && 0 <= k < 128
    ensures 0 <= Slot(first, k) < 128
  {
    if first as int + k < 128 then first as int + k else first as int + k - 128
  }
  lemma SlotAt(first: u32, k: u32)
    requires first < NPART && k < NPART
    ensures ((first + k) % NPART) as int == Slot(first, k as int)
  {}
  lemma SlotBefore(first: u32, at: u32, k: u32)
    requires first < NPART && 0 < k < NPART && at as int == Slot(first, k as int)
    ensures ((at + 127) % NPART) as int == Slot(first, k as int - 1)
  {}
  opaque ghost predicate QueueOk(queue: seq<u32>, first: u32, ready: seq<u32>)
    requires |queue| == 128 && first < NPART
  {
    |ready| <= 128 && forall k: int {:trigger ready[k]} :: 0 <= k < |ready| ==> queue[Slot(first, k)] == ready[k]
  }
  /** The queue holds ready, with a gap before element k. */
  opaque ghost predicate Gap(queue: seq<u32>, first: u32, ready: seq<u32>, k: int)
    requires |queue| == 128 && first < NPART
  {
    && |ready| < 128 && 0 <= k <= |ready|
    && (forall j: int {:trigger ready[j]} :: 0 <= j < k ==> queue[Slot(first, j)] == ready[j])
    && (forall j: int {:trigger ready[j]} :: k <= j < |ready| ==> queue[Slot(first, j + 1)] == ready[j])
  }
  lemma QueueAt(queue: seq<u32>, first: u32, ready: seq<u32>, k: int)
    requires |queue| == 128 && first < NPART && 0 <= k < |ready| && QueueOk(queue, first, ready)
    ensures |ready| <= 128 && queue[Slot(first, k)] == ready[k]
  {
    reveal QueueOk();
  }
  lemma QueueTail(queue: seq<u32>, first: u32, ready: seq<u32>)
    requires |queue| == 128 && first < NPART && 0 < |ready| && QueueOk(queue, first, ready)
    ensures QueueOk(queue, (first + 1) % NPART, ready[1..])
  {
    reveal QueueOk();
    forall k: int | 0 <= k < |ready| - 1 ensures queue[Slot((first + 1) % NPART, k)] == ready[1..][k] {
      assert queue[Slot(first, k + 1)] == ready[k + 1];
    }
  }
  lemma GapAtEnd(queue: seq<u32>, first: u32, ready: seq<u32>)
    requires |queue| == 128 && first < NPART && |ready| < 128
    ensures QueueOk(queue, first, ready) <==> Gap(queue, first, ready, |ready|)
  {
    reveal QueueOk(), Gap();
  }
  lemma GapAt(queue: seq<u32>, first: u32, ready: seq<u32>, k: int)
    requires |queue| == 128 && first < NPART && Gap(queue, first, ready, k)
    ensures |ready| < 128 && 0 <= k <= |ready|
    ensures 0 < k ==> queue[Slot(first, k - 1)] == ready[k - 1]
    ensures k < |ready| ==> queue[Slot(first, k + 1)] == ready[k]
  {
    reveal Gap();
  }
  lemma GapDown(queue: seq<u32>, first: u32, ready: seq<u32>, k: int)
    requires |queue| == 128 && first < NPART && 0 < k <= |ready| < 128 && Gap(queue, first, ready, k)
    ensures Gap(queue[Slot(first, k) := queue[Slot(first, k - 1)]], first, ready, k - 1)
  {
    reveal Gap();
  }
  lemma GapUp(queue: seq<u32>, first: u32, ready: seq<u32>, k: int)
    requires |queue| == 128 && first < NPART && 0 <= k < |ready| < 128 && Gap(queue, first, ready, k)
    ensures Gap(queue[Slot(first, k) := queue[Slot(first, k + 1)]], first, ready, k + 1)
  {
    reveal Gap();
  }
  lemma FillGap(queue: seq<u32>, first: u32, ready: seq<u32>, k: int, p: u32)
    requires |queue| == 128 && first < NPART && 0 <= k <= |ready| < 128 && Gap(queue, first, ready, k)
    ensures QueueOk(queue[Slot(first, k) := p], first, ready[..k] + [p] + ready[k..])
  {
    reveal Gap(), QueueOk();
    var queue', ready' := queue[Slot(first, k) := p], ready[..k] + [p] + ready[k..];
    forall j: int | 0 <= j < |ready'| ensures queue'[Slot(first, j)] == ready'[j] {
      if j < k { assert ready'[j] == ready[j]; }
      if j > k { assert ready'[j] == ready[j - 1]; }
    }
  }
  lemma MakeGap(queue: seq<u32>, first: u32, ready: seq<u32>, k: int)
    requires |queue| == 128 && first < NPART && 0 <= k < |ready| && QueueOk(queue, first, ready)
    ensures Gap(queue, first, ready[..k] + ready[k + 1..], k)
  {
    reveal Gap(), QueueOk();
    var ready' := ready[..k] + ready[k + 1..];
    forall j: int | 0 <= j < k ensures queue[Slot(first, j)] == ready'[j] { assert ready'[j] == ready[j]; }
    forall j: int | k <= j < |ready'| ensures queue[Slot(first, j + 1)] == ready'[j] { assert ready'[j] == ready[j + 1]; }
  }

  lemma QueueAppend(queue: seq<u32>, first: u32, ready: seq<u32>, p: u32)
    requires |queue| == 128 && first < NPART && |ready| < 128 && QueueOk(queue, first, ready)
    ensures QueueOk(queue[Slot(first, |ready|) := p], first, ready + [p])
  {
    reveal QueueOk();
  }

  // ---- insertion and removal ----------------------------------------------------------------------------------------------------

  /** The place of insertion, found from the tail. */
  lemma InsertStep(tasks: seq<Task>, ready: seq<u32>, k: int, p: u32)
    requires |tasks| == NPART as int && p < NPART && S.InRange(ready) && 0 < k <= |ready|
    requires tasks[ready[k - 1]].deadline > tasks[p].deadline
    ensures S.InRange(ready[..k]) && S.InRange(ready[..k - 1])
    ensures S.InsertByDeadline(tasks, ready[..k], p) + ready[k..] == S.InsertByDeadline(tasks, ready[..k - 1], p) + ready[k - 1..]
  {
    assert ready[..k][..k - 1] == ready[..k - 1];
    assert ready[k - 1..] == [ready[k - 1]] + ready[k..];
  }
  lemma InsertHere(tasks: seq<Task>, ready: seq<u32>, k: int, p: u32)
    requires |tasks| == NPART as int && p < NPART && S.InRange(ready) && 0 <= k <= |ready|
    requires 0 < k ==> tasks[ready[k - 1]].deadline <= tasks[p].deadline
    ensures S.InRange(ready[..k]) && S.InsertByDeadline(tasks, ready[..k], p) == ready[..k] + [p]
  {}
  /** Where p is. */
  ghost function Find(ready: seq<u32>, p: u32): (k: int)
    requires p in ready
    ensures 0 <= k < |ready| && ready[k] == p && p !in ready[..k]
  {
    if ready[0] == p then 0 else 1 + Find(ready[1..], p)
  }
  lemma RemoveAbsent(ready: seq<u32>, p: u32)
    requires p !in ready
    ensures S.Remove(ready, p) == ready
  {}
  lemma RemoveAt(ready: seq<u32>, k: int, p: u32)
    requires S.Distinct(ready) && 0 <= k < |ready| && ready[k] == p
    ensures S.Remove(ready, p) == ready[..k] + ready[k + 1..]
    decreases k
  {
    if k == 0 {
      RemoveAbsent(ready[1..], p);
    } else {
      RemoveAt(ready[1..], k - 1, p);
      assert ready[1..][..k - 1] == ready[1..k];
    }
  }
}
