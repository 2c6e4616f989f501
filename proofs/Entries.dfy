include "../src/Rvm.Verified/kernel/Kernel.dfy"

/** The core's five entry points and the platform's saving of registers taken as one: which of them handles which event. */
module {:compile false} Entries {
  import opened Types
  import opened Limits
  import opened Common
  import CoreState
  import CoreCommon
  import RvmKernel
  import Step
  import State
  import V = Valid
  import A = Apply
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
      case Ran(saved, now) => work := Save(k, saved, now);
    }
  }
  /** What the platform does when the running partition has run: it stores, word by word, what that left in its registers. (x19–x28, which no call
      looks at, stay in the processor for as long as the same partition runs; the platform stores them when it switches.) */
  method Save(k: CoreState.Core, saved: seq<u64>, now: u64) returns (ghost work: nat)
    requires k.Good()
    modifies k.Repr()
    ensures RvmKernel.Stepped(k, old(k.Abs()), Step.Ran(saved, now))
    ensures work <= Cost.Cost(Step.Ran(saved, now))
  {
    hide *;
    work := 0;
    reveal k.Good, Step.Step, Step.Decide, Runs;
    ghost var s, e := k.Abs(), Step.Ran(saved, now);
    RvmKernel.Open(k);
    if k.sched.cur == 0 {
      RvmKernel.Nothing(k, now);
      RvmKernel.Settle(k, s, Step.Nothing(s), e);
    } else if |saved| != SAVED as int {
      assert Step.Left(s, saved) == Step.Nothing(s) by { reveal Step.Left; }
      RvmKernel.Nothing(k, now);
      RvmKernel.Settle(k, s, Step.Nothing(s), e);
    } else {
      Store(k, saved);
      Stored(k, s, saved, now);
      RvmKernel.Settle(k, s, Step.Left(s, saved), e);
    }
  }
  /** The first n words of p's block are those of saved. */
  ghost function With(v: State.Volatile, p: u32, saved: seq<u64>, n: int): State.Volatile
    requires |v.regs| == NCTX as int && p < NPART && 0 <= n <= |saved| <= CTXW as int
  {
    var b := (p * CTXW) as int;
    v.(regs := v.regs[..b] + saved[..n] + v.regs[b + n..])
  }
  lemma NoneYet(v: State.Volatile, p: u32, saved: seq<u64>)
    requires |v.regs| == NCTX as int && p < NPART && |saved| <= CTXW as int
    ensures With(v, p, saved, 0) == v
  {}
  lemma OneMore(v: State.Volatile, p: u32, saved: seq<u64>, n: u32)
    requires |v.regs| == NCTX as int && p < NPART && n as int < |saved| <= CTXW as int
    ensures var w := With(v, p, saved, n as int); |w.regs| == NCTX as int && SetReg(w, p, n, saved[n]) == With(v, p, saved, n as int + 1)
  {}
  method Store(k: CoreState.Core, saved: seq<u64>)
    requires k.Called() && |saved| == SAVED as int
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == [] && V.Valid(old(k.Abs())) && Runs(old(k.Abs()))
    ensures |old(k.Abs()).vol.regs| == NCTX as int && k.Abs() == old(k.Abs()).(vol := With(old(k.Abs()).vol, Me(old(k.Abs())), saved, SAVED as int))
  {
    hide *;
    reveal SAVED, Limits.CTXW, Runs;
    ghost var s := k.Abs();
    assert State.Sized(s) && |s.vol.regs| == NCTX as int by { reveal V.Valid, State.Sized; }
    var me := CoreCommon.Me(k);
    NoneYet(s.vol, me, saved);
    var n: u32 := 0;
    while n < SAVED
      invariant n <= SAVED && k.Inv() && k.Rooted() && k.Effects() == [] && k.Abs() == s.(vol := With(s.vol, me, saved, n as int))
      decreases SAVED - n
    {
      OneMore(s.vol, me, saved, n);
      k.Set(me, n, saved[n]);
      n := n + 1;
    }
  }
  lemma Stored(k: CoreState.Core, s: State.Kernel, saved: seq<u64>, now: u64)
    requires Runs(s) && |saved| == SAVED as int && k.Inv() && k.Rooted() && k.Effects() == []
    requires |s.vol.regs| == NCTX as int && k.Abs() == s.(vol := With(s.vol, Me(s), saved, SAVED as int))
    ensures k.Done(s, Step.Left(s, saved), now)
  {
    hide *;
    reveal With, SAVED, Step.Left, Step.Commit, A.ApplyAll, A.NoteAll, k.Done, Limits.CTXW, Runs;
    assert saved[..SAVED as int] == saved;
  }
}
