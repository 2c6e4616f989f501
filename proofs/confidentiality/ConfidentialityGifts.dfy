include "ConfidentialityThings.dfy"

/** New edges and partitions: what a third sees depends on what it and the caller saw and on what the call tells. */
module {:compile false} ConfidentialityGifts {
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
  import Objects = ConfidentialityObjects
  import Messages = ConfidentialityMessages
  import Making = ConfidentialityMaking
  import Create = ConfidentialityCreate
  import ConfidentialityAged
  import StructureKept
  import H = ConfidentialityHeld
  import I = IntegrityView
  import R = IntegrityRun
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DE = DecideEdge
  import DP = DecidePartition
  import Kinds
  import Status
  import Rights

  // ---- commedge_create ------------------------------------------------------------------------------------------------------------------------

  lemma BothJoin3(s: Structure, t: Structure, e: u32, q: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32, p: u32)
    requires SameSt(s, t, p) && H.Aged(s) && H.Aged(t) && e < NEDGE && s.edges[e].gen < GENMAX && t.edges[e].gen < GENMAX && s.edges[e].cap == 0
    requires t.edges[e].cap == 0
    requires q < NPART && dst < NPART && ss < CSLOTS && ds < CSLOTS && q != dst && q != p && cap != 0
    requires s.caps[q * CSLOTS + ss].gen < GENMAX && t.caps[q * CSLOTS + ss].gen < GENMAX
    requires s.caps[dst * CSLOTS + ds].gen == t.caps[dst * CSLOTS + ds].gen < GENMAX
    ensures SameSt(Objects.Joining(s, e, q, ss, dst, ds, cap, rs, rd), Objects.Joining(t, e, q, ss, dst, ds, cap, rs, rd), p)
  {
    var s1, t1 := s.(edges := E.Create(s.edges, e, q, dst, cap)), t.(edges := E.Create(t.edges, e, q, dst, cap));
    EdgeUnseen(s, e, q, dst, cap, p);
    EdgeUnseen(t, e, q, dst, cap, p);
    Around(s, s1, t, t1, p);
    ConfidentialityAged.OneAction(s, EdgeCreate(q, e, q, dst, cap));
    ConfidentialityAged.OneAction(t, EdgeCreate(q, e, q, dst, cap));
    assert H.Aged(s1) && H.Aged(t1);
    hide SameSt;
    hide C.Mint;
    Granted(s1, t1, q * CSLOTS + ss, Kinds.CommEdge, e, rs, p);
    ConfidentialityAged.Mint(s1, q * CSLOTS + ss, Kinds.CommEdge, e, rs);
    ConfidentialityAged.Mint(t1, q * CSLOTS + ss, Kinds.CommEdge, e, rs);
    var s2 := s1.(caps := C.Mint(s1.caps, q * CSLOTS + ss, Kinds.CommEdge, e, ObjectGen(s1, Kinds.CommEdge, e), rs));
    var t2 := t1.(caps := C.Mint(t1.caps, q * CSLOTS + ss, Kinds.CommEdge, e, ObjectGen(t1, Kinds.CommEdge, e), rs));
    assert s2.caps[dst * CSLOTS + ds] == s.caps[dst * CSLOTS + ds] && t2.caps[dst * CSLOTS + ds] == t.caps[dst * CSLOTS + ds] by { reveal C.Mint; }
    Granted(s2, t2, dst * CSLOTS + ds, Kinds.CommEdge, e, rd, p);
  }
  lemma JoinNotHis(k: Kernel, who: u32, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32, p: u32)
    requires who != p
    ensures I.NoneHis(DE.Connect(k, who, e, src, ss, dst, ds, cap, rs, rd), p)
  {}
  lemma Connects3(a: Kernel, b: Kernel, e: u32, ss: u32, dst: u32, ds: u32, cap: u32, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Me(a) == Me(b) && Tables(a.st) && Tables(b.st)
    requires e < NEDGE && a.st.edges[e].gen < GENMAX && b.st.edges[e].gen < GENMAX && a.st.edges[e].cap == 0 && b.st.edges[e].cap == 0
    requires dst < NPART && ss < CSLOTS && ds < CSLOTS && Me(a) != dst && cap != 0
    requires a.st.caps[Me(a) * CSLOTS + ss].gen == b.st.caps[Me(a) * CSLOTS + ss].gen < GENMAX
    requires a.st.caps[dst * CSLOTS + ds].gen == b.st.caps[dst * CSLOTS + ds].gen < GENMAX
    ensures Agree3(a, DE.Connected(a, e, ss, dst, ds, cap), b, DE.Connected(b, e, ss, dst, ds, cap), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Messages.EdgesThere(a);
    Messages.EdgesThere(b);
    hide V.Valid;
    hide R.Lined;
    assert E.EdgeOk(a.st.edges[e], a.vol.queues[e]) && E.EdgeOk(b.st.edges[e], b.vol.queues[e]);
    var q := Me(a);
    var rs, rd := DE.SOURCE_RIGHTS, DE.DESTINATION_RIGHTS;
    Objects.Joins(a.st, a, q, e, q, ss, dst, ds, cap, rs, rd);
    Objects.Joins(b.st, b, q, e, q, ss, dst, ds, cap, rs, rd);
    BothJoin3(a.st, b.st, e, q, ss, dst, ds, cap, rs, rd, p);
    Objects.EdgesMade(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, e, q, dst, cap, p);
    assert Objects.Joining(a.st, e, q, ss, dst, ds, cap, rs, rd).edges == E.Create(a.st.edges, e, q, dst, cap);
    assert Objects.Joining(b.st, e, q, ss, dst, ds, cap, rs, rd).edges == E.Create(b.st.edges, e, q, dst, cap);
    hide Objects.Joining;
    hide SameSt;
    hide ApplyAll;
    JoinNotHis(a, q, e, q, ss, dst, ds, cap, rs, rd, p);
    JoinNotHis(b, q, e, q, ss, dst, ds, cap, rs, rd, p);
    var v, w := DE.Connected(a, e, ss, dst, ds, cap), DE.Connected(b, e, ss, dst, ds, cap);
    I.AllNoted(a.log, v.acts, now, p);
    I.AllNoted(b.log, w.acts, now, p);
    hide NoteAll;
    hide DE.Connect;
    var hs, hd := C.Handle(ss, a.st.caps[q * CSLOTS + ss].gen + 1), C.Handle(ds, a.st.caps[dst * CSLOTS + ds].gen + 1);
    Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
    var x, y := SetReg(a.vol, q, 0, Status.OK), SetReg(b.vol, q, 0, Status.OK);
    Reg3(x, y, p, q, 1, hs, hs);
    Reg3(SetReg(x, q, 1, hs), SetReg(y, q, 1, hs), p, q, 2, hd, hd);
    hide SetReg;
    hide SameVol;
    reveal Agree3();
  }
  lemma CommEdgeCreate(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && JoiningTells(a) == JoiningTells(b)
    ensures Agree3(a, DE.CommEdgeCreate(a), b, DE.CommEdgeCreate(b), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    var h, cap := Arg(a, 1), Arg(a, 2);
    Guards(a, b, h, Kinds.Partition, Rights.WRITE);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    OwnFree(a, b);
    hide V.Valid;
    hide R.Lined;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide SameSt;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide DE.Connected;
    if Guard(a, h, Kinds.Partition, Rights.WRITE) == Status.OK && Object(a, h) < NPART && Object(a, h) != Me(a) {
      var r, e, ss := Object(a, h), E.FreeFrom(a.st.edges, 0), C.FreeSlot(a.st.caps, Me(a));
      var ds := C.FreeSlot(a.st.caps, r);
      if cap != 0 && cap <= QDEPTH as u64 && ss < CSLOTS {
        var e', ds' := E.FreeFrom(b.st.edges, 0), C.FreeSlot(b.st.caps, r);
        assert (e < NEDGE && ds < CSLOTS) == (e' < NEDGE && ds' < CSLOTS);
        if e < NEDGE && ds < CSLOTS && W.Room(a.log, Me(a), 3) {
          assert e == e' && ds == ds';
          Connects3(a, b, e, ss, r, ds, cap as u32, now, p);
        }
      }
    }
  }

  // ---- partition_create -------------------------------------------------------------------------------------------------------------------------

  lemma Made3(a: Kernel, x: DP.Plan, i: Image, w: DP.Places, slot: u32, p: u32)
    requires Runs(a) && H.Aged(a.st) && Tables(a.st) && V.ImageOk(i) && 0 < x.p < NPART && a.st.parts[x.p].life == Kinds.Free && 0 < p < NPART
    requires x.p != p
    requires w == DP.Place(a.st.memory, i, x.p) && w.status == Status.OK && slot < CSLOTS && a.st.caps[Me(a) * CSLOTS + slot].gen < GENMAX
    ensures var t, n := ApplyAll(a.st, DP.Making(Me(a), x, i, w)), Me(a) * CSLOTS + slot;
      && SameSt(a.st, t, p) && H.Aged(t) && t.edges == a.st.edges && t.caps == a.st.caps
      && ApplyAll(a.st, DP.Created(a, x, i, w, slot).acts) == t.(caps := C.Mint(t.caps, n, Kinds.Partition, x.p, ObjectGen(t, Kinds.Partition, x.p), DP.OWNER_RIGHTS))
  {
    Making.Makes(a.st, Me(a), x, i, w);
    var acts, g := DP.Making(Me(a), x, i, w), Action.CapGrant(Me(a), Me(a), slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS);
    Making.Estranged(a.st, acts, x.p, p);
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
  lemma MakingNotHis(who: u32, x: DP.Plan, i: Image, w: DP.Places, g: Action, p: u32)
    requires V.ImageOk(i) && who != p && x.p != p && I.NotHis(g, p)
    ensures I.NoneHis(DP.Making(who, x, i, w) + [g], p)
  {
    hide M.Fits;
    var acts := DP.Making(who, x, i, w);
    forall j | 0 <= j < |acts| ensures I.NotHis(acts[j], p) { hide I.NotHis; MakingOne(who, x, i, w, j, p); }
    hide DP.Making;
    hide I.NotHis;
  }
  lemma MakingOne(who: u32, x: DP.Plan, i: Image, w: DP.Places, j: int, p: u32)
    requires V.ImageOk(i) && who != p && x.p != p && 0 <= j < |DP.Making(who, x, i, w)|
    ensures I.NotHis(DP.Making(who, x, i, w)[j], p)
  {
    hide M.Fits;
    var a := DP.Making(who, x, i, w)[j];
    assert a.PartitionCreate? || a.TaskSpawn? || (a.PartitionQuota? && a.p == x.p) || a.RegionCreate? || a.RegionMap?;
    assert a.who == who;
  }
  lemma Afterwards3(a: Kernel, x: DP.Plan, i: Image, b: Kernel, y: DP.Plan, h: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && x.p == y.p < NPART && x.p != p && I.Sorts(a.vol) && I.Sorts(b.vol)
    ensures |DP.Prepared(a.vol, x, i.entry).regs| == NCTX as int && |DP.Prepared(b.vol, y, i.entry).regs| == NCTX as int
    ensures var v, w := DP.Prepared(a.vol, x, i.entry), DP.Prepared(b.vol, y, i.entry);
      var v', w' := SetReg(SetReg(v, Me(a), 0, Status.OK), Me(a), 1, h), SetReg(SetReg(w, Me(a), 0, Status.OK), Me(a), 1, h);
      SameVol(v', w', p) && v'.queues == a.vol.queues && w'.queues == b.vol.queues
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide SameSt;
    R.Prepared(a.st.edges, a.vol, x, i.entry, p);
    R.Prepared(b.st.edges, b.vol, y, i.entry, p);
    assert DP.Prepared(a.vol, x, i.entry).queues == a.vol.queues && DP.Prepared(b.vol, y, i.entry).queues == b.vol.queues;
    hide DP.Prepared;
    hide R.Lined;
    var v, w := DP.Prepared(a.vol, x, i.entry), DP.Prepared(b.vol, y, i.entry);
    Calls.RunAround(a.st.edges, a.vol, v, b.st.edges, b.vol, w, p);
    hide SetReg;
    hide I.SameRegs;
    hide I.SameQueues;
    Reg3(v, w, p, Me(a), 0, Status.OK, Status.OK);
    Reg3(SetReg(v, Me(a), 0, Status.OK), SetReg(w, Me(a), 0, Status.OK), p, Me(a), 1, h, h);
  }
  lemma BothMade3(a: Kernel, x: DP.Plan, w: DP.Places, b: Kernel, y: DP.Plan, z: DP.Places, i: Image, slot: u32, p: u32)
    requires Both(a, b, p) && Create.Makeable(a, x, i, w, slot) && Create.Makeable(b, y, i, z, slot) && x.p == y.p && x.p != p && Me(a) == Me(b)
    ensures var s, t := ApplyAll(a.st, DP.Created(a, x, i, w, slot).acts), ApplyAll(b.st, DP.Created(b, y, i, z, slot).acts);
      SameSt(s, t, p) && s.edges == a.st.edges && t.edges == b.st.edges
  {
    var q := Me(a);
    BothIs(a, b, p);
    Parts(a, b);
    var n := q * CSLOTS + slot;
    hide *;
    reveal Same, Create.Makeable;
    Made3(a, x, i, w, slot, p);
    Made3(b, y, i, z, slot, p);
    var s, t := ApplyAll(a.st, DP.Making(q, x, i, w)), ApplyAll(b.st, DP.Making(q, y, i, z));
    Around(a.st, s, b.st, t, p);
    assert s.caps[n].gen < GENMAX && t.caps[n].gen < GENMAX;
    assert n / CSLOTS != p by { reveal Limits.CSLOTS; }
    assert n < NCAP by { reveal Limits.NCAP, Limits.NPART, Limits.CSLOTS, Me; }
    Granted(s, t, n, Kinds.Partition, x.p, DP.OWNER_RIGHTS, p);
  }
  lemma Creates3(a: Kernel, x: DP.Plan, w: DP.Places, b: Kernel, y: DP.Plan, z: DP.Places, i: Image, slot: u32, now: u64, p: u32)
    requires Both(a, b, p) && Create.Makeable(a, x, i, w, slot) && Create.Makeable(b, y, i, z, slot) && x.p == y.p && Me(a) == Me(b)
    requires a.st.caps[Me(a) * CSLOTS + slot].gen == b.st.caps[Me(b) * CSLOTS + slot].gen
    ensures Agree3(a, DP.Created(a, x, i, w, slot), b, DP.Created(b, y, i, z, slot), now, p)
  {
    var q, v, u := Me(a), DP.Created(a, x, i, w, slot), DP.Created(b, y, i, z, slot);
    BothIs(a, b, p);
    hide *;
    reveal Same, Create.Makeable;
    assert x.p != p;
    Create.CreatedIs(a, x, i, w, slot);
    Create.CreatedIs(b, y, i, z, slot);
    BothMade3(a, x, w, b, y, z, i, slot, p);
    assert I.NotHis(Create.Grant(a, x, slot), p) && I.NotHis(Create.Grant(b, y, slot), p) by { reveal I.NotHis, Create.Grant; }
    MakingNotHis(q, x, i, w, Create.Grant(a, x, slot), p);
    MakingNotHis(q, y, i, z, Create.Grant(b, y, slot), p);
    I.AllNoted(a.log, v.acts, now, p);
    I.AllNoted(b.log, u.acts, now, p);
    Afterwards3(a, x, i, b, y, C.Handle(slot, a.st.caps[q * CSLOTS + slot].gen + 1), p);
    reveal I.SameAccount;
    reveal Agree3();
  }
  lemma PartitionCreate(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && MakingTells(a) == MakingTells(b)
    ensures Agree3(a, DP.PartitionCreate_(a), b, DP.PartitionCreate_(b), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.PhysMemPool, Rights.WRITE);
    OwnFree(a, b);
    Parts(a, b);
    hide *;
    reveal SamePublic;
    if Create.Made12(a) {
      assert Create.Made12(b) by { reveal Create.Made12; }
      Create.Ready(a);
      Create.Ready(b);
      var i, x, slot := a.images[Arg(a, 2)], MakingTells(a).part, C.FreeSlot(a.st.caps, Me(a));
      reveal Create.Ready12, Create.Planned;
      Creates3(a, Create.Planned(a, x), DP.Place(a.st.memory, i, x), b, Create.Planned(b, x), DP.Place(b.st.memory, i, x), i, slot, now, p);
    } else {
      assert !Create.Made12(b) by { reveal Create.Made12; }
      Create.Refused(a);
      Create.Refused(b);
      assert Create.Why(a) == Create.Why(b) by { reveal Create.Why; }
      Refusals3(a, b, now, p);
    }
  }
}
