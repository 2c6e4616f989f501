include "../proofs/Replay.dfy"
include "../proofs/Isolation.dfy"
include "../proofs/Confinement.dfy"
include "../proofs/Witness.dfy"
include "../proofs/NoStaleTranslation.dfy"
include "../proofs/Entries.dfy"
include "../proofs/Runs.dfy"
include "../proofs/Waking.dfy"
include "../proofs/Unaffected.dfy"

/** What is proved of RVM, in one place: each claim is one sentence, stated here in full and proved in proofs/. docs/theorems.md shows what each rests on. */
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
  import T = Translation
  import Rights
  import Common
  import CoreState
  import RvmKernel
  import WitnessLemmas
  import WitnessProofs
  import StepPreservesValid
  import Isolation
  import NoStaleTranslation
  import Confinement
  import Authority
  import Records
  import Replay
  import Entries
  import Descriptors
  import Kinds
  import Service
  import Fairness
  import Waiting
  import Unaffected

  // 1. Every event has exactly one outcome.
  /** Every event has exactly one outcome, in every valid state and without another condition, and the state after it is valid again. */
  lemma Every_event_has_one_outcome(k: Kernel, e: S.Event) requires V.Valid(k) ensures V.Valid(S.Step(k, e).k) { StepPreservesValid.Every_event_leaves_a_valid_state(k, e); }
  /** The core that boots computes exactly Step: for any event in any good kernel, with no other condition, its state and its effects afterwards are those that Step says, and it is good again. */
  method The_core_computes_exactly_Step(k: CoreState.Core, e: S.Event, b: array<u64>, at: u32) requires k.Good() && b !in k.Repr() && b.Length < LO32 as int && (e.Begin? ==> e.bundle == b[..]) && (e.Boot? ==> at as int + 8 <= b.Length && e.words == b[at..at as int + 8] && e.size as int == b.Length) modifies k.Repr() ensures k.Good() && k.Abs() == S.Step(old(k.Abs()), e).k && k.Effects() == S.Step(old(k.Abs()), e).effects { Entries.Handle(k, e, b, at); }

  // 2. Boot starts in a valid state.
  /** Boot starts in a valid state, and every state that follows is valid, whatever the machine, the bundle and the guests are. */
  lemma Boot_starts_valid_and_stays_so(k: Kernel, es: seq<S.Event>) requires StepPreservesValid.First(k) ensures V.Valid(k) && V.Valid(StepPreservesValid.After(k, es)) { StepPreservesValid.Every_reachable_state_is_valid(k, es); }
  /** Whatever the numbers are that describe the machine, the core makes a good kernel of them, in the state before the first event. */
  method The_core_starts_good(ram: u64, uart: u64, gicd: u64, gicr: u64, gicrPages: u64, lo: u64, hi: u64) returns (k: CoreState.Core) ensures fresh(k.Repr()) && k.Good() && StepPreservesValid.First(k.Abs()) { k := RvmKernel.New(ram, uart, gicd, gicr, gicrPages, lo, hi); }

  // 3. No partition can reach another's memory, or the hypervisor's.
  /** No frame that one partition can read or write is in another partition's map. */
  lemma No_partition_reaches_anothers_memory(k: Kernel, p: u32, v: u32, q: u32, w: u32, f: u64) requires V.Valid(k) && p < NPART && q < NPART && Isolation.Shows(k, p, v, f) && Isolation.Shows(k, q, w, f) ensures p == q { Isolation.No_frame_is_mapped_by_two_partitions(k, p, v, q, w, f); }
  /** Whatever addresses two partitions access, the hardware never takes both to one frame. */
  lemma The_hardware_keeps_partitions_apart(k: CoreState.Core, p: u32, v: u32, q: u32, w: u32) requires k.Good() && p < NPART && q < NPART && p != q && p in k.stage2.rooted && q in k.stage2.rooted && v as u64 < IPAPAGES && w as u64 < IPAPAGES ensures Isolation.Found(k, p, v).Page? && Isolation.Found(k, q, w).Page? ==> Isolation.Found(k, p, v).frame != Isolation.Found(k, q, w).frame { Isolation.The_hardware_never_shows_two_partitions_one_frame(k, p, v, q, w); }
  /** The hardware never shows a partition a frame of the hypervisor's own memory, of a device that it drives, or of the tables that are being walked. */
  lemma No_partition_reaches_the_hypervisor(k: CoreState.Core, p: u32, v: u32) requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES ensures var o := Isolation.Found(k, p, v); o.Page? ==> !Isolation.Hypervisors(k.Abs().machine, o.frame) && !(k.stage2.base as int <= o.frame as int < k.stage2.base as int + NPART as int * NTAB as int) { Isolation.The_hardware_never_shows_the_hypervisors_frames(k, p, v); }
  /** No page is both writable and executable for any partition. */
  lemma Nothing_is_writable_and_executable(k: CoreState.Core, p: u32, v: u32) requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES ensures var o := Isolation.Found(k, p, v); !(o.Page? && o.writable && o.executable) { Isolation.The_hardware_never_shows_a_page_writable_and_executable(k, p, v); }

  // 4. The hardware sees what the map says.
  /** The hardware, walking the tables of the running kernel, finds exactly the frames and permissions of the abstract map, and faults elsewhere. */
  lemma The_hardware_sees_what_the_map_says(k: CoreState.Core, p: u32, v: u32) requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES ensures if v in k.Abs().st.maps[p].pages then Isolation.Found(k, p, v) == PT.Shown(k.Abs().st.maps[p].pages[v]) else Isolation.Found(k, p, v).Fault? { Isolation.The_hardware_finds_the_map(k, p, v); }

  // 5. No stale translation survives.
  /** In every state that the kernel can reach, whatever the hardware has cached since the beginning, a cached translation gives exactly the frame and the permissions of the map. */
  lemma No_stale_translation_survives(k: Kernel, es: seq<S.Event>, base: u64, runs: seq<seq<set<T.Entry>>>, e: T.Entry) requires StepPreservesValid.First(k) && V.Valid(k) && NoStaleTranslation.History(k, es, base, {}, runs) && e in NoStaleTranslation.Cached(k, es, base, {}, runs) ensures NoStaleTranslation.Right(StepPreservesValid.After(k, es).st.maps, base, e) { NoStaleTranslation.No_stale_translation_survives(k, es, base, runs, e); }
  /** Break before make: in the course of an event no descriptor goes from one valid value to another, and of one that is a fault when the event begins nothing older is cached. */
  lemma Break_before_make(k: Kernel, es: seq<S.Event>, base: u64, runs: seq<seq<set<T.Entry>>>, e: S.Event, p: u32, v: u32, level: u32, i: int, j: int) requires StepPreservesValid.First(k) && V.Valid(k) && NoStaleTranslation.History(k, es, base, {}, runs) && 1 <= level <= 3 && 0 <= i <= j <= |Replay.Acts(StepPreservesValid.After(k, es), e)| ensures var t, acts := StepPreservesValid.After(k, es).st, Replay.Acts(StepPreservesValid.After(k, es), e); A.Tables(t) && |T.Stages(t, acts)| == |acts| + 1 && NoStaleTranslation.Unbroken(T.Stages(t, acts), base, p, v, level, i, j) && (!PT.IsValid(T.Word(t.maps, base, p, v, level)) ==> forall c :: c in NoStaleTranslation.Cached(k, es, base, {}, runs) ==> !NoStaleTranslation.Of(c, p, v, level)) { NoStaleTranslation.Break_before_make(k, es, base, runs, e, p, v, level, i, j); }
  /** These descriptors are, word for word, those that the hardware reads in the memory of the running kernel when it walks a partition's tables. */
  lemma The_walk_reads_these_descriptors(k: CoreState.Core, p: u32, v: u32, level: u32) requires k.Good() && p < NPART && p in k.stage2.rooted && v as u64 < IPAPAGES && 1 <= level <= 3 ensures Descriptors.Fetched(k.stage2.pool[..], k.stage2.base, k.stage2.Root(p), 1, v, level) == T.Word(k.Abs().st.maps, k.stage2.base, p, v, level) { Descriptors.The_walk_reads_these_descriptors(k, p, v, level); }

  // 6. Nothing remains when memory changes hands.
  // 7. Authority only shrinks on the way down.
  /** Every action that comes of a partition's call is its own end, the emptying of its own slot, a record that changes nothing, or one for which it holds a live capability with the right in the table Authorised. */
  lemma Nothing_happens_without_a_capability(k: Kernel, now: u64, i: int) requires Common.Runs(k) && 0 <= i < |S.Decide(k, S.Hypercall(now)).acts| ensures Authority.Authorised(k, Common.Me(k), S.Decide(k, S.Hypercall(now)).acts[i]) { Authority.No_structural_change_without_a_capability(k, now, i); }
  /** Authority only shrinks on the way down: in every reachable state a live capability has no right that one it was derived from lacks. */
  lemma Authority_only_shrinks(k: Kernel, es: seq<S.Event>, j: u32, g: u32, a: u32, ga: u32) requires StepPreservesValid.First(k) && j < NCAP && a < NCAP ensures V.Valid(k) && var t := StepPreservesValid.After(k, es).st.caps; C.Table(t) && (C.Live(t, j, g) && D.Descends(t, j, g, a, ga) ==> Rights.Subset(t[j].rights, t[a].rights)) { Confinement.Authority_only_shrinks_on_the_way_down(k, es, j, g, a, ga); }
  // 8. Revocation is complete and immediate.
  /** Revocation is complete and immediate: no capability derived from the revoked one is live any more. */
  lemma Revocation_is_complete(t: seq<Cap>, i: u32, j: u32, g: u32) requires C.Table(t) && i < NCAP && j < NCAP && t[i].gen < GENMAX && D.Descends(t, j, g, i, t[i].gen) ensures !C.Live(C.Revoke(t, i), j, g) { D.Revoked_capability_kills_every_descendant(t, i, j, g); }
  // 9. The log tells all.
  /** The log tells all: the structural state is at any time exactly what the records of the log make of the empty first state. */
  lemma The_log_tells_all(k: Kernel, es: seq<S.Event>) requires StepPreservesValid.First(k) ensures V.Valid(k) && var l := StepPreservesValid.After(k, es); l.st == A.ApplyAll(k.st, Records.Told(l.log.records)) { Replay.Structural_state_is_the_fold_of_the_log(k, es); }
  /** The log only grows: no event removes or changes a record. */
  lemma The_log_only_grows(k: Kernel, e: S.Event) requires V.Valid(k) ensures k.log.records <= S.Step(k, e).k.log.records { Replay.The_log_only_grows(k, e); }
  /** Appending never overwrites: the slot of a new record holds no record that has not been drained. */
  lemma Appending_never_overwrites(l: Log, p: u32, i: nat) requires W.LogOk(l) && p < NPART && W.Spare(l, p) && i < |l.records| && WitnessLemmas.Slot(i) == WitnessLemmas.Slot(|l.records|) ensures i < l.drained as int { WitnessProofs.Appending_never_overwrites_an_undrained_record(l, p, i); }
  /** Two logs of equal length and equal last hash are equal, or exhibit two different records with one hash. */
  lemma Equal_last_hashes_mean_equal_logs(a: seq<Record>, b: seq<Record>) returns (i: nat) requires W.Chained(a) && W.Chained(b) && |a| == |b| && (|a| > 0 ==> a[|a| - 1].hash == b[|b| - 1].hash) ensures a == b || (i < |a| && WitnessProofs.Collision(a[i], b[i])) { i := WitnessProofs.Equal_last_hashes_mean_equal_logs_or_a_collision(a, b); }
  /** A partition whose quota of records is used up changes nothing by any call, except that a partition may end, for which a record is always kept. */
  lemma A_full_log_refuses_before_any_change(k: Kernel, now: u64) requires Common.Runs(k) && !W.Room(k.log, Common.Me(k), 1) ensures var acts := Replay.Acts(k, S.Hypercall(now)); (acts == [] || acts[0].PartitionEnd?) && (acts == [] ==> S.Step(k, S.Hypercall(now)).k.st == k.st) { Replay.A_full_log_refuses_before_any_change(k, now); }

  // 10. Non-interference.
  // 12. Everybody is served.
  /** Everybody is served: in every run whose timer ticks in time, who is ready gets the processor by the time `Latest` names, unless another partition that holds a capability to do so stops it. */
  lemma Everybody_is_served(k: Kernel, es: seq<S.Event>, i: int, q: u32, slice: u64, lag: nat) requires Service.Run(k, es, lag) && 0 < i <= |es| && Service.WantsToRun(Service.At(k, es, i), q) && Service.Longest(Service.At(k, es, i), slice) && es[|es| - 1].now as int > Service.Latest(es[i - 1].now, Service.At(k, es, i).st.parts[q].rel, slice, lag) ensures Service.Served(k, es, i, q, Service.Latest(es[i - 1].now, Service.At(k, es, i).st.parts[q].rel, slice, lag)) { Fairness.Everybody_who_is_ready_is_served(k, es, i, q, slice, lag); }
  /** Nobody waits for the dead: in every reachable state a partition that waits waits on a live edge from another partition that exists, and has overlooked no notification. */
  lemma Who_waits_can_be_woken(k: Kernel, es: seq<S.Event>, p: u32) requires StepPreservesValid.First(k) && p < NPART ensures V.Valid(k) && var b := StepPreservesValid.After(k, es); b.vol.sched.tasks[p].run == Kinds.Waiting ==> exists e: u32 {:trigger Service.CanWake(b, e, p)} :: Service.WaitsOn(b, p, e) && Service.CanWake(b, e, p) { Waiting.Who_waits_can_be_woken(k, es, p); }
  /** Nobody holds anything while waiting: what a call records, changes and answers is the same whatever all other partitions wait for. */
  lemma Nobody_is_held_up_by_who_waits(k: Kernel, s: Sched, now: u64) requires Common.Runs(k) && Common.Runs(Service.Otherwise(k, s)) && s.cur == k.vol.sched.cur ensures Service.SaySame(S.Decide(k, S.Hypercall(now)), S.Decide(Service.Otherwise(k, s), S.Hypercall(now)), Common.Me(k)) { Unaffected.What_others_wait_for_changes_no_call(k, s, now); }
}
