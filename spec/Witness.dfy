include "State.dfy"

/** The witness log: records chained over all their bytes, a quota of undrained records for every partition, no silent loss. */
module Witness {
  import opened Types
  import opened Limits
  import opened State
  import Hash

  predicate Tables(l: Log) { |l.quota| == NPART as int && |l.used| == NPART as int }

  /** FNV-1a over bytes 0–51 (everything before record_hash) and 60–63 (flags, zero) of the 64-byte layout in docs/abi.md §6. */
  function RecordHash(seqno: u64, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64, before: u64): u64
    requires kind < 256 && tier < 256
  {
    Hash.Record(seqno, time, kind, tier, subject, obj, aux, before)
  }
  function HashOf(r: Record): u64 requires Small(r) { RecordHash(r.seqno, r.time, r.kind, r.tier, r.subject, r.obj, r.aux, r.before) }
  predicate Small(r: Record) { r.kind < 256 && r.tier < 256 }

  /** The 64 bytes of a record as eight little-endian words: fields from the subject on straddle two words. */
  function Word2(r: Record): u64 requires Small(r) { r.kind + r.tier * 256 + r.subject % LO32 * LO32 }
  function Pack(r: Record): seq<u64>
    requires Small(r)
    ensures |Pack(r)| == 8
  {
    [r.seqno, r.time, Word2(r),
     r.subject / LO32 + r.obj % LO32 * LO32,
     r.obj / LO32 + r.aux % LO32 * LO32,
     r.aux / LO32 + r.before % LO32 * LO32,
     r.before / LO32 + r.hash % LO32 * LO32,
     r.hash / LO32]
  }
  /** The value that record i carries as the hash before it. */
  function Before(records: seq<Record>, i: nat): u64 requires i <= |records| { if i == 0 then Hash.BASIS else records[i - 1].hash }
  /** Every record has its own number and hash, and carries the hash of the record before. */
  opaque predicate Chained(records: seq<Record>) {
    forall i: nat :: i < |records| ==>
      && Small(records[i]) && records[i].seqno as int == i
      && records[i].before == Before(records, i) && records[i].hash == HashOf(records[i])
  }
  function Head(l: Log): u64 requires |l.records| < LO32 as int * LO32 as int { |l.records| as u64 }
  /** The chain value: the last record's hash. */
  function Chain(l: Log): u64 { if |l.records| == 0 then Hash.BASIS else l.records[|l.records| - 1].hash }

  function Make(l: Log, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64): Record
    requires |l.records| < LO32 as int * LO32 as int && kind < 256 && tier < 256
  {
    Record(Head(l), time, kind, tier, subject, obj, aux, Chain(l), RecordHash(Head(l), time, kind, tier, subject, obj, aux, Chain(l)))
  }
  /** The log with one more record, charged to partition p. */
  function Append(l: Log, p: u32, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64): Log
    requires Tables(l) && p < NPART && |l.records| < LO32 as int * LO32 as int && l.used[p] < TIMEMAX && kind < 256 && tier < 256
  {
    l.(records := l.records + [Make(l, time, kind, tier, subject, obj, aux)], used := l.used[p as int := l.used[p] + 1])
  }
  /** Can partition p append n records and keep one in reserve for its end? */
  predicate Room(l: Log, p: u32, n: u64)
    requires Tables(l) && p < NPART
  {
    l.used[p] <= l.quota[p] && n < l.quota[p] - l.used[p] && |l.records| as int + n as int < TIMEMAX as int - RING as int
  }
  /** The record that Room keeps in reserve is still there. */
  predicate Spare(l: Log, p: u32) requires Tables(l) && p < NPART { l.used[p] < l.quota[p] }

  /** `who` gives n records of its quota to partition p. */
  function Grant(l: Log, who: u32, p: u32, n: u64): Log
    requires Tables(l) && who < NPART && p < NPART && n <= l.quota[who] && (who != p ==> l.quota[p] as int + n as int <= TIMEMAX as int)
  {
    if who == p then l else l.(quota := l.quota[who as int := l.quota[who] - n][p as int := l.quota[p] + n])
  }
  /** What p has not used of its quota goes back to the hypervisor. */
  function Return(l: Log, p: u32): Log
    requires Tables(l) && 0 < p < NPART && l.used[p] <= l.quota[p] && l.quota[0] as int + l.quota[p] as int <= TIMEMAX as int
  {
    l.(quota := l.quota[p as int := l.used[p]][0 := l.quota[0] + (l.quota[p] - l.used[p])])
  }
  /** Everything so far has been read by the drain: only what comes now counts again. */
  function Drain(l: Log): Log
    requires Tables(l) && |l.records| <= TIMEMAX as int
  {
    l.(drained := |l.records| as u64, used := seq(NPART as int, _ => 0))
  }
  function Sum(s: seq<u64>): nat { if |s| == 0 then 0 else Sum(s[..|s| - 1]) + s[|s| - 1] as nat }

  /** Quotas never add up to more than the ring holds, nobody is over quota, every undrained record is charged to somebody.
      The bound on drained means that whoever has a record to spare can number it. */
  predicate LogOk(l: Log) {
    && Tables(l) && Chained(l.records) && l.drained as int <= |l.records| && l.drained <= TIMEMAX - RING
    && Sum(l.quota) <= RING as int && Sum(l.used) == |l.records| - l.drained as int
    && forall p: int :: 0 <= p < NPART as int ==> l.used[p] <= l.quota[p]
  }
  const Start: Log := Log([], 0, seq(NPART as int, i => if i == 0 then RING else 0), seq(NPART as int, _ => 0))
}
