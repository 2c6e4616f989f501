include "../invariant/Step_Preserves_Valid.dfy"

/** States along a sequence of events. */
module {:compile false} Traces {
  import opened Types
  import opened Limits
  import opened State
  import opened StepPreservesValid
  import V = Valid
  import Step

  /** The state after the first n of the events. */
  ghost function At(k: Kernel, es: seq<Step.Event>, n: nat): Kernel
    requires V.Valid(k) && n <= |es|
    ensures V.Valid(At(k, es, n))
  {
    After(k, es[..n])
  }
  lemma Snoc(k: Kernel, es: seq<Step.Event>, e: Step.Event)
    requires V.Valid(k)
    ensures After(k, es + [e]) == Step.Step(After(k, es), e).k
    decreases |es|
  {
    hide *;
    reveal After;
    if |es| == 0 {
      assert es + [e] == [e] && [e][1..] == [];
    } else {
      Every_event_leaves_a_valid_state(k, es[0]);
      assert (es + [e])[1..] == es[1..] + [e];
      Snoc(Step.Step(k, es[0]).k, es[1..], e);
    }
  }
  lemma Next(k: Kernel, es: seq<Step.Event>, n: nat)
    requires V.Valid(k) && n < |es|
    ensures At(k, es, n + 1) == Step.Step(At(k, es, n), es[n]).k
  {
    hide *;
    reveal At;
    assert es[..n + 1] == es[..n] + [es[n]];
    Snoc(k, es[..n], es[n]);
  }
  lemma Ends(k: Kernel, es: seq<Step.Event>)
    requires V.Valid(k)
    ensures At(k, es, 0) == k && At(k, es, |es|) == After(k, es)
  {
    hide *;
    reveal At, After;
    assert es[..|es|] == es;
  }
  /** The states of a part are those of the whole. */
  lemma Prefix(k: Kernel, es: seq<Step.Event>, m: nat, n: nat)
    requires V.Valid(k) && m <= n <= |es|
    ensures At(k, es[..n], m) == At(k, es, m)
  {
    hide *;
    reveal At;
    assert es[..n][..m] == es[..m];
  }
  /** First some events, then the others. */
  lemma Split(k: Kernel, es: seq<Step.Event>, fs: seq<Step.Event>)
    requires V.Valid(k)
    ensures After(k, es + fs) == After(After(k, es), fs)
    decreases |es|
  {
    hide *;
    reveal After;
    if |es| == 0 { assert es + fs == fs; }
    else {
      Every_event_leaves_a_valid_state(k, es[0]);
      assert (es + fs)[1..] == es[1..] + fs;
      Split(Step.Step(k, es[0]).k, es[1..], fs);
    }
  }
}
