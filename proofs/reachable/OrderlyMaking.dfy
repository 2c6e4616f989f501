include "Orderly.dfy"

/** A new partition is made of what is free, for one that exists, and begins blank. */
module {:compile false} OrderlyMaking {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Orderly
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DP = DecidePartition
  import Step
  import Kinds
  import Status
  import Rights
  import Residue
  import CallsKept
  import CommitKept
  import StructureKept
  import RegionFacts

  // ---- a new partition ----------------------------------------------------------------------------------------------------------------

  lemma PickIsFree(m: State.Memory, n: u64)
    requires M.Table(m)
    ensures M.Pick(m, n) < NREGION ==> m.regions[M.Pick(m, n)].owner == 0
    ensures M.VirginFrom(m, 0) < NREGION ==> m.regions[M.VirginFrom(m, 0)].owner == 0
  {
    RegionFacts.ReuseIsFree(m, n, 0);
    RegionFacts.ReuseIsFree(m, 0, 0);
  }
  /** Partitions live on and the memory is m. */
  ghost predicate With(s: Structure, s': Structure, m: State.Memory) requires Tables(s) && Tables(s') {
    s'.memory == m && s'.caps == s.caps && forall p: u32 {:trigger Lives(s', p)} :: Lives(s, p) ==> Lives(s', p)
  }
  lemma Tamed(s: Structure, a: Action)
    requires Tables(s) && (a.TaskSpawn? || a.PartitionQuota? || a.RegionMap?)
    ensures With(s, A.Apply(s, a), s.memory)
  {}
  lemma Region(s: Structure, a: Action)
    requires Tables(s) && a.RegionCreate? && a.r < NREGION
    ensures With(s, A.Apply(s, a), M.Create(s.memory, a.r, a.owner, a.policy, a.pages, a.frame))
  {}
  lemma Data(s: Structure, who: u32, x: DP.Plan, i: Image, w: DP.Places, g: seq<Action>)
    requires Tables(s) && V.ImageOk(i) && Lives(s, x.p) && (i.data > 0 ==> M.Pick(s.memory, i.data) < NREGION && w.data == M.Pick(s.memory, i.data))
    requires |g| <= 1 && (|g| > 0 ==> Granted(g[0], s, who, x.p))
    ensures AllProper(s, StructureKept.Data(who, x, i, w) + g)
  {
    hide A.Apply;
    hide M.Pick;
    hide V.ImageOk;
    if i.data == 0 {
      assert [] + g == g;
      if |g| > 0 { assert g == [g[0]]; One(s, g[0]); }
    } else {
      var d := StructureKept.Data(who, x, i, w);
      PickIsFree(s.memory, i.data);
      Region(s, d[0]);
      var s1 := A.Apply(s, d[0]);
      Tamed(s1, d[1]);
      var s2 := A.Apply(s1, d[1]);
      if |g| > 0 { assert Lives(s2, who) && Lives(s2, x.p); assert g == [g[0]]; One(s2, g[0]); }
      Ahead(s1, d[1], g);
      Ahead(s, d[0], [d[1]] + g);
      assert d + g == [d[0]] + ([d[1]] + g);
    }
  }
  ghost predicate Granted(a: Action, s: Structure, who: u32, p: u32) requires Tables(s) {
    a.CapGrant? && a.to == who && a.kind == Kinds.Partition && a.target == p && Vacant(s, who, a.slot)
  }
  lemma Built(s: Structure, who: u32, x: DP.Plan, i: Image, w: DP.Places, g: seq<Action>)
    requires Tables(s) && V.ImageOk(i) && 0 < x.p < NPART && s.parts[x.p].life == Kinds.Free && s.parts[x.p].gen < GENMAX
    requires w == DP.Place(s.memory, i, x.p) && w.status == Status.OK
    requires |g| <= 1 && (|g| > 0 ==> Granted(g[0], s, who, x.p))
    ensures AllProper(s, DP.Making(who, x, i, w) + g)
  {
    StructureKept.Placed(s.memory, i, x.p);
    StructureKept.MakingIs(who, x, i, w);
    PickIsFree(s.memory, i.code);
    var h, q, c, d := StructureKept.Head(who, x), StructureKept.Quota(who, x), StructureKept.Code(who, x, i, w), StructureKept.Data(who, x, i, w);
    var s1 := A.Apply(s, h[0]);
    assert Lives(s1, x.p) && With(s, s1, s.memory);
    hide A.Apply;
    hide DP.Making;
    hide DP.Place;
    hide M.Pick;
    hide AllProper;
    hide M.Fits;
    Tamed(s1, h[1]);
    var s2 := A.Apply(s1, h[1]);
    Tamed(s2, q);
    var s3 := A.Apply(s2, q);
    Region(s3, c[0]);
    var s4 := A.Apply(s3, c[0]);
    Tamed(s4, c[1]);
    var s5 := A.Apply(s4, c[1]);
    assert Lives(s3, x.p) && Lives(s5, x.p);
    if |g| > 0 { assert Lives(s1, who) && Lives(s2, who) && Lives(s3, who) && Lives(s4, who) && Lives(s5, who); }
    Data(s5, who, x, i, w, g);
    hide StructureKept.Data;
    assert Proper(s3, c[0]);
    Five(s, s1, s2, s3, s4, s5, h[0], h[1], q, c[0], c[1], d + g);
    assert DP.Making(who, x, i, w) + g == [h[0], h[1], q, c[0], c[1]] + (d + g);
  }
  lemma Five(s: Structure, s1: Structure, s2: Structure, s3: Structure, s4: Structure, s5: Structure, a: Action, b: Action, c: Action, d: Action, e: Action, r: seq<Action>)
    requires Tables(s) && s1 == A.Apply(s, a) && s2 == A.Apply(s1, b) && s3 == A.Apply(s2, c) && s4 == A.Apply(s3, d) && s5 == A.Apply(s4, e)
    requires Proper(s, a) && Proper(s1, b) && Proper(s2, c) && Proper(s3, d) && Proper(s4, e) && AllProper(s5, r)
    requires !a.CapGrant? && !b.CapGrant? && !c.CapGrant? && !d.CapGrant? && !e.CapGrant?
    ensures AllProper(s, [a, b, c, d, e] + r)
  {
    hide A.Apply;
    hide Proper;
    hide AllProper;
    Ahead(s4, e, r);
    Ahead(s3, d, [e] + r);
    Ahead(s2, c, [d] + ([e] + r));
    Ahead(s1, b, [c] + ([d] + ([e] + r)));
    Ahead(s, a, [b] + ([c] + ([d] + ([e] + r))));
    assert [a, b, c, d, e] + r == [a] + ([b] + ([c] + ([d] + ([e] + r))));
  }
  lemma Cleared(regs: seq<u64>, p: u32, n: u32)
    requires |regs| == NCTX as int && p < NPART && n <= CTXW
    ensures forall j: int :: (p * CTXW) as int <= j < (p * CTXW + n) as int ==> DP.ClearRegs(regs, p, n)[j] == 0
  {
    if n > 0 { Cleared(regs, p, n - 1); }
  }
  /** Registers as they are prepared, and what the maker's own registers get besides. */
  lemma Prepared(v: Volatile, x: DP.Plan, entry: u64)
    requires |v.regs| == NCTX as int && S.Tables(v.sched) && x.p < NPART
    ensures BlankRegisters(DP.Prepared(v, x, entry), x.p, entry)
  {
    Cleared(v.regs, x.p, CTXW);
    hide DP.ClearRegs;
  }
  lemma Filled(x: DP.Plan, i: Image, w: DP.Places)
    requires V.ImageOk(i)
    ensures var fx := DP.Filling(x, i, w);
      Effect(RESET, x.p as u64, 0, 0) in fx && Effect(ZERO, w.codeFrame, i.code, 0) in fx && (i.data > 0 ==>
        Effect(ZERO, w.dataFrame, i.data, 0) in fx)
  {
    var fx := DP.Filling(x, i, w);
    hide V.ImageOk;
    assert fx[0] == Effect(RESET, x.p as u64, 0, 0) && fx[2] == Effect(ZERO, w.codeFrame, i.code, 0);
    if i.data > 0 { assert fx[5] == Effect(ZERO, w.dataFrame, i.data, 0); }
  }
  /** The actions that make a partition, one more perhaps, and a volatile state in which only other partitions' registers are touched after
      Prepared. */
  lemma Complete(k: Kernel, who: u32, x: DP.Plan, i: Image, w: DP.Places, g: seq<Action>, v: Verdict)
    requires V.Valid(k) && V.ImageOk(i) && x.image < |k.images| as u64 && i == k.images[x.image]
    requires 0 < x.p < NPART && k.st.parts[x.p].life == Kinds.Free && k.st.parts[x.p].gen < GENMAX
    requires w == DP.Place(k.st.memory, i, x.p) && w.status == Status.OK
    requires |g| <= 1 && (|g| > 0 ==> Granted(g[0], k.st, who, x.p))
    requires v.acts == DP.Making(who, x, i, w) + g && v.effects == DP.Filling(x, i, w) && BlankRegisters(v.vol, x.p, i.entry)
    ensures InOrder(k, v)
  {
    Built(k.st, who, x, i, w, g);
    Filled(x, i, w);
    StructureKept.MakingIs(who, x, i, w);
    hide V.Valid;
    hide AllProper;
    hide BlankRegisters;
    hide DP.Making;
    hide DP.Place;
    hide DP.Filling;
    hide M.Fits;
    forall j | 0 <= j < |v.acts| ensures Blank(k, v.acts[j], v.vol, v.effects) {}
  }
  lemma FreeIsVacant(s: Structure, p: u32)
    requires Tables(s) && Lives(s, p)
    ensures C.FreeSlot(s.caps, p) < CSLOTS ==> Vacant(s, p, C.FreeSlot(s.caps, p))
  {}
  lemma Creating(k: Kernel)
    requires Runs(k)
    ensures InOrder(k, DP.PartitionCreate_(k))
  {
    Refused(k);
    Mine(k);
    var v := DP.PartitionCreate_(k);
    var image, quota, budget, p, slot := Arg(k, 2), Arg(k, 4), Arg(k, 5), S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
    if AllTame(v.acts) { TameIsOrderly(k, v); }
    else {
      var i := k.images[image];
      assert V.ImageOk(i);
      CommitKept.FreeSlot(k.st.parts, 1);
      var w := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, Arg(k, 3), 0);
      assert p != Me(k);
      FreeIsVacant(k.st, Me(k));
      hide Vacant;
      hide Lives;
      hide V.ImageOk;
      Prepared(k.vol, x, i.entry);
      var g := [Action.CapGrant(Me(k), Me(k), slot, Kinds.Partition, p, DP.OWNER_RIGHTS)];
      assert v.acts == DP.Making(Me(k), x, i, w) + g && v.effects == DP.Filling(x, i, w) && BlankRegisters(v.vol, p, i.entry) by {
        hide DP.Prepared;
        hide DP.Making;
        hide DP.Filling;
        hide DP.Place;
      }
      Complete(k, Me(k), x, i, w, g, v);
    }
    hide V.Valid;
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
}
