include "CoreMemory.dfy"
include "CoreTasks.dfy"

/** Single actions, each carried out together with its record: what calls and boot commands that consist of several are made of. */
module Actions {
  import opened Types
  import opened Limits
  import opened CoreState
  import CoreCommon
  import CoreMemory
  import CoreTasks
  import WitnessLemmas
  import RegionFacts
  import Kinds
  import State
  import Apply
  import Common
  import Step
  import Valid
  import M = Memory
  import S = Scheduler
  import Caps = Capabilities
  import Wit = Witness
  import S2 = Stage2

  // Most steps of work (spec/Cost.dfy), for at most MAXMAP pages: as in CoreMemory.
  ghost const SPAWN_WORK: nat := 1 + CoreMemory.NEW_PART_WORK
  ghost const MAP_WORK: nat := 1 + CoreMemory.MAP_WORK
  ghost const PAGES_WORK: nat := 1 + CoreMemory.PAGES_WORK

  // ---- sequences of actions -------------------------------------------------------------------------------------------------

  ghost predicate Tables(s: State.Kernel) { Apply.Tables(s.st) && Wit.Tables(s.log) && |s.vol.regs| == NCTX as int && S.Tables(s.vol.sched) }
  /** The state after an action and its record; volatile state stays. */
  ghost function Do(s: State.Kernel, a: Apply.Action, now: u64): State.Kernel
    requires Tables(s)
    ensures Tables(Do(s, a, now))
  {
    s.(st := Apply.Apply(s.st, a), log := Apply.Note(s.log, a, now))
  }
  ghost function DoAll(s: State.Kernel, acts: seq<Apply.Action>, now: u64): State.Kernel
    requires Tables(s)
    ensures Tables(DoAll(s, acts, now))
  {
    s.(st := Apply.ApplyAll(s.st, acts), log := Apply.NoteAll(s.log, acts, now))
  }
  ghost function WithVol(s: State.Kernel, v: State.Volatile): State.Kernel { s.(vol := v) }

  lemma None(s: State.Kernel, now: u64) requires Tables(s) ensures DoAll(s, [], now) == s {}
  lemma ApplyMore(s: State.Structure, acts: seq<Apply.Action>, a: Apply.Action)
    requires Apply.Tables(s)
    ensures Apply.ApplyAll(s, acts + [a]) == Apply.Apply(Apply.ApplyAll(s, acts), a)
    decreases |acts|
  {
    hide Apply.Apply;
    if |acts| == 0 {
      assert (acts + [a])[1..] == [];
    } else {
      ApplyMore(Apply.Apply(s, acts[0]), acts[1..], a);
      assert (acts + [a])[1..] == acts[1..] + [a];
    }
  }
  lemma NoteMore(l: State.Log, acts: seq<Apply.Action>, a: Apply.Action, now: u64)
    requires Wit.Tables(l)
    ensures Apply.NoteAll(l, acts + [a], now) == Apply.Note(Apply.NoteAll(l, acts, now), a, now)
    decreases |acts|
  {
    hide Apply.Note;
    if |acts| == 0 {
      assert (acts + [a])[1..] == [];
    } else {
      NoteMore(Apply.Note(l, acts[0], now), acts[1..], a, now);
      assert (acts + [a])[1..] == acts[1..] + [a];
    }
  }
  /** One action more. */
  lemma More(s: State.Kernel, acts: seq<Apply.Action>, a: Apply.Action, now: u64)
    requires Tables(s)
    ensures DoAll(s, acts + [a], now) == Do(DoAll(s, acts, now), a, now)
  {
    ApplyMore(s.st, acts, a);
    NoteMore(s.log, acts, a, now);
  }
  lemma CommitIs(s: State.Kernel, v: Common.Verdict, now: u64)
    requires Valid.Valid(s)
    ensures Tables(s) && Step.Commit(s, v, now) == WithVol(DoAll(s, v.acts, now), v.vol)
  {}

  /** A record takes one from the room that there is. */
  lemma Noted(l: State.Log, a: Apply.Action, p: u32, n: u64, now: u64)
    requires Wit.Tables(l) && p < NPART && 0 < n && Wit.Room(l, p, n) && Apply.Charged(a) == p && !a.PartitionQuota? && !a.PartitionEnd? && !a.Drain?
    ensures Wit.Spare(l, p) && Wit.Room(Apply.Note(l, a, now), p, n - 1) && Wit.Tables(Apply.Note(l, a, now))
  {}

  // ---- actions --------------------------------------------------------------------------------------------------------------

