include "PartitionCalls.dfy"
include "RegionCalls.dfy"
include "CoreEdges.dfy"

/** The boot: the bundle's header, and its commands one by one. */
module BootCalls {
  import opened Types
  import opened Limits
  import opened CoreState
  import CoreCommon
  import CoreMemory
  import CoreEdges
  import CoreTasks
  import A = Actions
  import K = Making
  import R = RegionCalls
  import P = PartitionCalls
  import Status
  import Kinds
  import Rights
  import Policy
  import Gates
  import PolicyChecks
  import State
  import Apply
  import Common
  import Step
  import Valid
  import B = DecideBoot
  import D = DecidePartition
  import DR = DecideRegion
  import DE = DecideEdge
  import M = Memory
  import RegionFacts
  import S = Scheduler
  import E = Edges
  import Caps = Capabilities
  import Wit = Witness
  import CapTables
  import RegionTables

  // Most steps of work (spec/Cost.dfy).
  ghost const FREE_SLOT_WORK: nat := 1 + CapTables.FREE_SLOT_WORK
  ghost const HASHED_WORK: nat := 10 + 8 * MAXCMDS as nat                     // of the commands and the header before them
  ghost const CHECKED_WORK: nat := 1 + PolicyChecks.ADMISSIBLE_WORK
  ghost const RULE_WORK: nat := 1 + CoreState.RULED_WORK + CoreState.RULED_WORK
  ghost const BEGIN_WORK: nat := 1 + CHECKED_WORK + CHECKED_WORK + HASHED_WORK + RULE_WORK
  ghost const FITS_WORK: nat := 1 + R.FITS_WORK
  ghost const IMAGE_WORK: nat := 1 + FITS_WORK
  ghost const PARTITION_WORK: nat := 1 + P.FREE_PART_WORK + K.SLOT_WORK + K.SECOND_SLOT_WORK + K.MAKE_WORK
  ghost const MAP_WORK: nat := 1 + R.MAP_CHECK_WORK + A.MAP_WORK
  ghost const EDGE_WORK: nat := 1 + CoreEdges.FREE_EDGE_WORK + FREE_SLOT_WORK + FREE_SLOT_WORK
  ghost const CAP_WORK: nat := 1 + FREE_SLOT_WORK
  ghost const START_WORK: nat := 1 + CoreState.MAKE_READY_WORK
  ghost const END_WORK: nat := 1 + P.FREE_PART_WORK
  ghost const DEVICE_FREE_WORK: nat := 1 + RegionTables.DEVICE_FREE_WORK
  ghost const VIRGIN_WORK: nat := 1 + RegionTables.VIRGIN_SLOT_WORK
  ghost const REGION_WORK: nat := 1 + VIRGIN_WORK + K.SLOT_WORK + FREE_SLOT_WORK + DEVICE_FREE_WORK
  ghost const SHARED_WORK: nat := 1 + K.SLOT_WORK
  ghost const COMMAND_WORK: nat := 1 + PARTITION_WORK
  /** No command costs more than the making of a partition. */
  lemma CommandsAreLess()
    ensures IMAGE_WORK <= PARTITION_WORK && REGION_WORK <= PARTITION_WORK && MAP_WORK <= PARTITION_WORK && EDGE_WORK <= PARTITION_WORK
    ensures SHARED_WORK <= PARTITION_WORK && CAP_WORK <= PARTITION_WORK && START_WORK <= PARTITION_WORK && END_WORK <= PARTITION_WORK
  {}

  /** A boot event is to be decided: no effects yet. */
  opaque ghost predicate Ready(k: Core)
    reads k.Repr()
    ensures Ready(k) ==> k.Inv() && k.Rooted() && Valid.Valid(k.Abs()) && k.Effects() == [] && A.Tables(k.Abs())
  {
    k.Good() && k.neff == 0
  }
  /** State, effects and status are what answer a asks for, from state s. */
  opaque ghost predicate Settled(k: Core, s: State.Kernel, a: B.Answer, status: u64, now: u64)
    requires Valid.Valid(s)
    reads k.Repr()
    ensures Settled(k, s, a, status, now) ==> k.Inv()
  {
    k.Inv() && k.Rooted() && Step.Settle(s, a, now) == Step.Result(k.Abs(), k.Effects(), status)
  }
  lemma Refused(k: Core, status: u64, now: u64)
    requires Ready(k)
    ensures Settled(k, k.Abs(), B.No(status), status, now)
  {
    reveal Settled();
  }
  lemma Done(k: Core, s: State.Kernel, v: Common.Verdict, now: u64)
    requires Valid.Valid(s) && k.Inv() && k.Rooted() && k.Effects() == v.effects && A.Tables(s) && k.Abs() == A.WithVol(A.DoAll(s, v.acts, now), v.vol)
    ensures Settled(k, s, B.Done(v), Status.OK, now)
  {
    reveal Settled();
  }

  // ---- questions ------------------------------------------------------------------------------------------------------------

