include "ConfidentialityTime.dfy"
include "ConfidentialityCreate.dfy"
include "ConfidentialityLog.dfy"
include "ConfidentialityGate.dfy"
include "ConfidentialityLeases.dfy"
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
  import Leases = ConfidentialityLeases
  import Gate = ConfidentialityGate
  import Jobs = ConfidentialityJobs
  import G = DecidePolicy
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
  /** What a call's own row comes to. */
  ghost predicate RowAgrees(a: Kernel, b: Kernel, n: u64, now: u64) requires Runs(a) && Runs(b) && n < LO32 - CALLS {
    Agree(a, Step.Row(a, n, now), b, Step.Row(b, n, now), now)
  }
  lemma LowRows(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && n < LO32 - CALLS && (n < 5 || n > 78) && CallTells(a, n) == CallTells(b, n)
    ensures RowAgrees(a, b, n, now)
  {
    hide *;
    reveal Step.Row, CallTells, Limits.LO32, CALLS, RowAgrees;
    Calls.Refusals(a, b, now);
    if n == 1 { Caps.CapGrant(a, b, now); }
    else if n == 2 { Caps.RegionMap(a, b, now); }
    else if n == 3 { Messages.QueueSend(a, b, now); }
    else if n == 4 { Messages.QueueRecv(a, b, now); }
    else if n == 79 { Gate.PolicyActivate_(a, b, now); }
    else if n == 80 { Jobs.ProofStatus(a, b, now); }
  }
  lemma MiddleRows(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && 5 <= n < 64 && n < LO32 - CALLS && CallTells(a, n) == CallTells(b, n)
    ensures RowAgrees(a, b, n, now)
  {
    hide *;
    reveal Step.Row, CallTells, Limits.LO32, CALLS, RowAgrees;
    Calls.Refusals(a, b, now);
    if n == 5 { Calls.TimerWait(a, b, now); }
    else if n == 12 { Create.PartitionCreate(a, b, now); }
    else if n == 17 { Making.CommEdgeCreate(a, b, now); }
    else if n == 18 { Objects.CommEdgeDestroy(a, b, now); }
    else if n == 19 { Leases.DeviceLeaseAcquire(a, b, now); }
    else if n == 20 { Leases.DeviceLeaseRevoke(a, b, now); }
    else if n == 21 { Logs.WitnessRead(a, b, now); }
    else if n == 22 { Messages.NotifySignal(a, b, now); }
    else if n == 23 { Messages.NotifyWait(a, b, now); }
  }
  lemma HighRows(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && 64 <= n <= 78 && n < LO32 - CALLS && CallTells(a, n) == CallTells(b, n)
    ensures RowAgrees(a, b, n, now)
  {
    Args(a, b);
    hide *;
    reveal Step.Row, CallTells, Limits.LO32, CALLS, RowAgrees;
    Calls.Refusals(a, b, now);
    if n == 64 { Caps.CapRevoke(a, b, now); }
    else if n == 65 { Calls.Yield(a, b, now); }
    else if n == 66 { assert Arg(a, 1) == Arg(b, 1) by { reveal Limits.CTXW; } Time.Exit(a, b, Arg(a, 1), now); }
    else if n == 67 { Calls.ConsoleWrite(a, b, now); }
    else if n == 71 { Leases.LeaseRenew(a, b, now); }
    else if n == 72 { Logs.WitnessAck(a, b, now); }
    else if n == 73 { Objects.PartitionStart(a, b, now); }
    else if n == 74 { Objects.PartitionSuspend(a, b, now); }
    else if n == 75 { Time.PartitionTerminate(a, b, now); }
    else if n == 76 { Caps.RegionUnmap(a, b, now); }
    else if n == 77 { Jobs.ProofSubmit(a, b, now); }
    else if n == 78 { Caps.CapDrop(a, b, now); }
  }
  lemma Rows(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && n < LO32 - CALLS && CallTells(a, n) == CallTells(b, n)
    ensures RowAgrees(a, b, n, now)
  {
    hide *;
    if n < 5 || n > 78 { LowRows(a, b, n, now); } else if n < 64 { MiddleRows(a, b, n, now); } else { HighRows(a, b, n, now); }
  }
  /** A call, with the gate before it. */
  lemma Called(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Number(a) == Number(b)
    requires CALLS <= Number(a) ==> GateTells(a, Number(a) - CALLS, now) == GateTells(b, Number(b) - CALLS, now)
    ensures CallAgrees(a, b, now)
  {
    hide *;
    reveal Number, Limits.LO32, CALLS, CallAgrees, RowAgrees;
    var f := Number(a);
    if f < CALLS || f > CALLS + 80 {
      Time.StandardCall(a, b, f, now);
      reveal Step.Call;
    } else {
      var n := f - CALLS;
      assert n < LO32 - CALLS;
      Governs(a, b, n, now);
      if G.Governed(a, n) {
        if Gate.Open(a, n, now) {
          Gate.Rules(a, b, n, now) by { reveal Gate.Ruled2; }
          Rows(a, b, n, now);
        }
        Gate.Gated(a, b, n, now) by { reveal Gate.Ruled2; }
      } else {
        assert CallTells(a, n) == CallTells(b, n) by { reveal GateTells; }
        Rows(a, b, n, now);
      }
      reveal Step.Call, G.Governed;
    }
  }
  /** Whether the policy governs a call is told. */
  lemma Governs(a: Kernel, b: Kernel, n: u64, now: u64)
    requires Runs(a) && Runs(b) && GateTells(a, n, now) == GateTells(b, n, now)
    ensures G.Governed(a, n) == G.Governed(b, n)
  {
    assert G.Governed(a, n) == GateTells(a, n, now).Ruled? by { Silent(a, n, now); }
    assert G.Governed(b, n) == GateTells(b, n, now).Ruled? by { Silent(b, n, now); }
  }
  lemma Silent(k: Kernel, n: u64, now: u64)
    requires Runs(k)
    ensures G.Governed(k, n) == GateTells(k, n, now).Ruled?
  {
    assert !CallTells(k, n).Ruled? by { hide V.Valid; hide Guard; }
    hide *;
    reveal Runs, GateTells;
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
    case Tick(now) => Leases.Tick(a, b, now);
    case Trap(esr, far, ipa, vbar, now) => Time.Trap(a, b, esr, far, ipa, vbar, now);
    case Hypercall(now) =>
      assert Number(a) == Number(b) by { reveal Number, Limits.CTXW; }
      assert Number(a) >= CALLS ==> GateTells(a, Number(a) - CALLS, now) == GateTells(b, Number(b) - CALLS, now) by { reveal Tells, Number; }
      reveal CallAgrees;
      Called(a, b, now);
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
