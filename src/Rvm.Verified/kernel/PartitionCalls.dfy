include "CoreMemory.dfy"
include "CoreTasks.dfy"

/** partition_start and partition_suspend. */
module PartitionCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import CoreMemory
  import CoreTasks
  import Status
  import Kinds
  import Rights
  import State
  import Apply
  import Common
  import Step
  import Valid
  import D = DecidePartition
  import S = Scheduler
  import Caps = Capabilities
  import Wit = Witness

  const CALLS: u64 := 0xC600_0000

  // ---- questions ------------------------------------------------------------------------------------------------------------

  function Life(k: Core, p: u32): (life: u32)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures life == k.Abs().st.parts[p].life
  {
    k.sched.Life(p)
  }
  /** Is p in a call that does not end by itself? */
  function Blocked(k: Core, p: u32): (b: bool)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures b == (k.Abs().vol.sched.tasks[p].run == Kinds.Sleeping || k.Abs().vol.sched.tasks[p].run == Kinds.Waiting)
  {
    k.sched.Run(p) == Kinds.Sleeping || k.sched.Run(p) == Kinds.Waiting
  }
  /** The guard of calls on another partition. */
  function Other(k: Core, h: u64, rights: u32): (status: u64)
    requires k.Called()
    reads k.Repr()
    ensures status == D.Other(k.Abs(), h, rights)
    ensures status == Status.OK ==> Guarded(k, h) && 0 < Common.Object(k.Abs(), h) < NPART && Common.Object(k.Abs(), h) != Common.Me(k.Abs())
  {
    var g := Guard(k, h, Kinds.Partition, rights);
    if g != Status.OK then g else if Object(k, h) == 0 || Object(k, h) >= NPART || Object(k, h) == Me(k) then Status.InvalidPartitionState else Status.OK
  }
  /** A partition that is not started does nothing. */
  lemma NotStarted(s: State.Kernel, p: u32)
    requires Valid.Valid(s) && 0 < p < NPART && s.st.parts[p].life != Kinds.Started
    ensures s.vol.sched.tasks[p].run == Kinds.Stopped && s.vol.sched.cur != p
  {
    reveal S.Placed(), S.OnlyStartedRun();
    assert S.InPlace(s.vol.sched, p);
  }

  // ---- partition_start, partition_suspend -----------------------------------------------------------------------------------

  method PartitionStart(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.PartitionStart_(old(k.Abs()), now), now)
  {
    hide *;
    reveal D.PartitionStart_, CALLS, Common.CALLS, Limits.CTXW, Status.OK;
    var h := Arg(k, 1);
    var g := Other(k, h, Rights.WRITE);
    if g != Status.OK { Refuse(k, CALLS + 73, g, now); return; }
    var p := Object(k, h);
    if Life(k, p) != Kinds.Created && Life(k, p) != Kinds.Suspended { Refuse(k, CALLS + 73, Status.InvalidPartitionState, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    Start(k, p, now);
  }
  method Start(k: Core, p: u32, now: u64)
    requires k.Called() && 0 < p < NPART && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    requires k.Abs().st.parts[p].life == Kinds.Created || k.Abs().st.parts[p].life == Kinds.Suspended
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.StartOther(old(k.Abs()), p, now), now)
  {
    hide *;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Wit.Room, Wit.Spare;
    reveal D.StartOther, State.Sized, CoreMemory.WithLife, CoreMemory.Mappable, S.SetLife, Common.SetReg, Kinds.Free, Kinds.Created, Kinds.Suspended, Kinds.Started, Kinds.Stopped, Kinds.Ready;
    reveal Limits.NPART, Limits.CTXW, Status.OK;
    NotStarted(k.Abs(), p);
    CoreTasks.Sized(k);
    var me := k.sched.cur;
    ghost var a := Apply.PartitionStart(me, p);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x07, 1, me, p as u64, 0, now);
    CoreMemory.SetLife(k, p, Kinds.Started);
    k.MakeReady(p, now);
    k.Set(me, 0, Status.OK);
  }
  method PartitionSuspend(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.PartitionSuspend_(old(k.Abs())), now)
  {
    hide *;
    reveal D.PartitionSuspend_, CALLS, Common.CALLS, Limits.CTXW, Status.OK;
    var h := Arg(k, 1);
    var g := Other(k, h, Rights.WRITE);
    if g != Status.OK { Refuse(k, CALLS + 74, g, now); return; }
    var p := Object(k, h);
    if Life(k, p) != Kinds.Started { Refuse(k, CALLS + 74, Status.InvalidPartitionState, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    Suspend(k, p, now);
  }
  method Suspend(k: Core, p: u32, now: u64)
    requires k.Called() && 0 < p < NPART && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1) && k.Abs().st.parts[p].life == Kinds.Started
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.SuspendOther(old(k.Abs()), p), now)
  {
    hide *;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Wit.Room, Wit.Spare;
    reveal D.SuspendOther, CoreMemory.WithLife, CoreMemory.Mappable, S.SetLife, Common.SetReg, Kinds.Free, Kinds.Started, Kinds.Stopped;
    reveal Limits.NPART, Limits.CTXW, Status.OK;
    var me := k.sched.cur;
    var blocked := Blocked(k, p);
    ghost var a := Apply.PartitionSuspend(me, p);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x08, 1, me, p as u64, 0, now);
    CoreTasks.Stop(k, p);
    CoreMemory.SetLife(k, p, Kinds.Suspended);
    k.Set(me, 0, Status.OK);
    if blocked { k.Set(p, 0, Status.InvalidPartitionState); }
  }
}
