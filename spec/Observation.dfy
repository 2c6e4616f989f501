include "Step.dfy"

/** What a partition can see of the kernel, and through which channels another partition can change it. The contents of memory are not here: no frame of one
    partition is in another's map but those of shared regions, which are public and never change (theorem 3), and none comes to a partition with contents
    (theorem 6). */
module Observation {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import C = Capabilities
  import V = Valid
  import Kinds
  import Rights
  import Step

  /** A capability slot: what it holds, whether it is live and its object present; if so, through which slots it came (the root last) and whose
      object it is (the owner of a region; source and destination of an edge). */
  datatype Held = Held(gen: u32, kind: u32, obj: u32, rights: u32, depth: u32, live: bool, path: seq<u32>, present: bool, ends: (u32, u32))
  /** Ready or on the processor is one: when a partition runs is the schedule's (spec/Declassification.dfy). */
  datatype Doing = Stopped | Runnable | Sleeping(until: u64) | Waiting(edge: u64)
  /** An edge as one end sees it: the destination its queue, the source how many messages are queued. */
  datatype End = End(src: u32, dst: u32, cap: u32, queue: Queue, queued: nat)

  datatype View = View(part: Part, doing: Doing, left: u64, regs: seq<u64>, held: seq<Held>, space: Map,
                       regions: map<u32, Region>, ends: map<u32, End>, quota: u64, used: u64, nonce: u64, lease: Lease)

  /** The slots from which live entry i was derived, its own parent first. */
  function Path(t: seq<Cap>, i: u32, links: u32): seq<u32>
    requires C.Table(t) && i < NCAP
    decreases links
  {
    if t[i].depth == 0 || links == 0 || t[i].parent >= NCAP then [] else [t[i].parent] + Path(t, t[i].parent, links - 1)
  }
  predicate Present(s: Structure, c: Cap) requires Tables(s) { ObjectGen(s, c.kind, c.obj) == c.ogen }
  function Owners(s: Structure, c: Cap): (u32, u32)
    requires Tables(s)
  {
    if c.kind == Kinds.Region && c.obj < NREGION then (s.memory.regions[c.obj].owner, 0)
    else if c.kind == Kinds.CommEdge && c.obj < NEDGE then (s.edges[c.obj].src, s.edges[c.obj].dst)
    else (0, 0)
  }
  function HeldIn(s: Structure, i: u32): Held
    requires Tables(s) && i < NCAP
  {
    var c := s.caps[i];
    var live := C.Live(s.caps, i, c.gen);
    var present := live && Present(s, c);
    Held(c.gen, c.kind, c.obj, c.rights, c.depth, live, if live then Path(s.caps, i, MAXDEPTH) else [], present, if present then Owners(s, c) else (0, 0))
  }
  function DoingOf(t: Task): Doing {
    if t.run == Kinds.Ready || t.run == Kinds.Running then Runnable
    else if t.run == Kinds.Sleeping then Sleeping(t.wake)
    else if t.run == Kinds.Waiting then Waiting(t.wake)
    else Stopped
  }
  predicate IsEnd(e: Edge, p: u32) { e.cap != 0 && (e.src == p || e.dst == p) }
  function EndOf(e: Edge, q: Queue, p: u32): End { End(e.src, e.dst, e.cap, if e.dst == p then q else Queue([], 0), |q.msgs|) }

  /** Everything that partition p can learn from the kernel's state. */
  function See(k: Kernel, p: u32): View
    requires Sized(k) && p < NPART
  {
    View(k.st.parts[p], DoingOf(k.vol.sched.tasks[p]), k.vol.sched.tasks[p].left, k.vol.regs[p * CTXW .. (p + 1) * CTXW],
         seq(CSLOTS as int, s requires 0 <= s < CSLOTS as int => HeldIn(k.st, p * CSLOTS + s as u32)), k.st.maps[p],
         map r: u32 | r < NREGION && k.st.memory.regions[r].owner == p :: k.st.memory.regions[r],
         map e: u32 | e < NEDGE && IsEnd(k.st.edges[e], p) :: EndOf(k.st.edges[e], k.vol.queues[e], p),
         k.log.quota[p], k.log.used[p], k.st.nonces[p], k.st.leases[p])
  }

