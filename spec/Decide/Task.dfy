include "Proof.dfy"
include "Lease.dfy"

/** Time and ends: yield, exit, timer_wait, the timer tick, the end of a partition, traps. */
module DecideTask {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import L = Leases
  import D = DecideProof
  import DL = DecideLease
  import Kinds
  import Status

  function Yield(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    Verdict([], v.(sched := S.YieldCurrent(v.sched, k.st.parts, now)), [])
  }
  /** Nobody sleeps past the end of its lease. */
  function TimerWait(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    var wake := L.NoLater(k.st, Me(k), Arg(k, 1));
    if wake <= now then Verdict([], v, [])
    else Verdict([], v.(sched := S.BlockCurrent(v.sched, k.st.parts, Kinds.Sleeping, wake, now)), [])
  }

  // ---- ends -------------------------------------------------------------------------------------------------------------------

  const BY_EXIT: u64 := 0
  const BY_FAULT: u64 := 0x0100_0000_0000_0000
  const BY_BUDGET: u64 := 0x0200_0000_0000_0000
  const BY_OTHER: u64 := 0x0300_0000_0000_0000
  const BY_LEASE: u64 := 0x0400_0000_0000_0000

  /** Does the end of partition p's edge e leave its other end waiting for it? */
  predicate Orphans(es: seq<Edge>, s: Sched, p: u32, e: u32)
    requires |es| == NEDGE as int && e < NEDGE && S.Tables(s)
  {
    && es[e].cap != 0 && es[e].src == p && es[e].dst != p && es[e].dst < NPART
    && s.tasks[es[e].dst].run == Kinds.Waiting && s.tasks[es[e].dst].wake == e as u64
  }
  /** A waiting partition's call ends with this status. */
  function Break(v: Volatile, parts: seq<Part>, p: u32, status: u64, now: u64): Volatile
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && p < NPART
    ensures S.Shape(Break(v, parts, p, status, now).sched) && |Break(v, parts, p, status, now).regs| == NCTX as int
  {
    SetReg(v, p, 0, status).(sched := S.MakeReady(v.sched, p, parts[p].rel, now))
  }
  /** Everybody who waits on an edge from p, from edge e on, learns that p has ended. */
  function BreakFrom(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32): Volatile
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    ensures S.Shape(BreakFrom(v, es, parts, p, now, e).sched) && |BreakFrom(v, es, parts, p, now, e).regs| == NCTX as int
    decreases NEDGE - e
  {
    if e == NEDGE then v
    else if !Orphans(es, v.sched, p, e) then BreakFrom(v, es, parts, p, now, e + 1)
    else BreakFrom(Break(v, parts, es[e].dst, Status.PartitionNotFound, now), es, parts, p, now, e + 1)
  }
  /** Would no partition be left? */
  predicate Last(parts: seq<Part>, p: u32) requires |parts| == NPART as int { forall q: u32 :: 0 < q < NPART && q != p ==> parts[q].life == Kinds.Free }

  /** Does the system end with partition p? It ends once. */
  predicate Ending(k: Kernel, p: u32) requires Sized(k) { Last(k.st.parts, p) && !k.vol.halted }

  /** Partition p ends, by `who`'s doing, for this reason. */
  function End(k: Kernel, who: u32, p: u32, reason: u64, now: u64): Verdict
    requires Sized(k) && S.Shape(k.vol.sched) && who < NPART && 0 < p < NPART
  {
    var last := Ending(k, p);
    var stopped := S.Stop(k.vol.sched, p);
    var v := BreakFrom(k.vol.(sched := stopped, queues := E.ClearAll(k.st.edges, k.vol.queues, p)), k.st.edges, k.st.parts, p, now, 0);
    var s := if v.sched.cur == 0 then S.Dispatch(v.sched, k.st.parts, now) else v.sched;
    Verdict([PartitionEnd(who, p, reason)] + (if last then [SystemEnd] else []),
            v.(sched := s, halted := k.vol.halted || last),
            [Effect(TLBIVMID, p as u64, 0, 0)] + (if last then [Effect(HALT, if k.vol.failed then 1 else 0, 0, 0)] else []))
  }
  function Exit(k: Kernel, status: u64, now: u64): Verdict
    requires Runs(k)
  {
    End(k.(vol := k.vol.(failed := k.vol.failed || status != 0)), Me(k), Me(k), BY_EXIT + status % BY_FAULT, now)
  }

  // ---- the tick ---------------------------------------------------------------------------------------------------------------

