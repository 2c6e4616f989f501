include "Common.dfy"

/** witness_read, witness_ack, console_write. */
module DecideWitness {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import W = Witness
  import Kinds
  import Status
  import Rights

  /** Registers x1–x8 get the record's eight words. */
  function SetRecord(v: Volatile, p: u32, w: seq<u64>): Volatile
    requires |v.regs| == NCTX as int && p < NPART && |w| == 8
  {
    var a := SetReg(SetReg(SetReg(SetReg(v, p, 1, w[0]), p, 2, w[1]), p, 3, w[2]), p, 4, w[3]);
    SetReg(SetReg(SetReg(SetReg(a, p, 5, w[4]), p, 6, w[5]), p, 7, w[6]), p, 8, w[7])
  }
  function WitnessRead(k: Kernel): Verdict
    requires Runs(k)
  {
    var g := Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS);
    if g != Status.OK then Refuse(k, CALLS + 21, g)
    else Numbered(k, Arg(k, 2))
  }
  /** Record n, if it has not been drained. */
  function Numbered(k: Kernel, n: u64): Verdict
    requires Runs(k)
  {
    if n < k.log.drained || n as int >= |k.log.records| then Verdict([], Bounds(k, Status.ResourceLimitExceeded), [])
    else Verdict([], SetRecord(Bounds(k, Status.OK), Me(k), W.Pack(k.log.records[n])), [])
  }
  /** The status, and in x9 and x10 the numbers of the next record and of the first undrained one. */
  function Bounds(k: Kernel, status: u64): Volatile
    requires Runs(k)
  {
    SetReg(SetReg(SetReg(k.vol, Me(k), 9, W.Head(k.log)), Me(k), 10, k.log.drained), Me(k), 0, status)
  }
  function WitnessAck(k: Kernel): Verdict
    requires Runs(k)
  {
    var g := Guard(k, Arg(k, 1), Kinds.WitnessLog, Rights.WITNESS);
    if g != Status.OK then Refuse(k, CALLS + 72, g)
    else if Arg(k, 2) as int != |k.log.records| then Answer(k, Status.ResourceLimitExceeded)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Drained(k, Arg(k, 2))
  }
  function Drained(k: Kernel, upto: u64): Verdict requires Runs(k) { Verdict([Drain(Me(k), upto)], SetReg(k.vol, Me(k), 0, Status.OK), []) }
  function ConsoleWrite(k: Kernel): Verdict
    requires Runs(k)
  {
    var g := Guard(k, Arg(k, 1), Kinds.Console, Rights.WRITE);
    if g != Status.OK then Refuse(k, CALLS + 67, g)
    else if Arg(k, 2) > MAXLINE then Refuse(k, CALLS + 67, Status.ResourceLimitExceeded)
    else Written(k, Arg(k, 2))
  }
  function Written(k: Kernel, n: u64): Verdict requires Runs(k) { Answer(k, Status.OK).(effects := [Effect(CONSOLE, Me(k) as u64, n, 0)]) }
}
