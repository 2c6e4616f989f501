include "../../spec/Step.dfy"
include "../invariant/GateKept.dfy"
include "../../src/Rvm.Verified/regions/RegionTable.dfy"

/** Who may do what: no guest changes anything without a live capability for it. */
module {:compile false} Authority {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import C = Capabilities
  import V = Valid
  import Step
  import DC = DecideCapability
  import DR = DecideRegion
  import DL = DecideLease
  import L = Leases
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import G = DecidePolicy
  import DF = DecideProof
  import GateKept
  import RegionFacts
  import E = Edges
  import S = Scheduler
  import M = Memory
  import W = Witness
  import Kinds
  import Status
  import Rights

  // ---- the table ------------------------------------------------------------------------------------------------------------------

  /** In slot s partition p holds a capability that is live, its whole derivation path too, for an object that still exists, with these rights. */
  ghost predicate HoldsIn(k: Kernel, p: u32, s: u32, rights: u32) requires V.Valid(k) && p < NPART {
    && s < CSLOTS
    && var c := k.st.caps[p * CSLOTS + s];
       c.kind != Kinds.None && C.Live(k.st.caps, p * CSLOTS + s, c.gen) && ObjectGen(k.st, c.kind, c.obj) == c.ogen && Rights.Subset(rights, c.rights)
  }
  /** Slot s of partition p names an object of this kind. */
  ghost predicate Names(k: Kernel, p: u32, s: u32, kind: u32) requires V.Valid(k) && p < NPART { s < CSLOTS && k.st.caps[p * CSLOTS + s].kind == kind }
  /** Partition p holds a live capability for this object with these rights. */
  ghost predicate Holds(k: Kernel, p: u32, kind: u32, obj: u32, rights: u32) requires V.Valid(k) && p < NPART {
    exists s: u32 :: s < CSLOTS && HoldsIn(k, p, s, rights) && Names(k, p, s, kind) && k.st.caps[p * CSLOTS + s].obj == obj
  }
  /** Partition p holds a live capability of this kind, whose object is not told apart, with these rights. */
  ghost predicate HoldsAny(k: Kernel, p: u32, kind: u32, rights: u32) requires V.Valid(k) && p < NPART {
    exists s: u32 :: s < CSLOTS && HoldsIn(k, p, s, rights) && Names(k, p, s, kind)
  }
  /** q does not exist yet, and p may make partitions. */
  ghost predicate Makes(k: Kernel, p: u32, q: u32) requires V.Valid(k) && p < NPART {
    0 < q < NPART && k.st.parts[q].life == Kinds.Free && HoldsAny(k, p, Kinds.PhysMemPool, Rights.WRITE)
  }
  /** Region r is p's own, or shared. */
  ghost predicate MayMap(k: Kernel, p: u32, r: u32) requires V.Valid(k) { r < NREGION && M.MayMap(k.st.memory.regions[r], p) }
  /** p may connect itself to d. */
  ghost predicate Connects(k: Kernel, p: u32, d: u32) requires V.Valid(k) && p < NPART { d != p && d < NPART && Holds(k, p, Kinds.Partition, d, Rights.WRITE) }

  /** p may lease a device of these frames. */
  ghost predicate MayLease(k: Kernel, p: u32, d: Device) requires V.Valid(k) && p < NPART {
    exists i: u32 :: i as int < |k.devices| && k.devices[i] == d && Holds(k, p, Kinds.DeviceLease, i, Rights.LEASE)
  }
  /** What p's lease shows is a device that p may lease, or the region that p leases one with. */
  ghost predicate Leases(k: Kernel, p: u32, r: u32) requires V.Valid(k) && p < NPART {
    HoldsAny(k, p, Kinds.DeviceLease, Rights.LEASE) && r < NREGION && (L.Leased(k.st, p, r) || k.st.memory.regions[r].owner == 0)
  }

  /** p runs, its x1 shows a live capability with the right PROVE, the eight tests of its token hold, with this nonce, the active policy permits this
      sealed call by this rule, and where it wants a deep proof there is one. */
  ghost predicate Proves(k: Kernel, p: u32, nonce: u64, row: u32, rule: u32, deep: bool) requires V.Valid(k) && 0 < p < NPART {
    && k.vol.sched.cur == p && G.Sealed(row as u64) && C.Slot(Arg(k, 1)) < CSLOTS as u64 && HoldsIn(k, p, C.Slot(Arg(k, 1)) as u32, Rights.PROVE)
    && nonce == G.Nonce(k) && k.st.nonces[p] < nonce && deep == G.Deep(k, row as u64) && exists now: u64 :: Permits(k, row, rule, now)
  }
  ghost predicate Permits(k: Kernel, row: u32, rule: u32, now: u64) requires Runs(k) && G.Sealed(row as u64) && C.Slot(Arg(k, 1)) < CSLOTS as u64 {
    G.ProofOk(k, row as u64, now) && var s := G.Says(k, row as u64, now); s.Permit? && rule as u64 == G.RuleOf(s)
  }

  /** What partition p must hold for an action to be done by its call. */
  ghost predicate Authorised(k: Kernel, p: u32, a: Action)
    requires V.Valid(k) && 0 < p < NPART
  {
    match a
    // the object of another partition, or of its own
    case PartitionStart(who, q)              => who == p && q != p && Holds(k, p, Kinds.Partition, q, Rights.WRITE)
    case PartitionSuspend(who, q)            => who == p && q != p && Holds(k, p, Kinds.Partition, q, Rights.WRITE)
    case PartitionEnd(who, q, _)             => who == p && (q == p || Holds(k, p, Kinds.Partition, q, Rights.REVOKE))
    case CapDelegate(who, to, s, src, asked) => who == p && HoldsIn(k, p, src, asked) && C.DeriveCheck(k.st.caps, p * CSLOTS + src, asked) == Status.OK
                                                && (to == p || Holds(k, p, Kinds.Partition, to, Rights.WRITE))
    case CapRevoke(who, s, _)                => who == p && HoldsIn(k, p, s, Rights.REVOKE)
    case CapDrop(who, s)                     => who == p && s < CSLOTS
    case RegionUnmap(q, r, _, _)             => q == p && ((MayMap(k, p, r) && Holds(k, p, Kinds.Region, r, Rights.READ)) || (L.Leased(k.st, p, r) && Leases(k, p, r)))
    case EdgeCreate(who, e, src, dst, cap)   => who == p && src == p && e < NEDGE && k.st.edges[e].cap == 0 && Connects(k, p, dst) && 0 < cap <= QDEPTH
    case EdgeDestroy(who, e)                 => who == p && Holds(k, p, Kinds.CommEdge, e, Rights.REVOKE)
    case Signal(who, e, _)                   => who == p && e < NEDGE && k.st.edges[e].src == p && Holds(k, p, Kinds.CommEdge, e, Rights.WRITE)
    case Send(who, e, _)                     => who == p && e < NEDGE && k.st.edges[e].src == p && Holds(k, p, Kinds.CommEdge, e, Rights.WRITE)
    case Drain(who, _)                       => who == p && HoldsAny(k, p, Kinds.WitnessLog, Rights.WITNESS)
    // a new partition, its memory and its map, made from the pool
    case PartitionCreate(who, q, _)          => who == p && Makes(k, p, q)
    case TaskSpawn(who, q, slice, rel)       => who == p && Makes(k, p, q) && slice == k.st.parts[p].slice && rel == k.st.parts[p].rel
    case PartitionQuota(who, q, n, budget)   => who == p && Makes(k, p, q) && 0 < n <= RING && budget < LO32
    case RegionCreate(who, r, q, pol, n, f)  => who == p && 0 < n <= MAXMAP && f <= FRAMES
                                                && (|| (Makes(k, p, q) && (pol == Kinds.Immutable || pol == Kinds.Slab))
                                                    || (q == p && pol == Kinds.Device && MayLease(k, p, Device(f, n)) && M.DeviceFree(k.st.memory, f, n) && k.st.leases[p].until == 0))
    case RegionMap(who, q, r, _, i, n, perm) => who == p && (|| (Makes(k, p, q) && i == 0 && (perm == Kinds.PermRX || perm == Kinds.PermRW))
                                                            || (q == p && Leases(k, p, r) && i == 0 && perm == Kinds.PermDev && k.st.leases[p].until == 0)
                                                            || (q == p && MayMap(k, p, r) && Holds(k, p, Kinds.Region, r, DR.Needs(perm as u64))
                                                                && var g := k.st.memory.regions[r]; M.Permits(g.policy, perm) && i as int + n as int <= g.pages as int))
    // a device for a time: a region of its frames, in one place
    case LeaseGrant(who, r, _, _)            => who == p && Leases(k, p, r)
    case LeaseEnd(who, r, _)                 => who == p && L.Leased(k.st, p, r) && Leases(k, p, r)
    // the maker's capability for the new object
    case CapGrant(who, to, _, kind, obj, rs) => who == p && (|| (kind == Kinds.Partition && to == p && Makes(k, p, obj) && rs == DP.OWNER_RIGHTS)
                                                            || (kind == Kinds.CommEdge && obj < NEDGE && k.st.edges[obj].cap == 0
                                                                && (|| (to == p && rs == DE.SOURCE_RIGHTS && exists d: u32 :: Connects(k, p, d))
                                                                    || (rs == DE.DESTINATION_RIGHTS && Connects(k, p, to)))))
    // a sealed call's proof, and the choice of a policy that came with the bundle
    case Proved(who, nonce, row, rule, deep) => who == p && Proves(k, p, nonce, row, rule, deep)
    case PolicyActivate(who, i, digest)      => who == p && HoldsAny(k, p, Kinds.Policy, Rights.WRITE) && 0 < i as int <= |k.policies| && digest == k.policies[i - 1].digest
    // no structure changes
    case Reject(who, _, _)                   => who == p
    case Fault(q, _, _)                      => q == p
    case SystemEnd()                         => true
    case Attest(_, _)                        => false
    case BootComplete(_)                     => false
  }
  /** All are authorised, and a delegation comes alone. */
  ghost predicate AllAuthorised(k: Kernel, v: Verdict) requires Runs(k) {
    forall i :: 0 <= i < |v.acts| ==> Authorised(k, Me(k), v.acts[i]) && (v.acts[i].CapDelegate? ==> |v.acts| == 1)
  }

  // ---- guards ---------------------------------------------------------------------------------------------------------------------

  lemma Guarded(k: Kernel, h: u64, kind: u32, rights: u32)
    requires Runs(k) && Guard(k, h, kind, rights) == Status.OK
    ensures C.Slot(h) < CSLOTS as u64 && HoldsIn(k, Me(k), C.Slot(h) as u32, rights)
    ensures k.st.caps[Me(k) * CSLOTS + C.Slot(h) as u32].gen == C.Gen(h)
    ensures kind != Kinds.None ==> Holds(k, Me(k), kind, Object(k, h), rights) && HoldsAny(k, Me(k), kind, rights)
  {
    var s := C.Slot(h) as u32;
    assert k.st.caps[Me(k) * CSLOTS + s].gen == C.Gen(h);
    assert HoldsIn(k, Me(k), s, rights);
    if kind != Kinds.None { assert Names(k, Me(k), s, kind); }
  }
  lemma Refused(k: Kernel)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: AllAuthorised(k, Refuse(k, call, status))
    ensures forall status: u64 {:trigger Answer(k, status)} :: AllAuthorised(k, Answer(k, status))
  {}
  /** A right mask that is held whole is held in each part. */
  lemma Weaker(k: Kernel, p: u32, s: u32, few: u32, many: u32)
    requires V.Valid(k) && p < NPART && HoldsIn(k, p, s, many) && Rights.Subset(few, many)
    ensures HoldsIn(k, p, s, few)
  {
    Rights.SubsetIsTransitive(few, many, k.st.caps[p * CSLOTS + s].rights);
  }

  // ---- call by call ---------------------------------------------------------------------------------------------------------------

  lemma CapGrant(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DC.CapGrant(k))
  {
    Refused(k);
    var h, to, asked := Arg(k, 1), Arg(k, 2), Arg(k, 3);
    if Guard(k, h, Kinds.None, 0) == Status.OK && asked <= Rights.ALL as u64 {
      Guarded(k, h, Kinds.None, 0);
      if to != 0 && Guard(k, to, Kinds.Partition, Rights.WRITE) == Status.OK { Guarded(k, to, Kinds.Partition, Rights.WRITE); }
      hide V.Valid;
      hide Guard;
      hide Holds;
      hide Refuse;
      hide Answer;
    }
  }
  lemma CapRevoke(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DC.CapRevoke(k))
  {
    Refused(k);
    if Guard(k, Arg(k, 1), Kinds.None, Rights.REVOKE) == Status.OK { Guarded(k, Arg(k, 1), Kinds.None, Rights.REVOKE); }
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
  }
  lemma CapDrop(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DC.CapDrop(k))
  {
    Refused(k);
    hide V.Valid;
    hide Refuse;
    hide Answer;
  }
  lemma RegionMap(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DR.RegionMap(k))
  {
    Refused(k);
    var h, perm := Arg(k, 1), Arg(k, 5);
    if Guard(k, h, Kinds.Region, DR.Needs(perm)) == Status.OK { Guarded(k, h, Kinds.Region, DR.Needs(perm)); }
    hide V.Valid;
    hide Guard;
    hide Holds;
    hide Refuse;
    hide Answer;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
  }
  lemma RegionUnmap(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DR.RegionUnmap(k))
  {
    Refused(k);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.Region, Rights.READ) == Status.OK { Guarded(k, h, Kinds.Region, Rights.READ); }
    hide V.Valid;
    hide Guard;
    hide Holds;
    hide Refuse;
    hide Answer;
    hide M.MappedTo;
  }
  /** Who is named a device may lease it. */
  lemma Named(k: Kernel)
    requires Runs(k) && DL.Named(k) == Status.OK
    ensures var d := DL.Shown(k); 0 < d.pages <= MAXMAP && d.frame <= FRAMES && MayLease(k, Me(k), Device(d.frame, d.pages)) && HoldsAny(k, Me(k), Kinds.DeviceLease, Rights.LEASE)
  {
    Guarded(k, Arg(k, 1), Kinds.DeviceLease, Rights.LEASE);
    var i := Object(k, Arg(k, 1));
    assert V.DeviceOk(k.machine, k.devices[i as int]);
    hide HoldsIn;
    hide Guard;
    assert k.devices[i] == DL.Shown(k);
  }
  lemma Virgin(k: Kernel)
    requires Runs(k)
    ensures var r := M.VirginFrom(k.st.memory, 0); r < NREGION ==> k.st.memory.regions[r].owner == 0
  {
    RegionFacts.ReuseIsFree(k.st.memory, 0, 0);
  }
  lemma PlacedOnce(k: Kernel, d: Device, ipa: u64)
    requires Runs(k) && DL.PlaceCheck(k, d, ipa) == Status.OK
    ensures k.st.leases[Me(k)].until == 0 && ipa / 4096 < LO32
  {}
  lemma Acquiring(k: Kernel, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, DL.DeviceLeaseAcquire(k, now))
  {
    Refused(k);
    Virgin(k);
    var ipa := Arg(k, 3);
    if DL.Named(k) == Status.OK {
      Named(k);
      if DL.PlaceCheck(k, DL.Shown(k), ipa) == Status.OK {
        PlacedOnce(k, DL.Shown(k), ipa);
        assert M.VirginFrom(k.st.memory, 0) < NREGION ==> Leases(k, Me(k), M.VirginFrom(k.st.memory, 0));
      }
    }
    hide V.Valid;
    hide HoldsAny;
    hide MayLease;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide M.VirginFrom;
    hide M.DeviceFree;
    hide W.Room;
    hide Leases;
    hide Makes;
    hide Holds;
  }
  lemma Returning(k: Kernel, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, DL.DeviceLeaseRevoke(k)) && AllAuthorised(k, DL.LeaseRenew(k, now))
  {
    Refused(k);
    if DL.Named(k) == Status.OK {
      Named(k);
      if k.st.leases[Me(k)].until != 0 {
        LeaseIs(k);
        assert L.Leased(k.st, Me(k), k.st.leases[Me(k)].region) && Leases(k, Me(k), k.st.leases[Me(k)].region);
      }
    }
    hide V.Valid;
    hide HoldsAny;
    hide MayLease;
    hide Refuse;
    hide Answer;
    hide DL.Named;
    hide W.Room;
    hide Leases;
    hide L.Pages;
    hide Holds;
  }
  lemma LeaseIs(k: Kernel)
    requires Runs(k) && k.st.leases[Me(k)].until != 0
    ensures L.LeaseOk(k.st, Me(k))
  {
    reveal L.LeasesOk();
  }
  lemma Sending(k: Kernel, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, DE.QueueSend(k, now)) && AllAuthorised(k, DE.NotifySignal(k, now))
  {
    Refused(k);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.CommEdge, Rights.WRITE) == Status.OK { Guarded(k, h, Kinds.CommEdge, Rights.WRITE); }
    hide V.Valid;
    hide Guard;
    hide Holds;
    hide Refuse;
    hide Answer;
    hide DE.Deliver;
    hide E.Full;
  }
  lemma Receiving(k: Kernel, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, DE.QueueRecv(k)) && AllAuthorised(k, DE.NotifyWait(k, now))
  {
    Refused(k);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.CommEdge, Rights.READ) == Status.OK { Guarded(k, h, Kinds.CommEdge, Rights.READ); }
    hide V.Valid;
    hide Guard;
    hide Holds;
    hide Refuse;
  }
  lemma CommEdgeCreate(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DE.CommEdgeCreate(k))
  {
    Refused(k);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.Partition, Rights.WRITE) == Status.OK {
      Guarded(k, h, Kinds.Partition, Rights.WRITE);
      assert Object(k, h) < NPART && Object(k, h) != Me(k) ==> Connects(k, Me(k), Object(k, h));
    }
    hide V.Valid;
    hide Guard;
    hide Holds;
    hide Refuse;
    hide Answer;
    hide C.FreeFrom;
  }
  lemma CommEdgeDestroy(k: Kernel, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, DE.CommEdgeDestroy(k, now))
  {
    Refused(k);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.CommEdge, Rights.REVOKE) == Status.OK { Guarded(k, h, Kinds.CommEdge, Rights.REVOKE); }
    hide V.Valid;
    hide Guard;
    hide Holds;
    hide Refuse;
    hide Answer;
    hide DE.Disappoint;
  }
  lemma FreeSlot(parts: seq<Part>, p: u32)
    requires |parts| == NPART as int && p <= NPART
    ensures S.FreeFrom(parts, p) < NPART ==> p <= S.FreeFrom(parts, p) && parts[S.FreeFrom(parts, p)].life == Kinds.Free
    decreases NPART - p
  {
    if p < NPART { FreeSlot(parts, p + 1); }
  }
  lemma PlacesInRange(m: State.Memory, i: Image, p: u32)
    requires M.RegionsOk(m) && DP.Place(m, i, p).status == Status.OK
    ensures DP.Place(m, i, p).codeFrame <= FRAMES && DP.Place(m, i, p).dataFrame <= FRAMES
  {
    hide M.ReuseFrom;
    assert forall j: int :: 0 <= j < |m.regions| ==> M.RegionOk(m, m.regions[j]);
  }
  lemma Made(k: Kernel, x: DP.Plan, i: Image, w: DP.Places, slot: u32)
    requires Runs(k) && Makes(k, Me(k), x.p) && V.ImageOk(i) && w.codeFrame <= FRAMES && w.dataFrame <= FRAMES
    requires x.slice == k.st.parts[Me(k)].slice && x.rel == k.st.parts[Me(k)].rel && 0 < x.quota <= RING && x.budget < LO32
    ensures var acts := DP.Making(Me(k), x, i, w) + [Action.CapGrant(Me(k), Me(k), slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS)];
      forall j :: 0 <= j < |acts| ==> Authorised(k, Me(k), acts[j]) && !acts[j].CapDelegate?
  {
    hide Makes;
    hide Holds;
    hide V.Valid;
    hide M.Fits;
  }
  lemma PartitionCreate(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DP.PartitionCreate_(k))
  {
    Refused(k);
    var h, image, name, quota, budget := Arg(k, 1), Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    var i, p, slot := if image < |k.images| as u64 then k.images[image] else Image(0, 0, 0, 0, 0, 0), S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
    var w := DP.Place(k.st.memory, i, p);
    var x := DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, name, 0);
    var g := Guard(k, h, Kinds.PhysMemPool, Rights.WRITE);
    if g == Status.OK {
      Guarded(k, h, Kinds.PhysMemPool, Rights.WRITE);
      FreeSlot(k.st.parts, 1);
      if image < |k.images| as u64 && p < NPART && w.status == Status.OK && 0 < quota <= RING && budget < LO32 {
        assert V.ImageOk(i);
        PlacesInRange(k.st.memory, i, p);
        Made(k, x, i, w, slot);
      }
    }
    hide V.Valid;
    hide Authorised;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide W.Room;
  }
  lemma Others(k: Kernel, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, DP.PartitionStart_(k, now)) && AllAuthorised(k, DP.PartitionSuspend_(k)) && AllAuthorised(k, DP.PartitionTerminate(k, now))
  {
    Refused(k);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.Partition, Rights.WRITE) == Status.OK { Guarded(k, h, Kinds.Partition, Rights.WRITE); }
    if Guard(k, h, Kinds.Partition, Rights.REVOKE) == Status.OK { Guarded(k, h, Kinds.Partition, Rights.REVOKE); }
    hide Guard;
    hide Holds;
    hide Refuse;
    hide Answer;
    hide DT.BreakFrom;
    hide DT.Last;
    hide S.MakeReady;
    hide S.Stop;
    hide S.Dispatch;
  }
  lemma WitnessAck(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DN.WitnessAck(k)) && AllAuthorised(k, DN.WitnessRead(k)) && AllAuthorised(k, DN.ConsoleWrite(k))
  {
    Refused(k);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.WitnessLog, Rights.WITNESS) == Status.OK { Guarded(k, h, Kinds.WitnessLog, Rights.WITNESS); }
    hide Guard;
    hide HoldsAny;
    hide Refuse;
  }
  lemma Submitting(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, DF.ProofSubmit(k)) && AllAuthorised(k, DF.ProofStatus(k))
  {
    Refused(k);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide DF.SetJob;
  }
  lemma Own(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, DT.Exit(k, status, now)) && AllAuthorised(k, DT.TimerWait(k, now)) && AllAuthorised(k, DT.Yield(k, now))
  {
    hide DT.BreakFrom;
    hide DT.Last;
    hide S.Stop;
    hide S.Dispatch;
    hide S.BlockCurrent;
    hide S.YieldCurrent;
  }
  lemma StandardCall(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, Step.StandardCall(k, f, now))
  {
    Refused(k);
    Own(k, 0, now);
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide DT.Exit;
  }
  lemma PolicyActivate(k: Kernel)
    requires Runs(k)
    ensures AllAuthorised(k, G.PolicyActivate_(k))
  {
    Refused(k);
    var h := Arg(k, 1);
    if Guard(k, h, Kinds.Policy, Rights.WRITE) == Status.OK { Guarded(k, h, Kinds.Policy, Rights.WRITE); }
    hide V.Valid;
    hide Guard;
    hide HoldsAny;
    hide Refuse;
    hide Answer;
    hide W.Room;
  }
  lemma Row(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS
    ensures AllAuthorised(k, Step.Row(k, n, now))
  {
    hide *;
    reveal Runs, Arg, Step.Row, Limits.LO32, CALLS;
    Refused(k);
    PolicyActivate(k);
    CapGrant(k);
    CapRevoke(k);
    CapDrop(k);
    RegionMap(k);
    RegionUnmap(k);
    Acquiring(k, now);
    Returning(k, now);
    Sending(k, now);
    Receiving(k, now);
    CommEdgeCreate(k);
    CommEdgeDestroy(k, now);
    PartitionCreate(k);
    Others(k, now);
    WitnessAck(k);
    Submitting(k);
    forall status: u64 ensures AllAuthorised(k, DT.Exit(k, status, now)) { Own(k, status, now); }
    Own(k, 0, now);
  }
  /** What passes the gate is proved. */
  lemma Proving(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n) && G.Sealed(n) && GateKept.Passed(k, n, now)
    ensures Authorised(k, Me(k), GateKept.Proof(k, n, now))
  {
    Guarded(k, Arg(k, 1), Kinds.None, 0);
    assert HoldsIn(k, Me(k), C.Slot(Arg(k, 1)) as u32, Rights.PROVE) by { hide V.Valid; hide Guard; hide G.Says; }
    assert Permits(k, n as u32, G.RuleOf(G.Says(k, n, now)) as u32, now) by { hide V.Valid; hide G.ProofOk; hide G.Says; hide HoldsIn; }
    hide V.Valid;
    hide HoldsIn;
    hide Permits;
    hide G.Says;
  }
  lemma Gated(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n)
    ensures AllAuthorised(k, G.Gate(k, n, now, Step.Row(k, n, now)))
  {
    var v, g := Step.Row(k, n, now), G.Gate(k, n, now, Step.Row(k, n, now));
    hide *;
    reveal Runs, Limits.LO32, CALLS, G.Decidable;
    Row(k, n, now);
    Refused(k);
    GateKept.Cases(k, n, now, v);
    if GateKept.Stopped(k, n, g) { GateKept.StoppedIs(k, n, g); }
    else if g != v {
      Proving(k, n, now);
      GateKept.SealedActs(k, n, now);
      assert GateKept.AllSeal(v.acts) by { reveal GateKept.AllSeal, G.Acted; }
      WithItsProof(k, n, now, v);
    }
  }
  lemma WithItsProof(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Runs(k) && G.Decidable(n) && G.Sealed(n) && G.Acted(v) && GateKept.Passed(k, n, now) && AllAuthorised(k, v)
    requires Authorised(k, Me(k), GateKept.Proof(k, n, now)) && GateKept.AllSeal(v.acts)
    ensures AllAuthorised(k, GateKept.WithProof(k, n, now, v))
  {
    hide *;
    reveal AllAuthorised, GateKept.AllSeal, GateKept.Seals, GateKept.WithProof, GateKept.Proof;
  }
  lemma Call(k: Kernel, now: u64)
    requires Runs(k)
    ensures AllAuthorised(k, Step.Call(k, now))
  {
    hide *;
    reveal Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    var f := Arg(k, 0) % LO32;
    StandardCall(k, f, now);
    if CALLS <= f {
      Row(k, f - CALLS, now);
      if G.Decidable(f - CALLS) { Gated(k, f - CALLS, now); }
    }
  }

  // ---- the claims -----------------------------------------------------------------------------------------------------------------

  /** Whatever a running partition calls for, every action that comes of it is one for which this partition holds a live capability with the
      right that the table Authorised names; only its own end and the emptying of its own slots need none. */
  lemma No_structural_change_without_a_capability(k: Kernel, now: u64, i: int)
    requires Runs(k) && 0 <= i < |Step.Decide(k, Step.Hypercall(now)).acts|
    ensures Authorised(k, Me(k), Step.Decide(k, Step.Hypercall(now)).acts[i])
  {
    Call(k, now);
    hide V.Valid;
    hide Step.Call;
    hide Authorised;
  }
  /** The action does nothing but note something about partition p, or end its lease or p itself (and with the last partition the system). */
  ghost predicate AtMostEnds(p: u32, a: Action) {
    match a
    case PartitionEnd(who, q, _) => 0 < p < NPART && who == p && q == p
    case Reject(who, _, _)       => who == p
    case Fault(q, _, _)          => q == p
    case RegionUnmap(q, _, _, _) => q == p
    case LeaseEnd(who, _, _)     => who == p
    case SystemEnd()             => true
    case _                       => false
  }
  /** A fault or any other exception of a partition, and the timer's tick, at most end the running partition, or its lease. What it does between them ends nobody. */
  lemma Traps_and_ticks_change_nothing_but_the_running_partition(k: Kernel, e: Step.Event, a: Action)
    requires V.Valid(k) && (e.Trap? || e.Tick? || e.Ran?) && a in Step.Decide(k, e).acts
    ensures AtMostEnds(k.vol.sched.cur, a)
  {
    hide DT.BreakFrom;
    hide DT.Last;
    hide S.Stop;
    hide S.Dispatch;
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
    hide S.MakeReady;
    hide W.Room;
    hide DF.Checks;
    hide DF.SetProgress;
    if e.Tick? { Woken(k, e.now); Woken(DT.Worked(k, e.now), e.now); }
  }
  lemma Woken(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures S.Wake(k.vol.sched, k.st.parts, now).cur == k.vol.sched.cur
  {}
}
