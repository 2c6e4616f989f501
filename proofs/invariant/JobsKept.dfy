include "CommitKept.dfy"

/** A job is nothing but words of its partition's context block: what is submitted, checked and used up there changes no other state. */
module {:compile false} JobsKept {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import V = Valid
  import D = DecideProof
  import DT = DecideTask
  import G = DecidePolicy
  import Step
  import Kinds
  import Status
  import Rights

  /** The steps of a job change registers only, and what an event comes to after them is carried out as if it came without them. */
  lemma Worked(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures var w := DT.Worked(k, now); V.Valid(w) && w == k.(vol := w.vol) && w.vol == k.vol.(regs := w.vol.regs) && |w.vol.regs| == NCTX as int
    ensures forall v: Verdict {:trigger Step.Commit(k, v, now)} {:trigger Step.Commit(DT.Worked(k, now), v, now)} :: Step.Commit(DT.Worked(k, now), v, now) == Step.Commit(k, v, now)
  {
    hide D.Checks, D.SetProgress, D.JobOf;
    var w := DT.Worked(k, now);
    assert w == k.(vol := w.vol) && w.vol == k.vol.(regs := w.vol.regs) && |w.vol.regs| == NCTX as int;
    hide V.Valid;
    hide ApplyAll, NoteAll;
  }
  /** proof_submit and proof_status refuse, or change registers of the caller only. */
  ghost predicate Answers(k: Kernel, v: Verdict)
    requires Runs(k)
  {
    v == Verdict([], k.vol.(regs := v.vol.regs), []) && |v.vol.regs| == |k.vol.regs| == NCTX as int && v.vol.regs[Me(k) * CTXW] == Status.OK
  }
  lemma Submits(k: Kernel)
    requires Runs(k)
    ensures var v := D.ProofSubmit(k);
      v == Refuse(k, CALLS + 77, Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS)) || v == Refuse(k, CALLS + 77, Status.ResourceLimitExceeded) || Answers(k, v)
    ensures Answers(k, D.ProofStatus(k))
  {
    assert |k.vol.regs| == NCTX as int;
    hide V.Valid;
    hide Guard, Refuse, D.SetJob, D.Checkable;
  }
  /** Using up a deep proof changes registers only. */
  lemma Spends(k: Kernel, n: u64, v: Volatile)
    requires Runs(k) && G.Decidable(n)
    ensures var w := G.Spend(k, n, v); w == v.(regs := w.regs) && |w.regs| == |v.regs|
    ensures var w := G.Spend(k, n, v); forall i: int :: 0 <= i < |v.regs| && i != (Me(k) * CTXW + D.STATE) as int ==> w.regs[i] == v.regs[i]
  {
    hide V.Valid;
    hide G.Deep;
  }
}
