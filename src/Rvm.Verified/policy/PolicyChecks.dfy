include "PolicyLemmas.dfy"

/** Are words that lie somewhere in an array a policy's table? Nothing is asked of the words. */
module PolicyChecks {
  import opened Types
  import opened Limits
  import opened PolicyLimits
  import Operators
  import P = Policy
  import PolicyFacts

  // Most steps of work (spec/Cost.dfy). A rule takes a word and each of its conditions three, so the conditions of a call's rules are bounded by the
  // table's words.
  ghost const RULE_WORK: nat := 1 + MAXCONDS as nat
  ghost const RULES_WORK: nat := 2 + RULE_WORK + (5 * MAXRULES as nat + MAXPOLICY as nat) / 3
  ghost const ENTRY_WORK: nat := 1 + RULES_WORK
  ghost const ADMISSIBLE_WORK: nat := 1 + CALLS as nat * (1 + ENTRY_WORK)

  /** n words of the array from word o on hold the table t. */
  ghost predicate Holds(a: array<u64>, o: u32, n: u32, t: P.Words)
    reads a
  {
    o as int + n as int <= a.Length < LO32 as int && t == a[o..o as int + n as int]
  }
  /** As Holds, and the table's size is known to be right. */
  ghost predicate Sized(a: array<u64>, o: u32, n: u32, t: P.Words)
    reads a
  {
    Holds(a, o, n, t) && BODY as int <= P.Size(t) <= n as int && n <= MAXPOLICY
  }

