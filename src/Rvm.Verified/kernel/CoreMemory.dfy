include "Common.dfy"

/** More small operations on the kernel: maps, regions, partition slots, images. Each is one change of the abstract state. */
module CoreMemory {
  import opened Types
  import opened Limits
  import opened CoreState
  import Kinds
  import State
  import Apply
  import Common
  import Step
  import Valid
  import M = Memory
  import Sch = Scheduler
  import P = DecidePartition
  import S2 = Stage2
  import TableFacts
  import RangeFacts

  // Most steps of work (spec/Cost.dfy), for at most MAXMAP pages: with all the tables that a map can have, or beside what is charged to its growth
  // (S2.TablesWork).
  ghost const MAP_WORK: nat := PAGES_WORK + S2.ALL_TABLES_WORK
  ghost const PAGES_WORK: nat := 1 + S2.MapWork(MAXMAP as u32)
  ghost const UNMAP_WORK: nat := 1 + S2.PagesWork(MAXMAP as u32)
  ghost const NEW_PART_WORK: nat := 1 + NEW_MAP_WORK
  ghost const NEW_MAP_WORK: nat := 1 + S2.RESET_WORK
  ghost const CLEAR_REGS_WORK: nat := 1 + CTXW as nat
  lemma MapWorkGrows(n: u32)
    requires n as u64 <= MAXMAP
    ensures S2.MapWork(n) <= S2.MapWork(MAXMAP as u32)
  {}

  /** The partition's root table has been cleared: it exists, or is the hypervisor's slot 0. */
  ghost predicate Mappable(k: Core, p: u32) requires k.Inv() reads k.Repr() { p < NPART && (p == 0 || k.Abs().st.parts[p].life != Kinds.Free) }
  ghost function WithMap(s: State.Kernel, p: u32, m: State.Map): State.Kernel requires p as int < |s.st.maps| { s.(st := s.st.(maps := s.st.maps[p as int := m])) }

  // ---- stage-2 maps ---------------------------------------------------------------------------------------------------------

