include "../../../spec/Step.dfy"
include "../platform/Heap.dfy"
include "../capabilities/CapTables.dfy"
include "../regions/RegionTable.dfy"
include "../stage2/Stage2.dfy"
include "../edges/EdgeTables.dfy"
include "../scheduler/Schedulers.dfy"
include "../witness/Log.dfy"
include "../policy/Gates.dfy"

/** The kernel's objects together: the abstraction to spec/State.dfy, and one small operation for every way in which a call changes them.
    Calls (the other files of this folder) are written with these operations only. */
module CoreState {
  import opened Types
  import opened Limits
  import Kinds
  import Status
  import Heap
  import State
  import Apply
  import Common
  import Step
  import Valid
  import Caps = Capabilities
  import Mem = Memory
  import Sch = Scheduler
  import Wit = Witness
  import Edg = Edges
  import CT = CapTables
  import RT = RegionTables
  import S2 = Stage2
  import ET = EdgeTables
  import SC = Schedulers
  import WL = WitnessLogs
  import G = Gates
  import Pol = Policy
  import WitnessLemmas

  const EFFECTS: u32 := 64                    // words of the effect buffer: 16 effects of four words

  // Most steps of work (spec/Cost.dfy).
  ghost const DRAIN_WORK: nat := 2 + WL.DRAIN_ALL_WORK
  ghost const MAKE_READY_WORK: nat := 1 + SC.MAKE_READY_WORK
  ghost const YIELD_WORK: nat := 1 + SC.YIELD_WORK
  ghost const RULED_WORK: nat := 1 + G.ADD_WORK
  ghost const ROOTED_WORK: nat := 1 + S2.RESET_WORK
  ghost const NEW_CORE_WORK: nat := 1 + ROOTED_WORK

  ghost const IMAGEWORDS: int := NIMAGE as int * 8
  ghost function ImagesOf(w: seq<u64>, n: int): seq<State.Image>
    requires |w| == IMAGEWORDS && 0 <= n <= NIMAGE as int
    ensures |ImagesOf(w, n)| == n
  {
    seq(n, i requires 0 <= i < n => State.Image(w[8 * i], w[8 * i + 1], w[8 * i + 2], w[8 * i + 3], w[8 * i + 4], w[8 * i + 5]))
  }
  ghost function EffectsOf(w: seq<u64>, n: int): seq<Common.Effect>
    requires |w| == EFFECTS as int && 0 <= n <= 16
    ensures |EffectsOf(w, n)| == n
  {
    seq(n, i requires 0 <= i < n => Common.Effect(w[4 * i], w[4 * i + 1], w[4 * i + 2], w[4 * i + 3]))
  }

  ghost const NoNonces: seq<u64> := seq(NPART as int, _ => 0)
  /** Context blocks that nobody has used. */
  ghost predicate Blank(regs: seq<u64>) { regs == seq(NCTX as int, _ => 0) }
  ghost const NoLeases: seq<State.Lease> := seq(NPART as int, _ => State.EmptyLease)
  /** The state before the first event. */
  ghost function First(m: State.Machine, regs: seq<u64>, lo: u64, hi: u64): State.Kernel {
    State.Kernel(m, [], [], [],
      State.Structure(Sch.NoParts, seq(NCAP as int, _ => State.EmptyCap), State.Memory(seq(NREGION as int, _ => State.Region(0, 0, 0, 0, 0)), lo, hi),
                      seq(NPART as int, _ => Mem.EmptyMap), seq(NEDGE as int, _ => State.Edge(0, 0, 0, 0)),
                      0, NoNonces, NoLeases),
      State.Volatile(Sch.EmptySched, seq(NEDGE as int, _ => Edg.EmptyQueue), regs, false, false), Wit.Start, true)
  }

  class Core {
    const caps: CT.CapTable
    const regions: RT.RegionTable
    const stage2: S2.Stage2
    const edges: ET.EdgeTable
    const sched: SC.Scheduler
    const log: WL.WitnessLog
    const gate: G.Gate
    const ctx: array<u64>                     // NPART context blocks of CTXW words
    const eff: array<u64>                     // the effects of the last event, four words each
    const img: array<u64>                     // NIMAGE images of 8 words: offset, bytes, page, code, data, entry
    var neff: u32
    var nimg: u32
    var failed: bool
    var halted: bool
    var booting: bool
    const ram: u64                            // State.Machine
    const lo: u64
    const uart: u64
    const gicd: u64
    const gicr: u64
    const gicrPages: u64

