include "../invariant/Step_Preserves_Valid.dfy"

/** A leased device is held for the time that the lease says and no longer. */
module {:compile false} LeasesEnd {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import V = Valid
  import M = Memory
  import S = Scheduler
  import L = Leases
  import W = Witness
  import DL = DecideLease
  import DT = DecideTask
  import Step
  import Kinds
  import StructureKept
  import CommitKept
  import JobsKept
  import StepPreservesValid

  /** p's map shows no page of region r, and r, which was a leased device's, is nobody's: its frames belong to no region. */
  ghost predicate TakenBack(s: Structure, p: u32, r: u32) requires Tables(s) && p < NPART && r < NREGION {
    && s.leases[p] == EmptyLease && s.memory.regions[r].owner == 0 && s.memory.regions[r].pages == 0
    && forall v: u32 :: v in s.maps[p].pages ==> s.maps[p].pages[v].region != r
  }
  lemma LeaseIs(k: Kernel, p: u32)
    requires V.Valid(k) && p < NPART && k.st.leases[p].until != 0
    ensures L.LeaseOk(k.st, p)
  {
    reveal L.LeasesOk();
  }
  lemma Ended(k: Kernel, p: u32, reason: u64)
    requires V.Valid(k) && 0 < p < NPART && k.st.leases[p].until != 0
    ensures L.LeaseOk(k.st, p) && A.Tables(k.st) && var s, r := ApplyAll(k.st, DL.Ending(k.st, p, reason)), k.st.leases[p].region;
      s.leases[p] == EmptyLease && s.memory.regions[r].owner == 0 && s.memory.regions[r].pages == 0 && forall v: u32 :: v in s.maps[p].pages ==> s.maps[p].pages[v].region != r
  {
    LeaseIs(k, p);
    assert A.Tables(k.st);
    hide V.Valid;
    var acts := DL.Ending(k.st, p, reason);
    var s1 := A.Apply(k.st, acts[0]);
    var s2 := A.Apply(s1, acts[1]);
    assert s1.maps[p] == M.UnmapRange(k.st.maps[p], k.st.leases[p].page, L.Pages(k.st, p));
    assert s2.maps == s1.maps && s2.leases[p] == EmptyLease;
    forall v: u32 | v in s1.maps[p].pages ensures s1.maps[p].pages[v].region != k.st.leases[p].region { assert v in k.st.maps[p].pages; }
    hide A.Apply;
    StructureKept.Two(k.st, acts[0], acts[1]);
  }
  lemma Gone(k: Kernel, v: Volatile, p: u32, reason: u64, now: u64)
    requires V.Valid(k) && Sized(k.(vol := v)) && S.Shape(v.sched) && 0 < p < NPART
    ensures Tables(k.st) && ApplyAll(k.st, DT.End(k.(vol := v), p, p, reason, now).acts).parts[p].life == Kinds.Free
  {
    assert Tables(k.st) && W.Tables(k.log);
    CommitKept.EndActs(k.st, k.log, p, p, reason, DT.Ending(k.(vol := v), p), now);
    hide V.Valid;
    hide DT.BreakFrom;
    hide S.Stop;
    hide S.Dispatch;
    hide ApplyAll;
    hide NoteAll;
  }
  /** A tick with actions ends the running partition. */
  lemma TurnEnds(k: Kernel, now: u64)
    requires V.Valid(k) && 0 < k.vol.sched.cur < NPART
    ensures Tables(k.st) && (DT.Turn(k, now).acts != [] ==> ApplyAll(k.st, DT.Turn(k, now).acts).parts[k.vol.sched.cur].life == Kinds.Free)
  {
    var w := S.Wake(k.vol.sched, k.st.parts, now);
    assert w.cur == k.vol.sched.cur && Sized(k.(vol := k.vol.(sched := w)));
    Gone(k, k.vol.(sched := w), w.cur, DT.BY_BUDGET, now);
    hide V.Valid;
    hide DT.End;
    hide S.Wake;
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
  }
  /** The tick that finds the lease over: it ends the lease, or the partition. */
  lemma Lapses(k: Kernel, p: u32, now: u64)
    requires V.Valid(k) && 0 < p < NPART && p == k.vol.sched.cur && L.Over(k.st, p, now)
    ensures Tables(k.st) && k.st.leases[p].region < NREGION && var t := ApplyAll(k.st, DT.Lapse(k, now).acts);
      Tables(t) && (t.parts[p].life == Kinds.Free || TakenBack(t, p, k.st.leases[p].region))
  {
    var v := DT.Turn(k, now);
    var w := S.Wake(k.vol.sched, k.st.parts, now);
    assert Sized(k) && Sized(k.(vol := k.vol.(sched := w)));
    Ended(k, p, DL.EXPIRED);
    TurnEnds(k, now);
    Gone(k, k.vol.(sched := w), p, DT.BY_LEASE, now);
    hide *;
    reveal TakenBack, DT.Lapse;
  }
  /** At any tick at or after the end of the running partition's lease the kernel takes the device back, or the partition is gone. */
  lemma A_lease_ends_with_its_time(k: Kernel, now: u64)
    requires V.Valid(k) && 0 < k.vol.sched.cur < NPART && L.Over(k.st, k.vol.sched.cur, now)
    ensures var p, t := k.vol.sched.cur, Step.Step(k, Step.Tick(now)).k;
      Sized(t) && Tables(t.st) && k.st.leases[p].region < NREGION && (TakenBack(t.st, p, k.st.leases[p].region) || t.st.parts[p].life == Kinds.Free)
  {
    var p := k.vol.sched.cur;
    JobsKept.Worked(k, now);
    Lapses(DT.Worked(k, now), p, now);
    CommitSized(k, DT.Tick(k, now), now);
    hide *;
    reveal Step.Step, Step.Decide, Step.Commit, Sized, DT.Tick;
  }
  lemma CommitSized(k: Kernel, v: Verdict, now: u64)
    requires V.Valid(k) && v == DT.Tick(k, now)
    ensures Sized(Step.Commit(k, v, now))
  {
    assert Step.Step(k, Step.Tick(now)).k == Step.Commit(k, v, now) by { hide DT.Tick; }
    StepPreservesValid.Every_event_leaves_a_valid_state(k, Step.Tick(now));
  }
  /** A device is held by one partition at most: regions that two partitions have leased have no frame in common. */
  lemma A_device_has_one_holder(k: Kernel, p: u32, q: u32, f: int)
    requires V.Valid(k) && p < NPART && q < NPART && k.st.leases[p].until != 0 && k.st.leases[q].until != 0
    ensures var rs, r, s := k.st.memory.regions, k.st.leases[p].region, k.st.leases[q].region;
      r < NREGION && s < NREGION && (rs[r].frame as int <= f < rs[r].frame as int + rs[r].pages as int && rs[s].frame as int <= f < rs[s].frame as int + rs[s].pages as int ==> p == q)
  {
    LeaseIs(k, p);
    LeaseIs(k, q);
    var rs, r, s := k.st.memory.regions, k.st.leases[p].region, k.st.leases[q].region;
    if r < s { assert M.Apart(rs[r as int], rs[s as int].frame, rs[s as int].pages); }
    if s < r { assert M.Apart(rs[s as int], rs[r as int].frame, rs[r as int].pages); }
  }
}
