include "../src/Rvm.Verified/kernel/Kernel.dfy"

/** The core's five entry points taken as one: which of them handles which event. */
module {:compile false} Entries {
  import opened Types
  import opened Limits
  import CoreState
  import RvmKernel
  import Step

  /** What the platform calls for event e. The bundle is in array b; a boot command begins at its word `at`. */
  method Handle(k: CoreState.Core, e: Step.Event, b: array<u64>, at: u32)
    requires k.Good() && b !in k.Repr() && b.Length < LO32 as int && (e.Begin? ==> e.bundle == b[..])
    requires e.Boot? ==> at as int + 8 <= b.Length && e.words == b[at..at as int + 8] && e.size as int == b.Length
    modifies k.Repr()
    ensures RvmKernel.Stepped(k, old(k.Abs()), e)
  {
    hide *;
    reveal Limits.LO32;
    match e {
      case Begin(_, now) => var _ := RvmKernel.Begin(k, b, now);
      case Boot(_, _, now) => var _ := RvmKernel.Command(k, b, at, now);
      case Hypercall(now) => RvmKernel.Hypercall(k, now);
      case Trap(esr, far, ipa, vbar, now) => RvmKernel.Trap(k, esr, far, ipa, vbar, now);
      case Tick(now) => RvmKernel.Tick(k, now);
    }
  }
}
