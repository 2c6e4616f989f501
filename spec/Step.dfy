include "Decide/Capability.dfy"
include "Decide/Region.dfy"
include "Decide/Lease.dfy"
include "Decide/Edge.dfy"
include "Decide/Partition.dfy"
include "Decide/Witness.dfy"
include "Decide/Task.dfy"
include "Decide/Boot.dfy"
include "Decide/Policy.dfy"

/** The kernel: Decide says what an event means, Step is the state and the effects after it. Both are total on valid states. */
module Step {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import opened Standard
  import Status
  import C = DecideCapability
  import R = DecideRegion
  import L = DecideLease
  import E = DecideEdge
  import P = DecidePartition
  import N = DecideWitness
  import T = DecideTask
  import B = DecideBoot
  import G = DecidePolicy
  import D = DecideProof
  import S = Scheduler
  import V = Valid

  datatype Event =
    | Hypercall(now: u64)                                                  // HVC #0; function id and arguments in the caller's registers
    | Trap(esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)              // any other synchronous exception
    | Tick(now: u64)                                                       // the hypervisor's timer
    | Begin(bundle: seq<u64>, now: u64)                                    // the boot begins with this bundle
    | Boot(words: B.Words, size: u64, now: u64)                            // the next command of the bundle
    | Ran(saved: seq<u64>, now: u64)                                       // the running partition has run: x0–x30, PC and PSTATE as it left them

  /** The function ids outside RVM's own range. */
  function StandardCall(k: Kernel, f: u64, now: u64): Verdict
    requires Runs(k)
  {
    if      f == SMCCC_VERSION then Answer(k, 0x1_0002)
    else if f == PSCI_VERSION then Answer(k, 0x1_0001)
    else if f == PSCI_FEATURES then
      var q := Arg(k, 1) % LO32;
      Answer(k, if q == SMCCC_VERSION || q == PSCI_VERSION || q == SYSTEM_OFF || q == SYSTEM_RESET || q == PSCI_FEATURES then 0 else Status.Unsupported)
    else if f == SYSTEM_OFF || f == SYSTEM_RESET then T.Exit(k, 0, now)
    else if f == VENDOR_UID then Uid(k)
    else Refuse(k, f, Status.Unsupported)
  }
  /** "RVM" as a version-8 UUID: 52564d00-0001-8000-8072-766d76686e76, in SMCCC register order. */
  function Uid(k: Kernel): Verdict
    requires Runs(k)
  {
    var v := SetReg(SetReg(k.vol, Me(k), 0, 0x004d_5652), Me(k), 1, 0x0080_0100);
    Verdict([], SetReg(SetReg(v, Me(k), 2, 0x6d76_7280), Me(k), 3, 0x766e_6876), [])
  }
  function Call(k: Kernel, now: u64): Verdict
    requires Runs(k)
  {
    var f := Arg(k, 0) % LO32;
    if f < CALLS || f > CALLS + 80 then StandardCall(k, f, now)
    else if !G.Governed(k, f - CALLS) then Row(k, f - CALLS, now)
    else G.Gate(k, f - CALLS, now, Row(k, f - CALLS, now))
  }
  /** What RVM's call n does when nothing but capabilities is asked for. */
  function Row(k: Kernel, n: u64, now: u64): Verdict
    requires Runs(k) && n < LO32 - CALLS
  {
    if      n == 1  then C.CapGrant(k)
    else if n == 2  then R.RegionMap(k)
    else if n == 3  then E.QueueSend(k, now)
    else if n == 4  then E.QueueRecv(k)
    else if n == 5  then T.TimerWait(k, now)
    else if n == 12 then P.PartitionCreate_(k)
    else if n == 17 then E.CommEdgeCreate(k)
    else if n == 18 then E.CommEdgeDestroy(k, now)
    else if n == 19 then L.DeviceLeaseAcquire(k, now)
    else if n == 20 then L.DeviceLeaseRevoke(k)
    else if n == 21 then N.WitnessRead(k)
    else if n == 22 then E.NotifySignal(k, now)
    else if n == 23 then E.NotifyWait(k, now)
    else if n == 64 then C.CapRevoke(k)
    else if n == 65 then T.Yield(k, now)
    else if n == 66 then T.Exit(k, Arg(k, 1), now)
    else if n == 67 then N.ConsoleWrite(k)
    else if n == 71 then L.LeaseRenew(k, now)
    else if n == 72 then N.WitnessAck(k)
    else if n == 73 then P.PartitionStart_(k, now)
    else if n == 74 then P.PartitionSuspend_(k)
    else if n == 75 then P.PartitionTerminate(k, now)
    else if n == 76 then R.RegionUnmap(k)
    else if n == 77 then D.ProofSubmit(k)
    else if n == 78 then C.CapDrop(k)
    else if n == 79 then G.PolicyActivate_(k)
    else if n == 80 then D.ProofStatus(k)
    else Refuse(k, CALLS + n, Status.Unsupported)
  }
  function Nothing(k: Kernel): Verdict { Verdict([], k.vol, []) }
  /** Guests run between the other events. All that the kernel knows of it is their registers, any values whatsoever, which the platform saves. */
  function Left(k: Kernel, saved: seq<u64>): Verdict
    requires Runs(k)
  {
    if |saved| != SAVED as int then Nothing(k)
    else
      var b := (Me(k) * CTXW) as int;
      Verdict([], k.vol.(regs := k.vol.regs[..b] + saved + k.vol.regs[b + SAVED as int..]), [])
  }

