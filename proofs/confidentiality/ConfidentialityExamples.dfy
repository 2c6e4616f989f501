include "ConfidentialityFlow.dfy"

/** The hypotheses of the claims about confidentiality hold of states that differ. */
module {:compile false} ConfidentialityExamples {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import opened Observation
  import opened Declassification
  import Confidentiality
  import ConfidentialityTwins
  import ConfidentialityCalls
  import ConfidentialityBetween
  import CommitKept
  import Integrity
  import Reachable
  import I = IntegrityView
  import V = Valid
  import Step
  import Kinds

  /** Whatever another partition has in a register, the one that runs does not see it, and no event tells it. */
  lemma A_secret_in_anothers_register_is_covered(k: Kernel, q: u32, n: u32, x: u64, saved: seq<u64>, now: u64)
    requires Runs(k) && Reachable.Inv(k.st) && Lasts(k) && q < NPART && q != Me(k) && n < CTXW
    ensures |k.vol.regs| == NCTX as int && var l := k.(vol := SetReg(k.vol, q, n, x));
      Confidentiality.LooksTheSame(k, l, Step.Tick(now)) && Confidentiality.LooksTheSame(k, l, Step.Ran(saved, now))
  {
    CommitKept.InParts(k);
    ConfidentialityCalls.Line(k);
    assert Sized(k);
    var l := k.(vol := SetReg(k.vol, q, n, x));
    assert Sized(l);
    hide V.Valid;
    CommitKept.Together(l);
    var p := Me(k);
    ConfidentialityBetween.Other3(k.vol, q, n, x, p);
    I.RegsSlice(k.vol.regs, l.vol.regs, p);
    I.SeeIs(k, p);
    I.SeeIs(l, p);
    hide See;
    hide I.Slots;
    hide I.Regions;
    hide I.Ends;
    assert See(k, p) == See(l, p);
  }
}
