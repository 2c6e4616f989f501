include "../../spec/Translation.dfy"
include "../isolation/Isolation.dfy"

/** The descriptors that spec/Translation.dfy speaks of: they are the words in the memory of the running kernel, and how maps that grow, lose pages or
    are emptied change them. */
module {:compile false} Descriptors {
  import opened Types
  import opened Limits
  import opened State
  import opened Translation
  import M = Memory
  import PT = PageTable
  import V = Valid
  import PageTableFacts
  import PageTableProof
  import TableFacts
  import S = Stage2
  import CoreState

  // ---- in the memory of the running kernel ----------------------------------------------------------------------------------------

  /** The word that the walk for page v reads at a level, from the table in `frame` at level `at` on; 0 if it does not come so far. */
  ghost function Fetched(pool: seq<u64>, base: u64, frame: u64, at: u32, v: u32, level: u32): u64
    requires 1 <= at <= 3
    decreases 3 - at
  {
    var i := (frame as int - base as int) * 512 + PT.Index(v, at) as int;
    if i < 0 || |pool| <= i then 0
    else if at == level || at == 3 then pool[i]
    else if PT.IsTable(pool[i]) then Fetched(pool, base, PT.FrameOf(pool[i]), at + 1, v, level)
    else 0
  }
  lemma PlaceIsSlot(keys: seq<u32>, k: u32)
    ensures TableFacts.Has(keys, k as int) <==> k in keys
    ensures k in keys ==> TableFacts.Slot(keys, k as int) == Place(keys, k) + 1
    decreases |keys|
  {
    TableFacts.HasIsIn(keys, k);
    if k in keys {
      var front := keys[..|keys| - 1];
      assert keys == front + [keys[|keys| - 1]];
      PlaceIsSlot(front, k);
      if k in front { PlaceInPrefix(front, keys, k); } else { PlaceIsLast(keys, k); }
    }
  }
  lemma PlaceInPrefix(a: seq<u32>, b: seq<u32>, k: u32)
    requires a <= b && k in a
    ensures k in b && Place(a, k) == Place(b, k)
  {
    if a[0] != k { PlaceInPrefix(a[1..], b[1..], k); }
  }
  lemma PlaceIsLast(keys: seq<u32>, k: u32)
    requires |keys| > 0 && keys[|keys| - 1] == k && k !in keys[..|keys| - 1]
    ensures Place(keys, k) == |keys| - 1
  {
    if |keys| > 1 {
      assert keys[..|keys| - 1][0] == keys[0];
      assert keys[1..][..|keys| - 2] == keys[..|keys| - 1][1..];
      PlaceIsLast(keys[1..], k);
    }
  }
  lemma PointersAgree(keys: seq<u32>, base: u64, p: u32, k: u32)
    requires base <= 0xF_FFFF_F000 && p < NPART && |keys| < NTAB as int
    ensures Pointer(keys, base as int + 16 * p as int, k) as int == TableFacts.Pointer(keys, base as int + 16 * p as int, k as int)
  {
    PlaceIsSlot(keys, k);
  }
  lemma LeavesAgree(m: Map, v: u32)
    requires TableFacts.MapOk(m) && v as u64 < IPAPAGES
    ensures Leaf(m, v) as int == TableFacts.Leaf(m.pages, v as int)
  {
    reveal TableFacts.MapOk();
    if v in m.pages { assert TableFacts.PageOk(m, v); }
  }
  lemma InOnePartition(pool: seq<u64>, maps: seq<Map>, base: u64, p: u32, v: u32, level: u32)
    requires |pool| == TableFacts.POOL && p < NPART && p as int < |maps| && base <= 0xF_FFFF_F000 && v as u64 < IPAPAGES && 1 <= level <= 3
    requires TableFacts.MapOk(maps[p]) && |maps[p].keys| < NTAB as int && TableFacts.Contents(pool, maps[p], base as int, p as int)
    ensures Fetched(pool, base, base + p as u64 * 16, 1, v, level) == Word(maps, base, p, v, level)
  {
    var m, root := maps[p], base as int + 16 * p as int;
    reveal Word();
    PageTableProof.IndexIs(v);
    TableFacts.Level1(pool, m, base as int, p as int, v);
    PointersAgree(m.keys, base, p, M.Key2(v));
    PointersAgree(m.keys, base, p, M.Key3(v));
    PlaceIsSlot(m.keys, M.Key2(v));
    PlaceIsSlot(m.keys, M.Key3(v));
    LeavesAgree(m, v);
    if v in m.pages { TableFacts.NoTableNoPage(m, v); }
    if level > 1 && TableFacts.Has(m.keys, M.Key2(v) as int) {
      PageTableFacts.Table(root + TableFacts.Slot(m.keys, M.Key2(v) as int));
      TableFacts.Level2(pool, m, base as int, p as int, v);
      if level > 2 && TableFacts.Has(m.keys, M.Key3(v) as int) {
        PageTableFacts.Table(root + TableFacts.Slot(m.keys, M.Key3(v) as int));
        TableFacts.Level3(pool, m, base as int, p as int, v);
      }
    }
  }
  /** The descriptors that the theorems on translations speak of are, word for word, those that the hardware reads in the memory of the running kernel
      when it walks a partition's tables. */
  lemma The_walk_reads_these_descriptors(k: CoreState.Core, p: u32, v: u32, level: u32)
    requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES && 1 <= level <= 3
    ensures Fetched(k.stage2.pool[..], k.stage2.base, k.stage2.Root(p), 1, v, level) == Word(k.Abs().st.maps, k.stage2.base, p, v, level)
  {
    var s: S.Stage2 := k.stage2;
    assert s.Valid() && k.Abs().st.maps == s.maps;
    hide V.Valid;
    s.Part(p);
    InOnePartition(s.pool[..], s.maps, s.base, p, v, level);
  }

  /** While a table that nothing leads to yet is filled with zeros, every walk reads what it read before. */
  lemma Clearing_a_table_is_not_seen(pool: seq<u64>, pool': seq<u64>, maps: seq<Map>, base: u64, p: u32, v: u32, level: u32)
    requires |pool| == |pool'| == TableFacts.POOL && p < NPART && p as int < |maps| && base <= 0xF_FFFF_F000 && v as u64 < IPAPAGES && 1 <= level <= 3
    requires TableFacts.MapOk(maps[p]) && |maps[p].keys| + 1 < NTAB as int && TableFacts.Contents(pool, maps[p], base as int, p as int)
    requires var n := |maps[p].keys| + 1;
      forall i :: 0 <= i < TableFacts.POOL && !(TableFacts.Cell(p as int, n, 0) <= i < TableFacts.Cell(p as int, n + 1, 0)) ==> pool'[i] == pool[i]
    ensures Fetched(pool', base, base + p as u64 * 16, 1, v, level) == Fetched(pool, base, base + p as u64 * 16, 1, v, level)
  {
    var m := maps[p];
    forall j, e {:trigger TableFacts.Cell(p as int, j, e)} | 0 <= j <= |m.keys| && 0 <= e < 512
      ensures pool'[TableFacts.Cell(p as int, j, e)] as int == TableFacts.Word(m, base as int + 16 * p as int, j, e)
    {
      TableFacts.Read(pool, m, base as int, p as int, j, e);
    }
    assert TableFacts.Contents(pool', m, base as int, p as int) by { reveal TableFacts.Contents(); }
    InOnePartition(pool, maps, base, p, v, level);
    InOnePartition(pool', maps, base, p, v, level);
  }

  // ---- maps that change -----------------------------------------------------------------------------------------------------------

  /** Tables are added behind the others, and pages where none were. */
  ghost predicate Grows(a: Map, b: Map) { a.keys <= b.keys && forall v :: v in a.pages ==> v in b.pages && b.pages[v] == a.pages[v] }
  ghost predicate AllGrow(a: seq<Map>, b: seq<Map>) { |a| == |b| && forall p :: 0 <= p < |a| ==> Grows(a[p], b[p]) }
  lemma AllGrowOn(a: seq<Map>, b: seq<Map>, c: seq<Map>)
    requires AllGrow(a, b) && AllGrow(b, c)
    ensures AllGrow(a, c)
  {
    forall p | 0 <= p < |a| ensures Grows(a[p], c[p]) { assert Grows(a[p], b[p]) && Grows(b[p], c[p]); }
  }
  lemma KeysGrow(keys: seq<u32>, v: u32, n: u32)
    requires v as int + n as int <= IPAPAGES as int
    ensures keys <= M.KeysForRange(keys, v, n)
    decreases n
  {
    if n > 0 { KeysGrow(keys, v, n - 1); }
  }
  lemma MappingGrows(m: Map, v: u32, n: u32, frame: u64, perm: u32, r: u32)
    requires v as int + n as int <= IPAPAGES as int && frame as int + n as int <= LO32 as int * 256 && M.Unmapped(m, v, n)
    ensures Grows(m, M.MapRange(m, v, n, frame, perm, r))
    ensures forall w :: w in M.MapRange(m, v, n, frame, perm, r).pages ==> w in m.pages || M.InRun(w, v, n)
    decreases n
  {
    if n > 0 {
      assert M.Unmapped(m, v, n - 1) by { forall w | w in m.pages ensures !M.InRun(w, v, n - 1) { assert !M.InRun(w, v, n); } }
      MappingGrows(m, v, n - 1, frame, perm, r);
      assert M.InRun(v + n - 1, v, n);
    }
  }
  lemma PointerKept(a: seq<u32>, b: seq<u32>, root: int, k: u32)
    requires a <= b
    ensures Pointer(a, root, k) == 0 || Pointer(a, root, k) == Pointer(b, root, k)
  {
    if k in a { PlaceInPrefix(a, b, k); }
  }
  /** A descriptor that was there stays as it was. */
  lemma WordKept(a: seq<Map>, b: seq<Map>, base: u64, p: u32, v: u32, level: u32)
    requires AllGrow(a, b)
    ensures Word(a, base, p, v, level) == 0 || Word(a, base, p, v, level) == Word(b, base, p, v, level)
  {
    reveal Word();
    if p as int < |a| {
      assert Grows(a[p], b[p]);
      PointerKept(a[p].keys, b[p].keys, base as int + 16 * p as int, M.Key2(v));
      PointerKept(a[p].keys, b[p].keys, base as int + 16 * p as int, M.Key3(v));
    }
  }
  /** Pages are taken out of partition q's map: their descriptors become 0, no other changes. */
  lemma WordUnmapped(a: seq<Map>, base: u64, q: u32, r: u32, n: u32, p: u32, v: u32, level: u32)
    requires q as int < |a| && 1 <= level <= 3
    ensures var b := a[q as int := M.UnmapRange(a[q], r, n)];
      Word(b, base, p, v, level) == if p == q && level == 3 && M.InRun(v, r, n) then 0 else Word(a, base, p, v, level)
  {
    reveal Word();
  }
  /** Partition q's map is emptied: all its descriptors become 0, no other's changes. */
  lemma WordEmptied(a: seq<Map>, base: u64, q: u32, p: u32, v: u32, level: u32)
    requires q as int < |a|
    ensures Word(a[q as int := M.EmptyMap], base, p, v, level) == if p == q then 0 else Word(a, base, p, v, level)
  {
    reveal Word();
  }
}
