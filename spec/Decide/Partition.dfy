include "Common.dfy"
include "Task.dfy"

/** partition_create (the same for boot and run time), partition_start, partition_suspend, partition_terminate. */
module DecidePartition {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import C = Capabilities
  import M = Memory
  import S = Scheduler
  import W = Witness
  import T = DecideTask
  import Kinds
  import Status
  import Rights

  datatype Plan = Plan(p: u32, image: u64, slice: u64, rel: u64, quota: u64, budget: u64, name: u64, name2: u64)

  /** The regions for an image's code and data pages: slots, frames, and the memory after both. */
  datatype Places = Places(status: u64, code: u32, codeFrame: u64, data: u32, dataFrame: u64)
  function Place(m: State.Memory, i: Image, p: u32): Places
    requires M.Table(m)
  {
    var c := if i.code > 0 then M.Pick(m, i.code) else NREGION;
    if c == NREGION then Places(Status.OutOfMemory, 0, 0, 0, 0)
    else
      var m1 := M.Create(m, c, p, Kinds.Immutable, i.code, M.PickFrame(m, i.code));
      if i.data == 0 then Places(Status.OK, c, M.PickFrame(m, i.code), 0, 0)
      else
        var d := M.Pick(m1, i.data);
        if d == NREGION then Places(Status.OutOfMemory, 0, 0, 0, 0)
        else Places(Status.OK, c, M.PickFrame(m, i.code), d, M.PickFrame(m1, i.data))
  }
  /** What makes partition x.p: identity, schedule, quota, memory filled from the image. */
  function Making(who: u32, x: Plan, i: Image, w: Places): seq<Action>
    requires i.page < LO32 && i.code < LO32 && i.data < LO32 && i.page + i.code < LO32
  {
    [PartitionCreate(who, x.p, x.image), TaskSpawn(who, x.p, x.slice, x.rel), PartitionQuota(who, x.p, x.quota, x.budget),
     RegionCreate(who, w.code, x.p, Kinds.Immutable, i.code, w.codeFrame),
     RegionMap(who, x.p, w.code, i.page as u32, 0, i.code as u32, Kinds.PermRX)]
    + (if i.data == 0 then [] else
       [RegionCreate(who, w.data, x.p, Kinds.Slab, i.data, w.dataFrame),
        RegionMap(who, x.p, w.data, (i.page + i.code) as u32, 0, i.data as u32, Kinds.PermRW)])
  }
  const RECORDS: u64 := 8                         // at most so many records for one partition, its capability included

  /** Frames are zeroed before the image is copied, and the image is copied before anything runs. */
  function Filling(x: Plan, i: Image, w: Places): seq<Effect>
    requires i.code < LO32 && i.offset <= LO32 && i.bytes <= LO32
  {
    var text := if i.bytes < i.code * 4096 then i.bytes else i.code * 4096;
    [Effect(RESET, x.p as u64, 0, 0), Effect(NAME, x.p as u64, x.name, x.name2),
     Effect(ZERO, w.codeFrame, i.code, 0), Effect(COPY, w.codeFrame, i.offset, text), Effect(CODESYNC, w.codeFrame, i.code, 0)]
    + (if i.data == 0 then [] else [Effect(ZERO, w.dataFrame, i.data, 0), Effect(COPY, w.dataFrame, i.offset + text, i.bytes - text)])
    + [Effect(MAPSYNC, x.p as u64, 0, 0)]
  }
  /** Registers of a partition about to start: x0 its id, PC the entry, EL1h with interrupts masked, everything else 0. */
  function ClearRegs(regs: seq<u64>, p: u32, n: u32): seq<u64>
    requires |regs| == NCTX as int && p < NPART && n <= CTXW
    ensures |ClearRegs(regs, p, n)| == |regs|
    decreases n
  {
    if n == 0 then regs else ClearRegs(regs, p, n - 1)[(p * CTXW + n - 1) as int := 0]
  }
  const EL1H_MASKED: u64 := 0x3C5
  function Prepared(v: Volatile, x: Plan, entry: u64): Volatile
    requires |v.regs| == NCTX as int && S.Tables(v.sched) && x.p < NPART
  {
    var r := v.(regs := ClearRegs(v.regs, x.p, CTXW), sched := S.SetLeft(v.sched, x.p, x.budget));
    SetReg(SetReg(SetReg(r, x.p, 0, x.p as u64), x.p, PC, entry), x.p, PSTATE, EL1H_MASKED)
  }
  const OWNER_RIGHTS: u32 := 0x37                 // READ, WRITE, GRANT, PROVE, REVOKE

