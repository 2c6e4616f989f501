include "ConfidentialityJobs.dfy"
include "../invariant/GateKept.dfy"

/** What P2 comes to is the same in twins to whom the policy says the same. */
module {:compile false} ConfidentialityGate {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityBetween
  import opened Declassification
  import Calls = ConfidentialityCalls
  import I = IntegrityView
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DE = DecideEdge
  import DP = DecidePartition
  import G = DecidePolicy
  import Jobs = ConfidentialityJobs
  import Policy
  import Step
  import Kinds
  import Status
  import Rights
  import CallsKept
  import GateKept
  import StructureKept

  // ---- the token ------------------------------------------------------------------------------------------------------------------------------

  lemma Digests(a: Kernel, b: Kernel, n: u32)
    requires Alike(a, b) && n <= 8
    ensures Runs(a) && Runs(b) && G.Digest(a, n) == G.Digest(b, n)
  {
    Args(a, b);
    hide *;
    reveal Limits.CTXW, Runs, G.Digest;
    if n > 0 { Digests(a, b, n - 1); }
  }
  lemma DeepProofs(a: Kernel, b: Kernel)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && G.DeepOk(a) == G.DeepOk(b)
  {
    Args(a, b);
    Parts(a, b);
    Jobs.Jobs(a.vol, b.vol, Me(a));
    hide V.Valid;
    hide SameSt;
  }
  lemma Tokens(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && G.Decidable(n)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && G.P1(a) == G.P1(b) && G.Nonce(a) == G.Nonce(b) && G.Needs(a, n) == G.Needs(b, n)
    ensures G.P1(a) == Status.OK ==> C.Slot(Arg(a, 1)) < CSLOTS as u64 && C.Slot(Arg(b, 1)) < CSLOTS as u64
    ensures G.P1(a) == Status.OK ==> G.TokenOk(a, now) == G.TokenOk(b, now)
    ensures G.DeepOk(a) == G.DeepOk(b)
  {
    DeepProofs(a, b);
    Args(a, b);
    Parts(a, b);
    Guards(a, b, Arg(a, 1), Kinds.None, 0);
    if G.P1(a) == Status.OK { Slots(a, b, Arg(a, 1)); }
    hide *;
    reveal Runs, G.P1, G.Nonce, G.Needs, Limits.CTXW, Same, SameSt;
    if G.P1(a) == Status.OK {
      Digests(a, b, 8);
      assert LikeCap(G.Shown(a), G.Shown(b)) by { reveal G.Shown; }
      assert a.st.nonces[Me(a)] == b.st.nonces[Me(b)];
      reveal G.TokenOk, LikeCap;
    }
  }
  lemma MoreRoom(a: Kernel, b: Kernel, n: u64)
    requires Alike(a, b) && G.Decidable(n)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && W.Tables(a.log) && W.Tables(b.log) && G.Needs(a, n) == G.Needs(b, n)
    ensures W.Room(a.log, Me(a), G.Needs(a, n) + 1) == W.Room(b.log, Me(b), G.Needs(b, n) + 1)
  {
    Args(a, b);
    Rooms(a, b);
    assert G.Needs(a, n) <= RING + 8;
    hide V.Valid;
    hide W.Room;
  }

  // ---- a sealed call says whether it has acted ------------------------------------------------------------------------------------------------

  lemma SealedAnswers(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Sealed(n) && n < LO32 - CALLS
    ensures var v := Step.Row(k, n, now); |v.vol.regs| == NCTX as int && (G.Acted(v) <==> v.vol.regs[Me(k) * CTXW] == Status.OK)
  {
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Partition, Rights.WRITE);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.CommEdge, Rights.REVOKE);
    assert |k.vol.regs| == NCTX as int && |k.vol.queues| == NEDGE as int && S.Shape(k.vol.sched);
    Calls.Line(k);
    hide V.Valid;
    hide Guard;
    hide S.FreeFrom;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide S.MakeReady;
    hide DP.Place;
    hide DP.Making;
    hide DP.Filling;
    hide W.Room;
    if n == 12 { Created(k); }
    else if n == 18 { Destroyed(k, now); assert Step.Row(k, n, now) == DE.CommEdgeDestroy(k, now); }
  }
  lemma Destroyed(k: Kernel, now: u64)
    requires Runs(k)
    ensures var v := DE.CommEdgeDestroy(k, now); |v.vol.regs| == NCTX as int && (G.Acted(v) <==> v.vol.regs[Me(k) * CTXW] == Status.OK)
  {
    Calls.Line(k);
    assert |k.vol.regs| == NCTX as int && |k.vol.queues| == NEDGE as int;
    var h := Arg(k, 1);
    CallsKept.Guarded(k, h, Kinds.CommEdge, Rights.REVOKE);
    if Guard(k, h, Kinds.CommEdge, Rights.REVOKE) == Status.OK && Object(k, h) < NEDGE {
      var e := Object(k, h);
      assert E.EdgeOk(k.st.edges[e], k.vol.queues[e]);
      assert k.st.edges[e].dst == Me(k) ==> k.vol.sched.tasks[k.st.edges[e].dst].run == Kinds.Running;
    }
    hide V.Valid;
    hide Guard;
    hide S.MakeReady;
    hide W.Room;
  }
  lemma MakingActs(who: u32, x: DP.Plan, i: Image, w: DP.Places)
    requires i.page < LO32 && i.code < LO32 && i.data < LO32 && i.page + i.code < LO32
    ensures var acts := DP.Making(who, x, i, w); |acts| > 0 && acts[0].PartitionCreate?
  {}
  lemma Created(k: Kernel)
    requires Runs(k)
    ensures var v := DP.PartitionCreate_(k); |v.vol.regs| == NCTX as int && (G.Acted(v) <==> v.vol.regs[Me(k) * CTXW] == Status.OK)
  {
    assert |k.vol.regs| == NCTX as int && S.Tables(k.vol.sched);
    var image, name, quota, budget := Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    if image < |k.images| as u64 && S.FreeFrom(k.st.parts, 1) < NPART {
      var i, p := k.images[image], S.FreeFrom(k.st.parts, 1);
      assert V.ImageOk(i);
      var w := DP.Place(k.st.memory, i, p);
      MakingActs(Me(k), DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, name, 0), i, w);
      Prepares(k.vol, DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, name, 0), i.entry);
    }
    hide V.Valid;
    hide Guard;
    hide S.FreeFrom;
    hide C.FreeFrom;
    hide DP.Place;
    hide DP.Filling;
    hide DP.Making;
    hide DP.Prepared;
    hide W.Room;
  }
  lemma Prepares(v: Volatile, x: DP.Plan, entry: u64)
    requires |v.regs| == NCTX as int && S.Tables(v.sched) && x.p < NPART
    ensures |DP.Prepared(v, x, entry).regs| == NCTX as int
  {
    hide DP.ClearRegs;
  }
  lemma BothAct(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Runs(a) && Runs(b) && G.Sealed(n) && n < LO32 - CALLS && Agree(a, Step.Row(a, n, now), b, Step.Row(b, n, now), now)
    ensures G.Acted(Step.Row(a, n, now)) == G.Acted(Step.Row(b, n, now))
  {
    SealedAnswers(a, n, now);
    SealedAnswers(b, n, now);
    var v, w := Step.Row(a, n, now), Step.Row(b, n, now);
    assert SameVol(v.vol, w.vol, Me(a)) && Me(a) == Me(b) by { reveal Agree(), Alike(); }
    assert I.SameReg(v.vol.regs, w.vol.regs, Me(a), 0) by { hide V.Valid; hide Step.Row; }
    hide V.Valid;
    hide Step.Row;
    hide G.Acted;
  }

  // ---- one record more ------------------------------------------------------------------------------------------------------------------------

  /** The same nonce for q in both. */
  lemma Nonces(s: Structure, t: Structure, q: u32, x: u64, p: u32)
    requires SameSt(s, t, p) && q < NPART
    ensures SameSt(s.(nonces := s.nonces[q as int := x]), t.(nonces := t.nonces[q as int := x]), p)
  {
    var u, v := s.(nonces := s.nonces[q as int := x]), t.(nonces := t.nonces[q as int := x]);
    reveal SameHeld(), SameRegions();
    forall y: u32 {:trigger SameSlot(u, v, p, y)} | y < CSLOTS ensures SameSlot(u, v, p, y) { assert SameSlot(s, t, p, y); }
  }
  lemma ProofIs(s: Structure, x: Action)
    requires Tables(s) && x.Proved? && x.who < NPART
    ensures A.Apply(s, x) == s.(nonces := s.nonces[x.who as int := x.nonce])
  {}
  lemma Counted1(l: Log, m: Log, x: Action, now: u64, p: u32)
    requires W.Tables(l) && W.Tables(m) && x.Proved? && x.who == p && p < NPART && W.Room(l, p, 1) && W.Room(m, p, 1) && I.SameAccount(l, m, p)
    ensures I.SameAccount(Note(l, x, now), Note(m, x, now), p)
  {
    OneCounted(l, x, now, p, 1);
    OneCounted(m, x, now, p, 1);
    hide Note;
    hide W.Room;
  }
  lemma MoreAgrees(a: Kernel, v: Verdict, b: Kernel, w: Verdict, x: Action, now: u64)
    requires Agree(a, v, b, w, now) && Runs(a) && W.Tables(a.log) && W.Tables(b.log) && x.Proved? && x.who == Me(a)
    requires W.Room(NoteAll(a.log, v.acts, now), Me(a), 1) && W.Room(NoteAll(b.log, w.acts, now), Me(a), 1)
    ensures Agree(a, v.(acts := v.acts + [x]), b, w.(acts := w.acts + [x]), now)
  {
    reveal Agree();
    var p, s, t := Me(a), ApplyAll(a.st, v.acts), ApplyAll(b.st, w.acts);
    assert p < NPART by { hide V.Valid; }
    hide *;
    reveal Runs;
    GateKept.Onward(a.st, a.log, v.acts, x, now);
    GateKept.Onward(b.st, b.log, w.acts, x, now);
    ProofIs(s, x);
    ProofIs(t, x);
    Nonces(s, t, p, x.nonce, p);
    Counted1(NoteAll(a.log, v.acts, now), NoteAll(b.log, w.acts, now), x, now, p);
    reveal Agree();
  }
  lemma MoreAgrees3(a: Kernel, v: Verdict, b: Kernel, w: Verdict, x: Action, now: u64, p: u32)
    requires Agree3(a, v, b, w, now, p) && Runs(a) && x.Proved? && x.who == Me(a)
    ensures Agree3(a, v.(acts := v.acts + [x]), b, w.(acts := w.acts + [x]), now, p)
  {
    reveal Agree3();
    BothIs(a, b, p);
    var s, t := ApplyAll(a.st, v.acts), ApplyAll(b.st, w.acts);
    assert Me(a) < NPART && Me(a) != p by { hide V.Valid; }
    hide *;
    reveal Runs;
    GateKept.Onward(a.st, a.log, v.acts, x, now);
    GateKept.Onward(b.st, b.log, w.acts, x, now);
    ProofIs(s, x);
    ProofIs(t, x);
    Nonces(s, t, Me(a), x.nonce, p);
    assert I.NotHis(x, p) by { reveal I.NotHis, Charged, Encode; }
    I.OneNoted(NoteAll(a.log, v.acts, now), x, now, p);
    I.OneNoted(NoteAll(b.log, w.acts, now), x, now, p);
    reveal Agree3(), I.SameAccount;
  }

  // ---- the gate -------------------------------------------------------------------------------------------------------------------------------

  /** Governed in both, and the policy says the same. */
  ghost predicate Ruled2(a: Kernel, b: Kernel, n: u64, now: u64) requires Runs(a) && Runs(b) {
    G.Governed(a, n) && G.Governed(b, n) && GateTells(a, n, now) == GateTells(b, n, now)
  }
  /** Nothing of P2 stands in the way of the call itself. */
  ghost predicate Open(k: Kernel, n: u64, now: u64) requires Runs(k) {
    && G.Decidable(n) && G.P1(k) == Status.OK && C.Slot(Arg(k, 1)) < CSLOTS as u64 && G.Says(k, n, now).Permit?
    && (G.Sealed(n) ==> G.ProofOk(k, n, now) && W.Room(k.log, Me(k), G.Needs(k, n) + 1))
  }
  lemma Rules(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Ruled2(a, b, n, now)
    ensures G.Decidable(n) && Me(a) == Me(b) && G.P1(a) == G.P1(b) && G.Nonce(a) == G.Nonce(b) && Open(a, n, now) == Open(b, n, now)
    ensures G.P1(a) == Status.OK ==> C.Slot(Arg(a, 1)) < CSLOTS as u64 && C.Slot(Arg(b, 1)) < CSLOTS as u64 && G.Says(a, n, now) == G.Says(b, n, now)
    ensures G.P1(a) == Status.OK && G.Says(a, n, now).Permit? && G.Sealed(n) ==> G.Deep(a, n) == G.Deep(b, n) && G.ProofOk(a, n, now) == G.ProofOk(b, n, now)
    ensures W.Room(a.log, Me(a), G.Needs(a, n) + 1) == W.Room(b.log, Me(b), G.Needs(b, n) + 1)
    ensures Open(a, n, now) ==> CallTells(a, n) == CallTells(b, n)
  {
    assert G.Decidable(n) by { hide V.Valid; }
    Tokens(a, b, n, now);
    MoreRoom(a, b, n);
    hide *;
    reveal Ruled2, Open, GateTells, Runs, G.ProofOk;
  }
  lemma Gated(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && n < LO32 - CALLS && Ruled2(a, b, n, now)
    requires Open(a, n, now) ==> Agree(a, Step.Row(a, n, now), b, Step.Row(b, n, now), now)
    ensures G.Decidable(n) && Agree(a, G.Gate(a, n, now, Step.Row(a, n, now)), b, G.Gate(b, n, now, Step.Row(b, n, now)), now)
  {
    Rules(a, b, n, now);
    hide *;
    reveal Runs;
    var v, w := Step.Row(a, n, now), Step.Row(b, n, now);
    Opened(a, n, now, v);
    Opened(b, n, now, w);
    if !Open(a, n, now) { Closes(a, b, n, now); }
    else if G.Sealed(n) {
      BothAct(a, b, n, now);
      if G.Acted(v) { SealedAgree(a, b, n, now); }
    }
  }
  lemma SealedAgree(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && n < LO32 - CALLS && Ruled2(a, b, n, now) && Open(a, n, now) && G.Sealed(n)
    requires Agree(a, Step.Row(a, n, now), b, Step.Row(b, n, now), now) && G.Acted(Step.Row(a, n, now)) && G.Acted(Step.Row(b, n, now))
    ensures G.Decidable(n) && var v, w := Step.Row(a, n, now), Step.Row(b, n, now);
      Agree(a, v.(acts := v.acts + [GateKept.Proof(a, n, now)]), b, w.(acts := w.acts + [GateKept.Proof(b, n, now)]), now)
    ensures Agree(a, GateKept.WithProof(a, n, now, Step.Row(a, n, now)), b, GateKept.WithProof(b, n, now, Step.Row(b, n, now)), now)
  {
    Rules(a, b, n, now);
    Calls.Line(a);
    Calls.Line(b);
    hide *;
    reveal Runs;
    var v, w, x := Step.Row(a, n, now), Step.Row(b, n, now), GateKept.Proof(a, n, now);
    assert W.Room(NoteAll(a.log, v.acts, now), Me(a), 1) by { reveal Open; GateKept.RoomLeft(a, n, now); }
    assert W.Room(NoteAll(b.log, w.acts, now), Me(b), 1) by { reveal Open; GateKept.RoomLeft(b, n, now); }
    assert x == GateKept.Proof(b, n, now) && x.Proved? && x.who == Me(a) by { reveal Open; Opened(a, n, now, v); Opened(b, n, now, w); }
    MoreAgrees(a, v, b, w, x, now);
    assert G.Deep(a, n) == G.Deep(b, n) by { reveal Open; }
    Jobs.Spends(a, v.(acts := v.acts + [x]), b, w.(acts := w.acts + [x]), n, now);
    reveal GateKept.WithProof;
  }
  /** The gate, as far as it is open: what becomes of verdict v. */
  lemma Opened(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Runs(k) && G.Decidable(n) && n < LO32 - CALLS && (G.P1(k) == Status.OK ==> C.Slot(Arg(k, 1)) < CSLOTS as u64)
    ensures Open(k, n, now) ==> G.Gate(k, n, now, v) == if G.Sealed(n) && G.Acted(v) then GateKept.WithProof(k, n, now, v) else v
    ensures !Open(k, n, now) ==> G.Gate(k, n, now, v) == Closed(k, n, now)
    ensures G.P1(k) == Status.OK ==> GateKept.Proof(k, n, now) == Proved(Me(k), G.Nonce(k), n as u32, G.RuleOf(G.Says(k, n, now)) as u32, G.Deep(k, n))
  {
    hide *;
    reveal Runs, Open, CALLS, Limits.LO32, G.Gate, GateKept.Proof, GateKept.WithProof, Closed;
  }
  /** What a call comes to that does not get through. */
  ghost function Closed(k: Kernel, n: u64, now: u64): Verdict
    requires Runs(k) && G.Decidable(n) && n < LO32 - CALLS && (G.P1(k) == Status.OK ==> C.Slot(Arg(k, 1)) < CSLOTS as u64)
  {
    if G.P1(k) != Status.OK then Refuse(k, CALLS + n, G.P1(k))
    else if G.Says(k, n, now).Deny? then Refuse(k, G.Named(n, G.RuleOf(G.Says(k, n, now))), Status.ProofInvalid)
    else if !G.ProofOk(k, n, now) then Refuse(k, CALLS + n, Status.ProofInvalid)
    else Answer(k, Status.WitnessLogFull)
  }
  lemma RuleFits(r: Policy.Ruling)
    ensures G.RuleOf(r) <= PolicyLimits.NORULE as u64
  {}
  lemma Closes(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && n < LO32 - CALLS && Ruled2(a, b, n, now) && !Open(a, n, now)
    ensures G.Decidable(n) && (G.P1(a) == Status.OK ==> C.Slot(Arg(a, 1)) < CSLOTS as u64) && (G.P1(b) == Status.OK ==> C.Slot(Arg(b, 1)) < CSLOTS as u64)
    ensures Agree(a, Closed(a, n, now), b, Closed(b, n, now), now)
  {
    Rules(a, b, n, now);
    hide *;
    reveal Closed, CALLS, Limits.LO32, Runs;
    if G.P1(a) != Status.OK { Calls.Refuses(a, b, CALLS + n, G.P1(a), now); }
    else if G.Says(a, n, now).Deny? {
      RuleFits(G.Says(a, n, now));
      Calls.Refuses(a, b, G.Named(n, G.RuleOf(G.Says(a, n, now))), Status.ProofInvalid, now);
    } else if !G.ProofOk(a, n, now) { Calls.Refuses(a, b, CALLS + n, Status.ProofInvalid, now); }
    else { Calls.Answers(a, b, Status.WitnessLogFull, now); }
  }
  lemma Closes3(a: Kernel, b: Kernel, n: u64, now: u64, p: u32)
    requires Both(a, b, p) && Alike(a, b) && Runs(a) && Runs(b) && n < LO32 - CALLS && Ruled2(a, b, n, now) && !Open(a, n, now)
    ensures G.Decidable(n) && (G.P1(a) == Status.OK ==> C.Slot(Arg(a, 1)) < CSLOTS as u64) && (G.P1(b) == Status.OK ==> C.Slot(Arg(b, 1)) < CSLOTS as u64)
    ensures Agree3(a, Closed(a, n, now), b, Closed(b, n, now), now, p)
  {
    Rules(a, b, n, now);
    Refusals3(a, b, now, p);
    hide *;
    reveal Closed, CALLS, Limits.LO32, Runs;
    if G.P1(a) != Status.OK { assert Agree3(a, Refuse(a, CALLS + n, G.P1(a)), b, Refuse(b, CALLS + n, G.P1(a)), now, p); }
    else if G.Says(a, n, now).Deny? {
      RuleFits(G.Says(a, n, now));
      var call := G.Named(n, G.RuleOf(G.Says(a, n, now)));
      assert Agree3(a, Refuse(a, call, Status.ProofInvalid), b, Refuse(b, call, Status.ProofInvalid), now, p);
    }
    else if !G.ProofOk(a, n, now) { assert Agree3(a, Refuse(a, CALLS + n, Status.ProofInvalid), b, Refuse(b, CALLS + n, Status.ProofInvalid), now, p); }
    else { assert Agree3(a, Answer(a, Status.WitnessLogFull), b, Answer(b, Status.WitnessLogFull), now, p); }
  }
  lemma Gated3(a: Kernel, b: Kernel, n: u64, now: u64, p: u32)
    requires Both(a, b, p) && Alike(a, b) && Runs(a) && Runs(b) && n < LO32 - CALLS && Ruled2(a, b, n, now)
    requires Open(a, n, now) ==> Agree(a, Step.Row(a, n, now), b, Step.Row(b, n, now), now) && Agree3(a, Step.Row(a, n, now), b, Step.Row(b, n, now), now, p)
    ensures G.Decidable(n) && Agree3(a, G.Gate(a, n, now, Step.Row(a, n, now)), b, G.Gate(b, n, now, Step.Row(b, n, now)), now, p)
  {
    Rules(a, b, n, now);
    hide *;
    reveal Runs, Open, CALLS, Limits.LO32;
    var v, w := Step.Row(a, n, now), Step.Row(b, n, now);
    Opened(a, n, now, v);
    Opened(b, n, now, w);
    if !Open(a, n, now) { Closes3(a, b, n, now, p); }
    else if G.Sealed(n) {
      BothAct(a, b, n, now);
      var x := GateKept.Proof(a, n, now);
      MoreAgrees3(a, v, b, w, x, now, p);
      assert x == GateKept.Proof(b, n, now) && G.Deep(a, n) == G.Deep(b, n) by { reveal Open; }
      Jobs.Spends3(a, v.(acts := v.acts + [x]), b, w.(acts := w.acts + [x]), n, now, p);
      reveal GateKept.WithProof;
    }
  }

  // ---- policy_activate ------------------------------------------------------------------------------------------------------------------------

  lemma ActivateIs(s: Structure, x: Action)
    requires Tables(s) && x.PolicyActivate?
    ensures A.Apply(s, x) == s.(policy := x.which)
  {}
  /** Which policy is active is seen by nobody. */
  lemma Policies(s: Structure, t: Structure, x: u32, p: u32)
    requires SameSt(s, t, p)
    ensures SameSt(s.(policy := x), t.(policy := x), p)
  {
    var u, v := s.(policy := x), t.(policy := x);
    reveal SameHeld(), SameRegions();
    forall y: u32 {:trigger SameSlot(u, v, p, y)} | y < CSLOTS ensures SameSlot(u, v, p, y) { assert SameSlot(s, t, p, y); }
  }
  lemma PolicyActivate_(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, G.PolicyActivate_(a), b, G.PolicyActivate_(b), now)
  {
    Args(a, b);
    Parts(a, b);
    Rooms(a, b);
    Guards(a, b, Arg(a, 1), Kinds.Policy, Rights.WRITE);
    Calls.Refusals(a, b, now);
    Calls.Line(a);
    Calls.Line(b);
    var v, w := G.PolicyActivate_(a), G.PolicyActivate_(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide W.Room;
    hide SameSt;
    hide SameVol;
    if |v.acts| == 1 && v.acts[0].PolicyActivate? {
      var x := v.acts[0];
      assert v.acts == [x] && w.acts == [x];
      StructureKept.One(a.st, x);
      StructureKept.One(b.st, x);
      ActivateIs(a.st, x);
      ActivateIs(b.st, x);
      Policies(a.st, b.st, x.which, Me(a));
      Calls.Register(a.vol, b.vol, Me(a), 0, Status.OK);
      assert Paid(a, v) && Paid(b, w);
      Agreed(a, v, b, w, now);
    }
  }
  lemma PolicyActivate3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, G.PolicyActivate_(a), b, G.PolicyActivate_(b), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Parts(a, b);
    Rooms(a, b);
    Guards(a, b, Arg(a, 1), Kinds.Policy, Rights.WRITE);
    Refusals3(a, b, now, p);
    var v, w := G.PolicyActivate_(a), G.PolicyActivate_(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide W.Room;
    hide SameSt;
    hide SameVol;
    if |v.acts| == 1 && v.acts[0].PolicyActivate? {
      var x := v.acts[0];
      assert v.acts == [x] && w.acts == [x];
      ActivateIs(a.st, x);
      ActivateIs(b.st, x);
      Policies(a.st, b.st, x.which, p);
      Reg3(a.vol, b.vol, p, Me(a), 0, Status.OK, Status.OK);
      Single3(a, v, x, b, w, x, now, p);
    }
  }
}
