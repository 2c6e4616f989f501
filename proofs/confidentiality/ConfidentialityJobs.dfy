include "ConfidentialityBetween.dfy"
include "../invariant/JobsKept.dfy"

/** A job tells its partition nothing beyond what Tells says, and the other partitions nothing. */
module {:compile false} ConfidentialityJobs {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityBetween
  import opened Declassification
  import Calls = ConfidentialityCalls
  import Messages = ConfidentialityMessages
  import I = IntegrityView
  import R = IntegrityRun
  import H = ConfidentialityHeld
  import V = Valid
  import D = DecideProof
  import DT = DecideTask
  import G = DecidePolicy
  import JobsKept
  import Step
  import Kinds
  import Status
  import Rights

  // ---- words of a context block ---------------------------------------------------------------------------------------------------------------

  lemma Jobs(v: Volatile, w: Volatile, p: u32)
    requires SameVol(v, w, p)
    ensures |v.regs| == |w.regs| == NCTX as int && D.JobOf(v, p) == D.JobOf(w, p)
  {
    forall n: u32 {:trigger v.regs[p * CTXW + n]} | n < CTXW ensures v.regs[p * CTXW + n] == w.regs[p * CTXW + n] { assert I.SameReg(v.regs, w.regs, p, n); }
  }
  lemma Two(v: Volatile, w: Volatile, p: u32, n: u32, x: u64, m: u32, y: u64)
    requires SameVol(v, w, p) && n < CTXW && m < CTXW
    ensures var v', w' := SetReg(SetReg(v, p, n, x), p, m, y), SetReg(SetReg(w, p, n, x), p, m, y);
      SameVol(v', w', p) && v'.queues == v.queues && w'.queues == w.queues
  {
    Calls.Register(v, w, p, n, x);
    Calls.Register(SetReg(v, p, n, x), SetReg(w, p, n, x), p, m, y);
    hide I.SameRegs;
  }
  lemma Progress(v: Volatile, w: Volatile, p: u32, j: D.Job)
    requires SameVol(v, w, p)
    ensures var v', w' := D.SetProgress(v, p, j), D.SetProgress(w, p, j); SameVol(v', w', p) && v'.queues == v.queues && w'.queues == w.queues
  {
    Two(v, w, p, D.AT, j.at, D.HASH, j.hash);
    Calls.Register(SetReg(SetReg(v, p, D.AT, j.at), p, D.HASH, j.hash), SetReg(SetReg(w, p, D.AT, j.at), p, D.HASH, j.hash), p, D.STATE, j.state);
    hide I.SameRegs;
  }
  lemma Jobbed(v: Volatile, w: Volatile, p: u32, j: D.Job)
    requires SameVol(v, w, p)
    ensures var v', w' := D.SetJob(v, p, j), D.SetJob(w, p, j); SameVol(v', w', p) && v'.queues == v.queues && w'.queues == w.queues
  {
    Two(v, w, p, D.FROM, j.from, D.BEFORE, j.before);
    var v2, w2 := SetReg(SetReg(v, p, D.FROM, j.from), p, D.BEFORE, j.before), SetReg(SetReg(w, p, D.FROM, j.from), p, D.BEFORE, j.before);
    Two(v2, w2, p, D.UPTO, j.upto, D.CLAIM, j.claim);
    var v4, w4 := SetReg(SetReg(v2, p, D.UPTO, j.upto), p, D.CLAIM, j.claim), SetReg(SetReg(w2, p, D.UPTO, j.upto), p, D.CLAIM, j.claim);
    Calls.Register(v4, w4, p, D.FOR, j.goal);
    Progress(SetReg(v4, p, D.FOR, j.goal), SetReg(w4, p, D.FOR, j.goal), p, j);
    hide I.SameRegs, SetReg, D.SetProgress;
  }
  /** Whatever is written of q's job, others see nothing. */
  lemma Elsewhere(es: seq<Edge>, v: Volatile, w: Volatile, p: u32)
    requires |es| == NEDGE as int && p < NPART && I.Sorts(v) && I.SameRun(es, v, w, p)
    ensures SameVol(v, w, p)
  {}

  // ---- the calls ------------------------------------------------------------------------------------------------------------------------------

  ghost predicate Granted(k: Kernel) requires Runs(k) {
    Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK && D.Checkable(k.log, Arg(k, 2), Arg(k, 3))
  }
  ghost function Asked(k: Kernel): D.Job requires Runs(k) { D.Job(D.RUNNING, Arg(k, 2), Arg(k, 4), Arg(k, 2), Arg(k, 4), Arg(k, 3), Arg(k, 5), Arg(k, 6)) }
  lemma ProofSubmit(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && CallTells(a, 77) == CallTells(b, 77)
    ensures Agree(a, D.ProofSubmit(a), b, D.ProofSubmit(b), now)
  {
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.WitnessLog, Rights.WITNESS);
    Calls.Refusals(a, b, now);
    Parts(a, b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide SameSt;
    assert Granted(a) == Granted(b);
    if Granted(a) {
      var p, j := Me(a), Asked(a);
      Jobbed(a.vol, b.vol, p, j);
      var v, w := D.SetJob(a.vol, p, j), D.SetJob(b.vol, p, j);
      Calls.Register(v, w, p, 0, Status.OK);
      hide SameVol, SetReg, D.SetJob;
      Calls.Voiced(a, SetReg(v, p, 0, Status.OK), b, SetReg(w, p, 0, Status.OK), [], now);
    }
  }
  lemma ProofStatus(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, D.ProofStatus(a), b, D.ProofStatus(b), now)
  {
    Parts(a, b);
    hide V.Valid;
    hide SameSt;
    var p := Me(a);
    Jobs(a.vol, b.vol, p);
    var j := D.JobOf(a.vol, p);
    Two(a.vol, b.vol, p, 1, j.state, 2, D.Remaining(j));
    var v, w := SetReg(SetReg(a.vol, p, 1, j.state), p, 2, D.Remaining(j)), SetReg(SetReg(b.vol, p, 1, j.state), p, 2, D.Remaining(j));
    Calls.Register(v, w, p, 0, Status.OK);
    hide SameVol, SetReg;
    Calls.Voiced(a, SetReg(v, p, 0, Status.OK), b, SetReg(w, p, 0, Status.OK), [], now);
  }
  /** What q's own call changes of its registers. */
  lemma Quiet3(k: Kernel, p: u32)
    requires Runs(k) && |k.st.edges| == NEDGE as int && I.Sorts(k.vol) && 0 < p < NPART && p != Me(k)
    ensures var v := D.ProofSubmit(k); Slight(v, p) && SameVol(k.vol, v.vol, p) && v.vol.queues == k.vol.queues
    ensures var v := D.ProofStatus(k); Slight(v, p) && SameVol(k.vol, v.vol, p) && v.vol.queues == k.vol.queues
  {
    var q, es := Me(k), k.st.edges;
    assert q < NPART;
    hide V.Valid;
    hide Guard;
    Itself3(k.vol, p);
    forall n: u32, x: u64 | n < CTXW ensures SameVol(k.vol, SetReg(k.vol, q, n, x), p) { Other3(k.vol, q, n, x, p); }
    var j := Asked(k);
    R.Jobbed(es, k.vol, q, j, p);
    var w := D.SetJob(k.vol, q, j);
    Elsewhere(es, k.vol, w, p);
    Other3(w, q, 0, Status.OK, p);
    Chain3(k.vol, w, SetReg(w, q, 0, Status.OK), p);
    var i := D.JobOf(k.vol, q);
    var u := SetReg(k.vol, q, 1, i.state);
    Other3(u, q, 2, D.Remaining(i), p);
    var t := SetReg(u, q, 2, D.Remaining(i));
    Chain3(k.vol, u, t, p);
    Other3(t, q, 0, Status.OK, p);
    Chain3(k.vol, t, SetReg(t, q, 0, Status.OK), p);
    hide SameVol, D.SetJob;
  }
  lemma Proofs3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, D.ProofSubmit(a), b, D.ProofSubmit(b), now, p) && Agree3(a, D.ProofStatus(a), b, D.ProofStatus(b), now, p)
  {
    BothIs(a, b, p);
    Quiet3(a, p);
    Quiet3(b, p);
    hide V.Valid;
    hide R.Lined;
    hide SameSt;
    hide D.ProofSubmit, D.ProofStatus;
    Messages.VolChain(a.vol, D.ProofSubmit(a).vol, b.vol, D.ProofSubmit(b).vol, p);
    Messages.VolChain(a.vol, D.ProofStatus(a).vol, b.vol, D.ProofStatus(b).vol, p);
    hide SameVol;
    Slightly(a, D.ProofSubmit(a), b, D.ProofSubmit(b), now, p);
    Slightly(a, D.ProofStatus(a), b, D.ProofStatus(b), now, p);
  }

  // ---- the end of a slice ---------------------------------------------------------------------------------------------------------------------

  /** What its steps change of a job is in the job. */
  lemma WorkedRegs(k: Kernel, now: u64, n: u32)
    requires Runs(k) && n < CTXW
    ensures |k.vol.regs| == |DT.Worked(k, now).vol.regs| == NCTX as int
    ensures n != D.STATE && n != D.AT && n != D.HASH ==> DT.Worked(k, now).vol.regs[Me(k) * CTXW + n] == k.vol.regs[Me(k) * CTXW + n]
  {
    assert |k.log.records| <= TIMEMAX as int && |k.vol.regs| == NCTX as int;
    hide D.Checks;
    hide V.Valid;
  }
  lemma WorkedVol(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && D.JobOf(DT.Worked(a, now).vol, Me(a)) == D.JobOf(DT.Worked(b, now).vol, Me(b))
    ensures SameVol(DT.Worked(a, now).vol, DT.Worked(b, now).vol, Me(a))
  {
    Parts(a, b);
    JobsKept.Worked(a, now);
    JobsKept.Worked(b, now);
    var v, w, p := DT.Worked(a, now).vol, DT.Worked(b, now).vol, Me(a);
    forall n: u32 | n < CTXW ensures I.SameReg(v.regs, w.regs, p, n) {
      assert I.SameReg(a.vol.regs, b.vol.regs, p, n);
      WorkedRegs(a, now, n);
      WorkedRegs(b, now, n);
      hide DT.Worked;
      hide V.Valid;
    }
    hide DT.Worked;
    hide V.Valid;
    hide SameSt;
  }
  /** The steps of a job that has come to the same leave twins alike. */
  lemma Worked(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && D.JobOf(DT.Worked(a, now).vol, Me(a)) == D.JobOf(DT.Worked(b, now).vol, Me(b))
    ensures Alike(DT.Worked(a, now), DT.Worked(b, now))
  {
    reveal Alike();
    WorkedVol(a, b, now);
    JobsKept.Worked(a, now);
    JobsKept.Worked(b, now);
    hide DT.Worked;
    hide V.Valid;
    hide SameSt;
    hide SameVol;
    hide H.Aged;
  }
  lemma Worked3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && D.JobOf(DT.Worked(a, now).vol, Me(a)) == D.JobOf(DT.Worked(b, now).vol, Me(b))
    ensures Both(DT.Worked(a, now), DT.Worked(b, now), p)
  {
    BothIs(a, b, p);
    Worked(a, b, now);
    Spared(a, now, p);
    Spared(b, now, p);
    JobsKept.Worked(a, now);
    JobsKept.Worked(b, now);
    Messages.VolChain(a.vol, DT.Worked(a, now).vol, b.vol, DT.Worked(b, now).vol, p);
    reveal Both();
    hide DT.Worked;
    hide V.Valid;
    hide SameSt;
    hide SameVol;
    hide R.Lined;
  }
  lemma Spared(k: Kernel, now: u64, p: u32)
    requires Runs(k) && |k.st.edges| == NEDGE as int && I.Sorts(k.vol) && 0 < p < NPART && p != Me(k)
    ensures SameVol(k.vol, DT.Worked(k, now).vol, p)
  {
    var q := Me(k);
    assert |k.log.records| <= TIMEMAX as int && k.vol.sched.cur == q < NPART;
    hide V.Valid;
    R.Progressed(k.st.edges, k.vol, q, D.Checks(k.log, D.JobOf(k.vol, q), D.JOBSTEPS), p);
    Itself3(k.vol, p);
    hide D.SetProgress, D.Checks, D.JobOf;
  }

  // ---- a proof that is used up ------------------------------------------------------------------------------------------------------------------

  lemma Spends(a: Kernel, v: Verdict, b: Kernel, w: Verdict, n: u64, now: u64)
    requires Agree(a, v, b, w, now) && Runs(a) && Runs(b) && Me(a) == Me(b) && G.Decidable(n) && G.Deep(a, n) == G.Deep(b, n)
    ensures Agree(a, v.(vol := G.Spend(a, n, v.vol)), b, w.(vol := G.Spend(b, n, w.vol)), now)
  {
    reveal Agree();
    hide V.Valid;
    hide G.Deep;
    hide SameSt;
    hide ApplyAll;
    hide NoteAll;
    if G.Deep(a, n) { Calls.Register(v.vol, w.vol, Me(a), D.STATE, D.NONE); }
  }
  lemma Spends3(a: Kernel, v: Verdict, b: Kernel, w: Verdict, n: u64, now: u64, p: u32)
    requires Agree3(a, v, b, w, now, p) && Runs(a) && Runs(b) && Me(a) == Me(b) && G.Decidable(n) && G.Deep(a, n) == G.Deep(b, n)
    ensures Agree3(a, v.(vol := G.Spend(a, n, v.vol)), b, w.(vol := G.Spend(b, n, w.vol)), now, p)
  {
    reveal Agree3();
    BothIs(a, b, p);
    hide V.Valid;
    hide G.Deep;
    hide SameSt;
    hide ApplyAll;
    hide NoteAll;
    hide R.Lined;
    if G.Deep(a, n) { Reg3(v.vol, w.vol, p, Me(a), D.STATE, D.NONE, D.NONE); }
  }
}
