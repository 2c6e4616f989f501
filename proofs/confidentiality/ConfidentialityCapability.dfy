include "ConfidentialityCalls.dfy"

/** Calls on capabilities and maps tell their caller the same in twins. */
module {:compile false} ConfidentialityCapability {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityCalls
  import opened Declassification
  import H = ConfidentialityHeld
  import I = IntegrityView
  import EndsKept
  import StructureKept
  import C = Capabilities
  import M = Memory
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DR = DecideRegion
  import Kinds
  import Status
  import Rights

  /** One action of each, both charged to the caller. */
  lemma Single(a: Kernel, v: Verdict, x: Action, b: Kernel, w: Verdict, y: Action, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && Tables(a.st) && Tables(b.st) && W.Tables(a.log) && W.Tables(b.log)
    requires v.acts == [x] && w.acts == [y] && EndsKept.Plain(x) && EndsKept.Plain(y) && Charged(x) == Charged(y) == Me(a) && W.Room(a.log, Me(a), 1)
    requires var p, s, t := Me(a), A.Apply(a.st, x), A.Apply(b.st, y);
      SameSt(s, t, p) && SameVol(v.vol, w.vol, p) && SameEnds(s.edges, v.vol.queues, t.edges, w.vol.queues, p) && Felt(v.effects, p) == Felt(w.effects, p)
    ensures Agree(a, v, b, w, now)
  {
    Rooms(a, b);
    hide *;
    StructureKept.One(a.st, x);
    StructureKept.One(b.st, y);
    reveal Paid;
    assert W.Room(b.log, Me(b), 1);
    Agreed(a, v, b, w, now);
  }

  // ---- cap_grant, cap_revoke, cap_drop ----------------------------------------------------------------------------------------------------

  lemma Delegation(s: Structure, p: u32, q: u32, slot: u32, y: u32, asked: u32)
    requires Tables(s) && p < NPART && q < NPART && slot < CSLOTS && y < CSLOTS && s.caps[q * CSLOTS + slot].kind == Kinds.None
    requires s.caps[q * CSLOTS + slot].gen < GENMAX
    requires s.caps[Entry(p, y)].kind != Kinds.None && s.caps[Entry(p, y)].depth < MAXDEPTH
    ensures q * CSLOTS + slot != Entry(p, y)
    ensures A.Apply(s, CapDelegate(p, q, slot, y, asked)) == s.(caps := C.Derive(s.caps, q * CSLOTS + slot, Entry(p, y), asked))
  {
    hide C.Derive;
  }
  lemma Grants(a: Kernel, b: Kernel, h: u64, q: u32, slot: u32, asked: u32, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && W.Tables(a.log) && W.Room(a.log, Me(a), 1) && Tables(a.st) && Tables(b.st)
    requires Guard(a, h, Kinds.None, 0) == Status.OK && C.Slot(h) < CSLOTS as u64 && q < NPART && slot < CSLOTS
    requires a.st.caps[C.Index(Me(a), h)].depth < MAXDEPTH && a.st.caps[q * CSLOTS + slot].kind == Kinds.None
    requires b.st.caps[q * CSLOTS + slot].kind == Kinds.None
    requires a.st.caps[q * CSLOTS + slot].gen == b.st.caps[q * CSLOTS + slot].gen < GENMAX
    ensures Agree(a, DC.Granted(a, h, q, slot, asked), b, DC.Granted(b, h, q, slot, asked), now)
  {
    Parts(a, b);
    Guards(a, b, h, Kinds.None, 0);
    Slots(a, b, h);
    Line(a);
    Line(b);
    hide V.Valid;
    hide Guard;
    hide W.Room;
    hide SameVol;
    hide C.Derive;
    hide A.Apply;
    hide C.FreeFrom;
    var p, y := Me(a), C.Slot(h) as u32;
    assert a.st.caps[Entry(p, y)].kind != Kinds.None && b.st.caps[Entry(p, y)].kind != Kinds.None;
    Delegation(a.st, p, q, slot, y, asked);
    Delegation(b.st, p, q, slot, y, asked);
    Delegated(a.st, b.st, q * CSLOTS + slot, y, asked, p);
    hide SameSt;
    hide SetReg;
    var x := C.Handle(slot, a.st.caps[q * CSLOTS + slot].gen + 1);
    Register(a.vol, b.vol, p, 0, Status.OK);
    Register(SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK), p, 1, x);
    Single(a, DC.Granted(a, h, q, slot, asked), CapDelegate(p, q, slot, y, asked), b, DC.Granted(b, h, q, slot, asked), CapDelegate(p, q, slot, y, asked), now);
  }
  lemma CapGrant(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && GrantTells(a) == GrantTells(b)
    ensures Agree(a, DC.CapGrant(a), b, DC.CapGrant(b), now)
  {
    Args(a, b);
    var h, to, asked := Arg(a, 1), Arg(a, 2), Arg(a, 3);
    Guards(a, b, h, Kinds.None, 0);
    Guards(a, b, to, Kinds.Partition, Rights.WRITE);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    OwnFree(a, b);
    if C.Slot(h) < CSLOTS as u64 { Slots(a, b, h); }
    Line(a);
    Line(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide SameSt;
    hide C.FreeFrom;
    hide DC.Granted;
    if Guard(a, h, Kinds.None, 0) == Status.OK && (to == 0 || Guard(a, to, Kinds.Partition, Rights.WRITE) == Status.OK) && asked <= Rights.ALL as u64 {
      var src, q := C.Index(Me(a), h), DC.Receiver(a, to);
      assert C.DeriveCheck(a.st.caps, src, asked as u32) == C.DeriveCheck(b.st.caps, src, asked as u32);
      if C.DeriveCheck(a.st.caps, src, asked as u32) == Status.OK && q < NPART {
        var slot := C.FreeSlot(a.st.caps, q);
        assert (slot == CSLOTS) == (C.FreeSlot(b.st.caps, q) == CSLOTS);
        if slot < CSLOTS && W.Room(a.log, Me(a), 1) {
          assert slot == C.FreeSlot(b.st.caps, q) && a.st.caps[q * CSLOTS + slot].gen == b.st.caps[q * CSLOTS + slot].gen;
          Grants(a, b, h, q, slot, asked as u32, now);
        }
      }
    }
  }
  lemma CapRevoke(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DC.CapRevoke(a), b, DC.CapRevoke(b), now)
  {
    Args(a, b);
    var h := Arg(a, 1);
    Guards(a, b, h, Kinds.None, Rights.REVOKE);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    if C.Slot(h) < CSLOTS as u64 { Slots(a, b, h); }
    Line(a);
    Line(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide C.Revoke;
    if Guard(a, h, Kinds.None, Rights.REVOKE) == Status.OK && C.Gen(h) < GENMAX && W.Room(a.log, Me(a), 1) {
      var p, y := Me(a), C.Slot(h) as u32;
      var x := Action.CapRevoke(p, y, C.Gen(h) + 1);
      assert A.Apply(a.st, x) == a.st.(caps := C.Revoke(a.st.caps, Entry(p, y))) && A.Apply(b.st, x) == b.st.(caps := C.Revoke(b.st.caps, Entry(p, y)));
      Revoked(a.st, b.st, y, p);
      hide SameSt;
      hide A.Apply;
      hide SetReg;
      Register(a.vol, b.vol, p, 0, Status.OK);
      Register(SetReg(a.vol, p, 0, Status.OK), SetReg(b.vol, p, 0, Status.OK), p, 1, C.Handle(y, C.Gen(h) + 1));
      Single(a, DC.Revoked(a, h), x, b, DC.Revoked(b, h), x, now);
    }
  }
  lemma CapDrop(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DC.CapDrop(a), b, DC.CapDrop(b), now)
  {
    Args(a, b);
    var h := Arg(a, 1);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    if C.Slot(h) < CSLOTS as u64 { Slots(a, b, h); }
    Line(a);
    Line(b);
    hide V.Valid;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide C.Drop;
    if C.Slot(h) < CSLOTS as u64 && DC.Owned(a, h) && W.Room(a.log, Me(a), 1) {
      var p, y := Me(a), C.Slot(h) as u32;
      var x := Action.CapDrop(p, y);
      assert A.Apply(a.st, x) == a.st.(caps := C.Drop(a.st.caps, Entry(p, y))) && A.Apply(b.st, x) == b.st.(caps := C.Drop(b.st.caps, Entry(p, y)));
      Dropped(a.st, b.st, y, p);
      hide SameSt;
      hide A.Apply;
      hide SetReg;
      Register(a.vol, b.vol, p, 0, Status.OK);
      Single(a, DC.Dropped(a, h), x, b, DC.Dropped(b, h), x, now);
    }
  }

  // ---- region_map, region_unmap -----------------------------------------------------------------------------------------------------------

  /** Whether region r is the caller's or shared, and which it is. */
  lemma Mine(s: Structure, t: Structure, r: u32, p: u32)
    requires SameSt(s, t, p) && r < NREGION && Declassification.SameShared(s.memory, t.memory)
    ensures M.MayMap(s.memory.regions[r], p) <==> M.MayMap(t.memory.regions[r], p)
    ensures M.MayMap(s.memory.regions[r], p) ==> s.memory.regions[r] == t.memory.regions[r]
  {
    reveal SameRegions();
    assert SameRegion(s.memory.regions[r], t.memory.regions[r], p);
    assert s.memory.regions[r] == s.memory.regions[r as int] && t.memory.regions[r] == t.memory.regions[r as int];
  }
  lemma Remapped(s: Structure, t: Structure, m: Map, p: u32)
    requires SameSt(s, t, p)
    ensures SameSt(s.(maps := s.maps[p as int := m]), t.(maps := t.maps[p as int := m]), p)
  {
    var u, v := s.(maps := s.maps[p as int := m]), t.(maps := t.maps[p as int := m]);
    reveal SameHeld();
    forall x: u32 {:trigger SameSlot(u, v, p, x)} | x < CSLOTS ensures SameSlot(u, v, p, x) { assert SameSlot(s, t, p, x); }
  }
  lemma RegionMap(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DR.RegionMap(a), b, DR.RegionMap(b), now)
  {
    Args(a, b);
    var h, ipa, first, n, perm := Arg(a, 1), Arg(a, 2), Arg(a, 3), Arg(a, 4), Arg(a, 5);
    Guards(a, b, h, Kinds.Region, DR.Needs(perm));
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide M.Permits;
    hide M.Fits;
    hide M.Unmapped;
    hide M.MapRange;
    var p := Me(a);
    if Guard(a, h, Kinds.Region, DR.Needs(perm)) == Status.OK && Object(a, h) < NREGION {
      var r := Object(a, h);
      Mine(a.st, b.st, r, p);
      if M.MayMap(a.st.memory.regions[r], p) && DR.MapCheck(a.st.maps[p], a.st.memory.regions[r], ipa, first, n, perm) == Status.OK && W.Room(a.log, p, 1) {
        var x := Action.RegionMap(p, p, r, (ipa / 4096) as u32, first, n as u32, perm as u32);
        if Applicable(a.st, x) {
          var m := M.MapRange(a.st.maps[p], (ipa / 4096) as u32, n as u32, a.st.memory.regions[r].frame + first, perm as u32, r);
          assert A.Apply(a.st, x) == a.st.(maps := a.st.maps[p as int := m]) && A.Apply(b.st, x) == b.st.(maps := b.st.maps[p as int := m]);
          Remapped(a.st, b.st, m, p);
        } else {
          assert A.Apply(a.st, x) == a.st && A.Apply(b.st, x) == b.st;
        }
        hide SameSt;
        assert SameSt(A.Apply(a.st, x), A.Apply(b.st, x), p);
        assert A.Apply(a.st, x).edges == a.st.edges && A.Apply(b.st, x).edges == b.st.edges;
        hide A.Apply;
        Register(a.vol, b.vol, p, 0, Status.OK);
        Single(a, DR.Mapped(a, r, ipa, first, n, perm), x, b, DR.Mapped(b, r, ipa, first, n, perm), x, now);
      }
    }
  }
  lemma RegionUnmap(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DR.RegionUnmap(a), b, DR.RegionUnmap(b), now)
  {
    Args(a, b);
    var h, ipa, n := Arg(a, 1), Arg(a, 2), Arg(a, 3);
    Guards(a, b, h, Kinds.Region, Rights.READ);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide M.MappedTo;
    hide M.UnmapRange;
    var p := Me(a);
    if Guard(a, h, Kinds.Region, Rights.READ) == Status.OK && Object(a, h) < NREGION {
      var r := Object(a, h);
      Mine(a.st, b.st, r, p);
      if M.MayMap(a.st.memory.regions[r], p) && ipa / 4096 < IPAPAGES && n <= MAXMAP && W.Room(a.log, p, 1) {
        var x := Action.RegionUnmap(p, r, (ipa / 4096) as u32, n as u32);
        var m := M.UnmapRange(a.st.maps[p], (ipa / 4096) as u32, n as u32);
        assert A.Apply(a.st, x) == a.st.(maps := a.st.maps[p as int := m]) && A.Apply(b.st, x) == b.st.(maps := b.st.maps[p as int := m]);
        Remapped(a.st, b.st, m, p);
        hide SameSt;
        hide A.Apply;
        Register(a.vol, b.vol, p, 0, Status.OK);
        Single(a, DR.Unmapped(a, r, ipa, n), x, b, DR.Unmapped(b, r, ipa, n), x, now);
      }
    }
  }
}
