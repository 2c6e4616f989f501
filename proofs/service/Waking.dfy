include "Waiting.dfy"

/** What ends a wait: a notification at once, a time by the tick that the timer is set for. */
module {:compile false} Waking {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import opened Service
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import JobsKept
  import DE = DecideEdge
  import DT = DecideTask
  import Step
  import G = DecidePolicy
  import Kinds
  import Status
  import Hash
  import FairCalls
  import FairSteps
  import SchedulerTheorems
  import StepPreservesValid

  lemma NotZero(b: u64) requires b != 0 ensures (b as bv64) != 0 {}
  lemma OrIs(x: bv64) ensures 0 | x == x {}
  lemma Number(x: bv64) requires x != 0 ensures x as u64 != 0 {}
  /** Bits that are signalled are pending. */
  lemma SomeBits(b: u64)
    requires b != 0
    ensures Hash.Or(0, b) != 0
  {
    reveal Hash.Or();
    NotZero(b);
    OrIs(b as bv64);
    Number(b as bv64);
  }
  lemma Delivered(k: Kernel, w: Volatile, d: u32, e: u32, now: u64)
    requires V.Valid(k) && WaitsOn(k, d, e) && |w.regs| == NCTX as int && |w.queues| == NEDGE as int && w.sched == k.vol.sched
      && w.queues[e].bits != 0
    ensures |k.st.parts| == NPART as int
    ensures var v := DE.Deliver(w, k.st.parts, d, e, now);
      v.sched.tasks[d].run == Kinds.Ready && |v.regs| == NCTX as int && v.regs[d * CTXW] == Status.OK && v.regs[d * CTXW + 1] == w.queues[e].bits
  {}
  lemma InQueue(k: Kernel, d: u32)
    requires V.Valid(k) && d < NPART
    ensures d in k.vol.sched.ready <==> k.vol.sched.tasks[d].run == Kinds.Ready
  {
    FairCalls.InOrder(k);
    hide V.Valid;
    FairSteps.InQueue(k.vol.sched, d);
  }
  lemma IsSignal(k: Kernel, now: u64)
    requires Common.Runs(k) && Arg(k, 0) == CALLS + 22
    ensures Step.Decide(k, Step.Hypercall(now)) == DE.NotifySignal(k, now)
  {
    hide *;
    reveal Common.Runs, Arg, Step.Decide, Step.Call, Step.Row, G.Governed, G.Decidable, CALLS, Limits.LO32;
  }
  lemma IsSend(k: Kernel, now: u64)
    requires Common.Runs(k) && Arg(k, 0) == CALLS + 3
    ensures Step.Decide(k, Step.Hypercall(now)) == DE.QueueSend(k, now)
  {
    hide *;
    reveal Common.Runs, Arg, Step.Decide, Step.Call, Step.Row, G.Governed, G.Decidable, CALLS, Limits.LO32;
  }
  lemma Ends(k: Kernel, now: u64, w: Volatile, d: u32, e: u32)
    requires Common.Runs(k) && WaitsOn(k, d, e) && |w.regs| == NCTX as int && |w.queues| == NEDGE as int && w.sched == k.vol.sched
      && w.queues[e].bits != 0
    requires |k.st.parts| == NPART as int && Step.Decide(k, Step.Hypercall(now)).vol == DE.Deliver(w, k.st.parts, d, e, now)
    ensures V.Valid(Step.Step(k, Step.Hypercall(now)).k) && HasBits(Step.Step(k, Step.Hypercall(now)).k, d, w.queues[e].bits)
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, Step.Hypercall(now));
    Delivered(k, w, d, e, now);
    var k' := Step.Step(k, Step.Hypercall(now)).k;
    InQueue(k', d);
    hide V.Valid;
    hide Step.Decide;
    hide DE.Deliver;
  }
  /** When the source signals bits on an edge, whoever waits for it is ready at once, and has those bits. */
  lemma A_signal_ends_the_wait(k: Kernel, now: u64, d: u32, e: u32)
    requires Common.Runs(k) && WaitsOn(k, d, e) && CanWake(k, e, d) && Arg(k, 0) == CALLS + 22 && Arg(k, 2) != 0
    requires DE.Source(k, Arg(k, 1)) == Status.OK && Object(k, Arg(k, 1)) == e && W.Room(k.log, Me(k), 1)
    ensures V.Valid(Step.Step(k, Step.Hypercall(now)).k) && HasBits(Step.Step(k, Step.Hypercall(now)).k, d, Hash.Or(0, Arg(k, 2)))
  {
    IsSignal(k, now);
    FairCalls.InOrder(k);
    assert |k.vol.queues| == NEDGE as int;
    hide V.Valid;
    hide DE.Source;
    hide W.Room;
    hide DE.Deliver;
    hide Step.Decide;
    var w := SetReg(k.vol, Me(k), 0, Status.OK);
    w := w.(queues := E.Signal(w.queues, e, Arg(k, 2)));
    SomeBits(Arg(k, 2));
    Ends(k, now, w, d, e);
  }
  /** When the source sends a message on an edge, whoever waits for it is ready at once, and has the bit that says so. */
  lemma A_message_ends_the_wait(k: Kernel, now: u64, d: u32, e: u32)
    requires Common.Runs(k) && WaitsOn(k, d, e) && CanWake(k, e, d) && Arg(k, 0) == CALLS + 3
    requires DE.Source(k, Arg(k, 1)) == Status.OK && Object(k, Arg(k, 1)) == e && W.Room(k.log, Me(k), 1) && !E.Full(k.st.edges, k.vol.queues, e)
    ensures V.Valid(Step.Step(k, Step.Hypercall(now)).k) && HasBits(Step.Step(k, Step.Hypercall(now)).k, d, Hash.Or(0, E.MESSAGE))
  {
    IsSend(k, now);
    FairCalls.InOrder(k);
    hide V.Valid;
    hide DE.Source;
    hide W.Room;
    hide DE.Deliver;
    hide E.Full;
    hide Step.Decide;
    var w := SetReg(k.vol.(queues := E.Send(k.vol.queues, e, Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5)))), Me(k), 0, Status.OK);
    SomeBits(E.MESSAGE);
    Ends(k, now, w, d, e);
  }

  // ---- sleep ------------------------------------------------------------------------------------------------------------------------

  lemma Wakes(parts: seq<Part>, s: Sched, now: u64, i: u32, q: u32)
    requires S.Shape(s) && |parts| == NPART as int && i <= NPART && q < NPART
    requires Up(s.tasks[q]) || (s.tasks[q].run == Kinds.Sleeping && s.tasks[q].wake <= now && i <= q)
    ensures Up(S.WakeFrom(s, parts, now, i).tasks[q])
    decreases NPART - i
  {
    if i < NPART {
      if s.tasks[i].run != Kinds.Sleeping { Wakes(parts, s, now, i + 1, q); }
      else if s.tasks[i].wake <= now { Wakes(parts, S.MakeReady(s, i, parts[i].rel, now), now, i + 1, q); }
      else { Wakes(parts, if s.tasks[i].wake < s.nextWake then s.(nextWake := s.tasks[i].wake) else s, now, i + 1, q); }
    }
  }
  lemma BreakLeaves(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32, q: u32)
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
      && q < NPART && Up(v.sched.tasks[q])
    ensures Up(DT.BreakFrom(v, es, parts, p, now, e).sched.tasks[q])
    decreases NEDGE - e
  {
    if e < NEDGE {
      if DT.Orphans(es, v.sched, p, e) { BreakLeaves(DT.Break(v, parts, es[e].dst, Status.PartitionNotFound, now), es, parts, p, now, e + 1, q); }
      else { BreakLeaves(v, es, parts, p, now, e + 1, q); }
    }
  }
  lemma EndLeaves(k: Kernel, who: u32, p: u32, reason: u64, now: u64, q: u32)
    requires Sized(k) && S.Shape(k.vol.sched) && who < NPART && 0 < p < NPART && q < NPART && q != p && Up(k.vol.sched.tasks[q])
    ensures S.Tables(DT.End(k, who, p, reason, now).vol.sched) && Up(DT.End(k, who, p, reason, now).vol.sched.tasks[q])
  {
    var stopped := S.Stop(k.vol.sched, p);
    var v0 := k.vol.(sched := stopped, queues := E.ClearAll(k.st.edges, k.vol.queues, p));
    BreakLeaves(v0, k.st.edges, k.st.parts, p, now, 0, q);
    hide DT.BreakFrom;
    hide E.ClearFrom;
    hide DT.Ending;
    hide S.Remove;
  }
  /** A sleeper is covered by the timer, and the tick at its time makes it ready, if it does not run at once. */
  lemma Who_sleeps_wakes_in_time(k: Kernel, now: u64, q: u32)
    requires V.Valid(k) && q < NPART && k.vol.sched.tasks[q].run == Kinds.Sleeping
    ensures S.Timer(k.vol.sched) <= k.vol.sched.tasks[q].wake
    ensures now >= k.vol.sched.tasks[q].wake ==> V.Valid(Step.Step(k, Step.Tick(now)).k) && Up(Step.Step(k, Step.Tick(now)).k.vol.sched.tasks[q])
  {
    FairCalls.InOrder(k);
    var parts, s := k.st.parts, k.vol.sched;
    assert s.nextWake <= s.tasks[q].wake by { reveal S.AlarmSet(); }
    if now >= s.tasks[q].wake {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, Step.Tick(now));
      var w := S.Wake(s, parts, now);
      assert w == S.WakeFrom(s.(nextWake := TIMEMAX), parts, now, 0);
      Wakes(parts, s.(nextWake := TIMEMAX), now, 0, q);
      assert q != w.cur by { FairSteps.InQueue(s, q); }
      JobsKept.Worked(k, now);
      Ticks(DT.Worked(k, now), w, now, q);
      hide *;
      reveal Step.Step, Step.Decide, Step.Commit, DT.Tick;
    }
  }
  /** Whoever has been woken stays up, whatever the tick does. */
  lemma Ticks(k: Kernel, w: Sched, now: u64, q: u32)
    requires V.Valid(k) && q < NPART && w == S.Wake(k.vol.sched, k.st.parts, now) && Up(w.tasks[q]) && q != w.cur && w.cur == k.vol.sched.cur
    ensures S.Tables(DT.Lapse(k, now).vol.sched) && Up(DT.Lapse(k, now).vol.sched.tasks[q])
  {
    Turns(k, w, now, q);
    if w.cur != 0 { EndLeaves(k.(vol := k.vol.(sched := w)), w.cur, w.cur, DT.BY_LEASE, now, q); }
    hide *;
    reveal DT.Lapse;
  }
  lemma Turns(k: Kernel, w: Sched, now: u64, q: u32)
    requires V.Valid(k) && q < NPART && w == S.Wake(k.vol.sched, k.st.parts, now) && Up(w.tasks[q]) && q != w.cur
    ensures S.Tables(DT.Turn(k, now).vol.sched) && Up(DT.Turn(k, now).vol.sched.tasks[q])
  {
    assert Sized(k);
    if w.cur != 0 && now >= w.sliceEnd && w.tasks[w.cur].left == 1 { EndLeaves(k.(vol := k.vol.(sched := w)), w.cur, w.cur, DT.BY_BUDGET, now, q); }
    hide V.Valid;
    hide S.WakeFrom;
    hide S.Wake;
    hide DT.End;
    hide S.InsertByDeadline;
  }
}
