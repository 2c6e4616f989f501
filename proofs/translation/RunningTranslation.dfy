include "../../src/Rvm.Verified/kernel/Kernel.dfy"
include "NoStaleTranslation.dfy"

/** The running kernel: its tables in memory and the effects that it hands to the platform keep what is cached in order. */
module {:compile false} RunningTranslation {
  import opened Types
  import opened State
  import opened Descriptors
  import T = Translation
  import V = Valid
  import Step
  import CoreState
  import RvmKernel
  import Replay
  import N = NoStaleTranslation

  /** The entry is, word for word, what the hardware would read in the memory of the running kernel if it walked now. */
  ghost predicate InMemory(k: CoreState.Core, c: T.Entry)
    requires k.Inv()
    reads k.Repr()
  {
    && c.vmid < Limits.NPART && 1 <= T.Level(c) <= 3
    && c.word == Fetched(k.stage2.pool[..], k.stage2.base, k.stage2.Root(c.vmid), 1, c.page, T.Level(c))
  }
  /** When the running kernel has done an event and the platform has executed the effects that it finds there, everything cached is a descriptor that
      now stands in the kernel's memory, if everything cached before was one that stood there before. */
  lemma The_running_kernel_leaves_nothing_stale(k: CoreState.Core, s: Kernel, e: Step.Event, tlb: set<T.Entry>, ts: seq<set<T.Entry>>,
                                                c: T.Entry)
    requires V.Valid(s) && RvmKernel.Stepped(k, s, e) && T.Coherent(s.st.maps, k.stage2.base, tlb)
    requires T.Possible(N.Hardware(s, e, k.stage2.base, tlb), T.Program(k.Effects()), ts)
    requires c in T.End(N.Hardware(s, e, k.stage2.base, tlb), T.Program(k.Effects()), ts).tlb
    ensures InMemory(k, c)
  {
    assert N.Code(s, e) == T.Program(k.Effects());
    N.No_stale_translation_survives_an_event(s, e, k.stage2.base, tlb, ts);
    N.Cached_descriptors_are_those_in_memory(k, c);
    hide V.Valid;
  }
}
