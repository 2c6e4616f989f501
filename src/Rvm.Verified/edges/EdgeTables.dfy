include "EdgeLemmas.dfy"
include "../platform/Heap.dfy"

/** Communication edges and their queues. The layout of the arrays is in EdgeLemmas.dfy. */
module EdgeTables {
  import opened Types
  import opened Limits
  import Hash
  import Heap
  import State
  import Spec = Edges
  import EdgeLemmas

  const Message: u64 := 0x8000_0000_0000_0000

  // Most steps of work (spec/Cost.dfy).
  ghost const FREE_EDGE_WORK: nat := 1 + NEDGE as nat
  ghost const DESTROY_ALL_WORK: nat := 1 + NEDGE as nat

  opaque ghost predicate NoAlias(a: object, b: object, c: object) { a != b && a != c && b != c }

  class EdgeTable {
    const edges: array<u32>
    const heads: array<u64>
    const queues: array<u64>

    ghost function Repr(): set<object> { {this, edges, heads, queues} }

    ghost predicate Shape() {
      edges.Length == 1024 && heads.Length == 1024 && queues.Length == 16384 && NoAlias(edges, heads, queues)
    }
    ghost function Edges(): seq<State.Edge>
      requires Shape()
      reads edges
      ensures |Edges()| == NEDGE as int
    {
      EdgeLemmas.DecodeEdges(edges[..])
    }
    ghost function Queues(): seq<State.Queue>
      requires Shape()
      reads heads, queues
      ensures |Queues()| == NEDGE as int
    {
      EdgeLemmas.DecodeQueues(queues[..], heads[..])
    }
    ghost predicate Valid()
      reads edges, heads, queues
    {
      Shape() && EdgeLemmas.HeadsOk(heads[..]) && Spec.EdgesOk(Edges(), Queues())
    }

    constructor ()
      ensures Valid() && fresh(this) && fresh(edges) && fresh(heads) && fresh(queues) && fresh(Repr())
      ensures Edges() == seq(NEDGE as int, _ => State.Edge(0, 0, 0, 0))
      ensures Queues() == seq(NEDGE as int, _ => Spec.EmptyQueue)
    {
      var a := Heap.NewU32(1024);
      var b := Heap.NewU64(1024);
      var c := Heap.NewRaw(16384);
      edges, heads, queues := a, b, c;
      new;
      reveal NoAlias();
      EdgeLemmas.Zeroes(edges[..], queues[..], heads[..]);
    }

    // ---- reading ----------------------------------------------------------------------------

    /** The generation that capabilities on edge e carry now. */
    function LiveGen(e: u32): (gen: u32)
      requires Valid() && e < NEDGE
      reads edges, heads, queues
      ensures gen == if Edges()[e].cap != 0 then Edges()[e].gen else NOGEN
    {
      EdgeLemmas.EdgeEntry(edges[..], e as int);
      if edges[e * 4 + 3] != 0 then edges[e * 4] else NOGEN
    } by method {
      EdgeLemmas.EdgeEntry(edges[..], e as int);
      var a, w := edges, e * 4;
      gen := if a[w + 3] != 0 then a[w] else NOGEN;
    }
    function Src(e: u32): (src: u32)
      requires Valid() && e < NEDGE
      reads edges, heads, queues
      ensures src == Edges()[e].src && src < NPART
    {
      EdgeLemmas.EdgeEntry(edges[..], e as int);
      assert Spec.EdgeOk(Edges()[e], Queues()[e]);
      edges[e * 4 + 1]
    }
    function Dst(e: u32): (dst: u32)
      requires Valid() && e < NEDGE
      reads edges, heads, queues
      ensures dst == Edges()[e].dst && dst < NPART
    {
      EdgeLemmas.EdgeEntry(edges[..], e as int);
      assert Spec.EdgeOk(Edges()[e], Queues()[e]);
      edges[e * 4 + 2]
    }
    function Cap(e: u32): (cap: u32)
      requires Valid() && e < NEDGE
      reads edges, heads, queues
      ensures cap == Edges()[e].cap && cap <= QDEPTH
    {
      EdgeLemmas.EdgeEntry(edges[..], e as int);
      assert Spec.EdgeOk(Edges()[e], Queues()[e]);
      edges[e * 4 + 3]
    }
    function Count(e: u32): (count: u64)
      requires Valid() && e < NEDGE
      reads edges, heads, queues
      ensures count as int == |Queues()[e].msgs| && count <= QDEPTH as u64
    {
      EdgeLemmas.QueueEntry(queues[..], heads[..], e as int);
      assert Spec.EdgeOk(Edges()[e], Queues()[e]);
      heads[e * 4 + 1]
    }
    function Bits(e: u32): (bits: u64)
      requires Valid() && e < NEDGE
      reads edges, heads, queues
      ensures bits == Queues()[e].bits
    {
      EdgeLemmas.QueueEntry(queues[..], heads[..], e as int);
      heads[e * 4 + 2]
    }
    method FreeEdge() returns (e: u32, ghost work: nat)
      requires Valid()
      ensures work <= FREE_EDGE_WORK
      ensures e == Spec.FreeFrom(Edges(), 0) && e <= NEDGE
      ensures e < NEDGE ==> Edges()[e].cap == 0 && Edges()[e].gen < GENMAX
    {
      work := 1;
      var a := edges;
      e := 0;
      while e < NEDGE
        invariant e <= NEDGE && work == 1 + e as int
        invariant Spec.FreeFrom(Edges(), 0) == Spec.FreeFrom(Edges(), e)
      {
        work := work + 1;
        EdgeLemmas.EdgeEntry(a[..], e as int);
        if a[e * 4 + 3] == 0 && a[e * 4] < GENMAX {
          return;
        }
        e := e + 1;
      }
    }

