include "Actions.dfy"
include "../../../spec/Decide/Policy.dfy"
include "../../../spec/Decide/Lease.dfy"

/** What the rows of the calls that need a token have in common: the status in x0 says whether they did something, and there was room for its records. */
module {:compile false} GatedFacts {
  import opened Types
  import opened Limits
  import opened CoreState
  import Status
  import Kinds
  import State
  import Apply
  import Common
  import Step
  import Valid
  import G = DecidePolicy
  import P = DecidePartition
  import E = DecideEdge
  import DL = DecideLease
  import C = Capabilities
  import S = Scheduler
  import M = Memory
  import Wit = Witness
  import A = Actions

  /** What becomes of a call whose token is good. */
  ghost function Acted(s: State.Kernel, n: u64, rule: u32, now: u64): Common.Verdict
    requires Common.Runs(s) && G.Decidable(n)
  {
    var v := Step.Row(s, n, now);
    if G.Acted(v) then 
      v.(acts := v.acts + [Apply.Proved(Common.Me(s), G.Nonce(s), n as u32, rule, G.Deep(s, n))], vol := G.Spend(s, n, v.vol)) else v
  }

  // ---- records ----------------------------------------------------------------------------------------------------------------

  /** Records that an action takes from its actor's room. */
  ghost function Price(a: Apply.Action): nat { if a.PartitionQuota? then 1 + a.quota as nat else 1 }
  /** The action is charged to p, and takes no more from it than its price. */
  ghost predicate Plain(a: Apply.Action, p: u32) {
    Apply.Charged(a) == p && !a.PartitionEnd? && !a.Drain? && (a.PartitionQuota? ==> a.who == p && a.p != p)
  }
  ghost predicate Fits(acts: seq<Apply.Action>, p: u32, n: int)
    decreases |acts|
  {
    n >= 0 && (acts == [] || (Plain(acts[0], p) && Fits(acts[1..], p, n - Price(acts[0]))))
  }
  /** p has room for n records. */
  ghost predicate Has(l: State.Log, p: u32, n: int)
    requires Wit.Tables(l) && p < NPART
  {
    l.used[p] as int + n < l.quota[p] as int && |l.records| + n < TIMEMAX as int
  }
  lemma Noted(l: State.Log, a: Apply.Action, p: u32, n: int, now: u64)
    requires Wit.Tables(l) && 0 < p < NPART && Plain(a, p) && Price(a) <= n && Has(l, p, n)
    ensures Has(Apply.Note(l, a, now), p, n - Price(a))
  {}
  lemma AllNoted(l: State.Log, acts: seq<Apply.Action>, p: u32, n: int, now: u64)
    requires Wit.Tables(l) && 0 < p < NPART && Fits(acts, p, n) && Has(l, p, n)
    ensures Has(Apply.NoteAll(l, acts, now), p, 0)
    decreases |acts|
  {
    hide Plain, Has, Apply.Note, Price;
    if acts == [] {
      Less(l, p, n);
    } else {
      assert n - Price(acts[0]) >= 0 by { assert Fits(acts[1..], p, n - Price(acts[0])); }
      Noted(l, acts[0], p, n, now);
      AllNoted(Apply.Note(l, acts[0], now), acts[1..], p, n - Price(acts[0]), now);
    }
  }
  lemma Less(l: State.Log, p: u32, n: int)
    requires Wit.Tables(l) && p < NPART && n >= 0 && Has(l, p, n)
    ensures Has(l, p, 0)
  {}
  lemma FitsOne(a: Apply.Action, p: u32, n: int)
    requires Plain(a, p) && Price(a) <= n
    ensures Fits([a], p, n)
  {
    assert [a][1..] == [];
  }
  lemma FitsMore(a: Apply.Action, acts: seq<Apply.Action>, p: u32, n: int)
    requires Plain(a, p) && Price(a) <= n && Fits(acts, p, n - Price(a))
    ensures Fits([a] + acts, p, n)
  {
    assert ([a] + acts)[1..] == acts;
  }

  // ---- what a row comes to ----------------------------------------------------------------------------------------------------

  /** The caller's x0 says whether the verdict has done something, and then it takes at most n records from the caller. */
  ghost predicate Modest(s: State.Kernel, v: Common.Verdict, n: int)
    requires Common.Runs(s)
  {
    && |v.vol.regs| == NCTX as int && (v.vol.regs[Common.Me(s) * CTXW] == Status.OK <==> G.Acted(v))
    && (G.Acted(v) ==> Fits(v.acts, Common.Me(s), n))
  }
  lemma NoIsModest(s: State.Kernel, n: int)
    requires Common.Runs(s)
    ensures forall status: u64 {:trigger Common.Answer(s, status)} :: status != Status.OK ==> Modest(s, Common.Answer(s, status), n)
    ensures forall call: u64, status: u64 {:trigger Common.Refuse(s, call, status)} :: status != Status.OK ==> Modest(s, Common.Refuse(s, call, status), n)
  {}
  lemma Created(s: State.Kernel, x: P.Plan, i: State.Image, w: P.Places, slot: u32, n: int)
    requires Common.Runs(s) && Valid.ImageOk(i) && x.p < NPART && x.p != Common.Me(s) && slot < CSLOTS && s.st.caps[Common.Me(s) * CSLOTS + slot].gen < GENMAX
    requires x.quota as int + 8 <= n
    ensures Modest(s, P.Created(s, x, i, w, slot), n)
  {
    hide P.Filling, P.ClearRegs, S.SetLeft, Fits, S.SchedOk, Valid.Valid;
    var me := Common.Me(s);
    var v := P.Created(s, x, i, w, slot);
    assert |v.vol.regs| == NCTX as int && v.vol.regs[me * CTXW] == Status.OK by { reveal Valid.Valid; }
    var a := P.Making(me, x, i, w);
    var c := Apply.CapGrant(me, me, slot, Kinds.Partition, x.p, P.OWNER_RIGHTS);
    FitsOne(c, me, n - (x.quota as int + 7));
    if i.data != 0 {
      FitsMore(a[6], [c], me, n - (x.quota as int + 6));
      FitsMore(a[5], [a[6]] + [c], me, n - (x.quota as int + 5));
    } else {
      FitsOne(c, me, n - (x.quota as int + 5));
    }
    var rest := a[5..] + [c];
    assert i.data != 0 ==> rest == [a[5]] + ([a[6]] + [c]);
    assert i.data == 0 ==> rest == [c];
    FitsMore(a[4], rest, me, n - (x.quota as int + 4));
    FitsMore(a[3], [a[4]] + rest, me, n - (x.quota as int + 3));
    FitsMore(a[2], [a[3]] + ([a[4]] + rest), me, n - 2);
    FitsMore(a[1], [a[2]] + ([a[3]] + ([a[4]] + rest)), me, n - 1);
    FitsMore(a[0], [a[1]] + ([a[2]] + ([a[3]] + ([a[4]] + rest))), me, n);
    assert a + [c] == [a[0]] + ([a[1]] + ([a[2]] + ([a[3]] + ([a[4]] + rest))));
  }
  lemma Create(s: State.Kernel)
    requires Common.Runs(s)
    ensures Modest(s, P.PartitionCreate_(s), G.Needs(s, 12) as int)
  {
    hide Modest, Fits, P.Created, P.Place, Common.Answer, Common.Refuse, C.Live, S.SchedOk, S.FreeFrom, Valid.ImageOk;
    var n := G.Needs(s, 12) as int;
    NoIsModest(s, n);
    Free(s);
    forall x: P.Plan, i: State.Image, w: P.Places, slot: u32 {:trigger P.Created(s, x, i, w, slot)} |
      Valid.ImageOk(i) && x.p < NPART && x.p != Common.Me(s) && slot < CSLOTS && s.st.caps[Common.Me(s) * CSLOTS + slot].gen < GENMAX && x.quota as int + 8 <= n
      ensures Modest(s, P.Created(s, x, i, w, slot), n)
    {
      Created(s, x, i, w, slot, n);
    }
  }
  /** A free slot is not the caller's; images are in order. */
  lemma Free(s: State.Kernel)
    requires Common.Runs(s)
    ensures |s.st.parts| == NPART as int && 0 < Common.Me(s) < NPART
    ensures S.FreeFrom(s.st.parts, 1) < NPART ==> S.FreeFrom(s.st.parts, 1) != Common.Me(s) && |s.images| <= NIMAGE as int
    ensures forall i: int :: 0 <= i < |s.images| ==> Valid.ImageOk(s.images[i])
    ensures |s.st.caps| == NCAP as int
  {
    reveal S.Placed(), S.OnlyStartedRun();
    FreeIsFree(s.st.parts, 1);
    assert S.InPlace(s.vol.sched, s.vol.sched.cur);
  }
  lemma FreeIsFree(parts: seq<State.Part>, p: u32)
    requires |parts| == NPART as int && p <= NPART
    ensures S.FreeFrom(parts, p) < NPART ==> parts[S.FreeFrom(parts, p)].life == Kinds.Free
    decreases NPART - p
  {}
  lemma Connected(s: State.Kernel, e: u32, ss: u32, dst: u32, ds: u32, cap: u32)
    requires Common.Runs(s) && ss < CSLOTS && dst < NPART && ds < CSLOTS
    requires s.st.caps[Common.Me(s) * CSLOTS + ss].gen < GENMAX && s.st.caps[dst * CSLOTS + ds].gen < GENMAX
    ensures Modest(s, E.Connected(s, e, ss, dst, ds, cap), 3)
  {
    hide Fits, S.SchedOk;
    var me, v := Common.Me(s), E.Connected(s, e, ss, dst, ds, cap);
    var a := v.acts;
    assert |v.vol.regs| == NCTX as int && v.vol.regs[me * CTXW] == Status.OK;
    FitsOne(a[2], me, 1);
    FitsMore(a[1], [a[2]], me, 2);
    FitsMore(a[0], [a[1]] + [a[2]], me, 3);
    assert a == [a[0]] + ([a[1]] + [a[2]]);
  }
  lemma Connect(s: State.Kernel)
    requires Common.Runs(s)
    ensures Modest(s, E.CommEdgeCreate(s), 3)
  {
    hide Modest, Fits, E.Connected, Common.Answer, Common.Refuse, C.Live, S.SchedOk;
    NoIsModest(s, 3);
    Free(s);
    forall e: u32, ss: u32, dst: u32, ds: u32, cap: u32 {:trigger E.Connected(s, e, ss, dst, ds, cap)} |
      ss < CSLOTS && dst < NPART && ds < CSLOTS && s.st.caps[Common.Me(s) * CSLOTS + ss].gen < GENMAX && s.st.caps[dst * CSLOTS + ds].gen < GENMAX
      ensures Modest(s, E.Connected(s, e, ss, dst, ds, cap), 3)
    {
      Connected(s, e, ss, dst, ds, cap);
    }
  }
  lemma Destroyed(s: State.Kernel, e: u32, now: u64)
    requires Common.Runs(s) && e < NEDGE
    ensures Modest(s, E.Destroyed(s, e, now), 1)
  {
    hide Fits, S.MakeReady;
    var me, v := Common.Me(s), E.Destroyed(s, e, now);
    reveal S.Placed();
    assert S.InPlace(s.vol.sched, me);
    assert s.vol.sched.tasks[me].run == Kinds.Running;
    var d := s.st.edges[e].dst;
    assert E.E.EdgeOk(s.st.edges[e], s.vol.queues[e]);
    assert d < NPART;
    assert s.vol.sched.tasks[d].run == Kinds.Waiting ==> d != me;
    assert |v.vol.regs| == NCTX as int && v.vol.regs[me * CTXW] == Status.OK;
    FitsOne(v.acts[0], me, 1);
    assert v.acts == [v.acts[0]];
  }
  lemma Destroy(s: State.Kernel, now: u64)
    requires Common.Runs(s)
    ensures Modest(s, E.CommEdgeDestroy(s, now), 1)
  {
    hide Modest, Fits, E.Destroyed, Common.Answer, Common.Refuse, C.Live, S.SchedOk;
    NoIsModest(s, 1);
    forall e: u32 {:trigger E.Destroyed(s, e, now)} | e < NEDGE ensures Modest(s, E.Destroyed(s, e, now), 1) { Destroyed(s, e, now); }
  }
  lemma Activate(s: State.Kernel)
    requires Common.Runs(s)
    ensures Modest(s, G.PolicyActivate_(s), 1)
  {
    hide Common.Guard, Fits;
    NoIsModest(s, 1);
    FitsAny(Common.Me(s));
  }
  lemma Acquire(s: State.Kernel, now: u64)
    requires Common.Runs(s)
    ensures Modest(s, DL.DeviceLeaseAcquire(s, now), 3)
  {
    hide Modest, Fits, DL.Acquired, DL.Named, DL.PlaceCheck, Common.Answer, Common.Refuse, M.DeviceFree, M.ReuseFrom, S.SchedOk, Valid.Valid;
    NoIsModest(s, 3);
    Few(s);
    forall d: State.Device, r: u32, page: u32, until: u64 {:trigger DL.Acquired(s, d, r, page, until)} | d.pages < LO32
      ensures Modest(s, DL.Acquired(s, d, r, page, until), 3)
    {
      Acquired(s, d, r, page, until);
    }
  }
  lemma Few(s: State.Kernel)
    requires Common.Runs(s)
    ensures forall d: State.Device, ipa: u64 {:trigger DL.PlaceCheck(s, d, ipa)} :: DL.PlaceCheck(s, d, ipa) == Status.OK ==> d.pages < LO32 && ipa / 4096 < LO32
  {}
  lemma Return(s: State.Kernel)
    requires Common.Runs(s)
    ensures Modest(s, DL.DeviceLeaseRevoke(s), 2)
  {
    hide Modest, Fits, DL.Ending, DL.Flush, DL.Named, Common.Answer, Common.Refuse, S.SchedOk;
    NoIsModest(s, 2);
    Returned(s);
  }
  lemma Renew(s: State.Kernel, now: u64)
    requires Common.Runs(s)
    ensures Modest(s, DL.LeaseRenew(s, now), 1)
  {
    hide Modest, Fits, DL.Renewed, DL.Named, Common.Answer, Common.Refuse, S.SchedOk;
    NoIsModest(s, 1);
    forall l: State.Lease, until: u64 {:trigger DL.Renewed(s, l, until)} ensures Modest(s, DL.Renewed(s, l, until), 1) { Renewed(s, l, until); }
  }
  lemma Acquired(s: State.Kernel, d: State.Device, r: u32, page: u32, until: u64)
    requires Common.Runs(s) && d.pages < LO32
    ensures Modest(s, DL.Acquired(s, d, r, page, until), 3)
  {
    hide Fits, S.SchedOk;
    var me, v := Common.Me(s), DL.Acquired(s, d, r, page, until);
    var a := v.acts;
    assert |v.vol.regs| == NCTX as int && v.vol.regs[me * CTXW] == Status.OK;
    FitsOne(a[2], me, 1);
    FitsMore(a[1], [a[2]], me, 2);
    FitsMore(a[0], [a[1]] + [a[2]], me, 3);
    assert a == [a[0]] + ([a[1]] + [a[2]]);
  }
  lemma Returned(s: State.Kernel)
    requires Common.Runs(s)
    ensures Modest(s, Common.Verdict(DL.Ending(s.st, Common.Me(s), DL.RETURNED), Common.SetReg(s.vol, Common.Me(s), 0, Status.OK), DL.Flush(s.st, Common.Me(s))), 2)
  {
    hide Fits, S.SchedOk;
    var a := DL.Ending(s.st, Common.Me(s), DL.RETURNED);
    FitsOne(a[1], Common.Me(s), 1);
    FitsMore(a[0], [a[1]], Common.Me(s), 2);
    assert a == [a[0]] + [a[1]];
  }
  lemma Renewed(s: State.Kernel, l: State.Lease, until: u64)
    requires Common.Runs(s)
    ensures Modest(s, DL.Renewed(s, l, until), 1)
  {
    hide Fits, S.SchedOk;
    FitsAny(Common.Me(s));
  }
  lemma FitsAny(p: u32)
    ensures forall a: Apply.Action :: Plain(a, p) && !a.PartitionQuota? ==> Fits([a], p, 1)
  {
    forall a: Apply.Action | Plain(a, p) && !a.PartitionQuota? ensures Fits([a], p, 1) { FitsOne(a, p, 1); }
  }
  lemma RowIsModest(s: State.Kernel, n: u64, now: u64)
    requires Common.Runs(s) && G.Decidable(n) && G.Sealed(n)
    ensures Modest(s, Step.Row(s, n, now), G.Needs(s, n) as int)
  {
    hide *;
    reveal Step.Row, G.Sealed, G.Decidable, G.Needs, Common.CALLS, Limits.LO32, Limits.CTXW, Limits.RING;
    if n == 12 { Create(s); }
    if n == 17 { Connect(s); }
    if n == 18 { Destroy(s, now); }
    if n == 19 { Acquire(s, now); }
    if n == 20 { Return(s); }
    if n == 71 { Renew(s, now); }
    if n == 79 { Activate(s); }
  }

  // ---- the kernel after the row -----------------------------------------------------------------------------------------------

  lemma Did(k: Core, s: State.Kernel, n: u64, now: u64)
    requires Common.Runs(s) && G.Decidable(n) && G.Sealed(n) && k.Done(s, Step.Row(s, n, now), now)
    ensures k.Inv() && k.ctx.Length == 8192 && (k.ctx[Common.Me(s) * CTXW] == Status.OK <==> G.Acted(Step.Row(s, n, now)))
  {
    hide *;
    reveal k.Done, k.Abs, k.Volatile, Step.Commit, Modest, Limits.NCTX, Limits.CTXW, Limits.NPART, Common.CALLS, Limits.LO32, G.Decidable;
    RowIsModest(s, n, now);
  }
  lemma Roomy(k: Core, s: State.Kernel, n: u64, now: u64)
    requires Common.Runs(s) && G.Decidable(n) && G.Sealed(n) && k.Done(s, Step.Row(s, n, now), now)
    requires G.Acted(Step.Row(s, n, now)) && Wit.Room(s.log, Common.Me(s), G.Needs(s, n) + 1)
    ensures k.Inv() && k.Rooted() && Wit.Spare(k.Abs().log, Common.Me(s)) && Common.Me(s) < 128
  {
    hide *;
    reveal k.Done, k.Abs, Step.Commit, Modest, Has, Wit.Room, Wit.Spare, Common.Runs, Valid.Valid, Common.CALLS, Limits.RING, Limits.TIMEMAX, Limits.NPART, Limits.LO32, G.Decidable;
    RowIsModest(s, n, now);
    A.CommitIs(s, Step.Row(s, n, now), now);
    AllNoted(s.log, Step.Row(s, n, now).acts, Common.Me(s), G.Needs(s, n) as int, now);
  }
}
