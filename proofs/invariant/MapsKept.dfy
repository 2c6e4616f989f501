include "../../spec/Valid.dfy"
include "../../src/Rvm.Verified/regions/RegionTable.dfy"

/** Every map shows only regions of its own partition and shared ones: kept by whatever actions do to partitions, regions and maps. */
module {:compile false} MapsKept {
  import opened Types
  import opened Limits
  import opened State
  import M = Memory
  import V = Valid
  import Kinds
  import RegionFacts

  opaque ghost predicate Ok(mc: Machine, parts: seq<Part>, m: State.Memory, maps: seq<Map>) {
    |parts| == NPART as int && |maps| == NPART as int && M.RegionsOk(m) && M.Placed(mc, m) && V.MapsOk(parts, m, maps)
  }

  // ---- partitions and maps ----------------------------------------------------------------------------------------------------

  lemma PartChanged(mc: Machine, parts: seq<Part>, m: State.Memory, maps: seq<Map>, p: u32, x: Part)
    requires Ok(mc, parts, m, maps) && |parts| == NPART as int && p < NPART && x.life != Kinds.Free
    ensures Ok(mc, parts[p as int := x], m, maps)
  {
    reveal Ok();
  }
  lemma MapChanged(mc: Machine, parts: seq<Part>, m: State.Memory, maps: seq<Map>, p: u32, s2: Map)
    requires Ok(mc, parts, m, maps) && |parts| == NPART as int && |maps| == NPART as int && 0 < p < NPART
    requires M.Table(m) && M.MapOk(m, p, s2) && (parts[p].life == Kinds.Free ==> s2 == M.EmptyMap)
    ensures Ok(mc, parts, m, maps[p as int := s2])
  {
    reveal Ok();
    var maps' := maps[p as int := s2];
    forall q: u32 | q < NPART ensures M.MapOk(m, q, maps'[q]) && (q == 0 || parts[q].life == Kinds.Free ==> maps'[q] == M.EmptyMap) {
      assert maps[q] == maps[q];
    }
  }
  lemma EmptyOk(m: State.Memory, p: u32)
    requires M.Table(m)
    ensures M.MapOk(m, p, M.EmptyMap)
  {}
  /** The map of a free slot is empty. */
  lemma FreeIsEmpty(mc: Machine, parts: seq<Part>, m: State.Memory, maps: seq<Map>, p: u32)
    requires Ok(mc, parts, m, maps) && |parts| == NPART as int && |maps| == NPART as int && p < NPART && parts[p].life == Kinds.Free
    ensures maps[p] == M.EmptyMap
  {
    reveal Ok();
  }
  lemma OneMap(mc: Machine, parts: seq<Part>, m: State.Memory, maps: seq<Map>, p: u32)
    requires Ok(mc, parts, m, maps) && |maps| == NPART as int && M.Table(m) && p < NPART
    ensures M.MapOk(m, p, maps[p])
  {
    reveal Ok();
  }

  // ---- regions ------------------------------------------------------------------------------------------------------------------

  /** A region that nobody owned gets an owner: no map shows it. */
  lemma RegionMade(mc: Machine, parts: seq<Part>, m: State.Memory, maps: seq<Map>, r: u32, owner: u32, policy: u32, pages: u64, frame: u64)
    requires Ok(mc, parts, m, maps) && M.Table(m) && r < NREGION && m.regions[r].owner == 0
    requires M.RegionsOk(M.Create(m, r, owner, policy, pages, frame)) && M.Placed(mc, M.Create(m, r, owner, policy, pages, frame))
    ensures Ok(mc, parts, M.Create(m, r, owner, policy, pages, frame), maps)
  {
    reveal Ok();
    var m' := M.Create(m, r, owner, policy, pages, frame);
    forall p: u32 | p < NPART ensures M.MapOk(m', p, maps[p]) && (p == 0 || parts[p].life == Kinds.Free ==> maps[p] == M.EmptyMap) {
      assert M.MapOk(m, p, maps[p]);
      forall v | v in maps[p].pages ensures v as u64 < IPAPAGES && M.PteOk(m', p, maps[p].pages[v]) {
        assert p != 0;
        assert M.PteOk(m, p, maps[p].pages[v]);
      }
    }
  }
  /** A region of RAM lies where RAM for partitions lies, if it is reused or taken from what was never given out. */
  lemma AllottedPlaced(mc: Machine, m: State.Memory, owner: u32, policy: u32, n: u64)
    requires M.RegionsOk(m) && M.Placed(mc, m) && n > 0 && 0 < owner && policy != Kinds.Device && M.Pick(m, n) < NREGION
    ensures M.Placed(mc, M.Create(m, M.Pick(m, n), owner, policy, n, M.PickFrame(m, n)))
  {
    RegionFacts.ReuseIsFree(m, n, 0);
    var r, f := M.Pick(m, n), M.PickFrame(m, n);
    var m' := M.Create(m, r, owner, policy, n, f);
    assert M.RegionPlaced(mc, m.next, m.regions[r as int]);
    hide M.Pick;
    hide M.ReuseFrom;
    Further(mc, m, m', r);
  }
  lemma LeasedPlaced(mc: Machine, m: State.Memory, r: u32, owner: u32, n: u64, f: u64)
    requires M.Table(m) && M.Placed(mc, m) && r < NREGION && 0 < owner && M.DeviceAllowed(mc, f, n)
    ensures M.Placed(mc, M.Create(m, r, owner, Kinds.Device, n, f))
  {
    Further(mc, m, M.Create(m, r, owner, Kinds.Device, n, f), r);
  }
  lemma Further(mc: Machine, m: State.Memory, m': State.Memory, r: u32)
    requires M.Table(m) && M.Table(m') && M.Placed(mc, m) && r < NREGION && m.next <= m'.next && M.RegionPlaced(mc, m'.next, m'.regions[r])
    requires m'.regions == m.regions[r as int := m'.regions[r]]
    ensures M.Placed(mc, m')
  {
    forall i: int | 0 <= i < |m'.regions| ensures M.RegionPlaced(mc, m'.next, m'.regions[i]) { assert M.RegionPlaced(mc, m.next, m.regions[i]); }
  }
  lemma Released(mc: Machine, m: State.Memory, p: u32, i: u32)
    requires M.RegionsOk(m) && 0 < p && i <= NREGION
    ensures M.RegionsOk(m.(regions := M.ReleaseFrom(m.regions, p, i))) && (M.Placed(mc, m) ==> M.Placed(mc, m.(regions := M.ReleaseFrom(m.regions, p, i))))
    ensures forall j: int :: 0 <= j < NREGION as int && m.regions[j].owner != p ==> M.ReleaseFrom(m.regions, p, i)[j] == m.regions[j]
    decreases NREGION - i
  {
    if i < NREGION {
      if m.regions[i].owner == p {
        RegionFacts.FreedKeepsRegionsOk(m, i);
        Released(mc, m.(regions := m.regions[i as int := M.Freed(m.regions[i])]), p, i + 1);
      } else {
        Released(mc, m, p, i + 1);
      }
    }
  }
  /** Partition p has ended: nobody else's map showed its regions. */
  lemma Ended(mc: Machine, parts: seq<Part>, m: State.Memory, maps: seq<Map>, p: u32, x: Part)
    requires Ok(mc, parts, m, maps) && |parts| == NPART as int && |maps| == NPART as int && M.Table(m) && 0 < p < NPART
    ensures Ok(mc, parts[p as int := x], M.Release(m, p), maps[p as int := M.EmptyMap])
  {
    reveal Ok();
    Released(mc, m, p, 0);
    var m', maps' := M.Release(m, p), maps[p as int := M.EmptyMap];
    forall q: u32 | q < NPART ensures M.MapOk(m', q, maps'[q]) && (q == 0 || parts[p as int := x][q].life == Kinds.Free ==> maps'[q] == M.EmptyMap) {
      if q != p {
        assert M.MapOk(m, q, maps[q]);
        forall v | v in maps[q].pages ensures v as u64 < IPAPAGES && M.PteOk(m', q, maps[q].pages[v]) {
          assert M.PteOk(m, q, maps[q].pages[v]);
        }
      }
    }
  }

  /** Region r, which p owned and its map does not show, belongs to nobody. */
  lemma Freed(mc: Machine, parts: seq<Part>, m: State.Memory, maps: seq<Map>, p: u32, r: u32)
    requires Ok(mc, parts, m, maps) && |maps| == NPART as int && M.Table(m) && 0 < p < NPART && r < NREGION && m.regions[r].owner == p
    requires forall v: u32 :: v in maps[p].pages ==> maps[p].pages[v].region != r
    ensures Ok(mc, parts, M.Free(m, r), maps)
  {
    reveal Ok();
    RegionFacts.FreedKeepsRegionsOk(m, r);
    var m' := M.Free(m, r);
    forall i: int | 0 <= i < |m'.regions| ensures M.RegionPlaced(mc, m'.next, m'.regions[i]) { assert M.RegionPlaced(mc, m.next, m.regions[i]); }
    forall q: u32 | q < NPART ensures M.MapOk(m', q, maps[q]) && (q == 0 || parts[q].life == Kinds.Free ==> maps[q] == M.EmptyMap) {
      assert M.MapOk(m, q, maps[q]);
      forall v | v in maps[q].pages ensures v as u64 < IPAPAGES && M.PteOk(m', q, maps[q].pages[v]) { assert M.PteOk(m, q, maps[q].pages[v]); }
    }
  }

  // ---- mapping ------------------------------------------------------------------------------------------------------------------

  ghost predicate PagesOk(m: State.Memory, p: u32, pages: map<u32, Pte>) requires M.Table(m) {
    forall v :: v in pages ==> v as u64 < IPAPAGES && M.PteOk(m, p, pages[v])
  }
  /** n pages from frame on are pages of region r, which p owns or which is shared, and its policy permits them to be shown so. */
  ghost predicate MayShow(m: State.Memory, p: u32, r: u32, frame: u64, n: u32, perm: u32) requires M.Table(m) {
    && r < NREGION && M.MayMap(m.regions[r], p) && M.Permits(m.regions[r].policy, perm)
    && m.regions[r].frame <= frame && frame as int + n as int <= m.regions[r].frame as int + m.regions[r].pages as int
  }
  lemma RangePages(m: State.Memory, p: u32, s2: Map, v: u32, n: u32, frame: u64, perm: u32, r: u32)
    requires M.Table(m) && v as int + n as int <= IPAPAGES as int && frame as int + n as int <= LO32 as int * 256
    requires PagesOk(m, p, s2.pages) && MayShow(m, p, r, frame, n, perm)
    ensures PagesOk(m, p, M.MapRange(s2, v, n, frame, perm, r).pages)
    decreases n
  {
    if n > 0 { RangePages(m, p, s2, v, n - 1, frame, perm, r); }
  }
  lemma RangeKeys(s2: Map, v: u32, n: u32, frame: u64, perm: u32, r: u32)
    requires v as int + n as int <= IPAPAGES as int && frame as int + n as int <= LO32 as int * 256
    ensures M.MapRange(s2, v, n, frame, perm, r).keys == M.KeysForRange(s2.keys, v, n)
    decreases n
  {
    if n > 0 { RangeKeys(s2, v, n - 1, frame, perm, r); }
  }
  lemma RangeOk(m: State.Memory, p: u32, s2: Map, v: u32, n: u32, frame: u64, perm: u32, r: u32)
    requires M.Table(m) && v as int + n as int <= IPAPAGES as int && frame as int + n as int <= LO32 as int * 256
    requires M.MapOk(m, p, s2) && M.Fits(s2, v, n) && MayShow(m, p, r, frame, n, perm)
    ensures M.MapOk(m, p, M.MapRange(s2, v, n, frame, perm, r))
  {
    RangePages(m, p, s2, v, n, frame, perm, r);
    RangeKeys(s2, v, n, frame, perm, r);
  }
  lemma UnmapOk(m: State.Memory, p: u32, s2: Map, v: u32, n: u32)
    requires M.Table(m) && M.MapOk(m, p, s2)
    ensures M.MapOk(m, p, M.UnmapRange(s2, v, n))
  {}
  /** Two runs of pages, one behind the other, need the tables of both together. */
  lemma KeysOfTwo(keys: seq<u32>, v: u32, a: u32, b: u32)
    requires v as int + a as int + b as int <= IPAPAGES as int
    ensures M.KeysForRange(M.KeysForRange(keys, v, a), v + a, b) == M.KeysForRange(keys, v, a + b)
    ensures |M.KeysForRange(keys, v, a)| <= |M.KeysForRange(keys, v, a + b)|
    decreases b
  {
    if b > 0 { KeysOfTwo(keys, v, a, b - 1); }
  }
}
