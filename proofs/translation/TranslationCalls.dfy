include "../log/Replay.dfy"
include "Descriptors.dfy"
include "Translation.dfy"

/** The ways in which events change the maps, each with the effects that it needs, and which way each call, trap and tick goes. */
module {:compile false} TranslationCalls {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Descriptors
  import R = TranslationRuns
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DC = DecideCapability
  import DR = DecideRegion
  import DL = DecideLease
  import L = Leases
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import G = DecidePolicy
  import DF = DecideProof
  import JobsKept
  import Step
  import Kinds
  import Status
  import Rights
  import CommitKept
  import CallsKept
  import StepPreservesValid
  import Replay

  // ---- the three ways -------------------------------------------------------------------------------------------------------------

  /** The action leaves all maps as they are. */
  predicate Tame(a: Action) { !a.PartitionCreate? && !a.PartitionEnd? && !a.RegionMap? && !a.RegionUnmap? }
  ghost predicate AllTame(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> Tame(acts[i]) }
  /** Each action only adds to the maps. */
  ghost predicate Adds(s: Structure, acts: seq<Action>)
    requires Tables(s)
    decreases |acts|
  {
    |acts| == 0 || (AllGrow(s.maps, A.Apply(s, acts[0]).maps) && Adds(A.Apply(s, acts[0]), acts[1..]))
  }
  ghost predicate Synced(effects: seq<Effect>) { exists i :: 0 <= i < |effects| && R.Syncs(effects[i]) }
  /** Descriptors come, and a barrier after them. */
  ghost predicate Maps(s: Structure, acts: seq<Action>, effects: seq<Effect>) requires Tables(s) { Adds(s, acts) && Synced(effects) }
  /** Pages go, and the invalidation of exactly these pages after them. */
  ghost predicate Unmaps(s: Structure, acts: seq<Action>, effects: seq<Effect>) requires Tables(s) {
    && |acts| >= 1 && acts[0].RegionUnmap? && acts[0].p < NPART && AllTame(acts[1..])
    && effects == [Effect(TLBIRANGE, acts[0].p as u64, acts[0].page as u64, acts[0].count as u64)]
  }
  /** A partition's tables go, and the invalidation of all its translations after them. */
  ghost predicate Ends(s: Structure, acts: seq<Action>, effects: seq<Effect>) requires Tables(s) {
    && |acts| > 0 && acts[0].PartitionEnd? && 0 < acts[0].p < NPART && AllTame(acts[1..])
    && |effects| > 0 && effects[0].kind == TLBIVMID && effects[0].a == acts[0].p as u64
  }
  ghost predicate Handled(s: Structure, acts: seq<Action>, effects: seq<Effect>) requires Tables(s) {
    AllTame(acts) || Maps(s, acts, effects) || Unmaps(s, acts, effects) || Ends(s, acts, effects)
  }

  // ---- calls ------------------------------------------------------------------------------------------------------------------------

  ghost predicate Ok(k: Kernel, v: Verdict) requires V.Valid(k) { Handled(k.st, v.acts, v.effects) }
  ghost predicate Quiet(v: Verdict) { AllTame(v.acts) }

  lemma Calmly(k: Kernel, v: Verdict)
    requires Runs(k) && CommitKept.Calm(k, v, Me(k))
    ensures Quiet(v)
  {
    reveal CommitKept.Calm();
  }
  lemma Answers(k: Kernel)
    requires Runs(k)
    ensures forall status: u64 {:trigger Answer(k, status)} :: Quiet(Answer(k, status))
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Quiet(Refuse(k, call, status))
  {}
  lemma CalmCalls(k: Kernel, now: u64)
    requires Runs(k)
    ensures Quiet(DC.CapGrant(k)) && Quiet(DC.CapRevoke(k)) && Quiet(DC.CapDrop(k))
    ensures Quiet(DE.QueueSend(k, now)) && Quiet(DE.QueueRecv(k)) && Quiet(DE.NotifySignal(k, now)) && Quiet(DE.NotifyWait(k, now))
    ensures Quiet(DT.TimerWait(k, now)) && Quiet(DT.Yield(k, now)) && Quiet(DN.WitnessRead(k)) && Quiet(DN.ConsoleWrite(k))
    ensures Quiet(Step.Uid(k)) && Quiet(G.PolicyActivate_(k)) && Quiet(DF.ProofSubmit(k)) && Quiet(DF.ProofStatus(k))
  {
    hide *;
    reveal Runs;
    CallsKept.ProofSubmit(k);
    Calmly(k, DF.ProofSubmit(k));
    Calmly(k, DF.ProofStatus(k));
    CallsKept.PolicyActivate(k);
    Calmly(k, G.PolicyActivate_(k));
    CallsKept.CapGrant(k);
    Calmly(k, DC.CapGrant(k));
    CallsKept.CapRevoke(k);
    Calmly(k, DC.CapRevoke(k));
    CallsKept.CapDrop(k);
    Calmly(k, DC.CapDrop(k));
    CallsKept.QueueSend(k, now);
    Calmly(k, DE.QueueSend(k, now));
    CallsKept.QueueRecv(k);
    Calmly(k, DE.QueueRecv(k));
    CallsKept.NotifySignal(k, now);
    Calmly(k, DE.NotifySignal(k, now));
    CallsKept.NotifyWait(k, now);
    Calmly(k, DE.NotifyWait(k, now));
    CallsKept.TimerWait(k, now);
    Calmly(k, DT.TimerWait(k, now));
    CallsKept.Yield(k, now);
    Calmly(k, DT.Yield(k, now));
    CallsKept.WitnessRead(k);
    Calmly(k, DN.WitnessRead(k));
    CallsKept.ConsoleWrite(k);
    Calmly(k, DN.ConsoleWrite(k));
    StepPreservesValid.Uid(k);
    reveal StepPreservesValid.Calm;
    Calmly(k, Step.Uid(k));
  }
  lemma QuietCalls(k: Kernel, now: u64)
    requires Runs(k)
    ensures Quiet(DE.CommEdgeCreate(k)) && Quiet(DE.CommEdgeDestroy(k, now)) && Quiet(DN.WitnessAck(k))
    ensures Quiet(DP.PartitionStart_(k, now)) && Quiet(DP.PartitionSuspend_(k))
  {
    Answers(k);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Partition, Rights.WRITE);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.CommEdge, Rights.REVOKE);
    CallsKept.OtherIs(k, Arg(k, 1), Rights.WRITE);
    hide Guard;
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide E.FreeFrom;
    hide C.FreeFrom;
    hide DE.Disappoint;
    hide S.MakeReady;
    hide S.Stop;
    hide W.Room;
    hide V.Valid;
  }
  lemma OneMapped(s: Structure, who: u32, p: u32, r: u32, page: u32, first: u64, n: u32, perm: u32)
    requires Tables(s) && p < NPART && page as int + n as int <= IPAPAGES as int && M.Unmapped(s.maps[p], page, n)
    ensures AllGrow(s.maps, A.Apply(s, RegionMap(who, p, r, page, first, n, perm)).maps)
  {
    var a := RegionMap(who, p, r, page, first, n, perm);
    if Applicable(s, a) { MappingGrows(s.maps[p], page, n, s.memory.regions[r].frame + first, perm, r); }
    hide M.MapRange;
    hide M.Unmapped;
  }
  lemma OneAdds(s: Structure, a: Action, effects: seq<Effect>)
    requires Tables(s) && AllGrow(s.maps, A.Apply(s, a).maps) && |effects| > 0 && R.Syncs(effects[|effects| - 1])
    ensures Maps(s, [a], effects)
  {
    hide A.Apply;
    assert [a][1..] == [] && Adds(A.Apply(s, a), []);
    assert R.Syncs(effects[|effects| - 1]);
  }
  lemma RegionMapped(k: Kernel)
    requires Runs(k)
    ensures Ok(k, DR.RegionMap(k))
  {
    Answers(k);
    var h, ipa, first, n, perm := Arg(k, 1), Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5);
    CallsKept.Guarded(k, h, Kinds.Region, DR.Needs(perm));
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide W.Room;
    hide A.Apply;
    var v := DR.RegionMap(k);
    if !Quiet(v) {
      var page := (ipa / 4096) as u32;
      OneMapped(k.st, Me(k), Me(k), Object(k, h), page, first, n as u32, perm as u32);
      OneAdds(k.st, v.acts[0], v.effects);
    }
  }
  lemma RegionUnmapped(k: Kernel)
    requires Runs(k)
    ensures Ok(k, DR.RegionUnmap(k))
  {
    Answers(k);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Region, Rights.READ);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide M.MappedTo;
    hide W.Room;
  }
  lemma Acquired(k: Kernel, d: Device, ipa: u64, until: u64)
    requires Runs(k) && DL.PlaceCheck(k, d, ipa) == Status.OK && M.VirginFrom(k.st.memory, 0) < NREGION
    ensures ipa / 4096 < LO32 && d.pages < LO32 && Ok(k, DL.Acquired(k, d, M.VirginFrom(k.st.memory, 0), (ipa / 4096) as u32, until))
  {
    var r, page, p := M.VirginFrom(k.st.memory, 0), (ipa / 4096) as u32, Me(k);
    CallsKept.Placed(k, d, ipa);
    assert M.Unmapped(k.st.maps[p], page, d.pages as u32);
    hide V.Valid;
    hide M.VirginFrom;
    hide M.Unmapped;
    hide DL.PlaceCheck;
    var v := DL.Acquired(k, d, r, page, until);
    var a, b, c := v.acts[0], v.acts[1], v.acts[2];
    var s1 := A.Apply(k.st, a);
    assert s1.maps == k.st.maps;
    OneMapped(s1, p, p, r, page, 0, d.pages as u32, Kinds.PermDev);
    var s2 := A.Apply(s1, b);
    var s3 := A.Apply(s2, c);
    assert s3.maps == s2.maps;
    hide A.Apply;
    SameGrows(k.st.maps);
    SameGrows(s2.maps);
    assert v.acts[1..] == [b, c] && [b, c][1..] == [c] && [c][1..] == [];
    assert Adds(s3, []);
    assert Adds(s2, [c]);
    assert Adds(s1, [b, c]);
    assert R.Syncs(v.effects[0]);
  }
  lemma SameGrows(maps: seq<Map>) requires |maps| == NPART as int ensures AllGrow(maps, maps) {}
  lemma DeviceLeases(k: Kernel, now: u64)
    requires Runs(k)
    ensures Ok(k, DL.DeviceLeaseAcquire(k, now)) && Ok(k, DL.DeviceLeaseRevoke(k)) && Quiet(DL.LeaseRenew(k, now))
  {
    Answers(k);
    if DL.Named(k) == Status.OK && DL.PlaceCheck(k, DL.Shown(k), Arg(k, 3)) == Status.OK && M.VirginFrom(k.st.memory, 0) < NREGION {
      Acquired(k, DL.Shown(k), Arg(k, 3), S.Later(now, Arg(k, 2)));
    }
    assert |k.st.leases| == NPART as int;
    hide V.Valid;
    hide DL.Named;
    hide DL.PlaceCheck;
    hide DL.Acquired;
    hide L.Pages;
    hide Refuse;
    hide Answer;
    hide M.VirginFrom;
    hide M.DeviceFree;
    hide W.Room;
    hide Maps;
    hide Ends;
  }
  /** The end of partition p, whatever has happened to the volatile state before. */
  lemma Ending(k: Kernel, v: Volatile, who: u32, p: u32, reason: u64, now: u64)
    requires V.Valid(k) && Sized(k.(vol := v)) && S.Shape(v.sched) && who < NPART && 0 < p < NPART
    ensures Ok(k, DT.End(k.(vol := v), who, p, reason, now))
  {
    hide V.Valid;
    hide DT.Last;
    hide DT.BreakFrom;
    hide S.Stop;
    hide S.Dispatch;
  }
  lemma Terminating(k: Kernel, now: u64)
    requires Runs(k)
    ensures Ok(k, DP.PartitionTerminate(k, now))
  {
    Answers(k);
    var h := Arg(k, 1);
    CallsKept.OtherIs(k, h, Rights.REVOKE);
    if DP.Other(k, h, Rights.REVOKE) == Status.OK { Ending(k, SetReg(k.vol, Me(k), 0, Status.OK), Me(k), Object(k, h), DT.BY_OTHER, now); }
    hide V.Valid;
    hide DP.Other;
    hide Refuse;
    hide DT.End;
  }
  lemma Exiting(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures Ok(k, DT.Exit(k, status, now))
  {
    CallsKept.Remainder(status);
    Ending(k, k.vol.(failed := k.vol.failed || status != 0), Me(k), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now);
    hide V.Valid;
    hide DT.End;
  }
  lemma Trapped(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)
    requires Runs(k)
    ensures Ok(k, DT.Trap(k, esr, far, ipa, vbar, now))
  {
    Answers(k);
    Ending(k, k.vol, Me(k), Me(k), DT.BY_FAULT + esr % DT.BY_FAULT, now);
    assert k.(vol := k.vol) == k;
    hide V.Valid;
    hide DT.End;
    hide Refuse;
    hide DT.Skip;
    hide S.YieldCurrent;
  }
  lemma Ticked(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Ok(k, DT.Tick(k, now))
  {
    JobsKept.Worked(k, now);
    Lapsed(DT.Worked(k, now), now);
    hide V.Valid, DT.Lapse, DT.Worked;
  }
  lemma Lapsed(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Ok(k, DT.Lapse(k, now))
  {
    Turned(k, now);
    var p := k.vol.sched.cur;
    assert |k.st.leases| == NPART as int && p < NPART;
    var w := k.vol.(sched := S.Wake(k.vol.sched, k.st.parts, now));
    assert S.Shape(w.sched) && Sized(k.(vol := w));
    if p != 0 { Ending(k, w, p, p, DT.BY_LEASE, now); }
    hide V.Valid;
    hide DT.Turn;
    hide DT.End;
    hide S.Wake;
    hide W.Room;
    hide L.Pages;
    hide Maps;
    hide Ends;
  }
  lemma Turned(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Ok(k, DT.Turn(k, now))
  {
    CommitKept.InParts(k);
    var w := S.Wake(k.vol.sched, k.st.parts, now);
    if w.cur != 0 {
      CommitKept.Caller(k);
      Ending(k, k.vol.(sched := w), w.cur, w.cur, DT.BY_BUDGET, now);
    }
    hide V.Valid;
    hide DT.End;
    hide S.Wake;
    hide S.Dispatch;
    hide S.YieldCurrent;
    hide S.SetLeft;
    hide S.PreemptCurrent;
  }
}