    // ---- edges ------------------------------------------------------------------------------

    method Create(e: u32, src: u32, dst: u32, cap: u32)
      requires Valid() && e < NEDGE && Edges()[e].cap == 0 && Edges()[e].gen < GENMAX
      requires src < NPART && dst < NPART && 1 <= cap <= QDEPTH
      modifies edges
      ensures Valid() && Edges() == Spec.Create(old(Edges()), e, src, dst, cap) && Queues() == old(Queues())
    {
      reveal NoAlias();
      ghost var s, es, qs := edges[..], Edges(), Queues();
      EdgeLemmas.EdgeEntry(s, e as int);
      assert Spec.EdgeOk(es[e], qs[e]);
      var w := e * 4;
      edges[w] := edges[w] + 1;
      edges[w + 1] := src;
      edges[w + 2] := dst;
      edges[w + 3] := cap;
      ghost var x := State.Edge(es[e].gen + 1, src, dst, cap);
      EdgeLemmas.EdgeStore(s, edges[..], e as int, x);
      EdgeLemmas.StillOk(es, qs, e as int, x, qs[e]);
      assert qs[e as int := qs[e]] == qs;
    }

    /** The edge goes, and what its queue holds. */
    method Destroy(e: u32)
      requires Valid() && e < NEDGE
      modifies edges, heads
      ensures Valid() && Edges() == Spec.Destroy(old(Edges()), e) && Queues() == Spec.Clear(old(Queues()), e)
    {
      reveal NoAlias();
      ghost var s, h, es, qs := edges[..], heads[..], Edges(), Queues();
      EdgeLemmas.EdgeEntry(s, e as int);
      EdgeLemmas.QueueEntry(queues[..], h, e as int);
      assert Spec.EdgeOk(es[e], qs[e]);
      var w := e * 4;
      edges[w + 1] := 0;
      edges[w + 2] := 0;
      edges[w + 3] := 0;
      heads[w + 1] := 0;
      heads[w + 2] := 0;
      ghost var x := State.Edge(es[e].gen, 0, 0, 0);
      EdgeLemmas.EdgeStore(s, edges[..], e as int, x);
      EdgeLemmas.QueueStore(queues[..], h, queues[..], heads[..], e as int, Spec.EmptyQueue);
      EdgeLemmas.StillOk(es, qs, e as int, x, Spec.EmptyQueue);
    }

    /** No edge touches partition p any more. */
    method DestroyAll(p: u32) returns (ghost work: nat)
      requires Valid() && p < NPART
      modifies edges, heads
      ensures Valid() && Edges() == Spec.DestroyAll(old(Edges()), p)
      ensures Queues() == Spec.ClearAll(old(Edges()), old(Queues()), p)
      ensures work <= DESTROY_ALL_WORK
    {
      work := 1;
      ghost var es0 := Edges();
      var e: u32 := 0;
      while e < NEDGE
        invariant e <= NEDGE && Valid() && work == 1 + e as int
        invariant Spec.DestroyAll(es0, p) == Spec.DestroyFrom(Edges(), p, e)
        invariant Spec.ClearAll(es0, old(Queues()), p) == Spec.ClearFrom(es0, Queues(), p, e)
        invariant forall k: int :: e as int <= k < NEDGE as int ==> Edges()[k] == es0[k]
      {
        work := work + 1;
        EdgeLemmas.ClearStep(es0, Edges(), Queues(), p, e);
        if Cap(e) != 0 && (Src(e) == p || Dst(e) == p) {
          Destroy(e);
        }
        e := e + 1;
      }
    }

    // ---- queues -----------------------------------------------------------------------------

