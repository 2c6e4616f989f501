include "Records.dfy"

/** The log tells all: the structural state is what the recorded actions make of the first one, and nothing changes without a record. */
module {:compile false} Replay {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Records
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
  import Step
  import Kinds
  import Status
  import Rights
  import Authority
  import EndsKept
  import StructureKept
  import CommitKept
  import CallsKept
  import StepPreservesValid
  import WitnessLemmas

  // ---- what an event does, as actions ---------------------------------------------------------------------------------------------

  /** The actions that an answer to a boot command asks for. */
  ghost function Asked(a: B.Answer): seq<Action> { if a.Done? || a.Begun? || a.Over? then a.v.acts else [] }
  /** The actions that an event comes to. */
  ghost function Acts(k: Kernel, e: Step.Event): seq<Action> requires V.Valid(k) {
    match e
    case Begin(bundle, now) => if k.booting then Asked(B.Begin(k, bundle)) else []
    case Boot(w, size, now) => if k.booting then Asked(B.Command(k, w, size, now)) else []
    case _ => Step.Decide(k, e).acts
  }
  lemma StepIs(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures Step.Step(k, e).k.st == ApplyAll(k.st, Acts(k, e)) && Step.Step(k, e).k.log == NoteAll(k.log, Acts(k, e), e.now)
  {
    hide Step.Decide;
    hide B.Command;
    hide B.Begin;
    hide ApplyAll;
    hide NoteAll;
    assert ApplyAll(k.st, []) == k.st && NoteAll(k.log, [], e.now) == k.log by { reveal ApplyAll, NoteAll; }
  }

  // ---- every verdict pays ---------------------------------------------------------------------------------------------------------

  ghost predicate Good(k: Kernel, v: Verdict, now: u64) requires Runs(k) { Pays(k, v.acts, now, Me(k)) }
  ghost predicate Owes(k: Kernel, v: Verdict) requires Runs(k) { Dues(k, v.acts, Me(k)) }
  lemma Owing(k: Kernel, v: Verdict, now: u64)
    requires Runs(k) && Owes(k, v)
    ensures Good(k, v, now)
  {
    hide V.Valid;
    DuesPay(k, v.acts, now, Me(k));
  }
  lemma Answers(k: Kernel)
    requires Runs(k)
    ensures forall status: u64 {:trigger Answer(k, status)} :: Owes(k, Answer(k, status))
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Owes(k, Refuse(k, call, status))
  {}
  lemma Calmly(k: Kernel, v: Verdict)
    requires Runs(k) && CommitKept.Calm(k, v, Me(k))
    ensures Owes(k, v)
  {
    reveal CommitKept.Calm();
  }
  lemma CalmCalls(k: Kernel, now: u64)
    requires Runs(k)
    ensures Owes(k, DC.CapGrant(k)) && Owes(k, DC.CapRevoke(k)) && Owes(k, DC.CapDrop(k))
    ensures Owes(k, DE.QueueSend(k, now)) && Owes(k, DE.QueueRecv(k)) && Owes(k, DE.NotifySignal(k, now)) && Owes(k, DE.NotifyWait(k, now))
    ensures Owes(k, DT.TimerWait(k, now)) && Owes(k, DT.Yield(k, now)) && Owes(k, DN.WitnessRead(k)) && Owes(k, DN.ConsoleWrite(k))
    ensures Owes(k, Step.Uid(k)) && Owes(k, G.PolicyActivate_(k)) && Owes(k, DF.ProofSubmit(k)) && Owes(k, DF.ProofStatus(k))
  {
    hide *;
    reveal Runs;
    CallsKept.ProofSubmit(k);
    Calmly(k, DF.ProofSubmit(k));
    Calmly(k, DF.ProofStatus(k));
    CallsKept.PolicyActivate(k);
    Calmly(k, G.PolicyActivate_(k));
    CallsKept.CapGrant(k);
    Calmly(k, DC.CapGrant(k));
    CallsKept.CapRevoke(k);
    Calmly(k, DC.CapRevoke(k));
    CallsKept.CapDrop(k);
    Calmly(k, DC.CapDrop(k));
    CallsKept.QueueSend(k, now);
    Calmly(k, DE.QueueSend(k, now));
    CallsKept.QueueRecv(k);
    Calmly(k, DE.QueueRecv(k));
    CallsKept.NotifySignal(k, now);
    Calmly(k, DE.NotifySignal(k, now));
    CallsKept.NotifyWait(k, now);
    Calmly(k, DE.NotifyWait(k, now));
    CallsKept.TimerWait(k, now);
    Calmly(k, DT.TimerWait(k, now));
    CallsKept.Yield(k, now);
    Calmly(k, DT.Yield(k, now));
    CallsKept.WitnessRead(k);
    Calmly(k, DN.WitnessRead(k));
    CallsKept.ConsoleWrite(k);
    Calmly(k, DN.ConsoleWrite(k));
    StepPreservesValid.Uid(k);
    reveal StepPreservesValid.Calm;
    Calmly(k, Step.Uid(k));
  }
  lemma Regions(k: Kernel)
    requires Runs(k)
    ensures Owes(k, DR.RegionMap(k)) && Owes(k, DR.RegionUnmap(k))
  {
    Answers(k);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide M.MappedTo;
    hide W.Room;
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Region, DR.Needs(Arg(k, 5)));
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Region, Rights.READ);
    hide V.Valid;
  }
  lemma DeviceLeases(k: Kernel, now: u64)
    requires Runs(k)
    ensures Owes(k, DL.DeviceLeaseAcquire(k, now)) && Owes(k, DL.DeviceLeaseRevoke(k)) && Owes(k, DL.LeaseRenew(k, now))
  {
    Answers(k);
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK { CallsKept.Placed(k, DL.Shown(k), Arg(k, 3)); }
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide M.VirginFrom;
    hide M.DeviceFree;
    hide W.Room;
  }
  lemma Connecting(k: Kernel, now: u64)
    requires Runs(k)
    ensures Owes(k, DE.CommEdgeCreate(k)) && Owes(k, DE.CommEdgeDestroy(k, now))
  {
    Answers(k);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Partition, Rights.WRITE);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.CommEdge, Rights.REVOKE);
    hide Guard;
    hide Refuse;
    hide Answer;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide DE.Disappoint;
    hide W.Room;
    hide V.Valid;
  }
  lemma StartingAndSuspending(k: Kernel, now: u64)
    requires Runs(k)
    ensures Owes(k, DP.PartitionStart_(k, now)) && Owes(k, DP.PartitionSuspend_(k))
  {
    Answers(k);
    CallsKept.OtherIs(k, Arg(k, 1), Rights.WRITE);
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide S.MakeReady;
    hide S.Stop;
    hide W.Room;
  }
  lemma Draining(k: Kernel, now: u64)
    requires Runs(k)
    ensures Good(k, DN.WitnessAck(k), now)
  {
    Answers(k);
    var v := DN.WitnessAck(k);
    if W.Room(k.log, Me(k), 1) && v == DN.Drained(k, Arg(k, 2)) {
      var a := Drain(Me(k), Arg(k, 2));
      assert v.acts == [a] && Notable(k.log, a);
      hide Note;
      assert [a][1..] == [];
      assert Noted(Note(k.log, a, now), [], now);
    } else {
      Owing(k, v, now) by { hide Guard; hide Refuse; hide Answer; }
    }
  }
  lemma EndActs(k: Kernel, v: Volatile, who: u32, p: u32, reason: u64, now: u64)
    requires V.Valid(k) && S.Shape(v.sched) && |v.queues| == NEDGE as int && |v.regs| == NCTX as int && |v.sched.tasks| == NPART as int && v.halted == k.vol.halted
    requires who < NPART && 0 < p < NPART && k.st.parts[p].life != Kinds.Free
    ensures Sized(k.(vol := v))
    ensures forall c: u32 :: c < NPART ==> Pays(k, DT.End(k.(vol := v), who, p, reason, now).acts, now, c)
  {
    var last := DT.Ending(k, p);
    forall c: u32 | c < NPART ensures Pays(k, DT.End(k.(vol := v), who, p, reason, now).acts, now, c) {
      EndPays(k, who, p, reason, last, now, c);
      hide Pays;
      hide DT.BreakFrom;
      hide S.Stop;
      hide S.Dispatch;
    }
  }
  lemma Terminating(k: Kernel, now: u64)
    requires Runs(k)
    ensures Good(k, DP.PartitionTerminate(k, now), now)
  {
    Answers(k);
    CallsKept.OtherIs(k, Arg(k, 1), Rights.REVOKE);
    var h := Arg(k, 1);
    if DP.Other(k, h, Rights.REVOKE) == Status.OK && k.st.parts[Object(k, h)].life != Kinds.Free {
      EndActs(k, SetReg(k.vol, Me(k), 0, Status.OK), Me(k), Object(k, h), DT.BY_OTHER, now);
      hide Pays;
      hide DT.End;
    } else {
      Owing(k, DP.PartitionTerminate(k, now), now) by { hide DP.Other; hide Refuse; hide DT.End; }
    }
  }
  lemma Exiting(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures Good(k, DT.Exit(k, status, now), now)
  {
    CallsKept.Mine(k);
    CallsKept.Remainder(status);
    EndActs(k, k.vol.(failed := k.vol.failed || status != 0), Me(k), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now);
    hide Pays;
    hide DT.End;
  }
  lemma Creating(k: Kernel, now: u64)
    requires Runs(k)
    ensures Good(k, DP.PartitionCreate_(k), now)
  {
    CallsKept.Mine(k);
    Answers(k);
    var v := DP.PartitionCreate_(k);
    var image, quota, budget := Arg(k, 2), Arg(k, 4), Arg(k, 5);
    if image < |k.images| as u64 && 0 < quota <= RING && W.Room(k.log, Me(k), quota + DP.RECORDS) && S.FreeFrom(k.st.parts, 1) < NPART {
      var i, p, slot := k.images[image], S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
      assert V.ImageOk(i);
      CommitKept.FreeSlot(k.st.parts, 1);
      var w := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, Arg(k, 3), 0);
      MadePays(k, Me(k), x, i, w, [Action.CapGrant(Me(k), Me(k), slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS)], now);
    }
    if Owes(k, v) { Owing(k, v, now); }
    hide V.Valid;
    hide Pays;
    hide Dues;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide W.Room;
  }
  lemma Standard(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures Good(k, Step.StandardCall(k, f, now), now)
  {
    hide *;
    reveal Runs, Step.StandardCall;
    Answers(k);
    CalmCalls(k, now);
    Exiting(k, 0, now);
    var v := Step.StandardCall(k, f, now);
    if Owes(k, v) { Owing(k, v, now); }
  }
  lemma Row(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS
    ensures Good(k, Step.Row(k, n, now), now)
  {
    hide *;
    reveal Runs, Arg, Step.Row, Limits.LO32, CALLS;
    Answers(k);
    CalmCalls(k, now);
    Regions(k);
    DeviceLeases(k, now);
    Connecting(k, now);
    StartingAndSuspending(k, now);
    Draining(k, now);
    Terminating(k, now);
    Creating(k, now);
    forall status: u64 ensures Good(k, DT.Exit(k, status, now), now) { Exiting(k, status, now); }
    var v := Step.Row(k, n, now);
    if Owes(k, v) { Owing(k, v, now); }
  }
  lemma Gated(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n)
    ensures Good(k, G.Gate(k, n, now, Step.Row(k, n, now)), now)
  {
    hide *;
    reveal Runs, Limits.LO32, CALLS, G.Decidable, Good;
    var v, g := Step.Row(k, n, now), G.Gate(k, n, now, Step.Row(k, n, now));
    Row(k, n, now);
    Answers(k);
    GateKept.Cases(k, n, now, v);
    if GateKept.Stopped(k, n, g) {
      GateKept.StoppedIs(k, n, g);
      Owing(k, g, now);
    } else if g != v {
      reveal GateKept.Passed, GateKept.WithProof, GateKept.Proof, G.Acted;
      GateKept.RoomLeft(k, n, now);
      StepPreservesValid.Row(k, n, now);
      assert Me(k) < NPART;
      ProofPays(k, v, GateKept.Proof(k, n, now), now, Me(k));
    }
  }
  lemma Call(k: Kernel, now: u64)
    requires Runs(k)
    ensures Good(k, Step.Call(k, now), now)
  {
    hide *;
    reveal Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    var f := Arg(k, 0) % LO32;
    Standard(k, f, now);
    if CALLS <= f {
      Row(k, f - CALLS, now);
      if G.Decidable(f - CALLS) { Gated(k, f - CALLS, now); }
    }
  }
  lemma Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)
    requires Runs(k)
    ensures Good(k, DT.Trap(k, esr, far, ipa, vbar, now), now)
  {
    CallsKept.Mine(k);
    Answers(k);
    EndActs(k, k.vol, Me(k), Me(k), DT.BY_FAULT + esr % DT.BY_FAULT, now);
    assert k.(vol := k.vol) == k;
    var v := DT.Trap(k, esr, far, ipa, vbar, now);
    if Owes(k, v) { Owing(k, v, now); }
    hide V.Valid;
    hide Pays;
    hide DT.End;
    hide Refuse;
    hide DT.Skip;
    hide S.YieldCurrent;
  }
  lemma Lapse(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures W.Tables(k.log) && Noted(k.log, DT.Lapse(k, now).acts, now)
  {
    HasTables(k);
    Turn(k, now);
    var p, v := k.vol.sched.cur, DT.Turn(k, now);
    assert Pays(k, v.acts, now, 0);
    if p != 0 && L.Over(k.st, p, now) {
      CommitKept.InParts(k);
      CommitKept.Caller(k);
      if !W.Room(k.log, p, 2) {
        EndActs(k, k.vol.(sched := S.Wake(k.vol.sched, k.st.parts, now)), p, p, DT.BY_LEASE, now);
        assert Pays(k, DT.Lapse(k, now).acts, now, 0) by { hide V.Valid; hide DT.Turn; hide DT.End; hide S.Wake; hide Pays; }
      } else if v.acts == [] {
        DuesPay(k, DL.Ending(k.st, p, DL.EXPIRED), now, p) by { hide V.Valid; }
      }
    }
    hide V.Valid;
    hide Noted;
    hide DT.Turn;
    hide DT.End;
    hide S.Wake;
    hide DL.Ending;
    hide W.Room;
  }
  lemma Tick(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures W.Tables(k.log) && Noted(k.log, DT.Tick(k, now).acts, now)
  {
    JobsKept.Worked(k, now);
    Lapse(DT.Worked(k, now), now);
    hide V.Valid, DT.Lapse, DT.Worked;
  }
  lemma Turn(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures forall c: u32 :: c < NPART ==> Pays(k, DT.Turn(k, now).acts, now, c)
  {
    CommitKept.InParts(k);
    var w := S.Wake(k.vol.sched, k.st.parts, now);
    if w.cur != 0 {
      CommitKept.Caller(k);
      EndActs(k, k.vol.(sched := w), w.cur, w.cur, DT.BY_BUDGET, now);
    }
    assert Pays(k, DT.Turn(k, now).acts, now, 0) by {
      forall c: u32 | c < NPART ensures Pays(k, [], now, c) {}
      hide V.Valid;
      hide Pays;
      hide DT.End;
      hide S.Wake;
      hide S.Dispatch;
      hide S.YieldCurrent;
      hide S.SetLeft;
      hide S.PreemptCurrent;
    }
  }

  // ---- boot -----------------------------------------------------------------------------------------------------------------------

  ghost predicate Booted(k: Kernel, a: B.Answer, now: u64) requires V.Valid(k) {
    Pays(k, Asked(a), now, 0) && forall i :: 0 <= i < |Asked(a)| ==> Bounded(Asked(a)[i])
  }
  ghost predicate BootOwes(k: Kernel, a: B.Answer) requires V.Valid(k) {
    Dues(k, Asked(a), 0) && forall i :: 0 <= i < |Asked(a)| ==> Bounded(Asked(a)[i])
  }
  lemma BootOwing(k: Kernel, a: B.Answer, now: u64)
    requires V.Valid(k) && BootOwes(k, a)
    ensures Booted(k, a, now)
  {
    hide V.Valid;
    hide Bounded;
    DuesPay(k, Asked(a), now, 0);
  }
  lemma BootBegin(k: Kernel, b: seq<u64>)
    requires V.Valid(k)
    ensures BootOwes(k, B.Begin(k, b))
  {
    hide V.Valid;
    hide B.HashOf;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
  }
  lemma FramesInRange(m: State.Memory, n: u64)
    requires M.RegionsOk(m) && M.Pick(m, n) < NREGION
    ensures M.PickFrame(m, n) <= FRAMES
  {
    hide M.ReuseFrom;
    assert forall j: int :: 0 <= j < |m.regions| ==> M.RegionOk(m, m.regions[j]);
  }
  lemma BootRegion(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures BootOwes(k, B.RegionCommand(k, w))
  {
    if M.Pick(k.st.memory, w[3]) < NREGION { FramesInRange(k.st.memory, w[3]); }
    hide V.Valid;
    hide M.Pick;
    hide M.PickFrame;
    hide M.ReuseFrom;
    hide M.DeviceFree;
    hide C.FreeFrom;
    hide W.Room;
  }
  lemma BootShared(k: Kernel, w: B.Words, size: u64)
    requires V.Valid(k)
    ensures BootOwes(k, B.SharedCommand(k, w, size))
  {
    if M.Pick(k.st.memory, w[1]) < NREGION { FramesInRange(k.st.memory, w[1]); }
    hide V.Valid;
    hide M.Pick;
    hide M.PickFrame;
    hide W.Room;
  }
  lemma BootMap(k: Kernel, w: B.Words)
    requires V.Valid(k) && Ordinary(k.st)
    ensures BootOwes(k, B.MapCommand(k, w))
  {
    assert w[2] < NREGION as u64 ==> k.st.memory.regions[w[2]].pages < 0x10_0000;
    hide V.Valid;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide W.Room;
  }
  lemma BootEdge(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures BootOwes(k, B.EdgeCommand(k, w))
  {
    hide V.Valid;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide W.Room;
  }
  lemma BootOthers(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures BootOwes(k, B.ImageCommand(k, w, size)) && BootOwes(k, B.CapCommand(k, w)) && BootOwes(k, B.StartCommand(k, w, now)) && BootOwes(k, B.EndCommand(k, now))
    ensures BootOwes(k, B.DeviceCommand(k, w))
    ensures forall s: u64 :: BootOwes(k, B.No(s))
  {
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide S.MakeReady;
    hide S.Dispatch;
    hide M.Fits;
    hide W.Room;
  }
  lemma MakingBounded(who: u32, x: DP.Plan, i: Image, w: DP.Places)
    requires V.ImageOk(i) && x.p < NPART && x.slice < LO32 && x.rel < LO32 && x.quota <= RING && x.budget < LO32 && w.codeFrame <= FRAMES && w.dataFrame <= FRAMES
    ensures forall j :: 0 <= j < |DP.Making(who, x, i, w)| ==> Bounded(DP.Making(who, x, i, w)[j])
  {
    hide M.Fits;
  }
  lemma BootPartition(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Booted(k, B.PartitionCommand(k, w), now)
  {
    var image, slice, rel, budget, quota := w[1], w[2], w[3], w[4], w[5];
    var a := B.PartitionCommand(k, w);
    var p := S.FreeFrom(k.st.parts, 1);
    if a.Done? {
      var i := k.images[image];
      assert V.ImageOk(i);
      var l := DP.Place(k.st.memory, i, p);
      Authority.PlacesInRange(k.st.memory, i, p);
      var x := DP.Plan(p, image, slice, rel, quota, budget, w[6], w[7]);
      assert DP.Making(0, x, i, l) + [] == DP.Making(0, x, i, l) by { hide DP.Making; }
      MadePays(k, 0, x, i, l, [], now);
      MakingBounded(0, x, i, l);
    } else {
      BootOthers(k, w, 0, now);
      BootOwing(k, a, now);
    }
    hide V.Valid;
    hide Pays;
    hide Bounded;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide S.FreeFrom;
    hide W.Room;
  }
  lemma BootCommand(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k) && Ordinary(k.st)
    ensures Booted(k, B.Command(k, w, size, now), now)
  {
    hide *;
    reveal B.Command;
    BootRegion(k, w);
    BootShared(k, w, size);
    BootMap(k, w);
    BootEdge(k, w);
    BootOthers(k, w, size, now);
    BootPartition(k, w, now);
    var a := B.Command(k, w, size, now);
    if BootOwes(k, a) { BootOwing(k, a, now); }
  }

  // ---- numbers fit their fields -----------------------------------------------------------------------------------------------------

  /** Times and page counts are such as boot and partition_create give. */
  ghost predicate Ordinary(s: Structure) requires Tables(s) {
    && (forall p: u32 {:trigger s.parts[p]} :: p < NPART ==> s.parts[p].slice < LO32 && s.parts[p].rel < LO32)
    && (forall r: int {:trigger s.memory.regions[r]} :: 0 <= r < NREGION as int ==> s.memory.regions[r].pages < 0x10_0000)
  }
  lemma ReleasedPages(rs: seq<Region>, p: u32, i: u32)
    requires |rs| == NREGION as int && i <= NREGION
    ensures forall j: int :: 0 <= j < NREGION as int ==> M.ReleaseFrom(rs, p, i)[j].pages <= rs[j].pages
    decreases NREGION - i
  {
    if i < NREGION {
      ReleasedPages(if rs[i].owner == p then rs[i as int := M.Freed(rs[i])] else rs, p, i + 1);
    }
  }
  lemma OneOrdinary(s: Structure, a: Action)
    requires Tables(s) && Ordinary(s) && Bounded(a)
    ensures Ordinary(A.Apply(s, a))
  {
    if a.PartitionEnd? { ReleasedPages(s.memory.regions, a.p, 0); }
    hide M.ReleaseFrom;
    hide C.DropFrom;
    hide E.DestroyFrom;
    hide M.MapRange;
    hide M.UnmapRange;
  }
  lemma AllOrdinary(s: Structure, acts: seq<Action>)
    requires Tables(s) && Ordinary(s) && forall i :: 0 <= i < |acts| ==> Bounded(acts[i])
    ensures Ordinary(ApplyAll(s, acts))
    decreases |acts|
  {
    hide A.Apply;
    hide Ordinary;
    hide Bounded;
    if |acts| > 0 {
      OneOrdinary(s, acts[0]);
      AllOrdinary(A.Apply(s, acts[0]), acts[1..]);
    }
  }
  lemma AuthorisedIsBounded(k: Kernel, a: Action)
    requires Runs(k) && Ordinary(k.st) && Authority.Authorised(k, Me(k), a)
    ensures Bounded(a)
  {
    hide Authority.Holds;
    hide Authority.HoldsIn;
    hide Authority.HoldsAny;
    if a.TaskSpawn? { assert k.st.parts[Me(k)].slice < LO32; }
    if a.RegionMap? && a.r < NREGION { assert k.st.memory.regions[a.r].pages < 0x10_0000; }
  }
  /** Every action of every event has its record, and its numbers fit the record. */
  lemma EveryActionIsNoted(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Ordinary(k.st)
    ensures Noted(k.log, Acts(k, e), e.now) && forall i :: 0 <= i < |Acts(k, e)| ==> Bounded(Acts(k, e)[i])
  {
    hide *;
    reveal Acts, Step.Decide, Runs, Pays, Good, Booted;
    HasTables(k);
    assert Noted(k.log, [], e.now) by { reveal Noted; }
    match e
    case Begin(bundle, now) =>
      BootBegin(k, bundle);
      BootOwing(k, B.Begin(k, bundle), now);
    case Boot(w, size, now) => BootCommand(k, w, size, now);
    case Hypercall(now) =>
      assert Step.Nothing(k).acts == [] by { reveal Step.Nothing; }
      if k.vol.sched.cur != 0 {
        assert Runs(k);
        Call(k, now);
        forall i | 0 <= i < |Acts(k, e)| ensures Bounded(Acts(k, e)[i]) {
          Authority.No_structural_change_without_a_capability(k, now, i);
          AuthorisedIsBounded(k, Acts(k, e)[i]);
        }
      }
    case Ran(_, _) => assert Acts(k, e) == [] by { reveal Step.Nothing, Step.Left; }
    case _ =>
      assert Step.Nothing(k).acts == [] by { reveal Step.Nothing; }
      if e.Trap? {
        if k.vol.sched.cur != 0 { Trap(k, e.esr, e.far, e.ipa, e.vbar, e.now); }
      } else { Tick(k, e.now); }
      forall i | 0 <= i < |Acts(k, e)| ensures Bounded(Acts(k, e)[i]) {
        Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, Acts(k, e)[i]);
        reveal Authority.AtMostEnds;
        reveal Bounded;
      }
  }

  lemma HasTables(k: Kernel) requires V.Valid(k) ensures Tables(k.st) && W.Tables(k.log) {}

  // ---- the claims -------------------------------------------------------------------------------------------------------------------

  /** No event takes a record out of the log or changes one: the log after it begins with the log before it. */
  lemma The_log_only_grows(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures k.log.records <= Step.Step(k, e).k.log.records
  {
    StepIs(k, e);
    Grows(k.log, Acts(k, e), e.now);
  }
  /** What an event does to the structural state is exactly what its new records say, so nothing changes without a record. */
  lemma Every_structural_change_is_witnessed(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Ordinary(k.st)
    ensures var k' := Step.Step(k, e).k;
      && k.log.records <= k'.log.records && Ordinary(k'.st)
      && k'.st == ApplyAll(k.st, Told(k'.log.records[|k.log.records|..]))
      && (k'.st != k.st ==> |k'.log.records| > |k.log.records|)
  {
    hide *;
    HasTables(k);
    StepIs(k, e);
    The_log_only_grows(k, e);
    EveryActionIsNoted(k, e);
    TheyTell(k.log, Acts(k, e), e.now);
    AllOrdinary(k.st, Acts(k, e));
    var k' := Step.Step(k, e).k;
    var added := k'.log.records[|k.log.records|..];
    if |added| == 0 { assert Told(added) == [] by { reveal Told; } assert ApplyAll(k.st, []) == k.st by { reveal ApplyAll; } }
  }
  lemma FoldFrom(k: Kernel, events: seq<Step.Event>)
    requires V.Valid(k) && Ordinary(k.st)
    ensures var k' := StepPreservesValid.After(k, events);
      && k.log.records <= k'.log.records && k'.st == ApplyAll(k.st, Told(k'.log.records[|k.log.records|..])) && Ordinary(k'.st)
    decreases |events|
  {
    hide *;
    reveal StepPreservesValid.After;
    HasTables(k);
    if |events| == 0 {
      assert Told([]) == [] by { reveal Told; }
      assert ApplyAll(k.st, []) == k.st by { reveal ApplyAll; }
    } else {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, events[0]);
      var m := Step.Step(k, events[0]).k;
      Every_structural_change_is_witnessed(k, events[0]);
      FoldFrom(m, events[1..]);
      var k' := StepPreservesValid.After(m, events[1..]);
      var a, b := m.log.records[|k.log.records|..], k'.log.records[|m.log.records|..];
      assert k'.log.records[|k.log.records|..] == a + b;
      assert Told(a + b) == Told(a) + Told(b) by { reveal Told; }
      StructureKept.Both(k.st, Told(a), Told(b));
    }
  }
  lemma FirstIsOrdinary(k: Kernel)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k) && Ordinary(k.st) && k.log.records == []
  {
    StepPreservesValid.The_first_state_is_valid(k);
    hide V.Valid;
  }
  /** At any time the partitions, capabilities, memory, maps and edges are exactly what the records of the log, read one after the other, make of
      the empty first state. */
  lemma Structural_state_is_the_fold_of_the_log(k: Kernel, events: seq<Step.Event>)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k) && var k' := StepPreservesValid.After(k, events); k'.st == ApplyAll(k.st, Told(k'.log.records))
  {
    FirstIsOrdinary(k);
    hide *;
    FoldFrom(k, events);
    var k' := StepPreservesValid.After(k, events);
    assert k'.log.records[0..] == k'.log.records;
  }
  /** A partition that has no room left in the log changes nothing by any call, except that a partition may end, for which a record is always kept. */
  lemma A_full_log_refuses_before_any_change(k: Kernel, now: u64)
    requires Runs(k) && !W.Room(k.log, Me(k), 1)
    ensures var acts := Acts(k, Step.Hypercall(now)); acts == [] || acts[0].PartitionEnd?
    ensures Acts(k, Step.Hypercall(now)) == [] ==> Step.Step(k, Step.Hypercall(now)).k.st == k.st
  {
    hide *;
    reveal Runs, Acts, Step.Decide, Pays, Good;
    HasTables(k);
    Call(k, now);
    StepIs(k, Step.Hypercall(now));
    assert ApplyAll(k.st, []) == k.st by { reveal ApplyAll; }
  }
}