  function Room(k: Core, n: u64): (b: bool)
    requires k.Inv()
    reads k.Repr()
    ensures b == Wit.Room(k.Abs().log, 0, n)
  {
    Wit.Room(k.Abs().log, 0, n)
  } by method {
    b := k.log.Room(0, n);
  }
  function FreeSlot(k: Core, p: u32): (s: u32)
    requires k.Inv() && p < NPART
    reads k.Repr()
    ensures s == Caps.FreeSlot(k.Abs().st.caps, p) && s <= CSLOTS
    ensures s < CSLOTS ==> k.Abs().st.caps[p * CSLOTS + s].gen < GENMAX
  {
    Caps.FreeSlot(k.Abs().st.caps, p)
  } by method {
    ghost var work := 1;
    ghost var w;
    s, w := k.caps.FreeSlot(p);
    work := work + w;
    assert work <= FREE_SLOT_WORK;
  }
  function Begun(k: Core): (b: bool)
    requires k.Inv()
    reads k.Repr()
    ensures b == (|k.Abs().log.records| != 0)
  {
    k.log.head != 0
  }
  function Booting(k: Core): (b: bool)
    requires k.Inv()
    reads k.Repr()
    ensures b == k.Abs().booting
  {
    k.booting
  }
  function Exists(k: Core, p: u64): (b: bool)
    requires Ready(k)
    reads k.Repr()
    ensures b == B.Exists(k.Abs(), p) && (b ==> 0 < p < NPART as u64 && CoreMemory.Mappable(k, p as u32))
  {
    0 < p < NPART as u64 && P.Life(k, p as u32) != Kinds.Free
  }

  // ---- the beginning --------------------------------------------------------------------------------------------------------

