include "CoreEdges.dfy"

/** witness_read, witness_ack, console_write. */
module WitnessCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import CE = CoreEdges
  import Status
  import Kinds
  import Rights
  import Apply
  import Common
  import Step
  import D = DecideWitness
  import Wit = Witness

  const CALLS: u64 := 0xC600_0000

  // Most steps of work (spec/Cost.dfy).
  ghost const WITNESS_READ_WORK: nat := 1 + GUARD_WORK
  ghost const WITNESS_ACK_WORK: nat := 1 + GUARD_WORK + DRAIN_WORK
  ghost const DRAIN_WORK: nat := 1 + CoreState.DRAIN_WORK
  ghost const CONSOLE_WRITE_WORK: nat := 1 + GUARD_WORK

  method WitnessRead(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.WitnessRead(old(k.Abs())), now)
    ensures work <= WITNESS_READ_WORK
  {
    hide *;
    work := 1;
    reveal D.WitnessRead, CALLS, Common.CALLS, Limits.CTXW, Status.OK, WITNESS_READ_WORK;
    var g := Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 21, g, now); return; }
    Read(k, Arg(k, 2), now);
  }
  method Read(k: Core, n: u64, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Numbered(old(k.Abs()), n), now)
  {
    hide *;
    reveal k.Done, Step.Commit, Apply.ApplyAll, Apply.NoteAll, D.Numbered, D.Bounds, Wit.Head, Common.SetReg, Limits.CTXW, Limits.NPART, Limits.LO32;
    var me, head, first := k.sched.cur, CE.Head(k), CE.Undrained(k);
    k.Set(me, 9, head);
    k.Set(me, 10, first);
    if n < first || n >= head {
      k.Set(me, 0, Status.ResourceLimitExceeded);
    } else {
      k.Set(me, 0, Status.OK);
      CE.ReadRecord(k, me, n);
    }
  }
  method WitnessAck(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.WitnessAck(old(k.Abs())), now)
    ensures work <= WITNESS_ACK_WORK
  {
    hide *;
    work := 1;
    reveal D.WitnessAck, CALLS, Common.CALLS, Limits.CTXW, Status.OK, WITNESS_ACK_WORK;
    var g, upto := Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS), Arg(k, 2);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 72, g, now); return; }
    if upto != CE.Head(k) { Answer(k, Status.ResourceLimitExceeded, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Drain(k, upto, now);
    work := work + w;
  }
  method Drain(k: Core, upto: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Drained(old(k.Abs()), upto), now)
    ensures work <= DRAIN_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Common.SetReg, D.Drained, Limits.NPART, Limits.CTXW, Status.OK;
    reveal DRAIN_WORK;
    var me := k.sched.cur;
    ghost var a := Apply.Drain(me, upto);
    One(k.Abs(), a, now);
    ghost var w := k.RecordDrain(a, me, upto, now);
    work := work + w;
    k.Set(me, 0, Status.OK);
  }
  method ConsoleWrite(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.ConsoleWrite(old(k.Abs())), now)
    ensures work <= CONSOLE_WRITE_WORK
  {
    hide *;
    work := 1;
    reveal D.ConsoleWrite, CALLS, Common.CALLS, Limits.CTXW, Limits.MAXLINE, Status.OK, CONSOLE_WRITE_WORK;
    var g, n := Guard(k, Arg(k, 1), Kinds.Console, Rights.WRITE), Arg(k, 2);
    work := work + GUARD_WORK;
    if g != Status.OK { Refuse(k, CALLS + 67, g, now); return; }
    if n > MAXLINE { Refuse(k, CALLS + 67, Status.ResourceLimitExceeded, now); return; }
    Write(k, n, now);
  }
  method Write(k: Core, n: u64, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Written(old(k.Abs()), n), now)
  {
    hide *;
    reveal k.Called, k.Done, Step.Commit, Apply.ApplyAll, Apply.NoteAll, Common.Answer, Common.SetReg, Common.CONSOLE, D.Written, Limits.NPART, Limits.CTXW, Status.OK;
    var me := k.sched.cur;
    k.Emit(1, me as u64, n, 0);
    k.Set(me, 0, Status.OK);
  }
}
