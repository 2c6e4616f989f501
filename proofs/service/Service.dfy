include "../invariant/Step_Preserves_Valid.dfy"
include "../authority/Authority.dfy"

/** What it is for a partition to be served in time. */
module {:compile false} Service {
  import opened Types
  import opened Limits
  import opened State
  import opened StepPreservesValid
  import Authority
  import Common
  import Status
  import Step
  import V = Valid
  import Kinds
  import Rights

  /** The state that event i of a run finds: the first state is k, and the events are es. */
  ghost function At(k: Kernel, es: seq<Step.Event>, i: int): Kernel
    requires First(k) && 0 <= i <= |es|
    ensures V.Valid(At(k, es, i))
  {
    The_first_state_is_valid(k);
    After(k, es[..i])
  }
  /** Time never goes back. */
  ghost predicate Ordered(es: seq<Step.Event>) { forall i, j :: 0 <= i < j < |es| ==> es[i].now <= es[j].now }
  /** No timer interrupt is taken before boot has ended: the platform keeps them masked. */
  ghost predicate Masked(k: Kernel, es: seq<Step.Event>)
    requires First(k)
  {
    forall i {:trigger At(k, es, i)} :: 0 <= i < |es| && At(k, es, i).booting ==> !es[i].Tick?
  }
  /** The timer's tick is never late by more than `lag` counts: while one slice lasts, no event comes later than that after its end. */
  ghost predicate Timely(k: Kernel, es: seq<Step.Event>, lag: nat)
    requires First(k)
  {
    forall i {:trigger At(k, es, i)} ::
      0 <= i < |es| && At(k, es, i).vol.sched.cur != 0 ==> es[i].now as int <= At(k, es, i).vol.sched.sliceEnd as int + lag
  }
  /** A run of the machine from its first state. */
  ghost predicate Run(k: Kernel, es: seq<Step.Event>, lag: nat) { First(k) && Ordered(es) && Masked(k, es) && Timely(k, es, lag) }

  /** After boot, q is ready: it waits for the processor only. */
  ghost predicate WantsToRun(k: Kernel, q: u32) requires V.Valid(k) { q < NPART && !k.booting && k.vol.sched.tasks[q].run == Kinds.Ready }
  /** q has the processor. */
  ghost predicate Runs(k: Kernel, q: u32) { q != 0 && k.vol.sched.cur == q }
  /** No partition has a longer slice. */
  ghost predicate Longest(k: Kernel, slice: u64)
    requires V.Valid(k)
  {
    forall p: u32 {:trigger k.st.parts[p]} :: p < NPART ==> k.st.parts[p].slice <= slice
  }
  /** Event e is a call by which another partition, which holds a live capability for q with the right to do so, suspends or ends q. */
  ghost predicate Stops(k: Kernel, e: Step.Event, q: u32)
    requires V.Valid(k)
  {
    && e.Hypercall? && 0 < k.vol.sched.cur < NPART && k.vol.sched.cur != q && |Step.Decide(k, e).acts| > 0
    && var me, a := k.vol.sched.cur, Step.Decide(k, e).acts[0];
       || (a.PartitionSuspend? && a.p == q && Authority.Holds(k, me, Kinds.Partition, q, Rights.WRITE))
       || (a.PartitionEnd? && a.p == q && Authority.Holds(k, me, Kinds.Partition, q, Rights.REVOKE))
  }
  /** The latest time at which a partition gets the processor if it is ready at time t and `rel` is its relative deadline: every other partition's
      longest slice, and the tick that ends it, come before it once at most. */
  ghost function Latest(t: u64, rel: u64, slice: u64, lag: nat): int { t as int + rel as int + (NPART as int - 1) * (slice as int + lag) }
  /** At event j, which comes by `latest`, q gets the processor, or somebody who may stops it. */
  ghost predicate ServedAt(k: Kernel, es: seq<Step.Event>, j: int, q: u32, latest: int)
    requires First(k) && 0 <= j < |es|
  {
    es[j].now as int <= latest && (Runs(At(k, es, j + 1), q) || Stops(At(k, es, j), es[j], q))
  }
  /** That happens at event i or a later one. */
  ghost predicate Served(k: Kernel, es: seq<Step.Event>, i: int, q: u32, latest: int)
    requires First(k) && 0 <= i
  {
    exists j {:trigger ServedAt(k, es, j, q, latest)} :: i <= j < |es| && ServedAt(k, es, j, q, latest)
  }

  // ---- waiting and sleeping ---------------------------------------------------------------------------------------------------------

  /** p waits for the notification bits of edge e. */
  ghost predicate WaitsOn(k: Kernel, p: u32, e: u32) requires V.Valid(k) {
    p < NPART && e < NEDGE && k.vol.sched.tasks[p].run == Kinds.Waiting && k.vol.sched.tasks[p].wake == e as u64
  }
  /** Edge e is live and leads to p from another partition, which exists; and p has not overlooked anything: no bit is pending. */
  ghost predicate CanWake(k: Kernel, e: u32, p: u32)
    requires V.Valid(k)
  {
    && e < NEDGE && k.st.edges[e].cap != 0 && k.st.edges[e].dst == p && k.vol.queues[e].bits == 0
    && var src := k.st.edges[e].src; 0 < src < NPART && src != p && k.st.parts[src].life != Kinds.Free
  }
  /** p is ready, and its notify_wait has ended well, with these bits. */
  ghost predicate HasBits(k: Kernel, p: u32, bits: u64) requires V.Valid(k) && p < NPART {
    k.vol.sched.tasks[p].run == Kinds.Ready && p in k.vol.sched.ready && k.vol.regs[p * CTXW] == Status.OK && k.vol.regs[p * CTXW + 1] == bits
  }
  /** Ready or running. */
  ghost predicate Up(t: Task) { t.run == Kinds.Ready || t.run == Kinds.Running }

  // ---- what others do ---------------------------------------------------------------------------------------------------------------

  /** The same kernel with another schedule, in which the same partition runs: others may wait, sleep, be ready or be stopped. */
  ghost function Otherwise(k: Kernel, s: Sched): Kernel { k.(vol := k.vol.(sched := s)) }
  /** The registers of p are the same. */
  ghost predicate SameRegs(a: seq<u64>, b: seq<u64>, p: u32) {
    |a| == |b| == NCTX as int && p < NPART
      && forall i: int {:trigger a[i]} {:trigger b[i]} :: (p * CTXW) as int <= i < (p * CTXW + CTXW) as int ==> a[i] == b[i]
  }
  /** Two verdicts on a call of p say the same: the same records and changes, the same effects, the same answer in p's registers. */
  ghost predicate SaySame(v: Common.Verdict, w: Common.Verdict, p: u32) {
    && v.acts == w.acts && v.effects == w.effects && v.vol.halted == w.vol.halted && v.vol.failed == w.vol.failed
    && SameRegs(v.vol.regs, w.vol.regs, p)
  }
}