    ghost function Repr(): set<object> {
      {this, ctx, eff, img} + caps.Repr() + regions.Repr() + stage2.Repr() + edges.Repr() + sched.Repr() + log.Repr() + gate.Repr()
    }
    /** No two objects share memory. */
    opaque ghost predicate Separate() {
      && ctx != eff && ctx != img && eff != img
      && Alone(this) && Alone(ctx) && Alone(eff) && Alone(img)
      && caps.Repr() !! regions.Repr() && caps.Repr() !! stage2.Repr() && caps.Repr() !! edges.Repr() && caps.Repr() !! sched.Repr() && caps.Repr() !! log.Repr()
      && regions.Repr() !! stage2.Repr() && regions.Repr() !! edges.Repr() && regions.Repr() !! sched.Repr() && regions.Repr() !! log.Repr()
      && stage2.Repr() !! edges.Repr() && stage2.Repr() !! sched.Repr() && stage2.Repr() !! log.Repr()
      && edges.Repr() !! sched.Repr() && edges.Repr() !! log.Repr() && sched.Repr() !! log.Repr()
      && gate.Repr() !! caps.Repr() && gate.Repr() !! regions.Repr() && gate.Repr() !! stage2.Repr() && gate.Repr() !! edges.Repr()
      && gate.Repr() !! sched.Repr() && gate.Repr() !! log.Repr()
    }
    ghost predicate Alone(o: object) {
      o !in caps.Repr() && o !in regions.Repr() && o !in stage2.Repr() && o !in edges.Repr() && o !in sched.Repr() && o !in log.Repr() && o !in gate.Repr()
    }
    ghost predicate Shape() {
      && ctx.Length == NCTX as int && eff.Length == EFFECTS as int && img.Length == IMAGEWORDS && Separate()
    }
    /** The objects are well-formed, each by itself. */
    ghost predicate Inv()
      reads Repr()
      ensures Inv() ==> ctx.Length == NCTX as int && eff.Length == EFFECTS as int && img.Length == IMAGEWORDS && neff <= 16 && nimg <= NIMAGE
      ensures Inv() ==> caps.Valid() && regions.Valid() && stage2.Valid() && edges.Valid() && sched.Valid() && log.Valid() && gate.Valid()
    {
      && Shape() && neff <= 16 && nimg <= NIMAGE
      && caps.Valid() && regions.Valid() && stage2.Valid() && edges.Valid() && sched.Valid() && log.Valid() && gate.Valid()
    }
    ghost function Images(): seq<State.Image>
      requires img.Length == IMAGEWORDS && nimg <= NIMAGE
      reads this`nimg, img
    {
      ImagesOf(img[..], nimg as int)
    }
    ghost function Structure(): State.Structure
      requires Inv()
      reads Repr()
    {
      State.Structure(sched.Parts(), caps.Abs(), regions.Abs(), stage2.maps, edges.Edges(), gate.active, gate.Nonces(), gate.Leases())
    }
    ghost function Volatile(): State.Volatile
      requires Inv()
      reads Repr()
    {
      State.Volatile(sched.Abs(), edges.Queues(), ctx[..], failed, halted)
    }
    ghost function Abs(): State.Kernel
      requires Inv()
      reads Repr()
    {
      State.Kernel(State.Machine(ram, lo, uart, gicd, gicr, gicrPages), Images(), gate.Devices(), gate.Policies(), Structure(), Volatile(), log.Abs(), booting)
    }
    ghost function Effects(): seq<Common.Effect>
      requires eff.Length == EFFECTS as int && neff <= 16
      reads this`neff, eff
    {
      EffectsOf(eff[..], neff as int)
    }
    /** Every partition that exists has a cleared root table; so has slot 0, whose map stays empty. */
    ghost predicate Rooted() requires Inv() reads Repr() {
      0 in stage2.rooted && forall p: u32 {:trigger p in stage2.rooted} :: p < NPART && sched.Parts()[p].life != Kinds.Free ==> p in stage2.rooted
    }
    /** The tables lie in the hypervisor's own RAM. */
    ghost predicate Housed() { ram <= stage2.base && stage2.base as int + NPART as int * NTAB as int <= lo as int }
    ghost predicate Good() reads Repr() { Inv() && Rooted() && Valid.Valid(Abs()) && Housed() }
    /** A partition's call is to be decided: no effects yet. */
    opaque ghost predicate Called()
      reads Repr()
      ensures Called() ==> Inv() && Rooted() && Valid.Valid(Abs()) && Common.Runs(Abs()) && sched.cur == Common.Me(Abs()) && 0 < sched.cur < NPART && Effects() == []
    {
      Good() && neff == 0 && sched.cur != 0
    }
    /** The state and effects are those that verdict v asks for, from state s. */
    opaque ghost predicate Done(s: State.Kernel, v: Common.Verdict, now: u64)
      requires Valid.Valid(s)
      reads Repr()
    {
      Inv() && Rooted() && Abs() == Step.Commit(s, v, now) && Effects() == v.effects
    }

