include "ConfidentialityTwins.dfy"
include "../invariant/EndsKept.dfy"
include "../invariant/StructureKept.dfy"

/** What a call of the running partition looks at is the same in twins. */
module {:compile false} ConfidentialityGuards {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened Declassification
  import H = ConfidentialityHeld
  import I = IntegrityView
  import IntegrityRun
  import C = Capabilities
  import E = Edges
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DE = DecideEdge
  import DP = DecidePartition
  import Kinds
  import Status
  import Rights
  import EndsKept
  import StructureKept

  lemma AreAlike(a: Kernel, b: Kernel)
    requires Twins(a, b)
    ensures Alike(a, b)
  {
    SaneIsAged(a);
    SaneIsAged(b);
    IntegrityRun.ValidLine(a);
    IntegrityRun.ValidLine(b);
    Apart(a, b, Me(a));
    hide V.Valid;
    reveal Alike();
  }
  /** The parts of Alike. */
  lemma Parts(a: Kernel, b: Kernel)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && Same(a, b, Me(a)) && SamePublic(a, b) && H.Aged(a.st) && H.Aged(b.st)
    ensures a.vol.sched.tasks[Me(a)].run == Kinds.Running && b.vol.sched.tasks[Me(b)].run == Kinds.Running
  {
    reveal Alike();
  }
  lemma Args(a: Kernel, b: Kernel)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && forall n: u32 {:trigger Arg(a, n)} {:trigger Arg(b, n)} :: n < CTXW ==> Arg(a, n) == Arg(b, n)
  {
    Parts(a, b);
    forall n: u32 | n < CTXW ensures Arg(a, n) == Arg(b, n) { assert I.SameReg(a.vol.regs, b.vol.regs, Me(a), n); }
  }
  ghost predicate LikeCap(c: Cap, d: Cap) { c.gen == d.gen && c.kind == d.kind && c.obj == d.obj && c.rights == d.rights && c.depth == d.depth }
  /** The same handle names the same slot, which shows the same. */
  lemma Slots(a: Kernel, b: Kernel, h: u64)
    requires Alike(a, b) && C.Slot(h) < CSLOTS as u64
    ensures Runs(a) && Runs(b) && Me(a) == Me(b)
    ensures var i := C.Index(Me(a), h); HeldIn(a.st, i) == HeldIn(b.st, i) && LikeCap(a.st.caps[i], b.st.caps[i])
  {
    Parts(a, b);
    OneSlot(a.st, b.st, Me(a), C.Slot(h) as u32);
  }
  lemma Guards(a: Kernel, b: Kernel, h: u64, kind: u32, rights: u32)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && Guard(a, h, kind, rights) == Guard(b, h, kind, rights)
    ensures Guard(a, h, kind, rights) == Status.OK ==>
      && C.Slot(h) < CSLOTS as u64 && Object(a, h) == Object(b, h) && HeldIn(a.st, C.Index(Me(a), h)).present && HeldIn(a.st, C.Index(Me(a), h)) == HeldIn(b.st, C.Index(Me(a), h))
      && C.Gen(h) == a.st.caps[C.Index(Me(a), h)].gen && (kind != Kinds.None ==> a.st.caps[C.Index(Me(a), h)].kind == kind)
  {
    Parts(a, b);
    hide V.Valid;
    if C.Slot(h) < CSLOTS as u64 { Slots(a, b, h); }
    hide C.LiveAt;
    hide Path;
    hide ObjectGen;
  }
  /** The end of an edge: source and destination are what a slot shows. */
  lemma Ends(a: Kernel, b: Kernel, h: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && DE.Source(a, h) == DE.Source(b, h) && DE.Destination(a, h) == DE.Destination(b, h)
    ensures DE.Source(a, h) == Status.OK || DE.Destination(a, h) == Status.OK ==> C.Slot(h) < CSLOTS as u64 && Object(a, h) == Object(b, h) < NEDGE
    ensures DE.Source(a, h) == Status.OK ==> a.st.edges[Object(a, h)].src == b.st.edges[Object(a, h)].src == Me(a)
    ensures DE.Destination(a, h) == Status.OK ==> a.st.edges[Object(a, h)].dst == b.st.edges[Object(a, h)].dst == Me(a)
    ensures DE.Source(a, h) == Status.OK || DE.Destination(a, h) == Status.OK ==>
      var e := Object(a, h); a.st.edges[e].cap != 0 && b.st.edges[e].cap != 0 && a.st.edges[e].src == b.st.edges[e].src && a.st.edges[e].dst == b.st.edges[e].dst
  {
    Parts(a, b);
    Guards(a, b, h, Kinds.CommEdge, Rights.WRITE);
    Guards(a, b, h, Kinds.CommEdge, Rights.READ);
    if C.Slot(h) < CSLOTS as u64 {
      H.OneDated(a.st, C.Index(Me(a), h));
      H.OneDated(b.st, C.Index(Me(a), h));
      if Guard(a, h, Kinds.CommEdge, Rights.WRITE) == Status.OK || Guard(a, h, Kinds.CommEdge, Rights.READ) == Status.OK {
        var i := C.Index(Me(a), h);
        assert HeldIn(a.st, i).present && HeldIn(b.st, i).present && HeldIn(a.st, i).ends == HeldIn(b.st, i).ends;
        assert a.st.caps[i].kind == Kinds.CommEdge && b.st.caps[i].kind == Kinds.CommEdge;
        assert Present(a.st, a.st.caps[i]) && Present(b.st, b.st.caps[i]);
      }
    }
    hide V.Valid;
    hide Guard;
    hide C.LiveAt;
    hide Path;
  }
  lemma Rooms(a: Kernel, b: Kernel)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && W.Tables(a.log) && W.Tables(b.log)
    ensures forall n: u64 {:trigger W.Room(a.log, Me(a), n)} {:trigger W.Room(b.log, Me(a), n)} :: n <= RING + 9 ==> W.Room(a.log, Me(a), n) == W.Room(b.log, Me(a), n)
  {
    Parts(a, b);
    hide V.Valid;
    hide SameSt;
    hide SameVol;
  }
  lemma Frees(s: Structure, t: Structure, p: u32, x: u32)
    requires SameSt(s, t, p) && x <= CSLOTS
    ensures C.FreeFrom(s.caps, p, x) == C.FreeFrom(t.caps, p, x)
    decreases CSLOTS - x
  {
    hide HeldIn;
    if x < CSLOTS {
      OneSlot(s, t, p, x);
      Frees(s, t, p, x + 1);
    }
  }
  /** The caller's own first free slot. */
  lemma OwnFree(a: Kernel, b: Kernel)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && C.FreeSlot(a.st.caps, Me(a)) == C.FreeSlot(b.st.caps, Me(b))
    ensures var s := C.FreeSlot(a.st.caps, Me(a)); s < CSLOTS ==> a.st.caps[Me(a) * CSLOTS + s].gen == b.st.caps[Me(b) * CSLOTS + s].gen
  {
    Parts(a, b);
    Frees(a.st, b.st, Me(a), 0);
    var s := C.FreeSlot(a.st.caps, Me(a));
    if s < CSLOTS { OneSlot(a.st, b.st, Me(a), s); }
  }

  // ---- agreeing verdicts ----------------------------------------------------------------------------------------------------------------

  /** After these verdicts the caller sees the same, and the same happens to its processor and its lines on the console. */
  opaque ghost predicate Agree(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64) {
    && Alike(a, b) && Runs(a) && Tables(a.st) && Tables(b.st) && W.Tables(a.log) && W.Tables(b.log)
    && var p, s, t := Me(a), ApplyAll(a.st, v.acts), ApplyAll(b.st, w.acts);
    && SameSt(s, t, p) && SameVol(v.vol, w.vol, p) && SameEnds(s.edges, v.vol.queues, t.edges, w.vol.queues, p)
    && I.SameAccount(NoteAll(a.log, v.acts, now), NoteAll(b.log, w.acts, now), p)
    && Felt(v.effects, p) == Felt(w.effects, p)
  }
  lemma OneCounted(l: Log, x: Action, now: u64, p: u32, n: u64)
    requires W.Tables(l) && p < NPART && EndsKept.Plain(x) && Charged(x) == p && n > 0 && W.Room(l, p, n)
    ensures W.Room(Note(l, x, now), p, n - 1) && Note(l, x, now).quota[p] == l.quota[p] && Note(l, x, now).used[p] as int == l.used[p] as int + 1
  {
    EndsKept.EncodeSmall(x);
    hide Encode;
    hide Charged;
    hide W.RecordHash;
  }
  lemma Counted(l: Log, acts: seq<Action>, now: u64, p: u32, n: u64)
    requires W.Tables(l) && p < NPART && |acts| <= n as int && (|acts| > 0 ==> W.Room(l, p, n))
    requires forall i :: 0 <= i < |acts| ==> EndsKept.Plain(acts[i]) && Charged(acts[i]) == p
    ensures |acts| > 0 ==> W.Room(NoteAll(l, acts, now), p, n - |acts| as u64)
    ensures var m := NoteAll(l, acts, now); m.quota[p] == l.quota[p] && m.used[p] as int == l.used[p] as int + |acts|
    decreases |acts|
  {
    hide Note;
    hide W.Room;
    hide Charged;
    if |acts| > 0 {
      OneCounted(l, acts[0], now, p, n);
      Counted(Note(l, acts[0], now), acts[1..], now, p, n - 1);
    }
  }
  ghost predicate Paid(a: Kernel, v: Verdict)
    requires Runs(a) && W.Tables(a.log)
  {
    |v.acts| <= 8 && (|v.acts| > 0 ==> W.Room(a.log, Me(a), |v.acts| as u64)) && forall i :: 0 <= i < |v.acts| ==> EndsKept.Plain(v.acts[i]) && Charged(v.acts[i]) == Me(a)
  }
  /** As many records of each. */
  lemma Agreed(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Tables(a.st) && Tables(b.st) && W.Tables(a.log) && W.Tables(b.log)
    requires |v.acts| == |w.acts| && Paid(a, v) && Paid(b, w)
    requires var p, s, t := Me(a), ApplyAll(a.st, v.acts), ApplyAll(b.st, w.acts);
      SameSt(s, t, p) && SameVol(v.vol, w.vol, p) && SameEnds(s.edges, v.vol.queues, t.edges, w.vol.queues, p) && Felt(v.effects, p) == Felt(w.effects, p)
    ensures Agree(a, v, b, w, now)
  {
    Parts(a, b);
    Counted(a.log, v.acts, now, Me(a), |v.acts| as u64);
    Counted(b.log, w.acts, now, Me(a), |w.acts| as u64);
    hide *;
    reveal Agree(), I.SameAccount, Same, Runs, Me, Limits.NPART;
  }
  /** The action changes nothing of the structure. */
  ghost predicate Note1(x: Action) { (x.Reject? || x.Send? || x.Signal? || x.Fault? || x.Attest? || x.BootComplete? || x.SystemEnd?) && EndsKept.Plain(x) }
  lemma Unstructured(a: Kernel, acts: seq<Action>)
    requires Tables(a.st) && |acts| <= 1 && (|acts| == 1 ==> Note1(acts[0]))
    ensures ApplyAll(a.st, acts) == a.st
  {
    if |acts| == 1 {
      assert acts == [acts[0]];
      StructureKept.One(a.st, acts[0]);
    }
  }
  /** Nothing but a record at most, and other registers, schedule and queues. */
  lemma Noted(a: Kernel, v: Verdict, b: Kernel, w: Verdict, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && W.Tables(a.log) && W.Tables(b.log)
    requires |v.acts| == |w.acts| <= 1 && Paid(a, v) && Paid(b, w) && (|v.acts| == 1 ==> Note1(v.acts[0]) && Note1(w.acts[0]))
    requires SameVol(v.vol, w.vol, Me(a)) && SameEnds(a.st.edges, v.vol.queues, b.st.edges, w.vol.queues, Me(a))
    requires Felt(v.effects, Me(a)) == Felt(w.effects, Me(a))
    ensures Agree(a, v, b, w, now)
  {
    Parts(a, b);
    Unstructured(a, v.acts);
    Unstructured(b, w.acts);
    hide *;
    reveal Same;
    assert Tables(a.st) && Tables(b.st) by { reveal SameSt; }
    Agreed(a, v, b, w, now);
  }
}
