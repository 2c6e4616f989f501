include "../authority/Authority.dfy"
include "FairTurns.dfy"

/** What each call does to the schedule: nobody gets ahead of a partition whose deadline has come, and the processor is given on. */
module {:compile false} FairCalls {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import opened FairSteps
  import opened FairTurns
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import L = Leases
  import DC = DecideCapability
  import DR = DecideRegion
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DF = DecideProof
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import SchedulerOk

  /** The partition that the actions stop; 0 if none. */
  ghost function Victim(acts: seq<Action>): u32 {
    if |acts| > 0 && acts[0].PartitionSuspend? then acts[0].p else if |acts| > 0 && acts[0].PartitionEnd? then acts[0].p else 0
  }
  ghost predicate Moves(k: Kernel, v: Verdict, now: u64)
    requires V.Valid(k)
  {
    Onward(k.st.parts, k.vol.sched, v.vol.sched, now, Victim(v.acts)) && Sober(k, v)
  }
  /** Nobody is started or suspended who does not exist, and the system ends with the last partition. */
  ghost predicate Sober(k: Kernel, v: Verdict)
    requires V.Valid(k)
  {
    && (forall i :: 0 <= i < |v.acts| && (v.acts[i].PartitionStart? || v.acts[i].PartitionSuspend?) ==>
                      |v.acts| == 1 && v.acts[i].p < NPART && k.st.parts[v.acts[i].p].life != Kinds.Free)
    && (v.vol.halted && !k.vol.halted ==>
          |v.acts| == 2 && v.acts[0].PartitionEnd? && v.acts[1].SystemEnd? && 0 < v.acts[0].p < NPART && DT.Last(k.st.parts, v.acts[0].p))
  }
  /** The object of the call's first handle. */
  ghost function Named(k: Kernel): u32 requires Runs(k) { if C.Slot(Arg(k, 1)) < CSLOTS as u64 then Object(k, Arg(k, 1)) else 0 }
  lemma InOrder(k: Kernel)
    requires V.Valid(k)
    ensures |k.st.parts| == NPART as int && |k.st.edges| == NEDGE as int && |k.vol.regs| == NCTX as int && Orderly(k.vol.sched)
    ensures S.SchedOk(k.vol.sched) && S.OnlyStartedRun(k.st.parts, k.vol.sched)
  {}
  lemma Unchanged(k: Kernel, v: Verdict, now: u64)
    requires Runs(k) && v.vol.sched == k.vol.sched && Sober(k, v)
    ensures Moves(k, v, now)
  {
    InOrder(k);
    hide V.Valid;
    Same(k.st.parts, k.vol.sched, now, Victim(v.acts));
    RunsOn(k.st.parts, k.vol.sched, v.vol.sched, now, Victim(v.acts));
  }
  /** Calls that leave the schedule as it is. */
  ghost predicate Calm(k: Kernel, v: Verdict) requires Runs(k) { v.vol.sched == k.vol.sched && Sober(k, v) }
  lemma Answers(k: Kernel)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Calm(k, Refuse(k, call, status))
    ensures forall status: u64 {:trigger Answer(k, status)} :: Calm(k, Answer(k, status))
  {}
  lemma CalmCapabilities(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DC.CapGrant(k)) && Calm(k, DC.CapRevoke(k)) && Calm(k, DC.CapDrop(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide C.FreeFrom;
    hide C.DeriveCheck;
    hide W.Room;
  }
  lemma CalmRegions(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DR.RegionMap(k)) && Calm(k, DR.RegionUnmap(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DR.MapCheck;
    hide M.MappedTo;
    hide W.Room;
  }
  lemma CalmOthers(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DE.QueueRecv(k)) && Calm(k, DE.CommEdgeCreate(k)) && Calm(k, DN.WitnessRead(k)) && Calm(k, DN.WitnessAck(k))
    ensures Calm(k, DN.ConsoleWrite(k)) && Calm(k, Step.Uid(k)) && Calm(k, DF.ProofSubmit(k)) && Calm(k, DF.ProofStatus(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide W.Room;
  }

  // ---- edges ----------------------------------------------------------------------------------------------------------------------

  lemma Readied(k: Kernel, v: Verdict, d: u32, now: u64)
    requires Runs(k) && 0 < d < NPART && d != Me(k) && k.vol.sched.tasks[d].run != Kinds.Ready
    requires v.vol.sched == S.MakeReady(k.vol.sched, d, k.st.parts[d].rel, now) && Sober(k, v)
    ensures Moves(k, v, now)
  {
    InOrder(k);
    hide V.Valid;
    Enters(k.st.parts, k.vol.sched, d, now, Victim(v.acts));
    RunsOn(k.st.parts, k.vol.sched, v.vol.sched, now, Victim(v.acts));
  }
  lemma Waiter(k: Kernel, d: u32)
    requires Runs(k) && d < NPART && (k.vol.sched.tasks[d].run == Kinds.Waiting || k.vol.sched.tasks[d].run == Kinds.Stopped)
    ensures d != Me(k) && (d == 0 ==> k.vol.sched.tasks[d].run == Kinds.Stopped)
  {
    InOrder(k);
    hide V.Valid;
    InQueue(k.vol.sched, d);
  }
  lemma Delivered(k: Kernel, v: Verdict, w: Volatile, d: u32, e: u32, now: u64)
    requires Runs(k) && d < NPART && e < NEDGE && |w.regs| == NCTX as int && |w.queues| == NEDGE as int && w.sched == k.vol.sched && Sober(k, v)
    requires v.vol == DE.Deliver(w, k.st.parts, d, e, now) || v.vol == DE.Disappoint(w, k.st.parts, d, e, now)
    ensures Moves(k, v, now)
  {
    InOrder(k);
    hide S.MakeReady;
    if v.vol.sched == k.vol.sched {
      Unchanged(k, v, now);
    } else {
      Waiter(k, d);
      Readied(k, v, d, now);
    }
  }
  lemma EndsInRange(k: Kernel, e: u32)
    requires V.Valid(k) && e < NEDGE
    ensures k.st.edges[e].dst < NPART && k.st.edges[e].src < NPART
  {
    assert E.EdgeOk(k.st.edges[e as int], k.vol.queues[e as int]);
  }
  lemma Sending(k: Kernel, now: u64)
    requires Runs(k)
    ensures Moves(k, DE.QueueSend(k, now), now) && Moves(k, DE.NotifySignal(k, now), now)
  {
    Answers(k);
    var e := Named(k);
    var v, u := DE.QueueSend(k, now), DE.NotifySignal(k, now);
    if v.vol.sched == k.vol.sched { Unchanged(k, v, now); } else {
      EndsInRange(k, e);
      var w := SetReg(k.vol.(queues := E.Send(k.vol.queues, e, Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5)))), Me(k), 0, Status.OK);
      Delivered(k, v, w, k.st.edges[e].dst, e, now) by { hide DE.Deliver; hide Guard; hide Moves; }
    }
    if u.vol.sched == k.vol.sched { Unchanged(k, u, now); } else {
      EndsInRange(k, e);
      var w := SetReg(k.vol, Me(k), 0, Status.OK);
      w := w.(queues := E.Signal(w.queues, e, Arg(k, 2)));
      Delivered(k, u, w, k.st.edges[e].dst, e, now) by { hide DE.Deliver; hide Guard; hide Moves; }
    }
    hide Guard;
    hide Refuse;
    hide Answer;
    hide Moves;
    hide DE.Deliver;
  }
  lemma Destroying(k: Kernel, now: u64)
    requires Runs(k)
    ensures Moves(k, DE.CommEdgeDestroy(k, now), now)
  {
    Answers(k);
    var e := Named(k);
    var v := DE.CommEdgeDestroy(k, now);
    if v.vol.sched == k.vol.sched { Unchanged(k, v, now); } else {
      EndsInRange(k, e);
      var w := SetReg(k.vol, Me(k), 0, Status.OK);
      Delivered(k, v, w.(queues := E.Clear(w.queues, e)), k.st.edges[e].dst, e, now) by { hide DE.Disappoint; hide Guard; hide Moves; }
    }
    hide Guard;
    hide Refuse;
    hide Answer;
    hide Moves;
    hide DE.Disappoint;
  }

  // ---- the running partition gives way ----------------------------------------------------------------------------------------------

  lemma Waiting(k: Kernel, now: u64)
    requires Runs(k)
    ensures Moves(k, DE.NotifyWait(k, now), now) && Moves(k, DT.TimerWait(k, now), now)
  {
    Answers(k);
    InOrder(k);
    var e := Named(k);
    var v, u := DE.NotifyWait(k, now), DT.TimerWait(k, now);
    if v.vol.sched == k.vol.sched { Unchanged(k, v, now); } else {
      hide V.Valid;
      Blocks(k.st.parts, k.vol.sched, Kinds.Waiting, e as u64, now, 0);
    }
    if u.vol.sched == k.vol.sched { Unchanged(k, u, now); } else {
      hide V.Valid;
      Blocks(k.st.parts, k.vol.sched, Kinds.Sleeping, L.NoLater(k.st, Me(k), Arg(k, 1)), now, 0);
    }
    hide Guard;
    hide Refuse;
    hide S.BlockCurrent;
  }
  lemma Yielding(k: Kernel, now: u64)
    requires Runs(k)
    ensures Moves(k, DT.Yield(k, now), now)
  {
    InOrder(k);
    hide V.Valid;
    Yields(k.st.parts, k.vol.sched, now, 0);
    hide S.YieldCurrent;
  }
  /** Whoever waited for x becomes ready. */
  lemma Broken(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32)
    requires |v.regs| == NCTX as int && Orderly(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    ensures Still(parts, v.sched, DT.BreakFrom(v, es, parts, p, now, e).sched, now, p)
    ensures DT.BreakFrom(v, es, parts, p, now, e).sched.cur == v.sched.cur
    decreases NEDGE - e
  {
    if e == NEDGE { Same(parts, v.sched, now, p); }
    else if !DT.Orphans(es, v.sched, p, e) { Broken(v, es, parts, p, now, e + 1); }
    else {
      var d := es[e].dst;
      var w := DT.Break(v, parts, d, Status.PartitionNotFound, now);
      InQueue(v.sched, d);
      Enters(parts, v.sched, d, now, p);
      assert Orderly(w.sched) by { reveal Still(); }
      assert w.sched.cur == v.sched.cur;
      hide DT.Break;
      Broken(w, es, parts, p, now, e + 1);
      Then(parts, v.sched, w.sched, DT.BreakFrom(w, es, parts, p, now, e + 1).sched, now, p);
    }
  }
  lemma Ending(k: Kernel, s: Sched, who: u32, p: u32, reason: u64, now: u64)
    requires Sized(k) && Orderly(k.vol.sched) && who < NPART && 0 < p < NPART && Orderly(s)
    requires Still(k.st.parts, s, k.vol.sched, now, p) && k.vol.sched.cur == s.cur != 0
    ensures Onward(k.st.parts, s, DT.End(k, who, p, reason, now).vol.sched, now, p)
  {
    var parts, stopped := k.st.parts, S.Stop(k.vol.sched, p);
    Halts(parts, k.vol.sched, p, now);
    Then(parts, s, k.vol.sched, stopped, now, p);
    assert Orderly(stopped) by { reveal Still(); }
    var v0 := k.vol.(sched := stopped, queues := E.ClearAll(k.st.edges, k.vol.queues, p));
    hide S.Stop;
    hide E.ClearAll;
    Broken(v0, k.st.edges, parts, p, now, 0);
    var v := DT.BreakFrom(v0, k.st.edges, parts, p, now, 0);
    Then(parts, s, stopped, v.sched, now, p);
    hide DT.BreakFrom;
    if v.sched.cur == 0 { Dispatches(parts, s, v.sched, now, p); } else { RunsOn(parts, s, v.sched, now, p); }
    hide S.Dispatch;
    hide DT.Ending;
  }
  /** The end of p in a kernel whose registers, flags or schedule have changed since the event found it. */
  lemma EndingMoves(k: Kernel, vol: Volatile, who: u32, p: u32, reason: u64, now: u64)
    requires Runs(k) && |vol.regs| == NCTX as int && |vol.queues| == NEDGE as int && Orderly(vol.sched) && who < NPART && 0 < p < NPART
    requires Still(k.st.parts, k.vol.sched, vol.sched, now, p) && vol.sched.cur == k.vol.sched.cur && vol.halted == k.vol.halted
    ensures Moves(k, DT.End(k.(vol := vol), who, p, reason, now), now)
  {
    InOrder(k);
    assert Sized(k.(vol := vol));
    hide V.Valid;
    Ending(k.(vol := vol), k.vol.sched, who, p, reason, now);
    var v := DT.End(k.(vol := vol), who, p, reason, now);
    assert Victim(v.acts) == p && Sober(k, v) by { hide DT.BreakFrom; hide S.Stop; hide S.Dispatch; hide DT.Last; hide Onward; }
    hide DT.End;
  }
  lemma Exiting(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures Moves(k, DT.Exit(k, status, now), now)
  {
    InOrder(k);
    Same(k.st.parts, k.vol.sched, now, Me(k));
    EndingMoves(k, k.vol.(failed := k.vol.failed || status != 0), Me(k), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now);
    hide V.Valid;
    hide DT.End;
    hide Moves;
  }

  // ---- partitions -------------------------------------------------------------------------------------------------------------------

  lemma Creating(k: Kernel, now: u64)
    requires Runs(k)
    ensures Moves(k, DP.PartitionCreate_(k), now)
  {
    Answers(k);
    InOrder(k);
    var p := S.FreeFrom(k.st.parts, 1);
    var v := DP.PartitionCreate_(k);
    if v.vol.sched == k.vol.sched { Unchanged(k, v, now); } else {
      assert v.vol.sched == S.SetLeft(k.vol.sched, p, Arg(k, 5)) by {
        hide Guard; hide DP.Place; hide DP.Making; hide DP.Filling; hide S.FreeFrom; hide C.FreeFrom;
        hide W.Room; hide S.SetLeft; hide DP.ClearRegs; hide Refuse; hide Answer;
      }
      hide V.Valid;
      Unmoved(k.st.parts, k.vol.sched, p, Arg(k, 5), k.vol.sched.nextWake, now, Victim(v.acts));
      RunsOn(k.st.parts, k.vol.sched, v.vol.sched, now, Victim(v.acts));
    }
    hide Guard;
    hide DP.PartitionCreate_;
  }
  lemma StartingAndSuspending(k: Kernel, now: u64)
    requires Runs(k)
    ensures Moves(k, DP.PartitionStart_(k, now), now) && Moves(k, DP.PartitionSuspend_(k), now)
  {
    Answers(k);
    InOrder(k);
    var p := Named(k);
    var v, u := DP.PartitionStart_(k, now), DP.PartitionSuspend_(k);
    if v.vol.sched == k.vol.sched { Unchanged(k, v, now); } else {
      assert p < NPART && k.st.parts[p].life != Kinds.Started by { hide Guard; hide Refuse; hide Answer; hide W.Room; }
      assert k.vol.sched.tasks[p].run == Kinds.Stopped by { reveal S.OnlyStartedRun; }
      Waiter(k, p);
      assert 0 < p by { hide Guard; hide Refuse; hide Answer; hide W.Room; }
      Readied(k, v, p, now) by { hide Guard; hide Refuse; hide Answer; hide W.Room; hide S.MakeReady; hide Moves; }
    }
    if u.vol.sched == k.vol.sched { Unchanged(k, u, now); } else {
      assert 0 < p < NPART && p != Me(k) && u.vol.sched == S.Stop(k.vol.sched, p) && Victim(u.acts) == p by {
        hide Guard; hide Refuse; hide Answer; hide W.Room; hide S.Stop;
      }
      hide V.Valid;
      Halts(k.st.parts, k.vol.sched, p, now);
      RunsOn(k.st.parts, k.vol.sched, u.vol.sched, now, p);
    }
    hide Guard;
    hide DP.PartitionStart_;
    hide DP.PartitionSuspend_;
  }
  lemma Terminating(k: Kernel, now: u64)
    requires Runs(k)
    ensures Moves(k, DP.PartitionTerminate(k, now), now)
  {
    Answers(k);
    InOrder(k);
    var p := Named(k);
    var v := DP.PartitionTerminate(k, now);
    if v.vol.sched == k.vol.sched { Unchanged(k, v, now); } else {
      assert 0 < p < NPART && v == DT.End(k.(vol := SetReg(k.vol, Me(k), 0, Status.OK)), Me(k), p, DT.BY_OTHER, now) by {
        hide Guard; hide Refuse; hide Answer; hide DT.End;
      }
      Same(k.st.parts, k.vol.sched, now, p);
      EndingMoves(k, SetReg(k.vol, Me(k), 0, Status.OK), Me(k), p, DT.BY_OTHER, now);
    }
    hide Guard;
    hide DP.PartitionTerminate;
    hide DT.End;
    hide Moves;
  }
}