    /** Of objects that exist already; Boot.dfy makes them. */
    constructor (c: CT.CapTable, r: RT.RegionTable, t: S2.Stage2, e: ET.EdgeTable, s: SC.Scheduler, l: WL.WitnessLog, g: G.Gate,
                 context: array<u64>, effects: array<u64>, images: array<u64>, mram: u64, mlo: u64, muart: u64, mgicd: u64, mgicr: u64, mgicrPages: u64)
      ensures caps == c && regions == r && stage2 == t && edges == e && sched == s && log == l && gate == g && ctx == context && eff == effects && img == images
      ensures neff == 0 && nimg == 0 && !failed && !halted && booting
      ensures State.Machine(ram, lo, uart, gicd, gicr, gicrPages) == State.Machine(mram, mlo, muart, mgicd, mgicr, mgicrPages)
    {
      caps, regions, stage2, edges, sched, log, gate, ctx, eff, img := c, r, t, e, s, l, g, context, effects, images;
      neff, nimg, failed, halted, booting := 0, 0, false, false, true;
      ram, lo, uart, gicd, gicr, gicrPages := mram, mlo, muart, mgicd, mgicr, mgicrPages;
    }

    // ---- what stays when one of the objects changes -----------------------------------------------------------------------------

    // Each is asked after its object alone has been changed: all the others are what they were.

    twostate lemma OnlyCaps()
      requires old(Inv()) && old(allocated(Repr())) && caps.Valid() && unchanged(Repr() - caps.Repr())
      ensures Inv() && Effects() == old(Effects()) && Abs() == old(Abs()).(st := old(Abs()).st.(caps := caps.Abs()))
      ensures old(Rooted()) ==> Rooted()
    {
      reveal Separate();
    }
    twostate lemma OnlyRegions()
      requires old(Inv()) && old(allocated(Repr())) && regions.Valid() && unchanged(Repr() - regions.Repr())
      ensures Inv() && Effects() == old(Effects()) && Abs() == old(Abs()).(st := old(Abs()).st.(memory := regions.Abs()))
      ensures old(Rooted()) ==> Rooted()
    {
      reveal Separate();
    }
    twostate lemma OnlyStage2()
      requires old(Inv()) && old(allocated(Repr())) && stage2.Valid() && unchanged(Repr() - stage2.Repr())
      ensures Inv() && Effects() == old(Effects()) && Abs() == old(Abs()).(st := old(Abs()).st.(maps := stage2.maps))
    {
      reveal Separate();
    }
    twostate lemma OnlyEdges()
      requires old(Inv()) && old(allocated(Repr())) && edges.Valid() && unchanged(Repr() - edges.Repr())
      ensures Inv() && Effects() == old(Effects()) && Abs() == old(Abs()).(st := old(Abs()).st.(edges := edges.Edges()), vol := old(Abs()).vol.(queues := edges.Queues()))
      ensures old(Rooted()) ==> Rooted()
    {
      reveal Separate();
    }
    twostate lemma OnlySched()
      requires old(Inv()) && old(allocated(Repr())) && sched.Valid() && unchanged(Repr() - sched.Repr())
      ensures Inv() && Effects() == old(Effects()) && Abs() == old(Abs()).(st := old(Abs()).st.(parts := sched.Parts()), vol := old(Abs()).vol.(sched := sched.Abs()))
      ensures stage2.rooted == old(stage2.rooted)
    {
      reveal Separate();
    }
    twostate lemma OnlyLog()
      requires old(Inv()) && old(allocated(Repr())) && log.Valid() && unchanged(Repr() - log.Repr())
      ensures Inv() && Effects() == old(Effects()) && Abs() == old(Abs()).(log := log.Abs())
      ensures old(Rooted()) ==> Rooted()
    {
      reveal Separate();
    }
    twostate lemma OnlyGate()
      requires old(Inv()) && old(allocated(Repr())) && gate.Valid() && unchanged(Repr() - gate.Repr())
      ensures Inv() && Effects() == old(Effects()) && Abs() == old(Abs()).(devices := gate.Devices(), policies := gate.Policies(),
                                                                              st := old(Abs()).st.(policy := gate.active, nonces := gate.Nonces(), leases := gate.Leases()))
      ensures old(Rooted()) ==> Rooted()
    {
      reveal Separate();
    }
    twostate lemma OnlyRegisters()
      requires old(Inv()) && old(allocated(Repr())) && unchanged(Repr() - {ctx})
      ensures Inv() && Effects() == old(Effects()) && Abs() == old(Abs()).(vol := old(Abs()).vol.(regs := ctx[..]))
      ensures old(Rooted()) ==> Rooted()
    {
      reveal Separate();
    }

