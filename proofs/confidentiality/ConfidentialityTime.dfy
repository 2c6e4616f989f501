include "ConfidentialityEndings.dfy"
include "ConfidentialityObjects.dfy"
include "ConfidentialityJobs.dfy"

/** Exits, terminations, traps, ticks and standard calls tell the running partition the same in twins. */
module {:compile false} ConfidentialityTime {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Standard
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityCalls
  import opened ConfidentialityEndings
  import opened Declassification
  import O = ConfidentialityObjects
  import H = ConfidentialityHeld
  import I = IntegrityView
  import R = IntegrityRun
  import CallsKept
  import C = Capabilities
  import E = Edges
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DP = DecidePartition
  import DT = DecideTask
  import Jobs = ConfidentialityJobs
  import JobsKept
  import Step
  import Kinds
  import Status
  import Rights

  // ---- ends ---------------------------------------------------------------------------------------------------------------------------------

  lemma PartitionTerminate(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DP.PartitionTerminate(a, now), b, DP.PartitionTerminate(b, now), now)
  {
    Args(a, b);
    O.Others(a, b, Arg(a, 1), Rights.REVOKE);
    Refusals(a, b, now);
    Line(a);
    Line(b);
    assert Sized(a) && Sized(b);
    hide V.Valid;
    hide DP.Other;
    hide Refuse;
    hide DT.End;
    if DP.Other(a, Arg(a, 1), Rights.REVOKE) == Status.OK { OtherEnds(a, b, Object(a, Arg(a, 1)), DT.BY_OTHER, now); }
  }
  lemma Exit(a: Kernel, b: Kernel, status: u64, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DT.Exit(a, status, now), b, DT.Exit(b, status, now), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    assert Sized(a) && Sized(b);
    hide V.Valid;
    hide DT.End;
    CallsKept.Remainder(status);
    SelfEnds(a, a.vol.(failed := a.vol.failed || status != 0), b, b.vol.(failed := b.vol.failed || status != 0), DT.BY_EXIT + status % DT.BY_FAULT, now);
  }
  lemma StandardCall(a: Kernel, b: Kernel, f: u64, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, Step.StandardCall(a, f, now), b, Step.StandardCall(b, f, now), now)
  {
    Args(a, b);
    Refusals(a, b, now);
    Exit(a, b, 0, now);
    Uid(a, b, now);
    hide V.Valid;
    hide Answer;
    hide Refuse;
    hide DT.Exit;
    hide Step.Uid;
  }

  // ---- traps --------------------------------------------------------------------------------------------------------------------------------

  lemma Skips(v: Volatile, w: Volatile, p: u32)
    requires SameVol(v, w, p)
    ensures SameVol(DT.Skip(v, p), DT.Skip(w, p), p) && DT.Skip(v, p).queues == v.queues && DT.Skip(w, p).queues == w.queues
    ensures DT.Skip(v, p).sched == v.sched && DT.Skip(w, p).sched == w.sched
  {
    assert I.SameReg(v.regs, w.regs, p, PC);
    var x := if v.regs[p * CTXW + PC] <= TIMEMAX - 4 then v.regs[p * CTXW + PC] + 4 else 0;
    Register(v, w, p, PC, x);
  }
  lemma Wfx(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && S.Shape(a.vol.sched) && S.Shape(b.vol.sched) && I.Sorts(a.vol) && I.Sorts(b.vol)
    ensures |a.st.parts| == |b.st.parts| == NPART as int
    ensures var v, w := DT.Skip(a.vol, Me(a)), DT.Skip(b.vol, Me(a));
      && S.Shape(v.sched) && S.Shape(w.sched)
      && Agree(a, Verdict([], v.(sched := S.YieldCurrent(v.sched, a.st.parts, now)), []), b, Verdict([], w.(sched := S.YieldCurrent(w.sched, b.st.parts, now)), []), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    var p := Me(a);
    Skips(a.vol, b.vol, p);
    var v, w := DT.Skip(a.vol, p), DT.Skip(b.vol, p);
    Yielding(a.vol.sched, a.st.parts, now, p);
    Yielding(b.vol.sched, b.st.parts, now, p);
    hide S.YieldCurrent;
    hide DT.Skip;
    Scheduled(v, w, S.YieldCurrent(v.sched, a.st.parts, now), S.YieldCurrent(w.sched, b.st.parts, now), p);
    Voiced(a, v.(sched := S.YieldCurrent(v.sched, a.st.parts, now)), b, w.(sched := S.YieldCurrent(w.sched, b.st.parts, now)), [], now);
  }
  lemma Smc(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b)
    ensures var r, s := Refuse(a, DT.SMC, Status.Unsupported), Refuse(b, DT.SMC, Status.Unsupported);
      |r.vol.regs| == |s.vol.regs| == NCTX as int && Agree(a, r.(vol := DT.Skip(r.vol, Me(a))), b, s.(vol := DT.Skip(s.vol, Me(b))), now)
  {
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide W.Room;
    var p := Me(a);
    Register(a.vol, b.vol, p, 0, Status.Unsupported);
    var r, s := Refuse(a, DT.SMC, Status.Unsupported), Refuse(b, DT.SMC, Status.Unsupported);
    Skips(r.vol, s.vol, p);
    hide DT.Skip;
    Noted(a, r.(vol := DT.Skip(r.vol, p)), b, s.(vol := DT.Skip(s.vol, p)), now) by { hide SameSt; hide SameVol; }
  }
  lemma Faults(a: Kernel, b: Kernel, place: u64, esr: u64, effects: seq<Effect>, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && W.Tables(a.log) && W.Room(a.log, Me(a), 1)
    ensures Agree(a, Verdict([Fault(Me(a), place, esr)], a.vol, effects), b, Verdict([Fault(Me(b), place, esr)], b.vol, effects), now)
  {
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide W.Room;
    Noted(a, Verdict([Fault(Me(a), place, esr)], a.vol, effects), b, Verdict([Fault(Me(b), place, esr)], b.vol, effects), now) by { hide SameSt; hide SameVol; }
  }
  lemma Trap(a: Kernel, b: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)
    requires Alike(a, b)
    ensures Runs(a) && Runs(b) && Agree(a, DT.Trap(a, esr, far, ipa, vbar, now), b, DT.Trap(b, esr, far, ipa, vbar, now), now)
  {
    Args(a, b);
    Refusals(a, b, now);
    Wfx(a, b, now);
    Smc(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    assert Sized(a) && Sized(b);
    hide V.Valid;
    hide W.Room;
    hide Refuse;
    hide DT.Skip;
    hide S.YieldCurrent;
    hide DT.End;
    hide SameVol;
    hide SameSt;
    var ec, pc := esr / 0x400_0000 % 64, Arg(a, PC);
    if ec != DT.EC_WFX && ec != DT.EC_SMC && ec != DT.EC_HVC {
      if (vbar <= pc && pc - vbar < 0x800) || !W.Room(a.log, Me(a), 1) {
        CallsKept.Remainder(esr);
        assert a.(vol := a.vol) == a && b.(vol := b.vol) == b;
        SelfEnds(a, a.vol, b, b.vol, DT.BY_FAULT + esr % DT.BY_FAULT, now);
      } else {
        var fx := [Effect(INJECT, Me(a) as u64, if ec == DT.EC_DABORT then 0 else if ec == DT.EC_IABORT then 1 else 2, far)];
        Faults(a, b, if ec == DT.EC_IABORT || ec == DT.EC_DABORT then ipa else pc, esr, fx, now);
      }
    }
  }

  // ---- ticks --------------------------------------------------------------------------------------------------------------------------------

  lemma Wakes(s: Sched, parts: seq<Part>, now: u64, i: u32, p: u32)
    requires S.Shape(s) && |parts| == NPART as int && i <= NPART && p < NPART && s.tasks[p].run == Kinds.Running
    ensures var t := S.WakeFrom(s, parts, now, i); t.tasks[p] == s.tasks[p] && t.cur == s.cur && t.sliceEnd == s.sliceEnd
    decreases NPART - i
  {
    if i < NPART {
      if s.tasks[i].run != Kinds.Sleeping { Wakes(s, parts, now, i + 1, p); }
      else if s.tasks[i].wake <= now {
        Readied(s, i, parts[i].rel, now, p);
        hide S.MakeReady;
        Wakes(S.MakeReady(s, i, parts[i].rel, now), parts, now, i + 1, p);
      } else {
        Wakes(if s.tasks[i].wake < s.nextWake then s.(nextWake := s.tasks[i].wake) else s, parts, now, i + 1, p);
      }
    }
  }
  lemma Woken(k: Kernel, now: u64)
    requires Runs(k)
    ensures S.Shape(k.vol.sched) && |k.st.parts| == NPART as int && I.Sorts(k.vol)
    ensures var t := S.Wake(k.vol.sched, k.st.parts, now); S.Shape(t) && t.tasks[Me(k)] == k.vol.sched.tasks[Me(k)] && t.cur == Me(k) && t.sliceEnd == k.vol.sched.sliceEnd
  {
    Line(k);
    hide V.Valid;
    if now >= k.vol.sched.nextWake { Wakes(k.vol.sched.(nextWake := TIMEMAX), k.st.parts, now, 0, Me(k)); }
    hide S.WakeFrom;
  }
  /** What a tick that does not end the running partition makes of the schedule. */
  lemma Ticked(k: Kernel, now: u64)
    requires Runs(k)
    ensures S.Shape(k.vol.sched) && |k.st.parts| == NPART as int && I.Sorts(k.vol)
    ensures var l, s, v := k.vol.sched.tasks[Me(k)].left, k.vol.sched, DT.Turn(k, now);
      !(now >= s.sliceEnd && l == 1) ==>
        && v == Verdict([], k.vol.(sched := v.vol.sched), []) && S.Tables(v.vol.sched) && DoingOf(v.vol.sched.tasks[Me(k)]) == Runnable
        && v.vol.sched.tasks[Me(k)].left == if now >= s.sliceEnd && l != 0 then l - 1 else l
  {
    Line(k);
    Woken(k, now);
    hide V.Valid;
    hide S.Wake;
    var p, w := Me(k), S.Wake(k.vol.sched, k.st.parts, now);
    var l := w.tasks[p].left;
    var left := if l == 0 then 0 else l - 1;
    assert S.SetLeft(w, p, left).cur == p && S.SetLeft(w, p, left).tasks[p].left == left;
    Yielding(S.SetLeft(w, p, left), k.st.parts, now, p);
    Preempting(w, k.st.parts, now, p);
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
    hide S.SetLeft;
    hide DT.End;
  }
  lemma Turn(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && (now >= a.vol.sched.sliceEnd) == (now >= b.vol.sched.sliceEnd)
    ensures Agree(a, DT.Turn(a, now), b, DT.Turn(b, now), now)
  {
    Parts(a, b);
    Line(a);
    Line(b);
    Ticked(a, now);
    Ticked(b, now);
    Woken(a, now);
    Woken(b, now);
    assert Sized(a) && Sized(b);
    var p := Me(a);
    assert a.vol.sched.tasks[p].left == b.vol.sched.tasks[p].left;
    var s, t := S.Wake(a.vol.sched, a.st.parts, now), S.Wake(b.vol.sched, b.st.parts, now);
    hide V.Valid;
    hide S.Wake;
    hide SameSt;
    hide DT.End;
    if now >= a.vol.sched.sliceEnd && a.vol.sched.tasks[p].left == 1 {
      Scheduled(a.vol, b.vol, s, t, p);
      hide SameVol;
      SelfEnds(a, a.vol.(sched := s), b, b.vol.(sched := t), DT.BY_BUDGET, now);
      assert DT.Turn(a, now) == DT.End(a.(vol := a.vol.(sched := s)), p, p, DT.BY_BUDGET, now);
      assert DT.Turn(b, now) == DT.End(b.(vol := b.vol.(sched := t)), p, p, DT.BY_BUDGET, now);
    } else {
      hide DT.Turn;
      var v, w := DT.Turn(a, now), DT.Turn(b, now);
      Scheduled(a.vol, b.vol, v.vol.sched, w.vol.sched, p);
      hide SameVol;
      Voiced(a, v.vol, b, w.vol, [], now);
    }
  }
}
