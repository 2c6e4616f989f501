include "ConfidentialityCreate.dfy"
include "../integrity/Integrity.dfy"
include "../invariant/GateKept.dfy"

/** Nothing that others do without a channel happens to a partition's processor, its translations or its console. */
module {:compile false} ConfidentialityOthers {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import opened Observation
  import opened Declassification
  import Integrity
  import IntegrityCalls
  import CommitKept
  import CallsKept
  import ConfidentialityCreate
  import Reachable
  import A = Apply
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
  import JobsKept
  import GateKept
  import Step
  import Kinds
  import Status
  import Rights

  ghost predicate Elsewhere(v: Verdict, p: u32) { forall j :: 0 <= j < |v.effects| ==> !IsFelt(v.effects[j], p) }

  lemma Silent(k: Kernel, now: u64, p: u32)
    requires Runs(k) && Me(k) != p
    ensures Elsewhere(DC.CapGrant(k), p) && Elsewhere(DC.CapRevoke(k), p) && Elsewhere(DC.CapDrop(k), p) && Elsewhere(DN.WitnessRead(k), p)
    ensures Elsewhere(DE.CommEdgeCreate(k), p) && Elsewhere(DE.CommEdgeDestroy(k, now), p) && Elsewhere(DT.TimerWait(k, now), p)
    ensures Elsewhere(DT.Yield(k, now), p)
    ensures Elsewhere(DN.WitnessAck(k), p) && Elsewhere(DP.PartitionStart_(k, now), p) && Elsewhere(DP.PartitionSuspend_(k), p)
  {
    CallsKept.OtherIs(k, Arg(k, 1), Rights.WRITE);
    hide V.Valid;
    hide W.Room;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide S.MakeReady;
    hide S.Stop;
    hide S.BlockCurrent;
    hide S.YieldCurrent;
    hide DP.Other;
    hide DE.Disappoint;
    hide DE.Connect;
    hide W.Pack;
  }
  lemma DeviceLeases(k: Kernel, now: u64, p: u32)
    requires Runs(k) && Me(k) != p && p < NPART
    ensures Elsewhere(DL.DeviceLeaseAcquire(k, now), p) && Elsewhere(DL.DeviceLeaseRevoke(k), p) && Elsewhere(DL.LeaseRenew(k, now), p)
  {
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK { CallsKept.Placed(k, DL.Shown(k), Arg(k, 3)); }
    hide V.Valid;
    hide W.Room;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide M.DeviceFree;
    hide M.VirginFrom;
  }
  lemma Messages(k: Kernel, now: u64, p: u32)
    requires Runs(k) && Me(k) != p
    ensures Elsewhere(DE.QueueSend(k, now), p) && Elsewhere(DE.QueueRecv(k), p) && Elsewhere(DE.NotifySignal(k, now), p)
    ensures Elsewhere(DE.NotifyWait(k, now), p) && Elsewhere(DF.ProofSubmit(k), p) && Elsewhere(DF.ProofStatus(k), p)
    ensures Elsewhere(DR.RegionMap(k), p) && Elsewhere(DR.RegionUnmap(k), p) && Elsewhere(DN.ConsoleWrite(k), p) && Elsewhere(G.PolicyActivate_(k), p)
  {
    CallsKept.SourceOf(k, Arg(k, 1));
    CallsKept.DestinationOf(k, Arg(k, 1));
    hide V.Valid;
    hide W.Room;
    hide E.Full;
    hide DE.Source;
    hide DE.Destination;
    hide DE.Deliver;
    hide DE.Received;
    hide DE.Taken;
    hide S.BlockCurrent;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide M.MappedTo;
  }
  lemma Ended(k: Kernel, who: u32, r: u32, reason: u64, now: u64, p: u32)
    requires Sized(k) && S.Shape(k.vol.sched) && who < NPART && 0 < r < NPART && r != p
    ensures Elsewhere(DT.End(k, who, r, reason, now), p)
  {
    hide DT.Last;
    hide DT.BreakFrom;
    hide S.Stop;
    hide E.ClearFrom;
    hide S.Dispatch;
  }
  lemma Exit(k: Kernel, status: u64, now: u64, p: u32)
    requires Runs(k) && Me(k) != p
    ensures Elsewhere(DT.Exit(k, status, now), p)
  {
    assert Sized(k) && S.Shape(k.vol.sched);
    hide V.Valid;
    CallsKept.Remainder(status);
    Ended(k.(vol := k.vol.(failed := k.vol.failed || status != 0)), Me(k), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now, p);
    hide DT.End;
  }
  lemma Terminate(k: Kernel, now: u64, p: u32)
    requires IntegrityCalls.Bystander(k, p)
    ensures Elsewhere(DP.PartitionTerminate(k, now), p)
  {
    assert Sized(k) && S.Shape(k.vol.sched);
    CallsKept.OtherIs(k, Arg(k, 1), Rights.REVOKE);
    if Guard(k, Arg(k, 1), Kinds.Partition, Rights.REVOKE) == Status.OK { IntegrityCalls.NotOver(k, Arg(k, 1), Rights.REVOKE, p); }
    hide V.Valid;
    hide DT.End;
    hide Guard;
    hide Channel;
    if DP.Other(k, Arg(k, 1), Rights.REVOKE) == Status.OK {
      Ended(k.(vol := SetReg(k.vol, Me(k), 0, Status.OK)), Me(k), Object(k, Arg(k, 1)), DT.BY_OTHER, now, p);
    }
  }
  lemma Filled(x: DP.Plan, i: Image, w: DP.Places, p: u32)
    requires V.ImageOk(i) && x.p != p
    ensures forall j :: 0 <= j < |DP.Filling(x, i, w)| ==> !IsFelt(DP.Filling(x, i, w)[j], p)
  {
    hide M.Fits;
  }
  lemma Create(k: Kernel, p: u32)
    requires Runs(k) && p < NPART && k.st.parts[p].life != Kinds.Free
    ensures Elsewhere(DP.PartitionCreate_(k), p)
  {
    Silence(k, p);
    hide *;
    if ConfidentialityCreate.Made12(k) {
      ConfidentialityCreate.Ready(k);
      reveal ConfidentialityCreate.Ready12, ConfidentialityCreate.Makeable;
      var i, r, slot := k.images[Arg(k, 2)], MakingTells(k).part, C.FreeSlot(k.st.caps, Me(k));
      var x, w := ConfidentialityCreate.Planned(k, r), DP.Place(k.st.memory, i, r);
      assert x.p == r by { reveal ConfidentialityCreate.Planned; }
      ConfidentialityCreate.CreatedIs(k, x, i, w, slot);
      Filled(x, i, w, p);
      reveal Elsewhere;
    } else {
      ConfidentialityCreate.Refused(k);
    }
  }
  lemma Silence(k: Kernel, p: u32)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Elsewhere(Refuse(k, call, status), p)
    ensures forall status: u64 {:trigger Answer(k, status)} :: Elsewhere(Answer(k, status), p)
  {
    hide V.Valid;
    hide W.Room;
  }
  lemma Standard(k: Kernel, f: u64, now: u64, p: u32)
    requires Runs(k) && Me(k) != p
    ensures Elsewhere(Step.StandardCall(k, f, now), p)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Elsewhere(Refuse(k, call, status), p)
  {
    Exit(k, 0, now, p);
    hide V.Valid;
    hide DT.Exit;
  }
  lemma Call(k: Kernel, now: u64, p: u32)
    requires IntegrityCalls.Bystander(k, p)
    ensures Elsewhere(Step.Call(k, now), p)
  {
    assert Runs(k) && p < NPART && Me(k) != p && k.st.parts[p].life != Kinds.Free by { hide V.Valid; hide Channel; }
    hide *;
    reveal Step.Call, Runs, Arg, Limits.NPART, Limits.CTXW, Limits.LO32, CALLS;
    var f := Arg(k, 0) % LO32;
    if f < CALLS || f > CALLS + 80 {
      Standard(k, f, now, p);
    } else {
      var n := f - CALLS;
      Row(k, n, now, p);
      if G.Governed(k, n) {
        assert G.Decidable(n) by { reveal G.Governed; }
        Gated(k, n, now, Step.Row(k, n, now), p);
      }
    }
  }
  /** Whatever the gate comes to, nobody else feels more of it than of the call. */
  lemma Gated(k: Kernel, n: u64, now: u64, v: Verdict, p: u32)
    requires Runs(k) && G.Decidable(n) && Elsewhere(v, p)
    ensures Elsewhere(G.Gate(k, n, now, v), p)
  {
    Silence(k, p);
    GateKept.Cases(k, n, now, v);
    hide *;
    reveal Elsewhere, GateKept.Stopped, GateKept.WithProof;
  }
  lemma Row(k: Kernel, n: u64, now: u64, p: u32)
    requires IntegrityCalls.Bystander(k, p) && n < LO32 - CALLS
    ensures Elsewhere(Step.Row(k, n, now), p)
  {
    assert Runs(k) && p < NPART && Me(k) != p && k.st.parts[p].life != Kinds.Free by { hide V.Valid; hide Channel; }
    hide *;
    reveal Step.Row, Runs, Limits.NPART, Limits.LO32, CALLS;
    Silent(k, now, p);
    Messages(k, now, p);
    Terminate(k, now, p);
    Create(k, p);
    DeviceLeases(k, now, p);
    forall status: u64 ensures Elsewhere(DT.Exit(k, status, now), p) { Exit(k, status, now, p); }
    Standard(k, 0, now, p);
  }
  lemma Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64, p: u32)
    requires Runs(k) && Me(k) != p
    ensures Elsewhere(DT.Trap(k, esr, far, ipa, vbar, now), p)
  {
    assert Sized(k) && S.Shape(k.vol.sched);
    CallsKept.Remainder(esr);
    Ended(k, Me(k), Me(k), DT.BY_FAULT + esr % DT.BY_FAULT, now, p);
    hide V.Valid;
    hide DT.End;
    hide W.Room;
    hide DT.Skip;
    hide S.YieldCurrent;
  }
  lemma Turn(k: Kernel, now: u64, p: u32)
    requires V.Valid(k) && k.vol.sched.cur != p
    ensures Elsewhere(DT.Turn(k, now), p)
  {
    assert Sized(k) && S.Shape(k.vol.sched);
    hide V.Valid;
    var w := S.Wake(k.vol.sched, k.st.parts, now);
    if w.cur != 0 { Ended(k.(vol := k.vol.(sched := w)), w.cur, w.cur, DT.BY_BUDGET, now, p); }
    hide S.Wake;
    hide DT.End;
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
    hide S.Dispatch;
  }
  lemma Lapse(k: Kernel, now: u64, p: u32)
    requires V.Valid(k) && k.vol.sched.cur != p && p < NPART
    ensures Elsewhere(DT.Lapse(k, now), p)
  {
    Turn(k, now, p);
    var c, w := k.vol.sched.cur, S.Wake(k.vol.sched, k.st.parts, now);
    assert Sized(k) && S.Shape(k.vol.sched) && c < NPART && |k.st.leases| == NPART as int;
    assert w.cur == c;
    hide V.Valid;
    if c != 0 { Ended(k.(vol := k.vol.(sched := w)), c, c, DT.BY_LEASE, now, p); }
    hide DT.Turn;
    hide S.Wake;
    hide DT.End;
    hide W.Room;
  }
  lemma Tick(k: Kernel, now: u64, p: u32)
    requires V.Valid(k) && k.vol.sched.cur != p && p < NPART
    ensures Elsewhere(DT.Tick(k, now), p)
  {
    JobsKept.Worked(k, now);
    Lapse(DT.Worked(k, now), now, p);
    hide V.Valid, DT.Lapse, DT.Worked;
  }
  /** What others do without a channel to a partition, and what happens when nobody runs, does nothing to its processor, its translations and its
      console. */
  lemma Nothing_is_felt_of_what_others_do(k: Kernel, e: Step.Event, p: u32)
    requires Integrity.Apart(k, p) && Integrity.Ordinary(k, e) && Reachable.Inv(k.st)
    ensures Felt(Step.Step(k, e).effects, p) == []
  {
    Integrity.InOrder(k);
    hide *;
    reveal Integrity.Apart, Integrity.Ordinary, Step.Step, Step.Decide, Step.Nothing, Limits.NPART;
    assert Elsewhere(Step.Nothing(k), p) by { reveal Elsewhere; }
    var v := Step.Decide(k, e);
    match e
    case Begin(_, _) => reveal Step.BeginStep, Step.Settle, Felt;
    case Boot(_, _, _) => reveal Step.BootStep, Step.Settle, Felt;
    case Tick(now) => Tick(k, now, p); Away(v, p);
    case Hypercall(now) =>
      if k.vol.sched.cur != 0 { Call(k, now, p) by { reveal IntegrityCalls.Bystander, Runs, Me; } }
      Away(v, p);
    case Trap(esr, far, ipa, vbar, now) =>
      if k.vol.sched.cur != 0 { Trap(k, esr, far, ipa, vbar, now, p) by { reveal Runs, Me; } }
      Away(v, p);
    case Ran(saved, now) => reveal Step.Left, Felt;
  }
  lemma Away(v: Verdict, p: u32)
    requires Elsewhere(v, p)
    ensures Felt(v.effects, p) == []
  {
    ConfidentialityCreate.Unfelt(v.effects, p);
  }
}