    // ---- registers and effects ------------------------------------------------------------------------------------------------

    method Set(p: u32, n: u32, x: u64)
      requires Inv() && p < NPART && n < CTXW
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(vol := Common.SetReg(old(Abs()).vol, p, n, x))
    {
      assert allocated(Repr());
      ctx[p * CTXW + n] := x;
      assert ctx[..] == old(ctx[..])[(p * CTXW + n) as int := x];
      OnlyRegisters();
    }
    method Clear()
      requires Inv()
      modifies Repr()
      ensures Inv() && neff == 0 && Abs() == old(Abs()) && (old(Rooted()) ==> Rooted()) && Effects() == []
    {
      reveal Separate();
      neff := 0;
    }
    method Emit(kind: u64, a: u64, b: u64, c: u64)
      requires Inv() && neff < 16
      modifies Repr()
      ensures Inv() && neff == old(neff) + 1 && Abs() == old(Abs()) && (old(Rooted()) ==> Rooted())
      ensures Effects() == old(Effects()) + [Common.Effect(kind, a, b, c)]
    {
      reveal Separate();
      var words, n := eff, neff;
      words[n * 4] := kind;
      words[n * 4 + 1] := a;
      words[n * 4 + 2] := b;
      words[n * 4 + 3] := c;
      neff := n + 1;
    }

    // ---- the witness log ------------------------------------------------------------------------------------------------------

    /** One record for an action that does not move quotas. */
    method Record(ghost a: Apply.Action, p: u32, kind: u64, tier: u64, subject: u32, obj: u64, aux: u64, now: u64)
      requires Inv() && Apply.Encode(a) == Apply.Fields(kind, tier, subject, obj, aux) && Apply.Charged(a) == p && p < NPART && kind < 256 && tier < 256
      requires Wit.Spare(Abs().log, p) && subject < 128 && !a.PartitionQuota? && !a.PartitionEnd? && !a.Drain?
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(log := Apply.Note(old(Abs()).log, a, now))
    {
      assert allocated(Repr());
      log.Append(p, now, kind, tier, subject as u64, obj, aux);
      OnlyLog();
    }
    method RecordQuota(ghost a: Apply.Action, who: u32, p: u32, obj: u64, aux: u64, n: u64, now: u64)
      requires Inv() && Apply.Encode(a) == Apply.Fields(0x09, 1, who, obj, aux) && a.PartitionQuota? && a.who == who && a.p == p && a.quota == n
      requires who < NPART && 0 < p < NPART && who != p && Wit.Spare(Abs().log, who) && Abs().log.used[who] as int + 1 + n as int <= Abs().log.quota[who] as int
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(log := Apply.Note(old(Abs()).log, a, now))
    {
      RecordGift(a, who, obj, aux, n, now);
      MoveQuota(who, p, n);
    }
    method RecordGift(ghost a: Apply.Action, who: u32, obj: u64, aux: u64, ghost n: u64, now: u64)
      requires Inv() && Apply.Encode(a) == Apply.Fields(0x09, 1, who, obj, aux) && a.PartitionQuota? && a.who == who && Apply.Charged(a) == who
      requires who < NPART && Wit.Spare(Abs().log, who) && Abs().log.used[who] as int + 1 + n as int <= Abs().log.quota[who] as int
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures old(Abs()).log.used[who] < TIMEMAX && |old(Abs()).log.records| < TIMEMAX as int
      ensures Abs() == old(Abs()).(log := Apply.Record(old(Abs()).log, a, now))
    {
      assert allocated(Repr());
      log.Append(who, now, 0x09, 1, who as u64, obj, aux);
      OnlyLog();
    }
    /** What p has left goes to the hypervisor, and n records of who's quota to p. */
    method MoveQuota(who: u32, p: u32, n: u64)
      requires Inv() && who < NPART && 0 < p < NPART && who != p && Abs().log.used[who] as int + n as int <= Abs().log.quota[who] as int
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures var l := old(Abs()).log; l.used[p] <= l.quota[p] && l.quota[0] as int + l.quota[p] as int <= TIMEMAX as int
      ensures var r := Wit.Return(old(Abs()).log, p); n <= r.quota[who] && r.quota[p] as int + n as int <= TIMEMAX as int
      ensures Abs() == old(Abs()).(log := Wit.Grant(Wit.Return(old(Abs()).log, p), who, p, n))
    {
      assert allocated(Repr());
      WitnessLemmas.Fits(log.Abs(), 0, p);
      log.ReturnQuota(p);
      WitnessLemmas.Fits(log.Abs(), who, p);
      log.GiveQuota(who, p, n);
      OnlyLog();
    }
    method RecordEnd(ghost a: Apply.Action, who: u32, p: u32, reason: u64, now: u64)
      requires Inv() && a == Apply.PartitionEnd(who, p, reason)
      requires who < NPART && 0 < p < NPART && Wit.Spare(Abs().log, p)
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(log := Apply.Note(old(Abs()).log, a, now))
    {
      assert allocated(Repr());
      WitnessLemmas.Fits(log.Abs(), 0, p);
      log.Append(p, now, 0x71, 0, who as u64, p as u64, reason);
      WitnessLemmas.Fits(log.Abs(), 0, p);
      log.ReturnQuota(p);
      OnlyLog();
    }
    method RecordDrain(ghost a: Apply.Action, who: u32, upto: u64, now: u64) returns (ghost work: nat)
      requires Inv() && a == Apply.Drain(who, upto) && 0 < who < NPART && Wit.Room(Abs().log, who, 1)
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(log := Apply.Note(old(Abs()).log, a, now))
      ensures work <= DRAIN_WORK
    {
      work := 1;
      ghost var w := Drain();
      work := work + w;
      RecordDrained(who, upto, now);
    }
    method Drain() returns (ghost work: nat)
      requires Inv() && |Abs().log.records| <= TIMEMAX as int - RING as int
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(log := Wit.Drain(old(Abs()).log))
      ensures work <= DRAIN_WORK - 1
    {
      work := 1;
      assert allocated(Repr());
      ghost var w := log.DrainAll();
      work := work + w;
      OnlyLog();
    }
    method RecordDrained(who: u32, upto: u64, now: u64)
      requires Inv() && 0 < who < NPART && Wit.Room(Abs().log, who, 1)
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(log := Apply.Record(old(Abs()).log, Apply.Drain(who, upto), now))
    {
      hide Wit.Append;
      Append(who, 0x85, 1, who, upto, 0, now);
    }
    /** One record. */
    method Append(p: u32, kind: u64, tier: u64, subject: u32, obj: u64, aux: u64, now: u64)
      requires Inv() && p < NPART && kind < 256 && tier < 256 && Wit.Spare(Abs().log, p)
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Wit.Tables(old(Abs()).log) && old(Abs()).log.used[p] < TIMEMAX && |old(Abs()).log.records| < TIMEMAX as int
      ensures Abs() == old(Abs()).(log := Wit.Append(old(Abs()).log, p, now, kind, tier, subject as u64, obj, aux))
    {
      hide Wit.Append;
      assert allocated(Repr());
      log.Append(p, now, kind, tier, subject as u64, obj, aux);
      OnlyLog();
    }

