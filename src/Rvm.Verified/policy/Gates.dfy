include "../../../spec/Decide/Boot.dfy"
include "PolicyTable.dfy"
include "../leases/LeaseTable.dfy"

/** What the gate remembers: the policies that came with the bundle, which one is active, and the nonces that were used; and beside
    them the leases. */
module Gates {
  import opened Types
  import opened Limits
  import PolicyLimits
  import Hash
  import Heap
  import State
  import B = DecideBoot
  import P = Policy
  import PT = PolicyTables
  import LT = LeaseTables
  import PolicyFacts

  // Most steps of work (spec/Cost.dfy).
  ghost const ADD_WORK: nat := 2 + PT.COPY_WORK + PolicyLimits.MAXPOLICY as nat
  ghost const DECIDE_WORK: nat := 1 + PT.DECIDE_WORK

  /** FNV-1a over the first n words. */
  method Hashed(b: array<u64>, n: u32) returns (h: u64, ghost work: nat)
    requires n as int <= b.Length
    ensures h == B.HashOf(b[..], n as int)
    ensures work == 1 + n as int
  {
    work := 1;
    h := Hash.BASIS;
    var i: u32 := 0;
    while i < n
      invariant i <= n && h == B.HashOf(b[..], i as int) && work == 1 + i as int
    {
      work := work + 1;
      h := Hash.Fnv8(h, b[i]);
      i := i + 1;
    }
  }
  lemma HashOfPart(b: seq<u64>, n: int)
    requires 0 <= n <= |b|
    ensures B.HashOf(b, n) == B.HashOf(b[..n], n)
    decreases n
  {
    if n > 0 {
      HashOfPart(b, n - 1);
      HashOfPart(b[..n], n - 1);
      assert b[..n][..n - 1] == b[..n - 1];
    }
  }
  /** A policy as the kernel keeps it. */
  ghost function Ruled(t: P.Words): State.Ruleset requires P.HeaderOk(t) { State.Ruleset(P.Kept(t), B.HashOf(P.Kept(t), |P.Kept(t)|)) }

  class Gate {
    const first: PT.PolicyTable
    const second: PT.PolicyTable
    const nonces: array<u64>                  // the last that each partition slot has used
    const request: array<u64>                 // the values of a request's fields
    const leases: LT.LeaseTable
    var count: u32                            // policies
    var leasing: bool                         // has anybody ever had a lease?
    var active: u32                           // the number of one of them, from 1; another number: none
    var low: u64                              // the calls that the active one governs: 0–63
    var high: u64                             // 64–127
    var digest1: u64
    var digest2: u64

    ghost function Repr(): set<object> { {this, nonces, request} + first.Repr() + second.Repr() + leases.Repr() }
    opaque ghost predicate Separate() {
      && nonces != request && first.Repr() !! second.Repr()
      && Alone(this) && Alone(nonces) && Alone(request) && leases.Repr() !! first.Repr() && leases.Repr() !! second.Repr()
    }
    ghost predicate Alone(o: object) { o !in first.Repr() && o !in second.Repr() && o !in leases.Repr() }

    opaque ghost function Policies(): seq<State.Ruleset>
      reads Repr()
      ensures |Policies()| <= NPOLICY as int
    {
      if count == 0 then []
      else if count == 1 then [State.Ruleset(first.Abs(), digest1)]
      else [State.Ruleset(first.Abs(), digest1), State.Ruleset(second.Abs(), digest2)]
    }
    /** The words of the active policy. */
    ghost function Words(): P.Words
      reads Repr()
    {
      if 0 < active as int <= |Policies()| then Policies()[active - 1].words else []
    }
    ghost function Nonces(): seq<u64> reads nonces { nonces[..] }
    ghost function Leases(): seq<State.Lease> reads leases.Repr() { leases.Leases() }
    ghost function Devices(): seq<State.Device> reads leases.Repr() { leases.Devices() }
    /** As Valid, but the words of governed calls may be those of another policy. */
    opaque ghost predicate Shape()
      reads Repr()
      ensures Shape() ==> leases.Valid() && nonces.Length == NPART as int && request.Length == PolicyLimits.FIELDS as int && count <= NPOLICY
    {
      && nonces.Length == NPART as int && request.Length == PolicyLimits.FIELDS as int && Separate() && count <= NPOLICY
      && first.Valid() && second.Valid() && leases.Valid()
      && (!leasing ==> forall p: u32 {:trigger Leases()[p]} :: p < NPART ==> Leases()[p].until == 0)
    }
    opaque ghost predicate Valid()
      reads Repr()
      ensures Valid() ==> leases.Valid() && nonces.Length == NPART as int && request.Length == PolicyLimits.FIELDS as int && count <= NPOLICY
    {
      Shape() && low == P.Word(Words(), 4) && high == P.Word(Words(), 5)
    }

