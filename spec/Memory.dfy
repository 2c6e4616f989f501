include "State.dfy"

/** Regions (who owns which frames, under which policy) and the stage-2 map of each partition. */
module Memory {
  import opened Types
  import opened Limits
  import opened State
  import Kinds

  // ---- regions ----------------------------------------------------------------------------------------------------------------

  predicate Table(m: State.Memory) { |m.regions| == NREGION as int }

  /** A free slot with exactly n frames of RAM, from slot i on; NREGION if there is none. */
  function ReuseFrom(m: State.Memory, n: u64, i: u32): u32
    requires Table(m) && i <= NREGION
    ensures i <= ReuseFrom(m, n, i) <= NREGION
    decreases NREGION - i
  {
    if i == NREGION then NREGION
    else if m.regions[i].owner == 0 && m.regions[i].pages == n && m.regions[i].gen <= GENMAX then i
    else ReuseFrom(m, n, i + 1)
  }
  /** A region slot that was never used, from slot i on; NREGION if there is none. */
  function VirginFrom(m: State.Memory, i: u32): u32 requires Table(m) && i <= NREGION { ReuseFrom(m, 0, i) }

  /** The slot that a new region of n > 0 frames of RAM gets; NREGION if there is no slot or no memory. */
  function Pick(m: State.Memory, n: u64): u32
    requires Table(m)
    ensures Pick(m, n) <= NREGION
  {
    var r := ReuseFrom(m, n, 0);
    if r < NREGION then r
    else if m.next <= m.limit && n <= m.limit - m.next then VirginFrom(m, 0)
    else NREGION
  }
  /** Where that region's frames begin. */
  function PickFrame(m: State.Memory, n: u64): u64
    requires Table(m) && Pick(m, n) < NREGION
  {
    if ReuseFrom(m, n, 0) < NREGION then m.regions[ReuseFrom(m, n, 0)].frame else m.next
  }
  /** Region r now belongs to owner; taking frames at `next` moves `next`. */
  function Create(m: State.Memory, r: u32, owner: u32, policy: u32, pages: u64, frame: u64): State.Memory
    requires Table(m) && r < NREGION
  {
    m.(regions := m.regions[r as int := Region(m.regions[r].gen, owner, policy, pages, frame)],
       next := if frame == m.next && m.next <= m.limit && pages <= m.limit - m.next && policy != Kinds.Device then m.next + pages else m.next)
  }
  /** A device's frames may not be RAM given out or to be given out, nor overlap another region's. */
  predicate DeviceFree(m: State.Memory, frame: u64, pages: u64)
    requires Table(m)
  {
    forall i: int :: 0 <= i < |m.regions| ==> Apart(m.regions[i], frame, pages)
  }
  predicate Apart(r: Region, frame: u64, pages: u64) {
    r.frame as int + r.pages as int <= frame as int || frame as int + pages as int <= r.frame as int
  }
  /** What is left of a region when its owner has ended: RAM waits to be reused, a device's slot is as if never used. */
  function Freed(r: Region): Region {
    var g := if r.gen < 0xFFFF_FFFF then r.gen + 1 else r.gen;
    if r.policy == Kinds.Device then Region(g, 0, 0, 0, 0) else Region(g, 0, 0, r.pages, r.frame)
  }
  function ReleaseFrom(rs: seq<Region>, p: u32, i: u32): seq<Region>
    requires |rs| == NREGION as int && i <= NREGION
    ensures |ReleaseFrom(rs, p, i)| == |rs|
    decreases NREGION - i
  {
    if i == NREGION then rs
    else ReleaseFrom(if rs[i].owner == p then rs[i as int := Freed(rs[i])] else rs, p, i + 1)
  }
  /** Region r alone belongs to nobody any more. */
  function Free(m: State.Memory, r: u32): State.Memory requires Table(m) && r < NREGION { m.(regions := m.regions[r as int := Freed(m.regions[r])]) }
  /** Partition p owns nothing any more. */
  function Release(m: State.Memory, p: u32): State.Memory requires Table(m) { m.(regions := ReleaseFrom(m.regions, p, 0)) }

  /** Partition p may map a region that it owns, and a shared one. */
  predicate MayMap(r: Region, p: u32) { r.owner == p || r.owner == EVERYBODY }
  /** Does the region's policy let it be mapped so? */
  predicate Permits(policy: u32, perm: u32) {
    || (policy == Kinds.Immutable && (perm == Kinds.PermR || perm == Kinds.PermRX))
    || ((policy == Kinds.AppendOnly || policy == Kinds.Shared) && perm == Kinds.PermR)
    || (policy == Kinds.Slab && (perm == Kinds.PermR || perm == Kinds.PermRW))
    || (policy == Kinds.Device && perm == Kinds.PermDev)
  }

  // ---- stage-2 maps -----------------------------------------------------------------------------------------------------------
  // A map page v (27 bits) is found through  level 1: v / 2^18   level 2: v / 2^9 % 512   level 3: v % 512.
  // A level-3 table has the key v / 2^9 (< 2^18), a level-2 table the key 2^18 + v / 2^18.

  const EmptyMap: Map := Map([], map[])
  opaque function Key3(v: u32): u32 { v / 512 }
  opaque function Key2(v: u32): u32 { 0x4_0000 + v / 0x4_0000 }

