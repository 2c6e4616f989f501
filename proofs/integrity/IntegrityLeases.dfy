include "IntegrityCalls.dfy"
include "../../src/Rvm.Verified/regions/RegionTable.dfy"

/** No lease, and no end of one, changes what a partition sees to which its holder has no channel. */
module {:compile false} IntegrityLeases {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened IntegrityView
  import opened IntegrityHeld
  import opened IntegrityDeeds
  import opened IntegrityRun
  import opened IntegrityCalls
  import opened CapabilityTheorems
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import L = Leases
  import DL = DecideLease
  import Declassification
  import StructureKept
  import RegionFacts
  import Kinds
  import Status

  lemma Acquired(k: Kernel, d: Device, ipa: u64, until: u64, p: u32)
    requires Bystander(k, p) && DL.PlaceCheck(k, d, ipa) == Status.OK && M.VirginFrom(k.st.memory, 0) < NREGION
    ensures ipa / 4096 < LO32 && d.pages < LO32 && Spares(k, DL.Acquired(k, d, M.VirginFrom(k.st.memory, 0), (ipa / 4096) as u32, until), p)
  {
    TwoRegs(k, Status.OK, 1, until, p);
    RegionFacts.ReuseIsFree(k.st.memory, 0, 0);
    var r, page, q := M.VirginFrom(k.st.memory, 0), (ipa / 4096) as u32, Me(k);
    assert ipa / 4096 < LO32 && d.pages < LO32;
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide DL.PlaceCheck;
    hide M.VirginFrom;
    hide M.ReuseFrom;
    hide SetReg;
    hide SameRun;
    hide Spares;
    var v := DL.Acquired(k, d, r, page, until);
    var a, b, c := v.acts[0], v.acts[1], v.acts[2];
    assert Tables(k.st);
    assert Adds(k.st, a, p) && Adds(A.Apply(k.st, a), b, p) && Adds(A.Apply(A.Apply(k.st, a), b), c, p) by { hide A.Apply; }
    hide A.Apply;
    assert v.acts[1..] == [b, c] && [b, c][1..] == [c] && [c][1..] == [];
    assert AllAdd(A.Apply(A.Apply(k.st, a), b), [c], p);
    assert AllAdd(A.Apply(k.st, a), [b, c], p);
    assert AllAdd(k.st, v.acts, p);
    assert NoneHis(v.acts, p) && Unfelt(v.effects, p);
    Adding(k, v, p);
  }
  /** What is left when q's lease has ended follows what was. */
  lemma LeaseGone(s: Structure, q: u32, reason: u64, p: u32)
    requires Tables(s) && LinksOk(s.caps) && 0 < q < NPART && 0 < p < NPART && p != q && s.leases[q].until != 0 && L.LeaseOk(s, q)
    ensures Follows(s, ApplyAll(s, DL.Ending(s, q, reason)), p, q, NEDGE)
  {
    var acts := DL.Ending(s, q, reason);
    var s1 := A.Apply(s, acts[0]);
    var s2 := A.Apply(s1, acts[1]);
    assert s2.caps == s.caps && s2.parts == s.parts && s2.edges == s.edges;
    assert ApplyAll(s, acts) == s2 by { hide A.Apply; StructureKept.Two(s, acts[0], acts[1]); }
    assert s2.maps[p] == s.maps[p] && s2.leases[p] == s.leases[p];
    assert forall x: u32 :: x < NREGION && x != s.leases[q].region ==> s2.memory.regions[x] == s.memory.regions[x];
    assert s2.memory.regions[s.leases[q].region].owner == 0;
    hide A.Apply;
    hide ApplyAll;
    OlderItself(s.caps);
    forall x: u32 | x < NCAP ensures Spared(s.caps, s2.caps, q, x) {}
  }
  lemma LeaseIs(k: Kernel, p: u32)
    requires V.Valid(k) && p < NPART && k.st.leases[p].until != 0
    ensures L.LeaseOk(k.st, p)
  {
    reveal L.LeasesOk();
  }
  lemma Returned(k: Kernel, p: u32)
    requires Bystander(k, p) && k.st.leases[Me(k)].until != 0
    ensures Spares(k, Verdict(DL.Ending(k.st, Me(k), DL.RETURNED), SetReg(k.vol, Me(k), 0, Status.OK), DL.Flush(k.st, Me(k))), p)
  {
    TwoRegs(k, Status.OK, 1, 0, p);
    Ties(k, p);
    LeaseIs(k, Me(k));
    assert LinksOk(k.st.caps) by { hide V.Valid; }
    LeaseGone(k.st, Me(k), DL.RETURNED, p);
    hide *;
    reveal Bystander, Runs, Spares, NoneHis, NotHis, Charged, Encode, Unfelt, DL.Ending, DL.Flush, Limits.NPART, Declassification.IsFelt;
    Same(k, ApplyAll(k.st, DL.Ending(k.st, Me(k), DL.RETURNED)), p, Me(k), NEDGE);
  }
  lemma Leases(k: Kernel, now: u64, p: u32)
    requires Bystander(k, p)
    ensures Spares(k, DL.DeviceLeaseAcquire(k, now), p) && Spares(k, DL.DeviceLeaseRevoke(k), p) && Spares(k, DL.LeaseRenew(k, now), p)
  {
    Answers(k, p);
    TwoRegs(k, Status.OK, 1, S.Later(now, Arg(k, 2)), p);
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK && M.VirginFrom(k.st.memory, 0) < NREGION {
      Acquired(k, DL.Shown(k), Arg(k, 3), S.Later(now, Arg(k, 2)), p);
    }
    assert |k.st.leases| == NPART as int;
    if k.st.leases[Me(k)].until != 0 { Returned(k, p); }
    hide V.Valid;
    hide Sane;
    hide Channel;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide DL.Acquired;
    hide DL.Ending;
    hide DL.Flush;
    hide M.VirginFrom;
    hide M.DeviceFree;
    hide W.Room;
    hide Answer;
    hide Refuse;
    hide Spares;
    hide SetReg;
    hide SameRun;
    var v := DL.LeaseRenew(k, now);
    if |v.acts| == 1 && v.acts[0].LeaseGrant? { Adding1(k, v, v.acts[0], p); }
  }
}
