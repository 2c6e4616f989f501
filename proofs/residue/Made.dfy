include "../reachable/Reachable.dfy"

/** What is new after an event was made by one of its actions, and begins blank. */
module {:compile false} Made {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Orderly
  import opened Reachable
  import C = Capabilities
  import D = CapabilityTheorems
  import E = Edges
  import M = Memory
  import V = Valid
  import Step
  import OrderlyEvents
  import Replay
  import Residue

  ghost predicate Makes(acts: seq<Action>, g: Region) {
    exists i :: 0 <= i < |acts| && acts[i].RegionCreate? && acts[i].policy == g.policy && acts[i].pages == g.pages && acts[i].frame == g.frame
  }
  ghost predicate MakesPart(acts: seq<Action>, p: u32) { exists i :: 0 <= i < |acts| && acts[i].PartitionCreate? && acts[i].p == p }
  ghost predicate MakesEdge(acts: seq<Action>, e: u32) { exists i :: 0 <= i < |acts| && acts[i].EdgeCreate? && acts[i].e == e }
  /** The region has the same owner, in the same generation, as before, or is everybody's as before, or nobody's. */
  ghost predicate SameOwner(s: Structure, t: Structure, r: u32) requires Tables(s) && Tables(t) && r < NREGION {
    var g := t.memory.regions[r];
    g.owner == 0 || (g == s.memory.regions[r] && (g.owner == EVERYBODY || (g.owner < NPART && t.parts[g.owner].gen == s.parts[g.owner].gen)))
  }
  ghost predicate Traced(s: Structure, acts: seq<Action>, t: Structure) requires Tables(s) && Tables(t) {
    && (forall r: u32 {:trigger t.memory.regions[r]} :: r < NREGION ==> SameOwner(s, t, r) || Makes(acts, t.memory.regions[r]))
    && (forall p: u32 {:trigger t.parts[p]} :: p < NPART ==> t.parts[p].gen == s.parts[p].gen || MakesPart(acts, p))
    && (forall e: u32 {:trigger t.edges[e]} :: e < NEDGE ==> t.edges[e].gen == s.edges[e].gen || MakesEdge(acts, e))
  }
  lemma OneTraced(s: Structure, a: Action)
    requires Inv(s) && Proper(s, a)
    ensures Traced(s, [a], A.Apply(s, a))
  {
    if a.PartitionEnd? && 0 < a.p < NPART { Ended(s, a.p); }
    hide D.LinksOk;
    hide Dated;
    hide A.End;
    hide C.Mint;
    hide C.Derive;
    hide C.Revoke;
    hide C.Drop;
    hide M.MapRange;
    hide M.UnmapRange;
    assert [a][0] == a;
    var t := A.Apply(s, a);
    forall r: u32 | r < NREGION ensures SameOwner(s, t, r) || Makes([a], t.memory.regions[r]) {
      assert s.memory.regions[r].owner == 0 || MayOwn(s, s.memory.regions[r].owner);
    }
  }
  lemma AllTraced(s: Structure, acts: seq<Action>)
    requires Inv(s) && AllProper(s, acts)
    ensures Traced(s, acts, ApplyAll(s, acts))
    decreases |acts|
  {
    hide A.Apply;
    hide Proper;
    if |acts| > 0 {
      var a, s1, t := acts[0], A.Apply(s, acts[0]), ApplyAll(s, acts);
      OneTraced(s, a);
      OneAction(s, a);
      AllTraced(s1, acts[1..]);
      hide Inv;
      hide ApplyAll;
      forall r: u32 | r < NREGION ensures SameOwner(s, t, r) || Makes(acts, t.memory.regions[r]) {
        var g := t.memory.regions[r];
        if Makes(acts[1..], g) { var i :| 0 <= i < |acts[1..]| && acts[1..][i].RegionCreate? && acts[1..][i].policy == g.policy &&
          acts[1..][i].pages == g.pages && acts[1..][i].frame == g.frame; assert acts[i + 1] == acts[1..][i]; }
        else {
          assert SameOwner(s1, t, r);
          assert s1.memory.regions[r] == s1.memory.regions[r];
          assert SameOwner(s, s1, r) || Makes([a], s1.memory.regions[r]);
        }
      }
      forall p: u32 | p < NPART ensures t.parts[p].gen == s.parts[p].gen || MakesPart(acts, p) {
        if MakesPart(acts[1..], p) { var i :| 0 <= i < |acts[1..]| && acts[1..][i].PartitionCreate? && acts[1..][i].p == p;
          assert acts[i + 1] == acts[1..][i]; }
        else { assert s1.parts[p].gen == s.parts[p].gen || MakesPart([a], p); }
      }
      forall e: u32 | e < NEDGE ensures t.edges[e].gen == s.edges[e].gen || MakesEdge(acts, e) {
        if MakesEdge(acts[1..], e) { var i :| 0 <= i < |acts[1..]| && acts[1..][i].EdgeCreate? && acts[1..][i].e == e;
          assert acts[i + 1] == acts[1..][i]; }
        else { assert s1.edges[e].gen == s.edges[e].gen || MakesEdge([a], e); }
      }
    }
  }
  /** What an event changes was made by its actions, and began blank. */
  lemma Changed(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Inv(k.st)
    ensures Traced(k.st, Replay.Acts(k, e), Step.Step(k, e).k.st) && OrderlyEvents.EventInOrder(k, e)
  {
    OrderlyEvents.Every_event_is_in_order(k, e);
    Replay.StepIs(k, e);
    hide V.Valid;
    hide Step.Step;
    hide Replay.Acts;
    hide Blank;
    AllTraced(k.st, Replay.Acts(k, e));
  }
  /** A partition with a new generation has the registers of a new partition. */
  lemma NewPart(k: Kernel, e: Step.Event, p: u32)
    requires V.Valid(k) && Inv(k.st) && V.Valid(Step.Step(k, e).k) && p < NPART && Step.Step(k, e).k.st.parts[p].gen != k.st.parts[p].gen
    ensures exists i: int :: 0 <= i < |k.images| && Residue.NewRegisters(Step.Step(k, e).k.vol.regs, p, k.images[i].entry)
  {
    Changed(k, e);
    var n, acts := Step.Step(k, e), Replay.Acts(k, e);
    assert MakesPart(acts, p);
    hide V.Valid;
    hide Step.Step;
    hide Replay.Acts;
    hide Inv;
    hide AllProper;
    var j :| 0 <= j < |acts| && acts[j].PartitionCreate? && acts[j].p == p;
    assert Blank(k, acts[j], n.k.vol, n.effects);
    assert Residue.NewRegisters(n.k.vol.regs, p, k.images[acts[j].image as int].entry);
  }
  /** An edge with a new generation has an empty queue. */
  lemma NewEdge(k: Kernel, e: Step.Event, i: u32)
    requires V.Valid(k) && Inv(k.st) && V.Valid(Step.Step(k, e).k) && i < NEDGE && Step.Step(k, e).k.st.edges[i].gen != k.st.edges[i].gen
    ensures Step.Step(k, e).k.vol.queues[i] == E.EmptyQueue
  {
    Changed(k, e);
    var n, acts := Step.Step(k, e), Replay.Acts(k, e);
    assert MakesEdge(acts, i);
    assert |n.k.vol.queues| == NEDGE as int;
    hide V.Valid;
    hide Step.Step;
    hide Replay.Acts;
    hide Inv;
    hide AllProper;
    var j :| 0 <= j < |acts| && acts[j].EdgeCreate? && acts[j].e == i;
    assert Blank(k, acts[j], n.k.vol, n.effects);
  }
}
