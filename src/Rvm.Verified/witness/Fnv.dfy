include "../../../spec/Machine.dfy"

/** The record hash with fewer instructions: a run of zero bytes costs one multiplication by a power of the prime. */
module WitnessFnv {
  import opened Types
  import opened Hash

  // The prime's powers modulo 2^64:
  //   1  0x0000_0100_0000_01b3      5  0x0cae_e32a_7d4f_6a63
  //   2  0x0003_6600_0002_e329      6  0xdc96_6432_edf1_c639
  //   3  0x08a9_7b00_04e7_feab      7  0xc552_7b8a_51d3_d2db
  //   4  0x9ffa_ac08_5635_bc91      8  0x1efa_c709_0aef_4a21

  // Byte k of a word, and the bytes from k on; these forms compile to one or two instructions.
  opaque function Left7(w: bv64): bv64 { w * 0x100_0000_0000_0000 }
  opaque function Byte0(w: bv64): bv64 { From7(Left7(w)) }
  opaque function Byte1(w: bv64): bv64 { (w & 0xff00) / 0x100 }
  opaque function Byte2(w: bv64): bv64 { (w & 0xff_0000) / 0x1_0000 }
  opaque function Byte3(w: bv64): bv64 { (w & 0xff00_0000) / 0x100_0000 }
  opaque function From2(w: bv64): bv64 { w / 0x1_0000 }
  opaque function From4(w: bv64): bv64 { w / 0x1_0000_0000 }
  opaque function From7(w: bv64): bv64 { w / 0x100_0000_0000_0000 }
  function Byte4(w: bv64): bv64 { Byte0(From4(w)) }
  function Byte5(w: bv64): bv64 { Byte1(From4(w)) }
  function Byte6(w: bv64): bv64 { Byte2(From4(w)) }
  lemma Byte0Is(w: bv64) ensures Byte0(w) == w & 0xff { reveal Byte0(), From7(), Left7(); }
  lemma Byte1Is(w: bv64) ensures Byte1(w) == (w / 0x100) & 0xff { reveal Byte1(); }
  lemma Byte2Is(w: bv64) ensures Byte2(w) == (w / 0x1_0000) & 0xff { reveal Byte2(); }
  lemma Byte3Is(w: bv64) ensures Byte3(w) == (w / 0x100_0000) & 0xff { reveal Byte3(); }
  lemma From2Is(w: bv64) ensures From2(w) == w / 0x1_0000 { reveal From2(); }
  lemma From4Is(w: bv64) ensures From4(w) == w / 0x1_0000_0000 { reveal From4(); }
  lemma Top7(w: bv64) ensures Byte3(From4(w)) == From7(w) { reveal Byte3(), From4(), From7(); }
  lemma BytesAre(w: bv64)
    ensures Byte0(w) == w & 0xff && Byte1(w) == (w / 0x100) & 0xff
    ensures Byte2(w) == (w / 0x1_0000) & 0xff && Byte3(w) == (w / 0x100_0000) & 0xff
  {
    Byte0Is(w);
    Byte1Is(w);
    Byte2Is(w);
    Byte3Is(w);
  }

