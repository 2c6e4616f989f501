include "CommitKept.dfy"
include "JobsKept.dfy"

/** Every call, trap and tick leaves a valid state. */
module {:compile false} CallsKept {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened CommitKept
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
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
  import Step
  import Kinds
  import Status
  import Rights
  import Hash
  import EndsKept
  import StructureKept
  import AgesKept
  import LeasesKept
  import ObjectsKept

  ghost predicate Keeps(k: Kernel, v: Verdict, now: u64) requires V.Valid(k) { V.Valid(Step.Commit(k, v, now)) }

  // ---- what calls have in common --------------------------------------------------------------------------------------------------

  lemma Mine(k: Kernel)
    requires Runs(k)
    ensures Parts(k) && k.st.parts[Me(k)].life == Kinds.Started
  {
    InParts(k);
    hide V.Valid;
    Caller(k);
  }
  /** Answers and refusals change nothing but registers. */
  lemma Answers(k: Kernel)
    requires Runs(k)
    ensures forall status: u64 {:trigger Answer(k, status)} :: Calm(k, Answer(k, status), Me(k))
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Calm(k, Refuse(k, call, status), Me(k))
  {
    Mine(k);
    hide V.Valid;
    reveal Calm();
  }
  lemma Guarded(k: Kernel, h: u64, kind: u32, rights: u32)
    requires Runs(k)
    ensures Guard(k, h, kind, rights) == Status.OK ==> C.Slot(h) < CSLOTS as u64
  {}
  /** No record, and another volatile state. */
  lemma Silent(k: Kernel, v: Verdict)
    requires Runs(k) && v.acts == [] && Rest(k.st.parts, k.st.edges, v.vol) && v.vol.halted == k.vol.halted
    ensures Calm(k, v, Me(k))
  {
    reveal Calm();
  }
  lemma Recorded(k: Kernel, v: Verdict, a: Action)
    requires Runs(k) && v.acts == [a] && Rest(k.st.parts, k.st.edges, v.vol) && v.vol.halted == k.vol.halted
    requires StructureKept.Quiet(a) && EndsKept.Plain(a) && Charged(a) == Me(k) && W.Room(k.log, Me(k), 1)
    ensures Calm(k, v, Me(k))
  {
    reveal Calm();
  }

  // ---- capabilities -----------------------------------------------------------------------------------------------------------------

  lemma CapGrant(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DC.CapGrant(k), Me(k))
  {
    Mine(k);
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    reveal Calm();
  }
  lemma CapRevoke(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DC.CapRevoke(k), Me(k))
  {
    Mine(k);
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    reveal Calm();
  }
  lemma CapDrop(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DC.CapDrop(k), Me(k))
  {
    Mine(k);
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    reveal Calm();
  }

  // ---- the witness log and the console ------------------------------------------------------------------------------------------------

  lemma WitnessRead(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DN.WitnessRead(k), Me(k))
  {
    Mine(k);
    Answers(k);
    hide Answer;
    hide Refuse;
    hide Guard;
    var v := DN.Numbered(k, Arg(k, 2));
    Silent(k, v) by { hide V.Valid; }
  }
  lemma ProofSubmit(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DF.ProofSubmit(k), Me(k)) && Calm(k, DF.ProofStatus(k), Me(k))
  {
    Mine(k);
    Answers(k);
    JobsKept.Submits(k);
    hide Refuse, Guard, DF.ProofSubmit, DF.ProofStatus;
    Silent(k, DF.ProofStatus(k)) by { hide V.Valid; }
    if JobsKept.Answers(k, DF.ProofSubmit(k)) { Silent(k, DF.ProofSubmit(k)) by { hide V.Valid; } }
  }
  lemma ConsoleWrite(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DN.ConsoleWrite(k), Me(k))
  {
    Mine(k);
    hide V.Valid;
    Answers(k);
    hide Refuse;
    hide Guard;
    reveal Calm();
  }
  lemma WitnessAck(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DN.WitnessAck(k), now)
  {
    Mine(k);
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    hide Guard;
    var v := DN.WitnessAck(k);
    if v == DN.Drained(k, Arg(k, 2)) && W.Room(k.log, Me(k), 1) {
      var a := Drain(Me(k), Arg(k, 2));
      EndsKept.Drained(k.st.parts, k.log, k.vol.halted, Me(k), Arg(k, 2), now);
      EndsKept.NoteOne(k.log, a, now);
      StructureKept.One(k.st, a);
      assert A.Apply(k.st, a) == k.st;
      hide ApplyAll;
      hide NoteAll;
      hide Note;
      Committed(k, v, now);
    } else {
      hide Step.Commit;
      CalmKeeps(k, v, now, Me(k));
    }
  }

  // ---- regions ------------------------------------------------------------------------------------------------------------------------

  lemma RegionMap(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DR.RegionMap(k), now)
  {
    Mine(k);
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    hide Step.Commit;
    var h, ipa, first, n, perm := Arg(k, 1), Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    Guarded(k, h, Kinds.Region, DR.Needs(perm)) by { reveal V.Valid; }
    hide Guard;
    hide M.Permits;
    hide M.Fits;
    hide M.Unmapped;
    var v := DR.RegionMap(k);
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      var r := Object(k, h);
      StructureKept.Mapped(k.machine, k.st, Me(k), Me(k), r, (ipa / 4096) as u32, first, n as u32, perm as u32);
      Single(k, v, Action.RegionMap(Me(k), Me(k), r, (ipa / 4096) as u32, first, n as u32, perm as u32), now);
    }
  }
  lemma RegionUnmap(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DR.RegionUnmap(k), now)
  {
    Mine(k);
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    hide Step.Commit;
    var h, ipa, n := Arg(k, 1), Arg(k, 2), Arg(k, 3);
    Guarded(k, h, Kinds.Region, Rights.READ) by { reveal V.Valid; }
    hide Guard;
    hide M.MappedTo;
    var v := DR.RegionUnmap(k);
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      var r := Object(k, h);
      StructureKept.Unmapped(k.machine, k.st, Me(k), r, (ipa / 4096) as u32, n as u32);
      Single(k, v, Action.RegionUnmap(Me(k), r, (ipa / 4096) as u32, n as u32), now);
    }
  }

  // ---- leases -------------------------------------------------------------------------------------------------------------------------

  lemma Listed(k: Kernel)
    requires Runs(k)
    ensures DL.Named(k) == Status.OK ==> var d := DL.Shown(k); 0 < d.pages <= MAXMAP && M.DeviceAllowed(k.machine, d.frame, d.pages)
  {
    Guarded(k, Arg(k, 1), Kinds.DeviceLease, Rights.LEASE);
    hide Guard;
    if DL.Named(k) == Status.OK { assert V.DeviceOk(k.machine, k.devices[Object(k, Arg(k, 1))]); }
  }
  lemma Placed(k: Kernel, d: Device, ipa: u64)
    requires Runs(k) && DL.PlaceCheck(k, d, ipa) == Status.OK
    ensures (ipa / 4096) as int + d.pages as int <= IPAPAGES as int && 0 < d.pages <= MAXMAP && M.Fits(k.st.maps[Me(k)], (ipa / 4096) as u32, d.pages as u32) && k.st.leases[Me(k)].until == 0
  {}
  lemma DeviceLeaseAcquire(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DL.DeviceLeaseAcquire(k, now), now)
  {
    Mine(k);
    Listed(k);
    Answers(k);
    var v := DL.DeviceLeaseAcquire(k, now);
    assert |k.st.leases| == NPART as int;
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK { Placed(k, DL.Shown(k), Arg(k, 3)); }
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide Step.Commit;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide M.Fits;
    hide M.DeviceFree;
    hide M.ReuseFrom;
    hide M.DeviceAllowed;
    hide DL.Acquired;
    hide W.Room;
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      Acquired(k, DL.Shown(k), (Arg(k, 3) / 4096) as u32, S.Later(now, Arg(k, 2)), now);
    }
  }
  lemma Acquired(k: Kernel, d: Device, page: u32, until: u64, now: u64)
    requires Runs(k) && 0 < d.pages <= MAXMAP && M.DeviceAllowed(k.machine, d.frame, d.pages) && M.DeviceFree(k.st.memory, d.frame, d.pages)
    requires page as int + d.pages as int <= IPAPAGES as int && M.Fits(k.st.maps[Me(k)], page, d.pages as u32) && k.st.leases[Me(k)].until == 0
    requires M.VirginFrom(k.st.memory, 0) < NREGION && W.Room(k.log, Me(k), 3)
    ensures Keeps(k, DL.Acquired(k, d, M.VirginFrom(k.st.memory, 0), page, until), now)
  {
    Mine(k);
    hide V.Valid;
    hide Step.Commit;
    hide W.Room;
    hide M.Fits;
    hide M.DeviceFree;
    hide M.VirginFrom;
    hide M.DeviceAllowed;
    hide ApplyAll;
    StructureKept.Leasing(k.machine, k.st, Me(k), d.pages as u32, d.frame, page, until);
    var v := DL.Acquired(k, d, M.VirginFrom(k.st.memory, 0), page, until);
    assert Rest(k.st.parts, k.st.edges, v.vol);
    ChargedTo(k, v, now, Me(k));
  }
  /** The end of the lease of p, who has room for its records; and another volatile state. */
  lemma LeaseEnds(k: Kernel, p: u32, reason: u64, vol: Volatile, effects: seq<Effect>, now: u64)
    requires V.Valid(k) && 0 < p < NPART && k.st.leases[p].until != 0 && W.Room(k.log, p, 2) && Rest(k.st.parts, k.st.edges, vol) && vol.halted == k.vol.halted
    ensures Keeps(k, Verdict(DL.Ending(k.st, p, reason), vol, effects), now)
  {
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide W.Room;
    hide ApplyAll;
    StructureKept.LeaseEnded(k.machine, k.st, p, reason);
    hide Rest;
    ChargedTo(k, Verdict(DL.Ending(k.st, p, reason), vol, effects), now, p);
  }
  lemma DeviceLeaseRevoke(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DL.DeviceLeaseRevoke(k), now)
  {
    Mine(k);
    Answers(k);
    assert |k.st.leases| == NPART as int;
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide Step.Commit;
    hide DL.Named;
    hide DL.Ending;
    hide DL.Flush;
    hide W.Room;
    var v := DL.DeviceLeaseRevoke(k);
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      assert Rest(k.st.parts, k.st.edges, SetReg(k.vol, Me(k), 0, Status.OK));
      LeaseEnds(k, Me(k), DL.RETURNED, SetReg(k.vol, Me(k), 0, Status.OK), DL.Flush(k.st, Me(k)), now);
    }
  }
  lemma LeaseRenew(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DL.LeaseRenew(k, now), now)
  {
    Mine(k);
    Answers(k);
    assert |k.st.leases| == NPART as int;
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide Step.Commit;
    hide DL.Named;
    hide W.Room;
    var v, l := DL.LeaseRenew(k, now), k.st.leases[Me(k)];
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      var until := S.Later(now, Arg(k, 2));
      assert L.LeaseOk(k.st.(leases := k.st.leases[Me(k) as int := Lease(l.region, l.page, until)]), Me(k)) by {
        assert L.LeaseOk(k.st, Me(k)) by { reveal StructureKept.Ok(); LeasesKept.One(k.st, Me(k)); }
      }
      StructureKept.Granted(k.machine, k.st, Me(k), l.region, l.page, until);
      Single(k, v, LeaseGrant(Me(k), l.region, l.page, until), now);
    }
  }

  // ---- edges --------------------------------------------------------------------------------------------------------------------------

  lemma TakenKeeps(parts: seq<Part>, es: seq<Edge>, v: Volatile, d: u32, e: u32)
    requires Rest(parts, es, v) && |es| == NEDGE as int && d < NPART && e < NEDGE
    ensures var w := DE.Taken(v, d, e); Rest(parts, es, w) && w.halted == v.halted && w.sched == v.sched
  {
    ObjectsKept.OneEdge(es, v.queues, e);
    ObjectsKept.Queued(es, v.queues, e, v.queues[e].(bits := 0));
  }
  lemma DeliverKeeps(parts: seq<Part>, es: seq<Edge>, v: Volatile, d: u32, e: u32, now: u64)
    requires Rest(parts, es, v) && |es| == NEDGE as int && |parts| == NPART as int && S.Shape(v.sched) && d < NPART && e < NEDGE
    ensures var w := DE.Deliver(v, parts, d, e, now); Rest(parts, es, w) && w.halted == v.halted
  {
    TakenKeeps(parts, es, v, d, e);
    hide DE.Taken;
    if v.sched.tasks[d].run == Kinds.Waiting {
      ObjectsKept.Waiter(parts, v.sched, d);
      ObjectsKept.Readied(parts, v.sched, d, parts[d].rel, now);
    }
    hide S.MakeReady;
  }
  lemma DisappointKeeps(parts: seq<Part>, es: seq<Edge>, v: Volatile, d: u32, e: u32, now: u64)
    requires Rest(parts, es, v) && |parts| == NPART as int && S.Shape(v.sched) && d < NPART
    ensures var w := DE.Disappoint(v, parts, d, e, now); Rest(parts, es, w) && w.halted == v.halted
  {
    if v.sched.tasks[d].run == Kinds.Waiting {
      ObjectsKept.Waiter(parts, v.sched, d);
      ObjectsKept.Readied(parts, v.sched, d, parts[d].rel, now);
    }
    hide S.MakeReady;
  }
  lemma Sent(k: Kernel, e: u32, now: u64)
    requires Runs(k) && e < NEDGE && !E.Full(k.st.edges, k.vol.queues, e) && W.Room(k.log, Me(k), 1)
    ensures Calm(k, DE.Sent(k, e, now), Me(k))
  {
    Mine(k);
    hide V.Valid;
    hide W.Room;
    ObjectsKept.OneEdge(k.st.edges, k.vol.queues, e);
    var m := Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5));
    var q := E.Send(k.vol.queues, e, m);
    ObjectsKept.Queued(k.st.edges, k.vol.queues, e, q[e]);
    hide E.Send;
    var v := SetReg(k.vol.(queues := q), Me(k), 0, Status.OK);
    DeliverKeeps(k.st.parts, k.st.edges, v, k.st.edges[e].dst, e, now);
    hide DE.Deliver;
    Recorded(k, DE.Sent(k, e, now), Send(Me(k), e, |k.vol.queues[e].msgs| as u64 + 1));
  }
  lemma Signalled(k: Kernel, e: u32, now: u64)
    requires Runs(k) && e < NEDGE && k.st.edges[e].src == Me(k) && W.Room(k.log, Me(k), 1)
    ensures Calm(k, DE.Signalled(k, e, now), Me(k))
  {
    Mine(k);
    hide V.Valid;
    hide W.Room;
    ObjectsKept.OneEdge(k.st.edges, k.vol.queues, e);
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    var q := E.Signal(v.queues, e, Arg(k, 2));
    ObjectsKept.Queued(k.st.edges, k.vol.queues, e, q[e]);
    hide E.Signal;
    DeliverKeeps(k.st.parts, k.st.edges, v.(queues := q), k.st.edges[e].dst, e, now);
    hide DE.Deliver;
    Recorded(k, DE.Signalled(k, e, now), Signal(Me(k), e, Arg(k, 2)));
  }
  lemma ReceivedKeeps(parts: seq<Part>, es: seq<Edge>, v: Volatile, p: u32, e: u32)
    requires Rest(parts, es, v) && |es| == NEDGE as int && p < NPART && e < NEDGE
    ensures var w := DE.Received(v, p, e); Rest(parts, es, w) && w.halted == v.halted
  {
    ObjectsKept.OneEdge(es, v.queues, e);
    if |v.queues[e].msgs| > 0 { ObjectsKept.Queued(es, v.queues, e, v.queues[e].(msgs := v.queues[e].msgs[1..])); }
  }
  lemma SourceOf(k: Kernel, h: u64)
    requires Runs(k)
    ensures DE.Source(k, h) == Status.OK ==> C.Slot(h) < CSLOTS as u64 && Object(k, h) < NEDGE && k.st.edges[Object(k, h)].src == Me(k)
  {
    Guarded(k, h, Kinds.CommEdge, Rights.WRITE);
  }
  lemma DestinationOf(k: Kernel, h: u64)
    requires Runs(k)
    ensures DE.Destination(k, h) == Status.OK ==> C.Slot(h) < CSLOTS as u64 && Object(k, h) < NEDGE && k.st.edges[Object(k, h)].dst == Me(k)
  {
    Guarded(k, h, Kinds.CommEdge, Rights.READ);
  }
  lemma QueueSend(k: Kernel, now: u64)
    requires Runs(k)
    ensures Calm(k, DE.QueueSend(k, now), Me(k))
  {
    Mine(k);
    SourceOf(k, Arg(k, 1));
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    hide DE.Source;
    hide DE.Sent;
    hide W.Room;
    hide E.Full;
    if DE.Source(k, Arg(k, 1)) == Status.OK {
      var e := Object(k, Arg(k, 1));
      if !E.Full(k.st.edges, k.vol.queues, e) && W.Room(k.log, Me(k), 1) { Sent(k, e, now); }
    }
  }
  lemma NotifySignal(k: Kernel, now: u64)
    requires Runs(k)
    ensures Calm(k, DE.NotifySignal(k, now), Me(k))
  {
    Mine(k);
    SourceOf(k, Arg(k, 1));
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    hide DE.Source;
    hide DE.Signalled;
    hide W.Room;
    if DE.Source(k, Arg(k, 1)) == Status.OK && W.Room(k.log, Me(k), 1) { Signalled(k, Object(k, Arg(k, 1)), now); }
  }
  lemma QueueRecv(k: Kernel)
    requires Runs(k)
    ensures Calm(k, DE.QueueRecv(k), Me(k))
  {
    Mine(k);
    DestinationOf(k, Arg(k, 1));
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    hide DE.Destination;
    hide DE.Received;
    if DE.Destination(k, Arg(k, 1)) == Status.OK {
      ReceivedKeeps(k.st.parts, k.st.edges, k.vol, Me(k), Object(k, Arg(k, 1)));
      Silent(k, DE.QueueRecv(k));
    }
  }
  lemma NotifyWait(k: Kernel, now: u64)
    requires Runs(k)
    ensures Calm(k, DE.NotifyWait(k, now), Me(k))
  {
    Mine(k);
    DestinationOf(k, Arg(k, 1));
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    hide DE.Destination;
    hide DE.Taken;
    hide S.BlockCurrent;
    if DE.Destination(k, Arg(k, 1)) == Status.OK {
      var e := Object(k, Arg(k, 1));
      TakenKeeps(k.st.parts, k.st.edges, k.vol, Me(k), e);
      ObjectsKept.Blocked(k.st.parts, k.vol.sched, Kinds.Waiting, e as u64, now);
      if k.vol.queues[e].bits != 0 || k.st.leases[Me(k)].until == 0 { Silent(k, DE.NotifyWait(k, now)); }
    }
  }
  /** An edge with a capability for each of its ends. */
  lemma Connected(k: Kernel, v: Verdict, who: u32, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32, now: u64)
    requires V.Valid(k) && v.acts == DE.Connect(k, who, e, src, ss, dst, ds, cap, rs, rd) && Rest(k.st.parts, k.st.edges, v.vol) && v.vol.queues == k.vol.queues
    requires who < NPART && W.Room(k.log, who, 3) && v.vol.halted == k.vol.halted
    requires e < NEDGE && e == E.FreeFrom(k.st.edges, 0) && src < NPART && dst < NPART && 0 < cap <= QDEPTH
    ensures Keeps(k, v, now)
  {
    InParts(k);
    hide V.Valid;
    hide W.Room;
    hide E.FreeFrom;
    var a, rest := EdgeCreate(who, e, src, dst, cap), [Action.CapGrant(who, src, ss, Kinds.CommEdge, e, rs), Action.CapGrant(who, dst, ds, Kinds.CommEdge, e, rd)];
    assert v.acts == [a] + rest;
    StructureKept.First(k.st, a, rest);
    ObjectsKept.EdgeMade(k.st.edges, v.vol.queues, e, src, dst, cap);
    var s := A.Apply(k.st, a);
    assert s == k.st.(edges := E.Create(k.st.edges, e, src, dst, cap));
    assert StructureKept.Ok(k.machine, s) by { reveal StructureKept.Ok(); AgesKept.EdgeChanged(k.st, e, E.Create(k.st.edges, e, src, dst, cap)[e]); LeasesKept.Aside(k.st, s); }
    StructureKept.QuietedAll(k.machine, s, rest);
    hide A.Apply;
    hide ApplyAll;
    hide Step.Commit;
    ChargedTo(k, v, now, who);
  }
  lemma CommEdgeCreate(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DE.CommEdgeCreate(k), now)
  {
    Mine(k);
    Answers(k);
    var h, cap := Arg(k, 1), Arg(k, 2);
    Guarded(k, h, Kinds.Partition, Rights.WRITE);
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide Guard;
    hide Step.Commit;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide DE.Connect;
    hide W.Room;
    var v := DE.CommEdgeCreate(k);
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      var dst, e, ss := Object(k, h), E.FreeFrom(k.st.edges, 0), C.FreeSlot(k.st.caps, Me(k));
      var ds := C.FreeSlot(k.st.caps, dst);
      Connected(k, v, Me(k), e, Me(k), ss, dst, ds, cap as u32, DE.SOURCE_RIGHTS, DE.DESTINATION_RIGHTS, now);
    }
  }
  lemma Destroyed(k: Kernel, e: u32, now: u64)
    requires Runs(k) && e < NEDGE && W.Room(k.log, Me(k), 1)
    ensures Keeps(k, DE.Destroyed(k, e, now), now)
  {
    Mine(k);
    hide V.Valid;
    hide W.Room;
    ObjectsKept.OneEdge(k.st.edges, k.vol.queues, e);
    var a := EdgeDestroy(Me(k), e);
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    ObjectsKept.EdgeGone(k.st.edges, k.vol.queues, e);
    var s := A.Apply(k.st, a);
    assert s == k.st.(edges := E.Destroy(k.st.edges, e));
    assert StructureKept.Ok(k.machine, s) by { reveal StructureKept.Ok(); AgesKept.EdgeChanged(k.st, e, E.Destroy(k.st.edges, e)[e]); LeasesKept.Aside(k.st, s); }
    DisappointKeeps(k.st.parts, s.edges, v.(queues := E.Clear(v.queues, e)), k.st.edges[e].dst, e, now);
    hide DE.Disappoint;
    hide E.Clear;
    hide E.Destroy;
    hide Step.Commit;
    Single(k, DE.Destroyed(k, e, now), a, now);
  }
  lemma CommEdgeDestroy(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DE.CommEdgeDestroy(k, now), now)
  {
    Mine(k);
    Answers(k);
    Guarded(k, Arg(k, 1), Kinds.CommEdge, Rights.REVOKE);
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide Guard;
    hide Step.Commit;
    hide DE.Destroyed;
    hide W.Room;
    var v := DE.CommEdgeDestroy(k, now);
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      Destroyed(k, Object(k, Arg(k, 1)), now);
    }
  }

  // ---- partitions -----------------------------------------------------------------------------------------------------------------------

  lemma PartitionCreate(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DP.PartitionCreate_(k), now)
  {
    Mine(k);
    Answers(k);
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide Guard;
    hide Step.Commit;
    hide S.FreeFrom;
    hide C.FreeFrom;
    hide DP.Place;
    hide DP.Making;
    hide DP.Filling;
    hide DP.Prepared;
    hide W.Room;
    var v := DP.PartitionCreate_(k);
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      var image, name, quota, budget := Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
      OneImage(k.images, image);
      var i, p, slot := k.images[image], S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
      FreeSlot(k.st.parts, 1);
      var w := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, name, 0);
      assert |DP.Prepared(k.vol, x, i.entry).regs| == NCTX as int by { reveal DP.Prepared; }
      MadeKeeps(k, Me(k), x, i, w, [Action.CapGrant(Me(k), Me(k), slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS)], v, now);
    }
  }
  lemma StartKeeps(k: Kernel, v: Verdict, who: u32, p: u32, rel: u64, now: u64)
    requires V.Valid(k) && who < NPART && 0 < p < NPART && W.Room(k.log, who, 1) && (k.st.parts[p].life == Kinds.Created || k.st.parts[p].life == Kinds.Suspended)
    requires v.acts == [Action.PartitionStart(who, p)] && |v.vol.regs| == NCTX as int && v.vol == k.vol.(sched := S.MakeReady(k.vol.sched, p, rel, now), regs := v.vol.regs)
    ensures Keeps(k, v, now)
  {
    InParts(k);
    hide V.Valid;
    hide W.Room;
    var x := k.st.parts[p].(life := Kinds.Started);
    var parts' := k.st.parts[p as int := x];
    ObjectsKept.Idle(k.st.parts, k.vol.sched, p);
    ObjectsKept.Changed(k.st.parts, k.vol.sched, p, x);
    ObjectsKept.Readied(parts', k.vol.sched, p, rel, now);
    hide S.MakeReady;
    EndsKept.NobodyNew(k.st.parts, k.log, k.vol.halted, p, x);
    StructureKept.Started(k.machine, k.st, who, p);
    hide A.Apply;
    hide Step.Commit;
    Single(k, v, Action.PartitionStart(who, p), now);
  }
  lemma OtherIs(k: Kernel, h: u64, rights: u32)
    requires Runs(k)
    ensures DP.Other(k, h, rights) == Status.OK ==> C.Slot(h) < CSLOTS as u64 && 0 < Object(k, h) < NPART && Object(k, h) != Me(k)
  {
    Guarded(k, h, Kinds.Partition, rights);
  }
  lemma PartitionStart(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DP.PartitionStart_(k, now), now)
  {
    Mine(k);
    Answers(k);
    OtherIs(k, Arg(k, 1), Rights.WRITE);
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide DP.Other;
    hide Step.Commit;
    hide W.Room;
    hide S.MakeReady;
    var v := DP.PartitionStart_(k, now);
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      var p := Object(k, Arg(k, 1));
      StartKeeps(k, v, Me(k), p, k.st.parts[p].rel, now);
    }
  }
  lemma SuspendOther(k: Kernel, p: u32, now: u64)
    requires Runs(k) && 0 < p < NPART && k.st.parts[p].life == Kinds.Started && W.Room(k.log, Me(k), 1)
    ensures Keeps(k, DP.SuspendOther(k, p), now)
  {
    Mine(k);
    hide V.Valid;
    hide W.Room;
    var x := k.st.parts[p].(life := Kinds.Suspended);
    ObjectsKept.StoppedOne(k.st.parts, k.vol.sched, p);
    ObjectsKept.Changed(k.st.parts, S.Stop(k.vol.sched, p), p, x);
    hide S.Stop;
    EndsKept.NobodyNew(k.st.parts, k.log, k.vol.halted, p, x);
    StructureKept.Suspended(k.machine, k.st, Me(k), p);
    hide A.Apply;
    hide Step.Commit;
    Single(k, DP.SuspendOther(k, p), Action.PartitionSuspend(Me(k), p), now);
  }
  lemma PartitionSuspend(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DP.PartitionSuspend_(k), now)
  {
    Mine(k);
    Answers(k);
    OtherIs(k, Arg(k, 1), Rights.WRITE);
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide DP.Other;
    hide DP.SuspendOther;
    hide Step.Commit;
    hide W.Room;
    var v := DP.PartitionSuspend_(k);
    if Calm(k, v, Me(k)) {
      CalmKeeps(k, v, now, Me(k));
    } else {
      SuspendOther(k, Object(k, Arg(k, 1)), now);
    }
  }
  lemma PartitionTerminate(k: Kernel, now: u64)
    requires Runs(k)
    ensures Keeps(k, DP.PartitionTerminate(k, now), now)
  {
    Mine(k);
    Answers(k);
    OtherIs(k, Arg(k, 1), Rights.REVOKE);
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide DP.Other;
    hide Step.Commit;
    hide DT.End;
    var h := Arg(k, 1);
    if DP.Other(k, h, Rights.REVOKE) == Status.OK && k.st.parts[Object(k, h)].life != Kinds.Free {
      EndLater(k, SetReg(k.vol, Me(k), 0, Status.OK), Me(k), Object(k, h), DT.BY_OTHER, now);
    } else {
      CalmKeeps(k, DP.PartitionTerminate(k, now), now, Me(k));
    }
  }

  // ---- the policy -----------------------------------------------------------------------------------------------------------------------

  lemma PolicyActivate(k: Kernel)
    requires Runs(k)
    ensures Calm(k, G.PolicyActivate_(k), Me(k))
  {
    Mine(k);
    hide V.Valid;
    Answers(k);
    hide Answer;
    hide Refuse;
    hide Guard;
    reveal Calm();
  }

  // ---- time, ends, traps ------------------------------------------------------------------------------------------------------------------

  lemma Yield(k: Kernel, now: u64)
    requires Runs(k)
    ensures Calm(k, DT.Yield(k, now), Me(k))
  {
    Mine(k);
    hide V.Valid;
    ObjectsKept.Yielded(k.st.parts, k.vol.sched, now);
    hide S.YieldCurrent;
    Silent(k, DT.Yield(k, now));
  }
  lemma TimerWait(k: Kernel, now: u64)
    requires Runs(k)
    ensures Calm(k, DT.TimerWait(k, now), Me(k))
  {
    Mine(k);
    hide V.Valid;
    ObjectsKept.Blocked(k.st.parts, k.vol.sched, Kinds.Sleeping, L.NoLater(k.st, Me(k), Arg(k, 1)), now);
    hide S.BlockCurrent;
    Silent(k, DT.TimerWait(k, now));
  }
  lemma Exit(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures Keeps(k, DT.Exit(k, status, now), now)
  {
    Mine(k);
    hide V.Valid;
    hide Step.Commit;
    hide DT.End;
    var v := k.vol.(failed := k.vol.failed || status != 0);
    assert Rest(k.st.parts, k.st.edges, v);
    Remainder(status);
    var reason := DT.BY_EXIT + status % DT.BY_FAULT;
    assert DT.Exit(k, status, now) == DT.End(k.(vol := v), Me(k), Me(k), reason, now);
    hide DT.Exit;
    hide Rest;
    EndLater(k, v, Me(k), Me(k), reason, now);
  }
  lemma Remainder(status: u64) ensures status % DT.BY_FAULT < DT.BY_FAULT {}
  /** A tick without actions changes the schedule alone. */
  lemma Tick(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, DT.Tick(k, now), now)
  {
    JobsKept.Worked(k, now);
    Lapse(DT.Worked(k, now), now);
    hide V.Valid, Step.Commit, DT.Lapse, DT.Worked;
  }
  lemma Lapse(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, DT.Lapse(k, now), now)
  {
    InParts(k);
    Turn(k, now);
    hide V.Valid;
    hide Step.Commit;
    hide DT.End;
    hide DT.Turn;
    hide W.Room;
    hide DL.Ending;
    hide DL.Flush;
    var v, p := DT.Turn(k, now), k.vol.sched.cur;
    if p != 0 && L.Over(k.st, p, now) {
      if !W.Room(k.log, p, 2) {
        var w := k.vol.(sched := S.Wake(k.vol.sched, k.st.parts, now));
        ObjectsKept.Woken(k.st.parts, k.vol.sched, now);
        ObjectsKept.Running(k.st.parts, k.vol.sched);
        hide S.Wake;
        EndLater(k, w, p, p, DT.BY_LEASE, now);
      } else if v.acts == [] {
        LeaseEnds(k, p, DL.EXPIRED, v.vol, DL.Flush(k.st, p), now);
      }
    }
  }
  lemma Turn(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, DT.Turn(k, now), now)
    ensures var v := DT.Turn(k, now); v.acts == [] ==> Rest(k.st.parts, k.st.edges, v.vol) && v.vol.halted == k.vol.halted
  {
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide DT.End;
    var parts := k.st.parts;
    var w := S.Wake(k.vol.sched, parts, now);
    ObjectsKept.Woken(parts, k.vol.sched, now);
    ObjectsKept.Running(parts, w);
    hide S.Wake;
    hide S.Dispatch;
    hide S.YieldCurrent;
    hide S.SetLeft;
    hide S.PreemptCurrent;
    var cur := w.cur;
    if cur == 0 {
      ObjectsKept.Dispatched(parts, w, now);
    } else if now >= w.sliceEnd {
      if w.tasks[cur].left == 1 {
        EndLater(k, k.vol.(sched := w), cur, cur, DT.BY_BUDGET, now);
        return;
      }
      var left := if w.tasks[cur].left == 0 then 0 else w.tasks[cur].left - 1;
      ObjectsKept.Budgeted(parts, w, cur, left);
      var l := S.SetLeft(w, cur, left);
      assert l.cur == cur && S.Shape(l) by { reveal S.SetLeft; }
      ObjectsKept.Yielded(parts, l, now);
    } else {
      ObjectsKept.Preempted(parts, w, now);
    }
    var v := DT.Turn(k, now);
    assert v.acts == [] && Rest(parts, k.st.edges, v.vol) && v.vol.halted == k.vol.halted;
    assert Calm(k, v, 0) by { reveal Calm(); }
    CalmKeeps(k, v, now, 0);
  }
  lemma Skipped(k: Kernel)
    requires Runs(k)
    ensures var r := Refuse(k, DT.SMC, Status.Unsupported); Calm(k, r, Me(k)) && Calm(k, r.(vol := DT.Skip(r.vol, Me(k))), Me(k))
  {
    Mine(k);
    hide V.Valid;
    reveal Calm();
  }
  lemma Waited(k: Kernel, now: u64)
    requires Runs(k)
    ensures var v := DT.Skip(k.vol, Me(k)); S.Shape(v.sched) && Calm(k, Verdict([], v.(sched := S.YieldCurrent(v.sched, k.st.parts, now)), []), Me(k))
  {
    Mine(k);
    hide V.Valid;
    ObjectsKept.Yielded(k.st.parts, k.vol.sched, now);
    hide S.YieldCurrent;
    reveal Calm();
  }
  lemma Faulted(k: Kernel, place: u64, esr: u64, effects: seq<Effect>)
    requires Runs(k) && W.Room(k.log, Me(k), 1)
    ensures Calm(k, Verdict([Fault(Me(k), place, esr)], k.vol, effects), Me(k))
  {
    Mine(k);
    hide V.Valid;
    hide W.Room;
    Recorded(k, Verdict([Fault(Me(k), place, esr)], k.vol, effects), Fault(Me(k), place, esr));
  }
  lemma Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)
    requires Runs(k)
    ensures Keeps(k, DT.Trap(k, esr, far, ipa, vbar, now), now)
  {
    Mine(k);
    hide V.Valid;
    hide Step.Commit;
    hide DT.End;
    hide Refuse;
    hide DT.Skip;
    hide W.Room;
    hide S.YieldCurrent;
    Skipped(k);
    Waited(k, now);
    var ec, pc := esr / 0x400_0000 % 64, Arg(k, PC);
    var v := DT.Trap(k, esr, far, ipa, vbar, now);
    if ec != DT.EC_WFX && ec != DT.EC_SMC && ec != DT.EC_HVC {
      if (vbar <= pc && pc - vbar < 0x800) || !W.Room(k.log, Me(k), 1) {
        EndKeeps(k, Me(k), Me(k), DT.BY_FAULT + esr % DT.BY_FAULT, now);
        return;
      }
      Faulted(k, if ec == DT.EC_IABORT || ec == DT.EC_DABORT then ipa else pc, esr, v.effects);
    }
    CalmKeeps(k, v, now, Me(k));
  }
}
