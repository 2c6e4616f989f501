include "ConfidentialityAcross.dfy"

/** Calls on capabilities, maps and another's life: what a third sees depends on what it and the caller saw and on what the call tells. */
module {:compile false} ConfidentialityHands {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityBetween
  import opened ConfidentialityAcross
  import opened Declassification
  import Calls = ConfidentialityCalls
  import Caps = ConfidentialityCapability
  import Objects = ConfidentialityObjects
  import H = ConfidentialityHeld
  import N = ConfidentialityEnds
  import I = IntegrityView
  import R = IntegrityRun
  import EndsKept
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DR = DecideRegion
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import Kinds
  import Status
  import Rights

  // ---- capability tables ----------------------------------------------------------------------------------------------------------------------

  lemma Derived3(s: Structure, t: Structure, i: u32, src: u32, asked: u32, p: u32)
    requires SameSt(s, t, p) && H.Aged(s) && H.Aged(t) && i < NCAP && src < NCAP && i != src && HeldIn(s, src) == HeldIn(t, src)
    requires s.caps[src].kind != Kinds.None && t.caps[src].kind != Kinds.None && s.caps[src].depth < MAXDEPTH && t.caps[src].depth < MAXDEPTH
    requires s.caps[i].gen == t.caps[i].gen < GENMAX && s.caps[i].kind == Kinds.None && t.caps[i].kind == Kinds.None
    ensures SameSt(s.(caps := C.Derive(s.caps, i, src, asked)), t.(caps := C.Derive(t.caps, i, src, asked)), p)
  {
    var u, v := C.Derive(s.caps, i, src, asked), C.Derive(t.caps, i, src, asked);
    forall x: u32 {:trigger Entry(p, x)} | x < CSLOTS ensures HeldIn(s.(caps := u), Entry(p, x)) == HeldIn(t.(caps := v), Entry(p, x)) {
      OneSlot(s, t, p, x);
      H.Derive(s, i, src, asked, Entry(p, x));
      H.Derive(t, i, src, asked, Entry(p, x));
    }
    CapsOnly(s, t, u, v, p);
  }
  lemma Revoked3(s: Structure, t: Structure, i: u32, p: u32)
    requires SameSt(s, t, p) && H.Aged(s) && H.Aged(t) && i < NCAP && i / CSLOTS != p
    requires s.caps[i].gen < GENMAX && t.caps[i].gen < GENMAX && HeldIn(s, i).live && HeldIn(t, i).live
    ensures SameSt(s.(caps := C.Revoke(s.caps, i)), t.(caps := C.Revoke(t.caps, i)), p)
  {
    forall x: u32 {:trigger Entry(p, x)} | x < CSLOTS
      ensures HeldIn(s.(caps := C.Revoke(s.caps, i)), Entry(p, x)) == HeldIn(t.(caps := C.Revoke(t.caps, i)), Entry(p, x)) {
      OneSlot(s, t, p, x);
      H.Revoke(s, i, Entry(p, x));
      H.Revoke(t, i, Entry(p, x));
    }
    CapsOnly(s, t, C.Revoke(s.caps, i), C.Revoke(t.caps, i), p);
  }
  lemma Dropped3(s: Structure, t: Structure, i: u32, p: u32)
    requires SameSt(s, t, p) && H.Aged(s) && H.Aged(t) && i < NCAP && i / CSLOTS != p && s.caps[i].kind != Kinds.None && t.caps[i].kind != Kinds.None
    ensures SameSt(s.(caps := C.Drop(s.caps, i)), t.(caps := C.Drop(t.caps, i)), p)
  {
    forall x: u32 {:trigger Entry(p, x)} | x < CSLOTS
      ensures HeldIn(s.(caps := C.Drop(s.caps, i)), Entry(p, x)) == HeldIn(t.(caps := C.Drop(t.caps, i)), Entry(p, x)) {
      OneSlot(s, t, p, x);
      H.Drop(s, i, Entry(p, x));
      H.Drop(t, i, Entry(p, x));
    }
    CapsOnly(s, t, C.Drop(s.caps, i), C.Drop(t.caps, i), p);
  }

  // ---- cap_grant, cap_revoke, cap_drop ----------------------------------------------------------------------------------------------------------

  lemma Grants3(a: Kernel, b: Kernel, h: u64, r: u32, slot: u32, asked: u32, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Tables(a.st) && Tables(b.st)
    requires Guard(a, h, Kinds.None, 0) == Status.OK && C.Slot(h) < CSLOTS as u64 && r < NPART && slot < CSLOTS
    requires a.st.caps[C.Index(Me(a), h)].depth < MAXDEPTH && a.st.caps[r * CSLOTS + slot].kind == Kinds.None
    requires b.st.caps[r * CSLOTS + slot].kind == Kinds.None
    requires a.st.caps[r * CSLOTS + slot].gen == b.st.caps[r * CSLOTS + slot].gen < GENMAX
    ensures Agree3(a, DC.Granted(a, h, r, slot, asked), b, DC.Granted(b, h, r, slot, asked), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Guards(a, b, h, Kinds.None, 0);
    Slots(a, b, h);
    hide V.Valid;
    hide Guard;
    hide R.Lined;
    hide C.Derive;
    hide A.Apply;
    var q, y := Me(a), C.Slot(h) as u32;
    assert a.st.caps[Entry(q, y)].kind != Kinds.None && b.st.caps[Entry(q, y)].kind != Kinds.None;
    Caps.Delegation(a.st, q, r, slot, y, asked);
    Caps.Delegation(b.st, q, r, slot, y, asked);
    Derived3(a.st, b.st, r * CSLOTS + slot, Entry(q, y), asked, p);
    hide SameSt;
    var x := C.Handle(slot, a.st.caps[r * CSLOTS + slot].gen + 1);
    Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
    Reg3(SetReg(a.vol, q, 0, Status.OK), SetReg(b.vol, q, 0, Status.OK), p, q, 1, x, x);
    hide SameVol;
    var d := CapDelegate(q, r, slot, y, asked);
    Single3(a, DC.Granted(a, h, r, slot, asked), d, b, DC.Granted(b, h, r, slot, asked), d, now, p);
  }
  lemma CapGrant(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && GrantTells(a) == GrantTells(b)
    ensures Agree3(a, DC.CapGrant(a), b, DC.CapGrant(b), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    var h, to, asked := Arg(a, 1), Arg(a, 2), Arg(a, 3);
    Guards(a, b, h, Kinds.None, 0);
    Guards(a, b, to, Kinds.Partition, Rights.WRITE);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    OwnFree(a, b);
    if C.Slot(h) < CSLOTS as u64 { Slots(a, b, h); }
    hide V.Valid;
    hide R.Lined;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide SameSt;
    hide C.FreeFrom;
    hide DC.Granted;
    if Guard(a, h, Kinds.None, 0) == Status.OK && (to == 0 || Guard(a, to, Kinds.Partition, Rights.WRITE) == Status.OK) && asked <= Rights.ALL as u64 {
      var src, r := C.Index(Me(a), h), DC.Receiver(a, to);
      assert C.DeriveCheck(a.st.caps, src, asked as u32) == C.DeriveCheck(b.st.caps, src, asked as u32);
      if C.DeriveCheck(a.st.caps, src, asked as u32) == Status.OK && r < NPART {
        var slot := C.FreeSlot(a.st.caps, r);
        assert (slot == CSLOTS) == (C.FreeSlot(b.st.caps, r) == CSLOTS);
        if slot < CSLOTS && W.Room(a.log, Me(a), 1) {
          assert slot == C.FreeSlot(b.st.caps, r) && a.st.caps[r * CSLOTS + slot].gen == b.st.caps[r * CSLOTS + slot].gen;
          Grants3(a, b, h, r, slot, asked as u32, now, p);
        }
      }
    }
  }
  lemma CapRevoke(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DC.CapRevoke(a), b, DC.CapRevoke(b), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Args(a, b);
    var h := Arg(a, 1);
    Guards(a, b, h, Kinds.None, Rights.REVOKE);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    if C.Slot(h) < CSLOTS as u64 { Slots(a, b, h); }
    hide V.Valid;
    hide R.Lined;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide C.Revoke;
    if Guard(a, h, Kinds.None, Rights.REVOKE) == Status.OK && C.Gen(h) < GENMAX && W.Room(a.log, Me(a), 1) {
      var q, y := Me(a), C.Slot(h) as u32;
      var x := Action.CapRevoke(q, y, C.Gen(h) + 1);
      assert A.Apply(a.st, x) == a.st.(caps := C.Revoke(a.st.caps, Entry(q, y))) && A.Apply(b.st, x) == b.st.(caps := C.Revoke(b.st.caps, Entry(q, y)));
      Revoked3(a.st, b.st, Entry(q, y), p);
      hide SameSt;
      hide A.Apply;
      var z := C.Handle(y, C.Gen(h) + 1);
      Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
      Reg3(SetReg(a.vol, q, 0, Status.OK), SetReg(b.vol, q, 0, Status.OK), p, q, 1, z, z);
      hide SameVol;
      Single3(a, DC.Revoked(a, h), x, b, DC.Revoked(b, h), x, now, p);
    }
  }
  lemma CapDrop(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DC.CapDrop(a), b, DC.CapDrop(b), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Args(a, b);
    var h := Arg(a, 1);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    if C.Slot(h) < CSLOTS as u64 { Slots(a, b, h); }
    hide V.Valid;
    hide R.Lined;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide C.Drop;
    if C.Slot(h) < CSLOTS as u64 && DC.Owned(a, h) && W.Room(a.log, Me(a), 1) {
      var q, y := Me(a), C.Slot(h) as u32;
      var x := Action.CapDrop(q, y);
      assert A.Apply(a.st, x) == a.st.(caps := C.Drop(a.st.caps, Entry(q, y))) && A.Apply(b.st, x) == b.st.(caps := C.Drop(b.st.caps, Entry(q, y)));
      Dropped3(a.st, b.st, Entry(q, y), p);
      hide SameSt;
      hide A.Apply;
      Reg3(a.vol, b.vol, p, q, 0, Status.OK, Status.OK);
      hide SameVol;
      Single3(a, DC.Dropped(a, h), x, b, DC.Dropped(b, h), x, now, p);
    }
  }

  // ---- maps -----------------------------------------------------------------------------------------------------------------------------------

  /** One action that p does not see at all, and an answer in x0. */
  lemma Unseen3(a: Kernel, v: Verdict, x: Action, b: Kernel, w: Verdict, y: Action, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && Tables(a.st) && Tables(b.st) && I.Sorts(a.vol) && I.Sorts(b.vol)
    requires v.acts == [x] && w.acts == [y] && I.NotHis(x, p) && I.NotHis(y, p)
    requires v.vol == SetReg(a.vol, Me(a), 0, Status.OK) && w.vol == SetReg(b.vol, Me(b), 0, Status.OK)
    requires SameSt(a.st, A.Apply(a.st, x), p) && SameSt(b.st, A.Apply(b.st, y), p) && A.Apply(a.st, x).edges == a.st.edges
    requires A.Apply(b.st, y).edges == b.st.edges
    ensures Agree3(a, v, b, w, now, p)
  {
    BothIs(a, b, p);
    Around(a.st, A.Apply(a.st, x), b.st, A.Apply(b.st, y), p);
    Reg3(a.vol, b.vol, p, Me(a), 0, Status.OK, Status.OK);
    hide *;
    reveal Same;
    Single3(a, v, x, b, w, y, now, p);
  }
  lemma MapsApart(s: Structure, who: u32, x: Action, p: u32)
    requires Tables(s) && who < NPART && p < NPART && who != p
    requires match x case RegionMap(w, q, _, _, _, _, _) => w == who && q == who case RegionUnmap(q, _, _, _) => q == who case _ => false
    ensures SameSt(s, A.Apply(s, x), p) && A.Apply(s, x).edges == s.edges && I.NotHis(x, p)
  {
    hide M.MapRange;
    hide M.UnmapRange;
    Itself(s, p);
    if Applicable(s, x) { MapUnseen(s, who, A.Apply(s, x).maps[who], p); }
  }
  lemma RegionMap(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DR.RegionMap(a), b, DR.RegionMap(b), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Args(a, b);
    var h, ipa, first, n, perm := Arg(a, 1), Arg(a, 2), Arg(a, 3), Arg(a, 4), Arg(a, 5);
    Guards(a, b, h, Kinds.Region, DR.Needs(perm));
    Refusals3(a, b, now, p);
    Rooms(a, b);
    hide V.Valid;
    hide R.Lined;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide M.Permits;
    hide M.Fits;
    hide M.Unmapped;
    hide M.MapRange;
    var q := Me(a);
    if Guard(a, h, Kinds.Region, DR.Needs(perm)) == Status.OK && Object(a, h) < NREGION {
      var r := Object(a, h);
      Caps.Mine(a.st, b.st, r, q);
      if M.MayMap(a.st.memory.regions[r], q) && DR.MapCheck(a.st.maps[q], a.st.memory.regions[r], ipa, first, n, perm) == Status.OK && W.Room(a.log, q, 1) {
        var x := Action.RegionMap(q, q, r, (ipa / 4096) as u32, first, n as u32, perm as u32);
        MapsApart(a.st, q, x, p);
        MapsApart(b.st, q, x, p);
        Unseen3(a, DR.Mapped(a, r, ipa, first, n, perm), x, b, DR.Mapped(b, r, ipa, first, n, perm), x, now, p) by { hide A.Apply; hide SameSt; hide I.NotHis; }
      }
    }
  }
  lemma RegionUnmap(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DR.RegionUnmap(a), b, DR.RegionUnmap(b), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Args(a, b);
    var h, ipa, n := Arg(a, 1), Arg(a, 2), Arg(a, 3);
    Guards(a, b, h, Kinds.Region, Rights.READ);
    Refusals3(a, b, now, p);
    Rooms(a, b);
    hide V.Valid;
    hide R.Lined;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    hide M.MappedTo;
    hide M.UnmapRange;
    var q := Me(a);
    if Guard(a, h, Kinds.Region, Rights.READ) == Status.OK && Object(a, h) < NREGION {
      var r := Object(a, h);
      Caps.Mine(a.st, b.st, r, q);
      if M.MayMap(a.st.memory.regions[r], q) && ipa / 4096 < IPAPAGES && n <= MAXMAP && W.Room(a.log, q, 1) {
        var x := Action.RegionUnmap(q, r, (ipa / 4096) as u32, n as u32);
        MapsApart(a.st, q, x, p);
        MapsApart(b.st, q, x, p);
        Unseen3(a, DR.Unmapped(a, r, ipa, n), x, b, DR.Unmapped(b, r, ipa, n), x, now, p) by { hide A.Apply; hide SameSt; hide I.NotHis; }
      }
    }
  }
}
