include "GateActs.dfy"

/** A policy can only restrict. */
module {:compile false} Restriction {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import V = Valid
  import W = Witness
  import G = DecidePolicy
  import DF = DecideProof
  import Status
  import Step
  import GateActs
  import GateKept

  /** What the running partition's call would come to if there were no policies and no tokens: what its row says. */
  ghost function Unruled(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var f := Arg(k, 0) % LO32;
    if f < CALLS || f > CALLS + 80 then Step.StandardCall(k, f, now) else Step.Row(k, f - CALLS, now)
  }
  /** A refusal: the caller's x0 is an error, at most one record says so, nothing else changes and the hardware is told nothing. */
  ghost predicate Refuses(k: Kernel, v: Verdict)
    requires Runs(k)
  {
    && (v.acts == [] || (|v.acts| == 1 && v.acts[0].Reject? && v.acts[0].who == Me(k)))
    && v.effects == [] && exists status: u64 {:trigger SetReg(k.vol, Me(k), 0, status)} :: status != Status.OK && v.vol == SetReg(k.vol, Me(k), 0, status)
  }
  /** The same, and then the record of the caller's proof; one that was a deep one is used up. */
  ghost predicate AndItsProof(k: Kernel, v: Verdict, w: Verdict)
    requires Runs(k)
  {
    exists nonce, row, rule, deep: bool ::
      v == w.(acts := w.acts + [Proved(Me(k), nonce, row, rule, deep)], vol := if deep then DF.Spent(w.vol, Me(k)) else w.vol)
  }
  lemma Refused(k: Kernel)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: status != Status.OK ==> Refuses(k, Refuse(k, call, status))
    ensures Refuses(k, Answer(k, Status.WitnessLogFull))
  {
    hide V.Valid;
  }
  lemma Stopped(k: Kernel, n: u64, g: Verdict)
    requires Runs(k) && GateKept.Stopped(k, n, g)
    ensures Refuses(k, g)
  {
    Refused(k);
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide Refuses;
    hide G.P1;
  }
  /** A policy can only restrict: what a call comes to is what its row alone says, or that and the record of its proof behind it, or a refusal that
      changes nothing but the caller's x0. So no policy lets a call do anything that its row would not. */
  lemma A_policy_only_restricts(k: Kernel, now: u64)
    requires Runs(k)
    ensures var v, w := Step.Decide(k, Step.Hypercall(now)), Unruled(k, now);
      && Step.Step(k, Step.Hypercall(now)) == Step.Result(Step.Commit(k, v, now), v.effects, Status.OK)
      && (v == w || AndItsProof(k, v, w) || Refuses(k, v))
  {
    var f := Arg(k, 0) % LO32;
    var v, w := Step.Decide(k, Step.Hypercall(now)), Unruled(k, now);
    hide *;
    reveal Runs, Arg, Step.Decide, Step.Step, Step.Call, Unruled, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    if CALLS <= f && G.Decidable(f - CALLS) {
      var n := f - CALLS;
      GateKept.Cases(k, n, now, w);
      if GateKept.Stopped(k, n, G.Gate(k, n, now, w)) { Stopped(k, n, G.Gate(k, n, now, w)); }
      reveal AndItsProof, GateKept.WithProof, GateKept.Proof, G.Spend;
    }
  }
}
