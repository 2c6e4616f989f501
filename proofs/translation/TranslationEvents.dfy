include "TranslationCalls.dfy"

/** Every event changes the maps in one of three ways, with the effects that this way needs: what makes a partition, what boots, all together. */
module {:compile false} TranslationEvents {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Descriptors
  import opened TranslationCalls
  import R = TranslationRuns
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DP = DecidePartition
  import DT = DecideTask
  import G = DecidePolicy
  import GateKept
  import Step
  import Kinds
  import StructureKept
  import CommitKept
  import Replay

  // ---- a new partition --------------------------------------------------------------------------------------------------------------

  lemma TameGrows(s: Structure, a: Action)
    requires Tables(s) && Tame(a)
    ensures A.Apply(s, a).maps == s.maps
  {
    hide C.Mint;
    hide C.Derive;
    hide C.Revoke;
    hide C.Drop;
    hide E.Create;
    hide E.Destroy;
    hide M.Create;
  }
  lemma TameAdds(s: Structure, acts: seq<Action>)
    requires Tables(s) && AllTame(acts)
    ensures Adds(s, acts) && ApplyAll(s, acts).maps == s.maps
    decreases |acts|
  {
    hide A.Apply;
    if |acts| > 0 {
      TameGrows(s, acts[0]);
      TameAdds(A.Apply(s, acts[0]), acts[1..]);
    }
  }
  lemma AddsFirst(s: Structure, a: Action, acts: seq<Action>)
    requires Tables(s) && AllGrow(s.maps, A.Apply(s, a).maps) && Adds(A.Apply(s, a), acts)
    ensures Adds(s, [a] + acts)
  {
    hide A.Apply;
    assert ([a] + acts)[1..] == acts;
  }
  lemma AddsBoth(s: Structure, a: seq<Action>, b: seq<Action>)
    requires Tables(s) && Adds(s, a) && Adds(ApplyAll(s, a), b)
    ensures Adds(s, a + b)
    decreases |a|
  {
    hide A.Apply;
    if |a| == 0 { assert a + b == b; }
    else {
      assert (a + b)[1..] == a[1..] + b;
      AddsBoth(A.Apply(s, a[0]), a[1..], b);
    }
  }
  /** A new region, and pages of it mapped where none are. */
  lemma FillingAdds(s: Structure, who: u32, p: u32, r: u32, policy: u32, pages: u64, frame: u64, page: u32, n: u32, perm: u32)
    requires Tables(s) && p < NPART && page as int + n as int <= IPAPAGES as int && M.Unmapped(s.maps[p], page, n)
    ensures var acts := [RegionCreate(who, r, p, policy, pages, frame), RegionMap(who, p, r, page, 0, n, perm)];
      Adds(s, acts) && forall w :: w in ApplyAll(s, acts).maps[p].pages ==> w in s.maps[p].pages || M.InRun(w, page, n)
  {
    var c, a := RegionCreate(who, r, p, policy, pages, frame), RegionMap(who, p, r, page, 0, n, perm);
    var s1 := A.Apply(s, c);
    TameGrows(s, c);
    OneMapped(s1, who, p, r, page, 0, n, perm);
    if Applicable(s1, a) { MappingGrows(s1.maps[p], page, n, s1.memory.regions[r].frame + 0, perm, r); }
    assert A.Apply(s1, a).maps[p] == s1.maps[p] || Applicable(s1, a);
    assert forall w :: w in A.Apply(s1, a).maps[p].pages ==> w in s.maps[p].pages || M.InRun(w, page, n) by { hide M.MapRange; hide M.Create; }
    hide A.Apply;
    StructureKept.Two(s, c, a);
    assert Adds(A.Apply(s1, a), []);
    AddsFirst(s1, a, []);
    AddsFirst(s, c, [a]);
    assert [c] + [a] == [c, a] && [a] + [] == [a];
  }
  /** Making a partition only adds to the maps: its own was empty, and the data are mapped behind the code. */
  lemma MakingAdds(s: Structure, who: u32, x: DP.Plan, i: Image, w: DP.Places)
    requires Tables(s) && V.ImageOk(i) && x.p < NPART && s.maps[x.p] == M.EmptyMap
    ensures Adds(s, DP.Making(who, x, i, w))
  {
    var head, code, data := StructureKept.Head(who, x), StructureKept.Code(who, x, i, w), StructureKept.Data(who, x, i, w);
    var quota := StructureKept.Quota(who, x);
    StructureKept.MakingIs(who, x, i, w);
    var s1 := A.Apply(s, head[0]);
    assert s1.maps == s.maps;
    hide DP.Making;
    hide A.Apply;
    TameAdds(s1, [head[1], quota]);
    var s2 := ApplyAll(s1, [head[1], quota]);
    FillingAdds(s2, who, x.p, w.code, Kinds.Immutable, i.code, w.codeFrame, i.page as u32, i.code as u32, Kinds.PermRX);
    var s3 := ApplyAll(s2, code);
    assert Adds(s3, data) by {
      if i.data == 0 { reveal Adds; }
      else { FillingAdds(s3, who, x.p, w.data, Kinds.Slab, i.data, w.dataFrame, (i.page + i.code) as u32, i.data as u32, Kinds.PermRW); }
    }
    hide ApplyAll;
    AddsBoth(s2, code, data);
    AddsBoth(s1, [head[1], quota], code + data);
    AddsFirst(s, head[0], [head[1], quota] + (code + data));
    assert head + ([quota] + (code + data)) == [head[0]] + ([head[1], quota] + (code + data));
  }
  lemma Filled(x: DP.Plan, i: Image, w: DP.Places)
    requires V.ImageOk(i)
    ensures Synced(DP.Filling(x, i, w))
  {
    hide M.Fits;
    var effects := DP.Filling(x, i, w);
    assert R.Syncs(effects[|effects| - 1]);
  }
  lemma FreeIsEmpty(k: Kernel)
    requires V.Valid(k)
    ensures Tables(k.st) && (S.FreeFrom(k.st.parts, 1) < NPART ==> k.st.maps[S.FreeFrom(k.st.parts, 1)] == M.EmptyMap)
  {
    CommitKept.FreeSlot(k.st.parts, 1);
    var p := S.FreeFrom(k.st.parts, 1);
    if p < NPART { assert k.st.maps[p] == k.st.maps[p]; }
  }
  lemma Created(k: Kernel)
    requires Runs(k)
    ensures Ok(k, DP.PartitionCreate_(k))
  {
    Answers(k);
    var v := DP.PartitionCreate_(k);
    var image := Arg(k, 2);
    FreeIsEmpty(k);
    if image < |k.images| as u64 && S.FreeFrom(k.st.parts, 1) < NPART {
      var i, p, slot := k.images[image], S.FreeFrom(k.st.parts, 1), C.FreeSlot(k.st.caps, Me(k));
      assert V.ImageOk(i);
      var w := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, image, k.st.parts[Me(k)].slice, k.st.parts[Me(k)].rel, Arg(k, 4), Arg(k, 5), Arg(k, 3), 0);
      MakingAdds(k.st, Me(k), x, i, w);
      Filled(x, i, w);
      var grant := [Action.CapGrant(Me(k), Me(k), slot, Kinds.Partition, x.p, DP.OWNER_RIGHTS)];
      TameAdds(ApplyAll(k.st, DP.Making(Me(k), x, i, w)), grant);
      AddsBoth(k.st, DP.Making(Me(k), x, i, w), grant);
    }
    hide V.Valid;
    hide V.ImageOk;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide C.FreeFrom;
    hide S.FreeFrom;
    hide W.Room;
    hide ApplyAll;
    hide Adds;
  }

  // ---- every event ------------------------------------------------------------------------------------------------------------------

  lemma Standard(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures Ok(k, Step.StandardCall(k, f, now))
  {
    hide *;
    reveal Runs, Step.StandardCall, Ok, Quiet, Handled;
    Replay.HasTables(k);
    Answers(k);
    CalmCalls(k, now);
    Exiting(k, 0, now);
  }
  lemma Row(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS
    ensures Ok(k, Step.Row(k, n, now))
  {
    hide *;
    reveal Runs, Arg, Step.Row, Limits.LO32, CALLS;
    Replay.HasTables(k);
    Answers(k);
    CalmCalls(k, now);
    QuietCalls(k, now);
    RegionMapped(k);
    RegionUnmapped(k);
    DeviceLeases(k, now);
    Created(k);
    Terminating(k, now);
    forall status: u64 ensures Ok(k, DT.Exit(k, status, now)) { Exiting(k, status, now); }
    var v := Step.Row(k, n, now);
    if Quiet(v) { reveal Quiet, Ok, Handled; }
  }
  /** The record of a proof adds nothing to the maps. */
  lemma Proving(k: Kernel, v: Verdict, a: Action)
    requires V.Valid(k) && Ok(k, v) && GateKept.AllSeal(v.acts) && a.Proved?
    ensures Ok(k, v.(acts := v.acts + [a]))
  {
    Replay.HasTables(k);
    hide V.Valid;
    var u := v.(acts := v.acts + [a]);
    assert !Ends(k.st, v.acts, v.effects);
    if Unmaps(k.st, v.acts, v.effects) {
      assert u.acts[1..] == v.acts[1..] + [a];
      assert Unmaps(k.st, u.acts, u.effects);
      return;
    }
    hide Unmaps;
    hide Ends;
    hide Synced;
    hide GateKept.Seals;
    if AllTame(v.acts) { assert AllTame(u.acts); }
    else {
      TameAdds(ApplyAll(k.st, v.acts), [a]);
      hide ApplyAll;
      hide AllTame;
      hide Adds;
      AddsBoth(k.st, v.acts, [a]);
      assert Maps(k.st, u.acts, u.effects);
    }
  }
  lemma Gated(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n)
    ensures Ok(k, G.Gate(k, n, now, Step.Row(k, n, now)))
  {
    var v, g := Step.Row(k, n, now), G.Gate(k, n, now, Step.Row(k, n, now));
    hide *;
    reveal Runs, Limits.LO32, CALLS, G.Decidable;
    Replay.HasTables(k);
    Row(k, n, now);
    Answers(k);
    GateKept.Cases(k, n, now, v);
    if GateKept.Stopped(k, n, g) {
      GateKept.StoppedIs(k, n, g);
      reveal Quiet, Ok, Handled;
    } else if g != v {
      GateKept.SealedActs(k, n, now);
      reveal GateKept.WithProof, GateKept.Proof, G.Acted;
      Proving(k, v, GateKept.Proof(k, n, now));
    }
  }
  lemma Called(k: Kernel, now: u64)
    requires Runs(k)
    ensures Ok(k, Step.Call(k, now))
  {
    hide *;
    reveal Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    var f := Arg(k, 0) % LO32;
    Standard(k, f, now);
    if CALLS <= f {
      Row(k, f - CALLS, now);
      if G.Decidable(f - CALLS) { Gated(k, f - CALLS, now); }
    }
  }

  /** What an answer to a boot command makes hardware do. */
  ghost function Ordered(a: B.Answer): seq<Effect> { if a.Done? || a.Begun? || a.Over? then a.v.effects else [] }
  ghost predicate Booted(k: Kernel, a: B.Answer) requires V.Valid(k) { Handled(k.st, Replay.Asked(a), Ordered(a)) }
  lemma BootOthers(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Booted(k, B.RegionCommand(k, w)) && Booted(k, B.EdgeCommand(k, w)) && Booted(k, B.CapCommand(k, w))
    ensures Booted(k, B.ImageCommand(k, w, size)) && Booted(k, B.StartCommand(k, w, now)) && Booted(k, B.SharedCommand(k, w, size))
    ensures Booted(k, B.DeviceCommand(k, w)) && Booted(k, B.EndCommand(k, now)) && forall s: u64 :: Booted(k, B.No(s))
  {
    hide M.Pick;
    hide M.PickFrame;
    hide M.ReuseFrom;
    hide M.DeviceFree;
    hide M.Fits;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide S.FreeFrom;
    hide S.MakeReady;
    hide S.Dispatch;
    hide W.Room;
    hide Maps;
    hide Unmaps;
    hide Ends;
  }
  lemma BootBegun(k: Kernel, b: seq<u64>)
    requires V.Valid(k)
    ensures Booted(k, B.Begin(k, b))
  {
    hide B.HashOf;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
    hide W.Room;
    hide Maps;
    hide Unmaps;
    hide Ends;
  }
  lemma BootMapped(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Booted(k, B.MapCommand(k, w))
  {
    hide V.Valid;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide W.Room;
    hide A.Apply;
    var a := B.MapCommand(k, w);
    if a.Done? {
      var p, r, page, first, n, perm := w[1], w[2], w[3], w[4], w[5], w[6];
      assert page * 4096 / 4096 == page;
      OneMapped(k.st, 0, p as u32, r as u32, page as u32, first, n as u32, perm as u32) by { reveal V.Valid; }
      OneAdds(k.st, a.v.acts[0], a.v.effects) by { reveal V.Valid; }
    }
  }
  lemma BootMade(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Booted(k, B.PartitionCommand(k, w))
  {
    FreeIsEmpty(k);
    var a := B.PartitionCommand(k, w);
    if a.Done? {
      var image, p := w[1], S.FreeFrom(k.st.parts, 1);
      var i := k.images[image];
      assert V.ImageOk(i);
      var l := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, image, w[2], w[3], w[5], w[4], w[6], w[7]);
      MakingAdds(k.st, 0, x, i, l);
      Filled(x, i, l);
    }
    hide V.Valid;
    hide V.ImageOk;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide S.FreeFrom;
    hide W.Room;
    hide Adds;
  }
  /** Every event only adds to the maps, and then a barrier follows; or takes out pages or a whole map, and then their invalidation follows. */
  lemma Every_event_is_handled(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures Tables(k.st) && Handled(k.st, Replay.Acts(k, e), Step.Step(k, e).effects)
  {
    hide *;
    reveal Replay.Acts, Step.Decide, Step.Step, Runs, Ok, Booted;
    Replay.HasTables(k);
    assert Handled(k.st, [], []) by { reveal Handled, AllTame; }
    match e
    case Begin(bundle, now) =>
      BootBegun(k, bundle);
      BootOthers(k, [0, 0, 0, 0, 0, 0, 0, 0], 0, now);
      reveal Step.BeginStep, Step.Settle, Replay.Asked, Ordered;
    case Boot(w, size, now) =>
      BootOthers(k, w, size, now);
      BootMapped(k, w);
      BootMade(k, w);
      assert Booted(k, B.Command(k, w, size, now)) by { reveal B.Command; }
      reveal Step.BootStep, Step.Settle, Replay.Asked, Ordered;
    case Tick(now) => Ticked(k, now);
    case Hypercall(now) =>
      assert Step.Nothing(k).acts == [] && Step.Nothing(k).effects == [] by { reveal Step.Nothing; }
      if k.vol.sched.cur != 0 { Called(k, now); }
    case Trap(esr, far, ipa, vbar, now) =>
      assert Step.Nothing(k).acts == [] && Step.Nothing(k).effects == [] by { reveal Step.Nothing; }
      if k.vol.sched.cur != 0 { Trapped(k, esr, far, ipa, vbar, now); }
    case Ran(_, _) => assert Step.Decide(k, e).acts == [] && Step.Decide(k, e).effects == [] by { reveal Step.Nothing, Step.Left; }
  }
}
