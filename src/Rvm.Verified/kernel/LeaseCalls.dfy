include "LeaseEnding.dfy"
include "BootCalls.dfy"

/** device_lease_acquire, device_lease_revoke, lease_renew. */
module LeaseCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import opened LeaseEnding
  import CoreMemory
  import Status
  import Kinds
  import Rights
  import State
  import Apply
  import Common
  import Step
  import Valid
  import D = DecideLease
  import DR = DecideRegion
  import L = Leases
  import M = Memory
  import Sch = Scheduler
  import Caps = Capabilities
  import Wit = Witness
  import A = Actions
  import R = RegionCalls
  import B = BootCalls

  const CALLS: u64 := 0xC600_0000
  const LONGEST: u64 := 0x1_0000_0000_0000

  // Most steps of work (spec/Cost.dfy).
  ghost const NAMED_WORK: nat := 1 + CLAIM_WORK
  ghost const PLACE_CHECK_WORK: nat := 1 + R.PLACE_WORK
  ghost const ACQUIRE_WORK: nat := 1 + NAMED_WORK + PLACE_CHECK_WORK + B.DEVICE_FREE_WORK + B.VIRGIN_WORK + LEASE_WORK
  ghost const LEASE_WORK: nat := 1 + A.MAP_WORK
  ghost const REVOKE_WORK: nat := 1 + NAMED_WORK + RETURN_WORK
  ghost const RETURN_WORK: nat := 1 + LEASE_END_WORK
  ghost const RENEW_WORK: nat := 1 + NAMED_WORK

  // ---- questions ------------------------------------------------------------------------------------------------------------

  /** The number of the device that x1 names, or the refusal's status, which is no less than REFUSED. */
  function Named(k: Core): (c: u64)
    requires k.Called()
    reads k.Repr()
    ensures var s := D.Named(k.Abs());
      if s == Status.OK then Guarded(k, Common.Arg(k.Abs(), 1)) && c == Common.Object(k.Abs(), Common.Arg(k.Abs(), 1)) as u64 && c as int < |k.Abs().devices| && c < LO32 && c < REFUSED
      else c == s && c >= REFUSED
  {
    assert 1 + CLAIM_WORK <= NAMED_WORK;
    var c := Claim(k, Arg(k, 1), Kinds.DeviceLease, Rights.LEASE);
    if c < REFUSED && c >= k.gate.leases.Count() as u64 then Status.DeviceLeaseNotFound else c
  }
  function FrameOf(k: Core, i: u64): (f: u64)
    requires k.Inv() && i as int < |k.Abs().devices|
    reads k.Repr()
    ensures f == k.Abs().devices[i].frame
  {
    k.gate.leases.Frame(i as u32)
  }
  function PagesOf(k: Core, i: u64): (n: u64)
    requires k.Inv() && i as int < |k.Abs().devices|
    reads k.Repr()
    ensures n == k.Abs().devices[i].pages
  {
    k.gate.leases.Pages(i as u32)
  }
  /** A listed device lies below the memory that is still to be given out. */
  lemma Listed(s: State.Kernel, i: int)
    requires Valid.Valid(s) && 0 <= i < |s.devices|
    ensures var d := s.devices[i]; 0 < d.pages <= MAXMAP && d.frame as int + d.pages as int <= s.st.memory.next as int <= M.FRAMES as int
  {
    assert Valid.DeviceOk(s.machine, s.devices[i]);
  }
  /** Has the caller leased the device of these frames? */
  function Mine(k: Core, i: u64): (b: bool)
    requires k.Called() && i as int < |k.Abs().devices|
    reads k.Repr()
    ensures b == D.Mine(k.Abs(), k.Abs().devices[i])
  {
    Until(k, k.sched.cur) != 0 && RegionOf(k, k.sched.cur) < NREGION
    && k.regions.Frame(RegionOf(k, k.sched.cur)) == FrameOf(k, i) && k.regions.Pages(RegionOf(k, k.sched.cur)) == PagesOf(k, i)
  }
  /** Why the caller may not have the device there. */
  function PlaceCheck(k: Core, i: u64, ipa: u64): (status: u64)
    requires k.Called() && i as int < |k.Abs().devices|
    reads k.Repr()
    ensures status == D.PlaceCheck(k.Abs(), k.Abs().devices[i], ipa)
    ensures status == Status.OK ==> ipa / 4096 < IPAPAGES && PagesOf(k, i) <= IPAPAGES - ipa / 4096
  {
    R.MeMappable(k);
    Listed(k.Abs(), i as int);
    assert 1 + R.PLACE_WORK <= PLACE_CHECK_WORK;
    if Until(k, k.sched.cur) != 0 then Status.DeviceLeaseConflict
    else if ipa % 4096 != 0 || ipa / 4096 >= IPAPAGES || PagesOf(k, i) > IPAPAGES - ipa / 4096 then Status.AlignmentError
    else R.Place(k, k.sched.cur, (ipa / 4096) as u32, PagesOf(k, i) as u32)
  }
  function Later(a: u64, b: u64): (t: u64) ensures t == Sch.Later(a, b) { if a <= TIMEMAX - b then a + b else TIMEMAX }

  // ---- device_lease_acquire -------------------------------------------------------------------------------------------------

  method Acquire(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.DeviceLeaseAcquire(old(k.Abs()), now), now)
    ensures work <= ACQUIRE_WORK
  {
    hide *;
    work := 1;
    reveal D.DeviceLeaseAcquire, D.Shown, D.Lasts, D.LONGEST, LONGEST, REFUSED, CALLS, Common.CALLS, Limits.LO32, Limits.CTXW, Limits.NREGION, Limits.IPAPAGES, Status.OK, ACQUIRE_WORK;
    var c, duration, ipa := Named(k), Arg(k, 2), Arg(k, 3);
    work := work + NAMED_WORK;
    if c >= REFUSED { Refuse(k, CALLS + 19, c, now); return; }
    if duration == 0 || duration > LONGEST { Refuse(k, CALLS + 19, Status.ResourceLimitExceeded, now); return; }
    var check := PlaceCheck(k, c, ipa);
    work := work + PLACE_CHECK_WORK;
    if check != Status.OK { Refuse(k, CALLS + 19, check, now); return; }
    Listed(k.Abs(), c as int);
    work := work + B.DEVICE_FREE_WORK;
    if !B.DeviceFree(k, FrameOf(k, c), PagesOf(k, c)) { Refuse(k, CALLS + 19, Status.DeviceLeaseConflict, now); return; }
    var r := B.Virgin(k);
    work := work + B.VIRGIN_WORK;
    if r == NREGION { Refuse(k, CALLS + 19, Status.OutOfMemory, now); return; }
    if !Room(k, 3) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Lease(k, c, r, ipa, Later(now, duration), now);
    work := work + w;
  }
  lemma Three(s: State.Kernel, a: Apply.Action, b: Apply.Action, c: Apply.Action, now: u64)
    requires A.Tables(s)
    ensures A.DoAll(s, [a, b, c], now) == A.Do(A.Do(A.Do(s, a, now), b, now), c, now)
  {
    hide A.Do, A.DoAll;
    Two(s, a, b, now);
    A.More(s, [a, b], c, now);
    assert [a, b] + [c] == [a, b, c];
  }
  /** The room that a placed device has in the caller's map. */
  lemma Placed(s: State.Kernel, d: State.Device, ipa: u64)
    requires Common.Runs(s) && D.PlaceCheck(s, d, ipa) == Status.OK
    ensures ipa / 4096 < IPAPAGES && (ipa / 4096) as int + d.pages as int <= IPAPAGES as int && 0 < d.pages <= MAXMAP
    ensures M.Fits(s.st.maps[Common.Me(s)], (ipa / 4096) as u32, d.pages as u32) && M.Unmapped(s.st.maps[Common.Me(s)], (ipa / 4096) as u32, d.pages as u32)
  {}
  method Lease(k: Core, i: u64, r: u32, ipa: u64, until: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && i as int < |k.Abs().devices| && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 3)
    requires D.PlaceCheck(k.Abs(), k.Abs().devices[i], ipa) == Status.OK && M.DeviceFree(k.Abs().st.memory, k.Abs().devices[i].frame, k.Abs().devices[i].pages)
    requires r < NREGION && k.Abs().st.memory.regions[r].gen <= GENMAX
    modifies k.Repr()
    ensures ipa / 4096 < LO32 && old(k.Abs()).devices[i].pages < LO32
    ensures k.Done(old(k.Abs()), D.Acquired(old(k.Abs()), old(k.Abs()).devices[i], r, (ipa / 4096) as u32, until), now)
    ensures work <= LEASE_WORK
  {
    hide *;
    work := 1;
    reveal D.Acquired, A.WithVol, CoreMemory.Mappable, Limits.NPART, Limits.LO32, Limits.CTXW, Limits.MAXMAP, Limits.IPAPAGES, A.Tables, Apply.Tables, M.Table, Status.OK, Common.MAPSYNC, Common.SetReg, Kinds.PermDev, LEASE_WORK;
    ghost var s, d := k.Abs(), k.Abs().devices[i];
    Listed(s, i as int);
    Placed(s, d, ipa);
    R.MeMappable(k);
    var me, page, frame, n := Me(k), (ipa / 4096) as u32, FrameOf(k, i), PagesOf(k, i);
    ghost var a, b, c := Apply.RegionCreate(me, r, me, Kinds.Device, n, frame), Apply.RegionMap(me, me, r, page, 0, n as u32, 3), Apply.LeaseGrant(me, r, page, until);
    A.LogTables(k);
    Three(s, a, b, c, now);
    A.Device(k, me, r, me, n, frame, now, 3);
    Fresh(s.st.memory, r, me, n, frame);
    ghost var w := A.Map(k, me, me, r, page, 0, n as u32, 3, now, 2);
    work := work + w;
    Grant(k, me, r, page, until, now);
    k.Set(me, 0, Status.OK);
    k.Set(me, 1, until);
    NoEffects(k);
    k.Emit(11, me as u64, 0, 0);
    Finish(k, s, D.Acquired(s, d, r, page, until), now);
  }
  lemma Fresh(m: State.Memory, r: u32, owner: u32, pages: u64, frame: u64)
    requires M.Table(m) && r < NREGION
    ensures M.Create(m, r, owner, Kinds.Device, pages, frame).regions[r].pages == pages
  {}
  /** The kernel stands where verdict v leads from state s. */
  lemma Finish(k: Core, s: State.Kernel, v: Common.Verdict, now: u64)
    requires Valid.Valid(s) && k.Inv() && k.Rooted() && A.Tables(s) && k.Abs() == A.WithVol(A.DoAll(s, v.acts, now), v.vol) && k.Effects() == v.effects
    ensures k.Done(s, v, now)
  {
    reveal k.Done();
  }
  /** p has leased region r. */
  method Grant(k: Core, p: u32, r: u32, page: u32, until: u64, now: u64)
    requires k.Inv() && k.Rooted() && p < NPART && A.Tables(k.Abs()) && Wit.Room(k.Abs().log, p, 1)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && A.Tables(old(k.Abs())) && k.Effects() == old(k.Effects())
    ensures k.Abs() == A.Do(old(k.Abs()), Apply.LeaseGrant(p, r, page, until), now) && k.Abs().vol == old(k.Abs()).vol
  {
    hide *;
    reveal A.Do, A.Tables, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Limits.NPART, Limits.LO32;
    A.Note(k, Apply.LeaseGrant(p, r, page, until), p, 0x50, r as u64 * LO32 + page as u64, until, now, 1);
    k.Lease(p, r, page, until);
  }

  // ---- device_lease_revoke, lease_renew ---------------------------------------------------------------------------------------

  method Revoke(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.DeviceLeaseRevoke(old(k.Abs())), now)
    ensures work <= REVOKE_WORK
  {
    hide *;
    work := 1;
    reveal D.DeviceLeaseRevoke, D.Shown, D.Mine, REFUSED, CALLS, Common.CALLS, Limits.LO32, Limits.CTXW, Status.OK, REVOKE_WORK;
    var c := Named(k);
    work := work + NAMED_WORK;
    if c >= REFUSED { Refuse(k, CALLS + 20, c, now); return; }
    if !Mine(k, c) { Refuse(k, CALLS + 20, Status.DeviceLeaseNotFound, now); return; }
    if !Room(k, 2) { Answer(k, Status.WitnessLogFull, now); return; }
    ghost var w := Return(k, now);
    work := work + w;
  }
  method Return(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called() && k.Abs().st.leases[Common.Me(k.Abs())].until != 0 && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 2)
    modifies k.Repr()
    ensures var s := old(k.Abs());
      k.Done(s, Common.Verdict(D.Ending(s.st, Common.Me(s), D.RETURNED), Common.SetReg(s.vol, Common.Me(s), 0, Status.OK), D.Flush(s.st, Common.Me(s))), now)
    ensures work <= RETURN_WORK
  {
    hide *;
    work := 1;
    reveal A.WithVol, A.DoAll, D.RETURNED, Limits.NPART, Limits.CTXW, Status.OK, RETURN_WORK;
    ghost var s := k.Abs();
    var me := Me(k);
    A.LogTables(k);
    R.MeMappable(k);
    LeaseIs(s, me);
    ghost var w := EndLease(k, me, 0, now);
    work := work + w;
    k.Set(me, 0, Status.OK);
    Finish(k, s, Common.Verdict(D.Ending(s.st, me, D.RETURNED), Common.SetReg(s.vol, me, 0, Status.OK), D.Flush(s.st, me)), now);
  }
  method Renew(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), D.LeaseRenew(old(k.Abs()), now), now)
    ensures work <= RENEW_WORK
  {
    hide *;
    work := 1;
    reveal D.LeaseRenew, D.Shown, D.Lasts, D.LONGEST, LONGEST, REFUSED, CALLS, Common.CALLS, Limits.LO32, Limits.CTXW, Status.OK, RENEW_WORK;
    var c, duration := Named(k), Arg(k, 2);
    work := work + NAMED_WORK;
    if c >= REFUSED { Refuse(k, CALLS + 71, c, now); return; }
    if duration == 0 || duration > LONGEST { Refuse(k, CALLS + 71, Status.ResourceLimitExceeded, now); return; }
    if !Mine(k, c) { Refuse(k, CALLS + 71, Status.DeviceLeaseNotFound, now); return; }
    if Until(k, Me(k)) <= now { Refuse(k, CALLS + 71, Status.DeviceLeaseExpired, now); return; }
    if !Room(k, 1) { Answer(k, Status.WitnessLogFull, now); return; }
    Extend(k, Later(now, duration), now);
  }
  method Extend(k: Core, until: u64, now: u64)
    requires k.Called() && Wit.Room(k.Abs().log, Common.Me(k.Abs()), 1)
    modifies k.Repr()
    ensures var s := old(k.Abs()); k.Done(s, D.Renewed(s, s.st.leases[Common.Me(s)], until), now)
  {
    hide *;
    reveal D.Renewed, A.WithVol, A.DoAll, A.Tables, Apply.Tables, Common.SetReg, Limits.NPART, Limits.CTXW, Status.OK;
    ghost var s := k.Abs();
    var me := Me(k);
    var r, page := RegionOf(k, me), PageOf(k, me);
    A.LogTables(k);
    B.One(s, Apply.LeaseGrant(me, r, page, until), now);
    Grant(k, me, r, page, until, now);
    k.Set(me, 0, Status.OK);
    k.Set(me, 1, until);
    Finish(k, s, D.Renewed(s, s.st.leases[me], until), now);
  }
}