  method Map(k: Core, p: u32, page: u32, n: u32, frame: u64, perm: u32, ghost r: u32) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && Mappable(k, p)
    requires 0 < n && page as int + n as int <= IPAPAGES as int && frame as int + n as int <= M.FRAMES as int && perm <= 3
    requires M.Fits(k.Abs().st.maps[p], page, n) && M.Unmapped(k.Abs().st.maps[p], page, n)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && k.Rooted()
    ensures k.Abs() == WithMap(old(k.Abs()), p, M.MapRange(old(k.Abs()).st.maps[p], page, n, frame, perm, r))
    ensures n as u64 <= MAXMAP ==> work <= MAP_WORK
    ensures n as u64 <= MAXMAP ==> work + S2.TablesWork(old(k.Abs()).st.maps[p].keys) <= PAGES_WORK + S2.TablesWork(k.Abs().st.maps[p].keys)
  {
    hide M.MapRange, M.Fits, M.Unmapped, M.KeysFor;
    work := 1;
    assert allocated(k.Repr());
    if n == 1 {
      var t := k.stage2.Find(p, page);
      k.OnlyStage2();
      if t != 0 {
        ghost var one := MapOne(k, p, t, page, frame, perm, r);
        work := work + one;
        return;
      }
    }
    ghost var w := k.stage2.Map(p, page, n, frame, perm, r);
    work := work + w;
    k.OnlyStage2();
    if n as u64 <= MAXMAP { MapWorkGrows(n); }
  }
  /** One page, whose level-3 table is t. */
  method MapOne(k: Core, p: u32, t: u32, page: u32, frame: u64, perm: u32, ghost r: u32) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && Mappable(k, p) && page as int + 1 <= IPAPAGES as int && frame as int + 1 <= M.FRAMES as int && perm <= 3
    requires M.Unmapped(k.Abs().st.maps[p], page, 1) && k.stage2.Leads(p, page, t)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && k.Rooted()
    ensures k.Abs() == WithMap(old(k.Abs()), p, M.MapRange(old(k.Abs()).st.maps[p], page, 1, frame, perm, r))
    ensures work == 3 && S2.TablesWork(old(k.Abs()).st.maps[p].keys) <= S2.TablesWork(k.Abs().st.maps[p].keys)
  {
    hide M.MapRange, M.Fits, M.Unmapped, M.KeysFor;
    work := 1;
    OnePage(k, p, page, t);
    OneMapped(k.stage2.maps[p], page, frame, perm, r);
    ghost var w := Enter(k, p, t, page, frame * 4096 + S2.Bits(perm), State.Pte(frame, perm, r));
    work := work + w;
  }
  method Enter(k: Core, p: u32, t: u32, page: u32, word: u64, ghost e: State.Pte) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && Mappable(k, p) && page as u64 < IPAPAGES && k.stage2.Leads(p, page, t)
    requires var m := k.Abs().st.maps[p]; |M.KeysFor(m.keys, page)| < NTAB as int && page !in m.pages && e.frame < M.FRAMES && e.perm <= 3
    requires word as int == e.frame as int * 4096 + S2.PageTable.Attributes(e.perm) as int
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && k.Rooted()
    ensures var m := old(k.Abs()).st.maps[p]; k.Abs() == WithMap(old(k.Abs()), p, State.Map(M.KeysFor(m.keys, page), m.pages[page := e]))
    ensures work == 2 && S2.TablesWork(old(k.Abs()).st.maps[p].keys) <= S2.TablesWork(k.Abs().st.maps[p].keys)
  {
    hide M.KeysFor, S2.TablesWork;
    work := 1;
    assert allocated(k.Repr());
    var same, w := k.stage2.MapPage(p, t, page, false, word, e);
    work := work + w;
    k.OnlyStage2();
  }
  /** A page whose level-3 table t is there needs no other, and the table shows whether it is mapped. */
  lemma OnePage(k: Core, p: u32, v: u32, t: u32)
    requires k.Inv() && k.Rooted() && Mappable(k, p) && v as u64 < IPAPAGES && k.stage2.Leads(p, v, t)
    ensures var m := k.Abs().st.maps[p];
      && t as int * 512 + (v % 512) as int < k.stage2.pool.Length && (k.stage2.pool[t as int * 512 + (v % 512) as int] == 0 <==> M.Unmapped(m, v, 1))
      && M.Fits(m, v, 1) && |M.KeysFor(m.keys, v)| < NTAB as int && (M.Unmapped(m, v, 1) ==> v !in m.pages)
  {
    var s, m := k.stage2, k.stage2.maps[p];
    s.Part(p);
    s.Entry(p, v, t);
    TableFacts.Level1(s.pool[..], m, s.base as int, p as int, v);
    RangeFacts.NoNewKeys(m.keys, v);
    RangeFacts.FrameOfLeaf(m, v);
    assert M.KeysForRange(m.keys, v, 1) == M.KeysFor(M.KeysForRange(m.keys, v, 0), v);
    assert forall w: u32 :: M.InRun(w, v, 1) <==> w == v;
  }
  lemma OneMapped(m: State.Map, v: u32, frame: u64, perm: u32, r: u32)
    requires v as int + 1 <= IPAPAGES as int && frame as int + 1 <= M.FRAMES as int
    ensures M.MapRange(m, v, 1, frame, perm, r) == State.Map(M.KeysFor(m.keys, v), m.pages[v := State.Pte(frame, perm, r)])
  {
    assert M.MapRange(m, v, 0, frame, perm, r) == m;
  }
  method Unmap(k: Core, p: u32, page: u32, n: u32) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && Mappable(k, p) && page as int + n as int <= IPAPAGES as int
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && k.Rooted()
    ensures k.Abs() == WithMap(old(k.Abs()), p, M.UnmapRange(old(k.Abs()).st.maps[p], page, n))
    ensures n as u64 <= MAXMAP ==> work <= UNMAP_WORK
  {
    hide M.UnmapRange;
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.stage2.Unmap(p, page, n);
    work := work + w;
    k.OnlyStage2();
  }

  // ---- regions --------------------------------------------------------------------------------------------------------------

