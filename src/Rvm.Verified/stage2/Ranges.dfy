include "Tables.dfy"
include "../../../proofs/isolation/PageTableFacts.dfy"

/** Where 2 MiB windows (the pages of one level-3 table) begin. Opaque: proofs use the lemmas below. */
module Windows {
  import opened Types

  opaque predicate First(v: u32) { v % 512 == 0 }
  opaque predicate FirstOfGroup(v: u32) { v % 0x4_0000 == 0 }
  /** How many pages of a run of `left` pages from v on lie in v's window. */
  opaque function Within(v: u32, left: u32): u32
    requires left > 0 && v as int + left as int <= 0x800_0000
    ensures 0 < Within(v, left) <= left
    ensures Within(v, left) < left ==> First(v + Within(v, left))
  {
    reveal First();
    assert v + (512 - v % 512) == 512 * (v / 512 + 1);
    if 512 - v % 512 < left then 512 - v % 512 else left
  }
}

/** What mapping and unmapping runs of pages does to keys and pages. */
module {:compile false} RangeFacts {
  import opened Types
  import opened Limits
  import opened State
  import opened TableFacts
  import M = Memory
  import W = Windows
  import PageTableFacts

  lemma KeysGrow(keys: seq<u32>, v: u32, i: u32, n: u32)
    requires i <= n && v as int + n as int <= IPAPAGES as int
    ensures |M.KeysForRange(keys, v, i)| <= |M.KeysForRange(keys, v, n)|
    decreases n
  {
    if i < n { KeysGrow(keys, v, i, n - 1); }
  }
  lemma RangeKeys(m: Map, v: u32, n: u32, frame: u64, perm: u32, r: u32)
    requires v as int + n as int <= IPAPAGES as int && frame as int + n as int <= M.FRAMES as int
    ensures M.MapRange(m, v, n, frame, perm, r).keys == M.KeysForRange(m.keys, v, n)
    decreases n
  {
    if n > 0 { RangeKeys(m, v, n - 1, frame, perm, r); }
  }
  lemma RangePages(m: Map, v: u32, n: u32, frame: u64, perm: u32, r: u32, w: u32)
    requires v as int + n as int <= IPAPAGES as int && frame as int + n as int <= M.FRAMES as int
    ensures w in M.MapRange(m, v, n, frame, perm, r).pages <==> w in m.pages || M.InRun(w, v, n)
    decreases n
  {
    if n > 0 { RangePages(m, v, n - 1, frame, perm, r, w); }
  }
  /** Page v + i is the next to be mapped: there are tables enough, and it is free. */
  lemma NextPage(m: Map, v: u32, i: u32, n: u32, frame: u64, perm: u32, r: u32)
    requires i < n && v as int + n as int <= IPAPAGES as int && frame as int + n as int <= M.FRAMES as int
    requires M.Fits(m, v, n) && M.Unmapped(m, v, n)
    ensures var l, w := M.MapRange(m, v, i, frame, perm, r), v + i;
            && w !in l.pages && |M.KeysFor(l.keys, w)| < NTAB as int
            && M.MapRange(m, v, i + 1, frame, perm, r) == Map(M.KeysFor(l.keys, w), l.pages[w := Pte(frame + i as u64, perm, r)])
  {
    RangeKeys(m, v, i, frame, perm, r);
    KeysGrow(m.keys, v, i + 1, n);
    RangePages(m, v, i, frame, perm, r, v + i);
    assert M.InRun(v + i, v, n);
  }
  lemma NoNewKeys(keys: seq<u32>, v: u32)
    requires Has(keys, M.Key2(v) as int) && Has(keys, M.Key3(v) as int)
    ensures M.KeysFor(keys, v) == keys
  {
    HasIsIn(keys, M.Key2(v));
    HasIsIn(keys, M.Key3(v));
  }
  /** A key that no page of the run needs is there only if it was before. */
  lemma Untouched(keys: seq<u32>, v: u32, n: u32, k: u32)
    requires v as int + n as int <= IPAPAGES as int
    requires forall w: u32 :: M.InRun(w, v, n) ==> M.Key2(w) != k && M.Key3(w) != k
    ensures k in M.KeysForRange(keys, v, n) <==> k in keys
    decreases n
  {
    if n > 0 {
      assert M.InRun(v + n - 1, v, n);
      forall w: u32 | M.InRun(w, v, n - 1) ensures M.Key2(w) != k && M.Key3(w) != k { assert M.InRun(w, v, n); }
      Untouched(keys, v, n - 1, k);
    }
  }
  lemma LastIsThere(keys: seq<u32>, v: u32, n: u32)
    requires v as int + n as int <= IPAPAGES as int && n > 0
    ensures M.Key2(v + n - 1) in M.KeysForRange(keys, v, n) && M.Key3(v + n - 1) in M.KeysForRange(keys, v, n)
  {
  }
  lemma Kept(keys: seq<u32>, v: u32, n: u32, k: u32)
    requires v as int + n as int <= IPAPAGES as int && k in keys
    ensures k in M.KeysForRange(keys, v, n)
    decreases n
  {
    if n > 0 { Kept(keys, v, n - 1, k); }
  }
  /** The pages of one 2 MiB window need the same tables. */
  lemma SameWindow(v: u32, left: u32, w: u32)
    requires left > 0 && v as int + left as int <= IPAPAGES as int && v <= w < v + W.Within(v, left)
    ensures M.Key3(v) == M.Key3(w) && M.Key2(v) == M.Key2(w)
  {
    reveal W.Within();
    Indices(v);
    PartsAre(w as int, Up(v as int), Low(v as int) + (w - v) as int);
    Indices(w);
  }
  /** The page after v, if it is not the first of a window, has the same tables. */
  lemma NextInWindow(v: u32)
    requires v as u64 + 1 < IPAPAGES && !W.First(v + 1)
    ensures M.Key3(v) == M.Key3(v + 1) && M.Key2(v) == M.Key2(v + 1)
  {
    reveal W.First(), W.Within();
    SameWindow(v, 2, v + 1);
  }
  lemma RestOfWindow(keys: seq<u32>, v: u32, i: u32, left: u32, n: u32)
    requires left > 0 && v as int + i as int + left as int <= IPAPAGES as int && i < n <= i + W.Within(v + i, left)
    ensures M.KeysForRange(keys, v, n) == M.KeysForRange(keys, v, i + 1)
    decreases n
  {
    if i + 1 < n {
      RestOfWindow(keys, v, i, left, n - 1);
      SameWindow(v + i, left, v + n - 1);
      LastIsThere(keys, v, i + 1);
      hide M.KeysForRange;
      assert M.KeysForRange(keys, v, n) == M.KeysFor(M.KeysForRange(keys, v, n - 1), v + n - 1) by { reveal M.KeysForRange; }
    }
  }
  lemma FirstOfWindow(v: u32, w: u32)
    requires v < w && w as u64 < IPAPAGES && W.First(w)
    ensures M.Key3(v) < M.Key3(w) && M.Key2(v) >= 0x4_0000 && M.Key2(w) >= 0x4_0000 && M.Key3(v) < 0x4_0000 && M.Key3(w) < 0x4_0000
    ensures if W.FirstOfGroup(w) then M.Key2(v) < M.Key2(w) else M.Key2(w - 1) == M.Key2(w)
  {
    reveal W.First(), W.FirstOfGroup();
    Indices(v);
    Indices(w);
    Indices(w - 1);
  }
  /** How many tables the window that begins at page v + i adds: those of its two that were missing from the beginning and have not been counted. */
  lemma WindowNeeds(keys: seq<u32>, v: u32, i: u32)
    requires KeysOk(keys) && v as int + i as int < IPAPAGES as int && (i == 0 || W.First(v + i))
    ensures Has(keys, M.Key3(v + i) as int) ==> M.KeysForRange(keys, v, i + 1) == M.KeysForRange(keys, v, i)
    ensures var second := if (i == 0 || W.FirstOfGroup(v + i)) && !Has(keys, M.Key2(v + i) as int) then 1 else 0;
            !Has(keys, M.Key3(v + i) as int) ==> |M.KeysForRange(keys, v, i + 1)| == |M.KeysForRange(keys, v, i)| + 1 + second
  {
    var w := v + i;
    var before := M.KeysForRange(keys, v, i);
    Indices(w);
    HasIsIn(keys, M.Key3(w));
    HasIsIn(keys, M.Key2(w));
    if M.Key3(w) in keys {
      KeyAt(keys, Slot(keys, M.Key3(w) as int) - 1);
      Kept(keys, v, i, M.Key3(w));
      Kept(keys, v, i, M.Key2(w));
    } else {
      forall u: u32 | M.InRun(u, v, i) ensures M.Key2(u) != M.Key3(w) && M.Key3(u) != M.Key3(w) { FirstOfWindow(u, w); }
      Untouched(keys, v, i, M.Key3(w));
      if i == 0 || W.FirstOfGroup(w) {
        forall u: u32 | M.InRun(u, v, i) ensures M.Key2(u) != M.Key2(w) && M.Key3(u) != M.Key2(w) { FirstOfWindow(u, w); }
        Untouched(keys, v, i, M.Key2(w));
      } else {
        FirstOfWindow(w - 1, w);
        LastIsThere(keys, v, i);
      }
    }
  }
  /** A window that is entered at its first page, and not left before its end, has 512 pages. */
  lemma WholeWindow(v: u32, left: u32)
    requires left > 0 && v as int + left as int <= IPAPAGES as int && W.First(v) && W.Within(v, left) < left
    ensures W.Within(v, left) == 512
  {
    reveal W.First(), W.Within();
  }
  /** How many windows a run of n pages may touch. */
  ghost function MostWindows(n: u32): nat { n as nat / 512 + 2 }
  /** Windows that begin in the first i pages of a run from v on, the run's own first among them. */
  opaque ghost function Begun(v: u32, i: u32): nat requires v as int + i as int <= IPAPAGES as int {
    if i == 0 then 0 else 1 + (v as nat + i as nat - 1) / 512 - v as nat / 512
  }
  lemma OneMoreBegun(v: u32, i: u32)
    requires v as int + i as int < IPAPAGES as int
    ensures Begun(v, 0) == 0 && Begun(v, i + 1) == Begun(v, i) + if i == 0 || W.First(v + i) then 1 else 0
  {
    reveal Begun(), W.First();
  }
  lemma FewBegun(v: u32, n: u32)
    requires v as int + n as int <= IPAPAGES as int
    ensures Begun(v, n) <= MostWindows(n)
  {
    reveal Begun();
  }
  lemma UnmapNone(m: Map, v: u32)
    ensures M.UnmapRange(m, v, 0) == m
  {
    assert M.UnmapRange(m, v, 0).pages == m.pages;
  }

  lemma EmptyWindow(m: Map, w: u32, left: u32)
    requires MapOk(m) && left > 0 && w as int + left as int <= IPAPAGES as int && !Has(m.keys, M.Key3(w) as int)
    ensures M.Unmapped(m, w, W.Within(w, left))
  {
    forall u | u in m.pages ensures !M.InRun(u, w, W.Within(w, left)) {
      NoTableNoPage(m, u);
      if M.InRun(u, w, W.Within(w, left)) { SameWindow(w, left, u); }
    }
  }
  lemma FrameOfLeaf(m: Map, v: u32)
    requires MapOk(m) && v as u64 < IPAPAGES
    ensures Leaf(m.pages, v as int) == 0 <==> v !in m.pages
    ensures v in m.pages ==> Leaf(m.pages, v as int) / 4096 % 0x10_0000_0000 == m.pages[v].frame as int
  {
    reveal MapOk();
    if v in m.pages {
      assert PageOk(m, v);
      PageTableFacts.Decoded(m.pages[v].frame, m.pages[v].perm);
    }
  }

  ghost predicate AllIn(m: Map, v: u32, n: u32, lo: u64, hi: u64) {
    forall w: u32 :: M.InRun(w, v, n) ==> w in m.pages && lo <= m.pages[w].frame < hi
  }
  lemma OneRegion(m: State.Memory, i: u32, j: u32, f: u64)
    requires M.RegionsOk(m) && i < NREGION && j < NREGION
    requires m.regions[i].frame <= f && f as int < m.regions[i].frame as int + m.regions[i].pages as int
    requires m.regions[j].frame <= f && f as int < m.regions[j].frame as int + m.regions[j].pages as int
    ensures i == j
  {
    assert i < j ==> M.Apart(m.regions[i], m.regions[j].frame, m.regions[j].pages);
    assert j < i ==> M.Apart(m.regions[j], m.regions[i].frame, m.regions[i].pages);
  }
  /** Regions are disjoint, so the pages that show frames of region r are exactly the pages of region r. */
  lemma FramesAreRegions(m: State.Memory, p: u32, s2: Map, v: u32, n: u32, r: u32)
    requires M.RegionsOk(m) && M.MapOk(m, p, s2) && r < NREGION && v as int + n as int <= IPAPAGES as int
    ensures m.regions[r].frame as int + m.regions[r].pages as int <= M.FRAMES as int
    ensures M.MappedTo(s2, v, n, r) <==> AllIn(s2, v, n, m.regions[r].frame, m.regions[r].frame + m.regions[r].pages)
    ensures M.MappedTo(s2, v, n, r) ==> forall w: u32 :: M.InRun(w, v, n) ==> w in s2.pages
    decreases n
  {
    var g := m.regions[r];
    assert M.RegionOk(m, g);
    if n > 0 {
      FramesAreRegions(m, p, s2, v, n - 1, r);
      var l := v + n - 1;
      assert M.InRun(l, v, n);
      assert forall w: u32 :: M.InRun(w, v, n) <==> w == l || M.InRun(w, v, n - 1);
      if l in s2.pages {
        assert M.PteOk(m, p, s2.pages[l]);
        if g.frame <= s2.pages[l].frame < g.frame + g.pages { OneRegion(m, r, s2.pages[l].region, s2.pages[l].frame); }
      }
      if AllIn(s2, v, n, g.frame, g.frame + g.pages) {
        forall w: u32 | M.InRun(w, v, n - 1) ensures w in s2.pages && g.frame <= s2.pages[w].frame < g.frame + g.pages { assert M.InRun(w, v, n); }
      }
    }
  }
}
