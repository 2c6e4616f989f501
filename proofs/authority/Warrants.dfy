include "Grants.dfy"

/** No record without the capability for it: every record in the log tells of an action that whoever did it was entitled to. */
module {:compile false} Warrants {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened StepPreservesValid
  import V = Valid
  import W = Witness
  import Step
  import Authority
  import GrantsAtBoot
  import Records
  import Replay
  import Traces

  /** The action is one that event e may bring about in state k: of the boot bundle, in the hypervisor's name; of a call, what the table Authorised
      lets the running partition do with the live capabilities that it holds; otherwise the end of the running partition at most. */
  ghost predicate Warranted(k: Kernel, e: Step.Event, a: Action) requires V.Valid(k) {
    if e.Begin? || e.Boot? then k.booting && GrantsAtBoot.FromBoot(a)
    else if e.Hypercall? then Runs(k) && Authority.Authorised(k, Me(k), a)
    else Authority.AtMostEnds(k.vol.sched.cur, a)
  }
  lemma EveryActionIsWarranted(k: Kernel, e: Step.Event, x: int)
    requires V.Valid(k) && 0 <= x < |Replay.Acts(k, e)|
    ensures Warranted(k, e, Replay.Acts(k, e)[x])
  {
    hide *;
    reveal Replay.Acts, Step.Decide, Runs, Warranted;
    assert Step.Nothing(k).acts == [] by { reveal Step.Nothing; }
    if e.Begin? || e.Boot? { GrantsAtBoot.Boot(k, e); reveal GrantsAtBoot.AllFromBoot; }
    else if e.Hypercall? { Authority.No_structural_change_without_a_capability(k, e.now, x); }
    else { Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, Replay.Acts(k, e)[x]); }
  }
  lemma OneEvent(k: Kernel, e: Step.Event, x: int)
    requires V.Valid(k) && Replay.Ordinary(k.st) && |k.log.records| <= x < |Step.Step(k, e).k.log.records|
    ensures var r := Step.Step(k, e).k.log.records[x]; var a := Records.Decode(Records.FieldsOf(r));
      Records.FieldsOf(r) == Encode(a) && Warranted(k, e, a)
  {
    hide *;
    Replay.HasTables(k);
    Replay.StepIs(k, e);
    Replay.EveryActionIsNoted(k, e);
    var acts := Replay.Acts(k, e);
    Records.AllNoted(k.log, acts, e.now);
    var i := x - |k.log.records|;
    assert Step.Step(k, e).k.log.records[x] == NoteAll(k.log, acts, e.now).records[|k.log.records| + i];
    Records.A_record_tells_its_action(acts[i]);
    EveryActionIsWarranted(k, e, i);
  }
  /** Every record that an event appends is the record of exactly one action, and whoever did it was entitled to it in the state before: no record
      without the live capability that it needs. */
  lemma No_record_without_the_capability_for_it(k: Kernel, es: seq<Step.Event>, e: Step.Event, x: int)
    requires First(k)
    ensures V.Valid(k)
    ensures var s, l := After(k, es), After(k, es + [e]).log.records;
      |s.log.records| <= x < |l| ==> var a := Records.Decode(Records.FieldsOf(l[x])); Records.FieldsOf(l[x]) == Encode(a) && Warranted(s, e, a)
  {
    Replay.FirstIsOrdinary(k);
    Replay.FoldFrom(k, es);
    Traces.Snoc(k, es, e);
    hide *;
    var s := After(k, es);
    if |s.log.records| <= x < |After(k, es + [e]).log.records| { OneEvent(s, e, x); }
  }
  /** Record x is one of those that event n appends. */
  ghost predicate Appends(k: Kernel, es: seq<Step.Event>, n: nat, x: nat) requires V.Valid(k) && n < |es| {
    |Traces.At(k, es, n).log.records| <= x < |Traces.At(k, es, n + 1).log.records|
  }
  /** Record x, appended by event n, was warranted then. */
  ghost predicate Tells(k: Kernel, es: seq<Step.Event>, n: nat, x: nat) requires V.Valid(k) && n < |es| {
    Appends(k, es, n, x) && x < |After(k, es).log.records| && Warranted(Traces.At(k, es, n), es[n], Records.Decode(Records.FieldsOf(After(k, es).log.records[x])))
  }
  /** One event more appends it, or has it from before. */
  lemma Latest(k: Kernel, fs: seq<Step.Event>, e: Step.Event, x: nat)
    requires First(k)
    ensures V.Valid(k) && (|After(k, fs).log.records| <= x < |After(k, fs + [e]).log.records| ==> Tells(k, fs + [e], |fs|, x))
  {
    hide *;
    Replay.FirstIsOrdinary(k);
    Traces.Snoc(k, fs, e);
    Traces.Ends(k, fs);
    Traces.Ends(k, fs + [e]);
    No_record_without_the_capability_for_it(k, fs, e, x);
    reveal Tells, Appends;
    var es := fs + [e];
    assert Traces.At(k, es, |fs|) == After(k, fs) by { reveal Traces.At; assert es[..|fs|] == fs; }
    assert es[|fs|] == e;
  }
  lemma Earlier(k: Kernel, fs: seq<Step.Event>, e: Step.Event, n: nat, x: nat)
    requires First(k) && V.Valid(k) && n < |fs| && Tells(k, fs, n, x)
    ensures Tells(k, fs + [e], n, x)
  {
    Replay.FirstIsOrdinary(k);
    Traces.Snoc(k, fs, e);
    Replay.The_log_only_grows(After(k, fs), e);
    hide *;
    reveal Tells, Appends;
    var es := fs + [e];
    assert es[..|fs|] == fs;
    Traces.Prefix(k, es, n, |fs|);
    Traces.Prefix(k, es, n + 1, |fs|);
    assert es[n] == fs[n];
  }
  /** So every record of the log, whenever it was appended, tells of an action that was warranted then. */
  lemma Every_record_of_the_log_was_warranted(k: Kernel, es: seq<Step.Event>, x: nat)
    requires First(k)
    ensures V.Valid(k)
    ensures var l := After(k, es).log.records;
      x < |l| ==> exists n: nat :: n < |es| && Appends(k, es, n, x) && Warranted(Traces.At(k, es, n), es[n], Records.Decode(Records.FieldsOf(l[x])))
    decreases |es|
  {
    Replay.FirstIsOrdinary(k);
    hide *;
    if x < |After(k, es).log.records| {
      if |es| == 0 {
        assert After(k, es) == k by { reveal After; }
        assert |k.log.records| == 0 by { reveal First, W.Start; }
      } else {
        var fs, e := es[..|es| - 1], es[|es| - 1];
        assert es == fs + [e];
        Latest(k, fs, e, x);
        var n: nat := |fs|;
        if x < |After(k, fs).log.records| {
          Every_record_of_the_log_was_warranted(k, fs, x);
          n :| n < |fs| && Appends(k, fs, n, x) && Warranted(Traces.At(k, fs, n), fs[n], Records.Decode(Records.FieldsOf(After(k, fs).log.records[x])));
          assert Tells(k, fs, n, x) by { reveal Tells; }
          Earlier(k, fs, e, n, x);
        }
        reveal Tells;
        assert Tells(k, es, n, x);
      }
    }
  }
}
