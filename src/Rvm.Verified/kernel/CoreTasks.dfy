include "Common.dfy"

/** The small operations that the end of a partition and the tick are made of, each with its meaning for the whole state. */
module CoreTasks {
  import opened Types
  import opened Limits
  import opened CoreState
  import Kinds
  import State
  import Apply
  import Caps = Capabilities
  import Mem = Memory
  import Sch = Scheduler
  import Edg = Edges
  import Common
  import CT = CapTables
  import RT = RegionTables
  import S2 = Stage2
  import ET = EdgeTables
  import SC = Schedulers
  import L = SchedulerLemmas

  // Most steps of work (spec/Cost.dfy).
  ghost const WAKE_WORK: nat := 1 + SC.WAKE_WORK
  ghost const YIELD_WORK: nat := 1 + SC.YIELD_WORK
  ghost const STOP_WORK: nat := 1 + SC.STOP_WORK
  ghost const DROP_ALL_WORK: nat := 1 + CT.DROP_ALL_WORK
  ghost const RELEASE_WORK: nat := 1 + RT.RELEASE_ALL_WORK
  ghost const UNMAP_WORK: nat := 1 + S2.RESET_WORK
  ghost const CUT_WORK: nat := 1 + ET.DESTROY_ALL_WORK
  ghost const FORGET_WORK: nat := 1 + DROP_ALL_WORK + RELEASE_WORK + UNMAP_WORK + CUT_WORK

  // ---- reading the schedule -------------------------------------------------------------------------------------------------

  function Cur(k: Core): (p: u32)
    requires k.Inv()
    reads k.Repr()
    ensures p == k.Abs().vol.sched.cur && p < NPART
  {
    k.sched.cur
  }
  function SliceEnd(k: Core): (time: u64)
    requires k.Inv()
    reads k.Repr()
    ensures time == k.Abs().vol.sched.sliceEnd
  {
    k.sched.sliceEnd
  }
  function Left(k: Core, p: u32): (left: u64)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures left == k.Abs().vol.sched.tasks[p].left
  {
    k.sched.Left(p)
  }
  /** Is somebody ready who is due before p? */
  function Overdue(k: Core, p: u32): (b: bool)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures b == (var s := k.Abs().vol.sched; |s.ready| > 0 && s.tasks[s.ready[0]].deadline < s.tasks[p].deadline)
  {
    k.sched.HeadDeadline() < k.sched.Deadline(p)
  }
  function Life(k: Core, p: u32): (life: u32)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures life == k.Abs().st.parts[p].life
  {
    k.sched.Life(p)
  }
  /** The tables have their sizes, and the schedule its shape. */
  lemma Sized(k: Core)
    requires k.Inv()
    ensures State.Sized(k.Abs()) && Sch.Shape(k.Abs().vol.sched)
  {
  }

  // ---- the schedule -----------------------------------------------------------------------------------------------------------

