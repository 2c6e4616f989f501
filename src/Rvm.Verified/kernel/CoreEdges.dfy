include "Common.dfy"

/** The small operations on edges and queues, and reading the witness log; each with its meaning for the whole state. */
module CoreEdges {
  import opened Types
  import opened Limits
  import opened CoreState
  import Kinds
  import Status
  import State
  import Apply
  import Common
  import D = DecideEdge
  import N = DecideWitness
  import Sch = Scheduler
  import Edg = Edges
  import Wit = Witness
  import Caps = Capabilities
  import CoreCommon
  import ET = EdgeTables
  import SC = Schedulers

  // Most steps of work (spec/Cost.dfy).
  ghost const FREE_EDGE_WORK: nat := 1 + ET.FREE_EDGE_WORK
  ghost const NOTIFY_WORK: nat := 1 + SC.NOTIFY_WORK
  ghost const DELIVER_WORK: nat := 1 + NOTIFY_WORK
  ghost const DISAPPOINT_WORK: nat := 1 + NOTIFY_WORK

  // ---- reading --------------------------------------------------------------------------------------------------------------

  function Source(k: Core, e: u32): (p: u32)
    requires k.Inv() && e < NEDGE
    reads k.Repr()
    ensures p == k.Abs().st.edges[e].src && p < NPART && (p != 0 ==> k.Abs().st.edges[e].cap != 0)
  {
    assert Edg.EdgeOk(k.edges.Edges()[e], k.edges.Queues()[e]);
    k.edges.Src(e)
  }
  function Destination(k: Core, e: u32): (p: u32)
    requires k.Inv() && e < NEDGE
    reads k.Repr()
    ensures p == k.Abs().st.edges[e].dst && p < NPART
  {
    k.edges.Dst(e)
  }
  function Capacity(k: Core, e: u32): (n: u32)
    requires k.Inv() && e < NEDGE
    reads k.Repr()
    ensures n == k.Abs().st.edges[e].cap && n <= QDEPTH
  {
    k.edges.Cap(e)
  }
  function Count(k: Core, e: u32): (n: u64)
    requires k.Inv() && e < NEDGE
    reads k.Repr()
    ensures n as int == |k.Abs().vol.queues[e].msgs| && n <= QDEPTH as u64
  {
    k.edges.Count(e)
  }
  function Bits(k: Core, e: u32): (bits: u64)
    requires k.Inv() && e < NEDGE
    reads k.Repr()
    ensures bits == k.Abs().vol.queues[e].bits
  {
    k.edges.Bits(e)
  }
  function FreeEdge(k: Core): (e: u32)
    requires k.Inv()
    reads k.Repr()
    ensures e == Edg.FreeFrom(k.Abs().st.edges, 0) && e <= NEDGE
  {
    Edg.FreeFrom(k.Abs().st.edges, 0)
  } by method {
    ghost var work := 1;
    ghost var w;
    e, w := k.edges.FreeEdge();
    work := work + w;
    assert work <= FREE_EDGE_WORK;
  }
  /** Does partition d wait for a notification on edge e? */
  function Waits(k: Core, d: u32, e: u32): (b: bool)
    requires k.Inv() && d < NPART
    reads k.Repr()
    ensures b == (k.Abs().vol.sched.tasks[d].run == Kinds.Waiting && k.Abs().vol.sched.tasks[d].wake == e as u64)
  {
    k.sched.Run(d) == Kinds.Waiting && k.sched.WakeOf(d) == e as u64
  }
  function Head(k: Core): (n: u64)
    requires k.Inv()
    reads k.Repr()
    ensures n as int == |k.Abs().log.records|
  {
    k.log.head
  }
  function Undrained(k: Core): (n: u64)
    requires k.Inv()
    reads k.Repr()
    ensures n == k.Abs().log.drained
  {
    k.log.drained
  }
  /** The tables have their sizes, and the schedule its shape. */
  lemma Sized(k: Core)
    requires k.Inv()
    ensures State.Sized(k.Abs()) && Sch.Shape(k.Abs().vol.sched)
  {
  }

  // ---- edges ----------------------------------------------------------------------------------------------------------------

