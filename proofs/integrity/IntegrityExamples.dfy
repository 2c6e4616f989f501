include "Integrity.dfy"
include "Observation.dfy"

/** The claims about those without a channel are about something. */
module {:compile false} IntegrityExamples {
  import opened Types
  import opened Limits
  import opened State
  import opened ObservationExamples
  import Observation
  import CapabilityTheorems
  import V = Valid
  import Examples
  import Integrity
  import Orderly
  import Reachable
  import Step
  import StepPreservesValid
  import Kinds

  lemma InvOf(k: Kernel)
    requires StepPreservesValid.First(k) && V.Valid(Two(k, NoRegs(), NoCaps()))
    ensures Reachable.Inv(Two(k, NoRegs(), NoCaps()).st)
  {
    CapabilityTheorems.Empty_table_has_links();
    var l := Two(k, NoRegs(), NoCaps());
    hide V.Valid;
    hide CapabilityTheorems.LinksOk;
    assert |l.st.parts| == NPART as int && |l.st.caps| == NCAP as int;
    forall p: u32 | p < NPART
      ensures l.st.parts[p].gen <= GENMAX && (l.st.parts[p].life == Kinds.Free || l.st.parts[p].gen > 0) && l.st.parts[0].life == Kinds.Free
    {
      PartIs(p as int);
      PartIs(0);
    }
    assert l.st.caps == seq(NCAP as int, _ => EmptyCap);
  }
  /** In a valid state one partition runs, and another that has been started is left alone by whatever the first computes and then calls for. */
  lemma A_partition_can_be_left_alone(saved: seq<u64>)
    ensures var k := Two(Examples.First(), NoRegs(), NoCaps());
      V.Valid(k) && Reachable.Inv(k.st) && k.vol.sched.cur == 1 && Integrity.LeftAlone(k, [Step.Ran(saved, 0), Step.Hypercall(0)], 2)
  {
    There_are_channels_and_there_are_none();
    Examples.A_valid_state_exists();
    var k := Two(Examples.First(), NoRegs(), NoCaps());
    InvOf(Examples.First());
    Computed(k, saved);
    var l := Step.Step(k, Step.Ran(saved, 0)).k;
    hide V.Valid;
    hide Observation.Channel;
    hide Step.Step;
    hide Reachable.Inv;
    StepPreservesValid.Every_event_leaves_a_valid_state(l, Step.Hypercall(0));
    var es := [Step.Ran(saved, 0), Step.Hypercall(0)];
    assert es[1..] == [Step.Hypercall(0)] && es[1..][1..] == [];
    assert Integrity.LeftAlone(Step.Step(l, Step.Hypercall(0)).k, [], 2);
    assert Integrity.LeftAlone(l, es[1..], 2);
  }
  lemma Computed(k: Kernel, saved: seq<u64>)
    requires k == Two(Examples.First(), NoRegs(), NoCaps()) && Integrity.Apart(k, 2) && StepPreservesValid.First(Examples.First())
    ensures Integrity.Apart(Step.Step(k, Step.Ran(saved, 0)).k, 2) && !Step.Step(k, Step.Ran(saved, 0)).k.booting
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, Step.Ran(saved, 0));
    var l := Step.Step(k, Step.Ran(saved, 0)).k;
    assert Sized(l);
    hide V.Valid;
    hide Observation.Channel;
    assert l.st == k.st && l.vol.sched == k.vol.sched;
    NoneTo(l);
  }
}