    // ---- capabilities ---------------------------------------------------------------------------------------------------------

    method Delegate(i: u32, src: u32, asked: u32)
      requires Inv() && i < NCAP && src < NCAP && i != src && Abs().st.caps[i].gen < GENMAX && Abs().st.caps[src].depth < MAXDEPTH && Abs().st.caps[src].kind != Kinds.None
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(st := old(Abs()).st.(caps := Caps.Derive(old(Abs()).st.caps, i, src, asked)))
    {
      assert allocated(Repr());
      caps.Derive(i, src, asked);
      OnlyCaps();
    }
    method Mint(i: u32, kind: u32, obj: u32, ogen: u32, rights: u32)
      requires Inv() && i < NCAP && Abs().st.caps[i].gen < GENMAX && kind != Kinds.None && Caps.ObjectInRange(State.EmptyCap.(kind := kind, obj := obj))
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(st := old(Abs()).st.(caps := Caps.Mint(old(Abs()).st.caps, i, kind, obj, ogen, rights)))
    {
      assert allocated(Repr());
      caps.Mint(i, kind, obj, ogen, rights);
      OnlyCaps();
    }
    method Revoke(i: u32)
      requires Inv() && i < NCAP && Abs().st.caps[i].gen < GENMAX
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(st := old(Abs()).st.(caps := Caps.Revoke(old(Abs()).st.caps, i)))
    {
      assert allocated(Repr());
      caps.Revoke(i);
      OnlyCaps();
    }
    method Drop(i: u32)
      requires Inv() && i < NCAP
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(st := old(Abs()).st.(caps := Caps.Drop(old(Abs()).st.caps, i)))
    {
      assert allocated(Repr());
      caps.Drop(i);
      OnlyCaps();
    }

    // ---- the schedule ---------------------------------------------------------------------------------------------------------