  function HeaderOk(b: array<u64>): (ok: bool)
    requires b.Length <= TIMEMAX as int
    reads b
    ensures ok == B.HeaderOk(b[..])
  {
    var n := b.Length as u64;
    && 8 <= n <= LO32 / 8 && b[0 as u32] == MAGIC && b[1 as u32] == 1 && 0 < b[2 as u32] <= MAXCMDS && b[3 as u32] == n && 8 + 8 * b[2 as u32] <= n
    && Within(n, b[4 as u32], b[5 as u32]) && Within(n, b[6 as u32], b[7 as u32]) && (b[5 as u32] != 0 || b[7 as u32] == 0)
  }
  /** Are these words of a bundle of n? */
  function Within(n: u64, at: u64, words: u64): (b: bool)
    ensures b == if words == 0 then at == 0 else 8 <= at && at as int + words as int <= n as int
  {
    if words == 0 then at == 0 else 8 <= at && at <= n && words <= n - at
  }
  function Hashed(b: array<u64>, n: u32): (h: u64)
    requires n as int <= b.Length && n as u64 <= 8 + 8 * MAXCMDS
    reads b
    ensures h == B.HashOf(b[..], n as int)
  {
    B.HashOf(b[..], n as int)
  } by method {
    ghost var work := 1;
    ghost var w;
    h, w := Gates.Hashed(b, n);
    work := work + w;
    assert work <= HASHED_WORK;
  }
  const NOTABLE: u32 := 0xFFFF_FFFF
  /** How many words the kernel keeps of the policy that the header names at word i; 0 if there is none, NOTABLE if what is there is no policy. */
  function Checked(b: array<u64>, i: u32): (size: u32)
    requires b.Length < LO32 as int && B.HeaderOk(b[..]) && (i == 4 || i == 6)
    reads b
    ensures Names(b, i, size)
  {
    if b[i + 1] == 0 then 0 else if B.NoTable(b[..], i as int) then NOTABLE else Policy.Size(B.TableAt(b[..], i as int)) as u32
  } by method {
    hide Policy.Admissible, Policy.Size;
    ghost var work := 1;
    size := 0;
    if b[i + 1] != 0 {
      ghost var w;
      size, w := PolicyChecks.Admissible(b, b[i] as u32, b[i + 1] as u32);
      work := work + w;
      if size == 0 { size := NOTABLE; }
    }
    assert work <= CHECKED_WORK;
  }
  /** What Checked says of a bundle. */
  ghost predicate Names(b: array<u64>, i: u32, size: u32)
    requires b.Length < LO32 as int && B.HeaderOk(b[..]) && (i == 4 || i == 6)
    reads b
  {
    if size == NOTABLE then B.NoTable(b[..], i as int)
    else !B.NoTable(b[..], i as int) && (if size == 0 then b[i + 1] == 0
      else b[i + 1] != 0 && size as int == Policy.Size(B.TableAt(b[..], i as int)) && size as u64 <= b[i + 1])
  }
  method Begin(k: Core, bundle: array<u64>, now: u64) returns (status: u64, ghost work: nat)
    requires k.Good() && k.neff == 0 && bundle.Length < LO32 as int && bundle !in k.Repr()
    modifies k.Repr()
    ensures k.Inv() && k.Rooted()
    ensures Step.BeginStep(old(k.Abs()), old(bundle[..]), now) == Step.Result(k.Abs(), k.Effects(), status)
    ensures work <= BEGIN_WORK
  {
    hide *;
    work := 1;
    reveal Step.BeginStep, B.Begin, B.HeaderOk, Names, NOTABLE, Active, Settled, Limits.LO32, Limits.MAXCMDS, Status.OK, Limits.NPART, Limits.TIMEMAX, HASHED_WORK, BEGIN_WORK;
    Opened(k);
    if !Booting(k) || Begun(k) { status := Status.InvalidPartitionState; Refused(k, status, now); return; }
    if !HeaderOk(bundle) { status := Status.Unsupported; Refused(k, status, now); return; }
    var size1 := Checked(bundle, 4);
    work := work + CHECKED_WORK;
    var size2 := Checked(bundle, 6);
    work := work + CHECKED_WORK;
    if size1 == NOTABLE || size2 == NOTABLE { status := Status.ProofInvalid; Refused(k, status, now); return; }
    if !Room(k, 2) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    var hash := Hashed(bundle, (8 + 8 * bundle[2 as u32]) as u32);
    work := work + HASHED_WORK;
    ghost var w := Rule(k, bundle, size1, size2);
    work := work + w;
    Attest(k, old(k.Abs()), B.Ruled(bundle[..], 4) + B.Ruled(bundle[..], 6), bundle.Length as u64, hash, now);
    status := Status.OK;
  }
  /** The bundle's policies are the kernel's. */
  method Rule(k: Core, bundle: array<u64>, size1: u32, size2: u32) returns (ghost work: nat)
    requires Ready(k) && bundle.Length < LO32 as int && bundle !in k.Repr() && B.HeaderOk(bundle[..])
    requires size1 != NOTABLE && Names(bundle, 4, size1) && size2 != NOTABLE && Names(bundle, 6, size2)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == [] && bundle[..] == old(bundle[..])
    ensures k.Abs() == old(k.Abs()).(policies := B.Ruled(bundle[..], 4) + B.Ruled(bundle[..], 6))
    ensures work <= RULE_WORK
  {
    hide Policy.Admissible, B.HashOf;
    work := 1;
    ghost var w;
    k.Unruled();
    if size1 != 0 {
      w := k.Ruled(bundle, bundle[4 as u32] as u32, size1, B.TableAt(bundle[..], 4));
      work := work + w;
    }
    if size2 != 0 {
      w := k.Ruled(bundle, bundle[6 as u32] as u32, size2, B.TableAt(bundle[..], 6));
      work := work + w;
    }
  }
  lemma Opened(k: Core) requires k.Good() && k.neff == 0 ensures Ready(k) { reveal Ready(); }
  /** The bundle is attested, and its first policy is active if there is one. */
  method Attest(k: Core, ghost s: State.Kernel, ghost ps: seq<State.Ruleset>, words: u64, hash: u64, now: u64)
    requires Valid.Valid(s) && A.Tables(s) && Wit.Room(s.log, 0, 2)
    requires k.Inv() && k.Rooted() && k.Effects() == [] && k.Abs() == s.(policies := ps)
    modifies k.Repr()
    ensures Settled(k, s, B.Begun(Common.Verdict([Apply.Attest(words, hash)] + Active(ps), s.vol, []), ps), Status.OK, now)
  {
    hide *;
    reveal Active, k.Abs, A.Tables, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, A.WithVol, A.Do, Limits.NPART;
    ghost var a := Apply.Attest(words, hash);
    A.LogTables(k);
    A.Noted(s.log, a, 0, 2, now);
    k.Record(a, 0, 0x80, 0, 0, words, hash, now);
    if k.gate.Count() == 0 {
      One(s, a, now);
      assert [a] + Active(ps) == [a];
    } else {
      var digest := k.gate.Digest(1);
      ghost var b := Apply.PolicyActivate(0, 1, digest);
      Two(s, a, b, now);
      assert [a] + Active(ps) == [a, b];
      A.Noted(k.Abs().log, b, 0, 1, now);
      k.Record(b, 0, 0x86, 1, 0, 1, digest, now);
      k.Activate(1);
    }
    BegunIs(k, s, Common.Verdict([a] + Active(ps), s.vol, []), ps, now);
  }
  ghost function Active(ps: seq<State.Ruleset>): seq<Apply.Action> { if |ps| == 0 then [] else [Apply.PolicyActivate(0, 1, ps[0].digest)] }
  lemma BegunIs(k: Core, s: State.Kernel, v: Common.Verdict, ps: seq<State.Ruleset>, now: u64)
    requires Valid.Valid(s) && k.Inv() && k.Rooted() && k.Effects() == v.effects && A.Tables(s) && k.Abs() == A.WithVol(A.DoAll(s, v.acts, now), v.vol).(policies := ps)
    ensures Settled(k, s, B.Begun(v, ps), Status.OK, now)
  {
    reveal Settled();
  }
  lemma One(s: State.Kernel, a: Apply.Action, now: u64)
    requires A.Tables(s)
    ensures A.DoAll(s, [a], now) == A.Do(s, a, now) && Wit.Tables(s.log)
  {
    A.None(s, now);
    A.More(s, [], a, now);
    assert [] + [a] == [a];
  }
  lemma Two(s: State.Kernel, a: Apply.Action, b: Apply.Action, now: u64)
    requires A.Tables(s)
    ensures A.DoAll(s, [a, b], now) == A.Do(A.Do(s, a, now), b, now)
  {
    A.None(s, now);
    K.TwoMore(s, [], a, b, now);
    assert [] + [a, b] == [a, b];
  }

  // ---- commands -------------------------------------------------------------------------------------------------------------

