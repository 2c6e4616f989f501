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
    var h, to, asked := Arg(k, 1), Arg(k, 2), (Arg(k, 3) % LO32) as u32;
    var gh := Guard(k, h, Kinds.None, 0);
    var gt := if to == 0 then Status.OK else Guard(k, to, Kinds.Partition, Rights.WRITE);
    if gh != Status.OK then Refuse(k, CALLS + 1, gh)
    else if gt != Status.OK then Refuse(k, CALLS + 1, gt)
    else
      var src, q := C.Index(Me(k), h), Receiver(k, to);
      var d := C.DeriveCheck(k.st.caps, src, asked);
      var slot := if q < NPART then C.FreeSlot(k.st.caps, q) else CSLOTS;
      if d != Status.OK then Refuse(k, CALLS + 1, d)
      else if slot == CSLOTS then Refuse(k, CALLS + 1, Status.ResourceLimitExceeded)
      else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
      else
        var gen := k.st.caps[q * CSLOTS + slot].gen + 1;
        Verdict([CapDelegate(Me(k), q, slot, C.Slot(h) as u32, asked)],
                SetReg(SetReg(k.vol, Me(k), 0, Status.OK), Me(k), 1, C.Handle(slot, gen)), [])
  }
  function CapRevoke(k: Kernel): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    var g := Guard(k, h, Kinds.None, Rights.REVOKE);
    if g != Status.OK then Refuse(k, CALLS + 64, g)
    else if C.Gen(h) >= GENMAX then Refuse(k, CALLS + 64, Status.ResourceLimitExceeded)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Verdict([Action.CapRevoke(Me(k), C.Slot(h) as u32, C.Gen(h) + 1)],
                 SetReg(SetReg(k.vol, Me(k), 0, Status.OK), Me(k), 1, C.Handle(C.Slot(h) as u32, C.Gen(h) + 1)), [])
  }
  /** Live or dead: the owner of a slot may always empty it. */
  function CapDrop(k: Kernel): Verdict
    requires Runs(k)
  {
    var h := Arg(k, 1);
    if C.Slot(h) >= CSLOTS as u64 then Refuse(k, CALLS + 78, Status.InsufficientCapability)
    else if k.st.caps[C.Index(Me(k), h)].kind == Kinds.None || k.st.caps[C.Index(Me(k), h)].gen != C.Gen(h) then Refuse(k, CALLS + 78, Status.StaleCapability)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Verdict([Action.CapDrop(Me(k), C.Slot(h) as u32)], SetReg(k.vol, Me(k), 0, Status.OK), [])
  }
}
