include "Channels.dfy"
include "Integrity.dfy"

/** Every channel can be used: the definition of a channel is not wider than what a call can do. */
module {:compile false} ChannelsUsed {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened Channels
  import opened Standard
  import Integrity
  import IntegrityCalls
  import C = Capabilities
  import W = Witness
  import V = Valid
  import DP = DecidePartition
  import Step
  import G = DecidePolicy
  import Kinds
  import Status
  import Rights

  /** The running partition leaves this in its registers and calls, and p sees something else than before. */
  ghost predicate Works(k: Kernel, saved: seq<u64>, now: u64, p: u32) requires Runs(k) {
    && |saved| == SAVED as int && p < NPART && Sized(k)
    && var l := Step.Step(k, Step.Ran(saved, now)).k;
       V.Valid(l) && Sized(Step.Step(l, Step.Hypercall(now)).k) && See(Step.Step(l, Step.Hypercall(now)).k, p) != See(k, p)
  }
  /** It calls what the policy governs, and what that call does unless the policy denies it p sees. */
  ghost predicate Would(k: Kernel, saved: seq<u64>, now: u64, p: u32) requires Runs(k) {
    && |saved| == SAVED as int && p < NPART && Sized(k)
    && var l := Step.Step(k, Step.Ran(saved, now)).k;
       Calls(l) && G.Governed(l, Number(l)) && Sized(Then(l, now)) && See(Then(l, now), p) != See(k, p)
  }
  ghost predicate CanDisturb(k: Kernel, now: u64, p: u32) requires Runs(k) { exists saved: seq<u64> :: Works(k, saved, now, p) }
  ghost predicate CouldDisturb(k: Kernel, now: u64, p: u32) requires Runs(k) { CanDisturb(k, now, p) || exists saved: seq<u64> :: Would(k, saved, now, p) }

  /** All as it was, but for x0, x1 and x2. */
  ghost function Puts(k: Kernel, x0: u64, x1: u64, x2: u64): seq<u64> requires Runs(k) {
    var b := (Me(k) * CTXW) as int;
    [x0, x1, x2] + k.vol.regs[b + 3..b + SAVED as int]
  }
  lemma Asking(k: Kernel, x0: u64, x1: u64, x2: u64, now: u64)
    requires Runs(k)
    ensures |Puts(k, x0, x1, x2)| == SAVED as int && Asks(k, x0, x1, x2) == Step.Step(k, Step.Ran(Puts(k, x0, x1, x2), now)).k
  {
    assert |k.vol.regs| == NCTX as int && Me(k) < NPART;
    hide V.Valid;
    var b, saved := (Me(k) * CTXW) as int, Puts(k, x0, x1, x2);
    assert k.vol.regs[..b] + saved + k.vol.regs[b + SAVED as int..] == Asks(k, x0, x1, x2).vol.regs;
    assert Step.Left(k, saved) == Verdict([], Asks(k, x0, x1, x2).vol, []);
  }
  /** A call that the policy does not govern does what its row does. */
  lemma Ungoverned(l: Kernel, now: u64)
    requires Calls(l) && !G.Governed(l, Number(l))
    ensures Step.Step(l, Step.Hypercall(now)).k == Then(l, now)
  {
    hide *;
    reveal Calls, Number, Runs, Rowed, Then, Step.Step, Step.Decide, Step.Call, Step.Commit, CALLS, Limits.LO32, Limits.CTXW;
    if Number(l) > 80 {
      reveal Step.Row, Step.StandardCall, SMCCC_VERSION, PSCI_VERSION, SYSTEM_OFF, SYSTEM_RESET, PSCI_FEATURES, VENDOR_UID;
    }
  }
  /** Whoever changes by a call with these arguments what p sees can do so, or could if the policy let it. */
  lemma ByCall(k: Kernel, x0: u64, x1: u64, x2: u64, now: u64, p: u32)
    requires Runs(k) && 0 < p < NPART && p != Me(k) && Disturbs(Asks(k, x0, x1, x2), now, p)
    ensures CouldDisturb(k, now, p)
  {
    hide *;
    reveal Runs, Me, Limits.NPART, Disturbs, CanDisturb, CouldDisturb;
    Asking(k, x0, x1, x2, now);
    Integrity.What_another_computes_is_not_seen(k, Puts(k, x0, x1, x2), now, p);
    var l := Asks(k, x0, x1, x2);
    assert V.Valid(l) by { reveal Calls; }
    if G.Governed(l, Number(l)) {
      assert Would(k, Puts(k, x0, x1, x2), now, p) by { reveal Would; }
    } else {
      Ungoverned(l, now);
      assert Works(k, Puts(k, x0, x1, x2), now, p) by { reveal Works; }
    }
  }

  lemma SameTies(k: Kernel, l: Kernel, r: u32, p: u32)
    requires Sized(k) && Sized(l) && l.st == k.st && p < NPART
    ensures Tied(l, r, p) == Tied(k, r, p)
  {
    hide HeldIn;
    forall s: u32 | s < CSLOTS ensures TiedBy(l, p, s, r) == TiedBy(k, p, s, r) {}
  }
  lemma SameConcerns(k: Kernel, l: Kernel, e: u32, p: u32)
    requires Sized(k) && Sized(l) && l.st == k.st && p < NPART
    ensures Concerns(l, e, p) == Concerns(k, e, p)
  {
    hide HeldIn;
    forall s: u32 | s < CSLOTS ensures HoldsEdge(l, p, s, e) == HoldsEdge(k, p, s, e) {}
  }
  /** The handle of the caller's slot s. */
  ghost function HandleOf(k: Kernel, s: u32): u64 requires Runs(k) && s < CSLOTS { C.Handle(s, k.st.caps[Me(k) * CSLOTS + s].gen) }
  lemma Handles(s: u32, gen: u32)
    requires s < CSLOTS
    ensures C.Slot(C.Handle(s, gen)) == s as u64 && C.Gen(C.Handle(s, gen)) == gen
  {}
  /** The handle of what is wielded passes the guard, in whatever state has the same capabilities. */
  lemma Passes(k: Kernel, l: Kernel, s: u32, kind: u32, rights: u32)
    requires Runs(k) && Runs(l) && l.st == k.st && Me(l) == Me(k) && s < CSLOTS && kind != Kinds.None && Wields(k, Me(k), s, kind, rights)
    ensures var h, c := HandleOf(k, s), k.st.caps[Me(k) * CSLOTS + s];
      && C.Slot(h) == s as u64 && Guard(l, h, kind, rights) == Status.OK && Object(l, h) == c.obj
      && c.kind == kind && C.SlotOk(c) && c.ogen <= GENMAX && ObjectGen(k.st, kind, c.obj) == c.ogen
  {
    var i := Me(k) * CSLOTS + s;
    Handles(s, k.st.caps[i].gen);
    assert C.SlotOk(k.st.caps[i as int]);
    assert C.Live(k.st.caps, i, k.st.caps[i].gen);
    assert V.Older(k.st, k.st.caps[i as int]) by { reveal V.Aged(); }
    hide V.Valid;
    hide C.LiveAt;
    hide Path;
  }
  lemma ByExit(k: Kernel, now: u64, p: u32)
    requires Runs(k) && 0 < p < NPART && p != Me(k) && Tied(k, Me(k), p)
    ensures CouldDisturb(k, now, p)
  {
    Asked(k, CALLS + 66, 0, 0);
    var l := Asks(k, CALLS + 66, 0, 0);
    assert Sized(k) && Sized(l);
    hide *;
    reveal Runs, Limits.NPART;
    SameTies(k, l, Me(k), p);
    Exits(l, now, p);
    ByCall(k, CALLS + 66, 0, 0, now, p);
  }
  lemma ByEnding(k: Kernel, now: u64, s: u32, r: u32, p: u32)
    requires Runs(k) && 0 < p < NPART && p != Me(k) && 0 < r < NPART && r != Me(k) && (r == p || Tied(k, r, p))
    requires s < CSLOTS && Wields(k, Me(k), s, Kinds.Partition, Rights.REVOKE) && k.st.caps[Me(k) * CSLOTS + s].obj == r
    ensures CouldDisturb(k, now, p)
  {
    var h := HandleOf(k, s);
    Asked(k, CALLS + 75, h, 0);
    var l := Asks(k, CALLS + 75, h, 0);
    Passes(k, l, s, Kinds.Partition, Rights.REVOKE);
    assert Sized(k) && Sized(l) && |k.st.parts| == NPART as int;
    assert DP.Other(l, h, Rights.REVOKE) == Status.OK by { hide V.Valid; hide Guard; }
    assert l.st.parts[r].life != Kinds.Free by { hide V.Valid; hide Guard; }
    hide *;
    reveal Runs, Limits.NPART, Limits.CSLOTS;
    SameTies(k, l, r, p);
    Terminates(l, now, p);
    ByCall(k, CALLS + 75, h, 0, now, p);
  }
  lemma ByLife(k: Kernel, now: u64, s: u32, p: u32)
    requires Runs(k) && 0 < p < NPART && p != Me(k) && W.Room(k.log, Me(k), 1) && Kinds.Free < k.st.parts[p].life <= Kinds.Suspended
    requires s < CSLOTS && Wields(k, Me(k), s, Kinds.Partition, Rights.WRITE) && k.st.caps[Me(k) * CSLOTS + s].obj == p
    ensures CouldDisturb(k, now, p)
  {
    var h := HandleOf(k, s);
    var f := CALLS + (if k.st.parts[p].life == Kinds.Started then 74 else 73);
    Asked(k, f, h, 0);
    var l := Asks(k, f, h, 0);
    Passes(k, l, s, Kinds.Partition, Rights.WRITE);
    assert DP.Other(l, h, Rights.WRITE) == Status.OK by { hide V.Valid; hide Guard; }
    assert l.st.parts[p].life == Kinds.Created || l.st.parts[p].life == Kinds.Started || l.st.parts[p].life == Kinds.Suspended;
    assert W.Tables(l.log) && |l.st.parts| == NPART as int;
    hide *;
    reveal Runs, Limits.NPART, Limits.CSLOTS;
    StartsOrSuspends(l, now, p);
    ByCall(k, f, h, 0, now, p);
  }
  lemma ByDestroying(k: Kernel, now: u64, s: u32, p: u32)
    requires Runs(k) && 0 < p < NPART && p != Me(k) && W.Room(k.log, Me(k), 1)
    requires s < CSLOTS && Wields(k, Me(k), s, Kinds.CommEdge, Rights.REVOKE) && Concerns(k, k.st.caps[Me(k) * CSLOTS + s].obj, p)
    ensures CouldDisturb(k, now, p)
  {
    var h, e := HandleOf(k, s), k.st.caps[Me(k) * CSLOTS + s].obj;
    Asked(k, CALLS + 18, h, 0);
    var l := Asks(k, CALLS + 18, h, 0);
    Passes(k, l, s, Kinds.CommEdge, Rights.REVOKE);
    assert Sized(k) && Sized(l) && W.Tables(l.log) && e < NEDGE;
    hide *;
    reveal Runs, Limits.NPART, Limits.CSLOTS;
    SameConcerns(k, l, e, p);
    Destroys(l, now, p);
    ByCall(k, CALLS + 18, h, 0, now, p);
  }
  lemma ByDraining(k: Kernel, now: u64, s: u32, p: u32)
    requires Runs(k) && W.Tables(k.log) && 0 < p < NPART && p != Me(k) && W.Room(k.log, Me(k), 1) && k.log.used[p] != 0
    requires s < CSLOTS && Wields(k, Me(k), s, Kinds.WitnessLog, Rights.WITNESS)
    ensures CouldDisturb(k, now, p)
  {
    assert |k.log.records| <= TIMEMAX as int;
    var h, n := HandleOf(k, s), |k.log.records| as u64;
    Asked(k, CALLS + 72, h, n);
    var l := Asks(k, CALLS + 72, h, n);
    Passes(k, l, s, Kinds.WitnessLog, Rights.WITNESS);
    hide *;
    reveal Runs, Limits.NPART, Limits.CSLOTS;
    assert |l.log.used| == NPART as int by { reveal W.Tables; }
    Drains(l, now, p);
    ByCall(k, CALLS + 72, h, n, now, p);
  }
  ghost predicate MayDrain(k: Kernel, q: u32) requires Sized(k) && q < NPART {
    exists s: u32 :: s < CSLOTS && Wields(k, q, s, Kinds.WitnessLog, Rights.WITNESS)
  }
  /** Every channel can be used: a running partition that has one to another, and a record to spare, can change by one call what the other sees, or
      could if the policy that governs the call let it; only the drain of the log changes nothing for one that has used nothing of its quota. */
  lemma Every_channel_can_be_used(k: Kernel, now: u64, p: u32)
    requires Runs(k) && W.Tables(k.log) && 0 < p < NPART && p != Me(k) && Kinds.Free < k.st.parts[p].life <= Kinds.Suspended
    requires W.Room(k.log, Me(k), 1)
    requires Channel(k, Me(k), p)
    ensures CouldDisturb(k, now, p) || (MayDrain(k, Me(k)) && k.log.used[p] == 0)
  {
    var q := Me(k);
    assert Sized(k);
    hide V.Valid;
    hide CouldDisturb;
    hide Wields;
    hide Tied;
    hide Concerns;
    hide W.Room;
    if Tied(k, q, p) { ByExit(k, now, p); }
    else if s: u32 :| s < CSLOTS && k.st.caps[q * CSLOTS + s].obj == p && Wields(k, q, s, Kinds.Partition, Rights.WRITE) { ByLife(k, now, s, p); }
    else if s: u32 :| s < CSLOTS && k.st.caps[q * CSLOTS + s].obj == p && Wields(k, q, s, Kinds.Partition, Rights.REVOKE) {
      ByEnding(k, now, s, p, p);
    }
    else if r: u32 :| 0 < r < NPART && MayEnd(k, q, r) && Tied(k, r, p) {
      var s: u32 :| s < CSLOTS && k.st.caps[q * CSLOTS + s].obj == r && Wields(k, q, s, Kinds.Partition, Rights.REVOKE);
      ByEnding(k, now, s, r, p);
    }
    else if s: u32 :| s < CSLOTS && Wields(k, q, s, Kinds.CommEdge, Rights.REVOKE) && Concerns(k, k.st.caps[q * CSLOTS + s].obj, p) {
      ByDestroying(k, now, s, p);
    }
    else {
      var s: u32 :| s < CSLOTS && Wields(k, q, s, Kinds.WitnessLog, Rights.WITNESS);
      if k.log.used[p] != 0 { ByDraining(k, now, s, p); }
    }
  }
}
