include "../../spec/Decide/Partition.dfy"
include "../../spec/Decide/Lease.dfy"
include "MapsKept.dfy"
include "ObjectsKept.dfy"
include "AgesKept.dfy"
include "LeasesKept.dfy"

/** What each action does to capabilities, regions and maps keeps them in order, and what sequences of actions do. */
module {:compile false} StructureKept {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import C = Capabilities
  import M = Memory
  import E = Edges
  import P = DecidePartition
  import V = Valid
  import Kinds
  import Status
  import MapsKept
  import ObjectsKept
  import AgesKept
  import L = Leases
  import LeasesKept
  import DL = DecideLease
  import RegionFacts

  opaque ghost predicate Ok(mc: Machine, s: Structure) {
    Tables(s) && ObjectsKept.Caps(s.caps) && MapsKept.Ok(mc, s.parts, s.memory, s.maps) && V.Aged(s) && L.LeasesOk(s)
  }

  // ---- actions that change capabilities, the policy, nonces or nothing --------------------------------------------------------------------------------

  ghost predicate Quiet(a: Action) {
    a.CapDelegate? || a.CapRevoke? || a.CapDrop? || a.Signal? || a.Send? || a.Reject? || a.Fault? || a.Attest? || a.BootComplete? || a.Drain? || a.SystemEnd? || a.PartitionQuota?
    || a.Proved? || a.PolicyActivate?
  }
  /** Quiet, or a capability for an object that exists. */
  ghost predicate Fine(s: Structure, a: Action) requires Tables(s) { Quiet(a) || (a.CapGrant? && AgesKept.Exists(s, a.kind, a.target)) }
  ghost predicate OnlyCaps(s: Structure, t: Structure) { t == s.(caps := t.caps, policy := t.policy, nonces := t.nonces) }
  lemma Quieted(mc: Machine, s: Structure, a: Action)
    requires Ok(mc, s) && Tables(s) && Fine(s, a)
    ensures Ok(mc, A.Apply(s, a)) && OnlyCaps(s, A.Apply(s, a))
  {
    reveal Ok();
    hide C.Mint;
    hide C.Derive;
    hide C.Revoke;
    hide C.Drop;
    if Applicable(s, a) {
      match a
      case CapGrant(_, to, slot, kind, obj, rights) =>
        ObjectsKept.Minted(s.caps, to * CSLOTS + slot, kind, obj, ObjectGen(s, kind, obj), rights);
        AgesKept.Minted(s, to * CSLOTS + slot, kind, obj, rights);
      case CapDelegate(who, to, slot, src, rights) =>
        ObjectsKept.Derived(s.caps, to * CSLOTS + slot, who * CSLOTS + src, rights);
        AgesKept.Derived(s, to * CSLOTS + slot, who * CSLOTS + src, rights);
      case CapRevoke(who, slot, _) =>
        ObjectsKept.Revoked(s.caps, who * CSLOTS + slot);
        AgesKept.Revoked(s, who * CSLOTS + slot);
      case CapDrop(who, slot) =>
        ObjectsKept.Dropped(s.caps, who * CSLOTS + slot);
        AgesKept.Dropped(s, who * CSLOTS + slot);
      case Proved(who, nonce, _, _, _) => AgesKept.Aside(s, s.policy, s.nonces[who as int := nonce]);
      case PolicyActivate(_, which, _) => AgesKept.Aside(s, which, s.nonces);
      case _ =>
    }
    LeasesKept.Aside(s, A.Apply(s, a));
  }
  lemma StillFine(s: Structure, t: Structure, a: Action)
    requires Tables(s) && Tables(t) && OnlyCaps(s, t) && Fine(s, a)
    ensures Fine(t, a)
  {}
  lemma QuietedAll(mc: Machine, s: Structure, acts: seq<Action>)
    requires Ok(mc, s) && Tables(s) && forall i :: 0 <= i < |acts| ==> Fine(s, acts[i])
    ensures Ok(mc, ApplyAll(s, acts)) && OnlyCaps(s, ApplyAll(s, acts))
    decreases |acts|
  {
    hide A.Apply;
    hide Quiet;
    if |acts| > 0 {
      Quieted(mc, s, acts[0]);
      var t := A.Apply(s, acts[0]);
      forall i | 0 <= i < |acts| - 1 ensures Fine(t, acts[1..][i]) { StillFine(s, t, acts[i + 1]); }
      QuietedAll(mc, t, acts[1..]);
    }
  }

  // ---- sequences ----------------------------------------------------------------------------------------------------------------

  lemma One(s: Structure, a: Action)
    requires Tables(s)
    ensures ApplyAll(s, [a]) == A.Apply(s, a)
  {
    hide A.Apply;
    assert [a][1..] == [];
  }
  lemma First(s: Structure, a: Action, acts: seq<Action>)
    requires Tables(s)
    ensures ApplyAll(s, [a] + acts) == ApplyAll(A.Apply(s, a), acts)
  {
    hide A.Apply;
    assert ([a] + acts)[1..] == acts;
  }
  lemma Both(s: Structure, a: seq<Action>, b: seq<Action>)
    requires Tables(s)
    ensures ApplyAll(s, a + b) == ApplyAll(ApplyAll(s, a), b)
    decreases |a|
  {
    hide A.Apply;
    if |a| == 0 { assert a + b == b; }
    else {
      assert (a + b)[1..] == a[1..] + b;
      Both(A.Apply(s, a[0]), a[1..], b);
    }
  }
  lemma Two(s: Structure, a: Action, b: Action)
    requires Tables(s)
    ensures ApplyAll(s, [a, b]) == A.Apply(A.Apply(s, a), b)
  {
    hide A.Apply;
    assert [a, b] == [a] + [b];
    First(s, a, [b]);
    One(A.Apply(s, a), b);
  }

  // ---- partitions -----------------------------------------------------------------------------------------------------------------

  lemma Started(mc: Machine, s: Structure, who: u32, p: u32)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART
    ensures var s' := A.Apply(s, PartitionStart(who, p)); Ok(mc, s') && s' == s.(parts := s.parts[p as int := s.parts[p].(life := Kinds.Started)])
  {
    reveal Ok();
    MapsKept.PartChanged(mc, s.parts, s.memory, s.maps, p, s.parts[p].(life := Kinds.Started));
    LeasesKept.PartChanged(s, p, s.parts[p].(life := Kinds.Started));
    AgesKept.Bound(s, p);
    AgesKept.PartChanged(s, p, s.parts[p].(life := Kinds.Started));
  }
  lemma Suspended(mc: Machine, s: Structure, who: u32, p: u32)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART
    ensures var s' := A.Apply(s, PartitionSuspend(who, p)); Ok(mc, s') && s' == s.(parts := s.parts[p as int := s.parts[p].(life := Kinds.Suspended)])
  {
    reveal Ok();
    MapsKept.PartChanged(mc, s.parts, s.memory, s.maps, p, s.parts[p].(life := Kinds.Suspended));
    LeasesKept.PartChanged(s, p, s.parts[p].(life := Kinds.Suspended));
    AgesKept.Bound(s, p);
    AgesKept.PartChanged(s, p, s.parts[p].(life := Kinds.Suspended));
  }
  lemma Ended(mc: Machine, s: Structure, p: u32)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART
    ensures Ok(mc, End(s, p))
  {
    reveal Ok();
    ObjectsKept.DroppedFrom(s.caps, p, 0);
    AgesKept.Ended(s, p);
    LeasesKept.Ended(s, p);
    MapsKept.Ended(mc, s.parts, s.memory, s.maps, p, Part(s.parts[p].gen, Kinds.Free, 0, 0));
  }
  /** A free slot takes a new partition, with its slice and relative deadline. */
  ghost function NewPart(s: Structure, p: u32, slice: u64, rel: u64): Part
    requires Tables(s) && p < NPART && s.parts[p].gen < GENMAX
  {
    Part(s.parts[p].gen + 1, Kinds.Created, slice, rel)
  }
  lemma Spawned(mc: Machine, s: Structure, who: u32, p: u32, image: u64, slice: u64, rel: u64)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART && s.parts[p].gen < GENMAX && s.parts[p].life == Kinds.Free
    ensures var s' := A.Apply(A.Apply(s, PartitionCreate(who, p, image)), TaskSpawn(who, p, slice, rel));
      Ok(mc, s') && s' == s.(parts := s.parts[p as int := NewPart(s, p, slice, rel)]) && s'.maps[p] == M.EmptyMap
  {
    reveal Ok();
    MapsKept.FreeIsEmpty(mc, s.parts, s.memory, s.maps, p);
    assert s.maps[p as int := M.EmptyMap] == s.maps;
    MapsKept.PartChanged(mc, s.parts, s.memory, s.maps, p, NewPart(s, p, slice, rel));
    AgesKept.PartChanged(s, p, NewPart(s, p, slice, rel));
    LeasesKept.PartChanged(s, p, NewPart(s, p, slice, rel));
    var one := Part(s.parts[p].gen + 1, Kinds.Created, 0, 0);
    assert s.parts[p as int := one][p as int := NewPart(s, p, slice, rel)] == s.parts[p as int := NewPart(s, p, slice, rel)];
  }

  // ---- regions ------------------------------------------------------------------------------------------------------------------

  lemma MapBounds(mc: Machine, s: Structure, r: u32)
    requires Ok(mc, s) && Tables(s) && r < NREGION
    ensures s.memory.regions[r].frame as int + s.memory.regions[r].pages as int <= M.FRAMES as int
  {
    reveal Ok();
    reveal MapsKept.Ok();
    assert M.RegionOk(s.memory, s.memory.regions[r as int]);
  }
  /** Partition p shows pages of a region of its own or of a shared one. */
  lemma Mapped(mc: Machine, s: Structure, who: u32, p: u32, r: u32, page: u32, first: u64, n: u32, perm: u32)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART && s.parts[p].life != Kinds.Free && r < NREGION && M.MayMap(s.memory.regions[r], p)
    requires first as int + n as int <= s.memory.regions[r].pages as int && page as int + n as int <= IPAPAGES as int
    requires M.Fits(s.maps[p], page, n) && M.Permits(s.memory.regions[r].policy, perm) && !L.Leased(s, p, r)
    ensures var s' := A.Apply(s, RegionMap(who, p, r, page, first, n, perm));
      Ok(mc, s') && s' == s.(maps := s'.maps) && s'.maps[p].keys == M.KeysForRange(s.maps[p].keys, page, n)
  {
    MapBounds(mc, s, r);
    reveal Ok();
    var f := s.memory.regions[r].frame + first;
    MapsKept.OneMap(mc, s.parts, s.memory, s.maps, p);
    MapsKept.RangeOk(s.memory, p, s.maps[p], page, n, f, perm, r);
    MapsKept.RangeKeys(s.maps[p], page, n, f, perm, r);
    var maps := s.maps[p as int := M.MapRange(s.maps[p], page, n, f, perm, r)];
    MapsKept.MapChanged(mc, s.parts, s.memory, s.maps, p, maps[p]);
    AgesKept.MapsChanged(s, maps);
    LeasesKept.Mapped(s, p, page, n, f, perm, r);
  }
  lemma Unmapped(mc: Machine, s: Structure, p: u32, r: u32, page: u32, n: u32)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART && s.parts[p].life != Kinds.Free
    ensures var s' := A.Apply(s, RegionUnmap(p, r, page, n)); Ok(mc, s') && s' == s.(maps := s'.maps)
  {
    reveal Ok();
    MapsKept.OneMap(mc, s.parts, s.memory, s.maps, p);
    MapsKept.UnmapOk(s.memory, p, s.maps[p], page, n);
    MapsKept.MapChanged(mc, s.parts, s.memory, s.maps, p, M.UnmapRange(s.maps[p], page, n));
    AgesKept.MapsChanged(s, s.maps[p as int := M.UnmapRange(s.maps[p], page, n)]);
    LeasesKept.Unmapped(s, p, page, n);
  }
  /** A region of RAM, in a free slot or from frames never given out. */
  lemma Allotted(mc: Machine, s: Structure, who: u32, owner: u32, policy: u32, n: u64)
    requires Ok(mc, s) && Tables(s) && 0 < owner && M.PolicyOk(owner, policy) && policy != Kinds.Device && n > 0 && M.Pick(s.memory, n) < NREGION
    ensures var r, f := M.Pick(s.memory, n), M.PickFrame(s.memory, n);
      var s' := A.Apply(s, RegionCreate(who, r, owner, policy, n, f));
      s.memory.regions[r].owner == 0 && Ok(mc, s') && s' == s.(memory := M.Create(s.memory, r, owner, policy, n, f))
  {
    RegionFacts.ReuseIsFree(s.memory, n, 0);
    RegionFacts.ReuseIsFree(s.memory, 0, 0);
    var r, f := M.Pick(s.memory, n), M.PickFrame(s.memory, n);
    assert s.memory.regions[r].owner == 0;
    hide M.Pick;
    hide M.PickFrame;
    hide M.ReuseFrom;
    assert M.RegionsOk(s.memory) by { reveal Ok(), MapsKept.Ok(); }
    RegionFacts.CreateKeepsRegionsOk(s.memory, owner, policy, n);
    assert M.Placed(mc, s.memory) by { reveal Ok(), MapsKept.Ok(); }
    MapsKept.AllottedPlaced(mc, s.memory, owner, policy, n);
    hide M.Placed;
    hide M.RegionsOk;
    hide M.Create;
    reveal Ok();
    MapsKept.RegionMade(mc, s.parts, s.memory, s.maps, r, owner, policy, n, f);
    AgesKept.RegionMade(s, r, owner, policy, n, f);
    LeasesKept.RegionMade(s, r, owner, policy, n, f);
  }
  /** A device below RAM that no region overlaps. */
  lemma Leased(mc: Machine, s: Structure, who: u32, owner: u32, n: u64, f: u64)
    requires Ok(mc, s) && Tables(s) && 0 < owner < NPART && n > 0 && M.VirginFrom(s.memory, 0) < NREGION
    requires M.DeviceAllowed(mc, f, n) && M.DeviceFree(s.memory, f, n)
    ensures var r := M.VirginFrom(s.memory, 0);
      var s' := A.Apply(s, RegionCreate(who, r, owner, Kinds.Device, n, f));
      Ok(mc, s') && s' == s.(memory := M.Create(s.memory, r, owner, Kinds.Device, n, f))
  {
    reveal Ok();
    RegionFacts.ReuseIsFree(s.memory, 0, 0);
    assert M.RegionsOk(s.memory) && M.Placed(mc, s.memory) by { reveal MapsKept.Ok(); }
    MapsKept.LeasedPlaced(mc, s.memory, M.VirginFrom(s.memory, 0), owner, n, f);
    RegionFacts.CreateDeviceKeepsRegionsOk(s.memory, M.VirginFrom(s.memory, 0), owner, n, f);
    MapsKept.RegionMade(mc, s.parts, s.memory, s.maps, M.VirginFrom(s.memory, 0), owner, Kinds.Device, n, f);
    AgesKept.RegionMade(s, M.VirginFrom(s.memory, 0), owner, Kinds.Device, n, f);
    LeasesKept.RegionMade(s, M.VirginFrom(s.memory, 0), owner, Kinds.Device, n, f);
  }
  /** A new region of RAM, all of it mapped. */
  lemma Filled(mc: Machine, s: Structure, who: u32, p: u32, policy: u32, perm: u32, page: u32, n: u32)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART && s.parts[p].life != Kinds.Free && policy < Kinds.Device && n > 0 && M.Pick(s.memory, n as u64) < NREGION
    requires page as int + n as int <= IPAPAGES as int && M.Fits(s.maps[p], page, n) && M.Permits(policy, perm)
    ensures var r, f := M.Pick(s.memory, n as u64), M.PickFrame(s.memory, n as u64);
      var s1 := A.Apply(s, RegionCreate(who, r, p, policy, n as u64, f));
      var s' := A.Apply(s1, RegionMap(who, p, r, page, 0, n, perm));
      && Ok(mc, s') && s' == s.(memory := M.Create(s.memory, r, p, policy, n as u64, f), maps := s'.maps)
      && s'.maps[p].keys == M.KeysForRange(s.maps[p].keys, page, n)
  {
    hide A.Apply;
    hide M.Fits;
    hide M.Permits;
    var r, f := M.Pick(s.memory, n as u64), M.PickFrame(s.memory, n as u64);
    Allotted(mc, s, who, p, policy, n as u64);
    var s1 := A.Apply(s, RegionCreate(who, r, p, policy, n as u64, f));
    NotLeased(mc, s, p, r);
    Mapped(mc, s1, who, p, r, page, 0, n, perm);
  }

  // ---- leases -------------------------------------------------------------------------------------------------------------------

  /** What belongs to nobody, nobody has leased. */
  lemma NotLeased(mc: Machine, s: Structure, p: u32, r: u32)
    requires Ok(mc, s) && Tables(s) && p < NPART && r < NREGION && s.memory.regions[r].owner == 0
    ensures !L.Leased(s, p, r)
  {
    reveal Ok();
    LeasesKept.One(s, p);
  }
  /** No map shows a region that belongs to nobody. */
  lemma NotShown(mc: Machine, s: Structure, p: u32, r: u32)
    requires Ok(mc, s) && Tables(s) && p < NPART && r < NREGION && s.memory.regions[r].owner == 0
    ensures forall v: u32 :: v in s.maps[p].pages ==> s.maps[p].pages[v].region != r
  {
    reveal Ok(), MapsKept.Ok();
    forall v: u32 | v in s.maps[p].pages ensures s.maps[p].pages[v].region != r { assert M.PteOk(s.memory, p, s.maps[p].pages[v]); }
  }
  lemma Granted(mc: Machine, s: Structure, p: u32, r: u32, page: u32, until: u64)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART && L.LeaseOk(s.(leases := s.leases[p as int := Lease(r, page, until)]), p)
    ensures var s' := A.Apply(s, LeaseGrant(p, r, page, until)); Ok(mc, s') && s' == s.(leases := s'.leases)
  {
    reveal Ok();
    LeasesKept.Granted(s, p, Lease(r, page, until));
    AgesKept.LeasesChanged(s, s.leases[p as int := Lease(r, page, until)]);
  }
  lemma Leasing(mc: Machine, s: Structure, p: u32, n: u32, f: u64, page: u32, until: u64)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART && s.parts[p].life != Kinds.Free && 0 < n as u64 <= MAXMAP && M.VirginFrom(s.memory, 0) < NREGION
    requires M.DeviceAllowed(mc, f, n as u64) && M.DeviceFree(s.memory, f, n as u64) && page as int + n as int <= IPAPAGES as int && M.Fits(s.maps[p], page, n)
    requires s.leases[p].until == 0
    ensures var r := M.VirginFrom(s.memory, 0);
      var s' := ApplyAll(s, [RegionCreate(p, r, p, Kinds.Device, n as u64, f), RegionMap(p, p, r, page, 0, n, Kinds.PermDev), LeaseGrant(p, r, page, until)]);
      Ok(mc, s') && s' == s.(memory := M.Create(s.memory, r, p, Kinds.Device, n as u64, f), maps := s'.maps, leases := s'.leases)
  {
    hide ApplyAll, M.Fits, M.DeviceAllowed, M.DeviceFree;
    var r := M.VirginFrom(s.memory, 0);
    var a, b, c := RegionCreate(p, r, p, Kinds.Device, n as u64, f), RegionMap(p, p, r, page, 0, n, Kinds.PermDev), LeaseGrant(p, r, page, until);
    RegionFacts.ReuseIsFree(s.memory, 0, 0);
    hide M.VirginFrom, M.ReuseFrom;
    NotLeased(mc, s, p, r);
    NotShown(mc, s, p, r);
    Leased(mc, s, p, p, n as u64, f);
    MapBounds(mc, A.Apply(s, a), r);
    var s1 := A.Apply(s, a);
    assert s1.memory.regions[r] == Region(s.memory.regions[r].gen, p, Kinds.Device, n as u64, f);
    Mapped(mc, s1, p, p, r, page, 0, n, Kinds.PermDev);
    var s2 := A.Apply(s1, b);
    Shows(s, s1, s2, p, r, page, n);
    Granted(mc, s2, p, r, page, until);
    assert [a, b, c] == [a] + [b, c];
    First(s, a, [b, c]);
    Two(s1, b, c);
  }
  lemma Shows(s: Structure, s1: Structure, s2: Structure, p: u32, r: u32, page: u32, n: u32)
    requires Tables(s1) && Tables(s2) && Tables(s) && 0 < p < NPART && r < NREGION && page as int + n as int <= IPAPAGES as int && s1.memory.regions[r].frame as int + n as int <= LO32 as int * 256
    requires s1.maps == s.maps && s2 == A.Apply(s1, RegionMap(p, p, r, page, 0, n, Kinds.PermDev))
    requires forall v: u32 :: v in s.maps[p].pages ==> s.maps[p].pages[v].region != r
    ensures L.Within(s2.maps[p], r, page, n as u64)
  {
    var f := s1.memory.regions[r].frame + 0;
    hide M.MapRange;
    forall w: u32 | w in s2.maps[p].pages && s2.maps[p].pages[w].region == r ensures page <= w && w as int < page as int + n as int {
      LeasesKept.RangeShows(s1.maps[p], page, n, f, Kinds.PermDev, r, w);
    }
  }
  /** The end of p's lease. */
  lemma LeaseEnded(mc: Machine, s: Structure, p: u32, reason: u64)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART && s.leases[p].until != 0
    ensures var s' := ApplyAll(s, DL.Ending(s, p, reason));
      Ok(mc, s') && s.leases[p].region < NREGION && s' == s.(memory := M.Free(s.memory, s.leases[p].region), maps := s'.maps, leases := s.leases[p as int := EmptyLease])
  {
    assert L.LeaseOk(s, p) by { reveal Ok(); LeasesKept.One(s, p); }
    var l, n := s.leases[p], L.Pages(s, p);
    Unmapped(mc, s, p, l.region, l.page, n);
    var s1 := A.Apply(s, RegionUnmap(p, l.region, l.page, n));
    forall v: u32 | v in s1.maps[p].pages ensures s1.maps[p].pages[v].region != l.region { assert v in s.maps[p].pages; }
    Two(s, RegionUnmap(p, l.region, l.page, n), LeaseEnd(p, l.region, reason));
    hide ApplyAll;
    Withdrawn(mc, s1, p, l.region, reason);
  }
  lemma Withdrawn(mc: Machine, s: Structure, p: u32, r: u32, reason: u64)
    requires Ok(mc, s) && Tables(s) && 0 < p < NPART && r < NREGION && L.Leased(s, p, r) && s.memory.regions[r].owner == p
    requires forall v: u32 :: v in s.maps[p].pages ==> s.maps[p].pages[v].region != r
    ensures var s' := A.Apply(s, LeaseEnd(p, r, reason)); Ok(mc, s') && s' == s.(memory := M.Free(s.memory, r), leases := s.leases[p as int := EmptyLease])
  {
    reveal Ok();
    MapsKept.Freed(mc, s.parts, s.memory, s.maps, p, r);
    LeasesKept.Freed(s, p, r);
    AgesKept.Freed(s, r, s.leases[p as int := EmptyLease]);
  }

  // ---- making a partition ---------------------------------------------------------------------------------------------------------

  ghost predicate Makable(mc: Machine, s: Structure, x: P.Plan, i: Image, w: P.Places) {
    && Ok(mc, s) && Tables(s) && 0 < x.p < NPART && s.parts[x.p].gen < GENMAX && s.parts[x.p].life == Kinds.Free
    && V.ImageOk(i) && w == P.Place(s.memory, i, x.p) && w.status == Status.OK
  }
  lemma Placed(m: State.Memory, i: Image, p: u32)
    requires M.Table(m) && P.Place(m, i, p).status == Status.OK && i.code > 0
    ensures var w := P.Place(m, i, p);
      && M.Pick(m, i.code) < NREGION && w.code == M.Pick(m, i.code) && w.codeFrame == M.PickFrame(m, i.code)
      && var m1 := M.Create(m, w.code, p, Kinds.Immutable, i.code, w.codeFrame);
      i.data > 0 ==> M.Pick(m1, i.data) < NREGION && w.data == M.Pick(m1, i.data) && w.dataFrame == M.PickFrame(m1, i.data)
  {
    hide M.Pick;
    hide M.PickFrame;
    hide M.Create;
  }
  ghost function Head(who: u32, x: P.Plan): seq<Action> { [PartitionCreate(who, x.p, x.image), TaskSpawn(who, x.p, x.slice, x.rel)] }
  ghost function Quota(who: u32, x: P.Plan): Action { PartitionQuota(who, x.p, x.quota, x.budget) }
  ghost function Code(who: u32, x: P.Plan, i: Image, w: P.Places): seq<Action>
    requires V.ImageOk(i)
  {
    [RegionCreate(who, w.code, x.p, Kinds.Immutable, i.code, w.codeFrame), RegionMap(who, x.p, w.code, i.page as u32, 0, i.code as u32, Kinds.PermRX)]
  }
  ghost function Data(who: u32, x: P.Plan, i: Image, w: P.Places): seq<Action>
    requires V.ImageOk(i)
  {
    if i.data == 0 then [] else
      [RegionCreate(who, w.data, x.p, Kinds.Slab, i.data, w.dataFrame), RegionMap(who, x.p, w.data, (i.page + i.code) as u32, 0, i.data as u32, Kinds.PermRW)]
  }
  lemma MakingIs(who: u32, x: P.Plan, i: Image, w: P.Places)
    requires V.ImageOk(i)
    ensures P.Making(who, x, i, w) == Head(who, x) + ([Quota(who, x)] + (Code(who, x, i, w) + Data(who, x, i, w)))
  {}
  lemma CodeFits(i: Image)
    requires V.ImageOk(i)
    ensures M.Fits(M.EmptyMap, i.page as u32, i.code as u32)
    ensures |M.KeysForRange(M.KeysForRange([], i.page as u32, i.code as u32), (i.page + i.code) as u32, i.data as u32)| < NTAB as int
  {
    MapsKept.KeysOfTwo([], i.page as u32, i.code as u32, i.data as u32);
  }
  lemma Made(mc: Machine, s: Structure, who: u32, x: P.Plan, i: Image, w: P.Places)
    requires Makable(mc, s, x, i, w)
    ensures var s' := ApplyAll(s, P.Making(who, x, i, w));
      Ok(mc, s') && s'.parts == s.parts[x.p as int := NewPart(s, x.p, x.slice, x.rel)] && s'.edges == s.edges && s'.caps == s.caps
  {
    hide A.Apply;
    hide ApplyAll;
    hide P.Making;
    hide P.Place;
    hide M.Pick;
    hide M.PickFrame;
    Placed(s.memory, i, x.p);
    MakingIs(who, x, i, w);
    CodeFits(i);
    var head, code, data := Head(who, x), Code(who, x, i, w), Data(who, x, i, w);
    Both(s, head, [Quota(who, x)] + (code + data));
    Two(s, head[0], head[1]);
    Spawned(mc, s, who, x.p, x.image, x.slice, x.rel);
    var s2 := ApplyAll(s, head);
    First(s2, Quota(who, x), code + data);
    assert A.Apply(s2, Quota(who, x)) == s2 by { reveal A.Apply; }
    Both(s2, code, data);
    Two(s2, code[0], code[1]);
    Filled(mc, s2, who, x.p, Kinds.Immutable, Kinds.PermRX, i.page as u32, i.code as u32);
    var s4 := ApplyAll(s2, code);
    if i.data > 0 {
      Two(s4, data[0], data[1]);
      Filled(mc, s4, who, x.p, Kinds.Slab, Kinds.PermRW, (i.page + i.code) as u32, i.data as u32);
    } else {
      assert ApplyAll(s4, []) == s4 by { reveal ApplyAll; }
    }
  }
}
