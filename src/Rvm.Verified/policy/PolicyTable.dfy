include "../platform/Heap.dfy"
include "PolicyChecks.dfy"

/** The policy that decides calls. */
module PolicyTables {
  import opened Types
  import opened Limits
  import opened PolicyLimits
  import Heap
  import Operators
  import Masks
  import P = Policy
  import PolicyChecks
  import PolicyFacts

  // Most steps of work (spec/Cost.dfy). A rule costs two steps and each condition one more; together they take no more words than a table has.
  ghost const COPY_WORK: nat := 1 + MAXPOLICY as nat
  ghost const DECIDE_WORK: nat := 1 + (5 * MAXRULES as nat + MAXPOLICY as nat) / 3

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
  /** Does the condition at this word hold? */
  method Holds(tab: array<u64>, at: u32, r: array<u64>, powers: array<u64>, ghost t: P.Words) returns (yes: bool)
    requires r.Length == FIELDS as int && powers.Length == 64 && PowersOk(powers[..])
    requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && at as int + 3 <= |t| && P.ConditionOk(t, at as int)
    ensures yes == P.Holds(P.ConditionAt(t, at as int), r[..])
  {
    var w, a, b := tab[at], tab[at + 1], tab[at + 2];
    var op, x := w / 0x100 % 0x100, r[w % 0x100];
    if      op == Operators.Range as u64     { yes := a <= x && x <= b; }
    else if op == Operators.Outside as u64   { yes := x < a || b < x; }
    else if op == Operators.Member as u64    { yes := Member(x, a, b, powers); }
    else if op == Operators.NotMember as u64 { var m := Member(x, a, b, powers); yes := !m; }
    else if op == Operators.Bits as u64      { yes := Masks.And(x, a) == b; }
    else if op == Operators.NotBits as u64   { yes := Masks.And(x, a) != b; }
    else {
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

  class PolicyTable {
    const tab: array<u64>      // the table, from word 0 on
    const powers: array<u64>   // of two, 64 of them
    var used: u32              // words in use; 0: there is no policy

    ghost function Repr(): set<object> { {this, tab, powers} }
    opaque ghost function Abs(): P.Words
      reads this, tab
    {
      if used as int <= tab.Length then tab[..used] else []
    }
    opaque ghost predicate Valid()
      reads this, tab, powers
    {
      && tab.Length == MAXPOLICY as int && powers.Length == 64 && tab != powers && used <= MAXPOLICY && PowersOk(powers[..])
      && (used > 0 ==> P.Admissible(tab[..used]) && P.Size(tab[..used]) == used as int)
    }
    /** There is no policy, or one that was admitted. */
    lemma Admitted()
      requires Valid()
      ensures Abs() == [] || P.Admissible(Abs())
    {
      reveal Valid(), Abs();
    }

    lemma Prefix()
      requires Valid()
      ensures |Abs()| <= tab.Length == MAXPOLICY as int && Abs() == tab[..|Abs()|]
    {
      reveal Valid(), Abs();
    }

    constructor ()
      ensures Valid() && fresh(tab) && fresh(powers) && Abs() == []
    {
      var t := Heap.NewU64(MAXPOLICY);
      var p := Heap.NewU64(64);
      tab, powers, used := t, p, 0;
      new;
      powers[0 as u32] := 1;
      var i: u32 := 1;
      while i < 64
        invariant 1 <= i <= 64 && forall k: int :: 0 <= k < i as int ==> powers[k] as int == P.Power(k)
        invariant used == 0 && fresh(tab) && fresh(powers) && tab != powers
      {
        PowersFit(i as int);
        powers[i] := 2 * powers[i - 1];
        i := i + 1;
      }
      reveal Valid(), Abs(), PowersOk();
    }

    /** The n words of the source from word `at` on become the policy if they are a table; otherwise the policy stays. */
    method Load(source: array<u64>, at: u32, n: u32) returns (ok: bool, ghost work: nat)
      requires Valid() && source !in Repr() && at as int + n as int <= source.Length < LO32 as int
      modifies this`used, tab
      ensures Valid()
      ensures ok == P.Admissible(source[at..at as int + n as int])
      ensures Abs() == if ok then P.Kept(source[at..at as int + n as int]) else old(Abs())
    {
      work := 1;
      var size;
      ghost var w;
      size, w := PolicyChecks.Admissible(source, at, n);
      work := work + w;
      ok := size > 0;
      if ok {
        w := Copy(source, at, size, source[at..at as int + n as int]);
        work := work + w;
      } else {
        reveal Valid(), Abs();
      }
    }
    /** The words of the table t, the first of which is word `at` of the source, become the policy. */
    method Copy(source: array<u64>, at: u32, size: u32, ghost t: P.Words) returns (ghost work: nat)
      requires Valid() && source !in Repr() && at as int + size as int <= source.Length < LO32 as int
      requires P.Admissible(t) && size as int == P.Size(t) && P.Kept(t) == source[at..at as int + size as int]
      modifies this`used, tab
      ensures Valid() && Abs() == P.Kept(t) && source[..] == old(source[..])
      ensures work <= COPY_WORK
    {
      work := 1;
      reveal Valid();
      var i: u32 := 0;
      while i < size
        invariant i <= size && tab[..i] == t[..i] && work == 1 + i as int
        invariant source[..] == old(source[..]) && powers[..] == old(powers[..])
      {
        work := work + 1;
        assert t[i] == P.Kept(t)[i] == source[at + i];
        tab[i] := source[at + i];
        i := i + 1;
      }
      used := size;
      PolicyFacts.KeptIsAdmitted(t);
      assert tab[..used] == P.Kept(t);
      reveal Abs();
    }
    /** There is no policy any more. */
    method Clear()
      requires Valid()
      modifies this`used
      ensures Valid() && Abs() == []
    {
      used := 0;
      reveal Valid(), Abs();
    }

    /** The words that name the governed calls: calls 0–63, and 64–127. */
    method Calls() returns (low: u64, high: u64)
      requires Valid()
      ensures low == P.Word(Abs(), 4) && high == P.Word(Abs(), 5)
    {
      reveal Valid(), Abs();
      low, high := 0, 0;
      if used > 0 { low, high := tab[4 as u32], tab[5 as u32]; }
    }
    /** Does this call need a permit? */
    method Governs(call: u32) returns (b: bool)
      requires Valid()
      ensures b == P.Governs(Abs(), call)
    {
      reveal Valid(), Abs();
      b := call == 6 || call == 7 || call == 9 || call == 10 || (12 <= call && call <= 20) || call == 79;
      if !b && used > 0 && call < CALLS {
        if call < 64 { b := Bit(tab[4 as u32], call as u64, powers); }
        else { b := Bit(tab[5 as u32], (call - 64) as u64, powers); }
      }
    }

    /** Does this call, if it needs a proof, need a deep one? */
    method Deep(call: u32) returns (b: bool)
      requires Valid()
      ensures b == P.Deep(Abs(), call)
    {
      reveal Valid(), Abs();
      b := false;
      if used > 0 && call < CALLS {
        if call < 64 { b := Bit(tab[6 as u32], call as u64, powers); }
        else { b := Bit(tab[7 as u32], (call - 64) as u64, powers); }
      } else {
        Shallow(call);
      }
    }
    /** A word that says nothing has no bits. */
    static lemma Shallow(call: u32)
      ensures !P.Deep([], call)
    {}

    /** What the policy says to a call: the number of the rule that decides, NORULE if no rule does. */
    method Decide(call: u32, request: array<u64>) returns (permitted: bool, rule: u32, ghost work: nat)
      requires Valid() && request.Length == FIELDS as int
      ensures P.Decision(Abs(), call, request[..]) == if permitted then P.Permit(rule as u64) else P.Deny(rule as u64)
      ensures rule <= NORULE && work <= DECIDE_WORK
    {
      work := 1;
      reveal Valid(), Abs();
      permitted, rule := false, NORULE;
      if used == 0 || call >= CALLS {
        PolicyFacts.Decided(Abs(), call, request[..], 0);
        return;
      }
      var t, p := tab, powers;
      var entry := t[HEADER + call];
      var at := (entry % 0x1_0000_0000) as u32;
      var forbids := (entry / 0x1_0000_0000 % 0x1_0000) as u32;
      var n := forbids + (entry / 0x1_0000_0000_0000) as u32;
      ghost var words, all := Abs(), P.AllRules(Abs(), call);
      assert P.EntryOk(words, call);
      assert P.Size(words) <= MAXPOLICY as int;
      ghost var start := at;
      hide P.Admissible, P.HeaderOk, P.EntryOk, P.Decision, P.Governs, P.Matches, P.ConditionAt, P.ConditionOk, PowersOk;
      var i: u32 := 0;
      while i < n
        invariant i <= n && start <= at && at as int <= |words| && 3 * work <= 3 + 5 * i as int + at as int - start as int
        invariant P.RulesOk(words, at as int, (n - i) as int) && P.Rules(words, at as int, (n - i) as int) == all[i..]
        invariant forall k: int :: 0 <= k < i as int ==> !P.Matches(all[k], request[..])
      {
        work := work + 1;
        var head := t[at];
        var end := at + 1 + 3 * (head % 0x100) as u32;
        assert all[i] == all[i..][0] == P.RuleAt(words, at as int);
        var yes;
        ghost var w;
        yes, w := AllHold(t, at, end, request, p, words);
        work := work + w;
        if yes {
          PolicyFacts.Decided(words, call, request[..], i as int);
          permitted, rule := i >= forbids, (head / 0x100) as u32;
          return;
        }
        assert all[i + 1..] == all[i..][1..];
        at := end;
        i := i + 1;
      }
      PolicyFacts.Decided(words, call, request[..], n as int);
    }
  }
}
