include "BootKept.dfy"
include "GateKept.dfy"

/** The kernel's invariant is inductive: whatever event comes, the state after it satisfies it again. */
module {:compile false} StepPreservesValid {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import V = Valid
  import Step
  import C = DecideCapability
  import R = DecideRegion
  import E = DecideEdge
  import P = DecidePartition
  import N = DecideWitness
  import T = DecideTask
  import B = DecideBoot
  import M = Memory
  import S = Scheduler
  import W = Witness
  import Edges
  import WitnessLemmas
  import SchedulerOk
  import ObjectsKept
  import StructureKept
  import MapsKept
  import EndsKept
  import CommitKept
  import CallsKept
  import BootKept
  import GateKept
  import G = DecidePolicy
  import D = DecideProof
  import L = Leases

  /** Calls that change capabilities at most. */
  ghost predicate Calm(k: Kernel, v: Verdict) requires Runs(k) { CommitKept.Calm(k, v, Me(k)) }
  lemma Calmly(k: Kernel, v: Verdict, now: u64)
    requires Runs(k) && Calm(k, v)
    ensures CallsKept.Keeps(k, v, now)
  {
    hide V.Valid;
    hide Step.Commit;
    CommitKept.CalmKeeps(k, v, now, Me(k));
  }
  lemma Uid(k: Kernel)
    requires Runs(k)
    ensures Calm(k, Step.Uid(k))
  {
    CallsKept.Mine(k);
    hide V.Valid;
    CallsKept.Silent(k, Step.Uid(k));
  }
  /** Function ids outside RVM's own range. */
  lemma StandardCall(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures CallsKept.Keeps(k, Step.StandardCall(k, f, now), now)
  {
    hide *;
    reveal Runs, Calm, Step.StandardCall;
    CallsKept.Answers(k);
    Uid(k);
    CallsKept.Exit(k, 0, now);
    var v := Step.StandardCall(k, f, now);
    if Calm(k, v) { Calmly(k, v, now); }
  }
  lemma CalmCalls(k: Kernel, now: u64)
    requires Runs(k)
    ensures CallsKept.Keeps(k, C.CapGrant(k), now) && CallsKept.Keeps(k, C.CapRevoke(k), now) && CallsKept.Keeps(k, C.CapDrop(k), now)
    ensures CallsKept.Keeps(k, E.QueueSend(k, now), now) && CallsKept.Keeps(k, E.QueueRecv(k), now)
    ensures CallsKept.Keeps(k, E.NotifySignal(k, now), now) && CallsKept.Keeps(k, E.NotifyWait(k, now), now)
    ensures CallsKept.Keeps(k, T.TimerWait(k, now), now) && CallsKept.Keeps(k, T.Yield(k, now), now)
    ensures CallsKept.Keeps(k, N.WitnessRead(k), now) && CallsKept.Keeps(k, N.ConsoleWrite(k), now)
    ensures CallsKept.Keeps(k, G.PolicyActivate_(k), now)
    ensures CallsKept.Keeps(k, D.ProofSubmit(k), now) && CallsKept.Keeps(k, D.ProofStatus(k), now)
    ensures forall f: u64, status: u64 {:trigger Refuse(k, f, status)} :: CallsKept.Keeps(k, Refuse(k, f, status), now)
  {
    hide *;
    reveal Calm, Runs;
    CallsKept.CapGrant(k);
    Calmly(k, C.CapGrant(k), now);
    CallsKept.CapRevoke(k);
    Calmly(k, C.CapRevoke(k), now);
    CallsKept.CapDrop(k);
    Calmly(k, C.CapDrop(k), now);
    CallsKept.QueueSend(k, now);
    Calmly(k, E.QueueSend(k, now), now);
    CallsKept.QueueRecv(k);
    Calmly(k, E.QueueRecv(k), now);
    CallsKept.NotifySignal(k, now);
    Calmly(k, E.NotifySignal(k, now), now);
    CallsKept.NotifyWait(k, now);
    Calmly(k, E.NotifyWait(k, now), now);
    CallsKept.TimerWait(k, now);
    Calmly(k, T.TimerWait(k, now), now);
    CallsKept.Yield(k, now);
    Calmly(k, T.Yield(k, now), now);
    CallsKept.WitnessRead(k);
    Calmly(k, N.WitnessRead(k), now);
    CallsKept.ConsoleWrite(k);
    Calmly(k, N.ConsoleWrite(k), now);
    CallsKept.ProofSubmit(k);
    Calmly(k, D.ProofSubmit(k), now);
    Calmly(k, D.ProofStatus(k), now);
    CallsKept.PolicyActivate(k);
    Calmly(k, G.PolicyActivate_(k), now);
    CallsKept.Answers(k);
    forall f: u64, status: u64 ensures CallsKept.Keeps(k, Refuse(k, f, status), now) { Calmly(k, Refuse(k, f, status), now); }
  }
  lemma Row(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS
    ensures CallsKept.Keeps(k, Step.Row(k, n, now), now)
  {
    hide *;
    reveal Runs, Arg, Step.Row, Limits.LO32, CALLS;
    CalmCalls(k, now);
    CallsKept.RegionMap(k, now);
    CallsKept.RegionUnmap(k, now);
    CallsKept.PartitionCreate(k, now);
    CallsKept.DeviceLeaseAcquire(k, now);
    CallsKept.DeviceLeaseRevoke(k, now);
    CallsKept.LeaseRenew(k, now);
    CallsKept.CommEdgeCreate(k, now);
    CallsKept.CommEdgeDestroy(k, now);
    CallsKept.WitnessAck(k, now);
    CallsKept.PartitionStart(k, now);
    CallsKept.PartitionSuspend(k, now);
    CallsKept.PartitionTerminate(k, now);
    forall status: u64 ensures CallsKept.Keeps(k, T.Exit(k, status, now), now) { CallsKept.Exit(k, status, now); }
  }
  lemma Gated(k: Kernel, n: u64, now: u64)
    requires Runs(k) && G.Decidable(n)
    ensures CallsKept.Keeps(k, G.Gate(k, n, now, Step.Row(k, n, now)), now)
  {
    hide *;
    reveal Runs, Limits.LO32, CALLS, G.Decidable, G.Sealed;
    var v, g := Step.Row(k, n, now), G.Gate(k, n, now, Step.Row(k, n, now));
    Row(k, n, now);
    CallsKept.Answers(k);
    GateKept.Cases(k, n, now, v);
    if GateKept.Stopped(k, n, g) {
      GateKept.StoppedIs(k, n, g);
      Calmly(k, g, now) by { reveal Calm; }
    } else if g != v {
      reveal GateKept.Passed, GateKept.WithProof, GateKept.Proof;
      GateKept.RoomLeft(k, n, now);
      GateKept.OneMore(k, v, GateKept.Proof(k, n, now), now);
      GateKept.Spending(k, n, v.(acts := v.acts + [GateKept.Proof(k, n, now)]), now);
    }
  }
  lemma Call(k: Kernel, now: u64)
    requires Runs(k)
    ensures CallsKept.Keeps(k, Step.Call(k, now), now)
  {
    hide *;
    reveal Runs, Arg, Step.Call, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    var f := Arg(k, 0) % LO32;
    StandardCall(k, f, now);
    if CALLS <= f {
      Row(k, f - CALLS, now);
      if G.Decidable(f - CALLS) { Gated(k, f - CALLS, now); }
    }
  }
  /** What a guest leaves in its registers is nothing but volatile state of the right size. */
  lemma Left(k: Kernel, saved: seq<u64>, now: u64)
    requires Runs(k)
    ensures CallsKept.Keeps(k, Step.Left(k, saved), now)
  {
    CallsKept.Mine(k);
    hide V.Valid;
    CallsKept.Silent(k, Step.Left(k, saved));
    Calmly(k, Step.Left(k, saved), now);
  }
  lemma Decided(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures CallsKept.Keeps(k, Step.Decide(k, e), e.now)
  {
    assert CallsKept.Keeps(k, Step.Nothing(k), e.now) by {
      CommitKept.InParts(k);
      hide V.Valid;
      assert CommitKept.Calm(k, Step.Nothing(k), 0) by { reveal CommitKept.Calm(); }
      CommitKept.CalmKeeps(k, Step.Nothing(k), e.now, 0);
    }
    hide V.Valid;
    hide CallsKept.Keeps;
    hide Step.Call;
    hide T.Tick;
    hide T.Trap;
    hide Step.Nothing;
    hide Step.Left;
    match e
    case Tick(now) => CallsKept.Tick(k, now);
    case Hypercall(now) => if k.vol.sched.cur != 0 { Call(k, now); }
    case Trap(esr, far, ipa, vbar, now) => if k.vol.sched.cur != 0 { CallsKept.Trap(k, esr, far, ipa, vbar, now); }
    case Ran(saved, now) => if k.vol.sched.cur != 0 { Left(k, saved, now); }
    case _ =>
  }
  /** Whatever event comes in a valid state, the state after it is valid. */
  lemma Every_event_leaves_a_valid_state(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures V.Valid(Step.Step(k, e).k)
  {
    hide V.Valid;
    hide Step.Commit;
    hide Step.Decide;
    hide B.Command;
    hide B.Begin;
    match e
    case Begin(bundle, now) => BootKept.Begin(k, bundle, now); BootKept.Refused(k);
    case Boot(w, size, now) => BootKept.Command(k, w, size, now); BootKept.Refused(k);
    case _ => Decided(k, e);
  }

  /** The state before the first event: nothing exists, and frames [lo, hi) of RAM can be given out. */
  ghost predicate First(k: Kernel) {
    && Apart(k) && k.vol.regs == seq(NCTX as int, _ => 0)
    && k.images == [] && k.devices == [] && k.policies == [] && k.st.policy == 0 && k.st.nonces == seq(NPART as int, _ => 0) && k.st.leases == seq(NPART as int, _ => EmptyLease)
    && k.st.parts == S.NoParts && k.vol.sched == S.EmptySched && k.log == W.Start && !k.vol.halted
    && k.st.caps == seq(NCAP as int, _ => EmptyCap)
    && k.st.memory.regions == seq(NREGION as int, _ => Region(0, 0, 0, 0, 0)) && k.st.maps == seq(NPART as int, _ => M.EmptyMap)
    && k.st.edges == seq(NEDGE as int, _ => Edge(0, 0, 0, 0)) && k.vol.queues == seq(NEDGE as int, _ => Edges.EmptyQueue)
  }
  /** The frames that can be given out are RAM. */
  ghost predicate Apart(k: Kernel) { M.Sane(k.machine) && k.machine.lo <= k.st.memory.next <= k.st.memory.limit <= M.FRAMES }
  /** The state before the first event is valid. */
  lemma The_first_state_is_valid(k: Kernel)
    requires First(k)
    ensures V.Valid(k)
  {
    assert ObjectsKept.Sch(k.st.parts, k.vol.sched) by {
      reveal ObjectsKept.Sch();
      SchedulerOk.InitialOk();
    }
    assert S.Shape(k.vol.sched);
    assert ObjectsKept.Edg(k.st.edges, k.vol.queues) by { reveal ObjectsKept.Edg(); }
    assert L.LeasesOk(k.st) by {
      reveal L.LeasesOk();
      forall p: u32 | p < NPART ensures L.LeaseOk(k.st, p) { assert k.st.leases[p] == EmptyLease; }
    }
    assert StructureKept.Ok(k.machine, k.st) by { reveal StructureKept.Ok(), ObjectsKept.Caps(), MapsKept.Ok(), V.Aged(); }
    assert EndsKept.Ok(k.st.parts, k.log, k.vol.halted) by {
      WitnessLemmas.Started(seq(RING as int * 8, _ => 0));
      reveal EndsKept.Ok();
    }
    assert CommitKept.Images(k.images) && CommitKept.Devices(k.machine, k.devices) by { reveal CommitKept.Images(), CommitKept.Devices(); }
    hide V.Valid;
    CommitKept.Together(k);
  }
  /** The state after several events. */
  ghost function After(k: Kernel, events: seq<Step.Event>): Kernel
    requires V.Valid(k)
    ensures V.Valid(After(k, events))
    decreases |events|
  {
    hide V.Valid;
    if |events| == 0 then k
    else
      Every_event_leaves_a_valid_state(k, events[0]);
      After(Step.Step(k, events[0]).k, events[1..])
  }
  /** Every state that the kernel can reach is valid, whatever its machine, its boot bundle and its guests are. */
  lemma Every_reachable_state_is_valid(k: Kernel, events: seq<Step.Event>)
    requires First(k)
    ensures V.Valid(k) && V.Valid(After(k, events))
  {
    The_first_state_is_valid(k);
  }
}
