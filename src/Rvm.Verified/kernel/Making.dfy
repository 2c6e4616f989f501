include "Actions.dfy"

/** What makes a partition, at boot and at run time: identity, schedule, quota, memory filled from an image. */
module {:compile false} MakingFacts {
  import opened Types
  import opened Limits
  import opened State
  import Kinds
  import M = Memory
  import D = DecidePartition
  import RangeFacts
  import RegionFacts

  lemma KeysSplit(keys: seq<u32>, v: u32, a: u32, b: u32)
    requires v as int + a as int + b as int <= IPAPAGES as int
    ensures M.KeysForRange(keys, v, a + b) == M.KeysForRange(M.KeysForRange(keys, v, a), v + a, b)
    decreases b
  {
    if b > 0 { KeysSplit(keys, v, a, b - 1); }
  }
  /** If a map has tables for a + b pages, it has them for the first a. */
  lemma FirstFits(v: u32, a: u32, b: u32)
    requires v as int + a as int + b as int <= IPAPAGES as int && M.Fits(M.EmptyMap, v, a + b)
    ensures M.Fits(M.EmptyMap, v, a) && M.Unmapped(M.EmptyMap, v, a)
  {
    RangeFacts.KeysGrow(M.EmptyMap.keys, v, a, a + b);
  }
  /** … and for the others after them. */
  lemma SecondFits(v: u32, a: u32, b: u32, frame: u64, perm: u32, r: u32)
    requires v as int + a as int + b as int <= IPAPAGES as int && M.Fits(M.EmptyMap, v, a + b) && frame as int + a as int <= M.FRAMES as int
    ensures var m := M.MapRange(M.EmptyMap, v, a, frame, perm, r); M.Fits(m, v + a, b) && M.Unmapped(m, v + a, b)
  {
    var m := M.MapRange(M.EmptyMap, v, a, frame, perm, r);
    KeysSplit(M.EmptyMap.keys, v, a, b);
    RangeFacts.RangeKeys(M.EmptyMap, v, a, frame, perm, r);
    forall w | w in m.pages ensures !M.InRun(w, v + a, b) { RangeFacts.RangePages(M.EmptyMap, v, a, frame, perm, r, w); }
  }
  /** Where a region's frames begin can be seen from its slot. */
  lemma FrameOf(m: State.Memory, n: u64)
    requires M.Table(m) && n > 0 && M.Pick(m, n) < NREGION
    ensures var r := M.Pick(m, n); m.regions[r].owner == 0 && M.PickFrame(m, n) == if m.regions[r].pages == n then m.regions[r].frame else m.next
  {
    RegionFacts.ReuseIsFree(m, n, 0);
    RegionFacts.ReuseIsFree(m, 0, 0);
  }
}

module Making {
  import opened Types
  import opened Limits
  import opened CoreState
  import CoreCommon
  import CoreMemory
  import CoreTasks
  import A = Actions
  import MakingFacts
  import Status
  import Kinds
  import State
  import Apply
  import Common
  import Valid
  import D = DecidePartition
  import M = Memory
  import S = Scheduler
  import Wit = Witness
  import RT = RegionTables
  import S2 = Stage2

  // Most steps of work (spec/Cost.dfy). Code and data share the tables of one map.
  ghost const SLOT_WORK: nat := 1 + RT.PICK_WORK
  ghost const REUSE_WORK: nat := 1 + NREGION as nat
  ghost const SECOND_SLOT_WORK: nat := 1 + REUSE_WORK + REUSE_WORK
  ghost const BODY_WORK: nat := 1 + A.SPAWN_WORK + A.PAGES_WORK                    // beside the tables
  ghost const DATA_WORK: nat := 1 + A.PAGES_WORK                                   // beside the tables
  ghost const BUILD_WORK: nat := 1 + BODY_WORK + DATA_WORK + S2.ALL_TABLES_WORK
  ghost const PREPARE_WORK: nat := 1 + CoreMemory.CLEAR_REGS_WORK
  ghost const MAKE_WORK: nat := 1 + BUILD_WORK + PREPARE_WORK

  // ---- images ---------------------------------------------------------------------------------------------------------------

