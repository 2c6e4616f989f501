include "IntegrityObjects.dfy"

/** No call on partitions changes what a partition sees to which the caller has no channel. */
module {:compile false} IntegrityPartitions {
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
  import opened IntegrityCalls
  import L = IntegrityLosses
  import IntegrityObjects
  import C = Capabilities
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DP = DecidePartition
  import DT = DecideTask
  import StructureKept
  import CallsKept
  import RegionFacts
  import CommitKept
  import Kinds
  import Status
  import Rights

  // ---- a new partition ------------------------------------------------------------------------------------------------------------

  lemma AddsOn(s: Structure, a: seq<Action>, b: seq<Action>, p: u32)
    requires Tables(s) && AllAdd(s, a, p) && AllAdd(ApplyAll(s, a), b, p)
    ensures AllAdd(s, a + b, p)
    decreases |a|
  {
    hide A.Apply;
    hide Adds;
    if |a| == 0 { assert a + b == b; }
    else {
      assert (a + b)[1..] == a[1..] + b;
      AddsOn(A.Apply(s, a[0]), a[1..], b, p);
    }
  }
  lemma TwoAdd(s: Structure, a: Action, b: Action, p: u32)
    requires Tables(s) && Adds(s, a, p) && Adds(A.Apply(s, a), b, p)
    ensures AllAdd(s, [a, b], p) && ApplyAll(s, [a, b]) == A.Apply(A.Apply(s, a), b)
  {
    hide A.Apply;
    hide Adds;
    assert [a, b] == [a] + [b];
    OneAdds(A.Apply(s, a), b, p);
    IntegrityObjects.Cons(s, a, [b], p);
    StructureKept.Two(s, a, b);
  }
  /** A free region is taken and mapped by its new owner. */
  lemma Fills(s: Structure, who: u32, x: u32, r: u32, policy: u32, n: u64, f: u64, page: u32, m: u32, perm: u32, p: u32)
    requires Tables(s) && r < NREGION && s.memory.regions[r].owner == 0 && x != p && x < NPART
    ensures var acts := [RegionCreate(who, r, x, policy, n, f), RegionMap(who, x, r, page, 0, m, perm)];
      AllAdd(s, acts, p) && ApplyAll(s, acts).memory == M.Create(s.memory, r, x, policy, n, f) && ApplyAll(s, acts).caps == s.caps
  {
    var a, b := RegionCreate(who, r, x, policy, n, f), RegionMap(who, x, r, page, 0, m, perm);
    hide M.MapRange;
    var t := A.Apply(s, a);
    assert t == s.(memory := M.Create(s.memory, r, x, policy, n, f));
    var u := A.Apply(t, b);
    assert u == t.(maps := u.maps);
    assert Adds(s, a, p) && Adds(t, b, p);
    hide A.Apply;
    hide M.Create;
    TwoAdd(s, a, b, p);
  }
  lemma Begins(s: Structure, who: u32, x: DP.Plan, p: u32)
    requires Tables(s) && 0 < x.p < NPART && x.p != p && s.parts[x.p].life == Kinds.Free
    ensures var t := ApplyAll(s, StructureKept.Head(who, x)); AllAdd(s, StructureKept.Head(who, x), p) && t.memory == s.memory && t.caps == s.caps
  {
    var a, b := Action.PartitionCreate(who, x.p, x.image), Action.TaskSpawn(who, x.p, x.slice, x.rel);
    assert Adds(s, a, p) && Adds(A.Apply(s, a), b, p);
    var t := A.Apply(A.Apply(s, a), b);
    assert t.memory == s.memory && t.caps == s.caps;
    hide A.Apply;
    TwoAdd(s, a, b, p);
  }
  lemma FreePlaces(m: State.Memory, i: Image, x: u32)
    requires M.Table(m) && DP.Place(m, i, x).status == Status.OK && i.code > 0 && 0 < x
    ensures var w := DP.Place(m, i, x);
      w.code < NREGION && m.regions[w.code].owner == 0
      && (i.data > 0 ==> w.data < NREGION && M.Create(m, w.code, x, Kinds.Immutable, i.code, w.codeFrame).regions[w.data].owner == 0)
  {
    StructureKept.Placed(m, i, x);
    var w := DP.Place(m, i, x);
    RegionFacts.ReuseIsFree(m, i.code, 0);
    RegionFacts.ReuseIsFree(m, 0, 0);
    var m1 := M.Create(m, w.code, x, Kinds.Immutable, i.code, w.codeFrame);
    RegionFacts.ReuseIsFree(m1, i.data, 0);
    RegionFacts.ReuseIsFree(m1, 0, 0);
    hide DP.Place;
    hide M.ReuseFrom;
    hide M.PickFrame;
  }
  lemma Makes(s: Structure, who: u32, x: DP.Plan, i: Image, w: DP.Places, slot: u32, p: u32)
    requires Tables(s) && who < NPART && who != p && 0 < x.p < NPART && x.p != p && s.parts[x.p].life == Kinds.Free && V.ImageOk(i)
    requires w == DP.Place(s.memory, i, x.p) && w.status == Status.OK && slot < CSLOTS && s.caps[who * CSLOTS + slot].kind == Kinds.None
    ensures AllAdd(s, DP.Making(who, x, i, w) + [CapGrant(who, who, slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS)], p)
  {
    FreePlaces(s.memory, i, x.p);
    StructureKept.MakingIs(who, x, i, w);
    var head, quota := StructureKept.Head(who, x), StructureKept.Quota(who, x);
    var code, data := StructureKept.Code(who, x, i, w), StructureKept.Data(who, x, i, w);
    var g := CapGrant(who, who, slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS);
    assert DP.Making(who, x, i, w) + [g] == head + ([quota] + (code + (data + [g])));
    hide DP.Place;
    hide DP.Making;
    hide M.Create;
    Begins(s, who, x, p);
    var s2 := ApplyAll(s, head);
    assert A.Apply(s2, quota) == s2 && Adds(s2, quota, p);
    hide A.Apply;
    hide ApplyAll;
    Fills(s2, who, x.p, w.code, Kinds.Immutable, i.code, w.codeFrame, i.page as u32, i.code as u32, Kinds.PermRX, p);
    var s4 := ApplyAll(s2, code);
    if i.data > 0 {
      Fills(s4, who, x.p, w.data, Kinds.Slab, i.data, w.dataFrame, (i.page + i.code) as u32, i.data as u32, Kinds.PermRW, p);
    } else {
      assert AllAdd(s4, data, p) && ApplyAll(s4, data) == s4 by { reveal ApplyAll; }
    }
    var s6 := ApplyAll(s4, data);
    assert Adds(s6, g, p);
    hide Adds;
    hide StructureKept.Head;
    hide StructureKept.Quota;
    hide StructureKept.Code;
    hide StructureKept.Data;
    OneAdds(s6, g, p);
    hide AllAdd;
    AddsOn(s4, data, [g], p);
    AddsOn(s2, code, data + [g], p);
    IntegrityObjects.Cons(s2, quota, code + (data + [g]), p);
    AddsOn(s, head, [quota] + (code + (data + [g])), p);
  }
  lemma MadeNone(who: u32, x: DP.Plan, i: Image, w: DP.Places, slot: u32, p: u32)
    requires who != p && x.p != p && V.ImageOk(i)
    ensures NoneHis(DP.Making(who, x, i, w) + [CapGrant(who, who, slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS)], p)
  {}
  lemma MadeUnfelt(x: DP.Plan, i: Image, w: DP.Places, p: u32)
    requires V.ImageOk(i) && x.p != p
    ensures Unfelt(DP.Filling(x, i, w), p)
  {}
  lemma MadeRun(k: Kernel, x: DP.Plan, entry: u64, y: u64, p: u32)
    requires Bystander(k, p) && x.p < NPART && x.p != p
    ensures var q := DP.Prepared(k.vol, x, entry);
      |q.regs| == NCTX as int && SameRun(k.st.edges, k.vol, SetReg(SetReg(q, Me(k), 0, Status.OK), Me(k), 1, y), p)
  {
    Ties(k, p);
    hide *;
    reveal Bystander, Runs, Limits.NPART, Limits.CTXW;
    var es, v := k.st.edges, k.vol;
    assert S.Tables(v.sched) by { reveal Sorts, S.Tables; }
    Prepared(es, v, x, entry, p);
    var a := DP.Prepared(v, x, entry);
    assert Sorts(a) && |a.regs| == NCTX as int by { reveal SameRun, Sorts; }
    Registered(es, a, Me(k), 0, Status.OK, p);
    var b := SetReg(a, Me(k), 0, Status.OK);
    RunOn(es, v, a, b, p);
    assert Sorts(b) by { reveal SameRun; }
    Registered(es, b, Me(k), 1, y, p);
    RunOn(es, v, b, SetReg(b, Me(k), 1, y), p);
  }
  lemma Created(k: Kernel, x: DP.Plan, i: Image, w: DP.Places, slot: u32, p: u32)
    requires Bystander(k, p) && 0 < x.p < NPART && k.st.parts[x.p].life == Kinds.Free && V.ImageOk(i)
    requires w == DP.Place(k.st.memory, i, x.p) && w.status == Status.OK && slot < CSLOTS
    requires k.st.caps[Me(k) * CSLOTS + slot].kind == Kinds.None && k.st.caps[Me(k) * CSLOTS + slot].gen < GENMAX
    ensures Spares(k, DP.Created(k, x, i, w, slot), p)
  {
    assert Me(k) < NPART && 0 < p < NPART && Tables(k.st) && x.p != p && Me(k) != p;
    hide *;
    reveal Limits.NPART, Limits.CSLOTS;
    Makes(k.st, Me(k), x, i, w, slot, p);
    MadeNone(Me(k), x, i, w, slot, p);
    MadeUnfelt(x, i, w, p);
    MadeRun(k, x, i.entry, C.Handle(slot, k.st.caps[Me(k) * CSLOTS + slot].gen + 1), p);
    reveal DP.Created;
    Adding(k, DP.Created(k, x, i, w, slot), p);
  }
  lemma PartitionCreate(k: Kernel, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DP.PartitionCreate_(k), p)
  {
    Answers(k, p);
    CommitKept.FreeSlot(k.st.parts, 1);
    var image, quota := Arg(k, 2), Arg(k, 4);
    assert image < |k.images| as u64 ==> V.ImageOk(k.images[image]);
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Guard;
    hide Answer;
    hide Refuse;
    hide Spares;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide W.Room;
    hide DP.Place;
    hide DP.Created;
    hide V.ImageOk;
    if image < |k.images| as u64 {
      var i, x, slot := k.images[image], S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
      if x != NPART && slot != CSLOTS && DP.Place(k.st.memory, i, x).status == Status.OK {
        var plan := DP.Plan(x, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, Arg(k, 5), Arg(k, 3), 0);
        Created(k, plan, i, DP.Place(k.st.memory, i, x), slot, p);
      }
    }
  }

  // ---- others' lives --------------------------------------------------------------------------------------------------------------

  lemma OtherIs(k: Kernel, h: u64, rights: u32, p: u32)
    requires Bystander(k, p) && (rights == Rights.WRITE || rights == Rights.REVOKE) && DP.Other(k, h, rights) == Status.OK
    ensures C.Slot(h) < CSLOTS as u64 && 0 < Object(k, h) < NPART && Object(k, h) != p && Object(k, h) != Me(k)
    ensures rights == Rights.REVOKE ==> !Tied(k, Object(k, h), p)
  {
    NotOver(k, h, rights, p);
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide Guard;
    hide Tied;
  }
  lemma StartingAndSuspending(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DP.PartitionStart_(k, now), p) && Spares(k, DP.PartitionSuspend_(k), p)
  {
    Answers(k, p);
    Ties(k, p);
    TwoRegs(k, Status.OK, 1, 0, p);
    var h := Arg(k, 1);
    if DP.Other(k, h, Rights.WRITE) == Status.OK {
      OtherIs(k, h, Rights.WRITE, p);
      var x := Object(k, h);
      hide V.Valid;
      hide Sane;
      hide Channel;
      hide Tied;
      hide DP.Other;
      hide Spares;
      hide Answer;
      hide Refuse;
      hide W.Room;
      var es, a := k.st.edges, SetReg(k.vol, Me(k), 0, Status.OK);
      Readied(a.sched, x, k.st.parts[x].rel, now, p);
      Rescheduled(es, a, S.MakeReady(a.sched, x, k.st.parts[x].rel, now), p);
      RunOn(es, k.vol, a, a.(sched := S.MakeReady(a.sched, x, k.st.parts[x].rel, now)), p);
      IntegrityRun.Stopped(a.sched, x, p);
      Registered(es, a, x, 0, Status.InvalidPartitionState, p);
      var b := SetReg(a, x, 0, Status.InvalidPartitionState);
      RunOn(es, k.vol, a, b, p);
      Rescheduled(es, a, S.Stop(a.sched, x), p);
      RunOn(es, k.vol, a, a.(sched := S.Stop(a.sched, x)), p);
      assert b.sched == a.sched;
      Rescheduled(es, b, S.Stop(a.sched, x), p);
      RunOn(es, k.vol, b, b.(sched := S.Stop(a.sched, x)), p);
      hide S.MakeReady;
      hide S.Stop;
      hide SetReg;
      hide SameRun;
      if k.st.parts[x].life != Kinds.Free {
        Adding1(k, DP.StartOther(k, x, now), PartitionStart(Me(k), x), p);
        Adding1(k, DP.SuspendOther(k, x), PartitionSuspend(Me(k), x), p);
      }
    }
    hide V.Valid;
    hide DP.Other;
    hide DP.StartOther;
    hide DP.SuspendOther;
    hide Spares;
    hide Answer;
    hide Refuse;
    hide W.Room;
    hide Sane;
    hide Channel;
  }
}
