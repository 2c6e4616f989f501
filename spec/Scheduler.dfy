include "State.dfy"

/** The deadline scheduler: ready partitions in order of their absolute deadline; a slice of processor time each; sleepers wake at a tick. */
module Scheduler {
  import opened Types
  import opened Limits
  import opened State
  import Kinds

  predicate Tables(s: Sched) { |s.tasks| == NPART as int }
  /** Time addition that stops at the end of time. */
  function Later(a: u64, b: u64): u64 { if a <= TIMEMAX - b then a + b else TIMEMAX }

  /** `ready` with p after everything whose deadline is not later than p's. */
  function InsertByDeadline(tasks: seq<Task>, ready: seq<u32>, p: u32): seq<u32>
    requires |tasks| == NPART as int && p < NPART && InRange(ready)
    ensures InRange(InsertByDeadline(tasks, ready, p))
    decreases |ready|
  {
    if |ready| == 0 then [p]
    else
      var last := ready[|ready| - 1];
      if tasks[last].deadline <= tasks[p].deadline then ready + [p]
      else InsertByDeadline(tasks, ready[..|ready| - 1], p) + [last]
  }
  predicate InRange(ready: seq<u32>) { forall i: int :: 0 <= i < |ready| ==> ready[i] < NPART }
  /** What the functions below need in order to be defined. */
  predicate Shape(s: Sched) { Tables(s) && InRange(s.ready) && s.cur < NPART }

  /** p joins the ready partitions with the deadline it has. */
  function Requeue(s: Sched, p: u32): Sched
    requires Shape(s) && p < NPART
    ensures Shape(Requeue(s, p))
  {
    var tasks := s.tasks[p as int := s.tasks[p].(run := Kinds.Ready, wake := 0)];
    s.(tasks := tasks, ready := InsertByDeadline(tasks, s.ready, p))
  }
  /** p becomes ready; its deadline is rel from now. */
  function MakeReady(s: Sched, p: u32, rel: u64, now: u64): Sched
    requires Shape(s) && p < NPART
    ensures Shape(MakeReady(s, p, rel, now))
  {
    Requeue(s.(tasks := s.tasks[p as int := s.tasks[p].(deadline := Later(now, rel))]), p)
  }
  /** The ready partition with the earliest deadline gets the processor for its slice. */
  function Dispatch(s: Sched, parts: seq<Part>, now: u64): Sched
    requires Shape(s) && |parts| == NPART as int
    ensures Shape(Dispatch(s, parts, now))
  {
    if |s.ready| == 0 then s.(cur := 0, sliceEnd := TIMEMAX)
    else
      var p := s.ready[0];
      s.(tasks := s.tasks[p as int := s.tasks[p].(run := Kinds.Running)], ready := s.ready[1..], cur := p, sliceEnd := Later(now, parts[p].slice))
  }
  /** The running partition stops for the reason `run` (Sleeping until wake, Waiting on edge wake, Stopped). */
  function Block(s: Sched, run: u32, wake: u64): Sched
    requires Tables(s) && s.cur < NPART
    ensures Shape(s) ==> Shape(Block(s, run, wake))
  {
    s.(tasks := s.tasks[s.cur as int := s.tasks[s.cur].(run := run, wake := wake)], cur := 0,
       nextWake := if run == Kinds.Sleeping && wake < s.nextWake then wake else s.nextWake)
  }
  function Remove(ready: seq<u32>, p: u32): seq<u32> ensures InRange(ready) ==> InRange(Remove(ready, p)) { if |ready| == 0 then [] else (if ready[0] == p then [] else [ready[0]]) + Remove(ready[1..], p) }
  /** p runs no more, whatever it was doing. */
  function Stop(s: Sched, p: u32): Sched
    requires Tables(s) && p < NPART
    ensures Shape(s) ==> Shape(Stop(s, p))
  {
    s.(tasks := s.tasks[p as int := Task(Kinds.Stopped, s.tasks[p].left, 0, 0)], ready := Remove(s.ready, p), cur := if s.cur == p then 0 else s.cur)
  }
  /** Sleepers from i on whose time has come are ready; nextWake is the earliest time of those that sleep on. */
  function WakeFrom(s: Sched, parts: seq<Part>, now: u64, i: u32): Sched
    requires Shape(s) && |parts| == NPART as int && i <= NPART
    ensures Shape(WakeFrom(s, parts, now, i)) && WakeFrom(s, parts, now, i).cur == s.cur
    decreases NPART - i
  {
    if i == NPART then s
    else if s.tasks[i].run != Kinds.Sleeping then WakeFrom(s, parts, now, i + 1)
    else if s.tasks[i].wake <= now then
      WakeFrom(MakeReady(s, i, parts[i].rel, now), parts, now, i + 1)
    else WakeFrom(if s.tasks[i].wake < s.nextWake then s.(nextWake := s.tasks[i].wake) else s, parts, now, i + 1)
  }
  function Wake(s: Sched, parts: seq<Part>, now: u64): Sched
    requires Shape(s) && |parts| == NPART as int
    ensures Shape(Wake(s, parts, now)) && Wake(s, parts, now).cur == s.cur
  {
    if now < s.nextWake then s else WakeFrom(s.(nextWake := TIMEMAX), parts, now, 0)
  }
  /** The earliest deadline of a ready partition; the end of time if there is none. */
  function HeadDeadline(s: Sched): u64
    requires Shape(s)
  {
    if |s.ready| == 0 then TIMEMAX else s.tasks[s.ready[0]].deadline
  }
  /** The running partition goes to the end of its deadline class, and the next one runs. */
  function YieldCurrent(s: Sched, parts: seq<Part>, now: u64): Sched
    requires Shape(s) && |parts| == NPART as int
    ensures Shape(YieldCurrent(s, parts, now))
  {
    Dispatch(MakeReady(s.(cur := 0), s.cur, parts[s.cur].rel, now), parts, now)
  }
  /** The running partition keeps its deadline and gives way to an earlier one. */
  function PreemptCurrent(s: Sched, parts: seq<Part>, now: u64): Sched
    requires Shape(s) && |parts| == NPART as int
    ensures Shape(PreemptCurrent(s, parts, now))
  {
    Dispatch(Requeue(s.(cur := 0), s.cur), parts, now)
  }
  /** The running partition waits, and the next one runs. */
  function BlockCurrent(s: Sched, parts: seq<Part>, run: u32, wake: u64, now: u64): Sched
    requires Shape(s) && |parts| == NPART as int
    ensures Shape(BlockCurrent(s, parts, run, wake, now))
  {
    Dispatch(Block(s, run, wake), parts, now)
  }
  function SetLeft(s: Sched, p: u32, left: u64): Sched
    requires Tables(s) && p < NPART
    ensures Shape(s) ==> Shape(SetLeft(s, p, left))
  {
    s.(tasks := s.tasks[p as int := s.tasks[p].(left := left)])
  }
  /** When the timer must tick next. */
  function Timer(s: Sched): u64 { if s.sliceEnd < s.nextWake then s.sliceEnd else s.nextWake }

