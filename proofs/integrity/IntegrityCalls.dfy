include "IntegrityLosses.dfy"
include "IntegrityRun.dfy"
include "../invariant/CallsKept.dfy"

/** No call changes what a partition sees to which the caller has no channel. */
module {:compile false} IntegrityCalls {
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
  import L = IntegrityLosses
  import CapabilityTheorems
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DR = DecideRegion
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import Step
  import Declassification
  import StructureKept
  import Kinds
  import Status
  import Rights

  // ---- what calls have in common --------------------------------------------------------------------------------------------------

  /** Another partition runs, and it has no channel to p. */
  ghost predicate Bystander(k: Kernel, p: u32) {
    Runs(k) && Tables(k.st) && Sane(k.st) && 0 < p < NPART && Me(k) != p && k.st.parts[p].life != Kinds.Free && !Channel(k, Me(k), p)
  }
  /** The verdict changes nothing that p sees. */
  ghost predicate Spares(k: Kernel, v: Verdict, p: u32) requires p < NPART {
    Tables(k.st) && SameStructure(k.st, ApplyAll(k.st, v.acts), p) && SameRun(k.st.edges, k.vol, v.vol, p) && NoneHis(v.acts, p)
    && Unfelt(v.effects, p)
  }
  lemma Unnoticed(k: Kernel, v: Verdict, now: u64, p: u32)
    requires V.Valid(k) && 0 < p < NPART && Spares(k, v, p)
    ensures Sized(Step.Commit(k, v, now)) && See(Step.Commit(k, v, now), p) == See(k, p) && Declassification.Felt(v.effects, p) == []
  {
    hide V.Valid;
    hide ApplyAll;
    hide NoteAll;
    hide See;
    assert Sized(k) by { reveal V.Valid; }
    AllNoted(k.log, v.acts, now, p);
    NothingFelt(v.effects, p);
    SameView(k, Step.Commit(k, v, now), p);
  }
  lemma Ties(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures !Tied(k, Me(k), p) && NoEdge(k.st.edges, Me(k), p) && Sorts(k.vol) && Lined(k.vol.sched) && k.vol.sched.tasks[Me(k)].run == Kinds.Running
  {
    ValidLine(k);
    hide Tied;
    hide Lined;
    assert !Tied(k, Me(k), p);
    reveal Tied;
    hide TiedBy;
    hide V.Valid;
    hide Sane;
  }
  /** Something is added, and it is none of p's business. */
  lemma Adding(k: Kernel, v: Verdict, p: u32)
    requires Bystander(k, p) && AllAdd(k.st, v.acts, p) && SameRun(k.st.edges, k.vol, v.vol, p) && NoneHis(v.acts, p) && Unfelt(v.effects, p)
    ensures Spares(k, v, p)
  {
    Ties(k, p);
    assert CapabilityTheorems.LinksOk(k.st.caps) by { hide V.Valid; }
    hide *;
    reveal Bystander, Runs, Spares;
    AllAdded(k.st, v.acts, p);
    GrowsFollows(k.st, ApplyAll(k.st, v.acts), p, Me(k));
    Same(k, ApplyAll(k.st, v.acts), p, Me(k), NEDGE);
  }
  /** No action at all. */
  lemma Silent(k: Kernel, v: Verdict, p: u32)
    requires Bystander(k, p) && v.acts == [] && SameRun(k.st.edges, k.vol, v.vol, p) && Unfelt(v.effects, p)
    ensures Spares(k, v, p)
  {
    hide V.Valid;
    hide Channel;
    hide Sane;
    hide SameRun;
    Adding(k, v, p);
  }
  lemma OneAdds(s: Structure, a: Action, p: u32)
    requires Tables(s) && Adds(s, a, p)
    ensures AllAdd(s, [a], p)
  {
    hide A.Apply;
    hide Adds;
    assert [a][1..] == [];
  }
  lemma Adding1(k: Kernel, v: Verdict, a: Action, p: u32)
    requires Bystander(k, p) && v.acts == [a] && Adds(k.st, a, p) && SameRun(k.st.edges, k.vol, v.vol, p) && NotHis(a, p) && Unfelt(v.effects, p)
    ensures Spares(k, v, p)
  {
    hide *;
    reveal Bystander, Runs, NoneHis;
    OneAdds(k.st, a, p);
    Adding(k, v, p);
  }
  /** One action takes something away: what is left follows what was. */
  lemma Losing(k: Kernel, v: Verdict, a: Action, p: u32, r: u32, e: u32)
    requires Bystander(k, p) && v.acts == [a] && SameRun(k.st.edges, k.vol, v.vol, p) && NotHis(a, p) && Unfelt(v.effects, p)
    requires 0 < r && r != p && !Tied(k, r, p) && e <= NEDGE && (e < NEDGE ==> !Concerns(k, e, p)) && Follows(k.st, A.Apply(k.st, a), p, r, e)
    ensures Spares(k, v, p)
  {
    hide *;
    reveal Bystander, Runs, NoneHis, Spares;
    StructureKept.One(k.st, a);
    Same(k, A.Apply(k.st, a), p, r, e);
  }
  lemma Answers(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures forall status: u64 {:trigger Answer(k, status)} :: Spares(k, Answer(k, status), p)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Spares(k, Refuse(k, call, status), p)
  {
    Ties(k, p);
    hide *;
    reveal Bystander, Runs, Limits.NPART, Limits.CTXW;
    assert Unfelt([], p) by { reveal Unfelt; }
    forall status: u64 ensures Spares(k, Answer(k, status), p) {
      Registered(k.st.edges, k.vol, Me(k), 0, status, p);
      reveal Answer;
      Silent(k, Answer(k, status), p);
    }
    forall call: u64, status: u64 ensures Spares(k, Refuse(k, call, status), p) {
      Registered(k.st.edges, k.vol, Me(k), 0, status, p);
      reveal Answer, Refuse;
      var a := Reject(Me(k), call, status);
      assert Adds(k.st, a, p) && NotHis(a, p) by { reveal Adds, NotHis, Charged, Encode; }
      if Refuse(k, call, status).acts == [] { Silent(k, Refuse(k, call, status), p); } else { Adding1(k, Refuse(k, call, status), a, p); }
    }
  }

  // ---- guards ---------------------------------------------------------------------------------------------------------------------

  lemma Guarded(k: Kernel, h: u64, kind: u32, rights: u32)
    requires Runs(k) && Guard(k, h, kind, rights) == Status.OK
    ensures C.Slot(h) < CSLOTS as u64 && HeldIn(k.st, Me(k) * CSLOTS + C.Slot(h) as u32).present
    ensures kind != Kinds.None ==>
      Wields(k, Me(k), C.Slot(h) as u32, kind, rights) && k.st.caps[Me(k) * CSLOTS + C.Slot(h) as u32].obj == Object(k, h)
  {
    var i := Me(k) * CSLOTS + C.Slot(h) as u32;
    assert k.st.caps[i].gen == C.Gen(h);
    hide V.Valid;
    hide Path;
  }
  /** The caller's authority over partitions is none over p. */
  lemma NotOver(k: Kernel, h: u64, rights: u32, p: u32)
    requires Bystander(k, p) && (rights == Rights.WRITE || rights == Rights.REVOKE) && Guard(k, h, Kinds.Partition, rights) == Status.OK
    ensures C.Slot(h) < CSLOTS as u64 && Object(k, h) != p && Object(k, h) < NPART
    ensures rights == Rights.REVOKE && 0 < Object(k, h) ==> !Tied(k, Object(k, h), p)
  {
    Guarded(k, h, Kinds.Partition, rights);
    var s := C.Slot(h) as u32;
    assert C.SlotOk(k.st.caps[(Me(k) * CSLOTS + s) as int]);
    hide V.Valid;
    hide Wields;
    hide Guard;
    hide Tied;
    hide Sane;
    assert !Controls(k, Me(k), p);
    if rights == Rights.REVOKE && 0 < Object(k, h) { assert MayEnd(k, Me(k), Object(k, h)); }
  }
  /** An edge that a handle names is there. */
  lemma EdgeThere(k: Kernel, h: u64, rights: u32, p: u32)
    requires Bystander(k, p) && Guard(k, h, Kinds.CommEdge, rights) == Status.OK
    ensures C.Slot(h) < CSLOTS as u64 && Object(k, h) < NEDGE && k.st.edges[Object(k, h)].cap != 0
    ensures rights == Rights.REVOKE ==> !Concerns(k, Object(k, h), p)
  {
    Guarded(k, h, Kinds.CommEdge, rights);
    var s := C.Slot(h) as u32;
    var i := Me(k) * CSLOTS + s;
    assert C.SlotOk(k.st.caps[i as int]);
    assert CapFresh(k.st, k.st.caps[i]);
    hide V.Valid;
    hide Guard;
    hide Concerns;
    hide C.LiveAt;
    hide Path;
    hide CapabilityTheorems.LinksOk;
    if rights == Rights.REVOKE { assert Wields(k, Me(k), s, Kinds.CommEdge, Rights.REVOKE); }
  }
  lemma NoDrain(k: Kernel, h: u64, p: u32)
    requires Bystander(k, p)
    ensures Guard(k, h, Kinds.WitnessLog, Rights.WITNESS) != Status.OK
  {
    if Guard(k, h, Kinds.WitnessLog, Rights.WITNESS) == Status.OK { Guarded(k, h, Kinds.WitnessLog, Rights.WITNESS); }
    hide V.Valid;
    hide Guard;
    hide Wields;
  }

  // ---- capabilities ---------------------------------------------------------------------------------------------------------------

  /** Two registers of the caller's. */
  lemma TwoRegs(k: Kernel, x: u64, n: u32, y: u64, p: u32)
    requires Bystander(k, p) && n < CTXW
    ensures SameRun(k.st.edges, k.vol, SetReg(k.vol, Me(k), 0, x), p)
    ensures SameRun(k.st.edges, k.vol, SetReg(SetReg(k.vol, Me(k), 0, x), Me(k), n, y), p)
  {
    Ties(k, p);
    hide *;
    reveal Bystander, Runs, Limits.NPART, Limits.CTXW;
    var es, v := k.st.edges, k.vol;
    Registered(es, v, Me(k), 0, x, p);
    var w := SetReg(v, Me(k), 0, x);
    assert Sorts(w) by { reveal SameRun; }
    Registered(es, w, Me(k), n, y, p);
    RunOn(es, v, w, SetReg(w, Me(k), n, y), p);
  }
  lemma Granted(k: Kernel, h: u64, q: u32, slot: u32, asked: u32, p: u32)
    requires Bystander(k, p) && C.Slot(h) < CSLOTS as u64 && q < NPART && q != p && slot < CSLOTS
    requires k.st.caps[q * CSLOTS + slot].kind == Kinds.None && k.st.caps[q * CSLOTS + slot].gen < GENMAX
    ensures Spares(k, DC.Granted(k, h, q, slot, asked), p)
  {
    TwoRegs(k, Status.OK, 1, C.Handle(slot, k.st.caps[q * CSLOTS + slot].gen + 1), p);
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Spares;
    hide SetReg;
    hide SameRun;
    Adding1(k, DC.Granted(k, h, q, slot, asked), CapDelegate(Me(k), q, slot, C.Slot(h) as u32, asked), p);
  }
  lemma CapGrant(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DC.CapGrant(k), p)
  {
    Answers(k, p);
    var h, to, asked := Arg(k, 1), Arg(k, 2), Arg(k, 3);
    if Guard(k, h, Kinds.None, 0) == Status.OK { Guarded(k, h, Kinds.None, 0); }
    if to != 0 && Guard(k, to, Kinds.Partition, Rights.WRITE) == Status.OK { NotOver(k, to, Rights.WRITE, p); }
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Guard;
    hide Answer;
    hide Refuse;
    hide Spares;
    hide C.FreeFrom;
    hide C.DeriveCheck;
    hide W.Room;
    hide DC.Granted;
    if Guard(k, h, Kinds.None, 0) == Status.OK && (to == 0 || Guard(k, to, Kinds.Partition, Rights.WRITE) == Status.OK) && asked <= Rights.ALL as u64 {
      var q := DC.Receiver(k, to);
      var slot := C.FreeSlot(k.st.caps, q);
      if slot != CSLOTS { Granted(k, h, q, slot, asked as u32, p); }
    }
  }
  lemma CapRevoke(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DC.CapRevoke(k), p)
  {
    Answers(k, p);
    Ties(k, p);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.None, Rights.REVOKE) == Status.OK { Guarded(k, h, Kinds.None, Rights.REVOKE); }
    var v := DC.CapRevoke(k);
    var g := Guard(k, h, Kinds.None, Rights.REVOKE);
    var s := C.Slot(h) as u32;
    assert g == Status.OK ==> k.st.caps[Me(k) * CSLOTS + s].gen == C.Gen(h);
    hide V.Valid;
    hide Channel;
    hide Guard;
    hide Answer;
    hide Refuse;
    hide Spares;
    if g == Status.OK && C.Gen(h) < GENMAX && W.Room(k.log, Me(k), 1) {
      TwoRegs(k, Status.OK, 1, C.Handle(s, C.Gen(h) + 1), p);
      L.Revoked(k.st, Me(k), s, C.Gen(h) + 1, p);
      Losing(k, v, Action.CapRevoke(Me(k), s, C.Gen(h) + 1), p, Me(k), NEDGE);
    }
    hide SetReg;
    hide Follows;
    hide A.Apply;
    hide W.Room;
  }
  lemma CapDrop(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DC.CapDrop(k), p)
  {
    Answers(k, p);
    Ties(k, p);
    var h := Arg(k, 1);
    var v := DC.CapDrop(k);
    hide V.Valid;
    hide Channel;
    hide Answer;
    hide Refuse;
    hide Spares;
    if C.Slot(h) < CSLOTS as u64 && DC.Owned(k, h) && W.Room(k.log, Me(k), 1) {
      var s := C.Slot(h) as u32;
      TwoRegs(k, Status.OK, 1, 0, p);
      L.Dropped(k.st, Me(k), s, p);
      Losing(k, v, Action.CapDrop(Me(k), s), p, Me(k), NEDGE);
    }
    hide SetReg;
    hide Follows;
    hide A.Apply;
    hide W.Room;
  }
}
