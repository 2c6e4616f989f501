include "CoreEdges.dfy"
include "CoreTasks.dfy"
include "../../../spec/Decide/Task.dfy"

/** proof_submit and proof_status, and the steps of a job at the end of a slice. */
module JobCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import CE = CoreEdges
  import Status
  import Kinds
  import Rights
  import State
  import Apply
  import Common
  import Step
  import Valid
  import D = DecideProof
  import DT = DecideTask
  import T = CoreTasks

  const CALLS: u64 := 0xC600_0000
  const STATE: u32 := 40
  const FROM: u32 := 41
  const BEFORE: u32 := 42
  const AT: u32 := 43
  const HASH: u32 := 44
  const UPTO: u32 := 45
  const CLAIM: u32 := 46
  const FOR: u32 := 47
  const NONE: u64 := 0
  const RUNNING: u64 := 1
  const GOOD: u64 := 2
  const BAD: u64 := 3
  const JOBSTEPS: u32 := 16

  // Most steps of work (spec/Cost.dfy).
  ghost const CHECKS_WORK: nat := 1 + JOBSTEPS as nat
  ghost const WORK_WORK: nat := 1 + CHECKS_WORK
  ghost const PROOF_SUBMIT_WORK: nat := 1 + GUARD_WORK

  // ---- the steps --------------------------------------------------------------------------------------------------------------

  /** The hash of an undrained record's contents, chained to this value. */
  function Rehash(k: Core, i: u64, before: u64): (h: u64)
    requires k.Inv() && k.Abs().log.drained <= i && i as int < |k.Abs().log.records|
    reads k.Repr()
    ensures h == D.Rehash(k.Abs().log.records[i], before)
  {
    D.Rehash(k.Abs().log.records[i], before)
  } by method {
    h := k.log.Rehash(i, before);
    k.gate.Stays();
  }
  /** The steps of a running job that are due: its state, the next record and the chain's value after them. */
  method Checks(k: Core, ghost j: D.Job, first: u64, value: u64, upto: u64, claim: u64) returns (state: u64, at: u64, hash: u64, ghost work: nat)
    requires k.Good() && k.neff == 0 && |k.Abs().log.records| <= TIMEMAX as int
    requires j.state == D.RUNNING && j.at == first && j.hash == value && j.upto == upto && j.claim == claim
    ensures k.Good() && k.neff == 0 && k.Abs() == old(k.Abs())
    ensures D.Checks(k.Abs().log, j, D.JOBSTEPS) == j.(state := state, at := at, hash := hash)
    ensures work <= CHECKS_WORK
  {
    hide *;
    work := 1;
    reveal k.Good, D.Checks, D.Check, D.JOBSTEPS, D.RUNNING, D.GOOD, D.BAD, RUNNING, GOOD, BAD, JOBSTEPS, CHECKS_WORK;
    var drained, head := CE.Undrained(k), CE.Head(k);
    state, at, hash := RUNNING, first, value;
    var n: u32 := 0;
    while n < JOBSTEPS && state == RUNNING
      invariant n <= JOBSTEPS && work == 1 + n as nat
      invariant D.Checks(k.Abs().log, j, D.JOBSTEPS) == D.Checks(k.Abs().log, j.(state := state, at := at, hash := hash), D.JOBSTEPS - n as nat)
    {
      work := work + 1;
      if at == upto { state := if hash == claim then GOOD else BAD; }
      else if at < drained || at >= head { state := BAD; }
      else {
        hash := Rehash(k, at, hash);
        at := at + 1;
      }
      n := n + 1;
    }
  }
  /** The running partition's job gets its steps, if its slice is over. */
  method Work(k: Core, now: u64) returns (ghost work: nat)
    requires k.Good() && k.neff == 0
    modifies k.Repr()
    ensures k.Good() && k.neff == 0 && k.Abs() == DT.Worked(old(k.Abs()), now)
    ensures work <= WORK_WORK
  {
    hide *;
    work := 1;
    reveal k.Good, DT.Worked, DT.Due, D.SetProgress, D.STATE, D.AT, D.HASH, D.RUNNING, RUNNING, STATE, AT, HASH, UPTO, CLAIM, Limits.CTXW, Limits.NPART, Limits.NCTX, WORK_WORK;
    ghost var s := k.Abs();
    Facts(k);
    NoneYet(k);
    var p := k.sched.cur;
    if p == 0 || now < T.SliceEnd(k) || T.Left(k, p) == 1 { return; }
    if k.ctx[p * CTXW + STATE] != RUNNING {
      Idle(s.vol, s.log, p);
      return;
    }
    ghost var j := D.JobOf(s.vol, p);
    Words(k, p);
    var state, at, hash;
    ghost var w;
    state, at, hash, w := Checks(k, j, k.ctx[p * CTXW + AT], k.ctx[p * CTXW + HASH], k.ctx[p * CTXW + UPTO], k.ctx[p * CTXW + CLAIM]);
    work := work + w;
    k.Set(p, AT, at);
    k.Set(p, HASH, hash);
    k.Set(p, STATE, state);
    NoEffects(k);
    assert k.Abs() == DT.Worked(s, now);
    assert Valid.Valid(DT.Worked(s, now));
  }
  lemma Facts(k: Core)
    requires k.Good()
    ensures k.Inv() && |k.Abs().vol.regs| == NCTX as int && |k.Abs().log.records| <= TIMEMAX as int && |k.Abs().vol.sched.tasks| == NPART as int
    ensures k.sched.cur == k.Abs().vol.sched.cur && k.sched.cur < NPART && k.Abs().vol.regs == k.ctx[..]
  {
    hide D.Checks, D.SetProgress;
  }
  lemma NoneYet(k: Core)
    requires k.Inv() && k.neff == 0
    ensures k.Effects() == []
  {
    assert |k.Effects()| == 0;
  }
  lemma NoEffects(k: Core)
    requires k.Inv() && k.Effects() == []
    ensures k.neff == 0
  {}
  /** Partition p's job, as it lies in the context blocks. */
  lemma Words(k: Core, p: u32)
    requires k.Inv() && p < NPART && |k.Abs().vol.regs| == NCTX as int
    ensures var j := D.JobOf(k.Abs().vol, p);
      && j.state == k.ctx[p * CTXW + STATE] && j.at == k.ctx[p * CTXW + AT] && j.hash == k.ctx[p * CTXW + HASH]
      && j.upto == k.ctx[p * CTXW + UPTO] && j.claim == k.ctx[p * CTXW + CLAIM]
  {}
  /** A job that is not running stays as it is. */
  lemma Idle(v: State.Volatile, l: State.Log, p: u32)
    requires |v.regs| == NCTX as int && p < NPART && |l.records| <= TIMEMAX as int && v.regs[p * CTXW + STATE] != D.RUNNING
    ensures D.SetProgress(v, p, D.Checks(l, D.JobOf(v, p), D.JOBSTEPS)) == v
  {
    var b := (p * CTXW) as int;
    assert v.regs[b + 43 := v.regs[b + 43]] == v.regs && v.regs[b + 44 := v.regs[b + 44]] == v.regs && v.regs[b + 40 := v.regs[b + 40]] == v.regs;
  }

  // ---- the calls --------------------------------------------------------------------------------------------------------------

  method ProofSubmit(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.ProofSubmit(old(k.Abs())), now)
    ensures work <= PROOF_SUBMIT_WORK
  {
    hide *;
    work := 1;
    reveal D.ProofSubmit, D.Checkable, CALLS, Common.CALLS, RUNNING, D.RUNNING, Limits.CTXW, Limits.RING, Status.OK, PROOF_SUBMIT_WORK;
    var g := Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 77, g, now); return; }
    var from, upto := Arg(k, 2), Arg(k, 3);
    if from < CE.Undrained(k) || from >= upto || upto > CE.Head(k) || upto - from > RING { Refuse(k, CALLS + 77, Status.ResourceLimitExceeded, now); return; }
    Submit(k, from, Arg(k, 4), upto, Arg(k, 5), Arg(k, 6), now);
  }
  method Submit(k: Core, from: u64, before: u64, upto: u64, claim: u64, goal: u64, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Submitted(old(k.Abs()), D.Job(D.RUNNING, from, before, from, before, upto, claim, goal)), now)
  {
    hide *;
    reveal k.Done, Step.Commit, Apply.ApplyAll, Apply.NoteAll, D.Submitted, D.SetJob, D.SetProgress, Common.SetReg, Limits.CTXW, Limits.NPART, Status.OK;
    reveal STATE, FROM, BEFORE, AT, HASH, UPTO, CLAIM, FOR, RUNNING, D.STATE, D.FROM, D.BEFORE, D.AT, D.HASH, D.UPTO, D.CLAIM, D.FOR, D.RUNNING;
    var me := k.sched.cur;
    k.Set(me, FROM, from);
    k.Set(me, BEFORE, before);
    k.Set(me, UPTO, upto);
    k.Set(me, CLAIM, claim);
    k.Set(me, FOR, goal);
    k.Set(me, AT, from);
    k.Set(me, HASH, before);
    k.Set(me, STATE, RUNNING);
    k.Set(me, 0, Status.OK);
  }
  method ProofStatus(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.ProofStatus(old(k.Abs())), now)
  {
    hide *;
    reveal k.Done, Step.Commit, Apply.ApplyAll, Apply.NoteAll, D.ProofStatus, D.Remaining, Common.SetReg, Limits.CTXW, Limits.NPART, Status.OK;
    reveal STATE, AT, UPTO, RUNNING, D.RUNNING;
    var me := Me(k);
    InWords(k);
    var state, at, upto := Arg(k, STATE), Arg(k, AT), Arg(k, UPTO);
    k.Set(me, 1, state);
    k.Set(me, 2, if state == RUNNING && at <= upto then upto - at else 0);
    k.Set(me, 0, Status.OK);
  }
  lemma InWords(k: Core)
    requires k.Called()
    ensures |k.Abs().vol.regs| == NCTX as int
    ensures var j := D.JobOf(k.Abs().vol, Common.Me(k.Abs()));
      j.state == Common.Arg(k.Abs(), STATE) && j.at == Common.Arg(k.Abs(), AT) && j.upto == Common.Arg(k.Abs(), UPTO)
  {}
}
