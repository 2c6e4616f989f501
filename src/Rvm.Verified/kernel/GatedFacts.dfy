include "Actions.dfy"
include "../scheduler/SchedulerLemmas.dfy"
include "../../../spec/Decide/Policy.dfy"

/** What the rows of the calls that need a token have in common: the status in x0 says whether they did something, and there was room for its records. */
module {:compile false} GatedFacts {
  import opened Types
  import opened Limits
  import opened CoreState
  import Status
  import State
  import Apply
  import Common
  import Step
  import Valid
  import G = DecidePolicy
  import P = DecidePartition
  import E = DecideEdge
  import S = Scheduler
  import Wit = Witness
  import A = Actions
  import L = SchedulerLemmas

  /** What becomes of a call whose token is good. */
  ghost function Acted(s: State.Kernel, n: u64, rule: u32, now: u64): Common.Verdict
    requires Common.Runs(s) && G.Decidable(n)
  {
    var v := Step.Row(s, n, now);
    if G.Acted(v) then v.(acts := v.acts + [Apply.Proved(Common.Me(s), G.Nonce(s), n as u32, rule)]) else v
  }
  lemma Did(k: Core, s: State.Kernel, n: u64, now: u64)
    requires Common.Runs(s) && G.Decidable(n) && G.Sealed(n) && k.Done(s, Step.Row(s, n, now), now)
    ensures k.Inv() && k.ctx.Length == 8192 && (k.ctx[Common.Me(s) * CTXW] == Status.OK <==> G.Acted(Step.Row(s, n, now)))
  {
    reveal k.Done();
  }
  lemma Roomy(k: Core, s: State.Kernel, n: u64, now: u64)
    requires Common.Runs(s) && G.Decidable(n) && G.Sealed(n) && k.Done(s, Step.Row(s, n, now), now)
    requires G.Acted(Step.Row(s, n, now)) && Wit.Room(s.log, Common.Me(s), G.Needs(s, n) + 1)
    ensures k.Inv() && k.Rooted() && Wit.Spare(k.Abs().log, Common.Me(s)) && Common.Me(s) < 128
  {
    reveal k.Done();
  }
}
