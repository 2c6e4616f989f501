include "ConfidentialityTime.dfy"
include "ConfidentialityCreate.dfy"
include "ConfidentialityLog.dfy"
include "../integrity/Integrity.dfy"

/** What a partition observes depends only on what it may observe. */
module {:compile false} Confidentiality {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import opened Observation
  import opened Declassification
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import Calls = ConfidentialityCalls
  import Caps = ConfidentialityCapability
  import Messages = ConfidentialityMessages
  import Logs = ConfidentialityLog
  import Objects = ConfidentialityObjects
  import Making = ConfidentialityMaking
  import Create = ConfidentialityCreate
  import Time = ConfidentialityTime
  import A = Apply
  import I = IntegrityView
  import Integrity
  import Reachable
  import Replay
  import StepPreservesValid
  import CallsKept
  import V = Valid
  import W = Witness
  import T = DecideTask
  import Step
  import Kinds

  // ---- one step -------------------------------------------------------------------------------------------------------------------------------

  ghost predicate CallAgrees(a: Kernel, b: Kernel, now: u64) requires Runs(a) && Runs(b) { Agree(a, Step.Call(a, now), b, Step.Call(b, now), now) }
  /** The call's number, as Step.Call finds it. */
  ghost function Number(a: Kernel): u64 requires Runs(a) { Arg(a, 0) % LO32 }

  lemma LowCalls(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Number(a) == Number(b) && (Number(a) < CALLS + 5 || Number(a) > CALLS + 78)
    requires Number(a) >= CALLS ==> CallTells(a, Number(a) - CALLS) == CallTells(b, Number(b) - CALLS)
    ensures CallAgrees(a, b, now)
  {
    hide *;
    reveal Step.Call, CallTells, Number, Limits.LO32, CALLS, CallAgrees;
    Calls.Refusals(a, b, now);
    var f := Number(a);
    if f < CALLS || f > CALLS + 78 { Time.StandardCall(a, b, f, now); }
    else if f == CALLS + 1 { Caps.CapGrant(a, b, now); }
    else if f == CALLS + 2 { Caps.RegionMap(a, b, now); }
    else if f == CALLS + 3 { Messages.QueueSend(a, b, now); }
    else if f == CALLS + 4 { Messages.QueueRecv(a, b, now); }
  }
  lemma MiddleCalls(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Number(a) == Number(b) && CALLS + 5 <= Number(a) < CALLS + 64
    requires CallTells(a, Number(a) - CALLS) == CallTells(b, Number(b) - CALLS)
    ensures CallAgrees(a, b, now)
  {
    hide *;
    reveal Step.Call, CallTells, Number, Limits.LO32, CALLS, CallAgrees;
    Calls.Refusals(a, b, now);
    var f := Number(a);
    if f == CALLS + 5 { Calls.TimerWait(a, b, now); }
    else if f == CALLS + 12 { Create.PartitionCreate(a, b, now); }
    else if f == CALLS + 17 { Making.CommEdgeCreate(a, b, now); }
    else if f == CALLS + 18 { Objects.CommEdgeDestroy(a, b, now); }
    else if f == CALLS + 21 { Logs.WitnessRead(a, b, now); }
    else if f == CALLS + 22 { Messages.NotifySignal(a, b, now); }
    else if f == CALLS + 23 { Messages.NotifyWait(a, b, now); }
  }
  lemma HighCalls(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Number(a) == Number(b) && CALLS + 64 <= Number(a) <= CALLS + 78
    requires CallTells(a, Number(a) - CALLS) == CallTells(b, Number(b) - CALLS)
    ensures CallAgrees(a, b, now)
  {
    Args(a, b);
    hide *;
    reveal Step.Call, Number, Limits.LO32, CALLS, CallAgrees;
    Calls.Refusals(a, b, now);
    var f := Number(a);
    if f == CALLS + 64 { Caps.CapRevoke(a, b, now); }
    else if f == CALLS + 65 { Calls.Yield(a, b, now); }
    else if f == CALLS + 66 { assert Arg(a, 1) == Arg(b, 1) by { reveal Limits.CTXW; } Time.Exit(a, b, Arg(a, 1), now); }
    else if f == CALLS + 67 { Calls.ConsoleWrite(a, b, now); }
    else if f == CALLS + 72 { Logs.WitnessAck(a, b, now); }
    else if f == CALLS + 73 { Objects.PartitionStart(a, b, now); }
    else if f == CALLS + 74 { Objects.PartitionSuspend(a, b, now); }
    else if f == CALLS + 75 { Time.PartitionTerminate(a, b, now); }
    else if f == CALLS + 76 { Caps.RegionUnmap(a, b, now); }
    else if f == CALLS + 78 { Caps.CapDrop(a, b, now); }
  }
  lemma Decided(a: Kernel, b: Kernel, e: Step.Event)
    requires Alike(a, b) && Runs(a) && Runs(b) && Tells(a, e) == Tells(b, e) && !e.Begin? && !e.Boot?
    ensures Agree(a, Step.Decide(a, e), b, Step.Decide(b, e), e.now)
  {
    Args(a, b);
    Parts(a, b);
    hide *;
    reveal Step.Decide, Runs;
    match e
    case Tick(now) => Time.Tick(a, b, now);
    case Trap(esr, far, ipa, vbar, now) => Time.Trap(a, b, esr, far, ipa, vbar, now);
    case Hypercall(now) =>
      assert Number(a) == Number(b) by { reveal Number, Limits.CTXW; }
      assert Number(a) >= CALLS ==> CallTells(a, Number(a) - CALLS) == CallTells(b, Number(b) - CALLS) by { reveal Tells, Number; }
      reveal CallAgrees, CALLS;
      if Number(a) < CALLS + 5 || Number(a) > CALLS + 78 { LowCalls(a, b, now); }
      else if Number(a) < CALLS + 64 { MiddleCalls(a, b, now); }
      else { HighCalls(a, b, now); }
    case Ran(saved, now) => Calls.Left(a, b, saved, now);
    case _ =>
  }
  lemma Committed(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64)
    requires Agree(a, v, b, w, now) && V.Valid(a) && V.Valid(b) && V.Valid(Step.Commit(a, v, now)) && V.Valid(Step.Commit(b, w, now))
    ensures Runs(a) && Sized(Step.Commit(a, v, now)) && Sized(Step.Commit(b, w, now))
    ensures See(Step.Commit(a, v, now), Me(a)) == See(Step.Commit(b, w, now), Me(a))
    ensures Felt(v.effects, Me(a)) == Felt(w.effects, Me(a))
  {
    reveal Agree();
    var x, y := Step.Commit(a, v, now), Step.Commit(b, w, now);
    assert Sized(x) && Sized(y);
    assert Same(x, y, Me(a)) by { hide V.Valid; hide A.ApplyAll; hide A.NoteAll; }
    hide *;
    Together(x, y, Me(a));
  }
  /** Two states that look the same to the partition that runs: in both it sees the same, what is public is the same, and the event tells it the
      same. */
  ghost predicate LooksTheSame(a: Kernel, b: Kernel, e: Step.Event) {
    && Runs(a) && Runs(b) && Me(a) == Me(b) && See(a, Me(a)) == See(b, Me(a)) && SamePublic(a, b) && Tells(a, e) == Tells(b, e)
    && Reachable.Inv(a.st) && Reachable.Inv(b.st) && Integrity.Ordinary(a, e) && Integrity.Ordinary(b, e)
  }
  /** Whatever a partition computes, whatever it calls, whatever trap it takes and whenever it is interrupted: what it sees afterwards, and what
      happens to its processor, its translations and its console, depends only on what it saw before and on what the event may tell it. */
  lemma A_partition_learns_only_what_it_may(a: Kernel, b: Kernel, e: Step.Event)
    requires LooksTheSame(a, b, e)
    ensures Sized(Step.Step(a, e).k) && Sized(Step.Step(b, e).k)
    ensures See(Step.Step(a, e).k, Me(a)) == See(Step.Step(b, e).k, Me(a))
    ensures Felt(Step.Step(a, e).effects, Me(a)) == Felt(Step.Step(b, e).effects, Me(a))
  {
    Integrity.InOrder(a);
    Integrity.InOrder(b);
    StepPreservesValid.Every_event_leaves_a_valid_state(a, e);
    StepPreservesValid.Every_event_leaves_a_valid_state(b, e);
    assert Sized(Step.Step(a, e).k) && Sized(Step.Step(b, e).k) && Sized(a) && Sized(b);
    hide *;
    reveal LooksTheSame, Runs;
    AreAlike(a, b) by { reveal Twins; }
    if !e.Begin? && !e.Boot? {
      Decided(a, b, e);
      reveal Step.Step;
      Committed(a, Step.Decide(a, e), b, Step.Decide(b, e), e.now);
    } else {
      reveal Step.Step, Step.BeginStep, Step.BootStep, Step.Settle, Integrity.Ordinary;
    }
  }
}
