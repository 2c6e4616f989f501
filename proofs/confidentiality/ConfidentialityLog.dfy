include "ConfidentialityCalls.dfy"

/** witness_read and witness_ack tell their caller nothing beyond what Tells says. */
module {:compile false} ConfidentialityLog {
  import opened Types
  import opened Limits
  import opened State
  import opened A = Apply
  import opened Common
  import opened Observation
  import opened ConfidentialityFace
  import opened ConfidentialityTwins
  import opened ConfidentialityGuards
  import opened ConfidentialityCalls
  import opened Declassification
  import I = IntegrityView
  import C = Capabilities
  import W = Witness
  import V = Valid
  import DN = DecideWitness
  import Kinds
  import Status
  import Rights

  lemma Three(v: Volatile, w: Volatile, p: u32, x: u64, y: u64, z: u64)
    requires SameVol(v, w, p)
    ensures var v', w' := SetReg(SetReg(SetReg(v, p, 9, x), p, 10, y), p, 0, z), SetReg(SetReg(SetReg(w, p, 9, x), p, 10, y), p, 0, z);
      SameVol(v', w', p) && v'.queues == v.queues && w'.queues == w.queues
  {
    Register(v, w, p, 9, x);
    var v1, w1 := SetReg(v, p, 9, x), SetReg(w, p, 9, x);
    Register(v1, w1, p, 10, y);
    Register(SetReg(v1, p, 10, y), SetReg(w1, p, 10, y), p, 0, z);
    hide I.SameRegs;
  }
  lemma Four(v: Volatile, w: Volatile, p: u32, n: u32, s: seq<u64>)
    requires SameVol(v, w, p) && n < CTXW - 3 && |s| == 4
    ensures var v', w' := SetReg(SetReg(SetReg(SetReg(v, p, n, s[0]), p, n + 1, s[1]), p, n + 2, s[2]), p, n + 3, s[3]),
                          SetReg(SetReg(SetReg(SetReg(w, p, n, s[0]), p, n + 1, s[1]), p, n + 2, s[2]), p, n + 3, s[3]);
      SameVol(v', w', p) && v'.queues == v.queues && w'.queues == w.queues
  {
    Register(v, w, p, n, s[0]);
    var v1, w1 := SetReg(v, p, n, s[0]), SetReg(w, p, n, s[0]);
    Register(v1, w1, p, n + 1, s[1]);
    var v2, w2 := SetReg(v1, p, n + 1, s[1]), SetReg(w1, p, n + 1, s[1]);
    Register(v2, w2, p, n + 2, s[2]);
    Register(SetReg(v2, p, n + 2, s[2]), SetReg(w2, p, n + 2, s[2]), p, n + 3, s[3]);
    hide I.SameRegs;
  }
  lemma Eight(v: Volatile, w: Volatile, p: u32, s: seq<u64>)
    requires SameVol(v, w, p) && |s| == 8
    ensures var v', w' := DN.SetRecord(v, p, s), DN.SetRecord(w, p, s); SameVol(v', w', p) && v'.queues == v.queues && w'.queues == w.queues
  {
    Four(v, w, p, 1, s[..4]);
    var v1 := SetReg(SetReg(SetReg(SetReg(v, p, 1, s[0]), p, 2, s[1]), p, 3, s[2]), p, 4, s[3]);
    var w1 := SetReg(SetReg(SetReg(SetReg(w, p, 1, s[0]), p, 2, s[1]), p, 3, s[2]), p, 4, s[3]);
    Four(v1, w1, p, 5, s[4..]);
    hide I.SameRegs;
  }
  lemma SmallRecord(a: Kernel, n: u64)
    requires V.Valid(a) && n as int < |a.log.records|
    ensures W.Small(a.log.records[n])
  {
    assert W.Small(a.log.records[n as int]);
  }
  lemma WitnessRead(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && ReadingTells(a) == ReadingTells(b)
    ensures Agree(a, DN.WitnessRead(a), b, DN.WitnessRead(b), now)
  {
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.WitnessLog, Rights.WITNESS);
    Refusals(a, b, now);
    Parts(a, b);
    Line(a);
    Line(b);
    var n, p := Arg(a, 2), Me(a);
    if n as int < |a.log.records| { SmallRecord(a, n); }
    if n as int < |b.log.records| { SmallRecord(b, n); }
    assert |a.log.records| <= TIMEMAX as int && |b.log.records| <= TIMEMAX as int;
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide SameSt;
    hide SameVol;
    hide W.Pack;
    hide SetReg;
    hide DN.SetRecord;
    if Guard(a, Arg(a, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK {
      assert W.Head(a.log) == W.Head(b.log) && a.log.drained == b.log.drained;
      if n < a.log.drained || n as int >= |a.log.records| {
        Three(a.vol, b.vol, p, W.Head(a.log), a.log.drained, Status.ResourceLimitExceeded);
        Voiced(a, DN.Bounds(a, Status.ResourceLimitExceeded), b, DN.Bounds(b, Status.ResourceLimitExceeded), [], now);
      } else {
        Three(a.vol, b.vol, p, W.Head(a.log), a.log.drained, Status.OK);
        var s := W.Pack(a.log.records[n]);
        Eight(DN.Bounds(a, Status.OK), DN.Bounds(b, Status.OK), p, s);
        Voiced(a, DN.SetRecord(DN.Bounds(a, Status.OK), p, s), b, DN.SetRecord(DN.Bounds(b, Status.OK), p, s), [], now);
      }
    }
  }
  lemma DrainCounted(l: Log, who: u32, upto: u64, now: u64)
    requires W.Tables(l) && who < NPART && W.Room(l, who, 1)
    ensures var m := NoteAll(l, [Drain(who, upto)], now); m.quota[who] == l.quota[who] && m.used[who] == 1
  {
    EndsKept.NoteOne(l, Drain(who, upto), now);
    EndsKept.EncodeSmall(Drain(who, upto));
    assert Charged(Drain(who, upto)) == who;
    hide Encode;
    hide Charged;
    hide W.RecordHash;
  }
  lemma WitnessAck(a: Kernel, b: Kernel, now: u64)
    requires Alike(a, b) && Runs(a) && Runs(b) && CallTells(a, 72) == CallTells(b, 72)
    ensures Agree(a, DN.WitnessAck(a), b, DN.WitnessAck(b), now)
  {
    Args(a, b);
    Guards(a, b, Arg(a, 1), Kinds.WitnessLog, Rights.WITNESS);
    Refusals(a, b, now);
    Parts(a, b);
    Rooms(a, b);
    Line(a);
    Line(b);
    hide V.Valid;
    hide Guard;
    hide Refuse;
    hide Answer;
    hide W.Room;
    hide SameVol;
    var p := Me(a);
    if Guard(a, Arg(a, 1), Kinds.WitnessLog, Rights.WITNESS) == Status.OK && Arg(a, 2) as int == |a.log.records| && W.Room(a.log, p, 1) {
      var x := Drain(p, Arg(a, 2));
      Register(a.vol, b.vol, p, 0, Status.OK);
      DrainCounted(a.log, p, Arg(a, 2), now);
      DrainCounted(b.log, p, Arg(a, 2), now);
      StructureKept.One(a.st, x);
      StructureKept.One(b.st, x);
      assert A.Apply(a.st, x) == a.st && A.Apply(b.st, x) == b.st;
      hide ApplyAll;
      hide NoteAll;
      hide SameSt;
      assert Agree(a, DN.Drained(a, Arg(a, 2)), b, DN.Drained(b, Arg(a, 2)), now) by { reveal Agree(); }
    }
  }
}