  function Images(k: Core): (n: u32)
    requires k.Inv()
    reads k.Repr()
    ensures n as int == |k.Abs().images| && n <= NIMAGE
  {
    k.nimg
  }
  /** Word n of image i. */
  function Word(k: Core, i: u32, n: u32): (x: u64)
    requires k.Inv() && i as int < |k.Abs().images| && n < 6
    reads k.Repr()
    ensures var g := k.Abs().images[i];
            x == if n == 0 then g.offset else if n == 1 then g.bytes else if n == 2 then g.page else if n == 3 then g.code else if n == 4 then g.data else g.entry
  {
    k.img[i * 8 + n]
  }

  // ---- memory ---------------------------------------------------------------------------------------------------------------

  /** The slot of a new region of RAM; NREGION: none. */
  function Slot(k: Core, pages: u64): (r: u32)
    requires k.Inv() && pages > 0
    reads k.Repr()
    ensures r == M.Pick(k.Abs().st.memory, pages) && r <= NREGION
  {
    M.Pick(k.Abs().st.memory, pages)
  } by method {
    ghost var work := 1;
    var f;
    ghost var w;
    r, f, w := k.regions.Pick(pages);
    work := work + w;
    assert work <= SLOT_WORK;
  }
  /** The frames of the new region in slot r. */
  function Frame(k: Core, r: u32, pages: u64): (f: u64)
    requires k.Inv() && pages > 0 && r < NREGION && r == M.Pick(k.Abs().st.memory, pages)
    reads k.Repr()
    ensures f == M.PickFrame(k.Abs().st.memory, pages)
  {
    MakingFacts.FrameOf(k.Abs().st.memory, pages);
    k.regions.Bounds();
    if k.regions.Pages(r) == pages then k.regions.Frame(r) else k.regions.next
  }
  /** The memory once region c has been made for p. */
  ghost function Later(m: State.Memory, c: u32, p: u32, code: u64, frame: u64): State.Memory
    requires M.Table(m) && c < NREGION
  {
    M.Create(m, c, p, Kinds.Immutable, code, frame)
  }
  /** A free slot with n frames that is not c; NREGION: none. */
  method Reuse(k: Core, c: u32, p: u32, code: u64, frame: u64, n: u64) returns (r: u32, ghost work: nat)
    requires k.Inv() && c < NREGION && p != 0
    ensures r == M.ReuseFrom(Later(old(k.Abs()).st.memory, c, p, code, frame), n, 0) && r <= NREGION
    ensures work <= REUSE_WORK
  {
    work := 1;
    ghost var m := Later(k.Abs().st.memory, c, p, code, frame);
    r := 0;
    while r < NREGION && (r == c || k.regions.Owner(r) != 0 || k.regions.Pages(r) != n || k.regions.Gen(r) > GENMAX)
      invariant r <= NREGION && M.ReuseFrom(m, n, 0) == M.ReuseFrom(m, n, r) && work == 1 + r as int
    {
      work := work + 1;
      r := r + 1;
    }
  }
  /** Where untouched RAM will begin. */
  function Next(k: Core, ghost c: u32, ghost p: u32, code: u64, frame: u64): (f: u64)
    requires k.Inv() && c < NREGION
    reads k.Repr()
    ensures f == Later(k.Abs().st.memory, c, p, code, frame).next && f <= k.Abs().st.memory.limit
  {
    k.regions.Bounds();
    if frame == k.regions.next && code <= k.regions.limit - k.regions.next then k.regions.next + code else k.regions.next
  }
  /** The slot of a second new region, once region c has been made. */
  function SecondSlot(k: Core, c: u32, p: u32, code: u64, frame: u64, data: u64): (r: u32)
    requires k.Inv() && c < NREGION && p != 0 && data > 0
    reads k.Repr()
    ensures r == M.Pick(Later(k.Abs().st.memory, c, p, code, frame), data) && r <= NREGION
  {
    M.Pick(Later(k.Abs().st.memory, c, p, code, frame), data)
  } by method {
    ghost var work := 1;
    ghost var w;
    r, w := Reuse(k, c, p, code, frame, data);
    work := work + w;
    k.gate.Stays();
    if r < NREGION {
      assert work <= SECOND_SLOT_WORK;
      return;
    }
    k.regions.Bounds();
    if data <= k.regions.limit - Next(k, c, p, code, frame) {
      r, w := Reuse(k, c, p, code, frame, 0);
      work := work + w;
    }
    assert work <= SECOND_SLOT_WORK;
  }
  function SecondFrame(k: Core, ghost c: u32, ghost p: u32, code: u64, frame: u64, r: u32, data: u64): (f: u64)
    requires k.Inv() && c < NREGION && p != 0 && data > 0 && r < NREGION && r == M.Pick(Later(k.Abs().st.memory, c, p, code, frame), data)
    reads k.Repr()
    ensures f == M.PickFrame(Later(k.Abs().st.memory, c, p, code, frame), data)
  {
    MakingFacts.FrameOf(Later(k.Abs().st.memory, c, p, code, frame), data);
    if k.regions.Pages(r) == data then k.regions.Frame(r) else Next(k, c, p, code, frame)
  }

