include "CoreMemory.dfy"

/** region_map, region_unmap. */
module RegionCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import CoreMemory
  import RangeFacts
  import Status
  import Kinds
  import Rights
  import State
  import Apply
  import Common
  import Step
  import Valid
  import D = DecideRegion
  import M = Memory
  import L = Leases
  import S = Scheduler
  import Caps = Capabilities
  import Wit = Witness
  import S2 = Stage2

  const CALLS: u64 := 0xC600_0000

  // Most steps of work (spec/Cost.dfy).
  ghost const FITS_WORK: nat := 1 + S2.FitsWork(MAXMAP as u32)
  ghost const PLACE_WORK: nat := 1 + S2.PagesWork(MAXMAP as u32) + S2.FitsWork(MAXMAP as u32)
  ghost const MAP_CHECK_WORK: nat := 1 + PLACE_WORK
  ghost const MAPPED_TO_WORK: nat := 1 + S2.PagesWork(MAXMAP as u32)
  ghost const REGION_MAP_WORK: nat := 1 + CLAIM_WORK + MAP_CHECK_WORK + MAP_WORK
  ghost const MAP_WORK: nat := 1 + CoreMemory.MAP_WORK
  ghost const REGION_UNMAP_WORK: nat := 1 + CLAIM_WORK + MAPPED_TO_WORK + UNMAP_WORK
  ghost const UNMAP_WORK: nat := 1 + CoreMemory.UNMAP_WORK

  /** Who runs exists. */
  lemma MeMappable(k: Core)
    requires k.Called()
    ensures CoreMemory.Mappable(k, Common.Me(k.Abs()))
  {
    reveal S.Placed(), S.OnlyStartedRun();
    assert S.InPlace(k.Abs().vol.sched, Common.Me(k.Abs()));
  }

  /** A checked range of pages has frames, and Permits knows no other permissions. */
  lemma Checked(s: State.Kernel, p: u32, r: u32, ipa: u64, first: u64, n: u64, perm: u64)
    requires Valid.Valid(s) && p < NPART && r < NREGION && D.MapCheck(s.st.maps[p], s.st.memory.regions[r], ipa, first, n, perm) == Status.OK
    ensures ipa / 4096 < IPAPAGES && (ipa / 4096) as int + n as int <= IPAPAGES as int && 0 < n <= MAXMAP && perm <= 3
    ensures s.st.memory.regions[r].frame as int + first as int + n as int <= M.FRAMES as int && first as int + n as int <= s.st.memory.regions[r].pages as int
    ensures M.Fits(s.st.maps[p], (ipa / 4096) as u32, n as u32) && M.Unmapped(s.st.maps[p], (ipa / 4096) as u32, n as u32)
  {
    assert M.RegionOk(s.st.memory, s.st.memory.regions[r]);
  }

  // ---- questions ------------------------------------------------------------------------------------------------------------

  /** Is region r p's, or shared? */
  function MayMap(k: Core, r: u32, p: u32): (b: bool)
    requires k.Inv() && r < NREGION
    reads k.Repr()
    ensures b == M.MayMap(k.Abs().st.memory.regions[r], p)
  {
    k.regions.Owner(r) == p || k.regions.Owner(r) == EVERYBODY
  }
  function Frame(k: Core, r: u32): (f: u64)
    requires k.Inv() && r < NREGION
    reads k.Repr()
    ensures f == k.Abs().st.memory.regions[r].frame
  {
    k.regions.Frame(r)
  }
  /** Is region r what p has leased? */
  function Leased(k: Core, p: u32, r: u32): (b: bool)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures Apply.Tables(k.Abs().st) && b == L.Leased(k.Abs().st, p, r)
  {
    !k.gate.NoneLeased() && k.gate.leases.Until(p) != 0 && k.gate.leases.Region(p) == r
  }
  function Fits(k: Core, p: u32, v: u32, n: u32): (b: bool)
    requires k.Inv() && k.Rooted() && CoreMemory.Mappable(k, p) && v as int + n as int <= IPAPAGES as int && n as u64 <= MAXMAP
    reads k.Repr()
    ensures b == M.Fits(k.Abs().st.maps[p], v, n)
  {
    M.Fits(k.Abs().st.maps[p], v, n)
  } by method {
    ghost var work := 1;
    ghost var w;
    b, w := k.stage2.Fits(p, v, n);
    work := work + w;
    assert work <= FITS_WORK;
  }
  /** Are the pages free, and are there tables for them? For a single page whose table is there, one look answers both. */
  function Place(k: Core, p: u32, v: u32, n: u32): (status: u64)
    requires k.Inv() && k.Rooted() && CoreMemory.Mappable(k, p) && v as int + n as int <= IPAPAGES as int && n as u64 <= MAXMAP
    reads k.Repr()
    ensures var m := k.Abs().st.maps[p]; status == if !M.Unmapped(m, v, n) then Status.MemoryOverlap else if !M.Fits(m, v, n) then Status.OutOfMemory else Status.OK
  {
    var m := k.Abs().st.maps[p];
    if !M.Unmapped(m, v, n) then Status.MemoryOverlap else if !M.Fits(m, v, n) then Status.OutOfMemory else Status.OK
  } by method {
    hide M.Unmapped, M.Fits;
    ghost var work := 1;
    if n == 1 {
      var t := k.stage2.Find(p, v);
      k.gate.Stays();
      if t != 0 {
        CoreMemory.OnePage(k, p, v, t);
        assert work <= PLACE_WORK;
        return if k.stage2.pool[t * 512 + v % 512] == 0 then Status.OK else Status.MemoryOverlap;
      }
    }
    var free, looked := k.stage2.Unmapped(p, v, n);
    work := work + looked;
    if !free {
      assert work <= PLACE_WORK;
      return Status.MemoryOverlap;
    }
    var fits, counted := k.stage2.Fits(p, v, n);
    work := work + counted;
    status := if fits then Status.OK else Status.OutOfMemory;
    assert work <= PLACE_WORK;
  }
  function Permits(policy: u32, perm: u32): (b: bool)
    ensures b == M.Permits(policy, perm)
  {
    if perm == Kinds.PermR then policy <= Kinds.Shared && policy != Kinds.Device
    else if perm == Kinds.PermRX then policy == Kinds.Immutable
    else if perm == Kinds.PermRW then policy == Kinds.Slab
    else perm == Kinds.PermDev && policy == Kinds.Device
  }
  /** May these pages of region r be mapped there? */
  function MapCheck(k: Core, p: u32, r: u32, ipa: u64, first: u64, n: u64, perm: u64): (status: u64)
    requires k.Inv() && k.Rooted() && CoreMemory.Mappable(k, p) && r < NREGION
    reads k.Repr()
    ensures status == D.MapCheck(k.Abs().st.maps[p], k.Abs().st.memory.regions[r], ipa, first, n, perm)
    ensures status == Status.OK ==> n <= MAXMAP && ipa / 4096 < IPAPAGES && n <= IPAPAGES - ipa / 4096 && perm <= 3
  {
    assert 1 + PLACE_WORK <= MAP_CHECK_WORK;
    if perm > 3 || !Permits(k.regions.Policy(r), perm as u32) then Status.InsufficientCapability
    else if ipa % 4096 != 0 then Status.AlignmentError
    else if n == 0 || n > MAXMAP || first >= k.regions.Pages(r) || n > k.regions.Pages(r) - first then Status.ResourceLimitExceeded
    else if ipa / 4096 >= IPAPAGES || n > IPAPAGES - ipa / 4096 then Status.AlignmentError
    else Place(k, p, (ipa / 4096) as u32, n as u32)
  }
  function MappedTo(k: Core, v: u32, n: u32, r: u32): (b: bool)
    requires k.Called() && r < NREGION && v as int + n as int <= IPAPAGES as int && n as u64 <= MAXMAP
    reads k.Repr()
    ensures b == M.MappedTo(k.Abs().st.maps[Common.Me(k.Abs())], v, n, r)
  {
    M.MappedTo(k.Abs().st.maps[Common.Me(k.Abs())], v, n, r)
  } by method {
    hide M.MappedTo, M.RegionsOk, RangeFacts.AllIn;
    ghost var work := 1;
    MeMappable(k);
    RangeFacts.FramesAreRegions(k.Abs().st.memory, k.sched.cur, k.Abs().st.maps[k.sched.cur], v, n, r);
    var lo, pages := k.regions.Frame(r), k.regions.Pages(r);
    ghost var w;
    b, w := k.stage2.Frames(k.sched.cur, v, n, lo, lo + pages);
    work := work + w;
    assert work <= MAPPED_TO_WORK;
  }

  // ---- region_map -----------------------------------------------------------------------------------------------------------

  function Needs(perm: u64): (rights: u32) ensures rights == D.Needs(perm) {
    if perm == Kinds.PermRW as u64 || perm == Kinds.PermDev as u64 then Rights.READ + Rights.WRITE else Rights.READ
  }
  method RegionMap(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.RegionMap(old(k.Abs())), now)
    ensures work <= REGION_MAP_WORK
  {
    hide *;
    work := 1;
    reveal D.RegionMap, REFUSED, Limits.LO32, CALLS, Common.CALLS, Limits.CTXW, Limits.NREGION, Status.OK, CoreMemory.Mappable, REGION_MAP_WORK;
    var h, ipa, first, n, perm := Arg(k, 1), Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    var o := Claim(k, h, Kinds.Region, Needs(perm));
    work := work + CLAIM_WORK;
    if o >= REFUSED { Refuse(k, CALLS + 2, o, now); return; }
    var me, r := Me(k), o as u32;
    if r >= NREGION || !MayMap(k, r, me) || Leased(k, me, r) { Refuse(k, CALLS + 2, Status.InsufficientCapability, now); return; }
    MeMappable(k);
    var c := MapCheck(k, me, r, ipa, first, n, perm);
    work := work + MAP_CHECK_WORK;
    if c != Status.OK { Refuse(k, CALLS + 2, c, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Map(k, r, ipa, first, n, perm, now);
    work := work + w;
  }
  method Map(k: Core, r: u32, ipa: u64, first: u64, n: u64, perm: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && r < NREGION && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    requires D.MapCheck(k.Abs().st.maps[Common.Me(k.Abs())], k.Abs().st.memory.regions[r], ipa, first, n, perm) == Status.OK
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Mapped(old(k.Abs()), r, ipa, first, n, perm), now)
    ensures work <= MAP_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, k.Effects, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Wit.Room, Wit.Spare;
    reveal MAP_WORK;
    reveal D.Mapped, D.MapCheck, M.RegionsOk, M.RegionOk, M.FRAMES, Limits.FRAMES, CoreMemory.WithMap, CoreMemory.Mappable, Common.MAPSYNC;
    reveal Limits.NPART, Limits.LO32, Limits.CTXW, Limits.NREGION, Limits.IPAPAGES, Limits.MAXMAP, Status.OK;
    MeMappable(k);
    Checked(k.Abs(), k.sched.cur, r, ipa, first, n, perm);
    var me, page := k.sched.cur, (ipa / 4096) as u32;
    var frame := Frame(k, r) + first;
    ghost var a := Apply.RegionMap(me, me, r, page, first, n as u32, perm as u32);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x25, 1, me, r as u64 * LO32 + page as u64,
             perm % 16 * 0x1000_0000_0000_0000 + me as u64 % 256 * 0x10_0000_0000_0000 + first % 0x10_0000 * LO32 + n, now);
    ghost var w := CoreMemory.Map(k, me, page, n as u32, frame, perm as u32, r);
    work := work + w;
    k.Set(me, 0, Status.OK);
    k.Emit(11, me as u64, 0, 0);
  }

  // ---- region_unmap ---------------------------------------------------------------------------------------------------------

  method RegionUnmap(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.RegionUnmap(old(k.Abs())), now)
    ensures work <= REGION_UNMAP_WORK
  {
    hide *;
    work := 1;
    reveal D.RegionUnmap, REFUSED, Limits.LO32, CALLS, Common.CALLS, Limits.CTXW, Limits.NREGION, Limits.IPAPAGES, Limits.MAXMAP, Status.OK;
    reveal REGION_UNMAP_WORK;
    var h, ipa, n := Arg(k, 1), Arg(k, 2), Arg(k, 3);
    var o := Claim(k, h, Kinds.Region, Rights.READ);
    work := work + CLAIM_WORK;
    if o >= REFUSED { Refuse(k, CALLS + 76, o, now); return; }
    var me, r := Me(k), o as u32;
    if r >= NREGION || !MayMap(k, r, me) { Refuse(k, CALLS + 76, Status.InsufficientCapability, now); return; }
    if ipa % 4096 != 0 || ipa / 4096 >= IPAPAGES || n > IPAPAGES - ipa / 4096 { Refuse(k, CALLS + 76, Status.AlignmentError, now); return; }
    if n == 0 || n > MAXMAP { Refuse(k, CALLS + 76, Status.ResourceLimitExceeded, now); return; }
    work := work + MAPPED_TO_WORK;
    if !MappedTo(k, (ipa / 4096) as u32, n as u32, r) { Refuse(k, CALLS + 76, Status.ResourceLimitExceeded, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Unmap(k, r, ipa, n, now);
    work := work + w;
  }
  method Unmap(k: Core, r: u32, ipa: u64, n: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && r < NREGION && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1) && n <= MAXMAP
    requires (ipa / 4096) as int + n as int <= IPAPAGES as int
    requires M.MappedTo(k.Abs().st.maps[Common.Me(k.Abs())], (ipa / 4096) as u32, n as u32, r)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.Unmapped(old(k.Abs()), r, ipa, n), now)
    ensures work <= UNMAP_WORK
  {
    hide *;
    work := 1;
    reveal k.Done, k.Effects, Apply.ApplyAll, Apply.NoteAll, Step.Commit, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Wit.Room, Wit.Spare;
    reveal UNMAP_WORK;
    reveal D.Unmapped, CoreMemory.WithMap, CoreMemory.Mappable, Common.TLBIRANGE;
    reveal Limits.NPART, Limits.LO32, Limits.CTXW, Limits.NREGION, Limits.IPAPAGES, Limits.MAXMAP, Status.OK;
    MeMappable(k);
    var me, page := k.sched.cur, (ipa / 4096) as u32;
    ghost var a := Apply.RegionUnmap(me, r, page, n as u32);
    One(k.Abs(), a, now);
    k.Record(a, me, 0x26, 1, me, r as u64 * LO32 + page as u64, n, now);
    ghost var w := CoreMemory.Unmap(k, me, page, n as u32);
    work := work + w;
    k.Set(me, 0, Status.OK);
    k.Emit(5, me as u64, ipa / 4096, n);
  }
}
