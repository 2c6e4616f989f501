include "../platform/Heap.dfy"
include "../../../spec/Memory.dfy"

/** How 8 words of the table stand for one region, and why every change keeps the regions disjoint. Pure values only. */
module {:compile false} RegionFacts {
  import opened Types
  import opened Limits
  import opened State
  import Kinds
  import M = Memory

  ghost function Low(x: u64): u32 { if x < LO32 then x as u32 else 0 }

  /** Slot i of the table: gen, owner, policy, pages, frame in words 8i … 8i+4. */
  ghost function At(t: seq<u64>, i: int): Region
    requires |t| == NREGION as int * 8 && 0 <= i < NREGION as int
  {
    Region(Low(t[8 * i]), Low(t[8 * i + 1]), Low(t[8 * i + 2]), t[8 * i + 3], t[8 * i + 4])
  }
  ghost function Regions(t: seq<u64>): seq<Region>
    requires |t| == NREGION as int * 8
    ensures |Regions(t)| == NREGION as int
  {
    seq(NREGION as int, i requires 0 <= i < NREGION as int => At(t, i))
  }
  ghost predicate Narrow(t: seq<u64>, i: int) requires |t| == NREGION as int * 8 && 0 <= i < NREGION as int {
    t[8 * i] < LO32 && t[8 * i + 1] < LO32 && t[8 * i + 2] < LO32
  }
  /** Three of the five words hold 32-bit numbers. */
  opaque ghost predicate AllNarrow(t: seq<u64>) requires |t| == NREGION as int * 8 {
    forall i {:trigger Narrow(t, i)} :: 0 <= i < NREGION as int ==> Narrow(t, i)
  }

  /** t' is t with slot r replaced by the region g. */
  ghost predicate Stored(t: seq<u64>, t': seq<u64>, r: u32, g: Region) requires |t| == |t'| == NREGION as int * 8 && r < NREGION {
    && At(t', r as int) == g && Narrow(t', r as int)
    && forall k :: 0 <= k < |t| && !(8 * r as int <= k < 8 * r as int + 8) ==> t'[k] == t[k]
  }
  lemma StoreIsUpdate(t: seq<u64>, t': seq<u64>, r: u32, g: Region)
    requires |t| == |t'| == NREGION as int * 8 && r < NREGION && AllNarrow(t) && Stored(t, t', r, g)
    ensures AllNarrow(t') && Regions(t') == Regions(t)[r as int := g]
  {
    reveal AllNarrow();
    forall i | 0 <= i < NREGION as int ensures Narrow(t', i) && Regions(t')[i] == Regions(t)[r as int := g][i] {
      assert Narrow(t, i);
    }
  }
  lemma NarrowAt(t: seq<u64>, i: int)
    requires |t| == NREGION as int * 8 && 0 <= i < NREGION as int && AllNarrow(t)
    ensures Narrow(t, i)
  {
    reveal AllNarrow();
  }
  lemma AllZero(t: seq<u64>, lo: u64, hi: u64)
    requires |t| == NREGION as int * 8 && forall k :: 0 <= k < |t| ==> t[k] == 0
    requires lo <= hi <= M.FRAMES
    ensures AllNarrow(t) && Regions(t) == seq(NREGION as int, _ => Region(0, 0, 0, 0, 0))
    ensures M.RegionsOk(State.Memory(Regions(t), lo, hi))
  {
    reveal AllNarrow();
  }

  // ---- the invariant ------------------------------------------------------------------------------------------------------

  /** Slot r may become g, and `next` may advance to next', if g is apart from all other regions and from what is left to give out. */
  lemma UpdateKeepsRegionsOk(m: State.Memory, r: u32, g: Region, next': u64)
    requires M.RegionsOk(m) && r < NREGION && M.RegionOk(m, g) && m.next <= next' <= m.limit
    requires M.Apart(g, next', m.limit - next')
    requires forall i :: 0 <= i < |m.regions| && i != r as int ==> M.Apart(m.regions[i], g.frame, g.pages)
    ensures M.RegionsOk(m.(regions := m.regions[r as int := g], next := next'))
  {
    var m' := m.(regions := m.regions[r as int := g], next := next');
    forall i | 0 <= i < |m'.regions| ensures M.RegionOk(m', m'.regions[i]) && M.Apart(m'.regions[i], m'.next, m'.limit - m'.next) {
      if i != r as int { assert M.RegionOk(m, m.regions[i]) && M.Apart(m.regions[i], m.next, m.limit - m.next); }
    }
    forall i, j | 0 <= i < j < |m'.regions| ensures M.Apart(m'.regions[i], m'.regions[j].frame, m'.regions[j].pages) {
      if j == r as int { assert M.Apart(m.regions[i], g.frame, g.pages); }
      else if i == r as int { assert M.Apart(m.regions[j], g.frame, g.pages); }
      else { assert M.Apart(m.regions[i], m.regions[j].frame, m.regions[j].pages); }
    }
  }
  lemma OthersApart(m: State.Memory, r: u32)
    requires M.RegionsOk(m) && r < NREGION
    ensures forall i :: 0 <= i < |m.regions| && i != r as int ==> M.Apart(m.regions[i], m.regions[r].frame, m.regions[r].pages)
  {
    forall i | 0 <= i < |m.regions| && i != r as int ensures M.Apart(m.regions[i], m.regions[r].frame, m.regions[r].pages) {
      if i < r as int { assert M.Apart(m.regions[i], m.regions[r].frame, m.regions[r].pages); }
      else { assert M.Apart(m.regions[r], m.regions[i].frame, m.regions[i].pages); }
    }
  }
  lemma ReuseIsFree(m: State.Memory, n: u64, i: u32)
    requires M.Table(m) && i <= NREGION
    ensures var r := M.ReuseFrom(m, n, i); r < NREGION ==> m.regions[r].owner == 0 && m.regions[r].pages == n && m.regions[r].gen <= GENMAX
    decreases NREGION - i
  {
    if i < NREGION { ReuseIsFree(m, n, i + 1); }
  }
  lemma CreateKeepsRegionsOk(m: State.Memory, owner: u32, policy: u32, n: u64)
    requires M.RegionsOk(m) && n > 0 && 0 < owner && M.PolicyOk(owner, policy) && policy != Kinds.Device && M.Pick(m, n) < NREGION
    ensures M.RegionsOk(M.Create(m, M.Pick(m, n), owner, policy, n, M.PickFrame(m, n)))
  {
    var r := M.Pick(m, n);
    var f := M.PickFrame(m, n);
    var g := Region(m.regions[r].gen, owner, policy, n, f);
    assert M.RegionOk(m, m.regions[r]) && M.Apart(m.regions[r], m.next, m.limit - m.next);
    ReuseIsFree(m, 0, 0);
    if M.ReuseFrom(m, n, 0) < NREGION {
      ReuseIsFree(m, n, 0);
      OthersApart(m, r);
      UpdateKeepsRegionsOk(m, r, g, m.next);
    } else {
      forall i | 0 <= i < |m.regions| ensures M.Apart(m.regions[i], f, n) {
        assert M.Apart(m.regions[i], m.next, m.limit - m.next);
      }
      UpdateKeepsRegionsOk(m, r, g, m.next + n);
    }
  }
  lemma CreateDeviceKeepsRegionsOk(m: State.Memory, r: u32, owner: u32, pages: u64, frame: u64)
    requires M.RegionsOk(m) && r < NREGION && m.regions[r].gen <= GENMAX && pages > 0 && 0 < owner < NPART && frame as int + pages as int <= M.FRAMES as int
    requires M.DeviceFree(m, frame, pages) && M.Apart(Region(0, 0, 0, pages, frame), m.next, m.limit - m.next)
    ensures M.RegionsOk(M.Create(m, r, owner, Kinds.Device, pages, frame))
  {
    UpdateKeepsRegionsOk(m, r, Region(m.regions[r].gen, owner, Kinds.Device, pages, frame), m.next);
  }
  lemma FreedKeepsRegionsOk(m: State.Memory, r: u32)
    requires M.RegionsOk(m) && r < NREGION
    ensures M.RegionsOk(m.(regions := m.regions[r as int := M.Freed(m.regions[r])]))
  {
    assert M.RegionOk(m, m.regions[r]) && M.Apart(m.regions[r], m.next, m.limit - m.next);
    OthersApart(m, r);
    UpdateKeepsRegionsOk(m, r, M.Freed(m.regions[r]), m.next);
  }
}

/** Who owns which frames. */
module RegionTables {
  import opened Types
  import opened Limits
  import Heap
  import Kinds
  import State
  import Memory
  import RegionFacts

  // Most steps of work (spec/Cost.dfy).
  ghost const REUSE_WORK: nat := 1 + NREGION as nat
  ghost const VIRGIN_SLOT_WORK: nat := 1 + REUSE_WORK
  ghost const PICK_WORK: nat := 1 + REUSE_WORK + VIRGIN_SLOT_WORK
  ghost const DEVICE_FREE_WORK: nat := 1 + NREGION as nat
  ghost const RELEASE_ALL_WORK: nat := 1 + NREGION as nat

  class RegionTable {
    const tab: array<u64>      // 8 words a slot: generation, owner, policy, pages, frame, three spare
    var next: u64              // frames [next, limit) have never been given out
    var limit: u64

    ghost function Repr(): set<object> { {this, tab} }
    opaque ghost function Abs(): State.Memory
      reads this, tab
      ensures Memory.Table(Abs())
    {
      if tab.Length == NREGION as int * 8 then State.Memory(RegionFacts.Regions(tab[..]), next, limit)
      else State.Memory(seq(NREGION as int, _ => State.Region(0, 0, 0, 0, 0)), 0, 0)
    }
    opaque ghost predicate Valid()
      reads this, tab
    {
      tab.Length == NREGION as int * 8 && RegionFacts.AllNarrow(tab[..]) && Memory.RegionsOk(Abs())
    }
    /** Regions are disjoint. */
    lemma RegionsHold()
      requires Valid()
      ensures Memory.RegionsOk(Abs())
    {
      reveal Valid();
    }

    /** lo, hi: the frames of RAM that may be given out are [lo, hi). */
    constructor (lo: u64, hi: u64)
      requires lo <= hi <= Memory.FRAMES
      ensures Valid() && fresh(tab)
      ensures Abs() == State.Memory(seq(NREGION as int, _ => State.Region(0, 0, 0, 0, 0)), lo, hi)
    {
      var t := Heap.NewU64(NREGION * 8);
      tab, next, limit := t, lo, hi;
      new;
      RegionFacts.AllZero(tab[..], lo, hi);
      reveal Abs();
      reveal Valid();
    }

    function Gen(r: u32): u32
      requires Valid() && r < NREGION
      reads this, tab
      ensures Gen(r) == Abs().regions[r].gen
    {
      reveal Abs(); reveal Valid();
      RegionFacts.NarrowAt(tab[..], r as int);
      tab[r * 8] as u32
    }
    function Owner(r: u32): u32
      requires Valid() && r < NREGION
      reads this, tab
      ensures Owner(r) == Abs().regions[r].owner
    {
      reveal Abs(); reveal Valid();
      RegionFacts.NarrowAt(tab[..], r as int);
      tab[r * 8 + 1] as u32
    }
    function Policy(r: u32): u32
      requires Valid() && r < NREGION
      reads this, tab
      ensures Policy(r) == Abs().regions[r].policy
    {
      reveal Abs(); reveal Valid();
      RegionFacts.NarrowAt(tab[..], r as int);
      tab[r * 8 + 2] as u32
    }
    function Pages(r: u32): u64
      requires Valid() && r < NREGION
      reads this, tab
      ensures Pages(r) == Abs().regions[r].pages
    {
      reveal Abs(); reveal Valid();
      tab[r * 8 + 3]
    }
    function Frame(r: u32): u64
      requires Valid() && r < NREGION
      reads this, tab
      ensures Frame(r) == Abs().regions[r].frame
    {
      reveal Abs(); reveal Valid();
      tab[r * 8 + 4]
    }

    /** A free slot with exactly n frames; NREGION if there is none. */
    method Reuse(n: u64) returns (r: u32, ghost work: nat)
      requires Valid()
      ensures r == Memory.ReuseFrom(Abs(), n, 0) <= NREGION
      ensures work <= REUSE_WORK
    {
      work := 1;
      r := 0;
      while r < NREGION && (Owner(r) != 0 || Pages(r) != n || Gen(r) > GENMAX)
        invariant r <= NREGION && work == 1 + r as int
        invariant Memory.ReuseFrom(Abs(), n, r) == Memory.ReuseFrom(Abs(), n, 0)
      {
        work := work + 1;
        r := r + 1;
      }
    }
    /** A slot that was never used; NREGION if there is none. */
    method VirginSlot() returns (r: u32, ghost work: nat)
      requires Valid()
      ensures r == Memory.VirginFrom(Abs(), 0) <= NREGION
      ensures work <= VIRGIN_SLOT_WORK
    {
      work := 1;
      ghost var w;
      r, w := Reuse(0);
      work := work + w;
    }
    /** The slot and first frame of a new region of n pages of RAM; NREGION if there is no slot or no memory. */
    method Pick(n: u64) returns (r: u32, frame: u64, ghost work: nat)
      requires Valid() && n > 0
      ensures r == Memory.Pick(Abs(), n) <= NREGION
      ensures r < NREGION ==> frame == Memory.PickFrame(Abs(), n)
      ensures work <= PICK_WORK
    {
      work := 1;
      ghost var w;
      r, w := Reuse(n);
      work := work + w;
      frame := 0;
      if r < NREGION {
        frame := Frame(r);
        return;
      }
      Bounds();
      if n <= limit - next {
        frame := next;
        r, w := VirginSlot();
        work := work + w;
      }
    }
    lemma Bounds()
      requires Valid()
      ensures Abs().next == next <= limit == Abs().limit <= Memory.FRAMES
    {
      reveal Abs();
      reveal Valid();
    }

    method Store(r: u32, gen: u32, owner: u32, policy: u32, pages: u64, frame: u64)
      requires r < NREGION && tab.Length == NREGION as int * 8 && RegionFacts.AllNarrow(tab[..])
      modifies tab
      ensures RegionFacts.AllNarrow(tab[..])
      ensures Abs() == old(Abs()).(regions := old(Abs()).regions[r as int := State.Region(gen, owner, policy, pages, frame)])
    {
      var b := r * 8;
      tab[b] := gen as u64;
      tab[b + 1] := owner as u64;
      tab[b + 2] := policy as u64;
      tab[b + 3] := pages;
      tab[b + 4] := frame;
      RegionFacts.StoreIsUpdate(old(tab[..]), tab[..], r, State.Region(gen, owner, policy, pages, frame));
      reveal Abs();
    }

    /** Region r, chosen by Pick, now belongs to owner. */
    method Create(r: u32, owner: u32, policy: u32, pages: u64, frame: u64)
      requires Valid() && pages > 0 && 0 < owner && Memory.PolicyOk(owner, policy) && policy != Kinds.Device
      requires r == Memory.Pick(Abs(), pages) && r < NREGION && frame == Memory.PickFrame(Abs(), pages)
      modifies this, tab
      ensures Valid()
      ensures Abs() == Memory.Create(old(Abs()), r, owner, policy, pages, frame)
    {
      reveal Valid();
      Bounds();
      RegionFacts.CreateKeepsRegionsOk(Abs(), owner, policy, pages);
      Store(r, Gen(r), owner, policy, pages, frame);
      if frame == next && pages <= limit - next {
        next := next + pages;
      }
      reveal Abs();
    }

    /** May the frames belong to a device: no region has one of them, and none is RAM that may still be given out? */
    method DeviceFree(frame: u64, pages: u64) returns (b: bool, ghost work: nat)
      requires Valid() && frame as int + pages as int <= Memory.FRAMES as int
      ensures b == (Memory.DeviceFree(Abs(), frame, pages) && (frame + pages <= Abs().next || Abs().limit <= frame))
      ensures work <= DEVICE_FREE_WORK
    {
      work := 1;
      Bounds();
      RegionsHold();
      b := frame + pages <= next || limit <= frame;
      if !b { return; }
      var i: u32 := 0;
      while i < NREGION && (Frame(i) + Pages(i) <= frame || frame + pages <= Frame(i))
        invariant i <= NREGION && work == 1 + i as int
        invariant forall k: int :: 0 <= k < i as int ==> Memory.Apart(Abs().regions[k], frame, pages)
      {
        work := work + 1;
        i := i + 1;
      }
      b := i == NREGION;
    }
    /** Region r, a slot found by VirginSlot, is a device's frames, leased to owner. */
    method CreateDevice(r: u32, owner: u32, pages: u64, frame: u64)
      requires Valid() && r < NREGION && Abs().regions[r].gen <= GENMAX && pages > 0 && 0 < owner < NPART && frame as int + pages as int <= Memory.FRAMES as int
      requires Memory.DeviceFree(Abs(), frame, pages) && (frame + pages <= Abs().next || Abs().limit <= frame)
      modifies this, tab
      ensures Valid()
      ensures Abs() == Memory.Create(old(Abs()), r, owner, Kinds.Device, pages, frame)
    {
      reveal Valid();
      Bounds();
      RegionFacts.CreateDeviceKeepsRegionsOk(Abs(), r, owner, pages, frame);
      Store(r, Gen(r), owner, Kinds.Device, pages, frame);
    }

    /** Partition p owns nothing any more. */
    method ReleaseAll(p: u32) returns (ghost work: nat)
      requires Valid()
      modifies this, tab
      ensures Valid()
      ensures Abs() == Memory.Release(old(Abs()), p)
      ensures work <= RELEASE_ALL_WORK
    {
      work := 1;
      var i: u32 := 0;
      while i < NREGION
        invariant i <= NREGION && Valid() && work == 1 + i as int
        invariant Abs() == old(Abs()).(regions := Abs().regions)
        invariant Memory.ReleaseFrom(Abs().regions, p, i) == Memory.ReleaseFrom(old(Abs()).regions, p, 0)
      {
        work := work + 1;
        if Owner(i) == p {
          Free(i);
        }
        i := i + 1;
      }
    }
    method Free(r: u32)
      requires Valid() && r < NREGION
      modifies tab
      ensures Valid()
      ensures Abs() == old(Abs()).(regions := old(Abs()).regions[r as int := Memory.Freed(old(Abs()).regions[r])])
    {
      reveal Valid();
      RegionFacts.FreedKeepsRegionsOk(Abs(), r);
      var g := Gen(r);
      if g < 0xFFFF_FFFF {
        g := g + 1;
      }
      if Policy(r) == Kinds.Device {
        Store(r, g, 0, 0, 0, 0);
      } else {
        Store(r, g, 0, 0, Pages(r), Frame(r));
      }
    }
  }
}
