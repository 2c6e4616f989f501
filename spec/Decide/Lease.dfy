include "Region.dfy"

/** device_lease_acquire, device_lease_revoke, lease_renew, and the end of a lease. */
module DecideLease {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import M = Memory
  import L = Leases
  import R = DecideRegion
  import S = Scheduler
  import W = Witness
  import Kinds
  import Status
  import Rights

  const LONGEST: u64 := 0x1_0000_0000_0000        // counts: 52 days
  const RETURNED: u64 := 0                        // why a lease ends
  const EXPIRED: u64 := 1

  /** The guard: x1 is a capability to lease a device that is listed. */
  function Named(k: Kernel): u64
    requires Runs(k)
  {
    var g := Guard(k, Arg(k, 1), Kinds.DeviceLease, Rights.LEASE);
    if g != Status.OK then g else if Object(k, Arg(k, 1)) as int >= |k.devices| then Status.DeviceLeaseNotFound else Status.OK
  }
  /** The device that x1 names. */
  function Shown(k: Kernel): Device requires Runs(k) && Named(k) == Status.OK { k.devices[Object(k, Arg(k, 1))] }
  predicate Lasts(duration: u64) { 0 < duration <= LONGEST }
  /** Has the caller leased this device? */
  predicate Mine(k: Kernel, d: Device)
    requires Runs(k)
  {
    var l := k.st.leases[Me(k)];
    l.until != 0 && l.region < NREGION && k.st.memory.regions[l.region].frame == d.frame && k.st.memory.regions[l.region].pages == d.pages
  }
  /** Why the caller may not have its device at address ipa: OK if it may. */
  function PlaceCheck(k: Kernel, d: Device, ipa: u64): u64
    requires Runs(k)
  {
    if k.st.leases[Me(k)].until != 0 then Status.DeviceLeaseConflict
    else R.MapCheck(k.st.maps[Me(k)], Region(0, Me(k), Kinds.Device, d.pages, d.frame), ipa, 0, d.pages, Kinds.PermDev as u64)
  }
  /** device_lease_acquire: x2 for how long, x3 where. */
  function DeviceLeaseAcquire(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var g, duration, ipa := Named(k), Arg(k, 2), Arg(k, 3);
    if g != Status.OK then Refuse(k, CALLS + 19, g)
    else if !Lasts(duration) then Refuse(k, CALLS + 19, Status.ResourceLimitExceeded)
    else
      var d := Shown(k);
      var c := PlaceCheck(k, d, ipa);
      if c != Status.OK then Refuse(k, CALLS + 19, c)
      else if !M.DeviceFree(k.st.memory, d.frame, d.pages) then Refuse(k, CALLS + 19, Status.DeviceLeaseConflict)
      else if M.VirginFrom(k.st.memory, 0) == NREGION then Refuse(k, CALLS + 19, Status.OutOfMemory)
      else if !W.Room(k.log, Me(k), 3) then Answer(k, Status.WitnessLogFull)
      else Acquired(k, d, M.VirginFrom(k.st.memory, 0), (ipa / 4096) as u32, S.Later(now, duration))
  }
  function Acquired(k: Kernel, d: Device, r: u32, page: u32, until: u64): Verdict
    requires Runs(k) && d.pages < LO32
  {
    Verdict([RegionCreate(Me(k), r, Me(k), Kinds.Device, d.pages, d.frame), RegionMap(Me(k), Me(k), r, page, 0, d.pages as u32, Kinds.PermDev), LeaseGrant(Me(k), r, page, until)],
            SetReg(SetReg(k.vol, Me(k), 0, Status.OK), Me(k), 1, until), [Effect(MAPSYNC, Me(k) as u64, 0, 0)])
  }
  /** What the end of p's lease does. */
  function Ending(s: Structure, p: u32, reason: u64): seq<Action>
    requires Tables(s) && p < NPART
  {
    [RegionUnmap(p, s.leases[p].region, s.leases[p].page, L.Pages(s, p)), LeaseEnd(p, s.leases[p].region, reason)]
  }
  /** What the hardware must forget then. */
  function Flush(s: Structure, p: u32): seq<Effect> requires Tables(s) && p < NPART { [Effect(TLBIRANGE, p as u64, s.leases[p].page as u64, L.Pages(s, p) as u64)] }

  /** device_lease_revoke: the caller gives back the device that it has leased. */
  function DeviceLeaseRevoke(k: Kernel): Verdict
    requires Runs(k)
  {
    var g := Named(k);
    if g != Status.OK then Refuse(k, CALLS + 20, g)
    else if !Mine(k, Shown(k)) then Refuse(k, CALLS + 20, Status.DeviceLeaseNotFound)
    else if !W.Room(k.log, Me(k), 2) then Answer(k, Status.WitnessLogFull)
    else Verdict(Ending(k.st, Me(k), RETURNED), SetReg(k.vol, Me(k), 0, Status.OK), Flush(k.st, Me(k)))
  }
  /** lease_renew: x2 for how long from now. A lease that is over is not renewed. */
  function LeaseRenew(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var g, duration, l := Named(k), Arg(k, 2), k.st.leases[Me(k)];
    if g != Status.OK then Refuse(k, CALLS + 71, g)
    else if !Lasts(duration) then Refuse(k, CALLS + 71, Status.ResourceLimitExceeded)
    else if !Mine(k, Shown(k)) then Refuse(k, CALLS + 71, Status.DeviceLeaseNotFound)
    else if l.until <= now then Refuse(k, CALLS + 71, Status.DeviceLeaseExpired)
    else if !W.Room(k.log, Me(k), 1) then Answer(k, Status.WitnessLogFull)
    else Renewed(k, l, S.Later(now, duration))
  }
  function Renewed(k: Kernel, l: Lease, until: u64): Verdict
    requires Runs(k)
  {
    Verdict([LeaseGrant(Me(k), l.region, l.page, until)], SetReg(SetReg(k.vol, Me(k), 0, Status.OK), Me(k), 1, until), [])
  }
}