  ghost function WithRegion(s: State.Kernel, r: u32, owner: u32, policy: u32, pages: u64, frame: u64): State.Kernel
    requires M.Table(s.st.memory) && r < NREGION
  {
    s.(st := s.st.(memory := M.Create(s.st.memory, r, owner, policy, pages, frame)))
  }
  method CreateRegion(k: Core, r: u32, owner: u32, policy: u32, pages: u64, frame: u64)
    requires k.Inv() && 0 < owner && pages > 0 && M.PolicyOk(owner, policy) && policy != Kinds.Device && r < NREGION
    requires r == M.Pick(k.Abs().st.memory, pages) && frame == M.PickFrame(k.Abs().st.memory, pages)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == WithRegion(old(k.Abs()), r, owner, policy, pages, frame)
  {
    hide M.Create, M.Pick, M.PickFrame;
    assert allocated(k.Repr());
    k.regions.Create(r, owner, policy, pages, frame);
    k.OnlyRegions();
  }
  method CreateDevice(k: Core, r: u32, owner: u32, pages: u64, frame: u64)
    requires k.Inv() && 0 < owner < NPART && pages > 0 && r < NREGION && frame as int + pages as int <= k.Abs().st.memory.next as int
    requires M.DeviceFree(k.Abs().st.memory, frame, pages) && k.Abs().st.memory.regions[r].gen <= GENMAX
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == WithRegion(old(k.Abs()), r, owner, Kinds.Device, pages, frame)
  {
    hide M.Create, M.DeviceFree;
    assert allocated(k.Repr());
    k.regions.Bounds();
    k.regions.CreateDevice(r, owner, pages, frame);
    k.OnlyRegions();
  }

  method FreeRegion(k: Core, r: u32)
    requires k.Inv() && r < NREGION
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(st := old(k.Abs()).st.(memory := M.Free(old(k.Abs()).st.memory, r)))
  {
    assert allocated(k.Repr());
    k.regions.Free(r);
    k.OnlyRegions();
  }

  // ---- partition slots ------------------------------------------------------------------------------------------------------