  // ---- making ---------------------------------------------------------------------------------------------------------------

  lemma Five(s: State.Kernel, a: Apply.Action, b: Apply.Action, c: Apply.Action, d: Apply.Action, e: Apply.Action, now: u64)
    requires A.Tables(s)
    ensures A.DoAll(s, [a, b, c, d, e], now) == A.Do(A.Do(A.Do(A.Do(A.Do(s, a, now), b, now), c, now), d, now), e, now)
  {
    hide A.Do, A.DoAll;
    A.None(s, now);
    A.More(s, [], a, now);
    A.More(s, [a], b, now);
    A.More(s, [a, b], c, now);
    A.More(s, [a, b, c], d, now);
    A.More(s, [a, b, c, d], e, now);
    assert [] + [a] == [a] && [a] + [b] == [a, b] && [a, b] + [c] == [a, b, c];
    assert [a, b, c] + [d] == [a, b, c, d] && [a, b, c, d] + [e] == [a, b, c, d, e];
  }
  lemma TwoMore(s: State.Kernel, acts: seq<Apply.Action>, a: Apply.Action, b: Apply.Action, now: u64)
    requires A.Tables(s)
    ensures A.DoAll(s, acts + [a, b], now) == A.Do(A.Do(A.DoAll(s, acts, now), a, now), b, now)
  {
    hide A.Do, A.DoAll;
    A.More(s, acts, a, now);
    A.More(s, acts + [a], b, now);
    assert acts + [a] + [b] == acts + [a, b];
  }
  lemma VolStays(s: State.Kernel, v: State.Volatile, a: Apply.Action, now: u64)
    requires A.Tables(s) && A.Tables(A.WithVol(s, v))
    ensures A.Do(A.WithVol(s, v), a, now) == A.WithVol(A.Do(s, a, now), v)
  {}

  /** A partition can be made: its slot is free and there are the regions for the image's pages. */
  ghost predicate Makable(s: State.Kernel, who: u32, image: u64, x: D.Plan, w: D.Places) {
    && A.Tables(s) && who < NPART && 0 < x.p < NPART && x.p != who && s.st.parts[x.p].gen < GENMAX && s.vol.sched.tasks[x.p].run == Kinds.Stopped
    && x.image == image && image as int < |s.images| && Valid.ImageOk(s.images[image])
    && w == D.Place(s.st.memory, s.images[image], x.p) && w.status == Status.OK
    && x.quota <= RING && Wit.Room(s.log, who, x.quota + D.RECORDS)
  }
  lemma CanBeMade(s: State.Kernel, who: u32, image: u64, x: D.Plan, w: D.Places)
    requires Makable(s, who, image, x, w)
    ensures var i := s.images[image];
      && Fitting(i)
      && 0 < i.code <= MAXMAP && i.data <= MAXMAP && i.page as int + i.code as int + i.data as int <= IPAPAGES as int
      && M.Fits(M.EmptyMap, i.page as u32, i.code as u32) && M.Unmapped(M.EmptyMap, i.page as u32, i.code as u32)
      && w.code < NREGION && w.code == M.Pick(s.st.memory, i.code) && w.codeFrame == M.PickFrame(s.st.memory, i.code)
      && (i.data > 0 ==> w.data < NREGION && var m := Later(s.st.memory, w.code, x.p, i.code, w.codeFrame);
            w.data == M.Pick(m, i.data) && w.dataFrame == M.PickFrame(m, i.data))
  {
    var i := s.images[image];
    MakingFacts.FirstFits(i.page as u32, i.code as u32, i.data as u32);
  }

