include "../../spec/Capabilities.dfy"

/** Revocation kills exactly the descendants, for ever. */
module {:compile false} CapabilityTheorems {
  import opened Types
  import opened Limits
  import opened State
  import opened Capabilities
  import Kinds

  /** The derivation path of entry j with generation g, followed for at most `links` links, goes through entry a with generation ga. */
  predicate Through(t: seq<Cap>, j: u32, g: u32, a: u32, ga: u32, links: u32)
    requires Table(t) && j < NCAP
    decreases links
  {
    || (j == a && g == ga)
    || (t[j].depth != 0 && links > 0 && t[j].parent < NCAP && Through(t, t[j].parent, t[j].pgen, a, ga, links - 1))
  }
  predicate Descends(t: seq<Cap>, j: u32, g: u32, a: u32, ga: u32) requires Table(t) && j < NCAP { Through(t, j, g, a, ga, MAXDEPTH) }

  // ---- what revoking kills ------------------------------------------------------------------

  /** After cap_revoke no capability whose derivation path goes through the revoked one is live, however deep it is and whoever holds it. */
  lemma Revoked_capability_kills_every_descendant(t: seq<Cap>, i: u32, j: u32, g: u32)
    requires Table(t) && i < NCAP && j < NCAP && t[i].gen < GENMAX && Descends(t, j, g, i, t[i].gen)
    ensures !Live(Revoke(t, i), j, g)
  {
    RevokeKills(t, i, j, g, MAXDEPTH);
  }
  lemma RevokeKills(t: seq<Cap>, i: u32, j: u32, g: u32, links: u32)
    requires Table(t) && i < NCAP && j < NCAP && t[i].gen < GENMAX && Through(t, j, g, i, t[i].gen, links)
    ensures !LiveAt(Revoke(t, i), j, g, links)
    decreases links
  {
    if !(j == i && g == t[i].gen) { RevokeKills(t, i, t[j].parent, t[j].pgen, links - 1); }
  }

  /** After cap_revoke every capability whose derivation path does not go through the revoked one is as live as before. */
  lemma Revocation_spares_every_other_capability(t: seq<Cap>, i: u32, j: u32, g: u32)
    requires Table(t) && i < NCAP && j < NCAP && t[i].gen < GENMAX && !Descends(t, j, g, i, t[i].gen) && Live(t, j, g)
    ensures Live(Revoke(t, i), j, g)
  {
    RevokeSpares(t, i, j, g, MAXDEPTH);
  }
  lemma RevokeSpares(t: seq<Cap>, i: u32, j: u32, g: u32, links: u32)
    requires Table(t) && i < NCAP && j < NCAP && t[i].gen < GENMAX && !Through(t, j, g, i, t[i].gen, links) && LiveAt(t, j, g, links)
    ensures LiveAt(Revoke(t, i), j, g, links)
    decreases links
  {
    if t[j].depth != 0 { RevokeSpares(t, i, t[j].parent, t[j].pgen, links - 1); }
  }

  /** After cap_drop no capability whose derivation path goes through the dropped one is live. */
  lemma Dropped_capability_kills_every_descendant(t: seq<Cap>, i: u32, j: u32, g: u32)
    requires Table(t) && i < NCAP && j < NCAP && Descends(t, j, g, i, t[i].gen)
    ensures !Live(Drop(t, i), j, g)
  {
    DropKills(t, i, j, g, MAXDEPTH);
  }
  lemma DropKills(t: seq<Cap>, i: u32, j: u32, g: u32, links: u32)
    requires Table(t) && i < NCAP && j < NCAP && Through(t, j, g, i, t[i].gen, links)
    ensures !LiveAt(Drop(t, i), j, g, links)
    decreases links
  {
    if j != i { DropKills(t, i, t[j].parent, t[j].pgen, links - 1); }
  }

  // ---- dead is dead -------------------------------------------------------------------------

  /** A link never names a generation that its parent's slot has not had yet. */
  predicate LinkOk(t: seq<Cap>, j: int) requires Table(t) && 0 <= j < NCAP as int {
    t[j].kind != Kinds.None && t[j].depth != 0 ==> t[j].parent < NCAP && t[j].pgen <= t[t[j].parent].gen
  }
  predicate LinksOk(t: seq<Cap>) { Table(t) && forall j: int {:trigger LinkOk(t, j)} :: 0 <= j < NCAP as int ==> LinkOk(t, j) }

  /** Generations only grow, and an entry that keeps its generation keeps its object and its link, or is emptied. */
  predicate Ages(c: Cap, d: Cap) {
    && c.gen <= d.gen
    && (c.gen == d.gen && d.kind != Kinds.None ==> d == c.(rights := d.rights))
  }
  predicate Older(t: seq<Cap>, t': seq<Cap>) {
    Table(t) && Table(t') && forall j: int {:trigger Ages(t[j], t'[j])} :: 0 <= j < NCAP as int ==> Ages(t[j], t'[j])
  }

  /** A handle that is dead stays dead whatever happens to the table: no slot is ever used twice under the same generation. */
  lemma Dead_capability_never_lives_again(t: seq<Cap>, t': seq<Cap>, j: u32, g: u32)
    requires LinksOk(t) && Older(t, t') && j < NCAP && g <= t[j].gen && !Live(t, j, g)
    ensures !Live(t', j, g)
  {
    if Live(t', j, g) { LivedBefore(t, t', j, g, MAXDEPTH); }
  }
  lemma LivedBefore(t: seq<Cap>, t': seq<Cap>, j: u32, g: u32, links: u32)
    requires LinksOk(t) && Older(t, t') && j < NCAP && g <= t[j].gen && LiveAt(t', j, g, links)
    ensures LiveAt(t, j, g, links)
    decreases links
  {
    assert Ages(t[j], t'[j]);
    assert LinkOk(t, j as int);
    if t[j].depth != 0 { LivedBefore(t, t', t[j].parent, t[j].pgen, links - 1); }
  }

  lemma OlderItself(t: seq<Cap>) requires Table(t) ensures Older(t, t) {
    forall j: int {:trigger Ages(t[j], t[j])} | 0 <= j < NCAP as int ensures Ages(t[j], t[j]) {}
  }
  lemma OlderChain(t: seq<Cap>, u: seq<Cap>, v: seq<Cap>)
    requires Older(t, u) && Older(u, v)
    ensures Older(t, v)
  {
    forall j: int {:trigger Ages(t[j], v[j])} | 0 <= j < NCAP as int ensures Ages(t[j], v[j]) {
      assert Ages(t[j], u[j]) && Ages(u[j], v[j]);
    }
  }
  lemma OneEntry(t: seq<Cap>, i: u32, c: Cap)
    requires LinksOk(t) && i < NCAP && Ages(t[i], c)
    requires c.kind != Kinds.None && c.depth != 0 ==> c.parent < NCAP && c.pgen <= t[i as int := c][c.parent].gen
    ensures LinksOk(t[i as int := c]) && Older(t, t[i as int := c])
  {
    var t' := t[i as int := c];
    forall j: int {:trigger LinkOk(t', j)} | 0 <= j < NCAP as int ensures LinkOk(t', j) { assert LinkOk(t, j); }
    forall j: int {:trigger Ages(t[j], t'[j])} | 0 <= j < NCAP as int ensures Ages(t[j], t'[j]) {}
  }

  /** Minting keeps the links well-formed and only ages the table. */
  lemma Minting_ages_the_table(t: seq<Cap>, i: u32, kind: u32, obj: u32, ogen: u32, rights: u32)
    requires LinksOk(t) && i < NCAP && t[i].gen < GENMAX
    ensures LinksOk(Mint(t, i, kind, obj, ogen, rights)) && Older(t, Mint(t, i, kind, obj, ogen, rights))
  {
    OneEntry(t, i, Cap(t[i].gen + 1, kind, obj, ogen, rights, 0, 0, 0));
  }
  /** Delegation keeps the links well-formed and only ages the table. */
  lemma Delegation_ages_the_table(t: seq<Cap>, i: u32, src: u32, asked: u32)
    requires LinksOk(t) && i < NCAP && src < NCAP && i != src && t[i].gen < GENMAX && t[src].depth < MAXDEPTH
    ensures LinksOk(Derive(t, i, src, asked)) && Older(t, Derive(t, i, src, asked))
  {
    var c := t[src];
    assert LinkOk(t, src as int);
    var parent := c.(rights := ParentRights(c.rights));
    OneEntry(t, src, parent);
    var u := t[src as int := parent];
    var child := Cap(t[i].gen + 1, c.kind, c.obj, c.ogen, ChildRights(c.rights, asked), c.depth + 1, src, c.gen);
    OneEntry(u, i, child);
    OlderChain(t, u, u[i as int := child]);
  }
  /** Revocation keeps the links well-formed and only ages the table. */
  lemma Revocation_ages_the_table(t: seq<Cap>, i: u32)
    requires LinksOk(t) && i < NCAP && t[i].gen < GENMAX
    ensures LinksOk(Revoke(t, i)) && Older(t, Revoke(t, i))
  {
    assert LinkOk(t, i as int);
    OneEntry(t, i, t[i].(gen := t[i].gen + 1));
  }
  /** Dropping a capability keeps the links well-formed and only ages the table. */
  lemma Dropping_ages_the_table(t: seq<Cap>, i: u32)
    requires LinksOk(t) && i < NCAP
    ensures LinksOk(Drop(t, i)) && Older(t, Drop(t, i))
  {
    OneEntry(t, i, EmptyCap.(gen := if t[i].gen <= GENMAX then t[i].gen + 1 else t[i].gen));
  }
  /** The end of a partition, which drops all its capabilities, keeps the links well-formed and only ages the table. */
  lemma Ending_a_partition_ages_the_table(t: seq<Cap>, p: u32, s: u32)
    requires LinksOk(t) && p < NPART && s <= CSLOTS
    ensures LinksOk(DropFrom(t, p, s)) && Older(t, DropFrom(t, p, s))
    decreases CSLOTS - s
  {
    OlderItself(t);
    if s < CSLOTS {
      var i := p * CSLOTS + s;
      Dropping_ages_the_table(t, i);
      var u := if t[i].kind == Kinds.None then t else Drop(t, i);
      Ending_a_partition_ages_the_table(u, p, s + 1);
      OlderChain(t, u, DropFrom(u, p, s + 1));
    }
  }
  /** The empty table has well-formed links. */
  lemma Empty_table_has_links()
    ensures LinksOk(seq(NCAP as int, _ => EmptyCap))
  {
    var t := seq(NCAP as int, _ => EmptyCap);
    forall j: int {:trigger LinkOk(t, j)} | 0 <= j < NCAP as int ensures LinkOk(t, j) {}
  }
}