    method MakeReady(p: u32, now: u64) returns (ghost work: nat)
      requires Inv() && 0 < p < NPART && Abs().st.parts[p].life == Kinds.Started && p != Abs().vol.sched.cur && Abs().vol.sched.tasks[p].run != Kinds.Ready
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(vol := old(Abs()).vol.(sched := Sch.MakeReady(old(Abs()).vol.sched, p, old(Abs()).st.parts[p].rel, now)))
      ensures work <= MAKE_READY_WORK
    {
      work := 1;
      assert allocated(Repr());
      ghost var w := sched.MakeReady(p, now);
      work := work + w;
      OnlySched();
    }
    method Yield(now: u64) returns (ghost work: nat)
      requires Inv() && Abs().vol.sched.cur != 0
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(vol := old(Abs()).vol.(sched := Sch.YieldCurrent(old(Abs()).vol.sched, old(Abs()).st.parts, now)))
      ensures work <= YIELD_WORK
    {
      hide Sch.YieldCurrent;
      work := 1;
      assert allocated(Repr());
      ghost var w := sched.YieldCurrent(now);
      work := work + w;
      OnlySched();
    }
    method Block(run: u32, wake: u64, now: u64)
      requires Inv() && Abs().vol.sched.cur != 0 && (run == Kinds.Sleeping || (run == Kinds.Waiting && wake < NEDGE as u64))
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(vol := old(Abs()).vol.(sched := Sch.BlockCurrent(old(Abs()).vol.sched, old(Abs()).st.parts, run, wake, now)))
    {
      assert allocated(Repr());
      sched.BlockCurrent(run, wake, now);
      OnlySched();
    }

    // ---- the gate -------------------------------------------------------------------------------------------------------------

    /** p has used this nonce. */
    method Use(p: u32, nonce: u64)
      requires Inv() && p < NPART
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(st := old(Abs()).st.(nonces := old(Abs()).st.nonces[p as int := nonce]))
    {
      assert allocated(Repr());
      gate.Use(p, nonce);
      OnlyGate();
    }
    method Lease(p: u32, region: u32, page: u32, until: u64)
      requires Inv() && p < NPART
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(st := old(Abs()).st.(leases := old(Abs()).st.leases[p as int := State.Lease(region, page, until)]))
    {
      assert allocated(Repr());
      gate.Lease(p, region, page, until);
      OnlyGate();
    }
    /** One device more that can be leased. */
    method List(frame: u64, pages: u64)
      requires Inv() && |Abs().devices| < NDEVICE as int
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(devices := old(Abs()).devices + [State.Device(frame, pages)])
    {
      assert allocated(Repr());
      gate.List(frame, pages);
      OnlyGate();
    }
    method Activate(i: u32)
      requires Inv()
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(st := old(Abs()).st.(policy := i))
    {
      assert allocated(Repr());
      gate.Activate(i);
      OnlyGate();
    }
    /** No policies. */
    method Unruled()
      requires Inv()
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(policies := [])
    {
      assert allocated(Repr());
      gate.Clear();
      OnlyGate();
    }
    /** One policy more: the table t, the first of whose words is word `at` of the bundle. */
    method Ruled(bundle: array<u64>, at: u32, size: u32, ghost t: Pol.Words) returns (ghost work: nat)
      requires Inv() && |Abs().policies| < NPOLICY as int && bundle !in Repr() && at as int + size as int <= bundle.Length < LO32 as int
      requires Pol.Admissible(t) && size as int == Pol.Size(t) && Pol.Kept(t) == bundle[at..at as int + size as int]
      modifies Repr()
      ensures Inv() && Effects() == old(Effects()) && (old(Rooted()) ==> Rooted())
      ensures Abs() == old(Abs()).(policies := old(Abs()).policies + [G.Ruled(t)])
      ensures work <= RULED_WORK
    {
      work := 1;
      assert allocated(Repr());
      ghost var w := gate.Add(bundle, at, size, t);
      work := work + w;
      OnlyGate();
    }
  }

