include "CapabilityCalls.dfy"
include "RegionCalls.dfy"
include "EdgeCalls.dfy"
include "PartitionCalls.dfy"
include "WitnessCalls.dfy"
include "TaskCalls.dfy"
include "BootCalls.dfy"
include "GatedCalls.dfy"
include "../../../spec/Cost.dfy"
include "../../../proofs/invariant/Step_Preserves_Valid.dfy"

/** The kernel's entry points. Each takes a good kernel and one event, and leaves a good kernel in exactly the state that spec/Step.dfy says. */
module RvmKernel {
  import opened Types
  import opened Limits
  import opened CoreState
  import opened CoreCommon
  import opened Standard
  import Status
  import Common
  import Step
  import DecideTask
  import State
  import Valid
  import Apply
  import Memory
  import Scheduler
  import Witness
  import StepPreservesValid
  import Cost
  import SchedulerLemmas
  import LeaseEnding
  import Leases
  import C = CapabilityCalls
  import R = RegionCalls
  import E = EdgeCalls
  import P = PartitionCalls
  import N = WitnessCalls
  import T = TaskCalls
  import B = BootCalls
  import G = GatedCalls
  import Q = PolicyCalls
  import J = JobCalls
  import DecidePolicy

  const CALLS: u64 := 0xC600_0000

  // Most steps of work.
  ghost const CALL_WORK: nat := Cost.CALL - 1
  ghost const RARE_WORK: nat := Cost.CALL - 2
  ghost const OTHER_WORK: nat := 1 + T.EXIT_WORK
  /** What spec/Cost.dfy allows suffices for every call and every event. */
  lemma WorkIsLess()
    ensures E.QUEUE_SEND_WORK <= RARE_WORK && E.QUEUE_RECV_WORK <= RARE_WORK && E.NOTIFY_SIGNAL_WORK <= RARE_WORK && E.NOTIFY_WAIT_WORK <= RARE_WORK
    ensures T.YIELD_WORK <= RARE_WORK && R.REGION_MAP_WORK <= RARE_WORK && R.REGION_UNMAP_WORK <= RARE_WORK && OTHER_WORK <= RARE_WORK
    ensures C.CAP_GRANT_WORK < RARE_WORK && C.CAP_REVOKE_WORK < RARE_WORK && P.PARTITION_CREATE_WORK < RARE_WORK && P.PARTITION_START_WORK < RARE_WORK
    ensures P.PARTITION_SUSPEND_WORK < RARE_WORK && T.PARTITION_TERMINATE_WORK < RARE_WORK && T.EXIT_WORK < RARE_WORK
    ensures E.COMM_EDGE_CREATE_WORK < RARE_WORK && E.COMM_EDGE_DESTROY_WORK < RARE_WORK && G.GATED_WORK < RARE_WORK
    ensures J.PROOF_SUBMIT_WORK < RARE_WORK && N.WITNESS_READ_WORK < RARE_WORK && N.WITNESS_ACK_WORK < RARE_WORK && N.CONSOLE_WRITE_WORK < RARE_WORK
    ensures RARE_WORK < CALL_WORK < Cost.CALL && T.TRAP_WORK < Cost.FAULT && T.TICK_WORK < Cost.TICK
    ensures B.BEGIN_WORK < Cost.BEGIN && B.COMMAND_WORK < Cost.COMMAND
  {
    reveal SchedulerLemmas.Filling();
  }