    /** Where nothing has changed, nothing has. Dafny does not see by itself that the tables' arrays were there before. */
    twostate lemma Stays()
      requires old(Valid()) && old(allocated(Repr())) && unchanged(Repr())
      ensures Valid()
    {}

    constructor ()
      ensures Valid() && fresh(Repr()) && active == 0 && Policies() == [] && Nonces() == seq(NPART as int, _ => 0)
      ensures Leases() == seq(NPART as int, _ => State.EmptyLease) && Devices() == []
    {
      var f := new PT.PolicyTable();
      var s := new PT.PolicyTable();
      var n := Heap.NewU64(NPART);
      var r := Heap.NewU64(PolicyLimits.FIELDS);
      var l := new LT.LeaseTable();
      first, second, nonces, request, leases := f, s, n, r, l;
      count, active, low, high, digest1, digest2, leasing := 0, 0, 0, 0, 0, 0, false;
      new;
      reveal Separate(), Shape(), Valid(), Policies();
    }

    // ---- reading --------------------------------------------------------------------------------------------------------------

    function Nonce(p: u32): (n: u64)
      requires Valid() && p < NPART
      reads Repr()
      ensures n == Nonces()[p]
    {
      nonces[p]
    }
    function Count(): (n: u32)
      requires Valid()
      reads Repr()
      ensures n as int == |Policies()|
    {
      reveal Policies();
      count
    }
    /** The digest of policy i, from 1. */
    function Digest(i: u32): (d: u64)
      requires Valid() && 0 < i as int <= |Policies()|
      reads Repr()
      ensures d == Policies()[i - 1].digest
    {
      reveal Policies();
      if i == 1 then digest1 else digest2
    }
    /** Does the active policy govern this call? One test of a word where the call is a constant. Asked only of calls that a policy can speak of and
        that exist. */
    function Governs(call: u32): (b: bool)
      requires Valid()
      requires call == 1 || call == 2 || call == 12 || 17 <= call <= 20 || call == 64 || call == 71 || 73 <= call <= 76 || call == 79
      reads Repr()
      ensures b == P.Governs(Words(), call)
    {
      Powers();
      reveal Valid();
      if call == 1 then low / 2 % 2 == 1
      else if call == 2 then low / 4 % 2 == 1
      else if call == 64 then high % 2 == 1
      else if call == 73 then high / 0x200 % 2 == 1
      else if call == 74 then high / 0x400 % 2 == 1
      else if call == 75 then high / 0x800 % 2 == 1
      else if call == 76 then high / 0x1000 % 2 == 1
      else true
    }
    static lemma Powers()
      ensures P.Power(0) == 1 && P.Power(1) == 2 && P.Power(2) == 4 && P.Power(9) == 0x200 && P.Power(10) == 0x400 && P.Power(11) == 0x800 && P.Power(12) == 0x1000
    {
      assert P.Power(5) == 0x20;
    }
    /** Does the active policy want a deep proof of this call? */
    function Deep(call: u32): (b: bool)
      requires Valid()
      reads Repr()
      ensures b == P.Deep(Words(), call)
    {
      P.Deep(Words(), call)
    } by method {
      reveal Valid(), Shape(), Policies();
      b := false;
      if active == 1 && count >= 1 { b := first.Deep(call); }
      else if active == 2 && count == 2 { b := second.Deep(call); }
      else { PT.PolicyTable.Shallow(call); }
    }
    /** What the active policy says to a call with the request as it is. */
    method Decide(call: u32) returns (permitted: bool, rule: u32, ghost work: nat)
      requires Valid()
      ensures P.Decision(Words(), call, request[..]) == if permitted then P.Permit(rule as u64) else P.Deny(rule as u64)
      ensures Valid() && Words() == old(Words()) && Policies() == old(Policies()) && Nonces() == old(Nonces()) && request[..] == old(request[..])
      ensures Leases() == old(Leases()) && Devices() == old(Devices())
      ensures rule <= PolicyLimits.NORULE && work <= DECIDE_WORK
    {
      hide P.Decision;
      work := 1;
      assert allocated(Repr());
      reveal Valid(), Shape(), Policies();
      permitted, rule := false, PolicyLimits.NORULE;
      ghost var w;
      if active == 1 && count >= 1 {
        permitted, rule, w := first.Decide(call, request);
        work := work + w;
      } else if active == 2 && count == 2 {
        permitted, rule, w := second.Decide(call, request);
        work := work + w;
      } else {
        Nothing(call, request[..]);
      }
      Stays();
    }
    /** Without words every call is denied. */
    static lemma Nothing(call: u32, r: P.Request)
      ensures P.Decision([], call, r) == P.Deny(PolicyLimits.NORULE as u64)
    {
      PolicyFacts.Decided([], call, r, 0);
    }