  /** The record of an action of `who`, who has room for n. */
  method Note(k: Core, ghost a: Apply.Action, who: u32, kind: u64, obj: u64, aux: u64, now: u64, ghost n: u64)
    requires k.Inv() && k.Rooted() && who < NPART && 0 < n && Wit.Room(k.Abs().log, who, n)
    requires Apply.Encode(a) == Apply.Fields(kind, 1, who, obj, aux) && Apply.Charged(a) == who && kind < 256
    requires !a.PartitionQuota? && !a.PartitionEnd? && !a.Drain?
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects())
    ensures k.Abs() == old(k.Abs()).(log := Apply.Note(old(k.Abs()).log, a, now)) && Wit.Room(k.Abs().log, who, n - 1)
  {
    hide *;
    reveal Limits.NPART;
    CoreTasks.Sized(k);
    LogTables(k);
    Noted(k.Abs().log, a, who, n, now);
    k.Record(a, who, kind, 1, who, obj, aux, now);
  }
  lemma LogTables(k: Core)
    requires k.Inv()
    ensures Tables(k.Abs()) && Wit.Tables(k.Abs().log)
  {}
  method Spawn(k: Core, who: u32, p: u32, image: u64, slice: u64, rel: u64, left: u64, now: u64, ghost n: u64)
    returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && who < NPART && 1 < n && Wit.Room(k.Abs().log, who, n)
    requires 0 < p < NPART && k.Abs().vol.sched.tasks[p].run == Kinds.Stopped && k.Abs().st.parts[p].gen < GENMAX
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, n - 2)
    ensures k.Abs() == WithVol(Do(Do(old(k.Abs()), Apply.PartitionCreate(who, p, image), now), Apply.TaskSpawn(who, p, slice, rel), now),
                               old(k.Abs()).vol.(sched := S.SetLeft(old(k.Abs()).vol.sched, p, left)))
    ensures k.Abs().st.memory == old(k.Abs()).st.memory && k.Abs().st.maps[p] == M.EmptyMap && k.Abs().st.caps == old(k.Abs()).st.caps
    ensures CoreMemory.Mappable(k, p)
    ensures work <= SPAWN_WORK
  {
    hide *;
    work := 1;
    reveal Tables, Do, WithVol, CoreMemory.WithPart, CoreMemory.Mappable, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Tables, S.CreatePart;
    reveal Limits.NPART, Limits.LO32, Kinds.Created, Kinds.Free;
    LogTables(k);
    Note(k, Apply.PartitionCreate(who, p, image), who, 0x01, p as u64, image, now, n);
    Note(k, Apply.TaskSpawn(who, p, slice, rel), who, 0x70, p as u64, slice % LO32 * LO32 + rel % LO32, now, n - 1);
    ghost var w := CoreMemory.NewPart(k, p, slice, rel, left);
    work := work + w;
    assert work <= SPAWN_WORK by { reveal SPAWN_WORK; }
  }
  /** p gets a quota out of who's. */
  method Quota(k: Core, who: u32, p: u32, quota: u64, budget: u64, now: u64, ghost n: u64)
    requires k.Inv() && k.Rooted() && who < NPART && 0 < p < NPART && who != p && quota as int < n as int && Wit.Room(k.Abs().log, who, n)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, n - 1 - quota)
    ensures k.Abs() == Do(old(k.Abs()), Apply.PartitionQuota(who, p, quota, budget), now)
    ensures k.Abs().st == old(k.Abs()).st && k.Abs().vol == old(k.Abs()).vol
  {
    hide *;
    reveal Do, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Limits.NPART, Limits.LO32;
    LogTables(k);
    QuotaNoted(k, who, p, quota, budget, n, now);
    k.RecordQuota(Apply.PartitionQuota(who, p, quota, budget), who, p, p as u64, quota % LO32 * LO32 + budget % LO32, quota, now);
  }
  lemma QuotaNoted(k: Core, who: u32, p: u32, quota: u64, budget: u64, n: u64, now: u64)
    requires k.Inv() && who < NPART && 0 < p < NPART && who != p && quota as int < n as int && Wit.Room(k.Abs().log, who, n)
    ensures Wit.Spare(k.Abs().log, who) && k.Abs().log.used[who] as int + 1 + quota as int <= k.Abs().log.quota[who] as int
    ensures Wit.Tables(k.Abs().log) && Wit.Room(Apply.Note(k.Abs().log, Apply.PartitionQuota(who, p, quota, budget), now), who, n - 1 - quota)
  {
    WitnessLemmas.Fits(k.Abs().log, who, p);
    WitnessLemmas.Fits(k.Abs().log, 0, p);
  }
  /** A region of RAM in the slot and at the frame that Pick says. */
  method Ram(k: Core, who: u32, r: u32, owner: u32, policy: u32, pages: u64, frame: u64, now: u64, ghost n: u64)
    requires k.Inv() && k.Rooted() && who < NPART && 0 < n && Wit.Room(k.Abs().log, who, n)
    requires 0 < owner && pages > 0 && M.PolicyOk(owner, policy) && policy != Kinds.Device && r < NREGION
    requires r == M.Pick(k.Abs().st.memory, pages) && frame == M.PickFrame(k.Abs().st.memory, pages)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, n - 1)
    ensures k.Abs() == Do(old(k.Abs()), Apply.RegionCreate(who, r, owner, policy, pages, frame), now)
    ensures k.Abs().st == old(k.Abs()).st.(memory := M.Create(old(k.Abs()).st.memory, r, owner, policy, pages, frame))
    ensures k.Abs().vol == old(k.Abs()).vol
  {
    hide *;
    reveal Do, CoreMemory.WithRegion, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Limits.NPART, Limits.LO32;
    LogTables(k);
    Note(k, Apply.RegionCreate(who, r, owner, policy, pages, frame), who, 0x20, owner as u64 * LO32 + r as u64,
         policy as u64 % 16 * 0x1000_0000_0000_0000 + pages % 0x10_0000 * 0x100_0000_0000 + frame % 0x100_0000_0000, now, n);
    CoreMemory.CreateRegion(k, r, owner, policy, pages, frame);
  }
  /** A device's frames. */
  method Device(k: Core, who: u32, r: u32, owner: u32, pages: u64, frame: u64, now: u64, ghost n: u64)
    requires k.Inv() && k.Rooted() && who < NPART && 0 < n && Wit.Room(k.Abs().log, who, n)
    requires 0 < owner < NPART && pages > 0 && r < NREGION
    requires frame as int + pages as int <= k.Abs().st.memory.next as int && M.DeviceFree(k.Abs().st.memory, frame, pages)
    requires k.Abs().st.memory.regions[r].gen <= GENMAX
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, n - 1)
    ensures k.Abs() == Do(old(k.Abs()), Apply.RegionCreate(who, r, owner, Kinds.Device, pages, frame), now)
    ensures k.Abs().st == old(k.Abs()).st.(memory := M.Create(old(k.Abs()).st.memory, r, owner, Kinds.Device, pages, frame))
    ensures k.Abs().vol == old(k.Abs()).vol
  {
    hide *;
    reveal Do, CoreMemory.WithRegion, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Limits.NPART, Limits.LO32, Kinds.Device;
    LogTables(k);
    Note(k, Apply.RegionCreate(who, r, owner, Kinds.Device, pages, frame), who, 0x20, owner as u64 * LO32 + r as u64,
         Kinds.Device as u64 % 16 * 0x1000_0000_0000_0000 + pages % 0x10_0000 * 0x100_0000_0000 + frame % 0x100_0000_0000, now, n);
    CoreMemory.CreateDevice(k, r, owner, pages, frame);
  }
  /** Pages page … page+count-1 of p show frame … frame+count-1, which belong to region r. */
  method Map(k: Core, who: u32, p: u32, r: u32, page: u32, first: u64, count: u32, perm: u32, now: u64, ghost n: u64)
    returns (ghost work: nat)
    requires k.Inv() && k.Rooted() && who < NPART && 0 < n && Wit.Room(k.Abs().log, who, n)
    requires CoreMemory.Mappable(k, p) && r < NREGION && 0 < count && page as int + count as int <= IPAPAGES as int && perm <= 3
    requires first as int + count as int <= k.Abs().st.memory.regions[r].pages as int
    requires M.Fits(k.Abs().st.maps[p], page, count) && M.Unmapped(k.Abs().st.maps[p], page, count)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, n - 1)
    ensures k.Abs() == Do(old(k.Abs()), Apply.RegionMap(who, p, r, page, first, count, perm), now)
    ensures old(k.Abs()).st.memory.regions[r].frame as int + first as int + count as int <= M.FRAMES as int
    ensures k.Abs().st == old(k.Abs()).st.(maps := old(k.Abs()).st.maps[p as int :=
                                           M.MapRange(old(k.Abs()).st.maps[p], page, count, old(k.Abs()).st.memory.regions[r].frame + first, perm, r)])
    ensures k.Abs().vol == old(k.Abs()).vol && CoreMemory.Mappable(k, p)
    ensures count as u64 <= MAXMAP ==> work <= MAP_WORK
    ensures count as u64 <= MAXMAP ==> work + S2.TablesWork(old(k.Abs()).st.maps[p].keys) <= PAGES_WORK + S2.TablesWork(k.Abs().st.maps[p].keys)
  {
    hide *;
    work := 1;
    reveal Do, CoreMemory.WithMap, CoreMemory.Mappable, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, M.FRAMES, Limits.FRAMES;
    reveal Limits.NPART, Limits.LO32, Limits.NREGION, Limits.IPAPAGES;
    LogTables(k);
    InFrames(k, r);
    var frame := Frame(k, r) + first;
    Note(k, Apply.RegionMap(who, p, r, page, first, count, perm), who, 0x25, r as u64 * LO32 + page as u64,
         perm as u64 % 16 * 0x1000_0000_0000_0000 + p as u64 % 256 * 0x10_0000_0000_0000 + first % 0x10_0000 * LO32 + count as u64, now, n);
    ghost var w := CoreMemory.Map(k, p, page, count, frame, perm, r);
    work := work + w;
    assert 1 + CoreMemory.MAP_WORK == MAP_WORK && 1 + CoreMemory.PAGES_WORK == PAGES_WORK by { reveal MAP_WORK, PAGES_WORK; }
  }
  lemma InFrames(k: Core, r: u32)
    requires k.Inv() && r < NREGION
    ensures k.Abs().st.memory.regions[r].frame as int + k.Abs().st.memory.regions[r].pages as int <= M.FRAMES as int
  {
    k.regions.RegionsHold();
    assert M.RegionOk(k.Abs().st.memory, k.Abs().st.memory.regions[r]);
  }
  function Frame(k: Core, r: u32): (f: u64)
    requires k.Inv() && r < NREGION
    reads k.Repr()
    ensures f == k.Abs().st.memory.regions[r].frame
  {
    k.regions.Frame(r)
  }
  /** A new capability for an object. */
  method Grant(k: Core, who: u32, to: u32, slot: u32, kind: u32, obj: u32, rights: u32, now: u64, ghost n: u64)
    requires k.Inv() && k.Rooted() && who < NPART && 0 < n && Wit.Room(k.Abs().log, who, n)
    requires to < NPART && slot < CSLOTS && k.Abs().st.caps[to * CSLOTS + slot].gen < GENMAX && kind != Kinds.None
    requires Caps.ObjectInRange(State.EmptyCap.(kind := kind, obj := obj))
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, n - 1)
    ensures k.Abs() == Do(old(k.Abs()), Apply.CapGrant(who, to, slot, kind, obj, rights), now)
    ensures k.Abs().st == old(k.Abs()).st.(caps := Caps.Mint(old(k.Abs()).st.caps, to * CSLOTS + slot, kind, obj, Apply.ObjectGen(old(k.Abs()).st, kind, obj), rights))
    ensures k.Abs().vol == old(k.Abs()).vol
  {
    hide *;
    reveal Do, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Apply.Pair, Limits.NPART, Limits.LO32, Limits.CSLOTS, Limits.NCAP;
    LogTables(k);
    var gen := CoreCommon.ObjectGen(k, kind, obj);
    Note(k, Apply.CapGrant(who, to, slot, kind, obj, rights), who, 0x10, to as u64 * LO32 + slot as u64,
         kind as u64 % 256 * 0x100_0000_0000_0000 + obj as u64 % 0x100_0000 * LO32 + rights as u64, now, n);
    k.Mint(to * CSLOTS + slot, kind, obj, gen, rights);
  }
  /** p may run from now on. */
  method Start(k: Core, who: u32, p: u32, now: u64, ghost n: u64)
    requires k.Inv() && k.Rooted() && who < NPART && 0 < n && Wit.Room(k.Abs().log, who, n) && 0 < p < NPART && CoreMemory.Mappable(k, p)
    modifies k.Repr()
    ensures k.Inv() && k.Rooted() && k.Effects() == old(k.Effects()) && Tables(old(k.Abs())) && Wit.Room(k.Abs().log, who, n - 1)
    ensures k.Abs() == Do(old(k.Abs()), Apply.PartitionStart(who, p), now)
    ensures k.Abs().st.parts == S.SetLife(old(k.Abs()).st.parts, p, Kinds.Started) && k.Abs().vol == old(k.Abs()).vol
  {
    hide *;
    reveal Do, CoreMemory.WithLife, CoreMemory.Mappable, S.SetLife, Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Limits.NPART;
    LogTables(k);
    Note(k, Apply.PartitionStart(who, p), who, 0x07, p as u64, 0, now, n);
    CoreMemory.SetLife(k, p, Kinds.Started);
  }
}