  /** Is the ready list in order of deadline? */
  opaque predicate Sorted(s: Sched)
    requires Shape(s)
  {
    forall i: int, j: int :: 0 <= i < j < |s.ready| ==> s.tasks[s.ready[i]].deadline <= s.tasks[s.ready[j]].deadline
  }
  /** Each partition once at most. */
  predicate Distinct(ready: seq<u32>) { forall i: int, j: int :: 0 <= i < j < |ready| ==> ready[i] != ready[j] }
  /** Partition q is where its task says: in the ready list, on the processor, or neither; who waits, waits on an edge. */
  predicate InPlace(s: Sched, q: u32)
    requires Shape(s) && q < NPART
  {
    var t := s.tasks[q];
    && (q in s.ready <==> t.run == Kinds.Ready)
    && (t.run == Kinds.Running <==> q == s.cur && q != 0)
    && (t.run == Kinds.Waiting ==> t.wake < NEDGE as u64)
    && t.run <= Kinds.Waiting
  }
  /** The ready list holds exactly the ready partitions, each once; the running one is cur; id 0 never runs. */
  opaque predicate Placed(s: Sched)
    requires Shape(s)
  {
    Distinct(s.ready) && s.tasks[0].run == Kinds.Stopped && forall q: u32 {:trigger InPlace(s, q)} :: q < NPART ==> InPlace(s, q)
  }
  /** No sleeper below p wakes before nextWake. */
  opaque predicate AlarmSet(s: Sched, p: u32)
    requires Shape(s) && p <= NPART
  {
    forall q: u32 :: q < p && s.tasks[q].run == Kinds.Sleeping ==> s.nextWake <= s.tasks[q].wake
  }
  predicate SchedOk(s: Sched) { Shape(s) && Placed(s) && Sorted(s) && AlarmSet(s, NPART) }
  /** Only a started partition is ready, runs or waits. */
  opaque predicate OnlyStartedRun(parts: seq<Part>, s: Sched)
    requires |parts| == NPART as int && Tables(s)
  {
    forall q: u32 :: q < NPART && s.tasks[q].run != Kinds.Stopped ==> parts[q].life == Kinds.Started
  }

  // ---- partition slots ----------------------------------------------------------------------------------------------------------

  /** The first partition slot from p on that can take a new partition; NPART if there is none. */
  function FreeFrom(parts: seq<Part>, p: u32): u32
    requires |parts| == NPART as int && p <= NPART
    ensures p <= FreeFrom(parts, p) <= NPART
    ensures FreeFrom(parts, p) < NPART ==> parts[FreeFrom(parts, p)].gen < GENMAX
    decreases NPART - p
  {
    if p == NPART then NPART else if parts[p].life == Kinds.Free && parts[p].gen < GENMAX then p else FreeFrom(parts, p + 1)
  }
  /** A new partition in slot p. */
  function CreatePart(parts: seq<Part>, p: u32, slice: u64, rel: u64): seq<Part>
    requires |parts| == NPART as int && p < NPART && parts[p].gen < GENMAX
  {
    parts[p as int := Part(parts[p].gen + 1, Kinds.Created, slice, rel)]
  }
  function SetLife(parts: seq<Part>, p: u32, life: u32): seq<Part>
    requires |parts| == NPART as int && p < NPART
  {
    parts[p as int := parts[p].(life := life)]
  }
  /** Slot p is free again; its generation stays until the next partition there. */
  function EndPart(parts: seq<Part>, p: u32): seq<Part>
    requires |parts| == NPART as int && p < NPART
  {
    parts[p as int := Part(parts[p].gen, Kinds.Free, 0, 0)]
  }
  const EmptySched: Sched := Sched(seq(NPART as int, _ => Task(Kinds.Stopped, 0, 0, 0)), [], 0, TIMEMAX, TIMEMAX)
  const NoParts: seq<Part> := seq(NPART as int, _ => Part(0, Kinds.Free, 0, 0))
}
