include "../platform/Heap.dfy"
include "PolicyConditions.dfy"

/** Which rules of a call need not be asked: for each value below 128 of one field, the rules whose first condition does not exclude that value already.
    Nothing is decided here. Made from the table when it is loaded, for calls with many rules; the others are asked rule by rule. */
module PolicyIndexes {
  import opened Types
  import opened Limits
  import opened PolicyLimits
  import Heap
  import Operators
  import P = Policy
  import PolicyFacts
  import opened PolicyConditions

  const VALUES: u32 := 128                 // a field with a greater value has no list
  const FEWEST: u32 := 8                   // a call with fewer rules has no lists
  const MOST: u32 := 256                   // nor has one with more
  const SLOTS: u32 := 16                   // calls that have lists
  const POOL: u32 := 32768                 // entries of all lists
  const ROW: u32 := 129                    // VALUES + 1: the heads of one call's lists, and the end of the last

  // Most steps of work (spec/Cost.dfy).
  ghost const LIST_WORK: nat := 1 + MOST as nat
  ghost const LISTS_WORK: nat := 1 + VALUES as nat * (1 + LIST_WORK)
  ghost const CALL_WORK: nat := 1 + LIST_WORK + LISTS_WORK
  ghost const BUILD_WORK: nat := 1 + CALLS as nat + SLOTS as nat * CALL_WORK

  // ---- what a list holds ------------------------------------------------------------------------------------------------------

  /** All fields 0 but one. */
  ghost function Probe(f: u64, x: u64): P.Request { seq(FIELDS as int, i => if i as int == f as int then x else 0) }
  /** The rule at this word matches no request whose field f is x: its first condition says so. */
  ghost predicate Out(t: P.Words, at: int, f: u64, x: u64) {
    && P.Conditions(t, at) > 0 && Speaks(t, at, f)
    && !P.Holds(P.ConditionAt(t, at + 1), Probe(f, x))
  }
  /** The rule's first condition is about field f alone. */
  ghost predicate Speaks(t: P.Words, at: int, f: u64) { var c := P.ConditionAt(t, at + 1); c.field == f && c.operator < Operators.AtMost as u64 }
  /** A rule as an entry of a list: its place among the call's rules, and its word. */
  ghost function Code(i: nat, at: int): int { i * 0x1_0000_0000 + at }
  /** The entries for the n rules from this word on, the first of which is rule i. */
  ghost function Listed(t: P.Words, at: int, n: nat, i: nat, f: u64, x: u64): seq<int>
    decreases n
  {
    if n == 0 then [] else (if Out(t, at, f, x) then [] else [Code(i, at)]) + Listed(t, P.Next(t, at), n - 1, i + 1, f, x)
  }
  ghost function Numbers(a: seq<u64>): seq<int> { seq(|a|, i requires 0 <= i < |a| => a[i] as int) }

  lemma OutMatchesNot(t: P.Words, at: int, f: u64, x: u64, r: P.Request)
    requires Out(t, at, f, x) && f < FIELDS as u64 && r[f] == x
    ensures !P.Matches(P.RuleAt(t, at), r)
  {
    var c := P.ConditionAt(t, at + 1);
    assert P.RuleAt(t, at).conditions[0] == c;
    assert P.Value(Probe(f, x), f) == x == P.Value(r, f);
    assert P.Holds(c, r) == P.Holds(c, Probe(f, x));
  }
  /** Where the first listed rule among the n from this word on is; n rules further if none is. */
  lemma FirstListed(t: P.Words, at: int, n: nat, i: nat, f: u64, x: u64, r: P.Request) returns (j: nat, to: int)
    requires P.RulesOk(t, at, n) && f < FIELDS as u64 && r[f] == x
    ensures j <= n && P.RulesOk(t, to, n - j) && P.Rules(t, to, n - j) == P.Rules(t, at, n)[j..]
    ensures forall k: int :: 0 <= k < j ==> !P.Matches(P.Rules(t, at, n)[k], r)
    ensures j == n ==> Listed(t, at, n, i, f, x) == []
    ensures j < n ==> Listed(t, at, n, i, f, x) == [Code(i + j, to)] + Listed(t, P.Next(t, to), n - j - 1, i + j + 1, f, x)
    ensures at <= to && (at <= P.Size(t) ==> to <= P.Size(t))
    decreases n
  {
    hide P.Matches, P.RuleAt, Out;
    j, to := 0, at;
    if n > 0 && Out(t, at, f, x) {
      OutMatchesNot(t, at, f, x, r);
      var l;
      l, to := FirstListed(t, P.Next(t, at), n - 1, i + 1, f, x, r);
      j := l + 1;
      var all := P.Rules(t, at, n);
      assert all == [P.RuleAt(t, at)] + P.Rules(t, P.Next(t, at), n - 1);
      forall k: int | 0 <= k < j ensures !P.Matches(all[k], r) {
        if k > 0 { assert all[k] == P.Rules(t, P.Next(t, at), n - 1)[k - 1]; }
      }
    }
  }

