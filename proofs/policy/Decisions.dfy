include "../../spec/Policy.dfy"

/** What a decision follows from: which rules beat which, and what does not matter. */
module {:compile false} PolicyDecisions {
  import opened Types
  import opened PolicyLimits
  import opened Policy
  import Operators

  /** One of the rules matches the request. */
  ghost predicate Some(rules: seq<Rule>, r: Request) { exists i: int {:trigger rules[i]} :: 0 <= i < |rules| && Matches(rules[i], r) }
  /** Every rule of a is a rule of b, in whatever order and however often. */
  ghost predicate Among(a: seq<Rule>, b: seq<Rule>) { forall x: Rule :: x in a ==> x in b }
  ghost predicate SameRules(a: seq<Rule>, b: seq<Rule>) { Among(a, b) && Among(b, a) }

  lemma FirstOfSome(rules: seq<Rule>, r: Request)
    ensures First(rules, r) < |rules| <==> Some(rules, r)
  {}
  lemma SomeAmong(a: seq<Rule>, b: seq<Rule>, r: Request)
    requires Among(a, b) && Some(a, r)
    ensures Some(b, r)
  {
    var i: int :| 0 <= i < |a| && Matches(a[i], r);
    assert a[i] in b;
    var j: int :| 0 <= j < |b| && b[j] == a[i];
  }

  // ---- which rules decide -----------------------------------------------------------------------------------------------------

  /** A call is permitted if and only if a permit matches and no forbid does. */
  lemma Permitted_means_a_permit_and_no_forbid(t: Words, call: u32, r: Request)
    ensures Decision(t, call, r).Permit? <==> Some(Permits(t, call), r) && !Some(Forbids(t, call), r)
  {
    FirstOfSome(Forbids(t, call), r);
    FirstOfSome(Permits(t, call), r);
  }
  /** Forbid beats permit: if one of the call's forbids matches, the call is denied, and the first such forbid is named. */
  lemma Forbid_beats_permit(t: Words, call: u32, r: Request, i: nat)
    requires i < |Forbids(t, call)| && Matches(Forbids(t, call)[i], r)
    ensures exists j: int {:trigger Forbids(t, call)[j]} ::
      0 <= j <= i && Matches(Forbids(t, call)[j], r) && Decision(t, call, r) == Deny(Forbids(t, call)[j].id)
  {
    var j := First(Forbids(t, call), r);
    assert Matches(Forbids(t, call)[j], r);
  }
  /** What is not permitted is denied: if none of the call's permits matches, the call is denied. */
  lemma Default_is_deny(t: Words, call: u32, r: Request)
    requires !Some(Permits(t, call), r)
    ensures Decision(t, call, r).Deny?
  {
    Permitted_means_a_permit_and_no_forbid(t, call, r);
  }
  /** Without a policy every call is denied, and those that a policy always governs are governed. */
  lemma Without_a_policy_all_is_denied(call: u32, r: Request)
    ensures Decision([], call, r) == Deny(NORULE as u64) && Governs([], call) == Always(call)
  {
    BitsOfNothing(call as nat);
    if call >= 64 { BitsOfNothing(call as nat - 64); }
  }
  lemma BitsOfNothing(i: nat)
    ensures !Bit(0, i)
  {
    Below(Power(i));
  }
  lemma Below(p: nat)
    requires p > 0
    ensures 0 / p == 0
  {
    assert 0 / p * p <= 0;
  }

  // ---- what matters -----------------------------------------------------------------------------------------------------------

  /** The condition asks about the same values in both requests. */
  ghost predicate Alike(c: Condition, r: Request, s: Request) {
    Value(r, c.field) == Value(s, c.field) && (c.operator >= Operators.AtMost as u64 ==> Value(r, c.second) == Value(s, c.second))
  }
  ghost predicate AllAlike(rule: Rule, r: Request, s: Request) { forall k: int :: 0 <= k < |rule.conditions| ==> Alike(rule.conditions[k], r, s) }

  lemma SameFirst(rules: seq<Rule>, r: Request, s: Request)
    requires forall x: Rule :: x in rules ==> AllAlike(x, r, s)
    ensures First(rules, r) == First(rules, s)
  {
    if rules != [] {
      MatchesBoth(rules[0], r, s);
      assert forall x: Rule :: x in rules[1..] ==> x in rules;
      SameFirst(rules[1..], r, s);
    }
  }
  lemma MatchesBoth(rule: Rule, r: Request, s: Request)
    requires AllAlike(rule, r, s)
    ensures Matches(rule, r) == Matches(rule, s)
  {
    forall k: int | 0 <= k < |rule.conditions| ensures Holds(rule.conditions[k], r) == Holds(rule.conditions[k], s) {
      assert Alike(rule.conditions[k], r, s);
    }
  }
  /** Only the fields that the call's rules name matter: two requests with the same values of these are decided alike. */
  lemma Only_the_named_fields_matter(t: Words, call: u32, r: Request, s: Request)
    requires forall x: Rule :: x in AllRules(t, call) ==> AllAlike(x, r, s)
    ensures Decision(t, call, r) == Decision(t, call, s)
  {
    assert forall x: Rule :: x in Forbids(t, call) ==> x in AllRules(t, call);
    assert forall x: Rule :: x in Permits(t, call) ==> x in AllRules(t, call);
    SameFirst(Forbids(t, call), r, s);
    SameFirst(Permits(t, call), r, s);
  }
  /** Neither the order of a call's rules matters nor their number: two tables with the same forbids and the same permits permit the same requests. */
  lemma The_order_of_rules_does_not_matter(t: Words, u: Words, call: u32, r: Request)
    requires SameRules(Forbids(t, call), Forbids(u, call)) && SameRules(Permits(t, call), Permits(u, call))
    ensures Decision(t, call, r).Permit? == Decision(u, call, r).Permit?
  {
    Permitted_means_a_permit_and_no_forbid(t, call, r);
    Permitted_means_a_permit_and_no_forbid(u, call, r);
    if Some(Forbids(t, call), r) { SomeAmong(Forbids(t, call), Forbids(u, call), r); }
    if Some(Forbids(u, call), r) { SomeAmong(Forbids(u, call), Forbids(t, call), r); }
    if Some(Permits(t, call), r) { SomeAmong(Permits(t, call), Permits(u, call), r); }
    if Some(Permits(u, call), r) { SomeAmong(Permits(u, call), Permits(t, call), r); }
  }
  /** A further forbid permits nothing new, and leaving out a permit does not either. */
  lemma More_forbids_and_fewer_permits_permit_less(t: Words, u: Words, call: u32, r: Request)
    requires Among(Forbids(t, call), Forbids(u, call)) && Among(Permits(u, call), Permits(t, call))
    requires Decision(u, call, r).Permit?
    ensures Decision(t, call, r).Permit?
  {
    Permitted_means_a_permit_and_no_forbid(t, call, r);
    Permitted_means_a_permit_and_no_forbid(u, call, r);
    SomeAmong(Permits(u, call), Permits(t, call), r);
    if Some(Forbids(t, call), r) { SomeAmong(Forbids(t, call), Forbids(u, call), r); }
  }
}
