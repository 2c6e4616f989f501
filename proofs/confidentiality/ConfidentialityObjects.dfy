include "ConfidentialityCapability.dfy"
include "ConfidentialityMessages.dfy"

/** Starting and suspending another partition, making and destroying an edge tell their caller nothing beyond what Tells says. */
module {:compile false} ConfidentialityObjects {
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
  import opened ConfidentialityCapability
  import opened ConfidentialityMessages
  import opened Declassification
  import H = ConfidentialityHeld
  import I = IntegrityView
  import R = IntegrityRun
  import N = ConfidentialityEnds
  import ConfidentialityAged
  import EndsKept
  import StructureKept
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DE = DecideEdge
  import DP = DecidePartition
  import Kinds
  import Status
  import Rights

  // ---- another partition's life -----------------------------------------------------------------------------------------------------------

  lemma Others(a: Kernel, b: Kernel, h: u64, rights: u32)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && DP.Other(a, h, rights) == DP.Other(b, h, rights)
    ensures DP.Other(a, h, rights) == Status.OK ==> C.Slot(h) < CSLOTS as u64 && Object(a, h) == Object(b, h) && 0 < Object(a, h) < NPART && Object(a, h) != Me(a)
    ensures DP.Other(a, h, rights) == Status.OK ==> a.st.parts[Object(a, h)].life != Kinds.Free && b.st.parts[Object(a, h)].life != Kinds.Free
  {
    Guards(a, b, h, Kinds.Partition, rights);
    Parts(a, b);
    if C.Slot(h) < CSLOTS as u64 {
      H.OneDated(a.st, C.Index(Me(a), h));
      H.OneDated(b.st, C.Index(Me(a), h));
    }
    hide V.Valid;
    hide Guard;
    hide C.LiveAt;
    hide Path;
  }
  /** What the caller does to the schedule and registers of another, after its own answer. */
  lemma Elsewhere(a: Kernel, v: Verdict, x: Action, b: Kernel, w: Verdict, y: Action, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Tables(a.st) && Tables(b.st) && W.Tables(a.log) && W.Room(a.log, Me(a), 1)
    requires v.acts == [x] && w.acts == [y] && EndsKept.Plain(x) && EndsKept.Plain(y) && Charged(x) == Charged(y) == Me(a)
    requires SameSt(a.st, A.Apply(a.st, x), Me(a)) && SameSt(b.st, A.Apply(b.st, y), Me(a)) && A.Apply(a.st, x).edges == a.st.edges
    requires A.Apply(b.st, y).edges == b.st.edges
    requires I.Sorts(a.vol) && I.Sorts(b.vol) && v.effects == w.effects
    requires I.SameRun(a.st.edges, SetReg(a.vol, Me(a), 0, Status.OK), v.vol, Me(a))
    requires I.SameRun(b.st.edges, SetReg(b.vol, Me(a), 0, Status.OK), w.vol, Me(a))
    ensures Agree(a, v, b, w, now)
  {
    Parts(a, b);
    Line(b);
    hide *;
    reveal Same, Runs, Me;
    var p := Me(a);
    Around(a.st, A.Apply(a.st, x), b.st, A.Apply(b.st, y), p);
    assert p < NPART by { reveal SameSt; }
    Register(a.vol, b.vol, p, 0, Status.OK);
    RunAround(a.st.edges, SetReg(a.vol, p, 0, Status.OK), v.vol, b.st.edges, SetReg(b.vol, p, 0, Status.OK), w.vol, p);
    Single(a, v, x, b, w, y, now);
  }
  lemma Starting(a: Kernel, q: u32, now: u64)
    requires Runs(a) && H.Aged(a.st) && Tables(a.st) && 0 < q < NPART && q != Me(a) && a.st.parts[q].life != Kinds.Free
    ensures var x := Action.PartitionStart(Me(a), q); SameSt(a.st, A.Apply(a.st, x), Me(a)) && A.Apply(a.st, x).edges == a.st.edges
    ensures I.Sorts(a.vol) && I.SameRun(a.st.edges, SetReg(a.vol, Me(a), 0, Status.OK), DP.StartOther(a, q, now).vol, Me(a))
  {
    Line(a);
    hide V.Valid;
    PartUnseen(a.st, q, a.st.parts[q].(life := Kinds.Started), a.st.maps[q], Me(a));
    R.Readied(a.vol.sched, q, a.st.parts[q].rel, now, Me(a));
    hide S.MakeReady;
    hide SameSt;
    R.Rescheduled(a.st.edges, SetReg(a.vol, Me(a), 0, Status.OK), S.MakeReady(a.vol.sched, q, a.st.parts[q].rel, now), Me(a));
  }
  lemma Suspending(a: Kernel, q: u32)
    requires Runs(a) && H.Aged(a.st) && Tables(a.st) && 0 < q < NPART && q != Me(a) && a.st.parts[q].life != Kinds.Free
    ensures var x := Action.PartitionSuspend(Me(a), q); SameSt(a.st, A.Apply(a.st, x), Me(a)) && A.Apply(a.st, x).edges == a.st.edges
    ensures I.Sorts(a.vol) && I.SameRun(a.st.edges, SetReg(a.vol, Me(a), 0, Status.OK), DP.SuspendOther(a, q).vol, Me(a))
  {
    Line(a);
    hide V.Valid;
    PartUnseen(a.st, q, a.st.parts[q].(life := Kinds.Suspended), a.st.maps[q], Me(a));
    var v := SetReg(a.vol, Me(a), 0, Status.OK);
    R.Registered(a.st.edges, v, q, 0, Status.InvalidPartitionState, Me(a));
    R.Unchanged(a.st.edges, v, Me(a));
    var blocked := v.sched.tasks[q].run == Kinds.Sleeping || v.sched.tasks[q].run == Kinds.Waiting;
    var w := if blocked then SetReg(v, q, 0, Status.InvalidPartitionState) else v;
    assert w.sched == a.vol.sched;
    R.Stopped(a.vol.sched, q, Me(a));
    hide SetReg;
    hide S.Stop;
    hide SameSt;
    hide I.SameRegs;
    R.Rescheduled(a.st.edges, w, S.Stop(w.sched, q), Me(a));
    R.RunOn(a.st.edges, v, w, w.(sched := S.Stop(w.sched, q)), Me(a));
  }
  lemma PartitionStart(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && CallTells(a, 73) == CallTells(b, 73)
    ensures Agree(a, DP.PartitionStart_(a, now), b, DP.PartitionStart_(b, now), now)
  {
    Args(a, b);
    Others(a, b, Arg(a, 1), Rights.WRITE);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide Same;
    if DP.Other(a, Arg(a, 1), Rights.WRITE) == Status.OK {
      var q := Object(a, Arg(a, 1));
      assert Life(a) == a.st.parts[q].life && Life(b) == b.st.parts[q].life;
      if (Life(a) == Kinds.Created || Life(a) == Kinds.Suspended) && W.Room(a.log, Me(a), 1) {
        Starting(a, q, now);
        Starting(b, q, now);
        var x := Action.PartitionStart(Me(a), q);
        Elsewhere(a, DP.StartOther(a, q, now), x, b, DP.StartOther(b, q, now), x, now) by { hide SameSt; hide I.SameRun; hide A.Apply; }
      }
    }
  }
  lemma PartitionSuspend(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && CallTells(a, 74) == CallTells(b, 74)
    ensures Agree(a, DP.PartitionSuspend_(a), b, DP.PartitionSuspend_(b), now)
  {
    Args(a, b);
    Others(a, b, Arg(a, 1), Rights.WRITE);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide Same;
    if DP.Other(a, Arg(a, 1), Rights.WRITE) == Status.OK {
      var q := Object(a, Arg(a, 1));
      assert Life(a) == a.st.parts[q].life && Life(b) == b.st.parts[q].life;
      if Life(a) == Kinds.Started && W.Room(a.log, Me(a), 1) {
        Suspending(a, q);
        Suspending(b, q);
        var x := Action.PartitionSuspend(Me(a), q);
        Elsewhere(a, DP.SuspendOther(a, q), x, b, DP.SuspendOther(b, q), x, now) by { hide SameSt; hide I.SameRun; hide A.Apply; }
      }
    }
  }

  // ---- commedge_destroy -------------------------------------------------------------------------------------------------------------------

  lemma Disappoints(v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64, p: u32)
    requires I.Sorts(v) && R.Lined(v.sched) && |parts| == NPART as int && d < NPART && p < NPART && v.sched.tasks[p].run == Kinds.Running
    ensures var w := DE.Disappoint(v, parts, d, e, now); SameVol(v, w, p) && w.queues == v.queues
  {
    if d != p {
      R.Readied(v.sched, d, parts[d].rel, now, p);
      hide S.MakeReady;
      var w := DE.Disappoint(v, parts, d, e, now);
      forall n: u32 | n < CTXW ensures I.SameReg(v.regs, w.regs, p, n) { assert p * CTXW + n != d * CTXW; }
    }
  }
  lemma EdgesDestroyed(es: seq<Edge>, qs: seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, e: u32, p: u32)
    requires SameEnds(es, qs, fs, rs, p) && e < NEDGE && E.Tables(es, qs) && E.Tables(fs, rs)
    ensures SameEnds(E.Destroy(es, e), E.Clear(qs, e), E.Destroy(fs, e), E.Clear(rs, e), p)
  {
    reveal SameEnds();
  }
  lemma Destroys(a: Kernel, b: Kernel, e: u32, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && W.Tables(a.log) && W.Room(a.log, Me(a), 1) && e < NEDGE
    ensures Agree(a, DE.Destroyed(a, e, now), b, DE.Destroyed(b, e, now), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    EdgesThere(a);
    EdgesThere(b);
    hide V.Valid;
    hide W.Room;
    assert E.EdgeOk(a.st.edges[e], a.vol.queues[e]) && E.EdgeOk(b.st.edges[e], b.vol.queues[e]);
    var p, x := Me(a), EdgeDestroy(Me(a), e);
    assert A.Apply(a.st, x) == a.st.(edges := E.Destroy(a.st.edges, e)) && A.Apply(b.st, x) == b.st.(edges := E.Destroy(b.st.edges, e));
    N.EdgeDestroyed(a.st, b.st, e, p);
    EdgesDestroyed(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, e, p);
    hide SameSt;
    hide A.Apply;
    Register(a.vol, b.vol, p, 0, Status.OK);
    var v, w := SetReg(a.vol, p, 0, Status.OK).(queues := E.Clear(a.vol.queues, e)), SetReg(b.vol, p, 0, Status.OK).(queues := E.Clear(b.vol.queues, e));
    assert SameVol(v, w, p);
    Disappoints(v, a.st.parts, a.st.edges[e].dst, e, now, p);
    Disappoints(w, b.st.parts, b.st.edges[e].dst, e, now, p);
    hide DE.Disappoint;
    hide I.SameRegs;
    VolChain(v, DE.Disappoint(v, a.st.parts, a.st.edges[e].dst, e, now), w, DE.Disappoint(w, b.st.parts, b.st.edges[e].dst, e, now), p);
    Single(a, DE.Destroyed(a, e, now), x, b, DE.Destroyed(b, e, now), x, now);
  }
  lemma CommEdgeDestroy(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DE.CommEdgeDestroy(a, now), b, DE.CommEdgeDestroy(b, now), now)
  {
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.CommEdge, Rights.REVOKE);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide Same;
    hide DE.Destroyed;
    if Guard(a, Arg(a, 1), Kinds.CommEdge, Rights.REVOKE) == Status.OK && Object(a, Arg(a, 1)) < NEDGE && W.Room(a.log, Me(a), 1) {
      Destroys(a, b, Object(a, Arg(a, 1)), now);
    }
  }

  // ---- commedge_create --------------------------------------------------------------------------------------------------------------------

  lemma EdgesMade(es: seq<Edge>, qs: seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, e: u32, src: u32, dst: u32, cap: u32, p: u32)
    requires SameEnds(es, qs, fs, rs, p) && e < NEDGE && E.Tables(es, qs) && E.Tables(fs, rs) && es[e].gen < GENMAX && fs[e].gen < GENMAX
    requires qs[e] == rs[e]
    ensures SameEnds(E.Create(es, e, src, dst, cap), qs, E.Create(fs, e, src, dst, cap), rs, p)
  {
    reveal SameEnds();
  }
  /** The structure after the three actions. */
  ghost function Joining(s: Structure, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32): Structure
    requires Tables(s) && e < NEDGE && s.edges[e].gen < GENMAX && src < NPART && dst < NPART && ss < CSLOTS && ds < CSLOTS && src != dst
    requires s.caps[src * CSLOTS + ss].gen < GENMAX && s.caps[dst * CSLOTS + ds].gen < GENMAX
  {
    var s1 := s.(edges := E.Create(s.edges, e, src, dst, cap));
    var s2 := s1.(caps := C.Mint(s1.caps, src * CSLOTS + ss, Kinds.CommEdge, e, ObjectGen(s1, Kinds.CommEdge, e), rs));
    s2.(caps := C.Mint(s2.caps, dst * CSLOTS + ds, Kinds.CommEdge, e, ObjectGen(s2, Kinds.CommEdge, e), rd))
  }
  lemma Joins(s: Structure, k: Kernel, who: u32, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32)
    requires Tables(s) && e < NEDGE && s.edges[e].gen < GENMAX && src < NPART && dst < NPART && ss < CSLOTS && ds < CSLOTS && src != dst
    requires s.caps[src * CSLOTS + ss].gen < GENMAX && s.caps[dst * CSLOTS + ds].gen < GENMAX
    ensures ApplyAll(s, DE.Connect(k, who, e, src, ss, dst, ds, cap, rs, rd)) == Joining(s, e, src, ss, dst, ds, cap, rs, rd)
  {
    var x, y, z := EdgeCreate(who, e, src, dst, cap), Action.CapGrant(who, src, ss, Kinds.CommEdge, e, rs), Action.CapGrant(who, dst, ds, Kinds.CommEdge, e, rd);
    assert DE.Connect(k, who, e, src, ss, dst, ds, cap, rs, rd) == [x] + ([y] + [z]);
    StructureKept.First(s, x, [y] + [z]);
    var s1 := A.Apply(s, x);
    StructureKept.First(s1, y, [z]);
    StructureKept.One(A.Apply(s1, y), z);
    hide ApplyAll;
    hide C.Mint;
    hide ObjectGen;
  }
  lemma BothJoin(s: Structure, t: Structure, e: u32, p: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32)
    requires SameSt(s, t, p) && H.Aged(s) && H.Aged(t) && e < NEDGE && s.edges[e].gen < GENMAX && t.edges[e].gen < GENMAX && s.edges[e].cap == 0
    requires t.edges[e].cap == 0
    requires dst < NPART && ss < CSLOTS && ds < CSLOTS && p != dst && cap != 0
    requires s.caps[p * CSLOTS + ss].gen < GENMAX && s.caps[dst * CSLOTS + ds].gen < GENMAX && t.caps[p * CSLOTS + ss].gen < GENMAX
    requires t.caps[dst * CSLOTS + ds].gen < GENMAX
    requires s.caps[p * CSLOTS + ss].gen == t.caps[p * CSLOTS + ss].gen
    ensures SameSt(Joining(s, e, p, ss, dst, ds, cap, rs, rd), Joining(t, e, p, ss, dst, ds, cap, rs, rd), p)
  {
    var s1, t1 := s.(edges := E.Create(s.edges, e, p, dst, cap)), t.(edges := E.Create(t.edges, e, p, dst, cap));
    EdgeUnseen(s, e, p, dst, cap, p);
    EdgeUnseen(t, e, p, dst, cap, p);
    Around(s, s1, t, t1, p);
    ConfidentialityAged.OneAction(s, EdgeCreate(p, e, p, dst, cap));
    ConfidentialityAged.OneAction(t, EdgeCreate(p, e, p, dst, cap));
    assert H.Aged(s1) && H.Aged(t1);
    hide SameSt;
    hide C.Mint;
    Granted(s1, t1, p * CSLOTS + ss, Kinds.CommEdge, e, rs, p);
    ConfidentialityAged.Mint(s1, p * CSLOTS + ss, Kinds.CommEdge, e, rs);
    ConfidentialityAged.Mint(t1, p * CSLOTS + ss, Kinds.CommEdge, e, rs);
    var s2 := s1.(caps := C.Mint(s1.caps, p * CSLOTS + ss, Kinds.CommEdge, e, ObjectGen(s1, Kinds.CommEdge, e), rs));
    var t2 := t1.(caps := C.Mint(t1.caps, p * CSLOTS + ss, Kinds.CommEdge, e, ObjectGen(t1, Kinds.CommEdge, e), rs));
    assert s2.caps[dst * CSLOTS + ds] == s.caps[dst * CSLOTS + ds] && t2.caps[dst * CSLOTS + ds] == t.caps[dst * CSLOTS + ds] by { reveal C.Mint; }
    Granted(s2, t2, dst * CSLOTS + ds, Kinds.CommEdge, e, rd, p);
  }
}
