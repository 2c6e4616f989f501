include "../log/Replay.dfy"

/** A new partition finds its image in its memory, and zeros behind it: frames are zeroed first, and copied to then. */
module {:compile false} Filled {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DC = DecideCapability
  import DR = DecideRegion
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import G = DecidePolicy
  import GateKept
  import Policy
  import Step
  import Kinds
  import Status
  import Authority
  import CommitKept
  import RegionFacts
  import StructureKept
  import Replay

  // ---- bytes of memory ----------------------------------------------------------------------------------------------------------------

  const PAGE: int := 4096
  /** What a byte of memory is: 0, the byte of the boot bundle with this number, or whatever was there. */
  datatype Byte = Zero | Bundle(n: int) | Old
  /** Memory after an effect: ZERO clears b frames from frame a on; COPY writes c bytes of the bundle, from byte b on, to frame a and on. */
  ghost function Written(m: int -> Byte, e: Effect): int -> Byte {
    if e.kind == ZERO then (x: int) => if 0 <= x - e.a as int * PAGE < e.b as int * PAGE then Zero else m(x)
    else if e.kind == COPY then (x: int) => if 0 <= x - e.a as int * PAGE < e.c as int then Bundle(e.b as int + x - e.a as int * PAGE) else m(x)
    else m
  }
  ghost function AllWritten(m: int -> Byte, es: seq<Effect>): int -> Byte
    decreases |es|
  {
    if |es| == 0 then m else AllWritten(Written(m, es[0]), es[1..])
  }

  /** Byte n of an image as its partition shall find it. */
  ghost function ByteOf(i: Image, n: int): Byte { if n < i.bytes as int then Bundle(i.offset as int + n) else Zero }
  /** From this frame on memory holds the image's pages from `first` on. */
  ghost predicate Holds(m: int -> Byte, frame: u64, pages: u64, i: Image, first: u64) {
    forall n: int {:trigger HoldsAt(m, frame, i, first, n)} :: 0 <= n < pages as int * PAGE ==> HoldsAt(m, frame, i, first, n)
  }
  ghost predicate HoldsAt(m: int -> Byte, frame: u64, i: Image, first: u64, n: int) {
    m(frame as int * PAGE + n) == ByteOf(i, first as int * PAGE + n)
  }
  ghost predicate Filled(m: int -> Byte, i: Image, w: DP.Places) {
    Holds(m, w.codeFrame, i.code, i, 0) && Holds(m, w.dataFrame, i.data, i, i.code)
  }

  // ---- the places do not overlap ------------------------------------------------------------------------------------------------------

  lemma PlacesApart(m: State.Memory, i: Image, p: u32)
    requires M.RegionsOk(m) && V.ImageOk(i) && 0 < p < NPART && DP.Place(m, i, p).status == Status.OK && i.data > 0
    ensures var w := DP.Place(m, i, p); M.Apart(Region(0, p, 0, i.code, w.codeFrame), w.dataFrame, i.data)
  {
    StructureKept.Placed(m, i, p);
    var w := DP.Place(m, i, p);
    RegionFacts.CreateKeepsRegionsOk(m, p, Kinds.Immutable, i.code);
    var m1 := M.Create(m, w.code, p, Kinds.Immutable, i.code, w.codeFrame);
    RegionFacts.CreateKeepsRegionsOk(m1, p, Kinds.Slab, i.data);
    var m2 := M.Create(m1, w.data, p, Kinds.Slab, i.data, w.dataFrame);
    RegionFacts.ReuseIsFree(m1, i.data, 0);
    RegionFacts.ReuseIsFree(m1, 0, 0);
    assert m1.regions[w.code].owner == p && m1.regions[w.data].owner == 0;
    hide DP.Place;
    hide M.Pick;
    hide M.PickFrame;
    hide V.ImageOk;
    assert m2.regions[w.code as int] == m1.regions[w.code];
    assert m2.regions[w.data as int].frame == w.dataFrame && m2.regions[w.data as int].pages == i.data;
    if w.code < w.data { assert M.Apart(m2.regions[w.code as int], m2.regions[w.data as int].frame, m2.regions[w.data as int].pages); }
    else { assert M.Apart(m2.regions[w.data as int], m2.regions[w.code as int].frame, m2.regions[w.code as int].pages); }
  }
  lemma Fills(m: int -> Byte, x: DP.Plan, i: Image, w: DP.Places)
    requires V.ImageOk(i) && (i.data > 0 ==> M.Apart(Region(0, 0, 0, i.code, w.codeFrame), w.dataFrame, i.data))
    ensures Filled(AllWritten(m, DP.Filling(x, i, w)), i, w)
  {
    var text := if i.bytes < i.code * 4096 then i.bytes else i.code * 4096;
    var m1 := Written(m, Effect(ZERO, w.codeFrame, i.code, 0));
    var m2 := Written(m1, Effect(COPY, w.codeFrame, i.offset, text));
    var m3 := Written(m2, Effect(ZERO, w.dataFrame, i.data, 0));
    var m4 := Written(m3, Effect(COPY, w.dataFrame, i.offset + text, i.bytes - text));
    Skips(m, x, i, w);
    forall n: int | 0 <= n < i.code as int * PAGE ensures HoldsAt(m2, w.codeFrame, i, 0, n) {}
    if i.data > 0 {
      forall n: int | 0 <= n < i.code as int * PAGE ensures HoldsAt(m4, w.codeFrame, i, 0, n) { assert HoldsAt(m2, w.codeFrame, i, 0, n); }
      forall n: int {:trigger HoldsAt(m4, w.dataFrame, i, i.code, n)} | 0 <= n < i.data as int * PAGE ensures HoldsAt(m4, w.dataFrame, i, i.code, n) {
        assert m3(w.dataFrame as int * PAGE + n) == Zero;
      }
    }
  }
  /** What filling comes to: two effects on each of the regions that there are, the rest is not about frames. */
  lemma Skips(m: int -> Byte, x: DP.Plan, i: Image, w: DP.Places)
    requires V.ImageOk(i)
    ensures var text := if i.bytes < i.code * 4096 then i.bytes else i.code * 4096;
      var m2 := Written(Written(m, Effect(ZERO, w.codeFrame, i.code, 0)), Effect(COPY, w.codeFrame, i.offset, text));
      AllWritten(m, DP.Filling(x, i, w)) ==
        if i.data == 0 then m2
        else Written(Written(m2, Effect(ZERO, w.dataFrame, i.data, 0)), Effect(COPY, w.dataFrame, i.offset + text, i.bytes - text))
  {
    var es := DP.Filling(x, i, w);
    var text := if i.bytes < i.code * 4096 then i.bytes else i.code * 4096;
    hide V.ImageOk;
    hide DP.Filling;
    assert |es| == (if i.data == 0 then 6 else 8)
      && es[0].kind == RESET && es[1].kind == NAME && es[4].kind == CODESYNC && es[|es| - 1].kind == MAPSYNC
      && es[2] == Effect(ZERO, w.codeFrame, i.code, 0) && es[3] == Effect(COPY, w.codeFrame, i.offset, text)
      && (i.data > 0 ==> es[5] == Effect(ZERO, w.dataFrame, i.data, 0) && es[6] == Effect(COPY, w.dataFrame, i.offset + text, i.bytes - text))
      by { reveal DP.Filling; }
    Next(m, es, 0);
    Next(m, es, 1);
    Next(m, es, 2);
    var m1 := Written(m, es[2]);
    Next(m1, es, 3);
    var m2 := Written(m1, es[3]);
    Next(m2, es, 4);
    Next(m2, es, 5);
    if i.data > 0 {
      var m3 := Written(m2, es[5]);
      Next(m3, es, 6);
      Next(Written(m3, es[6]), es, 7);
    }
    assert es[0..] == es && es[|es|..] == [];
  }
  lemma Next(m: int -> Byte, es: seq<Effect>, n: nat)
    requires n < |es|
    ensures AllWritten(m, es[n..]) == AllWritten(Written(m, es[n]), es[n + 1..])
  {
    assert es[n..][1..] == es[n + 1..];
  }

  // ---- which events make partitions -----------------------------------------------------------------------------------------------------

  ghost predicate Makes(acts: seq<Action>) { exists j :: 0 <= j < |acts| && acts[j].PartitionCreate? }
  /** The actions make one partition, of an image that there is, in places that are its own, and so many do something else; and its memory is filled. */
  ghost predicate Made(k: Kernel, acts: seq<Action>, fx: seq<Effect>, who: u32, x: DP.Plan, m: int -> Byte, more: nat)
    requires V.Valid(k)
  {
    && x.image < |k.images| as u64
    && var i := k.images[x.image];
    && V.ImageOk(i)
    && var w := DP.Place(k.st.memory, i, x.p);
    && w.status == Status.OK && DP.Making(who, x, i, w) <= acts && |acts| <= |DP.Making(who, x, i, w)| + more
    && Filled(AllWritten(m, fx), i, w)
  }
  ghost predicate MadeWithin(k: Kernel, acts: seq<Action>, fx: seq<Effect>, m: int -> Byte, more: nat) requires V.Valid(k) {
    Makes(acts) ==> exists who: u32, x: DP.Plan :: Made(k, acts, fx, who, x, m, more)
  }
  /** Whoever makes a partition does nothing else, but for a capability for it and the record of the proof. */
  ghost predicate MadeWhole(k: Kernel, acts: seq<Action>, fx: seq<Effect>, m: int -> Byte) requires V.Valid(k) { MadeWithin(k, acts, fx, m, 2) }
  lemma Whole(k: Kernel, v: Verdict, who: u32, x: DP.Plan, i: Image, w: DP.Places, g: seq<Action>, m: int -> Byte)
    requires V.Valid(k) && x.image < |k.images| as u64 && i == k.images[x.image] && 0 < x.p < NPART
    requires w == DP.Place(k.st.memory, i, x.p) && w.status == Status.OK && |g| <= 1 && V.ImageOk(i)
    requires v.acts == DP.Making(who, x, i, w) + g && v.effects == DP.Filling(x, i, w)
    ensures MadeWithin(k, v.acts, v.effects, m, |g|)
  {
    if i.data > 0 { PlacesApart(k.st.memory, i, x.p); }
    Fills(m, x, i, w);
    hide V.Valid;
    hide V.ImageOk;
    hide DP.Making;
    hide DP.Filling;
    hide DP.Place;
    hide Filled;
    assert Made(k, v.acts, v.effects, who, x, m, |g|);
  }
  lemma Creating(k: Kernel, m: int -> Byte)
    requires Runs(k)
    ensures MadeWithin(k, DP.PartitionCreate_(k).acts, DP.PartitionCreate_(k).effects, m, 1)
  {
    var v := DP.PartitionCreate_(k);
    var image, quota, budget, p, slot := Arg(k, 2), Arg(k, 4), Arg(k, 5), S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
    if Makes(v.acts) {
      var i := k.images[image];
      assert V.ImageOk(i);
      var w := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, quota, budget, Arg(k, 3), 0);
      var g := [Action.CapGrant(Me(k), Me(k), slot, Kinds.Partition, p, DP.OWNER_RIGHTS)];
      assert w.status == Status.OK && v.acts == DP.Making(Me(k), x, i, w) + g && v.effects == DP.Filling(x, i, w);
      Whole(k, v, Me(k), x, i, w, g, m);
    }
    hide V.Valid;
    hide MadeWithin;
    hide Guard;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide W.Room;
  }
  lemma Loading(k: Kernel, w: B.Words, m: int -> Byte)
    requires V.Valid(k)
    ensures var a := B.PartitionCommand(k, w); MadeWithin(k, Replay.Asked(a), if a.Done? then a.v.effects else [], m, 0)
  {
    var a := B.PartitionCommand(k, w);
    var p := S.FreeFrom(k.st.parts, 1);
    if a.Done? {
      var i := k.images[w[1]];
      assert V.ImageOk(i);
      var l := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, w[1], w[2], w[3], w[5], w[4], w[6], w[7]);
      assert l.status == Status.OK && a.v.acts == DP.Making(0, x, i, l) && a.v.effects == DP.Filling(x, i, l);
      assert DP.Making(0, x, i, l) + [] == DP.Making(0, x, i, l);
      Whole(k, a.v, 0, x, i, l, [], m);
    }
    hide V.Valid;
    hide MadeWithin;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide S.FreeFrom;
    hide W.Room;
  }
  lemma OtherCommands(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k) && w[0] != 2
    ensures !Makes(Replay.Asked(B.Command(k, w, size, now)))
  {
    hide V.Valid;
    hide M.Fits;
    hide M.Unmapped;
    hide M.Permits;
    hide M.Pick;
    hide M.PickFrame;
    hide M.DeviceFree;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide S.FreeFrom;
    hide S.MakeReady;
    hide S.Dispatch;
    hide W.Room;
  }
  lemma OtherRows(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS && n != 12
    ensures !Makes(Step.Row(k, n, now).acts)
  {
    hide V.Valid;
    hide Guard;
    hide W.Room;
    hide C.DeriveCheck;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide M.Unmapped;
    hide M.Fits;
    hide M.Permits;
    hide M.MappedTo;
    hide S.MakeReady;
    hide S.YieldCurrent;
    hide S.BlockCurrent;
    hide S.Dispatch;
    hide S.Stop;
    hide DT.BreakFrom;
    hide DE.Deliver;
    hide DE.Disappoint;
    hide E.ClearAll;
    hide SetReg;
    hide DP.PartitionCreate_;
  }
  lemma Standard(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures !Makes(Step.StandardCall(k, f, now).acts)
  {
    hide V.Valid;
    hide W.Room;
    hide S.Dispatch;
    hide S.Stop;
    hide DT.BreakFrom;
    hide E.ClearAll;
    hide SetReg;
  }
  lemma Proving(k: Kernel, acts: seq<Action>, fx: seq<Effect>, m: int -> Byte, a: Action)
    requires V.Valid(k) && MadeWithin(k, acts, fx, m, 1) && a.Proved?
    ensures MadeWhole(k, acts + [a], fx, m)
  {
    hide V.Valid;
    hide V.ImageOk;
    hide DP.Making;
    hide DP.Place;
    hide Filled;
    if Makes(acts + [a]) {
      var j :| 0 <= j < |acts + [a]| && (acts + [a])[j].PartitionCreate?;
      assert acts[j] == (acts + [a])[j];
      var who: u32, x: DP.Plan :| Made(k, acts, fx, who, x, m, 1);
      assert Made(k, acts + [a], fx, who, x, m, 2);
    }
  }
  lemma Fewer(k: Kernel, acts: seq<Action>, fx: seq<Effect>, m: int -> Byte, more: nat)
    requires V.Valid(k) && MadeWithin(k, acts, fx, m, more) && more <= 2
    ensures MadeWhole(k, acts, fx, m)
  {
    hide V.Valid;
    hide V.ImageOk;
    hide DP.Making;
    hide DP.Place;
    hide Filled;
    if Makes(acts) {
      var who: u32, x: DP.Plan :| Made(k, acts, fx, who, x, m, more);
      assert Made(k, acts, fx, who, x, m, 2);
    }
  }
  lemma Refused(k: Kernel)
    requires Runs(k)
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: !Makes(Refuse(k, call, status).acts)
    ensures forall status: u64 {:trigger Answer(k, status)} :: !Makes(Answer(k, status).acts)
  {
    hide V.Valid;
  }
  /** The gate makes nothing, and the record of a proof does not either. */
  lemma Gated(k: Kernel, n: u64, now: u64, v: Verdict, m: int -> Byte)
    requires Runs(k) && G.Decidable(n) && MadeWithin(k, v.acts, v.effects, m, 1)
    ensures var g := G.Gate(k, n, now, v); MadeWhole(k, g.acts, g.effects, m) && (Makes(g.acts) ==> Makes(v.acts))
  {
    var g := G.Gate(k, n, now, v);
    hide *;
    reveal Runs;
    GateKept.Cases(k, n, now, v);
    Refused(k);
    if GateKept.Stopped(k, n, g) {
      GateKept.StoppedIs(k, n, g);
      reveal MadeWhole, MadeWithin;
    } else if g != v {
      reveal GateKept.WithProof, GateKept.Proof;
      Proving(k, v.acts, v.effects, m, GateKept.Proof(k, n, now));
      reveal Makes;
      if Makes(g.acts) {
        var j :| 0 <= j < |g.acts| && g.acts[j].PartitionCreate?;
        assert g.acts[j] == v.acts[j];
      }
    } else { Fewer(k, v.acts, v.effects, m, 1); }
  }
  lemma OtherCalls(k: Kernel, now: u64)
    requires Runs(k) && Arg(k, 0) % LO32 != CALLS + 12
    ensures !Makes(Step.Call(k, now).acts)
  {
    hide *;
    reveal Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    var f := Arg(k, 0) % LO32;
    Standard(k, f, now);
    if CALLS <= f {
      OtherRows(k, f - CALLS, now);
      if G.Decidable(f - CALLS) {
        assert MadeWithin(k, Step.Row(k, f - CALLS, now).acts, Step.Row(k, f - CALLS, now).effects, m => Old, 1) by { reveal MadeWithin; }
        Gated(k, f - CALLS, now, Step.Row(k, f - CALLS, now), m => Old);
      }
    }
  }
  lemma Others(k: Kernel, e: Step.Event)
    requires V.Valid(k) && !e.Begin? && !e.Boot? && !e.Hypercall?
    ensures !Makes(Replay.Acts(k, e))
  {
    forall j | 0 <= j < |Replay.Acts(k, e)| ensures !Replay.Acts(k, e)[j].PartitionCreate? {
      if e.Trap? || e.Tick? { Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, Replay.Acts(k, e)[j]); }
      hide V.Valid;
    }
  }
  lemma Effects(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures e.Hypercall? && k.vol.sched.cur != 0 ==>
      Step.Step(k, e).effects == Step.Call(k, e.now).effects && Replay.Acts(k, e) == Step.Call(k, e.now).acts
    ensures e.Hypercall? && k.vol.sched.cur == 0 ==> Replay.Acts(k, e) == []
    ensures e.Boot? && k.booting && B.Command(k, e.words, e.size, e.now).Done? ==>
      Step.Step(k, e).effects == B.Command(k, e.words, e.size, e.now).v.effects
  {
    hide V.Valid;
    hide Step.Call;
    hide B.Command;
    hide A.ApplyAll;
    hide A.NoteAll;
  }
  lemma CreateIs(k: Kernel, now: u64)
    requires Runs(k) && Arg(k, 0) % LO32 == CALLS + 12
    ensures G.Decidable(12) && Step.Call(k, now) == G.Gate(k, 12, now, DP.PartitionCreate_(k))
  {
    hide *;
    reveal Step.Call, Step.Row, CALLS, Limits.LO32, G.Governed, G.Decidable, Policy.Governs, Policy.Always;
  }

  // ---- the claim --------------------------------------------------------------------------------------------------------------------------

  /** A new partition finds its image in its memory and zeros behind it, whatever was there: an event that makes one zeroes the frames of its
      regions and then copies the image to them, never the other way round. */
  lemma A_new_partition_finds_its_image(k: Kernel, e: Step.Event, m: int -> Byte)
    requires V.Valid(k)
    ensures MadeWhole(k, Replay.Acts(k, e), Step.Step(k, e).effects, m)
  {
    Effects(k, e);
    if e.Hypercall? && k.vol.sched.cur != 0 {
      if Arg(k, 0) % LO32 == CALLS + 12 {
        CreateIs(k, e.now);
        Creating(k, m);
        Gated(k, 12, e.now, DP.PartitionCreate_(k), m);
      } else { OtherCalls(k, e.now); }
    } else if e.Begin? {
      assert !Makes(Replay.Asked(B.Begin(k, e.bundle))) by {
        hide V.Valid; hide B.HeaderOk; hide B.HashOf; hide B.Within; hide B.NoTable; hide B.TableAt; hide W.Room; }
    } else if e.Boot? {
      if e.words[0] == 2 {
        Loading(k, e.words, m);
        var a := B.PartitionCommand(k, e.words);
        Fewer(k, Replay.Asked(a), if a.Done? then a.v.effects else [], m, 0);
      } else { OtherCommands(k, e.words, e.size, e.now); }
    } else if !e.Hypercall? { Others(k, e); }
    hide V.Valid;
    hide Step.Step;
    hide Step.Decide;
    hide Step.Call;
    hide DP.PartitionCreate_;
    hide B.PartitionCommand;
    hide Made;
    hide G.Gate;
    hide G.Decidable;
  }
}
