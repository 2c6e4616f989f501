include "PolicyChecks.dfy"

/** Does a request satisfy the conditions of a rule? */
module PolicyConditions {
  import opened Types
  import opened Limits
  import opened PolicyLimits
  import Operators
  import Masks
  import P = Policy

  lemma PowersFit(i: nat)
    requires i < 64
    ensures P.Power(i) * P.Power(63 - i) == 0x8000_0000_0000_0000 && P.Power(i) <= 0x8000_0000_0000_0000
    decreases 63 - i
  {
    if i < 63 {
      PowersFit(i + 1);
      var p, q := P.Power(i), P.Power(62 - i);
      assert P.Power(i + 1) == 2 * p && P.Power(63 - i) == 2 * q;
      assert (2 * p) * q == p * (2 * q);
    } else {
      assert P.Power(63) == 0x8000_0000_0000_0000 by { Power63(); }
    }
  }
  lemma Power63()
    ensures P.Power(63) == 0x8000_0000_0000_0000
  {
    assert P.Power(8) == 0x100;
    assert P.Power(16) == 0x1_0000;
    assert P.Power(24) == 0x100_0000;
    assert P.Power(32) == 0x1_0000_0000;
    assert P.Power(40) == 0x100_0000_0000;
    assert P.Power(48) == 0x1_0000_0000_0000;
    assert P.Power(56) == 0x100_0000_0000_0000;
  }
  opaque ghost predicate PowersOk(powers: seq<u64>) { |powers| == 64 && forall i: int :: 0 <= i < 64 ==> powers[i] as int == P.Power(i) }

  method Bit(w: u64, i: u64, powers: array<u64>) returns (b: bool)
    requires i < 64 && powers.Length == 64 && PowersOk(powers[..])
    ensures b == P.Bit(w, i as nat)
  {
    reveal PowersOk();
    b := w / powers[i] % 2 == 1;
  }
  method Member(x: u64, a: u64, b: u64, powers: array<u64>) returns (yes: bool)
    requires powers.Length == 64 && PowersOk(powers[..])
    ensures yes == P.Member(x, a, b)
  {
    if x < 64 { yes := Bit(a, x, powers); }
    else if x < 128 { yes := Bit(b, x - 64, powers); }
    else { yes := false; }
  }
  /** Does value x satisfy an operator that asks for no second field? */
  method HoldsOf(op: u64, x: u64, a: u64, b: u64, powers: array<u64>, ghost c: P.Condition, ghost r: P.Request) returns (yes: bool)
    requires powers.Length == 64 && PowersOk(powers[..])
    requires op < Operators.AtMost as u64 && c.operator == op && c.a == a && c.b == b && x == P.Value(r, c.field)
    ensures yes == P.Holds(c, r)
  {
    if      op == Operators.Range as u64     { yes := a <= x && x <= b; }
    else if op == Operators.Outside as u64   { yes := x < a || b < x; }
    else if op == Operators.Member as u64    { yes := Member(x, a, b, powers); }
    else if op == Operators.NotMember as u64 { var m := Member(x, a, b, powers); yes := !m; }
    else if op == Operators.Bits as u64      { yes := Masks.And(x, a) == b; }
    else                                     { yes := Masks.And(x, a) != b; }
  }
  /** Does the condition at this word hold? */
  method Holds(tab: array<u64>, at: u32, r: array<u64>, powers: array<u64>, ghost t: P.Words) returns (yes: bool)
    requires r.Length == FIELDS as int && powers.Length == 64 && PowersOk(powers[..])
    requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && at as int + 3 <= |t| && P.ConditionOk(t, at as int)
    ensures yes == P.Holds(P.ConditionAt(t, at as int), r[..])
  {
    var w, a, b := tab[at], tab[at + 1], tab[at + 2];
    var op, x := w / 0x100 % 0x100, r[w % 0x100];
    if op < Operators.AtMost as u64 {
      yes := HoldsOf(op, x, a, b, powers, P.ConditionAt(t, at as int), r[..]);
    } else {
      var y := r[w / 0x1_0000];
      var most := x <= y || x - y <= a;
      yes := most == (op == Operators.AtMost as u64);
    }
  }
  /** Do all conditions from word `at` to word `end` hold? They are those of the rule at word `rule`. */
  method AllHold(tab: array<u64>, rule: u32, end: u32, r: array<u64>, powers: array<u64>, ghost t: P.Words) returns (yes: bool, ghost work: nat)
    requires r.Length == FIELDS as int && powers.Length == 64 && PowersOk(powers[..])
    requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t|
    requires P.RuleOk(t, rule as int) && end as int == P.Next(t, rule as int)
    ensures yes == P.Matches(P.RuleAt(t, rule as int), r[..])
    ensures 3 * work <= end as int - rule as int + 2
  {
    work := 1;
    var at := rule + 1;
    ghost var k: int := 0;
    ghost var conditions := P.RuleAt(t, rule as int).conditions;
    while at < end
      invariant 0 <= k <= |conditions| && work == 1 + k && at as int == rule as int + 1 + 3 * k
      invariant forall j: int :: 0 <= j < k ==> P.Holds(conditions[j], r[..])
    {
      work := work + 1;
      assert conditions[k] == P.ConditionAt(t, at as int);
      var holds := Holds(tab, at, r, powers, t);
      if !holds {
        yes := false;
        return;
      }
      at := at + 3;
      k := k + 1;
    }
    yes := true;
  }
}
