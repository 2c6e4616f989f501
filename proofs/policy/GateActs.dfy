include "../log/Replay.dfy"
include "../authority/GrantsAtBoot.dfy"

/** Which calls leave the record of a proof, and which choose a policy: only sealed ones, behind the gate. */
module {:compile false} GateActs {
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
  import DE = DecideEdge
  import DL = DecideLease
  import DP = DecidePartition
  import DT = DecideTask
  import G = DecidePolicy
  import Policy
  import Step
  import Kinds
  import Status
  import Rights
  import Authority
  import CallsKept
  import GateKept
  import Replay

  /** The function id that the running partition calls, and RVM's number of the call if it is one. */
  ghost function Called(k: Kernel): u64 requires Runs(k) { Arg(k, 0) % LO32 }
  ghost predicate CallsSealed(k: Kernel) requires Runs(k) { CALLS <= Called(k) && G.Sealed(Called(k) - CALLS) }

  /** Neither the record of a proof nor the choice of a policy. */
  ghost predicate Free(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> !acts[i].Proved? && !acts[i].PolicyActivate? }
  /** Nothing is done: no record, or that of a refusal. */
  ghost predicate Idle(acts: seq<Action>) { acts == [] || (|acts| == 1 && acts[0].Reject?) }
  /** What the row of sealed call n does, and then the record of its proof. */
  ghost predicate Proven(k: Kernel, n: u64, now: u64, acts: seq<Action>)
    requires Runs(k) && n < LO32 - CALLS
  {
    && G.Sealed(n) && GateKept.Passed(k, n, now)
    && var w := Step.Row(k, n, now).acts; |w| > 0 && GateKept.AllSeal(w) && acts == w + [GateKept.Proof(k, n, now)]
  }

  lemma OtherRows(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS && n != 12 && n != 79 && n != 19 && n != 20 && n != 71
    ensures Free(Step.Row(k, n, now).acts)
  {
    hide V.Valid;
    hide Guard;
    hide W.Room;
    hide C.DeriveCheck;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide M.Unmapped;
    hide M.Fits;
    hide M.Permits;
    hide M.MappedTo;
    hide S.MakeReady;
    hide S.YieldCurrent;
    hide S.BlockCurrent;
    hide S.Dispatch;
    hide S.Stop;
    hide DT.BreakFrom;
    hide DE.Deliver;
    hide DE.Disappoint;
    hide E.ClearAll;
    hide SetReg;
    hide DP.PartitionCreate_;
    hide G.PolicyActivate_;
  }
  lemma LeaseRows(k: Kernel, now: u64)
    requires Runs(k)
    ensures Free(DL.DeviceLeaseAcquire(k, now).acts) && Free(DL.DeviceLeaseRevoke(k).acts) && Free(DL.LeaseRenew(k, now).acts)
  {
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK { CallsKept.Placed(k, DL.Shown(k), Arg(k, 3)); }
    hide V.Valid;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide M.DeviceFree;
    hide M.VirginFrom;
    hide W.Room;
  }
  lemma Creates(k: Kernel)
    requires Runs(k)
    ensures Free(DP.PartitionCreate_(k).acts)
  {
    hide V.Valid;
    hide Guard;
    hide S.FreeFrom;
    hide C.FreeFrom;
    hide DP.Place;
    hide DP.Filling;
    hide DP.Prepared;
    hide W.Room;
  }
  lemma Standard(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures Free(Step.StandardCall(k, f, now).acts)
  {
    hide V.Valid;
    hide W.Room;
    hide S.Dispatch;
    hide S.Stop;
    hide DT.BreakFrom;
    hide E.ClearAll;
    hide SetReg;
  }
  lemma Refused(k: Kernel)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Idle(Refuse(k, call, status).acts)
    ensures forall status: u64 {:trigger Answer(k, status)} :: Idle(Answer(k, status).acts)
  {
    hide V.Valid;
  }
  lemma IdleIsFree(acts: seq<Action>)
    requires Idle(acts)
    ensures Free(acts)
  {}
  /** A sealed call is governed whatever the policy is: nothing of its row happens without the record of a proof behind it. */
  lemma SealedCalls(k: Kernel, now: u64)
    requires Runs(k) && CallsSealed(k)
    ensures Called(k) - CALLS < LO32 - CALLS
    ensures var acts := Step.Call(k, now).acts; Idle(acts) || Proven(k, Called(k) - CALLS, now, acts)
  {
    SealedIsGated(k, now);
    SealedGate(k, now);
  }
  lemma SealedIsGated(k: Kernel, now: u64)
    requires Runs(k) && CallsSealed(k)
    ensures var n := Called(k) - CALLS; n < LO32 - CALLS && G.Decidable(n) && Step.Call(k, now) == G.Gate(k, n, now, Step.Row(k, n, now))
  {
    var n := Called(k) - CALLS;
    assert G.Decidable(n) && G.Governed(k, n) by { hide *; reveal Called, CallsSealed, G.Sealed, G.Governed, G.Decidable, Policy.Governs, Policy.Always; }
    hide *;
    reveal Runs, Called, Limits.LO32, Limits.CTXW, CALLS, Step.Call, G.Decidable;
  }
  lemma SealedGate(k: Kernel, now: u64)
    requires Runs(k) && CallsSealed(k) && G.Decidable(Called(k) - CALLS)
    ensures var n := Called(k) - CALLS; n < LO32 - CALLS && (var acts := G.Gate(k, n, now, Step.Row(k, n, now)).acts; Idle(acts) || Proven(k, n, now, acts))
  {
    var n := Called(k) - CALLS;
    hide *;
    reveal Runs, Called, Limits.LO32, Limits.CTXW, CALLS;
    var v, g := Step.Row(k, n, now), G.Gate(k, n, now, Step.Row(k, n, now));
    GateKept.Cases(k, n, now, v);
    GateKept.SealedActs(k, n, now) by { reveal CallsSealed; }
    Refused(k);
    if GateKept.Stopped(k, n, g) {
      GateKept.StoppedIs(k, n, g);
    } else if g == v {
      reveal G.Acted, Idle, CallsSealed, GateKept.AllSeal, GateKept.Seals;
    } else {
      reveal GateKept.WithProof, Proven, G.Acted, GateKept.AllSeal, GateKept.Seals;
    }
  }
  lemma OtherCalls(k: Kernel, now: u64)
    requires Runs(k) && !CallsSealed(k)
    ensures Free(Step.Call(k, now).acts)
  {
    var f := Called(k);
    hide *;
    reveal Runs, Called, CallsSealed, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    Standard(k, f, now);
    if CALLS <= f {
      var n := f - CALLS;
      var v := Step.Row(k, n, now);
      assert n != 12 && n != 79 && n != 19 && n != 20 && n != 71 by { reveal G.Sealed; }
      OtherRows(k, n, now);
      if G.Decidable(n) {
        GateKept.Cases(k, n, now, v);
        var g := G.Gate(k, n, now, v);
        Refused(k);
        if GateKept.Stopped(k, n, g) {
          GateKept.StoppedIs(k, n, g);
          IdleIsFree(g.acts);
        }
      }
    }
  }
  lemma Commands(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Free(Replay.Asked(B.Command(k, w, size, now)))
  {
    hide V.Valid;
    hide M.Fits;
    hide M.Unmapped;
    hide M.Permits;
    hide M.Pick;
    hide M.PickFrame;
    hide M.DeviceFree;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide S.FreeFrom;
    hide S.MakeReady;
    hide S.Dispatch;
    hide W.Room;
    hide DP.Place;
    hide DP.Prepared;
    hide DP.Filling;
  }
  /** Only two kinds of events: the beginning of the boot, and a sealed call. */
  lemma Events(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures var acts := Replay.Acts(k, e);
      || Free(acts)
      || (e.Begin? && k.booting && acts == Replay.Asked(B.Begin(k, e.bundle)))
      || (e.Hypercall? && Runs(k) && CallsSealed(k) && Called(k) - CALLS < LO32 - CALLS && Proven(k, Called(k) - CALLS, e.now, acts))
  {
    var acts := Replay.Acts(k, e);
    hide *;
    reveal Replay.Acts, Step.Decide, Runs;
    assert Free([]) by { reveal Free; }
    assert Step.Nothing(k).acts == [] by { reveal Step.Nothing; }
    match e
    case Begin(_, _) =>
    case Boot(w, size, now) => Commands(k, w, size, now);
    case Hypercall(now) =>
      if k.vol.sched.cur != 0 {
        if CallsSealed(k) {
          SealedCalls(k, now);
          if Idle(acts) { IdleIsFree(acts); }
        } else { OtherCalls(k, now); }
      }
    case Ran(_, _) => assert acts == [] by { reveal Step.Left; }
    case _ =>
      forall i | 0 <= i < |acts| ensures !acts[i].Proved? && !acts[i].PolicyActivate? {
        Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, acts[i]);
        reveal Authority.AtMostEnds;
      }
      reveal Free;
  }
}
