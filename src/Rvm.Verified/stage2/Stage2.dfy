include "../platform/Heap.dfy"
include "Ranges.dfy"

/** The stage-2 tables of all partitions, as the hardware walks them. */
module Stage2 {
  import opened Types
  import opened Limits
  import Heap
  import Kinds
  import State
  import Memory
  import PageTable
  import opened TableFacts
  import opened RangeFacts
  import opened Windows

  ghost predicate NoAlias(a: object, b: object) { a != b }

  // Most steps of work (spec/Cost.dfy). A new table is cleared word by word; that is charged to the map's growth (TablesWork), since a partition
  // has few tables.
  ghost const CLEAR_WORK: nat := 1 + 512
  ghost const RESET_WORK: nat := 1 + CLEAR_WORK
  ghost const NEW_TABLE_WORK: nat := 1 + CLEAR_WORK
  ghost const ALL_TABLES_WORK: nat := NEW_TABLE_WORK * (NTAB as nat - 1)
  /** What it took to make the tables with these keys. */
  opaque ghost function TablesWork(keys: seq<u32>): nat { NEW_TABLE_WORK * |keys| }
  lemma OneTable(keys: seq<u32>, k: u32)
    ensures TablesWork(keys + [k]) == TablesWork(keys) + NEW_TABLE_WORK
  {
    reveal TablesWork();
  }
  lemma FewTables(keys: seq<u32>)
    requires |keys| < NTAB as int
    ensures TablesWork(keys) <= ALL_TABLES_WORK
  {
    reveal TablesWork();
  }
  ghost function FitsWork(n: u32): nat { 1 + MostWindows(n) }
  ghost function PagesWork(n: u32): nat { 1 + n as nat }
  /** Beside what the new tables take: each page is a round and a call, each window two calls more. */
  ghost function MapWork(n: u32): nat { 1 + 2 * n as nat + 2 * MostWindows(n) }

  class Stage2 {
    const pool: array<u64>               // 16 tables of 512 words for each partition; the first is its level-1 root
    const tables: array<u32>             // tables of partition p in use, the root included; 0: the root has not been cleared yet
    const base: u64                      // the physical frame of the pool's first table
    ghost var maps: seq<State.Map>
    ghost var rooted: set<u32>           // partitions whose root has been cleared

    ghost function Repr(): set<object> { {this, pool, tables} }
    ghost predicate Shape() {
      pool.Length == POOL && tables.Length == NPART as int && NoAlias(pool, tables) && base <= 0xF_FFFF_F000
    }
    ghost predicate Valid()
      reads this, pool, tables
    {
      && Shape() && |maps| == NPART as int && (forall p <- rooted :: p < NPART)
      && AllOk(pool[..], tables[..], maps, base as int) && Roots(tables[..], rooted)
    }

    /** The pool's contents are arbitrary at first: no partition has a root until its Reset. */
    constructor ()
      ensures Valid() && fresh(pool) && fresh(tables)
      ensures maps == seq(NPART as int, _ => Memory.EmptyMap) && rooted == {}
    {
      var a := Heap.NewTables(NPART * NTAB);
      var b := Heap.NewU32(NPART);
      var f := Heap.TablesFrame();
      pool, tables, base := a, b, f;
      maps := seq(NPART as int, _ => Memory.EmptyMap);
      rooted := {};
      new;
      NoneRooted(pool[..], tables[..], base as int);
      reveal Roots();
    }

    /** The frame of partition p's root. */
    function Root(p: u32): u64
      requires Shape() && p < NPART
      reads this
      ensures Root(p) as int == base as int + p as int * 16 && Root(p) < Memory.FRAMES
    {
      base + p as u64 * 16
    }
    function IsRooted(p: u32): bool
      requires Valid() && p < NPART
      reads this, pool, tables
      ensures IsRooted(p) == (p in rooted)
    {
      reveal Roots();
      tables[p] != 0
    }

    // ---- looking up -------------------------------------------------------------------------------------------------------

