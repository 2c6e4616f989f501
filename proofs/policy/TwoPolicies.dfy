include "Restriction.dfy"

/** Between two policies calls differ by nothing else than refusals and the records of proofs. */
module {:compile false} TwoPolicies {
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
  import DC = DecideCapability
  import DR = DecideRegion
  import DL = DecideLease
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import G = DecidePolicy
  import DF = DecideProof
  import Kinds
  import Rights
  import Status
  import Step
  import GateActs
  import Restriction

  /** Nothing is different but the policies and which of them is active. */
  ghost predicate Otherwise(k: Kernel, l: Kernel) { Runs(k) && Runs(l) && l == k.(policies := l.policies, st := k.st.(policy := l.st.policy)) }
  lemma Alike(k: Kernel, l: Kernel)
    requires Otherwise(k, l)
    ensures Me(k) == Me(l) && (forall n: u32 {:trigger Arg(k, n)} :: n < CTXW ==> Arg(k, n) == Arg(l, n))
    ensures forall h: u64, kind: u32, rights: u32 {:trigger Guard(k, h, kind, rights)} :: Guard(k, h, kind, rights) == Guard(l, h, kind, rights)
    ensures forall h: u64 {:trigger Object(k, h)} :: C.Slot(h) < CSLOTS as u64 ==> Object(k, h) == Object(l, h)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Refuse(k, call, status) == Refuse(l, call, status)
    ensures forall status: u64 {:trigger Answer(k, status)} :: Answer(k, status) == Answer(l, status)
  {
    hide V.Valid;
    hide C.Check;
  }
  lemma Capability(k: Kernel, l: Kernel)
    requires Otherwise(k, l)
    ensures DC.CapGrant(k) == DC.CapGrant(l) && DC.CapRevoke(k) == DC.CapRevoke(l) && DC.CapDrop(k) == DC.CapDrop(l)
  {
    Alike(k, l);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide C.FreeFrom;
    hide C.DeriveCheck;
  }
  lemma Region(k: Kernel, l: Kernel)
    requires Otherwise(k, l)
    ensures DR.RegionMap(k) == DR.RegionMap(l) && DR.RegionUnmap(k) == DR.RegionUnmap(l)
  {
    Alike(k, l);
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
  lemma DeviceLeases(k: Kernel, l: Kernel, now: u64)
    requires Otherwise(k, l)
    ensures DL.DeviceLeaseAcquire(k, now) == DL.DeviceLeaseAcquire(l, now) && DL.DeviceLeaseRevoke(k) == DL.DeviceLeaseRevoke(l) && DL.LeaseRenew(k, now) == DL.LeaseRenew(l, now)
  {
    Alike(k, l);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide DR.MapCheck;
    hide M.DeviceFree;
    hide M.VirginFrom;
  }
  lemma Messages(k: Kernel, l: Kernel, now: u64)
    requires Otherwise(k, l)
    ensures DE.QueueSend(k, now) == DE.QueueSend(l, now) && DE.QueueRecv(k) == DE.QueueRecv(l)
    ensures DE.NotifySignal(k, now) == DE.NotifySignal(l, now) && DE.NotifyWait(k, now) == DE.NotifyWait(l, now)
  {
    Alike(k, l);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide DE.Deliver;
    hide DE.Taken;
    hide S.BlockCurrent;
  }
  lemma Connecting(k: Kernel, l: Kernel, now: u64)
    requires Otherwise(k, l)
    ensures DE.CommEdgeCreate(k) == DE.CommEdgeCreate(l) && DE.CommEdgeDestroy(k, now) == DE.CommEdgeDestroy(l, now)
  {
    Alike(k, l);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide DE.Connect;
    hide DE.Disappoint;
  }
  lemma Partitions(k: Kernel, l: Kernel, now: u64)
    requires Otherwise(k, l)
    ensures DP.PartitionStart_(k, now) == DP.PartitionStart_(l, now) && DP.PartitionSuspend_(k) == DP.PartitionSuspend_(l)
    ensures DP.PartitionTerminate(k, now) == DP.PartitionTerminate(l, now)
  {
    Alike(k, l);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide S.MakeReady;
    hide S.Stop;
    hide S.Dispatch;
    hide DT.BreakFrom;
    hide DT.Last;
    hide E.ClearFrom;
  }
  lemma Creating(k: Kernel, l: Kernel)
    requires Otherwise(k, l)
    ensures DP.PartitionCreate_(k) == DP.PartitionCreate_(l)
  {
    Alike(k, l);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide C.FreeFrom;
    hide S.FreeFrom;
  }
  lemma Others(k: Kernel, l: Kernel, now: u64, status: u64)
    requires Otherwise(k, l)
    ensures DT.Yield(k, now) == DT.Yield(l, now) && DT.TimerWait(k, now) == DT.TimerWait(l, now) && DT.Exit(k, status, now) == DT.Exit(l, status, now)
    ensures DN.WitnessRead(k) == DN.WitnessRead(l) && DN.WitnessAck(k) == DN.WitnessAck(l) && DN.ConsoleWrite(k) == DN.ConsoleWrite(l)
    ensures Step.Uid(k) == Step.Uid(l) && DF.ProofSubmit(k) == DF.ProofSubmit(l) && DF.ProofStatus(k) == DF.ProofStatus(l)
  {
    Alike(k, l);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide W.Pack;
    hide S.YieldCurrent;
    hide S.BlockCurrent;
    hide S.Stop;
    hide S.Dispatch;
    hide DT.BreakFrom;
    hide DT.Last;
    hide E.ClearFrom;
  }
  /** What a call's row says depends on no policy, but for policy_activate, which chooses among them. */
  lemma Rows_ask_no_policy(k: Kernel, l: Kernel, now: u64)
    requires Otherwise(k, l) && GateActs.Called(k) != CALLS + 79
    ensures Restriction.Unruled(k, now) == Restriction.Unruled(l, now)
  {
    hide *;
    reveal Otherwise, GateActs.Called, Restriction.Unruled, Step.Row, Step.StandardCall, Limits.LO32, Limits.CTXW, CALLS;
    Alike(k, l);
    Capability(k, l);
    Region(k, l);
    DeviceLeases(k, l, now);
    Messages(k, l, now);
    Connecting(k, l, now);
    Partitions(k, l, now);
    Creating(k, l);
    Others(k, l, now, 0);
    Others(k, l, now, Arg(k, 1));
  }
  /** Between two policies a call differs by nothing else: in two states that differ in their policies only, any call but policy_activate comes in both to
      what the same verdict says, or that and the record of its proof, or a refusal. */
  lemma Two_policies_differ_by_refusals_only(k: Kernel, l: Kernel, now: u64)
    requires Otherwise(k, l) && GateActs.Called(k) != CALLS + 79
    ensures var v, u, w := Step.Decide(k, Step.Hypercall(now)), Step.Decide(l, Step.Hypercall(now)), Restriction.Unruled(k, now);
      && (v == w || Restriction.AndItsProof(k, v, w) || Restriction.Refuses(k, v))
      && (u == w || Restriction.AndItsProof(l, u, w) || Restriction.Refuses(l, u))
  {
    hide *;
    reveal Otherwise;
    Rows_ask_no_policy(k, l, now);
    Restriction.A_policy_only_restricts(k, now);
    Restriction.A_policy_only_restricts(l, now);
  }
}
