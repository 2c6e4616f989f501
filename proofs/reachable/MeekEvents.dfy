include "../log/Replay.dfy"

/** What events leave alone: capabilities, and the quotas of witness records. */
module {:compile false} MeekEvents {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import Step
  import EndsKept
  import WitnessLemmas
  import Replay

  /** The hypervisor does it, and it changes no capability and no other quota. */
  ghost predicate Meek(a: Action) { EndsKept.Plain(a) && Charged(a) == 0 && !a.CapGrant? && !a.CapDelegate? && !a.CapRevoke? && !a.CapDrop? }
  ghost predicate AllMeek(acts: seq<Action>) { forall i {:trigger acts[i]} :: 0 <= i < |acts| ==> Meek(acts[i]) }
  /** What partition 1 may record, and has. */
  ghost function Purse(l: Log): (u64, u64) requires W.Tables(l) { (l.quota[1], l.used[1]) }
  lemma MeekNote(l: Log, a: Action, now: u64)
    requires W.Tables(l) && Meek(a)
    ensures W.Tables(Note(l, a, now)) && Purse(Note(l, a, now)) == Purse(l)
  {
    hide Encode;
    hide Charged;
  }
  lemma MeekNotes(l: Log, acts: seq<Action>, now: u64)
    requires W.Tables(l) && AllMeek(acts)
    ensures W.Tables(NoteAll(l, acts, now)) && Purse(NoteAll(l, acts, now)) == Purse(l)
    decreases |acts|
  {
    hide Note;
    hide Meek;
    hide Purse;
    if |acts| > 0 {
      MeekNote(l, acts[0], now) by { assert Meek(acts[0]); }
      assert AllMeek(acts[1..]);
      MeekNotes(Note(l, acts[0], now), acts[1..], now);
    }
  }
  lemma MeekApply(s: Structure, a: Action)
    requires Tables(s) && !a.PartitionEnd? && !a.CapGrant? && !a.CapDelegate? && !a.CapRevoke? && !a.CapDrop?
    ensures A.Apply(s, a).caps == s.caps
  {}
  ghost predicate NoCaps(acts: seq<Action>) {
    forall i {:trigger acts[i]} :: 0 <= i < |acts| ==>
      !acts[i].PartitionEnd? && !acts[i].CapGrant? && !acts[i].CapDelegate? && !acts[i].CapRevoke? && !acts[i].CapDrop?
  }
  lemma SameCaps(s: Structure, acts: seq<Action>)
    requires Tables(s) && NoCaps(acts)
    ensures ApplyAll(s, acts).caps == s.caps
    decreases |acts|
  {
    hide A.Apply;
    if |acts| > 0 {
      MeekApply(s, acts[0]);
      assert NoCaps(acts[1..]);
      SameCaps(A.Apply(s, acts[0]), acts[1..]);
    }
  }
  lemma Quietly(k: Kernel, e: Step.Event)
    requires V.Valid(k) && AllMeek(Replay.Acts(k, e))
    ensures var k' := Step.Step(k, e).k; W.Tables(k.log) && W.Tables(k'.log) && Purse(k'.log) == Purse(k.log) && k'.st.caps == k.st.caps
  {
    var acts := Replay.Acts(k, e);
    assert NoCaps(acts);
    Replay.HasTables(k);
    Replay.StepIs(k, e);
    hide *;
    MeekNotes(k.log, acts, e.now);
    SameCaps(k.st, acts);
  }
  /** Those of a boot that make no partition and give no capability are. */
  lemma BootIsMeek(k: Kernel, e: Step.Event)
    requires V.Valid(k) && (e.Begin? || (e.Boot? && (e.words[0] == 1 || e.words[0] == 7 || e.words[0] == 8)))
    ensures AllMeek(Replay.Acts(k, e))
  {
    hide V.Valid;
    hide B.HashOf;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
    hide W.Room;
    hide S.MakeReady;
    hide S.Dispatch;
  }
  /** What a new partition may record. */
  lemma GivesQuota(parts: seq<Part>, l: Log, halted: bool)
    requires EndsKept.Ok(parts, l, halted) && W.Tables(l) && W.Room(l, 0, 17) && l.used[1] == 0
    ensures var m := Note(l, PartitionQuota(0, 1, 16, 0), 0); W.Tables(m) && Purse(m) == (16, 0)
  {
    hide Encode;
    var a := PartitionQuota(0, 1, 16, 0);
    assert Charged(a) == 0 by { reveal Encode; }
    reveal EndsKept.Ok();
    EndsKept.Recorded(l, a, 0);
    WitnessLemmas.Fits(l, 0, 1);
    hide W.LogOk;
    hide W.Append;
    assert l.used[1] <= l.quota[1];
  }
}
