include "../../src/Rvm.Verified/policy/PolicyLemmas.dfy"
include "Decisions.dfy"

/** What is true of every table that the kernel admits. */
module {:compile false} PolicyTableFacts {
  import opened Types
  import opened PolicyLimits
  import opened Policy
  import opened PolicyDecisions
  import opened PolicyFacts
  import Operators

  // ---- the rules of an admitted table -----------------------------------------------------------------------------------------

  /** It asks about fields that a request has, with an operator that there is, and its numbers say nothing that is not asked for. */
  ghost predicate ConditionFits(c: Condition) {
    && c.field < FIELDS as u64 && c.operator <= Operators.Above as u64
    && (if c.operator < Operators.AtMost as u64 then c.second == 0 else c.second < FIELDS as u64 && c.b == 0)
  }
  ghost predicate RuleFits(x: Rule) {
    x.id < NORULE as u64 && |x.conditions| <= MAXCONDS as int && forall k: int :: 0 <= k < |x.conditions| ==> ConditionFits(x.conditions[k])
  }
  lemma RulesFit(t: Words, at: int, n: nat)
    requires RulesOk(t, at, n)
    ensures forall i: int :: 0 <= i < n ==> RuleFits(Rules(t, at, n)[i])
    decreases n
  {
    if n > 0 {
      RulesFit(t, Next(t, at), n - 1);
      var x, rest := RuleAt(t, at), Rules(t, Next(t, at), n - 1);
      forall k: int | 0 <= k < |x.conditions| ensures ConditionFits(x.conditions[k]) {
        assert ConditionOk(t, at + 1 + 3 * k);
      }
      forall i: int | 0 <= i < n ensures RuleFits(([x] + rest)[i]) {
        if i > 0 { assert ([x] + rest)[i] == rest[i - 1]; }
      }
    }
  }
  /** Every rule of an admitted table has a number below 4095 and at most 32 conditions, each about fields that a request has. */
  lemma Every_rule_is_well_formed(t: Words, call: u32, i: nat)
    requires Admissible(t) && i < |AllRules(t, call)|
    ensures call < CALLS && RuleFits(AllRules(t, call)[i])
  {
    assert EntryOk(t, call);
    RulesFit(t, Start(t, call), |AllRules(t, call)|);
  }

  /** The words that these rules take: one for each rule and three for each condition. */
  ghost function Length(rules: seq<Rule>): nat {
    if rules == [] then 0 else 1 + 3 * |rules[0].conditions| + Length(rules[1..])
  }
  lemma RulesAreShort(t: Words, at: int, n: nat)
    requires RulesOk(t, at, n) && 0 <= at <= Size(t)
    ensures at + Length(Rules(t, at, n)) <= Size(t)
    decreases n
  {
    if n > 0 {
      RulesAreShort(t, Next(t, at), n - 1);
      assert Rules(t, at, n)[1..] == Rules(t, Next(t, at), n - 1);
    }
  }
  /** A decision takes a bounded number of steps: a call has at most 1024 rules, and these and their conditions at most 16248 words. */
  lemma A_decision_is_bounded(t: Words, call: u32)
    requires Admissible(t)
    ensures |AllRules(t, call)| <= MAXRULES as int && Length(AllRules(t, call)) <= MAXPOLICY as int - BODY as int
  {
    if |AllRules(t, call)| > 0 {
      assert EntryOk(t, call);
      RulesAreShort(t, Start(t, call), |AllRules(t, call)|);
    }
  }

  /** One of these rules has this number and matches the request. */
  ghost predicate Named(rules: seq<Rule>, id: u64, r: Request) {
    exists i: int {:trigger rules[i]} :: 0 <= i < |rules| && rules[i].id == id && Matches(rules[i], r)
  }
  /** The rule that a decision names is one of the call's and matches; no rule is named if and only if none matches. */
  lemma The_named_rule_matches(t: Words, call: u32, r: Request)
    requires Admissible(t)
    ensures Decision(t, call, r).Permit? ==> Named(Permits(t, call), Decision(t, call, r).rule, r)
    ensures Decision(t, call, r).Deny? && Decision(t, call, r).rule != NORULE as u64 ==> Named(Forbids(t, call), Decision(t, call, r).rule, r)
    ensures Decision(t, call, r) == Deny(NORULE as u64) <==> !Some(AllRules(t, call), r)
  {
    var all, n := AllRules(t, call), CountForbids(t, call);
    var f, p := First(Forbids(t, call), r), First(Permits(t, call), r);
    if f < n {
      Every_rule_is_well_formed(t, call, f);
      assert Forbids(t, call)[f] == all[f];
    } else if p < |Permits(t, call)| {
      assert Matches(Permits(t, call)[p], r);
    } else {
      forall i: int | 0 <= i < |all| ensures !Matches(all[i], r) {
        if i < n { assert Forbids(t, call)[i] == all[i]; } else { assert Permits(t, call)[i - n] == all[i]; }
      }
    }
  }

  // ---- the words that matter --------------------------------------------------------------------------------------------------

  /** Only the words that the kernel keeps matter: whatever text follows them, the table is admitted and decides alike. */
  lemma Text_does_not_decide(t: Words, u: Words, call: u32, r: Request)
    requires Admissible(t) && Kept(t) <= u
    ensures Admissible(u) && Kept(u) == Kept(t) && Decision(u, call, r) == Decision(t, call, r) && Governs(u, call) == Governs(t, call) && Deep(u, call) == Deep(t, call)
  {
    assert Agree(t, u) by {
      reveal Agree();
      assert u[2] == Kept(t)[2];
      forall i | 0 <= i < Size(t) ensures Same(t, u, i) { assert u[i] == Kept(t)[i]; }
    }
    AdmittedToo(t, u);
    AgreeAt(t, u, 4);
    AgreeAt(t, u, 5);
    AgreeAt(t, u, 6);
    AgreeAt(t, u, 7);
    if call < CALLS { EntrySame(t, u, call); }
  }

  lemma Kept_decides(t: Words, call: u32, r: Request)
    requires Admissible(t)
    ensures Decision(Kept(t), call, r) == Decision(t, call, r) && Governs(Kept(t), call) == Governs(t, call) && Deep(Kept(t), call) == Deep(t, call)
  {
    KeptIsAdmitted(t);
    Text_does_not_decide(Kept(t), t, call, r);
  }

  /** Where n rules end that begin at this word. */
  ghost function End(t: Words, at: int, n: nat): int
    decreases n
  {
    if n == 0 then at else End(t, Next(t, at), n - 1)
  }
  ghost predicate SameWords(t: Words, u: Words, from: int, end: int) { forall i: int :: from <= i < end ==> Word(t, i) == Word(u, i) }
  lemma EndIsBehind(t: Words, at: int, n: nat)
    ensures at + n <= End(t, at, n)
    decreases n
  {
    if n > 0 { EndIsBehind(t, Next(t, at), n - 1); }
  }
  lemma RulesOfSameWords(t: Words, u: Words, at: int, n: nat)
    requires SameWords(t, u, at, End(t, at, n))
    ensures Rules(t, at, n) == Rules(u, at, n)
    decreases n
  {
    if n > 0 {
      EndIsBehind(t, Next(t, at), n - 1);
      RulesOfSameWords(t, u, Next(t, at), n - 1);
      forall k: int | 0 <= k < Conditions(t, at) ensures ConditionAt(t, at + 1 + 3 * k) == ConditionAt(u, at + 1 + 3 * k) {}
      assert RuleAt(t, at) == RuleAt(u, at);
    }
  }
  /** The rules of other calls do not matter: two tables with the same index entry and the same rules for a call decide it alike. */
  lemma Other_calls_rules_do_not_matter(t: Words, u: Words, call: u32, r: Request)
    requires Entry(t, call) == Entry(u, call)
    requires SameWords(t, u, Start(t, call), End(t, Start(t, call), CountForbids(t, call) + CountPermits(t, call)))
    ensures Decision(t, call, r) == Decision(u, call, r)
  {
    RulesOfSameWords(t, u, Start(t, call), CountForbids(t, call) + CountPermits(t, call));
  }
}
