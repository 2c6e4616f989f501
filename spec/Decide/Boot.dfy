include "Partition.dfy"
include "Edge.dfy"
include "Region.dfy"
include "../Policy.dfy"

/** The commands of the boot bundle (docs/abi.md §5): the same checks, actions and records as hypercalls, on behalf of the hypervisor (id 0). */
module DecideBoot {
  import opened Types
  import opened Limits
  import opened State
  import opened Apply
  import opened Common
  import C = Capabilities
  import M = Memory
  import E = Edges
  import S = Scheduler
  import W = Witness
  import P = DecidePartition
  import D = DecideEdge
  import R = DecideRegion
  import L = Leases
  import Kinds
  import Status
  import Rights
  import Hash
  import Policy

  type Words = w: seq<u64> | |w| == 8 witness [0, 0, 0, 0, 0, 0, 0, 0]

  /** OK and the verdict, or why the command is refused. image, device: what an IMAGE or a DEVICE command adds. */
  datatype Answer = Done(v: Verdict) | Begun(v: Verdict, policies: seq<Ruleset>) | Loaded(i: Image) | Listed(d: Device) | Over(v: Verdict) | No(status: u64)

  /** A bundle's header: magic, version, number of commands, length in words, and for two policies the first word and the number of words (0, 0: there
      is none); the commands follow it. */
  predicate HeaderOk(b: seq<u64>) {
    && 8 <= |b| <= LO32 as int / 8 && b[0] == MAGIC && b[1] == 1 && 0 < b[2] <= MAXCMDS && b[3] as int == |b| && 8 + 8 * b[2] as int <= |b|
    && Within(b, 4) && Within(b, 6) && (b[5] == 0 ==> b[7] == 0)
  }
  /** The words that the header names at word i lie in the bundle. */
  predicate Within(b: seq<u64>, i: int) requires 0 <= i < 7 && 8 <= |b| { if b[i + 1] == 0 then b[i] == 0 else 8 <= b[i] && b[i] as int + b[i + 1] as int <= |b| }
  function TableAt(b: seq<u64>, i: int): seq<u64> requires 0 <= i < 7 && 8 <= |b| && Within(b, i) { b[b[i]..b[i] as int + b[i + 1] as int] }
  /** What the header names at word i is no table, or there is none. */
  predicate NoTable(b: seq<u64>, i: int) requires 0 <= i < 7 && 8 <= |b| && Within(b, i) { b[i + 1] != 0 && !Policy.Admissible(TableAt(b, i)) }
  function Ruled(b: seq<u64>, i: int): seq<Ruleset>
    requires 0 <= i < 7 && 8 <= |b| && Within(b, i) && !NoTable(b, i)
  {
    if b[i + 1] == 0 then [] else var t := Policy.Kept(TableAt(b, i)); [Ruleset(t, HashOf(t, |t|))]
  }
  /** FNV-1a over the bytes of the first n words. */
  function HashOf(b: seq<u64>, n: int): u64
    requires 0 <= n <= |b|
    decreases n
  {
    if n == 0 then Hash.BASIS else Hash.Fnv8(HashOf(b, n - 1), b[n - 1])
  }
  /** The boot begins: whatever the words are, they are attested or refused. */
  function Begin(k: Kernel, b: seq<u64>): Answer
    requires V.Valid(k)
  {
    if |k.log.records| != 0 then No(Status.InvalidPartitionState)
    else if !HeaderOk(b) then No(Status.Unsupported)
    else if NoTable(b, 4) || NoTable(b, 6) then No(Status.ProofInvalid)
    else if !W.Room(k.log, 0, 2) then No(Status.WitnessLogFull)
    else
      var ps := Ruled(b, 4) + Ruled(b, 6);
      Begun(Verdict([Attest(|b| as u64, HashOf(b, 8 + 8 * b[2] as int))] + (if |ps| == 0 then [] else [PolicyActivate(0, 1, ps[0].digest)]), k.vol, []), ps)
  }

  /** A command's argument as an index, if it is below the limit. */
  predicate Below(x: u64, limit: u32) { x < limit as u64 }
  predicate Exists(k: Kernel, p: u64) requires V.Valid(k) { 0 < p && Below(p, NPART) && k.st.parts[p].life != Kinds.Free }