  ghost function WithPart(s: State.Kernel, p: u32, slice: u64, rel: u64, left: u64): State.Kernel
    requires |s.st.parts| == NPART as int && |s.st.maps| == NPART as int && p < NPART && s.st.parts[p].gen < GENMAX && Sch.Tables(s.vol.sched)
  {
    s.(st := s.st.(parts := Sch.CreatePart(s.st.parts, p, slice, rel), maps := s.st.maps[p as int := M.EmptyMap]),
       vol := s.vol.(sched := Sch.SetLeft(s.vol.sched, p, left)))
  }
  /** Slot p holds a new partition without memory. */
  method NewPart(k: Core, p: u32, slice: u64, rel: u64, left: u64) returns (ghost work: nat)
    requires k.Inv() && 0 < p < NPART && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped && k.Abs().st.parts[p].gen < GENMAX
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted()) && Mappable(k, p)
    ensures k.Abs() == WithPart(old(k.Abs()), p, slice, rel, left)
    ensures work <= NEW_PART_WORK
  {
    hide Sch.CreatePart, Sch.SetLeft;
    work := 1;
    ghost var w := NewMap(k, p);
    work := work + w;
    NewSlot(k, p, slice, rel, left);
  }
  /** Slot p has an empty map, and the tables for it. */
  method NewMap(k: Core, p: u32) returns (ghost work: nat)
    requires k.Inv() && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted()) && p in k.stage2.rooted
    ensures k.Abs() == WithMap(old(k.Abs()), p, M.EmptyMap)
    ensures work <= NEW_MAP_WORK
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.stage2.Reset(p);
    work := work + w;
    k.OnlyStage2();
  }
  method NewSlot(k: Core, p: u32, slice: u64, rel: u64, left: u64)
    requires k.Inv() && 0 < p < NPART && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped && k.Abs().st.parts[p].gen < GENMAX && p in k.stage2.rooted
    requires k.Abs().st.maps[p] == M.EmptyMap
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted()) && Mappable(k, p)
    ensures k.Abs() == WithPart(old(k.Abs()), p, slice, rel, left)
  {
    assert allocated(k.Repr());
    k.sched.CreatePart(p, slice, rel, left);
    assert k.stage2.maps[p as int := M.EmptyMap] == k.stage2.maps;
    k.OnlySched();
  }
  ghost function WithLife(s: State.Kernel, p: u32, life: u32): State.Kernel
    requires |s.st.parts| == NPART as int && p < NPART
  {
    s.(st := s.st.(parts := Sch.SetLife(s.st.parts, p, life)))
  }
  method SetLife(k: Core, p: u32, life: u32)
    requires k.Inv() && 0 < p < NPART && (life != Kinds.Started ==> k.Abs().vol.sched.tasks[p].run == Kinds.Stopped) && Mappable(k, p)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == WithLife(old(k.Abs()), p, life)
  {
    assert allocated(k.Repr());
    k.sched.SetLife(p, life);
    k.OnlySched();
  }

  // ---- registers ------------------------------------------------------------------------------------------------------------

  /** Partition p's whole context block is zero. */
  method ClearRegs(k: Core, p: u32) returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects())
    ensures k.Abs() == WithRegs(old(k.Abs()), P.ClearRegs(old(k.Abs()).vol.regs, p, CTXW))
    ensures work <= CLEAR_REGS_WORK
  {
    hide *;
    work := 1;
    reveal WithRegs, Common.SetReg, P.ClearRegs, CLEAR_REGS_WORK, Limits.CTXW, Limits.NPART, Limits.NCTX;
    Sized(k);
    var n: u32 := 0;
    ghost var regs := k.Abs().vol.regs;
    while n < CTXW
      invariant n <= CTXW && k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && |regs| == NCTX as int
      invariant k.Abs() == WithRegs(old(k.Abs()), P.ClearRegs(regs, p, n)) && work == 1 + n as int
    {
      work := work + 1;
      k.Set(p, n, 0);
      n := n + 1;
    }
  }
  ghost function WithRegs(s: State.Kernel, r: seq<u64>): State.Kernel { s.(vol := s.vol.(regs := r)) }
  lemma Sized(k: Core) requires k.Inv() ensures |k.Abs().vol.regs| == NCTX as int {}

  // ---- boot -----------------------------------------------------------------------------------------------------------------

  lemma OneImageMore(w: seq<u64>, t: seq<u64>, n: int, g: State.Image)
    requires |w| == |t| == IMAGEWORDS && 0 <= n < NIMAGE as int && (forall i: int :: 0 <= i < 8 * n ==> t[i] == w[i])
    requires g == State.Image(t[8 * n], t[8 * n + 1], t[8 * n + 2], t[8 * n + 3], t[8 * n + 4], t[8 * n + 5])
    ensures ImagesOf(t, n + 1) == ImagesOf(w, n) + [g]
  {}
  method Store(a: array<u64>, at: u32, x0: u64, x1: u64, x2: u64, x3: u64, x4: u64, x5: u64)
    requires at as int + 8 <= a.Length
    modifies a
    ensures a[at] == x0 && a[at as int + 1] == x1 && a[at as int + 2] == x2 && a[at as int + 3] == x3 && a[at as int + 4] == x4 && a[at as int + 5] == x5
    ensures forall i: int :: 0 <= i < at as int ==> a[i] == old(a[i])
  {
    var b := at as u64;
    a[b] := x0;
    a[b + 1] := x1;
    a[b + 2] := x2;
    a[b + 3] := x3;
    a[b + 4] := x4;
    a[b + 5] := x5;
  }
  method AddImage(k: Core, offset: u64, bytes: u64, page: u64, code: u64, data: u64, entry: u64)
    requires k.Inv() && k.Rooted() && |k.Abs().images| < NIMAGE as int
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects())
    ensures k.Abs() == old(k.Abs()).(images := old(k.Abs()).images + [State.Image(offset, bytes, page, code, data, entry)])
  {
    reveal k.Separate();
    ghost var w, n := k.img[..], k.nimg as int;
    Store(k.img, k.nimg * 8, offset, bytes, page, code, data, entry);
    k.nimg := k.nimg + 1;
    OneImageMore(w, k.img[..], n, State.Image(offset, bytes, page, code, data, entry));
  }
  method EndBoot(k: Core)
    requires k.Inv()
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted()) && k.Abs() == old(k.Abs()).(booting := false)
  {
    reveal k.Separate();
    k.booting := false;
  }
}