  // ---- the lists --------------------------------------------------------------------------------------------------------------

  ghost function Count(t: P.Words, call: u32): nat { P.CountForbids(t, call) + P.CountPermits(t, call) }
  /** The list for value x of the field lies between two heads. */
  opaque ghost predicate ListOk(heads: seq<u64>, pool: seq<u64>, row: int, t: P.Words, call: u32, f: u64, x: int)
    requires |heads| == SLOTS as int * ROW as int && |pool| == POOL as int && 0 <= row < SLOTS as int && 0 <= x < VALUES as int
  {
    var h, e := heads[row * ROW as int + x] as int, heads[row * ROW as int + x + 1] as int;
    h <= e <= |pool| && Numbers(pool[h..e]) == Listed(t, P.Start(t, call), Count(t, call), 0, f, x as u64)
  }
  /** The list ends before `fill`. */
  ghost predicate ListIn(heads: seq<u64>, pool: seq<u64>, row: int, t: P.Words, call: u32, f: u64, x: int, fill: int)
    requires |heads| == SLOTS as int * ROW as int && |pool| == POOL as int && 0 <= row < SLOTS as int && 0 <= x < VALUES as int
  {
    ListOk(heads, pool, row, t, call, f, x) && heads[row * ROW as int + x + 1] as int <= fill
  }
  /** Entries behind a list do not change it. */
  lemma ListStays(heads: seq<u64>, heads': seq<u64>, pool: seq<u64>, pool': seq<u64>, row: int, t: P.Words, call: u32, f: u64, x: int, fill: int)
    requires |heads| == |heads'| == SLOTS as int * ROW as int && |pool| == |pool'| == POOL as int && 0 <= row < SLOTS as int && 0 <= x < VALUES as int
    requires ListOk(heads, pool, row, t, call, f, x) && 0 <= fill <= |pool| && pool[..fill] == pool'[..fill]
    requires heads[row * ROW as int + x] == heads'[row * ROW as int + x] && heads[row * ROW as int + x + 1] == heads'[row * ROW as int + x + 1] && heads[row * ROW as int + x + 1] as int <= fill
    ensures ListOk(heads', pool', row, t, call, f, x)
  {
    reveal ListOk();
    var h, e := heads[row * ROW as int + x] as int, heads[row * ROW as int + x + 1] as int;
    assert pool[h..e] == pool[..fill][h..e];
    assert pool'[h..e] == pool'[..fill][h..e];
  }

  /** One rule further. */
  lemma NextListed(t: P.Words, at: int, n: nat, i: nat, f: u64, x: u64)
    requires n > 0 && P.RulesOk(t, at, n)
    ensures P.RuleOk(t, at) && P.RulesOk(t, P.Next(t, at), n - 1)
    ensures Listed(t, at, n, i, f, x) == (if Out(t, at, f, x) then [] else [Code(i, at)]) + Listed(t, P.Next(t, at), n - 1, i + 1, f, x)
  {}
  lemma Moved(a: seq<int>, b: seq<int>, c: seq<int>)
    ensures a + (b + c) == (a + b) + c
  {}
  lemma NumbersAppended(a: seq<u64>, w: u64)
    ensures Numbers(a + [w]) == Numbers(a) + [w as int]
  {}

