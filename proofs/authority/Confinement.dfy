include "../log/Replay.dfy"
include "Attenuation.dfy"

/** Authority only shrinks in every state that the kernel can reach, not only in one step. */
module {:compile false} Confinement {
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
  import DP = DecidePartition
  import Attenuation
  import CapabilityTheorems
  import StepPreservesValid
  import Authority
  import Replay
  import Step
  import Status
  import Rights

  /** Every capability has at most the rights of the one it was derived from. */
  ghost predicate Confined(s: Structure) requires Tables(s) { Attenuation.Attenuated(s.caps) }

  lemma OneAction(s: Structure, a: Action)
    requires Tables(s) && Confined(s)
    requires a.CapDelegate? && Applicable(s, a) ==> C.DeriveCheck(s.caps, a.who * CSLOTS + a.src, a.rights) == Status.OK
    ensures Confined(A.Apply(s, a))
  {
    hide Attenuation.Attenuated;
    hide C.Mint;
    hide C.Derive;
    hide C.Revoke;
    hide C.Drop;
    hide C.DropFrom;
    hide M.MapRange;
    hide M.ReleaseFrom;
    hide C.DeriveCheck;
    if Applicable(s, a) {
      match a
      case CapGrant(_, to, slot, kind, obj, rights) => Attenuation.Minting_keeps_attenuation(s.caps, to * CSLOTS + slot, kind, obj, ObjectGen(s, kind, obj), rights);
      case CapDelegate(who, to, slot, src, rights) => Attenuation.Delegation_keeps_attenuation(s.caps, to * CSLOTS + slot, who * CSLOTS + src, rights);
      case CapRevoke(who, slot, _) => Attenuation.Revocation_keeps_attenuation(s.caps, who * CSLOTS + slot);
      case CapDrop(who, slot) => Attenuation.Dropping_keeps_attenuation(s.caps, who * CSLOTS + slot);
      case PartitionEnd(_, p, _) => Attenuation.Ending_a_partition_keeps_attenuation(s.caps, p, 0);
      case _ =>
    }
  }
  ghost predicate Rootless(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> !acts[i].CapDelegate? }
  lemma Several(s: Structure, acts: seq<Action>)
    requires Tables(s) && Confined(s) && Rootless(acts)
    ensures Confined(ApplyAll(s, acts))
    decreases |acts|
  {
    hide A.Apply;
    hide Confined;
    if |acts| > 0 {
      OneAction(s, acts[0]);
      Several(A.Apply(s, acts[0]), acts[1..]);
    }
  }
  lemma BootPartition(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures Rootless(Replay.Asked(B.PartitionCommand(k, w)))
  {
    hide DP.Place;
    hide DP.Prepared;
    hide DP.Filling;
    hide S.FreeFrom;
    hide W.Room;
    hide M.Fits;
  }
  lemma BootOthers(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Rootless(Replay.Asked(B.RegionCommand(k, w))) && Rootless(Replay.Asked(B.MapCommand(k, w))) && Rootless(Replay.Asked(B.EdgeCommand(k, w)))
    ensures Rootless(Replay.Asked(B.ImageCommand(k, w, size))) && Rootless(Replay.Asked(B.CapCommand(k, w)))
    ensures Rootless(Replay.Asked(B.SharedCommand(k, w, size)))
    ensures Rootless(Replay.Asked(B.DeviceCommand(k, w)))
    ensures Rootless(Replay.Asked(B.StartCommand(k, w, now))) && Rootless(Replay.Asked(B.EndCommand(k, now)))
  {
    hide M.Pick;
    hide M.PickFrame;
    hide M.ReuseFrom;
    hide M.DeviceFree;
    hide M.Permits;
    hide M.Unmapped;
    hide M.Fits;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide S.FreeFrom;
    hide S.MakeReady;
    hide S.Dispatch;
    hide W.Room;
  }
  lemma Boot(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures Rootless(Replay.Asked(B.Command(k, w, size, now)))
  {
    BootPartition(k, w);
    BootOthers(k, w, size, now);
    hide *;
    reveal B.Command, Rootless, Replay.Asked;
  }
  lemma BootBegin(k: Kernel, b: seq<u64>)
    requires V.Valid(k)
    ensures Rootless(Replay.Asked(B.Begin(k, b)))
  {
    hide V.Valid;
    hide B.HashOf;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
  }
  /** No event gives anybody a right that the giver did not have. */
  lemma Every_event_keeps_authority_confined(k: Kernel, e: Step.Event)
    requires V.Valid(k) && Confined(k.st)
    ensures Tables(Step.Step(k, e).k.st) && Confined(Step.Step(k, e).k.st)
  {
    hide *;
    reveal Replay.Acts, Step.Decide, Runs, Rootless;
    Replay.HasTables(k);
    Replay.StepIs(k, e);
    var acts := Replay.Acts(k, e);
    assert Step.Nothing(k).acts == [] by { reveal Step.Nothing; }
    match e
    case Begin(bundle, _) => BootBegin(k, bundle); Several(k.st, acts);
    case Boot(w, size, now) => Boot(k, w, size, now); Several(k.st, acts);
    case Hypercall(now) =>
      if Rootless(acts) { Several(k.st, acts); }
      else {
        assert Runs(k);
        Called(k, now);
        reveal ApplyAll;
        OneAction(k.st, acts[0]);
        assert acts[1..] == [];
      }
    case _ =>
      forall i | 0 <= i < |acts| ensures !acts[i].CapDelegate? { reveal Authority.AtMostEnds; Authority.Traps_and_ticks_change_nothing_but_the_running_partition(k, e, acts[i]); }
      Several(k.st, acts);
  }
  lemma Called(k: Kernel, now: u64)
    requires Runs(k) && Tables(k.st) && !Rootless(Step.Call(k, now).acts)
    ensures var acts := Step.Call(k, now).acts;
      && |acts| == 1 && acts[0].CapDelegate?
      && (Applicable(k.st, acts[0]) ==> C.DeriveCheck(k.st.caps, acts[0].who * CSLOTS + acts[0].src, acts[0].rights) == Status.OK)
  {
    Authority.Call(k, now);
    hide Step.Call;
    hide V.Valid;
    hide C.DeriveCheck;
    hide Authority.Holds;
    var acts := Step.Call(k, now).acts;
    var i :| 0 <= i < |acts| && acts[i].CapDelegate?;
    assert Authority.Authorised(k, Me(k), acts[i]);
    assert i == 0;
  }
  lemma Onwards(k: Kernel, events: seq<Step.Event>)
    requires V.Valid(k) && Tables(k.st) && Confined(k.st)
    ensures var s := StepPreservesValid.After(k, events).st; Tables(s) && Confined(s)
    decreases |events|
  {
    hide *;
    reveal StepPreservesValid.After;
    if |events| > 0 {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, events[0]);
      Every_event_keeps_authority_confined(k, events[0]);
      Onwards(Step.Step(k, events[0]).k, events[1..]);
    }
  }
  /** In every state that the kernel can reach, a live capability names the same object as each capability that it was derived from, and has no
      right that one of them lacks. */
  lemma Authority_only_shrinks_on_the_way_down(k: Kernel, events: seq<Step.Event>, j: u32, g: u32, a: u32, ga: u32)
    requires StepPreservesValid.First(k) && j < NCAP && a < NCAP
    ensures V.Valid(k)
    ensures var t := StepPreservesValid.After(k, events).st.caps;
      C.Table(t) && (C.Live(t, j, g) && CapabilityTheorems.Descends(t, j, g, a, ga) ==>
                     Rights.Subset(t[j].rights, t[a].rights) && t[j].kind == t[a].kind && t[j].obj == t[a].obj && t[j].ogen == t[a].ogen)
  {
    StepPreservesValid.The_first_state_is_valid(k);
    Attenuation.Empty_table_is_attenuated();
    Replay.HasTables(k);
    assert Confined(k.st);
    Onwards(k, events);
    hide V.Valid;
    hide StepPreservesValid.After;
    hide StepPreservesValid.First;
    hide Attenuation.Attenuated;
    var t := StepPreservesValid.After(k, events).st.caps;
    if C.Live(t, j, g) && CapabilityTheorems.Descends(t, j, g, a, ga) { Attenuation.Live_capability_has_no_more_rights_than_any_ancestor(t, j, g, a, ga); }
  }
}
