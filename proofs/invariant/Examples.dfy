include "../isolation/Isolation.dfy"

/** The invariant is not empty and not idle: a state that satisfies it, and states that violate each of its parts. */
module {:compile false} Examples {
  import opened Types
  import opened Limits
  import opened State
  import C = Capabilities
  import M = Memory
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import Kinds
  import Hash
  import StepPreservesValid
  import Isolation

  /** The first state of a machine whose RAM begins at frame 0x40000, with 0x8000 frames to give out. */
  function First(): Kernel {
    Kernel(Machine(0x4_0000, 0x4_1000, 0x9000, 0x8000, 0x80A0, 0xF60), [], [], [],
           Structure(S.NoParts, seq(NCAP as int, _ => EmptyCap), Memory(seq(NREGION as int, _ => Region(0, 0, 0, 0, 0)), 0x4_1000, 0x4_9000),
                     seq(NPART as int, _ => M.EmptyMap), seq(NEDGE as int, _ => Edge(0, 0, 0, 0)), 0, seq(NPART as int, _ => 0), seq(NPART as int, _ => EmptyLease)),
           Volatile(S.EmptySched, seq(NEDGE as int, _ => E.EmptyQueue), seq(NCTX as int, _ => 0), false, false), W.Start, true)
  }
  /** There is a valid state. */
  lemma A_valid_state_exists() ensures StepPreservesValid.First(First()) && V.Valid(First()) { StepPreservesValid.The_first_state_is_valid(First()); }

  /** A state in which two partitions' maps show the same frame is not valid. */
  lemma A_shared_frame_violates_the_invariant(k: Kernel)
    requires |k.st.maps| == NPART as int
    requires k.st.maps[1] == Map([], map[7 := Pte(0x4_1000, Kinds.PermRW, 0)]) && k.st.maps[2] == Map([], map[9 := Pte(0x4_1000, Kinds.PermR, 1)])
    ensures !V.Valid(k)
  {
    if V.Valid(k) {
      assert Isolation.Shows(k, 1, 7, 0x4_1000) && Isolation.Shows(k, 2, 9, 0x4_1000);
      Isolation.No_frame_is_mapped_by_two_partitions(k, 1, 7, 2, 9, 0x4_1000);
    }
  }
  /** A state in which a page of immutable memory can be written is not valid. */
  lemma A_writable_page_of_immutable_memory_violates_the_invariant(k: Kernel)
    requires |k.st.maps| == NPART as int && |k.st.memory.regions| == NREGION as int
    requires k.st.memory.regions[3] == Region(1, 1, Kinds.Immutable, 4, 0x4_1000) && k.st.maps[1] == Map([], map[7 := Pte(0x4_1000, Kinds.PermRW, 3)])
    ensures !V.Valid(k)
  {
    if V.Valid(k) { Isolation.OnePage(k, 1, 7); }
  }
  /** Two regions that overlap by one frame violate the invariant. */
  lemma Overlapping_regions_violate_the_invariant(k: Kernel)
    requires |k.st.memory.regions| == NREGION as int
    requires k.st.memory.regions[3] == Region(1, 1, Kinds.Slab, 4, 0x4_1000) && k.st.memory.regions[5] == Region(1, 2, Kinds.Slab, 4, 0x4_1003)
    ensures !V.Valid(k)
  {
    if V.Valid(k) {
      var r3, r5 := k.st.memory.regions[3], k.st.memory.regions[5];
      assert M.Apart(k.st.memory.regions[3], r5.frame, r5.pages);
    }
  }
  /** A capability that names no region violates the invariant. */
  lemma A_capability_for_nothing_violates_the_invariant(k: Kernel)
    requires |k.st.caps| == NCAP as int && k.st.caps[40] == Cap(1, Kinds.Region, NREGION, 0, 1, 0, 0, 0)
    ensures !V.Valid(k)
  {
    assert !C.SlotOk(k.st.caps[40]);
  }
  /** A log whose second record does not carry the hash of the first violates the invariant. */
  lemma A_broken_chain_violates_the_invariant(k: Kernel)
    requires |k.log.records| >= 2 && k.log.records[1].before != k.log.records[0].hash
    ensures !V.Valid(k)
  {
    reveal W.Chained();
    if W.Chained(k.log.records) {
      assert k.log.records[1].before == W.Before(k.log.records, 1);
    }
  }
  /** A partition that could not witness its end violates the invariant. */
  lemma A_partition_without_a_record_to_spare_violates_the_invariant(k: Kernel)
    requires |k.st.parts| == NPART as int && W.Tables(k.log)
    requires k.st.parts[1].life == Kinds.Started && k.log.used[1] == k.log.quota[1]
    ensures !V.Valid(k)
  {
    if V.Valid(k) {
      assert k.st.parts[1] == k.st.parts[1];
      assert !W.Spare(k.log, 1);
    }
  }
  /** A partition that runs without having been started violates the invariant. */
  lemma A_suspended_partition_that_runs_violates_the_invariant(k: Kernel)
    requires |k.st.parts| == NPART as int && |k.vol.sched.tasks| == NPART as int
    requires k.st.parts[1].life == Kinds.Suspended && k.vol.sched.tasks[1].run == Kinds.Running
    ensures !V.Valid(k)
  {
    reveal S.OnlyStartedRun();
  }
}
