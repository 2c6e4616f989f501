include "CallsKept.dfy"

/** The gate of P2 answers with the verdict of the call's own row, with that and one record more, or with a refusal: what a row keeps, the call keeps. */
module {:compile false} GateKept {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened CommitKept
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DE = DecideEdge
  import DL = DecideLease
  import DP = DecidePartition
  import G = DecidePolicy
  import D = DecideProof
  import JobsKept
  import Step
  import Kinds
  import Status
  import Rights
  import CallsKept
  import EndsKept
  import StructureKept

  // ---- the cases --------------------------------------------------------------------------------------------------------------------

  /** P2 refuses call n: with the status of P1, with its own opaque one, or because the caller could not have its proof recorded. */
  ghost predicate Stopped(k: Kernel, n: u64, g: Verdict)
    requires Runs(k)
  {
    || g == Answer(k, Status.WitnessLogFull)
    || exists call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Refusing(k, n, call, status) && g == Refuse(k, call, status)
  }
  ghost predicate Refusing(k: Kernel, n: u64, call: u64, status: u64)
    requires Runs(k)
  {
    n < LO32 - CALLS && call % LO32 == CALLS + n && (status == Status.ProofInvalid || (status == G.P1(k) && status != Status.OK))
  }
  lemma StoppedIs(k: Kernel, n: u64, g: Verdict)
    requires Runs(k) && Stopped(k, n, g)
    ensures g == Answer(k, Status.WitnessLogFull) || exists call: u64, status: u64 {:trigger Refuse(k, call, status)} :: g == Refuse(k, call, status)
  {
    hide V.Valid;
  }
  /** P1, the policy and the token have nothing to say against call n, and the proof can be recorded. */
  ghost predicate Passed(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n)
  {
    && G.P1(k) == Status.OK && C.Slot(Arg(k, 1)) < CSLOTS as u64
    && G.Says(k, n, now).Permit? && G.ProofOk(k, n, now) && W.Room(k.log, Me(k), G.Needs(k, n) + 1)
  }
  /** The record of the proof. */
  ghost function Proof(k: Kernel, n: u64, now: u64): Action
    requires Runs(k) && G.Decidable(n)
  {
    Proved(Me(k), G.Nonce(k), n as u32, if C.Slot(Arg(k, 1)) < CSLOTS as u64 then G.RuleOf(G.Says(k, n, now)) as u32 else 0, G.Deep(k, n))
  }
  ghost function WithProof(k: Kernel, n: u64, now: u64, v: Verdict): Verdict
    requires Runs(k) && G.Decidable(n)
  {
    v.(acts := v.acts + [Proof(k, n, now)], vol := G.Spend(k, n, v.vol))
  }
  /** Each of P2's refusals names call n. */
  lemma Refusals(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n)
    ensures G.P1(k) != Status.OK ==> Refusing(k, n, CALLS + n, G.P1(k))
    ensures G.P1(k) == Status.OK ==> Refusing(k, n, CALLS + n, Status.ProofInvalid)
    ensures G.P1(k) == Status.OK ==> C.Slot(Arg(k, 1)) < CSLOTS as u64 && Refusing(k, n, G.Named(n, G.RuleOf(G.Says(k, n, now))), Status.ProofInvalid)
  {
    CallsKept.Guarded(k, Arg(k, 1), Kinds.None, 0);
    hide V.Valid;
    hide Guard;
    hide G.Says;
    if G.P1(k) == Status.OK {
      var rule := G.RuleOf(G.Says(k, n, now));
      assert G.Named(n, rule) == CALLS + n + (rule + 1) * LO32;
    }
  }
  lemma Cases(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Runs(k) && G.Decidable(n)
    ensures var g := G.Gate(k, n, now, v);
      g == v || Stopped(k, n, g) || (G.Sealed(n) && G.Acted(v) && Passed(k, n, now) && g == WithProof(k, n, now, v))
    ensures G.Sealed(n) && G.Gate(k, n, now, v) == v ==> !G.Acted(v) || Stopped(k, n, v)
  {
    CallsKept.Guarded(k, Arg(k, 1), Kinds.None, 0);
    hide V.Valid;
    hide Guard;
    hide G.Says;
    hide G.ProofOk;
    hide G.Spend;
    hide G.Deep;
    hide W.Room;
    hide Answer;
    hide Refuse;
    hide G.Needs;
    hide G.Named;
    hide G.RuleOf;
    hide G.Sealed;
    hide Refusing;
    Refusals(k, n, now);
  }

  // ---- what sealed calls do ---------------------------------------------------------------------------------------------------------

  /** An action of a sealed call's row. */
  ghost predicate Seals(a: Action) {
    a.PartitionCreate? || a.TaskSpawn? || a.PartitionQuota? || a.RegionCreate? || a.RegionMap? || a.CapGrant? || a.EdgeCreate? || a.EdgeDestroy? || a.PolicyActivate?
    || a.RegionUnmap? || a.LeaseGrant? || a.LeaseEnd?
  }
  ghost predicate AllSeal(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> Seals(acts[i]) }
  /** The row of a sealed call does nothing, refuses, or acts. */
  lemma SealedActs(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Sealed(n) && n < LO32 - CALLS
    ensures var acts := Step.Row(k, n, now).acts; acts == [] || (|acts| == 1 && acts[0].Reject? && acts[0].who == Me(k)) || AllSeal(acts)
  {
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Partition, Rights.WRITE);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.CommEdge, Rights.REVOKE);
    hide Guard;
    hide S.FreeFrom;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide DE.Disappoint;
    hide DP.Place;
    hide DP.Filling;
    hide DP.Prepared;
    hide W.Room;
    hide V.Valid;
  }

  // ---- one record more --------------------------------------------------------------------------------------------------------------

  lemma Onward(s: Structure, l: Log, acts: seq<Action>, a: Action, now: u64)
    requires Tables(s) && W.Tables(l)
    ensures ApplyAll(s, acts + [a]) == A.Apply(ApplyAll(s, acts), a) && NoteAll(l, acts + [a], now) == Note(NoteAll(l, acts, now), a, now)
  {
    hide A.Apply;
    hide Note;
    hide ApplyAll;
    hide NoteAll;
    StructureKept.Both(s, acts, [a]);
    StructureKept.One(ApplyAll(s, acts), a);
    EndsKept.NoteBoth(l, acts, [a], now);
    EndsKept.NoteOne(NoteAll(l, acts, now), a, now);
  }
  /** Where a row leads to a valid state and leaves the caller a record, the record of its proof leads to one too. */
  lemma OneMore(k: Kernel, v: Verdict, a: Action, now: u64)
    requires Runs(k) && CallsKept.Keeps(k, v, now) && a.Proved? && a.who == Me(k) && W.Room(NoteAll(k.log, v.acts, now), Me(k), 1)
    ensures CallsKept.Keeps(k, v.(acts := v.acts + [a]), now)
  {
    var m := Step.Commit(k, v, now);
    var v1 := Verdict([a], m.vol, []);
    InParts(m);
    Onward(k.st, k.log, v.acts, a, now);
    StructureKept.One(m.st, a);
    EndsKept.NoteOne(m.log, a, now);
    hide V.Valid;
    hide A.Apply;
    hide Note;
    hide ApplyAll;
    hide NoteAll;
    hide W.Room;
    assert Calm(m, v1, Me(k)) by { reveal Calm(); }
    assert Step.Commit(m, v1, now) == Step.Commit(k, v.(acts := v.acts + [a]), now);
    CalmKeeps(m, v1, now, Me(k));
  }

  /** And so does the verdict that uses the proof up. */
  lemma Spending(k: Kernel, n: u64, v: Verdict, now: u64)
    requires Runs(k) && G.Decidable(n) && CallsKept.Keeps(k, v, now)
    ensures CallsKept.Keeps(k, v.(vol := G.Spend(k, n, v.vol)), now)
  {
    JobsKept.Spends(k, n, v.vol);
    var m, w := Step.Commit(k, v, now), v.(vol := G.Spend(k, n, v.vol));
    assert Step.Commit(k, w, now) == m.(vol := m.vol.(regs := w.vol.regs)) by { hide V.Valid; hide ApplyAll, NoteAll, G.Spend; }
    hide G.Spend, Step.Commit;
    Rewritten(m, w.vol.regs);
  }
  lemma Rewritten(k: Kernel, regs: seq<u64>)
    requires V.Valid(k) && |regs| == |k.vol.regs|
    ensures V.Valid(k.(vol := k.vol.(regs := regs)))
  {}

  // ---- room for it ------------------------------------------------------------------------------------------------------------------

  /** Records charged to the caller, as many as there is room for and one more. */
  lemma PlainRoom(k: Kernel, acts: seq<Action>, n: u64, now: u64)
    requires Runs(k) && |acts| <= n as int < 8 && W.Room(k.log, Me(k), n + 1)
    requires forall i :: 0 <= i < |acts| ==> EndsKept.Plain(acts[i]) && Charged(acts[i]) == Me(k)
    ensures W.Room(NoteAll(k.log, acts, now), Me(k), 1)
  {
    InParts(k);
    hide V.Valid;
    hide NoteAll;
    hide Charged;
    EndsKept.NotedAll(k.st.parts, k.log, k.vol.halted, Me(k), acts, now, n + 1);
  }
  lemma CreateRoom(k: Kernel, now: u64)
    requires Runs(k) && G.Acted(DP.PartitionCreate_(k)) && W.Room(k.log, Me(k), G.Needs(k, 12) + 1)
    ensures W.Room(NoteAll(k.log, DP.PartitionCreate_(k).acts, now), Me(k), 1)
  {
    CallsKept.Mine(k);
    hide V.Valid;
    hide Guard;
    hide S.FreeFrom;
    hide C.FreeFrom;
    hide DP.Place;
    hide DP.Making;
    hide DP.Filling;
    hide DP.Prepared;
    hide W.Room;
    hide NoteAll;
    var image, name, quota, budget := Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    OneImage(k.images, image);
    var i, p, slot := k.images[image], S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
    FreeSlot(k.st.parts, 1);
    var w := DP.Place(k.st.memory, i, p);
    var x := DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, name, 0);
    MadeLog(k.st.parts, k.log, k.vol.halted, Me(k), x, i, w, [Action.CapGrant(Me(k), Me(k), slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS)], now, k.st.parts[p], 9);
  }
  lemma LeaseRoom(k: Kernel, n: u64, now: u64)
    requires Runs(k) && (n == 19 || n == 20 || n == 71) && G.Acted(Step.Row(k, n, now)) && W.Room(k.log, Me(k), G.Needs(k, n) + 1)
    ensures W.Room(NoteAll(k.log, Step.Row(k, n, now).acts, now), Me(k), 1)
  {
    var v := Step.Row(k, n, now);
    hide V.Valid;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide W.Room;
    hide NoteAll;
    PlainRoom(k, v.acts, G.Needs(k, n), now);
  }
  /** What a sealed call does leaves the caller the record that its proof needs. */
  lemma RoomLeft(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Sealed(n) && n < LO32 - CALLS && G.Acted(Step.Row(k, n, now)) && W.Room(k.log, Me(k), G.Needs(k, n) + 1)
    ensures W.Room(NoteAll(k.log, Step.Row(k, n, now).acts, now), Me(k), 1)
  {
    if n == 12 {
      CreateRoom(k, now);
    } else if n == 19 || n == 20 || n == 71 {
      LeaseRoom(k, n, now);
    } else {
      var v := Step.Row(k, n, now);
      hide V.Valid;
      hide Guard;
      hide S.FreeFrom;
      hide C.FreeFrom;
      hide DE.Disappoint;
      hide W.Room;
      hide NoteAll;
      PlainRoom(k, v.acts, G.Needs(k, n), now);
    }
  }
}
