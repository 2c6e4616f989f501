include "Ending.dfy"
include "JobCalls.dfy"
include "LeaseEnding.dfy"

/** yield, timer_wait, exit, partition_terminate; the tick; traps. */
module TaskCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import opened Ending
  import T = CoreTasks
  import J = JobCalls
  import Status
  import Kinds
  import Rights
  import State
  import Apply
  import Common
  import Step
  import D = DecideTask
  import DP = DecidePartition
  import Wit = Witness
  import Sch = Scheduler
  import Valid
  import A = Actions
  import L = Leases
  import DL = DecideLease
  import LE = LeaseEnding
  import CoreMemory

  const CALLS: u64 := 0xC600_0000
  const INJECT: u64 := 7                    // an effect
  const WIDTH: u64 := 0x0100_0000_0000_0000  // a reason's low 56 bits say more about it
  const BY_FAULT: u64 := 0x0100_0000_0000_0000
  const BY_BUDGET: u64 := 0x0200_0000_0000_0000
  const BY_OTHER: u64 := 0x0300_0000_0000_0000
  const BY_LEASE: u64 := 0x0400_0000_0000_0000

  // Most steps of work (spec/Cost.dfy).
  ghost const YIELD_WORK: nat := 1 + T.YIELD_WORK
  ghost const EXIT_WORK: nat := 1 + END_WORK
  ghost const TICK_WORK: nat := 1 + J.WORK_WORK + LAPSE_WORK
  ghost const LAPSE_WORK: nat := 1 + EXPIRE_WORK
  ghost const EXPIRE_WORK: nat := 1 + TURN_WORK + LE.LEASE_END_WORK
  ghost const TURN_WORK: nat := 1 + T.WAKE_WORK + END_WORK
  ghost const TRAP_WORK: nat := 1 + FAULT_WORK
  ghost const FAULT_WORK: nat := 1 + END_BY_FAULT_WORK
  ghost const SKIP_AND_YIELD_WORK: nat := 1 + T.YIELD_WORK
  ghost const END_BY_FAULT_WORK: nat := 1 + END_WORK
  ghost const OTHER_WORK: nat := 1 + GUARD_WORK
  ghost const PARTITION_TERMINATE_WORK: nat := 1 + OTHER_WORK + END_OTHER_WORK
  ghost const END_OTHER_WORK: nat := 1 + END_WORK
  /** Giving up the processor costs less than an end. */
  lemma YieldingIsLess()
    ensures CoreState.YIELD_WORK <= END_WORK && T.YIELD_WORK <= END_WORK && SKIP_AND_YIELD_WORK <= FAULT_WORK
  {}

  method Yield(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Yield(old(k.Abs()), now), now)
    ensures work <= YIELD_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, D.Yield, T.Yielded, Step.Commit, Apply.ApplyAll, Apply.NoteAll, Common.SetReg, Common.Me, Common.Arg, Limits.CTXW, Limits.NPART, Status.OK;
    reveal YIELD_WORK;
    ghost var w := T.SetAndYield(k, 0, Status.OK, now);
    work := work + w;
  }
  method TimerWait(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.TimerWait(old(k.Abs()), now), now)
  {
    hide *;
    reveal k.Done, D.TimerWait, Step.Commit, Apply.ApplyAll, Apply.NoteAll, Common.SetReg, Common.Me, Common.Arg, Limits.CTXW, Limits.NPART, Status.OK, Kinds.Sleeping;
    var wake := LE.NoLater(k, Arg(k, 1));
    k.Set(k.sched.cur, 0, Status.OK);
    if wake > now { k.Block(Kinds.Sleeping, wake, now); }
  }

  // ---- exit -------------------------------------------------------------------------------------------------------------------

  method Exit(k: Core, status: u64, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Exit(old(k.Abs()), status, now), now)
    ensures work <= EXIT_WORK
  {
    hide *;
    work := 1;
    reveal Ends, D.Exit, D.Ending, D.BY_EXIT, D.BY_FAULT, WIDTH, Common.Me, State.Sized, Sch.Shape, Sch.Tables, EXIT_WORK;
    ghost var s0 := k.Abs();
    var me := Me(k);
    MayEnd(s0, me);
    T.SetFailed(k, Failed(k) || status != 0);
    ghost var s := k.Abs();
    T.Sized(k);
    ghost var w := End(k, me, me, status % WIDTH, now);
    work := work + w;
    EndDone(k, s0, s, me, me, D.BY_EXIT + status % D.BY_FAULT, now);
  }

  // ---- the tick ---------------------------------------------------------------------------------------------------------------

  method Tick(k: Core, now: u64) returns (ghost work: nat)
    requires k.Good() && k.neff == 0
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Tick(old(k.Abs()), now), now)
    ensures work <= TICK_WORK
  {
    hide *;
    work := 1;
    reveal k.Good, D.Tick, TICK_WORK;
    ghost var s0 := k.Abs();
    ghost var w := J.Work(k, now);
    work := work + w;
    ghost var s := k.Abs();
    w := Lapse(k, now);
    work := work + w;
    assert k.Done(s0, D.Lapse(s, now), now) by { reveal k.Done, Step.Commit, D.Worked; }
  }
  /** The tick, but for the job of the running partition. */
  method Lapse(k: Core, now: u64) returns (ghost work: nat)
    requires k.Good() && k.neff == 0
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Lapse(old(k.Abs()), now), now)
    ensures work <= LAPSE_WORK
  {
    hide *;
    work := 1;
    reveal k.Good, D.Lapse, LAPSE_WORK, EXPIRE_WORK, L.Over, Limits.NPART;
    var cur := T.Cur(k);
    A.LogTables(k);
    assert Apply.Tables(k.Abs().st) by { reveal A.Tables; }
    ghost var w;
    var ended;
    if cur == 0 || !LE.Over(k, cur, now) {
      ended, w := Turn(k, now);
      work := work + w;
    } else if !Recordable(k, cur) {
      w := Evict(k, cur, now);
      work := work + w;
    } else {
      w := Expire(k, cur, now);
      work := work + w;
    }
  }
  /** Can the end of p's lease be witnessed? */
  function Recordable(k: Core, p: u32): (b: bool)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures b == Wit.Room(k.Abs().log, p, 2)
  {
    Wit.Room(k.Abs().log, p, 2)
  } by method {
    b := k.log.Room(p, 2);
  }
  /** p's lease is over, and p with it. */
  method Evict(k: Core, p: u32, now: u64) returns (ghost work: nat)
    requires k.Good() && k.neff == 0 && p == k.Abs().vol.sched.cur && 0 < p < NPART
    modifies k.Repr()
    ensures var s := old(k.Abs());
      State.Sized(s) && Sch.Shape(s.vol.sched) && k.Done(s, D.End(s.(vol := s.vol.(sched := Sch.Wake(s.vol.sched, s.st.parts, now))), p, p, D.BY_LEASE, now), now)
    ensures work <= TURN_WORK
  {
    hide *;
    work := 1;
    reveal k.Good, Ends, D.Ending, D.BY_LEASE, BY_LEASE, State.Sized, Sch.Shape, Sch.Tables, Limits.NPART, TURN_WORK;
    ghost var s0 := k.Abs();
    NoneYet(k);
    SizedWhenValid(s0);
    ghost var w := T.Wake(k, now);
    work := work + w;
    T.Sized(k);
    ghost var s := k.Abs();
    MayEnd(s0, p);
    w := End(k, p, p, BY_LEASE, now);
    work := work + w;
    EndDone(k, s0, s, p, p, D.BY_LEASE, now);
  }
  /** p's lease is over, and the tick is what it is. */
  method Expire(k: Core, p: u32, now: u64) returns (ghost work: nat)
    requires k.Good() && k.neff == 0 && p == k.Abs().vol.sched.cur && 0 < p < NPART && k.Abs().st.leases[p].until != 0 && Wit.Room(k.Abs().log, p, 2)
    modifies k.Repr()
    ensures A.Tables(old(k.Abs()))
    ensures var s, v := old(k.Abs()), D.Turn(old(k.Abs()), now);
      k.Done(s, if v.acts != [] then v else Common.Verdict(DL.Ending(s.st, p, DL.EXPIRED), v.vol, DL.Flush(s.st, p)), now)
    ensures work <= EXPIRE_WORK
  {
    hide *;
    work := 1;
    reveal k.Good, k.Done, CoreMemory.Mappable, A.WithVol, L.LeaseOk, DL.EXPIRED, Limits.NPART, EXPIRE_WORK;
    ghost var s, v := k.Abs(), D.Turn(k.Abs(), now);
    A.CommitIs(s, v, now);
    LE.LeaseIs(s, p);
    var ended;
    ghost var w;
    ended, w := Turn(k, now);
    work := work + w;
    if !ended {
      Calm(s, v, now);
      w := LE.EndLease(k, p, 1, now);
      work := work + w;
      EndedLater(k, s, p, v, now);
    }
  }
  /** A tick without actions leaves structure and log as they are. */
  lemma Calm(s: State.Kernel, v: Common.Verdict, now: u64)
    requires Valid.Valid(s) && v == D.Turn(s, now) && v.acts == []
    ensures A.Tables(A.WithVol(s, v.vol)) && Step.Commit(s, v, now) == A.WithVol(s, v.vol) && v.effects == []
  {
    A.CommitIs(s, v, now);
    A.None(s, now);
    hide A.DoAll;
    TurnSized(s, now);
  }
  lemma TurnSized(s: State.Kernel, now: u64)
    requires Valid.Valid(s) && D.Turn(s, now).acts == []
    ensures var v := D.Turn(s, now); |v.vol.regs| == NCTX as int && Sch.Tables(v.vol.sched) && v.effects == []
  {}
  lemma EndedLater(k: Core, s: State.Kernel, p: u32, v: Common.Verdict, now: u64)
    requires Valid.Valid(s) && A.Tables(s) && A.Tables(A.WithVol(s, v.vol)) && p < NPART && k.Inv() && k.Rooted()
    requires k.Abs() == A.DoAll(A.WithVol(s, v.vol), DL.Ending(s.st, p, DL.EXPIRED), now) && k.Effects() == DL.Flush(s.st, p)
    ensures k.Done(s, Common.Verdict(DL.Ending(s.st, p, DL.EXPIRED), v.vol, DL.Flush(s.st, p)), now)
  {
    hide DL.Ending, DL.Flush;
    reveal k.Done();
  }
  /** The tick as the schedule has it. ended: the running partition has ended. */
  method Turn(k: Core, now: u64) returns (ended: bool, ghost work: nat)
    requires k.Good() && k.neff == 0
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Turn(old(k.Abs()), now), now) && ended == (D.Turn(old(k.Abs()), now).acts != [])
    ensures work <= TURN_WORK
  {
    hide *;
    work := 1;
    ended := false;
    reveal k.Done, k.Good, D.Turn, D.Ending, Ends, Step.Commit, Apply.ApplyAll, Apply.NoteAll, State.Sized, Sch.Shape, Sch.Tables, Sch.SetLeft, Limits.NPART;
    reveal TURN_WORK;
    ghost var s0 := k.Abs();
    NoneYet(k);
    YieldingIsLess();
    SizedWhenValid(s0);
    ghost var w := T.Wake(k, now);
    work := work + w;
    T.Sized(k);
    ghost var s := k.Abs();
    var cur := T.Cur(k);
    if cur == 0 {
      if !Halted(k) { T.Dispatch(k, 0, now); }
    } else if now >= T.SliceEnd(k) {
      var left := T.Left(k, cur);
      if left == 1 {
        MayEnd(s0, cur);
        reveal D.BY_BUDGET, BY_BUDGET;
        w := End(k, cur, cur, BY_BUDGET, now);
        work := work + w;
        EndDone(k, s0, s, cur, cur, D.BY_BUDGET, now);
        EndsActs(s, cur, D.BY_BUDGET, now);
        ended := true;
      } else {
        T.SetLeft(k, cur, if left == 0 then 0 else left - 1);
        w := k.Yield(now);
        work := work + w;
      }
    } else if T.Overdue(k, cur) {
      w := T.Preempt(k, now);
      work := work + w;
    }
  }
  lemma EndsActs(s: State.Kernel, p: u32, reason: u64, now: u64)
    requires State.Sized(s) && Sch.Shape(s.vol.sched) && 0 < p < NPART
    ensures D.End(s, p, p, reason, now).acts != []
  {}
  lemma SizedWhenValid(s: State.Kernel)
    requires Valid.Valid(s)
    ensures State.Sized(s) && Sch.Shape(s.vol.sched)
  {
  }
  lemma NoneYet(k: Core)
    requires k.Inv() && k.neff == 0
    ensures k.Effects() == []
  {
    assert |k.Effects()| == 0;
  }

  // ---- traps ------------------------------------------------------------------------------------------------------------------

  const WFX: u64 := 0x01
  const HVC: u64 := 0x16
  const SMC: u64 := 0x17
  const IABORT: u64 := 0x20
  const DABORT: u64 := 0x24
  const SMC_CALL: u64 := 0xFFFF_FFFF

  method Trap(k: Core, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Trap(old(k.Abs()), esr, far, ipa, vbar, now), now)
    ensures work <= TRAP_WORK
  {
    hide *;
    work := 1;
    reveal D.Trap, D.EC_WFX, WFX, TRAP_WORK;
    YieldingIsLess();
    ghost var w;
    if esr / 0x400_0000 % 64 == WFX {
      w := SkipAndYield(k, now);
      work := work + w;
    } else {
      w := Fault(k, esr, far, ipa, vbar, now);
      work := work + w;
    }
  }
  /** Any exception but a wait for an event. */
  method Fault(k: Core, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && esr / 0x400_0000 % 64 != D.EC_WFX
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Trap(old(k.Abs()), esr, far, ipa, vbar, now), now)
    ensures work <= FAULT_WORK
  {
    hide *;
    work := 1;
    reveal D.Trap, D.EC_WFX, D.EC_HVC, D.EC_SMC, D.EC_IABORT, D.EC_DABORT, D.SMC, HVC, SMC, IABORT, DABORT, SMC_CALL, Limits.CTXW, Common.PC;
    reveal FAULT_WORK;
    var ec := esr / 0x400_0000 % 64;
    if ec == SMC {
      RefuseAndSkip(k, now);
    } else if ec == HVC {
      Refuse(k, SMC_CALL, Status.Unsupported, now);
    } else {
      var pc := Arg(k, 31);
      if (vbar <= pc && pc - vbar < 0x800) || !Room(k, 1) {
        ghost var w := EndByFault(k, esr, now);
        work := work + w;
      } else {
        Inject(k, if ec == IABORT || ec == DABORT then ipa else pc, esr, if ec == DABORT then 0 else if ec == IABORT then 1 else 2, far, now);
      }
    }
  }
  method SkipAndYield(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), Common.Verdict([], var v := D.Skip(old(k.Abs()).vol, Common.Me(old(k.Abs()))); v.(sched := Sch.YieldCurrent(v.sched, old(k.Abs()).st.parts, now)), []), now)
    ensures work <= SKIP_AND_YIELD_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, D.Skip, T.Next, T.Yielded, Step.Commit, Apply.ApplyAll, Apply.NoteAll, Common.SetReg, Common.Me, Common.Arg, Common.PC, Limits.CTXW, Limits.NPART;
    reveal SKIP_AND_YIELD_WORK;
    SizedWhenValid(k.Abs());
    ghost var w := T.SkipAndYield(k, now);
    work := work + w;
  }
  method RefuseAndSkip(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures var s := old(k.Abs()); var r := Common.Refuse(s, D.SMC, Status.Unsupported); k.Done(s, r.(vol := D.Skip(r.vol, Common.Me(s))), now)
  {
    hide *;
    reveal k.Done, D.Skip, D.SMC, SMC_CALL, T.Next, Step.Commit, Common.Refuse, Common.Answer, Common.SetReg, Common.Me, Common.Arg, Common.PC, Limits.CTXW, Limits.NPART, Limits.NCTX, State.Sized;
    SizedWhenValid(k.Abs());
    var me, pc := k.sched.cur, Arg(k, 31);
    Refuse(k, SMC_CALL, Status.Unsupported, now);
    k.Set(me, 31, T.Next(pc));
  }
  method EndByFault(k: Core, esr: u64, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures var s := old(k.Abs()); var me := Common.Me(s); k.Done(s, D.End(s, me, me, D.BY_FAULT + esr % D.BY_FAULT, now), now)
    ensures work <= END_BY_FAULT_WORK
  {
    hide *;
    work := 1;
    reveal Ends, D.Ending, D.BY_FAULT, BY_FAULT, WIDTH, Common.Me, END_BY_FAULT_WORK;
    ghost var s := k.Abs();
    var me := Me(k);
    MayEnd(s, me);
    T.Sized(k);
    ghost var w := End(k, me, me, BY_FAULT + esr % WIDTH, now);
    work := work + w;
    EndDone(k, s, s, me, me, D.BY_FAULT + esr % D.BY_FAULT, now);
  }
  /** The guest's own vector gets the exception, and the witness log the place. */
  method Inject(k: Core, place: u64, esr: u64, class_: u64, far: u64, now: u64)
    requires k.Called() && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    modifies k.Repr()
    ensures var s := old(k.Abs()); var me := Common.Me(s);
      k.Done(s, Common.Verdict([Apply.Fault(me, place, esr)], s.vol, [Common.Effect(Common.INJECT, me as u64, class_, far)]), now)
  {
    hide *;
    reveal k.Done, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Wit.Room, Wit.Spare, Common.INJECT, INJECT, Common.Me, Limits.NPART;
    var me := k.sched.cur;
    ghost var a := Apply.Fault(me, place, esr);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x42, 0, me, place, esr, now);
    NoEffects(k);
    k.Emit(INJECT, me as u64, class_, far);
  }

  // ---- partition_terminate ----------------------------------------------------------------------------------------------------

  /** The guard of a call on another partition. */
  function Other(k: Core, h: u64, rights: u32): (status: u64)
    requires k.Called()
    reads k.Repr()
    ensures status == DP.Other(k.Abs(), h, rights)
    ensures status == Status.OK ==> Guarded(k, h) && 0 < Object(k, h) < NPART && Object(k, h) != Me(k)
  {
    GuardFacts(k, h, Kinds.Partition, rights);
    DP.Other(k.Abs(), h, rights)
  } by method {
    ghost var work := 1;
    status := Guard(k, h, Kinds.Partition, rights);
    work := work + GUARD_WORK;
    if status == Status.OK {
      var q := Object(k, h);
      if q == 0 || q >= NPART || q == Me(k) { status := Status.InvalidPartitionState; }
    }
    assert work <= OTHER_WORK;
  }
  method PartitionTerminate(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), DP.PartitionTerminate(old(k.Abs()), now), now)
    ensures work <= PARTITION_TERMINATE_WORK
  {
    hide *;
    work := 1;
    reveal DP.PartitionTerminate, CALLS, Common.CALLS, Limits.CTXW, Status.OK, Rights.REVOKE, PARTITION_TERMINATE_WORK;
    var h := Arg(k, 1);
    var g := Other(k, h, Rights.REVOKE);
    work := work + OTHER_WORK;
    if g != Status.OK { Refuse(k, CALLS + 75, g, now); return; }
    var p := Object(k, h);
    if T.Life(k, p) == Kinds.Free { Refuse(k, CALLS + 75, Status.InvalidPartitionState, now); return; }
    ghost var w := EndOther(k, p, now);
    work := work + w;
  }
  method EndOther(k: Core, p: u32, now: u64) returns (ghost work: nat)
    requires k.Called() && 0 < p < NPART && k.Abs().st.parts[p].life != Kinds.Free
    modifies k.Repr()
    ensures var s := old(k.Abs()); var me := Common.Me(s);
      k.Done(s, D.End(s.(vol := Common.SetReg(s.vol, me, 0, Status.OK)), me, p, D.BY_OTHER, now), now)
    ensures work <= END_OTHER_WORK
  {
    hide *;
    work := 1;
    reveal Ends, D.Ending, D.BY_OTHER, BY_OTHER, Common.Me, Common.SetReg, Limits.CTXW, Limits.NPART, Status.OK, END_OTHER_WORK;
    ghost var s0 := k.Abs();
    var me := Me(k);
    MayEnd(s0, p);
    MayEnd(s0, me);
    k.Set(me, 0, Status.OK);
    ghost var s := k.Abs();
    T.Sized(k);
    ghost var w := End(k, me, p, BY_OTHER, now);
    work := work + w;
    EndDone(k, s0, s, me, p, D.BY_OTHER, now);
  }
}
