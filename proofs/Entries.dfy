include "../src/Rvm.Verified/kernel/Kernel.dfy"

/** The core's five entry points taken as one: which of them handles which event. */
module {:compile false} Entries {
  import opened Types
  import opened Limits
  import CoreState
  import RvmKernel
  import Step
  import Cost

  /** What the platform calls for event e. The bundle is in array b; a boot command begins at its word `at`. work: the steps that it takes. */
  method Handle(k: CoreState.Core, e: Step.Event, b: array<u64>, at: u32) returns (ghost work: nat)
    requires k.Good() && b !in k.Repr() && b.Length < LO32 as int && (e.Begin? ==> e.bundle == b[..])
    requires e.Boot? ==> at as int + 8 <= b.Length && e.words == b[at..at as int + 8] && e.size as int == b.Length
    modifies k.Repr()
    ensures RvmKernel.Stepped(k, old(k.Abs()), e) && work <= Cost.Cost(e)
  {
    hide *;
    reveal Limits.LO32;
    var status;
    match e {
      case Begin(_, now) => status, work := RvmKernel.Begin(k, b, now);
      case Boot(_, _, now) => status, work := RvmKernel.Command(k, b, at, now);
      case Hypercall(now) => work := RvmKernel.Hypercall(k, now);
      case Trap(esr, far, ipa, vbar, now) => work := RvmKernel.Trap(k, esr, far, ipa, vbar, now);
      case Tick(now) => work := RvmKernel.Tick(k, now);
    }
  }
}
