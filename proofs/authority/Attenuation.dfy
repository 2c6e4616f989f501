include "Capabilities.dfy"

/** No capability can do more than any capability that it was derived from, nor name another object. */
module {:compile false} Attenuation {
  import opened Types
  import opened Limits
  import opened State
  import opened Capabilities
  import opened CapabilityTheorems
  import Kinds
  import Status
  import Rights

  // ---- masks --------------------------------------------------------------------------------

  lemma WithoutIsLess(a: u32, m: u32)
    ensures Rights.Subset(Rights.Without(a, m), a)
  {
    reveal Rights.Subset();
    Rights.WithoutParts(a, m);
  }
  lemma OnceIsGone(a: u32, m: u32)
    requires m == Rights.GRANT_ONCE || m == Rights.GRANT + Rights.GRANT_ONCE
    ensures !Rights.Subset(Rights.GRANT_ONCE, Rights.Without(a, m))
  {
    reveal Rights.Subset();
    Rights.WithoutParts(a, m);
  }
  lemma GrantIsGone(a: u32)
    ensures !Rights.Subset(Rights.GRANT, Rights.Without(a, Rights.GRANT + Rights.GRANT_ONCE))
  {
    reveal Rights.Subset();
    Rights.WithoutParts(a, Rights.GRANT + Rights.GRANT_ONCE);
  }
  /** What has no GRANT_ONCE is not touched when GRANT_ONCE is taken away from something larger. */
  lemma StillLess(c: u32, p: u32)
    requires Rights.Subset(c, p) && !Rights.Subset(Rights.GRANT_ONCE, c)
    ensures Rights.Subset(c, Rights.Without(p, Rights.GRANT_ONCE))
  {
    reveal Rights.Subset();
    Rights.WithoutParts(p, Rights.GRANT_ONCE);
    assert Rights.Low(Rights.GRANT_ONCE) == 8 && Rights.High(Rights.GRANT_ONCE) == 0;
  }
  lemma Parent(p: u32)
    ensures Rights.Subset(ParentRights(p), p)
    ensures Rights.Subset(Rights.GRANT, p) == Rights.Subset(Rights.GRANT, ParentRights(p))
  {
    Rights.SubsetOfItself(p);
    WithoutIsLess(p, Rights.GRANT_ONCE);
    if Rights.Subset(Rights.GRANT, ParentRights(p)) { Rights.SubsetIsTransitive(Rights.GRANT, ParentRights(p), p); }
  }
  lemma Child(p: u32, asked: u32)
    requires Rights.Subset(asked, p)
    ensures Rights.Subset(ChildRights(p, asked), ParentRights(p)) && Rights.Subset(ChildRights(p, asked), asked)
    ensures Rights.Subset(Rights.GRANT, p) || !Rights.Subset(Rights.GRANT_ONCE, ChildRights(p, asked))
  {
    Rights.SubsetOfItself(asked);
    if !Rights.Subset(Rights.GRANT, p) {
      var m := Rights.GRANT + Rights.GRANT_ONCE;
      WithoutIsLess(asked, m);
      Rights.SubsetIsTransitive(Rights.Without(asked, m), asked, p);
      OnceIsGone(asked, m);
      StillLess(Rights.Without(asked, m), p);
    }
  }

  // ---- one derivation -----------------------------------------------------------------------

  /** A granted capability names its parent's object and has only rights that its parent had and keeps. */
  lemma Granted_capability_has_no_more_rights_than_its_parent(t: seq<Cap>, i: u32, src: u32, asked: u32)
    requires Table(t) && i < NCAP && src < NCAP && i != src && t[i].gen < GENMAX && DeriveCheck(t, src, asked) == Status.OK
    ensures var u := Derive(t, i, src, asked);
      && u[i].kind == t[src].kind && u[i].obj == t[src].obj && u[i].ogen == t[src].ogen
      && Rights.Subset(u[i].rights, t[src].rights) && Rights.Subset(u[i].rights, u[src].rights) && Rights.Subset(u[i].rights, asked)
  {
    Child(t[src].rights, asked);
    Parent(t[src].rights);
    Rights.SubsetIsTransitive(ChildRights(t[src].rights, asked), ParentRights(t[src].rights), t[src].rights);
  }
  /** GRANT_ONCE is good for one grant: afterwards neither the giver nor the receiver can grant it again. */
  lemma Granting_once_uses_the_right_up(t: seq<Cap>, i: u32, src: u32, asked: u32, again: u32)
    requires Table(t) && i < NCAP && src < NCAP && i != src && t[i].gen < GENMAX && DeriveCheck(t, src, asked) == Status.OK
    requires !Rights.Subset(Rights.GRANT, t[src].rights)
    ensures DeriveCheck(Derive(t, i, src, asked), src, again) == Status.CapabilityConsumed
    ensures DeriveCheck(Derive(t, i, src, asked), i, again) == Status.CapabilityConsumed
  {
    Parent(t[src].rights);
    OnceIsGone(t[src].rights, Rights.GRANT_ONCE);
    GrantIsGone(asked);
    OnceIsGone(asked, Rights.GRANT + Rights.GRANT_ONCE);
  }

  // ---- all derivations ----------------------------------------------------------------------

  predicate Attenuates(p: Cap, c: Cap) {
    && c.kind == p.kind && c.obj == p.obj && c.ogen == p.ogen && c.depth as int == p.depth as int + 1
    && Rights.Subset(c.rights, p.rights)
    && (Rights.Subset(Rights.GRANT, p.rights) || !Rights.Subset(Rights.GRANT_ONCE, c.rights))
  }
  /** Entry j attenuates its parent, as long as the parent is the one that it was derived from. */
  predicate Less(t: seq<Cap>, j: int) requires Table(t) && 0 <= j < NCAP as int {
    var c := t[j];
    c.kind != Kinds.None && c.depth != 0 && c.parent < NCAP && t[c.parent].kind != Kinds.None && t[c.parent].gen == c.pgen ==> Attenuates(t[c.parent], c)
  }
  predicate Attenuated(t: seq<Cap>) { LinksOk(t) && forall j: int {:trigger Less(t, j)} :: 0 <= j < NCAP as int ==> Less(t, j) }

  /** A live capability names the same object as every capability on its derivation path, and has no right that one of them lacks. */
  lemma Live_capability_has_no_more_rights_than_any_ancestor(t: seq<Cap>, j: u32, g: u32, a: u32, ga: u32)
    requires Attenuated(t) && j < NCAP && a < NCAP && Live(t, j, g) && Descends(t, j, g, a, ga)
    ensures Rights.Subset(t[j].rights, t[a].rights)
    ensures t[j].kind == t[a].kind && t[j].obj == t[a].obj && t[j].ogen == t[a].ogen
  {
    PathAttenuates(t, j, g, a, ga, MAXDEPTH);
  }
  lemma PathAttenuates(t: seq<Cap>, j: u32, g: u32, a: u32, ga: u32, links: u32)
    requires Attenuated(t) && j < NCAP && a < NCAP && LiveAt(t, j, g, links) && Through(t, j, g, a, ga, links)
    ensures Rights.Subset(t[j].rights, t[a].rights)
    ensures t[j].kind == t[a].kind && t[j].obj == t[a].obj && t[j].ogen == t[a].ogen
    decreases links
  {
    Rights.SubsetOfItself(t[j].rights);
    if !(j == a && g == ga) {
      assert Less(t, j as int);
      PathAttenuates(t, t[j].parent, t[j].pgen, a, ga, links - 1);
      Rights.SubsetIsTransitive(t[j].rights, t[t[j].parent].rights, t[a].rights);
    }
  }

  /** An entry that gets a new generation has no children yet. */
  lemma NewEntry(t: seq<Cap>, i: u32, c: Cap)
    requires Attenuated(t) && i < NCAP && Ages(t[i], c) && (c.kind == Kinds.None || c.gen > t[i].gen)
    requires c.kind != Kinds.None && c.depth != 0 ==> c.parent < NCAP && c.parent != i && c.pgen <= t[c.parent].gen
    requires c.kind != Kinds.None && c.depth != 0 && t[c.parent].kind != Kinds.None && t[c.parent].gen == c.pgen ==> Attenuates(t[c.parent], c)
    ensures Attenuated(t[i as int := c])
  {
    OneEntry(t, i, c);
    var t' := t[i as int := c];
    forall j: int {:trigger Less(t', j)} | 0 <= j < NCAP as int ensures Less(t', j) {
      assert Less(t, j) && LinkOk(t, j);
    }
  }
  /** An entry that loses GRANT_ONCE because it has no GRANT still has all that its children have. */
  lemma SpentEntry(t: seq<Cap>, i: u32)
    requires Attenuated(t) && i < NCAP
    ensures Attenuated(t[i as int := t[i].(rights := ParentRights(t[i].rights))])
  {
    var c := t[i].(rights := ParentRights(t[i].rights));
    assert LinkOk(t, i as int);
    OneEntry(t, i, c);
    Parent(t[i].rights);
    var t' := t[i as int := c];
    forall j: int {:trigger Less(t', j)} | 0 <= j < NCAP as int ensures Less(t', j) {
      assert Less(t, j) && LinkOk(t, j);
      SpentLink(t, i, j);
    }
  }
  lemma SpentLink(t: seq<Cap>, i: u32, j: int)
    requires Attenuated(t) && i < NCAP && 0 <= j < NCAP as int && Less(t, j)
    ensures Less(t[i as int := t[i].(rights := ParentRights(t[i].rights))], j)
  {
    var r := t[i].rights;
    var t' := t[i as int := t[i].(rights := ParentRights(r))];
    Parent(r);
    var c := t[j];
    if c.kind != Kinds.None && c.depth != 0 && c.parent < NCAP && t[c.parent].kind != Kinds.None && t[c.parent].gen == c.pgen {
      var p := t[c.parent];
      assert Attenuates(p, c) && c.parent as int != j;
      if j == i as int {
        Rights.SubsetIsTransitive(ParentRights(r), r, p.rights);
        if !Rights.Subset(Rights.GRANT, r) { OnceIsGone(r, Rights.GRANT_ONCE); }
      } else if c.parent == i && !Rights.Subset(Rights.GRANT, r) {
        StillLess(c.rights, r);
      }
      assert Attenuates(t'[c.parent], t'[j]);
    }
  }

  /** Minting keeps every derivation attenuated. */
  lemma Minting_keeps_attenuation(t: seq<Cap>, i: u32, kind: u32, obj: u32, ogen: u32, rights: u32)
    requires Attenuated(t) && i < NCAP && t[i].gen < GENMAX
    ensures Attenuated(Mint(t, i, kind, obj, ogen, rights))
  {
    NewEntry(t, i, Cap(t[i].gen + 1, kind, obj, ogen, rights, 0, 0, 0));
  }
  /** Delegation keeps every derivation attenuated. */
  lemma Delegation_keeps_attenuation(t: seq<Cap>, i: u32, src: u32, asked: u32)
    requires Attenuated(t) && i < NCAP && src < NCAP && i != src && t[i].gen < GENMAX && DeriveCheck(t, src, asked) == Status.OK
    ensures Attenuated(Derive(t, i, src, asked))
  {
    var c := t[src];
    SpentEntry(t, src);
    var u := t[src as int := c.(rights := ParentRights(c.rights))];
    Parent(c.rights);
    Child(c.rights, asked);
    NewEntry(u, i, Cap(t[i].gen + 1, c.kind, c.obj, c.ogen, ChildRights(c.rights, asked), c.depth + 1, src, c.gen));
  }
  /** Revocation keeps every derivation attenuated. */
  lemma Revocation_keeps_attenuation(t: seq<Cap>, i: u32)
    requires Attenuated(t) && i < NCAP && t[i].gen < GENMAX
    ensures Attenuated(Revoke(t, i))
  {
    var c := t[i].(gen := t[i].gen + 1);
    assert LinkOk(t, i as int);
    Revocation_ages_the_table(t, i);
    var t' := t[i as int := c];
    forall j: int {:trigger Less(t', j)} | 0 <= j < NCAP as int ensures Less(t', j) {
      assert Less(t, j) && LinkOk(t, j);
    }
  }
  /** Dropping a capability keeps every derivation attenuated. */
  lemma Dropping_keeps_attenuation(t: seq<Cap>, i: u32)
    requires Attenuated(t) && i < NCAP
    ensures Attenuated(Drop(t, i))
  {
    NewEntry(t, i, EmptyCap.(gen := if t[i].gen <= GENMAX then t[i].gen + 1 else t[i].gen));
  }
  /** The end of a partition keeps every derivation attenuated. */
  lemma Ending_a_partition_keeps_attenuation(t: seq<Cap>, p: u32, s: u32)
    requires Attenuated(t) && p < NPART && s <= CSLOTS
    ensures Attenuated(DropFrom(t, p, s))
    decreases CSLOTS - s
  {
    if s < CSLOTS {
      var i := p * CSLOTS + s;
      Dropping_keeps_attenuation(t, i);
      Ending_a_partition_keeps_attenuation(if t[i].kind == Kinds.None then t else Drop(t, i), p, s + 1);
    }
  }
  /** In the empty table every derivation is attenuated. */
  lemma Empty_table_is_attenuated()
    ensures Attenuated(seq(NCAP as int, _ => EmptyCap))
  {
    Empty_table_has_links();
    var t := seq(NCAP as int, _ => EmptyCap);
    forall j: int {:trigger Less(t, j)} | 0 <= j < NCAP as int ensures Less(t, j) {}
  }
}
