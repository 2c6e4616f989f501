include "../platform/Heap.dfy"
include "../../../spec/State.dfy"

/** The devices that can be leased, and what each partition slot has leased. */
module LeaseTables {
  import opened Types
  import opened Limits
  import Heap
  import State

  class LeaseTable {
    const ends: array<u64>                    // when the lease of each partition slot ends; 0: it has none
    const place: array<u32>                   // its region and the page where it begins: two words a slot
    const list: array<u64>                    // devices of two words: first frame, pages
    var count: u32                            // devices

    ghost function Repr(): set<object> { {this, ends, place, list} }
    opaque ghost predicate Valid()
      reads this
      ensures Valid() ==> ends.Length == NPART as int && place.Length == 2 * NPART as int && list.Length == 2 * NDEVICE as int && count <= NDEVICE && ends != list
    {
      ends.Length == NPART as int && place.Length == 2 * NPART as int && list.Length == 2 * NDEVICE as int && count <= NDEVICE && ends != list
    }
    opaque ghost function Leases(): seq<State.Lease>
      reads this, ends, place, list
      ensures Valid() ==> |Leases()| == NPART as int
    {
      if !Valid() then []
      else seq(NPART as int, p requires 0 <= p < NPART as int && Valid() reads this, ends, place => State.Lease(place[2 * p], place[2 * p + 1], ends[p]))
    }
    opaque ghost function Devices(): seq<State.Device>
      reads this, ends, place, list
      ensures Valid() ==> |Devices()| == count as int
    {
      if !Valid() then []
      else seq(count as int, i requires 0 <= i < count as int && Valid() reads this, list => State.Device(list[2 * i], list[2 * i + 1]))
    }

    constructor ()
      ensures Valid() && fresh(Repr()) && Devices() == [] && Leases() == seq(NPART as int, _ => State.EmptyLease)
    {
      var e := Heap.NewU64(NPART);
      var p := Heap.NewU32(256);
      var l := Heap.NewU64(64);
      ends, place, list, count := e, p, l, 0;
      new;
      reveal Valid(), Leases(), Devices();
    }

    /** When p's lease ends; 0: it has none. */
    function Until(p: u32): (t: u64)
      requires Valid() && p < NPART
      reads this, ends, place, list
      ensures t == Leases()[p].until
    {
      reveal Leases();
      ends[p]
    }
    function Region(p: u32): (r: u32)
      requires Valid() && p < NPART
      reads this, ends, place, list
      ensures r == Leases()[p].region
    {
      reveal Leases();
      place[2 * p]
    }
    function Page(p: u32): (v: u32)
      requires Valid() && p < NPART
      reads this, ends, place, list
      ensures v == Leases()[p].page
    {
      reveal Leases();
      place[2 * p + 1]
    }
    function Count(): (n: u32)
      requires Valid()
      reads this, ends, place, list
      ensures n as int == |Devices()|
    {
      count
    }
    function Frame(i: u32): (f: u64)
      requires Valid() && i as int < |Devices()|
      reads this, ends, place, list
      ensures f == Devices()[i].frame
    {
      reveal Devices();
      list[2 * i]
    }
    function Pages(i: u32): (n: u64)
      requires Valid() && i as int < |Devices()|
      reads this, ends, place, list
      ensures n == Devices()[i].pages
    {
      reveal Devices();
      list[2 * i + 1]
    }
    method Set(p: u32, region: u32, page: u32, until: u64)
      requires Valid() && p < NPART
      modifies ends, place
      ensures Valid() && Devices() == old(Devices()) && Leases() == old(Leases())[p as int := State.Lease(region, page, until)]
    {
      reveal Leases(), Devices();
      ends[p] := until;
      place[2 * p] := region;
      place[2 * p + 1] := page;
      forall q: int | 0 <= q < NPART as int ensures Leases()[q] == old(Leases())[p as int := State.Lease(region, page, until)][q] {}
    }
    method Add(frame: u64, pages: u64)
      requires Valid() && |Devices()| < NDEVICE as int
      modifies this`count, list
      ensures Valid() && Leases() == old(Leases()) && Devices() == old(Devices()) + [State.Device(frame, pages)]
    {
      reveal Leases(), Devices(), Valid();
      list[2 * count] := frame;
      list[2 * count + 1] := pages;
      count := count + 1;
    }
  }
}
