include "CapLemmas.dfy"
include "../platform/Heap.dfy"

/** The capability table of all partitions: one array, eight words to an entry. */
module CapTables {
  import opened Types
  import opened Limits
  import Status
  import Kinds
  import Rights
  import Heap
  import State
  import Capabilities
  import CapLemmas

  // Most steps of work (spec/Cost.dfy).
  ghost const CHECK_WORK: nat := 2 + MAXDEPTH as nat
  ghost const FREE_SLOT_WORK: nat := 1 + CSLOTS as nat
  ghost const DROP_ALL_WORK: nat := 1 + CSLOTS as nat

  class CapTable {
    const tab: array<u32>

    ghost function Repr(): set<object> { {this, tab} }

    ghost function Abs(): seq<State.Cap>
      requires tab.Length == 32768
      reads tab
      ensures |Abs()| == NCAP as int
    {
      CapLemmas.Decode(tab[..])
    }

    ghost predicate Valid()
      reads tab
    {
      tab.Length == 32768 && Capabilities.Bounded(Abs())
    }

    constructor ()
      ensures Valid() && fresh(this) && fresh(tab) && fresh(Repr())
      ensures Abs() == seq(NCAP as int, _ => State.EmptyCap)
    {
      var a := Heap.NewU32(32768);
      tab := a;
      new;
      CapLemmas.Zeroes(tab[..]);
    }

    // ---- reading ----------------------------------------------------------------------------

    function Generation(i: u32): (gen: u32)
      requires Valid() && i < NCAP
      reads tab
      ensures gen == Abs()[i].gen
    {
      CapLemmas.Entry(tab[..], i as int);
      tab[i * 8]
    }

    function Used(i: u32): (used: bool)
      requires Valid() && i < NCAP
      reads tab
      ensures used == (Abs()[i].kind != Kinds.None)
    {
      CapLemmas.Entry(tab[..], i as int);
      tab[i * 8 + 1] != Kinds.None
    }

    function KindOf(i: u32): (kind: u32)
      requires Valid() && i < NCAP
      reads tab
      ensures kind == Abs()[i].kind
    {
      CapLemmas.Entry(tab[..], i as int);
      tab[i * 8 + 1]
    }

    function ObjectOf(i: u32): (obj: u32)
      requires Valid() && i < NCAP
      reads tab
      ensures obj == Abs()[i].obj
    {
      CapLemmas.Entry(tab[..], i as int);
      tab[i * 8 + 2]
    }

    function RightsOf(i: u32): (rights: u32)
      requires Valid() && i < NCAP
      reads tab
      ensures rights == Abs()[i].rights
    {
      CapLemmas.Entry(tab[..], i as int);
      tab[i * 8 + 4]
    }

    function DepthOf(i: u32): (depth: u32)
      requires Valid() && i < NCAP
      reads tab
      ensures depth == Abs()[i].depth
    {
      CapLemmas.Entry(tab[..], i as int);
      tab[i * 8 + 5]
    }

    method Object(i: u32) returns (obj: u32, ogen: u32)
      requires Valid() && i < NCAP
      ensures obj == Abs()[i].obj && ogen == Abs()[i].ogen
      ensures Capabilities.ObjectInRange(Abs()[i])
    {
      CapLemmas.Entry(tab[..], i as int);
      assert Capabilities.SlotOk(Abs()[i]);
      var a := tab;
      obj := a[i * 8 + 2];
      ogen := a[i * 8 + 3];
    }

