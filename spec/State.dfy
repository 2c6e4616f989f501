include "Machine.dfy"

/** What the kernel is: the structural state (changed only by actions), the volatile state (registers, queues' contents, run queue, time)
    and the witness log. */
module State {
  import opened Types
  import opened Limits
  import Kinds

  /** kind None marks an empty slot. parent and pgen name the slot this capability was derived from and that slot's generation then;
      depth 0 is a root. ogen is the object's generation when the root was made. */
  datatype Cap = Cap(gen: u32, kind: u32, obj: u32, ogen: u32, rights: u32, depth: u32, parent: u32, pgen: u32)
  const EmptyCap: Cap := Cap(0, 0, 0, 0, 0, 0, 0, 0)

  /** owner 0: nobody's; EVERYBODY: shared, from boot on and for ever. A slot that has pages keeps its frames for ever; without pages it has never been used. */
  datatype Region = Region(gen: u32, owner: u32, policy: u32, pages: u64, frame: u64)
  datatype Memory = Memory(regions: seq<Region>, next: u64, limit: u64)      // frames [next, limit) have never been given out

  /** One stage-2 page. region is the region that the frame belongs to; the hardware sees frame and perm only. */
  datatype Pte = Pte(frame: u64, perm: u32, region: u32)
  /** keys: which level-2 and level-3 tables exist, in the order of their making (see spec/Memory.dfy). */
  datatype Map = Map(keys: seq<u32>, pages: map<u32, Pte>)

  datatype Edge = Edge(gen: u32, src: u32, dst: u32, cap: u32)                // cap 0: the slot is free
  datatype Msg = Msg(a: u64, b: u64, c: u64, d: u64)
  datatype Queue = Queue(msgs: seq<Msg>, bits: u64)                           // volatile half of an edge

  datatype Part = Part(gen: u32, life: u32, slice: u64, rel: u64)             // slice and rel(ative deadline) in counts
  /** left: 0 no budget limit, otherwise full slices left; wake: a time (Sleeping) or an edge (Waiting). */
  datatype Task = Task(run: u32, left: u64, deadline: u64, wake: u64)
  /** ready: started partitions waiting for the processor, earliest deadline first. cur 0: idle. */
  datatype Sched = Sched(tasks: seq<Task>, ready: seq<u32>, cur: u32, sliceEnd: u64, nextWake: u64)

  datatype Record = Record(seqno: u64, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64, before: u64, hash: u64)
  /** quota and used count undrained records by the partition they are charged to; drained is the first undrained sequence number. */
  datatype Log = Log(records: seq<Record>, drained: u64, quota: seq<u64>, used: seq<u64>)

  /** A device that can be leased: its frames. */
  datatype Device = Device(frame: u64, pages: u64)
  /** What a partition has leased: the region of the device's frames, the page of its map where they begin, and when it ends; until 0: nothing. */
  datatype Lease = Lease(region: u32, page: u32, until: u64)
  const EmptyLease: Lease := Lease(0, 0, 0)

  datatype Image = Image(offset: u64, bytes: u64, page: u64, code: u64, data: u64, entry: u64)   // offset in bytes; page, code, data in pages

  /** Where RAM begins, where RAM for partitions begins (what lies between is the hypervisor's own), and where its devices are; in frames. */
  datatype Machine = Machine(ram: u64, lo: u64, uart: u64, gicd: u64, gicr: u64, gicrPages: u64)

  /** A policy that came with the bundle (spec/Policy.dfy), and the FNV-1a of its words. */
  datatype Ruleset = Ruleset(words: seq<u64>, digest: u64)

  /** policy: the number of the active one, from 1; 0: none, and what needs a permit is denied. nonces: for every partition slot the last that was
      used. leases: what every partition slot has leased. */
  datatype Structure = Structure(parts: seq<Part>, caps: seq<Cap>, memory: Memory, maps: seq<Map>, edges: seq<Edge>, policy: u32, nonces: seq<u64>,
                                 leases: seq<Lease>)
  /** failed: some partition has exited with a status other than 0. halted: every partition has ended. */
  datatype Volatile = Volatile(sched: Sched, queues: seq<Queue>, regs: seq<u64>, failed: bool, halted: bool)
  datatype Kernel = Kernel(machine: Machine, images: seq<Image>, devices: seq<Device>, policies: seq<Ruleset>, st: Structure, vol: Volatile, log: Log, booting: bool)

  /** Every table has its fixed size. */
  predicate Sized(k: Kernel) {
    && |k.st.parts| == NPART as int && |k.st.maps| == NPART as int && |k.vol.sched.tasks| == NPART as int
    && |k.st.caps| == NCAP as int && |k.st.memory.regions| == NREGION as int
    && |k.st.nonces| == NPART as int && |k.st.leases| == NPART as int && |k.st.edges| == NEDGE as int && |k.vol.queues| == NEDGE as int && |k.vol.regs| == NCTX as int
    && |k.log.quota| == NPART as int && |k.log.used| == NPART as int && |k.images| <= NIMAGE as int
    && |k.policies| <= NPOLICY as int && |k.devices| <= NDEVICE as int
  }
}