  /** k is good and stands, with its effects, exactly where event e leads from state s. */
  ghost predicate Stepped(k: Core, s: State.Kernel, e: Step.Event)
    requires Valid.Valid(s)
    reads k.Repr()
  {
    k.Good() && k.Abs() == Step.Step(s, e).k && k.Effects() == Step.Step(s, e).effects
  }
  /** The kernel before the first event. ram: where the machine's RAM begins; uart, gicd, gicr, gicrPages: the devices that the hypervisor
      itself drives; [lo, hi): the RAM for partitions; all in frames. A machine that makes no sense, or whose RAM for partitions holds the
      translation tables, has no memory to give out. */
  method New(ram: u64, uart: u64, gicd: u64, gicr: u64, gicrPages: u64, lo: u64, hi: u64) returns (k: Core)
    ensures fresh(k.Repr()) && k.Good() && k.Abs().booting && StepPreservesValid.First(k.Abs())
  {
    ghost var top, work;
    k, top, work := NewCore(ram, uart, gicd, gicr, gicrPages, lo, hi);
    First_state_is_valid(k);
  }
  /** The boot begins with this bundle. status: OK, or why it is refused; then nothing has changed. */
  method Begin(k: Core, bundle: array<u64>, now: u64) returns (status: u64, ghost work: nat)
    requires k.Good() && bundle !in k.Repr() && bundle.Length < LO32 as int
    modifies k.Repr()
    ensures Stepped(k, old(k.Abs()), Step.Begin(bundle[..], now)) && status == Step.Step(old(k.Abs()), Step.Begin(bundle[..], now)).status
    ensures work <= Cost.Cost(Step.Begin(bundle[..], now))
  {
    work := 1;
    WorkIsLess();
    Open(k);
    ghost var w;
    status, w := B.Begin(k, bundle, now);
    work := work + w;
    Good(k, old(k.Abs()), Step.Begin(bundle[..], now));
  }
  /** The command at this word of the bundle. status: OK, or why it is refused; then nothing has changed. */
  method Command(k: Core, bundle: array<u64>, at: u32, now: u64) returns (status: u64, ghost work: nat)
    requires k.Good() && bundle !in k.Repr() && bundle.Length < LO32 as int
    modifies k.Repr()
    ensures at as int + 8 <= bundle.Length ==>
      var e := Step.Boot(bundle[at..at as int + 8], bundle.Length as u64, now); Stepped(k, old(k.Abs()), e) && status == Step.Step(old(k.Abs()), e).status
    ensures at as int + 8 <= bundle.Length ==> work <= Cost.Cost(Step.Boot(bundle[at..at as int + 8], bundle.Length as u64, now))
    ensures at as int + 8 > bundle.Length ==> k.Good() && k.Abs() == old(k.Abs()) && status != Status.OK && work == 1
  {
    work := 1;
    WorkIsLess();
    Open(k);
    if bundle.Length as u64 < 8 || at as u64 > bundle.Length as u64 - 8 { status := Status.ResourceLimitExceeded; return; }
    ghost var w;
    status, w := B.Command(k, bundle, at, now);
    work := work + w;
    Good(k, old(k.Abs()), Step.Boot(bundle[at..at as int + 8], bundle.Length as u64, now));
  }
  /** HVC #0: the arguments are in the caller's context block. */
  method Hypercall(k: Core, now: u64) returns (ghost work: nat)
    requires k.Good()
    modifies k.Repr()
    ensures Stepped(k, old(k.Abs()), Step.Hypercall(now))
    ensures work <= Cost.Cost(Step.Hypercall(now))
  {
    hide *;
    work := 1;
    reveal k.Good, Step.Step, Step.Decide, Common.Runs, Cost.Cost;
    ghost var s, e := k.Abs(), Step.Hypercall(now);
    WorkIsLess();
    Open(k);
    if k.sched.cur != 0 {
      ghost var w := Call(k, now);
      work := work + w;
      Settle(k, s, Step.Call(s, now), e);
    } else {
      Nothing(k, now);
      Settle(k, s, Step.Nothing(s), e);
    }
  }
  /** Any other synchronous exception of the running partition. esr, far, ipa: the syndrome; vbar: where its own vectors are. */
  method Trap(k: Core, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64) returns (ghost work: nat)
    requires k.Good()
    modifies k.Repr()
    ensures Stepped(k, old(k.Abs()), Step.Trap(esr, far, ipa, vbar, now))
    ensures work <= Cost.Cost(Step.Trap(esr, far, ipa, vbar, now))
  {
    hide *;
    work := 1;
    reveal k.Good, Step.Step, Step.Decide, Common.Runs, Cost.Cost;
    ghost var s, e := k.Abs(), Step.Trap(esr, far, ipa, vbar, now);
    WorkIsLess();
    Open(k);
    if k.sched.cur != 0 {
      ghost var w := T.Trap(k, esr, far, ipa, vbar, now);
      work := work + w;
      Settle(k, s, DecideTask.Trap(s, esr, far, ipa, vbar, now), e);
    } else {
      Nothing(k, now);
      Settle(k, s, Step.Nothing(s), e);
    }
  }
  /** The hypervisor's timer. */
  method Tick(k: Core, now: u64) returns (ghost work: nat)
    requires k.Good()
    modifies k.Repr()
    ensures Stepped(k, old(k.Abs()), Step.Tick(now))
    ensures work <= Cost.Cost(Step.Tick(now))
  {
    hide *;
    work := 1;
    reveal k.Good, Step.Step, Step.Decide, Cost.Cost;
    ghost var s, e := k.Abs(), Step.Tick(now);
    WorkIsLess();
    Open(k);
    ghost var w := T.Tick(k, now);
    work := work + w;
    Settle(k, s, DecideTask.Tick(s, now), e);
  }