  // The solver does not rewrite below bit-vector products: they stay in the first few lemmas, the rest is equality reasoning.
  opaque ghost function Xor(h: bv64, w: bv64): bv64 { h ^ w }
  opaque ghost function Times(h: bv64, c: bv64): bv64 { h * c }
  lemma TimesIs(h: bv64, c: bv64) ensures Times(h, c) == h * c { reveal Times(); }
  lemma TimesTimes(h: bv64, a: bv64, b: bv64) ensures Times(h * a, b) == Times(h, a * b) { reveal Times(); }
  lemma Associative(h: bv64, a: bv64, b: bv64)
    ensures Times(Times(h, a), b) == Times(h, a * b)
  {
    TimesIs(h, a);
    TimesTimes(h, a, b);
  }
  lemma StirTimes(h: bv64, w: bv64, c: bv64) ensures Stir(h, w, c) == Times(h ^ w, c) { reveal Times(); reveal Stir(); }
  lemma StirIs(h: bv64, w: bv64, c: bv64)
    ensures Stir(h, w, c) == Times(Xor(h, w), c)
  {
    StirTimes(h, w, c);
    reveal Xor();
  }
  lemma Step(h: bv64, w: bv64)
    ensures Mix1(h, w) == Stir(h, Byte0(w), 0x100_0000_01b3)
  {
    Byte0Is(w);
    reveal Mix1();
  }
  lemma LowByte(w: bv64) requires w < 0x100 ensures w & 0xff == w {}
  /** A byte that needs no mask. */
  lemma Top(h: bv64, w: bv64)
    requires w < 0x100
    ensures Mix1(h, w) == Stir(h, w, 0x100_0000_01b3)
  {
    reveal Mix1();
    LowByte(w);
  }
  lemma Neutral(h: bv64) ensures Xor(h, 0) == h { reveal Xor(); }
  lemma Twice(h: bv64, w: bv64, c: bv64, p: bv64)
    ensures Stir(Stir(h, w, c), 0, p) == Stir(h, w, c * p)
  {
    var g := Stir(h, w, c);
    StirIs(g, 0, p);
    Neutral(g);
    StirIs(h, w, c);
    Associative(Xor(h, w), c, p);
    StirIs(h, w, c * p);
  }
  /** A byte and the zero byte after it. */
  lemma Zero(h: bv64, w: bv64, c: bv64, p: bv64, d: bv64)
    requires p == 0x100_0000_01b3 && d == c * p
    ensures Mix1(Stir(h, w, c), 0) == Stir(h, w, d)
  {
    Top(Stir(h, w, c), 0);
    Twice(h, w, c, p);
  }
  lemma Zeros2(h: bv64, w: bv64)
    ensures Mix1(Mix1(Stir(h, w, 0x100_0000_01b3), 0), 0) == Stir(h, w, 0x8a9_7b00_04e7_feab)
  {
    Zero(h, w, 0x100_0000_01b3, 0x100_0000_01b3, 0x3_6600_0002_e329);
    Zero(h, w, 0x3_6600_0002_e329, 0x100_0000_01b3, 0x8a9_7b00_04e7_feab);
  }
  lemma Zeros3(h: bv64, w: bv64)
    ensures Mix1(Mix1(Mix1(Stir(h, w, 0x100_0000_01b3), 0), 0), 0) == Stir(h, w, 0x9ffa_ac08_5635_bc91)
  {
    Zeros2(h, w);
    Zero(h, w, 0x8a9_7b00_04e7_feab, 0x100_0000_01b3, 0x9ffa_ac08_5635_bc91);
  }
  /** A byte and four zero bytes. */
  lemma Zeros4(h: bv64, w: bv64)
    ensures Mix4(Stir(h, w, 0x100_0000_01b3), 0) == Stir(h, w, 0xcae_e32a_7d4f_6a63)
  {
    reveal Mix4();
    Zeros3(h, w);
    Zero(h, w, 0x9ffa_ac08_5635_bc91, 0x100_0000_01b3, 0xcae_e32a_7d4f_6a63);
  }
  lemma Zeros7(h: bv64, w: bv64)
    ensures Mix4(Stir(h, w, 0x9ffa_ac08_5635_bc91), 0) == Stir(h, w, 0x1efa_c709_0aef_4a21)
  {
    reveal Mix4();
    Zero(h, w, 0x9ffa_ac08_5635_bc91, 0x100_0000_01b3, 0xcae_e32a_7d4f_6a63);
    Zero(h, w, 0xcae_e32a_7d4f_6a63, 0x100_0000_01b3, 0xdc96_6432_edf1_c639);
    Zero(h, w, 0xdc96_6432_edf1_c639, 0x100_0000_01b3, 0xc552_7b8a_51d3_d2db);
    Zero(h, w, 0xc552_7b8a_51d3_d2db, 0x100_0000_01b3, 0x1efa_c709_0aef_4a21);
  }
  lemma Below1(w: bv64)
    requires w < 0x100
    ensures w / 0x100 == 0 && w / 0x1_0000 == 0 && w / 0x100_0000 == 0 && w / 0x1_0000_0000 == 0
  {}
  lemma Short4(h: bv64, w: bv64)
    requires w < 0x100
    ensures Mix4(h, w) == Stir(h, w, 0x9ffa_ac08_5635_bc91)
  {
    reveal Mix4();
    Below1(w);
    Top(h, w);
    Zeros3(h, w);
  }
  lemma Short8(h: bv64, w: bv64)
    requires w < 0x100
    ensures Mix8(h, w) == Stir(h, w, 0x1efa_c709_0aef_4a21)
  {
    reveal Mix8();
    Short4(h, w);
    Below1(w);
    Zeros7(h, w);
  }

