include "State.dfy"

/** Communication edges: one way, from a source to a destination partition, with a bounded queue of four-word messages and 64 notification bits. */
module Edges {
  import opened Types
  import opened Limits
  import opened State
  import Hash

  const MESSAGE: u64 := 0x8000_0000_0000_0000        // the notification bit that a message sets
  const EmptyQueue: Queue := Queue([], 0)

  predicate Tables(es: seq<Edge>, qs: seq<Queue>) { |es| == NEDGE as int && |qs| == NEDGE as int }

  /** The first free edge from i on; NEDGE if there is none. */
  function FreeFrom(es: seq<Edge>, i: u32): u32
    requires |es| == NEDGE as int && i <= NEDGE
    ensures i <= FreeFrom(es, i) <= NEDGE
    ensures FreeFrom(es, i) < NEDGE ==> es[FreeFrom(es, i)].cap == 0 && es[FreeFrom(es, i)].gen < GENMAX
    decreases NEDGE - i
  {
    if i == NEDGE then NEDGE else if es[i].cap == 0 && es[i].gen < GENMAX then i else FreeFrom(es, i + 1)
  }
  function Create(es: seq<Edge>, e: u32, src: u32, dst: u32, cap: u32): seq<Edge>
    requires |es| == NEDGE as int && e < NEDGE && es[e].gen < GENMAX
  {
    es[e as int := Edge(es[e].gen + 1, src, dst, cap)]
  }
  function Destroy(es: seq<Edge>, e: u32): seq<Edge> requires |es| == NEDGE as int && e < NEDGE { es[e as int := Edge(es[e].gen, 0, 0, 0)] }

  predicate Touches(e: Edge, p: u32) { e.cap != 0 && (e.src == p || e.dst == p) }
  function DestroyFrom(es: seq<Edge>, p: u32, i: u32): seq<Edge>
    requires |es| == NEDGE as int && i <= NEDGE
    ensures |DestroyFrom(es, p, i)| == |es|
    decreases NEDGE - i
  {
    if i == NEDGE then es else DestroyFrom(if Touches(es[i], p) then Destroy(es, i) else es, p, i + 1)
  }
  /** No edge touches partition p any more. */
  function DestroyAll(es: seq<Edge>, p: u32): seq<Edge> requires |es| == NEDGE as int { DestroyFrom(es, p, 0) }

  function Clear(qs: seq<Queue>, e: u32): seq<Queue> requires |qs| == NEDGE as int && e < NEDGE { qs[e as int := EmptyQueue] }
  function ClearFrom(es: seq<Edge>, qs: seq<Queue>, p: u32, i: u32): seq<Queue>
    requires Tables(es, qs) && i <= NEDGE
    ensures |ClearFrom(es, qs, p, i)| == |qs|
    decreases NEDGE - i
  {
    if i == NEDGE then qs else ClearFrom(es, if Touches(es[i], p) then Clear(qs, i) else qs, p, i + 1)
  }
  /** The queues of partition p's edges are empty. */
  function ClearAll(es: seq<Edge>, qs: seq<Queue>, p: u32): seq<Queue> requires Tables(es, qs) { ClearFrom(es, qs, p, 0) }

  function Full(es: seq<Edge>, qs: seq<Queue>, e: u32): bool requires Tables(es, qs) && e < NEDGE { |qs[e].msgs| >= es[e].cap as int }
  function Send(qs: seq<Queue>, e: u32, m: Msg): seq<Queue>
    requires |qs| == NEDGE as int && e < NEDGE
  {
    qs[e as int := Queue(qs[e].msgs + [m], Hash.Or(qs[e].bits, MESSAGE))]
  }
  function Receive(qs: seq<Queue>, e: u32): seq<Queue>
    requires |qs| == NEDGE as int && e < NEDGE && |qs[e].msgs| > 0
  {
    qs[e as int := qs[e].(msgs := qs[e].msgs[1..])]
  }
  function Signal(qs: seq<Queue>, e: u32, bits: u64): seq<Queue>
    requires |qs| == NEDGE as int && e < NEDGE
  {
    qs[e as int := qs[e].(bits := Hash.Or(qs[e].bits, bits))]
  }
  function TakeBits(qs: seq<Queue>, e: u32): seq<Queue> requires |qs| == NEDGE as int && e < NEDGE { qs[e as int := qs[e].(bits := 0)] }

  /** Ends are partitions, no queue is longer than its edge allows, a free edge has no source and its queue is empty. */
  predicate EdgeOk(e: Edge, q: Queue) {
    && e.src < NPART && e.dst < NPART && e.cap <= QDEPTH && |q.msgs| <= e.cap as int && e.gen <= GENMAX
    && (e.cap == 0 ==> e.src == 0 && q == EmptyQueue)
  }
  predicate EdgesOk(es: seq<Edge>, qs: seq<Queue>) { Tables(es, qs) && forall i: int {:trigger EdgeOk(es[i], qs[i])} :: 0 <= i < NEDGE as int ==> EdgeOk(es[i], qs[i]) }
}
