include "../../spec/Witness.dfy"
include "../../src/Rvm.Verified/witness/Fnv.dfy"
include "../../src/Rvm.Verified/witness/Lemmas.dfy"

/** The claims about the witness log. */
module {:compile false} WitnessProofs {
  import opened Types
  import opened Limits
  import opened Hash
  import State
  import Witness
  import WitnessLemmas
  import opened WitnessFnv

  /** What goes into a record's hash. */
  datatype Input = Input(seqno: u64, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64, before: u64)
  ghost function InputOf(r: State.Record): Input {
    Input(r.seqno, r.time, r.kind, r.tier, r.subject, r.obj, r.aux, r.before)
  }
  /** Two different inputs of the hash function with the same value. */
  ghost predicate Collision(r: State.Record, s: State.Record) {
    Witness.Small(r) && Witness.Small(s) && InputOf(r) != InputOf(s) && Witness.HashOf(r) == Witness.HashOf(s)
  }

  /** A log starts chained, and every record that is appended carries its number, the hash of the record before and its own hash. */
  lemma The_log_is_chained_from_its_first_record(l: State.Log, p: u32, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64)
    requires Witness.LogOk(l) && p < NPART && Witness.Spare(l, p) && kind < 256 && tier < 256
    ensures Witness.Chained([]) && |l.records| < TIMEMAX as int
    ensures var m := Witness.Append(l, p, time, kind, tier, subject, obj, aux);
      var r := m.records[|l.records|];
      && Witness.Chained(m.records) && |m.records| == |l.records| + 1 && m.records[..|l.records|] == l.records
      && r.seqno as int == |l.records| && r.before == Witness.Chain(l) && r.hash == Witness.Chain(m)
  {
    reveal Witness.Chained();
    WitnessLemmas.Spared(l, p);
    WitnessLemmas.ChainAppend(l, time, kind, tier, subject, obj, aux);
  }

  /** Two chained logs of one length that end in the same hash are the same log, or they show a collision of the hash function at index i. */
  lemma Equal_last_hashes_mean_equal_logs_or_a_collision(a: seq<State.Record>, b: seq<State.Record>) returns (i: nat)
    requires Witness.Chained(a) && Witness.Chained(b) && |a| == |b|
    requires |a| > 0 ==> a[|a| - 1].hash == b[|b| - 1].hash
    ensures a == b || (i < |a| && Collision(a[i], b[i]))
  {
    reveal Witness.Chained();
    i := |a|;
    while i > 0
      invariant i <= |a| && a[i..] == b[i..]
      invariant i > 0 ==> a[i - 1].hash == b[i - 1].hash
    {
      i := i - 1;
      if InputOf(a[i]) != InputOf(b[i]) {
        return;
      }
      assert a[i] == b[i];
      assert a[i].before == Witness.Before(a, i) && b[i].before == Witness.Before(b, i);
      assert a[i..] == [a[i]] + a[i + 1..] && b[i..] == [b[i]] + b[i + 1..];
    }
  }

  /** Whoever may append finds the slot of the new record holding a record that has been drained, or none. */
  lemma Appending_never_overwrites_an_undrained_record(l: State.Log, p: u32, i: nat)
    requires Witness.LogOk(l) && p < NPART && Witness.Spare(l, p)
    requires i < |l.records| && WitnessLemmas.Slot(i) == WitnessLemmas.Slot(|l.records|)
    ensures i < l.drained as int
  {
    WitnessLemmas.Spared(l, p);
  }

  /** One byte of a record changed and all bytes before it the same: the hash over the bytes up to and including it is another. */
  lemma A_changed_byte_changes_the_hash(h: bv64, b: bv64, c: bv64)
    requires b & 0xff != c & 0xff
    ensures Mix1(h, b) != Mix1(h, c)
  {
    Step(h, b);
    Step(h, c);
    Byte0Is(b);
    Byte0Is(c);
    OtherByte(h, Byte0(b), Byte0(c));
    Inverse(Xor(h, Byte0(b)), 0x100_0000_01b3, 0xce96_5057_aff6_957b);
    Inverse(Xor(h, Byte0(c)), 0x100_0000_01b3, 0xce96_5057_aff6_957b);
  }
  /** Two different hashes stay different over the same bytes. */
  lemma A_changed_hash_stays_changed(g: bv64, h: bv64, b: bv64)
    requires g != h
    ensures Mix1(g, b) != Mix1(h, b)
  {
    Step(g, b);
    Step(h, b);
    OtherHash(g, h, Byte0(b));
    Inverse(Xor(g, Byte0(b)), 0x100_0000_01b3, 0xce96_5057_aff6_957b);
    Inverse(Xor(h, Byte0(b)), 0x100_0000_01b3, 0xce96_5057_aff6_957b);
  }
  // The prime is odd, so it has an inverse modulo 2^64.
  lemma Inverse(h: bv64, p: bv64, q: bv64)
    requires p * q == 1
    ensures Times(Times(h, p), q) == h
  {
    Associative(h, p, q);
    TimesOne(h);
  }
  lemma TimesOne(h: bv64) ensures Times(h, 1) == h { reveal Times(); }
  lemma OtherByte(h: bv64, b: bv64, c: bv64) requires b != c ensures Xor(h, b) != Xor(h, c) { reveal Xor(); }
  lemma OtherHash(g: bv64, h: bv64, b: bv64) requires g != h ensures Xor(g, b) != Xor(h, b) { reveal Xor(); }
  lemma Step(h: bv64, b: bv64)
    ensures Mix1(h, b) == Times(Xor(h, Byte0(b)), 0x100_0000_01b3)
  {
    WitnessFnv.Step(h, b);
    StirIs(h, Byte0(b), 0x100_0000_01b3);
  }
}
