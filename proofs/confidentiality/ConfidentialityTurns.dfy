include "ConfidentialityPartings.dfy"

/** Traps and ticks: what a third sees depends on what it and the running partition saw. */
module {:compile false} ConfidentialityTurns {
  import opened Types
  import opened Limits
  import opened State
  import A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityBetween
  import opened ConfidentialityAcross
  import opened Declassification
  import P = ConfidentialityPartings
  import Calls = ConfidentialityCalls
  import Time = ConfidentialityTime
  import CallsKept
  import I = IntegrityView
  import R = IntegrityRun
  import S = Scheduler
  import W = Witness
  import V = Valid
  import DT = DecideTask
  import Jobs = ConfidentialityJobs
  import JobsKept
  import Step
  import Kinds
  import Status

  lemma StandardCall(a: Kernel, b: Kernel, f: u64, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, Step.StandardCall(a, f, now), b, Step.StandardCall(b, f, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Refusals3(a, b, now, p);
    P.Exit(a, b, 0, now, p);
    Uid(a, b, now, p);
    hide V.Valid;
    hide R.Lined;
    hide Same;
    hide Answer;
    hide Refuse;
    hide DT.Exit;
    hide Step.Uid;
  }

  // ---- traps ----------------------------------------------------------------------------------------------------------------------------------

  lemma Skips3(v: Volatile, w: Volatile, q: u32, p: u32)
    requires SameVol(v, w, p) && q < NPART && q != p
    ensures SameVol(DT.Skip(v, q), DT.Skip(w, q), p) && DT.Skip(v, q).queues == v.queues && DT.Skip(w, q).queues == w.queues
    ensures DT.Skip(v, q).sched == v.sched && DT.Skip(w, q).sched == w.sched
  {
    var x := if v.regs[q * CTXW + PC] <= TIMEMAX - 4 then v.regs[q * CTXW + PC] + 4 else 0;
    var y := if w.regs[q * CTXW + PC] <= TIMEMAX - 4 then w.regs[q * CTXW + PC] + 4 else 0;
    Reg3(v, w, p, q, PC, x, y);
  }
  lemma Wfx(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b) && S.Shape(a.vol.sched) && S.Shape(b.vol.sched) && I.Sorts(a.vol) && I.Sorts(b.vol)
    ensures |a.st.parts| == |b.st.parts| == NPART as int
    ensures var v, w := DT.Skip(a.vol, Me(a)), DT.Skip(b.vol, Me(b));
      && S.Shape(v.sched) && S.Shape(w.sched)
      && Agree3(a, Verdict([], v.(sched := S.YieldCurrent(v.sched, a.st.parts, now)), []), b, Verdict([], w.(sched := S.YieldCurrent(w.sched, b.st.parts, now)), []), now, p)
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide SameSt;
    Skips3(a.vol, b.vol, Me(a), p);
    var v, w := DT.Skip(a.vol, Me(a)), DT.Skip(b.vol, Me(a));
    R.Yielded(a.vol.sched, a.st.parts, now, p);
    R.Yielded(b.vol.sched, b.st.parts, now, p);
    hide S.YieldCurrent;
    hide DT.Skip;
    hide R.Lined;
    Sched3(v, w, S.YieldCurrent(v.sched, a.st.parts, now), S.YieldCurrent(w.sched, b.st.parts, now), p);
    hide SameVol;
    Rest3(a, v.(sched := S.YieldCurrent(v.sched, a.st.parts, now)), b, w.(sched := S.YieldCurrent(w.sched, b.st.parts, now)), [], [], now, p);
  }
  lemma Smc(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Me(a) == Me(b)
    ensures var r, s := Refuse(a, DT.SMC, Status.Unsupported), Refuse(b, DT.SMC, Status.Unsupported);
      |r.vol.regs| == |s.vol.regs| == NCTX as int && Agree3(a, r.(vol := DT.Skip(r.vol, Me(a))), b, s.(vol := DT.Skip(s.vol, Me(b))), now, p)
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide W.Room;
    hide SameSt;
    hide R.Lined;
    Reg3(a.vol, b.vol, p, Me(a), 0, Status.Unsupported, Status.Unsupported);
    var r, s := Refuse(a, DT.SMC, Status.Unsupported), Refuse(b, DT.SMC, Status.Unsupported);
    Skips3(r.vol, s.vol, Me(a), p);
    hide DT.Skip;
    Slightly(a, r.(vol := DT.Skip(r.vol, Me(a))), b, s.(vol := DT.Skip(s.vol, Me(b))), now, p) by { hide SameVol; }
  }
  lemma Faults(a: Kernel, b: Kernel, place: u64, esr: u64, effects: seq<Effect>, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b)
    ensures Agree3(a, Verdict([A.Fault(Me(a), place, esr)], a.vol, effects), b, Verdict([A.Fault(Me(b), place, esr)], b.vol, effects), now, p)
  {
    BothIs(a, b, p);
    hide V.Valid;
    hide SameSt;
    hide SameVol;
    hide R.Lined;
    Slightly(a, Verdict([A.Fault(Me(a), place, esr)], a.vol, effects), b, Verdict([A.Fault(Me(b), place, esr)], b.vol, effects), now, p);
  }
  lemma Trap(a: Kernel, b: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && Agree3(a, DT.Trap(a, esr, far, ipa, vbar, now), b, DT.Trap(b, esr, far, ipa, vbar, now), now, p)
  {
    BothIs(a, b, p);
    Args(a, b);
    Refusals3(a, b, now, p);
    Wfx(a, b, now, p);
    Smc(a, b, now, p);
    Rooms(a, b);
    assert Sized(a) && Sized(b);
    hide V.Valid;
    hide W.Room;
    hide Refuse;
    hide DT.Skip;
    hide S.YieldCurrent;
    hide DT.End;
    hide SameVol;
    hide SameSt;
    hide R.Lined;
    var ec, pc := esr / 0x400_0000 % 64, Arg(a, PC);
    if ec != DT.EC_WFX && ec != DT.EC_SMC && ec != DT.EC_HVC {
      if (vbar <= pc && pc - vbar < 0x800) || !W.Room(a.log, Me(a), 1) {
        CallsKept.Remainder(esr);
        assert a.(vol := a.vol) == a && b.(vol := b.vol) == b;
        P.Ends3(a, a.vol, b, b.vol, Me(a), DT.BY_FAULT + esr % DT.BY_FAULT, now, p);
      } else {
        var fx := [Effect(INJECT, Me(a) as u64, if ec == DT.EC_DABORT then 0 else if ec == DT.EC_IABORT then 1 else 2, far)];
        Faults(a, b, if ec == DT.EC_IABORT || ec == DT.EC_DABORT then ipa else pc, esr, fx, now, p);
      }
    }
  }

  // ---- ticks ----------------------------------------------------------------------------------------------------------------------------------

  /** What a tick does to the schedule before anybody is switched or ended. */
  lemma Woken3(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p)
    ensures Runs(a) && Runs(b) && S.Shape(a.vol.sched) && S.Shape(b.vol.sched) && |a.st.parts| == |b.st.parts| == NPART as int && I.Sorts(a.vol)
    ensures I.Sorts(b.vol)
    ensures var s, t := S.Wake(a.vol.sched, a.st.parts, now), S.Wake(b.vol.sched, b.st.parts, now);
      R.Lined(s) && R.Lined(t) && SameVol(a.vol.(sched := s), b.vol.(sched := t), p)
  {
    BothIs(a, b, p);
    R.Woken(a.vol.sched, a.st.parts, now, p);
    R.Woken(b.vol.sched, b.st.parts, now, p);
    hide V.Valid;
    hide S.Wake;
    hide SameSt;
    hide I.SameRegs;
  }
  /** A tick after which the running partition goes on or gives way. */
  lemma Ticked3(k: Kernel, now: u64, p: u32)
    requires Runs(k) && 0 < p < NPART && p != Me(k) && R.Lined(k.vol.sched) && |k.st.parts| == NPART as int && I.Sorts(k.vol)
    requires R.Lined(S.Wake(k.vol.sched, k.st.parts, now))
    ensures var w, v := S.Wake(k.vol.sched, k.st.parts, now), DT.Turn(k, now);
      !(now >= w.sliceEnd && w.tasks[Me(k)].left == 1) ==> v == Verdict([], k.vol.(sched := v.vol.sched), []) && S.Tables(v.vol.sched) && I.SameTask(w, v.vol.sched, p)
  {
    hide V.Valid;
    var q, w := Me(k), S.Wake(k.vol.sched, k.st.parts, now);
    hide S.Wake;
    var l := w.tasks[q].left;
    var left := if l == 0 then 0 else l - 1;
    R.Budgeted(w, q, left, p);
    R.Yielded(S.SetLeft(w, q, left), k.st.parts, now, p);
    R.Preempted(w, k.st.parts, now, p);
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
    hide S.SetLeft;
    hide DT.End;
    hide R.Lined;
  }
  lemma Turn(a: Kernel, b: Kernel, now: u64, p: u32)
    requires Both(a, b, p) && Runs(a) && Runs(b) && (now >= a.vol.sched.sliceEnd) == (now >= b.vol.sched.sliceEnd)
    ensures Agree3(a, DT.Turn(a, now), b, DT.Turn(b, now), now, p)
  {
    BothIs(a, b, p);
    Parts(a, b);
    Woken3(a, b, now, p);
    Time.Woken(a, now);
    Time.Woken(b, now);
    Ticked3(a, now, p);
    Ticked3(b, now, p);
    assert Sized(a) && Sized(b);
    var q := Me(a);
    assert a.vol.sched.tasks[q].left == b.vol.sched.tasks[q].left;
    var s, t := S.Wake(a.vol.sched, a.st.parts, now), S.Wake(b.vol.sched, b.st.parts, now);
    hide V.Valid;
    hide S.Wake;
    hide SameSt;
    hide DT.End;
    if now >= a.vol.sched.sliceEnd && a.vol.sched.tasks[q].left == 1 {
      hide SameVol;
      hide R.Lined;
      P.Ends3(a, a.vol.(sched := s), b, b.vol.(sched := t), q, DT.BY_BUDGET, now, p);
      assert DT.Turn(a, now) == DT.End(a.(vol := a.vol.(sched := s)), q, q, DT.BY_BUDGET, now);
      assert DT.Turn(b, now) == DT.End(b.(vol := b.vol.(sched := t)), q, q, DT.BY_BUDGET, now);
    } else {
      hide DT.Turn;
      hide R.Lined;
      var v, w := DT.Turn(a, now), DT.Turn(b, now);
      Sched3(a.vol.(sched := s), b.vol.(sched := t), v.vol.sched, w.vol.sched, p);
      hide SameVol;
      Rest3(a, v.vol, b, w.vol, [], [], now, p);
    }
  }
}
