include "Common.dfy"

/** region_map, region_unmap. */
module DecideRegion {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import M = Memory
  import W = Witness
  import L = Leases
  import Kinds
  import Status
  import Rights

  function Needs(perm: u64): u32 { if perm == Kinds.PermRW as u64 || perm == Kinds.PermDev as u64 then Rights.READ + Rights.WRITE else Rights.READ }

  /** Why n pages from page `first` of region r on may not be mapped at address ipa of partition p's map m: OK if they may. */
  function MapCheck(m: Map, g: Region, ipa: u64, first: u64, n: u64, perm: u64): u64 {
    if perm > 3 || !M.Permits(g.policy, perm as u32) then Status.InsufficientCapability
    else if ipa % 4096 != 0 then Status.AlignmentError
    else if n == 0 || n > MAXMAP || first >= g.pages || n > g.pages - first then Status.ResourceLimitExceeded
    else if ipa / 4096 >= IPAPAGES || n > IPAPAGES - ipa / 4096 then Status.AlignmentError
    else if !M.Unmapped(m, (ipa / 4096) as u32, n as u32) then Status.MemoryOverlap
    else if !M.Fits(m, (ipa / 4096) as u32, n as u32) then Status.OutOfMemory
    else Status.OK
  }
  function RegionMap(k: Kernel): Verdict
    requires Runs(k)
  {
    var h, ipa, first, n, perm := Arg(k, 1), Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    var g := Guard(k, h, Kinds.Region, Needs(perm));
    if g != Status.OK then Refuse(k, CALLS + 2, g)
    else if Object(k, h) >= NREGION || !M.MayMap(k.st.memory.regions[Object(k, h)], Me(k)) then Refuse(k, CALLS + 2, Status.InsufficientCapability)
    else
      var r := Object(k, h);
      if L.Leased(k.st, Me(k), r) then Refuse(k, CALLS + 2, Status.InsufficientCapability) else
      var c := MapCheck(k.st.maps[Me(k)], k.st.memory.regions[r], ipa, first, n, perm);
      if c != Status.OK then Refuse(k, CALLS + 2, c)
      else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
      else Mapped(k, r, ipa, first, n, perm)
  }
  function Mapped(k: Kernel, r: u32, ipa: u64, first: u64, n: u64, perm: u64): Verdict
    requires Runs(k) && ipa / 4096 < LO32 && n < LO32 && perm < LO32
  {
    Verdict([Action.RegionMap(Me(k), Me(k), r, (ipa / 4096) as u32, first, n as u32, perm as u32)],
            SetReg(k.vol, Me(k), 0, Status.OK), [Effect(MAPSYNC, Me(k) as u64, 0, 0)])
  }
  function RegionUnmap(k: Kernel): Verdict
    requires Runs(k)
  {
    var h, ipa, n := Arg(k, 1), Arg(k, 2), Arg(k, 3);
    var g := Guard(k, h, Kinds.Region, Rights.READ);
    if g != Status.OK then Refuse(k, CALLS + 76, g)
    else if Object(k, h) >= NREGION || !M.MayMap(k.st.memory.regions[Object(k, h)], Me(k)) then Refuse(k, CALLS + 76, Status.InsufficientCapability)
    else if ipa % 4096 != 0 || ipa / 4096 >= IPAPAGES || n > IPAPAGES - ipa / 4096 then Refuse(k, CALLS + 76, Status.AlignmentError)
    else if n == 0 || n > MAXMAP || !M.MappedTo(k.st.maps[Me(k)], (ipa / 4096) as u32, n as u32, Object(k, h)) then Refuse(k, CALLS + 76, Status.ResourceLimitExceeded)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Unmapped(k, Object(k, h), ipa, n)
  }
  function Unmapped(k: Kernel, r: u32, ipa: u64, n: u64): Verdict
    requires Runs(k) && ipa / 4096 < LO32 && n < LO32
  {
    Verdict([Action.RegionUnmap(Me(k), r, (ipa / 4096) as u32, n as u32)],
            SetReg(k.vol, Me(k), 0, Status.OK), [Effect(TLBIRANGE, Me(k) as u64, ipa / 4096, n)])
  }
}
