include "../../../spec/Witness.dfy"

/** Facts about sums of quotas and about records in the ring. */
module {:compile false} WitnessLemmas {
  import opened Types
  import opened Limits
  import State
  import Witness
  import Hash

  lemma SumUpdate(s: seq<u64>, i: nat, v: u64)
    requires i < |s|
    ensures Witness.Sum(s[i := v]) == Witness.Sum(s) - s[i] as int + v as int
  {
    var t := s[i := v];
    if i < |s| - 1 {
      SumUpdate(s[..|s| - 1], i, v);
      assert t[..|s| - 1] == s[..|s| - 1][i := v];
    } else {
      assert t[..|s| - 1] == s[..|s| - 1];
    }
  }
  lemma SumZeros(s: seq<u64>)
    requires forall i: nat :: i < |s| ==> s[i] == 0
    ensures Witness.Sum(s) == 0
  {}
  lemma SumOrder(s: seq<u64>, t: seq<u64>)
    requires |s| == |t| && forall i: nat :: i < |s| ==> s[i] <= t[i]
    ensures Witness.Sum(s) <= Witness.Sum(t)
  {}
  lemma SumCovers(s: seq<u64>, i: nat)
    requires i < |s|
    ensures s[i] as int <= Witness.Sum(s)
  {}

  /** No two quotas together exceed the ring. */
  lemma Fits(l: State.Log, i: u32, j: u32)
    requires Witness.LogOk(l) && i < NPART && j < NPART && i != j
    ensures l.quota[i] as int + l.quota[j] as int <= RING as int
  {
    SumUpdate(l.quota, i as nat, 0);
    SumCovers(l.quota[i as int := 0], j as nat);
  }
  /** The ring holds every undrained record. */
  lemma Undrained(l: State.Log)
    requires Witness.LogOk(l)
    ensures |l.records| - l.drained as int <= RING as int && |l.records| <= TIMEMAX as int
  {
    SumOrder(l.used, l.quota);
  }
  /** Whoever has a record to spare finds a free slot in the ring and a free number. */
  lemma Spared(l: State.Log, p: u32)
    requires Witness.LogOk(l) && p < NPART && Witness.Spare(l, p)
    ensures |l.records| - l.drained as int < RING as int && |l.records| < TIMEMAX as int
  {
    var more := l.used[p as int := l.used[p] + 1];
    SumUpdate(l.used, p as nat, l.used[p] + 1);
    SumOrder(more, l.quota);
  }

  ghost function Slot(i: int): int requires 0 <= i ensures 0 <= Slot(i) <= RING as int * 8 - 8 { i % RING as int * 8 }
  ghost predicate Holds(ring: seq<u64>, b: int, r: State.Record)
    requires 0 <= b && b + 8 <= |ring|
  {
    && Witness.Small(r)
    && ring[b] == Witness.Pack(r)[0] && ring[b + 1] == Witness.Pack(r)[1] && ring[b + 2] == Witness.Pack(r)[2] && ring[b + 3] == Witness.Pack(r)[3]
    && ring[b + 4] == Witness.Pack(r)[4] && ring[b + 5] == Witness.Pack(r)[5] && ring[b + 6] == Witness.Pack(r)[6] && ring[b + 7] == Witness.Pack(r)[7]
  }
  /** The last RING records lie packed in the ring. */
  opaque ghost predicate RingOk(ring: seq<u64>, records: seq<State.Record>) {
    |ring| == RING as int * 8 && forall i: int :: 0 <= i < |records| && |records| - RING as int <= i ==> Holds(ring, Slot(i), records[i])
  }
  lemma SlotsDiffer(i: int, j: int)
    requires 0 <= i < j < i + RING as int
    ensures Slot(i) + 8 <= Slot(j) || Slot(j) + 8 <= Slot(i)
  {}
  lemma RingAppend(ring: seq<u64>, ring': seq<u64>, records: seq<State.Record>, r: State.Record)
    requires RingOk(ring, records) && |ring'| == |ring| == RING as int * 8
    requires Holds(ring', Slot(|records|), r)
    requires forall k: int :: 0 <= k < |ring| && !(Slot(|records|) <= k < Slot(|records|) + 8) ==> ring'[k] == ring[k]
    ensures RingOk(ring', records + [r])
  {
    reveal RingOk();
    var all := records + [r];
    forall i: int | 0 <= i < |all| && |all| - RING as int <= i
      ensures Holds(ring', Slot(i), all[i])
    {
      if i < |records| {
        SlotsDiffer(i, |records|);
      }
    }
  }
  lemma ChainAppend(l: State.Log, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64)
    requires Witness.Chained(l.records) && |l.records| < TIMEMAX as int && kind < 256 && tier < 256
    ensures Witness.Chained(l.records + [Witness.Make(l, time, kind, tier, subject, obj, aux)])
  {
    reveal Witness.Chained();
  }

  lemma Started(ring: seq<u64>)
    requires |ring| == RING as int * 8
    ensures Witness.LogOk(Witness.Start) && RingOk(ring, [])
  {
    reveal RingOk();
    reveal Witness.Chained();
    var zeros := Witness.Start.used;
    SumZeros(zeros);
    SumUpdate(zeros, 0, RING);
    assert zeros[0 := RING] == Witness.Start.quota;
  }
  lemma Appended(l: State.Log, p: u32, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64, ring: seq<u64>, ring': seq<u64>)
    requires Witness.LogOk(l) && p < NPART && kind < 256 && tier < 256 && Witness.Spare(l, p) && |l.records| < TIMEMAX as int
    requires RingOk(ring, l.records) && |ring'| == |ring| == RING as int * 8
    requires Holds(ring', Slot(|l.records|), Witness.Make(l, time, kind, tier, subject, obj, aux))
    requires forall k: int :: 0 <= k < |ring| && !(Slot(|l.records|) <= k < Slot(|l.records|) + 8) ==> ring'[k] == ring[k]
    ensures var m := Witness.Append(l, p, time, kind, tier, subject, obj, aux);
      Witness.LogOk(m) && RingOk(ring', m.records) && m.records == l.records + [Witness.Make(l, time, kind, tier, subject, obj, aux)]
  {
    RingAppend(ring, ring', l.records, Witness.Make(l, time, kind, tier, subject, obj, aux));
    ChainAppend(l, time, kind, tier, subject, obj, aux);
    SumUpdate(l.used, p as nat, l.used[p] + 1);
  }
  lemma Granted(l: State.Log, who: u32, p: u32, n: u64)
    requires Witness.LogOk(l) && who < NPART && p < NPART && l.used[who] as int + n as int <= l.quota[who] as int
    requires who != p ==> l.quota[p] as int + n as int <= TIMEMAX as int
    ensures Witness.LogOk(Witness.Grant(l, who, p, n))
  {
    if who != p {
      var less := l.quota[who as int := l.quota[who] - n];
      SumUpdate(l.quota, who as nat, l.quota[who] - n);
      SumUpdate(less, p as nat, l.quota[p] + n);
    }
  }
  lemma Returned(l: State.Log, p: u32)
    requires Witness.LogOk(l) && 0 < p < NPART && l.quota[0] as int + l.quota[p] as int <= TIMEMAX as int
    ensures Witness.LogOk(Witness.Return(l, p))
  {
    var less := l.quota[p as int := l.used[p]];
    SumUpdate(l.quota, p as nat, l.used[p]);
    SumUpdate(less, 0, l.quota[0] + (l.quota[p] - l.used[p]));
  }
  lemma Drained(l: State.Log)
    requires Witness.LogOk(l) && |l.records| <= TIMEMAX as int - RING as int
    ensures Witness.LogOk(Witness.Drain(l))
  {
    SumZeros(Witness.Drain(l).used);
  }
  lemma Halves(x: u64)
    ensures x % LO32 < LO32 && x / LO32 < LO32 && (x % LO32) as int + (x / LO32) as int * LO32 as int == x as int
  {}
  /** Two halves of a word are found again in it. */
  lemma Joined(lo: u64, hi: u64)
    requires lo < LO32 && hi < LO32
    ensures lo as int + hi as int * LO32 as int < LO32 as int * LO32 as int && (lo + hi * LO32) % LO32 == lo && (lo + hi * LO32) / LO32 == hi
  {}
  lemma LowBytes(r: State.Record)
    requires Witness.Small(r)
    ensures var w := Witness.Word2(r); w % 256 == r.kind && w / 256 % 256 == r.tier && w / LO32 == r.subject % LO32
  {
    Joined(r.kind + r.tier * 256, r.subject % LO32);
    assert Witness.Word2(r) == (r.kind + r.tier * 256) + r.subject % LO32 * LO32;
    assert LO32 == 256 * 256 * 0x1_0000;
  }
  /** The words of a record give its fields back. */
  lemma Unpacked(r: State.Record)
    requires Witness.Small(r)
    ensures var w := Witness.Pack(r);
      && w[0] == r.seqno && w[1] == r.time && w[2] % 256 == r.kind && w[2] / 256 % 256 == r.tier
      && w[2] / LO32 < LO32 && w[3] / LO32 < LO32 && w[4] / LO32 < LO32
      && w[2] / LO32 + w[3] % LO32 * LO32 == r.subject && w[3] / LO32 + w[4] % LO32 * LO32 == r.obj && w[4] / LO32 + w[5] % LO32 * LO32 == r.aux
  {
    LowBytes(r);
    Halves(r.subject);
    Halves(r.obj);
    Halves(r.aux);
    Joined(r.subject / LO32, r.obj % LO32);
    Joined(r.obj / LO32, r.aux % LO32);
    Joined(r.aux / LO32, r.before % LO32);
  }
  /** An undrained record lies in its slot. */
  lemma Found(ring: seq<u64>, l: State.Log, seqno: u64)
    requires Witness.LogOk(l) && RingOk(ring, l.records) && l.drained <= seqno && seqno as int < |l.records|
    ensures |ring| == RING as int * 8 && Holds(ring, Slot(seqno as int), l.records[seqno])
  {
    Undrained(l);
    reveal RingOk();
  }
}