    /** P1. i is the entry that the handle names (0 when the handle names no slot at all). */
    method Check(p: u32, handle: u64, kind: u32, rights: u32) returns (status: u64, i: u32, ghost work: nat)
      requires Valid() && p < NPART
      ensures work <= CHECK_WORK
      ensures status == Capabilities.Check(Abs(), p, handle, kind, rights)
      ensures i < NCAP
      ensures status == Status.OK ==>
        && Capabilities.Slot(handle) < CSLOTS as u64 && i == Capabilities.Index(p, handle)
        && Capabilities.Live(Abs(), i, Capabilities.Gen(handle))
        && Abs()[i].kind != Kinds.None && (kind != Kinds.None ==> Abs()[i].kind == kind)
        && Abs()[i].gen == Capabilities.Gen(handle) && Abs()[i].gen <= GENMAX
        && Rights.Subset(rights, Abs()[i].rights)
        && Capabilities.SlotOk(Abs()[i])
    {
      work := 1;
      var a := tab;
      ghost var t := Abs();
      i := 0;
      var slot := handle % LO32;
      if slot >= CSLOTS as u64 {
        status := Status.InsufficientCapability;
        return;
      }
      i := p * CSLOTS + slot as u32;
      var w := i * 8;
      var gen := (handle / LO32) as u32;
      var found := a[w + 1];
      CapLemmas.Entry(a[..], i as int);
      assert Capabilities.SlotOk(t[i]);
      if found == Kinds.None || a[w] != gen {
        assert !Capabilities.Live(t, i, gen);
        status := Status.StaleCapability;
        return;
      }
      var has := a[w + 4];
      var deep := a[w + 5];
      var links := MAXDEPTH;
      ghost var j, g := i, gen;
      while deep != 0
        invariant work + links as int == 1 + MAXDEPTH as int
        invariant j < NCAP && w == j * 8 && links <= MAXDEPTH && deep == t[j].depth
        invariant t[j].kind != Kinds.None && t[j].gen == g
        invariant Capabilities.Live(t, i, gen) == Capabilities.LiveAt(t, j, g, links)
        decreases links
      {
        work := work + 1;
        CapLemmas.Entry(a[..], j as int);
        var parent := a[w + 6];
        if links == 0 || parent >= NCAP {
          status := Status.StaleCapability;
          return;
        }
        var pgen := a[w + 7];
        w := parent * 8;
        CapLemmas.Entry(a[..], parent as int);
        if a[w] != pgen || a[w + 1] == Kinds.None {
          status := Status.StaleCapability;
          return;
        }
        deep := a[w + 5];
        links := links - 1;
        j, g := parent, pgen;
      }
      assert Capabilities.Live(t, i, gen);
      assert t[i].kind == found && t[i].rights == has;
      if kind != Kinds.None && found != kind {
        status := Status.CapabilityTypeMismatch;
      } else if !Rights.Subset(rights, has) {
        status := Status.InsufficientCapability;
      } else {
        status := Status.OK;
      }
    }

    method FreeSlot(p: u32) returns (s: u32, ghost work: nat)
      requires Valid() && p < NPART
      ensures work <= FREE_SLOT_WORK
      ensures s == Capabilities.FreeSlot(Abs(), p) && s <= CSLOTS
      ensures s < CSLOTS ==> Abs()[p * CSLOTS + s].kind == Kinds.None && Abs()[p * CSLOTS + s].gen < GENMAX
    {
      work := 1;
      var a := tab;
      s := 0;
      var w := p * CSLOTS * 8;
      while s < CSLOTS
        invariant s <= CSLOTS && w == (p * CSLOTS + s) * 8 && work == 1 + s as int
        invariant Capabilities.FreeSlot(Abs(), p) == Capabilities.FreeFrom(Abs(), p, s)
      {
        work := work + 1;
        CapLemmas.Entry(a[..], (p * CSLOTS + s) as int);
        if a[w + 1] == Kinds.None && a[w] < GENMAX {
          return;
        }
        s := s + 1;
        w := w + 8;
      }
    }

    method DeriveCheck(src: u32, asked: u32) returns (status: u64)
      requires Valid() && src < NCAP
      ensures status == Capabilities.DeriveCheck(Abs(), src, asked)
      ensures status == Status.OK ==> Abs()[src].depth < MAXDEPTH
    {
      CapLemmas.Entry(tab[..], src as int);
      var rights := tab[src * 8 + 4];
      if !Rights.Subset(Rights.GRANT, rights) && !Rights.Subset(Rights.GRANT_ONCE, rights) {
        status := Status.CapabilityConsumed;
      } else if !Rights.Subset(asked, rights) {
        status := Status.InsufficientCapability;
      } else if tab[src * 8 + 5] >= MAXDEPTH {
        status := Status.DelegationDepthExceeded;
      } else {
        status := Status.OK;
      }
    }

    // ---- writing ----------------------------------------------------------------------------

    method Put(i: u32, gen: u32, kind: u32, obj: u32, ogen: u32, rights: u32, depth: u32, parent: u32, pgen: u32)
      requires Valid() && i < NCAP
      requires Capabilities.SlotOk(State.Cap(gen, kind, obj, ogen, rights, depth, parent, pgen))
      modifies tab
      ensures Valid()
      ensures Abs() == old(Abs())[i as int := State.Cap(gen, kind, obj, ogen, rights, depth, parent, pgen)]
    {
      ghost var s := tab[..];
      var a := tab;
      var w := i * 8;
      a[w] := gen;
      a[w + 1] := kind;
      a[w + 2] := obj;
      a[w + 3] := ogen;
      a[w + 4] := rights;
      a[w + 5] := depth;
      a[w + 6] := parent;
      a[w + 7] := pgen;
      ghost var c := State.Cap(gen, kind, obj, ogen, rights, depth, parent, pgen);
      CapLemmas.Store(s, tab[..], i as int, c);
      CapLemmas.BoundedStore(old(Abs()), i as int, c);
    }

