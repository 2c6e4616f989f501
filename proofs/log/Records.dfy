include "../authority/Authority.dfy"
include "../invariant/BootKept.dfy"
include "../invariant/Step_Preserves_Valid.dfy"

/** A record says which action it witnesses, and every action that is carried out in a valid state is given its record. */
module {:compile false} Records {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import M = Memory
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DC = DecideCapability
  import DR = DecideRegion
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import Step
  import Kinds
  import Status
  import Rights
  import Authority
  import EndsKept
  import StructureKept
  import CommitKept
  import CallsKept
  import StepPreservesValid
  import WitnessLemmas

  // ---- reading a record -----------------------------------------------------------------------------------------------------------

  const LOST: u64 := 0x8000_0000_0000_0000        // a capability's end: the mark of cap_drop
  function Hi(x: u64): u32 { (x / LO32) as u32 }
  function Lo(x: u64): u32 { (x % LO32) as u32 }

  /** The action that a record's fields tell of. */
  function Decode(f: Fields): Action {
    var who, o, x := f.subject, f.obj, f.aux;
    if      f.kind == 0x01 then PartitionCreate(who, Lo(o), x)
    else if f.kind == 0x07 then PartitionStart(who, Lo(o))
    else if f.kind == 0x08 then PartitionSuspend(who, Lo(o))
    else if f.kind == 0x09 then PartitionQuota(who, Lo(o), x / LO32, x % LO32)
    else if f.kind == 0x10 then CapGrant(who, Hi(o), Lo(o), (x / 0x100_0000_0000_0000) as u32, (x / LO32 % 0x100_0000) as u32, Lo(x))
    else if f.kind == 0x11 then if x == LOST then CapDrop(who, Lo(o)) else CapRevoke(who, Lo(o), Lo(x))
    else if f.kind == 0x12 then CapDelegate(who, Hi(o), Lo(o), Hi(x), Lo(x))
    else if f.kind == 0x20 then RegionCreate(who, Lo(o), Hi(o), (x / 0x1000_0000_0000_0000) as u32, x / 0x100_0000_0000 % 0x10_0000, x % 0x100_0000_0000)
    else if f.kind == 0x25 then RegionMap(who, (x / 0x10_0000_0000_0000 % 256) as u32, Hi(o), Lo(o), x / LO32 % 0x10_0000, Lo(x), (x / 0x1000_0000_0000_0000) as u32)
    else if f.kind == 0x26 then RegionUnmap(who, Hi(o), Lo(o), Lo(x))
    else if f.kind == 0x30 then EdgeCreate(who, Lo(o), Hi(x), (x / 0x1_0000 % 0x1_0000) as u32, (x % 0x1_0000) as u32)
    else if f.kind == 0x31 then EdgeDestroy(who, Lo(o))
    else if f.kind == 0x33 then Signal(who, Lo(o), x)
    else if f.kind == 0x34 then Send(who, Lo(o), x)
    else if f.kind == 0x40 then Proved(who, o, Hi(x), Lo(x), f.tier == 3)
    else if f.kind == 0x41 then Reject(who, o, x)
    else if f.kind == 0x42 then Fault(who, o, x)
    else if f.kind == 0x50 then LeaseGrant(who, Hi(o), Lo(o), x)
    else if f.kind == 0x51 then LeaseEnd(who, Lo(o), x)
    else if f.kind == 0x70 then TaskSpawn(who, Lo(o), x / LO32, x % LO32)
    else if f.kind == 0x71 then PartitionEnd(who, Lo(o), x)
    else if f.kind == 0x80 then Attest(o, x)
    else if f.kind == 0x82 then BootComplete(o)
    else if f.kind == 0x85 then Drain(who, o)
    else if f.kind == 0x86 then PolicyActivate(who, Lo(o), x)
    else SystemEnd
  }
  /** The action's numbers fit the fields of its record. */
  predicate Bounded(a: Action) {
    match a
    case TaskSpawn(_, _, slice, rel)           => slice < LO32 && rel < LO32
    case PartitionQuota(_, _, quota, budget)   => quota < LO32 && budget < LO32
    case CapGrant(_, _, _, kind, obj, _)       => kind < 0x100 && obj < 0x100_0000
    case RegionCreate(_, _, _, pol, n, frame)  => pol < 0x10 && n < 0x10_0000 && frame < 0x100_0000_0000
    case RegionMap(_, p, _, _, first, _, perm) => p < 0x100 && first < 0x10_0000 && perm < 0x10
    case EdgeCreate(_, _, _, dst, cap)         => dst < 0x1_0000 && cap < 0x1_0000
    case _ => true
  }
  lemma Pairs(hi: u32, lo: u32)
    ensures Hi(Pair(hi, lo)) == hi && Lo(Pair(hi, lo)) == lo
    ensures Lo(lo as u64) == lo
  {}
  lemma PairOf(hi: u64, lo: u64)
    requires hi < LO32 && lo < LO32
    ensures (hi * LO32 + lo) / LO32 == hi && (hi * LO32 + lo) % LO32 == lo
  {}
  lemma CapWord(kind: u32, obj: u32, rights: u32)
    requires kind < 0x100 && obj < 0x100_0000
    ensures var x := kind as u64 % 256 * 0x100_0000_0000_0000 + obj as u64 % 0x100_0000 * LO32 + rights as u64;
      x / 0x100_0000_0000_0000 == kind as u64 && x / LO32 % 0x100_0000 == obj as u64 && x % LO32 == rights as u64
  {}
  lemma RegionWord(pol: u32, pages: u64, frame: u64)
    requires pol < 0x10 && pages < 0x10_0000 && frame < 0x100_0000_0000
    ensures var x := pol as u64 % 16 * 0x1000_0000_0000_0000 + pages % 0x10_0000 * 0x100_0000_0000 + frame % 0x100_0000_0000;
      x / 0x1000_0000_0000_0000 == pol as u64 && x / 0x100_0000_0000 % 0x10_0000 == pages && x % 0x100_0000_0000 == frame
  {}
  lemma MapWord(perm: u32, p: u32, first: u64, pages: u32)
    requires perm < 0x10 && p < 0x100 && first < 0x10_0000
    ensures var x := perm as u64 % 16 * 0x1000_0000_0000_0000 + p as u64 % 256 * 0x10_0000_0000_0000 + first % 0x10_0000 * LO32 + pages as u64;
      x / 0x1000_0000_0000_0000 == perm as u64 && x / 0x10_0000_0000_0000 % 256 == p as u64 && x / LO32 % 0x10_0000 == first && x % LO32 == pages as u64
  {
    Digits(perm as int, p as int, first as int, pages as int);
    LowerDigits(perm as int, p as int, first as int);
  }
  /** A number of four digits (4, 8, 20 and 32 bits) without its lower ones. */
  lemma Digits(a: int, b: int, c: int, d: int)
    requires 0 <= a < 0x10 && 0 <= b < 0x100 && 0 <= c < 0x10_0000 && 0 <= d < LO32 as int
    ensures var x := a * 0x1000_0000_0000_0000 + b * 0x10_0000_0000_0000 + c * LO32 as int + d;
      x / 0x1000_0000_0000_0000 == a && x / 0x10_0000_0000_0000 == a * 256 + b && x / LO32 as int == a * 0x1000_0000 + b * 0x10_0000 + c && x % LO32 as int == d
  {}
  lemma LowerDigits(a: int, b: int, c: int)
    requires 0 <= a < 0x10 && 0 <= b < 0x100 && 0 <= c < 0x10_0000
    ensures (a * 256 + b) % 256 == b && (a * 0x1000_0000 + b * 0x10_0000 + c) % 0x10_0000 == c
  {}
  lemma EdgeWord(src: u32, dst: u32, cap: u32)
    requires dst < 0x1_0000 && cap < 0x1_0000
    ensures var x := src as u64 * LO32 + dst as u64 % 0x1_0000 * 0x1_0000 + cap as u64 % 0x1_0000;
      x / LO32 == src as u64 && x / 0x1_0000 % 0x1_0000 == dst as u64 && x % 0x1_0000 == cap as u64
  {}
  lemma CapRecord(who: u32, to: u32, slot: u32, kind: u32, obj: u32, rights: u32)
    requires kind < 0x100 && obj < 0x100_0000
    ensures Decode(Encode(CapGrant(who, to, slot, kind, obj, rights))) == CapGrant(who, to, slot, kind, obj, rights)
  {
    Pairs(to, slot);
    CapWord(kind, obj, rights);
    hide Pair;
  }
  lemma RegionRecord(who: u32, r: u32, owner: u32, pol: u32, pages: u64, frame: u64)
    requires pol < 0x10 && pages < 0x10_0000 && frame < 0x100_0000_0000
    ensures Decode(Encode(RegionCreate(who, r, owner, pol, pages, frame))) == RegionCreate(who, r, owner, pol, pages, frame)
  {
    Pairs(owner, r);
    RegionWord(pol, pages, frame);
    hide Pair;
  }
  lemma MapRecord(who: u32, p: u32, r: u32, page: u32, first: u64, pages: u32, perm: u32)
    requires perm < 0x10 && p < 0x100 && first < 0x10_0000
    ensures Decode(Encode(RegionMap(who, p, r, page, first, pages, perm))) == RegionMap(who, p, r, page, first, pages, perm)
  {
    Pairs(r, page);
    MapWord(perm, p, first, pages);
    hide Pair;
  }
  lemma EdgeRecord(who: u32, e: u32, src: u32, dst: u32, cap: u32)
    requires dst < 0x1_0000 && cap < 0x1_0000
    ensures Decode(Encode(EdgeCreate(who, e, src, dst, cap))) == EdgeCreate(who, e, src, dst, cap)
  {
    Pairs(0, e);
    EdgeWord(src, dst, cap);
  }
  lemma QuotaRecord(who: u32, p: u32, quota: u64, budget: u64)
    requires quota < LO32 && budget < LO32
    ensures Decode(Encode(PartitionQuota(who, p, quota, budget))) == PartitionQuota(who, p, quota, budget)
  {
    Pairs(0, p);
    PairOf(quota, budget);
  }
  lemma SpawnRecord(who: u32, p: u32, slice: u64, rel: u64)
    requires slice < LO32 && rel < LO32
    ensures Decode(Encode(TaskSpawn(who, p, slice, rel))) == TaskSpawn(who, p, slice, rel)
  {
    Pairs(0, p);
    PairOf(slice, rel);
  }
  lemma LinkRecords(who: u32, to: u32, slot: u32, src: u32, rights: u32)
    ensures Decode(Encode(CapDelegate(who, to, slot, src, rights))) == CapDelegate(who, to, slot, src, rights)
    ensures Decode(Encode(RegionUnmap(who, to, slot, src))) == RegionUnmap(who, to, slot, src)
  {
    Pairs(to, slot);
    Pairs(src, rights);
    Pairs(0, src);
    hide Pair;
  }
  lemma ProofRecord(who: u32, nonce: u64, row: u32, rule: u32, deep: bool)
    ensures Decode(Encode(Proved(who, nonce, row, rule, deep))) == Proved(who, nonce, row, rule, deep)
  {
    Pairs(row, rule);
    hide Pair;
  }
  lemma LeaseRecord(who: u32, r: u32, page: u32, until: u64)
    ensures Decode(Encode(LeaseGrant(who, r, page, until))) == LeaseGrant(who, r, page, until)
  {
    Pairs(r, page);
    hide Pair;
  }
  predicate Plain(a: Action) {
    !a.PartitionQuota? && !a.CapGrant? && !a.CapDelegate? && !a.RegionCreate? && !a.RegionMap? && !a.RegionUnmap? && !a.EdgeCreate? && !a.TaskSpawn? && !a.Proved? && !a.LeaseGrant?
  }
  lemma PlainRecord(a: Action)
    requires Plain(a)
    ensures Decode(Encode(a)) == a
  {
    forall x: u32 {:trigger Lo(x as u64)} ensures Lo(x as u64) == x {}
  }
  /** No two actions have the same record: what is read back from a record is the action that it was made of. */
  lemma A_record_tells_its_action(a: Action)
    requires Bounded(a)
    ensures Decode(Encode(a)) == a
  {
    if Plain(a) { PlainRecord(a); }
    hide Encode;
    hide Decode;
    match a
    case PartitionQuota(who, p, quota, budget)      => QuotaRecord(who, p, quota, budget);
    case TaskSpawn(who, p, slice, rel)              => SpawnRecord(who, p, slice, rel);
    case CapGrant(who, to, slot, kind, obj, rights) => CapRecord(who, to, slot, kind, obj, rights);
    case CapDelegate(who, to, slot, src, rights)    => LinkRecords(who, to, slot, src, rights);
    case RegionCreate(who, r, owner, policy, pages, frame) => RegionRecord(who, r, owner, policy, pages, frame);
    case RegionMap(who, p, r, page, first, pages, perm) => MapRecord(who, p, r, page, first, pages, perm);
    case RegionUnmap(p, r, page, pages)             => LinkRecords(p, r, page, pages, 0);
    case EdgeCreate(who, e, src, dst, cap)          => EdgeRecord(who, e, src, dst, cap);
    case LeaseGrant(who, r, page, until)            => LeaseRecord(who, r, page, until);
    case Proved(who, nonce, row, rule, deep)        => ProofRecord(who, nonce, row, rule, deep);
    case _ =>
  }
  /** The fields of a record that tell of its action. */
  function FieldsOf(r: State.Record): Fields { Fields(r.kind, r.tier, Lo(r.subject), r.obj, r.aux) }
  /** What the records say was done, in order. */
  function Told(rs: seq<State.Record>): seq<Action> { seq(|rs|, i requires 0 <= i < |rs| => Decode(FieldsOf(rs[i]))) }

  // ---- every action has its record ------------------------------------------------------------------------------------------------

  /** Each of the actions, when its turn comes, is given its record. */
  ghost predicate Noted(l: Log, acts: seq<Action>, now: u64)
    requires W.Tables(l)
    decreases |acts|
  {
    |acts| == 0 || (Notable(l, acts[0]) && Noted(Note(l, acts[0], now), acts[1..], now))
  }
  lemma Grows(l: Log, acts: seq<Action>, now: u64)
    requires W.Tables(l)
    ensures l.records <= NoteAll(l, acts, now).records
    decreases |acts|
  {
    hide Encode;
    hide Charged;
    if |acts| > 0 {
      assert l.records <= Note(l, acts[0], now).records;
      Grows(Note(l, acts[0], now), acts[1..], now);
    }
  }
  lemma OneNoted(l: Log, a: Action, now: u64)
    requires W.Tables(l) && Notable(l, a)
    ensures var m := Note(l, a, now); |m.records| == |l.records| + 1 && m.records[..|l.records|] == l.records && FieldsOf(m.records[|l.records|]) == Encode(a)
  {
    var f := Encode(a);
    assert f.kind < 256 && f.tier < 256;
    hide Encode;
    assert Lo(f.subject as u64) == f.subject;
  }
  lemma AllNoted(l: Log, acts: seq<Action>, now: u64)
    requires W.Tables(l) && Noted(l, acts, now)
    ensures var m := NoteAll(l, acts, now);
      && |m.records| == |l.records| + |acts| && l.records <= m.records
      && forall i :: 0 <= i < |acts| ==> FieldsOf(m.records[|l.records| + i]) == Encode(acts[i])
    decreases |acts|
  {
    hide Note;
    hide Encode;
    hide Notable;
    if |acts| > 0 {
      assert Notable(l, acts[0]);
      OneNoted(l, acts[0], now);
      var n := Note(l, acts[0], now);
      AllNoted(n, acts[1..], now);
      var m := NoteAll(l, acts, now);
      assert m == NoteAll(n, acts[1..], now);
      assert m.records[|l.records|] == n.records[|l.records|];
      forall i | 0 <= i < |acts| ensures FieldsOf(m.records[|l.records| + i]) == Encode(acts[i]) {
        if i > 0 { assert FieldsOf(m.records[|n.records| + (i - 1)]) == Encode(acts[1..][i - 1]); }
      }
    }
  }
  lemma TheyTell(l: Log, acts: seq<Action>, now: u64)
    requires W.Tables(l) && Noted(l, acts, now) && forall i :: 0 <= i < |acts| ==> Bounded(acts[i])
    ensures |l.records| <= |NoteAll(l, acts, now).records| && Told(NoteAll(l, acts, now).records[|l.records|..]) == acts
  {
    AllNoted(l, acts, now);
    hide NoteAll;
    hide Encode;
    hide Decode;
    hide Bounded;
    hide Noted;
    var rs := NoteAll(l, acts, now).records[|l.records|..];
    forall i | 0 <= i < |acts| ensures Told(rs)[i] == acts[i] {
      A_record_tells_its_action(acts[i]);
      assert rs[i] == NoteAll(l, acts, now).records[|l.records| + i];
    }
  }
  lemma BothNoted(l: Log, a: seq<Action>, b: seq<Action>, now: u64)
    requires W.Tables(l) && Noted(l, a, now) && Noted(NoteAll(l, a, now), b, now)
    ensures Noted(l, a + b, now)
    decreases |a|
  {
    hide Note;
    hide Notable;
    if |a| == 0 { assert a + b == b; }
    else {
      assert (a + b)[1..] == a[1..] + b;
      BothNoted(Note(l, a[0], now), a[1..], b, now);
    }
  }
  /** The actions are charged to c, who has room for them. */
  ghost predicate Dues(k: Kernel, acts: seq<Action>, c: u32) requires W.Tables(k.log) {
    && c < NPART && |acts| <= 8 && (|acts| > 0 ==> W.Room(k.log, c, |acts| as u64))
    && forall i :: 0 <= i < |acts| ==> EndsKept.Plain(acts[i]) && Charged(acts[i]) == c
  }
  lemma PlainNoted(parts: seq<Part>, l: Log, halted: bool, c: u32, acts: seq<Action>, now: u64, n: u64)
    requires EndsKept.Ok(parts, l, halted) && W.Tables(l) && c < NPART && |acts| <= n as int && W.Room(l, c, n)
    requires forall i :: 0 <= i < |acts| ==> EndsKept.Plain(acts[i]) && Charged(acts[i]) == c
    ensures Noted(l, acts, now)
    decreases |acts|
  {
    hide Note;
    hide Charged;
    if |acts| > 0 {
      assert Notable(l, acts[0]);
      EndsKept.Noted(parts, l, halted, acts[0], now, n);
      hide W.Room;
      PlainNoted(parts, Note(l, acts[0], now), halted, c, acts[1..], now, n - 1);
    }
  }
  /** Whoever is charged has room, unless it is an ending, and every action has its record. */
  ghost predicate Pays(k: Kernel, acts: seq<Action>, now: u64, c: u32) requires V.Valid(k) && c < NPART {
    Noted(k.log, acts, now) && (acts == [] || acts[0].PartitionEnd? || W.Room(k.log, c, 1))
  }
  lemma DuesPay(k: Kernel, acts: seq<Action>, now: u64, c: u32)
    requires V.Valid(k) && Dues(k, acts, c)
    ensures Pays(k, acts, now, c)
  {
    CommitKept.InParts(k);
    if |acts| > 0 {
      assert W.Room(k.log, c, 1);
      hide V.Valid;
      hide W.Room;
      hide Charged;
      hide EndsKept.Plain;
      PlainNoted(k.st.parts, k.log, k.vol.halted, c, acts, now, |acts| as u64);
    }
  }
  lemma LogInOrder(k: Kernel, v: Verdict, now: u64)
    requires V.Valid(k) && CallsKept.Keeps(k, v, now)
    ensures W.LogOk(NoteAll(k.log, v.acts, now))
  {
    CommitKept.InParts(Step.Commit(k, v, now));
    reveal EndsKept.Ok();
  }
  lemma ProofNotable(m: Log, a: Action, c: u32)
    requires W.LogOk(m) && c < NPART && a.Proved? && a.who == c && W.Room(m, c, 1)
    ensures Notable(m, a)
  {
    WitnessLemmas.Spared(m, c);
  }
  /** Actions that pay and leave a record to spare can be proved. */
  lemma ProofPays(k: Kernel, v: Verdict, a: Action, now: u64, c: u32)
    requires V.Valid(k) && c < NPART && Pays(k, v.acts, now, c) && CallsKept.Keeps(k, v, now) && |v.acts| > 0
    requires a.Proved? && a.who == c && W.Room(NoteAll(k.log, v.acts, now), c, 1)
    ensures Pays(k, v.acts + [a], now, c)
  {
    assert W.Tables(k.log);
    hide V.Valid;
    hide A.Apply;
    hide ApplyAll;
    hide Encode;
    var m := NoteAll(k.log, v.acts, now);
    LogInOrder(k, v, now);
    ProofNotable(m, a, c);
    hide Note;
    hide Notable;
    hide NoteAll;
    hide W.Room;
    assert Noted(Note(m, a, now), [], now);
    assert [a][1..] == [];
    assert Noted(m, [a], now);
    BothNoted(k.log, v.acts, [a], now);
  }
  lemma EndPays(k: Kernel, who: u32, p: u32, reason: u64, last: bool, now: u64, c: u32)
    requires V.Valid(k) && who < NPART && 0 < p < NPART && c < NPART && k.st.parts[p].life != Kinds.Free && (last ==> !k.vol.halted)
    ensures Pays(k, [PartitionEnd(who, p, reason)] + (if last then [SystemEnd] else []), now, c)
  {
    CommitKept.InParts(k);
    hide V.Valid;
    var a := PartitionEnd(who, p, reason);
    var x := Part(k.st.parts[p].gen, Kinds.Free, 0, 0);
    EndsKept.Ended(k.st.parts, k.log, k.vol.halted, who, p, reason, now, x);
    assert Notable(k.log, a) by {
      reveal EndsKept.Ok();
      assert k.st.parts[p] == k.st.parts[p];
      WitnessLemmas.Fits(k.log, 0, p);
      WitnessLemmas.Spared(k.log, p);
    }
    var m := Note(k.log, a, now);
    assert last ==> Notable(m, SystemEnd) by {
      reveal EndsKept.Ok();
      if last { WitnessLemmas.Spared(m, 0); }
    }
    hide Note;
    hide Notable;
    assert Noted(m, [], now);
    if last {
      assert [SystemEnd][1..] == [];
      assert Noted(Note(m, SystemEnd, now), [], now);
      assert Noted(m, [SystemEnd], now);
    }
    var rest := if last then [SystemEnd] else [];
    assert ([a] + rest)[1..] == rest;
  }
  lemma QuotaNotable(parts: seq<Part>, l: Log, halted: bool, who: u32, x: DP.Plan)
    requires EndsKept.Ok(parts, l, halted) && W.Tables(l) && who < NPART && 0 < x.p < NPART && who != x.p && 0 < x.quota <= RING && W.Room(l, who, x.quota + 6)
    ensures Notable(l, StructureKept.Quota(who, x))
  {
    reveal EndsKept.Ok();
    WitnessLemmas.Fits(l, who, x.p);
    WitnessLemmas.Fits(l, 0, x.p);
    assert l.used[x.p as int] <= l.quota[x.p as int];
  }
  lemma MadePays(k: Kernel, who: u32, x: DP.Plan, i: Image, w: DP.Places, more: seq<Action>, now: u64)
    requires V.Valid(k) && V.ImageOk(i) && who < NPART && 0 < x.p < NPART && who != x.p
    requires 0 < x.quota <= RING && W.Room(k.log, who, x.quota + 8) && |more| <= 1
    requires forall j :: 0 <= j < |more| ==> EndsKept.Plain(more[j]) && Charged(more[j]) == who
    ensures Pays(k, DP.Making(who, x, i, w) + more, now, who)
  {
    CommitKept.InParts(k);
    hide V.Valid;
    hide Note;
    StructureKept.MakingIs(who, x, i, w);
    var parts, l, halted := k.st.parts, k.log, k.vol.halted;
    var n := Part(0, Kinds.Free, 0, 0);
    var head, quota, code, data := StructureKept.Head(who, x), StructureKept.Quota(who, x), StructureKept.Code(who, x, i, w), StructureKept.Data(who, x, i, w);
    var tail := code + data + more;
    assert DP.Making(who, x, i, w) + more == head + ([quota] + tail);
    assert W.Room(l, who, 1);
    hide DP.Making;
    PlainNoted(parts, l, halted, who, head, now, x.quota + 8);
    EndsKept.NotedAll(parts, l, halted, who, head, now, x.quota + 8);
    var l2 := NoteAll(l, head, now);
    EndsKept.Quota(parts, l2, halted, who, x.p, x.quota, x.budget, now, 6, n);
    assert W.Room(l2, who, x.quota + 6);
    QuotaNotable(parts, l2, halted, who, x);
    var l3 := Note(l2, quota, now);
    hide W.Room;
    hide Notable;
    assert forall j :: 0 <= j < |code| ==> EndsKept.Plain(code[j]) && Charged(code[j]) == who;
    assert forall j :: 0 <= j < |data| ==> EndsKept.Plain(data[j]) && Charged(data[j]) == who;
    hide NoteAll;
    PlainNoted(parts[x.p as int := n], l3, halted, who, tail, now, 5);
    assert ([quota] + tail)[1..] == tail;
    assert Noted(l2, [quota] + tail, now);
    BothNoted(l, head, [quota] + tail, now);
  }
}