    lemma Part(p: u32)
      requires Valid() && p in rooted
      ensures p < NPART && MapOk(maps[p]) && KeysOk(maps[p].keys) && |maps[p].keys| < NTAB as int
      ensures tables[p] as int == |maps[p].keys| + 1 && Contents(pool[..], maps[p], base as int, p as int)
    {
      reveal Roots();
      TableFacts.Part(pool[..], tables[..], maps, base as int, p as int);
    }
    /** t is the number of page v's level-3 table in the pool. */
    ghost predicate Leads(p: u32, v: u32, t: u32)
      requires p as int < |maps|
      reads this
    {
      Has(maps[p].keys, Memory.Key3(v) as int) && t as int == p as int * 16 + Slot(maps[p].keys, Memory.Key3(v) as int)
    }
    lemma Entry(p: u32, v: u32, t: u32)
      requires Valid() && p in rooted && v as u64 < IPAPAGES && p as int < |maps| && Leads(p, v, t)
      ensures t as int * 512 + (v % 512) as int < POOL && pool[t as int * 512 + (v % 512) as int] as int == Leaf(maps[p].pages, v as int)
    {
      Part(p);
      Level3(pool[..], maps[p], base as int, p as int, v);
    }

    /** Page v's level-3 table; 0 if there is none. */
    method Find(p: u32, v: u32) returns (t: u32)
      requires Valid() && p in rooted && v as u64 < IPAPAGES
      ensures t == 0 <==> !Has(maps[p].keys, Memory.Key3(v) as int)
      ensures t != 0 ==> Leads(p, v, t)
    {
      Part(p);
      Level1(pool[..], maps[p], base as int, p as int, v);
      var d := pool[p * 0x2000 + v / 0x4_0000];
      if d == 0 { return 0; }
      Level2(pool[..], maps[p], base as int, p as int, v);
      t := (d / 4096 - base) as u32;
      d := pool[t * 512 + v / 512 % 512];
      if d == 0 { return 0; }
      t := (d / 4096 - base) as u32;
    }

    /** Would the tables suffice for n pages from v on? */
    method Fits(p: u32, v: u32, n: u32) returns (b: bool, ghost work: nat)
      requires Valid() && p in rooted && v as int + n as int <= IPAPAGES as int
      ensures b == Memory.Fits(maps[p], v, n)
      ensures work <= FitsWork(n)
    {
      work := 1;
      Part(p);
      ghost var keys := maps[p].keys;
      var need := tables[p];
      var i: u32 := 0;
      assert Memory.KeysForRange(keys, v, 0) == keys;
      hide Memory.KeysForRange;
      while i < n
        invariant i <= n && (0 < i < n ==> First(v + i))
        invariant need as int == |Memory.KeysForRange(keys, v, i)| + 1
        invariant need as int <= NTAB as int + i as int * 2
        invariant work <= i as int / 512 + if i == 0 then 1 else if i < n then 2 else 3
      {
        work := work + 1;
        var w := v + i;
        WindowNeeds(keys, v, i);
        var k := Missing(p, w, i == 0 || FirstOfGroup(w));
        need := need + k;
        var step := Within(w, n - i);
        RestOfWindow(keys, v, i, n - i, i + step);
        if i > 0 && i + step < n { WholeWindow(w, n - i); }
        i := i + step;
      }
      b := need <= NTAB;
      reveal Memory.KeysForRange;
    }
    /** How many tables page v still needs, its level-2 table only counted if `both`. */
    method Missing(p: u32, v: u32, both: bool) returns (k: u32)
      requires Valid() && p in rooted && v as u64 < IPAPAGES
      ensures k == if Has(maps[p].keys, Memory.Key3(v) as int) then 0 else if both && !Has(maps[p].keys, Memory.Key2(v) as int) then 2 else 1
    {
      var t := Find(p, v);
      if t != 0 { return 0; }
      k := 1;
      if both {
        Part(p);
        Level1(pool[..], maps[p], base as int, p as int, v);
        if pool[p * 0x2000 + v / 0x4_0000] == 0 { k := 2; }
      }
    }