  function AddKey(keys: seq<u32>, k: u32): seq<u32> { if k in keys then keys else keys + [k] }
  /** The tables that exist once page v is mapped. */
  function KeysFor(keys: seq<u32>, v: u32): seq<u32> { AddKey(AddKey(keys, Key2(v)), Key3(v)) }
  /** The tables that exist once the n pages from v on are mapped. */
  function KeysForRange(keys: seq<u32>, v: u32, n: u32): seq<u32>
    requires v as int + n as int <= IPAPAGES as int
    decreases n
  {
    if n == 0 then keys else KeysFor(KeysForRange(keys, v, n - 1), v + n - 1)
  }
  /** Would the tables suffice? */
  predicate Fits(m: Map, v: u32, n: u32)
    requires v as int + n as int <= IPAPAGES as int
  {
    |KeysForRange(m.keys, v, n)| < NTAB as int
  }
  predicate Unmapped(m: Map, v: u32, n: u32) { forall w <- m.pages :: !InRun(w, v, n) }
  predicate InRun(w: u32, v: u32, n: u32) { v as int <= w as int < v as int + n as int }
  /** Every one of the n pages from v on is mapped to a page of region r. */
  predicate MappedTo(m: Map, v: u32, n: u32, r: u32)
    requires v as int + n as int <= IPAPAGES as int
    decreases n
  {
    n == 0 || (v + n - 1 in m.pages && m.pages[v + n - 1].region == r && MappedTo(m, v, n - 1, r))
  }
  /** Pages v … v+n-1 show frames frame … frame+n-1 of region r. */
  function MapRange(m: Map, v: u32, n: u32, frame: u64, perm: u32, r: u32): Map
    requires v as int + n as int <= IPAPAGES as int && frame as int + n as int <= LO32 as int * 256
    decreases n
  {
    if n == 0 then m
    else
      var l := MapRange(m, v, n - 1, frame, perm, r);
      Map(KeysFor(l.keys, v + n - 1), l.pages[v + n - 1 := Pte(frame + n as u64 - 1, perm, r)])
  }
  function UnmapRange(m: Map, v: u32, n: u32): Map { m.(pages := map w | w in m.pages && !InRun(w, v, n) :: m.pages[w]) }

  // ---- invariants -------------------------------------------------------------------------------------------------------------

  const FRAMES: u64 := Limits.FRAMES      // physical addresses have 48 bits, as stage-2 descriptors can hold

  /** What is shared is everybody's, and nothing else is. */
  predicate PolicyOk(owner: u32, policy: u32) { if owner == EVERYBODY then policy == Kinds.Shared else owner < NPART && policy <= Kinds.Device }
  /** Frames are 36-bit numbers; a region with an owner has pages and a generation that a capability can carry. */
  predicate RegionOk(m: State.Memory, r: Region) {
    && r.frame as int + r.pages as int <= FRAMES as int
    && (r.owner != 0 ==> r.pages != 0 && PolicyOk(r.owner, r.policy) && r.gen <= GENMAX)
  }
  /** No frame belongs to two regions, and none that is still to be given out belongs to any. */
  predicate RegionsOk(m: State.Memory) {
    && Table(m) && m.next <= m.limit <= FRAMES
    && (forall i: int :: 0 <= i < |m.regions| ==> RegionOk(m, m.regions[i]) && Apart(m.regions[i], m.next, m.limit - m.next))
    && (forall i: int, j: int :: 0 <= i < j < |m.regions| ==> Apart(m.regions[i], m.regions[j].frame, m.regions[j].pages))
  }
  predicate Off(frame: u64, pages: u64, lo: u64, n: u64) { frame as int + pages as int <= lo as int || lo as int + n as int <= frame as int }
  /** A leased device lies below RAM and is none that the hypervisor itself drives. */
  predicate DeviceAllowed(c: Machine, frame: u64, pages: u64) {
    && frame as int + pages as int <= c.ram as int
    && Off(frame, pages, c.uart, 1) && Off(frame, pages, c.gicd, 16) && Off(frame, pages, c.gicr, c.gicrPages)
  }
  /** A region lies in the RAM for partitions, in what has been given out; a lease where devices may lie. */
  predicate RegionPlaced(c: Machine, next: u64, r: Region) {
    r.pages == 0 || (if r.owner != 0 && r.policy == Kinds.Device then DeviceAllowed(c, r.frame, r.pages) else c.lo <= r.frame && r.frame as int + r.pages as int <= next as int)
  }
  /** The hypervisor's devices lie below RAM; otherwise there is no RAM for partitions. */
  predicate Sane(c: Machine) {
    c.ram <= c.lo && (c.lo == FRAMES || (c.uart < c.ram && c.gicd as int + 16 <= c.ram as int && c.gicr as int + c.gicrPages as int <= c.ram as int))
  }
  predicate Placed(c: Machine, m: State.Memory) {
    Sane(c) && c.lo <= m.next && forall i: int {:trigger m.regions[i]} :: 0 <= i < |m.regions| ==> RegionPlaced(c, m.next, m.regions[i])
  }
  /** A page shows a frame of a region that its partition owns or that is shared, in a way that the region's policy permits. */
  predicate PteOk(m: State.Memory, p: u32, e: Pte) requires Table(m) {
    && e.region < NREGION && MayMap(m.regions[e.region], p)
    && m.regions[e.region].frame <= e.frame && e.frame as int < m.regions[e.region].frame as int + m.regions[e.region].pages as int
    && Permits(m.regions[e.region].policy, e.perm)
  }
  predicate MapOk(m: State.Memory, p: u32, s2: Map) requires Table(m) {
    && |s2.keys| < NTAB as int
    && forall v :: v in s2.pages ==> v as u64 < IPAPAGES && PteOk(m, p, s2.pages[v])
  }
}
