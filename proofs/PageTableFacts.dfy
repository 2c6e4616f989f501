include "../spec/PageTable.dfy"

/** Taking descriptors apart. */
module {:compile false} PageTableFacts {
  import opened Types
  import opened PageTable
  import Kinds
  import Memory

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
}
