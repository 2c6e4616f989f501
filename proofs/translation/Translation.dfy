include "../../spec/Translation.dfy"

/** What runs of the hardware may leave in the TLBs, by what the tables have been and which instructions are executed. */
module {:compile false} TranslationRuns {
  import opened Types
  import opened State
  import opened Common
  import opened Translation
  import M = Memory
  import PT = PageTable

  ghost predicate Fresh(h: Hw, e: Entry) { Current(Now(h), h.base, e) }
  ghost predicate AllFresh(h: Hw) { forall e :: e in h.tlb ==> Fresh(h, e) }
  /** Stage i holds for this place nothing valid but what the tables hold now. */
  ghost predicate Kept(h: Hw, i: int, p: u32, v: u32, level: u32) requires 0 <= i < |h.stages| {
    PT.IsValid(Word(h.stages[i], h.base, p, v, level)) ==> Word(h.stages[i], h.base, p, v, level) == Word(Now(h), h.base, p, v, level)
  }
  /** Descriptors have only been added. */
  ghost predicate Rising(h: Hw) {
    forall i, p, v, level {:trigger Kept(h, i, p, v, level)} :: 0 <= i < |h.stages| && 1 <= level <= 3 ==> Kept(h, i, p, v, level)
  }

  // ---- nothing stale ----------------------------------------------------------------------------------------------------------------

  lemma NothingStrays(h: Hw, p: u32, v: u32, level: u32)
    requires forall e :: e in h.tlb && e.Stage2? && e.vmid == p && e.level < level ==> Fresh(h, e)
    ensures !Strays(h, p, v, level)
  {}
  /** Where no stage held anything else, nothing else is read. */
  lemma ReadIsNow(h: Hw, p: u32, v: u32, level: u32, w: u64)
    requires MayRead(h, p, v, level, w) && PT.IsValid(w)
    requires forall i {:trigger Kept(h, i, p, v, level)} :: 0 <= i < |h.stages| ==> Kept(h, i, p, v, level)
    ensures w == Word(Now(h), h.base, p, v, level)
  {
    if i :| 0 <= i < |h.stages| && w == Word(h.stages[i], h.base, p, v, level) { assert Kept(h, i, p, v, level); }
  }
  lemma OnlyFresh(h: Hw, e: Entry)
    requires Rising(h) || h.complete
    requires AllFresh(h) && MayCache(h, e)
    ensures Fresh(h, e)
  {
    NothingStrays(h, e.vmid, e.page, Level(e));
    if e.Combined? && Stage2(e.vmid, e.page, 3, e.word) in h.tlb {
      assert Fresh(h, Stage2(e.vmid, e.page, 3, e.word));
    } else if Rising(h) {
      ReadIsNow(h, e.vmid, e.page, Level(e), e.word);
    }
  }
  lemma SameTables(h: Hw, h': Hw)
    requires h'.base == h.base && h'.stages == h.stages
    ensures Now(h') == Now(h) && (Rising(h) ==> Rising(h')) && forall e :: Fresh(h', e) == Fresh(h, e)
  {
    if Rising(h) {
      forall i, p, v, level | 0 <= i < |h'.stages| && 1 <= level <= 3 ensures Kept(h', i, p, v, level) { assert Kept(h, i, p, v, level); }
    }
  }
  /** Where nothing is stale and nothing that was is read, whatever is executed nothing is stale afterwards. */
  lemma NothingStale(h: Hw, code: seq<Instruction>, ts: seq<set<Entry>>)
    requires (Rising(h) || h.complete) && AllFresh(h) && Possible(h, code, ts)
    ensures var x := End(h, code, ts); x.base == h.base && x.stages == h.stages && AllFresh(x)
    decreases |code|
  {
    var d := h.(tlb := ts[0]);
    SameTables(h, d);
    forall e | e in d.tlb ensures Fresh(d, e) {
      if e !in h.tlb { OnlyFresh(h, e); }
    }
    if |code| > 0 {
      SameTables(d, After(code[0], d));
      NothingStale(After(code[0], d), code[1..], ts[1..]);
    }
  }

  // ---- barriers ---------------------------------------------------------------------------------------------------------------------

  ghost predicate Waits(code: seq<Instruction>) { |code| > 0 ==> code[|code| - 1].Dsb? }
  lemma NothingPending(h: Hw, code: seq<Instruction>, ts: seq<set<Entry>>)
    requires |ts| == |code| + 1 && Waits(code) && (|code| == 0 ==> h.pending == {})
    ensures End(h, code, ts).pending == {}
    decreases |code|
  {
    if |code| > 0 {
      assert |code| > 1 ==> code[1..][|code| - 2] == code[|code| - 1];
      NothingPending(After(code[0], h.(tlb := ts[0])), code[1..], ts[1..]);
    }
  }
  lemma Completes(h: Hw, code: seq<Instruction>, ts: seq<set<Entry>>)
    requires |ts| == |code| + 1 && (h.complete || Dsb in code)
    ensures End(h, code, ts).complete
    decreases |code|
  {
    if |code| > 0 {
      assert code == [code[0]] + code[1..];
      Completes(After(code[0], h.(tlb := ts[0])), code[1..], ts[1..]);
    }
  }
  lemma ProgramWaits(effects: seq<Effect>)
    ensures Waits(Program(effects))
    decreases |effects|
  {
    if |effects| > 0 {
      ProgramWaits(effects[1..]);
      var a, b := Code(effects[0]), Program(effects[1..]);
      assert Waits(a) by { reveal Code; }
      if |b| > 0 { assert (a + b)[|a + b| - 1] == b[|b| - 1]; } else { assert a + b == a; }
    }
  }
  /** The effect comes with a barrier. */
  predicate Syncs(e: Effect) { e.kind == MAPSYNC || e.kind == TLBIRANGE || e.kind == TLBIVMID }
  lemma ProgramSyncs(effects: seq<Effect>, i: int)
    requires 0 <= i < |effects| && Syncs(effects[i])
    ensures Dsb in Program(effects)
    decreases |effects|
  {
    if i == 0 {
      assert Code(effects[0])[0] == Dsb;
    } else {
      ProgramSyncs(effects[1..], i - 1);
    }
  }
  /** A run, and the rest of it behind its first instruction. */
  lemma Behind(h: Hw, i: Instruction, rest: seq<Instruction>, ts: seq<set<Entry>>)
    requires Possible(h, [i] + rest, ts)
    ensures |ts| == |rest| + 2 && Drifts(h, ts[0])
    ensures var x := After(i, h.(tlb := ts[0])); Possible(x, rest, ts[1..]) && End(h, [i] + rest, ts) == End(x, rest, ts[1..])
  {
    assert ([i] + rest)[1..] == rest;
  }
  lemma Added(h: Hw, effects: seq<Effect>, ts: seq<set<Entry>>)
    requires h.pending == {} && Rising(h) && AllFresh(h) && Possible(h, Program(effects), ts)
    requires (exists i :: 0 <= i < |effects| && Syncs(effects[i])) || forall i :: 0 <= i < |h.stages| ==> h.stages[i] == Now(h)
    ensures var x := End(h, Program(effects), ts); x.base == h.base && x.stages == h.stages && AllFresh(x) && Settled(x)
  {
    NothingStale(h, Program(effects), ts);
    ProgramWaits(effects);
    NothingPending(h, Program(effects), ts);
    if i :| 0 <= i < |effects| && Syncs(effects[i]) {
      ProgramSyncs(effects, i);
      Completes(h, Program(effects), ts);
    }
  }

  // ---- a partition's tables are gone ------------------------------------------------------------------------------------------------

  /** Only of partition q something valid has gone. */
  ghost predicate GoneOf(h: Hw, q: u32) {
    forall i, p, v, level {:trigger Kept(h, i, p, v, level)} :: 0 <= i < |h.stages| && 1 <= level <= 3 && p != q ==> Kept(h, i, p, v, level)
  }
  ghost predicate StaleOf(h: Hw, q: u32) { forall e :: e in h.tlb ==> Fresh(h, e) || e.vmid == q }
  lemma GoneSame(h: Hw, h': Hw, q: u32)
    requires h'.base == h.base && h'.stages == h.stages && GoneOf(h, q)
    ensures GoneOf(h', q)
  {
    forall i, p, v, level | 0 <= i < |h'.stages| && 1 <= level <= 3 && p != q ensures Kept(h', i, p, v, level) { assert Kept(h, i, p, v, level); }
  }
  lemma DriftOf(h: Hw, t: set<Entry>, q: u32)
    requires GoneOf(h, q) && StaleOf(h, q) && Drifts(h, t)
    ensures GoneOf(h.(tlb := t), q) && StaleOf(h.(tlb := t), q)
  {
    var d := h.(tlb := t);
    GoneSame(h, d, q);
    SameTables(h, d);
    forall e | e in t ensures Fresh(d, e) || e.vmid == q {
      if e !in h.tlb && e.vmid != q {
        if e.Combined? && Stage2(e.vmid, e.page, 3, e.word) in h.tlb {
          assert Fresh(h, Stage2(e.vmid, e.page, 3, e.word));
        } else {
          ReadIsNow(h, e.vmid, e.page, Level(e), e.word);
        }
      }
    }
  }
  lemma VmidInvalidated(h: Hw, q: u32)
    requires h.complete && StaleOf(h, q) && TlbiVmid(q as u64) in h.pending
    ensures AllFresh(After(Dsb, h))
  {
    var x := After(Dsb, h);
    SameTables(h, x);
    forall e | e in x.tlb ensures Fresh(x, e) {
      if e.vmid == q {
        var i := TlbiVmid(q as u64);
        assert Hits(i, e) && Stays(h, e);
        var g := h.(tlb := set f | f in h.tlb && !Hits(i, f));
        assert MayCache(g, e);
        SameTables(h, g);
        NothingStrays(g, q, e.page, Level(e));
      }
    }
  }
  lemma Ended(h: Hw, effects: seq<Effect>, ts: seq<set<Entry>>, q: u32)
    requires h.pending == {} && GoneOf(h, q) && StaleOf(h, q) && Possible(h, Program(effects), ts)
    requires |effects| > 0 && effects[0].kind == TLBIVMID && effects[0].a == q as u64
    ensures var x := End(h, Program(effects), ts); x.base == h.base && x.stages == h.stages && AllFresh(x) && Settled(x)
  {
    var code, rest := Program(effects), Program(effects[1..]);
    var tlbi := TlbiVmid(q as u64);
    assert code == [Dsb] + ([tlbi] + ([Dsb] + rest));
    Behind(h, Dsb, [tlbi] + ([Dsb] + rest), ts);
    DriftOf(h, ts[0], q);
    var d0, t1 := h.(tlb := ts[0]), ts[1..];
    var h1 := After(Dsb, d0);
    SameTables(d0, h1);
    GoneSame(d0, h1, q);
    Behind(h1, tlbi, [Dsb] + rest, t1);
    DriftOf(h1, t1[0], q);
    var d1, t2 := h1.(tlb := t1[0]), t1[1..];
    var h2 := After(tlbi, d1);
    SameTables(d1, h2);
    GoneSame(d1, h2, q);
    Behind(h2, Dsb, rest, t2);
    DriftOf(h2, t2[0], q);
    var d2 := h2.(tlb := t2[0]);
    VmidInvalidated(d2, q);
    NothingStale(After(Dsb, d2), rest, t2[1..]);
    ProgramWaits(effects);
    NothingPending(h, code, ts);
    Completes(h, code, ts);
  }

  // ---- some pages are gone ----------------------------------------------------------------------------------------------------------

  /** Only page descriptors of partition q's pages [v, v + n) have gone. */
  ghost predicate GoneFrom(h: Hw, q: u32, v: u32, n: u32) {
    forall i, p, w, level {:trigger Kept(h, i, p, w, level)} ::
      0 <= i < |h.stages| && 1 <= level <= 3 && !(p == q && level == 3 && M.InRun(w, v, n)) ==> Kept(h, i, p, w, level)
  }
  ghost predicate Stale(e: Entry, q: u32, v: u32, n: u32) { Level(e) == 3 && e.vmid == q && M.InRun(e.page, v, n) }
  ghost predicate StaleFrom(h: Hw, q: u32, v: u32, n: u32) { forall e :: e in h.tlb ==> Fresh(h, e) || Stale(e, q, v, n) }
  lemma GoneFromSame(h: Hw, h': Hw, q: u32, v: u32, n: u32)
    requires h'.base == h.base && h'.stages == h.stages && GoneFrom(h, q, v, n)
    ensures GoneFrom(h', q, v, n)
  {
    forall i, p, w, level | 0 <= i < |h'.stages| && 1 <= level <= 3 && !(p == q && level == 3 && M.InRun(w, v, n)) ensures Kept(h', i, p, w, level) {
      assert Kept(h, i, p, w, level);
    }
  }
  lemma DriftFrom(h: Hw, t: set<Entry>, q: u32, v: u32, n: u32)
    requires GoneFrom(h, q, v, n) && StaleFrom(h, q, v, n) && Drifts(h, t)
    ensures GoneFrom(h.(tlb := t), q, v, n) && StaleFrom(h.(tlb := t), q, v, n)
  {
    var d := h.(tlb := t);
    GoneFromSame(h, d, q, v, n);
    SameTables(h, d);
    forall e | e in t ensures Fresh(d, e) || Stale(e, q, v, n) {
      if e !in h.tlb && !Stale(e, q, v, n) {
        if e.Combined? && Stage2(e.vmid, e.page, 3, e.word) in h.tlb {
          assert Fresh(h, Stage2(e.vmid, e.page, 3, e.word));
        } else {
          ReadIsNow(h, e.vmid, e.page, Level(e), e.word);
        }
      }
    }
  }
  lemma OneInstruction(h: Hw, i: Instruction, q: u32, v: u32, n: u32)
    requires GoneFrom(h, q, v, n) && StaleFrom(h, q, v, n)
    ensures GoneFrom(After(i, h), q, v, n) && StaleFrom(After(i, h), q, v, n)
  {
    SameTables(h, After(i, h));
    GoneFromSame(h, After(i, h), q, v, n);
  }
  /** Only combined entries are stale, of partition q. */
  ghost predicate StaleCombined(h: Hw, q: u32) { forall e :: e in h.tlb ==> Fresh(h, e) || (e.Combined? && e.vmid == q) }
  lemma PagesInvalidated(h: Hw, q: u32, v: u32, n: u32)
    requires h.complete && StaleFrom(h, q, v, n) && forall w: u32 :: M.InRun(w, v, n) ==> TlbiIpa(q as u64, w as int) in h.pending
    ensures StaleCombined(After(Dsb, h), q)
  {
    var x := After(Dsb, h);
    SameTables(h, x);
    forall e | e in x.tlb ensures Fresh(x, e) || (e.Combined? && e.vmid == q) {
      if e.Stage2? && Stale(e, q, v, n) {
        var i := TlbiIpa(q as u64, e.page as int);
        assert Hits(i, e) && Stays(h, e);
        var g := h.(tlb := set f | f in h.tlb && !Hits(i, f));
        assert MayCache(g, e);
        SameTables(h, g);
        NothingStrays(g, q, e.page, 3);
      }
    }
  }
  lemma DriftCombined(h: Hw, t: set<Entry>, q: u32)
    requires h.complete && StaleCombined(h, q) && Drifts(h, t)
    ensures StaleCombined(h.(tlb := t), q)
  {
    var d := h.(tlb := t);
    SameTables(h, d);
    forall e | e in t ensures Fresh(d, e) || (e.Combined? && e.vmid == q) {
      if e !in h.tlb {
        NothingStrays(h, e.vmid, e.page, Level(e));
        if e.Combined? && Stage2(e.vmid, e.page, 3, e.word) in h.tlb { assert Fresh(h, Stage2(e.vmid, e.page, 3, e.word)); }
      }
    }
  }
  lemma CombinedInvalidated(h: Hw, q: u32)
    requires h.complete && StaleCombined(h, q) && TlbiStage1(q as u64) in h.pending
    ensures AllFresh(After(Dsb, h))
  {
    var x := After(Dsb, h);
    SameTables(h, x);
    forall e | e in x.tlb ensures Fresh(x, e) {
      if e.Combined? && e.vmid == q {
        var i := TlbiStage1(q as u64);
        assert Hits(i, e) && Stays(h, e);
        var g := h.(tlb := set f | f in h.tlb && !Hits(i, f));
        assert MayCache(g, e);
        SameTables(h, g);
        NothingStrays(g, q, e.page, 3);
        if Stage2(e.vmid, e.page, 3, e.word) in g.tlb { assert Fresh(h, Stage2(e.vmid, e.page, 3, e.word)); }
      }
    }
  }
  ghost function Pages(q: u32, v: u32, n: u32): seq<Instruction> { seq(n as int, i => TlbiIpa(q as u64, v as int + i)) }
  /** The last three instructions. */
  lemma LastThree(h: Hw, ts: seq<set<Entry>>, q: u32, v: u32, n: u32)
    requires h.complete && GoneFrom(h, q, v, n) && StaleFrom(h, q, v, n) && Possible(h, [Dsb, TlbiStage1(q as u64), Dsb], ts)
    requires forall w: u32 :: M.InRun(w, v, n) ==> TlbiIpa(q as u64, w as int) in h.pending
    ensures var x := End(h, [Dsb, TlbiStage1(q as u64), Dsb], ts); x.base == h.base && x.stages == h.stages && AllFresh(x)
  {
    var tlbi := TlbiStage1(q as u64);
    assert [Dsb, tlbi, Dsb] == [Dsb] + ([tlbi] + ([Dsb] + []));
    Behind(h, Dsb, [tlbi] + ([Dsb] + []), ts);
    DriftFrom(h, ts[0], q, v, n);
    var d0, t1 := h.(tlb := ts[0]), ts[1..];
    PagesInvalidated(d0, q, v, n);
    var h1 := After(Dsb, d0);
    Behind(h1, tlbi, [Dsb] + [], t1);
    DriftCombined(h1, t1[0], q);
    var d1, t2 := h1.(tlb := t1[0]), t1[1..];
    var h2 := After(tlbi, d1);
    SameTables(d1, h2);
    Behind(h2, Dsb, [], t2);
    DriftCombined(h2, t2[0], q);
    var d2 := h2.(tlb := t2[0]);
    CombinedInvalidated(d2, q);
    NothingStale(After(Dsb, d2), [], t2[1..]);
  }
  /** The invalidations of the pages from the i-th on, and what follows. */
  lemma FromPage(h: Hw, ts: seq<set<Entry>>, q: u32, v: u32, n: u32, i: int)
    requires 0 <= i <= n as int && h.complete && GoneFrom(h, q, v, n) && StaleFrom(h, q, v, n)
    requires Possible(h, Pages(q, v, n)[i..] + [Dsb, TlbiStage1(q as u64), Dsb], ts)
    requires forall j :: 0 <= j < i ==> Pages(q, v, n)[j] in h.pending
    ensures var x := End(h, Pages(q, v, n)[i..] + [Dsb, TlbiStage1(q as u64), Dsb], ts); x.base == h.base && x.stages == h.stages && AllFresh(x)
    decreases n as int - i
  {
    var last := [Dsb, TlbiStage1(q as u64), Dsb];
    var code := Pages(q, v, n)[i..] + last;
    if i == n as int {
      assert code == last;
      forall w: u32 | M.InRun(w, v, n) ensures TlbiIpa(q as u64, w as int) in h.pending { assert Pages(q, v, n)[w as int - v as int] in h.pending; }
      LastThree(h, ts, q, v, n);
    } else {
      assert code[0] == Pages(q, v, n)[i] && code[1..] == Pages(q, v, n)[i + 1..] + last;
      DriftFrom(h, ts[0], q, v, n);
      var d := h.(tlb := ts[0]);
      OneInstruction(d, code[0], q, v, n);
      FromPage(After(code[0], d), ts[1..], q, v, n, i + 1);
    }
  }
  lemma Unmapped(h: Hw, effects: seq<Effect>, ts: seq<set<Entry>>, q: u32, v: u32, n: u32)
    requires h.pending == {} && GoneFrom(h, q, v, n) && StaleFrom(h, q, v, n) && Possible(h, Program(effects), ts)
    requires effects == [Effect(TLBIRANGE, q as u64, v as u64, n as u64)]
    ensures var x := End(h, Program(effects), ts); x.base == h.base && x.stages == h.stages && AllFresh(x) && Settled(x)
  {
    var code := Program(effects);
    assert Program(effects[1..]) == [];
    assert Pages(q, v, n) == seq(effects[0].c as int, i => TlbiIpa(effects[0].a, effects[0].b as int + i));
    assert code == [Dsb] + (Pages(q, v, n)[0..] + [Dsb, TlbiStage1(q as u64), Dsb]);
    assert code[0] == Dsb && code[1..] == Pages(q, v, n)[0..] + [Dsb, TlbiStage1(q as u64), Dsb];
    DriftFrom(h, ts[0], q, v, n);
    var d := h.(tlb := ts[0]);
    OneInstruction(d, Dsb, q, v, n);
    FromPage(After(Dsb, d), ts[1..], q, v, n, 0);
    ProgramWaits(effects);
    NothingPending(h, code, ts);
    Completes(h, code, ts);
  }
}
