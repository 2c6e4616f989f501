include "../../src/Rvm.Verified/policy/PolicyTable.dfy"
include "Tables.dfy"

/** What the code that runs does with any words and any request, and a table to show that nothing of this is empty. */
module {:compile false} PolicyEvaluator {
  import opened Types
  import opened Limits
  import opened PolicyLimits
  import opened Policy
  import opened PolicyDecisions
  import Operators
  import PolicyTables
  import PolicyTableFacts

  /** Both policies govern and decide every call and every request alike. */
  ghost predicate Equal(t: Words, u: Words) {
    forall call: u32, r: Request {:trigger Decision(t, call, r)} ::
      Decision(t, call, r) == Decision(u, call, r) && Governs(t, call) == Governs(u, call)
  }
  /** Words that are no table are refused whole: of whatever words, the kernel takes up an admissible table or changes nothing. */
  method A_refused_table_changes_nothing(p: PolicyTables.PolicyTable, source: array<u64>, at: u32, n: u32) returns (ok: bool)
    requires p.Valid() && source !in p.Repr() && at as int + n as int <= source.Length < LO32 as int
    modifies p.Repr()
    ensures p.Valid() && ok == Admissible(source[at..at as int + n as int])
    ensures if ok then Equal(p.Abs(), source[at..at as int + n as int]) else p.Abs() == old(p.Abs())
  {
    ghost var work: nat;
    ok, work := p.Load(source, at, n);
    if ok {
      var t := source[at..at as int + n as int];
      forall call: u32, r: Request ensures Decision(p.Abs(), call, r) == Decision(t, call, r) && Governs(p.Abs(), call) == Governs(t, call) {
        PolicyTableFacts.Kept_decides(t, call, r);
      }
    }
  }
  /** The evaluator that runs decides exactly as the specification says: for every call number and every request, with no other condition. */
  method The_evaluator_decides_as_specified(p: PolicyTables.PolicyTable, call: u32, request: array<u64>) returns (d: Ruling)
    requires p.Valid() && request.Length == FIELDS as int
    ensures d == Decision(p.Abs(), call, request[..]) && (p.Abs() == [] || Admissible(p.Abs()))
  {
    p.Admitted();
    ghost var work: nat;
    var permitted, rule;
    permitted, rule, work := p.Decide(call, request);
    d := if permitted then Permit(rule as u64) else Deny(rule as u64);
  }

  // ---- an example -------------------------------------------------------------------------------------------------------------

  /** Of call 17 targets 3 and 4 are forbidden (rule 5); callers 1 and 2 are permitted if the kind is at most the object's number + 7 (rule 6). */
  opaque ghost function Example(): Words {
    [POLICY, VERSION, 147, 149, 2, 0, 0, 0] + seq(CALLS as int, call => if call == 17 then 0x1_0001_0000_0088 else 0)
    + [0x501, 0x1, 3, 4, 0x602, 0x200, 6, 0, 0x3_0602, 7, 0] + [0x2020_2020_2020_2020, 0x2020_2020_2020_2020]
  }
  ghost function Asked(caller: u64, target: u64, kind: u64, obj: u64): Request {
    [caller, target, kind, obj] + seq(FIELDS as int - 4, _ => 0)
  }
  lemma ExampleWords()
    ensures var t := Example();
      && |t| == 149 && t[0] == POLICY && t[1] == VERSION && t[2] == 147 && t[3] == 149 && t[6] == 0 && t[7] == 0
      && t[136] == 0x501 && t[137] == 1 && t[138] == 3 && t[139] == 4
      && t[140] == 0x602 && t[141] == 0x200 && t[142] == 6 && t[143] == 0 && t[144] == 0x3_0602 && t[145] == 7 && t[146] == 0
    ensures forall i: int :: 8 <= i < 136 ==> Example()[i] == if i == 25 then 0x1_0001_0000_0088 else 0
  {
    reveal Example();
  }
  lemma TheForbid()
    ensures RuleOk(Example(), 136) && Next(Example(), 136) == 140 && RuleAt(Example(), 136) == Rule(5, [Condition(1, 0, 0, 3, 4)])
  {
    ExampleWords();
    assert ConditionAt(Example(), 137) == Condition(1, 0, 0, 3, 4);
  }
  lemma ThePermit()
    ensures RuleOk(Example(), 140) && Next(Example(), 140) == 147
    ensures RuleAt(Example(), 140) == Rule(6, [Condition(0, 2, 0, 6, 0), Condition(2, 6, 3, 7, 0)])
  {
    ExampleWords();
    assert ConditionAt(Example(), 141) == Condition(0, 2, 0, 6, 0);
    assert ConditionAt(Example(), 144) == Condition(2, 6, 3, 7, 0);
  }
  lemma TheRules()
    ensures RulesOk(Example(), 136, 2)
    ensures Rules(Example(), 136, 2) == [Rule(5, [Condition(1, 0, 0, 3, 4)]), Rule(6, [Condition(0, 2, 0, 6, 0), Condition(2, 6, 3, 7, 0)])]
  {
    TheForbid();
    ThePermit();
    hide RuleOk, RuleAt, Next;
    assert RulesOk(Example(), 147, 0) && RulesOk(Example(), 140, 1);
    assert Rules(Example(), 147, 0) == [];
    assert Rules(Example(), 140, 1) == [RuleAt(Example(), 140)];
    assert Rules(Example(), 136, 2) == [RuleAt(Example(), 136)] + Rules(Example(), 140, 1);
  }
  lemma TheEntry()
    ensures Start(Example(), 17) == 136 && CountForbids(Example(), 17) == 1 && CountPermits(Example(), 17) == 1
  {
    ExampleWords();
  }
  lemma NoOtherEntry(call: u32)
    requires call < CALLS && call != 17
    ensures Entry(Example(), call) == 0
  {
    ExampleWords();
  }
  lemma TheCallsRules()
    ensures EntryOk(Example(), 17)
    ensures Forbids(Example(), 17) == [Rule(5, [Condition(1, 0, 0, 3, 4)])]
    ensures Permits(Example(), 17) == [Rule(6, [Condition(0, 2, 0, 6, 0), Condition(2, 6, 3, 7, 0)])]
  {
    TheRules();
    TheEntry();
    hide Start, CountForbids, CountPermits, Rules, RulesOk;
  }
  /** There is an admissible table that permits a request, forbids another, and has no rule for a third. */
  lemma There_is_a_table_that_permits_and_denies()
    ensures Admissible(Example())
    ensures Decision(Example(), 17, Asked(2, 1, 7, 0)) == Permit(6)
    ensures Decision(Example(), 17, Asked(2, 3, 7, 0)) == Deny(5)
    ensures Decision(Example(), 17, Asked(2, 1, 8, 0)) == Deny(NORULE as u64)
  {
    assert HeaderOk(Example()) by { ExampleWords(); }
    TheCallsRules();
    forall call: u32 | call < CALLS ensures EntryOk(Example(), call) {
      if call != 17 { NoOtherEntry(call); }
    }
    hide EntryOk, HeaderOk, Decision;
    Decided(Asked(2, 1, 7, 0), 1, 7);
    Decided(Asked(2, 3, 7, 0), 3, 7);
    Decided(Asked(2, 1, 8, 0), 1, 8);
  }
  lemma Decided(r: Request, target: u64, kind: u64)
    requires r == Asked(2, target, kind, 0)
    ensures Decision(Example(), 17, r) == if 3 <= target <= 4 then Deny(5) else if kind <= 7 then Permit(6) else Deny(NORULE as u64)
  {
    TheCallsRules();
    hide Forbids, Permits;
    var f, p := Forbids(Example(), 17)[0], Permits(Example(), 17)[0];
    TheForbidMatches(f, r);
    ThePermitMatches(p, r);
  }
  lemma TheForbidMatches(f: Rule, r: Request)
    requires f == Rule(5, [Condition(1, 0, 0, 3, 4)])
    ensures Matches(f, r) == (3 <= r[1] <= 4)
  {
    assert Holds(f.conditions[0], r) == (3 <= r[1] <= 4);
  }
  lemma ThePermitMatches(p: Rule, r: Request)
    requires p == Rule(6, [Condition(0, 2, 0, 6, 0), Condition(2, 6, 3, 7, 0)]) && r[0] == 2 && r[3] == 0
    ensures Matches(p, r) == (r[2] <= 7)
  {
    assert Power(2) == 4;
    assert Holds(p.conditions[0], r);
    assert Holds(p.conditions[1], r) == (r[2] <= 7);
  }
}
