include "Revocation.dfy"
include "GrantsAtBoot.dfy"

/** Where every capability comes from: the boot bundle, the making of an object, or a chain of delegations from one of those. */
module {:compile false} Grants {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Orderly
  import opened Reachable
  import opened Traces
  import opened StepPreservesValid
  import C = Capabilities
  import D = CapabilityTheorems
  import V = Valid
  import Step
  import OrderlyEvents
  import Attenuation
  import Authority
  import Replay
  import Revocation
  import GrantsAtBoot
  import Kinds
  import Status
  import Rights

  // ---- what a slot goes through ---------------------------------------------------------------------------------------------------------

  /** The action puts a capability into entry i. */
  ghost predicate Puts(a: Action, i: u32) {
    (a.CapGrant? && a.to < NPART && a.slot < CSLOTS && a.to * CSLOTS + a.slot == i) || (a.CapDelegate? && Revocation.Gives(a, Giver(a), i))
  }
  /** The entry that a delegation is from. */
  ghost function Giver(a: Action): u32 requires a.CapDelegate? { if a.who < NPART && a.src < CSLOTS then a.who * CSLOTS + a.src else NCAP }
  /** The capability c in an entry has become d: it was emptied, or is the same with less rights perhaps (GRANT_ONCE is used up) and
      a later generation (it was revoked). */
  ghost predicate Stays(c: Cap, d: Cap) {
    && Rights.Subset(d.rights, c.rights)
    && (d.kind != Kinds.None ==> c.kind != Kinds.None && c.gen <= d.gen && d == c.(gen := d.gen, rights := d.rights))
  }
  lemma StaysItself(c: Cap) ensures Stays(c, c) { Rights.SubsetOfItself(c.rights); }
  lemma StaysChain(c: Cap, d: Cap, e: Cap) requires Stays(c, d) && Stays(d, e) ensures Stays(c, e) {
    Rights.SubsetIsTransitive(e.rights, d.rights, c.rights); }

  lemma NotPut(s: Structure, a: Action, i: u32)
    requires Tables(s) && i < NCAP && !Puts(a, i)
    ensures Stays(s.caps[i], A.Apply(s, a).caps[i])
  {
    var c := s.caps[i];
    StaysItself(c);
    Revocation.NoRights(c.rights);
    Attenuation.Parent(c.rights);
    hide A.End;
    if a.PartitionEnd? && 0 < a.p < NPART { Ended(s, a.p); }
    hide C.ParentRights;
    hide C.ChildRights;
    hide Rights.Subset;
  }
  /** What a grant at boot or by the maker of an object puts into an entry. t: the state after the event. */
  ghost predicate Root(t: Structure, a: Action, c: Cap) requires Tables(t) {
    a.CapGrant? && Orderly.Exists(t, a.kind, a.target) && c == Cap(c.gen, a.kind, a.target, ObjectGen(t, a.kind, a.target), a.rights, 0, 0, 0)
  }
  /** What a delegation puts into an entry: the giver's object, a subset of its rights and of what was asked for, one level deeper. */
  ghost predicate Derived(s: Structure, a: Action, c: Cap) requires Tables(s) {
    a.CapDelegate? && Giver(a) < NCAP && var p := s.caps[Giver(a)];
      p.kind != Kinds.None && c == Cap(c.gen, p.kind, p.obj, p.ogen, c.rights, c.depth, Giver(a), p.gen) && c.depth as int == p.depth as int + 1
      && Rights.Subset(c.rights, p.rights) && Rights.Subset(c.rights, a.rights)
  }
  /** After a grant that is followed by grants and the record of a proof only, the entry is as the grant left it, and so is its object. */
  lemma GrantsOnly(s: Structure, acts: seq<Action>, i: u32)
    requires Inv(s) && AllProper(s, acts) && AllGrants(acts) && i < NCAP && s.caps[i].kind != Kinds.None
    ensures var t := ApplyAll(s, acts); Tables(t) && t == s.(caps := t.caps, nonces := t.nonces) && t.caps[i] == s.caps[i]
    decreases |acts|
  {
    hide D.LinksOk;
    hide Peopled;
    hide Dated;
    if |acts| > 0 {
      assert acts[0].CapGrant? || acts[0].Proved?;
      var s1 := A.Apply(s, acts[0]);
      assert s1 == s.(caps := s1.caps, nonces := s1.nonces) && s1.caps[i] == s.caps[i];
      OneAction(s, acts[0]);
      hide A.Apply;
      hide Proper;
      forall x | 0 <= x < |acts[1..]| ensures acts[1..][x].CapGrant? || acts[1..][x].Proved? { assert acts[x + 1].CapGrant? || acts[x + 1].Proved?; }
      GrantsOnly(s1, acts[1..], i);
    }
  }
  ghost predicate Rooted(t: Structure, acts: seq<Action>, i: u32) requires Tables(t) && i < NCAP {
    exists x :: 0 <= x < |acts| && acts[x].CapGrant? && Puts(acts[x], i) && Root(t, acts[x], t.caps[i])
  }
  lemma Several(s: Structure, acts: seq<Action>, i: u32)
    requires Inv(s) && AllProper(s, acts) && i < NCAP && forall x :: 0 <= x < |acts| ==> !acts[x].CapDelegate?
    ensures var t := ApplyAll(s, acts); Tables(t) && (Stays(s.caps[i], t.caps[i]) || Rooted(t, acts, i))
    ensures (forall x :: 0 <= x < |acts| ==> !Puts(acts[x], i)) ==> Stays(s.caps[i], ApplyAll(s, acts).caps[i])
    decreases |acts|
  {
    hide Puts;
    hide Proper;
    hide Root;
    hide Dated;
    hide Peopled;
    hide D.LinksOk;
    StaysItself(s.caps[i]);
    if |acts| > 0 {
      var a, rest, s1 := acts[0], acts[1..], A.Apply(s, acts[0]);
      var t := ApplyAll(s1, rest);
      OneAction(s, a);
      assert ApplyAll(s, acts) == t;
      if Puts(a, i) {
        assert a.CapGrant? by { reveal Puts; }
        Minted(s, a, i);
        GrantsOnly(s1, rest, i);
        hide A.Apply;
        hide ApplyAll;
        assert Root(t, a, t.caps[i]) by { reveal Root; }
        assert acts[0] == a;
        assert Rooted(t, acts, i);
      } else {
        NotPut(s, a, i);
        hide A.Apply;
        hide ApplyAll;
        Several(s1, rest, i);
        if Stays(s1.caps[i], t.caps[i]) { StaysChain(s.caps[i], s1.caps[i], t.caps[i]); }
        else {
          var x :| 0 <= x < |rest| && rest[x].CapGrant? && Puts(rest[x], i) && Root(t, rest[x], t.caps[i]);
          assert acts[x + 1] == rest[x];
        }
      }
    }
  }
  lemma Minted(s: Structure, a: Action, i: u32)
    requires Inv(s) && Proper(s, a) && Puts(a, i) && a.CapGrant? && i < NCAP
    ensures var t := A.Apply(s, a); Tables(t) && t.caps[i].kind != Kinds.None && Root(t, a, t.caps[i])
  {}

  // ---- events -------------------------------------------------------------------------------------------------------------------------------

  /** The action comes of the boot bundle, or of a call of the running partition, which holds what the table Authorised asks for. */
  ghost predicate Entitled(k: Kernel, e: Step.Event, a: Action) requires V.Valid(k) {
    if e.Begin? || e.Boot? then k.booting && GrantsAtBoot.FromBoot(a) else e.Hypercall? && Runs(k) && Authority.Authorised(k, Me(k), a)
  }
  /** Event e's action a has put into entry i the capability that is there in t, the state after. */
  ghost predicate Filled(k: Kernel, e: Step.Event, a: Action, i: u32, t: Structure) requires V.Valid(k) && Tables(t) && i < NCAP {
    a in Replay.Acts(k, e) && Puts(a, i) && Entitled(k, e, a) && (Root(t, a, t.caps[i]) || Derived(k.st, a, t.caps[i]))
  }
  lemma WhoActs(k: Kernel, e: Step.Event, a: Action)
    requires V.Valid(k) && a in Replay.Acts(k, e) && (a.CapGrant? || a.CapDelegate?)
    ensures Entitled(k, e, a)
  {
    hide *;
    reveal Replay.Acts, Step.Decide, Runs, Entitled;
    var acts := Replay.Acts(k, e);
    var i :| 0 <= i < |acts| && acts[i] == a;
    assert Step.Nothing(k).acts == [] by { reveal Step.Nothing; }
    if e.Begin? || e.Boot? { GrantsAtBoot.Boot(k, e); reveal GrantsAtBoot.AllFromBoot; }
    else if e.Hypercall? { Authority.No_structural_change_without_a_capability(k, e.now, i); }
    else {
      reveal Authority.AtMostEnds;
      Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, acts[i]);
    }
  }
  lemma DelegationFills(s: Structure, a: Action, i: u32)
    requires Tables(s) && Proper(s, a) && a.CapDelegate? && i < NCAP && C.DeriveCheck(s.caps, Giver(a), a.rights) == Status.OK
    requires Giver(a) < NCAP
    ensures var t := A.Apply(s, a); if Puts(a, i) then t.caps[i].kind != Kinds.None && Derived(s, a, t.caps[i]) else Stays(s.caps[i], t.caps[i])
  {
    if Puts(a, i) {
      Attenuation.Granted_capability_has_no_more_rights_than_its_parent(s.caps, i, Giver(a), a.rights);
      hide Rights.Subset;
      hide C.ChildRights;
      hide C.ParentRights;
    } else { NotPut(s, a, i); }
  }
  /** An event leaves an entry's capability as it was, or takes from it, or has put it there. */
  lemma OneEvent(k: Kernel, e: Step.Event, i: u32)
    requires V.Valid(k) && Inv(k.st) && V.Valid(Step.Step(k, e).k) && i < NCAP
    ensures var t := Step.Step(k, e).k.st; Tables(t) && (Stays(k.st.caps[i], t.caps[i]) || exists a :: Filled(k, e, a, i, t))
    ensures (forall a :: a in Replay.Acts(k, e) ==> !Puts(a, i)) ==> Stays(k.st.caps[i], Step.Step(k, e).k.st.caps[i])
  {
    hide *;
    reveal OrderlyEvents.EventInOrder, Inv, Filled;
    Replay.HasTables(k);
    Replay.HasTables(Step.Step(k, e).k);
    OrderlyEvents.Every_event_is_in_order(k, e);
    Replay.StepIs(k, e);
    assert i as int < |k.st.caps| == |Step.Step(k, e).k.st.caps| by { reveal Tables, C.Table, NCAP; }
    var acts, t := Replay.Acts(k, e), Step.Step(k, e).k.st;
    if x: int :| 0 <= x < |acts| && acts[x].CapDelegate? {
      var a := acts[x];
      Revocation.DelegatedAlone(k, e, a);
      WhoActs(k, e, a);
      assert C.DeriveCheck(k.st.caps, Giver(a), a.rights) == Status.OK && Giver(a) < NCAP by {
        reveal Entitled, Authority.Authorised, Authority.HoldsIn, Giver, NCAP, NPART, CSLOTS, Runs; }
      DelegationFills(k.st, a, i);
      if Puts(a, i) { assert Filled(k, e, a, i, t); }
    } else {
      Several(k.st, acts, i);
      if !Stays(k.st.caps[i], t.caps[i]) {
        reveal Rooted;
        var x :| 0 <= x < |acts| && acts[x].CapGrant? && Puts(acts[x], i) && Root(t, acts[x], t.caps[i]);
        WhoActs(k, e, acts[x]);
        assert Filled(k, e, acts[x], i, t);
      }
    }
  }

  // ---- the chain of grants --------------------------------------------------------------------------------------------------------------------

  /** Event n, by its action a, put a capability into entry i, and since then it has been there, with less rights perhaps. */
  ghost predicate Given(k: Kernel, es: seq<Step.Event>, n: nat, a: Action, i: u32) requires V.Valid(k) && n < |es| && i < NCAP {
    var s, t := At(k, es, n), At(k, es, n + 1);
    && Filled(s, es[n], a, i, t.st)
    && forall m: nat {:trigger At(k, es, m)} :: n < m <= |es| ==>
         At(k, es, m).st.caps[i].kind != Kinds.None && Stays(t.st.caps[i], At(k, es, m).st.caps[i])
  }
  /** The capability in entry i was put there by an event; if by a delegation, its giver held one like it then, which itself was put there so. */
  ghost predicate Chain(k: Kernel, es: seq<Step.Event>, i: u32)
    requires V.Valid(k) && i < NCAP
    decreases |es|
  {
    exists n: nat, a: Action :: n < |es| && Given(k, es, n, a, i) && (a.CapDelegate? ==> Giver(a) < NCAP && Chain(k, es[..n], Giver(a)))
  }
  lemma Sizes() ensures forall k: Kernel {:trigger V.Valid(k)} :: V.Valid(k) ==> |k.st.caps| == NCAP as int {}
  lemma Kept(k: Kernel, es: seq<Step.Event>, fs: seq<Step.Event>, e: Step.Event, i: u32)
    requires V.Valid(k) && es == fs + [e] && i < NCAP && Chain(k, fs, i)
    requires After(k, es).st.caps[i].kind != Kinds.None && Stays(After(k, fs).st.caps[i], After(k, es).st.caps[i])
    ensures Chain(k, es, i)
  {
    Sizes();
    hide *;
    reveal Chain, Given;
    var n: nat, a: Action :| n < |fs| && Given(k, fs, n, a, i) && (a.CapDelegate? ==> Giver(a) < NCAP && Chain(k, fs[..n], Giver(a)));
    assert fs == es[..|fs|] && es[n] == fs[n] && es[..n] == fs[..n];
    Prefix(k, es, n, |fs|);
    Prefix(k, es, n + 1, |fs|);
    var c := At(k, es, n + 1).st.caps[i];
    forall m: nat | n < m <= |es| ensures At(k, es, m).st.caps[i].kind != Kinds.None && Stays(c, At(k, es, m).st.caps[i]) {
      if m <= |fs| { Prefix(k, es, m, |fs|); assert At(k, fs, m) == At(k, es, m); }
      else {
        Ends(k, es);
        Ends(k, fs);
        assert At(k, fs, |fs|) == After(k, fs);
        StaysChain(c, After(k, fs).st.caps[i], After(k, es).st.caps[i]);
      }
    }
    assert Given(k, es, n, a, i);
  }
  lemma Anew(k: Kernel, es: seq<Step.Event>, fs: seq<Step.Event>, e: Step.Event, a: Action, i: u32)
    requires V.Valid(k) && es == fs + [e] && i < NCAP && After(k, es).st.caps[i].kind != Kinds.None
    requires Filled(After(k, fs), e, a, i, After(k, es).st) && (a.CapDelegate? ==> Giver(a) < NCAP && Chain(k, fs, Giver(a)))
    ensures Chain(k, es, i)
  {
    Sizes();
    hide *;
    reveal Chain, Given;
    var n := |fs|;
    assert es[..n] == fs && es[n] == e;
    Prefix(k, es, n, n);
    Ends(k, fs);
    Ends(k, es);
    forall m: nat | n < m <= |es| ensures At(k, es, m).st.caps[i].kind != Kinds.None && Stays(At(k, es, n + 1).st.caps[i], At(k, es, m).st.caps[i]) {
      assert m == |es|;
      StaysItself(After(k, es).st.caps[i]);
    }
    assert Given(k, es, n, a, i);
  }
  lemma NothingAtFirst(k: Kernel, i: u32)
    requires First(k) && i < NCAP
    ensures k.st.caps[i].kind == Kinds.None
  {}
  lemma Traceable(k: Kernel, es: seq<Step.Event>, i: u32)
    requires First(k) && V.Valid(k) && i < NCAP && After(k, es).st.caps[i].kind != Kinds.None
    ensures Chain(k, es, i)
    decreases |es|
  {
    Sizes();
    hide *;
    if |es| == 0 {
      NothingAtFirst(k, i);
      assert After(k, es) == k by { reveal After; }
    } else {
      var fs, e := es[..|es| - 1], es[|es| - 1];
      assert es == fs + [e];
      var s := After(k, fs);
      In_every_reachable_state(k, fs);
      Snoc(k, fs, e);
      OneEvent(s, e, i);
      var t := After(k, es).st;
      if Stays(s.st.caps[i], t.caps[i]) {
        assert s.st.caps[i].kind != Kinds.None by { reveal Stays; }
        Traceable(k, fs, i);
        Kept(k, es, fs, e, i);
      } else {
        var a :| Filled(s, e, a, i, t);
        if a.CapDelegate? {
          assert Giver(a) < NCAP && s.st.caps[Giver(a)].kind != Kinds.None by { reveal Filled, Root, Derived; }
          Traceable(k, fs, Giver(a));
        }
        Anew(k, es, fs, e, a, i);
      }
    }
  }
  /** A partition holds only what the boot bundle or a chain of grants gave it: each capability was put where it is by the boot bundle, or for
      the maker of its object, or by somebody who held one for the same object with at least its rights, one level nearer to the root, and had come by it so. */
  lemma A_partition_holds_only_what_it_was_given(k: Kernel, es: seq<Step.Event>, q: u32, s: u32)
    requires First(k) && q < NPART && s < CSLOTS
    ensures V.Valid(k) && (After(k, es).st.caps[q * CSLOTS + s].kind != Kinds.None ==> Chain(k, es, q * CSLOTS + s))
  {
    Initially(k);
    var i := q * CSLOTS + s;
    hide After;
    hide Chain;
    if After(k, es).st.caps[i].kind != Kinds.None { Traceable(k, es, i); }
  }
  /** No capability is more than eight delegations away from the boot bundle's grant or the maker's. */
  lemma No_capability_is_deeper_than_eight(k: Kernel, es: seq<Step.Event>, q: u32, s: u32)
    requires First(k) && q < NPART && s < CSLOTS
    ensures V.Valid(k) && After(k, es).st.caps[q * CSLOTS + s].depth <= 8
  {
    Initially(k);
    var t := After(k, es).st.caps;
    hide After;
    assert C.SlotOk(t[(q * CSLOTS + s) as int]);
  }

  // ---- once ---------------------------------------------------------------------------------------------------------------------------------------

  /** Nothing is put into entry x by the events from n on. */
  ghost predicate Untouched(k: Kernel, es: seq<Step.Event>, n: nat, x: u32) requires V.Valid(k) {
    forall m: nat, a: Action {:trigger a in Replay.Acts(At(k, es, m), es[m])} :: n <= m < |es| && a in Replay.Acts(At(k, es, m), es[m]) ==>
      !Puts(a, x)
  }
  lemma Unfilled(k: Kernel, es: seq<Step.Event>, n: nat, m: nat, x: u32)
    requires First(k) && V.Valid(k) && n <= m <= |es| && x < NCAP && Untouched(k, es, n, x)
    ensures Stays(At(k, es, n).st.caps[x], At(k, es, m).st.caps[x])
    decreases m - n
  {
    Sizes();
    hide *;
    StaysItself(At(k, es, n).st.caps[x]);
    if n < m {
      Unfilled(k, es, n, m - 1, x);
      var s := At(k, es, m - 1);
      In_every_reachable_state(k, es[..m - 1]);
      assert Inv(s.st) by { reveal At; }
      Next(k, es, m - 1);
      OneEvent(s, es[m - 1], x) by { reveal Untouched; }
      assert forall a :: a in Replay.Acts(s, es[m - 1]) ==> !Puts(a, x) by { reveal Untouched; }
      StaysChain(At(k, es, n).st.caps[x], s.st.caps[x], At(k, es, m).st.caps[x]);
    }
  }
  /** GRANT_ONCE is once: when a capability with GRANT_ONCE and without GRANT has been passed on, neither it nor the one that came of it can
      be passed on again, ever, with whatever rights; only a new capability in its slot could. */
  lemma Granting_once_is_once(k: Kernel, es: seq<Step.Event>, n: nat, a: Action, i: u32, j: u32, again: u32)
    requires First(k) && n < |es| && i < NCAP && j < NCAP
    ensures V.Valid(k)
    ensures a in Replay.Acts(At(k, es, n), es[n]) && Revocation.Gives(a, i, j) && !Rights.Subset(Rights.GRANT, At(k, es, n).st.caps[i].rights) ==>
      && (Untouched(k, es, n + 1, i) ==> C.DeriveCheck(After(k, es).st.caps, i, again) == Status.CapabilityConsumed)
      && (Untouched(k, es, n + 1, j) ==> C.DeriveCheck(After(k, es).st.caps, j, again) == Status.CapabilityConsumed)
  {
    Initially(k);
    hide *;
    var s, t := At(k, es, n), After(k, es);
    if a in Replay.Acts(s, es[n]) && Revocation.Gives(a, i, j) && !Rights.Subset(Rights.GRANT, s.st.caps[i].rights) {
      In_every_reachable_state(k, es[..n]);
      assert Inv(s.st) by { reveal At; }
      assert a.CapDelegate? by { reveal Revocation.Gives; }
      Revocation.DelegatedAlone(s, es[n], a);
      WhoActs(s, es[n], a);
      MayGive(s, es[n], a);
      Next(k, es, n);
      Spent(s.st, a, i, j);
      Ends(k, es);
      var u := At(k, es, n + 1);
      if Untouched(k, es, n + 1, i) { Unfilled(k, es, n + 1, |es|, i); StillSpent(u.st.caps[i], t.st.caps, i, again); }
      if Untouched(k, es, n + 1, j) { Unfilled(k, es, n + 1, |es|, j); StillSpent(u.st.caps[j], t.st.caps, j, again); }
    }
  }
  /** Whoever passes a capability on, may. */
  lemma MayGive(k: Kernel, e: Step.Event, a: Action)
    requires V.Valid(k) && Tables(k.st) && Entitled(k, e, a) && a.CapDelegate?
    ensures Giver(a) < NCAP && C.DeriveCheck(k.st.caps, Giver(a), a.rights) == Status.OK
  {
    hide V.Valid;
    hide C.Live;
    hide C.DeriveCheck;
    hide Authority.Holds;
    hide Authority.HoldsAny;
  }
  lemma Spent(s: Structure, a: Action, i: u32, j: u32)
    requires Tables(s) && Proper(s, a) && i < NCAP && j < NCAP && Revocation.Gives(a, i, j)
    requires C.DeriveCheck(s.caps, Giver(a), a.rights) == Status.OK && !Rights.Subset(Rights.GRANT, s.caps[i].rights)
    ensures var t := A.Apply(s, a); Tables(t) && !C.CanDelegate(t.caps[i].rights) && !C.CanDelegate(t.caps[j].rights)
  {
    Attenuation.Granting_once_uses_the_right_up(s.caps, j, i, a.rights, 0);
    hide C.ChildRights;
    hide C.ParentRights;
    hide Rights.Subset;
  }
  lemma StillSpent(c: Cap, t: seq<Cap>, x: u32, again: u32)
    requires C.Table(t) && x < NCAP && Stays(c, t[x]) && !C.CanDelegate(c.rights)
    ensures C.DeriveCheck(t, x, again) == Status.CapabilityConsumed
  {
    if Rights.Subset(Rights.GRANT, t[x].rights) { Rights.SubsetIsTransitive(Rights.GRANT, t[x].rights, c.rights); }
    if Rights.Subset(Rights.GRANT_ONCE, t[x].rights) { Rights.SubsetIsTransitive(Rights.GRANT_ONCE, t[x].rights, c.rights); }
  }
}
