include "Common.dfy"

/** cap_grant, cap_revoke, cap_drop. */
module DecideCapability {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import C = Capabilities
  import W = Witness
  import Kinds
  import Status
  import Rights

  /** Whom a capability is granted to: the caller (handle 0) or the partition that the handle names. */
  function Receiver(k: Kernel, h: u64): u32 requires Runs(k) && (h == 0 || C.Slot(h) < CSLOTS as u64) { if h == 0 then Me(k) else Object(k, h) }

  function CapGrant(k: Kernel): Verdict
    requires Runs(k)
  {
    var h, to, asked := Arg(k, 1), Arg(k, 2), Arg(k, 3);
    var gh := Guard(k, h, Kinds.None, 0);
    var gt := if to == 0 then Status.OK else Guard(k, to, Kinds.Partition, Rights.WRITE);
    if gh != Status.OK then Refuse(k, CALLS + 1, gh)
    else if gt != Status.OK then Refuse(k, CALLS + 1, gt)
    else if asked > Rights.ALL as u64 then Refuse(k, CALLS + 1, Status.InsufficientCapability)
    else
      var src, q := C.Index(Me(k), h), Receiver(k, to);
      var d := C.DeriveCheck(k.st.caps, src, asked as u32);
      var slot := if q < NPART then C.FreeSlot(k.st.caps, q) else CSLOTS;
      if d != Status.OK then Refuse(k, CALLS + 1, d)
      else if slot == CSLOTS then Refuse(k, CALLS + 1, Status.ResourceLimitExceeded)
      else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
      else Granted(k, h, q, slot, asked as u32)
  }
  function Granted(k: Kernel, h: u64, q: u32, slot: u32, asked: u32): Verdict
    requires Runs(k) && C.Slot(h) < CSLOTS as u64 && q < NPART && slot < CSLOTS && k.st.caps[q * CSLOTS + slot].gen < GENMAX
  {
    Verdict([CapDelegate(Me(k), q, slot, C.Slot(h) as u32, asked)],
            SetReg(SetReg(k.vol, Me(k), 0, Status.OK), Me(k), 1, C.Handle(slot, k.st.caps[q * CSLOTS + slot].gen + 1)), [])
  }
  function CapRevoke(k: Kernel): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Guard(k, h, Kinds.None, Rights.REVOKE);
    if g != Status.OK then Refuse(k, CALLS + 64, g)
    else if C.Gen(h) >= GENMAX then Refuse(k, CALLS + 64, Status.ResourceLimitExceeded)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Revoked(k, h)
  }
  function Revoked(k: Kernel, h: u64): Verdict
    requires Runs(k) && C.Slot(h) < CSLOTS as u64 && C.Gen(h) < GENMAX
  {
    Verdict([Action.CapRevoke(Me(k), C.Slot(h) as u32, C.Gen(h) + 1)],
            SetReg(SetReg(k.vol, Me(k), 0, Status.OK), Me(k), 1, C.Handle(C.Slot(h) as u32, C.Gen(h) + 1)), [])
  }
  /** Live or dead: the owner of a slot may always empty it. */
  function CapDrop(k: Kernel): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    if C.Slot(h) >= CSLOTS as u64 then Refuse(k, CALLS + 78, Status.InsufficientCapability)
    else if !Owned(k, h) then Refuse(k, CALLS + 78, Status.StaleCapability)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Dropped(k, h)
  }
  predicate Owned(k: Kernel, h: u64)
    requires Runs(k) && C.Slot(h) < CSLOTS as u64
  {
    k.st.caps[C.Index(Me(k), h)].kind != Kinds.None && k.st.caps[C.Index(Me(k), h)].gen == C.Gen(h)
  }
  function Dropped(k: Kernel, h: u64): Verdict
    requires Runs(k) && C.Slot(h) < CSLOTS as u64
  {
    Verdict([Action.CapDrop(Me(k), C.Slot(h) as u32)], SetReg(k.vol, Me(k), 0, Status.OK), [])
  }
}