    method Send(e: u32, a: u64, b: u64, c: u64, d: u64)
      requires Valid() && e < NEDGE && !Spec.Full(Edges(), Queues(), e)
      modifies heads, queues
      ensures Valid() && Queues() == Spec.Send(old(Queues()), e, State.Msg(a, b, c, d)) && Edges() == old(Edges())
    {
      reveal NoAlias();
      ghost var r, h, es, qs := queues[..], heads[..], Edges(), Queues();
      EdgeLemmas.QueueEntry(r, h, e as int);
      assert Spec.EdgeOk(es[e], qs[e]);
      var hs := heads;
      var w := e * 4;
      var first := hs[w];
      var count := hs[w + 1];
      var to := queues;
      var at := e * 64 + ((first + count) % 16) as u32 * 4;
      to[at] := a;
      to[at + 1] := b;
      to[at + 2] := c;
      to[at + 3] := d;
      hs[w + 1] := count + 1;
      hs[w + 2] := Hash.Or(hs[w + 2], Message);
      EdgeLemmas.Append(r, queues[..], e as int, first, count, State.Msg(a, b, c, d));
      ghost var q := Spec.Send(qs, e, State.Msg(a, b, c, d))[e];
      EdgeLemmas.QueueStore(r, h, queues[..], heads[..], e as int, q);
      EdgeLemmas.StillOk(es, qs, e as int, es[e], q);
      assert es[e as int := es[e]] == es;
    }

    method Receive(e: u32) returns (a: u64, b: u64, c: u64, d: u64)
      requires Valid() && e < NEDGE && |Queues()[e].msgs| > 0
      modifies heads
      ensures State.Msg(a, b, c, d) == old(Queues())[e].msgs[0]
      ensures Valid() && Queues() == Spec.Receive(old(Queues()), e) && Edges() == old(Edges())
    {
      reveal NoAlias();
      ghost var h, es, qs := heads[..], Edges(), Queues();
      EdgeLemmas.QueueEntry(queues[..], h, e as int);
      assert Spec.EdgeOk(es[e], qs[e]);
      var hs := heads;
      var w := e * 4;
      var first := hs[w];
      var count := hs[w + 1];
      var from := queues;
      var at := e * 64 + first as u32 * 4;
      EdgeLemmas.Shift(queues[..], e as int, first, count);
      a := from[at];
      b := from[at + 1];
      c := from[at + 2];
      d := from[at + 3];
      hs[w] := (first + 1) % 16;
      hs[w + 1] := count - 1;
      ghost var q := Spec.Receive(qs, e)[e];
      EdgeLemmas.QueueStore(queues[..], h, queues[..], heads[..], e as int, q);
      EdgeLemmas.StillOk(es, qs, e as int, es[e], q);
      assert es[e as int := es[e]] == es;
    }

    method SetBits(e: u32, bits: u64)
      requires Valid() && e < NEDGE && (Edges()[e].cap == 0 ==> bits == 0)
      modifies heads
      ensures Valid() && Queues() == old(Queues())[e as int := old(Queues())[e].(bits := bits)] && Edges() == old(Edges())
    {
      reveal NoAlias();
      ghost var h, es, qs := heads[..], Edges(), Queues();
      EdgeLemmas.QueueEntry(queues[..], h, e as int);
      assert Spec.EdgeOk(es[e], qs[e]);
      heads[e * 4 + 2] := bits;
      ghost var q := qs[e].(bits := bits);
      EdgeLemmas.QueueStore(queues[..], h, queues[..], heads[..], e as int, q);
      EdgeLemmas.StillOk(es, qs, e as int, es[e], q);
      assert es[e as int := es[e]] == es;
    }

    method Signal(e: u32, bits: u64)
      requires Valid() && e < NEDGE && Edges()[e].cap != 0
      modifies heads
      ensures Valid() && Queues() == Spec.Signal(old(Queues()), e, bits) && Edges() == old(Edges())
    {
      reveal NoAlias();
      ghost var h, es, qs := heads[..], Edges(), Queues();
      EdgeLemmas.QueueEntry(queues[..], h, e as int);
      assert Spec.EdgeOk(es[e], qs[e]);
      var hs, w := heads, e * 4 + 2;
      hs[w] := Hash.Or(hs[w], bits);
      ghost var q := Spec.Signal(qs, e, bits)[e];
      EdgeLemmas.QueueStore(queues[..], h, queues[..], heads[..], e as int, q);
      EdgeLemmas.StillOk(es, qs, e as int, es[e], q);
      assert es[e as int := es[e]] == es;
    }

    method TakeBits(e: u32) returns (bits: u64)
      requires Valid() && e < NEDGE
      modifies heads
      ensures bits == old(Queues())[e].bits
      ensures Valid() && Queues() == Spec.TakeBits(old(Queues()), e) && Edges() == old(Edges())
    {
      bits := Bits(e);
      SetBits(e, 0);
    }
  }
}
