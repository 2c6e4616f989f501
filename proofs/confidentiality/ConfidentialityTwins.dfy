include "../../spec/Declassification.dfy"
include "ConfidentialityEnds.dfy"
include "../integrity/IntegrityRun.dfy"
include "../integrity/IntegrityHeld.dfy"

/** Two kernels that look the same to the partition that runs: what its calls find in one they find in the other. */
module {:compile false} ConfidentialityTwins {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened Declassification
  import H = ConfidentialityHeld
  import I = IntegrityView
  import IntegrityHeld
  import C = Capabilities
  import M = Memory
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import Kinds
  import Status
  import Rights

  // ---- the same view, in parts --------------------------------------------------------------------------------------------------------

  ghost predicate SameVol(v: Volatile, w: Volatile, p: u32) { p < NPART && I.Sorts(v) && I.Sorts(w) && I.SameRegs(v.regs, w.regs, p) && I.SameTask(v.sched, w.sched, p) }
  ghost predicate SameEnd(x: Edge, q: Queue, y: Edge, r: Queue, p: u32) { (IsEnd(x, p) <==> IsEnd(y, p)) && (IsEnd(x, p) ==> EndOf(x, q, p) == EndOf(y, r, p)) }
  /** p's ends of edges es, with queues qs, and of fs, with rs, are the same. */
  opaque ghost predicate SameEnds(es: seq<Edge>, qs: seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, p: u32) {
    && E.Tables(es, qs) && E.Tables(fs, rs)
    && forall e: u32 {:trigger es[e]} {:trigger fs[e]} :: e < NEDGE ==> SameEnd(es[e], qs[e], fs[e], rs[e], p)
  }
  ghost predicate Same(a: Kernel, b: Kernel, p: u32) {
    && SameSt(a.st, b.st, p) && SameVol(a.vol, b.vol, p) && SameEnds(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p)
    && W.Tables(a.log) && W.Tables(b.log) && I.SameAccount(a.log, b.log, p)
  }
  lemma SlotsApart(s: Structure, t: Structure, p: u32)
    requires Tables(s) && Tables(t) && p < NPART && I.Slots(s, p) == I.Slots(t, p)
    ensures SameHeld(s, t, p)
  {
    reveal SameHeld();
    forall x: u32 {:trigger SameSlot(s, t, p, x)} | x < CSLOTS ensures SameSlot(s, t, p, x) {
      hide HeldIn;
      assert I.Slots(s, p)[x] == HeldIn(s, Entry(p, x)) && I.Slots(t, p)[x] == HeldIn(t, Entry(p, x));
    }
  }
  lemma RegionsApart(m: State.Memory, n: State.Memory, p: u32)
    requires M.Table(m) && M.Table(n) && I.Regions(m.regions, p) == I.Regions(n.regions, p)
    ensures SameRegions(m, n, p)
  {
    reveal SameRegions();
    forall r: u32 | r < NREGION ensures SameRegion(m.regions[r], n.regions[r], p) {
      assert r in I.Regions(m.regions, p) <==> r in I.Regions(n.regions, p);
      if m.regions[r].owner == p { assert I.Regions(m.regions, p)[r] == I.Regions(n.regions, p)[r]; }
    }
  }
  lemma EndsApart(es: seq<Edge>, qs: seq<Queue>, fs: seq<Edge>, rs: seq<Queue>, p: u32)
    requires E.Tables(es, qs) && E.Tables(fs, rs) && I.Ends(es, qs, p) == I.Ends(fs, rs, p)
    ensures SameEnds(es, qs, fs, rs, p)
  {
    reveal SameEnds();
    forall e: u32 | e < NEDGE ensures SameEnd(es[e], qs[e], fs[e], rs[e], p) {
      assert e in I.Ends(es, qs, p) <==> e in I.Ends(fs, rs, p);
      if IsEnd(es[e], p) { assert I.Ends(es, qs, p)[e] == I.Ends(fs, rs, p)[e]; }
    }
  }
  lemma RegsApart(v: seq<u64>, w: seq<u64>, p: u32)
    requires |v| == |w| == NCTX as int && p < NPART && v[p * CTXW .. (p + 1) * CTXW] == w[p * CTXW .. (p + 1) * CTXW]
    ensures I.SameRegs(v, w, p)
  {
    forall n: u32 {:trigger I.SameReg(v, w, p, n)} | n < CTXW ensures I.SameReg(v, w, p, n) {
      assert v[p * CTXW .. (p + 1) * CTXW][n] == v[p * CTXW + n] && w[p * CTXW .. (p + 1) * CTXW][n] == w[p * CTXW + n];
    }
  }
  lemma Apart(a: Kernel, b: Kernel, p: u32)
    requires Sized(a) && Sized(b) && p < NPART && See(a, p) == See(b, p)
    ensures Same(a, b, p)
  {
    I.SeeIs(a, p);
    I.SeeIs(b, p);
    SlotsApart(a.st, b.st, p);
    RegionsApart(a.st.memory, b.st.memory, p);
    EndsApart(a.st.edges, a.vol.queues, b.st.edges, b.vol.queues, p);
    RegsApart(a.vol.regs, b.vol.regs, p);
    hide See;
    hide HeldIn;
    hide I.SameRegs;
    hide I.Slots;
    hide I.Ends;
    hide I.Regions;
  }
  lemma Together(a: Kernel, b: Kernel, p: u32)
    requires Sized(a) && Sized(b) && Same(a, b, p)
    ensures See(a, p) == See(b, p)
  {
    I.SeeIs(a, p);
    I.SeeIs(b, p);
    assert I.Slots(a.st, p) == I.Slots(b.st, p) by {
      assert I.SameHeld(a.st, b.st, p) by {
        reveal SameHeld();
        forall n: u32 {:trigger I.SameSlot(a.st, b.st, p, n)} | n < CSLOTS ensures I.SameSlot(a.st, b.st, p, n) { assert SameSlot(a.st, b.st, p, n); }
      }
      I.SlotsEqual(a.st, b.st, p);
    }
    assert I.Regions(a.st.memory.regions, p) == I.Regions(b.st.memory.regions, p) by { reveal SameRegions(); }
    assert I.Ends(a.st.edges, a.vol.queues, p) == I.Ends(b.st.edges, b.vol.queues, p) by {
      reveal SameEnds();
      forall e: u32 | e < NEDGE ensures SameEnd(a.st.edges[e], a.vol.queues[e], b.st.edges[e], b.vol.queues[e], p) {}
    }
    I.RegsSlice(a.vol.regs, b.vol.regs, p);
    hide See;
    hide HeldIn;
    hide I.SameRegs;
    hide I.Slots;
    hide I.Ends;
    hide I.Regions;
  }

  // ---- twins --------------------------------------------------------------------------------------------------------------------------

  /** One partition runs in both and sees the same. */
  ghost predicate Twins(a: Kernel, b: Kernel) {
    Runs(a) && Runs(b) && Me(a) == Me(b) && See(a, Me(a)) == See(b, Me(b)) && SamePublic(a, b)
    && Tables(a.st) && Tables(b.st) && IntegrityHeld.Sane(a.st) && IntegrityHeld.Sane(b.st)
  }
  /** What proofs about twins need, without Valid. */
  opaque ghost predicate Alike(a: Kernel, b: Kernel) {
    && Runs(a) && Runs(b) && Me(a) == Me(b) && Same(a, b, Me(a)) && SamePublic(a, b) && H.Aged(a.st) && H.Aged(b.st)
    && a.vol.sched.tasks[Me(a)].run == Kinds.Running && b.vol.sched.tasks[Me(b)].run == Kinds.Running
  }
  lemma SaneIsAged(k: Kernel)
    requires V.Valid(k) && Tables(k.st) && IntegrityHeld.Sane(k.st)
    ensures H.Aged(k.st)
  {
    assert C.Bounded(k.st.caps);
    hide V.Valid;
    reveal H.Aged();
    forall i: int {:trigger H.Dated(k.st, k.st.caps[i])} | 0 <= i < NCAP as int ensures H.Dated(k.st, k.st.caps[i]) { assert IntegrityHeld.CapFresh(k.st, k.st.caps[i as u32]); }
  }
}
