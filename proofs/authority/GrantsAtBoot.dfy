include "Confinement.dfy"

/** What the boot bundle does, it does in the name of the hypervisor. */
module {:compile false} GrantsAtBoot {
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
  import Replay
  import Step

  /** An action of the boot bundle. */
  ghost predicate FromBoot(a: Action) {
    match a
    case PartitionCreate(who, _, _) => who == 0
    case TaskSpawn(who, _, _, _) => who == 0
    case PartitionQuota(who, _, _, _) => who == 0
    case RegionCreate(who, _, _, _, _, _) => who == 0
    case RegionMap(who, _, _, _, _, _, _) => who == 0
    case EdgeCreate(who, _, _, _, _) => who == 0
    case CapGrant(who, _, _, _, _, _) => who == 0
    case PartitionStart(who, _) => who == 0
    case Attest(_, _) => true
    case PolicyActivate(who, i, _) => who == 0 && i == 1
    case BootComplete(_) => true
    case _ => false
  }
  ghost predicate AllFromBoot(acts: seq<Action>) { forall i :: 0 <= i < |acts| ==> FromBoot(acts[i]) }

  lemma Partition(k: Kernel, w: B.Words)
    requires V.Valid(k)
    ensures AllFromBoot(Replay.Asked(B.PartitionCommand(k, w)))
  {
    hide DP.Place;
    hide DP.Prepared;
    hide DP.Filling;
    hide S.FreeFrom;
    hide W.Room;
    hide M.Fits;
  }
  lemma Others(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures AllFromBoot(Replay.Asked(B.RegionCommand(k, w))) && AllFromBoot(Replay.Asked(B.MapCommand(k, w))) &&
      AllFromBoot(Replay.Asked(B.EdgeCommand(k, w)))
    ensures AllFromBoot(Replay.Asked(B.ImageCommand(k, w, size))) && AllFromBoot(Replay.Asked(B.CapCommand(k, w)))
    ensures AllFromBoot(Replay.Asked(B.SharedCommand(k, w, size)))
    ensures AllFromBoot(Replay.Asked(B.DeviceCommand(k, w)))
    ensures AllFromBoot(Replay.Asked(B.StartCommand(k, w, now))) && AllFromBoot(Replay.Asked(B.EndCommand(k, now)))
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
  lemma Begin(k: Kernel, b: seq<u64>)
    requires V.Valid(k)
    ensures AllFromBoot(Replay.Asked(B.Begin(k, b)))
  {
    hide V.Valid;
    hide B.HashOf;
    hide B.HeaderOk;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
  }
  /** Whatever the boot bundle brings about is done in the hypervisor's name, and only before the boot is complete. */
  lemma Boot(k: Kernel, e: Step.Event)
    requires V.Valid(k) && (e.Begin? || e.Boot?)
    ensures AllFromBoot(Replay.Acts(k, e)) && (Replay.Acts(k, e) != [] ==> k.booting)
  {
    hide *;
    reveal Replay.Acts, Replay.Asked, B.Command, AllFromBoot;
    match e
    case Begin(bundle, _) => Begin(k, bundle);
    case Boot(w, size, now) => Partition(k, w); Others(k, w, size, now);
  }
}
