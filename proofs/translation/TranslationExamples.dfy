include "NoStaleTranslation.dfy"

/** The model of the hardware bites: it may cache everything that the tables hold, and each instruction that an effect stands for is needed. */
module {:compile false} TranslationExamples {
  import opened Types
  import opened Limits
  import opened State
  import opened Translation
  import PT = PageTable
  import V = Valid
  import Kinds
  import Step
  import Replay
  import N = NoStaleTranslation

  // ---- what is cached ---------------------------------------------------------------------------------------------------------------

  /** Nothing is cached until the end, then this entry. */
  ghost function Late(n: nat, c: Entry): seq<set<Entry>> { seq(n, _ => {}) + [{c}] }
  lemma CachedLate(h: Hw, code: seq<Instruction>, c: Entry)
    requires Current(Now(h), h.base, c)
    ensures Possible(h, code, Late(|code|, c)) && c in End(h, code, Late(|code|, c)).tlb
    decreases |code|
  {
    var ts := Late(|code|, c);
    var x := if |code| == 0 then h else After(code[0], h.(tlb := {}));
    assert MayRead(h, c.vmid, c.page, Level(c), c.word);
    if |code| > 0 {
      assert x.stages == h.stages && x.base == h.base;
      assert ts[1..] == Late(|code| - 1, c) && ts[0] == {};
      CachedLate(x, code[1..], c);
    }
  }
  /** Whatever the event, every descriptor that the tables hold after it may then be cached: the theorems do not hold because nothing is. */
  lemma Every_descriptor_may_be_cached(k: Kernel, e: Step.Event, base: u64, c: Entry)
    requires V.Valid(k) && Current(Step.Step(k, e).k.st.maps, base, c)
    ensures exists ts :: Possible(N.Hardware(k, e, base, {}), N.Code(k, e), ts) && c in End(N.Hardware(k, e, base, {}), N.Code(k, e), ts).tlb
  {
    hide *;
    Replay.HasTables(k);
    Replay.StepIs(k, e);
    N.StageEnds(k.st, Replay.Acts(k, e));
    var h, code := N.Hardware(k, e, base, {}), N.Code(k, e);
    assert Now(h) == Step.Step(k, e).k.st.maps && h.base == base by { reveal N.Hardware, Now; }
    CachedLate(h, code, c);
  }

  // ---- what is needed ---------------------------------------------------------------------------------------------------------------

  /** A page of partition p is taken out of its map; both kinds of entries of it are cached. */
  ghost function Before(a: seq<Map>, b: seq<Map>, base: u64, p: u32, v: u32): Hw {
    var w := Word(a, base, p, v, 3);
    Hw(base, [a, b], false, {}, {Stage2(p, v, 3, w), Combined(p, v, w)})
  }
  ghost predicate TakenOut(a: seq<Map>, b: seq<Map>, base: u64, p: u32, v: u32) {
    v as u64 < IPAPAGES && PT.IsValid(Word(a, base, p, v, 3)) && !PT.IsValid(Word(b, base, p, v, 3))
  }
  /** There are such pages. */
  lemma SomePage(base: u64)
    ensures TakenOut([Map([], map[]), Map([], map[0 := Pte(7, Kinds.PermRW, 0)])], [Map([], map[]), Map([], map[])], base, 1, 0)
  {
    reveal Word();
  }
  /** Some run of these instructions ends with a stale entry. */
  ghost predicate Fails(h: Hw, code: seq<Instruction>) {
    exists ts :: Possible(h, code, ts) && !Coherent(Now(h), h.base, End(h, code, ts).tlb)
  }
  /** The hardware leaves in the TLBs all that may stay there. */
  ghost function Lazy(h: Hw, code: seq<Instruction>): seq<set<Entry>>
    ensures |Lazy(h, code)| == |code| + 1
    decreases |code|
  {
    [h.tlb] + if |code| == 0 then [] else Lazy(After(code[0], h), code[1..])
  }
  lemma LazyIsPossible(h: Hw, code: seq<Instruction>)
    ensures Possible(h, code, Lazy(h, code))
    decreases |code|
  {
    assert h.(tlb := h.tlb) == h;
    if |code| > 0 { LazyIsPossible(After(code[0], h), code[1..]); }
  }
  ghost function Executed(h: Hw, code: seq<Instruction>): Hw
    decreases |code|
  {
    if |code| == 0 then h else Executed(After(code[0], h), code[1..])
  }
  lemma LazyEnd(h: Hw, code: seq<Instruction>)
    ensures End(h, code, Lazy(h, code)) == Executed(h, code)
    decreases |code|
  {
    assert h.(tlb := h.tlb) == h;
    if |code| > 0 { LazyEnd(After(code[0], h), code[1..]); }
  }
  lemma StaleLeft(h: Hw, code: seq<Instruction>, e: Entry)
    requires e in Executed(h, code).tlb && !Current(Now(h), h.base, e)
    ensures Fails(h, code)
  {
    LazyIsPossible(h, code);
    LazyEnd(h, code);
  }
  /** Without any instruction, and with a barrier alone, a stale translation survives the unmapping of a page. */
  lemma A_barrier_alone_is_not_enough(a: seq<Map>, b: seq<Map>, base: u64, p: u32, v: u32)
    requires TakenOut(a, b, base, p, v)
    ensures Fails(Before(a, b, base, p, v), []) && Fails(Before(a, b, base, p, v), [Dsb])
  {
    var h := Before(a, b, base, p, v);
    var e := Stage2(p, v, 3, Word(a, base, p, v, 3));
    assert Executed(h, [Dsb]) == After(Dsb, h) && Stays(h, e);
    StaleLeft(h, [], e);
    StaleLeft(h, [Dsb], e);
  }
  /** Without the invalidation of stage 1 a translation that combines both stages survives. */
  lemma The_invalidation_of_stage_1_is_needed(a: seq<Map>, b: seq<Map>, base: u64, p: u32, v: u32)
    requires TakenOut(a, b, base, p, v)
    ensures Fails(Before(a, b, base, p, v), [Dsb, TlbiIpa(p as u64, v as int), Dsb])
  {
    var h := Before(a, b, base, p, v);
    var e := Combined(p, v, Word(a, base, p, v, 3));
    var h1 := After(Dsb, h);
    var h2 := After(TlbiIpa(p as u64, v as int), h1);
    assert e in h1.tlb && e in h2.tlb && Stays(h2, e);
    assert e in After(Dsb, h2).tlb;
    Three(h, Dsb, TlbiIpa(p as u64, v as int), Dsb);
    StaleLeft(h, [Dsb, TlbiIpa(p as u64, v as int), Dsb], e);
  }
  lemma Three(h: Hw, a: Instruction, b: Instruction, c: Instruction)
    ensures Executed(h, [a, b, c]) == After(c, After(b, After(a, h)))
  {
    assert [a, b, c][1..] == [b, c] && [b, c][1..] == [c] && [c][1..] == [];
    var x := After(a, h);
    var y := After(b, x);
    assert Executed(h, [a, b, c]) == Executed(x, [b, c]);
    assert Executed(x, [b, c]) == Executed(y, [c]);
    assert Executed(y, [c]) == Executed(After(c, y), []);
  }
  lemma Four(h: Hw, a: Instruction, b: Instruction, c: Instruction, d: Instruction)
    ensures Executed(h, [a, b, c, d]) == After(d, After(c, After(b, After(a, h))))
  {
    assert [a, b, c, d][1..] == [b, c, d];
    Three(After(a, h), b, c, d);
  }
  /** Without the barrier between the two invalidations the second may come first, and the translation is combined anew from the stale descriptor. */
  lemma The_barrier_between_the_invalidations_is_needed(a: seq<Map>, b: seq<Map>, base: u64, p: u32, v: u32)
    requires TakenOut(a, b, base, p, v)
    ensures Fails(Before(a, b, base, p, v), [Dsb, TlbiIpa(p as u64, v as int), TlbiStage1(p as u64), Dsb])
  {
    var h := Before(a, b, base, p, v);
    var w := Word(a, base, p, v, 3);
    var e, f := Combined(p, v, w), Stage2(p, v, 3, w);
    var i, j := TlbiIpa(p as u64, v as int), TlbiStage1(p as u64);
    var h1 := After(Dsb, h);
    var h3 := After(j, After(i, h1));
    assert e in h1.tlb && f in h1.tlb && h3.tlb == h1.tlb && h3.pending == {i, j};
    var g := h3.(tlb := set x | x in h3.tlb && !Hits(j, x));
    assert f in g.tlb && MayCache(g, e);
    assert Stays(h3, e);
    Four(h, Dsb, i, j, Dsb);
    StaleLeft(h, [Dsb, i, j, Dsb], e);
  }
  /** Without the barrier before the first invalidation the descriptor is read again before the store is seen. */
  lemma The_first_barrier_is_needed(a: seq<Map>, b: seq<Map>, base: u64, p: u32, v: u32)
    requires TakenOut(a, b, base, p, v)
    ensures Fails(Before(a, b, base, p, v), [TlbiIpa(p as u64, v as int), Dsb, TlbiStage1(p as u64), Dsb])
  {
    var h := Before(a, b, base, p, v);
    var e := Stage2(p, v, 3, Word(a, base, p, v, 3));
    var i, j := TlbiIpa(p as u64, v as int), TlbiStage1(p as u64);
    var h1 := After(i, h);
    var g := h1.(tlb := set x | x in h1.tlb && !Hits(i, x));
    assert h1.pending == {i} && g.stages[0] == a;
    assert MayRead(g, p, v, 3, e.word) && MayCache(g, e);
    assert Stays(h1, e);
    var h2 := After(Dsb, h1);
    var h3 := After(j, h2);
    assert e in h2.tlb && h3.pending == {j} && Stays(h3, e);
    Four(h, i, Dsb, j, Dsb);
    StaleLeft(h, [i, Dsb, j, Dsb], e);
  }
  /** While a descriptor of a table that was taken out is cached, walks read the pages of that table even after a barrier. */
  lemma A_cached_table_descriptor_leads_to_old_pages(a: seq<Map>, b: seq<Map>, base: u64, p: u32, v: u32)
    requires TakenOut(a, b, base, p, v) && Word(a, base, p, v, 1) != Word(b, base, p, v, 1)
    ensures MayCache(Hw(base, [a, b], true, {}, {Stage2(p, v, 1, Word(a, base, p, v, 1))}), Stage2(p, v, 3, Word(a, base, p, v, 3)))
  {
    var e := Stage2(p, v, 1, Word(a, base, p, v, 1));
    var h := Hw(base, [a, b], true, {}, {e});
    assert e in h.tlb && Strays(h, p, v, 3);
    assert h.stages[0] == a;
  }
  /** If an event takes a page out of a map and no effect followed, a stale translation would survive. */
  lemma Without_its_effect_an_unmapping_leaves_a_stale_translation(k: Kernel, e: Step.Event, base: u64, p: u32, v: u32)
    requires V.Valid(k) && TakenOut(k.st.maps, Step.Step(k, e).k.st.maps, base, p, v)
    ensures exists tlb, ts :: Coherent(k.st.maps, base, tlb) && Possible(N.Hardware(k, e, base, tlb), Program([]), ts) &&
                              !Coherent(Step.Step(k, e).k.st.maps, base, End(N.Hardware(k, e, base, tlb), Program([]), ts).tlb)
  {
    hide *;
    reveal TakenOut, Coherent, Current, Program, Possible, End, Drifts, Level, Now;
    Replay.HasTables(k);
    var c := Stage2(p, v, 3, Word(k.st.maps, base, p, v, 3));
    var h := N.Hardware(k, e, base, {c});
    assert h.tlb == {c} by { reveal N.Hardware; }
    assert Coherent(k.st.maps, base, {c});
    assert Possible(h, Program([]), [{c}]) && End(h, Program([]), [{c}]).tlb == {c};
  }
}