  /** Identity, schedule, quota and code. */
  method Body(k: Core, who: u32, image: u32, p: u32, slice: u64, rel: u64, quota: u64, budget: u64, c: u32, cf: u64, now: u64,
              ghost x: D.Plan, ghost i: State.Image, ghost w: D.Places) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && Makable(k.Abs(), who, image as u64, x, w) && Fitting(i) && k.Abs().images[image] == i
    requires x.p == p && x.slice == slice && x.rel == rel && x.quota == quota && x.budget == budget && w.code == c && w.codeFrame == cf
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && CoreMemory.Mappable(k, p)
    ensures A.Tables(old(k.Abs())) && w.code < NREGION && cf as int + i.code as int <= M.FRAMES as int && Wit.Room(k.Abs().log, who, 3)
    ensures k.Abs() == A.WithVol(A.DoAll(old(k.Abs()), Head(who, x, i, w), now), Budgeted(old(k.Abs()).vol, p, budget))
    ensures k.Abs().st.caps == old(k.Abs()).st.caps && k.Abs().st.memory == Later(old(k.Abs()).st.memory, c, p, i.code, cf)
    ensures k.Abs().st.maps[p] == M.MapRange(M.EmptyMap, i.page as u32, i.code as u32, cf, Kinds.PermRX, c)
    ensures work <= BODY_WORK + S2.TablesWork(k.Abs().st.maps[p].keys)
  {
    hide *;
    work := 1;
    reveal A.Tables, A.WithVol, Apply.Tables, M.Table, Fitting, Budgeted, Head, Later, M.Create, CoreMemory.Mappable, D.RECORDS, M.PolicyOk, Kinds.Immutable, Kinds.Slab, Kinds.Device, Kinds.PermRX, M.FRAMES;
    reveal Limits.NPART, Limits.EVERYBODY, Limits.RING, Limits.MAXMAP, Limits.IPAPAGES, Limits.LO32, Limits.NREGION;
    CanBeMade(k.Abs(), who, image as u64, x, w);
    Opened(k.Abs(), who, image as u64, x, w);
    var page, code := Word(k, image, 2), Word(k, image, 3);
    ghost var s := k.Abs();
    ghost var a1, a2, a3 := Apply.PartitionCreate(who, p, image as u64), Apply.TaskSpawn(who, p, slice, rel), Apply.PartitionQuota(who, p, quota, budget);
    ghost var a4 := Apply.RegionCreate(who, c, p, Kinds.Immutable, code, cf);
    ghost var a5 := Apply.RegionMap(who, p, c, page as u32, 0, code as u32, Kinds.PermRX);
    ghost var v := Budgeted(s.vol, p, budget);
    Five(s, a1, a2, a3, a4, a5, now);
    ghost var more := A.Spawn(k, who, p, image as u64, slice, rel, budget, now, quota + 8);
    work := work + more;
    ghost var s2 := A.Do(A.Do(s, a1, now), a2, now);
    A.Quota(k, who, p, quota, budget, now, quota + 6);
    A.LogTables(k);
    VolStays(s2, v, a3, now);
    A.Ram(k, who, c, p, Kinds.Immutable, code, cf, now, 5);
    VolStays(A.Do(s2, a3, now), v, a4, now);
    more := A.Map(k, who, p, c, page as u32, 0, code as u32, Kinds.PermRX, now, 4);
    work := work + more;
    VolStays(A.Do(A.Do(s2, a3, now), a4, now), v, a5, now);
    assert 1 + A.SPAWN_WORK + A.PAGES_WORK == BODY_WORK by { reveal BODY_WORK; }
  }
  /** What ImageOk says of sizes. */
  ghost predicate Fitting(i: State.Image) {
    0 < i.code <= MAXMAP && i.data <= MAXMAP && i.page as int + i.code as int + i.data as int <= IPAPAGES as int && i.offset <= LO32 && i.bytes <= LO32
  }
  ghost function Budgeted(v: State.Volatile, p: u32, left: u64): State.Volatile
    requires S.Tables(v.sched) && p < NPART
  {
    v.(sched := S.SetLeft(v.sched, p, left))
  }
  lemma Opened(s: State.Kernel, who: u32, image: u64, x: D.Plan, w: D.Places)
    requires Makable(s, who, image, x, w)
    ensures who < NPART && 0 < x.p < NPART && x.p != who && A.Tables(s) && s.st.parts[x.p].gen < GENMAX && s.vol.sched.tasks[x.p].run == Kinds.Stopped
    ensures image as int < |s.images| && Valid.ImageOk(s.images[image]) && x.image == image
    ensures x.quota <= RING && Wit.Room(s.log, who, x.quota + 8)
  {}
  ghost function Head(who: u32, x: D.Plan, i: State.Image, w: D.Places): seq<Apply.Action>
    requires Fitting(i)
  {
    [Apply.PartitionCreate(who, x.p, x.image), Apply.TaskSpawn(who, x.p, x.slice, x.rel), Apply.PartitionQuota(who, x.p, x.quota, x.budget),
     Apply.RegionCreate(who, w.code, x.p, Kinds.Immutable, i.code, w.codeFrame),
     Apply.RegionMap(who, x.p, w.code, i.page as u32, 0, i.code as u32, Kinds.PermRX)]
  }
  ghost function Tail(who: u32, x: D.Plan, i: State.Image, w: D.Places): seq<Apply.Action>
    requires Fitting(i)
  {
    [Apply.RegionCreate(who, w.data, x.p, Kinds.Slab, i.data, w.dataFrame),
     Apply.RegionMap(who, x.p, w.data, (i.page + i.code) as u32, 0, i.data as u32, Kinds.PermRW)]
  }
  lemma MakingIs(who: u32, x: D.Plan, i: State.Image, w: D.Places)
    requires Fitting(i)
    ensures D.Making(who, x, i, w) == Head(who, x, i, w) + if i.data == 0 then [] else Tail(who, x, i, w)
  {}
  /** The data pages, after the code pages. */
  method Data(k: Core, who: u32, image: u32, p: u32, d: u32, df: u64, now: u64, ghost x: D.Plan, ghost i: State.Image, ghost w: D.Places)
    returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && who < NPART && CoreMemory.Mappable(k, p) && image as int < |k.Abs().images| && k.Abs().images[image] == i
    requires Fitting(i) && i.data > 0 && x.p == p && 0 < p && w.data == d && w.dataFrame == df
    requires Wit.Room(k.Abs().log, who, 3) && d < NREGION && d == M.Pick(k.Abs().st.memory, i.data) && df == M.PickFrame(k.Abs().st.memory, i.data)
    requires M.Fits(k.Abs().st.maps[p], (i.page + i.code) as u32, i.data as u32) && M.Unmapped(k.Abs().st.maps[p], (i.page + i.code) as u32, i.data as u32)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && A.Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, 1)
    ensures k.Abs() == A.Do(A.Do(old(k.Abs()), Tail(who, x, i, w)[0], now), Tail(who, x, i, w)[1], now)
    ensures k.Abs().st.caps == old(k.Abs()).st.caps
    ensures work + S2.TablesWork(old(k.Abs()).st.maps[p].keys) <= DATA_WORK + S2.ALL_TABLES_WORK
  {
    hide *;
    work := 1;
    reveal A.Tables, Apply.Tables, M.Table, Fitting, Tail, M.Create, CoreMemory.Mappable, M.PolicyOk, Kinds.Slab, Kinds.Device, Kinds.PermRW;
    reveal Limits.NPART, Limits.EVERYBODY, Limits.MAXMAP, Limits.IPAPAGES, Limits.LO32, Limits.NREGION;
    A.LogTables(k);
    var page, code, data := Word(k, image, 2), Word(k, image, 3), Word(k, image, 4);
    A.Ram(k, who, d, p, Kinds.Slab, data, df, now, 3);
    A.LogTables(k);
    ghost var more := A.Map(k, who, p, d, (page + code) as u32, 0, data as u32, Kinds.PermRW, now, 2);
    work := work + more;
    FewTables(k, p);
    assert 1 + A.PAGES_WORK == DATA_WORK by { reveal DATA_WORK; }
  }
  lemma FewTables(k: Core, p: u32)
    requires k.Inv() && k.Rooted() && CoreMemory.Mappable(k, p)
    ensures S2.TablesWork(k.Abs().st.maps[p].keys) <= S2.ALL_TABLES_WORK
  {
    k.stage2.Part(p);
    S2.FewTables(k.stage2.maps[p].keys);
  }
  /** All actions. */
  method Build(k: Core, who: u32, image: u32, p: u32, slice: u64, rel: u64, quota: u64, budget: u64, c: u32, cf: u64, d: u32, df: u64, now: u64,
               ghost x: D.Plan, ghost i: State.Image, ghost w: D.Places) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && Makable(k.Abs(), who, image as u64, x, w) && Fitting(i) && k.Abs().images[image] == i
    requires x.p == p && x.slice == slice && x.rel == rel && x.quota == quota && x.budget == budget
    requires w.code == c && w.codeFrame == cf && w.data == d && w.dataFrame == df
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && A.Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, 1)
    ensures k.Abs() == A.WithVol(A.DoAll(old(k.Abs()), D.Making(who, x, i, w), now), Budgeted(old(k.Abs()).vol, p, budget))
    ensures k.Abs().st.caps == old(k.Abs()).st.caps
    ensures work <= BUILD_WORK
  {
    hide *;
    work := 1;
    reveal Fitting, Tail, A.WithVol, A.DoAll, Later, Limits.MAXMAP, Limits.IPAPAGES, Limits.LO32, Limits.NPART;
    ghost var s := k.Abs();
    Opened(s, who, image as u64, x, w);
    CanBeMade(s, who, image as u64, x, w);
    MakingIs(who, x, i, w);
    var data := Word(k, image, 4);
    ghost var v := Budgeted(s.vol, p, budget);
    ghost var h := A.DoAll(s, Head(who, x, i, w), now);
    assert 1 + BODY_WORK + DATA_WORK + S2.ALL_TABLES_WORK == BUILD_WORK by { reveal BUILD_WORK; }
    ghost var more := Body(k, who, image, p, slice, rel, quota, budget, c, cf, now, x, i, w);
    work := work + more;
    FewTables(k, p);
    if data != 0 {
      MakingFacts.SecondFits(i.page as u32, i.code as u32, i.data as u32, cf, Kinds.PermRX, c);
      A.LogTables(k);
      ghost var t := Tail(who, x, i, w);
      VolStays(h, v, t[0], now);
      VolStays(A.Do(h, t[0], now), v, t[1], now);
      TwoMore(s, Head(who, x, i, w), t[0], t[1], now);
      assert t == [t[0], t[1]];
      more := Data(k, who, image, p, d, df, now, x, i, w);
      work := work + more;
    } else {
      A.LogTables(k);
      assert Head(who, x, i, w) + [] == Head(who, x, i, w);
      Room1(k.Abs().log, who);
    }
  }
  lemma Room1(l: State.Log, who: u32)
    requires Wit.Tables(l) && who < NPART && Wit.Room(l, who, 3)
    ensures Wit.Room(l, who, 1)
  {}
  /** The registers of a partition about to start. */
  method Prepare(k: Core, p: u32, entry: u64) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects())
    ensures |old(k.Abs()).vol.regs| == NCTX as int && k.Abs() == A.WithVol(old(k.Abs()), Entered(old(k.Abs()).vol, p, entry))
    ensures work <= PREPARE_WORK
  {
    hide *;
    work := 1;
    reveal PREPARE_WORK;
    reveal CoreMemory.WithRegs, A.WithVol, Entered, Common.PC, Common.PSTATE, D.EL1H_MASKED, Limits.CTXW;
    CoreMemory.Sized(k);
    ghost var w := CoreMemory.ClearRegs(k, p);
    work := work + w;
    k.Set(p, 0, p as u64);
    k.Set(p, 31, entry);
    k.Set(p, 32, 0x3C5);
  }
  ghost function Entered(v: State.Volatile, p: u32, entry: u64): State.Volatile
    requires |v.regs| == NCTX as int && p < NPART
  {
    Common.SetReg(Common.SetReg(Common.SetReg(v.(regs := D.ClearRegs(v.regs, p, CTXW)), p, 0, p as u64), p, Common.PC, entry), p, Common.PSTATE, D.EL1H_MASKED)
  }
  lemma PreparedIs(v: State.Volatile, x: D.Plan, entry: u64)
    requires |v.regs| == NCTX as int && S.Tables(v.sched) && x.p < NPART
    ensures D.Prepared(v, x, entry) == Entered(Budgeted(v, x.p, x.budget), x.p, entry)
  {}
  /** What the hardware has to do for the new partition. */
  method Fill(k: Core, image: u32, p: u32, name: u64, name2: u64, cf: u64, df: u64, ghost x: D.Plan, ghost i: State.Image, ghost w: D.Places)
    requires k.Inv() && k.Rooted() && k.Effects() == [] && image as int < |k.Abs().images| && k.Abs().images[image] == i && Fitting(i)
    requires x.p == p && x.name == name && x.name2 == name2 && w.codeFrame == cf && w.dataFrame == df
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Abs() == old(k.Abs()) && k.Effects() == D.Filling(x, i, w)
  {
    hide *;
    reveal Fitting, D.Filling, Limits.MAXMAP, Limits.IPAPAGES, Limits.LO32, k.Effects;
    reveal Common.RESET, Common.NAME, Common.ZERO, Common.COPY, Common.CODESYNC, Common.MAPSYNC;
    var offset, bytes, code, data := Word(k, image, 0), Word(k, image, 1), Word(k, image, 3), Word(k, image, 4);
    var text := if bytes < code * 4096 then bytes else code * 4096;
    k.Emit(9, p as u64, 0, 0);
    k.Emit(8, p as u64, name, name2);
    k.Emit(2, cf, code, 0);
    k.Emit(3, cf, offset, text);
    k.Emit(4, cf, code, 0);
    if data != 0 {
      k.Emit(2, df, data, 0);
      k.Emit(3, df, offset + text, bytes - text);
    }
    k.Emit(11, p as u64, 0, 0);
  }
  /** A new partition, as planned. */
  method Make(k: Core, who: u32, image: u32, p: u32, slice: u64, rel: u64, quota: u64, budget: u64, name: u64, name2: u64,
              c: u32, cf: u64, d: u32, df: u64, now: u64, ghost i: State.Image) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && k.Effects() == [] && image as int < |k.Abs().images| && k.Abs().images[image] == i
    requires Makable(k.Abs(), who, image as u64, D.Plan(p, image as u64, slice, rel, quota, budget, name, name2), D.Places(Status.OK, c, cf, d, df))
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && A.Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, 1) && p < NPART && Fitting(i)
    ensures var x, w := D.Plan(p, image as u64, slice, rel, quota, budget, name, name2), D.Places(Status.OK, c, cf, d, df);
      && k.Abs() == A.WithVol(A.DoAll(old(k.Abs()), D.Making(who, x, i, w), now), D.Prepared(old(k.Abs()).vol, x, i.entry))
      && k.Effects() == D.Filling(x, i, w)
    ensures k.Abs().st.caps == old(k.Abs()).st.caps
    ensures work <= MAKE_WORK
  {
    hide *;
    work := 1;
    reveal A.WithVol, A.Tables, Fitting, A.DoAll, MAKE_WORK;
    ghost var x, w := D.Plan(p, image as u64, slice, rel, quota, budget, name, name2), D.Places(Status.OK, c, cf, d, df);
    Opened(k.Abs(), who, image as u64, x, w);
    CanBeMade(k.Abs(), who, image as u64, x, w);
    PreparedIs(k.Abs().vol, x, i.entry);
    var entry := Word(k, image, 5);
    ghost var more := Build(k, who, image, p, slice, rel, quota, budget, c, cf, d, df, now, x, i, w);
    work := work + more;
    more := Prepare(k, p, entry);
    work := work + more;
    Fill(k, image, p, name, name2, cf, df, x, i, w);
  }
}