  lemma Eight(h: bv64, w: bv64)
    ensures Mix8(h, w) == Bytes8(h, w, 0x100_0000_01b3)
    ensures Mix4(Mix8(h, w), 0) == Bytes8(h, w, 0xcae_e32a_7d4f_6a63)
  {
    reveal Mix8();
    From4Is(w);
    Four(h, w);
    Four(Bytes4(h, w), From4(w));
    Top7(w);
    Zeros4(Stir(Stir(Stir(Bytes4(h, w), Byte4(w), 0x100_0000_01b3), Byte5(w), 0x100_0000_01b3), Byte6(w), 0x100_0000_01b3), From7(w));
  }

  // The forms below are what Record computes, byte by byte; c is the last factor.
  ghost function Bytes2(h: bv64, w: bv64): bv64 { Stir(Stir(h, Byte0(w), 0x100_0000_01b3), Byte1(w), 0x100_0000_01b3) }
  ghost function Bytes4(h: bv64, w: bv64): bv64 {
    Stir(Stir(Bytes2(h, w), Byte2(w), 0x100_0000_01b3), Byte3(w), 0x100_0000_01b3)
  }
  ghost function Bytes8(h: bv64, w: bv64, c: bv64): bv64 {
    Stir(Stir(Stir(Stir(Bytes4(h, w), Byte4(w), 0x100_0000_01b3), Byte5(w), 0x100_0000_01b3),
              Byte6(w), 0x100_0000_01b3), From7(w), c)
  }
  lemma Below3(w: bv64)
    requires w < 0x100_0000
    ensures w / 0x1_0000 < 0x100 && w / 0x100_0000 == 0 && w / 0x1_0000_0000 == 0
  {}
  lemma Three(h: bv64, w: bv64)
    requires w < 0x100_0000
    ensures Mix8(h, w) == Stir(Bytes2(h, w), From2(w), 0xdc96_6432_edf1_c639)
  {
    BytesAre(w);
    From2Is(w);
    reveal Mix8(), Mix4(), Mix1();
    Below3(w);
    var g := Bytes2(h, w);
    Top(g, From2(w));
    Zero(g, From2(w), 0x100_0000_01b3, 0x100_0000_01b3, 0x3_6600_0002_e329);
    Zero(g, From2(w), 0x3_6600_0002_e329, 0x100_0000_01b3, 0x8a9_7b00_04e7_feab);
    Zero(g, From2(w), 0x8a9_7b00_04e7_feab, 0x100_0000_01b3, 0x9ffa_ac08_5635_bc91);
    Zero(g, From2(w), 0x9ffa_ac08_5635_bc91, 0x100_0000_01b3, 0xcae_e32a_7d4f_6a63);
    Zero(g, From2(w), 0xcae_e32a_7d4f_6a63, 0x100_0000_01b3, 0xdc96_6432_edf1_c639);
  }
  lemma Below5(w: bv64)
    requires w < 0x100_0000_0000
    ensures w / 0x1_0000_0000 < 0x100
  {}
  lemma Five(h: bv64, w: bv64)
    requires w < 0x100_0000_0000
    ensures Mix8(h, w) == Stir(Bytes4(h, w), From4(w), 0x9ffa_ac08_5635_bc91)
  {
    Four(h, w);
    From4Is(w);
    reveal Mix8(), Mix4(), Mix1();
    Below5(w);
    Short4(Bytes4(h, w), From4(w));
  }
  lemma Four(h: bv64, w: bv64)
    ensures Mix4(h, w) == Bytes4(h, w)
  {
    BytesAre(w);
    reveal Mix4(), Mix1();
  }

