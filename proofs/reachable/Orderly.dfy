include "../../spec/Residue.dfy"
include "../log/Replay.dfy"

/** What every event's actions have in common: they take what is free, give to those that exist, and what is new begins blank. */
module {:compile false} Orderly {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DC = DecideCapability
  import DR = DecideRegion
  import DL = DecideLease
  import L = Leases
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import Rights
  import Authority
  import Residue
  import Replay
  import CallsKept
  import CommitKept
  import StepPreservesValid

  // ---- what an action may find ------------------------------------------------------------------------------------------------------

  /** The object is there. (Kinds other than region, partition and edge have one object, which always is.) */
  ghost predicate Exists(s: Structure, kind: u32, obj: u32) requires Tables(s) {
    && (kind == Kinds.Region ==> obj < NREGION && s.memory.regions[obj].owner != 0)
    && (kind == Kinds.Partition ==> obj < NPART && s.parts[obj].life != Kinds.Free)
    && (kind == Kinds.CommEdge ==> obj < NEDGE && s.edges[obj].cap != 0)
  }
  /** An empty slot that can take a capability, of a partition that exists. */
  ghost predicate Vacant(s: Structure, p: u32, slot: u32) requires Tables(s) {
    Lives(s, p) && slot < CSLOTS && s.caps[p * CSLOTS + slot].kind == Kinds.None && s.caps[p * CSLOTS + slot].gen < GENMAX
  }
  ghost predicate Lives(s: Structure, p: u32) requires Tables(s) { 0 < p < NPART && s.parts[p].life != Kinds.Free }

  /** Who may own a region: a partition that exists, or everybody. */
  ghost predicate MayOwn(s: Structure, p: u32) requires Tables(s) { p == EVERYBODY || Lives(s, p) }

  /** The action takes a slot that is free, gives to a partition that exists, names an object that is there. */
  ghost predicate Proper(s: Structure, a: Action) requires Tables(s) {
    match a
    case PartitionCreate(_, p, _)           => 0 < p < NPART && s.parts[p].life == Kinds.Free
    case PartitionStart(_, p)               => Lives(s, p)
    case PartitionSuspend(_, p)             => Lives(s, p)
    case CapGrant(_, to, slot, kind, obj, _) => Vacant(s, to, slot) && kind != Kinds.None && Exists(s, kind, obj)
    case CapDelegate(who, to, slot, src, _) => Vacant(s, to, slot) && Applicable(s, a) && s.caps[who * CSLOTS + src].kind != Kinds.None
    case CapRevoke(_, _, _)                 => Applicable(s, a)
    case RegionCreate(_, r, owner, _, _, _) => r < NREGION && s.memory.regions[r].owner == 0 && MayOwn(s, owner)
    case EdgeCreate(_, e, src, dst, cap)    => e < NEDGE && s.edges[e].cap == 0 && 0 < cap && Lives(s, src) && Lives(s, dst)
    case _ => true
  }
  /** Each is proper when its turn comes, and after a grant nothing but grants and the record of a proof comes. */
  ghost predicate AllProper(s: Structure, acts: seq<Action>)
    requires Tables(s)
    decreases |acts|
  {
    |acts| == 0 || (Proper(s, acts[0]) && (acts[0].CapGrant? ==> AllGrants(acts[1..])) && AllProper(A.Apply(s, acts[0]), acts[1..]))
  }
  ghost predicate AllGrants(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> acts[i].CapGrant? || acts[i].Proved? }

  /** What an action makes is blank: frames are zeroed, a partition's registers and save area cleared, an edge's queue empty. */
  ghost predicate Blank(k: Kernel, a: Action, v: Volatile, fx: seq<Effect>) requires Sized(k) {
    match a
    case PartitionCreate(_, p, image)     => p < NPART && image < |k.images| as u64 && Effect(RESET, p as u64, 0, 0) in fx &&
      BlankRegisters(v, p, k.images[image].entry)
    case RegionCreate(_, _, _, pol, n, f) => pol == Kinds.Device || Effect(ZERO, f, n, 0) in fx
    case EdgeCreate(_, e, _, _, _)        => e < NEDGE && |v.queues| == NEDGE as int && v.queues[e] == E.EmptyQueue
    case _ => true
  }
  ghost predicate BlankRegisters(v: Volatile, p: u32, entry: u64) requires p < NPART { |v.regs| == NCTX as int &&
    Residue.NewRegisters(v.regs, p, entry) }
  ghost predicate AllBlank(k: Kernel, v: Verdict) requires Sized(k) { forall i :: 0 <= i < |v.acts| ==> Blank(k, v.acts[i], v.vol, v.effects) }
  ghost predicate InOrder(k: Kernel, v: Verdict) requires V.Valid(k) { AllProper(k.st, v.acts) && AllBlank(k, v) }

  /** Id 0 is no partition, generations of partitions can be told from NOGEN, and no capability names a generation of its object that has not been
      yet. */
  ghost predicate Dated(s: Structure) requires Tables(s) {
    && s.parts[0].life == Kinds.Free
    && (forall p: u32 {:trigger s.parts[p]} :: p < NPART ==> s.parts[p].gen <= GENMAX)
    && (forall i: u32 {:trigger s.caps[i]} :: i < NCAP ==> CapDated(s, s.caps[i]))
  }
  ghost function Generation(s: Structure, kind: u32, obj: u32): u32 requires Tables(s) {
    if kind == Kinds.Region && obj < NREGION then s.memory.regions[obj].gen
    else if kind == Kinds.Partition && obj < NPART then s.parts[obj].gen
    else if kind == Kinds.CommEdge && obj < NEDGE then s.edges[obj].gen
    else 0
  }
  ghost predicate CapDated(s: Structure, c: Cap) requires Tables(s) {
    c.kind != Kinds.None ==>
      && c.ogen <= Generation(s, c.kind, c.obj)
      && (c.kind == Kinds.Region && c.obj < NREGION && c.ogen == s.memory.regions[c.obj].gen != A.NOGEN ==> s.memory.regions[c.obj].owner != 0)
  }

  // ---- actions that make nothing ----------------------------------------------------------------------------------------------------

  ghost predicate Tame(a: Action) {
    !a.PartitionCreate? && !a.PartitionStart? && !a.PartitionSuspend? && !a.CapGrant? && !a.CapDelegate? && !a.CapRevoke?
    && !a.RegionCreate? && !a.EdgeCreate?
  }
  ghost predicate AllTame(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> Tame(acts[i]) }
  lemma TameIsProper(s: Structure, acts: seq<Action>)
    requires Tables(s) && AllTame(acts)
    ensures AllProper(s, acts)
    decreases |acts|
  {
    hide A.Apply;
    if |acts| > 0 { TameIsProper(A.Apply(s, acts[0]), acts[1..]); }
  }
  lemma TameIsOrderly(k: Kernel, v: Verdict)
    requires V.Valid(k) && AllTame(v.acts)
    ensures InOrder(k, v)
  {
    TameIsProper(k.st, v.acts);
    hide V.Valid;
    hide AllProper;
  }
  /** The record of a proof may follow anything. */
  lemma ProofIsProper(s: Structure, acts: seq<Action>, a: Action)
    requires Tables(s) && AllProper(s, acts) && a.Proved?
    ensures AllProper(s, acts + [a])
    decreases |acts|
  {
    hide A.Apply;
    if |acts| == 0 { assert acts + [a] == [a]; One(s, a); }
    else {
      assert (acts + [a])[1..] == acts[1..] + [a];
      ProofIsProper(A.Apply(s, acts[0]), acts[1..], a);
    }
  }
  lemma One(s: Structure, a: Action)
    requires Tables(s) && Proper(s, a)
    ensures AllProper(s, [a])
  {
    hide A.Apply;
    assert [a][1..] == [];
  }
  lemma Ahead(s: Structure, a: Action, acts: seq<Action>)
    requires Tables(s) && Proper(s, a) && !a.CapGrant? && AllProper(A.Apply(s, a), acts)
    ensures AllProper(s, [a] + acts)
  {
    hide A.Apply;
    assert ([a] + acts)[1..] == acts;
  }

  // ---- call by call -----------------------------------------------------------------------------------------------------------------

  ghost predicate Mild(v: Verdict) { AllTame(v.acts) }
  lemma Refused(k: Kernel)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Mild(Refuse(k, call, status))
    ensures forall status: u64 {:trigger Answer(k, status)} :: Mild(Answer(k, status))
  {}
  lemma Dropping(k: Kernel)
    requires Runs(k)
    ensures Mild(DC.CapDrop(k))
  {
    Refused(k);
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide W.Room;
  }
  lemma Regions(k: Kernel)
    requires Runs(k)
    ensures Mild(DR.RegionMap(k)) && Mild(DR.RegionUnmap(k))
  {
    Refused(k);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Region, DR.Needs(Arg(k, 5)));
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Region, Rights.READ);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide M.MappedTo;
  }
  lemma DeviceLeases(k: Kernel, now: u64)
    requires Runs(k)
    ensures Mild(DL.DeviceLeaseRevoke(k)) && Mild(DL.LeaseRenew(k, now))
  {
    Refused(k);
    hide V.Valid;
    hide DL.Named;
    hide Refuse;
    hide Answer;
    hide W.Room;
  }
  lemma Messages(k: Kernel, now: u64)
    requires Runs(k)
    ensures Mild(DE.QueueSend(k, now)) && Mild(DE.QueueRecv(k)) && Mild(DE.NotifySignal(k, now)) && Mild(DE.NotifyWait(k, now)) &&
      Mild(DE.CommEdgeDestroy(k, now))
  {
    Refused(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide E.Full;
    hide S.MakeReady;
    hide S.BlockCurrent;
  }
  lemma Own(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures Mild(DT.Exit(k, status, now)) && Mild(DT.TimerWait(k, now)) && Mild(DT.Yield(k, now))
  {
    hide DT.Last;
    hide S.Stop;
    hide S.Dispatch;
    hide S.BlockCurrent;
    hide S.YieldCurrent;
    hide E.ClearFrom;
  }
  lemma Witnessing(k: Kernel)
    requires Runs(k)
    ensures Mild(DN.WitnessRead(k)) && Mild(DN.WitnessAck(k)) && Mild(DN.ConsoleWrite(k))
  {
    Refused(k);
    hide Guard;
    hide Refuse;
    hide W.Room;
  }
  lemma Terminating(k: Kernel, now: u64)
    requires Runs(k)
    ensures Mild(DP.PartitionTerminate(k, now))
  {
    Refused(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DT.Last;
    hide S.Stop;
    hide S.Dispatch;
    hide E.ClearFrom;
  }
  lemma Standard(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures Mild(Step.StandardCall(k, f, now))
  {
    Refused(k);
    Own(k, 0, now);
    assert Mild(Step.Uid(k));
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide DT.Exit;
    hide Step.Uid;
  }
  /** A capability for a partition that passes the guard names one that exists. */
  lemma Guarded(k: Kernel, h: u64, rights: u32)
    requires Runs(k) && Dated(k.st) && Guard(k, h, Kinds.Partition, rights) == Status.OK
    ensures C.Slot(h) < CSLOTS as u64 && Lives(k.st, Object(k, h))
  {
    var i := C.Index(Me(k), h);
    assert C.SlotOk(k.st.caps[i as int]) && CapDated(k.st, k.st.caps[i]);
    assert k.st.parts[Object(k, h)].gen <= GENMAX;
  }
  lemma Mine(k: Kernel)
    requires Runs(k)
    ensures Lives(k.st, Me(k))
  {
    CallsKept.Mine(k);
    hide V.Valid;
  }

  // ---- calls that make something ------------------------------------------------------------------------------------------------------

  lemma Revoking(k: Kernel)
    requires Runs(k)
    ensures InOrder(k, DC.CapRevoke(k))
  {
    Refused(k);
    var h, v := Arg(k, 1), DC.CapRevoke(k);
    if Guard(k, h, Kinds.None, Rights.REVOKE) == Status.OK { Authority.Guarded(k, h, Kinds.None, Rights.REVOKE); }
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    if AllTame(v.acts) { TameIsOrderly(k, v); } else { One(k.st, v.acts[0]); }
  }
  lemma Grant(k: Kernel)
    requires Runs(k) && Dated(k.st)
    ensures InOrder(k, DC.CapGrant(k))
  {
    Refused(k);
    Mine(k);
    var h, to, v := Arg(k, 1), Arg(k, 2), DC.CapGrant(k);
    if Guard(k, h, Kinds.None, 0) == Status.OK {
      Authority.Guarded(k, h, Kinds.None, 0);
      assert k.st.caps[C.Index(Me(k), h)].kind != Kinds.None;
    }
    hide Authority.HoldsIn;
    hide Authority.Holds;
    if to != 0 && Guard(k, to, Kinds.Partition, Rights.WRITE) == Status.OK { Guarded(k, to, Rights.WRITE); }
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide C.FreeFrom;
    hide C.DeriveCheck;
    hide AllProper;
    hide C.LiveAt;
    if AllTame(v.acts) { TameIsOrderly(k, v); } else { One(k.st, v.acts[0]); }
  }
  lemma StartingAndSuspending(k: Kernel, now: u64)
    requires Runs(k)
    ensures InOrder(k, DP.PartitionStart_(k, now)) && InOrder(k, DP.PartitionSuspend_(k))
  {
    Refused(k);
    CallsKept.OtherIs(k, Arg(k, 1), Rights.WRITE);
    hide V.Valid;
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide S.MakeReady;
    hide S.Stop;
    hide W.Room;
    var v, w := DP.PartitionStart_(k, now), DP.PartitionSuspend_(k);
    if AllTame(v.acts) { TameIsOrderly(k, v); } else { One(k.st, v.acts[0]); }
    if AllTame(w.acts) { TameIsOrderly(k, w); } else { One(k.st, w.acts[0]); }
  }
}
