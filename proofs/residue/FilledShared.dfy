include "Filled.dfy"

/** A shared region holds the bytes that the boot bundle says, and zeros behind them, from the command on that makes it. */
module {:compile false} FilledShared {
  import opened Types
  import opened Limits
  import opened State
  import opened Common
  import opened Filled
  import M = Memory
  import V = Valid
  import W = Witness
  import Apply
  import B = DecideBoot
  import Kinds
  import Status
  import Step
  import RegionFacts
  import StructureKept

  /** The contents that command w asks for, as those of an image. */
  ghost function Contents(w: B.Words): Image requires w[2] < LO32 { Image(w[2] * 8, w[3], 0, w[1], 0, 0) }

  /** Frames that are zeroed and then copied to hold the bytes, and zeros behind them. */
  lemma Fills(m: int -> Byte, f: u64, w: B.Words)
    requires w[2] < LO32 && w[3] as int <= w[1] as int * PAGE
    ensures Holds(AllWritten(m, [Effect(ZERO, f, w[1], 0), Effect(COPY, f, w[2] * 8, w[3])]), f, w[1], Contents(w), 0)
  {
    var z, c := Effect(ZERO, f, w[1], 0), Effect(COPY, f, w[2] * 8, w[3]);
    var es, t := [z, c], Written(Written(m, z), c);
    Next(m, es, 0);
    Next(Written(m, z), es, 1);
    assert es[0..] == es && es[2..] == [];
    forall n: int {:trigger HoldsAt(t, f, Contents(w), 0, n)} | 0 <= n < w[1] as int * PAGE ensures HoldsAt(t, f, Contents(w), 0, n) {}
  }
  /** The action and the effects of the command, if it is not refused. */
  ghost function Opening(k: Kernel, w: B.Words): Apply.Action requires V.Valid(k) && M.Pick(k.st.memory, w[1]) < NREGION {
    Apply.RegionCreate(0, M.Pick(k.st.memory, w[1]), EVERYBODY, Kinds.Shared, w[1], M.PickFrame(k.st.memory, w[1]))
  }
  lemma Commanded(k: Kernel, w: B.Words, size: u64, now: u64)
    requires V.Valid(k) && k.booting && |k.log.records| != 0 && w[0] == 9
    ensures var n := Step.Step(k, Step.Boot(w, size, now));
      n.status == Status.OK ==> (M.Pick(k.st.memory, w[1]) < NREGION && w[2] < LO32 && w[3] as int <= w[1] as int * PAGE && w[1] > 0
        && Apply.Tables(k.st) && n.k.st == Apply.Apply(k.st, Opening(k, w))
        && n.effects == [Effect(ZERO, M.PickFrame(k.st.memory, w[1]), w[1], 0), Effect(COPY, M.PickFrame(k.st.memory, w[1]), w[2] * 8, w[3])])
  {
    var a := B.SharedCommand(k, w, size);
    assert Apply.Tables(k.st);
    hide V.Valid;
    hide M.Pick;
    hide M.PickFrame;
    hide W.Room;
    hide Apply.Apply;
    assert Step.Step(k, Step.Boot(w, size, now)) == Step.Settle(k, a, now) by { hide B.SharedCommand; hide Step.Settle; }
    if a.Done? {
      StructureKept.One(k.st, Opening(k, w));
      assert a.v.acts == [Opening(k, w)];
    }
  }
  /** What the region is in memory m' afterwards, and what its frames hold. */
  ghost predicate Opened(m': State.Memory, w: B.Words, r: u32, m: int -> Byte) requires M.Table(m') && r < NREGION && w[2] < LO32 {
    var g := m'.regions[r];
    g.owner == EVERYBODY && g.policy == Kinds.Shared && g.pages == w[1] && Holds(m, g.frame, w[1], Contents(w), 0)
  }
  /** A SHARED command that is not refused makes a shared region of frames that nobody had, and leaves in them what it says, whatever was there. */
  lemma A_shared_region_holds_what_the_bundle_says(k: Kernel, w: B.Words, size: u64, now: u64, m: int -> Byte)
    requires V.Valid(k) && k.booting && |k.log.records| != 0 && w[0] == 9
    ensures var n := Step.Step(k, Step.Boot(w, size, now));
      n.status == Status.OK ==> (w[2] < LO32 && M.Table(n.k.st.memory)
        && (exists r: u32 :: r < NREGION && k.st.memory.regions[r].owner == 0 && Opened(n.k.st.memory, w, r, AllWritten(m, n.effects))))
  {
    Commanded(k, w, size, now);
    RegionFacts.ReuseIsFree(k.st.memory, w[1], 0);
    RegionFacts.ReuseIsFree(k.st.memory, 0, 0);
    var n, r := Step.Step(k, Step.Boot(w, size, now)), M.Pick(k.st.memory, w[1]);
    assert r < NREGION ==> k.st.memory.regions[r].owner == 0;
    hide V.Valid;
    hide Step.Step;
    hide M.Pick;
    hide M.PickFrame;
    if n.status == Status.OK {
      Fills(m, M.PickFrame(k.st.memory, w[1]), w);
      hide Holds;
      hide AllWritten;
      assert Opened(n.k.st.memory, w, r, AllWritten(m, n.effects));
    }
  }
}
