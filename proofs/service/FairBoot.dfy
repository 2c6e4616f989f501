include "FairStates.dfy"

/** What boot leaves, and what is so all along a run. */
module {:compile false} FairBoot {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened FairSteps
  import opened FairTurns
  import opened FairStates
  import opened Service
  import FairCalls
  import E = Edges
  import C = Capabilities
  import M = Memory
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DE = DecideEdge
  import DP = DecidePartition
  import DR = DecideRegion
  import Step
  import Kinds
  import Authority
  import Replay
  import StepPreservesValid

  /** The answer to a boot command starts nobody's turn, except that the last one dispatches. */
  ghost predicate Mild(k: Kernel, a: B.Answer, now: u64)
    requires V.Valid(k)
  {
    && AllGentle(k.st.parts, Replay.Asked(a))
    && (a.Done? || a.Begun? ==> a.v.vol.halted == k.vol.halted && a.v.vol.sched.cur == 0 && Still(k.st.parts, k.vol.sched, a.v.vol.sched, now, 0))
    && (a.Over? ==> a.v.vol.halted == k.vol.halted && Onward(k.st.parts, k.vol.sched, a.v.vol.sched, now, 0))
  }
  /** Commands that leave the schedule as it is, and start and make nobody. */
  ghost predicate Plain(k: Kernel, a: B.Answer)
    requires V.Valid(k)
  {
    && !a.Over? && (a.Done? || a.Begun? ==> a.v.vol == k.vol)
    && forall i :: 0 <= i < |Replay.Asked(a)| ==>
         var c := Replay.Asked(a)[i]; !c.PartitionCreate? && !c.TaskSpawn? && !c.PartitionStart? && !c.PartitionSuspend?
  }
  lemma PlainIsMild(k: Kernel, a: B.Answer, now: u64)
    requires V.Valid(k) && k.vol.sched.cur == 0 && Plain(k, a)
    ensures Mild(k, a, now)
  {
    FairCalls.InOrder(k);
    hide V.Valid;
    Same(k.st.parts, k.vol.sched, now, 0);
  }
  lemma PlainCommands(k: Kernel, w: B.Words, size: u64, b: seq<u64>)
    requires V.Valid(k)
    ensures Plain(k, B.RegionCommand(k, w)) && Plain(k, B.MapCommand(k, w)) && Plain(k, B.EdgeCommand(k, w))
    ensures Plain(k, B.SharedCommand(k, w, size)) && Plain(k, B.ImageCommand(k, w, size)) && Plain(k, B.CapCommand(k, w)) && Plain(k, B.Begin(k, b)) && Plain(k, B.DeviceCommand(k, w))
    ensures forall s: u64 {:trigger B.No(s)} :: Plain(k, B.No(s))
  {
    hide M.Pick;
    hide M.PickFrame;
    hide M.ReuseFrom;
    hide M.DeviceFree;
    hide DR.MapCheck;
    hide M.Fits;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide W.Room;
    hide B.HashOf;
  }
  lemma MakingIsGentle(parts: seq<Part>, x: DP.Plan, i: Image, l: DP.Places)
    requires |parts| == NPART as int && V.ImageOk(i) && x.p < NPART && parts[x.p].life == Kinds.Free
    ensures AllGentle(parts, DP.Making(0, x, i, l))
  {
    hide M.Fits;
  }
  lemma Partition(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k) && k.vol.sched.cur == 0
    ensures Mild(k, B.PartitionCommand(k, w), now)
  {
    var a := B.PartitionCommand(k, w);
    var p := S.FreeFrom(k.st.parts, 1);
    FairCalls.InOrder(k);
    if a.Done? {
      var i := k.images[w[1]];
      assert V.ImageOk(i);
      Authority.FreeSlot(k.st.parts, 1);
      var x := DP.Plan(p, w[1], w[2], w[3], w[5], w[4], w[6], w[7]);
      MakingIsGentle(k.st.parts, x, i, DP.Place(k.st.memory, i, p));
      assert a.v.vol.sched == S.SetLeft(k.vol.sched, p, w[4]) by {
        hide DP.Place; hide DP.Making; hide DP.Filling; hide S.FreeFrom; hide W.Room; hide S.SetLeft; hide DP.ClearRegs;
      }
      Unmoved(k.st.parts, k.vol.sched, p, w[4], k.vol.sched.nextWake, now, 0);
    }
    hide V.Valid;
    hide DP.Place;
    hide DP.Making;
    hide DP.Filling;
    hide S.FreeFrom;
    hide W.Room;
    hide DP.ClearRegs;
    hide AllGentle;
  }
  lemma Start(k: Kernel, w: B.Words, now: u64)
    requires V.Valid(k) && k.vol.sched.cur == 0
    ensures Mild(k, B.StartCommand(k, w, now), now)
  {
    FairCalls.InOrder(k);
    var a := B.StartCommand(k, w, now);
    if a.Done? {
      var p := w[1] as u32;
      assert k.vol.sched.tasks[p].run == Kinds.Stopped by { reveal S.OnlyStartedRun; hide W.Room; }
      hide V.Valid;
      Enters(k.st.parts, k.vol.sched, p, now, 0);
    }
    hide W.Room;
    hide S.MakeReady;
  }
  lemma End(k: Kernel, now: u64)
    requires V.Valid(k) && k.vol.sched.cur == 0
    ensures Mild(k, B.EndCommand(k, now), now)
  {
    FairCalls.InOrder(k);
    hide V.Valid;
    Same(k.st.parts, k.vol.sched, now, 0);
    Dispatches(k.st.parts, k.vol.sched, k.vol.sched, now, 0);
    hide W.Room;
    hide S.FreeFrom;
    hide S.Dispatch;
  }
  lemma Command(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k) && k.vol.sched.cur == 0
    ensures Mild(k, B.Command(k, w, size, now), now)
  {
    hide *;
    reveal B.Command;
    PlainCommands(k, w, size, []);
    Partition(k, w, now);
    Start(k, w, now);
    End(k, now);
    var a := B.Command(k, w, size, now);
    if Plain(k, a) { PlainIsMild(k, a, now); }
  }
  lemma SoonStill(parts: seq<Part>, s: Sched, t: Sched, now: u64)
    requires Still(parts, s, t, now, 0) && t.cur == 0
    ensures |parts| == NPART as int && S.Shape(s) && S.Shape(t) && Slices(parts, s, t, now)
    ensures forall q: u32 {:trigger DueSoon(parts, s, t, now, q)} :: q < NPART ==> DueSoon(parts, s, t, now, q)
  {
    hide KeepsPlace;
    reveal Still();
    forall q: u32 | q < NPART ensures DueSoon(parts, s, t, now, q) { assert Fair(parts, s, t, now, 0, q); }
  }
  lemma Settled(k: Kernel, a: B.Answer, was: u64, now: u64)
    requires V.Valid(k) && k.booting && Timed(k, was) && was <= now && Mild(k, a, now) && V.Valid(Step.Settle(k, a, now).k)
    ensures Timed(Step.Settle(k, a, now).k, now) && Turned(k, Step.Settle(k, a, now).k, now)
  {
    var k' := Step.Settle(k, a, now).k;
    assert Busy(k) && k.vol.sched.cur == 0 by { reveal Timed(); }
    Replay.HasTables(k);
    FairCalls.InOrder(k);
    hide V.Valid;
    AllActions(k.st, Replay.Asked(a), 0);
    assert Constant(k.st.parts, k.st.parts);
    Same(k.st.parts, k.vol.sched, now, 0);
    hide ApplyAll;
    hide Constant;
    if a.Over? {
      Soon(k, k', now, 0);
      assert Busy(k') by { reveal Onward(); }
    } else {
      SoonStill(k.st.parts, k.vol.sched, k'.vol.sched, now);
    }
    Later(k, k', was, now);
  }
  /** Whoever runs runs on, or begins a slice now. */
  ghost predicate Turned(k: Kernel, k': Kernel, now: u64) requires V.Valid(k) && V.Valid(k') { Slices(k.st.parts, k.vol.sched, k'.vol.sched, now) }
  /** What a boot event leaves. */
  lemma Booted(k: Kernel, e: Step.Event, was: u64)
    requires V.Valid(k) && Timed(k, was) && was <= e.now && (e.Begin? || e.Boot?)
    ensures V.Valid(Step.Step(k, e).k) && Timed(Step.Step(k, e).k, e.now)
    ensures Turned(k, Step.Step(k, e).k, e.now) && (!k.booting ==> Step.Step(k, e).k == k)
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    assert k.booting ==> k.vol.sched.cur == 0 by { reveal Timed(); }
    hide V.Valid;
    if k.booting {
      if e.Boot? {
        Command(k, e.words, e.size, e.now);
        Settled(k, B.Command(k, e.words, e.size, e.now), was, e.now) by { hide B.Command; }
      } else {
        PlainCommands(k, [0, 0, 0, 0, 0, 0, 0, 0], 0, e.bundle);
        PlainIsMild(k, B.Begin(k, e.bundle), e.now);
        Settled(k, B.Begin(k, e.bundle), was, e.now) by { hide B.Begin; }
      }
    } else {
      Passes(k, was, e.now);
    }
    hide B.Command;
    hide B.Begin;
    hide Step.Settle;
  }
  /** Time alone changes nothing. */
  lemma Passes(k: Kernel, was: u64, now: u64)
    requires V.Valid(k) && Timed(k, was) && was <= now
    ensures Timed(k, now)
  {
    reveal Timed();
    var s, parts := k.vol.sched, k.st.parts;
    forall q: u32 | q < NPART ensures Due(parts, s, now, q) { assert Due(parts, s, was, q); }
  }
  /** Nobody runs, and the event is not the timer's; or the system has ended. */
  lemma Idle(k: Kernel, e: Step.Event, was: u64)
    requires V.Valid(k) && Timed(k, was) && was <= e.now && k.vol.sched.cur == 0 && !e.Begin? && !e.Boot? && !e.Tick?
    ensures Step.Step(k, e).k == k && Timed(k, e.now)
  {
    Passes(k, was, e.now);
    hide V.Valid;
  }
  lemma WakeNobody(s: Sched, parts: seq<Part>, now: u64, i: u32)
    requires S.Shape(s) && |parts| == NPART as int && i <= NPART
    requires forall q: u32 {:trigger s.tasks[q]} :: q < NPART ==> s.tasks[q].run == Kinds.Stopped
    ensures S.WakeFrom(s, parts, now, i) == s
    decreases NPART - i
  {
    if i < NPART { assert s.tasks[i].run == Kinds.Stopped; WakeNobody(s, parts, now, i + 1); }
  }
  lemma Over(k: Kernel, e: Step.Event, was: u64)
    requires V.Valid(k) && !k.booting && Timed(k, was) && was <= e.now && k.vol.halted && e.Tick?
    ensures var k' := Step.Step(k, e).k;
      k' == k.(vol := k.vol.(sched := k.vol.sched.(nextWake := k'.vol.sched.nextWake))) && V.Valid(k') && Timed(k', e.now)
    ensures k.vol.sched.cur == 0 && k.vol.sched.ready == []
  {
    StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    Passes(k, was, e.now);
    assert NoneLeft(k.st.parts) by { reveal Timed(); }
    NobodyLeft(k);
    var s, parts := k.vol.sched, k.st.parts;
    FairCalls.InOrder(k);
    forall q: u32 | q < NPART ensures s.tasks[q].run == Kinds.Stopped {
      reveal S.OnlyStartedRun();
      InQueue(s, q);
      assert q != 0 ==> parts[q].life == Kinds.Free;
    }
    WakeNobody(s.(nextWake := TIMEMAX), parts, e.now, 0);
    hide V.Valid;
    var k' := Step.Step(k, e).k;
    assert k' == k.(vol := k.vol.(sched := s.(nextWake := k'.vol.sched.nextWake)));
    assert Timed(k', e.now) by {
      reveal Timed();
      forall q: u32 | q < NPART ensures Due(parts, k'.vol.sched, e.now, q) { assert Due(parts, s, e.now, q); }
    }
  }
  /** Whatever event comes, if the timer is masked in boot. */
  lemma Onwards(k: Kernel, e: Step.Event, was: u64)
    requires V.Valid(k) && Timed(k, was) && was <= e.now && (k.booting ==> !e.Tick?)
    ensures V.Valid(Step.Step(k, e).k) && Timed(Step.Step(k, e).k, e.now) && Turned(k, Step.Step(k, e).k, e.now)
  {
    FairCalls.InOrder(k);
    hide V.Valid;
    hide Step.Step;
    if e.Begin? || e.Boot? { Booted(k, e, was); }
    else if k.booting { assert k.vol.sched.cur == 0 by { reveal Timed(); } Idle(k, e, was); }
    else if k.vol.sched.cur == 0 && !e.Tick? { Idle(k, e, was); }
    else if k.vol.halted { assert NoneLeft(k.st.parts) by { reveal Timed(); } NobodyLeft(k); Over(k, e, was); }
    else {
      assert Short(k.st.parts, TIMEMAX);
      Decisive(k, e, was, TIMEMAX);
      Soon(k, Step.Step(k, e).k, e.now, FairCalls.Victim(Step.Decide(k, e).acts));
    }
  }

  // ---- runs -------------------------------------------------------------------------------------------------------------------------

  lemma AfterMore(k: Kernel, es: seq<Step.Event>, e: Step.Event)
    requires V.Valid(k)
    ensures StepPreservesValid.After(k, es + [e]) == Step.Step(StepPreservesValid.After(k, es), e).k
    decreases |es|
  {
    hide *;
    reveal StepPreservesValid.After;
    if |es| == 0 {
      assert (es + [e])[1..] == [];
      StepPreservesValid.Every_event_leaves_a_valid_state(k, e);
    } else {
      StepPreservesValid.Every_event_leaves_a_valid_state(k, es[0]);
      assert (es + [e])[1..] == es[1..] + [e];
      AfterMore(Step.Step(k, es[0]).k, es[1..], e);
    }
  }
  lemma Next(k: Kernel, es: seq<Step.Event>, i: int)
    requires StepPreservesValid.First(k) && 0 <= i < |es|
    ensures At(k, es, i + 1) == Step.Step(At(k, es, i), es[i]).k
  {
    assert es[..i + 1] == es[..i] + [es[i]];
    StepPreservesValid.The_first_state_is_valid(k);
    hide V.Valid;
    hide Step.Step;
    AfterMore(k, es[..i], es[i]);
  }
  /** The time of the state that event i finds. */
  ghost function Clock(es: seq<Step.Event>, i: int): u64 requires 0 <= i <= |es| { if i == 0 then 0 else es[i - 1].now }
  lemma AllAlong(k: Kernel, es: seq<Step.Event>, i: int)
    requires StepPreservesValid.First(k) && Ordered(es) && Masked(k, es) && 0 <= i <= |es|
    ensures Timed(At(k, es, i), Clock(es, i))
    decreases i
  {
    hide Step.Step;
    hide StepPreservesValid.First;
    if i == 0 {
      FirstTimed(k, 0);
      hide V.Valid;
      assert es[..0] == [];
    } else {
      AllAlong(k, es, i - 1);
      Next(k, es, i - 1);
      var b := At(k, es, i - 1);
      hide V.Valid;
      hide At;
      assert b.booting ==> !es[i - 1].Tick?;
      Onwards(b, es[i - 1], Clock(es, i - 1));
    }
  }
}