  /** The kernel before the first event. ram, uart, gicd, gicr, gicrPages: the machine; lo, hi: the RAM for partitions; all in frames. A machine that
      makes no sense, or whose RAM for partitions holds the tables, has no memory to give out. */
  method NewCore(ram: u64, uart: u64, gicd: u64, gicr: u64, gicrPages: u64, lo: u64, hi: u64) returns (k: Core, ghost top: u64, ghost work: nat)
    ensures fresh(k.Repr()) && k.Inv() && k.Rooted() && k.Housed() && Mem.Sane(State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages)) && k.lo <= top <= Mem.FRAMES
    ensures k.Abs() == First(State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages), k.ctx[..], k.lo, top) && Blank(k.ctx[..])
    ensures work <= NEW_CORE_WORK
  {
    hide *;
    work := 1;
    reveal Limits.FRAMES, Mem.FRAMES, NPART, NTAB, NEW_CORE_WORK;
    var t, w := Rooted();
    work := work + w;
    var sane := ram <= t.base && t.base + (NPART * NTAB) as u64 <= lo && lo <= hi && hi <= Limits.FRAMES
      && uart < ram && gicd <= ram && 16 <= ram - gicd && gicr <= ram && gicrPages <= ram - gicr;
    var m, l, h := if sane then ram else 0, if sane then lo else Limits.FRAMES, if sane then hi else Limits.FRAMES;
    k := Make(t, m, l, h, uart, gicd, gicr, gicrPages);
    top := h;
    reveal k.Housed, Mem.Sane;
  }
  /** The translation tables, with slot 0's empty map. */
  method Rooted() returns (t: S2.Stage2, ghost work: nat)
    ensures fresh(t.Repr()) && t.Valid() && t.base <= 0xF_FFFF_F000 && t.maps == seq(NPART as int, _ => Mem.EmptyMap) && 0 in t.rooted
    ensures work <= ROOTED_WORK
  {
    work := 1;
    t := new S2.Stage2();
    ghost var w := t.Reset(0);
    work := work + w;
    assert t.maps == seq(NPART as int, _ => Mem.EmptyMap);
  }
  method Make(t: S2.Stage2, ram: u64, lo: u64, hi: u64, uart: u64, gicd: u64, gicr: u64, gicrPages: u64) returns (k: Core)
    requires t.Valid() && t.maps == seq(NPART as int, _ => Mem.EmptyMap) && 0 in t.rooted && lo <= hi <= Mem.FRAMES
    ensures k.stage2 == t && (forall o <- k.Repr() :: o in t.Repr() || fresh(o)) && k.Inv() && k.Rooted()
    ensures State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages) == State.Machine(ram, lo, uart, gicd, gicr, gicrPages)
    ensures k.Abs() == First(State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages), k.ctx[..], lo, hi) && Blank(k.ctx[..])
  {
    var r := new RT.RegionTable(lo, hi);
    k := With(t, r, ram, lo, hi, uart, gicd, gicr, gicrPages);
  }
  /** The other tables, each by itself. */
  method With(t: S2.Stage2, r: RT.RegionTable, ram: u64, lo: u64, ghost hi: u64, uart: u64, gicd: u64, gicr: u64, gicrPages: u64) returns (k: Core)
    requires t.Valid() && t.maps == seq(NPART as int, _ => Mem.EmptyMap) && 0 in t.rooted && r.Valid() && t.Repr() !! r.Repr()
    requires r.Abs() == State.Memory(seq(NREGION as int, _ => State.Region(0, 0, 0, 0, 0)), lo, hi)
    ensures k.stage2 == t && (forall o <- k.Repr() :: o in t.Repr() || o in r.Repr() || fresh(o)) && k.Inv() && k.Rooted()
    ensures State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages) == State.Machine(ram, lo, uart, gicd, gicr, gicrPages)
    ensures k.Abs() == First(State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages), k.ctx[..], lo, hi) && Blank(k.ctx[..])
  {
    var c := new CT.CapTable();
    var e := new ET.EdgeTable();
    k := All(t, r, c, e, ram, lo, hi, uart, gicd, gicr, gicrPages);
  }
  method All(t: S2.Stage2, r: RT.RegionTable, c: CT.CapTable, e: ET.EdgeTable, ram: u64, lo: u64, ghost hi: u64,
             uart: u64, gicd: u64, gicr: u64, gicrPages: u64) returns (k: Core)
    requires t.Valid() && t.maps == seq(NPART as int, _ => Mem.EmptyMap) && 0 in t.rooted && r.Valid() && c.Valid() && e.Valid()
    requires r.Abs() == State.Memory(seq(NREGION as int, _ => State.Region(0, 0, 0, 0, 0)), lo, hi) && c.Abs() == seq(NCAP as int, _ => State.EmptyCap)
    requires e.Edges() == seq(NEDGE as int, _ => State.Edge(0, 0, 0, 0)) && e.Queues() == seq(NEDGE as int, _ => Edg.EmptyQueue)
    requires t.Repr() !! r.Repr() !! c.Repr() !! e.Repr()
    ensures k.stage2 == t && (forall o <- k.Repr() :: o in t.Repr() || o in r.Repr() || o in c.Repr() || o in e.Repr() || fresh(o)) && k.Inv() && k.Rooted()
    ensures State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages) == State.Machine(ram, lo, uart, gicd, gicr, gicrPages)
    ensures k.Abs() == First(State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages), k.ctx[..], lo, hi) && Blank(k.ctx[..])
  {
    var s := new SC.Scheduler();
    var l := new WL.WitnessLog();
    var g := new G.Gate();
    k := Whole(t, r, c, e, s, l, g, ram, lo, hi, uart, gicd, gicr, gicrPages);
  }
  method Whole(t: S2.Stage2, r: RT.RegionTable, c: CT.CapTable, e: ET.EdgeTable, s: SC.Scheduler, l: WL.WitnessLog, g: G.Gate,
               ram: u64, lo: u64, ghost hi: u64, uart: u64, gicd: u64, gicr: u64, gicrPages: u64) returns (k: Core)
    requires t.Valid() && t.maps == seq(NPART as int, _ => Mem.EmptyMap) && 0 in t.rooted && r.Valid() && c.Valid() && e.Valid() && s.Valid() && l.Valid() && g.Valid()
    requires r.Abs() == State.Memory(seq(NREGION as int, _ => State.Region(0, 0, 0, 0, 0)), lo, hi) && c.Abs() == seq(NCAP as int, _ => State.EmptyCap)
    requires e.Edges() == seq(NEDGE as int, _ => State.Edge(0, 0, 0, 0)) && e.Queues() == seq(NEDGE as int, _ => Edg.EmptyQueue)
    requires s.Parts() == Sch.NoParts && s.Abs() == Sch.EmptySched && l.Abs() == Wit.Start
    requires g.Policies() == [] && g.active == 0 && g.Nonces() == NoNonces && g.Leases() == NoLeases && g.Devices() == []
    requires t.Repr() !! r.Repr() !! c.Repr() !! e.Repr() !! s.Repr() !! l.Repr() !! g.Repr()
    ensures k.stage2 == t && k.Inv() && k.Rooted()
    ensures forall o <- k.Repr() ::
      o in t.Repr() || o in r.Repr() || o in c.Repr() || o in e.Repr() || o in s.Repr() || o in l.Repr() || o in g.Repr() || fresh(o)
    ensures State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages) == State.Machine(ram, lo, uart, gicd, gicr, gicrPages)
    ensures k.Abs() == First(State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages), k.ctx[..], lo, hi) && Blank(k.ctx[..])
  {
    k := Assemble(c, r, t, e, s, l, g, ram, lo, uart, gicd, gicr, gicrPages);
    Started(k, lo, hi);
  }
  method Assemble(c: CT.CapTable, r: RT.RegionTable, t: S2.Stage2, e: ET.EdgeTable, s: SC.Scheduler, l: WL.WitnessLog, g: G.Gate,
                  ram: u64, lo: u64, uart: u64, gicd: u64, gicr: u64, gicrPages: u64) returns (k: Core)
    requires c.Repr() !! r.Repr() !! t.Repr() !! e.Repr() !! s.Repr() !! l.Repr() !! g.Repr()
    ensures k.caps == c && k.regions == r && k.stage2 == t && k.edges == e && k.sched == s && k.log == l && k.gate == g && k.Shape()
    ensures Blank(k.ctx[..])
    ensures fresh({k, k.ctx, k.eff, k.img}) && k.neff == 0 && k.nimg == 0 && !k.failed && !k.halted && k.booting
    ensures State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages) == State.Machine(ram, lo, uart, gicd, gicr, gicrPages)
  {
    var ctx := Heap.NewU64(NCTX);
    var eff := Heap.NewU64(EFFECTS);
    var img := Heap.NewU64(NIMAGE * 8);
    k := new Core(c, r, t, e, s, l, g, ctx, eff, img, ram, lo, uart, gicd, gicr, gicrPages);
    reveal k.Separate();
  }
  lemma Started(k: Core, lo: u64, hi: u64)
    requires k.Shape() && k.neff == 0 && k.nimg == 0 && !k.failed && !k.halted && k.booting
    requires k.caps.Valid() && k.regions.Valid() && k.stage2.Valid() && k.edges.Valid() && k.sched.Valid() && k.log.Valid() && k.gate.Valid()
    requires k.caps.Abs() == seq(NCAP as int, _ => State.EmptyCap) && k.stage2.maps == seq(NPART as int, _ => Mem.EmptyMap) && 0 in k.stage2.rooted
    requires k.regions.Abs() == State.Memory(seq(NREGION as int, _ => State.Region(0, 0, 0, 0, 0)), lo, hi)
    requires k.edges.Edges() == seq(NEDGE as int, _ => State.Edge(0, 0, 0, 0)) && k.edges.Queues() == seq(NEDGE as int, _ => Edg.EmptyQueue)
    requires k.sched.Parts() == Sch.NoParts && k.sched.Abs() == Sch.EmptySched && k.log.Abs() == Wit.Start
    requires k.gate.Policies() == [] && k.gate.active == 0 && k.gate.Nonces() == NoNonces && k.gate.Leases() == NoLeases && k.gate.Devices() == []
    ensures k.Inv() && k.Rooted()
    ensures k.Abs() == First(State.Machine(k.ram, k.lo, k.uart, k.gicd, k.gicr, k.gicrPages), k.ctx[..], lo, hi)
  {}
}
