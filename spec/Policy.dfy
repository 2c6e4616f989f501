include "Machine.dfy"

/** Policies: a table of words that decides calls. Any words are a table; those that Admissible refuses are never used. */
module Policy {
  import opened Types
  import opened PolicyLimits
  import Operators
  import Masks

  //           63          48 47          32 31          24 23          16 15           8 7            0
  //          +--------------+--------------+----------------------------------------------------------+
  //  word  0 |                              "RVMPOLY1"                                                | header
  //        1 |                              version: 1                                                |
  //        2 |                              words that the kernel reads: header, index, rules         |
  //        3 |                              all words: names and reasons follow the rules             |
  //        4 |                              calls 0–63 that the policy governs, a bit each            |
  //        5 |                              calls 64–127                                              |
  //     6, 7 |                              calls that need a deep proof, a bit each                  |
  //          +--------------+--------------+----------------------------------------------------------+
  //  8 + call|   permits    |   forbids    |             the call's first rule, in words              | index: all 0 for none
  //          +--------------+--------------+-------------+-----------------------------+--------------+
  //          |                      0                    |         rule's number       |  conditions  | rule: head
  //          +-------------------------------------------+--------------+--------------+--------------+
  //          |                      0                    | second field |   operator   |    field     | a condition:
  //          |                                         a                                              | three words
  //          |                                         b                                              |
  //          +----------------------------------------------------------------------------------------+
  //  A call's rules lie one behind the other: its forbids, then its permits. Calls may share rules.

  type Words = seq<u64>
  /** The values of the fields: caller, target, kind, object, region policy, tier, address, size, permission, rights, depth, count, budget,
      image, now, epoch, mode, duration (docs/policy.md). */
  type Request = r: seq<u64> | |r| == FIELDS as int witness seq(FIELDS as int, _ => 0)

  datatype Condition = Condition(field: u64, operator: u64, second: u64, a: u64, b: u64)
  datatype Rule = Rule(id: u64, conditions: seq<Condition>)
  datatype Ruling = Permit(rule: u64) | Deny(rule: u64)

  // ---- what a rule says -------------------------------------------------------------------------------------------------------

  function Value(r: Request, field: u64): u64 { if field < FIELDS as u64 then r[field] else 0 }
  function Power(i: nat): (n: nat) ensures n > 0 { if i == 0 then 1 else 2 * Power(i - 1) }
  predicate Bit(w: u64, i: nat) { w as int / Power(i) % 2 == 1 }
  /** x is in the set of numbers below 128 whose bits are a (0–63) and b (64–127). */
  predicate Member(x: u64, a: u64, b: u64) {
    if x < 64 then Bit(a, x as nat) else x < 128 && Bit(b, x as nat - 64)
  }
  predicate Holds(c: Condition, r: Request) {
    var x, y, op := Value(r, c.field), Value(r, c.second), c.operator;
    if      op == Operators.Range as u64     then c.a <= x <= c.b
    else if op == Operators.Outside as u64   then x < c.a || c.b < x
    else if op == Operators.Member as u64    then Member(x, c.a, c.b)
    else if op == Operators.NotMember as u64 then !Member(x, c.a, c.b)
    else if op == Operators.Bits as u64      then Masks.And(x, c.a) == c.b
    else if op == Operators.NotBits as u64   then Masks.And(x, c.a) != c.b
    else if op == Operators.AtMost as u64    then x as int <= y as int + c.a as int
    else                                          x as int > y as int + c.a as int
  }
  /** A rule without conditions matches every request. */
  predicate Matches(rule: Rule, r: Request) { forall k: int :: 0 <= k < |rule.conditions| ==> Holds(rule.conditions[k], r) }

  /** How many rules come before the first that matches; all of them if none does. */
  function First(rules: seq<Rule>, r: Request): (i: nat)
    ensures i <= |rules| && (i < |rules| ==> Matches(rules[i], r))
    ensures forall k: int :: 0 <= k < i ==> !Matches(rules[k], r)
  {
    if rules == [] || Matches(rules[0], r) then 0 else 1 + First(rules[1..], r)
  }
  /** Forbid beats permit; what no rule permits is denied. */
  function Decide(forbids: seq<Rule>, permits: seq<Rule>, r: Request): Ruling {
    var f, p := First(forbids, r), First(permits, r);
    if f < |forbids| then Deny(forbids[f].id)
    else if p < |permits| then Permit(permits[p].id)
    else Deny(NORULE as u64)
  }

  // ---- how words stand for rules ----------------------------------------------------------------------------------------------

