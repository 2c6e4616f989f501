include "../../../spec/Capabilities.dfy"

/** What an array of words means as a capability table, and what storing one entry does to that meaning. Pure values, no heap.

        word      0    1     2    3     4       5      6       7
        entry    gen  kind  obj  ogen  rights  depth  parent  pgen      entry i starts at word 8 * i
 */
module {:compile false} CapLemmas {
  import opened Types
  import opened Limits
  import State
  import Capabilities

  const WORDS: int := 32768

  ghost function At(s: seq<u32>, i: int): State.Cap
    requires |s| == WORDS && 0 <= i < NCAP as int
  {
    State.Cap(s[8 * i], s[8 * i + 1], s[8 * i + 2], s[8 * i + 3], s[8 * i + 4], s[8 * i + 5], s[8 * i + 6], s[8 * i + 7])
  }

  opaque ghost function Decode(s: seq<u32>): seq<State.Cap>
    requires |s| == WORDS
    ensures |Decode(s)| == NCAP as int
  {
    seq(NCAP as int, i requires 0 <= i < NCAP as int => At(s, i))
  }

  lemma Entry(s: seq<u32>, i: int)
    requires |s| == WORDS && 0 <= i < NCAP as int
    ensures Decode(s)[i] == At(s, i)
  {
    reveal Decode();
  }

  lemma Zeroes(s: seq<u32>)
    requires |s| == WORDS && forall k :: 0 <= k < WORDS ==> s[k] == 0
    ensures Decode(s) == seq(NCAP as int, _ => State.EmptyCap)
    ensures Capabilities.Bounded(Decode(s))
  {
    reveal Decode();
  }

  lemma Store(s: seq<u32>, s': seq<u32>, i: int, c: State.Cap)
    requires |s| == |s'| == WORDS && 0 <= i < NCAP as int
    requires forall k :: 0 <= k < WORDS && !(8 * i <= k < 8 * i + 8) ==> s'[k] == s[k]
    requires At(s', i) == c
    ensures Decode(s') == Decode(s)[i := c]
  {
    reveal Decode();
    forall j | 0 <= j < NCAP as int ensures Decode(s')[j] == Decode(s)[i := c][j] {
      if j != i { assert At(s', j) == At(s, j); }
    }
  }

  lemma BoundedStore(t: seq<State.Cap>, i: int, c: State.Cap)
    requires Capabilities.Table(t) && Capabilities.Bounded(t) && 0 <= i < NCAP as int && Capabilities.SlotOk(c)
    ensures Capabilities.Bounded(t[i := c])
  {
    var t' := t[i := c];
    forall j: int {:trigger Capabilities.SlotOk(t'[j])} | 0 <= j < NCAP as int ensures Capabilities.SlotOk(t'[j]) {
      if j != i { assert Capabilities.SlotOk(t[j]); }
    }
  }
}
