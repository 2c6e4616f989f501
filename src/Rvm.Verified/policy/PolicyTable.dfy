include "../platform/Heap.dfy"
include "PolicyIndex.dfy"

/** The policy that decides calls. */
module PolicyTables {
  import opened Types
  import opened Limits
  import opened PolicyLimits
  import Heap
  import P = Policy
  import opened PolicyConditions
  import PolicyChecks
  import PolicyIndexes
  import PolicyFacts

  // Most steps of work (spec/Cost.dfy). A rule costs two steps and each condition one more; together they take no more words than a table has.
  ghost const COPY_WORK: nat := 1 + MAXPOLICY as nat + PolicyIndexes.BUILD_WORK
  ghost const ASK_WORK: nat := 1 + (5 * MAXRULES as nat + MAXPOLICY as nat) / 3
  ghost const DECIDE_WORK: nat := 1 + ASK_WORK

  /** The rules before rule i are known not to match; rule i, at this word, is the next. */
  ghost predicate Before(t: P.Words, call: u32, i: nat, at: int, r: P.Request) {
    var all := P.AllRules(t, call);
    && i <= |all| && P.RulesOk(t, at, |all| - i) && P.Rules(t, at, |all| - i) == all[i..] && 0 <= at <= P.Size(t)
    && forall k: int :: 0 <= k < i ==> !P.Matches(all[k], r)
  }
  lemma Passed(t: P.Words, call: u32, i: nat, at: int, r: P.Request)
    requires Before(t, call, i, at, r) && i < |P.AllRules(t, call)| && !P.Matches(P.AllRules(t, call)[i], r)
    ensures Before(t, call, i + 1, P.Next(t, at), r) && at < P.Next(t, at)
  {
    hide P.Matches;
    var all := P.AllRules(t, call);
    assert all[i + 1..] == all[i..][1..];
  }
  lemma InRule(t: P.Words, call: u32, i: nat, at: int, r: P.Request)
    requires Before(t, call, i, at, r) && i < |P.AllRules(t, call)| && P.Size(t) <= MAXPOLICY as int
    ensures 0 <= at < MAXPOLICY as int && at < P.Next(t, at) <= P.Size(t)
  {}
  /** The next rule that is listed; behind the last if none is. */
  lemma NextAsked(t: P.Words, call: u32, i: nat, at: int, r: P.Request, f: u64, x: u64) returns (i': nat, at': int)
    requires Before(t, call, i, at, r) && f < FIELDS as u64 && r[f] == x
    ensures Before(t, call, i', at', r) && i <= i' && at <= at'
    ensures var n, l := |P.AllRules(t, call)|, PolicyIndexes.Listed(t, at, |P.AllRules(t, call)| - i, i, f, x);
      if i' == n then l == [] else l == [PolicyIndexes.Code(i', at')] + PolicyIndexes.Listed(t, P.Next(t, at'), n - i' - 1, i' + 1, f, x)
  {
    hide P.Matches, PolicyIndexes.Listed;
    var all := P.AllRules(t, call);
    var j;
    j, at' := PolicyIndexes.FirstListed(t, at, |all| - i, i, f, x, r);
    i' := i + j;
    assert all[i'..] == all[i..][j..];
    forall k: int | 0 <= k < i' ensures !P.Matches(all[k], r) {
      if i <= k { assert all[k] == all[i..][k - i]; }
    }
  }

  /** The entries that are left are those of the rules from rule i on, at this word, that are listed. */
  opaque ghost predicate Asking(left: seq<int>, t: P.Words, call: u32, i: nat, at: int, f: u64, r: P.Request) {
    var n := |P.AllRules(t, call)|;
    && call < CALLS && P.Admissible(t) && P.Size(t) == |t| && f < FIELDS as u64 && Before(t, call, i, at, r) && P.Start(t, call) <= at
    && left == if i == n then [] else [PolicyIndexes.Code(i, at)] + PolicyIndexes.Listed(t, P.Next(t, at), n - i - 1, i + 1, f, r[f])
  }
  lemma AtStart(t: P.Words, call: u32, r: P.Request)
    requires P.Admissible(t) && P.Size(t) == |t| && call < CALLS
    ensures Before(t, call, 0, P.Start(t, call), r) && |P.AllRules(t, call)| == PolicyIndexes.Count(t, call) <= MAXRULES as int && |t| <= MAXPOLICY as int
  {
    assert P.EntryOk(t, call);
    assert P.AllRules(t, call)[0..] == P.AllRules(t, call);
  }
  lemma Begin(left: seq<int>, t: P.Words, call: u32, f: u64, r: P.Request) returns (i: nat, at: int)
    requires P.Admissible(t) && P.Size(t) == |t| && call < CALLS && f < FIELDS as u64
    requires left == PolicyIndexes.Listed(t, P.Start(t, call), PolicyIndexes.Count(t, call), 0, f, r[f])
    ensures Asking(left, t, call, i, at, f, r) && P.Start(t, call) <= at
  {
    hide P.Matches, PolicyIndexes.Listed;
    reveal Asking();
    AtStart(t, call, r);
    i, at := NextAsked(t, call, 0, P.Start(t, call), r, f, r[f]);
  }
  /** The next entry is rule i's. */
  lemma Asked(left: seq<int>, t: P.Words, call: u32, i: nat, at: int, f: u64, r: P.Request)
    requires Asking(left, t, call, i, at, f, r) && left != []
    ensures i < |P.AllRules(t, call)| && left[0] == PolicyIndexes.Code(i, at) && 0 <= at < |t| && i < MAXRULES as int && |t| <= MAXPOLICY as int && at < P.Next(t, at) <= |t|
    ensures P.RuleOk(t, at) && P.AllRules(t, call)[i] == P.RuleAt(t, at)
  {
    hide P.Matches, PolicyIndexes.Listed;
    reveal Asking();
    AtStart(t, call, r);
    assert P.AllRules(t, call)[i] == P.AllRules(t, call)[i..][0];
  }
  /** Rule i does not match. */
  lemma GoOn(left: seq<int>, t: P.Words, call: u32, i: nat, at: int, f: u64, r: P.Request) returns (i': nat, at': int)
    requires Asking(left, t, call, i, at, f, r) && left != [] && (i < |P.AllRules(t, call)| ==> !P.Matches(P.AllRules(t, call)[i], r))
    ensures Asking(left[1..], t, call, i', at', f, r) && i < i' && P.Next(t, at) <= at'
  {
    hide P.Matches, PolicyIndexes.Listed, P.RulesOk, P.Rules, P.Admissible;
    Asked(left, t, call, i, at, f, r);
    reveal Asking();
    Passed(t, call, i, at, r);
    i', at' := NextAsked(t, call, i + 1, P.Next(t, at), r, f, r[f]);
    assert left[1..] == PolicyIndexes.Listed(t, P.Next(t, at), |P.AllRules(t, call)| - i - 1, i + 1, f, r[f]);
  }
  /** Rule i matches. */
  lemma Matched(left: seq<int>, t: P.Words, call: u32, i: nat, at: int, f: u64, r: P.Request)
    requires Asking(left, t, call, i, at, f, r) && i < |P.AllRules(t, call)| && P.Matches(P.AllRules(t, call)[i], r)
    ensures P.Decision(t, call, r) == if i < P.CountForbids(t, call) then P.Deny(P.AllRules(t, call)[i].id) else P.Permit(P.AllRules(t, call)[i].id)
  {
    hide P.Matches, PolicyIndexes.Listed, P.Decision;
    reveal Asking();
    PolicyFacts.Decided(t, call, r, i);
  }
  lemma NoneMatched(t: P.Words, call: u32, i: nat, at: int, f: u64, r: P.Request)
    requires Asking([], t, call, i, at, f, r)
    ensures P.Decision(t, call, r) == P.Deny(NORULE as u64)
  {
    hide P.Matches, PolicyIndexes.Listed, P.Decision;
    reveal Asking();
    PolicyFacts.Decided(t, call, r, i);
  }
  lemma WorkOfAsking(left: seq<int>, t: P.Words, call: u32, i: nat, at: int, f: u64, r: P.Request, work: nat)
    requires Asking(left, t, call, i, at, f, r)
    ensures PolicyIndexes.Count(t, call) <= PolicyIndexes.MOST as int ==>
      && (3 * work <= 3 + 8 * i + at - P.Start(t, call) ==> work <= ASK_WORK)
      && (i < |P.AllRules(t, call)| && 3 * work <= 11 + 8 * i + P.Next(t, at) - P.Start(t, call) ==> work <= ASK_WORK)
  {
    hide P.Matches, PolicyIndexes.Listed;
    reveal Asking();
    AtStart(t, call, r);
  }
  /** Does the rule match that this entry names? rule: its number. */
  method AskEntry(tab: array<u64>, code: u64, forbids: u32, request: array<u64>, powers: array<u64>, ghost left: seq<int>, ghost t: P.Words, ghost call: u32,
                  ghost i: nat, ghost at: int, ghost f: u64)
    returns (yes: bool, permitted: bool, rule: u32, ghost work: nat)
    requires request.Length == FIELDS as int && powers.Length == 64 && PowersOk(powers[..]) && |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t|
    requires Asking(left, t, call, i, at, f, request[..]) && left != [] && left[0] == code as int && forbids as int == P.CountForbids(t, call)
    ensures i < |P.AllRules(t, call)| && yes == P.Matches(P.AllRules(t, call)[i], request[..])
    ensures yes ==> P.Decision(t, call, request[..]) == if permitted then P.Permit(rule as u64) else P.Deny(rule as u64)
    ensures rule <= NORULE && (!yes ==> !permitted && rule == NORULE) && 3 * work <= P.Next(t, at) - at + 5
  {
    work := 1;
    Asked(left, t, call, i, at, f, request[..]);
    hide P.Admissible, P.HeaderOk, P.EntryOk, P.Decision, P.Governs, P.Matches, P.ConditionAt, P.ConditionOk, PowersOk, P.AllRules, P.CountForbids;
    var w := (code % 0x1_0000_0000) as u32;
    assert w as int == at && code as int / 0x1_0000_0000 == i;
    var head := tab[w];
    ghost var more;
    yes, more := AllHold(tab, w, w + 1 + 3 * (head % 0x100) as u32, request, powers, t);
    work := work + more;
    permitted, rule := false, NORULE;
    if yes {
      Matched(left, t, call, i, at, f, request[..]);
      permitted, rule := code / 0x1_0000_0000 >= forbids as u64, (head / 0x100) as u32;
    }
  }

  class PolicyTable {
    const tab: array<u64>      // the table, from word 0 on
    const powers: array<u64>   // of two, 64 of them
    const index: PolicyIndexes.PolicyIndex
    var used: u32              // words in use; 0: there is no policy

    ghost function Repr(): set<object> { {this, tab, powers} + index.Repr() }
    opaque ghost function Abs(): P.Words
      reads this, tab
    {
      if used as int <= tab.Length then tab[..used] else []
    }
    opaque ghost predicate Valid()
      reads Repr()
    {
      && {this, tab, powers} !! index.Repr() && index.Shape()
      && (used > 0 && used as int <= tab.Length ==> index.Of(tab[..used]))
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
      ensures Valid() && fresh(Repr() - {this}) && Abs() == []
    {
      var t := Heap.NewU64(MAXPOLICY);
      var p := Heap.NewU64(64);
      var x := new PolicyIndexes.PolicyIndex();
      tab, powers, index, used := t, p, x, 0;
      new;
      powers[0 as u32] := 1;
      var i: u32 := 1;
      while i < 64
        invariant 1 <= i <= 64 && forall k: int :: 0 <= k < i as int ==> powers[k] as int == P.Power(k)
        invariant used == 0 && fresh(tab) && fresh(powers) && tab != powers && fresh(index.Repr()) && index.Shape() && {this, tab, powers} !! index.Repr()
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
      modifies Repr()
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
      modifies Repr()
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
      PolicyFacts.KeptIsAdmitted(t);
      assert tab[..size] == P.Kept(t);
      ghost var w := index.Build(tab, powers, tab[..size]);
      work := work + w;
      used := size;
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
      b := call == 6 || call == 7 || call == 9 || call == 10 || (12 <= call && call <= 20) || call == 71 || call == 79;
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
      assert P.EntryOk(Abs(), call);
      hide P.Admissible, P.HeaderOk, P.EntryOk, P.Decision, PowersOk, P.RulesOk;
      var entry := tab[HEADER + call];
      var forbids := (entry / 0x1_0000_0000 % 0x1_0000) as u32;
      var n := forbids + (entry / 0x1_0000_0000_0000) as u32;
      var found, from, to := false, 0, 0;
      ghost var f, w;
      if PolicyIndexes.FEWEST <= n && n <= PolicyIndexes.MOST {
        found, from, to, f := index.Find(call, request, Abs());
      }
      if found {
        permitted, rule, w := AskListed(call, forbids, from, to, request, f);
        work := work + w;
      } else {
        permitted, rule, w := AskAll(call, (entry % 0x1_0000_0000) as u32, forbids, n, request);
        work := work + w;
      }
    }
    /** The call's n rules are asked in their order, the first of which is at this word. */
    method AskAll(call: u32, start: u32, forbids: u32, n: u32, request: array<u64>) returns (permitted: bool, rule: u32, ghost work: nat)
      requires Valid() && used > 0 && request.Length == FIELDS as int && call < CALLS
      requires start as int == P.Start(Abs(), call) && forbids as int == P.CountForbids(Abs(), call) && n as int == PolicyIndexes.Count(Abs(), call)
      ensures P.Decision(Abs(), call, request[..]) == if permitted then P.Permit(rule as u64) else P.Deny(rule as u64)
      ensures rule <= NORULE && work <= ASK_WORK
    {
      work := 1;
      reveal Valid(), Abs();
      permitted, rule := false, NORULE;
      var t, p := tab, powers;
      ghost var words, all := Abs(), P.AllRules(Abs(), call);
      assert P.EntryOk(words, call);
      assert P.Size(words) <= MAXPOLICY as int;
      hide P.Admissible, P.HeaderOk, P.EntryOk, P.Decision, P.Governs, P.Matches, P.ConditionAt, P.ConditionOk, PowersOk;
      var i: u32, at := 0, start;
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
    /** The rules in this part of the pool are asked in their order; no other rule of the call matches, for the request's value of field f. */
    method AskListed(call: u32, forbids: u32, from: u32, to: u32, request: array<u64>, ghost f: u64) returns (permitted: bool, rule: u32, ghost work: nat)
      requires Valid() && used > 0 && request.Length == FIELDS as int && call < CALLS && from <= to <= PolicyIndexes.POOL && f < FIELDS as u64
      requires PolicyIndexes.Count(Abs(), call) <= PolicyIndexes.MOST as int
      requires forbids as int == P.CountForbids(Abs(), call) && (reveal Valid();
        index.Entries(from, to) == PolicyIndexes.Listed(Abs(), P.Start(Abs(), call), PolicyIndexes.Count(Abs(), call), 0, f, request[f]))
      ensures P.Decision(Abs(), call, request[..]) == if permitted then P.Permit(rule as u64) else P.Deny(rule as u64)
      ensures rule <= NORULE && work <= ASK_WORK
    {
      work := 1;
      permitted, rule := false, NORULE;
      reveal Valid(), Abs(), index.Shape();
      var pool, t, p := index.pool, tab, powers;
      ghost var words, r := Abs(), request[..];
      ghost var start := P.Start(words, call);
      ghost var left := index.Entries(from, to);
      ghost var i: nat, at: int;
      i, at := Begin(left, words, call, f, r);
      hide *;
      var k := from;
      while k < to
        invariant from <= k <= to && 3 * work <= 3 + 8 * i + at - start && Asking(left, words, call, i, at, f, r)
        invariant left == PolicyIndexes.Numbers(pool[k..to]) && !permitted && rule == NORULE
      {
        work := work + 1;
        assert left != [] && left[0] == pool[k] as int && left[1..] == PolicyIndexes.Numbers(pool[k + 1..to]) by { reveal PolicyIndexes.Numbers; }
        var yes;
        ghost var w;
        yes, permitted, rule, w := AskEntry(t, pool[k], forbids, request, p, left, words, call, i, at, f);
        work := work + w;
        if yes {
          WorkOfAsking(left, words, call, i, at, f, r, work);
          return;
        }
        i, at := GoOn(left, words, call, i, at, f, r);
        left := left[1..];
        k := k + 1;
      }
      assert left == [] by { reveal PolicyIndexes.Numbers; }
      NoneMatched(words, call, i, at, f, r);
      WorkOfAsking(left, words, call, i, at, f, r, work);
    }
  }
}
