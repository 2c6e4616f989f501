include "../../../spec/Policy.dfy"

/** Two tables that agree on the words that the kernel reads are both admitted or both refused, and hold the same rules. */
module {:compile false} PolicyFacts {
  import opened Types
  import opened PolicyLimits
  import opened Policy

  ghost predicate Same(s: Words, t: Words, i: int) { Word(s, i) == Word(t, i) }
  opaque ghost predicate Agree(s: Words, t: Words) {
    Size(s) == Size(t) && forall i {:trigger Same(s, t, i)} :: 0 <= i < Size(s) ==> Same(s, t, i)
  }
  lemma AgreeAt(s: Words, t: Words, i: int)
    requires Agree(s, t) && 0 <= i < Size(s)
    ensures Word(s, i) == Word(t, i) && Size(s) == Size(t)
  {
    reveal Agree();
    assert Same(s, t, i);
  }
  lemma AgreeBack(s: Words, t: Words)
    requires Agree(s, t)
    ensures Agree(t, s)
  {
    reveal Agree();
    forall i | 0 <= i < Size(t) ensures Same(t, s, i) { assert Same(s, t, i); }
  }
  lemma KeptAgrees(t: Words)
    requires BODY as int <= Size(t) <= |t|
    ensures Agree(t, t[..Size(t)])
  {
    reveal Agree();
    forall i | 0 <= i < Size(t) ensures Same(t, t[..Size(t)], i) {}
  }
  lemma ConditionSame(s: Words, t: Words, at: int)
    requires Agree(s, t) && 0 <= at && at + 3 <= Size(s)
    ensures ConditionAt(s, at) == ConditionAt(t, at) && ConditionOk(s, at) == ConditionOk(t, at)
  {
    AgreeAt(s, t, at);
    AgreeAt(s, t, at + 1);
    AgreeAt(s, t, at + 2);
  }
  lemma RuleSame(s: Words, t: Words, at: int)
    requires Agree(s, t) && 0 <= at && RuleOk(s, at)
    ensures RuleAt(s, at) == RuleAt(t, at) && RuleOk(t, at) && Next(s, at) == Next(t, at)
  {
    AgreeAt(s, t, at);
    forall k: int | 0 <= k < Conditions(s, at)
      ensures ConditionAt(s, at + 1 + 3 * k) == ConditionAt(t, at + 1 + 3 * k) && ConditionOk(t, at + 1 + 3 * k)
    {
      ConditionSame(s, t, at + 1 + 3 * k);
    }
  }
  lemma RulesSame(s: Words, t: Words, at: int, n: nat)
    requires Agree(s, t) && 0 <= at && RulesOk(s, at, n)
    ensures Rules(s, at, n) == Rules(t, at, n) && RulesOk(t, at, n)
    decreases n
  {
    if n > 0 {
      RuleSame(s, t, at);
      RulesSame(s, t, Next(s, at), n - 1);
    }
  }
  lemma EntrySame(s: Words, t: Words, call: u32)
    requires Agree(s, t) && call < CALLS && BODY as int <= Size(s) && EntryOk(s, call)
    ensures EntryOk(t, call) && Entry(s, call) == Entry(t, call) && AllRules(s, call) == AllRules(t, call)
  {
    AgreeAt(s, t, HEADER as int + call as int);
    var n := CountForbids(s, call) + CountPermits(s, call);
    if n > 0 { RulesSame(s, t, Start(s, call), n); }
  }
  lemma AdmittedToo(s: Words, t: Words)
    requires Agree(s, t) && Admissible(s) && Size(s) <= |t|
    ensures Admissible(t)
  {
    AgreeAt(s, t, 0);
    AgreeAt(s, t, 1);
    AgreeAt(s, t, 2);
    AgreeAt(s, t, 3);
    forall call: u32 | call < CALLS ensures EntryOk(t, call) { EntrySame(s, t, call); }
  }
  /** What the kernel keeps of a table is a table with the same rules. */
  lemma KeptIsAdmitted(t: Words)
    requires Admissible(t)
    ensures Admissible(Kept(t)) && Size(Kept(t)) == Size(t) == |Kept(t)|
  {
    KeptAgrees(t);
    AdmittedToo(t, Kept(t));
  }
  /** If no rule before rule i matches, and rule i does, i is the first. */
  lemma IsFirst(rules: seq<Rule>, r: Request, i: nat)
    requires i <= |rules| && (forall k: int :: 0 <= k < i ==> !Matches(rules[k], r)) && (i < |rules| ==> Matches(rules[i], r))
    ensures First(rules, r) == i
  {}
  /** The first match among forbids and permits in a row says which way the decision goes. */
  lemma Decided(t: Words, call: u32, r: Request, i: nat)
    requires i <= |AllRules(t, call)| && (forall k: int :: 0 <= k < i ==> !Matches(AllRules(t, call)[k], r))
    requires i < |AllRules(t, call)| ==> Matches(AllRules(t, call)[i], r)
    ensures Decision(t, call, r) == if i == |AllRules(t, call)| then Deny(NORULE as u64)
      else if i < CountForbids(t, call) then Deny(AllRules(t, call)[i].id) else Permit(AllRules(t, call)[i].id)
  {
    var all, f := AllRules(t, call), CountForbids(t, call);
    if i < f {
      IsFirst(Forbids(t, call), r, i);
    } else {
      IsFirst(Forbids(t, call), r, f);
      IsFirst(Permits(t, call), r, i - f);
    }
  }
}
