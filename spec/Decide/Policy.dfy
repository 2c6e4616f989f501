include "Proof.dfy"
include "../Policy.dfy"

/** P2: the proof token and the policy decide on a call of which P1 and its own row have nothing more to say. They take away and never give: Gate
    answers with the row's own verdict, with one record more (and a deep proof used up), or with a refusal. Also policy_activate. */
module DecidePolicy {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import opened Policy
  import D = DecideProof
  import C = Capabilities
  import E = Edges
  import W = Witness
  import Kinds
  import Status
  import Rights
  import Hash

  function Active(k: Kernel): Policy.Words { if 0 < k.st.policy as int <= |k.policies| then k.policies[k.st.policy - 1].words else [] }
  /** The calls that exist and that a policy may speak of. */
  predicate Decidable(n: u64) { n == 1 || n == 2 || n == 12 || 17 <= n <= 20 || n == 64 || n == 71 || 73 <= n <= 76 || n == 79 }
  predicate Governed(k: Kernel, n: u64) { Decidable(n) && Policy.Governs(Active(k), n as u32) }
  /** The calls that change what others hold: nothing of them without a token. */
  predicate Sealed(n: u64) { n == 12 || 17 <= n <= 20 || n == 71 || n == 79 }

  // ---- the token --------------------------------------------------------------------------------------------------------------

  //        63                                                8 7          0
  //       +-------------------------------------------------------------+
  //   x8  |          FNV-1a over the caller's number and x0–x7          |
  //   x9  |              derivation depth              |      tier      |
  //   x10 |             valid until (counts; at most WINDOW from now)   |
  //   x11 |  nonce: greater than all that this partition slot has used, |
  //       |         and at most «valid until»                           |
  //   x12 |             number of the object that x1 names              |
  //       +-------------------------------------------------------------+
  const TIER: u64 := 2                            // P2
  const DEEP: u64 := 3                            // P3
  const WINDOW: u64 := 62_500_000                 // counts: one second

  /** FNV-1a over the caller's number and its registers before x_n. */
  function Digest(k: Kernel, n: u32): u64
    requires Runs(k) && n <= 8
    decreases n
  {
    if n == 0 then Hash.Fnv8(Hash.BASIS, Me(k) as u64) else Hash.Fnv8(Digest(k, n - 1), Arg(k, n - 1))
  }
  /** The capability that x1 shows. */
  function Shown(k: Kernel): Cap requires Runs(k) && C.Slot(Arg(k, 1)) < CSLOTS as u64 { k.st.caps[C.Index(Me(k), Arg(k, 1))] }
  function P1(k: Kernel): u64 requires Runs(k) { Guard(k, Arg(k, 1), Kinds.None, 0) }
  function Nonce(k: Kernel): u64 requires Runs(k) { Arg(k, 11) }

  /** The eight tests. */
  predicate TokenOk(k: Kernel, now: u64)
    requires Runs(k) && C.Slot(Arg(k, 1)) < CSLOTS as u64
  {
    var c := Shown(k);
    && Rights.Subset(Rights.PROVE, c.rights)
    && Arg(k, 8) == Digest(k, 8)
    && Arg(k, 9) % 256 >= TIER
    && Arg(k, 9) / 256 == c.depth as u64 && c.depth <= MAXDEPTH
    && now <= Arg(k, 10)
    && Arg(k, 10) as int <= now as int + WINDOW as int
    && k.st.nonces[Me(k)] < Nonce(k) <= Arg(k, 10)
    && Arg(k, 12) == c.obj as u64
  }

  /** The active policy wants a deep proof of this call. */
  predicate Deep(k: Kernel, n: u64) requires Decidable(n) { Policy.Deep(Active(k), n as u32) }
  /** The tests of a deep proof: the token claims one, and the caller's job has found its certificate good, for just this call. */
  predicate DeepOk(k: Kernel)
    requires Runs(k)
  {
    var j := D.JobOf(k.vol, Me(k));
    Arg(k, 9) % 256 >= DEEP && j.state == D.GOOD && j.goal == Arg(k, 8)
  }
  /** The proof that call n needs is there. */
  predicate ProofOk(k: Kernel, n: u64, now: u64)
    requires Runs(k) && Decidable(n) && C.Slot(Arg(k, 1)) < CSLOTS as u64
  {
    TokenOk(k, now) && (Deep(k, n) ==> DeepOk(k))
  }

  // ---- the request ------------------------------------------------------------------------------------------------------------