  method Wake(k: Core, now: u64) returns (ghost work: nat)
    requires k.Inv()
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(sched := Sch.Wake(old(k.Abs()).vol.sched, old(k.Abs()).st.parts, now)))
    ensures work <= WAKE_WORK
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.sched.WakeSleepers(now);
    work := work + w;
    k.OnlySched();
  }
  /** The running partition gives way with x in register n. The switch of partitions takes this way: one call, everything at hand. */
  method SetAndYield(k: Core, n: u32, x: u64, now: u64) returns (ghost work: nat)
    requires k.Inv() && k.Abs().vol.sched.cur != 0 && n < CTXW
    modifies k.Repr()
    ensures work <= YIELD_WORK
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := Yielded(old(k.Abs()), n, x, now))
  {
    hide Sch.YieldCurrent;
    work := 1;
    assert allocated(k.Repr());
    var w := k.sched.cur * CTXW + n;
    k.ctx[w] := x;
    assert k.ctx[..] == old(k.ctx[..])[w as int := x];
    k.OnlyRegisters();
    label Set:
    ghost var more := k.sched.YieldCurrent(now);
    work := work + more;
    k.OnlySched@Set();
  }
  /** Where the instruction after the one at pc is. */
  function Next(pc: u64): u64 { if pc <= TIMEMAX - 4 then pc + 4 else 0 }
  /** The same after the instruction that the running partition is at. */
  method SkipAndYield(k: Core, now: u64) returns (ghost work: nat)
    requires k.Inv() && k.Abs().vol.sched.cur != 0 && State.Sized(k.Abs())
    modifies k.Repr()
    ensures work <= YIELD_WORK
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := Yielded(old(k.Abs()), 31, Next(old(k.Abs()).vol.regs[old(k.Abs()).vol.sched.cur * CTXW + 31]), now))
  {
    hide Sch.YieldCurrent;
    work := 1;
    assert allocated(k.Repr());
    var w := k.sched.cur * CTXW + 31;
    var x := Next(k.ctx[w]);
    k.ctx[w] := x;
    assert k.ctx[..] == old(k.ctx[..])[w as int := x];
    k.OnlyRegisters();
    hide Next, Common.SetReg;
    assert k.Abs().vol == Common.SetReg(old(k.Abs()).vol, k.sched.cur, 31, x) by { reveal Common.SetReg; }
    label Skipped:
    ghost var more := k.sched.YieldCurrent(now);
    work := work + more;
    k.OnlySched@Skipped();
  }
  ghost function Yielded(s: State.Kernel, n: u32, x: u64, now: u64): State.Volatile
    requires |s.vol.regs| == NCTX as int && Sch.Shape(s.vol.sched) && |s.st.parts| == NPART as int && n < CTXW
  {
    Common.SetReg(s.vol, s.vol.sched.cur, n, x).(sched := Sch.YieldCurrent(s.vol.sched, s.st.parts, now))
  }
  method Preempt(k: Core, now: u64) returns (ghost work: nat)
    requires k.Inv() && k.Abs().vol.sched.cur != 0
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(sched := Sch.PreemptCurrent(old(k.Abs()).vol.sched, old(k.Abs()).st.parts, now)))
    ensures work <= YIELD_WORK
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.sched.PreemptCurrent(now);
    work := work + w;
    k.OnlySched();
  }
  method SetLeft(k: Core, p: u32, left: u64)
    requires k.Inv() && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(sched := Sch.SetLeft(old(k.Abs()).vol.sched, p, left)))
  {
    assert allocated(k.Repr());
    k.sched.SetLeft(p, left);
    k.OnlySched();
  }
  method Stop(k: Core, p: u32) returns (ghost work: nat)
    requires k.Inv() && 0 < p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(sched := Sch.Stop(old(k.Abs()).vol.sched, p)))
    ensures k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    ensures work <= STOP_WORK
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.sched.StopTask(p);
    work := work + w;
    k.OnlySched();
  }
  /** A partition that waits becomes ready; p, which is stopped, stays so. The work is charged to the queue's growth. */
  method Notify(k: Core, ghost p: u32, q: u32, now: u64) returns (ghost work: nat)
    requires k.Inv() && p < NPART && q < NPART && k.Abs().vol.sched.tasks[q].run == Kinds.Waiting && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(sched := Sch.MakeReady(old(k.Abs()).vol.sched, q, old(k.Abs()).st.parts[q].rel, now)))
    ensures k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    ensures work + L.Filling(|old(k.Abs()).vol.sched.ready|) <= 4 + L.Filling(|k.Abs().vol.sched.ready|)
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.sched.Notify(q, now);
    work := work + w;
    k.OnlySched();
  }
  /** The idle processor goes to the earliest ready partition; p, which is stopped, stays so. */
  method Dispatch(k: Core, ghost p: u32, now: u64)
    requires k.Inv() && k.Abs().vol.sched.cur == 0 && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(sched := Sch.Dispatch(old(k.Abs()).vol.sched, old(k.Abs()).st.parts, now)))
    ensures old(k.Abs()).vol.sched.tasks[p].run == Kinds.Stopped ==> k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
  {
    assert allocated(k.Repr());
    k.sched.Facts(p);
    k.sched.Dispatch(now);
    k.OnlySched();
  }

  // ---- the end of a partition -------------------------------------------------------------------------------------------------

  method EndPart(k: Core, p: u32)
    requires k.Inv() && p < NPART && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(st := old(k.Abs()).st.(parts := Sch.EndPart(old(k.Abs()).st.parts, p)))
  {
    assert allocated(k.Repr());
    k.sched.EndPart(p);
    k.OnlySched();
  }
  method DropAll(k: Core, p: u32) returns (ghost work: nat)
    requires k.Inv() && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(st := old(k.Abs()).st.(caps := Caps.DropAll(old(k.Abs()).st.caps, p)))
    ensures work <= DROP_ALL_WORK
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.caps.DropAll(p);
    work := work + w;
    k.OnlyCaps();
  }
  method Release(k: Core, p: u32) returns (ghost work: nat)
    requires k.Inv()
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(st := old(k.Abs()).st.(memory := Mem.Release(old(k.Abs()).st.memory, p)))
    ensures work <= RELEASE_WORK
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.regions.ReleaseAll(p);
    work := work + w;
    k.OnlyRegions();
  }
  method Unmap(k: Core, p: u32) returns (ghost work: nat)
    requires k.Inv() && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(st := old(k.Abs()).st.(maps := old(k.Abs()).st.maps[p as int := Mem.EmptyMap]))
    ensures work <= UNMAP_WORK
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.stage2.Reset(p);
    work := work + w;
    k.OnlyStage2();
  }
  method Cut(k: Core, p: u32) returns (ghost work: nat)
    requires k.Inv() && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(st := old(k.Abs()).st.(edges := Edg.DestroyAll(old(k.Abs()).st.edges, p)),
                                     vol := old(k.Abs()).vol.(queues := Edg.ClearAll(old(k.Abs()).st.edges, old(k.Abs()).vol.queues, p)))
    ensures work <= CUT_WORK
  {
    hide Edg.DestroyAll, Edg.ClearAll, Edg.DestroyFrom, Edg.ClearFrom;
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.edges.DestroyAll(p);
    work := work + w;
    k.OnlyEdges();
  }
  /** Everything that partition p has is gone; it runs no more already. */
  method Forget(k: Core, p: u32) returns (ghost work: nat)
    requires k.Inv() && 0 < p < NPART && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped && Apply.Tables(k.Abs().st)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == Gone(old(k.Abs()), p)
    ensures work <= FORGET_WORK
  {
    hide *;
    work := 1;
    reveal Gone, Apply.End, Sch.EndPart, FORGET_WORK, State.EmptyLease, Limits.NPART;
    EndPart(k, p);
    ghost var w := DropAll(k, p);
    work := work + w;
    w := Release(k, p);
    work := work + w;
    w := Unmap(k, p);
    work := work + w;
    w := Cut(k, p);
    work := work + w;
    k.Lease(p, 0, 0, 0);
  }
  /** The state without anything that was p's. */
  ghost function Gone(s: State.Kernel, p: u32): State.Kernel
    requires Apply.Tables(s.st) && |s.vol.queues| == NEDGE as int && 0 < p < NPART
  {
    s.(st := Apply.End(s.st, p), vol := s.vol.(queues := Edg.ClearAll(s.st.edges, s.vol.queues, p)))
  }
  method SetFailed(k: Core, b: bool)
    requires k.Inv()
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(failed := b))
  {
    reveal k.Separate();
    k.failed := b;
  }
  method SetHalted(k: Core, b: bool)
    requires k.Inv()
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(halted := b))
  {
    reveal k.Separate();
    k.halted := b;
  }
}
