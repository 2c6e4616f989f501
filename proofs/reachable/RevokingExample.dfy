include "../service/RunExample.dfy"
include "../invariant/Examples.dfy"
include "MeekEvents.dfy"
include "Traces.dfy"
include "../policy/ActivePolicy.dfy"

/** A reachable state in which a guest revokes: the boot makes one partition and gives it a capability, the partition runs, and calls. */
module {:compile false} RevokingExample {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened RunExample
  import opened MeekEvents
  import C = Capabilities
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DC = DecideCapability
  import DP = DecidePartition
  import Step
  import ActivePolicy
  import G = DecidePolicy
  import Policy
  import Kinds
  import Rights
  import Status
  import Examples
  import FairBoot
  import FairStates
  import FairCalls
  import FairSteps
  import CommitKept
  import EndsKept
  import StructureKept
  import Replay
  import Traces
  import StepPreservesValid

  /** Partition 1 gets a capability for the log, with the right to revoke. */
  const CapWords: B.Words := [6, 1, Kinds.WitnessLog as u64, 0, Rights.REVOKE as u64, 0, 0, 0]
  const Given: Cap := Cap(1, Kinds.WitnessLog, 0, 0, Rights.REVOKE, 0, 0, 0)
  /** What a guest leaves in its registers to call cap_revoke for the handle of slot 0. */
  const Revokes: seq<u64> := [CALLS + 64, LO32] + seq(31, _ => 0)

  // ---- the boot -----------------------------------------------------------------------------------------------------------------------

  ghost function Caps(has: bool): seq<Cap> {
    var none := seq(NCAP as int, _ => EmptyCap);
    if has then none[CSLOTS as int := Given] else none
  }
  /** Nobody has a capability, or partition 1 has got its one; nobody runs. */
  ghost predicate Booting(k: Kernel, quota: u64, has: bool)
    requires V.Valid(k)
  {
    && Tables(k.st) && W.Tables(k.log) && Purse(k.log) == (quota, 0) && FairStates.Timed(k, 0)
    && k.st.caps == Caps(has) && k.policies == []
  }
  /** The bundle brings no policy, and commands bring none. */
  lemma NoPolicy(k: Kernel, e: Step.Event)
    requires V.Valid(k) && k.policies == [] && (e.Boot? || (e.Begin? && e.bundle == Bundle))
    ensures Step.Step(k, e).k.policies == []
  {
    ActivePolicy.PoliciesAfter(k, e);
    if e.Begin? && B.Begin(k, Bundle).Begun? { assert Bundle[5] == 0 && Bundle[7] == 0; }
    hide V.Valid;
    hide Step.Step;
    hide B.HashOf;
    hide B.HeaderOk;
    hide W.Room;
  }
  lemma Onwards(k: Kernel, e: Step.Event, quota: u64, has: bool)
    requires V.Valid(k) && Booting(k, quota, has) && AllMeek(Replay.Acts(k, e)) && (e.Boot? || (e.Begin? && e.bundle == Bundle)) && e.now == 0
    ensures V.Valid(Step.Step(k, e).k) && Booting(Step.Step(k, e).k, quota, has)
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    Replay.HasTables(Step.Step(k, e).k);
    FairBoot.Booted(k, e, 0);
    Quietly(k, e);
    NoPolicy(k, e);
    hide *;
    reveal Booting;
  }
  /** The boot has come so far: partition 1 exists, and the hypervisor has records to spare. */
  ghost predicate Far(k: Kernel, spare: u64, life: u32, has: bool)
    requires V.Valid(k)
  {
    && k.booting && |k.log.records| > 0 && Booting(k, 16, has) && W.Room(k.log, 0, spare) && |k.st.parts| == NPART as int
    && forall p: u32 {:trigger k.st.parts[p]} :: 0 < p < NPART ==> k.st.parts[p].life == if p == 1 then life else Kinds.Free
  }
  lemma MakingIsMeek()
    ensures V.ImageOk(Guest) && AllMeek(StructureKept.Head(0, Wanted(1)))
    ensures forall l: DP.Places :: AllMeek(StructureKept.Code(0, Wanted(1), Guest, l))
  {}
  /** What making a partition does to its quota. */
  lemma MadePurse(k: Kernel)
    requires V.Valid(k) && Stage(k, 0) && Booting(k, 0, false)
    ensures var l := NoteAll(k.log, DP.Making(0, Wanted(1), Guest, Spot(k.st.memory, 0)), 0); W.Tables(l) && Purse(l) == (16, 0)
  {
    CommitKept.InParts(k);
    hide V.Valid;
    var l, x, w := k.log, Wanted(1), Spot(k.st.memory, 0);
    MakingIsMeek();
    StructureKept.MakingIs(0, x, Guest, w);
    var head, quota, code := StructureKept.Head(0, x), StructureKept.Quota(0, x), StructureKept.Code(0, x, Guest, w);
    assert code + StructureKept.Data(0, x, Guest, w) == code;
    hide DP.Making;
    var l2 := NoteAll(l, head, 0);
    EndsKept.NotedAll(k.st.parts, l, k.vol.halted, 0, head, 0, Spare(0));
    EndsKept.NoteBoth(l, head, [quota] + code, 0);
    EndsKept.NoteBoth(l2, [quota], code, 0);
    EndsKept.NoteOne(l2, quota, 0);
    hide NoteAll;
    hide Note;
    hide AllMeek;
    MeekNotes(l, head, 0);
    GivesQuota(k.st.parts, l2, k.vol.halted);
    MeekNotes(Note(l2, quota, 0), code, 0);
  }
  lemma NoCapsInMaking(l: DP.Places)
    ensures V.ImageOk(Guest) && NoCaps(DP.Making(0, Wanted(1), Guest, l))
  {}
  lemma MakesOne(k: Kernel)
    requires V.Valid(k) && Stage(k, 0) && Booting(k, 0, false)
    ensures var k' := Step.Step(k, Step.Boot(PartitionWords, 1, 0)).k; V.Valid(k') && Far(k', 59000, Kinds.Created, false)
  {
    hide *;
    reveal Booting, Stage, Far, Made, Spare, Replay.Acts, Replay.Asked, Limits.NPART, Limits.LO32, Guest;
    var e := Step.Boot(PartitionWords, 1, 0);
    var k' := Step.Step(k, e).k;
    Makes(k, 0, 0);
    Asks(k, 0, 0);
    MadePurse(k);
    NoCapsInMaking(Spot(k.st.memory, 0));
    SameCaps(k.st, DP.Making(0, Wanted(1), Guest, Spot(k.st.memory, 0)));
    FairBoot.Booted(k, e, 0);
    Replay.StepIs(k, e);
    Replay.HasTables(k');
    NoPolicy(k, e);
  }
  lemma FreeSlotIsFirst(k: Kernel)
    requires V.Valid(k) && k.st.caps == Caps(false)
    ensures C.FreeSlot(k.st.caps, 1) == 0
  {
    assert k.st.caps[32] == EmptyCap;
  }
  /** Partition 1 gets its capability. */
  lemma Gives(k: Kernel)
    requires V.Valid(k) && Far(k, 59000, Kinds.Created, false)
    ensures var k' := Step.Step(k, Step.Boot(CapWords, 1, 0)).k; V.Valid(k') && Far(k', 58999, Kinds.Created, true)
  {
    var e := Step.Boot(CapWords, 1, 0);
    var k' := Step.Step(k, e).k;
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    CommitKept.InParts(k);
    Replay.HasTables(k);
    Replay.HasTables(k');
    FairBoot.Booted(k, e, 0);
    FreeSlotIsFirst(k);
    var a := CapGrant(0, 1, 0, Kinds.WitnessLog, 0, Rights.REVOKE);
    assert Charged(a) == 0;
    EndsKept.Noted(k.st.parts, k.log, k.vol.halted, a, 0, 59000);
    StructureKept.One(k.st, a);
    EndsKept.NoteOne(k.log, a, 0);
    MoreRecords(k.log, [a], 0);
    assert W.Room(k.log, 0, 1);
    assert k.st.parts[1].life == Kinds.Created;
    hide V.Valid;
    assert A.Apply(k.st, a) == k.st.(caps := Caps(true));
    hide C.FreeFrom;
    hide NoteAll;
    hide ApplyAll;
    hide W.Room;
    hide A.Apply;
    hide Note;
    hide FairStates.Timed;
    assert B.Command(k, CapWords, 1, 0) == B.CapCommand(k, CapWords);
    assert B.CapCommand(k, CapWords) == B.Done(Verdict([a], k.vol, []));
  }
  /** It is started. */
  lemma StartsIt(k: Kernel)
    requires V.Valid(k) && Far(k, 58999, Kinds.Created, true)
    ensures var k' := Step.Step(k, Step.Boot(StartWords(1), 1, 0)).k;
      V.Valid(k') && Far(k', 58998, Kinds.Started, true) && S.Tables(k'.vol.sched) && k'.vol.sched.tasks[1].run == Kinds.Ready
  {
    var e := Step.Boot(StartWords(1), 1, 0);
    assert k.vol.sched.cur == 0 by { reveal FairStates.Timed(); }
    assert k.st.parts[1].life == Kinds.Created;
    Starts(k, 1, 58999);
    BootIsMeek(k, e);
    Onwards(k, e, 16, true);
    FairCalls.InOrder(Step.Step(k, e).k);
    hide *;
    reveal Far, Limits.NPART;
  }
  /** The boot is over, and partition 1 runs. */
  lemma Over(k: Kernel)
    requires V.Valid(k) && Far(k, 58998, Kinds.Started, true) && S.Tables(k.vol.sched) && k.vol.sched.tasks[1].run == Kinds.Ready
    ensures var k' := Step.Step(k, Step.Boot(EndWords, 1, 0)).k; V.Valid(k') && k'.vol.sched.cur == 1 && Booting(k', 16, true) && W.Room(k'.log, 0, 1)
  {
    var e := Step.Boot(EndWords, 1, 0);
    var k' := Step.Step(k, e).k;
    BootIsMeek(k, e);
    Onwards(k, e, 16, true);
    assert k.vol.sched.cur == 0 by { reveal FairStates.Timed(); }
    FairCalls.InOrder(k);
    FairSteps.InQueue(k.vol.sched, 1);
    assert W.Room(k.log, 0, 1);
    var a := BootComplete(S.FreeFrom(k.st.parts, 1) as u64 - 1);
    assert k'.vol.sched == S.Dispatch(k.vol.sched, k.st.parts, 0) && k'.st.parts == k.st.parts && W.Room(k'.log, 0, 1) by {
      CommitKept.InParts(k);
      hide V.Valid;
      hide S.FreeFrom;
      EndsKept.Noted(k.st.parts, k.log, k.vol.halted, a, 0, 58998);
      EndsKept.NoteOne(k.log, a, 0);
      StructureKept.One(k.st, a);
      assert A.Apply(k.st, a) == k.st;
      hide ApplyAll;
      hide NoteAll;
      assert B.Command(k, EndWords, 1, 0) == B.EndCommand(k, 0);
    }
    var q := k.vol.sched.ready[0];
    FairSteps.InQueue(k.vol.sched, q);
    FairStates.ActiveIsStarted(k, q);
    hide V.Valid;
  }

  // ---- the call -----------------------------------------------------------------------------------------------------------------------

  /** Partition 1 runs and has put the call into its registers. */
  lemma Computes(k: Kernel)
    requires V.Valid(k) && k.vol.sched.cur == 1
    ensures var k' := Step.Step(k, Step.Ran(Revokes, 0)).k;
      V.Valid(k') && Common.Runs(k') && Me(k') == 1 && Arg(k', 0) == CALLS + 64 && Arg(k', 1) == LO32 && k'.st == k.st && k'.log == k.log && k'.policies == k.policies
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, Step.Ran(Revokes, 0));
    FairCalls.InOrder(k);
    hide V.Valid;
  }
  /** It revokes its capability. */
  lemma Calls(k: Kernel, now: u64)
    requires Common.Runs(k) && Me(k) == 1 && Arg(k, 0) == CALLS + 64 && Arg(k, 1) == LO32
    requires Tables(k.st) && W.Tables(k.log) && k.st.caps == Caps(true) && k.policies == [] && Purse(k.log) == (16, 0) && W.Room(k.log, 0, 1)
    ensures Replay.Acts(k, Step.Hypercall(now)) == [Action.CapRevoke(1, 0, 2)]
  {
    hide V.Valid;
    assert k.st.caps[32] == Given;
    Rights.SubsetOfItself(Rights.REVOKE);
    assert C.Live(k.st.caps, 32, 1);
    assert Guard(k, LO32, Kinds.None, Rights.REVOKE) == Status.OK;
    assert !G.Governed(k, 64) by { assert Policy.Word([], 5) == 0; }
    assert Step.Call(k, now) == DC.CapRevoke(k);
  }
  /** The events es lead from k to b. */
  ghost predicate To(k: Kernel, es: seq<Step.Event>, b: Kernel) { V.Valid(k) && b == StepPreservesValid.After(k, es) }
  lemma Nothing(k: Kernel)
    requires V.Valid(k)
    ensures To(k, [], k)
  {
    hide V.Valid;
  }
  lemma Next(k: Kernel, es: seq<Step.Event>, b: Kernel, e: Step.Event)
    requires To(k, es, b)
    ensures V.Valid(b) && To(k, es + [e], Step.Step(b, e).k)
  {
    Traces.Snoc(k, es, e);
  }
  const Boot: seq<Step.Event> := [Step.Begin(Bundle, 0), Step.Boot(ImageWords, 1, 0), Step.Boot(PartitionWords, 1, 0), Step.Boot(CapWords, 1, 0),
                                  Step.Boot(StartWords(1), 1, 0), Step.Boot(EndWords, 1, 0)]
  lemma Begun(k: Kernel)
    requires Fresh(k) && V.Valid(k) && k.log == W.Start
    ensures Booting(k, 0, false)
  {
    FairStates.FirstTimed(k, 0);
    hide V.Valid;
  }
  lemma HalfBoots(k: Kernel) returns (b: Kernel)
    requires Fresh(k) && V.Valid(k)
    ensures To(k, Boot[..2], b) && V.Valid(b) && Stage(b, 0) && Booting(b, 0, false)
  {
    Nobody(k);
    Begun(k) by { reveal Fresh; }
    Nothing(k);
    Begins(k);
    hide *;
    reveal Boot;
    b := k;
    BootIsMeek(b, Boot[0]);
    Onwards(b, Boot[0], 0, false);
    Next(k, [], b, Boot[0]);
    b := Step.Step(b, Boot[0]).k;
    Loads(b);
    BootIsMeek(b, Boot[1]) by { reveal ImageWords; }
    Onwards(b, Boot[1], 0, false);
    Next(k, [Boot[0]], b, Boot[1]);
    b := Step.Step(b, Boot[1]).k;
    assert Stage(b, 0) by { reveal Stage, Made, Taken; }
    assert Boot[..2] == [Boot[0]] + [Boot[1]];
  }
  /** From the first state, by events alone, to one where partition 1 runs and has a capability that it may revoke. */
  lemma Boots(k: Kernel) returns (b: Kernel)
    requires Fresh(k) && V.Valid(k)
    ensures To(k, Boot, b) && V.Valid(b) && b.vol.sched.cur == 1 && Booting(b, 16, true) && W.Room(b.log, 0, 1)
  {
    hide *;
    reveal Boot;
    b := HalfBoots(k);
    MakesOne(b);
    Next(k, Boot[..2], b, Boot[2]);
    b := Step.Step(b, Boot[2]).k;
    Gives(b);
    Next(k, Boot[..3], b, Boot[3]) by { assert Boot[..3] == Boot[..2] + [Boot[2]]; }
    b := Step.Step(b, Boot[3]).k;
    StartsIt(b);
    Next(k, Boot[..4], b, Boot[4]) by { assert Boot[..4] == Boot[..3] + [Boot[3]]; }
    b := Step.Step(b, Boot[4]).k;
    Over(b);
    Next(k, Boot[..5], b, Boot[5]) by { assert Boot[..5] == Boot[..4] + [Boot[4]]; }
    b := Step.Step(b, Boot[5]).k;
    assert Boot == Boot[..5] + [Boot[5]];
  }
  /** Reachable states are those of guests that call: from the first state, by a boot and a guest that runs, a state is reached in which its call
      revokes a capability that it holds. */
  lemma A_guest_revokes_in_a_reachable_state() returns (es: seq<Step.Event>)
    ensures var k := Examples.First();
      && StepPreservesValid.First(k) && V.Valid(k)
      && es == Boot + [Step.Ran(Revokes, 0)] && Replay.Acts(StepPreservesValid.After(k, es), Step.Hypercall(0)) == [Action.CapRevoke(1, 0, 2)]
  {
    var k := Examples.First();
    Examples.A_valid_state_exists();
    assert Fresh(k);
    hide *;
    var b := Boots(k);
    Computes(b);
    Next(k, Boot, b, Step.Ran(Revokes, 0));
    es := Boot + [Step.Ran(Revokes, 0)];
    var c := Step.Step(b, Step.Ran(Revokes, 0)).k;
    reveal Booting, To;
    Calls(c, 0);
  }
}
