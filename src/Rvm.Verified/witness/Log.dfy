include "../platform/Heap.dfy"
include "Fnv.dfy"
include "Lemmas.dfy"

/** The witness log in memory: a ring of 64-byte records and two tables of quotas. */
module WitnessLogs {
  import opened Types
  import opened Limits
  import State
  import Witness
  import opened Hash
  import Heap
  import opened WitnessFnv
  import WitnessLemmas

  ghost const DRAIN_ALL_WORK: nat := 1 + NPART as nat    // most steps of work (spec/Cost.dfy)

  class WitnessLog {
    const ring: array<u64>      // record i in words (i % RING) * 8 to (i % RING) * 8 + 7
    const quota: array<u64>
    const used: array<u64>
    const basis: bv64           // where the hash starts, and powers of its prime: one load each, where a literal takes four instructions
    const p1: bv64
    const p3: bv64
    const p4: bv64
    const p5: bv64
    const p6: bv64
    const p8: bv64
    var head: u64
    var drained: u64
    var chain: u64
    ghost var records: seq<State.Record>

    ghost function Repr(): set<object> { {this, ring, quota, used} }
    opaque ghost predicate Powers() {
      && basis == Hash.SEED && p1 == 0x100_0000_01b3 && p3 == 0x8a9_7b00_04e7_feab && p4 == 0x9ffa_ac08_5635_bc91
      && p5 == 0xcae_e32a_7d4f_6a63 && p6 == 0xdc96_6432_edf1_c639 && p8 == 0x1efa_c709_0aef_4a21
    }
    ghost predicate Shape() {
      && Powers()
      && ring.Length == RING as int * 8 && quota.Length == NPART as int && used.Length == NPART as int
      && ring != quota && ring != used && quota != used
    }
    ghost function Abs(): State.Log
      reads Repr()
    {
      State.Log(records, drained, quota[..], used[..])
    }
    ghost predicate Valid()
      reads Repr()
    {
      && Shape() && Witness.LogOk(Abs())
      && |records| == head as int && chain == Witness.Chain(Abs())
      && WitnessLemmas.RingOk(ring[..], records)
    }

    constructor ()
      ensures Valid() && fresh(Repr()) && Abs() == Witness.Start
    {
      var a := Heap.NewRaw(524288);
      var b := Heap.NewU64(NPART);
      var c := Heap.NewU64(NPART);
      ring, quota, used := a, b, c;
      basis, p1, p3, p4 := 0xcbf2_9ce4_8422_2325, 0x100_0000_01b3, 0x8a9_7b00_04e7_feab, 0x9ffa_ac08_5635_bc91;
      p5, p6, p8 := 0xcae_e32a_7d4f_6a63, 0xdc96_6432_edf1_c639, 0x1efa_c709_0aef_4a21;
      head, drained, chain, records := 0, 0, 0xcbf2_9ce4_8422_2325, [];
      new;
      reveal Powers();
      quota[0 as u32] := RING;
      WitnessLemmas.Started(ring[..]);
      assert quota[..] == Witness.Start.quota;
      assert used[..] == Witness.Start.used;
    }