    /** Is none of the pages mapped? */
    method Unmapped(p: u32, v: u32, n: u32) returns (b: bool, ghost work: nat)
      requires Valid() && p in rooted && v as int + n as int <= IPAPAGES as int
      ensures b == Memory.Unmapped(maps[p], v, n)
      ensures work <= PagesWork(n)
    {
      work := 1;
      Part(p);
      var i: u32 := 0;
      var t: u32 := 0;
      while i < n
        invariant i <= n && Memory.Unmapped(maps[p], v, i) && work <= 1 + i as int
        invariant 0 < i < n && !First(v + i) ==> t != 0 && Leads(p, v + i, t)
      {
        work := work + 1;
        var w := v + i;
        if i == 0 || First(w) { t := Find(p, w); }
        if t == 0 {
          var step := Within(w, n - i);
          EmptyWindow(maps[p], w, n - i);
          i := i + step;
        } else {
          Entry(p, w, t);
          if pool[t * 512 + w % 512] != 0 {
            assert Memory.InRun(w, v, n);
            b := false;
            return;
          }
          i := i + 1;
          if i < n && !First(v + i) { NextInWindow(w); }
        }
      }
      b := true;
    }

    /** Is every page mapped to a frame of [lo, hi)? */
    method Frames(p: u32, v: u32, n: u32, lo: u64, hi: u64) returns (b: bool, ghost work: nat)
      requires Valid() && p in rooted && v as int + n as int <= IPAPAGES as int
      ensures b == AllIn(maps[p], v, n, lo, hi)
      ensures work <= PagesWork(n)
    {
      work := 1;
      Part(p);
      var i: u32 := 0;
      var t: u32 := 0;
      while i < n
        invariant i <= n && AllIn(maps[p], v, i, lo, hi) && work <= 1 + i as int
        invariant 0 < i < n && !First(v + i) ==> t != 0 && Leads(p, v + i, t)
      {
        work := work + 1;
        var w := v + i;
        assert Memory.InRun(w, v, n);
        if i == 0 || First(w) { t := Find(p, w); }
        if t == 0 {
          if w in maps[p].pages { NoTableNoPage(maps[p], w); }
          b := false;
          return;
        }
        Entry(p, w, t);
        var d := pool[t * 512 + w % 512];
        FrameOfLeaf(maps[p], w);
        if d == 0 || d / 4096 % 0x10_0000_0000 < lo || hi <= d / 4096 % 0x10_0000_0000 { b := false; return; }
        i := i + 1;
        if i < n && !First(v + i) { NextInWindow(w); }
      }
      b := true;
    }

    // ---- changing ---------------------------------------------------------------------------------------------------------

    method Clear(t: u32) returns (ghost work: nat)
      requires Shape() && t < NPART * NTAB
      modifies pool
      ensures work <= CLEAR_WORK
      ensures forall i :: 0 <= i < POOL ==> pool[i] == if t as int * 512 <= i < t as int * 512 + 512 then 0 else old(pool[i])
    {
      work := 1;
      var i: u32 := 0;
      while i < 512
        invariant i <= 512 && work == 1 + i as int
        invariant forall k :: 0 <= k < POOL ==> pool[k] == if t as int * 512 <= k < t as int * 512 + i as int then 0 else old(pool[k])
      {
        work := work + 1;
        pool[t * 512 + i] := 0;
        i := i + 1;
      }
    }

    /** Partition p starts anew: an empty root, no other tables. */
    method Reset(p: u32) returns (ghost work: nat)
      requires Valid() && p < NPART
      modifies this`maps, this`rooted, pool, tables
      ensures Valid() && rooted == old(rooted) + {p}
      ensures maps == old(maps)[p as int := Memory.EmptyMap]
      ensures work <= RESET_WORK
    {
      work := 1;
      ghost var w := Clear(p * NTAB);
      work := work + w;
      Emptied(pool[..], base as int, p as int);
      tables[p] := 1;
      maps := maps[p as int := Memory.EmptyMap];
      rooted := rooted + {p};
      Step(old(pool[..]), old(tables[..]), old(maps), base as int, p as int, pool[..], 1, Memory.EmptyMap);
      assert tables[..] == old(tables[..])[p as int := 1];
      reveal Roots();
    }

