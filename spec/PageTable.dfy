include "Memory.dfy"

/** Stage-2 translation tables as the Armv8-A architecture defines them (VMSAv8-64, 4 KiB granule, 39-bit IPA, walk from level 1), and what
    RVM writes into them. */
module PageTable {
  import opened Types
  import opened State
  import Kinds
  import Memory

  //   63        55 54 53 52    48 47                    12 11 10 9  8 7  6 5       2 1 0
  //  +------------+-----+--------+------------------------+--+--+----+----+---------+---+
  //  |     -      | XN  |   -    |  frame of the page     | -|AF| SH |S2AP| MemAttr |1 1|   level 3: page (levels 1, 2: block, 0 1)
  //  +------------+-----+--------+------------------------+--+--+----+----+---------+---+
  //  |             -             |  frame of the table    |          -              |1 1|   levels 1, 2: table
  //  +---------------------------+------------------------+-------------------------+---+
  //  |                                  -                                           |x 0|   fault
  //  +------------------------------------------------------------------------------+---+

  const VALID: u64 := 0x1                    // bit 0
  const TABLE: u64 := 0x2                    // bit 1: a table (levels 1, 2) or a page (level 3)
  const NORMAL: u64 := 0x3C                  // MemAttr 1111: normal memory, write-back at both levels
  const DEVICE: u64 := 0x4                   // MemAttr 0001: device memory, nGnRE
  const READ: u64 := 0x40                    // S2AP bit 6
  const WRITE: u64 := 0x80                   // S2AP bit 7
  const SHARED: u64 := 0x300                 // SH 11: inner shareable
  const AF: u64 := 0x400                     // access flag
  const XN: u64 := 0x40_0000_0000_0000       // bit 54: execute never

  /** The bits of a page descriptor beside its frame. */
  function Attributes(perm: u32): u64 {
    if perm == Kinds.PermR then XN + AF + SHARED + READ + NORMAL + TABLE + VALID
    else if perm == Kinds.PermRW then XN + AF + SHARED + WRITE + READ + NORMAL + TABLE + VALID
    else if perm == Kinds.PermRX then AF + SHARED + READ + NORMAL + TABLE + VALID
    else XN + AF + WRITE + READ + DEVICE + TABLE + VALID
  }
  function PageDescriptor(frame: u64, perm: u32): u64
    requires frame < Memory.FRAMES
  {
    frame * 4096 + Attributes(perm)
  }
  function TableDescriptor(frame: u64): u64
    requires frame < Memory.FRAMES
  {
    frame * 4096 + TABLE + VALID
  }

  // ---- the hardware ---------------------------------------------------------------------------------------------------------

  /** Astray: the walk would read memory that is not a table of the pool. frame and level: what a fault reports, where the page is. */
  datatype Outcome = Fault(level: u32) | Page(frame: u64, readable: bool, writable: bool, executable: bool, device: bool) | Astray

  predicate IsValid(w: u64)      { w % 2 == 1 }
  predicate IsTable(w: u64)      { w % 4 == 3 }
  predicate IsAccessed(w: u64)   { w / 0x400 % 2 == 1 }
  predicate IsReadable(w: u64)   { w / 0x40 % 2 == 1 }
  predicate IsWritable(w: u64)   { w / 0x80 % 2 == 1 }
  predicate IsExecutable(w: u64) { w / 0x20_0000_0000_0000 % 4 == 0 }
  predicate IsDevice(w: u64)     { w / 0x10 % 4 == 0 }
  opaque function FrameOf(w: u64): u64 ensures FrameOf(w) < Memory.FRAMES { w / 4096 % Memory.FRAMES }

  /** The table entry of page v at a level, and the pages that one such entry covers. */
  opaque function Index(v: u32, level: u32): u32
    requires 1 <= level <= 3
    ensures Index(v, level) < 512
  {
    v / (if level == 1 then 0x4_0000 else if level == 2 then 512 else 1) % 512
  }
  /** What a page or block descriptor gives: one frame, or the frame at v's place in an aligned block of `span` frames. */
  function Final(w: u64, level: u32, v: u32): Outcome {
    if !IsAccessed(w) then Fault(level)
    else
      var span := if level == 1 then 0x4_0000 else if level == 2 then 512 else 1;
      Page(FrameOf(w) / span * span + v as u64 % span, IsReadable(w), IsWritable(w), IsExecutable(w), IsDevice(w))
  }
  /** The walk for page v from the table in `frame`, at `level`; pool holds the tables, the first of them in frame `base`. */
  function Walk(pool: seq<u64>, base: u64, frame: u64, level: u32, v: u32): Outcome
    requires 1 <= level <= 3
    decreases 3 - level
  {
    var i := (frame as int - base as int) * 512 + Index(v, level) as int;
    if i < 0 || |pool| <= i then Astray
    else if !IsValid(pool[i]) then Fault(level)
    else if level < 3 && IsTable(pool[i]) then Walk(pool, base, FrameOf(pool[i]), level + 1, v)
    else if level == 3 && !IsTable(pool[i]) then Fault(level)
    else Final(pool[i], level, v)
  }

  // ---- what it must come to ---------------------------------------------------------------------------------------------------

  /** What a guest may do with a page that its map holds as e. */
  function Shown(e: Pte): Outcome {
    Page(e.frame, true, e.perm == Kinds.PermRW || e.perm == Kinds.PermDev, e.perm == Kinds.PermRX, e.perm == Kinds.PermDev)
  }
}
