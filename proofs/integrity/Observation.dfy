include "../../spec/Observation.dfy"
include "../invariant/Examples.dfy"

/** What a partition sees tells states apart and takes states together, and channels exist and are missing: examples. */
module {:compile false} ObservationExamples {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Observation
  import C = Capabilities
  import E = Edges
  import M = Memory
  import L = Leases
  import S = Scheduler
  import W = Witness
  import V = Valid
  import Kinds
  import Rights
  import Status
  import Common
  import Step
  import G = DecidePolicy
  import Policy
  import DP = DecidePartition
  import Examples
  import StructureKept
  import SchedulerOk
  import WitnessLemmas
  import StepPreservesValid

  // ---- an equivalence -------------------------------------------------------------------------------------------------------------

  /** Partition p sees no difference between two states. */
  ghost predicate Alike(a: Kernel, b: Kernel, p: u32) { Sized(a) && Sized(b) && p < NPART && See(a, p) == See(b, p) }
  /** Whatever a partition sees, a state looks like itself. */
  lemma Every_state_looks_like_itself(a: Kernel, p: u32) requires Sized(a) && p < NPART ensures Alike(a, a, p) {}
  /** If one state looks like another, the other looks like the one. */
  lemma Looking_alike_goes_both_ways(a: Kernel, b: Kernel, p: u32) requires Alike(a, b, p) ensures Alike(b, a, p) {}
  /** Two states that look like a third look like each other. */
  lemma Looking_alike_is_passed_on(a: Kernel, b: Kernel, c: Kernel, p: u32) requires Alike(a, b, p) && Alike(b, c, p) ensures Alike(a, c, p) {}

  // ---- a state with two partitions ------------------------------------------------------------------------------------------------

  function Parts(): seq<Part> { seq(NPART as int, p => if p == 1 || p == 2 then Part(1, Kinds.Started, 625, 1000) else Part(0, Kinds.Free, 0, 0)) }
  lemma PartIs(p: int)
    requires 0 <= p < NPART as int
    ensures |Parts()| == NPART as int && Parts()[p] == if p == 1 || p == 2 then Part(1, Kinds.Started, 625, 1000) else Part(0, Kinds.Free, 0, 0)
  {}
  function Quotas(): Log {
    Log([], 0, seq(NPART as int, p => if p == 0 then RING - 20 else if p == 1 || p == 2 then 10 else 0), seq(NPART as int, _ => 0))
  }
  /** Partition 1 runs. */
  function Schedule(): Sched {
    Sched(seq(NPART as int, p => if p == 1 then Task(Kinds.Running, 0, 1000, 0) else Task(Kinds.Stopped, 0, 0, 0)), [], 1, 625, TIMEMAX)
  }
  /** State k with partitions 1 and 2, of which 1 runs; regs are the registers, caps the capabilities. */
  function Two(k: Kernel, regs: seq<u64>, caps: seq<Cap>): Kernel {
    k.(st := k.st.(parts := Parts(), caps := caps), vol := k.vol.(sched := Schedule(), regs := regs), log := Quotas(), booting := false)
  }
  function NoRegs(): seq<u64> { seq(NCTX as int, _ => 0) }
  function NoCaps(): seq<Cap> { seq(NCAP as int, _ => EmptyCap) }

  lemma ScheduleIs()
    ensures SchedulerOk.Good(Parts(), Schedule())
  {
    reveal S.Placed(), S.Sorted(), S.AlarmSet(), S.OnlyStartedRun();
    var parts, s := Parts(), Schedule();
    forall q: u32 | q < NPART && s.tasks[q].run != Kinds.Stopped ensures parts[q].life == Kinds.Started { PartIs(q as int); }
  }
  lemma QuotasOk()
    ensures W.LogOk(Quotas()) && V.EndsCanBeWitnessed(Parts(), Quotas(), false)
  {
    WitnessLemmas.Started(seq(RING as int * 8, _ => 0));
    WitnessLemmas.Granted(W.Start, 0, 1, 10);
    var l := W.Grant(W.Start, 0, 1, 10);
    WitnessLemmas.Granted(l, 0, 2, 10);
    var m := W.Grant(l, 0, 2, 10);
    assert m.quota == Quotas().quota && m.used == Quotas().used;
  }
  lemma TwoValid(k: Kernel, regs: seq<u64>, caps: seq<Cap>)
    requires StepPreservesValid.First(k) && |regs| == NCTX as int && C.Table(caps) && C.Bounded(caps)
    requires Tables(Two(k, regs, caps).st) && V.Aged(Two(k, regs, caps).st)
    ensures V.Valid(Two(k, regs, caps))
  {
    StepPreservesValid.The_first_state_is_valid(k);
    ScheduleIs();
    QuotasOk();
    var s := Two(k, regs, caps).st;
    assert L.LeasesOk(s) by {
      reveal L.LeasesOk();
      forall p: u32 | p < NPART ensures L.LeaseOk(s, p) { assert s.leases[p] == EmptyLease; }
    }
    hide Schedule;
    hide Quotas;
    hide W.LogOk;
  }

  // ---- what is told apart, and what is not ------------------------------------------------------------------------------------------

  /** Partition 1 has something in a register. */
  function Poked(): seq<u64> { seq(NCTX as int, i => if i == 64 then 7 else 0) }
  lemma Blank(k: Kernel, regs: seq<u64>)
    requires StepPreservesValid.First(k) && |regs| == NCTX as int
    ensures V.Valid(Two(k, regs, NoCaps()))
  {
    StepPreservesValid.The_first_state_is_valid(k);
    assert V.Aged(Two(k, regs, NoCaps()).st) by {
      reveal V.Aged();
      forall p: int | 0 <= p < NPART as int ensures Parts()[p].gen <= GENMAX { PartIs(p); }
    }
    TwoValid(k, regs, NoCaps());
  }
  /** A partition tells two valid states apart that differ for it, and does not tell apart two that differ for another partition only. */
  lemma A_partition_tells_apart_what_concerns_it_and_nothing_else()
    ensures var a, b := Two(Examples.First(), NoRegs(), NoCaps()), Two(Examples.First(), Poked(), NoCaps());
      V.Valid(a) && V.Valid(b) && a != b && !Alike(a, b, 1) && Alike(a, b, 2)
  {
    Examples.A_valid_state_exists();
    var k := Examples.First();
    Blank(k, NoRegs());
    Blank(k, Poked());
    var a, b := Two(k, NoRegs(), NoCaps()), Two(k, Poked(), NoCaps());
    Differ(a, b);
  }
  lemma Differ(a: Kernel, b: Kernel)
    requires Sized(a) && a.vol.regs == NoRegs() && b == a.(vol := a.vol.(regs := Poked()))
    ensures Sized(b) && a != b && !Alike(a, b, 1) && Alike(a, b, 2)
  {
    assert a.vol.regs[64] == 0 && b.vol.regs[64] == 7;
    assert See(a, 1).regs[0] == a.vol.regs[64] && See(b, 1).regs[0] == b.vol.regs[64];
    assert See(a, 2).regs == See(b, 2).regs;
    assert See(a, 2).held == See(b, 2).held by { hide HeldIn; }
    hide HeldIn;
  }

  // ---- channels -------------------------------------------------------------------------------------------------------------------

  /** Partition 1 holds the right to suspend partition 2, in slot 0. */
  function Over(): seq<Cap> { seq(NCAP as int, i => if i == 32 then Cap(1, Kinds.Partition, 2, 1, Rights.WRITE, 0, 0, 0) else EmptyCap) }
  lemma NothingHeld(k: Kernel, p: u32, s: u32)
    requires Sized(k) && k.st.caps == NoCaps() && p < NPART && s < CSLOTS
    ensures !HeldIn(k.st, p * CSLOTS + s).live && !HeldIn(k.st, p * CSLOTS + s).present
  {}
  lemma NoneTo(k: Kernel)
    requires Sized(k) && k.st.caps == NoCaps() && forall e: u32 :: e < NEDGE ==> k.st.edges[e].cap == 0
    ensures !Channel(k, 1, 2)
  {
    hide NoCaps;
    hide Concerns;
    forall s: u32, kind: u32, rights: u32 | s < CSLOTS ensures !Wields(k, 1, s, kind, rights) { NothingHeld(k, 1, s); }
    forall r: u32, s: u32 | s < CSLOTS ensures !TiedBy(k, 2, s, r) { NothingHeld(k, 2, s); }
    hide HeldIn;
    hide Wields;
    hide TiedBy;
    hide IsEnd;
    reveal IsEnd;
    assert !Controls(k, 1, 2);
    assert forall r: u32 :: !MayEnd(k, 1, r);
    assert !Tied(k, 1, 2);
  }
  /** In one valid state the running partition has no channel to another that exists; in another, which differs in one capability, it has. */
  lemma There_are_channels_and_there_are_none()
    ensures var a, b := Two(Examples.First(), NoRegs(), NoCaps()), Two(Examples.First(), NoRegs(), Over());
      && V.Valid(a) && a.vol.sched.cur == 1 && a.st.parts[2].life == Kinds.Started && !Channel(a, 1, 2)
      && V.Valid(b) && b.vol.sched.cur == 1 && b.st.parts[2].life == Kinds.Started && Channel(b, 1, 2)
  {
    Examples.A_valid_state_exists();
    var k := Examples.First();
    Blank(k, NoRegs());
    PartIs(2);
    NoneTo(Two(k, NoRegs(), NoCaps()));
    OverValid(k, NoRegs());
  }
  lemma OverValid(k: Kernel, regs: seq<u64>)
    requires StepPreservesValid.First(k) && |regs| == NCTX as int
    ensures var b := Two(k, regs, Over()); V.Valid(b) && Channel(b, 1, 2)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    var b := Two(k, regs, Over());
    PartIs(2);
    assert V.Aged(b.st) by {
      reveal V.Aged();
      forall p: int | 0 <= p < NPART as int ensures Parts()[p].gen <= GENMAX { PartIs(p); }
    }
    TwoValid(k, regs, Over());
    hide V.Valid;
    Rights.SubsetOfItself(Rights.WRITE);
    assert b.st.caps[32].obj == 2 && C.Live(b.st.caps, 32, 1) && ObjectGen(b.st, Kinds.Partition, 2) == 1;
    assert Wields(b, 1, 0, Kinds.Partition, Rights.WRITE);
    assert Controls(b, 1, 2);
  }

  // ---- a channel in use -----------------------------------------------------------------------------------------------------------

  /** Partition 1 calls partition_suspend with the handle of slot 0. */
  function Calling(): seq<u64> { seq(NCTX as int, i => if i == 64 then 0xC600_004A else if i == 65 then 0x1_0000_0000 else 0) }
  lemma CallIs(k: Kernel)
    requires Common.Runs(k) && k.vol.sched.cur == 1 && k.vol.regs == Calling() && k.st.policy == 0
    ensures Common.Arg(k, 0) == 0xC600_004A && Common.Arg(k, 1) == 0x1_0000_0000 && Step.Call(k, 0) == DP.PartitionSuspend_(k)
  {
    hide V.Valid;
    assert Common.Arg(k, 0) == 0xC600_004A && Common.Arg(k, 1) == 0x1_0000_0000;
    assert !G.Governed(k, 74) by { assert Policy.Word([], 5) == 0; }
    hide DP.PartitionSuspend_;
  }
  lemma Suspends(k: Kernel)
    requires Common.Runs(k) && k.vol.sched.cur == 1 && k.vol.regs == Calling() && k.st.caps == Over() && k.st.parts == Parts() && k.log == Quotas() && k.st.policy == 0
    ensures Step.Call(k, 0).acts == [PartitionSuspend(1, 2)]
  {
    CallIs(k);
    hide V.Valid;
    PartIs(2);
    Rights.SubsetOfItself(Rights.WRITE);
    var h: u64 := 0x1_0000_0000;
    assert C.Slot(h) == 0 && C.Gen(h) == 1;
    assert k.st.caps[32] == Cap(1, Kinds.Partition, 2, 1, Rights.WRITE, 0, 0, 0);
    assert C.Live(k.st.caps, 32, 1);
    assert Common.Guard(k, h, Kinds.Partition, Rights.WRITE) == Status.OK;
    assert Common.Object(k, h) == 2;
    assert W.Room(k.log, 1, 1);
    hide Step.Call;
  }
  /** With the right to suspend it, one partition does change what another sees. */
  lemma A_channel_can_be_used()
    ensures var k := Two(Examples.First(), Calling(), Over());
      V.Valid(k) && Channel(k, 1, 2) && Sized(Step.Step(k, Step.Hypercall(0)).k) && !Alike(k, Step.Step(k, Step.Hypercall(0)).k, 2)
  {
    Examples.A_valid_state_exists();
    OverValid(Examples.First(), Calling());
    var k := Two(Examples.First(), Calling(), Over());
    Suspends(k);
    PartIs(2);
    StepPreservesValid.Every_event_leaves_a_valid_state(k, Step.Hypercall(0));
    Changes(k);
  }
  lemma Changes(k: Kernel)
    requires Common.Runs(k) && Tables(k.st) && k.st.parts[2].life == Kinds.Started && Step.Call(k, 0).acts == [PartitionSuspend(1, 2)]
    requires V.Valid(Step.Step(k, Step.Hypercall(0)).k)
    ensures !Alike(k, Step.Step(k, Step.Hypercall(0)).k, 2)
  {
    var a := PartitionSuspend(1, 2);
    StructureKept.One(k.st, a);
    hide V.Valid;
    hide Step.Call;
    hide NoteAll;
    hide HeldIn;
    hide ApplyAll;
    var m := Step.Step(k, Step.Hypercall(0)).k;
    assert m.st.parts[2].life == Kinds.Suspended;
  }
}