    /** A new, empty table with key k; its parent's entry, at `cell`, was a fault until now. */
    method NewTable(p: u32, cell: u32, ghost k: u32) returns (t: u32, ghost work: nat)
      requires Valid() && p in rooted && |maps[p].keys| + 1 < NTAB as int
      requires !Has(maps[p].keys, k as int) && k as int < GROUP + 512 && HasParent(maps[p].keys, k as int)
      requires cell as int == Cell(p as int, ParentSlot(maps[p].keys, k as int), ParentEntry(k as int)) < POOL
      requires pool[cell] == 0
      modifies this`maps, pool, tables
      ensures Valid() && rooted == old(rooted)
      ensures maps == old(maps)[p as int := old(maps[p]).(keys := old(maps[p]).keys + [k])]
      ensures t as int == p as int * 16 + Slot(maps[p].keys, k as int) && Has(maps[p].keys, k as int)
      ensures work + TablesWork(old(maps[p]).keys) <= TablesWork(maps[p].keys)
    {
      work := 1;
      Part(p);
      OneTable(maps[p].keys, k);
      Parts(k as int);
      t := p * 16 + tables[p];
      ghost var w := Clear(t);
      work := work + w;
      pool[cell] := (base + t as u64) * 4096 + 3;
      TableAdded(old(pool[..]), pool[..], maps[p], base as int, p as int, k);
      SlotAppend(maps[p].keys, k, k as int);
      tables[p] := tables[p] + 1;
      ghost var m := maps[p].(keys := maps[p].keys + [k]);
      maps := maps[p as int := m];
      Step(old(pool[..]), old(tables[..]), old(maps), base as int, p as int, pool[..], tables[p], m);
      assert tables[..] == old(tables[..])[p as int := tables[p]];
      reveal Roots();
    }

    /** c is the cell of page v's level-2 table t that leads to its level-3 table. */
    lemma Second(p: u32, v: u32, t: u32, c: u32)
      requires Valid() && p in rooted && v as u64 < IPAPAGES && c as int == t as int * 512 + (v / 512 % 512) as int
      requires Has(maps[p].keys, Memory.Key2(v) as int) && t as int == p as int * 16 + Slot(maps[p].keys, Memory.Key2(v) as int)
      ensures c as int < POOL && pool[c] as int == Pointer(maps[p].keys, base as int + 16 * p as int, Memory.Key3(v) as int)
      ensures Memory.Key3(v) as int < GROUP && HasParent(maps[p].keys, Memory.Key3(v) as int)
      ensures c as int == Cell(p as int, ParentSlot(maps[p].keys, Memory.Key3(v) as int), ParentEntry(Memory.Key3(v) as int))
      ensures Has(maps[p].keys, Memory.Key3(v) as int) <==> Memory.Key3(v) in maps[p].keys
      ensures |maps[p].keys| < NTAB as int
    {
      Part(p);
      Indices(v);
      HasIsIn(maps[p].keys, Memory.Key3(v));
      Level2(pool[..], maps[p], base as int, p as int, v);
    }
    /** Page v's level-2 table, made if need be. */
    method Ensure2(p: u32, v: u32) returns (t: u32, ghost work: nat)
      requires Valid() && p in rooted && v as u64 < IPAPAGES && |Memory.AddKey(maps[p].keys, Memory.Key2(v))| < NTAB as int
      modifies this`maps, pool, tables
      ensures Valid() && rooted == old(rooted)
      ensures maps == old(maps)[p as int := old(maps[p]).(keys := Memory.AddKey(old(maps[p]).keys, Memory.Key2(v)))]
      ensures Has(maps[p].keys, Memory.Key2(v) as int) && t as int == p as int * 16 + Slot(maps[p].keys, Memory.Key2(v) as int)
      ensures work + TablesWork(old(maps[p]).keys) <= 1 + TablesWork(maps[p].keys)
    {
      work := 1;
      Part(p);
      Indices(v);
      HasIsIn(maps[p].keys, Memory.Key2(v));
      Level1(pool[..], maps[p], base as int, p as int, v);
      var c := p * 0x2000 + v / 0x4_0000;
      var d := pool[c];
      if d == 0 {
        ghost var w;
        t, w := NewTable(p, c, Memory.Key2(v));
        work := work + w;
      } else {
        t := (d / 4096 - base) as u32;
      }
    }
    /** Page v's level-3 table, made if need be. */
    method Ensure3(p: u32, v: u32) returns (t: u32, ghost work: nat)
      requires Valid() && p in rooted && v as u64 < IPAPAGES && |Memory.KeysFor(maps[p].keys, v)| < NTAB as int
      modifies this`maps, pool, tables
      ensures Valid() && rooted == old(rooted)
      ensures maps == old(maps)[p as int := old(maps[p]).(keys := Memory.KeysFor(old(maps[p]).keys, v))]
      ensures Leads(p, v, t)
      ensures work + TablesWork(old(maps[p]).keys) <= 2 + TablesWork(maps[p].keys)
    {
      work := 1;
      ghost var w;
      t, w := Ensure2(p, v);
      work := work + w;
      var c := t * 512 + v / 512 % 512;
      Second(p, v, t, c);
      var d := pool[c];
      if d == 0 {
        t, w := NewTable(p, c, Memory.Key3(v));
        work := work + w;
      } else {
        t := (d / 4096 - base) as u32;
      }
    }

    /** The entry of page v, in its table t, changes between a fault and a page. */
    method Put(p: u32, t: u32, v: u32, word: u64, ghost pages: map<u32, State.Pte>)
      requires Valid() && p in rooted && v as u64 < IPAPAGES && Leads(p, v, t)
      requires forall w :: w != v ==> (w in pages <==> w in maps[p].pages) && (w in pages ==> pages[w] == maps[p].pages[w])
      requires v in pages ==> v !in maps[p].pages && pages[v].frame < Memory.FRAMES && pages[v].perm <= 3
      requires word as int == Leaf(pages, v as int)
      modifies this`maps, pool
      ensures Valid() && rooted == old(rooted)
      ensures maps == old(maps)[p as int := old(maps[p]).(pages := pages)]
    {
      Part(p);
      Entry(p, v, t);
      pool[t * 512 + v % 512] := word;
      LeafStored(old(pool[..]), pool[..], maps[p], pages, base as int, p as int, v);
      ghost var m := maps[p].(pages := pages);
      maps := maps[p as int := m];
      Step(old(pool[..]), tables[..], old(maps), base as int, p as int, pool[..], tables[p], m);
      assert tables[..] == old(tables[..])[p as int := tables[p]];
    }

