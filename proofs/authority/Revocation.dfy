include "../reachable/Reachable.dfy"
include "../reachable/Traces.dfy"

/** Revocation is complete, immediate and final in every state that the kernel can reach. */
module {:compile false} Revocation {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Orderly
  import opened Reachable
  import opened Traces
  import C = Capabilities
  import D = CapabilityTheorems
  import Edges
  import Confinement
  import V = Valid
  import Step
  import OrderlyEvents
  import Authority
  import Replay
  import StepPreservesValid
  import Kinds
  import Status
  import Rights

  // ---- passing a check ----------------------------------------------------------------------------------------------------------------

  /** The capability with generation g in entry i (slot i % 32 of partition i / 32) is live, and its object is the one that it was made for. */
  ghost predicate Usable(s: Structure, i: u32, g: u32) requires Tables(s) && i < NCAP {
    C.Live(s.caps, i, g) && ObjectGen(s, s.caps[i].kind, s.caps[i].obj) == s.caps[i].ogen
  }
  lemma NoRights(x: u32) ensures Rights.Subset(0, x) { reveal Rights.Subset(); }
  /** Usable is what the guard of every call asks for; what is asked besides are the kind and the rights. */
  lemma The_guard_asks_for_a_usable_capability(k: Kernel, h: u64, kind: u32, rights: u32)
    requires Runs(k)
    ensures Guard(k, h, kind, rights) == Status.OK ==> C.Slot(h) < CSLOTS as u64 && Usable(k.st, C.Index(Me(k), h), C.Gen(h))
    ensures C.Slot(h) < CSLOTS as u64 ==> (Guard(k, h, Kinds.None, 0) == Status.OK <==> Usable(k.st, C.Index(Me(k), h), C.Gen(h)))
  {
    if C.Slot(h) < CSLOTS as u64 { NoRights(k.st.caps[C.Index(Me(k), h)].rights); }
    hide V.Valid;
    hide C.Live;
    hide ObjectGen;
  }

  // ---- what has failed once -----------------------------------------------------------------------------------------------------------

  lemma LiveBefore(s: Structure, t: Structure, i: u32, g: u32)
    requires Inv(s) && Later(s, t) && i < NCAP && g <= s.caps[i].gen && C.Live(t.caps, i, g)
    ensures C.Live(s.caps, i, g) && t.caps[i] == s.caps[i].(rights := t.caps[i].rights)
  {
    if !C.Live(s.caps, i, g) { D.Dead_capability_never_lives_again(s.caps, t.caps, i, g); }
    assert D.Ages(s.caps[i as int], t.caps[i as int]);
  }
  /** An object that is not the one that the capability was made for never becomes it. */
  lemma NeverAgain(s: Structure, t: Structure, c: Cap)
    requires Inv(s) && Later(s, t) && c.kind != Kinds.None && C.ObjectInRange(c) && CapDated(s, c) && ObjectGen(s, c.kind, c.obj) != c.ogen
    requires forall e: u32 {:trigger s.edges[e]} :: e < NEDGE ==> s.edges[e].gen <= GENMAX
    ensures ObjectGen(t, c.kind, c.obj) != c.ogen
  {
    hide D.Older;
    hide D.LinksOk;
    hide Peopled;
    if c.kind == Kinds.Region { assert LaterRegion(s.memory.regions[c.obj], t.memory.regions[c.obj]); }
    else if c.kind == Kinds.Partition { assert LaterPart(s.parts[c.obj], t.parts[c.obj]); }
    else if c.kind == Kinds.CommEdge { assert LaterEdge(s.edges[c.obj], t.edges[c.obj]); }
  }
  lemma SlotIs(k: Kernel, i: u32)
    requires V.Valid(k) && i < NCAP
    ensures |k.st.caps| == NCAP as int && C.SlotOk(k.st.caps[i]) && |k.st.edges| == NEDGE as int
    ensures forall e: u32 {:trigger k.st.edges[e]} :: e < NEDGE ==> k.st.edges[e].gen <= GENMAX
  {
    assert C.SlotOk(k.st.caps[i as int]);
    forall e: u32 | e < NEDGE ensures k.st.edges[e].gen <= GENMAX { assert Edges.EdgeOk(k.st.edges[e as int], k.vol.queues[e as int]); }
  }
  lemma StaysUnusable(k: Kernel, t: Structure, i: u32, g: u32)
    requires V.Valid(k) && Inv(k.st) && Later(k.st, t) && i < NCAP && g <= k.st.caps[i].gen && !Usable(k.st, i, g)
    ensures !Usable(t, i, g)
  {
    SlotIs(k, i);
    hide V.Valid;
    hide ObjectGen;
    if Usable(t, i, g) {
      LiveBefore(k.st, t, i, g);
      assert CapDated(k.st, k.st.caps[i]);
      NeverAgain(k.st, t, k.st.caps[i]);
    }
  }
  /** Reachable states one after the other. */
  lemma Onwards(k: Kernel, es: seq<Step.Event>, fs: seq<Step.Event>)
    requires StepPreservesValid.First(k)
    ensures V.Valid(k)
    ensures var s, t := StepPreservesValid.After(k, es), StepPreservesValid.After(k, es + fs); Inv(s.st) && Inv(t.st) && Later(s.st, t.st)
  {
    hide *;
    In_every_reachable_state(k, es);
    In_every_reachable_state(k, es + fs);
    Split(k, es, fs);
    Events(StepPreservesValid.After(k, es), fs);
  }

  // ---- descent, in history ------------------------------------------------------------------------------------------------------------

  /** The action delegates from entry i to entry j. */
  ghost predicate Gives(a: Action, i: u32, j: u32) {
    a.CapDelegate? && a.who < NPART && a.src < CSLOTS && a.who * CSLOTS + a.src == i && a.to < NPART && a.slot < CSLOTS && a.to * CSLOTS + a.slot == j
  }
  /** The action revokes entry i. */
  ghost predicate Cancels(a: Action, i: u32) { a.CapRevoke? && a.who < NPART && a.slot < CSLOTS && a.who * CSLOTS + a.slot == i }
  /** Event n delegates: from the capability with generation g in entry i comes the one with generation h in entry j. */
  ghost predicate Delegates(k: Kernel, es: seq<Step.Event>, n: nat, i: u32, g: u32, j: u32, h: u32)
    requires V.Valid(k) && n < |es| && i < NCAP && j < NCAP
  {
    var s := At(k, es, n);
    s.st.caps[i].gen == g && s.st.caps[j].gen as int + 1 == h as int && exists a :: a in Replay.Acts(s, es[n]) && Gives(a, i, j)
  }
  /** By d delegations among the events es, through whatever slots of whatever partitions, (j, h) has come from (i, g). */
  ghost predicate Descended(k: Kernel, es: seq<Step.Event>, i: u32, g: u32, j: u32, h: u32, d: nat)
    requires V.Valid(k) && i < NCAP && j < NCAP
    decreases d
  {
    if d == 0 then i == j && g == h
    else exists n: nat, m: u32, f: u32 :: n < |es| && m < NCAP && Delegates(k, es, n, m, f, j, h) && Descended(k, es, i, g, m, f, d - 1)
  }
  /** Event n revokes the capability with generation g in entry i. */
  ghost predicate Revokes(k: Kernel, es: seq<Step.Event>, n: nat, i: u32, g: u32) requires V.Valid(k) && n < |es| && i < NCAP {
    var s := At(k, es, n);
    s.st.caps[i].gen == g && exists a :: a in Replay.Acts(s, es[n]) && Cancels(a, i)
  }
  lemma MoreLinks(t: seq<Cap>, i: u32, g: u32, m: u32, n: u32)
    requires C.Table(t) && i < NCAP && m <= n && C.LiveAt(t, i, g, m)
    ensures C.LiveAt(t, i, g, n)
    decreases m
  {
    if t[i].depth != 0 { MoreLinks(t, t[i].parent, t[i].pgen, m - 1, n - 1); }
  }
  /** From event n on the receiving entry, as long as it keeps its generation, has the giving one as its parent. */
  lemma Parentage(k: Kernel, es: seq<Step.Event>, n: nat, i: u32, g: u32, j: u32, h: u32)
    requires StepPreservesValid.First(k) && V.Valid(k) && n < |es| && i < NCAP && j < NCAP && Delegates(k, es, n, i, g, j, h)
    ensures var t := StepPreservesValid.After(k, es).st.caps; C.Table(t) && (C.Live(t, j, h) ==> C.Live(t, i, g))
  {
    hide *;
    reveal Delegates;
    var s := At(k, es, n);
    var a :| a in Replay.Acts(s, es[n]) && Gives(a, i, j);
    assert a.CapDelegate? by { reveal Gives; }
    assert Inv(s.st) by { reveal At; In_every_reachable_state(k, es[..n]); }
    DelegatedAlone(s, es[n], a);
    Next(k, es, n);
    assert Tables(s.st) by { reveal Inv; }
    OneDelegation(s.st, a, i, j);
    Rest(k, es, n + 1);
    var u, t := At(k, es, n + 1).st, StepPreservesValid.After(k, es).st;
    assert D.Older(u.caps, t.caps) && C.Table(t.caps) by { reveal Later, Inv, Tables; }
    if C.Live(t.caps, j, h) { Linked(u.caps, t.caps, j, h); }
  }
  /** A delegation is the only action of its event. */
  lemma DelegatedAlone(k: Kernel, e: Step.Event, a: Action)
    requires V.Valid(k) && Inv(k.st) && a in Replay.Acts(k, e) && a.CapDelegate?
    ensures Proper(k.st, a) && Step.Step(k, e).k.st == A.Apply(k.st, a)
    ensures Replay.Acts(k, e) == [a] && e.Hypercall? && Runs(k)
  {
    hide *;
    reveal Inv, Replay.Acts, Step.Decide, Runs, Confinement.Rootless, OrderlyEvents.EventInOrder;
    OrderlyEvents.Every_event_is_in_order(k, e);
    Replay.StepIs(k, e);
    assert Step.Nothing(k).acts == [] by { reveal Step.Nothing; }
    var acts := Replay.Acts(k, e);
    match e
    case Begin(bundle, _) => Confinement.BootBegin(k, bundle);
    case Boot(w, size, now) => Confinement.Boot(k, w, size, now);
    case Hypercall(now) =>
      Confinement.Called(k, now);
      assert acts == [a];
      reveal ApplyAll, AllProper;
    case _ =>
      var i :| 0 <= i < |acts| && acts[i] == a;
      reveal Authority.AtMostEnds;
      Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, acts[i]);
  }
  lemma OneDelegation(s: Structure, a: Action, i: u32, j: u32)
    requires Tables(s) && Gives(a, i, j) && Proper(s, a) && i < NCAP && j < NCAP
    ensures var t := A.Apply(s, a).caps;
      Tables(A.Apply(s, a)) && t[j].kind != Kinds.None && t[j].gen == s.caps[j].gen + 1 && t[j].depth > 0 && t[j].parent == i &&
        t[j].pgen == s.caps[i].gen
  {}
  lemma Linked(u: seq<Cap>, t: seq<Cap>, j: u32, h: u32)
    requires D.Older(u, t) && j < NCAP && u[j].kind != Kinds.None && u[j].gen == h && u[j].depth > 0 && u[j].parent < NCAP && C.Live(t, j, h)
    ensures C.Live(t, u[j].parent, u[j].pgen)
  {
    assert D.Ages(u[j as int], t[j as int]);
    MoreLinks(t, u[j].parent, u[j].pgen, MAXDEPTH - 1, MAXDEPTH);
  }
  /** What comes after the first n events. */
  lemma Rest(k: Kernel, es: seq<Step.Event>, n: nat)
    requires StepPreservesValid.First(k) && V.Valid(k) && n <= |es|
    ensures Inv(At(k, es, n).st) && Inv(StepPreservesValid.After(k, es).st) && Later(At(k, es, n).st, StepPreservesValid.After(k, es).st)
  {
    hide *;
    reveal At;
    assert es[..n] + es[n..] == es;
    Onwards(k, es[..n], es[n..]);
  }

  // ---- revocation -----------------------------------------------------------------------------------------------------------------------

  /** Some action revokes entry i. */
  ghost predicate RevokesIn(acts: seq<Action>, i: u32) { exists x :: 0 <= x < |acts| && Cancels(acts[x], i) }
  lemma Bumped(s: Structure, acts: seq<Action>, i: u32)
    requires Inv(s) && AllProper(s, acts) && i < NCAP && RevokesIn(acts, i)
    ensures var t := ApplyAll(s, acts); Tables(t) && s.caps[i].gen < t.caps[i].gen
    decreases |acts|
  {
    var x :| 0 <= x < |acts| && Cancels(acts[x], i);
    var a, s1 := acts[0], A.Apply(s, acts[0]);
    OneAction(s, a);
    Several(s1, acts[1..]);
    assert D.Ages(s.caps[i as int], s1.caps[i as int]);
    assert D.Ages(s1.caps[i as int], ApplyAll(s1, acts[1..]).caps[i as int]);
    if x == 0 { assert Proper(s, a) && s1.caps[i].gen == s.caps[i].gen + 1; }
    else {
      hide A.Apply;
      hide Proper;
      assert acts[1..][x - 1] == acts[x];
      Bumped(s1, acts[1..], i);
    }
  }
  lemma RevokedIsDead(k: Kernel, es: seq<Step.Event>, n: nat, i: u32, g: u32)
    requires StepPreservesValid.First(k) && V.Valid(k) && n < |es| && i < NCAP && Revokes(k, es, n, i, g)
    ensures var t := StepPreservesValid.After(k, es).st; Tables(t) && !C.Live(t.caps, i, g)
  {
    hide *;
    reveal Revokes, OrderlyEvents.EventInOrder;
    var s := At(k, es, n);
    Rest(k, es, n);
    assert Dated(s.st) && Tables(s.st) by { reveal Inv; }
    OrderlyEvents.Every_event_is_in_order(s, es[n]);
    Replay.StepIs(s, es[n]);
    var acts := Replay.Acts(s, es[n]);
    assert RevokesIn(acts, i) by {
      var a :| a in acts && Cancels(a, i);
      var x :| 0 <= x < |acts| && acts[x] == a;
      reveal RevokesIn;
    }
    Bumped(s.st, acts, i);
    Next(k, es, n);
    Rest(k, es, n + 1);
    var u, t := At(k, es, n + 1).st, StepPreservesValid.After(k, es).st;
    assert D.Older(u.caps, t.caps) && Tables(t) by { reveal Later, Inv; }
    Grown(u.caps, t.caps, i, g);
  }
  lemma Grown(u: seq<Cap>, t: seq<Cap>, i: u32, g: u32)
    requires D.Older(u, t) && i < NCAP && g < u[i].gen
    ensures !C.Live(t, i, g)
  {
    assert D.Ages(u[i as int], t[i as int]);
  }
  lemma DeadLine(k: Kernel, es: seq<Step.Event>, i: u32, g: u32, j: u32, h: u32, d: nat)
    requires StepPreservesValid.First(k) && V.Valid(k) && i < NCAP && j < NCAP && Descended(k, es, i, g, j, h, d)
    ensures var t := StepPreservesValid.After(k, es).st; Tables(t) && (C.Live(t.caps, j, h) ==> C.Live(t.caps, i, g))
    decreases d
  {
    hide *;
    reveal Descended;
    var t := StepPreservesValid.After(k, es).st;
    assert Tables(t) by { In_every_reachable_state(k, es); reveal Inv; }
    if d > 0 {
      var n: nat, m: u32, f: u32 :| n < |es| && m < NCAP && Delegates(k, es, n, m, f, j, h) && Descended(k, es, i, g, m, f, d - 1);
      Parentage(k, es, n, m, f, j, h);
      DeadLine(k, es, i, g, m, f, d - 1);
    }
  }

  // ---- the claims -----------------------------------------------------------------------------------------------------------------------

  /** Revocation is complete and immediate: once a capability has been revoked, at any time in the past, neither it nor any that has come from it, by
      however many delegations through whatever slots, passes a check, whatever is asked for. */
  lemma Nothing_that_came_from_a_revoked_capability_passes(k: Kernel, es: seq<Step.Event>, n: nat, i: u32, g: u32, j: u32, h: u32, d: nat, kind: u32, rights: u32)
    requires StepPreservesValid.First(k) && n < |es| && i < NCAP && j < NCAP
    ensures V.Valid(k)
    ensures var t := StepPreservesValid.After(k, es).st;
      Tables(t) && (Revokes(k, es, n, i, g) && Descended(k, es, i, g, j, h, d) ==>
        C.Check(t.caps, j / CSLOTS, C.Handle(j % CSLOTS, h), kind, rights) != Status.OK)
  {
    Initially(k);
    In_every_reachable_state(k, es);
    hide *;
    reveal Inv;
    if Revokes(k, es, n, i, g) && Descended(k, es, i, g, j, h, d) {
      RevokedIsDead(k, es, n, i, g);
      DeadLine(k, es, i, g, j, h, d);
      Unchecked(StepPreservesValid.After(k, es).st.caps, j, h, kind, rights);
    }
  }
  lemma Unchecked(t: seq<Cap>, j: u32, h: u32, kind: u32, rights: u32)
    requires C.Table(t) && j < NCAP && !C.Live(t, j, h)
    ensures C.Check(t, j / CSLOTS, C.Handle(j % CSLOTS, h), kind, rights) != Status.OK
  {
    var x := C.Handle(j % CSLOTS, h);
    assert C.Slot(x) == (j % CSLOTS) as u64 && C.Gen(x) == h;
    assert j / CSLOTS * CSLOTS + j % CSLOTS == j;
  }
  /** The same for whatever way a capability has died: dropped, lost with its holder, or itself come from one that was revoked. */
  lemma What_came_from_a_dead_capability_is_dead(k: Kernel, es: seq<Step.Event>, i: u32, g: u32, j: u32, h: u32, d: nat)
    requires StepPreservesValid.First(k) && i < NCAP && j < NCAP
    ensures V.Valid(k)
    ensures var t := StepPreservesValid.After(k, es).st; Tables(t) && (!C.Live(t.caps, i, g) && Descended(k, es, i, g, j, h, d) ==>
      !C.Live(t.caps, j, h))
  {
    Initially(k);
    In_every_reachable_state(k, es);
    hide *;
    reveal Inv;
    if Descended(k, es, i, g, j, h, d) { DeadLine(k, es, i, g, j, h, d); }
  }
  /** A handle that has been given out and does not pass never passes again, whatever happens to its slot, to the slots that it came through and
      to the object's: no new capability and no new object revives an old handle. */
  lemma What_does_not_pass_never_passes_again(k: Kernel, es: seq<Step.Event>, fs: seq<Step.Event>, i: u32, g: u32)
    requires StepPreservesValid.First(k) && i < NCAP
    ensures V.Valid(k)
    ensures var s, t := StepPreservesValid.After(k, es).st, StepPreservesValid.After(k, es + fs).st;
      Tables(s) && Tables(t) && (g <= s.caps[i].gen && !Usable(s, i, g) ==> !Usable(t, i, g))
  {
    Onwards(k, es, fs);
    var s, t := StepPreservesValid.After(k, es), StepPreservesValid.After(k, es + fs).st;
    hide *;
    assert Tables(s.st) && Tables(t) by { reveal Inv; }
    if g <= s.st.caps[i].gen && !Usable(s.st, i, g) { StaysUnusable(s, t, i, g); }
  }
  /** The object is there, and is the one that was there in state s. */
  ghost predicate Same(s: Structure, t: Structure, kind: u32, obj: u32) requires Tables(s) && Tables(t) {
    Orderly.Exists(t, kind, obj) && Generation(t, kind, obj) == Generation(s, kind, obj)
  }
  /** When a region, a partition or an edge has ended, no capability for it passes any more, also when its slot has been used again. */
  lemma A_capability_ends_with_its_object(k: Kernel, es: seq<Step.Event>, fs: seq<Step.Event>, i: u32, g: u32)
    requires StepPreservesValid.First(k) && i < NCAP
    ensures V.Valid(k)
    ensures var s, t := StepPreservesValid.After(k, es).st, StepPreservesValid.After(k, es + fs).st;
      Tables(s) && Tables(t) && var c := s.caps[i];
        (c.kind != Kinds.None && g <= c.gen && Orderly.Exists(s, c.kind, c.obj) && !Same(s, t, c.kind, c.obj) ==> !Usable(t, i, g))
  {
    Onwards(k, es, fs);
    var s, t := StepPreservesValid.After(k, es), StepPreservesValid.After(k, es + fs).st;
    SlotIs(s, i);
    Youth(s, i);
    hide StepPreservesValid.After;
    hide V.Valid;
    hide D.LinksOk;
    hide D.Older;
    hide Peopled;
    var c := s.st.caps[i];
    if c.kind != Kinds.None && g <= c.gen && Orderly.Exists(s.st, c.kind, c.obj) && !Same(s.st, t, c.kind, c.obj) && Usable(t, i, g) {
      LiveBefore(s.st, t, i, g);
      assert CapDated(s.st, c);
      Counted(s.st, t, c.kind, c.obj);
    }
  }
  lemma Youth(k: Kernel, i: u32)
    requires V.Valid(k) && i < NCAP
    ensures Sized(k) && (k.st.caps[i].kind != Kinds.None ==> k.st.caps[i].ogen <= GENMAX)
  {
    reveal V.Aged();
    assert V.Older(k.st, k.st.caps[i as int]);
  }
  lemma Counted(s: Structure, t: Structure, kind: u32, obj: u32)
    requires Later(s, t)
    ensures Generation(s, kind, obj) <= Generation(t, kind, obj)
  {
    hide D.Older;
    if kind == Kinds.Region && obj < NREGION { assert LaterRegion(s.memory.regions[obj], t.memory.regions[obj]); }
    else if kind == Kinds.Partition && obj < NPART { assert LaterPart(s.parts[obj], t.parts[obj]); }
    else if kind == Kinds.CommEdge && obj < NEDGE { assert LaterEdge(s.edges[obj], t.edges[obj]); }
  }
  /** Generations of capability slots, partitions, regions and edges only grow. */
  lemma Generations_only_grow(k: Kernel, es: seq<Step.Event>, fs: seq<Step.Event>, i: u32, kind: u32, obj: u32)
    requires StepPreservesValid.First(k) && i < NCAP
    ensures V.Valid(k)
    ensures var s, t := StepPreservesValid.After(k, es).st, StepPreservesValid.After(k, es + fs).st;
      Tables(s) && Tables(t) && s.caps[i].gen <= t.caps[i].gen && Generation(s, kind, obj) <= Generation(t, kind, obj)
  {
    Onwards(k, es, fs);
    var s, t := StepPreservesValid.After(k, es).st, StepPreservesValid.After(k, es + fs).st;
    hide *;
    assert Tables(s) && Tables(t) by { reveal Inv; }
    assert D.Older(s.caps, t.caps) by { reveal Later; }
    assert D.Ages(s.caps[i as int], t.caps[i as int]) by { reveal D.Older; }
    reveal D.Ages;
    Counted(s, t, kind, obj);
  }
}