  /** Would the tables of an empty map suffice? The hypervisor's own map is empty. */
  function Fits(k: Core, v: u32, n: u32): (b: bool)
    requires Ready(k) && v as int + n as int <= IPAPAGES as int && n as u64 <= MAXMAP
    reads k.Repr()
    ensures b == M.Fits(M.EmptyMap, v, n)
  {
    assert 1 + R.FITS_WORK <= FITS_WORK;
    assert k.Abs().st.maps[0 as u32] == M.EmptyMap;
    R.Fits(k, 0, v, n)
  }
  method Image(k: Core, ghost w: B.Words, offset: u64, bytes: u64, page: u64, code: u64, data: u64, entry: u64, size: u64, now: u64)
    returns (status: u64, ghost work: nat)
    requires Ready(k) && w[1] == offset && w[2] == bytes && w[3] == page && w[4] == code && w[5] == data && w[6] == entry
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.ImageCommand(old(k.Abs()), w, size), status, now)
    ensures work <= IMAGE_WORK
  {
    hide *;
    work := 1;
    reveal B.ImageCommand, Settled, Step.Settle, Limits.NIMAGE, Limits.LO32, Limits.MAXMAP, Limits.IPAPAGES, Status.OK, IMAGE_WORK;
    if K.Images(k) >= NIMAGE { status := Status.ResourceLimitExceeded; Refused(k, status, now); return; }
    if size > LO32 / 8 || offset > size || bytes > (size - offset) * 8 { status := Status.ResourceLimitExceeded; Refused(k, status, now); return; }
    if code == 0 || code > MAXMAP || data > MAXMAP - code || page > IPAPAGES - code - data || bytes > (code + data) * 4096 {
      status := Status.MemoryOverlap;
      Refused(k, status, now);
      return;
    }
    work := work + FITS_WORK;
    if !Fits(k, page as u32, (code + data) as u32) { status := Status.OutOfMemory; Refused(k, status, now); return; }
    CoreMemory.AddImage(k, offset * 8, bytes, page, code, data, entry);
    status := Status.OK;
  }
  method Partition(k: Core, ghost w: B.Words, image: u64, slice: u64, rel: u64, budget: u64, quota: u64, name: u64, name2: u64, now: u64)
    returns (status: u64, ghost work: nat)
    requires Ready(k) && w[1] == image && w[2] == slice && w[3] == rel && w[4] == budget && w[5] == quota && w[6] == name && w[7] == name2
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.PartitionCommand(old(k.Abs()), w), status, now)
    ensures work <= PARTITION_WORK
  {
    hide *;
    work := 1;
    reveal B.PartitionCommand, D.Place, D.RECORDS, K.Later, K.Makable, K.Fitting, Status.OK, Status.OutOfMemory, PARTITION_WORK;
    reveal Limits.NREGION, Limits.NPART, Limits.RING, Limits.NIMAGE, Limits.LO32, Limits.MAXMAP, Limits.IPAPAGES;
    if image >= K.Images(k) as u64 { status := Status.PartitionNotFound; Refused(k, status, now); return; }
    var p := P.FreePart(k);
    work := work + P.FREE_PART_WORK;
    P.ImageFits(k.Abs(), image);
    P.FreeSlotFits(k.Abs(), 0);
    if p == NPART { status := Status.PartitionLimitExceeded; Refused(k, status, now); return; }
    if slice < MINSLICE || slice >= LO32 || rel >= LO32 || budget >= LO32 || quota == 0 || quota > RING {
      status := Status.ResourceLimitExceeded;
      Refused(k, status, now);
      return;
    }
    var code, data := K.Word(k, image as u32, 3), K.Word(k, image as u32, 4);
    var c := K.Slot(k, code);
    work := work + K.SLOT_WORK;
    if c == NREGION { status := Status.OutOfMemory; Refused(k, status, now); return; }
    var cf := K.Frame(k, c, code);
    var d := if data == 0 then 0 else K.SecondSlot(k, c, p, code, cf, data);
    work := work + K.SECOND_SLOT_WORK;
    if d == NREGION { status := Status.OutOfMemory; Refused(k, status, now); return; }
    var df := if data == 0 then 0 else K.SecondFrame(k, c, p, code, cf, d, data);
    if !Room(k, quota + 8) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    ghost var s, i := k.Abs(), k.Abs().images[image];
    ghost var x, l := D.Plan(p, image, slice, rel, quota, budget, name, name2), D.Places(Status.OK, c, cf, d, df);
    ghost var made := K.Make(k, 0, image as u32, p, slice, rel, quota, budget, name, name2, c, cf, d, df, now, i);
    work := work + made;
    status := Status.OK;
    Done(k, s, Common.Verdict(D.Making(0, x, i, l), D.Prepared(s.vol, x, i.entry), D.Filling(x, i, l)), now);
  }
  method Map(k: Core, ghost w: B.Words, p: u64, r: u64, page: u64, first: u64, n: u64, perm: u64, now: u64) returns (status: u64, ghost work: nat)
    requires Ready(k) && w[1] == p && w[2] == r && w[3] == page && w[4] == first && w[5] == n && w[6] == perm
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.MapCommand(old(k.Abs()), w), status, now)
    ensures work <= MAP_WORK
  {
    hide *;
    work := 1;
    reveal B.MapCommand, B.Below, Status.OK, Limits.NREGION, Limits.NPART, Limits.IPAPAGES, Limits.MAXMAP, Common.MAPSYNC, A.WithVol, A.DoAll, k.Effects;
    reveal MAP_WORK;
    if !Exists(k, p) { status := Status.PartitionNotFound; Refused(k, status, now); return; }
    if r >= NREGION as u64 { status := Status.InsufficientCapability; Refused(k, status, now); return; }
    if !R.MayMap(k, r as u32, p as u32) { status := Status.InsufficientCapability; Refused(k, status, now); return; }
    if R.Leased(k, p as u32, r as u32) { status := Status.InsufficientCapability; Refused(k, status, now); return; }
    if page >= IPAPAGES { status := Status.AlignmentError; Refused(k, status, now); return; }
    status := R.MapCheck(k, p as u32, r as u32, page * 4096, first, n, perm);
    work := work + R.MAP_CHECK_WORK;
    if status != Status.OK { Refused(k, status, now); return; }
    if !Room(k, 1) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    R.Checked(k.Abs(), p as u32, r as u32, page * 4096, first, n, perm);
    assert page * 4096 / 4096 == page;
    ghost var a, s := Apply.RegionMap(0, p as u32, r as u32, page as u32, first, n as u32, perm as u32), k.Abs();
    One(s, a, now);
    ghost var mapped := A.Map(k, 0, p as u32, r as u32, page as u32, first, n as u32, perm as u32, now, 1);
    work := work + mapped;
    k.Emit(11, p, 0, 0);
    Done(k, s, Common.Verdict([a], s.vol, [Common.Effect(11, p, 0, 0)]), now);
  }
  method Edge(k: Core, ghost w: B.Words, src: u64, dst: u64, cap: u64, rs: u64, rd: u64, now: u64) returns (status: u64, ghost work: nat)
    requires Ready(k) && w[1] == src && w[2] == dst && w[3] == cap && w[4] == rs && w[5] == rd
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.EdgeCommand(old(k.Abs()), w), status, now)
    ensures work <= EDGE_WORK
  {
    hide *;
    work := 1;
    reveal B.EdgeCommand, Status.OK, Limits.NEDGE, Limits.NPART, Limits.CSLOTS, Limits.QDEPTH, Limits.LO32, Rights.ALL, A.WithVol, A.DoAll, EDGE_WORK;
    if !Exists(k, src) || !Exists(k, dst) || src == dst { status := Status.PartitionNotFound; Refused(k, status, now); return; }
    var e, ss, ds := CoreEdges.FreeEdge(k), FreeSlot(k, src as u32), FreeSlot(k, dst as u32);
    work := work + CoreEdges.FREE_EDGE_WORK + FREE_SLOT_WORK + FREE_SLOT_WORK;
    if cap == 0 || cap > QDEPTH as u64 || rs > Rights.ALL as u64 || rd > Rights.ALL as u64 || e == NEDGE || ss == CSLOTS || ds == CSLOTS {
      status := Status.ResourceLimitExceeded;
      Refused(k, status, now);
      return;
    }
    if !Room(k, 3) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    ghost var s := k.Abs();
    CoreEdges.Connect(k, 0, e, src as u32, ss, dst as u32, ds, cap as u32, rs as u32, rd as u32, now);
    status := Status.OK;
    Done(k, s, Common.Verdict(DE.Connect(s, 0, e, src as u32, ss, dst as u32, ds, cap as u32, rs as u32, rd as u32), s.vol, []), now);
  }
  method Cap(k: Core, ghost w: B.Words, p: u64, kind: u64, obj: u64, rights: u64, now: u64) returns (status: u64, ghost work: nat)
    requires Ready(k) && w[1] == p && w[2] == kind && w[3] == obj && w[4] == rights
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.CapCommand(old(k.Abs()), w), status, now)
    ensures work <= CAP_WORK
  {
    hide *;
    work := 1;
    reveal B.CapCommand, B.Grantable, Status.OK, Limits.NPART, Limits.NREGION, Limits.CSLOTS, Limits.LO32, Rights.ALL, A.WithVol, A.DoAll, Caps.ObjectInRange;
    reveal CAP_WORK;
    reveal Kinds.None, Kinds.Region, Kinds.Partition, Kinds.CommEdge, Kinds.DeviceLease, Kinds.WitnessLog, Kinds.PhysMemPool, Kinds.Console, Kinds.Policy;
    if !Exists(k, p) { status := Status.PartitionNotFound; Refused(k, status, now); return; }
    if !Grantable(k, kind, obj) { status := Status.CapabilityTypeMismatch; Refused(k, status, now); return; }
    var slot := FreeSlot(k, p as u32);
    work := work + FREE_SLOT_WORK;
    if slot == CSLOTS || rights > Rights.ALL as u64 { status := Status.ResourceLimitExceeded; Refused(k, status, now); return; }
    if !Room(k, 1) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    ghost var a, s := Apply.CapGrant(0, p as u32, slot, kind as u32, obj as u32, rights as u32), k.Abs();
    One(s, a, now);
    A.Grant(k, 0, p as u32, slot, kind as u32, obj as u32, rights as u32, now, 1);
    status := Status.OK;
    Done(k, s, Common.Verdict([a], s.vol, []), now);
  }
  function Grantable(k: Core, kind: u64, obj: u64): (b: bool)
    requires Ready(k)
    reads k.Repr()
    ensures b == B.Grantable(k.Abs(), kind, obj) && (b && kind == Kinds.Partition as u64 ==> obj < NPART as u64) && (b ==> obj < LO32) && (b && kind == Kinds.Region as u64 ==> obj < NREGION as u64)
  {
    if kind == Kinds.Partition as u64 then Exists(k, obj)
    else if kind == Kinds.Region as u64 then obj < NREGION as u64 && k.regions.Owner(obj as u32) == EVERYBODY
    else if kind == Kinds.DeviceLease as u64 then obj < Devices(k) as u64
    else (kind == Kinds.WitnessLog as u64 || kind == Kinds.PhysMemPool as u64 || kind == Kinds.Console as u64 || kind == Kinds.Policy as u64) && obj == 0
  }
  /** How many devices are listed. */
  function Devices(k: Core): (n: u32)
    requires k.Inv()
    reads k.Repr()
    ensures n as int == |k.Abs().devices|
  {
    k.gate.leases.Count()
  }
  function Ram(k: Core): (f: u64)
    requires k.Inv()
    reads k.Repr()
    ensures f == k.Abs().machine.ram
  {
    k.ram
  }
  lemma LowRam(k: Core)
    requires Ready(k)
    ensures Ram(k) <= M.FRAMES
  {}
  method Device(k: Core, ghost w: B.Words, frame: u64, pages: u64, now: u64) returns (status: u64)
    requires Ready(k) && w[1] == frame && w[2] == pages
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.DeviceCommand(old(k.Abs()), w), status, now)
  {
    hide *;
    reveal B.DeviceCommand, Settled, Step.Settle, Limits.NDEVICE, Limits.MAXMAP, Limits.TIMEMAX, M.FRAMES, Limits.FRAMES, M.DeviceAllowed, Status.OK;
    LowRam(k);
    if Devices(k) >= NDEVICE || pages == 0 || pages > MAXMAP { status := Status.ResourceLimitExceeded; Refused(k, status, now); return; }
    if frame > Ram(k) || !Allowed(k, frame, pages) { status := Status.DeviceLeaseConflict; Refused(k, status, now); return; }
    k.List(frame, pages);
    status := Status.OK;
  }
  method Start(k: Core, ghost w: B.Words, p: u64, now: u64) returns (status: u64, ghost work: nat)
    requires Ready(k) && w[1] == p
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.StartCommand(old(k.Abs()), w, now), status, now)
    ensures work <= START_WORK
  {
    hide *;
    work := 1;
    reveal B.StartCommand, Status.OK, Limits.NPART, A.WithVol, A.DoAll, S.SetLife, State.Sized, Kinds.Created, Kinds.Started, Kinds.Stopped, Kinds.Ready;
    reveal START_WORK;
    if !Exists(k, p) || P.Life(k, p as u32) != Kinds.Created { status := Status.InvalidPartitionState; Refused(k, status, now); return; }
    if !Room(k, 1) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    P.NotStarted(k.Abs(), p as u32);
    CoreTasks.Sized(k);
    ghost var a, s := Apply.PartitionStart(0, p as u32), k.Abs();
    One(s, a, now);
    A.Start(k, 0, p as u32, now, 1);
    ghost var entered := k.MakeReady(p as u32, now);
    work := work + entered;
    status := Status.OK;
    Done(k, s, Common.Verdict([a], s.vol.(sched := S.MakeReady(s.vol.sched, p as u32, s.st.parts[p].rel, now)), []), now);
  }
  function Anybody(k: Core): (b: bool)
    requires k.Inv()
    reads k.Repr()
    ensures b == (|k.Abs().vol.sched.ready| != 0)
  {
    k.sched.count != 0
  }
  method End(k: Core, now: u64) returns (status: u64, ghost work: nat)
    requires Ready(k)
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.EndCommand(old(k.Abs()), now), status, now)
    ensures work <= END_WORK
  {
    hide *;
    work := 1;
    reveal B.EndCommand, State.Sized, Step.Settle, Settled, Status.OK, Limits.NPART, A.WithVol, A.DoAll, A.Do, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged;
    reveal END_WORK;
    if !Anybody(k) || CoreTasks.Cur(k) != 0 { status := Status.InvalidPartitionState; Refused(k, status, now); return; }
    if !Room(k, 1) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    CoreTasks.Sized(k);
    var parts := P.FreePart(k) as u64 - 1;
    work := work + P.FREE_PART_WORK;
    ghost var a, s := Apply.BootComplete(parts), k.Abs();
    One(s, a, now);
    A.Noted(s.log, a, 0, 1, now);
    ghost var v := Common.Verdict([a], s.vol.(sched := S.Dispatch(s.vol.sched, s.st.parts, now)), []);
    A.CommitIs(s, v, now);
    k.Record(a, 0, 0x82, 0, 0, parts, 0, now);
    CoreTasks.Dispatch(k, 0, now);
    CoreMemory.EndBoot(k);
    status := Status.OK;
  }

  // ---- REGION ---------------------------------------------------------------------------------------------------------------

  function Off(frame: u64, pages: u64, lo: u64, n: u64): (b: bool)
    requires frame as int + pages as int <= TIMEMAX as int
    ensures b == M.Off(frame, pages, lo, n)
  {
    frame + pages <= lo || (lo <= frame && n <= frame - lo)
  }
  function Allowed(k: Core, frame: u64, pages: u64): (b: bool)
    requires Ready(k) && frame as int + pages as int <= TIMEMAX as int
    reads k.Repr()
    ensures b == M.DeviceAllowed(k.Abs().machine, frame, pages) && (b ==> frame as int + pages as int <= k.Abs().st.memory.next as int)
  {
    frame + pages <= k.ram && Off(frame, pages, k.uart, 1) && Off(frame, pages, k.gicd, 16) && Off(frame, pages, k.gicr, k.gicrPages)
  }
  function DeviceFree(k: Core, frame: u64, pages: u64): (b: bool)
    requires k.Inv() && frame as int + pages as int <= k.Abs().st.memory.next as int
    reads k.Repr()
    ensures b == M.DeviceFree(k.Abs().st.memory, frame, pages)
  {
    M.DeviceFree(k.Abs().st.memory, frame, pages)
  } by method {
    ghost var work := 1;
    k.regions.Bounds();
    ghost var w;
    b, w := k.regions.DeviceFree(frame, pages);
    work := work + w;
    assert work <= DEVICE_FREE_WORK;
  }
  function Virgin(k: Core): (r: u32)
    requires k.Inv()
    reads k.Repr()
    ensures r == M.VirginFrom(k.Abs().st.memory, 0) && r <= NREGION && (r < NREGION ==> k.Abs().st.memory.regions[r].gen <= GENMAX)
  {
    RegionFacts.ReuseIsFree(k.Abs().st.memory, 0, 0);
    M.VirginFrom(k.Abs().st.memory, 0)
  } by method {
    ghost var work := 1;
    RegionFacts.ReuseIsFree(k.Abs().st.memory, 0, 0);
    ghost var w;
    r, w := k.regions.VirginSlot();
    work := work + w;
    assert work <= VIRGIN_WORK;
  }
  method Region(k: Core, ghost w: B.Words, owner: u64, policy: u64, pages: u64, frame: u64, rights: u64, now: u64)
    returns (status: u64, ghost work: nat)
    requires Ready(k) && w[1] == owner && w[2] == policy && w[3] == pages && w[4] == frame && w[5] == rights
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.RegionCommand(old(k.Abs()), w), status, now)
    ensures work <= REGION_WORK
  {
    hide *;
    work := 1;
    reveal B.RegionCommand, Both, Kinds.Slab, Status.OK, Limits.NREGION, Limits.NPART, Limits.CSLOTS, Limits.LO32, Limits.MAXMAP, Limits.TIMEMAX, Kinds.Device, Rights.ALL;
    reveal REGION_WORK;
    if !Exists(k, owner) { status := Status.PartitionNotFound; Refused(k, status, now); return; }
    if policy > Kinds.Device as u64 { status := Status.CapabilityTypeMismatch; Refused(k, status, now); return; }
    if pages == 0 || pages > MAXMAP * 16 || frame >= LO32 || rights > Rights.ALL as u64 { status := Status.ResourceLimitExceeded; Refused(k, status, now); return; }
    var device := policy == Kinds.Device as u64;
    var r := if device then Virgin(k) else K.Slot(k, pages);
    work := work + VIRGIN_WORK + K.SLOT_WORK;
    var slot := FreeSlot(k, owner as u32);
    work := work + FREE_SLOT_WORK;
    if r == NREGION || slot == CSLOTS { status := Status.OutOfMemory; Refused(k, status, now); return; }
    work := work + DEVICE_FREE_WORK;
    if device && (!Allowed(k, frame, pages) || !DeviceFree(k, frame, pages)) { status := Status.DeviceLeaseConflict; Refused(k, status, now); return; }
    if !Room(k, 2) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    if device {
      status := Lease(k, owner as u32, r, pages, frame, slot, rights as u32, now);
    } else {
      status := Give(k, owner as u32, r, policy as u32, pages, K.Frame(k, r, pages), slot, rights as u32, now);
    }
  }
  ghost function Both(owner: u32, r: u32, policy: u32, pages: u64, frame: u64, slot: u32, rights: u32): seq<Apply.Action> {
    [Apply.RegionCreate(0, r, owner, policy, pages, frame), Apply.CapGrant(0, owner, slot, Kinds.Region, r, rights)]
  }
  method Lease(k: Core, owner: u32, r: u32, pages: u64, frame: u64, slot: u32, rights: u32, now: u64) returns (status: u64)
    requires Ready(k) && 0 < owner < NPART && slot < CSLOTS && k.Abs().st.caps[owner * CSLOTS + slot].gen < GENMAX && Wit.Room(k.Abs().log, 0, 2)
    requires r < NREGION && k.Abs().st.memory.regions[r].gen <= GENMAX && 0 < pages && frame as int + pages as int <= k.Abs().st.memory.next as int && M.DeviceFree(k.Abs().st.memory, frame, pages)
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.Done(Common.Verdict(Both(owner, r, Kinds.Device, pages, frame, slot, rights), old(k.Abs()).vol, [])), status, now)
  {
    hide *;
    reveal Both, Status.OK, Limits.NPART, Caps.ObjectInRange, Kinds.None, Kinds.Region, Kinds.Partition, Kinds.CommEdge, A.WithVol, A.DoAll;
    ghost var s := k.Abs();
    ghost var acts := Both(owner, r, Kinds.Device, pages, frame, slot, rights);
    Two(s, acts[0], acts[1], now);
    A.Device(k, 0, r, owner, pages, frame, now, 2);
    A.Grant(k, 0, owner, slot, Kinds.Region, r, rights, now, 1);
    status := Status.OK;
    Done(k, s, Common.Verdict(acts, s.vol, []), now);
  }
  method Give(k: Core, owner: u32, r: u32, policy: u32, pages: u64, frame: u64, slot: u32, rights: u32, now: u64) returns (status: u64)
    requires Ready(k) && 0 < owner < NPART && slot < CSLOTS && k.Abs().st.caps[owner * CSLOTS + slot].gen < GENMAX && Wit.Room(k.Abs().log, 0, 2)
    requires policy <= Kinds.Slab && 0 < pages && r < NREGION && r == M.Pick(k.Abs().st.memory, pages) && frame == M.PickFrame(k.Abs().st.memory, pages)
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.Done(Common.Verdict(Both(owner, r, policy, pages, frame, slot, rights), old(k.Abs()).vol, [Common.Effect(Common.ZERO, frame, pages, 0)])),
                    status, now)
  {
    hide *;
    reveal Both, Status.OK, Limits.NPART, Limits.EVERYBODY, M.PolicyOk, Kinds.Slab, Kinds.Device, Caps.ObjectInRange, Kinds.None, Kinds.Region, Kinds.Partition, Kinds.CommEdge, A.WithVol, A.DoAll, k.Effects, Common.ZERO;
    ghost var s := k.Abs();
    ghost var acts := Both(owner, r, policy, pages, frame, slot, rights);
    Two(s, acts[0], acts[1], now);
    A.Ram(k, 0, r, owner, policy, pages, frame, now, 2);
    A.Grant(k, 0, owner, slot, Kinds.Region, r, rights, now, 1);
    k.Emit(2, frame, pages, 0);
    status := Status.OK;
    Done(k, s, Common.Verdict(acts, s.vol, [Common.Effect(Common.ZERO, frame, pages, 0)]), now);
  }

  /** A region that is everybody's, with bytes of the bundle in it. */
  method Shared(k: Core, ghost w: B.Words, pages: u64, offset: u64, bytes: u64, size: u64, now: u64) returns (status: u64, ghost work: nat)
    requires Ready(k) && w[1] == pages && w[2] == offset && w[3] == bytes
    modifies k.Repr()
    ensures Settled(k, old(k.Abs()), B.SharedCommand(old(k.Abs()), w, size), status, now)
    ensures work <= SHARED_WORK
  {
    hide *;
    work := 1;
    reveal B.SharedCommand, M.PolicyOk, k.Effects, A.WithVol, A.DoAll, Status.OK, Common.ZERO, Common.COPY, SHARED_WORK;
    reveal Kinds.Device, Kinds.Shared, Limits.EVERYBODY, Limits.NREGION, Limits.LO32, Limits.MAXMAP, Limits.NPART;
    if pages == 0 || pages > MAXMAP * 16 || bytes > pages * 4096 { status := Status.ResourceLimitExceeded; Refused(k, status, now); return; }
    if size > LO32 / 8 || offset > size || bytes > (size - offset) * 8 { status := Status.ResourceLimitExceeded; Refused(k, status, now); return; }
    var r := K.Slot(k, pages);
    work := work + K.SLOT_WORK;
    if r == NREGION { status := Status.OutOfMemory; Refused(k, status, now); return; }
    if !Room(k, 1) { status := Status.WitnessLogFull; Refused(k, status, now); return; }
    var f := K.Frame(k, r, pages);
    ghost var a, s := Apply.RegionCreate(0, r, EVERYBODY, Kinds.Shared, pages, f), k.Abs();
    One(s, a, now);
    A.Ram(k, 0, r, EVERYBODY, Kinds.Shared, pages, f, now, 1);
    k.Emit(2, f, pages, 0);
    k.Emit(3, f, offset * 8, bytes);
    status := Status.OK;
    Done(k, s, Common.Verdict([a], s.vol, [Common.Effect(Common.ZERO, f, pages, 0), Common.Effect(Common.COPY, f, offset * 8, bytes)]), now);
  }

  // ---- any command ----------------------------------------------------------------------------------------------------------

  /** The command in the eight words from `at` on. status: OK, or why it is refused; then nothing has changed. */
  method Command(k: Core, bundle: array<u64>, at: u32, now: u64) returns (status: u64, ghost work: nat)
    requires k.Good() && k.neff == 0 && at as int + 8 <= bundle.Length <= TIMEMAX as int && bundle !in k.Repr()
    modifies k.Repr()
    ensures k.Inv() && k.Rooted()
    ensures Step.BootStep(old(k.Abs()), old(bundle[at..at as int + 8]), bundle.Length as u64, now) == Step.Result(k.Abs(), k.Effects(), status)
    ensures work <= COMMAND_WORK
  {
    hide *;
    work := 1;
    reveal Step.BootStep, B.Command, Settled, Limits.TIMEMAX, COMMAND_WORK;
    Opened(k);
    if !Booting(k) || !Begun(k) { status := Status.InvalidPartitionState; Refused(k, status, now); return; }
    var b := at as u64;
    ghost var w: B.Words := bundle[at..at as int + 8];
    var op, x1, x2, x3, x4 := bundle[b], bundle[b + 1], bundle[b + 2], bundle[b + 3], bundle[b + 4];
    var x5, x6, x7 := bundle[b + 5], bundle[b + 6], bundle[b + 7];
    CommandsAreLess();
    ghost var n;
    if      op == 1 { status, n := Image(k, w, x1, x2, x3, x4, x5, x6, bundle.Length as u64, now); work := work + n; }
    else if op == 2 { status, n := Partition(k, w, x1, x2, x3, x4, x5, x6, x7, now); work := work + n; }
    else if op == 3 { status, n := Region(k, w, x1, x2, x3, x4, x5, now); work := work + n; }
    else if op == 4 { status, n := Map(k, w, x1, x2, x3, x4, x5, x6, now); work := work + n; }
    else if op == 5 { status, n := Edge(k, w, x1, x2, x3, x4, x5, now); work := work + n; }
    else if op == 6 { status, n := Cap(k, w, x1, x2, x3, x4, now); work := work + n; }
    else if op == 7 { status, n := Start(k, w, x1, now); work := work + n; }
    else if op == 8 { status, n := End(k, now); work := work + n; }
    else if op == 9 { status, n := Shared(k, w, x1, x2, x3, bundle.Length as u64, now); work := work + n; }
    else if op == 10 { status := Device(k, w, x1, x2, now); }
    else            { status := Status.Unsupported; Refused(k, status, now); }
  }
}
