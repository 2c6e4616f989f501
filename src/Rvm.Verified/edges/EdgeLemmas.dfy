include "../../../spec/Edges.dfy"

/** What the arrays of an edge table mean, and what changing one edge or one queue does to that meaning. Pure values, no heap.

        edges,  u32,  4 words to an edge    gen  src  dst  cap
        heads,  u64,  4 words to an edge    first  count  bits  -
        queues, u64, 64 words to an edge    16 messages of 4 words, used circularly from number `first` on
 */
module {:compile false} EdgeLemmas {
  import opened Types
  import opened Limits
  import State
  import Edges

  const WORDS: int := 1024
  const RINGWORDS: int := 16384

  ghost function EdgeAt(s: seq<u32>, e: int): State.Edge
    requires |s| == WORDS && 0 <= e < NEDGE as int
  {
    State.Edge(s[4 * e], s[4 * e + 1], s[4 * e + 2], s[4 * e + 3])
  }

  opaque ghost function DecodeEdges(s: seq<u32>): seq<State.Edge>
    requires |s| == WORDS
    ensures |DecodeEdges(s)| == NEDGE as int
  {
    seq(NEDGE as int, e requires 0 <= e < NEDGE as int => EdgeAt(s, e))
  }

  /** Where message k of a queue that starts at number `first` is. */
  ghost function Place(e: int, first: int, k: int): int
    requires 0 <= e < NEDGE as int && 0 <= first && 0 <= k
    ensures 64 * e <= Place(e, first, k) <= 64 * e + 60
  {
    64 * e + 4 * ((first + k) % 16)
  }
  ghost function MsgAt(r: seq<u64>, w: int): State.Msg
    requires 0 <= w && w + 4 <= |r|
  {
    State.Msg(r[w], r[w + 1], r[w + 2], r[w + 3])
  }
  ghost function Messages(r: seq<u64>, e: int, first: u64, count: u64): seq<State.Msg>
    requires |r| == RINGWORDS && 0 <= e < NEDGE as int
  {
    seq(count as int, k requires 0 <= k < count as int => MsgAt(r, Place(e, first as int, k)))
  }
  ghost function QueueAt(r: seq<u64>, h: seq<u64>, e: int): State.Queue
    requires |r| == RINGWORDS && |h| == WORDS && 0 <= e < NEDGE as int
  {
    State.Queue(Messages(r, e, h[4 * e], h[4 * e + 1]), h[4 * e + 2])
  }
  opaque ghost function DecodeQueues(r: seq<u64>, h: seq<u64>): seq<State.Queue>
    requires |r| == RINGWORDS && |h| == WORDS
    ensures |DecodeQueues(r, h)| == NEDGE as int
  {
    seq(NEDGE as int, e requires 0 <= e < NEDGE as int => QueueAt(r, h, e))
  }

  /** Every queue starts inside its ring. */
  opaque ghost predicate HeadsOk(h: seq<u64>)
    requires |h| == WORDS
  {
    forall e: int :: 0 <= e < NEDGE as int ==> h[4 * e] < 16
  }

  // ---- reading ------------------------------------------------------------------------------

  lemma EdgeEntry(s: seq<u32>, e: int)
    requires |s| == WORDS && 0 <= e < NEDGE as int
    ensures DecodeEdges(s)[e] == EdgeAt(s, e)
  {
    reveal DecodeEdges();
  }
  lemma QueueEntry(r: seq<u64>, h: seq<u64>, e: int)
    requires |r| == RINGWORDS && |h| == WORDS && 0 <= e < NEDGE as int && HeadsOk(h)
    ensures DecodeQueues(r, h)[e] == QueueAt(r, h, e)
    ensures h[4 * e] < 16 && h[4 * e + 1] as int == |QueueAt(r, h, e).msgs|
  {
    reveal DecodeQueues();
    reveal HeadsOk();
  }

  // ---- changing one entry -------------------------------------------------------------------

  lemma EdgeStore(s: seq<u32>, s': seq<u32>, e: int, x: State.Edge)
    requires |s| == |s'| == WORDS && 0 <= e < NEDGE as int
    requires forall k :: 0 <= k < WORDS && !(4 * e <= k < 4 * e + 4) ==> s'[k] == s[k]
    requires EdgeAt(s', e) == x
    ensures DecodeEdges(s') == DecodeEdges(s)[e := x]
  {
    reveal DecodeEdges();
    forall j | 0 <= j < NEDGE as int ensures DecodeEdges(s')[j] == DecodeEdges(s)[e := x][j] {
      if j != e { assert EdgeAt(s', j) == EdgeAt(s, j); }
    }
  }

  /** Only the words of queue e have changed. */
  ghost predicate OnlyQueue(r: seq<u64>, h: seq<u64>, r': seq<u64>, h': seq<u64>, e: int)
    requires |r| == |r'| == RINGWORDS && |h| == |h'| == WORDS && 0 <= e < NEDGE as int
  {
    && (forall k :: 0 <= k < WORDS && !(4 * e <= k < 4 * e + 4) ==> h'[k] == h[k])
    && (forall k :: 0 <= k < RINGWORDS && !(64 * e <= k < 64 * e + 64) ==> r'[k] == r[k])
  }
  lemma QueueStore(r: seq<u64>, h: seq<u64>, r': seq<u64>, h': seq<u64>, e: int, q: State.Queue)
    requires |r| == |r'| == RINGWORDS && |h| == |h'| == WORDS && 0 <= e < NEDGE as int
    requires OnlyQueue(r, h, r', h', e) && HeadsOk(h) && h'[4 * e] < 16
    requires QueueAt(r', h', e) == q
    ensures DecodeQueues(r', h') == DecodeQueues(r, h)[e := q]
    ensures HeadsOk(h')
  {
    reveal DecodeQueues();
    reveal HeadsOk();
    forall j | 0 <= j < NEDGE as int ensures DecodeQueues(r', h')[j] == DecodeQueues(r, h)[e := q][j] {
      if j != e { OtherQueue(r, h, r', h', e, j); }
    }
  }
  lemma OtherQueue(r: seq<u64>, h: seq<u64>, r': seq<u64>, h': seq<u64>, e: int, j: int)
    requires |r| == |r'| == RINGWORDS && |h| == |h'| == WORDS && 0 <= e < NEDGE as int
    requires OnlyQueue(r, h, r', h', e) && 0 <= j < NEDGE as int && j != e
    ensures QueueAt(r', h', j) == QueueAt(r, h, j)
  {
    assert h'[4 * j] == h[4 * j] && h'[4 * j + 1] == h[4 * j + 1] && h'[4 * j + 2] == h[4 * j + 2];
    var first, count := h[4 * j], h[4 * j + 1];
    forall k {:trigger Place(j, first as int, k)} | 0 <= k < count as int
      ensures MsgAt(r', Place(j, first as int, k)) == MsgAt(r, Place(j, first as int, k))
    {
    }
  }

  /** A message stored behind the last one. */
  lemma Append(r: seq<u64>, r': seq<u64>, e: int, first: u64, count: u64, m: State.Msg)
    requires |r| == |r'| == RINGWORDS && 0 <= e < NEDGE as int && first < 16 && count < 16
    requires MsgAt(r', Place(e, first as int, count as int)) == m
    requires var w := Place(e, first as int, count as int); forall k :: 0 <= k < RINGWORDS && !(w <= k < w + 4) ==> r'[k] == r[k]
    ensures Messages(r', e, first, count + 1) == Messages(r, e, first, count) + [m]
  {
    forall k {:trigger Place(e, first as int, k)} | 0 <= k < count as int
      ensures MsgAt(r', Place(e, first as int, k)) == MsgAt(r, Place(e, first as int, k))
    {
      PlacesDiffer(first as int, k, count as int);
    }
  }
  lemma PlacesDiffer(first: int, k: int, n: int)
    requires 0 <= first < 16 && 0 <= k < n < 16
    ensures (first + k) % 16 != (first + n) % 16
  {
  }

  /** The first message taken away. */
  lemma Shift(r: seq<u64>, e: int, first: u64, count: u64)
    requires |r| == RINGWORDS && 0 <= e < NEDGE as int && first < 16 && 1 <= count
    ensures Messages(r, e, (first + 1) % 16, count - 1) == Messages(r, e, first, count)[1..]
    ensures Messages(r, e, first, count)[0] == MsgAt(r, 64 * e + 4 * first as int)
  {
    var next := (first + 1) % 16;
    forall k | 0 <= k < count as int - 1
      ensures Messages(r, e, next, count - 1)[k] == Messages(r, e, first, count)[1..][k]
    {
      assert Place(e, next as int, k) == Place(e, first as int, k + 1);
    }
  }

  lemma Zeroes(s: seq<u32>, r: seq<u64>, h: seq<u64>)
    requires |s| == |h| == WORDS && |r| == RINGWORDS
    requires (forall k :: 0 <= k < WORDS ==> s[k] == 0) && (forall k :: 0 <= k < WORDS ==> h[k] == 0)
    ensures DecodeEdges(s) == seq(NEDGE as int, _ => State.Edge(0, 0, 0, 0))
    ensures DecodeQueues(r, h) == seq(NEDGE as int, _ => Edges.EmptyQueue)
    ensures HeadsOk(h) && Edges.EdgesOk(DecodeEdges(s), DecodeQueues(r, h))
  {
    reveal DecodeEdges();
    reveal DecodeQueues();
    reveal HeadsOk();
    forall e | 0 <= e < NEDGE as int ensures QueueAt(r, h, e) == Edges.EmptyQueue {
      assert Messages(r, e, h[4 * e], h[4 * e + 1]) == [];
    }
  }

  lemma StillOk(es: seq<State.Edge>, qs: seq<State.Queue>, e: int, x: State.Edge, q: State.Queue)
    requires Edges.EdgesOk(es, qs) && 0 <= e < NEDGE as int && Edges.EdgeOk(x, q)
    ensures Edges.EdgesOk(es[e := x], qs[e := q])
  {
    var es', qs' := es[e := x], qs[e := q];
    forall i: int {:trigger Edges.EdgeOk(es'[i], qs'[i])} | 0 <= i < NEDGE as int ensures Edges.EdgeOk(es'[i], qs'[i]) {
      if i != e { assert Edges.EdgeOk(es[i], qs[i]); }
    }
  }

  /** Destroying from i on has not yet changed entry i, so clearing by the old table and by the half-done one agree. */
  lemma ClearStep(es0: seq<State.Edge>, es: seq<State.Edge>, qs: seq<State.Queue>, p: u32, i: u32)
    requires Edges.Tables(es0, qs) && |es| == NEDGE as int && i < NEDGE && es[i] == es0[i]
    ensures Edges.ClearFrom(es0, qs, p, i) ==
      Edges.ClearFrom(es0, if Edges.Touches(es[i], p) then Edges.Clear(qs, i) else qs, p, i + 1)
    ensures Edges.DestroyFrom(es, p, i) ==
      Edges.DestroyFrom(if Edges.Touches(es[i], p) then Edges.Destroy(es, i) else es, p, i + 1)
  {
  }
}
