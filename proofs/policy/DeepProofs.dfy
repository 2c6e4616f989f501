include "JobsStay.dfy"
include "Proofs.dfy"
include "../reachable/Traces.dfy"

/** Deep proofs: a good verdict is right, nothing that needs one is done without it and it counts once, and nobody else's time depends on any job. */
module {:compile false} DeepProofs {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened JobsStay
  import C = Capabilities
  import W = Witness
  import V = Valid
  import E = Edges
  import S = Scheduler
  import D = DecideProof
  import DT = DecideTask
  import G = DecidePolicy
  import Kinds
  import Rights
  import Status
  import Step
  import GateActs
  import GateKept
  import JobsKept
  import Proofs
  import Replay
  import StepPreservesValid
  import Traces

  // ---- a good verdict is right --------------------------------------------------------------------------------------------------------------

  /** A running job stands where its hash says, and one that was found good is what it claims. */
  ghost predicate Right(l: seq<Record>, j: D.Job) {
    && (j.state == D.RUNNING ==> j.from <= j.at <= j.upto && j.upto as int <= |l| && j.hash == D.Chain(l, j.from as nat, j.at as nat, j.before))
    && (j.state == D.GOOD ==> j.from <= j.upto && j.upto as int <= |l| && j.claim == D.Chain(l, j.from as nat, j.upto as nat, j.before))
  }
  opaque ghost predicate AllRight(l: seq<Record>, regs: seq<u64>)
    requires |regs| == NCTX as int
  {
    forall p: u32 {:trigger JobIn(regs, p)} :: p < NPART ==> Right(l, JobIn(regs, p))
  }
  lemma SameChain(l: seq<Record>, m: seq<Record>, from: nat, upto: nat, before: u64)
    requires l <= m && from <= upto <= |l|
    ensures D.Chain(l, from, upto, before) == D.Chain(m, from, upto, before)
    decreases upto - from
  {
    if from < upto { SameChain(l, m, from, upto - 1, before); }
  }
  lemma Grows(l: seq<Record>, m: seq<Record>, j: D.Job)
    requires l <= m && Right(l, j)
    ensures Right(m, j)
  {
    if j.state == D.RUNNING { SameChain(l, m, j.from as nat, j.at as nat, j.before); }
    if j.state == D.GOOD { SameChain(l, m, j.from as nat, j.upto as nat, j.before); }
  }
  /** Jobs that stay are right in the longer log, too. */
  lemma Stayed(l: seq<Record>, m: seq<Record>, v: seq<u64>, w: seq<u64>)
    requires l <= m && Stay(v, w) && AllRight(l, v)
    ensures AllRight(m, w)
  {
    reveal Stay(), AllRight();
    forall p: u32 | p < NPART ensures Right(m, JobIn(w, p)) {
      assert Stays(v, w, p);
      if JobIn(w, p) == JobIn(v, p) { Grows(l, m, JobIn(v, p)); }
    }
    hide Right, JobIn;
    reveal Right;
  }
  lemma Checked(l: Log, j: D.Job)
    requires |l.records| <= TIMEMAX as int && j.state == D.RUNNING && Right(l.records, j)
    ensures Right(l.records, D.Check(l, j))
  {
    hide D.Rehash;
  }
  lemma AllChecked(l: Log, j: D.Job, n: nat)
    requires |l.records| <= TIMEMAX as int && Right(l.records, j)
    ensures Right(l.records, D.Checks(l, j, n))
    decreases n
  {
    if n > 0 && j.state == D.RUNNING {
      Checked(l, j);
      AllChecked(l, D.Check(l, j), n - 1);
    }
    hide Right, D.Check;
  }
  /** Only progress is written down of a job that is checked. */
  lemma Steady(l: Log, j: D.Job, n: nat)
    requires |l.records| <= TIMEMAX as int
    ensures var i := D.Checks(l, j, n); i == j.(state := i.state, at := i.at, hash := i.hash)
    decreases n
  {
    if n > 0 && j.state == D.RUNNING { Steady(l, D.Check(l, j), n - 1); }
  }
  lemma Progressed(v: Volatile, p: u32, j: D.Job, q: u32)
    requires |v.regs| == NCTX as int && p < NPART && q < NPART
    requires var i := JobIn(v.regs, p); j == i.(state := j.state, at := j.at, hash := j.hash)
    ensures JobIn(D.SetProgress(v, p, j).regs, q) == if q == p then j else JobIn(v.regs, q)
  {
    var w := D.SetProgress(v, p, j).regs;
    if q != p {
      forall m: u32 | OfJob(m) ensures At(v.regs, w, q, m) {}
      WordByWord(v.regs, w, q);
    }
  }
  lemma Written(v: Volatile, p: u32, j: D.Job, q: u32)
    requires |v.regs| == NCTX as int && p < NPART && q < NPART
    ensures var w := SetReg(D.SetJob(v, p, j), p, 0, Status.OK).regs; |w| == NCTX as int && JobIn(w, q) == if q == p then j else JobIn(v.regs, q)
  {
    var w := SetReg(D.SetJob(v, p, j), p, 0, Status.OK).regs;
    if q != p {
      forall m: u32 | OfJob(m) ensures At(v.regs, w, q, m) {}
      WordByWord(v.regs, w, q);
    }
  }
  lemma Worked(k: Kernel, now: u64)
    requires V.Valid(k) && |k.vol.regs| == NCTX as int && AllRight(k.log.records, k.vol.regs)
    ensures var w := DT.Worked(k, now); |w.vol.regs| == NCTX as int && AllRight(k.log.records, w.vol.regs)
  {
    var p := k.vol.sched.cur;
    assert |k.log.records| <= TIMEMAX as int && p < NPART;
    hide V.Valid;
    if DT.Due(k, now) {
      var i := JobIn(k.vol.regs, p);
      assert i == D.JobOf(k.vol, p);
      var j := D.Checks(k.log, i, D.JOBSTEPS);
      Steady(k.log, i, D.JOBSTEPS);
      reveal AllRight();
      AllChecked(k.log, i, D.JOBSTEPS);
      var w := D.SetProgress(k.vol, p, j);
      assert DT.Worked(k, now).vol == w;
      hide D.Checks, D.SetProgress, Right, JobIn, DT.Worked;
      forall q: u32 | q < NPART ensures Right(k.log.records, JobIn(w.regs, q)) { Progressed(k.vol, p, j, q); }
    }
  }
  lemma Submitted(k: Kernel)
    requires Runs(k) && |k.vol.regs| == NCTX as int && AllRight(k.log.records, k.vol.regs)
    ensures var v := D.ProofSubmit(k).vol; |v.regs| == NCTX as int && AllRight(k.log.records, v.regs)
  {
    Refused(k);
    assert Me(k) < NPART;
    hide V.Valid;
    hide Guard;
    hide Refuse;
    var v := D.ProofSubmit(k).vol;
    if Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK && D.Checkable(k.log, Arg(k, 2), Arg(k, 3)) {
      var j := D.Job(D.RUNNING, Arg(k, 2), Arg(k, 4), Arg(k, 2), Arg(k, 4), Arg(k, 3), Arg(k, 5), Arg(k, 6));
      assert Right(k.log.records, j);
      assert v == SetReg(D.SetJob(k.vol, Me(k), j), Me(k), 0, Status.OK);
      hide D.SetJob, SetReg, Right, JobIn;
      reveal AllRight();
      forall q: u32 | q < NPART ensures Right(k.log.records, JobIn(v.regs, q)) { Written(k.vol, Me(k), j, q); }
    } else {
      assert Leaves(k, D.ProofSubmit(k));
      Stayed(k.log.records, k.log.records, k.vol.regs, v.regs);
    }
  }
  ghost predicate Good(k: Kernel) { |k.vol.regs| == NCTX as int && AllRight(k.log.records, k.vol.regs) }
  lemma OneEvent(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Good(k)
    ensures Good(Step.Step(k, e).k)
  {
    Replay.The_log_only_grows(k, e);
    var l := Step.Step(k, e).k;
    if e.Hypercall? && Runs(k) && Submits(k) {
      Call(k, e.now);
      Submitted(k);
      assert l.vol == D.ProofSubmit(k).vol by { hide V.Valid; hide D.ProofSubmit; hide Step.Call; hide ApplyAll; hide NoteAll; }
      hide *;
      reveal Good;
      Itself(l.vol.regs);
      Stayed(k.log.records, l.log.records, l.vol.regs, l.vol.regs);
    } else {
      Events(k, e);
      hide *;
      reveal Good;
      if e.Tick? {
        Worked(k, e.now);
        Stayed(k.log.records, l.log.records, DT.Worked(k, e.now).vol.regs, l.vol.regs);
      } else { Stayed(k.log.records, l.log.records, k.vol.regs, l.vol.regs); }
    }
  }
  lemma AllEvents(k: Kernel, es: seq<Step.Event>, n: nat)
    requires V.Valid(k) && Good(k) && n <= |es|
    ensures Good(Traces.At(k, es, n))
    decreases n
  {
    hide *;
    if n == 0 { Traces.Ends(k, es); }
    else {
      AllEvents(k, es, n - 1);
      Traces.Next(k, es, n - 1);
      OneEvent(Traces.At(k, es, n - 1), es[n - 1]);
    }
  }
  lemma Starts(k: Kernel)
    requires StepPreservesValid.First(k)
    ensures Good(k)
  {
    reveal AllRight();
  }
  /** In this state, the job of partition p has been found good, and what it claims is what the records chain to. */
  ghost predicate GoodIsRight(k: Kernel, p: u32)
    requires |k.vol.regs| == NCTX as int && p < NPART
  {
    var j, l := D.JobOf(k.vol, p), k.log.records;
    j.state == D.GOOD ==> j.from <= j.upto && j.upto as int <= |l| && j.claim == D.Chain(l, j.from as nat, j.upto as nat, j.before)
  }
  /** A good verdict is right: in every reachable state, where a job has been found good, the records that it names, hashed anew from their contents,
      chain from the hash before them to the value claimed. */
  lemma A_good_verdict_is_right(k: Kernel, es: seq<Step.Event>, p: u32)
    requires StepPreservesValid.First(k) && p < NPART
    ensures V.Valid(k) && |StepPreservesValid.After(k, es).vol.regs| == NCTX as int && GoodIsRight(StepPreservesValid.After(k, es), p)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    Starts(k);
    AllEvents(k, es, |es|);
    Traces.Ends(k, es);
    var l := StepPreservesValid.After(k, es);
    assert Right(l.log.records, JobIn(l.vol.regs, p)) by { reveal AllRight(); }
    hide D.Chain;
    hide StepPreservesValid.First;
    hide V.Valid;
  }

  // ---- no mutation without it -----------------------------------------------------------------------------------------------------------------

  /** The caller's job has been found good, for just this call: this caller with these x0–x7. */
  ghost predicate Verified(k: Kernel) requires Runs(k) && |k.vol.regs| == NCTX as int {
    var j := D.JobOf(k.vol, Me(k));
    j.state == D.GOOD && j.goal == G.Digest(k, 8)
  }
  lemma ItsDigest(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n) && C.Slot(Arg(k, 1)) < CSLOTS as u64 && G.ProofOk(k, n, now) && G.Deep(k, n)
    ensures |k.vol.regs| == NCTX as int && Verified(k)
  {
    assert |k.vol.regs| == NCTX as int;
    hide V.Valid;
    hide G.Digest;
    hide G.Deep;
  }
  /** Partition p has no job. */
  ghost predicate NoneLeft(k: Kernel, p: u32) requires p < NPART { |k.vol.regs| == NCTX as int && D.JobOf(k.vol, p).state == D.NONE }
  lemma Spending(k: Kernel, n: u64, v: Verdict, now: u64)
    requires Runs(k) && G.Decidable(n) && n < LO32 - CALLS && G.Deep(k, n) && |v.vol.regs| == NCTX as int
    ensures var w := GateKept.WithProof(k, n, now, v).vol; |w.regs| == NCTX as int && D.JobOf(w, Me(k)).state == D.NONE
  {
    hide V.Valid;
    hide G.Deep;
    hide GateKept.Proof;
  }
  lemma Outcome(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS
    ensures |Step.Row(k, n, now).vol.regs| == NCTX as int
    ensures var e := Step.Hypercall(now); Step.Step(k, e).k.vol == Step.Call(k, now).vol && Replay.Acts(k, e) == Step.Call(k, now).acts
  {
    StepPreservesValid.Row(k, n, now);
    hide V.Valid, Step.Call, Step.Row, ApplyAll, NoteAll;
  }
  /** No mutation that needs a deep proof without it: where the active policy wants one of a sealed call that does anything beyond the record of a
      refusal, the caller's job has been found good for just this call, and afterwards the caller has no job: no verdict counts twice. */
  lemma No_mutation_without_its_deep_proof(k: Kernel, now: u64)
    requires Runs(k) && GateActs.CallsSealed(k) && Proofs.Acts(Replay.Acts(k, Step.Hypercall(now)))
    ensures var n := GateActs.Called(k) - CALLS;
      n < LO32 - CALLS && G.Decidable(n) && (G.Deep(k, n) ==> |k.vol.regs| == NCTX as int && Verified(k) && NoneLeft(Step.Step(k, Step.Hypercall(now)).k, Me(k)))
  {
    hide V.Valid, Step.Call, Step.Row, Step.Step, G.Gate, G.Says, G.ProofOk, G.Deep, G.Digest, ApplyAll, NoteAll, Replay.Acts, GateKept.WithProof, Proofs.Proved;
    Proofs.No_mutation_without_proof(k, now);
    var n := GateActs.Called(k) - CALLS;
    var e := Step.Hypercall(now);
    var v := Step.Row(k, n, now);
    GateActs.SealedIsGated(k, now);
    GateActs.Refused(k);
    GateKept.Cases(k, n, now, v);
    assert G.Sealed(n) by { reveal GateActs.CallsSealed, GateActs.Called; }
    GateKept.SealedActs(k, n, now);
    Outcome(k, n, now);
    hide *;
    reveal Runs, LO32, CALLS, NoneLeft;
    var g := G.Gate(k, n, now, v);
    if G.Deep(k, n) {
      ItsDigest(k, n, now) by { reveal Proofs.Proved; }
      assert !GateKept.Stopped(k, n, g) by {
        if GateKept.Stopped(k, n, g) { GateKept.StoppedIs(k, n, g); reveal GateActs.Idle, Proofs.Acts; }
      }
      assert g != v by { if g == v { reveal G.Acted, Proofs.Acts, GateKept.AllSeal, GateKept.Seals; } }
      Spending(k, n, v, now);
    }
  }

  // ---- starving it starves nobody ---------------------------------------------------------------------------------------------------------------

  ghost predicate SameWords(v: seq<u64>, w: seq<u64>) {
    |v| == |w| == NCTX as int && forall p: u32, n: u32 {:trigger At(v, w, p, n)} :: p < NPART && n < CTXW && !OfJob(n) ==> At(v, w, p, n)
  }
  /** Nothing is different but the partitions' jobs. */
  ghost predicate OtherJobs(k: Kernel, l: Kernel) { l == k.(vol := k.vol.(regs := l.vol.regs)) && SameWords(k.vol.regs, l.vol.regs) }
  /** Partition p's job is the same. */
  ghost predicate SameJob(k: Kernel, l: Kernel, p: u32) requires p < NPART { |k.vol.regs| == |l.vol.regs| == NCTX as int && D.JobOf(k.vol, p) == D.JobOf(l.vol, p) }
  ghost predicate Shared(v: Volatile, w: Volatile) { w == v.(regs := w.regs) && SameWords(v.regs, w.regs) }
  ghost predicate Kept(v: seq<u64>, w: seq<u64>) {
    |v| == |w| == NCTX as int && forall p: u32, n: u32 {:trigger At(v, w, p, n)} :: p < NPART && n < CTXW && OfJob(n) ==> At(v, w, p, n)
  }
  lemma Breaks(v: Volatile, w: Volatile, parts: seq<Part>, d: u32, status: u64, now: u64)
    requires Shared(v, w) && S.Shape(v.sched) && |parts| == NPART as int && d < NPART
    ensures Shared(DT.Break(v, parts, d, status, now), DT.Break(w, parts, d, status, now)) && Kept(v.regs, DT.Break(v, parts, d, status, now).regs)
  {
    hide S.MakeReady;
    var x, y := v.regs[(d * CTXW + 0) as int := status], w.regs[(d * CTXW + 0) as int := status];
    forall p: u32, n: u32 | p < NPART && n < CTXW && !OfJob(n) ensures At(x, y, p, n) { assert At(v.regs, w.regs, p, n); }
    forall p: u32, n: u32 | p < NPART && n < CTXW && OfJob(n) ensures At(v.regs, x, p, n) { assert p * CTXW + n != d * CTXW; }
  }
  lemma KeptOn(u: seq<u64>, v: seq<u64>, w: seq<u64>)
    requires Kept(u, v) && Kept(v, w)
    ensures Kept(u, w)
  {
    forall p: u32, n: u32 | p < NPART && n < CTXW && OfJob(n) ensures At(u, w, p, n) { assert At(u, v, p, n) && At(v, w, p, n); }
  }
  lemma AllBreak(v: Volatile, w: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32)
    requires Shared(v, w) && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    ensures Shared(DT.BreakFrom(v, es, parts, p, now, e), DT.BreakFrom(w, es, parts, p, now, e)) && Kept(v.regs, DT.BreakFrom(v, es, parts, p, now, e).regs)
    decreases NEDGE - e
  {
    hide SameWords, Kept, DT.Break;
    if e == NEDGE { reveal Kept, SameWords; }
    else if DT.Orphans(es, v.sched, p, e) {
      var d := es[e].dst;
      Breaks(v, w, parts, d, Status.PartitionNotFound, now);
      var x, y := DT.Break(v, parts, d, Status.PartitionNotFound, now), DT.Break(w, parts, d, Status.PartitionNotFound, now);
      AllBreak(x, y, es, parts, p, now, e + 1);
      KeptOn(v.regs, x.regs, DT.BreakFrom(x, es, parts, p, now, e + 1).regs);
    } else { AllBreak(v, w, es, parts, p, now, e + 1); }
  }
  /** Two verdicts are the same but for jobs. */
  ghost predicate SaySame(v: Verdict, w: Verdict) { v.acts == w.acts && v.effects == w.effects && Shared(v.vol, w.vol) }
  lemma Ends(k: Kernel, l: Kernel, p: u32, reason: u64, now: u64)
    requires OtherJobs(k, l) && Sized(k) && Sized(l) && S.Shape(k.vol.sched) && 0 < p < NPART
    ensures SaySame(DT.End(k, p, p, reason, now), DT.End(l, p, p, reason, now)) && Kept(k.vol.regs, DT.End(k, p, p, reason, now).vol.regs)
  {
    var s, q := S.Stop(k.vol.sched, p), E.ClearAll(k.st.edges, k.vol.queues, p);
    AllBreak(k.vol.(sched := s, queues := q), l.vol.(sched := s, queues := q), k.st.edges, k.st.parts, p, now, 0);
    hide DT.BreakFrom;
    hide S.Stop;
    hide S.Dispatch;
    hide E.ClearAll;
    hide SameWords;
    hide Kept;
    hide DT.Last;
  }
  lemma Turns(k: Kernel, l: Kernel, now: u64)
    requires V.Valid(k) && V.Valid(l) && OtherJobs(k, l)
    ensures SaySame(DT.Turn(k, now), DT.Turn(l, now)) && Kept(k.vol.regs, DT.Turn(k, now).vol.regs)
  {
    assert Sized(k) && Sized(l) && S.Shape(k.vol.sched);
    hide V.Valid;
    var w := S.Wake(k.vol.sched, k.st.parts, now);
    if w.cur != 0 { Ends(k.(vol := k.vol.(sched := w)), l.(vol := l.vol.(sched := w)), w.cur, DT.BY_BUDGET, now); }
    hide S.Wake;
    hide DT.End;
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
    hide S.Dispatch;
    hide SameWords;
    assert Kept(k.vol.regs, k.vol.regs);
    hide Kept;
  }
  lemma Lapses(k: Kernel, l: Kernel, now: u64)
    requires V.Valid(k) && V.Valid(l) && OtherJobs(k, l)
    ensures SaySame(DT.Lapse(k, now), DT.Lapse(l, now)) && Kept(k.vol.regs, DT.Lapse(k, now).vol.regs)
  {
    Turns(k, l, now);
    assert Sized(k) && Sized(l) && S.Shape(k.vol.sched);
    var c, w := k.vol.sched.cur, S.Wake(k.vol.sched, k.st.parts, now);
    if c != 0 { Ends(k.(vol := k.vol.(sched := w)), l.(vol := l.vol.(sched := w)), c, DT.BY_LEASE, now); }
    hide *;
    reveal DT.Lapse, SaySame, OtherJobs, Shared;
  }
  /** The steps of a job write nothing but the job. */
  lemma OwnWords(k: Kernel, now: u64, p: u32, n: u32)
    requires V.Valid(k) && p < NPART && n < CTXW && (!OfJob(n) || p != k.vol.sched.cur)
    ensures |k.vol.regs| == |DT.Worked(k, now).vol.regs| == NCTX as int && DT.Worked(k, now).vol.regs[p * CTXW + n] == k.vol.regs[p * CTXW + n]
  {
    assert |k.log.records| <= TIMEMAX as int && |k.vol.regs| == NCTX as int && k.vol.sched.cur < NPART;
    hide D.Checks;
    hide V.Valid;
  }
  lemma WorkedAlike(k: Kernel, l: Kernel, now: u64)
    requires V.Valid(k) && V.Valid(l) && OtherJobs(k, l)
    ensures OtherJobs(DT.Worked(k, now), DT.Worked(l, now))
  {
    JobsKept.Worked(k, now);
    JobsKept.Worked(l, now);
    var x, y := DT.Worked(k, now).vol.regs, DT.Worked(l, now).vol.regs;
    forall p: u32, n: u32 | p < NPART && n < CTXW && !OfJob(n) ensures At(x, y, p, n) {
      OwnWords(k, now, p, n);
      OwnWords(l, now, p, n);
      assert At(k.vol.regs, l.vol.regs, p, n);
      hide V.Valid, DT.Worked;
    }
    hide V.Valid, DT.Worked;
  }
  lemma Untouched(k: Kernel, now: u64, w: seq<u64>, p: u32)
    requires V.Valid(k) && p < NPART && p != k.vol.sched.cur && |DT.Worked(k, now).vol.regs| == NCTX as int && Kept(DT.Worked(k, now).vol.regs, w)
    ensures |k.vol.regs| == NCTX as int && JobIn(w, p) == JobIn(k.vol.regs, p)
  {
    var x := DT.Worked(k, now).vol.regs;
    forall n: u32 | OfJob(n) ensures At(k.vol.regs, w, p, n) {
      OwnWords(k, now, p, n);
      assert At(x, w, p, n);
      hide V.Valid, DT.Worked;
    }
    hide V.Valid, DT.Worked;
    WordByWord(k.vol.regs, w, p);
  }
  /** Starving it starves nobody: whatever the partitions' jobs are, a tick does the same to the schedule, the records, the structure and everything else
      but jobs, and tells the hardware the same; and nobody's job but the running partition's gets any steps. */
  lemma Starving_it_starves_nobody(k: Kernel, l: Kernel, now: u64)
    requires V.Valid(k) && V.Valid(l) && OtherJobs(k, l)
    ensures var e := Step.Tick(now); OtherJobs(Step.Step(k, e).k, Step.Step(l, e).k) && Step.Step(k, e).effects == Step.Step(l, e).effects
    ensures forall p: u32 :: p < NPART && p != k.vol.sched.cur ==> SameJob(k, Step.Step(k, Step.Tick(now)).k, p)
  {
    WorkedAlike(k, l, now);
    JobsKept.Worked(k, now);
    JobsKept.Worked(l, now);
    var x, y := DT.Worked(k, now), DT.Worked(l, now);
    Lapses(x, y, now);
    var w := DT.Lapse(x, now).vol.regs;
    forall p: u32 | p < NPART && p != k.vol.sched.cur ensures |k.vol.regs| == |w| == NCTX as int && JobIn(w, p) == JobIn(k.vol.regs, p) { Untouched(k, now, w, p); }
    hide V.Valid, DT.Worked, DT.Lapse, ApplyAll, NoteAll, SameWords, Kept;
    forall p: u32 | p < NPART && p != k.vol.sched.cur ensures SameJob(k, Step.Step(k, Step.Tick(now)).k, p) { assert JobIn(w, p) == JobIn(k.vol.regs, p); }
  }
}
