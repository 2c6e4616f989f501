include "../../spec/Step.dfy"
include "EndsKept.dfy"
include "StructureKept.dfy"

/** The invariant in four parts, and what verdicts of each kind do to them. */
module {:compile false} CommitKept {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import T = DecideTask
  import P = DecidePartition
  import Step
  import Kinds
  import Status
  import EndsKept
  import StructureKept
  import MapsKept
  import ObjectsKept
  import WitnessLemmas

  // ---- the parts ------------------------------------------------------------------------------------------------------------------

  /** Registers, queues and schedule. */
  ghost predicate Rest(parts: seq<Part>, edges: seq<Edge>, v: Volatile) {
    |v.regs| == NCTX as int && |v.queues| == NEDGE as int && ObjectsKept.Edg(edges, v.queues) && ObjectsKept.Sch(parts, v.sched)
  }
  opaque ghost predicate Images(images: seq<Image>) {
    |images| <= NIMAGE as int && forall i: int :: 0 <= i < |images| ==> V.ImageOk(images[i])
  }
  opaque ghost predicate Devices(c: Machine, ds: seq<Device>) {
    |ds| <= NDEVICE as int && forall i: int :: 0 <= i < |ds| ==> V.DeviceOk(c, ds[i])
  }
  ghost predicate Sorts(k: Kernel) {
    && Sized(k) && Tables(k.st) && W.Tables(k.log) && E.Tables(k.st.edges, k.vol.queues) && S.Shape(k.vol.sched)
  }
  ghost predicate Parts(k: Kernel) {
    && Sorts(k) && StructureKept.Ok(k.machine, k.st) && Rest(k.st.parts, k.st.edges, k.vol)
    && EndsKept.Ok(k.st.parts, k.log, k.vol.halted) && Images(k.images) && Devices(k.machine, k.devices)
  }
  lemma InParts(k: Kernel)
    requires V.Valid(k)
    ensures Parts(k)
  {
    reveal StructureKept.Ok(), MapsKept.Ok(), ObjectsKept.Caps(), ObjectsKept.Edg(), ObjectsKept.Sch(), EndsKept.Ok(), Images(), Devices();
  }
  lemma Together(k: Kernel)
    requires Parts(k)
    ensures V.Valid(k)
  {
    reveal StructureKept.Ok(), MapsKept.Ok(), ObjectsKept.Caps(), ObjectsKept.Edg(), ObjectsKept.Sch(), EndsKept.Ok(), Images(), Devices();
    WitnessLemmas.Undrained(k.log);
    assert forall i: int :: 0 <= i < |k.log.records| ==> W.Small(k.log.records[i]) by { reveal W.Chained(); }
  }
  lemma ShapeOf(parts: seq<Part>, edges: seq<Edge>, v: Volatile)
    requires Rest(parts, edges, v)
    ensures S.Shape(v.sched) && E.Tables(edges, v.queues) && |parts| == NPART as int
  {
    reveal ObjectsKept.Edg(), ObjectsKept.Sch();
  }
  lemma OneImage(images: seq<Image>, i: u64)
    requires Images(images) && i as int < |images|
    ensures V.ImageOk(images[i])
  {
    reveal Images();
  }
  /** The running partition is a started one. */
  lemma Caller(k: Kernel)
    requires Parts(k) && k.vol.sched.cur != 0
    ensures k.st.parts[k.vol.sched.cur].life == Kinds.Started && k.vol.sched.tasks[k.vol.sched.cur].run == Kinds.Running
  {
    ObjectsKept.Running(k.st.parts, k.vol.sched);
  }

  // ---- verdicts -------------------------------------------------------------------------------------------------------------------

  lemma Committed(k: Kernel, v: Verdict, now: u64)
    requires V.Valid(k)
    requires var s := ApplyAll(k.st, v.acts);
      && StructureKept.Ok(k.machine, s) && Rest(s.parts, s.edges, v.vol)
      && EndsKept.Ok(s.parts, NoteAll(k.log, v.acts, now), v.vol.halted)
    ensures V.Valid(Step.Commit(k, v, now))
  {
    hide V.Valid;
    hide ApplyAll;
    hide NoteAll;
    InParts(k);
    var s := ApplyAll(k.st, v.acts);
    ShapeOf(s.parts, s.edges, v.vol);
    Together(Step.Commit(k, v, now));
  }
  /** All records are charged to c, who has room for them, and nobody new exists. */
  ghost predicate Charges(k: Kernel, v: Verdict, c: u32)
    requires W.Tables(k.log)
  {
    && c < NPART && v.vol.halted == k.vol.halted && |v.acts| <= 8 && (|v.acts| > 0 ==> W.Room(k.log, c, |v.acts| as u64))
    && forall i :: 0 <= i < |v.acts| ==> EndsKept.Plain(v.acts[i]) && Charged(v.acts[i]) == c
  }
  lemma ChargedTo(k: Kernel, v: Verdict, now: u64, c: u32)
    requires V.Valid(k) && Charges(k, v, c)
    requires var s := ApplyAll(k.st, v.acts);
      StructureKept.Ok(k.machine, s) && Rest(s.parts, s.edges, v.vol) && EndsKept.Ok(s.parts, k.log, k.vol.halted)
    ensures V.Valid(Step.Commit(k, v, now))
  {
    hide V.Valid;
    InParts(k);
    hide ApplyAll;
    hide W.Room;
    var s := ApplyAll(k.st, v.acts);
    if |v.acts| > 0 {
      hide NoteAll;
      EndsKept.NotedAll(s.parts, k.log, k.vol.halted, c, v.acts, now, |v.acts| as u64);
    }
    Committed(k, v, now);
  }
  /** The verdict changes capabilities, the policy and nonces at most, besides the volatile state. */
  opaque ghost predicate Calm(k: Kernel, v: Verdict, c: u32)
    requires Sized(k)
  {
    Charges(k, v, c) && Rest(k.st.parts, k.st.edges, v.vol) && forall i :: 0 <= i < |v.acts| ==> StructureKept.Fine(k.st, v.acts[i])
  }
  lemma CalmKeeps(k: Kernel, v: Verdict, now: u64, c: u32)
    requires V.Valid(k) && Calm(k, v, c)
    ensures V.Valid(Step.Commit(k, v, now))
  {
    hide V.Valid;
    InParts(k);
    hide StructureKept.Fine;
    reveal Calm();
    hide W.Room;
    StructureKept.QuietedAll(k.machine, k.st, v.acts);
    hide ApplyAll;
    ChargedTo(k, v, now, c);
  }
  /** One action. */
  lemma Single(k: Kernel, v: Verdict, a: Action, now: u64)
    requires V.Valid(k) && v.acts == [a] && Charged(a) < NPART && W.Room(k.log, Charged(a), 1) && EndsKept.Plain(a) && v.vol.halted == k.vol.halted
    requires var s := A.Apply(k.st, a);
      StructureKept.Ok(k.machine, s) && Rest(s.parts, s.edges, v.vol) && EndsKept.Ok(s.parts, k.log, k.vol.halted)
    ensures V.Valid(Step.Commit(k, v, now))
  {
    hide V.Valid;
    InParts(k);
    hide A.Apply;
    hide W.Room;
    hide Encode;
    hide Charged;
    StructureKept.One(k.st, a);
    hide ApplyAll;
    ChargedTo(k, v, now, Charged(a));
  }
  /** The state with other volatile parts. */
  lemma WithVol(k: Kernel, v: Volatile)
    requires V.Valid(k) && Rest(k.st.parts, k.st.edges, v) && v.halted == k.vol.halted
    ensures V.Valid(k.(vol := v))
  {
    hide V.Valid;
    InParts(k);
    ShapeOf(k.st.parts, k.st.edges, v);
    Together(k.(vol := v));
  }

  // ---- the end of a partition -----------------------------------------------------------------------------------------------------

  lemma EndVol(k: Kernel, who: u32, p: u32, reason: u64, now: u64)
    requires Parts(k) && who < NPART && 0 < p < NPART
    ensures var v, s := T.End(k, who, p, reason, now), End(k.st, p);
      Rest(s.parts, s.edges, v.vol) && v.vol.halted == (k.vol.halted || T.Ending(k, p))
  {
    hide StructureKept.Ok;
    var parts, es, s0 := k.st.parts, k.st.edges, k.vol.sched;
    ObjectsKept.StoppedOne(parts, s0, p);
    ObjectsKept.AllGone(es, es, k.vol.queues, p, 0);
    var stopped := S.Stop(s0, p);
    var v0 := k.vol.(sched := stopped, queues := E.ClearAll(es, k.vol.queues, p));
    hide S.Stop;
    ObjectsKept.Broken(v0, es, parts, p, now, 0);
    var v := T.BreakFrom(v0, es, parts, p, now, 0);
    hide T.BreakFrom;
    if v.sched.cur == 0 { ObjectsKept.Dispatched(parts, v.sched, now); }
    var s := if v.sched.cur == 0 then S.Dispatch(v.sched, parts, now) else v.sched;
    hide S.Dispatch;
    ObjectsKept.Changed(parts, s, p, Part(parts[p].gen, Kinds.Free, 0, 0));
  }
  lemma EndActs(s: Structure, l: Log, who: u32, p: u32, reason: u64, last: bool, now: u64)
    requires Tables(s) && W.Tables(l) && 0 < p < NPART
    ensures var acts := [PartitionEnd(who, p, reason)] + if last then [SystemEnd] else [];
      var m := Note(l, PartitionEnd(who, p, reason), now);
      ApplyAll(s, acts) == End(s, p) && NoteAll(l, acts, now) == if last then Note(m, SystemEnd, now) else m
  {
    var a := PartitionEnd(who, p, reason);
    assert A.Apply(s, a) == End(s, p) && A.Apply(End(s, p), SystemEnd) == End(s, p);
    hide A.Apply;
    hide A.Note;
    hide A.End;
    if last {
      StructureKept.First(s, a, [SystemEnd]);
      StructureKept.One(A.Apply(s, a), SystemEnd);
      EndsKept.NoteBoth(l, [a], [SystemEnd], now);
      EndsKept.NoteOne(l, a, now);
      EndsKept.NoteOne(Note(l, a, now), SystemEnd, now);
    } else {
      assert [a] + [] == [a];
      StructureKept.One(s, a);
      EndsKept.NoteOne(l, a, now);
    }
  }
  lemma EndKeeps(k: Kernel, who: u32, p: u32, reason: u64, now: u64)
    requires V.Valid(k) && who < NPART && 0 < p < NPART && k.st.parts[p].life != Kinds.Free
    ensures V.Valid(Step.Commit(k, T.End(k, who, p, reason, now), now))
  {
    hide V.Valid;
    hide A.Note;
    InParts(k);
    var last := T.Ending(k, p);
    var x := Part(k.st.parts[p].gen, Kinds.Free, 0, 0);
    EndActs(k.st, k.log, who, p, reason, last, now);
    EndVol(k, who, p, reason, now);
    StructureKept.Ended(k.machine, k.st, p);
    EndsKept.Ended(k.st.parts, k.log, k.vol.halted, who, p, reason, now, x);
    var parts' := End(k.st, p).parts;
    assert parts' == k.st.parts[p as int := x];
    if last {
      assert !k.vol.halted;
      EndsKept.SystemEnded(parts', Note(k.log, PartitionEnd(who, p, reason), now), now);
    }
    hide T.Last;
    hide S.Stop;
    hide S.Dispatch;
    hide T.BreakFrom;
    hide ApplyAll;
    hide NoteAll;
    hide A.End;
    Committed(k, T.End(k, who, p, reason, now), now);
  }
  /** The same for a state that has changed since the event found it. */
  lemma EndLater(k: Kernel, v: Volatile, who: u32, p: u32, reason: u64, now: u64)
    requires V.Valid(k) && Rest(k.st.parts, k.st.edges, v) && v.halted == k.vol.halted && who < NPART && 0 < p < NPART && k.st.parts[p].life != Kinds.Free
    ensures V.Valid(k.(vol := v)) && V.Valid(Step.Commit(k, T.End(k.(vol := v), who, p, reason, now), now))
  {
    hide V.Valid;
    hide T.End;
    hide ApplyAll;
    hide NoteAll;
    WithVol(k, v);
    EndKeeps(k.(vol := v), who, p, reason, now);
  }

  // ---- a new partition ------------------------------------------------------------------------------------------------------------

  lemma MadeLog(parts: seq<Part>, l: Log, halted: bool, who: u32, x: P.Plan, i: Image, w: P.Places, more: seq<Action>, now: u64, n: Part, room: u64)
    requires EndsKept.Ok(parts, l, halted) && |parts| == NPART as int && W.Tables(l) && V.ImageOk(i) && who < NPART && 0 < x.p < NPART && who != x.p
    requires 0 < x.quota <= RING && 7 + |more| <= room as int <= RING as int && W.Room(l, who, x.quota + room)
    requires forall j :: 0 <= j < |more| ==> EndsKept.Plain(more[j]) && Charged(more[j]) == who
    ensures EndsKept.Ok(parts[x.p as int := n], NoteAll(l, P.Making(who, x, i, w) + more, now), halted)
    ensures W.Room(NoteAll(l, P.Making(who, x, i, w) + more, now), who, room - 7 - |more| as u64)
  {
    hide Note;
    StructureKept.MakingIs(who, x, i, w);
    var head, quota, code, data := StructureKept.Head(who, x), StructureKept.Quota(who, x), StructureKept.Code(who, x, i, w), StructureKept.Data(who, x, i, w);
    var tail := code + data + more;
    assert P.Making(who, x, i, w) + more == head + ([quota] + tail);
    hide P.Making;
    EndsKept.NotedAll(parts, l, halted, who, head, now, x.quota + room);
    var l2 := NoteAll(l, head, now);
    EndsKept.NoteBoth(l, head, [quota] + tail, now);
    EndsKept.NoteBoth(l2, [quota], tail, now);
    EndsKept.NoteOne(l2, quota, now);
    EndsKept.Quota(parts, l2, halted, who, x.p, x.quota, x.budget, now, room - 2, n);
    var l3 := Note(l2, quota, now);
    hide W.Room;
    assert forall j :: 0 <= j < |code| ==> EndsKept.Plain(code[j]) && Charged(code[j]) == who;
    assert forall j :: 0 <= j < |data| ==> EndsKept.Plain(data[j]) && Charged(data[j]) == who;
    hide NoteAll;
    EndsKept.NotedAll(parts[x.p as int := n], l3, halted, who, tail, now, room - 3);
    reveal W.Room;
  }
  lemma MadeVol(k: Kernel, x: P.Plan, entry: u64, n: Part)
    requires Parts(k) && x.p < NPART && k.st.parts[x.p].life == Kinds.Free
    ensures var v := P.Prepared(k.vol, x, entry); Rest(k.st.parts[x.p as int := n], k.st.edges, v) && v.halted == k.vol.halted
  {
    ObjectsKept.Idle(k.st.parts, k.vol.sched, x.p);
    ObjectsKept.Budgeted(k.st.parts, k.vol.sched, x.p, x.budget);
    hide S.SetLeft;
    ObjectsKept.Changed(k.st.parts, S.SetLeft(k.vol.sched, x.p, x.budget), x.p, n);
  }
  /** `who` makes a partition; the verdict v says so, with a capability for it perhaps. */
  lemma MadeKeeps(k: Kernel, who: u32, x: P.Plan, i: Image, w: P.Places, more: seq<Action>, v: Verdict, now: u64)
    requires V.Valid(k) && StructureKept.Makable(k.machine, k.st, x, i, w) && who < NPART && who != x.p
    requires 0 < x.quota <= RING && W.Room(k.log, who, x.quota + 8) && |more| <= 1
    requires forall j :: 0 <= j < |more| ==> EndsKept.Plain(more[j]) && more[j].CapGrant? && more[j].kind == Kinds.Partition && more[j].target == x.p && Charged(more[j]) == who
    requires v.acts == P.Making(who, x, i, w) + more && |v.vol.regs| == NCTX as int
    requires var q := P.Prepared(k.vol, x, i.entry); v.vol == q.(regs := v.vol.regs)
    ensures V.Valid(Step.Commit(k, v, now))
  {
    hide V.Valid;
    InParts(k);
    hide W.Room;
    hide Charged;
    hide EndsKept.Plain;
    hide StructureKept.Quiet;
    var n := StructureKept.NewPart(k.st, x.p, x.slice, x.rel);
    StructureKept.Made(k.machine, k.st, who, x, i, w);
    StructureKept.Both(k.st, P.Making(who, x, i, w), more);
    var made := ApplyAll(k.st, P.Making(who, x, i, w));
    forall j | 0 <= j < |more| ensures StructureKept.Fine(made, more[j]) { assert made.parts[x.p] == n; }
    StructureKept.QuietedAll(k.machine, made, more);
    MadeLog(k.st.parts, k.log, k.vol.halted, who, x, i, w, more, now, n, 8);
    MadeVol(k, x, i.entry, n);
    hide P.Making;
    hide P.Prepared;
    hide ApplyAll;
    hide NoteAll;
    Committed(k, v, now);
  }
  /** The first free slot is free. */
  lemma FreeSlot(parts: seq<Part>, p: u32)
    requires |parts| == NPART as int && p <= NPART
    ensures S.FreeFrom(parts, p) < NPART ==> parts[S.FreeFrom(parts, p)].life == Kinds.Free
    decreases NPART - p
  {
    if p < NPART { FreeSlot(parts, p + 1); }
  }
}
