include "OrderlyMaking.dfy"

/** Whatever event comes, its actions take what is free, give to those that exist, and what they make begins blank. */
module {:compile false} OrderlyEvents {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Orderly
  import opened OrderlyMaking
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DE = DecideEdge
  import DL = DecideLease
  import RegionFacts
  import DP = DecidePartition
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import Rights
  import Authority
  import Replay
  import CallsKept
  import CommitKept
  import GateKept
  import G = DecidePolicy
  import DF = DecideProof

  // ---- edges, and the commands of the boot bundle -----------------------------------------------------------------------------------------

  lemma Connected(k: Kernel, who: u32, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32, v: Verdict)
    requires V.Valid(k) && e < NEDGE && e == E.FreeFrom(k.st.edges, 0) && Vacant(k.st, src, ss) && Vacant(k.st, dst, ds) && src != dst && 0 < cap
    requires v.acts == DE.Connect(k, who, e, src, ss, dst, ds, cap, rs, rd) && v.vol.queues == k.vol.queues
    ensures InOrder(k, v)
  {
    assert E.EdgeOk(k.st.edges[e as int], k.vol.queues[e as int]);
    hide V.Valid;
    hide C.Mint;
    var a := v.acts;
    var s1 := A.Apply(k.st, a[0]);
    assert Exists(s1, Kinds.CommEdge, e) && Vacant(s1, src, ss) && Vacant(s1, dst, ds);
    var s2 := A.Apply(s1, a[1]);
    assert Exists(s2, Kinds.CommEdge, e) && Vacant(s2, dst, ds) by { reveal C.Mint; }
    One(s2, a[2]);
    hide A.Apply;
    assert [a[1], a[2]][1..] == [a[2]];
    assert AllProper(s1, [a[1], a[2]]);
    Ahead(k.st, a[0], [a[1], a[2]]);
    assert a == [a[0]] + [a[1], a[2]];
  }
  lemma CommEdgeCreate(k: Kernel)
    requires Runs(k) && Dated(k.st)
    ensures InOrder(k, DE.CommEdgeCreate(k))
  {
    Refused(k);
    Mine(k);
    var h, cap, v := Arg(k, 1), Arg(k, 2), DE.CommEdgeCreate(k);
    if Guard(k, h, Kinds.Partition, Rights.WRITE) == Status.OK { Guarded(k, h, Rights.WRITE); }
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide DE.Connect;
    hide W.Room;
    if AllTame(v.acts) { TameIsOrderly(k, v); }
    else {
      var dst, e, ss := Object(k, h), E.FreeFrom(k.st.edges, 0), C.FreeSlot(k.st.caps, Me(k));
      Connected(k, Me(k), e, Me(k), ss, dst, C.FreeSlot(k.st.caps, dst), cap as u32, DE.SOURCE_RIGHTS, DE.DESTINATION_RIGHTS, v);
    }
  }
  /** What a boot command comes to is in order. */
  ghost predicate Answered(k: Kernel, a: B.Answer) requires V.Valid(k) { (a.Done? || a.Begun? || a.Over?) ==> InOrder(k, a.v) }

  lemma BootPartition(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Answered(k, B.PartitionCommand(k, w))
  {
    var a, p := B.PartitionCommand(k, w), S.FreeFrom(k.st.parts, 1);
    if a.Done? {
      var i := k.images[w[1]];
      assert V.ImageOk(i);
      CommitKept.FreeSlot(k.st.parts, 1);
      var l := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, w[1], w[2], w[3], w[5], w[4], w[6], w[7]);
      Prepared(k.vol, x, i.entry);
      assert DP.Making(0, x, i, l) + [] == DP.Making(0, x, i, l) by { hide DP.Making; }
      assert a.v == Verdict(DP.Making(0, x, i, l), DP.Prepared(k.vol, x, i.entry), DP.Filling(x, i, l)) by {
        hide DP.Making; hide DP.Prepared; hide DP.Filling; hide DP.Place; }
      Complete(k, 0, x, i, l, [], a.v);
    }
    hide V.Valid;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide S.FreeFrom;
    hide W.Room;
    hide M.Fits;
  }
  lemma Given(k: Kernel, r: Action, c: Action, v: Verdict)
    requires V.Valid(k) && v.acts == [r, c] && r.RegionCreate? && c.CapGrant? && Proper(k.st, r) && c.to == r.owner &&
      c.kind == Kinds.Region && c.target == r.r && Vacant(k.st, c.to, c.slot)
    requires Blank(k, r, v.vol, v.effects)
    ensures InOrder(k, v)
  {
    Replay.HasTables(k);
    hide V.Valid;
    hide C.Mint;
    var s1 := A.Apply(k.st, r);
    assert Proper(s1, c);
    hide A.Apply;
    One(s1, c);
    Ahead(k.st, r, [c]);
    hide AllProper;
    assert v.acts == [r] + [c];
  }
  lemma BootDevice(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Answered(k, B.DeviceCommand(k, w))
  {}
  lemma BootRegion(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Answered(k, B.RegionCommand(k, w))
  {
    var a := B.RegionCommand(k, w);
    PickIsFree(k.st.memory, w[3]);
    hide V.Valid;
    hide M.Pick;
    hide M.PickFrame;
    hide M.ReuseFrom;
    hide M.DeviceFree;
    hide C.FreeFrom;
    hide W.Room;
    hide InOrder;
    hide M.DeviceAllowed;
    if a.Done? {
      FreeIsVacant(k.st, w[1] as u32);
      hide Vacant;
      Given(k, a.v.acts[0], a.v.acts[1], a.v);
    }
  }
  lemma BootShared(k: Kernel, w: B.Words, size: u64)
    requires V.Valid(k)
    ensures Answered(k, B.SharedCommand(k, w, size))
  {
    var a := B.SharedCommand(k, w, size);
    PickIsFree(k.st.memory, w[1]);
    Replay.HasTables(k);
    hide V.Valid;
    hide M.Pick;
    hide M.PickFrame;
    hide W.Room;
    hide AllProper;
    if a.Done? { One(k.st, a.v.acts[0]); }
  }
  lemma BootEdge(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Answered(k, B.EdgeCommand(k, w))
  {
    Replay.HasTables(k);
    hide V.Valid;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide DE.Connect;
    hide W.Room;
    var a := B.EdgeCommand(k, w);
    if a.Done? {
      var src, dst := w[1] as u32, w[2] as u32;
      Connected(k, 0, E.FreeFrom(k.st.edges, 0), src, C.FreeSlot(k.st.caps, src), dst, C.FreeSlot(k.st.caps, dst), w[3] as u32, w[4] as u32,
        w[5] as u32, a.v);
    }
  }
  lemma BootOthers(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Answered(k, B.ImageCommand(k, w, size)) && Answered(k, B.MapCommand(k, w)) && Answered(k, B.CapCommand(k, w))
    ensures Answered(k, B.StartCommand(k, w, now)) && Answered(k, B.EndCommand(k, now))
  {
    Replay.HasTables(k);
    hide V.Valid;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide S.MakeReady;
    hide S.Dispatch;
    hide W.Room;
    hide AllProper;
    var c, s, m, e := B.CapCommand(k, w), B.StartCommand(k, w, now), B.MapCommand(k, w), B.EndCommand(k, now);
    if c.Done? { One(k.st, c.v.acts[0]); }
    if s.Done? { One(k.st, s.v.acts[0]); }
    if m.Done? { TameIsOrderly(k, m.v); }
    if e.Over? { TameIsOrderly(k, e.v); }
  }
  lemma BootBegin(k: Kernel, b: seq<u64>)
    requires V.Valid(k)
    ensures Answered(k, B.Begin(k, b))
  {
    hide V.Valid;
    hide B.HashOf;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
    hide W.Room;
    hide AllProper;
    var a := B.Begin(k, b);
    if a.Begun? { TameIsOrderly(k, a.v); }
  }
  lemma Command(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k) && Dated(k.st)
    ensures Answered(k, B.Command(k, w, size, now))
  {
    hide *;
    reveal B.Command;
    BootPartition(k, w);
    BootRegion(k, w);
    BootEdge(k, w);
    BootOthers(k, w, size, now);
    BootShared(k, w, size);
    BootDevice(k, w);
    reveal Answered;
  }

  // ---- every event ------------------------------------------------------------------------------------------------------------------------

  lemma Mildly(k: Kernel, v: Verdict)
    requires V.Valid(k) && Mild(v)
    ensures InOrder(k, v)
  {
    TameIsOrderly(k, v);
  }
  /** A device's region is nobody's, and goes to the caller. */
  lemma Leasing(k: Kernel, d: Device, r: u32, page: u32, until: u64)
    requires Runs(k) && d.pages < LO32 && r < NREGION && k.st.memory.regions[r].owner == 0
    ensures InOrder(k, DL.Acquired(k, d, r, page, until))
  {
    Replay.HasTables(k);
    CallsKept.Mine(k);
    hide V.Valid;
    var v := DL.Acquired(k, d, r, page, until);
    var a, rest := v.acts[0], v.acts[1..];
    assert Proper(k.st, a);
    assert AllTame(rest);
    hide A.Apply;
    TameIsProper(A.Apply(k.st, a), rest);
    Ahead(k.st, a, rest);
    hide AllProper;
    assert v.acts == [a] + rest;
  }
  lemma Acquiring(k: Kernel, now: u64)
    requires Runs(k)
    ensures InOrder(k, DL.DeviceLeaseAcquire(k, now))
  {
    Replay.HasTables(k);
    Refused(k);
    RegionFacts.ReuseIsFree(k.st.memory, 0, 0);
    var v := DL.DeviceLeaseAcquire(k, now);
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK && M.VirginFrom(k.st.memory, 0) < NREGION {
      CallsKept.Placed(k, DL.Shown(k), Arg(k, 3));
      Leasing(k, DL.Shown(k), M.VirginFrom(k.st.memory, 0), (Arg(k, 3) / 4096) as u32, S.Later(now, Arg(k, 2)));
    }
    if Mild(v) { Mildly(k, v); }
    hide V.Valid;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide DL.Acquired;
    hide M.VirginFrom;
    hide M.ReuseFrom;
    hide M.DeviceFree;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide InOrder;
  }
  lemma Activating(k: Kernel)
    requires Runs(k)
    ensures Mild(G.PolicyActivate_(k))
  {
    Refused(k);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
  }
  lemma Submitting(k: Kernel)
    requires Runs(k)
    ensures Mild(DF.ProofSubmit(k)) && Mild(DF.ProofStatus(k))
  {
    Refused(k);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide DF.SetJob;
  }
  lemma Row(k: Kernel, n: u64, now: u64)
    requires Runs(k) && Dated(k.st) && n < LO32 - CALLS
    ensures InOrder(k, Step.Row(k, n, now))
  {
    hide *;
    reveal Runs, Arg, Step.Row, Limits.LO32, CALLS;
    Activating(k);
    Submitting(k);
    Acquiring(k, now);
    DeviceLeases(k, now);
    Refused(k);
    Dropping(k);
    Revoking(k);
    Regions(k);
    Messages(k, now);
    Own(k, 0, now);
    Witnessing(k);
    Terminating(k, now);
    Grant(k);
    StartingAndSuspending(k, now);
    Creating(k);
    CommEdgeCreate(k);
    forall status: u64 ensures Mild(DT.Exit(k, status, now)) { Own(k, status, now); }
    var v := Step.Row(k, n, now);
    if Mild(v) { Mildly(k, v); }
  }
  lemma Proving(k: Kernel, v: Verdict, a: Action)
    requires V.Valid(k) && InOrder(k, v) && a.Proved?
    ensures InOrder(k, v.(acts := v.acts + [a]))
  {
    ProofIsProper(k.st, v.acts, a);
    hide V.Valid;
    hide AllProper;
    var u := v.(acts := v.acts + [a]);
    forall i | 0 <= i < |u.acts| ensures Blank(k, u.acts[i], u.vol, u.effects) { if i < |v.acts| { assert u.acts[i] == v.acts[i]; } }
  }
  /** What is blank stays so when a deep proof is used up. */
  lemma Spending(k: Kernel, n: u64, v: Verdict)
    requires Runs(k) && G.Decidable(n) && InOrder(k, v)
    ensures InOrder(k, v.(vol := G.Spend(k, n, v.vol)))
  {
    var w := v.(vol := G.Spend(k, n, v.vol));
    forall i | 0 <= i < |w.acts| ensures Blank(k, w.acts[i], w.vol, w.effects) {
      assert Blank(k, v.acts[i], v.vol, v.effects);
    }
    hide V.Valid;
    hide AllProper;
    hide G.Deep;
  }
  lemma Gated(k: Kernel, n: u64, now: u64)
    requires Runs(k) && Dated(k.st) && G.Decidable(n)
    ensures InOrder(k, G.Gate(k, n, now, Step.Row(k, n, now)))
  {
    var v, g := Step.Row(k, n, now), G.Gate(k, n, now, Step.Row(k, n, now));
    hide *;
    reveal Runs, Limits.LO32, CALLS, G.Decidable;
    Row(k, n, now);
    Refused(k);
    GateKept.Cases(k, n, now, v);
    if GateKept.Stopped(k, n, g) {
      GateKept.StoppedIs(k, n, g);
      Mildly(k, g);
    } else if g != v {
      reveal GateKept.WithProof, GateKept.Proof;
      Proving(k, v, GateKept.Proof(k, n, now));
      Spending(k, n, v.(acts := v.acts + [GateKept.Proof(k, n, now)]));
    }
  }
  lemma Called(k: Kernel, now: u64)
    requires Runs(k) && Dated(k.st)
    ensures InOrder(k, Step.Call(k, now))
  {
    hide *;
    reveal Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    var f := Arg(k, 0) % LO32;
    Standard(k, f, now);
    Mildly(k, Step.StandardCall(k, f, now));
    if CALLS <= f {
      Row(k, f - CALLS, now);
      if G.Decidable(f - CALLS) { Gated(k, f - CALLS, now); }
    }
  }
  /** The actions of an event are proper, and what they make is blank in the state after it and by its effects. */
  ghost predicate EventInOrder(k: Kernel, e: Step.Event) requires V.Valid(k) {
    && AllProper(k.st, Replay.Acts(k, e))
    && forall i :: 0 <= i < |Replay.Acts(k, e)| ==> Blank(k, Replay.Acts(k, e)[i], Step.Step(k, e).k.vol, Step.Step(k, e).effects)
  }
  lemma Decided(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Dated(k.st) && !e.Begin? && !e.Boot?
    ensures InOrder(k, Step.Decide(k, e))
  {
    hide *;
    reveal Step.Decide, Runs, Mild, Tame;
    var v := Step.Decide(k, e);
    assert Step.Nothing(k).acts == [] by { reveal Step.Nothing; }
    assert Mild(Step.Nothing(k)) by { reveal AllTame; }
    match e
    case Hypercall(now) => if k.vol.sched.cur != 0 { Called(k, now); } else { Mildly(k, v); }
    case _ =>
      forall i | 0 <= i < |v.acts| ensures Tame(v.acts[i]) {
        reveal Authority.AtMostEnds;
        Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, v.acts[i]);
      }
      reveal AllTame;
      Mildly(k, v);
  }
  /** Whatever event comes, its actions take what is free, give to those that exist, and what they make begins blank. */
  lemma Every_event_is_in_order(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Dated(k.st)
    ensures EventInOrder(k, e)
  {
    Replay.HasTables(k);
    hide V.Valid;
    hide Step.Decide;
    hide B.Command;
    hide B.Begin;
    hide AllProper;
    hide Blank;
    hide ApplyAll;
    hide NoteAll;
    assert AllProper(k.st, []) by { reveal AllProper; }
    match e
    case Begin(bundle, now) => BootBegin(k, bundle);
    case Boot(w, size, now) => Command(k, w, size, now);
    case _ => Decided(k, e);
  }
}
