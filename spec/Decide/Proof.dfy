include "Common.dfy"

/** P3: verification too long for a call is a job. A partition claims that records of the witness log chain to a value; the kernel hashes them anew, a few
    records whenever the partition's slice is over, and the mutation that needs the proof waits for the verdict. Also proof_submit and proof_status. */
module DecideProof {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import Kinds
  import Status
  import Rights
  import Hash

  //  Each partition has one place for a job, words of its context block that it can neither read nor write:
  //
  //       +-------------------------------------------------------------+
  //   40  |     state: 0 none, 1 running, 2 good, 3 bad                 |
  //   41  |     from: the first record                                  |
  //   42  |     before: the hash that it is to be chained to            |
  //   43  |     at: the record to be hashed next                        |
  //   44  |     hash: the chain's value before that record              |
  //   45  |     upto: the record behind the last                        |
  //   46  |     claim: what the chain's value is to be in the end       |
  //   47  |     for: the digest (x8 of the token) of the call proved    |
  //       +-------------------------------------------------------------+
  const STATE:  u32 := 40
  const FROM:   u32 := 41
  const BEFORE: u32 := 42
  const AT:     u32 := 43
  const HASH:   u32 := 44
  const UPTO:   u32 := 45
  const CLAIM:  u32 := 46
  const FOR:    u32 := 47
  datatype Job = Job(state: u64, from: u64, before: u64, at: u64, hash: u64, upto: u64, claim: u64, goal: u64)

  const NONE:    u64 := 0
  const RUNNING: u64 := 1
  const GOOD:    u64 := 2
  const BAD:     u64 := 3
  const JOBSTEPS: nat := 16                       // most steps at the end of a slice

  function JobOf(v: Volatile, p: u32): Job
    requires |v.regs| == NCTX as int && p < NPART
  {
    var b := p * CTXW;
    Job(v.regs[b + STATE], v.regs[b + FROM], v.regs[b + BEFORE], v.regs[b + AT], v.regs[b + HASH], v.regs[b + UPTO], v.regs[b + CLAIM], v.regs[b + FOR])
  }
  /** The hash of a record's contents, chained to this value instead of the one it carries. */
  function Rehash(r: Record, before: u64): u64 { Hash.Record(r.seqno, r.time, r.kind, r.tier, r.subject, r.obj, r.aux, before) }
  /** The value of the chain that begins with `before` and goes through records [from, upto), each hashed anew. */
  function Chain(records: seq<Record>, from: nat, upto: nat, before: u64): u64
    requires from <= upto <= |records|
    decreases upto - from
  {
    if from == upto then before else Rehash(records[upto - 1], Chain(records, from, upto - 1, before))
  }
  /** One step of a running job: one record more, or the verdict. Records that have been drained meanwhile cannot be checked any more. */
  function Check(l: Log, j: Job): Job
    requires |l.records| <= TIMEMAX as int
  {
    if j.at == j.upto then j.(state := if j.hash == j.claim then GOOD else BAD)
    else if j.at < l.drained || j.at as int >= |l.records| then j.(state := BAD)
    else j.(at := j.at + 1, hash := Rehash(l.records[j.at], j.hash))
  }
  function Checks(l: Log, j: Job, n: nat): Job
    requires |l.records| <= TIMEMAX as int
    decreases n
  {
    if n == 0 || j.state != RUNNING then j else Checks(l, Check(l, j), n - 1)
  }
  /** What changes of a job that is being checked. */
  function SetProgress(v: Volatile, p: u32, j: Job): (w: Volatile)
    requires |v.regs| == NCTX as int && p < NPART
    ensures w == v.(regs := w.regs) && |w.regs| == NCTX as int
  {
    SetReg(SetReg(SetReg(v, p, AT, j.at), p, HASH, j.hash), p, STATE, j.state)
  }
  function SetJob(v: Volatile, p: u32, j: Job): (w: Volatile)
    requires |v.regs| == NCTX as int && p < NPART
    ensures w == v.(regs := w.regs) && |w.regs| == NCTX as int
  {
    var u := SetReg(SetReg(SetReg(v, p, FROM, j.from), p, BEFORE, j.before), p, UPTO, j.upto);
    SetProgress(SetReg(SetReg(u, p, CLAIM, j.claim), p, FOR, j.goal), p, j)
  }
  /** The job's verdict has been used: it counts once. */
  function Spent(v: Volatile, p: u32): (w: Volatile)
    requires p < NPART
    ensures w == v.(regs := w.regs) && |w.regs| == |v.regs|
  {
    if |v.regs| == NCTX as int then SetReg(v, p, STATE, NONE) else v
  }

  /** All these records are in the log and none has been drained. */
  predicate Checkable(l: Log, from: u64, upto: u64) { l.drained <= from < upto && upto as int <= |l.records| && upto - from <= RING }
  /** proof_submit: x1 a capability for the log, x2 from, x3 upto, x4 before, x5 claim, x6 the digest of the call to be proved. The job replaces the
      caller's last one. */
  function ProofSubmit(k: Kernel): Verdict
    requires Runs(k)
  {
    var g := Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS);
    if g != Status.OK then Refuse(k, CALLS + 77, g)
    else if !Checkable(k.log, Arg(k, 2), Arg(k, 3)) then Refuse(k, CALLS + 77, Status.ResourceLimitExceeded)
    else Submitted(k, Job(RUNNING, Arg(k, 2), Arg(k, 4), Arg(k, 2), Arg(k, 4), Arg(k, 3), Arg(k, 5), Arg(k, 6)))
  }
  function Submitted(k: Kernel, j: Job): Verdict requires Runs(k) { Verdict([], SetReg(SetJob(k.vol, Me(k), j), Me(k), 0, Status.OK), []) }
  /** Records that the job has still to check. */
  function Remaining(j: Job): u64 { if j.state == RUNNING && j.at <= j.upto then j.upto - j.at else 0 }
  /** proof_status: x1 becomes the state of the caller's job, x2 the number of records still to be checked. */
  function ProofStatus(k: Kernel): Verdict
    requires Runs(k)
  {
    var j := JobOf(k.vol, Me(k));
    Verdict([], SetReg(SetReg(SetReg(k.vol, Me(k), 1, j.state), Me(k), 2, Remaining(j)), Me(k), 0, Status.OK), [])
  }
}
