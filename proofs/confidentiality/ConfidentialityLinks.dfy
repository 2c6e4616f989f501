include "../../spec/Observation.dfy"
include "../authority/Capabilities.dfy"

/** Liveness and derivation paths after one entry, or all entries of one partition, have got a new generation. */
module {:compile false} ConfidentialityLinks {
  import opened Types
  import opened Limits
  import opened State
  import opened CapabilityTheorems
  import C = Capabilities
  import O = Observation
  import Kinds

  /** Entry i has a new generation: exactly what was live and did not come through it is live. */
  lemma Bumped(t: seq<Cap>, u: seq<Cap>, i: u32, j: u32, g: u32, links: u32)
    requires LinksOk(t) && C.Table(u) && i < NCAP && j < NCAP && u == t[i as int := u[i]] && (t[i].gen < u[i].gen) && g <= t[j].gen
    ensures C.LiveAt(u, j, g, links) == (C.LiveAt(t, j, g, links) && j != i && i !in O.Path(t, j, links))
    ensures C.LiveAt(u, j, g, links) ==> O.Path(u, j, links) == O.Path(t, j, links)
    decreases links
  {
    assert LinkOk(t, j as int);
    if j != i && t[j].kind != Kinds.None && t[j].gen == g && t[j].depth != 0 && links > 0 { Bumped(t, u, i, t[j].parent, t[j].pgen, links - 1); }
  }
  /** Entry i has other rights: everything is as live as before. */
  lemma Reweighted(t: seq<Cap>, u: seq<Cap>, i: u32, j: u32, g: u32, links: u32)
    requires C.Table(t) && C.Table(u) && i < NCAP && j < NCAP && u == t[i as int := t[i].(rights := u[i].rights)]
    ensures C.LiveAt(u, j, g, links) == C.LiveAt(t, j, g, links) && O.Path(u, j, links) == O.Path(t, j, links)
    decreases links
  {
    if t[j].depth != 0 && links > 0 && t[j].parent < NCAP { Reweighted(t, u, i, t[j].parent, t[j].pgen, links - 1); }
  }
  /** The path of a live entry is as long as the links that its liveness needs. */
  lemma Shorter(t: seq<Cap>, j: u32, g: u32, few: u32, many: u32)
    requires C.Table(t) && j < NCAP && few <= many
    ensures C.LiveAt(t, j, g, few) == (C.LiveAt(t, j, g, many) && |O.Path(t, j, many)| <= few as int)
    ensures C.LiveAt(t, j, g, few) ==> O.Path(t, j, few) == O.Path(t, j, many)
    decreases many
  {
    if t[j].depth != 0 && t[j].parent < NCAP && many > 0 {
      if few > 0 { Shorter(t, t[j].parent, t[j].pgen, few - 1, many - 1); }
    }
  }
  /** Does a path go through partition r's slots from s on? */
  ghost predicate Crosses(path: seq<u32>, r: u32, s: u32) { exists x: u32 {:trigger x in path} :: x in path && Within(x, r, s) }
  ghost predicate Within(x: u32, r: u32, s: u32) { x / CSLOTS == r && x % CSLOTS >= s }

  /** Partition r has lost its slots from s on: exactly what was live, is not there, and did not come through them is live. */
  lemma Dropped(t: seq<Cap>, r: u32, s: u32, j: u32, g: u32, links: u32)
    requires LinksOk(t) && C.Bounded(t) && r < NPART && s <= CSLOTS && j < NCAP && g <= t[j].gen
    ensures var u := C.DropFrom(t, r, s);
      && C.LiveAt(u, j, g, links) == (C.LiveAt(t, j, g, links) && !Within(j, r, s) && !Crosses(O.Path(t, j, links), r, s))
      && (C.LiveAt(u, j, g, links) ==> O.Path(u, j, links) == O.Path(t, j, links))
    decreases CSLOTS - s
  {
    if s < CSLOTS {
      var i := r * CSLOTS + s;
      assert i / CSLOTS == r && i % CSLOTS == s;
      assert C.SlotOk(t[i as int]);
      forall x: u32 ensures Within(x, r, s) == (x == i || Within(x, r, s + 1)) {}
      var path := O.Path(t, j, links);
      assert Crosses(path, r, s) == (i in path || Crosses(path, r, s + 1));
      if t[i].kind == Kinds.None {
        Dropped(t, r, s + 1, j, g, links);
        if C.LiveAt(t, j, g, links) && (i == j || i in path) { Used(t, j, g, links, i); }
      } else {
        var d := C.Drop(t, i);
        Dropping_ages_the_table(t, i);
        Bumped(t, d, i, j, g, links);
        StillBounded(t, i);
        assert g <= d[j].gen;
        Dropped(d, r, s + 1, j, g, links);
      }
    }
  }
  lemma StillBounded(t: seq<Cap>, i: u32)
    requires C.Bounded(t) && C.Table(t) && i < NCAP
    ensures C.Bounded(C.Drop(t, i))
  {
    var u := C.Drop(t, i);
    forall j: int {:trigger C.SlotOk(u[j])} | 0 <= j < |u| ensures C.SlotOk(u[j]) { assert C.SlotOk(t[j]); }
  }
  /** A live path has no empty slot. */
  lemma Used(t: seq<Cap>, j: u32, g: u32, links: u32, i: u32)
    requires C.Table(t) && j < NCAP && i < NCAP && C.LiveAt(t, j, g, links) && (i == j || i in O.Path(t, j, links))
    ensures t[i].kind != Kinds.None
    decreases links
  {
    if i != j { Used(t, t[j].parent, t[j].pgen, links - 1, i); }
  }
  /** What is in the slots that partition r has lost, and that the others keep theirs. */
  lemma Emptied(t: seq<Cap>, r: u32, s: u32, j: u32)
    requires C.Table(t) && C.Bounded(t) && r < NPART && s <= CSLOTS && j < NCAP
    ensures C.DropFrom(t, r, s)[j] == if Within(j, r, s) && t[j].kind != Kinds.None then C.Drop(t, j)[j] else t[j]
    decreases CSLOTS - s
  {
    if s < CSLOTS {
      var i := r * CSLOTS + s;
      assert i / CSLOTS == r && i % CSLOTS == s;
      assert C.SlotOk(t[i as int]);
      assert Within(j, r, s) == (j == i || Within(j, r, s + 1));
      StillBounded(t, i);
      Emptied(if t[i].kind == Kinds.None then t else C.Drop(t, i), r, s + 1, j);
    }
  }
}
