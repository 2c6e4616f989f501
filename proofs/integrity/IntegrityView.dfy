include "../../spec/Declassification.dfy"
include "../authority/Capabilities.dfy"

/** What has to stay as it is in the three parts of the kernel so that a partition sees no difference. */
module {:compile false} IntegrityView {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Observation
  import C = Capabilities
  import V = Valid
  import Declassification
  import Common
  import W = Witness
  import Kinds
  import CapabilityTheorems

  // ---- the log --------------------------------------------------------------------------------------------------------------------

  /** Partition p's account in the log is the same. */
  ghost predicate SameAccount(l: Log, m: Log, p: u32) requires W.Tables(l) && W.Tables(m) && p < NPART {
    m.quota[p] == l.quota[p] && m.used[p] == l.used[p]
  }
  /** The record of this action is not partition p's affair. */
  ghost predicate NotHis(a: Action, p: u32) {
    && Charged(a) != p && !a.Drain? && (a.PartitionQuota? ==> a.who != p && a.p != p) && (a.PartitionEnd? ==> a.p != p)
  }
  ghost predicate NoneHis(acts: seq<Action>, p: u32) { forall i :: 0 <= i < |acts| ==> NotHis(acts[i], p) }
  lemma OneNoted(l: Log, a: Action, now: u64, p: u32)
    requires W.Tables(l) && 0 < p < NPART && NotHis(a, p)
    ensures SameAccount(l, Note(l, a, now), p)
  {
    if Notable(l, a) {
      EncodeSmall(a);
      assert a.PartitionEnd? ==> Charged(a) == a.p;
      assert a.PartitionQuota? ==> Charged(a) == a.who;
      hide Encode;
      hide Charged;
      hide W.RecordHash;
      Recorded(l, a, now, p);
      hide A.Record;
    }
  }
  lemma Recorded(l: Log, a: Action, now: u64, p: u32)
    requires W.Tables(l) && p < NPART && Charged(a) < NPART && Charged(a) != p && l.used[Charged(a)] < TIMEMAX && |l.records| < TIMEMAX as int
    ensures Encode(a).kind < 256 && Encode(a).tier < 256
    ensures var m := A.Record(l, a, now); W.Tables(m) && SameAccount(l, m, p) && m.quota == l.quota
  {
    EncodeSmall(a);
    hide Encode;
    hide Charged;
  }
  lemma EncodeSmall(a: Action)
    ensures Encode(a).kind < 256 && Encode(a).tier < 256
  {}
  /** Records charged to others leave p's account alone. */
  lemma AllNoted(l: Log, acts: seq<Action>, now: u64, p: u32)
    requires W.Tables(l) && 0 < p < NPART && NoneHis(acts, p)
    ensures SameAccount(l, NoteAll(l, acts, now), p)
    decreases |acts|
  {
    hide Note;
    hide NotHis;
    if |acts| > 0 {
      OneNoted(l, acts[0], now, p);
      AllNoted(Note(l, acts[0], now), acts[1..], now, p);
    }
  }

  // ---- effects --------------------------------------------------------------------------------------------------------------------

  /** None of the effects is on p's processor state, translations or console lines. */
  ghost predicate Unfelt(fx: seq<Common.Effect>, p: u32) { forall i :: 0 <= i < |fx| ==> !Declassification.IsFelt(fx[i], p) }
  lemma NothingFelt(fx: seq<Common.Effect>, p: u32)
    requires Unfelt(fx, p)
    ensures Declassification.Felt(fx, p) == []
    decreases |fx|
  {
    hide Declassification.IsFelt;
    if |fx| > 0 { NothingFelt(fx[1..], p); }
  }

  // ---- the volatile state ---------------------------------------------------------------------------------------------------------

  ghost predicate Sorts(v: Volatile) { |v.regs| == NCTX as int && |v.queues| == NEDGE as int && |v.sched.tasks| == NPART as int }
  ghost predicate SameRegs(v: seq<u64>, w: seq<u64>, p: u32) requires |v| == |w| == NCTX as int && p < NPART {
    forall n: u32 {:trigger SameReg(v, w, p, n)} :: n < CTXW ==> SameReg(v, w, p, n)
  }
  ghost predicate SameReg(v: seq<u64>, w: seq<u64>, p: u32, n: u32) requires |v| == |w| == NCTX as int && p < NPART && n < CTXW {
    w[p * CTXW + n] == v[p * CTXW + n]
  }
  ghost predicate SameQueues(es: seq<Edge>, v: seq<Queue>, w: seq<Queue>, p: u32) requires |es| == |v| == |w| == NEDGE as int {
    forall e: u32 {:trigger w[e]} :: e < NEDGE && IsEnd(es[e], p) ==> w[e] == v[e]
  }
  ghost predicate SameTask(s: Sched, t: Sched, p: u32) requires |s.tasks| == |t.tasks| == NPART as int && p < NPART {
    DoingOf(t.tasks[p]) == DoingOf(s.tasks[p]) && t.tasks[p].left == s.tasks[p].left
  }
  /** Registers, schedule and queues are the same to p, who is an end of the edges that es says. */
  ghost predicate SameRun(es: seq<Edge>, v: Volatile, w: Volatile, p: u32) requires |es| == NEDGE as int && p < NPART {
    Sorts(v) && Sorts(w) && SameRegs(v.regs, w.regs, p) && SameQueues(es, v.queues, w.queues, p) && SameTask(v.sched, w.sched, p)
  }

  // ---- the structure --------------------------------------------------------------------------------------------------------------

  ghost predicate SameHeld(s: Structure, t: Structure, p: u32) requires Tables(s) && Tables(t) && p < NPART {
    forall n: u32 {:trigger SameSlot(s, t, p, n)} :: n < CSLOTS ==> SameSlot(s, t, p, n)
  }
  ghost predicate SameSlot(s: Structure, t: Structure, p: u32, n: u32) requires Tables(s) && Tables(t) && p < NPART && n < CSLOTS {
    HeldIn(t, p * CSLOTS + n) == HeldIn(s, p * CSLOTS + n)
  }
  ghost predicate SameRegions(m: seq<Region>, n: seq<Region>, p: u32) requires |m| == |n| == NREGION as int {
    forall r: u32 {:trigger n[r]} :: r < NREGION && (m[r].owner == p || n[r].owner == p) ==> n[r] == m[r]
  }
  ghost predicate SameEnds(es: seq<Edge>, fs: seq<Edge>, p: u32) requires |es| == |fs| == NEDGE as int {
    forall e: u32 {:trigger fs[e]} :: e < NEDGE && (IsEnd(es[e], p) || IsEnd(fs[e], p)) ==> fs[e].(gen := 0) == es[e].(gen := 0)
  }
  ghost predicate SameStructure(s: Structure, t: Structure, p: u32) requires p < NPART {
    && Tables(s) && Tables(t) && t.parts[p] == s.parts[p] && t.maps[p] == s.maps[p] && t.nonces[p] == s.nonces[p] && t.leases[p] == s.leases[p]
    && SameHeld(s, t, p) && SameRegions(s.memory.regions, t.memory.regions, p) && SameEnds(s.edges, t.edges, p)
  }

  // ---- together -------------------------------------------------------------------------------------------------------------------

  lemma RegsSlice(v: seq<u64>, w: seq<u64>, p: u32)
    requires |v| == |w| == NCTX as int && p < NPART && SameRegs(v, w, p)
    ensures v[p * CTXW .. (p + 1) * CTXW] == w[p * CTXW .. (p + 1) * CTXW]
  {
    var a, b := v[p * CTXW .. (p + 1) * CTXW], w[p * CTXW .. (p + 1) * CTXW];
    forall i | 0 <= i < |a| ensures a[i] == b[i] {
      var n := i as u32;
      assert SameReg(v, w, p, n);
    }
  }
  ghost function Regions(m: seq<Region>, p: u32): map<u32, Region> requires |m| == NREGION as int {
    map r: u32 | r < NREGION && m[r].owner == p :: m[r]
  }
  ghost function Ends(es: seq<Edge>, qs: seq<Queue>, p: u32): map<u32, End> requires |es| == |qs| == NEDGE as int {
    map e: u32 | e < NEDGE && IsEnd(es[e], p) :: EndOf(es[e], qs[e], p)
  }
  ghost function Slots(s: Structure, p: u32): seq<Held> requires Tables(s) && p < NPART {
    seq(CSLOTS as int, i requires 0 <= i < CSLOTS as int => HeldIn(s, p * CSLOTS + i as u32))
  }
  lemma RegionsEqual(m: seq<Region>, n: seq<Region>, p: u32)
    requires |m| == |n| == NREGION as int && SameRegions(m, n, p)
    ensures Regions(m, p) == Regions(n, p)
  {
    forall r: u32 | r < NREGION ensures m[r].owner == p <==> n[r].owner == p {}
  }
  lemma EndsEqual(es: seq<Edge>, fs: seq<Edge>, v: seq<Queue>, w: seq<Queue>, p: u32)
    requires |es| == |fs| == |v| == |w| == NEDGE as int && SameEnds(es, fs, p) && SameQueues(es, v, w, p)
    ensures Ends(es, v, p) == Ends(fs, w, p)
  {
    forall e: u32 | e < NEDGE ensures IsEnd(es[e], p) <==> IsEnd(fs[e], p) {}
    forall e: u32 | e < NEDGE && IsEnd(es[e], p) ensures EndOf(es[e], v[e], p) == EndOf(fs[e], w[e], p) {}
  }
  lemma SlotsEqual(s: Structure, t: Structure, p: u32)
    requires Tables(s) && Tables(t) && p < NPART && SameHeld(s, t, p)
    ensures Slots(s, p) == Slots(t, p)
  {
    hide HeldIn;
    var a, b := Slots(s, p), Slots(t, p);
    forall i | 0 <= i < |a| ensures a[i] == b[i] {
      var n := i as u32;
      assert SameSlot(s, t, p, n);
    }
  }
  /** What p sees, in parts. */
  lemma SeeIs(k: Kernel, p: u32)
    requires Sized(k) && p < NPART
    ensures See(k, p) ==
      View(k.st.parts[p], DoingOf(k.vol.sched.tasks[p]), k.vol.sched.tasks[p].left, k.vol.regs[p * CTXW .. (p + 1) * CTXW], Slots(k.st, p),
           k.st.maps[p], Regions(k.st.memory.regions, p), Ends(k.st.edges, k.vol.queues, p), k.log.quota[p], k.log.used[p], k.st.nonces[p], k.st.leases[p])
  {
    hide HeldIn;
    hide DoingOf;
    hide EndOf;
    assert See(k, p).held == Slots(k.st, p);
  }
  /** The three parts unchanged, and p sees no difference. */
  lemma SameView(k: Kernel, l: Kernel, p: u32)
    requires Sized(k) && Sized(l) && p < NPART
    requires SameStructure(k.st, l.st, p) && SameRun(k.st.edges, k.vol, l.vol, p) && SameAccount(k.log, l.log, p)
    ensures See(l, p) == See(k, p)
  {
    SeeIs(k, p);
    SeeIs(l, p);
    RegsSlice(k.vol.regs, l.vol.regs, p);
    RegionsEqual(k.st.memory.regions, l.st.memory.regions, p);
    EndsEqual(k.st.edges, l.st.edges, k.vol.queues, l.vol.queues, p);
    SlotsEqual(k.st, l.st, p);
    hide *;
    reveal SameStructure, SameRun, SameAccount, SameTask, Sized, Limits.NPART, Sorts;
  }
}
