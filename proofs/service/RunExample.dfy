include "Runs.dfy"

/** A run: the first state boots with two partitions, one runs, and the other waits for the processor. */
module {:compile false} RunExample {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Service
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DP = DecidePartition
  import Common
  import Step
  import Kinds
  import Status
  import FairBoot
  import FairStates
  import FairCalls
  import FairSteps
  import Runs
  import StepPreservesValid
  import StructureKept
  import EndsKept
  import CommitKept
  import Replay
  import Records

  const Guest: Image := Image(0, 0, 1, 1, 0, 0)
  const ImageWords: B.Words := [1, 0, 0, 1, 1, 0, 0, 0]
  const PartitionWords: B.Words := [2, 0, 1000, 500, 0, 16, 0, 0]
  function StartWords(p: u64): B.Words { [7, p, 0, 0, 0, 0, 0, 0] }
  const EndWords: B.Words := [8, 0, 0, 0, 0, 0, 0, 0]
  const Bundle: seq<u64> := [MAGIC, 1, 6, 56, 0, 0, 0, 0] + seq(48, _ => 0)

  /** Partitions 1 … n exist, and no other ever has. */
  ghost predicate Made(parts: seq<Part>, n: u32) {
    |parts| == NPART as int && forall p: u32 {:trigger parts[p]} ::
      0 < p < NPART ==> if p <= n then parts[p].life != Kinds.Free else parts[p] == Part(0, Kinds.Free, 0, 0)
  }
  /** Regions 0 … n-1 are taken, no other ever has been, and there is room for as many as two partitions need. */
  ghost predicate Taken(m: State.Memory, n: u32) {
    && n <= 2 && M.Table(m) && m.next as int + 2 - n as int <= m.limit as int
    && forall i: u32 {:trigger m.regions[i]} :: i < NREGION ==> if i < n then m.regions[i].owner != 0 else m.regions[i] == Region(0, 0, 0, 0, 0)
  }
  ghost function Spare(n: u32): u64 requires n <= 2 { 60000 - n as u64 * 1000 }
  /** n of the two partitions have been made. */
  ghost predicate Stage(k: Kernel, n: u32)
    requires V.Valid(k)
  {
    && k.booting && n <= 2 && k.images == [Guest] && |k.log.records| > 0 && W.Tables(k.log) && W.Room(k.log, 0, Spare(n)) && Made(k.st.parts, n)
    && Taken(k.st.memory, n)
  }

  // ---- making a partition -----------------------------------------------------------------------------------------------------------

  lemma NoneToReuse(m: State.Memory, n: u32, i: u32)
    requires Taken(m, n) && i <= NREGION
    ensures M.ReuseFrom(m, 1, i) == NREGION && (i <= n ==> M.ReuseFrom(m, 0, i) == n)
    decreases NREGION - i
  {
    if i < NREGION { NoneToReuse(m, n, i + 1); assert m.regions[i] == m.regions[i]; }
  }
  ghost function Spot(m: State.Memory, n: u32): DP.Places { DP.Places(Status.OK, n, m.next, 0, 0) }
  lemma Fits(m: State.Memory, n: u32, p: u32)
    requires Taken(m, n) && n < 2
    ensures DP.Place(m, Guest, p) == Spot(m, n)
  {
    NoneToReuse(m, n, 0);
  }
  ghost function Wanted(p: u32): DP.Plan { DP.Plan(p, 0, 1000, 500, 16, 0, 0, 0) }
  lemma NextSlot(parts: seq<Part>, n: u32)
    requires Made(parts, n) && n < 2
    ensures S.FreeFrom(parts, 1) == n + 1
  {
    assert parts[1] == parts[1] && parts[2] == parts[2];
    assert n == 0 ==> parts[1].life == Kinds.Free;
    assert n == 1 ==> parts[1].life != Kinds.Free && parts[2].life == Kinds.Free;
    if n == 1 { assert S.FreeFrom(parts, 1) == S.FreeFrom(parts, 2); }
  }
  /** What making a partition does: it takes one region and one slot. */
  lemma MadeMemory(s: Structure, n: u32, p: u32)
    requires Tables(s) && Taken(s.memory, n) && n < 2 && 0 < p < NPART && s.parts[p].gen < GENMAX
    ensures var s' := ApplyAll(s, DP.Making(0, Wanted(p), Guest, Spot(s.memory, n)));
      Taken(s'.memory, n + 1) && s'.parts == s.parts[p as int := Part(s.parts[p].gen + 1, Kinds.Created, 1000, 500)]
  {
    var acts := DP.Making(0, Wanted(p), Guest, Spot(s.memory, n));
    assert acts == [acts[0]] + ([acts[1]] + ([acts[2]] + ([acts[3]] + [acts[4]])));
    StructureKept.First(s, acts[0], [acts[1]] + ([acts[2]] + ([acts[3]] + [acts[4]])));
    var s1 := A.Apply(s, acts[0]);
    StructureKept.First(s1, acts[1], [acts[2]] + ([acts[3]] + [acts[4]]));
    var s2 := A.Apply(s1, acts[1]);
    StructureKept.First(s2, acts[2], [acts[3]] + [acts[4]]);
    var s3 := A.Apply(s2, acts[2]);
    StructureKept.First(s3, acts[3], [acts[4]]);
    var s4 := A.Apply(s3, acts[3]);
    StructureKept.One(s4, acts[4]);
    hide ApplyAll;
    hide M.MapRange;
    var made := s.parts[p as int := Part(s.parts[p].gen + 1, Kinds.Created, 1000, 500)];
    assert s2.parts == made && s3.parts == made;
    assert s3.memory == s.memory;
    assert s4.memory == M.Create(s.memory, n, p, Kinds.Immutable, 1, s.memory.next);
    assert A.Apply(s4, acts[4]).memory == s4.memory && s4.parts == made && A.Apply(s4, acts[4]).parts == made;
  }
  /** What it does to the hypervisor's quota. */
  lemma MadeRoom(k: Kernel, n: u32, p: u32, now: u64)
    requires V.Valid(k) && Stage(k, n) && n < 2 && 0 < p < NPART && Tables(k.st)
    ensures W.Room(NoteAll(k.log, DP.Making(0, Wanted(p), Guest, Spot(k.st.memory, n)), now), 0, Spare(n + 1))
  {
    CommitKept.InParts(k);
    hide V.Valid;
    var l, x, w := k.log, Wanted(p), Spot(k.st.memory, n);
    assert V.ImageOk(Guest);
    StructureKept.MakingIs(0, x, Guest, w);
    var head, quota, code := StructureKept.Head(0, x), StructureKept.Quota(0, x), StructureKept.Code(0, x, Guest, w);
    assert code + StructureKept.Data(0, x, Guest, w) == code;
    hide DP.Making;
    var m := Spare(n);
    EndsKept.NotedAll(k.st.parts, l, k.vol.halted, 0, head, now, m);
    var l2 := NoteAll(l, head, now);
    EndsKept.NoteBoth(l, head, [quota] + code, now);
    EndsKept.NoteBoth(l2, [quota], code, now);
    EndsKept.NoteOne(l2, quota, now);
    EndsKept.Quota(k.st.parts, l2, k.vol.halted, 0, p, 16, 0, now, m - 18, k.st.parts[p]);
    var l3 := Note(l2, quota, now);
    assert k.st.parts[p as int := k.st.parts[p]] == k.st.parts;
    EndsKept.NotedAll(k.st.parts, l3, k.vol.halted, 0, code, now, m - 19);
    hide NoteAll;
    hide Note;
  }
  lemma MoreRecords(l: Log, acts: seq<Action>, now: u64)
    requires W.Tables(l)
    ensures |NoteAll(l, acts, now).records| >= |l.records|
  {
    Records.Grows(l, acts, now);
  }
  /** What the command asks for. */
  lemma Asks(k: Kernel, n: u32, now: u64)
    requires V.Valid(k) && Stage(k, n) && n < 2
    ensures var a := B.Command(k, PartitionWords, 1, now); a.Done? && a.v.acts == DP.Making(0, Wanted(n + 1), Guest, Spot(k.st.memory, n))
  {
    CommitKept.InParts(k);
    Fits(k.st.memory, n, n + 1);
    NextSlot(k.st.parts, n);
    assert V.ImageOk(Guest);
    assert W.Room(k.log, 0, 16 + DP.RECORDS);
    hide V.Valid;
    hide DP.Making;
    hide DP.Place;
    hide DP.Filling;
    hide S.FreeFrom;
    hide DP.Prepared;
    hide Made;
    hide Taken;
    hide W.Room;
    assert B.Command(k, PartitionWords, 1, now) == B.PartitionCommand(k, PartitionWords);
  }
  lemma Grown(parts: seq<Part>, n: u32)
    requires Made(parts, n) && n < 2
    ensures parts[n + 1] == Part(0, Kinds.Free, 0, 0) && Made(parts[(n + 1) as int := Part(1, Kinds.Created, 1000, 500)], n + 1)
  {}
  /** One command makes the next partition. */
  lemma Makes(k: Kernel, n: u32, now: u64)
    requires V.Valid(k) && Stage(k, n) && n < 2
    ensures var k' := Step.Step(k, Step.Boot(PartitionWords, 1, now)).k;
      && V.Valid(k') && Stage(k', n + 1) && S.Tables(k'.vol.sched) && |k.st.parts| == NPART as int
      && k'.st.parts == k.st.parts[(n + 1) as int := Part(1, Kinds.Created, 1000, 500)]
  {
    var e := Step.Boot(PartitionWords, 1, now);
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    Replay.HasTables(k);
    Asks(k, n, now);
    var p, acts := n + 1, DP.Making(0, Wanted(n + 1), Guest, Spot(k.st.memory, n));
    assert k.st.parts[p].gen == 0 by { Grown(k.st.parts, n); }
    MadeMemory(k.st, n, p);
    MadeRoom(k, n, p, now);
    MoreRecords(k.log, acts, now);
    var k' := Step.Step(k, e).k;
    Replay.HasTables(k');
    FairCalls.InOrder(k');
    Grown(k.st.parts, n);
    hide Made;
    hide V.Valid;
    hide ApplyAll;
    hide NoteAll;
    hide DP.Making;
    hide B.Command;
    hide Taken;
    hide W.Room;
    assert k'.st == ApplyAll(k.st, acts) && k'.log == NoteAll(k.log, acts, now) && k'.booting && k'.images == k.images;
  }

  // ---- the other commands -----------------------------------------------------------------------------------------------------------

  /** The first state, with frames for two partitions. */
  ghost predicate Fresh(k: Kernel) { StepPreservesValid.First(k) && k.booting && k.st.memory.next as int + 2 <= k.st.memory.limit as int }
  lemma Begins(k: Kernel)
    requires Fresh(k) && V.Valid(k)
    ensures var k' := Step.Step(k, Step.Begin(Bundle, 0)).k;
      V.Valid(k') && k'.booting && k'.images == [] && |k'.log.records| > 0 && W.Tables(k'.log) && W.Room(k'.log, 0, Spare(0)) && k'.st == k.st
  {
    var e := Step.Begin(Bundle, 0);
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    CommitKept.InParts(k);
    Replay.HasTables(k);
    var a := Attest(56, B.HashOf(Bundle, 56));
    assert B.HeaderOk(Bundle) && !B.NoTable(Bundle, 4) && !B.NoTable(Bundle, 6) && B.Ruled(Bundle, 4) + B.Ruled(Bundle, 6) == [];
    assert W.Room(k.log, 0, Spare(0) + 1);
    EndsKept.NotedAll(k.st.parts, k.log, k.vol.halted, 0, [a], 0, Spare(0) + 1);
    StructureKept.One(k.st, a);
    EndsKept.NoteOne(k.log, a, 0);
    assert |Note(k.log, a, 0).records| > 0;
    hide V.Valid;
    hide StepPreservesValid.First;
    hide B.HashOf;
    hide NoteAll;
    hide ApplyAll;
    hide B.HeaderOk;
    hide B.NoTable;
    hide B.Ruled;
    assert B.Begin(k, Bundle) == B.Begun(Common.Verdict([a], k.vol, []), []);
  }
  lemma Loads(k: Kernel)
    requires V.Valid(k) && k.booting && k.images == [] && |k.log.records| > 0
    ensures var k' := Step.Step(k, Step.Boot(ImageWords, 1, 0)).k; V.Valid(k') && k' == k.(images := [Guest])
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, Step.Boot(ImageWords, 1, 0));
    hide V.Valid;
    assert B.Command(k, ImageWords, 1, 0) == B.ImageCommand(k, ImageWords, 1);
  }
  lemma Starts(k: Kernel, p: u32, spare: u64)
    requires V.Valid(k) && k.booting && |k.log.records| > 0 && 0 < p < NPART && W.Tables(k.log) && 0 < spare <= RING && W.Room(k.log, 0, spare)
    requires k.st.parts[p].life == Kinds.Created && k.vol.sched.cur == 0
    ensures var k' := Step.Step(k, Step.Boot(StartWords(p as u64), 1, 0)).k;
      && V.Valid(k') && k'.booting && |k'.log.records| > 0 && W.Tables(k'.log) && W.Room(k'.log, 0, spare - 1)
      && k'.st.parts == k.st.parts[p as int := k.st.parts[p].(life := Kinds.Started)]
      && k'.vol.sched.tasks[p].run == Kinds.Ready
      && forall q: u32 {:trigger k'.vol.sched.tasks[q]} :: q < NPART && q != p ==> k'.vol.sched.tasks[q] == k.vol.sched.tasks[q]
  {
    var e := Step.Boot(StartWords(p as u64), 1, 0);
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    CommitKept.InParts(k);
    Replay.HasTables(k);
    var a := PartitionStart(0, p);
    EndsKept.NotedAll(k.st.parts, k.log, k.vol.halted, 0, [a], 0, spare);
    StructureKept.One(k.st, a);
    EndsKept.NoteOne(k.log, a, 0);
    MoreRecords(k.log, [a], 0);
    assert A.Apply(k.st, a).parts == k.st.parts[p as int := k.st.parts[p].(life := Kinds.Started)];
    hide NoteAll;
    hide ApplyAll;
    hide S.InsertByDeadline;
    assert B.Command(k, StartWords(p as u64), 1, 0) == B.StartCommand(k, StartWords(p as u64), 0);
    assert W.Room(k.log, 0, 1);
    hide V.Valid;
  }
  lemma Ends(k: Kernel)
    requires V.Valid(k) && k.booting && |k.log.records| > 0 && W.Tables(k.log) && W.Room(k.log, 0, 2)
    requires k.vol.sched.cur == 0 && k.vol.sched.tasks[1].run == Kinds.Ready && k.vol.sched.tasks[2].run == Kinds.Ready
    ensures var k' := Step.Step(k, Step.Boot(EndWords, 1, 0)).k;
      V.Valid(k') && !k'.booting && k'.st.parts == k.st.parts && (k'.vol.sched.tasks[1].run == Kinds.Ready
        || k'.vol.sched.tasks[2].run == Kinds.Ready)
  {
    var e := Step.Boot(EndWords, 1, 0);
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    FairCalls.InOrder(k);
    Replay.HasTables(k);
    FairSteps.InQueue(k.vol.sched, 1);
    assert W.Room(k.log, 0, 1);
    hide V.Valid;
    hide S.FreeFrom;
    var a := BootComplete(S.FreeFrom(k.st.parts, 1) as u64 - 1);
    StructureKept.One(k.st, a);
    assert A.Apply(k.st, a) == k.st;
    hide ApplyAll;
    hide NoteAll;
    assert B.Command(k, EndWords, 1, 0) == B.EndCommand(k, 0);
  }

  // ---- the run ----------------------------------------------------------------------------------------------------------------------

  /** Within n events at time 0 the run es has led to b. */
  ghost predicate Led(k: Kernel, es: seq<Step.Event>, n: int, b: Kernel) {
    Run(k, es, 1) && n == |es| && FairBoot.Clock(es, |es|) == 0 && b == At(k, es, |es|)
  }
  /** During boot, one more event. */
  lemma More(k: Kernel, es: seq<Step.Event>, n: int, b: Kernel, e: Step.Event) returns (more: seq<Step.Event>)
    requires Led(k, es, n, b) && V.Valid(b) && b.booting && !e.Tick? && e.now == 0
    ensures b.vol.sched.cur == 0 && Led(k, more, n + 1, Step.Step(b, e).k)
  {
    reveal Led;
    FairBoot.AllAlong(k, es, |es|);
    assert b.vol.sched.cur == 0 by { reveal FairStates.Timed(); }
    Runs.Longer(k, es, e, 1);
    more := es + [e];
    hide V.Valid;
    hide At;
    hide Step.Step;
    hide StepPreservesValid.First;
  }
  /** Two partitions have been made. */
  ghost predicate Two(parts: seq<Part>, one: u32, two: u32) {
    |parts| == NPART as int && forall p: u32 {:trigger parts[p]} :: p < NPART ==>
      parts[p] == if p == 1 then Part(1, one, 1000, 500) else if p == 2 then Part(1, two, 1000, 500) else Part(0, Kinds.Free, 0, 0)
  }
  lemma Nobody(k: Kernel)
    requires Fresh(k)
    ensures V.Valid(k) && Made(k.st.parts, 0) && Taken(k.st.memory, 0) && k.st.parts == S.NoParts && Led(k, [], 0, k)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    var none: seq<Step.Event> := [];
    assert none[..0] == none;
    reveal Led;
    hide V.Valid;
    assert At(k, none, 0) == k;
  }
  lemma HalfBoot(k: Kernel) returns (es: seq<Step.Event>, b: Kernel)
    requires Fresh(k)
    ensures Led(k, es, 4, b) && V.Valid(b) && Stage(b, 2) && Two(b.st.parts, Kinds.Created, Kinds.Created)
  {
    Nobody(k);
    Begins(k);
    hide *;
    reveal Stage, Two;
    var e := Step.Begin(Bundle, 0);
    es := More(k, [], 0, k, e) by { reveal Fresh; }
    b := Step.Step(k, e).k;
    Loads(b);
    e := Step.Boot(ImageWords, 1, 0);
    es := More(k, es, 1, b, e);
    b := Step.Step(b, e).k;
    Makes(b, 0, 0);
    e := Step.Boot(PartitionWords, 1, 0);
    es := More(k, es, 2, b, e);
    b := Step.Step(b, e).k;
    Makes(b, 1, 0);
    es := More(k, es, 3, b, e);
    b := Step.Step(b, e).k;
  }
  lemma Slices(k: Kernel, q: u32)
    requires V.Valid(k) && Two(k.st.parts, Kinds.Started, Kinds.Started) && (q == 1 || q == 2)
    ensures Longest(k, 1000) && k.st.parts[q].rel == 500
  {
    hide V.Valid;
  }
  /** After boot with two partitions one runs, and the other is ready and waits for the processor. */
  lemma Boot_leaves_one_who_wants_to_run(k: Kernel) returns (es: seq<Step.Event>, q: u32)
    requires Fresh(k)
    ensures Run(k, es, 1) && |es| == 7 && WantsToRun(At(k, es, 7), q) && Longest(At(k, es, 7), 1000) && es[6].now == 0
      && At(k, es, 7).st.parts[q].rel == 500 && Two(At(k, es, 7).st.parts, Kinds.Started, Kinds.Started)
  {
    var b;
    es, b := HalfBoot(k);
    hide *;
    reveal Stage, Spare, Limits.NPART, Limits.RING;
    assert |b.st.parts| == NPART as int && b.st.parts[1] == b.st.parts[2] == Part(1, Kinds.Created, 1000, 500) by { reveal Two; }
    var e := Step.Boot(StartWords(1), 1, 0);
    es := More(k, es, 4, b, e);
    Starts(b, 1, 50000) by { reveal W.Room; }
    var c := Step.Step(b, e).k;
    e := Step.Boot(StartWords(2), 1, 0);
    es := More(k, es, 5, c, e);
    Starts(c, 2, 49999);
    var d := Step.Step(c, e).k;
    e := Step.Boot(EndWords, 1, 0);
    es := More(k, es, 6, d, e);
    Ends(d) by { reveal W.Room; }
    var f := Step.Step(d, e).k;
    assert Two(f.st.parts, Kinds.Started, Kinds.Started) by { reveal Two; }
    q := if f.vol.sched.tasks[1].run == Kinds.Ready then 1 else 2;
    Slices(f, q);
    reveal Led, WantsToRun, FairBoot.Clock;
  }
}