  function Word(t: Words, i: int): u64 { if 0 <= i < |t| then t[i] else 0 }
  function ConditionAt(t: Words, at: int): Condition {
    var w := Word(t, at);
    Condition(w % 0x100, w / 0x100 % 0x100, w / 0x1_0000, Word(t, at + 1), Word(t, at + 2))
  }
  function Conditions(t: Words, at: int): nat { (Word(t, at) % 0x100) as nat }
  function Id(t: Words, at: int): u64 { Word(t, at) / 0x100 }
  function RuleAt(t: Words, at: int): Rule { Rule(Id(t, at), seq(Conditions(t, at), k => ConditionAt(t, at + 1 + 3 * k))) }
  /** Where the rule after the one at this word begins. */
  function Next(t: Words, at: int): int { at + 1 + 3 * Conditions(t, at) }
  function Rules(t: Words, at: int, n: nat): (rules: seq<Rule>)
    ensures |rules| == n
    decreases n
  {
    if n == 0 then [] else [RuleAt(t, at)] + Rules(t, Next(t, at), n - 1)
  }
  function Entry(t: Words, call: u32): u64 { if call < CALLS then Word(t, HEADER as int + call as int) else 0 }
  function Start(t: Words, call: u32): int { (Entry(t, call) % 0x1_0000_0000) as int }
  function CountForbids(t: Words, call: u32): nat { (Entry(t, call) / 0x1_0000_0000 % 0x1_0000) as nat }
  function CountPermits(t: Words, call: u32): nat { (Entry(t, call) / 0x1_0000_0000_0000) as nat }
  function AllRules(t: Words, call: u32): seq<Rule> { Rules(t, Start(t, call), CountForbids(t, call) + CountPermits(t, call)) }
  function Forbids(t: Words, call: u32): seq<Rule> { AllRules(t, call)[..CountForbids(t, call)] }
  function Permits(t: Words, call: u32): seq<Rule> { AllRules(t, call)[CountForbids(t, call)..] }

  /** What the policy says to a call. The table without words has no rules and denies every call. */
  function Decision(t: Words, call: u32, r: Request): Ruling { Decide(Forbids(t, call), Permits(t, call), r) }

  /** The calls that change what others hold; every policy governs them, also the table without words. */
  predicate Always(call: u32) { call == 6 || call == 7 || call == 9 || call == 10 || 12 <= call <= 20 || call == 71 || call == 79 }
  /** Does this call need a permit? */
  predicate Governs(t: Words, call: u32) {
    Always(call) || (call < 64 && Bit(Word(t, 4), call as nat)) || (64 <= call < CALLS && Bit(Word(t, 5), call as nat - 64))
  }

  /** Does this call, if it needs a proof, need a deep one? */
  predicate Deep(t: Words, call: u32) { (call < 64 && Bit(Word(t, 6), call as nat)) || (64 <= call < CALLS && Bit(Word(t, 7), call as nat - 64)) }

  // ---- which words are a table ------------------------------------------------------------------------------------------------

  predicate ConditionOk(t: Words, at: int) {
    var c := ConditionAt(t, at);
    && c.field < FIELDS as u64 && c.operator <= Operators.Above as u64
    && (if c.operator < Operators.AtMost as u64 then c.second == 0 else c.second < FIELDS as u64 && c.b == 0)
  }
  /** The words of the table that the kernel reads. */
  function Size(t: Words): int { Word(t, 2) as int }
  /** The rule at this word ends within the table and is written as drawn above. */
  predicate RuleOk(t: Words, at: int) {
    && at < Size(t) && Next(t, at) <= Size(t) && Conditions(t, at) <= MAXCONDS as int && Id(t, at) < NORULE as u64
    && forall k: int :: 0 <= k < Conditions(t, at) ==> ConditionOk(t, at + 1 + 3 * k)
  }
  predicate RulesOk(t: Words, at: int, n: nat)
    decreases n
  {
    n == 0 || (RuleOk(t, at) && RulesOk(t, Next(t, at), n - 1))
  }
  predicate EntryOk(t: Words, call: u32) {
    var n := CountForbids(t, call) + CountPermits(t, call);
    if n == 0 then Entry(t, call) == 0 else n <= MAXRULES as int && BODY as int <= Start(t, call) && RulesOk(t, Start(t, call), n)
  }
  predicate HeaderOk(t: Words) {
    && |t| >= BODY as int && t[0] == POLICY && t[1] == VERSION
    && BODY as int <= Size(t) <= MAXPOLICY as int && Size(t) <= |t| && t[2] <= t[3]
  }
  predicate Admissible(t: Words) {
    HeaderOk(t) && forall call: u32 :: call < CALLS ==> EntryOk(t, call)
  }
  /** The words that the kernel keeps of an admissible table. */
  function Kept(t: Words): Words requires HeaderOk(t) { t[..Size(t)] }
}
