include "Core.dfy"

/** What all calls have in common: the P1 guard, replies, refusals. */
module CoreCommon {
  import opened Types
  import opened Limits
  import opened CoreState
  import Status
  import Kinds
  import State
  import Apply
  import Common
  import Step
  import Valid
  import Caps = Capabilities
  import Wit = Witness
  import CapTables

  // Most steps of work (spec/Cost.dfy).
  ghost const CLAIM_WORK: nat := 1 + CapTables.CHECK_WORK
  ghost const GUARD_WORK: nat := 1 + CLAIM_WORK
  ghost const FREE_SLOT_WORK: nat := 1 + CapTables.FREE_SLOT_WORK

  // Questions about the state before anything changes. They are functions, so that asking leaves every fact about the state standing.

  function Me(k: Core): (p: u32)
    requires k.Called()
    reads k.Repr()
    ensures p == Common.Me(k.Abs()) && 0 < p < NPART && p == k.sched.cur
  {
    k.sched.cur
  }
  /** Register x_n of the running partition. */
  function Arg(k: Core, n: u32): (x: u64)
    requires k.Called() && n < CTXW
    reads k.Repr()
    ensures x == Common.Arg(k.Abs(), n)
  {
    k.ctx[k.sched.cur * CTXW + n]
  }
  /** The generation that capabilities on this object carry now. */
  function ObjectGen(k: Core, kind: u32, obj: u32): (gen: u32)
    requires k.Inv()
    reads k.Repr()
    ensures gen == Apply.ObjectGen(k.Abs().st, kind, obj)
  {
    if kind == Kinds.CommEdge && obj < NEDGE then k.edges.LiveGen(obj)
    else if kind == Kinds.Region && obj < NREGION then (if k.regions.Owner(obj) != 0 then k.regions.Gen(obj) else Limits.NOGEN)
    else if kind == Kinds.Partition && obj < NPART then (if k.sched.Life(obj) != Kinds.Free then k.sched.Gen(obj) else Limits.NOGEN)
    else 0
  }
  /** P1. */
  function Guard(k: Core, h: u64, kind: u32, rights: u32): (status: u64)
    requires k.Called()
    reads k.Repr()
    ensures status == Common.Guard(k.Abs(), h, kind, rights)
    ensures status == Status.OK ==> Guarded(k, h)
  {
    GuardFacts(k, h, kind, rights);
    Common.Guard(k.Abs(), h, kind, rights)
  } by method {
    ghost var work := 1;
    var c := Claim(k, h, kind, rights);
    work := work + CLAIM_WORK;
    status := if c >= REFUSED then c else Status.OK;
    assert work <= GUARD_WORK;
  }
  const REFUSED: u64 := 0x8000_0000_0000_0000
  /** P1 and the object in one: the object that the guarded handle names, or the refusal's status, which is no less than REFUSED. */
  function Claim(k: Core, h: u64, kind: u32, rights: u32): (c: u64)
    requires k.Called()
    reads k.Repr()
    ensures var s := Common.Guard(k.Abs(), h, kind, rights);
      if s == Status.OK then Guarded(k, h) && c == Common.Object(k.Abs(), h) as u64 && c < LO32 && c < REFUSED else c == s && c >= REFUSED
  {
    GuardFacts(k, h, kind, rights);
    var s := Common.Guard(k.Abs(), h, kind, rights);
    if s == Status.OK then Common.Object(k.Abs(), h) as u64 else s
  } by method {
    ghost var work := 1;
    GuardFacts(k, h, kind, rights);
    var i;
    ghost var w;
    c, i, w := k.caps.Check(k.sched.cur, h, kind, rights);
    work := work + w;
    k.gate.Stays();
    if c == Status.OK {
      var o, og := k.caps.Object(i);
      var g := ObjectGen(k, if kind != Kinds.None then kind else k.caps.KindOf(i), o);
      c := if g == og then o as u64 else Status.StaleCapability;
    }
    assert work <= CLAIM_WORK;
  }
  /** What a guarded handle means for the table. */
  opaque ghost predicate Guarded(k: Core, h: u64)
    requires k.Called()
    reads k.Repr()
    ensures Guarded(k, h) ==> Caps.Slot(h) < CSLOTS as u64 && Caps.Index(Common.Me(k.Abs()), h) < NCAP
  {
    && Caps.Slot(h) < CSLOTS as u64
    && var c := k.Abs().st.caps[Caps.Index(Common.Me(k.Abs()), h)]; c.kind != Kinds.None && c.gen == Caps.Gen(h) && Caps.SlotOk(c)
  }
  lemma GuardFacts(k: Core, h: u64, kind: u32, rights: u32)
    requires k.Called()
    ensures Common.Guard(k.Abs(), h, kind, rights) == Status.OK ==> Guarded(k, h)
  {
    reveal Guarded();
  }
  /** The table entry of a guarded handle, and the object it names. */
  function Entry(k: Core, h: u64): (i: u32)
    requires k.Called() && Guarded(k, h)
    reads k.Repr()
    ensures i == Caps.Index(Common.Me(k.Abs()), h) && i < NCAP
  {
    k.sched.cur * CSLOTS + (h % LO32) as u32
  }
  function Object(k: Core, h: u64): (obj: u32)
    requires k.Called() && Guarded(k, h)
    reads k.Repr()
    ensures obj == Common.Object(k.Abs(), h)
  {
    k.Abs().st.caps[Caps.Index(Common.Me(k.Abs()), h)].obj
  } by method {
    obj := k.caps.ObjectOf(k.sched.cur * CSLOTS + (h % LO32) as u32);
  }
  /** Can the running partition append n records? */
  function Room(k: Core, n: u64): (b: bool)
    requires k.Called()
    reads k.Repr()
    ensures b == Wit.Room(k.Abs().log, Common.Me(k.Abs()), n)
  {
    Wit.Room(k.Abs().log, Common.Me(k.Abs()), n)
  } by method {
    b := k.log.Room(k.sched.cur, n);
  }
  function SlotGen(k: Core, i: u32): (gen: u32)
    requires k.Inv() && i < NCAP
    reads k.Repr()
    ensures gen == k.Abs().st.caps[i].gen
  {
    k.caps.Generation(i)
  }
  function FreeSlot(k: Core, p: u32): (s: u32)
    requires k.Called() && p < NPART
    reads k.Repr()
    ensures s == Caps.FreeSlot(k.Abs().st.caps, p) && s <= CSLOTS
  {
    Caps.FreeSlot(k.Abs().st.caps, p)
  } by method {
    ghost var work := 1;
    ghost var w;
    s, w := k.caps.FreeSlot(p);
    work := work + w;
    assert work <= FREE_SLOT_WORK;
  }
  /** Nothing changes but the status in x0. */
  method Answer(k: Core, status: u64, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), Common.Answer(old(k.Abs()), status), now)
  {
    hide *;
    reveal k.Done, Step.Commit, Common.Answer, Apply.ApplyAll, Apply.NoteAll, Limits.CTXW;
    k.Set(k.sched.cur, 0, status);
  }
  /** The call is refused, and the refusal is witnessed while the caller's quota lasts. */
  method Refuse(k: Core, call: u64, status: u64, now: u64)
    requires k.Called()
    modifies k.Repr()
    ensures k.Done(old(k.Abs()), Common.Refuse(old(k.Abs()), call, status), now)
  {
    hide *;
    reveal k.Done, Step.Commit, Common.Answer, Common.Refuse, Apply.ApplyAll, Apply.NoteAll, Limits.CTXW, Limits.NPART;
    reveal Apply.Apply, Apply.Applicable, Apply.Encode, Apply.Charged, Wit.Room, Wit.Spare;
    var me := k.sched.cur;
    if Room(k, 1) {
      ghost var a := Apply.Reject(me, call, status);
      One(k.Abs(), a, now);
      k.Record(a, me, 0x41, 1, me, call, status, now);
    }
    k.Set(me, 0, status);
  }
  /** What committing a single action means. */
  lemma One(s: State.Kernel, a: Apply.Action, now: u64)
    requires Valid.Valid(s)
    ensures Apply.ApplyAll(s.st, [a]) == Apply.Apply(s.st, a)
    ensures Apply.NoteAll(s.log, [a], now) == Apply.Note(s.log, a, now)
  {
    assert [a][1..] == [];
  }
}