  /** The partition that the call is about: the receiver of a grant, the partition or the other end of the edge that x1 names; 0 if none. */
  function Target(k: Kernel, n: u64): u64
    requires Runs(k) && C.Slot(Arg(k, 1)) < CSLOTS as u64
  {
    var c, to := Shown(k), Arg(k, 2);
    if n == 1 then (if to == 0 then Me(k) as u64 else if Guard(k, to, Kinds.Partition, Rights.WRITE) == Status.OK then Object(k, to) as u64 else 0)
    else if c.kind == Kinds.Partition then c.obj as u64
    else if c.kind == Kinds.CommEdge && c.obj < NEDGE then (if k.st.edges[c.obj].src == Me(k) then k.st.edges[c.obj].dst as u64 else k.st.edges[c.obj].src as u64)
    else 0
  }
  const COUNTS: u64 := 62_500                     // counts of a millisecond
  const UNSAID: u64 := 15                         // no region policy, no permission
  const FLOW: u64 := 1
  /** The values of the eighteen fields (docs/policy.md). */
  function Asked(k: Kernel, n: u64, now: u64): Request
    requires Runs(k) && C.Slot(Arg(k, 1)) < CSLOTS as u64
  {
    var c := Shown(k);
    var region := c.kind == Kinds.Region && c.obj < NREGION;
    var device := c.kind == Kinds.DeviceLease && c.obj as int < |k.devices|;
    var g := if region then k.st.memory.regions[c.obj] else if device then Region(0, 0, 0, k.devices[c.obj].pages, k.devices[c.obj].frame) else Region(0, 0, 0, 0, 0);
    [Me(k) as u64, Target(k, n), c.kind as u64, c.obj as u64, if region then g.policy as u64 else UNSAID, 0, g.frame, g.pages,
     if n == 2 then Arg(k, 5) else UNSAID, if n == 1 then Arg(k, 3) else 0, c.depth as u64,
     if n == 12 then Arg(k, 4) else if n == 17 then Arg(k, 2) else 0, if n == 12 then Arg(k, 5) else 0, if n == 12 then Arg(k, 2) else 0,
     now, now / COUNTS, FLOW, if n == 19 || n == 71 then Arg(k, 2) else 0]
  }
  function Says(k: Kernel, n: u64, now: u64): Ruling
    requires Runs(k) && C.Slot(Arg(k, 1)) < CSLOTS as u64 && Decidable(n)
  {
    Policy.Decision(Active(k), n as u32, Asked(k, n, now))
  }

  // ---- the gate ---------------------------------------------------------------------------------------------------------------

  /** Records that the call needs besides that of its proof. */
  function Needs(k: Kernel, n: u64): u64
    requires Runs(k)
  {
    if n == 12 then (if Arg(k, 4) <= RING then Arg(k, 4) + 8 else 0) else if n == 17 || n == 19 then 3 else if n == 20 then 2 else 1
  }
  /** Has the verdict done something besides refusing? */
  predicate Acted(v: Verdict) { |v.acts| > 0 && !v.acts[0].Reject? }
  /** How a refusal names the rule that denies: above the function id, plus 1. */
  function Named(n: u64, rule: u64): u64 requires n < LO32 - CALLS && rule <= PolicyLimits.NORULE as u64 { CALLS + n + (rule + 1) * LO32 }
  function RuleOf(r: Ruling): u64 { if r.rule <= PolicyLimits.NORULE as u64 then r.rule else PolicyLimits.NORULE as u64 }

  /** A call that took a deep proof has used it up. */
  function Spend(k: Kernel, n: u64, v: Volatile): Volatile requires Runs(k) && Decidable(n) { if Deep(k, n) then D.Spent(v, Me(k)) else v }

  /** What becomes of governed call n, which by its own row would come to v. One opaque status for all of P2's refusals. */
  function Gate(k: Kernel, n: u64, now: u64, v: Verdict): Verdict
    requires Runs(k) && Decidable(n)
  {
    if P1(k) != Status.OK then Refuse(k, CALLS + n, P1(k))
    else
      var s := Says(k, n, now);
      if s.Deny? then Refuse(k, Named(n, RuleOf(s)), Status.ProofInvalid)
      else if !Sealed(n) then v
      else if !ProofOk(k, n, now) then Refuse(k, CALLS + n, Status.ProofInvalid)
      else if !W.Room(k.log, Me(k), Needs(k, n) + 1) then Answer(k, Status.WitnessLogFull)
      else if Acted(v) then v.(acts := v.acts + [Proved(Me(k), Nonce(k), n as u32, RuleOf(s) as u32, Deep(k, n))], vol := Spend(k, n, v.vol))
      else v
  }

  /** policy_activate: x1 a capability for the policy, x2 the number of one that came with the bundle. */
  function PolicyActivate_(k: Kernel): Verdict
    requires Runs(k)
  {
    var i := Arg(k, 2);
    var g := Guard(k, Arg(k, 1), Kinds.Policy, Rights.WRITE);
    if g != Status.OK then Refuse(k, CALLS + 79, g)
    else if i == 0 || i > |k.policies| as u64 then Refuse(k, CALLS + 79, Status.ResourceLimitExceeded)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Verdict([PolicyActivate(Me(k), i as u32, k.policies[i - 1].digest)], SetReg(k.vol, Me(k), 0, Status.OK), [])
  }
}