  /** Hash.Mix8 for words that are often below 2^40. */
  method Long(g: bv64, w: bv64) returns (h: bv64)
    ensures h == Mix8(g, w)
  {
    h := g;
    h := Stir(h, Byte0(w), 0x100_0000_01b3);
    h := Stir(h, Byte1(w), 0x100_0000_01b3);
    h := Stir(h, Byte2(w), 0x100_0000_01b3);
    h := Stir(h, Byte3(w), 0x100_0000_01b3);
    if w < 0x100_0000_0000 {
      h := Stir(h, From4(w), 0x9ffa_ac08_5635_bc91);
      Five(g, w);
    } else {
      h := Stir(h, Byte4(w), 0x100_0000_01b3);
      h := Stir(h, Byte5(w), 0x100_0000_01b3);
      h := Stir(h, Byte6(w), 0x100_0000_01b3);
      h := Stir(h, From7(w), 0x100_0000_01b3);
      Eight(g, w);
    }
  }
  method Half(g: bv64, w: bv64) returns (h: bv64)
    ensures h == Mix4(g, w)
  {
    if w < 0x100 {
      h := Stir(g, w, 0x9ffa_ac08_5635_bc91);
      Short4(g, w);
    } else {
      h := g;
      h := Stir(h, Byte0(w), 0x100_0000_01b3);
      h := Stir(h, Byte1(w), 0x100_0000_01b3);
      h := Stir(h, Byte2(w), 0x100_0000_01b3);
      h := Stir(h, Byte3(w), 0x100_0000_01b3);
      Four(g, w);
    }
  }
  /** Hash.Mix8 for words whose halves are often small. */
  method Pair(g: bv64, w: bv64) returns (h: bv64)
    ensures h == Mix8(g, w)
  {
    h := Half(g, w & 0xffff_ffff);
    h := Half(h, From4(w));
    From4Is(w);
    Low(g, w);
    reveal Mix8();
  }
  lemma LowHalf(w: bv64, v: bv64)
    requires v == w & 0xffff_ffff
    ensures Byte0(v) == Byte0(w) && Byte1(v) == Byte1(w) && Byte2(v) == Byte2(w) && Byte3(v) == Byte3(w)
  {
    Byte0Is(w);
    Byte0Is(v);
    reveal Byte1(), Byte2(), Byte3();
  }
  lemma Low(h: bv64, w: bv64)
    ensures Mix4(h, w & 0xffff_ffff) == Mix4(h, w)
  {
    var v := w & 0xffff_ffff;
    Four(h, w);
    Four(h, v);
    LowHalf(w, v);
  }
  /** What a record with small numbers hashes to: seqno below 2^24, time below 2^40, subject below 2^8; h5 after object and aux. */
  ghost function ShortHead(n: bv64, t: bv64, k: bv64, r: bv64, s: bv64): bv64 {
    var h1 := Stir(Bytes2(Hash.SEED, n), From2(n), 0xdc96_6432_edf1_c639);
    var h2 := Stir(Bytes4(h1, t), From4(t), 0x9ffa_ac08_5635_bc91);
    var h3 := Stir(Stir(h2, Byte0(k), 0x100_0000_01b3), Byte0(r), 0x8a9_7b00_04e7_feab);
    Stir(h3, s, 0x1efa_c709_0aef_4a21)
  }
  ghost function ShortPair(h: bv64, o: bv64, a: bv64): bv64 { Stir(Stir(h, o, 0x1efa_c709_0aef_4a21), a, 0x1efa_c709_0aef_4a21) }
  ghost function FullPair(h: bv64, o: bv64, a: bv64): bv64 { Bytes8(Bytes8(h, o, 0x100_0000_01b3), a, 0x100_0000_01b3) }
  lemma Small2(o: bv64, a: bv64) requires o | a < 0x100 ensures o < 0x100 && a < 0x100 {}
  lemma ShortHeadIs(n: bv64, t: bv64, k: bv64, r: bv64, s: bv64)
    requires n < 0x100_0000 && t < 0x100_0000_0000 && s < 0x100
    ensures ShortHead(n, t, k, r, s) == Mix8(MixHead(n, t, k, r), s)
  {
    var h1 := Mix8(Hash.SEED, n);
    var h2 := Mix8(h1, t);
    var h3 := Mix1(h2, k);
    Three(Hash.SEED, n);
    Five(h1, t);
    Step(h2, k);
    Step(h3, r);
    Zeros2(h3, Byte0(r));
    Short8(MixHead(n, t, k, r), s);
  }
  lemma ShortIs(n: bv64, t: bv64, k: bv64, r: bv64, s: bv64, o: bv64, a: bv64, b: bv64)
    requires n < 0x100_0000 && t < 0x100_0000_0000 && s < 0x100
    ensures var h := ShortHead(n, t, k, r, s); var m := MixTail(MixHead(n, t, k, r), s, o, a, b);
      && (o | a < 0x100 ==> Bytes8(ShortPair(h, o, a), b, 0xcae_e32a_7d4f_6a63) == m)
      && Bytes8(FullPair(h, o, a), b, 0xcae_e32a_7d4f_6a63) == m
  {
    ShortHeadIs(n, t, k, r, s);
    var h := ShortHead(n, t, k, r, s);
    if o | a < 0x100 {
      Small2(o, a);
      Short8(h, o);
      Short8(Mix8(h, o), a);
    }
    Eight(h, o);
    Eight(Mix8(h, o), a);
    Eight(Mix8(Mix8(h, o), a), b);
  }