  /** What time alone does to what a partition sees: its own sleep ends when its time has come. */
  function Woken(v: View, now: u64): View { if v.doing.Sleeping? && v.doing.until <= now then v.(doing := Runnable) else v }
  /** What is seen when events have passed that concern nobody but the clock. */
  function Passed(v: View, es: seq<Step.Event>): View
    decreases |es|
  {
    if |es| == 0 then v else Passed(if es[0].Tick? then Woken(v, es[0].now) else v, es[1..])
  }

  // ---- channels ---------------------------------------------------------------------------------------------------------------

  /** In slot s partition q holds a live capability of this kind with one of these rights, and its object is still there. */
  predicate Wields(k: Kernel, q: u32, s: u32, kind: u32, rights: u32)
    requires Sized(k) && q < NPART && s < CSLOTS
  {
    var h := HeldIn(k.st, q * CSLOTS + s);
    h.present && h.kind == kind && Rights.Subset(rights, h.rights)
  }
  /** q holds authority over partition p itself: it may give it capabilities, start, suspend (WRITE) or end it (REVOKE). */
  predicate Controls(k: Kernel, q: u32, p: u32)
    requires Sized(k) && q < NPART
  {
    exists s: u32 :: s < CSLOTS && k.st.caps[q * CSLOTS + s].obj == p
      && (Wields(k, q, s, Kinds.Partition, Rights.WRITE) || Wields(k, q, s, Kinds.Partition, Rights.REVOKE))
  }
  /** q may end partition r, and with it everything that is r's. */
  predicate MayEnd(k: Kernel, q: u32, r: u32)
    requires Sized(k) && q < NPART
  {
    exists s: u32 :: s < CSLOTS && k.st.caps[q * CSLOTS + s].obj == r && Wields(k, q, s, Kinds.Partition, Rights.REVOKE)
  }
  /** p has to do with r: an edge joins them, or p holds a capability that came through r's slots, or one for r or for an object of r's. */
  predicate Tied(k: Kernel, r: u32, p: u32)
    requires Sized(k) && p < NPART
  {
    || (exists e: u32 :: e < NEDGE && IsEnd(k.st.edges[e], p) && IsEnd(k.st.edges[e], r))
    || (exists s: u32 :: s < CSLOTS && TiedBy(k, p, s, r))
  }
  /** What p holds in slot s came through r's slots, or is for r or for an object of r's. */
  predicate TiedBy(k: Kernel, p: u32, s: u32, r: u32)
    requires Sized(k) && p < NPART && s < CSLOTS
  {
    var h := HeldIn(k.st, p * CSLOTS + s);
    h.live && ((exists i: int :: 0 <= i < |h.path| && h.path[i] / CSLOTS == r) || (h.present && ((h.kind == Kinds.Partition && h.obj == r) || h.ends.0 == r || h.ends.1 == r)))
  }
  /** A channel from q to p: authority over p; a tie between them; authority to end a partition that is tied to p; authority to destroy an edge that p
      is an end of or holds a capability for; the right to drain the log, which gives everybody its quota anew. */
  predicate Channel(k: Kernel, q: u32, p: u32)
    requires Sized(k) && q < NPART && p < NPART
  {
    || Controls(k, q, p) || Tied(k, q, p)
    || (exists r: u32 :: 0 < r < NPART && MayEnd(k, q, r) && Tied(k, r, p))
    || (exists s: u32 :: s < CSLOTS && Wields(k, q, s, Kinds.CommEdge, Rights.REVOKE) && Concerns(k, k.st.caps[q * CSLOTS + s].obj, p))
    || (exists s: u32 :: s < CSLOTS && Wields(k, q, s, Kinds.WitnessLog, Rights.WITNESS))
  }
  /** Edge e is one that p is an end of or holds a capability for. */
  predicate Concerns(k: Kernel, e: u32, p: u32)
    requires Sized(k) && p < NPART
  {
    || (e < NEDGE && IsEnd(k.st.edges[e], p))
    || (exists s: u32 :: s < CSLOTS && HoldsEdge(k, p, s, e))
  }
  predicate HoldsEdge(k: Kernel, p: u32, s: u32, e: u32)
    requires Sized(k) && p < NPART && s < CSLOTS
  {
    var h := HeldIn(k.st, p * CSLOTS + s);
    h.present && h.kind == Kinds.CommEdge && h.obj == e
  }
}