    /** One more record, charged to partition p. Written out for records with small numbers, which nearly all are. */
    method Append(p: u32, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64)
      requires Valid() && p < NPART && kind < 256 && tier < 256 && Witness.Spare(Abs(), p)
      modifies Repr()
      ensures Valid() && |old(Abs()).records| < TIMEMAX as int
      ensures Abs() == Witness.Append(old(Abs()), p, time, kind, tier, subject, obj, aux)
    {
      if Bits(head) >= 0x100_0000 || Bits(time) >= 0x100_0000_0000 || Bits(subject) >= 0x100 {
        AppendLong(p, time, kind, tier, subject, obj, aux);
        return;
      }
      var hash: u64;
      opaque
        modifies {}
        ensures hash == Hash.Record(head, time, kind, tier, subject, obj, aux, chain)
      {
        var w := Bits(head);
        var h := Stir(basis, Byte0(w), p1);
        h := Stir(h, Byte1(w), p1);
        h := Stir(h, From2(w), p6);
        w := Bits(time);
        h := Stir(h, Byte0(w), p1);
        h := Stir(h, Byte1(w), p1);
        h := Stir(h, Byte2(w), p1);
        h := Stir(h, Byte3(w), p1);
        h := Stir(h, From4(w), p4);
        h := Stir(h, Byte0(Bits(kind)), p1);
        h := Stir(h, Byte0(Bits(tier)), p3);
        h := Stir(h, Bits(subject), p8);
        assert h == WitnessFnv.ShortHead(Bits(head), Bits(time), Bits(kind), Bits(tier), Bits(subject)) by {
          reveal Powers();
        }
        if Bits(obj) | Bits(aux) < 0x100 {
          h := Stir(h, Bits(obj), p8);
          h := Stir(h, Bits(aux), p8);
        } else {
          w := Bits(obj);
          h := Stir(h, Byte0(w), p1);
          h := Stir(h, Byte1(w), p1);
          h := Stir(h, Byte2(w), p1);
          h := Stir(h, Byte3(w), p1);
          h := Stir(h, Byte4(w), p1);
          h := Stir(h, Byte5(w), p1);
          h := Stir(h, Byte6(w), p1);
          h := Stir(h, From7(w), p1);
          w := Bits(aux);
          h := Stir(h, Byte0(w), p1);
          h := Stir(h, Byte1(w), p1);
          h := Stir(h, Byte2(w), p1);
          h := Stir(h, Byte3(w), p1);
          h := Stir(h, Byte4(w), p1);
          h := Stir(h, Byte5(w), p1);
          h := Stir(h, Byte6(w), p1);
          h := Stir(h, From7(w), p1);
        }
        w := Bits(chain);
        h := Stir(h, Byte0(w), p1);
        h := Stir(h, Byte1(w), p1);
        h := Stir(h, Byte2(w), p1);
        h := Stir(h, Byte3(w), p1);
        h := Stir(h, Byte4(w), p1);
        h := Stir(h, Byte5(w), p1);
        h := Stir(h, Byte6(w), p1);
        h := Stir(h, From7(w), p5);
        hash := Number(h);
        assert hash == Hash.Record(head, time, kind, tier, subject, obj, aux, chain) by {
          reveal Powers();
          WitnessFnv.ShortIs(Bits(head), Bits(time), Bits(kind), Bits(tier), Bits(subject), Bits(obj), Bits(aux), Bits(chain));
          reveal Hash.Record();
        }
      }
      WitnessLemmas.Spared(Abs(), p);
      var b := head % RING * 8;
      ring[b] := head;
      ring[b + 1] := time;
      ring[b + 2] := kind + tier * 256 + subject % LO32 * LO32;
      ring[b + 3] := subject / LO32 + obj % LO32 * LO32;
      ring[b + 4] := obj / LO32 + aux % LO32 * LO32;
      ring[b + 5] := aux / LO32 + chain % LO32 * LO32;
      ring[b + 6] := chain / LO32 + hash % LO32 * LO32;
      ring[b + 7] := hash / LO32;
      used[p] := used[p] + 1;
      chain := hash;
      head := head + 1;
      records := records + [Witness.Make(old(Abs()), time, kind, tier, subject, obj, aux)];
      WitnessLemmas.Appended(old(Abs()), p, time, kind, tier, subject, obj, aux, old(ring[..]), ring[..]);
      assert used[..] == old(used[..])[p as int := old(used[p]) + 1];
      assert quota[..] == old(quota[..]);
    }
    method AppendLong(p: u32, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64)
      requires Valid() && p < NPART && kind < 256 && tier < 256 && Witness.Spare(Abs(), p)
      modifies Repr()
      ensures Valid() && |old(Abs()).records| < TIMEMAX as int
      ensures Abs() == Witness.Append(old(Abs()), p, time, kind, tier, subject, obj, aux)
    {
      WitnessLemmas.Spared(Abs(), p);
      var hash := WitnessFnv.Record(head, time, kind, tier, subject, obj, aux, chain);
      var b := head % RING * 8;
      ring[b] := head;
      ring[b + 1] := time;
      ring[b + 2] := kind + tier * 256 + subject % LO32 * LO32;
      ring[b + 3] := subject / LO32 + obj % LO32 * LO32;
      ring[b + 4] := obj / LO32 + aux % LO32 * LO32;
      ring[b + 5] := aux / LO32 + chain % LO32 * LO32;
      ring[b + 6] := chain / LO32 + hash % LO32 * LO32;
      ring[b + 7] := hash / LO32;
      used[p] := used[p] + 1;
      chain := hash;
      head := head + 1;
      records := records + [Witness.Make(old(Abs()), time, kind, tier, subject, obj, aux)];
      WitnessLemmas.Appended(old(Abs()), p, time, kind, tier, subject, obj, aux, old(ring[..]), ring[..]);
      assert used[..] == old(used[..])[p as int := old(used[p]) + 1];
      assert quota[..] == old(quota[..]);
    }
    /** Can p append n records and keep one in reserve for its end? */
    method Room(p: u32, n: u64) returns (b: bool)
      requires Valid() && p < NPART
      ensures b == Witness.Room(Abs(), p, n)
    {
      b := n < quota[p] - used[p] && n < TIMEMAX - RING && head < TIMEMAX - RING - n;
    }

