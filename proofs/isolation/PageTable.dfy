include "../../src/Rvm.Verified/stage2/Stage2.dfy"

/** The tables say what the abstract map says. */
module {:compile false} PageTableProof {
  import opened Types
  import opened Limits
  import opened State
  import opened TableFacts
  import M = Memory
  import PT = PageTable
  import PageTableFacts
  import S = Stage2

  lemma IndexIs(v: u32)
    requires v as u64 < IPAPAGES
    ensures PT.Index(v, 1) == v / 0x4_0000 && PT.Index(v, 2) == v / 512 % 512 && PT.Index(v, 3) == v % 512
  {
    reveal PT.Index();
  }

  /** The walk over one partition's tables. */
  lemma WalkShowsMap(pool: seq<u64>, m: Map, base: u64, p: u32, v: u32)
    requires |pool| == POOL && p < NPART && base <= 0xF_FFFF_F000 && v as u64 < IPAPAGES
    requires MapOk(m) && |m.keys| < NTAB as int && Contents(pool, m, base as int, p as int)
    ensures var w := PT.Walk(pool, base, base + p as u64 * 16, 1, v); if v in m.pages then w == PT.Shown(m.pages[v]) else w.Fault?
  {
    var first := base as int + 16 * p as int;
    IndexIs(v);
    if v in m.pages { NoTableNoPage(m, v); }
    Level1(pool, m, base as int, p as int, v);
    if Has(m.keys, M.Key2(v) as int) {
      var s2 := Slot(m.keys, M.Key2(v) as int);
      PageTableFacts.Table(first + s2);
      Level2(pool, m, base as int, p as int, v);
      if Has(m.keys, M.Key3(v) as int) {
        var s3 := Slot(m.keys, M.Key3(v) as int);
        PageTableFacts.Table(first + s3);
        Level3(pool, m, base as int, p as int, v);
        if v in m.pages {
          reveal MapOk();
          assert PageOk(m, v);
          PageTableFacts.Page(m.pages[v].frame, m.pages[v].perm, v);
        }
      }
    }
  }

  /** For every partition that has a root table and every guest page, the hardware's walk over the pool finds exactly the frame and permissions of
      the abstract map, and faults exactly where the map has nothing. */
  lemma Hardware_walk_equals_abstract_map(s: S.Stage2, p: u32, v: u32)
    requires s.Valid() && p in s.rooted && v as u64 < IPAPAGES
    ensures var found := PT.Walk(s.pool[..], s.base, s.Root(p), 1, v);
            if v in s.maps[p].pages then found == PT.Shown(s.maps[p].pages[v]) else found.Fault?
  {
    s.Part(p);
    WalkShowsMap(s.pool[..], s.maps[p], s.base, p, v);
  }
}
