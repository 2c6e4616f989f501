include "Replay.dfy"

/** A call that is refused leaves one record. */
module {:compile false} Refusals {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Standard
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import M = Memory
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
  import G = DecidePolicy
  import DF = DecideProof
  import JobsKept
  import GateKept
  import Policy
  import Step
  import Kinds
  import Status
  import Rights
  import CallsKept
  import CommitKept
  import Records
  import Replay
  import StepPreservesValid

  // ---- what a caller is told --------------------------------------------------------------------------------------------------------

  /** The statuses of docs/abi.md, -1 to -34. */
  ghost predicate IsError(status: u64) { status >= 0xFFFF_FFFF_FFFF_FFDE }
  /** The function id that the running partition calls. */
  ghost function Called(k: Kernel): u64 requires Runs(k) { Arg(k, 0) % LO32 }
  /** What the record of its refusal names: the function id, and above it, plus 1, the rule by which the active policy denies it. */
  ghost function Named(k: Kernel, now: u64): u64 requires Runs(k) {
    if CALLS <= Called(k) && Denied(k, Called(k) - CALLS, now) then G.Named(Called(k) - CALLS, G.RuleOf(G.Says(k, Called(k) - CALLS, now))) else Called(k)
  }
  /** The active policy governs this call, and denies it. */
  ghost predicate Denied(k: Kernel, n: u64, now: u64) requires Runs(k) {
    G.Governed(k, n) && G.P1(k) == Status.OK && C.Slot(Arg(k, 1)) < CSLOTS as u64 && G.Says(k, n, now).Deny?
  }
  lemma NamesTheCall(k: Kernel, now: u64)
    requires Runs(k)
    ensures Named(k, now) % LO32 == Called(k)
    ensures forall status: u64 :: NotRefused(Named(k, now), status) ==> NotRefused(Called(k), status)
  {
    hide V.Valid;
    hide Denied;
    hide G.Says;
  }
  /** What the caller finds in x0 when the call is over. */
  ghost function Told(k: Kernel, now: u64): u64
    requires Runs(k) && |Step.Step(k, Step.Hypercall(now)).k.vol.regs| == NCTX as int
  {
    Step.Step(k, Step.Hypercall(now)).k.vol.regs[Me(k) * CTXW]
  }
  /** Errors that refuse nothing. The log has no room for the call's own records; the queue is full; the log has no such record, or a later one;
      and who asks for features is answered. */
  ghost predicate NotRefused(call: u64, status: u64) {
    || status == Status.WitnessLogFull
    || (status == Status.ResourceLimitExceeded && (call == CALLS + 3 || call == CALLS + 21 || call == CALLS + 72))
    || call == PSCI_FEATURES
  }
  /** The running partition's x0 in a verdict. */
  ghost function X0(k: Kernel, v: Verdict): u64 requires Runs(k) && |v.vol.regs| == NCTX as int { v.vol.regs[Me(k) * CTXW] }

  ghost predicate Rejects(acts: seq<Action>) { exists i :: 0 <= i < |acts| && acts[i].Reject? }
  /** Its one action is the refusal that the caller is told, and nothing else comes of it. */
  ghost predicate Refusal(k: Kernel, v: Verdict, call: u64) requires Runs(k) && |v.vol.regs| == |k.vol.regs| == NCTX as int {
    v.acts == [Reject(Me(k), call, X0(k, v))] && v.vol == SetReg(k.vol, Me(k), 0, X0(k, v)) && v.effects == []
  }
  /** It is a refusal that says so, or it refuses nothing and says nothing of the kind. */
  ghost predicate Frank(k: Kernel, v: Verdict, call: u64) requires Runs(k) {
    && |v.vol.regs| == |k.vol.regs| == NCTX as int
    && (Refusal(k, v, call) || (!Rejects(v.acts) && (IsError(X0(k, v)) ==> NotRefused(call, X0(k, v)))))
  }

  // ---- call by call -----------------------------------------------------------------------------------------------------------------

  ghost predicate Spare(k: Kernel) { Runs(k) && W.Room(k.log, Me(k), 1) }

  lemma Regs(k: Kernel)
    requires V.Valid(k)
    ensures |k.vol.regs| == NCTX as int && |k.vol.queues| == NEDGE as int && S.Shape(k.vol.sched)
  {}
  lemma Answers(k: Kernel)
    requires Spare(k)
    ensures forall status: u64, call: u64 {:trigger Frank(k, Answer(k, status), call)} ::
      !IsError(status) || NotRefused(call, status) ==> Frank(k, Answer(k, status), call)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Frank(k, Refuse(k, call, status), call)
  {
    Regs(k);
    hide V.Valid;
  }
  /** A call that says nothing leaves its own id in x0. */
  lemma Ids(k: Kernel)
    requires Runs(k)
    ensures Called(k) < 0xFFFF_FFDE ==> !IsError(Arg(k, 0))
  {
    hide V.Valid;
  }
  lemma Capability(k: Kernel)
    requires Spare(k)
    ensures Frank(k, DC.CapGrant(k), CALLS + 1) && Frank(k, DC.CapRevoke(k), CALLS + 64) && Frank(k, DC.CapDrop(k), CALLS + 78)
  {
    Answers(k);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.None, 0);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide W.Room;
    hide C.DeriveCheck;
    hide C.FreeFrom;
  }
  lemma Region(k: Kernel)
    requires Spare(k)
    ensures Frank(k, DR.RegionMap(k), CALLS + 2) && Frank(k, DR.RegionUnmap(k), CALLS + 76)
  {
    Answers(k);
    Regs(k);
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
  lemma Ends(k: Kernel)
    requires V.Valid(k)
    ensures forall e: u32 :: e < NEDGE ==> k.st.edges[e].dst < NPART
  {
    forall e: u32 | e < NEDGE ensures k.st.edges[e].dst < NPART { assert E.EdgeOk(k.st.edges[e as int], k.vol.queues[e as int]); }
  }
  lemma Delivered(v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64, me: u32)
    requires |v.regs| == NCTX as int && |v.queues| == NEDGE as int && S.Shape(v.sched)
    requires |parts| == NPART as int && d < NPART && e < NEDGE && me < NPART
    requires v.regs[me * CTXW] == Status.OK
    ensures var w := DE.Deliver(v, parts, d, e, now); |w.regs| == NCTX as int && w.regs[me * CTXW] == Status.OK
  {
    hide S.MakeReady;
  }
  lemma Messages(k: Kernel, now: u64)
    requires Spare(k)
    ensures Frank(k, DE.QueueSend(k, now), CALLS + 3) && Frank(k, DE.QueueRecv(k), CALLS + 4) && Frank(k, DE.NotifySignal(k, now), CALLS + 22)
    ensures Called(k) == CALLS + 23 ==> Frank(k, DE.NotifyWait(k, now), CALLS + 23)
  {
    Answers(k);
    Regs(k);
    Ids(k);
    Ends(k);
    var h, v := Arg(k, 1), SetReg(k.vol, Me(k), 0, Status.OK);
    if C.Slot(h) < CSLOTS as u64 && Object(k, h) < NEDGE {
      var e := Object(k, h);
      var d := k.st.edges[e].dst;
      var sent := E.Send(k.vol.queues, e, Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5)));
      assert v.(queues := sent) == SetReg(k.vol.(queues := sent), Me(k), 0, Status.OK);
      Delivered(v.(queues := sent), k.st.parts, d, e, now, Me(k)) by { hide E.Send; }
      Delivered(v.(queues := E.Signal(v.queues, e, Arg(k, 2))), k.st.parts, d, e, now, Me(k)) by { hide E.Signal; }
    }
    CallsKept.Guarded(k, h, Kinds.CommEdge, Rights.WRITE);
    CallsKept.Guarded(k, h, Kinds.CommEdge, Rights.READ);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide W.Room;
    hide E.Send;
    hide E.Signal;
    hide DE.Deliver;
    hide S.BlockCurrent;
  }
  /** Who runs does not wait. */
  lemma Busy(k: Kernel)
    requires Runs(k)
    ensures k.vol.sched.tasks[Me(k)].run == Kinds.Running
  {
    CommitKept.InParts(k);
    CommitKept.Caller(k);
  }
  lemma Connecting(k: Kernel, now: u64)
    requires Spare(k)
    ensures Frank(k, DE.CommEdgeCreate(k), CALLS + 17) && Frank(k, DE.CommEdgeDestroy(k, now), CALLS + 18)
  {
    Answers(k);
    Regs(k);
    Busy(k);
    Ends(k);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Partition, Rights.WRITE);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.CommEdge, Rights.REVOKE);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide S.MakeReady;
    hide V.Valid;
  }
  lemma Quiet(k: Kernel, now: u64)
    requires Spare(k)
    ensures Frank(k, DT.TimerWait(k, now), CALLS + 5) && Frank(k, DT.Yield(k, now), CALLS + 65)
    ensures Frank(k, DN.WitnessRead(k), CALLS + 21) && Frank(k, DN.WitnessAck(k), CALLS + 72) && Frank(k, DN.ConsoleWrite(k), CALLS + 67)
  {
    Answers(k);
    Regs(k);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide W.Room;
    hide W.Pack;
    hide S.YieldCurrent;
    hide S.BlockCurrent;
  }
  lemma Proofs(k: Kernel)
    requires Spare(k)
    ensures Frank(k, DF.ProofSubmit(k), CALLS + 77) && Frank(k, DF.ProofStatus(k), CALLS + 80)
  {
    Answers(k);
    Regs(k);
    JobsKept.Submits(k);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide DF.ProofSubmit;
    hide DF.ProofStatus;
  }
  lemma Starting(k: Kernel, now: u64)
    requires Spare(k)
    ensures Frank(k, DP.PartitionStart_(k, now), CALLS + 73) && Frank(k, DP.PartitionSuspend_(k), CALLS + 74)
  {
    Answers(k);
    Regs(k);
    CallsKept.OtherIs(k, Arg(k, 1), Rights.WRITE);
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide S.MakeReady;
    hide S.Stop;
    hide V.Valid;
  }
  lemma Making(k: Kernel)
    requires Spare(k)
    ensures Frank(k, DP.PartitionCreate_(k), CALLS + 12)
  {
    Answers(k);
    Regs(k);
    hide Guard;
    hide Refuse;
    hide W.Room;
    hide DP.Place;
    hide DP.Filling;
    hide DP.ClearRegs;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide V.Valid;
  }
  /** The end of a partition says nothing to one that does not wait. */
  lemma Breaking(v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32, me: u32)
    requires |v.regs| == NCTX as int && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    requires me < NPART && v.sched.tasks[me].run != Kinds.Waiting
    ensures DT.BreakFrom(v, es, parts, p, now, e).regs[me * CTXW] == v.regs[me * CTXW]
    decreases NEDGE - e
  {
    hide S.InsertByDeadline;
    if e < NEDGE {
      if DT.Orphans(es, v.sched, p, e) { Breaking(DT.Break(v, parts, es[e].dst, Status.PartitionNotFound, now), es, parts, p, now, e + 1, me); }
      else { Breaking(v, es, parts, p, now, e + 1, me); }
    }
  }
  lemma Ending(k: Kernel, v: Volatile, p: u32, reason: u64, now: u64, call: u64)
    requires Runs(k) && v.sched == k.vol.sched && v.queues == k.vol.queues && |v.regs| == NCTX as int && 0 < p < NPART
    requires !IsError(v.regs[Me(k) * CTXW])
    ensures Sized(k.(vol := v)) && S.Shape(v.sched)
    ensures Frank(k, DT.End(k.(vol := v), Me(k), p, reason, now), call)
  {
    Regs(k);
    Busy(k);
    var w := v.(sched := S.Stop(v.sched, p), queues := E.ClearAll(k.st.edges, v.queues, p));
    Breaking(w, k.st.edges, k.st.parts, p, now, 0, Me(k)) by { hide S.Remove; }
    hide V.Valid;
    hide DT.BreakFrom;
    hide S.Dispatch;
    hide S.Stop;
    hide E.ClearFrom;
  }
  lemma Terminating(k: Kernel, now: u64)
    requires Spare(k)
    ensures Frank(k, DP.PartitionTerminate(k, now), CALLS + 75)
  {
    Answers(k);
    Regs(k);
    CallsKept.OtherIs(k, Arg(k, 1), Rights.REVOKE);
    var h := Arg(k, 1);
    if DP.Other(k, h, Rights.REVOKE) == Status.OK { Ending(k, SetReg(k.vol, Me(k), 0, Status.OK), Object(k, h), DT.BY_OTHER, now, CALLS + 75); }
    hide DP.Other;
    hide Refuse;
    hide DT.End;
    hide Frank;
    hide V.Valid;
  }
  lemma Exiting(k: Kernel, status: u64, now: u64, call: u64)
    requires Spare(k) && Called(k) < 0xFFFF_FFDE
    ensures Frank(k, DT.Exit(k, status, now), call)
  {
    Regs(k);
    Ids(k);
    CallsKept.Remainder(status);
    Ending(k, k.vol.(failed := k.vol.failed || status != 0), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now, call);
    hide DT.End;
    hide Frank;
    hide V.Valid;
  }
  lemma Identity(k: Kernel)
    requires Spare(k)
    ensures forall call: u64 :: Frank(k, Step.Uid(k), call)
  {
    Regs(k);
    hide V.Valid;
  }
  lemma Standardly(k: Kernel, now: u64)
    requires Spare(k)
    ensures Frank(k, Step.StandardCall(k, Called(k), now), Called(k))
  {
    Answers(k);
    Identity(k);
    var f := Called(k);
    if f == SYSTEM_OFF || f == SYSTEM_RESET { Exiting(k, 0, now, f); }
    hide *;
    reveal Step.StandardCall, NotRefused, IsError, Status.Unsupported;
  }
  lemma DeviceLeases(k: Kernel, now: u64)
    requires Spare(k)
    ensures Frank(k, DL.DeviceLeaseAcquire(k, now), CALLS + 19) && Frank(k, DL.DeviceLeaseRevoke(k), CALLS + 20) && Frank(k, DL.LeaseRenew(k, now), CALLS + 71)
  {
    Answers(k);
    Regs(k);
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK { CallsKept.Placed(k, DL.Shown(k), Arg(k, 3)); }
    hide DL.Named;
    hide DL.PlaceCheck;
    hide L.Pages;
    hide M.DeviceFree;
    hide M.VirginFrom;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide V.Valid;
  }
  lemma Activating(k: Kernel)
    requires Spare(k)
    ensures Frank(k, G.PolicyActivate_(k), CALLS + 79)
  {
    Answers(k);
    Regs(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide V.Valid;
  }
  lemma Rows(k: Kernel, now: u64)
    requires Spare(k) && CALLS <= Called(k)
    ensures Frank(k, Step.Row(k, Called(k) - CALLS, now), Called(k))
  {
    hide *;
    reveal Spare, Runs, Called, Step.Row, Limits.LO32, Limits.CTXW, CALLS;
    Activating(k);
    DeviceLeases(k, now);
    Answers(k);
    Capability(k);
    Region(k);
    Messages(k, now);
    Connecting(k, now);
    Quiet(k, now);
    Proofs(k);
    Starting(k, now);
    Making(k);
    Terminating(k, now);
    if Called(k) == CALLS + 66 { Exiting(k, Arg(k, 1), now, CALLS + 66); }
  }
  /** A record of the proof refuses nothing. */
  lemma Proven(k: Kernel, v: Verdict, a: Action, call: u64)
    requires Runs(k) && Frank(k, v, call) && G.Acted(v) && a.Proved?
    ensures Frank(k, v.(acts := v.acts + [a]), call)
  {
    hide V.Valid;
    hide IsError;
    hide NotRefused;
    assert forall i :: 0 <= i < |v.acts + [a]| ==> (v.acts + [a])[i] == if i < |v.acts| then v.acts[i] else a;
  }
  /** Nor does using up a deep proof. */
  lemma Spending(k: Kernel, n: u64, v: Verdict, call: u64)
    requires Runs(k) && G.Decidable(n) && Frank(k, v, call) && G.Acted(v)
    ensures Frank(k, v.(vol := G.Spend(k, n, v.vol)), call)
  {
    JobsKept.Spends(k, n, v.vol);
    hide V.Valid;
    hide IsError;
    hide NotRefused;
    hide G.Spend;
  }
  lemma Gated(k: Kernel, now: u64)
    requires Spare(k) && CALLS <= Called(k) && G.Governed(k, Called(k) - CALLS)
    ensures Frank(k, G.Gate(k, Called(k) - CALLS, now, Step.Row(k, Called(k) - CALLS, now)), Named(k, now))
  {
    var n := Called(k) - CALLS;
    var v := Step.Row(k, n, now);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.None, 0);
    Rows(k, now);
    assert G.Decidable(n) && n < LO32 - CALLS by { hide V.Valid; hide Policy.Governs; }
    hide *;
    reveal Spare, Runs, Named, Denied, G.P1;
    if G.P1(k) != Status.OK { Closed(k, n, now, v); }
    else if G.Says(k, n, now).Deny? { Closed(k, n, now, v); }
    else {
      assert Named(k, now) == Called(k);
      Open(k, n, now, v);
    }
  }
  /** P1 or the policy refuses. */
  lemma Closed(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Spare(k) && G.Decidable(n) && n < LO32 - CALLS && Called(k) == CALLS + n && (G.P1(k) == Status.OK ==> C.Slot(Arg(k, 1)) < CSLOTS as u64)
    requires G.P1(k) != Status.OK || G.Says(k, n, now).Deny?
    ensures Frank(k, G.Gate(k, n, now, v), if G.P1(k) != Status.OK then Called(k) else G.Named(n, G.RuleOf(G.Says(k, n, now))))
  {
    Answers(k);
    hide *;
    reveal Spare, Runs, G.Gate, CALLS, Limits.LO32;
  }
  lemma Open(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Spare(k) && G.Decidable(n) && n < LO32 - CALLS && Called(k) == CALLS + n && G.P1(k) == Status.OK && C.Slot(Arg(k, 1)) < CSLOTS as u64
    requires G.Says(k, n, now).Permit? && Frank(k, v, Called(k))
    ensures Frank(k, G.Gate(k, n, now, v), Called(k))
  {
    Answers(k);
    if G.Acted(v) {
      Spending(k, n, v, Called(k));
      Proven(k, v.(vol := G.Spend(k, n, v.vol)), Proved(Me(k), G.Nonce(k), n as u32, G.RuleOf(G.Says(k, n, now)) as u32, G.Deep(k, n)), Called(k));
    }
    assert IsError(Status.WitnessLogFull) && NotRefused(Called(k), Status.WitnessLogFull) by { hide V.Valid; }
    hide *;
    reveal Spare, Runs, G.Gate, CALLS, Limits.LO32;
  }
  lemma Calls(k: Kernel, now: u64)
    requires Spare(k)
    ensures Frank(k, Step.Call(k, now), Named(k, now))
  {
    hide *;
    reveal Spare, Runs, Arg, Called, Named, Denied, Step.Call, G.Governed, G.Decidable, Limits.LO32, Limits.CTXW, CALLS;
    Standardly(k, now);
    if CALLS <= Called(k) {
      Rows(k, now);
      if G.Governed(k, Called(k) - CALLS) { Gated(k, now); }
    }
  }

  // ---- the claims -------------------------------------------------------------------------------------------------------------------

  /** The one new record of the log after an event tells of this action. */
  ghost predicate OneRecord(k: Kernel, e: Step.Event, a: Action)
    requires V.Valid(k)
  {
    var l, m := k.log.records, Step.Step(k, e).k.log.records;
    |m| == |l| + 1 && l <= m && Records.FieldsOf(m[|l|]) == Encode(a)
  }
  /** Of the kernel only the log and the caller's x0 have changed, and the hardware is told nothing. */
  ghost predicate NothingElse(k: Kernel, now: u64)
    requires Runs(k) && |Step.Step(k, Step.Hypercall(now)).k.vol.regs| == |k.vol.regs| == NCTX as int
  {
    var n := Step.Step(k, Step.Hypercall(now));
    n.k == k.(vol := SetReg(k.vol, Me(k), 0, Told(k, now)), log := n.k.log) && n.effects == []
  }
  lemma Decided(k: Kernel, now: u64)
    requires Runs(k)
    ensures Replay.Acts(k, Step.Hypercall(now)) == Step.Call(k, now).acts && Step.Step(k, Step.Hypercall(now)).effects == Step.Call(k, now).effects
    ensures var n := Step.Step(k, Step.Hypercall(now)).k; n == k.(st := n.st, vol := Step.Call(k, now).vol, log := n.log)
  {
    hide Step.Call;
    hide V.Valid;
    hide A.ApplyAll;
    hide A.NoteAll;
  }
  lemma Noted(k: Kernel, now: u64, a: Action)
    requires Runs(k) && W.Room(k.log, Me(k), 1) && a.Reject? && a.who == Me(k) && Replay.Acts(k, Step.Hypercall(now)) == [a]
    ensures OneRecord(k, Step.Hypercall(now), a) && Step.Step(k, Step.Hypercall(now)).k.st == k.st
  {
    Replay.StepIs(k, Step.Hypercall(now));
    assert Notable(k.log, a);
    hide V.Valid;
    hide Step.Step;
    hide Replay.Acts;
    Records.OneNoted(k.log, a, now);
    hide A.Note;
    assert [a][1..] == [];
    assert NoteAll(k.log, [a], now) == Note(k.log, a, now);
    assert A.Apply(k.st, a) == k.st;
    assert ApplyAll(k.st, [a]) == k.st;
  }
  /** Every refused call leaves its record: whoever has a record to spare and finds an error in x0, beyond those that refuse nothing, has left
      exactly one record, of a refusal, with who called, what it called and that error, and nothing but the log and x0 has changed; and no other call
      leaves such a record. */
  lemma Every_refused_call_leaves_one_record(k: Kernel, now: u64)
    requires Runs(k) && W.Room(k.log, Me(k), 1)
    ensures |Step.Step(k, Step.Hypercall(now)).k.vol.regs| == |k.vol.regs| == NCTX as int
    ensures IsError(Told(k, now)) && !NotRefused(Called(k), Told(k, now)) ==>
      && OneRecord(k, Step.Hypercall(now), Reject(Me(k), Named(k, now), Told(k, now)))
      && NothingElse(k, now)
    ensures Rejects(Replay.Acts(k, Step.Hypercall(now))) ==>
      Replay.Acts(k, Step.Hypercall(now)) == [Reject(Me(k), Named(k, now), Told(k, now))]
    ensures Named(k, now) % LO32 == Called(k)
  {
    var e := Step.Hypercall(now);
    hide *;
    reveal Spare;
    Calls(k, now);
    NamesTheCall(k, now);
    Decided(k, now);
    Replay.StepIs(k, e) by { reveal Runs; }
    var v := Step.Call(k, now);
    reveal Frank, Told, X0;
    if Refusal(k, v, Named(k, now)) {
      reveal Refusal, NothingElse;
      Noted(k, now, v.acts[0]);
    }
  }
}