  /** When the timer must tick next. */
  function Timer(k: Core): (time: u64)
    requires k.Good()
    reads k.Repr()
    ensures time == Leases.Timer(k.Abs())
  {
    LeaseEnding.Timer(k)
  }

  // ---- the parts ----------------------------------------------------------------------------------------------------------------

  /** A new event: no effects yet. */
  method Open(k: Core)
    requires k.Good()
    modifies k.Repr()
    ensures k.Good() && k.neff == 0 && k.Abs() == old(k.Abs()) && (k.sched.cur != 0 ==> k.Called()) && k.sched.cur == k.Abs().vol.sched.cur
  {
    k.Clear();
    reveal k.Called();
  }
  /** Nobody runs: there is nobody to answer. */
  lemma Nothing(k: Core, now: u64)
    requires k.Good() && k.neff == 0
    ensures k.Done(k.Abs(), Step.Nothing(k.Abs()), now)
  {
    reveal k.Done();
  }
  /** The registers hold a call's function id and arguments. */
  method Call(k: Core, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), Step.Call(old(k.Abs()), now), now)
    ensures work <= CALL_WORK
  {
    hide *;
    work := 1;
    reveal Step.Call, Step.Row, DecidePolicy.Governed, DecidePolicy.Decidable, CALLS, Common.CALLS, Limits.LO32, Limits.CTXW, CALL_WORK;
    var f := Arg(k, 0) % LO32;
    WorkIsLess();
    ghost var w;
    if f < CALLS || f > CALLS + 80 {
      w := Other(k, f, now);
      work := work + w;
      return;
    }
    var n := f - CALLS;
    if      n == 3  { w := E.QueueSend(k, now); work := work + w; }
    else if n == 4  { w := E.QueueRecv(k, now); work := work + w; }
    else if n == 22 { w := E.NotifySignal(k, now); work := work + w; }
    else if n == 23 { w := E.NotifyWait(k, now); work := work + w; }
    else if n == 65 { w := T.Yield(k, now); work := work + w; }
    else if n == 2 && !Q.Governed(k, 2)  { w := R.RegionMap(k, now); work := work + w; }
    else if n == 76 && !Q.Governed(k, 76) { w := R.RegionUnmap(k, now); work := work + w; }
    else            { w := Rare(k, f, now); work := work + w; }
  }
  /** The calls that are not made often, apart from the others, so that these need no registers for them. */
  method Rare(k: Core, f: u64, now: u64) returns (ghost work: nat)
    requires k.Called() && f == Common.Arg(k.Abs(), 0) % LO32 && CALLS <= f <= CALLS + 80
    requires var n := f - CALLS; n != 3 && n != 4 && n != 22 && n != 23 && n != 65
    requires var n := f - CALLS; n == 2 || n == 76 ==> DecidePolicy.Governed(k.Abs(), n)
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), Step.Call(old(k.Abs()), now), now)
    ensures work <= RARE_WORK
  {
    hide *;
    work := 1;
    reveal Step.Call, Step.Row, DecidePolicy.Governed, DecidePolicy.Decidable, DecidePolicy.Sealed, CALLS, Common.CALLS, Limits.LO32, Limits.CTXW, RARE_WORK;
    var n := f - CALLS;
    WorkIsLess();
    if DecidePolicy.Sealed(n) { Q.SealedIsGoverned(k.Abs(), n); }
    ghost var w;
    if      n == 1 && !Q.Governed(k, 1)   { w := C.CapGrant(k, now); work := work + w; }
    else if n == 5  { T.TimerWait(k, now); }
    else if n == 21 { w := N.WitnessRead(k, now); work := work + w; }
    else if n == 64 && !Q.Governed(k, 64) { w := C.CapRevoke(k, now); work := work + w; }
    else if n == 66 { w := T.Exit(k, Arg(k, 1), now); work := work + w; }
    else if n == 67 { w := N.ConsoleWrite(k, now); work := work + w; }
    else if n == 72 { w := N.WitnessAck(k, now); work := work + w; }
    else if n == 73 && !Q.Governed(k, 73) { w := P.PartitionStart(k, now); work := work + w; }
    else if n == 74 && !Q.Governed(k, 74) { w := P.PartitionSuspend(k, now); work := work + w; }
    else if n == 75 && !Q.Governed(k, 75) { w := T.PartitionTerminate(k, now); work := work + w; }
    else if n == 77 { w := J.ProofSubmit(k, now); work := work + w; }
    else if n == 78 { C.CapDrop(k, now); }
    else if n == 80 { J.ProofStatus(k, now); }
    else if Decidable(n) { w := G.Gated(k, n, now); work := work + w; }
    else            { Refuse(k, f, Status.Unsupported, now); }
  }
  /** May a policy speak of this call? */
  function Decidable(n: u64): (b: bool) ensures b == DecidePolicy.Decidable(n) {
    n == 1 || n == 2 || n == 12 || (17 <= n && n <= 20) || n == 64 || n == 71 || (73 <= n && n <= 76) || n == 79
  }
  /** The function ids outside RVM's own range. */
  method Other(k: Core, f: u64, now: u64) returns (ghost work: nat)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), Step.StandardCall(old(k.Abs()), f, now), now)
    ensures work <= OTHER_WORK
  {
    hide *;
    work := 1;
    reveal Step.StandardCall, Limits.LO32, Limits.CTXW, OTHER_WORK;
    ghost var w;
    if      f == SMCCC_VERSION { Answer(k, 0x1_0002, now); }
    else if f == PSCI_VERSION  { Answer(k, 0x1_0001, now); }
    else if f == PSCI_FEATURES {
      var q := Arg(k, 1) % LO32;
      var known := q == SMCCC_VERSION || q == PSCI_VERSION || q == SYSTEM_OFF || q == SYSTEM_RESET || q == PSCI_FEATURES;
      Answer(k, if known then 0 else Status.Unsupported, now);
    }
    else if f == SYSTEM_OFF || f == SYSTEM_RESET { w := T.Exit(k, 0, now); work := work + w; }
    else if f == VENDOR_UID { Uid(k, now); }
    else { Refuse(k, f, Status.Unsupported, now); }
  }
  method Uid(k: Core, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), Step.Uid(old(k.Abs())), now)
  {
    hide *;
    reveal Step.Uid, k.Done, Step.Commit, Apply.ApplyAll, Apply.NoteAll, Limits.CTXW;
    var me := Me(k);
    k.Set(me, 0, 0x004d_5652);
    k.Set(me, 1, 0x0080_0100);
    k.Set(me, 2, 0x6d76_7280);
    k.Set(me, 3, 0x766e_6876);
  }
  /** An event decided and done from a valid state leaves a good kernel where Step says. */
  lemma Settle(k: Core, s: State.Kernel, v: Common.Verdict, e: Step.Event)
    requires Valid.Valid(s) && k.Done(s, v, e.now) && k.Housed()
    requires Step.Step(s, e).k == Step.Commit(s, v, e.now) && Step.Step(s, e).effects == v.effects
    ensures Stepped(k, s, e)
  {
    reveal k.Done();
    Good(k, s, e);
  }
  /** A kernel where Step leads from a valid state is good. */
  lemma Good(k: Core, s: State.Kernel, e: Step.Event)
    requires Valid.Valid(s) && k.Inv() && k.Rooted() && k.Housed() && k.Abs() == Step.Step(s, e).k
    ensures k.Good()
  {
    hide *;
    reveal k.Good;
    StepPreservesValid.Every_event_leaves_a_valid_state(s, e);
  }
  /** What NewCore makes is valid. */
  lemma First_state_is_valid(k: Core)
    requires k.Inv() && k.Rooted() && k.Housed() && Memory.Sane(k.Abs().machine) && k.Abs().machine.lo <= k.Abs().st.memory.next
    requires k.Abs().st.caps == seq(NCAP as int, _ => State.EmptyCap) && k.Abs().st.memory.regions == seq(NREGION as int, _ => State.Region(0, 0, 0, 0, 0))
    requires k.Abs().st.parts == Scheduler.NoParts && k.Abs().st.maps == seq(NPART as int, _ => Memory.EmptyMap) && k.Abs().log == Witness.Start && k.Abs().images == []
    requires k.Abs().devices == [] && k.Abs().st.leases == seq(NPART as int, _ => State.EmptyLease)
    ensures k.Good()
  {
    k.regions.RegionsHold();
    reveal Valid.Aged();
    assert Leases.LeasesOk(k.Abs().st) by {
      reveal Leases.LeasesOk();
      forall p: u32 | p < NPART ensures Leases.LeaseOk(k.Abs().st, p) { assert k.Abs().st.leases[p] == State.EmptyLease; }
    }
  }
}