  /** The rule's first condition alone makes it impossible that it matches while field f is x. */
  method Excluded(tab: array<u64>, at: u32, f: u64, x: u64, powers: array<u64>, ghost t: P.Words) returns (yes: bool)
    requires powers.Length == 64 && PowersOk(powers[..]) && f < FIELDS as u64
    requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.RuleOk(t, at as int)
    ensures yes == Out(t, at as int, f, x)
  {
    yes := false;
    if tab[at] % 0x100 != 0 {
      var w := tab[at + 1];
      if w % 0x100 == f && w / 0x100 % 0x100 < Operators.AtMost as u64 {
        assert P.Value(Probe(f, x), f) == x;
        var holds := HoldsOf(w / 0x100 % 0x100, x, tab[at + 2], tab[at + 3], powers, P.ConditionAt(t, at as int + 1), Probe(f, x));
        yes := !holds;
      }
    }
  }
  /** Where the rule after the one at this word begins. */
  method After(tab: array<u64>, at: u32, ghost t: P.Words) returns (next: u32)
    requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.RuleOk(t, at as int)
    ensures next as int == P.Next(t, at as int) && at < next
  {
    next := at + 1 + 3 * (tab[at] % 0x100) as u32;
  }

  class PolicyIndex {
    const fields: array<u64>   // for each call the number of its field + 1; 0: it has no lists
    const rows: array<u64>     // and which row of heads is its
    const heads: array<u64>    // where its lists begin in the pool, and where the last ends
    const pool: array<u64>     // entries: the rule's place among the call's in the upper half, its word in the lower

