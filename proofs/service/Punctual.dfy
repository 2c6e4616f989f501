include "Waiting.dfy"

/** Whoever has leased a device rests no longer than the lease lasts: it waits for nobody, and sleeps until the lease's end at the latest. */
module {:compile false} Punctual {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import L = Leases
  import B = DecideBoot
  import C = Capabilities
  import DC = DecideCapability
  import DR = DecideRegion
  import DL = DecideLease
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import DF = DecideProof
  import G = DecidePolicy
  import Step
  import Kinds
  import Status
  import Authority
  import FairCalls
  import GateKept
  import JobsKept
  import Waits
  import StepPreservesValid

  ghost predicate Rests(t: Task) { t.run == Kinds.Waiting || t.run == Kinds.Sleeping }
  /** If p has a lease, it does not wait, and does not sleep past the lease's end. */
  ghost predicate Timely(ls: seq<Lease>, s: Sched, p: u32)
    requires |ls| == NPART as int && S.Tables(s) && p < NPART
  {
    ls[p].until != 0 ==> s.tasks[p].run != Kinds.Waiting && (s.tasks[p].run == Kinds.Sleeping ==> s.tasks[p].wake <= ls[p].until)
  }
  opaque ghost predicate AllTimely(ls: seq<Lease>, s: Sched) {
    |ls| == NPART as int && S.Tables(s) && forall p: u32 {:trigger Timely(ls, s, p)} :: p < NPART ==> Timely(ls, s, p)
  }
  ghost predicate Good(k: Kernel) { AllTimely(k.st.leases, k.vol.sched) }
  ghost predicate Keeps(k: Kernel, v: Verdict) requires V.Valid(k) { AllTimely(ApplyAll(k.st, v.acts).leases, v.vol.sched) }

  // ---- the schedule: who rests, rested before -----------------------------------------------------------------------------------------

  ghost predicate RestedSo(s: Task, t: Task) { Rests(t) ==> s.run == t.run && s.wake == t.wake }
  ghost predicate NoNewRest(s: Sched, t: Sched) {
    S.Tables(s) && S.Tables(t) && forall q: u32 {:trigger t.tasks[q]} :: q < NPART ==> RestedSo(s.tasks[q], t.tasks[q])
  }
  lemma Onward(s: Sched, m: Sched, t: Sched)
    requires NoNewRest(s, m) && NoNewRest(m, t)
    ensures NoNewRest(s, t)
  {
    forall q: u32 | q < NPART ensures RestedSo(s.tasks[q], t.tasks[q]) { assert RestedSo(s.tasks[q], m.tasks[q]) && RestedSo(m.tasks[q], t.tasks[q]); }
  }
  lemma Wakes(s: Sched, parts: seq<Part>, now: u64, i: u32)
    requires S.Shape(s) && |parts| == NPART as int && i <= NPART
    ensures NoNewRest(s, S.WakeFrom(s, parts, now, i))
    decreases NPART - i
  {
    hide S.InsertByDeadline;
    if i < NPART {
      if s.tasks[i].run != Kinds.Sleeping { Wakes(s, parts, now, i + 1); }
      else if s.tasks[i].wake <= now { Wakes(S.MakeReady(s, i, parts[i].rel, now), parts, now, i + 1); }
      else { Wakes(if s.tasks[i].wake < s.nextWake then s.(nextWake := s.tasks[i].wake) else s, parts, now, i + 1); }
    }
  }
  lemma Moving(s: Sched, parts: seq<Part>, now: u64)
    requires S.Shape(s) && |parts| == NPART as int
    ensures NoNewRest(s, S.Dispatch(s, parts, now)) && NoNewRest(s, S.YieldCurrent(s, parts, now)) && NoNewRest(s, S.PreemptCurrent(s, parts, now))
    ensures NoNewRest(s, S.Wake(s, parts, now))
  {
    if now >= s.nextWake { Wakes(s.(nextWake := TIMEMAX), parts, now, 0); }
    hide S.WakeFrom;
    hide S.InsertByDeadline;
  }
  lemma Stopping(s: Sched, p: u32)
    requires S.Shape(s) && p < NPART
    ensures NoNewRest(s, S.Stop(s, p))
  {
    hide S.Remove;
  }
  lemma Breaking(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32)
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    ensures NoNewRest(v.sched, DT.BreakFrom(v, es, parts, p, now, e).sched)
    decreases NEDGE - e
  {
    hide S.InsertByDeadline;
    hide SetReg;
    if e < NEDGE {
      if !DT.Orphans(es, v.sched, p, e) { Breaking(v, es, parts, p, now, e + 1); }
      else {
        var w := DT.Break(v, parts, es[e].dst, Status.PartitionNotFound, now);
        Breaking(w, es, parts, p, now, e + 1);
        Onward(v.sched, w.sched, DT.BreakFrom(w, es, parts, p, now, e + 1).sched);
      }
    }
  }
  /** The running partition rests; nobody else begins to. */
  lemma Resting(s: Sched, parts: seq<Part>, run: u32, wake: u64, now: u64, p: u32)
    requires S.Shape(s) && |parts| == NPART as int && p < NPART
    ensures var t := S.BlockCurrent(s, parts, run, wake, now); var was := if p == s.cur then s.tasks[p].(run := run, wake := wake) else s.tasks[p];
      RestedSo(was, t.tasks[p])
  {
    Moving(S.Block(s, run, wake), parts, now);
    hide S.Dispatch;
    assert RestedSo(S.Block(s, run, wake).tasks[p], S.BlockCurrent(s, parts, run, wake, now).tasks[p]);
  }

  // ---- leases -------------------------------------------------------------------------------------------------------------------------

  /** Nobody but c gets a lease. */
  ghost predicate For(a: Action, c: u32) { a.LeaseGrant? ==> a.who == c }
  ghost predicate Fewer(ls: seq<Lease>, ms: seq<Lease>, c: u32) {
    |ls| == |ms| == NPART as int && forall p: u32 {:trigger ms[p]} :: p < NPART && p != c ==> ms[p] == ls[p] || ms[p].until == 0
  }
  lemma One(s: Structure, a: Action, c: u32)
    requires Tables(s) && For(a, c)
    ensures Fewer(s.leases, A.Apply(s, a).leases, c)
  {
    hide C.Mint, C.Derive, C.Revoke, C.Drop, M.MapRange, M.UnmapRange, M.Create;
  }
  lemma All(s: Structure, acts: seq<Action>, c: u32)
    requires Tables(s) && forall i :: 0 <= i < |acts| ==> For(acts[i], c)
    ensures Fewer(s.leases, ApplyAll(s, acts).leases, c)
    decreases |acts|
  {
    hide A.Apply;
    if |acts| > 0 {
      One(s, acts[0], c);
      var t := A.Apply(s, acts[0]);
      All(t, acts[1..], c);
      var ls, ms, ns := s.leases, t.leases, ApplyAll(t, acts[1..]).leases;
      forall p: u32 | p < NPART && p != c ensures ns[p] == ls[p] || ns[p].until == 0 { assert ms[p] == ls[p] || ms[p].until == 0; }
    }
  }

  // ---- verdicts -----------------------------------------------------------------------------------------------------------------------

  ghost predicate Mine(k: Kernel, v: Verdict) requires V.Valid(k) { forall i :: 0 <= i < |v.acts| ==> For(v.acts[i], k.vol.sched.cur) }
  /** Nobody begins to rest. */
  ghost predicate Still(k: Kernel, v: Verdict) requires V.Valid(k) { NoNewRest(k.vol.sched, v.vol.sched) }
  lemma Stays(k: Kernel, v: Verdict)
    requires V.Valid(k) && Good(k) && Mine(k, v) && Still(k, v)
    ensures Keeps(k, v)
  {
    Waits.HasTables(k);
    FairCalls.InOrder(k);
    var c, s, t := k.vol.sched.cur, k.vol.sched, v.vol.sched;
    Busy(s);
    All(k.st, v.acts, c);
    var ls, ms := k.st.leases, ApplyAll(k.st, v.acts).leases;
    hide V.Valid;
    hide ApplyAll;
    reveal AllTimely();
    forall p: u32 | p < NPART ensures Timely(ms, t, p) { assert Timely(ls, s, p) && RestedSo(s.tasks[p], t.tasks[p]); }
  }
  /** Who runs does not rest, nor does slot 0. */
  lemma Busy(s: Sched)
    requires S.SchedOk(s)
    ensures !Rests(s.tasks[s.cur])
  {
    reveal S.Placed();
    assert S.InPlace(s, s.cur);
  }
  /** The running partition begins to rest, no longer than its lease. */
  lemma Begins(k: Kernel, v: Verdict, run: u32, wake: u64, now: u64)
    requires Runs(k) && Good(k) && S.Shape(k.vol.sched) && |k.st.parts| == |k.st.leases| == NPART as int
    requires v.acts == [] && v.vol.sched == S.BlockCurrent(k.vol.sched, k.st.parts, run, wake, now)
    requires k.st.leases[Me(k)].until != 0 ==> run == Kinds.Sleeping && wake <= k.st.leases[Me(k)].until
    ensures Keeps(k, v)
  {
    hide V.Valid;
    reveal AllTimely();
    forall p: u32 | p < NPART ensures Timely(k.st.leases, v.vol.sched, p) {
      assert Timely(k.st.leases, k.vol.sched, p);
      Resting(k.vol.sched, k.st.parts, run, wake, now, p);
    }
    hide S.BlockCurrent;
  }

  // ---- calls --------------------------------------------------------------------------------------------------------------------------

  lemma Answers(k: Kernel)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Still(k, Refuse(k, call, status))
    ensures forall status: u64 {:trigger Answer(k, status)} :: Still(k, Answer(k, status))
  {}
  lemma Objects(k: Kernel, now: u64)
    requires Runs(k)
    ensures Still(k, DC.CapGrant(k)) && Still(k, DC.CapRevoke(k)) && Still(k, DC.CapDrop(k)) && Still(k, DR.RegionMap(k)) && Still(k, DR.RegionUnmap(k))
    ensures Still(k, DL.DeviceLeaseAcquire(k, now)) && Still(k, DL.DeviceLeaseRevoke(k)) && Still(k, DL.LeaseRenew(k, now))
    ensures Still(k, DE.CommEdgeCreate(k)) && Still(k, DP.PartitionCreate_(k)) && Still(k, G.PolicyActivate_(k))
  {
    Answers(k);
    hide V.Valid, Guard, Refuse, Answer, C.FreeFrom, C.DeriveCheck, W.Room, DR.MapCheck, M.MappedTo, M.DeviceFree, M.VirginFrom, DL.Named, DL.PlaceCheck, DL.Ending, DL.Flush,
      L.Pages, E.FreeFrom, DE.Connect, S.FreeFrom, DP.Place, DP.Making, DP.Filling, DP.ClearRegs;
  }
  lemma Others(k: Kernel)
    requires Runs(k)
    ensures Still(k, DE.QueueRecv(k)) && Still(k, DN.WitnessRead(k)) && Still(k, DN.WitnessAck(k)) && Still(k, DN.ConsoleWrite(k))
      && Still(k, Step.Uid(k)) && Still(k, DF.ProofSubmit(k)) && Still(k, DF.ProofStatus(k))
  {
    Answers(k);
    hide Guard, Refuse, Answer, W.Room;
  }
  lemma Schedule(k: Kernel, now: u64)
    requires Runs(k)
    ensures Still(k, DT.Yield(k, now)) && Still(k, DP.PartitionStart_(k, now)) && Still(k, DP.PartitionSuspend_(k))
  {
    Answers(k);
    Waits.HasTables(k);
    hide V.Valid;
    Moving(k.vol.sched, k.st.parts, now);
    hide S.YieldCurrent, Guard, Refuse, Answer, W.Room, S.InsertByDeadline, S.Remove;
  }
  lemma Notifying(k: Kernel, now: u64)
    requires Runs(k)
    ensures Still(k, DE.QueueSend(k, now)) && Still(k, DE.NotifySignal(k, now)) && Still(k, DE.CommEdgeDestroy(k, now))
  {
    Answers(k);
    Waits.HasTables(k);
    var e := FairCalls.Named(k);
    if e < NEDGE { FairCalls.EndsInRange(k, e); }
    hide V.Valid, Guard, Refuse, Answer, W.Room, S.InsertByDeadline, DE.Taken, SetReg;
  }
  lemma TimerWait(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Keeps(k, DT.TimerWait(k, now))
  {
    Waits.HasTables(k);
    var v := DT.TimerWait(k, now);
    if v.vol.sched == k.vol.sched { Stays(k, v); } else { Begins(k, v, Kinds.Sleeping, L.NoLater(k.st, Me(k), Arg(k, 1)), now); }
    hide V.Valid, S.BlockCurrent;
  }
  lemma NotifyWait(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Keeps(k, DE.NotifyWait(k, now))
  {
    Answers(k);
    Waits.HasTables(k);
    var v := DE.NotifyWait(k, now);
    if Still(k, v) && Mine(k, v) { Stays(k, v); }
    else { Begins(k, v, Kinds.Waiting, Object(k, Arg(k, 1)) as u64, now); }
    hide V.Valid, S.BlockCurrent, Guard, Refuse, DE.Taken;
  }
  lemma Ending(k: Kernel, vol: Volatile, who: u32, p: u32, reason: u64, now: u64)
    requires Sized(k) && S.Shape(k.vol.sched) && vol.sched == k.vol.sched && |vol.regs| == NCTX as int && |vol.queues| == NEDGE as int && who < NPART && 0 < p < NPART
    ensures Sized(k.(vol := vol)) && NoNewRest(k.vol.sched, DT.End(k.(vol := vol), who, p, reason, now).vol.sched)
    ensures forall a <- DT.End(k.(vol := vol), who, p, reason, now).acts :: !a.LeaseGrant?
  {
    var s, stopped := vol.sched, S.Stop(vol.sched, p);
    Stopping(s, p);
    var v := vol.(sched := stopped, queues := E.ClearAll(k.st.edges, vol.queues, p));
    Breaking(v, k.st.edges, k.st.parts, p, now, 0);
    var w := DT.BreakFrom(v, k.st.edges, k.st.parts, p, now, 0);
    Onward(s, stopped, w.sched);
    Moving(w.sched, k.st.parts, now);
    Onward(s, w.sched, S.Dispatch(w.sched, k.st.parts, now));
    hide DT.BreakFrom, S.Stop, S.Dispatch, E.ClearAll, DT.Ending;
  }

  // ---- every event --------------------------------------------------------------------------------------------------------------------

  /** What a call comes to leaves nobody resting past its lease, whoever gets one. */
  lemma Exiting(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures Still(k, DT.Exit(k, status, now)) && Mine(k, DT.Exit(k, status, now))
  {
    Waits.HasTables(k);
    Ending(k, k.vol.(failed := k.vol.failed || status != 0), Me(k), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now);
    hide V.Valid, DT.End;
  }
  lemma Terminating(k: Kernel, now: u64)
    requires Runs(k)
    ensures Still(k, DP.PartitionTerminate(k, now))
  {
    Answers(k);
    Waits.HasTables(k);
    var p := FairCalls.Named(k);
    if 0 < p < NPART { Ending(k, SetReg(k.vol, Me(k), 0, Status.OK), Me(k), p, DT.BY_OTHER, now); }
    hide V.Valid, Guard, Refuse, Answer, DT.End;
  }
  lemma StandardCall(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures Still(k, Step.StandardCall(k, f, now))
  {
    hide *;
    reveal Runs, Step.StandardCall;
    Answers(k);
    Others(k);
    Exiting(k, 0, now);
  }
  lemma Row(k: Kernel, n: u64, now: u64)
    requires Runs(k) && Good(k) && n < LO32 - CALLS
    ensures Still(k, Step.Row(k, n, now)) || n == 5 || n == 23
    ensures Keeps(k, Step.Row(k, 5, now)) && Keeps(k, Step.Row(k, 23, now))
  {
    hide *;
    reveal Runs, Arg, Step.Row, Limits.LO32, CALLS;
    Answers(k);
    Objects(k, now);
    Others(k);
    Schedule(k, now);
    Notifying(k, now);
    Terminating(k, now);
    TimerWait(k, now);
    NotifyWait(k, now);
    forall status: u64 ensures Still(k, DT.Exit(k, status, now)) { Exiting(k, status, now); }
  }
  lemma Gated(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Runs(k) && G.Decidable(n) && Still(k, v)
    ensures Still(k, G.Gate(k, n, now, v))
  {
    Answers(k);
    hide *;
    reveal Runs, Still;
    GateKept.Cases(k, n, now, v);
    reveal GateKept.Stopped, GateKept.WithProof;
    JobsKept.Spends(k, n, v.vol);
  }
  lemma Call(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Keeps(k, Step.Call(k, now))
  {
    Calls(k, now);
    Authority.Call(k, now);
    var v := Step.Call(k, now);
    if Still(k, v) {
      assert Mine(k, v) by {
        forall i | 0 <= i < |v.acts| ensures For(v.acts[i], Me(k)) { assert Authority.Authorised(k, Me(k), v.acts[i]); hide *; reveal For, Authority.Authorised; }
        hide *; reveal Mine, Me;
      }
      Stays(k, v);
    }
    hide *;
  }
  lemma Calls(k: Kernel, now: u64)
    requires Runs(k) && Good(k)
    ensures Still(k, Step.Call(k, now)) || Keeps(k, Step.Call(k, now))
  {
    hide *;
    reveal Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS;
    var f := Arg(k, 0) % LO32;
    if f < CALLS || f > CALLS + 80 {
      StandardCall(k, f, now);
    } else {
      var n := f - CALLS;
      Row(k, n, now);
      if G.Governed(k, n) {
        assert G.Decidable(n) && n != 5 && n != 23 by { reveal G.Governed, G.Decidable; }
        Gated(k, n, now, Step.Row(k, n, now));
      }
    }
  }
  lemma Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)
    requires Runs(k)
    ensures Still(k, DT.Trap(k, esr, far, ipa, vbar, now))
  {
    Answers(k);
    Waits.HasTables(k);
    Moving(k.vol.sched, k.st.parts, now);
    Ending(k, k.vol, Me(k), Me(k), DT.BY_FAULT + esr % DT.BY_FAULT, now);
    assert k.(vol := k.vol) == k;
    hide V.Valid, DT.End, W.Room, S.YieldCurrent;
  }
  lemma Left(k: Kernel, saved: seq<u64>)
    requires Runs(k)
    ensures Still(k, Step.Left(k, saved))
  {
    Waits.HasTables(k);
    hide V.Valid;
  }
  lemma Turn(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Still(k, DT.Turn(k, now)) && Still(k, DT.Lapse(k, now))
  {
    Waits.HasTables(k);
    FairCalls.InOrder(k);
    var s, parts, c := k.vol.sched, k.st.parts, k.vol.sched.cur;
    var w := S.Wake(s, parts, now);
    Moving(s, parts, now);
    Moving(w, parts, now);
    hide V.Valid;
    if c != 0 {
      Ending(k.(vol := k.vol.(sched := w)), k.vol.(sched := w), c, c, DT.BY_BUDGET, now);
      Ending(k.(vol := k.vol.(sched := w)), k.vol.(sched := w), c, c, DT.BY_LEASE, now);
      assert k.(vol := k.vol.(sched := w)).(vol := k.vol.(sched := w)) == k.(vol := k.vol.(sched := w));
      Onward(s, w, DT.End(k.(vol := k.vol.(sched := w)), c, c, DT.BY_BUDGET, now).vol.sched);
      Onward(s, w, DT.End(k.(vol := k.vol.(sched := w)), c, c, DT.BY_LEASE, now).vol.sched);
      var left := if w.tasks[c].left == 0 then 0 else w.tasks[c].left - 1;
      var l := S.SetLeft(w, c, left);
      assert NoNewRest(w, l);
      Moving(l, parts, now);
      Onward(s, w, l);
      Onward(s, l, S.YieldCurrent(l, parts, now));
      Onward(s, w, S.PreemptCurrent(w, parts, now));
    }
    Onward(s, w, S.Dispatch(w, parts, now));
    hide DT.End, S.Wake, S.Dispatch, S.YieldCurrent, S.PreemptCurrent, S.SetLeft, NoNewRest, W.Room;
  }
  lemma Tick(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Still(k, DT.Tick(k, now))
  {
    JobsKept.Worked(k, now);
    Turn(DT.Worked(k, now), now);
    hide V.Valid, DT.Lapse, DF.Checks, DF.SetProgress;
    assert DT.Worked(k, now).vol.sched == k.vol.sched by { reveal DF.SetProgress; }
  }
  lemma Decided(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Good(k)
    ensures Keeps(k, Step.Decide(k, e))
  {
    var v := Step.Decide(k, e);
    if e.Hypercall? && k.vol.sched.cur != 0 { Call(k, e.now); }
    else {
      if e.Tick? { Tick(k, e.now); }
      if e.Trap? && k.vol.sched.cur != 0 { Trap(k, e.esr, e.far, e.ipa, e.vbar, e.now); }
      if e.Ran? && k.vol.sched.cur != 0 { Left(k, e.saved); }
      assert Still(k, Step.Nothing(k)) by { Waits.HasTables(k); hide V.Valid; }
      assert Mine(k, v) by {
        if e.Trap? || e.Tick? || e.Ran? {
          forall i | 0 <= i < |v.acts| ensures For(v.acts[i], k.vol.sched.cur) {
            Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, v.acts[i]);
            hide *; reveal For, Authority.AtMostEnds;
          }
        }
        hide *; reveal Mine, Step.Decide, Step.Nothing;
      }
      Stays(k, v);
    }
    hide *;
    reveal Step.Decide;
  }

  // ---- boot -----------------------------------------------------------------------------------------------------------------------------

  ghost predicate Answered(k: Kernel, a: B.Answer) requires V.Valid(k) { a.Done? || a.Begun? || a.Over? ==> Still(k, a.v) && Mine(k, a.v) }
  lemma Listing(k: Kernel, w: B.Words, size: u64, b: seq<u64>)
    requires V.Valid(k)
    ensures Answered(k, B.MapCommand(k, w)) && Answered(k, B.ImageCommand(k, w, size)) && Answered(k, B.Begin(k, b)) && Answered(k, B.DeviceCommand(k, w))
    ensures forall s: u64 {:trigger B.No(s)} :: Answered(k, B.No(s))
  {
    Waits.HasTables(k);
    hide V.Valid, DR.MapCheck, M.Fits, W.Room, B.HashOf, B.NoTable, B.Ruled, M.DeviceAllowed;
  }
  lemma Giving(k: Kernel, w: B.Words, size: u64)
    requires V.Valid(k)
    ensures Answered(k, B.RegionCommand(k, w)) && Answered(k, B.CapCommand(k, w)) && Answered(k, B.SharedCommand(k, w, size))
  {
    Waits.HasTables(k);
    hide V.Valid, M.Pick, M.PickFrame, M.ReuseFrom, M.DeviceFree, M.DeviceAllowed, M.VirginFrom, C.FreeFrom, W.Room, B.Grantable;
  }
  lemma Linking(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Answered(k, B.EdgeCommand(k, w))
  {
    Waits.HasTables(k);
    hide V.Valid, E.FreeFrom, C.FreeFrom, W.Room;
  }
  lemma Starting(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Answered(k, B.StartCommand(k, w, now)) && Answered(k, B.EndCommand(k, now))
  {
    Waits.HasTables(k);
    Moving(k.vol.sched, k.st.parts, now);
    hide V.Valid, S.InsertByDeadline, S.Dispatch, W.Room;
  }
  lemma Partition(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Answered(k, B.PartitionCommand(k, w))
  {
    Waits.HasTables(k);
    hide V.Valid, DP.Place, DP.Filling, S.FreeFrom, W.Room, DP.ClearRegs, M.Fits;
  }
  lemma Command(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Answered(k, B.Command(k, w, size, now))
  {
    hide *;
    reveal B.Command;
    Listing(k, w, size, []);
    Giving(k, w, size);
    Linking(k, w);
    Starting(k, w, now);
    Partition(k, w);
  }
  lemma Every_event(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Good(k)
    ensures V.Valid(Step.Step(k, e).k) && Good(Step.Step(k, e).k)
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    Waits.HasTables(k);
    if e.Boot? { Command(k, e.words, e.size, e.now); var a := B.Command(k, e.words, e.size, e.now); if a.Done? || a.Over? || a.Begun? { Stays(k, a.v); } }
    else if e.Begin? {
      Listing(k, [0, 0, 0, 0, 0, 0, 0, 0], 0, e.bundle); if B.Begin(k, e.bundle).Begun? { Stays(k, B.Begin(k, e.bundle).v); }
    }
    else { Decided(k, e); }
    hide V.Valid, Step.Decide, B.Command, Still, Mine, ApplyAll;
  }

  // ---- the claim ------------------------------------------------------------------------------------------------------------------------

  lemma Always(k: Kernel, events: seq<Step.Event>)
    requires V.Valid(k) && Good(k)
    ensures Good(StepPreservesValid.After(k, events))
    decreases |events|
  {
    hide *;
    reveal StepPreservesValid.After;
    if |events| > 0 {
      Every_event(k, events[0]);
      Always(Step.Step(k, events[0]).k, events[1..]);
    }
  }
  /** In every state that the kernel can reach, whoever has a lease waits for nobody, and sleeps until the lease's end at the latest. */
  lemma No_lease_is_slept_past(k: Kernel, events: seq<Step.Event>, p: u32)
    requires StepPreservesValid.First(k) && p < NPART
    ensures V.Valid(k) && var b := StepPreservesValid.After(k, events); |b.st.leases| == NPART as int && S.Tables(b.vol.sched) && Timely(b.st.leases, b.vol.sched, p)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    hide V.Valid, StepPreservesValid.After;
    assert Good(k) by { reveal AllTimely(); }
    Always(k, events);
    reveal AllTimely();
  }
}
