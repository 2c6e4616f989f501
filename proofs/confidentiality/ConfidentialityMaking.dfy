include "ConfidentialityObjects.dfy"
include "../invariant/CommitKept.dfy"

/** Making an edge and making a partition tell their caller nothing beyond what Tells says. */
module {:compile false} ConfidentialityMaking {
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
  import opened Declassification
  import O = ConfidentialityObjects
  import H = ConfidentialityHeld
  import I = IntegrityView
  import R = IntegrityRun
  import ConfidentialityAged
  import ConfidentialityMessages
  import CommitKept
  import EndsKept
  import StructureKept
  import RegionFacts
  import WitnessLemmas
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

  // ---- commedge_create ------------------------------------------------------------------------------------------------------------------

  lemma Connects(a: Kernel, b: Kernel, e: u32, ss: u32, dst: u32, ds: u32, cap: u32, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Me(a) == Me(b) && W.Tables(a.log) && W.Room(a.log, Me(a), 3) && Tables(a.st) && Tables(b.st)
    requires e < NEDGE && a.st.edges[e].gen < GENMAX && b.st.edges[e].gen < GENMAX && a.st.edges[e].cap == 0 && b.st.edges[e].cap == 0
    requires dst < NPART && ss < CSLOTS && ds < CSLOTS && Me(a) != dst && cap != 0
    requires a.st.caps[Me(a) * CSLOTS + ss].gen == b.st.caps[Me(a) * CSLOTS + ss].gen < GENMAX
    requires a.st.caps[dst * CSLOTS + ds].gen == b.st.caps[dst * CSLOTS + ds].gen < GENMAX
    ensures Agree(a, DE.Connected(a, e, ss, dst, ds, cap), b, DE.Connected(b, e, ss, dst, ds, cap), now)
  {
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    ConfidentialityMessages.EdgesThere(a);
    ConfidentialityMessages.EdgesThere(b);
    hide V.Valid;
    assert E.EdgeOk(a.st.edges[e], a.vol.queues[e]) && E.EdgeOk(b.st.edges[e], b.vol.queues[e]);
    var p := Me(a);
    var rs, rd := DE.SOURCE_RIGHTS, DE.DESTINATION_RIGHTS;
    O.Joins(a.st, a, p, e, p, ss, dst, ds, cap, rs, rd);
    O.Joins(b.st, b, p, e, p, ss, dst, ds, cap, rs, rd);
    O.BothJoin(a.st, b.st, e, p, ss, dst, ds, cap, rs, rd);
    O.EdgesMade(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, e, p, dst, cap, p);
    assert O.Joining(a.st, e, p, ss, dst, ds, cap, rs, rd).edges == E.Create(a.st.edges, e, p, dst, cap);
    assert O.Joining(b.st, e, p, ss, dst, ds, cap, rs, rd).edges == E.Create(b.st.edges, e, p, dst, cap);
    hide O.Joining;
    hide SameSt;
    hide ApplyAll;
    hide W.Room;
    var v, w := DE.Connected(a, e, ss, dst, ds, cap), DE.Connected(b, e, ss, dst, ds, cap);
    var hs, hd := C.Handle(ss, a.st.caps[p * CSLOTS + ss].gen + 1), C.Handle(ds, a.st.caps[dst * CSLOTS + ds].gen + 1);
    Register(a.vol, b.vol, p, 0, Status.OK);
    var x, y := SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK);
    Register(x, y, p, 1, hs);
    Register(SetReg(x, p, 1, hs), SetReg(y, p, 1, hs), p, 2, hd);
    hide SetReg;
    hide SameVol;
    Agreed(a, v, b, w, now);
  }
  lemma CommEdgeCreate(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && JoiningTells(a) == JoiningTells(b)
    ensures Agree(a, DE.CommEdgeCreate(a), b, DE.CommEdgeCreate(b), now)
  {
    Args(a, b);
    var h, cap := Arg(a, 1), Arg(a, 2);
    Guards(a, b, h, Kinds.Partition, Rights.WRITE);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    OwnFree(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
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
      var q, e, ss := Object(a, h), E.FreeFrom(a.st.edges, 0), C.FreeSlot(a.st.caps, Me(a));
      var ds := C.FreeSlot(a.st.caps, q);
      if cap != 0 && cap <= QDEPTH as u64 && ss < CSLOTS {
        var e', ds' := E.FreeFrom(b.st.edges, 0), C.FreeSlot(b.st.caps, q);
        assert (e < NEDGE && ds < CSLOTS) == (e' < NEDGE && ds' < CSLOTS);
        if e < NEDGE && ds < CSLOTS && W.Room(a.log, Me(a), 3) {
          assert e == e' && ds == ds';
          Connects(a, b, e, ss, q, ds, cap as u32, now);
        }
      }
    }
  }

  // ---- partition_create -----------------------------------------------------------------------------------------------------------------

  /** The action is about partition x alone, which is new, and gives it what was nobody's. */
  ghost predicate Strange(s: Structure, a: Action, x: u32)
    requires Tables(s) && x < NPART
  {
    match a
    case PartitionCreate(_, y, _)           => y == x && s.parts[x].life == Kinds.Free
    case TaskSpawn(_, y, _, _)              => y == x
    case PartitionQuota(_, _, _, _)         => true
    case RegionCreate(_, r, owner, _, _, _) => owner == x && r < NREGION && s.memory.regions[r].owner == 0
    case RegionMap(_, y, _, _, _, _, _)     => y == x
    case _ => false
  }
  ghost predicate AllStrange(s: Structure, acts: seq<Action>, x: u32)
    requires Tables(s) && x < NPART
    decreases |acts|
  {
    |acts| == 0 || (Strange(s, acts[0], x) && AllStrange(A.Apply(s, acts[0]), acts[1..], x))
  }
  lemma OneStrange(s: Structure, a: Action, x: u32, p: u32)
    requires H.Aged(s) && Tables(s) && 0 < x < NPART && 0 < p < NPART && p != x && Strange(s, a, x)
    ensures var t := A.Apply(s, a); SameSt(s, t, p) && H.Aged(t) && t.edges == s.edges && t.caps == s.caps
  {
    ConfidentialityAged.OneAction(s, a);
    Itself(s, p);
    hide M.MapRange;
    if Applicable(s, a) {
      match a
      case PartitionCreate(_, _, _) => PartUnseen(s, x, Part(s.parts[x].gen + 1, Kinds.Created, 0, 0), M.EmptyMap, p);
      case TaskSpawn(_, _, slice, rel) => PartUnseen(s, x, s.parts[x].(slice := slice, rel := rel), s.maps[x], p);
      case RegionCreate(_, r, owner, policy, pages, frame) => RegionUnseen(s, r, owner, policy, pages, frame, p);
      case RegionMap(_, _, r, page, first, pages, perm) => MapUnseen(s, x, M.MapRange(s.maps[x], page, pages, s.memory.regions[r].frame + first, perm, r), p);
      case _ =>
    }
  }
  lemma Estranged(s: Structure, acts: seq<Action>, x: u32, p: u32)
    requires H.Aged(s) && Tables(s) && 0 < x < NPART && 0 < p < NPART && p != x && AllStrange(s, acts, x)
    ensures var t := ApplyAll(s, acts); SameSt(s, t, p) && H.Aged(t) && t.edges == s.edges && t.caps == s.caps
    decreases |acts|
  {
    hide A.Apply;
    hide Strange;
    hide SameSt;
    if |acts| > 0 {
      var t := A.Apply(s, acts[0]);
      OneStrange(s, acts[0], x, p);
      Estranged(t, acts[1..], x, p);
      Through(s, t, ApplyAll(s, acts), p);
    } else { Itself(s, p); }
  }
  lemma Then(s: Structure, a: Action, acts: seq<Action>, x: u32)
    requires Tables(s) && x < NPART && Strange(s, a, x) && AllStrange(A.Apply(s, a), acts, x)
    ensures AllStrange(s, [a] + acts, x)
  {
    hide A.Apply;
    hide Strange;
    assert ([a] + acts)[1..] == acts;
  }
  lemma PickIsFree(m: State.Memory, n: u64)
    requires M.Table(m)
    ensures M.Pick(m, n) < NREGION ==> m.regions[M.Pick(m, n)].owner == 0
  {
    RegionFacts.ReuseIsFree(m, n, 0);
    RegionFacts.ReuseIsFree(m, 0, 0);
  }
  lemma Makes(s: Structure, who: u32, x: DP.Plan, i: Image, w: DP.Places)
    requires Tables(s) && V.ImageOk(i) && 0 < x.p < NPART && s.parts[x.p].life == Kinds.Free && w == DP.Place(s.memory, i, x.p)
    requires w.status == Status.OK
    ensures AllStrange(s, DP.Making(who, x, i, w), x.p)
  {
    StructureKept.Placed(s.memory, i, x.p);
    PickIsFree(s.memory, i.code);
    var m1 := M.Create(s.memory, w.code, x.p, Kinds.Immutable, i.code, w.codeFrame);
    PickIsFree(m1, i.data);
    hide M.Pick;
    hide M.PickFrame;
    hide DP.Place;
    hide M.MapRange;
    hide M.Fits;
    var a0, a1, a2 := PartitionCreate(who, x.p, x.image), TaskSpawn(who, x.p, x.slice, x.rel), PartitionQuota(who, x.p, x.quota, x.budget);
    var a3, a4 := RegionCreate(who, w.code, x.p, Kinds.Immutable, i.code, w.codeFrame), RegionMap(who, x.p, w.code, i.page as u32, 0, i.code as u32, Kinds.PermRX);
    var s1 := A.Apply(s, a0);
    var s2 := A.Apply(s1, a1);
    var s3 := A.Apply(s2, a2);
    var s4 := A.Apply(s3, a3);
    var s5 := A.Apply(s4, a4);
    assert s3.memory == s.memory && s5.memory == m1;
    var data := StructureKept.Data(who, x, i, w);
    assert AllStrange(s5, data, x.p) by {
      if i.data > 0 {
        assert data == [data[0]] + ([data[1]] + []);
        var s6 := A.Apply(s5, data[0]);
        assert AllStrange(A.Apply(s6, data[1]), [], x.p);
        assert Strange(s5, data[0], x.p) && Strange(s6, data[1], x.p);
        hide A.Apply;
        hide Strange;
        Then(s6, data[1], [], x.p);
        Then(s5, data[0], [data[1]] + [], x.p);
      }
    }
    assert Strange(s, a0, x.p) && Strange(s1, a1, x.p) && Strange(s2, a2, x.p) && Strange(s3, a3, x.p) && Strange(s4, a4, x.p);
    hide A.Apply;
    hide Strange;
    hide AllStrange;
    Then(s4, a4, data, x.p);
    Then(s3, a3, [a4] + data, x.p);
    Then(s2, a2, [a3] + ([a4] + data), x.p);
    Then(s1, a1, [a2] + ([a3] + ([a4] + data)), x.p);
    Then(s, a0, [a1] + ([a2] + ([a3] + ([a4] + data))), x.p);
    assert DP.Making(who, x, i, w) == [a0] + ([a1] + ([a2] + ([a3] + ([a4] + data))));
  }
}
