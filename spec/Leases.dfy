include "Apply.dfy"

/** Devices that partitions have leased. */
module Leases {
  import opened Types
  import opened Limits
  import opened State
  import M = Memory
  import A = Apply
  import S = Scheduler
  import Kinds

  /** Every page of region r that the map shows is one of the n pages from v on. */
  predicate Within(m: Map, r: u32, v: u32, n: u64) { forall w <- m.pages :: m.pages[w].region == r ==> v <= w && w as int < v as int + n as int }
  /** What p has leased is a device's region of its own, and p's map shows it in one place at most. */
  predicate LeaseOk(s: Structure, p: u32)
    requires A.Tables(s) && p < NPART
  {
    var l := s.leases[p];
    l.until != 0 ==>
      && 0 < p && s.parts[p].life != Kinds.Free && l.region < NREGION
      && var g := s.memory.regions[l.region];
         g.owner == p && g.policy == Kinds.Device && 0 < g.pages <= MAXMAP && l.page as int + g.pages as int <= IPAPAGES as int && Within(s.maps[p], l.region, l.page, g.pages)
  }
  opaque predicate LeasesOk(s: Structure)
    requires A.Tables(s)
  {
    forall p: u32 {:trigger s.leases[p]} :: p < NPART ==> LeaseOk(s, p)
  }
  /** Is region r what p has leased? */
  predicate Leased(s: Structure, p: u32, r: u32) requires A.Tables(s) && p < NPART { s.leases[p].until != 0 && s.leases[p].region == r }
  /** p's lease is at its end. */
  predicate Over(s: Structure, p: u32, now: u64) requires A.Tables(s) && p < NPART { 0 < s.leases[p].until <= now }
  /** Time t, but not after the end of p's lease. */
  function NoLater(s: Structure, p: u32, t: u64): u64
    requires |s.leases| == NPART as int && p < NPART
  {
    if 0 < s.leases[p].until < t then s.leases[p].until else t
  }
  /** The pages of p's lease. */
  function Pages(s: Structure, p: u32): u32
    requires A.Tables(s) && p < NPART
  {
    var r := s.leases[p].region;
    if r < NREGION && s.memory.regions[r].pages <= MAXMAP then s.memory.regions[r].pages as u32 else 0
  }
  /** When the timer must tick next: for the schedule, or for the end of the lease of who runs. */
  function Timer(k: Kernel): u64
    requires Sized(k) && k.vol.sched.cur < NPART
  {
    var l, t := k.st.leases[k.vol.sched.cur], S.Timer(k.vol.sched);
    if k.vol.sched.cur != 0 && 0 < l.until < t then l.until else t
  }
}