    /** Page v is mapped. The page before it, if in the same window, has table t. */
    method MapPage(p: u32, t: u32, v: u32, search: bool, word: u64, ghost e: State.Pte) returns (t': u32, ghost work: nat)
      requires Valid() && p in rooted && v as u64 < IPAPAGES && |Memory.KeysFor(maps[p].keys, v)| < NTAB as int
      requires search || Leads(p, v, t)
      requires v !in maps[p].pages && e.frame < Memory.FRAMES && e.perm <= 3
      requires word as int == e.frame as int * 4096 + PageTable.Attributes(e.perm) as int
      modifies this`maps, pool, tables
      ensures Valid() && rooted == old(rooted)
      ensures maps == old(maps)[p as int := State.Map(Memory.KeysFor(old(maps[p]).keys, v), old(maps[p]).pages[v := e])]
      ensures Leads(p, v, t')
      ensures work + TablesWork(old(maps[p]).keys) <= TablesWork(maps[p].keys) + if search then 3 else 1
      ensures search || work == 1
    {
      work := 1;
      t' := t;
      if search {
        ghost var w;
        t', w := Ensure3(p, v);
        work := work + w;
      } else {
        Part(p);
        Level1(pool[..], maps[p], base as int, p as int, v);
        NoNewKeys(maps[p].keys, v);
        assert maps == maps[p as int := maps[p]];
      }
      Put(p, t', v, word, maps[p].pages[v := e]);
    }

    /** Pages v … v+n-1 show frames frame … frame+n-1. */
    method Map(p: u32, v: u32, n: u32, frame: u64, perm: u32, ghost r: u32) returns (ghost work: nat)
      requires Valid() && p in rooted && 0 < n && v as int + n as int <= IPAPAGES as int
      requires frame as int + n as int <= Memory.FRAMES as int && perm <= 3
      requires Memory.Fits(maps[p], v, n) && Memory.Unmapped(maps[p], v, n)
      modifies this`maps, pool, tables
      ensures Valid() && rooted == old(rooted)
      ensures maps == old(maps)[p as int := Memory.MapRange(old(maps)[p], v, n, frame, perm, r)]
      ensures work + TablesWork(old(maps[p]).keys) <= MapWork(n) + TablesWork(maps[p].keys) && work <= MapWork(n) + ALL_TABLES_WORK
    {
      work := 1;
      var bits := Bits(perm);
      var i: u32 := 0;
      var t: u32 := 0;
      ghost var m := maps[p];
      assert maps == maps[p as int := Memory.MapRange(m, v, 0, frame, perm, r)];
      hide Memory.MapRange, Memory.KeysFor, Memory.Fits, Memory.Unmapped;
      OneMoreBegun(v, 0);
      while i < n
        invariant i <= n && Valid() && rooted == old(rooted)
        invariant work + TablesWork(m.keys) <= 1 + 2 * i as int + 2 * Begun(v, i) + TablesWork(maps[p].keys)
        invariant maps == old(maps)[p as int := Memory.MapRange(m, v, i, frame, perm, r)]
        invariant 0 < i < n && !First(v + i) ==> Leads(p, v + i, t)
      {
        work := work + 1;
        var w := v + i;
        NextPage(m, v, i, n, frame, perm, r);
        OneMoreBegun(v, i);
        ghost var x;
        t, x := MapPage(p, t, w, i == 0 || First(w), (frame + i as u64) * 4096 + bits, State.Pte(frame + i as u64, perm, r));
        work := work + x;
        i := i + 1;
        if i < n && !First(v + i) { NextInWindow(w); }
      }
      FewBegun(v, n);
      Part(p);
      FewTables(maps[p].keys);
    }

    /** A page that is not mapped is none the less. */
    static lemma UnmapNothing(m: State.Map, v: u32, i: u32)
      requires v as int + i as int < IPAPAGES as int && v + i !in Memory.UnmapRange(m, v, i).pages
      ensures Memory.UnmapRange(m, v, i + 1) == Memory.UnmapRange(m, v, i)
    {
      assert Memory.UnmapRange(m, v, i + 1).pages == Memory.UnmapRange(m, v, i).pages;
    }
    /** The pages are gone; their tables stay. */
    method Unmap(p: u32, v: u32, n: u32) returns (ghost work: nat)
      requires Valid() && p in rooted && v as int + n as int <= IPAPAGES as int
      modifies this`maps, pool
      ensures Valid() && rooted == old(rooted)
      ensures maps == old(maps)[p as int := Memory.UnmapRange(old(maps)[p], v, n)]
      ensures work <= PagesWork(n)
    {
      work := 1;
      Part(p);
      var i: u32 := 0;
      var t: u32 := 0;
      UnmapNone(maps[p], v);
      assert maps == maps[p as int := maps[p]];
      while i < n
        invariant i <= n && Valid() && rooted == old(rooted) && work == 1 + i as int
        invariant maps == old(maps)[p as int := Memory.UnmapRange(old(maps)[p], v, i)]
        invariant 0 < i < n && !First(v + i) && t != 0 ==> Leads(p, v + i, t)
      {
        work := work + 1;
        var w := v + i;
        assert Memory.InRun(w, v, n) && !Memory.InRun(w, v, i);
        Part(p);
        if i == 0 || First(w) || t == 0 { t := Find(p, w); }
        if t != 0 {
          Put(p, t, w, 0, Memory.UnmapRange(old(maps)[p], v, i + 1).pages);
        } else {
          if w in maps[p].pages { NoTableNoPage(maps[p], w); }
          UnmapNothing(old(maps)[p], v, i);
        }
        i := i + 1;
        if i < n && !First(v + i) { NextInWindow(w); }
      }
    }
  }

  /** The bits of a page descriptor beside its frame. */
  function Bits(perm: u32): u64
    requires perm <= 3
    ensures Bits(perm) == PageTable.Attributes(perm) < 0x8000_0000_0000_0000
  {
    if perm == Kinds.PermR then 0x40_0000_0000_077F
    else if perm == Kinds.PermRW then 0x40_0000_0000_07FF
    else if perm == Kinds.PermRX then 0x77F
    else 0x40_0000_0000_04C7
  }
}
