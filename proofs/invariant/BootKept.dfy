include "CallsKept.dfy"

/** Every command of the boot bundle leaves a valid state. */
module {:compile false} BootKept {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened CommitKept
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DE = DecideEdge
  import DP = DecidePartition
  import DR = DecideRegion
  import Step
  import Kinds
  import Status
  import Rights
  import EndsKept
  import StructureKept
  import AgesKept
  import RegionFacts
  import ObjectsKept
  import CallsKept

  ghost predicate Keeps(k: Kernel, a: B.Answer, now: u64) requires V.Valid(k) { V.Valid(Step.Settle(k, a, now).k) }

  /** A verdict that is carried out, and the boot's end with it perhaps. */
  lemma Carried(k: Kernel, v: Verdict, now: u64)
    requires V.Valid(k) && CallsKept.Keeps(k, v, now)
    ensures Keeps(k, B.Done(v), now) && Keeps(k, B.Over(v), now)
  {
    var k' := Step.Commit(k, v, now);
    hide Step.Commit;
    assert V.Valid(k'.(booting := false)) by {
      InParts(k');
      hide V.Valid;
      Together(k'.(booting := false));
    }
  }
  lemma Refused(k: Kernel)
    requires V.Valid(k)
    ensures forall s: u64 {:trigger B.No(s)} :: forall now: u64 :: Keeps(k, B.No(s), now)
  {}
  /** One record of the hypervisor's, and no structure but capabilities changes. */
  lemma Recorded(k: Kernel, v: Verdict, a: Action, now: u64)
    requires V.Valid(k) && v.acts == [a] && Rest(k.st.parts, k.st.edges, v.vol) && v.vol.halted == k.vol.halted
    requires StructureKept.Fine(k.st, a) && EndsKept.Plain(a) && Charged(a) == 0 && W.Room(k.log, 0, 1)
    ensures Keeps(k, B.Done(v), now) && Keeps(k, B.Over(v), now)
  {
    assert Calm(k, v, 0) by { reveal Calm(); }
    hide V.Valid;
    hide Step.Commit;
    CalmKeeps(k, v, now, 0);
    Carried(k, v, now);
  }

  lemma Begin(k: Kernel, b: seq<u64>, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.Begin(k, b), now)
  {
    InParts(k);
    Refused(k);
    hide V.Valid;
    hide Keeps;
    hide B.HashOf;
    hide W.Room;
    hide Rest;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
    hide Step.Commit;
    var a := B.Begin(k, b);
    if a.Begun? {
      assert Calm(k, a.v, 0) by { reveal Calm(); }
      CalmKeeps(k, a.v, now, 0);
      WithPolicies(Step.Commit(k, a.v, now), a.policies);
      reveal Keeps;
    }
  }
  lemma WithPolicies(k: Kernel, ps: seq<Ruleset>)
    requires V.Valid(k) && |ps| <= NPOLICY as int
    ensures V.Valid(k.(policies := ps))
  {
    InParts(k);
    hide V.Valid;
    Together(k.(policies := ps));
  }
  lemma Image(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.ImageCommand(k, w, size), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide M.Fits;
    var a := B.ImageCommand(k, w, size);
    if a.Loaded? {
      assert a.i.offset as int + a.i.bytes as int <= size as int * 8;
      assert V.ImageOk(a.i);
      hide V.ImageOk;
      assert Images(k.images + [a.i]) by { reveal Images(); }
      Together(k.(images := k.images + [a.i]));
    }
  }
  lemma Device(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.DeviceCommand(k, w), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide M.DeviceAllowed;
    var a := B.DeviceCommand(k, w);
    if a.Listed? {
      assert V.DeviceOk(k.machine, a.d);
      assert Devices(k.machine, k.devices + [a.d]) by { reveal Devices(); }
      Together(k.(devices := k.devices + [a.d]));
    }
  }
  lemma Partition(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.PartitionCommand(k, w), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide Keeps;
    hide S.FreeFrom;
    hide DP.Place;
    hide DP.Making;
    hide DP.Filling;
    hide DP.Prepared;
    hide W.Room;
    var a := B.PartitionCommand(k, w);
    if a.Done? {
      var image, slice, rel, budget, quota := w[1], w[2], w[3], w[4], w[5];
      OneImage(k.images, image);
      var i, p := k.images[image], S.FreeFrom(k.st.parts, 1);
      FreeSlot(k.st.parts, 1);
      var l := DP.Place(k.st.memory, i, p);
      var x := DP.Plan(p, image, slice, rel, quota, budget, w[6], w[7]);
      assert |DP.Prepared(k.vol, x, i.entry).regs| == NCTX as int by { reveal DP.Prepared; }
      assert DP.Making(0, x, i, l) + [] == DP.Making(0, x, i, l);
      MadeKeeps(k, 0, x, i, l, [], a.v, now);
      Carried(k, a.v, now);
    }
  }
  /** A region and a capability for it. */
  lemma Given(k: Kernel, v: Verdict, r: Action, c: Action, now: u64)
    requires V.Valid(k) && v.acts == [r, c] && v.vol == k.vol && r.RegionCreate? && r.who == 0 && c.CapGrant? && c.who == 0 && W.Room(k.log, 0, 2)
    requires var s := A.Apply(k.st, r); StructureKept.Ok(k.machine, s) && s.parts == k.st.parts && s.edges == k.st.edges && AgesKept.Exists(s, c.kind, c.target)
    ensures Keeps(k, B.Done(v), now)
  {
    InParts(k);
    hide V.Valid;
    hide A.Apply;
    hide W.Room;
    hide Rest;
    StructureKept.Two(k.st, r, c);
    StructureKept.Quieted(k.machine, A.Apply(k.st, r), c);
    hide ApplyAll;
    hide Step.Commit;
    hide Keeps;
    ChargedTo(k, v, now, 0);
    Carried(k, v, now);
  }
  /** A new region exists. */
  lemma Owned(s: Structure, r: u32, owner: u32, policy: u32, pages: u64, frame: u64)
    requires A.Tables(s) && r < NREGION && owner != 0 && s.memory.regions[r].gen <= GENMAX
    ensures AgesKept.Exists(A.Apply(s, RegionCreate(0, r, owner, policy, pages, frame)), Kinds.Region, r)
  {}
  lemma Region(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.RegionCommand(k, w), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide Keeps;
    hide M.Pick;
    hide M.PickFrame;
    hide M.ReuseFrom;
    hide M.DeviceFree;
    hide M.Create;
    hide C.FreeFrom;
    hide W.Room;
    hide A.Apply;
    var a := B.RegionCommand(k, w);
    if a.Done? {
      var owner, policy, pages, frame, rights := w[1], w[2], w[3], w[4], w[5];
      var slot := C.FreeSlot(k.st.caps, owner as u32);
      RegionFacts.ReuseIsFree(k.st.memory, 0, 0);
      RegionFacts.ReuseIsFree(k.st.memory, pages, 0);
      if policy == Kinds.Device as u64 {
        StructureKept.Leased(k.machine, k.st, 0, owner as u32, pages, frame);
        var r := M.VirginFrom(k.st.memory, 0);
        Owned(k.st, r, owner as u32, Kinds.Device, pages, frame);
        Given(k, a.v, RegionCreate(0, r, owner as u32, policy as u32, pages, frame), CapGrant(0, owner as u32, slot, Kinds.Region, r, rights as u32), now);
      } else {
        StructureKept.Allotted(k.machine, k.st, 0, owner as u32, policy as u32, pages);
        var r := M.Pick(k.st.memory, pages);
        assert k.st.memory.regions[r].gen <= GENMAX by { reveal M.Pick; }
        Owned(k.st, r, owner as u32, policy as u32, pages, M.PickFrame(k.st.memory, pages));
        Given(k, a.v, RegionCreate(0, r, owner as u32, policy as u32, pages, M.PickFrame(k.st.memory, pages)), CapGrant(0, owner as u32, slot, Kinds.Region, r, rights as u32), now);
      }
    }
  }
  lemma Shared(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.SharedCommand(k, w, size), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide Keeps;
    hide M.Pick;
    hide M.PickFrame;
    hide M.Create;
    hide W.Room;
    hide A.Apply;
    var a := B.SharedCommand(k, w, size);
    if a.Done? {
      StructureKept.Allotted(k.machine, k.st, 0, EVERYBODY, Kinds.Shared, w[1]);
      Single(k, a.v, a.v.acts[0], now);
      Carried(k, a.v, now);
    }
  }
  lemma Map(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.MapCommand(k, w), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide Keeps;
    hide M.Permits;
    hide M.Fits;
    hide M.Unmapped;
    hide W.Room;
    hide A.Apply;
    var a := B.MapCommand(k, w);
    if a.Done? {
      var p, r, page, first, n, perm := w[1], w[2], w[3], w[4], w[5], w[6];
      assert page * 4096 / 4096 == page;
      StructureKept.Mapped(k.machine, k.st, 0, p as u32, r as u32, page as u32, first, n as u32, perm as u32);
      Single(k, a.v, Action.RegionMap(0, p as u32, r as u32, page as u32, first, n as u32, perm as u32), now);
      Carried(k, a.v, now);
    }
  }
  lemma Edge(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.EdgeCommand(k, w), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide Keeps;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide DE.Connect;
    hide W.Room;
    var a := B.EdgeCommand(k, w);
    if a.Done? {
      var src, dst, cap, rs, rd := w[1], w[2], w[3], w[4], w[5];
      var e, ss, ds := E.FreeFrom(k.st.edges, 0), C.FreeSlot(k.st.caps, src as u32), C.FreeSlot(k.st.caps, dst as u32);
      CallsKept.Connected(k, a.v, 0, e, src as u32, ss, dst as u32, ds, cap as u32, rs as u32, rd as u32, now);
      Carried(k, a.v, now);
    }
  }
  /** What can be granted exists. */
  lemma Present(k: Kernel, kind: u64, obj: u64)
    requires V.Valid(k) && B.Grantable(k, kind, obj)
    ensures kind < LO32 && obj < LO32 && AgesKept.Exists(k.st, kind as u32, obj as u32)
  {
    if kind == Kinds.Partition as u64 { AgesKept.Bound(k.st, obj as u32); }
    else if kind == Kinds.Region as u64 { assert M.RegionOk(k.st.memory, k.st.memory.regions[obj as int]); }
  }
  lemma Cap(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.CapCommand(k, w), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide Keeps;
    hide C.FreeFrom;
    hide W.Room;
    hide B.Grantable;
    var a := B.CapCommand(k, w);
    if a.Done? {
      Present(k, w[2], w[3]);
      Recorded(k, a.v, a.v.acts[0], now);
    }
  }
  lemma Start(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.StartCommand(k, w, now), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide Keeps;
    hide W.Room;
    hide S.MakeReady;
    var a := B.StartCommand(k, w, now);
    if a.Done? {
      CallsKept.StartKeeps(k, a.v, 0, w[1] as u32, k.st.parts[w[1]].rel, now);
      Carried(k, a.v, now);
    }
  }
  lemma End(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.EndCommand(k, now), now)
  {
    Refused(k);
    InParts(k);
    hide V.Valid;
    hide Step.Commit;
    hide Keeps;
    hide W.Room;
    hide S.FreeFrom;
    hide S.Dispatch;
    var a := B.EndCommand(k, now);
    if a.Over? {
      ObjectsKept.Dispatched(k.st.parts, k.vol.sched, now);
      Recorded(k, a.v, a.v.acts[0], now);
    }
  }
  lemma Command(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Keeps(k, B.Command(k, w, size, now), now)
  {
    hide *;
    reveal B.Command;
    Refused(k);
    Image(k, w, size, now);
    Partition(k, w, now);
    Region(k, w, now);
    Map(k, w, now);
    Edge(k, w, now);
    Cap(k, w, now);
    Start(k, w, now);
    End(k, now);
    Shared(k, w, size, now);
    Device(k, w, now);
  }
}
