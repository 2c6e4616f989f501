include "CoreTasks.dfy"

/** yield and timer_wait. */
module TaskCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import Status
  import Kinds
  import Apply
  import Common
  import Step
  import D = DecideTask

  method Yield(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Yield(old(k.Abs()), now), now)
  {
    hide *;
    reveal k.Done, D.Yield, Step.Commit, Apply.ApplyAll, Apply.NoteAll, Common.SetReg, Common.Me, Common.Arg, Limits.CTXW, Limits.NPART, Status.OK;
    k.Set(k.sched.cur, 0, Status.OK);
    k.Yield(now);
  }
  method TimerWait(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.TimerWait(old(k.Abs()), now), now)
  {
    hide *;
    reveal k.Done, D.TimerWait, Step.Commit, Apply.ApplyAll, Apply.NoteAll, Common.SetReg, Common.Me, Common.Arg, Limits.CTXW, Limits.NPART, Status.OK, Kinds.Sleeping;
    var wake := Arg(k, 1);
    k.Set(k.sched.cur, 0, Status.OK);
    if wake > now { k.Block(Kinds.Sleeping, wake, now); }
  }
}
