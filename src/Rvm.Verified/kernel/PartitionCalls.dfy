include "Making.dfy"

/** partition_create, partition_start and partition_suspend. */
module PartitionCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import CoreMemory
  import CoreTasks
  import A = Actions
  import K = Making
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
  import M = Memory
  import Caps = Capabilities
  import Wit = Witness
  import Schedulers

  const CALLS: u64 := 0xC600_0000

  // Most steps of work (spec/Cost.dfy).
  ghost const OTHER_WORK: nat := 1 + GUARD_WORK
  ghost const PARTITION_START_WORK: nat := 1 + OTHER_WORK + START_WORK
  ghost const START_WORK: nat := 1 + CoreState.MAKE_READY_WORK
  ghost const PARTITION_SUSPEND_WORK: nat := 1 + OTHER_WORK + SUSPEND_WORK
  ghost const SUSPEND_WORK: nat := 1 + CoreTasks.STOP_WORK
  ghost const FREE_PART_WORK: nat := 1 + Schedulers.FREE_PART_WORK
  ghost const PARTITION_CREATE_WORK: nat := 1 + GUARD_WORK + FREE_PART_WORK + FREE_SLOT_WORK + K.SLOT_WORK + K.SECOND_SLOT_WORK + CREATE_WORK
  ghost const CREATE_WORK: nat := 1 + K.MAKE_WORK

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
    assert 1 + GUARD_WORK <= OTHER_WORK;
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

  method PartitionStart(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.PartitionStart_(old(k.Abs()), now), now)
    ensures work <= PARTITION_START_WORK
  {
    hide *;
    work := 1;
    reveal D.PartitionStart_, CALLS, Common.CALLS, Limits.CTXW, Status.OK, PARTITION_START_WORK;
    var h := Arg(k, 1);
    var g := Other(k, h, Rights.WRITE);
    work := work + OTHER_WORK;
    if g != Status.OK { Refuse(k, CALLS + 73, g, now); return; }
    var p := Object(k, h);
    if Life(k, p) != Kinds.Created && Life(k, p) != Kinds.Suspended { Refuse(k, CALLS + 73, Status.InvalidPartitionState, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Start(k, p, now);
    work := work + w;
  }
  method Start(k: Core, p: u32, now: u64) returns (ghost work: nat)
    requires k.Called() && 0 < p < NPART && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    requires k.Abs().st.parts[p].life == Kinds.Created || k.Abs().st.parts[p].life == Kinds.Suspended
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.StartOther(old(k.Abs()), p, now), now)
    ensures work <= START_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Wit.Room, Wit.Spare;
    reveal START_WORK;
    reveal D.StartOther, State.Sized, CoreMemory.WithLife, CoreMemory.Mappable, S.SetLife, Common.SetReg, Kinds.Free, Kinds.Created, Kinds.Suspended, Kinds.Started, Kinds.Stopped, Kinds.Ready;
    reveal Limits.NPART, Limits.CTXW, Status.OK;
    NotStarted(k.Abs(), p);
    CoreTasks.Sized(k);
    var me := k.sched.cur;
    ghost var a := Apply.PartitionStart(me, p);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x07, 1, me, p as u64, 0, now);
    CoreMemory.SetLife(k, p, Kinds.Started);
    ghost var w := k.MakeReady(p, now);
    work := work + w;
    k.Set(me, 0, Status.OK);
  }
  method PartitionSuspend(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.PartitionSuspend_(old(k.Abs())), now)
    ensures work <= PARTITION_SUSPEND_WORK
  {
    hide *;
    work := 1;
    reveal D.PartitionSuspend_, CALLS, Common.CALLS, Limits.CTXW, Status.OK, PARTITION_SUSPEND_WORK;
    var h := Arg(k, 1);
    var g := Other(k, h, Rights.WRITE);
    work := work + OTHER_WORK;
    if g != Status.OK { Refuse(k, CALLS + 74, g, now); return; }
    var p := Object(k, h);
    if Life(k, p) != Kinds.Started { Refuse(k, CALLS + 74, Status.InvalidPartitionState, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Suspend(k, p, now);
    work := work + w;
  }
  method Suspend(k: Core, p: u32, now: u64) returns (ghost work: nat)
    requires k.Called() && 0 < p < NPART && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1) && k.Abs().st.parts[p].life == Kinds.Started
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.SuspendOther(old(k.Abs()), p), now)
    ensures work <= SUSPEND_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Wit.Room, Wit.Spare;
    reveal SUSPEND_WORK;
    reveal D.SuspendOther, CoreMemory.WithLife, CoreMemory.Mappable, S.SetLife, Common.SetReg, Kinds.Free, Kinds.Started, Kinds.Stopped;
    reveal Limits.NPART, Limits.CTXW, Status.OK;
    var me := k.sched.cur;
    var blocked := Blocked(k, p);
    ghost var a := Apply.PartitionSuspend(me, p);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x08, 1, me, p as u64, 0, now);
    ghost var w := CoreTasks.Stop(k, p);
    work := work + w;
    CoreMemory.SetLife(k, p, Kinds.Suspended);
    k.Set(me, 0, Status.OK);
    if blocked { k.Set(p, 0, Status.InvalidPartitionState); }
  }

  // ---- partition_create -----------------------------------------------------------------------------------------------------

  /** The slot for a new partition; NPART: none. */
  function FreePart(k: Core): (p: u32)
    requires k.Inv()
    reads k.Repr()
    ensures p == S.FreeFrom(k.Abs().st.parts, 1) && 0 < p <= NPART
  {
    S.FreeFrom(k.Abs().st.parts, 1)
  } by method {
    ghost var work := 1;
    ghost var w;
    p, w := k.sched.FreePart();
    work := work + w;
    assert work <= FREE_PART_WORK;
  }
  lemma FreeIsFree(parts: seq<State.Part>, i: u32)
    requires |parts| == NPART as int && i <= NPART
    ensures var p := S.FreeFrom(parts, i); p < NPART ==> parts[p].life == Kinds.Free && parts[p].gen < GENMAX
    decreases NPART - i
  {
    if i < NPART { FreeIsFree(parts, i + 1); }
  }
  function Slice(k: Core, p: u32): (x: u64)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures x == k.Abs().st.parts[p].slice
  {
    k.sched.Slice(p)
  }
  function Rel(k: Core, p: u32): (x: u64)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures x == k.Abs().st.parts[p].rel
  {
    k.sched.Rel(p)
  }
  lemma ImageFits(s: State.Kernel, image: u64)
    requires Valid.Valid(s) && image as int < |s.images|
    ensures Valid.ImageOk(s.images[image]) && K.Fitting(s.images[image]) && A.Tables(s) && |s.images| <= NIMAGE as int
  {}
  /** The free slot is another than the caller's, or the hypervisor's. */
  lemma FreeSlotFits(s: State.Kernel, who: u32)
    requires Valid.Valid(s) && (who == 0 || who == s.vol.sched.cur)
    ensures who < NPART && A.Tables(s)
    ensures var p := S.FreeFrom(s.st.parts, 1);
            0 < p && (p < NPART ==> p != who && s.st.parts[p].gen < GENMAX && s.vol.sched.tasks[p].run == Kinds.Stopped)
  {
    FreeIsFree(s.st.parts, 1);
    var p := S.FreeFrom(s.st.parts, 1);
    if p < NPART { NotStarted(s, p); }
    if who != 0 {
      reveal S.Placed(), S.OnlyStartedRun();
      assert S.InPlace(s.vol.sched, who);
    }
  }
  method PartitionCreate(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.PartitionCreate_(old(k.Abs())), now)
    ensures work <= PARTITION_CREATE_WORK
  {
    hide *;
    work := 1;
    reveal D.PartitionCreate_, D.Place, D.RECORDS, K.Later, K.Makable, Planned, CALLS, Common.CALLS, Limits.CTXW, Limits.CSLOTS, Limits.NREGION, Limits.NPART, Limits.RING, Limits.NIMAGE, Status.OK;
    reveal PARTITION_CREATE_WORK;
    reveal Status.OutOfMemory, K.Fitting, Common.Me;
    var h, image, name, quota, budget := Arg(k, 1), Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    var g := Guard(k, h, Kinds.PhysMemPool, Rights.WRITE);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 12, g, now); return; }
    if image >= K.Images(k) as u64 { Refuse(k, CALLS + 12, Status.PartitionNotFound, now); return; }
    var me, p := Me(k), FreePart(k);
    work := work + FREE_PART_WORK;
    var slot := FreeSlot(k, me);
    work := work + FREE_SLOT_WORK;
    ImageFits(k.Abs(), image);
    FreeSlotFits(k.Abs(), me);
    if p == NPART { Refuse(k, CALLS + 12, Status.PartitionLimitExceeded, now); return; }
    if slot == CSLOTS || quota == 0 || quota > RING || budget >= LO32 { Refuse(k, CALLS + 12, Status.ResourceLimitExceeded, now); return; }
    var code, data := K.Word(k, image as u32, 3), K.Word(k, image as u32, 4);
    var c := K.Slot(k, code);
    work := work + K.SLOT_WORK;
    if c == NREGION { Refuse(k, CALLS + 12, Status.OutOfMemory, now); return; }
    var cf := K.Frame(k, c, code);
    var d := if data == 0 then 0 else K.SecondSlot(k, c, p, code, cf, data);
    work := work + K.SECOND_SLOT_WORK;
    if d == NREGION { Refuse(k, CALLS + 12, Status.OutOfMemory, now); return; }
    var df := if data == 0 then 0 else K.SecondFrame(k, c, p, code, cf, d, data);
    if !Room(k, quota + 8) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Create(k, image as u32, p, Slice(k, me), Rel(k, me), quota, budget, name, slot, c, cf, d, df, now);
    work := work + w;
  }
  /** The caller can make this partition. (Opaque: what Makable means is dear, and a contract cannot hide it.) */
  opaque ghost predicate Planned(s: State.Kernel, image: u64, x: D.Plan, w: D.Places)
    requires Common.Runs(s)
    ensures Planned(s, image, x, w) ==> image as int < |s.images| && Valid.ImageOk(s.images[image])
  {
    K.Makable(s, Common.Me(s), image, x, w)
  }
  method Create(k: Core, image: u32, p: u32, slice: u64, rel: u64, quota: u64, budget: u64, name: u64, slot: u32, c: u32, cf: u64, d: u32, df: u64, now: u64)
    returns (ghost work: nat)
    requires k.Called() && slot < CSLOTS && slot == Caps.FreeSlot(k.Abs().st.caps, Common.Me(k.Abs())) && p < NPART
    requires Planned(k.Abs(), image as u64, D.Plan(p, image as u64, slice, rel, quota, budget, name, 0), D.Places(Status.OK, c, cf, d, df))
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Created(old(k.Abs()), D.Plan(p, image as u64, slice, rel, quota, budget, name, 0), old(k.Abs()).images[image],
                                           D.Places(Status.OK, c, cf, d, df), slot), now)
    ensures work <= CREATE_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, D.Created, D.OWNER_RIGHTS, Caps.Handle, Caps.FreeSlot, Caps.ObjectInRange, A.WithVol, A.Do, A.Tables, A.DoAll, K.Fitting, Limits.MAXMAP, Limits.IPAPAGES;
    reveal CREATE_WORK, Planned;
    reveal Kinds.None, Kinds.Partition, Kinds.Region, Kinds.CommEdge, Limits.NPART, Limits.NCAP, Limits.CSLOTS, Limits.LO32, Limits.CTXW, Limits.GENMAX, Status.OK;
    var me := k.sched.cur;
    ghost var x, w := D.Plan(p, image as u64, slice, rel, quota, budget, name, 0), D.Places(Status.OK, c, cf, d, df);
    ghost var s := k.Abs();
    K.Opened(s, me, image as u64, x, w);
    ImageFits(s, image as u64);
    ghost var i := s.images[image];
    ghost var a := Apply.CapGrant(me, me, slot, Kinds.Partition, p, D.OWNER_RIGHTS);
    A.CommitIs(s, D.Created(s, x, i, w, slot), now);
    A.More(s, D.Making(me, x, i, w), a, now);
    var gen := SlotGen(k, me * CSLOTS + slot);
    ghost var made := K.Make(k, me, image, p, slice, rel, quota, budget, name, 0, c, cf, d, df, now, i);
    work := work + made;
    A.LogTables(k);
    K.VolStays(A.DoAll(s, D.Making(me, x, i, w), now), D.Prepared(s.vol, x, i.entry), a, now);
    A.Grant(k, me, me, slot, Kinds.Partition, p, 0x37, now, 1);
    k.Set(me, 0, Status.OK);
    k.Set(me, 1, (gen + 1) as u64 * LO32 + slot as u64);
  }
}
