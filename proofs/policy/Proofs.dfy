include "GateActs.dfy"

/** No mutation without proof. */
module {:compile false} Proofs {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import V = Valid
  import W = Witness
  import G = DecidePolicy
  import Kinds
  import Rights
  import Status
  import Step
  import Authority
  import GateActs
  import GateKept
  import Records
  import Replay

  /** Something is done, beyond the record of a refusal. */
  ghost predicate Acts(acts: seq<Action>) { exists i :: 0 <= i < |acts| && !acts[i].Reject? }
  /** x1 shows a live capability with the right PROVE, the eight tests of the token hold, those of a deep proof if the active policy wants
      one, and the policy permits call n. */
  ghost predicate Proved(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n)
  {
    && C.Slot(Arg(k, 1)) < CSLOTS as u64 && Authority.HoldsIn(k, Me(k), C.Slot(Arg(k, 1)) as u32, Rights.PROVE)
    && G.Shown(k).gen == C.Gen(Arg(k, 1)) && G.ProofOk(k, n, now) && G.Says(k, n, now).Permit?
  }
  /** The last record of the log after an event tells of this action. */
  ghost predicate LastRecord(k: Kernel, e: Step.Event, a: Action)
    requires V.Valid(k)
  {
    var l := Step.Step(k, e).k.log.records; |l| > 0 && Records.FieldsOf(l[|l| - 1]) == Encode(a)
  }
  lemma ShownLives(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n) && GateKept.Passed(k, n, now)
    ensures Proved(k, n, now)
  {
    Authority.Guarded(k, Arg(k, 1), Kinds.None, 0);
    hide V.Valid;
    hide Guard;
    hide G.Says;
  }
  lemma LastIsNoted(l: Log, acts: seq<Action>, a: Action, now: u64)
    requires W.Tables(l) && Records.Noted(l, acts + [a], now)
    ensures var m := NoteAll(l, acts + [a], now).records; |m| > 0 && Records.FieldsOf(m[|m| - 1]) == Encode(a)
  {
    hide *;
    Records.AllNoted(l, acts + [a], now);
    assert (acts + [a])[|acts|] == a;
  }
  lemma Paid(k: Kernel, now: u64)
    requires Runs(k)
    ensures W.Tables(k.log) && Records.Noted(k.log, Replay.Acts(k, Step.Hypercall(now)), now)
    ensures Step.Step(k, Step.Hypercall(now)).k.log == NoteAll(k.log, Replay.Acts(k, Step.Hypercall(now)), now)
  {
    hide *;
    reveal Runs, Replay.Acts, Step.Decide, Records.Pays, Replay.Good;
    Replay.HasTables(k);
    Replay.Call(k, now);
    Replay.StepIs(k, Step.Hypercall(now));
  }
  lemma LastNoted(k: Kernel, now: u64, acts: seq<Action>, a: Action)
    requires Runs(k) && Replay.Acts(k, Step.Hypercall(now)) == acts + [a]
    ensures LastRecord(k, Step.Hypercall(now), a)
  {
    hide *;
    reveal Runs, LastRecord;
    Paid(k, now);
    LastIsNoted(k.log, acts, a, now);
  }
  /** No mutation without proof: a sealed call that does anything beyond the record of a refusal shows a live capability with the right PROVE and a token
      for which all eight tests hold, the active policy permits it, and its last record says by which nonce and which rule. */
  lemma No_mutation_without_proof(k: Kernel, now: u64)
    requires Runs(k) && GateActs.CallsSealed(k) && Acts(Replay.Acts(k, Step.Hypercall(now)))
    ensures var n := GateActs.Called(k) - CALLS;
      && n < LO32 - CALLS && G.Decidable(n) && Proved(k, n, now)
      && LastRecord(k, Step.Hypercall(now), Action.Proved(Me(k), G.Nonce(k), n as u32, G.RuleOf(G.Says(k, n, now)) as u32, G.Deep(k, n)))
  {
    var n := GateActs.Called(k) - CALLS;
    var e := Step.Hypercall(now);
    var acts := Replay.Acts(k, e);
    hide *;
    reveal Runs, LO32, CALLS;
    assert acts == Step.Call(k, now).acts by { reveal Replay.Acts, Step.Decide; }
    GateActs.SealedCalls(k, now);
    assert !GateActs.Idle(acts) by { reveal GateActs.Idle, Acts; }
    assert G.Decidable(n) by { reveal G.Decidable, G.Sealed, GateActs.CallsSealed; }
    reveal GateActs.Proven;
    ShownLives(k, n, now);
    LastNoted(k, now, Step.Row(k, n, now).acts, GateKept.Proof(k, n, now));
    reveal GateKept.Proof, Proved;
  }
}
