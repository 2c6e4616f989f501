include "IntegrityPartitions.dfy"
include "IntegrityLeases.dfy"

/** No call, trap or tick changes what a partition sees to which the running partition has no channel. */
module {:compile false} IntegrityEvents {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened IntegrityView
  import opened IntegrityHeld
  import opened IntegrityDeeds
  import opened IntegrityRun
  import opened IntegrityCalls
  import L = IntegrityLosses
  import IntegrityObjects
  import IntegrityLeases
  import IntegrityPartitions
  import CapabilityTheorems
  import C = Capabilities
  import S = Scheduler
  import W = Witness
  import V = Valid
  import Leases
  import DC = DecideCapability
  import DR = DecideRegion
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import G = DecidePolicy
  import DF = DecideProof
  import Step
  import PolicyLimits
  import StructureKept
  import CommitKept
  import Kinds
  import Status
  import Rights

  // ---- the end of a partition -----------------------------------------------------------------------------------------------------

  lemma NoEdgeTo(k: Kernel, r: u32, p: u32)
    requires Sized(k) && p < NPART && !Tied(k, r, p)
    ensures NoEdge(k.st.edges, r, p)
  {
    hide TiedBy;
  }
  lemma EndNone(k: Kernel, who: u32, r: u32, reason: u64, now: u64, p: u32)
    requires Sized(k) && S.Shape(k.vol.sched) && who < NPART && 0 < r < NPART && 0 < p < NPART && p != r
    ensures NoneHis(DT.End(k, who, r, reason, now).acts, p) && Unfelt(DT.End(k, who, r, reason, now).effects, p)
  {
    hide DT.BreakFrom;
    hide DT.Last;
    hide S.Stop;
    hide S.Dispatch;
  }
  lemma EndStructure(k: Kernel, v: Volatile, who: u32, r: u32, reason: u64, now: u64, p: u32)
    requires V.Valid(k) && Tables(k.st) && Sane(k.st) && who < NPART && 0 < r < NPART && 0 < p < NPART && p != r && !Tied(k, r, p)
    requires Sized(k.(vol := v)) && S.Shape(v.sched)
    ensures SameStructure(k.st, ApplyAll(k.st, DT.End(k.(vol := v), who, r, reason, now).acts), p)
  {
    assert W.Tables(k.log);
    var last := DT.Ending(k.(vol := v), r);
    CommitKept.EndActs(k.st, k.log, who, r, reason, last, now);
    var t := A.End(k.st, r);
    assert ApplyAll(k.st, DT.End(k.(vol := v), who, r, reason, now).acts) == t by {
      hide *;
      reveal DT.End;
    }
    hide V.Valid;
    L.Ended(k.st, r, p);
    hide *;
    reveal Limits.NPART;
    Same(k, t, p, r, NEDGE);
  }
  /** Partition r ends, to which p is not tied. v: the state that the event found, changed where p does not see it. */
  lemma Ends(k: Kernel, v: Volatile, who: u32, r: u32, reason: u64, now: u64, p: u32)
    requires V.Valid(k) && Tables(k.st) && Sane(k.st) && who < NPART && 0 < r < NPART && 0 < p < NPART && p != r && !Tied(k, r, p)
    requires Sized(k.(vol := v)) && Lined(v.sched) && SameRun(k.st.edges, k.vol, v, p)
    ensures Spares(k, DT.End(k.(vol := v), who, r, reason, now), p)
  {
    hide *;
    reveal Limits.NPART;
    assert Sized(k) && S.Shape(v.sched) && k.(vol := v).st == k.st && k.(vol := v).vol == v by { reveal V.Valid, Lined; }
    assert |k.st.edges| == NEDGE as int by { reveal Sized; }
    NoEdgeTo(k, r, p);
    Ended(k.(vol := v), who, r, reason, now, p);
    RunOn(k.st.edges, k.vol, v, DT.End(k.(vol := v), who, r, reason, now).vol, p);
    EndStructure(k, v, who, r, reason, now, p);
    EndNone(k.(vol := v), who, r, reason, now, p);
    reveal Spares;
  }
  lemma PartitionTerminate(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DP.PartitionTerminate(k, now), p)
  {
    Answers(k, p);
    Ties(k, p);
    TwoRegs(k, Status.OK, 1, 0, p);
    var h := Arg(k, 1);
    if DP.Other(k, h, Rights.REVOKE) == Status.OK {
      IntegrityPartitions.OtherIs(k, h, Rights.REVOKE, p);
      var v := SetReg(k.vol, Me(k), 0, Status.OK);
      assert Sized(k.(vol := v));
      hide V.Valid;
      hide Sane;
      hide Channel;
      hide Tied;
      hide DP.Other;
      hide SameRun;
      Ends(k, v, Me(k), Object(k, h), DT.BY_OTHER, now, p);
    }
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Tied;
    hide DP.Other;
    hide DT.End;
    hide Answer;
    hide Refuse;
    hide Spares;
  }
  /** The running partition itself ends. */
  lemma Exits(k: Kernel, v: Volatile, reason: u64, now: u64, p: u32)
    requires Bystander(k, p) && v == k.vol.(failed := v.failed)
    ensures Sized(k.(vol := v)) && S.Shape(v.sched) && Spares(k, DT.End(k.(vol := v), Me(k), Me(k), reason, now), p)
  {
    Ties(k, p);
    Unchanged(k.st.edges, k.vol, p);
    assert Sized(k.(vol := v));
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Tied;
    assert SameRun(k.st.edges, k.vol, v, p);
    hide SameRun;
    hide DT.End;
    Ends(k, v, Me(k), Me(k), reason, now, p);
  }
  lemma Exit(k: Kernel, status: u64, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DT.Exit(k, status, now), p)
  {
    Exits(k, k.vol.(failed := k.vol.failed || status != 0), DT.BY_EXIT + status % DT.BY_FAULT, now, p);
    hide V.Valid;
    hide DT.End;
    hide Spares;
  }

  // ---- time -----------------------------------------------------------------------------------------------------------------------

  lemma Pausing(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DT.Yield(k, now), p) && Spares(k, DT.TimerWait(k, now), p)
  {
    Ties(k, p);
    TwoRegs(k, Status.OK, 1, 0, p);
    assert |k.st.parts| == NPART as int;
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Tied;
    hide Spares;
    var es, v, wake := k.st.edges, SetReg(k.vol, Me(k), 0, Status.OK), Leases.NoLater(k.st, Me(k), Arg(k, 1));
    assert v.sched == k.vol.sched;
    Yielded(v.sched, k.st.parts, now, p);
    Rescheduled(es, v, S.YieldCurrent(v.sched, k.st.parts, now), p);
    RunOn(es, k.vol, v, v.(sched := S.YieldCurrent(v.sched, k.st.parts, now)), p);
    Blocked(v.sched, k.st.parts, Kinds.Sleeping, wake, now, p);
    Rescheduled(es, v, S.BlockCurrent(v.sched, k.st.parts, Kinds.Sleeping, wake, now), p);
    RunOn(es, k.vol, v, v.(sched := S.BlockCurrent(v.sched, k.st.parts, Kinds.Sleeping, wake, now)), p);
    hide S.YieldCurrent;
    hide S.BlockCurrent;
    hide SetReg;
    hide SameRun;
    Silent(k, DT.Yield(k, now), p);
    Silent(k, DT.TimerWait(k, now), p);
  }

  // ---- the log and the console ------------------------------------------------------------------------------------------------------

  lemma Witnessing(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DN.WitnessRead(k), p) && Spares(k, DN.WitnessAck(k), p) && Spares(k, DN.ConsoleWrite(k), p)
  {
    Answers(k, p);
    NoDrain(k, Arg(k, 1), p);
    TwoRegs(k, Status.OK, 1, 0, p);
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Guard;
    hide Refuse;
    hide Spares;
    hide SameRun;
    var v := DN.ConsoleWrite(k);
    if v.acts == [] && v.vol == SetReg(k.vol, Me(k), 0, Status.OK) { Silent(k, v, p); }
    hide SetReg;
  }
  lemma Uid(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, Step.Uid(k), p)
  {
    Ties(k, p);
    var v := Step.Uid(k);
    assert v.acts == [] && v.vol.sched == k.vol.sched && v.vol.queues == k.vol.queues && |v.vol.regs| == NCTX as int;
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Tied;
    hide Lined;
    assert SameRegs(k.vol.regs, v.vol.regs, p) by { forall m: u32 | m < CTXW ensures SameReg(k.vol.regs, v.vol.regs, p, m) {} }
    hide Step.Uid;
    hide SameRegs;
    Silent(k, v, p);
  }
  lemma StandardCall(k: Kernel, f: u64, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, Step.StandardCall(k, f, now), p)
  {
    Answers(k, p);
    Uid(k, p);
    Exit(k, 0, now, p);
    assert Runs(k);
    hide *;
    reveal Step.StandardCall;
  }
  // ---- policies -------------------------------------------------------------------------------------------------------------------

  lemma PolicyActivate_(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, G.PolicyActivate_(k), p)
  {
    Answers(k, p);
    TwoRegs(k, Status.OK, 1, 0, p);
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Guard;
    hide Answer;
    hide Refuse;
    hide Spares;
    hide SameRun;
    hide SetReg;
    var v := G.PolicyActivate_(k);
    if |v.acts| == 1 && v.acts[0].PolicyActivate? { Adding1(k, v, v.acts[0], p); }
  }
  /** Another's nonce is nothing to p. */
  lemma NonceElsewhere(s: Structure, t: Structure, q: u32, x: u64, p: u32)
    requires p < NPART && SameStructure(s, t, p) && q < NPART && q != p
    ensures SameStructure(s, t.(nonces := t.nonces[q as int := x]), p)
  {
    var u := t.(nonces := t.nonces[q as int := x]);
    forall n: u32 | n < CSLOTS ensures SameSlot(s, u, p, n) {
      assert SameSlot(s, t, p, n);
    }
  }
  lemma OneMore(k: Kernel, v: Verdict, a: Action, p: u32)
    requires Bystander(k, p) && Spares(k, v, p) && a.Proved? && a.who == Me(k)
    ensures Spares(k, v.(acts := v.acts + [a]), p)
  {
    var t := ApplyAll(k.st, v.acts);
    assert Tables(t) && Me(k) < NPART && Me(k) != p by { hide V.Valid; hide Sane; hide Channel; }
    StructureKept.Both(k.st, v.acts, [a]);
    StructureKept.One(t, a);
    hide *;
    reveal Bystander, Spares, NoneHis, NotHis, Charged, Encode, A.Apply, Applicable, Limits.NPART;
    NonceElsewhere(k.st, t, Me(k), a.nonce, p);
  }
  /** Another's deep proof is used up. */
  lemma Spends(k: Kernel, n: u64, v: Verdict, p: u32)
    requires Bystander(k, p) && G.Decidable(n) && Spares(k, v, p)
    ensures Spares(k, v.(vol := G.Spend(k, n, v.vol)), p)
  {
    assert |k.st.edges| == NEDGE as int && Me(k) < NPART && Me(k) != p && p < NPART by { hide Sane; hide Channel; }
    var w := G.Spend(k, n, v.vol);
    hide *;
    reveal Bystander, Spares, Limits.NPART;
    assert Sorts(v.vol) by { reveal SameRun; }
    Unchanged(k.st.edges, v.vol, p);
    if w != v.vol {
      reveal G.Spend, DF.Spent, Limits.CTXW;
      Registered(k.st.edges, v.vol, Me(k), DF.STATE, DF.NONE, p);
    }
    RunOn(k.st.edges, k.vol, v.vol, w, p);
  }
  lemma Submitting(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DF.ProofSubmit(k), p) && Spares(k, DF.ProofStatus(k), p)
  {
    Answers(k, p);
    Ties(k, p);
    assert Sorts(k.vol) && |k.st.edges| == NEDGE as int && Me(k) < NPART && Me(k) != p && 0 < p < NPART by { hide Sane; hide Channel; }
    var v, q, es := DF.ProofSubmit(k), Me(k), k.st.edges;
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Tied;
    hide Guard;
    hide Refuse;
    hide Spares;
    hide Lined;
    if v.acts == [] && |v.effects| == 0 && Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK && DF.Checkable(k.log, Arg(k, 2), Arg(k, 3)) {
      var j := DF.Job(DF.RUNNING, Arg(k, 2), Arg(k, 4), Arg(k, 2), Arg(k, 4), Arg(k, 3), Arg(k, 5), Arg(k, 6));
      Jobbed(es, k.vol, q, j, p);
      var w := DF.SetJob(k.vol, q, j);
      Registered(es, w, q, 0, Status.OK, p);
      RunOn(es, k.vol, w, SetReg(w, q, 0, Status.OK), p);
      hide SameRun, SetReg, DF.SetJob;
      Silent(k, v, p);
    }
    var j := DF.JobOf(k.vol, q);
    Registered(es, k.vol, q, 1, j.state, p);
    var u1 := SetReg(k.vol, q, 1, j.state);
    Registered(es, u1, q, 2, DF.Remaining(j), p);
    var u2 := SetReg(u1, q, 2, DF.Remaining(j));
    RunOn(es, k.vol, u1, u2, p);
    Registered(es, u2, q, 0, Status.OK, p);
    RunOn(es, k.vol, u2, SetReg(u2, q, 0, Status.OK), p);
    hide SameRun, SetReg, DF.SetJob, DF.Remaining;
    Silent(k, DF.ProofStatus(k), p);
  }
  /** The gate spares whom the call itself spares. */
  lemma Gated(k: Kernel, n: u64, now: u64, v: Verdict, p: u32)
    requires Bystander(k, p) && G.Decidable(n) && Spares(k, v, p)
    ensures Spares(k, G.Gate(k, n, now, v), p)
  {
    Answers(k, p);
    hide *;
    reveal Bystander, Runs, G.Gate, CALLS, Limits.LO32, G.RuleOf, PolicyLimits.NORULE;
    if G.P1(k) == Status.OK {
      var s := G.Says(k, n, now);
      var a := Proved(Me(k), G.Nonce(k), n as u32, G.RuleOf(s) as u32, G.Deep(k, n));
      OneMore(k, v, a, p);
      Spends(k, n, v.(acts := v.acts + [a]), p);
    }
  }

  // ---- every call -----------------------------------------------------------------------------------------------------------------

  lemma Call(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, Step.Call(k, now), p)
  {
    hide *;
    reveal Bystander, Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS;
    var f := Arg(k, 0) % LO32;
    if f < CALLS || f > CALLS + 80 {
      StandardCall(k, f, now, p);
    } else {
      var n := f - CALLS;
      Row(k, n, now, p);
      if G.Governed(k, n) {
        assert G.Decidable(n) by { reveal G.Governed; }
        Gated(k, n, now, Step.Row(k, n, now), p);
      }
    }
  }
  lemma Row(k: Kernel, n: u64, now: u64, p: u32)
    requires Bystander(k, p) && n < LO32 - CALLS
    ensures Spares(k, Step.Row(k, n, now), p)
  {
    hide *;
    reveal Bystander, Runs, Step.Row, Limits.LO32, CALLS;
    Answers(k, p);
    PolicyActivate_(k, p);
    IntegrityCalls.CapGrant(k, p);
    IntegrityCalls.CapRevoke(k, p);
    IntegrityCalls.CapDrop(k, p);
    IntegrityObjects.Regions(k, p);
    IntegrityLeases.Leases(k, now, p);
    IntegrityObjects.Sending(k, now, p);
    IntegrityObjects.Receiving(k, now, p);
    IntegrityObjects.CommEdgeCreate(k, p);
    IntegrityObjects.CommEdgeDestroy(k, now, p);
    IntegrityPartitions.PartitionCreate(k, p);
    IntegrityPartitions.StartingAndSuspending(k, now, p);
    PartitionTerminate(k, now, p);
    Pausing(k, now, p);
    Witnessing(k, p);
    Submitting(k, p);
    forall status: u64 ensures Spares(k, DT.Exit(k, status, now), p) { Exit(k, status, now, p); }
  }

  // ---- traps ----------------------------------------------------------------------------------------------------------------------

  lemma Skipped(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures var r := Refuse(k, DT.SMC, Status.Unsupported); |r.vol.regs| == NCTX as int && Spares(k, r.(vol := DT.Skip(r.vol, Me(k))), p)
  {
    Ties(k, p);
    TwoRegs(k, Status.Unsupported, 1, 0, p);
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Tied;
    hide Spares;
    hide Lined;
    var es, v := k.st.edges, SetReg(k.vol, Me(k), 0, Status.Unsupported);
    var n := if v.regs[Me(k) * CTXW + PC] <= TIMEMAX - 4 then v.regs[Me(k) * CTXW + PC] + 4 else 0;
    Registered(es, v, Me(k), PC, n, p);
    RunOn(es, k.vol, v, DT.Skip(v, Me(k)), p);
    hide SetReg;
    hide SameRun;
    var r := Refuse(k, DT.SMC, Status.Unsupported);
    var w := r.(vol := DT.Skip(v, Me(k)));
    if w.acts == [] { Silent(k, w, p); } else { Adding1(k, w, Reject(Me(k), DT.SMC, Status.Unsupported), p); }
  }
  lemma Idled(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures var v := DT.Skip(k.vol, Me(k)); S.Shape(v.sched) && Spares(k, Verdict([], v.(sched := S.YieldCurrent(v.sched, k.st.parts, now)), []), p)
  {
    Ties(k, p);
    assert |k.st.parts| == NPART as int;
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Tied;
    hide Spares;
    var es, v := k.st.edges, DT.Skip(k.vol, Me(k));
    var n := if k.vol.regs[Me(k) * CTXW + PC] <= TIMEMAX - 4 then k.vol.regs[Me(k) * CTXW + PC] + 4 else 0;
    Registered(es, k.vol, Me(k), PC, n, p);
    assert v.sched == k.vol.sched;
    Yielded(v.sched, k.st.parts, now, p);
    Rescheduled(es, v, S.YieldCurrent(v.sched, k.st.parts, now), p);
    var w := v.(sched := S.YieldCurrent(v.sched, k.st.parts, now));
    RunOn(es, k.vol, v, w, p);
    hide S.YieldCurrent;
    hide DT.Skip;
    hide SameRun;
    Silent(k, Verdict([], w, []), p);
  }
  lemma Faults(k: Kernel, place: u64, esr: u64, effects: seq<Effect>, p: u32)
    requires Bystander(k, p) && Unfelt(effects, p)
    ensures Spares(k, Verdict([Fault(Me(k), place, esr)], k.vol, effects), p)
  {
    Ties(k, p);
    Unchanged(k.st.edges, k.vol, p);
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Tied;
    hide Spares;
    hide SameRun;
    Adding1(k, Verdict([Fault(Me(k), place, esr)], k.vol, effects), Fault(Me(k), place, esr), p);
  }
  lemma Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DT.Trap(k, esr, far, ipa, vbar, now), p)
  {
    Answers(k, p);
    Skipped(k, now, p);
    Idled(k, now, p);
    Exits(k, k.vol, DT.BY_FAULT + esr % DT.BY_FAULT, now, p);
    assert k.(vol := k.vol) == k;
    var ec, pc := esr / 0x400_0000 % 64, Arg(k, PC);
    var v := DT.Trap(k, esr, far, ipa, vbar, now);
    if v.acts != [] && v.acts[0].Fault? { Faults(k, if ec == DT.EC_IABORT || ec == DT.EC_DABORT then ipa else pc, esr, v.effects, p); }
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Refuse;
    hide DT.Skip;
    hide DT.End;
    hide Spares;
    hide S.YieldCurrent;
    hide W.Room;
  }
}
