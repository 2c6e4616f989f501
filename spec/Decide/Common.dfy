include "../Valid.dfy"

/** What the decisions about every event have in common: arguments and replies, the P1 guard, refusals. */
module Common {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import C = Capabilities
  import M = Memory
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import Kinds
  import Status
  import Rights

  datatype Effect = Effect(kind: u64, a: u64, b: u64, c: u64)
  const CONSOLE: u64 := 1
  const ZERO: u64 := 2
  const COPY: u64 := 3
  const CODESYNC: u64 := 4
  const TLBIRANGE: u64 := 5
  const TLBIVMID: u64 := 6
  const INJECT: u64 := 7
  const NAME: u64 := 8
  const RESET: u64 := 9
  const HALT: u64 := 10
  const MAPSYNC: u64 := 11

  /** What is to be witnessed and applied, the volatile state after it, and what the hardware must do. */
  datatype Verdict = Verdict(acts: seq<Action>, vol: Volatile, effects: seq<Effect>)

  /** A partition is running in a valid kernel. */
  predicate Runs(k: Kernel) { V.Valid(k) && k.vol.sched.cur != 0 }
  function Me(k: Kernel): u32 requires Runs(k) ensures 0 < Me(k) < NPART { k.vol.sched.cur }

  /** Register x_n of the running partition. */
  function Arg(k: Kernel, n: u32): u64 requires Runs(k) && n < CTXW { k.vol.regs[Me(k) * CTXW + n] }
  function SetReg(v: Volatile, p: u32, n: u32, x: u64): Volatile
    requires |v.regs| == NCTX as int && p < NPART && n < CTXW
  {
    v.(regs := v.regs[(p * CTXW + n) as int := x])
  }
  const PC: u32 := 31
  const PSTATE: u32 := 32
  const SAVED: u32 := 33                          // x0–x30, PC and PSTATE: what a guest can change of its context block

  /** The P1 check of one of the caller's handles, including that the object still exists. */
  function Guard(k: Kernel, h: u64, kind: u32, rights: u32): u64
    requires Runs(k)
  {
    var s := C.Check(k.st.caps, Me(k), h, kind, rights);
    if s != Status.OK then s
    else
      var c := k.st.caps[C.Index(Me(k), h)];
      if ObjectGen(k.st, c.kind, c.obj) != c.ogen then Status.StaleCapability else Status.OK
  }
  /** The object that a guarded handle names. */
  function Object(k: Kernel, h: u64): u32 requires Runs(k) && C.Slot(h) < CSLOTS as u64 { k.st.caps[C.Index(Me(k), h)].obj }

  /** Nothing changes but the status in x0. */
  function Answer(k: Kernel, status: u64): Verdict requires Runs(k) { Verdict([], SetReg(k.vol, Me(k), 0, status), []) }
  /** The call is refused: nothing changes but x0, and the refusal is witnessed while the caller's quota lasts. */
  function Refuse(k: Kernel, call: u64, status: u64): Verdict
    requires Runs(k)
  {
    Answer(k, status).(acts := if W.Room(k.log, Me(k), 1) then [Reject(Me(k), call, status)] else [])
  }
  const CALLS: u64 := 0xC600_0000
}
