include "GateActs.dfy"
include "../reachable/Traces.dfy"
include "../../src/Rvm.Verified/policy/PolicyLemmas.dfy"

/** The active policy came with the bundle, and nobody changes it whom it does not permit to. */
module {:compile false} ActivePolicy {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import V = Valid
  import W = Witness
  import B = DecideBoot
  import G = DecidePolicy
  import Hash
  import Kinds
  import Rights
  import Policy
  import Step
  import Authority
  import GateActs
  import GateKept
  import GrantsAtBoot
  import PolicyFacts
  import Records
  import Replay
  import StepPreservesValid
  import StructureKept
  import Traces

  // ---- what the kernel keeps ----------------------------------------------------------------------------------------------------------

  /** Admitted, and with the digest of its words. */
  ghost predicate Sound(r: Ruleset) { Policy.Admissible(r.words) && r.digest == B.HashOf(r.words, |r.words|) }
  ghost predicate AllSound(rs: seq<Ruleset>) { forall i :: 0 <= i < |rs| ==> Sound(rs[i]) }
  /** All policies are sound, the active one is one of them, and there is none before the bundle has been attested. */
  ghost predicate Kept(k: Kernel) { AllSound(k.policies) && k.st.policy as int <= |k.policies| && (|k.log.records| == 0 ==> k.policies == []) }

  lemma RuledIsSound(b: seq<u64>, i: int)
    requires 0 <= i < 7 && 8 <= |b| && B.Within(b, i) && !B.NoTable(b, i)
    ensures AllSound(B.Ruled(b, i))
  {
    if b[i + 1] != 0 { PolicyFacts.KeptIsAdmitted(B.TableAt(b, i)); }
    hide Policy.Admissible;
    hide Policy.Size;
    hide B.HashOf;
    hide B.TableAt;
  }
  lemma BegunIs(k: Kernel, b: seq<u64>)
    requires V.Valid(k) && B.Begin(k, b).Begun?
    ensures var a := B.Begin(k, b); |k.log.records| == 0 && AllSound(a.policies) && Brought(b, a.v.acts, a.policies)
  {
    RuledIsSound(b, 4);
    RuledIsSound(b, 6);
    hide V.Valid;
    hide AllSound;
    hide B.Ruled;
    hide B.Within;
    hide B.NoTable;
    hide W.Room;
    hide B.HashOf;
    var a := B.Begin(k, b);
    assert AllSound(a.policies) by { reveal AllSound; }
  }
  /** These policies are the tables that the header of bundle b names, the first action attests its header and commands, and if there is a policy the
      second makes the first one active. */
  ghost predicate Brought(b: seq<u64>, acts: seq<Action>, ps: seq<Ruleset>) {
    && B.HeaderOk(b) && !B.NoTable(b, 4) && !B.NoTable(b, 6) && ps == B.Ruled(b, 4) + B.Ruled(b, 6)
    && acts == [Attest(|b| as u64, B.HashOf(b, 8 + 8 * b[2] as int))] + if |ps| == 0 then [] else [PolicyActivate(0, 1, ps[0].digest)]
  }
  /** Only the beginning of the boot brings policies. */
  lemma PoliciesAfter(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures Step.Step(k, e).k.policies == if e.Begin? && k.booting && B.Begin(k, e.bundle).Begun? then B.Begin(k, e.bundle).policies else k.policies
    ensures e.Begin? && k.booting && B.Begin(k, e.bundle).Begun? ==> Replay.Acts(k, e) == B.Begin(k, e.bundle).v.acts
    ensures e.Boot? ==> !B.Command(k, e.words, e.size, e.now).Begun?
  {
    hide V.Valid;
    hide B.Begin;
    hide Step.Decide;
    hide ApplyAll;
    hide NoteAll;
    if e.Boot? { NeverBegun(k, e.words, e.size, e.now); }
    hide B.Command;
  }
  lemma NeverBegun(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures !B.Command(k, w, size, now).Begun?
  {
    hide V.Valid;
    hide W.Room;
  }
  lemma BegunIsNoted(k: Kernel, e: Step.Event)
    requires V.Valid(k) && e.Begin? && k.booting && B.Begin(k, e.bundle).Begun?
    ensures |Step.Step(k, e).k.log.records| > 0
  {
    Replay.BootBegin(k, e.bundle);
    Replay.BootOwing(k, B.Begin(k, e.bundle), e.now);
    Replay.StepIs(k, e);
    Replay.HasTables(k);
    BegunIs(k, e.bundle);
    PoliciesAfter(k, e);
    assert |Replay.Acts(k, e)| > 0 by { hide *; reveal Brought; }
    hide *;
    reveal Replay.Acts, Replay.Booted, Records.Pays;
    Records.AllNoted(k.log, Replay.Acts(k, e), e.now);
  }

  // ---- who makes a policy active --------------------------------------------------------------------------------------------------------

  ghost predicate NoChoice(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> !acts[i].PolicyActivate? }
  lemma OneChoice(s: Structure, a: Action)
    requires Tables(s)
    ensures A.Apply(s, a).policy == if a.PolicyActivate? then a.which else s.policy
  {}
  lemma NoneChooses(s: Structure, acts: seq<Action>)
    requires Tables(s) && NoChoice(acts)
    ensures ApplyAll(s, acts).policy == s.policy
    decreases |acts|
  {
    hide A.Apply;
    if |acts| > 0 {
      OneChoice(s, acts[0]);
      NoneChooses(A.Apply(s, acts[0]), acts[1..]);
    }
  }
  lemma Choices(s: Structure, acts: seq<Action>, bound: int)
    requires Tables(s) && s.policy as int <= bound && forall i :: 0 <= i < |acts| && acts[i].PolicyActivate? ==> acts[i].which as int <= bound
    ensures ApplyAll(s, acts).policy as int <= bound
    decreases |acts|
  {
    hide A.Apply;
    if |acts| > 0 {
      OneChoice(s, acts[0]);
      Choices(A.Apply(s, acts[0]), acts[1..], bound);
    }
  }
  /** The boot makes the first policy active; a partition makes another of the bundle's active, by policy_activate, with a live capability for the
      policy, the right WRITE, a token, and the permission of the policy that is active. */
  ghost predicate Chosen(k: Kernel, e: Step.Event, a: Action)
    requires V.Valid(k)
  {
    a.PolicyActivate? && (
    || (e.Begin? && k.booting && a.who == 0 && a.which == 1)
    || (e.Hypercall? && Runs(k) && GateActs.Called(k) == CALLS + 79 && a.who == Me(k) && 0 < a.which as int <= |k.policies|
        && Authority.HoldsAny(k, Me(k), Kinds.Policy, Rights.WRITE) && GateKept.Passed(k, 79, e.now)))
  }
  lemma RowChooses(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Sealed(n) && n < LO32 - CALLS && n != 79
    ensures NoChoice(Step.Row(k, n, now).acts)
  {
    if n == 12 { GateActs.Creates(k); } else if n == 19 || n == 20 || n == 71 { GateActs.LeaseRows(k, now); } else { GateActs.OtherRows(k, n, now); }
    hide V.Valid;
    hide *;
    reveal GateActs.Free, NoChoice, Step.Row, G.Sealed;
  }
  /** Nobody makes a policy active but the boot, and a caller whom the active policy permits to. */
  lemma Only_a_permitted_call_makes_a_policy_active(k: Kernel, e: Step.Event, i: int)
    requires V.Valid(k) && 0 <= i < |Replay.Acts(k, e)| && Replay.Acts(k, e)[i].PolicyActivate?
    ensures Chosen(k, e, Replay.Acts(k, e)[i])
  {
    var acts := Replay.Acts(k, e);
    GateActs.Events(k, e);
    hide *;
    reveal Chosen, Runs, LO32, CALLS;
    assert !GateActs.Free(acts) by { reveal GateActs.Free; }
    if e.Begin? {
      GrantsAtBoot.Boot(k, e);
      reveal GrantsAtBoot.AllFromBoot, GrantsAtBoot.FromBoot;
    } else {
      var n := GateActs.Called(k) - CALLS;
      reveal GateActs.Proven;
      var w := Step.Row(k, n, e.now).acts;
      assert i < |w| by { reveal GateKept.Proof; }
      assert w[i].PolicyActivate?;
      if n != 79 { RowChooses(k, n, e.now); reveal NoChoice; }
      Authority.No_structural_change_without_a_capability(k, e.now, i) by { reveal Replay.Acts; }
      assert Authority.Authorised(k, Me(k), acts[i]) by { reveal Replay.Acts; }
      reveal Authority.Authorised;
    }
  }
  /** An event that changes which policy is active makes one active, so it is one of those. */
  lemma Nothing_else_changes_the_policy(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Step.Step(k, e).k.st.policy != k.st.policy
    ensures exists i :: 0 <= i < |Replay.Acts(k, e)| && Chosen(k, e, Replay.Acts(k, e)[i])
  {
    var acts := Replay.Acts(k, e);
    Replay.StepIs(k, e);
    Replay.HasTables(k);
    hide *;
    if NoChoice(acts) { NoneChooses(k.st, acts); }
    else {
      assert exists i :: 0 <= i < |acts| && acts[i].PolicyActivate? by { reveal NoChoice; }
      var i :| 0 <= i < |acts| && acts[i].PolicyActivate?;
      Only_a_permitted_call_makes_a_policy_active(k, e, i);
    }
  }

  // ---- in every reachable state -----------------------------------------------------------------------------------------------------------

  lemma OneEvent(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Kept(k)
    ensures Kept(Step.Step(k, e).k)
  {
    var acts, t := Replay.Acts(k, e), Step.Step(k, e).k;
    Replay.StepIs(k, e);
    Replay.HasTables(k);
    Replay.The_log_only_grows(k, e);
    PoliciesAfter(k, e);
    hide *;
    reveal Kept;
    if e.Begin? && k.booting && B.Begin(k, e.bundle).Begun? {
      BegunIs(k, e.bundle);
      BegunIsNoted(k, e);
      Choices(k.st, acts, |t.policies|) by { reveal Brought; }
    } else {
      forall i | 0 <= i < |acts| && acts[i].PolicyActivate? ensures acts[i].which as int <= |k.policies| {
        Only_a_permitted_call_makes_a_policy_active(k, e, i);
        reveal Chosen;
        if e.Begin? { assert acts == [] by { reveal Replay.Acts, Replay.Asked; NotBegun(k, e.bundle); } }
      }
      Choices(k.st, acts, |k.policies|);
    }
  }
  lemma NotBegun(k: Kernel, b: seq<u64>)
    requires V.Valid(k)
    ensures !B.Begin(k, b).Begun? ==> B.Begin(k, b).No?
  {
    hide V.Valid;
    hide W.Room;
    hide B.HashOf;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
  }
  /** Event n of the run brought these policies with its bundle, and attested it. */
  ghost predicate BroughtBy(k: Kernel, es: seq<Step.Event>, n: nat, ps: seq<Ruleset>)
    requires V.Valid(k)
  {
    n < |es| && es[n].Begin? && Brought(es[n].bundle, Replay.Acts(Traces.At(k, es, n), es[n]), ps)
  }
  lemma Onwards(k: Kernel, es: seq<Step.Event>)
    requires V.Valid(k) && Kept(k) && k.policies == []
    ensures var s := StepPreservesValid.After(k, es); Kept(s) && (s.policies == [] || exists n: nat :: BroughtBy(k, es, n, s.policies))
    decreases |es|
  {
    hide *;
    reveal BroughtBy;
    if |es| == 0 { assert StepPreservesValid.After(k, es) == k by { reveal StepPreservesValid.After; } }
    else {
      var fs, e := es[..|es| - 1], es[|es| - 1];
      assert es == fs + [e];
      Onwards(k, fs);
      Traces.Snoc(k, fs, e);
      Traces.Ends(k, fs);
      Traces.Prefix(k, es, |fs|, |fs|);
      assert fs == es[..|fs|];
      var s := StepPreservesValid.After(k, fs);
      OneEvent(s, e);
      PoliciesAfter(s, e);
      if e.Begin? && s.booting && B.Begin(s, e.bundle).Begun? {
        BegunIs(s, e.bundle);
        assert BroughtBy(k, es, |fs|, StepPreservesValid.After(k, es).policies);
      } else if s.policies != [] {
        var n: nat :| BroughtBy(k, fs, n, s.policies);
        Traces.Prefix(k, es, n, |fs|);
        assert BroughtBy(k, es, n, s.policies);
      }
    }
  }
  /** In every reachable state the active policy is one of those that came with the bundle whose header and commands were attested, and all of them are
      admitted tables with the digests of their words. */
  lemma The_active_policy_came_with_the_bundle(k: Kernel, es: seq<Step.Event>)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k) && var s := StepPreservesValid.After(k, es);
      Kept(s) && (s.policies == [] || exists n: nat :: BroughtBy(k, es, n, s.policies))
  {
    StepPreservesValid.The_first_state_is_valid(k);
    hide V.Valid;
    assert Kept(k) by { hide Policy.Admissible; }
    Onwards(k, es) by { hide *; }
  }
}