  /** The running partition's slice is over, and it is not its last one: the time that the kernel now spends on it is the partition's own. */
  predicate Due(k: Kernel, now: u64)
    requires V.Valid(k)
  {
    var s := k.vol.sched;
    s.cur != 0 && now >= s.sliceEnd && s.tasks[s.cur].left != 1
  }
  /** The kernel after the steps of the running partition's job that are due. */
  function Worked(k: Kernel, now: u64): Kernel
    requires V.Valid(k)
    ensures V.Valid(Worked(k, now))
  {
    var p := k.vol.sched.cur;
    if !Due(k, now) then k else k.(vol := D.SetProgress(k.vol, p, D.Checks(k.log, D.JobOf(k.vol, p), D.JOBSTEPS)))
  }
  function Tick(k: Kernel, now: u64): Verdict requires V.Valid(k) { Lapse(Worked(k, now), now) }
  /** The tick as the schedule has it. */
  function Turn(k: Kernel, now: u64): Verdict
    requires V.Valid(k)
  {
    var w := S.Wake(k.vol.sched, k.st.parts, now);
    var cur := w.cur;
    if cur == 0 then Verdict([], k.vol.(sched := if k.vol.halted then w else S.Dispatch(w, k.st.parts, now)), [])
    else if now >= w.sliceEnd then
      if w.tasks[cur].left == 1 then End(k.(vol := k.vol.(sched := w)), cur, cur, BY_BUDGET, now)
      else
        var left := if w.tasks[cur].left == 0 then 0 else w.tasks[cur].left - 1;
        Verdict([], k.vol.(sched := S.YieldCurrent(S.SetLeft(w, cur, left), k.st.parts, now)), [])
    else if |w.ready| > 0 && w.tasks[w.ready[0]].deadline < w.tasks[cur].deadline then Verdict([], k.vol.(sched := S.PreemptCurrent(w, k.st.parts, now)), [])
    else Verdict([], k.vol.(sched := w), [])
  }
  /** The running partition's lease ends when its time has come. If that cannot be witnessed, the partition ends. */
  function Lapse(k: Kernel, now: u64): Verdict
    requires V.Valid(k)
  {
    var v, p := Turn(k, now), k.vol.sched.cur;
    if p == 0 || !L.Over(k.st, p, now) then v
    else if !W.Room(k.log, p, 2) then End(k.(vol := k.vol.(sched := S.Wake(k.vol.sched, k.st.parts, now))), p, p, BY_LEASE, now)
    else if v.acts != [] then v
    else Verdict(DL.Ending(k.st, p, DL.EXPIRED), v.vol, DL.Flush(k.st, p))
  }

  // ---- traps ------------------------------------------------------------------------------------------------------------------

  const EC_WFX: u64 := 0x01
  const EC_HVC: u64 := 0x16
  const EC_SMC: u64 := 0x17
  const EC_IABORT: u64 := 0x20
  const EC_DABORT: u64 := 0x24
  const SMC: u64 := 0xFFFF_FFFF                   // stands for the function id in the refusal of an SMC
  function Skip(v: Volatile, p: u32): Volatile
    requires |v.regs| == NCTX as int && p < NPART
  {
    SetReg(v, p, PC, if v.regs[p * CTXW + PC] <= TIMEMAX - 4 then v.regs[p * CTXW + PC] + 4 else 0)
  }
  /** A synchronous exception other than HVC #0. esr, far, ipa: the syndrome; vbar: where the guest's own vectors are. */
  function Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64): Verdict
    requires Runs(k)
  {
    var ec := esr / 0x400_0000 % 64;
    if ec == EC_WFX then
      var v := Skip(k.vol, Me(k));
      Verdict([], v.(sched := S.YieldCurrent(v.sched, k.st.parts, now)), [])
    else if ec == EC_SMC then
      var r := Refuse(k, SMC, Status.Unsupported);
      r.(vol := Skip(r.vol, Me(k)))
    else if ec == EC_HVC then Refuse(k, SMC, Status.Unsupported)
    else
      var pc := Arg(k, PC);
      if (vbar <= pc && pc - vbar < 0x800) || !W.Room(k.log, Me(k), 1) then End(k, Me(k), Me(k), BY_FAULT + esr % BY_FAULT, now)
      else Verdict([Fault(Me(k), if ec == EC_IABORT || ec == EC_DABORT then ipa else pc, esr)], k.vol,
                   [Effect(INJECT, Me(k) as u64, if ec == EC_DABORT then 0 else if ec == EC_IABORT then 1 else 2, far)])
  }
}
