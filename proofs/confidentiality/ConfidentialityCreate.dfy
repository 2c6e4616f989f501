include "ConfidentialityMaking.dfy"
include "../invariant/CallsKept.dfy"

/** partition_create tells its caller nothing beyond what Tells says. */
module {:compile false} ConfidentialityCreate {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityCalls
  import opened ConfidentialityMaking
  import opened Declassification
  import H = ConfidentialityHeld
  import I = IntegrityView
  import R = IntegrityRun
  import CommitKept
  import CallsKept
  import EndsKept
  import StructureKept
  import WitnessLemmas
  import C = Capabilities
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DP = DecidePartition
  import Kinds
  import Status
  import Rights

  // ---- the caller's account ---------------------------------------------------------------------------------------------------------------

  lemma QuotaCounted(l: Log, who: u32, p: u32, q: u64, budget: u64, now: u64)
    requires W.LogOk(l) && 0 < who < NPART && 0 < p < NPART && who != p && 0 < q <= RING && W.Room(l, who, q)
    ensures var m := Note(l, PartitionQuota(who, p, q, budget), now); m.quota[who] as int == l.quota[who] as int - q as int && m.used[who] as int == l.used[who] as int + 1
  {
    var a := PartitionQuota(who, p, q, budget);
    assert Charged(a) == who;
    EndsKept.EncodeSmall(a);
    WitnessLemmas.Fits(l, 0, p);
    WitnessLemmas.Fits(l, who, p);
    assert l.used[p as int] <= l.quota[p as int];
    hide Encode;
    hide Charged;
    hide W.RecordHash;
    hide W.Sum;
  }
  lemma MadeCounted(k: Kernel, x: DP.Plan, i: Image, w: DP.Places, more: seq<Action>, now: u64)
    requires Runs(k) && W.Tables(k.log) && V.ImageOk(i) && 0 < x.p < NPART && x.p != Me(k) && 0 < x.quota <= RING && W.Room(k.log, Me(k), x.quota + 8)
    requires |more| == 1 && EndsKept.Plain(more[0]) && Charged(more[0]) == Me(k)
    ensures var m := NoteAll(k.log, DP.Making(Me(k), x, i, w) + more, now);
      && m.quota[Me(k)] as int == k.log.quota[Me(k)] as int - x.quota as int
      && m.used[Me(k)] as int == k.log.used[Me(k)] as int + if i.data == 0 then 6 else 8
  {
    CommitKept.InParts(k);
    Line(k);
    var who, l, parts, halted := Me(k), k.log, k.st.parts, k.vol.halted;
    var head, quota, code, data := StructureKept.Head(who, x), StructureKept.Quota(who, x), StructureKept.Code(who, x, i, w), StructureKept.Data(who, x, i, w);
    var tail := code + data + more;
    StructureKept.MakingIs(who, x, i, w);
    hide V.Valid;
    hide Note;
    assert DP.Making(who, x, i, w) + more == head + ([quota] + tail);
    hide DP.Making;
    EndsKept.NotedAll(parts, l, halted, who, head, now, x.quota + 8);
    Counted(l, head, now, who, x.quota + 8);
    var l2 := NoteAll(l, head, now);
    EndsKept.NoteBoth(l, head, [quota] + tail, now);
    EndsKept.NoteBoth(l2, [quota], tail, now);
    EndsKept.NoteOne(l2, quota, now);
    EndsKept.Quota(parts, l2, halted, who, x.p, x.quota, x.budget, now, 6, parts[x.p]);
    assert W.LogOk(l2) by { reveal EndsKept.Ok(); }
    QuotaCounted(l2, who, x.p, x.quota, x.budget, now);
    var l3 := Note(l2, quota, now);
    hide W.Room;
    hide W.LogOk;
    assert forall j :: 0 <= j < |code| ==> EndsKept.Plain(code[j]) && Charged(code[j]) == who;
    assert forall j :: 0 <= j < |data| ==> EndsKept.Plain(data[j]) && Charged(data[j]) == who;
    hide NoteAll;
    Counted(l3, tail, now, who, 5);
  }

  // ---- its registers and effects ------------------------------------------------------------------------------------------------------------

  lemma Unfelt(es: seq<Effect>, p: u32)
    requires forall j :: 0 <= j < |es| ==> !IsFelt(es[j], p)
    ensures Felt(es, p) == []
    decreases |es|
  {
    if |es| > 0 { Unfelt(es[1..], p); }
  }
  lemma FillingUnfelt(x: DP.Plan, i: Image, w: DP.Places, p: u32)
    requires V.ImageOk(i) && x.p != p
    ensures Felt(DP.Filling(x, i, w), p) == []
  {
    hide M.Fits;
    Unfelt(DP.Filling(x, i, w), p);
  }
  lemma Made(a: Kernel, x: DP.Plan, i: Image, w: DP.Places, slot: u32)
    requires Runs(a) && H.Aged(a.st) && Tables(a.st) && V.ImageOk(i) && 0 < x.p < NPART && x.p != Me(a) && a.st.parts[x.p].life == Kinds.Free
    requires w == DP.Place(a.st.memory, i, x.p) && w.status == Status.OK && slot < CSLOTS && a.st.caps[Me(a) * CSLOTS + slot].gen < GENMAX
    ensures var t, n := ApplyAll(a.st, DP.Making(Me(a), x, i, w)), Me(a) * CSLOTS + slot;
      && SameSt(a.st, t, Me(a)) && H.Aged(t) && t.edges == a.st.edges && t.caps == a.st.caps
      && ApplyAll(a.st, DP.Created(a, x, i, w, slot).acts) == t.(caps := C.Mint(t.caps, n, Kinds.Partition, x.p, ObjectGen(t, Kinds.Partition, x.p), DP.OWNER_RIGHTS))
  {
    Makes(a.st, Me(a), x, i, w);
    var acts, g := DP.Making(Me(a), x, i, w), Action.CapGrant(Me(a), Me(a), slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS);
    Estranged(a.st, acts, x.p, Me(a));
    StructureKept.Both(a.st, acts, [g]);
    var t := ApplyAll(a.st, acts);
    StructureKept.One(t, g);
    hide V.Valid;
    hide SameSt;
    hide ApplyAll;
    hide DP.Making;
    hide DP.Filling;
    hide DP.Prepared;
    hide DP.Place;
    hide C.Mint;
    hide ObjectGen;
  }
  /** The caller's registers after it has made a partition. */
  lemma Afterwards(a: Kernel, x: DP.Plan, i: Image, b: Kernel, y: DP.Plan, h: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && x.p == y.p < NPART && x.p != Me(a) && I.Sorts(a.vol) && I.Sorts(b.vol)
    ensures |DP.Prepared(a.vol, x, i.entry).regs| == NCTX as int && |DP.Prepared(b.vol, y, i.entry).regs| == NCTX as int
    ensures var v, w := DP.Prepared(a.vol, x, i.entry), DP.Prepared(b.vol, y, i.entry);
      var v', w' := SetReg(SetReg(v, Me(a), 0, Status.OK), Me(a), 1, h), SetReg(SetReg(w, Me(a), 0, Status.OK), Me(a), 1, h);
      SameVol(v', w', Me(a)) && v'.queues == a.vol.queues && w'.queues == b.vol.queues
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide SameSt;
    var p := Me(a);
    R.Prepared(a.st.edges, a.vol, x, i.entry, p);
    R.Prepared(b.st.edges, b.vol, y, i.entry, p);
    assert DP.Prepared(a.vol, x, i.entry).queues == a.vol.queues && DP.Prepared(b.vol, y, i.entry).queues == b.vol.queues;
    hide DP.Prepared;
    var v, w := DP.Prepared(a.vol, x, i.entry), DP.Prepared(b.vol, y, i.entry);
    RunAround(a.st.edges, a.vol, v, b.st.edges, b.vol, w, p);
    hide SetReg;
    hide I.SameRegs;
    hide I.SameQueues;
    Register(v, w, p, 0, Status.OK);
    Register(SetReg(v, p, 0, Status.OK), SetReg(w, p, 0, Status.OK), p, 1, h);
  }
  ghost predicate Makeable(a: Kernel, x: DP.Plan, i: Image, w: DP.Places, slot: u32) {
    && Runs(a) && Tables(a.st) && W.Tables(a.log) && V.ImageOk(i) && 0 < x.p < NPART && x.p != Me(a) && a.st.parts[x.p].life == Kinds.Free
    && w == DP.Place(a.st.memory, i, x.p) && w.status == Status.OK && slot < CSLOTS && a.st.caps[Me(a) * CSLOTS + slot].gen < GENMAX
    && 0 < x.quota <= RING && W.Room(a.log, Me(a), x.quota + 8)
  }
  ghost function Grant(a: Kernel, x: DP.Plan, slot: u32): Action requires Runs(a) { Action.CapGrant(Me(a), Me(a), slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS) }
  lemma CreatedIs(a: Kernel, x: DP.Plan, i: Image, w: DP.Places, slot: u32)
    requires Makeable(a, x, i, w, slot)
    ensures var v := DP.Created(a, x, i, w, slot);
      && v.acts == DP.Making(Me(a), x, i, w) + [Grant(a, x, slot)] && EndsKept.Plain(Grant(a, x, slot)) && Charged(Grant(a, x, slot)) == Me(a) && v.effects == DP.Filling(x, i, w)
      && |DP.Prepared(a.vol, x, i.entry).regs| == NCTX as int
      && v.vol == SetReg(SetReg(DP.Prepared(a.vol, x, i.entry), Me(a), 0, Status.OK), Me(a), 1, C.Handle(slot, a.st.caps[Me(a) * CSLOTS + slot].gen + 1))
  {
    hide DP.Making;
    hide DP.Filling;
    hide DP.Place;
    hide M.Fits;
    hide W.Room;
  }
  /** The structures after it. */
  lemma BothMade(a: Kernel, x: DP.Plan, w: DP.Places, b: Kernel, y: DP.Plan, z: DP.Places, i: Image, slot: u32)
    requires Alike(a, b) && Makeable(a, x, i, w, slot) && Makeable(b, y, i, z, slot) && x.p == y.p
    requires a.st.caps[Me(a) * CSLOTS + slot].gen == b.st.caps[Me(b) * CSLOTS + slot].gen && Me(a) == Me(b)
    ensures var s, t := ApplyAll(a.st, DP.Created(a, x, i, w, slot).acts), ApplyAll(b.st, DP.Created(b, y, i, z, slot).acts);
      SameSt(s, t, Me(a)) && s.edges == a.st.edges && t.edges == b.st.edges
  {
    var p := Me(a);
    Parts(a, b);
    Line(a);
    var n := p * CSLOTS + slot;
    hide *;
    reveal Same, Makeable;
    Made(a, x, i, w, slot);
    Made(b, y, i, z, slot);
    var s, t := ApplyAll(a.st, DP.Making(p, x, i, w)), ApplyAll(b.st, DP.Making(p, y, i, z));
    Around(a.st, s, b.st, t, p);
    assert s.caps[n].gen == t.caps[n].gen < GENMAX && n / CSLOTS == p by { reveal Limits.CSLOTS; }
    assert Owners(s, EmptyCap.(kind := Kinds.Partition, obj := x.p)) == Owners(t, EmptyCap.(kind := Kinds.Partition, obj := x.p)) by { reveal Owners, Kinds.Partition, Kinds.Region, Kinds.CommEdge; }
    assert n < NCAP by { reveal Limits.NCAP, Limits.NPART, Limits.CSLOTS, SameSt; }
    Granted(s, t, n, Kinds.Partition, x.p, DP.OWNER_RIGHTS, p);
  }
  lemma Creates(a: Kernel, x: DP.Plan, w: DP.Places, b: Kernel, y: DP.Plan, z: DP.Places, i: Image, slot: u32, now: u64)
    requires Alike(a, b) && Makeable(a, x, i, w, slot) && Makeable(b, y, i, z, slot) && x.p == y.p && x.quota == y.quota
    requires a.st.caps[Me(a) * CSLOTS + slot].gen == b.st.caps[Me(b) * CSLOTS + slot].gen && Me(a) == Me(b)
    ensures Agree(a, DP.Created(a, x, i, w, slot), b, DP.Created(b, y, i, z, slot), now)
  {
    var p, v, u := Me(a), DP.Created(a, x, i, w, slot), DP.Created(b, y, i, z, slot);
    Parts(a, b);
    Line(a);
    Line(b);
    hide *;
    reveal Same, Makeable;
    CreatedIs(a, x, i, w, slot);
    CreatedIs(b, y, i, z, slot);
    BothMade(a, x, w, b, y, z, i, slot);
    MadeCounted(a, x, i, w, [Grant(a, x, slot)], now);
    MadeCounted(b, y, i, z, [Grant(b, y, slot)], now);
    Afterwards(a, x, i, b, y, C.Handle(slot, a.st.caps[p * CSLOTS + slot].gen + 1));
    FillingUnfelt(x, i, w, p);
    FillingUnfelt(y, i, z, p);
    assert I.SameAccount(NoteAll(a.log, v.acts, now), NoteAll(b.log, u.acts, now), p) by { reveal I.SameAccount, Limits.NPART, SameSt; }
    reveal Agree();
  }
  /** The plan that the caller's arguments come to in slot p. */
  ghost function Planned(a: Kernel, p: u32): DP.Plan
    requires Runs(a) && |a.st.parts| == NPART as int
  {
    DP.Plan(p, Arg(a, 2), a.st.parts[Me(a)].slice, a.st.parts[Me(a)].rel, Arg(a, 4), Arg(a, 5), Arg(a, 3), 0)
  }
  /** Which verdict it is: a refusal, an answer, or the making. */
  ghost predicate Made12(a: Kernel) requires Runs(a) { MakingTells(a).Place? && MakingTells(a).part != 0 }
  ghost predicate Ready12(a: Kernel, i: Image, p: u32, slot: u32)
    requires Runs(a)
  {
    && Tables(a.st) && p < NPART && slot < CSLOTS && slot == C.FreeSlot(a.st.caps, Me(a)) && Arg(a, 2) < |a.images| as u64 && i == a.images[Arg(a, 2)]
    && Makeable(a, Planned(a, p), i, DP.Place(a.st.memory, i, p), slot) && MakingTells(a).Place? && MakingTells(a).part == p
    && DP.PartitionCreate_(a) == DP.Created(a, Planned(a, p), i, DP.Place(a.st.memory, i, p), slot)
  }
  lemma Ready(a: Kernel)
    requires Runs(a) && Made12(a)
    ensures Arg(a, 2) < |a.images| as u64 && Tables(a.st) && Ready12(a, a.images[Arg(a, 2)], MakingTells(a).part, C.FreeSlot(a.st.caps, Me(a)))
  {
    Line(a);
    CommitKept.FreeSlot(a.st.parts, 1);
    CallsKept.Mine(a);
    if Arg(a, 2) < |a.images| as u64 { ImageIs(a, Arg(a, 2)); }
    hide V.Valid;
    hide V.ImageOk;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide DP.Place;
    hide DP.Created;
  }
  /** The status of a refusal; 0 if the log is full. */
  ghost function Why(a: Kernel): u64
    requires Runs(a)
  {
    var g := Guard(a, Arg(a, 1), Kinds.PhysMemPool, Rights.WRITE);
    if g != Status.OK then g
    else if Arg(a, 2) >= |a.images| as u64 then Status.PartitionNotFound
    else if MakingTells(a).Place? && MakingTells(a).status == Status.PartitionLimitExceeded then Status.PartitionLimitExceeded
    else if C.FreeSlot(a.st.caps, Me(a)) == CSLOTS || Arg(a, 4) == 0 || Arg(a, 4) > RING || Arg(a, 5) >= LO32 then Status.ResourceLimitExceeded
    else if MakingTells(a).Place? then MakingTells(a).status
    else 0
  }
  lemma Refused(a: Kernel)
    requires Runs(a) && !Made12(a)
    ensures DP.PartitionCreate_(a) == if Why(a) == 0 then Answer(a, Status.WitnessLogFull) else Refuse(a, CALLS + 12, Why(a))
  {
    hide V.Valid;
    hide V.ImageOk;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide C.FreeFrom;
    hide S.FreeFrom;
    PlaceStatus(a);
    hide DP.Place;
    hide DP.Created;
  }
  lemma PlaceStatus(a: Kernel)
    requires Runs(a)
    ensures forall i: Image, p: u32 {:trigger DP.Place(a.st.memory, i, p)} :: var s := DP.Place(a.st.memory, i, p).status; s == Status.OK || s == Status.OutOfMemory
  {}
  lemma PartitionCreate(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && MakingTells(a) == MakingTells(b)
    ensures Agree(a, DP.PartitionCreate_(a), b, DP.PartitionCreate_(b), now)
  {
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.PhysMemPool, Rights.WRITE);
    OwnFree(a, b);
    Parts(a, b);
    hide *;
    reveal SamePublic;
    if Made12(a) {
      assert Made12(b) by { reveal Made12; }
      Ready(a);
      Ready(b);
      var i, p, slot := a.images[Arg(a, 2)], MakingTells(a).part, C.FreeSlot(a.st.caps, Me(a));
      reveal Ready12, Planned;
      Creates(a, Planned(a, p), DP.Place(a.st.memory, i, p), b, Planned(b, p), DP.Place(b.st.memory, i, p), i, slot, now);
    } else {
      assert !Made12(b) by { reveal Made12; }
      Refused(a);
      Refused(b);
      assert Why(a) == Why(b) by { reveal Why; }
      Refusals(a, b, now);
    }
  }
  lemma ImageIs(a: Kernel, image: u64)
    requires V.Valid(a) && image as int < |a.images|
    ensures V.ImageOk(a.images[image])
  {
    assert V.ImageOk(a.images[image as int]);
  }
}