    /** A new root capability in entry i. */
    method Mint(i: u32, kind: u32, obj: u32, ogen: u32, rights: u32)
      requires Valid() && i < NCAP && Abs()[i].gen < GENMAX
      requires Capabilities.ObjectInRange(State.Cap(0, kind, obj, ogen, rights, 0, 0, 0))
      modifies tab
      ensures Valid() && Abs() == Capabilities.Mint(old(Abs()), i, kind, obj, ogen, rights)
    {
      Put(i, Generation(i) + 1, kind, obj, ogen, rights, 0, 0, 0);
    }

    /** Entry i becomes a capability derived from entry src. */
    method Derive(i: u32, src: u32, asked: u32)
      requires Valid() && i < NCAP && src < NCAP && i != src && Abs()[i].gen < GENMAX && Abs()[src].depth < MAXDEPTH
      modifies tab
      ensures Valid() && Abs() == Capabilities.Derive(old(Abs()), i, src, asked)
    {
      ghost var s := tab[..];
      ghost var t := Abs();
      var a := tab;
      var w := src * 8;
      CapLemmas.Entry(s, src as int);
      assert Capabilities.SlotOk(t[src]);
      var rights := a[w + 4];
      var child := asked;
      if !Rights.Subset(Rights.GRANT, rights) {
        child := Rights.Without(asked, Rights.GRANT + Rights.GRANT_ONCE);
        a[w + 4] := Rights.Without(rights, Rights.GRANT_ONCE);
      }
      ghost var c := t[src].(rights := Capabilities.ParentRights(rights));
      CapLemmas.Store(s, tab[..], src as int, c);
      CapLemmas.BoundedStore(t, src as int, c);
      CapLemmas.Entry(tab[..], src as int);
      Put(i, Generation(i) + 1, a[w + 1], a[w + 2], a[w + 3], child, a[w + 5] + 1, src, a[w]);
    }

    method SetGeneration(i: u32, gen: u32)
      requires Valid() && i < NCAP && gen <= GENMAX
      modifies tab
      ensures Valid() && Abs() == old(Abs())[i as int := old(Abs())[i].(gen := gen)]
    {
      ghost var s := tab[..];
      ghost var c := Abs()[i].(gen := gen);
      CapLemmas.Entry(s, i as int);
      assert Capabilities.SlotOk(Abs()[i]);
      tab[i * 8] := gen;
      CapLemmas.Store(s, tab[..], i as int, c);
      CapLemmas.BoundedStore(old(Abs()), i as int, c);
    }

    /** Everything derived from entry i dies at once; entry i itself gets a new generation. */
    method Revoke(i: u32)
      requires Valid() && i < NCAP && Abs()[i].gen < GENMAX
      modifies tab
      ensures Valid() && Abs() == Capabilities.Revoke(old(Abs()), i)
    {
      SetGeneration(i, Generation(i) + 1);
    }

    /** Entry i is empty, and everything derived from it is dead. */
    method Drop(i: u32)
      requires Valid() && i < NCAP
      modifies tab
      ensures Valid() && Abs() == Capabilities.Drop(old(Abs()), i)
    {
      var gen := Generation(i);
      Put(i, if gen <= GENMAX then gen + 1 else gen, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Partition p has lost every capability. */
    method DropAll(p: u32) returns (ghost work: nat)
      requires Valid() && p < NPART
      modifies tab
      ensures Valid() && Abs() == Capabilities.DropAll(old(Abs()), p)
      ensures work <= DROP_ALL_WORK
    {
      work := 1;
      var s: u32 := 0;
      while s < CSLOTS
        invariant s <= CSLOTS && Valid() && work == 1 + s as int
        invariant Capabilities.DropAll(old(Abs()), p) == Capabilities.DropFrom(Abs(), p, s)
      {
        work := work + 1;
        if Used(p * CSLOTS + s) {
          Drop(p * CSLOTS + s);
        }
        s := s + 1;
      }
    }
  }
}
