include "Step.dfy"
include "PageTable.dfy"

/** What data is left behind in memory, and how it gets there: partitions write where their maps let them, effects clear. */
module {:compile false} Residue {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import PT = PageTable
  import Step
  import V = Valid

  /** Whose data a frame of RAM or a save area may hold: nobody's (zeros, or bytes of the boot bundle, which are no secret), that of one partition,
      whose generation tells it from others in the same slot, or anybody's. */
  datatype Trace = Clean | Of(p: u32, gen: u32) | Anybody

  /** saved: the area of each partition slot that holds its EL1 system and FP/SIMD registers while another one runs. */
  datatype Remains = Remains(frames: u64 -> Trace, saved: u32 -> Trace)

  /** The partition that is in slot p now. */
  ghost function Now(k: Kernel, p: u32): Trace requires Sized(k) && p < NPART { Of(p, k.st.parts[p].gen) }

  /** Partition p's map shows it frame f, and lets it write there. */
  ghost predicate CanWrite(k: Kernel, p: u32, f: u64) requires Sized(k) && p < NPART {
    exists v: u32 :: v in k.st.maps[p].pages && k.st.maps[p].pages[v].frame == f && PT.Shown(k.st.maps[p].pages[v]).writable
  }
  ghost predicate WrittenBySomeone(k: Kernel, f: u64, t: Trace) requires Sized(k) {
    exists p: u32 {:trigger CanWrite(k, p, f)} :: p < NPART && CanWrite(k, p, f) && t == Now(k, p)
  }
  /** Between two events every partition may leave its data in any frames that it can write, and in its own save area. */
  ghost predicate Written(k: Kernel, r: Remains, r': Remains) requires Sized(k) {
    && (forall f: u64 :: r'.frames(f) == r.frames(f) || WrittenBySomeone(k, f, r'.frames(f)))
    && (forall p: u32 :: p < NPART ==> r'.saved(p) == r.saved(p) || r'.saved(p) == Now(k, p))
  }
  /** An effect of an event: ZERO clears b frames from frame a on, RESET a save area. The others add nothing: COPY writes bytes of the bundle only. */
  ghost function Done(r: Remains, e: Effect): Remains {
    if e.kind == ZERO then r.(frames := (f: u64) => if e.a as int <= f as int < e.a as int + e.b as int then Clean else r.frames(f))
    else if e.kind == RESET then r.(saved := (p: u32) => if p as u64 == e.a then Clean else r.saved(p))
    else r
  }
  ghost function AllDone(r: Remains, es: seq<Effect>): Remains decreases |es| { if |es| == 0 then r else AllDone(Done(r, es[0]), es[1..]) }

  /** The events es, with what partitions write before each, after each and at the end, can turn the remains r into r'. (Every event leaves a valid
      state: proofs/invariant/Step_Preserves_Valid.dfy.) */
  ghost predicate Leads(k: Kernel, r: Remains, es: seq<Step.Event>, r': Remains)
    requires V.Valid(k)
    decreases |es|
  {
    if |es| == 0 then Written(k, r, r')
    else exists m: Remains :: Written(k, r, m) && var n := Step.Step(k, es[0]); V.Valid(n.k) ==> Leads(n.k, AllDone(m, n.effects), es[1..], r')
  }

  /** The registers of a partition that has just been made: x0 its id, PC the image's entry, PSTATE EL1h with interrupts masked, everything else 0. */
  ghost function Initial(p: u32, e: u64, n: int): u64 { if n == 0 then p as u64 else if n == PC as int then e else if n == PSTATE as int then 0x3C5 else 0 }
  ghost predicate NewRegisters(regs: seq<u64>, p: u32, entry: u64) requires |regs| == NCTX as int && p < NPART {
    forall j: int {:trigger regs[j]} :: 0 <= j - (p * CTXW) as int < CTXW as int ==> regs[j] == Initial(p, entry, j - (p * CTXW) as int)
  }
}