  function PartitionCreate_(k: Kernel): Verdict
    requires Runs(k)
  {
    var h, image, name, quota, budget := Arg(k, 1), Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    var g := Guard(k, h, Kinds.PhysMemPool, Rights.WRITE);
    if g != Status.OK then Refuse(k, CALLS + 12, g)
    else if image >= |k.images| as u64 then Refuse(k, CALLS + 12, Status.PartitionNotFound)
    else
      var i, p, slot := k.images[image], S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
      if p == NPART then Refuse(k, CALLS + 12, Status.PartitionLimitExceeded)
      else if slot == CSLOTS || quota == 0 || quota > RING || budget >= LO32 then Refuse(k, CALLS + 12, Status.ResourceLimitExceeded)
      else
        var w := Place(k.st.memory, i, p);
        if w.status != Status.OK then Refuse(k, CALLS + 12, w.status)
        else if !W.Room(k.log, Me(k), quota + RECORDS) then Answer(k, Status.WitnessLogFull)
        else
          Created(k, Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, name, 0), i, w, slot)
  }
  /** The new partition is made as planned, and the caller gets a capability for it in this slot. */
  function Created(k: Kernel, x: Plan, i: Image, w: Places, slot: u32): Verdict
    requires Runs(k) && V.ImageOk(i) && x.p < NPART && slot < CSLOTS && k.st.caps[Me(k) * CSLOTS + slot].gen < GENMAX
  {
    var v := Prepared(k.vol, x, i.entry);
    Verdict(Making(Me(k), x, i, w) + [CapGrant(Me(k), Me(k), slot, Kinds.Partition, x.p, OWNER_RIGHTS)],
            SetReg(SetReg(v, Me(k), 0, Status.OK), Me(k), 1, C.Handle(slot, k.st.caps[Me(k) * CSLOTS + slot].gen + 1)),
            Filling(x, i, w))
  }

  /** The guard of calls on another partition. */
  function Other(k: Kernel, h: u64, rights: u32): u64
    requires Runs(k)
  {
    var g := Guard(k, h, Kinds.Partition, rights);
    if g != Status.OK then g else if Object(k, h) == 0 || Object(k, h) >= NPART || Object(k, h) == Me(k) then Status.InvalidPartitionState else Status.OK
  }
  function PartitionStart_(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Other(k, h, Rights.WRITE);
    if g != Status.OK then Refuse(k, CALLS + 73, g)
    else
      var p := Object(k, h);
      if k.st.parts[p].life != Kinds.Created && k.st.parts[p].life != Kinds.Suspended then Refuse(k, CALLS + 73, Status.InvalidPartitionState)
      else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
      else StartOther(k, p, now)
  }
  function StartOther(k: Kernel, p: u32, now: u64): Verdict
    requires Runs(k) && p < NPART
  {
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    Verdict([PartitionStart(Me(k), p)], v.(sched := S.MakeReady(v.sched, p, k.st.parts[p].rel, now)), [])
  }
  function PartitionSuspend_(k: Kernel): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Other(k, h, Rights.WRITE);
    if g != Status.OK then Refuse(k, CALLS + 74, g)
    else
      var p := Object(k, h);
      if k.st.parts[p].life != Kinds.Started then Refuse(k, CALLS + 74, Status.InvalidPartitionState)
      else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
      else SuspendOther(k, p)
  }
  /** A call in which p waits fails. */
  function SuspendOther(k: Kernel, p: u32): Verdict
    requires Runs(k) && p < NPART
  {
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    var blocked := v.sched.tasks[p].run == Kinds.Sleeping || v.sched.tasks[p].run == Kinds.Waiting;
    var w := if blocked then SetReg(v, p, 0, Status.InvalidPartitionState) else v;
    Verdict([PartitionSuspend(Me(k), p)], w.(sched := S.Stop(w.sched, p)), [])
  }
  function PartitionTerminate(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Other(k, h, Rights.REVOKE);
    if g != Status.OK then Refuse(k, CALLS + 75, g)
    else if k.st.parts[Object(k, h)].life == Kinds.Free then Refuse(k, CALLS + 75, Status.InvalidPartitionState)
    else T.End(k.(vol := SetReg(k.vol, Me(k), 0, Status.OK)), Me(k), Object(k, h), T.BY_OTHER, now)
  }
}
