include "../invariant/Examples.dfy"
include "Proofs.dfy"
include "ActivePolicy.dfy"

/** The gate lets through: a valid state in which a partition has a token and the permission of the policy, and its sealed call acts. */
module {:compile false} SealedExample {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import M = Memory
  import LeasesKept
  import S = Scheduler
  import V = Valid
  import W = Witness
  import G = DecidePolicy
  import B = DecideBoot
  import Hash
  import Kinds
  import Policy
  import PolicyLimits
  import Rights
  import Status
  import Step
  import ActivePolicy
  import AgesKept
  import CommitKept
  import EndsKept
  import Examples
  import GateActs
  import MapsKept
  import ObjectsKept
  import Replay
  import StepPreservesValid
  import StructureKept
  import WitnessLemmas

  // ---- a policy -----------------------------------------------------------------------------------------------------------------------

  ghost function Zeros(n: nat): (z: seq<u64>)
    ensures |z| == n && forall i :: 0 <= i < n ==> z[i] == 0
  {
    if n == 0 then [] else Zeros(n - 1) + [0]
  }
  /** Call 79 is permitted by rule 5, which has no condition; no other call is permitted. */
  opaque ghost function Table(): Policy.Words {
    [PolicyLimits.POLICY, PolicyLimits.VERSION, 137, 137, 0, 0, 0, 0] + Zeros(79) + [0x1_0000_0000_0088] + Zeros(48) + [0x500]
  }
  lemma TableWords()
    ensures var t := Table();
      && |t| == 137 && t[0] == PolicyLimits.POLICY && t[1] == PolicyLimits.VERSION && t[2] == 137 && t[3] == 137 && t[6] == 0 && t[7] == 0 && t[136] == 0x500
      && forall i: int :: 8 <= i < 136 ==> t[i] == if i == 87 then 0x1_0000_0000_0088 else 0
  {
    reveal Table();
    hide Zeros;
  }
  lemma TheRule()
    ensures var t := Table(); Policy.Start(t, 79) == 136 && Policy.CountForbids(t, 79) == 0 && Policy.CountPermits(t, 79) == 1
    ensures Policy.RulesOk(Table(), 136, 1) && Policy.Rules(Table(), 136, 1) == [Policy.Rule(5, [])]
  {
    TableWords();
    assert Policy.Conditions(Table(), 136) == 0 && Policy.Id(Table(), 136) == 5;
    assert Policy.RuleAt(Table(), 136) == Policy.Rule(5, []);
    assert Policy.RuleOk(Table(), 136) && Policy.Next(Table(), 136) == 137;
    hide Policy.RuleAt, Policy.RuleOk;
    assert Policy.RulesOk(Table(), 137, 0) && Policy.Rules(Table(), 137, 0) == [];
  }
  lemma ThePolicyPermits(r: Policy.Request)
    ensures Policy.Admissible(Table()) && Policy.Decision(Table(), 79, r) == Policy.Permit(5)
  {
    TheRule();
    assert Policy.HeaderOk(Table()) by { TableWords(); }
    forall call: u32 | call < PolicyLimits.CALLS ensures Policy.EntryOk(Table(), call) {
      if call != 79 { assert Policy.Entry(Table(), call) == 0 by { TableWords(); } }
    }
    hide Policy.EntryOk, Policy.HeaderOk, Policy.Start, Policy.CountForbids, Policy.CountPermits, Policy.Rules;
    assert Policy.Forbids(Table(), 79) == [] && Policy.Permits(Table(), 79) == [Policy.Rule(5, [])];
    hide Policy.Forbids, Policy.Permits;
    assert Policy.Matches(Policy.Rule(5, []), r);
  }
  ghost function TheRuleset(): Ruleset { Ruleset(Table(), B.HashOf(Table(), |Table()|)) }

  // ---- a state ------------------------------------------------------------------------------------------------------------------------

  const RIGHTS: u32 := 0x12                       // WRITE, PROVE
  const Shown: Cap := Cap(1, Kinds.Policy, 0, 0, RIGHTS, 0, 0, 0)
  const Started: Part := Part(1, Kinds.Started, 62_500, 0)
  ghost function Parts(): seq<Part> { Examples.First().st.parts[1 := Started] }
  ghost function Running(): Sched { S.Dispatch(S.MakeReady(Examples.First().vol.sched, 1, 0, 0), Parts(), 0) }
  ghost function TheLog(): Log { W.Grant(Examples.First().log, 0, 1, 16) }
  ghost function Bare(): Structure { var s := Examples.First().st; Structure(Parts(), s.caps, s.memory, s.maps, s.edges, 0, s.nonces, s.leases) }
  ghost function Given(): seq<Action> { [CapGrant(0, 1, 0, Kinds.Policy, 0, RIGHTS), PolicyActivate(0, 1, TheRuleset().digest)] }
  ghost function TheStructure(): Structure {
    var s := Examples.First().st;
    Structure(Parts(), s.caps[CSLOTS as int := Shown], s.memory, s.maps, s.edges, 1, s.nonces, s.leases)
  }
  ghost function StateWith(regs: seq<u64>): Kernel {
    var f := Examples.First();
    Kernel(f.machine, [], [], [TheRuleset()], TheStructure(), Volatile(Running(), f.vol.queues, regs, false, false), TheLog(), false)
  }
  lemma StructureIs()
    ensures Tables(TheStructure()) && StructureKept.Ok(Examples.First().machine, TheStructure())
  {
    var s := Examples.First().st;
    Examples.A_valid_state_exists();
    CommitKept.InParts(Examples.First());
    hide V.Valid;
    assert StructureKept.Ok(Examples.First().machine, Bare()) by {
      reveal StructureKept.Ok();
      MapsKept.PartChanged(Examples.First().machine, s.parts, s.memory, s.maps, 1, Parts()[1]);
      AgesKept.PartChanged(s, 1, Parts()[1]);
      LeasesKept.PartChanged(s, 1, Parts()[1]);
    }
    assert Bare() == s.(parts := Parts());
    StructureKept.QuietedAll(Examples.First().machine, Bare(), Given());
    StructureKept.Two(Bare(), Given()[0], Given()[1]);
    hide ApplyAll;
    hide TheRuleset;
    assert A.Apply(A.Apply(Bare(), Given()[0]), Given()[1]) == TheStructure();
  }
  lemma LogIs()
    ensures EndsKept.Ok(Parts(), TheLog(), false) && W.Tables(TheLog()) && W.Room(TheLog(), 1, 2)
  {
    Examples.A_valid_state_exists();
    var k := Examples.First();
    CommitKept.InParts(k);
    hide V.Valid;
    reveal EndsKept.Ok();
    WitnessLemmas.Granted(k.log, 0, 1, 16);
    hide W.LogOk;
  }
  lemma SchedIs()
    ensures ObjectsKept.Sch(Parts(), Running()) && S.Shape(Running()) && Running().cur == 1
  {
    var k := Examples.First();
    Examples.A_valid_state_exists();
    CommitKept.InParts(k);
    hide V.Valid;
    ObjectsKept.Idle(k.st.parts, k.vol.sched, 1);
    ObjectsKept.Changed(k.st.parts, k.vol.sched, 1, Parts()[1]);
    ObjectsKept.Readied(Parts(), k.vol.sched, 1, 0, 0);
    var r := S.MakeReady(Examples.First().vol.sched, 1, 0, 0);
    assert r.ready == [1];
    ObjectsKept.Dispatched(Parts(), r, 0);
  }
  lemma ItIsValid(regs: seq<u64>)
    requires |regs| == NCTX as int
    ensures Runs(StateWith(regs)) && Me(StateWith(regs)) == 1
  {
    var k, f := StateWith(regs), Examples.First();
    StructureIs();
    LogIs();
    SchedIs();
    Examples.A_valid_state_exists();
    CommitKept.InParts(f);
    hide V.Valid;
    hide Running;
    hide TheLog;
    hide TheRuleset;
    assert k.st.parts == Parts() && k.st.edges == f.st.edges && k.vol.queues == f.vol.queues;
    CommitKept.ShapeOf(f.st.parts, f.st.edges, f.vol);
    CommitKept.Together(k);
  }

  // ---- the call -----------------------------------------------------------------------------------------------------------------------

  const NONCE: u64 := 7
  const UNTIL: u64 := 10
  /** The digest of partition 1's call 79 with the handle of slot 0 and policy 1. */
  ghost function TheDigest(): u64 {
    Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.Fnv8(Hash.BASIS, 1), CALLS + 79), LO32), 1), 0), 0), 0), 0), 0)
  }
  /** x0–x12: the call, the handle, the policy's number; digest, tier and depth, until when, nonce, object. */
  ghost function Registers(): seq<u64> {
    Zeros(CTXW as int) + [CALLS + 79, LO32, 1, 0, 0, 0, 0, 0, TheDigest(), 2, UNTIL, NONCE, 0] + Zeros(NCTX as int - CTXW as int - 13)
  }
  lemma Arguments(k: Kernel)
    requires Runs(k) && Me(k) == 1 && k.vol.regs == Registers()
    ensures Arg(k, 0) == CALLS + 79 && Arg(k, 1) == LO32 && Arg(k, 2) == 1 && Arg(k, 3) == 0 && Arg(k, 4) == 0 && Arg(k, 5) == 0 && Arg(k, 6) == 0 && Arg(k, 7) == 0
    ensures Arg(k, 8) == TheDigest() && Arg(k, 9) == 2 && Arg(k, 10) == UNTIL && Arg(k, 11) == NONCE && Arg(k, 12) == 0
  {
    hide V.Valid;
    hide TheDigest;
    hide Zeros;
  }
  lemma DigestIs(k: Kernel)
    requires Runs(k) && Me(k) == 1 && k.vol.regs == Registers()
    ensures G.Digest(k, 8) == TheDigest()
  {
    Arguments(k);
    hide V.Valid;
    hide Arg;
    hide Registers;
    assert G.Digest(k, 1) == Hash.Fnv8(G.Digest(k, 0), Arg(k, 0));
    assert G.Digest(k, 2) == Hash.Fnv8(G.Digest(k, 1), Arg(k, 1));
    assert G.Digest(k, 3) == Hash.Fnv8(G.Digest(k, 2), Arg(k, 2));
    assert G.Digest(k, 4) == Hash.Fnv8(G.Digest(k, 3), Arg(k, 3));
    assert G.Digest(k, 5) == Hash.Fnv8(G.Digest(k, 4), Arg(k, 4));
    assert G.Digest(k, 6) == Hash.Fnv8(G.Digest(k, 5), Arg(k, 5));
    assert G.Digest(k, 7) == Hash.Fnv8(G.Digest(k, 6), Arg(k, 6));
  }
  lemma Has()
    ensures Rights.Subset(0, RIGHTS) && Rights.Subset(Rights.PROVE, RIGHTS) && Rights.Subset(Rights.WRITE, RIGHTS)
  {
    reveal Rights.Subset();
  }
  lemma Guards(k: Kernel)
    requires Runs(k) && Me(k) == 1 && k.st == TheStructure()
    ensures Guard(k, LO32, Kinds.None, 0) == Status.OK && Guard(k, LO32, Kinds.Policy, Rights.WRITE) == Status.OK
    ensures C.Slot(LO32) == 0 && k.st.caps[C.Index(1, LO32)] == Shown && k.st.nonces[1] == 0
  {
    Has();
    hide V.Valid;
    assert k.st.caps[32] == Shown;
    assert C.Live(k.st.caps, 32, 1);
  }
  /** The state in which it calls. */
  ghost predicate Calling(k: Kernel) {
    Runs(k) && Me(k) == 1 && k.st == TheStructure() && k.vol.regs == Registers() && k.policies == [TheRuleset()] && k.log == TheLog()
  }
  lemma TokenHolds(k: Kernel)
    requires Calling(k)
    ensures C.Slot(Arg(k, 1)) < CSLOTS as u64 && G.TokenOk(k, 5) && G.Nonce(k) == NONCE
  {
    Arguments(k);
    DigestIs(k);
    Guards(k);
    Has();
    hide V.Valid;
    hide Registers;
    hide Guard;
    hide Arg;
    hide TheDigest;
    hide G.Digest;
    hide TheStructure;
    hide TheRuleset;
    hide TheLog;
  }
  lemma Shallow(t: Policy.Words)
    requires |t| > 8 && t[6] == 0 && t[7] == 0
    ensures !Policy.Deep(t, 79)
  {}
  lemma PolicyAllows(k: Kernel)
    requires Calling(k) && C.Slot(Arg(k, 1)) < CSLOTS as u64
    ensures G.Governed(k, 79) && G.Says(k, 79, 5) == Policy.Permit(5) && !G.Deep(k, 79)
  {
    assert k.st.policy == 1;
    ThePolicyPermits(G.Asked(k, 79, 5));
    hide V.Valid;
    hide Registers;
    hide TheStructure;
    hide TheLog;
    hide G.Asked;
    hide B.HashOf;
    hide Policy.Decision;
    hide Policy.Admissible;
    assert G.Active(k) == Table();
    Shallow(Table()) by { TableWords(); hide Table; }
  }
  lemma RowChooses(k: Kernel)
    requires Calling(k)
    ensures G.P1(k) == Status.OK && Step.Row(k, 79, 5) == G.PolicyActivate_(k) && G.PolicyActivate_(k).acts == [PolicyActivate(1, 1, TheRuleset().digest)]
    ensures W.Room(k.log, 1, 2)
  {
    Arguments(k);
    Guards(k);
    LogIs();
    assert W.Room(k.log, 1, 1);
    hide V.Valid;
    hide Registers;
    hide Guard;
    hide Arg;
    hide TheStructure;
    hide TheRuleset;
    hide TheLog;
    hide W.Room;
  }
  lemma Passes(k: Kernel)
    requires Calling(k)
    ensures GateActs.CallsSealed(k) && Replay.Acts(k, Step.Hypercall(5)) == [PolicyActivate(1, 1, TheRuleset().digest), Proved(1, NONCE, 79, 5, false)]
  {
    TokenHolds(k);
    PolicyAllows(k);
    RowChooses(k);
    Arguments(k);
    hide *;
    reveal Calling, Runs, CALLS, Limits.LO32, Limits.CTXW, GateActs.CallsSealed, GateActs.Called, G.Sealed;
    var v := G.PolicyActivate_(k);
    var g := G.Gate(k, 79, 5, v);
    assert g.acts == v.acts + [Proved(1, NONCE, 79, 5, false)] by { reveal G.Gate, G.ProofOk, G.Decidable, G.Acted, G.Needs, G.RuleOf, PolicyLimits.NORULE; }
    assert Step.Call(k, 5) == g by { reveal Step.Call; }
    reveal Replay.Acts, Step.Decide;
  }
  /** There is a valid state in which a partition runs, has put a token into its registers and calls policy_activate, and this call acts: the policy permits
      it by its rule 5, the kernel accepts the nonce, and the last record is that of the proof. */
  lemma A_sealed_call_acts()
    ensures var k := StateWith(Registers()); Runs(k) && ActivePolicy.AllSound(k.policies) && GateActs.CallsSealed(k)
    ensures var k := StateWith(Registers());
      Replay.Acts(k, Step.Hypercall(5)) == [PolicyActivate(1, 1, TheRuleset().digest), Proved(1, NONCE, 79, 5, false)]
  {
    var k := StateWith(Registers());
    ItIsValid(Registers());
    ThePolicyPermits(seq(PolicyLimits.FIELDS as int, _ => 0));
    assert ActivePolicy.AllSound(k.policies) by { hide V.Valid; hide Policy.Admissible; hide B.HashOf; }
    assert Calling(k) by { hide V.Valid; hide TheStructure; hide TheLog; hide TheRuleset; hide Running; hide Registers; }
    Passes(k);
    hide *;
  }
}
