include "../invariant/Step_Preserves_Valid.dfy"
include "PageTable.dfy"
include "../../src/Rvm.Verified/kernel/Core.dfy"

/** No partition reaches another's memory, and nobody changes what is shared: in every valid state, and therefore in what the hardware finds in the tables of the concrete kernel. */
module {:compile false} Isolation {
  import opened Types
  import opened Limits
  import opened State
  import M = Memory
  import V = Valid
  import PT = PageTable
  import PageTableProof
  import CoreState
  import Kinds

  /** Partition p's map shows frame f at page v. */
  ghost predicate Shows(k: Kernel, p: u32, v: u32, f: u64) requires V.Valid(k) && p < NPART {
    v in k.st.maps[p].pages && k.st.maps[p].pages[v].frame == f
  }

  // ---- in every valid state -------------------------------------------------------------------------------------------------------

  lemma OnePage(k: Kernel, p: u32, v: u32)
    requires V.Valid(k) && p < NPART && v in k.st.maps[p].pages
    ensures p != 0 && v as u64 < IPAPAGES && M.PteOk(k.st.memory, p, k.st.maps[p].pages[v])
  {
    assert M.MapOk(k.st.memory, p, k.st.maps[p]);
  }
  /** Both pages show the same shared region, to be read only. */
  ghost predicate BothRead(m: State.Memory, a: Pte, b: Pte) {
    a.region == b.region && a.region as int < |m.regions| && m.regions[a.region].owner == EVERYBODY && a.perm == b.perm == Kinds.PermR
  }
  /** A frame that is in one partition's map, readable or not, is in no other's, unless it is one of a shared region; then both may read it and no more. */
  lemma No_frame_is_mapped_by_two_partitions(k: Kernel, p: u32, v: u32, q: u32, w: u32, f: u64)
    requires V.Valid(k) && p < NPART && q < NPART && Shows(k, p, v, f) && Shows(k, q, w, f)
    ensures p == q || BothRead(k.st.memory, k.st.maps[p].pages[v], k.st.maps[q].pages[w])
  {
    OnePage(k, p, v);
    OnePage(k, q, w);
    var i, j := k.st.maps[p].pages[v].region as int, k.st.maps[q].pages[w].region as int;
    var rs := k.st.memory.regions;
    hide V.Valid;
    assert M.RegionsOk(k.st.memory) by { reveal V.Valid; }
    assert M.RegionOk(k.st.memory, rs[i]);
    if i < j { assert M.Apart(rs[i], rs[j].frame, rs[j].pages); }
    if j < i { assert M.Apart(rs[j], rs[i].frame, rs[i].pages); }
  }
  ghost predicate In(g: Region, f: u64) { g.frame as int <= f as int < g.frame as int + g.pages as int }
  /** Frame f is one of a shared region. */
  ghost predicate SharedFrame(k: Kernel, f: u64) requires V.Valid(k) {
    exists r: u32 {:trigger k.st.memory.regions[r]} :: r < NREGION && k.st.memory.regions[r].owner == EVERYBODY && In(k.st.memory.regions[r], f)
  }
  /** Whoever shows a frame of a shared region shows it as a page of that region, and can read it only. */
  lemma What_is_shared_can_only_be_read(k: Kernel, r: u32, p: u32, v: u32)
    requires V.Valid(k) && r < NREGION && p < NPART && v in k.st.maps[p].pages
    requires k.st.memory.regions[r].owner == EVERYBODY && In(k.st.memory.regions[r], k.st.maps[p].pages[v].frame)
    ensures k.st.maps[p].pages[v].region == r && k.st.maps[p].pages[v].perm == Kinds.PermR
    ensures var s := PT.Shown(k.st.maps[p].pages[v]); !s.writable && !s.executable
  {
    OnePage(k, p, v);
    var i, rs := k.st.maps[p].pages[v].region as int, k.st.memory.regions;
    hide V.Valid;
    assert M.RegionsOk(k.st.memory) by { reveal V.Valid; }
    assert M.RegionOk(k.st.memory, rs[r as int]);
    if i < r as int { assert M.Apart(rs[i], rs[r as int].frame, rs[r as int].pages); }
    if i > r as int { assert M.Apart(rs[r as int], rs[i].frame, rs[i].pages); }
  }
  /** Every frame in a partition's map is a 36-bit frame of a region that this partition owns or that is shared, and none that could still be given to somebody else. */
  lemma Every_mapped_frame_is_its_owners_and_given_out(k: Kernel, p: u32, v: u32)
    requires V.Valid(k) && p < NPART && v in k.st.maps[p].pages
    ensures var e := k.st.maps[p].pages[v]; var m := k.st.memory;
      && p != 0 && e.frame < FRAMES && e.region < NREGION && M.MayMap(m.regions[e.region], p)
      && m.regions[e.region].frame as int <= e.frame as int < m.regions[e.region].frame as int + m.regions[e.region].pages as int
      && !(m.next <= e.frame < m.limit)
  {
    OnePage(k, p, v);
    var i := k.st.maps[p].pages[v].region as int;
    assert M.RegionOk(k.st.memory, k.st.memory.regions[i]) && M.Apart(k.st.memory.regions[i], k.st.memory.next, k.st.memory.limit - k.st.memory.next);
  }
  /** Frame f is the hypervisor's: its image, stacks, tables and log lie in [ram, lo), and it drives the UART and the interrupt controller itself. */
  ghost predicate Hypervisors(c: Machine, f: u64) {
    c.ram <= f < c.lo || f == c.uart || c.gicd as int <= f as int < c.gicd as int + 16 || c.gicr as int <= f as int < c.gicr as int + c.gicrPages as int
  }
  /** No partition's map shows a frame of the hypervisor's own memory or of a device that it drives itself. */
  lemma No_partition_maps_the_hypervisors_frames(k: Kernel, p: u32, v: u32, f: u64)
    requires V.Valid(k) && p < NPART && Shows(k, p, v, f)
    ensures !Hypervisors(k.machine, f)
  {
    OnePage(k, p, v);
    var m := k.st.memory;
    var i := k.st.maps[p].pages[v].region as int;
    hide V.Valid;
    assert M.Placed(k.machine, m) && M.RegionsOk(m) by { reveal V.Valid; }
    assert M.RegionPlaced(k.machine, m.next, m.regions[i]);
  }
  /** Nobody, the owner included, can write to a frame of an immutable, an append-only or a shared region, through whatever page it is shown. */
  lemma Immutable_memory_is_never_writable(k: Kernel, r: u32, p: u32, v: u32)
    requires V.Valid(k) && r < NREGION && p < NPART && v in k.st.maps[p].pages
    requires var g, e := k.st.memory.regions[r], k.st.maps[p].pages[v];
      && g.owner != 0 && (g.policy == Kinds.Immutable || g.policy == Kinds.AppendOnly || g.policy == Kinds.Shared)
      && g.frame as int <= e.frame as int < g.frame as int + g.pages as int
    ensures !PT.Shown(k.st.maps[p].pages[v]).writable
  {
    OnePage(k, p, v);
    var i, rs := k.st.maps[p].pages[v].region as int, k.st.memory.regions;
    hide V.Valid;
    assert M.RegionsOk(k.st.memory) by { reveal V.Valid; }
    if i < r as int { assert M.Apart(rs[i], rs[r].frame, rs[r].pages); } else if i > r as int { assert M.Apart(rs[r], rs[i].frame, rs[i].pages); }
  }
  /** No page of any partition is both writable and executable. */
  lemma Nothing_is_writable_and_executable(k: Kernel, p: u32, v: u32)
    requires V.Valid(k) && p < NPART && v in k.st.maps[p].pages
    ensures var s := PT.Shown(k.st.maps[p].pages[v]); !(s.writable && s.executable)
  {}
  /** No frame is ever executable through one page and writable through another, in one partition or in two. */
  lemma No_frame_is_executable_here_and_writable_there(k: Kernel, p: u32, v: u32, q: u32, w: u32, f: u64)
    requires V.Valid(k) && p < NPART && q < NPART && Shows(k, p, v, f) && Shows(k, q, w, f)
    ensures !(PT.Shown(k.st.maps[p].pages[v]).executable && PT.Shown(k.st.maps[q].pages[w]).writable)
  {
    OnePage(k, p, v);
    OnePage(k, q, w);
    var i, j := k.st.maps[p].pages[v].region as int, k.st.maps[q].pages[w].region as int;
    var rs := k.st.memory.regions;
    hide V.Valid;
    assert M.RegionsOk(k.st.memory) by { reveal V.Valid; }
    if i < j { assert M.Apart(rs[i], rs[j].frame, rs[j].pages); } else if j < i { assert M.Apart(rs[j], rs[i].frame, rs[i].pages); }
  }

  // ---- on the hardware ------------------------------------------------------------------------------------------------------------

  /** What the hardware finds for page v when it walks partition p's tables in the memory of the concrete kernel. */
  ghost function Found(k: CoreState.Core, p: u32, v: u32): PT.Outcome
    requires k.Inv() && p < NPART
    reads k.Repr()
  {
    PT.Walk(k.stage2.pool[..], k.stage2.base, k.stage2.Root(p), 1, v)
  }
  /** In the concrete kernel the hardware, walking a partition's tables, finds the page that the abstract map holds, and a fault where it holds none. */
  lemma The_hardware_finds_the_map(k: CoreState.Core, p: u32, v: u32)
    requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES
    ensures k.Abs().st.maps[p] == k.stage2.maps[p]
    ensures if v in k.Abs().st.maps[p].pages then Found(k, p, v) == PT.Shown(k.Abs().st.maps[p].pages[v]) else Found(k, p, v).Fault?
  {
    assert k.stage2.Valid();
    hide V.Valid;
    PageTableProof.Hardware_walk_equals_abstract_map(k.stage2, p, v);
  }
  /** Every partition that exists has tables that the hardware may be pointed at. */
  lemma Every_partition_has_its_tables(k: CoreState.Core, p: u32)
    requires k.Good() && p < NPART && k.Abs().st.parts[p].life != Kinds.Free
    ensures p in k.stage2.rooted
  {}
  /** Two pages are of two frames, or of a shared region's, which neither lets anybody write or execute. */
  ghost predicate Separate(s: Kernel, a: PT.Outcome, b: PT.Outcome) requires V.Valid(s) {
    a.Page? && b.Page? && a.frame == b.frame ==> SharedFrame(s, a.frame) && !a.writable && !a.executable && !b.writable && !b.executable
  }
  /** Whatever addresses two different partitions access, the hardware takes both to the same physical frame only if it is one of a shared region, and
      lets neither write to it nor execute it. */
  lemma The_hardware_never_shows_two_partitions_one_frame(k: CoreState.Core, p: u32, v: u32, q: u32, w: u32)
    requires k.Good() && p < NPART && q < NPART && p != q && p in k.stage2.rooted && q in k.stage2.rooted
    requires v as u64 < IPAPAGES && w as u64 < IPAPAGES
    ensures !Found(k, p, v).Astray? && !Found(k, q, w).Astray? && Separate(k.Abs(), Found(k, p, v), Found(k, q, w))
  {
    The_hardware_finds_the_map(k, p, v);
    The_hardware_finds_the_map(k, q, w);
    var s := k.Abs();
    assert V.Valid(s);
    if Found(k, p, v).Page? && Found(k, q, w).Page? && Found(k, p, v).frame == Found(k, q, w).frame {
      assert |s.st.maps| == NPART as int && v in s.st.maps[p].pages && w in s.st.maps[q].pages;
      No_frame_is_mapped_by_two_partitions(s, p, v, q, w, Found(k, p, v).frame);
      OnePage(s, p, v);
    }
  }
  /** The hardware lets nobody write to a frame of a shared region, or execute it. */
  lemma The_hardware_only_reads_what_is_shared(k: CoreState.Core, p: u32, v: u32)
    requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES
    ensures V.Valid(k.Abs()) && var o := Found(k, p, v); o.Page? && SharedFrame(k.Abs(), o.frame) ==> !o.writable && !o.executable
  {
    The_hardware_finds_the_map(k, p, v);
    var s, o := k.Abs(), Found(k, p, v);
    assert V.Valid(s);
    if o.Page? && SharedFrame(s, o.frame) {
      assert |s.st.maps| == NPART as int && v in s.st.maps[p].pages;
      var r: u32 :| r < NREGION && s.st.memory.regions[r].owner == EVERYBODY && In(s.st.memory.regions[r], o.frame);
      What_is_shared_can_only_be_read(s, r, p, v);
    }
  }
  /** The hardware never lets a partition write to a page that it lets it execute. */
  lemma The_hardware_never_shows_a_page_writable_and_executable(k: CoreState.Core, p: u32, v: u32)
    requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES
    ensures var o := Found(k, p, v); !(o.Page? && o.writable && o.executable)
  {
    The_hardware_finds_the_map(k, p, v);
  }
  /** The hardware never shows a partition the tables that it walks, nor any other frame of the hypervisor's. */
  lemma The_hardware_never_shows_the_hypervisors_frames(k: CoreState.Core, p: u32, v: u32)
    requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES
    ensures var o := Found(k, p, v); o.Page? ==>
      !Hypervisors(k.Abs().machine, o.frame) && !(k.stage2.base as int <= o.frame as int < k.stage2.base as int + NPART as int * NTAB as int)
  {
    The_hardware_finds_the_map(k, p, v);
    var s, o := k.Abs(), Found(k, p, v);
    assert V.Valid(s) && k.Housed() && s.machine.ram == k.ram && s.machine.lo == k.lo;
    if o.Page? {
      hide V.Valid;
      assert |s.st.maps| == NPART as int && v in s.st.maps[p].pages by { reveal V.Valid; }
      No_partition_maps_the_hypervisors_frames(s, p, v, o.frame);
    }
  }
}
