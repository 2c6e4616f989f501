include "../log/Replay.dfy"

/** Nobody writes a job but those who submit, check and use it up: whatever else happens leaves it alone, or takes it away. */
module {:compile false} JobsStay {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import C = Capabilities
  import E = Edges
  import M = Memory
  import DL = DecideLease
  import S = Scheduler
  import W = Witness
  import V = Valid
  import B = DecideBoot
  import DC = DecideCapability
  import DR = DecideRegion
  import DE = DecideEdge
  import DP = DecidePartition
  import DN = DecideWitness
  import DT = DecideTask
  import D = DecideProof
  import G = DecidePolicy
  import Kinds
  import Status
  import Rights
  import Step
  import CallsKept
  import CommitKept
  import GateKept
  import JobsKept
  import Replay

  ghost function JobIn(regs: seq<u64>, p: u32): D.Job
    requires |regs| == NCTX as int && p < NPART
  {
    var b := p * CTXW;
    D.Job(regs[b + D.STATE], regs[b + D.FROM], regs[b + D.BEFORE], regs[b + D.AT], regs[b + D.HASH], regs[b + D.UPTO], regs[b + D.CLAIM], regs[b + D.FOR])
  }
  /** Is this a word of a job? */
  ghost predicate OfJob(n: u32) { D.STATE <= n <= D.FOR }
  /** Word n of partition p's context block is the same. */
  ghost predicate At(v: seq<u64>, w: seq<u64>, p: u32, n: u32) requires |v| == |w| == NCTX as int && p < NPART && n < CTXW { v[p * CTXW + n] == w[p * CTXW + n] }
  lemma WordByWord(v: seq<u64>, w: seq<u64>, p: u32)
    requires |v| == |w| == NCTX as int && p < NPART && forall n: u32 {:trigger At(v, w, p, n)} :: OfJob(n) ==> At(v, w, p, n)
    ensures JobIn(v, p) == JobIn(w, p)
  {
    assert At(v, w, p, D.STATE) && At(v, w, p, D.FROM) && At(v, w, p, D.BEFORE) && At(v, w, p, D.AT);
    assert At(v, w, p, D.HASH) && At(v, w, p, D.UPTO) && At(v, w, p, D.CLAIM) && At(v, w, p, D.FOR);
  }
  ghost predicate Stays(v: seq<u64>, w: seq<u64>, p: u32) requires |v| == |w| == NCTX as int && p < NPART { JobIn(w, p) == JobIn(v, p) || JobIn(w, p).state == D.NONE }
  /** Each partition's job is in registers w what it is in v, or there is none. */
  opaque ghost predicate Stay(v: seq<u64>, w: seq<u64>)
    ensures Stay(v, w) ==> |v| == |w| == NCTX as int
  {
    |v| == |w| == NCTX as int && forall p: u32 {:trigger Stays(v, w, p)} :: p < NPART ==> Stays(v, w, p)
  }
  lemma Itself(v: seq<u64>) requires |v| == NCTX as int ensures Stay(v, v) { reveal Stay(); }
  lemma Then(u: seq<u64>, v: seq<u64>, w: seq<u64>)
    requires Stay(u, v) && Stay(v, w)
    ensures Stay(u, w)
  {
    reveal Stay();
    forall p: u32 | p < NPART ensures Stays(u, w, p) { assert Stays(u, v, p) && Stays(v, w, p); }
  }
  lemma Register(v: seq<u64>, q: u32, n: u32, x: u64)
    requires |v| == NCTX as int && q < NPART && n < D.STATE
    ensures Stay(v, v[(q * CTXW + n) as int := x])
  {
    reveal Stay();
    var w := v[(q * CTXW + n) as int := x];
    forall p: u32 | p < NPART ensures Stays(v, w, p) {
      forall m: u32 | OfJob(m) ensures At(v, w, p, m) { assert p * CTXW + m != q * CTXW + n; }
      WordByWord(v, w, p);
    }
  }
  lemma NoJob(v: seq<u64>, q: u32)
    requires |v| == NCTX as int && q < NPART
    ensures Stay(v, v[(q * CTXW + D.STATE) as int := D.NONE])
  {
    reveal Stay();
    var w := v[(q * CTXW + D.STATE) as int := D.NONE];
    forall p: u32 | p < NPART ensures Stays(v, w, p) {
      if p != q {
        forall m: u32 | OfJob(m) ensures At(v, w, p, m) { assert p * CTXW + m != q * CTXW + D.STATE; }
        WordByWord(v, w, p);
      }
    }
  }
  /** What follows in one go: registers that a guest sees. */
  lemma Registers()
    ensures forall r: seq<u64>, v: Volatile, q: u32, n: u32, x: u64 {:trigger SetReg(v, q, n, x), Stay(r, v.regs)} ::
      Stay(r, v.regs) && q < NPART && n < D.STATE ==> Stay(r, SetReg(v, q, n, x).regs) && SetReg(v, q, n, x) == v.(regs := SetReg(v, q, n, x).regs)
  {
    forall r: seq<u64>, v: Volatile, q: u32, n: u32, x: u64 | Stay(r, v.regs) && q < NPART && n < D.STATE ensures Stay(r, SetReg(v, q, n, x).regs) {
      Register(v.regs, q, n, x);
      Then(r, v.regs, SetReg(v, q, n, x).regs);
    }
  }
  lemma Cleared(regs: seq<u64>, q: u32, n: u32)
    requires |regs| == NCTX as int && q < NPART && n <= CTXW
    ensures var w := DP.ClearRegs(regs, q, n); forall i: int :: 0 <= i < NCTX as int ==> w[i] == if (q * CTXW) as int <= i < (q * CTXW + n) as int then 0 else regs[i]
    decreases n
  {
    if n > 0 { Cleared(regs, q, n - 1); }
  }
  lemma Prepared(v: Volatile, x: DP.Plan, entry: u64)
    requires |v.regs| == NCTX as int && S.Tables(v.sched) && x.p < NPART
    ensures Stay(v.regs, DP.Prepared(v, x, entry).regs)
  {
    Cleared(v.regs, x.p, CTXW);
    var r := DP.ClearRegs(v.regs, x.p, CTXW);
    assert Stay(v.regs, r) by {
      reveal Stay();
      forall p: u32 | p < NPART ensures Stays(v.regs, r, p) {
        if p != x.p {
          forall m: u32 | OfJob(m) ensures At(v.regs, r, p, m) {
            var i := (p * CTXW + m) as int;
            assert i < (x.p * CTXW) as int || i >= (x.p * CTXW + CTXW) as int;
          }
          WordByWord(v.regs, r, p);
        }
      }
    }
    Registers();
    hide DP.ClearRegs, SetReg;
  }

  // ---- call by call -----------------------------------------------------------------------------------------------------------------------

  ghost predicate Leaves(k: Kernel, v: Verdict) { Stay(k.vol.regs, v.vol.regs) }
  lemma Refused(k: Kernel)
    requires Runs(k)
    ensures Leaves(k, Verdict([], k.vol, [])) && |k.vol.regs| == NCTX as int && |k.vol.queues| == NEDGE as int && S.Shape(k.vol.sched)
    ensures forall status: u64 {:trigger Answer(k, status)} :: Leaves(k, Answer(k, status))
    ensures forall call: u64, status: u64 {:trigger Refuse(k, call, status)} :: Leaves(k, Refuse(k, call, status))
  {
    Itself(k.vol.regs);
    Registers();
    assert |k.vol.regs| == NCTX as int && Me(k) < NPART;
    hide V.Valid;
    hide SetReg;
  }
  lemma Capability(k: Kernel)
    requires Runs(k)
    ensures Leaves(k, DC.CapGrant(k)) && Leaves(k, DC.CapRevoke(k)) && Leaves(k, DC.CapDrop(k))
    ensures Leaves(k, DR.RegionMap(k)) && Leaves(k, DR.RegionUnmap(k)) && Leaves(k, G.PolicyActivate_(k))
  {
    Refused(k);
    Registers();
    hide V.Valid;
    hide SetReg;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide C.FreeFrom;
    hide C.DeriveCheck;
    hide DR.MapCheck;
    hide M.MappedTo;
  }
  lemma Delivering(r: seq<u64>, v: Volatile, parts: seq<Part>, d: u32, e: u32, now: u64)
    requires Stay(r, v.regs) && |v.queues| == NEDGE as int && S.Shape(v.sched) && |parts| == NPART as int && d < NPART && e < NEDGE
    ensures Stay(r, DE.Deliver(v, parts, d, e, now).regs) && Stay(r, DE.Disappoint(v, parts, d, e, now).regs) && Stay(r, DE.Taken(v, d, e).regs)
  {
    Registers();
    hide SetReg;
    hide S.MakeReady;
  }
  lemma Sending(k: Kernel, e: u32, now: u64)
    requires Runs(k) && e < NEDGE
    ensures Leaves(k, DE.Sent(k, e, now)) && Leaves(k, DE.Signalled(k, e, now))
  {
    Refused(k);
    Registers();
    assert E.EdgeOk(k.st.edges[e], k.vol.queues[e]);
    hide V.Valid;
    var q := E.Send(k.vol.queues, e, Msg(Arg(k, 2), Arg(k, 3), Arg(k, 4), Arg(k, 5)));
    var u := k.vol.(queues := q);
    assert Stay(k.vol.regs, u.regs);
    var w := SetReg(k.vol, Me(k), 0, Status.OK);
    var x := w.(queues := E.Signal(w.queues, e, Arg(k, 2)));
    assert Stay(k.vol.regs, w.regs);
    assert x.sched == k.vol.sched && |x.queues| == NEDGE as int;
    Delivering(k.vol.regs, SetReg(u, Me(k), 0, Status.OK), k.st.parts, k.st.edges[e].dst, e, now);
    Delivering(k.vol.regs, x, k.st.parts, k.st.edges[e].dst, e, now);
    hide SetReg;
    hide DE.Deliver;
  }
  lemma Messages(k: Kernel, now: u64)
    requires Runs(k)
    ensures Leaves(k, DE.QueueSend(k, now)) && Leaves(k, DE.QueueRecv(k)) && Leaves(k, DE.NotifySignal(k, now)) && Leaves(k, DE.NotifyWait(k, now))
  {
    Refused(k);
    Registers();
    forall e: u32 | e < NEDGE ensures Leaves(k, DE.Sent(k, e, now)) && Leaves(k, DE.Signalled(k, e, now)) && Stay(k.vol.regs, DE.Taken(k.vol, Me(k), e).regs) {
      Sending(k, e, now);
      Delivering(k.vol.regs, k.vol, k.st.parts, Me(k), e, now);
    }
    CallsKept.SourceOf(k, Arg(k, 1));
    CallsKept.DestinationOf(k, Arg(k, 1));
    hide V.Valid;
    hide SetReg;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide E.Full;
    hide DE.Source;
    hide DE.Destination;
    hide DE.Sent;
    hide DE.Signalled;
    hide DE.Taken;
    hide S.BlockCurrent;
  }
  lemma Connecting(k: Kernel, now: u64)
    requires Runs(k)
    ensures Leaves(k, DE.CommEdgeCreate(k)) && Leaves(k, DE.CommEdgeDestroy(k, now))
  {
    Refused(k);
    Registers();
    CallsKept.Guarded(k, Arg(k, 1), Kinds.Partition, Rights.WRITE);
    CallsKept.Guarded(k, Arg(k, 1), Kinds.CommEdge, Rights.REVOKE);
    forall v: Volatile, d: u32, e: u32 | Stay(k.vol.regs, v.regs) && |v.queues| == NEDGE as int && S.Shape(v.sched) && d < NPART && e < NEDGE
      ensures Stay(k.vol.regs, DE.Disappoint(v, k.st.parts, d, e, now).regs)
    {
      Delivering(k.vol.regs, v, k.st.parts, d, e, now);
    }
    assert forall e: u32 {:trigger k.st.edges[e]} :: e < NEDGE ==> E.EdgeOk(k.st.edges[e], k.vol.queues[e]);
    hide V.Valid;
    hide SetReg;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide C.FreeFrom;
    hide E.FreeFrom;
    hide DE.Connect;
    hide DE.Disappoint;
  }
  lemma Broken(r: seq<u64>, v: Volatile, es: seq<Edge>, parts: seq<Part>, p: u32, now: u64, e: u32)
    requires Stay(r, v.regs) && S.Shape(v.sched) && |parts| == NPART as int && |es| == NEDGE as int && p < NPART && e <= NEDGE
    ensures Stay(r, DT.BreakFrom(v, es, parts, p, now, e).regs)
    decreases NEDGE - e
  {
    Registers();
    hide SetReg;
    hide S.MakeReady;
    if e < NEDGE {
      if DT.Orphans(es, v.sched, p, e) { Broken(r, DT.Break(v, parts, es[e].dst, Status.PartitionNotFound, now), es, parts, p, now, e + 1); }
      else { Broken(r, v, es, parts, p, now, e + 1); }
    }
  }
  lemma Ending(r: seq<u64>, k: Kernel, who: u32, p: u32, reason: u64, now: u64)
    requires Sized(k) && S.Shape(k.vol.sched) && who < NPART && 0 < p < NPART && Stay(r, k.vol.regs)
    ensures Stay(r, DT.End(k, who, p, reason, now).vol.regs)
  {
    Broken(r, k.vol.(sched := S.Stop(k.vol.sched, p), queues := E.ClearAll(k.st.edges, k.vol.queues, p)), k.st.edges, k.st.parts, p, now, 0);
    hide DT.BreakFrom;
    hide S.Stop;
    hide S.Dispatch;
    hide E.ClearAll;
  }
  lemma Partitions(k: Kernel, now: u64)
    requires Runs(k)
    ensures Leaves(k, DP.PartitionStart_(k, now)) && Leaves(k, DP.PartitionSuspend_(k)) && Leaves(k, DP.PartitionTerminate(k, now))
  {
    Refused(k);
    Registers();
    CallsKept.OtherIs(k, Arg(k, 1), Rights.WRITE);
    CallsKept.OtherIs(k, Arg(k, 1), Rights.REVOKE);
    assert Sized(k);
    var v := SetReg(k.vol, Me(k), 0, Status.OK);
    if DP.Other(k, Arg(k, 1), Rights.REVOKE) == Status.OK { Ending(k.vol.regs, k.(vol := v), Me(k), Object(k, Arg(k, 1)), DT.BY_OTHER, now); }
    hide V.Valid;
    hide SetReg;
    hide DP.Other;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide S.MakeReady;
    hide S.Stop;
    hide DT.End;
  }
  lemma Creating(k: Kernel)
    requires Runs(k)
    ensures Leaves(k, DP.PartitionCreate_(k))
  {
    Refused(k);
    Registers();
    assert Sized(k);
    forall x: DP.Plan, entry: u64 | x.p < NPART ensures Stay(k.vol.regs, DP.Prepared(k.vol, x, entry).regs) { Prepared(k.vol, x, entry); }
    hide V.Valid;
    hide SetReg;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide DP.Place;
    hide DP.Making;
    hide DP.Prepared;
    hide DP.Filling;
    hide C.FreeFrom;
    hide S.FreeFrom;
  }
  lemma Witnessing(k: Kernel)
    requires Runs(k)
    ensures Leaves(k, DN.WitnessRead(k)) && Leaves(k, DN.WitnessAck(k)) && Leaves(k, DN.ConsoleWrite(k)) && Leaves(k, Step.Uid(k)) && Leaves(k, D.ProofStatus(k))
  {
    Refused(k);
    Registers();
    if Arg(k, 2) as int < |k.log.records| { assert W.Small(k.log.records[Arg(k, 2) as int]); }
    assert |k.log.records| <= TIMEMAX as int;
    hide V.Valid;
    hide SetReg;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide W.Pack;
  }
  lemma Time(k: Kernel, status: u64, now: u64)
    requires Runs(k)
    ensures Leaves(k, DT.Yield(k, now)) && Leaves(k, DT.TimerWait(k, now)) && Leaves(k, DT.Exit(k, status, now))
  {
    Refused(k);
    Registers();
    assert Sized(k);
    CallsKept.Remainder(status);
    Ending(k.vol.regs, k.(vol := k.vol.(failed := k.vol.failed || status != 0)), Me(k), Me(k), DT.BY_EXIT + status % DT.BY_FAULT, now);
    hide V.Valid;
    hide SetReg;
    hide S.YieldCurrent;
    hide S.BlockCurrent;
    hide DT.End;
  }
  /** Every row but that of proof_submit leaves the jobs alone. */
  lemma DeviceLeases(k: Kernel, now: u64)
    requires Runs(k)
    ensures Leaves(k, DL.DeviceLeaseAcquire(k, now)) && Leaves(k, DL.DeviceLeaseRevoke(k)) && Leaves(k, DL.LeaseRenew(k, now))
  {
    Refused(k);
    Registers();
    assert Me(k) < NPART && Stay(k.vol.regs, SetReg(k.vol, Me(k), 0, Status.OK).regs) by { hide V.Valid; }
    hide SetReg;
    hide V.Valid, DL.Named, DL.PlaceCheck, DL.Ending, DL.Flush, M.DeviceFree, M.VirginFrom, Refuse, Answer, W.Room;
  }
  lemma Rows(k: Kernel, n: u64, now: u64)
    requires Runs(k) && n < LO32 - CALLS && n != 77
    ensures Leaves(k, Step.Row(k, n, now))
  {
    hide *;
    reveal Runs, Arg, Step.Row, Limits.LO32, Limits.CTXW, CALLS;
    Refused(k);
    Capability(k);
    Messages(k, now);
    Connecting(k, now);
    Partitions(k, now);
    Creating(k);
    Witnessing(k);
    Time(k, Arg(k, 1), now);
    DeviceLeases(k, now);
  }
  lemma StandardCall(k: Kernel, f: u64, now: u64)
    requires Runs(k)
    ensures Leaves(k, Step.StandardCall(k, f, now))
  {
    hide *;
    reveal Runs, Step.StandardCall;
    Refused(k);
    Witnessing(k);
    Time(k, 0, now);
  }
  /** Nor does the gate, but that it takes away what has been used. */
  lemma Gated(k: Kernel, n: u64, now: u64, v: Verdict)
    requires Runs(k) && G.Decidable(n) && Leaves(k, v)
    ensures Leaves(k, G.Gate(k, n, now, v))
  {
    Refused(k);
    GateKept.Cases(k, n, now, v);
    hide *;
    reveal Runs, Leaves, GateKept.Stopped, GateKept.WithProof, G.Spend, D.Spent, SetReg, Limits.NPART, Limits.CTXW, D.STATE;
    if G.Gate(k, n, now, v) == GateKept.WithProof(k, n, now, v) {
      assert Me(k) < NPART;
      NoJob(v.vol.regs, Me(k));
      Then(k.vol.regs, v.vol.regs, v.vol.regs[(Me(k) * CTXW + D.STATE) as int := D.NONE]);
    }
  }
  ghost predicate Submits(k: Kernel) requires Runs(k) { Arg(k, 0) % LO32 == CALLS + 77 }
  lemma Call(k: Kernel, now: u64)
    requires Runs(k)
    ensures if Submits(k) then Step.Call(k, now) == D.ProofSubmit(k) else Leaves(k, Step.Call(k, now))
  {
    hide *;
    reveal Runs, Arg, Submits, Step.Call, Limits.LO32, Limits.CTXW, CALLS, G.Governed;
    var f := Arg(k, 0) % LO32;
    StandardCall(k, f, now);
    if CALLS <= f {
      if f == CALLS + 77 { reveal Step.Row, G.Decidable; }
      else {
        Rows(k, f - CALLS, now);
        if G.Decidable(f - CALLS) { Gated(k, f - CALLS, now, Step.Row(k, f - CALLS, now)); }
      }
    }
  }

  // ---- every event ------------------------------------------------------------------------------------------------------------------------

  lemma Trap(k: Kernel, esr: u64, far: u64, ipa: u64, vbar: u64, now: u64)
    requires Runs(k)
    ensures Leaves(k, DT.Trap(k, esr, far, ipa, vbar, now))
  {
    Refused(k);
    Registers();
    assert Sized(k);
    CallsKept.Remainder(esr);
    Ending(k.vol.regs, k, Me(k), Me(k), DT.BY_FAULT + esr % DT.BY_FAULT, now);
    hide V.Valid;
    hide SetReg;
    hide Refuse;
    hide W.Room;
    hide S.YieldCurrent;
    hide DT.End;
  }
  lemma Turn(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Leaves(k, DT.Turn(k, now))
  {
    assert Sized(k) && S.Shape(k.vol.sched);
    Itself(k.vol.regs);
    hide V.Valid;
    var w := S.Wake(k.vol.sched, k.st.parts, now);
    if w.cur != 0 { Ending(k.vol.regs, k.(vol := k.vol.(sched := w)), w.cur, w.cur, DT.BY_BUDGET, now); }
    hide S.Wake;
    hide DT.End;
    hide S.YieldCurrent;
    hide S.PreemptCurrent;
    hide S.Dispatch;
  }
  lemma Lapse(k: Kernel, now: u64)
    requires V.Valid(k)
    ensures Leaves(k, DT.Lapse(k, now))
  {
    Turn(k, now);
    assert Sized(k) && S.Shape(k.vol.sched);
    Itself(k.vol.regs);
    var c := k.vol.sched.cur;
    if c != 0 { Ending(k.vol.regs, k.(vol := k.vol.(sched := S.Wake(k.vol.sched, k.st.parts, now))), c, c, DT.BY_LEASE, now); }
    hide V.Valid;
    hide DT.Turn;
    hide DT.End;
    hide S.Wake;
    hide W.Room;
  }
  lemma Left(k: Kernel, saved: seq<u64>)
    requires Runs(k)
    ensures Leaves(k, Step.Left(k, saved))
  {
    var v, q := k.vol.regs, Me(k);
    assert |v| == NCTX as int && q < NPART;
    hide V.Valid;
    Itself(v);
    var w := Step.Left(k, saved).vol.regs;
    if |saved| == SAVED as int {
      var b := (q * CTXW) as int;
      assert |w| == NCTX as int;
      reveal Stay();
      forall p: u32 | p < NPART ensures Stays(v, w, p) {
        forall m: u32 | OfJob(m) ensures At(v, w, p, m) {
          var i := (p * CTXW + m) as int;
          assert i < b || i >= b + SAVED as int;
        }
        WordByWord(v, w, p);
      }
    }
  }
  lemma Commands(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k)
    ensures var a := B.Command(k, w, size, now); (a.Done? || a.Begun? || a.Over?) ==> Leaves(k, a.v)
  {
    assert Sized(k);
    Itself(k.vol.regs);
    forall x: DP.Plan, entry: u64 | x.p < NPART ensures Stay(k.vol.regs, DP.Prepared(k.vol, x, entry).regs) { Prepared(k.vol, x, entry); }
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
    hide DP.Making;
    hide DP.Filling;
  }
  lemma Boot(k: Kernel, e: Step.Event)
    requires V.Valid(k) && (e.Begin? || e.Boot?)
    ensures Stay(k.vol.regs, Step.Step(k, e).k.vol.regs)
  {
    assert |k.vol.regs| == NCTX as int;
    Itself(k.vol.regs);
    if e.Boot? { Commands(k, e.words, e.size, e.now); }
    hide V.Valid;
    hide B.Command;
    hide ApplyAll;
    hide NoteAll;
    hide B.HeaderOk;
    hide B.HashOf;
    hide B.Within;
    hide B.NoTable;
    hide B.TableAt;
    hide B.Ruled;
  }
  /** What an event other than a submission makes of the jobs, after the steps that are due at a tick. */
  lemma Events(k: Kernel, e: Step.Event)
    requires V.Valid(k) && !(e.Hypercall? && Runs(k) && Submits(k))
    ensures Stay(if e.Tick? then DT.Worked(k, e.now).vol.regs else k.vol.regs, Step.Step(k, e).k.vol.regs)
  {
    if e.Begin? || e.Boot? { Boot(k, e); return; }
    assert |k.vol.regs| == NCTX as int;
    Itself(k.vol.regs);
    assert Step.Step(k, e).k.vol == Step.Decide(k, e).vol by { hide V.Valid; hide Step.Decide; hide ApplyAll; hide NoteAll; }
    hide *;
    reveal Runs, Step.Decide, Step.Nothing, Leaves;
    match e
    case Tick(now) => Lapse(DT.Worked(k, now), now); reveal DT.Tick;
    case Hypercall(now) => if k.vol.sched.cur != 0 { Call(k, now); }
    case Trap(esr, far, ipa, vbar, now) => if k.vol.sched.cur != 0 { Trap(k, esr, far, ipa, vbar, now); }
    case Ran(saved, _) => if k.vol.sched.cur != 0 { Left(k, saved); }
    case _ =>
  }
}
