include "ConfidentialityHands.dfy"
include "ConfidentialityTurns.dfy"

/** Leases: what their holder and a third see of them depends on what they saw and on what the call tells. */
module {:compile false} ConfidentialityLeases {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityBetween
  import opened Declassification
  import Calls = ConfidentialityCalls
  import Caps = ConfidentialityCapability
  import Time = ConfidentialityTime
  import Turns = ConfidentialityTurns
  import Endings = ConfidentialityEndings
  import Jobs = ConfidentialityJobs
  import JobsKept
  import P = ConfidentialityPartings
  import H = ConfidentialityHeld
  import I = IntegrityView
  import R = IntegrityRun
  import CallsKept
  import EndsKept
  import StructureKept
  import C = Capabilities
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import L = Leases
  import DL = DecideLease
  import DR = DecideRegion
  import DT = DecideTask
  import RegionFacts
  import Step
  import Kinds
  import Status
  import Rights

  // ---- what leases do to the structure --------------------------------------------------------------------------------------------------------

  /** Regions, maps and leases have changed, and q's region r is nobody's any more. */
  lemma Freed(s: Structure, t: Structure, ms: seq<Map>, mt: seq<Map>, r: u32, q: u32, p: u32)
    requires SameSt(s, t, p) && H.Aged(s) && H.Aged(t) && r < NREGION && 0 < q < NPART && |ms| == |mt| == NPART as int && ms[p] == mt[p] && p != 0
    requires s.memory.regions[r].owner == q && t.memory.regions[r].owner == q
    ensures SameSt(s.(memory := M.Free(s.memory, r), maps := ms, leases := s.leases[q as int := EmptyLease]), t.(memory := M.Free(t.memory, r), maps := mt, leases := t.leases[q as int := EmptyLease]), p)
  {
    var u, v := s.(memory := M.Free(s.memory, r), maps := ms, leases := s.leases[q as int := EmptyLease]), t.(memory := M.Free(t.memory, r), maps := mt, leases := t.leases[q as int := EmptyLease]);
    assert SameHeld(u, v, p) by {
      reveal SameHeld();
      forall x: u32 {:trigger SameSlot(u, v, p, x)} | x < CSLOTS ensures SameSlot(u, v, p, x) {
        assert SameSlot(s, t, p, x);
        H.OneDated(s, Entry(p, x));
        H.OneDated(t, Entry(p, x));
        hide C.LiveAt;
        hide Path;
      }
    }
    reveal SameRegions();
    forall x: u32 | x < NREGION ensures SameRegion(u.memory.regions[x], v.memory.regions[x], p) { assert SameRegion(s.memory.regions[x], t.memory.regions[x], p); }
  }
  ghost function Leasing(s: Structure, q: u32, r: u32, n: u64, f: u64, m: Map, l: Lease): Structure
    requires Tables(s) && q < NPART && r < NREGION
  {
    s.(memory := M.Create(s.memory, r, q, Kinds.Device, n, f), maps := s.maps[q as int := m], leases := s.leases[q as int := l])
  }
  /** A region that was nobody's: no capability is for it. */
  lemma Unheld(s: Structure, q: u32, r: u32, n: u64, f: u64, m: Map, l: Lease, p: u32, x: u32)
    requires H.Aged(s) && Tables(s) && 0 < q < NPART && r < NREGION && p < NPART && x < CSLOTS && s.memory.regions[r].owner == 0
    ensures HeldIn(Leasing(s, q, r, n, f, m, l), Entry(p, x)) == HeldIn(s, Entry(p, x))
  {
    H.OneDated(s, Entry(p, x));
    hide C.LiveAt;
    hide Path;
  }
  lemma Leased(s: Structure, t: Structure, q: u32, r: u32, n: u64, f: u64, m: Map, l: Lease, p: u32)
    requires SameSt(s, t, p) && H.Aged(s) && H.Aged(t) && r < NREGION && 0 < q < NPART && s.memory.regions[r].owner == 0 && t.memory.regions[r].owner == 0 && p != 0
    requires p == q ==> s.memory.regions[r].gen == t.memory.regions[r].gen
    ensures SameSt(Leasing(s, q, r, n, f, m, l), Leasing(t, q, r, n, f, m, l), p)
  {
    var u, v := Leasing(s, q, r, n, f, m, l), Leasing(t, q, r, n, f, m, l);
    assert SameHeld(u, v, p) by {
      reveal SameHeld();
      forall x: u32 {:trigger SameSlot(u, v, p, x)} | x < CSLOTS ensures SameSlot(u, v, p, x) {
        assert SameSlot(s, t, p, x);
        Unheld(s, q, r, n, f, m, l, p, x);
        Unheld(t, q, r, n, f, m, l, p, x);
        hide HeldIn;
      }
    }
    reveal SameRegions();
    forall x: u32 | x < NREGION ensures SameRegion(u.memory.regions[x], v.memory.regions[x], p) { assert SameRegion(s.memory.regions[x], t.memory.regions[x], p); }
  }
  lemma LeasingIs(s: Structure, q: u32, r: u32, n: u32, f: u64, page: u32, until: u64)
    requires Tables(s) && 0 < q < NPART && r < NREGION && f as int + n as int <= FRAMES as int && page as int + n as int <= IPAPAGES as int
    ensures var acts := [RegionCreate(q, r, q, Kinds.Device, n as u64, f), RegionMap(q, q, r, page, 0, n, Kinds.PermDev), LeaseGrant(q, r, page, until)];
      ApplyAll(s, acts) == Leasing(s, q, r, n as u64, f, M.MapRange(s.maps[q], page, n, f, Kinds.PermDev, r), Lease(r, page, until)) && ApplyAll(s, acts).edges == s.edges
  {
    var a, b, c := RegionCreate(q, r, q, Kinds.Device, n as u64, f), RegionMap(q, q, r, page, 0, n, Kinds.PermDev), LeaseGrant(q, r, page, until);
    var s1 := A.Apply(s, a);
    assert s1.memory.regions[r].frame == f;
    var s2 := A.Apply(s1, b);
    var s3 := A.Apply(s2, c);
    hide A.Apply;
    StructureKept.First(s, a, [b, c]);
    StructureKept.Two(s1, b, c);
    assert [a] + [b, c] == [a, b, c];
  }
  lemma EndingIs(s: Structure, q: u32, reason: u64)
    requires Tables(s) && 0 < q < NPART && s.leases[q].until != 0 && L.LeaseOk(s, q)
    ensures var m := M.UnmapRange(s.maps[q], s.leases[q].page, L.Pages(s, q)); var t := ApplyAll(s, DL.Ending(s, q, reason));
      t == s.(memory := M.Free(s.memory, s.leases[q].region), maps := s.maps[q as int := m], leases := s.leases[q as int := EmptyLease]) && t.edges == s.edges
  {
    var acts := DL.Ending(s, q, reason);
    var s1 := A.Apply(s, acts[0]);
    var s2 := A.Apply(s1, acts[1]);
    hide A.Apply;
    StructureKept.Two(s, acts[0], acts[1]);
  }
  lemma LeaseIs(k: Kernel)
    requires Runs(k) && k.st.leases[Me(k)].until != 0
    ensures L.LeaseOk(k.st, Me(k))
  {
    reveal L.LeasesOk();
  }
  /** The holder's lease is the same in both, and so is what its end does. */
  lemma SameLease(a: Kernel, b: Kernel)
    requires Alike(a, b) && Runs(a) && a.st.leases[Me(a)].until != 0
    ensures Runs(a) && Runs(b) && Tables(a.st) && Tables(b.st) && Me(a) == Me(b) && L.LeaseOk(a.st, Me(a)) && L.LeaseOk(b.st, Me(a)) && a.st.leases[Me(a)] == b.st.leases[Me(a)]
    ensures var r := a.st.leases[Me(a)].region; a.st.memory.regions[r] == b.st.memory.regions[r] && a.st.memory.regions[r].owner == Me(a)
    ensures DL.Flush(a.st, Me(a)) == DL.Flush(b.st, Me(a)) && forall reason: u64 :: DL.Ending(a.st, Me(a), reason) == DL.Ending(b.st, Me(a), reason)
  {
    Parts(a, b);
    LeaseIs(a);
    assert a.st.leases[Me(a)] == b.st.leases[Me(a)] by { hide V.Valid; }
    LeaseIs(b);
    Caps.Mine(a.st, b.st, a.st.leases[Me(a)].region, Me(a)) by { hide V.Valid; }
  }
  lemma Ends(a: Kernel, b: Kernel, reason: u64, p: u32)
    requires Alike(a, b) && Runs(a) && a.st.leases[Me(a)].until != 0 && SameSt(a.st, b.st, p) && p != 0
    ensures Runs(b) && Tables(a.st) && Tables(b.st) && Me(a) == Me(b)
    ensures var s, t := ApplyAll(a.st, DL.Ending(a.st, Me(a), reason)), ApplyAll(b.st, DL.Ending(b.st, Me(a), reason)); SameSt(s, t, p) && s.edges == a.st.edges && t.edges == b.st.edges
  {
    var q := Me(a);
    SameLease(a, b);
    Parts(a, b);
    EndingIs(a.st, q, reason);
    EndingIs(b.st, q, reason);
    var l, n := a.st.leases[q], L.Pages(a.st, q);
    assert a.st.maps[q] == b.st.maps[q] && L.Pages(b.st, q) == n by { hide V.Valid; }
    var m := M.UnmapRange(a.st.maps[q], l.page, n);
    hide *;
    reveal Limits.NPART, Limits.NREGION, L.LeaseOk, A.Tables, SameSt, M.Table, Same;
    Freed(a.st, b.st, a.st.maps[q as int := m], b.st.maps[q as int := m], l.region, q, p);
  }

  // ---- their holder ---------------------------------------------------------------------------------------------------------------------------

  /** The end of the caller's lease, with volatile states that are the same to it. */
  lemma LeaseEnds(a: Kernel, v: Volatile, b: Kernel, w: Volatile, reason: u64, now: u64)
    requires Alike(a, b) && Runs(a) && a.st.leases[Me(a)].until != 0 && W.Tables(a.log) && W.Room(a.log, Me(a), 2) && SameVol(v, w, Me(a))
    requires SameEnds(a.st.edges, v.queues, b.st.edges, w.queues, Me(a))
    ensures Runs(b) && Tables(a.st) && Tables(b.st) && Me(a) == Me(b)
    ensures Agree(a, Verdict(DL.Ending(a.st, Me(a), reason), v, DL.Flush(a.st, Me(a))), b, Verdict(DL.Ending(b.st, Me(b), reason), w, DL.Flush(b.st, Me(b))), now)
  {
    Parts(a, b);
    Rooms(a, b);
    SameLease(a, b);
    Ends(a, b, reason, Me(a)) by { hide V.Valid; }
    hide *;
    reveal Paid, DL.Ending, EndsKept.Plain, Charged, Encode, Limits.RING;
    Agreed(a, Verdict(DL.Ending(a.st, Me(a), reason), v, DL.Flush(a.st, Me(a))), b, Verdict(DL.Ending(b.st, Me(b), reason), w, DL.Flush(b.st, Me(b))), now);
  }
  /** Both name the same device, and the place for it is as good in both. */
  lemma Names(a: Kernel, b: Kernel)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && DL.Named(a) == DL.Named(b) && (DL.Named(a) == Status.OK ==> DL.Shown(a) == DL.Shown(b))
    ensures Tables(a.st) && Tables(b.st) && Me(a) == Me(b) && a.st.leases[Me(a)] == b.st.leases[Me(a)]
    ensures forall d: Device, ipa: u64 {:trigger DL.PlaceCheck(a, d, ipa)} :: DL.PlaceCheck(a, d, ipa) == DL.PlaceCheck(b, d, ipa)
  {
    Args(a, b);
    Parts(a, b);
    Guards(a, b, Arg(a, 1), Kinds.DeviceLease, Rights.LEASE);
    hide V.Valid;
    hide Guard;
    hide DR.MapCheck;
  }
  /** The caller has leased this device in both or in neither. */
  lemma Mines(a: Kernel, b: Kernel, d: Device)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && DL.Mine(a, d) == DL.Mine(b, d)
  {
    Names(a, b);
    if a.st.leases[Me(a)].until != 0 { SameLease(a, b); }
    hide V.Valid;
  }
  lemma Listed(k: Kernel)
    requires Runs(k) && DL.Named(k) == Status.OK
    ensures var d := DL.Shown(k); 0 < d.pages <= MAXMAP && d.frame as int + d.pages as int <= FRAMES as int
  {
    CallsKept.Guarded(k, Arg(k, 1), Kinds.DeviceLease, Rights.LEASE);
    hide Guard;
    assert V.DeviceOk(k.machine, k.devices[Object(k, Arg(k, 1))]);
  }
  lemma Acquired(a: Kernel, b: Kernel, d: Device, r: u32, page: u32, until: u64, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && W.Tables(a.log) && W.Room(a.log, Me(a), 3) && Tables(a.st) && Tables(b.st)
    requires 0 < d.pages <= MAXMAP && d.frame as int + d.pages as int <= FRAMES as int && page as int + d.pages as int <= IPAPAGES as int
    requires r < NREGION && a.st.memory.regions[r].owner == 0 && b.st.memory.regions[r].owner == 0 && a.st.memory.regions[r].gen == b.st.memory.regions[r].gen
    ensures Agree(a, DL.Acquired(a, d, r, page, until), b, DL.Acquired(b, d, r, page, until), now)
  {
    Parts(a, b);
    Rooms(a, b);
    Calls.Line(a);
    Calls.Line(b);
    hide V.Valid;
    var p := Me(a);
    LeasingIs(a.st, p, r, d.pages as u32, d.frame, page, until);
    LeasingIs(b.st, p, r, d.pages as u32, d.frame, page, until);
    assert a.st.maps[p] == b.st.maps[p];
    Leased(a.st, b.st, p, r, d.pages, d.frame, M.MapRange(a.st.maps[p], page, d.pages as u32, d.frame, Kinds.PermDev, r), Lease(r, page, until), p);
    hide ApplyAll;
    hide SameSt;
    hide Leasing;
    hide M.MapRange;
    hide W.Room;
    var v, w := DL.Acquired(a, d, r, page, until), DL.Acquired(b, d, r, page, until);
    Calls.Register(a.vol, b.vol, p, 0, Status.OK);
    Calls.Register(SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK), p, 1, until);
    hide SetReg;
    hide SameVol;
    Agreed(a, v, b, w, now);
  }
  lemma DeviceLeaseAcquire(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && LeasingTells(a) == LeasingTells(b)
    ensures Agree(a, DL.DeviceLeaseAcquire(a, now), b, DL.DeviceLeaseAcquire(b, now), now)
  {
    Args(a, b);
    Names(a, b);
    Calls.Refusals(a, b, now);
    Rooms(a, b);
    var ipa := Arg(a, 3);
    RegionFacts.ReuseIsFree(a.st.memory, 0, 0);
    RegionFacts.ReuseIsFree(b.st.memory, 0, 0);
    if DL.Named(a) == Status.OK && DL.PlaceCheck(a, DL.Shown(a), ipa) == Status.OK { Listed(a); CallsKept.Placed(a, DL.Shown(a), ipa); }
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide DL.Acquired;
    hide M.DeviceFree;
    hide M.VirginFrom;
    hide M.ReuseFrom;
    hide W.Room;
    if DL.Named(a) == Status.OK && DL.Lasts(Arg(a, 2)) && DL.PlaceCheck(a, DL.Shown(a), ipa) == Status.OK {
      var d, r := DL.Shown(a), M.VirginFrom(a.st.memory, 0);
      if M.DeviceFree(a.st.memory, d.frame, d.pages) && r < NREGION && W.Room(a.log, Me(a), 3) {
        assert r == M.VirginFrom(b.st.memory, 0) && a.st.memory.regions[r].gen == b.st.memory.regions[r].gen;
        Acquired(a, b, d, r, (ipa / 4096) as u32, S.Later(now, Arg(a, 2)), now);
      }
    }
  }
  lemma DeviceLeaseRevoke(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DL.DeviceLeaseRevoke(a), b, DL.DeviceLeaseRevoke(b), now)
  {
    Names(a, b);
    Calls.Refusals(a, b, now);
    Rooms(a, b);
    Parts(a, b);
    Calls.Line(a);
    Calls.Line(b);
    if DL.Named(a) == Status.OK { Mines(a, b, DL.Shown(a)); }
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide W.Room;
    if DL.Named(a) == Status.OK && DL.Mine(a, DL.Shown(a)) && W.Room(a.log, Me(a), 2) {
      Calls.Register(a.vol, b.vol, Me(a), 0, Status.OK);
      LeaseEnds(a, SetReg(a.vol, Me(a), 0, Status.OK), b, SetReg(b.vol, Me(b), 0, Status.OK), DL.RETURNED, now);
    }
  }
  /** q has leased something else. */
  lemma Releases(s: Structure, t: Structure, q: u32, l: Lease, p: u32)
    requires SameSt(s, t, p) && q < NPART
    ensures SameSt(s.(leases := s.leases[q as int := l]), t.(leases := t.leases[q as int := l]), p)
  {
    var u, v := s.(leases := s.leases[q as int := l]), t.(leases := t.leases[q as int := l]);
    reveal SameHeld();
    forall x: u32 {:trigger SameSlot(u, v, p, x)} | x < CSLOTS ensures SameSlot(u, v, p, x) { assert SameSlot(s, t, p, x); }
  }
  lemma LeaseRenew(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DL.LeaseRenew(a, now), b, DL.LeaseRenew(b, now), now)
  {
    Args(a, b);
    Names(a, b);
    Calls.Refusals(a, b, now);
    Rooms(a, b);
    Parts(a, b);
    Calls.Line(a);
    Calls.Line(b);
    if DL.Named(a) == Status.OK { Mines(a, b, DL.Shown(a)); }
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide W.Room;
    hide SameVol;
    if DL.Named(a) == Status.OK && W.Room(a.log, Me(a), 1) {
      var p, l, until := Me(a), a.st.leases[Me(a)], S.Later(now, Arg(a, 2));
      var x := LeaseGrant(p, l.region, l.page, until);
      Releases(a.st, b.st, p, Lease(l.region, l.page, until), p);
      assert A.Apply(a.st, x) == a.st.(leases := a.st.leases[p as int := Lease(l.region, l.page, until)]) && A.Apply(b.st, x) == b.st.(leases := b.st.leases[p as int := Lease(l.region, l.page, until)]);
      hide SameSt;
      hide A.Apply;
      Calls.Register(a.vol, b.vol, p, 0, Status.OK);
      Calls.Register(SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK), p, 1, until);
      hide SetReg;
      Caps.Single(a, DL.Renewed(a, l, until), x, b, DL.Renewed(b, l, until), x, now);
    }
  }
  /** A tick that does not end the running partition. */
  lemma Turned(k: Kernel, now: u64)
    requires Runs(k)
    ensures var v := DT.Turn(k, now); v.acts == [] ==> v.vol.queues == k.vol.queues && v.effects == []
    ensures (DT.Turn(k, now).acts != []) == (now >= k.vol.sched.sliceEnd && k.vol.sched.tasks[Me(k)].left == 1)
  {
    Time.Woken(k, now);
    Time.Ticked(k, now);
    hide V.Valid;
    hide S.Wake;
  }
  lemma Tick(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Tells(a, Step.Tick(now)) == Tells(b, Step.Tick(now))
    ensures Agree(a, DT.Tick(a, now), b, DT.Tick(b, now), now)
  {
    Jobs.Worked(a, b, now);
    JobsKept.Worked(a, now);
    JobsKept.Worked(b, now);
    Lapse(DT.Worked(a, now), DT.Worked(b, now), now) by { hide V.Valid, DT.Worked; }
    hide V.Valid, DT.Lapse, DT.Worked, SameSt, SameVol;
    reveal Agree();
  }
  lemma Lapse(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && (now >= a.vol.sched.sliceEnd) == (now >= b.vol.sched.sliceEnd)
    ensures Agree(a, DT.Lapse(a, now), b, DT.Lapse(b, now), now)
  {
    Time.Turn(a, b, now);
    Names(a, b);
    Parts(a, b);
    Rooms(a, b);
    Calls.Line(a);
    Calls.Line(b);
    Turned(a, now);
    Turned(b, now);
    assert Sized(a) && Sized(b) && a.vol.sched.tasks[Me(a)].left == b.vol.sched.tasks[Me(a)].left;
    Time.Woken(a, now);
    Time.Woken(b, now);
    var p, v, w := Me(a), DT.Turn(a, now), DT.Turn(b, now);
    var s, t := S.Wake(a.vol.sched, a.st.parts, now), S.Wake(b.vol.sched, b.st.parts, now);
    hide V.Valid;
    hide DT.Turn;
    hide S.Wake;
    hide DT.End;
    hide SameSt;
    hide W.Room;
    hide DL.Ending;
    hide DL.Flush;
    if L.Over(a.st, p, now) {
      if !W.Room(a.log, p, 2) {
        Calls.Scheduled(a.vol, b.vol, s, t, p);
        hide SameVol;
        Endings.SelfEnds(a, a.vol.(sched := s), b, b.vol.(sched := t), DT.BY_LEASE, now);
      } else if v.acts == [] {
        Voices(a, v, b, w, now);
        LeaseEnds(a, v.vol, b, w.vol, DL.EXPIRED, now);
      }
    }
  }
  /** What agreement says of volatile states. */
  lemma Voices(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64)
    requires Agree(a, v, b, w, now) && v.acts == [] && w.acts == []
    ensures Runs(a) && Tables(a.st) && Tables(b.st) && SameVol(v.vol, w.vol, Me(a)) && SameEnds(a.st.edges, v.vol.queues, b.st.edges, w.vol.queues, Me(a))
  {
    reveal Agree();
  }

  // ---- a third ----------------------------------------------------------------------------------------------------------------------------------

  /** Actions that are not p's affair in the log, and structures that are the same to it afterwards. */
  lemma Several3(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64, p: u32)
    requires Both(a, b, p) && Tables(a.st) && Tables(b.st) && I.NoneHis(v.acts, p) && I.NoneHis(w.acts, p)
    requires var s, t := ApplyAll(a.st, v.acts), ApplyAll(b.st, w.acts); SameSt(s, t, p) && SameVol(v.vol, w.vol, p) && SameEnds(s.edges, v.vol.queues, t.edges, w.vol.queues, p)
    ensures Agree3(a, v, b, w, now, p)
  {
    BothIs(a, b, p);
    I.AllNoted(a.log, v.acts, now, p);
    I.AllNoted(b.log, w.acts, now, p);
    hide *;
    reveal Same, I.SameAccount;
    reveal Agree3();
  }
  lemma LeaseEnds3(a: Kernel, v: Volatile, b: Kernel, w: Volatile, reason: u64, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Tables(a.st) && a.st.leases[Me(a)].until != 0 && SameVol(v, w, p) && SameEnds(a.st.edges, v.queues, b.st.edges, w.queues, p)
    ensures Runs(b) && Tables(b.st) && Me(a) == Me(b)
    ensures Agree3(a, Verdict(DL.Ending(a.st, Me(a), reason), v, DL.Flush(a.st, Me(a))), b, Verdict(DL.Ending(b.st, Me(b), reason), w, DL.Flush(b.st, Me(b))), now, p)
  {
    BothIs(a, b, p);
    SameLease(a, b);
    Ends(a, b, reason, p) by { hide V.Valid; }
    hide *;
    reveal DL.Ending, I.NoneHis, I.NotHis, Charged, Encode;
    Several3(a, Verdict(DL.Ending(a.st, Me(a), reason), v, DL.Flush(a.st, Me(a))), b, Verdict(DL.Ending(b.st, Me(b), reason), w, DL.Flush(b.st, Me(b))), now, p);
  }
  lemma Acquired3(a: Kernel, b: Kernel, d: Device, r: u32, page: u32, until: u64, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Tables(a.st) && Tables(b.st)
    requires 0 < d.pages <= MAXMAP && d.frame as int + d.pages as int <= FRAMES as int && page as int + d.pages as int <= IPAPAGES as int
    requires r < NREGION && a.st.memory.regions[r].owner == 0 && b.st.memory.regions[r].owner == 0
    ensures Agree3(a, DL.Acquired(a, d, r, page, until), b, DL.Acquired(b, d, r, page, until), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    hide V.Valid;
    hide R.Lined;
    var q := Me(a);
    LeasingIs(a.st, q, r, d.pages as u32, d.frame, page, until);
    LeasingIs(b.st, q, r, d.pages as u32, d.frame, page, until);
    assert a.st.maps[q] == b.st.maps[q];
    Leased(a.st, b.st, q, r, d.pages, d.frame, M.MapRange(a.st.maps[q], page, d.pages as u32, d.frame, Kinds.PermDev, r), Lease(r, page, until), p);
    hide ApplyAll;
    hide SameSt;
    hide Leasing;
    hide M.MapRange;
    var v, w := DL.Acquired(a, d, r, page, until), DL.Acquired(b, d, r, page, until);
    Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
    Reg3(SetReg(a.vol, q, 0, Status.OK), SetReg(b.vol, q, 0, Status.OK), p, q, 1, until, until);
    hide SetReg;
    hide SameVol;
    Several3(a, v, b, w, now, p);
  }
  lemma DeviceLeaseAcquire3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && LeasingTells(a) == LeasingTells(b)
    ensures Agree3(a, DL.DeviceLeaseAcquire(a, now), b, DL.DeviceLeaseAcquire(b, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Names(a, b);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    var ipa := Arg(a, 3);
    RegionFacts.ReuseIsFree(a.st.memory, 0, 0);
    RegionFacts.ReuseIsFree(b.st.memory, 0, 0);
    if DL.Named(a) == Status.OK && DL.PlaceCheck(a, DL.Shown(a), ipa) == Status.OK { Listed(a); CallsKept.Placed(a, DL.Shown(a), ipa); }
    hide V.Valid;
    hide R.Lined;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide DL.Acquired;
    hide M.DeviceFree;
    hide M.VirginFrom;
    hide M.ReuseFrom;
    hide W.Room;
    hide SameSt;
    hide SameVol;
    if DL.Named(a) == Status.OK && DL.Lasts(Arg(a, 2)) && DL.PlaceCheck(a, DL.Shown(a), ipa) == Status.OK {
      var d, r := DL.Shown(a), M.VirginFrom(a.st.memory, 0);
      if M.DeviceFree(a.st.memory, d.frame, d.pages) && r < NREGION && W.Room(a.log, Me(a), 3) {
        assert r == M.VirginFrom(b.st.memory, 0);
        Acquired3(a, b, d, r, (ipa / 4096) as u32, S.Later(now, Arg(a, 2)), now, p);
      }
    }
  }
  lemma DeviceLeaseRevoke3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DL.DeviceLeaseRevoke(a), b, DL.DeviceLeaseRevoke(b), now, p)
  {
    BothIs(a, b, p);
    Names(a, b);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    if DL.Named(a) == Status.OK { Mines(a, b, DL.Shown(a)); }
    hide V.Valid;
    hide R.Lined;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide W.Room;
    if DL.Named(a) == Status.OK && DL.Mine(a, DL.Shown(a)) && W.Room(a.log, Me(a), 2) {
      Reg3(a.vol, b.vol, p, Me(a), 0, Status.OK, Status.OK);
      hide SameVol;
      LeaseEnds3(a, SetReg(a.vol, Me(a), 0, Status.OK), b, SetReg(b.vol, Me(b), 0, Status.OK), DL.RETURNED, now, p);
    }
  }
  lemma LeaseRenew3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DL.LeaseRenew(a, now), b, DL.LeaseRenew(b, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Names(a, b);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    if DL.Named(a) == Status.OK { Mines(a, b, DL.Shown(a)); }
    hide V.Valid;
    hide R.Lined;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide W.Room;
    hide SameVol;
    if DL.Named(a) == Status.OK && W.Room(a.log, Me(a), 1) {
      var q, l, until := Me(a), a.st.leases[Me(a)], S.Later(now, Arg(a, 2));
      var x := LeaseGrant(q, l.region, l.page, until);
      Releases(a.st, b.st, q, Lease(l.region, l.page, until), p);
      assert A.Apply(a.st, x) == a.st.(leases := a.st.leases[q as int := Lease(l.region, l.page, until)]) && A.Apply(b.st, x) == b.st.(leases := b.st.leases[q as int := Lease(l.region, l.page, until)]);
      hide SameSt;
      hide A.Apply;
      Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
      Reg3(SetReg(a.vol, q, 0, Status.OK), SetReg(b.vol, q, 0, Status.OK), p, q, 1, until, until);
      hide SetReg;
      Single3(a, DL.Renewed(a, l, until), x, b, DL.Renewed(b, l, until), x, now, p);
    }
  }
  lemma Tick3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Tells(a, Step.Tick(now)) == Tells(b, Step.Tick(now))
    ensures Agree3(a, DT.Tick(a, now), b, DT.Tick(b, now), now, p)
  {
    Jobs.Worked3(a, b, now, p);
    JobsKept.Worked(a, now);
    JobsKept.Worked(b, now);
    Lapse3(DT.Worked(a, now), DT.Worked(b, now), now, p) by { hide V.Valid, DT.Worked; }
    hide V.Valid, DT.Lapse, DT.Worked, SameSt, SameVol;
    reveal Agree3();
  }
  lemma Lapse3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && (now >= a.vol.sched.sliceEnd) == (now >= b.vol.sched.sliceEnd)
    ensures Agree3(a, DT.Lapse(a, now), b, DT.Lapse(b, now), now, p)
  {
    BothIs(a, b, p);
    Turns.Turn(a, b, now, p);
    Names(a, b);
    Parts(a, b);
    Rooms(a, b);
    Turned(a, now);
    Turned(b, now);
    Turns.Woken3(a, b, now, p);
    assert Sized(a) && Sized(b) && a.vol.sched.tasks[Me(a)].left == b.vol.sched.tasks[Me(a)].left;
    Time.Woken(a, now);
    Time.Woken(b, now);
    var q, v, w := Me(a), DT.Turn(a, now), DT.Turn(b, now);
    var s, t := S.Wake(a.vol.sched, a.st.parts, now), S.Wake(b.vol.sched, b.st.parts, now);
    hide V.Valid;
    hide DT.Turn;
    hide S.Wake;
    hide DT.End;
    hide SameSt;
    hide SameVol;
    hide R.Lined;
    hide W.Room;
    hide DL.Ending;
    hide DL.Flush;
    if L.Over(a.st, q, now) {
      if !W.Room(a.log, q, 2) {
        P.Ends3(a, a.vol.(sched := s), b, b.vol.(sched := t), q, DT.BY_LEASE, now, p);
      } else if v.acts == [] {
        Voices3(a, v, b, w, now, p);
        LeaseEnds3(a, v.vol, b, w.vol, DL.EXPIRED, now, p);
      }
    }
  }
  lemma Voices3(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64, p: u32)
    requires Agree3(a, v, b, w, now, p) && v.acts == [] && w.acts == []
    ensures Tables(a.st) && Tables(b.st) && SameVol(v.vol, w.vol, p) && SameEnds(a.st.edges, v.vol.queues, b.st.edges, w.vol.queues, p)
  {
    reveal Agree3();
  }
}