  function ImageCommand(k: Kernel, w: Words, size: u64): Answer
    requires V.Valid(k)
  {
    var offset, bytes, page, code, data, entry := w[1], w[2], w[3], w[4], w[5], w[6];
    if |k.images| >= NIMAGE as int then No(Status.ResourceLimitExceeded)
    else if size > LO32 / 8 || offset > size || bytes > (size - offset) * 8 then No(Status.ResourceLimitExceeded)
    else if code == 0 || code > MAXMAP || data > MAXMAP - code || page > IPAPAGES - code - data || bytes > (code + data) * 4096 then No(Status.MemoryOverlap)
    else if !M.Fits(M.EmptyMap, page as u32, (code + data) as u32) then No(Status.OutOfMemory)
    else Loaded(Image(offset * 8, bytes, page, code, data, entry))
  }
  function PartitionCommand(k: Kernel, w: Words): Answer
    requires V.Valid(k)
  {
    var image, slice, rel, budget, quota := w[1], w[2], w[3], w[4], w[5];
    var p := S.FreeFrom(k.st.parts, 1);
    if image >= |k.images| as u64 then No(Status.PartitionNotFound)
    else if p == NPART then No(Status.PartitionLimitExceeded)
    else if slice < MINSLICE || slice >= LO32 || rel >= LO32 || budget >= LO32 || quota == 0 || quota > RING then No(Status.ResourceLimitExceeded)
    else
      var i := k.images[image];
      var l := P.Place(k.st.memory, i, p);
      if l.status != Status.OK then No(l.status)
      else if !W.Room(k.log, 0, quota + P.RECORDS) then No(Status.WitnessLogFull)
      else
        var x := P.Plan(p, image, slice, rel, quota, budget, w[6], w[7]);
        Done(Verdict(P.Making(0, x, i, l), P.Prepared(k.vol, x, i.entry), P.Filling(x, i, l)))
  }
  function RegionCommand(k: Kernel, w: Words): Answer
    requires V.Valid(k)
  {
    var owner, policy, pages, frame, rights := w[1], w[2], w[3], w[4], w[5];
    if !Exists(k, owner) then No(Status.PartitionNotFound)
    else if policy > Kinds.Device as u64 then No(Status.CapabilityTypeMismatch)
    else if pages == 0 || pages > MAXMAP * 16 || frame >= LO32 || rights > Rights.ALL as u64 then No(Status.ResourceLimitExceeded)
    else
      var device := policy == Kinds.Device as u64;
      var r := if device then M.VirginFrom(k.st.memory, 0) else M.Pick(k.st.memory, pages);
      var slot := C.FreeSlot(k.st.caps, owner as u32);
      if r == NREGION || slot == CSLOTS then No(Status.OutOfMemory)
      else if device && !(M.DeviceAllowed(k.machine, frame, pages) && M.DeviceFree(k.st.memory, frame, pages)) then No(Status.DeviceLeaseConflict)
      else if !W.Room(k.log, 0, 2) then No(Status.WitnessLogFull)
      else
        var f := if device then frame else M.PickFrame(k.st.memory, pages);
        Done(Verdict([RegionCreate(0, r, owner as u32, policy as u32, pages, f), CapGrant(0, owner as u32, slot, Kinds.Region, r, rights as u32)],
                     k.vol, if device then [] else [Effect(ZERO, f, pages, 0)]))
  }
  /** A region that everybody may be given a capability to read: zeros, and over them bytes of the bundle. */
  function SharedCommand(k: Kernel, w: Words, size: u64): Answer
    requires V.Valid(k)
  {
    var pages, offset, bytes := w[1], w[2], w[3];
    if pages == 0 || pages > MAXMAP * 16 || bytes > pages * 4096 then No(Status.ResourceLimitExceeded)
    else if size > LO32 / 8 || offset > size || bytes > (size - offset) * 8 then No(Status.ResourceLimitExceeded)
    else
      var r := M.Pick(k.st.memory, pages);
      if r == NREGION then No(Status.OutOfMemory)
      else if !W.Room(k.log, 0, 1) then No(Status.WitnessLogFull)
      else
        var f := M.PickFrame(k.st.memory, pages);
        Done(Verdict([RegionCreate(0, r, EVERYBODY, Kinds.Shared, pages, f)], k.vol, [Effect(ZERO, f, pages, 0), Effect(COPY, f, offset * 8, bytes)]))
  }
  function MapCommand(k: Kernel, w: Words): Answer
    requires V.Valid(k)
  {
    var p, r, page, first, n, perm := w[1], w[2], w[3], w[4], w[5], w[6];
    if !Exists(k, p) then No(Status.PartitionNotFound)
    else if !Below(r, NREGION) || !M.MayMap(k.st.memory.regions[r], p as u32) then No(Status.InsufficientCapability)
    else if L.Leased(k.st, p as u32, r as u32) then No(Status.InsufficientCapability)
    else if page >= IPAPAGES then No(Status.AlignmentError)
    else
      var c := R.MapCheck(k.st.maps[p], k.st.memory.regions[r], page * 4096, first, n, perm);
      if c != Status.OK then No(c)
      else if !W.Room(k.log, 0, 1) then No(Status.WitnessLogFull)
      else Done(Verdict([Action.RegionMap(0, p as u32, r as u32, page as u32, first, n as u32, perm as u32)], k.vol, [Effect(MAPSYNC, p, 0, 0)]))
  }
  function EdgeCommand(k: Kernel, w: Words): Answer
    requires V.Valid(k)
  {
    var src, dst, cap, rs, rd := w[1], w[2], w[3], w[4], w[5];
    if !Exists(k, src) || !Exists(k, dst) || src == dst then No(Status.PartitionNotFound)
    else
      var e, ss, ds := E.FreeFrom(k.st.edges, 0), C.FreeSlot(k.st.caps, src as u32), C.FreeSlot(k.st.caps, dst as u32);
      if cap == 0 || cap > QDEPTH as u64 || rs > Rights.ALL as u64 || rd > Rights.ALL as u64 || e == NEDGE || ss == CSLOTS || ds == CSLOTS
      then No(Status.ResourceLimitExceeded)
      else if !W.Room(k.log, 0, 3) then No(Status.WitnessLogFull)
      else Done(Verdict(D.Connect(k, 0, e, src as u32, ss, dst as u32, ds, cap as u32, rs as u32, rd as u32), k.vol, []))
  }
  /** Capabilities that boot may give besides those that come with a partition's own regions and with edges. */
  predicate Grantable(k: Kernel, kind: u64, obj: u64)
    requires V.Valid(k)
  {
    if kind == Kinds.Partition as u64 then Exists(k, obj)
    else if kind == Kinds.Region as u64 then Below(obj, NREGION) && k.st.memory.regions[obj].owner == EVERYBODY
    else if kind == Kinds.DeviceLease as u64 then obj as int < |k.devices|
    else (kind == Kinds.WitnessLog as u64 || kind == Kinds.PhysMemPool as u64 || kind == Kinds.Console as u64 || kind == Kinds.Policy as u64) && obj == 0
  }
  function CapCommand(k: Kernel, w: Words): Answer
    requires V.Valid(k)
  {
    var p, kind, obj, rights := w[1], w[2], w[3], w[4];
    if !Exists(k, p) then No(Status.PartitionNotFound)
    else if !Grantable(k, kind, obj) then No(Status.CapabilityTypeMismatch)
    else
      var slot := C.FreeSlot(k.st.caps, p as u32);
      if slot == CSLOTS || rights > Rights.ALL as u64 then No(Status.ResourceLimitExceeded)
      else if !W.Room(k.log, 0, 1) then No(Status.WitnessLogFull)
      else Done(Verdict([CapGrant(0, p as u32, slot, kind as u32, obj as u32, rights as u32)], k.vol, []))
  }
  /** A device that can be leased. */
  function DeviceCommand(k: Kernel, w: Words): Answer
    requires V.Valid(k)
  {
    var frame, pages := w[1], w[2];
    if |k.devices| >= NDEVICE as int || pages == 0 || pages > MAXMAP then No(Status.ResourceLimitExceeded)
    else if !M.DeviceAllowed(k.machine, frame, pages) then No(Status.DeviceLeaseConflict)
    else Listed(Device(frame, pages))
  }
  function StartCommand(k: Kernel, w: Words, now: u64): Answer
    requires V.Valid(k)
  {
    var p := w[1];
    if !Exists(k, p) || k.st.parts[p].life != Kinds.Created then No(Status.InvalidPartitionState)
    else if !W.Room(k.log, 0, 1) then No(Status.WitnessLogFull)
    else Done(Verdict([PartitionStart(0, p as u32)], k.vol.(sched := S.MakeReady(k.vol.sched, p as u32, k.st.parts[p].rel, now)), []))
  }
  /** Boot ends when some partition is ready to run; the first one is dispatched. */
  function EndCommand(k: Kernel, now: u64): Answer
    requires V.Valid(k)
  {
    if |k.vol.sched.ready| == 0 || k.vol.sched.cur != 0 then No(Status.InvalidPartitionState)
    else if !W.Room(k.log, 0, 1) then No(Status.WitnessLogFull)
    else Over(Verdict([BootComplete(S.FreeFrom(k.st.parts, 1) as u64 - 1)], k.vol.(sched := S.Dispatch(k.vol.sched, k.st.parts, now)), []))
  }
  /** One command. size: the bundle's length in words. The first is only taken after the bundle has been attested. */
  function Command(k: Kernel, w: Words, size: u64, now: u64): Answer
    requires V.Valid(k)
  {
    if      |k.log.records| == 0 then No(Status.InvalidPartitionState)
    else if w[0] == 1 then ImageCommand(k, w, size)
    else if w[0] == 2 then PartitionCommand(k, w)
    else if w[0] == 3 then RegionCommand(k, w)
    else if w[0] == 4 then MapCommand(k, w)
    else if w[0] == 5 then EdgeCommand(k, w)
    else if w[0] == 6 then CapCommand(k, w)
    else if w[0] == 7 then StartCommand(k, w, now)
    else if w[0] == 8 then EndCommand(k, now)
    else if w[0] == 9 then SharedCommand(k, w, size)
    else if w[0] == 10 then DeviceCommand(k, w)
    else No(Status.Unsupported)
  }
}