  method Condition(a: array<u64>, o: u32, ghost n: u32, ghost t: P.Words, at: u32) returns (ok: bool)
    requires Sized(a, o, n, t) && at as int + 3 <= P.Size(t)
    ensures ok == P.ConditionOk(t, at as int)
  {
    var w, b := a[o + at], a[o + at + 2];
    var op, second := w / 0x100 % 0x100, w / 0x1_0000;
    ok := w % 0x100 < FIELDS as u64 && op <= Operators.Above as u64
       && (if op < Operators.AtMost as u64 then second == 0 else second < FIELDS as u64 && b == 0);
  }
  /** next: where the rule after this one begins, if this one is well written. */
  method Rule(a: array<u64>, o: u32, n: u32, ghost t: P.Words, at: u32) returns (ok: bool, next: u32, ghost work: nat)
    requires Sized(a, o, n, t) && P.Size(t) == n as int
    ensures ok == P.RuleOk(t, at as int)
    ensures ok ==> next as int == P.Next(t, at as int) && at < next <= n
    ensures work <= RULE_WORK && (ok ==> 3 * work <= next as int - at as int + 2)
  {
    work := 1;
    ok, next := false, at;
    if at >= n { return; }
    var head := a[o + at];
    var c := (head % 0x100) as u32;
    if c > MAXCONDS || head / 0x100 >= NORULE as u64 || 3 * c >= n - at { return; }
    next := at + 1 + 3 * c;
    var k: u32 := 0;
    ok := true;
    while k < c && ok
      invariant k <= c && work == 1 + k as int
      invariant ok ==> forall j: int :: 0 <= j < k as int ==> P.ConditionOk(t, at as int + 1 + 3 * j)
      invariant !ok ==> !P.RuleOk(t, at as int)
    {
      work := work + 1;
      ok := Condition(a, o, n, t, at + 1 + 3 * k);
      k := k + 1;
    }
  }
  method Rules(a: array<u64>, o: u32, n: u32, ghost t: P.Words, start: u32, count: u32) returns (ok: bool, ghost work: nat)
    requires Sized(a, o, n, t) && P.Size(t) == n as int
    ensures ok == P.RulesOk(t, start as int, count as int)
    ensures count <= MAXRULES ==> work <= RULES_WORK
  {
    work := 1;
    var i: u32, at := 0, start;
    ok := true;
    while i < count && ok
      invariant i <= count && (ok ==> start <= at && (at == start || at <= n))
      invariant ok ==> 3 * work <= 3 + 5 * i as int + at as int - start as int
      invariant count <= MAXRULES ==> work <= RULES_WORK
      invariant ok ==> P.RulesOk(t, start as int, count as int) == P.RulesOk(t, at as int, (count - i) as int)
      invariant !ok ==> !P.RulesOk(t, start as int, count as int)
    {
      work := work + 1;
      ghost var w;
      ok, at, w := Rule(a, o, n, t, at);
      work := work + w;
      i := i + 1;
    }
  }
  method Entry(a: array<u64>, o: u32, n: u32, ghost t: P.Words, call: u32) returns (ok: bool, ghost work: nat)
    requires Sized(a, o, n, t) && P.Size(t) == n as int && call < CALLS
    ensures ok == P.EntryOk(t, call)
    ensures work <= ENTRY_WORK
  {
    work := 1;
    var e := a[o + HEADER + call];
    var count := (e / 0x1_0000_0000 % 0x1_0000 + e / 0x1_0000_0000_0000) as u32;
    var start := (e % 0x1_0000_0000) as u32;
    if count == 0 { ok := e == 0; }
    else if count > MAXRULES || start < BODY { ok := false; }
    else {
      ghost var w;
      ok, w := Rules(a, o, n, t, start, count);
      work := work + w;
    }
  }
  /** The table's size if the header of these n words is in order, 0 otherwise. */
  method Header(a: array<u64>, o: u32, n: u32, ghost t: P.Words) returns (size: u32)
    requires Holds(a, o, n, t)
    ensures P.HeaderOk(t) ==> size as int == P.Size(t)
    ensures !P.HeaderOk(t) ==> size == 0
  {
    size := 0;
    if n < BODY { return; }
    var s := a[o + 2];
    if a[o] == POLICY && a[o + 1] == VERSION
       && BODY as u64 <= s && s <= MAXPOLICY as u64 && s <= n as u64 && s <= a[o + 3]
    {
      size := s as u32;
    }
  }
  /** size: of the table in these n words; 0 if they are no table. */
  method Admissible(a: array<u64>, o: u32, n: u32) returns (size: u32, ghost work: nat)
    requires o as int + n as int <= a.Length < LO32 as int
    ensures work <= ADMISSIBLE_WORK
    ensures P.Admissible(a[o..o as int + n as int]) <==> size > 0
    ensures size > 0 ==> size as int == P.Size(a[o..o as int + n as int]) && size <= n
  {
    work := 1;
    ghost var whole := a[o..o as int + n as int];
    size := Header(a, o, n, whole);
    if size == 0 { return; }
    ghost var t := P.Kept(whole);
    assert t == a[o..o as int + size as int];
    Alike(whole);
    hide P.EntryOk, P.HeaderOk, P.Size;
    var call: u32 := 0;
    while call < CALLS
      invariant call <= CALLS && work <= 1 + call as int * (1 + ENTRY_WORK)
      invariant forall c: u32 :: c < call ==> P.EntryOk(t, c)
    {
      work := work + 1;
      var ok;
      ghost var w;
      ok, w := Entry(a, o, size, t, call);
      work := work + w;
      if !ok {
        size := 0;
        return;
      }
      call := call + 1;
    }
  }
  lemma Alike(t: P.Words)
    requires P.HeaderOk(t)
    ensures P.HeaderOk(P.Kept(t)) && P.Size(P.Kept(t)) == P.Size(t) == |P.Kept(t)|
    ensures P.Admissible(t) == P.Admissible(P.Kept(t))
  {
    PolicyFacts.KeptAgrees(t);
    PolicyFacts.AgreeBack(t, P.Kept(t));
    if P.Admissible(t) { PolicyFacts.AdmittedToo(t, P.Kept(t)); }
    if P.Admissible(P.Kept(t)) { PolicyFacts.AdmittedToo(P.Kept(t), t); }
  }
}