  /** The verdict on every event of a running system. */
  function Decide(k: Kernel, e: Event): Verdict
    requires V.Valid(k)
  {
    match e
    case Tick(now) => T.Tick(k, now)
    case Begin(_, _) => Nothing(k)
    case Boot(_, _, _) => Nothing(k)
    case Hypercall(now) => if k.vol.sched.cur == 0 then Nothing(k) else Call(k, now)
    case Trap(esr, far, ipa, vbar, now) => if k.vol.sched.cur == 0 then Nothing(k) else T.Trap(k, esr, far, ipa, vbar, now)
    case Ran(saved, _) => if k.vol.sched.cur == 0 then Nothing(k) else Left(k, saved)
  }
  /** The kernel after a verdict: structure by the actions, log by their records, volatile state as decided. */
  function Commit(k: Kernel, v: Verdict, now: u64): Kernel
    requires V.Valid(k)
  {
    k.(st := ApplyAll(k.st, v.acts), vol := v.vol, log := NoteAll(k.log, v.acts, now))
  }
  /** The result of one event; status is OK unless a boot command was refused. */
  datatype Result = Result(k: Kernel, effects: seq<Effect>, status: u64)

  function BootStep(k: Kernel, w: B.Words, size: u64, now: u64): Result
    requires V.Valid(k)
  {
    Settle(k, if k.booting then B.Command(k, w, size, now) else B.No(Status.InvalidPartitionState), now)
  }
  function BeginStep(k: Kernel, bundle: seq<u64>, now: u64): Result
    requires V.Valid(k)
  {
    Settle(k, if k.booting then B.Begin(k, bundle) else B.No(Status.InvalidPartitionState), now)
  }
  /** What an answer to a boot command comes to. */
  function Settle(k: Kernel, a: B.Answer, now: u64): Result
    requires V.Valid(k)
  {
    match a
    case Done(v)   => Result(Commit(k, v, now), v.effects, Status.OK)
    case Begun(v, ps) => Result(Commit(k, v, now).(policies := ps), v.effects, Status.OK)
    case Loaded(i) => Result(k.(images := k.images + [i]), [], Status.OK)
    case Listed(d) => Result(k.(devices := k.devices + [d]), [], Status.OK)
    case Over(v)   => Result(Commit(k, v, now).(booting := false), v.effects, Status.OK)
    case No(s)     => Result(k, [], s)
  }
  function Step(k: Kernel, e: Event): Result
    requires V.Valid(k)
  {
    match e
    case Begin(bundle, now) => BeginStep(k, bundle, now)
    case Boot(w, size, now) => BootStep(k, w, size, now)
    case _ => Result(Commit(k, Decide(k, e), e.now), Decide(k, e).effects, Status.OK)
  }
}
