include "PageTable.dfy"
include "Decide/Common.dfy"

/** What a processor (one PE) may remember of stage-2 descriptors, in TLBs and walk caches, and what barriers and invalidations do about it (Armv8-A).
    It has every freedom that the architecture gives it, and one more: it walks for guests also while the hypervisor executes. In one point the model
    rests on the rule that it does not: of a new table it sees the zeros before the store that links it, though no barrier stands between them. */
module {:compile false} Translation {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import A = Apply
  import M = Memory
  import PT = PageTable

  // ---- descriptors in memory ------------------------------------------------------------------------------------------------------

  ghost function Place(keys: seq<u32>, k: u32): nat requires k in keys ensures Place(keys, k) < |keys| && keys[Place(keys, k)] == k {
    if keys[0] == k then 0 else 1 + Place(keys[1..], k)
  }
  /** The descriptor that leads to the table with key k, 0 if there is none: tables follow the root in the order of their keys. */
  ghost function Pointer(keys: seq<u32>, root: int, k: u32): u64 {
    if k in keys && 0 <= root && root + 1 + Place(keys, k) < M.FRAMES as int then PT.TableDescriptor((root + 1 + Place(keys, k)) as u64) else 0
  }
  ghost function Leaf(m: Map, v: u32): u64 {
    if v in m.pages && m.pages[v].frame < M.FRAMES then PT.PageDescriptor(m.pages[v].frame, m.pages[v].perm) else 0
  }
  /** The descriptor that the walk for page v meets at a level (1 to 3) of partition p's tables, the pool of tables being in the frames from `base`
      on: 0, a fault, where there is none. proofs/translation/Descriptors.dfy shows that these are the words in the memory of the running kernel. */
  opaque ghost function Word(maps: seq<Map>, base: u64, p: u32, v: u32, level: u32): u64 {
    if p as int >= |maps|  then 0
    else if level == 1     then Pointer(maps[p].keys, base as int + 16 * p as int, M.Key2(v))
    else if level == 2     then Pointer(maps[p].keys, base as int + 16 * p as int, M.Key3(v))
    else                        Leaf(maps[p], v)
  }
  /** The maps before the actions of an event, after the first of them, … , after all of them. */
  ghost function Stages(s: Structure, acts: seq<A.Action>): seq<seq<Map>> requires A.Tables(s) decreases |acts| {
    [s.maps] + if |acts| == 0 then [] else Stages(A.Apply(s, acts[0]), acts[1..])
  }

  // ---- what is cached -------------------------------------------------------------------------------------------------------------

  /** Stage2: one descriptor of the walk for a page, at any level, so that a walk may begin from it. Combined: a virtual address that a guest's own
      tables take to this page, or one of these tables in it, together with the page's stage-2 descriptor. Partition p's VMID is p. */
  datatype Entry = Stage2(vmid: u32, page: u32, level: u32, word: u64) | Combined(vmid: u32, page: u32, word: u64)
  function Level(e: Entry): u32 { if e.Stage2? then e.level else 3 }
  datatype Instruction = Dsb | TlbiIpa(vmid: u64, page: int) | TlbiStage1(vmid: u64) | TlbiVmid(vmid: u64)

  /** stages: what the tables have been since the last event, the last one is what they are now; complete: a barrier has made all walks see that one.
      pending: invalidations that no barrier has waited for yet. */
  datatype Hw = Hw(base: u64, stages: seq<seq<Map>>, complete: bool, pending: set<Instruction>, tlb: set<Entry>)
  ghost function Now(h: Hw): seq<Map> { if |h.stages| == 0 then [] else h.stages[|h.stages| - 1] }
  function Span(level: u32): u32 { if level == 1 then 0x4_0000 else if level == 2 then 512 else 1 }
  /** One descriptor of this level serves both pages. */
  predicate Near(v: u32, w: u32, level: u32) { v / Span(level) == w / Span(level) }
  /** A descriptor is cached that led the walk for page v to tables that have since been taken out. */
  ghost predicate Strays(h: Hw, p: u32, v: u32, level: u32) {
    exists e :: e in h.tlb && e.Stage2? && e.vmid == p && e.level < level && Near(e.page, v, e.level) &&
                e.word != Word(Now(h), h.base, p, e.page, e.level)
  }
  /** A walk reads what the tables hold; until a barrier also, for each descriptor, anything that it was; in a table taken out what that held. */
  ghost predicate MayRead(h: Hw, p: u32, v: u32, level: u32, w: u64) {
    || w == Word(Now(h), h.base, p, v, level)
    || ((!h.complete || Strays(h, p, v, level)) && exists i :: 0 <= i < |h.stages| && w == Word(h.stages[i], h.base, p, v, level))
  }
  /** Valid descriptors may be cached when a walk has read them; a combined entry comes from a walk or from the cached descriptor of its page. */
  ghost predicate MayCache(h: Hw, e: Entry) {
    && PT.IsValid(e.word) && 1 <= Level(e) <= 3 && e.page as u64 < IPAPAGES
    && (MayRead(h, e.vmid, e.page, Level(e), e.word) || (e.Combined? && Stage2(e.vmid, e.page, 3, e.word) in h.tlb))
  }
  /** The hardware on its own, for as long as it likes: entries vanish and new ones come. */
  ghost predicate Drifts(h: Hw, t: set<Entry>) { forall e :: e in t ==> e in h.tlb || MayCache(h, e) }

  // ---- instructions ---------------------------------------------------------------------------------------------------------------

  /** TLBI IPAS2E1, VMALLE1 and VMALLS12E1: what each is sure to invalidate. */
  predicate Hits(i: Instruction, e: Entry) {
    match i
    case Dsb()         => false
    case TlbiIpa(p, v) => e.Stage2? && e.vmid as u64 == p && 0 <= v <= 0xFFFF_FFFF && Near(e.page, v as u32, e.level)
    case TlbiStage1(p) => e.Combined? && e.vmid as u64 == p
    case TlbiVmid(p)   => e.vmid as u64 == p
  }
  /** An invalidation has done its work when the next barrier completes, in any order with the others: what it hits is there after that only if it was
      cached anew without what it hits. */
  ghost predicate Stays(h: Hw, e: Entry) { forall i :: i in h.pending && Hits(i, e) ==> MayCache(h.(tlb := set f | f in h.tlb && !Hits(i, f)), e) }
  ghost function After(i: Instruction, h: Hw): Hw {
    if i.Dsb? then h.(complete := true, pending := {}, tlb := set e | e in h.tlb && Stays(h, e)) else h.(pending := h.pending + {i})
  }
  /** What the platform executes for an effect (src/Rvm.Platform.Aarch64/Boot/cpu.S), in so far as it bears on stage-2 translations. */
  ghost function Code(e: Effect): seq<Instruction> {
    if e.kind == MAPSYNC        then [Dsb]
    else if e.kind == TLBIRANGE then [Dsb] + seq(e.c as int, i => TlbiIpa(e.a, e.b as int + i)) + [Dsb, TlbiStage1(e.a), Dsb]
    else if e.kind == TLBIVMID  then [Dsb, TlbiVmid(e.a), Dsb]
    else                             []
  }
  ghost function Program(effects: seq<Effect>): seq<Instruction> { if |effects| == 0 then [] else Code(effects[0]) + Program(effects[1..]) }

  /** The hardware drifts before each instruction and after the last one; ts is what the TLBs hold each time. */
  ghost predicate Possible(h: Hw, code: seq<Instruction>, ts: seq<set<Entry>>) decreases |code| {
    |ts| == |code| + 1 && Drifts(h, ts[0]) && (|code| > 0 ==> Possible(After(code[0], h.(tlb := ts[0])), code[1..], ts[1..]))
  }
  ghost function End(h: Hw, code: seq<Instruction>, ts: seq<set<Entry>>): Hw requires |ts| == |code| + 1 decreases |code| {
    if |code| == 0 then h.(tlb := ts[0]) else End(After(code[0], h.(tlb := ts[0])), code[1..], ts[1..])
  }

  // ---- what is claimed ------------------------------------------------------------------------------------------------------------

  /** What is cached is what a walk would read. */
  ghost predicate Current(maps: seq<Map>, base: u64, e: Entry) {
    PT.IsValid(e.word) && 1 <= Level(e) <= 3 && e.page as u64 < IPAPAGES && e.word == Word(maps, base, e.vmid, e.page, Level(e))
  }
  ghost predicate Coherent(maps: seq<Map>, base: u64, tlb: set<Entry>) { forall e :: e in tlb ==> Current(maps, base, e) }
  /** Walks see nothing but what the tables are now, and no invalidation is outstanding. */
  ghost predicate Settled(h: Hw) { h.pending == {} && (h.complete || forall i :: 0 <= i < |h.stages| ==> h.stages[i] == Now(h)) }
  /** What an entry of the last level gives a guest without a walk: a frame, and which accesses are permitted. The others lead to tables. */
  function Given(e: Entry): PT.Outcome requires Level(e) == 3 { PT.Final(e.word, 3, e.page) }
}
