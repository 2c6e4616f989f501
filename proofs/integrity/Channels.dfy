include "IntegrityCalls.dfy"
include "../reachable/Reachable.dfy"

/** A channel is one: whoever has it can change, by one call, what the other partition sees. */
module {:compile false} Channels {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import IntegrityHeld
  import IntegrityView
  import IntegrityCalls
  import C = Capabilities
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DE = DecideEdge
  import DN = DecideWitness
  import DP = DecidePartition
  import DT = DecideTask
  import CommitKept
  import CallsKept
  import StructureKept
  import StepPreservesValid
  import Reachable
  import Step
  import Kinds
  import Status
  import Rights

  /** The running partition calls one of RVM's own calls. */
  ghost predicate Calls(k: Kernel) { Runs(k) && CALLS <= Arg(k, 0) % LO32 }
  ghost function Number(k: Kernel): u64 requires Calls(k) ensures Number(k) < LO32 - CALLS { Arg(k, 0) % LO32 - CALLS }
  /** What that call's own row comes to, and the state after it: what happens unless the policy denies. */
  ghost function Rowed(k: Kernel, now: u64): Verdict requires Calls(k) { Step.Row(k, Number(k), now) }
  ghost function Then(k: Kernel, now: u64): Kernel requires Calls(k) { Step.Commit(k, Rowed(k, now), now) }
  /** It changes what p sees. */
  ghost predicate Disturbs(k: Kernel, now: u64, p: u32) {
    Calls(k) && p < NPART && Sized(Then(k, now)) && See(Then(k, now), p) != See(k, p)
  }
  /** The state with other arguments in the caller's registers: x0, x1, x2. */
  ghost function Asks(k: Kernel, x0: u64, x1: u64, x2: u64): Kernel requires Runs(k) {
    k.(vol := SetReg(SetReg(SetReg(k.vol, Me(k), 0, x0), Me(k), 1, x1), Me(k), 2, x2))
  }
  lemma Asked(k: Kernel, x0: u64, x1: u64, x2: u64)
    requires Runs(k)
    ensures var l := Asks(k, x0, x1, x2);
      Runs(l) && Me(l) == Me(k) && Arg(l, 0) == x0 && Arg(l, 1) == x1 && Arg(l, 2) == x2 && l.st == k.st && l.log == k.log
  {
    CommitKept.InParts(k);
    var l := Asks(k, x0, x1, x2);
    hide V.Valid;
    CommitKept.WithVol(k, l.vol);
    assert l == k.(vol := l.vol);
  }

  // ---- what is seen of an end -----------------------------------------------------------------------------------------------------

  lemma HeldChanges(k: Kernel, t: Structure, r: u32, p: u32, n: u32)
    requires V.Valid(k) && 0 < r < NPART && Tables(k.st) && t == A.End(k.st, r) && p < NPART && p != r && n < CSLOTS && TiedBy(k, p, n, r)
    ensures HeldIn(t, p * CSLOTS + n) != HeldIn(k.st, p * CSLOTS + n)
  {
    var s, i := k.st, p * CSLOTS + n;
    var c := s.caps[i];
    Reachable.Ended(s, r);
    assert C.SlotOk(s.caps[i as int]);
    assert V.Older(s, s.caps[i as int]) by { reveal V.Aged(); }
    hide V.Valid;
    hide A.End;
    hide C.LiveAt;
    hide Path;
    assert t.caps[i] == c;
    var h := HeldIn(s, i);
    assert h.live;
    if HeldIn(t, i) == h {
      if j: int :| 0 <= j < |h.path| && h.path[j] / CSLOTS == r {
        var x := h.path[j];
        assert IntegrityHeld.OnPath(s.caps, i, MAXDEPTH, x) && IntegrityHeld.OnPath(t.caps, i, MAXDEPTH, x);
        IntegrityHeld.LivePath(s.caps, i, c.gen, MAXDEPTH, x);
        IntegrityHeld.LivePath(t.caps, i, c.gen, MAXDEPTH, x);
        assert t.caps[x] == C.Drop(s.caps, x)[x];
      } else {
        assert h.present && c.ogen <= GENMAX;
        assert ObjectGen(t, c.kind, c.obj) == A.NOGEN;
      }
    }
  }
  /** The end of a partition is seen by everybody that is tied to it. */
  lemma The_end_of_a_partition_is_seen_by_all_that_are_tied_to_it(k: Kernel, l: Kernel, r: u32, p: u32)
    requires V.Valid(k) && Tables(k.st) && Sized(l) && 0 < r < NPART && l.st == A.End(k.st, r) && p < NPART && p != r && Tied(k, r, p)
    ensures See(l, p) != See(k, p)
  {
    if s: u32 :| s < CSLOTS && TiedBy(k, p, s, r) {
      HeldChanges(k, l.st, r, p, s);
      hide HeldIn;
      hide V.Valid;
      assert See(k, p).held[s] == HeldIn(k.st, p * CSLOTS + s) && See(l, p).held[s] == HeldIn(l.st, p * CSLOTS + s);
    } else {
      hide TiedBy;
      var e: u32 :| e < NEDGE && IsEnd(k.st.edges[e], p) && IsEnd(k.st.edges[e], r);
      Reachable.Ended(k.st, r);
      hide HeldIn;
      hide A.End;
      hide V.Valid;
      assert e in See(k, p).ends && e !in See(l, p).ends;
    }
  }
  lemma EndStep(k: Kernel, v: Volatile, who: u32, r: u32, reason: u64, now: u64)
    requires V.Valid(k) && Tables(k.st) && who < NPART && 0 < r < NPART && Sized(k.(vol := v)) && S.Shape(v.sched)
    ensures ApplyAll(k.st, DT.End(k.(vol := v), who, r, reason, now).acts) == A.End(k.st, r)
  {
    assert W.Tables(k.log);
    var last := DT.Ending(k.(vol := v), r);
    CommitKept.EndActs(k.st, k.log, who, r, reason, last, now);
    hide *;
    reveal DT.End;
  }
  lemma Called(k: Kernel, now: u64)
    requires Calls(k)
    ensures var l := Then(k, now);
      V.Valid(l) && Sized(l) && Tables(k.st) && l.st == ApplyAll(k.st, Rowed(k, now).acts) && l.log == NoteAll(k.log, Rowed(k, now).acts, now)
  {
    StepPreservesValid.Row(k, Number(k), now);
    assert Tables(k.st);
    var l := Then(k, now);
    assert V.Valid(l) by { reveal CallsKept.Keeps; hide V.Valid; hide Step.Row; }
    assert Sized(l);
    hide *;
    reveal Calls, Runs, Then, Rowed, Step.Commit;
  }
  lemma ExitIs(k: Kernel, now: u64)
    requires Runs(k) && Arg(k, 0) == CALLS + 66
    ensures Rowed(k, now) == DT.Exit(k, Arg(k, 1), now)
  {
    hide *;
    reveal Calls, Rowed, Number, Runs, Step.Row, CALLS, Limits.LO32, Limits.CTXW;
  }
  lemma Shapes(k: Kernel, v: Volatile)
    requires V.Valid(k) && v == k.vol.(failed := v.failed)
    ensures Tables(k.st) && Sized(k.(vol := v)) && S.Shape(v.sched)
  {}
  lemma ExitEnds(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures Tables(k.st) && ApplyAll(k.st, DT.Exit(k, status, now).acts) == A.End(k.st, Me(k))
  {
    hide *;
    reveal Runs, Me, Limits.NPART, DT.BY_EXIT, DT.BY_FAULT;
    var v := k.vol.(failed := k.vol.failed || status != 0);
    var reason := DT.BY_EXIT + status % DT.BY_FAULT;
    Shapes(k, v);
    EndStep(k, v, Me(k), Me(k), reason, now);
    assert DT.Exit(k, status, now) == DT.End(k.(vol := v), Me(k), Me(k), reason, now) by { reveal DT.Exit; }
  }
  /** To be tied to a partition is to see it exit. */
  lemma Exits(k: Kernel, now: u64, p: u32)
    requires Runs(k) && Arg(k, 0) == CALLS + 66 && p < NPART && p != Me(k) && Tied(k, Me(k), p)
    ensures Disturbs(k, now, p)
  {
    Called(k, now);
    ExitIs(k, now);
    ExitEnds(k, Arg(k, 1), now);
    hide *;
    reveal Disturbs, Runs, Limits.NPART;
    The_end_of_a_partition_is_seen_by_all_that_are_tied_to_it(k, Then(k, now), Me(k), p);
  }
  lemma TerminateIs(k: Kernel, now: u64)
    requires Runs(k) && Arg(k, 0) == CALLS + 75
    ensures Rowed(k, now) == DP.PartitionTerminate(k, now)
  {
    hide *;
    reveal Calls, Rowed, Number, Runs, Step.Row, CALLS, Limits.LO32, Limits.CTXW;
  }
  /** Who may end a partition ends it, and it and those who are tied to it see that. */
  lemma Terminates(k: Kernel, now: u64, p: u32)
    requires Runs(k) && Arg(k, 0) == CALLS + 75 && p < NPART && DP.Other(k, Arg(k, 1), Rights.REVOKE) == Status.OK
    requires C.Slot(Arg(k, 1)) < CSLOTS as u64
    requires var r := Object(k, Arg(k, 1)); 0 < r < NPART && k.st.parts[r].life != Kinds.Free && (p == r || Tied(k, r, p))
    ensures Disturbs(k, now, p)
  {
    Called(k, now);
    TerminateIs(k, now);
    var r := Object(k, Arg(k, 1));
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    assert Sized(k.(vol := v)) && S.Shape(v.sched);
    EndStep(k, v, Me(k), r, DT.BY_OTHER, now);
    assert DP.PartitionTerminate(k, now) == DT.End(k.(vol := v), Me(k), r, DT.BY_OTHER, now) by { hide V.Valid; hide DT.End; hide Guard; }
    var l := Then(k, now);
    assert l.st == A.End(k.st, r);
    assert p == r ==> See(l, p) != See(k, p) by {
      hide *;
      reveal Limits.NPART;
      if p == r { LifeSeen(k, l, p) by { reveal A.End, Sized, V.Valid; } }
    }
    hide *;
    reveal Disturbs, Runs, Limits.NPART;
    if p != r { The_end_of_a_partition_is_seen_by_all_that_are_tied_to_it(k, l, r, p); }
  }
  lemma LifeSeen(k: Kernel, l: Kernel, p: u32)
    requires Sized(k) && Sized(l) && p < NPART && k.st.parts[p].life != l.st.parts[p].life
    ensures See(l, p) != See(k, p)
  {
    hide HeldIn;
  }
  lemma RunIs(k: Kernel, now: u64)
    requires Calls(k)
    ensures Arg(k, 0) == CALLS + 73 ==> Rowed(k, now) == DP.PartitionStart_(k, now)
    ensures Arg(k, 0) == CALLS + 74 ==> Rowed(k, now) == DP.PartitionSuspend_(k)
  {
    hide *;
    reveal Calls, Rowed, Number, Runs, Step.Row, CALLS, Limits.LO32, Limits.CTXW;
  }
  /** Who may suspend and start a partition changes its life. */
  lemma StartsOrSuspends(k: Kernel, now: u64, p: u32)
    requires Runs(k) && 0 < p < NPART && C.Slot(Arg(k, 1)) < CSLOTS as u64 && Object(k, Arg(k, 1)) == p
    requires DP.Other(k, Arg(k, 1), Rights.WRITE) == Status.OK
    requires W.Room(k.log, Me(k), 1) && Arg(k, 0) == CALLS + (if k.st.parts[p].life == Kinds.Started then 74 else 73)
    requires k.st.parts[p].life == Kinds.Created || k.st.parts[p].life == Kinds.Started || k.st.parts[p].life == Kinds.Suspended
    ensures Disturbs(k, now, p)
  {
    Called(k, now);
    RunIs(k, now);
    var a := if k.st.parts[p].life == Kinds.Started then PartitionSuspend(Me(k), p) else PartitionStart(Me(k), p);
    assert Rowed(k, now).acts == [a] by { hide V.Valid; hide Step.Row; hide S.MakeReady; hide S.Stop; hide Guard; hide W.Room; }
    StructureKept.One(k.st, a);
    var l := Then(k, now);
    hide V.Valid;
    hide Step.Row;
    hide ApplyAll;
    hide NoteAll;
    hide See;
    assert l.st.parts[p].life != k.st.parts[p].life;
    assert Sized(k) by { reveal V.Valid; }
    LifeSeen(k, l, p);
  }
  lemma DestroyIs(k: Kernel, now: u64)
    requires Calls(k)
    ensures Arg(k, 0) == CALLS + 18 ==> Rowed(k, now) == DE.CommEdgeDestroy(k, now)
    ensures Arg(k, 0) == CALLS + 72 ==> Rowed(k, now) == DN.WitnessAck(k)
  {
    hide *;
    reveal Calls, Rowed, Number, Runs, Step.Row, CALLS, Limits.LO32, Limits.CTXW;
  }
  /** Who may destroy an edge destroys it, and those whom it concerns see that. */
  lemma Destroys(k: Kernel, now: u64, p: u32)
    requires Runs(k) && Arg(k, 0) == CALLS + 18 && p < NPART && Guard(k, Arg(k, 1), Kinds.CommEdge, Rights.REVOKE) == Status.OK
    requires W.Room(k.log, Me(k), 1)
    requires C.Slot(Arg(k, 1)) < CSLOTS as u64 && Object(k, Arg(k, 1)) < NEDGE && Concerns(k, Object(k, Arg(k, 1)), p)
    ensures Disturbs(k, now, p)
  {
    Called(k, now);
    DestroyIs(k, now);
    var e := Object(k, Arg(k, 1));
    var a := EdgeDestroy(Me(k), e);
    assert Rowed(k, now).acts == [a] by { hide V.Valid; hide Step.Row; hide DE.Disappoint; hide Guard; hide W.Room; hide Concerns; }
    StructureKept.One(k.st, a);
    var l := Then(k, now);
    assert Sized(k);
    assert l.st == k.st.(edges := l.st.edges) && l.st.edges[e].cap == 0;
    assert forall s: u32 :: s < CSLOTS && HoldsEdge(k, p, s, e) ==> V.Older(k.st, k.st.caps[(p * CSLOTS + s) as int]) by { reveal V.Aged(); }
    hide V.Valid;
    hide Step.Row;
    hide ApplyAll;
    hide NoteAll;
    hide C.LiveAt;
    hide Path;
    if IsEnd(k.st.edges[e], p) {
      hide HeldIn;
      assert e in See(k, p).ends && e !in See(l, p).ends;
    } else {
      var s: u32 :| s < CSLOTS && HoldsEdge(k, p, s, e);
      assert ObjectGen(l.st, Kinds.CommEdge, e) == A.NOGEN;
      assert HeldIn(k.st, p * CSLOTS + s).present && !HeldIn(l.st, p * CSLOTS + s).present;
      hide HeldIn;
      assert See(k, p).held[s] == HeldIn(k.st, p * CSLOTS + s) && See(l, p).held[s] == HeldIn(l.st, p * CSLOTS + s);
    }
  }
  /** Who may drain the log gives those their quota anew who have used some of it. */
  lemma Drains(k: Kernel, now: u64, p: u32)
    requires Runs(k) && Arg(k, 0) == CALLS + 72 && Arg(k, 2) as int == |k.log.records| && p < NPART && p != Me(k) && W.Room(k.log, Me(k), 1)
    requires Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK && |k.log.used| == NPART as int && k.log.used[p] != 0
    ensures Disturbs(k, now, p)
  {
    Called(k, now);
    DestroyIs(k, now);
    var a := Drain(Me(k), Arg(k, 2));
    assert Rowed(k, now).acts == [a] by { hide V.Valid; hide Step.Row; hide Guard; hide W.Room; }
    var l := Then(k, now);
    assert Sized(k) && W.Tables(k.log) && Notable(k.log, a);
    assert NoteAll(k.log, [a], now) == Note(k.log, a, now) by { hide Note; assert [a][1..] == []; }
    hide V.Valid;
    hide Step.Row;
    hide ApplyAll;
    hide NoteAll;
    hide HeldIn;
    assert l.log.used[p] == 0;
  }
}
