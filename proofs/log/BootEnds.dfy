include "Refusals.dfy"

/** The boot ends once, and the log says when. */
module {:compile false} BootEnds {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DE = DecideEdge
  import DP = DecidePartition
  import Step
  import Authority
  import Records
  import Refusals
  import Replay

  ghost predicate Completes(acts: seq<Action>) { exists i :: 0 <= i < |acts| && acts[i].BootComplete? }
  /** How many partitions there are: boot makes them in the first slots. */
  ghost function Count(k: Kernel): u64 requires V.Valid(k) { S.FreeFrom(k.st.parts, 1) as u64 - 1 }
  /** An answer ends the boot with the one record, or neither does it end the boot nor leave such a record. */
  ghost predicate Clear(k: Kernel, a: B.Answer) requires V.Valid(k) {
    if a.Over? then Replay.Asked(a) == [BootComplete(Count(k))] && W.Room(k.log, 0, 1) else !Completes(Replay.Asked(a))
  }
  lemma Commands(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Clear(k, B.Command(k, w, size, now))
  {
    hide V.Valid;
    hide M.Fits;
    hide M.Unmapped;
    hide M.Permits;
    hide M.Pick;
    hide M.PickFrame;
    hide M.DeviceFree;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide S.FreeFrom;
    hide S.MakeReady;
    hide S.Dispatch;
    hide W.Room;
    hide DP.Place;
    hide DP.Prepared;
    hide DP.Filling;
  }
  lemma Begins(k: Kernel, b: seq<u64>)
    requires V.Valid(k)
    ensures Clear(k, B.Begin(k, b)) && !B.Begin(k, b).Over?
  {
    hide V.Valid;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
    hide B.HashOf;
    hide W.Room;
  }
  lemma Noted(k: Kernel, e: Step.Event, a: Action)
    requires V.Valid(k) && a.BootComplete? && W.Room(k.log, 0, 1) && Replay.Acts(k, e) == [a]
    ensures Refusals.OneRecord(k, e, a)
  {
    Replay.StepIs(k, e);
    assert Notable(k.log, a);
    hide V.Valid;
    hide Step.Step;
    hide Replay.Acts;
    Records.OneNoted(k.log, a, e.now);
    hide A.Note;
    assert [a][1..] == [];
    assert NoteAll(k.log, [a], e.now) == Note(k.log, a, e.now);
  }
  /** No event of a running system says that the boot is over. */
  lemma Running(k: Kernel, e: Step.Event)
    requires V.Valid(k) && !e.Begin? && !e.Boot?
    ensures !Completes(Replay.Acts(k, e))
  {
    forall i | 0 <= i < |Replay.Acts(k, e)| ensures !Replay.Acts(k, e)[i].BootComplete? {
      if e.Hypercall? && k.vol.sched.cur != 0 { Authority.No_structural_change_without_a_capability(k, e.now, i); }
      else if e.Trap? || e.Tick? { Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, Replay.Acts(k, e)[i]); }
      hide V.Valid;
    }
  }
  lemma StaysBooting(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures Step.Step(k, e).k.booting == (k.booting && !(e.Boot? && B.Command(k, e.words, e.size, e.now).Over?))
  {
    Begins(k, if e.Begin? then e.bundle else []);
    hide V.Valid;
    hide B.Begin;
    hide B.Command;
    hide Step.Decide;
    hide A.ApplyAll;
    hide A.NoteAll;
  }

  /** The boot ends with exactly one record, which says that it is complete and how many partitions there are; no other event leaves such a record,
      and the boot never begins again. */
  lemma The_boot_ends_with_one_record(k: Kernel, e: Step.Event)
    requires V.Valid(k)
    ensures k.booting && !Step.Step(k, e).k.booting ==>
      Replay.Acts(k, e) == [BootComplete(Count(k))] && Refusals.OneRecord(k, e, BootComplete(Count(k)))
    ensures Completes(Replay.Acts(k, e)) ==> k.booting && !Step.Step(k, e).k.booting
    ensures !k.booting ==> !Step.Step(k, e).k.booting
  {
    StaysBooting(k, e);
    if e.Boot? { Commands(k, e.words, e.size, e.now); }
    else if e.Begin? { Begins(k, e.bundle); }
    else { Running(k, e); }
    hide V.Valid;
    hide B.Begin;
    hide B.Command;
    hide Step.Decide;
    hide Step.Step;
    if k.booting && e.Boot? && B.Command(k, e.words, e.size, e.now).Over? { Noted(k, e, BootComplete(Count(k))); }
  }
}
