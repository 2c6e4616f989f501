include "../../spec/Valid.dfy"
include "../../spec/Apply.dfy"
include "../../src/Rvm.Verified/witness/Lemmas.dfy"

/** The log stays in order, and every partition keeps a record in reserve for its end, whatever is witnessed. */
module {:compile false} EndsKept {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import A = Apply
  import W = Witness
  import V = Valid
  import Kinds
  import WitnessLemmas

  opaque ghost predicate Ok(parts: seq<Part>, l: Log, halted: bool) {
    |parts| == NPART as int && W.LogOk(l) && V.EndsCanBeWitnessed(parts, l, halted)
  }
  ghost predicate Plain(a: Action) { !a.PartitionQuota? && !a.PartitionEnd? && !a.Drain? }

  lemma EncodeSmall(a: Action)
    ensures Encode(a).kind < 256 && Encode(a).tier < 256
  {}
  /** A record of the action a, charged to somebody with one to spare. */
  lemma Recorded(l: Log, a: Action, now: u64)
    requires W.LogOk(l) && Charged(a) < NPART && W.Spare(l, Charged(a))
    ensures l.used[Charged(a)] < TIMEMAX && |l.records| < TIMEMAX as int
    ensures W.LogOk(A.Record(l, a, now))
    ensures var m := A.Record(l, a, now); m.quota == l.quota && m.used == l.used[Charged(a) as int := l.used[Charged(a)] + 1] && |m.records| == |l.records| + 1
  {
    hide Encode;
    hide Charged;
    EncodeSmall(a);
    WitnessLemmas.Spared(l, Charged(a));
    var f := Encode(a);
    WitnessLemmas.ChainAppend(l, now, f.kind, f.tier, f.subject as u64, f.obj, f.aux);
    WitnessLemmas.SumUpdate(l.used, Charged(a) as nat, l.used[Charged(a)] + 1);
  }
  lemma Noted(parts: seq<Part>, l: Log, halted: bool, a: Action, now: u64, n: u64)
    requires Ok(parts, l, halted) && W.Tables(l) && Plain(a) && Charged(a) < NPART && n > 0 && W.Room(l, Charged(a), n)
    ensures Ok(parts, Note(l, a, now), halted) && W.Room(Note(l, a, now), Charged(a), n - 1)
    ensures Note(l, a, now).quota == l.quota && forall q: u32 :: q < NPART && q != Charged(a) ==> Note(l, a, now).used[q] == l.used[q]
  {
    hide Encode;
    hide Charged;
    hide W.LogOk;
    hide W.Append;
    reveal Ok();
    Recorded(l, a, now);
  }
  /** Several records, all charged to c. */
  lemma NotedAll(parts: seq<Part>, l: Log, halted: bool, c: u32, acts: seq<Action>, now: u64, n: u64)
    requires Ok(parts, l, halted) && W.Tables(l) && c < NPART && |acts| <= n as int && W.Room(l, c, n)
    requires forall i :: 0 <= i < |acts| ==> Plain(acts[i]) && Charged(acts[i]) == c
    ensures Ok(parts, NoteAll(l, acts, now), halted) && W.Room(NoteAll(l, acts, now), c, n - |acts| as u64)
    decreases |acts|
  {
    hide Note;
    hide W.Room;
    hide Charged;
    if |acts| > 0 {
      Noted(parts, l, halted, acts[0], now, n);
      NotedAll(parts, Note(l, acts[0], now), halted, c, acts[1..], now, n - 1);
    }
  }
  lemma NoteBoth(l: Log, a: seq<Action>, b: seq<Action>, now: u64)
    requires W.Tables(l)
    ensures NoteAll(l, a + b, now) == NoteAll(NoteAll(l, a, now), b, now)
    decreases |a|
  {
    hide Note;
    if |a| == 0 { assert a + b == b; }
    else {
      assert (a + b)[1..] == a[1..] + b;
      NoteBoth(Note(l, a[0], now), a[1..], b, now);
    }
  }
  lemma NoteOne(l: Log, a: Action, now: u64)
    requires W.Tables(l)
    ensures NoteAll(l, [a], now) == Note(l, a, now)
  {
    hide Note;
    assert [a][1..] == [];
  }
  lemma Drained(parts: seq<Part>, l: Log, halted: bool, who: u32, upto: u64, now: u64)
    requires Ok(parts, l, halted) && W.Tables(l) && who < NPART && W.Room(l, who, 1)
    ensures Ok(parts, Note(l, Drain(who, upto), now), halted)
  {
    reveal Ok();
    hide Encode;
    WitnessLemmas.Drained(l);
    var d := W.Drain(l);
    assert Charged(Drain(who, upto)) == who by { reveal Encode; }
    Recorded(l, Drain(who, upto), now);
    Recorded(d, Drain(who, upto), now);
    hide W.LogOk;
    hide W.Append;
  }
  /** `who` gives q records of its quota to the partition p that has been free. */
  lemma Quota(parts: seq<Part>, l: Log, halted: bool, who: u32, p: u32, q: u64, budget: u64, now: u64, n: u64, x: Part)
    requires Ok(parts, l, halted) && |parts| == NPART as int && W.Tables(l) && who < NPART && 0 < p < NPART && who != p
    requires 0 < q <= RING && 0 < n <= RING && W.Room(l, who, q + n)
    ensures Ok(parts[p as int := x], Note(l, PartitionQuota(who, p, q, budget), now), halted)
    ensures W.Room(Note(l, PartitionQuota(who, p, q, budget), now), who, n - 1)
  {
    reveal Ok();
    hide Encode;
    var a := PartitionQuota(who, p, q, budget);
    assert Charged(a) == who by { reveal Encode; }
    Recorded(l, a, now);
    WitnessLemmas.Fits(l, who, p);
    WitnessLemmas.Fits(l, 0, p);
    WitnessLemmas.Returned(A.Record(l, a, now), p);
    WitnessLemmas.Granted(W.Return(A.Record(l, a, now), p), who, p, q);
    hide W.LogOk;
    hide W.Append;
    assert l.used[p] <= l.quota[p] by { reveal W.LogOk; assert l.used[p as int] <= l.quota[p as int]; }
  }
  lemma Ended(parts: seq<Part>, l: Log, halted: bool, who: u32, p: u32, reason: u64, now: u64, x: Part)
    requires Ok(parts, l, halted) && |parts| == NPART as int && W.Tables(l) && 0 < p < NPART && parts[p].life != Kinds.Free && x.life == Kinds.Free
    ensures Ok(parts[p as int := x], Note(l, PartitionEnd(who, p, reason), now), halted)
  {
    reveal Ok();
    hide Encode;
    var a := PartitionEnd(who, p, reason);
    assert parts[p] == parts[p];
    Recorded(l, a, now);
    WitnessLemmas.Fits(l, 0, p);
    WitnessLemmas.Returned(A.Record(l, a, now), p);
    assert l.used[p] <= l.quota[p] && l.used[0] <= l.quota[0];
    hide W.LogOk;
    hide W.Append;
  }
  lemma SystemEnded(parts: seq<Part>, l: Log, now: u64)
    requires Ok(parts, l, false) && W.Tables(l)
    ensures Ok(parts, Note(l, SystemEnd, now), true)
  {
    reveal Ok();
    Recorded(l, SystemEnd, now);
    hide W.LogOk;
    hide W.Append;
  }
  /** Nobody new exists. */
  lemma NobodyNew(parts: seq<Part>, l: Log, halted: bool, p: u32, x: Part)
    requires Ok(parts, l, halted) && |parts| == NPART as int && p < NPART && (parts[p].life == Kinds.Free ==> x.life == Kinds.Free)
    ensures Ok(parts[p as int := x], l, halted)
  {
    reveal Ok();
    assert parts[p] == parts[p];
  }
}