    // ---- changing -------------------------------------------------------------------------------------------------------------

    /** The values of the eighteen fields. */
    method Ask(caller: u64, target: u64, kind: u64, obj: u64, policy: u64, address: u64, size: u64, perm: u64, rights: u64, depth: u64,
               amount: u64, budget: u64, image: u64, now: u64, epoch: u64, mode: u64, duration: u64)
      requires Valid()
      modifies request
      ensures Valid() && Words() == old(Words()) && Policies() == old(Policies()) && Nonces() == old(Nonces()) && Leases() == old(Leases()) && Devices() == old(Devices())
      ensures request[..] == [caller, target, kind, obj, policy, 0, address, size, perm, rights, depth, amount, budget, image, now, epoch, mode, duration]
    {
      reveal Valid(), Shape(), Separate(), Policies();
      Fill(request, caller, target, kind, obj, policy, address, size, perm, rights, depth, amount, budget, image, now, epoch, mode, duration);
    }
    static method Fill(r: array<u64>, caller: u64, target: u64, kind: u64, obj: u64, policy: u64, address: u64, size: u64, perm: u64, rights: u64, depth: u64,
                       amount: u64, budget: u64, image: u64, now: u64, epoch: u64, mode: u64, duration: u64)
      requires r.Length == PolicyLimits.FIELDS as int
      modifies r
      ensures r[..] == [caller, target, kind, obj, policy, 0, address, size, perm, rights, depth, amount, budget, image, now, epoch, mode, duration]
    {
      r[0 as u32], r[1 as u32], r[2 as u32], r[3 as u32] := caller, target, kind, obj;
      r[4 as u32], r[5 as u32], r[6 as u32], r[7 as u32] := policy, 0, address, size;
      r[8 as u32], r[9 as u32], r[10 as u32], r[11 as u32] := perm, rights, depth, amount;
      r[12 as u32], r[13 as u32], r[14 as u32], r[15 as u32], r[16 as u32], r[17 as u32] := budget, image, now, epoch, mode, duration;
    }
    method Use(p: u32, nonce: u64)
      requires Valid() && p < NPART
      modifies nonces
      ensures Valid() && Nonces() == old(Nonces())[p as int := nonce] && Policies() == old(Policies()) && Leases() == old(Leases()) && Devices() == old(Devices())
    {
      reveal Valid(), Shape(), Separate(), Policies();
      nonces[p] := nonce;
      assert nonces[..] == old(nonces[..])[p as int := nonce];
    }
    /** Nobody has a lease, as nobody has ever had one. */
    function NoneLeased(): (b: bool)
      requires Valid()
      reads Repr()
      ensures b ==> forall p: u32 {:trigger Leases()[p]} :: p < NPART ==> Leases()[p].until == 0
    {
      reveal Valid(), Shape();
      !leasing
    }
    /** p has leased these frames of a region, or nothing. */
    method Lease(p: u32, region: u32, page: u32, until: u64)
      requires Valid() && p < NPART
      modifies leases.Repr(), this`leasing
      ensures Valid() && Leases() == old(Leases())[p as int := State.Lease(region, page, until)] && Devices() == old(Devices())
      ensures Nonces() == old(Nonces()) && Policies() == old(Policies())
    {
      reveal Valid(), Shape(), Separate(), Policies();
      ghost var before := Leases();
      leases.Set(p, region, page, until);
      if until != 0 { leasing := true; }
      assert Leases() == before[p as int := State.Lease(region, page, until)];
      forall q: u32 | q < NPART && !leasing ensures Leases()[q].until == 0 { assert before[q].until == 0 || q == p; }
    }
    /** One device more. */
    method List(frame: u64, pages: u64)
      requires Valid() && |Devices()| < NDEVICE as int
      modifies leases.Repr()
      ensures Valid() && Leases() == old(Leases()) && Devices() == old(Devices()) + [State.Device(frame, pages)]
      ensures Nonces() == old(Nonces()) && Policies() == old(Policies())
    {
      reveal Valid(), Shape(), Separate(), Policies();
      ghost var before := Leases();
      leases.Add(frame, pages);
      assert Leases() == before;
      forall q: u32 | q < NPART && !leasing ensures Leases()[q].until == 0 { assert before[q].until == 0; }
    }
    method Activate(i: u32)
      requires Valid()
      modifies this
      ensures Valid() && active == i && Policies() == old(Policies()) && Nonces() == old(Nonces()) && Leases() == old(Leases()) && Devices() == old(Devices())
    {
      reveal Valid(), Shape(), Separate(), Policies();
      active := i;
      Refresh();
    }
    /** There are no policies. */
    method Clear()
      requires Valid()
      modifies this
      ensures Valid() && Policies() == [] && active == old(active) && Nonces() == old(Nonces()) && Leases() == old(Leases()) && Devices() == old(Devices())
    {
      reveal Valid(), Shape(), Separate(), Policies();
      count := 0;
      Refresh();
    }
    /** One more policy: the table t, the first of whose words is word `at` of the source. */
    method Add(source: array<u64>, at: u32, size: u32, ghost t: P.Words) returns (ghost work: nat)
      requires Valid() && |Policies()| < NPOLICY as int && source !in Repr() && at as int + size as int <= source.Length < LO32 as int
      requires P.Admissible(t) && size as int == P.Size(t) && P.Kept(t) == source[at..at as int + size as int]
      modifies Repr()
      ensures Valid() && Policies() == old(Policies()) + [Ruled(t)] && active == old(active) && Nonces() == old(Nonces()) && Leases() == old(Leases()) && Devices() == old(Devices())
      ensures work <= ADD_WORK
    {
      hide P.Admissible, P.HeaderOk, P.Size, B.HashOf;
      work := 1;
      reveal Valid(), Shape(), Separate(), Policies();
      ghost var w;
      if count == 0 {
        w := first.Copy(source, at, size, t);
        work := work + w;
        first.Prefix();
        digest1, w := Hashed(first.tab, size);
        work := work + w;
        HashOfPart(first.tab[..], size as int);
      } else {
        w := second.Copy(source, at, size, t);
        work := work + w;
        second.Prefix();
        digest2, w := Hashed(second.tab, size);
        work := work + w;
        HashOfPart(second.tab[..], size as int);
      }
      count := count + 1;
      Refresh();
    }
    /** The words of governed calls are those of the active policy. */
    method Refresh()
      requires Shape()
      modifies this`low, this`high
      ensures Valid() && Policies() == old(Policies())
    {
      reveal Valid(), Shape(), Policies(), Separate();
      var l, h := 0, 0;
      if active == 1 && count >= 1 { l, h := first.Calls(); }
      else if active == 2 && count == 2 { l, h := second.Calls(); }
      low, high := l, h;
    }
  }
}
