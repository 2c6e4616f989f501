include "Actions.dfy"
include "../../../spec/Decide/Lease.dfy"

/** The end of a lease, whatever brings it about: the device is the holder's no more. */
module LeaseEnding {
  import opened Types
  import opened Limits
  import opened CoreState
  import CoreMemory
  import State
  import Apply
  import Common
  import Valid
  import D = DecideLease
  import L = Leases
  import M = Memory
  import Sch = Scheduler
  import Wit = Witness
  import A = Actions

  // Most steps of work (spec/Cost.dfy).
  ghost const LEASE_END_WORK: nat := 1 + UNMAP_WORK
  ghost const UNMAP_WORK: nat := 1 + CoreMemory.UNMAP_WORK

  /** What a lease is that a partition has. */
  lemma LeaseIs(s: State.Kernel, p: u32)
    requires Valid.Valid(s) && p < NPART && s.st.leases[p].until != 0
    ensures L.LeaseOk(s.st, p)
  {
    reveal L.LeasesOk();
  }
  function Until(k: Core, p: u32): (t: u64)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures t == k.Abs().st.leases[p].until
  {
    k.gate.leases.Until(p)
  }
  /** Is p's lease at its end? */
  function Over(k: Core, p: u32, now: u64): (b: bool)
    requires k.Inv() && p < NPART && Apply.Tables(k.Abs().st)
    reads k.Repr()
    ensures b == L.Over(k.Abs().st, p, now)
  {
    0 < Until(k, p) && Until(k, p) <= now
  }
  function RegionOf(k: Core, p: u32): (r: u32)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures r == k.Abs().st.leases[p].region
  {
    k.gate.leases.Region(p)
  }
  function PageOf(k: Core, p: u32): (v: u32)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures v == k.Abs().st.leases[p].page
  {
    k.gate.leases.Page(p)
  }
  /** The pages of p's lease. */
  function Pages(k: Core, p: u32): (n: u32)
    requires k.Inv() && p < NPART && Apply.Tables(k.Abs().st) && k.Abs().st.leases[p].until != 0 && L.LeaseOk(k.Abs().st, p)
    reads k.Repr()
    ensures n == L.Pages(k.Abs().st, p) && n as u64 <= MAXMAP && PageOf(k, p) as int + n as int <= IPAPAGES as int
  {
    k.regions.Pages(RegionOf(k, p)) as u32
  }
  /** Time t, but not after the end of the running partition's lease. */
  function NoLater(k: Core, t: u64): (u: u64)
    requires k.Inv() && k.sched.cur < NPART
    reads k.Repr()
    ensures u == L.NoLater(k.Abs().st, k.sched.cur, t)
  {
    var end := Until(k, k.sched.cur);
    if 0 < end && end < t then end else t
  }
  /** When the timer must tick next. */
  function Timer(k: Core): (t: u64)
    requires k.Inv() && k.Abs().vol.sched.cur < NPART && State.Sized(k.Abs())
    reads k.Repr()
    ensures t == L.Timer(k.Abs())
  {
    var p, s := k.sched.cur, k.sched.Timer();
    if k.gate.NoneLeased() || p == 0 then s else var u := Until(k, p); if u != 0 && u < s then u else s
  }
  lemma Two(s: State.Kernel, a: Apply.Action, b: Apply.Action, now: u64)
    requires A.Tables(s)
    ensures A.DoAll(s, [a, b], now) == A.Do(A.Do(s, a, now), b, now)
  {
    hide A.Do, A.DoAll;
    A.None(s, now);
    A.More(s, [], a, now);
    A.More(s, [] + [a], b, now);
    assert [] + [a] + [b] == [a, b];
  }
  /** p's lease ends. */
  method EndLease(k: Core, p: u32, reason: u64, now: u64) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && k.Effects() == [] && CoreMemory.Mappable(k, p) && A.Tables(k.Abs()) && Wit.Room(k.Abs().log, p, 2)
    requires k.Abs().st.leases[p].until != 0 && L.LeaseOk(k.Abs().st, p)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && A.Tables(old(k.Abs())) && k.Effects() == D.Flush(old(k.Abs()).st, p)
    ensures k.Abs() == A.DoAll(old(k.Abs()), D.Ending(old(k.Abs()).st, p, reason), now)
    ensures work <= LEASE_END_WORK
  {
    hide *;
    work := 1;
    reveal D.Ending, D.Flush, LEASE_END_WORK, A.Tables, L.LeaseOk, CoreMemory.Mappable, Limits.NPART, Limits.LO32, Common.TLBIRANGE;
    ghost var s := k.Abs();
    var r, page, n := RegionOf(k, p), PageOf(k, p), Pages(k, p);
    ghost var a, b := Apply.RegionUnmap(p, r, page, n), Apply.LeaseEnd(p, r, reason);
    Two(s, a, b, now);
    ghost var w := Unmap(k, p, r, page, n, now);
    work := work + w;
    Free(k, p, r, reason, now);
    NoEffects(k);
    k.Emit(5, p as u64, page as u64, n as u64);
  }
  lemma NoEffects(k: Core)
    requires k.Inv() && k.Effects() == []
    ensures k.neff == 0
  {
    assert |k.Effects()| == k.neff as int;
  }
  method Unmap(k: Core, p: u32, r: u32, page: u32, n: u32, now: u64) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && CoreMemory.Mappable(k, p) && A.Tables(k.Abs()) && Wit.Room(k.Abs().log, p, 2)
    requires page as int + n as int <= IPAPAGES as int && n as u64 <= MAXMAP
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && A.Tables(old(k.Abs())) && k.Effects() == old(k.Effects()) && Wit.Room(k.Abs().log, p, 1)
    ensures k.Abs() == A.Do(old(k.Abs()), Apply.RegionUnmap(p, r, page, n), now)
    ensures k.Abs().st == old(k.Abs()).st.(maps := k.Abs().st.maps)
    ensures work <= UNMAP_WORK
  {
    hide *;
    work := 1;
    reveal A.Do, A.Tables, CoreMemory.WithMap, CoreMemory.Mappable, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Limits.NPART, Limits.LO32;
    A.Note(k, Apply.RegionUnmap(p, r, page, n), p, 0x26, r as u64 * LO32 + page as u64, n as u64, now, 2);
    ghost var w := CoreMemory.Unmap(k, p, page, n);
    work := work + w;
    assert 1 + CoreMemory.UNMAP_WORK == UNMAP_WORK by { reveal UNMAP_WORK; }
  }
  method Free(k: Core, p: u32, r: u32, reason: u64, now: u64)
    requires k.Inv() && k.Rooted() && p < NPART && r < NREGION && A.Tables(k.Abs()) && Wit.Room(k.Abs().log, p, 1)
    requires k.Abs().st.leases[p].until != 0 && k.Abs().st.leases[p].region == r && k.Abs().st.memory.regions[r].owner == p
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && A.Tables(old(k.Abs())) && k.Effects() == old(k.Effects())
    ensures k.Abs() == A.Do(old(k.Abs()), Apply.LeaseEnd(p, r, reason), now)
  {
    hide *;
    reveal A.Do, A.Tables, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Limits.NPART, Limits.LO32, State.EmptyLease;
    A.Note(k, Apply.LeaseEnd(p, r, reason), p, 0x51, r as u64, reason, now, 1);
    CoreMemory.FreeRegion(k, r);
    k.Lease(p, 0, 0, 0);
  }
}