    /** `who` gives n records of its quota to p. */
    method GiveQuota(who: u32, p: u32, n: u64)
      requires Valid() && who < NPART && p < NPART && Abs().used[who] as int + n as int <= Abs().quota[who] as int
      requires who != p ==> Abs().quota[p] as int + n as int <= TIMEMAX as int      // WitnessLemmas.Fits
      modifies Repr()
      ensures Valid() && Abs() == Witness.Grant(old(Abs()), who, p, n)
    {
      WitnessLemmas.Granted(Abs(), who, p, n);
      if who != p {
        quota[who] := quota[who] - n;
        quota[p] := quota[p] + n;
      }
      assert quota[..] == Witness.Grant(old(Abs()), who, p, n).quota;
    }

    /** What p has not used of its quota goes back to the hypervisor. */
    method ReturnQuota(p: u32)
      requires Valid() && 0 < p < NPART
      requires Abs().used[p] <= Abs().quota[p] && Abs().quota[0] as int + Abs().quota[p] as int <= TIMEMAX as int     // WitnessLemmas.Fits
      modifies Repr()
      ensures Valid() && Abs() == Witness.Return(old(Abs()), p)
    {
      WitnessLemmas.Returned(Abs(), p);
      var n := quota[p] - used[p];
      quota[p] := used[p];
      quota[0 as u32] := quota[0 as u32] + n;
      assert quota[..] == Witness.Return(old(Abs()), p).quota;
    }

    /** Everything so far has been read. */
    method DrainAll() returns (ghost work: nat)
      requires Valid() && |Abs().records| <= TIMEMAX as int - RING as int
      modifies Repr()
      ensures Valid() && Abs() == Witness.Drain(old(Abs()))
      ensures work <= DRAIN_ALL_WORK
    {
      work := 1;
      var i: u32 := 0;
      while i < NPART
        invariant i <= NPART && work == 1 + i as int
        invariant Shape() && quota[..] == old(quota[..]) && ring[..] == old(ring[..])
        invariant head == old(head) && chain == old(chain) && records == old(records)
        invariant forall k: int :: 0 <= k < i as int ==> used[k] == 0
      {
        work := work + 1;
        used[i] := 0;
        i := i + 1;
      }
      drained := head;
      WitnessLemmas.Drained(old(Abs()));
      assert used[..] == Witness.Drain(old(Abs())).used;
    }

    method Head() returns (n: u64)
      requires Valid()
      ensures n as int == |Abs().records|
    {
      n := head;
    }
    method Drained() returns (n: u64)
      ensures n == Abs().drained
    {
      n := drained;
    }
    method Quota(p: u32) returns (n: u64)
      requires Valid() && p < NPART
      ensures n == Abs().quota[p]
    {
      n := quota[p];
    }
    method Used(p: u32) returns (n: u64)
      requires Valid() && p < NPART
      ensures n == Abs().used[p]
    {
      n := used[p];
    }

    /** The hash of an undrained record's contents, chained to this value instead of the one it carries. */
    method Rehash(seqno: u64, before: u64) returns (hash: u64)
      requires Valid() && Abs().drained <= seqno && seqno as int < |Abs().records|
      ensures var r := Abs().records[seqno]; hash == Hash.Record(r.seqno, r.time, r.kind, r.tier, r.subject, r.obj, r.aux, before)
    {
      WitnessLemmas.Found(ring[..], Abs(), seqno);
      WitnessLemmas.Unpacked(Abs().records[seqno]);
      var b := seqno % RING * 8;
      var w2, w3, w4, w5 := ring[b + 2], ring[b + 3], ring[b + 4], ring[b + 5];
      hash := WitnessFnv.Record(ring[b], ring[b + 1], w2 % 256, w2 / 256 % 256, w2 / LO32 + w3 % LO32 * LO32, w3 / LO32 + w4 % LO32 * LO32,
                                w4 / LO32 + w5 % LO32 * LO32, before);
    }
    /** The 64 bytes of an undrained record as eight words. */
    method Read(seqno: u64, out: array<u64>, at: u32)
      requires Valid() && Abs().drained <= seqno && seqno as int < |Abs().records|
      requires out !in Repr() && at as int + 8 <= out.Length
      modifies out
      ensures Witness.Small(Abs().records[seqno])
      ensures out[at as int..at as int + 8] == Witness.Pack(Abs().records[seqno])
      ensures forall k: int :: 0 <= k < out.Length && !(at as int <= k < at as int + 8) ==> out[k] == old(out[k])
    {
      WitnessLemmas.Found(ring[..], Abs(), seqno);
      var b := seqno % RING * 8;
      var a := at as u64;
      out[a] := ring[b];
      out[a + 1] := ring[b + 1];
      out[a + 2] := ring[b + 2];
      out[a + 3] := ring[b + 3];
      out[a + 4] := ring[b + 4];
      out[a + 5] := ring[b + 5];
      out[a + 6] := ring[b + 6];
      out[a + 7] := ring[b + 7];
      assert out[at as int..at as int + 8] == ring[b as int..b as int + 8];
    }
  }
}