    ghost function Repr(): set<object> { {this, fields, rows, heads, pool} }
    opaque ghost predicate Shape() {
      && fields.Length == rows.Length == CALLS as int && heads.Length == SLOTS as int * ROW as int && pool.Length == POOL as int
      && fields != rows && fields != heads && fields != pool && rows != heads && rows != pool && heads != pool
    }
    /** The lists for all values of field f are in this row, and end before `fill`. */
    opaque ghost predicate RowIn(t: P.Words, call: u32, f: u64, row: u32, fill: u32)
      requires Shape() && row < SLOTS
      reads heads, pool
    {
      reveal Shape();
      forall y: int {:trigger ListIn(heads[..], pool[..], row as int, t, call, f, y, fill as int)} :: 0 <= y < VALUES as int ==> ListIn(heads[..], pool[..], row as int, t, call, f, y, fill as int)
    }
    /** The call has no lists, or its lists are in one of the first rows. */
    opaque ghost predicate CallOk(t: P.Words, call: u32, slots: u32, fill: u32)
      requires Shape() && call < CALLS && slots <= SLOTS
      reads Repr()
    {
      reveal Shape();
      fields[call] == 0 || (fields[call] <= FIELDS as u64 && rows[call] < slots as u64 && RowIn(t, call, fields[call] - 1, rows[call] as u32, fill))
    }
    twostate lemma CallStays(t: P.Words, call: u32, slots: u32, fill: u32, slots': u32, fill': u32)
      requires Shape() && call < CALLS && slots <= slots' <= SLOTS && fill <= fill' && fill <= POOL && old(CallOk(t, call, slots, fill))
      requires (reveal Shape(); pool[..fill] == old(pool[..fill]) && heads[..slots * ROW] == old(heads[..slots * ROW]) && fields[call] == old(fields[call]) && rows[call] == old(rows[call]))
      ensures CallOk(t, call, slots', fill')
    {
      reveal Shape(), CallOk();
      if fields[call] != 0 {
        var f, row := fields[call] - 1, rows[call] as u32;
        reveal RowIn();
        forall y: int {:trigger ListIn(heads[..], pool[..], row as int, t, call, f, y, fill' as int)} | 0 <= y < VALUES as int
          ensures ListIn(heads[..], pool[..], row as int, t, call, f, y, fill' as int)
        {
          var at := row as int * ROW as int + y;
          assert old(ListIn(heads[..], pool[..], row as int, t, call, f, y, fill as int));
          assert at + 1 < slots as int * ROW as int;
          assert heads[at] == heads[..slots * ROW][at] == old(heads[..slots * ROW])[at] == old(heads[at]);
          assert heads[at + 1] == heads[..slots * ROW][at + 1] == old(heads[..slots * ROW])[at + 1] == old(heads[at + 1]);
          assert pool[..][..fill] == pool[..fill] && old(pool[..])[..fill] == old(pool[..fill]);
          ListStays(old(heads[..]), heads[..], old(pool[..]), pool[..], row as int, t, call, f, y, fill as int);
        }
      }
    }
    /** The lists are those of this table. */
    opaque ghost predicate Of(t: P.Words)
      reads Repr()
    {
      Shape() && forall c: u32 {:trigger CallOk(t, c, SLOTS, POOL)} :: c < CALLS ==> CallOk(t, c, SLOTS, POOL)
    }

    constructor ()
      ensures Shape() && fresh(Repr())
    {
      var f := Heap.NewU64(CALLS);
      var r := Heap.NewU64(CALLS);
      var h := Heap.NewU64(SLOTS * ROW);
      var p := Heap.NewU64(POOL);
      fields, rows, heads, pool := f, r, h, p;
      new;
      reveal Shape();
    }

    /** The entries between two places of the pool. */
    ghost function Entries(from: u32, fill: u32): seq<int>
      requires Shape() && from <= fill <= POOL
      reads pool
    {
      reveal Shape();
      Numbers(pool[from..fill])
    }
    lemma NoEntries(from: u32)
      requires Shape() && from <= POOL
      ensures Entries(from, from) == []
    {
      reveal Shape();
      assert pool[from..from] == [];
    }
    method Put(from: u32, fill: u32, i: u32, at: u32)
      requires Shape() && from <= fill < POOL
      modifies pool
      ensures Entries(from, fill + 1) == old(Entries(from, fill)) + [Code(i as nat, at as int)]
      ensures (reveal Shape(); pool[..from] == old(pool[..from]))
    {
      reveal Shape();
      ghost var before := pool[from..fill];
      pool[fill] := i as u64 * 0x1_0000_0000 + at as u64;
      assert pool[from..fill + 1] == before + [pool[fill]];
      NumbersAppended(before, pool[fill]);
    }
    /** One rule more in a list, unless it is excluded. */
    method Offer(tab: array<u64>, at: u32, i: u32, f: u64, x: u64, from: u32, to: u32, powers: array<u64>, ghost t: P.Words) returns (ok: bool, fill: u32)
      requires Shape() && powers.Length == 64 && PowersOk(powers[..]) && f < FIELDS as u64 && from <= to <= POOL
      requires tab !in Repr() && powers !in Repr()
      requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.RuleOk(t, at as int)
      modifies pool
      ensures from <= fill <= POOL && (reveal Shape(); pool[..from] == old(pool[..from]))
      ensures ok ==> Entries(from, fill) == old(Entries(from, to)) + (if Out(t, at as int, f, x) then [] else [Code(i as nat, at as int)])
    {
      hide Out, Code, P.RuleOk;
      fill := to;
      var out := Excluded(tab, at, f, x, powers, t);
      ok := out || to < POOL;
      if !out && ok {
        Put(from, to, i, at);
        fill := to + 1;
      }
    }
    /** The entries of one list, from `from` on. fill: where it ends, if it fits. */
    method List(tab: array<u64>, start: u32, n: u32, f: u64, x: u64, from: u32, powers: array<u64>, ghost t: P.Words) returns (ok: bool, fill: u32, ghost work: nat)
      requires Shape() && powers.Length == 64 && PowersOk(powers[..]) && f < FIELDS as u64
      requires tab !in Repr() && powers !in Repr() && n <= MOST && from <= POOL
      requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.RulesOk(t, start as int, n as int)
      modifies pool
      ensures from <= fill <= POOL && (reveal Shape(); pool[..from] == old(pool[..from]))
      ensures ok ==> Entries(from, fill) == Listed(t, start as int, n as int, 0, f, x)
      ensures work <= LIST_WORK
    {
      work := 1;
      hide *;
      var i: u32, at := 0, start;
      ok, fill := true, from;
      NoEntries(from);
      ghost var whole, done := Listed(t, start as int, n as int, 0, f, x), [];
      while i < n
        invariant i <= n <= MOST && from <= fill <= POOL && work == 1 + i as int
        invariant (reveal Shape(); pool[..from] == old(pool[..from]))
        invariant t == tab[..|t|] && PowersOk(powers[..]) && P.RulesOk(t, at as int, (n - i) as int)
        invariant Entries(from, fill) == done && done + Listed(t, at as int, (n - i) as nat, i as nat, f, x) == whole
      {
        work := work + 1;
        NextListed(t, at as int, (n - i) as nat, i as nat, f, x);
        ghost var rest := Listed(t, P.Next(t, at as int), (n - i - 1) as nat, i as nat + 1, f, x);
        ghost var more := if Out(t, at as int, f, x) then [] else [Code(i as nat, at as int)];
        ok, fill := Offer(tab, at, i, f, x, from, fill, powers, t);
        if !ok { return; }
        Moved(done, more, rest);
        done := done + more;
        at := After(tab, at, t);
        i := i + 1;
      }
      assert Listed(t, at as int, 0, i as nat, f, x) == [] by { reveal Listed; }
    }
    /** The lists for the values below x are in this row, and end before `fill`. */
    opaque ghost predicate RowOk(t: P.Words, call: u32, f: u64, row: u32, x: int, fill: u32)
      requires Shape() && row < SLOTS && 0 <= x <= VALUES as int
      reads heads, pool
    {
      reveal Shape();
      && heads[row * ROW + x as u32] as int == fill as int
      && forall y: int {:trigger ListIn(heads[..], pool[..], row as int, t, call, f, y, fill as int)} :: 0 <= y < x ==> ListIn(heads[..], pool[..], row as int, t, call, f, y, fill as int)
    }
    /** One list more. */
    twostate lemma RowGrows(t: P.Words, call: u32, f: u64, row: u32, x: u32, fill: u32, end: u32)
      requires Shape() && row < SLOTS && x < VALUES && old(RowOk(t, call, f, row, x as int, fill)) && fill <= end <= POOL
      requires (reveal Shape(); pool[..fill] == old(pool[..fill]) && heads[..] == old(heads[..])[row as int * ROW as int + x as int + 1 := end as u64])
      requires Entries(fill, end) == Listed(t, P.Start(t, call), Count(t, call), 0, f, x as u64)
      ensures RowOk(t, call, f, row, x as int + 1, end)
    {
      reveal Shape(), RowOk();
      hide Listed, Numbers, P.Start;
      var base := row as int * ROW as int;
      assert heads[..][base + x as int] as int == fill as int;
      assert heads[..][base + x as int + 1] as int == end as int;
      forall y: int {:trigger ListIn(heads[..], pool[..], row as int, t, call, f, y, end as int)} | 0 <= y < x as int + 1
        ensures ListIn(heads[..], pool[..], row as int, t, call, f, y, end as int)
      {
        if y < x as int {
          assert old(ListIn(heads[..], pool[..], row as int, t, call, f, y, fill as int));
          ListStays(old(heads[..]), heads[..], old(pool[..]), pool[..], row as int, t, call, f, y, fill as int);
        } else {
          reveal ListOk();
          assert pool[..][fill..end] == pool[fill..end];
        }
      }
    }
    /** The lists of one call for all values of field f, in a row of heads. fill: where they end, if they fit. */
    method Lists(tab: array<u64>, call: u32, start: u32, n: u32, f: u64, row: u32, from: u32, powers: array<u64>, ghost t: P.Words) returns (ok: bool, fill: u32, ghost work: nat)
      requires Shape() && powers.Length == 64 && PowersOk(powers[..]) && f < FIELDS as u64 && row < SLOTS
      requires tab !in Repr() && powers !in Repr() && n <= MOST && from <= POOL
      requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.RulesOk(t, start as int, n as int)
      requires start as int == P.Start(t, call) && n as int == Count(t, call)
      modifies pool, heads
      ensures from <= fill <= POOL && (reveal Shape(); pool[..from] == old(pool[..from]) && heads[..row * ROW] == old(heads[..row * ROW]))
      ensures ok ==> RowOk(t, call, f, row, VALUES as int, fill)
      ensures work <= LISTS_WORK
    {
      work := 1;
      hide Listed, Numbers, P.RulesOk, P.Start, Count, P.Size;
      reveal Shape();
      ok, fill := true, from;
      heads[row * ROW] := from as u64;
      assert RowOk(t, call, f, row, 0, fill) by { reveal RowOk(); }
      var x: u32 := 0;
      while x < VALUES && ok
        invariant x <= VALUES && work <= 1 + x as int * (1 + LIST_WORK) && from <= fill <= POOL
        invariant pool[..from] == old(pool[..from]) && heads[..row * ROW] == old(heads[..row * ROW])
        invariant t == tab[..|t|] && PowersOk(powers[..])
        invariant ok ==> RowOk(t, call, f, row, x as int, fill)
      {
        work := work + 1;
        ghost var w;
        label Before:
        var end;
        ok, end, w := List(tab, start, n, f, x as u64, fill, powers, t);
        work := work + w;
        assert pool[..from] == pool[..fill][..from];
        if ok {
          heads[row * ROW + x + 1] := end as u64;
          assert heads[..] == old@Before(heads[..])[row as int * ROW as int + x as int + 1 := end as u64];
          RowGrows@Before(t, call, f, row, x, fill, end);
        }
        fill := end;
        x := x + 1;
      }
    }
    /** The field that most of these rules look at first, if most look at one. */
    method Vote(tab: array<u64>, start: u32, n: u32, ghost t: P.Words) returns (f: u64, ghost work: nat)
      requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.RulesOk(t, start as int, n as int) && n <= MOST
      ensures f < FIELDS as u64 && work <= LIST_WORK
    {
      work := 1;
      hide *;
      f := 0;
      var i: u32, at, votes: u32 := 0, start, 0;
      while i < n
        invariant i <= n <= MOST && votes <= i && f < FIELDS as u64 && work == 1 + i as int && P.RulesOk(t, at as int, (n - i) as int)
      {
        work := work + 1;
        NextListed(t, at as int, (n - i) as nat, i as nat, 0, 0);
        var seen := Looks(tab, at, t);
        if seen < FIELDS as u64 {
          if votes == 0 { f, votes := seen, 1; }
          else if seen == f { votes := votes + 1; }
          else { votes := votes - 1; }
        }
        at := After(tab, at, t);
        i := i + 1;
      }
    }
    /** The field that the rule looks at first; FIELDS if it looks at none. */
    method Looks(tab: array<u64>, at: u32, ghost t: P.Words) returns (f: u64)
      requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.RuleOk(t, at as int)
      ensures f <= FIELDS as u64
    {
      f := FIELDS as u64;
      if tab[at] % 0x100 != 0 {
        assert P.ConditionOk(t, at as int + 1 + 3 * 0);
        f := tab[at + 1] % 0x100;
      }
    }
    /** The lists of one call, in the next row. */
    method Call(tab: array<u64>, call: u32, row: u32, from: u32, powers: array<u64>, ghost t: P.Words) returns (ok: bool, fill: u32, ghost work: nat)
      requires Shape() && powers.Length == 64 && PowersOk(powers[..]) && row < SLOTS && call < CALLS && from <= POOL
      requires tab !in Repr() && powers !in Repr() && FEWEST as int <= Count(t, call) <= MOST as int
      requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.Admissible(t) && (reveal Shape(); fields[call] == 0)
      modifies fields, rows, heads, pool
      ensures from <= fill <= POOL && (reveal Shape(); pool[..from] == old(pool[..from]) && heads[..row * ROW] == old(heads[..row * ROW]))
      ensures (reveal Shape(); forall c: u32 :: c < CALLS && c != call ==> fields[c] == old(fields[c]) && rows[c] == old(rows[c]))
      ensures CallOk(t, call, row + 1, fill) && (!ok ==> (reveal Shape(); fields[call] == 0)) && work <= CALL_WORK
    {
      work := 1;
      reveal Shape();
      assert P.EntryOk(t, call);
      hide P.Admissible, P.HeaderOk, P.RulesOk, P.EntryOk;
      var entry := tab[HEADER + call];
      var start := (entry % 0x1_0000_0000) as u32;
      var n := (entry / 0x1_0000_0000 % 0x1_0000 + entry / 0x1_0000_0000_0000) as u32;
      var f;
      ghost var w;
      f, w := Vote(tab, start, n, t);
      work := work + w;
      ok, fill, w := Lists(tab, call, start, n, f, row, from, powers, t);
      work := work + w;
      if ok {
        fields[call], rows[call] := f + 1, row as u64;
        assert RowIn(t, call, f, row, fill) by { reveal RowOk(), RowIn(); }
      }
      reveal CallOk();
    }
    /** The lists become those of table t. */
    method Build(tab: array<u64>, powers: array<u64>, ghost t: P.Words) returns (ghost work: nat)
      requires Shape() && powers.Length == 64 && PowersOk(powers[..]) && tab !in Repr() && powers !in Repr()
      requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.Admissible(t)
      modifies fields, rows, heads, pool
      ensures Of(t) && work <= BUILD_WORK
    {
      work := 1;
      reveal Shape();
      var call: u32, row: u32, fill: u32 := 0, 0, 0;
      while call < CALLS
        invariant call <= CALLS && row <= SLOTS && fill <= POOL && work <= 1 + call as int + row as int * CALL_WORK
        invariant forall c: u32 {:trigger CallOk(t, c, row, fill)} :: c < call ==> CallOk(t, c, row, fill)
        invariant t == tab[..|t|] && PowersOk(powers[..])
      {
        work := work + 1;
        label Before:
        fields[call] := 0;
        var n := Rules(tab, call, t);
        ghost var r, g := row, fill;
        if row < SLOTS && FEWEST <= n && n <= MOST {
          var ok;
          ghost var w;
          ok, fill, w := Call(tab, call, row, fill, powers, t);
          work := work + w;
          row := row + 1;
        } else {
          assert CallOk(t, call, row, fill) by { reveal CallOk(); }
        }
        forall c: u32 | c < call ensures CallOk(t, c, row, fill) {
          assert old@Before(CallOk(t, c, r, g));
          CallStays@Before(t, c, r, g, row, fill);
        }
        call := call + 1;
      }
      reveal Of();
      forall c: u32 | c < CALLS ensures CallOk(t, c, SLOTS, POOL) {
        assert CallOk(t, c, row, fill);
        CallWidens(t, c, row, fill);
      }
    }
    lemma CallWidens(t: P.Words, call: u32, slots: u32, fill: u32)
      requires Shape() && call < CALLS && slots <= SLOTS && fill <= POOL && CallOk(t, call, slots, fill)
      ensures CallOk(t, call, SLOTS, POOL)
    {
      reveal Shape(), CallOk();
      if fields[call] != 0 {
        reveal RowIn();
        var f, row := fields[call] - 1, rows[call] as u32;
        forall y: int {:trigger ListIn(heads[..], pool[..], row as int, t, call, f, y, POOL as int)} | 0 <= y < VALUES as int
          ensures ListIn(heads[..], pool[..], row as int, t, call, f, y, POOL as int)
        {
          assert ListIn(heads[..], pool[..], row as int, t, call, f, y, fill as int);
        }
      }
    }
    /** How many rules the call has. */
    method Rules(tab: array<u64>, call: u32, ghost t: P.Words) returns (n: u32)
      requires |t| <= tab.Length < LO32 as int && t == tab[..|t|] && P.Size(t) == |t| && P.HeaderOk(t) && call < CALLS
      ensures n as int == Count(t, call)
    {
      var entry := tab[HEADER + call];
      n := (entry / 0x1_0000_0000 % 0x1_0000) as u32 + (entry / 0x1_0000_0000_0000) as u32;
    }
    /** Where in the pool the rules are that may match this request, if the call has a list for it: that of the value of field f. */
    method Find(call: u32, request: array<u64>, ghost t: P.Words) returns (found: bool, from: u32, to: u32, ghost f: u64)
      requires Of(t) && call < CALLS && request.Length == FIELDS as int
      ensures from <= to <= POOL
      ensures found ==> f < FIELDS as u64 && (reveal Of(); Entries(from, to) == Listed(t, P.Start(t, call), Count(t, call), 0, f, request[f]))
    {
      reveal Of(), Shape();
      found, from, to, f := false, 0, 0, 0;
      assert CallOk(t, call, SLOTS, POOL);
      reveal CallOk();
      var g := fields[call];
      if g == 0 { return; }
      f := g - 1;
      var x := request[g - 1];
      if x >= VALUES as u64 { return; }
      reveal RowIn(), ListOk();
      hide Listed, Numbers, P.Start;
      var row := rows[call] as u32;
      assert ListIn(heads[..], pool[..], row as int, t, call, f, x as int, POOL as int);
      var at := row * ROW + x as u32;
      found, from, to := true, heads[at] as u32, heads[at + 1] as u32;
      assert pool[..][from..to] == pool[from..to];
    }
    /** An entry of the pool. */
    method Entry(k: u32) returns (code: u64)
      requires Shape() && k < POOL
      ensures (reveal Shape(); code == pool[k])
    {
      reveal Shape();
      code := pool[k];
    }
    /** The first of some entries. */
    lemma FirstEntry(k: u32, to: u32)
      requires Shape() && k < to <= POOL
      ensures (reveal Shape(); Entries(k, to) == [pool[k] as int] + Entries(k + 1, to))
    {
      reveal Shape();
      assert pool[k..to] == [pool[k]] + pool[k + 1..to];
    }
  }
}
