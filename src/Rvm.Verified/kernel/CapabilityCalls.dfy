include "Common.dfy"

/** cap_grant, cap_revoke, cap_drop. */
module CapabilityCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import Status
  import Kinds
  import Rights
  import Apply
  import Common
  import Step
  import D = DecideCapability
  import Caps = Capabilities
  import Wit = Witness

  const CALLS: u64 := 0xC600_0000

  // Most steps of work (spec/Cost.dfy).
  ghost const CAP_GRANT_WORK: nat := 1 + GUARD_WORK + GUARD_WORK + FREE_SLOT_WORK
  ghost const CAP_REVOKE_WORK: nat := 1 + GUARD_WORK

  function DeriveCheck(k: Core, src: u32, asked: u32): (status: u64)
    requires k.Called() && src < NCAP
    reads k.Repr()
    ensures status == Caps.DeriveCheck(k.Abs().st.caps, src, asked)
    ensures status == Status.OK ==> k.Abs().st.caps[src].depth < MAXDEPTH
  {
    Caps.DeriveCheck(k.Abs().st.caps, src, asked)
  } by method {
    status := k.caps.DeriveCheck(src, asked);
  }
  method CapGrant(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.CapGrant(old(k.Abs())), now)
    ensures work <= CAP_GRANT_WORK
  {
    hide *;
    work := 1;
    reveal D.CapGrant, D.Receiver, Caps.Slot, CALLS, Common.CALLS, Limits.CSLOTS, Limits.CTXW, Limits.NPART, Limits.LO32, Status.OK, Rights.ALL;
    reveal CAP_GRANT_WORK;
    var h, to, asked := Arg(k, 1), Arg(k, 2), Arg(k, 3);
    var gh := Guard(k, h, Kinds.None, 0);
    work := work + GUARD_WORK;
    var gt := if to == 0 then Status.OK else Guard(k, to, Kinds.Partition, Rights.WRITE);
    work := work + GUARD_WORK;
    if gh != Status.OK { Refuse(k, CALLS + 1, gh, now); return; }
    if gt != Status.OK { Refuse(k, CALLS + 1, gt, now); return; }
    if asked > Rights.ALL as u64 { Refuse(k, CALLS + 1, Status.InsufficientCapability, now); return; }
    var src, q := Entry(k, h), Me(k);
    if to != 0 { q := Object(k, to); }
    var d := DeriveCheck(k, src, asked as u32);
    if d != Status.OK { Refuse(k, CALLS + 1, d, now); return; }
    var slot := if q < NPART then FreeSlot(k, q) else CSLOTS;
    work := work + FREE_SLOT_WORK;
    if slot == CSLOTS { Refuse(k, CALLS + 1, Status.ResourceLimitExceeded, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    Grant(k, h, q, slot, asked as u32, now);
  }
  method Grant(k: Core, h: u64, q: u32, slot: u32, rights: u32, now: u64)
    requires k.Called() && Guarded(k, h) && q < NPART && slot < CSLOTS && slot == Caps.FreeSlot(k.Abs().st.caps, q)
    requires Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    requires k.Abs().st.caps[Caps.Index(Common.Me(k.Abs()), h)].depth < MAXDEPTH
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Granted(old(k.Abs()), h, q, slot, rights), now)
  {
    hide *;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Guarded, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Wit.Room, Wit.Spare;
    reveal D.Granted, D.Revoked, Caps.Slot, Caps.Gen, Caps.Index, Caps.Handle, Caps.FreeSlot, Caps.DeriveCheck, Kinds.None, Caps.SlotOk;
    reveal Limits.CSLOTS, Limits.NCAP, Limits.NPART, Limits.LO32, Limits.GENMAX, Limits.MAXDEPTH, Limits.CTXW, Status.OK;
    var me, i, s := k.sched.cur, q * CSLOTS + slot, (h % LO32) as u32;
    var gen := SlotGen(k, i);
    ghost var a := Apply.CapDelegate(me, q, slot, s, rights);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x12, 1, me, q as u64 * LO32 + slot as u64, s as u64 * LO32 + rights as u64, now);
    k.Delegate(i, me * CSLOTS + s, rights);
    k.Set(me, 0, Status.OK);
    k.Set(me, 1, (gen + 1) as u64 * LO32 + slot as u64);
  }
  method CapRevoke(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.CapRevoke(old(k.Abs())), now)
    ensures work <= CAP_REVOKE_WORK
  {
    hide *;
    work := 1;
    reveal D.CapRevoke, Caps.Slot, Caps.Gen, CALLS, Common.CALLS, Limits.CSLOTS, Limits.CTXW, Limits.LO32, Limits.GENMAX, Status.OK, CAP_REVOKE_WORK;
    var h := Arg(k, 1);
    var g := Guard(k, h, Kinds.None, Rights.REVOKE);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 64, g, now); return; }
    if (h / LO32) as u32 >= GENMAX { Refuse(k, CALLS + 64, Status.ResourceLimitExceeded, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    Revoke(k, h, now);
  }
  method Revoke(k: Core, h: u64, now: u64)
    requires k.Called() && Guarded(k, h) && Caps.Gen(h) < GENMAX && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Revoked(old(k.Abs()), h), now)
  {
    hide *;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Guarded, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Wit.Room, Wit.Spare;
    reveal D.Granted, D.Revoked, Caps.Slot, Caps.Gen, Caps.Index, Caps.Handle, Caps.FreeSlot, Caps.DeriveCheck, Kinds.None, Caps.SlotOk;
    reveal Limits.CSLOTS, Limits.NCAP, Limits.NPART, Limits.LO32, Limits.GENMAX, Limits.MAXDEPTH, Limits.CTXW, Status.OK;
    var me, s, gen := k.sched.cur, (h % LO32) as u32, (h / LO32) as u32;
    ghost var a := Apply.CapRevoke(me, s, gen + 1);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x11, 1, me, s as u64, (gen + 1) as u64, now);
    k.Revoke(me * CSLOTS + s);
    k.Set(me, 0, Status.OK);
    k.Set(me, 1, (gen + 1) as u64 * LO32 + s as u64);
  }
  /** Does the handle name a slot of the caller that is in use under this generation, live or dead? */
  function Owned(k: Core, h: u64): (b: bool)
    requires k.Called() && Caps.Slot(h) < CSLOTS as u64
    reads k.Repr()
    ensures b == D.Owned(k.Abs(), h)
  {
    D.Owned(k.Abs(), h)
  } by method {
    var i := k.sched.cur * CSLOTS + (h % LO32) as u32;
    b := k.caps.Used(i) && k.caps.Generation(i) == (h / LO32) as u32;
  }
  method CapDrop(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.CapDrop(old(k.Abs())), now)
  {
    hide *;
    reveal D.CapDrop, Caps.Slot, CALLS, Common.CALLS, Limits.CSLOTS, Limits.CTXW, Limits.LO32;
    var h := Arg(k, 1);
    if h % LO32 >= CSLOTS as u64 { Refuse(k, CALLS + 78, Status.InsufficientCapability, now); return; }
    if !Owned(k, h) { Refuse(k, CALLS + 78, Status.StaleCapability, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    Drop(k, h, now);
  }
  method Drop(k: Core, h: u64, now: u64)
    requires k.Called() && Caps.Slot(h) < CSLOTS as u64 && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Dropped(old(k.Abs()), h), now)
  {
    hide *;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Wit.Room, Wit.Spare;
    reveal D.Dropped, Caps.Slot, Caps.Index, Limits.CSLOTS, Limits.NCAP, Limits.NPART, Limits.LO32, Limits.CTXW, Status.OK;
    var me, s := k.sched.cur, (h % LO32) as u32;
    ghost var a := Apply.CapDrop(me, s);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x11, 1, me, s as u64, 0x8000_0000_0000_0000, now);
    k.Drop(me * CSLOTS + s);
    k.Set(me, 0, Status.OK);
  }
}
