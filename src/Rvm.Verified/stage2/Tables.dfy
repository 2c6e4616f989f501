include "../../../spec/PageTable.dfy"

/** What the words of a partition's 16 tables must be, and how each store changes the map that they hold. Pure values only. */
module {:compile false} TableFacts {
  import opened Types
  import opened Limits
  import opened State
  import M = Memory
  import PT = PageTable

  const POOL: int := 0x10_0000               // words: 128 partitions * 16 tables * 512
  const SIZE: int := 0x2000                  // words of one partition
  const GROUP: int := 0x4_0000               // level-2 keys begin here

  // ---- numbers ------------------------------------------------------------------------------------------------------------

  opaque ghost function Up(n: int): int { n / 512 }
  opaque ghost function Low(n: int): int { n % 512 }
  lemma Parts(n: int)
    ensures n == Up(n) * 512 + Low(n) && 0 <= Low(n) < 512
  {
    reveal Up(), Low();
  }
  lemma PartsAre(n: int, u: int, l: int)
    requires n == u * 512 + l && 0 <= l < 512
    ensures Up(n) == u && Low(n) == l
  {
    reveal Up(), Low();
  }
  /** The three indices of a page, as the code computes them. */
  lemma Indices(v: u32)
    requires v as u64 < IPAPAGES
    ensures Up(v as int) == (v / 512) as int == M.Key3(v) as int && Low(v as int) == (v % 512) as int
    ensures Up(Up(v as int)) == (v / 0x4_0000) as int == M.Key2(v) as int - GROUP && Low(Up(v as int)) == (v / 512 % 512) as int
    ensures 0 <= Up(v as int) < GROUP && 0 <= Up(Up(v as int)) < 512
    ensures v as int == Up(v as int) * 512 + Low(v as int) && 0 <= Low(v as int) < 512
    ensures Up(v as int) == Up(Up(v as int)) * 512 + Low(Up(v as int)) && 0 <= Low(Up(v as int)) < 512
  {
    reveal Up(), Low(), M.Key2(), M.Key3();
  }

  // ---- keys ---------------------------------------------------------------------------------------------------------------

  /** Which table of the partition has key k: 0 if none (table 0 is the root). */
  ghost function Slot(keys: seq<u32>, k: int): int
    ensures 0 <= Slot(keys, k) <= |keys|
    ensures Slot(keys, k) > 0 ==> keys[Slot(keys, k) - 1] as int == k
  {
    if |keys| == 0 then 0
    else
      var s := Slot(keys[..|keys| - 1], k);
      if s > 0 then s else if keys[|keys| - 1] as int == k then |keys| else 0
  }
  ghost predicate Has(keys: seq<u32>, k: int) { Slot(keys, k) > 0 }
  lemma HasIsIn(keys: seq<u32>, k: u32)
    ensures Has(keys, k as int) <==> k in keys
  {
    if |keys| > 0 { HasIsIn(keys[..|keys| - 1], k); }
  }
  lemma SlotAppend(keys: seq<u32>, k: u32, x: int)
    ensures Slot(keys + [k], x) == if Has(keys, x) then Slot(keys, x) else if x == k as int then |keys| + 1 else 0
  {
    assert (keys + [k])[..|keys|] == keys;
  }
  lemma SlotIs(keys: seq<u32>, i: int)
    requires 0 <= i < |keys| && Distinct(keys)
    ensures Slot(keys, keys[i] as int) == i + 1
  {
    HasIsIn(keys, keys[i]);
  }
  /** A key's parent table: the root's key is -1. */
  ghost predicate HasParent(keys: seq<u32>, k: int) { k < GROUP ==> Has(keys, GROUP + Up(k)) }

  ghost predicate KeyOk(keys: seq<u32>, i: int) requires 0 <= i < |keys| {
    keys[i] as int < GROUP + 512 && HasParent(keys, keys[i] as int)
  }
  ghost predicate Distinct(keys: seq<u32>) { forall a, b :: 0 <= a < b < |keys| ==> keys[a] != keys[b] }
  opaque ghost predicate KeysOk(keys: seq<u32>) {
    |keys| < NTAB as int && Distinct(keys) && forall i {:trigger KeyOk(keys, i)} :: 0 <= i < |keys| ==> KeyOk(keys, i)
  }
  lemma KeyAt(keys: seq<u32>, i: int)
    requires KeysOk(keys) && 0 <= i < |keys|
    ensures KeyOk(keys, i) && Slot(keys, keys[i] as int) == i + 1
  {
    reveal KeysOk();
    SlotIs(keys, i);
  }
  lemma AppendKeepsKeysOk(keys: seq<u32>, k: u32)
    requires KeysOk(keys) && |keys| + 1 < NTAB as int && !Has(keys, k as int) && k as int < GROUP + 512 && HasParent(keys, k as int)
    ensures KeysOk(keys + [k])
  {
    reveal KeysOk();
    HasIsIn(keys, k);
    forall i | 0 <= i < |keys| + 1 ensures KeyOk(keys + [k], i) {
      SlotAppend(keys, k, GROUP + Up((keys + [k])[i] as int));
      if i < |keys| { assert KeyOk(keys, i); }
    }
  }

  ghost predicate PageOk(m: Map, v: u32) requires v in m.pages {
    v as u64 < IPAPAGES && Has(m.keys, Up(v as int)) && m.pages[v].frame < M.FRAMES && m.pages[v].perm <= 3
  }
  opaque ghost predicate MapOk(m: Map) {
    KeysOk(m.keys) && forall v {:trigger m.pages[v]} :: v in m.pages ==> PageOk(m, v)
  }

  // ---- words --------------------------------------------------------------------------------------------------------------

  ghost function Pointer(keys: seq<u32>, first: int, k: int): int {
    if Has(keys, k) then (first + Slot(keys, k)) * 4096 + 3 else 0
  }
  ghost function Leaf(pages: map<u32, Pte>, v: int): int {
    if 0 <= v < IPAPAGES as int && v as u32 in pages then pages[v as u32].frame as int * 4096 + PT.Attributes(pages[v as u32].perm) as int else 0
  }
  /** Entry e of table j of a partition whose root is in frame `first`. */
  ghost function Word(m: Map, first: int, j: int, e: int): int
    requires 0 <= j <= |m.keys|
  {
    if j == 0 then Pointer(m.keys, first, GROUP + e)
    else if m.keys[j - 1] as int >= GROUP then Pointer(m.keys, first, (m.keys[j - 1] as int - GROUP) * 512 + e)
    else Leaf(m.pages, m.keys[j - 1] as int * 512 + e)
  }
  ghost function Cell(p: int, j: int, e: int): int
  {
    p * SIZE + j * 512 + e
  }
  opaque ghost predicate Contents(pool: seq<u64>, m: Map, base: int, p: int)
    requires |pool| == POOL && 0 <= p < NPART as int && |m.keys| < NTAB as int
  {
    forall j, e {:trigger Cell(p, j, e)} :: 0 <= j <= |m.keys| && 0 <= e < 512 ==> pool[Cell(p, j, e)] as int == Word(m, base + 16 * p, j, e)
  }
  lemma Read(pool: seq<u64>, m: Map, base: int, p: int, j: int, e: int)
    requires |pool| == POOL && 0 <= p < NPART as int && |m.keys| < NTAB as int && Contents(pool, m, base, p)
    requires 0 <= j <= |m.keys| && 0 <= e < 512
    ensures 0 <= Cell(p, j, e) < POOL && pool[Cell(p, j, e)] as int == Word(m, base + 16 * p, j, e)
  {
    reveal Contents();
  }

  /** n tables of partition p are in use; they hold the map m. */
  opaque ghost predicate PartOk(pool: seq<u64>, n: u32, m: Map, base: int, p: int)
    requires |pool| == POOL && 0 <= p < NPART as int
  {
    && MapOk(m) && |m.keys| < NTAB as int
    && if n == 0 then m == M.EmptyMap else n as int == |m.keys| + 1 && Contents(pool, m, base, p)
  }
  opaque ghost predicate Roots(n: seq<u32>, rooted: set<u32>) requires |n| == NPART as int {
    forall p: u32 :: p in rooted <==> p < NPART && n[p] != 0
  }
  /** The pool, the table counts and the maps belong together. */
  opaque ghost predicate AllOk(pool: seq<u64>, n: seq<u32>, maps: seq<Map>, base: int) {
    && |pool| == POOL && |n| == |maps| == NPART as int
    && forall p {:trigger maps[p]} :: 0 <= p < NPART as int ==> PartOk(pool, n[p], maps[p], base, p)
  }
  ghost predicate SameElsewhere(pool: seq<u64>, pool': seq<u64>, p: int) {
    |pool| == |pool'| == POOL && forall i :: 0 <= i < POOL && !(p * SIZE <= i < p * SIZE + SIZE) ==> pool'[i] == pool[i]
  }
  lemma OtherPartition(pool: seq<u64>, pool': seq<u64>, p: int, n: u32, m: Map, base: int, q: int)
    requires 0 <= p < NPART as int && 0 <= q < NPART as int && p != q && SameElsewhere(pool, pool', p) && PartOk(pool, n, m, base, q)
    ensures PartOk(pool', n, m, base, q)
  {
    reveal PartOk(), Contents();
    if n != 0 {
      forall j, e | 0 <= j <= |m.keys| && 0 <= e < 512 ensures pool'[Cell(q, j, e)] as int == Word(m, base + 16 * q, j, e) {
        assert pool[Cell(q, j, e)] as int == Word(m, base + 16 * q, j, e);
      }
    }
  }
  /** A change of one partition's tables, count and map leaves the others as they were. */
  lemma Step(pool: seq<u64>, n: seq<u32>, maps: seq<Map>, base: int, p: int, pool': seq<u64>, c: u32, m: Map)
    requires AllOk(pool, n, maps, base) && 0 <= p < NPART as int && SameElsewhere(pool, pool', p) && PartOk(pool', c, m, base, p)
    requires |n| == |maps| == NPART as int
    ensures AllOk(pool', n[p := c], maps[p := m], base)
  {
    reveal AllOk();
    forall q | 0 <= q < NPART as int && q != p ensures PartOk(pool', n[q], maps[q], base, q) {
      assert PartOk(pool, n[q], maps[q], base, q);
      OtherPartition(pool, pool', p, n[q], maps[q], base, q);
    }
  }
  lemma Part(pool: seq<u64>, n: seq<u32>, maps: seq<Map>, base: int, p: int)
    requires AllOk(pool, n, maps, base) && 0 <= p < NPART as int
    ensures |pool| == POOL && |n| == |maps| == NPART as int && PartOk(pool, n[p], maps[p], base, p)
    ensures MapOk(maps[p]) && KeysOk(maps[p].keys) && |maps[p].keys| < NTAB as int
    ensures n[p] != 0 ==> n[p] as int == |maps[p].keys| + 1 && Contents(pool, maps[p], base, p)
  {
    reveal AllOk(), PartOk(), MapOk();
    assert maps[p] == maps[p];
  }

  // ---- the walk in software -----------------------------------------------------------------------------------------------

  /** Entry v / 2^18 of the root points to the level-2 table of page v, if there is one. */
  lemma Level1(pool: seq<u64>, m: Map, base: int, p: int, v: u32)
    requires |pool| == POOL && 0 <= p < NPART as int && MapOk(m) && |m.keys| < NTAB as int && Contents(pool, m, base, p) && v as u64 < IPAPAGES
    ensures var c := p * SIZE + (v / 0x4_0000) as int;
            0 <= c < POOL && pool[c] as int == Pointer(m.keys, base + 16 * p, M.Key2(v) as int)
    ensures Has(m.keys, M.Key3(v) as int) ==> Has(m.keys, M.Key2(v) as int)
  {
    Indices(v);
    Read(pool, m, base, p, 0, (v / 0x4_0000) as int);
    reveal MapOk();
    if Has(m.keys, M.Key3(v) as int) { KeyAt(m.keys, Slot(m.keys, M.Key3(v) as int) - 1); }
  }
  /** Entry v / 2^9 % 512 of that table points to the level-3 table, if there is one. */
  lemma Level2(pool: seq<u64>, m: Map, base: int, p: int, v: u32)
    requires |pool| == POOL && 0 <= p < NPART as int && |m.keys| < NTAB as int && Contents(pool, m, base, p) && v as u64 < IPAPAGES
    requires Has(m.keys, M.Key2(v) as int)
    ensures var c := (p * 16 + Slot(m.keys, M.Key2(v) as int)) * 512 + (v / 512 % 512) as int;
            0 <= c < POOL && pool[c] as int == Pointer(m.keys, base + 16 * p, M.Key3(v) as int)
  {
    Indices(v);
    Read(pool, m, base, p, Slot(m.keys, M.Key2(v) as int), (v / 512 % 512) as int);
  }
  /** Entry v % 512 of that table shows the page, if it is mapped. */
  lemma Level3(pool: seq<u64>, m: Map, base: int, p: int, v: u32)
    requires |pool| == POOL && 0 <= p < NPART as int && |m.keys| < NTAB as int && Contents(pool, m, base, p) && v as u64 < IPAPAGES
    requires Has(m.keys, M.Key3(v) as int)
    ensures var c := (p * 16 + Slot(m.keys, M.Key3(v) as int)) * 512 + (v % 512) as int;
            0 <= c < POOL && pool[c] as int == Leaf(m.pages, v as int)
  {
    Indices(v);
    Read(pool, m, base, p, Slot(m.keys, M.Key3(v) as int), (v % 512) as int);
  }
  lemma NoTableNoPage(m: Map, v: u32)
    requires MapOk(m) && v in m.pages
    ensures v as u64 < IPAPAGES && Has(m.keys, M.Key3(v) as int)
  {
    reveal MapOk();
    assert PageOk(m, v);
    Indices(v);
  }

  // ---- stores -------------------------------------------------------------------------------------------------------------

  /** The empty map: a root full of zeros. */
  lemma Emptied(pool: seq<u64>, base: int, p: int)
    requires |pool| == POOL && 0 <= p < NPART as int && forall i :: p * SIZE <= i < p * SIZE + 512 ==> pool[i] == 0
    ensures PartOk(pool, 1, M.EmptyMap, base, p)
  {
    reveal PartOk(), Contents(), MapOk(), KeysOk();
  }
  lemma NoneRooted(pool: seq<u64>, n: seq<u32>, base: int)
    requires |pool| == POOL && |n| == NPART as int && forall p :: 0 <= p < |n| ==> n[p] == 0
    ensures AllOk(pool, n, seq(NPART as int, _ => M.EmptyMap), base)
  {
    reveal AllOk(), PartOk(), MapOk(), KeysOk();
  }

  /** The cell that must point to the table with key k. */
  ghost function ParentSlot(keys: seq<u32>, k: int): int { if k >= GROUP then 0 else Slot(keys, GROUP + Up(k)) }
  ghost function ParentEntry(k: int): int { if k >= GROUP then k - GROUP else Low(k) }

  lemma NewTableIsEmpty(m: Map, first: int, k: u32, e: int)
    requires MapOk(m) && !Has(m.keys, k as int) && k as int < GROUP + 512 && 0 <= e < 512
    ensures Word(m.(keys := m.keys + [k]), first, |m.keys| + 1, e) == 0
  {
    reveal MapOk();
    if k as int >= GROUP {
      var x := (k as int - GROUP) * 512 + e;
      PartsAre(x, k as int - GROUP, e);
      SlotAppend(m.keys, k, x);
      if Has(m.keys, x) { KeyAt(m.keys, Slot(m.keys, x) - 1); }
    } else {
      var v := k as int * 512 + e;
      PartsAre(v, k as int, e);
      assert v as u32 in m.pages ==> PageOk(m, v as u32);
    }
  }
  lemma OtherWords(m: Map, first: int, k: u32, j: int, e: int)
    requires KeysOk(m.keys) && !Has(m.keys, k as int) && k as int < GROUP + 512 && HasParent(m.keys, k as int)
    requires 0 <= j <= |m.keys| && 0 <= e < 512
    ensures Word(m.(keys := m.keys + [k]), first, j, e)
         == if j == ParentSlot(m.keys, k as int) && e == ParentEntry(k as int) then (first + |m.keys| + 1) * 4096 + 3 else Word(m, first, j, e)
  {
    var m' := m.(keys := m.keys + [k]);
    Parts(k as int);
    if j > 0 { KeyAt(m.keys, j - 1); }
    if j == 0 {
      SlotAppend(m.keys, k, GROUP + e);
    } else if m.keys[j - 1] as int >= GROUP {
      var x := (m.keys[j - 1] as int - GROUP) * 512 + e;
      SlotAppend(m.keys, k, x);
      PartsAre(x, m.keys[j - 1] as int - GROUP, e);
    } else {
      assert m'.keys[j - 1] == m.keys[j - 1];
    }
  }
  /** A cleared table after the last one, and its parent's entry, add key k. */
  lemma TableAdded(pool: seq<u64>, pool': seq<u64>, m: Map, base: int, p: int, k: u32)
    requires |pool| == |pool'| == POOL && 0 <= p < NPART as int && |m.keys| + 1 < NTAB as int
    requires MapOk(m) && Contents(pool, m, base, p)
    requires !Has(m.keys, k as int) && k as int < GROUP + 512 && HasParent(m.keys, k as int)
    requires forall i :: Cell(p, |m.keys| + 1, 0) <= i < Cell(p, |m.keys| + 2, 0) ==> pool'[i] == 0
    requires var c := Cell(p, ParentSlot(m.keys, k as int), ParentEntry(k as int));
             0 <= c < POOL && pool'[c] as int == (base + 16 * p + |m.keys| + 1) * 4096 + 3 &&
             forall i :: Cell(p, 0, 0) <= i < Cell(p, |m.keys| + 1, 0) && i != c ==> pool'[i] == pool[i]
    ensures PartOk(pool', |m.keys| as u32 + 2, m.(keys := m.keys + [k]), base, p)
  {
    var m' := m.(keys := m.keys + [k]);
    var first := base + 16 * p;
    Parts(k as int);
    forall j, e | 0 <= j <= |m'.keys| && 0 <= e < 512 ensures pool'[Cell(p, j, e)] as int == Word(m', first, j, e) {
      if j == |m'.keys| {
        NewTableIsEmpty(m, first, k, e);
      } else {
        reveal MapOk();
        OtherWords(m, first, k, j, e);
        Read(pool, m, base, p, j, e);
      }
    }
    reveal Contents();
    assert Contents(pool', m', base, p);
    AddKeepsMapOk(m, k);
    reveal PartOk();
  }
  lemma AddKeepsMapOk(m: Map, k: u32)
    requires MapOk(m) && |m.keys| + 1 < NTAB as int
    requires !Has(m.keys, k as int) && k as int < GROUP + 512 && HasParent(m.keys, k as int)
    ensures MapOk(m.(keys := m.keys + [k]))
  {
    reveal MapOk();
    AppendKeepsKeysOk(m.keys, k);
    var m' := m.(keys := m.keys + [k]);
    forall v | v in m'.pages ensures PageOk(m', v) {
      assert PageOk(m, v);
      SlotAppend(m.keys, k, Up(v as int));
    }
  }
  /** One store to the level-3 table of page v changes the map at v alone. */
  lemma LeafStored(pool: seq<u64>, pool': seq<u64>, m: Map, pages': map<u32, Pte>, base: int, p: int, v: u32)
    requires |pool| == |pool'| == POOL && 0 <= p < NPART as int && |m.keys| < NTAB as int && v as u64 < IPAPAGES
    requires MapOk(m) && Contents(pool, m, base, p) && Has(m.keys, M.Key3(v) as int)
    requires forall w :: w != v ==> (w in pages' <==> w in m.pages) && (w in pages' ==> pages'[w] == m.pages[w])
    requires v in pages' ==> pages'[v].frame < M.FRAMES && pages'[v].perm <= 3
    requires var c := (p * 16 + Slot(m.keys, M.Key3(v) as int)) * 512 + (v % 512) as int;
             0 <= c < POOL && pool'[c] as int == Leaf(pages', v as int) && forall i :: 0 <= i < POOL && i != c ==> pool'[i] == pool[i]
    ensures PartOk(pool', |m.keys| as u32 + 1, m.(pages := pages'), base, p)
  {
    var m' := m.(pages := pages');
    var first := base + 16 * p;
    var s := Slot(m.keys, M.Key3(v) as int);
    Indices(v);
    forall j, e | 0 <= j <= |m.keys| && 0 <= e < 512 ensures pool'[Cell(p, j, e)] as int == Word(m', first, j, e) {
      Read(pool, m, base, p, j, e);
      if j > 0 && m.keys[j - 1] as int < GROUP {
        var w := m.keys[j - 1] as int * 512 + e;
        if w == v as int {
          PartsAre(w, m.keys[j - 1] as int, e);
          reveal MapOk();
          KeyAt(m.keys, j - 1);
        }
      }
      if j == s && e == (v % 512) as int { assert Cell(p, j, e) == (p * 16 + s) * 512 + (v % 512) as int; }
    }
    reveal Contents();
    assert Contents(pool', m', base, p);
    reveal MapOk();
    forall w | w in m'.pages ensures PageOk(m', w) {
      if w != v { assert PageOk(m, w); }
    }
    reveal PartOk();
  }
}