  method CreateEdge(k: Core, e: u32, src: u32, dst: u32, cap: u32)
    requires k.Inv() && e < NEDGE && k.Abs().st.edges[e].cap == 0 && k.Abs().st.edges[e].gen < GENMAX
    requires src < NPART && dst < NPART && 1 <= cap <= QDEPTH
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(st := old(k.Abs()).st.(edges := Edg.Create(old(k.Abs()).st.edges, e, src, dst, cap)))
  {
    assert allocated(k.Repr());
    k.edges.Create(e, src, dst, cap);
    k.OnlyEdges();
  }
  method DestroyEdge(k: Core, e: u32)
    requires k.Inv() && e < NEDGE
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(st := old(k.Abs()).st.(edges := Edg.Destroy(old(k.Abs()).st.edges, e)),
                                     vol := old(k.Abs()).vol.(queues := Edg.Clear(old(k.Abs()).vol.queues, e)))
  {
    assert allocated(k.Repr());
    k.edges.Destroy(e);
    k.OnlyEdges();
  }

  // ---- queues ---------------------------------------------------------------------------------------------------------------

  method Send(k: Core, e: u32, a: u64, b: u64, c: u64, d: u64)
    requires k.Inv() && e < NEDGE && !Edg.Full(k.Abs().st.edges, k.Abs().vol.queues, e)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(queues := Edg.Send(old(k.Abs()).vol.queues, e, State.Msg(a, b, c, d))))
  {
    assert allocated(k.Repr());
    k.edges.Send(e, a, b, c, d);
    k.OnlyEdges();
  }
  method Signal(k: Core, e: u32, bits: u64)
    requires k.Inv() && e < NEDGE && k.Abs().st.edges[e].cap != 0
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(queues := Edg.Signal(old(k.Abs()).vol.queues, e, bits)))
  {
    assert allocated(k.Repr());
    k.edges.Signal(e, bits);
    k.OnlyEdges();
  }
  /** Partition p gets the first message of edge e, if there is one. */
  method Receive(k: Core, p: u32, e: u32)
    requires k.Inv() && p < NPART && e < NEDGE
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := D.Received(old(k.Abs()).vol, p, e))
  {
    hide *;
    reveal D.Received, D.SetWords, Common.SetReg, Limits.CTXW;
    k.Set(p, 0, Status.OK);
    if Count(k, e) == 0 {
      k.Set(p, 1, 0);
    } else {
      k.Set(p, 1, 1);
      var a, b, c, d := Pop(k, e);
      SetWords(k, p, a, b, c, d);
    }
  }
  method Pop(k: Core, e: u32) returns (a: u64, b: u64, c: u64, d: u64)
    requires k.Inv() && e < NEDGE && |k.Abs().vol.queues[e].msgs| > 0
    modifies k.Repr()
    ensures State.Msg(a, b, c, d) == old(k.Abs()).vol.queues[e].msgs[0]
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(queues := Edg.Receive(old(k.Abs()).vol.queues, e)))
  {
    assert allocated(k.Repr());
    a, b, c, d := k.edges.Receive(e);
    k.OnlyEdges();
  }
  method SetWords(k: Core, p: u32, a: u64, b: u64, c: u64, d: u64)
    requires k.Inv() && p < NPART
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := D.SetWords(old(k.Abs()).vol, p, a, b, c, d))
  {
    hide D.SetWords;
    assert allocated(k.Repr());
    var r := k.ctx;
    ghost var v := k.Abs().vol;
    var at := p * CTXW;
    r[at + 2] := a;
    r[at + 3] := b;
    r[at + 4] := c;
    r[at + 5] := d;
    FourWords(v, r[..], p, a, b, c, d);
    k.OnlyRegisters();
  }
  lemma FourWords(v: State.Volatile, t: seq<u64>, p: u32, a: u64, b: u64, c: u64, d: u64)
    requires |v.regs| == |t| == NCTX as int && p < NPART
    requires t[p * 64 + 2] == a && t[p * 64 + 3] == b && t[p * 64 + 4] == c && t[p * 64 + 5] == d
    requires forall i: int :: 0 <= i < |t| && !(p as int * 64 + 2 <= i < p as int * 64 + 6) ==> t[i] == v.regs[i]
    ensures v.(regs := t) == D.SetWords(v, p, a, b, c, d)
  {
    var at := p as int * 64 + 2;
    assert t == v.regs[at := a][at + 1 := b][at + 2 := c][at + 3 := d];
  }
  /** Partition p gets the pending bits of edge e. */
  method Take(k: Core, p: u32, e: u32)
    requires k.Inv() && p < NPART && e < NEDGE
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := D.Taken(old(k.Abs()).vol, p, e))
  {
    assert allocated(k.Repr());
    var r := k.ctx;
    ghost var before := k.Abs().vol.regs;
    var bits := k.edges.TakeBits(e);
    k.OnlyEdges();
    label Taken:
    var at := p * CTXW;
    r[at] := Status.OK;
    r[at + 1] := bits;
    k.OnlyRegisters@Taken();
    assert r[..] == before[at as int := Status.OK][(at + 1) as int := bits];
  }
  /** A partition that waits becomes ready. */
  method Notify(k: Core, p: u32, now: u64) returns (ghost work: nat)
    requires k.Inv() && p < NPART && k.Abs().vol.sched.tasks[p].run == Kinds.Waiting
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := old(k.Abs()).vol.(sched := Sch.MakeReady(old(k.Abs()).vol.sched, p, old(k.Abs()).st.parts[p].rel, now)))
    ensures work <= NOTIFY_WORK
  {
    work := 1;
    assert allocated(k.Repr());
    ghost var w := k.sched.Notify(p, now);
    work := work + w;
    k.OnlySched();
  }
  /** If partition d waits for edge e, it goes on with the pending bits. */
  method Deliver(k: Core, d: u32, e: u32, now: u64) returns (ghost work: nat)
    requires k.Inv() && d < NPART && e < NEDGE
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := D.Deliver(old(k.Abs()).vol, old(k.Abs()).st.parts, d, e, now))
    ensures work <= DELIVER_WORK
  {
    hide *;
    work := 1;
    reveal D.Deliver, D.Taken, Common.SetReg, DELIVER_WORK;
    Sized(k);
    if Waits(k, d, e) && Bits(k, e) != 0 {
      Take(k, d, e);
      ghost var w := Notify(k, d, now);
      work := work + w;
    }
  }
  /** If partition d waits for edge e, it goes on with an error. */
  method Disappoint(k: Core, d: u32, e: u32, now: u64) returns (ghost work: nat)
    requires k.Inv() && d < NPART && e < NEDGE
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := D.Disappoint(old(k.Abs()).vol, old(k.Abs()).st.parts, d, e, now))
    ensures work <= DISAPPOINT_WORK
  {
    hide *;
    work := 1;
    reveal D.Disappoint, Common.SetReg, Limits.CTXW, DISAPPOINT_WORK;
    Sized(k);
    if Waits(k, d, e) {
      k.Set(d, 0, Status.StaleCapability);
      ghost var w := Notify(k, d, now);
      work := work + w;
    }
  }

  // ---- the witness log ------------------------------------------------------------------------------------------------------

  /** Partition p gets the words of record n in x1–x8. */
  method ReadRecord(k: Core, p: u32, n: u64)
    requires k.Inv() && p < NPART && k.Abs().log.drained <= n && n as int < |k.Abs().log.records|
    modifies k.Repr()
    ensures Wit.Small(old(k.Abs()).log.records[n])
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures k.Abs() == old(k.Abs()).(vol := N.SetRecord(old(k.Abs()).vol, p, Wit.Pack(old(k.Abs()).log.records[n])))
  {
    hide Wit.Pack, N.SetRecord;
    reveal k.Separate();
    assert allocated(k.Repr());
    ghost var v := k.Abs().vol;
    k.log.Read(n, k.ctx, p * CTXW + 1);
    k.OnlyRegisters();
    EightWords(v, k.ctx[..], p, Wit.Pack(k.Abs().log.records[n]));
  }
  lemma EightWords(v: State.Volatile, t: seq<u64>, p: u32, w: seq<u64>)
    requires |v.regs| == |t| == NCTX as int && p < NPART && |w| == 8 && t[p as int * 64 + 1..p as int * 64 + 9] == w
    requires forall i: int :: 0 <= i < |t| && !(p as int * 64 + 1 <= i < p as int * 64 + 9) ==> t[i] == v.regs[i]
    ensures v.(regs := t) == N.SetRecord(v, p, w)
  {
    var at := p as int * 64 + 1;
    forall i: int | at <= i < at + 8 ensures t[i] == w[i - at] { assert t[at..at + 8][i - at] == t[i]; }
    assert t == v.regs[at := w[0]][at + 1 := w[1]][at + 2 := w[2]][at + 3 := w[3]][at + 4 := w[4]][at + 5 := w[5]][at + 6 := w[6]][at + 7 := w[7]];
  }

  // ---- several actions ------------------------------------------------------------------------------------------------------

  /** What committing three actions means. */
  lemma Three(s: State.Structure, l: State.Log, a: Apply.Action, b: Apply.Action, c: Apply.Action, now: u64)
    requires Apply.Tables(s) && Wit.Tables(l)
    ensures Apply.ApplyAll(s, [a, b, c]) == Apply.Apply(Apply.Apply(Apply.Apply(s, a), b), c)
    ensures Apply.NoteAll(l, [a, b, c], now) == Apply.Note(Apply.Note(Apply.Note(l, a, now), b, now), c, now)
  {
    hide Apply.Apply, Apply.Note;
    assert [a, b, c][1..] == [b, c] && [b, c][1..] == [c] && [c][1..] == [];
    assert Apply.ApplyAll(Apply.Apply(Apply.Apply(Apply.Apply(s, a), b), c), []) == Apply.Apply(Apply.Apply(Apply.Apply(s, a), b), c);
    assert Apply.ApplyAll(Apply.Apply(Apply.Apply(s, a), b), [c]) == Apply.Apply(Apply.Apply(Apply.Apply(s, a), b), c);
    assert Apply.ApplyAll(Apply.Apply(s, a), [b, c]) == Apply.Apply(Apply.Apply(Apply.Apply(s, a), b), c);
    assert Apply.NoteAll(Apply.Note(Apply.Note(l, a, now), b, now), [c], now) == Apply.Note(Apply.Note(Apply.Note(l, a, now), b, now), c, now);
  }
  /** Each record takes one from what its partition may still append. */
  lemma RoomAfter(l: State.Log, a: Apply.Action, p: u32, n: u64, now: u64)
    requires Wit.Tables(l) && p < NPART && n > 0 && Wit.Room(l, p, n)
    requires Apply.Charged(a) == p && !a.PartitionQuota? && !a.PartitionEnd? && !a.Drain?
    ensures Wit.Room(Apply.Note(l, a, now), p, n - 1)
  {
    hide Apply.Encode;
  }
  /** The state after an action and its record. */
  ghost function After(s: State.Kernel, a: Apply.Action, now: u64): State.Kernel
    requires Apply.Tables(s.st) && Wit.Tables(s.log)
  {
    s.(st := Apply.Apply(s.st, a), log := Apply.Note(s.log, a, now))
  }
  /** The edge from src to dst is made, and witnessed. */
  method Make(k: Core, who: u32, e: u32, src: u32, dst: u32, cap: u32, now: u64)
    requires k.Inv() && who < NPART && src < NPART && dst < NPART && e < NEDGE && 1 <= cap <= QDEPTH
    requires k.Abs().st.edges[e].cap == 0 && k.Abs().st.edges[e].gen < GENMAX && Wit.Spare(k.Abs().log, who)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures Apply.Tables(old(k.Abs()).st) && k.Abs() == After(old(k.Abs()), Apply.EdgeCreate(who, e, src, dst, cap), now)
    ensures k.Abs().st.caps == old(k.Abs()).st.caps
  {
    hide *;
    reveal Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, After, Limits.NPART, Limits.LO32, Limits.QDEPTH, Limits.NEDGE;
    ghost var a := Apply.EdgeCreate(who, e, src, dst, cap);
    Ready(k);
    k.Record(a, who, 0x30, 1, who, e as u64, src as u64 * LO32 + dst as u64 * 0x1_0000 + cap as u64, now);
    CreateEdge(k, e, src, dst, cap);
  }
  /** `who` gives partition `to` a capability for edge e, in this slot; it is witnessed. */
  method Give(k: Core, who: u32, to: u32, slot: u32, e: u32, rights: u32, now: u64)
    requires k.Inv() && who < NPART && to < NPART && slot < CSLOTS && e < NEDGE
    requires k.Abs().st.caps[to * CSLOTS + slot].gen < GENMAX && Wit.Spare(k.Abs().log, who)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures Apply.Tables(old(k.Abs()).st) && k.Abs() == After(old(k.Abs()), Apply.CapGrant(who, to, slot, Kinds.CommEdge, e, rights), now)
    ensures forall i: u32 :: i < NCAP && i != to * CSLOTS + slot ==> k.Abs().st.caps[i] == old(k.Abs()).st.caps[i]
  {
    hide *;
    reveal Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, After, Apply.Tables, Caps.Table, Caps.ObjectInRange, Caps.Mint;
    reveal Kinds.CommEdge, Kinds.Region, Kinds.Partition, Kinds.None, Limits.NPART, Limits.LO32, Limits.CSLOTS, Limits.NCAP, Limits.NEDGE;
    ghost var a := Apply.CapGrant(who, to, slot, Kinds.CommEdge, e, rights);
    Ready(k);
    var gen := CoreCommon.ObjectGen(k, Kinds.CommEdge, e);
    k.Record(a, who, 0x10, 1, who, to as u64 * LO32 + slot as u64, 0x700_0000_0000_0000 + e as u64 * LO32 + rights as u64, now);
    ghost var t := k.Abs().st.caps;
    k.Mint(to * CSLOTS + slot, Kinds.CommEdge, e, gen, rights);
    assert k.Abs().st.caps == Caps.Mint(t, to * CSLOTS + slot, Kinds.CommEdge, e, gen, rights);
  }
  lemma Ready(k: Core)
    requires k.Inv()
    ensures Apply.Tables(k.Abs().st) && Wit.Tables(k.Abs().log)
  {
  }
  /** The edge from src to dst is made and each end gets its capability: the three actions of DecideEdge.Connect. */
  method Connect(k: Core, who: u32, e: u32, src: u32, ss: u32, dst: u32, ds: u32, cap: u32, rs: u32, rd: u32, now: u64)
    requires k.Inv() && who < NPART && src < NPART && ss < CSLOTS && dst < NPART && ds < CSLOTS && src != dst
    requires e < NEDGE && k.Abs().st.edges[e].cap == 0 && k.Abs().st.edges[e].gen < GENMAX && 1 <= cap <= QDEPTH
    requires k.Abs().st.caps[src * CSLOTS + ss].gen < GENMAX && k.Abs().st.caps[dst * CSLOTS + ds].gen < GENMAX && Wit.Room(k.Abs().log, who, 3)
    modifies k.Repr()
    ensures k.Inv() && k.Effects() == old(k.Effects()) && (old(k.Rooted()) ==> k.Rooted())
    ensures Apply.Tables(old(k.Abs()).st)
    ensures var acts := D.Connect(old(k.Abs()), who, e, src, ss, dst, ds, cap, rs, rd);
      k.Abs() == old(k.Abs()).(st := Apply.ApplyAll(old(k.Abs()).st, acts), log := Apply.NoteAll(old(k.Abs()).log, acts, now))
  {
    hide *;
    reveal D.Connect, After, Apply.Encode, Apply.Charged, Limits.NPART, Limits.CSLOTS, Limits.NCAP;
    ghost var a, b := Apply.EdgeCreate(who, e, src, dst, cap), Apply.CapGrant(who, src, ss, Kinds.CommEdge, e, rs);
    ghost var c := Apply.CapGrant(who, dst, ds, Kinds.CommEdge, e, rd);
    Ready(k);
    Three(k.Abs().st, k.Abs().log, a, b, c, now);
    RoomAfter(k.Abs().log, a, who, 3, now);
    RoomSpares(k.Abs().log, who, 3);
    Make(k, who, e, src, dst, cap, now);
    RoomAfter(k.Abs().log, b, who, 2, now);
    RoomSpares(k.Abs().log, who, 2);
    Give(k, who, src, ss, e, rs, now);
    RoomSpares(k.Abs().log, who, 1);
    Give(k, who, dst, ds, e, rd, now);
  }
  lemma RoomSpares(l: State.Log, p: u32, n: u64)
    requires Wit.Tables(l) && p < NPART && Wit.Room(l, p, n)
    ensures Wit.Spare(l, p)
  {
  }
}