  /** Hash.Record in fewer instructions. */
  method {:isolate_assertions} Record(seqno: u64, time: u64, kind: u64, tier: u64, subject: u64, obj: u64, aux: u64, before: u64) returns (hash: u64)
    ensures hash == Hash.Record(seqno, time, kind, tier, subject, obj, aux, before)
  {
    ghost var g := Hash.SEED;
    var h: bv64 := 0xcbf2_9ce4_8422_2325;
    var w := Bits(seqno);
    if w < 0x100_0000 {
      Three(h, w);
      h := Stir(h, Byte0(w), 0x100_0000_01b3);
      h := Stir(h, Byte1(w), 0x100_0000_01b3);
      h := Stir(h, From2(w), 0xdc96_6432_edf1_c639);
    } else {
      h := Long(h, w);
    }
    g := Mix8(g, w);
    assert h == g;
    w := Bits(time);
    if w < 0x100_0000_0000 {
      Five(h, w);
      h := Stir(h, Byte0(w), 0x100_0000_01b3);
      h := Stir(h, Byte1(w), 0x100_0000_01b3);
      h := Stir(h, Byte2(w), 0x100_0000_01b3);
      h := Stir(h, Byte3(w), 0x100_0000_01b3);
      h := Stir(h, From4(w), 0x9ffa_ac08_5635_bc91);
    } else {
      h := Long(h, w);
    }
    g := Mix8(g, w);
    assert h == g;
    Step(h, Bits(kind));
    h := Stir(h, Byte0(Bits(kind)), 0x100_0000_01b3);
    Step(h, Bits(tier));
    Zeros2(h, Byte0(Bits(tier)));
    h := Stir(h, Byte0(Bits(tier)), 0x8a9_7b00_04e7_feab);
    g := Hash.MixHead(Bits(seqno), Bits(time), Bits(kind), Bits(tier));
    assert h == g;
    w := Bits(subject);
    if w < 0x100 {
      Short8(h, w);
      h := Stir(h, w, 0x1efa_c709_0aef_4a21);
    } else {
      h := Pair(h, w);
    }
    g := Mix8(g, w);
    assert h == g;
    w := Bits(obj);
    if w < 0x100 {
      Short8(h, w);
      h := Stir(h, w, 0x1efa_c709_0aef_4a21);
    } else {
      h := Pair(h, w);
    }
    g := Mix8(g, w);
    assert h == g;
    w := Bits(aux);
    if w < 0x100 {
      Short8(h, w);
      h := Stir(h, w, 0x1efa_c709_0aef_4a21);
    } else {
      h := Pair(h, w);
    }
    g := Mix8(g, w);
    assert h == g;
    w := Bits(before);
    Eight(h, w);
    h := Stir(h, Byte0(w), 0x100_0000_01b3);
    h := Stir(h, Byte1(w), 0x100_0000_01b3);
    h := Stir(h, Byte2(w), 0x100_0000_01b3);
    h := Stir(h, Byte3(w), 0x100_0000_01b3);
    h := Stir(h, Byte4(w), 0x100_0000_01b3);
    h := Stir(h, Byte5(w), 0x100_0000_01b3);
    h := Stir(h, Byte6(w), 0x100_0000_01b3);
    h := Stir(h, From7(w), 0xcae_e32a_7d4f_6a63);
    hash := Number(h);
    reveal Hash.Record();
  }
}
