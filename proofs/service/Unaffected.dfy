include "Service.dfy"
include "FairCalls.dfy"

/** Nobody holds anything while waiting: what a call comes to does not depend on what the other partitions wait for. */
module {:compile false} Unaffected {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import Service
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DR = DecideRegion
  import DL = DecideLease
  import Ls = Leases
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import G = DecidePolicy
  import DF = DecideProof
  import Policy
  import Step
  import Kinds
  import Status
  import FairCalls
  import CallsKept
  import FairSteps

  /** k and l differ in the schedule only, and the same partition runs. */
  ghost predicate Twins(k: Kernel, l: Kernel) { Runs(k) && Runs(l) && l == Service.Otherwise(k, l.vol.sched) && l.vol.sched.cur == k.vol.sched.cur }
  ghost predicate Same(k: Kernel, v: Verdict, w: Verdict) requires Runs(k) { Service.SaySame(v, w, Me(k)) }
  lemma Shared(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures Me(k) == Me(l) && forall n: u32 {:trigger Arg(k, n)} {:trigger Arg(l, n)} :: n < CTXW ==> Arg(k, n) == Arg(l, n)
    ensures forall h: u64, kind: u32, rights: u32 {:trigger Guard(k, h, kind, rights)} {:trigger Guard(l, h, kind, rights)} ::
              Guard(k, h, kind, rights) == Guard(l, h, kind, rights)
    ensures forall h: u64 {:trigger Object(k, h)} {:trigger Object(l, h)} :: C.Slot(h) < CSLOTS as u64 ==> Object(k, h) == Object(l, h)
  {}
  lemma Answers(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} {:trigger Refuse(l, call, status)} ::
              Same(k, Refuse(k, call, status), Refuse(l, call, status))
    ensures forall status: u64 {:trigger Answer(k, status)} {:trigger Answer(l, status)} :: Same(k, Answer(k, status), Answer(l, status))
  {}
  lemma Capabilities(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures Same(k, DC.CapGrant(k), DC.CapGrant(l)) && Same(k, DC.CapRevoke(k), DC.CapRevoke(l)) && Same(k, DC.CapDrop(k), DC.CapDrop(l))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide C.FreeFrom;
    hide C.DeriveCheck;
    hide W.Room;
  }
  lemma Regions(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures Same(k, DR.RegionMap(k), DR.RegionMap(l)) && Same(k, DR.RegionUnmap(k), DR.RegionUnmap(l))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DR.MapCheck;
    hide M.MappedTo;
    hide W.Room;
  }
  lemma DeviceLeases(k: Kernel, l: Kernel, now: u64)
    requires Twins(k, l)
    ensures Same(k, DL.DeviceLeaseAcquire(k, now), DL.DeviceLeaseAcquire(l, now)) && Same(k, DL.DeviceLeaseRevoke(k), DL.DeviceLeaseRevoke(l)) && Same(k, DL.LeaseRenew(k, now), DL.LeaseRenew(l, now))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DR.MapCheck;
    hide M.DeviceFree;
    hide M.VirginFrom;
    hide Ls.Pages;
    hide W.Room;
  }
  lemma Others(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures Same(k, DE.QueueRecv(k), DE.QueueRecv(l)) && Same(k, DN.WitnessRead(k), DN.WitnessRead(l)) && Same(k, DN.WitnessAck(k), DN.WitnessAck(l))
    ensures Same(k, DN.ConsoleWrite(k), DN.ConsoleWrite(l)) && Same(k, Step.Uid(k), Step.Uid(l))
    ensures Same(k, DF.ProofSubmit(k), DF.ProofSubmit(l)) && Same(k, DF.ProofStatus(k), DF.ProofStatus(l))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide W.Room;
    hide W.Pack;
  }
  lemma Creation(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures Same(k, DE.CommEdgeCreate(k), DE.CommEdgeCreate(l))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide W.Room;
  }
  lemma Waiting(k: Kernel, l: Kernel, now: u64)
    requires Twins(k, l)
    ensures Same(k, DE.NotifyWait(k, now), DE.NotifyWait(l, now)) && Same(k, DT.TimerWait(k, now), DT.TimerWait(l, now))
      && Same(k, DT.Yield(k, now), DT.Yield(l, now))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide S.BlockCurrent;
    hide S.YieldCurrent;
  }
  lemma Partitions(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures Same(k, DP.PartitionCreate_(k), DP.PartitionCreate_(l))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DP.Place;
    hide DP.Making;
    hide DP.Filling;
    hide DP.ClearRegs;
    hide S.FreeFrom;
    hide C.FreeFrom;
    hide W.Room;
  }
  lemma StartAndSuspend(k: Kernel, l: Kernel, now: u64)
    requires Twins(k, l)
    ensures Same(k, DP.PartitionStart_(k, now), DP.PartitionStart_(l, now)) && Same(k, DP.PartitionSuspend_(k), DP.PartitionSuspend_(l))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide S.MakeReady;
    hide S.Stop;
  }
  /** A delivery to d leaves the registers of the running partition alone. */
  lemma Delivered(k: Kernel, w: Volatile, d: u32, e: u32, now: u64)
    requires Runs(k) && |w.regs| == NCTX as int && |w.queues| == NEDGE as int && w.sched == k.vol.sched && d < NPART && e < NEDGE
      && |k.st.parts| == NPART as int
    ensures forall v :: v == DE.Deliver(w, k.st.parts, d, e, now) || v == DE.Disappoint(w, k.st.parts, d, e, now) ==>
      && |v.regs| == NCTX as int && v.halted == w.halted && v.failed == w.failed
      && Service.SameRegs(v.regs, w.regs, Me(k))
  {
    if k.vol.sched.tasks[d].run == Kinds.Waiting { FairCalls.Waiter(k, d); }
    hide V.Valid;
    hide S.MakeReady;
  }
  lemma BothSend(k: Kernel, l: Kernel, e: u32, now: u64)
    requires Twins(k, l) && e < NEDGE
    ensures Same(k, DE.Sent(k, e, now), DE.Sent(l, e, now)) && Same(k, DE.Signalled(k, e, now), DE.Signalled(l, e, now))
      && Same(k, DE.Destroyed(k, e, now), DE.Destroyed(l, e, now))
  {
    Shared(k, l);
    FairCalls.InOrder(k);
    FairCalls.EndsInRange(k, e);
    assert |k.vol.queues| == NEDGE as int;
    var d := k.st.edges[e].dst;
    var q := E.Send(k.vol.queues, e, Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5)));
    Delivered(k, SetReg(k.vol.(queues := q), Me(k), 0, Status.OK), d, e, now);
    Delivered(l, SetReg(l.vol.(queues := q), Me(k), 0, Status.OK), d, e, now);
    var v, w := SetReg(k.vol, Me(k), 0, Status.OK), SetReg(l.vol, Me(k), 0, Status.OK);
    Delivered(k, v.(queues := E.Signal(v.queues, e, Arg(k, 2))), d, e, now);
    Delivered(l, w.(queues := E.Signal(w.queues, e, Arg(k, 2))), d, e, now);
    Delivered(k, v.(queues := E.Clear(v.queues, e)), d, e, now);
    Delivered(l, w.(queues := E.Clear(w.queues, e)), d, e, now);
    hide V.Valid;
    hide E.Send;
    hide E.Signal;
    hide E.Clear;
    hide DE.Deliver;
    hide DE.Disappoint;
  }
  lemma Sending(k: Kernel, l: Kernel, now: u64)
    requires Twins(k, l)
    ensures Same(k, DE.QueueSend(k, now), DE.QueueSend(l, now)) && Same(k, DE.NotifySignal(k, now), DE.NotifySignal(l, now))
    ensures Same(k, DE.CommEdgeDestroy(k, now), DE.CommEdgeDestroy(l, now))
  {
    Shared(k, l);
    Answers(k, l);
    var e := FairCalls.Named(k);
    if e < NEDGE { BothSend(k, l, e, now); }
    assert forall h: u64 {:trigger DE.Source(k, h)} {:trigger DE.Source(l, h)} :: DE.Source(k, h) == DE.Source(l, h) by { hide Guard; }
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide DE.Source;
    hide DE.Sent;
    hide DE.Signalled;
    hide DE.Destroyed;
    hide Same;
  }
  /** Those who waited for p get an answer; the registers of who does not wait stay as they are. */
  lemma Broken(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32, q: u32)
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE && q < NPART
    requires v.sched.tasks[q].run != Kinds.Waiting
    ensures var w := DT.BreakFrom(v, es, parts, p, now, e);
      w.halted == v.halted && w.failed == v.failed && Service.SameRegs(v.regs, w.regs, q)
    decreases NEDGE - e
  {
    if e < NEDGE {
      hide S.InsertByDeadline;
      if DT.Orphans(es, v.sched, p, e) {
        var b := DT.Break(v, parts, es[e].dst, Status.PartitionNotFound, now);
        assert b.sched.tasks[q].run != Kinds.Waiting && b.halted == v.halted && b.failed == v.failed && Service.SameRegs(v.regs, b.regs, q);
        hide DT.Break;
        Broken(b, es, parts, p, now, e + 1, q);
      } else { Broken(v, es, parts, p, now, e + 1, q); }
    }
  }
  ghost predicate EndsSo(k: Kernel, v: Verdict, p: u32, reason: u64, q: u32) requires Sized(k) && q < NPART {
    var last := DT.Ending(k, p);
    && v.acts == [PartitionEnd(q, p, reason)] + (if last then [SystemEnd] else [])
    && v.effects == [Effect(TLBIVMID, p as u64, 0, 0)] + (if last then [Effect(HALT, if k.vol.failed then 1 else 0, 0, 0)] else [])
    && v.vol.halted == (k.vol.halted || last) && v.vol.failed == k.vol.failed && |v.vol.regs| == NCTX as int
    && Service.SameRegs(k.vol.regs, v.vol.regs, q)
  }
  lemma Ended(k: Kernel, p: u32, reason: u64, now: u64, q: u32)
    requires Sized(k) && S.Shape(k.vol.sched) && 0 < p < NPART && q < NPART && k.vol.sched.tasks[q].run != Kinds.Waiting
    ensures EndsSo(k, DT.End(k, q, p, reason, now), p, reason, q)
  {
    var v0 := k.vol.(sched := S.Stop(k.vol.sched, p), queues := E.ClearAll(k.st.edges, k.vol.queues, p));
    assert v0.sched.tasks[q].run != Kinds.Waiting by { hide S.Remove; }
    Broken(v0, k.st.edges, k.st.parts, p, now, 0, q);
    hide S.Stop;
    hide S.Dispatch;
    hide E.ClearFrom;
    hide DT.BreakFrom;
    hide DT.Last;
  }
  lemma BothEnd(k: Kernel, l: Kernel, kv: Volatile, lv: Volatile, p: u32, reason: u64, now: u64)
    requires Twins(k, l) && 0 < p < NPART && |kv.regs| == NCTX as int && kv.queues == k.vol.queues && kv.sched == k.vol.sched
      && kv.halted == k.vol.halted
    requires lv == kv.(sched := l.vol.sched)
    ensures Sized(k.(vol := kv)) && S.Shape(k.vol.sched) && S.Shape(l.vol.sched) && Sized(l.(vol := lv))
    ensures Same(k, DT.End(k.(vol := kv), Me(k), p, reason, now), DT.End(l.(vol := lv), Me(k), p, reason, now))
  {
    var q := Me(k);
    FairCalls.InOrder(k);
    FairCalls.InOrder(l);
    FairSteps.InQueue(k.vol.sched, q);
    FairSteps.InQueue(l.vol.sched, q);
    assert Sized(k) && Sized(l);
    hide V.Valid;
    Ended(k.(vol := kv), p, reason, now, q);
    Ended(l.(vol := lv), p, reason, now, q);
    hide DT.End;
    hide DT.Last;
  }
  lemma Exiting(k: Kernel, l: Kernel, status: u64, now: u64)
    requires Twins(k, l)
    ensures Same(k, DT.Exit(k, status, now), DT.Exit(l, status, now))
  {
    FairCalls.InOrder(k);
    var failed := k.vol.failed || status != 0;
    BothEnd(k, l, k.vol.(failed := failed), l.vol.(failed := failed), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now);
    hide V.Valid;
    hide DT.End;
    hide Same;
  }
  lemma Terminating(k: Kernel, l: Kernel, now: u64)
    requires Twins(k, l)
    ensures Same(k, DP.PartitionTerminate(k, now), DP.PartitionTerminate(l, now))
  {
    Shared(k, l);
    Answers(k, l);
    FairCalls.InOrder(k);
    var p := FairCalls.Named(k);
    if 0 < p < NPART { BothEnd(k, l, SetReg(k.vol, Me(k), 0, Status.OK), SetReg(l.vol, Me(k), 0, Status.OK), p, DT.BY_OTHER, now); }
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DT.End;
    hide Same;
  }
  lemma StandardCall(k: Kernel, l: Kernel, f: u64, now: u64)
    requires Twins(k, l)
    ensures Same(k, Step.StandardCall(k, f, now), Step.StandardCall(l, f, now))
  {
    Shared(k, l);
    Answers(k, l);
    Others(k, l);
    Exiting(k, l, 0, now);
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide DT.Exit;
    hide Step.Uid;
    hide Same;
  }
  lemma PolicyActivating(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures Same(k, G.PolicyActivate_(k), G.PolicyActivate_(l))
  {
    Shared(k, l);
    Answers(k, l);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
  }
  lemma SameDigest(k: Kernel, l: Kernel, n: u32)
    requires Twins(k, l) && n <= 8
    ensures G.Digest(k, n) == G.Digest(l, n)
  {
    Shared(k, l);
    hide V.Valid;
    if n > 0 { SameDigest(k, l, n - 1); }
  }
  /** P1, the policy and the token say the same. */
  lemma SaysSame(k: Kernel, l: Kernel, n: u64, now: u64)
    requires Twins(k, l) && G.Decidable(n)
    ensures G.P1(k) == G.P1(l) && G.Nonce(k) == G.Nonce(l) && G.Needs(k, n) == G.Needs(l, n) && G.Governed(k, n) == G.Governed(l, n)
    ensures G.P1(k) == Status.OK ==> C.Slot(Arg(k, 1)) < CSLOTS as u64 && C.Slot(Arg(l, 1)) < CSLOTS as u64
    ensures G.P1(k) == Status.OK ==> G.ProofOk(k, n, now) == G.ProofOk(l, n, now)
    ensures G.Deep(k, n) == G.Deep(l, n)
    ensures G.P1(k) == Status.OK ==> G.Says(k, n, now) == G.Says(l, n, now)
  {
    Shared(k, l);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.None, 0);
    assert C.Slot(Arg(k, 1)) < CSLOTS as u64 ==> G.Shown(k) == G.Shown(l);
    assert k.st == l.st && k.policies == l.policies;
    hide *;
    reveal Twins, Runs, G.P1, G.Nonce, G.Needs, G.Governed, G.Active, G.Deep, Limits.CTXW;
    if G.P1(k) == Status.OK {
      assert G.TokenOk(k, now) == G.TokenOk(l, now) by { SameDigest(k, l, 8); reveal G.TokenOk; }
      assert G.ProofOk(k, n, now) == G.ProofOk(l, n, now) by { SameJob(k, l); reveal G.ProofOk; }
      assert G.Says(k, n, now) == G.Says(l, n, now) by { reveal G.Says; assert G.Asked(k, n, now) == G.Asked(l, n, now) by { reveal G.Asked, G.Target; } }
    }
  }
  lemma SameJob(k: Kernel, l: Kernel)
    requires Twins(k, l)
    ensures G.DeepOk(k) == G.DeepOk(l)
  {
    Shared(k, l);
    assert k.vol.regs == l.vol.regs;
    hide V.Valid;
  }
  /** A deep proof is used up in both. */
  lemma Spends(k: Kernel, l: Kernel, n: u64, v: Verdict, w: Verdict)
    requires Twins(k, l) && G.Decidable(n) && Same(k, v, w) && G.Deep(k, n) == G.Deep(l, n)
    ensures Same(k, v.(vol := G.Spend(k, n, v.vol)), w.(vol := G.Spend(l, n, w.vol)))
  {
    Shared(k, l);
    hide V.Valid;
    hide G.Deep;
  }
  lemma Gated(k: Kernel, l: Kernel, n: u64, now: u64, v: Verdict, w: Verdict)
    requires Twins(k, l) && G.Decidable(n) && Same(k, v, w)
    ensures Same(k, G.Gate(k, n, now, v), G.Gate(l, n, now, w))
  {
    Shared(k, l);
    Answers(k, l);
    SaysSame(k, l, n, now);
    Spends(k, l, n, v, w);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide G.ProofOk;
    hide G.Deep;
    hide G.Spend;
    hide G.Says;
    hide G.P1;
    hide G.Needs;
  }
  lemma Call(k: Kernel, l: Kernel, now: u64)
    requires Twins(k, l)
    ensures Same(k, Step.Call(k, now), Step.Call(l, now))
  {
    hide *;
    reveal Twins, Runs, Arg, Step.Call, Limits.LO32, CALLS, Limits.CTXW;
    Shared(k, l);
    var f := Arg(k, 0) % LO32;
    if f < CALLS || f > CALLS + 80 {
      StandardCall(k, l, f, now);
    } else {
      var n := f - CALLS;
      Row(k, l, n, now);
      assert G.Governed(k, n) == G.Governed(l, n) by { reveal G.Governed, G.Active, Service.Otherwise; }
      if G.Governed(k, n) {
        assert G.Decidable(n) by { reveal G.Governed; }
        Gated(k, l, n, now, Step.Row(k, n, now), Step.Row(l, n, now));
      }
    }
  }
  lemma Row(k: Kernel, l: Kernel, n: u64, now: u64)
    requires Twins(k, l) && n < LO32 - CALLS
    ensures Same(k, Step.Row(k, n, now), Step.Row(l, n, now))
  {
    hide *;
    reveal Twins, Runs, Step.Row, Limits.LO32, CALLS, Limits.CTXW;
    Shared(k, l);
    PolicyActivating(k, l);
    Answers(k, l);
    Capabilities(k, l);
    Regions(k, l);
    DeviceLeases(k, l, now);
    Others(k, l);
    Creation(k, l);
    Waiting(k, l, now);
    Partitions(k, l);
    StartAndSuspend(k, l, now);
    Sending(k, l, now);
    Terminating(k, l, now);
    forall status: u64 {:trigger DT.Exit(k, status, now)} {:trigger DT.Exit(l, status, now)}
      ensures Same(k, DT.Exit(k, status, now), DT.Exit(l, status, now)) {
      Exiting(k, l, status, now);
    }
  }
  /** Whatever the other partitions do, wait for a notification, sleep, be ready or be stopped: a call comes to the same. It has the same records and
      changes, the same effects and the same answer. */
  lemma What_others_wait_for_changes_no_call(k: Kernel, s: Sched, now: u64)
    requires Runs(k) && Runs(Service.Otherwise(k, s)) && s.cur == k.vol.sched.cur
    ensures Service.SaySame(Step.Decide(k, Step.Hypercall(now)), Step.Decide(Service.Otherwise(k, s), Step.Hypercall(now)), Me(k))
  {
    var l := Service.Otherwise(k, s);
    Call(k, l, now);
    hide V.Valid;
    hide Step.Call;
    hide Service.SaySame;
  }
}
