include "GateActs.dfy"
include "../reachable/Traces.dfy"

/** A nonce is never accepted twice. */
module {:compile false} Nonces {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import V = Valid
  import B = DecideBoot
  import C = Capabilities
  import G = DecidePolicy
  import Step
  import GateActs
  import GateKept
  import GrantsAtBoot
  import Replay
  import StepPreservesValid
  import StructureKept
  import Traces

  ghost predicate NoProof(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> !acts[i].Proved? }
  /** Event e makes partition p's record of a proof with nonce x. */
  ghost predicate Accepts(k: Kernel, e: Step.Event, p: u32, x: u64)
    requires V.Valid(k)
  {
    exists i, row, rule, deep: bool :: 0 <= i < |Replay.Acts(k, e)| && Replay.Acts(k, e)[i] == Proved(p, x, row, rule, deep)
  }
  lemma OneKeeps(s: Structure, a: Action)
    requires Tables(s) && !a.Proved?
    ensures A.Apply(s, a).nonces == s.nonces
  {}
  lemma AllKeep(s: Structure, acts: seq<Action>)
    requires Tables(s) && NoProof(acts)
    ensures ApplyAll(s, acts).nonces == s.nonces
    decreases |acts|
  {
    hide A.Apply;
    if |acts| > 0 {
      OneKeeps(s, acts[0]);
      AllKeep(A.Apply(s, acts[0]), acts[1..]);
    }
  }
  lemma LastUses(s: Structure, acts: seq<Action>, a: Action)
    requires Tables(s) && NoProof(acts) && a.Proved? && a.who < NPART
    ensures ApplyAll(s, acts + [a]).nonces == s.nonces[a.who as int := a.nonce]
  {
    AllKeep(s, acts);
    StructureKept.Both(s, acts, [a]);
    StructureKept.One(ApplyAll(s, acts), a);
    hide ApplyAll;
  }
  lemma Sealing(acts: seq<Action>)
    requires GateKept.AllSeal(acts)
    ensures NoProof(acts)
  {}
  lemma Boot(k: Kernel, e: Step.Event)
    requires V.Valid(k) && e.Begin?
    ensures NoProof(Replay.Acts(k, e))
  {
    GrantsAtBoot.Boot(k, e);
    hide Replay.Acts;
    hide V.Valid;
  }
  /** What is accepted is greater than what the partition slot has used, and is what it has used from then on; otherwise nothing of it changes. */
  lemma OneEvent(k: Kernel, e: Step.Event, p: u32)
    requires V.Valid(k) && p < NPART
    ensures var s, t := k.st, Step.Step(k, e).k.st;
      && |s.nonces| == |t.nonces| == NPART as int && s.nonces[p] <= t.nonces[p]
      && forall x: u64 :: Accepts(k, e, p, x) ==> s.nonces[p] < x == t.nonces[p]
  {
    var acts := Replay.Acts(k, e);
    GateActs.Events(k, e);
    Replay.StepIs(k, e);
    Replay.HasTables(k);
    if e.Begin? { Boot(k, e); }
    hide *;
    reveal Accepts, Tables, Limits.NPART;
    if NoProof(acts) {
      AllKeep(k.st, acts);
      reveal NoProof;
    } else if GateActs.Free(acts) {
      assert NoProof(acts) by { reveal GateActs.Free, NoProof; }
    } else {
      reveal Runs;
      var n := GateActs.Called(k) - CALLS;
      var w, a := Step.Row(k, n, e.now).acts, GateKept.Proof(k, n, e.now);
      assert GateKept.AllSeal(w) && acts == w + [a] && GateKept.Passed(k, n, e.now) by { reveal GateActs.Proven, LO32, CALLS; }
      Sealing(w);
      Greater(k, n, e.now);
      LastUses(k.st, w, a);
      forall x: u64 | Accepts(k, e, p, x) ensures k.st.nonces[p] < x == Step.Step(k, e).k.st.nonces[p] {
        var i, row, rule, deep: bool :| 0 <= i < |acts| && acts[i] == Proved(p, x, row, rule, deep);
        reveal NoProof;
        assert i == |w|;
      }
    }
  }
  lemma Greater(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n) && GateKept.Passed(k, n, now)
    ensures var a := GateKept.Proof(k, n, now); a.Proved? && a.who == Me(k) < NPART && |k.st.nonces| == NPART as int && k.st.nonces[a.who] < a.nonce
  {
    hide G.Says;
  }
  lemma Grows(k: Kernel, es: seq<Step.Event>, n: nat, m: nat, p: u32)
    requires V.Valid(k) && p < NPART && n <= m <= |es|
    ensures var s, t := Traces.At(k, es, n).st, Traces.At(k, es, m).st; |s.nonces| == |t.nonces| == NPART as int && s.nonces[p] <= t.nonces[p]
    decreases m - n
  {
    hide *;
    reveal Limits.NPART;
    if n == m { Sized(Traces.At(k, es, n)); }
    else {
      Grows(k, es, n, m - 1, p);
      Traces.Next(k, es, m - 1);
      OneEvent(Traces.At(k, es, m - 1), es[m - 1], p);
    }
  }
  lemma Sized(k: Kernel) requires V.Valid(k) ensures |k.st.nonces| == NPART as int {}

  /** A nonce is never accepted twice: of two events that record a proof of one partition slot, whatever comes between them, the later has the
      greater nonce. */
  lemma A_nonce_is_never_accepted_twice(k: Kernel, es: seq<Step.Event>, n: nat, m: nat, p: u32, x: u64, y: u64)
    requires StepPreservesValid.First(k) && n < m < |es| && p < NPART
    ensures V.Valid(k) && (Accepts(Traces.At(k, es, n), es[n], p, x) && Accepts(Traces.At(k, es, m), es[m], p, y) ==> x < y)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    hide *;
    OneEvent(Traces.At(k, es, n), es[n], p);
    Traces.Next(k, es, n);
    Grows(k, es, n + 1, m, p);
    OneEvent(Traces.At(k, es, m), es[m], p);
  }
}
