include "../../spec/PageTable.dfy"

/** Taking descriptors apart. */
module {:compile false} PageTableFacts {
  import opened Types
  import opened PageTable
  import Kinds
  import Memory
  import State

  /** The fields of a page descriptor are those that went into it. */
  lemma Decoded(frame: u64, perm: u32)
    requires frame < Memory.FRAMES && perm <= 3
    ensures var w := frame as int * 4096 + Attributes(perm) as int;
            w != 0 && w / 4096 % Memory.FRAMES as int == frame as int
  {
    var low := Attributes(perm) % 4096;
    var high: int := if perm == Kinds.PermRX then 0 else 0x40;
    assert frame as int * 4096 + Attributes(perm) as int == (high * 0x10_0000_0000 + frame as int) * 4096 + low as int;
  }
  lemma Table(frame: int)
    requires 0 <= frame < Memory.FRAMES as int
    ensures var w := (frame * 4096 + 3) as u64; IsValid(w) && IsTable(w) && FrameOf(w) as int == frame
  {
    var w := frame * 4096 + 3;
    assert w == 4 * (frame * 1024) + 3 && w == 2 * (frame * 2048 + 1) + 1;
    assert w / 4096 == frame;
    reveal FrameOf();
  }
  lemma Page(frame: u64, perm: u32, v: u32)
    requires frame < Memory.FRAMES && perm <= 3
    ensures var w := frame * 4096 + Attributes(perm);
            IsValid(w) && IsTable(w) && Final(w, 3, v) == Shown(State.Pte(frame, perm, 0))
  {
    var w := frame * 4096 + Attributes(perm);
    Decoded(frame, perm);
    reveal FrameOf();
    Attribute(frame, perm);
  }
  /** The fields of a word, as numbers. */
  ghost predicate Fields(w: int, low: int, ap: int, memory: int, xn: int) {
    && w % 4 == low && w / 0x40 % 2 == ap % 2 && w / 0x80 % 2 == ap / 2 && w / 0x10 % 4 == memory
    && w / 0x400 % 2 == 1 && w / 0x20_0000_0000_0000 % 4 == xn
  }
  lemma Attribute(frame: u64, perm: u32)
    requires frame < Memory.FRAMES && perm <= 3
    ensures Fields(frame as int * 4096 + Attributes(perm) as int, 3, if perm == Kinds.PermRW || perm == Kinds.PermDev then 3 else 1,
                   if perm == Kinds.PermDev then 0 else 3, if perm == Kinds.PermRX then 0 else 2)
  {
    var f := frame as int;
    if perm == Kinds.PermR       { Shift(f, 0x77F, 1, 1, 3, 2); }
    else if perm == Kinds.PermRW { Shift(f, 0x7FF, 1, 3, 3, 2); }
    else if perm == Kinds.PermRX { Shift(f, 0x77F, 0, 1, 3, 0); }
    else                         { Shift(f, 0x4C7, 1, 3, 0, 2); }
  }
  /** The frame does not touch the fields of the bits below and above it. */
  lemma Shift(f: int, low: int, x: int, ap: int, memory: int, xn: int)
    requires 0 <= f < Memory.FRAMES as int && 0 <= low < 4096 && 0 <= x <= 1 && xn == 2 * x
    requires low % 4 == 3 && low / 0x40 % 2 == ap % 2 && low / 0x80 % 2 == ap / 2 && low / 0x10 % 4 == memory && low / 0x400 % 2 == 1
    ensures Fields(f * 4096 + low + x * 0x40_0000_0000_0000, 3, ap, memory, xn)
  {
    var g := f + x * 0x400_0000_0000;
    assert f * 4096 + low + x * 0x40_0000_0000_0000 == g * 4096 + low;
    Bits1to0(g, low);
    Bit6(g, low);
    Bit7(g, low);
    Bits5to4(g, low);
    Bit10(g, low);
    Bits54to53(f, low, x);
  }
  // The fields of the low twelve bits do not depend on the frame, and bits 54:53 depend on neither.
  lemma Bits1to0(f: int, a: int) ensures (f * 4096 + a) % 4 == a % 4 { assert f * 4096 + a == 4 * (f * 1024 + a / 4) + a % 4; }
  lemma Bits5to4(f: int, a: int) ensures (f * 4096 + a) / 0x10 % 4 == a / 0x10 % 4 { assert (f * 4096 + a) / 0x10 == 4 * (f * 64) + a / 0x10; }
  lemma Bit6(f: int, a: int)     ensures (f * 4096 + a) / 0x40 % 2 == a / 0x40 % 2 { assert (f * 4096 + a) / 0x40 == 2 * (f * 32) + a / 0x40; }
  lemma Bit7(f: int, a: int)     ensures (f * 4096 + a) / 0x80 % 2 == a / 0x80 % 2 { assert (f * 4096 + a) / 0x80 == 2 * (f * 16) + a / 0x80; }
  lemma Bit10(f: int, a: int)    ensures (f * 4096 + a) / 0x400 % 2 == a / 0x400 % 2 { assert (f * 4096 + a) / 0x400 == 2 * (f * 2) + a / 0x400; }
  lemma Bits54to53(f: int, low: int, xn: int)
    requires 0 <= f < Memory.FRAMES as int && 0 <= low < 4096 && 0 <= xn <= 1
    ensures (f * 4096 + low + xn * 0x40_0000_0000_0000) / 0x20_0000_0000_0000 % 4 == xn * 2
  {}
}
