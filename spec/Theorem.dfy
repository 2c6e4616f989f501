include "../proofs/Replay.dfy"
include "../proofs/Isolation.dfy"
include "../proofs/Confinement.dfy"
include "../proofs/Witness.dfy"

/** What is proved of RVM, in one place: each claim is one sentence, stated here in full and proved in proofs/. */
module {:compile false} Theorem {
  import opened Types
  import opened Limits
  import opened State
  import V = Valid
  import W = Witness
  import PT = PageTable
  import C = Capabilities
  import D = CapabilityTheorems
  import A = Apply
  import S = Step
  import Rights
  import Common
  import CoreState
  import WitnessLemmas
  import WitnessProofs
  import StepPreservesValid
  import Isolation
  import Confinement
  import Authority
  import Records
  import Replay

  /** Every event has exactly one outcome, in every valid state and without another condition, and the state after it is valid again. */
  lemma Every_event_has_one_outcome(k: Kernel, e: S.Event) requires V.Valid(k) ensures V.Valid(S.Step(k, e).k) { StepPreservesValid.Every_event_leaves_a_valid_state(k, e); }
  /** Boot starts in a valid state, and every state that follows is valid, whatever the machine, the bundle and the guests are. */
  lemma Boot_starts_valid_and_stays_so(k: Kernel, es: seq<S.Event>) requires StepPreservesValid.First(k) ensures V.Valid(k) && V.Valid(StepPreservesValid.After(k, es)) { StepPreservesValid.Every_reachable_state_is_valid(k, es); }
  /** No frame that one partition can read or write is in another partition's map. */
  lemma No_partition_reaches_anothers_memory(k: Kernel, p: u32, v: u32, q: u32, w: u32, f: u64) requires V.Valid(k) && p < NPART && q < NPART && Isolation.Shows(k, p, v, f) && Isolation.Shows(k, q, w, f) ensures p == q { Isolation.No_frame_is_mapped_by_two_partitions(k, p, v, q, w, f); }
  /** The hardware, walking the tables of the running kernel, finds exactly the frames and permissions of the abstract map, and faults elsewhere. */
  lemma The_hardware_sees_what_the_map_says(k: CoreState.Core, p: u32, v: u32) requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES ensures if v in k.Abs().st.maps[p].pages then Isolation.Found(k, p, v) == PT.Shown(k.Abs().st.maps[p].pages[v]) else Isolation.Found(k, p, v).Fault? { Isolation.The_hardware_finds_the_map(k, p, v); }
  /** Whatever addresses two partitions access, the hardware never takes both to one frame. */
  lemma The_hardware_keeps_partitions_apart(k: CoreState.Core, p: u32, v: u32, q: u32, w: u32) requires k.Good() && p < NPART && q < NPART && p != q && p in k.stage2.rooted && q in k.stage2.rooted && v as u64 < IPAPAGES && w as u64 < IPAPAGES ensures Isolation.Found(k, p, v).Page? && Isolation.Found(k, q, w).Page? ==> Isolation.Found(k, p, v).frame != Isolation.Found(k, q, w).frame { Isolation.The_hardware_never_shows_two_partitions_one_frame(k, p, v, q, w); }
  /** No page is both writable and executable for any partition. */
  lemma Nothing_is_writable_and_executable(k: CoreState.Core, p: u32, v: u32) requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES ensures var o := Isolation.Found(k, p, v); !(o.Page? && o.writable && o.executable) { Isolation.The_hardware_never_shows_a_page_writable_and_executable(k, p, v); }
  /** Every action that comes of a partition's call is its own end, the emptying of its own slot, a record that changes nothing, or one for which it holds a live capability with the right in the table Authorised. */
  lemma Nothing_happens_without_a_capability(k: Kernel, now: u64, i: int) requires Common.Runs(k) && 0 <= i < |S.Decide(k, S.Hypercall(now)).acts| ensures Authority.Authorised(k, Common.Me(k), S.Decide(k, S.Hypercall(now)).acts[i]) { Authority.No_structural_change_without_a_capability(k, now, i); }
  /** Authority only shrinks on the way down: in every reachable state a live capability has no right that one it was derived from lacks. */
  lemma Authority_only_shrinks(k: Kernel, es: seq<S.Event>, j: u32, g: u32, a: u32, ga: u32) requires StepPreservesValid.First(k) && j < NCAP && a < NCAP ensures V.Valid(k) && var t := StepPreservesValid.After(k, es).st.caps; C.Table(t) && (C.Live(t, j, g) && D.Descends(t, j, g, a, ga) ==> Rights.Subset(t[j].rights, t[a].rights)) { Confinement.Authority_only_shrinks_on_the_way_down(k, es, j, g, a, ga); }
  /** Revocation is complete and immediate: no capability derived from the revoked one is live any more. */
  lemma Revocation_is_complete(t: seq<Cap>, i: u32, j: u32, g: u32) requires C.Table(t) && i < NCAP && j < NCAP && t[i].gen < GENMAX && D.Descends(t, j, g, i, t[i].gen) ensures !C.Live(C.Revoke(t, i), j, g) { D.Revoked_capability_kills_every_descendant(t, i, j, g); }
  /** The log tells all: the structural state is at any time exactly what the records of the log make of the empty first state. */
  lemma The_log_tells_all(k: Kernel, es: seq<S.Event>) requires StepPreservesValid.First(k) ensures V.Valid(k) && var l := StepPreservesValid.After(k, es); l.st == A.ApplyAll(k.st, Records.Told(l.log.records)) { Replay.Structural_state_is_the_fold_of_the_log(k, es); }
  /** The log only grows: no event removes or changes a record. */
  lemma The_log_only_grows(k: Kernel, e: S.Event) requires V.Valid(k) ensures k.log.records <= S.Step(k, e).k.log.records { Replay.The_log_only_grows(k, e); }
  /** Appending never overwrites: the slot of a new record holds no record that has not been drained. */
  lemma Appending_never_overwrites(l: Log, p: u32, i: nat) requires W.LogOk(l) && p < NPART && W.Spare(l, p) && i < |l.records| && WitnessLemmas.Slot(i) == WitnessLemmas.Slot(|l.records|) ensures i < l.drained as int { WitnessProofs.Appending_never_overwrites_an_undrained_record(l, p, i); }
}
