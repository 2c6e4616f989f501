include "../../spec/Valid.dfy"
include "../../src/Rvm.Verified/regions/RegionTable.dfy"

/** What partitions have leased stays a region of their own, shown in one place at most: kept by whatever actions do. */
module {:compile false} LeasesKept {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import M = Memory
  import L = Leases
  import Kinds

  lemma One(s: Structure, p: u32)
    requires Tables(s) && L.LeasesOk(s) && p < NPART
    ensures L.LeaseOk(s, p)
  {
    reveal L.LeasesOk();
  }
  /** q's lease is in t what it was in s, and q's map shows no other page of it. */
  ghost predicate Stays(s: Structure, t: Structure, q: u32)
    requires Tables(s) && Tables(t) && q < NPART
  {
    var l := s.leases[q];
    && t.leases[q] == l
    && (l.until != 0 && l.region < NREGION ==>
      && t.memory.regions[l.region] == s.memory.regions[l.region] && (s.parts[q].life != Kinds.Free ==> t.parts[q].life != Kinds.Free)
      && forall w: u32 :: w in t.maps[q].pages && t.maps[q].pages[w].region == l.region ==> w in s.maps[q].pages && s.maps[q].pages[w].region == l.region)
  }
  lemma AllStay(s: Structure, t: Structure)
    requires Tables(s) && Tables(t) && L.LeasesOk(s) && forall q: u32 :: q < NPART ==> Stays(s, t, q)
    ensures L.LeasesOk(t)
  {
    reveal L.LeasesOk();
    forall p: u32 | p < NPART ensures L.LeaseOk(t, p) { Stay(s, t, p); }
  }
  lemma Stay(s: Structure, t: Structure, p: u32)
    requires Tables(s) && Tables(t) && p < NPART && L.LeaseOk(s, p) && Stays(s, t, p)
    ensures L.LeaseOk(t, p)
  {}
  /** Capabilities, edges, the policy and nonces have no part in it. */
  lemma Aside(s: Structure, t: Structure)
    requires Tables(s) && Tables(t) && L.LeasesOk(s) && t.parts == s.parts && t.memory == s.memory && t.maps == s.maps && t.leases == s.leases
    ensures L.LeasesOk(t)
  {
    AllStay(s, t);
  }
  lemma PartChanged(s: Structure, p: u32, x: Part)
    requires Tables(s) && L.LeasesOk(s) && p < NPART && x.life != Kinds.Free
    ensures L.LeasesOk(s.(parts := s.parts[p as int := x]))
  {
    AllStay(s, s.(parts := s.parts[p as int := x]));
  }
  /** A region that nobody owned gets an owner: nobody has leased it. */
  lemma RegionMade(s: Structure, r: u32, owner: u32, policy: u32, pages: u64, frame: u64)
    requires Tables(s) && L.LeasesOk(s) && r < NREGION && s.memory.regions[r].owner == 0
    ensures L.LeasesOk(s.(memory := M.Create(s.memory, r, owner, policy, pages, frame)))
  {
    var t := s.(memory := M.Create(s.memory, r, owner, policy, pages, frame));
    forall q: u32 | q < NPART ensures Stays(s, t, q) { One(s, q); }
    AllStay(s, t);
  }
  lemma RangeShows(m: Map, v: u32, n: u32, frame: u64, perm: u32, r: u32, w: u32)
    requires v as int + n as int <= IPAPAGES as int && frame as int + n as int <= LO32 as int * 256 && w in M.MapRange(m, v, n, frame, perm, r).pages
    ensures var e := M.MapRange(m, v, n, frame, perm, r).pages[w]; if M.InRun(w, v, n) then e.region == r else w in m.pages && e == m.pages[w]
    decreases n
  {
    if n > 0 && w != v + n - 1 { RangeShows(m, v, n - 1, frame, perm, r, w); }
  }
  /** Pages of a region that p has not leased are mapped. */
  lemma Mapped(s: Structure, p: u32, v: u32, n: u32, frame: u64, perm: u32, r: u32)
    requires Tables(s) && L.LeasesOk(s) && p < NPART && v as int + n as int <= IPAPAGES as int && frame as int + n as int <= LO32 as int * 256 && !L.Leased(s, p, r)
    ensures L.LeasesOk(s.(maps := s.maps[p as int := M.MapRange(s.maps[p], v, n, frame, perm, r)]))
  {
    var t := s.(maps := s.maps[p as int := M.MapRange(s.maps[p], v, n, frame, perm, r)]);
    hide M.MapRange;
    forall q: u32 | q < NPART ensures Stays(s, t, q) {
      forall w: u32 | q == p && w in t.maps[q].pages && s.leases[q].until != 0 && t.maps[q].pages[w].region == s.leases[q].region
        ensures w in s.maps[q].pages && s.maps[q].pages[w].region == s.leases[q].region
      {
        RangeShows(s.maps[p], v, n, frame, perm, r, w);
      }
    }
    AllStay(s, t);
  }
  lemma Unmapped(s: Structure, p: u32, v: u32, n: u32)
    requires Tables(s) && L.LeasesOk(s) && p < NPART
    ensures L.LeasesOk(s.(maps := s.maps[p as int := M.UnmapRange(s.maps[p], v, n)]))
  {
    AllStay(s, s.(maps := s.maps[p as int := M.UnmapRange(s.maps[p], v, n)]));
  }
  lemma Granted(s: Structure, p: u32, l: Lease)
    requires Tables(s) && L.LeasesOk(s) && p < NPART && L.LeaseOk(s.(leases := s.leases[p as int := l]), p)
    ensures L.LeasesOk(s.(leases := s.leases[p as int := l]))
  {
    var t := s.(leases := s.leases[p as int := l]);
    reveal L.LeasesOk();
    forall q: u32 | q < NPART ensures L.LeaseOk(t, q) { if q != p { Stay(s, t, q); } }
  }
  /** p's lease has ended. */
  lemma Freed(s: Structure, p: u32, r: u32)
    requires Tables(s) && L.LeasesOk(s) && p < NPART && r < NREGION && L.Leased(s, p, r)
    ensures L.LeasesOk(s.(memory := M.Free(s.memory, r), leases := s.leases[p as int := EmptyLease]))
  {
    var t := s.(memory := M.Free(s.memory, r), leases := s.leases[p as int := EmptyLease]);
    One(s, p);
    reveal L.LeasesOk();
    forall q: u32 | q < NPART ensures L.LeaseOk(t, q) { if q != p { One(s, q); Stay(s, t, q); } }
  }
  lemma Released(rs: seq<Region>, p: u32, i: u32)
    requires |rs| == NREGION as int && i <= NREGION && 0 < p
    ensures forall j: int :: 0 <= j < NREGION as int && rs[j].owner != p ==> M.ReleaseFrom(rs, p, i)[j] == rs[j]
    decreases NREGION - i
  {
    if i < NREGION { Released(if rs[i].owner == p then rs[i as int := M.Freed(rs[i])] else rs, p, i + 1); }
  }
  lemma Ended(s: Structure, p: u32)
    requires Tables(s) && L.LeasesOk(s) && 0 < p < NPART
    ensures L.LeasesOk(End(s, p))
  {
    var t := End(s, p);
    Released(s.memory.regions, p, 0);
    reveal L.LeasesOk();
    hide M.ReleaseFrom;
    forall q: u32 | q < NPART ensures L.LeaseOk(t, q) { if q != p { One(s, q); Stay(s, t, q); } }
  }
}
